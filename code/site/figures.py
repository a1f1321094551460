"""Figures on a page without a kernel.

Three kinds of output need help. The transform runs while a notebook is read, before myst-nb chooses
one form of each output, because here two forms of one output are needed at the same time.

- An Explore figure: its still picture goes on the page for readers without JavaScript, for print and
  for the moment before the script has drawn; its state goes at the end of the page, for the script.
- Any other widget (an `interact` cell, say) needs a kernel: its still picture and one sentence.
- A picture must say in words what it shows: no picture without alternative text.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import re
from functools import cache
from html import escape
from pathlib import Path

import address
import notebooks
from docutils import nodes
from myst_nb.sphinx_ import NbMetadataCollector
from sphinx.errors import ExtensionError
from sphinx.transforms import SphinxTransform
from sphinx.util import logging

try:
    from descent.figures.widget import bundle, stylesheet
except ModuleNotFoundError as error:
    raise ExtensionError(
        f"The book's own package cannot be imported ({error}). "
        "Install it and what it needs: pip install -r requirements.txt"
    ) from None

ASSETS = "descent-assets"  # in the build folder: the script and style sheet every page shares
EXPORT = re.compile(r"export default \{\s*render\s*\};\s*$")
logger = logging.getLogger(__name__)


# ---------------------------------------------------------------- the widgets a notebook stores


def moves(state: dict) -> bool:
    """Whether the page's own script can run this model."""
    return notebooks.is_ours(state) and not state.get("needs_kernel")


def stills(model_id: str, models: dict):
    """The last picture or text that each Output inside a widget shows, as (kind, data)."""
    state = models.get(model_id, {}).get("state", {})
    for output in state.get("outputs", []):
        if "image/png" in output.get("data", {}):
            yield "image/png", output["data"]["image/png"]
        elif output.get("output_type") == "stream":
            yield "text/plain", notebooks.text(output["text"])
        elif "text/plain" in output.get("data", {}):
            yield "text/plain", notebooks.text(output["data"]["text/plain"])
    for child in state.get("children", []):
        yield from stills(child.removeprefix("IPY_MODEL_"), models)


# ---------------------------------------------------------------- the transform


class Figure(nodes.General, nodes.Element):
    """A figure on the page: its children are the still; attributes `view`, `words`, `inner`."""


class Figures(SphinxTransform):
    default_priority = 400

    def apply(self, **kwargs) -> None:
        source = Path(self.env.doc2path(self.env.docname))
        if source.suffix != ".ipynb":
            return
        self.notebook = notebooks.load(source)
        self.models = notebooks.stored_models(self.notebook)
        on_page = {}
        for cell in list(self.document.findall(is_cell)):
            self.where = f"{notebooks.name(source)}, {self.describe(cell['cell_index'])}"
            for output in list(cell.findall(is_bundle)):
                self.replace_widget(output, cell, on_page)
            for image in cell.findall(nodes.image):
                self.check_alternative(image)
        # myst-nb would put the whole state of every widget on the page: the front end, which the site has
        # in a file of its own, and the still of each `interact` once more. The script needs only the rest.
        js_files = NbMetadataCollector.get_js_files(self.env, self.env.docname)
        js_files.pop("ipywidgets_state", None)
        if on_page:
            state = json.dumps({"version_major": 2, "version_minor": 0, "state": on_page}, sort_keys=True)
            self.document += nodes.raw("", script(notebooks.WIDGET_STATE, state), format="html")

    def describe(self, cell_index: int) -> str:
        cells = self.notebook["cells"]
        number = sum(cell["cell_type"] == "code" for cell in cells[: cell_index + 1])
        return notebooks.describe(number, cells[cell_index])

    def replace_widget(self, output, cell, on_page: dict) -> None:
        forms = {form["mime_type"]: form for form in output.children}
        if notebooks.WIDGET_VIEW not in forms:
            return
        view = json.loads(re.search(r">(.*)</script>", forms[notebooks.WIDGET_VIEW].astext(), re.S)[1])
        model_id = view["model_id"]
        model = self.models.get(model_id)
        if model is None:
            self.warn("the notebook does not store the state of its widget", "Run `make notebooks`.")
            return
        state = model["state"]
        figure = Figure(inner=isinstance(output.parent, nodes.figure))
        if moves(state):
            if "image/png" not in forms:
                self.warn("the figure has no still picture", "Run `make notebooks`.")
                return
            figure["view"] = model_id
            figure["words"] = state.get("alt") or forms["text/plain"].astext()
            figure += forms["image/png"].children
            figure.children[0]["alt"] = figure["words"]
            on_page[model_id] = model | {
                "state": {key: value for key, value in state.items() if key not in ("_esm", "front")}
            }
        else:
            options = cell["cell_metadata"].get("mystnb", {}).get("image", {})
            pictures = list(forms["image/png"].children) if "image/png" in forms else []
            if not pictures:
                pictures = [self.still(kind, data) for kind, data in stills(model_id, self.models)]
            if not pictures:
                self.warn(
                    "a widget that needs Python, and no picture to stand for it",
                    "Let it show a plot or print something inside an Output, as `interact` does.",
                )
            for picture in pictures:
                if isinstance(picture, nodes.image):
                    picture["alt"] = state.get("alt") or options.get("alt", "")
            figure += pictures
        output.replace_self(figure)

    def still(self, kind: str, data: str):
        if kind == "text/plain":
            return nodes.literal_block(data, data, language="none", classes=["output", "stream"])
        content = base64.b64decode(data)
        path = Path(self.env.mystnb_config.output_folder) / f"{hashlib.sha256(content).hexdigest()}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
        return nodes.image(uri="/" + os.path.relpath(path, self.app.srcdir))

    def check_alternative(self, image) -> None:
        if not image.get("alt"):
            self.warn(
                "a picture without alternative text",
                'Add to the cell\'s metadata: {"mystnb": {"image": {"alt": "what the picture shows"}}}.',
            )

    def warn(self, fault: str, cure: str) -> None:
        logger.warning("%s: %s. %s", self.where, fault, cure, type="book", subtype="figure")


def is_cell(node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "cell_code"


def is_bundle(node) -> bool:
    return isinstance(node, nodes.container) and node.get("nb_element") == "mime_bundle"


def script(kind: str, body: str) -> str:
    """Data for a script to read; `<` is written so that no text in it can end the element."""
    return f'<script type="{kind}">' + body.replace("<", "\\u003c") + "</script>"


# ---------------------------------------------------------------- HTML


def visit_html(self, node) -> None:
    tag = "div" if node["inner"] else "figure"
    kind = "moves" if "view" in node else "needs-python"
    self.body.append(f'<{tag} class="descent-figure descent-figure--{kind}">\n<div class="descent-stage">\n')


def depart_html(self, node) -> None:
    tag, caption = ("div", "div") if node["inner"] else ("figure", "figcaption")
    self.body.append(f'</div>\n<{caption} class="descent-caption">')
    if "view" in node:
        self.body.append(
            "<noscript><p>With JavaScript on, this figure moves.</p></noscript>"
            f'<details class="descent-words"><summary>In words</summary><p>{escape(node["words"])}</p></details>'
            f"</{caption}>\n"
            + script(
                notebooks.WIDGET_VIEW, json.dumps({"version_major": 2, "version_minor": 0, "model_id": node["view"]})
            )
        )
    else:
        link = address.binder(self.builder.current_docname)
        where = f'<a href="{escape(link)}">on Binder</a> or in JupyterLab' if link else "in JupyterLab"
        self.body.append(f"<p>This one needs Python: open the page {where} to move it.</p></{caption}>\n")
    self.body.append(f"</{tag}>\n")


def pass_by(self, node) -> None:
    """In print formats the still stands alone."""


# ---------------------------------------------------------------- scripts


@cache
def scripts() -> dict[str, str]:
    """The front end and the editor, once for the whole site, as classic scripts: modules do not load from file://."""
    module = bundle()
    if not EXPORT.search(module):
        raise ExtensionError("code/descent/figures/front: the joined scripts must end in `export default { render };`.")
    classic = "window.descentExplore = (() => {\n" + EXPORT.sub("return { render, readHash };\n", module) + "})();\n"
    own = (
        "return { open, openExercise, parts: { codemirror, python, colours, indents } };"  # the parts: python/cells.js
    )
    editor = bundle("edit/edit.js").replace("export default { open, openExercise };", own)
    editor = f"window.descentEditor = (() => {{\n{editor}}})();\n"
    classic += (
        f'window.descentEditorAddress = new URL("edit.js?v={version(editor)}", document.currentScript.src).href;\n'
    )
    return {"explore.js": classic, "edit.js": editor}


def version(script: str) -> str:
    return hashlib.sha256(script.encode()).hexdigest()[:8]


def fetched_later() -> dict[str, str]:
    """Where, beside themselves, the page's own scripts find these when a reader comes to a figure or an editor."""
    return {
        f"data-{role}": f"descent/{name}?v={version(scripts()[name])}"
        for role, name in (("front", "explore.js"), ("editor", "edit.js"))
    }


def write_assets(app) -> None:
    folder = Path(app.outdir).parent / ASSETS / "descent"
    folder.mkdir(parents=True, exist_ok=True)
    for name, script in scripts().items():
        (folder / name).write_text(script, encoding="utf-8")
    (folder / "explore.css").write_text(stylesheet(), encoding="utf-8")
    app.config.html_static_path.append(str(folder.parent))


def add_scripts(app, pagename, templatename, context, doctree) -> None:
    if "descent-figure--moves" in context.get("body", ""):
        app.add_css_file("descent/explore.css")
        app.add_js_file("loader.js", loading_method="defer", **fetched_later())


def setup(app) -> None:
    app.add_node(
        Figure,
        html=(visit_html, depart_html),
        **{kind: (pass_by, pass_by) for kind in ("latex", "text", "man", "texinfo")},
    )
    app.add_transform(Figures)
    app.connect("builder-inited", write_assets)
    app.connect("html-page-context", add_scripts)
