"""What instructors bring to the marks: a table of marks and comments by hand, and a roster.

Both lie beside the submissions and are read again at every run, so what they say lasts through regrading.

    by-hand.csv   student, assignment, part, marks, comment     part: the name of a check or question (adam-words), as
                  it stands on the feedback page; empty: a comment on the whole; "adjust": marks more or less (late)
    roster.csv    student, and what the platform knows them by: name, email, id (number), canvas id, section
"""

import csv
import io

from grading.marking import totals

BY_HAND = ("student", "assignment", "part", "marks", "comment")


def read_table(path):
    """Return (rows, errors) of a CSV table: dicts with names in small letters, and their line as "line"."""
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        text = path.read_bytes().decode("cp1252", "replace")
    except OSError:
        return [], []
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
    if not rows:
        return [], []
    names = [name.strip().lower() for name in rows[0]]
    if "student" not in names:
        return [], [
            f"{path.name}: the first line has to name the columns, one of them `student`; it is {first.strip()!r}."
        ]
    found = []
    for number, row in enumerate(rows[1:], start=2):
        if any(cell.strip() for cell in row):
            found.append(dict(zip(names, (cell.strip() for cell in row))) | {"line": number})
    return found, []


def apply(results, path, assignments, students, absent):
    """Put what by-hand.csv says into the results (dicts), in place; return errors, each a sentence with its line.

    students : lines of the roster. absent : (student, assignment) -> the result of one who has handed in no file, which
    joins the results where a line has marks or a comment for it: an answer on paper, say.
    """
    rows, errors = read_table(path)
    by_name = {}
    for result in results:
        for name in (result["student"], entry_of(result, students).get("student", result["student"])):
            by_name.setdefault((name, result["assignment"]), result)
    here = {assignment for _, assignment in by_name}
    names = {student for student, _ in by_name} | {row["student"] for row in students}
    for row in rows:
        where = f"{path.name}, line {row['line']}"
        student, assignment = row.get("student", ""), row.get("assignment", "")
        if not assignment and len(assignments) == 1:
            assignment = assignments[0]
        if student not in names:
            errors.append(f"{where}: nobody here is called {student!r}.")
            continue
        if assignment not in here:
            errors.append(f"{where}: nobody has handed in {assignment!r}.")
            continue
        result = by_name.get((student, assignment)) or absent(student, assignment)
        if problem := _put(result, row):
            errors.append(f"{where}: {problem}")
        elif (student, assignment) not in by_name:
            by_name[student, assignment] = result
            results.append(result)
    for result in results:
        result.update(totals(result))
    return errors


def _put(result, row):
    """Put one line into a result; return what is wrong with it, or None."""
    part, marks, comment = row.get("part", ""), row.get("marks", ""), row.get("comment", "")
    number = None
    if marks:
        try:
            number = float(marks.replace(",", "."))
        except ValueError:
            return f"{marks!r} is not a number of marks."
        if number != number or abs(number) == float("inf"):
            return f"{marks!r} is not a number of marks."
    if part == "":
        if number is not None:
            return "marks need a part: a check or a question, or `adjust`."
        result["comments"] = [*result.get("comments", []), comment]
        return None
    if part == "adjust":
        if number is None:
            return "`adjust` needs marks, such as -2."
        entry = {"id": "adjust", "title": "Adjustment", "points": 0.0, "given": number, "message": "", "answer": ""}
        result["marks"].append(entry | {"kind": "adjustment", "comment": comment, "by_hand": True})
        return None
    mark = next((m for m in result["marks"] if part in (m["id"], m["title"])), None)
    if mark is None:
        known = ", ".join(m["id"] for m in result["marks"])
        return f"{result['assignment']} has no part {part!r}; it has {known}."
    if number is not None and not 0 <= number <= mark["points"]:
        return f"{part} has {mark['points']:g} marks, and {number:g} is not from 0 to {mark['points']:g}."
    if number is not None:
        mark["given"], mark["by_hand"] = number, True
    mark["comment"] = comment
    return None


def roster(path):
    """Return (students, errors): a dict for each line of roster.csv."""
    rows, errors = read_table(path)
    seen, students = set(), []
    for row in rows:
        if row["student"] in seen:
            errors.append(f"{path.name}, line {row['line']}: {row['student']} is there twice.")
            continue
        seen.add(row["student"])
        students.append(row)
    return students, errors


def entry_of(result, students):
    """Return the line of the roster that is this student's, or {}: by name, e-mail or number."""
    known = {result["student"].casefold(), result.get("number", "")} - {""}
    for row in students:
        ids = [row.get(key, "") for key in ("student", "name", "email", "id", "id number", "canvas id")]
        if known & {value.casefold() for value in ids if value}:
            return row
    return {}
