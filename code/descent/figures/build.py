"""The interactive figure: rules racing on a surface, alive on the static page and in Jupyter alike.

Python translates the rules and the surface once (`descent.engine.tape`) and hands them to the front end as data, which
`protocol.json` describes. The front end computes every path itself, so the figure needs no kernel; with one, its traits
are in step with Python: `figure.settings`, `figure.start`, `figure.frame` can be observed, set and linked.
"""

from itertools import chain

import numpy as np

from descent.figures import checks
from descent.figures.lines import looks_of
from descent.figures.sliders import (
    GREATEST_DECAY_RATE,
    parameter_slider,
    resolved_marks,
    shared_slider,
    shared_targets,
    slider,
)
from descent.figures.texts import NO_TEXT, text_of_problem, text_of_rule
from descent.figures.views import Plane, make_views
from descent.problems import gradient_changes, record_problem


def explore(
    problem,
    optimizers,
    *,
    start=None,
    steps=100,
    labels=None,
    title=None,
    views=None,
    sliders=None,
    marks=None,
    shared=(),
    parameters=None,
    ask=None,
    anatomy=False,
    needs_kernel=False,
    live_only=None,
):
    """Return an interactive figure of `optimizers` descending `problem` from one start.

    Parameters: what runs
    ----------
    problem : a Problem of one or two coordinates (of any number, where the views need no map).
    optimizers : an optimizer, or a list of them; the sliders begin at their hyperparameters.
    start : where the runs begin (by default the problem's own start).
    steps : number of steps.

    Parameters: what is seen
    ----------
    labels : names for the legend (by default the names of the rules, and what two of one name differ in).
    title : heading of the figure (by default the problem's name); links to the figure are made of it.
    views : what is drawn. By default the data if the problem has x, y and predict(theta, x), then "map" (two
        coordinates) or "graph" (one), then "loss". Further words: "position", "error", "g", "step", and whatever
        the rules' text names, such as "m_hat"; or `Curve`, `Curves` and `Plane` of descent.figures.
    ask : a question whose answer the reader is to guess before the run plays, such as "Where will the loss end?".
        The figure then begins at step 0, and the guess is marked in the last view.
    anatomy : True where the map is to open with the anatomy of the step shown: the gradient, the average, the step.

    Parameters: what moves
    ----------
    sliders : dict from a hyperparameter's name to its (least, greatest) value, for those that get a slider.
        By default the learning rate and each decay rate.
    marks : dict from a hyperparameter's name to {value: label}: spots on its sliders that theory names. A value
        may be a function of the problem's parameters, by their names: `{lambda condition: 2 / condition: "2/h"}`.
    shared : hyperparameters that have one slider for all rules. A tuple of names moves together, each rule's being
        the one that is not 0: `shared=["lr", ("l2", "weight_decay")]`.
    parameters : dict from the name of an attribute of the problem to its (least, greatest) value: a slider for each.
        Its loss and gradient read it as self.name at every call. One that is an int moves in whole numbers.
    needs_kernel : accept rules and problems that the page cannot replay. Python then draws the figure, while a kernel
        runs; the published page shows its picture and says so. The views are "map", "graph", "loss", "position" and
        "error". (live_only is its older name.)

    Raises
    ------
    Untranslatable : when a rule or the loss uses an operation that the page cannot replay; it names the line.
    TypeError, ValueError : for a class in an object's place, views that the problem or the rules do not have, a slider
        that no optimizer has, a start that does not fit the problem, and so on: what was given and what to write.
    """
    from descent.figures.widget import Explore  # here: Jupyter's widgets and Matplotlib take a second to load

    problem = checks.checked_problem(problem)
    optimizers = checks.checked_optimizers(optimizers)
    start, steps = checks.checked_start(problem, start), checks.checked_steps(steps)
    labels, title = checks.checked_labels(optimizers, labels), checks.checked_title(problem, title)
    ask, views = checks.checked_text("ask", ask), checks.checked_views(views)
    parameters = checks.checked_parameters(problem, parameters)
    needs_kernel = bool(needs_kernel or live_only)
    controls = Controls(problem, optimizers, sliders, marks, shared, parameters, views)

    rules = [
        _rule(optimizer, label, look, controls.of_rule(k), needs_kernel, len(start))
        for k, (optimizer, label, look) in enumerate(
            zip(optimizers, labels, looks_of([type(optimizer).__name__ for optimizer in optimizers]))
        )
    ]
    settings = [{moved["name"]: moved["value"] for moved in rule["sliders"]} for rule in rules]
    for moved in controls.shared:
        for k, name in moved["targets"]:
            settings[k][name] = moved["value"]
    return Explore(
        problem,
        optimizers,
        problem=_translated(problem, parameters, needs_kernel),
        rules=rules,
        shared=controls.shared,
        views=make_views(views, problem, rules, list(parameters), needs_kernel),
        settings=settings,
        parameters={name: float(getattr(problem, name)) for name in parameters},
        start=start,
        steps=steps,
        frame=0 if ask else steps,
        title=title,
        ask=ask,
        anatomy=bool(anatomy),
        needs_kernel=needs_kernel,
    )


class Controls:
    """The sliders that were asked for.

    shared : the sliders that move several rules, as data.
    of_rule(k) : the sliders of the k-th rule, as data, and the names that others move in it.
    """

    def __init__(self, problem, optimizers, sliders, marks, shared, parameters, views):
        self.optimizers = optimizers
        self.asked = checks.checked_sliders(optimizers, sliders)
        self.limits = _limits_of_planes(optimizers, views) | (self.asked or {})
        marks = checks.checked_marks(optimizers, marks)
        self.marks = [resolved_marks(problem, optimizer, marks, parameters) for optimizer in optimizers]
        groups = checks.checked_shared(shared)
        self.names_of_shared = set(chain.from_iterable(groups))
        targets = shared_targets(optimizers, groups)
        self.shared = [shared_slider(pairs, optimizers, self.limits) for pairs in targets]
        self.moved_by_shared = [
            [name for pairs in targets for i, name in pairs if i == k] for k in range(len(optimizers))
        ]

    def of_rule(self, k):
        optimizer = self.optimizers[k]
        usual = [name for name in optimizer.rule_hyperparameters if name == "lr" or name in optimizer.decay_rates]
        names = [
            name
            for name in (usual if self.asked is None else self.asked)
            if name in optimizer.defaults and name not in self.names_of_shared and _is_number(getattr(optimizer, name))
        ]
        made = [
            slider(
                name,
                getattr(optimizer, name),
                self.limits.get(name),
                is_decay_rate=name in optimizer.decay_rates,
                marks=self.marks[k].get(name, []),
            )
            for name in names
        ]
        return made, self.moved_by_shared[k]


def _is_number(value):
    return isinstance(value, (int, float, np.number)) or (isinstance(value, np.ndarray) and value.ndim == 0)


def _limits_of_planes(optimizers, views):
    spans = {}
    for view in views or ():
        spans |= view.spans if isinstance(view, Plane) else {}
    below_one = {name for optimizer in optimizers for name in optimizer.decay_rates}
    return {
        name: (low, min(high, GREATEST_DECAY_RATE) if name in below_one else high)
        for name, (low, high) in spans.items()
    }


def _rule(optimizer, label, look, controls, needs_kernel, dimensions):
    """Return one rule as the front end reads it; `controls` are its sliders, and the names that others move in it."""
    sliders, moved_elsewhere = controls
    adjustable = [*(made["name"] for made in sliders), *moved_elsewhere]
    tape = None if needs_kernel else optimizer.tape(adjustable)
    asked = adjustable if needs_kernel else [name for name in tape["inputs"] if name in optimizer.defaults]
    return {
        "name": type(optimizer).__name__,
        "label": label,
        "tape": tape,
        "state": list(optimizer.state_names),
        "fixed": {name: _plain(optimizer, name, dimensions) for name in asked},
        "sliders": sliders,
        "style": look,
        **({"text": None, "schedules": {}} if needs_kernel else text_of_rule(optimizer)),
    }


def _plain(optimizer, name, dimensions):
    """Return a hyperparameter as a float, or as a list with one for each coordinate."""
    value = getattr(optimizer, name)
    if np.ndim(value) == 0:
        return float(value)
    if np.shape(value) != (dimensions,):
        raise ValueError(
            f"explore: {name} of {optimizer!r} has the shape {np.shape(value)}; expected a number, or one for each of "
            f"the {dimensions} coordinates. For many runs at once there is `sweep`."
        )
    return np.asarray(value, dtype=float).tolist()


def _translated(problem, parameters, needs_kernel):
    """Return the problem as the front end reads it; `parameters` are the limits of its adjustable attributes."""
    tape = None if needs_kernel else record_problem(problem, list(parameters), with_t=gradient_changes(problem))
    for register, name in enumerate(tape["inputs"] if tape else ()):
        if name in parameters and not any(register in arguments for _, *arguments in tape["ops"]):
            raise ValueError(f"explore(parameters=…): the loss of {problem!r} does not read self.{name} at each call.")
    return {
        **(NO_TEXT if needs_kernel else text_of_problem(problem)),
        "name": problem.name,
        "label": "The problem",
        "tape": tape,
        "labels": list(problem.labels),
        "view": None if problem.view is None else [[float(end) for end in axis] for axis in problem.view],
        "minimum": None if problem.minimum is None else [float(number) for number in problem.minimum],
        "domain": None if problem.domain is None else [float(number) for number in problem.domain],
        "sliders": [parameter_slider(problem, name, parameters[name]) for name in parameters],
    }
