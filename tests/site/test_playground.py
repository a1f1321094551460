"""A chapter's figure goes to the playground with its rules, their settings, its loss and its start."""

import numpy as np
import pytest

LOSSES = "(figure) => figure.descent.losses"


@pytest.mark.parametrize("name", ["weight-decay", "momentum", "adam"])
def test_a_chapters_figure_runs_on_in_the_playground(name, open_page, serve):
    page = open_page()
    page.goto(f"{serve}/chapters/{name}.html")
    whole = 0
    for place in page.locator(".descent-figure--moves").filter(visible=True).all():
        place.scroll_into_view_if_needed()
        figure = place.locator(".descent-explore")
        figure.wait_for()
        if figure.locator('[data-target="rule 1"]').count() == 0:  # it has no text to change
            continue
        figure.locator('[data-target="rule 1"]').click()
        panel = page.locator(".descent-editor").filter(visible=True)
        panel.wait_for()
        go = panel.get_by_role("button", name="Open in the playground")
        if go.count() > 0:
            whole += 1
            with page.context.expect_page() as opened:
                go.click()
            here, playground = figure.evaluate(LOSSES), opened.value.locator(".descent-explore")
            added = 1 + len(here)  # behind the playground's own rules
            opened.value.wait_for_function(
                "(n) => document.querySelector('.descent-explore')?.descent.losses.length > n", arg=added
            )
            there = playground.evaluate(LOSSES)[-len(here) :]
            steps = min(len(here[0]), len(there[0]))
            one, other = (np.array([losses[:steps] for losses in both], dtype=float) for both in (here, there))
            np.testing.assert_allclose(other, one, rtol=1e-9, atol=1e-11)
            opened.value.close()
        panel.get_by_role("button", name="Close").click()
    assert whole >= 1, "no figure of this chapter goes along whole"
