"""CSV, as spreadsheets really write it: any delimiter, quotation marks that are never closed, lines of the wrong length."""

from __future__ import annotations

import csv
import gzip
import io
import zlib
from collections import deque
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, TextIO

from o2c_core.imports.encoding import FileEmpty, FileUnreadable, Letters, open_bytes

_DELIMITERS = (",", ";", "\t", "|")
# A quotation mark that is never closed would swallow the rest of the file; no honest cell has this many lines.
_RECORD_LINES_MAX = 50


class CsvSource:
    """Rows of a CSV file with a header line."""

    format = "csv"

    def __init__(self, path: Path, letters: Letters, delimiter: str | None) -> None:
        self._path = path
        self._letters = letters
        self.total: int | None = letters.lines
        self.remarks: list[str] = [letters.remark] if letters.remark else []
        csv.field_size_limit(1 << 20)
        with self._open() as text:
            lines = _Lines(text, path.name)
            self._delimiter, self._header, self._header_lines = self._read_header(lines, delimiter)
        if self._delimiter != ",":
            named = {"\t": "a tab", ";": "a semicolon", "|": "a bar"}.get(self._delimiter, self._delimiter)
            self.remarks.append(f"the columns are separated by {named}")

    def _open(self) -> TextIO:
        # A byte that its encoding does not know becomes a mark by which the cell it is in is refused.
        return io.TextIOWrapper(open_bytes(self._path), self._letters.encoding, errors="replace", newline="")

    def _read_header(self, lines: _Lines, delimiter: str | None) -> tuple[str, list[str], int]:
        for line in lines:
            if line.startswith("sep=") and len(line.strip()) == 5:
                delimiter = delimiter or line[4]
            elif line.strip():
                lines.give_back([line])
                break
        else:
            raise FileEmpty(f"{self._path.name} is empty.", path=str(self._path))
        chosen = delimiter or max(_DELIMITERS, key=lambda mark: _outside_quotes(line).count(mark))
        record = next(_records(lines, chosen, None, lambda _line, _why: None), None)
        if record is None:
            raise FileUnreadable(f"The first line of {self._path.name} cannot be read as column names.")
        return chosen, [name.strip() for name in record[1]], lines.number

    def columns(self, path: str | None) -> list[str]:  # noqa: ARG002 (a table has one kind of row)
        return [name for name in self._header if name]

    def outline(self) -> list[str]:
        return self.columns(None)

    def rows(self, path: str | None, refuse: Callable[[int, str], None]) -> Iterator[tuple[int, dict[str, Any]]]:  # noqa: ARG002
        header = self._header
        width = len(header)
        with self._open() as text:
            lines = _Lines(text, self._path.name)
            for _ in range(self._header_lines):
                next(lines)
            for number, cells in _records(lines, self._delimiter, width, refuse):
                if len(cells) != width:
                    if not any(cells):
                        continue
                    if len(cells) < width or any(cells[width:]):
                        refuse(number, f"the line has {len(cells)} columns where the first line has {width}")
                        continue
                elif not any(cells):
                    continue
                yield number, dict(zip(header, cells, strict=False))


def _outside_quotes(line: str) -> str:
    return "".join(line.split('"')[::2])


class _Lines:
    """The lines of the file, which can be given back to be read another way."""

    def __init__(self, text: TextIO, name: str) -> None:
        self._text = text
        self._name = name
        self._again: deque[str] = deque()
        self.number = 0
        self.record: list[str] = []

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if len(self.record) >= _RECORD_LINES_MAX:
            raise StopIteration
        if self._again:
            line = self._again.popleft()
        else:
            try:
                line = next(self._text)
            except (EOFError, zlib.error, gzip.BadGzipFile) as odd:
                raise FileUnreadable(f"{self._name} is compressed, and damaged or cut off.") from odd
        self.number += 1
        self.record.append(line)
        return line

    def give_back(self, lines: list[str]) -> None:
        self._again.extendleft(reversed(lines))
        self.number -= len(lines)
        self.record.clear()


def _records(
    lines: _Lines, delimiter: str, width: int | None, refuse: Callable[[int, str], None]
) -> Iterator[tuple[int, list[str]]]:
    """Each record with the number of its first line.

    A record over several lines that has an odd mark, or not the width of the file, began with a quotation mark nobody closed: its
    first line is refused, and the lines it had swallowed are read again as lines of their own.
    """
    reader = csv.reader(lines, delimiter=delimiter)
    while True:
        lines.record.clear()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as odd:
            refuse(lines.number, f"the line cannot be read as CSV: {odd}")
            reader = csv.reader(lines, delimiter=delimiter)
            continue
        taken = len(lines.record)
        first = lines.number - taken + 1
        if taken > 1 and _is_unclosed(lines.record, cells, width):
            refuse(first, "a quotation mark is opened and not closed")
            lines.give_back(lines.record[1:])
            reader = csv.reader(lines, delimiter=delimiter)
            continue
        yield first, cells


def _is_unclosed(record: list[str], cells: list[str], width: int | None) -> bool:
    """Whether a record of several lines is really a line with a quotation mark too many and those after it."""
    odd = sum(line.count('"') for line in record) % 2 == 1
    return odd or len(record) >= _RECORD_LINES_MAX or (width is not None and len(cells) != width)
