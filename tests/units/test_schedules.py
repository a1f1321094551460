"""Schedules against their closed forms, alone and in a step."""

import math
from fractions import Fraction

import numpy as np
import pytest

from descent import Adam, AdamW, GradientDescent, schedules
from descent.engine.tape import Tape, replay

T = [1, 2, 3, 10, 30, 31, 60, 61, 100, 101, 150, 1000]


def cosine(t, lr, steps, least=0.0, restart=False):
    passed = (t - 1) % steps if restart else min(t - 1, steps)
    return least + (lr - least) * 0.5 * (1 + math.cos(math.pi * passed / steps))


def warmed(t, steps, then):
    return then(1) * t / steps if t <= steps else then(t - steps)


# name: (the schedule, the same in closed form)
FORMS = {
    "constant": (schedules.constant(0.3), lambda t: 0.3),
    "step_decay": (schedules.step_decay(0.3), lambda t: 0.3 * 0.1 ** ((t - 1) // 30)),
    "step_decay, settings": (schedules.step_decay(0.3, 0.5, 7), lambda t: 0.3 * 0.5 ** ((t - 1) // 7)),
    "exponential": (schedules.exponential(0.3), lambda t: 0.3 * 0.99 ** (t - 1)),
    "exponential, settings": (schedules.exponential(0.3, 0.9), lambda t: 0.3 * 0.9 ** (t - 1)),
    "cosine": (schedules.cosine(0.3, 100), lambda t: cosine(t, 0.3, 100)),
    "cosine, least": (schedules.cosine(0.3, 40, 0.1), lambda t: cosine(t, 0.3, 40, 0.1)),
    "cosine, restart": (schedules.cosine(0.3, 40, 0.1, restart=True), lambda t: cosine(t, 0.3, 40, 0.1, True)),
    "inverse_sqrt": (schedules.inverse_sqrt(0.3), lambda t: 0.3 / math.sqrt(t)),
    "warmup": (schedules.warmup(30, 0.3), lambda t: warmed(t, 30, lambda t: 0.3)),
    "warmup, then": (
        schedules.warmup(10, then=schedules.exponential(0.3, 0.9)),
        lambda t: warmed(t, 10, lambda t: 0.3 * 0.9 ** (t - 1)),
    ),
    "warmup, then a function": (schedules.warmup(1, lambda t: 1 / t), lambda t: warmed(t, 1, lambda t: 1 / t)),
}


@pytest.mark.parametrize("schedule, form", FORMS.values(), ids=FORMS)
def test_closed_form(schedule, form):
    for t in T:
        assert float(schedule(t)) == pytest.approx(form(t), rel=1e-12, abs=1e-16)


def test_ends():
    cosine = schedules.cosine(0.4, 100, 0.2)
    assert cosine(1) == 0.4 and cosine(51) == pytest.approx(0.3) and cosine(101) == cosine(10**6) == 0.2
    again = schedules.cosine(0.4, 100, 0.2, restart=True)
    assert again(101) == again(201) == 0.4 and again(100) == again(200) == pytest.approx(0.2, abs=1e-4)
    warm = schedules.warmup(10, schedules.inverse_sqrt(0.3))
    assert float(warm(10)) == float(warm(11)) == 0.3 and float(warm(1)) == pytest.approx(0.03)


@pytest.mark.parametrize("schedule, form", FORMS.values(), ids=FORMS)
def test_a_step_takes_the_rate_of_its_own_t(schedule, form):
    theta, optimizer = np.zeros(1), GradientDescent(schedule)
    for t in range(1, 41):
        before = theta[0]
        optimizer.step(theta, np.ones(1))
        assert before - theta[0] == pytest.approx(form(t), rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", ["lr", "l2", "weight_decay"])
@pytest.mark.parametrize("schedule, form", FORMS.values(), ids=FORMS)
def test_a_schedule_is_a_part_of_the_tape(schedule, form, name):
    """What the page replays is what `step` does, to the last digit but one: NumPy's cosine is not JavaScript's."""
    optimizer = AdamW(**{"lr": 0.1, name: schedule})
    tape = optimizer.tape()
    assert name not in tape["inputs"]
    values = {k: v for k, v in optimizer.hyperparameters.items() if k in tape["inputs"]}
    theta, state = np.array([1.0]), {"m": np.zeros(1), "v": np.zeros(1)}
    replayed = {"theta": theta.copy()} | state
    for t in range(1, 50):
        g = np.array([math.sin(t)])
        replayed = replay(tape, values | replayed | {"g": g, "t": t})
        optimizer.step(theta, g)
        np.testing.assert_allclose(replayed["theta"], theta, rtol=1e-14)


@pytest.mark.parametrize("schedule, form", FORMS.values(), ids=FORMS)
def test_a_schedule_translates_on_its_own(schedule, form):
    tape = Tape(["t"])
    finished = tape.finish({"lr": schedule(tape.input("t"))})
    for t in T:
        assert float(replay(finished, {"t": t})["lr"]) == pytest.approx(form(t), rel=1e-12, abs=1e-16)


def test_arrays_of_rates_may_be_scheduled():
    """One run for each of the rates, each with the schedule of its own rate."""
    rates = np.array([0.1, 0.2, 0.3])
    together, optimizer = np.ones((2, 3)), Adam(schedules.cosine(rates, 10))
    singles = [Adam(schedules.cosine(rate, 10)) for rate in rates]
    alone = [np.ones(2) for _ in rates]
    for t in range(1, 15):
        g = np.full((2, 3), math.cos(t))
        optimizer.step(together, g)
        for k, single in enumerate(singles):
            single.step(alone[k], g[:, k])
    np.testing.assert_allclose(together, np.stack(alone, axis=1), rtol=1e-14)


def test_a_schedule_keeps_the_numbers_that_it_was_given():
    rates = np.array([0.1, 0.2])
    made = [schedules.constant(rates), schedules.exponential(rates), schedules.cosine(0.1, 5, least=rates)]
    before = [schedule(3).copy() for schedule in made]
    rates[0] = -9.0
    np.testing.assert_array_equal([schedule(3) for schedule in made], before)
    assert schedules.constant(Fraction(1, 4))(1) == 0.25 and [*schedules.constant([0.1, 0.2])(1)] == [0.1, 0.2]


def test_every_schedule_is_here():
    made = {name.split(",")[0] for name in FORMS}
    assert made == {n for n, thing in vars(schedules).items() if callable(thing) and not n.startswith("_")}
