"""What each page of the site is made of beside its text. The page itself is templates/layout.html.

- its head: a title, what search engines and messengers show of it, and a policy that lets no stranger's script run;
- of the scripts and style sheets that extensions add, only the book's own (the theme is Sphinx's empty one);
- its markup: folds that are real folds, pictures that keep their place, tables that scroll by themselves.

Where the book lives says address.py. What it does not know has no link.
"""

from __future__ import annotations

import json
import re
from html import escape, unescape
from pathlib import Path

import address
import paper
import pictures

# Scripts only from the site itself: none written into a page, no `eval`. Styles may stand in the page: formulas are
# placed by them. What the page may load later (the editor of a rule, Python in a worker) comes from the site, too; a
# worker that is a file of the site has the policy of its own answer, so WebAssembly may run in it. A host that can send
# headers may be stricter (frame-ancestors), never looser.
POLICY = {
    "default-src": "'self'",
    "script-src": "'self'",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self'",
    "connect-src": "'self'",
    "worker-src": "'self' blob:",
    "object-src": "'none'",
    "base-uri": "'none'",
}

# Only where the page has something for it to do: the mark in the page that asks for it.
WHERE_NEEDED = {
    "katex/katex.min.css": 'class="katex',
    "sphinx-design.min.css": 'class="sd-',
    "design-tabs.js": 'class="sd-tab',
}

# What static/mode.js asks for beside the style sheets, so that it is there when the page is first drawn: faces of the
# text, which are not taken later (book.css), and those of formulas where a page's opening has some.
TEXT_FACES = ("fonts/SourceSerif4-400-normal.woff2", "fonts/SourceSerif4-600-normal.woff2")
ITALIC_FACE = ("fonts/SourceSerif4-400-italic.woff2",)
GREEK_FACE = ("fonts/SourceSerif4-greek.woff2",)
FORMULA_FACES = ("katex/fonts/KaTeX_Main-Regular.woff2", "katex/fonts/KaTeX_Math-Italic.woff2")

GENERAL = {"search": "Search", "genindex": "Index", "404": "Not found"}
DESCRIPTIONS = {
    "search": "Search the book by section: words, symbols such as β2, terms of the glossary, equations and theorems.",
    "genindex": "The index of the book: its terms and its rules, each with the places where it is explained.",
}


def describe(app, pagename, templatename, context, doctree) -> None:
    """Fill in what layout.html asks for."""
    if "body" not in context and pagename not in GENERAL:
        context["body"] = ""
    name = context["book_name"] = app.config.html_title
    title = GENERAL.get(pagename) or unescape(re.sub(r"<[^>]*>", "", context.get("title") or ""))
    context["book_title"] = escape(name if title in ("", name) else f"{title} | {name}")
    context["book_policy"] = policy()
    choose_files(app, context)
    context["book_faces"] = " ".join(first_faces(context.get("body", "")))
    context["book_author"] = app.config.author
    is_chapter = pagename.startswith("chapters/")
    context["metatags"] = context.get("metatags", "") if is_chapter else ""
    if pagename in DESCRIPTIONS:
        context["metatags"] = f'<meta name="description" content="{DESCRIPTIONS[pagename]}">'
    context["book_head"] = head(app, pagename, title, context["metatags"]) if is_chapter else ""
    context["book_links"] = links(app, pagename, title) if is_chapter else []
    context["book_citation"] = citation(app, pagename, title) if is_chapter else ""
    context["book_sections"] = sections(context.get("toc", "")) if is_chapter else ""
    context["body"] = pictures.place(app, mended(context.get("body", "")), is_first=pagename == app.config.root_doc)


def first_faces(body: str) -> tuple[str, ...]:
    """The faces that a page with this text needs at once."""
    opening = "".join(body.split("<section")[:2])
    return (
        TEXT_FACES
        + (ITALIC_FACE if "<em" in body else ())
        + (GREEK_FACE if re.search("[\u0370-\u03ff]", body) else ())
        + (FORMULA_FACES if 'class="katex' in opening else ())
    )


def choose_files(app, context) -> None:
    """Of scripts and style sheets those that stand in the book's own folders, and only where they are used."""
    body = context.get("body", "")
    folders = [Path(app.srcdir) / folder for folder in app.config.html_static_path]
    ours = [folder for folder in folders if folder.is_relative_to(app.srcdir) or folder.name == "descent-assets"]

    def wanted(file) -> bool:
        name = str(file.filename or "").removeprefix("_static/").partition("?")[0]
        mark = WHERE_NEEDED.get(name)
        exists = any((folder / name).is_file() for folder in ours)
        return bool(name) and exists and (mark is None or mark in body)

    for kind in ("css_files", "script_files"):
        context[kind][:] = [file for file in context[kind] if wanted(file)]


# ---------------------------------------------------------------- the head


def policy() -> str:
    content = "; ".join(f"{name} {value}" for name, value in POLICY.items())
    return f'<meta http-equiv="Content-Security-Policy" content="{content}">'


def head(app, pagename: str, title: str, metatags: str) -> str:
    """What a search engine or a messenger shows; addresses only if the site's is known."""
    match = re.search(r'content="([^"]*)" name="description"|name="description" content="([^"]*)"', metatags)
    description = unescape((match[1] or match[2]) if match else "")
    place = f"{address.site()}/{pagename}.html" if address.site() else None
    card = f"{address.site()}/_static/cards/{Path(pagename).name}.png" if address.site() else None
    learning = {
        "@context": "https://schema.org",
        "@type": "LearningResource",
        "name": title,
        "description": description,
        "isPartOf": {"@type": "Book", "name": app.config.html_title},
        "author": {"@type": "Organization", "name": app.config.author},
        "inLanguage": "en",
        "license": "https://creativecommons.org/licenses/by/4.0/",
        "learningResourceType": "textbook chapter with interactive figures",
        "educationalLevel": "undergraduate",
        "isAccessibleForFree": True,
    }
    tags = [
        ("property", "og:title", title),
        ("property", "og:description", description),
        ("property", "og:type", "article"),
        ("property", "og:site_name", app.config.html_title),
        ("name", "twitter:card", "summary_large_image"),
    ]
    if place:
        learning["url"] = place
        tags += [("property", "og:url", place), ("property", "og:image", card), ("property", "og:image:alt", title)]
    lines = [f'<meta {kind}="{name}" content="{escape(text)}">' for kind, name, text in tags]
    if place:
        lines.insert(0, f'<link rel="canonical" href="{escape(place)}">')
    data = json.dumps(learning, ensure_ascii=False).replace("<", "\\u003c")
    return "\n".join([*lines, f'<script type="application/ld+json">{data}</script>'])


def links(app, pagename: str, title: str) -> list[dict]:
    """Where a page leads outside itself: its notebook, Binder, its source, and where mistakes are told."""
    source = Path(app.env.doc2path(pagename, base=False)).as_posix()
    found = []
    if source.endswith(".ipynb"):
        place = f"../_sources/{source}"
        found.append({"words": "Download this page as a notebook", "address": place, "download": True})
        if address.binder(pagename):
            found.append({"words": "Run this page on Binder", "address": address.binder(pagename)})
    found += paper.links(app)
    repository = address.repository()
    if repository:
        # GitLab spells a new issue in its own way, GitHub and Codeberg in another.
        new, about = ("issues/new?title", "body")
        if "gitlab" in repository:
            new, about = ("-/issues/new?issue[title]", "issue[description]")
        asked = f"{new}=Mistake in {source}&{about}=Page: {source}. Section or figure: . What is wrong: "
        found.append({"words": "Report a mistake here", "address": f"{repository}/{asked}".replace(" ", "%20")})
        found.append({"words": "The book's source", "address": repository})
    return found


def citation(app, pagename: str, title: str) -> str:
    """A BibTeX entry for the page."""
    key = "adambook-" + Path(pagename).name
    fields = {"author": "{" + app.config.author + "}", "title": title, "booktitle": app.config.html_title}
    fields["year"] = re.findall(r"\d{4}", app.config.copyright)[-1]
    if address.site():
        fields["url"] = f"{address.site()}/{pagename}.html"
    lines = ",\n".join(f"  {name} = {{{text}}}" for name, text in fields.items())
    return f"@incollection{{{key},\n{lines}\n}}"


def sections(toc: str) -> str:
    """The page's own contents, two levels deep, without the page's title."""
    inner = re.search(r"<ul>\s*<li>.*?</a>\s*(<ul>.*</ul>)\s*</li>\s*</ul>", toc, re.S)
    if not inner:
        return ""
    depth, kept = 0, []
    for piece in re.split(r"(</?ul>)", inner[1]):
        depth += piece == "<ul>"
        if depth <= 2:
            kept.append(piece)
        depth -= piece == "</ul>"
    return "".join(kept)


# ---------------------------------------------------------------- the body


def mended(body: str) -> str:
    """What docutils writes and a reader or a screen reader stumbles over."""
    # The items of a list of citations have a role that no longer exists; a table's empty corner is no heading.
    body = body.replace('role="doc-biblioentry"', 'role="listitem"')
    body = re.sub(r'<th class="head[^"]*">(<p></p>)?</th>', "<td></td>", body)
    # How many rows it has is a first guess of how high it will be (static/book.css).
    body = re.sub(
        r"<table.*?</table>",
        lambda table: f'<div class="book-scroll" style="--rows: {table[0].count("<tr")}">{table[0]}</div>',
        body,
        flags=re.S,
    )
    # sphinx-exercise and sphinx-proof give the content of each of theirs, and each proof without a label, one and the
    # same id.
    body = re.sub(r' id="(?:(?:proof|exercise|solution)-content|proof)"', "", body)
    body = FORMULA_AND_STOP.sub(kept_together, body)
    # Bytes that say nothing, hundreds of times a page: HTML knows <math>; a tooltip's address cannot be followed.
    body = body.replace('<math xmlns="http://www.w3.org/1998/Math/MathML"', "<math")
    body = re.sub(r'(<a class="reference internal" href="#[^"]*" title="[^"]*?) URL: [^"]*"', r'\1"', body)
    return folded(body)


# A formula in the text, its markup from KaTeX's picture of it on, and what must not begin a line.
FORMULA_AND_STOP = re.compile(
    r'<span class="math">(?:(?!<span class="math">).)*?class="katex-html"((?:(?!<span class="math">).)*?)(?:</span>){4}'
    r"[.,;:!?)’”]+",
    re.S,
)
SHORT = 16  # letters: a longer formula may break at its own signs


def kept_together(match) -> str:
    """A browser may end a line after a formula, whatever follows: a short one and its full stop stay together."""
    letters = re.sub(r"<[^>]*>|&\w+;", "", f"<{match[1]}")
    return f'<span class="book-whole">{match[0]}</span>' if len(letters) <= SHORT else match[0]


FOLD = re.compile(r'<div class="(?P<names>[^"]*\bdropdown\b[^"]*)"(?P<rest>[^>]*)>\s*<p class="(?P<title>[^"]*)">')


def folded(body: str) -> str:
    """A `dropdown` becomes <details>: a browser's search, a link and a reader without scripts can open it.

    A solution's title names its exercise in a link, which would be the most prominent place to click. The words stay in
    the title; the link stands at the end of what is folded.
    """
    while match := FOLD.search(body):
        end = closing(body, match.start(), "div")
        title_end = body.index("</p>", match.end())
        title, inside = body[match.end() : title_end], body[title_end + 4 : end]
        link = re.search(r"<a [^>]*>.*?</a>", title, re.S)
        back = ""
        if link:
            title = title.replace(link[0], re.sub(r"</?a\b[^>]*>", "", link[0]))
            href = re.search(r'href="[^"]*"', link[0])[0]
            back = f'<p class="book-back"><a {href}>Back to the exercise</a></p>'
        names = " ".join(name for name in match["names"].split() if name != "dropdown")
        body = (
            f'{body[: match.start()]}<details class="{names} fold"{match["rest"]}>'
            f'<summary class="{match["title"]}">{title.strip()}</summary>{inside}{back}</details>{body[end + 6 :]}'
        )
    return body


def closing(body: str, start: int, tag: str) -> int:
    """Where the element that begins at `start` ends: the place of its closing tag."""
    depth = 0
    for match in re.compile(rf"<(/?){tag}\b").finditer(body, start):
        depth += -1 if match[1] else 1
        if depth == 0:
            return match.start()
    raise ValueError(f"<{tag}> at {start} is never closed: {body[start : start + 80]!r}")


def setup(app) -> None:
    app.config.html_theme_options = {}  # Jupyter Book's are for its own theme
    app.add_css_file("book.css", priority=100)
    app.add_js_file("book.js", loading_method="defer", priority=900)
    app.connect("html-page-context", describe, priority=950)
