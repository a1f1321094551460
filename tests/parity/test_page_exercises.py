"""The exercises on the pages: right lines are right, each known fault has its name, and no answer lies open."""

import base64
import json
import sys
from pathlib import Path

import pytest
from support import node

sys.path.insert(0, str(Path(__file__).parents[2] / "code" / "site"))
import exercises

CHECK = """
import { checkAnswer } from "@/edit/exercise_check.js";
import { decodeText } from "@/model/texts.js";
let state = 1;
const random = () => (state = (state * 48271) % 2147483647) / 2147483647;
report(given.map(([answer, text]) => {
  try { return checkAnswer(JSON.parse(decodeText(answer)), text, random); }
  catch (error) { return { refusal: error.message }; }
}));
"""
LOSSES = {
    "condition-25": {
        "x**2 + 5 * y**2": "root",
        "x**2 + 625 * y**2": "square",
        "x**4 + y**2": "everywhere",
        "x**2 - y**2": "downwards",
        "x**2 + 2*y**2": "is 2",
        "25 * x**2 + x": "curves",
    },
    "saddle": {
        "x**2 + y**2 + x": "not 0",
        "x**4 - y**4": "flat",
        "-x**2 - y**2": "maximum",
        "y**2 - x**2": "axis",
        "3*x**2 + y**2": "minimum",
    },
}


@pytest.fixture(scope="module")
def said():
    """said[name, text] is what the page answers: for the first lines, the right ones, and each known fault."""
    asked = []
    for name, exercise in exercises.exercises().items():
        texts = [exercise["text"], exercise["right"], *(text for _, text in exercises.wrong_texts(exercise))]
        asked += [(name, text) for text in [*texts, *LOSSES.get(name, {})]]
    letters = {name: exercises.encoded(exercise) for name, exercise in exercises.exercises().items()}
    return dict(zip(asked, node.run(CHECK, [[letters[name], text] for name, text in asked])))


def test_there_are_fifteen_or_more_over_six_chapters():
    assert len(exercises.exercises()) >= 15
    assert len({exercise["chapter"] for exercise in exercises.exercises().values()}) >= 5


@pytest.mark.parametrize("name", exercises.exercises())
def test_the_right_lines_are_right_and_each_fault_is_named(said, name):
    exercise = exercises.exercises()[name]
    assert said[name, exercise["right"]]["right"] is True
    assert not said[name, exercise["text"]].get("right")
    for sentence, text in exercises.wrong_texts(exercise):
        assert said[name, text] == {"right": False, "sentence": sentence}, text


def test_losses_are_told_what_they_are(said):
    for name, texts in LOSSES.items():
        for text, word in texts.items():
            assert said[name, text]["right"] is False and word in said[name, text]["sentence"], (text, said[name, text])


def test_other_ways_to_write_the_right_rule_are_right():
    exercise = exercises.exercises()["second-line"]
    text = exercise["right"].replace("beta2 * v + (1 - beta2) * g**2", "v + (1 - beta2) * (g * g - v)")
    (answer,) = node.run(CHECK, [[exercises.encoded(exercise), text]])
    assert answer["right"] is True


def test_no_answer_lies_open_on_the_page():
    for exercise in exercises.exercises().values():
        letters = exercises.encoded(exercise)
        assert set(letters) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")
        plain = base64.urlsafe_b64decode(letters + "=" * (-len(letters) % 4)).decode()
        right = {line.strip() for line in exercise["right"].splitlines()[1:]} - {
            line.strip() for line in exercise["text"].splitlines()
        }
        assert not any(line and line in plain for line in right)
        assert json.loads(plain)["kind"] == exercise["kind"]
