"""Python in the page: the cells of a chapter run where they are read, without a server.

`make page-python` builds a folder, _build/page-python (code/site/python/build.py). If it is there, a build copies it to
_python/ with the book's package and each chapter's cells, and each chapter gets a small script, _python/door.js, that
puts a button on its cells. If it is not, or a host leaves the folder out, pages are as without it.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import sys
from pathlib import Path

import figures
import notebooks
from sphinx.transforms import SphinxTransform

HERE = Path(__file__).parent / "python"
BUILT = notebooks.ROOT / "_build" / "page-python"
FOLDER = "_python"  # in the site
FETCHED_LATER = ("loader.js", "descent/explore.js", "descent/explore.css", "descent/edit.js")  # of _static
OURS = ("door.js", "cells.js", "cells.css", "worker.js")

sys.path.insert(0, str(HERE))
from build import archive  # noqa: E402

sys.path.pop(0)


def is_built() -> bool:
    return (BUILT / "runtime.json").exists()


# ---------------------------------------------------------------- on the page


class Cells(SphinxTransform):
    """Each cell has a place on its page by its number among the notebook's cells."""

    default_priority = 420

    def apply(self, **kwargs) -> None:
        for cell in self.document.findall(figures.is_cell):
            cell["ids"].append(f"cell-{cell['cell_index']}")


def add_door(app, pagename, templatename, context, doctree) -> None:
    source = app.env.doc2path(pagename) if pagename in app.env.found_docs else ""
    if is_built() and str(source).endswith(".ipynb"):
        context["book_python"] = f"{context['content_root']}{FOLDER}/door.js?v={version()}"


def version() -> str:
    """Changes with each of the scripts that the door leads to."""
    return hashlib.sha256(b"".join((HERE / name).read_bytes() for name in OURS)).hexdigest()[:8]


# ---------------------------------------------------------------- the folder


def copy(app, exception) -> None:
    if exception or app.builder.name != "html":
        return
    site = Path(app.outdir)
    target = site / FOLDER
    shutil.rmtree(target, ignore_errors=True)
    if not is_built():
        return
    shutil.copytree(BUILT, target)
    for name in OURS:
        if not (target / name).exists():  # another runtime brings its own worker
            shutil.copyfile(HERE / name, target / name)
    runtime = json.loads((target / "runtime.json").read_text(encoding="utf-8"))
    runtime["parts"]["book"] = part("book", archive(package()), target)
    runtime["versions"] = {name: hashlib.sha256((target / name).read_bytes()).hexdigest()[:8] for name in OURS}
    runtime["figures"] = figures.fetched_later()
    (target / "runtime.json").write_text(json.dumps(runtime), encoding="utf-8")
    for docname in sorted(app.env.found_docs):
        path = Path(app.env.doc2path(docname))
        if path.suffix == ".ipynb":
            (target / f"{path.stem}.json").write_text(json.dumps(cells(path), ensure_ascii=False), encoding="utf-8")


def part(name: str, data: bytes, folder: Path) -> dict:
    """A part of the runtime as it is sent: its name changes with what it holds."""
    file = f"{name}-{hashlib.sha256(data).hexdigest()[:10]}.gz"
    packed = gzip.compress(data, 9, mtime=0)
    (folder / file).write_bytes(packed)
    return {"file": file, "bytes": len(data), "packed": len(packed)}


def package() -> dict[str, bytes]:
    """The book's package and the page's kernel, as files that Python can open by their paths."""
    root = notebooks.PACKAGE.parent
    suffixes = {".py", ".json", ".npz", ".csv"}
    files = {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(notebooks.PACKAGE.rglob("*"))
        if path.is_file() and path.suffix in suffixes and "vendor" not in path.parts and "__pycache__" not in path.parts
    }
    entry = notebooks.PACKAGE / "figures" / "entry.js"
    files[entry.relative_to(root).as_posix()] = entry.read_bytes()
    return files | {name: (HERE / name).read_bytes() for name in ("page_kernel.py", "page_backend.py")}


def cells(path: Path) -> list[dict]:
    """The code cells of a notebook in their order: what runs, and the tables and texts it showed as Markdown."""
    found = []
    for index, cell in enumerate(notebooks.load(path)["cells"]):
        if cell["cell_type"] == "code":
            shown = [notebooks.text(output.get("data", {}).get("text/markdown", "")) for output in cell["outputs"]]
            alt = cell["metadata"].get("mystnb", {}).get("image", {}).get("alt", "")
            found.append({"index": index, "source": notebooks.text(cell["source"]), "shown": shown, "alt": alt})
    return found


def setup(app) -> None:
    app.add_transform(Cells)
    app.connect("html-page-context", add_door)
    app.connect("build-finished", copy, priority=980)
