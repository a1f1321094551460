"""The check of the numbers in the prose.

Each rule on a chapter of a few cells, and what each rule does not let pass.
"""

import json
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "code" / "site"))
from numbers_in_prose import Book, main
from prose import EXEMPT, blocks, formula_numbers

OUTPUT = "loss 0.6694, share 0.039, steps 3925 of 10,000, ends at 2.25e-05\n"


def text(*sources):
    return [
        {"id": f"text{i}", "cell_type": "markdown", "metadata": {}, "source": source}
        for i, source in enumerate(sources)
    ]


def code(source="", output="", **image):
    return {
        "id": "code",
        "cell_type": "code",
        "source": source,
        "metadata": {"mystnb": image},
        "execution_count": 1,
        "outputs": [{"output_type": "stream", "name": "stdout", "text": output}] if output else [],
    }


@pytest.fixture
def book(tmp_path):
    """Write a chapter of these cells, and say what yields each number of its prose: {number: by whom, or ''}."""

    def write(*cells, chapter="adam", listing="", **files):
        for name, content in {
            f"chapters/{chapter}.ipynb": json.dumps({"nbformat": 4, "metadata": {}, "cells": cells}),
            "tests/claims/numbers.toml": listing,
            "references.bib": "@article{brown2020,\n}\n",
            **files,
        }.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(content, encoding="utf-8")
        found = Book(tmp_path)
        findings = list(found.findings())
        found.complaints = [finding.cure for finding in findings if finding.cure] + found.idle()
        found.by = {finding.number: finding.by for finding in findings}
        return found

    return write


# ---------------------------------------------------------------- what is yielded


@pytest.mark.parametrize(
    "good, changed",
    [
        ("The loss is 0.67.", "The loss is 0.68."),
        ("It takes 3,925 steps of 10,000.", "It takes 3,926 steps of 10,000."),
        ("It takes about 3,900 steps.", "It takes about 3,800 steps."),
        ("A share of 4 % is lost.", "A share of 5 % is lost."),
        ("The loss is $L = 0.669$.", "The loss is $L = 0.668$."),
        ("It ends at $x<2.3\\cdot10^{-5}$.", "It ends at $x<2.4\\cdot10^{-5}$."),
        ("It ends at 2.3 × 10⁻⁵.", "It ends at 2.3 × 10⁻⁶."),
        ("$$\nL_{12} = 0.6694 .\n$$ (eq-loss)", "$$\nL_{12} = 0.6695 .\n$$ (eq-loss)"),
        ("| loss |\n|---|\n| $0.67$ |", "| loss |\n|---|\n| $0.66$ |"),
        (":::{note}\nThe loss is 0.67.\n:::", ":::{note}\nThe loss is 0.66.\n:::"),
        (":::{admonition} The 0.67\nOf the loss.\n:::", ":::{admonition} The 0.66\nOf the loss.\n:::"),
        ("{ref}`The 0.67 <adam-loss>`", "{ref}`The 0.66 <adam-loss>`"),
        ("# A loss of 0.67", "# A loss of 0.66"),
    ],
)
def test_a_number_comes_from_an_output_after_rounding(book, good, changed):
    assert book(*text(good), code(output=OUTPUT)).complaints == []
    assert len(book(*text(changed), code(output=OUTPUT)).complaints) == 1


def test_an_output_is_not_known_to_more_digits_than_it_shows(book):
    assert book(*text("The loss is 0.6694."), code(output="0.67")).by == {"0.6694": ""}


@pytest.mark.parametrize("number, value", [("41", "40.6"), ("0.4", "0.41"), ("3,900", "3925")])
def test_a_whole_number_or_one_digit_is_not_taken_for_rounded_unless_the_words_say_so(book, number, value):
    assert book(*text(f"It takes {number}."), code(output=value)).by == {number: ""}
    assert book(*text(f"It takes about {number}."), code(output=value)).complaints == []
    assert book(*text(f"It takes about 2 to {number}."), code("2", output=value)).complaints == []
    assert book(*text(f"It takes $t\\approx{number}$.".replace(",", "{,}")), code(output=value)).complaints == []


def test_a_number_comes_from_a_setting(book):
    cell = code("Adam(lr=2 / 50, beta2=0.999)\nprint('0.3', 1.2345, 2 / 3)  # 0.7")
    assert book(*text("With 1.23 and 0.67."), cell).by == {"1.23": "", "0.67": "sum 2 / 3 of code"}
    by = book(*text("With 0.04, $\\beta_2=0.999$, 0.3 and 0.7."), cell).by
    assert by == {"0.04": "sum 2 / 50 of code", "0.999": "setting 0.999 of code", "0.3": "", "0.7": ""}


def test_a_live_figures_description_is_an_output_and_the_alt_text_is_prose(book):
    cell = code(image={"alt": "It ends at 0.3 and 0.7."}, figure={"caption": "From 0.46 on."})
    cell["outputs"] = [{"output_type": "execute_result", "data": {"text/plain": "Adam: ends at (0.3, 0.4567)."}}]
    assert book(cell).by == {"0.3": "output 0.3 of code", "0.7": "", "0.46": "output 0.4567 of code"}


def test_a_common_number_has_to_come_from_its_own_section(book):
    cells = *text("## One"), code(output="0.96 49 1200 0.999 123"), *text("## Two\n0.96, 49, 1,200, 0.999 and 123.")
    assert book(*cells).by == {
        "0.96": "",
        "49": "",
        "1,200": "",
        "0.999": "output 0.999 of code",
        "123": "output 123 of code",
    }
    assert book(*cells[:2], *text("## Two\n{ref}`adam-two`: 0.96.", "(adam-two)=\n## Three")).by == {"0.96": ""}
    linked = *text("(adam-one)=\n## One"), *cells[1:2], *text("## Two\n{ref}`adam-one`: 0.96.")
    assert book(*linked).by == {"0.96": "output 0.96 of code"}


def test_another_chapter_yields_a_number_only_where_it_is_linked(book):
    book(*text("(momentum-rate)=\n## Rate"), code(output="0.1234"), chapter="momentum")
    assert book(*text("A rate of 0.1234.")).by == {"0.1234": ""}
    assert book(*text("A rate of 0.1234 ({ref}`momentum-rate`).")).by == {"0.1234": "output 0.1234 of code"}


def test_the_nearest_cell_with_the_very_number_is_named(book):
    cells = [
        code(output="0.67"),
        code(output="0.669"),
        *text("The loss is 0.67."),
        code(output="0.667"),
        code(output="0.67"),
    ]
    for name, cell in zip(("far", "near", "here", "next", "later"), cells):
        cell["id"] = name
    assert book(*cells).by == {"0.67": "output 0.67 of far"}
    assert book(*cells[1:]).by == {"0.67": "output 0.67 of later"}
    assert book(*cells[1:4]).by == {"0.67": "output 0.669 of near"}


def test_an_exercise_gives_its_numbers_to_itself_and_to_its_solution(book):
    exercise = ":::{exercise} A rate\n:label: ex-adam-rate\n\nTake $\\eta = 0.3$.\n:::"
    solution = ":::{{solution-start}} ex-adam-rate\n:class: dropdown\n:::\nWith 0.3 it is {}."
    end = ":::{solution-end}\n:::"
    assert book(*text(exercise, solution.format("0.3"), end)).by == {"0.3": "given 0.3 of text0"}
    assert book(*text(exercise, solution.format("0.4"), end)).by["0.4"] == ""
    other = exercise.replace("ex-adam-rate", "ex-adam-other").replace("0.3", "0.5")
    assert book(*text(exercise, other, ":::{solution} ex-adam-other\nWith 0.3.\n:::")).complaints


@pytest.mark.parametrize(
    "true, false",
    [
        ("$m_1 = 0.25\\cdot 8 = 2$", "$m_1 = 0.25\\cdot 8 = 3$"),
        ("$\\sqrt{10^{-8}} = 10^{-4}$", "$\\sqrt{10^{-8}} = 10^{-5}$"),
        ("$\\frac{0.1}{\\sqrt{0.001}} \\approx 3.16$", "$\\frac{0.1}{\\sqrt{0.001}} \\approx 3.17$"),
        ("$(2-\\sqrt2)/4 = 0.1464$", "$(2-\\sqrt2)/4 = 0.1465$"),
        ("$\\ln2/\\ln(4) = 0.5$", "$\\ln2/\\ln(4) = 0.6$"),
        ("$2\\pi/0.1 \\approx 63$", "$2\\pi/0.1 \\approx 64$"),
        (
            "$$\\begin{aligned} a &= 3\\cdot7 \\\\ &= 21 \\end{aligned}$$",
            "$$\\begin{aligned} a &= 3\\cdot7 \\\\ &= 22 \\end{aligned}$$",
        ),
    ],
)
def test_shown_arithmetic_is_done_again(book, true, false):
    assert book(*text(true)).complaints == []
    assert "this equation is false: mend it" in book(*text(false)).complaints


def test_the_arithmetic_of_a_cell_yields_what_its_text_says_later(book):
    assert book(*text("Less than $2/49$ of it, about 4 %."), code("49")).by["4 %"] == "values 2/49"
    assert book(*text("Less than $2/49$ of it, about 5 %."), code("49")).by["5 %"] == ""


# ---------------------------------------------------------------- the listing

TEST = "BOUND = 7.27\n\ndef test_bound():\n    '''0.5'''\n    assert step() < BOUND + 0.01  # 0.4\n"
LISTING = '[[number]]\nchapter = "adam"\ntext = "at most"\nnumbers = ["{}"]\n{}\n'


@pytest.mark.parametrize(
    "number, name, good",
    [
        ("7.27", "test_bound", True),
        ("7.3", "test_bound", True),
        ("7.28", "test_bound", False),
        ("0.5", "test_bound", False),
        ("0.4", "test_bound", False),
        ("7.27", "test_no_such", False),
    ],
)
def test_the_listing_names_a_test_that_has_the_number(book, number, name, good):
    listing = LISTING.format(number, f'test = "tests/claims/test_a.py::{name}"')
    # An untrue entry is named, even where a cell has the number.
    found = book(
        *text(f"It is at most {number}."), code(output=number), listing=listing, **{"tests/claims/test_a.py": TEST}
    )
    assert (found.complaints == []) is good
    assert found.by[number] == (f"test tests/claims/test_a.py::{name}" if good else "")


def test_the_listing_names_a_source_that_the_cell_cites(book):
    listing = LISTING.format("0.95", 'source = "brown2020"')
    assert book(*text("It is at most 0.95 {cite:p}`brown2020`."), listing=listing).by == {"0.95": "source brown2020"}
    assert book(*text("It is at most 0.95."), listing=listing).complaints
    library = listing.replace("brown2020", "Keras 3.15")
    assert book(*text("It is at most 0.95 in Keras 3.15."), listing=library).by["0.95"] == "source Keras 3.15"
    assert book(*text("It is at most 0.95 in Keras 3.16."), listing=library).complaints
    unknown = listing.replace("brown2020", "nobody1900")
    assert book(*text("It is at most 0.95 {cite:p}`nobody1900`."), listing=unknown).complaints


def test_the_listing_has_nothing_that_no_sentence_needs(book):
    listing = LISTING.format("0.95", 'source = "brown2020"')
    for words in ("It is at most 0.96 {cite:p}`brown2020`.", "It is 0.95 {cite:p}`brown2020`."):
        assert "mend the entry" in book(*text(words), listing=listing).complaints[-1]


# ---------------------------------------------------------------- what claims nothing


@pytest.mark.parametrize(
    "exempt, counted",
    [
        ("See §2.1, Theorems 4 to 6, equation (7) and App. A.3.", "See §2.1, 10,000."),
        ("Step 12. Go on.", "At step 12. Go on."),
        ("**2. Chain rule.** Go on.", "2.5 Chain rules."),
        ("It was found in 1964 (1983), and again (Stern 2018).", "It took 1964 steps, in place of 2048."),
        (
            "ResNet-50, GPT-3, float32, S11, a 16-bit number, 8 bits, Python 3.11 and a 2×2 matrix.",
            "A network of 50 layers.",
        ),
        ("`beta2 = 0.7`", "beta2 = 0.7"),
        ("```python\nbeta = 0.7\n```", "beta = 0.7"),
        ("{ref}`the name <adam-12>`, {eq}`eq-12`, {cite:t}`kingma2015`, [this](adam-12)", "{ref}`12 <adam-name>`"),
        ("3. one\n4. two", "one, 3"),
        (":::{note}\n:class: 12\nText.\n:::", ":::{note}\n12\n:::"),
        ("(adam-12)=\n# Title", "# Title 12"),
        ("$\\tfrac12 h\\theta_{12}^2 + 4x^3$", "$\\tfrac12 h\\theta^2 + 49x$"),
        ("$t=1,2,3,\\dots$", "$t=1,2,3$"),
        ("$0 < \\beta < 1$", "$0 < \\beta < 2$"),
    ],
)
def test_what_is_exempt_is_no_more_than_that(book, exempt, counted):
    assert book(*text(exempt)).by == {}
    assert book(*text(counted)).complaints


def test_every_exemption_is_used():
    words = ("§2.1", "Step 12.", "in 1964", "ResNet-50")
    assert [[bool(pattern.search(word)) for word in words].index(True) for pattern in EXEMPT] == list(range(len(words)))


@pytest.mark.parametrize(
    "latex, numbers",
    [
        (r"\eta = 10\,000", [10000]),
        (r"N = 1{,}437", [1437]),
        (r"x = 6\cdot10^{-5}", [6e-5]),
        (r"10^5", [1e5]),
        (r"(5, 3.5)", [5, 3.5]),
        (r"\beta\in\{0.5, 0.9\}", [0.5, 0.9]),
        (r"m_{12}", []),
        (r"\sum_{i=1}^{t} x_i^2", []),
        (r"0.9^{t}", [0.9]),
        (r"x \le 7.270\,\eta", [7.27]),
        (r"L = 25x - 24", [25, 24]),
        (r"\begin{pmatrix} 5 & 6 \\ 7 & 8\end{pmatrix}", [5, 6, 7, 8]),
        (r"a = 5 \\ b = 6", [5, 6]),
    ],
)
def test_the_numbers_of_a_formula(latex, numbers):
    found, _, false = formula_numbers(latex)
    assert [one.value for one in found] == pytest.approx(numbers) and not false


def test_the_sentence_of_a_number_is_its_line():
    [block] = blocks("One is 0.5.\nTwo is $x=0.25$ here.\nThree.")
    assert [block.sentence(at) for at, _ in block.numbers()[0]] == ["One is 0.5.", "Two is x=0.25 here."]


# ---------------------------------------------------------------- the command


def test_the_command_names_file_cell_sentence_and_cure(book, capsys):
    root = book(*text("The loss is 0.67.", "The share is 0.9."), code(output=OUTPUT)).root
    assert main([], root) == 1
    said = capsys.readouterr().err.splitlines()
    assert len(said) == 1
    assert said[0].startswith(
        "chapters/adam.ipynb, cell text1: 0.9 in “The share is 0.9.”: print it in a cell of this section"
    )
    book(*text("The loss is 0.67."), code(output=OUTPUT))
    assert main(["--list"], root) == 0
    assert capsys.readouterr().out.splitlines()[0] == "adam / : 0.67 in “The loss is 0.67.”: output 0.6694 of code"


def test_every_number_of_this_book_is_yielded(root, capsys):
    assert main([], root) == 0, capsys.readouterr().err
