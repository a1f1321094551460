"""Orvieto & Gower, "In Search of Adam's Secret Sauce", 2025 (arXiv:2505.21829)."""

import numpy as np
import pytest

from descent import Adam, Network, RareWords, descend


def estimates(rule, gradients):
    """Return m_hat and v_hat after these gradients, a row for each step."""
    theta = np.zeros_like(gradients[0])
    for g in gradients:
        rule.step(theta, g)
    state = rule.state_dict()
    return state["m"] / (1 - rule.beta1**rule.t), state["v"] / (1 - rule.beta2**rule.t)


def test_orvieto_2025_with_equal_betas_v_less_the_square_of_m_is_a_variance():
    """Mean and mean square over the same past, with weights that add up to 1: the noise's variance, never negative."""
    sizes = np.array([0.1, 1.0, 10.0])
    gradients = 2 + sizes * np.random.default_rng(0).normal(size=(2000, 3))
    m, v = estimates(Adam(beta1=0.99, beta2=0.99), gradients)
    assert np.sqrt(v - m**2) == pytest.approx(sizes, rel=0.2)
    for beta, negative in ((0.9, False), (0.5, True)):  # of unequal pasts the difference is no variance
        m, v = estimates(Adam(beta1=0.9, beta2=beta), np.array([[3.0]] * 10 + [[0.1]]))
        assert (v < m**2) == negative


def best(problem, beta1, beta2, rates, **budget):
    losses = [descend(Adam(lr, beta1, beta2), problem, record=1000, **budget).losses[-1] for lr in rates]
    assert 0 < np.argmin(losses) < len(losses) - 1
    return min(losses)


def test_orvieto_2025_equal_betas_lose_next_to_nothing_on_the_digits_and_a_short_memory_of_v_is_bad():
    budget = {"steps": 90, "batch_size": 32}
    networks, rates = [Network((16,), seed=seed) for seed in range(2)], 2.0 ** np.arange(-8, -2)
    equal, usual, short = (
        np.mean([best(network, 0.95, beta2, rates, seed=s, **budget) for s, network in enumerate(networks)])
        for beta2 in (0.95, 0.999, 0.5)
    )
    assert equal < 1.05 * usual and short > 1.5 * usual


def test_orvieto_2025_on_rare_words_the_same_corner_is_bad():
    words, rates = RareWords(words=31), 2.0 ** np.arange(-6, 5)
    assert best(words, 0.95, 0.5, rates, steps=30) > 2 * best(words, 0.95, 0.95, rates, steps=30)


def test_orvieto_2025_on_rare_words_without_noise_a_long_average_is_only_a_delay():
    """A short beta1 is best, and 0.9 much worse than none."""
    words, rates = RareWords(words=31), 2.0 ** np.arange(-6, 3)
    none, short, long = (best(words, beta1, 0.95, rates, steps=30) for beta1 in (0, 0.5, 0.9))
    assert short < 0.5 * none and long > 4 * none
