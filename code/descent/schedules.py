"""Learning rates as functions of the step t = 1, 2, …, to be given as `lr=`, `l2=` or `weight_decay=`.

Each function here returns a schedule: a plain function from t to a number. They use only operations that the
page can replay, so a scheduled rule is live on the published page like any other.
"""

import numpy as np


def _checked(name, **values):
    """Return the values given; arrays as copies, since what changes in them later was not checked."""
    checked = []
    for parameter, (value, least) in values.items():
        value = float(value) if type(value).__module__ == "fractions" else value
        array = np.array(value)
        masked = isinstance(value, np.ma.MaskedArray)
        if masked or array.dtype.kind not in "iuf" or not (np.isfinite(array) & (array >= least)).all():
            raise ValueError(f"{name}({parameter}={value!r}): expected a finite number of at least {least}.")
        checked.append(array[()] if isinstance(value, np.ndarray) else array if array.ndim else value)
    return checked


def constant(lr):
    """Return the schedule lr_t = lr."""
    (lr,) = _checked("constant", lr=(lr, 0))

    def constant(t):
        return lr + 0 * t

    return constant


def step_decay(lr, factor=0.1, every=30):
    """Return the schedule that multiplies lr by `factor` after each `every` steps (He et al. 2016, §3.4)."""
    lr, factor, every = _checked("step_decay", lr=(lr, 0), factor=(factor, 0), every=(every, 1))

    def step_decay(t):
        return lr * factor ** np.floor((t - 1) / every)

    return step_decay


def exponential(lr, factor=0.99):
    """Return the schedule lr_t = lr * factor**(t - 1)."""
    lr, factor = _checked("exponential", lr=(lr, 0), factor=(factor, 0))

    def exponential(t):
        return lr * factor ** (t - 1)

    return exponential


def cosine(lr, steps, least=0.0, restart=False):
    """Return the schedule that falls from lr to `least` along half a cosine in `steps` steps.

    With restart=True it then begins again at lr, every `steps` steps (Loshchilov & Hutter 2017, eq. 5 with a
    constant period); otherwise it stays at `least`.
    """
    lr, steps, least = _checked("cosine", lr=(lr, 0), steps=(steps, 1), least=(least, 0))

    def cosine(t):
        passed = (t - 1) / steps
        passed = passed - np.floor(passed) if restart else np.minimum(passed, 1.0)
        return least + (lr - least) * (1 + np.cos(np.pi * passed)) / 2

    return cosine


def inverse_sqrt(lr):
    """Return the schedule lr_t = lr / sqrt(t), the one of most convergence proofs (Kingma & Ba 2015, §4)."""
    (lr,) = _checked("inverse_sqrt", lr=(lr, 0))

    def inverse_sqrt(t):
        return lr / np.sqrt(t)

    return inverse_sqrt


def warmup(steps, then):
    """Return the schedule that rises in a straight line to then(1) over `steps` steps and goes on with `then`.

    lr_t = then(1) * t / steps for t <= steps, and then(t - steps) after that (Goyal et al. 2017, §2.2).
    then : a schedule, or a number for a constant learning rate.
    """
    (steps,) = _checked("warmup", steps=(steps, 1))
    then = then if callable(then) else constant(then)

    def warmup(t):
        return np.where(t <= steps, then(1) * t / steps, then(np.maximum(t - steps, 1)))

    return warmup
