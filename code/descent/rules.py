"""The rules of the book, each in the symbols of its paper; what all of them share is in `descent.optimizer`.

t counts from 1; theta_t comes from theta_{t-1} with the gradient g taken there. z, m, v, s, u are remembered from step
to step and begin at zero. Where a library has another convention the docstring says so: one changed line makes it ours,
and `tests/support/variants.py` has each of these lines, tested against that library.
"""

import numpy as np

from descent.optimizer import Optimizer


class GradientDescent(Optimizer):
    """Gradient descent: step against the gradient (Cauchy 1847)."""

    def update(self, theta, g, *, lr=1e-3):
        theta -= lr * g


class Momentum(Optimizer):
    """Heavy-ball momentum (Polyak 1964) with velocity z and the learning rate outside it (Goh 2017; PyTorch).

    Keras and scikit-learn put lr inside the velocity: the same path while lr is constant. The average with
    (1 - beta) g in place of g is this rule with lr * (1 - beta).
    """

    def update(self, theta, g, z, *, lr=1e-3, beta=0.9):
        z[...] = beta * z + g
        theta -= lr * z


class Nesterov(Optimizer):
    """Nesterov's accelerated gradient (1983), in the form of Sutskever et al. (2013) that PyTorch and Optax use.

    The gradient is taken at theta; the step looks ahead along the velocity z.
    """

    def update(self, theta, g, z, *, lr=1e-3, beta=0.9):
        z[...] = beta * z + g
        theta -= lr * (g + beta * z)


class AdaGrad(Optimizer):
    """AdaGrad (Duchi, Hazan & Singer 2011), with the diagonal of the sum of squares; eps outside the root, as in
    PyTorch.

    Optax puts eps inside the root and begins the sum at 0.1: np.sqrt(s + eps) with an eps greater by 0.1.
    """

    def update(self, theta, g, s, *, lr=1e-2, eps=1e-10):
        s[...] = s + g**2
        theta -= lr * g / (np.sqrt(s) + eps)


class RMSProp(Optimizer):
    """RMSProp (Tieleman & Hinton 2012, lecture 6e): a running average in AdaGrad's place, not bias-corrected.

    eps stands outside the root, as in PyTorch (whose decay is 0.99 by default). Optax puts it inside, np.sqrt(v + eps),
    where 1e-8 acts like 1e-4 here. For bias correction take Adam with beta1=0.
    """

    def update(self, theta, g, v, *, lr=1e-3, beta2=0.9, eps=1e-8):
        v[...] = beta2 * v + (1 - beta2) * g**2
        theta -= lr * g / (np.sqrt(v) + eps)


class Adam(Optimizer):
    """Adam (Kingma & Ba 2015, Algorithm 1): eps outside the root and after the correction, as in PyTorch and Optax.

    Keras has the paper's efficient form, where eps joins the root before the correction: what it calls eps is, at step
    t, our eps * np.sqrt(1 - beta2**t).

    bias_correction: "both" (the paper), or "m", "v", "none" to leave out the rest and see what it was for: the power of
    the other beta then counts as 0, so that 1 - beta**t is 1.
    """

    def update(self, theta, g, m, v, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        m[...] = beta1 * m + (1 - beta1) * g
        v[...] = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        theta -= lr * m_hat / (np.sqrt(v_hat) + eps)

    ablations = {"bias_correction": {"both": (), "m": ("beta2",), "v": ("beta1",), "none": ("beta1", "beta2")}}


class AdamW(Adam):
    """AdamW (Loshchilov & Hutter 2019, Algorithm 2): Adam with decoupled weight decay, 0.01 by default."""

    changed_defaults = {"weight_decay": 1e-2}


class AMSGrad(Adam):
    """AMSGrad (Reddi, Kale & Kumar 2018, Algorithm 2): divides by the root of the largest v so far,
    which, unlike v, never forgets a large gradient.

    The maximum is of the raw v, corrected afterwards, as in PyTorch. Optax keeps the maximum of the corrected
    v; the paper has no correction at all (bias_correction="none").
    """

    def update(self, theta, g, m, v, v_max, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        m[...] = beta1 * m + (1 - beta1) * g
        v[...] = beta2 * v + (1 - beta2) * g**2
        v_max[...] = np.maximum(v_max, v)
        m_hat = m / (1 - beta1**t)
        v_hat = v_max / (1 - beta2**t)
        theta -= lr * m_hat / (np.sqrt(v_hat) + eps)


class AdaMax(Optimizer):
    """AdaMax (Kingma & Ba 2015, Algorithm 2): Adam with the largest |g|, slowly forgotten, in place of sqrt(v).

    The paper has no eps (eps=0 gives it); like PyTorch and Optax we add it to |g|.
    """

    def update(self, theta, g, m, u, t, *, lr=2e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        m[...] = beta1 * m + (1 - beta1) * g
        u[...] = np.maximum(beta2 * u, np.abs(g) + eps)
        m_hat = m / (1 - beta1**t)
        theta -= lr * m_hat / u


class RAdam(Optimizer):
    """RAdam (Liu et al. 2020, Algorithm 2): Adam that steps with m_hat alone until v_hat can be trusted.

    threshold: the paper rectifies from rho > 4 on; PyTorch and Optax use 5. eps as in Adam and in Optax (the paper has
    none); PyTorch adds it before the correction: eps / np.sqrt(1 - beta2**t) in place of eps.
    """

    least = {"threshold": 4.0}  # below it r would be the root of a negative number

    def update(self, theta, g, m, v, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, threshold=4.0):
        m[...] = beta1 * m + (1 - beta1) * g
        v[...] = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        rho_inf = 2 / (1 - beta2) - 1
        rho = rho_inf - 2 * t * beta2**t / (1 - beta2**t)
        r = np.sqrt((rho - 4) * (rho - 2) * rho_inf) / np.sqrt((rho_inf - 4) * (rho_inf - 2) * rho)
        theta -= lr * np.where(rho > threshold, r * m_hat / (np.sqrt(v_hat) + eps), m_hat)


class Signum(Optimizer):
    """Signum (Bernstein et al. 2018): the sign of the averaged gradient, so that every coordinate moves by lr.

    With beta=0 it is sign descent. Optax's signum is the same.
    """

    def update(self, theta, g, m, *, lr=1e-4, beta=0.9):
        m[...] = beta * m + (1 - beta) * g
        theta -= lr * np.sign(m)


class Lion(Optimizer):
    """Lion (Chen et al. 2023): the sign of one average of the gradients, while a slower one is remembered.

    The paper's decay is our weight_decay, lr included, as in Optax (whose default is 1e-3, ours 0).
    """

    def update(self, theta, g, m, *, lr=1e-4, beta1=0.9, beta2=0.99):
        c = beta1 * m + (1 - beta1) * g
        m[...] = beta2 * m + (1 - beta2) * g
        theta -= lr * np.sign(c)


__all__ = [name for name, thing in globals().items() if isinstance(thing, type) and issubclass(thing, Optimizer)]
__all__.remove("Optimizer")
