"""The numbers of a term: drawn from its name, so that a term has its own and always the same.

An instructor notebook has one cell with the tag `term`, which holds nothing but `TERM = {…}`. Everything that
should differ from year to year is in it, and text, solution and checks read it there.
"""

import ast
import hashlib
import random

BOOK = "book"  # the term whose numbers are those of the instructor notebooks as they stand

CHOICES = {
    "momentum": {
        "beta": [0.8, 0.85, 0.9, 0.92, 0.95],
        "curvatures": [(1, 25), (1, 36), (1, 49), (2, 50), (1, 64), (1, 100), (4, 100), (3, 75)],
        "surface": ["Ravine", "Rosenbrock", "Beale"],
    },
    "adam": {
        "beta1": [0.8, 0.85, 0.9, 0.92, 0.95],
        "beta2": [0.98, 0.99, 0.995, 0.999],
        "surface": ["Rosenbrock", "Himmelblau", "Beale", "Ravine"],
        "lr": [0.05, 0.1, 0.2],
    },
    "decay": {"lr": [0.005, 0.01, 0.02], "decay": [0.05, 0.1, 0.2], "steps": [400, 500, 800], "seed": range(1, 100)},
    "digits": {"split": range(1, 1000), "per_class": [24, 28, 32], "epochs": [6, 7, 8]},
}


def numbers(assignment, term, given):
    """Return the dict TERM of an assignment for a term: `given` for the book's own, else drawn by the name."""
    if term == BOOK:
        return dict(given)
    digest = hashlib.sha256(f"{assignment} {term}".encode()).digest()
    dice = random.Random(int.from_bytes(digest, "big"))
    drawn = {name: dice.choice(list(values)) for name, values in CHOICES[assignment].items()}
    if set(drawn) != set(given):
        raise ValueError(f"{assignment}: the notebook's TERM has {sorted(given)}, variants.py draws {sorted(drawn)}.")
    return drawn


def term_of(notebook):
    """Return the dict TERM of a notebook (a dict from JSON), read and not run."""
    return ast.literal_eval(ast.parse("".join(_term_cell(notebook)["source"])).body[0].value)


def set_term(notebook, values):
    """Write other numbers into the notebook's TERM, in place."""
    _term_cell(notebook)["source"] = f"TERM = {values!r}".replace("'", '"')


def _term_cell(notebook):
    for cell in notebook["cells"]:
        if "term" in cell["metadata"].get("tags", []):
            return cell
    raise ValueError("The notebook has no cell with the tag `term`.")
