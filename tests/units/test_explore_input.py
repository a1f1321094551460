"""What `explore` is given: what it draws although it is odd, and what it refuses with a sentence."""

import numpy as np
import pytest

from descent import (
    Adam,
    Curve,
    Curves,
    GradientDescent,
    Momentum,
    NoisyWeights,
    Parabola,
    Plane,
    Problem,
    Ravine,
    Reddi,
    Rosenbrock,
    Shampoo,
    Signal,
    explore,
    schedules,
)
from descent.figures import plots
from descent.figures.lines import LOOKS, line_style, looks_of
from descent.figures.views import short_number


class Bowl(Problem):
    """x² in n coordinates, with labels and view as they come."""

    def __init__(self, n, **attributes):
        self.start = np.full(n, 2.0)
        vars(self).update(attributes)

    def loss(self, theta):
        return sum(part**2 for part in theta)

    def gradient(self, theta):
        return 2 * theta


class Flat(Bowl):
    def loss(self, theta):
        return 0 * theta[0]

    def gradient(self, theta):
        return 0 * theta


class InfiniteAtTheEdge(Bowl):
    def loss(self, theta):
        return -np.log(theta[0]) + theta[1] ** 2

    def gradient(self, theta):
        return np.stack([-1 / theta[0], 2 * theta[1]])


class Nowhere(Bowl):
    def loss(self, theta):
        return np.log(theta[0]) + np.log(-theta[0])


SQUARE = ((0, 3), (0, 3))
DRAWN = {
    "a constant loss": lambda: explore(NoisyWeights(), Adam()),
    "a constant loss of one coordinate": lambda: explore(Flat(1, view=((-3, 3),)), Adam()),
    "infinity at the edge of the view": lambda: explore(InfiniteAtTheEdge(2, view=SQUARE), Adam(0.1)),
    "not a number anywhere": lambda: explore(Nowhere(2, view=SQUARE), Adam(0.1)),
    "a run that diverges": lambda: explore(
        Ravine(), [GradientDescent(5.0), Adam()], steps=400, views=["map", "loss", "error", "position"]
    ),
    "a run that diverges at once": lambda: explore(Rosenbrock(), GradientDescent(1e6), steps=3),
    "one step": lambda: explore(Ravine(), Adam(), steps=1),
    "dollar signs": lambda: explore(Ravine(), [Adam(), Momentum()], title=r"$\frac$", labels=["$a_{", "b$"]),
    "dollar signs on the axes": lambda: explore(Bowl(2, labels=("$x", "y$"), view=SQUARE), Adam()),
    "one coordinate": lambda: explore(Bowl(1, view=((-3, 3),)), Adam(0.1)),
    "three coordinates": lambda: explore(Bowl(3), Adam(0.1), views=["position", "loss"]),
    "five coordinates": lambda: explore(Bowl(5), [Adam(0.1), Momentum()], views=["loss"]),
    "a rate for each coordinate": lambda: explore(Ravine(), Adam(np.array([0.1, 0.2]))),
    "the largest rate": lambda: explore(Ravine(), Adam(1.7e308)),
    "one view as a word": lambda: explore(Ravine(), Adam(), views="map"),
}


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("name", DRAWN)
def test_what_is_odd_is_drawn(name):
    figure = DRAWN[name]()
    assert plots.png(figure.still()).startswith(b"\x89PNG")
    assert repr(figure)


def test_labels_of_coordinates_follow_from_the_start():
    names = [explore(Bowl(n), Adam(), views=["loss"]).problem["labels"] for n in (1, 2, 3, 4)]
    assert names == [["x"], ["x", "y"], ["x", "y", "z"], ["θ₁", "θ₂", "θ₃", "θ₄"]]
    assert explore(Bowl(1, labels=("w",)), Adam(), views=["loss"]).problem["labels"] == ["w"]


def test_two_rules_of_a_class_are_told_apart():
    def labels(*optimizers):
        return [rule["label"] for rule in explore(Ravine(), list(optimizers)).rules]

    assert labels(Adam(0.1), Adam(0.2)) == ["Adam, lr 0.1", "Adam, lr 0.2"]
    assert labels(Adam(), Adam(bias_correction="none")) == ["Adam, bias_correction both", "Adam, bias_correction none"]
    assert labels(Adam(), Adam(), Momentum()) == ["Adam (1)", "Adam (2)", "Momentum"]
    plan = schedules.constant(0.1)
    assert len(set(labels(Adam(plan), Adam(0.1), Adam(0.1)))) == 3


def test_every_rule_has_a_look_of_its_own_in_every_figure():
    for many in ([f"Mine{k}" for k in range(30)], ["Adam"] * 12, [*LOOKS, "Mine", *LOOKS, "Yours"]):
        looks = looks_of(many)
        assert len({tuple(look.items()) for look in looks}) == len(many)
    assert len({tuple(line_style(k).items()) for k in range(36)}) == 36
    assert len(set(LOOKS.values())) == len(LOOKS)
    in_a_race = explore(Ravine(), [Momentum(), Adam()]).rules[1]["style"]
    assert in_a_race == explore(Parabola(), Adam()).rules[0]["style"]  # Adam is Adam wherever it runs


def test_settings_have_the_digits_that_a_person_would_write():
    given = [4 / 9, 1 / 13, 0.1, 1e-3, 0.9999, 1 - 1 / 17**3, 12.75, 1e-8, 20, 3.30579]
    assert [short_number(value) for value in given] == [
        "0.444",
        "0.0769",
        "0.1",
        "0.001",
        "0.9999",
        "0.9998",
        "12.75",
        "1e-08",
        "20",
        "3.31",
    ]
    assert "lr=0.0769)" in repr(explore(Ravine(), GradientDescent(1 / 13)))


def test_live_only_is_the_older_name_of_needs_kernel():
    assert explore(Ravine(), Adam(), live_only=True).needs_kernel


PLANE = {"lr": (4, 0), "beta": (0, 1)}
SPANS = {"lr": (0, 1), "beta1": (0, 0.9)}


def plane(function=lambda lr, beta1: lr + beta1, **more):
    return explore(Ravine(), Adam(), views=[Plane(function, **SPANS, **more)])


class NoGradient:
    start = (1.0, 1.0)

    def loss(self, theta):
        return theta[0]


REFUSED = {
    "a rule that declares nothing": (lambda: explore(Ravine(), Shampoo()), "declares no hyperparameters"),
    "no gradient": (lambda: explore(NoGradient(), Adam()), "not NoGradient, which has no gradient"),
    "one number as view": (lambda: explore(Bowl(2, view=3), Adam()), "has the view 3"),
    "one number as label": (lambda: explore(Bowl(2, labels=5), Adam()), "has the labels"),
    "one number as domain": (lambda: explore(Bowl(2, domain=3), Adam()), r"has the domain 3; expected \(least"),
    "a domain backwards": (lambda: explore(Bowl(2, domain=(4, -4)), Adam()), "has the domain"),
    "what is worked out": (lambda: explore(Signal(), Adam(), parameters={"expected": (0, 1)}), "cannot be set"),
    "a parameter without name": (lambda: explore(Ravine(), Adam(), parameters={1: (0, 1)}), "no attribute 1"),
    "half of a whole number": (
        lambda: explore(Bowl(2, k=np.int64(3)), Adam(), parameters={"k": (1.5, 5)}),
        "k moves in whole numbers",
    ),
    "a number as curve": (lambda: Curve(5, "x"), "Curve: 5 is no function whose arguments have names"),
    "a curve of NumPy": (lambda: Curve(np.sin, "x"), "is no function whose arguments have names"),
    "a curve of anything": (lambda: Curve(lambda *given: 1, "x"), "is no function whose arguments have names"),
    "a curve without label": (lambda: Curve(lambda t: t, None), r"Curve\(label=…\): None is no text"),
    "curves of a number": (lambda: Curves(5), "5 is no text"),
    "curves with a number": (lambda: Curves("m", label=5), "5 is no text"),
    "a floor in words": (lambda: Curves("loss", floor="x"), "floor='x'.*a share of the start"),
    "a floor of nan": (lambda: Curves("loss", floor=np.nan), "floor=nan"),
    "a number as plane": (lambda: plane(5), "Plane: 5 is no function"),
    "a plane of others": (lambda: plane(lambda a, b: a), "expected functions of lr and beta1, by these names"),
    "a plane without label": (lambda: plane(label=None), "None is no text"),
    "lines in a list": (lambda: plane(lines=[1]), "expected dicts"),
    "a number as line": (lambda: plane(lines={"a": 5}), "5 is no function"),
    "a region nowhere": (lambda: plane(regions={"a": (1, np.nan)}), "'a' stands at .*two finite numbers"),
    "a number as region": (lambda: plane(regions={"a": 3}), "'a' stands at 3"),
    "a mark of an unknown": (
        lambda: explore(Ravine(), Adam(), marks={"lr": {lambda strange: 1.0: "a"}}),
        "no attribute 'strange'; a mark's function is given attributes of the problem",
    ),
    "a mark in words": (
        lambda: explore(Ravine(), Adam(), marks={"lr": {lambda condition: "a": "a"}}),
        "a mark's function gave 'a'",
    ),
    "a mark beyond floats": (lambda: explore(Ravine(), Adam(), marks={"lr": {10**400: "a"}}), "expected a number or"),
    "a number as shared": (lambda: explore(Ravine(), Adam(), shared=5), r"shared=5\): expected names"),
    "a number in shared": (lambda: explore(Ravine(), Adam(), shared=[5]), r"shared=\[5\]\): expected names"),
    "a class as optimizer": (lambda: explore(Ravine(), Adam), "expected an optimizer such as Adam"),
    "a class in a list": (lambda: explore(Ravine(), [Adam(), Adam]), "expected an optimizer such as Adam"),
    "a word as optimizer": (lambda: explore(Ravine(), "adam"), "expected an optimizer such as Adam"),
    "a class as problem": (lambda: explore(Ravine, Adam()), "expected a problem such as Ravine"),
    "no problem": (lambda: explore(None, Adam()), "expected a problem such as Ravine"),
    "no optimizer": (lambda: explore(Ravine(), []), "expected at least one optimizer"),
    "many rates": (lambda: explore(Ravine(), Adam(np.array([0.1, 0.2, 0.3]))), "one for each of the 2 coordinates"),
    "a slider of a word": (lambda: explore(Ravine(), Adam(), sliders={"bias_correction": (0, 1)}), "is no number"),
    "a slider of a schedule": (
        lambda: explore(Ravine(), Adam(schedules.constant(0.1)), sliders={"lr": (0, 1)}),
        "is no number",
    ),
    "sliders in a list": (lambda: explore(Ravine(), Adam(), sliders=["lr"]), "expected a dict"),
    "a decay rate of 1": (lambda: explore(Ravine(), Adam(), sliders={"beta1": (0, 1)}), "stays below 1"),
    "a slider backwards": (lambda: explore(Ravine(), Adam(), sliders={"lr": (1, 0.1)}), "two finite numbers in this"),
    "a slider to infinity": (lambda: explore(Ravine(), Adam(), sliders={"lr": (0, np.inf)}), "two finite numbers"),
    "a slider of one number": (lambda: explore(Ravine(), Adam(), sliders={"lr": 5}), "two finite numbers"),
    "a slider below 0": (lambda: explore(Ravine(), Adam(), sliders={"lr": (-1, 1)}), "are 0 or more"),
    "no view": (lambda: explore(Ravine(), Adam(), views=[]), "expected at least one"),
    "a class as view": (lambda: explore(Ravine(), Adam(), views=[Curve]), "is no view"),
    "a number as start": (lambda: explore(Ravine(), Adam(), start=3), "expected 2 finite numbers in a row"),
    "a start of nan": (lambda: explore(Ravine(), Adam(), start=[np.nan, 1]), "expected 2 finite numbers"),
    "truth values as start": (lambda: explore(Ravine(), Adam(), start=[True, False]), "expected 2 finite numbers"),
    "many starts": (lambda: explore(Ravine(), Adam(), start=np.ones((2, 3))), "expected 2 finite numbers"),
    "a ragged start": (lambda: explore(Ravine(), Adam(), start=[[1], [2, 3]]), "expected 2 finite numbers"),
    "a start outside": (lambda: explore(Reddi(C=4), Adam(), start=[5]), "outside the domain"),
    "no step": (lambda: explore(Ravine(), Adam(), steps=0), "a whole number from 1"),
    "half a step": (lambda: explore(Ravine(), Adam(), steps=1.5), "a whole number from 1"),
    "endless steps": (lambda: explore(Ravine(), Adam(), steps=10**9), "a whole number from 1"),
    "an empty title": (lambda: explore(Ravine(), Adam(), title=" "), "expected a text"),
    "a number as title": (lambda: explore(Ravine(), Adam(), title=3), "expected a text"),
    "numbers as labels": (lambda: explore(Ravine(), [Adam(), Momentum()], labels=[1, 2]), "expected texts"),
    "one text as labels": (lambda: explore(Ravine(), [Adam(), Momentum()], labels="ab"), "a list of texts"),
    "two labels alike": (lambda: explore(Ravine(), [Adam(), Momentum()], labels=["a", "a"]), "cannot be told apart"),
    "an empty label": (lambda: explore(Ravine(), Adam(), labels=[""]), "expected texts"),
    "labels of the problem": (lambda: explore(Bowl(1, labels=("a", "b", "c")), Adam()), "has the labels"),
    "a view too few": (lambda: explore(Bowl(2, view=((0, 1),)), Adam()), "has the view"),
    "a view backwards": (lambda: explore(Bowl(1, view=((1, 0),)), Adam()), "has the view"),
    "a minimum elsewhere": (lambda: explore(Bowl(2, minimum=[0.0]), Adam(), views=["loss"]), "has the minimum"),
    "marks of nothing": (lambda: explore(Ravine(), Adam(), marks={"lr": 0.1}), "expected a dict"),
    "marks of a stranger": (lambda: explore(Ravine(), Adam(), marks={"rho": {0.1: "a"}}), "no optimizer has 'rho'"),
    "a mark at a word": (
        lambda: explore(Ravine(), Adam(), marks={"lr": {"a": "b"}}),
        "expected a number or a function",
    ),
    "parameters in a list": (lambda: explore(Ravine(), Adam(), parameters=["condition"]), "expected a dict"),
    "a parameter backwards": (
        lambda: explore(Ravine(), Adam(), parameters={"condition": (5, 1)}),
        "two finite numbers",
    ),
    "a shared word": (lambda: explore(Ravine(), Adam(), shared="bias_correction"), "is no number"),
    "a plane backwards": (lambda: Plane(lambda lr, beta: lr, **PLANE), "expected two hyperparameters"),
    "what only the page computes": (lambda: explore(Ravine(), Adam(), needs_kernel=True, views=["m_hat"]), "m_hat"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_drawn_is_refused_with_a_sentence(name):
    build, told = REFUSED[name]
    with pytest.raises((TypeError, ValueError), match=told):
        build()
