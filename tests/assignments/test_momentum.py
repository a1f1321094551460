"""Answers to the assignment on momentum: each wrong one loses the marks of its idea, and no others."""

import pytest
from support.graded_answers import changed

Z, STEP = "self.z = self.beta * self.z + g", "theta -= self.lr * self.z"

CLASS = {  # name: (the check that is lost, a word of its message, changes to the model answer)
    "uphill": ("direction", "up the slope", "theta -=", "theta +="),
    "no learning rate": ("direction", "no say", "self.lr * self.z", "self.z"),
    "nothing kept": ("kept", "gradient descent", Z, "self.z = g"),
    "forgotten each time": ("kept", "gradient descent", Z, "self.z = self.beta * np.zeros_like(g) + g"),
    "a running mean": ("sum", "running mean", "+ g", "+ (1 - self.beta) * g"),
    "weights exchanged": ("sum", "changed places", Z, "self.z = (1 - self.beta) * self.z + self.beta * g"),
    "never fades": ("sum", "never fades", "self.beta * self.z", "self.z"),
    "fixed": ("sum", "fixed", "self.beta * self.z", "0.9 * self.z"),
    "nesterov": ("sum", "looks ahead", STEP, "theta -= self.lr * (g + self.beta * self.z)"),
    "inside": ("outside", "inside the velocity", "+ g", "+ self.lr * g", "self.lr * self.z", "self.z"),
    "first learning rate": (
        "outside",
        "of its start",
        "self.lr, self.beta = lr, beta",
        "self.lr, self.beta, self.rate = lr, beta, lr",
        "self.lr * self.z",
        "self.rate * self.z",
    ),
    "a new array": ("in-place", "new array", STEP, "theta = theta - self.lr * self.z"),
    "nothing returned": ("in-place", "return theta", "        return theta", "        pass"),
    "the gradient for the velocity": (
        "gradient-kept",
        "the caller writes",
        "self.z = np.zeros_like(theta)\n        self.z = self.beta * self.z + g",
        "self.z = g\n        else:\n            self.z *= self.beta\n            self.z += g",
    ),
    "gradient changed": ("gradient-kept", "belongs to the caller", Z, "g += self.beta * self.z; self.z = g.copy()"),
    "lr and beta": ("sum", "have changed places", "self.lr, self.beta =", "self.beta, self.lr ="),
    "settings of the class": (
        "own-state",
        "at the same time",
        "self.lr, self.beta =",
        "self.lr, Momentum.beta =",
        "self.beta *",
        "Momentum.beta *",
    ),
    "state of the class": (
        "own-state",
        "belongs to the class",
        "self.z = None",
        "pass",
        "    def __init__",
        "    z = None\n\n    def __init__",
        "if self.z is None:\n            self.z = np.zeros_like(theta)",
        "if Momentum.z is None or Momentum.z.shape != theta.shape:\n            Momentum.z = np.zeros_like(theta)",
        Z,
        "Momentum.z = self.z = self.beta * Momentum.z + g",
    ),
}
SERIES = {
    "a running mean": ("velocities", "running mean", "+ g", "+ (1 - beta) * g"),
    "z_0 too": (
        "velocities",
        "begin with z_0",
        "        z = beta * z + g\n        rows.append(z)",
        "        rows.append(z)\n        z = beta * z + g",
    ),
    "the last alone": ("velocities", "last velocity alone", "np.array(rows)", "z"),
    "never fades": ("velocities", "never fades", "beta * z", "z"),
    "written into the gradients": (
        "velocities-input",
        "belongs to the caller",
        "rows.append(z)",
        "rows.append(z); g[...] = z",
    ),
}
BEST = {
    "gradient descent's rate": ("best-lr", "gradient descent", "(2 / (low + high)) ** 2", "2 / (h_min + h_max)"),
    "the rate for beta": (
        "best-beta",
        "rate of convergence",
        "((high - low) / (high + low)) ** 2",
        "(high - low) / (high + low)",
    ),
    "the two exchanged": (
        "best-lr",
        "changed places",
        "return (2 / (low + high)) ** 2, ((high - low) / (high + low)) ** 2",
        "return ((high - low) / (high + low)) ** 2, (2 / (low + high)) ** 2",
        'best_settings(*TERM["curvatures"])[1]',
        'best_settings(*TERM["curvatures"])[0]',
    ),
    "beta for the rate": (
        "steps",
        "taken β",
        'rho = np.sqrt(best_settings(*TERM["curvatures"])[1])',
        'rho = best_settings(*TERM["curvatures"])[1]',
    ),
    "rounded down": ("steps", "fewer", "np.ceil", "np.floor"),
}
WRONG = [("class", name, *what) for name, what in CLASS.items()]
WRONG += [("velocities-answer", name, *what) for name, what in SERIES.items()]
WRONG += [("best-answer", name, *what) for name, what in BEST.items()]


@pytest.mark.parametrize(
    "cell, name, check, word, replacements",
    [(*w[:4], w[4:]) for w in WRONG],
    ids=lambda x: x if isinstance(x, str) else "",
)
def test_a_wrong_answer_loses_its_idea_alone(bench, cell, name, check, word, replacements):
    text = changed(bench.model("momentum")[f"momentum-{cell}"], *replacements)
    lost, _ = bench.marks("momentum", {f"momentum-{cell}": text})
    assert set(lost) == {f"momentum-{check}"}, lost
    assert word in lost[f"momentum-{check}"][1]
    assert "Reread:" in lost[f"momentum-{check}"][1]


@pytest.mark.parametrize("term", ["book", "2027-spring", "2027-autumn"])
def test_the_model_answer_has_full_marks(bench, term):
    assert bench.marks("momentum", term=term) == ({}, [])


def test_another_right_answer_has_full_marks(bench):
    velocities = (
        "def velocities(gradients, beta):\n"
        "    T = len(gradients)\n"
        "    weights = np.array([[beta**(t - i) if i <= t else 0.0 for i in range(T)] for t in range(T)])\n"
        "    return weights @ gradients\n"
    )
    momentum = (
        "def Momentum(lr=0.01, beta=0.9):\n"
        "    class Rule: pass\n"
        "    rule, z = Rule(), [0.0]\n"
        "    rule.lr = lr\n"
        "    def step(theta, g):\n"
        "        z[0] = g + beta * z[0]\n"
        "        theta[...] = theta - rule.lr * z[0]\n"
        "        return theta\n"
        "    rule.step = step\n"
        "    return rule\n"
    )
    assert bench.marks("momentum", {"momentum-velocities-answer": velocities, "momentum-class": momentum}) == ({}, [])
