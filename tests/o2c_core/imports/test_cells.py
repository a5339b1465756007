"""Texts, numbers of documents, countries and languages as other systems write them."""

from __future__ import annotations

import pytest

from o2c_core.imports.cells import CellRefused, country, key, language, tidy
from o2c_core.imports.report import ImportReport


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("17733.0", "17733"),
        (17733.0, "17733"),
        ("17733", "17733"),
        (" C573744 ", "C573744"),
        ("00042", "00042"),
        ("12.50", "12.50"),
        ("INV-2026-0042", "INV-2026-0042"),
        ("BANK\u00a0CHARGES", "BANK CHARGES"),
        ("", None),
        ("   ", None),
        (None, None),
    ],
)
def test_a_number_people_know_something_by_is_read(raw: object, read: str | None) -> None:
    assert key(raw, ImportReport("f", "p", "s")) == read


def test_a_number_excel_made_a_decimal_is_said_in_the_report() -> None:
    report = ImportReport("f", "p", "s", line=2)
    key("17733.0", report)
    assert report.finish().remarks == [
        "a number that Excel had made a decimal was read as a whole number (line 2: '17733.0' as '17733')"
    ]


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        ("1.77E+04", "scientific notation"),
        ("5,7E+11", "scientific notation"),
        (1.5, "fifteen digits"),
        (12345678901234567.0, "fifteen digits"),
        ("INV\x0042", "control character"),
        ("INV\u202e42", "control character"),
        ("x" * 101, "longer than"),
        ("Fact\ufffdre", "lost"),
    ],
)
def test_a_number_that_may_have_lost_something_is_refused_by_name(raw: object, why: str) -> None:
    with pytest.raises(CellRefused, match=why):
        key(raw, ImportReport("f", "p", "s"))


@pytest.mark.parametrize(
    ("raw", "read"),
    [
        ("  Jansen & Zn. ", "Jansen & Zn."),
        ("two\r\nlines", "two lines"),
        ("a\tb", "a b"),
        ("bell\x07\x00", "bell"),
        ("evil\u202eteews", "evilteews"),
        ("\ufeffName", "Name"),
        ("Zoë 🧁", "Zoë 🧁"),
        ("\x00", None),
    ],
)
def test_texts_lose_what_cannot_be_seen(raw: str, read: str | None) -> None:
    assert tidy(raw, ImportReport("f", "p", "s")) == read


def test_control_characters_taken_out_are_said_in_the_report() -> None:
    report = ImportReport("f", "p", "s", line=9)
    tidy("bell\x07", report)
    assert "control characters" in report.finish().remarks[0]


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("United Kingdom", "GB"), ("UK", "GB"), ("NL", "NL"), ("nl", "NL"), ("Netherlands", "NL"), ("Nederland", "NL"),
        ("Niederlande", "NL"), ("Duitsland", "DE"), ("Deutschland", "DE"), ("Belgique", "BE"), ("USA", "US"), ("NLD", "NL"),
        ("EIRE", "IE"), ("Nowhere yet", None),
    ],
)  # fmt: skip
def test_a_country_is_known_by_code_and_in_our_languages(name: str, code: str | None) -> None:
    assert country(name, {"eire": "IE", "nowhere yet": ""}) == code


@pytest.mark.parametrize("name", ["Atlantis", "ZZ", "EU", "N", "12"])
def test_a_country_that_is_none_is_refused(name: str) -> None:
    with pytest.raises(CellRefused, match="not a country"):
        country(name, {})


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Dutch", "nl"),
        ("nl-BE", "nl"),
        ("DE", "de"),
        ("français", "fr"),
        ("Engels", "en"),
        ("Spanish", None),
        ("es", None),
    ],
)
def test_a_language_is_one_of_ours_or_none(name: str, code: str | None) -> None:
    assert language(name) == code
