"""Learning rates as functions of the step: He et al. 2016, Loshchilov & Hutter 2017, Goyal et al. 2017."""

import numpy as np
import pytest
from support.given import constant, moves

from descent import GradientDescent, descend, schedules


def rates(schedule, *t):
    return [float(schedule(step)) for step in t]


def test_he_2016_section_3_4():
    """Step decay: lr is divided by 10 after each `every` steps."""
    assert rates(schedules.step_decay(0.1, 0.1, 30), 1, 30, 31, 60, 61, 91) == pytest.approx(
        [0.1, 0.1, 0.01, 0.01, 0.001, 1e-4], rel=1e-12
    )


def test_loshchilov_hutter_2017_equation_5():
    """Cosine: from lr down to the least, halfway in the middle; with restarts, lr again after each period."""
    once, again = schedules.cosine(0.4, 100, 0.2), schedules.cosine(0.4, 100, 0.2, restart=True)
    assert rates(once, 1, 51, 101, 500) == pytest.approx([0.4, 0.3, 0.2, 0.2], rel=1e-12)
    assert rates(again, 1, 51, 101, 151, 201) == pytest.approx([0.4, 0.3, 0.4, 0.3, 0.4], rel=1e-12)
    assert rates(again, 100) == pytest.approx(rates(once, 100), rel=1e-12)
    assert rates(once, 26) == pytest.approx([0.2 + 0.2 * (1 + np.sqrt(0.5)) / 2], rel=1e-12)


def test_goyal_2017_section_2_2():
    """Warm-up: a straight line to the first rate of what follows, which then starts at its own t = 1."""
    schedule = schedules.warmup(10, then=schedules.exponential(0.4, 0.5))
    assert rates(schedule, 1, 5, 10, 11, 12, 13) == pytest.approx([0.04, 0.2, 0.4, 0.4, 0.2, 0.1], rel=1e-12)
    to_a_constant = schedules.warmup(4, 0.4)
    assert rates(to_a_constant, 1, 2, 3, 4, 5, 99) == pytest.approx([0.1, 0.2, 0.3, 0.4, 0.4, 0.4], rel=1e-12)


def test_constant_and_exponential():
    assert rates(schedules.constant(0.3), 1, 2, 1000) == [0.3] * 3
    assert rates(schedules.exponential(0.3), 1, 2, 3) == pytest.approx([0.3, 0.297, 0.29403], rel=1e-12)


@pytest.mark.parametrize(
    "schedule",
    [
        schedules.constant(0.3),
        schedules.step_decay(0.3, 0.5, 7),
        schedules.exponential(0.3, 0.9),
        schedules.cosine(0.3, 20),
        schedules.cosine(0.3, 20, restart=True),
        schedules.inverse_sqrt(0.3),
        schedules.warmup(5, schedules.inverse_sqrt(0.3)),
    ],
    ids=lambda s: s.__name__,
)
def test_step_t_uses_the_rate_of_t(schedule):
    """Step t = 1, 2, … of a run moves by schedule(t) times the gradient."""
    steps = -moves(descend(GradientDescent(schedule), constant(1, 40), steps=40))[:, 0]
    np.testing.assert_allclose(steps, rates(schedule, *range(1, 41)), rtol=1e-12, atol=1e-15)
