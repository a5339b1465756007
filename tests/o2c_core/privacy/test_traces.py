"""The traces of a person are found as people write them, and words that only look like one stay."""

import re
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.privacy.traces import ERASED, Traces, pseudonym_of

WHO = "Erased person 7f3a"
SOPHIE = Traces(
    WHO,
    ("Sophie de Wael",),
    ("sophie@dewael.example", "+31612345678", "Kastanjelaan 12"),
    ("NL91ABNA0417164300",),
    ("Bakery Rose",),
)


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Dear Sophie de Wael,", f"Dear {WHO},"),
        ("SOPHIE  DE\nWAEL", WHO),
        ("dear Sophie", f"dear {WHO}"),
        ("Mrs De Wael called", f"Mrs De {WHO} called"),
        ("sophie@dewael.example", ERASED),
        ("Mail Sophie@DeWael.example.", f"Mail {ERASED}."),
        ("+31612345678", ERASED),
        ("06 1234 5678 or 06-12345678", f"{ERASED} or {ERASED}"),
        ("+31 (0)6 12 34 56 78", ERASED),
        ("0031612345678", ERASED),
        ("from NL91 ABNA 0417 1643 00", f"from {ERASED}"),
        ("kastanjelaan 12", ERASED),
        ("Kastanjelaan 121", "Kastanjelaan 121"),
        ("philosophie", "philosophie"),
        ("Waelzer", "Waelzer"),
        ("order 16123456789", "order 16123456789"),
        ("the rose of the bakery", "the rose of the bakery"),
        ("", ""),
    ],
)
def test_names_addresses_numbers_and_accounts_are_taken_out(text: str, left: str) -> None:
    assert SOPHIE.scrub(text) == left
    assert SOPHIE.scrub(left) == left


def test_the_words_of_the_companys_own_name_stay() -> None:
    baker = Traces(WHO, ("Rose Baker",), unlike=("Bakery Rose",))
    assert baker.scrub("Bakery Rose; Rose Baker; Baker") == f"Bakery Rose; {WHO}; {WHO}"


def test_every_text_inside_a_collection_is_scrubbed_and_the_rest_stays() -> None:
    found = {"why": ["Sophie de Wael asked", {"to": "sophie@dewael.example"}], "minor": 1250, "on": None}
    assert SOPHIE.scrub_all(found) == {"why": [f"{WHO} asked", {"to": ERASED}], "minor": 1250, "on": None}


@pytest.mark.parametrize(
    "code", ["INV-2026-0042", "2026-03-16", "net30", "EUR", "", "01a20472-090e-77fb-a810-333aea3c3b8d"]
)
def test_codes_days_and_ids_stay_in_details(code: str) -> None:
    assert SOPHIE.codes_only({"a": [code], "b": 3, "c": True}) == {"a": [code], "b": 3, "c": True}


@pytest.mark.parametrize("words", ["it was late", "Sophie", "sophie@dewael.example", "x" * 41, "someone@else.example"])
def test_words_in_details_do_not(words: str) -> None:
    assert SOPHIE.codes_only({"a": words}) == {"a": ERASED}


def test_without_traces_nothing_changes() -> None:
    assert Traces(WHO).scrub("Sophie de Wael") == "Sophie de Wael"
    assert Traces(WHO).likenesses == []


def test_a_database_is_asked_for_whole_names_and_what_like_reads_is_escaped() -> None:
    odd = Traces(WHO, ("Anna", "A_n%a B\\c"), ("a_b@c.example",))
    assert odd.likenesses == ["%A\\_n\\%a B\\\\c%", "%a\\_b@c.example%"]


def test_a_pseudonym_is_the_same_for_the_same_person() -> None:
    one, other = UUID(int=1), UUID(int=2)
    assert pseudonym_of(one) == pseudonym_of(UUID(int=1)) != pseudonym_of(other)
    assert re.fullmatch(r"Erased person [0-9a-f]{4}", pseudonym_of(one))


@given(
    st.text(),
    st.sampled_from(["Sophie de Wael", "sophie@dewael.example", "+31612345678", "NL91ABNA0417164300"]),
    st.text(),
)
def test_whatever_stands_around_it_no_trace_is_left(before: str, trace: str, behind: str) -> None:
    scrubbed = SOPHIE.scrub(f"{before} {trace} {behind}")
    assert trace not in scrubbed
    assert SOPHIE.scrub(scrubbed) == scrubbed
