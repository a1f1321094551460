"""Is every figure of the built page alive, and does it draw what NumPy computes?"""

import json
import re
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from support.browser import come_to, unfold, values_of
from support.mounting import state_of as state_of_figure

import descent
from descent import Adam, GradientDescent, LineFit, Momentum, Problem, Ravine, Rosenbrock, descend, explore
from descent.engine.tape import replay
from descent.problems import record_problem, with_parameters

CHAPTER = "chapters/adam.html"
CHAPTERS = sorted(path.stem for path in (Path(__file__).parents[2] / "chapters").glob("*.ipynb"))
ALIVE = {*CHAPTERS} - {"reference", "sources"}  # chapters that must have a figure
FIGURE = ".descent-explore"
ROUNDED = 0.06  # pixels: lines are written in whole tenths
SKIPPED = 1.0  # pixels: a step shorter than that is not drawn on its own


def numpys_path(rule, setting, problem, start, steps):
    """The positions of a rule of the page: descend's, or the tape's by NumPy for a rule that a chapter defines."""
    values = {
        name: np.array(value) if isinstance(value, list) else value for name, value in (rule["fixed"] | setting).items()
    }
    given = getattr(descent, rule["name"], None)
    if given is not None and set(values) <= set(given.defaults):
        options = {name: word for name, word in values.items() if name in given.defaults}
        if replayed_alike(rule, given(**options)):
            return descend(given(**options), problem, start, steps).positions
    theta, state = np.array(start, dtype=float), {name: np.zeros(len(start)) for name in rule["state"]}
    positions = [theta]
    for t in range(1, steps + 1):
        inputs = {"theta": theta, "g": problem.gradient_at(theta, t), "t": t, **state, **values}
        made = replay(rule["tape"], {name: inputs[name] for name in rule["tape"]["inputs"]})
        theta = np.clip(made["theta"], *(problem.domain or (-np.inf, np.inf)))
        state |= {name: made[name] for name in state if name in made}
        if not np.isfinite(theta).all():
            theta = positions[-1]
        positions.append(theta)
    return np.array(positions)


def replayed_alike(rule, optimizer):
    """Whether the rule of the page is the package's with these hyperparameters: no schedule, no other word."""
    return optimizer.tape(inputs=[name for name in rule["fixed"]])["ops"] == rule["tape"]["ops"]


class Translated(Problem):
    """A problem that a chapter defines: its tape, replayed by NumPy."""

    def __init__(self, surface, parameters):
        self.tape, self.parameters = surface["tape"], parameters
        self.domain, self.start = surface["domain"], np.zeros(len(surface["labels"]))

    def _made(self, theta, t):
        values = {f"x{c}": theta[c] for c in range(len(self.start))} | self.parameters | {"t": t}
        return replay(self.tape, {name: values[name] for name in self.tape["inputs"]})

    def loss(self, theta):
        return self._made(theta, 1)["loss"]

    def gradient_at(self, theta, t):
        made = self._made(theta, t)
        return np.array([made[f"gradient_{c}"] + 0 * theta[c] for c in range(len(self.start))])


def the_problem(surface, parameters):
    """The problem of that name, made anew in Python; or one that a chapter defines."""
    condition = re.search(r"^ravine with condition number ([\d.]+)$", surface["name"])
    problems = [Ravine(float(condition[1]))] if condition else [Rosenbrock(), LineFit()]
    for problem in problems:
        if problem.name == surface["name"] and problem_is_translated(problem, surface):
            return with_parameters(problem, parameters)
    return Translated(surface, parameters)


def problem_is_translated(problem, surface):
    """Whether the surface of the page is this problem: another angle or other data have the same name."""
    parameters = [slider["name"] for slider in surface["sliders"]]
    return record_problem(problem, parameters, with_t="t" in surface["tape"]["inputs"]) == surface["tape"]


def read(figure):
    """What the page shows: the numbers behind it and the lines as they are drawn, in the surface's coordinates."""
    return values_of(
        figure,
        """(root) => {
        const { paths, losses, views, settings, parameters, start, frame, redraws } = root.descent;
        const shown = { paths, losses, views, settings, parameters, start, frame, redraws, lines: null };
        const plot = root.querySelector(".descent-map svg.descent-plot:has(.descent-line)");
        if (!plot) return shown;
        const lines = [...plot.querySelectorAll(".descent-line path")].map((line) => line.getAttribute("d"));
        return { ...shown, lines, box: plot.getAttribute("viewBox") };
    }""",
    )


def state_of(page, k):
    """What Python stored for the k-th figure of the page."""
    views = page.locator('script[type="application/vnd.jupyter.widget-view+json"]').all_text_contents()
    (stored,) = page.locator('script[type="application/vnd.jupyter.widget-state+json"]').all_text_contents()
    return json.loads(stored)["state"][json.loads(views[k])["model_id"]]["state"]


def compare(shown, state):
    """Assert that numbers and drawn lines of a figure are NumPy's."""
    if not state["rules"]:  # the figure of schedules, precomputed: test_figures.py
        return
    problem = the_problem(state["problem"], shown["parameters"])
    runs = zip(state["rules"], shown["settings"], strict=True)
    paths = [numpys_path(rule, setting, problem, shown["start"], state["steps"]) for rule, setting in runs]
    for path, drawn in zip(paths, shown["paths"], strict=True):
        assert relative_difference(np.array(drawn), path) <= 1e-9
    if shown["lines"] is None:  # a figure without a map
        return
    _, _, width, height = map(float, shown["box"].split())
    (x0, x1), (y0, y1) = state["problem"]["view"]
    for path, line in zip(paths, shown["lines"], strict=True):
        pixels = (path - [x0, y1]) / [x1 - x0, y0 - y1] * [width, height]
        vertices = np.array(re.findall(r"(-?\d+) (-?\d+)", line), dtype=float) / 10
        visible = pixels[(np.abs(pixels) < 4000).all(axis=1)]
        if len(visible) == len(pixels):  # each vertex is a step, and each step lies at the line
            gap = np.abs(vertices[:, None] - visible[None]).max(axis=2)
            assert gap.min(axis=1).max() <= ROUNDED and gap.min(axis=0).max() <= SKIPPED + ROUNDED


def relative_difference(a, b):
    """The largest difference, as a share of how far the path reaches."""
    return np.max(np.abs(a - b)) / np.max(np.abs(b))


@pytest.fixture
def chapter(page, serve):
    page.goto(f"{serve}/{CHAPTER}")
    return page


def drawn(figure):
    """Scroll to a live figure, wait until it is drawn, and return its root; what asks first is at its end."""
    come_to(figure)
    root = figure.locator(FIGURE)
    root.wait_for()
    if read(root)["frame"] == 0:
        root.locator("input[name=frame]").press("End")
        figure.page.wait_for_function("(root) => root.descent.frame > 0", arg=root.element_handle())
    return root


def first_figure(page):
    return drawn(page.locator(".descent-figure--moves").first)


def settled(page, figure, before):
    """Wait until the figure has been drawn again, and read it."""
    page.wait_for_function("([root, n]) => root.descent.redraws > n", arg=[figure.element_handle(), before["redraws"]])
    return read(figure)


@pytest.mark.parametrize("name", CHAPTERS)
def test_each_figure_of_a_chapter_shows_numpys_paths_and_follows_each_of_its_sliders(name, page, serve):
    """Each slider a page down and at a random place; after each move what is drawn is read back."""
    page.goto(f"{serve}/chapters/{name}.html")
    unfold(page)
    figures = [drawn(figure) for figure in page.locator(".descent-figure--moves").all()]
    assert figures or name not in ALIVE
    rng = np.random.default_rng(2015)
    for k, figure in enumerate(figures):
        state = state_of(page, k)
        shown = read(figure)
        compare(shown, state)
        sliders = figure.locator(".descent-rules input[type=range]").all()
        for move in (page_down, partial(to_random_place, rng)):
            for slider in sliders:
                move(slider)
                moved = settled(page, figure, shown)
                assert (moved["settings"], moved["parameters"]) != (shown["settings"], shown["parameters"])
                if move is page_down:  # somewhere else a setting may make no difference
                    assert (moved["paths"], moved["views"]) != (shown["paths"], shown["views"])
                compare(moved, state)
                shown = moved


def page_down(slider):
    slider.press("PageDown" if float(slider.input_value()) > 0 else "PageUp")


def to_random_place(rng, slider):
    place, most = int(slider.input_value()), int(slider.get_attribute("max"))
    other = (place + int(rng.integers(1, most + 1))) % (most + 1)
    slider.evaluate(
        "(input, place) => { input.value = place; input.dispatchEvent(new Event('input', { bubbles: true })); }", other
    )


def test_a_slider_moves_by_mouse(chapter):
    figure = first_figure(chapter)
    before = read(figure)
    slider = figure.locator("input[name=lr]").first
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    place = float(slider.input_value()) / float(slider.get_attribute("max"))
    y = box["y"] + box["height"] / 2
    chapter.mouse.move(box["x"] + place * box["width"], y)
    chapter.mouse.down()
    chapter.mouse.move(box["x"] + 0.4 * box["width"], y, steps=5)
    chapter.mouse.up()
    after = settled(chapter, figure, before)
    assert after["paths"][0] != before["paths"][0]
    assert after["lines"][0] != before["lines"][0]
    compare(read(figure), state_of(chapter, 0))


def test_the_start_is_dragged_by_mouse_and_moved_by_keys(chapter):
    figure = first_figure(chapter)
    handle = figure.locator(".descent-handle")
    handle.scroll_into_view_if_needed()
    before = read(figure)
    box = handle.bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    chapter.mouse.move(x, y)
    chapter.mouse.down()
    chapter.mouse.move(x + 40, y + 25, steps=4)
    chapter.mouse.up()
    dragged = settled(chapter, figure, before)
    assert dragged["start"][0] > before["start"][0] and dragged["start"][1] < before["start"][1]
    handle.press("ArrowUp")
    chapter.wait_for_function(
        "([root, y]) => root.descent.start[1] > y", arg=[figure.element_handle(), dragged["start"][1]]
    )
    compare(read(figure), state_of(chapter, 0))


def test_play_advances_pauses_and_reset_goes_back(chapter):
    figure = first_figure(chapter)
    before = read(figure)
    figure.locator("input[name=lr]").first.press("PageDown")
    settled(chapter, figure, before)
    play = figure.get_by_role("button", name=re.compile("play", re.I))
    play.click()
    chapter.wait_for_function(
        "([root, last]) => root.descent.frame > 0 && root.descent.frame < last",
        arg=[figure.element_handle(), before["frame"]],
    )
    figure.get_by_role("button", name=re.compile("pause", re.I)).click()
    stopped = read(figure)["frame"]
    chapter.wait_for_timeout(300)
    assert read(figure)["frame"] == stopped < before["frame"]
    figure.get_by_role("button", name=re.compile("reset", re.I)).click()
    chapter.wait_for_function("(root) => root.descent.frame === 0", arg=figure.element_handle())  # it asks again
    after = read(figure)
    assert (after["settings"], after["start"], after["paths"]) == (before["settings"], before["start"], before["paths"])


def test_scrubbing_shows_the_path_up_to_a_step(chapter):
    figure = first_figure(chapter)
    whole = read(figure)["lines"][0]
    scrub = figure.locator("input[name=frame]")
    scrub.press("Home")
    chapter.wait_for_function("(root) => root.descent.frame === 0", arg=figure.element_handle())
    scrub.press("ArrowRight")
    chapter.wait_for_function("(root) => root.descent.frame === 1", arg=figure.element_handle())
    so_far = read(figure)["lines"][0]
    assert 0 < len(so_far) < len(whole) and whole.startswith(so_far)


def test_the_words_follow_the_state(chapter):
    figure = first_figure(chapter)
    words = figure.locator(".descent-says")
    assert words.is_visible()
    before = words.inner_text()
    figure.locator("input[name=lr]").first.press("PageDown")
    chapter.wait_for_function("([node, old]) => node.innerText !== old", arg=[words.element_handle(), before])


def test_a_figure_starts_when_it_is_scrolled_to_and_not_before(chapter):
    unfold(chapter)
    last = chapter.locator(".descent-figure--moves").last
    chapter.wait_for_timeout(500)
    assert last.locator(FIGURE).count() == 0 and last.bounding_box()["height"] > 200  # its place is kept
    come_to(last)
    last.locator(FIGURE).wait_for()
    assert not last.locator("img").is_visible()


def test_a_task_in_the_text_sets_its_figure_as_often_as_it_is_clicked(page, serve):
    page.goto(f"{serve}/{CHAPTER}")
    chip = page.locator("a.descent-chip[href*='lr.3=0.1&frame=60']").first
    figure = page.locator(FIGURE).first
    is_set = "() => document.querySelector('.descent-explore')?.descent?.settings[2].lr === 0.1"
    for _ in range(3):  # the second click changes no address, and the browser tells nobody of it
        chip.click()
        page.wait_for_function(is_set)
        before = read(figure)
        slider = figure.locator("input[name=lr]").last
        slider.press("PageDown")
        assert settled(page, figure, before)["settings"][2]["lr"] < 0.1


def test_a_task_ends_the_question_and_a_verdict_is_of_the_run_that_was_guessed_at(page, serve):
    page.goto(f"{serve}/{CHAPTER}")
    page.locator("a.descent-chip[href*='lr.3=0.1&frame=60']").first.scroll_into_view_if_needed()
    figure = page.locator(FIGURE).first
    figure.locator(".descent-answers button", has_text="gradient descent").click()
    page.locator("a.descent-chip[href*='lr.3=0.1&frame=60']").first.click()
    verdict = figure.locator(".descent-verdict", has_text="You said gradient descent.")
    verdict.wait_for()
    assert page.locator(".descent-asking").count() == 0
    before = read(figure)
    figure.locator("input[name=lr]").last.press("End")
    settled(page, figure, before)
    verdict.wait_for(state="detached")
    figure.get_by_role("button", name="Reset").click()
    page.locator(".descent-asking").wait_for()
    figure.get_by_role("button", name="Edit Adam").click()
    page.locator(".cm-content").wait_for()
    assert page.locator(".descent-asking").count() == 0 and read(figure)["frame"] == 60


@pytest.mark.parametrize("name", sorted(ALIVE))
def test_each_figure_fits_a_small_laptop_with_all_that_moves_it(name, page, serve):
    """From its title to the last slider: 1366 × 768, without the bar that stays at the top."""
    page.set_viewport_size({"width": 1366, "height": 768})
    page.goto(f"{serve}/chapters/{name}.html")
    unfold(page)
    room = 768 - page.locator(".book-bar").bounding_box()["height"]
    heights = {}
    for figure in page.locator(".descent-figure--moves").all():
        come_to(figure)
        figure.locator(".descent-rules").wait_for()
        words = figure.locator(".descent-title").inner_text()
        heights[words] = figure.evaluate("""(figure) => {
            const box = (name) => figure.querySelector(name).getBoundingClientRect();
            return box(".descent-rules").bottom - box(".descent-title").top;
        }""")
    assert heights and {words: height for words, height in heights.items() if height > room} == {}


def test_figures_work_from_a_file_too(page, site):
    page.goto((site / CHAPTER).as_uri())
    figure = first_figure(page)
    before = read(figure)
    figure.locator("input[name=lr]").first.press("PageDown")
    compare(settled(page, figure, before), state_of(page, 0))


PLACES = {"gradient descent": GradientDescent(0.01), "momentum": Momentum(0.01), "adam": Adam(0.1)}


@pytest.mark.parametrize("name", PLACES)
def test_200_random_settings_give_numpys_path(page, serve, name):
    """Settings on which a rule is chaotic (Rosenbrock at a large learning rate) amplify rounding: left out by their
    rates.
    """
    rng = np.random.default_rng(2015)
    optimizer = PLACES[name]
    page.goto(f"{serve}/{CHAPTER}")
    first_figure(page)
    worst = 0.0
    for problem, highest in ((Ravine(), 0.09), (Rosenbrock(), 5e-4), (LineFit(), 1.0)):
        figure = explore(problem, optimizer, steps=100)
        cases = [draw(rng, figure, problem, highest) for _ in range(67)]
        results = values_of(page, RUN_CASES, [state_of_figure(figure), cases])
        for case, shown in zip(cases, results, strict=True):
            path = descend(type(optimizer)(**(optimizer.hyperparameters | case["setting"])), problem, case["start"])
            worst = max(worst, relative_difference(np.array(shown), path.positions))
    assert worst <= 1e-9


def draw(rng, figure, problem, highest):
    """A random setting of every slider, and a random start in view."""
    setting = {"lr": highest * 10 ** rng.uniform(-2, 0)}
    for slider in figure.rules[0]["sliders"][1:]:
        setting[slider["name"]] = 1 - 10 ** rng.uniform(-3.5, 0)
    return {"setting": setting, "start": [float(rng.uniform(low, high)) for low, high in problem.view]}


RUN_CASES = """async ([state, cases]) => {
    const listeners = {};
    const model = {
        get: (name) => state[name], save_changes() {}, off() {},
        set(name, value) { state[name] = value; (listeners[`change:${name}`] ?? []).forEach((heard) => heard()); },
        on(name, listener) { (listeners[name] ??= []).push(listener); },
    };
    const el = document.createElement("div");
    document.querySelector("main, article, body").append(el);
    const dispose = window.descentExplore.render({ model, el });
    const root = el.querySelector(".descent-explore");
    const paths = [];
    for (const { setting, start } of cases) {
        const n = root.descent.redraws;
        model.set("start", start);
        model.set("settings", [setting]);
        while (root.descent.redraws === n) await new Promise(requestAnimationFrame);
        paths.push(root.descent.paths[0]);
    }
    dispose();
    el.remove();
    return paths;
}"""
