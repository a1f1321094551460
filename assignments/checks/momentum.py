"""Hidden checks of the assignment `momentum`: the velocity, the class Momentum, the best settings."""

import itertools

import numpy as np

from checks import ask, check, fail, term
from checks.family import same

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
        return
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
            "Only the gradient before the last is remembered: the recursion uses the velocity before, not that gradient."
        )
    if same(found, gradients):
        fail("These are the gradients themselves: nothing is remembered.")
    if same(found, right[::-1]):
        fail("The velocities are right, but they come in the wrong order.")
    fail("These are not the numbers of the recursion. Compute three of them by hand, with β = 1/2.")


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

IDEAS = {
    "sign": {"up": ("direction", "theta moves up the slope: look at the sign of the step.", VELOCITY)},
    "rate": {
        "none": ("direction", "The learning rate has no say in the length of the step.", VELOCITY),
        "inside": (
            "outside",
            "The learning rate is inside the velocity: what was remembered under the old one stays so when it changes.",
            RULES,
        ),
        "first": (
            "outside",
            "Your rule goes on with the learning rate of its start, when the attribute `lr` is changed.",
            RULES,
        ),
        "squared": ("direction", "The learning rate enters the step twice.", VELOCITY),
    },
    "memory": {
        "none": ("kept", "Nothing is kept from one step to the next: that is gradient descent.", VELOCITY),
        "gradient": ("kept", "What is kept is the last gradient, not the velocity.", VELOCITY),
    },
    "weight": {
        "mean": (
            "weights",
            "Your velocity is a running mean: the new gradient comes in with less than its full weight.",
            RULES,
        ),
        "exchanged": ("weights", "β and 1 − β, or β and 1, have changed places.", VELOCITY),
        "undamped": ("weights", "The velocity never fades.", VELOCITY),
        "beta": ("weights", "The new gradient is multiplied by β: which of the two is β to make smaller?", VELOCITY),
        "fixed": ("weights", "β is fixed in your code: use the one that is given.", VELOCITY),
        "ahead": (
            "weights",
            "The step looks ahead: that is Nesterov's rule.",
            "momentum#Look before you leap: Nesterov",
        ),
        "first gradient": ("weights", "The first step is not that of z_0 = 0.", VELOCITY),
        "late": ("weights", "The step is taken along the velocity of the step before.", VELOCITY),
    },
}


def simulate(gradients, sign="", rate="outside", memory="velocity", weight="sum"):
    """Return the change of theta at each step, with one alternative for each part."""
    z, last, changes = np.zeros(gradients.shape[1]), np.zeros(gradients.shape[1]), []
    for t, g in enumerate(gradients, start=1):
        lr = FIRST if t <= 4 else THEN
        factor = {"outside": lr, "none": 1.0, "inside": 1.0, "first": FIRST, "squared": lr * lr}[rate]
        gain = lr if rate == "inside" else 1.0
        old = {"velocity": z, "none": 0 * z, "gradient": last}[memory]
        before = z
        beta = 0.9 if weight == "fixed" else BETA
        keep, take = {
            "mean": (beta, 1 - beta),
            "exchanged": (1 - beta, beta),
            "undamped": (1.0, 1.0),
            "beta": (1.0, beta),
        }.get(weight, (beta, 1.0))
        z = keep * old + take * gain * g
        if weight == "first gradient" and t == 1:
            z = (1 - beta) * gain * g
        last = gain * g
        way = gain * g + beta * z if weight == "ahead" else before if weight == "late" else z
        changes.append((1 if sign == "up" else -1) * factor * way)
    return np.array(changes)


def run(make, gradients):
    """Step through the gradients, each from the same theta; return the changes and where they were found."""
    start = np.array([0.5, -1.0, 2.0])
    theta, changes, way = start.copy(), [], None
    optimizer = make(lr=FIRST, beta=BETA)
    for t, g in enumerate(gradients, start=1):
        if t == 5:
            optimizer.lr = THEN
        theta[...] = start
        result = optimizer.step(theta, g.copy())
        place = theta
        if np.array_equal(theta, start) and isinstance(result, np.ndarray) and result.shape == start.shape:
            place = result
        if not np.array_equal(place, start):
            way = way or ("in place" if place is theta else "returned")
        changes.append(place - start)
    return np.array(changes), way


def diagnosis():
    """Return (way, faults): the faults are (idea, sentence, section), or None when nothing explains the numbers."""
    notes = ask().notes
    if "momentum" not in notes:
        gradients = series(seed=2, steps=9)
        changes, way = run(ask().fresh("Momentum"), gradients)
        if way is None:
            fail("Nothing moves: `step` has to change theta.", VELOCITY)
        notes["momentum"] = way, explain(gradients, changes)
    return notes["momentum"]


def explain(gradients, changes):
    """Return the fewest faults that give these changes."""
    every = [(part, kind) for part, kinds in IDEAS.items() for kind in kinds]
    for count in range(4):
        for chosen in itertools.combinations(every, count):
            parts = dict(chosen)
            if len(parts) == count and same(simulate(gradients, **parts), changes, 1e-7):
                return [IDEAS[part][kind] for part, kind in chosen]
    return None


def judge(idea, otherwise=None):
    faults = diagnosis()[1]
    if faults is None and otherwise:
        otherwise(ask().fresh("Momentum"))
    for found, sentence, where in faults or ():
        if found == idea:
            fail(sentence, where)


def pulse(make, lr=0.1, beta=0.5, gradients=(1.0, 0.0, 0.0)):
    """Return the change of theta at each step of one coordinate."""
    optimizer, changes = make(lr=lr, beta=beta), []
    for g in gradients:
        theta = np.zeros(1)
        result = optimizer.step(theta, np.array([g]))
        changes.append(theta[0] if theta[0] else float(np.ravel(result)[0]) if result is not None else 0.0)
    return np.array(changes)


@check(VELOCITY)
def direction():
    """Against the gradient, in proportion to the learning rate."""

    def otherwise(make):
        one, two = pulse(make), pulse(ask().fresh("Momentum"), lr=0.2)
        if one[0] >= 0 or not same(two, 2 * one):
            fail("The step is not downhill, in proportion to the learning rate.")

    judge("direction", otherwise)


@check(VELOCITY)
def kept():
    """The velocity is kept."""

    def otherwise(make):
        if pulse(make)[1] == 0:
            fail("After a gradient of 0 nothing moves: the earlier gradient is forgotten.")

    judge("kept", otherwise)


@check(VELOCITY)
def weights():
    """The old velocity weighs beta, the new gradient 1."""

    def otherwise(make):
        if not same(pulse(make), [-0.1, -0.05, -0.025]):
            fail("The velocity is not the sum that the equation describes.")

    judge("weights", otherwise)


@check(RULES)
def outside():
    """The learning rate is outside the velocity."""

    def otherwise(make):
        optimizer, theta = make(lr=0.1, beta=0.5), np.zeros(1)
        optimizer.step(theta, np.ones(1))
        optimizer.lr = 0.0
        theta[...] = 0
        optimizer.step(theta, np.ones(1))
        if theta[0] != 0:
            fail("With a learning rate of 0 the parameters still move.")

    judge("outside", otherwise)


@check(VELOCITY)
def in_place():
    """theta changes in place."""
    if diagnosis()[0] != "in place":
        fail("`step` makes a new array and leaves the one that it was given as it was; it is to change in place.")
    theta = np.ones(2)
    if ask().fresh("Momentum")(lr=0.1, beta=0.7).step(theta, np.ones(2)) is not theta:
        fail("`step` is to return theta, the same array that it has changed.")


@check(VELOCITY)
def gradient_kept():
    """The gradient belongs to the caller."""
    diagnosis()
    optimizer, g = ask().fresh("Momentum")(lr=0.1, beta=0.7), np.array([1.0, -2.0])
    for _ in range(3):
        optimizer.step(np.zeros(2), g)
        if not np.array_equal(g, [1.0, -2.0]):
            fail("`step` changes the gradient that it was given, which still belongs to the caller.")


@check("adam#The code, and its first version")
def own_state():
    """Two optimizers do not know of each other, and arrays may have any shape."""
    diagnosis()
    make, gradients = ask().fresh("Momentum"), series(seed=2, steps=9)
    first, second = run(make, gradients)[0], run(make, gradients)[0]
    if not same(first, second):
        fail(
            "A second `Momentum` goes on where the first one stopped: the velocity belongs to the class, not to the object."
        )
    for shape in ((2, 3), ()):
        theta = np.ones(shape)
        result = ask().fresh("Momentum")(lr=0.1, beta=0.5).step(theta, np.ones(shape))
        if diagnosis()[0] == "in place" and np.array_equal(theta, np.ones(shape)):
            fail(f"An array of shape {shape} does not move.")
        if isinstance(result, np.ndarray) and result.shape != shape:
            fail(f"An array of shape {shape} comes back with the shape {result.shape}.")


# ---------------------------------------------------------------- best_settings(h_min, h_max)

BOWLS = ((1.0, 49.0), (0.5, 8.0), (4.0, 4.0), (0.01, 1.0))


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
