"""The source: a file of rows, whatever its format, opened by what its bytes are rather than by its name."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

from o2c_core.imports.encoding import FileEmpty, FileMissing, FileUnreadable, chunks, letters_of, open_bytes
from o2c_core.imports.read_csv import CsvSource
from o2c_core.imports.read_json import JsonSource
from o2c_core.imports.read_xlsx import XlsxSource

__all__ = ["FileEmpty", "FileMissing", "FileUnreadable", "Refuse", "Row", "Source", "open_source"]

Row = tuple[int, dict[str, Any]]
Refuse = Callable[[int, str], None]

_WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")


class Source(Protocol):
    """A file of rows. In JSON `path` says which objects in it are the rows; tables have one kind of row and ignore it."""

    @property
    def format(self) -> str: ...

    @property
    def remarks(self) -> list[str]: ...

    @property
    def total(self) -> int | None:
        """About how many rows there are, where that is known before they are read."""
        ...

    def columns(self, path: str | None) -> list[str]:
        """The columns that rows at `path` have; empty when there is nothing at `path`."""
        ...

    def outline(self) -> list[str]:
        """What to tell somebody is in the file, when it does not fit."""
        ...

    def rows(self, path: str | None, refuse: Refuse) -> Iterator[Row]:
        """Each row with its line, as column and cell; a line that is not a row is refused instead."""
        ...


def open_source(path: Path, *, delimiter: str | None = None, sheet: str | None = None) -> Source:
    """The file, ready to be read from its first row.

    Raises: FileMissing; FileEmpty; FileUnreadable.
    """
    with open_bytes(path) as file:
        start = next(chunks(file, path.name), b"")[:4096]
    if not start:
        raise FileEmpty(f"{path.name} is empty.", path=str(path))
    if start.startswith(_WORKBOOKS):
        return XlsxSource(path, sheet)
    letters = letters_of(path)
    if start.removeprefix(b"\xef\xbb\xbf").lstrip()[:1] in (b"{", b"["):
        return JsonSource(path, letters)
    return CsvSource(path, letters, delimiter)
