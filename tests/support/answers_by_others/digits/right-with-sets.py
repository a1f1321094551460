# expect: full marks: python sets and random.Random in the split, plain loops and math.isfinite in tune; a candidate may be anything, a dictionary or a function too

# %% digits-split-answer
import random

def split(digits, per_class, seed):
    """Return (train, validation): indices, with per_class images of each digit in the second."""
    chance = random.Random(seed)
    chosen = set()
    for digit in range(10):
        chosen |= set(chance.sample([i for i, d in enumerate(digits) if d == digit], per_class))
    everything = set(range(len(digits)))
    return np.array(sorted(everything - chosen), dtype=int), np.array(sorted(chosen), dtype=int)

# %% digits-tune-answer
import math

def tune(run, candidates, seeds):
    """Return (best candidate, losses): every candidate with every seed, judged by the mean."""
    table, best, lowest = [], None, None
    for candidate in candidates:
        row = []
        for seed in seeds:
            row.append(float(run(candidate, seed)))
        table.append(row)
        if all(math.isfinite(loss) for loss in row):
            mean = sum(row) / len(row)
            if lowest is None or mean < lowest:
                best, lowest = candidate, mean
    if lowest is None:
        raise ValueError("no candidate has come through with all seeds")
    return best, np.array(table)
