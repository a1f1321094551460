"""Wortsman et al., "Stable and Low-Precision Training for Large-Scale Vision-Language Models", 2023 (2304.13013)."""

import numpy as np
import pytest

from descent import Adam


@pytest.mark.parametrize("beta2, longest", [(0.95, 1.1), (0.999, 6.6)])
def test_wortsman_2023_a_long_memory_lets_the_first_large_gradients_take_long_steps(beta2, longest):
    """Gradients that have been small grow a thousandfold at once. Zhai et al. 2023 shorten the memory for it."""
    rule, theta, steps = Adam(1.0, 0.9, beta2, 0.0), np.zeros(1), []
    for g in [1.0] * 4000 + [1000.0] * 60:
        before = theta.copy()
        steps.append((before - rule.step(theta, np.array([g]))).item())
    assert max(steps[4000:]) == pytest.approx(longest, rel=0.05)
