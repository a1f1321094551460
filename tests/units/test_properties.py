"""What holds for every input that is allowed: Hypothesis looks for one where it does not."""

import numpy as np
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from support.rules import RULES, WITH_EPS, as_written, assert_same_bits, run

from descent import GradientDescent
from descent.engine import kernel
from descent.engine.tape import replay

LIMITS = {"float64": 1e300, "float32": float(np.float32(1e38))}
quick = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def numbers(limit, dtype="float64"):
    """Numbers of every size up to the limit, of both signs, zeros among them."""
    width = 64 if dtype == "float64" else 32
    return st.floats(-limit, limit, width=width, allow_subnormal=True)


@st.composite
def runs(draw, dtypes=("float64", "float32"), limit=None, max_dims=3):
    """A start and a few gradients of one shape and dtype, from 1e-300 to 1e300 in size."""
    dtype = draw(st.sampled_from(dtypes))
    shape = draw(arrays.array_shapes(min_dims=0, max_dims=max_dims, min_side=0, max_side=4))
    elements = numbers(limit or LIMITS[dtype], dtype)
    theta = draw(arrays.arrays(dtype, shape, elements=elements))
    steps = draw(st.integers(1, 4))
    return theta, draw(arrays.arrays(dtype, (steps, *shape), elements=elements))


@st.composite
def values_for(draw, rule, shape=(), zero_eps=True):
    """Hyperparameters for a rule: numbers, or arrays that broadcast to the shape."""
    given = {}
    for name in rule.defaults:
        if name in rule.options:
            given[name] = draw(st.sampled_from(rule.declaration.choices[name]))
        elif name != "threshold" and draw(st.booleans()):
            least = 0.0 if name != "eps" or zero_eps else 1e-12
            elements = st.floats(0, 0.9999) if name.startswith("beta") else st.floats(least, 2)
            sides = tuple(draw(st.sampled_from([1, side])) for side in shape)
            sides = sides[draw(st.integers(0, len(sides))) :]
            given[name] = draw(arrays.arrays(float, sides, elements=elements) if draw(st.booleans()) else elements)
    return given


@pytest.mark.parametrize("rule", RULES)
@quick
@given(data=st.data())
def test_a_step_is_the_text_to_the_bit(rule, data):
    """As long as nothing is undefined there, which `step` would then leave as it was."""
    theta, gradients = data.draw(runs(limit=2.0**50))
    optimizer = rule(**data.draw(values_for(rule, theta.shape, zero_eps=False)))
    expected, state = as_written(optimizer, theta, gradients)
    assume(not any(np.isnan(array).any() for array in (expected, *state.values())))
    assert_same_bits(run(optimizer, theta, gradients), (expected, state))


@pytest.mark.parametrize("rule", RULES)
@quick
@given(data=st.data())
def test_cut_into_blocks_it_is_the_same_to_the_bit(rule, data):
    theta, gradients = data.draw(runs())
    optimizer = rule(**data.draw(values_for(rule, theta.shape)))
    whole = run(optimizer, theta, gradients)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kernel, "BLOCK", 32)
        assert_same_bits(run(optimizer.fresh(), theta, gradients), whole)


@pytest.mark.parametrize("rule", RULES)
@quick
@given(data=st.data())
def test_many_runs_are_the_single_runs_to_the_bit(rule, data):
    theta, gradients = data.draw(runs(dtypes=["float64"]))
    given = data.draw(values_for(rule, theta.shape))
    together, state = run(rule(**given), theta, gradients)
    for place in np.ndindex(theta.shape):
        here = {
            name: float(np.broadcast_to(value, theta.shape)[place]) if name not in rule.options else value
            for name, value in given.items()
        }
        alone, own = run(rule(**here), theta[place + (...,)], gradients[(slice(None), *place)])
        np.testing.assert_array_equal(alone, together[place])
        for name, array in own.items():
            np.testing.assert_array_equal(array, state[name][place])


@pytest.mark.parametrize("rule", RULES)
@quick
@given(data=st.data())
def test_finite_gradients_never_give_nan(rule, data):
    """Whatever their size, with eps=0 and beta=0 too. (A square that is too large stops its coordinate.)"""
    theta, gradients = data.draw(runs())
    given = data.draw(values_for(rule, theta.shape)) | {"l2": 0.0}  # l2 * theta may itself be infinite
    with np.errstate(all="raise"):
        theta, state = run(rule(**given), theta, gradients)
    assert not any(np.isnan(array).any() for array in (theta, *state.values()))


@pytest.mark.parametrize("rule", WITH_EPS)
@quick
@given(data=st.data())
def test_a_coordinate_without_gradients_stays(rule, data):
    theta, gradients = data.draw(runs())
    given = data.draw(values_for(rule, theta.shape)) | {"l2": 0.0, "weight_decay": 0.0}
    moved, _ = run(rule(**given), theta, np.zeros_like(gradients))
    np.testing.assert_array_equal(moved, theta)


@pytest.mark.parametrize("rule", RULES)
@quick
@given(data=st.data())
def test_stop_and_resume_anywhere(rule, data):
    theta, gradients = data.draw(runs())
    given = data.draw(values_for(rule, theta.shape))
    expected = run(rule(**given), theta, gradients)
    assume(not any(np.isnan(array).any() for array in (expected[0], *expected[1].values())))  # l2 * theta overflowed
    stop = data.draw(st.integers(0, len(gradients)))
    first, second = rule(**given), rule(**given)
    theta, _ = run(first, theta, gradients[:stop])
    second.load_state_dict(first.state_dict())
    assert_same_bits(run(second, theta, gradients[stop:]), expected)


@pytest.mark.parametrize("rule", RULES)
@quick
@given(data=st.data())
def test_one_gradient_that_is_not_finite_changes_nothing(rule, data):
    theta, gradients = data.draw(runs())
    assume(theta.size > 0)
    optimizer = rule(**data.draw(values_for(rule, theta.shape)))
    theta, before = run(optimizer, theta, gradients)
    bad = np.array(gradients[0])
    bad[np.unravel_index(data.draw(st.integers(0, theta.size - 1)), theta.shape)] = data.draw(
        st.sampled_from([np.nan, np.inf, -np.inf])
    )
    kept = theta.copy()
    with pytest.raises(ValueError, match="not finite"):
        optimizer.step(theta, bad)
    np.testing.assert_array_equal(theta, kept)
    after = optimizer.state_dict()
    assert after.pop("t") == len(gradients)
    assert_same_bits((theta, before), (theta, after))


@pytest.mark.parametrize("rule", RULES)
@quick
@given(data=st.data())
def test_the_tape_of_the_page_is_the_text_to_the_bit(rule, data):
    theta, gradients = data.draw(runs(dtypes=["float64"], limit=2.0**50, max_dims=1))
    optimizer = rule(**data.draw(values_for(rule, zero_eps=False)))
    tape = optimizer.tape()
    values = {name: value for name, value in optimizer.hyperparameters.items() if name in tape["inputs"]}
    replayed = {"theta": theta} | {name: np.zeros_like(theta) for name in optimizer.state_names}
    with np.errstate(all="ignore"):
        for t, g in enumerate(gradients, start=1):
            replayed = replay(tape, values | replayed | {"g": g, "t": t})
    expected, _ = as_written(optimizer, theta, gradients)
    np.testing.assert_array_equal(np.broadcast_to(replayed["theta"], theta.shape), expected)


@quick
@given(theta=arrays.arrays(float, 3, elements=numbers(1e3)), lr=st.floats(0, 10))
def test_gradient_descent_is_one_line(theta, lr):
    g = theta[::-1].copy()
    expected = theta - lr * g
    np.testing.assert_array_equal(GradientDescent(lr).step(theta, g), expected)
