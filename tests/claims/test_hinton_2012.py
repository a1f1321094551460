"""Tieleman & Hinton, lecture 6e, 2012: RMSProp; and Duchi, Hazan & Singer, JMLR 2011: AdaGrad."""

import math

import pytest
from support.given import constant, moves

from descent import AdaGrad, RMSProp, descend


def test_hinton_2012_lecture_6e():
    """The running average has .9, without bias correction: the first step is lr / sqrt(.1) = 3.16 lr."""
    assert RMSProp().hyperparameters == {"lr": 0.001, "beta2": 0.9, "eps": 1e-8, "l2": 0, "weight_decay": 0}
    first = moves(descend(RMSProp(1.0, eps=0), constant(-7, 1), steps=1))[0, 0]
    assert first == pytest.approx(1 / math.sqrt(0.1), rel=1e-12)


def test_hinton_2012_eps_inside_or_outside_the_root():
    """g = 1e-6, lr = 1: the first step is 3.065 with eps = 1e-8 outside the root (ours), .0100 with it inside,
    where it acts like 1e-4 outside."""
    outside = -moves(descend(RMSProp(1.0), constant(1e-6, 1), steps=1))[0, 0]
    inside = 1e-6 / math.sqrt(0.1 * 1e-6**2 + 1e-8)
    assert outside == pytest.approx(3.065, abs=5e-4)
    assert inside == pytest.approx(0.0100, abs=5e-6)
    assert -moves(descend(RMSProp(1.0, eps=1e-4), constant(1e-6, 1), steps=1))[0, 0] == pytest.approx(inside, rel=0.005)


def test_duchi_2011_adagrad():
    """AdaGrad never forgets: under a constant gradient step t is lr / sqrt(t), whatever the gradient's size."""
    assert AdaGrad().hyperparameters == {"lr": 0.01, "eps": 1e-10, "l2": 0, "weight_decay": 0}
    for gradient in (0.01, 100):
        steps = -moves(descend(AdaGrad(0.5, eps=0), constant(gradient, 100), steps=100))[:, 0]
        assert steps == pytest.approx([0.5 / math.sqrt(t) for t in range(1, 101)], rel=1e-12)
