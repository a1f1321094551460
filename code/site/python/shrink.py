"""Takes out of the interpreter what the book does not offer: pandas, SciPy, scikit-learn, statsmodels, lxml, SQLite.

All packages are linked into one file, each in a row of functions of its own, in the order of the link. A function that
goes keeps its place and becomes one instruction, `unreachable`; so no number in the file changes. What a function that
stays calls by name stays, too, whatever row it stands in. Its Python modules are left out of the library, so nobody
reaches a function that went: `import scipy` says that there is no such module.
"""

from __future__ import annotations

import re

# From the first function to the one before the second. Names that stand once in the file.
ROWS = (
    ("PyInit__cyutility", "PyInit__imaging"),  # pandas; next comes Pillow
    ("PyInit__regex", "agg::curve3_inc::init"),  # regex, lxml, SciPy, scikit-learn, statsmodels; next: Matplotlib's AGG
    ("fitpack::_deBoor_D", "adler32_z"),  # their libraries: HiGHS, SuperLU, liblinear, libxml2; next: zlib
    ("sqlite3_log", "_Py_LibHacl_Hacl_Hash_MD5_init"),
    ("PyInit__sqlite3", "PyInit_array"),
)
# BLAS and LAPACK serve NumPy. Of their public routines those stay that it calls; what is not public stays.
LINEAR_ALGEBRA = ("saxpy_", "findModeID")
# Shared by all that is written in C++; tables that stay may name them.
SHARED = re.compile(r"std::|void std::|__cx|operator |non-virtual|virtual|vtable|pybind11::detail::")

CUSTOM, IMPORT, EXPORT, ELEMENT, CODE, DATA = 0, 2, 7, 9, 10, 11
STUB = b"\x03\x00\x00\x0b"  # its length, no variables, unreachable, end


def number(data: bytes, place: int) -> tuple[int, int]:
    """An integer in LEB128, and where it ends."""
    value = shift = 0
    while True:
        byte = data[place]
        place += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:
            return value, place
        shift += 7


def encoded(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def sections(data: bytes):
    """Yield (kind, name of a custom section, where its content begins, where it ends)."""
    place = 8
    while place < len(data):
        kind = data[place]
        size, start = number(data, place + 1)
        end = start + size
        name = ""
        if kind == CUSTOM:
            length, begin = number(data, start)
            name = data[begin : begin + length].decode()
        yield kind, name, start, end
        place = end


def function_names(data: bytes, start: int, end: int) -> dict[int, str]:
    length, place = number(data, start)
    place += length
    names = {}
    while place < end:
        kind = data[place]
        size, place = number(data, place + 1)
        if kind == 1:
            count, inner = number(data, place)
            for _ in range(count):
                index, inner = number(data, inner)
                length, inner = number(data, inner)
                names[index] = data[inner : inner + length].decode(errors="replace")
                inner += length
        place += size
    return names


def imported_functions(data: bytes, start: int) -> int:
    """All that the interpreter imports are functions."""
    count, place = number(data, start)
    for _ in range(count):
        for _ in range(2):
            length, place = number(data, place)
            place += length
        if data[place] != 0:
            raise ValueError("The interpreter imports something that is no function: shrink.py does not know it.")
        _, place = number(data, place + 1)
    return count


def bodies(data: bytes, start: int) -> list[tuple[int, int]]:
    """Where each function's body begins and ends, its length before it not counted."""
    count, place = number(data, start)
    found = []
    for _ in range(count):
        size, place = number(data, place)
        found.append((place, place + size))
        place += size
    return found


def may_call(body: bytes, highest: int) -> set[int]:
    """The functions that a body may call: every byte that could be the instruction is taken for one."""
    found = set()
    place = body.find(b"\x10")
    while place >= 0:
        value = shift = 0
        for byte in body[place + 1 : place + 6]:
            value |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                if value <= highest:
                    found.add(value)
                break
        place = body.find(b"\x10", place + 1)
    return found


def goes(names: list[str]) -> set[int]:
    """The places of the functions that stand in a row of a package that goes."""

    def place_of(beginning: str) -> int:
        exact = [k for k, name in enumerate(names) if name == beginning]
        found = exact or [k for k, name in enumerate(names) if name.startswith(beginning + "(")]
        if len(found) != 1:
            raise ValueError(f"The interpreter has {len(found)} functions named {beginning}: shrink.py knows another.")
        return found[0]

    gone: set[int] = set()
    for first, following in ROWS:
        begin, end = place_of(first), place_of(following)
        if begin >= end:
            raise ValueError(f"In the interpreter {following} does not come after {first}: shrink.py knows another.")
        gone.update(k for k in range(begin, end) if not SHARED.match(names[k]))
    public = range(place_of(LINEAR_ALGEBRA[0]), place_of(LINEAR_ALGEBRA[1]))
    gone.update(k for k in public if re.fullmatch(r"[a-z0-9]+_", names[k]))
    return gone


def shrunk(data: bytes) -> bytes:
    """The same WebAssembly without the functions that go, and without the names of all."""
    parts = list(sections(data))
    where = {kind: (start, end) for kind, _, start, end in parts if kind != CUSTOM}
    imports = imported_functions(data, where[IMPORT][0])
    named = next(function_names(data, start, end) for _, name, start, end in parts if name == "name")
    places = bodies(data, where[CODE][0])
    names = [named.get(k + imports, "") for k in range(len(places))]

    gone = goes(names)
    waiting = [k for k in range(len(places)) if k not in gone]
    while waiting:
        start, end = places[waiting.pop()]
        for index in may_call(data[start:end], len(places) + imports - 1):
            if index - imports in gone:
                gone.remove(index - imports)
                waiting.append(index - imports)

    code = bytearray(encoded(len(places)))
    for k, (start, end) in enumerate(places):
        code += STUB if k in gone else encoded(end - start) + data[start:end]
    out = bytearray(data[:8])
    for kind, name, start, end in parts:
        content = bytes(code) if kind == CODE else data[start:end]
        if name not in ("name", "producers"):
            out += bytes([kind]) + encoded(len(content)) + content
    return bytes(out)
