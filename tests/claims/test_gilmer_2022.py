"""Warm-up by curvature: Gilmer et al. 2022 (arXiv:2110.04369), for Adam Kalra & Barkeshli 2024 (arXiv:2406.09405)."""

import numpy as np
import pytest

from descent import Adam, SquaredNetwork, sharpness


@pytest.mark.parametrize("lr", [0.001, 0.003])
def test_gilmer_2022_adams_largest_stable_rate_is_low_at_first_then_high_then_low_again(lr):
    """38 over the preconditioned sharpness is three times as high after the second step as after the first, and after
    200 below where it began. The first is the doing of v: the plain sharpness hardly changes meanwhile."""
    problem = SquaredNetwork()
    theta, rule, bound, plain = problem.start.copy(), Adam(lr, 0.9, 0.99), {}, {}
    for t in range(1, 201):
        rule.step(theta, problem.gradient(theta))
        if t in (1, 2, 10, 200):
            divisor = np.sqrt(rule.state_dict()["v"] / (1 - rule.beta2**t)) + rule.eps
            bound[t] = 38 / sharpness(problem, theta, divisor)
            plain[t] = sharpness(problem, theta)
    assert 2.5 * bound[1] < bound[2] < 1.2 * bound[10]
    assert bound[200] < 0.95 * bound[1]
    assert plain[10] == pytest.approx(plain[1], rel=0.25)
