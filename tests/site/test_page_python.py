"""Python in the page: buttons, order, stop, restart, errors, what is shown; with a stand-in that answers at once.

The stand-in (page_python/worker.js) takes the place of the real worker behind the same interface. The real one runs all
chapters in test_page_python_chapters.py.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import expect
from support.browser import settle, unfold

SOURCES = [
    "#define a\n#print first",
    "#use a\n#print second",
    "#use b",
    "#define b",
    "#markdown | n | loss |\\n|---|---|\\n| 1 | $x$ |",
    "#html <table><tr><td>4</td></tr></table><script>top.hacked = 1</script><img src=x onerror='top.hacked = 1'>",
]


def cell(source: str, number: int) -> dict:
    shown = {"output_type": "stream", "name": "stdout", "text": f"stored {number}\n"}
    return {
        "id": f"c{number}",
        "cell_type": "code",
        "source": source,
        "metadata": {"tags": ["hide-input"]} if number == 4 else {},
        "outputs": [shown] if number != 5 else [],
        "execution_count": number,
    }


@pytest.fixture(scope="module")
def small(root, tmp_path_factory) -> Path:
    """A site of one chapter, really built, where the folder of `make page-python` holds the stand-in."""
    sys.path.insert(0, str(root / "code" / "site"))
    import notebooks

    sys.path.pop(0)
    book = tmp_path_factory.mktemp("book")
    for name in ("_config.yml", "references.bib", "pyproject.toml"):
        shutil.copy(root / name, book / name)
    for name in ("code", "assignments/misconceptions.json"):
        (book / name).parent.mkdir(exist_ok=True)
        copy = shutil.copytree if (root / name).is_dir() else shutil.copy
        copy(root / name, book / name)
    (book / "_toc.yml").write_text("format: jb-book\nroot: chapters/small\n")
    (book / "chapters").mkdir()
    title = {"id": "t", "cell_type": "markdown", "source": "# Small\n\nWords.", "metadata": {}}
    described = {"myst": {"html_meta": {"description": "A chapter of six small cells, for tests."}}}
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": described}
    described["language_info"] = {"name": "python", "pygments_lexer": "ipython3"}
    described["kernelspec"] = {"name": "python3", "language": "python", "display_name": "Python 3"}
    notebook["cells"] = [title, *(cell(source, number) for number, source in enumerate(SOURCES, start=1))]
    notebook["metadata"]["descent"] = {"code": notebooks.code_digest(notebook)}
    (book / "chapters" / "small.ipynb").write_text(json.dumps(notebook))
    runtime = book / "_build" / "page-python"
    runtime.mkdir(parents=True)
    shutil.copy(root / "tests/site/page_python/worker.js", runtime)
    parts = {"all": {"file": "all.gz", "bytes": 1, "packed": 2_000_000}}
    (runtime / "runtime.json").write_text(json.dumps({"name": "A stand-in", "worker": "worker.js", "parts": parts}))
    program = Path(sys.executable).with_name("jupyter-book")
    done = subprocess.run([program, "build", "-W", "-n", "--keep-going", "."], cwd=book, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    return book / "_build" / "html"


@pytest.fixture
def chapter(page, small, serve_folder):
    page.goto(f"{serve_folder(small)}/chapters/small.html")
    return page


def open_cell(page, number: int):
    """Open a cell; what belongs to it on the page."""
    box = page.locator("div.cell").nth(number - 1)
    box.get_by_role("button", name="Run or edit").click()
    box.locator(".cm-content").wait_for()
    return box


def press(box, name: str, allow: bool = False):
    box.get_by_role("button", name=name, exact=True).first.click()
    if allow:
        box.get_by_role("button", name=re.compile("^Fetch")).click()
    return box


def write(page, box, text: str):
    box.locator(".cm-content").click()
    page.keyboard.press("Control+a")
    page.keyboard.insert_text(text)


def state(box):
    return box.locator(".page-python-state")


def shown(box) -> str:
    return box.locator(".page-python-output").inner_text().strip()


def wait(box, words: str):
    state(box).get_by_text(re.compile(words)).wait_for()


def test_without_a_press_a_page_has_a_button_on_each_cell_and_fetches_nothing(chapter, small):
    fetched = []
    chapter.on("request", lambda request: fetched.append(request.url))
    chapter.reload()
    settle(chapter)
    assert chapter.locator(".page-python-run").count() == len(SOURCES)
    assert [url for url in fetched if "_python/" in url and "door.js" not in url] == []
    assert (small / "_python" / "door.js").stat().st_size < 2000


def test_the_size_is_said_before_anything_is_fetched_and_no_is_an_answer(chapter):
    fetched = []
    chapter.on("request", lambda request: fetched.append(request.url))
    box = press(open_cell(chapter, 1), "Run")
    expect(state(box)).to_contain_text("2.1 MB to fetch, once")
    box.get_by_role("button", name="Not now").click()
    expect(state(box)).to_contain_text("Not fetched")
    assert not any("worker.js" in url for url in fetched)
    press(box, "Run", allow=True)
    wait(box, "Ran in")
    assert shown(box) == "first\nran cell 1"
    assert not box.locator(".cell_output").first.is_visible(), "what was printed gives its place to what ran"


def test_cells_run_alone_and_up_to_here_and_only_those_that_have_not_run(chapter):
    third = open_cell(chapter, 3)
    press(third, "Run", allow=True)
    wait(third, "comes from a cell above")
    assert "NameError: name 'b' is not defined" in third.locator(".page-python-error").inner_text()
    fourth = chapter.locator("div.cell").nth(3)
    fourth.locator("summary").click()
    open_cell(chapter, 4)
    press(fourth, "Run")
    wait(fourth, "Ran in")
    press(third, "Run up to here")
    wait(third, "Ran in")
    first = chapter.locator("div.cell").first
    assert shown(first) == "first\nran cell 1", "a cell that nobody opened shows what it did, too"
    first = open_cell(chapter, 1)
    write(chapter, first, "#print other")
    press(open_cell(chapter, 2), "Run up to here")
    wait(chapter.locator("div.cell").nth(1), "Ran in")
    assert shown(first) == "other\nran cell 1", "a cell whose text has changed runs again"
    press(first, "As printed")
    assert "first" in first.locator(".cm-content").inner_text()
    assert first.locator(".cell_output").inner_text().strip() == "stored 1"


def test_by_keyboard_alone(chapter):
    run = chapter.locator(".page-python-run").first
    run.focus()
    chapter.keyboard.press("Enter")
    chapter.locator(".cm-content").wait_for()
    chapter.wait_for_function("() => document.activeElement.classList.contains('cm-content')")
    chapter.keyboard.press("Control+Enter")
    chapter.wait_for_function("() => document.activeElement.textContent.startsWith('Fetch')")
    chapter.keyboard.press("Enter")
    box = chapter.locator("div.cell").first
    wait(box, "Ran in")
    chapter.wait_for_function("() => document.activeElement.classList.contains('cm-content')")
    chapter.keyboard.press("Escape")
    chapter.wait_for_function("() => document.activeElement.textContent === 'Run'")
    expect(chapter.locator(".page-python-bar [role=status]")).to_have_text(re.compile("^Cell 1 ran in"))


def test_stop_ends_python_and_says_what_is_lost_and_restart_begins_anew(chapter):
    first = press(open_cell(chapter, 1), "Run", allow=True)
    wait(first, "Ran in")
    second = open_cell(chapter, 2)
    write(chapter, second, "#print before\n#forever")
    press(second, "Run")
    second.locator("pre[data-stream]", has_text="before").wait_for()
    chapter.get_by_role("button", name="Stop").click()
    wait(second, "Stopped. What Python knew is gone")
    write(chapter, second, "#use a")
    press(second, "Run")
    wait(second, "comes from a cell above")
    press(second, "Run up to here")
    wait(second, "Ran in")
    chapter.get_by_role("button", name="Restart").click()
    chapter.get_by_text("knows nothing yet").wait_for()
    press(second, "Run")
    wait(second, "comes from a cell above")
    chapter.get_by_role("button", name="Run all").click()
    chapter.get_by_text("Cell 3 ended with an error").wait_for()


def test_when_python_itself_ends_it_says_so_and_starts_again(chapter):
    box = open_cell(chapter, 1)
    write(chapter, box, "#end")
    press(box, "Run", allow=True)
    wait(box, "Python ended: unreachable")
    write(chapter, box, "#print again")
    press(box, "Run")
    wait(box, "Ran in")
    assert shown(box).startswith("again")


def test_tables_are_tables_and_what_python_writes_cannot_run(chapter):
    table = press(open_cell(chapter, 5), "Run", allow=True)
    wait(table, "Ran in")
    assert table.locator(".page-python-output th").all_inner_texts() == ["n", "loss"]
    assert table.locator(".page-python-output td code").inner_text() == "x"
    html = press(open_cell(chapter, 6), "Run")
    wait(html, "Ran in")
    assert html.locator(".page-python-output td").inner_text() == "4"
    assert chapter.evaluate("() => window.hacked") is None
    chapter.said.clear()  # the picture that is not there


def test_nothing_sticks_out_on_a_phone_and_paper_has_no_buttons(open_page, small, serve_folder):
    page = open_page(viewport={"width": 360, "height": 740}, has_touch=True, is_mobile=True)
    page.goto(f"{serve_folder(small)}/chapters/small.html")
    unfold(page)
    wait(press(open_cell(page, 1), "Run", allow=True), "Ran in")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.emulate_media(media="print")
    assert page.locator(".page-python-run:visible, .page-python:visible, .page-python-bar:visible").count() == 0


def test_a_browser_that_lacks_what_it_needs_gets_one_sentence(page, small, serve_folder):
    page.add_init_script("delete window.DecompressionStream")
    page.goto(f"{serve_folder(small)}/chapters/small.html")
    box = open_cell(page, 1)
    wait(box, "This browser is too old to run Python here")
    page.goto((small / "chapters" / "small.html").as_uri())
    page.get_by_role("button", name="Run or edit").first.click()
    page.get_by_text("Python runs on this page only when it comes from a web server").wait_for()
    page.said.clear()


def test_a_site_without_the_folder_has_no_button(page, small, serve_folder, tmp_path):
    shutil.copytree(small, tmp_path / "site")
    shutil.rmtree(tmp_path / "site" / "_python")
    page.goto(f"{serve_folder(tmp_path / 'site')}/chapters/small.html")
    settle(page)
    assert page.locator(".page-python-run").count() == 0
    page.said.clear()  # the browser says that a file is missing: so it is
