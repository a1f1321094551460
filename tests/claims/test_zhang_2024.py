"""Zhang et al. 2024 on the Hessian's blocks (arXiv:2402.16788) and on one v for each (Adam-mini, arXiv:2406.16793)."""

from functools import cache

import numpy as np
import pytest

from descent import Adam, Network, descend, hessian


def best(rule, problem, rates, **budget):
    """Return the loss where the best of the rates ends, which may not be at an edge."""
    losses = [descend(rule(lr), problem, record=1000, **budget).losses[-1] for lr in rates]
    assert 0 < np.argmin(losses) < len(losses) - 1
    return min(losses)


@cache
def digits(seed):
    """Return a small network on the digits after 45 steps: the weights, and the unit that each leads into."""
    network = Network((8,), seed=seed)
    unit = np.zeros(len(network.start), int)
    layers = network.layers(unit)
    layers["W1"][:], layers["b1"][:] = np.arange(8), np.arange(8)
    layers["W2"][:], layers["b2"][:] = 8 + np.arange(10), 8 + np.arange(10)
    return network, descend(Adam(0.03), network, steps=45, batch_size=32, seed=seed).positions[-1], unit


@pytest.mark.parametrize("seed", [0, 1])
def test_zhang_2024_the_hessian_has_blocks_of_unlike_curvature(seed):
    """A block for each unit holds most of the squares; between layers the blocks differ tenfold, within them less."""
    network, theta, unit = digits(seed)
    H = hessian(network, theta)
    same = unit[:, None] == unit
    assert same.mean() < 0.1 and np.sum(H[same] ** 2) > 0.7 * np.sum(H**2)
    top = np.array([np.linalg.eigvalsh(H[np.ix_(unit == k, unit == k)])[-1] for k in range(18)])
    assert np.median(top[:8]) > 5 * np.median(top[8:])
    assert np.ptp(np.log(top[:8])) < np.log(6)


class AdamMini(Adam):
    """Adam with one v for each group of coordinates: the mean of their squares."""

    group = None

    def update(self, theta, g, m, v, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        square = (np.bincount(self.group, g**2) / np.bincount(self.group))[self.group]
        m[...] = beta1 * m + (1 - beta1) * g
        v[...] = beta2 * v + (1 - beta2) * square
        theta -= lr * m / (1 - beta1**t) / (np.sqrt(v / (1 - beta2**t)) + eps)


def test_zhang_2024_adam_mini_is_adam_where_groups_are_single_weights_and_pays_for_coarser_ones():
    """So much for our digits, where the paper's language models lose nothing by one v for each block."""
    _, _, unit = digits(0)
    partitions = {"weight": np.arange(len(unit)), "unit": unit, "layer": np.where(unit < 8, 0, 1)}
    rates, means = 2.0 ** -np.arange(3, 8), {}
    for name, AdamMini.group in partitions.items():
        ends = [
            best(AdamMini, Network((8,), seed=seed), rates, steps=90, batch_size=32, seed=seed) for seed in range(3)
        ]
        means[name] = np.mean(ends)
    single = [best(Adam, Network((8,), seed=seed), rates, steps=90, batch_size=32, seed=seed) for seed in range(3)]
    assert means["weight"] == pytest.approx(np.mean(single), rel=1e-6)
    assert means["weight"] < 0.9 * means["unit"] and means["unit"] < means["layer"]
