"""Hidden checks of the assignment `digits`: the split, the tuning, and whether what is reported was measured."""

import numpy as np

from checks import ask, check, fail, flag, once, term
from descent import Adam, Momentum, Network

TUNING = "adam-in-practice#How to tune: a protocol"
BATCHES = "gradient-descent#All the examples, some, or one"


def labels(seed=0, each=(31, 40)):
    rng = np.random.default_rng(seed)
    return rng.permutation(np.repeat(np.arange(10), rng.integers(*each, 10)))


def halves(seed=4, per_class=6, digits=None):
    digits = labels() if digits is None else digits
    answer = ask().fresh("split")(digits, per_class, seed)
    if not isinstance(answer, (tuple, list)) or len(answer) != 2:
        fail("`split` is to return two arrays of indices: training, validation.")
    train, validation = (np.asarray(part) for part in answer)
    if train.dtype.kind not in "iu" or validation.dtype.kind not in "iu":
        fail("`split` is to return indices, whole numbers, not images, labels or truth values.")
    return train.ravel(), validation.ravel()


@check(TUNING)
def parts():
    """Every image is in one of the two sets."""
    train, validation = halves()
    if np.intersect1d(train, validation).size:
        fail("Some images are in both sets: what is learned by heart would count as understood.")
    if len(train) < len(validation):
        fail("The two parts have changed places: training comes first.")
    everything = np.sort(np.concatenate([train, validation]))
    if not np.array_equal(everything, np.arange(len(labels()))):
        fail("Some images are in neither set, or in one of them twice.")
    for per_class, digits in ((1, labels(1)), (25, labels(2)), (5, np.repeat(np.arange(10), 6))):
        train, validation = halves(3, per_class, digits)
        if not np.array_equal(np.sort(np.concatenate([train, validation])), np.arange(len(digits))):
            fail(f"With {per_class} images of each digit, some images are in both sets, in neither, or twice.")


@check(TUNING)
def classes():
    """per_class images of each digit are for validation."""
    train, validation = halves()
    small = min((train, validation), key=len)
    counts = np.bincount(labels()[small], minlength=10)
    if not (counts == 6).all():
        fail("The validation set does not have equally many images of each digit, as many as were asked for.")
    for per_class, digits in ((1, labels(1)), (13, labels(2)), (2, np.repeat(np.arange(10), 6))):
        counts = np.bincount(digits[min(halves(3, per_class, digits), key=len)], minlength=10)
        if not (counts == per_class).all():
            fail(f"With {per_class} images of each digit the validation set has other numbers of them.")


@check(TUNING)
def seed():
    """The seed, and it alone, decides."""
    first, again, other = (min(halves(seed=s), key=len) for s in (4, 4, 5))
    if not np.array_equal(np.sort(first), np.sort(again)):
        fail("The same seed gives two different splits.")
    if np.array_equal(np.sort(first), np.sort(other)):
        fail("Two seeds give the same split: is the choice made at random?")
    if all((np.diff(np.flatnonzero(np.isin(np.flatnonzero(labels() == d), first))) == 1).all() for d in range(10)):
        fail("The images stand side by side in the data: is the choice made at random?")


# ---------------------------------------------------------------- tune(run, candidates, seeds)

LOSSES = np.array([[1.5, 1.9, 1.7], [0.6, 0.6, 0.6], [0.1, 1.9, 1.0], [0.55, 0.55, 0.95]])
SEEDS = [11, 5, 8]


def judged(losses):
    """Return the number by which each candidate is judged: this term's of its losses over the seeds."""
    by = {"median": np.median, "worst": np.max}.get(term().get("twist"), np.mean)
    return by(losses, axis=1)


def word():
    return {"median": "median", "worst": "worst loss"}.get(term().get("twist"), "mean")


def tuned(losses, candidates=(0.1, 0.2, 0.3, 0.4)):
    """Return (best, losses, asked) of the submission's tune, run beside it on a table of losses."""
    return ask().harness(
        "def run(candidate, seed):\n"
        "    asked.append((candidate, seed))\n"
        "    return table[candidates.index(candidate)][seeds.index(seed)]\n"
        "try:\n"
        "    best, found = tune(run, list(candidates), list(seeds))\n"
        "    answer = (best, np.array(found, dtype=float), asked)\n"
        "except ValueError as error:\n"
        "    answer = 'ValueError'\n",
        {"table": losses.tolist(), "candidates": list(candidates), "seeds": list(SEEDS), "asked": []},
        "tune",
    )


def noticed(answer):
    """Tell whether the run that diverged was among those that were made."""
    return len({tuple(pair) for pair in answer[2]}) >= LOSSES.size


@check(TUNING)
def budget():
    """Each candidate once with each seed; all losses are returned."""
    answer = tuned(LOSSES)
    if answer == "ValueError":
        fail("`tune` raises an error although nothing has diverged.")
    _, losses, asked = answer
    wanted = [(candidate, seed) for candidate in (0.1, 0.2, 0.3, 0.4) for seed in SEEDS]
    given = [tuple(pair) for pair in asked]
    if len(given) > len(wanted) and set(given) == set(wanted):
        fail("Some candidates are run more often than others, or all of them twice: what is the budget?")
    if sorted(given) != sorted(wanted):
        fail("Not every candidate is run with every seed: then the luckiest wins, not the best.")
    if losses.shape == LOSSES.T.shape and np.allclose(losses, LOSSES.T):
        fail("The table of losses has rows and columns exchanged: a row is a candidate.")
    if losses.shape != LOSSES.shape or not np.allclose(losses, LOSSES):
        fail("The table that is returned is not that of the validation losses.")
    spoiled = LOSSES.copy()
    spoiled[3, 0] = np.nan
    answer = tuned(spoiled)
    if answer != "ValueError" and len(answer[2]) < len(wanted):
        fail("Once a run has diverged, fewer runs are made than for others: the budget is to be the same.")


@check(TUNING)
def mean():
    """The least mean (or what a twist judges by) wins: not the best single run, not the median, not the last seed."""
    answer = tuned(LOSSES)
    if answer == "ValueError":
        fail("`tune` raises an error although nothing has diverged.")
    best, found, _ = answer
    if "twist" in term() and judges_by_the_mean():
        flag("`tune` answers the public version: it differs from this variant's rule only where the twist acts.")
        fail(f"With you the mean decides, as in the book; this term it is the {word()} over the seeds.")
    found = found if found.shape == LOSSES.shape else LOSSES  # what was measured is another idea's mark
    if best == (0.1, 0.2, 0.3, 0.4)[judged(found).argmin()]:
        return other_tables()
    if best == 0.3:
        fail("The best single run has won: with enough seeds luck always finds one.")
    if best in (1, 1.0):
        fail("`tune` is to return the best candidate itself, not its place in the list.")
    fail(f"The candidate with the least {word()} over the seeds has not won.")


def tables():
    """Return other tables of losses: of other sizes, negative, with ties, tiny, huge."""
    rng = np.random.default_rng(2)
    return (
        rng.normal(size=(4, 3)),
        1e-9 * rng.random((4, 3)),
        1e9 * rng.random((4, 3)),
        np.array([[3.0, 3.0, 3.0], [2.0, 2.5, 2.0], [2.6, 2.0, 2.1], [9.0, 0.0, 0.0]]),
        rng.random((4, 3)) + [[0.0], [0.0], [0.0], [-5.0]],
        np.array([[0.0, 0.0, 3.0], [1.2, 1.2, 1.2], [0.9, 0.1, 2.4], [2.0, 2.0, 2.0]]),
    )


def judges_by_the_mean():
    """Tell whether the least mean wins in all tables, though a twist judges otherwise."""
    answers = [(losses, tuned(losses)) for losses in (LOSSES, *tables())]
    return all(
        answer != "ValueError" and answer[0] == (0.1, 0.2, 0.3, 0.4)[losses.mean(axis=1).argmin()]
        for losses, answer in answers
    )


def other_tables():
    """Fail if the least mean (or what a twist judges by) does not win in other tables of losses."""
    for losses in tables():
        answer = tuned(losses)
        if answer != "ValueError":
            measured = answer[1] if answer[1].shape == losses.shape else losses
        if answer == "ValueError" or answer[0] != (0.1, 0.2, 0.3, 0.4)[judged(measured).argmin()]:
            fail(f"The candidate with the least {word()} over the seeds does not always win.")


@check(TUNING)
def diverged():
    """A candidate with one diverged run is out; if all are, that is an error."""
    for value in (np.nan, np.inf, -np.inf):
        losses = LOSSES.copy()
        losses[1, 1] = value
        answer = tuned(losses)
        if answer == "ValueError" or (answer[0] == 0.2 and noticed(answer)):
            fail("A candidate with a run that has diverged is still in the race, or spoils it for the others.")
    losses = np.full_like(LOSSES, np.nan)
    losses[:, 0] = 0.5
    answer = tuned(losses)
    if answer != "ValueError" and noticed(answer):
        fail("When all candidates have diverged somewhere there is no best one: that is to be a ValueError.")


# ---------------------------------------------------------------- results


def reported():
    results = ask().value("results")
    if not isinstance(results, dict) or set(results) != {"Adam", "Momentum"}:
        fail("`results` is to have two entries, Adam and Momentum.")
    for name, found in results.items():
        if not isinstance(found, dict) or not {"grid", "seeds", "losses", "best", "test"} <= set(found):
            fail(f"`results[{name!r}]` is to have the entries grid, seeds, losses, best and test.")
        grid, losses = np.asarray(found["grid"], float), np.asarray(found["losses"], float)
        if losses.ndim == 2 and losses.shape != losses.T.shape and losses.shape[1] == len(grid):
            if not once("tune", tune_is_right):  # a table with rows and columns exchanged has cost its mark already
                losses = losses.T
        yield name, grid, losses, float(found["best"]), float(found["test"])


@check(TUNING)
def fair():
    """Grids of equal size, in order, three seeds or more, and the best not at the edge."""
    sizes = set()
    for name, grid, losses, best, _ in reported():
        sizes.add(losses.shape)
        if losses.ndim != 2 or losses.shape[0] != len(grid):
            fail(f"{name}: `losses` is to have a row for each learning rate of the grid.")
        if losses.shape[1] < 3:
            fail(f"{name}: fewer than three seeds say little about the spread.")
        if len(grid) < 4 or (np.diff(grid) <= 0).any():
            fail(f"{name}: the grid is to have at least four learning rates, in increasing order.")
        if not np.isclose(grid, best).any():
            fail(f"{name}: the best learning rate is not in the grid.")
        if np.isclose(best, grid[[0, -1]]).any():
            fail(f"{name}: the best learning rate is at the edge of the grid: a better one may lie beyond it.")
        seeds = list(ask().value("results")[name]["seeds"])
        if len(set(seeds)) < len(seeds):
            fail(f"{name}: a seed is there twice, and a run that is repeated says nothing about the spread.")
    if len(sizes) > 1:
        fail("The two rules were not given the same budget: grids and seeds differ in number.")


def their_choice(name, grid, losses):
    """Return what the submission's own `tune` chooses from these losses: a slip in it has cost its marks already."""
    source = (
        "def run(candidate, seed):\n    return table[candidates.index(candidate)][seed]\n"
        "answer = float(tune(run, list(candidates), list(range(len(table[0]))))[0])"
    )
    try:
        return ask().harness(source, {"table": losses.tolist(), "candidates": grid.tolist()}, "tune")
    except Exception as error:
        if type(error).__name__ == "Gone":
            raise
        return None


def tune_is_right():
    """Tell whether the three checks of `tune` pass."""
    try:
        for part in (budget, mean, diverged):
            part()
        return True
    except AssertionError:
        return False


@check(TUNING)
def true():
    """The best is the best of the losses, and training it again gives what is reported."""
    for name, grid, losses, best, test in reported():
        means = np.where(np.isfinite(losses).all(axis=1), judged(losses), np.inf)
        place = int(np.argmin(means))
        if (
            not np.isclose(grid[place], best)
            and their_choice(name, grid, losses) == best
            and not once("tune", tune_is_right)
        ):
            place = int(np.argmin(np.abs(grid - best)))
        if not np.isclose(grid[place], best):
            fail(f"{name}: by the losses that you report, another learning rate is the best.")
        if not 0 <= test <= 1:
            fail(f"{name}: an accuracy is a share, from 0 to 1, and yours is {test:g}.")
        seeds = list(ask().value("results")[name]["seeds"])
        if len(seeds) != losses.shape[1]:
            fail(f"{name}: {len(seeds)} seeds are named, but `losses` has {losses.shape[1]} columns.")
        again = [trained(name, best, int(seed)) for seed in seeds[:4]]
        right, accuracies, memory = (np.array(column) for column in zip(*again))
        if np.allclose(losses[place, :4], memory, rtol=1e-6) and not np.allclose(memory, right, rtol=1e-3):
            fail(f"{name}: your losses are those of the training images. Which images have not been learned from?")
        if not np.allclose(losses[place, :4], right, rtol=1e-3):
            fail(f"{name}: `train`, run again with your best learning rate and seeds, gives other validation losses.")
        if len(seeds) <= 4 and not np.isclose(test, accuracies.mean(), atol=1e-3):
            if np.isclose(test, accuracies.max(), atol=1e-3):
                fail(f"{name}: that is the best accuracy of all seeds; the mean is asked for.")
            fail(f"{name}: `train`, run again with your best learning rate and seeds, gives another test accuracy.")


def trained(name, lr, seed):
    """Train once, as the notebook's `train` does, on the submission's split.

    Returns the validation loss, the accuracy on the test images, the loss on the training images.
    """
    network = Network(hidden=(32,), activation="relu", seed=term()["split"])
    train, validation = (np.asarray(ask().value(part)) for part in ("TRAIN", "VALIDATION"))
    optimizer = Adam(lr=lr) if name == "Adam" else Momentum(lr=lr, beta=0.9)
    theta, rng = network.start.copy(), np.random.default_rng(seed)
    for _ in range(term()["epochs"]):
        order = rng.permutation(train)
        for first in range(0, len(order), 32):
            optimizer.step(theta, network.gradient(theta, order[first : first + 32]))
    return network.loss(theta, validation), network.accuracy(theta), network.loss(theta, train)
