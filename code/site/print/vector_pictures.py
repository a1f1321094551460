"""The pictures of the chapters as lines and letters (PDF), for print. Called by make.py.

A notebook stores its pictures as dots. Here it is run once more, with a kernel that also gives each picture as a PDF;
which belongs to which is known by their places. The notebook itself is not changed.
"""

from __future__ import annotations

import base64
import hashlib
import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import notebooks

FOLDER = notebooks.ROOT / "_build" / "paper" / "pictures"
PDF = "application/pdf"
KERNEL = """
import base64, io
import matplotlib
from matplotlib.figure import Figure
from descent.figures.widget import Explore

def pdf(figure):
    drawn = io.BytesIO()
    with matplotlib.rc_context({"pdf.fonttype": 42}):  # letters that a reader can search and copy
        figure.savefig(drawn, format="pdf", bbox_inches="tight", metadata={"CreationDate": None})
    return drawn.getvalue()

def with_pdf(self, plain=Explore._repr_mimebundle_, **options):
    data, metadata = plain(self, **options)
    return data | {"application/pdf": base64.b64encode(pdf(self.still())).decode()}, metadata

get_ipython().run_line_magic("matplotlib", "inline")  # which forgets what was said before of figures
get_ipython().display_formatter.formatters["application/pdf"].for_type(Figure, pdf)
Explore._repr_mimebundle_ = with_pdf
"""


def shown(notebook):
    """The outputs of a notebook in their order, those inside widgets after those of the cells, as {type: data}."""
    for cell in notebook["cells"]:
        yield from (output.get("data", {}) for output in cell.get("outputs", []))
    models = notebooks.stored_models(notebook)
    for output in (output for model in models.values() for output in model["state"].get("outputs", [])):
        yield output.get("data", {})


def seen(notebook) -> str:
    """A digest of the code and the pictures of a notebook: what is drawn anew when it changes."""
    pictures = "".join(str(data.get("image/png")) for data in shown(notebook))
    return hashlib.sha256((notebooks.code_digest(notebook) + pictures).encode()).hexdigest()[:16]


def draw(path: Path) -> dict[str, bytes]:
    """Run a notebook; return its pictures, {name that the site gives a picture: PDF}."""
    import nbformat
    from kernel import notebook_client

    stored = notebooks.load(path)
    notebook = nbformat.read(path, as_version=4)
    notebook.cells.insert(0, nbformat.v4.new_code_cell(KERNEL))
    notebook_client(notebook, path.parent).execute()
    del notebook.cells[0]
    notebooks.rename_widgets(notebook)
    pictures = {}
    before, after = list(shown(stored)), list(shown(notebook))
    if len(before) != len(after):
        raise notebooks.NotebookError(f"{notebooks.name(path)} shows other things than it stores: make notebooks")
    for dots, lines in zip(before, after):
        if "image/png" in dots and PDF in lines:
            name = hashlib.sha256(base64.b64decode(dots["image/png"])).hexdigest()
            pictures[name] = base64.b64decode(lines[PDF])
    return pictures


def bring_up_to_date() -> None:
    """Draw the pictures of each notebook that changed since they were last drawn."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    index_file, record_file = FOLDER / "index.json", FOLDER / "drawn.json"
    record = json.loads(record_file.read_text()) if record_file.exists() else {}
    index = json.loads(index_file.read_text()) if index_file.exists() else {}
    package = notebooks.package_digest()
    now = {path: f"{package} {seen(notebooks.load(path))}" for path in notebooks.chapters()}
    due = [path for path in now if record.get(path.name) != now[path]]
    with ProcessPoolExecutor(max_workers=2) as pool:
        for path, pictures in zip(due, pool.map(draw, due)):
            print(f"{notebooks.name(path)}: {len(pictures)} pictures", flush=True)
            for name, content in pictures.items():
                (FOLDER / f"{name}.pdf").write_bytes(content)
                index[name] = f"{name}.pdf"
            record[path.name] = now[path]
            index_file.write_text(json.dumps(index, indent=1, sort_keys=True))
            record_file.write_text(json.dumps(record, indent=1, sort_keys=True))


if __name__ == "__main__":
    bring_up_to_date()
