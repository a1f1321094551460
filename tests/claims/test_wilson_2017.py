"""Wilson, Roelofs, Stern, Srebro & Recht, "The Marginal Value of Adaptive Gradient Methods", NeurIPS 2017."""

import numpy as np
import pytest

from descent import AdaGrad, Adam, GradientDescent, Momentum, RMSProp, descend
from descent.problems import Wilson


@pytest.mark.parametrize("optimizer", [AdaGrad(0.1), RMSProp(0.001), Adam(0.01)], ids=lambda o: type(o).__name__)
def test_wilson_2017_section_3_3_adaptive(optimizer):
    """AdaGrad, RMSProp and Adam fit every example with w = sign(X' y) / 4, and call each unseen point +1."""
    problem = Wilson()
    path = descend(optimizer, problem, steps=3000, stop=lambda t, theta, loss: loss < 1e-16)
    assert path.losses[-1] < 1e-16
    np.testing.assert_allclose(path.positions[-1], np.sign(problem.X.T @ problem.y) / 4, atol=1e-7)
    assert problem.accuracy(path.positions[-1]) == np.mean(problem.y == 1) == 0.6


@pytest.mark.parametrize("optimizer", [GradientDescent(0.3), Momentum(0.1, 0.9)], ids=lambda o: type(o).__name__)
def test_wilson_2017_section_3_3_gradient_descent(optimizer):
    """Gradient descent and the heavy ball fit every example with the solution of least norm, which makes no error."""
    problem = Wilson()
    path = descend(optimizer, problem, steps=3000, record=3000)
    least_norm = np.linalg.lstsq(problem.X, problem.y)[0]
    np.testing.assert_allclose(path.positions[-1], least_norm, atol=1e-12)
    assert path.losses[-1] < 1e-15
    assert problem.accuracy(path.positions[-1]) == 1
