"""Hidden checks of the assignment `momentum`: the velocity, the class Momentum, the best settings."""

import itertools

import numpy as np

from checks import ask, check, fail, flag, in_words, once, term, twists
from checks.experiments import walk
from checks.faulty_rules import misconceptions, same, together
from checks.inquiry import FAR, FEW_DIGITS, median

VELOCITY, RULES = "momentum#Velocity", "momentum#Three rules of one name"
BEST, MAP = "momentum#The best settings", "momentum#The effective learning rate"


def series(seed=1, steps=7, n=3):
    return np.random.default_rng(seed).normal(size=(steps, n)) * 10.0 ** np.arange(n)


# ---------------------------------------------------------------- velocities(gradients, beta)


def recursion(gradients, beta, weight=1.0, first="zero", old=None):
    """Return z_t = old z + weight g, beginning in one of several ways."""
    old = beta if old is None else old
    z, rows = np.zeros(gradients.shape[1]), []
    for t, g in enumerate(gradients):
        z = g.copy() if first == "gradient" and t == 0 else old * z + weight * g
        rows.append(z)
    return np.array(rows)


@check(VELOCITY)
def velocity():
    """z_t = beta z_{t-1} + g_t, from z_0 = 0."""
    function, gradients, beta = ask().fresh("velocities"), series(), 0.6
    found = np.asarray(function(gradients.copy(), beta), float)
    right = recursion(gradients, beta)
    if found.shape == right.shape[1:] and same(found, right[-1]):
        fail("That is the last velocity alone; all of them are asked for, one in each row.")
    if found.shape != right.shape:
        fail(f"For gradients of shape {gradients.shape} your answer has the shape {found.shape}.")
    if same(found, right):
        return all_kinds_of_series(function)
    if same(found, recursion(gradients, beta, weight=1 - beta)) or same(
        found, recursion(gradients, beta, weight=1 - beta, first="gradient")
    ):
        fail(
            "That is a running mean. The velocity is another of the three rules: how much does a new gradient weigh?",
            RULES,
        )
    if same(found, np.vstack([0 * right[:1], right[:-1]])):
        fail("Your rows begin with z_0; they are to begin with z_1, which has the first gradient in it.")
    if same(found, recursion(gradients, beta, old=1.0)):
        fail("Your velocity never fades: nothing of it is forgotten.")
    if same(found, recursion(gradients, beta, weight=beta, old=1.0)) or same(
        found, recursion(gradients, beta, weight=beta)
    ):
        fail("β is at the wrong place: which of the two, the old velocity or the new gradient, does it make smaller?")
    if same(found, recursion(gradients, beta, weight=-1.0)):
        fail("The sign is turned: in this equation the gradient is added, and the step goes against the velocity.")
    if same(found, beta * np.vstack([0 * right[:1], gradients[:-1]]) + gradients):
        fail(
            "Only the gradient before the last is remembered: the recursion uses the velocity before, not that "
            "gradient."
        )
    if same(found, gradients):
        fail("These are the gradients themselves: nothing is remembered.")
    if same(found, right[::-1]):
        fail("The velocities are right, but they come in the wrong order.")
    fail("These are not the numbers of the recursion. Compute three of them by hand, with β = 1/2.")


def all_kinds_of_series(function):
    """Fail if the recursion holds in one experiment and not in others."""
    rng = np.random.default_rng(7)
    sizes = 10.0 ** np.array([-12, -6, -3, 0, 3, 6])
    for gradients, beta, what in (
        (series(steps=1), 0.6, "a single gradient"),
        (series(n=1), 0.9, "one coordinate"),
        (series(), 0.0, "β = 0"),
        (rng.normal(size=(7, 6)) * sizes, 0.5, "very small and very large gradients"),
        (np.zeros((4, 2)), 0.9, "gradients of 0"),
        (rng.normal(size=(1200, 2)) + 0.1, 0.99, "many steps"),
    ):
        found = np.asarray(function(gradients.copy(), beta), float)
        if found.shape != gradients.shape or not same(found, recursion(gradients, beta)):
            fail(f"With {what} the numbers are not those of the recursion.")


@check(VELOCITY)
def velocity_input():
    """The gradients that are handed over stay as they are."""
    function, gradients = ask().fresh("velocities"), series()
    before = gradients.copy()
    function(gradients, 0.6)
    if not np.array_equal(gradients, before):
        fail("`velocities` writes into the array of gradients, which belongs to the caller.")


# ---------------------------------------------------------------- Momentum(lr, beta)

FIRST, THEN, BETA = 0.05, 0.02, 0.7  # the learning rate changes after step 4, which tells inside from outside
DEFAULTS = {"lr": 0.01, "beta": 0.9}
RIGHT = {
    **{"sign": "", "settings": "own", "rate": "outside", "memory": "velocity", "weight": "sum"},
    **{"gradient": "", "kept as": ""},
}
MOST = (0, 1, 2)  # misconceptions that may explain the numbers together
CODE = "adam#Second reading: a first version, and why it is not enough"


def changes_of(gradients, parts, lr=FIRST, then=THEN, beta=BETA, defaults=DEFAULTS):
    """Return the change of theta at each step; `parts` are those of a misconception."""
    p = RIGHT | parts
    if p["settings"] == "exchanged":
        lr, beta = beta, lr
    z, last, changes = np.zeros(gradients.shape[1]), np.zeros(gradients.shape[1]), []
    for t, g in enumerate(gradients, start=1):
        now = lr if t <= 4 else then
        g = bent(p["gradient"], g)
        rates = {
            "outside": now,
            "none": 1.0,
            "default": defaults["lr"],
            "inside": 1.0,
            "first": lr,
            "squared": now * now,
        }
        factor = (rates | {"falling": now / t})[p["rate"]]
        gain = now if p["rate"] == "inside" else 1.0
        old, before = {"velocity": z, "none": 0 * z, "gradient": last}[p["memory"]], z
        keep, take = weights_of(p["weight"], beta, t, defaults["beta"])
        z = keep * old + take * gain * g
        if p["kept as"] == "integers":
            z = np.trunc(z)
        last = gain * g
        way = z / (1 - beta**t) if p["weight"] == "corrected mean" else z
        way = gain * g + beta * z if p["weight"] == "ahead" else before if p["weight"] == "late" else way
        changes.append((1 if p["sign"] == "up" else -1) * factor * way)
    return np.array(changes)


def weights_of(kind, beta, t, default):
    """Return how much the old velocity and the new gradient weigh at step t."""
    mean = beta, 1 - beta
    return {
        "mean": mean,
        "corrected mean": mean,
        "mean from the second": mean if t > 1 else (beta, 1.0),
        "exchanged": (1 - beta, beta),
        "exchanged 1": (1.0, beta),
        "undamped": (1.0, 1.0),
        "beta": (beta, beta),
        "fixed": (default, 1.0),
        "squared": (beta**2, 1.0),
        "power": (beta**t, 1.0),
        "minus beta": (-beta, 1.0),
        "first gradient": (beta, 1.0 if t > 1 else 1 - beta),
        "first twice": (beta, 1.0 if t > 1 else 1 + beta),
    }.get(kind, (beta, 1.0))


def bent(kind, g):
    norm = np.sqrt(np.sum(g**2))
    match kind:
        case "normalised":
            return g / norm if norm else g
        case "norm at most 1":
            return g / max(norm, 1.0)
        case "cut at 1":
            return np.clip(g, -1, 1)
        case "sign":
            return np.sign(g)
    return g


def remembers_nothing():
    """Tell whether the optimiser has no array of its own after a step, and β is nowhere in its rule."""
    source = (
        "optimizer, theta = Momentum(lr=1.0, beta=float('nan')), np.zeros(2)\n"
        "optimizer.step(theta, np.ones(2))\n"
        "answer = bool(np.isfinite(theta).all()) and not any(np.size(kept) > 1 for kept in vars(optimizer).values())"
    )
    try:
        return ask().harness(source, {}, "Momentum")
    except Exception as error:
        if type(error).__name__ == "Gone":
            raise
        return False


class Inquiry:
    """The experiments with the class Momentum; `charges` is what came of them: {idea: (sentence, section)}."""

    def __init__(self):
        twist = twists.of_term("momentum", term())
        self.base, self.defaults = twists.parts(twist, "momentum"), term().get("defaults", DEFAULTS)
        self.known = twists.known(twist, "momentum", misconceptions("momentum"))
        self.charges, self.parts = {}, dict(self.base)  # charges: {idea: (sentence, section)}
        gradients = series(seed=2, steps=9) * [[1], [1e-3], [1], [0.1], [1], [1], [1e-3], [1e-2], [1]]
        start = np.array([0.5, -1.0, 2.0])
        self.watch = False
        self.walk = self.step_through(gradients, start)
        if self.walk.way is None:
            self.watch = True
            self.walk = self.step_through(gradients, start)
        if self.walk.way is None:
            fail("Nothing moves: `step` has to change theta.", VELOCITY)
        self.explained = self.find_explanation(gradients)
        explaining = set(self.charges)
        if self.parts.get("memory") == "none" and remembers_nothing():
            for idea in ("sum", "outside", "own"):  # no velocity that is forgotten, but none at all
                self.charge(idea, *self.charges["kept"])
        if self.walk.way != "in place":
            self.charge(
                "in place",
                "`step` makes a new array and leaves the one that it was given as it was; it is to change in place.",
                CODE,
            )
        elif not self.walk.returned:
            self.charge("in place", "`step` is to return theta, the same array that it has changed.", CODE)
        if self.walk.spoiled:
            self.charge(
                "gradient kept",
                "`step` changes the gradient that it was given, which still belongs to the caller.",
                CODE,
            )
        self.try_a_second_optimizer(gradients, start)
        self.try_shapes()
        self.try_the_defaults(gradients, start)
        if self.explained:
            self.try_more()
            changes = self.changes(gradients, start, reuse=True)
            if not same(changes, self.changes(gradients, start)):
                self.charge(
                    "gradient kept",
                    "When the caller writes the next gradient into the same array, your velocity changes with "
                    "it: keep its numbers, not the array.",
                    CODE,
                )
        if self.base and self.explained and RIGHT | self.parts == RIGHT:
            twists.flag_public("Momentum", self.charges, explaining)

    def charge(self, idea, sentence, where):
        self.charges.setdefault(idea, (sentence, where))

    def step_through(self, gradients, start, settings=None, rates=True, **more):
        settings = {"lr": FIRST, "beta": BETA} if settings is None else settings
        rates = {4: THEN} if rates is True else rates
        return walk("Momentum", [gradients], [start], settings, takes_list=False, watch=self.watch, rates=rates, **more)

    def changes(self, gradients, start, settings=None, rates=True, **more):
        found = self.step_through(gradients, start, settings, rates, **more)
        return found.changes(0, self.reading == "moves")

    def find_explanation(self, gradients):
        known, base, defaults = self.known, self.base, {"defaults": self.defaults}
        readings = {"in place": ["moves"], "computed": ["fixed"]}.get(self.walk.way, ["moves", "fixed"])
        for most in MOST:
            for self.reading in readings:
                changes = self.walk.changes(0, self.reading == "moves")
                for chosen in itertools.combinations(known, most):
                    parts = together(chosen, base)
                    if parts is not None and same(changes_of(gradients, parts, **defaults), changes, 1e-7):
                        self.parts = parts
                        for one in chosen:
                            for idea in one.ideas:
                                self.charge(idea, one.sentence, one.reread)
                        return True
        self.reading = readings[0]
        changes = self.walk.changes(0, self.reading == "moves")
        right = changes_of(gradients, base)
        with np.errstate(all="ignore"):
            factor = median(changes / right)
        off = next(t for t in range(1, 10) if not same(changes[:t], right[:t], 1e-7))
        if same(changes, right, 5e-3):
            self.charge("sum", FEW_DIGITS, VELOCITY)
        elif same(changes, factor[:, None] * right, 1e-6):
            self.charge(
                "direction",
                f"The length of your steps follows something else than the learning rate: step 1 is {factor[0]:.3g} "
                f"times as long as the rule's, step 9 {factor[-1]:.3g} times.",
                VELOCITY,
            )
        else:
            scale = np.abs(changes) + 1e-12

            def distance(one):
                return np.mean(
                    np.minimum(np.abs(changes_of(gradients, base | one.parts, **defaults) - changes) / scale, 1.0)
                )

            one = min(known, key=distance)
            sentence = f"Your rule differs from the one that is asked for from step {off} on."
            self.charge(one.ideas[0], f"{sentence} Go through it with two steps on paper.", one.reread)
            flag(f"Momentum: no known misconception explains its numbers. {sentence}")
            if why := self.another_rule(gradients, changes, least=distance(one)):
                for idea in ("kept", "sum", "outside", "own", "direction", "gradient kept"):
                    self.charges[idea] = f"That is another rule than the one that is asked for: {why}.", VELOCITY
            past = gradients.copy()
            past[:-1] += 1.0
            if same(self.changes(past, self.walk.starts[0])[-1], changes[-1]):
                for idea in ("kept", "sum", "outside", "own", "direction", "gradient kept"):
                    self.charge(
                        idea, "Earlier gradients have no influence on your steps: there is no velocity yet.", VELOCITY
                    )
        return False

    def another_rule(self, gradients, changes, least):
        """Return why these numbers are those of no momentum at all, or None."""
        start = self.walk.starts[0]
        if not same(self.changes(gradients, start), changes):
            return "run twice, it gives two results" if least > 0.2 else None
        if same(self.changes(gradients[::-1], start), changes):
            return "your steps do not depend on the gradients"
        if least > FAR and not same(self.changes(gradients, start + 1), changes, 1e-4):
            return "your steps depend on where the parameters are, and no known rule is near"
        return None

    def try_a_second_optimizer(self, gradients, start):
        one, two = self.step_through(gradients, start, repeat=2)
        if not same(np.asarray(one.places[0]), np.asarray(two.places[0])):
            self.charge(
                "own",
                "A second `Momentum` goes on where the first one stopped: the velocity belongs to the class, not "
                "to the object.",
                CODE,
            )
        beside = self.changes(gradients, start, beside={"lr": 0.3, "beta": 0.2})
        if not same(beside, self.walk.changes(0, self.reading == "moves")):
            self.charge(
                "own",
                "Two `Momentum` at work at the same time get in each other's way: each needs settings and a velocity "
                "of its own.",
                CODE,
            )

    def try_shapes(self):
        flat = np.random.default_rng(3).normal(size=(6, 6))
        for shape in ((2, 3), (), (6,), (3, 1, 2)):
            size = int(np.prod(shape))
            rows = flat[:, :size]
            try:
                found = self.step_through(rows.reshape(6, *shape), np.zeros(shape))
            except Exception as error:
                if type(error).__name__ == "Gone":
                    raise
                self.charge("own", f"An array of shape {shape} is too much for it: {in_words(error)}", CODE)
                return
            if self.explained and not same(
                found.changes(0, self.reading == "moves"), changes_of(rows, self.parts, defaults=self.defaults), 1e-5
            ):
                if not self.parts.get("gradient"):
                    self.charge(
                        "own", f"With an array of shape {shape} your rule is not the one it is with others.", CODE
                    )
                return

    def try_the_defaults(self, gradients, start):
        full = self.changes(gradients, start, self.defaults, rates=None)
        try:
            left_out = self.changes(gradients, start, {}, rates=None)
            by_place = self.changes(gradients, start, {}, rates=None, positional=list(self.defaults.values()))
        except Exception as error:
            if type(error).__name__ == "Gone":
                raise
            self.charge("sum", in_words(error), VELOCITY)
            return
        if not same(full, left_out):
            beta_alone = self.changes(gradients, start, {"lr": self.defaults["lr"]}, rates=None)
            which = (
                ("sum", f"β is not {self.defaults['beta']:g}")
                if not same(full, beta_alone)
                else ("direction", f"the learning rate is not {self.defaults['lr']:g}")
            )
            self.charge(which[0], f"When it is left out, {which[1]} in your class.", VELOCITY)
        elif not same(full, by_place):
            self.charge("sum", "The settings are not taken in the order lr, beta.", VELOCITY)

    def try_more(self):
        """A long run, all sizes of gradients, zeros, other settings; each with what it would cost."""
        rng = np.random.default_rng(5)
        sizes = np.array([1e-12, 1e-6, 1e-3, 1.0, 30.0, 1e3, 1e6])
        long = rng.normal(size=(1100, 2)) + 0.2
        zeros = np.array([[0.0, 2.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 3.0]])
        for idea, sentence, rows, lr, beta in (
            (
                "sum",
                "With very small or very large gradients your rule is not the one it is with others.",
                rng.normal(size=(12, 7)) * sizes,
                0.05,
                0.7,
            ),
            ("kept", "After many steps your rule is no longer that of the first ones.", long, 0.01, 0.9),
            ("kept", "Where gradients are exactly 0, your rule is another.", zeros, 0.05, 0.7),
            ("sum", "With β = 0 your rule is not gradient descent.", long[:5], 0.05, 0.0),
            ("sum", "With β = 0.99 your numbers are not those of the rule.", long[:9], 1e-5, 0.99),
            ("direction", "With a learning rate of 3 your numbers are not those of the rule.", long[:9], 3.0, 0.5),
        ):
            found = self.changes(rows, np.zeros(rows.shape[1]), {"lr": lr, "beta": beta}, rates=None)
            right = changes_of(rows, self.parts, lr, lr, beta, self.defaults)
            if same(found, right, 1e-5):
                continue
            if self.parts != self.base:
                flag("Momentum: what explains its numbers in one experiment does not in another.")
            else:
                self.charge(idea, sentence, VELOCITY)
            return
        rows = series(seed=2, steps=9)
        single = self.step_through(rows, np.zeros(3), dtype="f4")
        if self.walk.way == "in place" and not same(
            single.changes(), changes_of(rows, self.parts, defaults=self.defaults), 1e-3
        ):
            self.charge("sum", "Parameters in float32 move otherwise than those in float64.", VELOCITY)


def judge(idea):
    """Fail if this idea is charged."""
    inquiry = once("Momentum", Inquiry)
    if idea in inquiry.charges:
        fail(*inquiry.charges[idea])


@check(VELOCITY)
def direction():
    """Against the gradient, in proportion to the learning rate."""
    judge("direction")


@check(VELOCITY)
def kept():
    """The velocity is kept."""
    judge("kept")


@check(VELOCITY)
def weights():
    """The old velocity weighs beta, the new gradient 1."""
    judge("sum")


@check(RULES)
def outside():
    """The learning rate is outside the velocity."""
    judge("outside")


@check(CODE)
def in_place():
    """theta changes in place."""
    judge("in place")


@check(CODE)
def gradient_kept():
    """The gradient belongs to the caller."""
    judge("gradient kept")


@check(CODE)
def own_state():
    """Two optimizers do not know of each other, and arrays may have any shape."""
    judge("own")


# ---------------------------------------------------------------- best_settings(h_min, h_max)

BOWLS = ((1.0, 49.0), (0.5, 8.0), (4.0, 4.0), (0.01, 1.0), (1e-8, 1e-6), (3.0, 7e5))


def pairs():
    """Yield (h_min, h_max, lr, beta, whether the two were returned in the wrong order)."""
    function = ask().fresh("best_settings")
    first = function(1.0, 49.0)
    turned = len(first) == 2 and same(list(first), [0.5625, 0.0625])  # lr 1/16, beta 9/16
    for low, high in BOWLS:
        answer = function(low, high)
        if not isinstance(answer, (tuple, list, np.ndarray)) or len(answer) != 2:
            fail("`best_settings` is to return two numbers: the learning rate and β.", BEST)
        lr, beta = (float(number) for number in (answer[::-1] if turned else answer))
        yield low, high, lr, beta, turned


@check(BEST)
def best_lr():
    """lr = (2 / (√h_min + √h_max))²."""
    for low, high, lr, _, turned in pairs():
        if turned:
            fail("The two numbers have changed places: the learning rate comes first.")
        right = (2 / (low**0.5 + high**0.5)) ** 2
        if same(lr, right):
            continue
        if same(lr, 2 / (low + high)):
            fail("That is the best learning rate of gradient descent; with momentum another is better.")
        if same(lr, right**0.5):
            fail("A square is missing: momentum does to √h what gradient descent does to h.")
        if same(lr, 4 / (low + high) ** 2):
            fail("The roots of the curvatures are missing.")
        fail(f"For curvatures from {low:g} to {high:g} another learning rate is better than yours.")


@check(BEST)
def best_beta():
    """beta = ((√h_max − √h_min) / (√h_max + √h_min))²."""
    for low, high, _, beta, _ in pairs():
        right = ((high**0.5 - low**0.5) / (high**0.5 + low**0.5)) ** 2
        if same(beta, right):
            continue
        if same(beta, right**0.5):
            fail("That is the rate of convergence; how does β follow from it?")
        if same(beta, ((high - low) / (high + low)) ** 2) or same(beta, (high - low) / (high + low)):
            fail("The roots of the curvatures are missing.")
        fail(f"For curvatures from {low:g} to {high:g} another β is better than yours.")


@check(BEST)
def steps():
    """steps_needed, for the curvatures of this term."""
    low, high = (value**0.5 for value in term()["curvatures"])
    rho = (high - low) / (high + low)
    right = int(np.ceil(np.log(1000) / -np.log(rho)))
    found = float(ask().value("steps_needed"))
    kappa = (high / low) ** 2
    if found == right:
        return
    own = float(ask().fresh("best_settings")(*term()["curvatures"])[1])  # a wrong beta has cost its marks already
    if 0 < own < 1 and found == int(np.ceil(np.log(1000) / -np.log(np.sqrt(own)))):
        return
    if found == int(np.ceil(np.log(1000) / -np.log((kappa - 1) / (kappa + 1)))):
        fail("That is how many steps gradient descent needs.")
    if found == int(np.ceil(np.log(1000) / -np.log(rho**2))):
        fail("You have taken β for the rate.")
    if found == right - 1:
        fail("One step fewer is not quite enough.")
    fail("The number of steps is not that of the best rate for the curvatures of this term.")
