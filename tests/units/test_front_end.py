"""What the figure's front end does without a page: links, surfaces and scales, run in Node."""

import json
import re

from support import node

from descent import Adam, GradientDescent, Ravine, explore, explore_schedules

LINKS = """
import { readHash, readLink, readTexts } from "@/model/link.js";
const figure = { ...given.state, hasMap: true };
// In a notebook a figure has no place: no link is for it.
for (const hash of given.hashes) {
  if (readLink(hash, undefined, figure) || readTexts(hash, undefined).length > 0) throw new Error(hash);
}
report(given.hashes.map((hash) => [readHash(hash) === null, readLink(hash, "figure-a", figure)]));
"""

HOSTILE = [
    "#100%",
    "#%E0%A4%A",
    "#figure-a?lr=50%",
    "",
    "#",
    "#figure-a",
    "#figure-a?",
    "#figure-a?constructor=1",
    "#figure-a?toString.0=1&toString.1=1&hasOwnProperty=2",
    "#figure-a?__proto__=1&__proto__.1=2&settings.1=3",
    "#figure-a?=&=&&?&a.b.c=1",
    "#figure-a?lr.0=1&lr.3=1&lr.-1=1&lr.1e1=1&lr.99999999999999999999=1",
    "#figure-a?lr.1=0x10&lr.2=Infinity&condition=NaN&start=,&frame=",
    "#figure-a?start=1,2,3&start=1",
    "#figure-a?lr.1=1/0&frame=1/0",
    "#figure-a?%F0%9F%92%A9=1&<script>=alert(1)",
]


def read(hashes, figure):
    return node.run(LINKS, {"state": figure.state(), "hashes": hashes})


def test_no_hash_throws_or_leaves_the_authors_state():
    figure = explore(Ravine(), [GradientDescent(0.05), Adam(0.5)], parameters={"condition": (1, 100)})
    for hash, (_, link) in zip(HOSTILE, read(HOSTILE, figure), strict=True):
        if link is not None:
            assert link["state"] == figure.origin, hash
            assert link["ignored"], hash
    assert [unreadable for unreadable, _ in read(HOSTILE[:4], figure)] == [True] * 4


def test_a_link_sets_what_it_names_and_says_what_it_does_not_know():
    figure = explore(Ravine(), [GradientDescent(0.05), Adam(0.5)], parameters={"condition": (1, 100)})
    link = "#figure-a?lr.2=4/9&beta1=0.5&condition=1e9&frame=12.4&start=−1,1e9&rho=3"
    ((_, made),) = read([link], figure)
    state = made["state"]
    assert state["settings"] == [{"lr": 0.05}, {"lr": 4 / 9, "beta1": 0.5, "beta2": 0.999}]
    assert state["parameters"] == {"condition": 100} and state["frame"] == 12
    assert state["start"] == [-1, Ravine().view[1][1]]
    assert made["ignored"] == ["rho=3"]
    ((_, both),) = read(["#figure-a?lr=0.2"], figure)
    assert [setting["lr"] for setting in both["state"]["settings"]] == [0.2, 0.2]


def test_a_slider_of_whole_numbers_or_words_takes_no_other():
    figure = explore_schedules()
    (_, word), (_, between), (_, beyond) = read(
        ["#figure-a?shape=constant", "#figure-a?shape=1.6&peak=2.2", "#figure-a?shape=99"], figure
    )
    assert word["state"]["parameters"]["shape"] == 0
    assert between["state"]["parameters"]["shape"] == 2 and between["state"]["parameters"]["peak"] == 2
    assert beyond["state"]["parameters"]["shape"] == 3


SURFACES = """
import { contourRings, evenHeights, sampleGrid } from "@/drawing/contours.js";
import { chooseTicks, lossSpan, makeScale, valueSpan } from "@/drawing/scales.js";
const samples = 21, view = [[-1, 1], [-1, 1]];
const surfaces = {
  flat: () => 3, zero: () => 0, nan: () => NaN, up: () => Infinity, down: () => -Infinity,
  huge: (x) => (x > 0 ? 1e308 : -1e308), tiny: (x) => x * 5e-324, edge: (x, y) => -Math.log(x + 1) + y * y,
  sink: (x, y) => Math.log(x * x) + y, half: (x) => (x > 0 ? NaN : x), bowl: (x, y) => x * x + y * y,
};
const found = {};
for (const [name, f] of Object.entries(surfaces)) {
  for (const least of [Infinity, NaN, -Infinity, f(0, 0)]) {
    const heights = evenHeights(sampleGrid(f, view, samples), least);
    const rings = [1, 5, 9].map((k) => contourRings(heights, samples, k / 15)).flat();
    found[`${name} ${least}`] = [heights.every((h) => h >= 0), rings.every((ring) => ring.every(Number.isFinite))];
  }
}
const lists = {
  nan: [NaN, NaN], up: [1, Infinity], zero: [0, 0], tiny: [5e-324, 5e-324], mixed: [1, -1, NaN], huge: [1e308, 1],
};
for (const [name, list] of Object.entries(lists)) {
  for (const span of [lossSpan([list]), valueSpan([list], [-1e6, 1e6]), valueSpan([list])]) {
    const ticks = chooseTicks(makeScale([span.low, span.high], [0, 100], span.logarithmic), 5);
    found[`${name} ${span.logarithmic}`] = [span.low < span.high, ticks.length < 100];
  }
}
report(found);
"""


def test_flat_infinite_and_undefined_surfaces_and_losses_have_contours_and_axes():
    found = node.run(SURFACES)
    assert {name for name, passed in found.items() if passed != [True, True]} == set()
    json.dumps(found)


CHIP = re.compile(r"""href=["'](#figure-[^"']*)["']""")


def test_every_chip_of_the_chapters_sets_a_figure_of_its_page(root):
    """A link such as #figure-name?lr.1=0.3 names a figure that the notebook stores, and what that figure knows."""
    chips = {}
    for file in sorted((root / "chapters").glob("*.ipynb")):
        notebook = json.loads(file.read_text(encoding="utf8"))
        texts = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
        for hash in CHIP.findall("\n".join(texts)):
            chips.setdefault(file.name, []).append((hash.replace("&amp;", "&"), notebook))
    for name, links in chips.items():
        stored = next(iter(links))[1]["metadata"].get("widgets", {})
        models = stored.get("application/vnd.jupyter.widget-state+json", {}).get("state", {}).values()
        figures = [model["state"] for model in models if "views" in model["state"] and "rules" in model["state"]]
        given = {"hashes": [hash for hash, _ in links], "figures": figures}
        for hash, (place, ignored) in zip(given["hashes"], node.run(CHIPS, given), strict=True):
            assert place, f"{name}: {hash} names no figure of this page"
            assert ignored == [], f"{name}: {hash} names {ignored}, which the figure does not know"


CHIPS = """
import { readHash, readLink } from "@/model/link.js";
const nameOf = ({ title }) => `figure-${title.toLowerCase().replace(/[^\\p{L}\\p{N}]+/gu, "-").replace(/^-|-$/g, "")}`;
report(given.hashes.map((hash) => {
  const { place, settings } = readHash(hash);
  const figure = given.figures.find((one) => [place, place.replace(/-\\d+$/, "")].includes(nameOf(one)));
  if (!figure) return [false, []];
  const hasMap = figure.views.some(({ kind }) => kind === "map");
  return [true, settings ? readLink(hash, place, { ...figure, hasMap })?.ignored ?? [] : []];
}));
"""
