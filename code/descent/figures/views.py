"""What a figure shows beside its sliders: each view is a word, or one of the classes here, and becomes plain data."""

import inspect
import numbers

import numpy as np

from descent.engine.record import record_function
from descent.engine.tape import Tape
from descent.figures.checks import check_function, check_text, finite_row, is_span
from descent.figures.lines import line_style
from descent.problems import with_parameters

# Hyperparameters and parameters of problems, as sliders call them; others go by their own names.
WORDS = {
    "lr": "learning rate η",
    "beta": "β",
    "beta1": "β₁",
    "beta2": "β₂",
    "eps": "ε",
    "l2": "L2 penalty λ",
    "weight_decay": "weight decay λ",
    "condition": "condition number κ",
    "sigma": "noise σ",
    "every": "one gradient in",
    "h": "curvature h",
}


def short_number(value):
    """Return a setting as text with the digits that a person would write: all of them if they are few, else three."""
    whole = f"{value:.4g}"
    if float(whole) == value:
        return whole
    if 0.9 < value < 1:  # of a decay rate what is left to 1 counts
        return f"{1 - float(f'{1 - value:.2g}'):.6g}"
    return f"{value:.3g}"


# Quantities that a view may show over the steps, with the names of their axes; others are named as in the rule's text.
LABELS = {
    "loss": "loss",
    "g": "gradient g",
    "step": "step Δθ",
    "m": "m",
    "v": "v",
    "m_hat": "m̂",
    "v_hat": "v̂",
    "z": "velocity z",
}
LOGARITHMIC = ("loss", "error")
# The mean over many steps of what m and v are averages of, where a problem knows it.
TRUTHS = {"m": "expected", "m_hat": "expected", "v": "expected_square", "v_hat": "expected_square"}
TRUTH_WORDS = {"expected": "mean of g", "expected_square": "mean of g²"}
TRUTH_STYLE = {"color": "#555555", "dash": "2 3", "marker": "star"}
CURVE_STYLE = {"color": "#000000", "dash": "", "marker": "circle"}  # of no rule


class Curves:
    """A quantity of each rule over the steps.

    quantity : "loss", "position", "error" (distance from the minimum along each coordinate), "g", "step", or a name
        from the rule's own text, such as "m_hat".
    label : name of the axis.
    floor : how far below the start a logarithmic axis may reach, as a share of it.
    """

    def __init__(self, quantity, label=None, floor=1e-12):
        check_text("Curves(quantity)", quantity)
        check_text("Curves(label=…)", label or "")
        if not isinstance(floor, numbers.Real) or not 0 < floor < 1:
            raise ValueError(f"Curves(floor={floor!r}): expected a share of the start, between 0 and 1.")
        self.quantity, self.label, self.floor = quantity, label, float(floor)

    def specs(self, problem, rules, parameters):
        """Return the views as data: one for all coordinates where there is one rule, otherwise one a coordinate."""
        if self.quantity == "loss":
            return [self._spec("loss", [{"rule": k, "quantity": "loss", "coordinate": 0} for k in range(len(rules))])]
        if self.quantity == "error" and problem.minimum is None:
            raise ValueError(f'explore(views=…): "error" is the distance from the minimum, and {problem!r} names none.')
        asking = [k for k, rule in enumerate(rules) if self._is_known_to(rule)]
        if not asking:
            known = sorted({name for rule in rules for name in _named_by(rule)})
            raise ValueError(
                f"explore(views=…): {self.quantity!r} is neither a view nor a quantity of these rules; they name "
                f"{', '.join(known) or 'none'}. Views are map, graph, data, loss, position, error, g and step."
            )
        coordinates = range(len(problem.labels))
        if len(asking) == 1 and len(problem.labels) > 1:
            lines = [self._line(asking[0], c) | self._look(c, problem.labels[c]) for c in coordinates]
            return [self._spec(self._axis(), lines, problem)]
        return [
            self._spec(
                self._axis(problem.labels[c] if len(problem.labels) > 1 or self.quantity == "position" else None),
                [self._line(k, c) for k in asking] + self._truth(problem, parameters),
                problem,
                c,
            )
            for c in coordinates
        ]

    def _is_known_to(self, rule):
        always = ("position", "error") if rule["tape"] is None else ("position", "error", "g", "step")
        return self.quantity in (*always, *_named_by(rule))

    def _line(self, k, c):
        return {"rule": k, "quantity": self.quantity, "coordinate": c}

    def _look(self, c, label):
        return {"style": line_style(c), "label": f"along {label}"}

    def _axis(self, coordinate=None):
        if self.label:
            return self.label
        if self.quantity == "position":
            return coordinate or "position"
        name = "distance from the minimum" if self.quantity == "error" else LABELS.get(self.quantity, self.quantity)
        return f"{name}, {coordinate}" if coordinate else name

    def _truth(self, problem, parameters):
        truth = TRUTHS.get(self.quantity)
        if not hasattr(problem, truth or ""):
            return []
        tape = Tape(["t", *parameters])
        adjustable = with_parameters(problem, {name: tape.input(name) for name in parameters})
        value = getattr(adjustable, truth) + 0 * tape.input("t")
        return [
            {
                "tape": tape.finish({"value": value}),
                "fixed": {},
                "label": TRUTH_WORDS[truth],
                "style": TRUTH_STYLE,
                "peak": False,
            }
        ]

    def _spec(self, label, lines, problem=None, coordinate=None):
        logarithmic = self.quantity in LOGARITHMIC
        spec = {"kind": "curves", "name": label[0].upper() + label[1:], "label": label, "lines": lines}
        if logarithmic:
            return spec | {"scale": "log", "floor": self.floor}
        if self.quantity == "position" and problem.view is not None:
            axes = problem.view if coordinate is None else [problem.view[coordinate]]
            low, high = min(a for a, _ in axes), max(b for _, b in axes)
            return spec | {"scale": "linear", "limits": [low - (high - low) / 2, high + (high - low) / 2]}
        return spec | {"scale": "linear", "limits": [-1e6, 1e6]}


def _named_by(rule):
    """Return the quantities that a rule remembers or that its text names; none for one that the page cannot replay."""
    return () if rule["tape"] is None else (*rule["state"], *rule["tape"]["names"])


class Curve:
    """A line over the steps: a function of t and of hyperparameters or parameters, named as its arguments are.

    The hyperparameters are those of the first rule. The highest point is marked.

    function : uses only what the page can replay, as a rule does.
    label : its name.
    """

    def __init__(self, function, label):
        check_function("Curve", function)
        check_text("Curve(label=…)", label)
        self.function, self.label = function, label

    def specs(self, problem, rules, parameters):
        known = {"t", *parameters, *rules[0]["fixed"]}
        given = list(inspect.signature(self.function).parameters)
        if not set(given) <= known:
            raise ValueError(f"explore: Curve {self.label!r} asks for {given}; there are {sorted(known)}.")
        inputs = ["t", *(name for name in given if name != "t")]
        tape = record_function(
            lambda *values: self.function(**{name: dict(zip(inputs, values))[name] for name in given}), inputs
        )
        fixed = {name: rules[0]["fixed"][name] for name in inputs if name in rules[0]["fixed"]}
        line = {"tape": tape, "fixed": fixed, "label": self.label, "style": CURVE_STYLE, "peak": True}
        return [
            {
                "kind": "curves",
                "name": self.label or "Curve",
                "label": "",
                "scale": "linear",
                "limits": [-1e6, 1e6],
                "lines": [line],
            }
        ]


class Plane:
    """A map of two hyperparameters of the first rule: contours of a function of them, and a point that sets both.

    Plane(rate, lr=(0, 4), beta=(0, 1), lines={"edge": function}, regions={"diverges": (3.5, 0.2)}, label="rate")

    function, lines : functions of the two, with these names as arguments; a line is drawn where its function is 0.
    label : what the function tells. regions : texts to be written at places of the plane.
    """

    def __init__(self, function, *, lines=None, regions=None, label="height", **spans):
        if len(spans) != 2 or not all(is_span(span) for span in spans.values()):
            raise ValueError(
                f"Plane(…): expected two hyperparameters with their spans, such as lr=(0, 4); given {spans}."
            )
        lines, regions = lines or {}, regions or {}
        if not isinstance(lines, dict) or not isinstance(regions, dict):
            raise TypeError(
                'Plane(lines=…, regions=…): expected dicts, {"edge": function} and {"diverges": (3.5, 0.2)}.'
            )
        for name in (label, *lines, *regions):
            check_text("Plane(…)", name)
        for one in (function, *lines.values()):
            check_function("Plane", one)
            if {*inspect.signature(one).parameters} != {*spans}:
                raise ValueError(f"Plane: expected functions of {' and '.join(spans)}, by these names.")
        for name, place in regions.items():
            if len(finite_row(place) or []) != 2:
                raise ValueError(
                    f"Plane(regions=…): {name!r} stands at {place!r}; expected a place, two finite numbers."
                )
        self.function, self.label, self.spans = function, label or "height", spans
        self.lines, self.regions = lines, regions

    def specs(self, problem, rules, parameters):
        names = list(self.spans)
        sliders = {slider["name"] for slider in rules[0]["sliders"]}
        if not set(names) <= sliders:
            raise ValueError(f"explore: Plane asks for {names}; the first rule has sliders for {sorted(sliders)}.")
        tape = self._record(self.function)
        return [
            {
                "kind": "plane",
                "name": self.label[0].upper() + self.label[1:],
                "names": names,
                "labels": [WORDS.get(name, name) for name in names],
                "view": [[float(a), float(b)] for a, b in self.spans.values()],
                "tape": tape,
                "lines": [{"label": label, "tape": self._record(function)} for label, function in self.lines.items()],
                "regions": [
                    {"text": text, "at": [float(number) for number in at]} for text, at in self.regions.items()
                ],
            }
        ]

    def _record(self, function):
        names = list(self.spans)
        return record_function(lambda a, b: function(**{names[0]: a, names[1]: b}), names)


class Word:
    """A view that needs no more than its name: the map, the graph of a loss of one coordinate, or the data."""

    def __init__(self, kind):
        self.kind = kind

    def specs(self, problem, rules, parameters):
        if self.kind == "data":
            return [_data(problem)]
        wanted = {"map": 2, "graph": 1}[self.kind]
        if len(problem.start) != wanted or problem.view is None:
            raise ValueError(
                f'explore(views=…): "{self.kind}" draws a problem of {wanted} coordinate{"s" * (wanted > 1)} that has '
                f"a `view`; {problem!r} has {len(problem.start)}{' and no view' if problem.view is None else ''}."
            )
        return [{"kind": self.kind}]


def has_data(problem):
    """Tell whether a problem has data that a figure can show beside what it predicts."""
    return all(hasattr(problem, name) for name in ("x", "y", "predict")) and np.ndim(problem.x) == 1


def _data(problem):
    if not has_data(problem):
        raise ValueError(
            f'explore(views=…): "data" needs a problem with arrays x and y and predict(theta, x); {problem!r} has not.'
        )
    x, y = np.asarray(problem.x, float), np.asarray(problem.y, float)
    names = [f"theta_{c}" for c in range(len(problem.start))]
    tape = record_function(
        lambda *values: problem.predict(np.array(values[:-1], dtype=object), values[-1]), [*names, "x"]
    )
    reach, height = np.ptp(x), np.ptp(y)
    # Half of the room for the data; what is predicted at first is far from them.
    view = [[x.min() - 0.03 * reach, x.max() + 0.03 * reach], [y.min() - 0.75 * height, y.max() + 0.25 * height]]
    return {
        "kind": "data",
        "labels": ["x", "y"],
        "x": x.round(4).tolist(),
        "y": y.round(4).tolist(),
        "view": [[float(f"{number:.3g}") for number in axis] for axis in view],
        "tape": tape,
    }


def make_views(views, problem, rules, parameters, needs_kernel=False):
    """Return the views as data; without any, the data if there are some, then the surface and the loss."""
    if views is None:
        surface = {2: ["map"], 1: ["graph"]}.get(len(problem.start), []) if problem.view is not None else []
        views = [*(["data"] if has_data(problem) and not needs_kernel else []), *surface, "loss"]
    made = []
    for view in views:
        if isinstance(view, str):
            view = Word(view) if view in ("map", "graph", "data") else Curves(view)
        made += view.specs(problem, rules, parameters)
    return made
