"""The plain edition of a chapter: the notebook that its page gives to take home.

JupyterLab, Colab, VS Code and code hosts know Markdown, not the directives and roles of this book. So the page is read
once more after Sphinx has resolved it (numbers, references, sources) and written as Markdown with links to the site.
Code, outputs and live figures stay as they are; answers are folded; the first cell finds the package or gets it.

Nobody edits these notebooks: they are made with the site, and stand where its download button leads.
"""

from __future__ import annotations

import copy
import json
import re
from pathlib import Path
from urllib.parse import urljoin

import address
import notebooks
from docutils import nodes
from sphinx.util import logging

logger = logging.getLogger(__name__)
PLAIN = "plain"  # the folder in _build

FIRST_CELL = """\
# First, the book's package: it is here, or this cell gets it where that is the custom.
import os, sys
PACKAGE = '"{requirement}"'
try:
    from descent import explore
except ImportError:
    if "google.colab" not in sys.modules and not {{"KAGGLE_KERNEL_RUN_TYPE", "BINDER_SERVICE_HOST"}} & set(os.environ):
        raise ImportError(f"Get the book's package, then restart the kernel: pip install {{PACKAGE}}") from None
    get_ipython().run_line_magic("pip", f"install --quiet {{PACKAGE}}")
    for name in [name for name in sys.modules if name.split(".")[0] == "descent"]:
        del sys.modules[name]  # somebody else's, of the same name
"""
FIRST_CELL_NOWHERE = """\
# First, the book's package.
PACKAGE = '"path/to/the/repository[chapters]"'
try:
    from descent import explore
except ImportError:
    raise ImportError(
        "The book's package comes with the book's repository. From a copy of that, then restart the kernel: "
        f"pip install {{PACKAGE}}"
    ) from None
"""
COLAB = """
if "google.colab" in sys.modules:  # figures that move must be allowed there
    from google.colab import output
    output.enable_custom_widget_manager()
"""


def first_cell() -> dict:
    """The cell that finds the package or says in one line how to get it."""
    requirement = address.install()
    template = FIRST_CELL + COLAB if requirement else FIRST_CELL_NOWHERE
    source = template.format(requirement=requirement)
    return {
        "cell_type": "code",
        "id": "package",
        "metadata": {},
        "source": source.rstrip("\n"),
        "outputs": [],
        "execution_count": None,
    }


# ---------------------------------------------------------------- a page as cells


def edition(app, docname: str, doctree) -> dict:
    """The plain edition of a page, as a notebook."""
    notebook = copy.deepcopy(notebooks.load(Path(app.env.doc2path(docname))))
    sources = notebook["cells"]
    cells, text = [], []

    def end_of_cell():
        source = "\n\n".join(part for part in text if part).strip()
        text.clear()
        if source:
            cells.append({"cell_type": "markdown", "id": f"text-{len(cells)}", "metadata": {}, "source": source})

    first = True
    for kind, value in Page(app, docname).parts(doctree):
        if kind == "code":
            end_of_cell()
            index, folded = value
            cell = sources[index]
            if folded:
                cell["metadata"] |= {"jupyter": {"source_hidden": True, "outputs_hidden": True}, "cellView": "form"}
            if first:
                cells.append(first_cell())
                first = False
            cells.append(cell)
        else:
            if kind == "heading":
                end_of_cell()
            text.append(value)
    end_of_cell()
    note = f"*The plain edition of a chapter of “{app.config.html_title}”"
    page = address.site() and f"{address.site()}/{docname}.html"
    note += f". [The chapter on the book's site]({page}).*" if page else ": text, code and figures, to run and change.*"
    title = next(k for k, cell in enumerate(cells) if cell["cell_type"] == "markdown")
    heading, _, rest = cells[title]["source"].partition("\n")
    cells[title]["source"] = f"{heading}\n\n{note}\n\n{rest.strip()}".rstrip()
    notebook["cells"] = cells
    notebook["metadata"].pop("descent", None)
    notebook["metadata"].pop("myst", None)
    return notebook


class Page:
    """Writes the resolved document as Markdown, in parts: ("text" | "heading", Markdown), ("code", (index, folded))."""

    def __init__(self, app, docname: str) -> None:
        self.app, self.docname = app, docname
        self.site = address.site()
        self.unknown: set[str] = set()

    def parts(self, doctree):
        yield from self.flow(doctree.children, level=0, fold=None)
        for name in sorted(self.unknown):
            logger.info("plain edition: nothing writes a %s node of %s", name, self.docname)

    # ---- what stands in the page's flow

    def flow(self, children, level: int, fold: str | None):
        """`fold` is the summary of the folded answer that the children stand in."""
        shut = []  # the text of a folded answer, until a cell interrupts it
        shown = False

        def folded():
            nonlocal shown
            if shut:
                inner = "\n\n".join(shut)
                shut.clear()
                more = ", continued" if shown else ""
                yield "text", f"<details>\n<summary>{fold}{more}</summary>\n\n{inner}\n\n</details>"
            shown = True

        for node in children:
            if is_cell(node) and node["nb_element"] == "cell_code":
                yield from folded()
                yield "code", (node["cell_index"], fold is not None)
                for figure in node.findall(nodes.figure):
                    yield "text", self.block_figure_caption(figure)
            elif is_cell(node) or type(node).__name__ in ("SecondReading", "compound", "HideCodeCellNode"):
                yield from self.flow(node.children, level, fold)
            elif isinstance(node, nodes.section):
                yield from self.flow(node.children, level + 1, fold)
            elif isinstance(node, nodes.title) and isinstance(node.parent, (nodes.section, nodes.document)):
                yield "heading", f"{'#' * min(level, 6)} {self.inline(node)}"
            elif summary := self.summary(node):
                yield from self.flow(without_title(node), level, summary)
            elif has_cells(node):
                yield "text", f"**{self.title_of(node)}**" if self.title_of(node) else ""
                yield from self.flow(without_title(node), level, fold)
            elif markdown := self.block(node):
                if fold is None:
                    yield "text", markdown
                else:
                    shut.append(markdown)
        yield from folded()

    def summary(self, node) -> str | None:
        """The line that stands for a folded answer."""
        if type(node).__name__ == "dropdown_main":
            return plain_html(next(self.inline(child) for child in node.children if is_title(child)))
        if type(node).__name__ == "solution_node" or "dropdown" in getattr(node, "attributes", {}).get("classes", []):
            return plain_html(self.title_of(node)) or "Answer"
        return None

    def title_of(self, node) -> str:
        title = next((child for child in node.children if isinstance(child, nodes.title)), None)
        name = type(node).__name__
        text = self.inline(title) if title is not None else ""
        if name in ("exercise_enumerable_node", "exercise_node"):
            number = self.number("exercise", node)
            label = " ".join(filter(None, ["Exercise", number]))
            text = re.sub(r"^Exercise\s*%?s?\s*[\d.]*\s*", "", text).strip()
            return f"{label} {text}".strip()
        if "realtype" in getattr(node, "attributes", {}):
            label = " ".join(filter(None, [node["realtype"].title(), self.number(node.get("countertype", ""), node)]))
            return f"{label} {text}".strip()
        return text

    def number(self, kind: str, node) -> str:
        numbers = self.app.env.toc_fignumbers.get(self.docname, {}).get(kind, {})
        return ".".join(map(str, next((numbers[one] for one in node.get("ids", []) if one in numbers), ())))

    # ---- blocks

    def block(self, node) -> str:
        name = type(node).__name__
        writer = getattr(self, f"block_{name}", None)
        if writer:
            return writer(node)
        if isinstance(node, SILENT) or name in SILENT_NAMES:
            return ""
        if name in TRANSPARENT:
            return self.blocks(node.children)
        if isinstance(node, nodes.Admonition) or "realtype" in getattr(node, "attributes", {}):
            return self.boxed(node)
        if isinstance(node, (nodes.Inline, nodes.Text)):
            return self.inline_node(node)
        self.unknown.add(name)
        return self.blocks(node.children)

    def blocks(self, children) -> str:
        return "\n\n".join(filter(None, (self.block(child) for child in children)))

    def boxed(self, node) -> str:
        name = type(node).__name__
        title = self.title_of(node) or ("" if name == "admonition" else {"seealso": "See also"}.get(name, name.title()))
        return quoted(f"**{title}**\n\n{self.blocks(without_title(node))}" if title else self.blocks(node.children))

    def block_paragraph(self, node) -> str:
        text = self.inline(node)
        return re.sub(r"^(\s*)([#+-]|\d+[.)])(?=\s)", r"\1\\\2", text)

    def block_rubric(self, node) -> str:
        return f"**{self.inline(node)}**"

    def block_transition(self, node) -> str:
        return "---"

    def block_literal_block(self, node) -> str:
        language = node.get("language", "")
        return f"```{'' if language in ('none', 'default') else language}\n{node.astext().rstrip()}\n```"

    def block_doctest_block(self, node) -> str:
        return f"```python\n{node.astext()}\n```"

    def block_math_block(self, node) -> str:
        number = ""
        if node.get("number") is not None or node.get("label"):
            numbers = self.app.env.toc_fignumbers.get(self.docname, {}).get("displaymath", {})
            found = next((numbers[one] for one in node.get("ids", []) if one in numbers), None)
            number = ".".join(map(str, found)) if found else str(node.get("number") or "")
        tag = f" \\tag{{{number}}}" if number else ""
        return f"$$\n{node.astext().strip()}{tag}\n$$"

    def block_bullet_list(self, node) -> str:
        return self.listed(node, lambda k: "- ")

    def block_enumerated_list(self, node) -> str:
        start = node.get("start", 1)
        return self.listed(node, lambda k: f"{start + k}. ")

    def listed(self, node, mark) -> str:
        items = [indented(self.blocks(item.children), mark(k)) for k, item in enumerate(node.children)]
        loose = any("\n\n" in item for item in items)
        return ("\n\n" if loose else "\n").join(items)

    def block_definition_list(self, node) -> str:
        lines = []
        for item in node.children:
            terms = [self.inline(child) for child in item.children if isinstance(child, nodes.term)]
            body = [child for child in item.children if isinstance(child, nodes.definition)]
            lines.append(indented(f"**{', '.join(terms)}**: " + self.blocks(body[0].children if body else []), "- "))
        return "\n\n".join(lines)

    def block_glossary(self, node) -> str:
        return self.blocks(node.children)

    def block_field_list(self, node) -> str:
        return "\n".join(f"- **{self.inline(field[0])}**: {self.blocks(field[1].children)}" for field in node.children)

    def block_block_quote(self, node) -> str:
        return quoted(self.blocks(node.children))

    def block_attribution(self, node) -> str:
        return f"— {self.inline(node)}"

    def block_line_block(self, node) -> str:
        return "  \n".join(self.inline(line) for line in node.children)

    def block_table(self, node) -> str:
        rows = [[self.cell(entry) for entry in row.children] for row in node.findall(nodes.row)]
        heads = sum(len(head.children) for head in node.findall(nodes.thead))
        width = max(map(len, rows))
        if not heads:
            rows.insert(0, [""] * width)
        rows.insert(1, ["---"] * width)
        title = next((f"**{self.inline(child)}**\n\n" for child in node.children if isinstance(child, nodes.title)), "")
        return title + "\n".join("| " + " | ".join(row) + " |" for row in rows)

    def cell(self, entry) -> str:
        text = self.blocks(entry.children)
        return re.sub(r"\s*\n\s*", "<br>" if "\n\n" in text else " ", text).replace("|", r"\|")

    def block_figure_caption(self, figure) -> str:
        """What stands below the output of a cell, which the notebook itself does not show."""
        number = self.number("figure", figure)
        caption = next((self.inline(child) for child in figure.children if isinstance(child, nodes.caption)), "")
        return f"**Fig. {number}**: {caption}" if number else caption

    def block_figure(self, node) -> str:
        return self.blocks(node.children)

    def block_caption(self, node) -> str:
        return f"*{self.inline(node)}*"

    def block_image(self, node) -> str:
        return self.inline_image(node)

    def block_footnote(self, node) -> str:
        label, *rest = node.children
        return f"[{label.astext()}] {self.blocks(rest)}"

    def block_citation(self, node) -> str:
        return indented(self.blocks(child for child in node.children if not isinstance(child, nodes.label)), "- ")

    # ---- words

    def inline(self, node) -> str:
        return "".join(self.inline_node(child) for child in node.children).strip()

    def inline_node(self, node) -> str:
        writer = getattr(self, f"inline_{type(node).__name__}", None)
        if writer:
            return writer(node)
        if isinstance(node, SILENT) or type(node).__name__ in SILENT_NAMES:
            return ""
        return "".join(self.inline_node(child) for child in node.children)

    def inline_Text(self, node) -> str:
        text = re.sub(r"\s*\n\s*", " ", node.astext())
        text = re.sub(r"([\\`*$])", r"\\\1", text).replace("](", "]\\(")
        text = re.sub(r"(?<![^\W_])_|_(?![^\W_])", r"\\_", text)  # one between letters is harmless
        return text.replace("<", "&lt;")

    def inline_emphasis(self, node) -> str:
        return f"*{self.inline(node)}*"

    def inline_title_reference(self, node) -> str:
        return f"*{self.inline(node)}*"

    def inline_strong(self, node) -> str:
        return f"**{self.inline(node)}**"

    def inline_superscript(self, node) -> str:
        return f"<sup>{self.inline(node)}</sup>"

    def inline_subscript(self, node) -> str:
        return f"<sub>{self.inline(node)}</sub>"

    def inline_literal(self, node) -> str:
        text = node.astext()
        fence = "``" if "`" in text else "`"
        space = " " if "`" in text else ""
        return f"{fence}{space}{text}{space}{fence}"

    def inline_math(self, node) -> str:
        text = " ".join(node.astext().split())
        return f"${text}$"

    def inline_math_block(self, node) -> str:
        return f"\n\n{self.block_math_block(node)}\n\n"

    def inline_image(self, node) -> str:
        target = self.link(self.app.builder.images.get(node["uri"], node["uri"]))
        return f"![{node.get('alt', '')}]({target})" if target else node.get("alt", "")

    def inline_reference(self, node) -> str:
        text = "".join(self.inline_node(child) for child in node.children)
        uri = node.get("refuri") or (f"#{node['refid']}" if node.get("refid") else "")
        target = self.link(uri)
        return f"[{text}]({target})" if target and text else text

    inline_number_reference = inline_reference
    inline_pending_xref = inline_reference

    def inline_footnote_reference(self, node) -> str:
        return f"[{node.astext()}]"

    def link(self, uri: str) -> str | None:
        """Where a reference of the page leads, from anywhere; None where the site has no address."""
        if re.match(r"[a-z][a-z0-9+.-]*:", uri):
            return uri
        return urljoin(f"{self.site}/{self.docname}.html", uri) if self.site and uri else None


SILENT = (nodes.comment, nodes.target, nodes.raw, nodes.substitution_definition, nodes.system_message, nodes.label)
SILENT_NAMES = {"index", "Times", "toctree", "toctreenode", "HiddenCellNode", "meta", "tabular_col_spec"}
TRANSPARENT = {"document", "container", "compound", "topic", "legend", "compact_paragraph", "bibliography", "list_item"}
TRANSPARENT |= {"HideCodeCellNode", "PageExercise"}
TRANSPARENT |= {"definition", "section", "definition_list_item", "proof_node", "sidebar", "only", "citations", "Figure"}


def is_cell(node) -> bool:
    return isinstance(node, nodes.container) and "nb_element" in node


def has_cells(node) -> bool:
    return isinstance(node, nodes.Element) and any(
        is_cell(inner) and inner["nb_element"] == "cell_code" for inner in node.findall(nodes.container)
    )


def without_title(node) -> list:
    return [child for child in node.children if not is_title(child)]


def is_title(node) -> bool:
    return isinstance(node, nodes.title) or type(node).__name__ == "dropdown_title"


def indented(text: str, mark: str) -> str:
    """An item of a list: what belongs to it stands under its first letter."""
    lines = text.split("\n")
    return mark + "\n".join([lines[0], *(f"{' ' * len(mark)}{line}" if line else "" for line in lines[1:])])


def quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.split("\n"))


def plain_html(markdown: str) -> str:
    """A title as the summary of a fold, which is HTML: no links, no escapes."""
    return re.sub(r"\\([\\`*$_(])", r"\1", re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", markdown)).replace("**", "")


# ---------------------------------------------------------------- with the site


def keep(app, pagename, templatename, context, doctree) -> None:
    if doctree is None or app.builder.name != "html" or not app.env.doc2path(pagename).endswith(".ipynb"):
        return
    path = Path(app.outdir).parent / PLAIN / f"{pagename}.ipynb"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(edition(app, pagename, doctree), indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def hand_out(app, exception) -> None:
    """The page's download button leads to the source's place: there stands the plain edition."""
    if exception or app.builder.name != "html":
        return
    for path in sorted((Path(app.outdir).parent / PLAIN).rglob("*.ipynb")):
        source = Path(app.outdir) / "_sources" / path.relative_to(Path(app.outdir).parent / PLAIN)
        if source.exists():
            source.write_bytes(path.read_bytes())


def setup(app) -> None:
    app.connect("html-page-context", keep, priority=100)
    app.connect("build-finished", hand_out)
