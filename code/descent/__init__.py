"""Optimisers from gradient descent to Adam, written to be read: the code of the book "How Adam Works"."""

from descent import figures, schedules
from descent.descend import Path, descend
from descent.digits import Network, SoftmaxRegression
from descent.explore import Explore, explore
from descent.explore.shapes import explore_schedules
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
