"""Optimisers from gradient descent to Adam, written to be read: the code of the book "How Adam Works"."""

from importlib import import_module

from descent import schedules
from descent.engine.tape import Untranslatable
from descent.figures.build import explore
from descent.figures.views import Curve, Curves, Plane
from descent.grid import Sweep, sweep
from descent.loop import Path, descend
from descent.optimizer import Optimizer
from descent.problems import (
    Beale,
    Himmelblau,
    Lessard,
    LineFit,
    Network,
    NoisyRavine,
    NoisyWeights,
    Parabola,
    Problem,
    RareFeature,
    Rastrigin,
    Ravine,
    Reddi,
    Rosenbrock,
    Saddle,
    Signal,
    SoftmaxRegression,
    Surface,
    Wilson,
)
from descent.rules import AdaGrad, Adam, AdaMax, AdamW, AMSGrad, GradientDescent, Momentum, Nesterov, RAdam, RMSProp
from descent.source import printed
from descent.tables import Table

__all__ = [
    "AMSGrad",
    "AdaGrad",
    "AdaMax",
    "Adam",
    "AdamW",
    "Beale",
    "Curve",
    "Curves",
    "Explore",
    "GradientDescent",
    "Himmelblau",
    "Lessard",
    "LineFit",
    "Momentum",
    "Nesterov",
    "Network",
    "NoisyRavine",
    "NoisyWeights",
    "Optimizer",
    "Parabola",
    "Path",
    "Plane",
    "Problem",
    "RAdam",
    "RMSProp",
    "RareFeature",
    "Rastrigin",
    "Ravine",
    "Reddi",
    "Rosenbrock",
    "Saddle",
    "Signal",
    "SoftmaxRegression",
    "Surface",
    "Sweep",
    "Table",
    "Untranslatable",
    "Wilson",
    "descend",
    "explore",
    "explore_schedules",
    "figures",
    "printed",
    "schedules",
    "sweep",
]

# Matplotlib and Jupyter's widgets take a second to load: these names come when they are first asked for.
_LATE = {"Explore": "descent.figures.widget", "explore_schedules": "descent.figures.schedule_figure"}


def __getattr__(name):
    if name not in _LATE:
        raise AttributeError(f"module 'descent' has no attribute {name!r}")
    return getattr(import_module(_LATE[name]), name)
