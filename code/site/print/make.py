"""The book on paper, as PDF in two editions:  make paper

- essential: the essential way, without second readings, solutions and the two appendices;
- whole: everything, with the solutions at the end.

Sphinx writes LaTeX (paper.py says how), XeTeX sets it. Where it is missing: Debian's packages when we are root.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.append(str(HERE.parent))
import debian  # noqa: E402
import vector_pictures  # noqa: E402

ROOT = HERE.parents[2]
OUT = ROOT / "_build" / "paper"
TOOLS = ("latexmk", "xelatex")
PACKAGES = (
    "latexmk texlive-xetex texlive-latex-extra texlive-fonts-recommended texlive-plain-generic "
    "fonts-texgyre fonts-texgyre-math fonts-dejavu-core"
)
CURE = f"No XeTeX here. Install it (Debian: sudo apt-get install {PACKAGES}), then: make paper"
# The date inside a PDF: the same commit gives the same bytes.
FIXED = {"SOURCE_DATE_EPOCH": "1767225600", "FORCE_SOURCE_DATE": "1"}


def find_xetex() -> None:
    """Install XeTeX where it is missing and we may; else stop, and say what to install."""
    if not all(map(shutil.which, TOOLS)):
        debian.install(*PACKAGES.split())
    if not all(map(shutil.which, TOOLS)):
        sys.exit(CURE)


def write_latex(edition: str) -> Path:
    """Let Sphinx write an edition; return its LaTeX file."""
    folder = OUT / "latex"  # the second edition need not read the sources again
    command = [str(Path(sys.executable).with_name("jupyter-book")), "build", "-n", "--quiet", "--builder=custom"]
    done = subprocess.run(
        [*command, "--custom-builder=latex", "--path-output", str(folder), "."],
        cwd=ROOT,
        env=os.environ | {"BOOK_EDITION": edition},
        capture_output=True,
        text=True,
    )
    source = folder / "_build" / "latex" / f"how-adam-works-{edition}.tex"
    if done.returncode or not source.exists():
        sys.exit(f"Sphinx wrote no LaTeX for the edition “{edition}”:\n{done.stdout}{done.stderr}")
    return source


def typeset(source: Path) -> Path:
    """Let XeTeX set a book; return the PDF. What a reader would miss on paper is an error."""
    log = source.with_suffix(".log")
    options = ["-xelatex", "-interaction=nonstopmode", "-halt-on-error", "-silent", "-f-"]
    done = subprocess.run(
        ["latexmk", *options, source.name], cwd=source.parent, env=os.environ | FIXED, capture_output=True, text=True
    )
    text = log.read_text(encoding="utf-8", errors="replace") if log.exists() else done.stdout + done.stderr
    faults = re.findall(r"^(?:! .*|LaTeX Warning: (?:Reference|Hyper reference) .*|Missing character: .*)$", text, re.M)
    if done.returncode or faults:
        what = "\n".join(sorted(set(faults))[:20]) or done.stdout[-2000:]
        sys.exit(f"{source.name} cannot be set as it is:\n{what}\n(the whole log: {log.relative_to(ROOT)})")
    return Path(shutil.copy(source.with_suffix(".pdf"), OUT))


def main() -> None:
    find_xetex()
    vector_pictures.bring_up_to_date()
    for edition in sys.argv[1:] or ["essential", "whole"]:
        print("The book on paper:", typeset(write_latex(edition)).relative_to(ROOT), flush=True)


if __name__ == "__main__":
    main()
