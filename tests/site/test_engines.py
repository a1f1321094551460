"""What the pages promise in every engine: Chromium, Firefox, and WebKit for Safari."""

from __future__ import annotations

import time
from pathlib import Path

import pytest

CHAPTERS = sorted(path.stem for path in (Path(__file__).parents[2] / "chapters").glob("*.ipynb"))


# A figure learns of its new width a frame later than the page: wait for it.
WITHIN = "return document.documentElement.scrollWidth <= window.innerWidth"


@pytest.mark.parametrize("name", CHAPTERS)
def test_page_opens_without_an_error_and_never_scrolls_sideways(name, window, serve):
    """On a wide screen with lines of at most 75 letters; at 320 pixels; and with text at 200 %."""
    window.open(f"{serve}/chapters/{name}.html", width=1250)
    window.wait("return document.readyState === 'complete'")
    assert window.run("return document.querySelector('article h1').getBoundingClientRect().height") > 20
    window.wait(WITHIN)
    measure = window.run(
        "const p = document.querySelector('article > section > p:not([class])');"
        "return p.getBoundingClientRect().width / parseFloat(getComputedStyle(p).fontSize)"
    )
    assert measure < 37, "a line has more than 75 letters"  # of 0.47 em each
    window.resize(320, 640)
    window.wait(WITHIN)
    window.resize(640, 900)
    window.run("document.documentElement.style.fontSize = '200%'")
    window.wait(WITHIN)


def test_a_chapter_is_scrolled_through_without_an_error(window, serve):
    """The fixture looks for what the page's scripts left uncaught, in the end."""
    window.open(f"{serve}/chapters/adam.html", width=1250)
    window.wait("return document.fonts.status === 'loaded'")
    pictures = "[...document.querySelectorAll('.cell_output img')].filter((node) => node.getClientRects().length)"
    assert window.run(f"return {pictures}.length") > 8
    for k in range(8):
        for _ in range(2):  # what comes near gets another height, and moves what lies below
            window.run(f"{pictures}[arguments[0]].scrollIntoView()", k)
            time.sleep(0.15)


def test_link_to_a_place_far_down_leads_there_and_stays_there(window, serve):
    """What is far away is not laid out before it comes near: the place must be right all the same."""
    window.open(f"{serve}/chapters/momentum.html#references", width=390, height=664)
    window.wait("return Math.abs(document.getElementById('references').getBoundingClientRect().top) < 200")
    top = window.run("return document.getElementById('references').getBoundingClientRect().top")
    window.wait("return document.fonts.status === 'loaded'")
    assert abs(window.run("return document.getElementById('references').getBoundingClientRect().top") - top) < 40


def test_link_into_a_fold_opens_it(window, serve):
    window.open(f"{serve}/chapters/momentum.html", width=1250)
    fold = window.run("return document.querySelector('details.solution[id]').id")
    window.open(f"{serve}/chapters/momentum.html#{fold}", width=1250)
    window.wait("return document.getElementById(arguments[0]).open", fold)


def test_faces_are_the_books_own(window, serve):
    window.open(f"{serve}/chapters/start.html", width=1250)
    window.wait("return document.fonts.status === 'loaded'")
    loaded = window.run(
        "return [...document.fonts].filter((face) => face.status === 'loaded').map((face) => face.family)"
    )
    assert any("Source Serif" in family for family in loaded) and any("Plex Mono" in family for family in loaded)


TORN = """
const torn = [];
for (const formula of document.querySelectorAll("p .math, li .math")) {
    const after = formula.nextSibling;
    if (after?.nodeType !== 3 || !/^[.,;:!?)]/.test(after.data)) continue;
    if (formula.querySelector(".katex-html").textContent.length > 16) continue; // it may break at its own signs
    const range = document.createRange();
    range.setStart(after, 0);
    range.setEnd(after, 1);
    const [mark, last] = [range.getClientRects()[0], [...formula.querySelectorAll(".base")].at(-1)];
    if (mark?.width && mark.left < last.getBoundingClientRect().left) torn.push(formula.parentNode.textContent);
}
return torn;
"""


def test_full_stop_stays_with_its_formula(window, serve):
    window.open(f"{serve}/chapters/start.html", width=390)
    window.wait("return document.fonts.status === 'loaded'")
    for width in (320, 350, 390, 430):
        window.resize(width, 664)
        assert window.run(TORN) == []
