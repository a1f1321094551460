"""Cohen et al. on the edge of stability: gradient descent 2021 (arXiv:2103.00065), Adam 2022 (arXiv:2207.14484)."""

import numpy as np
import pytest

from descent import Adam, GradientDescent, Parabola, SquaredNetwork, hessian, sharpness


def edge(rule, steps, after=0, every=20):
    """Return eta times the (preconditioned) sharpness at every 20th step after `after`."""
    problem = SquaredNetwork()
    theta, found = problem.start.copy(), []
    for t in range(1, steps + 1):
        rule.step(theta, problem.gradient(theta))
        if t > after and t % every == 0:
            divisor = 1.0
            if isinstance(rule, Adam):
                divisor = np.sqrt(rule.state_dict()["v"] / (1 - rule.beta2**t)) + rule.eps
            found.append(rule.lr * sharpness(problem, theta, divisor, 12))
    return np.array(found)


def test_cohen_2021_gradient_descent_stays_near_two_over_eta():
    found = edge(GradientDescent(0.2), 400)
    assert found[1] < 1.9 < np.mean(found[-8:]) < 2.5


@pytest.mark.parametrize("beta1, theory", [(0.9, 38), (0.5, 6)])
def test_cohen_2022_adam_stays_near_its_edge(beta1, theory):
    assert (2 + 2 * beta1) / (1 - beta1) == pytest.approx(theory)
    found = edge(Adam(0.03, beta1, 0.99), 400, after=240)
    assert np.mean(found) == pytest.approx(theory, rel=0.15)


def test_cohen_2022_the_edge_is_where_a_fixed_preconditioner_begins_to_diverge():
    """On x^2/2 with v held still: just below the bound x dies away, just above it grows."""
    for factor, grows in ((0.98, False), (1.02, True)):
        x, m, lr = 1.0, 0.0, 38 * factor
        for _ in range(2000):
            m = 0.9 * m + 0.1 * x
            x -= lr * m
        assert (abs(x) > 1) == grows


def test_sharpness_is_the_largest_eigenvalue():
    problem = SquaredNetwork((4,), images=40)
    matrix = hessian(problem, problem.start)
    divisor = np.linspace(0.5, 2, len(matrix))
    scaled = matrix / np.sqrt(np.outer(divisor, divisor))
    assert sharpness(problem, problem.start, iterations=40) == pytest.approx(np.linalg.eigvalsh(matrix)[-1], rel=1e-5)
    top = sharpness(problem, problem.start, divisor, 40)
    assert top == pytest.approx(np.linalg.eigvalsh(scaled)[-1], rel=1e-5)
    assert sharpness(Parabola(), np.ones(1)) == pytest.approx(1)
    with pytest.raises(ValueError, match="positive"):
        sharpness(Parabola(), np.ones(1), 0.0)


def test_squared_network_gradient():
    problem, rng = SquaredNetwork((5,), images=30), np.random.default_rng(0)
    direction = rng.normal(size=len(problem.start))
    shifted = [problem.loss(problem.start + sign * 1e-5 * direction) for sign in (1, -1)]
    assert problem.gradient(problem.start) @ direction == pytest.approx((shifted[0] - shifted[1]) / 2e-5, rel=1e-6)
    with pytest.raises(ValueError, match="1437"):
        SquaredNetwork(images=1438)
