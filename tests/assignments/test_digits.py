"""Answers to the investigation: its parts that a check decides."""

import pytest
from support.graded_answers import changed

SPLIT = {
    "validation inside training": (
        "split-parts",
        "in both",
        "np.setdiff1d(np.arange(len(digits)), validation)",
        "np.arange(len(digits))",
    ),
    "images lost": (
        "split-parts",
        "in neither",
        "np.setdiff1d(np.arange(len(digits)), validation), validation",
        "np.setdiff1d(np.arange(len(digits)), validation)[:-3], validation",
    ),
    "turned round": (
        "split-parts",
        "changed places",
        "return np.setdiff1d(np.arange(len(digits)), validation), validation",
        "return validation, np.setdiff1d(np.arange(len(digits)), validation)",
    ),
    "classes ignored": (
        "split-classes",
        "equally many",
        "np.sort(np.concatenate(chosen))",
        "np.sort(rng.permutation(len(digits))[: 10 * per_class])",
    ),
    "no seed": ("split-seed", "two different", "default_rng(seed)", "default_rng()"),
    "a seed of its own": ("split-seed", "Two seeds", "default_rng(seed)", "default_rng(0)"),
}
TUNE = {
    "the best run wins": ("tune-mean", "single run", "losses.mean(axis=1)", "losses.min(axis=1)"),
    "the place, not the candidate": (
        "tune-mean",
        "place",
        "candidates[int(np.argmin(means))]",
        "int(np.argmin(means))",
    ),
    "the worst wins": ("tune-mean", "least mean", "np.argmin", "np.argmax", "np.inf)", "-np.inf)"),
    "diverged runs left out of the mean": (
        "tune-diverged",
        "still in the race",
        "np.where(np.isfinite(losses).all(axis=1), losses.mean(axis=1), np.inf)",
        "np.nanmean(losses, axis=1)",
    ),
    "no error": ("tune-diverged", "ValueError", 'raise ValueError("every candidate has diverged")', "pass"),
    "the median wins": ("tune-mean", "least mean", "losses.mean(axis=1)", "np.median(losses, axis=1)"),
    "one seed alone": ("tune-budget", "every seed", "for seed in seeds]", "for seed in seeds[:1] * len(seeds)]"),
    "exchanged": ("tune-budget", "exchanged", "], losses", "], losses.T"),
}
RESULTS = {
    "fewer seeds": ("results-fair", "three seeds", "[0, 1, 2]", "[0, 1]"),
    "another budget": ("results-fair", "same budget", "[3e-4, 1e-3,", "[1e-4, 3e-4, 1e-3,"),
    "the best at the edge": (
        "results-fair",
        "edge",
        "[3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1]",
        "[1e-5, 3e-5, 1e-4, 3e-4, 5e-4, 8e-4]",
    ),
    "a seed twice": (
        "results-fair",
        "a seed is there twice",
        "SEEDS, results = [0, 1, 2]",
        "SEEDS, results = [0, 1, 1]",
    ),
    "another best": ("results-true", "another learning rate", '"best": best', '"best": GRIDS[name][1]'),
    "an invented accuracy": ("results-true", "another test accuracy", '"test": float(test)', '"test": 0.97531'),
    "seeds that do nothing": (
        "results-true",
        "run again",
        "train(make(lr), seed), VALIDATION",
        "train(make(lr), 0), VALIDATION",
    ),
    "training losses": (
        "results-true",
        "training images",
        "train(make(lr), seed), VALIDATION",
        "train(make(lr), seed), TRAIN",
    ),
    "the best seed": ("results-true", "the mean is asked for", "np.mean([NETWORK", "np.max([NETWORK"),
    "in percent": ("results-true", "from 0 to 1", "float(test)", "100 * float(test)"),
}
WRONG = [("split-answer", name, *what) for name, what in SPLIT.items()]
WRONG += [("tune-answer", name, *what) for name, what in TUNE.items()]
WRONG += [("results-answer", name, *what) for name, what in RESULTS.items()]


@pytest.mark.parametrize(
    "cell, name, check, word, replacements",
    [(*w[:4], w[4:]) for w in WRONG],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_a_wrong_answer_loses_its_idea_alone(bench, cell, name, check, word, replacements):
    answers = {f"digits-{cell}": changed(bench.model("digits")[f"digits-{cell}"], *replacements)}
    if cell != "results-answer":  # the training need not be repeated
        answers["digits-results-answer"] = "results = {}"
    lost, _ = bench.marks("digits", answers, numbers={"epochs": 2})  # as right or wrong as after all of them
    ours = {key for key in lost if cell == "results-answer" or "results" not in key}
    assert ours == {f"digits-{check}"}, lost
    assert word in lost[f"digits-{check}"][1]
    assert "Reread:" in lost[f"digits-{check}"][1]


@pytest.mark.parametrize("term", ["book", "2027-spring", "2027-autumn"])
def test_the_model_answer_has_full_marks(bench, term):
    assert bench.marks("digits", term=term) == ({}, [])
