"""Every chapter in the page's own Python: what its cells print there is what the notebook stores.

Outside `make test`, as it needs what `make page-python` builds, and some minutes:  make test-page-python
"""

from __future__ import annotations

import json
import os
import re
import time
from pathlib import Path

import pytest

CHAPTERS = sorted((Path(__file__).parents[2] / "chapters").glob("*.ipynb"))
LONGEST = int(os.environ.get("PAGE_PYTHON_SECONDS", 1200))  # a chapter, on a busy machine

# (chapter, number of the code cell): why it may print something else here.
DIFFERS = {
    ("adam-in-practice", 17): "RMSProp circles its end: 0.25 or 0.26, as the last digits of the sums fall",
    ("sources", 6): "whole numbers have 32 bits here: the messages name int32",
    ("why-adam-works", 25): "at the edge of stability: the last digits of the sums decide which steps rise",
    ("why-adam-works", 51): "a difference that is rounding alone: 8e-13 or 1e-12",
}

RESULTS = """() => pagePython.cells.map(({ number, outputs, error }) => ({
    number, error, outputs: (outputs ?? []).map((output) => ({
        type: output.output_type, text: output.text, name: output.name, said: output.traceback?.join("\\n"),
        markdown: output.data?.["text/markdown"], picture: Boolean(output.data?.["image/png"]),
        figure: output.data?.["application/vnd.descent.figure+json"]?.state.alt })) }))"""


def text(source) -> str:
    return source if isinstance(source, str) else "".join(source)


def stored(cell: dict) -> dict:
    """What of a cell's outputs is compared: what it printed, its tables, what its figures say, how many pictures."""
    outputs = cell["outputs"]
    data = [output.get("data", {}) for output in outputs]
    views = ["application/vnd.jupyter.widget-view+json" in one for one in data]
    return {
        "printed": "".join(text(one["text"]) for one in outputs if one.get("name") == "stdout"),
        "markdown": [text(one["text/markdown"]) for one in data if "text/markdown" in one],
        "figures": [text(one["text/plain"]) for one, view in zip(data, views) if view and "image/png" in one],
        # An `interact` keeps its picture inside itself; here it is drawn below it.
        "pictures": sum(("image/png" in one) != view for one, view in zip(data, views)),
    }


def fresh(cell: dict) -> dict:
    outputs = cell["outputs"]
    return {
        "printed": "".join(one["text"] for one in outputs if one.get("name") == "stdout"),
        "markdown": [one["markdown"] for one in outputs if one.get("markdown")],
        "figures": [one["figure"] for one in outputs if one.get("figure")],
        "pictures": sum(bool(one.get("picture")) for one in outputs),
    }


def run_all(page, address: str) -> list[dict]:
    """Open a chapter, let a reader fetch Python, run every cell."""
    page.goto(address)
    page.evaluate("() => { for (const fold of document.querySelectorAll('article details')) fold.open = true; }")
    page.locator(".page-python-run").first.click()
    page.get_by_role("button", name="Run", exact=True).first.click()
    page.get_by_role("button", name=re.compile("^Fetch .* MB and run")).click()
    page.wait_for_function("() => !pagePython.isBusy()", timeout=120_000)
    page.get_by_role("button", name="Run all").click()
    end = time.monotonic() + LONGEST
    while page.evaluate("() => pagePython.isBusy()"):
        assert time.monotonic() < end, page.locator(".page-python-words").inner_text()
        page.wait_for_timeout(250)
    return page.evaluate(RESULTS)


@pytest.mark.parametrize("path", CHAPTERS, ids=lambda path: path.stem)
def test_chapter_prints_in_the_page_what_it_stores(path, page, serve, site, record_property):
    if not (site / "_python" / "runtime.json").exists():
        pytest.fail("The site has no Python: run `make page-python`, then `make book`.")
    began = time.monotonic()
    results = run_all(page, f"{serve}/chapters/{path.stem}.html")
    cells = [cell for cell in json.loads(path.read_text(encoding="utf-8"))["cells"] if cell["cell_type"] == "code"]
    print(f"{path.stem}: {len(cells)} cells in {time.monotonic() - began:.0f} s")
    errors = {
        one["number"]: [out["said"] for out in one["outputs"] if out.get("said")] for one in results if one["error"]
    }
    assert errors == {}
    found = {}
    for number, (cell, result) in enumerate(zip(cells, results, strict=True), start=1):
        if stored(cell) != fresh(result):
            found[number] = (stored(cell), fresh(result))
    for number, (before, now) in found.items():
        for kind in before:
            if before[kind] != now[kind]:
                print(f"cell {number}, {kind}:\n  stored {before[kind]!r}\n  here   {now[kind]!r}")
    assert set(found) == {number for chapter, number in DIFFERS if chapter == path.stem}


CLICK = """
const named = (button) => new RegExp(arguments[0]).test(button.getAttribute("aria-label") ?? button.textContent.trim());
const found = [...document.querySelectorAll("button")].find((button) => button.offsetParent && named(button));
found?.click();
return Boolean(found);
"""


def test_a_chapter_runs_in_every_engine(window, serve):
    """One short chapter with figures and printed text: Firefox and WebKit run what Chromium runs."""
    path = next(path for path in CHAPTERS if path.stem == "start")
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    window.open(f"{serve}/chapters/start.html")
    window.run("for (const fold of document.querySelectorAll('article details')) fold.open = true;")
    window.run("document.querySelector('.page-python-run').click()")
    for name in ("^Run$", "^Fetch .* MB and run"):
        window.wait(CLICK, name)
    wait_until_idle(window)
    window.wait(CLICK, "^Run all$")
    wait_until_idle(window)
    results = window.run(f"const pagePython = window.pagePython; return ({RESULTS})()")
    assert [one["error"] for one in results] == [None] * len(results)
    printed = [stored(cell)["printed"] for cell in cells if cell["cell_type"] == "code"]
    assert [fresh(one)["printed"] for one in results] == printed
    assert window.errors() == []


def wait_until_idle(window) -> None:
    end = time.monotonic() + LONGEST
    time.sleep(1)
    while window.run("return !window.pagePython || window.pagePython.isBusy()"):
        assert time.monotonic() < end, window.run("return document.querySelector('.page-python-words').innerText")
        time.sleep(0.5)
