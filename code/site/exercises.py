"""Exercises that check themselves on the page, without a kernel.

    :::{page-exercise} second-line
    :::

puts the exercise `second-line` of exercises.json there: its question, the lines to begin with, and a button that turns
them into an editor whose lines are run against the right rule. A fault that is known is called by its name: the
sentences are those of the assignments (assignments/misconceptions.json), or stand in exercises.json itself.

The answer goes along as the operations of the right rule and of the known faults, in base64: nobody reads it by
accident, and whoever wants to can. A page that checks itself cannot keep a secret; what is graded is graded elsewhere.
"""

from __future__ import annotations

import base64
import json
from functools import cache
from html import escape
from pathlib import Path

import figures
from docutils import nodes
from sphinx.util.docutils import SphinxDirective

HERE = Path(__file__).parent
MISCONCEPTIONS = HERE.parents[1] / "assignments" / "misconceptions.json"


@cache
def exercises() -> dict:
    """The exercises by their names."""
    return {entry["id"]: entry for entry in json.loads((HERE / "exercises.json").read_text(encoding="utf-8"))}


@cache
def sentences() -> dict:
    """What the assignments say of each misconception, by its name."""
    families = json.loads(MISCONCEPTIONS.read_text(encoding="utf-8"))
    return {entry["id"]: entry["sentence"] for family in families.values() for entry in family}


def wrong_texts(exercise: dict):
    """Yield (sentence, text) of each known fault: the right text with some of its parts exchanged.

    An entry is the name of a misconception, or a sentence, and then pairs of what is exchanged and what for.
    """
    for fault, *pairs in exercise["wrong"]:
        text = exercise["right"]
        for old, new in zip(pairs[::2], pairs[1::2]):
            if old not in text:
                raise ValueError(f"exercises.json, {exercise['id']}: {old!r} is not in its right text.")
            text = text.replace(old, new)
        yield sentences()[fault] if "/" in fault.split(" ")[0] else fault, text


def answer(exercise: dict) -> dict:
    """What the page checks a reader's lines with."""
    from descent.figures.texts import rule_of_text

    def recorded(text: str) -> dict:
        rule = rule_of_text("Answer", text)
        return {
            "tape": rule().tape() | {"names": {}},
            "state": list(rule.state_names),
            "fixed": {name: rule.defaults[name] for name in rule.rule_hyperparameters},
        }

    if exercise["kind"] != "rule":
        return {"kind": exercise["kind"]}
    wrong = [{"sentence": sentence, "rule": recorded(text)} for sentence, text in wrong_texts(exercise)]
    return {"kind": "rule", "right": recorded(exercise["right"]), "wrong": wrong}


def encoded(exercise: dict) -> str:
    """The answer in letters, as the page's decodeText reads them."""
    text = json.dumps(answer(exercise), ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


class PageExercise(nodes.General, nodes.Element):
    """An exercise on the page; its children are the question and the lines to begin with."""


class PageExerciseDirective(SphinxDirective):
    required_arguments = 1

    def run(self):
        exercise = exercises().get(self.arguments[0])
        if exercise is None:
            raise self.error(f"There is no exercise {self.arguments[0]!r}; there are {', '.join(exercises())}.")
        node = PageExercise(exercise=exercise["id"])
        node += nodes.paragraph("", "", nodes.strong("", exercise["title"]), nodes.Text(f" {exercise['ask']}"))
        node += nodes.literal_block(exercise["text"], exercise["text"].rstrip(), language="python")
        return [node]


def visit_html(self, node) -> None:
    self.body.append(f'<section class="descent-exercise" id="page-exercise-{node["exercise"]}">\n')


def depart_html(self, node) -> None:
    exercise = exercises()[node["exercise"]]
    data = {"title": exercise["title"], "text": exercise["text"], "answer": encoded(exercise)}
    self.body.append(
        '<button type="button" class="descent-exercise-open" hidden '
        f'aria-label="Try it here: {escape(exercise["title"])}">Try it here</button>\n'
        "<noscript><p>With JavaScript on, you can write here and have it checked.</p></noscript>"
        '<script type="application/json">' + json.dumps(data).replace("<", "\\u003c") + "</script></section>\n"
    )


def pass_by(self, node) -> None:
    """In print formats question and lines stand as they are."""


def add_scripts(app, pagename, templatename, context, doctree) -> None:
    body = context.get("body", "")
    if 'class="descent-exercise"' in body:
        app.add_js_file("exercises.js", loading_method="defer", **figures.fetched_later())


def setup(app) -> None:
    app.add_node(
        PageExercise,
        html=(visit_html, depart_html),
        **{kind: (pass_by, pass_by) for kind in ("latex", "text", "man", "texinfo")},
    )
    app.add_directive("page-exercise", PageExerciseDirective)
    app.connect("html-page-context", add_scripts)
