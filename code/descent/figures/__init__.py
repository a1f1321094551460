"""The book's figures: one style for all, still ones with Matplotlib, and the interactive ones that `explore` makes."""

from importlib import import_module

from descent.figures.lines import COLORS, line_style

__all__ = ["COLORS", "draw_contours", "draw_curves", "draw_paths", "levels", "line_style", "png", "style"]


def __getattr__(name):  # Matplotlib takes half a second to load: these names come when they are first asked for
    if name not in __all__:
        raise AttributeError(f"module 'descent.figures' has no attribute {name!r}")
    return getattr(import_module("descent.figures.plots"), name)
