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


def test_chapter_bias_correction_thermometer():
    """20 degrees, read as 2 and as 3.8."""
    first = 0.9 * 0 + 0.1 * 20
    assert (first, 0.9 * first + 0.1 * 20) == (pytest.approx(2), pytest.approx(3.8))


def test_chapter_bias_correction_opening():
    """Three times too long at first, more than six times at the twelfth, a quarter too fast after a thousand."""
    assert factor(1) == pytest.approx(3.16, abs=0.005)
    assert factor(12) > 6
    assert factor(1000) == pytest.approx(1.25, abs=0.01)


def test_chapter_bias_correction_drift():
    """1.42 for 1 is too large by two fifths, and .840 of a step too short by a sixth."""
    assert 1.4175 - 1 == pytest.approx(2 / 5, abs=0.02)
    assert 0.840 == pytest.approx(1 - 1 / 6, abs=0.01)


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


def test_chapter_bias_correction_beta2_099():
    """At beta2 = .99 the first uncorrected step is right, the peak 2.13 at step 13.

    At beta2 = beta1 all are too short.
    """
    t = np.arange(1, 1001)
    f = factor(t, beta2=0.99)
    assert f[0] == pytest.approx(1)
    assert (t[f.argmax()], f.max()) == (13, pytest.approx(2.13, abs=0.005))
    np.testing.assert_allclose(factor(t, beta2=0.9), np.sqrt(1 - 0.9**t))


def test_chapter_bias_correction_peak_and_memory():
    """The place of the peak depends on beta1 alone only while v's memory is by far the longer."""
    t = np.arange(1, 1001)
    assert [t[factor(t, beta2=beta2).argmax()] for beta2 in (0.9999, 0.999, 0.95)] == [12, 12, 20]


def test_chapter_bias_correction_when_m_is_complete():
    """After ten steps m lacks a third; it is complete to one per cent after 44."""
    assert 0.9**10 == pytest.approx(1 / 3, abs=0.02)
    assert 0.9**44 < 0.01 < 0.9**43


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


def test_chapter_bias_correction_spread():
    """The spread of v_hat at first is 1.4 times its mean, sqrt(2); m_hat's in the end sqrt(1/19), about a quarter."""
    assert math.sqrt(2) == pytest.approx(1.4, abs=0.02)
    assert math.sqrt(1 / 19) == pytest.approx(0.23, abs=0.005)
    assert ((1 + 0.9) / (1 - 0.9), (1 + 0.999) / (1 - 0.999)) == (pytest.approx(19), pytest.approx(1999))


def test_chapter_bias_correction_falling_gradients():
    """q = .9995 ends at q (1 - beta2) / (q - beta2), twice the truth: steps shorter by sqrt(2)."""
    q = 0.9995
    assert q * (1 - 0.999) / (q - 0.999) == pytest.approx(2, abs=0.01)


def test_chapter_bias_correction_rare_feature():
    """One gradient in fifty moves a coordinate by about sqrt(50), 7 lr."""
    assert math.sqrt(50) == pytest.approx(7, abs=0.1)


def test_chapter_bias_correction_memory():
    """N = 500**(2/3) is about 63 steps, beta2 about .984."""
    assert 1 - 1 / 500 ** (2 / 3) == pytest.approx(0.984, abs=5e-4)
