"""The same marks both ways: a course of nbgrader's and `make grade`, with a key whose twists change task and answer."""

import copy
import json
import os
import subprocess
import sys
from pathlib import Path

import grade
import pytest
import release
import variants
from assignments.test_odd_class import odd
from assignments.test_twists import LOST, with_defaults
from grading import submissions
from support.graded_answers import Bench

TERM = "2027"
NBGRADER = Path(sys.executable).parent / "nbgrader"
ANSWERS = {  # the cell whose answer a twist changes
    "momentum": "momentum-class",
    "adam": "adam-class",
    "decay": "decay-classes",
    "digits": "digits-tune-answer",
}
UNREADABLE = {"cut", "garbage", "list"}


def key_with_single_twists():
    """Return a key that draws, for each assignment, a twist of which one idea is lost by the book's answer."""
    given = {name: dict.fromkeys(values) for name, values in variants.CHOICES.items()}
    for k in range(1000):
        key = f"a key for nbgrader, {k}".encode()
        drawn = [variants.numbers(name, TERM, given[name], key)["twist"] for name in given]
        if not any("," in twist for twist in drawn):
            return key
    raise AssertionError


def strange(bench):
    """Yield (student, notebook) of momentum: what a notebook goes through between handing out and grading."""

    def without(*names):
        notebook = bench.notebook("momentum")
        notebook["cells"] = [c for c in notebook["cells"] if submissions.grade_id(c) not in names]
        return notebook

    yield "no-term", without("momentum-term")
    yield "no-checks", without("momentum-sum", "momentum-own-state", "momentum-words")
    edited = bench.notebook("momentum")
    for cell in edited["cells"]:
        if submissions.grade_id(cell) == "momentum-term":
            cell["source"] = 'TERM = {"beta": 0.9, "curvatures": [1, 25], "surface": "Ravine"}'
    yield "other-numbers", edited
    old = bench.notebook("momentum")
    for cell in old["cells"]:
        if submissions.grade_id(cell):
            cell["metadata"]["nbgrader"]["schema_version"] = 0
    yield "old-schema", old
    wild = bench.notebook("momentum")
    wild["cells"][4]["metadata"]["nbgrader"] = "gone"
    wild["cells"].append({"cell_type": "code", "metadata": {}, "source": "1", "outputs": [{"output_type": "x"}, 3]})
    wild["cells"].append({"cell_type": "heading", "metadata": {}, "source": "the end"})
    yield "wild", wild
    elsewhere = without("momentum-words")
    elsewhere["cells"].append({"cell_type": "markdown", "metadata": {}, "source": "It diverges, **since** β = 0.9."})
    yield "elsewhere", elsewhere


@pytest.fixture(scope="module")
def course(bench, tmp_path_factory):
    """Return the marks of both ways, {(assignment, student): (score, what is lost, whether a reader is asked)}."""
    place, key = tmp_path_factory.mktemp("course"), key_with_single_twists()
    release.make(TERM, place / "term", key)
    release.make_course(place / "term", place / "course")
    keyed, submitted = Bench([], key), place / "course" / "submitted"
    for name in release.names():
        source = release.instructor_version(name, TERM, key)
        keyed.sources[name] = json.loads(json.dumps(source))
        keyed.blank[name] = json.loads(json.dumps(release.student_version(source, name, TERM, key)))

    def hand_in(student, name, content):
        path = submitted / student / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_bytes(content if isinstance(content, bytes) else json.dumps(content).encode())

    for name, cell in ANSWERS.items():
        book = with_defaults(keyed, name, bench.model(name)[cell])
        hand_in("the-model", name, keyed.notebook(name))
        hand_in("the-book", name, keyed.notebook(name, {cell: book}))
        hand_in("nothing", name, keyed.blank[name])
    flat = place / "flat"
    flat.mkdir()
    odd(flat, keyed, json.dumps(keyed.notebook("momentum")))
    contents = set()  # under nbgrader's names, files of the same bytes are the same
    for one in submissions.find(flat, release.names(), "momentum"):
        if one.path and one.content() not in contents:
            contents.add(one.content())
            hand_in("".join(c if c.isalnum() else "-" for c in one.student), "momentum", one.content())
    hand_in("last-year", "momentum", bench.notebook("momentum"))
    for student, notebook in strange(keyed):
        hand_in(student, "momentum", notebook)

    ours = {}
    for result in grade.grade_class(submitted, place / "graded", TERM, key=key, quiet=True):
        lost = {m["id"] for m in result["marks"] if m["given"] is not None and m["given"] < m["points"]}
        ours[result["assignment"], result["student"]] = (result["score"], lost, result["open"] > 0)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PYTHON")}
    for name in release.names():  # by its full name, as the guide says: the path of the account has no environment
        for command in ("generate_assignment", "autograde"):
            run = [NBGRADER, command, name, "--create"]
            done = subprocess.run(
                run, cwd=place / "course", env=kept | {"PATH": "/usr/bin:/bin"}, capture_output=True, text=True
            )
            assert command == "autograde" or done.returncode == 0, done.stderr[-2000:]
    return ours, of_gradebook(place / "course"), {name: variants.term_of(keyed.sources[name]) for name in ANSWERS}


def of_gradebook(folder):
    from nbgrader.api import Gradebook

    marks = {}
    with Gradebook(f"sqlite:///{folder / 'gradebook.db'}") as gradebook:
        for assignment in gradebook.assignments:
            for one in gradebook.assignment_submissions(assignment.name):
                grades = [grade for notebook in one.notebooks for grade in notebook.grades]
                lost = {g.name for g in grades if g.auto_score is not None and g.auto_score < g.max_score}
                marks[assignment.name, one.student.id] = (
                    one.score,
                    lost,
                    any(grade.needs_manual_grade for grade in grades),
                )
    return marks


def test_both_ways_give_the_same_marks(course):
    ours, theirs, _ = course
    assert set(ours) == set(theirs) and len(ours) > 35
    for one in ours:
        if one[1] in UNREADABLE:  # nbgrader leaves all to a person, and we say why it is 0
            assert ours[one][0] == theirs[one][0] == 0
        else:
            assert ours[one] == theirs[one], one


@pytest.mark.parametrize("name", ANSWERS)
def test_a_twist_is_graded_by_nbgrader(course, name):
    _, marks, terms = course
    twist = terms[name]["twist"]
    assert not marks[name, "the-model"][1]
    check, _ = LOST.get((name, twist)) or LOST.get(twist) or ("tune-mean", "")
    assert marks[name, "the-book"][1] == {f"{name}-{check}"}, twist
    assert marks[name, "nothing"][0] == 0 and not marks[name, "nothing"][2]


FULL = "bom utf16 v3 odd stripped copied no-term no-checks other-numbers old-schema wild elsewhere".split()


@pytest.mark.parametrize("student", FULL)
def test_what_a_notebook_has_been_through_costs_nothing(course, student):
    assert course[1]["momentum", student][0] == 20, course[1]["momentum", student]


def test_a_mended_notebook_is_valid_and_has_each_name_once(bench):
    import nbformat
    from grading import marking
    from grading.nbgrader_executor import HandedIn  # loads all of nbgrader, which the other workers need not

    notebook = copy.deepcopy(bench.notebook("adam"))
    notebook["metadata"]["language_info"] = None
    notebook["cells"].append(notebook["cells"][5] | {"id": "copied"})
    del notebook["cells"][7]
    mended = HandedIn.mended(notebook, bench.sources["adam"], marking.blanks(bench.blank["adam"]))
    nb = HandedIn.as_nbformat(mended)
    nbformat.validate(nb)
    names = [submissions.grade_id(cell) for cell in nb.cells if submissions.grade_id(cell)]
    assert sorted(names) == sorted(filter(None, map(submissions.grade_id, bench.sources["adam"]["cells"])))
