"""Zhang et al., "Why are Adaptive Methods Good for Attention Models?", 2020 (arXiv:1912.03194): heavy-tailed noise."""

import numpy as np
import pytest

from descent import Adam, GradientDescent


def spread(rule, noise, limit=np.inf):
    """Return the root mean square of many walkers on x^2/2 after the noise, one row a step; gradients are clipped."""
    x = np.zeros(noise.shape[1])
    for shock in noise:
        rule.step(x, np.clip(x + shock, -limit, limit))
    return np.sqrt(np.mean(x**2))


@pytest.mark.parametrize("seed", [0, 1])
def test_zhang_2020_noise_of_infinite_variance_ruins_gradient_descent_but_neither_clipping_nor_adam(seed):
    """Beside normal noise of the same median size it spreads gradient descent thirty times as far, a clipped one less
    than twice, Adam three times."""
    rng = np.random.default_rng(seed)
    normal = rng.normal(size=(600, 2000))
    heavy = rng.choice([-1, 1], size=normal.shape) * (rng.pareto(1.3, size=normal.shape))
    heavy *= np.median(np.abs(normal)) / np.median(np.abs(heavy))
    worse = {
        name: spread(rule.fresh(), heavy, limit) / spread(rule.fresh(), normal, limit)
        for name, rule, limit in (
            ("gradient descent", GradientDescent(0.02), np.inf),
            ("clipped", GradientDescent(0.02), 2.0),
            ("Adam", Adam(0.02), np.inf),
        )
    }
    assert worse["gradient descent"] > 15
    assert worse["clipped"] < 2 and worse["Adam"] < 4
