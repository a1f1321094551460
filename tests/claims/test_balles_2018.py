"""Balles & Hennig, "Dissecting Adam: The Sign, Magnitude and Variance of Stochastic Gradients", 2018."""

import numpy as np
import pytest

from descent import Adam, Network, descend


def mean_steps(gradients, after):
    """Return Adam's mean step for these gradients, as a multiple of -lr; it stays where it is."""
    rule, there = Adam(1e-9), np.zeros(gradients.shape[1])
    return -np.mean(np.diff([rule.step(there, g).copy() for g in gradients], axis=0)[after:], axis=0) / 1e-9


@pytest.mark.parametrize("ratio", [0.1, 0.5, 2.0])
def test_balles_2018_a_mean_step_is_the_sign_times_a_factor_of_signal_and_noise(ratio):
    """sign(mu) / sqrt(1 + sigma^2/mu^2), whatever the scale of the gradient."""
    rng, scales = np.random.default_rng(0), np.array([1e-3, -1.0, 1e3])
    gradients = scales * (ratio + rng.normal(size=(12_000, 3)))
    expected = np.sign(scales) * ratio / np.sqrt(1 + ratio**2)
    assert mean_steps(gradients, 2000) == pytest.approx(expected, abs=0.03)


def test_balles_2018_on_the_digits():
    """Half of the weights are within .03 of the formula, nine in ten within .08; the sign alone is far off."""
    network, rng = Network(seed=0), np.random.default_rng(0)
    theta = descend(Adam(0.01), network, steps=45, batch_size=32).positions[-1]
    gradients = np.array([network.gradient(theta, rng.choice(network.size, 32)) for _ in range(400)])
    mean, noise = gradients.mean(axis=0), gradients.std(axis=0)
    some = (noise > 0) & (np.abs(mean) > 0.05 * noise)
    taken, ratio = mean_steps(gradients, 100)[some], (mean[some] / noise[some])
    off = np.abs(taken - ratio / np.sqrt(1 + ratio**2))
    assert np.median(off) < 0.03 and np.quantile(off, 0.9) < 0.08
    assert np.median(np.abs(taken - np.sign(ratio))) > 0.5
