"""What the chapter Adam in practice says of outliers, sixteen bits, rest and resuming, computed once more."""

import numpy as np
import pytest

from descent import Adam, AdamW, AMSGrad, Momentum, Network, Reddi, descend, schedules


def way(rule, wild, noise=0.0, steps=2050, size=1):
    """The way walked, in lr of 1e-3, when gradients of mean 1 are interrupted by a `wild` one in step 1,000."""
    rng, theta, positions = np.random.default_rng(0), np.zeros(size), [np.zeros(size)]
    for t in range(1, steps + 1):
        g = 1 + noise * rng.normal(size=size)
        positions.append(rule.step(theta, np.full(size, wild) if t == 1000 else g).copy())
    return -np.mean(positions, axis=1) / 1e-3


@pytest.mark.parametrize("wild", [1000.0, -1000.0])
@pytest.mark.parametrize("rule, leap, silence", [(Adam(1e-3), 25, 40), (AMSGrad(1e-3), 25, 30)])
def test_adam_in_practice_an_outlier_throws_and_silences(rule, leap, silence, wild):
    """Adam is thrown by about 25 learning rates, against the drift too, and then takes 1,000 steps for what forty
    did."""
    walked = way(rule.fresh(), wild)
    assert abs(walked[1049] - walked[999]) == pytest.approx(leap, abs=2)
    assert walked[2049] - walked[1049] < silence


def test_adam_in_practice_a_shorter_memory_heals_sooner():
    walked = way(Adam(1e-3, beta2=0.95), -1000.0)
    assert walked[1049] - walked[999] == pytest.approx(-5, abs=0.5)
    assert walked[2049] - walked[1049] > 800


def test_adam_in_practice_momentum_is_thrown_back_the_whole_way():
    walked = way(Momentum(1e-4), -1000.0)
    assert walked[999] - walked[999:1050].min() == pytest.approx(950, abs=10)


def test_adam_in_practice_clipping_cures_both():
    walked = way(Adam(1e-3), -1.0)
    assert walked[999] - walked[999:1050].min() < 2
    assert walked[2049] - walked[1049] > 990


@pytest.mark.parametrize("wild", [1e4, -1e4])
def test_adam_in_practice_an_outlier_in_noise(wild):
    """Noise of 10: thrown 25 learning rates, while 50 ordinary steps make about 5, and then frozen."""
    walked = way(Adam(1e-3), wild, noise=10.0, size=500)
    assert abs(walked[1049] - walked[999]) == pytest.approx(25, abs=1)
    assert walked[999] - walked[949] == pytest.approx(5, abs=1)
    assert walked[2049] - walked[1049] < 6


def bfloat16(x):
    bits = np.float32(x).view(np.uint32)
    bits += np.uint32(0x7FFF) + ((bits >> 16) & 1)
    return (bits & np.uint32(0xFFFF0000)).view(np.float32)


def test_adam_in_practice_decay_settles_the_mean_only():
    """AdamW, L = 0.15 (theta - 0.2)**2 and noise: thirty times the rate leaves the mean where it was, near 0.15, and
    makes the spread more than four times as large."""
    found = {}
    for lr in (0.003, 0.1):
        rng, adam, theta, seen = np.random.default_rng(0), AdamW(lr, weight_decay=0.1), np.zeros(200), []
        for t in range(15_000):
            adam.step(theta, 0.3 * (theta - 0.2) + rng.normal(size=200))
            if t >= 10_000 and t % 50 == 0:
                seen.append(theta.copy())
        found[lr] = np.mean(seen), np.std(seen)
    assert found[0.003][0] == pytest.approx(found[0.1][0], abs=0.02)
    assert found[0.1][1] > 4 * found[0.003][1]


def test_adam_in_practice_resuming_is_the_same_run():
    """Parameters, state and the order of the batches, saved and loaded: the same bits."""
    network = Network(seed=0)

    def go(theta, adam, rng, steps):
        for _ in range(steps):
            batch = rng.integers(network.size, size=32)
            adam.step(theta, network.gradient(theta, batch))

    def begin():
        return network.start.copy(), Adam(schedules.cosine(0.03, 40)), np.random.default_rng(0)

    whole = begin()
    go(*whole, 40)
    first, second = begin(), begin()
    go(*first, 25)
    second[0][:] = first[0]
    second[1].load_state_dict(first[1].state_dict())
    second[2].bit_generator.state = first[2].bit_generator.state
    go(*second, 15)
    np.testing.assert_array_equal(second[0], whole[0])


def test_adam_in_practice_dividing_by_the_v_before():
    """ADOPT's order on Reddi's problem, beta1 = 0 and beta2 = 1/17: -1, where Adam goes to +1."""
    theta = v = 0.0
    for t in range(1, 1001):
        g = 4.0 if t % 3 == 1 else -1.0
        if v > 0:
            theta = float(np.clip(theta - 0.05 * g / np.sqrt(v), -1, 1))
        v = v / 17 + g**2 * 16 / 17
    adam = Adam(0.05, beta1=0, beta2=1 / 17, bias_correction="none")
    assert theta == pytest.approx(-1, abs=0.1)
    assert descend(adam, Reddi(C=4), [0.0], 1000).positions[-1, 0] == pytest.approx(1, abs=0.1)


def test_adam_in_practice_thirty_two_bits():
    """In float32, 32 bits, the step that bfloat16 loses is kept: 8,000 steps of 0.001 from 1 end at -7."""
    assert np.finfo(np.float32).bits == 32
    adam, theta = Adam(lr=1e-3), np.ones(1, dtype=np.float32)
    for _ in range(8000):
        adam.step(theta, np.ones(1, dtype=np.float32))
    assert theta[0] == pytest.approx(-7, abs=0.01)
