"""Optimisers from gradient descent to Adam, written to be read: the code of the book "How Adam Works"."""

from importlib import import_module

from descent import schedules
from descent.after_adam import ADOPT, SOAP, Adafactor, ByLayer, Muon, ScheduleFree, Shampoo, orthogonalized
from descent.curvature import hessian, hessian_product, sharpness
from descent.engine.tape import Untranslatable
from descent.figures.build import explore
from descent.figures.views import Curve, Curves, Plane
from descent.grid import Sweep, sweep
from descent.loop import Path, descend
from descent.optimizer import Optimizer
from descent.problems import (
    Beale,
    FiveWords,
    Himmelblau,
    Lessard,
    LineFit,
    Network,
    NoisyRavine,
    NoisyWeights,
    Parabola,
    Problem,
    RareFeature,
    RareWords,
    Rastrigin,
    Ravine,
    Reddi,
    Rosenbrock,
    Saddle,
    Signal,
    SoftmaxRegression,
    SquaredNetwork,
    Surface,
    Wilson,
)
from descent.rules import *  # each class there is a rule: a new one needs no line here
from descent.rules import __all__ as _RULES
from descent.sixteen_bits import to_bfloat16, to_bfloat16_at_random
from descent.source import printed
from descent.tables import Table

__all__ = [
    "ADOPT",
    "SOAP",
    "Adafactor",
    *_RULES,
    "Beale",
    "ByLayer",
    "Curve",
    "Curves",
    "Explore",
    "FiveWords",
    "Himmelblau",
    "Lessard",
    "LineFit",
    "Muon",
    "Network",
    "NoisyRavine",
    "NoisyWeights",
    "Optimizer",
    "Parabola",
    "Path",
    "Plane",
    "Problem",
    "RareFeature",
    "RareWords",
    "Rastrigin",
    "Ravine",
    "Reddi",
    "Rosenbrock",
    "Saddle",
    "ScheduleFree",
    "Shampoo",
    "Signal",
    "SoftmaxRegression",
    "SquaredNetwork",
    "Surface",
    "Sweep",
    "Table",
    "Untranslatable",
    "Wilson",
    "descend",
    "explore",
    "explore_schedules",
    "figures",
    "hessian",
    "hessian_product",
    "orthogonalized",
    "printed",
    "schedules",
    "sharpness",
    "sweep",
    "to_bfloat16",
    "to_bfloat16_at_random",
]

# Matplotlib and Jupyter's widgets take a second to load: these names come when they are first asked for.
_LATE = {"Explore": "descent.figures.widget", "explore_schedules": "descent.figures.schedule_figure"}


def __getattr__(name):
    if name not in _LATE:
        raise AttributeError(f"module 'descent' has no attribute {name!r}")
    return getattr(import_module(_LATE[name]), name)
