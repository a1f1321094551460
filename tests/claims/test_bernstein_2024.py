"""Bernstein & Newhouse, "Old Optimizer, New Norm: An Anthology", 2024 (arXiv:2409.20325)."""

import numpy as np
import pytest

from descent import GradientDescent, Muon, Shampoo, Signum

NORMS = {"Euclidean": np.linalg.norm, "largest": lambda a: np.abs(a).max(), "spectral": lambda a: np.linalg.norm(a, 2)}


def step(rule, g):
    return rule.step(np.zeros_like(g), g)


@pytest.mark.parametrize(
    "norm, rule",
    [("Euclidean", GradientDescent(1.0)), ("largest", Signum(1.0, beta=0)), ("spectral", Shampoo(1.0, 1e-13))],
)
def test_bernstein_2024_each_rule_is_steepest_in_its_norm(norm, rule):
    """Scaled to length 1, the step has the most negative product with the gradient: that of no other direction is as
    low, nor that of the other rules' steps."""
    rng, length = np.random.default_rng(0), NORMS[norm]
    g = rng.normal(size=(4, 6))
    ours = step(rule, g)
    least = np.sum(g * ours) / length(ours)
    dual = {"Euclidean": np.linalg.norm(g), "largest": np.abs(g).sum(), "spectral": np.linalg.norm(g, "nuc")}
    assert least == pytest.approx(-dual[norm])
    others = [ours + 0.3 * length(ours) * rng.normal(size=g.shape) for _ in range(200)]
    others += [-g, -np.sign(g), step(Shampoo(), g)]
    assert all(np.sum(g * other) / length(other) >= least * (1 + 1e-9) for other in others)


def test_bernstein_2024_muons_step_is_nearly_the_steepest_in_the_spectral_norm():
    """Its five iterations leave the singular values in a band around 1."""
    g = np.random.default_rng(0).normal(size=(6, 4))
    ours = step(Muon(1.0, 0.0), g)
    assert np.sum(g * ours) / NORMS["spectral"](ours) < -0.8 * np.linalg.norm(g, "nuc")
