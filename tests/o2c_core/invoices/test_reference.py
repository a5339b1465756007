"""The structured reference of ISO 11649."""

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum import iso11649

from o2c_core.invoices.reference import creditor_reference, grouped, is_creditor_reference, plain_reference

BODIES = st.text(string.ascii_uppercase + string.digits, min_size=1, max_size=21)


@pytest.mark.parametrize(("number", "reference"), [
    ("539007547034", "RF18539007547034"),
    ("INV2026001", "RF10INV2026001"),
    ("INV-2026-001", "RF10INV2026001"),
    ("inv 2026/001", "RF10INV2026001"),
    ("A" * 21, "RF47" + "A" * 21),
    ("A" * 22, None),
    ("", None),
    ("–/–", None),
    ("№ 7", "RF097"),
])  # fmt: skip
def test_a_number_becomes_its_structured_reference(number: str, reference: str | None) -> None:
    assert creditor_reference(number) == reference


@pytest.mark.parametrize(("text", "is_one"), [
    ("RF18539007547034", True),
    ("RF18 5390 0754 7034", True),
    ("rf18539007547034", True),
    ("RF19539007547034", False),
    ("RF185390075470", False),
    ("RFXX539007547034", False),
    ("RF18", False),
    ("RF18-5390-0754-7034", False),
    ("539007547034", False),
    ("NL91ABNA0417164300", False),
    ("", False),
])  # fmt: skip
def test_a_structured_reference_is_told_from_other_text(text: str, is_one: bool) -> None:
    assert is_creditor_reference(text) is is_one


@pytest.mark.parametrize(
    "text", ["RF10INV2026001", "RF10 INV2 0260 01", "rf10inv2026001", "INV-2026-001", "inv 2026.001"]
)
def test_all_writings_of_one_number_have_the_same_plain_reference(text: str) -> None:
    assert plain_reference(text) == "INV2026001"


def test_a_number_that_only_begins_like_a_reference_is_left_whole() -> None:
    assert plain_reference("RF-11-INV2026001") == "RF11INV2026001"


@given(BODIES)
def test_every_reference_made_is_valid_and_leads_back_to_its_number(body: str) -> None:
    reference = creditor_reference(body)
    assert reference is not None
    assert len(reference) <= 25
    assert iso11649.is_valid(reference)
    assert is_creditor_reference(grouped(reference))
    assert plain_reference(grouped(reference)) == body


@given(BODIES, st.data())
def test_one_mistyped_character_is_noticed(body: str, data: st.DataObject) -> None:
    reference = str(creditor_reference(body))
    place = data.draw(st.integers(4, len(reference) - 1))
    kind = string.digits if reference[place].isdigit() else string.ascii_uppercase
    other = data.draw(st.sampled_from([sign for sign in kind if sign != reference[place]]))
    assert not is_creditor_reference(reference[:place] + other + reference[place + 1 :])


def test_an_iban_is_written_in_groups_of_four() -> None:
    assert grouped("nl91 ABNA0417164300") == "NL91 ABNA 0417 1643 00"
