"""The finished site: nothing in it that no page asks for, each file as small as it can be, and the files that a host,
a search engine and a lost reader look for.

All of it is decided by the site's own bytes: two builds of one commit end the same.
"""

from __future__ import annotations

import hashlib
import io
import logging
import re
from html import escape
from pathlib import Path

import address
import page
import page_python
import pictures
import tinycss2
from fontTools import subset
from fontTools.ttLib import TTFont

COMMENT = re.compile(r"(?m)^[ \t]*//.*\n")
LOADED = {".css", ".js", ".map", ".woff2", ".woff", ".ttf", ".png", ".svg", ".txt", ".po", ".mo", ".json"}
SCRIPTS_AND_STYLES = re.compile(r'(?P<start>(?:href|src|data-index)="[^"?]*_static/)(?P<name>[^"?]+)(?:\?[^"]*)?"')


def finish(app, exception) -> None:
    if exception or app.builder.name != "html":
        return
    site = Path(app.outdir)
    static = site / "_static"
    write_first_page(app, site)
    write_lost_page(app, site)
    pages = {path: path.read_text(encoding="utf-8") for path in sorted(site.rglob("*.html"))}
    remove_unused(site, pages)
    shorten_styles(static, pages)
    cut_faces(static, pages)
    for path in sorted(static.rglob("*.js")):
        # Comments alone: what shortens more does not understand templates inside templates.
        path.write_text(COMMENT.sub("", path.read_text(encoding="utf-8")), encoding="utf-8")
    draw_cards(app, site)
    stamp(static, pages)
    (site / ".nojekyll").write_bytes(b"")  # or GitHub leaves out every folder that begins with _
    if address.site():
        write_sitemap(app, site)


# ---------------------------------------------------------------- what a host and a lost reader ask for


def write_first_page(app, site: Path) -> None:
    """The site's own address leads to the title page, also without a script."""
    first = f"{app.config.root_doc}.html"
    name = escape(app.config.html_title)
    (site / "index.html").write_text(
        f'<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n<title>{name}</title>\n'
        f'{page.policy()}\n<meta http-equiv="refresh" content="0; url={first}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="icon" href="_static/favicon.svg" type="image/svg+xml">\n'
        + (f'<link rel="canonical" href="{escape(address.site())}/{first}">\n' if address.site() else "")
        + f'</head>\n<body>\n<p><a href="{first}">{name}</a></p>\n</body>\n</html>\n',
        encoding="utf-8",
    )


def write_lost_page(app, site: Path) -> None:
    """A host shows 404.html at any address, however deep, so it names the book's place if that is known.

    Without a known place its links start where the page was asked for: right at the top level, where hosts serve it.
    """
    base = f"{address.site()}/" if address.site() else ""
    home, search = f"{base}{app.config.root_doc}.html", f"{base}search.html"
    (site / "404.html").write_text(
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f"<title>Not found | {escape(app.config.html_title)}</title>\n"
        f'{page.policy()}\n<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="robots" content="noindex">\n<link rel="icon" href="data:,">\n'
        "<style>body { max-width: 34rem; margin: 15vh auto; padding: 0 1rem; font: 1.1rem/1.6 Georgia, serif; "
        "color: #23272e; background: #fffefb } a { color: #8f2d16 }\n"
        "@media (prefers-color-scheme: dark) { :root { color-scheme: dark } "
        "body { color: #dfdcd5; background: #17181a } a { color: #f0a287 } }</style>\n"
        "</head>\n<body>\n<main>\n<h1>No such page</h1>\n"
        "<p>The address may have been mistyped, or the page may have another name now.</p>\n"
        f'<p><a href="{escape(home)}">{escape(app.config.html_title)}, from its beginning</a>, '
        f'or <a href="{escape(search)}">search the book</a>.</p>\n</main>\n</body>\n</html>\n',
        encoding="utf-8",
    )


def write_sitemap(app, site: Path) -> None:
    names = sorted(app.env.found_docs)
    body = "\n".join(f"<url><loc>{escape(address.site())}/{name}.html</loc></url>" for name in names)
    (site / "sitemap.xml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">\n{body}\n</urlset>\n',
        encoding="utf-8",
    )
    robots = f"User-agent: *\nAllow: /\nSitemap: {address.site()}/sitemap.xml\n"
    (site / "robots.txt").write_text(robots, encoding="utf-8")


def draw_cards(app, site: Path) -> None:
    """A picture of 1200 × 630 for each chapter: its title, and the still of its first figure."""
    faces = Path(__file__).parent / "static" / "fonts"
    stills = {name: Path(app.srcdir) / source for source, name in app.builder.images.items()}
    for docname in sorted(app.env.found_docs):
        html = (site / f"{docname}.html").read_text(encoding="utf-8")
        first = re.search(r'_images/([^"/]+\.png)', html)
        number = ".".join(map(str, app.env.toc_secnumbers.get(docname, {}).get("", ())))
        title = app.env.titles[docname].astext()
        target = site / "_static" / "cards" / f"{Path(docname).name}.png"
        still = stills.get(first[1]) if first else None
        pictures.draw_card(title, number, app.config.html_title, still, faces, target)


# ---------------------------------------------------------------- nothing for nothing


def remove_unused(site: Path, pages: dict[Path, str]) -> None:
    """Of _static what a page, a script or a style sheet of the site names; of _images what a page shows."""
    static = site / "_static"
    named = "\n".join(pages.values())
    if "_python/door.js" in named:  # a cell that a reader writes may show a figure on any page
        named += "".join(f"_static/{name}" for name in page_python.FETCHED_LATER)
    files = [path for path in sorted(static.rglob("*")) if path.is_file()]
    kept: set[Path] = set()
    for path in files:
        name = path.relative_to(static).as_posix()
        by_script = f'="{name}?v=' in named  # data-front="descent/explore.js?v=…"
        if f"_static/{name}" in named or by_script or path.suffix not in LOADED or path.name.startswith("LICENSE"):
            kept.add(path)
    # What those name in turn: a face in a style sheet, the editor that a script opens.
    waiting = [path for path in kept if path.suffix in (".css", ".js")]
    while waiting:
        text = waiting.pop().read_text(encoding="utf-8")
        for path in files:
            if path not in kept and re.search(rf"[\"'(/]{re.escape(path.name)}[?\"')]", text):
                kept.add(path)
                if path.suffix in (".css", ".js"):
                    waiting.append(path)
    for path in files:
        if path not in kept:
            path.unlink()
    for path in sorted(site.glob("_images/*")):
        if f"_images/{path.name}" not in named:
            path.unlink()
    (site / "searchindex.js").unlink(missing_ok=True)  # Sphinx's: the book has its own (find.py)
    for folder in sorted((path for path in static.rglob("*") if path.is_dir()), reverse=True):
        if not any(folder.iterdir()):
            folder.rmdir()


def shorten_styles(static: Path, pages: dict[Path, str]) -> None:
    """KaTeX's rules for what no formula uses go, and so do the forms of its faces that no browser here asks for."""
    words = set(re.findall(r"[\w-]+", "\n".join(pages.values())))
    sheet = static / "katex" / "katex.min.css"
    if sheet.exists():
        rules = tinycss2.parse_stylesheet(sheet.read_text(encoding="utf-8"), skip_comments=True, skip_whitespace=True)
        sheet.write_text("\n".join(used(rules, words)) + "\n", encoding="utf-8")


def used(rules, words: set[str]):
    """The rules that can apply to something, as text."""
    for rule in rules:
        if rule.type != "qualified-rule":
            yield tinycss2.serialize([rule])
            continue
        selectors = [part.strip() for part in tinycss2.serialize(rule.prelude).split(",")]
        kept = [one for one in selectors if set(re.findall(r"\.([A-Za-z_-][\w-]*)", one)) <= words]
        if kept:
            yield ",".join(kept) + "{" + tinycss2.serialize(rule.content) + "}"


def cut_faces(static: Path, pages: dict[Path, str]) -> None:
    """A face keeps the letters that the site shows: those of formulas for KaTeX's, all of them for the text's.

    Printable ASCII stays in the text's faces, for what scripts write.
    """
    shown = {ord(letter) for letter in set().union(*pages.values())} | set(range(0x20, 0x7F))
    for path in sorted(static.glob("fonts/*.woff2")):
        path.write_bytes(with_letters(path, shown))
    formulas = [
        html[start.end() : page.closing(html, start.start(), "span")]
        for html in pages.values()
        for start in re.finditer(r'<span class="katex-html"[^>]*>', html)
    ]
    upright = (re.sub(letters_of(LETTERS_OF["Math"]), "<", formula) for formula in formulas)
    everywhere = {ord(letter) for formula in upright for letter in re.sub(r"<[^>]*>|&\w+;", "", formula)}
    for path in sorted(static.glob("katex/fonts/*.woff2")):
        classes = LETTERS_OF.get(path.stem.split("_")[1].split("-")[0])
        own = (text for formula in formulas for text in re.findall(letters_of(classes), formula))
        letters = {ord(letter) for text in own for letter in text}
        path.write_bytes(with_letters(path, letters if classes else everywhere | set(map(ord, "<>&"))))


def letters_of(classes: str | None) -> str:
    """What finds the letters that KaTeX sets in these classes."""
    return rf'class="[^"]*\b(?:{classes})\b[^"]*"[^>]*>([^<]*)<'


# KaTeX's faces for a few letters, and the classes of what is set in them; its main ones serve the rest.
LETTERS_OF = {
    "Math": "mathnormal|boldsymbol",
    "AMS": "amsrm|mathbb",
    "Caligraphic": "mathcal",
    "Fraktur": "mathfrak|textfrak",
    "SansSerif": "mathsf|textsf",
    "Script": "mathscr|textscr",
    "Typewriter": "mathtt|texttt",
}


def with_letters(path: Path, letters: set[int]) -> bytes:
    features = ["kern", "liga", "onum", "tnum"]
    options = subset.Options(flavor="woff2", layout_features=features, notdef_outline=True, hinting=False)
    font = TTFont(path, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=letters)
    cutter.subset(font)
    font.flavor = "woff2"
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def stamp(static: Path, pages: dict[Path, str]) -> None:
    """Links that change with the file they name: a browser that remembers the old one asks again."""
    versions = {
        path.relative_to(static).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:8]
        for path in sorted(static.rglob("*"))
        if path.suffix in (".css", ".js")
    }

    def link(match) -> str:
        version = versions.get(match["name"])
        return f'{match["start"]}{match["name"]}?v={version}"' if version else match[0]

    for path, html in pages.items():
        path.write_text(SCRIPTS_AND_STYLES.sub(link, html), encoding="utf-8")


def setup(app) -> None:
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    app.connect("build-finished", finish, priority=900)
