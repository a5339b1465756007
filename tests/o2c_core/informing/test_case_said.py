"""What customers read of what came of their case: approved sentences, the ledger's figures, room for a phone."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.cases.case_status import CaseStatus, State
from o2c_core.conversations.sms_text import segments
from o2c_core.customers.customer import LANGUAGES
from o2c_core.informing.case_said import CaseSaid, Outcome, say_outcome
from o2c_core.informing.case_wording import wording_in
from o2c_core.money import Money

READ_AT = datetime(2026, 3, 16, 11, 0, tzinfo=UTC)
LOCALES = {"en": "en_GB", "nl": "nl_NL", "de": "de_DE", "fr": "fr_FR"}
DISPUTED = [one for one in get_args(State) if one not in ("open", "late", "resolved")]


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def a_status(state: str, credited: int | None = None) -> CaseStatus:
    is_dispute = state != "resolved"
    return CaseStatus(
        kind="dispute" if is_dispute else "complaint",
        number="D-118" if is_dispute else "C-27",
        state=state,  # type: ignore[arg-type]
        since=date(2026, 3, 9),
        amount=eur(4_500) if is_dispute else None,
        decided_on=date(2026, 3, 16),
        credit_note="CN-101" if credited is not None else None,
        credited=eur(credited) if credited is not None else None,
    )


def said(outcome: Outcome, language: str = "en", channel: str = "chat", seller: str = "Van Dijk") -> CaseSaid:
    return say_outcome(
        outcome, seller_name=seller, language=language, locale=LOCALES[language], channel=channel, read_at=READ_AT
    )


def an_outcome(state: str, *, left: int | None = 7_900, unapplied: int = 0, own_words: str = "") -> Outcome:
    credited = 3_000 if state == "part_credited" else 4_500 if state == "credited" else None
    is_dispute = state != "resolved"
    return Outcome(
        a_status(state, credited), "INV-2026-0042" if is_dispute else None,
        eur(left) if is_dispute and left is not None else None, eur(unapplied), own_words,
    )  # fmt: skip


@pytest.mark.parametrize(("language", "text"), [
    ("en", "Your objection D-118 to €45.00 of invoice INV-2026-0042 has been decided: €45.00 is credited with credit note "
           "CN-101. On this invoice €79.00 is still to be paid."),
    ("nl", "Over uw bezwaar D-118 tegen € 45,00 van factuur INV-2026-0042 is besloten: € 45,00 wordt gecrediteerd met "
           "creditnota CN-101. Op deze factuur moet nog € 79,00 betaald worden."),
    ("de", "Über Ihren Einwand D-118 gegen 45,00 € der Rechnung INV-2026-0042 ist entschieden: 45,00 € werden mit der "
           "Gutschrift CN-101 gutgeschrieben. Auf diese Rechnung sind noch 79,00 € zu zahlen."),
    ("fr", "Votre contestation D-118 de 45,00 € sur la facture INV-2026-0042 est tranchée : 45,00 € sont crédités par "
           "l'avoir CN-101. Sur cette facture, 79,00 € restent à payer."),
])  # fmt: skip
def test_a_credit_is_told_with_its_note_and_what_is_left(language: str, text: str) -> None:
    told = said(an_outcome("credited"), language).text
    assert " ".join(told.split()) == text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("state", [*DISPUTED, "resolved"])
@pytest.mark.parametrize("channel", ["chat", "email", "sms", "whatsapp"])
def test_every_outcome_is_said_in_every_language_on_every_channel(language: str, state: str, channel: str) -> None:
    told = said(an_outcome(state, own_words="Alvast excuses."), language, channel)
    number = "C-27" if state == "resolved" else "D-118"
    assert number in told.text
    assert "Alvast excuses." in told.text
    assert "{" not in told.text
    assert told.language == language
    assert all(one["text"] in told.text for one in told.receipts if one["id"].endswith(".number"))
    assert (told.subject is not None, told.html is not None) == (channel == "email", channel == "email")


@pytest.mark.parametrize(("state", "asks"), [
    ("part_credited", True), ("valid_as_billed", True), ("credited", False), ("withdrawn", False), ("written_off", False),
    ("resolved", True),
])  # fmt: skip
def test_who_does_not_get_it_all_is_told_how_to_say_so(state: str, asks: bool) -> None:
    assert ("ask for a colleague" in said(an_outcome(state)).text) is asks


@pytest.mark.parametrize(("left", "unapplied", "words"), [
    (7_900, 0, "€79.00 is still to be paid"),
    (0, 0, "Nothing is to be paid on this invoice any more"),
    (0, 1_500, "€15.00 of the credit is on your account"),
])  # fmt: skip
def test_what_is_left_and_what_is_over_are_both_said(left: int, unapplied: int, words: str) -> None:
    assert words in said(an_outcome("credited", left=left, unapplied=unapplied)).text


def test_a_language_we_do_not_write_is_answered_in_english() -> None:
    told = say_outcome(
        an_outcome("withdrawn"), seller_name="Van Dijk", language="pt", locale="en_GB", channel="chat", read_at=READ_AT
    )
    assert told.text.startswith("Your objection D-118")
    assert told.language == "en"


def test_all_languages_have_the_same_sentences_with_the_same_figures() -> None:
    names = {language: set(wording_in(language).sentences) for language in LANGUAGES}
    assert all(names[language] == names["en"] for language in LANGUAGES)


@given(
    st.sampled_from([*DISPUTED, "resolved"]),
    st.sampled_from(LANGUAGES),
    st.integers(0, 10**11),
    st.text("abcdeé ½€", max_size=500),
    st.text("Van Dijk&Söhne", min_size=1, max_size=60),
)
def test_a_text_for_a_phone_is_two_segments_at_most_and_cuts_no_figure(
    state: str, language: str, left: int, own_words: str, seller: str
) -> None:
    told = said(an_outcome(state, left=left, own_words=" ".join(own_words.split())), language, "sms", seller)
    cost = segments(told.text)
    assert cost.count <= 2
    assert cost.encoding == "GSM-7"
    assert ("C-27" if state == "resolved" else "D-118") in told.text
    for amount in ("45,00", "45.00", "30,00", "30.00"):
        cut = told.text.count(amount[:-1])
        assert cut == told.text.count(amount)
