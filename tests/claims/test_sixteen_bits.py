"""bfloat16 in NumPy: rounding to nearest and at random, and what they do to Adam (Micikevicius et al. 2018, §3)."""

import numpy as np
import pytest

from descent import Adam, to_bfloat16, to_bfloat16_at_random


def test_bfloat16_rounds_to_the_nearest_of_its_neighbours():
    """Every bfloat16 stays; what is between two goes to the nearer one, and half-way to the one that is even."""
    upper = np.arange(1 << 16, dtype=np.uint32)
    held = (upper << 16).view(np.float32)
    finite = np.isfinite(held)
    assert np.array_equal(to_bfloat16(held), held, equal_nan=True)
    low = np.flatnonzero(finite & finite[(upper + 1) % (1 << 16)])
    between = held[low].astype(float) + (held[low + 1].astype(float) - held[low]) * 0.5
    assert np.array_equal(to_bfloat16(between), np.where(low % 2 == 0, held[low], held[low + 1]))
    assert np.array_equal(to_bfloat16(np.nextafter(between.astype(np.float32), held[low])), held[low])
    assert np.isnan(to_bfloat16(np.array([0x7F800001], np.uint32).view(np.float32)))[0]
    assert to_bfloat16(3.4e38) == np.inf and to_bfloat16(-np.inf) == -np.inf
    with pytest.raises(TypeError, match="real numbers"):
        to_bfloat16("1.0")


def test_rounding_at_random_is_right_on_average():
    rng = np.random.default_rng(0)
    rounded = to_bfloat16_at_random(np.full(100_000, 1.002, np.float32), rng)
    assert set(np.unique(rounded)) == {1.0, 1.0078125}
    assert rounded.mean(dtype=float) == pytest.approx(1.002, abs=5e-5)


def test_a_step_of_a_thousandth_does_not_move_a_weight_of_one():
    theta, rule = np.ones(1, np.float32), Adam(1e-3)
    for _ in range(50):
        theta[...] = to_bfloat16(rule.step(theta, np.ones_like(theta)))
    assert theta == 1


@pytest.mark.parametrize("beta2", [0.999, 1.0])
def test_v_stops_at_a_half(beta2):
    v = to_bfloat16(0.0)
    for _ in range(2000):
        v = to_bfloat16(to_bfloat16(np.float32(beta2) * v) + to_bfloat16(0.001))
    assert v == 0.5
