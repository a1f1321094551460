"""Faults that a reader would meet, found while the site is built: each with its file, its line and its cure.

They are looked for in what is about to become a page, so that text, captions and what a cell shows are held to the
same. A warning here ends a build (`-W`).
"""

from __future__ import annotations

import re
from collections import Counter
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import notebooks
import pictures
from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)

# Read alone, as a list of a page's links is, these lead nowhere.
SAYS_NOTHING = {
    *("click", "click here", "here", "link", "more", "read more", "this", "this link", "this page", "start", "see"),
    *("page", "url", "http", "https", "download", "continue", "details", "learn more", "info", "go"),
}

# How many children a script or fraction of MathML has: with another number a browser draws an error, or nothing.
ARITY = {"msubsup": 3, "munderover": 3} | dict.fromkeys(("mfrac", "mroot", "msub", "msup", "munder", "mover"), 2)
# Sphinx gives a picture without words its address instead.
NO_WORDS = re.compile(r"\s*|data:.*|\S+\.(?:png|jpe?g|gif|svg|webp)", re.I | re.S)
VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


class Page(HTMLParser):
    """What the checks ask of a page."""

    def __init__(self, html: str):
        super().__init__(convert_charrefs=True)
        self.ids: Counter = Counter()
        self.links: list[tuple[str, str]] = []  # where to, the text
        self.pictures: list[dict] = []
        self.scripts: list[str] = []
        self.arity: list[str] = []
        self.open: list[list] = []  # [tag, children]
        self.link: list | None = None
        self.feed(html)
        self.close()

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        if attributes.get("id"):
            self.ids[attributes["id"]] += 1
        if self.open:
            self.open[-1][1] += 1
        if tag not in VOID:
            self.open.append([tag, 0])
        if tag == "a" and attributes.get("href"):
            is_anchor = "headerlink" in (attributes.get("class") or "")
            self.link = [attributes["href"], attributes.get("aria-label") or "", is_anchor]
        elif tag == "img":
            self.pictures.append(attributes)
            if self.link:
                self.link[1] += attributes.get("alt") or ""
        elif tag == "script" and attributes.get("src"):
            self.scripts.append(attributes["src"])
        elif tag == "link" and "stylesheet" in attributes.get("rel", ""):
            self.scripts.append(attributes.get("href", ""))

    def handle_startendtag(self, tag, attributes):
        self.handle_starttag(tag, attributes)
        if tag not in VOID:
            self.handle_endtag(tag)

    def handle_endtag(self, tag):
        while self.open:
            name, children = self.open.pop()
            if name in ARITY and children != ARITY[name]:
                self.arity.append(f"<{name}> with {children} instead of {ARITY[name]} parts")
            if name == tag:
                break
        if tag == "a" and self.link:
            if not self.link[2]:
                self.links.append((self.link[0], " ".join(self.link[1].split())))
            self.link = None

    def handle_data(self, data):
        if self.link:
            self.link[1] += data


def source_line(path: Path, *needles: str) -> str:
    """Where a source has one of these words: "chapters/adam.ipynb, cell 12, line 3"; the file alone if nowhere."""
    name = notebooks.name(path)
    needles = [needle for needle in needles if needle]
    if path.suffix == ".ipynb":
        for number, cell in enumerate(notebooks.load(path)["cells"], start=1):
            for line, text in enumerate(notebooks.text(cell["source"]).splitlines(), start=1):
                if any(needle in text for needle in needles):
                    return f"{name}, cell {number}, line {line}"
    else:
        for line, text in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
            if any(needle in text for needle in needles):
                return f"{name}, line {line}"
    return name


def complain(where: str, fault: str, cure: str) -> None:
    logger.warning("%s: %s. %s", where, fault, cure, type="book", subtype="page")


def check_page(app, pagename, templatename, context, doctree) -> None:
    """What a page shows by itself. Links between pages wait until all pages are there."""
    if doctree is None or "body" not in context:
        return
    path = Path(app.env.doc2path(pagename))
    page = Page(context["body"])
    for name, count in page.ids.items():
        if count > 1:
            cure = "Give one of the two another label."
            complain(source_line(path, name), f'the id "{name}" stands {count} times', cure)
    for place, text in page.links:
        if text.lower().strip(" .→›»") in SAYS_NOTHING or not text:
            complain(
                source_line(path, f"[{text}]", f"`{place.partition('#')[2]}`", f"<{place.partition('#')[2]}>", place),
                f'a link to {place} says only "{text}"',
                "Say in the link's own words where it leads: [the rule's five lines](#adam-rule).",
            )
    for fault in sorted(set(page.arity)):
        complain(
            source_line(path, *[formula for formula in formulas_with(fault, doctree)]),
            f"invalid MathML: {fault}",
            "Write the formula so that each script has one base and one script, such as h_{\\mathrm{max}}.",
        )
    for picture in page.pictures:
        if NO_WORDS.fullmatch(picture.get("alt") or ""):
            complain(
                source_line(path, (picture.get("src") or "")[-60:]),
                f"a picture without alternative text ({(picture.get('src') or '?')[-60:]})",
                'Add what it shows: in a cell\'s metadata {"mystnb": {"image": {"alt": "…"}}}, else ![…](file).',
            )
        if urlsplit(picture.get("src") or "").netloc:
            complain(
                source_line(path, picture["src"]),
                f"the page loads {picture['src']} from another host",
                "Put a copy beside the chapter, and name that.",
            )
    for address in page.scripts:
        if urlsplit(address).netloc:
            complain(
                source_line(path, address),
                f"the page loads {address} from another host",
                "Put a copy under code/site/static, and name that.",
            )


def formulas_with(fault: str, doctree) -> list[str]:
    """The beginnings of formulas whose rendering has the fault."""
    import maths

    found = []
    for node in doctree.findall(lambda node: isinstance(node, (nodes.math, nodes.math_block))):
        html = maths.rendered.get((node.astext(), isinstance(node, nodes.math_block)), "")
        if fault in Page(html).arity:
            found.append(node.astext().strip().splitlines()[0][:60])
    return found


def check_pictures(app, exception) -> None:
    """No picture heavier than a phone should load."""
    if exception or app.builder.name != "html":
        return
    places = {}
    for docname in app.env.found_docs:
        html = (Path(app.outdir) / f"{docname}.html").read_text(encoding="utf-8")
        for name in re.findall(r"_images/([^\"/]+)", html):
            places.setdefault(name, docname)
    for path in sorted(Path(app.outdir).glob("_images/*")):
        size = path.stat().st_size
        if path.name in places and size > pictures.HEAVIEST:
            source = Path(app.env.doc2path(places[path.name]))
            complain(
                picture_line(source, path),
                f"the picture {path.name} has {size // 1000} kB, more than {pictures.HEAVIEST // 1000}",
                "Draw fewer points, or rasterise them: a plot of lines has less than 60 kB.",
            )


def picture_line(source: Path, picture: Path) -> str:
    """The code cell that drew it: myst-nb names a picture by the digest of its content."""
    if source.suffix == ".ipynb":
        import base64
        import hashlib

        for number, cell in notebooks.code_cells(notebooks.load(source)):
            for output in cell.get("outputs", []):
                data = output.get("data", {}).get("image/png")
                if data and hashlib.sha256(base64.b64decode(data)).hexdigest() == picture.stem:
                    return f"{notebooks.name(source)}, {notebooks.describe(number, cell)}"
    return source_line(source, picture.name)


def check_links(app, exception) -> None:
    """Every link inside the book leads to a page and a place that exist."""
    if exception or app.builder.name != "html":
        return
    site = Path(app.outdir)
    pages = {path: Page(path.read_text(encoding="utf-8")) for path in sorted(site.rglob("*.html"))}
    for docname in sorted(app.env.found_docs):
        file = site / f"{docname}.html"
        for target, text in pages[file].links:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            there = (file.parent / unquote(parts.path)).resolve() if parts.path else file
            place = unquote(parts.fragment)
            if not there.exists():
                fault = f'a link ("{text}") leads to {parts.path}, which is not there'
            elif place and there in pages and place not in pages[there].ids and not place.startswith("figure-"):
                fault = f'a link ("{text}") leads to {target}, and {there.name} has no such place'
            else:
                continue
            complain(
                source_line(Path(app.env.doc2path(docname)), target, place, Path(parts.path).stem),
                fault,
                "Link to a label, {ref}`label`, which is checked, or mend the address.",
            )


def setup(app) -> None:
    app.connect("html-page-context", check_page, priority=990)
    app.connect("build-finished", check_pictures, priority=950)
    app.connect("build-finished", check_links, priority=960)
