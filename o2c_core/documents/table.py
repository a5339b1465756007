"""A table for spreadsheets: the same rows as CSV and as XLSX."""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import xlsxwriter

from o2c_core.errors import Refused
from o2c_core.money import Money, exponent

Cell = str | int | Decimal | Money | date | datetime | bool | None

SHEET_ROWS_MAX = 1_048_576
SHEET_NAME_CHARACTERS_MAX = 31
CELL_CHARACTERS_MAX = 32_767
# A spreadsheet keeps fifteen figures of a number and rounds the rest; a longer one is written as text.
SPREADSHEET_FIGURES = 15
SPREADSHEET_FIRST_DAY = date(1900, 3, 1)
_WIDTH_ROWS, _WIDTH_MAX = 200, 60

# A spreadsheet takes text that starts like this for a formula, and runs it. The last four are the wide forms of the
# first. Source: OWASP, CSV injection.
_FORMULA = tuple("=+-@\t\r\n＝＋－＠")
_NUMBER = re.compile(r"-?\d+(?:[.,]\d+)*")
_NOT_IN_A_NAME = re.compile(r"[\[\]:*?/\\\x00-\x1f]")


class RaggedTable(Refused):
    """Every row of a table must have a cell for each of its columns."""


@dataclass(frozen=True)
class Table:
    """Named columns and rows of cells. Rows are taken once, as a stream, so a table is written one way, once.

    Money is written as a number with its currency's decimals; a CSV has no place for the currency, so a table with
    several has a column for it. Days stay days, moments are written in UTC.
    """

    title: str
    columns: Sequence[str]
    rows: Iterable[Sequence[Cell]]


def write_csv(table: Table, *, bom: bool = False) -> bytes:
    """The table in UTF-8, comma-separated, lines ended by CR LF, all text quoted; `bom` is for older Excel.

    Text that a spreadsheet would run as a formula has an apostrophe before it; numbers below zero are left alone.

    Raises: RaggedTable. Source: RFC 4180.
    """
    lines = [",".join(_quoted(_harmless(name)) for name in table.columns)]
    lines.extend(",".join(map(_written, row)) for row in _whole(table))
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig" if bom else "utf-8")


def write_xlsx(table: Table) -> bytes:
    """The table as a workbook: bold head that stays in sight, money and days as such, and no cell that is a formula.

    What does not fit on one sheet goes on to the next.

    Raises: RaggedTable.
    """
    into = io.BytesIO()
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    book = xlsxwriter.Workbook(into, options)
    book.set_properties({"title": table.title})
    formats = _Formats(book)
    rows = _whole(table)
    for number in itertools.count(1):
        ahead = list(itertools.islice(rows, _WIDTH_ROWS))
        if not ahead and number > 1:
            break
        sheet = book.add_worksheet(_sheet_name(table.title, number))
        sheet.freeze_panes(1, 0)
        for at, name in enumerate(table.columns):
            sheet.set_column(at, at, _width(name, [row[at] for row in ahead]))
        for at, name in enumerate(table.columns):
            sheet.write_string(0, at, name[:CELL_CHARACTERS_MAX], formats.head)
        rest = itertools.islice(rows, SHEET_ROWS_MAX - 1 - len(ahead))
        for line, row in enumerate(itertools.chain(ahead, rest), 1):
            for at, cell in enumerate(row):
                _write(sheet, line, at, cell, formats)
    book.close()
    return into.getvalue()


class _Formats:
    """The workbook's formats, each made once."""

    def __init__(self, book: Any) -> None:
        self._book = book
        self.head = book.add_format({"bold": True, "bottom": 1})
        self.day = book.add_format({"num_format": "yyyy-mm-dd"})
        self.moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        self._money: dict[str, Any] = {}

    def money(self, currency: str) -> Any:
        if currency not in self._money:
            places = exponent(currency)
            number = "#,##0" + ("." + "0" * places if places else "")
            self._money[currency] = self._book.add_format({"num_format": f"[${currency}] {number}"})
        return self._money[currency]


def _whole(table: Table) -> Iterator[Sequence[Cell]]:
    for row in table.rows:
        if len(row) != len(table.columns):
            raise RaggedTable(columns=len(table.columns), cells=len(row))
        yield row


def _written(cell: Cell) -> str:
    """The cell as it stands in a CSV. Numbers are never written in powers of ten, and only text is quoted."""
    match cell:
        case None:
            return ""
        case bool():
            return "true" if cell else "false"
        case Money():
            return f"{cell.major:f}"
        case Decimal():
            return f"{cell:f}"
        case int():
            return str(cell)
        case datetime():
            return _in_utc(cell).strftime("%Y-%m-%dT%H:%M:%SZ")
        case date():
            return cell.isoformat()
        case str():
            return _quoted(_harmless(cell))


def _quoted(text: str) -> str:
    """Text is quoted throughout: where a semicolon separates columns, an unquoted one would open a new cell."""
    return '"' + text.replace('"', '""') + '"'


def _harmless(text: str) -> str:
    if text.startswith(_FORMULA) and not _NUMBER.fullmatch(text):
        return "'" + text
    return text


def _write(sheet: Any, line: int, at: int, cell: Cell, formats: _Formats) -> None:
    match cell:
        case None | "":
            pass
        case bool():
            sheet.write_boolean(line, at, cell)
        case Money():
            _write_number(sheet, line, at, cell.major, formats.money(cell.currency))
        case int() | Decimal():
            _write_number(sheet, line, at, Decimal(cell), None)
        case datetime():
            sheet.write_datetime(line, at, _in_utc(cell).replace(tzinfo=None), formats.moment)
        case date():
            if cell < SPREADSHEET_FIRST_DAY:
                sheet.write_string(line, at, cell.isoformat())
            else:
                sheet.write_datetime(line, at, cell, formats.day)
        case str():
            sheet.write_string(line, at, cell[:CELL_CHARACTERS_MAX])


def _write_number(sheet: Any, line: int, at: int, number: Decimal, how: Any) -> None:
    figures = len(f"{abs(number):f}".replace(".", "").strip("0"))
    if number.is_finite() and figures <= SPREADSHEET_FIGURES:
        sheet.write_number(line, at, number, how)
    else:
        sheet.write_string(line, at, f"{number:f}")


def _in_utc(moment: datetime) -> datetime:
    assert moment.tzinfo is not None, "a moment without a time zone"
    return moment.astimezone(UTC)


def _sheet_name(title: str, number: int) -> str:
    """A name the spreadsheet accepts: no more than 31 characters, none of its own signs, no apostrophe at an end."""
    ending = "" if number == 1 else f" ({number})"
    bare = " ".join(_NOT_IN_A_NAME.sub(" ", title).split())[: SHEET_NAME_CHARACTERS_MAX - len(ending)].strip("' ")
    name = (bare or "Table") + ending
    # "History" is the one name Excel keeps for itself.
    return f"{name}_" if name.casefold() == "history" else name


def _width(name: str, cells: Iterable[Cell]) -> int:
    longest = max((len(_shown(cell)) for cell in cells), default=0)
    return min(_WIDTH_MAX, max(len(name), longest) + 2)


def _shown(cell: Cell) -> str:
    match cell:
        case None:
            return ""
        case Money():
            return f"{cell.currency} {cell.major:,f}"
        case datetime():
            return "2026-01-01 00:00:00"
        case str():
            return max(cell.splitlines(), key=len, default="")
        case _:
            return str(cell)
