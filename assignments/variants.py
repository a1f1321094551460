"""The numbers of a term: drawn from its name, so that a term has its own and always the same.

An instructor notebook has one cell with the tag `term`, which holds nothing but `TERM = {…}`. Everything that
should differ from year to year is in it, and text, solution and checks read it there.
"""

import ast
import hashlib
import random

from checks.twists import TWISTS

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


PRIVATE = {  # so many that guessing them all is no way to the key
    "momentum": {
        "beta": [round(0.8 + k / 1000, 3) for k in range(170)],
        "curvatures": [(a, b) for a in range(1, 9) for b in range(25 * a, 121 * a)],
    },
    "adam": {
        "beta1": [round(0.8 + k / 1000, 3) for k in range(160)],
        "beta2": [round(0.98 + k / 10000, 4) for k in range(195)],
        "lr": [round(0.05 + k / 1000, 3) for k in range(150)],
    },
    "decay": {
        "lr": [round(0.005 + k / 10000, 4) for k in range(150)],
        "decay": [round(0.05 + k / 1000, 3) for k in range(150)],
        "steps": range(400, 900),
        "seed": range(1, 2**31),
    },
    "digits": {"split": range(1, 2**31), "per_class": range(22, 36)},
}


DEFAULTS = {  # of the classes, drawn by a key; never the book's
    "adam": {
        "lr": [0.0005, 0.002, 0.003, 0.004, 0.005],
        "beta1": [0.8, 0.85, 0.88, 0.92, 0.95],
        "beta2": [0.98, 0.99, 0.995, 0.998, 0.9995],
        "eps": [1e-10, 1e-9, 1e-7, 1e-6],
    },
    "momentum": {"lr": [0.002, 0.005, 0.02, 0.03, 0.05], "beta": [0.7, 0.75, 0.8, 0.85, 0.95]},
}


def read_key(path):
    """Return the secret in a file, or None without one; raise ValueError with a sentence when it is none."""
    if path is None:
        return None
    secret = path.read_bytes().strip()
    if len(secret) < 16:
        raise ValueError(f"{path} is no key: it has {len(secret)} characters, and a key has at least 16.")
    return secret


def numbers(assignment, term, given, key=None):
    """Return the dict TERM of an assignment for a term: `given` for the book's own, else drawn by the name.

    With a key (a secret of the instructor's) the numbers are drawn from wider ranges, and so is a twist: a part of
    the rule that is not the book's (checks/twists.py), and the values of settings that are left out. Whoever knows
    the name of the term alone cannot have them.
    """
    if term == BOOK and key is None:
        return dict(given)
    secret = b"" if key is None else key
    digest = hashlib.sha256(secret + f"{assignment} {term}".encode()).digest()
    dice = random.Random(int.from_bytes(digest, "big"))
    choices = CHOICES[assignment] | (PRIVATE[assignment] if key else {})
    drawn = {name: dice.choice(values) for name, values in choices.items()}
    if set(drawn) != set(given):
        raise ValueError(f"{assignment}: the notebook's TERM has {sorted(given)}, variants.py draws {sorted(drawn)}.")
    if key:
        drawn["twist"] = dice.choice(sorted(TWISTS[assignment]))
        if assignment in DEFAULTS:
            drawn["defaults"] = {name: dice.choice(values) for name, values in DEFAULTS[assignment].items()}
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
