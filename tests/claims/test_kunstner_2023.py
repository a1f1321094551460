"""Kunstner et al., "Noise Is Not the Main Factor Behind the Gap Between SGD and Adam …", 2023 (arXiv:2304.13960)."""

import numpy as np
import pytest

from descent import Adam, GradientDescent, Momentum, Network, RareWords, Signum, descend

RATES = {GradientDescent: 2.0 ** np.arange(1, 7), Adam: 2.0 ** np.arange(-6, 2), Signum: 2.0 ** np.arange(-7, -1)}


class Sampled(RareWords):
    """The gradient is that of `batch` drawn pairs of words; the loss remains the exact one."""

    def __init__(self, batch, seed=0):
        super().__init__(words=31)
        self.batch, self.rng = batch, np.random.default_rng(seed)

    def gradient(self, theta):
        pairs = self.frequency[:, None] * self.follows
        drawn = self.rng.multinomial(self.batch, pairs.ravel() / pairs.sum()).reshape(pairs.shape) / self.batch
        read = drawn.sum(axis=1, keepdims=True)
        return (read * np.exp(self._log_probabilities(theta)) - drawn).ravel()


def best(rule, batch, seed=0):
    """Return the loss after 100 steps at the best of the rates, which may not be at an edge."""
    problems = [RareWords(words=31) if batch is None else Sampled(batch, seed) for _ in RATES[rule]]
    losses = [descend(rule(lr), problem, steps=100).losses[-1] for lr, problem in zip(RATES[rule], problems)]
    assert 0 < np.argmin(losses) < len(losses) - 1
    return min(losses)


def test_kunstner_2023_a_larger_batch_makes_the_lead_larger():
    for seed in (0, 1):
        leads = [best(GradientDescent, size, seed) / best(Adam, size, seed) for size in (64, 1024)]
        assert 1.2 < leads[0] < leads[1] / 1.5


def test_kunstner_2023_without_noise_the_lead_is_largest_and_sign_descent_with_momentum_shares_it():
    descent, adam, sign = (best(rule, None) for rule in (GradientDescent, Adam, Signum))
    assert descent > 100 * adam
    assert descent > 5 * sign


@pytest.mark.parametrize("size, middle, behind", [(16, (0.125, 0.04, 0.03), 1.15), (None, (1, 0.06, 0.008), 4)])
def test_kunstner_2023_without_rare_classes_momentum_keeps_up_with_noise_and_without(size, middle, behind):
    """The digits, ten classes of nearly equal size; sign descent, which has no momentum here, is behind."""
    network, budget = Network(seed=0), {"steps": 60, "batch_size": size, "record": 60}
    momentum, adam, sign = (
        min(descend(rule(lr * factor), network, **budget).losses[-1] for factor in (0.5, 1, 2))
        for rule, lr in zip((Momentum, Adam, lambda lr: Signum(lr, beta=0)), middle)
    )
    assert 0.6 < momentum / adam < 1.7
    assert sign > behind * max(momentum, adam)
