"""Whole tasks, ours beside theirs: 1,000 steps on Rosenbrock's valley, an epoch of the digits network, a sweep.

Each function returns a dict from a name to what is timed; all of it is repeatable and has been checked to agree.
"""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import tasks_optax
import torch

from descent import Adam, Momentum, Network, Ravine, Rosenbrock, descend
from descent import sweep as sweep_of

OURS = """from descent import Adam, Rosenbrock, descend
print(descend(Adam(0.01), Rosenbrock(), [-1.5, 2], steps=1000).positions[-1])"""
PARTS = 200  # steps
COLD = {"ours": ["-c", OURS], "optax": ["tasks_optax.py"]}  # arguments of Python


def same(ours, theirs, tolerance):
    np.testing.assert_allclose(np.asarray(ours), np.asarray(theirs), rtol=tolerance, atol=tolerance)


def one_path():
    path, start = jax.jit(tasks_optax.path), jnp.array([-1.5, 2.0])

    def ours():
        return descend(Adam(tasks_optax.LR), Rosenbrock(), [-1.5, 2.0], steps=tasks_optax.STEPS).positions

    same(ours()[1:], path(start), 1e-6)
    return {"ours": ours, "optax": lambda: path(start).block_until_ready()}


def many_paths(runs=10_000):
    start = np.random.default_rng(0).uniform(-2, 2, (2, runs))
    end, jax_start = jax.jit(tasks_optax.end), jnp.asarray(start)

    def ours():
        steps = tasks_optax.STEPS
        return descend(Adam(tasks_optax.LR), Rosenbrock(), start, steps=steps, record=steps).positions[-1]

    assert np.median(np.abs(ours() - np.asarray(end(jax_start)))) < 1e-12  # Rosenbrock's valley enlarges rounding
    return {"ours": ours, "optax": lambda: end(jax_start).block_until_ready()}


def parts_of_many_paths(runs=10_000):
    """One step of these paths in parts: what our loop cannot take less than, and Optax's whole step."""
    theta = np.random.default_rng(0).uniform(-2, 2, (2, runs))
    problem, adam = Rosenbrock(), Adam(tasks_optax.LR)
    gradient, steps = problem.gradient(theta), PARTS
    end, jax_start, moved = jax.jit(tasks_optax.end), jnp.asarray(theta), theta.copy()

    def often(function):
        return lambda: [function() for _ in range(steps)]

    return {
        "the step of Adam": often(lambda: adam.step(moved, gradient)),
        "the gradient": often(lambda: problem.gradient(theta)),
        "all of `descend`": lambda: descend(Adam(tasks_optax.LR), problem, theta, steps=steps, record=steps),
        "optax": lambda: end(jax_start).block_until_ready(),  # of STEPS steps
    }


def epoch(batch):
    """One pass over the 1,437 images with Adam, from the same weights, in float32; nothing is recorded."""
    problem = Network(dtype=np.float32)
    batch = batch or problem.size
    images, digits = torch.from_numpy(problem.images), torch.from_numpy(problem.digits.astype(np.int64))
    layers = {name: torch.from_numpy(np.array(part)) for name, part in problem.layers(problem.start).items()}

    def theirs():
        first, second = torch.nn.Linear(64, 32), torch.nn.Linear(32, 10)
        with torch.no_grad():
            for linear, k in ((first, 1), (second, 2)):
                linear.weight.copy_(layers[f"W{k}"].T)
                linear.bias.copy_(layers[f"b{k}"])
        network = torch.nn.Sequential(first, torch.nn.Tanh(), second)
        optimizer = torch.optim.Adam(network.parameters(), lr=1e-3)
        order = torch.from_numpy(np.random.default_rng([0, 0]).permutation(problem.size))
        for chosen in order.split(batch):
            optimizer.zero_grad()
            torch.nn.functional.cross_entropy(network(images[chosen]), digits[chosen]).backward()
            optimizer.step()
        return first.weight.detach().numpy().T

    def ours():
        theta, adam = problem.start.copy(), Adam(1e-3)
        order = np.random.default_rng([0, 0]).permutation(problem.size)
        for begin in range(0, problem.size, batch):
            adam.step(theta, problem.gradient(theta, order[begin : begin + batch]))
        return theta

    same(problem.layers(ours())["W1"], theirs(), 1e-4)
    return {"ours": ours, "torch": theirs}


def sweep(side=40, steps=100):
    problem = Ravine()
    grid = {"lr": np.geomspace(1e-3, 0.1, side), "beta": np.linspace(0, 0.99, side)}

    def cells():
        settings = itertools.product(*(values.tolist() for values in grid.values()))
        return [descend(Momentum(lr, beta), problem, steps=steps, record=steps).losses[-1] for lr, beta in settings]

    def at_once():
        return sweep_of(Momentum(), problem, grid, steps=steps).losses

    same(at_once().ravel(), cells(), 1e-12)
    return {"at once": at_once, "cells": cells}
