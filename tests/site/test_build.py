"""Building the site: the same commit gives the same bytes, and each fault is named with its cure."""

from __future__ import annotations

import asyncio
import base64
import io
import json
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import zmq.asyncio
from jupyter_client.session import Session
from PIL import Image

OUTPUTS = """
from ipywidgets import interact
from descent import Adam, Ravine, explore
interact(lambda k: print("k =", k), k=(1, 5))
explore(Ravine(condition=10), Adam(lr=0.1), steps=20)
"""


def command(*words, cwd):
    """Run a command of this environment; its exit code and all that it said."""
    words = [str(word) for word in words]
    program = shutil.which(words[0], path=os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]))
    done = subprocess.run(
        [program, *words[1:]],
        cwd=cwd,
        capture_output=True,
        text=True,
        encoding="utf-8",
        env=os.environ | {"NO_COLOR": "1", "COLUMNS": "400"},
    )
    return done.returncode, done.stdout + done.stderr


def notebook(*sources) -> dict:
    """A notebook of code cells that nobody has run."""
    cells = [
        {
            "id": f"cell{i}",
            "cell_type": "code",
            "source": source,
            "metadata": {},
            "outputs": [],
            "execution_count": None,
        }
        for i, source in enumerate(sources)
    ]
    return {"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": cells}


@pytest.fixture
def book(root, tmp_path) -> Path:
    """A copy of the book whose one chapter a test may spoil."""
    for name in ("_config.yml", "_toc.yml", "references.bib", "pyproject.toml", "code"):
        copy = shutil.copytree if (root / name).is_dir() else shutil.copy
        copy(root / name, tmp_path / name)
    (tmp_path / "_toc.yml").write_text("format: jb-book\nroot: chapters/faults\n")
    (tmp_path / "chapters").mkdir()
    return tmp_path


def write(book: Path, content: dict) -> Path:
    path = book / "chapters" / "faults.ipynb"
    path.write_text(json.dumps(content), encoding="utf-8")
    return path


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_fresh_build_gives_the_same_bytes(root, site, tmp_path):
    code, said = command("jupyter-book", "build", "-W", "-n", "--keep-going", "--path-output", tmp_path, root, cwd=root)
    assert code == 0, said
    here, there = contents(site), contents(tmp_path / "_build" / "html")
    assert [name for name in here.keys() | there.keys() if here.get(name) != there.get(name)] == []


def test_running_a_notebook_again_gives_the_same_bytes(book):
    path = write(book, notebook(*OUTPUTS.strip().splitlines()))
    runs = []
    for _ in range(2):
        code, said = command("python", "code/site/notebooks.py", path, cwd=book)
        assert code == 0, said
        runs.append(path.read_bytes())
    assert runs[0] == runs[1]
    stored = json.loads(runs[0])
    views = [
        output["data"]["application/vnd.jupyter.widget-view+json"]["model_id"]
        for cell in stored["cells"]
        for output in cell["outputs"]
        if "application/vnd.jupyter.widget-view+json" in output["data"]
    ]
    state = stored["metadata"]["widgets"]["application/vnd.jupyter.widget-state+json"]["state"]
    assert len(views) == 2 and set(views) < set(state)
    assert all(name.startswith("widget-") for name in state)
    assert "notebooks.py" not in command("python", "code/site/notebooks.py", cwd=book)[1]  # nothing left to run


def test_a_message_that_comes_while_another_is_sent_is_heard_at_once(root):
    """As an Output widget is answered just when its cell ends. Unheard, the reply would wait for minutes."""
    sys.path.append(str(root / "code" / "site"))
    from kernel import Channel

    async def run():
        kernel = zmq.Context.instance().socket(zmq.DEALER)
        with kernel, zmq.asyncio.Context.instance().socket(zmq.DEALER) as socket:
            socket.connect(f"tcp://127.0.0.1:{kernel.bind_to_random_port('tcp://127.0.0.1')}")
            session = Session()
            channel = Channel(socket, session)
            channel.send(session.msg("execute_request"))
            assert kernel.poll(10_000) and session.recv(kernel)[1]["msg_type"] == "execute_request"
            reply = asyncio.create_task(channel.get_msg(timeout=20))
            await asyncio.sleep(0.1)
            session.send(kernel, session.msg("execute_reply"))
            time.sleep(0.2)  # it is there, and the loop has not looked
            channel.send(session.msg("comm_msg"))
            heard, _ = await asyncio.wait([reply], timeout=10)
            assert heard and reply.result()["msg_type"] == "execute_reply"

    asyncio.run(run())


def test_only_what_changed_is_run(book):
    path = write(book, notebook("2 + 2"))

    def ran():
        code, said = command("python", "code/site/notebooks.py", cwd=book)
        assert code == 0, said
        return said

    assert "never run" in ran()
    assert ran() == ""
    spoilt = json.loads(path.read_text())
    spoilt["cells"][0]["source"] = "2 + 3"
    path.write_text(json.dumps(spoilt))
    assert "a code cell changed" in ran()
    assert "5" in path.read_text()
    with open(book / "code" / "descent" / "rules.py", "a") as package:
        package.write("\n# another version\n")
    assert "code/descent changed" in ran()
    assert ran() == ""


def test_a_notebook_that_fails_is_named_and_left_alone(book):
    path = write(book, notebook("a = 1", "b = 0\na / b"))
    before = path.read_bytes()
    code, said = command("python", "code/site/notebooks.py", cwd=book)
    assert code == 1
    for part in ("chapters/faults.ipynb, code cell 2", "ZeroDivisionError", "line 2: a / b", "Cure:", "make book"):
        assert part in said
    assert "Traceback" not in said
    assert path.read_bytes() == before


def test_a_broken_notebook_is_named(book):
    (book / "chapters" / "faults.ipynb").write_text('{"cells": [\n<<<<<<< HEAD\n')
    code, said = command("python", "code/site/notebooks.py", cwd=book)
    assert code == 1 and "chapters/faults.ipynb: not a notebook" in said and "Restore it" in said


def test_each_fault_of_a_page_is_named_with_its_cure(book):
    picture = {
        "output_type": "display_data",
        "metadata": {},
        "data": {
            "image/png": "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9aw"
            "AAAABJRU5ErkJggg=="
        },
    }
    widget = {
        "output_type": "display_data",
        "metadata": {},
        "data": {"application/vnd.jupyter.widget-view+json": {"model_id": "lost"}, "text/plain": "Slider"},
    }
    content = notebook("draw()", "slide()", "never()")
    content["cells"][0] |= {"outputs": [picture], "execution_count": 1}
    content["cells"][1] |= {"outputs": [widget], "execution_count": 2}
    content["cells"].insert(
        0,
        {
            "id": "text",
            "cell_type": "markdown",
            "metadata": {},
            "source": "# Faults\n\nA formula $\\frac{1$ and {cite}`nobody2020`.\n",
        },
    )
    write(book, content)
    code, said = command("jupyter-book", "build", "-W", "-n", "--keep-going", ".", cwd=book)
    assert code != 0
    for part in (
        "chapters/faults.ipynb: code cell 3 ('never()') was never run. Run `make book`",
        "chapters/faults.ipynb: no description for search engines. Add",
        "code cell 1 ('draw()'): a picture without alternative text. Add",
        "code cell 2 ('slide()'): the notebook does not store the state of its widget. Run",
        "KaTeX cannot read a formula",
        'could not find bibtex key "nobody2020"',
    ):
        assert part in said, said


FAULTS = {
    "[here](https://example.org/a-page)": (
        'a link to https://example.org/a-page says only "here"',
        "Say in the link's own words",
    ),
    '<a href="nowhere.html">a page that is not there</a>': (
        "leads to nowhere.html, which is not there",
        "Link to a label",
    ),
    '<span id="twice"></span> and <span id="twice"></span>': ('the id "twice" stands 2 times', "another label"),
    '<img src="data:image/gif;base64,R0lGODlhAQABAAAAACw=">': (
        "a picture without alternative text",
        "Add what it shows",
    ),
    '<script src="https://example.org/a.js"></script>': (
        "loads https://example.org/a.js from another host",
        "Put a copy",
    ),
    "<math><mfrac><mi>a</mi></mfrac></math>": ("<mfrac> with 1 instead of 2 parts", "one base and one script"),
}


def test_what_a_reader_would_stumble_over_is_named_with_its_line_and_its_cure(book):
    content = notebook()
    for i, source in enumerate(["# Faults", *FAULTS]):
        content["cells"].append({"id": f"t{i}", "cell_type": "markdown", "metadata": {}, "source": f"\n{source}\n"})
    heavy = np.random.default_rng(1).integers(0, 256, (700, 700, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(heavy).save(buffer, "PNG")
    picture = {"image/png": base64.b64encode(buffer.getvalue()).decode()}
    drawn = notebook("draw()")["cells"][0] | {
        "outputs": [{"output_type": "display_data", "metadata": {}, "data": picture}],
        "execution_count": 1,
        "metadata": {"mystnb": {"image": {"alt": "noise"}}},
    }
    content["cells"].append(drawn)
    write(book, content)
    code, said = command("jupyter-book", "build", "-W", "-n", "--keep-going", ".", cwd=book)
    assert code != 0
    for line in said.splitlines():
        print(line)
    for i, (source, parts) in enumerate(FAULTS.items(), start=2):
        told = [line for line in said.splitlines() if all(part in line for part in parts)]
        assert told, (source, said)
        assert "chapters/faults.ipynb" in told[0]
        if "math" not in source:
            assert f"cell {i}, line 2" in told[0], told[0]
    assert re.search(r"code cell 1 \('draw\(\)'\): the picture \w+\.png has \d+ kB, more than 150\. Draw fewer", said)


def test_figures_of_another_front_end_are_refused(book):
    path = write(book, notebook(*OUTPUTS.strip().splitlines()))
    assert command("python", "code/site/notebooks.py", path, cwd=book)[0] == 0
    path.write_text(path.read_text().replace("addEventListener", "listenTo"))
    code, said = command("jupyter-book", "build", "-W", "--keep-going", ".", cwd=book)
    assert code != 0
    assert "stored with another version of code/descent/figures. Run `make book`" in said
