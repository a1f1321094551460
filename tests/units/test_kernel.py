"""The fast way to run a rule: does it give the bits of the text, whatever the text does with its arrays?"""

import numpy as np
import pytest
from support.rules import as_written, assert_same_bits, run, start_and_gradients

from descent import Adam, Optimizer
from descent.engine import kernel
from descent.engine.kernel import AsWritten, Kernel


def exchange(self, theta, g, a, b, *, lr=0.1):
    theta -= lr * a
    old = a + 0
    a[...] = b
    b[...] = old - g


def exchange_plainly(self, theta, g, a, b, *, lr=0.1):
    theta -= lr * (a + g)
    old = a.copy()
    a[...] = b
    b[...] = old


def pass_along(self, theta, g, last, before, *, lr=0.1):
    theta -= lr * (g + last + before)
    before[...] = last
    last[...] = g


def the_same_twice(self, theta, g, a, b, *, lr=0.1):
    a[...] = g * lr
    b[...] = a
    theta -= b


def a_number(self, theta, g, a, t, *, lr=0.1):
    theta -= lr * (g + a)
    a[...] = 1 / t


def a_hyperparameter(self, theta, g, a, *, lr=0.1):
    theta -= g * a
    a[...] = lr


def branches_by_t(self, theta, g, a, t, *, lr=0.1):
    a[...] = np.where(t < 3, g, a / (1 - 0.5**t))
    theta -= lr * np.where(t > 2, a, g)


def branch_without_work(self, theta, g, a, t, *, lr=0.1):
    a[...] = np.where(t > 3, a, g)
    theta -= lr * a


def branches_by_coordinate(self, theta, g, a, *, lr=0.1):
    a[...] = np.where(g > a, g, np.where((g < 0) & (a < 0), -a, a))
    theta -= lr * np.where(a == 0, 1.0, a)


def truth_values_are_numbers(self, theta, g, a, *, lr=0.1):
    a[...] = g > 0
    theta -= lr * (a + (g < 0) * g)


def powers(self, theta, g, a, t, *, lr=0.1, p=3.0):
    a[...] = np.abs(g) ** p + np.abs(a) ** 0.5 + g**2 + np.abs(g) ** 1 + (1 + np.abs(g)) ** -1 + 0.5 ** np.abs(g)
    theta -= lr * a / t**0.5 / t**2


def functions(self, theta, g, a, t, *, lr=0.1):
    a[...] = np.minimum(np.maximum(g, -1), 1) + np.sign(g) * np.tanh(a) + np.clip(g, -lr, lr) + np.floor(g)
    theta -= lr * (np.sin(a) + np.cos(g) + np.exp(-np.abs(a)) + np.log(1 + g**2) + np.square(a) + np.sqrt(np.abs(g)))


def in_place_again_and_again(self, theta, g, a, *, lr=0.1):
    a *= 0.5
    a += g
    a /= 1 + np.abs(a)
    theta *= 0.9
    theta -= lr * a
    theta += 0.01


def reads_theta_late(self, theta, g, a, *, lr=0.1):
    a[...] = theta - lr * g
    old = theta.copy()
    theta[...] = a
    a[...] = theta - old


def hands_on_what_is_written_over(self, theta, g, a, t, *, lr=0.1):
    old = a / (1 - 0.01**t)  # soon a division by exactly 1, which is left out
    a[...] = a + g
    theta -= lr * (old + a)


def writes_a_division(self, theta, g, a, t, *, lr=0.1):
    a[...] = (a + g) / (1 - 0.01**t)
    theta[...] = theta / (1 - 0.01**t) - lr * a


def names_a_number_anew(self, theta, g, a, t, *, lr=0.1, beta=0.5):
    rate, power, late = lr, beta, t
    rate *= 0.5
    power **= t
    late += 1
    left = 1 - power
    twice = left
    twice *= 2
    a[...] = beta * a + left * g / late
    theta -= rate * a + lr * twice / t


def keeps_conditions(self, theta, g, a, b, *, lr=0.1):
    a[...] = g > 0
    b[...] = a
    b += a + a
    theta -= lr * (a + b) * np.where(b - 3, g, 1.0)


RULES = [
    keeps_conditions,
    exchange,
    exchange_plainly,
    pass_along,
    the_same_twice,
    a_number,
    a_hyperparameter,
    branches_by_t,
    branch_without_work,
    branches_by_coordinate,
    truth_values_are_numbers,
    powers,
    functions,
    in_place_again_and_again,
    reads_theta_late,
    hands_on_what_is_written_over,
    writes_a_division,
]


def rule_of(update):
    return type(update.__name__, (Optimizer,), {"update": update})


@pytest.mark.parametrize("block", [2**17, 64])
@pytest.mark.parametrize(
    "settings",
    [{}, {"lr": np.array([0.1, 0.2, 0.3])}, {"lr": lambda t: 0.3 / t, "l2": 0.1}],
    ids=["defaults", "array", "schedule"],
)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("update", RULES)
def test_the_bits_are_those_of_the_text(update, dtype, settings, block, monkeypatch):
    monkeypatch.setattr(kernel, "BLOCK", block)
    optimizer = rule_of(update)(**settings)
    theta, gradients = start_and_gradients((4, 5, 3), 20, dtype)
    assert_same_bits(run(optimizer, theta, gradients), as_written(optimizer, theta, gradients))
    if dtype == np.float64:
        assert isinstance(optimizer._kernel, Kernel)


def by_name(self, theta, g, a, t, *, lr=0.1, beta=0.5):
    a[...] = beta * a + np.subtract(1, beta) * g
    theta -= np.multiply(lr, 0.3) * a / (1 - np.power(beta, t)) + np.square(lr) * np.negative(lr) * g


def by_its_bits(self, theta, g, a, t, *, lr=0.1):
    a[...] = np.where(t & 1, g, a) + ~t * (2 & (g > 0)) + (t | 2)
    theta -= lr * a * (1 - 2 * (t & 1))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("update", [by_name, by_its_bits, names_a_number_anew])
def test_what_numbers_are_to_numpy_or_to_python_alone_has_the_bits_of_the_text(update, dtype):
    optimizer = rule_of(update)()
    theta, gradients = start_and_gradients((40,), 20, dtype)
    assert_same_bits(run(optimizer, theta, gradients), as_written(optimizer, theta, gradients))


def test_the_function_is_written_as_its_docstring_says():
    optimizer = Adam()
    program, _ = optimizer._program(optimizer.hyperparameters, np.dtype(float))
    lines = [line.strip() for line in program.text.splitlines()]
    documented = [line.split("#")[0].strip() for line in kernel.__doc__.split("\n\n")[3].splitlines()]
    for line in documented:
        assert line in (*lines, "…")


def test_operations_write_into_few_buffers():
    """Adam needs two, whatever the number of its operations."""
    optimizer = Adam()
    optimizer.step(np.ones(2), np.ones(2))
    assert len(optimizer._kernel._buffers) == 2


def test_a_rule_is_translated_once():
    theta = np.ones(2)
    Adam().step(theta, theta.copy())
    count = len(Adam._programs)
    for _ in range(3):
        Adam(0.5).step(theta, theta.copy())
    assert len(Adam._programs) == count


@pytest.mark.parametrize(
    "shape, length, count",
    [((10,), 3, 4), ((9,), 3, 3), ((2, 5), 5, 2), ((2, 5), 4, 4), ((4, 5), 10, 2), ((2, 2, 7), 3, 12)],
)
def test_blocks_cover_every_place_once(shape, length, count):
    seen = np.zeros(shape, int)
    blocks = list(kernel._blocks(shape, length))
    for block in blocks:
        assert 0 < seen[block].size <= length
        seen[block] += 1
    assert (seen == 1).all() and len(blocks) == count


def test_float32_beside_float64_runs_as_written():
    """An array of float64 rates makes NumPy compute in float64, and where that is rounded only the text can say."""
    theta, gradients = start_and_gradients((2, 3), 5, np.float32)
    optimizer = Adam(np.array([0.1, 0.2, 0.3]))
    assert_same_bits(run(optimizer, theta, gradients), as_written(optimizer, theta, gradients))
    assert isinstance(optimizer._kernel, AsWritten)
