"""Submissions that are broken, lost or hostile: each ends in a grade and a reason, and harms nothing."""

import ast
import copy
import json
import os
import re
import time
from pathlib import Path

import pytest
from grading import marking, pages, submissions
from sandbox import isolation
from support.graded_answers import changed

FULL = 26.0
STEP = "self.t += 1"


@pytest.fixture
def graded(bench, grader, tmp_path):
    """Return a function that grades a submission to `adam` in a real room."""

    def run(own=None, answers=None, notebook=None, seconds=40, name="adam.ipynb", student="alice"):
        notebook = bench.notebook("adam", answers) if notebook is None else notebook
        if own is not None:
            cell = {"cell_type": "code", "metadata": {}, "source": own, "outputs": [], "execution_count": None}
            notebook["cells"].append(cell)
        path = tmp_path / "submitted" / student / "adam" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(notebook if isinstance(notebook, str) else json.dumps(notebook), encoding="utf-8")
        return check(tmp_path / "submitted", seconds)

    def check(folder, seconds=40):
        (submission,) = submissions.find(folder, list(grader.sources), "adam")
        result = marking.grade(
            submission, grader.sources["adam"], grader.blank["adam"], grader.packages, grader.kind, seconds
        )
        assert pages.feedback(result.as_dict()).count("<tr>") == 1 + len(result.marks)
        return result

    run.check = check
    return run


def said(result):
    return " ".join([*result.notes, *result.stopped, *result.flags, *(mark.message for mark in result.marks)])


def in_step(bench, line):
    return {"adam-class": changed(bench.model("adam")["adam-class"], STEP, f"{STEP}\n        {line}")}


# ---------------------------------------------------------------- code that does harm


@pytest.mark.parametrize(
    "own, words",
    [
        ("while True: pass", "did not come to an end"),
        ("import signal\nsignal.signal(signal.SIGALRM, signal.SIG_IGN)\nwhile True: pass", "did not come to an end"),
        ("import numpy as np\nx = np.ones(10**11)", "MemoryError"),
        ("x = [0]\nwhile True: x = x + x", ""),
        ("def f(:\n    pass", "is not Python"),
        ("import os\nos._exit(0)", "ended Python itself"),
        ("import sys\nsys.exit()", "exit()"),
        (
            "import os, signal\nimport ctypes\nctypes.CDLL(None).raise_(11) if hasattr(ctypes.CDLL(None), "
            "'raise_') else ctypes.string_at(0)",
            "ended Python itself",
        ),
        ("print('x' * 100_000_000)", ""),
        ("for k in range(300_000): print('hello')", ""),
        ("input('name? ')", "input()"),
        ("import os\nos.system('echo hello')", "other programs"),
        ("import urllib.request\nurllib.request.urlopen('http://example.org')", "no network"),
        ("open('big', 'wb').write(bytes(40_000_000))", "File too large"),
        (
            "import os\nfor fd in range(3, 30):\n    try: os.write(fd, b'null\\n')\n    except OSError: pass",
            "grader's own line",
        ),
        ("def f(): return f()\nf()", "RecursionError"),
    ],
    ids=[
        "endless loop",
        "endless loop that catches",
        "huge array",
        "growing list",
        "syntax error",
        "os._exit",
        "sys.exit",
        "crash",
        "one long line",
        "many lines",
        "input",
        "a program",
        "network",
        "a large file",
        "the grader's line",
        "recursion",
    ],
)
def test_a_cell_that_goes_wrong_costs_nothing_else(graded, own, words):
    result = graded(own, seconds=6 if "while True: pass" in own else 40)
    assert result.status == "graded" and result.score == FULL, said(result)
    assert words in said(result)


@pytest.mark.parametrize(
    "line, words",
    [
        ("while True: pass", "did not come to an end"),
        ("import os; os._exit(0)", "ended Python itself"),
        ("1 / 0", "ZeroDivisionError"),
        ("np.ones(10**12)", "MemoryError"),
        ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    ],
    ids=["endless", "os._exit", "error", "memory", "interrupt"],
)
def test_a_step_that_goes_wrong_loses_its_marks_and_says_why(bench, graded, line, words):
    result = graded(answers=in_step(bench, line), seconds=8)
    assert result.status == "graded" and result.score <= 2 and words in said(result), said(result)


def test_nothing_is_written_elsewhere(graded, tmp_path):
    target = tmp_path / "elsewhere"
    target.mkdir(mode=0o777)
    target.chmod(0o777)
    lines = (
        f"import ctypes\nlibc = ctypes.CDLL(None)\nfd = libc.open({str(target / 'a').encode()!r}, 0o101, 0o666)\n"
        f"open({str(target / 'b')!r}, 'w').write('x')"
    )
    result = graded(lines)
    assert "may write only into its own folder" in said(result) and result.score == FULL
    assert not (target / "b").exists()


def test_a_closed_room_shows_neither_tests_nor_others(graded, grader, bench):
    looks = (
        "import os\nfound = []\nfor top, folders, files in os.walk('/'):\n"
        "    found += [os.path.join(top, f) for f in files if f.endswith(('.ipynb', 'rules.py')) or 'checks' in top]\n"
        "    if top in ('/usr', '/lib', '/bin', '/lib64'): folders.clear()\n"
        "raise RuntimeError(repr([f for f in found if 'site-packages' not in f]))"
    )
    result = graded(looks)
    assert result.score == FULL
    if grader.kind == "closed":
        assert "RuntimeError: ['/packages/descent/rules.py']" in said(result)
        rules = grader.packages[True] + "/descent/rules.py"
        assert "m_hat" not in Path(rules).read_text(encoding="utf-8")


FILES = """
import os
def is_open(number):
    try:
        return bool(os.fstat(number))
    except OSError:
        return False
left = [number for number in range(256) if is_open(number)]
"""


def test_a_room_has_its_own_files_environment_and_chance_and_nothing_of_the_one_before(graded, grader):
    """Closed rooms are forks of one process, which must be seen in none of them."""
    own = FILES + (
        "import sys, tempfile, threading, time\nimport matplotlib, numpy as np\n"
        "open(tempfile.gettempdir() + '/left', 'w').write('x')\n"
        "seen = [left, sorted(os.environ), os.getcwd(), sys.path[:2] + sys.path[-1:], hasattr(np, 'mine'),\n"
        "        sorted({'isolation', 'template', 'checks', 'grading'} & {*sys.modules}), threading.active_count(),\n"
        "        os.listdir(), time.process_time() < 3, os.path.isdir(matplotlib.get_configdir())]\n"
        "np.mine = 1\nraise RuntimeError(repr(seen) + f' {np.random.rand()}')"
    )
    first, second = (re.search(r"RuntimeError: (\[.*\]) ([\d.e-]+)", said(graded(own))).groups() for _ in "ab")
    assert first[0] == second[0] and first[1] != second[1]
    files, environment, folder, path, patched, modules, threads, beside, young, fonts = ast.literal_eval(first[0])
    assert files == list(range(6))  # four of /dev/null, the questions and the answers
    assert environment == sorted([*isolation.ENVIRONMENT, "HOME", "TMPDIR", "PYTHONPATH", "MPLCONFIGDIR"])
    assert (patched, modules, threads, young, fonts) == (False, [], 1, True, True)
    if grader.kind == "closed":
        assert (folder, path, beside) == ("/notebook", ["/grader", "/packages", ""], ["left"])


def test_rooms_are_made_again_when_the_process_that_makes_them_has_ended(graded, grader):
    assert graded().score == FULL
    templates = list(isolation.TEMPLATES.values())
    assert templates or grader.kind != "closed"
    for template in templates:
        template.process.kill()
        template.process.wait()
    assert graded().score == FULL


def test_no_process_is_left_behind(graded, grader):
    stays = (
        "import ctypes, time\nlibc = ctypes.CDLL(None)\nif libc.fork() == 0:\n    libc.setsid()\n"
        "    libc.prctl(15, b'left-behind')\n    time.sleep(300)"
    )
    graded(stays)
    if grader.kind == "closed":
        time.sleep(0.3)
        assert not [process for process in Path("/proc").iterdir() if name_of(process) == "left-behind"]


def name_of(process):
    try:
        return (process / "comm").read_text().strip()
    except OSError:
        return ""


def test_tests_cannot_be_patched(graded):
    answers = {
        "adam-class": (
            "class Adam:\n    def __init__(self, *a, **k): pass\n    def step(self, g): pass\n\n"
            "import builtins, sys\nnp.allclose = np.isclose = np.array_equal = lambda *a, **k: True\n"
            "builtins.AssertionError = type('None_', (Exception,), {})\n"
            "for name, module in list(sys.modules.items()):\n"
            "    for part in ('Failed', 'check', 'fail'):\n        if hasattr(module, part): setattr(module, "
            "part, lambda *a: None)\n"
        )
    }
    result = graded(answers=answers)
    idle = {"adam-class": "class Adam:\n    def __init__(self, *a, **k): pass\n    def step(self, g): pass\n"}
    marks, marks_of_the_idle = ({mark.id: mark.given for mark in r.marks} for r in (result, graded(answers=idle)))
    assert marks == marks_of_the_idle  # what is patched in a student's process gains nothing


# ---------------------------------------------------------------- answers taken from elsewhere


@pytest.mark.parametrize(
    "text",
    [
        "from descent import Adam",
        "import descent\nAdam = descent.Adam",
        "from descent.rules import Adam",
        "class Adam:\n    def __init__(self, parameters, **k):\n        import descent\n"
        "        self.rules = [(p, descent.Adam(**k)) for p in parameters]\n"
        "    def step(self, gradients):\n        for (p, rule), g in zip(self.rules, gradients): rule.step(p, g)",
    ],
)
def test_the_rule_cannot_be_taken_from_descent(graded, text):
    result = graded(answers={"adam-class": text, "adam-ratio": None, "adam-peak": None})
    assert result.score == 0 and "descent" in said(result) and "withholds" in said(result), said(result)


# ---------------------------------------------------------------- notebooks that are not as they were given out


def test_the_untouched_notebook_scores_nothing_and_says_so(bench, graded):
    result = graded(notebook=json.loads(json.dumps(bench.blank["adam"])))
    assert (result.status, result.score) == ("untouched", 0)
    assert "as it was given out" in said(result)


def test_deleted_and_edited_checks_are_put_back(bench, graded):
    notebook = bench.notebook("adam", {"adam-class": bench.model("adam")["adam-class"].replace("theta -=", "theta +=")})
    notebook["cells"] = [c for c in notebook["cells"] if submissions.grade_id(c) != "adam-downhill"]
    for cell in notebook["cells"]:
        if submissions.grade_id(cell) == "adam-state":
            cell["source"] = "pass"
            cell["metadata"]["nbgrader"]["points"] = 1000
    result = graded(notebook=notebook)
    lost = {mark.id for mark in result.marks if mark.given == 0}
    assert lost == {"adam-downhill"} and result.score == FULL - 2
    assert "had been deleted; put back" in said(result) and "had been changed; put back" in said(result)


def test_cells_that_lost_their_marks_are_run_as_they_stand(bench, graded):
    notebook = bench.notebook("adam")
    for cell in notebook["cells"]:
        cell["metadata"] = {}
    result = graded(notebook=notebook)
    assert result.score == FULL and "lost their marks" in said(result)


EMA = "def ema(old, new, beta):\n    return beta * old + (1 - beta) * new\n"
BELOW = {  # a cell of one's own below the checks: what it does to names changes nothing for them
    "deleted": "del np, Adam, ema",
    "a name of Python's": "sum = zip = range = 3",
    "the helper is another": "def ema(old, new, beta): return 0 * old",
    "an optimizer called Adam": "Adam = Adam([np.zeros(2)], lr=0.1)",
    "numbers called otherwise": "longest_step, times_too_long = 'a', 'plot'",
    "a worse Adam": "class Adam:\n    def __init__(self, *_, **__): pass\n    def step(self, gradients): pass",
}


@pytest.mark.parametrize("name", BELOW)
def test_what_a_notebook_does_below_a_check_changes_nothing_for_it(bench, graded, name):
    text = changed(bench.model("adam")["adam-class"], "self.beta1 * m + (1 - self.beta1) * g", "ema(m, g, self.beta1)")
    text = changed(text, "m[...] =", "m[...] = sum([0]) +", "class Adam:", EMA + "\n\nclass Adam:")
    result = graded(own=BELOW[name], answers={"adam-class": text})
    assert result.score == FULL and not result.flags, said(result)


def placed(bench, *cells, answer=None):
    """Return a notebook with the answer in other cells, which stand below its own."""
    notebook = bench.notebook("adam", {"adam-class": answer})
    place = next(k for k, c in enumerate(notebook["cells"]) if submissions.grade_id(c) == "adam-class")
    new = [{"cell_type": "code", "metadata": {}, "source": text, "outputs": []} for text in cells]
    notebook["cells"][place + 1 : place + 1] = new
    return notebook


def test_an_answer_may_stand_in_several_cells(bench, graded):
    text = bench.model("adam")["adam-class"]
    head, tail = text.split("    def step")
    step = "def step" + tail.replace("\n    ", "\n")
    for cells in (
        [head, f"{step}\n\nAdam.step = step"],
        [head, f"{step}\n\nsetattr(Adam, 'step', step)"],
        [f"%%writefile mine.py\nimport numpy as np\n\n{text}", "from mine import Adam"],
    ):
        result = graded(notebook=placed(bench, *cells, answer="pass"))
        assert result.score == FULL, said(result)


def test_an_answer_beside_an_empty_cell_for_it_counts(bench, graded):
    text = bench.model("adam")["adam-class"]
    above = placed(bench, text)
    place = next(k for k, c in enumerate(above["cells"]) if submissions.grade_id(c) == "adam-class")
    above["cells"].insert(place, above["cells"].pop(place + 1))
    copied = bench.notebook("adam")
    copied["cells"].insert(place + 1, copy.deepcopy(bench.blank["adam"]["cells"][place]))
    for notebook in (placed(bench, text), above, copied):
        result = graded(notebook=notebook)
        assert result.score == FULL and "as it was given out" in said(result), said(result)


def test_another_kernel(bench, graded):
    notebook = bench.notebook("adam")
    notebook["metadata"]["kernelspec"] = {"display_name": "Julia 1.11", "language": "julia", "name": "julia-1.11"}
    result = graded(notebook=notebook)
    assert (result.status, result.score) == ("unreadable", 0) and "Julia 1.11" in said(result)


def test_another_name(bench, graded):
    text = bench.model("adam")["adam-class"].replace("class Adam", "class ADAM")
    result = graded(answers={"adam-class": text})
    assert "There is no `Adam` in your notebook" in said(result) and "`ADAM`: is it that?" in said(result)
    assert result.score == 2  # part 2 does not need it


def test_a_renamed_notebook(graded):
    result = graded(name="adam (final) v2.ipynb")
    assert result.score == FULL and "adam (final) v2.ipynb" in said(result)


def test_an_older_version(bench, graded):
    notebook = bench.notebook("adam")
    notebook["metadata"]["assignment"]["version"] = "0" * 12
    assert "older version" in said(graded(notebook=notebook))


def test_another_term(bench, graded):
    notebook = bench.notebook("adam")
    notebook["metadata"]["assignment"]["term"] = "1999"
    assert "term 1999" in said(graded(notebook=notebook))


@pytest.mark.parametrize("text", ["", "not a notebook", "[]", "{}", '{"cells": 3}', '{"cells": [{}]}', "[" * 100_000])
def test_what_is_no_notebook(graded, text):
    result = graded(notebook=text)
    assert (result.status, result.score) == ("unreadable", 0) and "not a notebook that can be opened" in said(result)


def test_an_empty_folder(graded, tmp_path):
    (tmp_path / "submitted" / "bob" / "adam").mkdir(parents=True)
    result = graded.check(tmp_path / "submitted")
    assert result.score == 0 and "There is no notebook" in said(result)


def test_two_notebooks(bench, graded, tmp_path):
    folder = tmp_path / "submitted" / "bob" / "adam"
    folder.mkdir(parents=True)
    for name in ("one.ipynb", "two.ipynb"):
        (folder / name).write_text(json.dumps(bench.notebook("adam", {"adam-words": name})))
    assert "which one counts?" in said(graded.check(tmp_path / "submitted"))


def test_a_link_to_another_submission_is_not_followed(bench, graded, tmp_path):
    other = tmp_path / "other.ipynb"
    other.write_text(json.dumps(bench.notebook("adam")))
    folder = tmp_path / "submitted" / "eve" / "adam"
    folder.mkdir(parents=True)
    os.symlink(other, folder / "adam.ipynb")
    assert "There is no notebook" in said(graded.check(tmp_path / "submitted"))


def test_feedback_shows_a_students_text_as_text():
    result = marking.Result("<script>alert(1)</script>", "adam", "graded", notes=["<b>"]).as_dict()
    assert "<script>" not in pages.feedback(result) and "<b>" not in pages.feedback(result)
