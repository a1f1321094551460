"""Mutants of the model answers: small changes, each of which has to lose marks or be equal to the model answer.

    make answer-mutants                                  grades all of all four, in half an hour or more
    python tests/support/answer_mutants.py adam          of one, and lists those with full marks
    python tests/support/answer_mutants.py --twists adam   of its classes under each twist of a private variant

A mutant that keeps all marks and computes the same stands in equal_mutants.json, with the reason. Constants,
operators, names, functions, order, initial values and whole statements are changed, one at a time.
"""

import ast
import copy
import json
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parent
sys.path[:0] = [str(FOLDER.parent), str(FOLDER.parents[1] / "assignments")]

OPERATORS = {
    ast.Add: [ast.Sub, ast.Mult],
    ast.Sub: [ast.Add, ast.Mult],
    ast.Mult: [ast.Div, ast.Add],
    ast.Div: [ast.Mult, ast.Sub],
    ast.Pow: [ast.Mult, ast.Add],
    ast.MatMult: [ast.Mult],
    ast.LtE: [ast.Lt],
    ast.Lt: [ast.LtE],
    ast.Eq: [ast.NotEq],
    ast.Is: [ast.IsNot],
}
EXCHANGED = {  # names that stand for another of their kind
    "beta1": "beta2",
    "beta2": "beta1",
    "m": "v",
    "v": "m",
    "m_hat": "m",
    "v_hat": "v",
    "low": "high",
    "high": "low",
    "lr": "eps",
    "eps": "lr",
    "quiet": "noisy",
    "zeros_like": "ones_like",
    "zeros": "ones",
    "sqrt": "square",
    "argmin": "argmax",
    "mean": "min",
    "all": "any",
    "floor": "ceil",
    "ceil": "floor",
    "h_min": "h_max",
    "l2": "eps",
    "weight_decay": "eps",
    "seeds": "candidates",
    "candidates": "seeds",
    "train": "validation",
    "max": "min",
    "isfinite": "isnan",
    "steps": "lr",
    "loss": "accuracy",
    "accuracy": "loss",
    "VALIDATION": "TRAIN",
}


def mutants(text):
    """Yield (description, text) for every mutant of a cell."""
    tree = ast.parse(text)
    seen = {ast.unparse(tree)}
    for description, changed in _changes(tree):
        try:
            mutant = ast.unparse(ast.fix_missing_locations(changed))
            ast.parse(mutant)
        except (SyntaxError, ValueError):
            continue
        if mutant not in seen:
            seen.add(mutant)
            yield description, mutant


def _changes(tree):
    nodes = list(ast.walk(tree))
    for number, node in enumerate(nodes):
        for what, change in _changes_of(node):
            other = copy.deepcopy(tree)
            twin = list(ast.walk(other))[number]
            before = ast.unparse(twin) if not isinstance(twin, ast.operator) else ""
            change(twin)
            yield (
                f"line {getattr(node, 'lineno', 0)}: {what} in `{before.splitlines()[0][:70] if before else ''}`",
                other,
            )


def _changes_of(node):
    if isinstance(node, ast.Constant) and isinstance(node.value, (int, float)) and not isinstance(node.value, bool):
        for value in (node.value + 1, node.value - 1, node.value * 2, -node.value, 0, node.value * 1.01):
            yield f"{node.value!r} is {value!r}", lambda twin, value=value: setattr(twin, "value", value)
    if isinstance(node, (ast.BinOp, ast.AugAssign)):
        for other in OPERATORS.get(type(node.op), []):
            yield (
                f"{type(node.op).__name__} is {other.__name__}",
                lambda twin, other=other: setattr(twin, "op", other()),
            )
    if isinstance(node, ast.BinOp) and not isinstance(node.op, (ast.Add, ast.Mult)):
        yield "exchanged", _exchange
    if isinstance(node, ast.Compare):
        for other in OPERATORS.get(type(node.ops[0]), []):
            yield (
                f"{type(node.ops[0]).__name__} is {other.__name__}",
                lambda twin, other=other: twin.ops.__setitem__(0, other()),
            )
    if isinstance(node, ast.Name) and node.id in EXCHANGED and isinstance(node.ctx, ast.Load):
        yield f"{node.id} is {EXCHANGED[node.id]}", lambda twin: setattr(twin, "id", EXCHANGED[twin.id])
    if isinstance(node, ast.Attribute) and node.attr in EXCHANGED and isinstance(node.ctx, ast.Load):
        yield f".{node.attr} is .{EXCHANGED[node.attr]}", lambda twin: setattr(twin, "attr", EXCHANGED[twin.attr])
    if isinstance(node, ast.Call) and len(node.args) > 1:
        yield "arguments exchanged", lambda twin: twin.args.reverse()
    if isinstance(node, (ast.Tuple, ast.List)) and len(node.elts) > 1 and isinstance(node.ctx, ast.Load):
        yield "order exchanged", lambda twin: twin.elts.reverse()
    if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Slice) and node.slice.upper is not None:
        yield "one less", lambda twin: setattr(twin.slice, "upper", _less(twin.slice.upper))
    for block in ("body",):
        statements = getattr(node, block, None)
        if not isinstance(statements, list) or isinstance(node, ast.Module):
            continue
        for k, statement in enumerate(statements):
            if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant):
                continue
            if isinstance(statement, ast.AugAssign):
                yield f"statement {k} rebinds", lambda twin, k=k: twin.body.__setitem__(k, _rebound(twin.body[k]))
            yield f"without statement {k}", lambda twin, k=k: twin.body.__setitem__(k, ast.Pass())
            if k and not isinstance(statements[k - 1], ast.Expr):
                yield (
                    f"statements {k - 1} and {k} exchanged",
                    lambda twin, k=k: twin.body.insert(k, twin.body.pop(k - 1)),
                )


def _exchange(node):
    node.left, node.right = node.right, node.left


def _rebound(node):
    """Return `a = a - b` for `a -= b`."""
    load = ast.parse(ast.unparse(node.target), mode="eval").body
    return ast.Assign([node.target], ast.BinOp(load, node.op, node.value))


def _less(node):
    return ast.BinOp(node, ast.Sub(), ast.Constant(1))


def of_assignment(bench, assignment):
    """Yield (name, answers) for every mutant of an assignment's model answers."""
    for cell, text in bench.model(assignment).items():
        if cell.endswith(("words", "question", "evidence", "claim")):
            continue
        for description, mutant in mutants(text):
            answers = {cell: mutant}
            if assignment == "digits" and not cell.startswith("digits-results"):
                answers["digits-results-answer"] = "results = {}"  # the training need not be repeated
            yield f"{cell}, {description}", answers


def survives(bench, assignment, answers):
    """Tell whether a submission keeps all marks. Whether a known misconception explains it makes no difference."""
    import checks.inquiry
    import checks.momentum

    explain, kinds = checks.inquiry.explain, checks.momentum.MOST
    checks.inquiry.explain = lambda probe, changes, known, base=None, most=2, tolerance=1e-5: (
        explain(probe, changes, [], base, 0, tolerance) if tolerance < 1e-3 else None
    )
    checks.momentum.MOST = (0,)
    try:
        lost, _ = bench.marks(assignment, answers, seconds=8)
    finally:
        checks.inquiry.explain, checks.momentum.MOST = explain, kinds
    return not {
        name
        for name in lost
        if "results" not in name
        or "digits-results-answer" not in answers
        or answers["digits-results-answer"] != "results = {}"
    }


def equal():
    """Return {name of a mutant: why it computes the same}."""
    return json.loads((FOLDER / "equal_mutants.json").read_text(encoding="utf-8"))


def benches(names, with_twists):
    """Yield (label, assignment, bench): with the book's own rule, or with each twist, drawn by a key."""
    import variants
    from checks import twists
    from support.graded_answers import Bench

    book = Bench()
    for assignment in names or book.sources:
        if not with_twists:
            yield assignment, assignment, book
            continue
        for twist in twists.TWISTS[assignment]:
            given = dict.fromkeys(variants.CHOICES[assignment])
            keys = (f"a key for tests, {k}".encode() for k in range(1000))
            key = next(k for k in keys if variants.numbers(assignment, variants.BOOK, given, k)["twist"] == twist)
            yield f"{assignment} ({twist})", assignment, Bench([assignment], key)


def main():
    names = [name for name in sys.argv[1:] if name != "--twists"]
    with_twists, shown, unexplained = "--twists" in sys.argv, equal(), 0
    for label, assignment, bench in benches(names, with_twists):
        count = alive = 0
        for name, answers in of_assignment(bench, assignment):
            if with_twists and not next(iter(answers)).endswith(("class", "classes", "tune-answer")):
                continue  # a twist changes these alone
            count += 1
            if survives(bench, assignment, answers):
                alive += 1
                name = f"{label}: {name}" if with_twists and name not in shown else name
                unexplained += name not in shown
                print("full marks:", name, "| equal:", shown.get(name, "NOT SHOWN"), flush=True)
        print(f"{label}: {count} mutants, {count - alive} lose marks, {alive} keep all", flush=True)
    return 1 if unexplained else 0


if __name__ == "__main__":
    sys.exit(main())
