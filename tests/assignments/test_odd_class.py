"""A class of 150, with forty of the oddest files: each ends in a row, nothing stops, nothing is lost."""

import csv
import io
import json
import os
import zipfile

import grade
import pytest
from grading import submissions

FULL = 20


@pytest.fixture(scope="module")
def graded(bench, tmp_path_factory):
    """The class, graded once: (rows of grades.csv by student, its folder of results, the folder of submissions)."""
    place = tmp_path_factory.mktemp("course")
    folder, out = place / "week 3", place / "graded"
    folder.mkdir()
    right = json.dumps(bench.notebook("momentum", {"momentum-words": "The *effective* learning rate is ten times."}))
    for k in range(110):
        (folder / f"student{k:03d}_momentum.ipynb").write_text(right)
    odd(folder, bench, right)
    (place / "by-hand.csv").write_text(
        "\ufeffstudent;assignment;part;marks;comment\nstudent000;momentum;momentum-words;3,5;Well *argued*.\n"
        "student001;momentum;momentum-sum;1;\nstudent002;momentum;adjust;-2;a day late\nstudent003;momentum;;;See me.\n"
        "nobody;momentum;;;\nstudent004;momentum;momentum-words;40;\nstudent004;momentum;velocity;1;\n"
        "student004;momentum;momentum-words;many;\nstudent004;momentum;;2;\n"
        "absent;momentum;momentum-sum;2;On paper.\nabsent;momentum;momentum-words;40;\nunwell;momentum;adjust;5;\n"
        "Ada Lovelace;momentum;momentum-words;1;\nstudent005;adam;adam-count;2;\n"
        "by-number;momentum;momentum-words;2;\n",
        encoding="utf-8",
    )
    (place / "roster.csv").write_text(
        "student,name,email,id\nstudent000,Ada L,ada@x.org,77\nabsent,Ab Sent,ab@x.org,78\nAda Lovelace,A,a@x.org,123\n"
        "unwell,Un Well,un@x.org,79\ngone,Gone,gone@x.org,80\nby-number,Num Ber,n@x.org,12345\n"
    )
    grade.grade_class(folder, out, only="momentum", quiet=True)
    with (out / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        return {row["student"]: row for row in csv.DictReader(file)}, out, folder


OWN_CELLS = (  # half a character, in an error and in a text; more signs than Python counts
    r"raise ValueError('\ud800')",
    '"half a character: \ud800"',
    "-" * 100_000 + "1",
)


def odd(folder, bench, right):
    """Put the oddest files into the folder."""
    blank = json.dumps(bench.blank["momentum"])

    def put(name, content):
        path = os.path.join(os.fsencode(folder), name if isinstance(name, bytes) else name.encode())
        os.makedirs(os.path.dirname(path), exist_ok=True)
        with open(path, "wb") as file:
            file.write(content if isinstance(content, bytes) else content.encode())

    def changed(**cells):
        notebook = bench.notebook(
            "momentum", {f"momentum-{key.replace('_', '-')}": text for key, text in cells.items()}
        )
        return notebook

    def archive(name, members):
        with zipfile.ZipFile(folder / name, "w") as file:
            for member, content in members.items():
                file.writestr(member, content)

    model = bench.model("momentum")
    put(b"fr\xffed/momentum/momentum.ipynb", right)
    put("=1+1_momentum.ipynb", right)
    put("=2*HYPERLINK(1)_momentum.ipynb", right)
    put("bom_momentum.ipynb", b"\xef\xbb\xbf" + right.encode())
    put("utf16_momentum.ipynb", right.encode("utf-16"))
    crlf = json.loads(right)
    for cell in crlf["cells"]:
        cell["source"] = cell["source"].replace("\n", "\r\n")
    put("crlf_momentum.ipynb", json.dumps(crlf))
    put("nested/how-adam-works-assignments/momentum/momentum.ipynb", right)
    archive("zipped.zip", {"momentum/momentum.ipynb": right})
    (folder / "inner").mkdir()
    archive("inner/handed in.zip", {"work/momentum.ipynb": right})
    put("broken.zip", b"PK\x03\x04 no zip")
    put("program/momentum.py", "x = 1")
    put("page_momentum.html", "<p>")
    (folder / "empty").mkdir()
    (folder / "emptier" / "momentum").mkdir(parents=True)
    os.symlink(folder / "student000_momentum.ipynb", folder / "link_momentum.ipynb")
    os.mkfifo(folder / "pipe_momentum.ipynb")
    put("twice/momentum.ipynb", right)
    put("twice/momentum (1).ipynb", blank)
    put("thrice/momentum.ipynb", right)
    put("thrice/momentum/momentum.ipynb", right)
    put("thrice_momentum.ipynb", right)
    put("copy_momentum (1).ipynb", right)
    put("checkpoint/.ipynb_checkpoints/momentum-checkpoint.ipynb", right)
    put("Ada Lovelace_123_assignsubmission_file_/momentum.ipynb", right)
    put("Bob B_124_assignsubmission_file_momentum.ipynb", right)
    put("lovelaceada_LATE_12345_67890_momentum-1.ipynb", right)
    for name, metadata in {"bare": {}, "null": {"language_info": None, "kernelspec": None}, "odd": []}.items():
        put(f"{name}_momentum.ipynb", json.dumps(json.loads(right) | {"metadata": metadata}))
    stripped = bench.notebook("momentum", {"momentum-words": "As it was."})
    for cell in stripped["cells"]:
        cell["metadata"] = {}
    put("stripped_momentum.ipynb", json.dumps(stripped))
    below = bench.notebook("momentum", {"momentum-words": None})
    below["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "It diverges, **since** β = 0.9."})
    put("below_momentum.ipynb", json.dumps(below))
    copied = json.loads(right)
    copied["cells"] += [c for c in copied["cells"] if (submissions.grade_id(c) or "").endswith(("sum", "words"))]
    put("copied_momentum.ipynb", json.dumps(copied))
    jupyter = (
        "!pip install -q numpy\nimport asyncio\nawait asyncio.sleep(0)\n1 + 1\n%timeit -n 2 -r 1 sum(range(9))\n"
        "files = !ls\n%matplotlib inline\n"
    )
    put("habits_momentum.ipynb", json.dumps(changed(**{"class": jupyter + model["momentum-class"]})))
    own = [{"cell_type": "code", "metadata": {}, "source": text} for text in OWN_CELLS]
    put("half_momentum.ipynb", json.dumps(json.loads(right) | {"cells": json.loads(right)["cells"] + own}))
    newer = "type Vector = list[float]\n"  # Python 3.12
    with_newer = changed(**{"class": newer + model["momentum-class"]})
    with_newer["metadata"]["language_info"] = {"name": "python", "version": "3.13.1"}
    put("newer_momentum.ipynb", json.dumps(with_newer))
    loop = "def velocities(gradients, beta):\n    while True:\n        pass\n"
    put("endless_momentum.ipynb", json.dumps(changed(velocities_answer=loop)))
    put(
        "exits_momentum.ipynb",
        json.dumps(changed(velocities_answer="import os\ndef velocities(g, beta): os._exit(1)\n")),
    )
    put("v3_momentum.ipynb", json.dumps({"nbformat": 3, "worksheets": [{"cells": json.loads(right)["cells"]}]}))
    put("garbage_momentum.ipynb", b"\x00\x01" * 500)
    put("cut_momentum.ipynb", right[: len(right) // 2])
    put("list_momentum.ipynb", "[]")
    put("blank_momentum.ipynb", blank)
    points = json.loads(right)
    for cell in points["cells"]:
        cell["source"] = cell["source"].replace("(3 marks)", "(5 marks)")
    put("points_momentum.ipynb", json.dumps(points))


def test_every_entry_of_the_folder_is_in_a_row(graded):
    rows, out, folder = graded
    entries = [submissions.shown(path.name) for path in folder.iterdir()]
    assert len(entries) >= 150
    files = " ".join(row["file"] + row["remarks"] + row["look at it"] for row in rows.values())
    assert not [name for name in entries if name not in files and name.rpartition(".")[0] not in files]
    assert len(list((out / "feedback").glob("*.html"))) == len(rows) - 1  # all but the one of the roster alone
    assert all(row["maximum"] == "24" for row in rows.values())


FULL_MARKS = (
    "student000 student109 '=1+1 '=2*HYPERLINK(1) bom utf16 crlf nested zipped inner twice thrice copy "
    "checkpoint bare null half "
    "odd stripped below copied habits newer v3 points lovelaceada"
).split() + ["Bob B"]


@pytest.mark.parametrize("student", FULL_MARKS)
def test_what_can_be_read_is_graded(graded, student):
    row = graded[0][student]
    assert (row["status"], row["score"]) == ("graded", str(FULL)), row
    assert float(row["to be read"]) + float(row["read"]) > 0
    assert "have been changed" not in row["remarks"] and "had been changed" not in row["remarks"]


@pytest.mark.parametrize(
    "student, words",
    {
        "fr\N{REPLACEMENT CHARACTER}ed": "",
        "broken": "a zip that cannot be opened",
        "program": "is not a notebook",
        "page": "is not a notebook",
        "empty": "is an empty folder",
        "emptier": "There is no notebook",
        "link": "links are not followed",
        "pipe": "is no ordinary file",
        "twice": "which one counts?",
        "checkpoint": "Does it count?",
        "garbage": "is not a notebook that can be opened",
        "cut": "is not a notebook that can be opened",
        "list": "is not a notebook that can be opened",
        "blank": "as it was given out",
        "habits": "was not run: no other programs",
        "newer": "is not Python 3.1" if os.sys.version_info < (3, 12) else "",
        "copy": "",
        "absent": "Nothing was handed in",
    }.items(),
)
def test_what_is_odd_is_said(graded, student, words):
    row = graded[0][student]
    assert words in row["remarks"] + row["look at it"], row


def test_what_stops_costs_its_own_marks_alone(graded):
    for student in ("endless", "exits"):
        assert graded[0][student]["score"] == str(FULL - 4), graded[0][student]


def test_marks_by_hand_are_kept_and_their_errors_named(graded):
    rows, out, _ = graded
    assert rows["student000"]["read"] == "3.5" and rows["student000"]["to be read"] == "0"
    assert rows["student001"]["score"] == str(FULL - 1)
    assert rows["student002"]["total"] == str(FULL - 2)
    assert "See me." in rows["student003"]["remarks"]
    page = (out / "overview.html").read_text()
    for line, words in (
        (6, "nobody here"),
        (7, "not from 0 to 4"),
        (8, "no part"),
        (9, "no number"),
        (10, "need a part"),
    ):
        assert f"line {line}" in page and words.split()[-1] in page
    for line, words in ((12, "not from 0 to 4"), (15, "nobody has handed in")):
        assert f"line {line}: " in page and words in page
    assert "<em>argued</em>" in (out / "feedback" / "student000_momentum.html").read_text()


def test_who_has_no_file_can_be_given_marks(graded):
    rows, out, _ = graded
    assert [rows["absent"][key] for key in ("score", "total", "status")] == ["2", "2", "missing"]
    assert "On paper." in (out / "feedback" / "absent_momentum.html").read_text()
    assert (rows["unwell"]["total"], rows["gone"]["total"]) == ("5", "0")
    assert rows["lovelaceada"]["read"] == "2" and "by-number" not in rows  # known to the roster by a number
    with (out / "for-moodle.csv").open(newline="", encoding="utf-8-sig") as file:
        assert ["78", "ab@x.org", "Ab Sent", "2"] in list(csv.reader(file))
    assert "gone" in (out / "overview.html").read_text()


def test_platforms_have_their_tables(graded):
    _, out, _ = graded
    tables = {}
    for name in ("for-moodle", "for-canvas", "plain"):
        with (out / f"{name}.csv").open(newline="", encoding="utf-8-sig") as file:
            tables[name] = list(csv.reader(file))
    assert ["77", "ada@x.org", "Ada L", "23.5"] in tables["for-moodle"]
    assert tables["for-canvas"][0][:5] == ["Student", "ID", "SIS User ID", "SIS Login ID", "Section"]
    assert tables["for-canvas"][1][0].strip() == "Points Possible" and tables["for-canvas"][1][5] == "24"
    assert any(row[:2] == ["Num Ber", "12345"] for row in tables["for-canvas"])
    assert (out / "to-return" / "Ada Lovelace_123_assignsubmission_file_" / "momentum.ipynb.html").exists()


def test_another_folder_has_results_of_its_own(graded):
    _, out, folder = graded
    (out / "of.txt").write_text(folder.name)
    assert grade.place_for(folder) == out
    assert grade.place_for(folder.parent / "week 4") == folder.parent / "graded-week 4"


def zipped(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


WRAPPED = {  # name of the file, how the notebook is in it: all are ada's momentum
    "a zip in a zip": ("ada.zip", lambda text: zipped({"x/inner.zip": zipped({"momentum.ipynb": text})})),
    "a browser's txt": ("ada_momentum.ipynb.txt", str.encode),
    "a browser's json": ("ada/momentum/momentum.json", str.encode),
    "a capital, a number": ("ada_Momentum_1.ipynb", str.encode),
    "the last one": ("ada momentum final (2).ipynb", str.encode),
    "utf-32": ("ada_momentum.ipynb", lambda text: text.encode("utf-32")),
    "utf-16 without a mark": ("ada_momentum.ipynb", lambda text: text.encode("utf-16-le")),
    "zeros behind it": ("ada_momentum.ipynb", lambda text: text.encode() + b"\n\0\0\0"),
    "cells that are none": (
        "ada_momentum.ipynb",
        lambda text: text.replace('"cells": [', '"cells": [null, {}, "x", ').encode(),
    ),
}


@pytest.mark.parametrize("name", WRAPPED)
def test_a_notebook_is_found_in_whatever_it_is_wrapped(bench, tmp_path, name):
    path, wrap = WRAPPED[name]
    place = tmp_path / "submitted" / path
    place.parent.mkdir(parents=True)
    place.write_bytes(wrap(json.dumps(bench.notebook("momentum"))))
    (found,) = submissions.find(tmp_path / "submitted", list(bench.sources))
    assert (found.student, found.assignment, found.problem) == ("ada", "momentum", None), found
    assert [cell for cell in submissions.read(found)["cells"] if submissions.grade_id(cell) == "momentum-class"]


def test_zips_without_end_and_other_json_are_named(bench, tmp_path):
    content = zipped({"momentum.ipynb": json.dumps(bench.notebook("momentum"))})
    for _ in range(9):
        content = zipped({"deeper.zip": content})
    (tmp_path / "ada.zip").write_bytes(content)
    (tmp_path / "ben_momentum.json").write_text('{"no": "notebook"}')
    (tmp_path / "eve.zip").write_bytes(zipped({"broken.zip": b"PK"}))
    found = submissions.find(tmp_path, list(bench.sources))
    assert [one.student for one in found] == ["ada", "ben", "eve"] and all(one.problem for one in found)


def test_of_two_notebooks_the_one_with_answers_is_graded(bench, tmp_path):
    for name, notebook in (("", bench.blank["momentum"]), (" (1)", bench.notebook("momentum"))):
        path = tmp_path / "ada" / "momentum" / f"momentum{name}.ipynb"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(notebook))
    (found,) = submissions.find(tmp_path, list(bench.sources))
    assert found.path.name == "momentum (1).ipynb" and "which one counts" in found.questions[0]


def test_a_notebook_is_what_its_stamp_says_wherever_it_lies(bench, tmp_path):
    both = {f"{name}.ipynb": json.dumps(bench.notebook(name)) for name in ("adam", "momentum")}
    (tmp_path / "ada").mkdir()
    (tmp_path / "ada" / "adam.zip").write_bytes(zipped(both))
    (tmp_path / "ben_adam.ipynb").write_text(both["momentum.ipynb"])
    (tmp_path / "eve_adam.py").write_text("class Adam: pass")
    found = submissions.find(tmp_path, list(bench.sources))
    assert {(one.student, one.assignment): one.problem is None for one in found} == {
        ("ada", "adam"): True,
        ("ada", "momentum"): True,
        ("ben", "momentum"): True,
        ("eve", "adam"): False,
    }
    assert not [one.questions for one in found if one.questions]


ODD_CELLS = {  # what no program writes, and files have all the same
    "nbgrader": lambda cell: cell["metadata"].update(nbgrader="none"),
    "name": lambda cell: cell["metadata"].update(nbgrader={"grade_id": ["a"]}),
    "source": lambda cell: cell.update(source=None),
    "sources": lambda cell: cell.update(source=["x = 1\n", None, 3]),
    "outputs": lambda cell: cell.update(outputs=7),
}


@pytest.mark.parametrize("name", ODD_CELLS)
def test_an_odd_cell_is_no_reason_not_to_grade_the_others(bench, grader, tmp_path, name):
    notebook = bench.notebook("momentum")
    for kind in ("markdown", "code"):
        cell = {"cell_type": kind, "metadata": {}, "source": "", "outputs": []}
        ODD_CELLS[name](cell)
        notebook["cells"].append(cell)
    path = tmp_path / "ada_momentum.ipynb"
    path.write_text(json.dumps(notebook))
    result = grader.grade(submissions.Submission("ada", "momentum", path))
    assert (result.status, result.score) == ("graded", FULL), result


WORDS = "The claim is wrong: the first step is more than three times too long."
CODE = {
    "a string": f"answer = '''{WORDS}'''\nx = 1",
    "printed": f"print('{WORDS}')",
    "shown": f"from IPython.display import Markdown\nMarkdown('{WORDS}')",
    "a magic": f"%%markdown\n{WORDS}",
    "a comment": f"x = 1  # {WORDS}",
    "no spaces": "# 主張是錯的：第一步太長了，大約是三倍多一點\nx = 1",
}


def write_elsewhere(notebook, place):
    """Write an answer into one of the places in which people leave it."""
    by_name = {submissions.grade_id(cell): cell for cell in notebook["cells"]}
    if place == "the question":
        next(c for c in notebook["cells"] if "**Marks (4):**" in c["source"])["source"] += f"\n\n{WORDS}"
    elif place == "a picture":
        by_name["adam-words"].update(source="", attachments={"photo.png": {"image/png": ""}})
    elif place in by_name:
        by_name[place]["source"] += f"\n# {WORDS}"
    else:
        notebook["cells"].append({"cell_type": "code", "metadata": {}, "source": CODE[place], "outputs": []})


@pytest.mark.parametrize("place", [*CODE, "the question", "a picture", "adam-peak", "adam-peak-check"])
def test_a_written_answer_waits_for_a_reader_wherever_it_stands(bench, grader, tmp_path, place):
    notebook, path = bench.notebook("adam", {"adam-words": None}), tmp_path / "ada_adam.ipynb"
    write_elsewhere(notebook, place)
    path.write_text(json.dumps(notebook))
    result = grader.grade(submissions.Submission("ada", "adam", path))
    mark = next(mark for mark in result.marks if mark.id == "adam-words")
    assert mark.given is None and (WORDS in mark.answer or place in ("no spaces", "a picture")), mark


def test_where_nothing_is_written_nobody_reads(bench, grader, tmp_path):
    path = tmp_path / "ada_adam.ipynb"
    path.write_text(json.dumps(bench.notebook("adam", {"adam-words": None})))
    result = grader.grade(submissions.Submission("ada", "adam", path))
    assert [(m.given, m.message) for m in result.marks if m.id == "adam-words"] == [(0.0, "There is no answer.")]


@pytest.mark.parametrize("name", ["adam_west.ipynb", "eva_adam_smith.ipynb"])
def test_a_name_like_an_assignment_stays_a_name(bench, tmp_path, name):
    (tmp_path / name).write_text(json.dumps(bench.notebook("momentum")))
    (found,) = submissions.find(tmp_path, list(bench.sources))
    assert (found.student, found.assignment) == (name[:-6], "momentum")
