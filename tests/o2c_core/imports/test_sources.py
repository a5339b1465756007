"""Files as they really are: bytes, marks, delimiters, quotation marks, sheets and nested objects."""

from __future__ import annotations

import gzip
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest

from o2c_core.errors import Failure
from o2c_core.imports.source import FileEmpty, FileMissing, FileUnreadable, Source, open_source
from tests.o2c_core.imports.files import a_file


def read(source: Source, path: str | None = None) -> tuple[list[tuple[int, list[object]]], list[str]]:
    """The rows as (line, cells), and what was refused as "line: reason"."""
    refused: list[str] = []
    rows = [
        (line, list(row.values()))
        for line, row in source.rows(path, lambda line, why: refused.append(f"{line}: {why}"))
    ]
    return rows, refused


@pytest.mark.parametrize(
    ("content", "remark"),
    [
        ("Naam,Plaats\nZoë,Groningen\n".encode(), None),
        ("\ufeffNaam,Plaats\nZoë,Groningen\n".encode(), None),
        ("Naam,Plaats\nZoë,Groningen\n".encode("utf-16"), "UTF-16"),
        ("Naam,Plaats\r\nZoë,Groningen\r\n".encode("cp1252"), "Windows-1252 (Latin-1)"),
        (b"sep=;\r\nNaam;Plaats\r\n" + "Zoë;Groningen\r\n".encode(), "semicolon"),
        ("Naam;Plaats\nZoë;Groningen\n".encode(), "semicolon"),
        ("Naam\tPlaats\nZoë\tGroningen\n".encode(), "tab"),
        ("Naam|Plaats\nZoë|Groningen\n".encode(), "bar"),
        ('"Naam","Plaats"\n"Zoë","Groningen"\n'.encode(), None),
        ("\n\nNaam,Plaats\n\nZoë,Groningen\n,\n".encode(), None),
        (gzip.compress("Naam,Plaats\nZoë,Groningen\n".encode(), mtime=0), None),
    ],
)
def test_a_table_is_read_whatever_its_bytes_and_what_was_assumed_is_said(
    tmp_path: Path, content: bytes, remark: str | None
) -> None:
    source = open_source(a_file(tmp_path, content))
    assert source.columns(None) == ["Naam", "Plaats"]
    rows, refused = read(source)
    assert [cells for _, cells in rows] == [["Zoë", "Groningen"]]
    assert not refused
    assert [said for said in source.remarks if remark is None or remark not in said] == []
    assert bool(source.remarks) == (remark is not None)


@pytest.mark.parametrize(
    ("content", "kept", "refused"),
    [
        ("a,b\n1,2\n3\n5,6\n", [2, 4], ["3: the line has 1 columns where the first line has 2"]),
        ("a,b\n1,2\n3,4,5\n5,6,\n", [2, 4], ["3: the line has 3 columns where the first line has 2"]),
        ('a,b\n1,"two\nlines"\n5,6\n', [2, 4], []),
        ('a,b\n1,"2\n3,4\n5,6\n', [3, 4], ["2: a quotation mark is opened and not closed"]),
        ('a,b\n1,2\n3,"4', [2, 3], []),
        ('a,b\n1,"2\n' + "3,4\n" * 200, list(range(3, 203)), ["2: a quotation mark is opened and not closed"]),
        ('a,b\n1,"2\n3,4\n5,"6"\n7,8\n', [3, 4, 5], ["2: a quotation mark is opened and not closed"]),
    ],
)
def test_a_broken_line_never_takes_good_ones_with_it(
    tmp_path: Path, content: str, kept: list[int], refused: list[str]
) -> None:
    rows, no = read(open_source(a_file(tmp_path, content.encode())))
    assert [line for line, _ in rows] == kept
    assert no == refused


@pytest.mark.parametrize(
    ("name", "content", "failure", "sentence"),
    [
        ("empty.csv", b"", FileEmpty, "empty.csv is empty."),
        ("blank.csv", b"\r\n \r\n", FileEmpty, "blank.csv is empty."),
        ("mark.csv", b"\xef\xbb\xbf", FileEmpty, "mark.csv is empty."),
        ("photo.csv", b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", FileUnreadable, "photo.csv is not a file of text"),
        (
            "cut.csv.gz",
            gzip.compress(b"a,b\n1,2\n" * 999, mtime=0)[:-12],
            FileUnreadable,
            "cut.csv.gz is compressed, and damaged",
        ),
        ("book.xlsx", b"PK\x03\x04 no workbook", FileUnreadable, "book.xlsx is not a workbook that can be read"),
        ("half.json", b'{"orders": [{"id": 1}', FileUnreadable, "half.json is not proper JSON"),
        ("two.json", b"[]\n[]", FileUnreadable, "two.json is not proper JSON"),
        ("deep.json", b"[" * 200_000, FileUnreadable, "deep.json is not proper JSON"),
    ],
)
def test_a_file_that_is_none_is_refused_in_one_sentence(
    tmp_path: Path, name: str, content: bytes, failure: type[Failure], sentence: str
) -> None:
    file = a_file(tmp_path, content, name)
    with pytest.raises(failure) as refused:
        read(open_source(file), "orders.*")
    assert refused.value.sentence.startswith(sentence)
    assert refused.value.sentence.count(".") <= 3
    assert "\n" not in refused.value.sentence


def test_a_missing_file_and_a_folder_are_named(tmp_path: Path) -> None:
    with pytest.raises(FileMissing, match=r"There is no file .*nothing\.csv"):
        open_source(tmp_path / "nothing.csv")
    with pytest.raises(FileUnreadable, match="is a folder"):
        open_source(tmp_path)


def test_a_byte_that_windows_does_not_know_marks_its_cell_only(tmp_path: Path) -> None:
    source = open_source(a_file(tmp_path, b"a,b\nZo\xeb,Stra\xdfe und L\xf6we\nx\x81,y\n"))
    rows, _ = read(source)
    assert [line for line, _ in rows] == [2, 3]


def test_a_workbook_gives_numbers_days_and_texts_as_such(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["Number", "Date", "Amount", "Note"])
    book.active.append([536365, datetime(2025, 12, 31, 8, 5), 2.1, "x"])  # noqa: DTZ001 (Excel knows no zones)
    book.active.append([None, None, None, None])
    book.active.append(["C1", "31.12.2025", 0.1, None])
    book.create_sheet("Later")
    book.save(tmp_path / "book.xlsx")
    source = open_source(tmp_path / "book.xlsx")
    rows, _ = read(source)
    assert rows == [(2, [536365.0, datetime(2025, 12, 31, 8, 5), 2.1, "x"]), (4, ["C1", "31.12.2025", 0.1, None])]  # noqa: DTZ001
    assert source.remarks == ["of the sheets Sheet, Later only the first was read"]


def test_a_workbook_without_the_sheet_the_profile_names_says_which_there_are(tmp_path: Path) -> None:
    openpyxl.Workbook().save(tmp_path / "book.xlsx")
    with pytest.raises(FileUnreadable, match=r"has no sheet 'Debtors'; it has Sheet\."):
        open_source(tmp_path / "book.xlsx", sheet="Debtors")


def test_an_old_workbook_or_json_is_known_by_its_bytes_not_by_its_name(tmp_path: Path) -> None:
    assert open_source(a_file(tmp_path, b' {"orders": []}', "orders.csv")).format == "json"


def test_json_is_read_by_path_and_amounts_are_exact(tmp_path: Path) -> None:
    content = b'{"skip": {"a": [1, {"b": "}"}]}, "orders": {"x": {"id": 1, "at": {"y": 0.1}}, "z": 5, "w": {"id": 2}}}'
    source = open_source(a_file(tmp_path, content, "o.json"))
    rows, refused = read(source, "orders.*")
    assert rows == [(1, [1, {"y": Decimal("0.1")}]), (3, [2])]
    assert refused == ["2: orders.* number 2 is not an object"]
    assert source.columns("orders.*") == ["id", "at", "at.y"]
    assert source.columns("nothing.*") == []
    assert source.outline() == ["skip", "orders"]
