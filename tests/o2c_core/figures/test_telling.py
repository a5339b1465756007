"""Every event has a sentence in every language, with the same figures in it."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from o2c_core.customers.customer import LANGUAGES
from o2c_core.figures.happenings import KINDS
from o2c_core.figures.telling import sentences, tell
from o2c_core.figures.timeline import Event
from o2c_core.money import Money

# What was written and has not been sent is told by where it is.
ON_ITS_WAY = [f"message_{state}" for state in ("queued", "sending", "withdrawn", "failed", "uncertain")]


def an_event(kind: str, **values: object) -> Event:
    amount = values.pop("amount", Money(124_050, "EUR"))
    at = datetime(2026, 3, 2, 23, tzinfo=UTC)
    return Event(kind, at, date(2026, 3, 3), False, "x", UUID(int=1), "N-1", amount, values, None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_has_a_sentence_with_the_places_of_the_english_one(language: str) -> None:
    assert list(sentences(language)) == [*KINDS, *ON_ITS_WAY]
    for kind, sentence in sentences(language).items():
        assert sorted(re.findall(r"{(\w+)}", sentence)) == sorted(re.findall(r"{(\w+)}", sentences("en")[kind])), kind


@pytest.mark.parametrize(
    ("language", "locale", "told"),
    [
        ("en", "en_GB", "Invoice N-1 for €1,240.50, due 3 March 2026"),
        ("nl", "nl_NL", "Factuur N-1 van € 1.240,50, te betalen uiterlijk 3 maart 2026"),
        ("de", "de_DE", "Rechnung N-1 über 1.240,50 €, fällig am 3. März 2026"),
        ("fr", "fr_FR", "Facture N-1 de 1 240,50 €, à payer au plus tard le 3 mars 2026"),
        ("es", "en_GB", "Invoice N-1 for €1,240.50, due 3 March 2026"),
    ],
)
def test_figures_are_written_as_the_reader_writes_them(language: str, locale: str, told: str) -> None:
    said = tell(an_event("invoice_issued", due_on="2026-03-03"), language, locale)
    assert said.replace("\xa0", " ").replace("\u202f", " ") == told


def test_what_is_not_known_is_a_dash_and_never_a_failure() -> None:
    assert tell(an_event("shipment_left"), "en", "en_GB") == "Shipment N-1 of order – left"


def test_braces_in_what_somebody_wrote_are_only_text() -> None:
    told = tell(an_event("dispute_opened", invoice="{amount.__class__}"), "en", "en_GB")
    assert told == "Objection N-1 to invoice {amount.__class__}: €1,240.50"
