"""Pictures of the pages: lighter, of known size, and a card for each chapter.

A notebook stores Matplotlib's PNG with 128 colours: half the bytes, and no difference that an eye finds. A picture is
loaded when it comes near, the first one of the title page at once.
"""

from __future__ import annotations

import io
import re
import struct
from functools import cache
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

COLOURS = 128
HEAVIEST = 150_000  # bytes: more is a photograph, or a plot of too many points
CARD = (1200, 630)
PICTURE = re.compile(r'<img [^>]*src="[^"]*_images/(?P<name>[^"/]+\.png)"[^>]*>')


def lightened(png: bytes) -> bytes:
    """The picture with fewer colours, if that makes it smaller; the same bytes for the same picture."""
    few = (
        Image.open(io.BytesIO(png)).convert("RGB").quantize(COLOURS, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    )
    buffer = io.BytesIO()
    few.save(buffer, "PNG", optimize=True)
    return min(png, buffer.getvalue(), key=len)


def place(app, body: str, is_first: bool) -> str:
    """Each picture gets its size, so that the text below does not jump when it arrives."""
    files = {name: Path(app.srcdir) / source for source, name in app.builder.images.items()}
    count = 0

    def placed(match) -> str:
        nonlocal count
        count += 1
        file = files.get(match["name"])
        if file is None or "width=" in match[0]:
            return match[0]
        width, height = struct.unpack(">II", file.read_bytes()[16:24])
        when = "" if is_first and count == 1 else ' loading="lazy" decoding="async"'
        return f'{match[0].rstrip("/> ")} width="{width}" height="{height}"{when} />'

    return PICTURE.sub(placed, body)


def draw_card(title: str, number: str, book: str, still: Path | None, faces: Path, target: Path) -> None:
    """What a messenger shows beside a link: the chapter's title over its first figure."""
    card = Image.new("RGB", CARD, "#fffefb")
    draw = ImageDraw.Draw(card)
    draw.rectangle((0, 0, 24, CARD[1]), fill="#8f2d16")
    small, large = face(faces, 30), face(faces, 62)
    draw.text((70, 44), f"{book}{'   Chapter ' + number if number else ''}", font=small, fill="#8f2d16")
    draw.text((70, 88), title, font=large if draw.textlength(title, large) < 1080 else face(faces, 46), fill="#23272e")
    if still:
        picture = Image.open(still).convert("RGB")
        picture.thumbnail((CARD[0] - 140, CARD[1] - 210), Image.Resampling.LANCZOS)
        card.paste(picture, (70, 190))
    few = card.quantize(COLOURS, method=Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    target.parent.mkdir(parents=True, exist_ok=True)
    few.save(target, "PNG", optimize=True)


@cache
def face(faces: Path, size: int):
    from fontTools.ttLib import TTFont

    font = TTFont(faces / "SourceSerif4-600-normal.woff2")
    font.flavor = None
    buffer = io.BytesIO()
    font.save(buffer)
    return ImageFont.truetype(io.BytesIO(buffer.getvalue()), size, layout_engine=ImageFont.Layout.BASIC)
