"""What `explore` accepts: everything is checked before anything is made, and each error says what to write instead."""

import inspect
import math
import numbers

import numpy as np

from descent.loop import check_optimizer, check_problem
from descent.problems import with_parameters

MOST_STEPS = 100_000  # the page runs them all at each move of a slider
GREEK = "₀₁₂₃₄₅₆₇₈₉"


def checked_problem(problem):
    """Return a copy of the problem that has a name and a label for each coordinate."""
    check_problem("explore", problem)
    if not hasattr(problem, "start"):
        raise TypeError(f"explore: {problem!r} has no attribute start, where the runs begin.")
    start = finite_row(problem.start)
    if start is None:
        raise ValueError(f"explore: {problem!r} has the start {problem.start!r}; expected finite numbers in a row.")
    n = len(start)
    name = getattr(problem, "name", None) or type(problem).__name__
    domain, minimum = getattr(problem, "domain", None), getattr(problem, "minimum", None)
    view = getattr(problem, "view", None)
    if view is not None:
        _check_view(problem, view, n)
    if domain is not None and not is_span(domain):
        raise ValueError(f"explore: {problem!r} has the domain {domain!r}; expected (least, greatest), or None.")
    if minimum is not None and (finite_row(minimum) is None or len(minimum) != n):
        raise ValueError(f"explore: {problem!r} has the minimum {minimum!r}; expected {n} finite numbers, or None.")
    labels = _checked_coordinates(problem, n)
    return with_parameters(
        problem, {"name": str(name), "labels": labels, "view": view, "minimum": minimum, "domain": domain}
    )


def _check_view(problem, view, n):
    fits = isinstance(view, (tuple, list, np.ndarray)) and len(view) == n and all(is_span(axis) for axis in view)
    if not fits:
        raise ValueError(
            f"explore: {problem!r} has the view {view!r}; expected a pair (least, greatest) for each of its {n} "
            f"coordinate{'s' * (n > 1)}, or None."
        )


def _checked_coordinates(problem, n):
    labels = getattr(problem, "labels", ())
    labels = tuple(labels) if isinstance(labels, (tuple, list)) else (labels,)
    if labels in ((), ("x", "y")):  # what a problem has that says nothing of its coordinates
        return ("x", "y", "z")[:n] if n <= 3 else tuple(f"θ{_below(i + 1)}" for i in range(n))
    if len(labels) != n or not all(isinstance(label, str) and label for label in labels):
        raise ValueError(f"explore: {problem!r} has the labels {labels}; expected {n} texts, one for each coordinate.")
    return labels


def _below(number):
    return "".join(GREEK[int(digit)] for digit in str(number))


def checked_optimizers(optimizers):
    """Return a list of optimizers, of which there is at least one."""
    optimizers = list(optimizers) if isinstance(optimizers, (list, tuple)) else [optimizers]
    if not optimizers:
        raise ValueError("explore: expected at least one optimizer, such as Adam(lr=0.1), not an empty list.")
    for optimizer in optimizers:
        check_optimizer("explore", optimizer, declared=True)
    return optimizers


def checked_start(problem, start):
    """Return the start as a list of floats, one for each coordinate, within the problem's domain."""
    given = problem.start if start is None else start
    numbers_given, n = finite_row(given), len(problem.start)
    if numbers_given is None or len(numbers_given) != n:
        wanted = f"{n} finite number{'s' * (n > 1)} in a row, such as {[float(x) for x in problem.start]}"
        raise ValueError(f"explore(start={given!r}): {problem!r} has {n} coordinates: expected {wanted}.")
    if problem.domain is not None and not np.array_equal(numbers_given, np.clip(numbers_given, *problem.domain)):
        raise ValueError(f"explore(start={given!r}): outside the domain {problem.domain} of {problem!r}.")
    return numbers_given


def checked_steps(steps):
    """Return the number of steps as an int."""
    whole = isinstance(steps, (int, np.integer)) and not isinstance(steps, bool)
    if not whole or not 1 <= steps <= MOST_STEPS:
        raise ValueError(f"explore(steps={steps!r}): expected a whole number from 1 to {MOST_STEPS:,}.")
    return int(steps)


def checked_labels(optimizers, labels):
    """Return a label for each optimizer; by default its class, and for two of a class what they differ in."""
    if labels is None:
        return _default_labels(optimizers)
    if isinstance(labels, str) or not hasattr(labels, "__iter__"):
        raise TypeError(f"explore(labels={labels!r}): expected a list of texts, one for each optimizer.")
    labels = list(labels)
    if len(labels) != len(optimizers):
        raise ValueError(f"explore(labels=…): {len(labels)} labels for {len(optimizers)} optimizers.")
    if not all(isinstance(label, str) and label.strip() for label in labels):
        raise TypeError(f"explore(labels={labels!r}): expected texts, such as 'Adam at 0.1'.")
    if len(set(labels)) < len(labels):
        raise ValueError(f"explore(labels={labels!r}): two rules with one label cannot be told apart.")
    return labels


def _default_labels(optimizers):
    labels = []
    for optimizer in optimizers:
        name, kin = type(optimizer).__name__, [o for o in optimizers if type(o) is type(optimizer)]
        apart = [key for key in optimizer.defaults if len({repr(getattr(o, key)) for o in kin}) > 1]
        told = [f"{key} {_short(getattr(optimizer, key))}" for key in apart]
        labels.append(
            ", ".join([name, *told]) if None not in [_short(getattr(optimizer, key)) for key in apart] else name
        )
    return [
        label if labels.count(label) == 1 else f"{label} ({labels[: k + 1].count(label)})"
        for k, label in enumerate(labels)
    ]


def _short(value):
    if isinstance(value, str):
        return value
    return f"{value:.4g}" if isinstance(value, numbers.Real) else None


def checked_title(problem, title):
    """Return the heading: the one given, or the problem's name."""
    if title is None:
        return problem.name[0].upper() + problem.name[1:]
    if not isinstance(title, str) or not title.strip():
        raise TypeError(f"explore(title={title!r}): expected a text.")
    return title


def checked_text(name, text):
    if text is not None and (not isinstance(text, str) or not text.strip()):
        raise TypeError(f"explore({name}={text!r}): expected a text.")
    return text or ""


def checked_sliders(optimizers, sliders):
    """Return {hyperparameter: (least, greatest) or None}; None for what nobody asked for."""
    if sliders is None:
        return None
    _check_is_dict("sliders", sliders, '{"lr": (0.001, 1)}')
    known = {name for optimizer in optimizers for name in optimizer.defaults}
    for name, span in sliders.items():
        if name not in known:
            raise ValueError(f"explore(sliders=…): no optimizer has {name!r}; they have {sorted(known)}.")
        holders = [optimizer for optimizer in optimizers if name in optimizer.defaults]
        values = [getattr(optimizer, name) for optimizer in holders]
        if not any(isinstance(value, numbers.Real) for value in values):
            raise ValueError(
                f"explore(sliders={{{name!r}: …}}): {values[0]!r} is no number that a slider could move. "
                "Give the rule one number there, or leave this slider out."
            )
        if span is not None:
            _check_span("sliders", name, span)
            if span[0] < 0:
                raise ValueError(f"explore(sliders={{{name!r}: {span!r}}}): hyperparameters are 0 or more.")
            if span[1] >= 1 and any(name in optimizer.decay_rates for optimizer in holders):
                raise ValueError(
                    f"explore(sliders={{{name!r}: {span!r}}}): a decay rate stays below 1: end at 0.9999, say."
                )
    return dict(sliders)


def checked_marks(optimizers, marks):
    """Return {hyperparameter: {value or function: label}}, or None for the marks that theory knows."""
    if marks is None:
        return None
    _check_is_dict("marks", marks, '{"lr": {0.1: "edge"}}')
    known = {name for optimizer in optimizers for name in optimizer.defaults}
    for name, spots in marks.items():
        if name not in known:
            raise ValueError(f"explore(marks=…): no optimizer has {name!r}; they have {sorted(known)}.")
        _check_is_dict(f"marks={{{name!r}: …}}", spots, '{0.1: "edge"}')
        for value, label in spots.items():
            if not callable(value) and finite_row([value]) is None:
                raise ValueError(f"explore(marks=…): {name} has a mark at {value!r}; expected a number or a function.")
            if not isinstance(label, str) or not label:
                raise TypeError(f"explore(marks=…): the mark of {name} at {value!r} has the label {label!r}, no text.")
    return marks


def checked_parameters(problem, parameters):
    """Return {attribute of the problem: (least, greatest) or None}."""
    parameters = {} if parameters is None else parameters
    _check_is_dict("parameters", parameters, '{"condition": (1, 100)}')
    for name, span in parameters.items():
        value = getattr(problem, name, None) if isinstance(name, str) else None
        if isinstance(inspect.getattr_static(type(problem), str(name), None), property):
            raise ValueError(f"explore(parameters=…): {problem!r} works out its {name}, which cannot be set.")
        if not isinstance(value, numbers.Real) or isinstance(value, bool) or not math.isfinite(value):
            raise ValueError(f"explore(parameters=…): {problem!r} has no attribute {name!r} that is a number.")
        if span is not None:
            _check_span("parameters", name, span)
            if isinstance(value, numbers.Integral) and not all(float(end).is_integer() for end in span):
                raise ValueError(f"explore(parameters={{{name!r}: {span!r}}}): {name} moves in whole numbers.")
    return parameters


def checked_shared(shared):
    """Return a list of tuples of names, each of which gets one slider for all rules."""
    groups = (shared,) if isinstance(shared, str) else shared
    listed = isinstance(groups, (tuple, list, set)) or groups is None
    groups = (
        [tuple(group) if isinstance(group, (tuple, list)) else (group,) for group in groups or ()] if listed else []
    )
    if not listed or not all(group and all(isinstance(name, str) for name in group) for group in groups):
        raise TypeError(f'explore(shared={shared!r}): expected names, such as ["lr", ("l2", "weight_decay")].')
    return groups


def checked_views(views):
    """Return a list of words and views, or None for the usual ones."""
    if views is None:
        return None
    views = list(views) if isinstance(views, (list, tuple)) else [views]
    if not views:
        raise ValueError('explore(views=[]): expected at least one, such as ["map", "loss"].')
    for view in views:
        if isinstance(view, type) or not (isinstance(view, str) or hasattr(view, "specs")):
            raise TypeError(
                f'explore(views=…): {view!r} is no view; expected a word such as "map", Curve(…) or Plane(…).'
            )
    return views


def check_function(asking, function):
    """Raise TypeError unless it is a function whose arguments have names."""
    try:
        kinds = [argument.kind for argument in inspect.signature(function).parameters.values()]
    except (TypeError, ValueError):
        kinds = None
    if kinds is None or not set(kinds) <= {inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY}:
        raise TypeError(
            f"{asking}: {function!r} is no function whose arguments have names, such as lambda lr, t: lr / t."
        )


def check_text(asking, text):
    if not isinstance(text, str):
        raise TypeError(f"{asking}: {text!r} is no text.")


def _check_is_dict(name, given, example):
    if not isinstance(given, dict):
        raise TypeError(f"explore({name}={given!r}): expected a dict, such as {example}.")


def _check_span(argument, name, span):
    if not is_span(span):
        raise ValueError(
            f"explore({argument}={{{name!r}: {span!r}}}): expected (least, greatest), two finite numbers in this order."
        )


def is_span(span):
    """Tell whether something is a pair of finite numbers, the least first."""
    pair = finite_row(span)
    return pair is not None and len(pair) == 2 and pair[0] < pair[1]


def finite_row(given):
    """Return the numbers given as a list of floats; None when they are not finite numbers in a row."""
    try:
        array = np.asarray(given)
    except ValueError:
        return None
    if array.dtype.kind not in "fiu" or array.ndim != 1 or not array.size or not np.isfinite(array).all():
        return None
    return array.astype(float).tolist()
