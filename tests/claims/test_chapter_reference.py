"""The reference and the appendix of sources: the tests that they name exist, and what their tables say of this book
is so."""

import ast
import json
import math
import re
from pathlib import Path

import numpy as np
import pytest

import descent
from descent import AdaGrad, Adam, AdamW, Momentum, RAdam, RMSProp, descend

ROOT = Path(__file__).parents[2]
CELLS = [
    cell
    for chapter in ("sources", "reference")
    for cell in json.loads((ROOT / "chapters" / f"{chapter}.ipynb").read_text(encoding="utf8"))["cells"]
]
TEXT = "\n".join("".join(cell["source"]) for cell in CELLS if cell["cell_type"] == "markdown")
ROWS = [[entry.strip() for entry in line[1:-1].split(" | ")] for line in TEXT.splitlines() if line.startswith("| ")]


def names_in(path):
    tree = ast.parse(path.read_text(encoding="utf8"))
    return {node.name for node in tree.body if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")}


def row(first):
    """Return the entries of the only row that begins so."""
    (found,) = [entries for entries in ROWS if entries[0] == first]
    return found[1:]


def test_chapter_reference_names_tests_that_exist():
    """Each row "erratum, file, tests" names tests of that file, and each path of a test in the text is there."""
    named = [entries for entries in ROWS if len(entries) == 3 and entries[1].startswith("`test_")]
    assert len(named) > 25
    for _, file, ends in named:
        file = file.strip("`")
        there = names_in(ROOT / "tests" / "claims" / f"{file}.py")
        assert {file + end for end in re.findall(r"`(_\w+)`", ends)} <= there
    paths = set(re.findall(r"`(tests/[\w/]+(?:\.py)?)`", TEXT))
    assert [path for path in paths if not (ROOT / path).exists()] == []


def test_chapter_reference_lists_every_erratum_once():
    """F1 to F12, S1 to S25 and P1 to P9 stand in order; tests and map mention no others."""
    numbers = [entries[0] for entries in ROWS if re.fullmatch(r"[FSP]\d+", entries[0]) and len(entries) in (4, 5)]
    assert numbers == [f"F{i}" for i in range(1, 13)] + [f"S{i}" for i in range(1, 26)] + [
        f"P{i}" for i in range(1, 10)
    ]
    assert set(re.findall(r"\b[FSP]\d+\b", TEXT)) <= set(numbers)


@pytest.mark.parametrize(
    "first, default",
    [
        ("Adam: default of $\\varepsilon$", Adam().eps),
        ("RMSProp: default of $\\varepsilon$", RMSProp().eps),
        ("RMSProp: default of $\\beta_2$", RMSProp().beta2),
        ("AdaGrad: default of $\\varepsilon$", AdaGrad().eps),
        ("momentum: default of $\\beta$", Momentum().beta),
        ("AdamW: its default $\\lambda$", AdamW().weight_decay),
        ("RAdam rectifies from", RAdam().threshold),
    ],
)
def test_chapter_reference_conventions_of_this_book(first, default):
    """The column "this book" of the table of conventions holds the package's own defaults."""
    ours = row(first)[0]
    power = re.match(r"\$10\^\{(-\d+)\}\$", ours)
    number = 10.0 ** int(power[1]) if power else float(re.search(r"\d+(\.\d+)?", ours)[0])
    assert number == pytest.approx(default, rel=1e-12)


def test_chapter_reference_ranges_of_the_notes():
    """S11: the notes' ranges of the learning rate, 1e-3 to 1e-2, and of the betas; their corner breaks Theorem 4.1."""
    low, high, beta1, beta2 = 1e-3, 1e-2, (0.9, 0.999), (0.99, 0.9999)
    assert low == Adam().lr < high == AdaGrad().lr
    assert beta1[1] ** 2 / math.sqrt(beta2[0]) > 1 and beta1[1] > math.sqrt(beta2[0])
    assert beta1[0] ** 2 / math.sqrt(beta2[0]) < 1


def test_chapter_reference_numbers_in_the_tables():
    """The numbers of the errata, computed here once more."""
    t = np.arange(1, 20_001)
    ratio = (1 - 0.9**t) / np.sqrt(1 - 0.999**t)  # of steps without and with the correction, gradient constant
    assert [round(ratio[0], 3), round(ratio.max(), 2), t[ratio.argmax()]] == [3.162, 6.57, 12]
    only_v = descend(Adam(1.0, eps=0, bias_correction="v"), descent.Signal(), steps=1)
    assert -only_v.positions[1, 0] == pytest.approx(0.1)  # S2: "a tenth"
    assert 1 / (1 - 0.9) == pytest.approx(10)  # F7, S7
    assert 1 / math.sqrt(1e-3) == pytest.approx(31.6, abs=0.05)  # exercise: "about 32 times"

    def supremum(beta1, beta2):
        return (1 - beta1) / math.sqrt((1 - beta2) * (1 - beta1**2 / beta2))

    assert supremum(0.9, 0.999) == pytest.approx(7.270, abs=5e-4)
    assert 1 - 0.9 < math.sqrt(1 - 0.95)  # so the paper's bound is the learning rate itself
    assert supremum(0.9, 0.95) == pytest.approx(1.165, abs=5e-4)
    assert 0.1 / (1 - 0.9 / 0.999) == pytest.approx(1.00909, abs=5e-6)
    root, outside = math.sqrt(0.1 * 1e-12 + 1e-8), math.sqrt(0.1 * 1e-12) + 1e-8
    assert (round(1e-6 / root, 4), round(1e-6 / outside, 3)) == (0.01, 3.065)  # S4
    ours = descend(RAdam(1.0), descent.Signal(mean=4), steps=5).positions[:, 0]
    assert (ours[3] - ours[4]) / (ours[4] - ours[5]) > 200  # "more than two hundred times shorter"


def test_chapter_reference_animation_of_the_sources():
    """Runs start at -10 and -20; Adam at 0.1 is at slope -0.3 and intercept -10 after 100 steps. Its eps is 1e-8."""
    line = descend(Adam(0.1, beta2=0.99, eps=1e-6), descent.LineFit(seed=0), steps=100).positions
    assert line[0].tolist() == [-10, -20]
    assert line[100] == pytest.approx((-0.3, -10), abs=0.06)
    assert Adam().eps == 1e-8
