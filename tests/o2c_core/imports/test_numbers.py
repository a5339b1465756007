"""Numbers as spreadsheets and ERPs write them."""

from __future__ import annotations

from contextlib import suppress
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.imports.cells import CellRefused
from o2c_core.imports.numbers import Numbers
from o2c_core.imports.report import ImportReport


def numbers(decimal: str | None = None) -> Numbers:
    return Numbers(decimal, ImportReport("f", "p", "s"))


@pytest.mark.parametrize(
    "line",
    [
        "any    12              12",
        "any    12.50           12.50",
        "any    12,50           12.50",
        "any    1.234,56        1234.56",
        "any    1,234.56        1234.56",
        "any    1.234.567       1234567",
        "any    1 234,56        1234.56",
        "any    1'234.56        1234.56",
        "any    0.125           0.125",
        "any    ,5              0.5",
        "any    -12.50          -12.50",
        "any    12.50-          -12.50",
        "any    −12.50          -12.50",
        "any    (12.00)         -12.00",
        "any    (1.234,00)      -1234.00",
        "any    € 12,50         12.50",
        "any    12,50 EUR       12.50",
        "any    +7              7",
        "any    1000000000      1000000000",
        "point  1,234           1234",
        "point  1.234           1.234",
        "comma  1.234           1234",
        "comma  1,234           1.234",
        "comma  1000000000,00   1000000000.00",
    ],
)
def test_a_number_is_read_as_its_writer_meant_it(line: str) -> None:
    mark, text, value = line[:7].strip(), line[7:23].strip(), line[23:].strip()
    reader = numbers({"any": None, "point": ".", "comma": ","}[mark])
    assert reader.read(text, "EUR") == Decimal(value)


@pytest.mark.parametrize(
    "line",
    [
        "any    1.234           ambiguous",
        "any    1,234           ambiguous",
        "any    1.234 EUR       ambiguous",
        "any    1e5             scientific notation",
        "any    1.2345E+11      scientific notation",
        "point  1E+05           scientific notation",
        "point  12,50           decimal comma in a file with decimal points",
        "comma  12.50           decimal point in a file with decimal commas",
        "point  1.234,56        decimal comma in a file with decimal points",
        "any    NaN             not a number",
        "any    inf             not a number",
        "any    -Infinity       not a number",
        "any    12.50 USD       not a number",
        "any    1,23.4          not a number",
        "any    1.23.4          not a number",
        "any    12 34           not a number",
        "any    --5             not a number",
        "any    #REF!           not a number",
        "any    twelve          not a number",
        "any    ١٢              not a number",
        "point  12345678901234  too large",
        "any    99999999999999999999 too large",
    ],
)
def test_what_could_mean_two_things_or_nothing_is_refused_by_name(line: str) -> None:
    mark, rest = line[:7].strip(), line[7:]
    text, why = (rest[:16].strip(), rest[16:].strip()) if rest[15] == " " else rest.split(" ", 1)
    with pytest.raises(CellRefused, match=why):
        numbers({"any": None, "point": ".", "comma": ","}[mark]).read(text, "EUR")


@pytest.mark.parametrize("raw", [float("nan"), float("inf"), True, None, [], "\x00"])
def test_cells_that_hold_no_number_at_all_are_refused(raw: object) -> None:
    with pytest.raises(CellRefused):
        numbers().read(raw)


def test_what_excel_adds_in_binary_is_read_as_it_was_meant() -> None:
    assert numbers().read(0.1 + 0.2) == Decimal("0.3")


def test_a_file_whose_numbers_show_a_comma_is_read_with_one() -> None:
    reader = numbers()
    reader.learn(["12", "1.234", "12,50", None])
    assert reader.read("1.234") == 1234


def test_a_file_whose_numbers_show_both_marks_settles_nothing() -> None:
    reader = numbers()
    reader.learn(["12.50", "12,50"])
    with pytest.raises(CellRefused, match="ambiguous"):
        reader.read("1.234")


@given(st.decimals(min_value=-(10**12), max_value=10**12, places=2), st.sampled_from([".", ","]))
def test_every_amount_written_with_groups_and_two_decimals_comes_back(value: Decimal, mark: str) -> None:
    text = f"{value:,.2f}"
    if mark == ",":
        text = text.translate(str.maketrans(".,", ",."))
    assert numbers().read(text) == value
    assert numbers(mark).read(text) == value


@given(st.text(max_size=12))
def test_any_text_at_all_is_a_finite_number_or_refused(text: str) -> None:
    with suppress(CellRefused):
        assert numbers().read(text).is_finite()
