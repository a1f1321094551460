"""Sweeps: is each cell the run that it stands for, in one broadcast run and one by one?"""

import os
import signal
import threading
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import numpy as np
import pytest
from distributed import Client, LocalCluster

from descent import (
    Adam,
    GradientDescent,
    Momentum,
    Network,
    Ravine,
    Rosenbrock,
    Shampoo,
    Surface,
    Wilson,
    descend,
    schedules,
    sweep,
)

RATES, BETAS = [0.001, 0.01, 0.3], [0.0, 0.9]


class Counted(Ravine):
    """A ravine that counts its gradients."""

    asked = 0

    def gradient(self, theta):
        self.asked += 1
        return super().gradient(theta)


def test_one_broadcast_run_gives_the_cells_bit_for_bit():
    problem = Counted()
    swept = sweep(Momentum(), problem, {"lr": RATES, "beta": BETAS}, [3.0, -2.0], 500)
    assert problem.asked == 500
    assert swept.losses.shape == swept.diverged.shape == (3, 2) and swept.positions.shape == (2, 3, 2)
    for i, lr in enumerate(RATES):
        for j, beta in enumerate(BETAS):
            path = descend(Momentum(lr, beta), Ravine(), [3.0, -2.0], 500)
            np.testing.assert_array_equal(swept.positions[:, i, j], path.positions[-1])
            assert swept.diverged_at[i, j] == path.diverged_at
            np.testing.assert_equal(swept.losses[i, j], np.nan if path.diverged_at else path.losses[-1])
    assert swept.diverged[2, 0] and not swept.diverged[0, 0]


def test_the_other_hyperparameters_hold():
    swept = sweep(Adam(0.1, beta1=0.5), Rosenbrock(), {"eps": [1e-8, 1.0]}, steps=30)
    ends = [descend(Adam(0.1, beta1=0.5, eps=eps), Rosenbrock(), steps=30).losses[-1] for eps in (1e-8, 1.0)]
    np.testing.assert_allclose(swept.losses, ends, rtol=1e-9)


def test_words_networks_and_rates_per_coordinate_are_run_one_by_one():
    words = sweep(Adam(0.1), Rosenbrock(), {"bias_correction": ["both", "none"]}, steps=30)
    ends = [descend(Adam(0.1, bias_correction=word), Rosenbrock(), steps=30).losses[-1] for word in ("both", "none")]
    assert words.losses.tolist() == ends
    rates = np.array([0.1, 0.01])
    each = sweep(Momentum(rates), Ravine(), {"beta": BETAS}, steps=9)
    assert each.losses.tolist() == [descend(Momentum(rates, beta), Ravine(), steps=9).losses[-1] for beta in BETAS]
    problem = Network((4,))
    swept = sweep(Adam(), problem, {"lr": [1e-3, 1e-2], "beta1": [0.0, 0.9]}, epochs=2, batch_size=200, seed=5)
    path = descend(Adam(1e-2, 0.0), problem, epochs=2, batch_size=200, seed=5)
    np.testing.assert_array_equal(swept.positions[:, 1, 0], path.positions[-1])
    assert swept.losses[1, 0] == path.losses[-1]


@pytest.mark.parametrize("executor", [ThreadPoolExecutor, ProcessPoolExecutor])
def test_an_executor_gives_the_same_cells(executor):
    grid = {"lr": [0.01, 0.1, 1e200], "l2": [0.0, 0.1]}
    here = sweep(GradientDescent(), Wilson(), grid, steps=20)
    with executor(2) as pool:
        there = sweep(GradientDescent(), Wilson(), grid, steps=20, executor=pool)
    np.testing.assert_array_equal(here.losses, there.losses)
    np.testing.assert_array_equal(here.positions, there.positions)
    assert here.diverged.tolist() == there.diverged.tolist() == [[False] * 2] * 2 + [[True] * 2]
    assert np.isnan(here.losses).tolist() == here.diverged.tolist()


def test_a_cluster_gives_the_same_cells_although_a_worker_is_killed_amid_its_run():
    """With Dask, which takes schedules too: the dead worker's runs are taken again by others."""
    grid = {"lr": [1e-3, schedules.cosine(1e-2, 200)], "beta1": [0.0, 0.5, 0.9]}
    options = {"epochs": 8, "batch_size": 25, "seed": 3}
    here = sweep(Adam(), Network((8,)), grid, **options)
    with LocalCluster(2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        victim, pid = next(iter(client.run(os.getpid).items()))

        def kill_when_it_works():
            while not client.processing().get(victim):
                time.sleep(0.01)
            os.kill(pid, signal.SIGKILL)

        killer = threading.Thread(target=kill_when_it_works)
        killer.start()
        there = sweep(Adam(), Network((8,)), grid, **options, executor=client.get_executor())
        killer.join()
        assert victim not in client.scheduler_info()["workers"]
    np.testing.assert_allclose(there.losses, here.losses, rtol=1e-9)  # the workers' matrix products have one thread
    np.testing.assert_allclose(there.positions, here.positions, rtol=1e-6, atol=1e-12)


def test_best_and_at_know_the_axes_by_name():
    swept = sweep(Momentum(), Ravine(), {"lr": RATES, "beta": BETAS}, steps=500)
    assert np.isnan(swept.losses[swept.diverged]).all() and not np.isnan(swept.losses[~swept.diverged]).any()
    i, j = np.argwhere(swept.losses == np.nanmin(swept.losses))[0]
    assert swept.best == {"lr": RATES[i], "beta": BETAS[j]}
    row = swept.at(lr=0.01)
    assert list(row.axes) == ["beta"] and row.positions.shape == (2, 2)
    np.testing.assert_array_equal(row.losses, swept.losses[1])
    assert swept.at(beta=0.9, lr=0.001).losses == swept.losses[0, 1]
    assert repr(swept) == f"Sweep(lr (3) × beta (2): 1 diverged, least loss {np.nanmin(swept.losses):.4g})"
    with pytest.raises(ValueError, match="expected one of"):
        swept.at(lr=0.5)
    with pytest.raises(ValueError, match="eps was not swept"):
        swept.at(eps=1.0)
    with pytest.raises(ValueError, match="every run diverged"):
        _ = sweep(GradientDescent(), Ravine(), {"lr": [1e9]}).best


def test_values_are_found_to_their_last_digits_and_words_by_themselves():
    swept = sweep(Adam(), Rosenbrock(), {"lr": [0.3, 0.4], "bias_correction": ["both", "none"]}, steps=5)
    assert swept.at(lr=0.1 + 0.2, bias_correction="none").losses == swept.losses[0, 1]


def test_a_run_that_diverges_at_once_has_diverged():
    swept = sweep(GradientDescent(), Ravine(), {"lr": [1e308]}, steps=3)
    assert swept.diverged_at.tolist() == [1] and swept.diverged.tolist() == [True]


def test_the_batches_of_a_sweep_are_those_of_descend():
    swept = sweep(Adam(), Network((4,)), {"lr": [1e-2]}, epochs=1, batch_size=200)
    path = descend(Adam(1e-2), Network((4,)), epochs=1, batch_size=200)
    assert swept.losses.tolist() == [path.losses[-1]]


@pytest.mark.parametrize(
    "options, error, says",
    [
        ({"optimizer": Momentum}, TypeError, r"such as Adam\(lr=0.1\), not Momentum"),
        ({"grid": {}}, TypeError, "expected a dict"),
        ({"grid": [0.1, 0.2]}, TypeError, "expected a dict"),
        ({"grid": {"learning_rate": [0.1]}}, ValueError, "no hyperparameter 'learning_rate'; it has lr, beta"),
        ({"grid": {"lr": 0.1}}, ValueError, "list of values"),
        ({"grid": {"lr": []}}, ValueError, "list of values"),
        ({"grid": {"lr": [0.1, -0.1]}}, ValueError, "0 or more"),
        ({"grid": {"beta": [0.1, 1.0]}}, ValueError, "decay rate"),
        ({"start": np.ones((2, 1))}, ValueError, "one point"),
        ({"executor": 4}, TypeError, "submit"),
        ({"problem": Ravine}, TypeError, r"such as Ravine\(\), not the class Ravine"),
        ({"optimizer": Shampoo()}, TypeError, r"Shampoo\(.*declares no hyperparameters"),
        ({"grid": {"lr": [[0.1], [0.1, 0.2]]}}, ValueError, "list of values"),
        ({"grid": {"lr": np.ma.array([0.1, 0.2], mask=[1, 0])}}, ValueError, "list of values"),
        ({"grid": {"lr": [10**400]}}, ValueError, "expected finite numbers"),
    ],
)
def test_bad_input_is_told_what_to_do(options, error, says):
    with pytest.raises(error, match=says):
        sweep(**({"optimizer": Momentum(), "problem": Ravine(), "grid": {"lr": RATES}} | options))


def test_a_schedule_that_gives_an_array_later_is_a_rate_for_each_coordinate_too():
    optimizer = Momentum(lr=lambda t: 0.05 if t < 5 else np.array([0.05, 0.001]))
    swept = sweep(optimizer, Ravine(), {"beta": [0.5, 0.9]}, steps=20)
    alone = [descend(Momentum(optimizer.lr, beta), Ravine(), steps=20).losses[-1] for beta in (0.5, 0.9)]
    np.testing.assert_array_equal(swept.losses, alone)


def test_without_any_loss_there_is_no_best():
    nowhere = Surface(lambda x: np.where(x > 0, np.log(-1 - x * x), x), start=(1.0,))
    nowhere.gradient = lambda theta: np.ones_like(theta)
    swept = sweep(GradientDescent(), nowhere, {"lr": [0.01, 0.02]}, steps=2)
    assert not swept.diverged.any() and "least" not in repr(swept)
    with pytest.raises(ValueError, match="every run diverged, or ended where the loss is nan"):
        _ = swept.best


@pytest.mark.parametrize("value", ["x", None, [0.05, 0.01], np.nan])
def test_what_is_not_on_an_axis_is_named(value):
    swept = sweep(GradientDescent(), Ravine(), {"lr": [0.01, 0.05]}, steps=2)
    with pytest.raises(ValueError, match=r"Sweep.at\(lr=.*expected one of \[0.01, 0.05\]"):
        swept.at(lr=value)


def test_a_schedule_of_arrays_is_a_rate_for_each_coordinate_not_for_each_run():
    optimizer = Momentum(lr=lambda t: np.array([0.1, 0.01]) / np.sqrt(t))
    swept = sweep(optimizer, Ravine(), {"beta": [0.5, 0.9]}, steps=20)
    alone = [descend(Momentum(optimizer.lr, beta), Ravine(), steps=20).losses[-1] for beta in (0.5, 0.9)]
    np.testing.assert_array_equal(swept.losses, alone)
