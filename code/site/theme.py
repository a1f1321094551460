"""The theme (sphinx-book-theme 1.3.0), without what it loads from elsewhere or for nothing.

What a template can say is in templates/; here is what is decided page by page, and what is done to
the finished site.
"""

from __future__ import annotations

import hashlib
import io
import logging
import re
import struct
from pathlib import Path

import tinycss2
from fontTools import subset
from fontTools.ttLib import TTFont

# Only where the page has something for it to do: (file, the mark in the page that asks for it).
WHERE_NEEDED = {
    "katex/katex.min.css": 'class="katex',
    "katex-math.css": 'class="katex',
    "design-tabs.js": "sd-tab-set",
    "sphinx-design.min.css": 'class="sd-',
    "proof.css": 'class="proof',
    "exercise.css": 'class="exercise',
    "togglebutton.js": "dropdown",
    "togglebutton.css": "dropdown",
}

# In the finished site: nothing asks for these any more.
DEAD = [
    "**/*.map",
    "*webpack-macros.html",
    "**/*.LICENSE.txt",
    "scripts/fontawesome.js",
    "styles/theme.css",
    "locales",
    "sphinx-thebe.*",
    "images/logo_colab.png",
    "images/logo_deepnote.svg",
    "images/logo_jupyter*.svg",
    "vendor/fontawesome/webfonts/*.ttf",
]

# Never shortened: our own, and what is complete by nature.
OURS = ("book.css", "descent/", "katex/", "pygments.css")


# ---------------------------------------------------------------- page by page


def without_thebe(app) -> None:
    """sphinx-thebe makes cells live through a foreign host. Jupyter Book loads it in every book: an inline
    constant emitted twice, so a script error on every page."""
    for listeners in app.events.listeners.values():
        listeners[:] = [one for one in listeners if one.handler.__module__ != "sphinx_thebe"]
    app.registry.css_files[:] = [file for file in app.registry.css_files if file[0] != "sphinx-thebe.css"]


def choose_files(app, pagename, templatename, context, doctree) -> None:
    """Keep the scripts and style sheets that this page has a use for."""
    body = context.get("body", "")

    def wanted(file) -> bool:
        inline = file.attributes.get("body", "")
        if "DOCUMENTATION_OPTIONS" in inline:  # for features of the theme that this book leaves off
            return False
        if "toggle" in inline:
            return "dropdown" in body
        mark = WHERE_NEEDED.get(str(file.filename or "").removeprefix("_static/"))
        return mark is None or mark in body

    for kind in ("css_files", "script_files"):
        context[kind][:] = [file for file in context[kind] if wanted(file)]
    move_inline_scripts(app, context["script_files"])
    context["header_buttons"][:] = plain_buttons(context["header_buttons"])
    context["body"] = size_pictures(app, mend_markup(body))


def plain_buttons(buttons: list[dict]) -> list[dict]:
    """The header's buttons that are links. The others (print, full screen) are inline scripts that do
    what every browser has a key for. A menu of one link becomes the link."""
    kept = []
    for button in buttons:
        if button["type"] == "group":
            links = plain_buttons(button["buttons"])
            if len(links) == 1:
                kept.append(links[0] | {"icon": button["icon"], "text": "", "tooltip": button["tooltip"]})
            elif links:
                kept.append(button | {"buttons": links})
        elif button["type"] == "link":
            kept.append(button)
    return kept


def move_inline_scripts(app, scripts: list) -> None:
    """An inline script becomes a file: a site can then forbid inline scripts altogether."""
    inline = [file for file in scripts if not file.filename]
    if not inline:
        return
    code = "".join(file.attributes["body"] + "\n" for file in dict.fromkeys(inline))
    name = f"_static/settings.{hashlib.sha256(code.encode()).hexdigest()[:8]}.js"
    (Path(app.outdir) / name).write_text(code, encoding="utf-8")
    place = scripts.index(inline[0])
    scripts[place] = type(inline[0])(name, priority=inline[0].priority)
    scripts[:] = [file for file in scripts if file.filename]


def mend_markup(body: str) -> str:
    """What docutils writes and a screen reader stumbles over: the items of a list of citations have a role that
    no longer exists; a table's empty corner is no heading."""
    return body.replace('role="doc-biblioentry"', 'role="listitem"').replace(
        '<th class="head"><p></p></th>', "<td></td>"
    )


def size_pictures(app, body: str) -> str:
    """Give each picture its size, so that the text below does not jump when it arrives."""
    files = {name: Path(app.srcdir) / source for source, name in app.builder.images.items()}

    def sized(match) -> str:
        file = files.get(match["name"])
        if file is None or file.suffix != ".png" or "width" in match[0]:
            return match[0]
        width, height = struct.unpack(">II", file.read_bytes()[16:24])
        return f'{match[0].rstrip("/> ")} width="{width}" height="{height}" loading="lazy" decoding="async" />'

    return re.sub(r'<img [^>]*src="[^"]*_images/(?P<name>[^"/]+)"[^>]*>', sized, body)


# ---------------------------------------------------------------- the finished site


def lighten(app, exception) -> None:
    """Of the theme's 500 kB of rules and icons the book uses a tenth: keep that.

    A rule stays if each class and id it names occurs as a word somewhere in a page or a script; a glyph
    of the icon fonts stays if a remaining rule shows it.
    """
    if exception or app.builder.name != "html":
        return
    static = Path(app.outdir) / "_static"
    for pattern in DEAD:
        for path in sorted(static.glob(pattern), reverse=True):
            remove(path)
    quieten(static)
    pages = sorted(Path(app.outdir).rglob("*.html"))
    words = set()
    for path in pages + [path for path in sorted(static.rglob("*.js")) if path.name != "edit.js"]:  # it has its own
        words.update(re.findall(r"[\w-]+", path.read_text(encoding="utf-8")))
    styles = [
        path for path in sorted(static.rglob("*.css")) if not path.relative_to(static).as_posix().startswith(OURS)
    ]
    for path in styles:
        rules = tinycss2.parse_stylesheet(path.read_text(encoding="utf-8"), skip_comments=True, skip_whitespace=True)
        path.write_text("\n".join(used(rules, words)) + "\n", encoding="utf-8")
    glyphs = {ord(letter) for path in styles for letter in path.read_text(encoding="utf-8") if ord(letter) > 0x7F}
    for path in sorted((static / "vendor" / "fontawesome" / "webfonts").glob("*.woff2")):
        path.write_bytes(with_glyphs(path, glyphs))
    versions = {
        path.name: hashlib.sha256(path.read_bytes()).hexdigest()[:8]
        for path in styles + sorted((static / "scripts").glob("*.js"))
    }
    for path in pages:
        stamp(path, versions)


def remove(path: Path) -> None:
    if path.is_dir():
        for child in path.iterdir():
            remove(child)
        path.rmdir()
    else:
        path.unlink()


def quieten(static: Path) -> None:
    """The theme reports each step in the console, where a reader looks for errors."""
    for script in sorted(static.rglob("*.js")):
        code = script.read_text(encoding="utf-8")
        if "console.log(" in code:
            script.write_text(code.replace("console.log(", "void("), encoding="utf-8")


def used(rules, words: set[str]):
    """The rules that can apply to something, as text."""
    for rule in rules:
        if rule.type == "qualified-rule":
            selectors = split_selectors(tinycss2.serialize(rule.prelude))
            kept = [selector for selector in selectors if names(selector) <= words]
            if kept:
                yield ",".join(kept) + "{" + tinycss2.serialize(rule.content) + "}"
        elif rule.type == "at-rule" and rule.lower_at_keyword in ("media", "supports"):
            inner = list(used(tinycss2.parse_rule_list(rule.content, skip_comments=True, skip_whitespace=True), words))
            if inner:
                yield f"@{rule.at_keyword}{tinycss2.serialize(rule.prelude)}{{" + "\n".join(inner) + "}"
        else:
            yield tinycss2.serialize([rule])


def split_selectors(prelude: str) -> list[str]:
    """The selectors of a list, without breaking `:is(a, b)` at its comma."""
    return [part.strip() for part in re.split(r",(?![^()]*\))", prelude)]


def names(selector: str) -> set[str]:
    """The classes and ids that must exist for the selector to match; those in brackets need not."""
    while "(" in selector:
        shorter = re.sub(r"\([^()]*\)", "", selector)
        if shorter == selector:
            break
        selector = shorter
    return set(re.findall(r"[.#]([A-Za-z_-][\w-]*)", re.sub(r"\[[^\]]*\]", "", selector)))


def with_glyphs(path: Path, glyphs: set[int]) -> bytes:
    options = subset.Options(flavor="woff2", layout_features=[], notdef_outline=True, hinting=False)
    font = TTFont(path, recalcTimestamp=False)
    cutter = subset.Subsetter(options)
    cutter.populate(unicodes=glyphs)
    cutter.subset(font)
    font.flavor = "woff2"
    buffer = io.BytesIO()
    font.save(buffer)
    return buffer.getvalue()


def stamp(page: Path, versions: dict[str, str]) -> None:
    """Links that change with the file they name: a browser that remembers the old one asks again."""

    def link(match) -> str:
        version = versions.get(match["name"])
        return f'{match["start"]}{match["name"]}?v={version}"' if version else match[0]

    html = page.read_text(encoding="utf-8")
    stamped = re.sub(r'(?P<start>(?:href|src)="[^"?]*_static/(?:[^"?]*/)?)(?P<name>[^"?/]+)(?:\?[^"]*)?"', link, html)
    if stamped != html:
        page.write_text(stamped, encoding="utf-8")


def setup(app) -> None:
    logging.getLogger("fontTools").setLevel(logging.WARNING)
    without_thebe(app)
    app.config.html_theme_options["back_to_top_button"] = False  # it covers the text, white on orange
    app.add_css_file("book.css", priority=900)
    app.connect("html-page-context", choose_files, priority=950)
    app.connect("build-finished", lighten, priority=900)
