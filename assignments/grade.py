"""Grade a class, unattended.

    python assignments/grade.py submitted/            everything in the folder
    python assignments/grade.py submitted/ --term 2027-spring --workers 4

Submissions lie as nbgrader collects them (student/assignment/assignment.ipynb) or flat (student_assignment.ipynb).
Each runs in a room of its own (grading/room.py). Results go to graded/ beside the folder: grades.csv, a page for
each submission, and what was found, as JSON. Run the command again after an interruption, or when more has come in:
what has been graded and has not changed is not graded again.
"""

import argparse
import hashlib
import json
import os
import signal
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import release  # noqa: E402
import variants  # noqa: E402
from grading import marking, package, report, room, submissions  # noqa: E402


class Class:
    """What all workers need: the assignments of a term, the packages, the kind of room."""

    def __init__(self, term, kind, seconds, folder):
        self.kind, self.seconds, self.sources, self.blank = kind, seconds, {}, {}
        for name in release.names():
            source = release.instructor_version(name, term)
            self.sources[name] = json.loads(json.dumps(source))
            self.blank[name] = json.loads(json.dumps(release.student_version(source, name, term)))
        self.packages = {}
        for withheld in (True, False):
            place = Path(folder) / ("without" if withheld else "with")
            place.mkdir()
            self.packages[withheld] = str(package.make(place, withheld))
        if kind is None:
            self.kind = room.best_kind(self.packages[True])

    def digest(self):
        """A digest of everything but the submission that a result depends on."""
        text = json.dumps([self.sources, self.blank, self.seconds], sort_keys=True).encode()
        for path in sorted([*HERE.glob("checks/*.py"), *HERE.glob("grading/*.py")]):
            text += path.read_bytes()
        return hashlib.sha256(text).hexdigest()

    def grade(self, submission):
        name = submission.assignment
        if name not in self.sources:
            problem = submission.problem or "It is not known which assignment this is."
            return marking.Result(submission.student, name, "unreadable", notes=[problem])
        return marking.grade(submission, self.sources[name], self.blank[name], self.packages, self.kind, self.seconds)


def one(everything, submission, digest, out):
    """Grade one submission in a worker, and store what came of it."""
    try:
        result = everything.grade(submission).as_dict()
    except Exception as error:  # a fault of the grader stops one submission, not the class
        text = f"The grader itself failed ({type(error).__name__}: {error}). Tell your instructor."
        result = marking.Result(submission.student, submission.assignment, "grader failed", notes=[text]).as_dict()
    result["digest"] = digest
    report.write(out / "results" / f"{file_name(submission)}.json", json.dumps(result, indent=1))
    report.write(out / "feedback" / f"{file_name(submission)}.html", report.page(result))
    return result


def file_name(submission):
    plain = "".join(c if c.isalnum() or c in "-_." else "_" for c in f"{submission.student}_{submission.assignment}")
    short = hashlib.sha256(submission.key.encode()).hexdigest()[:6]
    return plain if plain == f"{submission.student}_{submission.assignment}" else f"{plain}_{short}"


def kept(out, submission, digest):
    """Return the stored result of a submission that has not changed, or None."""
    try:
        result = json.loads((out / "results" / f"{file_name(submission)}.json").read_text(encoding="utf-8"))
        return result if result["digest"] == digest and result["status"] != "grader failed" else None
    except (OSError, ValueError, KeyError):
        return None


def grade_class(folder, out, term=variants.BOOK, workers=None, kind=None, seconds=60, only=None, quiet=False):
    """Grade what lies in `folder`; return the results (dicts). Interrupted, it leaves whole results only."""
    from tqdm import tqdm

    with tempfile.TemporaryDirectory(prefix="grading-packages-") as place:
        os.chmod(place, 0o755)
        everything = Class(term, kind, seconds, place)
        if not quiet:
            print(f"Rooms: {everything.kind} (see the instructor's guide).", file=sys.stderr)
        found = submissions.find(folder, [only] if only else list(everything.sources))
        found = [s for s in found if only is None or s.assignment in (only, "?")]
        common, results, due = everything.digest(), [], []
        for submission in found:
            digest = hashlib.sha256((common + submission.digest() + repr(submission.notes)).encode()).hexdigest()
            old = kept(out, submission, digest)
            results.append(old) if old else due.append((submission, digest))
        bar = tqdm(total=len(found), initial=len(results), unit=" submissions", disable=quiet)
        pool = ProcessPoolExecutor(max_workers=workers or os.cpu_count())
        try:
            jobs = [pool.submit(one, everything, submission, digest, out) for submission, digest in due]
            for job in as_completed(jobs):
                results.append(job.result())
                bar.update()
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
        pool.shutdown()
        bar.close()
    report.table(out / "grades.csv", results)
    return results


def main():
    parser = argparse.ArgumentParser(description="Grade the notebooks of a class.")
    parser.add_argument("folder", type=Path, help="submissions: student/assignment/assignment.ipynb, or flat")
    parser.add_argument("--out", type=Path, help="where results go (default: graded/ beside the folder)")
    parser.add_argument("--term", default=variants.BOOK, help="the term for which they were released")
    parser.add_argument("--assignment", help="grade this one only")
    parser.add_argument("--workers", type=int, help="how many at once (default: one for each core)")
    parser.add_argument("--room", choices=room.KINDS, help="kind of room (default: the best that this machine allows)")
    parser.add_argument("--seconds", type=float, default=60, help="for one notebook, if it does not say otherwise")
    options = parser.parse_args()
    if not options.folder.is_dir():
        print(f"There is no folder {options.folder}.", file=sys.stderr)
        return 2
    if options.assignment and options.assignment not in release.names():
        print(f"There is no assignment {options.assignment}; there are {', '.join(release.names())}.", file=sys.stderr)
        return 2
    out = options.out or options.folder.resolve().parent / "graded"
    begin = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        results = grade_class(
            options.folder, out, options.term, options.workers, options.room, options.seconds, options.assignment
        )
    except KeyboardInterrupt:
        print("\nInterrupted. What was graded is kept: run the same command again to go on.", file=sys.stderr)
        return 130
    seconds = time.monotonic() - begin
    print(f"{len(results)} submissions in {seconds:.0f} s. Table: {out / 'grades.csv'}  Pages: {out / 'feedback'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
