"""The loop: does it take the steps that it says it takes, record them, and stop where it must?"""

import pickle
import sys
import warnings

import numpy as np
import pytest

from descent import (
    Adam,
    GradientDescent,
    Himmelblau,
    Momentum,
    Network,
    NoisyRavine,
    Parabola,
    Problem,
    RareFeature,
    Ravine,
    Reddi,
    RMSProp,
    Rosenbrock,
    Wilson,
    descend,
)
from descent.loop import with_bar


class Slope(Problem):
    """A loss with the same gradient everywhere."""

    start = np.zeros(2)

    def loss(self, theta):
        return 3 * theta[0] - theta[1]

    def gradient(self, theta):
        return np.array([3 + 0 * theta[0], -1 + 0 * theta[1]])


class Examples(Problem):
    """A sum over ten examples that notes which ones each gradient was asked for."""

    start, size, broadcasts = np.zeros(1), 10, False

    def __init__(self):
        self.asked = []

    def loss(self, theta, batch=slice(None)):
        return float(theta[0])

    def gradient(self, theta, batch=slice(None)):
        self.asked.append(batch.tolist())
        return np.ones(1)


# -------------------------------------------------------------------------- the path


def test_path_is_the_loop_written_by_hand():
    problem, optimizer, theta = Rosenbrock(), Adam(0.1), Rosenbrock().start.copy()
    path = descend(Adam(0.1), problem, steps=50)
    np.testing.assert_array_equal(path.positions[0], problem.start)
    for t in range(1, 51):
        optimizer.step(theta, problem.gradient(theta))
        np.testing.assert_array_equal(path.positions[t], theta)
        assert path.losses[t] == problem.loss(theta)
    assert path.positions.shape == (51, 2) and path.steps.tolist() == list(range(51)) and path.diverged_at == 0
    assert len(descend(Adam(0.1), problem).losses) == 101 and len(descend(Adam(0.1), problem, steps=0).losses) == 1


def test_a_cell_run_twice_gives_the_same_and_changes_nothing():
    optimizer, start = Adam(0.1), np.array([2.0, -1.0])
    paths = [descend(optimizer, Rosenbrock(), start, 20) for _ in range(2)]
    np.testing.assert_array_equal(paths[0].positions, paths[1].positions)
    assert optimizer.t == 0 and start.tolist() == [2.0, -1.0] and paths[0].optimizer.t == 20


@pytest.mark.parametrize("problem", [Rosenbrock(), Himmelblau(), NoisyRavine(300.0)], ids=repr)
def test_many_runs_at_once_are_the_single_runs_bit_for_bit(problem):
    starts = np.random.default_rng(0).uniform(-4, 4, (2, 6))
    together = descend(Momentum(3e-3), problem, starts, 200)
    assert together.positions.shape == (201, 2, 6) and together.losses.shape == (201, 6)
    for i, start in enumerate(starts.T):
        alone = descend(Momentum(3e-3), problem, start, 200)
        np.testing.assert_array_equal(together.positions[..., i], alone.positions)
        np.testing.assert_array_equal(together.losses[:, i], alone.losses)
        assert together.diverged_at[i] == alone.diverged_at


def test_hyperparameters_of_many_runs_spread_the_start():
    rates, betas = np.array([0.01, 0.02, 0.05]), np.array([0.0, 0.9])
    path = descend(GradientDescent(rates), Ravine(), Ravine().start[:, None], 30)
    grid = descend(Momentum(rates[:, None], betas), Ravine(), Ravine().start[:, None, None], 30)
    assert path.positions.shape == (31, 2, 3) and grid.positions.shape == (31, 2, 3, 2)
    for i, lr in enumerate(rates):
        alone = descend(GradientDescent(lr), Ravine(), steps=30)
        np.testing.assert_array_equal(path.positions[..., i], alone.positions)
        for j, beta in enumerate(betas):
            alone = descend(Momentum(lr, beta), Ravine(), steps=30)
            np.testing.assert_array_equal(grid.positions[..., i, j], alone.positions)


def test_a_start_of_one_coordinate_is_not_spread_over_the_rates_of_many():
    with pytest.raises(
        ValueError, match=r"start of shape \(1, 1\) and hyperparameters of shape lr \(2, 3\) do not fit"
    ):
        descend(GradientDescent(np.full((2, 3), 0.1)), Parabola(), np.array([[1.0]]), 3)


def test_float32_stays_float32_and_integers_become_floats():
    path = descend(Adam(0.1), Rosenbrock(), np.array([2, -1], np.float32), 5)
    assert path.positions.dtype == path.losses.dtype == np.float32
    assert descend(Adam(0.1), Rosenbrock(), [2, -1], 5).positions.dtype == float


def test_a_path_survives_pickling():
    path = pickle.loads(pickle.dumps(descend(Adam(0.1), Rosenbrock(), steps=5)))
    assert repr(path) == "Path(Adam(lr=0.1), 5 steps, loss 12.5 → 7.442)"
    assert path.effective_lr.shape == (5, 2)


# -------------------------------------------------------------------------- divergence


def diverging(lr, theta):
    """Return the step of gradient descent on the ravine at which plain NumPy gives inf or nan."""
    with np.errstate(all="ignore"):
        for t in range(1, 10_000):
            theta = theta - lr * np.array([theta[0], 20 * theta[1]])
            if not np.isfinite(theta).all():
                return t


@pytest.mark.parametrize("record", [1, 7, 10_000])
def test_a_diverging_run_stands_still_is_marked_and_gives_no_warning(record):
    rates = np.array([0.05, 0.5, 3.0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        path = descend(GradientDescent(rates), Ravine(20), np.array([[-9.0], [1.5]]), 600, record=record)
        alone = descend(GradientDescent(0.5), Ravine(20), steps=600, record=record)
    expected = [0, diverging(0.5, Ravine().start), diverging(3.0, Ravine().start)]
    assert path.diverged_at.tolist() == expected and alone.diverged_at == expected[1]
    assert np.isfinite(path.positions).all() and path.steps[-1] == 600
    np.testing.assert_array_equal(path.positions[..., 1], alone.positions)
    still = path.positions[path.steps >= expected[1] - 1, :, 1]
    assert (still == still[0]).all()
    well = descend(GradientDescent(0.05), Ravine(20), steps=600, record=record)
    np.testing.assert_array_equal(path.positions[..., 0], well.positions)


def test_a_gradient_that_is_not_finite_stops_the_run_before_the_step():
    class Edge(Slope):
        def gradient(self, theta):
            return np.where(theta > 2.5, np.nan, -1.0)

    path = descend(GradientDescent(1.0), Edge(), np.array([[0.0, -5.0], [0.0, 0.0]]), 5)
    assert path.diverged_at.tolist() == [4, 4] and path.positions[-1].tolist() == [[3, -2], [3, 3]]
    assert repr(path) == "Path(GradientDescent(lr=1), 5 steps, 2 runs, 2 diverged)"


def test_a_run_that_has_diverged_stays_though_it_could_go_on():
    class Gap(Slope):
        def gradient_at(self, theta, t):
            return np.where((t == 2) & (theta < 0), np.inf, 1.0)

    path = descend(GradientDescent(1.0), Gap(), np.array([[0.0, 9.0], [9.0, 9.0]]), 5)
    assert path.diverged_at.tolist() == [2, 0] and path.positions[-1].tolist() == [[-1, 4], [8, 4]]


# -------------------------------------------------------------------------- what a problem may ask for


def test_each_step_sees_the_gradient_of_its_t():
    path = descend(GradientDescent(0.1), Reddi(C=3), [0.0], 4)
    np.testing.assert_allclose(path.positions[:, 0], [0, -0.3, -0.2, -0.1, -0.4], atol=1e-15)


def test_the_domain_is_kept():
    assert descend(GradientDescent(10.0), Reddi(C=3), steps=4).positions[:, 0].tolist() == [1, -1, 1, 1, -1]


def test_only_loss_and_gradient_are_needed():
    class Bare:
        def loss(self, theta):
            return theta[0] ** 2

        def gradient(self, theta):
            return 2 * theta

    assert descend(GradientDescent(0.5), Bare(), [3.0], 1).positions.tolist() == [[3], [0]]


# -------------------------------------------------------------------------- mini-batches


def test_every_epoch_takes_each_example_once_in_a_new_seeded_order():
    def batches(seed):
        problem = Examples()
        path = descend(GradientDescent(0.1), problem, epochs=3, batch_size=4, seed=seed)
        assert path.steps.tolist() == [0, 3, 6, 9]  # recorded every epoch
        return problem.asked

    asked = batches(0)
    assert [len(batch) for batch in asked] == [4, 4, 2] * 3
    orders = [sum(asked[i : i + 3], []) for i in (0, 3, 6)]
    assert all(sorted(order) == list(range(10)) for order in orders)
    assert orders[0] != orders[1] != orders[2] and asked == batches(0) and asked != batches(1)


def test_mini_batches_train_the_network():
    problem = Network((16,))
    path = descend(Adam(0.01), problem, epochs=5, batch_size=32)
    assert path.losses[-1] < 0.3 and problem.accuracy(path.positions[-1]) > 0.9
    assert path.losses[1] == problem.loss(path.positions[1]) and len(path.losses) == 6


def test_a_batch_of_all_examples_is_the_whole_gradient():
    whole, batch = (descend(Adam(0.1), Wilson(), steps=9, batch_size=size, record=1) for size in (None, 10))
    np.testing.assert_allclose(batch.positions, whole.positions, rtol=1e-12)


# -------------------------------------------------------------------------- recording and stopping


@pytest.mark.parametrize("record, steps", [(1, 10), (3, 10), (5, 10), (99, 10), (3, 0)])
def test_record_thins_the_path_and_keeps_its_end(record, steps):
    full = descend(Adam(0.1), Rosenbrock(), steps=steps)
    thin = descend(Adam(0.1), Rosenbrock(), steps=steps, record=record)
    assert thin.steps.tolist() == sorted({*range(0, steps + 1, record), steps})
    np.testing.assert_array_equal(thin.positions, full.positions[thin.steps])
    np.testing.assert_array_equal(thin.losses, full.losses[thin.steps])


def test_stop_ends_the_path_where_it_says_so():
    full = descend(GradientDescent(0.05), Ravine(), steps=200)
    path = descend(GradientDescent(0.05), Ravine(), steps=200, stop=lambda t, theta, loss: loss < 0.1)
    end = int(np.argmax(full.losses < 0.1))
    assert path.steps[-1] == end == path.optimizer.t and len(path.losses) == len(path.positions) == end + 1
    np.testing.assert_array_equal(path.positions, full.positions[: end + 1])
    seen = []
    descend(GradientDescent(0.05), Ravine(), steps=7, record=3, stop=lambda *asked: seen.append(asked))
    assert [t for t, _, _ in seen] == [3, 6, 7]
    for t, theta, loss in seen:
        assert theta.tolist() == full.positions[t].tolist() and loss == full.losses[t]


def test_no_bar_unless_asked_or_in_a_terminal(capsys, monkeypatch):
    things = range(3)
    assert with_bar(things, 3, None) is with_bar(things, 3, False) is things
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert with_bar(things, 3, None) is not things and with_bar(things, 3, False) is things
    descend(GradientDescent(0.05), Ravine())
    assert capsys.readouterr() == ("", "")
    descend(GradientDescent(0.05), Ravine(), progress=True)
    shown = capsys.readouterr()
    assert shown.out == "" and "100" in shown.err


# -------------------------------------------------------------------------- effective learning rates


def test_effective_lr_is_lr_for_gradient_descent_and_ten_times_it_for_momentum():
    path = descend(GradientDescent(0.05), Ravine(3), steps=20)
    np.testing.assert_allclose(path.effective_lr, 0.05, rtol=1e-10)
    path = descend(Momentum(0.01, 0.9), Slope(), steps=200)
    assert path.effective_lr[0] == pytest.approx(0.01) and path.effective_lr[-1] == pytest.approx(0.01 / (1 - 0.9))


def test_effective_lr_of_rmsprop_is_lr_over_the_root_of_v():
    path = descend(RMSProp(0.01, beta2=0.9), Rosenbrock(), np.array([[2.0, -1.0], [1.0, 0.5]]), 50)
    v = path.optimizer.state_dict()["v"]
    np.testing.assert_allclose(path.effective_lr[-1], 0.01 / (np.sqrt(v) + 1e-8), rtol=1e-9)


def test_effective_lr_repeats_noise_and_mini_batches():
    for problem, batch_size in ((NoisyRavine(), None), (Wilson(), 3)):
        path = descend(GradientDescent(0.05), problem, steps=9, batch_size=batch_size, record=1)
        rates = path.effective_lr
        np.testing.assert_allclose(rates[np.isfinite(rates)], 0.05, rtol=1e-9)
        assert np.isfinite(rates).any()


def test_effective_lr_is_nan_where_there_is_no_step_or_no_gradient():
    flat = descend(GradientDescent(0.1), Ravine(), [0.0, 1.0], 3).effective_lr
    assert np.isnan(flat[:, 0]).all() and np.isfinite(flat[:, 1]).all()
    coasting = descend(Momentum(0.1), RareFeature(every=3), steps=5).effective_lr[:, 1]
    assert np.isnan(coasting).tolist() == [True, True, False, True, True]
    path = descend(GradientDescent(3.0), Ravine(20), steps=600)
    standing = np.isnan(path.effective_lr).all(axis=1)
    assert not standing[: path.diverged_at - 1].any() and standing[path.diverged_at - 1 :].all()


def test_effective_lr_needs_every_step():
    with pytest.raises(ValueError, match="record=1"):
        _ = descend(GradientDescent(0.1), Ravine(), steps=5, record=2).effective_lr


# -------------------------------------------------------------------------- what is refused


class OneNumber(Slope):
    def loss(self, theta):
        return np.sum(theta**2)


class Gives(Problem):
    """A problem with whatever is given as its gradient."""

    start = np.ones(2)

    def __init__(self, gradient, loss=lambda theta: theta[0], broadcasts=True, domain=None):
        self.gradient, self.loss, self.broadcasts, self.domain = lambda theta: gradient, loss, broadcasts, domain


@pytest.mark.parametrize(
    "options, error, says",
    [
        ({"optimizer": Adam}, TypeError, r"such as Adam\(lr=0.1\), not Adam"),
        ({"optimizer": 0.1}, TypeError, "not float"),
        ({"start": [1.0, np.nan]}, ValueError, "finite numbers"),
        ({"start": 1.0}, ValueError, "one for each coordinate"),
        ({"start": ["a", "b"]}, ValueError, "finite numbers"),
        ({"start": [1.0, 2.0, 3.0]}, ValueError, r"2 coordinates.*shape \(3,\)"),
        ({"start": np.ones((7, 2))}, ValueError, "Components come first"),
        ({"problem": Wilson(), "start": np.ones((29, 2))}, ValueError, "one run at a time"),
        ({"problem": Reddi(), "start": [2.0]}, ValueError, "outside the domain"),
        ({"optimizer": Adam(np.ones(3)), "start": np.ones((2, 2))}, ValueError, r"lr \(3,\) do not fit"),
        ({"optimizer": Adam(np.ones((3, 1))), "start": np.ones((2, 1))}, ValueError, "do not fit"),
        ({"optimizer": Adam(np.ones((2, 1, 3))), "start": np.ones((2, 1))}, ValueError, "do not fit"),
        ({"steps": -1}, ValueError, "steps=-1.*0 or more"),
        ({"steps": 2.5}, ValueError, "whole number"),
        ({"steps": True}, ValueError, "whole number"),
        ({"steps": 3, "epochs": 3}, ValueError, "one of the two"),
        ({"epochs": 1.5}, ValueError, "epochs=1.5"),
        ({"record": 0}, ValueError, "record=0.*1 or more"),
        ({"batch_size": 8}, ValueError, "no examples"),
        ({"problem": Wilson(), "batch_size": 0}, ValueError, "batch_size=0.*1 or more"),
        ({"problem": Wilson(), "batch_size": 4, "seed": -1}, ValueError, "seed=-1"),
        ({"start": np.ones((2, 3)), "stop": lambda t, theta, loss: loss < 1}, ValueError, "np.all"),
        ({"problem": OneNumber()}, ValueError, "one for each point"),
        ({"problem": Gives(np.ones(2), domain=3)}, ValueError, r"has the domain 3; expected \(low, high\), or None"),
        ({"problem": Ravine}, TypeError, r"such as Ravine\(\), not the class Ravine"),
        ({"problem": None}, TypeError, "not NoneType, which has no loss and no gradient"),
        ({"stop": 5}, TypeError, "stop=5.*expected a function, such as lambda t, theta, loss"),
        ({"start": np.ma.array([1.0, 2.0], mask=[1, 0])}, ValueError, "finite numbers"),
        ({"start": [[1.0], [1.0, 2.0]]}, ValueError, "finite numbers"),
        ({"problem": Gives(None)}, TypeError, "is NoneType; expected an array of real numbers"),
        ({"problem": Gives([1.0, 2.0])}, TypeError, "is list; expected"),
        ({"problem": Gives(np.array([None, 1]))}, TypeError, r"ndarray of object and shape \(2,\)"),
        ({"problem": Gives(np.array([np.nan]))}, ValueError, r"at theta of shape \(2,\) is ndarray .* shape \(1,\)"),
        ({"problem": Gives(np.nan)}, TypeError, "is float; expected"),
        ({"problem": Gives(np.ones(2), lambda theta: 1j * theta[0])}, TypeError, "complex128; expected real numbers"),
        ({"problem": Gives(np.ones(2), lambda theta: None, False)}, TypeError, "gave None; expected a number"),
    ],
)
def test_bad_input_is_told_what_to_do(options, error, says):
    with pytest.raises(error, match=says):
        descend(**({"optimizer": Adam(0.1), "problem": Ravine()} | options))


def test_what_a_problem_does_to_its_argument_is_not_done_to_the_run():
    class Careless(Problem):
        start = np.ones(2)

        def loss(self, theta):
            theta *= theta
            return theta[0] + theta[1]

        def gradient(self, theta):
            theta *= 2
            return theta

    path = descend(GradientDescent(0.25), Careless(), steps=2)
    np.testing.assert_array_equal(path.positions, [[1, 1], [0.5, 0.5], [0.25, 0.25]])
    np.testing.assert_array_equal(path.losses, [2, 0.5, 0.125])


def test_a_float32_run_that_diverges_under_a_float64_gradient_is_marked():
    class Steep(Problem):
        start = np.array([1.0])

        def loss(self, theta):
            return theta[0] ** 2

        def gradient(self, theta):
            return np.array([float(theta[0]) * 1e30])

    path = descend(GradientDescent(1e10), Steep(), np.array([1.0], np.float32), steps=20)
    assert path.positions.dtype == np.float32 and path.diverged_at > 0 and np.isfinite(path.positions).all()


@pytest.mark.parametrize("dtype", ["<f4", ">f4", "<f8", ">f8"])
def test_a_start_of_any_byte_order_keeps_its_precision(dtype):
    path = descend(Adam(0.1), Ravine(), np.array([-8.0, 1.5]).astype(dtype), steps=3)
    assert path.positions.dtype == np.dtype(dtype).newbyteorder("=")


@pytest.mark.parametrize("start", [np.ones((2, 0)), np.ones(0)])
def test_a_start_without_numbers_is_refused(start):
    with pytest.raises(ValueError, match="one or more, one for each coordinate"):
        descend(Adam(0.1), Ravine(), start)
