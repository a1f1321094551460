"""bfloat16, bit for bit, in NumPy, which has no such type: float32 cut down to its first sixteen bits.

A bfloat16 has the sign and the eight exponent bits of a float32, and the first seven bits of its fraction: the range of
float32, two to three decimal digits. The numbers stay in float32 arrays here; the functions round them to those that
a bfloat16 can hold.
"""

import numpy as np


def _bits(x):
    masked, x = isinstance(x, np.ma.MaskedArray), np.asarray(x)
    if masked or x.dtype.kind not in "fiu":
        raise TypeError(
            f"expected real numbers to round to sixteen bits, not {'a masked array' if masked else x.dtype}."
        )
    with np.errstate(over="ignore"):  # what is too large for float32 is infinite in bfloat16 too
        return x.astype(np.float32).reshape(x.shape).view(np.uint32)


def _keep_upper_half(bits, added):
    """Return as float32 the numbers whose bits are these, after `added` was carried into the upper sixteen."""
    special = (bits & 0x7F800000) == 0x7F800000  # infinities and nan: nothing may be carried into them
    rounded = np.where(special, bits, bits + added) & np.uint32(0xFFFF0000)
    lost = special & ((bits & 0x007FFFFF) != 0) & ((rounded & 0x007FFFFF) == 0)  # a nan that would become infinite
    return np.where(lost, rounded | np.uint32(0x00400000), rounded).view(np.float32)


def to_bfloat16(x):
    """Return x rounded to the nearest bfloat16, ties to the one whose last bit is 0 (IEEE 754); float32 of x's shape.

    x : real numbers, an array or a number. Raises TypeError for anything else.
    """
    bits = _bits(x)
    return _keep_upper_half(bits, np.uint32(0x7FFF) + ((bits >> 16) & 1))


def to_bfloat16_at_random(x, rng):
    """Return x rounded up or down to a bfloat16, each with the probability that makes the mean exactly x.

    x : real numbers, an array or a number. rng : a `numpy.random.Generator`. Raises TypeError for x of another kind.
    """
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"to_bfloat16_at_random(rng={rng!r}): expected a generator, such as np.random.default_rng(0).")
    bits = _bits(x)
    return _keep_upper_half(bits, rng.integers(0, 1 << 16, size=bits.shape, dtype=np.uint32))
