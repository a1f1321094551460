"""What the tests of the rules share: the rules, gradients, and the run of a rule's own text to compare with."""

from functools import partial

import numpy as np
from support.papers import PAPERS

RULES = tuple(PAPERS)
WITH_EPS = tuple(rule for rule in RULES if "eps" in rule.defaults)


def _adam(word, theta, g, m, v, t, *, lr, beta1, beta2, eps):
    """Adam with a part of its correction left out, in words of our own."""
    m[...] = beta1 * m + (1 - beta1) * g
    v[...] = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t) if word == "m" else m
    v_hat = v / (1 - beta2**t) if word == "v" else v
    theta -= lr * m_hat / (np.sqrt(v_hat) + eps)


def _amsgrad(word, theta, g, m, v, v_max, t, *, lr, beta1, beta2, eps):
    m[...] = beta1 * m + (1 - beta1) * g
    v[...] = beta2 * v + (1 - beta2) * g**2
    v_max[...] = np.maximum(v_max, v)
    m_hat = m / (1 - beta1**t) if word == "m" else m
    v_hat = v_max / (1 - beta2**t) if word == "v" else v_max
    theta -= lr * m_hat / (np.sqrt(v_hat) + eps)


UNCORRECTED = {2: _adam, 3: _amsgrad}  # by the number of remembered arrays


def start_and_gradients(shape, steps, dtype=float, seed=0):
    """Return a start of this shape and an array (steps, *shape) of gradients; their scale changes as they go."""
    rng = np.random.default_rng(seed)
    scale = np.exp(rng.normal(size=(steps, *(1 for _ in shape))))
    return rng.normal(size=shape).astype(dtype), (scale * rng.normal(size=(steps, *shape))).astype(dtype)


def as_written(optimizer, theta, gradients, before=0):
    """Run the text of the rule itself, with l2 and weight decay in words of our own; return theta and the state.

    before: the number of steps that were taken before these, with gradients of 0.
    """
    theta, state = theta.copy(), [np.zeros_like(theta) for _ in optimizer.state_names]
    with np.errstate(all="ignore"):
        for t, g in enumerate(gradients, start=before + 1):
            values = optimizer.values_at(t)
            l2, decay = values.pop("l2"), values.pop("weight_decay")
            g = g + l2 * theta if np.any(l2 != 0) else g.copy()
            theta *= 1 - values["lr"] * decay if np.any(decay != 0) else 1
            word = values.pop("bias_correction", "both")
            update = optimizer.update if word == "both" else partial(UNCORRECTED[len(state)], word)
            update(theta, g, *state, *([t] if optimizer.counts_steps else []), **values)
    return theta, dict(zip(optimizer.state_names, state))


def run(optimizer, theta, gradients):
    """Run `optimizer.step` through the gradients on a copy of theta; return theta and the state."""
    theta = theta.copy()
    for g in gradients:
        optimizer.step(theta, g)
    return theta, {name: array for name, array in optimizer.state_dict().items() if name != "t"}


def assert_same_bits(one, other):
    """Compare what `run` or `as_written` returned: the same numbers, the same dtype, bit for bit."""
    (theta, state), (other_theta, other_state) = one, other
    assert state.keys() == other_state.keys()
    for a, b in [(theta, other_theta), *((state[name], other_state[name]) for name in state)]:
        assert a.dtype == b.dtype and a.shape == b.shape
        np.testing.assert_array_equal(a, b)
