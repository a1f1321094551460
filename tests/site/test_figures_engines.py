"""Is each kind of figure drawn as it is meant in Chromium, in Firefox and in WebKit (Safari's engine)?"""

import json

import numpy as np
import pytest
from support.figures import FIGURES, difference

from descent.figures.widget import bundle, stylesheet

PAGE = """<!doctype html><html lang="en" data-theme="light"><meta charset="utf-8"><title>A figure</title>
<style>body {{ margin: 0 16px; font-family: sans-serif }} {style}</style><body><main></main>
<script type="module">
{script}
const state = {state};
const model = {{
  get: (name) => state[name], set(name, value) {{ state[name] = value; }}, on() {{}}, off() {{}}, save_changes() {{}},
}};
render({{ model, el: document.querySelector("main") }});
</script></body></html>"""

# Each picture, and what stands beside it, lies within the figure, and no two pictures overlap.
LAID_OUT = """
const root = document.querySelector(".descent-explore");
const box = (node) => node.getBoundingClientRect();
const whole = box(root);
const boxes = [...root.querySelectorAll(".descent-map, .descent-losses")].map(box);
const before = (a, b, end, start) => a[end] <= b[start] + 1 || b[end] <= a[start] + 1;
const apart = (a, b) => before(a, b, "right", "left") || before(a, b, "bottom", "top");
return [
    boxes.every(({ left, right }) => left >= whole.left - 1 && right <= whole.right + 1),
    boxes.every((a, i) => boxes.every((b, j) => i === j || apart(a, b))),
    boxes.every(({ left, right, top, bottom }) => right - left > 150 && bottom - top > 100),
    document.documentElement.scrollWidth <= window.innerWidth,
];
"""

COLOURS = """
const shown = (kind, property) => [...document.querySelectorAll(kind)].map((node) => getComputedStyle(node)[property]);
return [...shown(".descent-line", "stroke"), ...shown(".descent-contour", "stroke"), ...shown(".descent-head", "fill")];
"""


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """A folder with a page for each kind of figure."""
    folder = tmp_path_factory.mktemp("figures")
    script = bundle().replace("export default { render };", "")
    for name, build in FIGURES.items():
        state = json.dumps(build().state()).replace("<", "\\u003c")
        page = PAGE.format(style=stylesheet(), script=script, state=state)
        (folder / f"{name}.html").write_text(page, encoding="utf-8")
    return folder


@pytest.mark.parametrize("name", ["race", "bias", "animation", "phase", "cycle", "underflow"])
def test_every_kind_of_figure_is_drawn_as_meant(window, serve_folder, pages, name):
    address = serve_folder(pages)
    for width in (790, 360):
        window.open(f"{address}/{name}.html", width=width)
        window.wait("return document.querySelector('.descent-page, .descent-error') !== null")
        assert window.run("return document.querySelector('.descent-error')?.innerText ?? ''") == ""
        assert window.run(LAID_OUT) == [True, True, True, True], f"{window.engine}, {width} pixels wide"
        colours = window.run(COLOURS)
        assert colours and "none" not in colours
        numbers = "return JSON.stringify(document.querySelector('.descent-explore').descent.losses)"
        for losses, path in zip(json.loads(window.run(numbers)), FIGURES[name]().paths, strict=True):
            # Each engine rounds exp, log and powers in its own way.
            assert difference(np.array(losses, dtype=float), path.losses) <= 1e-9
