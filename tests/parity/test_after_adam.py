"""The rules that came after Adam, and bfloat16, against what `record_after_adam.py` recorded of PyTorch, Optax and
pytorch-optimizer.
"""

import json
import pathlib

import numpy as np
import pytest
from support.fixed_matrices import starts_and_gradients

from descent import Optimizer, after_adam
from descent.sixteen_bits import to_bfloat16

RECORDED = json.loads(pathlib.Path(__file__).with_name("after_adam.json").read_text())


class Orthogonal(Optimizer):
    """Muon without its momentum: what Optax can be asked for in float64."""

    def update(self, theta, g, *, lr=1e-3):
        theta -= lr * after_adam.orthogonalized(g)


# PyTorch's Muon computes its five iterations in bfloat16, of two to three digits; the step is 0.02 along each axis.
# Optax adds 1e-8 to the norm. SOAP's eps stands elsewhere there, and its new axes are computed in float32.
BOUNDS = {"Muon": 0.02 * 30 * 0.01, "Orthogonal": 1e-8, "SOAP": 1e-6}


@pytest.mark.parametrize("case", RECORDED["paths"], ids=lambda case: case["theirs"])
def test_path(case):
    bound = BOUNDS.get(case["ours"].split("(")[0], 1e-12)
    turned = case["ours"].startswith("Muon")  # PyTorch's matrices are (outputs, inputs), and Muon knows which is which
    assert any(case["float64"])
    for (start, gradients), recorded in zip(starts_and_gradients(), case["float64"]):
        if not recorded:
            continue  # SOAP is compared on square matrices only
        optimizer = eval(case["ours"], vars(after_adam) | {"Orthogonal": Orthogonal})
        theta = start.T.copy() if turned else start.copy()
        path = [optimizer.step(theta, gradient.T if turned else gradient).copy() for gradient in gradients]
        ours = np.array([(path[t - 1].T if turned else path[t - 1]).ravel() for t in RECORDED["checkpoints"]])
        assert np.abs(ours - recorded).max() <= bound


def test_bfloat16_has_the_bits_of_pytorch():
    given, rounded = (np.array(numbers, np.uint32) for numbers in RECORDED["bfloat16"])
    assert np.array_equal(to_bfloat16(given.view(np.float32)).view(np.uint32) >> 16, rounded)
    assert len(given) > 390
