"""Bad input: an error that says what to do, before anything has changed."""

import copy
import pickle
import threading
from fractions import Fraction

import numpy as np
import pytest
from support.rules import RULES, run, start_and_gradients

from descent import Adam, AdamW, GradientDescent, Momentum, Optimizer, RAdam, schedules
from descent import optimizer as optimizer_module

NAN, INF = float("nan"), float("inf")

# ---------------------------------------------------------------- step


def read_only(array):
    array.flags.writeable = False
    return array


# name: (what is given as theta and as the gradient, made from good ones; the error; a part of what it says)
STEPS = {
    "a list": (lambda x, g: ([1.0, 2.0, 3.0], g), TypeError, r"theta must be a NumPy array, not list: pass np.array"),
    "a number": (
        lambda x, g: (1.0, 1.0),
        TypeError,
        r"not float: pass np.array.* np.array\(x, dtype=float\) for a single",
    ),
    "a matrix": (lambda x, g: (x.view(np.matrix), g), TypeError, "not matrix: pass np.array"),
    "a masked theta": (lambda x, g: (np.ma.array(x), g), TypeError, "not MaskedArray"),
    "integers": (lambda x, g: (np.array([1, 2, 3]), g), TypeError, r"dtype int64.*Use theta = theta.astype\(float\)"),
    "truth values": (lambda x, g: (np.array([True, False, True]), g), TypeError, "dtype bool.*astype"),
    "half precision": (lambda x, g: (x.astype(np.float16), g), TypeError, "dtype float16.*expected float64 or float32"),
    "complex theta": (lambda x, g: (x.astype(complex), g), TypeError, "dtype complex128.*astype"),
    "foreign byte order": (lambda x, g: (x.astype(">f8"), g), TypeError, "dtype >f8.*astype"),
    "read-only": (lambda x, g: (read_only(x.copy()), g), ValueError, r"read-only: pass theta.copy\(\)"),
    "broadcast": (lambda x, g: (np.broadcast_to(x[0], 3), g), ValueError, r"read-only: pass theta.copy\(\)"),
    "gradient as a list": (lambda x, g: (x, [1.0, 2.0, 3.0]), TypeError, r"shape \(3,\), not list.*Pass np.array"),
    "no gradient": (lambda x, g: (x, None), TypeError, r"expected the gradient as an array.*not NoneType"),
    "gradient of text": (lambda x, g: (x, np.array(["1", "2", "3"])), TypeError, "not ndarray of <U1"),
    "complex gradient": (lambda x, g: (x, g + 0j), TypeError, "real numbers.*not ndarray of complex128"),
    "gradient of truth values": (lambda x, g: (x, g > 0), TypeError, "not ndarray of bool"),
    "gradient of objects": (lambda x, g: (x, g.astype(object)), TypeError, "not ndarray of object"),
    "masked gradient": (lambda x, g: (x, np.ma.array(g)), TypeError, "not MaskedArray"),
    "a number as gradient": (
        lambda x, g: (x, 1.0),
        ValueError,
        r"theta has shape \(3,\) but the gradient has shape \(\)",
    ),
    "a longer gradient": (lambda x, g: (x, np.ones(4)), ValueError, r"shape \(3,\) but the gradient has shape \(4,\)"),
    "a row": (lambda x, g: (x, g[None]), ValueError, r"the gradient has shape \(1, 3\); they must be the same"),
    "nan": (
        lambda x, g: (x, g * [1, NAN, 1]),
        ValueError,
        r"not finite in float64 at 1 of 3 places \(first: flat index 1\)",
    ),
    "infinity": (
        lambda x, g: (x, g * [1, 1, INF]),
        ValueError,
        "flat index 2.*try a smaller lr, or look for a division",
    ),
    "minus infinity": (lambda x, g: (x, g * [-INF, 1, -INF]), ValueError, r"2 of 3 places \(first: flat index 0\)"),
}


def snapshot(optimizer):
    return {name: np.copy(value) for name, value in optimizer.state_dict().items()}


def assert_unchanged(optimizer, before):
    after = optimizer.state_dict()
    assert after.keys() == before.keys()
    for name, value in before.items():
        np.testing.assert_array_equal(after[name], value)


@pytest.mark.parametrize("steps_before", [0, 3])
@pytest.mark.parametrize("kind", STEPS)
@pytest.mark.parametrize("rule", RULES)
def test_a_bad_step_raises_and_changes_nothing(rule, kind, steps_before):
    optimizer = rule(0.1, l2=0.1, weight_decay=0.1)
    good, gradients = start_and_gradients((3,), 3 + steps_before)
    good, _ = run(optimizer, good, gradients[:steps_before])
    make, error, message = STEPS[kind]
    theta, gradient = make(good.copy(), gradients[0])
    kept, before = np.copy(theta), snapshot(optimizer)
    with pytest.raises(error, match=message) as raised:
        optimizer.step(theta, gradient)
    assert rule.__name__ in str(raised.value)
    np.testing.assert_array_equal(theta, kept)
    assert_unchanged(optimizer, before)
    unbroken, _ = run(rule(0.1, l2=0.1, weight_decay=0.1), start_and_gradients((3,), 3 + steps_before)[0], gradients)
    np.testing.assert_array_equal(run(optimizer, good, gradients[steps_before:])[0], unbroken)


@pytest.mark.parametrize("rule", RULES)
def test_what_is_too_large_for_float32_is_not_finite(rule):
    theta, optimizer = np.ones(2, np.float32), rule(0.1)
    with pytest.raises(ValueError, match="not finite in float32 at 1 of 2 places"):
        optimizer.step(theta, np.array([1.0, 1e300]))
    assert theta.tolist() == [1, 1] and optimizer.t == 0


@pytest.mark.parametrize(
    "other, message",
    [
        (np.ones(4), r"has served an array of shape \(3,\), but theta has shape \(4,\). Use one optimizer for each"),
        (np.ones((3, 1)), r"shape \(3,\), but theta has shape \(3, 1\)"),
        (np.ones(3, np.float32), "has served float64 but theta is float32. Keep one dtype, or start a new optimizer"),
    ],
    ids=["longer", "column", "float32"],
)
@pytest.mark.parametrize("rule", RULES)
def test_one_optimizer_serves_one_array(rule, other, message):
    optimizer, theta = rule(0.1), np.ones(3)
    optimizer.step(theta, theta.copy())
    before, kept = snapshot(optimizer), other.copy()
    with pytest.raises(ValueError, match=message):
        optimizer.step(other, other.copy())
    np.testing.assert_array_equal(other, kept)
    assert_unchanged(optimizer, before)


def test_a_shape_that_is_changed_in_place_is_seen():
    optimizer, theta = Adam(0.1), np.ones(4)
    optimizer.step(theta, theta.copy())
    theta.shape = (2, 2)
    with pytest.raises(ValueError, match=r"shape \(4,\), but theta has shape \(2, 2\)"):
        optimizer.step(theta, theta.copy())


def test_an_array_that_becomes_read_only_is_seen():
    optimizer, theta = Adam(0.1), np.ones(2)
    optimizer.step(theta, np.ones(2))
    kept, before = read_only(theta).copy(), snapshot(optimizer)
    with pytest.raises(ValueError, match="read-only"):
        optimizer.step(theta, np.ones(2))
    np.testing.assert_array_equal(theta, kept)
    assert_unchanged(optimizer, before)


def test_before_the_first_step_any_shape_may_be_tried():
    optimizer = Adam(0.1)
    with pytest.raises(ValueError):
        optimizer.step(np.ones(3), np.full(3, NAN))
    assert optimizer.state_dict() == {"t": 0}
    assert optimizer.step(np.ones((2, 2)), np.ones((2, 2))).shape == (2, 2)


def test_bad_input_in_many_blocks_changes_nothing(monkeypatch):
    monkeypatch.setattr("descent.engine.kernel.BLOCK", 64)
    theta, gradients = start_and_gradients((100,), 1)
    kept, optimizer = theta.copy(), Adam(0.1)
    gradients[0, 99] = NAN  # in the last block
    with pytest.raises(ValueError, match="flat index 99"):
        optimizer.step(theta, gradients[0])
    np.testing.assert_array_equal(theta, kept)


# ---------------------------------------------------------------- hyperparameters

VALUES = {
    "nan": (NAN, ValueError, "expected finite numbers"),
    "infinity": (INF, ValueError, "expected finite numbers"),
    "an array with nan": (np.array([0.1, NAN]), ValueError, "expected finite numbers"),
    "more than any float": (10**400, ValueError, "expected finite numbers"),
    "a masked array": (np.ma.array([0.1, 0.2], mask=[1, 0]), TypeError, "a masked array has no number where"),
    "text": ("0.1", TypeError, r"expected a number, or an array of numbers \(np.array\(\[…\]\)\), not str"),
    "none": (None, TypeError, "not NoneType"),
    "a list": ([0.1, 0.2], TypeError, r"np.array\(\[…\]\)\), not list"),
    "a truth value": (True, TypeError, "not bool"),
    "NumPy's truth value": (np.True_, TypeError, "not bool"),
    "complex": (0.1j, TypeError, "not complex"),
    "an array of text": (np.array(["a"]), TypeError, "not ndarray"),
    "an array of objects": (np.array([None]), TypeError, "not ndarray"),
    "truth values": (np.array([True]), TypeError, "not ndarray"),
}
NUMBERS = [(rule, name) for rule in RULES for name in rule.defaults if name not in rule.options]


@pytest.mark.parametrize("value, error, message", VALUES.values(), ids=VALUES)
@pytest.mark.parametrize("rule, name", NUMBERS)
def test_a_bad_value_raises(rule, name, value, error, message):
    with pytest.raises(error, match=message) as raised:
        rule(**{name: value})
    assert str(raised.value).startswith(f"{rule.__name__}({name}=")
    optimizer = rule()
    with pytest.raises(error, match=message):
        setattr(optimizer, name, value)
    assert optimizer.hyperparameters == rule().hyperparameters


@pytest.mark.parametrize("value", [-1e-9, -1, np.array([0.1, -0.1])], ids=str)
@pytest.mark.parametrize("rule, name", [(r, n) for r, n in NUMBERS if not n.startswith("beta") and n != "threshold"])
def test_a_negative_value_raises(rule, name, value):
    with pytest.raises(ValueError, match=rf"{rule.__name__}\({name}=.*expected 0 or more"):
        rule(**{name: value})


@pytest.mark.parametrize("value", [-0.1, 1.0, 1.5, 1, np.array([0.9, 1.0])], ids=str)
@pytest.mark.parametrize("rule, name", [(r, n) for r, n in NUMBERS if n.startswith("beta")])
def test_a_beta_outside_its_range_raises(rule, name, value):
    with pytest.raises(ValueError, match=rf"{name}=.*a decay rate lies in \[0, 1\)"):
        rule(**{name: value})
    assert getattr(rule(**{name: 0}), name) == 0


@pytest.mark.parametrize("rule, name", [(r, n) for r, n in NUMBERS if n not in ("lr", "l2", "weight_decay")])
def test_only_rates_and_decays_may_move(rule, name):
    with pytest.raises(TypeError, match=rf"{name}=.*: only lr, l2, weight_decay may be functions of t"):
        rule(**{name: lambda t: 0.5})


@pytest.mark.parametrize("rule, name", [(r, n) for r, n in NUMBERS if n.startswith("beta")])
def test_a_beta_cannot_change_on_the_way(rule, name):
    optimizer = rule()
    setattr(optimizer, name, 0.5)
    optimizer.step(np.ones(2), np.ones(2))
    with pytest.raises(ValueError, match=f"{name} cannot change after step 1.*Start a new {rule.__name__}"):
        setattr(optimizer, name, 0.6)
    assert getattr(optimizer, name) == 0.5


def test_a_threshold_below_4_has_no_root():
    with pytest.raises(ValueError, match=r"RAdam\(threshold=3.9\): expected 4 or more"):
        RAdam(threshold=3.9)
    assert RAdam(threshold=4).threshold == 4


@pytest.mark.parametrize("word", ["M", "", True, None, np.array([1, 2]), len], ids=str)
@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.options])
def test_a_bad_word_raises(rule, word):
    with pytest.raises(
        ValueError, match=rf"{rule.__name__}\(bias_correction=.*expected 'both' or 'm' or 'v' or 'none'"
    ):
        rule(bias_correction=word)


@pytest.mark.parametrize("rule", RULES)
def test_a_name_that_the_rule_does_not_have(rule):
    with pytest.raises(TypeError, match=f"{rule.__name__}: .*'momentum'. Its hyperparameters are lr, "):
        rule(momentum=0.9)
    with pytest.raises(TypeError, match=f"{rule.__name__}: too many positional"):
        rule(*[0.5] * 9)
    with pytest.raises(AttributeError, match=f"{rule.__name__} has no hyperparameter 'learning_rate'; it has lr, "):
        rule().learning_rate = 0.1


@pytest.mark.parametrize("rule", RULES)
def test_the_common_hyperparameters_are_given_by_name(rule):
    with pytest.raises(TypeError, match="too many positional"):
        rule(*[0.5] * len([name for name in rule.defaults if name not in ("l2", "weight_decay")]), 0.5)


def test_a_hyperparameter_cannot_be_deleted():
    optimizer = Adam(0.5)
    with pytest.raises(AttributeError, match="Adam.lr cannot be deleted; set it to another value"):
        del optimizer.lr
    assert optimizer.lr == 0.5


def test_the_step_count_cannot_be_set():
    with pytest.raises(AttributeError, match="Adam.t counts the steps taken; it is set by load_state_dict alone"):
        Adam().t = 5


@pytest.mark.parametrize("name", ["lr", "beta1", "l2", "weight_decay"])
@pytest.mark.parametrize("shape", [(2,), (4, 3), (3, 1)])
def test_hyperparameters_must_broadcast_to_theta(name, shape):
    optimizer, theta = Adam(**{name: np.full(shape, 0.5)}), np.ones(3)
    with pytest.raises(ValueError, match=rf"{name} of shape .* theta's shape \(3,\).*give theta the shape \(n, runs\)"):
        optimizer.step(theta, np.ones(3))
    assert theta.tolist() == [1, 1, 1] and optimizer.t == 0


# ---------------------------------------------------------------- schedules

RUBBISH = {
    "none": (None, TypeError, "gives None at t = 3; expected a number"),
    "a masked array": (np.ma.array([0.1, 0.2], mask=[1, 0]), TypeError, "expected a number"),
    "text": ("fast", TypeError, "gives 'fast' at t = 3; expected a number"),
    "complex": (1j, TypeError, "expected a number"),
    "a truth value": (True, TypeError, "expected a number"),
    "nan": (NAN, ValueError, "gives nan at t = 3; expected finite numbers of 0 or more"),
    "infinity": (INF, ValueError, "gives inf at t = 3"),
    "negative": (-0.1, ValueError, "gives -0.1 at t = 3; expected finite numbers of 0 or more"),
    "an array with nan": (np.array([0.1, NAN]), ValueError, "at t = 3; expected finite"),
    "an array too long": (np.array([0.1, 0.2, 0.3]), ValueError, r"of shape \(3,\) does not broadcast"),
}


@pytest.mark.parametrize("value, error, message", RUBBISH.values(), ids=RUBBISH)
@pytest.mark.parametrize("name", ["lr", "l2", "weight_decay"])
@pytest.mark.parametrize("rule", RULES)
def test_a_schedule_that_gives_rubbish(rule, name, value, error, message):
    optimizer = rule(**{name: lambda t: 0.1 if t < 3 else value})
    theta, gradients = start_and_gradients((2,), 3)
    theta, _ = run(optimizer, theta, gradients[:2])
    kept, before = theta.copy(), snapshot(optimizer)
    with pytest.raises(error, match=message) as raised:
        optimizer.step(theta, gradients[2])
    assert name in str(raised.value) and rule.__name__ in str(raised.value)
    np.testing.assert_array_equal(theta, kept)
    assert_unchanged(optimizer, before)


def test_a_schedule_that_breaks_changes_nothing():
    optimizer, theta = Adam(lambda t: 1 / (t - 2)), np.ones(2)
    optimizer.lr = lambda t: 0.1 if t == 1 else 1 / (t - 2)
    optimizer.step(theta, np.ones(2))
    kept, before = theta.copy(), snapshot(optimizer)
    with pytest.raises(ZeroDivisionError):
        optimizer.step(theta, np.ones(2))
    np.testing.assert_array_equal(theta, kept)
    assert_unchanged(optimizer, before)


@pytest.mark.parametrize(
    "given", [np.float32(0.25), np.array(0.25), np.float64(0.25), np.int64(1), Fraction(1, 4), 1], ids=type
)
def test_a_schedule_may_give_any_kind_of_number(given):
    assert GradientDescent(lambda t: given).step(np.array([2.0]), np.array([1.0])) == [2 - float(given)]


BAD_SCHEDULES = [
    (schedules.constant, (-0.1,), r"constant\(lr=-0.1\): expected a finite number of at least 0"),
    (schedules.constant, (NAN,), r"constant\(lr=nan\)"),
    (schedules.constant, ("0.1",), r"constant\(lr='0.1'\)"),
    (schedules.constant, (True,), r"constant\(lr=True\)"),
    (schedules.step_decay, (-1,), r"step_decay\(lr=-1\)"),
    (schedules.step_decay, (0.1, -0.1), r"step_decay\(factor=-0.1\)"),
    (schedules.step_decay, (0.1, 0.1, 0), r"step_decay\(every=0\): expected a finite number of at least 1"),
    (schedules.exponential, (INF,), r"exponential\(lr=inf\)"),
    (schedules.exponential, (0.1, -1), r"exponential\(factor=-1\)"),
    (schedules.cosine, (-0.1, 10), r"cosine\(lr=-0.1\)"),
    (schedules.cosine, (0.1, 0), r"cosine\(steps=0\)"),
    (schedules.cosine, (0.1, 10, -0.1), r"cosine\(least=-0.1\)"),
    (schedules.inverse_sqrt, (None,), r"inverse_sqrt\(lr=None\)"),
    (schedules.warmup, (0, 0.1), r"warmup\(steps=0\)"),
    (schedules.constant, (np.ma.array([0.1, 0.2], mask=[1, 0]),), r"constant\(lr=masked_array"),
    (schedules.warmup, (5, -0.1), r"constant\(lr=-0.1\)"),
]


@pytest.mark.parametrize("make, arguments, message", BAD_SCHEDULES)
def test_a_schedule_checks_its_numbers(make, arguments, message):
    with pytest.raises(ValueError, match=message):
        make(*arguments)


def test_the_least_numbers_of_a_schedule_are_allowed():
    made = [
        schedules.constant(0),
        schedules.step_decay(0, 0, 1),
        schedules.exponential(0, 0),
        schedules.cosine(0, 1, 0),
        schedules.inverse_sqrt(0),
        schedules.warmup(1, 0),
    ]
    assert [float(schedule(2)) for schedule in made] == [0] * 6


# ---------------------------------------------------------------- saved states

GOOD = {"t": 3, "z": np.zeros(2)}
STATES = {
    "a list": ([1, 2], TypeError, r"Momentum.load_state_dict: expected what state_dict\(\) or np.load gave, not list"),
    "none": (None, TypeError, "not NoneType"),
    "empty": ({}, ValueError, "expected the entry t, a whole number of steps, not None"),
    "t negative": (GOOD | {"t": -1}, ValueError, "the entry t, a whole number of steps, not -1"),
    "t not whole": (GOOD | {"t": 1.5}, ValueError, "not 1.5"),
    "t an array": (GOOD | {"t": np.array([3])}, ValueError, "a whole number of steps"),
    "t text": (GOOD | {"t": "3"}, ValueError, "not '3'"),
    "t a truth value": (GOOD | {"t": True}, ValueError, "not True"),
    "another rule's": (
        {"t": 3, "m": np.zeros(2), "v": np.zeros(2)},
        ValueError,
        r"the entries \['t', 'z'\] but was given \['m', 't', 'v'\]. Load the state of another Momentum",
    ),
    "too little": ({"t": 3}, ValueError, r"\['t', 'z'\] but was given \['t'\]"),
    "too much": (GOOD | {"lr": 0.1}, ValueError, r"but was given \['lr', 't', 'z'\]"),
    "arrays before the first step": (GOOD | {"t": 0}, ValueError, r"\['t'\] but was given \['t', 'z'\]"),
    "integers": (GOOD | {"z": np.zeros(2, int)}, ValueError, r"all float64 or all float32, not z: int64 \(2,\)"),
    "text": (GOOD | {"z": np.array(["a"])}, ValueError, "not z: <U1"),
    "a masked array": (GOOD | {"z": np.ma.array([1.0, 2.0], mask=[1, 0])}, ValueError, "z is a masked array"),
    "nan": (GOOD | {"z": np.array([0.0, NAN])}, ValueError, "there is a nan among the remembered numbers"),
}


@pytest.mark.parametrize("state, error, message", STATES.values(), ids=STATES)
def test_a_bad_state_raises_and_changes_nothing(state, error, message):
    optimizer = Momentum(0.1)
    run(optimizer, np.ones(2), np.ones((2, 2)))
    before = snapshot(optimizer)
    with pytest.raises(error, match=message):
        optimizer.load_state_dict(state)
    assert_unchanged(optimizer, before)


@pytest.mark.parametrize("v", [np.zeros(3), np.zeros(2, np.float32)], ids=["shape", "dtype"])
def test_the_arrays_of_a_state_must_agree(v):
    with pytest.raises(ValueError, match=r"of one shape, .* not m: float64 \(2,\), v: float"):
        Adam().load_state_dict({"t": 1, "m": np.zeros(2), "v": v})


def test_a_loaded_state_has_a_shape():
    optimizer = Adam()
    optimizer.load_state_dict({"t": 1, "m": np.zeros(2), "v": np.zeros(2)})
    with pytest.raises(ValueError, match=r"has served an array of shape \(2,\), but theta has shape \(3,\)"):
        optimizer.step(np.ones(3), np.ones(3))


# ---------------------------------------------------------------- rules that cannot be right


def with_update(update, **attributes):
    return type("Mine", (Optimizer,), {"update": update, **attributes})


MISTAKES = [
    (
        lambda self, g, theta, *, lr=0.1: None,
        r"Mine.update\(self, g, theta, \*, lr=0.1\): begin with \(self, theta, g, …\)",
    ),
    (lambda self, theta: None, r"begin with \(self, theta, g, …\)"),
    (lambda self, theta, g, m, lr=0.1: None, r"hyperparameters stand after a star, \(…, \*, lr=0.1\)"),
    (lambda self, theta, g, m, *, lr: None, r"Mine.update\(…, lr\): give the hyperparameter a default value, lr=…"),
    (lambda self, theta, g, *arrays: None, r"Mine.update\(…, arrays\): name each remembered array"),
    (lambda self, theta, g, **options: None, r"Mine.update\(…, options\): name each"),
    (lambda self, theta, g, *, l2=0.1: None, r"every optimizer has a l2 already; choose another name"),
    (lambda self, theta, g, weight_decay: None, r"every optimizer has a weight_decay already"),
    (lambda self, theta, g, step, *, lr=0.1: None, r"every optimizer has a step already"),
    (lambda self, theta, g, *, _t=1.0: None, r"such names are the optimizer's own"),
    (lambda self, theta, g, _kernel, *, lr=0.1: None, r"Mine.update\(…, _kernel\): such names"),
    (lambda self, theta, g, *, t=1: None, r"every optimizer has a t already"),
]


@pytest.mark.parametrize("update, message", MISTAKES)
def test_a_signature_that_cannot_be_right(update, message):
    with pytest.raises(TypeError, match=message):
        with_update(update)


def test_a_default_for_nothing():
    with pytest.raises(TypeError, match=r"Mine.changed_defaults: update has no hyperparameter rate"):
        with_update(lambda self, theta, g, *, lr=0.1: None, changed_defaults={"rate": 0.1})


@pytest.mark.parametrize("rule", [Optimizer, type("Nothing", (Optimizer,), {})])
def test_an_optimizer_without_a_rule(rule):
    with pytest.raises(TypeError, match=rf"{rule.__name__} has no rule: write its method update\(self, theta, g, …\)"):
        rule()


def forgets_m(self, theta, g, m, *, lr=0.1):
    m = 0.9 * m + g
    theta -= lr * m


def forgets_theta(self, theta, g, *, lr=0.1):
    theta = theta - lr * g


@pytest.mark.parametrize("update, name", [(forgets_m, "m"), (forgets_theta, "theta")])
def test_a_rule_that_forgets_to_write_in_place(update, name):
    theta, optimizer = np.ones(2), with_update(update)()
    for _ in range(2):
        with pytest.raises(TypeError, match=rf"Mine.update never changes {name}. Write {name}\[...\] = …"):
            optimizer.step(theta, np.ones(2))
    assert theta.tolist() == [1, 1] and optimizer.t == 0


def test_weight_decay_needs_a_learning_rate():
    def update(self, theta, g, *, rate=0.1):
        theta -= rate * g

    rule = with_update(update)
    assert rule(l2=0.1).step(np.array([1.0]), np.array([1.0])) == [1 - 0.1 * 1.1]
    for value in (0.1, lambda t: 0.1):
        with pytest.raises(ValueError, match="shrinks theta by lr \\* weight_decay, and this rule has no lr"):
            rule(weight_decay=value)


def test_decay_is_a_hyperparameter_of_adamw():
    with pytest.raises(ValueError, match=r"AdamW\(weight_decay=-1\): expected 0 or more"):
        AdamW(weight_decay=-1)


# ---------------------------------------------------------------- one optimizer, one array, one thread


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.state_names])
def test_a_second_array_of_the_same_shape_is_refused(rule):
    optimizer, first, second = rule(0.1), np.ones(3), np.zeros(3)
    optimizer.step(first, np.ones(3))
    before = snapshot(optimizer)
    with pytest.raises(ValueError, match="has served another array, which is still there"):
        optimizer.step(second, np.ones(3))
    assert not second.any()
    assert_unchanged(optimizer, before)


def test_two_arrays_in_turn_are_refused_though_they_agree_somewhere():
    optimizer, first, second = Adam(0.1), np.zeros(3), np.array([0.0, 1.0, 2.0])
    optimizer.step(first, np.array([0.0, 1.0, 1.0]))
    optimizer.step(second, np.array([0.0, 1.0, 1.0]))  # it might be the first, moved by hand
    with pytest.raises(ValueError, match="one optimizer an array"):
        optimizer.step(first, np.array([0.0, 1.0, 1.0]))


def test_a_served_array_that_was_put_in_another_shape_says_nothing_about_the_next():
    optimizer, first, second = Adam(0.1), np.zeros(6), np.ones(6)
    optimizer.step(first, np.ones(6))
    first.resize((2, 3), refcheck=False)
    optimizer.step(second, np.ones(6))
    assert (second < 1).all()


def test_two_layers_of_one_vector_are_two_arrays():
    vector, optimizer = np.arange(6.0), Adam(0.1)
    optimizer.step(vector[:3], np.ones(3))
    first = vector[:3]
    optimizer.step(first, np.ones(3))
    with pytest.raises(ValueError, match="has served another array"):
        optimizer.step(vector[3:], np.ones(3))


def test_the_same_parameters_in_another_array_go_on():
    expected, theta = Adam(0.1), np.array([1.0, -2.0, 3.0])
    for _ in range(5):
        expected.step(theta, np.sign(theta))
    optimizer, now, kept = Adam(0.1), np.array([1.0, -2.0, 3.0]), []
    for _ in range(5):  # as a loop that records its path might
        kept.append(now)
        now = optimizer.step(now.copy(), np.sign(now))
    np.testing.assert_array_equal(now, theta)
    kept.append(now)
    now = optimizer.step(np.clip(now, -1.2, 9.0), np.ones(3))  # and one that projects
    view = np.vstack([now, now])
    optimizer.step(view[1], np.ones(3))


def test_an_array_that_is_gone_may_be_followed_by_any():
    optimizer = Adam(0.1)
    for value in (1.0, 2.0, 3.0):
        optimizer.step(np.full(3, value), np.ones(3))
    assert optimizer.t == 3


def test_a_step_within_a_step_is_refused():
    """What two threads at once would do: a schedule is called while a step is under way."""
    optimizer, theta = Adam(lambda t: optimizer.step(theta, np.ones(2)) and 0.1), np.ones(2)
    with pytest.raises(RuntimeError, match="one thread at a time"):
        optimizer.step(theta, np.ones(2))
    assert optimizer.t == 0 and [*theta] == [1.0, 1.0]
    optimizer.lr = 0.1
    assert optimizer.step(theta, np.ones(2)) is theta


def test_a_copy_that_is_made_within_a_step_can_step():
    copies = []
    optimizer = Adam(lambda t: copies.append(copy.deepcopy(optimizer)) or 0.1)
    optimizer.step(np.ones(2), np.ones(2))
    assert copies[0].t == 0 and [*copies[0].step(np.ones(2), np.ones(2))] == pytest.approx([0.9, 0.9])


@pytest.mark.parametrize("broken_by", [KeyError, KeyboardInterrupt])
def test_a_rule_that_breaks_half_way_changes_nothing(broken_by):
    class Breaks(Optimizer):
        def update(self, theta, g, m, *, lr=0.1):
            m += g
            theta -= lr * m
            if breaking:
                raise broken_by

    optimizer, theta, breaking = Breaks(weight_decay=0.1), np.ones(2), True
    for steps in range(2):
        breaking, before, kept = True, snapshot(optimizer), theta.copy()
        with pytest.raises(broken_by):
            optimizer.step(theta, np.ones(2))
        np.testing.assert_array_equal(theta, kept)
        assert_unchanged(optimizer, before)
        breaking = False
        optimizer.step(theta, np.ones(2))
        assert optimizer.state_dict()["m"].tolist() == [steps + 1.0] * 2


def test_nor_does_who_stops_it_amid_a_large_array():
    class Mine(Optimizer):
        def update(self, theta, g, m, *, lr=0.1):
            m += g
            theta -= np.sqrt(np.where(lr > 0, lr, 1.0)) * m  # a float64 of NumPy: this runs as written, part by part

    optimizer, theta, g = Mine(), np.zeros(50_000, dtype=np.float32), np.ones(50_000, dtype=np.float32)
    optimizer.step(theta, g)
    before, kept, parts = snapshot(optimizer), theta.copy(), []
    kernel = optimizer._kernel
    apply = kernel._apply

    def stop(*given):
        parts.append(given)
        if len(parts) > 1:
            raise KeyboardInterrupt
        apply(*given)

    kernel._apply = stop
    with pytest.raises(KeyboardInterrupt):
        optimizer.step(theta, g)
    assert len(parts) == 2
    np.testing.assert_array_equal(theta, kept)
    assert_unchanged(optimizer, before)


def test_threads_never_lose_a_step():
    """Each step of four threads is taken or refused, also where the rule's own text runs."""

    class Plain(Optimizer):
        def update(self, theta, g, *, lr=0.1):
            for i in range(len(theta)):
                theta[i] -= lr * g[i]

    optimizer, theta, refused = Plain(), np.zeros(50), []

    def take(count):
        for _ in range(count):
            try:
                optimizer.step(theta, np.ones(50))
            except RuntimeError:
                refused.append(1)

    threads = [threading.Thread(target=take, args=(300,)) for _ in range(4)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert optimizer.t + len(refused) == 1200
    np.testing.assert_allclose(theta, -0.1 * optimizer.t)


# ---------------------------------------------------------------- a rule that is written anew


@pytest.fixture
def mine():
    """A rule of one's own, and a subclass of it, as a notebook has them."""

    class Mine(Optimizer):
        def update(self, theta, g, *, lr=0.1):
            theta -= lr * g

    class Child(Mine):
        changed_defaults = {"lr": 0.2}

    return Mine, Child


def test_defaults_that_change_later_are_the_defaults_and_no_decay_rates(mine):
    _, Child = mine
    Child.changed_defaults = {"lr": 0.3}
    assert Child.changed_defaults == {"lr": 0.3} and Child().lr == 0.3
    assert Child.decay_rates == () and Child(lr=1.5).lr == 1.5


def test_a_rule_that_is_redefined_counts_from_the_next_step(mine):
    for rule in mine:
        optimizer, theta = rule(), np.array([1.0])
        optimizer.step(theta, np.array([1.0]))
    Mine, Child = mine

    def update(self, theta, g, *, lr=0.1):
        theta -= 10 * lr * g

    child, theta = Child(), np.array([1.0])
    child.step(theta, np.array([1.0]))
    Mine.update = update
    child.step(theta, np.array([1.0]))
    assert theta[0] == pytest.approx(1 - 0.2 - 2.0)
    assert Mine().step(np.array([1.0]), np.array([1.0]))[0] == 0.0


def test_a_rule_that_is_redefined_declares_itself_anew(mine):
    Mine, Child = mine
    begun, fresh, theta = Child(), Child(), np.array([1.0])
    begun.step(theta, np.array([1.0]))

    def update(self, theta, g, m, *, lr=0.3, beta=0.5):
        m[...] = beta * m + g
        theta -= lr * m

    Mine.update = update
    assert Mine.state_names == Child.state_names == ("m",) and Child().hyperparameters["lr"] == 0.2
    assert Mine().hyperparameters == {"lr": 0.3, "beta": 0.5, "l2": 0.0, "weight_decay": 0.0}
    with pytest.raises(TypeError, match="remembers m, after 1 steps of another: start a new Child"):
        begun.step(theta, np.array([1.0]))
    assert fresh.step(np.array([1.0]), np.array([1.0]))[0] == 0.8 and fresh.beta == 0.5


def test_a_redefinition_that_cannot_be_right_changes_nothing(mine):
    Mine, _ = mine
    before = Mine.update
    with pytest.raises(TypeError, match="begin with"):
        Mine.update = lambda self, x: None
    assert Mine.update is before and Mine().step(np.array([1.0]), np.array([1.0]))[0] == 0.9


def test_what_a_class_declares_is_inherited_entry_by_entry():
    class Heir(RAdam):
        least = {"eps": 1e-3}
        changed_defaults = {"lr": 0.5, "eps": 0.1}

    class Grandchild(Heir):
        changed_defaults = {"beta1": 0.8}

    defaults = Grandchild().hyperparameters
    assert (defaults["lr"], defaults["eps"], defaults["beta1"], defaults["threshold"]) == (0.5, 0.1, 0.8, 4.0)
    for name, value in {"lr": -1.0, "threshold": 3.0, "eps": 1e-4}.items():
        with pytest.raises(ValueError, match=f"{name}={value}"):
            Grandchild(**{name: value})

    class Rewritten(AdamW):
        def update(self, theta, g, *, lr=0.7):
            theta -= lr * g

    assert Rewritten().hyperparameters == {"lr": 0.7, "l2": 0.0, "weight_decay": 0.01}


def test_a_rule_that_is_deleted_or_comes_from_another_class_counts_from_the_next_step(mine):
    class Plain:
        def update(self, theta, g, *, lr=0.1):
            theta -= lr * g

    class Mixed(Plain, Adam):
        pass

    def slow(self, theta, g, m, *, lr=0.1):
        m[...] = g
        theta -= 0.5 * lr * m

    Mine, Child = mine
    Child.update = lambda self, theta, g, *, lr=0.1: theta.__isub__(10 * lr * g)
    child, mixed = Child(), Mixed()
    for optimizer in (child, mixed):
        optimizer.step(np.array([1.0]), np.array([1.0]))
    del Child.update
    Plain.update = slow
    assert child.step(np.array([1.0]), np.array([1.0]))[0] == 0.8
    assert Mixed().step(np.array([1.0]), np.array([1.0]))[0] == 0.95 and Mixed.state_names == ("m",)
    with pytest.raises(TypeError, match="remembers m, after 1 steps of another"):
        mixed.step(np.array([1.0]), np.array([1.0]))


def test_a_child_that_could_not_be_defined_does_not_stand_in_the_way(mine):
    Mine, _ = mine
    with pytest.raises(TypeError, match="begin with") as kept:  # as a notebook keeps the last traceback

        class Bad(Mine):
            def update(self, x):
                pass

    def update(self, theta, g, *, lr=0.5):
        theta -= lr * g

    Mine.update = update
    assert Mine().lr == 0.5 and kept


DECLARED = {
    "one text": ({"decay_rates": "gamma"}, r"decay_rates = 'gamma': expected some of \('lr', 'gamma', 'kind'\)"),
    "a stranger": ({"decay_rates": ("gama",)}, "expected some of"),
    "letters": ({"choices": {"kind": "abc"}}, "kind is 'abc'; expected the words it may be"),
    "words of nothing": ({"choices": {"knd": ("a",)}}, "update has no hyperparameter knd"),
    "a limit of nothing": ({"least": {"gama": 1}}, "update has no hyperparameter gama"),
    "a limit in words": ({"least": {"gamma": "a"}}, "gamma is 'a'; expected a number"),
    "a list": ({"changed_defaults": [1]}, r"changed_defaults = \[1\]: expected a dict"),
    "no words": ({"ablations": {"parts": {}}}, "parts is {}; expected a dict from each word"),
}


@pytest.mark.parametrize("attributes, message", DECLARED.values(), ids=DECLARED)
def test_a_declaration_that_cannot_be_meant(attributes, message):
    def update(self, theta, g, *, lr=0.1, gamma=0.5, kind="a"):
        theta -= lr * gamma * g

    with pytest.raises(TypeError, match="^Mine.*" + message):
        with_update(update, **attributes)


def test_a_declaration_is_not_changed_inside():
    for change in (lambda d: d.update(lr=0.5), lambda d: d.__setitem__("lr", 0.5), lambda d: d.clear()):
        with pytest.raises(TypeError, match="are assigned, not changed inside: AdamW.changed_defaults = "):
            change(AdamW.changed_defaults)
    assert AdamW().weight_decay == 0.01 and AdamW.changed_defaults == {"weight_decay": 0.01}


def test_decay_rates_are_declared_once():
    def update(self, theta, g, m, *, lr=0.1, rho=0.9, beta_scale=2.0, gamma=0.5, beta3=0.9):
        m[...] = rho * m + beta_scale * gamma * g
        theta -= lr * m

    by_name = type("ByName", (Optimizer,), {"update": update})
    declared = type("Declared", (Optimizer,), {"update": update, "decay_rates": ("gamma",)})
    assert by_name.decay_rates == ("rho", "beta3") and declared.decay_rates == ("gamma",)
    assert by_name(beta_scale=3.0, gamma=7.0) and declared(rho=1.5)
    for rule, name in ((by_name, "rho"), (by_name, "beta3"), (declared, "gamma")):
        with pytest.raises(ValueError, match=r"a decay rate lies in \[0, 1\)"):
            rule(**{name: 1.5})
        optimizer = rule()
        optimizer.step(np.ones(2), np.ones(2))
        with pytest.raises(ValueError, match=f"{name} cannot change after step 1"):
            setattr(optimizer, name, 0.25)


# ---------------------------------------------------------------- what is restored, copied, empty, or from elsewhere


@pytest.mark.parametrize("rule", [rule for rule in RULES if {"s", "u", "v", "v_max"} & {*rule.state_names}])
def test_a_sum_of_squares_below_zero_is_no_state(rule):
    optimizer = rule()
    optimizer.step(np.ones(2), np.ones(2))
    state = optimizer.state_dict()
    name = next(name for name in state if name in ("s", "u", "v", "v_max"))
    before = snapshot(optimizer)
    with pytest.raises(ValueError, match=f"{name} is below 0 at 1 places"):
        optimizer.load_state_dict(state | {name: np.array([0.5, -1e-9])})
    assert_unchanged(optimizer, before)


@pytest.mark.parametrize("duplicate", [copy.deepcopy, copy.copy, lambda x: pickle.loads(pickle.dumps(x))])
def test_the_arrays_of_a_copy_cannot_be_written_either(duplicate):
    optimizer = duplicate(Adam(np.array([0.1, 0.2])))
    with pytest.raises(ValueError, match="read-only"):
        optimizer.lr[0] = -5


@pytest.mark.parametrize("rule", RULES)
def test_nothing_to_move_is_moved(rule):
    for shape in ((0,), (3, 0)):
        optimizer, theta = rule(), np.zeros(shape)
        assert optimizer.step(theta, np.zeros(shape)) is theta
        again = rule()
        again.load_state_dict(optimizer.state_dict())
        again.step(theta, np.zeros(shape))
        assert again.t == 2


def test_another_byte_order_is_converted_or_named():
    swapped = np.dtype(float).newbyteorder()
    with pytest.raises(TypeError, match="the byte order of another kind of machine"):
        Adam().step(np.ones(2).astype(swapped), np.ones(2))
    one, other, theta = Adam(0.1), Adam(0.1), np.ones(2)
    one.step(theta, np.array([1.0, 2.0]))
    state = one.state_dict()
    other.load_state_dict(
        {name: np.asarray(value).astype(np.asarray(value).dtype.newbyteorder()) for name, value in state.items()}
    )
    moved = theta.copy()
    np.testing.assert_array_equal(
        one.step(theta, np.array([1.0, 2.0])), other.step(moved, np.array([1.0, 2.0]).astype(swapped))
    )


def test_changing_lr_between_steps_makes_one_kernel_more(monkeypatch):
    made = []

    class Counted(optimizer_module.Kernel):
        def __init__(self, *given):
            made.append(1)
            super().__init__(*given)

    monkeypatch.setattr(optimizer_module, "Kernel", Counted)
    by_hand, theta = Adam(0.1, weight_decay=0.1), np.ones(2)
    scheduled, same = Adam(lambda t: 0.1 / t, weight_decay=0.1), np.ones(2)
    for t in range(1, 50):
        by_hand.lr = 0.1 / t
        by_hand.step(theta, np.array([1.0, -2.0]))
        scheduled.step(same, np.array([1.0, -2.0]))
    np.testing.assert_array_equal(theta, same)
    assert len(made) == 3
