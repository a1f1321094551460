"""The book's static figures: one style, readable without colour, and the still picture of each live figure."""

import io
import math

import matplotlib
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from descent.figures.lines import COLORS, line_style

MATPLOTLIB_MARKERS = {"circle": "o", "square": "s", "triangle": "^", "diamond": "D", "cross": "X", "star": "*"}

PARAMETERS = {
    "figure.figsize": (6.4, 3.6),
    "figure.dpi": 100,
    "figure.constrained_layout.use": True,
    "savefig.dpi": 130,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.titlelocation": "left",
    "axes.titlesize": 11,
    "font.size": 10,
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "axes.grid": True,
    "grid.color": "#dddddd",
    "grid.linewidth": 0.6,
}


def matplotlib_line(style):
    """Translate a line style of ours to keyword arguments of Matplotlib's `plot`."""
    dashes = tuple(float(number) / 2 for number in style["dash"].split())
    return {"color": style["color"], "linestyle": (0, dashes) if dashes else "-"}


def style():
    """Set Matplotlib to the book's style; chapters call it once, after the imports."""
    plt.switch_backend(plt.get_backend())  # until a backend has started, a notebook shows a figure as text
    matplotlib.rcParams.update(parameters())


def parameters():
    """Return the book's style as Matplotlib's rcParams."""
    lines = [matplotlib_line(line_style(i)) for i in range(len(COLORS))]
    cycle = matplotlib.cycler(color=COLORS) + matplotlib.cycler(linestyle=[line["linestyle"] for line in lines])
    return PARAMETERS | {"axes.prop_cycle": cycle}


def levels(values, count=14):
    """Return `count` contour levels that grow geometrically from the least of `values` to the greatest.

    What is infinite or no number is left out; of values that are all alike there are no levels.
    """
    finite = np.asarray(values, dtype=float)[np.isfinite(values)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    made = low + (high - low) * np.geomspace(1e-4, 1, count + 1)[:-1]
    return made if np.isfinite(made).all() and (np.diff(made) > 0).all() else np.array([])


def draw_contours(axes, problem):
    """Draw the problem's loss as contour lines over its view, with a cross at the minimum."""
    (x0, x1), (y0, y1) = problem.view
    x, y = np.meshgrid(np.linspace(x0, x1, 161), np.linspace(y0, y1, 121))
    with np.errstate(all="ignore"):
        loss = np.broadcast_to(problem.loss(np.stack([x, y])), x.shape)
    lines = levels(loss)
    if len(lines):
        shown = np.where(np.isfinite(loss), loss, np.nan)
        axes.contour(x, y, shown, lines, colors="#999999", linewidths=0.6, linestyles="solid")
    if problem.minimum is not None:
        axes.plot(*problem.minimum, "+", color="black", markersize=11, zorder=5)
    axes.set(xlim=(x0, x1), ylim=(y0, y1), xlabel=plain(problem.labels[0]), ylabel=plain(problem.labels[1]))
    axes.grid(False)


def draw_paths(problem, paths, labels, styles):
    """Return a Matplotlib figure: the paths on the problem's contours, and their losses beside it."""
    with matplotlib.rc_context(parameters()):
        figure = Figure(figsize=(9, 3.9))  # not pyplot's: it must not turn up in another cell
        plane, curve = figure.subplots(1, 2, width_ratios=(1.15, 1))
        draw_contours(plane, problem)
        for path, label, look in zip(paths, labels, styles):
            line = matplotlib_line(look) | {"marker": MATPLOTLIB_MARKERS[look["marker"]]}
            steps = len(path.losses) - 1
            plane.plot(*path.positions.T, **line, markevery=[steps], clip_on=True)
            shown = np.where(np.isfinite(path.losses), path.losses, np.nan)
            curve.plot(shown, **line, markevery=max(1, math.ceil(steps / 6)), label=label)
        curve.set(xlabel="step", ylabel="loss", yscale="log" if _all_positive(paths) else "linear")
        curve.legend()
    return figure


def draw_curves(curves, xlabel):
    """Return a Matplotlib figure of curves side by side; each is (x, y, name of its axis, "linear" or "log")."""
    with matplotlib.rc_context(parameters()):
        figure = Figure(figsize=(9, 3.6))
        for axes, (x, y, name, scale), k in zip(np.ravel(figure.subplots(1, len(curves))), curves, range(len(curves))):
            axes.plot(x, y, **matplotlib_line(line_style(k)))
            axes.set(xlabel=xlabel, ylabel=name, yscale=scale)
    return figure


def plain(text):
    """Return a text that Matplotlib writes as it stands: its dollar signs begin no formula."""
    return text.replace("$", r"\$")


def put_title(figure, title):
    """Write the title above the figure, where the live one has it."""
    figure.suptitle(plain(title), fontsize=11, fontweight="bold", x=0.01, horizontalalignment="left")


def _all_positive(paths):
    return all(np.min(path.losses, initial=1.0, where=np.isfinite(path.losses)) > 0 for path in paths)


def png(figure):
    """Return the figure as PNG bytes: the same bytes every time (no date), in 64 colours to keep notebooks small."""
    drawn, small = io.BytesIO(), io.BytesIO()
    figure.savefig(drawn, format="png", dpi=110)
    Image.open(drawn).convert("RGB").quantize(64, dither=Image.Dither.NONE).save(small, format="png", optimize=True)
    return small.getvalue()
