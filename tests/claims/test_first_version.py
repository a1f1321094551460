"""The book's first Adam, `AdamOptimizer`: right where it is right, and wrong where the chapter says so."""

import numpy as np
import pytest

from descent import Adam
from descent.published_adam import AdamOptimizer


def test_first_version_takes_the_same_path():
    """500 steps on float arrays: within 1e-13 of ours."""
    rng = np.random.default_rng(0)
    ours = rng.normal(size=(3, 4))
    theirs = ours.copy()
    first, adam = AdamOptimizer(), Adam()
    for _ in range(500):
        g = rng.normal(size=(3, 4))
        first.update_params(theirs, g)
        adam.step(ours, g)
    np.testing.assert_allclose(ours, theirs, atol=1e-13)


def test_first_version_faults():
    """It returns nothing, fails on integers and numbers, and lets a second array use the moments of the first."""
    assert AdamOptimizer().update_params(np.ones(2), np.ones(2)) is None
    with pytest.raises(np._core._exceptions.UFuncTypeError):
        AdamOptimizer().update_params(np.array([1, 2]), np.ones(2))
    with pytest.raises(AttributeError):
        AdamOptimizer().update_params(1.0, 1.0)
    single = AdamOptimizer()
    single.update_params(np.ones(2, dtype=np.float32), np.ones(2, dtype=np.float32))
    assert single.m.dtype == np.float64
    broken = AdamOptimizer(beta1=1.0)
    theta = np.ones(2)
    with np.errstate(invalid="ignore"):
        broken.update_params(theta, np.ones(2))
    assert np.isnan(theta).all()
    shared = AdamOptimizer()
    weights, biases = np.ones(2), np.ones(2)
    shared.update_params(weights, np.full(2, 100.0))
    shared.update_params(biases, np.full(2, -1.0))
    assert np.all(biases < 1)  # moved along the other array's gradient, against its own
