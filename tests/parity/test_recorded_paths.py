"""Our rules against torch.optim and Optax, whose paths `record.py` has recorded (neither library is needed here).

Each case is one test: 500 steps from fixed gradients over three shapes, compared at six checkpoints. A difference
is measured relative to max(1, |theta|): absolute for the parameters of ordinary size, relative for the large ones.
"""

import inspect
import json
import pathlib

import numpy as np
import pytest
from support.fixed_gradients import SEED, SHAPES, STEPS, fingerprint, starts_and_gradients
from support.variants import VARIANTS

import descent
from descent import schedules

# Rounding alone: the worst case in float64 is 2e-14, and in float32 6e-7. Decoupled decay is the exception there: we
# multiply by 1 - lr * weight_decay (as PyTorch does), which float32 rounds by up to 3e-8, the same way at each of the
# 500 steps; Optax subtracts lr * weight_decay * theta, so the paths part by up to 1.5e-5.
BOUNDS = {"float64": 1e-12, "float32": 1e-6}
BOUND_OF_OPTAX_DECAY = 1.5e-5

RECORDINGS = {
    library: json.loads(pathlib.Path(__file__).with_name(f"{library}.json").read_text())
    for library in ("torch", "optax")
}

# What no library can vouch for: Adam without one of its corrections (AMSGrad's "m" and "none" are Optax's), and a
# learning rate that falls as 1/sqrt(t). tests/claims/test_kingma_ba_2015.py checks both. The paper's threshold 4
# of RAdam, where both libraries use 5, is in tests/claims/test_liu_2020.py.
RULES_NOT_RECORDED = {("Adam", "bias_correction"), ("AdamW", "bias_correction")}
SCHEDULES_NOT_RECORDED = {"inverse_sqrt"}


NAMES = vars(descent) | vars(schedules) | VARIANTS


def ours(expression):
    return eval(expression, dict(NAMES))


def worst_difference(case, checkpoints, dtype):
    """Return the largest difference between our path and the recorded one, relative to max(1, |theta|)."""
    worst = 0.0
    for (start, gradients), recorded in zip(starts_and_gradients(), case[dtype]):
        optimizer = ours(case["ours"])
        theta, gradients = start.astype(dtype), gradients.astype(dtype)
        for t in range(1, STEPS + 1):
            optimizer.step(theta, gradients[t - 1])
            if t in checkpoints:
                expected = np.array(recorded[checkpoints.index(t)], dtype=dtype).reshape(start.shape)
                difference = np.abs(theta.astype(float) - expected) / np.maximum(1.0, np.abs(expected))
                worst = max(worst, float(difference.max()))
    return worst


@pytest.mark.parametrize("dtype", BOUNDS)
@pytest.mark.parametrize(
    "library, case",
    [
        pytest.param(library, case, id=f"{library}: {case['theirs']} {case.get('scheduler', '')}")
        for library, recording in RECORDINGS.items()
        for case in recording["paths"]
    ],
)
def test_path(library, case, dtype):
    decays = library == "optax" and ours(case["ours"]).weight_decay != 0
    bound = BOUND_OF_OPTAX_DECAY if decays and dtype == "float32" else BOUNDS[dtype]
    assert worst_difference(case, RECORDINGS[library]["checkpoints"], dtype) <= bound


@pytest.mark.parametrize(
    "library, case",
    [
        pytest.param(library, case, id=f"{library}: {case['theirs']}")
        for library, recording in RECORDINGS.items()
        for case in recording["schedules"]
    ],
)
def test_schedule(library, case):
    schedule = ours(case["ours"])
    rates = [float(schedule(t)) for t in RECORDINGS[library]["schedule_steps"]]
    np.testing.assert_allclose(rates, case["rates"], rtol=1e-12, atol=1e-17)


@pytest.mark.parametrize("library", RECORDINGS)
def test_gradients_are_those_of_the_recording(library):
    expected = {"seed": SEED, "steps": STEPS, "shapes": [list(shape) for shape in SHAPES], "sha256": fingerprint()}
    assert RECORDINGS[library]["gradients"] == expected


def test_what_is_recorded_is_a_rule_or_a_variant():
    for recording in RECORDINGS.values():
        assert {case["ours"].split("(")[0] for case in recording["paths"]} <= {*descent.rules.__all__, *VARIANTS}


def test_every_schedule_is_recorded():
    recorded = " ".join(case["ours"] for recording in RECORDINGS.values() for case in recording["schedules"])
    names = {name for name, thing in vars(schedules).items() if inspect.isfunction(thing) and name[0] != "_"}
    assert {name for name in names if f"{name}(" not in recorded} == SCHEDULES_NOT_RECORDED


def test_every_hyperparameter_is_recorded():
    """Each rule runs with its own defaults in some case, and with another value of each hyperparameter in another."""
    default, varied = set(), set()
    for recording in RECORDINGS.values():
        for case in recording["paths"]:
            optimizer = ours(case["ours"])
            for name, value in optimizer.hyperparameters.items():
                changed = callable(value) or value != optimizer.defaults[name]
                (varied if changed else default).add((type(optimizer).__name__, name))
    rules = {getattr(descent, rule) for rule, _ in default if rule not in VARIANTS}
    expected = {(rule.__name__, name) for rule in rules for name in rule.defaults}
    assert expected - varied == RULES_NOT_RECORDED
    assert expected - default == {("RAdam", "threshold")}
