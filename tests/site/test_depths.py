"""Promises of the two depths: a reader's choice stands in the address, and hides nothing from whoever looks for it."""

from __future__ import annotations

import re

import pytest

PAGE = "chapters/gradient-descent.html"
FOLDS = "details.descent-second"


def all_open(page) -> list[bool]:
    return page.evaluate(f"[...document.querySelectorAll('{FOLDS}')].map((fold) => fold.open)")


def choose(page, depth):
    page.locator(f".descent-depths button[data-depth={depth}]").click()


def test_the_head_says_both_times(page, serve):
    page.goto(f"{serve}/{PAGE}")
    said = page.locator("article .descent-depths").inner_text()
    essentials, everything = (
        int(re.search(rf"{depth} (\d+) minute", said)[1]) for depth in ("essentials", "everything")
    )
    folded = sum(int(words.split()[0]) for words in page.locator(f"{FOLDS} > summary").all_inner_texts())
    count = page.locator(FOLDS).count()
    assert count > 0 and 0 <= essentials + folded - everything <= count + 1  # each is rounded up


def test_without_a_choice_everything_is_open(page, serve):
    page.goto(f"{serve}/{PAGE}")
    assert all(all_open(page))
    assert page.locator(".descent-depths [aria-pressed=true]").get_attribute("data-depth") == "everything"


def test_without_javascript_everything_is_there(open_page, serve):
    page = open_page(java_script_enabled=False)
    page.goto(f"{serve}/{PAGE}?depth=essentials")
    for fold in page.locator(FOLDS).all():
        assert fold.locator("p").first.is_visible()
    assert page.locator(".descent-depths button").count() == 0


@pytest.mark.parametrize("where", ["server", "folder"])
def test_the_choice_stands_in_the_address_and_goes_along(where, page, site, serve):
    start = serve if where == "server" else site.as_uri()
    page.goto(f"{start}/{PAGE}#gradient-descent-rule")
    choose(page, "essentials")
    assert not any(all_open(page))
    assert page.url.endswith("?depth=essentials#gradient-descent-rule")
    page.evaluate("localStorage.clear()")
    page.reload()
    assert not any(all_open(page))
    page.locator("a.book-next").click()
    page.wait_for_url("**/chapters/*.html?depth=essentials*")
    page.evaluate("localStorage.clear()")
    page.go_back()
    choose(page, "everything")
    assert all(all_open(page)) and "depth=everything" in page.url


def test_the_choice_is_kept_for_the_next_visit(page, serve):
    page.goto(f"{serve}/{PAGE}")
    choose(page, "essentials")
    page.goto(f"{serve}/{PAGE}")
    assert not any(all_open(page))
    page.goto(f"{serve}/{PAGE}?depth=everything")  # but the address goes before
    assert all(all_open(page))


def test_blocked_storage_and_a_strange_address_do_no_harm(page, serve):
    page.add_init_script("Object.defineProperty(window, 'localStorage', {get() { throw new Error('blocked'); }})")
    page.goto(f"{serve}/{PAGE}?depth=__proto__#100%")
    assert all(all_open(page))
    choose(page, "essentials")
    assert not any(all_open(page))
    page.said.clear()  # whether the theme bears it too is another test's matter


def test_a_link_into_a_second_reading_opens_it(page, serve):
    """To its heading, to something in it, from outside and on the page, once and again."""
    page.goto(f"{serve}/{PAGE}?depth=essentials")
    place = page.evaluate(f"document.querySelector('{FOLDS}').closest('section').id")
    inside = page.evaluate(f"document.querySelector('{FOLDS} [id]').id")
    for target in (place, inside):
        fold = page.locator(f"[id='{place}'] > {FOLDS}")
        page.goto("about:blank")
        page.goto(f"{serve}/{PAGE}?depth=essentials#{target}")
        assert fold.evaluate("fold => fold.open")
        fold.evaluate("fold => { fold.open = false; }")
        page.evaluate(f"location.hash = ''; location.hash = '{target}'")
        page.wait_for_function("fold => fold.open", arg=fold.element_handle())


def test_a_search_into_a_second_reading_opens_it(page, serve):
    page.goto(f"{serve}/{PAGE}?depth=essentials")
    words = page.locator(FOLDS).first.evaluate("fold => fold.textContent.match(/[a-z]{9,}/)[0]")
    page.goto(f"{serve}/{PAGE}?depth=essentials&highlight={words}")
    page.wait_for_function(f"() => document.querySelector('{FOLDS}').open")


def test_a_result_of_the_search_takes_the_choice_along(page, serve):
    page.goto(f"{serve}/search.html?q=saddle&depth=essentials")
    page.locator("#search-results li a").first.click()
    page.wait_for_url("**depth=essentials**")


def test_print_has_all(page, serve):
    page.goto(f"{serve}/{PAGE}?depth=essentials")
    assert not any(all_open(page))
    page.emulate_media(media="print")
    page.wait_for_function(f"() => [...document.querySelectorAll('{FOLDS}')].every((fold) => fold.open)")
    page.emulate_media(media="screen")
    page.wait_for_function(f"() => ![...document.querySelectorAll('{FOLDS}')].some((fold) => fold.open)")


def test_folded_code_has_one_label_at_a_time(page, serve):
    page.goto(f"{serve}/{PAGE}")
    summary = page.locator("details.hide > summary").first
    assert summary.inner_text().strip() == "Show code cell source"
    summary.click()
    assert summary.inner_text().strip() == "Hide code cell source"
