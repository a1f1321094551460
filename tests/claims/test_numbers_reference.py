"""Numbers in the reference that none of its cells prints; numbers.toml says where each stands."""

import pytest
from claims.test_numbers_adam import BETA2, EPS, LR
from parity.test_recorded_paths import BOUNDS, RECORDINGS
from support.fixed_gradients import STEPS

from descent import AdaGrad


def test_reference_paths_of_the_libraries():
    """Our paths are compared with PyTorch's 2.13 and Optax's 0.2.8 over 500 steps, to a relative 1e-12 in float64."""
    assert STEPS == 500
    assert BOUNDS["float64"] == 1e-12
    assert RECORDINGS["torch"]["versions"]["torch"].startswith("2.13.")
    assert RECORDINGS["optax"]["versions"]["optax"] == "0.2.8"


def test_reference_advice_and_practice():
    """The second notes advise lr from 1e-3 to 1e-2, beta2 from 0.99 to 0.9999 and eps from 1e-8 to 1e-4; published are
    2e-5, 0.95, 1e-9 and 1.5e-4."""
    assert max(1e-3, LR["brown2020 small"]) < 1e-2 and LR["devlin2019"][0] < 1e-3
    assert min(BETA2.values()) == 0.95 < 0.99 < BETA2["kingma2015"] < 0.9999
    assert min(EPS.values()) == 1e-9 < 1e-8 and max(EPS.values()) == 1.5e-4 > 1e-4


def test_reference_eps_inside_the_root():
    """1e-8 inside the root acts like 1e-4 outside."""
    assert 1e-8**0.5 == 1e-4


def test_reference_defaults_of_adagrad():
    """Ours is PyTorch's: eps = 1e-10. (That the two paths agree with nothing but their defaults is tests/parity's.)"""
    assert AdaGrad().hyperparameters["eps"] == 1e-10
    assert any(case["ours"] == "AdaGrad()" for case in RECORDINGS["torch"]["paths"])


def test_chapter_reference_radam_counts_age_not_worth():
    """At beta2 = .999 and t = 1000 RAdam's rho is 836, 1 + twice the mean age; what v_hat is worth in gradients is
    924."""
    beta, t = 0.999, 1000
    rho = 2 / (1 - beta) - 1 - 2 * t * beta**t / (1 - beta**t)
    age = beta / (1 - beta) - t * beta**t / (1 - beta**t)
    worth = (1 + beta) / (1 - beta) * (1 - beta**t) / (1 + beta**t)
    assert rho == pytest.approx(1 + 2 * age) and (round(rho), round(worth)) == (836, 924)
