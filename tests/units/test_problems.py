"""Every problem: its gradient, its minimum, its shapes, its translation, and what it refuses."""

import math
import re

import numpy as np
import pytest

from descent import (
    Beale,
    GradientDescent,
    Himmelblau,
    Lessard,
    LineFit,
    Network,
    NoisyRavine,
    NoisyWeights,
    Parabola,
    Problem,
    RareFeature,
    RareWords,
    Rastrigin,
    Ravine,
    Reddi,
    Rosenbrock,
    Saddle,
    Signal,
    SoftmaxRegression,
    Surface,
    Untranslatable,
    Wilson,
    descend,
    hessian_product,
    sharpness,
)
from descent.engine.tape import Tape, replay
from descent.problems import gradient_changes, record_problem

PLANES = [
    Ravine(),
    Ravine(1000, np.radians(45)),
    Rosenbrock(),
    Beale(),
    Himmelblau(),
    Saddle(),
    Rastrigin(),
    Rastrigin(1.0),
    NoisyRavine(),
    RareFeature(),
    LineFit(),
    NoisyWeights(),
    Surface(lambda x, y: x**4 / 8 + 3 * y * y - x * y, start=(-2, 1)),
]
LINES = [Reddi(), Reddi(C=101, period=101, scale=10), Lessard(), Parabola(), Parabola(2.5), Signal(0.5, 2.0, every=3)]
VECTORS = [Wilson(), SoftmaxRegression(), Network((5,)), Network((6, 4), "relu")]
CHANGING = [
    NoisyRavine(sigma=0.5, seed=3),
    RareFeature(every=4),
    Reddi(),
    NoisyWeights(0.1, 3.0, 5),
    Signal(0.5, 2.0, every=3),
]


def named(problems):
    return pytest.mark.parametrize("problem", problems, ids=repr)


def points(problem, *shape):
    """Return points in the problem's view, or about its start."""
    rng = np.random.default_rng(1)
    if problem.view is None:
        spread = 0.3 * rng.normal(size=(len(problem.start), *(shape if problem.broadcasts else ())))
        return problem.start.reshape(-1, *(1 for _ in spread.shape[1:])) + spread
    return np.stack([rng.uniform(low, high, shape) for low, high in problem.view])


# -------------------------------------------------------------------------- gradients


@named(PLANES + LINES)
def test_gradient_is_the_slope_of_the_loss(problem):
    theta, h = points(problem, 50), 1e-5
    for i, gradient in enumerate(problem.gradient(theta)):
        step = np.zeros_like(theta)
        step[i] = h
        slope = (problem.loss(theta + step) - problem.loss(theta - step)) / (2 * h)
        np.testing.assert_allclose(gradient, slope, rtol=1e-6, atol=1e-6)


@named(VECTORS)
def test_gradient_is_the_slope_of_the_loss_in_any_direction(problem):
    theta, h, rng = points(problem), 1e-5, np.random.default_rng(0)
    batch = rng.permutation(problem.size)[:7]
    for chosen in ((), (batch,)):
        gradient = problem.gradient(theta, *chosen)
        for direction in rng.normal(size=(20, len(theta))):
            step = h * direction
            slope = (problem.loss(theta + step, *chosen) - problem.loss(theta - step, *chosen)) / (2 * h)
            assert gradient @ direction == pytest.approx(slope, rel=1e-6, abs=1e-8)


@named([p for p in PLANES + LINES + VECTORS if p.minimum is not None and not isinstance(p, Reddi)])
def test_minimum_is_least_and_flat(problem):
    least = problem.loss(problem.minimum)
    assert np.abs(problem.gradient(problem.minimum)).max() < 1e-12
    around = points(problem, 200) if problem.broadcasts else problem.minimum[:, None] + np.eye(len(problem.start))
    losses = problem.loss(around) if problem.broadcasts else [problem.loss(theta) for theta in around.T]
    assert np.min(losses) >= least


def test_the_other_minima():
    assert np.abs(Himmelblau().gradient(Himmelblau().minima.T)).max() < 1e-12
    assert Saddle().loss(np.array([0.0, -1.0])) == Saddle().loss(Saddle().minimum) == -0.25
    assert Reddi().loss(Reddi().minimum) < Reddi().loss(np.linspace(-0.99, 1, 9)[None]).min()
    assert [problem.loss(problem.minimum) for problem in (Rosenbrock(), Beale(), Himmelblau(), Rastrigin())] == [0] * 4


# -------------------------------------------------------------------------- shapes and translation


@named(PLANES + LINES)
def test_one_point_many_runs_and_a_mesh_give_the_same_bits(problem):
    mesh = points(problem, 40, 30)
    loss, gradient, seen = problem.loss(mesh), problem.gradient(mesh), problem.gradient_at(mesh, 7)
    assert loss.shape == (40, 30) and gradient.shape == seen.shape == mesh.shape
    runs = mesh.reshape(len(mesh), -1)
    np.testing.assert_array_equal(problem.loss(runs), loss.ravel())
    for i, theta in enumerate(runs.T):
        assert problem.loss(theta) == loss.ravel()[i]
        np.testing.assert_array_equal(problem.gradient(theta), gradient.reshape(runs.shape)[:, i])
        np.testing.assert_array_equal(problem.gradient_at(theta, 7), seen.reshape(runs.shape)[:, i])


@named(PLANES + LINES)
def test_translation_replays_to_the_same_bits(problem):
    mesh = points(problem, 20, 30)
    replayed = replay(record_problem(problem), {f"x{i}": x for i, x in enumerate(mesh)})
    np.testing.assert_array_equal(replayed["loss"], problem.loss(mesh))
    for i, gradient in enumerate(problem.gradient(mesh)):
        np.testing.assert_array_equal(replayed[f"gradient_{i}"] + 0 * mesh[0], gradient)


def test_a_problem_says_whether_its_gradient_changes():
    assert all(map(gradient_changes, CHANGING))
    assert not any(map(gradient_changes, [Ravine(), Rosenbrock(), Parabola(), Surface(lambda x, y: x * y, (1, 1))]))


@named(CHANGING)
def test_changing_gradients_translate_too(problem):
    n = len(problem.start)
    tape = Tape([*(f"x{i}" for i in range(n)), "t"])
    *theta, t = (tape.input(name) for name in tape.inputs)
    recorded = tape.finish(dict(enumerate(problem.gradient_at(np.array(theta, dtype=object), t))))
    for t in range(1, 30):
        theta = points(problem)
        replayed = replay(recorded, {"t": t} | {f"x{i}": x for i, x in enumerate(theta)})
        np.testing.assert_array_equal([replayed[i] for i in range(n)], problem.gradient_at(theta, t))


@named([Ravine(), Rosenbrock(), Beale(), Himmelblau(), Saddle(), Rastrigin(), LineFit(), Network(dtype=np.float32)])
def test_float32_stays_float32(problem):
    theta = problem.start.astype(np.float32)
    assert problem.gradient(theta).dtype == problem.loss(theta).dtype == np.float32


# -------------------------------------------------------------------------- each problem's own promise


def test_ravine_turned_is_the_ravine_in_turned_coordinates():
    angle = 0.7
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    straight, turned = Ravine(50), Ravine(50, angle)
    theta = points(straight, 9)
    np.testing.assert_allclose(turned.loss(turn @ theta), straight.loss(theta), rtol=1e-12)
    np.testing.assert_allclose(turned.start, turn @ straight.start, rtol=1e-12)
    np.testing.assert_allclose(np.linalg.eigvalsh(turned.hessian), turned.curvatures, rtol=1e-12)


def test_saddle_is_flat_where_it_is_no_minimum():
    assert np.array_equal(Saddle().gradient(np.zeros(2)), [0, 0])
    assert Saddle().loss(np.array([0.0, 0.1])) < Saddle().loss(np.zeros(2)) < Saddle().loss(np.array([0.1, 0.0]))


def test_noise_is_whole_number_arithmetic_that_every_machine_repeats():
    def uniform(t, stream):
        k = t * 7368787 + stream * 3141592
        for shift in (271828, 577215, 141421):
            k = pow(k, 3, 16777199) + shift
        return (k % 16777199 + 0.5) / 16777199

    for seed, t in [(0, 1), (0, 2), (3, 500), (11, 100_000)]:
        radius, turn = math.sqrt(-2 * math.log(uniform(t, 2 * seed))), 2 * math.pi * uniform(t, 2 * seed + 1)
        seen = NoisyWeights(1.0, 1.0, seed).gradient_at(np.zeros(2), t)
        np.testing.assert_allclose(seen, [radius * math.cos(turn), radius * math.sin(turn)], rtol=1e-13)


def test_noise_is_standard_normal_seeded_and_independent():
    theta, t = np.zeros(2), np.arange(1, 20001)
    x, y = NoisyRavine(sigma=1).gradient_at(np.zeros((2, len(t))), t)
    assert abs(x.mean()) < 0.03 and abs(x.std() - 1) < 0.03 and abs(np.mean(x**4) - 3) < 0.2
    assert max(abs(np.mean(x * y)), abs(np.mean(x[1:] * x[:-1])), abs(np.mean(x[1:] * y[:-1]))) < 0.03
    np.testing.assert_array_equal(NoisyRavine().gradient_at(theta, 5), [x[4], y[4]])
    assert not np.array_equal(NoisyRavine(seed=1).gradient_at(theta, 5), [x[4], y[4]])
    point = np.array([1.0, 2.0])
    np.testing.assert_allclose(NoisyRavine(sigma=3).gradient_at(point, 5), [1 + 3 * x[4], 40 + 3 * y[4]], rtol=1e-14)


@named([RareFeature(every=4), Reddi(), Reddi(C=101, period=101, scale=10)])
def test_gradients_of_one_period_have_the_gradient_as_their_mean(problem):
    theta, period = points(problem, 6), getattr(problem, "period", None) or problem.every
    seen = np.mean([problem.gradient_at(theta, t) for t in range(5, 5 + period)], axis=0)
    np.testing.assert_allclose(seen, problem.gradient(theta), rtol=1e-12)


def test_rare_feature_is_seen_when_every_divides_t():
    seen = [RareFeature(every=3).gradient_at(np.array([2.0, 5.0]), t).tolist() for t in range(1, 7)]
    assert seen == [[2, 0], [2, 0], [2, 5]] * 2


def test_reddi_slopes_are_those_of_the_paper():
    assert [float(Reddi(C=3).slope_at(t)) for t in range(1, 7)] == [3, -1, -1] * 2
    figure_1 = Reddi(C=101, period=101, scale=10)
    assert [float(figure_1.slope_at(t)) for t in (1, 2, 101, 102)] == [1010, -10, -10, 1010]
    assert Reddi().domain == (-1, 1) and Reddi().gradient_at(np.array([0.3]), 4) == [3]


def test_lessard_slopes_and_joints():
    problem = Lessard()
    slopes = problem.gradient(np.array([[-1.0, 0.5, 1, 1.5, 2, 3]]))
    np.testing.assert_array_equal(slopes, [[-25, 12.5, 25, 25.5, 26, 51]])
    below = problem.loss(np.array([[1 - 1e-12, 2 - 1e-12]]))
    np.testing.assert_allclose(problem.loss(np.array([[1.0, 2.0]])), below, rtol=1e-10)


def test_wilson_has_the_two_solutions_of_the_paper():
    problem = Wilson(6, 4)
    adaptive = np.sign(problem.X.T @ problem.y) / 4
    np.testing.assert_allclose(problem.X @ adaptive, problem.y, rtol=1e-12)
    np.testing.assert_allclose(problem.X @ problem.minimum, problem.y, rtol=1e-12)
    assert problem.accuracy(adaptive) == 0.6 and problem.accuracy(problem.minimum) == 1
    assert np.linalg.norm(problem.minimum) < np.linalg.norm(adaptive) and len(problem.start) == 3 + 6 + 5 * 4


def test_line_fit_is_the_root_mean_square_error_of_its_data():
    problem = LineFit(seed=2)
    slope, intercept = theta = np.array([-10.0, -20.0])
    error = np.sqrt(np.mean((slope * problem.x + intercept - problem.y) ** 2))
    assert problem.loss(theta) == pytest.approx(error, rel=1e-12)


# -------------------------------------------------------------------------- the digits


def test_digits_are_the_1797_of_scikit_learn():
    problem = Network()
    every = np.concatenate([problem.digits, problem.test_digits])
    images = np.concatenate([problem.images, problem.test_images])
    assert np.bincount(every).tolist() == [178, 182, 177, 183, 181, 182, 181, 179, 174, 180]
    assert images.shape == (1797, 64) and images.min() == 0 and images.max() == 1 and images.sum() * 16 == 561718
    assert problem.images.shape == (1437, 64) and problem.images.dtype == float


def test_seed_fixes_the_split_and_the_first_weights():
    one, same, other = Network(seed=1), Network(seed=1), Network(seed=2)
    assert np.array_equal(one.start, same.start) and np.array_equal(one.digits, same.digits)
    assert not np.array_equal(one.start, other.start) and not np.array_equal(one.digits, other.digits)


def test_layers_are_views_that_cover_the_vector():
    problem = Network((32, 16))
    theta = problem.start.copy()
    layers = problem.layers(theta)
    assert [a.shape for a in layers.values()] == [(64, 32), (32,), (32, 16), (16,), (16, 10), (10,)]
    assert list(layers) == ["W1", "b1", "W2", "b2", "W3", "b3"]
    for number, layer in enumerate(layers.values()):
        layer[...] = number
    assert np.bincount(theta.astype(int)).tolist() == [2048, 32, 512, 16, 160, 10]


@pytest.mark.parametrize("activation, variance", [("tanh", 1), ("relu", 2)])
def test_first_weights_keep_the_size_of_the_signal(activation, variance):
    layers = Network((200,), activation).layers(Network((200,), activation).start)
    assert layers["W1"].var() * 64 == pytest.approx(variance, rel=0.05) and not layers["b1"].any()


def test_loss_of_no_opinion_is_log_10_and_huge_scores_do_not_overflow():
    problem = SoftmaxRegression()
    assert problem.loss(problem.start) == pytest.approx(math.log(10), rel=1e-14)
    theta = 1e6 * np.random.default_rng(0).normal(size=problem.start.shape)
    with np.errstate(over="raise", invalid="raise", divide="raise"):
        assert np.isfinite(problem.loss(theta)) and np.isfinite(problem.gradient(theta)).all()


def test_batches_average_to_the_whole():
    problem, order = Network(), np.random.default_rng(0).permutation(1437)
    theta = problem.start
    parts = [order[:437], order[437:]]
    for method in (problem.loss, problem.gradient):
        mean = sum(len(part) * method(theta, part) for part in parts) / 1437
        np.testing.assert_allclose(mean, method(theta), rtol=1e-10, atol=1e-14)


def test_accuracy_counts_right_predictions_of_each_part():
    problem = SoftmaxRegression()
    theta = problem.start.copy()
    problem.layers(theta)["b1"][7] = 1.0  # says 7 to everything
    assert set(problem.predict(theta, problem.images)) == {7}
    assert problem.accuracy(theta) == np.mean(problem.test_digits == 7)
    assert problem.accuracy(theta, "train") == np.mean(problem.digits == 7)


STARTS = [
    (Beale(), [1, 1]),
    (Himmelblau(), [-0.5, -1]),
    (Lessard(), [3.3]),
    (LineFit(), [-10, -20]),
    (NoisyRavine(), [-9, 1.5]),
    (NoisyWeights(), [1, 1]),
    (Parabola(), [1]),
    (RareFeature(), [-8, 8]),
    (Rastrigin(), [-3.7, 2.6]),
    (Ravine(), [-9, 1.5]),
    (Reddi(), [1]),
    (Rosenbrock(), [-1.5, 2]),
    (Saddle(), [-2, 0.001]),
    (Signal(), [0]),
]


@pytest.mark.parametrize("problem, start", STARTS, ids=lambda value: getattr(value, "name", ""))
def test_a_problem_starts_where_figures_and_addresses_expect_it_and_is_finite_at_0(problem, start):
    assert problem.start.tolist() == start
    zero = np.zeros(len(start))
    assert np.all(np.isfinite([problem.loss(zero), *problem.gradient(zero), *problem.gradient_at(zero, 1)]))


# -------------------------------------------------------------------------- what is refused


@pytest.mark.parametrize(
    "make, says",
    [
        (lambda: Ravine(0.5), "1 or more"),
        (lambda: Ravine(math.nan), "1 or more"),
        (lambda: Ravine(angle=45), "np.radians"),
        (lambda: Rastrigin(-1), "0 or more"),
        (lambda: NoisyRavine(sigma=-0.5), "sigma"),
        (lambda: NoisyRavine(sigma=math.inf), "sigma"),
        (lambda: NoisyWeights(quiet=-0.5), "quiet=-0.5"),
        (lambda: NoisyWeights(noisy=-0.5), "noisy=-0.5"),
        (lambda: NoisyWeights(noisy=math.inf), "noisy=inf"),
        (lambda: Signal(sigma=-0.5), "sigma=-0.5"),
        (lambda: Signal(sigma=math.inf), "sigma=inf"),
        (lambda: NoisyRavine(seed=-1), "seed"),
        (lambda: RareFeature(every=0), "whole number, 1 or more"),
        (lambda: RareFeature(every=2.5), "whole number"),
        (lambda: Reddi(C=2.0), "C > period - 1"),
        (lambda: Reddi(period=1), "2 or more"),
        (lambda: Reddi(scale=0), "greater than 0"),
        (lambda: Reddi(scale=-1), "greater than 0"),
        (lambda: Reddi(C=math.inf), "C > period - 1"),
        (lambda: Wilson(4, 4), "more positive"),
        (lambda: Wilson(4, 0), "1 or more"),
        (lambda: Network(activation="sigmoid"), "tanh"),
        (lambda: Network(hidden=32), r"\(32,\)"),
        (lambda: Network(hidden=(0,)), r"\(32,\)"),
        (lambda: Network(dtype=int), "np.float32"),
        (lambda: Network().loss(np.zeros(3)), r"\(2410,\)"),
        (lambda: Network().gradient(np.zeros((2410, 2))), "one run at a time"),
        (lambda: Network().accuracy(Network().start, "all"), '"train"'),
    ],
)
def test_bad_input_is_told_what_to_do(make, says):
    with pytest.raises(ValueError, match=says):
        make()


def test_a_problem_without_methods_says_what_is_missing():
    with pytest.raises(TypeError, match="loss"):
        Problem().loss(np.zeros(2))
    with pytest.raises(TypeError, match="has no loss: write its method"):  # from which the gradient would follow
        Problem().gradient_at(np.zeros(2), 1)


@pytest.mark.parametrize("angle", [0, 0.5])
def test_the_loss_of_a_run_that_went_far_is_infinite_and_never_nan(angle):
    path = descend(GradientDescent(lr=1.0), Ravine(condition=20, angle=angle), steps=400)
    assert path.diverged_at > 0 and np.isinf(path.losses[-1]) and not np.isnan(path.losses).any()


# -------------------------------------------------------------------------- a gradient that nobody wrote


@named(PLANES + LINES)
def test_differentiating_the_loss_gives_the_gradient_that_was_written(problem):
    theta = points(problem, 60)
    np.testing.assert_allclose(Problem.gradient(problem, theta), problem.gradient(theta), rtol=2e-13, atol=2e-13)
    one = Problem.gradient(problem, theta[:, 0])
    np.testing.assert_allclose(one, problem.gradient(theta[:, 0]), rtol=2e-13, atol=2e-13)


def of(loss):
    """Return a problem of two coordinates that has this loss and no gradient of its own."""
    return type("Mine", (Problem,), {"start": np.array([0.7, 1.3]), "loss": loss})()


LOSSES = {
    "divide, power, exp, log": lambda self, theta: np.exp(theta[0] / theta[1]) + np.log(theta[1]) * theta[0] ** 3,
    "a power of a variable": lambda self, theta: theta[0] ** theta[1] + 2.0 ** theta[0],
    "sin, cos, tanh": lambda self, theta: np.sin(theta[0]) * np.cos(theta[1]) + np.tanh(theta[0] * theta[1]),
    "sqrt, absolute": lambda self, theta: np.sqrt(1 + theta[0] ** 2) + abs(theta[1] - 3 * theta[0]),
    "minimum, maximum, clip": lambda self, theta: (
        np.minimum(theta[0], theta[1] ** 2) * np.maximum(theta[0], -theta[1]) + np.clip(theta[0], 0.0, 0.5)
    ),
    "where": lambda self, theta: np.where(theta[0] > theta[1], theta[0] * theta[1], theta[1] / theta[0]) - theta[0],
    "negative, positive": lambda self, theta: -(theta[0] * +theta[1]) * -theta[1],
    "one variable is not used": lambda self, theta: 3 * theta[1] + 2,
}


@pytest.mark.parametrize("loss", LOSSES.values(), ids=LOSSES)
def test_a_loss_without_gradient_is_differentiated(loss):
    problem, h = of(loss), 1e-6
    theta = np.array([[0.7, 1.6, 0.4], [1.3, 0.9, 2.1]])
    for i, gradient in enumerate(problem.gradient(theta)):
        step = np.zeros_like(theta)
        step[i] = h
        slope = (problem.loss(theta + step) - problem.loss(theta - step)) / (2 * h)
        np.testing.assert_allclose(gradient, slope, rtol=1e-8, atol=1e-8)


def test_a_power_below_zero_is_differentiated_too():
    problem = of(lambda self, theta: theta[0] ** 3 + theta[1] ** 2)
    np.testing.assert_array_equal(problem.gradient(np.array([-2.0, -3.0])), [12.0, -6.0])


@pytest.mark.parametrize(
    "loss, says",
    [
        (lambda self, theta: np.floor(theta[0]) + theta[1], "np.floor has no derivative"),
        (lambda self, theta: np.sign(theta[0]) * theta[1], "np.sign has no derivative"),
        (lambda self, theta: (theta[0] > 0) * theta[1], "np.greater has no derivative"),
        (lambda self, theta: np.arctan(theta[0]) + theta[1], "np.arctan cannot be translated"),
    ],
)
def test_what_cannot_be_differentiated_says_so(loss, says):
    with pytest.raises(Untranslatable, match=says):
        of(loss).gradient(np.array([0.5, 1.0]))


def test_an_attribute_that_changes_counts_at_once():
    problem = of(lambda self, theta: self.height * theta[0] * theta[1])
    problem.height = 1.0
    assert [*problem.gradient(np.array([2.0, 3.0]))] == [3.0, 2.0]
    problem.height = 10.0
    assert [*problem.gradient(np.array([2.0, 3.0]))] == [30.0, 20.0]


def test_a_loss_without_gradient_is_translated_with_its_parameters():
    problem = of(lambda self, theta: self.height * np.sin(theta[0]) * theta[1])
    problem.height = 2.0
    made = replay(record_problem(problem, ["height"]), {"x0": 0.5, "x1": 3.0, "height": 4.0})
    assert made["loss"] == 4.0 * np.sin(0.5) * 3.0
    assert made["gradient_0"] == pytest.approx(12 * np.cos(0.5), rel=1e-15)
    assert made["gradient_1"] == pytest.approx(4 * np.sin(0.5), rel=1e-15)


def test_a_surface_is_one_line():
    bowl = Surface(lambda a, b: a**2 + 10 * b**2, start=(-8, 1.5), minimum=(0, 0), name="bowl")
    assert bowl.labels == ("a", "b") and bowl.view == ((-10.0, 10.0), (-10.0, 10.0)) and repr(bowl) == "bowl"
    np.testing.assert_array_equal(bowl.gradient(bowl.start), [-16.0, 30.0])
    assert descend(GradientDescent(0.05), bowl, steps=200).losses[-1] < 1e-9
    assert Surface(lambda x: x**2, start=[0.5]).view == ((-1.25, 1.25),)


# -------------------------------------------------------------------------- what the streams and the fits promise


def test_what_a_signal_expects_is_what_it_gives():
    stream = Signal(mean=0.5, sigma=2.0, every=4)
    seen = np.array([stream.gradient_at(stream.start, t)[0] for t in range(1, 80_001)])
    assert np.count_nonzero(seen) == 20_000 and seen[3] != 0
    assert seen.mean() == pytest.approx(stream.expected, abs=4 * seen.std() / np.sqrt(len(seen)))
    error = 4 * (seen**2).std() / np.sqrt(len(seen))
    assert (seen**2).mean() == pytest.approx(stream.expected_square, abs=error)
    assert stream.expected == 0.125 and stream.expected_square == (0.25 + 4) / 4


def test_noisy_weights_see_noise_of_their_own_size_and_no_loss():
    weights = NoisyWeights(quiet=0.5, noisy=20.0)
    seen = np.array([weights.gradient_at(weights.start, t) for t in range(1, 4001)])
    np.testing.assert_allclose(seen.std(axis=0), [0.5, 20.0], rtol=0.05)
    assert np.abs(seen.mean(axis=0) / seen.std(axis=0)).max() < 4 / np.sqrt(4000)
    assert abs(np.corrcoef(seen.T)[0, 1]) < 4 / np.sqrt(4000)
    assert weights.loss(weights.start) == 0 and not weights.gradient(weights.start).any()


def test_a_parabola_has_its_curvature():
    assert Parabola(3.0).loss(np.array([2.0])) == 6.0 and Parabola(3.0).gradient(np.array([2.0]))[0] == 6.0


def test_line_fit_predicts_with_slope_and_intercept_in_that_order():
    problem = LineFit()
    np.testing.assert_array_equal(problem.predict((2.0, 5.0), np.array([0.0, 1.0, -2.0])), [5.0, 7.0, 1.0])
    error = problem.predict(problem.minimum, problem.x) - problem.y
    assert np.sqrt(np.mean(error**2)) == pytest.approx(problem.loss(problem.minimum), rel=1e-12)


@pytest.mark.parametrize("loss", [np.add, max, dict, lambda *numbers: 0, lambda *, x, y: x * y, lambda: 1])
def test_a_surface_needs_a_function_of_named_numbers(loss):
    with pytest.raises(TypeError, match=r"Surface\(loss=.*expected a function of named numbers, such as lambda x, y"):
        Surface(loss, start=(1, 1))


@pytest.mark.parametrize("start", [None, "ab", [[1], [1, 2]], (1,)])
def test_a_surface_needs_a_start(start):
    with pytest.raises(ValueError, match=r"Surface\(start=.*expected a finite number for each of x, y"):
        Surface(lambda x, y: x * y, start=start)


def test_a_surface_leaves_its_argument_alone():
    def loss(x, y):
        x *= 2
        return x * x + y

    theta = np.ones((2, 3))
    surface = Surface(loss, start=(1, 1))
    np.testing.assert_array_equal(surface.loss(theta), [5, 5, 5])
    np.testing.assert_array_equal(surface.gradient(theta), [[8, 8, 8], [1, 1, 1]])
    assert (theta == 1).all()


def test_what_is_undefined_where_it_is_not_chosen_does_not_count():
    losses = [
        (lambda x: np.where(x > 0, np.sqrt(x), x * x), -2.0, -4.0),
        (lambda x: np.where(x < 0, np.exp(x), 1 + x), 1000.0, 1.0),
        (lambda x: np.where(x == 0, 1.0, np.sin(x) / x), 0.0, 0.0),
        (lambda x: np.minimum(np.maximum(np.log(x), 3.0), 5.0) + x, 0.0, 1.0),
    ]
    with np.errstate(all="ignore"):
        for loss, x, expected in losses:
            assert Surface(loss, start=(1,)).gradient(np.array([x])) == [expected]


NUMBERS = {
    "Ravine(condition='a')": lambda: Ravine("a"),
    "Ravine(condition=array": lambda: Ravine(np.array([1.0, 2.0])),
    "Ravine(condition=True)": lambda: Ravine(True),
    "Ravine(angle='a')": lambda: Ravine(20, "a"),
    "NoisyRavine(sigma='a')": lambda: NoisyRavine(sigma="a"),
    "NoisyWeights(quiet=None)": lambda: NoisyWeights(quiet=None),
    "Signal(mean=nan)": lambda: Signal(mean=np.nan),
    "Signal(mean='a')": lambda: Signal(mean="a"),
    "Reddi(C='a'": lambda: Reddi("a"),
    "Parabola(h=None)": lambda: Parabola(None),
    "Rastrigin(amplitude='a')": lambda: Rastrigin("a"),
    "LineFit(seed=-1)": lambda: LineFit(seed=-1),
    "Network(seed='a')": lambda: Network((4,), seed="a"),
    "RareWords(seed=0.5)": lambda: RareWords(seed=0.5),
}


@pytest.mark.parametrize("told", NUMBERS)
def test_a_number_of_a_problem_is_a_number(told):
    with pytest.raises(ValueError, match=re.escape(told) + ".*: expected"):
        NUMBERS[told]()


def test_curvature_says_what_it_needs():
    assert sharpness(Ravine(), [1, 2]) == pytest.approx(20)
    assert hessian_product(Ravine(), [1, 2], [1, 0]) == pytest.approx([1, 0])
    for options in ({"iterations": 0}, {"divisor": np.ones(3)}):
        with pytest.raises(ValueError, match=r"a vector \(2,\) as divisor, and iterations of 1 or more"):
            sharpness(Ravine(), np.ones(2), **options)
    with pytest.raises(ValueError, match=r"direction=…\): expected the shape \(2,\), not \(1,\)"):
        hessian_product(Ravine(), np.ones(2), np.ones(1))
    with pytest.raises(ValueError, match=r"length=0\): expected a distance"):
        hessian_product(Ravine(), np.ones(2), np.ones(2), length=0)
