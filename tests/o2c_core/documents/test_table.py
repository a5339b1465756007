"""Tables as CSV and XLSX, read back by others."""

import csv
import io
from collections.abc import Sequence
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from o2c_core.documents import table as tables
from o2c_core.documents.table import Cell, RaggedTable, Table, write_csv, write_xlsx
from o2c_core.money import Money

MOMENT = datetime(2026, 3, 16, 12, 30, 5, tzinfo=timezone(timedelta(hours=1)))


def one_column(*cells: Cell, title: str = "Ageing") -> Table:
    return Table(title, ["Cell"], [[cell] for cell in cells])


def csv_back(table: Table, **options: bool) -> list[list[str]]:
    return list(csv.reader(io.StringIO(write_csv(table, **options).decode("utf-8-sig"), newline="")))


def sheets_back(table: Table) -> list[openpyxl.worksheet.worksheet.Worksheet]:
    return list(openpyxl.load_workbook(io.BytesIO(write_xlsx(table))).worksheets)


@pytest.mark.parametrize(("cell", "written"), [
    ("Bakkerij Jansen", '"Bakkerij Jansen"'),
    ('6" pipe, "blue"; cut', '"6"" pipe, ""blue""; cut"'),
    ("two\r\nlines", '"two\r\nlines"'),
    ("Müller & Söhne – 東京", '"Müller & Söhne – 東京"'),
    (Money(124050, "EUR"), "1240.50"),
    (Money(-5, "EUR"), "-0.05"),
    (Money(-1250, "JPY"), "-1250"),
    (Money(1, "KWD"), "0.001"),
    (Money(10**18 + 1, "EUR"), "10000000000000000.01"),
    (Decimal("1E+3"), "1000"),
    (Decimal("0.00000001"), "0.00000001"),
    (42, "42"),
    (None, ""),
    (True, "true"),
    (date(2026, 3, 16), "2026-03-16"),
    (MOMENT, "2026-03-16T11:30:05Z"),
])  # fmt: skip
def test_a_cell_stands_in_a_csv_as_what_it_is(cell: Cell, written: str) -> None:
    assert write_csv(one_column(cell)).decode() == f'"Cell"\r\n{written}\r\n'


@pytest.mark.parametrize(("text", "kept"), [
    ("=1+1", "'=1+1"),
    ('=HYPERLINK("https://bad.example","click")', '\'=HYPERLINK("https://bad.example","click")'),
    ("+31 20 555 0123", "'+31 20 555 0123"),
    ("-2+3", "'-2+3"),
    ("-", "'-"),
    ("@SUM(A1)", "'@SUM(A1)"),
    ("\t=1+1", "'\t=1+1"),
    ("\r=1+1", "'\r=1+1"),
    ("＝1+1", "'＝1+1"),
    ("-12.50", "-12.50"),
    ("-1.240,50", "-1.240,50"),
    ("INV-1", "INV-1"),
    ("a=b", "a=b"),
    ("", ""),
])  # fmt: skip
def test_text_that_a_spreadsheet_would_run_is_held_back_and_numbers_are_not(text: str, kept: str) -> None:
    assert csv_back(one_column(text)) == [["Cell"], [kept]]


def test_the_head_of_a_csv_is_held_back_too() -> None:
    assert csv_back(Table("t", ["=cmd"], [])) == [["'=cmd"]]


def test_a_byte_order_mark_comes_only_when_asked_for() -> None:
    assert write_csv(one_column("é"), bom=True) == b"\xef\xbb\xbf" + write_csv(one_column("é"))
    assert not write_csv(one_column("é")).startswith(b"\xef\xbb\xbf")


@given(st.lists(st.lists(st.text(alphabet=st.characters(exclude_categories=["Cs"])), min_size=2, max_size=2)))
def test_any_text_comes_back_from_a_csv_whole_but_for_its_apostrophe(rows: list[list[str]]) -> None:
    back = csv_back(Table("t", ["a", "b"], rows))[1:]
    assert len(back) == len(rows)
    for given_row, back_row in zip(rows, back, strict=True):
        for text, read in zip(given_row, back_row, strict=True):
            assert read in (text, "'" + text)
            assert not read.startswith(("=", "+", "@"))


def test_a_workbook_has_money_as_numbers_with_their_currency_and_days_as_days() -> None:
    columns = ["Name", "Amount", "Yen", "Dinar", "Count", "Day", "At", "Yes", "Nothing"]
    row: Sequence[Cell] = [
        "=1+1", Money(-124050, "EUR"), Money(1250, "JPY"), Money(1500, "KWD"), 7, date(2026, 3, 16), MOMENT, True, None,
    ]  # fmt: skip
    (sheet,) = sheets_back(Table("Ageing", columns, [row]))
    cells = list(sheet[2])
    read = [cell.value.isoformat() if isinstance(cell.value, datetime) else cell.value for cell in cells]
    assert read == ["=1+1", -1240.5, 1250, 1.5, 7, "2026-03-16T00:00:00", "2026-03-16T11:30:05", True, None]
    assert cells[0].data_type == "s"
    assert [cell.number_format for cell in cells[1:4]] == ["[$EUR] #,##0.00", "[$JPY] #,##0", "[$KWD] #,##0.000"]
    assert [cell.number_format for cell in cells[5:7]] == ["yyyy-mm-dd", "yyyy-mm-dd hh:mm:ss"]


def test_the_head_of_a_workbook_is_bold_and_stays_in_sight() -> None:
    (sheet,) = sheets_back(one_column("x"))
    assert sheet.freeze_panes == "A2"
    assert sheet["A1"].font.bold
    assert sheet.title == "Ageing"


@pytest.mark.parametrize(
    "text", ["=1+1", "+31", "@x", "{=SUM(1)}", "https://x.example", "007", "1e5", "mailto:x", "internal:A!1"]
)
def test_text_is_text_in_a_workbook_whatever_it_looks_like(text: str) -> None:
    (sheet,) = sheets_back(one_column(text))
    assert (sheet["A2"].value, sheet["A2"].data_type, sheet["A2"].hyperlink) == (text, "s", None)


@pytest.mark.parametrize(("cell", "read"), [
    (Money(99_999_999_999_999_9, "EUR"), 9_999_999_999_999.99),
    (Money(10**16 + 1, "EUR"), "100000000000000.01"),
    (Decimal("12345678901234567890"), "12345678901234567890"),
    (Decimal("1000000000000000000000"), 1e21),
    (date(1899, 12, 31), "1899-12-31"),
    ("x" * 40_000, "x" * 32_767),
])  # fmt: skip
def test_what_a_spreadsheet_would_mangle_is_written_as_text_or_cut(cell: Cell, read: object) -> None:
    (sheet,) = sheets_back(one_column(cell))
    assert sheet["A2"].value == read


@pytest.mark.parametrize(("title", "name"), [
    ("Ageing 2026/03: [all]*?", "Ageing 2026 03 all"),
    ("'quoted'", "quoted"),
    ("x" * 40, "x" * 31),
    ("History", "History_"),
    ("///", "Table"),
])  # fmt: skip
def test_a_sheet_has_a_name_that_is_allowed(title: str, name: str) -> None:
    assert [sheet.title for sheet in sheets_back(one_column("x", title=title))] == [name]


def test_what_does_not_fit_on_a_sheet_goes_on_to_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tables, "SHEET_ROWS_MAX", 301)
    sheets = sheets_back(one_column(*range(700)))
    read = [[row[0] for row in sheet.iter_rows(min_row=2, values_only=True)] for sheet in sheets]
    assert [sheet.title for sheet in sheets] == ["Ageing", "Ageing (2)", "Ageing (3)"]
    assert [sheet["A1"].value for sheet in sheets] == ["Cell"] * 3
    assert [len(rows) for rows in read] == [300, 300, 100]
    assert [number for rows in read for number in rows] == list(range(700))


def test_a_table_without_rows_still_has_its_head() -> None:
    assert csv_back(one_column()) == [["Cell"]]
    (sheet,) = sheets_back(one_column())
    assert sheet.max_row == 1


@pytest.mark.parametrize("write", [write_csv, write_xlsx])
def test_a_row_with_a_cell_too_few_is_refused(write: object) -> None:
    assert callable(write)
    with pytest.raises(RaggedTable):
        write(Table("t", ["a", "b"], [["x"]]))


# A workbook takes some ten milliseconds to write and read.
@settings(max_examples=min(settings().max_examples, 300))
@given(st.lists(st.integers(-(10**15) + 1, 10**15 - 1), max_size=5), st.sampled_from(["EUR", "JPY", "KWD"]))
def test_money_comes_back_from_a_workbook_exactly(minors: list[int], currency: str) -> None:
    (sheet,) = sheets_back(one_column(*(Money(minor, currency) for minor in minors)))
    read = [row[0] for row in sheet.iter_rows(min_row=2, values_only=True)]
    assert [Money.of(str(value), currency).minor for value in read] == minors


def test_rows_are_taken_as_a_stream() -> None:
    rows = ([number] for number in range(3))
    assert csv_back(Table("t", ["n"], rows)) == [["n"], ["0"], ["1"], ["2"]]
