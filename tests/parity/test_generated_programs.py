"""Two translators, one subset: programs that nobody thought of give equal tapes, or are refused by both.

A random generator writes them, whole methods with names, options, tuples, conditions and changes in place; Node
translates them, one process for all, and Python records them.
"""

import random

import numpy as np
from support import node

from descent import Optimizer

PROGRAMS = 2000
TRANSLATE = """
import { translateRule } from "@/edit/translate.js";
report(given.map((text) => {
  try { return translateRule(text).tape; }
  catch (error) { return { refusal: error.message, kind: error.name }; }
}));
"""


ARRAYS = ["theta", "g", "m", "v", "t", "lr", "beta1"]
NUMBERS = ["1", "2", "0.5", "0", "0.0", "3", "1e-3", "2.0", "np.pi", "7", "0.1"]
BINARY = ["+", "-", "*", "/", "**", "+", "*", "-"]
COMPARE = ["<", "<=", ">", ">=", "==", "!="]
ONE = ["sqrt", "abs", "square", "sign", "exp", "log", "sin", "cos", "tanh", "floor", "negative"]
TWO = ["minimum", "maximum", "add", "multiply", "power", "divide"]
WORDS = ["mode == 'a'", "mode != 'a'", "mode in ('a', 'b')", "mode not in ('b', 'c')", "1 < 2 < 3", "not mode == 'b'"]
REFUSED = [
    "m % 2",
    "m // 2",
    "m if g > 0 else v",
    "g and m",
    "not g",
    "g[0]",
    "np.mean(g)",
    "np.arctan(g)",
    "g.T",
    "a_word",
]


def expression(draw, depth=0):
    """Return an expression; `draw` is a random generator."""
    if depth > 3 or draw.random() < 0.25 + 0.15 * depth:
        return draw.choice(ARRAYS * 2 + NUMBERS)
    a, b, c, d = (expression(draw, depth + 1) for _ in range(4))
    return draw.choice(
        [
            f"{a} {draw.choice(BINARY)} {b}",
            f"({a} {draw.choice(BINARY)} {b})",
            f"{a} {draw.choice(BINARY)} {b} {draw.choice(BINARY)} {c}",
            f"{draw.choice('-+')}{a}",
            f"np.{draw.choice(ONE)}({a})",
            f"np.{draw.choice(TWO)}({a}, {b})",
            f"np.where({a} {draw.choice(COMPARE)} {b}, {c}, {d})",
            f"np.where(({a} > {b}) & ~({c} < {d}), {c}, {d})",
            f"({draw.choice(ARRAYS)} {draw.choice(COMPARE)} {b})",
            f"np.clip({c}, {a}, {b})",
            f"({a} if {draw.choice(WORDS)} else {b})",
            f"({draw.choice(ARRAYS)}).copy()",
            f"({a}, {b})[{draw.choice([0, 1, -1])}]",
        ]
    )


def statement(draw):
    e, f = expression(draw), expression(draw)
    return draw.choice(
        [
            f"{draw.choice(['m', 'v', 'theta'])}[...] = {e}",
            f"{draw.choice(['m', 'v', 'theta', 'g'])} {draw.choice('+-*/')}= {e}",
            f"{draw.choice(['a', 'b', 'm_hat'])} = {e}",
            f"a, b = {e}, {f}",
            f"a = b = {e}\n    a *= lr",
            f"if {draw.choice(WORDS)}:\n        m[...] = {e}\n    else:\n        v -= {f}",
            f"theta -= lr * ({e})  # a comment",
            f"np.add(m, {e}, out=m)",
            f"m_hat = {draw.choice(REFUSED) if draw.random() < 0.3 else e}\n    theta -= m_hat",
        ]
    )


def program(seed):
    draw = random.Random(seed)
    lines = "".join(f"    {statement(draw)}\n" for _ in range(draw.randint(1, 5)))
    head = f"def update(self, theta, g, m, v, t, *, lr=0.1, beta1=0.9, mode='{draw.choice('abc')}'):\n"
    return head + lines + "    theta -= lr * m\n"


def recorded(text):
    """Return the recorder's tape, or why there is none."""
    found = {}
    exec(text, {"np": np}, found)
    try:
        with np.errstate(all="ignore"):
            return type("Generated", (Optimizer,), {"update": found["update"]})().tape()
    except Exception as error:
        return {"refusal": str(error), "kind": type(error).__name__}


def nearly(constants):
    """Numbers that a processor and a browser may round differently are compared to eleven digits."""
    return [float(f"{number:.11g}") for number in constants]


def test_both_translators_make_the_same_of_a_program():
    texts = [program(seed) for seed in range(PROGRAMS)]
    same = 0
    for text, ours in zip(texts, node.run(TRANSLATE, texts), strict=True):
        theirs = recorded(text)
        if "refusal" in theirs or "refusal" in ours:
            assert ours.get("kind") == "Refusal" and "refusal" in theirs, f"{text}\npage: {ours}\nrecorder: {theirs}"
            continue
        assert nearly(ours.pop("constants")) == nearly(theirs.pop("constants")), text
        assert ours == theirs, text
        same += 1
    assert PROGRAMS / 4 < same < PROGRAMS, "nearly all are refused, or none is"
