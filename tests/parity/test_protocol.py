"""Do Python and the page hold each other to one contract, figures/protocol.json?

Data of every kind of figure pass both sides; data that were spoiled, part by part, are refused by both, and by the
JSON Schema library where the fault is one of shape.
"""

import copy
import json
import re

import jsonschema
import pytest
from support import node

from descent import (
    Adam,
    Curve,
    GradientDescent,
    LineFit,
    Momentum,
    Parabola,
    Plane,
    Ravine,
    Signal,
    explore,
    explore_schedules,
)
from descent.figures.protocol import ProtocolError, check_state, schema


def rate(lr, beta):
    return lr * beta


def figures():
    yield explore(Ravine(), [GradientDescent(0.05), Adam(0.5)], parameters={"condition": (1, 100)})
    yield explore(LineFit(), [Adam(0.1), Momentum(0.1)], shared=["lr"])
    plane = Plane(rate, lr=(0, 4), beta=(0, 1), lines={"edge": rate}, regions={"a": (1, 0.5)})
    yield explore(Parabola(), Momentum(0.5, 0.6), views=[plane, "position", Curve(lambda t, beta: beta**t, label="b")])
    yield explore(Signal(), Adam(0.1), parameters={"sigma": (0, 3), "every": (1, 20)}, views=["m_hat", "step"])
    yield explore(Ravine(), Adam(0.1), needs_kernel=True)
    yield explore_schedules()


# (Of the schedules' figure the stored series are cut short, to keep the test so.)
STATES = [json.loads(json.dumps(figure.state())) for figure in figures()]

# The page checks tapes and sliders where it prepares them: here it does both.
CHECK = """
import { checkState } from "@/model/protocol.js";
import { compileTape } from "@/model/tape.js";
import { sliderScale } from "@/drawing/scales.js";

function prepareAll(part) {
  if (part === null || typeof part !== "object") return;
  if (Array.isArray(part.ops)) compileTape(part, "a test");
  if ("scale" in part && "min" in part) sliderScale(part);
  Object.values(part).forEach(prepareAll);
}
report(given.map((state) => {
  try {
    checkState(state);
    prepareAll(state);
    return "";
  } catch (error) {
    return error.message;
  }
}));
"""


def python_says(state):
    try:
        check_state(state)
    except ProtocolError as error:
        return str(error)
    return ""


def places(part, path=()):
    """Every place in the data: keys and indices, of each list only the first entry."""
    named = part.items() if isinstance(part, dict) else enumerate(part[:1]) if isinstance(part, list) else ()
    for key, value in named:
        yield (*path, key)
        yield from places(value, (*path, key))


WRONG = ("text", True, None, -1.5, [[]], {"a": 1}, "left out")


def spoiled(state):
    """(where, data with one part replaced by what does not belong there, or left out): two spoilings of each part."""
    whole = json.dumps(state)
    for count, path in enumerate(places(state)):
        for wrong in (WRONG[count % len(WRONG)], WRONG[(count + 3) % len(WRONG)]):
            made = json.loads(whole)
            part = made
            for key in path[:-1]:
                part = part[key]
            if wrong != "left out":
                part[path[-1]] = wrong
            elif isinstance(part, dict):
                del part[path[-1]]
            else:
                continue
            yield f"{'.'.join(map(str, path))} = {wrong}", made


def test_the_contract_is_a_schema_and_every_kind_of_figure_fits_it():
    jsonschema.Draft202012Validator.check_schema(schema())
    for state in STATES:
        jsonschema.validate(state, schema())
        assert python_says(state) == ""
    assert node.run(CHECK, STATES) == [""] * len(STATES)


@pytest.mark.parametrize("k", range(len(STATES)))
def test_what_is_spoiled_is_refused_by_both_sides_alike(k):
    tried = list(spoiled(STATES[k]))
    page = node.run(CHECK, [state for _, state in tried])
    validator = jsonschema.Draft202012Validator(schema())
    misshapen = 0
    for (where, state), told in zip(tried, page, strict=True):
        here = python_says(state)
        assert bool(here) == bool(told), f"{where}: Python says {here!r}, the page {told!r}"
        if k == 0:  # the library is slow
            is_valid = validator.is_valid(state)
            misshapen += not is_valid
            assert here or is_valid, where
            # One sentence on both sides, but for how a value is written.
            assert is_valid or place_in(here) == place_in(told), (where, here, told)
    assert misshapen > 50 or k > 0


def place_in(sentence):
    return re.split(r" (is|has|lacks) ", sentence.split(": ", 1)[1])[0]


@pytest.mark.parametrize(
    "spoil, told",
    [
        (lambda s: s["settings"].pop(), "settings has 1 entries; expected one for each of the 2 rules"),
        (lambda s: s["start"].append(1.0), "start has 3 numbers; expected 2"),
        (lambda s: s["problem"]["view"].pop(), "problem.view has 1 entries"),
        (lambda s: s["rules"][1].update(tape=None), r"rules\[1\].tape is null"),
        (lambda s: s["views"][1]["lines"][0].update(rule=7), r"views\[1\].lines\[0\].rule is 7; there are 2 rules"),
        (lambda s: s["rules"][0]["tape"]["ops"][0].__setitem__(0, "sinh"), '"sinh", which the page does not know'),
        (lambda s: s["rules"][0]["tape"]["ops"][0].__setitem__(0, "constructor"), '"constructor", which the page'),
        (lambda s: s["rules"][0]["tape"]["ops"][0].append(0), "needs 2 earlier"),
        (lambda s: s["rules"][0]["tape"]["outputs"].update(theta=999), "register 999, which does not exist"),
        (lambda s: s["rules"][0]["sliders"][0].update(max=-1.0), "cannot run from"),
    ],
)
def test_parts_that_do_not_fit_together_are_named_by_both_sides(spoil, told):
    state = copy.deepcopy(STATES[0])
    spoil(state)
    (page,) = node.run(CHECK, [state])
    for said in (python_says(state), page):
        assert re.search(told, said), said
