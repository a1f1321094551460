"""Lessard, Recht & Packard, "Analysis and Design of Optimization Algorithms via Integral Quadratic Constraints",
SIAM Journal on Optimization 2016 (arXiv:1408.3595)."""

from fractions import Fraction

import numpy as np
import pytest

from descent import GradientDescent, Momentum, Nesterov, descend
from descent.problems import Lessard

CYCLE = [Fraction(792, 1225), Fraction(-2208, 1225), Fraction(2592, 1225)]


def slope(x):
    return 25 * x if x < 1 else x + 24 if x < 2 else 25 * x - 24


def test_lessard_2016_section_4_6():
    """Strongly convex, m = 1, L = 25: the heavy ball that is best for quadratics tends to a cycle of three points."""
    x = descend(Momentum(1 / 9, 4 / 9), Lessard(), [3.3], 302).positions[:, 0]
    np.testing.assert_allclose(x[-3:], np.array(CYCLE, dtype=float), atol=1e-12)
    np.testing.assert_allclose(x[-3:], x[-6:-3], atol=1e-12)


def test_lessard_2016_section_4_6_exact_cycle():
    """Our rule, run on fractions, goes round the cycle exactly: 792/1225 → -2208/1225 → 2592/1225 → 792/1225."""
    lr, beta = Fraction(1, 9), Fraction(4, 9)
    x = np.array([CYCLE[0]])
    z = np.array([(CYCLE[2] - CYCLE[0]) / lr])  # the velocity with which it came
    for expected in (CYCLE[1], CYCLE[2], CYCLE[0]):
        Momentum().update(x, np.array([slope(x[0])]), z, lr=lr, beta=beta)
        assert x[0] == expected


@pytest.mark.parametrize(
    "optimizer", [GradientDescent(2 / 26), GradientDescent(1 / 25), Nesterov(1 / 25, 4 / 6)], ids=repr
)
def test_lessard_2016_section_4_6_others_converge(optimizer):
    """From the same start gradient descent, and Nesterov's rule with beta = (sqrt(25) - 1)/(sqrt(25) + 1), arrive."""
    x = descend(optimizer, Lessard(), [3.3], 500).positions[:, 0]
    assert abs(x[-1]) < 1e-15
