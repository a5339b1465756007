"""Files that are made to do harm are refused in one sentence, and nothing of them is kept."""

from __future__ import annotations

import io
import resource
import struct
import zipfile
from pathlib import Path

import openpyxl
import pytest

from o2c_core.errors import Refused
from o2c_core.imports.encoding import FileUnreadable
from o2c_core.imports.source import open_source
from o2c_core.imports.xml import XmlRefused, parse_xml

LAUGHS = b"".join(
    b'<!ENTITY l%d "%s">' % (level, b"&l%d;" % (level - 1) * 10 if level else b"ha") for level in range(10)
)
SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{}</sheetData></worksheet>'
)


def workbook_with(folder: Path, sheet: bytes) -> Path:
    """A real workbook whose only sheet is replaced."""
    plain = io.BytesIO()
    book = openpyxl.Workbook()
    book.active.append(["Invoice number"])
    book.save(plain)
    path = folder / "export.xlsx"
    with zipfile.ZipFile(plain) as old, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as new:
        for part in old.infolist():
            is_sheet = part.filename == "xl/worksheets/sheet1.xml"
            new.writestr(part.filename, sheet if is_sheet else old.read(part))
    return path


def claiming(path: Path, size: int) -> Path:
    """The workbook, with every part in its directory claiming to unpack to that many bytes."""
    content = bytearray(path.read_bytes())
    at = content.find(b"PK\x01\x02")
    while at >= 0:
        content[at + 24 : at + 28] = struct.pack("<I", size)
        at = content.find(b"PK\x01\x02", at + 4)
    path.write_bytes(bytes(content))
    return path


def rows_of(places: str) -> bytes:
    cells = "".join(f'<row><c r="{place}" t="inlineStr"><is><t>x</t></is></c></row>' for place in places.split())
    return SHEET.format(cells).encode()


def test_a_workbook_that_claims_two_gigabytes_is_refused(tmp_path: Path) -> None:
    path = claiming(workbook_with(tmp_path, rows_of("A1")), 2_000_000_000)
    with pytest.raises(FileUnreadable, match=r"export\.xlsx unpacks to more than 1,024 MB, which is refused"):
        open_source(path)


def test_a_workbook_that_unpacks_to_more_than_it_claims_is_refused(tmp_path: Path) -> None:
    path = claiming(workbook_with(tmp_path, rows_of("A1") + b" " * 50_000_000), 100)
    with pytest.raises(FileUnreadable, match="it is damaged or something else"):
        open_source(path)


def test_two_cells_at_the_ends_of_a_sheet_do_not_fill_the_memory(tmp_path: Path) -> None:
    path = workbook_with(tmp_path, rows_of("A1 XFD1048576"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(FileUnreadable, match="spans 1,048,576 rows of 16,384 columns and fills 2 cells"):
        open_source(path)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 200_000  # kilobytes


def test_a_wide_or_a_long_sheet_that_is_filled_is_read(tmp_path: Path) -> None:
    path = workbook_with(tmp_path, rows_of(" ".join(f"A{row}" for row in range(1, 3_000)) + " Z3000"))
    assert len(list(open_source(path).rows(None, lambda *_: None))) == 2_999


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<!DOCTYPE l [" + LAUGHS + b"]><l>&l9;</l>", "document type declaration, which is refused"),
        (b'<!doctype a [<!ENTITY x SYSTEM "file:///etc/passwd">]><a>&x;</a>', "document type declaration"),
        (b'<!DOCTYPE a SYSTEM "http://127.0.0.1:1/a.dtd"><a/>', "document type declaration"),
        (b"<!--" + b" " * 5_000 + b'--><!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>', "document type declaration"),
        ('<!DOCTYPE a [<!ENTITY x "y">]><a>&x;</a>'.encode("utf-16"), "document type declaration"),
        (b"<a>" * 100_000, "not XML that can be read"),
        (b"<a>&nowhere;</a>", "not XML that can be read"),
        (b"", "not XML that can be read"),
        (b"<a/><b/>", "not XML that can be read"),
    ],
)
def test_xml_that_names_entities_or_is_broken_is_refused(content: bytes, sentence: str) -> None:
    with pytest.raises(XmlRefused, match=sentence) as refused:
        parse_xml(content, "invoice.xml")
    assert isinstance(refused.value, Refused)
    assert refused.value.sentence.count(".") <= 3
    assert "passwd" not in refused.value.sentence
