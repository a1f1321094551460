"""McCandlish et al., "An Empirical Model of Large-Batch Training", 2018 (arXiv:1812.06162)."""

import numpy as np
import pytest

from descent import Adam, GradientDescent, Momentum, Network, descend

BATCHES = np.array([8, 32, 128, 512])


def test_mccandlish_2018_the_best_step_gains_as_much_less_as_the_noise_scale_says():
    """On a bowl: gain and rate are those without noise, divided by 1 + noise scale / batch (§2.2)."""
    gradient, spread = np.array([3.0, -1.0]), np.array([10.0, 20.0])
    scale = np.sum(spread**2) / np.sum(gradient**2)
    for batch in (5, 50, 500):
        noise = np.random.default_rng(0).normal(size=(20_000, 2)) * spread / np.sqrt(batch)
        steps = GradientDescent(1.0).step(np.zeros(noise.shape), gradient + noise)
        down, curved = np.mean(-steps @ gradient), np.mean(np.sum(steps**2, axis=1))
        assert down / curved == pytest.approx(1 / (1 + scale / batch), rel=0.05)
        assert down**2 / (2 * curved) == pytest.approx(np.sum(gradient**2) / 2 / (1 + scale / batch), rel=0.05)


def test_mccandlish_2018_the_noise_scale_grows_during_training():
    """Tenfold on the digits, from tens of images to hundreds, before Adam's division and after it."""
    network, together, each = Network(), [], []
    for theta in descend(Adam(0.01), network, steps=225, batch_size=32, record=225).positions:
        g = np.array([network.gradient(theta, [i]) for i in range(network.size)])
        square, variance = g.mean(axis=0) ** 2, g.var(axis=0)
        v = square + variance / 32 + 1e-12
        together.append(variance.sum() / square.sum())
        each.append(np.sum(variance / v) / np.sum(square / v))
    assert 20 < together[0] < 60 and together[1] > 5 * together[0]
    assert each[0] > 1.5 * together[0] and each[1] > 4 * each[0]


def steps_to(rule, size, seed, target=0.2):
    """Return the steps until the loss is below the target, looked at in every other step."""
    network, rng = Network(seed=seed), np.random.default_rng(seed)
    theta, t = network.start.copy(), 0
    while network.loss(theta) >= target:
        for _ in range(2):
            rule.step(theta, network.gradient(theta, rng.choice(network.size, size, replace=False)))
        t += 2
    return t


# The best rates of the chapter's search, a rate for each batch.
RATES = {Momentum: (0.0625, 0.25, 0.5, 1.0), Adam: (0.03125, 0.0625, 0.0625, 0.0625)}


def test_mccandlish_2018_steps_to_a_loss_fall_with_the_batch_and_then_do_not():
    """S = S_min (1 + B_c / B) fits the counts on the digits, with a B_c of tens of images. Adam's is not the larger,
    as it is in Zhang et al. 2019 (arXiv:1907.04164) on larger networks."""
    critical = {}
    for rule, rates in RATES.items():
        counts = [[steps_to(rule(lr), size, seed) for size, lr in zip(BATCHES, rates)] for seed in range(2)]
        steps = np.mean(counts, axis=0)
        least, slope = np.linalg.lstsq(np.transpose([1 / steps, 1 / (BATCHES * steps)]), np.ones(4))[0]
        assert steps == pytest.approx(least + slope / BATCHES, rel=0.25)
        assert steps[0] > 2.4 * steps[1] and steps[2] < 2.2 * steps[3]
        critical[rule] = slope / least
        assert 30 < critical[rule] < 160
    assert critical[Adam] < 1.2 * critical[Momentum]
