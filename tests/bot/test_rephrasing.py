"""A model may put a reminder in other words, and nothing else: the facts stay, and what was not read does not get in."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.facts import PLACE
from bot.model.inventions import INVENTIONS
from bot.model.rewording import writer
from bot.model.scripted import InventingModel, ObeyingModel
from bot.rephrasing import against, rephrase
from o2c_core.customers.customer import LANGUAGES, locale_for
from o2c_core.customers.seller import BankAccount, Seller
from o2c_core.money import Money
from o2c_core.reminders.history import NO_HISTORY, Broken, History
from o2c_core.reminders.ladder import STANDARD
from o2c_core.reminders.letter import Letter, Line
from o2c_core.reminders.mail import write_mail
from o2c_core.reminders.may_contact import Claim
from o2c_core.reminders.prose import PlacedProse, placed_prose_of

ON = date(2026, 3, 16)
INVOICE = UUID(int=1)
BROKEN = History(broken=(Broken(date(2026, 3, 12), 124_050, 0, "EUR", frozenset({INVOICE})),))


def a_letter(step: str = "first", language: str = "en", history: History = NO_HISTORY) -> Letter:
    rung = next(rung for rung in STANDARD.rungs if rung.name == step)
    due_on = date.fromordinal(ON.toordinal() - rung.days)
    claim = Claim(INVOICE, "INV-2026-0042", due_on, 124_050, 124_050)
    account = BankAccount(iban="NL91ABNA0417164300", holder="Van Dijk B.V.", currency="EUR")
    return Letter(
        Seller(name="Van Dijk", bank_accounts=[account], senders=[]), language, locale_for(language, "NL"), ON,
        datetime(2026, 3, 16, 11, tzinfo=UTC), (Line(claim, rung, Money(124_050, "EUR"), max(0, rung.days)),), (),
        Money(0, "EUR"), history=history,
    )  # fmt: skip


def placed(step: str = "first", language: str = "en", history: History = NO_HISTORY) -> PlacedProse:
    return placed_prose_of(a_letter(step, language, history))


def saying(*drafts: str) -> tuple[Callable[[str, str], str], list[tuple[str, str]]]:
    """A writer that gives those drafts, one after the other, and what it was told and given."""
    heard: list[tuple[str, str]] = []

    def write(told: str, given_text: str) -> str:
        heard.append((told, given_text))
        return drafts[len(heard) - 1]

    return write, heard


ASK = "Is something in the way? Reply and we’ll look at it together, or pay with the details below."
GOOD = f"Invoice {{f1}} ({{f2}}) was due on {{f3}} and is still open.\n\n{ASK}"


def test_other_words_that_keep_every_fact_are_taken_with_the_facts_in_their_places() -> None:
    write, heard = saying(GOOD)
    words = rephrase(placed(), "en", write)
    assert words is not None
    assert words.opening == "Invoice INV-2026-0042 (€1,240.50) was due on 9 March 2026 and is still open."
    assert words.ask == ASK
    mail = write_mail(a_letter(), words=words)
    assert words.opening in mail.text
    assert {"invoice INV-2026-0042.asked", "invoice INV-2026-0042.due_on"} <= {one["id"] for one in mail.receipts}
    [(_, seen)] = heard
    for fact in ("INV-2026-0042", "1,240.50", "March"):
        assert fact not in seen, "the provider sees marks and no facts"


def test_what_is_refused_is_told_once_and_then_the_approved_words_stand() -> None:
    bad = "Invoice {f1} for {f2} was due on {f3}. We will sue you.\n\n" + ASK
    write, heard = saying(bad, GOOD)
    assert rephrase(placed(), "en", write) is not None
    assert "not accepted" in heard[1][0]
    assert heard[0][1] == heard[1][1]
    write, heard = saying(bad, bad, GOOD)
    assert rephrase(placed(), "en", write) is None
    assert len(heard) == 2


@pytest.mark.parametrize("line", [
    "en | Invoice {f1} for {f2} was due on {f3}.                         | -",
    "en | Invoice {f1} for {f2} was due on {f3}                          | two paragraphs without the second",
    "en | Invoice {f1} was due on {f3}.                                  | mark",
    "en | Invoice {f1} for {f2} was due on {f3}, {f3}.                   | mark",
    "en | Invoice {f1} for {f2} was due on {f9}.                         | mark",
    "en | Invoice INV-2026-0042 for {f2} was due on {f3}, {f1}.          | it has",
    "en | Invoice {f1} for {f2} was due on {f3}. Pay €5.00 now.          | it has",
    "en | Invoice {f1} for {f2} was due on {f3}. Pay it today.           | it has",
    "en | Invoice {f1} for {f2} was due on {f3}. It has been paid.       | it has",
    "en | Invoice {f1} for {f2} was not due on {f3}.                     | it has",
    "en | Invoice {f1} for {f2} was due on {f3}. We charge interest.     | it has",
    "en | Invoice {f1} for {f2} was due on {f3}!                         | exclamation",
    "en | Invoice {f1} for {f2} was due on {f3}. See www.example.com.    | it has",
    "en | Invoice {f1} for {f2} was due on {f3}, and we would be glad if somebody at your side, or whoever it is that does such things there, could find the time to look at it with us. | long",
    "nl | De factuur {f1} van {f2}, vervaldatum {f3}, heb je nog.        | other form",
    "de | Die Zahlung von {f2} zur Rechnung {f1}, fällig am {f3}, hast du noch. | other form",
    "fr | Tu n'as pas encore payé {f2} pour la facture {f1}, {f3}.       | other form",
])  # fmt: skip
def test_what_may_not_be_said_is_named(line: str) -> None:
    language, opening, why = (part.strip() for part in line.split(" | "))
    prose = placed("first", language)
    draft = opening if "without the second" in why else f"{opening}\n\n{prose.ask}"
    found = against(draft, prose, language)
    assert (found is None) if why == "-" else (found is not None)
    if why not in ("-", "two paragraphs without the second"):
        assert why in str(found)


def test_a_sentence_may_not_be_left_out() -> None:
    prose = placed("last", "en", BROKEN)
    assert against(f"{prose.opening}\n\n{prose.ask}", prose, "en") is None
    first, rest = prose.ask.split(" That payment has not reached us. ")
    assert against(f"{prose.opening}\n\n{first} {rest}", prose, "en") == "it has something left out: 'missing'"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("history", [NO_HISTORY, BROKEN], ids=["-", "broken"])
@pytest.mark.parametrize("step", [rung.name for rung in STANDARD.rungs])
def test_the_approved_words_themselves_pass_in_every_tone_and_language(
    language: str, history: History, step: str
) -> None:
    prose = placed(step, language, history)
    assert against(f"{prose.opening}\n\n{prose.ask}", prose, language) is None
    assert re.findall(r"\d", PLACE.sub("", prose.opening + prose.ask)) == [], "the provider is told no figure"
    letter = a_letter(step, language, history)
    mail = write_mail(letter)
    assert prose.filled(prose.opening) == mail.opening
    assert prose.filled(prose.ask) == mail.ask


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_model_that_invents_or_obeys_gets_nothing_in(language: str) -> None:
    prose = placed("second", language)
    for model in (InventingModel(), ObeyingModel()):
        words = rephrase(prose, language, writer(model))
        assert words is None or (words.opening, words.ask) == (prose.filled(prose.opening), prose.filled(prose.ask))


@given(st.sampled_from(INVENTIONS), st.sampled_from(LANGUAGES), st.booleans())
def test_no_invention_gets_in_beside_the_approved_words(invention: str, language: str, is_before: bool) -> None:
    prose = placed("first", language)
    said = f"{invention} {prose.opening}" if is_before else f"{prose.opening} {invention}"
    words = rephrase(prose, language, lambda *_: f"{said}\n\n{prose.ask}")
    assert words is None or invention.strip() == ""


def test_a_provider_that_fails_leaves_the_approved_words() -> None:
    def fails(*_: str) -> str:
        raise TimeoutError

    assert rephrase(placed(), "en", fails) is None
