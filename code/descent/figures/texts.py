"""The texts that a figure carries, so that its reader can change them on the page: what `front/edit` translates."""

import ast
import inspect
import linecache
import re
from functools import cache

import numpy as np

from descent import problems, rules
from descent.engine.record import record_function
from descent.optimizer import Optimizer
from descent.source import printed

MOST_NUMBERS = 100  # of an attribute that goes along
NO_TEXT = {"text": None, "attributes": {}, "methods": {}}  # of a problem


def text_of_rule(optimizer):
    """Return {"text", "schedules"} of a rule as the front end reads it.

    text : of its `update`, with the words that this optimizer has for options, and 0 for powers that it leaves out;
        None where there is no source.
    schedules : dict from each hyperparameter that is a function of t to its tape.
    """
    try:
        text = printed(type(optimizer)).source + "\n"
    except TypeError:
        return {"text": None, "schedules": {}}
    for name in optimizer.options:
        word = getattr(optimizer, name)
        text = re.sub(rf"\b{name}=(['\"])[^'\"]*\1", f'{name}="{word}"', text, count=1)
    for name in optimizer.without_powers:
        text = re.sub(rf"\b{name} ?\*\* ?t\b", "0", text)
    moving = {name: value for name, value in optimizer.hyperparameters.items() if callable(value)}
    return {"text": text, "schedules": {name: record_function(value, ["t"]) for name, value in moving.items()}}


def rule_of_text(name, text):
    """Return the rule, a class, whose `update` is this text; it sees NumPy as np, and nothing else.

    Raises SyntaxError, TypeError or Untranslatable for a text that is no rule, or none that the page can replay.
    """
    file = f"<the text of {name}>"
    linecache.cache[file] = (len(text), None, text.splitlines(keepends=True), file)  # so that errors can show the line
    found = {}
    exec(compile(text, file, "exec"), {"np": np, "__builtins__": {"abs": abs}}, found)
    if "update" not in found:
        raise TypeError(f"{name}: begin its text with def update(self, theta, g, …):")
    rule = type(name, (Optimizer,), {"update": found["update"], "__module__": __name__})
    rule().tape()
    return rule


def text_of_problem(problem):
    """Return {"text", "attributes", "methods"} of a problem's loss as the front end reads it.

    text : of its `loss`; None where there is no source, or nothing to be seen of it.
    attributes : dict from each self.name that the loss reads to its value, a number or lists of numbers.
    methods : dict from each method or property that it uses to its text.
    """
    if problem.view is None:
        return NO_TEXT
    attributes, methods = {}, {}
    try:
        text = printed(type(problem).loss).source + "\n"
        waiting = _read_of_self(text)
        while waiting:
            name = waiting.pop()
            kind = inspect.getattr_static(type(problem), name, None)
            if name in attributes or name in methods:
                continue
            if isinstance(kind, property) or inspect.isfunction(kind):
                methods[name] = printed(getattr(kind, "fget", kind)).source + "\n"
                methods[name] = methods[name].removeprefix("@property\n")
                waiting |= _read_of_self(methods[name])
            else:
                attributes[name] = _plain(getattr(problem, name))
    except (AttributeError, TypeError):
        return NO_TEXT
    return {"text": text, "attributes": attributes, "methods": methods}


def _read_of_self(text):
    """Return the names that a method reads as self.name."""
    nodes = [node for node in ast.walk(ast.parse(text)) if isinstance(node, ast.Attribute)]
    return {node.attr for node in nodes if isinstance(node.value, ast.Name) and node.value.id == "self"}


def _plain(value):
    """Return a number, or lists of numbers; raise TypeError for anything else."""
    array = np.asarray(value, dtype=float)
    if array.size > MOST_NUMBERS:
        raise TypeError(f"{array.size} numbers are too many for a page.")
    return array.tolist()


@cache
def library():
    """Return {"rules", "surfaces"}: each a list of {"name", "text"}, what a reader can begin with."""
    kinds = [kind for kind in vars(rules).values() if inspect.isclass(kind) and issubclass(kind, Optimizer)]
    own = [kind for kind in kinds if kind is not Optimizer and "update" in vars(kind)]
    surfaces = [
        getattr(problems, name) for name in ("Ravine", "Rosenbrock", "Beale", "Himmelblau", "Saddle", "Rastrigin")
    ]
    return {
        "rules": [{"name": kind.__name__, "text": text_of_rule(kind())["text"]} for kind in own],
        "surfaces": [{"name": kind.__name__, "text": _standing_alone(kind())} for kind in surfaces],
    }


def _standing_alone(problem):
    """Return the text of a loss with its attributes as numbers, and with what is to be seen of it above."""
    given = text_of_problem(problem)
    text = re.sub(r"self\.(\w+)", lambda found: _written(given["attributes"][found[1]]), given["text"])
    (x0, x1), (y0, y1) = problem.view
    return f"# seen from x = {x0:g} to {x1:g}, y = {y0:g} to {y1:g}\n{text}"


def _written(value):
    short = f"{value:g}" if isinstance(value, float) else ""
    return short if short and float(short) == value else repr(value if isinstance(value, float) else tuple(value))
