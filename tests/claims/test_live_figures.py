"""Each chapter asks for a guess, its tasks set its figures, three teach from the anatomy of a step: and what is said
beside the figure at that setting is so."""

import json

import numpy as np
import pytest

from descent import Adam, FiveWords, GradientDescent, Momentum, Ravine, descend

CHAPTERS = (
    "gradient-descent",
    "weight-decay",
    "momentum",
    "adam",
    "bias-correction",
    "adam-in-practice",
    "why-adam-works",
)


def texts(root, chapter, kind):
    notebook = json.loads((root / "chapters" / f"{chapter}.ipynb").read_text(encoding="utf-8"))
    return "\n".join("".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == kind)


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_chapter_asks_before_it_plays_and_its_tasks_are_links(root, chapter):
    """tests/units/test_front_end.py follows the links."""
    assert '\n    ask="' in texts(root, chapter, "code")
    prose = texts(root, chapter, "markdown")
    assert 'class="descent-chip"' in prose
    assert ("anatomy=1" in prose) == (chapter in ("momentum", "adam", "bias-correction"))


def steps(rule, problem, start, count, average):
    """The gradient, what points the way, and the step, of each of the first steps."""
    theta, found = np.array(start, dtype=float), []
    for t in range(1, count + 1):
        g, before = problem.gradient(theta), theta.copy()
        rule.step(theta, g)
        found.append((g, average(rule, t), theta - before))
    return found


def test_anatomy_of_momentum_leans_along_the_floor():
    """Step 4 in the ravine: the gradient points nearly straight across, the velocity much less so."""
    rule = Momentum(lr=1 / 9, beta=4 / 9)
    g, z, step = steps(rule, Ravine(condition=25), [-9, 1], 4, lambda rule, t: rule.state_dict()["z"].copy())[3]
    assert abs(g[0] / g[1]) < 0.13 and abs(z[0] / z[1]) > 0.35 and np.all(z * g > 0)
    np.testing.assert_allclose(step, -z / 9)


def test_anatomy_of_adam():
    """Lr 1 in the ravine: the first step ends in a corner of the box. At the third the gradient across has turned, its
    average not yet; the step across is short, and along the floor nearly the learning rate."""
    surface = Ravine(condition=20)
    mean = lambda rule, t: rule.state_dict()["m"] / (1 - 0.6**t)  # noqa: E731
    first, second, third = steps(Adam(lr=1, beta1=0.6), surface, surface.start, 3, mean)
    np.testing.assert_allclose(first[0], first[1])
    np.testing.assert_allclose(np.abs(first[2]), 1)
    assert first[0][1] > 0 and second[0][1] > 0 and third[0][1] < 0 < third[1][1]
    assert abs(third[2][1]) < 0.35 and third[2][0] > 0.95


@pytest.mark.parametrize("form, length", [("both", 1), ("none", 3.1623), ("m", 31.623), ("v", 0.1)])
def test_anatomy_without_corrections(form, length):
    """In units of the learning rate, in both coordinates: in the corner, beyond it, far beyond, deep inside."""
    surface = Ravine(condition=20)
    step = (
        Adam(lr=0.1, bias_correction=form).step(surface.start.copy(), surface.gradient(surface.start)) - surface.start
    )
    np.testing.assert_allclose(np.abs(step) / 0.1, length, rtol=1e-4)


def test_guess_at_equal_effective_rates():
    """Momentum at the effective rate of gradient descent, too much memory for the ravine, ends higher."""
    ravine, start = Ravine(condition=25), [-9, 1]
    plain, ball = (
        descend(rule, ravine, start, 80).losses[-1] for rule in (GradientDescent(0.07), Momentum(0.007, 0.9))
    )
    assert plain < ball


def test_fan_opens_where_eps_is_large():
    """Adam's five words arrive together; with eps 0.01, as the task sets it, the rarest is far behind."""
    for eps, together in ((1e-8, True), (0.01, False)):
        reached = descend(Adam(lr=0.1, eps=eps), FiveWords(), steps=40).positions[-1]
        assert (reached.max() - reached.min() < 0.05) == together
