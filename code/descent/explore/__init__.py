"""The interactive figure: rules racing on a surface, alive on the static page and in Jupyter alike.

Python translates the rules and the surface once (`descent.tape`) and hands them to the front end as data.
The front end computes every path itself, so the figure needs no kernel; with one, its traits are in step
with Python: `figure.settings`, `figure.start`, `figure.frame` can be observed, set and linked.
"""

import base64
import math
from functools import cache
from importlib import resources
from itertools import chain

import anywidget
import ipywidgets
import numpy as np
import traitlets

from descent import figures
from descent.descend import descend
from descent.problems import Problem
from descent.tape import record_problem, record_rule

WORDS = {
    "lr": "learning rate η", "beta": "β", "beta1": "β₁", "beta2": "β₂", "eps": "ε",
    "l2": "L2 penalty λ", "weight_decay": "weight decay λ",
}  # fmt: skip


@cache
def bundle():
    """Return the front end as one ES module: its files, joined so that each comes after those it imports."""
    front = resources.files(__name__) / "front"
    seen, texts = set(), []

    def add(name):
        if name in seen:
            return
        seen.add(name)
        lines = (front / name).read_text(encoding="utf8").splitlines()
        for line in lines:
            if line.startswith("import "):
                add(line.split('"')[1].removeprefix("./"))
        kept = [line for line in lines if not line.startswith("import ")]
        texts.extend(line if line.startswith("export default") else line.removeprefix("export ") for line in kept)

    add("widget.js")
    return "\n".join(texts) + "\n"


@cache
def stylesheet():
    """Return the figure's style sheet."""
    return (resources.files(__name__) / "explore.css").read_text(encoding="utf8")


@cache
def door():
    """Return the few lines that every figure carries, which fetch the front end from its FrontEnd."""
    return (resources.files(__name__) / "door.js").read_text(encoding="utf8")


class FrontEnd(ipywidgets.Widget):
    """The front end's script and style sheet. All figures of a notebook share one, so it is stored once."""

    script = traitlets.Unicode().tag(sync=True)
    style = traitlets.Unicode().tag(sync=True)
    shared = None

    @classmethod
    def of_this_kernel(cls):
        if cls.shared is None or cls.shared.comm is None:  # none yet, or closed
            cls.shared = cls(script=bundle(), style=stylesheet())
        return cls.shared


class Explore(anywidget.AnyWidget):
    """The widget that `explore` returns. Its traits are the whole state of the figure."""

    _esm = traitlets.Unicode().tag(sync=True)
    front = traitlets.Instance(FrontEnd).tag(sync=True, **ipywidgets.widget_serialization)
    problem = traitlets.Dict().tag(sync=True)
    rules = traitlets.List().tag(sync=True)
    settings = traitlets.List().tag(sync=True)
    start = traitlets.List().tag(sync=True)
    steps = traitlets.Int().tag(sync=True)
    frame = traitlets.Int().tag(sync=True)
    title = traitlets.Unicode().tag(sync=True)
    alt = traitlets.Unicode().tag(sync=True)

    def __init__(self, surface, optimizers, **traits):
        self._surface, self._optimizers = surface, optimizers  # the Python objects behind the traits
        super().__init__(_esm=door(), front=FrontEnd.of_this_kernel(), **traits)
        self.alt = self._describe()

    @property
    def optimizers(self):
        """The optimizers as the sliders now stand."""
        return [
            type(optimizer)(**(optimizer.hyperparameters | setting))
            for optimizer, setting in zip(self._optimizers, self.settings)
        ]

    @property
    def paths(self):
        """The paths as the figure now stands, computed with NumPy: one Path for each optimizer."""
        return [descend(optimizer, self._surface, self.start, self.steps) for optimizer in self.optimizers]

    def _describe(self):
        start = ", ".join(f"{number:g}" for number in self.start)
        lines = [f"{self.title}: {self.steps} steps from ({start})."]
        for rule, optimizer, path in zip(self.rules, self.optimizers, self.paths):
            end = ", ".join(f"{number:.4g}" for number in path.positions[-1])
            state = f"diverges at step {path.diverged_at}" if path.diverged_at else f"ends at ({end})"
            lines.append(f"{rule['label']}, {optimizer!r}: {state}, loss {path.losses[-1]:.4g}.")
        return "\n".join(lines)

    def __repr__(self):
        return self._describe()

    def still(self):
        """Return the figure as a Matplotlib figure: for print, for pages without JavaScript, for slides."""
        labels = [rule["label"] for rule in self.rules]
        return figures.draw_paths(self._surface, self.paths, labels, [rule["style"] for rule in self.rules])

    def _repr_mimebundle_(self, **options):
        data, metadata = super()._repr_mimebundle_(**options)
        data["text/plain"] = self._describe()
        data["image/png"] = base64.b64encode(figures.png(self.still())).decode()
        return data, metadata


def explore(problem, optimizers, *, start=None, steps=100, sliders=None, marks=None, labels=None, title=None):
    """Return an interactive figure of `optimizers` descending `problem` from one start.

    Parameters
    ----------
    problem : a Problem of two coordinates.
    optimizers : an optimizer, or a list of them; the sliders begin at their hyperparameters.
    start : where the runs begin (by default the problem's own start).
    steps : number of steps.
    sliders : dict from a hyperparameter's name to its (least, greatest) value, for those that get a slider.
        By default the learning rate and each beta.
    marks : dict from a hyperparameter's name to {value: label}: spots on its sliders that theory names.
    labels : names for the legend (by default the names of the rules).
    title : heading of the figure (by default the problem's name).

    Raises
    ------
    Untranslatable : when a rule or the loss uses an operation that the page cannot replay; it names the line.
    ValueError : for a problem that has not two coordinates or whose gradient changes from step to step, or a
        slider that no optimizer has.
    """
    optimizers = list(optimizers) if isinstance(optimizers, (list, tuple)) else [optimizers]
    start = [float(number) for number in (problem.start if start is None else start)]
    if len(start) != 2:
        raise ValueError(f"explore draws problems of two coordinates; {problem!r} has {len(start)}.")
    if type(problem).gradient_at is not Problem.gradient_at or problem.domain is not None:
        raise ValueError(f"explore draws a surface that stays as it is, without walls; {problem!r} is not one.")
    _check_sliders(optimizers, sliders)
    labels = labels or [type(optimizer).__name__ for optimizer in optimizers]
    if len(labels) != len(optimizers):
        raise ValueError(f"explore(labels=…): {len(labels)} labels for {len(optimizers)} optimizers.")
    rules = [
        _rule(optimizer, label, figures.line_style(i), sliders, _marks(problem, optimizer, marks))
        for i, (optimizer, label) in enumerate(zip(optimizers, labels))
    ]
    title = title or problem.name[0].upper() + problem.name[1:]
    translated = {
        "name": problem.name,
        "tape": record_problem(problem),
        "labels": list(problem.labels),
        "view": [list(axis) for axis in problem.view],
        "minimum": None if problem.minimum is None else [float(number) for number in problem.minimum],
    }
    settings = [{slider["name"]: slider["value"] for slider in rule["sliders"]} for rule in rules]
    return Explore(
        problem, optimizers, problem=translated, rules=rules, settings=settings,
        start=start, steps=steps, frame=steps, title=title,
    )  # fmt: skip


def _check_sliders(optimizers, sliders):
    known = set(chain.from_iterable(optimizer.defaults for optimizer in optimizers))
    if unknown := set(sliders or ()) - known:
        raise ValueError(f"explore(sliders=…): no optimizer has {sorted(unknown)[0]!r}; they have {sorted(known)}.")


def _rule(optimizer, label, style, sliders, marks):
    """Return one rule as the front end reads it."""
    default = [name for name in optimizer.rule_hyperparameters if name == "lr" or name.startswith("beta")]
    names = [name for name in (sliders or default) if name in optimizer.defaults]
    tape = record_rule(optimizer, inputs=names)
    fixed = {name: getattr(optimizer, name) for name in tape["inputs"] if name in optimizer.defaults}
    return {
        "name": type(optimizer).__name__,
        "label": label,
        "tape": tape,
        "state": list(optimizer.state_names),
        "fixed": fixed,
        "sliders": [_slider(name, fixed[name], (sliders or {}).get(name), marks.get(name, {})) for name in names],
        "style": style,
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
    return {
        "name": name,
        "label": WORDS.get(name, name),
        "min": min(low, value),
        "max": max(high, value),
        "value": value,
        "scale": scale,
        "marks": [{"value": float(number), "label": text} for number, text in marks.items() if low <= number <= high],
    }


def _marks(problem, optimizer, marks):
    """Return the marks for one optimizer's sliders: those given, or those that theory knows for this pair."""
    if marks is not None:
        return marks
    if type(optimizer).__name__ == "GradientDescent" and hasattr(problem, "curvatures"):
        low, high = min(problem.curvatures), max(problem.curvatures)
        return {"lr": {2 / high: "2/h", 2 / (low + high): "best"}}
    return {}
