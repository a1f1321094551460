"""Loshchilov & Hutter, "Decoupled Weight Decay Regularization", ICLR 2019 (arXiv:1711.05101)."""

import numpy as np
import pytest
from support.given import Given

from descent import Adam, AdamW, GradientDescent, Ravine, Rosenbrock, descend


@pytest.mark.parametrize("problem", [Ravine(20), Rosenbrock()], ids=repr)
def test_loshchilov_hutter_2019_proposition_1(problem):
    """For gradient descent, decay is an L2 penalty: the paper's lambda is L2 with lambda / lr.

    The paper's decay shrinks by lambda itself, ours by lr * weight_decay: so both of ours are lambda / lr.
    """
    lr, paper_lambda = 1e-3, 5e-4
    decayed = descend(GradientDescent(lr, weight_decay=paper_lambda / lr), problem, steps=500).positions
    penalised = descend(GradientDescent(lr, l2=paper_lambda / lr), problem, steps=500).positions
    theta = problem.start.copy()
    for position in decayed[1:]:
        theta = (1 - paper_lambda) * theta - lr * problem.gradient(theta)
        np.testing.assert_allclose(position, theta, rtol=1e-9)
    np.testing.assert_allclose(penalised, decayed, rtol=1e-9)


def test_loshchilov_hutter_2019_proposition_2():
    """For Adam no L2 penalty does what decay does: coordinates with different gradients would need different ones.

    Two coordinates from 1, gradients of sizes 1 and 100, no drift: decoupled decay shrinks both alike, L2 does not.
    """
    signs = Given(np.random.default_rng(0).choice([-1.0, 1.0], size=(500, 400, 1)) * np.array([1.0, 100.0]))
    start = np.ones((400, 2))
    decoupled = descend(Adam(0.01, weight_decay=0.1), signs, start, 500, record=500).positions[-1].mean(axis=0)
    penalised = descend(Adam(0.01, l2=0.1), signs, start, 500, record=500).positions[-1].mean(axis=0)
    assert decoupled == pytest.approx([0.999**500] * 2, abs=0.02)
    assert penalised[0] < 0.7 and penalised[1] > 0.98


def test_loshchilov_hutter_2019_algorithm_2_line_12():
    """Without any gradient of the loss, lr = .01, 10 steps: AdamW multiplies by (1 - lr lambda)**10, whatever theta;
    Adam with L2 moves theta = 1 and theta = 10 by about .1, whatever lambda."""
    lambdas = np.array([0.01, 0.1, 1.0])
    start = np.repeat([[1.0], [10.0]], 3, axis=1)
    nothing = Given(np.zeros((10, 2, 1)))
    decoupled = descend(AdamW(0.01, weight_decay=lambdas), nothing, start, 10).positions[-1]
    assert decoupled[0] == pytest.approx([0.99900, 0.99004, 0.90438], abs=5e-6)
    np.testing.assert_allclose(decoupled, start * (1 - 0.01 * lambdas) ** 10, rtol=1e-14)
    penalised = descend(Adam(0.01, l2=lambdas), nothing, start, 10).positions[-1] - start
    assert penalised[0] == pytest.approx([-0.0997] * 3, abs=1e-4)
    assert penalised[1] == pytest.approx([-0.1000] * 3, abs=1e-4)


def test_loshchilov_hutter_2019_noisy_weights_escape_l2():
    """Gradients of noise alone, sigma = 0, .01, 1, 100, theta_0 = 1, lr = .01, lambda = .1, 2,000 steps and weights.

    Decay brings the mean of all of them to .999**2000 = .135; L2 the mean of the quiet ones to 0, and the loudest
    stay where they were. A weight's standard deviation is .22 (.44 for the loudest under L2), so that of the mean
    is .005 (.01); the tolerances are three of these.
    """
    sigma = np.array([0.0, 0.01, 1.0, 100.0])
    noise = Given(np.random.default_rng(0).normal(size=(2000, 2000, 1)) * sigma)
    start = np.ones((2000, 4))
    decoupled = descend(Adam(0.01, weight_decay=0.1), noise, start, 2000, record=2000).positions[-1].mean(axis=0)
    assert decoupled[0] == pytest.approx(0.999**2000, rel=1e-9)
    assert decoupled[1:] == pytest.approx([0.135] * 3, abs=0.015)
    penalised = descend(Adam(0.01, l2=0.1), noise, start, 2000, record=2000).positions[-1].mean(axis=0)
    assert np.abs(penalised[0]) < 1e-30 and np.abs(penalised[1]) < 0.002
    assert penalised[2] == pytest.approx(0.135, abs=0.015)
    assert penalised[3] == pytest.approx(0.98, abs=0.03)


def test_loshchilov_hutter_2019_default():
    """AdamW is Adam with a weight decay of .01, and nothing else."""
    assert AdamW().hyperparameters == Adam(weight_decay=0.01).hyperparameters
