"""Move the pins to today's versions, and show what the book looks like with them:  make upgrade

    python code/site/upgrade.py pins      write the newest versions that go together into pyproject.toml
    python code/site/upgrade.py report    compare the notebooks with the committed ones: _build/upgrade.html

What must stay behind stands in pyproject.toml with its reason: [tool.upgrade] hold. A pin with a marker (for one Python
only, say) is moved by hand.
"""

from __future__ import annotations

import base64
import difflib
import html
import io
import json
import re
import subprocess
import sys
import tomllib
from itertools import zip_longest
from pathlib import Path

import numpy as np
from notebooks import chapters, name, text
from PIL import Image

ROOT = Path(__file__).resolve().parents[2]
PROJECT = ROOT / "pyproject.toml"
REPORT = ROOT / "_build" / "upgrade.html"
PIN = re.compile(r'"(?P<name>[\w.-]+)==(?P<version>[^";\s]+)"')
GROUPS = ("book", "test", "assignments")  # they are installed together
SEEN = 8  # levels of grey of 255: less is no difference that an eye finds
PAGE = """<!doctype html><meta charset="utf-8"><title>What the upgrade changes</title>
<style>body { font: 1rem sans-serif; margin: 2rem } img { width: 49% } pre { overflow: auto }</style>
<p>Another processor alone moves the last digits, and with them a curve of hundreds of steps by a hair. To know
which change is the upgrade's, run <code>make notebooks</code> with the old pins here, too.</p>
"""


def newest(names: list[str], hold: list[str]) -> dict[str, str]:
    """The newest versions that go together, for the oldest Python of the book."""
    wanted = "\n".join([*names, *hold])
    uv = Path(sys.executable).with_name("uv")
    command = [uv, "pip", "compile", "--quiet", "--upgrade", "--universal", "--python-version", "3.11", "-"]
    found = subprocess.run(command, input=wanted, capture_output=True, text=True, check=True).stdout
    return dict(re.findall(r"^([\w.-]+)==([^\s;]+)", found, re.MULTILINE))


def move_pins(project: str, resolve=newest) -> tuple[str, list[str]]:
    """The text of pyproject.toml with new pins, and a line for each that moved."""
    settings = tomllib.loads(project)
    pinned = [pin for group in GROUPS for pin in settings["project"]["optional-dependencies"][group]]
    names = [pin.split("==")[0] for pin in pinned if ";" not in pin]
    versions, moved = resolve(names, settings["tool"]["upgrade"]["hold"]), []

    def newer(match):
        package, version = match["name"], match["version"]
        if package not in names or versions[package] == version:
            return match[0]
        moved.append(f"{package} {version} → {versions[package]}")
        return f'"{package}=={versions[package]}"'

    return PIN.sub(newer, project), moved


def parts(notebook: dict):
    """Yield (cell, kind, content) of each output: what is printed as "text", a picture as "picture"."""
    for number, cell in enumerate(notebook["cells"]):
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                yield number, "picture", text(data["image/png"])
            elif said := output.get("text") or data.get("text/markdown") or data.get("text/plain"):
                yield number, "text", text(said)


def share_changed(*pair: str) -> float:
    """The share of two pictures' points that differ to the eye; 1 where the sizes differ."""
    first, second = (np.asarray(Image.open(io.BytesIO(base64.b64decode(png))).convert("L"), int) for png in pair)
    return 1.0 if first.shape != second.shape else float(np.mean(np.abs(first - second) > SEEN))


def changes(before: dict, now: dict):
    """Yield a piece of HTML for each output of a notebook that is another now."""
    were, are = by_cell(before), by_cell(now)
    for number in sorted(were.keys() | are.keys()):
        for one, other in zip_longest(were.get(number, []), are.get(number, [])):
            if one == other:
                continue
            both = shown(one, "before") + shown(other, "now")
            kinds = {output[0] for output in (one, other) if output}
            if kinds == {"picture"} and one and other:
                if share := share_changed(one[1], other[1]):
                    yield f"<h3>cell {number}: {100 * share:.2f} % of the points</h3>{both}"
            elif kinds == {"text"}:
                pair = [output[1].splitlines() if output else [] for output in (one, other)]
                lines = list(difflib.unified_diff(*pair, lineterm="", n=1))[2:]
                yield f"<h3>cell {number}</h3><pre>{html.escape(chr(10).join(lines))}</pre>"
            else:
                yield f"<h3>cell {number}: an output more, or less, or of another kind</h3>{both}"


def by_cell(notebook: dict) -> dict[int, list[tuple[str, str]]]:
    found = {}
    for number, *output in parts(notebook):
        found.setdefault(number, []).append(tuple(output))
    return found


def shown(output: tuple[str, str] | None, when: str) -> str:
    if not output:
        return f"<p>({when}: nothing)</p>"
    kind, content = output
    if kind == "picture":
        return f'<img alt="{when}" src="data:image/png;base64,{content}">'
    return f"<pre>{html.escape(content)}</pre>"


def report() -> int:
    """Write the page of what changed; return in how many outputs."""
    count, pieces = 0, [PAGE]
    for path in chapters():
        committed = subprocess.run(["git", "show", f"HEAD:{name(path)}"], capture_output=True, cwd=ROOT, check=True)
        changed = list(changes(json.loads(committed.stdout), json.loads(path.read_text(encoding="utf-8"))))
        count += len(changed)
        pieces += [f"<h2>{name(path)}: {len(changed)} outputs changed</h2>", *changed]
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text("\n".join(pieces) + "\n", encoding="utf-8")
    return count


def main() -> None:
    if sys.argv[1:] == ["pins"]:
        project, moved = move_pins(PROJECT.read_text(encoding="utf-8"))
        PROJECT.write_text(project, encoding="utf-8")
        print("\n".join(moved) or "Every pin is the newest.")
    elif sys.argv[1:] == ["report"]:
        print(f"{report()} outputs changed: {REPORT.as_uri()}")
    else:
        sys.exit("python code/site/upgrade.py pins|report")


if __name__ == "__main__":
    main()
