"""What the search page knows: one entry a section, glossary term, named equation, theorem and figure.

The index is a script, because a page that is opened from a folder may not fetch anything. static/search.js reads it,
and says how letters are matched: here symbols become what a reader types, \\beta_2 becomes β2.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from docutils import nodes
from sphinx import addnodes
from sphinx_proof.nodes import proof_node

INDEX = "search-index.js"
NOT_FOUND = (nodes.comment, nodes.raw, nodes.system_message, nodes.image, addnodes.index)

SYMBOLS = {
    **dict(
        zip("alpha beta gamma delta epsilon varepsilon zeta eta theta kappa lambda mu nu xi".split(), "αβγδεεζηθκλμνξ")
    ),
    **dict(zip("pi rho sigma tau phi varphi chi psi omega".split(), "πρστφφχψω")),
    **dict(zip("Gamma Delta Theta Lambda Sigma Phi".split(), "ΓΔΘΛΣΦ")),
    **dict(zip("nabla partial infty sum prod le leq ge geq approx ne neq".split(), "∇∂∞∑∏≤≤≥≥≈≠≠")),
    **dict(zip("cdot times to sqrt pm in ldots dots cdots".split(), "·×→√±∈………")),
    **dict(zip("leftarrow rightarrow mapsto Rightarrow iff sim ll gg odot circ propto".split(), "←→↦⇒⇔∼≪≫⊙∘∝")),
    **dict(zip("lVert rVert Vert lvert rvert vert mid langle rangle lfloor rfloor".split(), "‖‖‖|||∣⟨⟩⌊⌋")),
    **dict(zip("ell top prime mp equiv subset cup cap int".split(), "ℓᵀ′∓≡⊂∪∩∫")),
}
ACCENTS = {"hat": "\u0302", "widehat": "\u0302", "tilde": "\u0303", "bar": "\u0304"}
LOOK = r"\\(?:text|operatorname|math[a-z]+|boldsymbol)(?![a-z])\*?"  # how a name is set
ONE = r"(\\[A-Za-z]+|[^\s{}\\])"  # what LaTeX takes as one where there are no braces
GROUP = r"\{((?:[^{}]|\{(?:[^{}]|\{[^{}]*\})*\})*)\}"
PART = rf"\s*(?:{GROUP}|{ONE})"


def readable(latex: str) -> str:
    """A formula as a line of text: \\frac{\\hat m_t}{1 - \\beta_1^t} becomes (m̂_t)/(1 - β1^t)."""
    text = re.sub(r"\\(?:begin|end)\{[^{}]*\}|\\(?:left|right|[bB]igg?[lr]?)(?![A-Za-z])", " ", latex)
    text = re.sub(r"\\\\(?:\[[^\]]*\])?|\\[,;:! ]|&|\\q?quad(?![a-z])|\\(?:limits|displaystyle)(?![a-z])", " ", text)
    text = re.sub(rf"{LOOK}\{{([^{{}}]*)\}}", r" \1 ", text)
    text = re.sub(rf"{LOOK}\s*([A-Za-z])", r"{\1}", text)
    accents = rf"\\({'|'.join(ACCENTS)})(?![a-z])\s*(?:\{{\s*{ONE}\s*\}}|{ONE})"
    text = re.sub(accents, lambda match: (match[2] or match[3]) + ACCENTS[match[1]], text)
    for _ in range(3):  # one in the other
        text = re.sub(rf"\\[dt]?frac(?![a-z]){PART}{PART}", quotient, text)
        text = re.sub(rf"\\sqrt(?![a-z])\s*{GROUP}", root, text)
    text = re.sub(r"\\([A-Za-z]+)", lambda match: SYMBOLS.get(match[1], f" {match[1]} "), text)
    text = re.sub(r"_\{?(\d+)\}?", r"\1", text)
    return re.sub(r"\s+", " ", re.sub(r"[{}\\]", "", text)).strip()


def root(match) -> str:
    return f"√{{{match[1]}}}" if re.fullmatch(rf"\s*{ONE}\s*", match[1]) else f"√({match[1]})"


def quotient(match) -> str:
    above, below = (in_brackets(match[i] or match[i + 1]) for i in (1, 3))
    return f" {above}/{below} "


def in_brackets(part: str) -> str:
    return part if re.fullmatch(rf"\s*(?:{ONE}|\d+)\s*", part) else f"({part})"


def words(node) -> str:
    """The text of a node as a reader sees it."""
    if isinstance(node, nodes.Text):
        return node.astext()
    if isinstance(node, (nodes.math, nodes.math_block)):
        return f" {readable(node.astext())} "
    if isinstance(node, NOT_FOUND) or "descent-words" in node.get("classes", ()):
        return ""
    inner = "".join(map(words, node.children))
    return inner if isinstance(node, nodes.TextElement) and not block(node) else f"{inner}\n"


def block(node) -> bool:
    return isinstance(node, (nodes.paragraph, nodes.title, nodes.literal_block, nodes.caption, nodes.term))


def line(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def entries(docname: str, doctree, page: str, numbers: dict):
    """(address, page, title, words) of what can be found on a page, in its order; `numbers` are its equations'."""
    here = f"{docname}.html"
    for section in doctree.findall(nodes.section):
        title = next(iter(section.findall(nodes.title)), None)
        if title is None:
            continue
        own = [child for child in section.children if not isinstance(child, (nodes.section, nodes.title))]
        yield f"{here}#{section['ids'][0]}", page, line(words(title)), line("".join(map(words, own)))
    for item in doctree.findall(nodes.definition_list_item):
        term = next(iter(item.findall(nodes.term)), None)
        if term is not None and term.get("ids"):
            yield f"{here}#{term['ids'][0]}", f"{page}, glossary", line(words(term)), line(words(item))
    for formula in doctree.findall(nodes.math_block):
        label = formula.get("label")
        if label:
            target = formula["ids"][0] if formula.get("ids") else nodes.make_id(f"equation-{label}")
            number = ".".join(map(str, numbers.get(target, ()))) or formula.get("number")
            name = f"{section_title(formula) or page}, equation ({number})"
            near = next((one for one in reversed(before(formula)) if isinstance(one, nodes.paragraph)), None)
            text = f"{words(near) if near else ''} {readable(formula.astext())}"
            yield f"{here}#{target}", f"{page}, equation", name, line(text)
    for figure in doctree.findall(nodes.figure):
        caption = next(iter(figure.findall(nodes.caption)), None)
        if caption is not None and figure.get("ids"):
            text = line(words(caption))
            yield f"{here}#{figure['ids'][0]}", f"{page}, figure", re.split(r"(?<=[.?!]) ", text)[0], text
    for claim in doctree.findall(proof_node):
        if claim.get("ids") and claim.get("title"):
            kind = claim.get("realtype", "theorem")
            yield f"{here}#{claim['ids'][0]}", f"{page}, {kind}", claim["title"], line(words(claim))


def section_title(node) -> str:
    """The title of the section that a node stands in."""
    while node is not None and not isinstance(node, nodes.section):
        node = node.parent
    title = next(iter(node.findall(nodes.title)), None) if node is not None else None
    return line(words(title)) if title is not None else ""


def before(node) -> list:
    """The elements that stand before a node under the same parent."""
    return node.parent.children[: node.parent.index(node)]


def collect(app, doctree, docname) -> None:
    if app.builder.format != "html":
        return
    if not hasattr(app.env, "book_index"):
        app.env.book_index = {}
    page = line(words(app.env.titles[docname]))
    numbers = app.env.toc_fignumbers.get(docname, {}).get("displaymath", {})
    app.env.book_index[docname] = list(entries(docname, doctree, page, numbers))


def forget(app, env, docname) -> None:
    getattr(env, "book_index", {}).pop(docname, None)


def merge(app, env, docnames, other) -> None:
    env.book_index = getattr(env, "book_index", {}) | getattr(other, "book_index", {})


def write(app, exception) -> None:
    if exception or app.builder.name != "html":
        return
    order = sorted(app.env.book_index)
    found = [entry for docname in order for entry in app.env.book_index[docname]]
    lines = ",\n".join(json.dumps(entry, ensure_ascii=False) for entry in found)
    (Path(app.outdir) / "_static" / INDEX).write_text(f"window.bookIndex = [\n{lines}\n];\n", encoding="utf-8")


def add_script(app, pagename, templatename, context, doctree) -> None:
    if pagename == "search":
        app.add_js_file("search.js", loading_method="defer", priority=920, **{"data-index": f"_static/{INDEX}"})


def setup(app) -> None:
    app.connect("doctree-resolved", collect)
    app.connect("env-purge-doc", forget)
    app.connect("env-merge-info", merge)
    app.connect("html-page-context", add_script)
    app.connect("build-finished", write, priority=100)
