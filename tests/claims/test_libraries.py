"""Where libraries part: the same name, another path. (That they part just there is tests/parity's.)"""

import numpy as np
import pytest
from support.given import Given
from support.variants import AMSGradOfCorrected

from descent import AMSGrad, descend


def test_libraries_amsgrad():
    """PyTorch's AMSGrad (ours) keeps the largest v, Optax's the largest corrected v: 500 steps of lr .01 along normal
    gradients (1,000 coordinates, seed 0) part by up to .34, though the paths are alike in all else."""
    gradients = Given(np.random.default_rng(0).normal(size=(500, 1000)))
    torch, optax = (descend(rule(0.01), gradients, steps=500).positions for rule in (AMSGrad, AMSGradOfCorrected))
    assert np.abs(torch - optax).max() == pytest.approx(0.339, abs=0.005)
    np.testing.assert_allclose(torch[1], optax[1], rtol=1e-14)
