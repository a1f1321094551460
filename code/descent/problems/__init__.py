"""Losses to descend: surfaces to look at, streams of gradients, counterexamples, regressions, digits.

Parameters come with their components first, so that `x, y = theta` reads one point (2,), many runs (2, runs) and a mesh
(2, rows, columns) alike. What uses only the operations that the page can replay (`descent.engine.operations`) is live
on the published page.
"""

from descent.problems.base import Problem, gradient_changes, record_problem, with_parameters
from descent.problems.counterexamples import Lessard, Reddi, Wilson
from descent.problems.digits import Network, SoftmaxRegression
from descent.problems.rare_words import FiveWords, RareWords
from descent.problems.regressions import LineFit
from descent.problems.squared_digits import SquaredNetwork
from descent.problems.streams import NoisyRavine, NoisyWeights, RareFeature, Signal
from descent.problems.surfaces import Beale, Himmelblau, Parabola, Rastrigin, Ravine, Rosenbrock, Saddle, Surface

__all__ = [
    "Beale",
    "FiveWords",
    "Himmelblau",
    "Lessard",
    "LineFit",
    "Network",
    "NoisyRavine",
    "NoisyWeights",
    "Parabola",
    "Problem",
    "RareFeature",
    "RareWords",
    "Rastrigin",
    "Ravine",
    "Reddi",
    "Rosenbrock",
    "Saddle",
    "Signal",
    "SoftmaxRegression",
    "SquaredNetwork",
    "Surface",
    "Wilson",
    "gradient_changes",
    "record_problem",
    "with_parameters",
]
