"""What students get has no solutions and no hidden tests; nor has the site. The same term gives the same bytes."""

import ast
import json
import os
import re
import subprocess
import sys
import tomllib
import zipfile

import pytest
import release
import variants
from grading import submissions


@pytest.fixture(scope="module")
def package(tmp_path_factory):
    folder = tmp_path_factory.mktemp("release")
    return folder, release.make("2027-spring", folder)


def secrets(bench):
    """Return what must not get out: the lines of solutions and hidden tests that are in no student version."""
    given = "\n".join(cell["source"] for notebook in bench.blank.values() for cell in notebook["cells"])
    found = set()
    for name, source in bench.sources.items():
        texts = list(bench.model(name).values())
        texts += [submissions.hidden(cell["source"]) for cell in source["cells"]]
        for line in "\n".join(texts).splitlines():
            line = line.strip()
            if len(line) > 24 and line not in given:
                found.add(line)
    assert len(found) > 60
    return found


def own_lines(path):
    """Return the telling lines of a module of checks."""
    return {line.strip() for line in path.read_text().splitlines() if len(line.strip()) > 40}


def test_the_zip_has_no_solutions_and_no_hidden_tests(bench, package):
    hidden = secrets(bench)
    for path in (release.HERE / "checks").glob("*.py"):
        hidden |= own_lines(path)
    book = "\n".join(path.read_text() for path in sorted((release.ROOT / "code" / "descent").rglob("*.py")))
    with zipfile.ZipFile(package[1]) as archive:
        names = archive.namelist()
        texts = {name: archive.read(name).decode("utf-8", "replace") for name in names}
    assert not [name for name in names if "assignments/checks" in name or "grading" in name or "source/" in name]
    for name, text in texts.items():
        if "/code/descent/" in name:
            continue  # the book's own package, which everybody has
        if name.endswith(".ipynb"):
            text = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
        leaks = [line for line in hidden if line in text and line not in book]
        assert not leaks, (name, leaks)
        assert not re.search("BEGIN|END (SOLUTION|HIDDEN)", text.replace("BEGINNING", ""))


def test_the_site_has_no_solutions_and_no_hidden_tests(bench, site):
    texts = {path: path.read_text(encoding="utf-8", errors="replace") for path in site.rglob("*.html")}
    texts |= {path: path.read_text(encoding="utf-8", errors="replace") for path in site.rglob("*.ipynb")}
    for path, text in texts.items():
        for word in ("BEGIN HIDDEN", "BEGIN SOLUTION", "from checks import"):
            assert word not in text, (path, word)
    assert not [path for path in site.rglob("*") if "checks" in path.name or path.parent.name == "source"]


def test_the_same_term_gives_the_same_bytes(package, tmp_path):
    assert release.make("2027-spring", tmp_path).read_bytes() == package[1].read_bytes()


def test_a_term_has_its_numbers_everywhere(package):
    folder, _ = package
    for name in release.names():
        given = json.loads((folder / "release" / name / f"{name}.ipynb").read_text())
        source = json.loads((folder / "source" / name / f"{name}.ipynb").read_text())
        assert variants.term_of(given) == variants.term_of(source)
        assert given["metadata"]["assignment"]["term"] == "2027-spring"


@pytest.mark.parametrize("name", release.names())
def test_marks_add_up_to_what_the_assignment_says(bench, name):
    cells = bench.sources[name]["cells"]
    points = {kind: 0 for kind in ("check", "written")}
    for cell in cells:
        if submissions.grade_id(cell) and submissions.kind_of(cell) in points:
            points[submissions.kind_of(cell)] += cell["metadata"]["nbgrader"]["points"]
    said = re.search(r"\*\*Marks\*\* \| (\d+): (\d+) given by checks, (\d+) by a reader", cells[0]["source"])
    assert [int(n) for n in said.groups()] == [sum(points.values()), points["check"], points["written"]]
    for cell in cells:
        if submissions.kind_of(cell) == "check":
            said = re.search(r"\((\d+) marks?\)", cell["source"].splitlines()[0])
            assert int(said[1]) == cell["metadata"]["nbgrader"]["points"]


def test_every_hint_points_to_a_section_that_exists(root):
    headings = {}
    for path in (root / "chapters").glob("*.ipynb"):
        text = "\n".join(
            "".join(c["source"]) for c in json.loads(path.read_text())["cells"] if c["cell_type"] == "markdown"
        )
        headings[path.stem] = {line.lstrip("# ").strip() for line in text.splitlines() if line.startswith("#")}
    found = set()
    for path in (release.HERE / "checks").glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.Constant) and re.fullmatch(r"[a-z-]+#[^#]+", str(node.value)):
                found.add(node.value)
    listed = json.loads((release.HERE / "misconceptions.json").read_text())
    found |= {one["reread"] for family in listed.values() for one in family}
    assert len(found) > 15
    for hint in found - {"chapter#heading"}:
        chapter, _, section = hint.partition("#")
        assert section in headings.get(chapter, ()), hint


def test_the_guide_says_how_many_marks_there_are(bench, root):
    guide = (root / "chapters" / "instructors.md").read_text()
    for name, source in bench.sources.items():
        total, checks, read = re.search(
            r"\| (\d+): (\d+) given by checks, (\d+) by a reader", source["cells"][0]["source"]
        ).groups()
        row = next(line for line in guide.splitlines() if line.startswith(f"| `{name}`"))
        assert f"{checks} + {read}" in row


def test_notebooks_say_what_the_checks_call(bench):
    """Each hidden test is a few lines: an import and one call of a check."""
    for name, source in bench.sources.items():
        for cell in source["cells"]:
            if submissions.kind_of(cell) == "check":
                last = submissions.hidden(cell["source"]).strip().splitlines()[-1]
                assert re.fullmatch(rf"{name}\.\w+\(\)", last), last


def test_every_rule_is_withheld(tmp_path):
    """Whatever class stands in the modules of rules, a new one too, cannot be made where a submission runs."""
    from sandbox import course_package

    names = course_package.rules()
    assert {"Adam", "AdamW", "Momentum", "GradientDescent"} <= set(names)
    (tmp_path / "without").mkdir()
    place = course_package.make(tmp_path / "without", True)
    script = (
        "import descent, descent.after_adam, descent.rules\nmade = []\n"
        f"for name in {names!r}:\n"
        "    for module in (descent, descent.rules, descent.after_adam):\n"
        "        try:\n            getattr(module, name)()\n            made.append(name)\n"
        "        except (ImportError, AttributeError) as error:\n            pass\n"
        "print(made, descent.Rosenbrock().loss(descent.Rosenbrock().start) > 0)"
    )
    run = subprocess.run(
        [sys.executable, "-c", script], env=os.environ | {"PYTHONPATH": str(place)}, capture_output=True
    )
    assert run.stdout.decode().split() == ["[]", "True"], run.stderr.decode()[-500:]


def test_a_key_gives_numbers_that_the_name_of_a_term_does_not(tmp_path):
    given = {name: dict.fromkeys(values) for name, values in variants.CHOICES.items()}
    for name in variants.CHOICES:
        drawn = [
            json.dumps(variants.numbers(name, "2027", given[name], key)) for key in (b"a" * 16, b"a" * 16, b"b" * 16)
        ]
        assert drawn[0] == drawn[1] != drawn[2]
        assert drawn[0] != json.dumps(variants.numbers(name, "2027", given[name]))
    (tmp_path / "key").write_text("short")
    with pytest.raises(ValueError, match="at least 16"):
        variants.read_key(tmp_path / "key")
    assert variants.read_key(None) is None


def test_gradescopes_autograder_is_whole(tmp_path):
    import gradescope

    path = gradescope.make("adam", "2027-spring", b"k" * 20, tmp_path / "autograder.zip")
    with zipfile.ZipFile(path) as archive:
        names = set(archive.namelist())
        assert archive.getinfo("run_autograder").external_attr >> 16 == 0o755
        assert "--term 2027-spring --key key" in archive.read("run_autograder").decode()
    assert {"setup.sh", "assignments/grade.py", "assignments/source/adam/adam.ipynb", "code/descent/rules.py"} <= names
    mark = {"title": "t", "given": 1.0, "points": 2.0, "message": "m", "kind": "check"}
    result = {
        "assignment": "adam",
        "marks": [mark],
        "score": 1.0,
        "notes": ["n"],
        "stopped": [],
        "open": 4,
        "flags": [],
    }
    words = gradescope.in_their_words([result], "adam")
    assert words["score"] == 1 and words["tests"] == [{"name": "t", "score": 1.0, "max_score": 2.0, "output": "m"}]
    assert gradescope.in_their_words([], "adam")["score"] == 0


def test_what_grades_elsewhere_is_installed_there(root):
    """Gradescope and the image install the package with [assignments], not the environment of the book."""
    project = tomllib.loads((root / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["assignments"]]
    there = {re.match(r"[\w-]+", one)[0].removesuffix("-py").replace("-", "_") for one in wanted}
    there |= {
        "mdit_py_plugins",
        "nbconvert",
        "nbformat",
        "IPython",
        "traitlets",
        "descent",
        "__main__",
    }  # nbgrader's, and ours
    ours = {path.stem for path in release.HERE.rglob("*.py")} | {path.name for path in release.HERE.iterdir()}
    for path in release.HERE.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            modules = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            modules += [node.module] if isinstance(node, ast.ImportFrom) and not node.level else []
            for module in modules:
                name = module.partition(".")[0]
                assert name in there | ours | sys.stdlib_module_names, f"{path.name} imports {module}"


def test_students_can_ask_what_the_grader_will_read(bench, tmp_path):
    sys.path.insert(0, str(release.HERE / "package"))
    import check

    def said(content, name="adam.ipynb"):
        (tmp_path / name).write_text(content, encoding="utf-8")
        bad, good = check.look_at(tmp_path / name)
        return " ".join(bad), " ".join(good)

    assert said("{")[0] and said("x", "adam.py")[0]
    bad, good = said(json.dumps(bench.blank["adam"]))
    assert not bad and "still as they were given out" in good and "written answers are empty" in good
    bad, good = said(json.dumps(bench.notebook("adam", {"adam-class": "class Adam(:"})))
    assert "adam-class is not Python in line 1" in bad
    bad, good = said(json.dumps(bench.notebook("adam", {"adam-words": "So."})))
    assert not bad and "Defined here: Adam, uncorrected_over_corrected." in good
