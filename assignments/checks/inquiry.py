"""What is wrong with an optimiser of a submission: from many experiments to as few charges as explain them all.

First one experiment in which every part of the rule shows, explained by the fewest misconceptions. What explains it
has to hold in all the others, too: the settings left out, a long run, several arrays, all sizes of gradients, zeros, a
second optimiser. Where nothing known explains the numbers, the idea that comes nearest is charged, and the submission
is marked for a person to look at.
"""

import warnings
from dataclasses import dataclass, field

import numpy as np

from checks import Failed, ask, flag, in_words
from checks.experiments import walk
from checks.faulty_rules import DEFAULTS, RIGHT, distance, explain, gives, nearest, same, simulate, together
from checks.twists import flag_public

RULE, MEAN = "adam#The rule", "adam#First cure: average the gradients"
SCALE, BIAS = "adam#Second cure: give each coordinate its own scale", "adam#Starting from zero: the bias correction"
EPS, COST, CODE = (
    "adam#What is ε for?",
    "adam#What it costs",
    "adam#Second reading: a first version, and why it is not enough",
)
STABILITY = "adam#Second reading: infinities, and what is not a number"
FORMS = ({}, {"eps": "hat"})  # both are Adam: Algorithm 1, and the efficient form of Kingma & Ba, end of §2
SETTINGS = ("lr", "beta1", "beta2", "eps")
OTHER = {"lr": 0.1, "beta1": 0.4, "beta2": 0.6, "eps": 0.05}
LARGE_EPS, NO_EPS = {"lr": 1e12, "eps": 1e12}, {"beta1": 0.0, "eps": 1e-30}  # then m shows alone, and v
SMALL_STEPS = {"lr": 1.0, "eps": 1e12}
SYMBOLS = {"lr": "the learning rate", "beta1": "β1", "beta2": "β2", "eps": "ε"}
IDEA_OF = {"lr": "downhill", "beta1": "betas", "beta2": "betas", "eps": "eps"}
SECTION_OF = {"lr": RULE, "beta1": "adam#Symbols", "beta2": "adam#Symbols", "eps": EPS}


IDEAS = {  # what is lost where there is no rule of this kind at all; whether arrays change in place shows all the same
    *("downhill", "first", "second", "betas", "state", "correction", "count", "eps", "each", "own", "numbers"),
    "gradient kept",
}
EXCHANGES = {"in m", "over", "under", "old", "where"}  # parts that leave no Adam to which anything else could be near
FEW_DIGITS = "Your steps are right to a few digits only: is something small rounded, cut off or added?"
NEAR = 0.1  # of all numbers wrong by their own size: then the nearest known idea is nearly right
FAR = 0.45  # of all numbers wrong by their own size: then the nearest known idea is none


def probe(steps=9, seed=1):
    """Return an experiment in which every part of the rule shows: gradients of several sizes, a large ε."""
    rng = np.random.default_rng(seed)
    gradients = rng.normal(size=(steps, 5)) * [0.3, 1.0, 3.0, 1.0, 1e-7]
    gradients[[0, 3], 3] = 0
    theta = np.array([0.5, -1.0, 2.0, 0.25, 0.0])
    return {"gradients": gradients, "theta": theta, "lr": 0.05, "beta1": 0.7, "beta2": 0.85, "eps": 0.3, "moves": True}


def median(table):
    """Return the median of each row, without what is no number; nan for a row without numbers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", RuntimeWarning)
        return np.nanmedian(np.where(np.isfinite(table), table, np.nan), axis=1)


def alike(given, expected):
    """Tell whether the numbers agree, where the small ones are found as differences of large ones."""
    return bool(np.all(np.abs(given - expected) <= 1e-4 * np.abs(expected) + 1e-6 * np.abs(expected).max()))


@dataclass
class Inquiry:
    """The experiments with one class that is Adam, or Adam and a penalty or decay; `charges` is what came of them.

    name : of the class. known : its misconceptions. base : parts of the right rule. extra : {setting: strength}.
    defaults : what a setting is when it is left out. public : the parts of the public version's rule, where a twist
    makes the right one another.
    """

    name: str
    known: list
    base: dict = field(default_factory=dict)
    extra: dict = field(default_factory=dict)
    defaults: dict = field(default_factory=lambda: DEFAULTS)
    public: dict | None = None
    charges: dict = field(default_factory=dict)  # idea: (sentence, section)
    explained: bool = False
    explaining: set = field(default_factory=set)  # the ideas of what explains the numbers
    nothing_there: bool = False  # neither means nor anything else that is remembered
    chance: bool = False  # the same experiment gives other numbers

    def __post_init__(self):
        first = self.experiment(probe())
        self.walk = self.step_through(first)
        if self.walk.way is None:
            self.walk = self.step_through(first, watch=True)
        if self.walk.way is None:
            raise Failed(f"No parameter moves: `step` has to change the arrays that `{self.name}` was given.")
        self.find_explanation(first)
        if self.walk.way != "in place":
            self.charge(
                "in place",
                "`step` makes new arrays and leaves those that it was given as they were; they are to change in place.",
                CODE,
            )
        if self.walk.spoiled:
            self.charge(
                "gradient kept",
                "`step` changes the gradient that it was given, which still belongs to the caller.",
                CODE,
            )
        if self.chance:
            return
        self.try_a_second_optimizer(first)
        self.try_several_arrays()
        self.try_the_defaults()
        if self.explained and not self.whole_rule:
            charged = len(self.charges)
            for attempt in (self.try_all_sizes, self.try_zeros, self.try_settings, self.try_far_away, self.try_long):
                if len(self.charges) == charged:  # one slip shows in several of them
                    attempt()
            self.try_float32()
            self.try_the_same_buffers(first)
        if self.public is not None and RIGHT | self.parts in [RIGHT | self.public | form for form in FORMS]:
            flag_public(self.name, self.charges, self.explaining)

    # ------------------------------------------------------------ words

    def charge(self, idea, sentence, where):
        self.charges.setdefault(idea, (sentence, where))

    def experiment(self, p, **changed):
        """Return an experiment with the strengths of penalty and decay, of which the faulty rules know both."""
        strength = next(iter(self.extra.values()), 0.0)
        return {"l2": strength, "weight_decay": strength, "defaults": self.defaults} | p | changed

    @property
    def forms(self):
        """The efficient form is Adam, too; another denominator has no such form."""
        return FORMS[:1] if {"eps", "largest"} & set(self.base) else FORMS

    @property
    def is_right(self):
        """Whether what explains the numbers is the right rule."""
        return self.parts in [self.base | form for form in self.forms]

    def settings(self, p):
        return {name: p[name] for name in SETTINGS} | self.extra

    # ------------------------------------------------------------ from numbers to misconceptions

    def step_through(self, p, settings=None, **more):
        return walk(
            self.name, [p["gradients"]], [p["theta"]], self.settings(p) if settings is None else settings, **more
        )

    def read(self, found, k=0):
        """Return the changes of array k, by the reading that explained the first experiment."""
        return np.asarray(found.places[k]) if self.reading == "changes" else found.changes(k, self.reading == "moves")

    def again(self, p, settings=None, **more):
        """Return the changes in another experiment."""
        return self.read(self.step_through(p, settings, watch=self.walk.way == "computed", **more))

    def expected(self, p):
        return simulate(p | {"moves": self.reading == "moves"}, **self.parts)

    def find_explanation(self, p):
        readings = {"in place": ["moves"], "computed": ["fixed"]}.get(self.walk.way, ["moves", "fixed", "changes"])
        self.parts, self.whole_rule = dict(self.base), False
        for most, forms, tolerance in ((1, self.forms, 1e-5), (2, FORMS[:1], 1e-5), (1, FORMS[:1], 5e-3)):
            for self.reading in readings:
                for form in forms:
                    q, changes = p | {"moves": self.reading == "moves"}, self.read(self.walk)
                    if tolerance > 1e-3:  # what is rounded has lost its small numbers
                        q = q | {"gradients": p["gradients"][:, :4], "theta": p["theta"][:4]}
                        changes = changes[:, :4]
                    found = explain(q, changes, self.known, self.base | form, most, tolerance)
                    if found is None:
                        continue
                    changes = self.read(self.walk)
                    self.explained, self.parts = True, together(found, self.base | form)
                    self.whole_rule = self.parts.get("rule", "adam") != "adam"
                    self.nothing_there = self.parts.get("rule") in ("gradient descent", "signs")
                    ideas = {
                        one.ideas
                        for one in (self.known if np.mean(np.isfinite(changes)) < 0.3 else ())
                        if gives(q, changes, self.base | form | one.parts, tolerance)
                    }
                    if len(ideas) > 1:  # what is no number several slips explain alike
                        self.whole_rule = True
                        return self.charge(
                            "second", "Your steps are no numbers (nan): the root is taken of what is negative.", SCALE
                        )
                    for one in found:
                        self.explaining |= set(one.ideas)
                        for idea in one.ideas:
                            if idea in self.charges and self.charges[idea][0] != one.sentence:
                                self.charges[idea] = f"{self.charges[idea][0]} {one.sentence}", one.reread
                            self.charge(idea, one.sentence, one.reread)
                    if not same(changes, self.expected(p), 1e-9):
                        self.charge("numbers", FEW_DIGITS, STABILITY)
                        self.whole_rule = True  # what else is rounded is the same slip
                    return
        self.reading = readings[0]
        self.describe_what_differs(p)

    def describe_what_differs(self, p):
        """Charge numbers that no known misconception explains."""
        q, changes = p | {"moves": self.reading == "moves"}, self.read(self.walk)
        for form in self.forms:
            right = simulate(q, **(self.base | form))
            with np.errstate(all="ignore"):
                factor = median(changes / right)
            if same(changes, factor[:, None] * right, 1e-6):
                return self.charge(
                    "downhill",
                    f"The length of your steps follows something else than the learning rate: step 1 is "
                    f"{factor[0]:.3g} times as long as the rule's, step {len(factor)} {factor[-1]:.3g} times.",
                    RULE,
                )
            if self.reading == "moves" and self.shrinks_otherwise(p, changes, form):
                return
        right = simulate(q, **self.base)
        off = [t for t in range(1, len(changes) + 1) if not same(changes[:t], right[:t])]
        sentence = f"Your rule differs from the one that is asked for from step {off[0]} on."
        flag(f"{self.name}: no known misconception explains its numbers. {sentence}")
        self.chance = not same(self.again(p), changes)
        near = [one for one in self.known if not EXCHANGES & set(one.parts)]
        least = min(distance(q, changes, self.base | one.parts) for one in near)
        far = least > (0.2 if self.chance else FAR)  # a rule of the kind with a little noise is near
        dead = [] if self.chance else self.without_influence(p, changes)
        if not dead and not self.chance and not any(self.extra.values()):
            dead = self.what_is_averaged(p)
            if len(dead) > 1 or "no gradient" in [idea for idea, _, _ in dead]:
                dead = dead if least > NEAR else []
            far = far or (not dead and least > NEAR and self.has_neither_mean(p))
        if why := self.another_rule(p, changes, {idea for idea, _, _ in dead}, far):
            self.nothing_there = True
            dead += [(idea, f"That is another rule than the one that is asked for: {why}.", RULE) for idea in IDEAS]
        elif self.chance:
            dead = [("numbers", "Run twice, your rule gives two results: there is chance in it.", RULE)]
        for idea, sentence, where in dead:
            self.charge(idea, sentence, where)
        if not dead:
            one = nearest(q, changes, [one for one in near if len(one.ideas) == 1], self.base)
            self.charge(one.ideas[0], f"{sentence} Go through it with two steps on paper.", one.reread)

    def shrinks_otherwise(self, p, changes, form):
        """Charge a share of itself that each parameter gains or loses at a step, before or after the rest of it."""
        step = simulate(p, **(self.base | form | {"decay": ""}))
        theta = np.vstack([p["theta"], p["theta"] + np.cumsum(changes, axis=0)[:-1]])
        for place in (theta, theta + step):
            with np.errstate(all="ignore"):
                share = median(((changes - step) / place)[:, :4])
            if not same(changes, step + share[:, None] * place):
                continue
            if self.base.get("decay"):
                (setting, strength), lr = next(iter(self.extra.items())), p["lr"]
                sentence = (
                    f"With lr = {lr:g} and {setting} = {strength:g} each weight loses {-share[0]:.3g} of itself at "
                    f"step 1, and {-share[-1]:.3g} at step {len(share)}; another share is asked for."
                )
                self.charge("size", sentence, "weight-decay#Shrink a little at every step")
            else:
                self.charge("downhill", "Your step also changes each parameter by a share of itself.", RULE)
            return True
        return False

    def another_rule(self, p, changes, dead, far):
        """Return why these numbers are those of no rule of this kind, or None.

        dead : ideas of which nothing is seen in the numbers. far : whether no known idea comes near. One slip that
        nobody has thought of leaves a rule that remembers, and depends on what it should.
        """
        if self.chance:
            return "run twice, it gives two results" if far else None
        if far and not dead:
            return "there is neither a mean of gradients with β1 in your steps, nor one of their squares with β2"
        if "no gradient" in dead:
            return "what comes into m and v has neither the sign nor the order of size of the gradient"
        if same(self.again(p | {"gradients": probe(seed=9)["gradients"]}), changes):
            return "your steps do not depend on the gradients"
        if "state" in dead:
            turned = p | {"gradients": -p["gradients"], "theta": -p["theta"]}
            if {"first", "second"} <= dead and not self.keeps_arrays():
                return "your steps depend on no earlier gradient and on no β"
            if far or not same(self.again(turned), -changes):
                return "your steps depend on no earlier gradient, and no known rule is near"
        bare = {"first", "second", "eps"} <= dead
        if far and bare:
            return "your steps depend on neither β nor on ε, and no known rule is near"
        if (far or bare) and not self.extra and not same(self.again(p | {"theta": p["theta"] + 1}), changes, 1e-4):
            return "your steps depend on where the parameters are, and no known rule is near"
        return None

    def without_influence(self, p, changes):
        """Return charges for what has no influence on the numbers at all: then an idea is not there."""
        still = {name for name in SETTINGS if same(self.again(p | {name: OTHER[name]}), changes)}
        past = p["gradients"].copy()
        past[:-1] = probe(seed=9)["gradients"][:-1]
        found = []
        for name in SETTINGS:
            if name in still:
                symbol = SYMBOLS[name][0].upper() + SYMBOLS[name][1:] if name == "lr" else SYMBOLS[name]
                found.append((IDEA_OF[name], f"{symbol} has no influence on your steps.", SECTION_OF[name]))
        if "beta1" in still:
            found.append(
                ("first", "β1 has no influence on your steps: there is no running mean of the gradients.", MEAN)
            )
        if "beta2" in still:
            found.append(("second", "β2 has no influence on your steps: there is no running mean of squares.", SCALE))
        if {"beta1", "beta2"} <= still:
            found.append(
                ("correction", "Nothing depends on β1 and β2: there is nothing that could be corrected.", BIAS)
            )
            found.append(("count", "Nothing depends on β1 and β2: there is nothing that could count with t.", BIAS))
        if same(self.again(p | {"gradients": past})[-1], changes[-1]):
            found.append(("state", "Earlier gradients have no influence on your steps.", RULE))
        return found

    def what_is_averaged(self, p):
        """Return charges where the rule is the right one, of something else than the gradient or its square.

        Where the parameters hardly move, one reads back what comes into m at each step (with a large ε, nothing else
        shows), and what into v (with β1 = 0 and no ε). If the rule with just that gives the numbers of an experiment
        with both, all but that is right.
        """
        if "largest" in self.base:  # of which what comes into v cannot be read
            return []
        p = p | {"theta": np.zeros_like(p["theta"]), "lr": 1e-12}
        in_m, in_v = self.read_back(p, p["gradients"])
        q = p | {"moves": self.reading == "moves", "gradients": in_m, "squares": in_v}
        changes = self.again(p)[:, :4]  # the smallest gradients show what is wrong with θ, too
        if not any(alike(changes, simulate(q, **(self.base | form))[:, :4]) for form in self.forms):
            return []
        g, in_m, in_v = (np.where(p["gradients"] == 0, 0, table)[:, :4] for table in (p["gradients"], in_m, in_v))
        m_is_right, v_is_right = alike(in_m, g), alike(in_v, g**2)
        changed = alike(in_v, in_m**2)  # in both: that is one slip
        if m_is_right and v_is_right:
            return [("downhill", "Your steps depend on where the parameters are.", RULE)]
        if not changed and self.by_a_factor(p | SMALL_STEPS) and self.by_a_factor(p | NO_EPS):
            return [("correction", "The factors by which m and v are corrected are not those of the rule.", BIAS)]
        early = [k for k in range(1, len(g)) if alike(in_m[:k], g[:k]) and alike(in_v[:k], g[:k] ** 2)]
        if len(early) > 1 and not m_is_right and not v_is_right and not changed:
            return [("state", f"From step {early[-1] + 1} on your rule is not that of the first steps.", RULE)]
        kept = np.mean(in_m[g != 0] * g[g != 0] > 0)  # the share of the numbers that have the gradient's sign
        other_weights = not m_is_right and v_is_right and self.is_a_filter(p)
        if not m_is_right and not other_weights and not self.is_of_a_gradient(p, in_m, kept):
            return [("no gradient", "", RULE)]
        found = []
        if other_weights:
            sentence = "m is made of the gradients, but with other weights than those of a mean with β1."
            found.append(("first", sentence, MEAN))
        elif not m_is_right and kept < 0.7:
            found.append(("downhill", "What comes into m has not the sign of the gradient.", RULE))
        elif not m_is_right and changed:
            found.append(("numbers", "The gradient is changed before it comes into m and v.", STABILITY))
        elif not m_is_right:
            found.append(("first", "m is a mean, but not of the gradients: something else comes into it.", MEAN))
        if not v_is_right and (m_is_right or not changed):
            found.append(("second", "v is a mean, but not of the squared gradients.", SCALE))
        return found

    def read_back(self, p, g):
        """Return what comes into m and into v at each step, (steps, n)."""
        small = np.where(g == 0, 1e-6, g)  # where nothing comes into m, what comes into v does not show
        large, none = p | SMALL_STEPS, p | NO_EPS
        in_m = self.solved(large, g, "gradients", lambda change: change)
        there = self.solved(large | {"beta1": 0.0}, small, "gradients", lambda change: change)
        with np.errstate(all="ignore"):
            in_v = self.solved(none | {"gradients": there}, small, "squares", lambda change: 1 / change**2)
        return in_m, in_v

    def solved(self, p, given, name, linear):
        """Return the rows `name` with which the rule takes the steps that it takes along the gradients `given`.

        linear : of the change at a step, a function that is linear in the row of that step.
        """
        steps = linear(self.again(p | {"gradients": given}))
        rows, q = np.zeros_like(given), p | {"moves": self.reading == "moves"}
        for t in range(len(rows)):
            two = []
            for value in (0.0, 1.0):
                rows[t] = value
                until = {name: rows[: t + 1]}
                until["gradients"] = until.get("gradients", p["gradients"])[: t + 1]
                two.append(linear(simulate(q | until, **self.base)[t]))
            solution = (steps[t] - two[0]) / (two[1] - two[0])
            rows[t] = np.where(np.isfinite(solution), solution, 0.0)
        return rows

    def is_of_a_gradient(self, p, in_m, kept):
        """Tell whether what comes into m is linear in the gradients and mostly along them, or of the newest alone.

        Then it has their signs, or it is larger where they are larger.
        """
        g, other, large = p["gradients"], probe(seed=9)["gradients"], p | SMALL_STEPS
        one, two, both = (self.again(large | {"gradients": rows}) for rows in (g, other, g + other))
        if kept > 0.7 and alike(one + two, both):
            return True
        with np.errstate(all="ignore"):
            alone = [self.solved(large, row[None], "gradients", lambda change: change)[0] for row in g]
        order = np.argsort(np.abs(g[:, :4]), axis=None)
        grows = np.all(np.diff(np.abs(in_m).ravel()[order]) >= -1e-6)
        return bool(kept == 1 or grows) and alike(np.where(g == 0, 0, alone)[:, :4], in_m)

    def is_a_filter(self, p):
        """Tell whether what comes into m is a weighted sum of the gradients, of each coordinate by itself."""
        g, other, large = p["gradients"], probe(seed=9)["gradients"], p | SMALL_STEPS
        first = np.where(np.arange(g.shape[1]) == 0, other, g)
        one, two, both, mixed = (self.again(large | {"gradients": rows}) for rows in (g, other, g + other, first))
        return alike(one + two, both) and alike(one[:, 1:], mixed[:, 1:])

    def by_a_factor(self, p, parts=({},), tolerance=1e-3, share=1.0):
        """Tell whether the steps are those of the rule with one of these parts, up to a factor for each step."""
        q, changes = p | {"moves": self.reading == "moves"}, self.again(p)[:, :4]
        for one in parts:
            right = simulate(q, **(self.base | one))[:, :4]
            with np.errstate(all="ignore"):
                ratio = changes / right
                off = np.abs(ratio / median(ratio)[:, None] - 1)
            if np.mean(off[right != 0] < tolerance) >= share:
                return True
        return False

    def has_neither_mean(self, p):
        """Tell whether there is no mean of gradients above and none of squares below, by any factor at each step."""
        no_means = EXCHANGES | {"rule", "gradient", "square", "along"}
        others = [one.parts for one in self.known if not no_means & set(one.parts)]
        return not any(self.by_a_factor(p | kind, ({}, *others), 0.05, 0.8) for kind in (LARGE_EPS, NO_EPS))

    def keeps_arrays(self):
        """Tell whether an optimiser has, after a step, an array of its own in which something stands."""
        source = (
            f"theta = np.zeros(3)\noptimizer = {self.name}([theta])\noptimizer.step([np.ones(3)])\n"
            "kept = []\n"
            "for value in vars(optimizer).values():\n"
            "    kept += value if isinstance(value, list) else value.values() if isinstance(value, dict) else [value]\n"
            "answer = any(np.size(one) == 3 and one is not theta and np.any(one) for one in kept)"
        )
        try:
            return ask().harness(source, {}, self.name)
        except Exception as error:
            if type(error).__name__ == "Gone":
                raise
            return True

    # ------------------------------------------------------------ the other experiments

    def differs(self, changes, expected, tolerance=1e-5):
        """Tell whether the numbers differ. Where the explanation is a misconception, a person decides what to make of
        it.
        """
        if same(changes, expected, tolerance):
            return False
        if not self.is_right:
            flag(f"{self.name}: what explains its numbers in one experiment does not in another.")
            return False
        return True

    def attempt(self, idea, where, *args, **named):
        """Return the changes of an experiment, or None when the code stops in it, which is charged."""
        try:
            return self.again(*args, **named)
        except Exception as error:
            if type(error).__name__ == "Gone":
                raise
            self.charge(idea, in_words(error), where)
            return None

    def try_a_second_optimizer(self, p):
        one, two = self.step_through(p, repeat=2)
        if not same(np.asarray(one.places[0]), np.asarray(two.places[0])):
            self.charge(
                "own",
                f"A second `{self.name}` goes on where the first one stopped: what it remembers does not belong "
                "to it alone.",
                CODE,
            )
        beside = self.attempt("own", CODE, p, beside=OTHER | self.extra)
        if beside is not None and not same(beside, self.read(self.walk)):
            self.charge(
                "own",
                f"Two `{self.name}` at work at the same time get in each other's way: each needs settings and a memory "
                "of its own.",
                CODE,
            )

    def try_several_arrays(self):
        """Each array is to be changed as if it were alone; what it does alone was explained before."""
        shapes = [(4,), (2, 3), (), (4,), (2, 1), (3,)]
        rng, p = np.random.default_rng(3), self.experiment(probe())
        starts = [rng.normal(size=shape) for shape in shapes]
        starts[3] = starts[0].copy()
        gradients = [rng.normal(size=(6, *shape)) for shape in shapes]
        where = COST
        try:
            found = walk(self.name, gradients, starts, self.settings(p))
        except Exception as error:
            if type(error).__name__ == "Gone":
                raise
            self.charge("each", f"Arrays of several shapes are too much for it: {in_words(error)}", where)
            return
        if self.walk.way == "computed":
            return
        alone_in = [
            self.experiment(p, theta=s.ravel(), gradients=rows.reshape(6, -1)) for s, rows in zip(starts, gradients)
        ]
        wrong = []
        for k, (start, rows) in enumerate(zip(starts, gradients)):
            alone = walk(self.name, [rows], [start], self.settings(p))
            if self.explained and not self.whole_rule and not same(self.read(alone), self.expected(alone_in[k])):
                self.charge_shape(start.shape)
                return
            if not same(self.read(found, k), self.read(alone)):
                wrong.append(k)
                if self.walk.way == "in place" and np.array_equal(found.last[k], found.starts[k]):
                    self.charge("each", "Of several arrays, some do not move at all.", where)
                    return
        if not wrong:
            return
        for first in (0, 1):
            clocks = [self.parts | {"clock": [k + first, len(shapes)]} for k in range(len(shapes))]
            if self.explained and all(
                same(self.read(found, k), simulate(q | {"moves": self.reading == "moves"}, **parts))
                for k, (q, parts) in enumerate(zip(alone_in, clocks))
            ):
                self.charge(
                    "count", "t advances once for each array; it counts steps, in which all arrays take part.", BIAS
                )
                return
        self.charge("each", "Several arrays get in each other's way: each needs an m and a v of its own.", where)

    def charge_shape(self, shape):
        """Charge a rule that is another with arrays of this shape; what is charged already is one slip with it."""
        sentence = f"With an array of shape {shape} your rule is not what it is with others."
        if self.is_right:
            return self.charge("each", sentence, COST)
        self.charges = {idea: (f"{one} {sentence}", where) for idea, (one, where) in self.charges.items()}
        flag(f"{self.name}: {sentence}")

    def try_the_defaults(self):
        """Left out, a setting is to have the value that the assignment gives it."""
        p = self.experiment(probe(steps=30), **self.defaults)
        p["gradients"] = p["gradients"] * [1.0, 1e-7, 1.0, 3.0, 1.0]
        full = self.settings(p)
        where = "adam#Symbols"
        given = self.attempt("betas", where, p)
        left_out = self.attempt("betas", where, p, self.extra)
        if given is None or left_out is None:
            return
        if not same(given, left_out):
            for name in SETTINGS:
                less = {key: value for key, value in full.items() if key != name}
                if not same(given, self.again(p, less)):
                    value = f"{self.defaults[name]:g}"
                    self.charge(
                        IDEA_OF[name],
                        f"When it is left out, {SYMBOLS[name]} is not {value} in your class.",
                        SECTION_OF[name],
                    )
        q = self.experiment(probe())
        by_place = self.attempt("betas", where, q, self.extra, positional=[q[name] for name in SETTINGS])
        if by_place is not None and not same(by_place, self.again(q)):
            self.charge("betas", "The settings are not taken in the order lr, beta1, beta2, eps.", where)

    def try_all_sizes(self):
        sizes = np.array([1e-12, 1e-6, 1e-3, 1.0, 30.0, 1e3, 1e6])
        rng = np.random.default_rng(4)
        p = self.experiment(probe(), gradients=rng.normal(size=(9, 7)) * sizes, theta=np.zeros(7), eps=1e-8)
        changes = self.attempt("numbers", STABILITY, p)
        if changes is not None and self.differs(changes, self.expected(p)):
            for k, size in enumerate(sizes):
                q = p | {"gradients": p["gradients"][:, k : k + 1], "theta": np.zeros(1)}
                if self.differs(self.again(q), self.expected(q)):
                    return self.charge("numbers", self.at_size(size), STABILITY)
            return self.charge(
                "numbers", "Where gradients of very different sizes come in together, your rule is another.", STABILITY
            )
        for size in (1e25, 1e-25):
            q = self.experiment(probe(), theta=np.zeros(5))
            q = q | {"gradients": q["gradients"] * size, "eps": q["eps"] * size}
            changes = self.attempt("numbers", STABILITY, q)
            if changes is not None and self.differs(changes, self.expected(q), 1e-4):
                return self.charge("numbers", self.at_size(size), STABILITY)

    @staticmethod
    def at_size(size):
        return (
            f"With gradients of about {size:.0e} your rule is not the one it is with others: "
            "is something cut off or rounded?"
        )

    def try_zeros(self):
        rows = np.array([[0.0, 2.0], [0.0, 0.0], [0.0, 0.0], [1.0, 0.0], [0.0, 3.0]])
        p = self.experiment(probe(), gradients=rows, theta=np.array([1.0, -1.0]), **DEFAULTS)
        changes = self.attempt("numbers", STABILITY, p)
        if changes is not None and self.differs(changes, self.expected(p)):
            self.charge("numbers", "Where gradients are exactly 0, your rule is another.", STABILITY)

    def try_settings(self):
        for beta1, beta2, lr in ((0.0, 0.9, 1.0), (0.95, 0.5, 1e-4), (0.5, 0.0, 0.3), (0.99, 0.9999, 0.01)):
            p = self.experiment(probe(steps=6), beta1=beta1, beta2=beta2, lr=lr)
            changes = self.attempt("betas", "adam#Symbols", p)
            if changes is not None and self.differs(changes, self.expected(p)):
                return self.charge(
                    "betas",
                    f"With β1 = {beta1:g} and β2 = {beta2:g} your numbers are not those of the rule.",
                    "adam#Symbols",
                )

    def try_far_away(self):
        p = self.experiment(probe(steps=4), theta=np.array([1e3, -2e3, 5e3, 0.0, 1.0]))
        changes = self.attempt("downhill", RULE, p)
        if changes is not None and self.differs(changes, self.expected(p)):
            self.charge("downhill", "Where the parameters are large, your rule is another.", RULE)

    def try_long(self):
        for steps in (1100, 150):  # an answer that sums over all earlier gradients is slow, not wrong
            rng = np.random.default_rng(6)
            rows = rng.normal(size=(steps, 2)) * (1 + np.sin(np.arange(steps) / 40.0))[:, None] + 0.3
            p = self.experiment(probe(), gradients=rows, theta=np.array([0.5, -1.0]), **DEFAULTS)
            try:
                changes = self.again(p)
                break
            except Exception as error:
                if type(error).__name__ == "Gone":
                    raise
                if getattr(error, "kind", "") != "TooLong":
                    self.charge("state", in_words(error), RULE)
                    return
        else:
            return
        expected = self.expected(p)
        if not self.differs(changes, expected):
            return
        k = next(t for t in range(steps) if not same(changes[t], expected[t]))
        rest = p | {"gradients": p["gradients"][k:], "theta": p["theta"] + changes[:k].sum(axis=0)}
        ratio = median(changes[k : k + 20] / expected[k : k + 20])
        if same(changes[k : k + 20], self.expected(rest | {"gradients": rest["gradients"][:20]}), 1e-4):
            self.charge("state", f"At step {k + 1} your rule begins anew: m, v and t are lost.", RULE)
        elif same(changes[k : k + 20], ratio[:, None] * expected[k : k + 20], 1e-5) and not self.uncorrected(
            p, k, changes
        ):
            self.charge(
                "downhill", f"From step {k + 1} on your steps are {ratio[0]:.3g} times as long as before.", RULE
            )
        elif self.uncorrected(p, k, changes) or k < 60:
            self.charge(
                "correction",
                f"From step {k + 1} on your rule is no longer that of the first steps: with a slow mean the "
                "correction still matters.",
                BIAS,
            )
        else:
            self.charge("state", f"From step {k + 1} on your rule is no longer that of the first steps.", RULE)
            flag(f"{self.name}: it differs from the rule from step {k + 1} on, and nothing known explains how.")

    def uncorrected(self, p, k, changes):
        """Tell whether from step k on one of the corrections is missing."""
        q = p | {"moves": self.reading == "moves"}
        return any(
            same(changes[k : k + 20], simulate(q, **(self.parts | parts))[k : k + 20], 1e-4)
            for parts in ({"correct m": "none"}, {"correct v": "none"}, {"correct m": "none", "correct v": "none"})
        )

    def try_float32(self):
        if self.walk.way != "in place":
            return
        p = self.experiment(probe())
        found = self.step_through(p, dtype="f4")
        if found.way != "in place":
            self.charge("numbers", "Parameters in float32 do not move: a copy of them does.", STABILITY)
        elif self.differs(np.asarray(found.places[0]), np.asarray(self.walk.places[0]), 1e-3):
            self.charge("numbers", "Parameters in float32 move otherwise than those in float64.", STABILITY)

    def try_the_same_buffers(self, p):
        changes = self.attempt("gradient kept", CODE, p, reuse=True)
        if changes is not None and not same(changes, self.read(self.walk)):
            self.charge(
                "gradient kept",
                "When the caller writes the next gradient into the same array, your memory changes with it: keep "
                "its numbers, not the array.",
                CODE,
            )
