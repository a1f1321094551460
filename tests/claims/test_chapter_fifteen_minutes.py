"""The short page keeps to its length, stands alone, and computes its numbers."""

import json
import math
import re
import sys

import numpy as np
import pytest

from descent import Adam, GradientDescent


def notebook(root):
    return json.loads((root / "chapters" / "fifteen-minutes.ipynb").read_text(encoding="utf-8"))


def markdown(root):
    return ["".join(cell["source"]) for cell in notebook(root)["cells"] if cell["cell_type"] == "markdown"]


def test_fifteen_minutes_words_and_figures(root):
    """At most 1,300 words, with tables, formulas and answers counted as they are written, and two live figures."""
    assert sum(len(text.split()) for text in markdown(root)) <= 1300
    sources = ["".join(cell["source"]) for cell in notebook(root)["cells"] if cell["cell_type"] == "code"]
    assert sum(source.startswith("explore(") for source in sources) == 2
    assert max(len(source.splitlines()) for source in sources) <= 12
    assert "printed(Adam)" in sources  # the rule itself, not a copy


def test_fifteen_minutes_is_second_in_the_contents(root):
    files = re.findall(r"(?:root|file): (\S+)", (root / "_toc.yml").read_text(encoding="utf-8"))
    assert files[:2] == ["chapters/start", "chapters/fifteen-minutes"]


def test_fifteen_minutes_each_paragraph_leads_to_its_proof(root):
    """Every section but the first ends in an arrow and a link; so does each warning and each answer."""
    text = "\n".join(markdown(root))
    sections = text.partition("## Average")[2].partition("Next: ")[0].split("\n## ")
    assert [s.splitlines()[0] for s in sections if "→ {ref}`" not in s] == []
    warnings = re.findall(r"(?m)^\d\. \*\*.*$", text)
    assert len(warnings) == 5 and all(re.search(r"→ \{ref\}`[\w-]+`$", line) for line in warnings)
    answers = re.findall(r":::\{admonition\} Answer \d\n(.*?)\n:::", text, re.DOTALL)
    assert len(answers) == 3 and all(re.search(r"→ \{ref\}`[\w-]+`$", answer) for answer in answers)


def test_fifteen_minutes_numbers_are_computed(root):
    """Nothing in it is unmatched; numbers_in_prose.py says what that means."""
    sys.path.insert(0, str(root / "code" / "site"))
    from numbers_in_prose import Book

    assert [f for f in Book(root).findings("fifteen-minutes") if not f.by] == []


def test_fifteen_minutes_by_hand():
    """The gradients 4 and -2 at lr 0.1, beta1 = 0.9, beta2 = 0.999 and eps 0: steps of 0.1 and 0.0266, downhill."""
    adam, theta = Adam(lr=0.1, beta1=0.9, beta2=0.999, eps=0), np.zeros(1)
    ends = [adam.step(theta, np.array([g])).copy()[0] for g in (4.0, -2.0)]
    assert ends[0] == pytest.approx(-0.1) and ends[1] - ends[0] == pytest.approx(-0.0266, abs=5e-5)


def test_fifteen_minutes_longest_step():
    """The supremum at the usual betas is below 7.271 and above 7.27."""
    assert 7.27 < 0.1 / math.sqrt(0.001 * (1 - 0.9**2 / 0.999)) < 7.271


def test_fifteen_minutes_questions():
    """1000 times the gradient: gradient descent's step is 1000 times as long, Adam's the same. 500 steps of 0.001
    are ten times 0.05, and of 2e-5 a fifth of it. With t = 0 the first step divides 0.1 g by 1 - beta**0 = 0."""
    for rule, times in ((GradientDescent(lr=0.001), 1000), (Adam(lr=0.001, eps=0), 1)):
        one, more = (rule.fresh().step(np.zeros(1), np.array([g]))[0] for g in (1.0, 1000.0))
        assert more == pytest.approx(times * one)
    assert 500 * 0.001 == pytest.approx(10 * 0.05) and 500 * 2e-5 == pytest.approx(0.05 / 5)
    assert 1 - 0.9**0 == 0 and 1 - 0.9**1 == pytest.approx(0.1)
