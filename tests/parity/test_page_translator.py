"""The page translates a rule's text as Python's recorder does: the same list of operations, register by register."""

import numpy as np
import pytest
from support import node

from descent import (
    AdaGrad,
    Adam,
    AdaMax,
    AdamW,
    AMSGrad,
    GradientDescent,
    Momentum,
    Nesterov,
    RAdam,
    RMSProp,
    explore,
    schedules,
)
from descent.engine.differentiate import gradient_of
from descent.engine.tape import Tape, replay
from descent.figures.texts import text_of_problem, text_of_rule
from descent.problems import (
    Beale,
    Himmelblau,
    Lessard,
    LineFit,
    NoisyRavine,
    NoisyWeights,
    Parabola,
    RareFeature,
    Rastrigin,
    Ravine,
    Reddi,
    Rosenbrock,
    Saddle,
    with_parameters,
)

RULES = (GradientDescent, Momentum, Nesterov, AdaGrad, RMSProp, Adam, AdamW, AMSGrad, AdaMax, RAdam)
SETTINGS = {
    "as it stands": {},
    "l2": {"l2": 0.1},
    "both decays": {"l2": 0.1, "weight_decay": 0.2},
    "no eps": {"eps": 0.0},
    "warm-up and cosine": {"lr": schedules.warmup(10, schedules.cosine(0.5, 20))},
    "step decay of weight decay": {"weight_decay": schedules.step_decay(0.1)},
    "m corrected": {"bias_correction": "m"},
    "v corrected": {"bias_correction": "v"},
    "nothing corrected": {"bias_correction": "none"},
}

TRANSLATE = """
import { translateRule } from "@/edit/translate.js";
report(given.map(({ text, ...options }) => {
  try { return translateRule(text, options); } catch (error) { return { refusal: error.message, kind: error.name }; }
}));
"""


def for_the_page(optimizer):
    """Return what the page's translator is given for this optimizer."""
    common = [name for name in optimizer.tape()["inputs"] if name in ("l2", "weight_decay")]
    return text_of_rule(optimizer) | {"common": common, "values": {"eps": getattr(optimizer, "eps", 1.0)}}


def optimizers():
    for rule in RULES:
        for name, setting in SETTINGS.items():
            if set(setting) <= set(rule.defaults):
                yield f"{rule.__name__}, {name}", rule(**setting)


@pytest.fixture(scope="module")
def translated():
    cases = dict(optimizers())
    given = [for_the_page(optimizer) for optimizer in cases.values()]
    return {name: (cases[name], made) for name, made in zip(cases, node.run(TRANSLATE, given))}


def test_each_rule_of_the_book_gives_the_recorders_tape(translated):
    for name, (optimizer, made) in translated.items():
        assert "refusal" not in made, f"{name}: {made}"
        assert made["tape"] == optimizer.tape(), name
        assert made["state"] == list(optimizer.state_names), name
        assert made["notes"] == [], name


def test_the_text_has_the_words_in_force():
    text = text_of_rule(Adam(bias_correction="none"))["text"]
    assert "m_hat = m / (1 - 0)" in text and "v_hat = v / (1 - 0)" in text


HOSTILE = {
    "100 kB": "x = 1\n" * 17_000,
    "deep brackets": "(" * 10_000 + ")" * 10_000,
    "deep brackets, short": "def update(self, theta, g):\n    theta -= " + "(" * 2_000,
    "a long sum": "def update(self, theta, g):\n    theta -= " + "g + " * 1_400 + "g",
    "many signs": "def update(self, theta, g):\n    theta -= " + "-" * 5_000 + "g",
    "many conditions": "def update(self, theta, g):\n    theta -= " + "g if 1 else " * 450 + "g",
    "many attributes": "def update(self, theta, g):\n    theta -= g" + ".a" * 2_500,
    "for ever": "def update(self, theta, g):\n    while True:\n        pass",
    "a large power": "def update(self, theta, g):\n    theta -= g * 9**9**9",
    "__proto__": "def update(self, theta, g, *, __proto__=1):\n    theta -= __proto__ * g",
    "__proto__ of an array": "def update(self, theta, g):\n    theta -= g.__proto__",
    "constructor": "def update(self, theta, g):\n    theta -= constructor",
    "constructor of np": "def update(self, theta, g):\n    theta -= np.constructor",
    "constructor of a function": "def update(self, theta, g):\n    theta -= [].filter.constructor('return 1')()",
    "half of a character": "def update(self, theta, g):\n    theta -= g # \ud800",
    "a word beyond its end": "def update(self, theta, g):\n    theta -= 'a",
    "nothing": "",
    "a null": "def update(self, theta, g):\n    theta -= g\0",
    "eval": "def update(self, theta, g):\n    eval('1')",
    "an import": "def update(self, theta, g):\n    import os",
}


def test_hostile_text_is_answered_with_a_sentence():
    answers = dict(zip(HOSTILE, node.run(TRANSLATE, [{"text": text} for text in HOSTILE.values()])))
    for name, answer in answers.items():
        assert answer.get("kind") == "Refusal", f"{name}: {answer}"
        assert 20 < len(answer["refusal"]) < 300, f"{name}: {answer}"


def test_a_name_of_javascript_is_a_name_like_any_other():
    text = "def update(self, theta, g, *, constructor=0.5):\n    toString = constructor * g\n    theta -= toString\n"
    (made,) = node.run(TRANSLATE, [{"text": text}])
    assert made["tape"]["inputs"] == ["theta", "g", "t", "constructor"]
    assert list(made["tape"]["names"]) == ["toString"]


SURFACES = {
    "ravine": (Ravine(), []),
    "turned ravine": (Ravine(50, 0.4), ["condition"]),
    "Rosenbrock": (Rosenbrock(), []),
    "Beale": (Beale(), []),
    "Himmelblau": (Himmelblau(), []),
    "saddle": (Saddle(), []),
    "Rastrigin": (Rastrigin(3.0), ["amplitude"]),
    "parabola": (Parabola(2.0), ["h"]),
    "Lessard": (Lessard(), []),
    "a line through points": (LineFit(), []),
    "Reddi": (Reddi(), ["C"]),
    "noisy ravine": (NoisyRavine(), ["sigma"]),
    "a rare feature": (RareFeature(), ["every"]),
    "weights that see noise": (NoisyWeights(), []),
}

TRANSLATE_LOSS = """
import { translateLoss } from "@/edit/translate.js";
report(given.map(({ text, ...options }) => {
  try { return translateLoss(text, options); } catch (error) { return { refusal: error.message, kind: error.name }; }
}));
"""


def coordinates(problem):
    return [f"x{i}" for i in range(len(problem.start))]


def recorded_loss(problem, parameters):
    """Return the tape of a problem's loss alone, as the recorder makes it."""
    tape = Tape([*coordinates(problem), *parameters])
    moving = with_parameters(problem, {name: tape.input(name) for name in parameters})
    theta = np.array([tape.input(name) for name in coordinates(problem)], dtype=object)
    return tape.finish({"loss": moving.loss(theta)})


def with_gradient(loss, names):
    """Return the tape of a loss and its gradient, as descent.engine.differentiate works it out."""
    tape = Tape(loss["inputs"])
    values = {name: tape.input(name) for name in loss["inputs"]}
    outputs = {f"gradient_{k}": part for k, part in enumerate(gradient_of(loss, values, names))}
    return tape.finish({"loss": replay(loss, values)["loss"]} | outputs)


def test_each_surface_gives_the_recorders_loss_and_the_gradient_of_the_book():
    given = [
        text_of_problem(problem)
        | {"coordinates": coordinates(problem), "labels": list(problem.labels), "parameters": parameters}
        for problem, parameters in SURFACES.values()
    ]
    rng = np.random.default_rng(0)
    for (name, (problem, parameters)), made in zip(SURFACES.items(), node.run(TRANSLATE_LOSS, given)):
        assert "refusal" not in made, f"{name}: {made}"
        theta = rng.uniform(-3, 3, (len(problem.start), 50))
        values = dict(zip(coordinates(problem), theta)) | {p: float(getattr(problem, p)) for p in parameters}
        ours = replay(made, values)
        (loss,) = replay(recorded_loss(problem, parameters), values).values()
        assert np.array_equal(ours["loss"] + 0 * theta[0], loss + 0 * theta[0]), name
        expected = problem.gradient(theta) + 0 * theta
        assert made == with_gradient(recorded_loss(problem, parameters), coordinates(problem)), name
        for c, row in enumerate(expected):
            np.testing.assert_allclose(
                ours[f"gradient_{c}"] + 0 * row, row, rtol=1e-12, atol=1e-11, err_msg=f"{name}, {c}"
            )


def test_an_expression_is_a_loss():
    given = {"text": "x**2 + 10*y**2  # a bowl", "coordinates": ["x0", "x1"], "labels": ["x", "y"]}
    (made,) = node.run(TRANSLATE_LOSS, [given])
    values = replay(made, {"x0": 3.0, "x1": -0.5})
    assert values == {"loss": 11.5, "gradient_0": 6.0, "gradient_1": -10.0}


COMPOSE = """
import { compose } from "@/edit/composition.js";
import { targetOf } from "@/edit/targets.js";
import { checkState } from "@/model/protocol.js";
const [original, texts] = given;
const edits = new Map(Object.entries(texts).map(([target, text]) => {
  const translated = targetOf(original, target).translate(text);
  return [target, { text, translated, problem: translated.problem, changed: {}, overrides: {} }];
}));
const { places, start, ...made } = compose(original, edits, new Map());
checkState({ ...original, ...made, start: start ?? original.start });
const lines = made.views.map((view) => view.lines?.map(({ rule }) => rule) ?? null);
report([[...places], made.rules.map(({ label }) => label), lines]);
"""


def test_what_the_editor_composes_fits_the_contract():
    figure = explore(Ravine(), [Adam(lr=0.5), Momentum(0.5, 0.6)], views=["map", "error", "m_hat"], shared=["lr"])
    texts = {
        "rule 1": "def update(self, theta, g, u, *, lr=1, more=2):\n    u[...] = u + g\n    theta -= lr * u / more\n",
        "add 1": "def update(self, theta, g):\n    theta -= g\n",
        "surface 1": "x**2 + y**2",
    }
    places, labels, lines = node.run(COMPOSE, [figure.state(), texts])
    assert labels == ["Adam, edited", "Momentum", "your rule", "Adam, as printed"]
    assert places == [["rule 1", 0], ["rule 2", 1], ["add 1", 2], ["printed 1", 3]]
    assert lines[0] is None and set(lines[1]) == {0, 1, 2, 3}
    assert all(0 not in rules and 3 in rules for rules in lines[3:])  # the new text has no m_hat
