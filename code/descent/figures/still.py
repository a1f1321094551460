"""The still picture of a figure, from the same data: for print, for pages without JavaScript, for slides."""

import math

import matplotlib
import numpy as np
from matplotlib.figure import Figure

from descent.engine.tape import replay
from descent.figures import plots


def draw(title, problem, views, rules, settings, parameters, paths):
    """Return a Matplotlib figure of the views, with the paths as they now stand."""
    columns = min(2, len(views))
    rows = math.ceil(len(views) / columns)
    with matplotlib.rc_context(plots.parameters()):
        figure = Figure(figsize=(9 if columns > 1 else 7, 3.9 if rows == 1 else 3.3 * rows))
        plots.put_title(figure, title)
        grid = figure.add_gridspec(rows, columns)
        for k, view in enumerate(views):
            last_alone = k == len(views) - 1 and k % columns == 0 and columns > 1
            axes = figure.add_subplot(grid[k // columns, :] if last_alone else grid[k // columns, k % columns])
            DRAWERS[view["kind"]](axes, view, problem, rules, settings, parameters, paths)
        handles, labels = _lines_of_rules(figure, rules)
        if len(rules) > 1:
            figure.legend(handles, labels, loc="outside lower center", ncols=_columns(labels, figure.get_figwidth()))
    return figure


def _columns(labels, width):
    """Return how many of the longest label fit beside each other: 0.08 inches a letter, and 0.7 for the line."""
    return max(1, min(4, int(width / (0.7 + 0.08 * max(map(len, labels))))))


def _lines_of_rules(figure, rules):
    lines = [matplotlib.lines.Line2D([], [], **_look(rule["style"])) for rule in rules]
    return lines, [plots.plain(rule["label"]) for rule in rules]


def _look(style, **more):
    return plots.matplotlib_line(style) | {"marker": plots.MATPLOTLIB_MARKERS[style["marker"]]} | more


def _map(axes, view, problem, rules, settings, parameters, paths):
    plots.draw_contours(axes, problem)
    for rule, path in zip(rules, paths):
        axes.plot(*_within_reach(path.positions.T), **_look(rule["style"], markevery=[len(path.losses) - 1]))


def _within_reach(values):
    """Return values that Matplotlib can place: what a diverging run has beyond them lies far out of every view."""
    return np.clip(values, -FARTHEST, FARTHEST)


FARTHEST = 1e30


def _graph(axes, view, problem, rules, settings, parameters, paths):
    ((low, high),) = problem.view
    x = np.linspace(low, high, 201)
    with np.errstate(all="ignore"):
        height = np.array([problem.loss(np.array([number])) for number in x], dtype=float)
    height[~np.isfinite(height)] = np.nan
    axes.plot(x, height, color="#999999", linewidth=1)
    for rule, path in zip(rules, paths):
        shown = _within_reach(path.positions[:, 0]), _within_reach(path.losses)
        axes.plot(*shown, **_look(rule["style"], markersize=4, linewidth=0.8))
    axes.set(xlim=(low, high), xlabel=plots.plain(problem.labels[0]), ylabel="loss")
    if np.isfinite(height).any():
        least, most = np.nanmin(height), np.nanmax(height)
        room = 0.05 * (most - least) or 1.0
        axes.set_ylim(least - room, most + room)


def _data(axes, view, problem, rules, settings, parameters, paths):
    axes.plot(view["x"], view["y"], ".", color="#777777", markersize=4)
    x = np.linspace(*view["view"][0], 33)
    for k, (rule, path) in enumerate(zip(rules, paths)):
        place = (k + 1) * 32 // (len(rules) + 1)
        axes.plot(x, problem.predict(path.positions[-1], x), **_look(rule["style"], markevery=[place]))
    axes.set(xlim=view["view"][0], ylim=view["view"][1], xlabel=view["labels"][0], ylabel=view["labels"][1])


def _curves(axes, view, problem, rules, settings, parameters, paths):
    steps = len(paths[0].losses) - 1
    named = False
    for line in view["lines"]:
        style = line["style"] if "style" in line else rules[line["rule"]]["style"]
        values = line_values(line, problem, rules, settings, parameters, paths)
        shown = _within_reach(np.where(np.isfinite(values), values, np.nan))
        if view["scale"] == "linear":
            shown = np.clip(shown, *view["limits"])
        label = plots.plain(line.get("label", ""))
        axes.plot(shown, **_look(style, markevery=max(1, math.ceil(steps / 6))), label=label)
        named = named or bool(line.get("label"))
        if line.get("peak"):
            _mark_peak(axes, values)
    if view["scale"] == "log":
        _scale_logarithmically(axes, view["floor"])
    axes.set(xlabel="step", ylabel=plots.plain(view["label"]))
    if named:
        axes.legend()


def _scale_logarithmically(axes, floor):
    """Let the axis span what is worth seeing: from `floor` below the start up to 200 times the start."""
    values = [np.asarray(line.get_ydata(), dtype=float) for line in axes.lines]
    every = np.concatenate(values)
    if np.nanmin(every, initial=1) < 0 or np.nanmax(every, initial=0) <= 0:
        return  # a loss below 0, or of nothing but 0, has no place on such an axis
    axes.set_yscale("log")
    first = [line[0] for line in values if np.isfinite(line[0]) and line[0] > 0]
    if first:
        low, high = axes.get_ylim()
        axes.set_ylim(max(low, max(first) * floor), min(high, max(first) * 200))


def _mark_peak(axes, values):
    if np.isnan(values).all():
        return
    step = int(np.nanargmax(values))
    axes.plot([step], [values[step]], "o", color="black", markersize=4)
    axes.annotate(f"{values[step]:.4g} at step {step}", (step, values[step]), (6, 4), textcoords="offset points")


def line_values(line, problem, rules, settings, parameters, paths):
    """Return the values of one line of a view after 0, 1, 2, … steps; nan where there is none."""
    steps = len(paths[0].losses) - 1
    if "tape" in line:
        values = line["fixed"] | settings[0] | parameters | {"t": np.arange(1.0, steps + 1)}
        inputs = {name: values[name] for name in line["tape"]["inputs"]}
        return np.concatenate([[np.nan], replay(line["tape"], inputs)["value"] + np.zeros(steps)])
    k, c, path = line["rule"], line["coordinate"], paths[line["rule"]]
    if line["quantity"] == "loss":
        return path.losses
    if line["quantity"] == "position":
        return path.positions[:, c]
    if line["quantity"] == "error":
        return np.abs(path.positions[:, c] - problem.minimum[c])
    return quantity(line["quantity"], rules[k], settings[k], path)[:, c]


def quantity(name, rule, setting, path):
    """Return a quantity of a rule at each step of its path, (steps + 1, n): g, step, or a name from the rule's text."""
    values = np.full(path.positions.shape, np.nan)
    memory = {state: np.zeros(path.positions.shape[1]) for state in rule["state"]}
    tape = rule["tape"]
    extended = tape | {
        "outputs": tape["outputs"] | {f"named {key}": register for key, register in tape["names"].items()}
    }
    last = path.diverged_at - 1 if path.diverged_at else len(path.positions) - 1
    with np.errstate(all="ignore"):
        for t in range(1, last + 1):
            theta = path.positions[t - 1]
            g = path.gradient_at(theta, t)
            given = rule["fixed"] | setting | memory | {"theta": theta, "g": g, "t": t}
            made = replay(extended, {key: given[key] for key in tape["inputs"]})
            memory |= {state: made[state] for state in rule["state"] if state in made}
            made |= {"g": g, "step": path.positions[t] - theta}
            values[t] = made[f"named {name}"] if f"named {name}" in made else made[name]
    return values


def _plane(axes, view, problem, rules, settings, parameters, paths):
    (x0, x1), (y0, y1) = view["view"]
    x, y = np.meshgrid(np.linspace(x0, x1, 161), np.linspace(y0, y1, 161))
    at = dict(zip(view["names"], (x, y)))
    with np.errstate(all="ignore"):
        height = replay(view["tape"], at)["value"] + 0 * x
        borders = [(line["label"], replay(line["tape"], at)["value"] + 0 * x) for line in view["lines"]]
    lines = plots.levels(height)
    if len(lines):
        axes.contourf(x, y, np.where(np.isfinite(height), height, np.nan), 14, cmap="Greys", alpha=0.6)
    for k, (label, border) in enumerate(borders):
        dash = [(0, ()), (0, (5, 2)), (0, (1, 1.5))][k % 3]
        if np.nanmin(border) < 0 < np.nanmax(border):
            axes.contour(x, y, border, [0], colors="black", linewidths=1.2, linestyles=[dash])
        axes.plot([], [], color="black", linewidth=1.2, linestyle=dash, label=plots.plain(label))
    for region in view["regions"]:
        axes.text(*region["at"], plots.plain(region["text"]), ha="center", fontsize=8)
    axes.plot(*(settings[0][name] for name in view["names"]), **_look(rules[0]["style"], linestyle=""))
    axes.set(xlim=(x0, x1), ylim=(y0, y1), xlabel=plots.plain(view["labels"][0]), ylabel=plots.plain(view["labels"][1]))
    if borders:
        axes.legend(loc="lower right", fontsize=8, frameon=True)


DRAWERS = {"map": _map, "graph": _graph, "data": _data, "curves": _curves, "plane": _plane}
