"""`make upgrade`: which pins move, and what of the outputs is shown as changed."""

import base64
import io
import sys
from pathlib import Path

from PIL import Image

sys.path.append(str(Path(__file__).resolve().parents[2] / "code" / "site"))
import upgrade

PROJECT = """
[project.optional-dependencies]
book = ["numpy==2.4.6; python_version < '3.15'", "sphinx==7.4.7"]
test = ["ruff==0.15.22",   # a reason
    "selenium==4.51.0"]
assignments = []
oracles = ["torch==2.13.0"]
[tool.upgrade]
hold = ["sphinx<8"]
"""


def test_pins_move_but_for_those_with_a_marker_or_of_another_environment():
    asked = []

    def resolve(names, hold):
        asked.append((names, hold))
        return {"sphinx": "7.4.9", "ruff": "0.16.0", "selenium": "4.51.0", "numpy": "3.0", "torch": "3.0"}

    project, moved = upgrade.move_pins(PROJECT, resolve)
    assert asked == [(["sphinx", "ruff", "selenium"], ["sphinx<8"])]
    assert moved == ["sphinx 7.4.7 → 7.4.9", "ruff 0.15.22 → 0.16.0"]
    assert project == PROJECT.replace("7.4.7", "7.4.9").replace("0.15.22", "0.16.0")


def test_the_projects_own_pins_can_be_read(root):
    project = (root / "pyproject.toml").read_text(encoding="utf-8")
    same = {match["name"]: match["version"] for match in upgrade.PIN.finditer(project)}
    assert upgrade.move_pins(project, lambda names, hold: {name: same[name] for name in names}) == (project, [])


def picture(size=(20, 10), dots=()):
    image = Image.new("L", size, 255)
    for place, grey in dots:
        image.putpixel(place, grey)
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return base64.b64encode(buffer.getvalue()).decode()


def notebook(printed, png):
    outputs = [{"output_type": "stream", "text": printed}, {"output_type": "display_data", "data": {"image/png": png}}]
    return {"cells": [{"cell_type": "markdown"}, {"cell_type": "code", "outputs": outputs}]}


def test_what_an_eye_would_see_is_shown_and_nothing_else():
    before = notebook("loss 0.1\nsteps 5\n", picture())
    assert list(upgrade.changes(before, notebook("loss 0.1\nsteps 5\n", picture(dots=[((3, 3), 250)])))) == []
    said, drawn = upgrade.changes(before, notebook("loss <0.2\nsteps 5\n", picture(dots=[((3, 3), 0)])))
    assert "cell 1" in said and "-loss 0.1\n+loss &lt;0.2" in said
    assert "cell 1: 0.50 % of the points" in drawn and drawn.count("<img") == 2
    assert upgrade.share_changed(picture(), picture(size=(20, 11))) == 1


def test_an_output_that_came_or_went_is_shown_too():
    before, now = notebook("loss 0.1\n", picture()), notebook("loss 0.1\n", picture())
    warning = {"output_type": "stream", "name": "stderr", "text": "it <warns>\n"}
    now["cells"][1]["outputs"].append(warning)
    (piece,) = upgrade.changes(before, now)
    assert "cell 1" in piece and "+it &lt;warns&gt;" in piece
    now["cells"][1]["outputs"] = [warning]
    first, second = upgrade.changes(before, now)
    assert "-loss 0.1\n+it &lt;warns&gt;" in first
    assert "an output more, or less" in second and "<img" in second and "(now: nothing)" in second
