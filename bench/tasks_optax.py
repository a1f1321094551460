"""1,000 Adam steps on Rosenbrock's valley with Optax, as its users write it; runs alone as a whole process, too."""

import jax

jax.config.update("jax_enable_x64", True)

import jax.numpy as jnp  # noqa: E402
import optax  # noqa: E402

STEPS, LR = 1000, 0.01


def loss(theta):
    x, y = theta
    return jnp.sum((1 - x) ** 2 + 100 * (y - x**2) ** 2)  # over the runs, which do not meet


def path(start):
    """Return all positions of a run from `start`, (2,) or (2, runs)."""
    rule = optax.adam(LR)

    def step(carry, _):
        theta, state = carry
        updates, state = rule.update(jax.grad(loss)(theta), state)
        theta = optax.apply_updates(theta, updates)
        return (theta, state), theta

    return jax.lax.scan(step, (start, rule.init(start)), length=STEPS)[1]


def end(start):
    """Return the last position alone."""
    rule = optax.adam(LR)

    def step(carry, _):
        theta, state = carry
        updates, state = rule.update(jax.grad(loss)(theta), state)
        return (optax.apply_updates(theta, updates), state), None

    return jax.lax.scan(step, (start, rule.init(start)), length=STEPS)[0][0]


if __name__ == "__main__":
    print(jax.jit(path)(jnp.array([-1.5, 2.0]))[-1])
