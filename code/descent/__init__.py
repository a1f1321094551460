"""Optimisers from gradient descent to Adam, written to be read: the code of the book "How Adam Works"."""

from importlib import import_module

from descent import schedules
from descent.descend import Path, descend
from descent.digits import Network, SoftmaxRegression
from descent.explore import explore
from descent.optimizers import (
    Adam, AdaGrad, AdaMax, AdamW, AMSGrad, GradientDescent, Momentum, Nesterov, Optimizer, RAdam, RMSProp,
)  # fmt: skip
from descent.printed import printed
from descent.problems import (
    Beale, Himmelblau, Lessard, LineFit, NoisyRavine, NoisyWeights, Parabola, Problem, RareFeature, Rastrigin,
    Ravine, Reddi, Rosenbrock, Saddle, Signal, Wilson,
)  # fmt: skip
from descent.sweep import Sweep, sweep
from descent.tape import Untranslatable

__all__ = [
    "AMSGrad", "AdaGrad", "AdaMax", "Adam", "AdamW", "Beale", "Explore", "GradientDescent", "Himmelblau", "Lessard",
    "LineFit", "Momentum", "Nesterov", "Network", "NoisyRavine", "NoisyWeights", "Optimizer", "Parabola", "Path",
    "Problem", "RAdam", "RMSProp", "RareFeature", "Rastrigin", "Ravine", "Reddi", "Rosenbrock", "Saddle", "Signal",
    "SoftmaxRegression", "Sweep",
    "Untranslatable", "Wilson", "descend", "explore", "explore_schedules", "figures", "printed", "schedules", "sweep",
]  # fmt: skip

# Matplotlib and Jupyter's widgets take a second to load: these names come when they are first asked for.
_LATE = {"Explore": "descent.explore.widget", "explore_schedules": "descent.explore.shapes", "figures": "descent.figures"}


def __getattr__(name):
    if name not in _LATE:
        raise AttributeError(f"module 'descent' has no attribute {name!r}")
    module = import_module(_LATE[name])
    return module if name == "figures" else getattr(module, name)
