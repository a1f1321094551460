"""Hidden checks of the assignment `decay`: the classes AdamL2 and AdamW, predictions, an experiment with noise."""

from dataclasses import replace

import numpy as np

from checks import ask, check, fail, once, term, twists, typed
from checks.faulty_rules import misconceptions, same
from checks.inquiry import Inquiry, probe
from descent import NoisyWeights

NOT_DECAY, BESIDE = (
    "adam#Second reading: its L2 penalty is not weight decay",
    "adam-in-practice#AdamW: weight decay beside the step",
)
SHRINK, MEANING = "weight-decay#Shrink a little at every step", "weight-decay#What does λ mean?"
PENALTY, RESCALED = (
    "weight-decay#Shrinking is the same as a penalty",
    "weight-decay#Not the same once coordinates are rescaled",
)

ADAM = [
    replace(one, ideas=("adam", "gradient kept") if "gradient kept" in one.ideas else ("adam",))
    for one in misconceptions("adam")
    if not {"l2", "decay"} & set(one.parts)
]
BUILT_IN = [replace(one, ideas=("adam",)) for one in misconceptions("adam") if one.parts == {"l2": "built in"}]
BENEATH = next(one.sentence for one in misconceptions("weight-decay") if one.id == "weight-decay/penalty-beneath")
RULES = {"AdamL2": ("l2", "l2", {"l2": "gradient"}), "AdamW": ("weight_decay", "weight-decay", {"decay": "beside"})}
STRENGTH = 0.4
OWN = ("place", "size", "before")  # ideas of penalty and decay; all others are Adam's, and one mark here


def inquire(name):
    """Return {idea: (sentence, section)} of one class: how Adam underneath differs is one idea here."""
    setting, family, book = RULES[name]
    twist = twists.of_term("decay", term())
    twisted = twists.parts(twist, family)
    base = book | twisted
    known = [*twists.known(twist, family, misconceptions(family)), *ADAM]
    found = Inquiry(name, known, base, {setting: STRENGTH}, public=book if twisted else None)
    alone = once(f"{name} without", lambda: Inquiry(name, ADAM + BUILT_IN, {}, {setting: 0.0}))
    charges = {}
    for idea, charge in found.charges.items():
        if idea == "gradient kept" or idea in OWN:
            charges[idea] = charge
        elif idea == "each" and idea not in alone.charges:  # together each array is shrunk otherwise
            sentence = f"With several arrays, or arrays of another shape, {charge_of(name)} is another."
            charges["size"] = sentence, charge[1]
        elif alone.charges.keys() - OWN - {"gradient kept"}:
            charges["adam"] = charge
        else:
            charges["size"] = charge
    built_in = ask().notes.setdefault("a penalty built in", set())
    if found.parts.get("l2", "").startswith("built in"):
        built_in.add(name)
    if len(built_in) == 2 and charges.get("adam", ("",))[0] == BENEATH:
        del charges["adam"]  # AdamW is made of that AdamL2, which is judged first and has been charged
    if alone.nothing_there and (alone.chance or without_influence(found, setting)):
        for idea in OWN:
            charges[idea] = f"`{setting}` has no influence on your steps.", BESIDE
    return charges


def without_influence(inquiry, setting):
    """Tell whether the strength of penalty or decay changes nothing."""
    p = inquiry.experiment(probe())
    strong, weak = (inquiry.step_through(p, inquiry.settings(p) | {setting: value}) for value in (STRENGTH, 0.0))
    return same(np.asarray(strong.places[0]), np.asarray(weak.places[0]))


def charge_of(name):
    return "the penalty" if name == "AdamL2" else "the decay"


def judge(name, idea):
    charges = once(name, lambda: inquire(name))
    if idea in charges:
        fail(f"{name}: {charges[idea][0]}", charges[idea][1])


@check("adam#The rule")
def underneath():
    """Without penalty and decay, both are Adam."""
    for name in RULES:
        judge(name, "adam")


@check(NOT_DECAY)
def penalty_place():
    """The penalty is part of the gradient, before the moments."""
    judge("AdamL2", "place")


@check(PENALTY)
def penalty_size():
    """Its gradient is l2 * theta."""
    judge("AdamL2", "size")


@check(BESIDE)
def decay_place():
    """The decay does not pass through the moments."""
    judge("AdamW", "place")


@check(SHRINK)
def decay_size():
    """Each weight loses lr * weight_decay of itself."""
    judge("AdamW", "size")


@check(BESIDE)
def decay_before():
    """… of what it was before the step."""
    judge("AdamW", "before")


@check("adam#Second reading: a first version, and why it is not enough")
def gradient_kept():
    """The gradients belong to the caller."""
    for name in RULES:
        judge(name, "gradient kept")


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
        if set(OWN) <= once(name, lambda name=name: inquire(name)).keys():
            fail(f"{name}: there is no rule yet that could be tried.")
        given = np.array([float(value) for value in found[name]])
        if all(map(typed, given, theta)):
            continue
        if all(map(typed, given, theta[::-1])):
            fail(f"{name}: the two weights have changed places, the quiet one comes first.")
        fail(
            f"{name}: your class leaves other numbers than `left` says. Look at the learning rate, the strength, the "
            "seed, the number of steps, and that t begins at 1."
        )
