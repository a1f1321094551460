"""Numbers in the chapter on weight decay that none of its cells prints; numbers.toml says where each stands."""

import math

import numpy as np
import pytest

from descent import GradientDescent, Network, descend, schedules, sweep


class Few(Network):
    """The chapter's: the digits, 200 of them to learn from, `mixed` with others' labels."""

    def __init__(self, seed, mixed=0):
        super().__init__((), seed=seed)
        self.few = np.concatenate([np.flatnonzero(self.digits == d)[:20] for d in range(10)])
        some = np.random.default_rng(seed).permutation(self.few)[:mixed]
        self.images[some] = self.images[np.roll(some, 1)]

    def gradient(self, theta):
        return super().gradient(theta, self.few)


def test_weight_decay_images():
    """Of 1,437 training images 200 are learnt from and 1,237 are left; 360 are for testing. 0.2 percentage points of
    these are less than one image."""
    task = Few(seed=0)
    assert task.size - len(task.few) == 1237
    assert (len(task.few), len(task.test_images)) == (200, 360)
    assert 0.2 / 100 * 360 < 1


def test_weight_decay_edge_of_the_bowl():
    """Curvatures 0.5 and 5: the edge is 2/5 without decay, and 2/15 with lambda = 10."""
    for decay, edge in ((0, 2 / 5), (10, 2 / 15)):
        for factor, grows in ((0.99, False), (1.01, True)):
            rule, theta = GradientDescent(factor * edge, weight_decay=decay), np.ones(1)
            for _ in range(200):
                rule.step(theta, 5 * theta)
            assert bool(abs(theta[0]) > 1) is grows


def test_weight_decay_that_follows_the_schedule():
    """On the chapter's bowl, from -1: with the decay 0.5, which follows the schedule, it is near 2 within 60 steps."""
    rule, x = GradientDescent(schedules.cosine(0.1, 600), weight_decay=0.5), np.array([-1.0])
    path = [rule.step(x, 0.5 * (x - 4))[0] for _ in range(600)]
    assert path[60 - 1] == pytest.approx(2, abs=0.01)
    assert np.abs(np.array(path[60:]) - 2).max() < 0.01


def test_weight_decay_right_labels_lie_flat():
    """200 right labels, 600 steps: each of six runs is between 90 and 94 per cent, up to lambda = 0.01."""
    for seed in range(6):
        task = Few(seed)
        swept = sweep(GradientDescent(0.8), task, {"weight_decay": [0, 0.01]}, 0 * task.start, 600)
        assert all(90 < 100 * task.accuracy(position) < 94 for position in swept.positions.T)


def test_weight_decay_both_curves_rise_together():
    """40 of 200 labels mixed up, mean of six runs.

    About 86 per cent at step 10 and 87 at step 40, with and without.
    """
    for decay in (0, 0.03):
        rows = []
        for seed in range(6):
            task = Few(seed, 40)
            path = descend(GradientDescent(0.8, weight_decay=decay), task, 0 * task.start, 40, record=10)
            rows.append([100 * task.accuracy(position) for position in path.positions])
        mean = np.mean(rows, axis=0)
        assert [round(mean[1]), round(mean[4])] == [86, 87]


def test_weight_decay_of_a_weight_that_is_pulled():
    """lr 0.05, pulled by 1 in every other sixty steps: 9 after 300 steps without decay; with lambda 0.5, about 1.6 and
    then about 0.34."""
    pull = np.where(np.arange(300) // 60 % 2 == 0, -1.0, 0.0)
    ways = []
    for strength in (0, 0.5):
        rule, theta = GradientDescent(0.05, weight_decay=strength), np.zeros(1)
        ways.append([rule.step(theta, np.array([g]))[0] for g in pull])
    assert ways[0][-1] == pytest.approx(9)
    assert round(ways[1][60 - 1], 1) == 1.6
    assert ways[1][120 - 1] == pytest.approx(0.34, abs=0.005)


def test_weight_decay_half_lives():
    """30 epochs of 500 steps at lr 0.1: lambda = 0.0139 halves a weight in an epoch, 0.00139 in ten; with 1e-6,
    99.85 per cent are left, and with a cosine schedule 99.93."""
    assert math.log(2) / (0.1 * 500) == pytest.approx(0.0139, abs=5e-5)
    assert math.log(2) / (0.1 * 5000) == pytest.approx(0.00139, abs=5e-6)
    for rate, left in ((0.1, 99.85), (schedules.cosine(0.1, 15_000), 99.93)):
        theta, rule = np.ones(1), GradientDescent(rate, weight_decay=1e-6)
        for _ in range(15_000):
            rule.step(theta, np.zeros(1))
        assert round(100 * theta[0], 2) == left


def test_chapter_weight_decay_kernel_regularizer():
    """Keras's L2(0.01) adds 0.01 |W|**2, whose slope is 0.02 W."""
    W, e = 3.0, 1e-6
    assert (0.01 * (W + e) ** 2 - 0.01 * (W - e) ** 2) / (2 * e) == pytest.approx(0.02 * W)
