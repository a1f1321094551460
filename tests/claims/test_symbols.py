"""A letter has one meaning: the table of the reference has every Greek letter of the chapters, and those that once
collided have parted."""

import json
import re

import pytest

GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta kappa lambda mu nu xi rho sigma tau phi varphi chi psi "
    "omega Delta Phi Lambda"
).split()
QUOTED = {"alpha"}  # the learning rate in the papers that are quoted
OF_EXERCISES = {"varphi", "xi", "Phi"}  # each explained where it stands


def cells(root, chapter, kind="markdown"):
    notebook = json.loads((root / "chapters" / f"{chapter}.ipynb").read_text(encoding="utf-8"))
    return {c["id"]: "".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == kind}


def greek(text):
    formulas = " ".join(re.findall(r"\$\$.*?\$\$|\$.+?\$", text, re.DOTALL))
    return {name for name in GREEK if re.search(rf"\\{name}(?![a-zA-Z])", formulas)}


CHAPTERS = "fifteen-minutes", "adam", "bias-correction", "adam-in-practice"


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_symbols_are_in_the_table(root, chapter):
    table = greek(cells(root, "reference")["reference-notation"])
    used = greek("\n".join(cells(root, chapter).values()))
    assert used - table - QUOTED - OF_EXERCISES == set()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_symbols_that_collided(root, chapter):
    """kappa is the condition number and no factor of a batch; r_t is RAdam's; "effective learning rate" is
    momentum's; s is AdaGrad's sum, and no name of a module."""
    for name, text in cells(root, chapter).items():
        if r"\kappa" in text:
            assert "condition" in text or "curvature" in text, name
        if re.search(r"(?<![A-Za-z\\{])r_t\b", text):
            assert "RAdam" in text or "ex-adam-mean" in text, name
        if "effective learning rate" in text.lower():
            assert "momentum" in text.lower(), name
    assert [
        name for name, code in cells(root, chapter, "code").items() if re.search(r"\bas s\b|\bs\.cosine", code)
    ] == []
