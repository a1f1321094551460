"""Yang et al., "Tensor Programs V: Tuning Large Neural Networks via Zero-Shot Hyperparameter Transfer" (μP), 2021."""

import numpy as np
import pytest

from descent import Adam, Network, descend


def network_of(width, way, seed=0, base=32):
    """Return the network and the factor of the learning rate for each of its weights."""
    network = Network((width,), seed=seed, dtype=np.float32)
    factor = np.ones_like(network.start)
    if way == "μP":
        network.layers(network.start)["W2"][...] *= np.sqrt(base / width)
        network.layers(factor)["W2"][...] = base / width
    return network, factor


def best_power(width, way):
    """Return the k for which 2**-k is the best rate, of two networks' mean loss; it may not be at an edge."""
    powers, losses = np.arange(3, 10), []
    for seed in range(2):
        network, factor = network_of(width, way, seed)
        budget = {"steps": 45, "batch_size": 32, "record": 45, "seed": seed}
        losses.append([descend(Adam(2.0**-k * factor), network, **budget).losses[-1] for k in powers])
    best = np.argmin(np.mean(losses, axis=0))
    assert 0 < best < len(powers) - 1
    return powers[best]


def test_yang_2021_the_best_rate_drifts_with_width_and_stands_still_under_mup():
    narrow = best_power(32, "standard")
    assert best_power(256, "standard") >= narrow + 2
    assert abs(best_power(256, "μP") - narrow) <= 1


@pytest.mark.parametrize("way, grows", [("standard", True), ("μP", False)])
def test_yang_2021_one_step_moves_the_scores_by_a_share_of_the_width_or_by_the_same(way, grows):
    moved = []
    for width in (64, 1024):
        network, factor = network_of(width, way)
        parts = network.layers(network.start)
        parts["W2"][...] = 0  # only what the step does is to be seen
        theta = network.start.copy()
        Adam(0.01 * factor).step(theta, network.gradient(theta))
        hidden = np.tanh(network.images @ parts["W1"] + parts["b1"])
        moved.append(np.abs(hidden @ (network.layers(theta)["W2"] - parts["W2"])).max())
    assert (moved[1] > 8 * moved[0]) if grows else (0.5 < moved[1] / moved[0] < 2)
