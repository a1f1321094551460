"""The libraries' own variants: a rule of ours with one line changed.

That they follow the recordings shows that conventions differ just where the docstrings of descent.rules say.
"""

import numpy as np

from descent import Optimizer, RAdam


class AdaGradEpsInside(Optimizer):
    """Optax: eps inside the root, beside an accumulator that starts at 0.1 (which is an eps of 0.1 more)."""

    def update(self, theta, g, s, *, lr=1e-2, eps=1e-7):
        s[...] = s + g**2
        theta -= lr * g / np.sqrt(s + eps)


class RMSPropEpsInside(Optimizer):
    """Optax: eps inside the root."""

    def update(self, theta, g, v, *, lr=1e-3, beta2=0.9, eps=1e-8):
        v[...] = beta2 * v + (1 - beta2) * g**2
        theta -= lr * g / np.sqrt(v + eps)


class AMSGradOfCorrected(Optimizer):
    """Optax: the maximum is taken after the correction."""

    def update(self, theta, g, m, v, v_max, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        m[...] = beta1 * m + (1 - beta1) * g
        v[...] = beta2 * v + (1 - beta2) * g**2
        v_max[...] = np.maximum(v_max, v / (1 - beta2**t))
        theta -= lr * m / (1 - beta1**t) / (np.sqrt(v_max) + eps)


class RAdamEpsBeforeCorrection(RAdam):
    """PyTorch: eps joins sqrt(v) before v is corrected."""

    def update(self, theta, g, m, v, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, threshold=4.0):
        super().update(
            theta, g, m, v, t, lr=lr, beta1=beta1, beta2=beta2, eps=eps / np.sqrt(1 - beta2**t), threshold=threshold
        )


RULES = (AdaGradEpsInside, RMSPropEpsInside, AMSGradOfCorrected, RAdamEpsBeforeCorrection)
VARIANTS = {rule.__name__: rule for rule in RULES}
