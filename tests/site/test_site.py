"""Promises of every page of the site: it stands alone, it stays silent, everybody can read it."""

from __future__ import annotations

import gzip
import io
import json
import re
import sys
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from PIL import Image
from support.browser import come_to, settle, unfold

sys.path.append(str(Path(__file__).resolve().parents[2] / "code" / "site"))
import find
import maths

CHAPTERS = sorted(path.stem for path in (Path(__file__).parents[2] / "chapters").glob("*.ipynb"))
PAGES = [f"chapters/{name}.html" for name in [*CHAPTERS, "instructors"]] + ["search.html", "genindex.html", "404.html"]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
# Kilobytes over the wire.
FIRST_VISIT, FIRST_VISIT_WITHOUT_FORMULAS, ALL_OF_IT = 240, 130, 400


def visit(page, address: str):
    page.goto(address)
    return look_through(page)


WITH_STYLE = """const sheet = new CSSStyleSheet();
sheet.replaceSync("%s");
document.adoptedStyleSheets = [sheet];"""
SCROLL_ON = """async () => {
    const drawn = new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
    await Promise.race([drawn, new Promise((done) => setTimeout(done, 1000))]);
    const before = scrollY;
    scrollBy(0, 0.8 * innerHeight);
    return scrollY > before;
}"""


def look_through(page):
    """Look at all of a page: what is far down loads and draws only when it is near. A tall window has it in few steps.

    What is far away has a layout all the while, or what is laid out would push the rest past the window.
    """
    unfold(page)
    page.evaluate(f"() => {{ {WITH_STYLE % '* { content-visibility: visible !important }'} }}")
    size = page.viewport_size
    page.set_viewport_size(size | {"height": 6000})
    for _ in range(200):
        if not page.evaluate(SCROLL_ON):
            break
    settle(page)
    page.wait_for_function("() => !document.querySelector('.descent-figure--moves:not(.descent-figure--drawn)')")
    page.set_viewport_size(size)
    return page


def weigh(page) -> dict[str, int]:
    """{address: bytes, compressed as a server sends them} of what the page loads, filled while it does."""
    packed = {}

    def add(response):
        body = response.body()
        packed[response.url] = len(body) if response.url.endswith(("woff2", "png")) else len(gzip.compress(body, 9))

    page.on("requestfinished", lambda request: add(request.response()))
    return packed


FILTERS = "kind => [...document.querySelectorAll(kind)].map(image => getComputedStyle(image).filter)"
STILLS = """() => [...document.querySelectorAll(".descent-figure--moves")].map((figure) =>
    [figure.querySelector("img"), figure.querySelector(".descent-mount")].map((node) =>
        node !== null && node.checkVisibility()))"""


# ---------------------------------------------------------------- alone and silent


# What a school allows: no inline script, no eval, no other host.
STRICT = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data:; font-src 'self'"
}


@pytest.mark.parametrize("name", PAGES[:-1])  # the page for what is not found stands alone, without scripts
def test_wide_page_is_light_silent_and_readable_by_day_by_night_and_on_paper(name, page, serve_with):
    """Long pages take seconds to draw: each is opened once, weighed, and looked at in its three lights."""
    packed = weigh(page)
    page.goto(f"{serve_with(STRICT)}/{name}")
    settle(page)
    first, formulas = sum(packed.values()) / 1000, "katex" in page.content()
    look_through(page)
    if name.startswith("chapters/"):  # the search page loads what it searches
        assert first < (FIRST_VISIT if formulas else FIRST_VISIT_WITHOUT_FORMULAS), packed
        assert sum(packed.values()) / 1000 < ALL_OF_IT, packed
    prepare_for_axe(page)
    darken(page, False)
    page.evaluate(MARK_LOOKS)
    darken(page, True)
    page.evaluate(MARK_LOOKS)
    assert brightness(page.evaluate("getComputedStyle(document.body).backgroundColor")) < 60
    assert all("invert" in style for style in page.evaluate(FILTERS, "article .cell_output img"))
    assert axe(page) == []
    page.emulate_media(media="print", color_scheme="dark")
    page.wait_for_function("() => getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)'")
    assert brightness(page.evaluate("getComputedStyle(document.querySelector('article')).color")) < 100
    stills = page.evaluate(STILLS)
    assert all(picture and not mount for picture, mount in stills), "paper has the still picture of each figure alone"
    assert set(page.evaluate(FILTERS, ".descent-figure--moves img")) <= {"none"}
    page.evaluate(ONE_OF_EACH_LOOK)
    page.emulate_media(media="screen")
    for dark in (True, False):
        darken(page, dark)
        assert axe_of_looks(page) == []


@pytest.mark.parametrize("name", ["chapters/start.html", "chapters/adam.html", "search.html"])
def test_page_from_a_folder_is_silent_and_asks_nobody(name, page, site):
    visit(page, (site / name).as_uri())


def test_first_address_leads_to_a_page(page, serve):
    page.goto(f"{serve}/index.html")
    page.wait_for_url("**/chapters/*.html")
    assert page.locator("article h1").is_visible()


BLOCKED = """for (const name of ["localStorage", "sessionStorage"])
    Object.defineProperty(window, name, { get() { throw new DOMException("blocked", "SecurityError"); } });"""

ASKED = {
    "β2": "β2",
    "beta_2": "β2",
    "β₂": "β2",
    "epsilon": "ε",
    "AdamW": "AdamW",
    "bias correction": "bias",
    "effective learning rate": "learning",
}


@pytest.mark.parametrize("where", ["server", "folder"])
def test_search_finds_sections_with_a_line_of_context(where, page, site, serve):
    """From a server and from a folder, and where the browser may store nothing."""
    page.add_init_script(BLOCKED)
    start = serve if where == "server" else site.as_uri()
    page.goto(f"{start}/chapters/{CHAPTERS[0]}.html")
    page.keyboard.press("Control+k")
    page.keyboard.type("adam")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li a")
    for query, word in ASKED.items():
        page.fill("input[name=q]", query)
        hits = page.locator("#search-results li")
        assert hits.count() > 0, query
        addresses = [link.get_attribute("href") for link in hits.locator("a").all()]
        assert all("#" in address for address in addresses), "a result leads to a section, not to the top of a page"
        assert any(word in text for text in hits.locator("p").all_inner_texts()), query
        assert hits.locator("mark").count() > 0
    for kind in ("glossary", "equation"):
        assert kind in page.evaluate("[...new Set(bookIndex.map(([, page]) => page.split(', ').at(-1)))]")
    page.fill("input[name=q]", "xyzzy")
    assert page.locator("#search-results li").count() == 0
    assert page.locator("#search-summary").inner_text().startswith("No places")
    page.fill("input[name=q]", "adam")
    assert re.fullmatch(r"\d+ places, the first 40 below\.", page.locator("#search-summary").inner_text())


def test_search_says_that_its_index_did_not_come_and_asks_again(open_page, serve):
    page = open_page()
    page.context.route("**/search-index.js*", lambda route: route.fulfill(status=404))
    page.goto(f"{serve}/search.html")
    page.fill("input[name=q]", "moment")
    page.wait_for_function(
        "() => document.getElementById('search-summary').textContent.includes('could not be loaded')"
    )
    page.context.unroute("**/search-index.js*")
    page.fill("input[name=q]", "momentum")
    page.wait_for_selector("#search-results li a")
    page.said.clear()  # the browser says that a file is missing: so it is


SPELLINGS = [
    ("bias correction", "Bias-Correction", "bias‑correction"),
    ("m̂", "m_hat", "m hat", r"\hat m", r"\hat{m}"),
    ("θ̂", "theta_hat"),
]


@pytest.mark.parametrize("spellings", SPELLINGS)
def test_search_finds_the_same_however_it_is_spelled(spellings, page, serve):
    page.goto(f"{serve}/search.html?q=m")
    page.wait_for_selector("#search-results li a")
    found, summary = set(), page.locator("#search-summary")
    letter = int(summary.inner_text().split()[0])
    for spelling in spellings:
        page.fill("input[name=q]", spelling)
        found.add(summary.inner_text())
    count = found.pop().split()[0]
    assert found == set()
    if spellings[0] == "m̂":
        assert 5 < int(count) < letter / 2, "a letter with a hat is not the letter"
        assert all(re.search("m\u0302|m_hat", text) for text in page.locator("#search-results mark").all_inner_texts())


FORMULAS = {
    r"\theta_{t-1}-\eta\,\frac{\hat m_t}{\sqrt{\hat v_t}+\varepsilon}": "θ_t-1-η (m̂_t)/(√(v̂_t)+ε)",
    r"\tfrac\lambda2\lVert\theta\rVert^2": "λ/2 ‖θ‖^2",
    r"\eta\operatorname{sign}(g)\leftarrow e^{\pm\mathrm i\varphi}": "η sign (g)← e^±iφ",
}


def test_search_shows_titles_and_formulas_that_can_be_read(site):
    assert {latex: find.readable(latex) for latex in FORMULAS} == FORMULAS
    script = next((site / "_static").glob("search-index*.js")).read_text(encoding="utf-8")
    entries = json.loads(script.partition("=")[2].strip().removesuffix(";"))
    titles = [(address, title) for address, page, title, _ in entries if page.endswith(", equation")]
    assert len(titles) > 50
    for address, title in titles:
        number = re.fullmatch(r".+, equation (\((?:[\dA-Z]+\.)?\d+\))", title)
        html = (site / address.partition("#")[0]).read_text(encoding="utf-8")
        assert number and f'<span class="eqno">{number[1]}' in html, title
    raw = re.compile(r"\b(?:[lr][vV]ert|[dt]?frac|sqrt|math[a-z]+|leftarrow|tilde|[bB]igg?[lr]?|q?quad)\b")
    spoken = [text for _, page, _, text in entries if page.endswith(", equation")]
    assert [text for text in spoken if raw.search(text)] == []


def test_theme_changes_and_nothing_breaks_where_nothing_may_be_stored(page, serve):
    page.add_init_script(BLOCKED)
    page.goto(f"{serve}/chapters/{CHAPTERS[0]}.html")
    assert page.locator("html").get_attribute("data-theme") == "light"
    page.click(".book-mode")
    assert page.locator("html").get_attribute("data-theme") == "dark"


@pytest.mark.parametrize("script", ["explore.js", "loader.js"])
def test_a_script_that_does_not_arrive_leaves_the_still_pictures(script, open_page, serve):
    page = open_page()
    page.context.route(f"**/{script}*", lambda route: route.fulfill(status=404))
    page.goto(f"{serve}/chapters/start.html")
    still = page.locator(".descent-figure--moves img").first
    still.scroll_into_view_if_needed()
    assert still.bounding_box()["height"] > 100
    page.said.clear()  # the browser says that a file is missing: so it is


def test_policy_of_each_page_allows_scripts_of_the_site_alone(site):
    for path in site.rglob("*.html"):
        html = path.read_text(encoding="utf-8")
        policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', html)
        assert policy, path
        rules = dict(rule.strip().split(" ", 1) for rule in policy[1].split(";"))
        assert rules["script-src"] == "'self'" and rules["object-src"] == "'none'", path
        assert "unsafe-eval" not in policy[1]
        first_script = html.find("<script")
        assert first_script < 0 or policy.start() < first_script, "the policy comes first, or it holds for nothing"


@pytest.mark.parametrize("name", CHAPTERS)
def test_head_says_what_a_page_is(name, site):
    html = (site / "chapters" / f"{name}.html").read_text(encoding="utf-8")
    data = json.loads(re.search(r'<script type="application/ld\+json">(.*?)</script>', html)[1])
    assert data["@type"] == "LearningResource" and len(data["description"]) > 40
    assert 'property="og:title"' in html and 'name="description"' in html and 'rel="icon"' in html
    assert html.count('name="viewport"') == 1
    assert html.startswith("<!DOCTYPE html>") and "How Adam Works" in re.search(r"<title>(.*?)</title>", html)[1]
    assert "adam-book/" not in html.partition("<body")[0], "an address that was invented"
    card = site / "_static" / "cards" / f"{name}.png"
    assert card.exists() and card.stat().st_size < 150_000


def test_search_page_says_what_it_is_and_fetches_its_index_when_something_is_asked(page, serve):
    packed = weigh(page)
    page.goto(f"{serve}/search.html")
    settle(page)
    assert page.locator("meta[name=description]").count() == 1
    assert sum(packed.values()) / 1000 < FIRST_VISIT_WITHOUT_FORMULAS, packed
    page.fill("input[name=q]", "momentum")
    page.wait_for_selector("#search-results li a")


def test_lost_page_is_dark_in_the_dark(open_page, serve):
    page = open_page(color_scheme="dark")
    page.goto(f"{serve}/404.html")
    assert brightness(page.evaluate("getComputedStyle(document.body).backgroundColor")) < 60
    prepare_for_axe(page)
    page.evaluate(MARK_LOOKS)
    assert axe(page) == axe_of_looks(page) == []


@pytest.mark.parametrize("screen", ["phone", "wide"])
def test_the_paper_of_a_picture_is_the_pages_in_the_dark(screen, open_page, serve):
    page = open_page(**PHONE if screen == "phone" else {}, color_scheme="dark")
    page.goto(f"{serve}/chapters/adam.html")
    unfold(page)
    pictures = page.locator(".cell_output img:visible").all()
    assert len(pictures) > 8
    for picture in pictures:
        come_to(picture)
        picture.evaluate("picture => picture.decode()")
        box = picture.bounding_box()
        corner = page.screenshot(clip={"x": box["x"] + 2, "y": box["y"] + 2, "width": 2, "height": 2})
        with Image.open(io.BytesIO(corner)) as seen:
            assert "rgb{}".format(seen.convert("RGB").getpixel((0, 0))) == page.evaluate(
                "getComputedStyle(document.body).backgroundColor"
            )


def test_a_contrast_theme_shows_the_letter_under_its_hat_and_where_one_is(open_page, serve):
    ink = {}
    for colors in ("none", "active"):
        page = open_page(forced_colors=colors)
        page.goto(f"{serve}/chapters/bias-correction.html")
        hatted = page.locator(".katex-html .accent").first
        come_to(hatted)
        settle(page)  # the faces of the letters have come
        with Image.open(io.BytesIO(page.screenshot(clip=hatted.bounding_box()))) as picture:
            ink[colors] = sum(255 - value for value in picture.convert("L").tobytes())
    assert ink["active"] > 0.7 * ink["none"]
    here, elsewhere = (
        page.locator(which).first.evaluate("link => getComputedStyle(link).borderLeftColor")
        for which in (".book-contents .current > a", ".book-contents li:not(.current) > a")
    )
    assert here != elsewhere == page.evaluate("getComputedStyle(document.body).backgroundColor")


def test_host_finds_what_it_looks_for(site):
    assert (site / ".nojekyll").exists() and (site / "404.html").exists()
    first = (site / "index.html").read_text(encoding="utf-8")
    icon = re.search(r'<link rel="icon" href="([^"?]*)', first)
    assert "<title>" in first and icon and (site / icon[1]).exists()


# ---------------------------------------------------------------- nothing moves

WATCH = """window.shifts = [];
const named = ({ node }) => `${node?.nodeName} ${node?.textContent?.slice(0, 40)}`;
const watch = (list) => list.getEntries().forEach(({ value, sources }) => shifts.push([value, ...sources.map(named)]));
new PerformanceObserver(watch).observe({ type: "layout-shift", buffered: true });"""


@pytest.mark.parametrize("name", ["start", "fifteen-minutes", "gradient-descent", "bias-correction", "instructors"])
@pytest.mark.parametrize("screen", ["wide", "phone"])
def test_nothing_moves_while_a_page_comes_slowly(name, screen, open_page, serve):
    """Faces, what scripts add and what is laid out late keep the lines where they are: as a slow phone loads it."""
    page = open_page(**PHONE if screen == "phone" else {})
    page.add_init_script(WATCH)
    late = []
    page.route("**/*.woff2", lambda face: late.append(face))
    slow = page.context.new_cdp_session(page)
    slow.send("Network.enable")
    slow.send(
        "Network.emulateNetworkConditions",
        {"offline": False, "latency": 150, "downloadThroughput": 1e6, "uploadThroughput": 1e5},
    )
    slow.send("Emulation.setCPUThrottlingRate", {"rate": 4})
    page.goto(f"{serve}/chapters/{name}.html", wait_until="commit")
    page.wait_for_function("() => performance.getEntriesByName('first-contentful-paint').length")
    page.wait_for_timeout(300)
    assert len(late) >= 3
    for face in late:
        face.continue_()
    page.unroute("**/*.woff2")
    settle(page)
    page.wait_for_timeout(300)
    shifts = page.evaluate("shifts")
    assert sum(value for value, *_ in shifts) <= 0.01, shifts


# One letter after the other: whole lines are as wide in the faces that stand in for the book's.
WIDTHS = """([face, family]) => [..."Adam by heart"].map((letter) => {
  const line = document.createElement("span");
  line.textContent = letter;
  line.style = `position: absolute; font: ${face} 200px ${family}`;
  document.body.append(line);
  const { width } = line.getBoundingClientRect();
  line.remove();
  return width;
})"""


@pytest.mark.parametrize("place", ["site", "folder"])
def test_the_first_page_that_one_opens_stands_in_the_books_faces(place, page, serve, site):
    page.goto(f"{serve if place == 'site' else site.as_uri()}/chapters/momentum.html")
    page.evaluate("document.fonts.ready")
    for face in ("400", "italic 400", "600"):
        books, others = (page.evaluate(WIDTHS, [face, family]) for family in ("var(--text)", "var(--at-first)"))
        assert books != others, face


# ---------------------------------------------------------------- folds


def test_solution_is_a_fold_that_a_link_opens_and_no_link_is_its_title(page, serve):
    page.goto(f"{serve}/chapters/gradient-descent.html")
    folds = page.locator("details.fold")
    assert folds.count() > 5
    assert page.locator("details.fold > summary a").count() == 0
    fold = page.locator("details.solution[id]").first
    assert not fold.evaluate("fold => fold.open")
    page.goto(f"{serve}/chapters/gradient-descent.html#{fold.get_attribute('id')}")
    page.wait_for_function("id => document.getElementById(id).open", arg=fold.get_attribute("id"))
    inside = page.locator("details.fold:not([open]) p").first
    inside.evaluate("element => { element.id = 'inside'; location.hash = 'inside'; }")
    page.wait_for_function("() => document.getElementById('inside').closest('details').open")


# ---------------------------------------------------------------- everybody


@pytest.mark.parametrize("name", CHAPTERS)
def test_without_javascript(name, open_page, serve):
    """Each figure shows its still picture, and says in words what it shows."""
    page = open_page(java_script_enabled=False)
    page.goto(f"{serve}/chapters/{name}.html")
    assert page.locator("article h1").is_visible()
    page.evaluate("() => document.querySelectorAll('details.fold').forEach(fold => { fold.open = true; })")
    for figure in page.locator(".descent-figure").all():
        for picture in figure.locator("img").all():
            assert picture.is_visible() and picture.bounding_box()["height"] > 100
            assert len(picture.get_attribute("alt")) > 10
    for figure in page.locator(".descent-figure--moves").all():
        figure.locator("summary").press("Enter")  # a click can miss what moves as it comes near
        figure.locator(".descent-words p").wait_for()
    for figure in page.locator(".descent-figure--needs-python").all():
        assert "needs Python" in figure.locator(".descent-caption").text_content()


def prepare_for_axe(page) -> None:
    """Load the checker of accessibility. What nobody reads alone is one piece or none, or long pages take minutes."""
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    page.evaluate(
        """() => {
            for (const formula of document.querySelectorAll('.katex')) {
                const around = formula.parentElement;
                (around.matches('span.math:not([tabindex])') ? around : formula).replaceWith('x');
            }
            document.querySelectorAll('svg path:not([role], [tabindex])').forEach((line) => line.remove());
        }"""
    )


def axe(page) -> list[str]:
    """What the checker finds, colours aside. Code that shows nothing new is one text: it is half of all pieces."""
    page.evaluate(
        """() => document.querySelectorAll('pre').forEach((code) => {
            if (!code.querySelector('[data-look]')) code.textContent = code.textContent;
        })"""
    )
    page.wait_for_timeout(300)  # what has come near by it is looked after
    quick = {"resultTypes": ["violations"], "selectors": False, "preload": False}
    off = {rule: {"enabled": False} for rule in COLOURS}
    return faults(page.evaluate("(options) => axe.run(document, options)", quick | {"rules": off}))


# Colours take longest, and are the same wherever the same style stands in the same style: one of each look.
COLOURS = ["color-contrast", "link-in-text-block"]
MARK_LOOKS = """() => {
    const seen = new Set();
    for (const node of document.querySelectorAll("body *")) {
        if (![...node.childNodes].some((part) => part.nodeType === 3 && part.data.trim())) continue;
        const { color, fontSize, fontWeight } = getComputedStyle(node);
        const [own, around] = [node, node.parentElement].map((one) => `${one.tagName}.${one.getAttribute("class")}`);
        const boxed = node.closest("aside, .admonition, details") !== null;
        const look = [own, around, color, fontSize, fontWeight, boxed].join();
        if (!seen.has(look)) node.dataset.look = "";
        seen.add(look);
    }
}"""
# The checker builds a tree of all that there is, and most of a page looks like what stands before it.
ONE_OF_EACH_LOOK = """() => document.querySelectorAll("main *").forEach((node) => {
    if (!node.closest("[data-look]") && !node.querySelector("[data-look]")) node.remove();
})"""


def axe_of_looks(page) -> list[str]:
    run = "(rules) => axe.run({ include: [['[data-look]']] }, { runOnly: rules, preload: false })"
    return faults(page.evaluate(run, COLOURS))


def darken(page, dark: bool) -> None:
    theme = "dark" if dark else "light"
    page.emulate_media(color_scheme=theme)
    page.wait_for_function("(theme) => document.documentElement.dataset.theme === theme", arg=theme)
    page.wait_for_function("() => document.getAnimations().length === 0")  # colours fade over


def faults(found: dict) -> list[str]:
    return [
        f"{fault['id']}: {node['html'][:200]} {node['any'][0]['message'] if node['any'] else ''}"
        for fault in found["violations"]
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize("name", PAGES)
def test_phone(name, open_page, serve):
    """Nothing sticks out at 360 pixels, and axe finds nothing either."""
    page = visit(open_page(**PHONE), f"{serve}/{name}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    prepare_for_axe(page)
    page.evaluate(MARK_LOOKS)
    assert axe(page) == []
    page.evaluate(ONE_OF_EACH_LOOK)
    assert axe_of_looks(page) == []


def test_where_a_work_is_cited_takes_a_line_on_a_phone(open_page, serve):
    page = open_page(**PHONE)
    page.goto(f"{serve}/chapters/why-adam-works.html")
    come_to(page.locator(".citation > .backrefs").first)
    lines = page.eval_on_selector_all(
        ".citation > .backrefs",
        "all => all.map((box) => box.getBoundingClientRect().height / parseFloat(getComputedStyle(box).lineHeight))",
    )
    assert len(lines) > 5 and max(lines) < 1.5


def test_what_is_too_wide_for_a_phone_scrolls_from_its_beginning_and_the_keyboard_reaches_it(open_page, serve):
    page = open_page(**PHONE)
    page.goto(f"{serve}/chapters/gradient-descent.html")
    unfold(page)
    come_to(page.locator("img.descent-wide").first)
    page.wait_for_function("() => document.querySelector('figure[tabindex] > img.descent-wide')")
    for kind, content in (("figure.align-default", "img"), ("div.math", ".base")):
        wide = page.evaluate(
            """async ([kind, content]) => {
                const wide = [];
                for (const box of document.querySelectorAll(kind)) {
                    box.scrollIntoView({ block: "center" }); // what is far away has no layout
                    for (let i = 0; i < 3; i++) await new Promise(requestAnimationFrame);
                    if (box.scrollWidth <= box.clientWidth + 1) continue;
                    const begins = box.querySelector(content).getBoundingClientRect().left;
                    wide.push([box.tabIndex, begins - box.getBoundingClientRect().left]);
                }
                return wide;
            }""",
            [kind, content],
        )
        assert wide and all(tab == 0 and begins >= 0 for tab, begins in wide), (kind, wide)


LARGE_TEXT = WITH_STYLE % "html { font-size: 200% } * { content-visibility: visible !important }"
STICKS_OUT = """() => [...document.querySelectorAll("body *")].filter((part) => {
    if (part.getBoundingClientRect().right <= innerWidth + 1) return false;
    for (let box = part.parentElement; box.parentElement; box = box.parentElement)
        if (getComputedStyle(box).overflowX !== "visible") return false; // it scrolls
    return true;
}).map((part) => `${part.className}: ${part.textContent.slice(0, 60)}`)"""


@pytest.mark.parametrize("name", ["momentum", "gradient-descent"])
def test_a_page_of_large_text_stays_within_a_phone(name, open_page, serve):
    page = open_page(**PHONE)
    page.add_init_script(LARGE_TEXT)
    page.goto(f"{serve}/chapters/{name}.html")
    assert page.evaluate("getComputedStyle(document.documentElement).fontSize") == "32px"
    unfold(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert page.evaluate(STICKS_OUT) == []


def test_what_is_long_in_a_formula_of_the_text_scrolls_and_stands_on_its_line(open_page, serve):
    page = open_page(**PHONE)
    page.goto(f"{serve}/chapters/momentum.html")
    unfold(page)
    sticks_out = """() => [...document.querySelectorAll("span.math .base")].filter((part) => {
        if (part.closest(".book-scroll")) return false;
        const room = part.closest(".book-wide") ?? part.closest("p, li, dd, summary, h1, h2, h3");
        const [inner, outer] = [part, room].map((one) => one.getBoundingClientRect());
        if (!inner.width) return false;
        if (room.matches(".book-wide")) return outer.right > 360 || getComputedStyle(room).overflowX !== "auto";
        return inner.right > 360;
    }).map((part) => part.textContent)"""
    assert page.evaluate(sticks_out) == []
    wide = page.locator(".book-wide").filter(has=page.locator(".sqrt")).first
    # What can be clipped is within the box, and the line is where it would be without the box.
    lines = wide.evaluate("""(box) => {
        const mark = document.createElement("span");
        mark.style.cssText = "display: inline-block; width: 0; height: 0";
        box.before(mark);
        const place = () => {
            const sign = box.querySelector(".strut").getBoundingClientRect();
            return sign.bottom - mark.getBoundingClientRect().bottom;
        };
        const mine = place();
        const high = box.scrollHeight - box.clientHeight, moves = box.scrollWidth - box.clientWidth;
        box.style.cssText = "display: inline; overflow: visible; margin: 0; padding: 0";
        return { shift: Math.abs(place() - mine), high, moves };
    }""")
    assert lines["shift"] < 0.5 and lines["high"] <= 0 and lines["moves"] > 20


def test_only_long_parts_of_formulas_get_a_box(site):
    short, long = (f'{maths.BASE}<span class="mord">{"x" * n}</span></span>' for n in (3, 30))
    start, end = '<span class="katex"><span class="katex-html">', "</span></span>"
    assert maths.with_wide_parts_that_scroll(start + short + short + end) == start + short + short + end
    assert (
        maths.with_wide_parts_that_scroll(start + long + short + long + end)
        == f'{start}<span class="book-wide">{long}</span>{short}<span class="book-wide">{long}</span>{end}'
    )


def brightness(colour: str) -> float:
    return sum(map(float, re.findall(r"[\d.]+", colour)[:3])) / 3


# ---------------------------------------------------------------- sound


class Links(HTMLParser):
    """What a page points to, and what in it can be pointed to."""

    def __init__(self, path: Path):
        super().__init__()
        self.targets, self.anchors, self.silent = [], set(), []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        attributes = dict(attributes)
        self.anchors.update(filter(None, (attributes.get("id"), attributes.get("name"))))
        self.targets += [attributes[key] for key in ("href", "src") if attributes.get(key)]
        if tag == "img" and "alt" not in attributes:
            self.silent.append(attributes.get("src"))


def test_every_link_leads_somewhere(site):
    pages = {path: Links(path) for path in site.rglob("*.html")}
    lost = []
    for path, links in pages.items():
        for target in links.targets:
            parts = urlsplit(target)
            if parts.scheme or parts.netloc:
                continue
            if parts.fragment.startswith("figure-"):  # sets a figure: tests/units/test_front_end.py follows it
                continue
            file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not file.exists() or (
                parts.fragment and file.suffix == ".html" and unquote(parts.fragment) not in pages[file].anchors
            ):
                lost.append(f"{path.relative_to(site)} -> {target}")
    assert lost == []
    assert [silent for links in pages.values() for silent in links.silent] == []


def test_a_word_of_the_glossary_leads_there_when_a_chapter_first_uses_it(site):
    for name in ("gradient-descent", "adam", "why-adam-works"):
        html = (site / "chapters" / f"{name}.html").read_text(encoding="utf-8")
        links = re.findall(r'<a class="term-link[^"]*" href="(reference\.html#term-[^"]+)">([^<]+)</a>', html)
        assert len(links) >= 5, name
        assert len({address for address, _ in links}) >= len({word.lower() for _, word in links}) - 2
        assert len({word.lower() for _, word in links}) == len(links), "each word once"
        assert not re.search(r"<(h\d|pre|figcaption|summary)[^>]*>(?:(?!</\1>).)*term-link", html, re.DOTALL)
    adam = (site / "chapters" / "adam.html").read_text(encoding="utf-8")
    assert '#term-Adam">' not in adam, "what a chapter is about"
