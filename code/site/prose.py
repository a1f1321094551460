"""What a reader reads in a chapter, and the numbers in it. For numbers_in_prose.py, which says where they come from.

Prose is text, formulas, titles, tables, captions and alt texts; not code, targets, options or keys.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field
from functools import cache

from markdown_it.renderer import RendererHTML
from myst_parser.config.main import MdParserConfig
from myst_parser.parsers.mdit import create_md_parser

EXTENSIONS = {"amsmath", "colon_fence", "deflist", "dollarmath", "html_image", "substitution", "tasklist"}
NOT_PROSE = {"bibliography", "code-block", "index", "raw", "solution-end", "tableofcontents"}

# What looks like a number and is no claim.
PLACE = r"(?:\(\d+\)|(?:[A-Z]\.?)?\d+(?:\.\d+)*[a-z]?(?![\w%]|[,.]\d))"
EXEMPT = [
    re.compile(pattern)
    for pattern in (
        # a place in a text: §2.1, Theorems 1 to 3, equation (4)
        rf"(?:§+|\b(?:[Ee]quations?|[Tt]heorems?|[Ll]emmas?|[Pp]ropositions?|[Cc]orollar(?:y|ies)|[Rr]emarks?|[Tt]ables?|"
        rf"[Ff]igures?|Fig\.|[Aa]lgorithms?|[Ss]ections?|[Cc]hapters?|[Aa]ppendix|App\.|[Ll]ectures?|[Pp]ages?|pp?\.|"
        rf"[Ll]ines?|[Ee]xercises?|[Ee]xamples?|[Cc]ases?|[Pp]arts?|Answer|[Qq]uestions?|no\.))\s?{PLACE}"
        rf"(?:(?:,| and| or| to|–|, and)\s?{PLACE})*",
        # the number of a paragraph: "Step 1.", "**2. Chain rule.**"
        r"\A(?:(?:Step|Part|Case) \d+\b|\d\.(?=\s|\Z))",
        # a year: in 1964, (2019)
        r"(?:\b(?:in|of|from|to|since|[A-Z][a-z]+) |\()(?:1[89]\d|20[0-3])\d(?![\w,]|\.\d)"
        r"(?! (?:steps|images|examples|gradients|parameters|coordinates|points|times|runs)\b)",
        # a name: ResNet-50, 32-bit, Python 3.11, and the 2×2 of a matrix
        r"\b[A-Za-z]+-\d+\b|\b\d+[- ](?:bits?|Clause)\b|"
        r"\b(?:Python|Attribution|PyTorch|Optax|Keras|scikit-learn) [\d.]*\d|\b([2-4])×\1\b",
    )
]
ABOUT = re.compile(
    r"(?:\b(?:about|nearly|near|almost|some|roughly|around|than|over)|≈|~)\s*(?:[\d.,]+ (?:to|and|or) )?$"
)


# ---------------------------------------------------------------- numbers


@dataclass(frozen=True)
class Number:
    """A number as it is written. `unit` is the worth of its last digit, 0.01 for 0.67, or 0 if it is exact."""

    text: str
    value: float
    unit: float = 0.0
    percent: bool = False
    about: bool = False  # "about 70,000": a whole number that has been rounded

    def near(self, other: Number, margin: float) -> bool:
        """Whether the two differ by no more than `margin`, their signs aside; 4 % may be 0.04."""
        return any(
            abs(abs(other.value) * scale - abs(self.value)) <= margin * 1.000001
            for scale in ((1, 100) if self.percent and not other.percent else (1,))
        )

    def equals(self, other: Number) -> bool:
        return self.near(other, 1e-9 * abs(self.value))

    def rounds(self, other: Number) -> bool:
        """Whether this is `other`, known to more digits, rounded: a whole number, or one digit, only if "about"."""
        may = self.about or self.percent or self.unit != 1 and self.digits > 1
        return may and other.unit < self.unit * 0.999 and self.near(other, self.unit / 2)

    @property
    def digits(self) -> int:
        """How many digits it has, without the zeros at its ends."""
        return len(f"{abs(self.value):.12e}".partition("e")[0].replace(".", "").rstrip("0"))

    @property
    def common(self) -> bool:
        """Whether it has so few digits that it could be found anywhere."""
        return self.digits < 3


def number(text: str, digits: str, exponent: str | None, percent: bool = False, about: bool = False) -> Number:
    digits = digits.replace(",", "").rstrip(".")
    unit = 10.0 ** -len(digits.partition(".")[2])
    if about and unit == 1 and digits.endswith("00"):
        unit = 10.0 ** (len(digits) - len(digits.rstrip("0")))
    if exponent and float(digits) == 1 and not about:
        unit = 0.0  # a power of ten is meant exactly
    scale = float(f"1e{exponent or 0}")
    return Number(text.strip(), float(digits) * scale, unit * scale, percent, about)


DIGITS = r"(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?)"
NUMERAL = re.compile(
    rf"(?<![\w.])(?<![A-Za-z]-){DIGITS}(?:e(?P<e>-?\d+))?(?:st|nd|rd|th|s)?(?!\w|\.\d|,\d{{3}})"
    r"(?P<percent>\s?(?:%|per ?cent\b))?"
)
OUTPUT = re.compile(
    r"(?<![\w.])(?P<digits>\d{1,3}(?:,\d{3})+(?:\.\d+)?(?![\d.])|\d+(?:\.\d*)?)(?:e(?P<e>[-+]?\d+))?"
    r"(?![A-Za-z_])(?P<percent>\s?%)?"
)


def printed_numbers(text: str) -> list[Number]:
    """The numbers of a cell's output."""
    return [number(match[0], match["digits"], match["e"], bool(match["percent"])) for match in OUTPUT.finditer(text)]


# ---------------------------------------------------------------- formulas

# LaTeX to Python's spelling, each until it changes nothing more: what claims nothing, numbers, relations, arithmetic.
LATEX = [
    (re.compile(pattern), by)
    for pattern, by in (
        (r"\\(?:text|math[a-z]+|operatorname|tag)\*?\{[^{}]*\}", " x "),
        (r"\d+(?:, ?\d+)+, ?\\[lc]?dots", ";"),  # t = 1, 2, 3, …
        (r"\\\\|\\(?:begin|end)\{[^{}]*\}(?:\{[lcr]*\})?|\\q?quad|\\[lc]?dots", ";"),
        (r"(?<=\d)(?:\{,\}|\\,)(?=\d{3}(?!\d))", ""),  # 10\,000
        (r"\\(?:[bB]igg?[lr]?|left|right|displaystyle|[lr][vV]ert|pm|\||[{}])(?![a-z])|\^\\circ|\\[,!: %]|\|", " "),
        (r"_(?:\{[^{}]*\}|\\[A-Za-z]+|\w)", ""),
        (r"(?<![\d.])10\^(?:\{(-?\d+)\}|(\d))", r"1e\1\2"),
        (r"(\d)\s*\\(?:cdot|times)\s*1e", r"\1e"),
        (r"\\(?:cdot|times)(?![a-z])", "*"),
        (r"\\(?:le|leq|ll|lt)(?![a-z])", "<"),
        (r"\\(?:ge|geq|gg|gt)(?![a-z])", ">"),
        (r"\\(?:approx|sim|simeq)(?![a-z])", "≈"),
        (r"\\(?:to|in|mapsto|ne|neq|propto|equiv)(?![a-z])", "→"),
        (r"\^(?:\{([^{}]*)\}|(\\[a-z]+|\w))", r"**(\1\2)"),
        (r"\\sqrt\s*(?:\{([^{}]*)\}|(\w))", r" sqrt(\1\2)"),
        (r"\\[dt]?frac\s*(?:\{([^{}]*)\}|(\w))\s*(?:\{([^{}]*)\}|(\w|\\[a-z]+))", r"((\1\2)/(\3\4))"),
    )
]
ONE = re.compile(r"(?<![\w.])(?P<digits>\d+(?:\.\d+)?)(?:e(?P<e>-?\d+))?")
FUNCTIONS = {"sqrt": math.sqrt, "log": math.log, "exp": math.exp, "pi": math.pi}


def sides(latex: str) -> list[tuple[str, str]]:
    """A formula cut at its relations and commas: (the relation before it, a side)."""
    before = None
    while before != latex:
        before = latex
        for pattern, by in LATEX:
            latex = pattern.sub(by, latex)
    found, relation = [], ""
    for piece in re.split(r"([=<>≈→;,&])", latex):
        if piece in ("=", "<", ">", "≈", "→", ";", ","):
            relation = piece
        elif piece.strip() not in ("", "&"):
            found.append((relation, piece.strip(" .")))
            relation = ""
    return found


def evaluated(side: str) -> float | None:
    """The value of a side that is made of numbers only; None for another."""
    side = re.sub(r"\\(exp|pi)", r"\1", side)
    side = re.sub(r"\\(?:ln|log) *(\d+(?:\.\d+)?(?:e-?\d+)?)?", lambda m: f"log({m[1]})" if m[1] else "log", side)
    side = re.sub(r"\s+", " ", side)
    names = set(re.findall(r"[^\W\d_]+", re.sub(r"(?<=\d)e(?=-?\d)", "", side)))
    if "\\" in side or not names <= set(FUNCTIONS) or not re.search(r"\d", side):
        return None
    side = re.sub(r"(?<=[\d)]) ?(?=\(|sqrt|pi)|(?<=\)) ?(?=\d)", "*", side)
    try:
        return float(eval(side, {"__builtins__": {}}, FUNCTIONS))
    except (SyntaxError, NameError, TypeError, ArithmeticError, ValueError):
        return None


def formula_numbers(latex: str, about: bool = False) -> tuple[list[Number], list[Number], list[str]]:
    """The numbers of a formula that claim something; its arithmetic; and its equations between numbers that are false.

    The arithmetic: the values of what is to be computed, and all the numbers of an equation that is true.
    No claim: indices; 0 and 1; 2 in a sum (\\sqrt2); 2, 3, 4 and powers beside letters (h\\theta^2/2).
    """
    numbers, values, false, before, operands = [], [], [], None, []
    for relation, side in sides(latex):
        value, alone = evaluated(side), ONE.fullmatch(side.strip(" ()[]+-"))
        about = about or relation in ("≈", "<", ">")
        inside = [
            number(match[0], match["digits"], match["e"], about=bool(alone) and about)
            for match in ONE.finditer(side if value is not None else re.sub(r"(?<!\d)\*\*\(-?\d\)", "", side))
        ]
        idle = (0, 1) if alone else (0, 1, 2, 3, 4) if value is None else (0, 1, 2)
        numbers += [one for one in inside if one.value not in idle]
        if value is None:
            before = None
        else:
            shown = Number(side, value, inside[0].unit if alone else 0.0)
            if not alone:
                values.append(shown)
            if before and relation in ("=", "≈"):
                shortest = max((one.unit for one in inside if one.unit < 1), default=0)
                margin = max(shown.unit, before.unit) / 2 or shortest
                if abs(shown.value - before.value) > max(margin, 1e-9 * abs(value)) * 1.000001:
                    false.append(f"{before.text} {relation} {side}")
                else:
                    values += inside + operands
            before, operands = shown, inside
        about = False
    return numbers, values, false


# ---------------------------------------------------------------- Markdown


@dataclass
class Block:
    """A paragraph, a title, a row of a table or a formula; `kinds` says of each character what it is."""

    given: str = ""  # the exercise that states it
    text: str = ""
    kinds: str = ""  # t for text, m for maths, . for what is not prose
    links: set = field(default_factory=set)
    cites: set = field(default_factory=set)

    def add(self, text: str, kind: str) -> None:
        if kind == "t":  # 3 × 10⁻⁸ is 3e-8
            text = re.sub(r"10([⁻⁰¹²³⁴-⁹]+)", lambda match: "1e" + match[1].translate(SUPERSCRIPTS), text)
            text = re.sub(r"(?<=\d) ?[×·] ?1e", "e", text)
        self.text, self.kinds = self.text + text, self.kinds + kind * len(text)

    def formulas(self) -> list[tuple[int, str]]:
        return [(match.start(), self.text[match.start() : match.end()]) for match in re.finditer("m+", self.kinds)]

    def numbers(self) -> tuple[list[tuple[int, Number]], list[Number], list[tuple[int, str]]]:
        """Its numbers with their positions, the values of its arithmetic, and its false equations."""
        text = "".join(char if kind == "t" else "\0" for char, kind in zip(self.text, self.kinds))
        values = [
            Number(match[0], int(match[1]) / int(match[2])) for match in re.finditer(r"\b(\d+)/([1-9]\d*)\b", text)
        ]
        for pattern in EXEMPT:
            text = pattern.sub(lambda match: "\0" * len(match[0]), text)
        found = [
            (
                match.start(),
                number(
                    match[0],
                    match["digits"],
                    match["e"],
                    bool(match["percent"]),
                    bool(ABOUT.search(text[: match.start()])),
                ),
            )
            for match in NUMERAL.finditer(text)
            if match[0] not in ("0", "1")
        ]
        false = []
        for at, latex in self.formulas():
            numbers, more, wrong = formula_numbers(latex, bool(ABOUT.search(text[:at])))
            found += [(at, one) for one in numbers]
            values += more
            false += [(at, equation) for equation in wrong]
        return sorted(found, key=lambda pair: pair[0]), values, false

    def sentence(self, at: int) -> str:
        """The sentence about a position: the book has one a line."""
        return self.text[self.text.rfind("\n", 0, at) + 1 :].partition("\n")[0].replace("\u2009", "").strip()

    def excerpt(self, at: int) -> str:
        """As much of the sentence as finds it."""
        start = max(self.text.rfind("\n", 0, at) + 1, at - 60)
        words, _, more = self.text[start : at + 50].partition("\n")
        words = "…" * (start == at - 60) + words + "…" * (not more and at + 50 < len(self.text))
        return words.replace("\u2009", "").strip(" |\n")


SUPERSCRIPTS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")


@cache
def parser():
    return create_md_parser(MdParserConfig(enable_extensions=EXTENSIONS), RendererHTML)


def blocks(source: str, given: str = "") -> list[Block]:
    """The prose of a Markdown cell, directives included."""
    found, row = [], None
    for token in parser().parse(source):
        if token.type == "tr_open":
            row = Block(given)
        elif token.type == "tr_close":
            found.append(row)
            row = None
        elif token.type == "inline":
            block = row or Block(given)
            inline(token.children, block)
            block.add(" | ", ".") if row else found.append(block)
        elif token.type in ("math_block", "math_block_label", "amsmath"):
            found.append(Block(given))
            found[-1].add(" ".join(token.content.split()), "m")
        elif token.type in ("fence", "colon_fence") and (directive := re.match(r"\{([\w:-]+)\}\s*(.*)", token.info)):
            name, title = directive.groups()
            label = re.search(r"(?m)^:label: *(\S+)", token.content)
            states = (label[1] if label else "unnamed") if name == "exercise" else given
            body = re.sub(r"\A(?::[\w-]+:.*\n)+", "", token.content + "\n")
            if name not in NOT_PROSE:
                found += blocks(title, states) if not name.startswith("solution") else []
                found += blocks(f"$$\n{body}\n$$" if name == "math" else body, states)
    return found


def inline(tokens, block: Block) -> None:
    for token in tokens:
        if token.type == "text":
            block.add(token.content, "t")
        elif token.type in ("softbreak", "hardbreak"):
            block.add("\n", "t")
        elif token.type == "math_inline":
            block.add(token.content, "m")
            block.add("\u2009", ".")  # two formulas never touch
        elif token.type == "code_inline":
            block.add(f"`{token.content}`", ".")
        elif token.type == "image":
            inline(token.children or [], block)
        elif token.type == "link_open":
            block.links.add(token.attrs["href"].removeprefix("#"))
        elif token.type == "myst_role":
            title, target = re.fullmatch(r"(?s)(?:(.*?)\s*<([^<>]+)>|.*)", token.content).groups()
            target = target or token.content
            (block.cites if token.meta["name"].startswith("cite") else block.links).update(re.split(r",\s*", target))
            block.add(title or target, "t" if title or token.meta["name"] in ("index", "term") else ".")
