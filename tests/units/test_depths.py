"""How long a chapter takes is counted, with a measure that can be checked by hand (code/site/depths.py)."""

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2] / "code" / "site"))
import depths


def text(source):
    return {"cell_type": "markdown", "source": source, "metadata": {}}


def code(source, *outputs, tags=()):
    return {"cell_type": "code", "source": source, "metadata": {"tags": list(tags)}, "outputs": list(outputs)}


PICTURE = {"data": {"image/png": ""}}
CHAPTER = {
    "cells": [
        text("# Two words\n\nThree more words.\n\n## One\n\nA formula $a+b$ is one word.\n\n$$\na \\\\\nb\n$$\n"),
        code("x = 1\n\nprint(x)", {"output_type": "stream", "text": "1\n"}),
        text("### Second reading: a proof\n\nFour words of proof.\n\n#### Inside it\n\nTwo more."),
        code("draw()", PICTURE),
        code("folded()", PICTURE, tags=["hide-input"]),
        text("## Back\n\n```python\n## Second reading: not a heading\n```\n\nHere."),
        code("hidden()", PICTURE, tags=["hide-cell"]),
        text("## Exercises\n\nNot counted at all.\n\n### Second reading: nor this\n\nNo.\n\n## After\n\nEnd."),
    ]
}


def test_words_and_seconds_by_hand():
    parts = {part.title: part for part in depths.parts(CHAPTER)}
    counted = {title: part.words for title, part in parts.items() if part.counted and title}
    assert counted == {"Two words": 5, "One": 7, "Second reading: a proof": 8, "Inside it": 4, "Back": 2, "After": 2}
    one = 7 * depths.WORD + 2 * depths.FORMULA_LINE + 2 * depths.CODE_LINE + depths.OUTPUT_LINE
    assert parts["One"].seconds == one
    assert parts["Inside it"].seconds == 4 * depths.WORD + depths.CODE_LINE + 2 * depths.PICTURE
    assert parts["Back"].seconds == 2 * depths.WORD


def test_a_second_reading_ends_with_its_section():
    parts = depths.parts(CHAPTER)
    assert [part.title for part in parts if part.second == "Second reading: a proof"] == [
        "Second reading: a proof",
        "Inside it",
    ]
    assert depths.essentials(parts).words == 5 + 7 + 2 + 2
    assert depths.total(parts).words == 5 + 7 + 8 + 4 + 2 + 2
    assert depths.second_readings(parts)["Second reading: a proof"].words == 12


def test_minutes_are_rounded_up():
    assert depths.total([depths.Part("", seconds=60)]).minutes == 1
    assert depths.total([depths.Part("", seconds=61)]).minutes == 2
