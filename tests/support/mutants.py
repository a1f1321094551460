"""Change the package in many small ways and see whether a test notices:  make mutants, or make mutants SAMPLE=20

Cosmic Ray makes the changes, one at a time, in a copy of the repository under _build/mutants. Each module is held
against the tests that are there for it, and only those. SAMPLE takes so many changes of each module, drawn with a fixed
seed, in place of all (which takes hours). Prints a score for each module, and every change that nothing noticed.
"""

import argparse
import os
import random
import shutil
import subprocess
import sys
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import TestOutcome, WorkerOutcome, WorkResult

ROOT = Path(__file__).resolve().parents[2]
COPY = ROOT / "_build" / "mutants"
UNITS = "tests/units/test_"
TESTS = {  # module: the tests that hold it, the quickest to notice first
    "rules": [UNITS + "optimizers.py", "tests/parity/test_recorded_paths.py", "tests/claims/test_liu_2020.py"],
    "optimizer": [UNITS + name for name in ("optimizers.py", "misuse.py", "resume.py", "kernel.py", "tape.py")],
    "hyperparameters": [UNITS + name for name in ("misuse.py", "optimizers.py", "kernel.py")],
    "schedules": [UNITS + "schedules.py", UNITS + "misuse.py", "tests/parity/test_recorded_paths.py"],
    "loop": [UNITS + "descend.py", UNITS + "sweep.py"],
    "grid": [UNITS + "sweep.py"],
    "engine/tape": [UNITS + "tape.py", UNITS + "problems.py"],
    "engine/record": [UNITS + "tape.py", UNITS + "kernel.py"],
    "engine/kernel": [UNITS + "kernel.py", UNITS + "optimizers.py"],
    "engine/differentiate": [UNITS + "problems.py"],
    "problems/base": [UNITS + "problems.py", UNITS + "descend.py"],
    "problems/surfaces": [UNITS + "problems.py"],
    "problems/streams": [UNITS + "problems.py"],
    "problems/counterexamples": [UNITS + "problems.py"],
    "problems/regressions": [UNITS + "problems.py"],
    "problems/digits": [UNITS + "problems.py"],
}
CONFIG = """[cosmic-ray]
module-path = "code/descent/{module}.py"
timeout = 240.0
excluded-modules = []
test-command = "{python} -m pytest -x -q -p no:cacheprovider {tests}"

[cosmic-ray.distributor]
name = "local"
"""


def main():
    parser = argparse.ArgumentParser(description="Which changes of the package does no test notice?")
    parser.add_argument("--sample", type=int, help="so many changes of each module (default: all)")
    parser.add_argument("modules", nargs="*", choices=[*TESTS, []], help="default: all of them")
    options = parser.parse_args()
    shutil.rmtree(COPY, ignore_errors=True)
    shutil.copytree(ROOT, COPY, ignore=shutil.ignore_patterns(".git", ".venv*", "_build", "chapters", "__pycache__"))
    noticed = counted = 0
    for module in options.modules or TESTS:
        killed, survivors = score(module, options.sample)
        noticed, counted = noticed + killed, counted + killed + len(survivors)
        print(f"{module}: {killed} of {killed + len(survivors)} noticed", flush=True)
        for survivor in survivors:
            print(f"    {survivor}", flush=True)
    print(f"All: {noticed} of {counted} noticed, {100 * noticed / max(1, counted):.1f} %")


def score(module, sample):
    """Return how many changes of a module were noticed, and what the others were."""
    database = COPY / f"{module.replace('/', '-')}.sqlite"
    config = database.with_suffix(".toml")
    config.write_text(CONFIG.format(module=module, python=sys.executable, tests=" ".join(TESTS[module])))
    cosmic_ray("baseline", config)  # the tests pass as long as nothing is changed
    cosmic_ray("init", config, database)
    if sample:
        leave_out_all_but(sample, database)
    cosmic_ray("exec", config, database)
    killed, survivors = 0, []
    with use_db(database, WorkDB.Mode.open) as work:
        changes = {item.job_id: item.mutations[0] for item in work.work_items}
        for job, result in work.results:
            if result.worker_outcome is WorkerOutcome.SKIPPED:
                continue
            if result.test_outcome is TestOutcome.SURVIVED:
                change = changes[job]
                survivors.append(f"line {change.start_pos[0]}, {change.operator_name} {change.occurrence}")
            else:
                killed += 1
    return killed, survivors


def leave_out_all_but(sample, database):
    with use_db(database, WorkDB.Mode.open) as work:
        jobs = sorted(item.job_id for item in work.work_items)
        order = {
            item.job_id: (item.mutations[0].operator_name, item.mutations[0].occurrence) for item in work.work_items
        }
        jobs.sort(key=order.get)
        kept = set(random.Random(0).sample(jobs, min(sample, len(jobs))))
        for job in jobs:
            if job not in kept:
                work.set_result(job, WorkResult(worker_outcome=WorkerOutcome.SKIPPED))


def cosmic_ray(command, *arguments):
    environment = os.environ | {"PYTHONPATH": f"{COPY}/code", "PYTHONDONTWRITEBYTECODE": "1"}
    program = Path(sys.executable).with_name("cosmic-ray")
    subprocess.run([program, command, *arguments], cwd=COPY, env=environment, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
