# expect: full marks
# %% digits-split-answer
import heapq
import random
from collections import defaultdict


def split(digits, per_class, seed):
    """Shuffle once; the first per_class of each digit that come along are kept for validation."""
    deck = list(range(len(digits)))
    random.Random(int(seed)).shuffle(deck)
    seen, parts = defaultdict(int), ([], [])
    for index in deck:
        label = int(digits[index])
        parts[seen[label] < per_class].append(index)
        seen[label] += 1
    return tuple(np.asarray(part) for part in parts)
# %% digits-tune-answer
def tune(run, candidates, seeds):
    """Seed after seed, not candidate after candidate; a heap finds the smallest sum (of equally many: the smallest mean)."""
    columns = [[run(candidate, seed) for candidate in candidates] for seed in seeds]
    losses = np.transpose(np.array(columns, dtype=float))
    heap = [(float(sum(row)), place) for place, row in enumerate(losses) if all(map(np.isfinite, row))]
    if not heap:
        raise ValueError("all candidates have diverged")
    heapq.heapify(heap)
    return candidates[heap[0][1]], losses
# %% digits-results-answer
def investigate(rule, exponents, seeds=(11, 7, 5, 2)):
    grid = [10.0 ** e for e in exponents]
    trained = {}

    def run(lr, seed):
        trained[lr, seed] = train(rule(lr), seed)
        return NETWORK.loss(trained[lr, seed], VALIDATION)

    best, losses = tune(run, grid, seeds)
    hits = sum(np.count_nonzero(NETWORK.predict(trained[best, s], NETWORK.test_images) == NETWORK.test_digits) for s in seeds)
    return dict(grid=np.array(grid), seeds=list(seeds), losses=losses.tolist(), best=best,
                test=hits / (len(seeds) * len(NETWORK.test_digits)))


results = dict(Adam=investigate(Adam, (-3.5, -3, -2.5, -2, -1.5, -1)), Momentum=investigate(Momentum, (-3, -2.5, -2, -1.5, -1, -0.5)))
