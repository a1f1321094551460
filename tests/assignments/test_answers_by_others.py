"""Answers by somebody who had not seen the tests lose the marks that `answers_by_others/expected.json` names, and no
others.
"""

import json
import re
from pathlib import Path

import pytest
import support.graded_answers  # noqa: F401, makes the modules of assignments/ importable
from grading import submissions

FOLDER = Path(__file__).resolve().parents[1] / "support" / "answers_by_others"
EXPECTED = json.loads((FOLDER / "expected.json").read_text())
NEED_A_ROOM = {name for name in EXPECTED if name.endswith("-descent")}  # here, `descent` has its rules
# A split and a tuning are right or wrong after two epochs, too; but which learning rate is best depends on the images.
NEED_ALL_EPOCHS = {"digits/too-slow", "digits/sets-turned-round"}


def answers_of(name):
    parts = re.split(r"^# %% *([\w-]+).*\n", (FOLDER / f"{name}.py").read_text(), flags=re.M)
    return dict(zip(parts[1::2], (text.strip("\n") for text in parts[2::2])))


@pytest.mark.parametrize("name", sorted(EXPECTED.keys() - NEED_A_ROOM))
def test_an_unseen_answer_loses_what_it_should(bench, name):
    assignment = name.partition("/")[0]
    short = {"epochs": 2} if assignment == "digits" and name not in NEED_ALL_EPOCHS else None
    lost, _ = bench.marks(assignment, answers_of(name), seconds=8 if "slow" in name else 60, numbers=short)
    assert sorted(lost) == EXPECTED[name], lost
    assert all("Reread:" in message for _, message in lost.values())


@pytest.mark.parametrize("name", sorted(NEED_A_ROOM))
def test_an_answer_taken_from_descent_loses_what_it_should(bench, grader, tmp_path, name):
    assignment = name.partition("/")[0]
    path = tmp_path / f"ada_{assignment}.ipynb"
    path.write_text(json.dumps(bench.notebook(assignment, answers_of(name))))
    result = grader.grade(submissions.Submission("ada", assignment, path))
    lost = sorted(mark.id for mark in result.marks if mark.given == 0 and mark.points)
    assert lost == EXPECTED[name], [mark.message for mark in result.marks]
    if "inspects" not in name:
        assert any("withholds" in mark.message for mark in result.marks)


def test_every_file_is_expected():
    files = {str(path.relative_to(FOLDER).with_suffix("")) for path in FOLDER.rglob("*.py")}
    assert files == set(EXPECTED) and len(files) > 100
