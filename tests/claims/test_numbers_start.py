"""Numbers in the first chapter that none of its cells prints; numbers.toml says where each stands."""

import json
import re

import numpy as np
import pytest

from descent import Adam, GradientDescent, Momentum, Rosenbrock, descend


def test_start_a_start_that_one_rule_cannot_bear():
    """From (1.7, -0.8) momentum with the figure's setting diverges; gradient descent and Adam do not."""
    rules = GradientDescent(lr=0.001), Momentum(lr=0.001), Adam(lr=0.2)
    ends = [descend(rule, Rosenbrock(), [1.7, -0.8], 200).losses[-1] for rule in rules]
    assert np.isfinite(ends).tolist() == [True, False, True]


def test_start_a_quarter_turn():
    """B turns the plane by 90 degrees."""
    x, y = np.array([[0, -1], [1, 0]]) @ [1, 0]
    assert np.degrees(np.arctan2(y, x)) == pytest.approx(90)


# The last column of the first chapter's table.
MINUTES = {
    "fifteen-minutes": 15,
    "gradient-descent": 65,
    "weight-decay": 50,
    "momentum": 65,
    "adam": 75,
    "bias-correction": 50,
    "adam-in-practice": 55,
}


def markdown(root, chapter):
    cells = json.loads((root / "chapters" / f"{chapter}.ipynb").read_text(encoding="utf-8"))["cells"]
    return "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")


@pytest.mark.parametrize("chapter", [name for name in MINUTES if name != "fifteen-minutes"])
def test_start_minutes(root, chapter):
    """A chapter is read at ninety words a minute, within a tenth: its text and figures, not its exercises."""
    text = markdown(root, chapter).partition("\n## Exercises")[0]
    prose = re.sub(r"\$\$.*?\$\$|\$.*?\$|`.*?`|(?m:^:[^\n]*)", " ", text, flags=re.DOTALL)
    assert MINUTES[chapter] == pytest.approx(len(re.findall(r"[^\W\d_]{2,}", prose)) / 90, rel=0.1)
    said = re.findall(rf"(?m)^\| \{{ref\}}`{chapter}` .* (\d+) min \|$", markdown(root, "start"))
    assert said in ([], [str(MINUTES[chapter])])


def test_start_minutes_of_the_short_page(root):
    """It is named after its time, which its words do not fill: the rest is for two figures, and to do two steps by hand."""
    words = len(" ".join(markdown(root, "fifteen-minutes").split()).split(" "))
    assert words / 90 < MINUTES["fifteen-minutes"]
    assert f"| {MINUTES['fifteen-minutes']} min |" in markdown(root, "start")
