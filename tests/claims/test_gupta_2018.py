"""Gupta, Koren & Singer, "Shampoo: Preconditioned Stochastic Tensor Optimization", 2018 (arXiv:1802.09568)."""

import numpy as np

from descent import Shampoo


def test_gupta_2018_shampoo_without_memory_is_the_spectral_step():
    g = np.random.default_rng(0).normal(size=(5, 8))
    U, _, Vt = np.linalg.svd(g, full_matrices=False)
    assert np.abs(Shampoo(1.0, 1e-12).step(np.zeros_like(g), g) + U @ Vt).max() < 1e-9


def test_gupta_2018_two_small_roots_stand_for_one_of_the_large_matrix():
    """The step is that of the fourth root of L (x) R, a matrix for all entries of theta at once (their Lemma 4 and §3);
    L and R are sums over all steps."""
    gradients, shampoo = np.random.default_rng(0).normal(size=(5, 4, 3)), Shampoo(0.3, 0.01)
    theta, expected = np.zeros((4, 3)), np.zeros(12)
    left, right = 0.01 * np.eye(4), 0.01 * np.eye(3)
    for g in gradients:
        left, right = left + g @ g.T, right + g.T @ g
        values, vectors = np.linalg.eigh(np.kron(left, right))
        expected -= 0.3 * vectors @ (vectors.T @ g.ravel() / values**0.25)
        shampoo.step(theta, g)
        assert np.abs(theta.ravel() - expected).max() < 1e-11
