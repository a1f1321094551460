"""Bai et al., "Adaptive Preconditioners Trigger Loss Spikes in Adam", 2025 (arXiv:2506.04805)."""

import numpy as np
import pytest

from descent import Adam, Parabola, SquaredNetwork, descend, sharpness


def walk(beta2, steps=9000):
    """Return, from step 200 on, |x| on x^2/2 and the rate over the root of v_hat, whose bound is 38."""
    rule, x, distances, sharp = Adam(0.1, 0.9, beta2), np.array([1.0]), [], []
    for t in range(1, steps + 1):
        rule.step(x, x.copy())
        distances.append(abs(x.item()))
        sharp.append(0.1 / (np.sqrt(rule.state_dict()["v"].item() / (1 - beta2**t)) + rule.eps))
    return np.array(distances[199:]), np.array(sharp[199:])


@pytest.mark.parametrize("beta2, late", [(0.99, 30), (0.999, 300)])
def test_bai_2025_a_spike_comes_out_of_calm_where_the_shrinking_v_crosses_the_edge(beta2, late):
    """The quietest step is where 38 is crossed. From there v goes on shrinking while the gradients grow, for hundreds
    of steps with a long memory, and only then does it fill."""
    distance, sharp = walk(beta2)
    quiet = distance.argmin()
    assert sharp[quiet] == pytest.approx(38, rel=0.03)
    assert sharp[quiet + 20] / sharp[quiet] == pytest.approx(beta2**-10, rel=1e-3)
    peak = quiet + sharp[quiet : quiet + 2000].argmax()
    assert peak - quiet > late and sharp[peak] > 45
    assert distance[peak - 3 : peak + 3].max() > 1e6 * distance[quiet]


def test_bai_2025_with_a_memory_of_ten_steps_nothing_explodes():
    """v never empties: the bound is never crossed, and the walk swings on with the same width."""
    distance, sharp = walk(0.9)
    widths = distance[: len(distance) // 10 * 10].reshape(-1, 10).max(axis=1)
    assert sharp.max() < 38 and widths.min() > 0.9 * widths.max()


def test_bai_2025_a_longer_memory_makes_spikes_rarer_higher_and_the_calm_before_them_deeper():
    walks = [
        np.abs(descend(Adam(0.1, 0.9, beta2), Parabola(), [1.0], 9000).positions[200:, 0]) for beta2 in (0.99, 0.999)
    ]
    (often, small), (seldom, large) = ((np.mean(x > 1e-3), x.max()) for x in walks)
    assert often > 0.3 and seldom < 0.05 and large > 2 * small
    assert np.median(walks[1]) < 1e-20 < 1e-5 < np.median(walks[0])


def test_bai_2025_on_the_digits_a_short_memory_stays_at_the_edge_and_trembles():
    """In full batch no run leaps; the shorter the memory the sooner it is at 38, and the more of its steps rise."""
    problem, rises, early = SquaredNetwork(), [], []
    for beta2 in (0.9, 0.99, 0.999):
        rule, theta, losses = Adam(0.01, 0.9, beta2), problem.start.copy(), []
        for t in range(1, 601):
            rule.step(theta, problem.gradient(theta))
            losses.append(problem.loss(theta))
            if t == 50:
                divisor = np.sqrt(rule.state_dict()["v"] / (1 - beta2**t)) + rule.eps
                early.append(rule.lr * sharpness(problem, theta, divisor, 12))
        growth = np.divide(losses[51:], losses[50:-1])
        assert growth.max() < 1.2
        rises.append(np.sum(growth > 1))
    assert early[0] > 25 and max(early[1:]) < 16
    assert rises[0] > 1.5 * rises[1] and rises[1] > 1.5 * rises[2]
