"""What each rule's paper says of one number: a line for each rule, and all tests of the rules take it from here.

The steps are written with sums in place of the recursions, so that they share no line with `descent.rules`.
"""

import math
from dataclasses import dataclass

from descent import (
    AdaGrad,
    Adam,
    AdaMax,
    AdamW,
    AMSGrad,
    GradientDescent,
    Lion,
    Momentum,
    Nesterov,
    RAdam,
    RMSProp,
    Signum,
)


@dataclass
class Paper:
    """The step, a function of the gradients g_1 … g_t so far and of the hyperparameters; defaults; more settings."""

    step: object
    defaults: dict
    settings: tuple = ()


def average(beta, numbers):
    """Return (1 - beta) * sum of beta**(t - i) * number_i, the average that the papers define by recursion."""
    t = len(numbers)
    return (1 - beta) * math.fsum(beta ** (t - i) * number for i, number in enumerate(numbers, start=1))


def accumulate(beta, g):
    return math.fsum(beta ** (len(g) - i) * number for i, number in enumerate(g, start=1))


def squares(g):
    return [number**2 for number in g]


def sign(number):
    return math.copysign(number != 0, number)


def adam(g, lr, beta1, beta2, eps, bias_correction="both"):
    m, v = average(beta1, g), average(beta2, squares(g))
    m = m / (1 - beta1 ** len(g)) if bias_correction in ("both", "m") else m
    v = v / (1 - beta2 ** len(g)) if bias_correction in ("both", "v") else v
    return lr * m / (math.sqrt(v) + eps)


def amsgrad(g, lr, beta1, beta2, eps, bias_correction="both"):
    m, v = average(beta1, g), max(average(beta2, squares(g[:t])) for t in range(1, len(g) + 1))
    m = m / (1 - beta1 ** len(g)) if bias_correction in ("both", "m") else m
    v = v / (1 - beta2 ** len(g)) if bias_correction in ("both", "v") else v
    return lr * m / (math.sqrt(v) + eps)


def adamax(g, lr, beta1, beta2, eps):
    u = max(beta2 ** (len(g) - i) * (abs(number) + eps) for i, number in enumerate(g, start=1))
    return lr / (1 - beta1 ** len(g)) * average(beta1, g) / u


def radam(g, lr, beta1, beta2, eps, threshold):
    t, long = len(g), 2 / (1 - beta2) - 1
    length = long - 2 * t * beta2**t / (1 - beta2**t)
    m = average(beta1, g) / (1 - beta1**t)
    if length <= threshold:
        return lr * m
    r = math.sqrt((length - 4) / (long - 4) * (length - 2) / (long - 2) * long / length)
    return lr * r * m / (math.sqrt(average(beta2, squares(g)) / (1 - beta2**t)) + eps)


def lion(g, lr, beta1, beta2):
    return lr * sign(beta1 * average(beta2, g[:-1]) + (1 - beta1) * g[-1])


OF_ADAM = {"lr": 1e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
WORDS = [{"bias_correction": word} for word in ("m", "v", "none")]
OTHER = {"beta1": 0.5, "beta2": 0.9, "eps": 0.1}

PAPERS = {
    GradientDescent: Paper(lambda g, lr: lr * g[-1], {"lr": 1e-3}),
    Momentum: Paper(lambda g, lr, beta: lr * accumulate(beta, g), {"lr": 1e-3, "beta": 0.9}, [{"beta": 0.5}]),
    Nesterov: Paper(
        lambda g, lr, beta: lr * (g[-1] + beta * accumulate(beta, g)), {"lr": 1e-3, "beta": 0.9}, [{"beta": 0.5}]
    ),
    AdaGrad: Paper(
        lambda g, lr, eps: lr * g[-1] / (math.sqrt(math.fsum(squares(g))) + eps),
        {"lr": 1e-2, "eps": 1e-10},
        [{"eps": 0.1}],
    ),
    RMSProp: Paper(
        lambda g, lr, beta2, eps: lr * g[-1] / (math.sqrt(average(beta2, squares(g))) + eps),
        {"lr": 1e-3, "beta2": 0.9, "eps": 1e-8},
        [{"beta2": 0.99, "eps": 0.1}],
    ),
    Adam: Paper(adam, OF_ADAM | {"bias_correction": "both"}, [OTHER, {"beta1": 0.0, "beta2": 0.0}, *WORDS]),
    AdamW: Paper(
        adam,
        OF_ADAM | {"bias_correction": "both", "weight_decay": 1e-2},
        [{"weight_decay": 0.5}, {"weight_decay": 0.0}],
    ),
    AMSGrad: Paper(
        amsgrad, OF_ADAM | {"bias_correction": "both"}, [{"beta2": 0.5}, *(word | {"beta2": 0.5} for word in WORDS)]
    ),
    AdaMax: Paper(adamax, {"lr": 2e-3, "beta1": 0.9, "beta2": 0.999, "eps": 1e-8}, [OTHER]),
    RAdam: Paper(
        radam,
        OF_ADAM | {"threshold": 4.0},
        [{"beta2": 0.9, "eps": 0.1}, {"threshold": 5.0}, {"beta2": 0.6}, {"beta2": 0.5}],
    ),
    Signum: Paper(lambda g, lr, beta: lr * sign(average(beta, g)), {"lr": 1e-4, "beta": 0.9}, [{"beta": 0.5}]),
    Lion: Paper(lion, {"lr": 1e-4, "beta1": 0.9, "beta2": 0.99}, [{"beta1": 0.5, "beta2": 0.8}]),
}
