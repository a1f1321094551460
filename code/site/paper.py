"""The book on paper: what Sphinx's LaTeX builder needs to know of this book.

print/make.py runs the builder, and says in the environment which edition it is (BOOK_EDITION=essential or
whole). Chapters, figures and equations have the numbers of the site; pictures are lines, not dots; the solutions stand
at the end; each work that the chapters cite stands once.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import depths
import find
from docutils import nodes
from sphinx.addnodes import number_reference, start_of_file
from sphinx.builders.latex.nodes import math_reference, thebibliography
from sphinx_exercise.nodes import is_exercise_node, solution_node

EDITIONS = {"essential": "the essential way", "whole": "everything, with solutions"}
LEFT_OUT = {  # pages that an edition lacks: a playground is no use on paper
    "essential": {"chapters/playground", "chapters/sources", "chapters/instructors"},
    "whole": {"chapters/playground"},
}
STYLE = Path(__file__).parent / "print" / "adambook.sty"
PICTURES = Path("_build/paper/pictures")  # under the book's root; made by print/vector_pictures.py


def edition() -> str:
    return os.environ.get("BOOK_EDITION", "whole")


def configure(app, config) -> None:
    config.latex_engine = "xelatex"
    config.latex_theme = "manual"
    config.latex_use_xindy = False
    config.latex_show_urls = "no"
    config.latex_domain_indices = False
    config.jblatex_captions_to_parts = False
    config.latex_additional_files = [str(STYLE)]
    name = f"how-adam-works-{edition()}.tex"
    config.latex_documents = [(config.root_doc, name, config.html_title, config.author, "manual")]
    config.latex_elements = {
        "papersize": "a4paper",
        "pointsize": "10pt",
        "fontpkg": "",
        "fncychap": "",
        "babel": r"\usepackage[english]{babel}",
        "polyglossia": "",
        "date": config.copyright,
        "extraclassoptions": "openany",
        "preamble": rf"\usepackage{{adambook}}\newcommand{{\bookedition}}{{{EDITIONS[edition()]}}}",
        "maketitle": r"\booktitlepage",
        "sphinxsetup": "hmargin={2.9cm,2.9cm},vmargin={2.4cm,2.6cm},"
        "verbatimwithframe=false,VerbatimColor={rgb}{0.965,0.965,0.965},"
        "InnerLinkColor={rgb}{0.09,0.32,0.52},OuterLinkColor={rgb}{0.09,0.32,0.52}",
    }


# ---------------------------------------------------------------- the assembled book


def prepare(app, book, docname) -> None:
    """From the pages put one after the other make a book on paper."""
    if app.builder.format != "latex":
        return
    name_pages_in_links(book)
    for page in pages(book):
        if page["docname"] in LEFT_OUT[edition()]:
            page.parent.remove(page)
    give_the_first_page_a_chapter(book)
    if edition() == "essential":
        leave_out_second_readings(book)
    solutions = take_solutions(book)
    mark_exercises(book)
    number_chapters(app, book)
    number_figures_and_equations(app, book)
    if edition() == "whole":
        put_at_the_end(book, solutions)
    write_formulas_in_titles(book)
    list_each_work_once(book)
    make_words_of_links_that_lead_nowhere(app, book)
    use_vector_pictures(app, book)


def pages(book) -> list[start_of_file]:
    return list(book.findall(start_of_file))


def page_of(node) -> str | None:
    """The page that a node comes from."""
    while node is not None:
        if node.get("docname"):
            return node["docname"]
        node = node.parent
    return None


def latex(text: str) -> nodes.raw:
    return nodes.raw("", text, format="latex")


def give_the_first_page_a_chapter(book) -> None:
    """The title of the first page is the book's; what stands there gets a chapter of its own."""
    top = next(book.findall(nodes.section))
    chapter = nodes.section("", nodes.title("", "Before you begin"), ids=["before-you-begin"])
    chapter += top.children[1:]
    top[1:] = [latex(NUMBERS[False]), chapter]


def leave_out_second_readings(book) -> None:
    for section in list(book.findall(depths.is_second_reading)):
        section.parent.remove(section)


NUMBERS = {True: r"\setcounter{secnumdepth}{0}", False: r"\setcounter{secnumdepth}{-1}"}


def number_chapters(app, book) -> None:
    for page in pages(book):
        page.insert(0, latex(NUMBERS["" in app.env.toc_secnumbers.get(page["docname"], {})]))


def number_figures_and_equations(app, book) -> None:
    """LaTeX would count what is left; the numbers are those of the site."""
    for node in list(book.findall(lambda node: isinstance(node, (nodes.figure, nodes.math_block)))):
        kind, name = ("figure", "thefigure") if isinstance(node, nodes.figure) else ("displaymath", "theequation")
        numbers = app.env.toc_fignumbers.get(page_of(node), {}).get(kind, {})
        number = next((numbers[place] for place in node["ids"] if place in numbers), None)
        if number:
            written = ".".join(map(str, number))
            node.parent.insert(node.parent.index(node), latex(rf"\gdef\{name}{{{written}}}"))


def take_solutions(book) -> list[nodes.section]:
    """Take the solutions out of the chapters; return them as sections, one for each chapter that has some."""
    sections = []
    for page in pages(book):
        section = nodes.section("", nodes.title("", next(page.findall(nodes.title)).astext()), docname=page["docname"])
        section["ids"] = [f"solutions-{Path(page['docname']).name}"]
        for solution in list(page.findall(solution_node)):
            solution.parent.remove(solution)
            title, *answer = solution.children
            section += [nodes.target("", "", ids=solution["ids"]), nodes.rubric("", "", *title.children), *answer]
        if len(section) > 1:
            sections.append(section)
    return sections


def mark_exercises(book) -> None:
    """Their own LaTeX gives them a place for numbered references, but none for others."""
    for exercise in list(book.findall(is_exercise_node)):
        names = [rf"\phantomsection\label{{\detokenize{{{page_of(exercise)}:{name}}}}}" for name in exercise["ids"]]
        exercise.parent.insert(exercise.parent.index(exercise), latex("".join(names)))


def put_at_the_end(book, sections) -> None:
    chapter = nodes.section("", nodes.title("", "Solutions"), *sections, ids=["solutions"])
    place = next(k for k, child in enumerate(book.children) if isinstance(child, thebibliography))
    book[place:place] = [latex(NUMBERS[False]), chapter]


def write_formulas_in_titles(book) -> None:
    """As formulas on the page, and in letters in a reader's table of contents."""
    for title in list(book.findall(nodes.title)):
        for formula in list(title.findall(nodes.math)):
            text = formula.astext()
            formula.replace_self(latex(rf"\texorpdfstring{{\({text}\)}}{{{find.readable(text)}}}"))


# ---------------------------------------------------------------- references

CITED = re.compile(r"(?<=cite\.)([^{}]+)")


def list_each_work_once(book) -> None:
    """The site's pages each list their works; on paper there is one list, in the order of its words."""
    kept, instead = {}, {}
    for work in list(book.findall(nodes.citation)):
        name = f"{work['docname']}:{work['ids'][0]}"
        words = " ".join(work.children[1].astext().split())
        if words in kept:
            instead[name] = kept[words][0]
            work.parent.remove(work)
        else:
            kept[words] = name, work
    bibliography = next(book.findall(thebibliography))
    bibliography.children = [work for _, (_, work) in sorted(kept.items(), key=lambda item: author(item[1][1]))]
    for link in book.findall(lambda node: node.tagname == "raw_latex"):
        text = CITED.sub(lambda match: instead.get(match[1], match[1]), link.astext())
        link.children = [nodes.Text(text)]
        link.rawsource = text
    for words in [one for one in book.findall(nodes.paragraph) if [type(part) for part in one] == [nodes.strong]]:
        if words.parent[-1] is words:  # they said what the list is, which went to the end
            words.parent.remove(words)
    for section in [one for one in book.findall(nodes.section) if one.astext().strip() == one[0].astext()]:
        section.parent.remove(section)


def author(work) -> str:
    """The first author's last name, then all words: what a list of works is sorted by."""
    words = " ".join(work.children[1].astext().split())
    first = re.split(r",| and |\. ", re.sub(r"\b[A-Z]\.[ -]", "", words))[0]
    return f"{first.split()[-1].lower()} {words}"


def name_pages_in_links(book) -> None:
    """A link within a page leads there from everywhere, also from the solutions at the end."""
    for link in book.findall(nodes.reference):
        if type(link) in (nodes.reference, number_reference) and "refid" in link:
            link["refuri"] = f"%{page_of(link)}#{link['refid']}"
            del link["refid"]


def make_words_of_links_that_lead_nowhere(app, book) -> None:
    """A link into a part that is not in this edition, or that sets a figure, is only its words."""
    places = [node for node in book.findall(nodes.Element) if "refid" not in node]  # else it names another's place
    known = {f"%{page_of(node)}#{name}" for node in places for name in node.get("ids", ())}
    known |= {f"%{page['docname']}" for page in pages(book)}
    for link in list(book.findall(nodes.reference)):
        target = link.get("refuri", "")
        if target.startswith("#") or (target.startswith("%") and target.removesuffix("#") not in known):
            link.replace_self([nodes.Text(numbered(app, link))] if "title" in link else link.children)
    equations = {(page_of(block), block["label"]) for block in book.findall(nodes.math_block) if block.get("label")}
    for link in list(book.findall(math_reference)):
        page, label = link["docname"], link["target"]
        if (page, label) not in equations:
            number = app.env.toc_fignumbers[page]["displaymath"][nodes.make_id(f"equation-{label}")]
            link.replace_self(nodes.Text(f"({'.'.join(map(str, number))})"))


def numbered(app, link) -> str:
    """The words of a numbered link: Fig. 4.3."""
    page, _, name = link["refuri"].removeprefix("%").partition("#")
    number = next(numbers[name] for numbers in app.env.toc_fignumbers[page].values() if name in numbers)
    written = ".".join(map(str, number))
    return link["title"].replace("%s", written).replace("{number}", written)


# ---------------------------------------------------------------- pictures


def use_vector_pictures(app, book) -> None:
    index = Path(app.srcdir) / PICTURES / "index.json"
    known = json.loads(index.read_text(encoding="utf-8")) if index.exists() else {}
    for image in book.findall(nodes.image):
        vector = known.get(Path(image["uri"]).stem)
        if vector:
            image["uri"] = (PICTURES / vector).as_posix()
            image["candidates"] = {"application/pdf": image["uri"]}
            app.builder.images[image["uri"]] = vector


# ---------------------------------------------------------------- on the site

NAMES = {"essential": "The essential way as PDF", "whole": "The whole book as PDF"}


def made(app) -> dict[str, Path]:
    """The editions that `make paper` has made."""
    files = {name: Path(app.srcdir) / PICTURES.parent / f"how-adam-works-{name}.pdf" for name in EDITIONS}
    return {name: file for name, file in files.items() if file.exists()}


def links(app) -> list[dict]:
    """What a page links to; nothing where nothing was made."""
    return [
        {"words": f"{NAMES[name]} ({file.stat().st_size / 1e6:.1f} MB)", "address": f"../paper/{file.name}"}
        for name, file in made(app).items()
    ]


def copy(app, exception) -> None:
    if exception or app.builder.name != "html":
        return
    for file in made(app).values():
        (Path(app.outdir) / "paper").mkdir(exist_ok=True)
        shutil.copy(file, Path(app.outdir) / "paper")


def setup(app) -> None:
    app.connect("build-finished", copy, priority=50)
    app.connect("config-inited", configure, priority=900)
    app.connect("doctree-resolved", prepare, priority=990)
