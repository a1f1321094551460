"""Jordan et al., "Muon", 2024, and the norms behind it: Bernstein & Newhouse 2024 (arXiv:2409.20325)."""

import numpy as np
import pytest

from descent import SOAP, Adam, ByLayer, Muon, Network, Shampoo, orthogonalized


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


def test_bernstein_newhouse_2024_the_spectral_step_is_steepest():
    """Among steps whose largest singular value is 1, none has a more negative product with the gradient than -UV'."""
    rng = np.random.default_rng(0)
    g = rng.normal(size=(4, 6))
    U, S, Vt = np.linalg.svd(g, full_matrices=False)
    assert np.sum(g * (U @ Vt)) == pytest.approx(S.sum())
    for _ in range(200):
        other = rng.normal(size=g.shape)
        assert np.sum(g * other) / np.linalg.norm(other, 2) < S.sum()


def test_gupta_2018_shampoo_without_memory_is_the_spectral_step():
    g = np.random.default_rng(0).normal(size=(5, 8))
    U, _, Vt = np.linalg.svd(g, full_matrices=False)
    assert np.abs(Shampoo(1.0, 1e-12).step(np.zeros_like(g), g) + U @ Vt).max() < 1e-9


def test_vyas_2025_soap_follows_a_rotation_and_is_adam_along_its_axes():
    rng = np.random.default_rng(0)
    left, right = (np.linalg.qr(rng.normal(size=(5, 5)))[0] for _ in range(2))
    gradients = rng.normal(size=(25, 5, 5))
    plain, turned = np.zeros((5, 5)), np.zeros((5, 5))
    a, b = SOAP(0.1), SOAP(0.1)
    for g in gradients:
        a.step(plain, g)
        b.step(turned, left @ g @ right.T)
    assert np.abs(left @ plain @ right.T - turned).max() < 1e-6
    diagonal = np.zeros((3, 3))  # gradients along fixed axes: nothing to turn
    soap, adam, theta = SOAP(0.1), Adam(0.1, 0.95, 0.95), np.zeros((3, 3))
    for g in rng.normal(size=(25, 3)) + 2:
        soap.step(diagonal, np.diag(g))
        adam.step(theta, np.diag(g))
    assert np.abs(diagonal - theta).max() < 1e-9


def test_vyas_2025_soap_keeps_the_second_moments_with_their_axes():
    """While the axes form they change places; what is remembered of an axis goes along."""
    rng = np.random.default_rng(0)
    left, right = (np.linalg.qr(rng.standard_normal((n, n)))[0] for n in (4, 3))
    sizes = np.array([1.0, 3.0, 9.0, 27.0])[:, None] * np.array([1.0, 5.0, 25.0])
    soap, theta, off = SOAP(0.0, every=5), np.zeros((4, 3)), []
    for t in range(1, 61):
        soap.step(theta, left @ (sizes * rng.standard_normal((4, 3))) @ right.T)
        rows, columns = soap.axes
        expected = (rows.T @ left) ** 2 @ sizes**2 @ ((columns.T @ right) ** 2).T
        off.append(np.abs(np.log10(soap.v / (1 - soap.beta2**t) / expected)).mean())
    assert np.mean(off[5:]) < 0.3


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
