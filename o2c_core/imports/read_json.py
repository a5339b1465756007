"""JSON: objects found by a path such as "orders.*", one after the other, with lists of lines inside them."""

from __future__ import annotations

import io
import json
import re
import zlib
from collections.abc import Callable, Generator, Iterator
from decimal import Decimal
from itertools import islice
from pathlib import Path
from typing import Any

from o2c_core.imports.encoding import FileUnreadable, Letters, open_bytes

# The text is held in memory whole; of what it says, only one object at a time.
JSON_LETTERS_MAX = 200 << 20

# How many objects are looked at to learn which keys they have.
_LOOKED_AT = 200

_SPACE = re.compile(r"[ \t\r\n]*")


class JsonSource:
    """Objects in one JSON document."""

    format = "json"

    def __init__(self, path: Path, letters: Letters) -> None:
        self.remarks: list[str] = [letters.remark] if letters.remark else []
        self.total: int | None = None
        self._name = path.name
        try:
            with io.TextIOWrapper(open_bytes(path), letters.encoding, errors="replace") as text:
                self._text = text.read(JSON_LETTERS_MAX + 1)
        except (EOFError, zlib.error, OSError) as odd:
            raise FileUnreadable(f"{path.name} is compressed, and damaged or cut off.") from odd
        if len(self._text) > JSON_LETTERS_MAX:
            raise FileUnreadable(f"{path.name} is more than {JSON_LETTERS_MAX >> 20} MB of JSON; split it, or use CSV.")

    def columns(self, path: str | None) -> list[str]:
        """The keys of the first objects at the path, those of objects within them written with a point: name.first."""
        seen: dict[str, None] = {}
        for found in islice(self._found(path or "*"), _LOOKED_AT):
            keys_of(found, "", seen)
        return list(seen)

    def outline(self) -> list[str]:
        """The names at the top of the document; of a list, those of the objects in it."""
        names: list[str] = []
        if self._text.lstrip("\ufeff \t\r\n").startswith("["):
            return self.columns(None)
        for _ in self._found("*", names):
            pass
        return names

    def rows(self, path: str | None, refuse: Callable[[int, str], None]) -> Iterator[tuple[int, dict[str, Any]]]:
        for number, found in enumerate(self._found(path or "*"), 1):
            if isinstance(found, dict):
                yield number, found
            else:
                refuse(number, f"{path or 'the document'} number {number} is not an object")

    def _found(self, path: str, names: list[str] | None = None) -> Iterator[Any]:
        try:
            end = yield from _walk_text(self._text, _after_space(self._text, 0), path.split("."), names)
            if _after_space(self._text, end) != len(self._text):
                raise json.JSONDecodeError("something follows its end", self._text, end)
        except json.JSONDecodeError as odd:
            raise FileUnreadable(f"{self._name} is not proper JSON: {odd.msg.lower()}, on line {odd.lineno}.") from odd
        except RecursionError as odd:
            raise FileUnreadable(f"{self._name} is not proper JSON: it is nested too deeply.") from odd


_DECODER = json.JSONDecoder(parse_float=Decimal, parse_constant=str)


def _after_space(text: str, at: int) -> int:
    match = _SPACE.match(text, at)
    return match.end() if match else at


def _decoded(text: str, at: int) -> tuple[Any, int]:
    value, end = _DECODER.raw_decode(text, at)
    return value, end


def _walk_text(text: str, at: int, steps: list[str], names: list[str] | None = None) -> Generator[Any, None, int]:
    """Yields what lies at the steps inside the value that begins at `at`, and gives where that value ends.

    `names` takes up the names in that value itself.
    """
    opening = text[at : at + 1]
    if not steps or opening not in ("{", "["):
        value, end = _decoded(text, at)
        if not steps:
            yield value
        return end
    closing = "}" if opening == "{" else "]"
    at = _after_space(text, at + 1)
    if text[at : at + 1] == closing:
        return at + 1
    while True:
        name = None
        if opening == "{":
            name, at = _decoded(text, at)
            at = _expect(text, at, ":")
            if names is not None:
                names.append(str(name))
        if steps[0] == "*" or name == steps[0]:
            at = yield from _walk_text(text, at, steps[1:])
        else:
            at = _passed(text, at)
        at = _after_space(text, at)
        if text[at : at + 1] == closing:
            return at + 1
        at = _expect(text, at, ",")


def _passed(text: str, at: int) -> int:
    """Where the value ends that begins at `at`; it is decoded piece by piece, so that a large one costs no memory."""
    walk = _walk_text(text, at, ["*"])
    while True:
        try:
            next(walk)
        except StopIteration as end:
            return int(end.value)


def _expect(text: str, at: int, mark: str) -> int:
    at = _after_space(text, at)
    if text[at : at + 1] != mark:
        raise json.JSONDecodeError(f"a '{mark}' is missing", text, at)
    return _after_space(text, at + 1)


def keys_of(found: Any, before: str, seen: dict[str, None]) -> None:
    if isinstance(found, dict):
        for name, value in found.items():
            seen.setdefault(before + name)
            if isinstance(value, dict) and before.count(".") < 3:
                keys_of(value, f"{before}{name}.", seen)


def walk(found: Any, path: str) -> Iterator[Any]:
    """What lies at the path inside one object: names with points between them, and * for every value of a list or object."""
    step, _, rest = path.partition(".")
    inside: Iterator[Any] = iter(())
    if step == "*":
        if isinstance(found, dict):
            inside = iter(found.values())
        elif isinstance(found, list):
            inside = iter(found)
    elif isinstance(found, dict) and step in found:
        inside = iter((found[step],))
    for value in inside:
        if rest:
            yield from walk(value, rest)
        else:
            yield value
