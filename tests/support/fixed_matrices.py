"""Matrices and gradients for the rules that look at a matrix whole: the same bits everywhere, as fixed_gradients."""

import numpy as np
from support.fixed_gradients import _uniform as uniform

SEED, STEPS, SHAPES = 20241208, 30, ((6, 4), (4, 6), (5, 5))


def starts_and_gradients():
    """Return, for each shape, where to start and the gradients (STEPS, *shape), all float64."""
    stream = np.random.PCG64(SEED)
    given = []
    for rows, columns in SHAPES:
        numbers = uniform(stream.random_raw((STEPS + 1) * rows * columns)).reshape(STEPS + 1, rows, columns)
        given.append((numbers[0], numbers[1:] + 0.25))
    return given
