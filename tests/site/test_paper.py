"""The book on paper, as far as Sphinx takes it. Setting it needs XeTeX; `make paper` refuses what is missing then."""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys

import nbformat
import pytest


@pytest.fixture(scope="module")
def tools(root):
    """The modules make and vector_pictures of code/site/print."""
    folders = [str(root / "code" / "site" / "print"), str(root / "code" / "site")]
    sys.path[:0] = folders
    import make
    import vector_pictures

    yield make, vector_pictures
    for folder in folders:
        sys.path.remove(folder)


@pytest.fixture(scope="module")
def editions(tools, tmp_path_factory):
    make, _ = tools
    make.OUT = tmp_path_factory.mktemp("paper")
    return {name: make.write_latex(name).read_text(encoding="utf-8") for name in ("essential", "whole")}


def test_figures_and_equations_have_the_numbers_of_the_site(editions, site):
    pages = [path.read_text(encoding="utf-8") for path in sorted((site / "chapters").glob("*.html"))]
    figures = {number for page in pages for number in re.findall(r'"caption-number">Fig\. ([\d.]+?) ?<', page)}
    equations = {number for page in pages for number in re.findall(r'class="eqno">\(([\d.]+)\)<', page)}
    assert len(figures) > 40 and len(equations) > 80
    playground = {"3"}  # a figure that is not on paper; the first page has others of the unnumbered pages
    assert figures - set(re.findall(r"\\thefigure\{([\d.]+)\}", editions["whole"])) <= playground
    assert equations == set(re.findall(r"\\theequation\{([\d.]+)\}", editions["whole"]))
    assert set(re.findall(r"\\theequation\{([\d.]+)\}", editions["essential"])) < equations


def test_chapters_have_the_numbers_of_the_site(editions):
    depth, numbered = None, {True: [], False: []}
    for mark, title in re.findall(r"\\setcounter\{secnumdepth\}\{(-?\d)\}|\\chapter\{(.*)\}", editions["whole"]):
        depth = mark or depth
        if title:
            numbered[depth == "0"].append(title)
    assert [title.split()[0] for title in numbered[True]] == "Gradient Weight Momentum Adam Bias Adam Why".split()
    assert numbered[False] == [
        *("Before you begin", "Adam in fifteen minutes", "Reference", "Appendix: the two sources"),
        *("For instructors", "Solutions"),
    ]


def test_solutions_stand_at_the_end_or_not_at_all(editions, root):
    stored = "".join(path.read_text(encoding="utf-8") for path in (root / "chapters").glob("*.ipynb"))
    before, after = editions["whole"].split(r"\chapter{Solutions}")
    assert "Solution to" not in before
    assert after.count(r"\subsubsection*{Solution to ") == len(re.findall(r"\{solution(?:-start)?\} ", stored)) > 60
    assert "Solution to" not in editions["essential"]


def test_the_essential_way_has_no_second_reading(editions):
    assert r"\section{Second reading" in editions["whole"]
    assert not re.search(r"section\{Second reading", editions["essential"])
    assert len(editions["essential"]) < 0.6 * len(editions["whole"])


@pytest.mark.parametrize("edition", ["essential", "whole"])
def test_every_link_has_its_place_and_every_work_stands_once(editions, edition):
    text = editions[edition].replace(r"\detokenize", "")
    plain = re.sub(r"\{(\{[^{}]*\})\}", r"\1", text)
    places = set(re.findall(r"\\label\{([^{}]+)\}", plain))
    links = set(re.findall(r"\\hyperref\[\{?([^\]{}]+)\}?\]", text)) | set(re.findall(r"\\eqref\{([^{}]+)\}", plain))
    assert len(links) > 150
    assert links - places == set()
    works = re.findall(r"\\bibitem\[[^\]]*\]\{([^{}]+)\}\n\\sphinxAtStartPar\n(.*)", text)
    assert len({words for _, words in works}) == len(works) > 80
    cited = set(re.findall(r"\\hyperlink\{cite\.([^{}]+)\}", text))
    assert cited <= {name for name, _ in works}


def test_pictures_are_drawn_as_lines_and_known_by_what_the_site_calls_them(tools, tmp_path):
    _, vector_pictures = tools
    cells = [
        "import matplotlib.pyplot as plt\nfrom descent.figures.plots import style\nstyle()",
        "plt.plot([1, 2])\nplt.show()",
        "from descent import Adam, Ravine, explore\nexplore(Ravine(), [Adam(lr=0.3)], steps=5)",
    ]
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in cells])
    dots = [base64.b64encode(name).decode() for name in (b"first", b"second")]
    for cell, data in zip(notebook.cells[1:], dots):
        cell.outputs = [nbformat.v4.new_output("display_data", {"image/png": data})]
    path = tmp_path / "small.ipynb"
    path.write_text(nbformat.writes(notebook))
    drawn = vector_pictures.draw(path)
    assert list(drawn) == [hashlib.sha256(name).hexdigest() for name in (b"first", b"second")]
    assert all(picture.startswith(b"%PDF") for picture in drawn.values())
    assert vector_pictures.draw(path) == drawn
    assert json.loads(path.read_text()) == json.loads(nbformat.writes(notebook)), "the notebook stays as it is"
