"""Answers to the assignment on Adam: each wrong one loses the marks of its idea, and no others."""

import pytest
from support.graded_answers import changed

M = "m[...] = self.beta1 * m + (1 - self.beta1) * g"
V = "v[...] = self.beta2 * v + (1 - self.beta2) * g**2"
MHAT, VHAT = "m_hat = m / (1 - self.beta1**self.t)", "v_hat = v / (1 - self.beta2**self.t)"
STEP = "theta -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)"
ZEROS = "[np.zeros_like(theta) for theta in parameters]"
STATE = f"self.m = {ZEROS}\n        self.v = {ZEROS}"
LOOP = "for theta, g, m, v in zip(self.parameters, gradients, self.m, self.v):"

WRONG = {  # name: (the check that is lost, a word of its message, changes to the model solution)
    "no correction": ("correction", "start from zero", MHAT, "m_hat = m", VHAT, "v_hat = v"),
    "only m corrected": ("correction", "Only m", VHAT, "v_hat = v"),
    "only v corrected": ("correction", "Only v", MHAT, "m_hat = m"),
    "power at the wrong place": (
        "correction",
        "power",
        "(1 - self.beta1**self.t)",
        "(1 - self.beta1)**self.t",
        "(1 - self.beta2**self.t)",
        "(1 - self.beta2)**self.t",
    ),
    "times t": (
        "correction",
        "multiplies by t",
        "self.beta1**self.t",
        "self.beta1 * self.t",
        "self.beta2**self.t",
        "self.beta2 * self.t",
    ),
    "one rate for both corrections": ("correction", "one and the same", "self.beta2**self.t", "self.beta1**self.t"),
    "multiplied": ("correction", "smaller still", "m / (1", "m * (1", "v / (1", "v * (1"),
    "t from 0": ("count", "0 at the first step", "self.t += 1", "pass", STEP, STEP + "\n        self.t += 1"),
    "t from 2": ("count", "already 2", "self.t = 0", "self.t = 1"),
    "t never advances": ("count", "does not advance", "self.t += 1", "self.t = 1"),
    "t counts arrays": (
        "count",
        "once for each array",
        "self.t += 1",
        "pass",
        LOOP,
        LOOP + "\n            self.t += 1",
    ),
    "corrected in place": (
        "state",
        "written back",
        MHAT,
        "m /= 1 - self.beta1**self.t; m_hat = m",
        VHAT,
        "v /= 1 - self.beta2**self.t; v_hat = v",
    ),
    "v written into m": ("second-moment", "v stays at 0", "v[...] =", "m[...] ="),
    "m corrected in place": ("state", "written back into m", MHAT, "m /= 1 - self.beta1**self.t; m_hat = m"),
    "nothing kept": (
        "state",
        "Nothing is remembered",
        "self.t += 1",
        "self.t = 1; self.m = [np.zeros_like(p) for p in self.parameters]; self.v = [np.zeros_like(p) for p in "
        "self.parameters]",
    ),
    "m not kept": ("state", "m is lost", M, "m = (1 - self.beta1) * g"),
    "m kept under a new name": ("state", "m is lost", M, M.replace("m[...] =", "m =")),
    "v not kept": ("state", "v is lost", V, V.replace("v[...] =", "v =")),
    "eps inside the root": ("epsilon", "inside the root", "(np.sqrt(v_hat) + self.eps)", "np.sqrt(v_hat + self.eps)"),
    "no eps": ("epsilon", "no ε", " + self.eps)", ")"),
    "eps fixed": ("epsilon", "fixed", "self.eps)", "1e-8)"),
    "v from m": ("second-moment", "made from m", "g**2", "m**2"),
    "v without a square": ("second-moment", "gradients themselves", "g**2", "g"),
    "v of sizes": ("second-moment", "sizes", "g**2", "np.abs(g)"),
    "v of third powers": ("second-moment", "third power of g", "g**2", "g**3"),
    "v of twice the gradient": ("second-moment", "twice the gradient", "g**2", "g*2"),
    "beta2 added": ("second-moment", "is added to v", "self.beta2 * v +", "self.beta2 + v +"),
    "beta1 added": ("first-moment", "is added to m", "self.beta1 * m +", "self.beta1 + m +"),
    "m from ones": ("correction", "m starts at one", f"self.m = {ZEROS}", f"self.m = {ZEROS.replace('zeros', 'ones')}"),
    "v from ones": ("correction", "v starts at one", f"self.v = {ZEROS}", f"self.v = {ZEROS.replace('zeros', 'ones')}"),
    "both from ones": ("correction", "m and v start at one", STATE, STATE.replace("zeros", "ones")),
    "no root": ("second-moment", "without its root", "np.sqrt(v_hat)", "v_hat"),
    "v adds up": ("second-moment", "adds up", V, "v[...] = v + g**2"),
    "v a sum": ("second-moment", "full weight", "(1 - self.beta2) * g**2", "g**2"),
    "v about the mean": ("second-moment", "centred", "g**2", "(g - m)**2"),
    "m a sum": ("first-moment", "full weight", "(1 - self.beta1) * g", "g"),
    "weights of m exchanged": ("first-moment", "changed places", M, "m[...] = (1 - self.beta1) * m + self.beta1 * g"),
    "betas swapped": (
        "betas",
        "changed places",
        "self.lr, self.beta1, self.beta2, self.eps =",
        "self.lr, self.beta2, self.beta1, self.eps =",
    ),
    "betas swapped in the correction": (
        "betas",
        "in the correction",
        "self.beta1**",
        "self.bx**",
        "self.beta2**",
        "self.beta1**",
        "self.bx**",
        "self.beta2**",
    ),
    "betas fixed": ("betas", "fixed", "= lr, beta1, beta2, eps", "= lr, 0.9, 0.999, eps"),
    "uphill": ("downhill", "up the slope", "theta -=", "theta +="),
    "no learning rate": ("downhill", "no say", "self.lr * m_hat", "m_hat"),
    "new arrays": (
        "in-place",
        "makes new arrays",
        STEP,
        STEP.replace("theta -= ", "theta = theta - ") + "; new.append(theta)",
        "self.t += 1",
        "self.t += 1; new = []",
        "",
        "",
    ),
    "own copies": (
        "in-place",
        "makes new arrays",
        "self.parameters = parameters",
        "self.parameters = [p.copy() for p in parameters]",
    ),
    "gradient changed": ("gradient-kept", "still belongs", V, "g *= g; v[...] = self.beta2 * v + (1 - self.beta2) * g"),
    "one state for all": (
        "each-array",
        "several shapes",
        STATE,
        "self.m = [np.zeros_like(parameters[0])] * len(parameters); self.v = [np.zeros_like(parameters[0])] * "
        "len(parameters)",
    ),
    "the first shape for all": (
        "each-array",
        "several shapes",
        STATE,
        "self.m = [np.zeros_like(parameters[0]) for _ in parameters]; self.v = [np.zeros_like(parameters[0]) for "
        "_ in parameters]",
    ),
    "state of the class": (
        "own-state",
        "goes on where the first one stopped",
        STATE,
        "pass",
        "self.t = 0",
        "pass",
        "    def __init__",
        "    m = v = None\n    t = 0\n\n    def __init__",
        "self.t += 1",
        "Adam.t += 1\n        if Adam.m is None or [m.shape for m in Adam.m] != [p.shape for p in self.parameters]:\n"
        "            Adam.m = [np.zeros_like(p) for p in self.parameters]\n            Adam.v = "
        "[np.zeros_like(p) for p in self.parameters]",
    ),
    "one v for an array": ("each-array", "one number", V, "v[...] = self.beta2 * v + (1 - self.beta2) * np.mean(g**2)"),
    "eps piles up in v": ("epsilon", "piles up", V, V + " + self.eps", "(np.sqrt(v_hat) + self.eps)", "np.sqrt(v_hat)"),
    "eps on the step": (
        "epsilon",
        "quotient",
        "m_hat / (np.sqrt(v_hat) + self.eps)",
        "(m_hat / np.sqrt(v_hat) + self.eps)",
    ),
    "v from the corrected m": (
        "second-moment",
        "corrected m",
        V,
        "v[...] = self.beta2 * v + (1 - self.beta2) * (m / (1 - self.beta1**self.t))**2",
    ),
    "v with the rate of m": (
        "betas",
        "decay rate of m",
        "self.beta2 * v + (1 - self.beta2)",
        "self.beta1 * v + (1 - self.beta1)",
    ),
    "m and v one array": ("state", "one and the same", "self.t = 0", "self.t = 0; self.v = self.m"),
    "brackets of the correction": (
        "correction",
        "brackets",
        "m / (1 - self.beta1**self.t)",
        "m / 1 - self.beta1**self.t",
        "v / (1 - self.beta2**self.t)",
        "v / 1 - self.beta2**self.t",
    ),
    "first step uncorrected": (
        "count",
        "leaves uncorrected",
        "self.t += 1",
        "pass",
        MHAT,
        "m_hat = m / (1 - self.beta1**self.t) if self.t else m",
        VHAT,
        "v_hat = v / (1 - self.beta2**self.t) if self.t else v",
        STEP,
        STEP + "\n        self.t += 1",
    ),
    "float32 parameters copied": (
        "numbers",
        "float32",
        "self.parameters = parameters",
        "self.parameters = [np.asarray(p, float) for p in parameters]",
    ),
    "gradients clipped": (
        "numbers",
        "cut off",
        V,
        V.replace("g**2", "np.clip(g, -100, 100)**2"),
        M,
        M.replace("* g", "* np.clip(g, -100, 100)"),
    ),
    "half precision": ("numbers", "right to a few digits", LOOP, LOOP + "\n            g = g.astype(np.float16)"),
    "float32 inside": ("numbers", "", STATE, STATE.replace("zeros_like(theta)", "zeros(theta.shape, np.float32)")),
}


def answer(bench, *replacements):
    return changed(bench.model("adam")["adam-class"], *replacements)


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_answer_loses_its_idea_alone(bench, name):
    check, word, *replacements = WRONG[name]
    text = answer(bench, *replacements)
    if name == "new arrays":
        text += "\n        return new"
    lost, stopped = bench.marks("adam", {"adam-class": text})
    assert set(lost) == {f"adam-{check}"}, lost
    assert word in lost[f"adam-{check}"][1]
    assert "Reread:" in lost[f"adam-{check}"][1]


RIGHT = {
    "sums instead of means": (
        M,
        "m[...] = self.beta1 * m + g",
        V,
        "v[...] = self.beta2 * v + g**2",
        MHAT,
        "m_hat = m * (1 - self.beta1) / (1 - self.beta1**self.t)",
        VHAT,
        "v_hat = v * (1 - self.beta2) / (1 - self.beta2**self.t)",
    ),
    "the efficient form": (
        STEP,
        "rate = self.lr * np.sqrt(1 - self.beta2**self.t) / (1 - self.beta1**self.t)\n"
        "            theta -= rate * m / (np.sqrt(v) + self.eps * np.sqrt(1 - self.beta2**self.t))",
    ),
    "the efficient form as published": (
        STEP,
        "rate = self.lr * np.sqrt(1 - self.beta2**self.t) / (1 - self.beta1**self.t)\n"
        "            theta -= rate * m / (np.sqrt(v) + self.eps)",
    ),
    "powers kept as products": (
        "self.t = 0",
        "self.t = 0; self.p1 = self.p2 = 1.0",
        "self.t += 1",
        "self.t += 1; self.p1 *= self.beta1; self.p2 *= self.beta2",
        "self.beta1**self.t",
        "self.p1",
        "self.beta2**self.t",
        "self.p2",
    ),
    "in another order of operations": (
        M,
        "m += (1 - self.beta1) * (g - m)",
        V,
        "v *= self.beta2; v += (1 - self.beta2) * g * g",
        STEP,
        "theta[...] = theta - self.lr * (m_hat / (self.eps + v_hat**0.5))",
    ),
}

FUNCTIONAL = """
from types import SimpleNamespace

def Adam(parameters, lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8):
    memory = {"t": 0, "m": [0.0] * len(parameters), "v": [0.0] * len(parameters)}

    def move(theta, g, m, v, t):
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * np.square(g)
        return theta - lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps), m, v

    def step(gradients):
        memory["t"] += 1
        for k, (theta, g) in enumerate(zip(parameters, gradients)):
            theta[...], memory["m"][k], memory["v"][k] = move(theta, g, memory["m"][k], memory["v"][k], memory["t"])

    return SimpleNamespace(step=step)
"""


@pytest.mark.parametrize("name", RIGHT)
def test_an_unusual_right_answer_has_full_marks(bench, name):
    assert bench.marks("adam", {"adam-class": answer(bench, *RIGHT[name])}) == ({}, [])


def test_a_functional_answer_has_full_marks(bench):
    assert bench.marks("adam", {"adam-class": FUNCTIONAL}) == ({}, [])


def test_the_model_answer_has_full_marks(bench):
    assert bench.marks("adam") == ({}, [])


@pytest.mark.parametrize("term", ["2027-spring", "2027-autumn", "evening class"])
def test_the_model_answer_has_full_marks_in_every_term(bench, term):
    assert bench.marks("adam", term=term) == ({}, [])
