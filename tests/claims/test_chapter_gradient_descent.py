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


def test_chapter_gradient_descent_exercise_saddle_with_noise():
    """From the ridge, noise of 1e-6 a step: |y| reaches 1 some ln 3 / ln 1.05 steps sooner than from 1e-6 without
    noise.
    """
    rng, y, reached = np.random.default_rng(0), np.zeros(400), np.zeros(400)
    for t in range(1, 400):
        y = 1.05 * y + 1e-6 * rng.normal(size=400)
        reached[(reached == 0) & (np.abs(y) > 1)] = t
    without = np.log(1e6) / np.log(1.05)
    assert np.median(reached) == pytest.approx(without - np.log(3) / np.log(1.05), abs=15)


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


def test_chapter_gradient_descent_loss_falls_like_one_over_t():
    """L - L* <= |start|**2 / (4 e lr t) for lr <= 1/h_max, whatever the condition number; nearly attained."""
    h = np.geomspace(1e-9, 1, 20_000)
    for t in (1, 10, 100, 1000):
        worst = np.max(h * (1 - h) ** (2 * t)) / 2
        assert 0.8 < worst * 4 * np.e * t <= 1
    assert np.max(h * (1 - h) ** 200) / 2 * 4 * np.e * 100 > 0.99


def test_chapter_gradient_descent_zero_curvature_decides_nothing():
    """theta**4, -theta**4 and theta**3: from 0.1 gradient descent comes to 0, leaves, and depends on the side."""
    slopes = {"minimum": lambda x: 4 * x**3, "maximum": lambda x: -4 * x**3, "neither": lambda x: 3 * x**2}
    ends = {}
    for name, slope in slopes.items():
        x = np.array([0.1, -0.1])
        for _ in range(400):
            x = np.clip(x - 0.1 * slope(x), -1, 1)
        ends[name] = x
    assert np.all(np.abs(ends["minimum"]) < 0.1) and np.all(np.abs(ends["maximum"]) > 0.1)
    assert abs(ends["neither"][0]) < 0.1 and ends["neither"][1] == -1


def test_chapter_gradient_descent_armijo():
    """On theta**2/2, first trial 1.9999: any decrease leaves .905 after 1,000 steps, Armijo with .3 less than 1e-40
    after 10.
    """

    def search(c, steps):
        theta = 1.0
        for _ in range(steps):
            lr = 1.9999
            while (theta - lr * theta) ** 2 / 2 > theta**2 / 2 - c * lr * theta**2:
                lr /= 2
            theta -= lr * theta
        return abs(theta)

    assert search(0, 1000) == pytest.approx(0.905, abs=5e-4)
    assert search(0.3, 10) < 1e-40


def test_chapter_gradient_descent_backpropagation_by_hand():
    """One pixel, one hidden unit, two classes: the numbers of the chapter, against a small change of the weight."""

    def loss(W1, b=0.0):
        u = np.tanh(W1 * 1.0)
        scores = u * np.array([1.0, -1.0])
        return np.log(np.exp(scores).sum()) - scores[0]

    e = 1e-6
    assert (loss(e) - loss(-e)) / (2 * e) == pytest.approx(-1)
    y_hat = np.array([0.5, 0.5])
    assert (y_hat - [1, 0]).tolist() == [-0.5, 0.5]


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
