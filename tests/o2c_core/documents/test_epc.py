"""The QR code for a euro transfer, line by line."""

import re
import struct
from dataclasses import replace

import pytest
import segno
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.documents.epc import NotPayableByCode, Transfer, epc_payload, epc_png, epc_svg
from o2c_core.money import Money

TRANSFER = Transfer("Van Dijk Groothandel B.V.", "NL91ABNA0417164300", Money(124050, "EUR"), "RF18539007547034")


def lines(**changes: object) -> list[str]:
    return epc_payload(replace(TRANSFER, **changes)).decode().split("\n")


def test_the_code_has_the_lines_of_the_standard() -> None:
    assert lines() == [
        "BCD", "002", "1", "SCT", "", "Van Dijk Groothandel B.V.", "NL91ABNA0417164300", "EUR1240.50", "", "RF18539007547034",
    ]  # fmt: skip


def test_a_text_stands_one_line_below_the_place_of_the_structured_reference() -> None:
    assert lines(reference=None, text="INV-1 INV-2")[-3:] == ["", "", "INV-1 INV-2"]


@pytest.mark.parametrize(("minor", "written"), [
    (1, "EUR0.01"), (10, "EUR0.10"), (100, "EUR1.00"), (124_050, "EUR1240.50"), (99_999_999_999, "EUR999999999.99"),
])  # fmt: skip
def test_the_amount_has_two_decimals_and_a_point(minor: int, written: str) -> None:
    assert lines(amount=Money(minor, "EUR"))[7] == written


@pytest.mark.parametrize(("field", "given", "place", "written"), [
    ("iban", "nl91 abna 0417 1643 00", 6, "NL91ABNA0417164300"),
    ("reference", "rf18 5390 0754 7034", 9, "RF18539007547034"),
    ("bic", "abna nl 2a", 4, "ABNANL2A"),
    ("holder", "  Van Dijk  ", 5, "Van Dijk"),
    ("holder", "Müller & Söhne", 5, "Müller & Söhne"),
])  # fmt: skip
def test_what_is_given_is_written_as_banks_write_it(field: str, given: str, place: int, written: str) -> None:
    assert lines(**{field: given})[place] == written


@pytest.mark.parametrize("changes", [
    {"amount": Money(124050, "GBP")},
    {"amount": Money(0, "EUR")},
    {"amount": Money(-100, "EUR")},
    {"amount": Money(100_000_000_000, "EUR")},
    {"iban": "NL91ABNA0417164301"},
    {"iban": "12345678"},
    {"iban": ""},
    {"bic": "ABNA"},
    {"reference": "RF19539007547034"},
    {"reference": "INV-2026-1"},
    {"reference": None},
    {"text": "INV-1"},
    {"reference": None, "text": "x" * 141},
    {"reference": None, "text": ""},
    {"reference": None, "text": "INV-1\nEUR9.99"},
    {"holder": "x" * 71},
    {"holder": "   "},
    {"holder": "Van Dijk\nNL20INGB0001234567"},
    {"holder": "Van Dijk\u2028evil"},
    {"holder": "€" * 70, "reference": None, "text": "€" * 140},
], ids=str)  # fmt: skip
def test_what_a_banking_app_could_not_pay_is_refused(changes: dict[str, object]) -> None:
    with pytest.raises(NotPayableByCode):
        lines(**changes)


def test_the_drawing_is_the_code_at_level_m_in_one_colour() -> None:
    drawing = epc_svg(TRANSFER)
    code = segno.make_qr(epc_payload(TRANSFER), error="m", boost_error=False, mode="byte", encoding="utf-8")
    assert (code.error, int(code.version) <= 13) == ("M", True)
    size = code.symbol_size(scale=1, border=0)[0]
    assert re.search(r'viewBox="0 0 (\d+) ', drawing)
    assert drawing.startswith("<svg")
    assert "<script" not in drawing
    assert struct.unpack(">II", epc_png(TRANSFER)[16:24]) == ((size + 8) * 6, (size + 8) * 6)


@given(
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=70),
    st.integers(1, 99_999_999_999),
    st.text(st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"]), min_size=1, max_size=140),
)
def test_a_code_has_eleven_lines_and_331_bytes_at_most_or_there_is_none(holder: str, minor: int, text: str) -> None:
    try:
        payload = epc_payload(replace(TRANSFER, holder=holder, amount=Money(minor, "EUR"), reference=None, text=text))
    except NotPayableByCode:
        return
    assert len(payload) <= 331
    assert payload.count(b"\n") == 10
    assert payload.split(b"\n")[7] == f"EUR{minor // 100}.{minor % 100:02}".encode()
