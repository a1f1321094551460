"""Reddi, Kale & Kumar, "On the Convergence of Adam and Beyond", ICLR 2018 (arXiv:1904.09237)."""

import numpy as np
import pytest

from descent import Adam, AMSGrad, GradientDescent, descend
from descent.problems import Reddi
from descent.schedules import inverse_sqrt

THEOREM_1 = {"beta1": 0, "beta2": 1 / (1 + 3**2), "eps": 0, "bias_correction": "none"}  # for C = 3
LR = inverse_sqrt(0.9 * np.sqrt(0.9))  # the theorem asks for lr < sqrt(1 - beta2)


def average_regret(problem, path):
    """Return the mean of f_t(x_t) - f_t(-1), where f_t is what step t sees at the point it starts from."""
    x = path.positions[:-1, 0]
    slopes = problem.slope_at(np.arange(1, len(x) + 1))
    return float(np.mean(slopes * (x + 1)))


def test_reddi_2018_theorem_1():
    """C = 3 from 1: Adam is back at 1, the worst point, after each third step; its regret goes to (2C - 4)/3 = .667."""
    problem = Reddi(C=3, period=3)
    path = descend(Adam(LR, **THEOREM_1), problem, steps=30_000)
    assert np.all(path.positions[::3] == 1.0)
    assert average_regret(problem, path) == pytest.approx(0.6711, abs=5e-5)
    assert average_regret(problem, path) == pytest.approx((2 * 3 - 4) / 3, abs=0.005)


@pytest.mark.parametrize("optimizer", [AMSGrad(LR, **THEOREM_1), GradientDescent(LR)], ids=repr)
def test_reddi_2018_theorem_1_others_converge(optimizer):
    """On the same problem AMSGrad and gradient descent go to -1, the best point, and their regret vanishes."""
    problem = Reddi(C=3, period=3)
    path = descend(optimizer, problem, steps=30_000)
    assert path.positions[-300:].max() < -0.98
    assert abs(average_regret(problem, path)) < 0.02


def test_reddi_2018_theorem_1_figure():
    """C = 4, beta2 = 1/17, lr = .05, corrected, from 0: Adam is at +1 at step 90, AMSGrad at -1 at step 112."""
    for rule, end, step in ((Adam, 1, 90), (AMSGrad, -1, 112)):
        x = descend(rule(0.05, 0, 1 / 17), Reddi(C=4, period=3), [0.0], 300).positions[:, 0]
        assert np.flatnonzero(np.abs(x) == 1)[0] == step
        assert x[step] == end
        assert np.all(np.abs(x[step:] - end) < 0.06)


@pytest.mark.parametrize("C, turn", [(3, 0.4723), (4, 0.3170), (10, 0.0983)])
def test_reddi_2018_theorem_1_larger_beta2_cures_it(C, turn):
    """Any one beta2 has a bad problem, but a larger beta2 cures this one: at `turn` Adam's direction changes.

    There the three steps of a period, C/sqrt(v) - 1/sqrt(v') - 1/sqrt(v'') with v settled, add up to 0.
    """

    def drift(beta):
        v = [C**2 + beta + beta**2, 1 + beta * C**2 + beta**2, 1 + beta + beta**2 * C**2]
        return C / np.sqrt(v[0]) - 1 / np.sqrt(v[1]) - 1 / np.sqrt(v[2])

    assert drift(turn - 5e-5) < 0 < drift(turn + 5e-5)
    beta2 = turn + np.array([-0.002, 0.002])
    end = descend(Adam(1e-3, 0, beta2), Reddi(C, 3), np.zeros((1, 2)), 6000).positions[-1, 0]
    assert end[0] > 0.004 and end[1] < -0.004


@pytest.mark.parametrize("C", [3, 4, 10])
def test_reddi_2018_theorem_1_is_harmless_with_momentum(C):
    """With beta1 = .9 the problem of period 3 does no harm, even with the theorem's beta2."""
    for form in ("both", "none"):
        optimizer = Adam(inverse_sqrt(0.5), 0.9, 1 / (1 + C**2), bias_correction=form)
        assert descend(optimizer, Reddi(C, 3), [1.0], 3000).positions[-100:].max() < -0.99


@pytest.mark.parametrize(
    "rule, form, end",
    [(Adam, "none", 0.9964), (AMSGrad, "none", -0.8009), (Adam, "both", 0.9476), (AMSGrad, "both", -0.9008)],
)
def test_reddi_2018_figure_1(rule, form, end):
    """1010 x every 101st step, else -10 x, beta = (.9, .99), lr = .5/sqrt(t): where x is after 10,000 steps from 0."""
    optimizer = rule(inverse_sqrt(0.5), 0.9, 0.99, 1e-8, form)
    path = descend(optimizer, Reddi(C=101, period=101, scale=10), [0.0], 10_000, record=10_000)
    assert path.positions[-1, 0] == pytest.approx(end, abs=5e-5)


def test_reddi_2018_algorithm_2():
    """AMSGrad's v_max never falls, so that uncorrected its effective learning rate, lr/sqrt(v_max), never grows."""
    gradients = np.random.default_rng(0).normal(size=(200, 20)) * np.where(np.arange(200) < 100, 1, 0.1)[:, None]
    amsgrad, adam = AMSGrad(0.01, bias_correction="none"), Adam(0.01, 0.9, 0.9, bias_correction="none")
    theta, before, fell = np.zeros(20), np.zeros(20), 0
    for g in gradients:
        amsgrad.step(theta, g)
        adam.step(np.zeros(20), g)
        state = amsgrad.state_dict()
        assert np.all(state["v_max"] >= before) and np.all(state["v_max"] >= state["v"])
        fell += np.count_nonzero(adam.state_dict()["v"] < before)
        before = state["v_max"]
    assert fell > 0
