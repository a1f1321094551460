"""Takes the long descriptions out of compiled modules: half of what SymPy would send.

A .pyc is 16 bytes and a code object in marshal's format. Every text keeps its place, so that what refers to it by its
number still does; a description becomes an empty text. A long text that is no description stays: mpmath makes its
arithmetic from one.
"""

from __future__ import annotations

HEAD = 16
SHORTEST = 80  # letters, on several lines
REF = 0x80
OPTIMIZED, HAS_DOCSTRING = 0x1, 0x4000000  # flags of a code object: a function's; its first constant describes it
LOAD_CONST, STORE_NAME, EXTENDED_ARG = 81, 115, 67  # in the code of Python 3.15
END = object()


class Text(bytes):
    """A text, and where it stands: (its mark, its letters, what follows), and its number if others may refer to it."""

    place: tuple[int, int, int]
    number: int | None


class Reader:
    def __init__(self, data: bytes, all_are: bool):
        self.data, self.place, self.all_are = data, HEAD, all_are
        self.seen: list = []  # what may be referred to, by its number
        self.referred: set[int] = set()
        self.descriptions: list[Text] = []

    def take(self, size: int) -> bytes:
        part = self.data[self.place : self.place + size]
        if len(part) != size:
            raise ValueError("ends too early")
        self.place += size
        return part

    def size(self) -> int:
        return int.from_bytes(self.take(4), "little", signed=True)

    def value(self):
        """Read one object: a text, a tuple, or END; None for what is not looked at."""
        begin = self.place
        mark = self.take(1)[0]
        number = None
        if mark & REF:
            number = len(self.seen)
            self.seen.append(None)
        found = self.content(chr(mark & ~REF), begin, number)
        if number is not None:
            self.seen[number] = found
        return found

    def content(self, kind: str, begin: int, number: int | None):
        if kind == "0":
            return END
        if kind == "r":
            index = self.size()
            self.referred.add(index)
            return self.seen[index]
        if kind in "suaAtzZ":
            size = self.take(1)[0] if kind in "zZ" else self.size()
            letters = self.place
            text = Text(self.take(size))
            text.place, text.number = (begin, letters, self.place), number
            return text
        if kind in "([<>)":
            return tuple(self.value() for _ in range(self.take(1)[0] if kind == ")" else self.size()))
        if kind in "{}":
            while self.value() is not END:
                self.value()
        elif kind == ":":
            for _ in range(3):
                self.value()
        elif kind == "c":
            self.code()
        elif kind == "l":
            self.take(2 * abs(self.size()))
        elif kind in "NFTS.":
            pass
        elif kind in "igIy":
            self.take({"i": 4, "g": 8, "I": 8, "y": 16}[kind])
        else:
            raise ValueError(f"an object of kind {kind!r}")
        return None

    def code(self) -> None:
        flags = int.from_bytes(self.take(20)[16:], "little")
        steps, constants, names, *_ = (self.value() for _ in range(8))
        self.take(4)
        self.value()
        self.value()
        if flags & HAS_DOCSTRING:
            self.descriptions += constants[:1]
        elif not flags & OPTIMIZED:  # of a module or a class: what it loads and then stores as __doc__
            done = list(instructions(steps))
            for (load, constant), (store, name) in zip(done, done[1:]):
                if (load, store) == (LOAD_CONST, STORE_NAME) and (self.all_are or names[name] == b"__doc__"):
                    self.descriptions.append(constants[constant])

    def emptied(self) -> bytes:
        out = bytearray(self.data)
        texts = [text for text in self.descriptions if isinstance(text, Text) and text.number not in self.referred]
        for begin, letters, end in sorted({text.place for text in texts}, reverse=True):
            if end - letters > SHORTEST and b"\n" in out[letters:end]:
                out[begin + 1 : end] = bytes(letters - begin - 1)
        return bytes(out)


def instructions(steps: bytes):
    """Yield (operation, argument) of a code object's bytes."""
    argument = 0
    for operation, low in zip(steps[::2], steps[1::2]):
        argument = argument << 8 | low
        if operation != EXTENDED_ARG:
            yield operation, argument
            argument = 0


def without_docs(data: bytes, all_are: bool = False) -> bytes:
    """The same module, or as it is if something in it is not known; `all_are`: its values are descriptions, too."""
    reader = Reader(data, all_are)
    try:
        reader.value()
    except (ValueError, IndexError):
        return data
    return reader.emptied() if reader.place == len(data) else data
