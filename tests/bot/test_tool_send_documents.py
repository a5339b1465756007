"""Copies and statements go to an address on record, exactly as proposed, once, and to no other address."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.tools.since_said import since_said
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.remembered import Remembered
from o2c_core.customers.consent import Consent
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.store.store import Store
from tests.bot.agreeing import acting_desk, agree, ask, proposed
from tests.build import DAY, MOMENT, a_customer, a_seller, an_invoice, an_order


@pytest.fixture
def customer(session: Session) -> Customer:
    return a_customer(
        session, a_seller(session), "C1", email="jeanne@jansen.example", language="en", country="GB", currency="GBP"
    )


def documents(session: Session) -> Sequence[Message]:
    return session.scalars(select(Message).where(Message.purpose == "document").order_by(Message.id)).all()


def test_a_copy_is_proposed_with_its_invoice_and_the_address_it_goes_to(
    session: Session, store: Store, customer: Customer
) -> None:
    an_invoice(session, customer, "INV-2026-0042")
    session.commit()
    desk = acting_desk(store, customer, "please send invoice 0042 again")
    assert (
        ask(desk, "invoice_copy", numbers=["0042"])
        == "I'll email a copy of invoice INV-2026-0042 to j•••@jansen.example."
    )
    assert documents(session) == []


def test_once_agreed_the_copy_is_queued_to_that_address_and_only_once(
    session: Session, store: Store, customer: Customer
) -> None:
    invoice = an_invoice(session, customer, "INV-1")
    session.commit()
    desk = acting_desk(store, customer, "a copy of INV-1 please")
    ask(desk, "invoice_copy", numbers=["INV-1"])
    proposal = proposed(desk)
    said, done = agree(desk, proposal)
    again, _ = agree(desk, proposal)
    assert said == again == "A copy of invoice INV-1 is on its way to j•••@jansen.example."
    [mail] = documents(session)
    assert (mail.address, mail.channel, mail.delivery) == ("jeanne@jansen.example", "email", "queued")
    assert mail.attachments == [{"document": "invoice", "id": str(invoice.id)}]
    assert done.outcome["messages"] == [str(mail.id)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("send me my invoice again", ["INV-3"]),
        ("send me copies of all invoices", ["INV-1", "INV-2"]),
        ("kopie van beide facturen graag", ["INV-1", "INV-2"]),
        ("bitte alle offenen Rechnungen als Kopie", ["INV-1", "INV-2"]),
        ("duplicata des factures impayées svp", ["INV-1", "INV-2"]),
        ("send me that one of £77.10 again", ["INV-2"]),
    ],
)
def test_without_a_number_it_is_the_last_one_or_the_open_ones_or_the_one_of_that_amount(
    session: Session, store: Store, customer: Customer, words: str, expected: list[str]
) -> None:
    an_invoice(session, customer, "INV-1", due_on=DAY - timedelta(days=20))
    an_invoice(session, customer, "INV-2", total_minor=7710, due_on=DAY - timedelta(days=10))
    an_invoice(session, customer, "INV-3", paid_minor=12_500, due_on=DAY)
    session.commit()
    desk = acting_desk(store, customer, words)
    ask(desk, "invoice_copy")
    assert [one["number"] for one in desk.offers[0].arguments["invoices"]] == expected


def test_an_orders_number_stands_for_its_invoice(session: Session, store: Store, customer: Customer) -> None:
    order = an_order(session, customer, "SO-1003")
    an_invoice(session, customer, "INV-9", order_id=order.id)
    session.commit()
    desk = acting_desk(store, customer, "never got an invoice for order 1003")
    assert "invoice INV-9 to" in ask(desk, "invoice_copy", numbers=["1003"])


def test_somebody_elses_invoice_is_not_there(session: Session, store: Store, customer: Customer) -> None:
    other = a_customer(session, a_seller(session, "other"), "X1")
    an_invoice(session, other, "INV-7001")
    session.commit()
    said = {
        ask(acting_desk(store, customer, "copy please"), "invoice_copy", numbers=[number])
        for number in ("INV-7001", "INV-7002")
    }
    assert said == {
        "I can't find that number on your account. Please check it, or ask me for your orders or your open invoices."
    }


def test_of_two_numbers_the_one_that_is_there_is_offered_and_the_other_is_said_to_be_missing(
    session: Session, store: Store, customer: Customer
) -> None:
    an_invoice(session, customer, "INV-1")
    session.commit()
    desk = acting_desk(store, customer, "INV-1 and INV-888 please")
    said = ask(desk, "invoice_copy", numbers=["INV-1", "INV-888"])
    assert said.startswith("Not every number you gave is on your account")
    assert said.endswith("I'll email a copy of invoice INV-1 to j•••@jansen.example.")


def test_an_address_that_only_stands_in_the_message_gets_nothing(
    session: Session, store: Store, customer: Customer
) -> None:
    an_invoice(session, customer, "INV-1")
    session.commit()
    desk = acting_desk(store, customer, "Send INV-1 to accounts@elsewhere.example please")
    said = ask(desk, "invoice_copy", numbers=["INV-1"])
    assert said.startswith("Documents only go to addresses we have on record")
    assert "elsewhere" not in said
    agree(desk)
    assert [mail.address for mail in documents(session)] == ["jeanne@jansen.example"]


def test_who_writes_by_mail_gets_it_in_their_own_mailbox(session: Session, store: Store, customer: Customer) -> None:
    second = Contact(name="B. de Wit", role="operations", customer_id=customer.id)
    second.addresses.append(Address(channel="email", value="bea@jansen.example", verified_at=MOMENT))
    session.add(second)
    an_invoice(session, customer, "INV-1")
    session.commit()
    desk = acting_desk(store, customer, "copy of INV-1", channel="email", contact=second, address="bea@jansen.example")
    assert ask(desk, "invoice_copy", numbers=["INV-1"]).endswith("to b•••@jansen.example.")
    agree(desk)
    assert [mail.address for mail in documents(session)] == ["bea@jansen.example"]


def test_without_an_address_that_works_a_person_is_called(session: Session, store: Store, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1")
    customer.contacts[0].addresses[0].failed_at = MOMENT
    session.commit()
    desk = acting_desk(store, customer, "copy of INV-1")
    assert ask(desk, "invoice_copy", numbers=["INV-1"]).startswith(
        "We have no email address of yours on record that works"
    )
    assert (desk.handoff, desk.offers) == ("contact_unclear", [])


@pytest.mark.parametrize("asker_is_reader", [True, False])
def test_who_refused_mail_gets_it_only_when_they_ask_themselves(
    session: Session, store: Store, customer: Customer, asker_is_reader: bool
) -> None:
    an_invoice(session, customer, "INV-1")
    reader = customer.contacts[0]
    asker = Contact(name="B. de Wit", role="operations", customer_id=customer.id)
    session.add(asker)
    session.add(
        Consent(
            contact_id=reader.id,
            address="jeanne@jansen.example",
            channel="email",
            purpose="service",
            is_given=False,
            at=MOMENT,
            how="form",
            words="no mail",
        )
    )
    session.commit()
    desk = acting_desk(store, customer, "copy of INV-1", contact=reader if asker_is_reader else asker)
    said = ask(desk, "invoice_copy", numbers=["INV-1"])
    if asker_is_reader:
        assert said.startswith("You asked us not to write to j•••@jansen.example; I do it this once")
        agree(desk)
        assert len(documents(session)) == 1
    else:
        assert said.startswith("Whoever reads j•••@jansen.example asked us not to write there")
        assert desk.offers == []


def test_when_the_address_is_gone_by_the_time_they_agree_nothing_goes_elsewhere(
    session: Session, store: Store, customer: Customer
) -> None:
    an_invoice(session, customer, "INV-1")
    session.commit()
    desk = acting_desk(store, customer, "copy of INV-1")
    ask(desk, "invoice_copy", numbers=["INV-1"])
    proposal = proposed(desk)
    contact = session.get_one(Contact, customer.contacts[0].id)
    contact.addresses[0].value = "new@jansen.example"
    session.commit()
    said, done = agree(desk, proposal)
    assert said.startswith("It could not be sent after all")
    assert done.is_refused
    assert documents(session) == []
    assert session.get_one(Conversation, desk.conversation_id).state == "waiting"


def test_more_invoices_than_fit_one_wish_are_named_with_their_number(
    session: Session, store: Store, customer: Customer
) -> None:
    for number in range(12):
        an_invoice(session, customer, f"INV-{number:03}")
    session.commit()
    desk = acting_desk(store, customer, "send all open invoices")
    assert ask(desk, "invoice_copy").startswith("That would be 12 invoices")
    assert desk.offers == []


def test_a_statement_says_since_when_and_where_to(session: Session, store: Store, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1", due_on=DAY - timedelta(days=10))
    session.commit()
    desk = acting_desk(store, customer, "Please send a statement since 1 January 2026")
    assert ask(desk, "statement") == (
        "I'll email your statement of account, from 1 January 2026 up to the day it leaves, to j•••@jansen.example."
    )
    said, _ = agree(desk)
    assert said == "Your statement of account is on its way to j•••@jansen.example."
    [mail] = documents(session)
    assert mail.attachments[0]["document"] == "statement"
    assert mail.attachments[0]["from_on"] == "2026-01-01"


def test_a_statement_per_currency_where_there_are_several(session: Session, store: Store, customer: Customer) -> None:
    an_invoice(session, customer, "INV-1")
    an_invoice(session, customer, "INV-2", currency="USD")
    session.commit()
    desk = acting_desk(store, customer, "statement please")
    assert "one statement for each of these currencies: GBP, USD." in ask(desk, "statement")
    agree(desk)
    assert len(documents(session)) == 2


def test_correcting_the_day_of_a_statement_changes_only_that(
    session: Session, store: Store, customer: Customer
) -> None:
    session.commit()
    first = acting_desk(store, customer, "a statement from March please")
    ask(first, "statement")
    waiting = proposed(first, "open")
    assert waiting.arguments["since"] == "2026-03-01"
    for words, since in (("no, since January", "2026-01-01"), ("yes but is it a PDF?", "2026-03-01")):
        second = acting_desk(store, customer, words, before=Remembered(waiting=(waiting,)))
        ask(second, "statement")
        assert second.offers[0].arguments == waiting.arguments | {"since": since}


@pytest.mark.parametrize(
    ("words", "language", "since"),
    [
        ("statement since 15 February", "en", date(2026, 2, 15)),
        ("statement since February", "en", date(2026, 2, 1)),
        ("overzicht vanaf november", "nl", date(2025, 11, 1)),
        ("overzicht van vorig jaar", "nl", date(2025, 1, 1)),
        ("Kontoauszug für dieses Jahr", "de", date(2026, 1, 1)),
        ("Kontoauszug seit letztem Monat", "de", date(2026, 2, 1)),
        ("relevé du trimestre dernier", "fr", date(2025, 10, 1)),
        ("relevé depuis mars 2025", "fr", date(2025, 3, 1)),
        ("my statement for 2025", "en", date(2025, 1, 1)),
        ("everything from January to March 2024", "en", date(2024, 1, 1)),
        ("statement from 1 January to 31 March", "en", date(2026, 1, 1)),
        ("statement please", "en", None),
        ("overzicht voor klant 4711", "nl", None),
    ],
)
def test_since_when_is_read_from_the_customers_own_words(words: str, language: str, since: date | None) -> None:
    assert since_said(words, language=language, today=DAY, country="NL") == since


@given(
    st.lists(
        st.sampled_from(
            [
                "since",
                "from",
                "vanaf",
                "seit",
                "depuis",
                "last",
                "this",
                "vorig",
                "jaar",
                "letztes",
                "quartal",
                "trimestre",
                "dernier",
                "January",
                "mars",
                "Mai",
                "mei",
                "may",
                "December",
                "2024",
                "2025",
                "2031",
                "31",
                "12",
                "1st",
                "15.",
                "to",
                "bis",
                "and",
                "1/2",
                "29/2/2025",
                "year",
                "maand",
                "mois",
                "Monat",
                "statement",
            ]
        ),
        max_size=8,
    ),
    st.sampled_from(("en", "nl", "de", "fr")),
    st.dates(date(2020, 1, 1), date(2035, 12, 31)),
)
def test_a_statement_never_begins_after_today(words: list[str], language: str, today: date) -> None:
    since = since_said(" ".join(words), language=language, today=today, country="NL")
    assert since is None or since <= today
