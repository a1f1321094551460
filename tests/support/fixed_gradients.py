"""The gradients that our rules and the libraries are both fed: the same bits on every machine.

They come straight from the raw stream of NumPy's PCG64, which is promised never to change, by exact arithmetic;
a hash of them stands in each recording.
"""

import hashlib

import numpy as np

SEED = 20150507
STEPS = 500
SHAPES = ((1,), (7,), (3, 4))
SCALES = (1.0, 1e-4, 30.0, 1e-2)  # of the coordinates in turn: eps matters at 1e-4, and not at 30


def _uniform(raw):
    """Return raw 64-bit integers as floats, uniform on [-1, 1)."""
    return (raw >> np.uint64(11)).astype(np.float64) * 2.0**-52 - 1.0


def starts_and_gradients():
    """Return, for each shape, where to start and the gradients (STEPS, *shape), all float64.

    Every fifth coordinate, counted from the fourth, is sparse: its gradient is zero but at each 17th step. For
    the last 20 of each 100 steps all gradients are ten times smaller, so that a maximum and an average part.
    """
    stream = np.random.PCG64(SEED)
    t = np.arange(STEPS)
    size = np.where(t % 100 >= 80, 0.1, 1.0)
    given = []
    for shape in SHAPES:
        n = int(np.prod(shape))
        start = _uniform(stream.random_raw(n))
        gradients = _uniform(stream.random_raw(STEPS * n)).reshape(STEPS, n) + 0.25
        gradients *= size[:, None] * np.array([SCALES[i % len(SCALES)] for i in range(n)])
        gradients[:, 3::5] *= (t % 17 == 0)[:, None]
        given.append((start.reshape(shape), gradients.reshape(STEPS, *shape)))
    return given


def fingerprint():
    """Return the SHA-256 of all starts and gradients."""
    digest = hashlib.sha256()
    for start, gradients in starts_and_gradients():
        digest.update(start.astype("<f8").tobytes() + gradients.astype("<f8").tobytes())
    return digest.hexdigest()
