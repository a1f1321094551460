"""Vyas et al., "SOAP: Improving and Stabilizing Shampoo using Adam", 2025 (arXiv:2409.11321)."""

import numpy as np

from descent import SOAP, Adam


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
    soap, adam, theta = SOAP(0.1, eps=0.05), Adam(0.1, 0.95, 0.95, 0.05), np.zeros((3, 3))
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
