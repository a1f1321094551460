"""What people read: a feedback page for each submission, and one page that shows the class."""

import functools
import html
import importlib.util
import math
import re
from collections import Counter, defaultdict
from pathlib import Path

from grading import formulas

ADDRESS = Path(__file__).resolve().parents[2] / "code" / "site" / "address.py"
STYLE = """
:root { color-scheme: light dark; --ink: light-dark(#222, #ddd); --line: light-dark(#ddd, #444);
  --paper: light-dark(#fff, #181818); --quiet: light-dark(#f4f4f4, #262626); --lost: light-dark(#8a2600, #ff9d7a); }
* { box-sizing: border-box; }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 2rem auto; padding: 0 1rem;
  color: var(--ink); background: var(--paper); overflow-wrap: anywhere; }
a { color: inherit; }
table { border-collapse: collapse; width: 100%; }
th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th:last-child { text-align: right; white-space: nowrap; overflow-wrap: normal; }
tr.open td { border-bottom: 0; padding-bottom: 0; }
td.marks { white-space: nowrap; text-align: right; overflow-wrap: normal; }
.lost { color: var(--lost); }
.quiet, pre, blockquote { background: var(--quiet); padding: .6rem .8rem; margin: .4rem 0; }
.by-hand { border-left: 3px solid var(--lost); padding-left: .6rem; }
pre { white-space: pre-wrap; }
math { font-size: 1.1em; }
math[display=block] { overflow-x: auto; overflow-y: hidden; padding: .3rem 0; }
img { max-width: 100%; background: #fff; }
svg { width: 100%; height: auto; max-width: 34rem; }
svg rect { fill: light-dark(#3b6ea5, #7fb0e6); } svg text { fill: var(--ink); font: 12px system-ui, sans-serif; }
"""
say = html.escape


@functools.cache
def published():
    """Return the address of the published book, or None where none is said (BOOK_SITE, or `_config.yml`)."""
    if not ADDRESS.exists():
        return None
    spec = importlib.util.spec_from_file_location("address", ADDRESS)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module.site()


def document(title, body):
    return (
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>"
        "<meta name='viewport' content='width=device-width, initial-scale=1'>"
        f"<title>{say(title)}</title><style>{STYLE}</style></head><body>{body}</body></html>\n"
    )


def formula(latex, options):
    """Return a formula as MathML, or as it was typed where it cannot be drawn."""
    key = latex.strip(), options["display_mode"]
    formulas.draw([key])
    return formulas.drawn[key] or f"<code>{say(latex)}</code>"


def draw_formulas(texts):
    """Make all formulas of these Markdown texts in one go; one by one it would take a class minutes."""
    found = []
    for token in (token for text in texts for token in markdown().parse(text)):
        for one in [token, *(token.children or [])]:
            if one.type.startswith("math_"):
                found.append((one.content.strip(), one.type != "math_inline"))
    formulas.draw(found)


@functools.cache
def markdown():
    from markdown_it import MarkdownIt
    from mdit_py_plugins.dollarmath import dollarmath_plugin

    reader = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable(["table", "strikethrough"])
    reader.use(dollarmath_plugin, allow_blank_lines=False, renderer=formula)
    reader.add_render_rule("image", lambda self, tokens, index, *_: say(tokens[index].content or "(a picture)"))
    return reader


def rendered(text):
    """Return Markdown as HTML; what is HTML in it stays text, and no picture is fetched."""
    return markdown().render(text)


def linked(message, book=None):
    """Return a message as HTML: names in backquotes as code, what is to be reread as a link into the book."""
    from checks import BOOK as CHAPTERS
    from docutils.nodes import make_id

    book = book or published()

    def link(found):
        chapter = next((key for key, title in CHAPTERS.items() if title == html.unescape(found[1])), None)
        if chapter is None or book is None:
            return found[0]
        target = f"{book}/chapters/{chapter}.html#{make_id(html.unescape(found[2]))}"
        return f"Reread: <a href='{target}'>{found[1]}, section “{found[2]}”</a>."

    text = re.sub(r"`([^`]+)`", r"<code>\1</code>", say(message))
    return re.sub(r"Reread: (.+?), section “(.+?)”\.", link, text)


def sentence(message):
    """Return what a message says, and where it sends its reader."""
    said, _, where = message.partition("Reread: ")
    return said.strip(), f"Reread: {where}" if where else ""


def feedback(result, questions=None, book=None):
    """Return the feedback page of a result (a dict). questions : {part: text of the question, with its rubric}."""
    questions, rows, told = questions or {}, [], {}
    for mark in result["marks"]:
        given = "to be read" if mark["given"] is None else f"{mark['given']:g} of {mark['points']:g}"
        if mark["kind"] == "adjustment":
            given = f"{mark['given']:+g}"
        lost = mark["given"] is not None and mark["given"] < mark["points"] and not mark["by_hand"]
        cell = f"<strong>{say(mark['title'])}</strong>"
        if mark["message"] and not mark["by_hand"]:
            said, where = sentence(mark["message"])
            text = linked(mark["message"], book)
            if said in told:
                text = f"The same as for “{say(told[said])}”. {linked(where, book)}"
            told.setdefault(said, mark["title"])
            cell += f"<div class='{'lost' if lost else ''}'>{text}</div>"
        if mark["comment"]:
            cell += f"<div class='by-hand'>{rendered(mark['comment'])}</div>"
        wide = ""  # a row of its own, that a narrow screen can show
        if mark["kind"] == "written" and mark["id"] in questions:
            question = rendered(questions[mark["id"]])
            wide += f"<details><summary>The question, and how it is marked</summary>{question}</details>"
        if mark["answer"]:
            wide += f"<div class='quiet'>{rendered(mark['answer'])}</div>"
        rows.append(f"<tr{' class=open' if wide else ''}><td>{cell}</td><td class='marks'>{given}</td></tr>")
        if wide:
            rows.append(f"<tr><td colspan='2'>{wide}</td></tr>")
    waiting = f"; {result['open']:g} more are given by a reader" if result["open"] else ""
    read = f", and {result['read']:g} for what was read" if result["read"] else ""
    notes = "".join(f"<li>{say(note)}</li>" for note in result["notes"] + result["stopped"])
    comments = "".join(f"<div class='by-hand'>{rendered(text)}</div>" for text in result.get("comments", []))
    figures = "".join(
        f"<img alt='Figure {k} of your notebook' src='data:image/png;base64,{png}'>"
        for k, png in enumerate(result.get("figures", []), start=1)
    )
    late = f" Handed in late: {say(result['late'])}." if result.get("late") else ""
    file = (
        f" Graded: {say(result['file'])}{', term ' + say(result['term']) if result.get('term') else ''}."
        if result.get("file")
        else ""
    )
    body = (
        f"<h1>{say(result['assignment'].capitalize())}</h1><p>{say(result['student'])}: "
        f"<strong>{result['score']:g} of {result['possible']:g} "
        f"marks</strong>{read}{waiting}.</p><p>{file}{late}</p>{comments}"
        + (f"<h2>What was noticed</h2><ul>{notes}</ul>" if notes else "")
        + "<h2>Idea by idea</h2><table><thead><tr><th>Idea</th><th>Marks</th></tr></thead>"
        + f"<tbody>{''.join(rows)}</tbody></table>"
        + (f"<h2>Your figures</h2>{figures}" if figures else "")
    )
    return document(f"{result['assignment']}: {result['student']}", body)


def overview(results, missing, errors, page_of, seconds, book=None):
    """Return the page that shows a class. page_of(result) : the address of a feedback page."""
    files, waiting = sum(r["status"] != "missing" for r in results), sum(r["open"] > 0 for r in results)
    parts = [
        f"<h1>The class</h1><p>{files} submissions, {waiting} of them with "
        f"answers to read. Graded in {seconds:.0f} s.</p>"
    ]
    for assignment in sorted({r["assignment"] for r in results} - {"?"}):
        graded = [r for r in results if r["assignment"] == assignment and r["status"] == "graded"]
        parts.append(f"<h2>{say(assignment.capitalize())}</h2>")
        if not graded:
            parts.append("<p>Nothing of it could be graded.</p>")
            continue
        scores = sorted(r["score"] for r in graded)
        possible = max(r["possible"] for r in graded)
        parts.append(
            f"<p>{len(graded)} graded. Marks of the checks: median {scores[len(scores) // 2]:g} of {possible:g}, "
            f"lowest {scores[0]:g}, highest {scores[-1]:g}.</p>{histogram(scores, possible)}"
        )
        parts.append(misconceptions(graded, book))
    if errors:
        parts.append("<h2>To mend in your tables</h2><ul>" + "".join(f"<li>{say(e)}</li>" for e in errors) + "</ul>")
    flagged = [r for r in results if r["flags"]]
    if flagged:
        lines = "".join(f"<li>{page_link(r, page_of)}: {say(' '.join(r['flags']))}</li>" for r in flagged)
        parts.append(f"<h2>For you to look at</h2><ul>{lines}</ul>")
    odd = [r for r in results if r["status"] not in ("graded",)]
    if odd:
        lines = "".join(
            f"<li>{page_link(r, page_of)}: {say(r['status'])}. {say(' '.join(r['notes']))}</li>" for r in odd
        )
        parts.append(f"<h2>Not graded</h2><ul>{lines}</ul>")
    if missing:
        who = defaultdict(list)
        for student, assignment, _ in missing:
            who[assignment].append(student["student"])
        lines = "".join(f"<li>{say(a)}: {say(', '.join(names))}</li>" for a, names in who.items())
        parts.append(f"<h2>Missing</h2><ul>{lines}</ul>")
    late = [r for r in results if r.get("late")]
    if late:
        lines = "".join(f"<li>{page_link(r, page_of)}: {say(r['late'])}</li>" for r in late)
        parts.append(f"<h2>Late</h2><ul>{lines}</ul>")
    return document("The class", "".join(parts))


def page_link(result, page_of):
    return f"<a href='{say(page_of(result))}'>{say(result['student'])}, {say(result['assignment'])}</a>"


def misconceptions(graded, book):
    """Return the sentences that were said most often, each once for a student, as a table."""
    counts, sections = Counter(), defaultdict(Counter)
    for result in graded:
        told = [sentence(m["message"]) for m in result["marks"] if m["kind"] == "check" and m["message"]]
        counts.update({said for said, _ in told})
        for said, where in told:
            sections[said][where] += 1
    rows = "".join(
        f"<tr><td>{linked(f'{said} {sections[said].most_common(1)[0][0]}', book)}</td>"
        f"<td class='marks'>{count} of {len(graded)}</td></tr>"
        for said, count in counts.most_common(8)
    )
    if not rows:
        return "<p>No marks were lost.</p>"
    head = "<tr><th>What, and what to reread in class</th><th>Students</th></tr>"
    return f"<h3>Said most often</h3><table><thead>{head}</thead><tbody>{rows}</tbody></table>"


def histogram(scores, possible):
    """Return the distribution of marks as a drawing: at most ten bars, each for as many whole marks."""
    each = max(1, math.ceil((possible + 1) / 10))
    bins = Counter(int(min(max(score, 0), possible) // each) for score in scores)
    bars, said = [], []
    for k in range(int(possible // each) + 1):
        first, last, x = k * each, min((k + 1) * each - 1, possible), 6 + 45 * k
        marks = f"{first:g}" if first == last else f"{first:g}–{last:g}"
        height = 100 * bins[k] / max(bins.values())
        bars.append(f"<rect x='{x}' y='{120 - height:.1f}' width='39' height='{height:.1f}'/>")
        bars.append(f"<text x='{x + 19}' y='136' text-anchor='middle'>{marks}</text>")
        if bins[k]:
            bars.append(f"<text x='{x + 19}' y='{114 - height:.1f}' text-anchor='middle'>{bins[k]}</text>")
            said.append(f"{marks} marks: {bins[k]}")
    return (
        f"<svg viewBox='0 0 460 160' role='img' aria-label='Students by marks. {', '.join(said)}.'>{''.join(bars)}"
        "<text x='230' y='154' text-anchor='middle'>marks of the checks</text></svg>"
    )
