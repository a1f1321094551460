"""In a notebook the text comes back: as a class, with the same errors, and the figure runs it in Python too."""

import json
from importlib import resources

import numpy as np
import pytest

from descent import Adam, Momentum, Optimizer, Ravine, Untranslatable, explore
from descent.figures.texts import library
from descent.figures.widget import bundle

SUBSET = json.loads((resources.files("descent.engine") / "subset.json").read_text(encoding="utf8"))
TEXT = """def update(self, theta, g, m, *, lr=0.1, keep=0.5):
    m[...] = keep * m + g
    theta -= lr * m
"""


@pytest.fixture
def figure():
    return explore(Ravine(), [Adam(lr=0.5), Momentum(0.05, 0.6)], steps=20)


def test_the_edited_rule_is_a_class(figure):
    assert figure.edited is None
    figure.texts = {"rule 1": TEXT}
    rule = figure.edited
    assert rule.__name__ == "EditedAdam" and issubclass(rule, Optimizer)
    assert rule(lr=0.1).step(np.zeros(1), np.ones(1)) == -0.1
    figure.texts = {"rule 1": TEXT, "add 1": TEXT.replace("0.5", "0.25"), "surface 1": "x**2"}
    assert figure.edited.__name__ == "OwnRule" and figure.edited().keep == 0.25


def test_python_runs_what_the_page_runs(figure):
    figure.texts = {"rule 1": TEXT}
    edited, printed = figure.optimizers
    assert edited.lr == 0.5 and edited.keep == 0.5 and isinstance(printed, Momentum)
    same = explore(Ravine(), [Momentum(0.5, 0.5)], steps=20).paths[0]
    assert np.array_equal(figure.paths[0].losses, same.losses)


def test_a_text_that_is_no_rule_is_refused_with_its_line(figure):
    figure.texts = {"rule 1": TEXT.replace("theta -=", "if m > 0:\n        theta -=")}
    with pytest.raises(Untranslatable, match=r"line 3: if m > 0:\).*np.where"):
        _ = figure.edited
    figure.texts = {"rule 1": "x = 1"}
    with pytest.raises(TypeError, match="begin its text with def update"):
        _ = figure.edited


def test_the_kernel_hands_the_editor_over_when_asked(figure, monkeypatch):
    sent = []
    monkeypatch.setattr(figure, "send", sent.append)
    figure._handle_custom_msg({"kind": "editor"}, [])
    figure._handle_custom_msg({"kind": "something else"}, [])
    assert [message["kind"] for message in sent] == ["editor"]
    assert sent[0]["script"] == bundle("edit/edit.js") and "codemirror" not in bundle()


def test_the_page_knows_the_names_that_every_optimizer_has():
    assert SUBSET["taken"] == sorted(Optimizer._reserved)


def test_the_library_has_every_rule_and_the_surfaces_of_two_coordinates():
    names = [rule["name"] for rule in library()["rules"]]
    assert {"GradientDescent", "Momentum", "Nesterov", "Adam", "AMSGrad", "RAdam"} <= set(names)
    assert [surface["name"] for surface in library()["surfaces"]][:2] == ["Ravine", "Rosenbrock"]
    assert all("self." not in surface["text"] for surface in library()["surfaces"])
