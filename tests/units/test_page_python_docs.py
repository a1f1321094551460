"""What travels without its descriptions runs as before: code/site/python/without_docs.py."""

import importlib.util
import marshal
import opcode
import sys
from pathlib import Path

spec = importlib.util.spec_from_file_location(
    "without_docs", Path(__file__).parents[2] / "code" / "site" / "python" / "without_docs.py"
)
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
for operation in ("LOAD_CONST", "STORE_NAME", "EXTENDED_ARG"):  # the page's Python is another version than this one
    setattr(module, operation, opcode.opmap[operation])

LONG = "Words that say at length what this is,\nand more of them, so that it is worth its while to leave them out."
SOURCE = f'''"""{LONG}"""
template = """def made(a, b):
    # A text of several lines that runs, as mpmath's arithmetic does: it is no description.
    return a + b
"""
exec(template)

class Thing:
    """{LONG} A class."""
    kept = """{LONG} A value in a class."""

    def method(self):
        """{LONG} A method."""
        return """{LONG} A value."""

def quoted():
    return """{LONG}"""
'''


def run(source: str, **how) -> dict:
    head = b"0123456789abcdef"
    data = head + marshal.dumps(compile(source, "it", "exec"))
    small = module.without_docs(data, **how)
    assert small[:16] == head
    names = {"size": len(small) / len(data)}
    exec(marshal.loads(small[16:]), names)
    return names


def test_descriptions_go_and_texts_that_run_stay():
    names = run(SOURCE)
    assert names["made"](1, 2) == 3
    thing = names["Thing"]
    assert thing.__doc__ == ""
    assert thing.kept == f"{LONG} A value in a class."
    assert thing().method() == f"{LONG} A value."
    if sys.version_info >= (3, 13):  # from there on a function says that it has one
        assert thing.method.__doc__ == ""
    assert names["size"] < 1


def test_a_description_that_something_else_uses_stays():
    names = run(SOURCE)
    assert names["quoted"]() == LONG


def test_a_module_of_descriptions_keeps_its_names():
    assert run(f'one = """{LONG}"""', all_are=True)["one"] == ""


def test_what_is_not_understood_is_left_as_it_is():
    assert module.without_docs(b"0123456789abcdef" + b"?") == b"0123456789abcdef" + b"?"
    whole = b"0123456789abcdef" + marshal.dumps(compile(SOURCE, "it", "exec"))
    assert module.without_docs(whole[:-3]) == whole[:-3]
