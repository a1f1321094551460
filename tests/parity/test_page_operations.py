"""Does the page compute what NumPy computes, operation by operation, where numbers end?

Each operation of a tape runs in NumPy and in the page's interpreter (in Node) on zeros of both signs, infinities, nan,
subnormal, tiny, usual and huge numbers, and on all pairs of them.
"""

from itertools import product

import numpy as np
import pytest
from support import node

from descent.engine.operations import AS_WRITTEN, OPERATIONS
from descent.engine.tape import replay

ZEROS, SUBNORMAL = (0.0, -0.0), (5e-324, -5e-324, 1e-310)
TINY, HUGE = (
    (2.2250738585072014e-308, 1e-300, -1e-300),
    (1e300, -1e300, 1.7976931348623157e308, -1.7976931348623157e308),
)
USUAL = (1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 1 / 3, -2.5, 3.0, 7.0, -745.2, 710.0, 1e-8, 1e8, 1e22, np.pi)
EDGES = (*ZEROS, *SUBNORMAL, *TINY, *USUAL, *HUGE, np.inf, -np.inf, np.nan)
FEWER = (0.0, -0.0, 1.5, -np.inf, np.nan)
EXPONENTS = (0.0, 1.0, 2.0, 3.0, 0.5, -0.5, -1.0, -2.0, 1 / 3, 1.5)

# IEEE 754 asks for the last bit of arithmetic and roots, not of these: each library rounds in its own way.
ROUNDED_BY_THE_LIBRARY = {"power": 2, "exp": 1, "log": 1, "sin": 1, "cos": 1, "tanh": 2}  # units in the last place
# Of 0 and -0 either may be the smaller: NumPy's answer is the processor's.
OF_EITHER_SIGN = {"minimum", "maximum"}

REPLAY = """
import { compileTape, makeRegisters, replayTape } from "@/model/tape.js";
report(given.map(({ tape, columns }) => {
  const program = compileTape(tape, "a test"), registers = makeRegisters(program);
  const inputs = columns.map(numbersOf);
  return bitsOf(inputs[0].map((_, row) => {
    inputs.forEach((column, place) => { registers[place] = column[row]; });
    replayTape(program, registers);
    return registers[program.outputs.value];
  }));
}));
"""


def tape_of(name, arguments, constants=()):
    """The tape of one operation; its last arguments may be constants."""
    inputs = [f"x{place}" for place in range(arguments - len(constants))]
    return {
        "inputs": inputs,
        "constants": list(constants),
        "ops": [[name, *range(arguments)]],
        "outputs": {"value": arguments},
    }


def arguments_of(name):
    return 3 if name == "where" else getattr(np, name).nin


def on_the_page(tapes_and_columns):
    """What the page makes of each tape, for each row of its columns of inputs."""
    given = [{"tape": tape, "columns": [node.bits(c) for c in columns]} for tape, columns in tapes_and_columns]
    return [node.numbers(bits) for bits in node.run(REPLAY, given)]


def cases():
    """Every operation on all combinations of edge values; power also with each constant that NumPy treats apart."""
    for name in OPERATIONS:
        n = arguments_of(name)
        combinations = product(*[EDGES] * n) if n < 3 else product(EDGES, FEWER, FEWER)
        yield name, tape_of(name, n), np.array(list(combinations)).T
    for exponent in EXPONENTS:
        yield f"power {exponent:g}", tape_of("power", 2, [exponent]), np.array([EDGES])


@pytest.fixture(scope="module")
def compared():
    """{case: (rows of inputs, NumPy's values, the page's)}."""
    tried = list(cases())
    drawn = on_the_page([(tape, columns) for _, tape, columns in tried])
    with np.errstate(all="ignore"):
        ours = [replay(tape, dict(zip(tape["inputs"], columns)))["value"] for _, tape, columns in tried]
    return {
        name: (columns.T, np.asarray(here, dtype=float), there)
        for (name, _, columns), here, there in zip(tried, ours, drawn)
    }


def units_apart(a, b):
    """How many floating-point numbers lie between a and b; nan equals nan, 0 and -0 are 2**63 apart."""
    apart = np.abs(a.view(np.int64).astype(object) - b.view(np.int64).astype(object))
    return np.where(np.isnan(a) & np.isnan(b), 0, apart)


@pytest.mark.parametrize("case", [name for name, *_ in cases()])
def test_the_page_does_with_edge_values_what_numpy_does(compared, case):
    rows, ours, theirs = compared[case]
    name = case.split()[0]
    apart = units_apart(ours, theirs)
    if name in OF_EITHER_SIGN:
        apart = np.where((ours == 0) & (theirs == 0), 0, apart)
    wrong = apart > ROUNDED_BY_THE_LIBRARY.get(name, 0)
    told = [f"{tuple(map(float, rows[i]))}: NumPy {ours[i]}, page {theirs[i]}" for i in np.flatnonzero(wrong)[:5]]
    assert not wrong.any(), f"np.{name}: " + "; ".join(told)


def test_both_sides_know_the_same_operations():
    names = node.run(
        'import { OPERATIONS, argumentsOf } from "@/model/tape.js";'
        "report(Object.keys(OPERATIONS).map((name) => [name, argumentsOf(name)]));"
    )
    assert dict(names) == {name: arguments_of(name) for name in OPERATIONS}
    assert set(AS_WRITTEN) == set(OPERATIONS)
