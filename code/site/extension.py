"""The Sphinx extension of this book: everything about the site that _config.yml cannot say.

Named in _config.yml, so that plain `jupyter-book build .` gets it as well as `make book`.

    address.py    where the book lives
    exercises.py  an exercise that checks itself on the page
    figures.py    an interactive cell's output becomes a figure that runs without a kernel
    depths.py     essentials and second readings, and how long they take
    maths.py      formulas become HTML while the site is built
    plain.py      the notebook that a page gives to take home, in Markdown alone
    theme.py      the theme, without what it loads from elsewhere or for nothing
    notebooks.py  which stored outputs are out of date
"""

from __future__ import annotations

import hashlib
from pathlib import Path

import address
import depths
import exercises
import figures
import maths
import notebooks
import plain
import theme
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


def setup(app):
    app.add_config_value("book_fingerprint", "", "env")
    app.connect("config-inited", fingerprint)
    app.connect("env-before-read-docs", check_notebooks)
    address.setup(app)
    figures.setup(app)
    exercises.setup(app)
    depths.setup(app)
    maths.setup(app)
    plain.setup(app)
    theme.setup(app)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
