"""Make the zip that Gradescope wants of an autograder, and run it there.

    python assignments/gradescope.py adam --term 2027-spring     writes
    _build/assignments/2027-spring/gradescope-adam.zip

In Gradescope's container `setup.sh` prepares an environment once, and `run_autograder` calls this file again for each
submission: /autograder/submission is graded, and /autograder/results/results.json says what came of it.
"""

import argparse
import json
import shutil
import sys
import tempfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
sys.path.insert(0, str(HERE))

import release  # noqa: E402
import variants  # noqa: E402

SETUP = """#!/usr/bin/env bash
set -e
pip3 install --break-system-packages uv 2>/dev/null || pip3 install uv
cd /autograder/source
uv venv --python ">=3.11" .venv
uv pip install --python .venv/bin/python -e ".[assignments]" ipykernel
"""
RUN = """#!/usr/bin/env bash
cd /autograder/source
.venv/bin/python assignments/gradescope.py {assignment} --term {term} {key} --run "${{1:-/autograder}}"
"""


def make(assignment, term, key, path):
    """Write the autograder's zip: what grades, what the notebooks import, and the two scripts."""
    path.parent.mkdir(parents=True, exist_ok=True)
    files = {
        "setup.sh": SETUP,
        "run_autograder": RUN.format(assignment=assignment, term=term, key="--key key" if key else ""),
    }
    if key:
        files["key"] = key.decode()
    for folder in ("assignments", "code/descent"):
        for file in sorted((ROOT / folder).rglob("*")):
            if file.is_file() and "__pycache__" not in file.parts:
                files[str(file.relative_to(ROOT))] = file.read_bytes()
    for name in ("pyproject.toml", "README.md", "LICENSE", "LICENSE-TEXT"):
        files[name] = (ROOT / name).read_bytes()
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(name, (2020, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o755 if name in ("setup.sh", "run_autograder") else 0o644) << 16
            archive.writestr(entry, content)
    return path


def run(assignment, term, key, place):
    """Grade what lies in place/submission, and write place/results/results.json."""
    import grade

    with tempfile.TemporaryDirectory() as folder:
        submitted = Path(folder) / "submitted"
        shutil.copytree(place / "submission", submitted / "student", symlinks=True)
        results = grade.grade_class(
            submitted, Path(folder) / "graded", term, workers=1, only=assignment, quiet=True, key=key
        )
    output = json.dumps(in_their_words(results, assignment), indent=1)
    (place / "results").mkdir(exist_ok=True)
    (place / "results" / "results.json").write_text(output, encoding="utf-8")


def in_their_words(results, assignment):
    """Return Gradescope's results: a test for each check; written answers are marked in Gradescope, or by hand."""
    result = next((r for r in results if r["assignment"] == assignment), results[0] if results else None)
    if result is None:
        return {"score": 0, "output": "There is nothing in what you handed in.", "tests": []}
    tests = [
        {"name": mark["title"], "score": mark["given"], "max_score": mark["points"], "output": mark["message"]}
        for mark in result["marks"]
        if mark["kind"] == "check"
    ]
    return {
        "score": result["score"],
        "output": "\n".join(result["notes"] + result["stopped"]),
        "visibility": "visible",
        "tests": tests,
        "extra_data": {"to be read": result["open"], "look at it": result["flags"]},
    }


def main():
    parser = argparse.ArgumentParser(description="Make Gradescope's autograder of an assignment.")
    parser.add_argument("assignment", choices=release.names())
    parser.add_argument("--term", default=variants.BOOK)
    parser.add_argument("--key", type=Path, help="the file of a private variant")
    parser.add_argument("--run", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    key = variants.read_key(options.key)
    if options.run:
        run(options.assignment, options.term, key, options.run)
        return
    path = ROOT / "_build" / "assignments" / options.term / f"gradescope-{options.assignment}.zip"
    print(f"Upload in Gradescope, Configure Autograder: {make(options.assignment, options.term, key, path)}")


if __name__ == "__main__":
    main()
