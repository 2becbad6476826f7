"""Sample pictures to label: plain shapes, drawn here, so that they are nobody's.

Written as PNG by hand ("Portable Network Graphics Specification", W3C): three chunks of
the standard library's zlib, where an imaging library would weigh more than the rest.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable

SIZE = 240

Shape = Callable[[float, float], bool]

#: What is to be told apart: whether a point, with (0, 0) in the middle, is inside.
SHAPES: dict[str, Shape] = {
    "circle": lambda x, y: x * x + y * y <= 80 * 80,
    "square": lambda x, y: max(abs(x), abs(y)) <= 72,
    "triangle": lambda x, y: -80 <= y <= 80 and abs(x) <= (y + 80) / 2,
}
_COLOURS = {"blue": (37, 99, 235), "orange": (234, 88, 12)}
_PAPER = (248, 250, 252)


def pictures() -> dict[str, bytes]:
    """Return the PNG files by their names, which do not tell what is on them."""
    drawn = [
        png(shape, colour) for shape in SHAPES.values() for colour in _COLOURS.values()
    ]
    return {f"picture-{number}.png": data for number, data in enumerate(drawn, 1)}


def png(shape: Shape, colour: tuple[int, int, int]) -> bytes:
    """Return a picture of a shape in a colour."""
    half = SIZE / 2
    rows = b"".join(
        b"\x00"
        + bytes(
            part
            for column in range(SIZE)
            for part in (colour if shape(column - half, row - half) else _PAPER)
        )
        for row in range(SIZE)
    )
    # Eight bits of red, green and blue, no interlacing.
    header = struct.pack(">IIBBBBB", SIZE, SIZE, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*chunk) for chunk in chunks)


def _chunk(kind: bytes, data: bytes) -> bytes:
    checked = kind + data
    return (
        struct.pack(">I", len(data)) + checked + struct.pack(">I", zlib.crc32(checked))
    )
