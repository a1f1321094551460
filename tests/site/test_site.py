"""Promises of every page of the site: it stands alone, it stays silent, everybody can read it."""

from __future__ import annotations

import gzip
import re
from html.parser import HTMLParser
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote, urlsplit

import pytest
from support.browser import unfold

CHAPTERS = sorted(path.stem for path in (Path(__file__).parents[2] / "chapters").glob("*.ipynb"))
PAGES = [f"chapters/{name}.html" for name in CHAPTERS] + ["search.html", "genindex.html"]
PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True}
KILOBYTES = 400  # of a chapter over the wire, pictures aside


def visit(page, address: str):
    """Open a page, and look at all of it: what is far down loads and draws only when it is near."""
    page.goto(address)
    unfold(page)
    for _ in range(200):
        moved = page.evaluate("() => { const y = scrollY; scrollBy(0, innerHeight / 2); return scrollY > y; }")
        page.wait_for_timeout(20)
        if not moved:
            break
    page.wait_for_load_state("networkidle")
    page.wait_for_function("() => !document.querySelector('.descent-figure--moves:not(.descent-figure--drawn)')")
    return page


# ---------------------------------------------------------------- alone and silent


@pytest.mark.parametrize("name", PAGES)
def test_page_is_silent_and_asks_nobody(name, page, serve_with):
    """Served, under the policy of a school that forbids inline scripts, eval and every other host."""
    policy = (
        "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self'"
    )
    visit(page, f"{serve_with({'Content-Security-Policy': policy})}/{name}")


@pytest.mark.parametrize("name", PAGES)
def test_page_from_a_folder_is_silent_and_asks_nobody(name, page, site):
    visit(page, (site / name).as_uri())


def test_first_address_leads_to_a_page(page, serve):
    page.goto(f"{serve}/index.html")
    page.wait_for_url("**/chapters/*.html")
    assert page.locator("article h1").is_visible()


@pytest.mark.parametrize("where", ["server", "folder"])
def test_search_finds(where, page, site, serve):
    start = serve if where == "server" else site.as_uri()
    page.goto(f"{start}/chapters/{CHAPTERS[0]}.html")
    page.keyboard.press("Control+k")
    page.locator("dialog input[name=q]").fill("adam")
    page.keyboard.press("Enter")
    page.wait_for_selector("#search-results li a", state="attached")


# ---------------------------------------------------------------- everybody


@pytest.mark.parametrize("name", CHAPTERS)
def test_without_javascript(name, open_page, serve):
    """Each figure shows its still picture, and says in words what it shows."""
    page = open_page(java_script_enabled=False)
    page.goto(f"{serve}/chapters/{name}.html")
    assert page.locator("article h1").is_visible()
    for figure in page.locator(".descent-figure").all():
        for picture in figure.locator("img").all():
            assert picture.is_visible() and picture.bounding_box()["height"] > 100
            assert len(picture.get_attribute("alt")) > 10
    for figure in page.locator(".descent-figure--moves").all():
        figure.locator("summary").click()
        assert figure.locator(".descent-words p").is_visible()
    for figure in page.locator(".descent-figure--needs-python").all():
        assert "needs Python" in figure.locator(".descent-caption").inner_text()


def axe(page, options: dict) -> list[str]:
    """What the checker of accessibility finds. A formula is a thousand pieces that nobody reads alone: one word for it."""
    page.evaluate((files("axe_playwright_python") / "axe.min.js").read_text(encoding="utf-8"))
    page.evaluate("() => document.querySelectorAll('.katex').forEach(formula => formula.replaceWith('formula'))")
    quick = {"resultTypes": ["violations"], "selectors": False, "preload": False}  # long pages take minutes otherwise
    found = page.evaluate("options => axe.run(document, options)", options | quick)["violations"]
    return [
        f"{fault['id']}: {node['html'][:200]} {node['any'][0]['message'] if node['any'] else ''}"
        for fault in found
        for node in fault["nodes"]
    ]


@pytest.mark.parametrize("name", CHAPTERS)
def test_axe_finds_nothing_in_the_light_and_in_the_dark(name, page, serve):
    visit(page, f"{serve}/chapters/{name}.html")
    assert axe(page, {}) == []
    page.emulate_media(color_scheme="dark")
    page.wait_for_function("() => document.documentElement.dataset.theme === 'dark'")
    page.wait_for_function("() => document.getAnimations().length === 0")  # colours fade over
    assert axe(page, {"runOnly": ["color-contrast"]}) == []


@pytest.mark.parametrize("name", PAGES)
def test_phone(name, open_page, serve):
    """Nothing sticks out at 360 pixels, and axe finds nothing either."""
    page = visit(open_page(**PHONE), f"{serve}/{name}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert axe(page, {"rules": {"color-contrast": {"enabled": False}}}) == []


def test_what_is_too_wide_for_a_phone_scrolls_from_its_beginning_and_the_keyboard_reaches_it(open_page, serve):
    page = visit(open_page(**PHONE), f"{serve}/chapters/gradient-descent.html")
    page.wait_for_function("() => document.querySelector('figure[tabindex] > img.descent-wide')")
    for kind, content in (("figure.align-default", "img"), ("div.math", ".base")):
        wide = page.evaluate(
            """([kind, content]) => [...document.querySelectorAll(kind)]
            .filter((box) => box.scrollWidth > box.clientWidth + 1)
            .map((box) => [box.tabIndex, box.querySelector(content).getBoundingClientRect().left - box.getBoundingClientRect().left])
        """,
            [kind, content],
        )
        assert wide and all(tab == 0 and begins >= 0 for tab, begins in wide), (kind, wide)


@pytest.mark.parametrize("name", CHAPTERS)
def test_dark_and_printed(name, open_page, serve):
    """Dark: the page and its pictures. Printed from there: light, with the still of each figure."""
    page = visit(open_page(color_scheme="dark"), f"{serve}/chapters/{name}.html")
    assert brightness(page.evaluate("getComputedStyle(document.body).backgroundColor")) < 60
    for picture in page.locator("article .cell_output img").all():
        assert "invert" in picture.evaluate("image => getComputedStyle(image).filter")
    page.emulate_media(media="print", color_scheme="dark")
    page.wait_for_function("() => getComputedStyle(document.body).backgroundColor === 'rgb(255, 255, 255)'")
    assert brightness(page.evaluate("getComputedStyle(document.querySelector('article p')).color")) < 100
    for figure in page.locator(".descent-figure--moves").all():
        assert figure.locator("img").is_visible() and not figure.locator(".descent-mount").is_visible()
        assert figure.locator("img").evaluate("image => getComputedStyle(image).filter") == "none"


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
            file = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if not file.exists() or (
                parts.fragment and file.suffix == ".html" and unquote(parts.fragment) not in pages[file].anchors
            ):
                lost.append(f"{path.relative_to(site)} -> {target}")
    assert lost == []
    assert [silent for links in pages.values() for silent in links.silent] == []


@pytest.mark.parametrize("name", CHAPTERS)
def test_weight(name, page, serve):
    """What a reader's first visit loads, compressed as a server sends it."""
    loaded = []
    page.on("response", lambda response: loaded.append(response))
    page.goto(f"{serve}/chapters/{name}.html")
    page.wait_for_load_state("networkidle")
    packed = sum(
        len(body) if response.url.endswith(("woff2", "png")) else len(gzip.compress(body))
        for response in loaded
        if not response.url.endswith("png")
        for body in [response.body()]
    )
    assert packed / 1000 < KILOBYTES
