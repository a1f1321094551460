"""How the lines of a figure look, still or live: told apart by colour, by dash and by marker.

A rule has one look in the whole book (`look_of`); lines that belong to no rule are numbered (`line_style`).
"""

import colorsys

# Okabe & Ito's colours (2008), distinct for all common kinds of colour vision; each also has its own
# dash and marker, so that a figure printed in grey still tells its lines apart.
COLORS = ("#0072B2", "#D55E00", "#009E73", "#AA4499", "#8C6D00", "#555555")
DASHES = ("", "7 3", "2 2.5", "9 3 2 3", "12 4", "4 2 1 2 1 2")
MARKERS = ("circle", "square", "triangle", "diamond", "cross", "star")

BLUE, ORANGE, GREEN, PURPLE, OCHRE, GREY = COLORS
SOLID, DASHED, DOTTED, DASH_DOT, LONG, FINE = DASHES
# The looks of the rules: what a rule shares with its kin is the colour, and what is its own are dash and marker.
LOOKS = {
    "GradientDescent": (BLUE, SOLID, "circle"),
    "Momentum": (ORANGE, DASHED, "square"),
    "Nesterov": (ORANGE, DASH_DOT, "diamond"),
    "AdaGrad": (PURPLE, LONG, "diamond"),
    "RMSProp": (PURPLE, FINE, "cross"),
    "Adam": (GREEN, LONG, "triangle"),
    "AdamW": (GREEN, DASH_DOT, "cross"),
    "AMSGrad": (OCHRE, DOTTED, "star"),
    "AdaMax": (OCHRE, DASH_DOT, "square"),
    "RAdam": (OCHRE, FINE, "diamond"),
}


def line_style(index):
    """Return {"color", "dash", "marker"} of the index-th line of a figure; the first 36 all differ."""
    n = len(COLORS)
    lap = index // n
    return {"color": COLORS[index % n], "dash": DASHES[(index + lap) % n], "marker": MARKERS[(index + 2 * lap) % n]}


def look_of(rule):
    """Return {"color", "dash", "marker"} of a rule, by its name or its class; None for one that has no look."""
    name = rule if isinstance(rule, str) else rule.__name__
    return dict(zip(("color", "dash", "marker"), LOOKS[name])) if name in LOOKS else None


def looks_of(names):
    """Return the looks of the rules of one figure, by the names of their classes; no two of them are alike.

    The first rule of a name has the book's look for it. Another one of that name is a shade of its colour with a dash
    and a marker that are still free; a rule that the book does not know takes what is free altogether.
    """
    looks = []
    for k, name in enumerate(names):
        look = look_of(name)
        if look is None:
            look = _free(looks, [line_style(index) for index in range(len(COLORS) ** 2)])
        elif name in names[:k]:
            shade = _shade(look["color"], names[:k].count(name))
            look = _free(looks, [{"color": shade, "dash": d, "marker": m} for d in DASHES for m in MARKERS])
        looks.append(look)
    return looks


def _free(taken, candidates):
    """Return the candidate that shares least with the looks that are taken."""
    used = [set(look.values()) for look in taken]
    return min(candidates, key=lambda look: sum(len(set(look.values()) & parts) ** 2 for parts in used))


def _shade(color, number):
    """Return the number-th shade of a colour: darker, lighter, darker still and so on."""
    hue, light, saturation = colorsys.rgb_to_hls(*(int(color[i : i + 2], 16) / 255 for i in (1, 3, 5)))
    way = -1 if number % 2 else 1
    light = min(0.55, max(0.12, light + way * 0.13 * ((number + 1) // 2)))
    return "#" + "".join(f"{round(255 * part):02x}" for part in colorsys.hls_to_rgb(hue, light, saturation))
