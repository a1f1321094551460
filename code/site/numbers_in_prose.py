"""Every number in the prose comes from a cell or from a test: list them, and name those that do not.

    python code/site/numbers_in_prose.py                  name the unmatched; if there are any, the exit code is 1
    python code/site/numbers_in_prose.py --list           print each number with what yields it
    python code/site/numbers_in_prose.py --list adam      in one chapter

What is prose, and which numbers in it claim nothing, says prose.py. The others must be yielded, by

- `output`    what a cell of the notebook printed (a live figure's description counts), after rounding;
- `setting`   a number in a cell of the notebook, not rounded;
- `sum`       arithmetic with nothing but numbers in a cell of the notebook, such as 2 / 50;
- `values`    arithmetic that the text beside it shows, done again here;
- `given`     the statement of an exercise, for itself and for its solution;
- `test`      a test named in tests/claims/numbers.toml, if the test has the number;
- `source`    a publication named there, in the bibliography and cited in the cell; or a library that the cell names.

Equations between numbers are evaluated, wherever they stand, and must be true.

Cells are looked for in the section of the number, and in the sections that its paragraph links to, in any chapter.
(An exercise is a section.) Only a number of three digits and more, zeros at its ends aside, is looked for in the rest
of the notebook too, unrounded: 0.9 is everywhere. Of several cells the nearest that has the very number is named, then
arithmetic in the text, then the nearest of whose number it is the rounding.

What this proves: a number that changes, in the text or in the outputs, is noticed, unless a cell of the same section
happens to have the new one as well. What it cannot prove: that the sentence is about that number. It does not look at
signs, nor at numbers written as words; and whether a bound holds ("less than 0.02"), only a test can say.
"""

from __future__ import annotations

import argparse
import ast
import re
import sys
import tomllib
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import notebooks
from prose import Block, Number, blocks, printed_numbers

LISTING = "tests/claims/numbers.toml"
OPENS = re.compile(r"(?m)^##? +(.+)$|\{exercise\}[^:`]*\n:label: *(\S+)|\{solution(?:-start)?\} *(\S+)")
LABEL = re.compile(r"(?m)^\((\S+)\)=$|^:label: *(\S+)|^\$\$ \((\S+)\)$")


@dataclass
class Cell:
    chapter: str
    name: str
    position: int
    section: str
    exercise: str  # the one that it belongs to, by label
    blocks: list[Block] = field(default_factory=list)
    yields: list[tuple[str, Number]] = field(default_factory=list)


@dataclass(frozen=True)
class Finding:
    """A number of the prose, and what yields it; if nothing does, the cure."""

    cell: Cell
    excerpt: str
    number: str
    by: str = ""
    cure: str = ""


def constants(*trees: ast.AST) -> list[tuple[str, Number]]:
    """The numbers in some code, and the values of its arithmetic with nothing but numbers."""
    found = []
    for node in (node for tree in trees for node in ast.walk(tree)):
        if isinstance(node, ast.Constant) and type(node.value) in (int, float):
            found.append(("setting", Number(repr(node.value), float(node.value))))
        elif isinstance(node, ast.BinOp) and all(
            isinstance(part, (ast.Constant, ast.BinOp, ast.UnaryOp))
            for part in ast.walk(node)
            if isinstance(part, ast.expr)
        ):
            text = ast.unparse(node)
            try:
                found.append(("sum", Number(text, float(eval(text, {"__builtins__": {}})))))
            except (TypeError, ValueError, ArithmeticError):
                pass  # of text, or 1 / 0
    return found


class Book:
    """The chapters, and what their numbers may come from."""

    def __init__(self, root: Path = notebooks.ROOT):
        self.root, self.cells, self.labels, self.used = root, [], {}, set()
        for path in sorted((root / "chapters").glob("*.ipynb")):
            self.read(path)
        self.listed = tomllib.loads(self.file(LISTING)).get("number", [])
        self.keys = re.findall(r"(?m)^@\w+\{([^,\s]+)", self.file("references.bib"))

    def file(self, name: str) -> str:
        path = self.root / name
        return path.read_text(encoding="utf-8") if path.is_file() else ""

    def read(self, path: Path) -> None:
        section = exercise = ""
        for position, stored in enumerate(notebooks.load(path)["cells"]):
            source, is_text = notebooks.text(stored["source"]), stored["cell_type"] == "markdown"
            if is_text:
                for title, states, solves in OPENS.findall(re.sub(r"(?ms)^```(?!\{).*?^```", "", source)):
                    section, exercise = title or f"exercise {states or solves}", states or solves
                self.labels |= {"".join(label): (path.stem, section) for label in LABEL.findall(source)}
            cell = Cell(path.stem, stored.get("id", str(position)), position, section, exercise)
            self.cells.append(cell)
            if is_text:
                cell.blocks = blocks(source)
                cell.yields = [("given", one) for block in cell.blocks if block.given for _, one in block.numbers()[0]]
            else:
                shown = stored["metadata"].get("mystnb", {})
                words = shown.get("figure", {}).get("caption", ""), shown.get("image", {}).get("alt", "")
                cell.blocks = blocks(words[0]) + blocks(words[1])
                cell.yields = constants(ast.parse(re.sub(r"(?m)^\s*[%!].*", "", source)))
                for output in stored["outputs"]:
                    data = output.get("data", {})
                    for text in (output.get("text"), data.get("text/plain"), data.get("text/markdown")):
                        cell.yields += [("output", one) for one in printed_numbers(notebooks.text(text or ""))]

    def from_listing(self, one: Number, cell: Cell, sentence: str) -> tuple[str, str]:
        """What the listing says of a number, or what is wrong with that."""
        for index, entry in enumerate(self.listed):
            if entry["chapter"] == cell.chapter and entry["text"] in sentence and one.text in entry["numbers"]:
                self.used.add((index, one.text))
                if "test" in entry:
                    values = self.test_numbers(entry["test"])
                    if any(one.equals(value) or one.rounds(value) for _, value in values):
                        return "test " + entry["test"], ""
                    return "", f"{LISTING} names {entry['test']}, which does not exist or does not have it"
                source, is_key = entry["source"], bool(re.search(r"\d{4}", entry["source"]))
                where = [block.cites if is_key else block.text for block in cell.blocks]
                if any(source in place for place in where) and (source in self.keys or not is_key):
                    return "source " + source, ""
                return "", f"{LISTING} names {source}, which the cell does not cite or references.bib does not have"
        return "", ""

    @cache  # noqa: B019 (one checker a run, and it ends with it)
    def test_numbers(self, test: str) -> list[tuple[str, Number]]:
        """The numbers in the source of a test, and in the constants of its file that it uses."""
        file, _, name = test.partition("::")
        body = ast.parse(self.file(file)).body
        found = [node for node in body if isinstance(node, ast.FunctionDef) and node.name == name]
        used = {node.id for function in found for node in ast.walk(function) if isinstance(node, ast.Name)}
        return constants(
            *found,
            *(
                node
                for node in body
                if isinstance(node, ast.Assign)
                and used & {target.id for target in node.targets if isinstance(target, ast.Name)}
            ),
        )

    def from_cell(self, one: Number, cell: Cell, block: Block, values: list[Number]) -> str:
        """What yields a number: the best cell, or the arithmetic in the text if no cell has the very number."""
        near = {(cell.chapter, cell.section)} | {self.labels.get(link) for link in block.links}
        found = [
            ((False, 1, 0, 0), f"values {value.text}") for value in values if one.equals(value) or one.rounds(value)
        ]
        for other in self.cells:
            far = (other.chapter, other.section) not in near
            if far and (other.chapter != cell.chapter or one.common):
                continue
            distance = abs(other.position - cell.position) if other.chapter == cell.chapter else 1000
            for how, value in other.yields:
                if how == "given" and cell.exercise != other.exercise:
                    continue
                equal = one.equals(value)
                if equal or not far and how != "setting" and one.rounds(value):
                    rank = far, 2 * (not equal) + (how == "given"), distance, other.position
                    found.append((rank, f"{how} {value.text} of {other.name}"))
        return min(found)[1] if found else ""

    def findings(self, chapter: str | None = None):
        for cell in self.cells:
            shown = []
            for block in cell.blocks if chapter in (None, cell.chapter) else ():
                numbers, values, false = block.numbers()
                shown += values
                for at, equation in false:
                    yield Finding(cell, block.excerpt(at), equation, cure="this equation is false: mend it")
                for at, one in numbers:
                    by, cure = self.from_listing(one, cell, block.sentence(at))
                    if not by and not cure:
                        by = self.from_cell(one, cell, block, shown)
                        cure = "" if by else f"print it in a cell of this section, or name its test in {LISTING}"
                    yield Finding(cell, block.excerpt(at), one.text, by, cure)

    def idle(self, chapter: str | None = None):
        """What the listing has, and no sentence needs. Only after all findings."""
        return [
            f"{LISTING}: no sentence of chapters/{entry['chapter']}.ipynb has “{entry['text']}” and the number "
            f"{number}: mend the entry, or take it out"
            for index, entry in enumerate(self.listed)
            for number in entry["numbers"]
            if (index, number) not in self.used and chapter in (None, entry["chapter"])
        ]


def main(arguments=None, root: Path = notebooks.ROOT) -> int:
    parser = argparse.ArgumentParser(description="Say of each number in the prose where it comes from.")
    parser.add_argument("--list", action="store_true", help="print the matched numbers too")
    parser.add_argument("chapter", nargs="?", help="only this one (default: all)")
    options = parser.parse_args(arguments)
    book = Book(root)
    count, complaints = 0, []
    for finding in book.findings(options.chapter):
        count += 1
        cell, shown = finding.cell, f"{finding.number} in “{finding.excerpt}”"
        if not finding.by:
            complaints.append(f"chapters/{cell.chapter}.ipynb, cell {cell.name}: {shown}: {finding.cure}")
        elif options.list:
            print(f"{cell.chapter} / {cell.section}: {shown}: {finding.by}")
    complaints += book.idle(options.chapter)
    print(*complaints, sep="\n", end="\n" * bool(complaints), file=sys.stderr)
    print(f"{count} numbers in the prose, {len(complaints)} complaints")
    return int(bool(complaints))


if __name__ == "__main__":
    sys.exit(main())
