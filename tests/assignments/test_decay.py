"""Answers to the assignment on decay: each wrong one loses the marks of its idea, and no others."""

import pytest
from support.graded_answers import changed

PENALTY, DECAY = "g = g + self.l2 * theta", "theta *= 1 - self.decay"
ONE = (  # AdamW written out, so that its parts can be changed alone
    "        for theta in self.parameters:\n            theta *= 1 - self.decay\n        self.adam.step(gradients)",
    "        old = [theta.copy() for theta in self.parameters]\n        self.adam.step(gradients)\n"
    "        for theta, before in zip(self.parameters, old):\n            theta -= self.decay * before",
)
L2_CLASS = "self.lr * m_hat / (np.sqrt(v_hat) + self.eps)"

WRONG = {  # name: (the check that is lost, a word of its message, changes to the model answer)
    "no penalty": ("l2-place", "does nothing", PENALTY, "pass"),
    "decay for the penalty": (
        "l2-place",
        "beside the step",
        PENALTY,
        "pass",
        "theta -= " + L2_CLASS,
        f"theta -= {L2_CLASS} + self.lr * self.l2 * theta",
    ),
    "penalty after the moments": (
        "l2-place",
        "both moments",
        PENALTY,
        "pass",
        "theta -= " + L2_CLASS,
        "theta -= self.lr * (m_hat + self.l2 * theta) / (np.sqrt(v_hat) + self.eps)",
    ),
    "penalty in m alone": (
        "l2-place",
        "both moments",
        PENALTY,
        "pass",
        "(1 - self.beta1) * g",
        "(1 - self.beta1) * (g + self.l2 * theta)",
    ),
    "penalty times the learning rate": ("l2-size", "learning rate", "self.l2 * theta", "self.lr * self.l2 * theta"),
    "penalty doubled": ("l2-size", "factor ½", "self.l2 * theta", "2 * self.l2 * theta"),
    "penalty with the wrong sign": ("l2-size", "away from zero", "g + self.l2", "g - self.l2"),
    "penalty of L1": ("l2-size", "L1", "self.l2 * theta", "self.l2 * np.sign(theta)"),
    "penalty written into the gradient": ("gradient-kept", "belongs to the caller", PENALTY, "g += self.l2 * theta"),
    "L2 for decoupled": (
        "w-place",
        "both moments",
        DECAY,
        "pass",
        "AdamL2(parameters, lr, beta1, beta2, eps)",
        "AdamL2(parameters, lr, beta1, beta2, eps, weight_decay)",
    ),
    "strength of the penalty written in": ("l2-size", "0.01 in your code", "self.l2 * theta", "0.01 * theta"),
    "strength of the penalty never 0": ("adam", "penalty of 0.01", "l2=0.0", "l2=0.01"),
    "no decay": ("w-place", "Nothing shrinks", DECAY, "pass"),
    "decay without the rate": ("w-size", "not multiplied", "lr * weight_decay", "weight_decay"),
    "decay scaled twice": ("w-size", "learning rate twice", "lr * weight_decay", "lr * lr * weight_decay"),
    "decay done twice": ("w-size", "shrink twice", DECAY, f"{DECAY}; {DECAY}"),
    "decay that grows": ("w-size", "grow", "1 - self.decay", "1 + self.decay"),
    "a constant taken off": ("w-size", "share of itself", DECAY, "theta -= self.decay"),
    "decay after the step": (
        "w-before",
        "after Adam's step",
        "        for theta in self.parameters:\n            theta *= 1 - self.decay\n        self.adam.step(gradients)",
        "        self.adam.step(gradients)\n        for theta in self.parameters:\n            theta *= 1 - self.decay",
    ),
    "another decay": ("w-size", "loses 0.0198 of itself at step 1", DECAY, "theta *= np.exp(-self.decay)"),
    "the default rate in the decay": ("w-size", "loses 0.0004 of itself", "lr * weight_decay", "0.001 * weight_decay"),
    "a decay that falls": ("w-size", "0.00222 at step 9", DECAY, "theta *= 1 - self.decay / (self.adam.t + 1)"),
    "vectors alone shrink": ("w-size", "of another shape", DECAY, f"if theta.ndim == 1: {DECAY}"),
    "tables alone shrink": ("w-place", "With an array of shape (2, 3)", DECAY, f"if theta.ndim == 2: {DECAY}"),
    "m and v exchanged": ("adam", "changed places", L2_CLASS, "self.lr * v_hat / (np.sqrt(m_hat) + self.eps)"),
    "an Adam without correction": (
        "adam",
        "start from zero",
        "m / (1 - self.beta1**self.t)",
        "m",
        "v / (1 - self.beta2**self.t)",
        "v",
    ),
    "an Adam with eps inside": ("adam", "inside the root", "(np.sqrt(v_hat) + self.eps)", "np.sqrt(v_hat + self.eps)"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_loses_its_idea_alone(bench, name):
    check, word, *replacements = WRONG[name]
    text = changed(bench.model("decay")["decay-classes"], *replacements)
    lost, _ = bench.marks("decay", {"decay-classes": text})
    assert set(lost) == {f"decay-{check}"}, lost
    assert word in lost[f"decay-{check}"][1]
    assert "Reread:" in lost[f"decay-{check}"][1]


@pytest.mark.parametrize(
    "check, word, old, new",
    [
        ("left", "approximation", "(1 - lr * weight_decay) ** steps", "np.exp(-lr * weight_decay * steps)"),
        ("left", "learning rate", "(1 - lr * weight_decay) ** steps", "(1 - weight_decay) ** steps"),
        ("left", "what is left", "(1 - lr * weight_decay) ** steps", "1 - lr * weight_decay * steps"),
        ("paper", "Turned round", "return lr * weight_decay", "return weight_decay / lr"),
    ],
)
def test_a_wrong_prediction_loses_its_marks(bench, check, word, old, new):
    text = changed(bench.model("decay")["decay-predictions"], old, new)
    lost, _ = bench.marks("decay", {"decay-predictions": text})
    assert set(lost) == {f"decay-{check}"} and word in lost[f"decay-{check}"][1], lost


@pytest.mark.parametrize(
    "word, old, new",
    [
        ("seed", 'seed=TERM["seed"]', 'seed=TERM["seed"] + 1'),
        ("changed places", "(float(theta[0]), float(theta[1]))", "(float(theta[1]), float(theta[0]))"),
    ],
)
def test_a_wrong_experiment_loses_its_marks(bench, word, old, new):
    text = changed(bench.model("decay")["decay-experiment"], old, new)
    lost, _ = bench.marks("decay", {"decay-experiment": text})
    assert set(lost) == {"decay-experiment-check"} and word in lost["decay-experiment-check"][1], lost


@pytest.mark.parametrize("term", ["book", "2027-spring", "2027-autumn"])
def test_the_model_answer_has_full_marks(bench, term):
    assert bench.marks("decay", term=term) == ({}, [])


def test_another_right_answer_has_full_marks(bench):
    text = changed(bench.model("decay")["decay-classes"], *ONE)
    assert bench.marks("decay", {"decay-classes": text}) == ({}, [])
