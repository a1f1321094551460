"""What the chapter on gradient descent says of its live figures and in its exercises, beyond the numbers that
test_numbers_gradient_descent.py has."""

import numpy as np
import pytest

from descent import GradientDescent, NoisyRavine, Ravine, Saddle, descend, schedules


def test_chapter_gradient_descent_bowl():
    """At the best rate both parts shrink alike, below it x lags, above it y; with condition number 1 one step is enough."""

    def shares(lr):
        end = np.abs(descend(GradientDescent(lr), Ravine(20), [1, 1], steps=20).positions[-1])
        return end ** (1 / 20)

    along, across = shares(2 / 21)
    assert along == pytest.approx(across)
    assert np.argmax(shares(0.09)) == 0 and np.argmax(shares(0.098)) == 1
    assert np.all(descend(GradientDescent(1), Ravine(1), [-9, 1.5], steps=1).positions[-1] == 0)


def test_chapter_gradient_descent_saddle_figure():
    """Each factor of ten of the distance costs the same number of steps, ln 10 / ln 1.1, and no rate holds the run there."""
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
    """From the ridge, noise of 1e-6 a step: |y| reaches 1 some ln 3 / ln 1.05 steps sooner than from 1e-6 without noise."""
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
