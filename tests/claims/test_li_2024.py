"""Li et al., "Surge Phenomenon in Optimal Learning Rate and Batch Size Scaling", 2024 (arXiv:2405.14578)."""

import numpy as np
import pytest

from descent import GradientDescent, Signum

SIZE, COMMON = 100, 1.0  # the Hessian is the identity plus COMMON in every place
SIGNAL = 0.01  # of a single example's gradient, over its noise
BATCHES = 4 ** np.arange(9)


def best_rate(rule, batch, draws=1000):
    """Return the rate at which the mean loss, a quadratic, is least after one step from noisy gradients."""
    rng, gradient = np.random.default_rng(0), np.ones(SIZE)
    noise = rng.normal(size=(draws, SIZE)) / (SIGNAL * np.sqrt(batch))
    noisy = gradient + np.concatenate([noise, -noise])
    steps = -rule(1.0).step(np.zeros(noisy.shape), noisy)  # coordinate by coordinate, so all draws at once
    curved = np.sum(steps**2, axis=1) + COMMON * np.sum(steps, axis=1) ** 2
    return np.mean(steps @ gradient) / np.mean(curved)


def test_li_2024_under_signs_the_best_rate_first_rises_as_the_root_of_the_batch_and_then_falls():
    """Up to four times the batch N where the rate is largest, it is the paper's 2 max / (sqrt(N/B) + sqrt(B/N)); in the
    end it is less than a third of that. The best rate of gradient descent only rises."""
    rates = np.array([best_rate(lambda lr: Signum(lr, beta=0), batch) for batch in BATCHES])
    top = rates.argmax()
    assert rates[2] / rates[0] == pytest.approx(4, rel=0.15)
    assert 2 < top < len(rates) - 2 and rates[-1] < rates[top] / 3
    spread = (SIZE - 1) * COMMON / (1 + COMMON)
    turn = np.pi / (2 * SIGNAL**2 * spread)  # the best rate is largest where the mean of a sign is 1 / sqrt(spread)
    law = 2 / (np.sqrt(turn / BATCHES) + np.sqrt(BATCHES / turn))
    assert rates[: top + 2] / rates[top] == pytest.approx(law[: top + 2] / law[top], rel=0.08)
    assert np.all(np.diff([best_rate(GradientDescent, batch) for batch in BATCHES]) > 0)
