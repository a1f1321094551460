"""The rules: each optimiser is one short method in its paper's own symbols.

    def update(self, theta, g, m, v, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):

The signature declares everything. After `theta` and the gradient `g` come the arrays that the rule remembers
(zeros at first) and, where it is needed, the step count `t` (1 at the first step). After the star come the
hyperparameters with their defaults. The method works in place and holds nothing but the rule; `Optimizer.step`
looks after state, counting, checks and speed.

Conventions, for every rule: t counts from 1 and theta_t comes from theta_{t-1} with the gradient taken there;
`l2=` adds l2 * theta to the gradient; `weight_decay=` shrinks theta by lr * weight_decay beside the step
(decoupled: Loshchilov & Hutter 2019, with the factor lr as in PyTorch, Optax and Keras; for the paper's lambda
pass lambda / lr). Where a library has another convention the rule's docstring says so; one changed line makes it ours,
and `tests/support/variants.py` has each of these lines, tested against that library.
"""

import inspect
import numbers
from collections.abc import Mapping
from math import inf

import numpy as np

from descent.engine.kernel import AsWritten, Kernel, Program
from descent.engine.record import is_pure, record_step
from descent.engine.tape import Untranslatable

COMMON = {"l2": 0.0, "weight_decay": 0.0}  # hyperparameters that every rule has
MAY_VARY = ("lr", *COMMON)  # those that may be functions of t


class Optimizer:
    """Base of all rules: subclass it and write `update`; the signature of `update` declares the rest.

    Parameters
    ----------
    lr, … : hyperparameters of the rule, in the order in which its `update` names them. Numbers, or arrays
        that broadcast with theta: a learning rate per coordinate, or one per run. lr, l2 and weight_decay may
        also be functions of the step t = 1, 2, … (see `descent.schedules`). All can be changed between steps
        (`optimizer.lr = 0.01`), but for the betas.
    l2 : adds l2 * theta to the gradient (an L2 penalty of l2/2 * sum(theta**2) on the loss).
    weight_decay : shrinks theta by lr * weight_decay of itself, beside the rule's own step.

    Raises
    ------
    TypeError, ValueError : for a hyperparameter that the rule does not have or a value out of range.

    One optimizer serves one array: it remembers that array's moments.
    """

    defaults = {}
    changed_defaults = {}  # in a subclass: its own defaults for hyperparameters of the rule that it inherits
    choices = {}  # in a subclass: dict from a hyperparameter that is a word to the words it may be
    least = {"lr": 0.0, "eps": 0.0, **COMMON}  # the least value that a number may have

    def __init_subclass__(cls, **kwargs):
        super().__init_subclass__(**kwargs)
        signature = inspect.signature(cls.update)
        if list(signature.parameters)[1:3] != ["theta", "g"]:
            raise TypeError(f"{cls.__name__}.update{signature}: begin with (self, theta, g, …).")
        parameters = list(signature.parameters.values())[3:]
        for p in parameters:
            cls._check_parameter(p)
        remembered = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
        named = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
        cls.counts_steps = "t" in remembered
        cls.state_names = tuple(name for name in remembered if name != "t")
        cls.rule_hyperparameters = tuple(named)
        cls.options = tuple(name for name, default in named.items() if isinstance(default, str))
        cls.defaults = named | COMMON | cls.changed_defaults
        if unknown := cls.defaults.keys() - named.keys() - COMMON.keys():
            raise TypeError(f"{cls.__name__}.changed_defaults: update has no hyperparameter {', '.join(unknown)}.")
        kind = {name: inspect.Parameter.POSITIONAL_OR_KEYWORD for name in named}
        cls.__signature__ = inspect.Signature(
            [
                inspect.Parameter(name, kind.get(name, inspect.Parameter.KEYWORD_ONLY), default=default)
                for name, default in cls.defaults.items()
            ]
        )
        cls._programs = {}  # what was translated, for the next optimizer of the kind

    @classmethod
    def _check_parameter(cls, p):
        where = f"{cls.__name__}.update(…, {p.name})"
        if p.kind not in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY):
            raise TypeError(f"{where}: name each remembered array and each hyperparameter.")
        if p.kind is p.KEYWORD_ONLY and p.default is p.empty:
            raise TypeError(f"{where}: give the hyperparameter a default value, {p.name}=….")
        if p.kind is p.POSITIONAL_OR_KEYWORD and p.default is not p.empty:
            raise TypeError(f"{where}: hyperparameters stand after a star, (…, *, {p.name}={p.default!r}).")
        taken = hasattr(Optimizer, p.name) or p.name in COMMON
        if taken and (p.name, p.kind) != ("t", p.POSITIONAL_OR_KEYWORD):
            raise TypeError(f"{where}: every optimizer has a {p.name} already; choose another name.")

    def __init__(self, *args, **kwargs):
        if type(self).update is Optimizer.update:
            raise TypeError(f"{type(self).__name__} has no rule: write its method update(self, theta, g, …).")
        try:
            given = self.__signature__.bind(*args, **kwargs).arguments
        except TypeError as error:
            names = ", ".join(self.defaults)
            raise TypeError(f"{type(self).__name__}: {error}. Its hyperparameters are {names}.") from None
        # Not hyperparameters, so past __setattr__: the steps taken, the remembered arrays and (shape, dtype) that they
        # were made for, what runs the rule on them, whether a square was too large, which values are functions of t.
        vars(self).update(_t=0, _state=[], _made_for=None, _kernel=None, _overflowed=False, _moving=())
        for name, default in self.defaults.items():
            setattr(self, name, given.get(name, default))

    def update(self, theta, g):
        """Take one step of the rule, in place: each rule has its own."""

    # ---------------------------------------------------------------- hyperparameters

    def __setattr__(self, name, value):
        rule = type(self).__name__
        if name == "t":
            raise AttributeError(f"{rule}.t counts the steps taken; it is set by load_state_dict alone.")
        if name not in self.defaults:
            raise AttributeError(f"{rule} has no hyperparameter {name!r}; it has {', '.join(self.defaults)}.")
        value = self._checked(name, value)
        if self._t and name.startswith("beta"):
            raise ValueError(
                f"{name} cannot change after step {self._t}: the correction 1 - {name}**t assumes that it was "
                f"the same at every step. Start a new {rule}."
            )
        vars(self).update({name: value, "_kernel": None})
        if name in MAY_VARY:
            vars(self)["_moving"] = tuple(n for n in MAY_VARY if callable(vars(self).get(n)))

    def _checked(self, name, value):
        """Return the value as a float or a float array, or say what is wrong with it."""
        where = f"{type(self).__name__}({name}={value!r})"
        if name in self.options:
            if not isinstance(value, str) or value not in self.choices.get(name, [value]):
                raise ValueError(f"{where}: expected {' or '.join(map(repr, self.choices.get(name, ['a word'])))}.")
            return value
        if name == "weight_decay" and "lr" not in self.defaults and not _is_zero(value):
            raise ValueError(f"{where}: weight decay shrinks theta by lr * weight_decay, and this rule has no lr.")
        if callable(value):
            if name not in MAY_VARY:
                raise TypeError(
                    f"{where}: only {', '.join(MAY_VARY)} may be functions of t. The rule "
                    f"assumes that {name} is the same at every step (the correction 1 - beta**t holds only then)."
                )
            return value
        number = isinstance(value, numbers.Real) and not isinstance(value, bool)
        if not (number or isinstance(value, np.ndarray) and value.dtype.kind in "fiu"):
            raise TypeError(
                f"{where}: expected a number, or an array of numbers (np.array([…])), not {type(value).__name__}."
            )
        value = np.array(value, dtype=float)
        if not np.isfinite(value).all():
            raise ValueError(f"{where}: expected finite numbers.")
        if name.startswith("beta") and not ((value >= 0) & (value < 1)).all():
            raise ValueError(f"{where}: a decay rate lies in [0, 1): 0 forgets at once, 0.9 averages about 10 steps.")
        if (value < self.least.get(name, -inf)).any():
            raise ValueError(f"{where}: expected {self.least[name]:g} or more.")
        value.flags.writeable = False  # a change inside the array would go unchecked: set the hyperparameter anew
        return value if value.ndim else float(value)

    @property
    def hyperparameters(self):
        """dict: every hyperparameter as it was given: a number, an array, a function of t or a word."""
        return {name: getattr(self, name) for name in self.defaults}

    def values_at(self, t):
        """Return the hyperparameters in force at step t, schedules evaluated.

        Raises TypeError or ValueError when a schedule gives something other than finite numbers of 0 or more.
        """
        return self._values([self._scheduled(name, t) for name in self._moving])

    def _values(self, moving):
        values = self.hyperparameters | dict(zip(self._moving, moving))
        return {name: value.view(Many) if isinstance(value, np.ndarray) else value for name, value in values.items()}

    def _scheduled(self, name, t):
        value = getattr(self, name)(t)
        if isinstance(value, float) and 0 <= value < inf:  # nearly always
            return float(value)
        array = np.asarray(value)
        where = f"{type(self).__name__}: the schedule {name} = {_short(getattr(self, name))} gives {value!r} at t = {t}"
        if array.dtype.kind not in "fiu":
            raise TypeError(f"{where}; expected a number.")
        if not (np.isfinite(array) & (array >= 0)).all():
            raise ValueError(f"{where}; expected finite numbers of 0 or more.")
        return array.astype(float) if array.ndim else float(array)

    def __repr__(self):
        changed = [
            f"{name}={_short(value)}"
            for name, value in self.hyperparameters.items()
            if name == "lr" or not np.array_equal(value, self.defaults[name])
        ]
        return f"{type(self).__name__}({', '.join(changed)})"

    # ---------------------------------------------------------------- one step

    @property
    def t(self):
        """int: the number of steps taken."""
        return self._t

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

        A finite gradient whose square is too large for the dtype makes v infinite; that coordinate then stays
        where it is. With eps=0 a coordinate stays while its v is 0.
        """
        # With two parameters a step takes as long as ten calls of NumPy, so what is as it was last time is
        # not looked at again in full: the same kind of theta, an ordinary gradient.
        t = self._t + 1
        moving = [self._scheduled(name, t) for name in self._moving] if self._moving else ()
        kernel = self._kernel
        if (
            kernel is None
            or type(theta) is not np.ndarray
            or theta.dtype is not kernel.dtype
            or theta.shape != kernel.shape
            or not theta.flags.writeable
            or (moving and not kernel.takes(moving))
        ):
            kernel = self._kernel_for(theta, moving)
        if type(gradient) is not np.ndarray or gradient.dtype is not kernel.dtype or gradient.shape != kernel.shape:
            gradient = self._as_gradient(gradient, theta)
        if gradient.base is not None or theta.base is not None or gradient is theta:  # else each has its own memory
            if np.may_share_memory(gradient, theta):
                gradient = gradient.copy()
        if not kernel.step(theta, gradient, t, moving):
            self._check_finite(gradient)
            self._kernel_for(theta, moving, overflowed=True).step(theta, gradient, t, moving, surely_finite=True)
        self.__dict__["_t"] = t
        return theta

    def apply(self, theta, g, state, t, hyperparameters):
        """Do one whole step without checks: l2, decay, then the rule. It is what the page replays, too."""
        values = dict(hyperparameters)
        l2, weight_decay = values.pop("l2", 0.0), values.pop("weight_decay", 0.0)
        if not _is_zero(l2):
            g = g + l2 * theta
        if not _is_zero(weight_decay):
            theta *= 1 - values["lr"] * weight_decay
        guarded = [theta, *state] if self._eps_is_zero or self._overflowed else []
        before = [array.copy() for array in guarded]
        self.update(theta, g, *state, *((t,) if self.counts_steps else ()), **values)
        for new, old in zip(guarded, before):  # what would be undefined, such as 0/0, stays as it was
            defined = new - new == 0 if new is theta and self._eps_is_zero else new == new  # finite, or not nan
            new[...] = np.where(defined, new, old)

    def tape(self, inputs=(), for_page=True):
        """Return one whole step (decay, rule and all) for one coordinate, as a list of operations.

        inputs : further hyperparameters, beside those the rule itself names, that stay adjustable. All others that are
            0 are left out.
        for_page : schedules become a part of the tape, and the rule's own names (m_hat and the like) are in it. Without
            it, for `Kernel`, a schedule is an input like any hyperparameter.

        Raises Untranslatable when the rule does what no tape can hold; the error names the line.
        """
        given, own = self.hyperparameters, self.rule_hyperparameters
        used = {name: value for name, value in given.items() if name in own or name in inputs or np.any(value != 0)}
        fixed = {name: value for name, value in used.items() if name in self.options or for_page and callable(value)}
        adjustable = [name for name in used if name not in fixed]
        update = type(self).update if for_page else None
        return record_step(self.apply, update, self.state_names, fixed, adjustable)

    @property
    def _eps_is_zero(self):
        return np.any(getattr(self, "eps", 1.0) < np.finfo(np.float32).smallest_subnormal)  # float32 has no such number

    def _kernel_for(self, theta, moving, overflowed=False):
        """Return what takes the step on arrays like theta, or say what is wrong with theta."""
        self._check_theta(theta)
        if overflowed and not self._overflowed:
            vars(self).update(_overflowed=True, _kernel=None)
        kernel = self._kernel
        if kernel is None or kernel.dtype != theta.dtype or kernel.shape != theta.shape or not kernel.takes(moving):
            values = self._values(moving)
            for name, value in values.items():
                if isinstance(value, np.ndarray):
                    self._check_broadcast(name, value, theta.shape)
            program, elementwise = self._program(values, theta.dtype)
            if self._t == 0:
                vars(self)["_state"] = [np.zeros_like(theta, subok=False) for _ in self.state_names]
            vars(self)["_made_for"] = theta.shape, theta.dtype
            if program is not None:
                kernel = Kernel(program, values, theta, self._state)
            else:
                kernel = AsWritten(self, values, self._moving, theta, self._state, elementwise)
            vars(self)["_kernel"] = kernel
        return kernel

    def _program(self, values, dtype):
        """Return the rule written out for values of this kind, or None where its own text must run.

        And whether it is elementwise: the same if it runs on a part of theta at a time.
        """
        kind = [dtype.str, self._eps_is_zero, self._overflowed, self._moving]
        for name, value in values.items():
            kind += [value if name in self.options else np.shape(value), np.any(getattr(self, name) != 0)]
        kind = tuple(kind)
        if kind not in self._programs:
            self._programs[kind] = self._translated(values, dtype) if is_pure(type(self).update) else (None, False)
        return self._programs[kind]

    def _translated(self, values, dtype):
        try:
            tape = self.tape(for_page=False)
        except Untranslatable:
            return None, False
        for name, register in tape["outputs"].items():
            if tape["inputs"].index(name) == register:
                raise TypeError(
                    f"{type(self).__name__}.update never changes {name}. Write {name}[...] = … or {name} -= …; "
                    f"{name} = … only gives the name to a new array."
                )
        try:
            return Program(tape, values, self._moving, dtype), True
        except Untranslatable:  # NumPy computes a part of it in another dtype
            return None, True

    # ---------------------------------------------------------------- checks

    def _check_theta(self, theta):
        rule = type(self).__name__
        if not isinstance(theta, np.ndarray) or isinstance(theta, np.ma.MaskedArray):
            raise TypeError(
                f"{rule}.step changes theta in place, so theta must be a NumPy array, not {type(theta).__name__}: "
                "pass np.array([…], dtype=float), or np.array(x, dtype=float) for a single number."
            )
        if theta.dtype not in (np.float32, np.float64):
            raise TypeError(
                f"{rule}.step: theta has dtype {theta.dtype}, which cannot hold every small step; expected float64 "
                "or float32. Use theta = theta.astype(float)."
            )
        if not theta.flags.writeable:
            raise ValueError(f"{rule}.step changes theta in place, but this array is read-only: pass theta.copy().")
        shape, dtype = (self._t and self._made_for) or (theta.shape, theta.dtype)
        if theta.shape != shape:
            raise ValueError(
                f"{rule}.step: this optimizer has served an array of shape {shape}, but theta has shape {theta.shape}. "
                "Use one optimizer for each array."
            )
        if theta.dtype != dtype:
            raise ValueError(
                f"{rule}.step: this optimizer has served {dtype} but theta is {theta.dtype}. "
                "Keep one dtype, or start a new optimizer."
            )

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

    def _as_gradient(self, gradient, theta):
        """Return the gradient as an array like theta, or say why it cannot be one."""
        rule = type(self).__name__
        array = np.asarray(gradient) if isinstance(gradient, (np.ndarray, numbers.Real)) else None
        if array is None or array.dtype.kind not in "fiu" or isinstance(gradient, np.ma.MaskedArray):
            kind = type(gradient).__name__ + (f" of {array.dtype}" if array is not None else "")
            raise TypeError(
                f"{rule}.step: expected the gradient as an array of real numbers of shape {theta.shape}, not {kind}. "
                "Pass np.array(…, dtype=float)."
            )
        if array.shape != theta.shape:
            raise ValueError(
                f"{rule}.step: theta has shape {theta.shape} but the gradient has shape {array.shape}; "
                "they must be the same. Look at how the gradient is computed, or reshape it."
            )
        with np.errstate(all="ignore"):  # 1e300 is infinite as a float32, which is found next
            return array.astype(theta.dtype, copy=False)

    def _check_finite(self, gradient):
        if not np.isfinite(gradient).all():
            bad = np.flatnonzero(~np.isfinite(gradient))
            raise ValueError(
                f"{type(self).__name__}.step: the gradient is not finite in {gradient.dtype} at {bad.size} of "
                f"{gradient.size} places (first: flat index {bad[0]}). The run has probably diverged: try a smaller "
                "lr, or look for a division by zero in the loss."
            )

    # ---------------------------------------------------------------- save and resume

    def state_dict(self):
        """Return {"t": …, "m": …, …}: all that a run needs to go on (`np.savez(file, **state)` keeps it)."""
        arrays = zip(self.state_names, self._state) if self._t else ()
        return {"t": self._t} | {name: array.copy() for name, array in arrays}

    def load_state_dict(self, state):
        """Go on from `state`, made by `state_dict` of the same rule (a dict, or what `np.load` returns).

        The hyperparameters are not in it: give the optimizer those of the run that was saved.

        Raises TypeError or ValueError when it is not such a state; nothing has changed then.
        """
        where = f"{type(self).__name__}.load_state_dict"
        if not isinstance(state, Mapping):
            raise TypeError(f"{where}: expected what state_dict() or np.load gave, not {type(state).__name__}.")
        t = np.asarray(state.get("t", -1))
        if t.shape != () or t.dtype.kind not in "iu" or t < 0:
            raise ValueError(f"{where}: expected the entry t, a whole number of steps, not {state.get('t')!r}.")
        expected = {"t", *(self.state_names if t else ())}
        if set(state) != expected:
            raise ValueError(
                f"{where}: expected the entries {sorted(expected)} but was given {sorted(state)}. "
                f"Load the state of another {type(self).__name__}."
            )
        arrays = [np.array(state[name]) for name in self.state_names] if t else []
        kinds = {(array.shape, array.dtype) for array in arrays}
        if len(kinds) > 1 or not all(dtype in (np.float32, np.float64) for _, dtype in kinds):
            given = ", ".join(f"{name}: {array.dtype} {array.shape}" for name, array in zip(self.state_names, arrays))
            raise ValueError(f"{where}: expected arrays of one shape, all float64 or all float32, not {given}.")
        if np.isnan(arrays).any():
            raise ValueError(f"{where}: there is a nan among the remembered numbers; no run can go on from that.")
        overflowed = not np.isfinite(arrays).all()
        vars(self).update(_t=int(t), _state=arrays, _made_for=(*kinds, None)[0], _kernel=None, _overflowed=overflowed)

    def fresh(self):
        """Return a new optimizer with the same hyperparameters that has taken no step."""
        return type(self)(**self.hyperparameters)

    def __getstate__(self):  # a copy has arrays of its own, and makes its own kernel
        return vars(self) | {"_kernel": None, "_state": [array.copy() for array in self._state]}


class Many(np.ndarray):
    """The values of a hyperparameter for many runs: their powers have the same bits as those of a single number.

    NumPy's ** is faster and differs in the last digit on some processors. Powers of a few betas take no time.
    """

    def __pow__(self, exponent):
        return np.float_power(self, exponent)


def _short(value):
    """Return a hyperparameter as it is read best in a line of text."""
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    if isinstance(value, np.ndarray) and value.size > 4:
        return f"array of shape {value.shape}, {value.min():.4g} to {value.max():.4g}"
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def _is_zero(value):
    return isinstance(value, (int, float)) and value == 0
