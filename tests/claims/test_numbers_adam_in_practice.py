"""Numbers in the chapter on Adam in practice that none of its cells prints; numbers.toml says where each stands."""

import json

import numpy as np
import pytest

from descent import Network, RMSProp


def test_adam_in_practice_images():
    """1,000 of the 1,437 training images are learnt from, and 437 validate."""
    assert Network().size - 1000 == 437


def test_adam_in_practice_protocol_step_7(root):
    """Step 7 of the protocol is to repeat with new seeds."""
    cells = json.loads((root / "chapters" / "adam-in-practice.ipynb").read_text(encoding="utf-8"))["cells"]
    lines = [line for cell in cells for line in "".join(cell["source"]).splitlines()]
    [step] = [line for line in lines if line.startswith(f"{7}. **")]
    assert "new seeds" in step


def test_adam_in_practice_dqn_eps_inside_the_root():
    """0.01 added to the square acts like 0.1 added to the root, where the gradients are small."""
    g = 1e-3
    assert g / (g**2 + 0.01) ** 0.5 == pytest.approx(g / 0.1, rel=1e-4)
    assert RMSProp().hyperparameters["eps"] == 1e-8  # ours stands outside


def test_adam_in_practice_betas_in_examples():
    """beta2 = 0.999 at a batch of 32, carried to 128, 512 and 4096: 1 - beta2 is 0.004, 0.016, 0.128. At ten times the
    batch
    the memory of ten steps would be one."""
    batches, left = (128, 512, 4096), (0.004, 0.016, 0.128)
    for batch, share, beta2 in zip(batches, left, (0.996, 0.984, 0.872)):
        assert batch / 32 * (1 - 0.999) == pytest.approx(share)
        assert 1 - share == pytest.approx(beta2)
    assert 1 / (10 * (1 - 0.9)) == pytest.approx(1)


def test_adam_in_practice_rows_and_columns():
    """64 x 32: 96 sums in place of 2048 numbers; 4096 x 4096: 8192 in place of 16.8 million."""
    assert 64 + 32 == 96 and 64 * 32 == 2048
    assert 4096 + 4096 == 8192 and round(4096 * 4096 / 1e6, 1) == 16.8


def bfloat16(x):
    bits = np.float32(x).view(np.uint32)
    bits += np.uint32(0x7FFF) + ((bits >> 16) & 1)
    return (bits & np.uint32(0xFFFF0000)).view(np.float32)


def test_adam_in_practice_bfloat16_does_not_move():
    """With each result rounded to bfloat16, v stops at a half and a weight of 1 is still 1: 2**-8 is the spacing
    below 1."""
    theta, m, v = 1.0, 0.0, 0.0
    for t in range(1, 2001):
        m = bfloat16(bfloat16(0.9 * m) + 0.1)
        v = bfloat16(bfloat16(0.999 * v) + 0.001)
        theta = bfloat16(theta - 0.001 * (m / (1 - 0.9**t)) / np.sqrt(v / (1 - 0.999**t)))
    assert (v, theta) == (0.5, 1.0)
    assert bfloat16(1 - 2**-8) == 1 - 2**-8 and bfloat16(1 - 0.4 * 2**-8) == 1
