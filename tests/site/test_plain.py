"""The notebook that a page gives to take home: plain Markdown, complete, and able to find the package."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

# What MyST knows and plain Markdown does not.
MYST = {
    "role": r"\{[a-zA-Z][\w:+-]*\}`",
    "directive": r"^\s*(```+|~~~+|:::+)\s*\{",
    "colon fence": r"^\s*:::",
    "target": r"^\([\w:.-]+\)=\s*$",
    "substitution": r"\{\{",
    "block break": r"^\+\+\+",
    "comment": r"^% ",
    "numbered equation": r"^\$\$\s*\([\w:.-]+\)\s*$",
}

SAMPLE = r"""# A page {#top}

(here)=
## A section, $x_1$ and `a_b`

See {ref}`here`, {numref}`fig-plot`, {eq}`eq-sum`, {prf:ref}`thm-one`, {numref}`ex-one`, {cite:t}`goh2017`,
{doc}`other <faults>` and [the section](here). Stars 2 * 3 * 4, a_b, $5 \text{ \$}$ and a price of \$5.[^note]

[^note]: A footnote with $y$.

$$
s = \sum_i x_i
$$ (eq-sum)

```{prf:theorem} Of one
:label: thm-one
One is $1$.
```

:::{prf:proof}
Look.
:::

:::{note}
A note with

- a list, and
  - one below it
:::

```{exercise} Count
:label: ex-one
How many are {eq}`eq-sum`?
```

```{solution-start} ex-one
:class: dropdown
```
As many as *you* like.
"""
REST = r"""And more of it.

```{solution-end}
```

```{dropdown} More
Hidden words.
```

:::{admonition} An answer
:class: dropdown
It is 42.
:::

| a | b |
|---|---|
| $\|x\|$ | two |

term
: what it means

```python
print("kept")
```

```{bibliography}
:filter: docname in docnames
```
"""
PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
MARKS = {"mystnb": {"figure": {"caption": "A line, $y=x$.", "name": "fig-plot"}, "image": {"alt": "a line"}}}


def downloads(site: Path) -> list[Path]:
    found = sorted((site / "_sources").rglob("*.ipynb"))
    assert found
    return found


def faults(notebook: dict) -> list[str]:
    """What of MyST is left in the Markdown cells, outside of code."""
    found = []
    for cell in notebook["cells"]:
        if cell["cell_type"] == "markdown":
            source = re.sub(r"^( *>? *)```\w*\n.*?^\1```$", "", "".join(cell["source"]), flags=re.S | re.M)
            for kind, pattern in MYST.items():
                for match in re.finditer(pattern, source, re.M):
                    inside_code = source[: match.start()].count("`") % 2
                    if not inside_code:
                        found.append(f"{kind}: {source[max(0, match.start() - 30) : match.end() + 30]!r}")
    return found


def code(notebook: dict) -> list[tuple[str, str]]:
    """Each code cell: its source, and its outputs."""
    return [
        ("".join(cell["source"]), json.dumps(cell["outputs"]))
        for cell in notebook["cells"]
        if cell["cell_type"] == "code" and cell.get("id") != "package"
    ]


def test_each_download_is_plain_and_has_all_the_code(root, site):
    for path in downloads(site):
        plain = json.loads(path.read_text(encoding="utf-8"))
        nbformat.validate(plain)
        assert faults(plain) == [], path.name
        chapter = json.loads((root / path.relative_to(site / "_sources")).read_text(encoding="utf-8"))
        assert code(plain) == code(chapter), path.name
        assert plain["metadata"].get("widgets") == chapter["metadata"].get("widgets"), path.name
        assert [cell["id"] for cell in plain["cells"] if cell["cell_type"] == "code"][0] == "package", path.name


def test_the_download_button_leads_to_it(site):
    for path in downloads(site):
        page = path.relative_to(site / "_sources").with_suffix(".html")
        assert f'_sources/{page.with_suffix(".ipynb").as_posix()}"' in (site / page).read_text(encoding="utf-8"), page


@pytest.fixture(scope="module")
def sample(root, tmp_path_factory):
    """A small book of one chapter, with everything that the chapters use; its plain edition and its page."""
    folder = tmp_path_factory.mktemp("book")
    for name in ("_config.yml", "references.bib", "pyproject.toml", "code"):
        copy = shutil.copytree if (root / name).is_dir() else shutil.copy
        copy(root / name, folder / name)
    (folder / "_toc.yml").write_text("format: jb-book\nroot: chapters/faults\n")
    (folder / "chapters").mkdir()
    cells = [
        nbformat.v4.new_markdown_cell(SAMPLE),
        nbformat.v4.new_code_cell("1 + 1"),
        nbformat.v4.new_markdown_cell(REST),
    ]
    cells.append(nbformat.v4.new_code_cell(PLOT, metadata=MARKS))
    notebook = nbformat.v4.new_notebook(cells=cells)
    notebook.metadata.myst = {"html_meta": {"description": "A sample."}}
    nbformat.write(notebook, folder / "chapters" / "faults.ipynb")
    quiet = {"capture_output": True, "text": True, "cwd": folder}
    ours = os.environ | {
        "BOOK_SITE": "https://example.org/book/",
        "BOOK_REPOSITORY": "https://github.com/somebody/book",
    }
    ran = subprocess.run([sys.executable, "code/site/notebooks.py"], **quiet)
    assert ran.returncode == 0, ran.stderr
    built = subprocess.run([Path(sys.executable).parent / "jupyter-book", "build", "."], env=ours, **quiet)
    assert built.returncode == 0, built.stderr
    assert "plain edition" not in built.stderr + built.stdout
    html = folder / "_build" / "html"
    plain = json.loads((html / "_sources" / "chapters" / "faults.ipynb").read_text(encoding="utf-8"))
    return plain, (html / "chapters" / "faults.html").read_text(encoding="utf-8")


def words(notebook: dict) -> str:
    return "\n\n".join(cell["source"] for cell in notebook["cells"] if cell["cell_type"] == "markdown")


def test_every_kind_of_myst_becomes_markdown(sample):
    plain, _ = sample
    assert faults(plain) == []
    text = words(plain)
    for expected in (
        "## A section, $x_1$ and `a_b`",
        "Stars 2 \\* 3 \\* 4, a_b, ",
        "a price of \\$5",
        "s = \\sum_i x_i \\tag{1}",
        "> **Theorem 1 (Of one)**\n>\n> One is $1$.",
        "> - a list, and\n>\n>   - one below it",
        "\n\n> Proof. Look.\n",
        "> **Exercise 1 (Count)**",
        "<summary>Solution to Exercise 1 (Count)</summary>\n\nAs many as *you* like.\n\n</details>",
        "<summary>Solution to Exercise 1 (Count), continued</summary>\n\nAnd more of it.\n\n</details>",
        "<summary>An answer</summary>\n\nIt is 42.\n\n</details>",
        "| a | b |\n| --- | --- |",
        "- **term**: what it means",
        '```python\nprint("kept")\n```',
        "**Fig. 1**: A line, $y=x$.",
        "Gabriel Goh",
    ):
        assert expected in text, (expected, text)
    folded = [cell for cell in plain["cells"] if "".join(cell["source"]) == "1 + 1"]
    assert folded[0]["metadata"]["jupyter"] == {"source_hidden": True, "outputs_hidden": True}


def test_each_link_leads_to_a_place_on_the_page(sample):
    plain, page = sample
    links = re.findall(r"\]\(https://example\.org/book/chapters/faults\.html(#[^)]*)?\)", words(plain))
    anchors = [link[1:] for link in links if link]
    assert len(anchors) >= 7
    assert [anchor for anchor in anchors if f'id="{anchor}"' not in page] == []


FOREIGN = "class Optimizer: pass\n"
PROBE = """
import sys
class Shell:
    def run_line_magic(self, name, line):
        print(name, line)
        sys.path.insert(0, {ours!r})
get_ipython = Shell
exec(open({cell!r}).read())
from descent import explore
print(explore.__module__)
"""


def first_cell(plain) -> str:
    return next(cell["source"] for cell in plain["cells"] if cell.get("id") == "package")


def run_first_cell(plain, folder, root, **environment):
    """Run it where `descent` is somebody else's package, with no other in sight."""
    (folder / "descent").mkdir(exist_ok=True)
    (folder / "descent" / "__init__.py").write_text(FOREIGN)
    (folder / "cell.py").write_text(first_cell(plain))
    probe = PROBE.format(ours=str(root / "code"), cell=str(folder / "cell.py"))
    kept = {name: value for name, value in os.environ.items() if "KAGGLE" not in name and "BINDER" not in name}
    return subprocess.run(
        [sys.executable, "-c", probe], env=kept | environment, capture_output=True, text=True, cwd=folder
    )


def test_a_notebook_alone_says_how_to_get_the_package(sample, tmp_path, root):
    done = run_first_cell(sample[0], tmp_path, root)
    assert done.returncode == 1
    assert re.search(
        r'^ImportError: .*pip install "how-adam-works\[chapters\] @ https://example\.org/book/_static/how_adam_works-',
        done.stderr.strip().splitlines()[-1],
    )
    assert len(first_cell(sample[0]).splitlines()) <= 16


@pytest.mark.parametrize("host", ["KAGGLE_KERNEL_RUN_TYPE", "BINDER_SERVICE_HOST"])
def test_it_installs_the_package_where_that_is_the_custom(sample, tmp_path, root, host):
    done = run_first_cell(sample[0], tmp_path, root, **{host: "yes"})
    assert done.returncode == 0, done.stderr
    said = done.stdout.splitlines()
    assert said[0].startswith('pip install --quiet "how-adam-works[chapters] @ https://example.org/book/')
    assert said[1].startswith("descent.figures")


def test_without_an_address_it_says_where_the_package_comes_from(root, tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(root / "code" / "site")
    import plain

    monkeypatch.setattr(plain.address, "install", lambda: None)
    alone = {"cells": [plain.first_cell()]}
    done = run_first_cell(alone, tmp_path, root)
    assert done.returncode == 1 and "comes with the book's repository" in done.stderr.strip().splitlines()[-1]
