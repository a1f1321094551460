"""Micikevicius et al., "Mixed Precision Training", 2018 (arXiv:1710.03740): what sixteen bits cost, and the cures."""

import numpy as np
import pytest

from descent import Adam, Network, descend, to_bfloat16, to_bfloat16_at_random


def train(stored, seen, seed):
    """Return the loss with weights kept as `stored` and shown to the network as `seen`."""
    network, rule, rng = Network(seed=seed, dtype=np.float32), Adam(1e-3), np.random.default_rng(seed)
    theta = stored(network.start)
    for _ in range(270):
        rule.step(theta, network.gradient(seen(theta), rng.choice(network.size, 32)))
        theta[...] = stored(theta)
    return network.loss(seen(theta))


@pytest.mark.parametrize("seed", [0, 1])
def test_micikevicius_2018_rounding_to_nearest_costs_and_each_cure_brings_it_back(seed):
    """Master weights in float32 (§3.1); rounding at random needs no second copy."""
    dice, same = np.random.default_rng(seed), np.array
    full, nearest = train(same, same, seed), train(to_bfloat16, same, seed)
    assert nearest > 1.1 * full
    assert train(same, to_bfloat16, seed) == pytest.approx(full, rel=0.02)
    assert train(lambda x: to_bfloat16_at_random(x, dice), same, seed) == pytest.approx(full, rel=0.03)


def test_micikevicius_2018_a_scaled_loss_saves_gradients_in_float16_and_not_their_squares():
    """§3.2. A hundredth and more of the gradients vanish and a third of their squares; times 128, hardly a gradient but
    still a twentieth of the squares; times 2**20 some overflow."""
    network = Network(dtype=np.float32)
    g = network.gradient(descend(Adam(0.01), network, steps=450, batch_size=32, record=450).positions[-1])
    g = g[g != 0]
    lost, squares = {}, {}
    for scale in (1, 2.0**7):
        half = (scale * g).astype(np.float16)
        lost[scale], squares[scale] = np.mean(half == 0), np.mean(half**2 == 0)
    assert lost[1] > 0.01 and squares[1] > 0.25
    assert lost[2.0**7] < 0.002 and squares[2.0**7] > 0.05
    with np.errstate(over="ignore"):
        assert np.isinf((2.0**30 * g).astype(np.float16)).any()
