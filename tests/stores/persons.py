"""A person whose traces are everywhere something about a customer can be kept, and a neighbour who shares words with them."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import Text, cast, literal_column, select
from sqlalchemy.orm import Session

from knowledge.gaps import note_gap
from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import DisputeLine
from o2c_core.cases.document_problem import DocumentProblem
from o2c_core.cases.hold import Hold
from o2c_core.cases.payment_said import PaymentSaid, SaidInvoice
from o2c_core.cases.plan import PaymentPlan, PlanPart
from o2c_core.cases.promise import Promise, PromisedInvoice
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.handoff import Handoff
from o2c_core.conversations.message import Message
from o2c_core.conversations.model_call import ModelCall
from o2c_core.conversations.proposal import Proposal
from o2c_core.conversations.task import Task
from o2c_core.customers.consent import Consent
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.customers.site import Site
from o2c_core.escalations.approval import Approval
from o2c_core.escalations.escalation import Escalation
from o2c_core.escalations.rule import EscalationRule
from o2c_core.informing.informed import Informed, InformingWish
from o2c_core.integrations.api_key import ApiKey, IdempotentCall
from o2c_core.invoices.bank import BankStatement, BankTransaction, PayerAccount
from o2c_core.invoices.invoice import Invoice, InvoiceLine, TaxSubtotal
from o2c_core.invoices.payment import Allocation, Payment, WriteOff
from o2c_core.reminders.reminder import LadderChoice, Reminder, ReminderDecision, ReminderSkip
from o2c_core.store.rows import Row
from o2c_core.trail import note
from tests.build import DAY, MOMENT, a_customer, a_dispute, a_shipment, an_invoice, an_order

NAME, EMAIL, PHONE, ACCOUNT = "Sophie de Wael", "sophie@dewael.example", "+31612345678", "NL20INGB0001234567"
STREET = "Kastanjelaan 12"
WORDS = "my parrot Coco ate the delivery note"
THEN = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
# What nothing may be found by after an erasure.
TRACES = [NAME, "Sophie", "Wael", EMAIL, "612345678", ACCOUNT, STREET, WORDS, "parrot"]


def a_person(session: Session, seller: Seller, **fields: Any) -> Customer:
    """A customer who is a person, with something of everything; nothing is open any more."""
    person = a_customer(
        session, seller, email=None, **{"name": NAME, "kind": "person", "street": STREET, "postcode": "3571 AB",
                                        "city": "Utrecht", "language": "nl", "segment": "late payers"} | fields
    )  # fmt: skip
    contact = person.contacts[0]
    contact.name = NAME
    contact.addresses += [
        Address(channel="email", value=EMAIL, verified_at=MOMENT),
        Address(channel="sms", value=PHONE),
    ]
    person.sites.append(Site(ref="1", name=f"Thuis bij {NAME}", street=STREET))
    session.flush()
    _messages(session, seller, person, contact)
    _ledger(session, seller, person)
    _cases(session, seller, person)
    _reminding(session, seller, person, contact)
    _around(session, seller, person, contact)
    session.commit()
    return person


def said(
    session: Session, person: Customer, words: str = WORDS, *, address: str | None = EMAIL, **fields: Any
) -> Message:
    """Something the person wrote, in a conversation of its own, with our answer."""
    conversation = Conversation(
        seller_id=person.seller_id, customer_id=person.id, channel="email", identity="proven", language="nl",
        opened_at=THEN, updated_at=THEN, handoff_reason=f"{NAME} is upset",
    )  # fmt: skip
    session.add(conversation)
    session.flush()
    heard = Message(
        **{"conversation_id": conversation.id, "direction": "in", "author": "customer", "channel": "email",
           "address": address, "subject": f"Question of {NAME}", "text": words, "delivery": "received",
           "sender_key": f"<1@{EMAIL}>", "understanding": {"mood": "angry", "words": words}, "created_at": THEN} | fields
    )  # fmt: skip
    session.add(heard)
    session.flush()
    session.add(
        Message(
            conversation_id=conversation.id, direction="out", author="assistant", channel="email", address=address,
            text=f"Dear {NAME}, you wrote: {words}", html=f"<p>{NAME}</p>", delivery="sent", carrier="captured",
            carrier_key="kept-1", answers_id=heard.id, receipts=[{"id": "f1", "text": NAME}], created_at=THEN,
        )
    )  # fmt: skip
    session.flush()
    return heard


def _messages(session: Session, seller: Seller, person: Customer, contact: Contact) -> None:
    heard = said(session, person, f"Hello, {WORDS}. Call me on 06-1234 5678.")
    session.add(
        Consent(contact_id=contact.id, channel="email", purpose="marketing", is_given=False, at=THEN,
                how="email", words=f"no offers, {WORDS}", message_id=heard.id)
    )  # fmt: skip
    _promised(session, person, heard)
    for what, why in (("contact changed", f"{NAME} moved"), ("complaint logged", "the customer complained")):
        note(session, what, contact, at=THEN, who=NAME, why=why, customer_id=person.id, seller_id=seller.id,
             message_id=heard.id, said=WORDS, number="C-27", amount=1250, on="2026-03-02")  # fmt: skip
    note_gap(session, f"Hello, {WORDS}. Call me on 06-1234 5678.", "en", at=THEN)
    note_gap(session, "Do you sell ovens?", "en", at=THEN)


def _promised(session: Session, person: Customer, heard: Message) -> None:
    """What the assistant offered on it, whom it called and what it asked a provider's model."""
    answer = session.scalars(select(Message).where(Message.answers_id == heard.id)).one()
    session.add_all([
        Proposal(
            conversation_id=heard.conversation_id, customer_id=person.id, message_id=heard.id, answer_id=answer.id,
            kind="complaint", arguments={"words": WORDS, "address": EMAIL}, says=f"{NAME}: {WORDS}", state=state,
            offered_at=THEN, lapses_at=THEN + timedelta(days=5), settled_by_id=heard.id, outcome={"said": WORDS},
        )
        for state in ("open", "done")
    ])  # fmt: skip
    session.add(
        Handoff(
            conversation_id=heard.conversation_id, message_id=heard.id, reason="angry", why=f"{NAME} is angry",
            urgency="today", packet={"words": WORDS, "customer": NAME, "tried": [{"arguments": {"words": WORDS}}]},
            called_at=THEN, ended_by="Kim",
        )
    )  # fmt: skip
    session.add(
        ModelCall(
            conversation_id=heard.conversation_id, message_id=heard.id, model="some", outcome="failed",
            why=f"HTTP 400 for {EMAIL}", milliseconds=3, at=THEN,
        )
    )  # fmt: skip


def _ledger(session: Session, seller: Seller, person: Customer) -> None:
    order = an_order(session, person, "SO-777", states=("delivered",), purchase_order=f"PO {NAME}")
    a_shipment(session, order, received_by=NAME, proof_kind="signature", proof_reference="https://proof.example/1",
               proof_note=f"{NAME} signed")  # fmt: skip
    invoice = an_invoice(session, person, "INV-777", total_minor=12_500, order_id=order.id)
    invoice.lines.append(
        InvoiceLine(position=1, sku="A1", description="Kettle", quantity=Decimal(1), unit_price=Decimal(125), amount_minor=12_500)
    )  # fmt: skip
    invoice.taxes.append(TaxSubtotal(category="Z", rate=Decimal(0), base_minor=12_500, tax_minor=0))
    session.flush()
    payment = Payment(
        seller_id=seller.id, customer_id=person.id, received_on=DAY, amount_minor=12_000, currency="EUR",
        reference=f"INV-777 {NAME}", payer_name=NAME, payer_account=ACCOUNT, source_key=f"bank-{person.ref}",
    )  # fmt: skip
    written = WriteOff(
        seller_id=seller.id, customer_id=person.id, invoice_id=invoice.id, amount_minor=500, currency="EUR",
        reason="goodwill", words=f"{NAME}: {WORDS}", by="Kim", role="finance", written_off_on=DAY,
    )  # fmt: skip
    session.add_all(
        [payment, written, PayerAccount(seller_id=seller.id, customer_id=person.id, account=ACCOUNT, learnt_at=THEN)]
    )
    session.flush()
    session.add_all([
        Allocation(invoice_id=invoice.id, payment_id=payment.id, amount_minor=12_000, allocated_on=DAY),
        Allocation(invoice_id=invoice.id, write_off_id=written.id, amount_minor=500, allocated_on=DAY),
    ])  # fmt: skip
    account = seller.bank_accounts[0]
    statement = BankStatement(
        seller_id=seller.id, bank_account_id=account.id, number="1", format="camt.053", file="march.xml",
        checksum=person.ref, currency="EUR", imported_at=THEN,
    )  # fmt: skip
    session.add(statement)
    session.flush()
    common: dict[str, Any] = {
        "seller_id": seller.id, "bank_account_id": account.id, "bank_statement_id": statement.id, "booked_on": DAY,
        "currency": "EUR", "direction": "in", "payer_name": NAME,
    }  # fmt: skip
    session.add_all([
        BankTransaction(key=f"1{person.ref}", amount_minor=12_000, payment_id=payment.id, payer_account=ACCOUNT,
                        state="matched", text=WORDS, suggestions=[{"why": [NAME]}], **common),
        BankTransaction(key=f"2{person.ref}", amount_minor=700, payer_account=ACCOUNT, state="waiting", text=WORDS, suggestions=[], **common),
        BankTransaction(key=f"3{person.ref}", amount_minor=800, payer_account=None, state="waiting", text=f"from {NAME}",
                        suggestions=[{"customer": str(person.id), "why": [f"the name {NAME}"]}], **common),
    ])  # fmt: skip


def _cases(session: Session, seller: Seller, person: Customer) -> None:
    invoice = session.scalars(select(Invoice).where(Invoice.customer_id == person.id)).one()
    heard = session.scalars(select(Message).where(Message.direction == "in").order_by(Message.id.desc()).limit(1)).one()
    dispute = a_dispute(session, invoice, 500)
    dispute.description, dispute.resolution, dispute.state = WORDS, f"agreed with {NAME}", "resolved"
    dispute.lines.append(DisputeLine(invoice_line_id=invoice.lines[0].id, amount_minor=500))
    promise = Promise(
        seller_id=seller.id, customer_id=person.id, amount_minor=100, currency="EUR", promised_on=DAY, state="kept",
        made_at=THEN, made_on=DAY, words=WORDS, message_id=heard.id, channel="email",
        invoices=[PromisedInvoice(invoice_id=invoice.id)],
    )  # fmt: skip
    plan = PaymentPlan(
        seller_id=seller.id, customer_id=person.id, number=f"P-{person.ref}", currency="EUR", grace_days=2, state="kept",
        by=NAME, role="agent", proposed_at=THEN,
    )  # fmt: skip
    session.add_all([
        promise, plan,
        Complaint(seller_id=seller.id, customer_id=person.id, number=f"C-{person.ref}", about=WORDS, state="resolved",
                  opened_at=THEN, answer_by=DAY, resolution=f"called {NAME}", message_id=heard.id),
        Hold(seller_id=seller.id, customer_id=person.id, kind="reminders", reason=f"{NAME} is ill", owner="Kim",
             from_on=date(2026, 1, 1), until_on=date(2026, 2, 1), created_at=THEN, ended_why=WORDS),
        Reminder(invoice_id=invoice.id, customer_id=person.id, message_id=heard.id, rung="first", on=DAY, open_minor=12_500,
                 created_at=THEN),
    ])  # fmt: skip
    session.flush()
    session.add(PlanPart(plan_id=plan.id, position=1, due_on=DAY, amount_minor=100))


def _reminding(session: Session, seller: Seller, person: Customer, contact: Contact) -> None:
    """What reminders, replies to them, finance's rules and news keep."""
    invoice = session.scalars(select(Invoice).where(Invoice.customer_id == person.id)).one()
    heard = session.scalars(select(Message).where(Message.direction == "in").order_by(Message.id.desc()).limit(1)).one()
    rule = EscalationRule(
        seller_id=seller.id,
        name=f"large {person.ref}",
        version=1,
        state="on",
        document={},
        saved_by="Kim",
        saved_at=THEN,
    )
    session.add(rule)
    session.flush()
    whose: dict[str, Any] = {"seller_id": seller.id, "customer_id": person.id}
    fired = Escalation(
        **whose, rule_id=rule.id, rule=rule.name, about="customer", state_key="holds", fired_on=DAY, fired_at=THEN,
        facts={"overdue": 125, "said": WORDS}, level_at=THEN, owner="Kim", acknowledged_by=NAME, closed_by=NAME,
        closed_how=f"called {NAME}", ended_at=THEN, ended_why=WORDS, done=[{"level": 1, "told": f"{NAME} is late"}],
    )  # fmt: skip
    session.add(fired)
    session.flush()
    session.add_all([
        Approval(
            **whose, escalation_id=fired.id, kind="decision", subject=f"Call {NAME}", role="finance", state="approved",
            asks={"words": WORDS}, asked_at=THEN, asked_by=NAME, decided_by=NAME, why=WORDS, outcome=f"{NAME} answered",
        ),
        PaymentSaid(
            **whose, amount_minor=100, currency="EUR", said_on=DAY, until_on=DAY, state="arrived", said_at=THEN, settled_on=DAY,
            words=WORDS, message_id=heard.id, invoices=[SaidInvoice(invoice_id=invoice.id)],
        ),
        DocumentProblem(
            **whose, invoice_id=invoice.id, kind="other", wanted=f"a copy for {NAME}", state="put_right", opened_at=THEN,
            opened_on=DAY, settled_on=DAY, resolution=f"sent to {EMAIL}", by=NAME, words=WORDS, message_id=heard.id,
        ),
        ReminderSkip(
            invoice_id=invoice.id, customer_id=person.id, rung="first", on=DAY, by=NAME, why=f"spoke to {NAME}", skipped_at=THEN
        ),
        ReminderDecision(**whose, on=DAY, currency="EUR", rung="first", message_id=heard.id, decided_at=THEN),
        LadderChoice(**whose, scope="customer", ladder="gentle", by=NAME, why=WORDS, chosen_at=THEN, ended_at=THEN),
        Informed(
            **whose, step="invoice_issued", subject_id=invoice.id, happened_at=THEN, state="told", message_id=heard.id,
            look_at=THEN, settled_at=THEN,
        ),
        InformingWish(customer_id=person.id, contact_id=contact.id, step="shipped", is_on=True, at=THEN, by=NAME),
        Task(
            **whose, kind="call", about=f"call {NAME}", why=WORDS, state="done", opened_at=THEN, done_at=THEN, done_by=NAME,
            done_how=f"{NAME} was called on {PHONE}", details={"number": PHONE, "words": WORDS},
        ),
    ])  # fmt: skip


def _around(session: Session, seller: Seller, person: Customer, contact: Contact) -> None:
    """Places that are nobody's own and speak of the person all the same."""
    key = ApiKey(seller_id=seller.id, name="erp", start="parley_x", digest=f"d{person.ref}", scopes=[], created_at=THEN)
    stranger = Conversation(seller_id=seller.id, channel="chat", opened_at=THEN, updated_at=THEN)
    session.add_all([key, stranger])
    session.flush()
    session.add_all([
        IdempotentCall(api_key_id=key.id, key="k1", fingerprint="f", at=THEN, status=201,
                       answer={"id": str(contact.id), "name": NAME, "emails": [EMAIL]}),
        IdempotentCall(api_key_id=key.id, key="k2", fingerprint="f", at=THEN, status=201, answer={"name": "Kim"}),
        Message(conversation_id=stranger.id, direction="in", author="customer", channel="chat", delivery="received",
                text=f"I am {NAME}, write to {EMAIL.upper()} or call +31 6 12345678", created_at=THEN),
    ])  # fmt: skip
    note(
        session, "bank file imported", seller, at=THEN, who="system", why="by hand", seller_id=seller.id, payers=[NAME]
    )


def found_in(session: Session, trace: str) -> set[str]:
    """Every table in which that stands, in any column of any type, whoever's row it is: read off the mapping."""
    session.expire_all()
    found = set()
    for table in Row.metadata.sorted_tables:
        whole = cast(literal_column(f'"{table.name}".*::text'), Text)
        query = select(table.c[next(iter(table.c.keys()))]).where(whole.ilike(f"%{trace}%")).limit(1)
        if session.execute(query).first() is not None:
            found.add(table.name)
    return found
