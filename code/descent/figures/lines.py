"""How the lines of a figure look, still or live: told apart by colour, by dash and by marker."""

# Okabe & Ito's colours (2008), distinct for all common kinds of colour vision; each also has its own
# dash and marker, so that a figure printed in grey still tells its lines apart.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#AA4499", "#8C6D00", "#555555")
DASHES = ("", "7 3", "2 2.5", "9 3 2 3", "12 4", "4 2 1 2 1 2")
MARKERS = ("circle", "square", "triangle", "diamond", "cross", "star")


def line_style(index):
    """Return {"color", "dash", "marker"} of the index-th line of a figure."""
    return {
        "color": COLORS[index % len(COLORS)],
        "dash": DASHES[index % len(DASHES)],
        "marker": MARKERS[index % len(MARKERS)],
    }
