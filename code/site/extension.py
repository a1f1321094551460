"""The Sphinx extension of this book: everything about the site that _config.yml cannot say.

Named in _config.yml, so that plain `jupyter-book build .` gets it as well as `make book`.

    exercises.py  an exercise that checks itself on the page
    figures.py    an interactive cell's output becomes a figure that runs without a kernel
    depths.py     essentials and second readings, and how long they take
    maths.py      formulas become HTML while the site is built
    paper.py      the book on paper, and links to it (print/ makes it)
    plain.py      the notebook that a page gives to take home, in Markdown alone
    page.py       a page's head, its folds and tables; the page itself is templates/layout.html
    page_python.py  a button on each cell, where the site has a Python to run it (code/site/python)
    pictures.py   pictures become lighter, and keep their place
    terms.py      the first time a chapter uses a word of the glossary, it leads there
    find.py       what the search page knows
    checks.py     faults that a reader would meet, with their cure
    finish.py     the finished site: nothing for nothing, and what hosts ask for
    address.py    where the book lives
    notebooks.py  which stored outputs are out of date
"""

from __future__ import annotations

import hashlib
from functools import cache
from pathlib import Path

import checks
import depths
import exercises
import figures
import find
import finish
import maths
import notebooks
import page
import page_python
import paper
import plain
import terms
from pybtex import plugin
from sphinx.domains.std import StandardDomain
from sphinx.util import logging

HERE = Path(__file__).parent
logger = logging.getLogger(__name__)


def fingerprint(app, config) -> None:
    """A page depends on the code that made it: when that changes, Sphinx must make every page again."""
    digest = hashlib.sha256((figures.bundle() + figures.stylesheet()).encode())
    for path in sorted(HERE.rglob("*")):
        if path.is_file() and "__pycache__" not in path.parts:
            digest.update(path.read_bytes())
    config.book_fingerprint = digest.hexdigest()


def check_notebooks(app, env, docnames) -> None:
    """Warn (an error under -W) of each notebook whose stored outputs are not those of its code.

    Every notebook on every build: a page that Sphinx need not read again can still be out of date.
    """
    for docname in sorted(env.found_docs):
        path = Path(env.doc2path(docname))
        if path.suffix != ".ipynb":
            continue
        try:
            notebook = notebooks.load(path)
        except notebooks.NotebookError as error:
            logger.warning("%s", error, type="book", subtype="outdated")
            continue
        reason = notebooks.why_outdated(notebook)
        if reason:
            logger.warning(
                "%s: %s. Run `make book`, or `python code/site/notebooks.py %s`.",
                notebooks.name(path),
                reason,
                notebooks.name(path),
                type="book",
                subtype="outdated",
            )
        if not notebook["metadata"].get("myst", {}).get("html_meta", {}).get("description"):
            logger.warning(
                "%s: no description for search engines. Add to the notebook's metadata: "
                '{"myst": {"html_meta": {"description": "one sentence"}}}.',
                notebooks.name(path),
                type="book",
                subtype="description",
            )


def remember_styles() -> None:
    """pybtex looks through every installed package for a citation's style, at each of 400 citations. Once is enough."""
    plugin._load_entry_point = cache(plugin._load_entry_point)


class OnlyLooked:
    """A Sphinx environment whose pages are read once each, for whoever changes nothing in them."""

    def __init__(self, env):
        self.env, self.get_doctree = env, cache(env.get_doctree)

    def __getattr__(self, name):
        return getattr(self.env, name)


def remember_pages() -> None:
    """Sphinx reads a whole page for each reference to a numbered thing in it: a fifth of the paper's time."""
    resolve, looked = StandardDomain._resolve_numref_xref, cache(OnlyLooked)
    StandardDomain._resolve_numref_xref = lambda domain, env, *rest: resolve(domain, looked(env), *rest)


def leave_out(app) -> None:
    """What Jupyter Book loads in every book and this one has no use for: themes that are not ours, and an extension
    that makes cells live through another host, with an inline script that fails on every page."""
    unused = ("sphinx_thebe", "sphinx_book_theme", "pydata_sphinx_theme", "sphinx_togglebutton", "sphinx_copybutton")
    for listeners in app.events.listeners.values():
        listeners[:] = [one for one in listeners if one.handler.__module__.partition(".")[0] not in unused]


def setup(app):
    app.add_config_value("book_fingerprint", "", "env")
    app.connect("config-inited", fingerprint)
    app.connect("env-before-read-docs", check_notebooks)
    figures.setup(app)
    exercises.setup(app)
    depths.setup(app)
    maths.setup(app)
    plain.setup(app)
    page.setup(app)
    page_python.setup(app)
    paper.setup(app)
    terms.setup(app)
    find.setup(app)
    checks.setup(app)
    finish.setup(app)
    leave_out(app)
    remember_styles()
    remember_pages()
    return {"parallel_read_safe": True, "parallel_write_safe": True}
