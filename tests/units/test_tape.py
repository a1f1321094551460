"""Translation: does the list of operations do what the text does, and does what cannot be translated say so?"""

import ast
import inspect
import json
import math
import sys
from importlib import resources

import numpy as np
import pytest
from support.rules import RULES, WITH_EPS, as_written, run, start_and_gradients

from descent import Adam, AdamW, GradientDescent, Momentum, Optimizer, RAdam, Untranslatable, engine, schedules
from descent.engine.operations import AS_WRITTEN, OPERATIONS
from descent.engine.record import is_pure
from descent.engine.tape import Tape, replay

# ---------------------------------------------------------------- rules


def replayed(optimizer, tape, theta, gradients):
    """Run the tape of a rule through the gradients; return theta and the remembered arrays."""
    values = {name: value for name, value in optimizer.hyperparameters.items() if name in tape["inputs"]}
    arrays = {"theta": theta} | {name: np.zeros_like(theta) for name in optimizer.state_names}
    with np.errstate(all="ignore"):
        for t, g in enumerate(gradients, start=1):
            arrays = replay(tape, values | arrays | {"g": g, "t": t})
    return arrays


SETTINGS = {
    "as it is": {},
    "l2 and decay": {"l2": 0.1, "weight_decay": 0.2},
    "schedules": {"lr": lambda t: 0.1 / t, "l2": schedules.constant(0.1), "weight_decay": schedules.exponential(0.1)},
}


@pytest.mark.parametrize("settings", SETTINGS.values(), ids=SETTINGS)
@pytest.mark.parametrize("rule", RULES)
def test_every_rule_translates_to_the_same_bits(rule, settings):
    optimizer = rule(**settings)
    theta, gradients = start_and_gradients((7,), 30)
    arrays = replayed(optimizer, optimizer.tape(), theta, gradients)
    expected, state = as_written(optimizer, theta, gradients)
    for name, array in {"theta": expected, **state}.items():
        np.testing.assert_array_equal(arrays[name], array)


@pytest.mark.parametrize("word", ["both", "m", "v", "none"])
@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.options])
def test_every_word_translates(rule, word):
    optimizer = rule(0.1, bias_correction=word)
    theta, gradients = start_and_gradients((7,), 30)
    arrays = replayed(optimizer, optimizer.tape(), theta, gradients)
    np.testing.assert_array_equal(arrays["theta"], as_written(optimizer, theta, gradients)[0])


class Named(Optimizer):
    def update(self, theta, g, m, t, *, lr=0.1):
        m[...] = np.maximum(m, g)
        step = lr * m * -np.where(g > 0, 2.0, g > 1)  # numbers beside truths are numbers
        theta -= step


def test_the_last_name_and_numbers_beside_truths_are_translated():
    tape = Named().tape()
    assert "step" in tape["names"]
    theta, gradients = start_and_gradients((5,), 4)
    arrays = replayed(Named(), tape, theta, gradients)
    np.testing.assert_array_equal(arrays["theta"], as_written(Named(), theta, gradients)[0])


@pytest.mark.parametrize("rule", WITH_EPS)
def test_without_eps_the_page_too_leaves_a_coordinate_without_gradients_alone(rule):
    optimizer = rule(0.1, eps=0)
    gradients = np.array([[0, 1, 0], [0, 0, 1], [0, 0, 1.0]])
    arrays = replayed(optimizer, optimizer.tape(), np.ones(3), gradients)
    np.testing.assert_array_equal(arrays["theta"], run(optimizer, np.ones(3), gradients)[0])
    assert np.isfinite(arrays["theta"]).all()


@pytest.mark.parametrize("rule", RULES)
def test_a_tape_is_plain_data_and_refers_only_backwards(rule):
    tape = rule(l2=0.1, weight_decay=0.1).tape()
    assert json.loads(json.dumps(tape)) == tape
    inputs = tape["inputs"]
    assert inputs[: 3 + len(rule.state_names)] == ["theta", "g", *rule.state_names, "t"]
    assert inputs[3 + len(rule.state_names) :] == [
        name for name in (*rule.rule_hyperparameters, "l2", "weight_decay") if name not in rule.options
    ]
    first = len(inputs) + len(tape["constants"])
    for i, (name, *arguments) in enumerate(tape["ops"], start=first):
        assert name in OPERATIONS and all(0 <= j < i for j in arguments)
    assert [*tape["outputs"]] == ["theta", *rule.state_names]


def test_the_tape_of_momentum_as_it_is():
    assert Momentum().tape() == {
        "inputs": ["theta", "g", "z", "t", "lr", "beta"],
        "constants": [],
        "ops": [["multiply", 5, 2], ["add", 6, 1], ["multiply", 4, 7], ["subtract", 0, 8]],
        "outputs": {"theta": 9, "z": 7},
        "names": {},
    }


def test_what_is_zero_is_left_out_unless_it_is_asked_for():
    assert "l2" not in Adam().tape()["inputs"]
    assert "weight_decay" in AdamW().tape()["inputs"]
    tape = Adam().tape(inputs=["l2"])
    assert tape["inputs"][-1] == "l2" and "weight_decay" not in tape["inputs"]
    optimizer = Adam(0.1)
    theta, gradients = start_and_gradients((7,), 10)
    np.testing.assert_array_equal(
        replayed(optimizer, tape, theta, gradients)["theta"], as_written(optimizer, theta, gradients)[0]
    )


def test_the_names_of_the_text_are_kept():
    tape = Adam().tape()
    assert set(tape["names"]) == {"m_hat", "v_hat"}
    division = tape["ops"][tape["names"]["m_hat"] - len(tape["inputs"]) - len(tape["constants"])]
    assert division[:2] == ["divide", tape["outputs"]["m"]]
    assert {"r", "rho", "rho_inf"} <= set(RAdam().tape()["names"])


def test_what_a_step_needs_has_no_names_and_keeps_schedules_open():
    tape = Adam(lambda t: 0.1 if t < 5 else 0.01).tape(for_page=False)
    assert "lr" in tape["inputs"] and tape["names"] == {}


def test_the_same_operation_is_written_once():
    tape = Tape(["x"])
    x = tape.input("x")
    finished = tape.finish({"y": (x + 1) * (x + 1) + (x + 1)})
    assert finished["ops"] == [["add", 0, 1], ["multiply", 2, 2], ["add", 3, 2]]


def test_what_no_output_needs_is_left_out():
    tape = Tape(["x", "y"])
    x, y = tape.input("x"), tape.input("y")
    np.exp(x * 7)
    finished = tape.finish({"z": x + y, "one": 1}, {"kept": x - y})
    assert finished["constants"] == [1.0]
    assert finished["ops"] == [["add", 0, 1], ["subtract", 0, 1]]
    assert finished["outputs"] == {"z": 3, "one": 2} and finished["names"] == {"kept": 4}


# ---------------------------------------------------------------- operations

X = np.array([-2.5, -1.0, -0.0, 0.0, 0.5, 1.0, 3.0, math.inf, -math.inf, math.nan])
Y = np.array([2.0, -1.0, 0.0, 3.0, 0.5, -2.0, 1.0, 2.0, math.nan, 1.0])

EXPRESSIONS = {
    "add": lambda x, y: x + y,
    "add a number": lambda x, y: 1 + x + 2,
    "subtract": lambda x, y: x - y,
    "subtract from": lambda x, y: 1 - x,
    "multiply": lambda x, y: 2 * x * y,
    "divide": lambda x, y: x / y,
    "divide a number": lambda x, y: 1 / x,
    "true_divide": lambda x, y: np.true_divide(x, y),
    "negative": lambda x, y: -x,
    "positive": lambda x, y: +x,
    "absolute": lambda x, y: abs(x),
    "power": lambda x, y: abs(x) ** y,
    "a square": lambda x, y: x**2,
    "a root": lambda x, y: abs(x) ** 0.5,
    "a cube": lambda x, y: x**3,
    "an inverse": lambda x, y: x**-1,
    "2 to the": lambda x, y: 2**x,
    "np.power": lambda x, y: np.power(abs(x), 1.5),
    "square": lambda x, y: np.square(x),
    "sqrt": lambda x, y: np.sqrt(x),
    "sign": lambda x, y: np.sign(x),
    "floor": lambda x, y: np.floor(x),
    "minimum": lambda x, y: np.minimum(x, y),
    "maximum": lambda x, y: np.maximum(x, 0),
    "exp": lambda x, y: np.exp(x),
    "log": lambda x, y: np.log(x),
    "sin": lambda x, y: np.sin(x),
    "cos": lambda x, y: np.cos(x),
    "tanh": lambda x, y: np.tanh(x),
    "where": lambda x, y: np.where(x > y, x, y),
    "less": lambda x, y: (x < y) + 0.0,
    "less_equal": lambda x, y: (x <= y) + 0.0,
    "greater": lambda x, y: (x > y) + 0.0,
    "greater_equal": lambda x, y: (x >= y) + 0.0,
    "equal": lambda x, y: (x == y) + 0.0,
    "not_equal": lambda x, y: (x != y) + 0.0,
    "and": lambda x, y: np.where((x > 0) & (y > 0), 1, x),
    "or": lambda x, y: np.where((x > 0) | (y > 0), 1, x),
    "not": lambda x, y: np.where(~(x > 0), 1, x),
    "logical_and": lambda x, y: np.where(np.logical_and(x > 0, y > 0), 1, x),
    "logical_or": lambda x, y: np.where(np.logical_or(x > 0, y > 0), 1, x),
    "logical_not": lambda x, y: np.where(np.logical_not(x > 0), 1, x),
    "clip": lambda x, y: np.clip(x, -1, 1),
    "a number of NumPy's": lambda x, y: np.float64(2) * x,
    "an array of one number": lambda x, y: np.array(2.0) * x,
    "copy": lambda x, y: np.copy(x) + x.copy(),
    "part": lambda x, y: x[...] + x[:],
    "out": lambda x, y: np.add(x, y, out=x * 1),
}


@pytest.mark.parametrize("expression", EXPRESSIONS.values(), ids=EXPRESSIONS)
def test_operations(expression):
    tape = Tape(["x", "y"])
    finished = tape.finish({"z": expression(tape.input("x"), tape.input("y"))})
    with np.errstate(all="ignore"):
        expected = expression(X, Y)
        np.testing.assert_array_equal(replay(finished, {"x": X, "y": Y})["z"], expected)


def test_every_operation_is_tried_and_can_be_run():
    tape = Tape(["x", "y"])
    for expression in EXPRESSIONS.values():
        expression(tape.input("x"), tape.input("y"))
    assert {name for name, *_ in tape.operations} == set(OPERATIONS) == set(AS_WRITTEN)


def test_assignments_are_followed():
    def write(x, y):
        x += y
        y[...] = x * 2
        x[:] = x - y
        x *= 3
        x /= 2
        x -= 1
        x **= 2

    tape = Tape(["x", "y"])
    recorded, (x, y) = [tape.input(name, array=True) for name in "xy"], (np.array([1.0, 2.0]), np.array([3.0, 5.0]))
    kept = {"x": x.copy(), "y": y.copy()}
    write(*recorded)
    write(x, y)
    values = replay(tape.finish(dict(zip("xy", recorded))), kept)
    np.testing.assert_array_equal(values["x"], x)
    np.testing.assert_array_equal(values["y"], y)


def test_a_number_is_not_changed_under_its_other_name():
    def write(x, rate):
        half = rate
        half *= 0.5
        chosen = also = np.where(rate > 1, rate, 1.0)  # an array, though of one number
        also += 1
        more = once = chosen + also
        more += 1
        x -= once * half * x + rate * chosen

    tape = Tape(["x", "rate"])
    x = np.array([1.0, 2.0])
    recorded = tape.input("x", array=True)
    write(recorded, tape.input("rate"))
    values = replay(tape.finish({"x": recorded}), {"x": x.copy(), "rate": 3.0})
    write(x, 3.0)
    np.testing.assert_array_equal(values["x"], x)


# ---------------------------------------------------------------- what cannot be translated


def in_a_rule(text):
    """Return a rule with this line in its update, and the number of the line in this file."""

    def update(self, theta, g, m, t, *, lr=0.1):
        m[...] = text(theta, g, m, t)
        theta -= lr * m

    return type("Mine", (Optimizer,), {"update": update})


def first(m):
    return m if m > 0 else -m


CURES = json.loads((resources.files("descent.engine") / "subset.json").read_text(encoding="utf8"))["cures"].values()

CANNOT = {
    "if": (
        lambda theta, g, m, t: first(g),
        r"asking whether a value is true \(if, while, and, or, not\)",
        "return m if m > 0",
    ),
    "and": (lambda theta, g, m, t: g and m, "asking whether a value is true", "g and m"),
    "mean": (lambda theta, g, m, t: np.mean(g), "np.mean", "np.mean(g)"),
    "sum": (lambda theta, g, m, t: g.sum(), "np.add.reduce|.sum", "g.sum()"),
    "norm": (lambda theta, g, m, t: g / np.linalg.norm(g), "np.linalg.norm", "np.linalg.norm(g)"),
    "shape": (lambda theta, g, m, t: np.ones(g.shape), ".shape", "g.shape"),
    "an element": (lambda theta, g, m, t: g[0], r"taking \[0\]", "g[0]"),
    "reduce": (lambda theta, g, m, t: np.add.reduce(g), "np.add.reduce", "np.add.reduce(g)"),
    "arctan": (lambda theta, g, m, t: np.arctan(g), "np.arctan", "np.arctan(g)"),
    "floor division": (lambda theta, g, m, t: g // 2, "np.floor_divide", "g // 2"),
    "remainder": (lambda theta, g, m, t: g % 2, "np.remainder", "g % 2"),
    "bits of a number": (lambda theta, g, m, t: np.where(t & 1, g, m), "np.bitwise_and of what is no", "t & 1"),
    "bits of an array": (lambda theta, g, m, t: g * (g | (m > 0)), "np.bitwise_or of what is no", "g | (m > 0)"),
    "the other bits": (lambda theta, g, m, t: g * ~t, "np.invert of what is no comparison", "~t"),
    "where=": (lambda theta, g, m, t: np.add(g, 1, where=g > 0), "np.add", "where=g > 0"),
    "places": (lambda theta, g, m, t: np.where(g > 0), "np.where", "np.where(g > 0)"),
    "math": (lambda theta, g, m, t: math.sqrt(g), "turning a value into a plain number", "math.sqrt(g)"),
    "int": (lambda theta, g, m, t: int(t), "turning a value into a plain number", "int(t)"),
    "loop": (lambda theta, g, m, t: [x for x in g], "going through a value's elements", "[x for x in g]"),
    "text": (lambda theta, g, m, t: g + "1", "a constant of type str", 'g + "1"'),
    "infinity": (lambda theta, g, m, t: g * math.inf, "the constant inf", "g * math.inf"),
    "an array": (lambda theta, g, m, t: g * np.ones(2), "a constant of type ndarray", "m[...] = text("),
}


@pytest.mark.parametrize("text, operation, source", CANNOT.values(), ids=CANNOT)
def test_what_cannot_be_translated_is_named_with_file_and_line(text, operation, source):
    rule = in_a_rule(text)
    with pytest.raises(Untranslatable, match="(?i)" + operation) as raised:
        rule().tape()
    message = str(raised.value)
    assert "cannot be translated for the page (test_tape.py, line " in message
    assert source in message
    line = int(message.split("test_tape.py, line ")[1].split(":")[0])
    assert source in inspect.getsource(inspect.getmodule(text)).splitlines()[line - 1]
    assert any(message.endswith(cure) for cure in CURES)  # and it says what to write


def test_assigning_to_a_part_cannot_be_translated():
    def update(self, theta, g, *, lr=0.1):
        theta[0] = g

    with pytest.raises(Untranslatable, match=r"Assigning to \[0\] cannot be translated .*theta\[0\] = g"):
        type("Mine", (Optimizer,), {"update": update})().tape()


def test_a_comparison_holds_no_numbers_and_a_number_no_parts():
    def update(self, theta, g, *, lr=0.1):
        up = g > 0
        up[...] = g
        theta -= lr * up

    with pytest.raises(Untranslatable, match=r"Assigning numbers to a comparison .*up\[...\] = g"):
        type("Mine", (Optimizer,), {"update": update})().tape()

    def update(self, theta, g, *, lr=0.1):
        lr[...] = 0.5
        theta -= lr * g

    with pytest.raises(Untranslatable, match=r"to a part of a number .*lr\[...\] = 0.5\). A number is not changed in"):
        type("Mine", (Optimizer,), {"update": update})().tape()


def test_a_schedule_that_cannot_be_translated_is_named_too():
    with pytest.raises(Untranslatable, match=r"Asking whether .*test_tape.py, line \d+: .*t < 5"):
        GradientDescent(lambda t: 0.1 if t < 5 else 0.01).tape()


def test_the_profiler_is_left_as_it_was():
    calls = []

    def profiler(frame, event, argument):
        calls.append(event)

    sys.setprofile(profiler)
    try:
        Adam().tape()
        assert sys.getprofile() is profiler
    finally:
        sys.setprofile(None)


# ---------------------------------------------------------------- purity

OUTSIDE = 1.0


def closes_over(factor):
    def update(self, theta, g, *, lr=0.1):
        theta -= factor * lr * g

    return update


def imports(self, theta, g):
    import copy

    return copy.copy(g)


power = 2.0

IMPURE = {
    "a variable": lambda self, theta, g: g * OUTSIDE,
    "a variable that NumPy has, too": lambda self, theta, g: g * power,
    "an attribute that NumPy has, too": lambda self, theta, g: g**self.power,
    "an import": imports,
    "an attribute": lambda self, theta, g: g * self.lr,
    "random numbers": lambda self, theta, g: g * np.random.normal(),
    "a closure": closes_over(2.0),
    "a loop of its own": lambda self, theta, g: [g * k for k in range(3)],
    "another function": lambda self, theta, g: first(g),
    "what is no function of Python": np.sin,
}


@pytest.mark.parametrize("function", IMPURE.values(), ids=IMPURE)
def test_what_reads_more_than_its_arguments_is_not_pure(function):
    assert not is_pure(function)


def test_another_np_is_not_numpy():
    names = {"np": math}
    exec("def update(self, theta, g):\n    return np.sqrt(g)", names)
    assert not is_pure(names["update"])


@pytest.mark.parametrize("rule", RULES)
def test_the_rules_are_pure(rule):
    assert is_pure(rule.update)


def test_the_tape_that_the_engine_explains_is_the_tape():
    shown = engine.__doc__.split(">>> GradientDescent().tape()")[1].split("\n\n")[0]
    assert ast.literal_eval(shown.strip()) == GradientDescent().tape()
