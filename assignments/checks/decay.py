"""Hidden checks of the assignment `decay`: the classes AdamL2 and AdamW, predictions, an experiment with noise."""

import numpy as np

from checks import adam, ask, check, fail, term
from checks.family import Fault, explain, same
from descent import NoisyWeights

NOT_DECAY, BESIDE = "adam#Its L2 penalty is not weight decay", "adam-in-practice#AdamW: decay beside the step"
SHRINK, MEANING = "weight-decay#Shrink a little at every step", "weight-decay#What does λ mean?"
PENALTY, RESCALED = (
    "weight-decay#Shrinking is the same as a penalty",
    "weight-decay#Not the same once coordinates are rescaled",
)

UNDERNEATH = [Fault("adam", fault.sentence, fault.where, fault.parts) for fault in adam.FAULTS]

L2_FAULTS = [
    Fault("place", "The penalty does nothing.", PENALTY, {"l2": ""}),
    Fault(
        "place",
        "That is decay beside the step. A penalty is part of the loss: what does it change first?",
        NOT_DECAY,
        {"l2": "", "decay": "beside"},
    ),
    Fault(
        "place",
        "That is decay beside the step. A penalty is part of the loss: what does it change first?",
        NOT_DECAY,
        {"l2": "", "decay": "after"},
    ),
    Fault(
        "place",
        "The penalty does not reach both moments; it is part of the gradient like the rest.",
        NOT_DECAY,
        {"l2": "", "decay": "divided"},
    ),
    Fault(
        "place",
        "The penalty does not reach both moments; it is part of the gradient like the rest.",
        NOT_DECAY,
        {"l2": "", "l2 in m": "gradient"},
    ),
    Fault(
        "size", "The penalty is multiplied by the learning rate before Adam multiplies by it.", PENALTY, {"l2": "rate"}
    ),
    Fault(
        "size", "The gradient of the penalty is too large by 2: the penalty has a factor ½.", PENALTY, {"l2": "double"}
    ),
    Fault("size", "The gradient of the penalty is too small by 2.", PENALTY, {"l2": "half"}),
    Fault("size", "The penalty drives the weights away from zero.", PENALTY, {"l2": "up"}),
    Fault(
        "size", "The pull of the penalty is the same for small weights and large: that is L1.", PENALTY, {"l2": "sign"}
    ),
    Fault("size", "You add the penalty itself; what is its gradient?", PENALTY, {"l2": "squared"}),
    Fault(
        "size",
        "You add the penalty itself, one number for all weights; what is its gradient?",
        PENALTY,
        {"l2": "number"},
    ),
    Fault("size", "The penalty's gradient does not depend on θ in your code.", PENALTY, {"l2": "constant"}),
]

W_FAULTS = [
    Fault("place", "Nothing shrinks.", SHRINK, {"decay": ""}),
    Fault(
        "place",
        "That is an L2 penalty: it goes through both moments. Here the decay stands beside Adam's step.",
        NOT_DECAY,
        {"decay": "", "l2": "gradient"},
    ),
    Fault(
        "place",
        "The decay is divided like the step; it stands beside the quotient.",
        BESIDE,
        {"decay": "", "l2 in m": "gradient"},
    ),
    Fault("place", "The decay is divided like the step; it stands beside the quotient.", BESIDE, {"decay": "divided"}),
    Fault(
        "size",
        "The decay is not multiplied by the learning rate, as this convention wants it.",
        MEANING,
        {"decay": "no rate"},
    ),
    Fault("size", "The decay is multiplied by the learning rate twice.", MEANING, {"decay": "rate twice"}),
    Fault("size", "The weights shrink twice in each step.", SHRINK, {"decay": "twice"}),
    Fault("size", "The weights shrink twice in each step.", SHRINK, {"decay": "twice in turn"}),
    Fault("size", "The decay is too small by 2.", SHRINK, {"decay": "half"}),
    Fault("size", "The weights grow where they are to shrink.", SHRINK, {"decay": "up"}),
    Fault(
        "size",
        "What is taken off does not depend on the weight: each is to lose a share of itself.",
        SHRINK,
        {"decay": "constant"},
    ),
    Fault(
        "size",
        "What is taken off does not depend on the weight: each is to lose a share of itself.",
        SHRINK,
        {"decay": "sign"},
    ),
    Fault("before", "The decay takes its share of the weight after Adam's step.", BESIDE, {"decay": "after"}),
]

RULES = {"AdamL2": ("l2", {"l2": "gradient"}, L2_FAULTS), "AdamW": ("weight_decay", {"decay": "beside"}, W_FAULTS)}
STRENGTH = 0.4


def probe(name, strength=STRENGTH):
    """Adam's experiment with a penalty or decay; both strengths are known to the faulty rules that mix them up."""
    return adam.probe() | {"extra": {RULES[name][0]: strength}, "l2": strength, "weight_decay": strength}


def diagnosis(name):
    """Return the faults of a class, or None when nothing explains its numbers."""
    notes = ask().notes
    if name not in notes:
        _, base, faults = RULES[name]
        p = probe(name)
        changes, way = adam.run(ask().fresh(name), p)
        if way != "in place":
            fail(
                f"`{name}.step` has to change the arrays that `{name}` was given, in place.",
                "adam#The code, and its first version",
            )
        found = None
        for form in adam.FORMS:
            found = explain(p, changes, faults, base | form, most=1) if found is None else found
        if found is None:
            found = explain(p, changes, [*faults, *UNDERNEATH], base, most=2)
        notes[name] = found
    return notes[name]


def judge(name, idea, otherwise):
    faults = diagnosis(name)
    if faults is None:
        otherwise(name)
    for fault in faults or ():
        if fault.idea == idea:
            fail(f"{name}: {fault.sentence}", fault.where)


@check("adam#The rule")
def underneath():
    """Without penalty and decay, both are Adam."""

    def otherwise(name):
        p = probe(name, strength=0.0)
        changes, _ = adam.run(ask().fresh(name), p)
        if not any(explain(p, changes, [], form, most=0) == [] for form in adam.FORMS):
            fail(f"With a strength of 0, {name} is not Adam.")

    for name in RULES:
        judge(name, "adam", otherwise)
    for name in RULES:
        if disturbed(name, 0.0):
            fail(
                f"{name}: two arrays get in each other's way. Each needs an m and a v of its own; t counts steps.",
                adam.COST,
            )


def disturbed(name, strength=STRENGTH):
    """Tell whether two arrays, optimised together, do something else than each alone."""
    p = probe(name, strength)
    q = p | {"gradients": adam.probe(seed=5)["gradients"]}
    alone, together = adam.alone_and_together(name, p, q)
    return not (same(together[0], alone[0]) and same(together[1], alone[1]))


def still(name, strength, g=0.0, theta=2.0, **changed):
    """Return the changes of one weight in three steps with the same gradient, ε next to nothing."""
    p = adam.steady(g, steps=3) | {"theta": np.array([theta]), "extra": {RULES[name][0]: strength}} | changed
    return adam.run(ask().fresh(name), p)[0][:, 0]


@check(NOT_DECAY)
def penalty_place():
    """The penalty is part of the gradient, before the moments."""

    def otherwise(name):
        if not same(still(name, 0.1), still(name, 1.0), 1e-3):
            fail("With no gradient but the penalty's, its strength should cancel in Adam. In your rule it does not.")

    judge("AdamL2", "place", otherwise)


@check(PENALTY)
def penalty_size():
    """Its gradient is l2 * theta."""

    def otherwise(name):
        if abs(still(name, 0.5, g=-1.5, theta=3.0, eps=1.0)[0]) > 1e-9:
            fail("A gradient of the loss that should cancel the penalty's does not.")

    judge("AdamL2", "size", otherwise)
    if disturbed("AdamL2") and not disturbed("AdamL2", 0.0):
        fail("AdamL2: with two arrays the penalty is another than with one: each array has its own, every time.")


@check(BESIDE)
def decay_place():
    """The decay does not pass through the moments."""

    def otherwise(name):
        quiet, loud = (still(name, 0.4, g) - still(name, 0.0, g) for g in (0.1, 10.0))
        if not same(quiet, loud, 1e-3) or not quiet.any():
            fail("How much a weight shrinks depends on its gradients in your rule.")

    judge("AdamW", "place", otherwise)


@check(SHRINK)
def decay_size():
    """Each weight loses lr * weight_decay of itself."""

    def otherwise(name):
        if not same(still(name, 0.4), np.full(3, -0.05 * 0.4 * 2), 1e-4):
            fail("With a gradient of 0, a weight does not lose the share that it should.")

    judge("AdamW", "size", otherwise)
    if disturbed("AdamW") and not disturbed("AdamW", 0.0):
        fail("AdamW: with two arrays each loses another share than alone. How often does your loop shrink it?")


@check(BESIDE)
def decay_before():
    """… of what it was before the step."""

    def otherwise(name):
        if not same(still(name, 0.4, g=1.0, theta=0.0), still(name, 0.0, g=1.0, theta=0.0)):
            fail("A weight of 0 has nothing to lose, but in your rule it does.")

    judge("AdamW", "before", otherwise)


@check("adam#The code, and its first version")
def gradient_kept():
    """The gradients belong to the caller."""
    for name in RULES:
        diagnosis(name)
        p = probe(name)
        theta, gradient = p["theta"].copy(), p["gradients"][1].copy()
        rule = ask().fresh(name)([theta], **adam.hyper(p))
        for _ in range(3):
            rule.step([gradient])
            if not np.array_equal(gradient, p["gradients"][1]):
                fail(f"`{name}.step` changes the gradient that it was given, which still belongs to the caller.")


# ---------------------------------------------------------------- predictions


@check(SHRINK)
def left():
    """what_is_left(lr, weight_decay, steps) = (1 − lr weight_decay) ** steps."""
    function = ask().fresh("what_is_left")
    for lr, weight_decay, steps in ((0.1, 0.5, 10), (0.01, 0.1, 2000), (0.3, 1.0, 1)):
        found = float(function(lr, weight_decay, steps))
        if same(found, (1 - lr * weight_decay) ** steps, 1e-9):
            continue
        if same(found, np.exp(-lr * weight_decay * steps)):
            fail("That is a good approximation for small steps; the exact number is asked for.")
        if same(found, (1 - weight_decay) ** steps):
            fail("The learning rate has a say, too.", MEANING)
        if same(found, 1 - lr * weight_decay * steps):
            fail("Each step takes its share of what is left, not of the weight at the start.")
        if same(found, 1 - (1 - lr * weight_decay) ** steps):
            fail("That is what is lost, not what is left.")
        fail("This is not the share that is left. What is it after one step, and after two?")


@check(MEANING)
def paper():
    """paper_decay(lr, weight_decay) = lr weight_decay."""
    function = ask().fresh("paper_decay")
    found = float(function(0.2, 0.05))
    if same(found, 0.05 / 0.2):
        fail("Turned round: that would be our weight_decay for their λ.")
    if not same(found, 0.01):
        fail("The two rules do not shrink alike with this λ. Write both steps down, with no gradient.")


# ---------------------------------------------------------------- the experiment


@check(RESCALED)
def experiment():
    """left holds what the submission's own rules leave of the two weights."""
    found, numbers = ask().value("left"), term()
    problem = NoisyWeights(quiet=0.01, noisy=10, seed=numbers["seed"])
    for name, (strength, _, _) in RULES.items():
        if name not in found or len(found[name]) != 2:
            fail(f"`left` has no pair of numbers for {name}.")
        theta = problem.start.copy()
        rule = ask().fresh(name)([theta], lr=numbers["lr"], **{strength: numbers["decay"]})
        for t in range(1, numbers["steps"] + 1):
            rule.step([problem.gradient_at(theta, t)])
        given = np.array([float(value) for value in found[name]])
        if np.allclose(given, theta, rtol=1e-3, atol=1e-6):
            continue
        if np.allclose(given, theta[::-1], rtol=1e-3, atol=1e-6):
            fail(f"{name}: the two weights have changed places, the quiet one comes first.")
        fail(
            f"{name}: your class leaves other numbers than `left` says. Look at the learning rate, the strength, the "
            "seed, the number of steps, and that t begins at 1."
        )
