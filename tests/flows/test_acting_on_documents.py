"""Copies, orders and contact details in whole conversations: what is offered, agreed to and then in the ledger."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.assistant import Assistant
from bot.turn import House, Turn, take_turn
from o2c_core.actions.receive_message import Incoming
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.conversations.proposal import Proposal
from o2c_core.conversations.task import Task
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import SenderIdentity
from o2c_core.orders.order import Order
from o2c_core.store.store import Store
from tests.build import DAY, MOMENT, a_customer, a_seller, an_invoice, an_order
from tests.flows.providers import Providers, a_mail, providers

OLD = "ap@jansen.example"
NEW = "finance@jansen.example"


@pytest.fixture
def house(store: Store, assistant: Assistant) -> House:
    return House(store, lambda: None, assistant, Doorplate("a key of the tests"))


@pytest.fixture
def jansen(session: Session) -> Customer:
    jansen = a_customer(session, a_seller(session), "C1001", email=OLD)
    an_order(session, jansen, "SO-1003", states=("ordered", "ordered"))
    an_order(session, jansen, "SO-1004", states=("confirmed",))
    an_invoice(session, jansen, "INV-2026-0042", total_minor=124_050, due_on=DAY)
    session.commit()
    return jansen


class Talk:
    """One conversation of a proven customer by chat."""

    def __init__(self, house: House, customer: Customer) -> None:
        self.house, self.customer = house, customer
        self.turn: Turn | None = None

    def __call__(self, text: str) -> str:
        there = self.turn.conversation_id if self.turn else None
        incoming = Incoming(self.customer.seller_id, "chat", text, self.customer.id, "proven", there)
        self.turn = take_turn(incoming, self.house)
        return str(self.turn.reply).replace("\xa0", " ").replace("\u202f", " ")


@pytest.fixture
def talk(house: House, jansen: Customer) -> Talk:
    return Talk(house, jansen)


def sent(session: Session, purpose: str) -> Sequence[Message]:
    session.expire_all()
    return session.scalars(select(Message).where(Message.purpose == purpose).order_by(Message.id)).all()


def states(session: Session) -> list[tuple[str, str]]:
    session.expire_all()
    return [(one.kind, one.state) for one in session.scalars(select(Proposal).order_by(Proposal.id))]


def lines(session: Session, number: str) -> list[str]:
    session.expire_all()
    return [line.state for line in session.scalars(select(Order).where(Order.number == number)).one().lines]


@pytest.mark.parametrize(
    ("asked", "agreed", "says"),
    [
        (
            "Can you send me a copy of invoice INV-2026-0042?",
            "yes please",
            "A copy of invoice INV-2026-0042 is on its way",
        ),
        (
            "Kunt u factuur INV-2026-0042 nogmaals sturen?",
            "ja graag",
            "Een kopie van factuur INV-2026-0042 is onderweg",
        ),
        ("Bitte senden Sie mir die Rechnung INV-2026-0042 noch einmal", "ja", "Eine Kopie der Rechnung INV-2026-0042"),
        ("Pouvez-vous me renvoyer la facture INV-2026-0042 ?", "oui", "Une copie de la facture INV-2026-0042 part"),
    ],
)
def test_a_copy_is_offered_and_sent_once_agreed(
    talk: Talk, session: Session, asked: str, agreed: str, says: str
) -> None:
    assert "a•••@jansen.example" in talk(asked)
    assert sent(session, "document") == []
    assert says in talk(agreed)
    [mail] = sent(session, "document")
    assert (mail.address, mail.delivery) == (OLD, "queued")
    assert states(session) == [("invoice_copy", "done")]


def test_a_refusal_sends_nothing(talk: Talk, session: Session) -> None:
    talk("Can you send me a copy of invoice INV-2026-0042?")
    talk("no, never mind")
    assert sent(session, "document") == []
    assert states(session) == [("invoice_copy", "declined")]


def test_an_order_that_was_only_placed_is_cancelled_once_agreed(talk: Talk, session: Session) -> None:
    assert "I'll cancel order SO-1003 (2 lines, € 50,00)." in talk("Please cancel order SO-1003").replace(
        "€50.00", "€ 50,00"
    )
    assert lines(session, "SO-1003") == ["ordered", "ordered"]
    assert "Order SO-1003 is cancelled." in talk("yes, go ahead")
    assert lines(session, "SO-1003") == ["cancelled", "cancelled"]


def test_only_line_two_after_all(talk: Talk, session: Session) -> None:
    talk("Please cancel order SO-1003")
    assert "Article 2" in talk("no, only line 2")
    talk("yes")
    assert lines(session, "SO-1003") == ["ordered", "cancelled"]
    assert states(session) == [("cancel_order", "replaced"), ("cancel_order", "done")]


def test_an_order_in_preparation_is_asked_about(talk: Talk, session: Session) -> None:
    assert "een collega beslist daarover" in talk("Kan ik bestelling SO-1004 nog annuleren?")
    assert "uiterlijk 18 maart 2026" in talk("ja")
    [task] = session.scalars(select(Task)).all()
    assert (task.kind, task.details["order"], task.details["wants"]) == ("order_request", "SO-1004", "cancel")
    assert lines(session, "SO-1004") == ["confirmed"]


def test_a_new_address_for_mail_takes_a_code_to_the_old_one(talk: Talk, session: Session) -> None:
    offered = talk(f"Our email address has changed, please use {NEW} from now on")
    assert f"a•••@jansen.example into {NEW}" in offered
    assert "I've sent a code to a•••@jansen.example." in talk("yes, do that")
    assert states(session) == [("change_contact", "confirmed")]
    [mail] = sent(session, "code")
    assert mail.address == OLD
    code = re.search(r"\d{6}", mail.text)
    assert code is not None
    assert session.scalars(select(Address.value)).all() == [OLD]
    wrong = f"{(int(code[0]) + 1) % 1_000_000:06}"
    assert "isn't the code we sent for the change" in talk(wrong)
    assert f"The email address {NEW} is on record" in talk(f"{code[0]}")
    session.expire_all()
    assert session.scalars(select(Address.value)).all() == [NEW]
    assert states(session) == [("change_contact", "done")]


def test_while_a_code_is_waited_for_other_questions_are_answered(talk: Talk, session: Session) -> None:
    talk(f"Our email address has changed, please use {NEW} from now on")
    talk("yes")
    assert "INV-2026-0042" in talk("What is open on invoice INV-2026-0042?")
    code = re.search(r"\d{6}", sent(session, "code")[0].text)
    assert code is not None
    assert f"The email address {NEW} is on record" in talk(code[0])


def test_bank_details_are_never_taken_from_a_message(talk: Talk, session: Session) -> None:
    for words in (
        "Our bank details have changed, please update them",
        "Update my details: new IBAN NL20INGB0001234567",
    ):
        said = talk(words)
        assert "NL20" not in said
        assert "bank details" in said or "account" in said
    assert states(session) == []


@pytest.fixture
def post(own_database: str, own_store: Store, assistant: Assistant, tmp_path: Path) -> Iterator[Providers]:
    with own_store.session() as session:
        seller = a_seller(session)
        seller.senders.append(SenderIdentity(channel="email", value="hello@parley.example", is_default=True))
        jansen = a_customer(session, seller, "C1001", email=OLD)
        jansen.contacts[0].addresses[0].verified_at = MOMENT
        an_invoice(session, jansen, "INV-2026-0042", total_minor=124_050)
        session.commit()
    with providers(own_database, own_store, assistant, tmp_path) as found:
        yield found


def test_who_is_the_wrong_person_is_told_so_by_mail_and_then_left_alone(post: Providers) -> None:
    post.mail(a_mail("You have the wrong person, I have never heard of this company.", OLD), vouched="jansen.example")
    post.work()
    assert "nothing more is sent to you here" in post.carrier.texts[-1].replace("\n", " ")
    with post.store.session() as session:
        contact = session.scalars(select(Contact)).one()
        assert not contact.addresses[0].is_usable
        assert [task.kind for task in session.scalars(select(Task))] == ["data_fix"]


def test_by_mail_the_copy_comes_as_a_mail_of_its_own(post: Providers) -> None:
    asked = a_mail("Can you send me a copy of invoice INV-2026-0042?", OLD, Message_ID="<q1@jansen.example>")
    post.mail(asked, vouched="jansen.example")
    post.work()
    first = post.carrier.sent[-1]
    assert "a•••@jansen.example" in first.text
    assert first.mail is not None
    post.mail(a_mail("Yes please", OLD, to=str(first.mail.reply_to)), vouched="jansen.example")
    post.work()
    with post.store.session() as session:
        [document] = session.scalars(select(Message).where(Message.purpose == "document")).all()
        assert (document.address, document.delivery) == (OLD, "sent")
