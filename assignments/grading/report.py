"""What comes out: a page for each submission, and one table for the class."""

import csv
import html
import os
from pathlib import Path

STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; color: #222; background: #fff; }
table { border-collapse: collapse; width: 100%; } th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #ddd; vertical-align: top; }
td.marks { white-space: nowrap; text-align: right; } .lost { color: #8a2600; } pre { white-space: pre-wrap; background: #f4f4f4; padding: .6rem; }
"""


def page(result):
    """Return the feedback page, HTML, of a result (a dict)."""
    say = html.escape
    rows = []
    for mark in result["marks"]:
        given = "to be read" if mark["given"] is None else f"{mark['given']:g} of {mark['points']:g}"
        lost = mark["given"] is not None and mark["given"] < mark["points"]
        answer = f"<pre>{say(mark['answer'])}</pre>" if mark["answer"] else ""
        message = f"<div class='lost'>{say(mark['message'])}</div>" if lost else f"<div>{say(mark['message'])}</div>"
        rows.append(f"<tr><td>{say(mark['title'])}{message}{answer}</td><td class='marks'>{given}</td></tr>")
    total = f"{result['score']:g} of {result['possible']:g}"
    waiting = f"; {result['open']:g} more are given by a reader" if result["open"] else ""
    notes = "".join(f"<li>{say(note)}</li>" for note in result["notes"] + result["stopped"])
    return (
        f"<!doctype html><html lang='en'><head><meta charset='utf-8'><meta name='viewport' content='width=device-width'>"
        f"<title>{say(result['assignment'])}: {say(result['student'])}</title><style>{STYLE}</style></head><body>"
        f"<h1>{say(result['assignment'].capitalize())}</h1><p>{say(result['student'])}: <strong>{total} marks</strong>{waiting}.</p>"
        + (f"<h2>What was noticed</h2><ul>{notes}</ul>" if notes else "")
        + f"<h2>Idea by idea</h2><table><thead><tr><th>Idea</th><th>Marks</th></tr></thead><tbody>{''.join(rows)}</tbody></table></body></html>\n"
    )


def write(path, text):
    """Write a file so that it is there whole or not at all."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    os.replace(draft, path)


def table(path, results):
    """Write the CSV of a class: a line for each submission, in the order of the names."""
    import io

    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["student", "assignment", "score", "possible", "to be read", "status", "seconds", "remarks"])
    for r in sorted(results, key=lambda r: (r["assignment"], r["student"])):
        remarks = " ".join(r["notes"] + r["stopped"])
        row = [r["student"], r["assignment"], f"{r['score']:g}", f"{r['possible']:g}", f"{r['open']:g}", r["status"]]
        writer.writerow([_plain(cell) for cell in [*row, f"{r['seconds']:.2f}", remarks]])
    write(path, out.getvalue())


def _plain(cell):
    """A cell that a spreadsheet would take for a formula is text."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") and not cell[1:2].isdigit() else cell
