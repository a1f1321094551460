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


def test_start_types_no_minutes(root):
    """Chapters say their own times, which are counted; the table of chapters has none that could grow old."""
    cells = json.loads((root / "chapters" / "start.ipynb").read_text(encoding="utf-8"))["cells"]
    [chapters] = ["".join(cell["source"]) for cell in cells if cell["id"] == "start-chapters"]
    assert re.findall(r"\d+ min", chapters) == []
    listed = re.findall(r"(?m)^\| \{ref\}`([\w-]+)`", chapters)
    files = re.findall(r"file: chapters/(\S+)", (root / "_toc.yml").read_text(encoding="utf-8"))
    assert [name for name in files if name in listed] == listed
