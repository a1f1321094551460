"""The figure of learning-rate schedules: shape one, and see how the small network learns with it.

A network cannot be trained anew at every move of a slider, so this is the one figure whose numbers were computed
before: for each place of its sliders, one training run of the network on the digits. They are kept in
`data/schedules.json`, and `write()` computes that file again (about a minute).
"""

import json
from pathlib import Path

import numpy as np

from descent import schedules
from descent.engine.record import record_function
from descent.figures import plots
from descent.figures.lines import line_style
from descent.figures.widget import Explore
from descent.loop import descend
from descent.problems.digits import Network
from descent.rules import Adam

FILE = Path(__file__).parents[1] / "data" / "schedules.json"
STEPS, BATCH, EVERY, SEED = 225, 32, 9, 0  # five epochs
PEAKS = (1e-4, 3e-4, 1e-3, 3e-3, 1e-2, 3e-2, 1e-1)
WARMUPS = (0, 11, 45, 90)
SHAPES = {
    "constant": lambda peak, steps: schedules.constant(peak),
    "in steps": lambda peak, steps: schedules.step_decay(peak, 0.1, steps / 3),
    "cosine": lambda peak, steps: schedules.cosine(peak, steps),
    "1/√t": lambda peak, steps: schedules.inverse_sqrt(peak),
}


def schedule(peak, warmup, shape):
    """Return the schedule at one place of the grid: `warmup` steps up to `peak`, then down in that shape."""
    then = SHAPES[shape](peak, STEPS - warmup)
    return schedules.warmup(warmup, then) if warmup else then


def train(peak, warmup, shape):
    """Return the training loss after 0, EVERY, 2 EVERY, … steps of Adam on mini-batches, to three digits."""
    optimizer = Adam(lr=schedule(peak, warmup, shape))
    path = descend(optimizer, Network(seed=SEED), steps=STEPS, batch_size=BATCH, seed=SEED, record=EVERY)
    return [float(f"{loss:.3g}") for loss in path.losses]


class ExploreSchedules(Explore):
    """The widget that `explore_schedules` returns; its `parameters` are the places of its sliders, from 0."""

    @property
    def chosen(self):
        """dict: the shape, the number of warm-up steps and the peak learning rate, as the sliders now stand."""
        at = {name: int(place) for name, place in self.parameters.items()}
        return {"peak": PEAKS[at["peak"]], "warmup": WARMUPS[at["warmup"]], "shape": list(SHAPES)[at["shape"]]}

    @property
    def losses(self):
        """list: the training loss after 0, 9, 18, … steps."""
        line = self.views[1]["lines"][0]
        place = 0
        for name, size in zip(line["names"], line["sizes"]):
            place = place * size + int(self.parameters[name])
        return line["series"][place]

    def _describe(self):
        chosen = self.chosen
        return (
            f"{self.title}: Adam, {STEPS} steps on mini-batches of {BATCH} (computed before). Warm-up over "
            f"{chosen['warmup']} steps to {chosen['peak']:g}, then {chosen['shape']}: "
            f"training loss {self.losses[0]:.3g} → {self.losses[-1]:.3g}."
        )

    def still(self):
        t = np.arange(1, STEPS + 1)
        rates = [schedule(**self.chosen)(step) for step in t]
        curves = [
            (t, rates, "learning rate", "linear"),
            (np.arange(0, STEPS + 1, EVERY), self.losses, "training loss", "log"),
        ]
        figure = plots.draw_curves(curves, "step")
        plots.put_title(figure, self.title)
        return figure


def explore_schedules(peak=3e-2, warmup=11, shape="cosine", title="Shape a schedule"):
    """Return the figure of warm-up and decay with the network on the digits.

    peak, warmup, shape : where the sliders begin: one of PEAKS, WARMUPS and SHAPES of this module.
    Raises ValueError for others.
    """
    choices = {"peak": PEAKS, "warmup": WARMUPS, "shape": tuple(SHAPES)}
    given = {"peak": peak, "warmup": warmup, "shape": shape}
    for name, value in given.items():
        if not isinstance(value, (int, float, str)) or value not in choices[name]:
            raise ValueError(f"explore_schedules({name}={value!r}): computed for {', '.join(map(str, choices[name]))}.")
    places = {name: choices[name].index(value) for name, value in given.items()}
    labels = {"peak": "peak rate η", "warmup": "warm-up steps", "shape": "decay"}
    sliders = [
        {
            "name": name,
            "label": labels[name],
            "min": 0,
            "max": len(values) - 1,
            "value": places[name],
            "scale": "whole",
            "marks": [],
            "choices": [value if name == "shape" else f"{value:g}" for value in values],
        }
        for name, values in choices.items()
    ]
    losses = json.loads(FILE.read_text())
    flat = [series for of_shape in losses for of_warmup in of_shape for series in of_warmup]
    tapes = [[record_function(schedule(1.0, warmup, shape), ["t"]) for warmup in WARMUPS] for shape in SHAPES]
    rate = {
        "kind": "curves",
        "name": "Learning rate",
        "label": "learning rate",
        "scale": "linear",
        "limits": [0, 1],
        "lines": [
            {
                "names": ["shape", "warmup"],
                "sizes": [len(SHAPES), len(WARMUPS)],
                "tapes": [t for row in tapes for t in row],
                "scaled": {"name": "peak", "values": list(PEAKS)},
                "style": line_style(0),
                "label": "",
                "say": "learning rate",
            }
        ],
    }
    loss = {
        "kind": "curves",
        "name": "Training loss",
        "label": "training loss (precomputed)",
        "scale": "log",
        "floor": 1e-6,
        "lines": [
            {
                "names": ["shape", "warmup", "peak"],
                "sizes": [len(SHAPES), len(WARMUPS), len(PEAKS)],
                "series": flat,
                "every": EVERY,
                "style": line_style(1),
                "label": "",
                "say": "training loss, computed before,",
            }
        ],
    }
    problem = {
        "name": "schedules",
        "label": "The schedule",
        "tape": None,
        "labels": [],
        "view": None,
        "minimum": None,
        "domain": None,
        "sliders": sliders,
    }
    return ExploreSchedules(
        None,
        [],
        problem=problem,
        rules=[],
        shared=[],
        views=[rate, loss],
        settings=[],
        parameters=places,
        start=[],
        steps=STEPS,
        frame=STEPS,
        title=title,
        ask="",
        anatomy=False,
        needs_kernel=False,
    )


def write():
    """Train at every place of the grid and store the losses: {shape: {warmup: {peak: losses}}}, as lists."""
    losses = [[[train(peak, warmup, shape) for peak in PEAKS] for warmup in WARMUPS] for shape in SHAPES]
    FILE.write_text(json.dumps(losses) + "\n")
