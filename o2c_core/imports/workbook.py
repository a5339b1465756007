"""Whether an Excel workbook is safe to open: what it unpacks to, and how much of its sheets is really there."""

from __future__ import annotations

import re
import zipfile
import zlib
from pathlib import Path

from o2c_core.imports.encoding import FileUnreadable

UNPACKED_BYTES_MAX = 1024 * 1024 * 1024
# The reader keeps every place between a sheet's first cell and its last, filled or not.
PLACES_MAX, PLACES_PER_CELL_MAX = 20_000_000, 50
_CHUNK = 1 << 20
_PLACE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')
_ZIP = b"PK\x03\x04"


def check_workbook(path: Path) -> None:
    """Unpacks the workbook once without keeping anything, and refuses what would fill the memory.

    What a part claims to unpack to is checked before, and the claim itself while unpacking: a part that is longer than
    it says fails its checksum.
    Raises: FileUnreadable, in one sentence.
    """
    with path.open("rb") as file:
        if file.read(4) != _ZIP:
            return  # the older format, whose size is its own
    try:
        with zipfile.ZipFile(path) as parts:
            if sum(part.file_size for part in parts.infolist()) > UNPACKED_BYTES_MAX:
                raise _too_much(path)
            for part in parts.infolist():
                _check_part(parts, part, path)
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as odd:
        raise FileUnreadable(
            f"{path.name} is not a workbook that can be read: it is damaged or something else."
        ) from odd


def _check_part(parts: zipfile.ZipFile, part: zipfile.ZipInfo, path: Path) -> None:
    is_sheet = "worksheets/" in part.filename
    cells, columns, last_row, rest = 0, set[bytes](), 0, b""
    with parts.open(part) as content:
        while block := content.read(_CHUNK):
            if not is_sheet:
                continue
            block = rest + block
            cut = max(block.rfind(b"<"), 0)  # a place is never read in two halves
            block, rest = block[:cut], block[cut:]
            cells += block.count(b"<c ")
            found = _PLACE.findall(block)
            columns.update(column for column, _ in found)
            last_row = max(last_row, max((int(row) for _, row in found), default=0))
    width = max((_number(column) for column in columns), default=0)
    if width * last_row > PLACES_MAX and width * last_row > PLACES_PER_CELL_MAX * cells:
        raise FileUnreadable(
            f"{path.name} spans {last_row:,} rows of {width:,} columns and fills {cells:,} cells of them; "
            "save it again without the empty ones.",
            path=str(path),
        )


def _number(column: bytes) -> int:
    """A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in column:
        number = number * 26 + letter - 64
    return number


def _too_much(path: Path) -> FileUnreadable:
    limit = UNPACKED_BYTES_MAX // 1024 // 1024
    return FileUnreadable(f"{path.name} unpacks to more than {limit:,} MB, which is refused.", path=str(path))
