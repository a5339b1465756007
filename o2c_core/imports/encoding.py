"""Which letters the bytes of a file stand for: by its mark, else strict UTF-8, else the best guess, said aloud."""

from __future__ import annotations

import codecs
import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import charset_normalizer

from o2c_core.errors import NotFound, Refused

_CHUNK = 1 << 20
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", None),
    (codecs.BOM_UTF16_LE, "utf-16", "the file is read as UTF-16, as its first bytes say"),
    (codecs.BOM_UTF16_BE, "utf-16", "the file is read as UTF-16, as its first bytes say"),
)
_OLD = {"cp1252": "Windows-1252 (Latin-1)", "cp850": "MS-DOS code page 850", "mac_roman": "Mac Roman"}


class FileMissing(NotFound):
    """There is no such file."""


class FileEmpty(Refused):
    """The file is empty."""


class FileUnreadable(Refused):
    """The file cannot be read."""


@dataclass(frozen=True)
class Letters:
    """How a file of text is decoded, and how many lines it has (counted in bytes, so a little less or more)."""

    encoding: str
    lines: int
    remark: str | None = None


def open_bytes(path: Path) -> IO[bytes]:
    """The bytes of the file; those inside when it is compressed with gzip.

    Raises: FileMissing; FileUnreadable.
    """
    if path.is_dir():
        raise FileUnreadable(f"{path.name} is a folder, not a file.")
    try:
        file = path.open("rb")
    except FileNotFoundError as missing:
        raise FileMissing(f"There is no file {path}.", path=str(path)) from missing
    except OSError as odd:
        raise FileUnreadable(f"{path.name} cannot be opened: {odd.strerror}.", path=str(path)) from odd
    compressed = file.read(2) == b"\x1f\x8b"
    if compressed:
        file.close()
        return cast(IO[bytes], gzip.open(path, "rb"))
    file.seek(0)
    return file


def chunks(file: IO[bytes], name: str) -> Iterator[bytes]:
    """The bytes in pieces. Raises: FileUnreadable for a compressed file that is damaged or cut off."""
    try:
        while chunk := file.read(_CHUNK):
            yield chunk
    except (EOFError, zlib.error, gzip.BadGzipFile) as odd:
        raise FileUnreadable(f"{name} is compressed, and damaged or cut off.", why=repr(odd)) from odd


def letters_of(path: Path) -> Letters:
    """Reads the whole file once and says how it is decoded.

    Raises: FileMissing; FileEmpty; FileUnreadable for bytes that are no text.
    """
    decoder = codecs.getincrementaldecoder("utf-8")()
    marked: tuple[str, str | None] | None = None
    is_utf8, lines, first, sample, size = True, 0, b"", b"", 0
    with open_bytes(path) as file:
        for chunk in chunks(file, path.name):
            if not size:
                first = chunk
                marked = next(((code, remark) for mark, code, remark in _MARKS if chunk.startswith(mark)), None)
            size += len(chunk)
            lines += chunk.count(b"\n")
            if (marked is None or marked[0] != "utf-16") and b"\0" in chunk:
                raise FileUnreadable(f"{path.name} is not a file of text: it has bytes in it that no letter has.")
            if is_utf8 and (marked is None or marked[0] == "utf-8-sig"):
                try:
                    decoder.decode(chunk)
                except UnicodeDecodeError as odd:
                    is_utf8 = False
                    sample = chunk[max(0, odd.start - 20_000) : odd.start + 20_000]
    if not size or (size < 64 and not first.strip(b"\xef\xbb\xbf\xff\xfe\0 \t\r\n")):
        raise FileEmpty(f"{path.name} is empty.", path=str(path))
    if marked is not None:
        return Letters(marked[0], lines, marked[1])
    if is_utf8:
        return Letters("utf-8", lines)
    guess = charset_normalizer.from_bytes(sample, cp_isolation=list(_OLD)).best()
    code = guess.encoding if guess is not None and guess.encoding in _OLD else "cp1252"
    return Letters(code, lines, f"the file is not UTF-8 and was read as {_OLD[code]}")
