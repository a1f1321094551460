"""A letter has one meaning: the table of the reference has every Greek letter of the chapters, and those that once
collided have parted."""

import json
import re

import pytest

GREEK = (
    "alpha beta gamma delta epsilon varepsilon zeta eta theta vartheta iota kappa lambda mu nu xi rho varrho sigma tau "
    "upsilon phi varphi chi psi omega Gamma Delta Theta Lambda Xi Sigma Upsilon Phi Psi Omega"
).split()
EXPLAINED_WHERE_IT_STANDS = {"Phi"}  # the normal distribution, in one solution

CHAPTERS = (
    "start",
    "fifteen-minutes",
    "gradient-descent",
    "weight-decay",
    "momentum",
    "adam",
    "bias-correction",
    "adam-in-practice",
    "why-adam-works",
)


def cells(root, chapter, kind="markdown"):
    notebook = json.loads((root / "chapters" / f"{chapter}.ipynb").read_text(encoding="utf-8"))
    return {c["id"]: "".join(c["source"]) for c in notebook["cells"] if c["cell_type"] == kind}


def greek(text):
    formulas = " ".join(re.findall(r"\$\$.*?\$\$|\$.+?\$", text, re.DOTALL))
    return {name for name in GREEK if re.search(rf"\\{name}(?![a-zA-Z])", formulas)}


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_symbols_are_in_the_table(root, chapter):
    table = greek(cells(root, "reference")["reference-notation"])
    used = greek("\n".join(cells(root, chapter).values()))
    assert used - table - EXPLAINED_WHERE_IT_STANDS == set()


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_symbols_that_collided(root, chapter):
    """kappa is the condition number, said where a chapter first writes it, and no factor of a batch; r_t is RAdam's;
    "effective learning rate" is momentum's, or said to be another; s is AdaGrad's sum, and no name of a module."""
    prose = cells(root, chapter)
    kappa = {name: text for name, text in prose.items() if r"\kappa" in text}
    for text in list(kappa.values())[:1]:
        assert "condition" in text or "curvature" in text
    for name, text in kappa.items():
        assert not re.search(r"batch[^.?!|]*\\kappa|\\kappa[^.?!|]*batch", text), name
    for name, text in prose.items():
        if re.search(r"(?<![A-Za-z\\{])r_t\b", text):
            assert "RAdam" in text or "ex-adam-mean" in text, name
        if "effective learning rate" in text.lower():
            assert "momentum" in text.lower() or "means another thing" in text, name
    assert [
        name for name, code in cells(root, chapter, "code").items() if re.search(r"\bas s\b|\bs\.cosine", code)
    ] == []


# Code, formulas and their names, labels, addresses; and the name that He et al. (2019) give to a trick.
NO_PROSE = r"(?ms)`.*?`|\$\$.*?\$\$( \([\w-]+\))?|\$.*?\$|^\([\w-]+\)=$|^:label: [\w-]+$|\]\([\w-]+\)|“no bias decay”"


@pytest.mark.parametrize("chapter", (*CHAPTERS, "reference", "sources", "playground"))
def test_decay_has_one_meaning(root, chapter):
    """Parameters have weight decay, means have decay rates, learning rates fall, and what is remembered fades. Only the
    chapter on weight decay, which says so, leaves the first word out."""
    if chapter == "weight-decay":
        assert "“decay” alone means weight decay" in cells(root, chapter)["weight-decay-title"]
    for name, text in cells(root, chapter).items():
        prose = re.sub(NO_PROSE, " ", text)
        alone = r"(?<!weight[ -])(?<!weight\n)\bdecays?\b(?! rates?\b)"
        falling = r"\bdecay(ed|ing)\b|(learning rate|linear|cosine|step) decay"
        assert re.findall(falling if chapter == "weight-decay" else f"{alone}|{falling}", prose, re.I) == [], name
