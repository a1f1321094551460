"""What the rules for matrices are given: an error that says what to do, before anything has changed."""

import numpy as np
import pytest

from descent import (
    SOAP,
    Adafactor,
    Adam,
    ByLayer,
    Muon,
    Network,
    Shampoo,
    orthogonalized,
    to_bfloat16,
    to_bfloat16_at_random,
)

MATRIX = np.ones((2, 3))
GIVEN = {
    "a vector": (np.ones(3), np.ones(3), "expected theta as a matrix of floats"),
    "whole numbers": (np.ones((2, 3), int), MATRIX, "expected theta as a matrix of floats"),
    "lists": ([[1.0, 2.0]], np.ones((1, 2)), "expected theta as a matrix of floats"),
    "another shape": (MATRIX, np.ones((2, 2)), r"theta has shape \(2, 3\); expected a gradient of that shape"),
    "nan": (MATRIX, np.full((2, 3), np.nan), "the gradient is not finite"),
}


@pytest.mark.parametrize("theta, gradient, says", GIVEN.values(), ids=GIVEN)
@pytest.mark.parametrize("rule", [Adafactor, Shampoo, SOAP])
def test_a_bad_step_raises_and_changes_nothing(rule, theta, gradient, says):
    optimizer, kept = rule(), np.copy(theta)
    with pytest.raises((TypeError, ValueError), match=rf"{rule.__name__}.step: .*{says}"):
        optimizer.step(theta, gradient)
    assert optimizer.t == 0
    np.testing.assert_array_equal(theta, kept)


@pytest.mark.parametrize("rule", [Adafactor, Shampoo, SOAP])
def test_one_rule_serves_one_matrix(rule):
    optimizer = rule()
    optimizer.step(MATRIX.copy(), MATRIX)
    with pytest.raises(ValueError, match=r"has served a matrix of shape \(2, 3\), not \(3, 2\)"):
        optimizer.step(MATRIX.T.copy(), MATRIX.T)
    assert optimizer.t == 1


@pytest.mark.parametrize("shape", [(3,), (2, 2, 2)])
def test_muon_says_that_it_is_for_matrices(shape):
    optimizer, theta = Muon(), np.ones(shape)
    with pytest.raises(ValueError, match="expected a matrix, not an array of shape .*ByLayer"):
        optimizer.step(theta, theta.copy())
    assert (theta == 1).all() and optimizer.t == 0


def test_orthogonalized_says_what_a_list_is():
    with pytest.raises(ValueError, match="expected a matrix, not list"):
        orthogonalized([[1.0, 2.0], [3.0, 4.0]])


def test_no_layer_moves_where_one_cannot():
    network = Network((4,))
    optimizer, theta, gradient = ByLayer(network.layers, Shampoo(), Adam()), network.start.copy(), network.start.copy()
    gradient[-1] = np.nan
    with pytest.raises(ValueError, match="ByLayer.step: the gradient is not finite"):
        optimizer.step(theta, gradient)
    np.testing.assert_array_equal(theta, network.start)


def test_sixteen_bits_are_of_real_numbers_and_by_a_generator():
    with pytest.raises(TypeError, match="not a masked array"):
        to_bfloat16(np.ma.array([1.0, 2.0], mask=[1, 0]))
    with pytest.raises(TypeError, match=r"rng=5\): expected a generator, such as np.random.default_rng\(0\)"):
        to_bfloat16_at_random(np.ones(2), 5)
