"""The rules: each optimiser is one short method in its paper's own symbols.

    def update(self, theta, g, m, v, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):

The signature declares everything. After `theta` and the gradient `g` come the arrays that the rule remembers
(zeros at first) and, where it is needed, the step count `t` (1 at the first step). After the star come the
hyperparameters with their defaults. The method works in place and holds nothing but the rule; `Optimizer.step`
looks after state, counting and checks.

Conventions, for every rule: t counts from 1 and theta_t comes from theta_{t-1} with the gradient taken there;
`l2=` adds l2 * theta to the gradient; `weight_decay=` shrinks theta by lr * weight_decay beside the step
(decoupled: Loshchilov & Hutter 2019, with the factor lr as in PyTorch, Optax and Keras; for the paper's lambda
pass lambda / lr).
"""

import inspect
import numbers

import numpy as np

COMMON = {"l2": 0.0, "weight_decay": 0.0}  # hyperparameters that every rule has
MAY_VARY = ("lr", *COMMON)  # those that may be functions of t


class Optimizer:
    """Base of all rules: subclass it and write `update`; the signature of `update` declares the rest.

    Parameters
    ----------
    lr, … : hyperparameters of the rule, in the order in which its `update` names them. Numbers, or arrays
        that broadcast with theta: a learning rate per coordinate, or one per run. lr, l2 and weight_decay may
        also be functions of the step t = 1, 2, … (see `descent.schedules`).
    l2 : adds l2 * theta to the gradient (an L2 penalty of l2/2 * sum(theta**2) on the loss).
    weight_decay : shrinks theta by lr * weight_decay of itself, beside the rule's own step.

    Raises
    ------
    TypeError, ValueError : for a hyperparameter that the rule does not have or a value out of range.

    One optimizer serves one array: it remembers that array's moments.
    """

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        parameters = list(inspect.signature(cls.update).parameters.values())[3:]  # without self, theta, g
        remembered = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        named = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
        if bare := [name for name, default in named.items() if default is inspect.Parameter.empty]:
            raise TypeError(f"{cls.__name__}.update: give the hyperparameter {bare[0]} a default value.")
        cls.counts_steps = "t" in remembered
        cls.state_names = tuple(name for name in remembered if name != "t")
        cls.rule_hyperparameters = tuple(named)
        cls.options = tuple(name for name, default in named.items() if isinstance(default, str))
        cls.defaults = named | COMMON | cls.__dict__.get("changed_defaults", {})
        kind = {name: inspect.Parameter.POSITIONAL_OR_KEYWORD for name in named}
        cls.__signature__ = inspect.Signature([
            inspect.Parameter(name, kind.get(name, inspect.Parameter.KEYWORD_ONLY), default=default)
            for name, default in cls.defaults.items()
        ])  # fmt: skip

    def __init__(self, *args, **kwargs):
        try:
            given = self.__signature__.bind(*args, **kwargs).arguments
        except TypeError as error:
            names = ", ".join(self.defaults)
            raise TypeError(f"{type(self).__name__}: {error}. Its hyperparameters are {names}.") from None
        self.t = 0
        self._state = None
        for name, default in self.defaults.items():
            setattr(self, name, given.get(name, default))

    def update(self, theta, g):
        raise TypeError(f"{type(self).__name__} has no rule: write its method update(self, theta, g, …).")

    # ---------------------------------------------------------------- hyperparameters

    def __setattr__(self, name, value):
        if name in self.defaults:
            value = self._checked(name, value)
            if self.__dict__.get("t", 0) and name.startswith("beta"):
                raise ValueError(
                    f"{name} cannot change after step {self.t}: the correction 1 - {name}**t assumes that it was "
                    f"the same at every step. Start a new {type(self).__name__}."
                )
        elif name not in ("t", "_state"):
            raise AttributeError(
                f"{type(self).__name__} has no hyperparameter {name!r}; it has {', '.join(self.defaults)}."
            )
        super().__setattr__(name, value)

    def _checked(self, name, value):
        """Return the value as a float or a float array, or say what is wrong with it."""
        if name in self.options:
            return self.checked_option(name, value)
        if callable(value):
            if name not in MAY_VARY:
                raise TypeError(
                    f"{type(self).__name__}({name}=…): only {', '.join(MAY_VARY)} may be functions of t. The rule "
                    f"assumes that {name} is the same at every step (the correction 1 - beta**t holds only then)."
                )
            return value
        where = f"{type(self).__name__}({name}={value!r})"
        if isinstance(value, numbers.Real) and not isinstance(value, bool):
            value = float(value)
        elif isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
            value = value.astype(float) if value.ndim else float(value)
        else:
            raise TypeError(f"{where}: expected a number or an array of numbers, not {type(value).__name__}.")
        if not np.all(np.isfinite(value)):
            raise ValueError(f"{where}: expected finite numbers.")
        if name.startswith("beta"):
            if np.any(value < 0) or np.any(value >= 1):
                raise ValueError(f"{where}: a decay rate lies in [0, 1): 0 forgets at once, 0.9 averages about 10 steps.")
        elif name in ("lr", "eps", *COMMON) and np.any(value < 0):
            raise ValueError(f"{where}: expected a number that is 0 or more.")
        return value

    def checked_option(self, name, value):
        """Return the value of an option that is a word, or raise ValueError; rules with options override it."""
        return value

    @property
    def hyperparameters(self):
        """dict: every hyperparameter as it was given: a number, an array, a function of t or a word."""
        return {name: getattr(self, name) for name in self.defaults}

    def values_at(self, t):
        """Return the hyperparameters in force at step t, schedules evaluated.

        Raises ValueError when a schedule gives something other than finite numbers of 0 or more.
        """
        values = self.hyperparameters
        for name in MAY_VARY:
            if callable(values[name]):
                value = np.asarray(values[name](t), dtype=float)
                if not (np.isfinite(value) & (value >= 0)).all():
                    raise ValueError(
                        f"{type(self).__name__}: the schedule {name} gives {value} at t = {t}; "
                        "expected finite numbers of 0 or more."
                    )
                values[name] = value if value.ndim else float(value)
        return values

    def __repr__(self):
        changed = [
            f"{name}={_short(value)}"
            for name, value in self.hyperparameters.items()
            if name == "lr" or not np.array_equal(value, self.defaults[name])
        ]
        return f"{type(self).__name__}({', '.join(changed)})"

    # ---------------------------------------------------------------- one step

    def step(self, theta, gradient):
        """Move theta one step, in place, and return it.

        Parameters
        ----------
        theta : float32 or float64 array of any shape; changed in place.
        gradient : array of the same shape, the gradient of the loss at theta; not changed.

        Raises
        ------
        TypeError, ValueError : for input that cannot be right (integer or read-only parameters, shapes that
            differ, a gradient that is not finite). Nothing has changed then.
        """
        values = self.values_at(self.t + 1)
        gradient = self._check_step(theta, gradient, values)
        if self._state is None:
            self._state = [np.zeros_like(theta) for _ in self.state_names]
        with np.errstate(all="ignore"):  # v may saturate at infinity: that coordinate then stops (see the book)
            self.apply(theta, gradient, self._state, self.t + 1, values)
        self.t += 1
        return theta

    def apply(self, theta, g, state, t, hyperparameters):
        """Do one whole step without checks: decay, then the rule. It is what the page replays, too."""
        values = dict(hyperparameters)
        l2, weight_decay = values.pop("l2", 0.0), values.pop("weight_decay", 0.0)
        if not _is_zero(l2):
            g = g + l2 * theta
        if not _is_zero(weight_decay):
            theta *= 1 - values["lr"] * weight_decay
        old = theta.copy() if np.any(getattr(self, "eps", 1.0) == 0) else None
        self.update(theta, g, *state, *((t,) if self.counts_steps else ()), **values)
        if old is not None:  # eps = 0 and all gradients 0 so far: 0/0 means no step
            theta[...] = np.where(np.abs(theta) <= np.finfo(float).max, theta, old)

    def _check_step(self, theta, gradient, values):
        rule = type(self).__name__
        if not isinstance(theta, np.ndarray):
            raise TypeError(
                f"{rule}.step changes theta in place, so theta must be a NumPy array, not {type(theta).__name__}: "
                "pass np.array([…], dtype=float), or np.array(x) for a single number."
            )
        if theta.dtype not in (np.float32, np.float64):
            raise TypeError(
                f"{rule}.step: theta has dtype {theta.dtype}, which cannot hold a small step. "
                "Use theta.astype(float)."
            )
        if not theta.flags.writeable:
            raise ValueError(f"{rule}.step changes theta in place, but this array is read-only: pass theta.copy().")
        if not isinstance(gradient, (np.ndarray, numbers.Real)) or getattr(gradient, "dtype", theta.dtype).kind not in "fiu":
            raise TypeError(
                f"{rule}.step: expected the gradient as an array of real numbers of shape {theta.shape}, "
                f"not {type(gradient).__name__}{' of ' + str(gradient.dtype) if hasattr(gradient, 'dtype') else ''}."
            )
        gradient = np.asarray(gradient, dtype=theta.dtype)
        if gradient.shape != theta.shape:
            raise ValueError(
                f"{rule}.step: theta has shape {theta.shape} but the gradient has shape {gradient.shape}; "
                "they must be the same."
            )
        if not np.isfinite(gradient).all():
            bad = np.flatnonzero(~np.isfinite(gradient))
            raise ValueError(
                f"{rule}.step: the gradient is not finite at {bad.size} of {gradient.size} places (first: flat index "
                f"{bad[0]}). The run has probably diverged: try a smaller lr, or look for a division by zero in the loss."
            )
        if np.may_share_memory(gradient, theta):
            gradient = gradient.copy()
        if self._state and self._state[0].shape != theta.shape:
            raise ValueError(
                f"{rule}.step: this optimizer remembers an array of shape {self._state[0].shape}, but theta has shape "
                f"{theta.shape}. Use one optimizer for each array."
            )
        if self._state and self._state[0].dtype != theta.dtype:
            raise ValueError(
                f"{rule}.step: this optimizer remembers {self._state[0].dtype} but theta is {theta.dtype}. "
                "Keep one dtype, or start a new optimizer."
            )
        for name, value in values.items():
            if isinstance(value, np.ndarray):
                self._check_broadcast(name, value, theta.shape)
        return gradient

    def _check_broadcast(self, name, value, shape):
        try:
            fits = np.broadcast_shapes(value.shape, shape) == shape
        except ValueError:
            fits = False
        if not fits:
            raise ValueError(
                f"{type(self).__name__}: {name} of shape {value.shape} does not broadcast to theta's shape {shape}. "
                "For many runs at once give theta the shape (n, runs)."
            )

    # ---------------------------------------------------------------- save and resume

    def state_dict(self):
        """Return {"t": …, "m": …, …}: all that a run needs to go on (`np.savez(file, **state)` keeps it)."""
        arrays = zip(self.state_names, self._state or ())
        return {"t": self.t} | {name: array.copy() for name, array in arrays}

    def load_state_dict(self, state):
        """Go on from `state`, made by `state_dict` of the same rule (a dict, or what `np.load` returns).

        Raises ValueError when its names are not this rule's; nothing has changed then.
        """
        t, names = int(state["t"]) if "t" in state else -1, set(state) - {"t"}
        expected = set(self.state_names) if t else set()
        if t < 0 or names != expected:
            raise ValueError(
                f"{type(self).__name__}.load_state_dict: expected the entries {sorted({'t'} | set(self.state_names))} "
                f"with t counted from 0, but was given {sorted(state)}."
            )
        arrays = [np.array(state[name]) for name in self.state_names] if t else None
        if arrays and len({(a.shape, a.dtype) for a in arrays}) > 1:
            raise ValueError(f"{type(self).__name__}.load_state_dict: the arrays differ in shape or dtype.")
        self._state, self.t = arrays, t

    def fresh(self):
        """Return a new optimizer with the same hyperparameters that has taken no step."""
        return type(self)(**self.hyperparameters)


def _short(value):
    """Return a hyperparameter as it is read best in a line of text."""
    if callable(value):
        return value.__name__
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def _is_zero(value):
    return isinstance(value, (int, float)) and value == 0


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
    """AdaGrad (Duchi, Hazan & Singer 2011), with the diagonal of the sum of squares; eps outside the root."""

    def update(self, theta, g, s, *, lr=1e-2, eps=1e-10):
        s[...] = s + g**2
        theta -= lr * g / (np.sqrt(s) + eps)


class RMSProp(Optimizer):
    """RMSProp (Tieleman & Hinton 2012, lecture 6e): a running average in AdaGrad's place, not bias-corrected.

    eps stands outside the root, as in PyTorch. Optax puts it inside, where 1e-8 acts like 1e-4 here.
    """

    def update(self, theta, g, v, *, lr=1e-3, beta2=0.9, eps=1e-8):
        v[...] = beta2 * v + (1 - beta2) * g**2
        theta -= lr * g / (np.sqrt(v) + eps)


class Adam(Optimizer):
    """Adam (Kingma & Ba 2015, Algorithm 1): eps outside the root and after the correction, as in PyTorch.

    bias_correction: "both" (the paper), or "m", "v", "none" to leave out the rest and see what it was for.
    """

    def update(self, theta, g, m, v, t, *,
               lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, bias_correction="both"):
        m[...] = beta1 * m + (1 - beta1) * g
        v[...] = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t) if bias_correction in ("both", "m") else m
        v_hat = v / (1 - beta2**t) if bias_correction in ("both", "v") else v
        theta -= lr * m_hat / (np.sqrt(v_hat) + eps)

    def checked_option(self, name, value):
        if value not in ("both", "m", "v", "none"):
            raise ValueError(f'Adam({name}={value!r}): expected "both", "m", "v" or "none".')
        return value


class AdamW(Adam):
    """AdamW (Loshchilov & Hutter 2019, Algorithm 2): Adam with decoupled weight decay, 0.01 by default."""

    changed_defaults = {"weight_decay": 1e-2}


class AMSGrad(Adam):
    """AMSGrad (Reddi, Kale & Kumar 2018, Algorithm 2): divides by the largest v so far, so it never shrinks.

    The maximum is of the raw v, corrected afterwards, as in PyTorch. Optax keeps the maximum of the corrected
    v; the paper has no correction at all (bias_correction="none").
    """

    def update(self, theta, g, m, v, v_max, t, *,
               lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, bias_correction="both"):
        m[...] = beta1 * m + (1 - beta1) * g
        v[...] = beta2 * v + (1 - beta2) * g**2
        v_max[...] = np.maximum(v_max, v)
        m_hat = m / (1 - beta1**t) if bias_correction in ("both", "m") else m
        v_hat = v_max / (1 - beta2**t) if bias_correction in ("both", "v") else v_max
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

    threshold: the paper rectifies from rho > 4 on; PyTorch and Optax use 5. eps as in Adam (the paper has none).
    """

    def update(self, theta, g, m, v, t, *,
               lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8, threshold=4.0):
        m[...] = beta1 * m + (1 - beta1) * g
        v[...] = beta2 * v + (1 - beta2) * g**2
        m_hat = m / (1 - beta1**t)
        v_hat = v / (1 - beta2**t)
        rho_inf = 2 / (1 - beta2) - 1
        rho = rho_inf - 2 * t * beta2**t / (1 - beta2**t)
        r = np.sqrt((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho))
        theta -= lr * np.where(rho > threshold, r * m_hat / (np.sqrt(v_hat) + eps), m_hat)
