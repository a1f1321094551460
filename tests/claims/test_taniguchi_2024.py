"""Taniguchi et al., "ADOPT: Modified Adam Can Converge with Any β2 with the Optimal Rate", 2024 (arXiv:2411.02853)."""

import pytest

from descent import ADOPT, Adam, Reddi, descend


@pytest.mark.parametrize("beta2", [0.01, 1 / 17, 0.2])
def test_taniguchi_2024_reddis_example_loses_its_hold_for_any_beta2(beta2):
    """C = 4: the best point is -1. Adam goes to +1 for these beta2, ADOPT to -1."""
    ends = {}
    for rule in (Adam(0.05, 0, beta2, bias_correction="none"), ADOPT(0.05, 0, beta2)):
        ends[type(rule)] = descend(rule, Reddi(C=4), [0.0], 1000).positions[-1, 0]
    assert ends[Adam] == pytest.approx(1, abs=0.1)
    assert ends[ADOPT] == pytest.approx(-1, abs=0.15)
