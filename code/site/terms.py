"""The first time a chapter uses a word of the glossary, the word leads there.

Nobody marks the words by hand: they are found when the glossary is known, in running text alone (not in titles, links,
code, formulas, tables or references). A word that a chapter's own title has is what the chapter is about, and is
left alone.
"""

from __future__ import annotations

import re

from docutils import nodes

LEFT_ALONE = (
    nodes.title,
    nodes.reference,
    nodes.literal,
    nodes.math,
    nodes.raw,
    nodes.caption,
    nodes.table,
    nodes.footnote,
    nodes.citation,
    nodes.definition_list,
)


def link(app, doctree, docname) -> None:
    terms = {term: place for term, place in glossary(app).items() if place[0] != docname}
    title = app.env.titles[docname].astext().lower()
    waiting = {term for term in terms if term not in title}
    if not waiting or app.builder.format != "html":
        return
    # The longest first: "effective learning rate" is no "learning rate".
    words = "|".join(map(re.escape, sorted(terms, key=len, reverse=True)))
    pattern = re.compile(rf"(?<![\w-])({words})s?(?![\w-])", re.IGNORECASE)  # one or several of them
    for text in list(doctree.findall(nodes.Text)):
        if not any(isinstance(parent, nodes.paragraph) for parent in ancestors(text)):
            continue
        if any(isinstance(parent, LEFT_ALONE) for parent in ancestors(text)):
            continue
        parts, start = [], 0
        for match in pattern.finditer(text.astext()):
            term = match[1].lower()
            if term not in waiting:
                continue
            waiting.discard(term)
            document, anchor = terms[term]
            address = f"{app.builder.get_relative_uri(docname, document)}#{anchor}"
            parts += [nodes.Text(text.astext()[start : match.start()])]
            parts += [nodes.reference("", match[0], refuri=address, internal=True, classes=["term-link"])]
            start = match.end()
        if parts:
            text.parent.replace(text, [*parts, nodes.Text(text.astext()[start:])])


def glossary(app) -> dict[str, tuple[str, str]]:
    """{term: (document, anchor)} of all glossaries, as Sphinx's standard domain has them."""
    found = app.env.get_domain("std").objects.items()
    return {term.lower(): place for (kind, term), place in found if kind == "term"}


def ancestors(node):
    while node.parent is not None:
        node = node.parent
        yield node


def setup(app) -> None:
    app.connect("doctree-resolved", link, priority=800)
