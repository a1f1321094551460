"""Hidden checks of the assignment `adam`: the class Adam, idea by idea, and the size of an uncorrected step."""

import numpy as np

from checks import ask, check, fail, once, term, twists, typed
from checks.faulty_rules import DEFAULTS, misconceptions, same
from checks.inquiry import BIAS, CODE, COST, EPS, MEAN, RULE, SCALE, STABILITY, Inquiry

WITHOUT = "bias-correction#What happens without it"


def inquire():
    """Return the experiments with the rule of this term."""
    twist, defaults = twists.of_term("adam", term()), term().get("defaults", DEFAULTS)
    known = twists.known(twist, "adam", misconceptions("adam"))
    parts = twists.parts(twist, "adam")
    return Inquiry("Adam", known, parts, defaults=defaults, public={} if parts else None)


def judge(idea):
    """Fail if this idea is charged."""
    inquiry = once("Adam", inquire)
    if idea in inquiry.charges:
        fail(*inquiry.charges[idea])


# ---------------------------------------------------------------- one check for each idea


@check(RULE)
def downhill():
    """Each step goes against the gradient, and its length is proportional to the learning rate."""
    judge("downhill")


@check(CODE)
def in_place():
    """The arrays that were given are changed, not copies of them."""
    judge("in place")


@check(CODE)
def gradient_kept():
    """The gradients belong to the caller."""
    judge("gradient kept")


@check(MEAN)
def first_moment():
    """m is a mean of the gradients with the weights of β1."""
    judge("first")


@check(SCALE)
def second_moment():
    """v is a mean of the squared gradients with the weights of β2, and its root divides."""
    judge("second")


@check(RULE)
def state():
    """m and v are kept from one step to the next, and what is kept is uncorrected."""
    judge("state")


@check("adam#Symbols")
def betas():
    """β1 belongs to m and β2 to v; left out, they have the values of the assignment."""
    judge("betas")


@check(BIAS)
def correction():
    """Both means are corrected for their start from zero."""
    judge("correction")


@check(BIAS)
def count():
    """t is 1 at the first step and grows by one with each step, however many arrays there are."""
    judge("count")


@check(EPS)
def epsilon():
    """ε is added to the root, after the correction (or as in the efficient form)."""
    judge("eps")


@check(COST)
def each_array():
    """Every array has a mean of its own, in its own shape."""
    judge("each")


@check(CODE)
def own_state():
    """Two optimizers do not know of each other."""
    judge("own")


@check(STABILITY)
def numbers():
    """All sizes of gradients are treated alike, and no digits are lost."""
    judge("numbers")


# ---------------------------------------------------------------- without the correction


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


@check(WITHOUT)
def peak():
    """longest_step and times_too_long, for the decay rates of this term."""
    beta1, beta2 = term()["beta1"], term()["beta2"]
    t = np.arange(1, 100_000)
    ratios = (1 - beta1**t) / np.sqrt(1 - beta2**t)
    longest, times = float(ask().value("longest_step")), float(ask().value("times_too_long"))
    if longest == t[ratios.argmax()] and typed(times, ratios.max()):
        return
    own = own_ratios(beta1, beta2)  # a wrong function has cost its mark already
    if own is not None and not same(own[:9999], ratios[:9999]) and longest == 1 + np.nanargmax(own):
        if typed(times, np.nanmax(own)):
            return
    if longest != t[ratios.argmax()]:
        fail("Another step is longer than yours: look at all of them, with the decay rates of this term.")
    fail("The step is right, its length is not.")


def own_ratios(beta1, beta2):
    """Return what the submission's own function says of the steps 1 … 9999, or None."""
    name = "uncorrected_over_corrected"
    source = f"answer = np.array([float({name}(t, beta1, beta2)) for t in range(1, 10_000)])"
    try:
        own = ask().harness(source, {"beta1": beta1, "beta2": beta2}, name)
    except Exception as error:
        if type(error).__name__ == "Gone":
            raise
        return None
    return own if np.isfinite(own).any() else None
