"""The rules: does each compute what its paper says, at every size, dtype and layout, and to the bits of its text?"""

import ast
import copy
import inspect
import pickle
import textwrap
import tracemalloc
import warnings

import numpy as np
import pytest
from support.papers import PAPERS
from support.rules import RULES, WITH_EPS, as_written, assert_same_bits, run, start_and_gradients

from descent import AdaGrad, Adam, AdamW, AMSGrad, GradientDescent, Momentum, Optimizer, RAdam, RMSProp, schedules
from descent.engine import kernel

# ---------------------------------------------------------------- what the papers say


@pytest.mark.parametrize("rule", RULES)
def test_defaults(rule):
    assert rule().hyperparameters == {"l2": 0.0, "weight_decay": 0.0} | PAPERS[rule].defaults


def test_positional_order():
    assert repr(Adam(0.1, 0.2, 0.3, 0.4, "m")) == "Adam(lr=0.1, beta1=0.2, beta2=0.3, eps=0.4, bias_correction='m')"
    assert repr(Momentum(0.1, 0.2)) == "Momentum(lr=0.1, beta=0.2)"
    assert repr(AdamW(l2=0.5)) == "AdamW(lr=0.001, l2=0.5)"


GRADIENTS = [0.5, -2.0, 0.125, 3.0, -0.25, 0.0, 1.5, 1.0, -4.0, 0.01, 0.02, 0.75]


def of_the_paper(optimizer, gradients):
    """Return the positions of one number that starts at 1."""
    values = optimizer.hyperparameters
    l2, decay = values.pop("l2"), values.pop("weight_decay")
    theta, seen, path = 1.0, [], []
    for g in gradients:
        seen.append(g + l2 * theta)
        theta = theta - values["lr"] * decay * theta - PAPERS[type(optimizer)].step(seen, **values)
        path.append(theta)
    return np.array(path)


def path_and_memory(optimizer, gradients):
    path = path_of(optimizer, gradients)
    return np.concatenate([path, *(optimizer.state_dict()[name] for name in optimizer.state_names)])


def path_of(optimizer, gradients):
    theta = np.array([1.0])
    return np.array([optimizer.step(theta, np.array([g]))[0] for g in gradients])


CASES = [(rule, settings) for rule, paper in PAPERS.items() for settings in ({}, *paper.settings)]


@pytest.mark.parametrize("rule, settings", CASES, ids=lambda x: str(x) if isinstance(x, dict) else x.__name__)
@pytest.mark.parametrize(
    "common", [{}, {"l2": 0.25}, {"weight_decay": 0.25, "lr": 0.1}, {"l2": 0.1, "weight_decay": 2.0}]
)
def test_each_step_is_that_of_the_paper(rule, settings, common):
    optimizer = rule(**(common | settings))
    np.testing.assert_allclose(
        path_of(optimizer, GRADIENTS), of_the_paper(optimizer, GRADIENTS), rtol=1e-13, atol=1e-14
    )


class OnePercentMore(ast.NodeTransformer):
    """Multiplies the k-th number in the body of a function by 1.01."""

    def __init__(self, k):
        self.k, self.found = k, 0

    def visit_arguments(self, node):
        return node

    def visit_Constant(self, node):
        if type(node.value) in (int, float):
            self.found += 1
            if self.found == self.k:
                return ast.Constant(node.value * 1.01)
        return node


def rules_with_a_number_changed(rule):
    """Yield the rule with each number in the text of its update changed by one percent, in turn."""
    for k in range(1, 100):
        change = OnePercentMore(k)
        tree = change.visit(ast.parse(textwrap.dedent(inspect.getsource(rule.update))))
        if change.found < k:
            return
        names = {"np": np}
        exec(compile(ast.fix_missing_locations(tree), f"number {k} changed", "exec"), names)
        yield type(rule.__name__, (rule,), {"update": names["update"]})


@pytest.mark.parametrize("rule", RULES)
def test_one_percent_is_seen(rule):
    """One percent more on any number in the text of a rule, or on any hyperparameter, is a different path.

    And so the comparison with the paper above would fail. A sign sees so little only now and then, so there are many.
    """
    many = 6000 if "np.sign" in inspect.getsource(rule.update) else 0
    gradients = [*GRADIENTS, *np.random.default_rng(0).normal(size=many)]
    settings = {"l2": 0.1, "weight_decay": 0.1, "lr": 0.1} | ({"eps": 0.1} if "eps" in rule.defaults else {})
    optimizer = rule(**settings)
    changed = [other(**settings) for other in rules_with_a_number_changed(rule)]
    for name, value in optimizer.hyperparameters.items():
        if name not in ("bias_correction", "threshold"):  # where between two steps a threshold lies makes no difference
            changed.append(rule(**(settings | {name: value * 1.01 if value < 0.9 else 1 - (1 - value) * 0.99})))
    expected = path_and_memory(optimizer, gradients)
    for other in changed:
        assert not np.allclose(path_and_memory(other, gradients), expected, rtol=1e-10, atol=0), other


def test_the_numbers_of_a_rule_are_found():
    counts = [len([*rules_with_a_number_changed(rule)]) for rule in (GradientDescent, AdaGrad, Adam, RAdam)]
    assert counts == [0, 1, 5, 14]


# ---------------------------------------------------------------- every way to run gives the bits of the text

COMMON_SETTINGS = {
    "as it is": {},
    "l2 and decay": {"l2": 0.1, "weight_decay": 0.2},
    "a schedule": {
        "lr": schedules.cosine(0.1, 20),
        "weight_decay": schedules.exponential(0.1),
        "l2": lambda t: 0.1 / t,
    },
    "an array": {"lr": np.array([0.1, 0.2, 0.3])},
    "arrays": {"lr": np.array([[0.1], [0.2]] * 8), "weight_decay": np.array([0.1, 0.0, 0.2])},
    "a schedule of arrays": {"lr": lambda t: np.array([0.1, 0.2, 0.3]) / t},
}


@pytest.mark.parametrize("block", [2**17, 64])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("settings", COMMON_SETTINGS.values(), ids=COMMON_SETTINGS)
@pytest.mark.parametrize("rule", RULES)
def test_step_gives_the_bits_of_the_text(rule, settings, dtype, block, monkeypatch):
    """The fast way is the text, operation by operation. Blocks of 64 bytes cut this theta into many pieces."""
    monkeypatch.setattr(kernel, "BLOCK", block)
    optimizer = rule(**settings)
    theta, gradients = start_and_gradients((2, 16, 3), 20, dtype)
    assert_same_bits(run(optimizer, theta, gradients), as_written(optimizer, theta, gradients))
    if dtype == np.float64:
        assert isinstance(optimizer._kernel, kernel.Kernel)


@pytest.mark.parametrize("rule", [rule for rule in RULES if any(name.startswith("beta") for name in rule.defaults)])
def test_arrays_of_betas_give_the_bits_of_the_text(rule):
    names = [name for name in rule.defaults if name.startswith("beta")]
    optimizer = rule(**{name: np.array([0.0, 0.5, 0.9]) for name in names})
    theta, gradients = start_and_gradients((2, 3), 30)
    assert_same_bits(run(optimizer, theta, gradients), as_written(optimizer, theta, gradients))


@pytest.mark.parametrize("word", ["m", "v", "none"])
@pytest.mark.parametrize("rule", [Adam, AMSGrad])
def test_words_give_the_bits_of_the_text(rule, word):
    optimizer = rule(0.1, bias_correction=word)
    theta, gradients = start_and_gradients((5,), 30)
    assert_same_bits(run(optimizer, theta, gradients), as_written(optimizer, theta, gradients))


@pytest.mark.parametrize("rule", RULES)
def test_late_steps_give_the_bits_of_the_text(rule):
    """1 - beta**t is exactly 1 after 355 steps (.9) or 54 (.5): then the division is left out."""
    theta, gradients = start_and_gradients((3,), 400)
    optimizer = rule(0.01, **({"beta2": 0.5} if "beta2" in rule.defaults else {}))
    assert_same_bits(run(optimizer, theta, gradients), as_written(optimizer, theta, gradients))


@pytest.mark.parametrize("rule", RULES)
def test_many_runs_are_the_single_runs(rule):
    """Bit for bit: arrays of hyperparameters give each run what it would have had alone."""
    grid = {name: value for name, value in rule.defaults.items() if name not in ("bias_correction", "threshold")}
    factors = np.array([0.5, 0.9, 1.0])
    optimizer = rule(**{name: np.maximum(value, 0.01) * factors for name, value in grid.items()})
    theta, gradients = start_and_gradients((2, 3), 50)
    together, state = run(optimizer, theta, gradients)
    for k, factor in enumerate(factors):
        single = rule(**{name: np.maximum(value, 0.01) * factor for name, value in grid.items()})
        alone, own = run(single, theta[:, k], gradients[:, :, k])
        np.testing.assert_array_equal(together[:, k], alone)
        for name, array in own.items():
            np.testing.assert_array_equal(state[name][:, k], array)


def test_many_runs_of_a_rule_that_runs_as_written_are_the_single_runs():
    class Mine(Optimizer):
        def update(self, theta, g, m, *, lr=0.1, beta=0.9):
            len(theta)  # so that nothing is translated
            m[...] = beta * m + (lr * np.abs(g)) ** 0.5
            theta -= (lr * g) ** -1 + m**0.5 * (beta * lr) ** 3

    rates = np.linspace(0.1, 0.9, 7)
    start, gradients = start_and_gradients((50, 7), 10)
    together, _ = run(Mine(rates), start, gradients)
    for k, rate in enumerate(rates):
        np.testing.assert_array_equal(run(Mine(rate), start[:, k], gradients[:, :, k])[0], together[:, k])


def test_the_learning_rate_may_change_between_steps():
    theta, gradients = start_and_gradients((4,), 10)
    by_hand, scheduled, other = Adam(0.1), Adam(lambda t: 0.1 / t), theta.copy()
    for t, g in enumerate(gradients, start=1):
        by_hand.lr = 0.1 / t
        assert np.array_equal(by_hand.step(theta, g), scheduled.step(other, g))


@pytest.mark.parametrize("name, value", [("l2", 0.1), ("weight_decay", 0.1), ("eps", 0.0), ("bias_correction", "none")])
def test_what_changes_between_steps_counts_from_the_next_on(name, value):
    theta, gradients = start_and_gradients((4,), 10)
    changed, resumed, unchanged = Adam(0.1), Adam(0.1, **{name: value}), Adam(0.1)
    theta, _ = run(changed, theta, gradients[:5])
    setattr(changed, name, value)
    for optimizer in (resumed, unchanged):
        optimizer.load_state_dict(changed.state_dict())
    expected = run(resumed, theta, gradients[5:])
    assert_same_bits(run(changed, theta, gradients[5:]), expected)
    assert not np.array_equal(run(unchanged, theta, gradients[5:])[0], expected[0])


# ---------------------------------------------------------------- shapes, dtypes, layouts


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", [(), (0,), (1,), (7,), (2, 3), (2, 0, 3), (2, 3, 4)])
@pytest.mark.parametrize("rule", RULES)
def test_any_shape(rule, shape, dtype):
    optimizer = rule(0.1)
    theta, gradients = start_and_gradients(shape, 5, dtype)
    theta = np.asarray(theta, dtype)
    assert_same_bits(run(optimizer, theta, gradients), as_written(optimizer, theta, gradients))


LAYOUTS = {
    "every other": lambda a: np.repeat(a, 2, axis=-1)[..., ::2],
    "backwards": lambda a: np.ascontiguousarray(a[..., ::-1])[..., ::-1],
    "columns first": np.asfortranarray,
    "a part": lambda a: np.pad(a, 1)[1:-1, 1:-1],
}


@pytest.mark.parametrize("block", [2**17, 64])
@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@pytest.mark.parametrize("rule", RULES)
def test_any_layout(rule, layout, block, monkeypatch):
    monkeypatch.setattr(kernel, "BLOCK", block)
    theta, gradients = start_and_gradients((6, 8), 5)
    optimizer, moved = rule(0.1), layout(theta)
    for g in gradients:
        assert optimizer.step(moved, layout(g)) is moved
    np.testing.assert_array_equal(moved, run(rule(0.1), theta, gradients)[0])


def test_a_layer_is_a_view_of_one_vector():
    """A step on a part of a vector moves the vector there, and nowhere else."""
    vector = np.arange(6.0)
    Adam(0.1).step(vector[2:4], np.ones(2))
    assert (vector != np.arange(6.0)).tolist() == [False, False, True, True, False, False]


def test_an_array_in_a_file_moves_there(tmp_path):
    theta = np.memmap(tmp_path / "theta", dtype=float, mode="w+", shape=(4,))
    optimizer = Adam(0.1)
    for _ in range(2):
        assert optimizer.step(theta, np.ones(4)) is theta
    np.testing.assert_allclose(np.fromfile(tmp_path / "theta"), -0.2)
    assert type(optimizer.state_dict()["m"]) is np.ndarray


@pytest.mark.parametrize("given", [np.float32, np.int64, np.uint8])
def test_gradients_of_another_dtype_are_converted(given):
    theta, other = np.array([1.0, 2.0]), np.array([1.0, 2.0])
    Adam(0.1).step(theta, np.array([3, 4], dtype=given))
    Adam(0.1).step(other, np.array([3.0, 4.0]))
    np.testing.assert_array_equal(theta, other)


def test_a_number_is_a_gradient_of_a_number():
    for gradient in (3, 3.0, np.float32(3), np.array(3.0)):
        assert GradientDescent(0.5).step(np.array(2.0), gradient) == 0.5


@pytest.mark.parametrize("block", [2**17, 64])
@pytest.mark.parametrize("share", [lambda a: a, lambda a: a[:], lambda a: a[::-1]], ids=["theta", "a view", "reversed"])
@pytest.mark.parametrize("rule", RULES)
def test_a_gradient_may_share_memory_with_theta(rule, share, block, monkeypatch):
    """The loss theta**2 / 2 has the gradient theta: a problem may hand out the array itself, or a view of it."""
    monkeypatch.setattr(kernel, "BLOCK", block)
    theta, _ = start_and_gradients((40,), 0)
    other = theta.copy()
    shared, apart = rule(0.1), rule(0.1)
    for _ in range(5):
        shared.step(theta, share(theta))
        apart.step(other, share(other).copy())
    np.testing.assert_array_equal(theta, other)


@pytest.mark.parametrize("rule", RULES)
def test_the_gradient_is_not_changed(rule):
    theta, gradients = start_and_gradients((40,), 3)
    kept = gradients.copy()
    run(rule(0.1, l2=0.1), theta, gradients)
    np.testing.assert_array_equal(gradients, kept)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("rule", RULES)
def test_a_step_takes_little_memory_of_its_own(rule, dtype):
    """Under 1 MB at any size, and what a step as written would give back; here an array takes 4 or 2 MB."""
    theta, gradients = start_and_gradients((500_000,), 1, dtype)
    optimizer = rule(0.1)
    optimizer.step(theta, gradients[0])
    optimizer.lr = 0.2  # so that its buffers are made anew, and counted
    tracemalloc.start()
    optimizer.step(theta, gradients[0])
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    kept = [theta, *optimizer._state] if isinstance(optimizer._kernel, kernel.AsWritten) else []
    assert peak < 1_000_000 + sum(array.nbytes for array in kept)


# ---------------------------------------------------------------- numbers at the edge


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("rule", WITH_EPS)
def test_without_eps_a_coordinate_that_never_had_a_gradient_stays(rule, dtype):
    theta = np.array([1.0, 2.0, 3.0], dtype)
    optimizer = rule(0.1, eps=0, weight_decay=0)
    for g in ([0, 0, 1], [0, 1, 0], [0, 0, 0]):
        optimizer.step(theta, np.array(g, dtype))
        assert np.isfinite(theta).all() and theta[0] == 1
    assert theta[1] != 2 and theta[2] != 3


def test_without_eps_the_first_step_is_the_sign():
    theta = np.zeros(5)
    Adam(0.1, eps=0).step(theta, np.array([1e-100, -1e-10, 0, 3, -1e150]))
    np.testing.assert_allclose(theta, [-0.1, 0.1, 0, -0.1, 0.1], rtol=1e-15)


@pytest.mark.parametrize("eps", [0.0, 1e-50])
def test_eps_that_is_zero_in_float32(eps):
    theta = np.ones(2, np.float32)
    Adam(0.1, eps=eps).step(theta, np.array([0, 1e-30], np.float32))
    assert theta.tolist() == [1, 1]  # the square of 1e-30 is 0 in float32, so that v is 0 as well


@pytest.mark.parametrize("huge, dtype", [(1e200, np.float64), (np.finfo(float).max, np.float64), (1e30, np.float32)])
@pytest.mark.parametrize("beta2", [0.0, 0.5, 0.999])
@pytest.mark.parametrize("rule", [RMSProp, Adam, AdamW, AMSGrad, RAdam])
def test_a_square_that_overflows_stops_its_coordinate(rule, beta2, huge, dtype):
    """v is infinite from then on: the coordinate stays (weight decay apart), now and later; the other goes on."""
    with warnings.catch_warnings(), np.errstate(all="raise"):
        warnings.simplefilter("error")
        theta, optimizer = np.array([1.0, 1.0], dtype), rule(0.1, beta2=beta2, weight_decay=0)
        before = theta[1]
        for g in [huge, 1.0, 0.0, -huge, 2.0]:
            optimizer.step(theta, np.array([g, 1.0], dtype))
            if not (rule is RAdam and theta[0] != 1):  # which does not divide by v in its first steps
                assert theta[0] == 1
            assert not np.isnan(theta[0]) and theta[1] < before
            before = theta[1]
    state = optimizer.state_dict()
    assert state["v"][0] == np.inf and np.isfinite(state.get("m", 0)).all()


def test_a_sum_that_overflows_stops_its_coordinate():
    theta, optimizer = np.array([1.0, 1.0]), AdaGrad(0.1)
    for g in (1e200, 1.0, -1e200):
        optimizer.step(theta, np.array([g, 1.0]))
    assert theta[0] == 1 and 0 < theta[1] < 1


def test_large_but_ordinary_gradients_go_on():
    """The squares of all coordinates together may be too large for the dtype where each is not."""
    theta, gradients = start_and_gradients((100,), 5, np.float32)
    gradients = np.float32(1e19) * np.sign(gradients)
    optimizer = Adam(0.1)
    assert_same_bits(run(optimizer, theta, gradients), as_written(optimizer, theta, gradients))
    assert optimizer._overflowed


def test_a_run_that_overflows_is_not_held_back():
    """Gradient descent that diverges goes to infinity, where the caller sees it; only nan is kept out."""
    theta, optimizer = np.array([1.0]), GradientDescent(1e200)
    optimizer.step(theta, np.array([1e200]))
    assert theta[0] == -np.inf


@pytest.mark.parametrize("rule", RULES)
def test_what_the_caller_does_about_floating_point_is_not_disturbed(rule):
    with np.errstate(over="raise", divide="call"):
        run(rule(0.1), *start_and_gradients((3,), 3))
        assert np.geterr()["over"] == "raise" and np.geterr()["divide"] == "call"


# ---------------------------------------------------------------- rules of one's own


class Signs(Optimizer):
    """A rule with a condition, so that it cannot be translated."""

    def update(self, theta, g, last, t, *, lr=0.1):
        if t > 1 and (last * g).sum() < 0:
            lr = lr / 2
        theta -= lr * np.sign(g)
        last[...] = g


FACTOR = [1.0]


class FromTheNotebook(Optimizer):
    """A rule that reads a variable outside itself."""

    def update(self, theta, g, *, lr=0.1):
        theta -= FACTOR[0] * lr * g


class Noisy(Optimizer):
    def update(self, theta, g, *, lr=0.1):
        theta -= lr * (g + np.random.standard_normal())


class Helped(Adam):
    def update(self, theta, g, m, v, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        super().update(theta, 2 * g, m, v, t, lr=lr, beta1=beta1, beta2=beta2, eps=eps)


@pytest.mark.parametrize("rule", [Signs, FromTheNotebook, Noisy, Helped])
def test_rules_that_do_more_run_as_they_are_written(rule):
    theta, gradients = start_and_gradients((2, 3), 20)
    optimizer = rule(0.1, l2=0.1, weight_decay=lambda t: 0.1 / t)
    np.random.seed(1)
    expected = as_written(optimizer, theta, gradients)
    np.random.seed(1)
    assert_same_bits(run(optimizer, theta, gradients), expected)


@pytest.mark.parametrize("rule", [Signs, Helped])
def test_what_is_not_known_to_be_elementwise_is_not_cut_into_blocks(rule, monkeypatch):
    monkeypatch.setattr(kernel, "BLOCK", 64)
    theta, gradients = start_and_gradients((50,), 10)
    optimizer = rule(0.1)
    assert_same_bits(run(optimizer, theta, gradients), as_written(optimizer, theta, gradients))
    assert optimizer._kernel._blocks == [...]


def test_a_rule_may_have_words_of_its_own():
    class Worded(Optimizer):
        def update(self, theta, g, *, lr=0.1, way="down"):
            theta -= lr * g if way == "down" else -lr * g

    assert Worded(way="up").step(np.zeros(1), np.ones(1)) == 0.1
    assert Worded().step(np.zeros(1), np.ones(1)) == -0.1
    with pytest.raises(ValueError, match=r"Worded\(way=1\): expected 'a word'"):
        Worded(way=1)


def test_a_variable_outside_the_rule_may_change():
    theta, optimizer = np.zeros(2), FromTheNotebook()
    optimizer.step(theta, np.ones(2))
    FACTOR[0] = 2.0
    optimizer.step(theta, np.ones(2))
    FACTOR[0] = 1.0
    np.testing.assert_allclose(theta, -0.3)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_overflow_in_a_rule_that_runs_as_written(dtype):
    theta, optimizer = np.ones(2, dtype), Helped(0.1, beta2=0.0)
    for g in (1e200 if dtype is np.float64 else 1e30, 1.0, 1.0):
        optimizer.step(theta, np.array([g, 1.0], dtype))
    assert theta[0] == 1 and theta[1] < 1


def test_a_subclass_keeps_the_defaults_it_does_not_change():
    class Mine(AdamW):
        changed_defaults = AdamW.changed_defaults | {"lr": 0.5}

    class Plain(AdamW):
        pass

    assert Mine().hyperparameters == AdamW(0.5).hyperparameters
    assert Plain().hyperparameters == AdamW().hyperparameters


# ---------------------------------------------------------------- what an optimizer tells, and its copies


def test_the_step_count():
    optimizer, theta = Adam(), np.ones(2)
    assert optimizer.t == 0
    for t in range(1, 4):
        optimizer.step(theta, theta.copy())
        assert optimizer.t == t


def test_an_optimizer_prints_what_was_given():
    assert repr(Adam()) == "Adam(lr=0.001)"
    assert repr(AdamW(0.1, weight_decay=0)) == "AdamW(lr=0.1, weight_decay=0)"
    assert repr(Momentum(schedules.inverse_sqrt(0.1), 0.5)) == "Momentum(lr=inverse_sqrt, beta=0.5)"
    assert repr(GradientDescent(np.array([0.1, 0.2]))) == "GradientDescent(lr=array([0.1, 0.2]))"
    assert repr(GradientDescent(np.arange(4.0))) == "GradientDescent(lr=array([0., 1., 2., 3.]))"
    assert repr(GradientDescent(np.arange(5.0))) == "GradientDescent(lr=array of shape (5,), 0 to 4)"
    assert repr(GradientDescent(np.arange(9.0))) == "GradientDescent(lr=array of shape (9,), 0 to 8)"

    class Rate:
        def __call__(self, t):
            return 0.1

    assert repr(GradientDescent(Rate())) == "GradientDescent(lr=Rate)"


def test_hyperparameters_are_as_they_were_given():
    rate = schedules.constant(0.1)
    values = Adam(rate, beta1=np.array([0.5, 0.9]), l2=2).hyperparameters
    assert values["lr"] is rate and values["beta1"].tolist() == [0.5, 0.9] and values["l2"] == 2.0
    assert [*values] == ["lr", "beta1", "beta2", "eps", "bias_correction", "l2", "weight_decay"]


def test_values_at_a_step():
    values = Adam(lambda t: 1 / t, l2=lambda t: np.array([1, t])).values_at(4)
    assert values["lr"] == 0.25 and values["l2"].tolist() == [1, 4] and values["beta1"] == 0.9


def test_an_array_of_hyperparameters_is_a_copy():
    rates = np.array([0.1, 0.2])
    optimizer = Adam(rates)
    rates[0] = 7
    assert optimizer.lr.tolist() == [0.1, 0.2]
    with pytest.raises(ValueError, match="read-only"):
        optimizer.lr[0] = 7


@pytest.mark.parametrize("duplicate", [copy.copy, copy.deepcopy, lambda o: pickle.loads(pickle.dumps(o))])
@pytest.mark.parametrize("rule", RULES)
def test_a_copy_goes_its_own_way(rule, duplicate):
    theta, gradients = start_and_gradients((3,), 10)
    optimizer = rule(0.1)
    theta, _ = run(optimizer, theta, gradients[:5])
    other = duplicate(optimizer)
    expected = run(optimizer, theta, gradients[5:])
    assert other.t == 5
    assert_same_bits(run(other, theta, gradients[5:]), expected)


@pytest.mark.parametrize("rule", RULES)
def test_fresh_has_the_settings_and_no_memory(rule):
    theta, gradients = start_and_gradients((3,), 10)
    optimizer = rule(0.1, l2=0.1)
    expected = run(optimizer, theta, gradients)
    assert optimizer.fresh().t == 0
    assert_same_bits(run(optimizer.fresh(), theta, gradients), expected)
