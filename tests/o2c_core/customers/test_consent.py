"""The latest word about a channel and purpose holds; silence means what the law says it means."""

import random
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.customers.consent import CHANNELS, PURPOSES, Consent, ConsentNeedsProof, check_note, has_consent

MOMENT = datetime(2026, 3, 16, 11, tzinfo=UTC)


def a_note(given_: bool, minutes: int = 0, channel: str = "email", purpose: str = "reminders", key: int = 1) -> Consent:
    return Consent(
        id=UUID(int=key), channel=channel, purpose=purpose, is_given=given_, at=MOMENT + timedelta(minutes=minutes)
    )


@pytest.mark.parametrize(("purpose", "allowed"), [("service", True), ("reminders", True), ("marketing", False)])
def test_silence_allows_what_the_contract_needs_and_no_offers(purpose: str, allowed: bool) -> None:
    assert has_consent([], "email", purpose) is allowed


@pytest.mark.parametrize(("notes", "allowed"), [
    ([a_note(False)], False),
    ([a_note(False), a_note(True, 1)], True),
    ([a_note(True, 1), a_note(False)], True),
    ([a_note(True), a_note(False, 1)], False),
    ([a_note(True, key=1), a_note(False, key=2)], False),
    ([a_note(False, channel="sms")], True),
    ([a_note(False, purpose="marketing")], True),
    ([a_note(False), a_note(True, 1, channel="sms")], False),
])  # fmt: skip
def test_the_latest_note_about_that_channel_and_purpose_holds(notes: list[Consent], allowed: bool) -> None:
    assert has_consent(notes, "email", "reminders") is allowed


@given(
    st.lists(
        st.tuples(st.booleans(), st.integers(0, 9), st.sampled_from(CHANNELS), st.sampled_from(PURPOSES)), max_size=9
    ),
    st.randoms(),
)
def test_the_order_in_which_notes_are_read_does_not_matter(
    said: list[tuple[bool, int, str, str]], dice: random.Random
) -> None:
    notes = [a_note(given_, at, channel, purpose, key) for key, (given_, at, channel, purpose) in enumerate(said)]
    shuffled = list(notes)
    dice.shuffle(shuffled)
    for channel in CHANNELS:
        for purpose in PURPOSES:
            assert has_consent(notes, channel, purpose) == has_consent(shuffled, channel, purpose)


@pytest.mark.parametrize(("channel", "purpose", "how", "words"), [
    ("pigeon", "service", "form", "yes"), ("email", "gossip", "form", "yes"), ("email", "service", "", "yes"),
    ("email", "service", "form", "  "),
])  # fmt: skip
def test_consent_is_noted_with_proof(channel: str, purpose: str, how: str, words: str) -> None:
    with pytest.raises(ConsentNeedsProof):
        check_note(channel, purpose, how, words)
