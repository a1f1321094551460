"""The tables of a class: grades.csv, and what Moodle's and Canvas's gradebooks take.

Moodle (Grades, Import, CSV file) maps columns that one chooses: a user by e-mail or id number, a grade item by its
name. Canvas (Grades, Import) wants the columns of its own export: Student, ID, SIS User ID, SIS Login ID, Section,
then assignments, and a second line with the points possible.
"""

import csv
import io
import os
import re
from pathlib import Path

from grading.by_hand import entry_of

NUMBER = re.compile(r"[+-]?\d+(\.\d*)?([eE][+-]?\d+)?")


def write(path, text):
    """Write a file so that it is there whole or not at all; half a character, as errors may have it, is a `?`."""
    path = Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name[:80]}.{os.getpid()}")
    draft.write_text(text, encoding="utf-8", errors="replace")
    os.replace(draft, path)


def plain(cell):
    """Return a cell that no spreadsheet takes for a formula: what is not a number and begins like one is text."""
    cell = str(cell)
    return f"'{cell}" if cell[:1] in "=+-@\t\r" and cell and not NUMBER.fullmatch(cell) else cell


def table(path, rows):
    """Write a CSV table, with the mark (BOM) by which Excel knows the encoding."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    for row in rows:
        writer.writerow([plain(cell) for cell in row])
    write(path, "\ufeff" + out.getvalue())


def grades(path, results, students=()):
    """Write the table of a class: a line for each submission, and for each name of the roster without one."""
    head = ["student", "assignment", "score", "possible", "to be read", "read", "total", "maximum", "status"]
    rows = [[*head, "look at it", "late", "seconds", "file", "remarks"]]
    for r in results:
        numbers = [f"{r[key]:g}" for key in ("score", "possible", "open", "read", "total", "maximum")]
        remarks = " ".join(r["notes"] + r["stopped"] + r.get("comments", []))
        flags, seconds = " ".join(r["flags"]), f"{r['seconds']:.2f}"
        rows.append(
            [r["student"], r["assignment"], *numbers, r["status"], flags, r["late"], seconds, r["file"], remarks]
        )
    for student, assignment, maximum in missing(results, students):
        empty = ["0", "", "0", "0", "0", f"{maximum:g}", "missing", "", "", "", "", "Nothing was handed in."]
        rows.append([student["student"], assignment, *empty])
    table(path, [rows[0], *sorted(rows[1:], key=lambda row: (row[1], row[0]))])


def missing(results, students):
    """Yield (line of the roster, assignment, its maximum) for each name without a submission."""
    for assignment in sorted({r["assignment"] for r in results} - {"?"}):
        here = [entry_of(r, students).get("student") for r in results if r["assignment"] == assignment]
        maximum = max(r["maximum"] for r in results if r["assignment"] == assignment)
        for student in students:
            if student["student"] not in here:
                yield student, assignment, maximum


def exports(folder, results, students=()):
    """Write for-moodle.csv, for-canvas.csv and plain.csv: a line for each student, a column for each assignment."""
    names = sorted({r["assignment"] for r in results} - {"?"})
    lines = {}
    for r in results:
        row = entry_of(r, students)
        lines.setdefault(row.get("student", r["student"]), (row, r.get("number", ""), {}))[2][r["assignment"]] = r
    for row in students:
        lines.setdefault(row["student"], (row, "", {}))
    maximum = {name: max(r["maximum"] for r in results if r["assignment"] == name) for name in names}

    def given(handed_in):
        return [f"{handed_in[name]['total']:g}" if name in handed_in else "" for name in names]

    moodle = [["ID number", "Email address", "Full name", *(name.capitalize() for name in names)]]
    canvas = [["Student", "ID", "SIS User ID", "SIS Login ID", "Section", *(name.capitalize() for name in names)]]
    canvas.append(["    Points Possible", "", "", "", "", *(f"{maximum[name]:g}" for name in names)])
    simple = [["student", *names, "maximum"]]
    for student, (row, number, handed_in) in sorted(lines.items()):
        name = row.get("name") or student
        id_number = row.get("id number") or row.get("id", "")
        moodle.append([id_number, row.get("email", ""), name, *given(handed_in)])
        ids = [row.get("canvas id") or number, id_number, row.get("login") or row.get("email", "")]
        canvas.append([name, *ids, row.get("section", ""), *given(handed_in)])
        simple.append([student, *given(handed_in), f"{sum(maximum[n] for n in handed_in if n in maximum):g}"])
    table(folder / "for-moodle.csv", moodle)
    table(folder / "for-canvas.csv", canvas)
    table(folder / "plain.csv", simple)


def to_read(path, results):
    """Write to-read.csv: the answers that wait for a reader, with the columns of by-hand.csv, to be filled in."""
    rows = [["student", "assignment", "part", "marks", "comment", "of", "answer"]]
    for r in sorted(results, key=lambda r: (r["assignment"], r["student"])):
        for mark in r["marks"]:
            if mark["given"] is None:
                rows.append([r["student"], r["assignment"], mark["id"], "", "", f"{mark['points']:g}", mark["answer"]])
    table(path, rows)
