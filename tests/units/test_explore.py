"""Does the interactive figure hand the front end what Python computes, and say no clearly?"""

import base64
import json

import numpy as np
import pytest
from support.mounting import state_of

from descent import (
    Adam,
    Curve,
    GradientDescent,
    Lessard,
    LineFit,
    Momentum,
    NoisyWeights,
    Optimizer,
    Plane,
    Problem,
    RareFeature,
    Ravine,
    Reddi,
    Rosenbrock,
    Signal,
    Untranslatable,
    descend,
    explore,
    explore_schedules,
    printed,
)
from descent.engine.tape import replay
from descent.figures import still
from descent.figures.schedule_figure import PEAKS, WARMUPS, train
from descent.figures.widget import bundle

RULES = [GradientDescent(0.05), Momentum(0.02, 0.8), Adam(0.5)]


class Peaked(Optimizer):
    def update(self, theta, g, *, lr=0.1):
        theta -= lr * g / np.max(g)


class Bumpy(Problem):
    name, start, view = "bumpy", np.zeros(2), ((-1, 1), (-1, 1))

    def loss(self, theta):
        return np.sinc(theta[0]) + theta[1]

    def gradient(self, theta):
        return theta


def test_the_whole_state_is_plain_data():
    figure = explore(Ravine(), RULES)
    state = state_of(figure)
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
    again = explore(LineFit(), [Adam(0.1)], steps=30, title="Adam on a cone")
    assert data["image/png"] == again._repr_mimebundle_()[0]["image/png"]


def test_the_front_end_is_one_module_without_imports():
    text = bundle()
    assert text.rstrip().endswith("export default { render };")
    assert not [line for line in text.splitlines() if line.startswith(("import ", "export ")) and "default" not in line]


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


def test_a_parameter_of_the_problem_gets_a_slider_and_moves_the_marks():
    figure = explore(Ravine(20), GradientDescent(0.01), parameters={"condition": (1, 100)}, steps=50)
    figure.parameters = {"condition": 40.0}
    np.testing.assert_array_equal(
        figure.paths[0].positions, descend(GradientDescent(0.01), Ravine(40), steps=50).positions
    )
    marks = {
        mark["label"]: replay(mark["tape"], figure.parameters)["value"]
        for mark in figure.rules[0]["sliders"][0]["marks"]
    }
    assert marks == {"2/h": 2 / 40, "best": 2 / 41}
    (slider,) = explore(RareFeature(), Adam(), parameters={"every": (1, 40)}).problem["sliders"]
    assert slider["scale"] == "whole"


def test_a_tape_with_t_and_a_domain_is_the_problems_own():
    problem = Reddi(C=4)
    figure = explore(problem, Adam(0.1), parameters={"C": None})
    assert figure.problem["domain"] == [-1, 1] and figure.problem["tape"]["inputs"] == ["x0", "C", "t"]
    for t in range(1, 8):
        made = replay(figure.problem["tape"], {"x0": 0.3, "C": 4.0, "t": float(t)})
        assert made["gradient_0"] == problem.gradient_at(np.array([0.3]), t)[0]


def test_a_shared_slider_moves_each_rules_own_decay():
    rules = [GradientDescent(0.1, l2=0.2), GradientDescent(0.1, weight_decay=0.2)]
    figure = explore(NoisyWeights(), rules, shared=["lr", ("l2", "weight_decay")])
    assert [slider["targets"] for slider in figure.shared] == [[[0, "lr"], [1, "lr"]], [[0, "l2"], [1, "weight_decay"]]]
    assert figure.settings == [{"lr": 0.1, "l2": 0.2}, {"lr": 0.1, "weight_decay": 0.2}]
    assert all(rule["sliders"] == [] for rule in figure.rules)
    np.testing.assert_allclose(figure.paths[0].positions, figure.paths[1].positions, rtol=1e-12)


def test_quantities_of_the_stills_are_the_optimizers_own():
    figure = explore(Ravine(), Adam(0.3), steps=7, views=["m_hat", "v", "step", "error", "position", "g"])
    (path,), theta = figure.paths, np.array(figure.start)
    optimizer = Adam(0.3)
    for t in range(1, 8):
        gradient = Ravine().gradient(theta)
        before = theta.copy()
        optimizer.step(theta, gradient)
        state = optimizer.state_dict()
        expected = {"m_hat": state["m"] / (1 - 0.9**t), "v": state["v"], "step": theta - before, "g": gradient}
        for name, values in expected.items():
            np.testing.assert_allclose(
                still.quantity(name, figure.rules[0], figure.settings[0], path)[t], values, rtol=1e-12
            )


def test_needs_kernel_accepts_what_the_page_cannot_replay_and_python_draws_it():
    figure = explore(Bumpy(), [Peaked(0.2), Adam(0.1)], needs_kernel=True, steps=5, start=[0.5, 0.4])
    before = figure.picture
    assert base64.b64decode(before).startswith(b"\x89PNG")
    figure.settings = [{"lr": 0.1}, figure.settings[1]]
    assert figure.picture != before and "Peaked(lr=0.1)" in figure.alt


@pytest.mark.parametrize("place", [(2, 1, "in steps"), (5, 3, "1/√t")])
def test_the_stored_training_losses_are_those_of_the_network(place):
    peak, warmup = PEAKS[place[0]], WARMUPS[place[1]]
    figure = explore_schedules(peak, warmup, place[2])
    assert figure.losses == pytest.approx(train(peak, warmup, place[2]), rel=0.02)
    assert json.loads(json.dumps(state_of(figure), allow_nan=False))
    assert f"→ {figure.losses[-1]:.3g}" in repr(figure) and "computed before" in repr(figure)
    with pytest.raises(ValueError, match="computed for 0.0001, 0.0003"):
        explore_schedules(peak=0.2)


def test_data_and_prediction_are_shown_by_default_where_there_are_some():
    assert [view["kind"] for view in explore(LineFit(), Adam()).views] == ["data", "map", "curves"]
    assert [view["kind"] for view in explore(Lessard(), Adam()).views] == ["graph", "curves"]
    assert [view["kind"] for view in explore(Signal(), Adam()).views] == ["curves"]


def test_bad_input_is_refused_with_a_cure():
    with pytest.raises(ValueError, match="no optimizer has 'momentum'; they have"):
        explore(Ravine(), Adam(), sliders={"momentum": (0, 1)})
    with pytest.raises(ValueError, match="2 labels for 1 optimizers"):
        explore(Ravine(), Adam(), labels=["a", "b"])
    with pytest.raises(ValueError, match="has 2 coordinates"):
        explore(Ravine(), Adam(), start=[1, 2, 3])
    with pytest.raises(ValueError, match='"map" draws a problem of 2 coordinates'):
        explore(Lessard(), Momentum(), views=["map"])
    with pytest.raises(ValueError, match="'m_hat' is neither a view nor a quantity of these rules; they name z"):
        explore(Ravine(), Momentum(), views=["m_hat"])
    with pytest.raises(ValueError, match="needs a problem with arrays x and y"):
        explore(Ravine(), Adam(), views=["data"])
    with pytest.raises(ValueError, match="has no attribute 'kappa'"):
        explore(Ravine(), Adam(), parameters={"kappa": (1, 9)})
    with pytest.raises(ValueError, match="does not read self.angle at each call"):
        explore(Ravine(), Adam(), parameters={"angle": (0, 1)})
    with pytest.raises(ValueError, match="no optimizer has beta"):
        explore(Ravine(), Adam(), shared=["beta"])
    with pytest.raises(ValueError, match="different values of lr"):
        explore(Ravine(), [Adam(0.1), Adam(0.2)], shared=["lr"])
    with pytest.raises(ValueError, match="asks for .'gamma'.; there are"):
        explore(Ravine(), Adam(), views=[Curve(lambda gamma: gamma, label="gamma")])
    with pytest.raises(ValueError, match="the first rule has sliders for"):
        explore(Ravine(), Adam(), views=[Plane(lambda lr, beta: lr * beta, lr=(0, 1), beta=(0, 1))])
    with pytest.raises(TypeError, match="written in Python"):
        printed(np.sqrt)


def test_printed_is_the_text_that_runs():
    namespace = {"np": np}
    exec(str(printed(Adam)), namespace)  # the printed lines are a function of their own
    theta, m, v = np.ones(3), np.zeros(3), np.zeros(3)
    namespace["update"](None, theta, np.array([1.0, -2.0, 3.0]), m, v, 1)
    np.testing.assert_array_equal(theta, Adam().step(np.ones(3), np.array([1.0, -2.0, 3.0])))
