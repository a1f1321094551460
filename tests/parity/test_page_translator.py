"""The page translates a rule's text as Python's recorder does: the same list of operations, register by register."""

import json
from importlib import resources

import numpy as np
import pytest
from support import node
from support.hostile import HOSTILE

from descent import Adam, Momentum, Optimizer, Problem, Untranslatable, descend, explore, problems, rules, schedules
from descent.engine.differentiate import gradient_of
from descent.engine.operations import OPERATIONS
from descent.engine.tape import Tape, replay
from descent.figures.texts import rule_of_text, text_of_problem, text_of_rule
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

RULES = [getattr(rules, name) for name in rules.__all__]
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


COUNT_WORK = """
import { codemirror } from "@/../vendor/codemirror.js";
import { translateRule } from "@/edit/translate.js";
import { Tape } from "@/edit/recorder.js";
let work = 0;
const counted = (prototype, name) => {
  const plain = prototype[name];
  prototype[name] = function (...given) { work += 1; return plain.apply(this, given); };
};
counted(Object.getPrototypeOf(codemirror.parser.startParse("g")), "advance");
counted(Tape.prototype, "apply");
report(given.map((text) => {
  work = 0;
  try { return { ...translateRule(text), work }; }
  catch (error) { return { refusal: error.message, kind: error.name, work }; }
}));
"""
MOST_WORK = 1502  # steps of the parser and operations; Adam's rule takes 240


def test_hostile_text_is_answered_with_a_sentence_after_little_work():
    answers = dict(zip(HOSTILE, node.run(COUNT_WORK, list(HOSTILE.values()))))
    for name, answer in answers.items():
        assert answer.get("kind") == "Refusal", f"{name}: {answer}"
        assert 20 < len(answer["refusal"]) < 300, f"{name}: {answer}"
        assert answer["work"] <= MOST_WORK, f"{name}: {answer}"
    assert [answers[name]["work"] for name in ("100 kB", "deep brackets")] == [0, 0]  # refused by their size


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


def test_no_surface_of_the_book_is_left_out():
    kinds = [kind for kind in vars(problems).values() if isinstance(kind, type) and issubclass(kind, Problem)]
    shown = {kind for kind in kinds if kind.view is not None}
    assert shown - {type(problem) for problem, _ in SURFACES.values()} == set()


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


@pytest.mark.parametrize(
    "text",
    ["np.where(x > 0, np.sqrt(x), x*x) + y**2", "np.minimum(np.exp(x), 1 - x*y) / y", "np.where(x > 0, x**y, y)"],
)
def test_a_branch_that_is_not_taken_has_no_part_in_the_gradient_of_either(text):
    given = {"text": text, "coordinates": ["x0", "x1"], "labels": ["x", "y"]}
    (made,) = node.run(TRANSLATE_LOSS, [given])
    surface = problems.Surface(eval(f"lambda x, y: {text}", {"np": np}), start=(1.0, 1.0))
    assert made == with_gradient(recorded_loss(surface, []), ["x0", "x1"])
    with np.errstate(all="ignore"):
        assert np.isfinite(surface.gradient(np.array([[-2.0, -1000.0, 3.0], [1.0, 2.0, 3.0]]))).all()


@pytest.mark.parametrize(
    "default", ["1/3", "-(-2)", "10**-3", "abs(-1)", "0.5 if 2 > 1 else 3", "2 * 0.1 + 1", "np.sqrt(0.25)"]
)
def test_a_default_may_be_worked_out(default):
    text = f"def update(self, theta, g, *, lr={default}):\n    theta -= lr * g\n"
    (made,) = node.run(TRANSLATE, [{"text": text}])
    assert [one["value"] for one in made["hyperparameters"]] == [float(eval(default))]


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


OFFERED = """
import { codemirror } from "@/../vendor/codemirror.js";
import { parse } from "@/edit/syntax.js";
const python = codemirror.LRLanguage.define({ name: "python", parser: codemirror.parser });
const shown = (tree) => {
  const parts = [];
  tree.iterate({ enter: ({ name, from, to }) => void parts.push(`${name} ${from} ${to}`) });
  return parts.join();
};
report(given.map((text) => {
  let state = codemirror.EditorState.create({ extensions: [python] });
  const different = [];
  for (let k = 0; k < text.length; k++) {
    state = state.update({ changes: { from: k, insert: text[k] } }).state;
    const typed = state.doc.toString(), tree = codemirror.syntaxTree(state);
    let faulty = tree.length < typed.length;
    tree.iterate({ enter: ({ type }) => { faulty ||= type.isError; } });
    let own = null;
    try { own = shown(parse(typed)); } catch (error) { if (error.name !== "Refusal") throw error; }
    if (!faulty && own !== shown(tree)) different.push(typed);
  }
  return different;
}));
"""


def test_the_tree_of_the_editor_is_the_parsers_own_at_each_key():
    assert node.run(OFFERED, [text_of_rule(Adam())["text"]]) == [[]]


AS_CLASSES = """
import { lossAsClass, ruleAsClass } from "@/edit/notebook_text.js";
import { targetOf } from "@/edit/targets.js";
report({
  rules: given.rules.map((original) => {
    const { name, printed, decays } = targetOf(original, "rule 1");
    return ruleAsClass(name, printed, decays);
  }),
  losses: given.losses.map(([text, problem, start]) => lossAsClass(text, problem, start)),
});
"""


def made_of(text):
    """Return the one class that the text of a notebook's cell makes."""
    found = {}
    exec(text, found)
    return next(thing for name, thing in found.items() if name.startswith("Edited"))


def test_a_copied_class_is_the_same_rule_bit_for_bit_and_the_same_loss():
    figures = [explore(Ravine(), rule(), steps=1).state() for rule in RULES]
    losses = [
        (text_of_problem(problem) | {"labels": list(problem.labels), "view": problem.view}, problem)
        for problem, _ in SURFACES.values()
    ]
    given = [[parts["text"], parts, list(map(float, problem.start))] for parts, problem in losses]
    bowl = ["# a bowl\nx**2 + 10*y**2", losses[0][0], [1.0, 1.0]]
    copied = node.run(AS_CLASSES, {"rules": figures, "losses": [*given, bowl]})
    for rule, text in zip(RULES, copied["rules"]):
        made = made_of(text)
        assert made.__name__ == f"Edited{rule.__name__}"
        paths = [descend(kind(lr=0.1), Ravine(), steps=40).positions for kind in (rule, made)]
        assert np.array_equal(*paths), text
    rng = np.random.default_rng(0)
    for (_, problem), text in zip(losses, copied["losses"]):
        made = made_of(text)()
        theta = rng.uniform(-3, 3, len(problem.start))
        assert made.loss(theta) == problem.loss(theta), text
        np.testing.assert_array_equal(made.start, problem.start)
    assert made_of(copied["losses"][-1])().loss(np.array([1.0, 2.0])) == 41


LINE = "def update(self, theta, g, m, t, *, lr=0.1):\n    m[...] = {}\n    theta -= lr * m\n"
CURES = json.loads((resources.files("descent.engine") / "subset.json").read_text(encoding="utf8"))["cures"]


@pytest.mark.parametrize(
    "written, cure",
    [
        ("g // 2", "floor"),
        ("g % 2", "floor"),
        ("g if g > 0 else -g", "truth"),
        ("g and m", "truth"),
        ("np.mean(g)", "operation"),
        ("g.T", "attribute"),
        ("g[0]", "index"),
        ("float(g)", "number"),
        ("g * np.inf", "infinite"),
        ("np.where(t & 1, g, m)", "bits"),
        ("g * ~t", "bits"),
        ("g\n    lr[...] = 2.0", "fixed"),
        ("(g > 0)\n    up = g > 0\n    up[...] = g", "comparison"),
    ],
)
def test_what_one_refuses_the_other_refuses_with_its_line_and_the_same_cure(written, cure):
    text = LINE.format(written)
    (page,) = node.run(TRANSLATE, [{"text": text}])
    line = 1 + written.count("\n") + 1
    assert page["refusal"].startswith(f"Line {line}: ") and page["refusal"].endswith(CURES[cure])
    found = {"np": np}
    exec(text, found)
    with pytest.raises(Untranslatable, match=f"line {line}: ") as raised:
        type("Mine", (Optimizer,), {"update": found["update"]})().tape()
    assert str(raised.value).endswith(CURES[cure])


def test_a_number_keeps_its_value_under_its_other_name_and_a_comparison_is_kept_as_numbers():
    lines = (
        "rate = lr\n    rate *= 0.5\n    late = t\n    late += 1\n    up = g > 0\n    up &= m > 0",
        "m[...] = up\n    m += m\n    kept = np.where(t > 2, lr, rate)\n    also = kept\n    also /= late",
        "theta -= rate * m + lr * kept * g",
    )
    text = "def update(self, theta, g, m, t, *, lr=0.1):\n    " + "\n    ".join(lines) + "\n"
    (page,) = node.run(TRANSLATE, [{"text": text}])
    recorded = rule_of_text("Mine", text)().tape(["lr"])
    assert {key: page["tape"][key] for key in recorded} == recorded


def test_what_python_alone_runs_needs_a_kernel_and_says_so():
    only_python = {
        "a loop": LINE.format("g\n    for k in range(2):\n        m[...] = m + g"),
        "a while": LINE.format("g\n    while False:\n        pass"),
        "a function": LINE.format("(lambda x: x)(g)"),
        "a schedule in the first line": LINE.replace("lr=0.1", "lr=lambda t: 0.1 / t").format("g"),
        "an import": LINE.format("g\n    import math"),
    }
    for name, answer in zip(only_python, node.run(TRANSLATE, [{"text": text} for text in only_python.values()])):
        assert answer["kind"] == "Refusal" and answer["refusal"].startswith("Line "), f"{name}: {answer}"
        assert answer["refusal"].endswith("in a notebook, with Python, it may run."), f"{name}: {answer}"


def test_a_schedule_goes_on_under_a_changed_text_and_t_may_stand_in_it():
    text = (
        "def update(self, theta, g, m, t, *, lr=0.1, beta=0.9):\n    m[...] = m + g\n    theta -= lr / np.sqrt(t) * m\n"
    )
    optimizer = rule_of_text("Mine", text)(lr=schedules.cosine(0.5, 20))
    plan = text_of_rule(Momentum(lr=optimizer.lr))["schedules"]
    (made,) = node.run(TRANSLATE, [{"text": text, "schedules": plan}])
    assert made["tape"] == optimizer.tape()


def test_the_playground_names_what_can_be_written(root):
    (cell,) = [
        "".join(cell["source"])
        for cell in json.loads((root / "chapters" / "playground.ipynb").read_text(encoding="utf8"))["cells"]
        if "(playground-subset)=" in "".join(cell["source"])
    ]
    functions = {"where", "clip", "abs"} | {name for name in OPERATIONS if hasattr(np, name)}
    operators = {"add", "subtract", "multiply", "divide", "power", "negative", "positive", "absolute"}
    conditions = {name for name in OPERATIONS if name.startswith(("greater", "less", "equal", "not_equal", "logical"))}
    wanted = functions - operators - conditions
    assert {name for name in wanted if f"np.{name}" not in cell} == set()
    assert {name for name in wanted if f"np.{name}" not in CURES["operation"]} == set()
