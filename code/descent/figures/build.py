"""The interactive figure: rules racing on a surface, alive on the static page and in Jupyter alike.

Python translates the rules and the surface once (`descent.engine.tape`) and hands them to the front end as data.
The front end computes every path itself, so the figure needs no kernel; with one, its traits are in step
with Python: `figure.settings`, `figure.start`, `figure.frame` can be observed, set and linked.
"""

import inspect
import math
from itertools import chain

import numpy as np

from descent.engine.tape import Recorded, Tape
from descent.figures.lines import line_style
from descent.figures.texts import text_of_rule
from descent.figures.views import WORDS, Plane, make_views
from descent.problems import gradient_changes, record_problem, with_parameters


def explore(
    problem,
    optimizers,
    *,
    start=None,
    steps=100,
    sliders=None,
    marks=None,
    labels=None,
    title=None,
    parameters=None,
    shared=(),
    views=None,
    live_only=False,
):
    """Return an interactive figure of `optimizers` descending `problem` from one start.

    Parameters
    ----------
    problem : a Problem of one or two coordinates (of any number, where the views need no map).
    optimizers : an optimizer, or a list of them; the sliders begin at their hyperparameters.
    start : where the runs begin (by default the problem's own start).
    steps : number of steps.
    sliders : dict from a hyperparameter's name to its (least, greatest) value, for those that get a slider.
        By default the learning rate and each beta.
    marks : dict from a hyperparameter's name to {value: label}: spots on its sliders that theory names. A value
        may be a function of the problem's parameters, by their names: `{lambda condition: 2 / condition: "2/h"}`.
    labels : names for the legend (by default the names of the rules).
    title : heading of the figure (by default the problem's name).
    parameters : dict from the name of an attribute of the problem to its (least, greatest) value: a slider for each.
        Its loss and gradient read it as self.name at every call. One that is an int moves in whole numbers.
    shared : hyperparameters that have one slider for all rules. A tuple of names moves together, each rule's being
        the one that is not 0: `shared=["lr", ("l2", "weight_decay")]`.
    views : what is drawn. By default the data if the problem has x, y and predict(theta, x), then "map" (two
        coordinates) or "graph" (one), then "loss". Further words: "position", "error", "g", "step", and whatever
        the rules' text names, such as "m_hat"; or `Curve`, `Curves` and `Plane` of descent.figures.
    live_only : accept rules and problems that the page cannot replay. Python then draws the figure, while a kernel
        runs; the published page shows its picture and says so. The views are "map", "graph", "loss", "position", "error".

    Raises
    ------
    Untranslatable : when a rule or the loss uses an operation that the page cannot replay; it names the line.
    ValueError : for views that the problem or the rules do not have, a slider that no optimizer has, and so on.
    """
    from descent.figures.widget import Explore  # here: Jupyter's widgets and Matplotlib take a second to load

    optimizers = list(optimizers) if isinstance(optimizers, (list, tuple)) else [optimizers]
    start = [float(number) for number in (problem.start if start is None else start)]
    if len(start) != len(problem.start):
        raise ValueError(f"explore(start={start}): {problem!r} has {len(problem.start)} coordinates.")
    _check_sliders(optimizers, sliders)
    labels = labels or [type(optimizer).__name__ for optimizer in optimizers]
    if len(labels) != len(optimizers):
        raise ValueError(f"explore(labels=…): {len(labels)} labels for {len(optimizers)} optimizers.")
    limits = _plane_limits(views) | (sliders or {})
    together = _shared(optimizers, shared)
    rules = [
        _rule(
            optimizer,
            label,
            line_style(i),
            sliders,
            limits,
            _marks(problem, optimizer, marks, parameters or {}),
            [dict(targets)[i] for targets in together if i in dict(targets)],
            set(_flat(shared)),
            live_only,
        )
        for i, (optimizer, label) in enumerate(zip(optimizers, labels))
    ]
    title = title or problem.name[0].upper() + problem.name[1:]
    parameters = parameters or {}
    values = _parameter_values(problem, parameters)
    translated = _translated(problem, values, parameters, live_only)
    drawn = make_views(views, problem, rules, list(parameters), live_only)
    one_for_all = [_shared_slider(targets, rules, limits) for targets in together]
    settings = [{slider["name"]: slider["value"] for slider in rule["sliders"]} for rule in rules]
    for slider in one_for_all:
        for k, name in slider["targets"]:
            settings[k][name] = slider["value"]
    return Explore(
        problem,
        optimizers,
        problem=translated,
        rules=rules,
        shared=one_for_all,
        views=drawn,
        settings=settings,
        parameters=values,
        start=start,
        steps=steps,
        frame=steps,
        title=title,
        live_only=live_only,
    )


def _check_sliders(optimizers, sliders):
    known = set(chain.from_iterable(optimizer.defaults for optimizer in optimizers))
    if unknown := set(sliders or ()) - known:
        raise ValueError(f"explore(sliders=…): no optimizer has {sorted(unknown)[0]!r}; they have {sorted(known)}.")


def _parameter_values(problem, names):
    for name in names:
        if not isinstance(getattr(problem, name, None), (int, float)):
            raise ValueError(f"explore(parameters=…): {problem!r} has no attribute {name!r} that is a number.")
    return {name: float(getattr(problem, name)) for name in names}


def _translated(problem, values, limits, live_only):
    """Return the problem as the front end reads it; `values` and `limits` are those of its adjustable attributes."""
    tape = None if live_only else record_problem(problem, list(limits), with_t=gradient_changes(problem))
    for register, name in enumerate(tape["inputs"] if tape else ()):
        if name in limits and not any(register in arguments for _, *arguments in tape["ops"]):
            raise ValueError(f"explore(parameters=…): the loss of {problem!r} does not read self.{name} at each call.")
    return {
        "name": problem.name,
        "label": "The problem",
        "tape": tape,
        "labels": list(problem.labels),
        "view": None if problem.view is None else [list(axis) for axis in problem.view],
        "minimum": None if problem.minimum is None else [float(number) for number in problem.minimum],
        "domain": None if getattr(problem, "domain", None) is None else [float(number) for number in problem.domain],
        "sliders": [
            _parameter_slider(name, values[name], limits[name], isinstance(getattr(problem, name), int))
            for name in limits
        ],
    }


def _parameter_slider(name, value, limits, whole):
    slider = _slider(name, value, limits, [])
    return slider | {"scale": "whole"} if whole else slider


def _shared(optimizers, shared):
    """Return, for each slider that moves several rules, its targets: pairs of a rule's number and a name."""
    targets = []
    for names in shared:
        names = (names,) if isinstance(names, str) else names
        pairs = []
        for k, optimizer in enumerate(optimizers):
            here = [name for name in names if name in optimizer.defaults]
            if len(names) > 1:
                here = [name for name in here if np.any(getattr(optimizer, name) != 0)]
            if len(here) > 1:
                raise ValueError(
                    f"explore(shared=…): {optimizer!r} uses {here} at once; only one of them may differ from 0."
                )
            pairs += [(k, name) for name in here]
        if not pairs:
            raise ValueError(f"explore(shared=…): no optimizer has {' or '.join(names)}.")
        targets.append(pairs)
    return targets


def _shared_slider(targets, rules, limits):
    k, name = targets[0]
    values = {rules[i]["fixed"][n] for i, n in targets}
    if len(values) > 1:
        raise ValueError(f"explore(shared=…): the optimizers begin with different values of {name}: {sorted(values)}.")
    label = "decay or penalty λ" if {n for _, n in targets} == {"l2", "weight_decay"} else WORDS.get(name, name)
    slider = _slider(name, rules[k]["fixed"][name], limits.get(name), [])
    return slider | {"label": label, "targets": [list(target) for target in targets]}


def _plane_limits(views):
    spans = {}
    for view in views or ():
        spans |= view.spans if isinstance(view, Plane) else {}
    return {name: (low, min(high, 0.9999) if name.startswith("beta") else high) for name, (low, high) in spans.items()}


def _flat(shared):
    return chain.from_iterable((names,) if isinstance(names, str) else names for names in shared)


def _rule(optimizer, label, style, sliders, limits, marks, moving, shared, live_only):
    """Return one rule as the front end reads it; `shared` have a slider for all rules, and `moving` move in this one."""
    default = [name for name in optimizer.rule_hyperparameters if name == "lr" or name.startswith("beta")]
    names = [
        name for name in (sliders or default) if name in optimizer.defaults and not callable(getattr(optimizer, name))
    ]
    adjustable = [*(name for name in names if name not in shared), *moving]
    tape = {"inputs": adjustable, "names": {}} if live_only else optimizer.tape(adjustable)
    fixed = {name: getattr(optimizer, name) for name in tape["inputs"] if name in optimizer.defaults}
    return {
        "name": type(optimizer).__name__,
        "label": label,
        "tape": tape,
        "state": list(optimizer.state_names),
        "fixed": fixed,
        "sliders": [
            _slider(name, fixed[name], limits.get(name), marks.get(name, [])) for name in names if name not in shared
        ],
        "style": style,
        **({} if live_only else text_of_rule(optimizer)),
    }


def _slider(name, value, limits, marks):
    """Return one slider; without limits a beta spans 0 to 0.9999 and anything else two decades each way."""
    decade = math.floor(math.log10(value)) if value > 0 else -2
    if name.startswith("beta"):
        low, high = limits or (0.0, 0.9999)
        scale = "complement"  # even steps in log(1 - beta): 0.9, 0.99, 0.999 are equally far apart
    else:
        low, high = limits or (10.0 ** (decade - 2), 10.0 ** (decade + 2))
        scale = "log" if min(low, value) > 0 else "linear"  # a decay of 0 is on its scale
    low, high = float(min(low, value)), float(max(high, value))
    return {
        "name": name,
        "label": WORDS.get(name, name),
        "min": low,
        "max": high,
        "value": value,
        "scale": scale,
        "marks": [mark for spot, text in marks for mark in _mark(spot, text, low, high)],
    }


def _mark(value, label, low, high):
    if isinstance(value, dict):  # a tape: the page computes the value from the problem's parameters
        return [{"tape": value, "label": label}]
    return [{"value": float(value), "label": label}] if low <= value <= high else []


def _marks(problem, optimizer, marks, parameters):
    """Return {name: [(value or tape, label)]}: the marks given, or those that theory knows for this pair."""
    if marks is None:
        marks = {}
        if type(optimizer).__name__ == "GradientDescent" and hasattr(problem, "curvatures"):
            marks = {"lr": {_edge_of_stability: "2/h", _best_rate: "best"}}
    else:
        marks = {name: {_of_problem(value): label for value, label in spots.items()} for name, spots in marks.items()}
    return {
        name: [(_resolved(value, problem, parameters), label) for value, label in spots.items()]
        for name, spots in marks.items()
    }


def _edge_of_stability(problem):
    return 2 / problem.curvatures[-1]


def _best_rate(problem):
    return 2 / (problem.curvatures[0] + problem.curvatures[-1])


def _of_problem(value):
    """Turn a function of the problem's parameters, by their names, into one of the problem."""
    if not callable(value):
        return value
    names = list(inspect.signature(value).parameters)
    return lambda problem: value(*(getattr(problem, name) for name in names))


def _resolved(value, problem, parameters):
    """Return the number that a mark stands at, or the tape that computes it from the problem's parameters."""
    if not callable(value):
        return float(value)
    tape = Tape(parameters)
    value = value(with_parameters(problem, {name: tape.input(name) for name in parameters}))
    return tape.finish({"value": value}) if isinstance(value, Recorded) else float(value)
