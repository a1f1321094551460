"""Private variants: the key draws a twist, the grader knows its rule, and the book's answer is no longer right."""

import copy
import json

import pytest
import release
import variants
from checks import twists
from support.graded_answers import Bench, changed

ALL = [(assignment, twist) for assignment, found in twists.TWISTS.items() for twist in found]


def key_of(assignment, twist):
    """Return a key that draws this twist."""
    given = dict.fromkeys(variants.CHOICES[assignment])
    keys = (f"a key for tests, {k}".encode() for k in range(1000))
    return next(k for k in keys if variants.numbers(assignment, variants.BOOK, given, k)["twist"] == twist)


@pytest.fixture(scope="module")
def twisted():
    """Return the bench of a twist; made once."""
    made = {}

    def of(assignment, twist):
        if (assignment, twist) not in made:
            made[assignment, twist] = Bench([assignment], key_of(assignment, twist))
        return made[assignment, twist]

    return of


def with_defaults(bench, assignment, text):
    """Return the book's class with the twist's defaults: the rule alone is another."""
    values = variants.term_of(bench.sources[assignment])
    if "defaults" in values:
        old = twists.SIGNATURE[assignment][1]
        text = changed(text, old, ", ".join(f"{name}={value!r}" for name, value in values["defaults"].items()))
    return text


@pytest.mark.parametrize("assignment, twist", [one for one in ALL if one[0] != "digits"])
def test_the_model_answer_of_a_twist_has_full_marks(twisted, assignment, twist):
    assert twisted(assignment, twist).marks(assignment) == ({}, [])


LOST = {  # by the answer that is right for the book: the one mark of what differs, in words that are true
    "eps inside": ("epsilon", "as in the book"),
    "v uncorrected": ("correction", "as in the book"),
    "ahead": ("first-moment", "as in the book"),
    "largest": ("second-moment", "as in the book"),
    ("momentum", "inside"): ("outside", "as in the book"),
    ("momentum", "mean"): ("sum", "as in the book"),
    ("momentum", "ahead"): ("sum", "as in the book"),
    "no half": ("l2-size", "with a factor"),
    "after": ("w-before", "as in the book"),
}


@pytest.mark.parametrize("assignment, twist", [one for one in ALL if one[0] != "digits" and "," not in one[1]])
def test_the_answer_of_the_book_loses_the_idea_of_the_twist(bench, twisted, assignment, twist):
    cell = f"{assignment}-class{'es' if assignment == 'decay' else ''}"
    here = twisted(assignment, twist)
    lost, _ = here.marks(assignment, {cell: with_defaults(here, assignment, bench.model(assignment)[cell])})
    check, words = LOST.get((assignment, twist)) or LOST[twist]
    assert list(lost) == [f"{assignment}-{check}"], lost
    assert words in lost[f"{assignment}-{check}"][1]
    assert len(here.flags) == 1 and PUBLIC in here.flags[0], here.flags


PUBLIC = "answers the public version: it differs from this variant's rule only where the twist acts."


@pytest.mark.parametrize("assignment, twist", [one for one in ALL if one[0] != "digits"])
def test_the_class_of_the_book_as_it_stands_is_flagged(bench, twisted, assignment, twist):
    cell = f"{assignment}-class{'es' if assignment == 'decay' else ''}"
    here = twisted(assignment, twist)
    here.marks(assignment, {cell: bench.model(assignment)[cell]})
    assert here.flags and all(PUBLIC in flag for flag in here.flags), here.flags


NOT_PUBLIC = {  # the rule of the term, with a slip; the book's, with a slip of another kind
    "this term's": ("m[...] = self.beta1 * m + (", "m = ("),
    "the book's": (
        "self.m = [np.zeros_like(theta) for theta in parameters]",
        "self.m = [np.zeros(1)] * len(parameters)",
    ),
}


@pytest.mark.parametrize("name", NOT_PUBLIC)
def test_no_other_answer_is_flagged_as_public(bench, twisted, name):
    here = twisted("adam", "largest")
    text = (here if name == "this term's" else bench).model("adam")["adam-class"]
    lost, _ = here.marks("adam", {"adam-class": changed(text, *NOT_PUBLIC[name])})
    assert lost and not any(PUBLIC in flag for flag in here.flags), here.flags


def test_the_defaults_of_the_book_are_not_those_of_a_key(bench, twisted):
    text = twisted("momentum", "inside").model("momentum")["momentum-class"]
    old, values = twists.SIGNATURE["momentum"][1], variants.term_of(twisted("momentum", "inside").sources["momentum"])
    new = ", ".join(f"{name}={value!r}" for name, value in values["defaults"].items())
    lost, _ = twisted("momentum", "inside").marks("momentum", {"momentum-class": changed(text, new, old)})
    assert lost and all("left out" in message for _, message in lost.values()), lost


SLIPS = {  # another slip beside a twist is one charge, with a sentence that is true there
    ("adam", "v uncorrected"): ("count", "one step more", "self.t = 0", "self.t = 1"),
    ("adam", "eps inside"): ("epsilon", "no ε", "v_hat + self.eps", "v_hat"),
    ("adam", "largest"): ("state", "m is lost", "m[...] = self.beta1 * m + (", "m = ("),
    ("momentum", "mean"): ("direction", "up the slope", "theta -=", "theta +="),
}


@pytest.mark.parametrize("assignment, twist", SLIPS)
def test_a_slip_beside_a_twist_is_one_charge(twisted, assignment, twist):
    check, words, *replacements = SLIPS[assignment, twist]
    bench = twisted(assignment, twist)
    text = changed(bench.model(assignment)[f"{assignment}-class"], *replacements)
    lost, _ = bench.marks(assignment, {f"{assignment}-class": text})
    assert list(lost) == [f"{assignment}-{check}"], lost
    assert words in lost[f"{assignment}-{check}"][1]


@pytest.mark.parametrize("twist", twists.TWISTS["digits"])
def test_digits_are_judged_as_the_twist_says(bench, twisted, twist):
    here, without = twisted("digits", twist), {"digits-results-answer": "results = {}"}
    own = {name for name in here.marks("digits", without)[0] if "tune" in name}
    book = bench.model("digits")["digits-tune-answer"]
    lost, _ = here.marks("digits", without | {"digits-tune-answer": book})
    assert not own and {name for name in lost if "tune" in name} == {"digits-tune-mean"}
    assert twist in lost["digits-tune-mean"][1] and "as in the book" in lost["digits-tune-mean"][1]
    assert len(here.flags) == 1 and PUBLIC in here.flags[0]


def test_two_keys_give_two_twists_and_the_same_key_the_same():
    given = {name: dict.fromkeys(values) for name, values in variants.CHOICES.items()}
    for name in variants.CHOICES:
        drawn = [variants.numbers(name, "2027", given[name], f"{k:016}".encode())["twist"] for k in range(40)]
        assert set(drawn) == set(twists.TWISTS[name])
        assert drawn == [variants.numbers(name, "2027", given[name], f"{k:016}".encode())["twist"] for k in range(40)]
        assert "twist" not in variants.numbers(name, "2027", given[name])


@pytest.mark.parametrize("assignment, twist", ALL)
def test_a_twist_is_in_the_task_and_its_solution_is_not(bench, twisted, assignment, twist):
    here = twisted(assignment, twist)
    text = "\n".join(cell["source"] for cell in here.blank[assignment]["cells"])
    book = "\n".join(cell["source"] for cell in bench.blank[assignment]["cells"])
    added = [line for line in text.splitlines() if line not in book and "TERM = {" not in line]
    assert added, "students are told what is not the book's"
    model = "\n".join(here.model(assignment).values())
    assert not [
        line for line in added if len(line) > 24 and line in model and "def __" not in line and '"""' not in line
    ], added


def test_grading_with_another_key_is_seen(bench, twisted):
    from grading import marking

    here = twisted("momentum", "inside")
    wrong = [(bench, here), (here, bench), (here, twisted("momentum", "mean"))]
    for given, graded in [(here, here), (bench, bench), *wrong]:
        notes = marking.check_version(given.notebook("momentum"), graded.blank["momentum"])
        assert (notes == [marking.OTHER_KEY]) == ((given, graded) in wrong), notes
    assert "a key for" not in json.dumps(here.blank["momentum"])


def test_a_twist_that_no_longer_fits_its_notebook_is_an_error():
    notebook = json.loads(json.dumps(release.instructor_version("adam")))
    values = variants.term_of(notebook) | {"twist": "largest"}
    twists.apply(copy.deepcopy(notebook), "adam", values)
    notebook["cells"] = notebook["cells"][:4]
    with pytest.raises(ValueError, match="no such cell"):
        twists.apply(notebook, "adam", values)


def test_every_misconception_that_a_twist_leaves_out_exists():
    ids = {one["id"] for family in json.loads(twists_file().read_text()).values() for one in family}
    for found in twists.TWISTS.values():
        for twist in found.values():
            assert not set(twist.without) - ids


def twists_file():
    return release.HERE / "misconceptions.json"
