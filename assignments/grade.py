"""Grade a class, unattended.

    python assignments/grade.py submitted/            everything in the folder
    python assignments/grade.py submitted/ --term 2027-spring --workers 4

Submissions lie as nbgrader collects them (student/assignment/assignment.ipynb), flat (student_assignment.ipynb), or
as Moodle and Canvas hand them over; zips are looked into. Each runs in a process of its own, closed off
(sandbox/isolation.py). Results go to graded/ beside the folder: grades.csv, overview.html, a page for each
submission, tables for platforms, and what was found, as JSON. Run the command again after an interruption, or when
more has come in: what has been graded and has not changed is not graded again.
"""

import argparse
import copy
import dataclasses
import hashlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor, as_completed
from datetime import datetime
from pathlib import Path, PurePosixPath

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))

import release  # noqa: E402
import variants  # noqa: E402
from grading import by_hand, marking, pages, submissions, tables  # noqa: E402
from sandbox import course_package, isolation  # noqa: E402


class Grader:
    """What all workers need: the assignments of a term, the packages, the kind of sandbox."""

    def __init__(self, term, kind, seconds, folder, key=None):
        self.kind, self.seconds, self.term, self.sources, self.blank = kind, seconds, term, {}, {}
        for name in release.names():
            source = release.instructor_version(name, term, key)
            self.sources[name] = json.loads(json.dumps(source))
            self.blank[name] = json.loads(json.dumps(release.student_version(source, name, term, key)))
        self.packages = {}
        for withheld in (True, False):
            place = Path(folder) / ("without" if withheld else "with")
            place.mkdir()
            self.packages[withheld] = str(course_package.make(place, withheld))
        if kind is None:
            self.kind = isolation.best_kind(self.packages[True])
        elif not isolation.works(kind, self.packages[True]):
            raise isolation.NoSandbox(
                f"No Python starts in a sandbox of the kind {kind!r} here: may everybody read {sys.executable} and "
                "its folders? Nothing was graded."
            )

    def digest(self):
        """A digest of everything but the submission that a result depends on."""
        text = json.dumps([self.sources, self.blank, self.seconds], sort_keys=True).encode()
        for path in sorted([*HERE.glob("*/*.py"), HERE / "misconceptions.json"]):
            text += path.read_bytes()
        return hashlib.sha256(text).hexdigest()

    def grade(self, submission):
        name = submission.assignment
        if name not in self.sources:
            problem = submission.problem or "It is not known which assignment this is."
            return marking.Result(submission.student, name, "unreadable", [], [problem], file=submission.file)
        return marking.grade(submission, self.sources[name], self.blank[name], self.packages, self.kind, self.seconds)

    def absent(self, student, name):
        """Return the result (a dict) of a student without a file, to whom the instructor gives marks."""
        said = "Nothing was handed in."
        marks = list(marking.nothing(self.sources[name], said))
        return marking.Result(student, name, "missing", marks, [said]).as_dict() | {"number": ""}

    def questions(self, name):
        """Return {part: text} of the written questions: the cell before each, with its rubric."""
        found, before = {}, ""
        for cell in self.blank.get(name, {}).get("cells", []):
            if submissions.kind_of(cell) == "written":
                found[submissions.grade_id(cell)] = before
            before = cell["source"]
        return found


def grade_and_store(grader, alike, out):
    """Grade a notebook in a worker, and store what came of it, for all who have handed it in.

    alike : pairs (submission, digest), of submissions with the same notebook.
    """
    first = dataclasses.replace(alike[0][0], notes=[], questions=[], late="")
    try:
        graded = grader.grade(first).as_dict()
    except Exception as error:  # a fault of the grader stops one submission, not the class
        text = f"The grader itself failed ({type(error).__name__}: {error}). Tell your instructor."
        graded = marking.Result(first.student, first.assignment, "grader failed", [], [text], flags=[text]).as_dict()
        graded["marks"] = [
            vars(mark) for mark in marking.nothing(grader.sources.get(first.assignment, {"cells": []}), "")
        ]
        graded |= marking.totals(graded)
    results = []
    for one, digest in alike:
        result = copy.deepcopy(graded) | {
            "student": one.student,
            "file": one.file,
            "number": one.number,
            "late": one.late,
        }
        result |= {"notes": one.notes + graded["notes"], "flags": one.questions + graded["flags"]}
        results.append(result | {"digest": digest, "term": grader.term})
        tables.write(out / "results" / f"{file_name(one)}.json", json.dumps(results[-1], indent=1))
    return results


def file_name(submission):
    """Return a name for what is stored of a submission: readable, of letters that every file system takes."""
    wanted = f"{submission.student}_{submission.assignment}"
    name = "".join(c if (c.isascii() and c.isalnum()) or c in "-_." else "_" for c in wanted)[:100]
    short = hashlib.sha256(submission.key.encode("utf-8", "replace")).hexdigest()[:6]
    return name if name == wanted else f"{name}_{short}"


def stored_result(out, submission, digest):
    """Return the stored result of a submission that has not changed, or None."""
    try:
        result = json.loads((out / "results" / f"{file_name(submission)}.json").read_text(encoding="utf-8"))
        return result if result["digest"] == digest and result["status"] != "grader failed" else None
    except (OSError, ValueError, KeyError):
        return None


def grade_class(
    folder, out, term=variants.BOOK, workers=None, kind=None, seconds=60, only=None, quiet=False, key=None, due=None
):
    """Grade what lies in `folder`; return the results (dicts). Interrupted, it leaves whole results only."""
    from tqdm import tqdm

    begin = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="grading-packages-") as place:
        os.chmod(place, 0o755)
        grader = Grader(term, kind, seconds, place, key)
        if not quiet:
            print(f"Sandbox: {grader.kind} (see the instructor's guide).", file=sys.stderr)
        names = list(grader.sources)
        found = submissions.find(folder, names, only, skip=[out], due=due)
        common, results, todo = grader.digest(), [], {}
        for submission in found:
            noticed = repr([submission.notes, submission.questions, submission.late, submission.file])
            content = submission.digest()
            digest = hashlib.sha256((common + content + noticed).encode("utf-8", "replace")).hexdigest()
            old = stored_result(out, submission, digest)
            if old:
                results.append(old)
            else:
                todo.setdefault((submission.assignment, content), []).append((submission, digest))
        bar = tqdm(total=len(found), initial=len(results), unit=" submissions", disable=quiet)
        pool = ProcessPoolExecutor(max_workers=workers or os.cpu_count())
        try:
            jobs = [pool.submit(grade_and_store, grader, alike, out) for alike in todo.values()]
            for job in as_completed(jobs):
                results += job.result()
                bar.update(len(job.result()))
        except BaseException:
            pool.shutdown(wait=True, cancel_futures=True)
            raise
        pool.shutdown()
        bar.close()
        report(Path(folder), out, results, grader, found, time.monotonic() - begin)
    return results


def report(folder, out, results, grader, found, seconds):
    """Write the pages and tables: what was found, with the marks by hand and the roster beside the submissions."""
    by_key = {(s.student, s.assignment): s for s in found}
    students, errors = by_hand.roster(beside(folder, "roster.csv"))
    errors += by_hand.apply(results, beside(folder, "by-hand.csv"), list(grader.sources), students, grader.absent)
    results.sort(key=lambda r: (r["assignment"], r["student"]))
    for part in ("feedback", "to-return"):  # of submissions that have gone, no page stays
        shutil.rmtree(out / part, ignore_errors=True)
    pages_of = {}
    texts = [text for name in grader.sources for text in grader.questions(name).values()]
    texts += [text for r in results for mark in r["marks"] for text in (mark["answer"], mark["comment"])]
    pages.draw_formulas(texts + [text for r in results for text in r.get("comments", [])])
    for result in results:
        one = result["student"], result["assignment"]
        submission = by_key.get(one) or submissions.Submission(*one, path=None)
        page = pages.feedback(result, grader.questions(result["assignment"]))
        pages_of[one] = f"feedback/{file_name(submission)}.html"
        tables.write(out / "feedback" / f"{file_name(submission)}.html", page)
        if submission.file:
            name = PurePosixPath(*[part[:120] for part in PurePosixPath(submission.file).parts])
            try:
                tables.write(out / "to-return" / f"{name}.html", page)
            except OSError:
                errors.append(f"No page could be named like {submission.file}; it is in feedback/.")
    tables.grades(out / "grades.csv", results, students)
    tables.exports(out, results, students)
    tables.to_read(out / "to-read.csv", results)
    missing = list(tables.missing(results, students))
    text = pages.overview(results, missing, errors, lambda r: pages_of[r["student"], r["assignment"]], seconds)
    tables.write(out / "overview.html", text)
    for error in errors:
        print(error, file=sys.stderr)


def beside(folder, name):
    """Return a table of the instructor's: in the folder of submissions, or else beside it."""
    return folder / name if (folder / name).exists() else folder.resolve().parent / name


def place_for(folder):
    """Return where the results of a folder go: graded/ beside it, or graded-<folder> when that is another folder's."""
    folder = folder.resolve()
    out = folder.parent / "graded"
    return out if owner(out) in (None, folder.name) else folder.parent / f"graded-{folder.name}"


def owner(out):
    """Return the name of the folder whose results are in `out`, "" if that is not said, None if there are none."""
    try:
        return (out / "of.txt").read_text(encoding="utf-8", errors="surrogateescape").strip()
    except OSError:
        return "" if (out / "grades.csv").exists() else None


def main():
    parser = argparse.ArgumentParser(description="Grade the notebooks of a class.")
    parser.add_argument("folder", type=Path, help="submissions: student/assignment/assignment.ipynb, or flat")
    parser.add_argument("--out", type=Path, help="where results go (default: graded/ beside the folder)")
    parser.add_argument("--term", default=variants.BOOK, help="the term for which they were released")
    parser.add_argument("--key", type=Path, help="the file of a private variant (see release.py)")
    parser.add_argument("--assignment", help="grade this one only")
    parser.add_argument("--due", type=datetime.fromisoformat, help="when it was due, such as 2027-03-01T12:00")
    parser.add_argument("--workers", type=int, help="how many at once (default: one for each core)")
    parser.add_argument("--room", choices=isolation.KINDS, help="kind of sandbox (default: the best there is here)")
    parser.add_argument("--seconds", type=float, default=60, help="for one notebook, if it does not say otherwise")
    options = parser.parse_args()
    if not options.folder.is_dir():
        print(f"There is no folder {options.folder}.", file=sys.stderr)
        return 2
    if options.assignment and options.assignment not in release.names():
        print(f"There is no assignment {options.assignment}; there are {', '.join(release.names())}.", file=sys.stderr)
        return 2
    out = options.out or place_for(options.folder)
    name = options.folder.resolve().name
    if owner(out) not in (None, "", name):
        print(f"{out} has the results of {owner(out)}. Say where those of {name} go: --out (OUT=).", file=sys.stderr)
        return 2
    try:
        key = variants.read_key(options.key)
        tables.write(out / "of.txt", name.encode("utf-8", "surrogateescape").decode("utf-8", "replace") + "\n")
    except (OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    begin = time.monotonic()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        results = grade_class(
            options.folder,
            out,
            options.term,
            options.workers,
            options.room,
            options.seconds,
            options.assignment,
            key=key,
            due=options.due,
        )
    except KeyboardInterrupt:
        print("\nInterrupted. What was graded is kept: run the same command again to go on.", file=sys.stderr)
        return 130
    except isolation.NoSandbox as error:
        print(error, file=sys.stderr)
        return 2
    seconds = time.monotonic() - begin
    print(f"{len(results)} submissions in {seconds:.0f} s. Table: {out / 'grades.csv'}  Class: {out / 'overview.html'}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
