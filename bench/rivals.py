"""One Adam step on n numbers, by everyone: each function here returns a function that takes the step."""

import jax
import jax.numpy as jnp
import numba
import numpy as np
import optax
import torch

import descent
from descent.published_adam import AdamOptimizer


def start(n, dtype):
    """Return parameters and a gradient, the same for all."""
    rng = np.random.default_rng(0)
    return rng.standard_normal(n).astype(dtype), rng.standard_normal(n).astype(dtype)


def ours(n, dtype):
    theta, g = start(n, dtype)
    adam = descent.Adam()
    return lambda: adam.step(theta, g)


def text(n, dtype):
    """Our rule's own text, run as it stands on the whole arrays, without a check."""
    theta, g = start(n, dtype)
    adam, state, count = descent.Adam(), [np.zeros_like(theta), np.zeros_like(theta)], [0]
    values = adam.values_at(1)

    def step():
        count[0] += 1
        adam.apply(theta, g, state, count[0], values)

    return step


def text_in_blocks(n, dtype):
    """The same in blocks of 128 KiB."""
    theta, g = start(n, dtype)
    adam, state, count = descent.Adam(), [np.zeros_like(theta), np.zeros_like(theta)], [0]
    values, length = adam.values_at(1), 2**17 // theta.itemsize

    def step():
        count[0] += 1
        for begin in range(0, n, length):
            block = slice(begin, begin + length)
            adam.apply(theta[block], g[block], [array[block] for array in state], count[0], values)

    return step


def first_version(n, dtype):
    theta, g = start(n, dtype)
    adam = AdamOptimizer()
    return lambda: adam.update_params(theta, g)


def torch_with(**options):
    def make(n, dtype):
        theta, g = start(n, dtype)
        parameter = torch.nn.Parameter(torch.from_numpy(theta))
        parameter.grad = torch.from_numpy(g)
        return torch.optim.Adam([parameter], **options).step

    return make


def optax_jit(n, dtype):
    theta, g = start(n, dtype)
    rule = optax.adam(1e-3)

    def step(theta, state, g):
        updates, state = rule.update(g, state)
        return optax.apply_updates(theta, updates), state

    step = jax.jit(step, donate_argnums=(0, 1))  # in place, as the others
    g = jnp.asarray(g)
    now = [jnp.asarray(theta)]
    now.append(rule.init(now[0]))

    def take():
        now[:] = step(*now, g)
        now[0].block_until_ready()

    return take


@numba.njit
def _numba_step(theta, g, m, v, lr, beta1, rest1, beta2, rest2, correction1, correction2, eps):
    for i in range(theta.size):
        m[i] = beta1 * m[i] + rest1 * g[i]
        v[i] = beta2 * v[i] + rest2 * (g[i] * g[i])
        m_hat = m[i] / correction1
        v_hat = v[i] / correction2
        theta[i] -= lr * m_hat / (np.sqrt(v_hat) + eps)


def numba_loop(n, dtype):
    """The rule as a loop that Numba compiles, without checks."""
    theta, g = start(n, dtype)
    m, v, count = np.zeros_like(theta), np.zeros_like(theta), [0]

    def step():
        count[0] += 1
        corrections = 1 - 0.9 ** count[0], 1 - 0.999 ** count[0]
        numbers = (1e-3, 0.9, 1 - 0.9, 0.999, 1 - 0.999, *corrections, 1e-8)
        _numba_step(theta, g, m, v, *map(theta.dtype.type, numbers))

    return step


def memory(n, dtype):
    """Read four arrays and write three, as every Adam must (theta, g, m, v), and compute next to nothing."""
    theta, g = start(n, dtype)
    m, v = np.zeros_like(theta), np.zeros_like(theta)

    def step():
        np.add(theta, g, out=theta)
        np.negative(m, out=m)
        np.negative(v, out=v)

    return step


STEPS = {
    "ours": ours,
    "ours, the text alone": text,
    "ours, the text in blocks": text_in_blocks,
    "the first version": first_version,
    "torch": torch_with(),
    "torch, foreach": torch_with(foreach=True),
    "torch, fused": torch_with(fused=True),
    "optax, jit": optax_jit,
    "numba loop": numba_loop,
    "memory alone": memory,
}


def operations(n=10_000, dtype=float):
    """Return what a step of Adam is made of: {name: one such operation of NumPy on n numbers, into a buffer}."""
    x, y = np.abs(start(n, dtype)[0]) + 1, np.abs(start(n, dtype)[1]) + 1
    number, out = np.array(0.9, dtype), np.empty(n, dtype)
    return {
        "multiply by a number (5)": lambda: np.multiply(number, x, out),
        "add, subtract (3)": lambda: np.add(x, y, out),
        "add a number (1)": lambda: np.add(x, number, out),
        "square (1)": lambda: np.square(x, out),
        "divide (3)": lambda: np.divide(x, y, out),
        "square root (1)": lambda: np.sqrt(x, out),
        "sum of squares, to check the gradient (1)": lambda: x.dot(x),
    }
