"""What a rule's signature declares, and what each hyperparameter may be.

    def update(self, theta, g, m, v, t, *, lr=1e-3, beta1=0.9, beta2=0.999, eps=1e-8):

After `theta` and the gradient `g` come the arrays that the rule remembers (zeros at first) and, where it is needed, the
step count `t` (1 at the first step). After the star come the hyperparameters with their defaults. What a signature
cannot say stands in attributes of the class (see `Optimizer`); a subclass inherits them, entry by entry.
"""

import inspect
import math
import numbers
import operator
import re
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

COMMON = {"l2": 0.0, "weight_decay": 0.0}  # hyperparameters that every rule has
MAY_VARY = ("lr", *COMMON)  # those that may be functions of t
DECAY_RATE = re.compile(r"beta\d*|rho")  # how the papers call them; a rule may name its own (`decay_rates`)


@dataclass(frozen=True)
class Declaration:
    """What a rule is made of, read once from its class.

    Attributes
    ----------
    state_names : of the remembered arrays, in order.
    counts_steps : whether `update` takes t.
    rule_hyperparameters : names of those that `update` takes.
    defaults : dict from every hyperparameter to its default, those of all rules included.
    options : names of those that are words; choices : dict from these to the words they may be.
    ablations : see `Optimizer`.
    decay_rates : names of those that lie in [0, 1) and cannot change on the way.
    least : dict from a name to the least value that a number may have.
    """

    state_names: tuple
    counts_steps: bool
    rule_hyperparameters: tuple
    defaults: dict
    options: tuple
    choices: dict
    ablations: dict
    decay_rates: tuple
    least: dict

    @property
    def signature(self):
        """inspect.Signature: how the class is called. What all rules have is given by name only."""
        return inspect.Signature(
            [
                inspect.Parameter(
                    name,
                    inspect.Parameter.KEYWORD_ONLY if name in COMMON else inspect.Parameter.POSITIONAL_OR_KEYWORD,
                    default=default,
                )
                for name, default in self.defaults.items()
            ]
        )


class Declared(dict):
    """What a class declares. It is read when it is assigned, so it is assigned as a whole."""

    def _refuse(self, *given, **named):
        raise TypeError(
            "A class's declarations are assigned, not changed inside: "
            'AdamW.changed_defaults = AdamW.changed_defaults | {"lr": 0.01}.'
        )

    __setitem__ = __delitem__ = __ior__ = update = setdefault = pop = popitem = clear = _refuse


def declaration_of(rule, reserved):
    """Return the Declaration of a rule's class.

    reserved : names that no hyperparameter may have, since every optimizer uses them otherwise.
    Raises TypeError for a signature that cannot be right, or a default for something that the rule does not have.
    """
    signature = inspect.signature(rule.update)
    if list(signature.parameters)[1:3] != ["theta", "g"]:
        raise TypeError(f"{rule.__name__}.update{signature}: begin with (self, theta, g, …).")
    parameters = list(signature.parameters.values())[3:]
    for parameter in parameters:
        _check_parameter(rule, parameter, reserved)
    remembered = [p.name for p in parameters if p.kind is p.POSITIONAL_OR_KEYWORD]
    named = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
    _check_declared(rule, named)
    words = {name: [value] for name, value in named.items() if isinstance(value, str)}
    choices = {name: given for name, given in _merged(rule, "choices").items() if name in words}
    ablations = {
        option: by_word
        for option, by_word in _merged(rule, "ablations").items()
        if option not in named and named.keys() >= {name for names in by_word.values() for name in names}
    }
    choices |= {option: tuple(by_word) for option, by_word in ablations.items()}
    defaults = named | {option: next(iter(by_word)) for option, by_word in ablations.items()} | COMMON
    own = rule.own_decay_rates
    rates = [name for name in named if (DECAY_RATE.fullmatch(name) if own is None else name in own)]
    return Declaration(
        state_names=tuple(name for name in remembered if name != "t"),
        counts_steps="t" in remembered,
        rule_hyperparameters=tuple(named),
        defaults=_with_changed_defaults(rule, defaults),
        options=(*words, *ablations),
        choices=choices,
        ablations=ablations,
        decay_rates=tuple(rates),
        least={"lr": 0.0, "eps": 0.0} | dict.fromkeys(COMMON, 0.0) | _merged(rule, "least"),
    )


def _check_parameter(rule, p, reserved):
    where = f"{rule.__name__}.update(…, {p.name})"
    if p.kind not in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY):
        raise TypeError(f"{where}: name each remembered array and each hyperparameter.")
    if p.kind is p.KEYWORD_ONLY and p.default is p.empty:
        raise TypeError(f"{where}: give the hyperparameter a default value, {p.name}=….")
    if p.kind is p.POSITIONAL_OR_KEYWORD and p.default is not p.empty:
        raise TypeError(f"{where}: hyperparameters stand after a star, (…, *, {p.name}={p.default!r}).")
    if p.name.startswith("_"):
        raise TypeError(f"{where}: such names are the optimizer's own; begin with a letter.")
    if p.name in reserved and (p.name, p.kind) != ("t", p.POSITIONAL_OR_KEYWORD):
        raise TypeError(f"{where}: every optimizer has a {p.name} already; choose another name.")


def _check_declared(rule, named):
    """Raise TypeError where the class itself declares something that cannot be meant."""
    own = vars(rule)
    names = own.get("own_decay_rates") or ()
    if not isinstance(names, (tuple, list, set, frozenset)) or not named.keys() >= set(names):
        raise TypeError(f"{rule.__name__}.decay_rates = {names!r}: expected some of {tuple(named)}, such as ('beta',).")
    for attribute in ("changed_defaults", "choices", "ablations", "least"):
        given, where = own.get(attribute, {}), f"{rule.__name__}.{attribute}"
        if not isinstance(given, dict):
            raise TypeError(f"{where} = {given!r}: expected a dict, from a name to what it is to be.")
        if attribute in ("choices", "least") and (unknown := given.keys() - named.keys() - COMMON.keys()):
            raise TypeError(f"{where}: update has no hyperparameter {', '.join(sorted(map(str, unknown)))}.")
        for name, value in given.items():
            if attribute == "choices" and (isinstance(value, str) or not value):
                raise TypeError(f"{where}: {name} is {value!r}; expected the words it may be, such as ('a', 'b').")
            if attribute == "least" and not isinstance(value, numbers.Real):
                raise TypeError(f"{where}: {name} is {value!r}; expected a number.")
            if attribute == "ablations" and not (isinstance(value, dict) and value):
                raise TypeError(
                    f"{where}: {name} is {value!r}; expected a dict from each word to names of decay rates."
                )


def _merged(rule, attribute):
    """Return the dict of that name, entries of parents included unless a class nearer by has its own."""
    merged = {}
    for parent in reversed(rule.__mro__):
        merged |= vars(parent).get(attribute, {})
    return merged


def _with_changed_defaults(rule, defaults):
    """Return the defaults with those that the class, or the nearest of its parents, has of its own.

    A class that writes `update` anew says all defaults of its rule there: those of its parents' end.
    """
    changed = {}
    for parent in reversed(rule.__mro__):
        if "update" in vars(parent):
            changed = {name: value for name, value in changed.items() if name in COMMON}
        changed |= vars(parent).get("changed_defaults", {})
    if unknown := vars(rule).get("changed_defaults", {}).keys() - defaults.keys():
        raise TypeError(f"{rule.__name__}.changed_defaults: update has no hyperparameter {', '.join(sorted(unknown))}.")
    return defaults | {name: value for name, value in changed.items() if name in defaults}


def checked(owner, declaration, name, value):
    """Return a hyperparameter's value as a float, a float array, a function of t or a word, or say what is wrong.

    Raises TypeError or ValueError that names the owner, what was given and what was expected.
    """
    if type(value) is float and name not in declaration.options and 0 <= value < math.inf:  # nearly always
        if (name not in declaration.decay_rates or value < 1) and value >= declaration.least.get(name, 0.0):
            if name != "weight_decay" or value == 0 or "lr" in declaration.defaults:
                return value
    where = f"{owner}({name}={value!r})"
    if name in declaration.options:
        expected = declaration.choices.get(name)
        if not isinstance(value, str) or expected and value not in expected:
            raise ValueError(f"{where}: expected {' or '.join(map(repr, expected or ['a word']))}.")
        return value
    if name == "weight_decay" and "lr" not in declaration.defaults and not is_zero(value):
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
    if isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{where}: a masked array has no number where it is masked; pass value.filled(…).")
    try:
        value = np.array(value, dtype=float)
    except OverflowError:  # a whole number or a fraction beyond all floats
        value = np.array(math.inf)
    if not np.isfinite(value).all():
        raise ValueError(f"{where}: expected finite numbers.")
    if name in declaration.decay_rates and not ((value >= 0) & (value < 1)).all():
        raise ValueError(f"{where}: a decay rate lies in [0, 1): 0 forgets at once, 0.9 averages about 10 steps.")
    least = declaration.least.get(name, -math.inf)
    if (value < least).any():
        raise ValueError(f"{where}: expected {least:g} or more.")
    value.flags.writeable = False  # a change inside the array would go unchecked: set the hyperparameter anew
    return value if value.ndim else float(value)


def scheduled(owner, name, schedule, t):
    """Return the number, or the array of them, that a schedule gives for step t; raise if it gives anything else."""
    value = schedule(t)
    if isinstance(value, float) and 0 <= value < math.inf:  # nearly always
        return float(value)
    array = np.asarray(float(value) if isinstance(value, Fraction) else value)
    where = f"{owner}: the schedule {name} = {short(schedule)} gives {value!r} at t = {t}"
    if array.dtype.kind not in "fiu" or isinstance(value, np.ma.MaskedArray):
        raise TypeError(f"{where}; expected a number.")
    if not (np.isfinite(array) & (array >= 0)).all():
        raise ValueError(f"{where}; expected finite numbers of 0 or more.")
    return array.astype(float) if array.ndim else float(array)


def short(value):
    """Return a hyperparameter as it is read best in a line of text."""
    if callable(value):
        return getattr(value, "__name__", type(value).__name__)
    if isinstance(value, np.ndarray) and value.size > 4:
        return f"array of shape {value.shape}, {value.min():.4g} to {value.max():.4g}"
    return f"{value:.6g}" if isinstance(value, float) else repr(value)


def is_zero(value):
    """Tell whether a hyperparameter is the number 0; arrays, schedules and recorded values are not."""
    return isinstance(value, (int, float)) and value == 0


class Many(np.ndarray):
    """The values of a hyperparameter for many runs: their powers have the same bits as those of a single number.

    NumPy's ** is faster and differs in the last digit on some processors. Powers of a few betas take no time.
    """

    def __pow__(self, exponent):
        return np.float_power(self, exponent)

    def __array_wrap__(self, array, context=None, return_scalar=False):
        """Return what an operation made; with an array of coordinates it is one, and its powers are NumPy's."""
        given = context[1] if context else ()
        mixed = any(isinstance(one, np.ndarray) and not isinstance(one, Many) for one in given)
        return array if mixed else array.view(Many)


class WithoutPowers:
    """A decay rate whose powers are 0, and which is in all else the same: 1 - beta**t is 1 then, and corrects nothing.

    value : a number, an array or a recorded value. No subclass of float: NumPy would compute in float64 with it.
    """

    __array_ufunc__ = None  # NumPy leaves the operators to us

    def __init__(self, value):
        self.value = value

    def __pow__(self, exponent):
        return 0.0


def _operators(operation):
    def forward(self, other):
        return operation(self.value, other)

    def reflected(self, other):
        return operation(other, self.value)

    return forward, reflected


for _name in ("add", "sub", "mul", "truediv"):
    _forward, _reflected = _operators(getattr(operator, _name))
    setattr(WithoutPowers, f"__{_name}__", _forward)
    setattr(WithoutPowers, f"__r{_name}__", _reflected)
