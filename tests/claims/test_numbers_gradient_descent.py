"""Numbers in the chapter on gradient descent that none of its cells prints; numbers.toml says where each stands."""

import math

import numpy as np
import pytest

from descent import GradientDescent, Network, Ravine, Saddle, SoftmaxRegression, descend


def test_gradient_descent_digits():
    """1,797 images of 64 pixels, 1,437 for training and 360 set aside.

    A network of 8 hidden units has 610 parameters.
    """
    network = Network(hidden=(8,))
    assert network.images.shape[1] == 64
    assert (network.size, len(network.test_images)) == (1437, 360)
    assert network.size + len(network.test_images) == 1797
    assert len(network.start) == 64 * 8 + 8 + 8 * 10 + 10 == 610


def test_gradient_descent_first_loss():
    """Softmax regression begins at ln 10, about 2.3."""
    digits = SoftmaxRegression()
    assert digits.loss(digits.start) == pytest.approx(math.log(10))
    assert round(math.log(10), 1) == 2.3


def test_gradient_descent_two_signs():
    """The chance that a random symmetric 2 x 2 matrix has two positive eigenvalues: (2 - sqrt 2)/4 = 0.1464, or 15 %;
    the vectors within 45 degrees of an axis."""
    share = (1 - math.cos(math.radians(45))) / 2
    assert share == pytest.approx((2 - math.sqrt(2)) / 4) and round(share, 4) == 0.1464
    assert round(100 * share) == 15


def test_gradient_descent_rates_of_one_over_t():
    """eta_t = 1/t, h = 0.2: the error falls like t**-0.2, so a factor of 10 takes 1e5 times as many steps, and 13
    times for h = 0.9. For h = 100 it grows to 5e28 (the size of binomial(99, k)) and is 0 at step 100."""
    error = np.cumprod(1 - 0.2 / np.arange(1, 10**6 + 1))
    assert error[10 - 1] / error[10**6 - 1] == pytest.approx(10, rel=0.05)
    assert (10**6 / 10) == 1e5 and 1e5**0.2 == pytest.approx(10)
    sizes = np.abs(np.cumprod(1 - 100 / np.arange(1, 101)))
    assert sizes[-1] == 0
    assert sizes.max() == pytest.approx(math.comb(99, 49), rel=1e-9)
    assert sizes.max() == pytest.approx(5e28, rel=0.01)
    assert round(10 ** (1 / 0.9)) == 13


def test_gradient_descent_edge_at_100():
    """Curvatures up to 100: the edge is 2/100 = 0.02, and 1 is fifty times that."""
    assert 2 / 100 == 0.02
    assert 1 / 0.02 == 50


def test_gradient_descent_factors():
    """lr 0.4 leaves 1 - 0.4 = 0.6 of theta; along curvature 10 the edge is lr = 0.2."""
    path = descend(GradientDescent(0.4), Ravine(condition=10), [1, 0], 1)
    assert path.positions[1, 0] == pytest.approx(0.6)
    edge = descend(GradientDescent(0.2), Ravine(condition=10), [0, 1], 50)
    assert np.abs(edge.positions[:, 1]) == pytest.approx(1)


def test_gradient_descent_largest_curvature_stands_alone():
    """Softmax regression on the digits at 0: the largest curvature is 16 times the second."""
    digits = SoftmaxRegression()
    X = np.column_stack([digits.images, np.ones(digits.size)])
    second, largest = np.linalg.eigvalsh(X.T @ X / digits.size)[-2:]
    assert round(largest / second) == 16


def test_gradient_descent_trembling_at_small_rates():
    """While lr h is far below 2, lr S2 / (B h (2 - lr h)) is nearly lr S2 / (2 B h)."""
    lr_h = 0.02
    assert (1 / (2 - lr_h)) / (1 / 2) == pytest.approx(1, rel=0.011)


def test_gradient_descent_time_at_the_saddle():
    """The chapter's saddle and rate: ten times as far from the ridge is some 24 steps sooner, wherever it begins."""
    starts = [10.0**-k for k in (2, 3, 4, 5)]
    away = [np.argmax(descend(GradientDescent(0.1), Saddle(), [-2, y], 150).positions[:, 1] > 0.1) for y in starts]
    assert np.abs(np.diff(away) - 24).max() <= 1


def test_gradient_descent_edge_and_best_rate_by_hand():
    """H = (5 2.

    2 2), lr 2/7: 20.5 steps, so 21, leave 1e-3. With lr 1 a rounding error of 1e-16 is of size 1 after 23.
    """
    H = np.array([[5.0, 2.0], [2.0, 2.0]])
    assert np.linalg.eigvalsh(H) == pytest.approx([1, 6])
    errors = [np.linalg.norm(np.linalg.matrix_power(np.eye(2) - 2 / 7 * H, t), 2) for t in (20, 21)]
    assert errors[0] > 1e-3 > errors[1]
    assert 1e-16 * 5**23 == pytest.approx(1, rel=0.2)


def test_gradient_descent_saddle_timed():
    """x**2/2 - y**2/20 from (1, 1e-6).

    About 283 steps at lr 0.5; at 1.9 the factor is 1.19; beyond 2 the other grows.
    """
    assert 1 + 1.9 * 0.1 == pytest.approx(1.19)
    y = 1e-6 * 1.05 ** np.arange(300)
    assert abs(np.argmax(y >= 1) - 283) <= 1
    edge = 2 / 1
    assert abs(1 - 0.99 * edge) < 1 < abs(1 - 1.01 * edge)


def test_gradient_descent_turned_ravine_with_two_rates():
    """The Hessian turned by 45 degrees has 50.5 on the diagonal and -49.5 beside it; det(D H) is 100 a b, and so the
    share
    left is 1 - 400 a b / (50.5 (a + b))**2, at least 1 - 100/50.5**2 = (99/101)**2."""
    H = np.array([[50.5, -49.5], [-49.5, 50.5]])
    assert np.linalg.eigvalsh(H) == pytest.approx([1, 100])
    for a, b in ((0.01, 0.03), (0.02, 0.02), (0.001, 0.02)):
        low, high = np.sort(np.linalg.eigvals(np.diag([a, b]) @ H))
        share = ((high - low) / (high + low)) ** 2
        assert share == pytest.approx(1 - 400 * a * b / (50.5 * (a + b)) ** 2)
        assert share >= (99 / 101) ** 2 - 1e-12


def test_gradient_descent_raw_units():
    """Three epochs.

    Pixels up to 16 and one rate for all, 0.01, leave a loss of 0.4006; pixels up to 1 and 1.0, 0.1217.
    """
    net, raw = Network(hidden=(32,)), Network(hidden=(32,))
    raw.images = raw.images * 16
    start = net.start.copy()
    raw.layers(start)["W1"][...] /= 16
    path = descend(GradientDescent(0.01), raw, start, epochs=3, batch_size=32)
    assert round(path.losses[-1], 4) == 0.4006
    assert round(descend(GradientDescent(1.0), net, epochs=3, batch_size=32).losses[-1], 4) == 0.1217


def test_gradient_descent_two_ends():
    """lr h = 0.001 and 1.999 leave 0.905 after a hundred steps, 2.001 makes it 1.105; 1.9999 multiplies by -0.9999."""
    for lr, left in ((0.001, 0.905), (1.999, 0.905), (2.001, 1.105)):
        path = descend(GradientDescent(lr), Ravine(condition=1), [1, 0], 100)
        assert round(abs(path.positions[-1, 0]), 3) == left
    step = descend(GradientDescent(1.9999), Ravine(condition=1), [1, 0], 1).positions[-1, 0]
    assert step == pytest.approx(-0.9999)


def test_gradient_descent_size_of_a_hessian():
    """A million parameters: 1e12 entries."""
    assert 1_000_000**2 == 1e12


def test_gradient_descent_pairs_of_rates():
    """Five by five rates are 25 pairs; the chapter's best pair lies on, or next to, the diagonal of equal rates."""
    assert len(np.geomspace(0.3, 3, 5)) ** 2 == 25


def test_gradient_descent_flat_directions():
    """At step 1,000 of the network with 610 parameters 356 curvatures lie within 0.001 of 0."""
    small, e = Network(hidden=(8,)), 1e-6
    theta = descend(GradientDescent(0.5), small, steps=1000, record=1000).positions[-1]
    rows = np.array([small.gradient(theta + d) for d in e * np.eye(610)]) - small.gradient(theta)
    h = np.linalg.eigvalsh((rows + rows.T) / (2 * e))
    assert abs(np.sum(np.abs(h) <= 1e-3) - 356) <= 1


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
