"""Days as spreadsheets and ERPs write them."""

from __future__ import annotations

from contextlib import suppress
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.imports.cells import CellRefused
from o2c_core.imports.dates import Days
from o2c_core.imports.report import ImportReport


def days(order: str | None = None) -> Days:
    return Days(order, "Europe/Amsterdam", ImportReport("f", "p", "s"))


@pytest.mark.parametrize(
    "line",
    [
        "-            2025-12-31            2025-12-31",
        "-            2025-12-31 08:16:00   2025-12-31",
        "-            2025-12-31T08:16:00   2025-12-31",
        "-            2025-12-31T23:30:00Z  2026-01-01",
        "-            2025/12/31            2025-12-31",
        "-            20251231              2025-12-31",
        "-            31.12.2025            2025-12-31",
        "-            01.02.2025            2025-02-01",
        "-            31-12-2025            2025-12-31",
        "-            12/31/2025            2025-12-31",
        "-            31/12/2025 8:05       2025-12-31",
        "-            03/03/2025            2025-03-03",
        "-            45992                 2025-12-01",
        "-            45992.354             2025-12-01",
        "day first    03/04/2025            2025-04-03",
        "month first  03/04/2025            2025-03-04",
        "%d%m%y       310125                2025-01-31",
        "%d %b %Y     31 Dec 2025           2025-12-31",
        "%Y-%m-%d     45992                 2025-12-01",
    ],
)
def test_a_day_is_read_as_its_writer_meant_it(line: str) -> None:
    order, text, day = line[:13].strip(), line[13:35].strip(), line[35:].strip()
    assert days(None if order == "-" else order).read(text) == date.fromisoformat(day)


@pytest.mark.parametrize(
    "line",
    [
        "-            03/04/2025            ambiguous",
        "-            03-04-2025            ambiguous",
        "-            31-12-25              two digits",
        "-            31.02.2025            not a day",
        "-            31/31/2025            not a day",
        "day first    12/31/2025            not a day with the day first",
        "month first  31/12/2025            not a day with the month first",
        "-            2025-13-01            not a day",
        "-            0025-12-01            year 25, which cannot be",
        "-            2525-12-01            year 2525, which cannot be",
        "-            1.2345E+4             not a day",
        "-            yesterday             not a day",
        "-            12345                 year 1933, which cannot be",
        "%d %b %Y     2025-12-31            written as %d %b %Y",
    ],
)
def test_a_day_that_could_be_another_is_refused_by_name(line: str) -> None:
    order, text, why = line[:13].strip(), line[13:35].strip(), line[35:].strip()
    with pytest.raises(CellRefused, match=why):
        days(None if order == "-" else order).read(text)


def test_excel_hands_over_days_and_moments_as_such() -> None:
    assert days().read(date(2025, 12, 31)) == date(2025, 12, 31)
    assert days().read(datetime(2025, 12, 31, 9, 0)) == date(2025, 12, 31)  # noqa: DTZ001 (Excel knows no zones)
    assert days().read(datetime(2025, 12, 31, 23, 30, tzinfo=UTC)) == date(2026, 1, 1)
    assert days().read(45992.0) == date(2025, 12, 1)


def test_a_serial_number_read_as_a_day_is_said_in_the_report() -> None:
    report = ImportReport("f", "p", "s", line=7)
    Days(None, "Europe/Amsterdam", report).read("45992")
    assert "serial number" in report.finish().remarks[0]
    assert "'45992' as '2025-12-01'" in report.remarks[0]
    assert "line 7" in report.remarks[0]


@pytest.mark.parametrize(
    ("samples", "third_of_april"),
    [(["31/12/2025", "03/04/2025"], "2025-04-03"), (["12/31/2025", "03/04/2025"], "2025-03-04")],
)
def test_one_clear_day_in_the_file_settles_the_others(samples: list[str], third_of_april: str) -> None:
    reader = days()
    reader.learn(samples)
    assert reader.read("03/04/2025") == date.fromisoformat(third_of_april)


def test_days_that_contradict_each_other_settle_nothing() -> None:
    reader = days()
    reader.learn(["31/12/2025", "12/31/2025"])
    with pytest.raises(CellRefused, match="ambiguous"):
        reader.read("03/04/2025")


@given(st.text(max_size=14))
def test_any_text_at_all_is_a_day_we_believe_or_refused(text: str) -> None:
    with suppress(CellRefused):
        assert 1990 <= days().read(text).year < 2100
