"""Marek et al., "Small Batch Size Training for Language Models", 2025 (arXiv:2507.07101)."""

import numpy as np
import pytest

from descent import Adam


def test_marek_2025_memory_is_kept_in_examples():
    """With beta2**(1/B) single examples fade from v as fast as batches of B do with beta2."""
    batch, beta2 = 32, 0.95
    singles, batches = Adam(beta2=beta2 ** (1 / batch)), Adam(beta2=beta2)
    left = []
    for rule, steps in ((singles, 10 * batch), (batches, 10)):
        theta = np.zeros(1)
        for _ in range(10_000 if rule is singles else 400):
            rule.step(theta, np.array([1.0]))
        for _ in range(steps):
            rule.step(theta, np.array([0.0]))
        left.append(rule.state_dict()["v"].item())
    assert left[0] == pytest.approx(left[1], rel=1e-6) == pytest.approx(beta2**10, rel=1e-6)
