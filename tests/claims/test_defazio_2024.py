"""Defazio et al., "The Road Less Scheduled", 2024 (arXiv:2405.15682)."""

import numpy as np

from descent import Adam, ScheduleFree


def distances(rule, read, steps=(300, 4800)):
    """Return the root mean square distance from the minimum of x^2/2, under noise, after so many steps."""
    rng, x, found = np.random.default_rng(0), np.ones(2000), []
    for t in range(1, steps[-1] + 1):
        rule.step(x, x + rng.normal(size=x.shape))
        if t in steps:
            found.append(np.sqrt(np.mean(read(rule, x) ** 2)))
    return found


def test_defazio_2024_the_mean_of_the_iterates_comes_to_rest_at_a_constant_rate_and_adam_does_not():
    """Sixteen times the steps: a quarter of the distance for the mean, none of it gained by Adam."""
    free = distances(ScheduleFree(0.1), lambda rule, x: rule.state_dict()["x"])
    adam = distances(Adam(0.1), lambda rule, x: x)
    assert free[1] < 0.35 * free[0] and free[1] < 0.25 * adam[1]
    assert adam[1] > 0.9 * adam[0]
