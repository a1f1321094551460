"""Run the book's notebooks, and store what they printed so that it never moves by itself.

    python code/site/notebooks.py                 run what changed since its outputs were stored
    python code/site/notebooks.py --all           run everything
    python code/site/notebooks.py chapters/adam.ipynb

The site shows committed outputs and runs nothing, so two builds of one commit give the same bytes.
The price is that somebody has to notice when an output is out of date:

- a notebook's metadata carries the digest of the code cells that made its outputs;
- _build/executed.json (not committed) remembers the digest of the package they imported. Where it
  says nothing, as in a fresh clone, the committed outputs are taken to belong to the committed code;
  `make test` compares the two.
"""

from __future__ import annotations

import argparse
import base64
import hashlib
import json
import re
import sys
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from pictures import lightened

ROOT = Path(__file__).resolve().parents[2]
CHAPTERS = ROOT / "chapters"
PACKAGE = ROOT / "code" / "descent"
RECORD = ROOT / "_build" / "executed.json"

WIDGET_STATE = "application/vnd.jupyter.widget-state+json"
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class NotebookError(Exception):
    """A notebook that cannot be used; the message names the file, the cell and the cure."""


# ---------------------------------------------------------------- what is out of date


def text(source) -> str:
    """A notebook stores long strings as lists of lines."""
    return source if isinstance(source, str) else "".join(source)


def code_digest(notebook: dict) -> str:
    """A digest of everything in the notebook that its outputs depend on: its code, in order."""
    digest = hashlib.sha256()
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            digest.update(text(cell["source"]).encode() + b"\0")
    return digest.hexdigest()[:16]


def package_digest() -> str:
    digest = hashlib.sha256()
    for path in sorted(PACKAGE.rglob("*")):
        if path.suffix in {".py", ".npz", ".json", ".csv"}:  # scripts and styles compute nothing: see renew_figures
            digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


def chapters() -> list[Path]:
    return sorted(path for path in CHAPTERS.rglob("*.ipynb") if ".ipynb_checkpoints" not in path.parts)


def name(path: Path) -> str:
    path = path.resolve()
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else str(path)


def load(path: Path) -> dict:
    try:
        notebook = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise NotebookError(f"{name(path)}: there is no such notebook.") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise NotebookError(
            f"{name(path)}: not a notebook ({error}). A merge conflict? Restore it from git and save it again."
        ) from None
    if notebook.get("nbformat") != 4:
        raise NotebookError(
            f"{name(path)}: notebook format {notebook.get('nbformat')}, expected 4. Open and save it in JupyterLab."
        )
    return notebook


def why_outdated(notebook: dict) -> str | None:
    """Why the stored outputs do not belong to the code cells above them; None if they do."""
    for number, cell in code_cells(notebook):
        if text(cell["source"]).strip() and cell.get("execution_count") is None:
            return f"{describe(number, cell)} was never run"
    stored = notebook["metadata"].get("descent", {}).get("code")
    if stored is None:
        return "its outputs were not stored by `make notebooks`"
    if stored != code_digest(notebook):
        return "a code cell changed after its outputs were stored"
    if "version" in notebook["metadata"].get("language_info", {}):
        return "another program (JupyterLab, say) saved it"
    return why_figures_outdated(notebook)


def why_figures_outdated(notebook: dict) -> str | None:
    """A notebook carries a copy of the figures' front end, so that JupyterLab shows them without a kernel."""
    for state, front, now in stored_fronts(notebook):
        if (state["_esm"], front["script"], front["style"]) != now:
            return "its figures were stored with another version of code/descent/figures"
    return None


def renew_figures(path: Path) -> None:
    """Store the front end as it is now: for that no cell need run."""
    import nbformat

    notebook = nbformat.read(path, as_version=4)
    for state, front, now in stored_fronts(notebook):
        state["_esm"], front["script"], front["style"] = now
    path.write_text(nbformat.writes(notebook) + "\n", encoding="utf-8")


def stored_fronts(notebook: dict):
    """Yield for each figure its stored state, that of the front end it was stored with, and what they hold by now."""
    models = stored_models(notebook)
    ours = [model["state"] for model in models.values() if is_ours(model["state"])]
    if ours:
        from descent.figures.widget import bundle, entry, stylesheet

        now = entry(), bundle(), stylesheet()
        for state in ours:
            yield state, models[state["front"].removeprefix("IPY_MODEL_")]["state"], now


def stored_models(notebook: dict) -> dict:
    """The widgets whose state the notebook stores."""
    return notebook["metadata"].get("widgets", {}).get(WIDGET_STATE, {}).get("state", {})


def is_ours(state: dict) -> bool:
    return state.get("_anywidget_id", "").startswith("descent.")


def code_cells(notebook: dict):
    """The code cells with their number among all code cells, counted from 1 as In [1] does."""
    return enumerate((cell for cell in notebook["cells"] if cell["cell_type"] == "code"), start=1)


def describe(number: int, cell: dict) -> str:
    first = next((line for line in text(cell["source"]).splitlines() if line.strip()), "")
    return f"code cell {number} ({first.strip()[:60]!r})"


# ---------------------------------------------------------------- running


def run(path: Path) -> None:
    """Run one notebook from the top in a fresh kernel and store it, normalised."""
    import nbformat
    from kernel import CELL_SECONDS, notebook_client
    from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

    load(path)
    notebook = nbformat.read(path, as_version=4)
    running = {}

    def remember(cell, cell_index):
        running.update(cell=cell, number=1 + sum(c.cell_type == "code" for c in notebook.cells[:cell_index]))

    client = notebook_client(notebook, path.parent, on_cell_start=remember)
    try:
        client.execute()
    except CellExecutionError as error:
        reason = f"{error.ename}: {error.evalue}".strip()
        line = failing_line(error.traceback, running["cell"].source)
        raise NotebookError(message(path, running, reason + line)) from None
    except CellTimeoutError:
        raise NotebookError(message(path, running, f"still running after {CELL_SECONDS} s")) from None
    except DeadKernelError:
        raise NotebookError(message(path, running, "the kernel died")) from None
    for number, cell in code_cells(notebook):
        if text(cell.source).strip() and cell.execution_count is None:
            raise NotebookError(message(path, {"cell": cell, "number": number}, "was not run"))
    path.write_text(nbformat.writes(normalised(notebook)) + "\n", encoding="utf-8")


def failing_line(traceback: str, source: str) -> str:
    """The line of the cell at which it stopped, read from IPython's traceback; '' if it is not there."""
    plain = re.sub(r"\x1b\[[0-9;]*m", "", traceback)
    numbers = re.findall(r"Cell In\[\d+\], line (\d+)", plain)
    lines = source.splitlines()
    if numbers and int(numbers[-1]) <= len(lines):
        return f"\n    line {numbers[-1]}: {lines[int(numbers[-1]) - 1].strip()}"
    return ""


def message(path: Path, running: dict, reason: str) -> str:
    where = describe(running["number"], running["cell"]) if running else "the kernel did not start"
    return (
        f"{name(path)}, {where}:\n    {reason}\n"
        f"    Cure: mend that cell (.venv/bin/jupyter lab {name(path)}), or the code it calls, "
        f"and run `make book` again."
    )


# ---------------------------------------------------------------- the same run, the same bytes


def normalised(notebook):
    """The executed notebook without what differs from run to run, or from machine to machine."""
    metadata = notebook.metadata
    metadata.kernelspec = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    metadata.get("language_info", {}).pop("version", None)
    metadata.descent = {"code": code_digest(notebook)}
    for position, cell in enumerate(notebook.cells, start=1):
        cell.setdefault("id", f"cell-{position}")
        if cell.cell_type == "code":
            cell.metadata.pop("execution", None)
            for output in cell.outputs:
                if "image/png" in output.get("data", {}):
                    output.data["image/png"] = light(output.data["image/png"])
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    rename_widgets(notebook)
    return notebook


def light(picture: str) -> str:
    """A stored picture (PNG in base64) with fewer colours: notebooks stay small, and so do the pages."""
    return base64.b64encode(lightened(base64.b64decode(picture))).decode()


def rename_widgets(notebook) -> None:
    """Number the widget models in the order in which the page meets them; drop the others.

    A kernel names models at random, and keeps those of cells that made a widget and threw it away.
    """
    widgets = notebook.metadata.get("widgets", {}).get(WIDGET_STATE)
    if widgets is None:
        return
    state, order = widgets["state"], {}

    def visit(model_id):
        if model_id in state and model_id not in order:
            order[model_id] = f"widget-{len(order) + 1:04d}"
            for child in re.findall(r"IPY_MODEL_([\w-]+)", json.dumps(state[model_id]["state"], sort_keys=True)):
                visit(child)

    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            view = output.get("data", {}).get(WIDGET_VIEW)
            if view:
                visit(view["model_id"])
    for model in list(order):  # outputs shown inside an Output widget may be widgets too
        for output in state[model]["state"].get("outputs", []):
            view = output.get("data", {}).get(WIDGET_VIEW)
            if view:
                visit(view["model_id"])
    if not order:
        del notebook.metadata["widgets"]
        return

    def renamed(value):
        if isinstance(value, dict):
            return {key: renamed(item) for key, item in value.items()}
        if isinstance(value, list):
            return [renamed(item) for item in value]
        if isinstance(value, str):
            return order.get(
                value, re.sub(r"IPY_MODEL_([\w-]+)", lambda m: "IPY_MODEL_" + order.get(m[1], m[1]), value)
            )
        return value

    widgets["state"] = {order[model]: renamed(state[model]) for model in order}
    for model in widgets["state"].values():
        if model["state"].get("_model_name") == "OutputModel":
            model["state"]["msg_id"] = ""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if WIDGET_VIEW in output.get("data", {}):
                output["data"][WIDGET_VIEW] = renamed(output["data"][WIDGET_VIEW])


# ---------------------------------------------------------------- the command


def main() -> int:
    parser = argparse.ArgumentParser(description="Run the notebooks whose stored outputs are out of date.")
    parser.add_argument("--all", action="store_true", help="run every notebook")
    parser.add_argument("notebooks", nargs="*", type=Path, help="run these (default: those that changed)")
    options = parser.parse_args()
    try:
        return bring_up_to_date(options)
    except NotebookError as error:
        print(f"\nA notebook does not run.\n  {error}\n", file=sys.stderr)
        return 1


def bring_up_to_date(options) -> int:
    package = package_digest()
    record = json.loads(RECORD.read_text()) if RECORD.exists() else {}
    due = {}
    for path in options.notebooks or chapters():
        if why_figures_outdated(load(path)):
            renew_figures(path)
        reason = why_outdated(load(path))
        if options.all or options.notebooks:
            reason = reason or "asked for"
        elif record.get(name(path), package) != package:
            reason = reason or "code/descent changed"
        if reason:
            due[path] = reason
        else:
            record[name(path)] = package

    def remember():
        RECORD.parent.mkdir(exist_ok=True)
        RECORD.write_text(json.dumps(record, indent=1, sort_keys=True) + "\n")

    remember()
    with ProcessPoolExecutor(max_workers=2) as pool:
        jobs = {}
        for path, reason in due.items():
            print(f"running {name(path)}: {reason}", flush=True)
            jobs[path] = pool.submit(run, path)
        for path, job in jobs.items():
            try:
                job.result()
            except NotebookError:
                pool.shutdown(cancel_futures=True)
                raise
            record[name(path)] = package
            remember()
    return 0


if __name__ == "__main__":
    sys.exit(main())
