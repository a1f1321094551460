"""Texts that are meant to hurt: each is answered with a sentence, at once."""

UPDATE = "def update(self, theta, g):\n    "
HOSTILE = {
    "100 kB": "x = 1\n" * 17_000,
    "deep brackets": "(" * 10_000 + ")" * 10_000,
    "deep brackets, short": UPDATE + "theta -= " + "(" * 2_000,
    "a long sum": UPDATE + "theta -= " + "g + " * 700 + "g",
    "many signs": UPDATE + "theta -= " + "-" * 2_500 + "g",
    "many conditions": UPDATE + "theta -= " + "g if 1 else " * 240 + "g",
    "many attributes": UPDATE + "theta -= g" + ".a" * 1_400,
    "for ever": UPDATE + "while True:\n        pass",
    "a large power": UPDATE + "theta -= g * 9**9**9",
    "__proto__": "def update(self, theta, g, *, __proto__=1):\n    theta -= __proto__ * g",
    "__proto__ of an array": UPDATE + "theta -= g.__proto__",
    "constructor": UPDATE + "theta -= constructor",
    "constructor of np": UPDATE + "theta -= np.constructor",
    "constructor of a function": UPDATE + "theta -= [].filter.constructor('return 1')()",
    "half of a character": UPDATE + "theta -= g # \ud800",
    "a word beyond its end": UPDATE + "theta -= 'a",
    "nothing": "",
    "a null": UPDATE + "theta -= g\0",
    "eval": UPDATE + "eval('1')",
    "an import": UPDATE + "import os",
}
