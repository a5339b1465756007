"""A chat that began on the page of one invoice is about that invoice, until another one is spoken of."""

from __future__ import annotations

from datetime import date

import pytest
from sqlalchemy.orm import Session

from bot.turn import House, Turn, take_turn
from channels.widget_door import words_in
from o2c_core.actions.receive_message import Incoming
from o2c_core.conversations.conversation import Conversation
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller, an_invoice, an_order

PAGE = "invoice INV-2026-0042"


@pytest.fixture
def jansen(session: Session) -> Customer:
    """Three open invoices: which of them is meant has to come from somewhere."""
    jansen = a_customer(session, a_seller(session), "C1001")
    an_invoice(session, jansen, "INV-2026-0041", total_minor=80000, due_on=date(2026, 3, 2))
    an_invoice(session, jansen, "INV-2026-0042", total_minor=124050, due_on=date(2026, 3, 20))
    an_invoice(session, jansen, "INV-2026-0043", total_minor=5000, due_on=date(2026, 4, 9))
    return jansen


def asked(
    house: House, customer: Customer, words: str, about: str | None = PAGE, after: Turn | None = None,
    identity: str = "proven",
) -> Turn:  # fmt: skip
    going_on = after.conversation_id if after else None
    incoming = Incoming(
        customer.seller_id, "chat", words, customer.id, identity, conversation_id=going_on, about=about
    )  # fmt: skip
    return take_turn(incoming, house)


def numbers(turn: Turn) -> set[str]:
    return {fact["text"] for fact in turn.facts if fact["text"].startswith("INV-")}


@pytest.mark.parametrize(
    "words",
    [
        "When is it due?",
        "What is this for?",
        "How much is this invoice?",
        "There is a mistake on this invoice",
        "I will pay this on Friday",
        "Wanneer moet dit betaald zijn?",
        "Waar is deze factuur voor?",
        "Ik heb dit gisteren betaald",
        "Mag ik een kopie?",
        "Kunt u mij een kopie van de factuur mailen?",
        "Wann ist diese Rechnung fällig?",
        "Wofür ist das?",
        "Quand faut-il payer cette facture ?",
        "C'est pour quoi ?",
    ],
)
def test_what_is_said_of_it_is_said_of_the_invoice_of_the_page(house: House, jansen: Customer, words: str) -> None:
    assert numbers(asked(house, jansen, words)) == {"INV-2026-0042"}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", ["invoice", "order"])
def test_what_the_chat_suggests_to_ask_of_a_page_is_understood(
    house: House, jansen: Customer, session: Session, language: str, kind: str
) -> None:
    an_order(session, jansen, "SO-1003")
    about = {"invoice": PAGE, "order": "order SO-1003"}[kind]
    *ask, person = words_in(language)["ask_about"][kind]
    for words in ask:
        said = asked(house, jansen, words, about)
        assert not said.understanding.get("misunderstood"), words
        assert not str(said.understanding["asks"] or "").startswith("meant:"), words
        assert about.split()[1] in {fact["text"] for fact in said.facts}, words
    assert asked(house, jansen, person, about).handoff is not None


def test_without_a_page_it_is_not_known_which_one_is_meant(house: House, jansen: Customer) -> None:
    assert numbers(asked(house, jansen, "Can you tell me when it is due?", about=None)) != {"INV-2026-0042"}


def test_what_is_asked_of_the_whole_account_is_told_of_the_whole_account(house: House, jansen: Customer) -> None:
    assert "€2,090.50" in str(asked(house, jansen, "What do I owe in total?").reply)


def test_another_invoice_that_is_named_goes_before_the_page_from_then_on(house: House, jansen: Customer) -> None:
    first = asked(house, jansen, "How much is invoice INV-2026-0041?")
    assert numbers(first) == {"INV-2026-0041"}
    assert numbers(asked(house, jansen, "When is it due?", about=None, after=first)) == {"INV-2026-0041"}


def test_the_page_is_remembered_in_the_conversation_after_small_talk(
    house: House, jansen: Customer, session: Session
) -> None:
    first = asked(house, jansen, "Hello")
    kept = session.get_one(Conversation, first.conversation_id)
    assert kept.about == PAGE
    assert numbers(asked(house, jansen, "When is this due?", about=None, after=first)) == {"INV-2026-0042"}


@pytest.mark.parametrize("about", ["invoice INV-OTHER-1", "invoice INV-9999-9999", "invoice ", "nonsense", "note x"])
def test_a_page_of_somebody_else_or_of_nothing_opens_nothing(
    house: House, jansen: Customer, session: Session, about: str
) -> None:
    other = a_customer(session, a_seller(session, "other"), "C9")
    an_invoice(session, other, "INV-OTHER-1", total_minor=987654)
    said = asked(house, jansen, "How much is it?", about=about)
    assert "9,876.54" not in str(said.reply)
    assert "INV-OTHER-1" not in numbers(said)


def test_who_only_holds_a_link_is_told_nothing_of_that_invoice(house: House, jansen: Customer, store: Store) -> None:
    said = asked(house, jansen, "How much is this invoice?", identity="known")
    assert said.identity == "known"
    assert numbers(said) == set()
    assert "1,240.50" not in str(said.reply)
