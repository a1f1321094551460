"""One figure of each kind: what the tests of the front end draw, in one engine or in three."""

import numpy as np

from descent import (
    Adam,
    AdamW,
    AMSGrad,
    Curve,
    Curves,
    GradientDescent,
    Lessard,
    LineFit,
    Momentum,
    NoisyRavine,
    NoisyWeights,
    Parabola,
    Plane,
    RAdam,
    RareFeature,
    Ravine,
    Reddi,
    Rosenbrock,
    Signal,
    explore,
    schedules,
)


def rate(lr, beta):
    """Return the larger root's size of r² − (1 + beta − lr) r + beta: momentum on x²/2 (Goh 2017)."""
    middle = (1 + beta - lr) / 2
    square = middle * middle - beta
    return np.where(square < 0, np.sqrt(beta), np.abs(middle) + np.sqrt(np.maximum(square, 0)))


def critical(lr, beta):
    return (1 + beta - lr) ** 2 - 4 * beta


def ratio(t, beta1, beta2):
    return (1 - beta1**t) / np.sqrt(1 - beta2**t)


def decays(rule):
    return [rule(lr=0.01, l2=0.1), rule(lr=0.01, weight_decay=0.1)]


NO_CORRECTION = {"lr": 0.05, "beta1": 0.0, "beta2": 1 / 17, "bias_correction": "none"}

FIGURES = {
    "bowl": lambda: explore(
        Ravine(condition=20),
        GradientDescent(lr=0.09),
        parameters={"condition": (1, 100)},
        sliders={"lr": (0.005, 2)},
        views=["map", "error"],
    ),
    "race": lambda: explore(Ravine(), [GradientDescent(0.09), Momentum(0.05, 0.6), Adam(0.5), RAdam(0.5)], steps=60),
    "valley": lambda: explore(Rosenbrock(), [Momentum(5e-4), Adam(0.05)], steps=100),
    "animation": lambda: explore(LineFit(), [GradientDescent(0.1), AdamW(0.1, weight_decay=0.1), Momentum(0.1)]),
    "phase": lambda: explore(
        Parabola(),
        Momentum(lr=0.5, beta=0.6),
        steps=40,
        views=[Plane(rate, lr=(0, 4), beta=(0, 1), lines={"critical β": critical}, label="rate"), "position"],
    ),
    "decay": lambda: explore(
        NoisyWeights(),
        [*decays(GradientDescent), *decays(Adam)],
        shared=["lr", ("l2", "weight_decay")],
        steps=300,
        sliders={"lr": (1e-3, 0.1), "l2": (0, 1)},
        views=["position"],
    ),
    "bias": lambda: explore(
        Signal(),
        [Adam(lr=1, bias_correction=kind) for kind in ("both", "m", "v", "none")],
        shared=["beta1", "beta2"],
        parameters={"sigma": (0, 3), "every": (1, 20)},
        views=["m_hat", "v_hat", "step", Curve(ratio, label="uncorrected over corrected")],
    ),
    "reddi": lambda: explore(
        Reddi(C=4),
        [Adam(**NO_CORRECTION), AMSGrad(**NO_CORRECTION)],
        parameters={"C": (2.1, 10)},
        shared=["beta2"],
        start=[0],
        steps=150,
        views=["position", "v"],
    ),
    "cycle": lambda: explore(
        Lessard(), [Momentum(1 / 9, 4 / 9), GradientDescent(1 / 13)], steps=60, views=["graph", "position"]
    ),
    "underflow": lambda: explore(
        Parabola(),
        Adam(lr=0.1),
        start=[1],
        steps=2000,
        sliders={"eps": (1e-12, 0.1)},
        views=[Curves("error", floor=1e-160)],
    ),
    "noise": lambda: explore(NoisyRavine(), [GradientDescent(0.05), Adam(0.3)], parameters={"sigma": (0, 5)}),
    "rare": lambda: explore(
        RareFeature(), [Adam(0.3), Momentum(0.05)], parameters={"every": (1, 40)}, views=["map", "error"]
    ),
    "schedule": lambda: explore(Ravine(), Adam(lr=schedules.warmup(10, schedules.step_decay(0.5, 0.5, 20)))),
}


def difference(drawn, expected):
    """The largest difference, as a share of the largest value; nan only where nan is expected."""
    drawn = np.array([np.nan if value is None else value for value in np.ravel(drawn)], dtype=float)
    expected = np.ravel(expected)
    assert (np.isnan(drawn) == np.isnan(expected)).all()
    finite = np.isfinite(expected)
    return np.max(np.abs(drawn[finite] - expected[finite])) / max(np.max(np.abs(expected[finite])), 1e-300)
