"""Formulas of feedback pages as MathML, which browsers draw by themselves: no script, no font, no other host.

KaTeX makes it while the pages are written, as it makes the site's (code/site/maths.py). Where it is not there (an
image that only grades), a formula stays as it was typed.
"""

import importlib.util
import json
import subprocess
from pathlib import Path

SITE = Path(__file__).resolve().parents[2] / "code" / "site"
PROGRAM = """
const katex = require(process.argv[1]);
const formulas = JSON.parse(require("fs").readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(formulas.map(([latex, displayMode]) => {
  try {
    const safe = { trust: false, maxSize: 5, maxExpand: 200, strict: "ignore", throwOnError: true };
    return katex.renderToString(latex, { displayMode, output: "mathml", ...safe });
  } catch (error) {
    return null;
  }
})));
"""
SECONDS, LONGEST = 30, 2000  # what students type is not to hold up a class
drawn = {}  # (latex, whether it stands alone): MathML, or None where it cannot be drawn


def draw(formulas):
    """Make the MathML of all these formulas, in one go: pairs (latex, whether it stands alone)."""
    todo = [one for one in dict.fromkeys(formulas) if one not in drawn]
    drawn.update(dict.fromkeys(todo))
    todo = [one for one in todo if len(one[0]) <= LONGEST]
    if not todo:
        return
    maths = site_maths()
    if maths is None:
        return
    command = [maths.find_node(), "-e", PROGRAM, str(maths.KATEX)]
    try:
        run = subprocess.run(command, input=json.dumps(todo).encode(), capture_output=True, timeout=SECONDS)
        found = json.loads(run.stdout)
    except (OSError, ValueError, subprocess.TimeoutExpired):
        return
    drawn.update({one: html and maths.mended(html) for one, html in zip(todo, found)})


def site_maths():
    """Return the site's module of formulas, or None where what it needs is not installed."""
    try:
        spec = importlib.util.spec_from_file_location("maths", SITE / "maths.py")
        maths = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(maths)
        maths.find_node()
        return maths
    except Exception:  # Sphinx, KaTeX or Node is missing
        return None
