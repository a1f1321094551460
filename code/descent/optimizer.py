"""What all rules share: state, step count, checks, speed, save and resume. The rules are in `descent.rules`."""

import numbers
import weakref
from collections.abc import Mapping

import numpy as np

from descent.engine.kernel import AsWritten, Kernel, Program
from descent.engine.record import is_pure, record_step
from descent.engine.tape import Untranslatable
from descent.hyperparameters import (
    MAY_VARY,
    Declared,
    Many,
    WithoutPowers,
    checked,
    declaration_of,
    is_zero,
    scheduled,
    short,
)

DICTS = ("changed_defaults", "choices", "ablations", "least")
DECLARES = ("update", *DICTS, "decay_rates")
NEVER_NEGATIVE = ("s", "u", "v", "v_max")  # remembered squares and sizes, by the names that the rules give them


class RuleType(type):
    """The type of the rules' classes: reads what a rule declares, and reads it anew when its `update` is replaced."""

    def __init__(cls, name, bases, namespace):
        super().__init__(name, bases, namespace)
        if "decay_rates" in namespace:
            type.__setattr__(cls, "own_decay_rates", namespace["decay_rates"])
        for key in DICTS:
            if type(namespace.get(key)) is dict:
                type.__setattr__(cls, key, Declared(namespace[key]))
        cls._declare()

    def __setattr__(cls, name, value):
        if name not in DECLARES:
            return super().__setattr__(name, value)
        name = "own_decay_rates" if name == "decay_rates" else name
        value = Declared(value) if name in DICTS and type(value) is dict else value
        had, before = name in vars(cls), vars(cls).get(name)
        super().__setattr__(name, value)
        try:
            cls._declare()
        except TypeError:
            super().__setattr__(name, before) if had else super().__delattr__(name)
            cls._declare()
            raise

    def _declare(cls):
        declared = declaration_of(cls, cls._reserved)
        own = {name: getattr(declared, name) for name in cls._from_declaration}
        own |= {"declaration": declared, "__signature__": declared.signature, "_declared": cls.update}
        for name, value in own.items():
            type.__setattr__(cls, name, value)
        cls._programs = {}  # what was translated, for the next optimizer of the kind
        for child in cls.__subclasses__():
            if "declaration" in vars(child):  # else its definition has failed, and a traceback keeps it
                child._declare()


class Optimizer(metaclass=RuleType):
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

    Class attributes, for what a signature cannot say; a subclass inherits them entry by entry:

    changed_defaults : dict from a hyperparameter of an inherited rule to another default.
    choices : dict from a hyperparameter that is a word to the words it may be.
    ablations : dict from the name of a word to {word: names of decay rates whose powers count as 0}, the first word
        being
        the default. With a power of 0 the correction 1 - beta**t is 1 and leaves as it is what it would correct.
    least : dict from a hyperparameter to the least value that it may have.
    decay_rates : names of the hyperparameters that lie in [0, 1) and cannot change on the way; by default those called
        beta, beta1, beta2, … and rho.
    """

    changed_defaults = {}
    choices = {}
    ablations = {}
    least = {}
    own_decay_rates = None

    _from_declaration = ("state_names", "counts_steps", "rule_hyperparameters", "defaults", "options", "decay_rates")
    _reserved = frozenset(
        (
            "changed_defaults choices ablations least declaration update own_decay_rates l2 weight_decay "
            "hyperparameters values_at without_powers t step apply tape state_dict load_state_dict fresh"
        ).split()
        + list(_from_declaration)
    )

    def __init__(self, *args, **kwargs):
        rule = type(self)
        if rule._declared is not rule.update:
            rule._declare()
        if rule.update is Optimizer.update:
            raise TypeError(f"{rule.__name__} has no rule: write its method update(self, theta, g, …).")
        try:
            given = rule.__signature__.bind(*args, **kwargs).arguments
        except TypeError as error:
            names = ", ".join(self.defaults)
            raise TypeError(f"{rule.__name__}: {error}. Its hyperparameters are {names}.") from None
        # Not hyperparameters, so past __setattr__: the steps taken, the remembered arrays and (shape, dtype) that they
        # were made for, the array that was served, what runs the rule and the text it was made from, whether a square
        # was too large, which values are given to each step (functions of t, and numbers changed on the way).
        vars(self).update(
            _t=0,
            _free=True,
            _state=[],
            _made_for=None,
            _served=None,
            _kernel=None,
            _text=None,
            _overflowed=False,
            _moving=(),
            _changed=frozenset(),
        )
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
        value = checked(rule, self.declaration, name, value)
        if self._t and name in self.decay_rates:
            raise ValueError(
                f"{name} cannot change after step {self._t}: the correction 1 - {name}**t assumes that it was "
                f"the same at every step. Start a new {rule}."
            )
        own = vars(self)
        before, own[name] = own.get(name), value
        if name in MAY_VARY and self._t:
            own["_changed"] |= {name}
        if not (name in self._moving and type(before) is type(value) is float and before and value):
            own["_kernel"] = None  # else the kernel is given the number at every step
            own["_moving"] = tuple(name for name in MAY_VARY if self._moves(own.get(name), name))

    def __delattr__(self, name):
        raise AttributeError(f"{type(self).__name__}.{name} cannot be deleted; set it to another value.")

    def _moves(self, value, name):
        return callable(value) or (name in self._changed and type(value) is float and value != 0)

    @property
    def hyperparameters(self):
        """dict: every hyperparameter as it was given: a number, an array, a function of t or a word."""
        return {name: getattr(self, name) for name in self.defaults}

    @property
    def without_powers(self):
        """tuple: names of the decay rates whose powers count as 0, as the ablations in force say."""
        ablations = self.declaration.ablations
        return tuple(name for option, by_word in ablations.items() for name in by_word[getattr(self, option)])

    def values_at(self, t):
        """Return the hyperparameters in force at step t, schedules evaluated.

        Raises TypeError or ValueError when a schedule gives something other than finite numbers of 0 or more.
        """
        return self._values([self._now(name, t) for name in self._moving])

    def _values(self, moving):
        values = self.hyperparameters | dict(zip(self._moving, moving))
        return {name: value.view(Many) if isinstance(value, np.ndarray) else value for name, value in values.items()}

    def _now(self, name, t):
        value = vars(self)[name]
        return scheduled(type(self).__name__, name, value, t) if callable(value) else value

    def __repr__(self):
        changed = [
            f"{name}={short(value)}"
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
            differ, a gradient that is not finite, another array than the one served so far). Nothing has changed then.

        A finite gradient whose square is too large for the dtype makes v infinite; that coordinate then stays
        where it is. With eps=0 a coordinate stays while its v is 0.
        """
        # With two parameters a step takes as long as ten calls of NumPy, so what is as it was last time is
        # not looked at again in full: the same theta, the same rule, an ordinary gradient.
        own = vars(self)
        if not own.pop("_free", False):  # one operation, which two threads cannot both do
            raise RuntimeError(
                f"{type(self).__name__}.step: another step of this optimizer is still under way. One optimizer serves "
                "one array, and one thread at a time."
            )
        try:
            t = own["_t"] + 1
            moving = [self._now(name, t) for name in own["_moving"]] if own["_moving"] else ()
            kernel = own["_kernel"]
            if (
                kernel is None
                or own["_served"] is None
                or own["_served"]() is not theta
                or theta.dtype is not kernel.dtype
                or theta.shape != kernel.shape
                or not theta.flags.writeable
                or type(self).update is not own["_text"]
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
                kernel = self._kernel_for(theta, moving, overflowed=True)
                kernel.step(theta, gradient, t, moving, surely_finite=True)
            own["_t"] = t
            if own["_served"] is None or own["_served"]() is not theta:
                own["_served"] = _Served(theta, before=own["_served"])
            return theta
        finally:
            own["_free"] = True

    def apply(self, theta, g, state, t, hyperparameters):
        """Do one whole step without checks: l2, decay, then the rule. It is what the page replays, too."""
        values = dict(hyperparameters)
        l2, weight_decay = values.pop("l2", 0.0), values.pop("weight_decay", 0.0)
        for option in self.declaration.ablations:
            values.pop(option)
        for name in self.without_powers:
            values[name] = WithoutPowers(values[name])
        if not is_zero(l2):
            g = g + l2 * theta
        if not is_zero(weight_decay):
            theta *= 1 - values["lr"] * weight_decay
        guarded = [theta, *state] if self._eps_is_zero or self._overflowed else []
        before = [array.copy() for array in guarded]
        self.update(theta, g, *state, *((t,) if self.counts_steps else ()), **values)
        for new, old in zip(guarded, before):  # what would be undefined, such as 0/0, stays as it was
            defined = new - new == 0 if new is theta and self._eps_is_zero else new == new  # finite, or not nan
            new[...] = np.where(defined, new, old)

    def tape(self, inputs=(), for_page=True, dtype=float):
        """Return one whole step (decay, rule and all) for one coordinate, as a list of operations.

        inputs : further hyperparameters, beside those the rule itself names, that stay adjustable. All others that are
            0 are left out.
        for_page : schedules become a part of the tape, and the rule's own names (m_hat and the like) are in it. Without
            it, for `Kernel`, a schedule is an input like any hyperparameter.
        dtype : of theta. The page knows float64 alone.

        Raises Untranslatable when the rule does what no tape can hold; the error names the line.
        """
        given, own = self.hyperparameters, self.rule_hyperparameters
        used = {name: value for name, value in given.items() if name in own or name in inputs or np.any(value != 0)}
        fixed = {name: value for name, value in used.items() if name in self.options or for_page and callable(value)}
        adjustable = [name for name in used if name not in fixed]
        update = type(self).update if for_page else None
        return record_step(self.apply, update, self.state_names, fixed, adjustable, single=dtype == np.float32)

    @property
    def _eps_is_zero(self):
        return np.any(getattr(self, "eps", 1.0) < np.finfo(np.float32).smallest_subnormal)  # float32 has no such number

    def _kernel_for(self, theta, moving, overflowed=False):
        """Return what takes the step on arrays like theta, or say what is wrong with theta."""
        self._check_theta(theta)
        own = vars(self)
        if overflowed and not self._overflowed:
            own.update(_overflowed=True, _kernel=None)
        if self._text is not type(self).update:
            self._adopt_new_text()
        kernel = self._kernel
        if kernel is None or kernel.dtype != theta.dtype or kernel.shape != theta.shape or not kernel.takes(moving):
            values = self._values(moving)
            for name, value in values.items():
                if isinstance(value, np.ndarray):
                    self._check_broadcast(name, value, theta.shape)
            program, elementwise = self._program(values, theta.dtype)
            if self._t == 0:
                own["_state"] = [np.zeros_like(theta, subok=False) for _ in self.state_names]
            own["_made_for"] = theta.shape, theta.dtype
            if program is not None:
                kernel = Kernel(program, values, theta, self._state)
            else:
                kernel = AsWritten(self.apply, values, self._moving, theta, self._state, elementwise)
            own["_kernel"] = kernel
        return kernel

    def _adopt_new_text(self):
        """Take the rule as its class now has it: another `update` counts from the next step on."""
        own, rule = vars(self), type(self).__name__
        if type(self)._declared is not type(self).update:  # deleted, or replaced in a class that is no Optimizer
            type(self)._declare()
        if self._t and len(self._state) != len(self.state_names):
            raise TypeError(
                f"{rule}.update was replaced by one that remembers {', '.join(self.state_names) or 'nothing'}, after "
                f"{self._t} steps of another: start a new {rule}."
            )
        for name, default in self.defaults.items():
            if name not in own:
                setattr(self, name, default)
        own.update(_text=type(self).update, _kernel=None)

    def _program(self, values, dtype):
        """Return the rule written out for values of this kind, or None where its own text must run.

        And whether it is elementwise: the same if it runs on a part of theta at a time.
        """
        kind = [dtype.str, self._eps_is_zero, self._overflowed, self._moving]
        for name, value in values.items():
            kind += [value if name in self.options else np.shape(value), np.any(getattr(self, name) != 0)]
        kind = tuple(kind)
        programs = type(self)._programs
        if kind not in programs:
            programs[kind] = self._translated(values, dtype) if is_pure(type(self).update) else (None, False)
        return programs[kind]

    def _translated(self, values, dtype):
        try:
            tape = self.tape(for_page=False, dtype=dtype)
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
        if not isinstance(theta, np.ndarray) or isinstance(theta, (np.ma.MaskedArray, np.matrix)):
            raise TypeError(
                f"{rule}.step changes theta in place, so theta must be a NumPy array, not {type(theta).__name__}: "
                "pass np.array([…], dtype=float), or np.array(x, dtype=float) for a single number."
            )
        if theta.dtype.newbyteorder("=") in (np.float32, np.float64) and not theta.dtype.isnative:
            raise TypeError(
                f"{rule}.step: theta has dtype {theta.dtype.str}, the byte order of another kind of machine. Use "
                'theta = theta.astype(theta.dtype.newbyteorder("=")).'
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
        if self._t and self._served is not None and self._served.is_another(theta):
            raise ValueError(
                f"{rule}.step: this optimizer has served another array, which is still there, and not this one. "
                f"It remembers that array's {', '.join(self.state_names) or 'steps'}: use one optimizer an array. If "
                "these are the same parameters, put them into the first array: theta[...] = new values."
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
        for name in self.state_names:
            if isinstance(state.get(name), np.ma.MaskedArray):
                raise ValueError(f"{where}: {name} is a masked array, and has no number where it is masked.")
        arrays = [_native(state[name]) for name in self.state_names] if t else []
        kinds = {(array.shape, array.dtype) for array in arrays}
        if len(kinds) > 1 or not all(dtype in (np.float32, np.float64) for _, dtype in kinds):
            given = ", ".join(f"{name}: {array.dtype} {array.shape}" for name, array in zip(self.state_names, arrays))
            raise ValueError(f"{where}: expected arrays of one shape, all float64 or all float32, not {given}.")
        if np.isnan(arrays).any():
            raise ValueError(f"{where}: there is a nan among the remembered numbers; no run can go on from that.")
        for name, array in zip(self.state_names, arrays):
            if name in NEVER_NEGATIVE and (array < 0).any():
                raise ValueError(f"{where}: {name} is below 0 at {np.count_nonzero(array < 0)} places; it never is.")
        overflowed = not np.isfinite(arrays).all()
        vars(self).update(
            _t=int(t), _state=arrays, _made_for=(*kinds, None)[0], _served=None, _kernel=None, _overflowed=overflowed
        )

    def fresh(self):
        """Return a new optimizer with the same hyperparameters that has taken no step."""
        return type(self)(**self.hyperparameters)

    def __getstate__(self):  # a copy has arrays of its own, serves another array, and makes its own kernel
        new = {"_free": True, "_kernel": None, "_served": None, "_text": None}
        return vars(self) | new | {"_state": [array.copy() for array in self._state]}

    def __setstate__(self, state):
        for name, value in state.items():
            if name in self.defaults and isinstance(value, np.ndarray):
                state = state | {name: checked(type(self).__name__, self.declaration, name, value)}
        vars(self).update(state)


class _Served:
    """The array that an optimizer has served last, without keeping it alive: called, it returns it, or None.

    before : the _Served of the array that was served before that one, if there was another.
    """

    def __init__(self, theta, before=None):
        self._array, self._owner = weakref.ref(theta), weakref.ref(_owner(theta))
        self._place, self._before = _place(theta), before

    def __call__(self):
        return self._array()

    def shows(self, theta):
        """Tell whether theta is these parameters: the same part of the same memory, which a view may show anew."""
        return self._owner() is not None and self._place == _place(theta)

    def is_another(self, theta):
        """Tell whether theta is certainly other parameters.

        It is when the served ones are still there and theta nowhere agrees with them (a copy would, and so would most
        of a copy that was clipped), or when theta was served before them and is not where they are now.
        """
        served = self._array()
        if served is None or self.shows(theta) or theta.size == 0 or served.shape != theta.shape:
            return False
        equal = np.equal(served, theta)
        came_back = self._before is not None and self._before.shows(theta)
        return not (equal.all() if came_back else equal.any())


def _native(array):
    array = np.array(array)
    return array.astype(array.dtype.newbyteorder("="), copy=False)


def _place(array):
    return array.__array_interface__["data"][0], array.strides


def _owner(array):
    while isinstance(array.base, np.ndarray):
        array = array.base
    return array
