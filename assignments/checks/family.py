"""Rules with faults, to explain a submission's numbers.

A fault changes one or more parts of the rule below: the first moment, the second, the correction, the count, the
place of epsilon… `explain` looks for the fewest faults that give exactly the numbers that a submission gave. So a
submission with one misconception loses the marks of that idea alone, although all its numbers are wrong.
"""

from dataclasses import dataclass, field
from itertools import combinations

import numpy as np


@dataclass(frozen=True)
class Fault:
    """A misconception: the idea whose marks it costs, a sentence, what it changes, the section to reread."""

    idea: str
    sentence: str
    where: str
    parts: dict = field(hash=False)


RIGHT = {
    "sign": -1,
    "rate": "lr",
    "m": "mean",
    "v": "mean",
    "square": "g",
    "root": True,
    "correct": "both",
    "spoil": "",
    "clock": 1,
    "eps": "outside",
    "betas": "own",
    "powers": "own",
    "l2": "",
    "l2 in m": "",
    "decay": "",
}


def simulate(probe, **parts):
    """Return the change of theta at each step under the rule with these parts.

    probe : dict with gradients (steps, n), theta (n,) at which every step begins, lr, beta1, beta2, eps, and
        where the rule has them l2 and weight_decay.
    """
    p = RIGHT | parts
    lr, eps, theta = probe["lr"], probe["eps"], probe["theta"]
    b1, b2 = np.float64(probe["beta1"]), np.float64(probe["beta2"])  # which divide by 0 without an error
    c1, c2 = (b1, b2) if p["powers"] == "own" else (b2, b1)
    if p["betas"] == "swapped":
        b1, b2 = b2, b1
        c1, c2 = c2, c1
    elif p["betas"] in ("one", "one in v"):
        b2, c2 = b1, c1 if p["betas"] == "one" else c2
    elif p["betas"] in ("two", "two in m"):
        b1, c1 = b2, c2 if p["betas"] == "two" else c1
    elif p["betas"] == "fixed":
        b1, b2, c1, c2 = np.float64([0.9, 0.999, 0.9, 0.999])
    m, v = np.zeros_like(theta), np.zeros_like(theta)
    changes = []
    with np.errstate(all="ignore"):
        for t, gradient in enumerate(probe["gradients"], start=1):
            t = _clock(p["clock"], t)
            one, two = _divisors(p, c1, c2, t)
            g = gradient + _penalty(p["l2"], probe, theta)
            m = _moment(p["m"], m, g + _penalty(p["l2 in m"], probe, theta), b1)
            square = {
                "g": g**2,
                "m": m**2,
                "m_hat": (m / one) ** 2,
                "abs": np.abs(g),
                "plain": g,
                "centred": (g - m) ** 2,
                "mean of all": np.mean(g**2),
                "sum of all": np.sum(g**2),
            }[p["square"]]
            v = _moment(p["v"], m if p["spoil"] == "alias" else v, square, b2)
            if p["eps"] == "piles up":
                v = v + eps
            if p["spoil"] == "alias":
                m = v
            m_hat, v_hat = m / one, v / two
            if p["correct"] == "minus":
                m_hat, v_hat = m - c1**t, v - c2**t
            if p["spoil"] in ("m v", "m"):
                m = m_hat
            if p["spoil"] in ("m v", "v"):
                v = v_hat
            below = _below(p, v_hat, v, two, eps)
            towards = m_hat / below + (eps if p["eps"] == "on the step" else 0.0)
            step = p["sign"] * _rate(p["rate"], lr, t) * towards
            changes.append(step + _decay(p["decay"], probe, theta, step, below))
    return np.array(changes)


def _clock(clock, t):
    """Return what a submission takes for t: None where it stands still, or (first value, value it grows by)."""
    if clock is None:
        return 1
    if clock == "guarded":
        return t - 1
    if clock == "one twice":
        return max(t - 1, 1)
    first, each = clock if isinstance(clock, tuple) else (clock, 1)
    return first + (t - 1) * each


def _moment(kind, old, new, beta):
    return {
        "mean": lambda: beta * old + (1 - beta) * new,
        "sum": lambda: beta * old + new,
        "turned": lambda: (1 - beta) * old + beta * new,
        "forgotten": lambda: (1 - beta) * new,
        "only": lambda: new,
        "total": lambda: old + new,
        "undamped": lambda: old + (1 - beta) * new,
        "brackets": lambda: beta * old + 1 - beta * new,
        "unmixed": lambda: beta * old + beta * new,
    }[kind]()


def _divisors(p, c1, c2, t):
    kind = p["correct"]
    if p["clock"] == "guarded" and t == 0:
        return 1.0, 1.0
    one, two = 1 - c1**t, 1 - c2**t
    if kind == "outer":
        one, two = (1 - c1) ** t, (1 - c2) ** t
    elif kind == "product":
        one, two = 1 - c1 * t, 1 - c2 * t
    elif kind == "power only":
        one, two = c1**t, c2**t
    elif kind == "upside down":
        one, two = 1 / one, 1 / two
    elif kind == "same 1":
        two = one
    elif kind == "same 2":
        one = two
    elif kind == "one m":
        one = 1 - c1
    elif kind == "root":
        two = two**2
    return (one if kind not in ("none", "v") else 1.0), (two if kind not in ("none", "m") else 1.0)


def _rate(kind, lr, t):
    return {"lr": lr, "none": 1.0, "squared": lr * lr, "falling": lr / np.float64(t), "root": lr / np.sqrt(t)}[kind]


def _below(p, v_hat, v, two, eps):
    """Return the denominator of the step."""
    root = np.sqrt if p["root"] else np.positive
    return {
        "outside": lambda: root(v_hat) + eps,
        "inside": lambda: root(v_hat + eps),
        "inside early": lambda: root((v + eps) / two),
        "squared inside": lambda: root(v_hat + eps**2),
        "none": lambda: root(v_hat),
        "piles up": lambda: root(v_hat),
        "on the step": lambda: root(v_hat),
        "hat": lambda: (root(v) + eps) / root(two * np.ones(1)),
        "both": lambda: root(v_hat + eps) + eps,
        "largest": lambda: np.maximum(root(v_hat), eps),
        "default": lambda: root(v_hat) + 1e-8,
    }[p["eps"]]()


def _penalty(kind, probe, theta):
    return {
        "": lambda: 0.0,
        "gradient": lambda: probe["l2"] * theta,
        "rate": lambda: probe["lr"] * probe["l2"] * theta,
        "double": lambda: 2 * probe["l2"] * theta,
        "half": lambda: 0.5 * probe["l2"] * theta,
        "up": lambda: -probe["l2"] * theta,
        "sign": lambda: probe["l2"] * np.sign(theta),
        "squared": lambda: probe["l2"] * theta**2,
        "number": lambda: probe["l2"] / 2 * np.sum(theta**2),
        "constant": lambda: probe["l2"] * np.ones_like(theta),
    }[kind]()


def _decay(kind, probe, theta, step, below):
    lr, weight_decay = probe["lr"], probe.get("weight_decay", 0.0)
    return {
        "": lambda: 0.0,
        "beside": lambda: -lr * weight_decay * theta,
        "after": lambda: -lr * weight_decay * (theta + step),
        "no rate": lambda: -weight_decay * theta,
        "rate twice": lambda: -lr * lr * weight_decay * theta,
        "twice": lambda: -2 * lr * weight_decay * theta,
        "twice in turn": lambda: ((1 - lr * weight_decay) ** 2 - 1) * theta,
        "half": lambda: -0.5 * lr * weight_decay * theta,
        "up": lambda: lr * weight_decay * theta,
        "constant": lambda: -lr * weight_decay * np.ones_like(theta),
        "sign": lambda: -lr * weight_decay * np.sign(theta),
        "divided": lambda: -lr * weight_decay * theta / below,
    }[kind]()


def same(given, expected, tolerance=1e-5):
    """Tell whether the numbers agree to five digits; nan agrees with nan, infinity with either."""
    given, expected = np.asarray(given, float), np.asarray(expected, float)
    if given.shape != expected.shape:
        return False
    fine = np.isfinite(expected)
    if not np.array_equal(fine, np.isfinite(given)):
        return False
    scale = np.abs(expected[fine]).max(initial=0.0)
    return bool(np.all(np.abs(given[fine] - expected[fine]) <= tolerance * np.abs(expected[fine]) + 1e-12 * scale))


def explain(probe, changes, faults, base=None, most=3, tolerance=1e-5):
    """Return the fewest faults whose rule gives `changes`, or None when no `most` of them do."""
    base = base or {}
    for count in range(most + 1):
        for chosen in combinations(faults, count):
            parts, clash = dict(base), False
            for fault in chosen:
                clash |= any(part in parts and parts[part] != base.get(part) for part in fault.parts)
                parts |= fault.parts
            if not clash and same(simulate(probe, **parts), changes, tolerance):
                return list(chosen)
    return None
