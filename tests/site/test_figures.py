"""Does each kind of figure compute in the page what NumPy computes, whatever slider is moved?

The front end runs here on an empty page, with the state that `explore` made: no chapter is needed. What the page
drew is read back and compared with `descend` and with NumPy after each move.
"""

import numpy as np
import pytest
from support.browser import values_of
from support.figures import FIGURES, difference
from support.mounting import mount_on

from descent import Adam, GradientDescent, Momentum, Optimizer, Ravine, explore, explore_schedules
from descent.engine.tape import replay
from descent.figures import still
from descent.figures.schedule_figure import schedule
from descent.figures.widget import stylesheet

READ = """() => {
    const root = document.querySelector(".descent-explore");
    const { paths, losses, views, settings, parameters, start, frame, redraws } = root.descent;
    return { paths, losses, views, settings, parameters, start, frame, redraws };
}"""


BARE = "<!doctype html><html lang=en><head><title>A figure</title></head><body></body></html>"


@pytest.fixture
def mount(page, serve):
    """mount(figure) draws the widget on a bare page of the site's server, and returns its root."""

    def mount(figure, **more):
        page.route("**/bare.html", lambda route: route.fulfill(content_type="text/html", body=BARE))
        page.goto(f"{serve}/bare.html")  # not a page of the book: its policy forbids the script that is mounted here
        mount_on(page, figure, **more)
        return page.locator(".descent-explore")

    return mount


def moved(page, before):
    """Wait until the figure has been drawn again, and read it."""
    page.wait_for_function(
        "(n) => document.querySelector('.descent-explore').descent.redraws > n", arg=before["redraws"]
    )
    return values_of(page, READ)


def compare(figure, shown):
    """Assert that what the page computed is what NumPy computes with the same settings."""
    figure.settings, figure.parameters, figure.start = shown["settings"], shown["parameters"], shown["start"]
    paths = figure.paths
    for path, positions, losses in zip(paths, shown["paths"], shown["losses"], strict=True):
        assert difference(positions, path.positions) <= 1e-9
        assert difference(losses, path.losses) <= 1e-9
    for view, numbers in zip(figure.views, shown["views"], strict=True):
        if view["kind"] == "curves":
            for line, drawn in zip(view["lines"], numbers, strict=True):
                values = still.line_values(
                    line, figure.surface, figure.rules, figure.settings, figure.parameters, paths
                )
                assert difference(drawn, values) <= 1e-9
        elif view["kind"] == "data":
            ends = [figure.surface.predict(path.positions[shown["frame"]], np.array(view["view"][0])) for path in paths]
            assert difference(numbers, ends) <= 1e-9
        elif view["kind"] == "plane":
            assert difference(numbers, replay(view["tape"], figure.settings[0])["value"]) <= 1e-9


@pytest.mark.parametrize("name", FIGURES)
def test_every_slider_of_every_kind_of_figure_gives_numpys_numbers(page, mount, name):
    figure = FIGURES[name]()
    root = mount(figure)
    shown = values_of(page, READ)
    compare(figure, shown)
    sliders = root.locator(".descent-rules input[type=range]").all()
    for slider in sliders:
        slider.press("PageDown" if float(slider.input_value()) > 0 else "PageUp")
        after = moved(page, shown)
        assert (after["settings"], after["parameters"]) != (shown["settings"], shown["parameters"])
        compare(figure, after)
        shown = after
    for control in root.locator("input, button, summary, [role=slider]").all():
        assert control.evaluate(
            "(node) => (node.labels?.[0] ?? node).textContent.trim() || node.getAttribute('aria-label')"
        )


def test_the_marks_move_with_the_condition_number_and_the_contours_too(page, mount):
    root = mount(FIGURES["bowl"]())
    ground = "() => [...document.querySelectorAll('.descent-contour')].map((line) => line.getAttribute('d')).join()"
    before, lines = values_of(page, READ), page.evaluate(ground)
    root.locator("input[name=condition]").press("PageUp")
    shown = moved(page, before)
    condition = shown["parameters"]["condition"]
    assert condition > 20 and page.evaluate(ground) != lines
    for label, value in (("2/h", 2 / condition), ("best", 2 / (1 + condition))):
        root.locator(".descent-mark", has_text=label).click()
        shown = moved(page, shown)
        assert shown["settings"][0]["lr"] == pytest.approx(value, rel=1e-12)
    assert shown["losses"][0][-1] < shown["losses"][0][0]


def test_the_point_of_the_plane_sets_both_hyperparameters_by_mouse_and_keys(page, mount):
    figure = FIGURES["phase"]()
    root = mount(figure)
    before = values_of(page, READ)
    box = root.locator(".descent-map svg.descent-plot").bounding_box()
    page.mouse.click(box["x"] + 0.75 * box["width"], box["y"] + 0.25 * box["height"])
    after = moved(page, before)
    assert after["settings"][0]["lr"] == pytest.approx(3, abs=0.02)
    assert after["settings"][0]["beta"] == pytest.approx(0.75, abs=0.01)
    compare(figure, after)
    root.get_by_role("slider", name="Settings of Momentum").press("ArrowDown")
    lower = moved(page, after)
    assert lower["settings"][0]["beta"] < after["settings"][0]["beta"]
    lr, beta = lower["settings"][0]["lr"], lower["settings"][0]["beta"]
    radius = np.abs(np.linalg.eigvals([[beta, 1], [-lr * beta, 1 - lr]])).max()
    assert lower["views"][0] == pytest.approx(radius, rel=1e-9)
    root.locator(".descent-says", has_text="Rate here").wait_for()


def test_step_by_step_shows_the_numbers_of_the_step(page, mount):
    figure = explore(Ravine(), Adam(lr=0.5), steps=10)
    root = mount(figure)
    root.locator("summary").click()
    root.get_by_role("button", name="one step back").click()
    page.wait_for_function("() => document.querySelector('.descent-inspector-step').textContent === 'Step 9.'")
    rows = {
        row.locator("th").inner_text(): row.locator("td").all_inner_texts() for row in root.locator("tbody tr").all()
    }
    optimizer, theta, before = Adam(lr=0.5), np.array(figure.start), None
    for _ in range(9):
        before = theta.copy()
        g = Ravine().gradient(before)
        optimizer.step(theta, g)
    m, v = optimizer.state_dict()["m"], optimizer.state_dict()["v"]
    expected = {
        "θ before": before,
        "g": g,
        "m": m,
        "v": v,
        "m\u0302": m / (1 - 0.9**9),
        "v\u0302": v / (1 - 0.999**9),
        "step": theta - before,
        "θ after": theta,
    }
    assert set(rows) == set(expected)
    for name, values in expected.items():
        read = [float(text.replace("−", "-").replace("\u00a0×\u00a010", "e").translate(PLAIN)) for text in rows[name]]
        assert read == pytest.approx(values, rel=1e-4), name


def test_a_schedule_is_shaped_and_shows_the_loss_computed_for_it(page, mount):
    figure = explore_schedules()
    root = mount(figure)
    shown = values_of(page, READ)
    for slider in root.locator(".descent-rules input[type=range]").all():
        slider.press("ArrowLeft")
        shown = moved(page, shown)
        figure.parameters = shown["parameters"]
        rates, losses = ([np.nan if value is None else value for value in numbers[0]] for numbers in shown["views"])
        expected = [float(schedule(**figure.chosen)(t)) for t in range(1, figure.steps + 1)]
        assert np.isnan(rates[0]) and rates[1:] == pytest.approx(expected, rel=1e-12)
        assert losses[:: len(losses) // (len(figure.losses) - 1)] == figure.losses
        name = slider.get_attribute("name")
        wanted = figure.chosen[name] if name == "shape" else f"{figure.chosen[name]:g}"
        assert slider.get_attribute("aria-valuetext") == wanted
    assert root.locator("svg text", has_text="precomputed").count() == 1
    root.locator(".descent-says", has_text="computed before").wait_for()


def test_what_only_python_can_draw_is_drawn_by_python(page, mount):
    class Steepest(Optimizer):
        def update(self, theta, g, *, lr=0.1):
            theta -= lr * g / np.max(np.abs(g))

    figure = explore(Ravine(), Steepest(0.3), needs_kernel=True, parameters={"condition": (1, 40)})
    root = mount(figure)
    for name in ("lr", "condition"):
        root.locator(f"input[name={name}]").press("PageDown")
    figure.settings, figure.parameters = page.evaluate(
        "() => [window.model.get('settings'), window.model.get('parameters')]"
    )
    assert figure.settings[0]["lr"] < 0.3 and figure.parameters["condition"] < 20
    page.evaluate(
        "([picture, alt]) => { window.model.set('picture', picture); window.model.set('alt', alt); }",
        [figure.picture, figure.alt],
    )
    picture = root.locator("img")
    assert picture.get_attribute("src").endswith(figure.picture) and picture.get_attribute("alt") == figure.alt
    assert "Python draws this figure" in root.inner_text()
    root.get_by_role("button", name="Reset").click()
    assert page.evaluate("() => window.model.get('settings')") == figure.origin["settings"]


PLAIN = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def test_reset_goes_back_to_the_authors_state_even_in_a_notebook_saved_after_moves(page, mount):
    figure = FIGURES["bowl"]()
    saved = {"settings": [{"lr": 1.0}], "parameters": {"condition": 3.0}, "start": [1.0, 1.0], "frame": 5}
    root = mount(figure, **saved)
    shown = values_of(page, READ)
    assert {name: shown[name] for name in saved} == saved
    root.get_by_role("button", name="Reset").click()
    after = moved(page, shown)
    assert {name: after[name] for name in saved} == figure.origin


def test_a_link_carries_the_state(page, mount):
    figure = FIGURES["bowl"]()
    root = mount(figure, place="figure-bowl")
    for name in ("condition", "lr"):
        shown = values_of(page, READ)
        root.locator(f"input[name={name}]").press("PageDown")
        shown = moved(page, shown)
    root.locator(".descent-handle").press("ArrowUp")
    shown = moved(page, shown)
    root.locator("input[name=frame]").press("PageDown")
    shown = moved(page, shown)
    root.get_by_role("button", name="Link").click()
    address = page.evaluate("() => location.hash")
    assert address.startswith("#figure-bowl?")
    page.evaluate("() => history.replaceState(null, '', '#')")
    root.get_by_role("button", name="Reset").click()
    moved(page, shown)
    page.evaluate("(hash) => { location.hash = hash; }", address)
    page.wait_for_function(
        "(frame) => document.querySelector('.descent-explore').descent.frame === frame", arg=shown["frame"]
    )
    again = values_of(page, READ)
    for name in ("settings", "parameters", "start", "frame", "paths"):
        assert again[name] == shown[name]
    page.evaluate("() => { location.hash = '#figure-bowl?frame=1e9&start=x,y&lr.1=nonsense&lr.7=1&condition=1e9'; }")
    page.wait_for_function("() => document.querySelector('.descent-explore').descent.parameters.condition === 100")
    assert values_of(page, READ)["settings"] == figure.origin["settings"]


def test_a_finger_drags_the_start_and_moves_a_slider(page, mount):
    cdp = page.context.new_cdp_session(page)
    cdp.send("Emulation.setTouchEmulationEnabled", {"enabled": True})

    def swipe(x, y, dx, dy):
        for k in range(6):
            touch = [{"x": x + dx * k / 5, "y": y + dy * k / 5}]
            cdp.send(
                "Input.dispatchTouchEvent", {"type": "touchStart" if k == 0 else "touchMove", "touchPoints": touch}
            )
        cdp.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})

    figure = FIGURES["race"]()
    root = mount(figure)
    shown = values_of(page, READ)
    box = root.locator(".descent-handle").bounding_box()
    swipe(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2, 40, 30)
    dragged = moved(page, shown)
    assert dragged["start"][0] > shown["start"][0] and dragged["start"][1] < shown["start"][1]
    slider = root.locator("input[name=lr]").first
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    place = float(slider.input_value()) / float(slider.get_attribute("max"))
    swipe(box["x"] + place * box["width"], box["y"] + box["height"] / 2, -60, 0)
    after = moved(page, dragged)
    assert after["settings"][0]["lr"] < dragged["settings"][0]["lr"]
    compare(figure, values_of(page, READ))


def test_nothing_moves_unasked(page, mount):
    root = mount(FIGURES["animation"]())
    page.wait_for_timeout(300)
    before = root.evaluate("(node) => node.outerHTML")
    page.wait_for_timeout(1000)
    assert root.evaluate("(node) => node.outerHTML") == before
    assert root.evaluate("(node) => node.getAnimations({ subtree: true }).length") == 0


@pytest.mark.parametrize("wanted, least, most", [("reduce", 2, 6), ("no-preference", 8, 1000)])
def test_play_is_a_few_still_pictures_for_those_who_want_less_motion(page, mount, wanted, least, most):
    page.emulate_media(reduced_motion=wanted)
    root = mount(FIGURES["animation"]())
    pictures = root.evaluate("""async (root) => {
        const frames = new Set();
        root.querySelector(".descent-play").click();
        for (const end = performance.now() + 2500; performance.now() < end;) {
            frames.add(root.descent.frame);
            await new Promise(requestAnimationFrame);
        }
        return frames.size;
    }""")
    assert least <= pictures <= most


@pytest.mark.parametrize("width", [360, 1280])
@pytest.mark.parametrize("name", ["bowl", "animation", "phase", "bias", "cycle"])
def test_nothing_sticks_out_on_a_narrow_screen_and_targets_are_large_enough(page, mount, name, width):
    page.set_viewport_size({"width": width, "height": 900})
    root = mount(FIGURES[name]())
    root.locator("summary").click()
    assert page.evaluate("() => document.documentElement.scrollWidth") <= width
    for control in root.locator("button:visible, input:visible, summary").all():
        box = control.bounding_box()
        assert min(box["width"], box["height"]) >= 24


def test_the_anatomy_of_a_step_is_numpys(page, mount):
    figure = explore(Ravine(), [GradientDescent(0.05), Adam(lr=0.5)], steps=20)
    root = mount(figure, frame=7)
    root.get_by_role("button", name="anatomy of the step").click()
    root.locator("button.descent-tab", has_text="Adam").click()
    drawn = "document.querySelector('.descent-explore').descent.anatomy"
    page.wait_for_function(f"() => {drawn}?.averageName === 'm_hat'")
    shown = page.evaluate(f"() => {drawn}")
    optimizer, theta = Adam(lr=0.5), np.array(figure.start)
    for _ in range(7):
        before, g = theta.copy(), Ravine().gradient(theta)
        optimizer.step(theta, g)
    m_hat = optimizer.state_dict()["m"] / (1 - 0.9**7)
    for name, values in {"from": before, "g": g, "average": m_hat, "step": theta - before}.items():
        assert shown[name] == pytest.approx(values, rel=1e-9), name
    assert shown["rate"] == 0.5
    texts = root.locator(".descent-anatomy-text").all_text_contents()
    assert texts[:2] == ["−g", "−m\u0302"] and texts[2].startswith("step") and texts[3].startswith("±η")
    root.locator("button.descent-tab", has_text="GradientDescent").click()
    page.wait_for_function(f"() => {drawn}.averageName === null")
    assert not root.locator(".descent-box").is_visible()  # gradient descent's steps have no scale of their own


def test_the_path_before_the_last_movement_stays_as_a_ghost_until_reset(page, mount):
    root = mount(FIGURES["race"]())
    lines = (
        "(kind) => [...document.querySelectorAll(`.descent-map .descent-${kind} path`)].map((p) => p.getAttribute('d'))"
    )
    assert page.evaluate(lines, "ghost") == [""] * 4
    before, shown = page.evaluate(lines, "line"), values_of(page, READ)
    root.locator("input[name=lr]").nth(1).press("PageDown")
    shown = moved(page, shown)
    ghost = page.evaluate(lines, "ghost")
    assert ghost == ["", before[1], "", ""] and page.evaluate(lines, "line")[1] != before[1]
    says = root.locator(".descent-says")
    page.wait_for_function("(node) => node.innerText.includes('before')", arg=says.element_handle())
    assert says.inner_text().count("After") == 1 and "Momentum" in says.inner_text()
    root.get_by_role("button", name="Reset").click()
    moved(page, shown)
    assert page.evaluate(lines, "ghost") == [""] * 4


def test_a_guess_comes_before_the_run_and_nothing_gives_it_away(page, mount):
    figure = explore(Ravine(), [GradientDescent(0.05), Momentum(0.05, 0.6)], steps=30, ask="Which ends lowest?")
    root = mount(figure)
    assert values_of(page, READ)["frame"] == 0
    assert not any(line.is_visible() for line in root.locator(".descent-whole").all())
    root.locator(".descent-answers button", has_text="GradientDescent").click()
    root.get_by_role("button", name="Play").click()
    root.locator(".descent-verdict", has_text="You said GradientDescent. The lowest, Momentum").wait_for()
    root.get_by_role("button", name="Reset").click()
    page.wait_for_function("() => document.querySelector('.descent-asking') !== null")


PHONES = {"upright": (390, 664), "small": (360, 640), "on its side": (844, 390)}


@pytest.mark.parametrize("screen", PHONES)
@pytest.mark.parametrize("name", ["race", "bowl", "bias", "animation", "cycle", "reddi", "schedule"])
def test_on_a_phone_every_slider_is_in_view_with_the_picture_it_moves(page, mount, name, screen):
    width, height = PHONES[screen]
    page.set_viewport_size({"width": width, "height": height})
    root = mount(FIGURES[name]())
    tabs = root.locator(".descent-legend button.descent-tab[aria-pressed]").all()
    for tab in [t for t in tabs if "anatomy" not in t.inner_text()] or [None]:
        if tab:
            tab.click()
        heights = root.evaluate("""(root) => {
            const shown = [...root.querySelectorAll(".descent-slider")].filter((one) => one.offsetParent);
            const boxes = [root.querySelector(".descent-plot"), ...shown].map((one) => one.getBoundingClientRect());
            const [tops, ends] = ["top", "bottom"].map((side) => boxes.map((box) => box[side]));
            return [Math.min(...tops), Math.max(...ends), shown.length];
        }""")
        assert heights[2] > 0 and heights[1] - heights[0] <= height
    assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")
    if screen == "small":
        page.set_viewport_size({"width": 320, "height": 640})
        assert page.evaluate("() => document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize("name", ["race", "bowl", "phase", "cycle"])
def test_a_figure_and_its_controls_fit_a_window_of_768_pixels(page, mount, name):
    page.set_viewport_size({"width": 790, "height": 768})  # what the page's columns leave of 1366
    root = mount(FIGURES[name]())
    assert (
        root.evaluate("""(root) => root.querySelector(".descent-rules").getBoundingClientRect().bottom
        - root.querySelector(".descent-title").getBoundingClientRect().top""")
        <= 768 - 60
    )  # the header stays


def test_with_text_at_200_percent_the_question_has_lines_of_words(page, mount):
    page.set_viewport_size({"width": 700, "height": 768})
    root = mount(explore(Ravine(), [Momentum(0.02), Adam(0.3), GradientDescent(0.05)], ask="Which will end lowest?"))
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    question, answers = (root.locator(f".descent-{part}").bounding_box() for part in ("question", "answers"))
    assert question["width"] > 400 and answers["y"] >= question["y"] + question["height"]


@pytest.mark.parametrize("width", [1280, 768, 360])
@pytest.mark.parametrize("name", ["animation", "decay", "race"])
def test_with_text_at_200_percent_each_slider_has_its_words_its_track_and_its_value(page, mount, name, width):
    page.set_viewport_size({"width": width, "height": 900})
    root = mount(FIGURES[name]())
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    sliders = root.evaluate("""(root) => [...root.querySelectorAll(".descent-slider")]
        .filter((one) => one.offsetParent)
        .map((one) => {
            const find = (part) => one.querySelector(`.descent-${part}`);
            const [label, track, value] = ["label", "track", "value"].map(find);
            const text = document.createRange();
            text.selectNodeContents(value);
            return {
                letters: label.textContent.length, lines: label.getBoundingClientRect().height / 32,
                track: track.getBoundingClientRect().width, cut: value.scrollWidth - value.clientWidth,
                end: text.getBoundingClientRect().right,
            };
        })""")
    assert sliders
    for one in sliders:
        assert one["lines"] <= 1 + one["letters"] / 8, one
        assert one["track"] >= 100 and one["cut"] <= 0 and one["end"] <= width, one


def test_a_contrast_theme_tells_which_rule_is_chosen(page, mount):
    page.emulate_media(forced_colors="active")
    root = mount(explore(Ravine(), [Momentum(0.02), Adam(0.3), GradientDescent(0.05)], ask="Which will end lowest?"))
    root.locator("button.descent-tab", has_text="Adam").click()
    page.mouse.move(0, 0)
    line = "(all) => all.map((tab) => [tab.getAttribute('aria-pressed'), getComputedStyle(tab).borderBottomColor])"
    tabs = root.locator("button.descent-tab[aria-pressed]").evaluate_all(line)
    chosen, others = ({colour for pressed, colour in tabs if pressed == which} for which in ("true", "false"))
    root.evaluate("(root) => { root.style.backgroundColor = 'Canvas'; }")
    paper = root.evaluate("(root) => getComputedStyle(root).backgroundColor")
    assert others == {paper} and len(chosen) == 1 and chosen != others


def test_a_browser_without_new_colours_draws_plain_ones(page, mount):
    figure = FIGURES["race"]()
    root = mount(figure)
    assert "light-dark(" not in stylesheet()
    line = root.locator(".descent-map .descent-line").first
    drawn = "(node) => getComputedStyle(node).stroke"
    light = line.evaluate(drawn)
    assert light.replace(" ", "") == "rgb(0,114,178)"
    page.evaluate("() => { document.documentElement.dataset.theme = 'dark'; }")
    assert line.evaluate(drawn) != light
    for sheet in ("@supports (color: color-mix", "@container"):
        assert sheet in stylesheet()  # what a browser may not know stands where it is asked first


def test_whatever_the_address_says_the_figure_works(page, mount):
    figure = FIGURES["bowl"]()
    root = mount(figure, place="figure-bowl")
    shown = values_of(page, READ)
    for hash in (
        "#100%",
        "#figure-bowl?constructor=1&toString.0=1&__proto__.1=3",
        "#figure-bowl?start=x&lr.1=",
        "#%ff?%",
    ):
        page.evaluate("(hash) => { location.hash = hash; }", hash)
        page.wait_for_timeout(60)
    assert values_of(page, READ)["settings"] == figure.origin["settings"]
    assert "means nothing" in root.locator(".descent-linked").inner_text()
    root.locator("input[name=lr]").press("PageDown")
    compare(figure, moved(page, shown))
