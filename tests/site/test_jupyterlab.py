"""Is the figure alive in JupyterLab, and again after save and reopen, before any cell has run?"""

import json
import os
import socket
import subprocess
import sys
import time
import urllib.request

import nbformat
import pytest
from playwright.sync_api import expect

CELLS = [
    "from descent import Adam, GradientDescent, Momentum, Ravine, explore\n"
    "figure = explore(Ravine(), [GradientDescent(0.05), Momentum(0.02), Adam(0.5)])\nfigure",
    "print('python sees', figure.settings[0]['lr'], figure.paths[0].positions[-1].tolist())",
    "import ipywidgets\nfrom IPython.display import display\n"
    "seen = []\nfigure.observe(lambda change: seen.append(change['new']), 'frame')\n"
    "dial = ipywidgets.IntSlider(100, 0, 100, description='dial')\nipywidgets.link((dial, 'value'), (figure, "
    "'frame'))\n"
    "figure.start = [4.0, 2.0]\ndisplay(dial)",
    "print('observed', seen[-1], dial.value)",
]
LIVE_ONLY = (
    "import numpy as np\nfrom descent import Optimizer, Ravine, explore\n"
    "class Steepest(Optimizer):\n    def update(self, theta, g, *, lr=0.1):\n        theta -= lr * g / "
    "np.max(np.abs(g))\n"
    "explore(Ravine(), Steepest(0.3), needs_kernel=True)"
)
READY = "() => document.querySelector('.descent-explore')?.descent?.paths.length === 3"
ENDS = "() => document.querySelector('.descent-explore').descent.paths.map((path) => path.at(-1))"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    """A JupyterLab server on one notebook, which saves the state of its widgets with it."""
    home = tmp_path_factory.mktemp("lab")
    cells = [nbformat.v4.new_code_cell(source) for source in CELLS]
    kernel = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=kernel), home / "figure.ipynb")
    live = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(LIVE_ONLY)], metadata=kernel)
    nbformat.write(live, home / "live.ipynb")
    settings = home / "settings" / "@jupyter-widgets" / "jupyterlab-manager" / "plugin.jupyterlab-settings"
    settings.parent.mkdir(parents=True)
    settings.write_text(json.dumps({"saveState": True}))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    command = [
        sys.executable,
        "-m",
        "jupyterlab",
        "--no-browser",
        "--allow-root",
        f"--port={port}",
        "--ServerApp.port_retries=0",
    ]
    command += ["--IdentityProvider.token=", "--LabApp.news_url=None", f"--ServerApp.root_dir={home}"]
    command += [
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
        "--ServerApp.disable_check_xsrf=True",
    ]
    places = {"JUPYTERLAB_SETTINGS_DIR": str(home / "settings"), "JUPYTERLAB_WORKSPACES_DIR": str(home / "workspaces")}
    with open(home / "log", "w") as log:
        server = subprocess.Popen(command, env=os.environ | places, stdout=log, stderr=log)
    try:
        _wait_for(url + "/api/status", server, home / "log")
        yield url, home / "figure.ipynb"
    finally:
        server.terminate()
        server.wait(timeout=20)


def _wait_for(address, server, log):
    for _ in range(120):
        try:
            return urllib.request.urlopen(address, timeout=2).read()
        except OSError:
            assert server.poll() is None, log.read_text()
            time.sleep(0.5)
    raise AssertionError(f"JupyterLab did not answer within a minute:\n{log.read_text()}")


@pytest.fixture
def tab(browser):
    context = browser.new_context(viewport={"width": 1300, "height": 1100})
    context.set_default_timeout(60_000)
    yield context.new_page()
    context.close()


def widgets_of(notebook):
    """The state of widgets in a file; None where there is none, or where JupyterLab is amid writing the file."""
    try:
        return json.loads(notebook.read_text())["metadata"].get("widgets")
    except json.JSONDecodeError:
        return None


def test_the_figure_lives_in_jupyterlab_and_after_save_and_reopen(lab, tab, browser):
    url, notebook = lab
    tab.goto(f"{url}/lab/tree/figure.ipynb?reset")
    expect(tab.get_by_text("| Idle")).to_be_visible(timeout=60_000)  # asked to run earlier, JupyterLab opens a dialog
    cells = tab.locator(".jp-Notebook .jp-CodeCell .cm-content")
    for i in range(2):
        cells.nth(i).click()
        tab.keyboard.press("Shift+Enter")
    tab.wait_for_function(READY)
    before = tab.evaluate(ENDS)
    slider = tab.locator(".descent-explore input[name=lr]").first
    slider.focus()
    slider.press("ArrowRight")  # JupyterLab's own shortcuts must not swallow it
    tab.wait_for_function(f"(old) => JSON.stringify(({ENDS})()) !== JSON.stringify(old)", arg=before)
    moved = tab.evaluate(ENDS)
    assert moved[0] != before[0] and moved[1:] == before[1:]

    output = tab.locator(".jp-OutputArea-output", has_text="python sees")
    unmoved = output.inner_text()
    cells.nth(1).click()
    tab.keyboard.press("Shift+Enter")
    expect(output).not_to_have_text(unmoved)
    said = output.inner_text()  # Python has followed the slider
    assert json.loads(said[said.index("[") :]) == pytest.approx(moved[0], rel=1e-9, abs=1e-12)

    # Python sets it, observes it and links it with a slider of ipywidgets.
    cells.nth(2).click()
    tab.keyboard.press("Shift+Enter")
    tab.wait_for_function("() => document.querySelector('.descent-explore').descent.start[0] === 4")
    moved = tab.evaluate(ENDS)
    scrub = tab.locator(".descent-explore input[name=frame]")
    scrub.focus()
    scrub.press("PageDown")
    frame = int(scrub.input_value())
    expect(tab.locator(".widget-readout", has_text=str(frame))).to_be_visible()
    cells.nth(3).click()
    tab.keyboard.press("Shift+Enter")
    expect(tab.locator(".jp-OutputArea-output", has_text="observed")).to_have_text(f"observed {frame} {frame}\n")

    tab.keyboard.press("Control+s")
    for _ in range(60):
        state = widgets_of(notebook)
        if state:
            break
        time.sleep(0.5)
    assert state, "JupyterLab saved no widget state"
    for session in json.loads(urllib.request.urlopen(f"{url}/api/sessions").read()):
        request = urllib.request.Request(f"{url}/api/sessions/{session['id']}", method="DELETE")
        urllib.request.urlopen(request).read()

    again = browser.new_context().new_page()
    again.goto(f"{url}/lab/tree/figure.ipynb?reset")
    again.wait_for_function(READY, timeout=60_000)
    assert again.evaluate(ENDS) == moved
    slider = again.locator(".descent-explore input[name=lr]").first
    slider.focus()
    slider.press("ArrowLeft")
    again.wait_for_function(f"(old) => JSON.stringify(({ENDS})()) !== JSON.stringify(old)", arg=moved)
    again.context.close()


def test_a_rule_that_the_page_cannot_replay_is_drawn_by_the_kernel(lab, tab):
    url, _ = lab
    tab.goto(f"{url}/lab/tree/live.ipynb?reset")
    expect(tab.get_by_text("| Idle")).to_be_visible(timeout=60_000)
    tab.locator(".jp-Notebook .jp-CodeCell .cm-content").first.click()
    tab.keyboard.press("Shift+Enter")
    picture = tab.locator(".descent-explore .descent-picture")
    before = picture.get_attribute("src")
    slider = tab.locator(".descent-explore input[name=lr]")
    slider.focus()
    slider.press("PageDown")
    expect(picture).not_to_have_attribute("src", before)
    expect(tab.locator(".descent-explore")).to_contain_text("Python draws this figure")
