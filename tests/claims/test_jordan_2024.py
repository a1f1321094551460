"""Jordan et al., "Muon: An Optimizer for Hidden Layers in Neural Networks", 2024."""

import numpy as np
import pytest

from descent import Adam, ByLayer, Muon, Network, orthogonalized


@pytest.mark.parametrize("shape", [(4, 9), (9, 4), (6, 6)])
def test_jordan_2024_newton_schulz_keeps_the_directions_and_evens_out_the_sizes(shape):
    matrix = np.random.default_rng(0).normal(size=shape)
    U, S, Vt = np.linalg.svd(matrix, full_matrices=False)
    inside = U.T @ orthogonalized(matrix) @ Vt.T
    assert np.abs(inside - np.diag(np.diag(inside))).max() < 1e-12
    assert np.all((np.diag(inside) > 0.65) & (np.diag(inside) < 1.25))
    exact = orthogonalized(matrix, (1.5, -0.5, 0), steps=40)
    assert np.abs(exact - U @ Vt).max() < 1e-12


def test_jordan_2024_coefficients():
    """Five steps take every singular value from .01 on into a band around 1; the classical ones leave .01 at .076."""
    s = slow = np.linspace(0.01, 1, 2000)
    for _ in range(5):
        s = 3.4445 * s - 4.7750 * s**3 + 2.0315 * s**5
        slow = 1.5 * slow - 0.5 * slow**3
    assert 0.68 < s.min() and s.max() < 1.21
    assert slow[0] == pytest.approx(0.076, abs=5e-4)


def test_jordan_2024_five_steps_even_out_a_real_gradient_but_for_its_smallest_directions():
    """Singular values from .004 on, of a largest .8, end between .68 and 1.2; the classical iteration leaves .004 below
    .05 and has only the large ones nearer to 1."""
    network = Network((32, 32))
    G = network.layers(network.gradient(network.start))["W1"]
    before, muon, classical = (
        np.linalg.svd(matrix, compute_uv=False)
        for matrix in (G / np.linalg.norm(G), orthogonalized(G), orthogonalized(G, (1.5, -0.5, 0)))
    )
    arrived = (muon > 0.68) & (muon < 1.21)
    assert 0.6 < arrived.mean() < 0.9 and arrived[before > 0.003].all()
    assert np.all(muon[before < 1e-4] < 0.5)
    assert abs(classical[0] - 1) < 1e-3 < abs(muon[0] - 1)
    assert np.all(classical[(before > 0.003) & (before < 0.005)] < 0.05)


def test_each_part_of_a_network_has_a_rule_of_its_own():
    network = Network((80,))  # 64 pixels, 80 units
    rule, theta = ByLayer(network.layers, Muon(0.1), Adam(0.01)), network.start.copy()
    gradient = network.gradient(theta)
    rule.step(theta, gradient)
    moved, parts = network.layers(theta - network.start), network.layers(gradient)
    assert np.allclose(moved["b1"], -0.01 * np.sign(parts["b1"]), atol=1e-6)
    expected = -0.1 * np.sqrt(80 / 64) * orthogonalized(parts["W1"])
    assert np.allclose(moved["W1"], expected)
    assert rule.fresh().rules == {}
    with pytest.raises(ValueError, match="matrix"):
        orthogonalized(np.ones(3))
