"""Experiments with an optimiser of a submission: steps along given gradients, and where they lead.

`walk` runs beside the submission, in its process (`harness`), and returns numbers; what they mean is decided here.
"""

import numpy as np

from checks import ask

WALK = '''
class Watched(np.ndarray):
    """A parameter that remembers what was last computed from it: a step that changes only a name of its own is seen."""

    place = None

    def __array_ufunc__(self, ufunc, method, *inputs, out=None, **named):
        places = [x.place for x in inputs if isinstance(x, Watched) and x.place is not None]
        plain = [x.view(np.ndarray) if isinstance(x, Watched) else x for x in inputs]
        if out is not None:
            named["out"] = tuple(x.view(np.ndarray) if isinstance(x, Watched) else x for x in out)
        result = getattr(ufunc, method)(*plain, **named)
        if method != "__call__" or not places or np.shape(result) != starts[places[0]].shape:
            return result
        computed[places[0]] = np.array(result, dtype=float)
        result = np.asarray(result).view(Watched)
        result.place = places[0]
        return result


def elsewhere(optimizer, result, k, theta):
    """Return parameters that are returned, or kept, in place of those that were given."""
    for found in (result, *(getattr(optimizer, name, None) for name in ("parameters", "params", "theta", "p"))):
        if isinstance(found, (list, tuple)) and len(found) > k:
            found = found[k]
        if isinstance(found, (np.ndarray, np.generic)) and found.shape == theta.shape and found is not theta:
            return np.array(found, dtype=float)
    return starts[k]


starts = [np.array(start, dtype=dtype) for start in starts]
rows = [np.array(row, dtype=dtype) for row in gradients]
answer = []
thetas = [start.copy() for start in starts]
if watch:
    thetas = [theta.view(Watched) for theta in thetas]
for _ in range(repeat):
    computed, spoiled = {}, False
    for theta, start in zip(thetas, starts):
        np.copyto(theta, start)
    if watch:
        for k, theta in enumerate(thetas):
            theta.place = k
    optimizer = OPTIMIZER(*([list(thetas)] if takes_list else []), *positional, **settings)
    if beside:
        others = [start + 1 for start in starts]
        neighbour = OPTIMIZER(*([others] if takes_list else []), **beside)
    buffers = [np.empty_like(row[0]) for row in rows]
    inside, outside = [], []
    for step in range(len(rows[0])):
        if str(step) in rates:
            optimizer.lr = rates[str(step)]
        for buffer, row in zip(buffers, rows):
            buffer[...] = row[step]
        given = buffers if reuse else [buffer.copy() for buffer in buffers]
        handed = [array.copy() for array in given]
        result = optimizer.step(given) if takes_list else optimizer.step(thetas[0], given[0])
        if beside:
            turned = [-2 * array for array in given]
            neighbour.step(turned) if takes_list else neighbour.step(others[0], turned[0])
        spoiled = spoiled or not all(map(np.array_equal, handed, given))
        returned = result is thetas[0]
        inside.append([np.array(theta, dtype=float) for theta in thetas])
        if watch:
            outside.append([computed.get(k, starts[k]) for k in range(len(thetas))])
        else:
            outside.append([elsewhere(optimizer, result, k, theta) for k, theta in enumerate(thetas)])
        for theta, start in zip(thetas, starts):  # what is no number any more begins again
            np.copyto(theta, start, where=~np.isfinite(np.asarray(theta)))
    tables = [[np.array([row[k] for row in table]) for k in range(len(starts))] for table in (inside, outside)]
    answer.append([*tables, spoiled, returned])
'''


class Walk:
    """What an optimiser did: for each array the places after each step, (steps, *shape), and where they were found.

    way : "in place", "elsewhere" (returned, or in a list of its own), "computed" (and then lost), or None, when
        nothing moves. spoiled : whether a gradient that was handed over has changed. returned : whether `step`
        returned the very array that it was given.
    """

    def __init__(self, starts, inside, outside, spoiled, returned, watched):
        self.spoiled, self.returned = spoiled, returned
        self.starts, self.way, self.places = starts, None, inside
        if self._moved(inside):
            self.way = "in place"
        elif self._moved(outside):
            self.way, self.places = "computed" if watched else "elsewhere", outside

    def _moved(self, places):
        return any(
            not np.array_equal(row, np.broadcast_to(start, np.shape(row)), equal_nan=True)
            for start, row in zip(self.starts, places)
        )

    def changes(self, k=0, moves=True):
        """Return the change of array k at each step, (steps, n): from the place before, or from the start."""
        places = np.asarray(self.places[k], float).reshape(len(self.places[k]), -1)
        start = np.asarray(self.starts[k], float).reshape(1, -1)
        with np.errstate(all="ignore"):
            before = np.vstack([start, places[:-1]]) if moves else start
            return places - np.where(np.isfinite(before), before, start)

    @property
    def last(self):
        """The places after the last step."""
        return [np.asarray(row[-1]) for row in self.places]


def walk(
    name,
    gradients,
    starts,
    settings,
    *,
    positional=(),
    takes_list=True,
    repeat=1,
    reuse=False,
    watch=False,
    dtype="f8",
    rates=None,
    beside=None,
):
    """Let the optimiser `name` of the submission take steps; return a Walk, or with `repeat` > 1 a list of them.

    gradients : for each array (steps, *shape). starts : the arrays. settings, positional : what it is made with.
    reuse : hand over the same arrays for the gradients of every step, written anew. rates : {step: new `lr`}.
    beside : the settings of another optimiser, which takes a step of its own after each.
    """
    values = {
        "gradients": [np.asarray(row).tolist() for row in gradients],
        "starts": [np.asarray(start).tolist() for start in starts],
        "settings": {key: float(value) for key, value in settings.items()},
        "positional": [float(value) for value in positional],
        "rates": {str(step): rate for step, rate in (rates or {}).items()},
        "takes_list": takes_list,
        "repeat": repeat,
        "reuse": reuse,
        "watch": watch,
        "dtype": dtype,
        "beside": beside,
    }
    answer = ask().harness(WALK.replace("OPTIMIZER", name), values, name)
    starts = [np.array(start, dtype=dtype) for start in starts]
    found = [Walk(starts, *one, watch) for one in answer]
    return found if repeat > 1 else found[0]
