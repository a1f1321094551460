"""Two depths in each chapter: the essential way, and second readings that nothing later leans on.

    python code/site/depths.py            words and minutes of each chapter, the essential way and everything
    python code/site/depths.py momentum   each section of one chapter

A section whose heading begins "Second reading: " is one. On the page it can be folded, and says its own time; the head
of a chapter says both times. In static/depths.js a reader chooses: without that script everything is there.

Times are counted, never typed. Exercises, references and folded code do not count; a folded answer does.
"""

from __future__ import annotations

import argparse
import re
import sys
from dataclasses import dataclass, replace
from html import escape
from pathlib import Path

import notebooks
from docutils import nodes
from prose import blocks
from sphinx.transforms import SphinxTransform

PREFIX = "Second reading: "
UNCOUNTED = {"Bibliography", "Exercises", "Further reading", "References"}
LOOKED_UP = {"playground", "reference", "sources"}  # pages that nobody reads from end to end say no time

# Seconds. Adults read English prose at 238 words a minute (Brysbaert 2019, doi 10.1016/j.jml.2019.104047); with
# formulas between the words we count 200. What takes longer than its words is counted by itself.
WORD = 60 / 200
FORMULA_LINE = 10
CODE_LINE = 4
OUTPUT_LINE = 1
PICTURE = 15
LIVE_FIGURE = 60  # look, predict, move two sliders

HEADING = re.compile(r"(#{1,6}) +(.+?) *")
MATRIX = re.compile(r"\\begin\{(pmatrix|cases)\}.*?\\end\{\1\}", re.S)
FENCE = re.compile(r" {0,3}(`{3,}|~{3,}|:{3,})")


@dataclass(frozen=True)
class Part:
    """What stands between two headings; `second` is the title of the second reading that it belongs to, or ""."""

    title: str
    second: str = ""
    counted: bool = True
    words: int = 0
    seconds: float = 0.0

    def plus(self, words: int, seconds: float) -> Part:
        return replace(self, words=self.words + words, seconds=self.seconds + seconds)


def parts(notebook: dict) -> list[Part]:
    """The parts of a chapter in their order, each with its words and its time."""
    found = [Part("")]
    open_sections = []  # (level, title) of the headings that the place stands under
    for cell in notebook["cells"]:
        source = notebooks.text(cell["source"])
        if cell["cell_type"] == "code":
            found[-1] = found[-1].plus(0, code_seconds(cell, source))
            continue
        for heading, text in pieces(source):
            if heading:
                level, title = heading
                open_sections = [one for one in open_sections if one[0] < level] + [heading]
                titles = [title for _, title in open_sections]
                second = next((title for title in titles if title.startswith(PREFIX)), "")
                found.append(Part(title, second, not UNCOUNTED.intersection(titles)))
            found[-1] = found[-1].plus(*text_seconds(text))
    return found


def pieces(source: str):
    """A Markdown cell cut at its headings: ((level, title) or None, the text with the heading)."""
    heading, lines, fence = None, [], ""
    for line in source.splitlines():
        mark = FENCE.match(line)
        if mark and not fence:
            fence = mark[1]
        elif mark and fence and line.strip() == mark[1] and mark[1].startswith(fence):
            fence = ""
        match = HEADING.fullmatch(line) if not fence else None
        if match:
            yield heading, "\n".join(lines)
            heading, lines = (len(match[1]), match[2]), []
        lines.append(line)
    yield heading, "\n".join(lines)


def text_seconds(text: str) -> tuple[int, float]:
    """The words of a text and the time they take; a formula among them is one word, on a line of its own it is none."""
    words = lines = 0
    for block in blocks(text):
        if set(block.kinds) == {"m"}:
            lines += 1 + MATRIX.sub("", block.text).count(r"\\")
            continue
        plain = "".join(char if kind != "m" else "x" for char, kind in zip(block.text, block.kinds))
        words += len(re.findall(r"\S*\w\S*", plain))
    return words, WORD * words + FORMULA_LINE * lines


def code_seconds(cell: dict, source: str) -> float:
    """The time of a code cell and of what it shows; none for what the page folds."""
    tags = set(cell["metadata"].get("tags", []))
    if tags & {"hide-cell", "remove-cell"}:
        return 0
    lines = 0 if tags & {"hide-input", "remove-input"} else sum(bool(line.strip()) for line in source.splitlines())
    seconds = CODE_LINE * lines
    for output in cell.get("outputs", []):
        data = output.get("data", {})
        if notebooks.WIDGET_VIEW in data:
            seconds += LIVE_FIGURE
        elif "image/png" in data:
            seconds += PICTURE
        else:
            shown = notebooks.text(output.get("text") or data.get("text/plain") or "")
            seconds += OUTPUT_LINE * shown.count("\n")
    return seconds


@dataclass(frozen=True)
class Total:
    words: int
    minutes: int


def total(some) -> Total:
    """Words and minutes, rounded up, of the parts that count."""
    counted = [part for part in some if part.counted]
    seconds = sum(part.seconds for part in counted)
    return Total(sum(part.words for part in counted), -int(-seconds // 60))


def essentials(some) -> Total:
    return total(part for part in some if not part.second)


def second_readings(some) -> dict[str, Total]:
    """The second readings of a chapter by title."""
    titles = dict.fromkeys(part.second for part in some if part.second)
    return {title: total(replace(part, counted=True) for part in some if part.second == title) for title in titles}


# ---------------------------------------------------------------- on the page


class SecondReading(nodes.General, nodes.Element):
    """What stands under the heading of a second reading; attribute `minutes`."""


class Times(nodes.General, nodes.Element):
    """The times at the head of a chapter: `essentials` and `everything`, in minutes."""


class Depths(SphinxTransform):
    default_priority = 410

    def apply(self, **kwargs) -> None:
        source = Path(self.env.doc2path(self.env.docname))
        if source.suffix != ".ipynb":
            return
        chapter = parts(notebooks.load(source))
        sections = list(self.document.findall(is_second_reading))
        for section, one in zip(sections, second_readings(chapter).values()):
            title = next(section.findall(nodes.title))
            body = SecondReading(minutes=one.minutes)
            place = section.index(title) + 1
            body += section.children[place:]
            section[place:] = [body]
        top = next(iter(self.document.findall(nodes.title)), None)
        if source.stem not in LOOKED_UP and top is not None:
            times = Times(essentials=essentials(chapter).minutes, everything=total(chapter).minutes)
            top.parent.insert(top.parent.index(top) + 1, times)


def is_second_reading(node) -> bool:
    """A section with that heading, unless it stands in another one."""
    if not (isinstance(node, nodes.section) and starts_second(node)):
        return False
    above = node.parent
    while above is not None:
        if isinstance(above, nodes.section) and starts_second(above):
            return False
        above = above.parent
    return True


def starts_second(section) -> bool:
    return any(isinstance(child, nodes.title) and child.astext().startswith(PREFIX) for child in section)


def in_words(minutes: int) -> str:
    return f"{minutes} minute{'s' * (minutes != 1)}"


def visit_second(self, node) -> None:
    self.body.append(
        '<details class="descent-second" open>\n'
        f"<summary>{in_words(node['minutes'])}; nothing later leans on it</summary>\n"
    )


def depart_second(self, node) -> None:
    self.body.append("</details>\n")


def visit_times(self, node) -> None:
    shown = {"essentials": node["essentials"], "everything": node["everything"]}
    if node["essentials"] == node["everything"]:
        self.body.append(f'<p class="descent-depths">Reading time {in_words(node["everything"])}, exercises apart.')
        return
    choices = (
        f'<span data-depth="{depth}">{depth} {escape(in_words(minutes))}</span>' for depth, minutes in shown.items()
    )
    self.body.append(f'<p class="descent-depths">Reading time, exercises apart: {" ".join(choices)}')


def depart_times(self, node) -> None:
    self.body.append("</p>\n")


def pass_by(self, node) -> None:
    """Other formats have all, and no switch."""


def add_script(app, pagename, templatename, context, doctree) -> None:
    """On every page: the choice is carried along links."""
    app.add_js_file("depths.js", loading_method="defer")


def setup(app) -> None:
    others = {kind: (pass_by, pass_by) for kind in ("latex", "text", "man", "texinfo")}
    app.add_node(SecondReading, html=(visit_second, depart_second), **others)
    app.add_node(Times, html=(visit_times, depart_times), **others)
    app.add_transform(Depths)
    app.connect("html-page-context", add_script)


# ---------------------------------------------------------------- the command


def main() -> int:
    parser = argparse.ArgumentParser(description="Words and minutes of each chapter.")
    parser.add_argument("chapter", nargs="?", help="each section of this one (default: all chapters, in sum)")
    options = parser.parse_args()
    if options.chapter:
        for part in parts(notebooks.load(notebooks.CHAPTERS / f"{options.chapter}.ipynb")):
            mark = "second" if part.second else "" if part.counted else "not counted"
            print(f"{part.words:6} words {part.seconds / 60:5.1f} minutes  {mark:11} {part.title}")
        return 0
    print("                      essentials       everything")
    for path in notebooks.chapters():
        chapter = parts(notebooks.load(path))
        way, whole = essentials(chapter), total(chapter)
        print(f"{path.stem:18} {way.words:7} {way.minutes:4}' {whole.words:9} {whole.minutes:4}'")
    return 0


if __name__ == "__main__":
    sys.exit(main())
