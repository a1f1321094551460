"""Before you hand in: what will the grader be able to read?   python check.py adam

Says what it finds in a notebook, and nothing about marks: whether it can be opened, which of your cells are still as
they were given out, whether names that the checks look for are defined, and what keeps it from running from the top.
"""

import ast
import json
import re
import sys
from pathlib import Path

LARGEST = 20_000_000  # bytes


def look_at(path):
    """Return sentences about a notebook: (what has to be mended, what is worth knowing)."""
    if path.suffix != ".ipynb":
        return [f"{path.name} is not a notebook: hand in the file that ends in .ipynb."], []
    if path.stat().st_size > LARGEST:
        return ["The notebook has more than 20 MB: clear the outputs of large cells."], []
    try:
        notebook = json.loads(path.read_text(encoding="utf-8-sig"))
        cells = notebook["cells"]
    except (ValueError, KeyError, TypeError):
        return ["The notebook cannot be opened: open it in JupyterLab, save it, and try again."], []
    bad, good = [], []
    language = notebook.get("metadata", {}).get("kernelspec", {}).get("language", "python")
    if language != "python":
        bad.append(f"The notebook is set to {language}: Kernel → Change Kernel → Python 3.")
    seen, defined, empty, unwritten = set(), set(), 0, 0
    for cell in cells:
        source, ours = "".join(cell.get("source", "")), cell.get("metadata", {}).get("nbgrader", {})
        name = ours.get("grade_id")
        if name in seen and name:
            good.append(f"There are two cells {name}: what is in the first counts, and a person reads the other.")
        seen.add(name)
        if ours.get("solution") and cell["cell_type"] == "markdown":
            unwritten += source.strip() in ("", "*Your answer here.*")
        if cell["cell_type"] != "code":
            continue
        if ours.get("solution") and "Your code goes here." in source:
            empty += 1
        try:
            tree = ast.parse(re.sub(r"(?m)^\s*[%!].*$", "", source))
        except SyntaxError as error:
            bad.append(f"The cell {name or 'of your own'} is not Python in line {error.lineno}: {error.msg}.")
            continue
        defined |= {node.name for node in tree.body if isinstance(node, (ast.ClassDef, ast.FunctionDef))}
    stamp = notebook.get("metadata", {}).get("assignment")
    if not isinstance(stamp, dict):
        good.append("The notebook does not say which assignment it is: keep its name, so that it can be told.")
    if empty:
        good.append(f"{empty} of the cells for code are still as they were given out.")
    if unwritten:
        good.append(f"{unwritten} of the written answers are empty.")
    counts = [cell.get("execution_count") for cell in cells if cell["cell_type"] == "code" and cell.get("source")]
    if counts != list(range(1, len(counts) + 1)):
        good.append(
            "It was not run from top to bottom in one go: Kernel → Restart Kernel and Run All Cells, then save."
        )
    good.append("Defined here: " + (", ".join(sorted(defined)) or "nothing") + ".")
    return bad, good


def main():
    names = sys.argv[1:] or [path.parent.name for path in sorted(Path().glob("*/*.ipynb"))]
    failed = False
    for name in names:
        path = Path(name) / f"{name}.ipynb" if Path(name).is_dir() else Path(name)
        if not path.exists():
            print(f"There is no {path}.")
            failed = True
            continue
        bad, good = look_at(path)
        failed |= bool(bad)
        print(f"{path}: " + ("the grader can read it." if not bad else "to be mended before you hand it in."))
        for sentence in bad + good:
            print(f"  - {sentence}")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
