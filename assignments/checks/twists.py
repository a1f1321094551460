"""The twists of private variants: in each, one part of the rule is not the book's, and the grader knows.

A key draws one for each assignment (variants.py). It changes the text of cells (the task, the model answer, a visible
check), the parts of the right rule, and the misconceptions: those that are none any more, or whose sentence would be
false, are left out, and the book's own rule becomes one. What a twist says of itself stands in TERM, where text,
model answer and checks read it.
"""

from dataclasses import dataclass, field

from checks import flag
from checks.faulty_rules import Misconception

RULE = "adam#The rule"
SCALE = "adam#Second cure: give each coordinate its own scale"
BIAS = "adam#Starting from zero: the bias correction"
PENALTY = "weight-decay#Shrinking is the same as a penalty"
BESIDE = "adam-in-practice#AdamW: weight decay beside the step"
KINDS = "momentum#Three rules of one name"
EPS = "adam#What is ε for?"


@dataclass(frozen=True)
class Twist:
    """text : {cell: (old, new, old, new, …)}. parts : of the right rule, {family: {part: value}}.
    without : misconceptions that are left out, by id. own : (idea, sentence, section, parts).
    """

    text: dict
    parts: dict = field(default_factory=dict)
    without: tuple = ()
    own: tuple = ()


def _replaced(text, pairs):
    for old, new in zip(pairs[::2], pairs[1::2]):
        if old not in text:
            raise ValueError(f"a twist would change {old!r}, which is not there.")
        text = text.replace(old, new)
    return text


# ---------------------------------------------------------------- adam

QUOTIENT = r"\frac{\hat m_t}{\sqrt{\hat v_t}+\varepsilon}"
HATS = "\\hat m_t &= \\frac{m_t}{1-\\beta_1^t} &\n\\hat v_t &= \\frac{v_t}{1-\\beta_2^t}"
STEP = "theta -= self.lr * m_hat / (np.sqrt(v_hat) + self.eps)"
NOT_ADAM = (
    "It takes **one step of Algorithm 1**, as the chapter *Adam* has it, and",
    "It takes **one step of the rule below**, and",
)
DOCSTRING = (
    '"""Adam (Kingma & Ba 2015, Algorithm 1) for a list of arrays."""',
    '"""The rule of this term, for a list of arrays."""',
)
BOTH_CORRECTED = ("With the correction every step has", "With both corrections, as in the book, every step has")


def _adam(say, step, equation, *more, text=None, **named):
    """Return a twist of Adam. say : what differs. step, equation : replacements in the model answer and in the task."""
    task = (
        *NOT_ADAM,
        *equation,
        "How you write it",
        f"**This is not quite the book's Adam**: {say}\n\nHow you write it",
    )
    cells = {"adam-text-3": task, "adam-class": (*DOCSTRING, *step), "adam-text-6": BOTH_CORRECTED}
    return Twist(cells | (text or {}), *more, **named)


UNCORRECTED_V = (
    *("adam/only-m-corrected", "adam/only-v-corrected", "adam/power-outside", "adam/power-outside-v"),
    *("adam/times-t", "adam/times-t-v", "adam/missing-weight", "adam/missing-weight-v", "adam/correction-plus"),
    *("adam/correction-plus-v", "adam/correction-upside-down", "adam/correction-upside-down-v"),
    *("adam/correction-rate-of-m", "adam/correction-rate-of-v", "adam/correction-first-for-ever-v"),
    *("adam/correction-brackets", "adam/correction-brackets-v", "adam/correction-outside-root"),
    *("adam/correction-root-twice", "adam/correction-late-v", "adam/started-at-first-gradient"),
    *("adam/started-at-first-gradient-corrected", "adam/v-started-at-first-square"),
    *("adam/v-started-at-first-square-corrected", "adam/m-started-nothing-corrected", "adam/written-back"),
    *("adam/written-back-v", "adam/betas-swapped-in-correction", "adam/v-newest-alone-uncorrected"),
)

ADAM = {
    "eps inside": _adam(
        r"$\varepsilon$ stands inside the root, and nowhere else.",
        (STEP, "theta -= self.lr * m_hat / np.sqrt(v_hat + self.eps)"),
        (QUOTIENT, r"\frac{\hat m_t}{\sqrt{\hat v_t+\varepsilon}}"),
        {"adam": {"eps": "inside"}},
        without=("adam/eps-inside", "adam/eps-inside-early", "adam/eps-squared-inside"),
        own=(
            (
                "eps",
                "ε stands outside the root, as in the book; in the rule of this term it is inside.",
                EPS,
                {"eps": "outside"},
            ),
            (
                "eps",
                "ε joins v before its correction; in the rule of this term it joins v̂.",
                EPS,
                {"eps": "inside early"},
            ),
            ("eps", "ε is squared before it is added.", EPS, {"eps": "squared inside"}),
        ),
    ),
    "v uncorrected": _adam(
        "$v$ is not corrected for its start, only $m$ is.",
        ("            v_hat = v / (1 - self.beta2**self.t)\n", "", "np.sqrt(v_hat)", "np.sqrt(v)"),
        (HATS, r"\hat m_t &= \frac{m_t}{1-\beta_1^t}", r"\sqrt{\hat v_t}", r"\sqrt{v_t}"),
        {"adam": {"correct v": "none"}},
        text={
            "adam-correction": (
                "the very first step is as long as lr",
                "the very first step is lr / sqrt(1 - beta2) long",
                "Adam([theta], lr=0.01)",
                "Adam([theta], lr=0.01, beta2=0.75)",
                "np.abs(theta), 0.01",
                "np.abs(theta), 0.02",
            ),
            "adam-count": (
                "every step is as long as lr",
                "the size of the gradient does not matter",
                "np.allclose([a[0], b[0]], -0.03, rtol=1e-4)",
                "np.isclose(a[0], b[0], rtol=1e-4)",
            ),
            "adam-numbers": ("Adam([theta], lr=0.01)", "Adam([theta], lr=0.01, beta2=0.0)"),
        },
        without=UNCORRECTED_V,
        own=(
            (
                "correction",
                "v is corrected, as in the book; the rule of this term leaves v as it is.",
                BIAS,
                {"correct v": "right"},
            ),
            ("correction", "m is corrected with the decay rate of v.", BIAS, {"correct m": "of the other"}),
            ("correction", "v starts at the first square, not at zero.", BIAS, {"start v": "first"}),
        ),
    ),
    "ahead": _adam(
        r"the step goes along $\bar m_t$, which looks ahead.",
        (
            STEP,
            "ahead = self.beta1 * m_hat + (1 - self.beta1) * g\n"
            "            theta -= self.lr * ahead / (np.sqrt(v_hat) + self.eps)",
        ),
        (
            "\\end{aligned}\n",
            "\\end{aligned}\n\\qquad\n\\bar m_t = \\beta_1 \\hat m_t + (1-\\beta_1)\\, g_t\n",
            QUOTIENT,
            r"\frac{\bar m_t}{\sqrt{\hat v_t}+\varepsilon}",
        ),
        {"adam": {"along": "ahead, plain"}},
        without=("adam/nadam", "adam/nadam-next", "adam/nadam-plain"),
        own=(
            (
                "first",
                "The step goes along the corrected m, as in the book; in the rule of this term it looks ahead.",
                RULE,
                {"along": "m_hat"},
            ),
            (
                "first",
                "You look ahead by a corrected gradient; in the rule of this term it comes in as it is.",
                RULE,
                {"along": "ahead"},
            ),
            (
                "first",
                "You look ahead by the correction of the next step; the rule of this term does not.",
                RULE,
                {"along": "ahead, next"},
            ),
        ),
    ),
    "largest": _adam(
        r"the step is divided by the root of $u_t$, the largest $\hat v$ so far, from $u_0=0$.",
        (
            "        self.t = 0\n",
            "        self.u = [np.zeros_like(theta) for theta in parameters]\n        self.t = 0\n",
            "for theta, g, m, v in zip(self.parameters, gradients, self.m, self.v):",
            "for theta, g, m, v, u in zip(self.parameters, gradients, self.m, self.v, self.u):",
            STEP,
            "u[...] = np.maximum(u, v_hat)\n            theta -= self.lr * m_hat / (np.sqrt(u) + self.eps)",
        ),
        (
            "\\end{aligned}\n",
            "\\end{aligned}\n\\qquad\nu_t = \\max(u_{t-1}, \\hat v_t)\n",
            QUOTIENT,
            r"\frac{\hat m_t}{\sqrt{u_t}+\varepsilon}",
        ),
        {"adam": {"largest": "v_hat"}},
        without=("adam/amsgrad", "adam/amsgrad-raw"),
        own=(
            (
                "second",
                "The step is divided by v̂ itself, as in the book; in the rule of this term by the largest so far.",
                SCALE,
                {"largest": ""},
            ),
            (
                "second",
                "You keep the largest v and correct it then; the rule of this term keeps the largest v̂.",
                SCALE,
                {"largest": "v"},
            ),
        ),
    ),
}

# ---------------------------------------------------------------- momentum

OUTSIDE = (
    "Here the learning rate stands **outside** the velocity:",
    r"z_t = \beta z_{t-1} + g_t , \qquad \theta_t = \theta_{t-1} - \eta\, z_t .",
)
UPDATE = "self.z = self.beta * self.z + g\n        theta -= self.lr * self.z"


def _momentum(say, equation, update, *more, text=None, **named):
    cells = {
        "momentum-text-4": (OUTSIDE[0], say, OUTSIDE[1], equation),
        "momentum-class": (
            '"""The heavy ball, with the learning rate outside the velocity."""',
            '"""The momentum of this term."""',
            UPDATE,
            update,
        ),
        "momentum-text-6": (
            "which returns the learning rate and the $\\beta$ with",
            "which returns, for the book's momentum (the velocity of part 1, the learning rate outside), the learning "
            "rate and the $\\beta$ with",
        ),
        "momentum-text-7": ("by your `Momentum(lr=0.1", "by the book's `Momentum(lr=0.1"),
    }
    return Twist(cells | (text or {}), *more, **named)


OTHER_LENGTH = {"momentum-own-state": ("Momentum(lr=0.1).step(b", "Momentum(lr=0.1, beta=0.0).step(b")}

MOMENTUM = {
    "inside": _momentum(
        "This term the learning rate stands **inside** the velocity:",
        r"z_t = \beta z_{t-1} + \eta\, g_t , \qquad \theta_t = \theta_{t-1} - z_t .",
        "self.z = self.beta * self.z + self.lr * g\n        theta -= self.z",
        {"momentum": {"rate": "inside"}},
        text={"momentum-outside": ("The learning rate is outside the velocity", "The learning rate is inside")},
        without=("momentum/learning-rate-inside",),
        own=(
            (
                "outside",
                "The learning rate stands outside the velocity, as in the book; in the rule of this term it is inside, "
                "and what was remembered under the old one stays so.",
                KINDS,
                {"rate": "outside"},
            ),
        ),
    ),
    "mean": _momentum(
        "This term the velocity of the class is a running **mean**, and the learning rate stands outside:",
        r"z_t = \beta z_{t-1} + (1-\beta)\, g_t , \qquad \theta_t = \theta_{t-1} - \eta\, z_t .",
        "self.z = self.beta * self.z + (1 - self.beta) * g\n        theta -= self.lr * self.z",
        {"momentum": {"weight": "mean"}},
        text=OTHER_LENGTH | {"momentum-sum": ("The velocity is this sum", "The velocity is this mean")},
        without=(
            *("momentum/running-mean", "momentum/running-mean-corrected", "momentum/running-mean-from-second"),
            *("momentum/weights-exchanged-1", "momentum/first-step-short"),
        ),
        own=(
            (
                "sum",
                "The new gradient comes in with its full weight, as in the book; the velocity of this term is a "
                "running mean.",
                KINDS,
                {"weight": "sum"},
            ),
            (
                "sum",
                "The mean is corrected for its start from zero; the rule of this term leaves it as it is.",
                KINDS,
                {"weight": "corrected mean"},
            ),
            ("sum", "The first gradient comes in with its full weight.", KINDS, {"weight": "mean from the second"}),
        ),
    ),
    "ahead": _momentum(
        "This term the step looks **ahead**, and the learning rate stands outside the velocity:",
        r"z_t = \beta z_{t-1} + g_t , \qquad \theta_t = \theta_{t-1} - \eta\,(g_t + \beta z_t) .",
        "self.z = self.beta * self.z + g\n        theta -= self.lr * (g + self.beta * self.z)",
        {"momentum": {"weight": "ahead"}},
        text=OTHER_LENGTH,
        without=("momentum/nesterov",),
        own=(
            (
                "sum",
                "The step goes along the velocity itself, as in the book; in the rule of this term it looks ahead.",
                "momentum#Look before you leap: Nesterov",
                {"weight": "sum"},
            ),
        ),
    ),
}

# ---------------------------------------------------------------- decay

NO_HALF = {
    "decay-text-3": (
        r"has the penalty $\tfrac\lambda2\lVert\theta\rVert^2$ in the loss",
        r"has, this term, the penalty $\lambda\lVert\theta\rVert^2$ in the loss, without the book's ½",
    ),
    "decay-classes": ("g = g + self.l2 * theta", "g = g + 2 * self.l2 * theta"),
    "decay-l2-size": ("np.array([-1.0])", "np.array([-2.0])"),
}
AFTER = {
    "decay-text-3": (
        r"by $\eta\lambda$ of what it was **before** the step",
        r"by $\eta\lambda$ of what it is **after** that step (this term; the book has it before)",
        "This is the convention of this book, PyTorch and Optax.",
        "The factor $\\eta\\lambda$ is the convention of this book, PyTorch and Optax.",
    ),
    "decay-classes": (
        "        for theta in self.parameters:\n            theta *= 1 - self.decay\n        self.adam.step(gradients)",
        "        self.adam.step(gradients)\n        for theta in self.parameters:\n            theta *= 1 - self.decay",
    ),
    "decay-w-before": ("of the weight before the step", "of the weight after the step"),
}
NO_HALF_PARTS, AFTER_PARTS = {"l2": {"l2": "double"}}, {"weight-decay": {"decay": "after"}}
NO_HALF_OWN = (
    (
        "size",
        "The gradient of the penalty is that of the book's, with a factor ½; the penalty of this term has none.",
        PENALTY,
        {"l2": "gradient"},
    ),
    ("size", "The gradient of the penalty is too small by 4.", PENALTY, {"l2": "half"}),
)
AFTER_OWN = (
    (
        "before",
        "The decay takes its share of the weight before Adam's step, as in the book; this term it does so after.",
        BESIDE,
        {"decay": "beside"},
    ),
)
NOT_NO_HALF = ("l2/penalty-doubled", "l2/penalty-halved")

DECAY = {
    "no half": Twist(NO_HALF, NO_HALF_PARTS, NOT_NO_HALF, NO_HALF_OWN),
    "after": Twist(AFTER, AFTER_PARTS, ("weight-decay/decay-after-step",), AFTER_OWN),
    "no half, after": Twist(
        {cell: NO_HALF.get(cell, ()) + AFTER.get(cell, ()) for cell in NO_HALF | AFTER},
        NO_HALF_PARTS | AFTER_PARTS,
        (*NOT_NO_HALF, "weight-decay/decay-after-step"),
        NO_HALF_OWN + AFTER_OWN,
    ),
}

# ---------------------------------------------------------------- digits


def _digits(word, code):
    return Twist(
        {
            "digits-text-4": ("judged by the **mean** over the seeds", f"judged by the **{word}** over the seeds"),
            "digits-tune-answer": ("judged by the mean", f"judged by the {word}", "losses.mean(axis=1)", code),
            "digits-tune-mean": ("The mean decides", f"The {word} decides"),
        }
    )


DIGITS = {
    "median": _digits("median", "np.median(losses, axis=1)"),
    "worst": _digits("worst loss", "losses.max(axis=1)"),
}

TWISTS = {"adam": ADAM, "momentum": MOMENTUM, "decay": DECAY, "digits": DIGITS}
SIGNATURE = {  # the settings left out, as the notebook has them
    "adam": ("adam-class", "lr=0.001, beta1=0.9, beta2=0.999, eps=1e-8"),
    "momentum": ("momentum-class", "lr=0.01, beta=0.9"),
}


def apply(notebook, assignment, values):
    """Write the twist that TERM has into the cells of an instructor notebook, in place."""
    text = dict(TWISTS[assignment][values["twist"]].text)
    if "defaults" in values:
        cell, old = SIGNATURE[assignment]
        new = ", ".join(f"{name}={value!r}" for name, value in values["defaults"].items())
        text[cell] = (old, new, *text.get(cell, ()))
    for cell in notebook["cells"]:
        pairs = text.pop(cell["metadata"].get("nbgrader", {}).get("grade_id"), ())
        cell["source"] = _replaced("".join(cell["source"]), pairs)
    if text:
        raise ValueError(f"{assignment}: a twist would change {', '.join(text)}, and there is no such cell.")


def of_term(assignment, term):
    """Return the twist of a term's numbers, or None for the book's own rule."""
    return TWISTS[assignment].get(term.get("twist"))


def flag_public(name, charges, ideas):
    """Flag a rule that is the public version's, if nothing else is charged than that and the values left out.

    charges : {idea: (sentence, section)}. ideas : of the twist.
    """
    if all(idea in ideas or charge[0].startswith("When it is left out") for idea, charge in charges.items()):
        flag(f"{name} answers the public version: it differs from this variant's rule only where the twist acts.")


def parts(twist, family):
    """Return the parts of the right rule that a twist changes."""
    return twist.parts.get(family, {}) if twist else {}


def known(twist, family, book):
    """Return the misconceptions of a family under a twist; `book` are those of the book's own rule."""
    if not parts(twist, family):
        return list(book)
    changed = set(parts(twist, family))
    own = [
        Misconception(f"{family}/twist-{k}", (idea,), sentence, where, own_parts)
        for k, (idea, sentence, where, own_parts) in enumerate(twist.own)
        if changed & set(own_parts) or family == "adam"
    ]
    return own + [one for one in book if one.id not in twist.without]
