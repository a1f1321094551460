"""What the chapter on gradient descent says of its live figures and in its exercises, beyond the numbers that
test_numbers_gradient_descent.py has."""

import numpy as np
import pytest

from descent import GradientDescent, Network, NoisyRavine, Ravine, Saddle, SoftmaxRegression, descend, schedules


def test_chapter_gradient_descent_bowl():
    """At the best rate both parts shrink alike, below it x lags, above it y; with condition number 1 one step is
    enough.
    """

    def shares(lr):
        end = np.abs(descend(GradientDescent(lr), Ravine(20), [1, 1], steps=20).positions[-1])
        return end ** (1 / 20)

    along, across = shares(2 / 21)
    assert along == pytest.approx(across)
    assert np.argmax(shares(0.09)) == 0 and np.argmax(shares(0.098)) == 1
    assert np.all(descend(GradientDescent(1), Ravine(1), [-9, 1.5], steps=1).positions[-1] == 0)


def test_chapter_gradient_descent_saddle_figure():
    """Each factor of ten of the distance costs the same number of steps, ln 10 / ln 1.1, and no rate holds the run
    there.
    """
    leaves = []
    for distance in (1e-4, 1e-3, 1e-2):
        y = descend(GradientDescent(0.1), Saddle(), [-2, distance], steps=200).positions[:, 1]
        leaves.append(int(np.argmax(y > 0.5)))
    assert np.all(np.abs(np.diff(leaves) + np.log(10) / np.log(1.1)) <= 1)
    for lr in (0.01, 0.5, 1, 1.5):
        y = descend(GradientDescent(lr), Saddle(), [-2, 0.001], steps=2000).positions[:, 1]
        assert np.abs(y).max() > 0.9


def test_chapter_gradient_descent_noise_figure():
    """Twice the noise is four times the loss of the trembling; without noise the constant rate wins by far."""
    constant, falling = GradientDescent(0.2), GradientDescent(schedules.cosine(0.2, 200))
    once, twice = (
        np.mean(
            [descend(constant, NoisyRavine(5, sigma=sigma, seed=seed), steps=400).losses[100:] for seed in range(5)]
        )
        for sigma in (3, 6)
    )
    assert twice / once == pytest.approx(4, rel=0.02)
    ends = [descend(rule, NoisyRavine(5, sigma=0), steps=200).losses[-1] for rule in (constant, falling)]
    assert ends[0] < 1e-6 * ends[1]


def test_chapter_gradient_descent_no_pair_of_rates_helps_a_turned_ravine():
    """A random search finds no pair of rates that leaves less than one rate does, 99/101."""
    H = np.array(Ravine(100, angle=np.radians(45)).hessian)
    rates = 10 ** np.random.default_rng(0).uniform(-2.2, -1.2, (20_000, 2))
    radius = np.abs(np.linalg.eigvals(np.eye(2) - rates[:, :, None] * H)).max(axis=1)
    assert radius.min() >= 99 / 101


def test_chapter_gradient_descent_noise_of_examples_does_not_leave_the_saddle():
    """At all-zero weights each example's gradient leaves the weights alone, and equal units stay equal: in batches,
    too.
    """
    net = Network(hidden=(4,))
    equal = np.zeros(len(net.start))
    for name in ("W1", "W2"):
        net.layers(equal)[name][...] = 0.1
    for start in (0 * equal, equal):
        end = net.layers(descend(GradientDescent(0.3), net, start, epochs=2, batch_size=16).positions[-1])
        assert np.ptp(end["W1"], axis=1).max() == 0 and np.ptp(end["W2"], axis=0).max() == 0
    assert np.all(net.gradient(0 * equal, [5])[: 64 * 4] == 0)


def test_chapter_gradient_descent_softmax_gradient():
    """The derivative of the loss by a weight is x_i (probability - right), averaged: by small changes, at a random
    point.
    """
    digits = SoftmaxRegression()
    theta, e = 0.1 * np.random.default_rng(0).normal(size=650), 1e-5
    for k in (77, 300, 649):
        step = e * np.eye(650)[k]
        slope = (digits.loss(theta + step) - digits.loss(theta - step)) / (2 * e)
        assert digits.gradient(theta)[k] == pytest.approx(slope, abs=1e-8)


def test_chapter_gradient_descent_plateau_tends_to_the_prediction():
    """A start a hundred times as close waits 43, 42, 41 and 41 steps more, towards 40.6, with the saddle's biases or
    without.
    """
    small = Network(hidden=(8,))
    counts = []
    for scale in (1e-2, 1e-4, 1e-6, 1e-8, 1e-10):
        losses = descend(GradientDescent(0.5), small, scale * small.start, steps=230).losses
        counts.append(int(np.argmax(losses < 2)))
    assert np.diff(counts).tolist() == [43, 42, 41, 41]
