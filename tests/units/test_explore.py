"""Does the interactive figure hand the front end what Python computes, and say no clearly?"""

import base64
import json

import numpy as np
import pytest

from descent import (
    Adam,
    GradientDescent,
    LineFit,
    Momentum,
    NoisyRavine,
    Optimizer,
    Problem,
    Ravine,
    Rosenbrock,
    Untranslatable,
    descend,
    explore,
    printed,
)
from descent.explore import bundle

RULES = [GradientDescent(0.05), Momentum(0.02, 0.8), Adam(0.5)]


def test_the_whole_state_is_plain_data():
    figure = explore(Ravine(), RULES)
    state = {name: getattr(figure, name) for name in ("problem", "rules", "settings", "start", "steps", "frame")}
    assert json.loads(json.dumps(state, allow_nan=False)) == state


def test_every_hyperparameter_a_tape_asks_for_has_a_value():
    for rule in explore(Rosenbrock(), [*RULES, Momentum(0.01, l2=0.1, weight_decay=0.2)]).rules:
        asked = set(rule["tape"]["inputs"]) - {"theta", "g", "t", *rule["state"]}
        assert asked == set(rule["fixed"])


def test_sliders_by_default_the_learning_rate_and_each_beta():
    names = [[slider["name"] for slider in rule["sliders"]] for rule in explore(Ravine(), RULES).rules]
    assert names == [["lr"], ["lr", "beta"], ["lr", "beta1", "beta2"]]


def test_a_decay_gets_a_slider_when_asked_for_even_at_zero():
    figure = explore(Ravine(), GradientDescent(0.05), sliders={"lr": (1e-3, 1), "weight_decay": (0, 1)})
    decay = figure.rules[0]["sliders"][1]
    assert (decay["name"], decay["scale"], decay["value"]) == ("weight_decay", "linear", 0)
    assert "weight_decay" in figure.rules[0]["tape"]["inputs"]
    without_limits = explore(Ravine(), GradientDescent(0.05), sliders={"weight_decay": None})
    assert without_limits.rules[0]["sliders"][0]["scale"] == "linear"


def test_the_edge_of_stability_is_marked_where_it_is():
    (slider,) = explore(Ravine(40), GradientDescent(0.01)).rules[0]["sliders"]
    edge = {mark["label"]: mark["value"] for mark in slider["marks"]}["2/h"]
    below, above = (descend(GradientDescent(edge * f), Ravine(40), steps=400).losses[-1] for f in (0.99, 1.01))
    assert below < 1e-2 and above > 1e3


def test_moving_a_slider_changes_the_optimizers_and_the_paths():
    figure = explore(Ravine(), RULES, steps=20)
    figure.settings = [{"lr": 0.01}, {"lr": 0.02, "beta": 0.5}, figure.settings[2]]
    assert figure.optimizers[1].beta == 0.5
    expected = descend(Momentum(0.02, 0.5), Ravine(), steps=20).positions
    np.testing.assert_array_equal(figure.paths[1].positions, expected)


def test_text_and_still_say_what_is_shown():
    figure = explore(LineFit(), [Adam(0.1)], steps=30, title="Adam on a cone")
    data, _ = figure._repr_mimebundle_()
    end = descend(Adam(0.1), LineFit(), steps=30).losses[-1]
    assert data["text/plain"].startswith("Adam on a cone: 30 steps from (-10, -20).")
    assert f"loss {end:.4g}" in data["text/plain"]
    assert base64.b64decode(data["image/png"]).startswith(b"\x89PNG")
    assert data["image/png"] == explore(LineFit(), [Adam(0.1)], steps=30)._repr_mimebundle_()[0]["image/png"]


def test_the_front_end_is_one_module_without_imports():
    text = bundle()
    assert text.rstrip().endswith("export default { render };")
    assert not [line for line in text.splitlines() if line.startswith(("import ", "export ")) and "default" not in line]


class Peaked(Optimizer):
    def update(self, theta, g, *, lr=0.1):
        theta -= lr * g / np.max(g)


class Bumpy(Problem):
    name, start, view = "bumpy", np.zeros(2), ((-1, 1), (-1, 1))

    def loss(self, theta):
        return np.sinc(theta[0]) + theta[1]

    def gradient(self, theta):
        return theta


@pytest.mark.parametrize(
    "problem, rule, named",
    [
        (Ravine(), Peaked(), ["np.max", "test_explore.py, line", "theta -= lr * g / np.max(g)"]),
        (Bumpy(), GradientDescent(), ["sinc", "np.sinc(theta[0]) + theta[1]"]),
    ],
)
def test_an_operation_that_cannot_be_translated_is_named_with_its_line(problem, rule, named):
    with pytest.raises(Untranslatable) as error:
        explore(problem, rule)
    assert all(part in str(error.value) for part in named), str(error.value)


def test_bad_input_is_refused_with_a_cure():
    with pytest.raises(ValueError, match="no optimizer has 'momentum'; they have"):
        explore(Ravine(), Adam(), sliders={"momentum": (0, 1)})
    with pytest.raises(ValueError, match="2 labels for 1 optimizers"):
        explore(Ravine(), Adam(), labels=["a", "b"])
    with pytest.raises(ValueError, match="two coordinates"):
        explore(Ravine(), Adam(), start=[1, 2, 3])
    with pytest.raises(ValueError, match="stays as it is"):
        explore(NoisyRavine(), Adam())
    with pytest.raises(TypeError, match="written in Python"):
        printed(np.sqrt)


def test_printed_is_the_text_that_runs():
    namespace = {"np": np}
    exec(str(printed(Adam)), namespace)  # the printed lines are a function of their own
    theta, m, v = np.ones(3), np.zeros(3), np.zeros(3)
    namespace["update"](None, theta, np.array([1.0, -2.0, 3.0]), m, v, 1)
    np.testing.assert_array_equal(theta, Adam().step(np.ones(3), np.array([1.0, -2.0, 3.0])))
