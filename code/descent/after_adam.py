"""What came after Adam: ADOPT and schedule-free Adam, by coordinates; Muon, Adafactor, Shampoo and SOAP, which
look at a matrix of weights whole.

A rule that takes each coordinate by itself, or remembers only arrays of theta's shape, is an `Optimizer` like those of
rules.py. The last three remember rows and columns; they are written out with their state, and have what a run needs of
an optimizer: `step` and `fresh`. `ByLayer` gives the matrices of a network to one rule and its vectors to another.
"""

from dataclasses import dataclass, field, replace

import numpy as np

from descent.optimizer import Optimizer

QUINTIC = (3.4445, -4.7750, 2.0315)  # Jordan et al. 2024


class ADOPT(Optimizer):
    """ADOPT (Taniguchi et al. 2024), with clipping: the gradient is divided by the v of before it, and then averaged.

    The first step only fills v. What is divided is clipped at (t - 1)**0.25 at step t.
    """

    def update(self, theta, g, m, v, t, *, lr=1e-3, beta1=0.9, beta2=0.9999, eps=1e-6):
        limit = (t - 1) ** 0.25
        scaled = g / np.maximum(np.sqrt(v), eps)
        m[...] = beta1 * m + (1 - beta1) * np.minimum(np.maximum(scaled, -limit), limit)
        v[...] = np.where(t == 1, g**2, beta2 * v + (1 - beta2) * g**2)
        theta -= lr * m


class ScheduleFree(Optimizer):
    """Schedule-free Adam (Defazio et al. 2024) at a constant lr: an average of the iterates in a schedule's place.

    The gradient is taken at theta, between z, which walks, and x, the mean of all z so far. x is what is to be used
    after training: `optimizer.state_dict()["x"]`. z is not remembered, as theta and x tell it.
    """

    def update(self, theta, g, x, v, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):
        x[...] = np.where(t == 1, theta, x)
        z = (theta - beta1 * x) / (1 - beta1)
        v[...] = beta2 * v + (1 - beta2) * g**2
        v_hat = v / (1 - beta2**t)
        z = z - lr * g / (np.sqrt(v_hat) + eps)
        x[...] = x + (z - x) / t
        theta[...] = beta1 * x + (1 - beta1) * z


def orthogonalized(matrix, coefficients=QUINTIC, steps=5):
    """Return the matrix with its singular values brought near 1, by Newton–Schulz: X ← aX + b(XXᵀ)X + c(XXᵀ)²X.

    coefficients : (a, b, c). (1.5, -0.5, 0) is the classical iteration, which ends at 1 exactly, slowly for small
        singular values; Muon's are faster and only come near.
    Raises ValueError for an array that is not a matrix. A matrix of zeros stays.
    """
    if not isinstance(matrix, np.ndarray) or matrix.ndim != 2:
        given = f"an array of shape {matrix.shape}" if isinstance(matrix, np.ndarray) else type(matrix).__name__
        raise ValueError(f"orthogonalized: expected a matrix, not {given}; see ByLayer for a network.")
    a, b, c = coefficients
    x = matrix if matrix.shape[0] <= matrix.shape[1] else matrix.T
    x = x / max(np.linalg.norm(x), 1e-30)
    for _ in range(steps):
        square = x @ x.T
        x = a * x + (b * square + c * square @ square) @ x
    return x if matrix.shape[0] <= matrix.shape[1] else x.T


class Muon(Optimizer):
    """Muon (Jordan et al. 2024) for one matrix: momentum, made orthogonal. theta is a matrix, (rows, columns).

    Nesterov's form is that of the authors' code and of PyTorch, and so is the factor sqrt(outputs/inputs) of a layer
    that has more outputs. Their matrices are (outputs, inputs), ours (inputs, outputs).
    """

    def update(self, theta, g, m, *, lr=0.02, beta=0.95):
        m[...] = beta * m + (1 - beta) * g
        direction = orthogonalized(beta * m + (1 - beta) * g)
        inputs, outputs = theta.shape
        theta -= lr * np.sqrt(max(1, outputs / inputs)) * direction


@dataclass
class Adafactor:
    """Adafactor (Shazeer & Stern 2018) for one matrix: of v it keeps the means of rows and columns.

    The step is relative to the size of the weights, as in PyTorch: lr times their root mean square, eps2 at least.
    """

    lr: float = 0.01
    clip: float = 1.0
    eps2: float = 1e-3
    t: int = field(default=0, init=False)

    def step(self, theta, g):
        """Move the matrix theta one step, in place, and return it."""
        _check_matrix(self, theta, g)
        self.t += 1
        if self.t == 1:
            self.rows, self.columns = np.zeros((len(g), 1)), np.zeros((1, g.shape[1]))
        new = self.t**-0.8
        square = g**2 + 1e-30
        self.rows += new * (square.mean(axis=1, keepdims=True) - self.rows)
        self.columns += new * (square.mean(axis=0, keepdims=True) - self.columns)
        u = g / np.sqrt(self.rows @ self.columns / self.rows.mean())
        u /= max(1, _rms(u) / self.clip)
        theta -= max(self.eps2, _rms(theta)) * min(self.lr, self.t**-0.5) * u
        return theta

    def fresh(self):
        """Return a new one with the same settings that has taken no step."""
        return replace(self)


@dataclass
class Shampoo:
    """Shampoo (Gupta, Koren & Singer 2018) for one matrix."""

    lr: float = 0.1
    eps: float = 1e-4
    t: int = field(default=0, init=False)

    def step(self, theta, g):
        """Move the matrix theta one step, in place, and return it."""
        _check_matrix(self, theta, g)
        self.t += 1
        if self.t == 1:
            self.left, self.right = self.eps * np.eye(len(g)), self.eps * np.eye(g.shape[1])
        self.left += g @ g.T
        self.right += g.T @ g
        theta -= self.lr * _power(self.left, -0.25) @ g @ _power(self.right, -0.25)
        return theta

    def fresh(self):
        """Return a new one with the same settings that has taken no step."""
        return replace(self)


@dataclass
class SOAP:
    """SOAP (Vyas et al. 2024) for one matrix: Adam along the axes that Shampoo finds.

    every : steps from one correction of the axes to the next.
    """

    lr: float = 3e-3
    beta1: float = 0.95
    beta2: float = 0.95
    eps: float = 1e-8
    every: int = 10
    t: int = field(default=0, init=False)

    def step(self, theta, g):
        """Move the matrix theta one step, in place, and return it."""
        _check_matrix(self, theta, g)
        self.t += 1
        if self.t == 1:
            self.m, self.v = np.zeros_like(g), np.zeros_like(g)
            self.left, self.right = g @ g.T, g.T @ g
            self.axes = [np.linalg.eigh(statistics)[1][:, ::-1] for statistics in (self.left, self.right)]
        left, right = self.axes
        self.m += (1 - self.beta1) * (g - self.m)
        self.v += (1 - self.beta2) * ((left.T @ g @ right) ** 2 - self.v)
        m_hat = left.T @ self.m @ right / (1 - self.beta1**self.t)
        v_hat = self.v / (1 - self.beta2**self.t)
        theta -= self.lr * left @ (m_hat / (np.sqrt(v_hat) + self.eps)) @ right.T
        self.left += (1 - self.beta2) * (g @ g.T - self.left)
        self.right += (1 - self.beta2) * (g.T @ g - self.right)
        if self.t % self.every == 0:
            # One step of the power method for all axes at once. It puts the strongest first, and v must go along.
            rows, columns = _strongest_first(self.left, left), _strongest_first(self.right, right)
            self.v = self.v[rows][:, columns]
            self.axes = [np.linalg.qr(self.left @ left[:, rows])[0], np.linalg.qr(self.right @ right[:, columns])[0]]
        return theta

    def fresh(self):
        """Return a new one with the same settings that has taken no step."""
        return replace(self)


def _strongest_first(statistics, axes):
    """Return the order of the axes in which what the statistics have along them falls."""
    return np.argsort(-np.einsum("ij,ik,kj->j", axes, statistics, axes), kind="stable")


class ByLayer:
    """An optimizer for a network's vector theta that gives its matrices to one rule, and its vectors to another.

    layers : function from theta to {name: view of a part}, such as `Network.layers`.
    matrices, vectors : an optimizer for each; every part gets one of its own.
    """

    def __init__(self, layers, matrices, vectors):
        self.layers, self.matrices, self.vectors = layers, matrices, vectors
        self.rules = {}

    def step(self, theta, gradient):
        """Move theta one step, in place, and return it."""
        if not np.isfinite(gradient).all():  # here, where no layer has moved yet
            raise ValueError(
                "ByLayer.step: the gradient is not finite. The run has probably diverged: try a smaller lr."
            )
        parts, gradients = self.layers(theta), self.layers(gradient)
        for name, part in parts.items():
            if name not in self.rules:
                self.rules[name] = (self.matrices if part.ndim == 2 else self.vectors).fresh()
            self.rules[name].step(part, gradients[name])
        return theta

    def fresh(self):
        """Return a new one with the same settings that has taken no step."""
        return ByLayer(self.layers, self.matrices, self.vectors)

    def __repr__(self):
        return f"ByLayer(matrices: {self.matrices!r}, vectors: {self.vectors!r})"


def _check_matrix(rule, theta, g):
    """Raise unless a rule that is no Optimizer is given a matrix of floats and its gradient, the one it serves."""
    where = f"{type(rule).__name__}.step"
    if not isinstance(theta, np.ndarray) or theta.ndim != 2 or theta.dtype not in (np.float32, np.float64):
        raise TypeError(f"{where}: expected theta as a matrix of floats; a vector is a matter for Adam (see ByLayer).")
    if not isinstance(g, np.ndarray) or g.shape != theta.shape:
        raise ValueError(
            f"{where}: theta has shape {theta.shape}; expected a gradient of that shape, not {np.shape(g)}."
        )
    if not np.isfinite(g).all():
        raise ValueError(f"{where}: the gradient is not finite. The run has probably diverged: try a smaller lr.")
    if rule.t and rule.shape != theta.shape:
        raise ValueError(f"{where}: has served a matrix of shape {rule.shape}, not {theta.shape}: one rule a matrix.")
    rule.shape = theta.shape


def _rms(array):
    return np.sqrt(np.mean(array**2))


def _power(matrix, exponent):
    """Return a power of a symmetric matrix whose eigenvalues are positive."""
    values, vectors = np.linalg.eigh(matrix)
    return vectors * np.maximum(values, 1e-30) ** exponent @ vectors.T
