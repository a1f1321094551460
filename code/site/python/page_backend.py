"""Matplotlib's pictures on the page: drawn by AGG, shown where their cell shows things."""

from matplotlib.backend_bases import FigureManagerBase as FigureManager  # noqa: F401
from matplotlib.backends.backend_agg import FigureCanvasAgg as FigureCanvas  # noqa: F401


def show(*args, **options):
    import page_kernel

    page_kernel.show_pictures()
