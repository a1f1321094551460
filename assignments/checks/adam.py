"""Hidden checks of the assignment `adam`: the class Adam, idea by idea, and the size of an uncorrected step."""

import numpy as np

from checks import ask, check, fail, in_words, term
from checks.family import Fault, explain, same, simulate

RULE, MEAN = "adam#The rule", "adam#First cure: average the gradients"
SCALE, BIAS = "adam#Second cure: give each coordinate its own scale", "adam#Starting from zero: the bias correction"
EPS, COST = "adam#What is ε for?", "adam#What it costs"
WITHOUT = "bias-correction#What happens without it"

M, V = "the running mean of the gradients", "the running mean of the squared gradients"

FAULTS = [
    Fault("downhill", "The parameters move up the slope: look at the sign of the step.", RULE, {"sign": 1}),
    Fault("downhill", "The learning rate has no say in the length of the step.", RULE, {"rate": "none"}),
    Fault("downhill", "The learning rate enters the step twice.", RULE, {"rate": "squared"}),
    Fault(
        "downhill", "The step shrinks with t; the learning rate is to stay as it is given.", RULE, {"rate": "falling"}
    ),
    Fault("downhill", "The step shrinks with t; the learning rate is to stay as it is given.", RULE, {"rate": "root"}),
    Fault(
        "first",
        "m is a sum that grows, not a mean: the new gradient comes in with its full weight.",
        MEAN,
        {"m": "sum"},
    ),
    Fault("first", "The two weights in m have changed places: it keeps little of the old mean.", MEAN, {"m": "turned"}),
    Fault("first", "m never forgets: the old mean keeps its full weight.", MEAN, {"m": "undamped"}),
    Fault("first", "Look at the brackets in m: what is multiplied by the gradient?", MEAN, {"m": "brackets"}),
    Fault("first", "m adds up all gradients and never forgets.", MEAN, {"m": "total"}),
    Fault("first", "The weights of old and new in m do not add up to 1.", MEAN, {"m": "unmixed"}),
    Fault("state", "m is lost from step to step: only the newest gradient counts in it.", RULE, {"m": "forgotten"}),
    Fault("state", "m is the newest gradient alone: there is no mean of the earlier ones.", MEAN, {"m": "only"}),
    Fault(
        "second",
        "v is a sum that grows, not a mean: the new square comes in with its full weight.",
        SCALE,
        {"v": "sum"},
    ),
    Fault(
        "second", "The two weights in v have changed places: it keeps little of the old mean.", SCALE, {"v": "turned"}
    ),
    Fault("second", "v never forgets: the old mean keeps its full weight.", SCALE, {"v": "undamped"}),
    Fault("second", "Look at the brackets in v: what is multiplied by the square?", SCALE, {"v": "brackets"}),
    Fault("second", "v adds up all squares and never forgets, as AdaGrad's does.", SCALE, {"v": "total"}),
    Fault("second", "The weights of old and new in v do not add up to 1.", SCALE, {"v": "unmixed"}),
    Fault("second", "v is made from m, not from the gradients themselves.", RULE, {"square": "m"}),
    Fault("second", "v is a mean of sizes |g|: it is meant to hold another power of them.", SCALE, {"square": "abs"}),
    Fault("second", "v is a mean of the gradients themselves, so it can be negative.", SCALE, {"square": "plain"}),
    Fault(
        "second", "v measures the spread about m; Adam's second moment is not centred.", SCALE, {"square": "centred"}
    ),
    Fault("second", "v is made from the corrected m, not from the gradients themselves.", RULE, {"square": "m_hat"}),
    Fault("each", "v is one number for a whole array; every coordinate has its own.", COST, {"square": "mean of all"}),
    Fault("each", "v is one number for a whole array; every coordinate has its own.", COST, {"square": "sum of all"}),
    Fault(
        "second", "The step is divided by v as it stands, which has not the unit of a gradient.", SCALE, {"root": False}
    ),
    Fault("state", "v is lost from step to step: only the newest gradient counts in it.", RULE, {"v": "forgotten"}),
    Fault("state", "v is the newest square alone: there is no mean of the earlier ones.", SCALE, {"v": "only"}),
    Fault(
        "state",
        "Nothing is remembered from one step to the next: m, v and t begin anew each time.",
        RULE,
        {"m": "forgotten", "v": "forgotten", "clock": None},
    ),
    Fault("betas", "β1 and β2 have changed places.", "adam#Symbols", {"betas": "swapped"}),
    Fault("betas", "β1 and β2 have changed places in the correction.", BIAS, {"powers": "swapped"}),
    Fault("betas", "m and v have one and the same decay rate.", "adam#Symbols", {"betas": "one"}),
    Fault("betas", "m and v have one and the same decay rate.", "adam#Symbols", {"betas": "two"}),
    Fault("betas", "v has the decay rate of m.", "adam#Symbols", {"betas": "one in v"}),
    Fault("betas", "m has the decay rate of v.", "adam#Symbols", {"betas": "two in m"}),
    Fault("betas", "The decay rates are fixed in your code: use those that are given.", RULE, {"betas": "fixed"}),
    Fault(
        "correction",
        "Nothing corrects the start from zero: the first steps have the wrong length.",
        BIAS,
        {"correct": "none"},
    ),
    Fault("correction", "Only m is corrected for its start from zero.", BIAS, {"correct": "m"}),
    Fault("correction", "Only v is corrected for its start from zero.", BIAS, {"correct": "v"}),
    Fault(
        "correction",
        "The power in the correction stands at the wrong place: what is it that is raised to t?",
        BIAS,
        {"correct": "outer"},
    ),
    Fault("correction", "The correction multiplies by t where a power is meant.", BIAS, {"correct": "product"}),
    Fault(
        "correction",
        "The correction divides by the missing weight; what share of the weights is there?",
        BIAS,
        {"correct": "power only"},
    ),
    Fault("correction", "The correction makes small means smaller still.", BIAS, {"correct": "upside down"}),
    Fault("correction", "m and v are corrected with one and the same decay rate.", BIAS, {"correct": "same 1"}),
    Fault("correction", "m and v are corrected with one and the same decay rate.", BIAS, {"correct": "same 2"}),
    Fault("correction", "The correction of m is that of the first step for ever.", BIAS, {"correct": "one m"}),
    Fault("correction", "Look at the brackets of the correction: what is divided by what?", BIAS, {"correct": "minus"}),
    Fault("correction", "The correction of v is not under the root with v.", BIAS, {"correct": "root"}),
    Fault(
        "state",
        "The correction is written back into m and v, so the next mean starts from a spoiled one.",
        BIAS,
        {"spoil": "m v"},
    ),
    Fault(
        "state",
        "The correction is written back into m, so its next mean starts from a spoiled one.",
        BIAS,
        {"spoil": "m"},
    ),
    Fault(
        "state",
        "The correction is written back into v, so its next mean starts from a spoiled one.",
        BIAS,
        {"spoil": "v"},
    ),
    Fault(
        "state", "m and v are one and the same array: what happens to one happens to both.", RULE, {"spoil": "alias"}
    ),
    Fault("count", "t is 0 at the first step, which your code then leaves uncorrected.", BIAS, {"clock": "guarded"}),
    Fault("count", "t is 1 at the first step and 1 at the second.", BIAS, {"clock": "one twice"}),
    Fault("count", "t is 0 at the first step, where the correction then divides by nothing.", BIAS, {"clock": 0}),
    Fault("count", "t is already 2 at the first step.", BIAS, {"clock": 2}),
    Fault("count", "t does not advance: every step is corrected like the first.", BIAS, {"clock": None}),
    Fault("count", "t grows by 2 with each step.", BIAS, {"clock": (1, 2)}),
    Fault("count", "t grows by 2 with each step.", BIAS, {"clock": (2, 2)}),
    Fault("eps", "ε is inside the root, where a small number acts like a much larger one.", EPS, {"eps": "inside"}),
    Fault(
        "eps", "ε is inside the root, where a small number acts like a much larger one.", EPS, {"eps": "inside early"}
    ),
    Fault("eps", "ε is inside the root, squared or not: that is another rule.", EPS, {"eps": "squared inside"}),
    Fault("eps", "ε appears twice in the denominator.", EPS, {"eps": "both"}),
    Fault("eps", "ε is added to v itself at every step, where it piles up.", EPS, {"eps": "piles up"}),
    Fault(
        "eps", "ε is added to the quotient, not to the denominator: look at the brackets.", EPS, {"eps": "on the step"}
    ),
    Fault("eps", "There is no ε in the denominator.", EPS, {"eps": "none"}),
    Fault("eps", "ε is a floor under the denominator: it is meant to be added.", EPS, {"eps": "largest"}),
    Fault("eps", "ε is fixed in your code: use the one that is given.", EPS, {"eps": "default"}),
]
FORMS = ({}, {"eps": "hat"})  # both are Adam: Algorithm 1, and the efficient form of Kingma & Ba, end of §2


# ---------------------------------------------------------------- what a submission does


def probe(steps=9, seed=1):
    """Return an experiment in which every part of the rule shows: gradients of all sizes, a large ε."""
    rng = np.random.default_rng(seed)
    gradients = rng.normal(size=(steps, 4)) * [0.3, 1.0, 3.0, 1.0]
    gradients[[0, 3], 3] = 0
    return {
        "gradients": gradients,
        "theta": np.array([0.5, -1.0, 2.0, 0.25]),
        "lr": 0.05,
        "beta1": 0.7,
        "beta2": 0.85,
        "eps": 0.3,
    }


def hyper(p):
    """Return what the class is given: Adam's own, and what an assignment adds (`extra`)."""
    return {name: p[name] for name in ("lr", "beta1", "beta2", "eps")} | p.get("extra", {})


def run(make, p, thetas=None):
    """Step a new Adam through the gradients, every step from the same theta; return what each step did.

    Returns (changes, way): of theta, (steps, n), and "in place", "returned" or "kept", where the result was found.
    """
    theta = p["theta"].copy()
    adam = make([theta], **hyper(p))
    before, places, way = p["theta"], [], None
    for gradient in p["gradients"]:
        theta[...] = p["theta"]
        result = adam.step([gradient.copy()])
        if not np.array_equal(theta, p["theta"], equal_nan=True):
            way = way or "in place"
        places.append(theta.copy() if way == "in place" else _elsewhere(adam, result, p["theta"]))
        if places[-1] is None:
            places[-1] = before
        elif way is None and not np.array_equal(places[-1], p["theta"]):
            way = "elsewhere"
    return np.array(places) - p["theta"], way


def _elsewhere(adam, result, like):
    """Return the new parameters of a submission that does not change the arrays which it was given, or None."""
    candidates = [result]
    for name in ("parameters", "params", "theta", "p"):
        try:
            candidates.append(attribute(adam, name))
        except Exception:
            pass
    for found in candidates:
        if isinstance(found, (list, tuple)) and len(found) >= 1:
            found = found[0]
        if isinstance(found, np.ndarray) and found.shape == like.shape and not np.array_equal(found, like):
            return found.copy()
    return None


def attribute(thing, name):
    student = getattr(thing, "_student", None)
    return student.attribute(thing._number, name) if student else getattr(thing, name)


def diagnosis():
    """Return (make, way, faults, form): faults is None when no two of them explain the numbers."""
    notes = ask().notes
    if "adam" not in notes:
        make = ask().fresh("Adam")
        p = probe()
        changes, way = run(make, p)
        if way is None:
            fail("No parameter moves: `step` has to change the arrays that `Adam` was given.", RULE)
        found = None, {}
        # A submission that goes on from parameters of its own is read from one place to the next.
        readings = [changes] if way == "in place" else [changes, np.diff(changes, axis=0, prepend=0)]
        for changes in readings:
            for form in FORMS:
                faults = explain(p, changes, FAULTS, form, most=1)
                if faults is not None:
                    found = faults, form
                    break
            else:
                continue
            break
        else:
            for changes in readings:
                faults = explain(p, changes, FAULTS, most=2)
                if faults is None:  # a rule that is one of these but for rounding: `numbers` will say so
                    faults = explain(p, changes, FAULTS, most=1, tolerance=5e-3)
                if faults is not None:
                    found = faults, {}
                    break
        notes["adam"] = way, changes, *found
    return notes["adam"]


def parts_of(faults, form):
    parts = dict(form)
    for fault in faults:
        parts |= fault.parts
    return parts


def judge(idea, otherwise):
    """Fail if a fault of this idea explains the numbers; if nothing explains them, ask `otherwise`."""
    way, changes, faults, form = diagnosis()
    if faults is None:
        otherwise(ask().fresh("Adam"))
    for fault in faults or ():
        if fault.idea == idea:
            fail(fault.sentence, fault.where)


# ---------------------------------------------------------------- one check for each idea


@check(RULE)
def downhill():
    """Each step goes against the gradient, and its length is proportional to the learning rate."""

    def otherwise(make):
        p = steady(2.0)
        changes, _ = run(make, p)
        twice, _ = run(ask().fresh("Adam"), p | {"lr": 2 * p["lr"]})
        if not (changes[-1] < 0).all():
            fail("After forty equal gradients a step does not go downhill.")
        if not same(twice[-1], 2 * changes[-1]):
            fail("Twice the learning rate does not give twice the step.")

    judge("downhill", otherwise)


@check("adam#The code, and its first version")
def in_place():
    """The arrays that were given are changed, not copies of them."""
    if diagnosis()[0] != "in place":
        fail("`step` makes new arrays and leaves those that it was given as they were; they are to change in place.")


@check("adam#The code, and its first version")
def gradient_kept():
    """The gradients belong to the caller."""
    diagnosis()
    p = probe()
    theta, gradient = p["theta"].copy(), p["gradients"][1].copy()
    before = gradient.copy()
    adam = ask().fresh("Adam")([theta], **hyper(p))
    for _ in range(3):
        adam.step([gradient])
        if not np.array_equal(gradient, before):
            fail("`step` changes the gradient that it was given, which still belongs to the caller.")


@check(MEAN)
def first_moment():
    """m is a mean of the gradients with the weights of β1."""

    def otherwise(make):
        p = signs()
        changes, _ = run(make, p)
        if not any(same(np.abs(changes[40:]) * unit, np.abs(means(p, 1))[40:]) for unit in units(p)):
            fail("m is not the running mean of the gradients that the rule asks for.")

    judge("first", otherwise)


@check(SCALE)
def second_moment():
    """v is a mean of the squared gradients with the weights of β2, and its root divides."""

    def otherwise(make):
        p = twins()
        changes, _ = run(make, p)
        v = means(p, 2)[-1]
        if not same(changes[-1, 0] / changes[-1, 1], np.sqrt(v[1] / v[0])):
            fail("The step is not divided by the root of a running mean of the squared gradients.")

    judge("second", otherwise)


@check(RULE)
def state():
    """m and v are kept from one step to the next, and what is kept is uncorrected."""

    def otherwise(make):
        p = steady(1.0) | {"gradients": np.array([[1.0], [0.0]])}
        changes, _ = run(make, p)
        if changes[1, 0] == 0:
            fail("After a gradient of 0 nothing moves: the earlier gradient is forgotten.")

    judge("state", otherwise)


@check("adam#Symbols")
def betas():
    """β1 belongs to m and β2 to v."""

    def otherwise(make):
        p = steady(1.0) | {"gradients": np.array([[1.0]] * 40 + [[0.0]] * 3), "beta1": 0.3, "beta2": 0.6, "eps": 1e16}
        changes, _ = run(make, p)
        if same(changes[-1, 0] / changes[-2, 0], 0.6, 1e-3):
            fail("m fades with β2, the decay rate of v.")

    judge("betas", otherwise)


@check(BIAS)
def correction():
    """Both means are corrected for their start from zero."""

    def otherwise(make):
        p = steady(3.0, steps=6) | {"beta1": 0.9, "beta2": 0.999}
        changes, _ = run(make, p)
        if not same(np.abs(changes), p["lr"] * np.ones_like(changes), 1e-3):
            fail("With a gradient that stays the same, the first steps do not have the length that the rule promises.")

    judge("correction", otherwise)
    way, _, faults, form = diagnosis()
    if way == "in place" and faults is not None:  # nine steps are few: the correction has to go on
        p = probe() | {"beta1": 0.9, "beta2": 0.99}
        p["gradients"] = np.tile(p["gradients"], (8, 1))
        changes, _ = run(ask().fresh("Adam"), p)
        expected = simulate(p, **parts_of(faults, form))
        fine = np.isfinite(expected)
        if not np.allclose(changes[fine], expected[fine], rtol=0.1, atol=1e-3):  # what is rounded, `numbers` will say
            fail(
                "After many steps your rule is no longer that of the first ones: with a slow mean the correction still matters."
            )


@check(BIAS)
def count():
    """t is 1 at the first step and grows by one with each step, however many arrays there are."""

    def otherwise(make):
        changes, _ = run(make, steady(3.0, steps=2))
        if not np.isfinite(changes).all():
            fail("The first step is not a number: what is t there?")

    judge("count", otherwise)
    alone, together = companions()
    if not same(together[0], alone[0]) or not same(together[1], alone[1]):
        if counts_arrays(together):
            fail("t advances once for each array; it counts steps, in which all arrays take part.")


@check(EPS)
def epsilon():
    """ε is added to the root, after the correction (or as in the efficient form)."""

    def otherwise(make):
        p = steady(3.0)
        small, _ = run(make, p)
        large, _ = run(ask().fresh("Adam"), p | {"eps": 1.0})
        if not same(large[-1, 0] / small[-1, 0], 3 / 4, 1e-4):
            fail("ε is not where the rule has it: its weight in the denominator is wrong.")

    judge("eps", otherwise)


@check(COST)
def each_array():
    """Every array has a mean of its own, in its own shape."""
    judge("each", lambda make: None)
    alone, together = companions()
    if not same(together[0], alone[0]) or not same(together[1], alone[1]):
        if not counts_arrays(together):
            fail("Two arrays get in each other's way: each needs an m and a v of its own.")
    shapes = [(2, 3), (3,), (), (2, 1)]
    rng = np.random.default_rng(3)
    thetas = [rng.normal(size=shape) for shape in shapes]
    starts = [theta.copy() for theta in thetas]
    try:
        adam = ask().fresh("Adam")(thetas, **hyper(probe()))
        for _ in range(2):
            adam.step([np.ones(shape) for shape in shapes])
    except Exception as error:
        if type(error).__name__ == "Gone":
            raise
        fail(
            f"Arrays of several shapes are too much for it: each needs an m and a v of its own shape. {in_words(error)}"
        )
    if diagnosis()[0] == "in place" and any(np.array_equal(a, b) for a, b in zip(thetas, starts)):
        fail("Of several arrays, some do not move at all.")


@check("adam#The code, and its first version")
def own_state():
    """Two optimizers do not know of each other."""
    diagnosis()
    make, p = ask().fresh("Adam"), probe()
    first, _ = run(make, p)
    second, _ = run(make, p)
    if not same(first, second):
        fail("A second `Adam` goes on where the first one stopped: the state belongs to the class, not to the object.")


@check("adam#Numerical stability")
def numbers():
    """Large gradients are no trouble, and no digits are lost."""
    way, changes, faults, form = diagnosis()
    p = probe()
    for scale in (1e25, 1e-25):
        q = p | {"gradients": p["gradients"] * scale, "eps": p["eps"] * scale, "theta": np.zeros(4)}
        large, _ = run(ask().fresh("Adam"), q)
        if faults is None:
            good = np.isfinite(large[1:]).all()
        else:
            expected = simulate(q, **parts_of(faults, form))
            fine = np.isfinite(expected)
            good = way != "in place" or np.allclose(large[fine], expected[fine], rtol=1e-4, atol=0)
        if not good:
            fail(
                f"With gradients of about {scale:.0e} your rule is not the one it is with others: is something cut off or rounded?"
            )
    if faults is not None and way == "in place" and not same(changes, simulate(p, **parts_of(faults, form)), 1e-9):
        fail("Your steps are right to a few digits only: in which precision are m and v kept?")
    single = np.ones(2, dtype=np.float32)
    ask().fresh("Adam")([single], **hyper(p)).step([np.ones(2, dtype=np.float32)])
    if way == "in place" and (single == 1).all():
        fail("Parameters in float32 do not move: a copy of them does.")


@check(WITHOUT)
def ratio():
    """uncorrected_over_corrected(t, beta1, beta2): how much too long an uncorrected step is."""
    function = ask().fresh("uncorrected_over_corrected")
    for beta1, beta2 in ((0.9, 0.999), (0.5, 0.95), (0.0, 0.9)):
        for t in (1, 2, 12, 1000):
            one, two = 1 - beta1**t, 1 - beta2**t
            found = float(function(t, beta1, beta2))
            if same(found, one / np.sqrt(two)):
                continue
            if same(found, np.sqrt(two) / one):
                fail("This is the corrected step over the uncorrected one.")
            if same(found, one / two):
                fail("v is under a root in the rule; what does that do to its correction?")
            if same(found, (1 - beta1 ** (t + 1)) / np.sqrt(1 - beta2 ** (t + 1))) or (
                t == 1 and not np.isfinite(found)
            ):
                fail("t counts from 1.")
            fail(f"For t = {t}, β1 = {beta1}, β2 = {beta2} the number is wrong. Write both steps down, with ε = 0.")


# ---------------------------------------------------------------- experiments


def steady(g, steps=40):
    """One gradient over and over, until the correction no longer matters; ε next to nothing."""
    return {
        "gradients": np.full((steps, 1), g),
        "theta": np.zeros(1),
        "lr": 0.05,
        "beta1": 0.5,
        "beta2": 0.5,
        "eps": 1e-12,
    }


def signs():
    """Gradients of size 1 with changing signs, ε enormous: what v is does not matter, and m shows alone."""
    rng = np.random.default_rng(2)
    return steady(1.0) | {"gradients": rng.choice([-1.0, 1.0], (60, 3)), "theta": np.zeros(3), "eps": 1e16}


def units(p):
    """How large the step is for m = 1, for every place in which ε may stand."""
    return p["eps"] / p["lr"], np.sqrt(p["eps"]) / p["lr"], 1 / p["lr"]


def twins():
    """Two coordinates with one m and one last gradient, whose squares differ: the quotient of the steps shows v."""
    gradients = np.ones((45, 2))
    gradients[-5:-1, 0] += [-2.0, 3.0, -1.0, 0.0]  # weights 1, 2, 4, 8 (β = 1/2): the means agree
    return steady(1.0) | {"gradients": gradients, "theta": np.zeros(2)}


def means(p, power):
    """Return the running mean of the gradients' powers, with β1 or β2, after every step."""
    beta, mean, found = p[f"beta{power}"], 0.0, []
    for g in p["gradients"]:
        mean = beta * mean + (1 - beta) * g**power
        found.append(mean)
    return np.array(found)


def companions():
    """Return the changes of two arrays of one shape, each alone and both together."""
    way = diagnosis()[0]
    p, q = probe(), probe(seed=5)
    if way != "in place":  # another idea's marks
        alone = run(ask().fresh("Adam"), p)[0], run(ask().fresh("Adam"), q)[0]
        return alone, alone
    return alone_and_together("Adam", p, q)


def alone_and_together(name, p, q):
    """Return what a class does to two arrays in two experiments (with the same start): each alone, and both together."""
    alone = run(ask().fresh(name), p)[0], run(ask().fresh(name), q)[0]
    thetas = [p["theta"].copy(), q["theta"].copy()]
    adam = ask().fresh(name)(thetas, **hyper(p))
    together = [[], []]
    for pair in zip(p["gradients"], q["gradients"]):
        for theta in thetas:
            theta[...] = p["theta"]
        adam.step([gradient.copy() for gradient in pair])
        for k, theta in enumerate(thetas):
            together[k].append(theta - p["theta"])
    return alone, np.array(together)


def counts_arrays(together):
    """Tell whether the steps of two arrays are those of a t that grows with each array."""
    _, _, faults, form = diagnosis()
    if faults is None:
        return False
    parts = parts_of(faults, form)
    for k, p in enumerate((probe(), probe(seed=5))):
        if not any(same(together[k], simulate(p, **parts | {"clock": (first, 2)})) for first in (k, k + 1)):
            return False
    return True


@check(WITHOUT)
def peak():
    """longest_step and times_too_long, for the decay rates of this term."""
    beta1, beta2 = term()["beta1"], term()["beta2"]
    t = np.arange(1, 100_000)
    ratios = (1 - beta1**t) / np.sqrt(1 - beta2**t)
    longest, times = float(ask().value("longest_step")), float(ask().value("times_too_long"))
    if longest != t[ratios.argmax()]:
        fail("Another step is longer than yours: look at all of them, with the decay rates of this term.")
    if not np.isclose(times, ratios.max(), rtol=2e-3):
        fail("The step is right, its length is not.")
