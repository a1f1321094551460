"""Rules that are wrong in one place lose the marks of one idea, with a sentence that is true; none keeps all marks."""

import random

import pytest
from assignments.test_adam import LOOP, MHAT, STATE, STEP, VHAT, M, V
from checks import faulty_rules, inquiry
from support import answer_mutants
from support.graded_answers import changed

INIT = "self.t = 0"
G = LOOP + "\n            g = "
ONCE = "self.t += 1"

ADAM = {  # name: (the check that is lost, words of its message, changes to the model answer)
    "m and v start at the first gradient, nothing corrected": (
        "correction",
        "start at the first gradient",
        M,
        "m[...] = g if self.t == 1 else self.beta1 * m + (1 - self.beta1) * g",
        V,
        "v[...] = g**2 if self.t == 1 else self.beta2 * v + (1 - self.beta2) * g**2",
        MHAT,
        "m_hat = m",
        VHAT,
        "v_hat = v",
    ),
    "only m starts so": (
        "correction",
        "m starts at the first gradient",
        M,
        "m[...] = g if self.t == 1 else self.beta1 * m + (1 - self.beta1) * g",
        MHAT,
        "m_hat = m",
    ),
    "all is forgotten every 100 steps": (
        "state",
        "step 101",
        ONCE,
        "self.t = self.t % 100 + 1\n        if self.t == 1:\n            for a in self.m + self.v: a[...] = 0",
    ),
    "defaults swapped": ("betas", "left out", "beta1=0.9, beta2=0.999", "beta1=0.999, beta2=0.9"),
    "another default of lr": ("downhill", "left out", "lr=0.001", "lr=0.01"),
    "gradient clipped at 10": ("numbers", "3e+01", LOOP, G + "np.clip(g, -10, 10)"),
    "gradient cut to whole numbers": ("numbers", "whole numbers", LOOP, G + "np.trunc(g)"),
    "gradient normalised": ("numbers", "own length", LOOP, G + "g / (np.linalg.norm(g) or 1.0)"),
    "norm clipped to 1": ("numbers", "length 1", LOOP, G + "g / max(1.0, np.linalg.norm(g))"),
    "v from g times m": ("second-moment", "product", V, V.replace("g**2", "g * m")),
    "nadam": (
        "first-moment",
        "Nadam",
        STEP,
        STEP.replace("m_hat /", "(self.beta1 * m_hat + (1 - self.beta1) * g / (1 - self.beta1**self.t)) /"),
    ),
    "the rate falls by a hundredth": (
        "downhill",
        "follows something else",
        STEP,
        STEP.replace("self.lr", "self.lr * 0.99**self.t"),
    ),
    "decay built in": ("downhill", "no weight decay", LOOP, LOOP + "\n            theta *= 1 - self.lr * 0.01"),
    "decay built in, after the step": (
        "downhill",
        "share of itself",
        STEP,
        STEP + "\n            theta -= self.lr * 1e-3 * theta",
    ),
    "no step where g is 0": ("state", "there is no step", STEP, STEP.replace("theta -=", "theta -= (g != 0) *")),
    "nothing fades where g is 0": (
        "state",
        "stay as they were",
        M,
        f"w = g != 0\n            m[w] = ({M.partition('= ')[2]})[w]",
        V,
        f"v[w] = ({V.partition('= ')[2]})[w]",
    ),
    "bounded steps": (
        "betas",
        "β1 = 0 ",
        STEP,
        "theta -= self.lr * np.clip(m_hat / (np.sqrt(v_hat) + self.eps), -1, 1)",
    ),
    "the norm cut at 1000": (
        "numbers",
        "1e+06",
        LOOP,
        f"{LOOP}\n            g = g * min(1.0, 1000 / max(np.linalg.norm(g), 1e-9))",
    ),
    "eps and a little more": ("numbers", "is something small", "+ self.eps", "+ self.eps + 1e-8"),
    "another rule for tables": (
        "each-array",
        "shape (2, 3)",
        V,
        V.replace("g**2", "(np.mean(g**2, axis=0) if g.ndim == 2 else g**2)"),
    ),
    "settings of the class": (
        "own-state",
        "at the same time",
        "self.lr, self.beta1, self.beta2, self.eps =",
        "Adam.lr, Adam.beta1, Adam.beta2, Adam.eps =",
    ),
    "lr and eps": (
        "downhill",
        "ε have changed places",
        "self.eps = lr, beta1, beta2, eps",
        "self.eps = eps, beta1, beta2, lr",
    ),
    "eps only where v is 0": (
        "epsilon",
        "only where",
        STEP,
        "theta -= self.lr * m_hat / np.where(v_hat == 0, self.eps, np.sqrt(v_hat))",
    ),
    "the size of m": ("downhill", "size of m", STEP, STEP.replace("m_hat", "np.abs(m_hat)")),
    "eps in the gradient": ("epsilon", "to the gradient", LOOP, G + "g + self.eps", " + self.eps)", ")"),
    "t runs backwards": ("second-moment", "are no numbers", ONCE, "self.t -= 1"),
    "the root of what is negative": ("second-moment", "are no numbers", STEP, STEP.replace("(v_hat)", "(-v_hat)")),
    "eps beside the step": ("epsilon", "whole step", STEP, "theta -= self.lr * m_hat / np.sqrt(v_hat) + self.eps"),
    "rebinding": ("in-place", "makes new arrays", STEP, STEP.replace("theta -= ", "theta = theta - ")),
    "1 - beta t": ("correction", "multiplies by t", MHAT, "m_hat = m / (1 - self.beta1 * self.t)"),
    "0-d arrays fail": ("each-array", "several shapes", STEP, STEP.replace("theta -= ", "theta[:] = theta - ")),
    "state by id": (
        "own-state",
        "goes on where the first one stopped",
        "class Adam",
        "MEMORY = {}\n\nclass Adam",
        STATE,
        "pass",
        INIT,
        "self.t = 0",
        LOOP,
        "for theta, g in zip(self.parameters, gradients):\n"
        "            m, v = MEMORY.setdefault(id(theta), (np.zeros_like(theta), np.zeros_like(theta)))",
    ),
}

V_AND_M = (  # the update of v, and of m, with what they go on from
    V.replace("self.beta2 * v", "self.beta2 * m"),
    M.replace("self.beta1 * m", "self.beta1 * v"),
)
EXCHANGED = {  # m and v have changed places, or one stands in the other's: one misconception, which has a name
    "in the step": (
        "second-moment",
        "changed places",
        STEP,
        STEP.replace("m_hat", "x").replace("v_hat", "m_hat").replace("x", "v_hat"),
    ),
    "under their corrections": (
        "second-moment",
        "changed places",
        MHAT,
        MHAT.replace("m /", "v /"),
        VHAT,
        VHAT.replace("v /", "m /"),
    ),
    "in the two updates": (
        "second-moment",
        "changed places",
        M,
        "v[...] = self.beta1 * v + (1 - self.beta1) * g",
        V,
        "m[...] = self.beta2 * m + (1 - self.beta2) * g**2",
    ),
    "v for m": ("first-moment", "goes along v", STEP, STEP.replace("m_hat", "v_hat")),
    "v for m, corrected": ("first-moment", "goes along v", MHAT, MHAT.replace("m /", "v /")),
    "v itself for m": ("first-moment", "goes along v", STEP, STEP.replace("m_hat", "v")),
    "m itself for v": ("second-moment", "taken of m", STEP, STEP.replace("v_hat", "m")),
    "m for v": ("second-moment", "taken of m", STEP, STEP.replace("v_hat", "m_hat")),
    "m for v, corrected": ("second-moment", "taken of m", VHAT, VHAT.replace("v /", "m /")),
    "the size of m for v": ("second-moment", "size of m", STEP, STEP.replace("v_hat", "m_hat**2")),
    "the old v in m": ("first-moment", "from the old v", M, V_AND_M[1]),
    "the old m in v": ("second-moment", "from m", V, V_AND_M[0]),
    "the older m in v": ("second-moment", "from m", M, f"old = m.copy(); {M}", V, V_AND_M[0].replace("* m", "* old")),
    "the old values": ("state", "m goes on from the old v", M, V_AND_M[1], V, V_AND_M[0]),
    "the old values at once": (
        "state",
        "m goes on from the old v",
        M,
        f"old = m.copy(); {V_AND_M[1]}",
        V,
        V_AND_M[0].replace("* m", "* old"),
    ),
    "the squares": (
        "second-moment",
        "square has changed places",
        M,
        M.replace("* g", "* g**2"),
        V,
        V.replace("g**2", "g"),
    ),
    "squares in both": ("first-moment", "mean of the squared", M, M.replace("* g", "* g**2")),
    "the square of m": ("first-moment", "square of m", STEP, STEP.replace("m_hat", "m_hat**2")),
    "the gradient squared": ("downhill", "is squared", LOOP, G + "g**2"),
}


@pytest.mark.parametrize("name", EXCHANGED)
def test_an_exchange_is_one_misconception(bench, name):
    check, words, *replacements = EXCHANGED[name]
    lost, _ = bench.marks("adam", {"adam-class": changed(bench.model("adam")["adam-class"], *replacements)})
    assert list(lost) == [f"adam-{check}"], lost
    assert words in lost[f"adam-{check}"][1] and not bench.flags


def test_an_exchange_and_another_slip_are_two_charges(bench):
    text = changed(bench.model("adam")["adam-class"], STEP, "theta -= self.lr * v / (np.sqrt(m) + self.eps)")
    lost, _ = bench.marks("adam", {"adam-class": text})
    assert set(lost) == {"adam-second-moment", "adam-correction"}, lost


def test_a_name_that_is_missing_in_a_step_is_not_one_that_the_checks_look_for(bench):
    lost, _ = bench.marks("adam", {"adam-class": changed(bench.model("adam")["adam-class"], MHAT, "pass")})
    said = {message for _, message in lost.values()}
    assert all("NameError" in one and "m_hat" in one and "in line" in one for one in said), said


def test_two_slips_of_one_idea_are_both_said(bench):
    text = changed(bench.model("adam")["adam-class"], "np.sqrt(v_hat)", "m_hat")
    lost, _ = bench.marks("adam", {"adam-class": text})
    assert list(lost) == ["adam-second-moment"] and "of m" in lost["adam-second-moment"][1], lost
    assert "without its root" in lost["adam-second-moment"][1]


@pytest.mark.parametrize("name", ADAM)
def test_one_slip_is_one_charge(bench, name):
    check, words, *replacements = ADAM[name]
    lost, _ = bench.marks("adam", {"adam-class": changed(bench.model("adam")["adam-class"], *replacements)})
    assert list(lost) == [f"adam-{check}"], lost
    assert words in lost[f"adam-{check}"][1]


START = (
    "    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8{}):\n"
    "        self.parameters, self.lr = parameters, lr\n"
)
STEPS = {
    "nothing": "pass",
    "descent": "p -= self.lr * g",
    "chance": "p += np.random.default_rng().normal(size=p.shape)",
    "signs": "p -= self.lr * np.sign(g)",
    "shrink": "p *= 0.9",
}


def of_lists(name, step, setting=""):
    """Return a class like Adam that remembers nothing."""
    loop = f"    def step(self, gradients):\n        for p, g in zip(self.parameters, gradients): {STEPS[step]}\n\n\n"
    return f"class {name}:\n{START.format(setting)}{loop}"


@pytest.mark.parametrize("step", [step for step in STEPS if step != "chance"])
def test_what_is_no_adam_at_all_keeps_next_to_nothing(bench, step):
    lost, _ = bench.marks("adam", {"adam-class": of_lists("Adam", step)})
    assert 24 - sum(points for points, _ in lost.values()) <= (0 if step == "nothing" else 2), lost
    assert step != "descent" or "gradient descent" in lost["adam-second-moment"][1]


NO_ADAM = {  # by chance, by t, by the place, by one gradient: what is nearest to no known idea, or to all of them
    "a random walk": "p += self.lr * np.random.default_rng().normal(size=p.shape)",
    "descent of random length": "p -= self.lr * g * np.random.default_rng().random(size=p.shape)",
    "a wave of t": "p -= self.lr * np.cos(self.t) * self.beta1 / (self.beta2 + self.eps)",
    "all settings, no memory": "p -= self.lr * (self.beta1 * g + self.beta2 * g**2) / (1 + self.eps)",
    "the place": "m[...] = self.beta2 * m + self.beta1 * g * p; p += self.lr * m / (1 - self.eps)",
    "nesterov": "m[...] = self.beta1 * m + g; p -= self.lr * (g + self.beta1 * m)",
}


@pytest.mark.parametrize("name", NO_ADAM)
def test_nor_does_what_no_known_idea_explains(bench, name):
    text = (
        "class Adam:\n    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):\n"
        "        self.parameters, self.m = parameters, [np.zeros_like(p) for p in parameters]\n"
        "        self.lr, self.beta1, self.beta2, self.eps, self.t = lr, beta1, beta2, eps, 0\n"
        "    def step(self, gradients):\n        self.t += 1\n"
        f"        for p, g, m in zip(self.parameters, gradients, self.m): {NO_ADAM[name]}\n"
    )
    lost, _ = bench.marks("adam", {"adam-class": text})
    assert 24 - sum(points for points, _ in lost.values()) <= (8 if name == "nesterov" else 2), lost
    assert bench.flags or name == "nesterov"


MEMORY = {  # what is remembered is of something else than the gradient, and the rest is not Adam's either
    "cos": "m[...] = b1 * m + np.cos(g); p -= lr * m * b2 / (1 + eps)",
    "cos, and its square": "c = np.cos(g); m[...] = b1 * m + c; v[...] = b2 * v + c**2; p -= lr * m / (v**0.5 + eps)",
    "sin": "m[...] = b1 * m + np.sin(g); p -= lr * m * b2 / (1 + eps)",
    "sin, and its square": "c = np.sin(3*g); m[...] = b1 * m + c; v[...] = b2 * v + c**2; p -= lr * m / (v**0.5 + eps)",
    "tanh": "m[...] = b1 * m + np.tanh(g); v[...] = b2 * v + np.tanh(g); p -= lr * m / (abs(v)**0.5 + eps)",
    "tanh alone": "m[...] = b1 * m + np.tanh(g); p -= lr * m * b2 / (1 + eps)",
    "signs": "m[...] = b1 * m + np.sign(g); v[...] = b2 * v + abs(g); p -= lr * m / (v + eps)",
    "sizes": "m[...] = b1 * m + abs(g); v[...] = b2 * v + abs(g); p -= lr * m / (v + eps)",
    "cubes": "m[...] = b1 * m + g**3; v[...] = b2 * v + g**3; p -= lr * m / (abs(v)**0.5 + eps)",
    "cut": "c = np.clip(g, -.1, .1); m[...] = b1 * m + c; v[...] = b2 * v + c**2; p -= lr * m / (v**0.5 + eps)",
    "a projection": "c = (np.random.default_rng(0).normal(size=(p.size, p.size)) @ g.ravel()).reshape(g.shape); "
    "m[...] = b1 * m + c; v[...] = b2 * v + c**2; p -= lr * m / (v**0.5 + eps)",
    "the gradient before": "m[...] = b1 * m + old; v[...] = b2 * v + old**2; old[...] = g; "
    "p -= lr * m / (v**0.5 + eps)",
    "exp": "m[...] = b1 * m + np.exp(-(g**2)); v[...] = b2 * v + np.exp(g); p -= lr * m / (v**0.5 + eps)",
}


@pytest.mark.parametrize("name", MEMORY)
def test_nor_does_a_memory_of_something_else(bench, name):
    text = (
        "class Adam:\n    def __init__(self, parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):\n"
        "        self.m, self.v, self.old = ([np.zeros_like(p) for p in parameters] for _ in range(3))\n"
        "        self.parameters, self.settings = parameters, (lr, beta1, beta2, eps)\n"
        "    def step(self, gradients):\n        lr, b1, b2, eps = self.settings\n"
        "        for p, g, m, v, old in zip(self.parameters, gradients, self.m, self.v, self.old):\n"
        f"            {MEMORY[name]}\n"
    )
    lost, _ = bench.marks("adam", {"adam-class": text})
    assert 24 - sum(points for points, _ in lost.values()) <= 2, lost
    assert bench.flags


WAVES = {"cos": "np.cos(g)", "sin": "np.sin(g)", "fast sin": "np.sin(7 * g)"}


@pytest.mark.parametrize("where", ["in m", "in both"])
@pytest.mark.parametrize("name", WAVES)
def test_nor_does_adam_of_something_that_is_no_gradient(bench, name, where):
    old, new = (M, M.replace("* g", f"* {WAVES[name]}")) if where == "in m" else (LOOP, G + WAVES[name])
    lost, _ = bench.marks("adam", {"adam-class": changed(bench.model("adam")["adam-class"], old, new)})
    assert 24 - sum(points for points, _ in lost.values()) <= 2, lost


LAST = (
    "\n            seen = self.__dict__.setdefault('seen', {})\n"
    "            last = seen.get(id(theta), np.zeros_like(theta))\n            seen[id(theta)] = g.copy()\n"
    "            g = "
)
UNNAMED = {  # one slip that is in no list: one idea
    "tanh in m": ("first-moment", M, M.replace("* g", "* np.tanh(g)")),
    "sign in m": ("first-moment", M, M.replace("* g", "* np.sign(g)")),
    "cube in m": ("first-moment", M, M.replace("* g", "* g**3")),
    "cut in m": ("first-moment", M, M.replace("* g", "* np.clip(g, -0.5, 0.5)")),
    "a rate of m that falls": (
        "first-moment",
        M,
        "b = self.beta1 * 0.9**self.t\n            m[...] = b * m + (1 - b) * g",
    ),
    "half a look ahead": ("first-moment", STEP, STEP.replace("m_hat /", "(m_hat + 0.5 * g) /")),
    "cos in v": ("second-moment", V, V.replace("g**2", "np.cos(g)**2")),
    "exp in v": ("second-moment", V, V.replace("g**2", "np.exp(g)")),
    "tanh in both": ("numbers", LOOP, G + "np.tanh(g)"),
    "cube in both": ("numbers", LOOP, G + "g**3"),
    "doubled": ("numbers", LOOP, G + "2 * g"),
    "cut at 0.3": ("numbers", LOOP, G + "np.clip(g, -0.3, 0.3)"),
    "mean of two": ("numbers", LOOP, LOOP + LAST + "(g + last) / 2"),
    "half of their mean taken off": ("numbers", LOOP, G + "g - g.mean() / 2"),
    "pulled to zero": ("downhill", LOOP, G + "g + 0.5 * theta"),
    "the gradient before": ("first-moment", LOOP, LOOP + LAST + "last"),
    "the gradient before, in m alone": (
        "first-moment",
        M,
        M.replace("* g", "* self.__dict__.setdefault(id(m), g)") + "; vars(self)[id(m)] = g.copy()",
    ),
    "m taken off": ("first-moment", STEP, STEP.replace("m_hat /", "(m_hat + 2 * self.beta1 * (m_hat - g)) /")),
    "begins anew every 5": (
        "state",
        ONCE,
        "self.t = self.t % 5 + 1\n        if self.t == 1:\n            for a in self.m + self.v: a[...] = 0",
    ),
}


@pytest.mark.parametrize("name", UNNAMED)
def test_one_slip_that_is_in_no_list_is_one_charge(bench, name):
    check, old, new = UNNAMED[name]
    lost, _ = bench.marks("adam", {"adam-class": changed(bench.model("adam")["adam-class"], old, new)})
    assert list(lost) == [f"adam-{check}"], lost
    assert bench.flags


def test_a_right_rule_with_a_little_noise_loses_one_idea(bench):
    noise = STEP + "\n            theta += 1e-5 * self.lr * np.random.default_rng().normal(size=theta.shape)"
    lost, _ = bench.marks("adam", {"adam-class": changed(bench.model("adam")["adam-class"], STEP, noise)})
    assert list(lost) == ["adam-numbers"] and "chance" in lost["adam-numbers"][1], lost


@pytest.mark.parametrize("step", ["nothing", "descent", "chance"])
def test_nor_in_the_other_assignments(bench, step):
    classes = of_lists("AdamL2", step, ", l2=0.0") + of_lists("AdamW", step, ", weight_decay=0.0")
    lost, _ = bench.marks("decay", {"decay-classes": classes})
    assert sum(points for points, _ in lost.values()) == 19, lost  # all but the predictions
    text = (
        "class Momentum:\n    def __init__(self, lr=0.01, beta=0.9): self.lr = lr\n"
        f"    def step(self, p, g):\n        {STEPS[step]}\n        return p\n"
    )
    lost, _ = bench.marks("momentum", {"momentum-class": text})
    assert sum(points for points, _ in lost.values()) == {"nothing": 11, "descent": 7, "chance": 10}[step], lost


def test_what_nothing_explains_is_charged_once_and_flagged(bench):
    text = changed(bench.model("adam")["adam-class"], STEP, STEP + "\n            theta += 0.003 * np.sin(7 * g + m)")
    lost, _ = bench.marks("adam", {"adam-class": text})
    assert len(lost) == 1 and "from step 1 on" in next(iter(lost.values()))[1], lost
    assert bench.flags and "no known misconception" in bench.flags[0]


def test_a_visible_check_that_fails_leaves_no_full_marks(bench):
    """Four calls of a counter of its own: the hidden checks, which make each class anew, do not meet it."""
    text = bench.model("adam")["adam-class"]
    late = "\n\nif True:\n    class Adam(Adam):\n        def step(self, gradients): pass\n"
    lost, _ = bench.marks("adam", {"adam-class": text + late})
    assert lost


def test_pairs_of_slips_are_two_charges(bench):
    text = changed(bench.model("adam")["adam-class"], VHAT, "v_hat = v", STEP, STEP.replace(" + self.eps", ""))
    lost, _ = bench.marks("adam", {"adam-class": text})
    assert set(lost) == {"adam-correction", "adam-epsilon"}, lost


@pytest.mark.parametrize("typed", ["1.88", "1.884", "1.8837", "1.9", "1.89"])
def test_typed_numbers_are_right_at_three_digits(typed):
    from checks import typed as right

    assert right(float(typed), 1.88373) == (typed in ("1.88", "1.884", "1.8837"))


@pytest.mark.parametrize("assignment, count", [("momentum", 12), ("adam", 8), ("decay", 4), ("digits", 12)])
def test_mutants_lose_marks(bench, assignment, count):
    """A sample here; all of them by `make answer-mutants`. (Those of the digits' results train, and are only there.)"""
    shown = answer_mutants.equal()
    mutants = [
        (name, answers)
        for name, answers in answer_mutants.of_assignment(bench, assignment)
        if name not in shown and not name.startswith("digits-results")
    ]
    for name, answers in random.Random(assignment).sample(mutants, count):
        assert not answer_mutants.survives(bench, assignment, answers), name


def test_a_slip_that_two_classes_share_hides_no_other(bench):
    model = bench.model("decay")["decay-classes"]
    shrinks = "theta *= 1 - self.decay"
    both = changed(model, "self.l2 * theta", "0.01 * theta", shrinks, f"if theta.ndim == 1: {shrinks}")
    lost, _ = bench.marks("decay", {"decay-classes": both})
    assert set(lost) > {"decay-l2-size"}


@pytest.mark.parametrize("seed", [1, 2])
def test_what_is_worked_out_once_explains_each_submission_by_its_own_slips(seed):
    p, known = inquiry.probe(seed=seed), faulty_rules.misconceptions("adam")
    named = {one.id: one for one in known}
    for slips in (["adam/no-learning-rate"], ["adam/no-learning-rate", "adam/up-the-slope"], ["adam/up-the-slope"]):
        parts = faulty_rules.together([named[slip] for slip in slips], {})
        found = faulty_rules.explain(p, faulty_rules.simulate(p, **parts), known)
        assert [one.id for one in found] in (slips, slips[::-1])
