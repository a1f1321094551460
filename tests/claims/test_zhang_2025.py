"""Zhang et al., "Understanding Adam Requires Better Rotation Dependent Assumptions", 2025 (arXiv:2410.19964)."""

import numpy as np
import pytest

from descent import Adam, Momentum, Problem, RareWords, descend


class Rotated(Problem):
    """A problem seen in coordinates that a random rotation mixes."""

    broadcasts = False

    def __init__(self, problem, seed):
        n, self.problem = len(problem.start), problem
        self.Q = np.linalg.qr(np.random.default_rng(seed).normal(size=(n, n)))[0]
        self.start, self.size = self.Q.T @ problem.start, problem.size

    def loss(self, theta, *batch):
        return self.problem.loss(self.Q @ theta, *batch)

    def gradient(self, theta, *batch):
        return self.Q.T @ self.problem.gradient(self.Q @ theta, *batch)


def best(rule, problem, rates, **budget):
    """Return the loss where the best of the rates ends, which may not be at an edge."""
    losses = [descend(rule(lr), problem, record=1000, **budget).losses[-1] for lr in rates]
    assert 0 < np.argmin(losses) < len(losses) - 1
    return min(losses)


@pytest.mark.parametrize("seed", [0, 1])
def test_zhang_2025_a_rotation_takes_half_of_adams_lead_on_rare_words_and_nothing_from_momentum(seed):
    words, rates, slow = RareWords(words=31, seed=seed), 2.0 ** np.arange(-4, 2), 2.0 ** np.arange(2, 7)
    turned = Rotated(words, seed)
    momentum, adam = best(Momentum, words, slow, steps=30), best(Adam, words, rates, steps=30)
    assert best(Momentum, turned, slow, steps=30) == pytest.approx(momentum, rel=1e-8)
    assert adam < 0.5 * momentum
    assert (best(Adam, turned, rates, steps=30) - adam) / (momentum - adam) == pytest.approx(0.5, abs=0.15)
