"""A class is graded unattended: interrupted, it goes on where it stopped; one bad submission harms no other."""

import csv
import json
import os
import signal
import subprocess
import sys
import time

import grade
import pytest
import variants
from grading import pages
from support.graded_answers import ASSIGNMENTS


@pytest.fixture
def course(bench, tmp_path):
    """Six submissions: right, wrong, untouched, endless, broken, in both layouts."""
    folder = tmp_path / "submitted"
    model = bench.model("adam")["adam-class"]
    answers = {
        "ada": bench.notebook("adam"),
        "ben": bench.notebook("adam", {"adam-class": model.replace("theta -=", "theta +=")}),
        "cleo": bench.notebook("adam", {"adam-class": model.replace("self.t += 1", "import os; os._exit(1)")}),
        "dan": json.loads(json.dumps(bench.blank["adam"])),
        "=eva()": bench.notebook("momentum"),
    }
    for student, notebook in answers.items():
        name = notebook["metadata"]["assignment"]["name"]
        path = folder / student / name / f"{name}.ipynb"
        path.parent.mkdir(parents=True)
        path.write_text(json.dumps(notebook))
    (folder / "gus_adam.ipynb").write_text("no notebook")
    return folder


EXPECTED = {"ada": "26", "ben": "24", "cleo": "2", "dan": "0", "'=eva()": "20", "gus": "0"}


def table(out):
    with (out / "grades.csv").open(newline="", encoding="utf-8-sig") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def heed_interrupts():
    """What a shell runs in its background ignores Ctrl-C, and so does all that it starts."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def test_interrupted_it_goes_on_and_loses_nothing(course, tmp_path):
    out = tmp_path / "graded"
    command = [sys.executable, str(ASSIGNMENTS / "grade.py"), str(course), "--out", str(out), "--workers", "1"]
    process = subprocess.Popen(command, start_new_session=True, stderr=subprocess.PIPE, preexec_fn=heed_interrupts)
    until = time.monotonic() + 600
    while not list(out.glob("results/*.json")) and time.monotonic() < until:
        time.sleep(0.05)
    os.killpg(process.pid, signal.SIGINT)
    _, errors = process.communicate(timeout=600)
    assert process.returncode == 130 and b"run the same command again" in errors
    done = {path: path.stat().st_mtime_ns for path in out.glob("results/*.json")}
    assert 1 <= len(done) < len(EXPECTED) and not (out / "grades.csv").exists()
    for path in done:
        json.loads(path.read_text())

    again = subprocess.run(command[:-1] + ["2"], capture_output=True, text=True, check=True)
    assert {student: row["score"] for student, row in table(out).items()} == EXPECTED
    assert all(path.stat().st_mtime_ns == when for path, when in done.items())
    assert "submissions" in again.stderr and "6 submissions" in again.stdout
    assert len(list((out / "feedback").glob("*.html"))) == len(EXPECTED)


def test_what_changed_is_graded_again(bench, tmp_path):
    folder, out = tmp_path / "submitted", tmp_path / "graded"
    folder.mkdir()
    path = folder / "ada_adam.ipynb"
    path.write_text(json.dumps(bench.blank["adam"]))
    grade.grade_class(folder, out, workers=1, quiet=True)
    assert table(out)["ada"]["status"] == "untouched"
    path.write_text(json.dumps(bench.notebook("adam", {"adam-words": "The steps are too long."})))
    grade.grade_class(folder, out, workers=1, quiet=True)
    row = table(out)["ada"]
    assert (row["status"], row["score"], row["to be read"]) == ("graded", "26", "4")
    page = next((out / "feedback").glob("*.html")).read_text()
    assert "26 of 26" in page and "The steps are too long." in page


def test_a_fault_of_the_grader_stops_one_submission_alone(bench, grader, tmp_path, monkeypatch):
    from grading import submissions

    monkeypatch.setattr(grade.marking, "grade", lambda *args: 1 / 0)
    path = tmp_path / "ada_adam.ipynb"
    path.write_text(json.dumps(bench.notebook("adam")))
    (result,) = grade.grade_and_store(
        grader, [(submissions.Submission("ada", "adam", path), "digest")], tmp_path / "out"
    )
    assert result["status"] == "grader failed" and "Tell your instructor" in result["notes"][0]
    assert grade.stored_result(tmp_path / "out", submissions.Submission("ada", "adam", path), "digest") is None


def test_the_overview_says_a_sentence_once_and_counts_whole_marks():
    mark = {"kind": "check", "given": 0, "points": 2, "by_hand": False, "title": "t", "comment": "", "answer": ""}
    sections = ("The rule", "What is ε for?", "What is ε for?")
    marks = [mark | {"message": f"No `Adam`. Reread: Adam, section “{section}”."} for section in sections]
    result = {
        "student": "a",
        "assignment": "adam",
        "status": "graded",
        "open": 0,
        "flags": [],
        "possible": 26,
        "read": 0,
    }
    result |= {"score": 2.5, "marks": marks, "notes": [], "stopped": []}
    page = pages.overview([result, result | {"score": 26}], [], [], lambda one: "page.html", 1)
    assert page.count("No <code>Adam</code>.") == 1 and "2 of 2" in page and "What is ε for?”." in page
    assert "0–2 marks: 1, 24–26 marks: 1." in page
    assert pages.feedback(result).count("No <code>Adam</code>.") == 1


def test_every_term_has_numbers_of_its_own():
    given = {name: dict.fromkeys(values) for name, values in variants.CHOICES.items()}
    terms = [f"20{k}-spring" for k in range(27, 60)]
    for name in variants.CHOICES:
        drawn = [json.dumps(variants.numbers(name, term, given[name])) for term in terms]
        assert drawn == [json.dumps(variants.numbers(name, term, given[name])) for term in terms]
        assert len(set(drawn)) > len(terms) / 2


def test_wrong_commands_are_told_so(tmp_path):
    for arguments, words in (
        (["nowhere"], "There is no folder"),
        ([str(tmp_path), "--assignment", "x"], "There is no assignment"),
    ):
        command = [sys.executable, str(ASSIGNMENTS / "grade.py"), *arguments]
        run = subprocess.run(command, capture_output=True, text=True)
        assert run.returncode == 2 and words in run.stderr


FORMULAS = {
    "a fraction": (r"so $\frac{m_t}{1-\beta_1^t}$ is", "<mfrac>"),
    "alone": ("$$\nh_{\\max} = \\kappa\n$$", 'display="block"'),
    "not closed": (r"so $\frac{m_t}{1-$ is", "<code>"),
    "a link in it": (r"$\href{https://example.org}{x}$", "x"),
    "a picture in it": (r"$\includegraphics{https://example.org/x.png}$", "includegraphics"),
    "without an end": (r"$\def\a{\a\a}\a$", "<code>"),
    "tags in it": ("$<script>alert(1)</script>$", "&lt;"),
}


@pytest.mark.parametrize("name", FORMULAS)
def test_formulas_of_answers_are_drawn_and_fetch_nothing(name):
    text, expected = FORMULAS[name]
    pages.draw_formulas([text])
    page = pages.rendered(text)
    assert expected in page, page
    assert "<script" not in page and "href=" not in page and "src=" not in page
    assert ("<math" in page) == ("<code>" not in page)
    if name == "alone":
        assert "<annotation" not in page and "\u2061" not in page


def test_where_katex_is_not_installed_formulas_stay_as_they_were_typed(monkeypatch):
    monkeypatch.setattr(pages.formulas, "site_maths", lambda: None)
    assert "<code>q_{17}</code>" in pages.rendered("a $q_{17}$ b")
