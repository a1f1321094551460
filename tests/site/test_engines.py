"""What the pages promise in every engine: Chromium, Firefox, and WebKit for Safari."""

from __future__ import annotations

from pathlib import Path

import pytest

CHAPTERS = sorted(path.stem for path in (Path(__file__).parents[2] / "chapters").glob("*.ipynb"))


@pytest.mark.parametrize("name", CHAPTERS)
def test_page_opens_without_an_error_and_does_not_scroll_sideways(name, window, serve):
    window.open(f"{serve}/chapters/{name}.html", width=1250)
    window.wait("return document.readyState === 'complete'")
    assert window.run("return document.querySelector('article h1').getBoundingClientRect().height") > 20
    wide = window.run("return document.documentElement.scrollWidth")
    assert wide <= 1250
