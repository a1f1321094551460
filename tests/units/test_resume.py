"""Stop, save, load, go on: the same bits as never having stopped."""

import numpy as np
import pytest
from support.rules import RULES, assert_same_bits, run, start_and_gradients

from descent import GradientDescent, RMSProp, schedules

SETTINGS = {
    "as it is": {},
    "l2, decay, schedule": {"l2": 0.1, "weight_decay": 0.1, "lr": schedules.warmup(5, schedules.inverse_sqrt(0.1))},
    "arrays": {"lr": np.array([0.1, 0.2, 0.3])},
}


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("rule", RULES)
def test_a_run_that_was_saved_goes_on_with_the_same_bits(rule, settings, dtype, tmp_path):
    theta, gradients = start_and_gradients((2, 3), 20, dtype)
    unbroken = rule(**settings)
    expected = run(unbroken, theta, gradients)

    first = rule(**settings)
    theta, _ = run(first, theta, gradients[:7])
    np.savez(tmp_path / "run.npz", theta=theta, **first.state_dict())

    with np.load(tmp_path / "run.npz") as file:
        second, theta = rule(**settings), file["theta"]
        second.load_state_dict({name: file[name] for name in file if name != "theta"})
    assert second.t == 7
    assert_same_bits(run(second, theta, gradients[7:]), expected)


@pytest.mark.parametrize("rule", RULES)
def test_what_np_load_returns_may_be_given_as_it_is(rule, tmp_path):
    theta, gradients = start_and_gradients((3,), 4)
    first, second = rule(0.1), rule(0.1)
    theta, _ = run(first, theta, gradients[:2])
    np.savez(tmp_path / "state.npz", **first.state_dict())
    with np.load(tmp_path / "state.npz") as file:
        second.load_state_dict(file)
    assert_same_bits(run(second, theta, gradients[2:]), run(first, theta, gradients[2:]))


@pytest.mark.parametrize("rule", RULES)
def test_a_run_that_has_not_begun_can_be_saved_too(rule):
    optimizer = rule(0.1)
    assert optimizer.state_dict() == {"t": 0}
    theta, gradients = start_and_gradients((3,), 4)
    run(optimizer, theta, gradients)
    optimizer.load_state_dict({"t": 0})
    assert optimizer.t == 0 and optimizer.state_dict() == {"t": 0}
    assert_same_bits(run(optimizer, theta, gradients), run(rule(0.1), theta, gradients))


@pytest.mark.parametrize("rule", RULES)
def test_the_entries_are_named_as_in_the_rule(rule):
    optimizer = rule()
    optimizer.step(np.ones(2), np.ones(2))
    assert [*optimizer.state_dict()] == ["t", *rule.state_names]


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.state_names])
def test_the_arrays_are_copies_on_the_way_out_and_in(rule):
    theta, gradients = start_and_gradients((3,), 6)
    optimizer, other = rule(0.1), rule(0.1)
    theta, _ = run(optimizer, theta, gradients[:3])
    state = optimizer.state_dict()
    other.load_state_dict(state)
    for name in rule.state_names:
        state[name][...] = 7
    assert_same_bits(run(other, theta, gradients[3:]), run(optimizer, theta, gradients[3:]))


def test_a_saturated_v_is_kept():
    theta, first, second = np.ones(2), RMSProp(0.1, beta2=0), RMSProp(0.1, beta2=0)
    first.step(theta, np.array([1e200, 1.0]))
    second.load_state_dict(first.state_dict())
    for _ in range(2):
        second.step(theta, np.array([1.0, 1.0]))
    assert theta[0] == 1 and second.state_dict()["v"][0] == np.inf


def test_loading_replaces_what_was_there():
    optimizer = GradientDescent(lambda t: 1 / t)
    optimizer.step(np.ones(2), np.ones(2))
    optimizer.load_state_dict({"t": 9})
    assert optimizer.step(np.ones(3), np.ones(3)).tolist() == [0.9] * 3
