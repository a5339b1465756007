"""Sending a document: queued once, in the customer's language, and made when it is sent."""

import threading
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from channels.captured import Captured
from o2c_core.actions.deliver_message import deliver_message
from o2c_core.actions.send_document import (
    DocumentRequest,
    EmailRefused,
    NoAddressToSendTo,
    NoSuchDocument,
    open_disputes,
    send_document,
)
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.consent import Consent
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.documents.attach import Attachment, attachments_of
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.statement import DaysReversed
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, MOMENT, a_customer, a_dispute, a_payment, a_seller, an_invoice
from tests.o2c_core.documents.papers import text_of


@pytest.fixture
def customer(session: Session) -> Customer:
    made = a_customer(session, a_seller(session, phone="+31 20 555 01 23"), "C0042")
    session.commit()
    return made


@pytest.fixture
def invoice(session: Session, customer: Customer) -> Invoice:
    made = an_invoice(session, customer, "INV-2026-0042", total_minor=12_100)
    session.commit()
    return made


def message_of(session: Session, message_id: object) -> Message:
    session.expire_all()
    return session.get_one(Message, message_id)


def files(session: Session, message: Message) -> Sequence[Attachment]:
    return attachments_of(session, message, DAY, disputes_of=open_disputes)


def test_a_copy_is_queued_to_the_contact_with_what_to_make_and_not_with_the_file(
    store: Store, session: Session, customer: Customer, invoice: Invoice
) -> None:
    message = message_of(session, send_document(DocumentRequest(customer.id, "k1", invoice.id), store=store))
    assert (message.delivery, message.purpose, message.channel) == ("queued", "document", "email")
    assert message.address == "ap@jansen.example"
    assert message.subject == "Van Dijk Groothandel: factuur INV-2026-0042"
    assert message.attachments == [{"document": "invoice", "id": str(invoice.id)}]
    assert "Bijlage: Factuur INV-2026-0042.pdf" in message.text
    assert "+31\xa020\xa0555\xa001\xa023" in message.text
    assert message.html is not None
    assert "Factuur INV-2026-0042.pdf" in message.html
    assert {receipt["id"]: receipt["text"] for receipt in message.receipts} == {
        "invoice INV-2026-0042.number": "INV-2026-0042",
        "invoice INV-2026-0042.issued_on": "14 februari 2026",
        "invoice INV-2026-0042.total": "€\xa0121,00",
        "seller.phone": "+31\xa020\xa0555\xa001\xa023",
    }


def test_its_delivery_is_asked_for_and_its_trail_kept_in_the_same_transaction(
    store: Store, session: Session, customer: Customer, invoice: Invoice
) -> None:
    message_id = send_document(DocumentRequest(customer.id, "k1", invoice.id, who="N. Smit"), store=store)
    jobs = session.scalars(
        text("SELECT args->>'message_id' FROM procrastinate_jobs WHERE task_name = 'deliver_message'")
    ).all()
    assert list(jobs) == [str(message_id)]
    line = session.scalars(select(TrailLine).where(TrailLine.what == "document queued")).one()
    assert (line.who, line.customer_id, line.subject_id) == ("N. Smit", customer.id, message_id)
    assert line.details["id"] == str(invoice.id)


def test_the_same_request_is_sent_once_and_another_key_again(
    store: Store, session: Session, customer: Customer, invoice: Invoice
) -> None:
    first = send_document(DocumentRequest(customer.id, "k1", invoice.id), store=store)
    assert send_document(DocumentRequest(customer.id, "k1", invoice.id), store=store) == first
    others = {
        send_document(DocumentRequest(customer.id, "k2", invoice.id), store=store),
        send_document(DocumentRequest(customer.id, "k1"), store=store),
    }
    assert first not in others
    assert session.scalar(select(func.count()).select_from(Message)) == 3
    assert session.scalar(select(func.count()).select_from(Conversation)) == 1


def test_two_at_once_send_it_once(own_store: Store) -> None:
    with own_store.session() as session:
        customer = a_customer(session, a_seller(session))
        invoice = an_invoice(session, customer)
        session.commit()
    found: list[object] = []
    gate = threading.Barrier(4)

    def ask() -> None:
        gate.wait()
        found.append(send_document(DocumentRequest(customer.id, "k1", invoice.id), store=own_store))

    askers = [threading.Thread(target=ask) for _ in range(4)]
    for asker in askers:
        asker.start()
    for asker in askers:
        asker.join()
    assert (len(found), len(set(found))) == (4, 1)
    with own_store.session() as session:
        assert session.scalar(select(func.count()).select_from(Message)) == 1


def test_the_file_has_what_is_open_when_it_is_made_and_not_when_it_was_asked_for(
    store: Store, session: Session, customer: Customer, invoice: Invoice
) -> None:
    message_id = send_document(DocumentRequest(customer.id, "k1", invoice.id), store=store)
    (before,) = files(session, message_of(session, message_id))
    a_payment(session, session.get_one(Invoice, invoice.id), 2_100)
    (after,) = files(session, message_of(session, message_id))
    assert (after.name, after.media_type) == ("Factuur INV-2026-0042.pdf", "application/pdf")
    assert "Bedrag € 121,00" in text_of(before.content)
    assert "Bedrag € 100,00" in text_of(after.content)
    # The mail speaks of nothing that a payment can change.
    assert "100,00" not in message_of(session, message_id).text


def test_what_was_objected_to_meanwhile_is_named_and_not_asked_for(
    store: Store, session: Session, customer: Customer, invoice: Invoice
) -> None:
    message_id = send_document(DocumentRequest(customer.id, "k1", invoice.id), store=store)
    dispute = a_dispute(session, session.get_one(Invoice, invoice.id), 2_100)
    (file,) = files(session, message_of(session, message_id))
    assert dispute.number in text_of(file.content)
    assert "Bedrag € 100,00" in text_of(file.content)


def test_a_statement_runs_from_the_oldest_open_invoice_to_the_day_it_is_made(
    store: Store, session: Session, customer: Customer
) -> None:
    an_invoice(session, customer, "INV-OLD", due_on=DAY - timedelta(days=200))
    session.commit()
    message = message_of(session, send_document(DocumentRequest(customer.id, "k1"), store=store))
    since = DAY - timedelta(days=230)
    assert message.attachments == [
        {"document": "statement", "id": str(customer.id), "currency": "EUR", "from_on": since.isoformat()}
    ]
    (file,) = attachments_of(session, message, DAY + timedelta(days=2), disputes_of=open_disputes)
    assert file.name == "Rekeningoverzicht C0042 EUR.pdf"
    assert "INV-OLD" in text_of(file.content)
    assert "18 maart 2026" in text_of(file.content)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("whole_account", [False, True])
def test_mail_and_file_are_in_the_contact_s_language(
    store: Store, session: Session, customer: Customer, invoice: Invoice, language: str, whole_account: bool
) -> None:
    customer.contacts[0].language = language
    session.commit()
    request = DocumentRequest(customer.id, "k1", None if whole_account else invoice.id)
    message = message_of(session, send_document(request, store=store))
    (file,) = files(session, message)
    assert message.language == language
    assert file.name.endswith(".pdf")
    assert file.name in message.text
    assert f"/Lang({language}-".encode() in file.content
    assert f'<html lang="{language}">' in str(message.html)


@pytest.mark.parametrize("name", ["Jansen & <b>Zonen</b>", '"><img src=x>', "Jansen\r\nBcc: all@x.example"])
def test_a_name_is_text_in_the_mail_too(store: Store, session: Session, name: str) -> None:
    customer = a_customer(session, a_seller(session, name=name))
    invoice = an_invoice(session, customer)
    session.commit()
    message = message_of(session, send_document(DocumentRequest(customer.id, "k1", invoice.id), store=store))
    assert "<b>Zonen" not in str(message.html)
    assert "<img" not in str(message.html)
    assert "\n" not in str(message.subject)
    assert "\r" not in str(message.subject)


def test_another_customer_s_invoice_is_not_found(
    store: Store, session: Session, customer: Customer, invoice: Invoice
) -> None:
    other = a_customer(session, a_seller(session, "other"))
    session.commit()
    with pytest.raises(NoSuchDocument) as refused:
        send_document(DocumentRequest(other.id, "k1", invoice.id), store=store)
    assert refused.value.sentence == "I can't find that number on your account."
    assert session.scalar(select(func.count()).select_from(Message)) == 0


def test_without_an_address_nothing_is_queued_and_it_is_said(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session), email=None)
    session.commit()
    with pytest.raises(NoAddressToSendTo):
        send_document(DocumentRequest(customer.id, "k1"), store=store)
    assert session.scalar(select(func.count()).select_from(Conversation)) == 0


def test_who_refused_email_gets_none_unless_they_ask_for_it(store: Store, session: Session, customer: Customer) -> None:
    session.add(
        Consent(
            contact_id=customer.contacts[0].id, channel="email", purpose="service", is_given=False, at=MOMENT,
            how="telephone", words="No mail, please",
        )
    )  # fmt: skip
    session.commit()
    with pytest.raises(EmailRefused):
        send_document(DocumentRequest(customer.id, "k1"), store=store)
    asked = customer.id  # any message of theirs will do
    assert send_document(DocumentRequest(customer.id, "k1", message_id=asked), store=store)


def test_a_statement_from_a_day_to_come_is_refused(store: Store, customer: Customer) -> None:
    with pytest.raises(DaysReversed):
        send_document(DocumentRequest(customer.id, "k1", from_on=DAY + timedelta(days=1)), store=store)


def test_a_conversation_a_person_holds_is_left_to_them(
    store: Store, session: Session, customer: Customer, invoice: Invoice
) -> None:
    held = Conversation(
        seller_id=customer.seller_id, customer_id=customer.id, channel="email", speaker="agent", opened_at=MOMENT,
        updated_at=MOMENT,
    )  # fmt: skip
    session.add(held)
    session.commit()
    message = message_of(session, send_document(DocumentRequest(customer.id, "k1", invoice.id), store=store))
    assert message.conversation_id != held.id
    assert session.get_one(Conversation, held.id).version == 0


def test_the_captured_carrier_takes_it_like_any_mail(
    store: Store, session: Session, customer: Customer, invoice: Invoice
) -> None:
    message_id = send_document(DocumentRequest(customer.id, "k1", invoice.id), store=store)
    assert deliver_message(message_id, store=store, carriers={"email": Captured()}) == "sent"
