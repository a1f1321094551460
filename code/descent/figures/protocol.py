"""The contract with the page: checks a figure's data against `protocol.json`, as the page does when it reads them."""

import json
import math
from functools import cache
from importlib import resources

import numpy as np

from descent.engine.operations import OPERATIONS


@cache
def schema():
    """Return the contract, a JSON Schema, as a dict."""
    return json.loads((resources.files(__package__) / "protocol.json").read_text(encoding="utf8"))


class ProtocolError(ValueError):
    """Raised when a figure's data are not what the page can read."""


def check_state(state):
    """Raise ProtocolError unless `state`, a dict of plain data, is what the page reads; it says where and why."""
    place, fault = _misfit(state, schema(), "") or _contradiction(state) or ("", "")
    if fault:
        raise ProtocolError(f"The figure's data do not fit the page (figures/protocol.json): {place or 'all'} {fault}.")


def _misfit(value, rule, place):
    """Return (place, what is wrong) where `value` breaks the rule of the schema, or None.

    The front end's `misfit` (front/model/protocol.js) reads the same words of JSON Schema; a test compares them.
    """
    if "$ref" in rule:
        return _misfit(value, schema()["$defs"][rule["$ref"].rpartition("/")[2]], place)
    if "anyOf" in rule:
        misfits = [_misfit(value, other, place) for other in rule["anyOf"]]
        return None if None in misfits else max(misfits, key=lambda misfit: len(misfit[0]))
    if "enum" in rule:
        fits = isinstance(value, str) and value in rule["enum"]
        return None if fits else (place, f"is {_shown(value)}; expected one of {', '.join(rule['enum'])}")
    if not TYPES[rule["type"]](value):
        return place, f"is {_shown(value)}; expected {WORDS[rule['type']]}"
    return CHECKS.get(rule["type"], lambda *_: None)(value, rule, place)


def _misfit_in_object(value, rule, place):
    known, others = rule.get("properties", {}), rule.get("additionalProperties", True)
    for name in rule.get("required", ()):
        if name not in value:
            return place, f"lacks {name}"
    for name, part in value.items():
        inner = known.get(name, others)
        if inner is False:
            return place, f"has {name}, which the page does not know"
        if inner is not True and (found := _misfit(part, inner, f"{place}.{name}" if place else name)):
            return found
    return None


def _misfit_in_array(value, rule, place):
    first = rule.get("prefixItems", [])
    least, most = rule.get("minItems", 0), rule.get("maxItems", math.inf)
    if not least <= len(value) <= most:
        return place, f"has {len(value)} entries; expected {least if least == most else f'at least {least}'}"
    for k, part in enumerate(value):
        if found := _misfit(part, first[k] if k < len(first) else rule["items"], f"{place}[{k}]"):
            return found
    return None


def _misfit_in_string(value, rule, place):
    if len(value) < rule.get("minLength", 0):
        return place, "is empty"
    if "pattern" in rule:
        import re

        if not re.search(rule["pattern"], value):
            return place, f"is {_shown(value)}; expected {rule['pattern']}"
    return None


def _misfit_in_number(value, rule, place):
    least = rule.get("minimum", -math.inf)
    return None if value >= least else (place, f"is {value}; expected {least} or more")


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


TYPES = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
    "number": _is_number,
    "integer": lambda value: _is_number(value) and float(value).is_integer(),
}
WORDS = {
    "object": "an object",
    "array": "a list",
    "string": "a text",
    "boolean": "true or false",
    "null": "nothing",
    "number": "a finite number",
    "integer": "a whole number",
}
CHECKS = {
    "object": _misfit_in_object,
    "array": _misfit_in_array,
    "string": _misfit_in_string,
    "number": _misfit_in_number,
    "integer": _misfit_in_number,
}


def _shown(value):
    text = json.dumps(value, ensure_ascii=False) if _is_plain(value) else repr(value)
    return text if len(text) <= 40 else text[:37] + "…"


def _is_plain(value):
    return value is None or isinstance(value, (str, bool)) or _is_number(value)


def _contradiction(state):
    """Return (place, what is wrong) where parts that each fit the schema do not fit together, or None."""
    rules, problem = state["rules"], state["problem"]
    needs_tapes = not state["needs_kernel"]
    for place in ("settings", "origin.settings"):
        given = state["origin"]["settings"] if "." in place else state["settings"]
        if len(given) != len(rules):
            return place, f"has {len(given)} entries; expected one for each of the {len(rules)} rules"
    dimensions = len(problem["labels"])
    for place, given in (("start", state["start"]), ("origin.start", state["origin"]["start"])):
        if len(given) != dimensions:
            return place, f"has {len(given)} numbers; expected {dimensions}, one for each of problem.labels"
    for place in ("view", "minimum"):
        if problem[place] is not None and len(problem[place]) != dimensions:
            return f"problem.{place}", f"has {len(problem[place])} entries; expected {dimensions}"
    for k, rule in enumerate(rules):
        if needs_tapes and rule["tape"] is None:
            return f"rules[{k}].tape", "is null in a figure that the page draws"
    for i, slider in enumerate(state["shared"]):
        if any(k >= len(rules) for k, _ in slider["targets"]):
            return f"shared[{i}].targets", f"names a rule beyond the {len(rules)} there are"
    for i, view in enumerate(state["views"]):
        for j, line in enumerate(view.get("lines", [])):
            if line.get("rule", -1) >= len(rules):
                return f"views[{i}].lines[{j}].rule", f"is {line['rule']}; there are {len(rules)} rules"
    return _bad_slider(state) or _bad_tape(state, "")


def _bad_slider(state):
    groups = {"problem.sliders": state["problem"]["sliders"], "shared": state["shared"]}
    groups |= {f"rules[{k}].sliders": rule["sliders"] for k, rule in enumerate(state["rules"])}
    for place, sliders in groups.items():
        for i, slider in enumerate(sliders):
            low, high, scale = slider["min"], slider["max"], slider["scale"]
            reaches = low < high and not (scale == "log" and low <= 0) and not (scale == "complement" and high >= 1)
            if not reaches or (scale == "whole" and not float(high - low).is_integer()):
                return f"{place}[{i}]", f"cannot run from {low} to {high} on a {scale} scale"
    return None


def _bad_tape(part, place):
    """Return what is wrong with the first tape that cannot be replayed, wherever it stands in the data."""
    if isinstance(part, dict) and "ops" in part:
        return _bad_operation(part, place)
    named = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, value in named:
        if isinstance(value, (dict, list)):
            inner = f"{place}[{key}]" if isinstance(key, int) else f"{place}.{key}" if place else key
            if found := _bad_tape(value, inner):
                return found
    return None


def _bad_operation(tape, place):
    first = len(tape["inputs"]) + len(tape["constants"])
    for k, (name, *registers) in enumerate(tape["ops"]):
        if name not in OPERATIONS:
            return place, f'uses the operation "{name}", which the page does not know'
        expected = 3 if name == "where" else getattr(np, name).nin
        if len(registers) != expected or not all(register < first + k for register in registers):
            return place, f'has operation {k} ("{name}") with [{registers}]; it needs {expected} earlier register(s)'
    for name, register in (*tape["outputs"].items(), *tape["names"].items()):
        if register >= first + len(tape["ops"]):
            return place, f'puts "{name}" in register {register}, which does not exist'
    return None
