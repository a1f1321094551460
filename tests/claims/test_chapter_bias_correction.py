"""Numbers in the prose of the chapter "Bias correction, derived" that no cell of it prints."""

import math

import numpy as np
import pytest

from descent import Adam, Ravine, Signal, descend


def factor(t, beta1=0.9, beta2=0.999):
    return (1 - beta1**t) / np.sqrt(1 - beta2**t)


def steps_of(form, steps=20, **stream):
    path = descend(Adam(lr=1, bias_correction=form), Signal(**stream), steps=steps)
    return -np.diff(path.positions[:, 0])


@pytest.mark.parametrize(
    "form, first, twelfth, sparse",
    [("both", 1, 1, 0.48), ("none", 3.16, 6.57, 3.16), ("m", 31.6, 9.15, 4.86), ("v", 0.1, 0.72, 0.32)],
)
def test_chapter_bias_correction_what_the_live_figure_shows(form, first, twelfth, sparse):
    steps = steps_of(form)
    assert steps[0] == pytest.approx(first, rel=0.005)
    assert steps[11] == pytest.approx(twelfth, rel=0.005)
    steps = steps_of(form, every=10)
    assert not steps[:9].any()  # nothing has been heard, nothing moves
    assert steps[9] == pytest.approx(sparse, rel=0.02)


def test_chapter_bias_correction_nine_steps():
    """What "only v" loses on a constant stream: the sum of beta1**t is .9/.1 = 9 steps."""
    assert 0.9 / 0.1 == pytest.approx(9)
    assert 4000 - steps_of("v", steps=4000).sum() == pytest.approx(9, abs=0.05)


def test_chapter_bias_correction_ravine():
    """Both at lr .2 ends at .0001, like none at .1; with beta2 = .9999 none runs to x = 4.3, with .999 to 1.8."""
    ravine = Ravine(condition=20)
    assert descend(Adam(0.2), ravine, steps=120).losses[-1] == pytest.approx(0.0001, abs=5e-5)
    far = [
        descend(Adam(0.1, beta2=b, bias_correction="none"), ravine, steps=120).positions[:, 0].max()
        for b in (0.999, 0.9999)
    ]
    assert far == [pytest.approx(1.8, abs=0.05), pytest.approx(4.3, abs=0.05)]
    assert math.sqrt((1 - 0.999) / (1 - 0.9999)) == pytest.approx(math.sqrt(10))
