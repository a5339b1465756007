"""What was credited and paid back, and what is still held; a new refund is a person's to decide."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session, selectinload

from bot.desk import Desk
from bot.tools.bank_details import names_own_account
from bot.tools.documents import Meant, find_document
from bot.tools.invoices import customer_of
from bot.tools.people import call_person
from bot.tools.tool import LAST, OfDocument, Tool
from o2c_core.invoices.account import unapplied_minor
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.invoices.payment import Allocation, Payment, PaymentReturn
from o2c_core.money import Money
from o2c_core.orders.order import Order, quantities_of

# What is older than that and settled is not what somebody asks about who names no document.
LOOKS_BACK = timedelta(days=180)
# Among how many of the latest orders goods are looked for that came back.
ORDERS_SEARCHED = 20


def refund_status(desk: Desk, number: str | None) -> str:
    """What came of each credit and repayment; of goods that came back, where that stands; for a new refund a person."""
    customer_id = customer_of(desk)
    said: list[str] = []
    with desk.store.session() as session:
        meant = find_document(session, customer_id, number) if number and number != LAST else Meant()
        note = _note(session, customer_id, number) if number and number != LAST else None
        if number and number != LAST and meant == Meant() and note is None:
            return desk.say("not_on_account")
        notes = [note] if note else _notes(desk, session, meant)
        for one in notes[: desk.rows_max]:
            said += _credit(desk, session, one)
        if number is None or number == LAST:
            said += _paid_back(desk, session)
            said += _money_held(desk, session)
        returned = _returned(desk, session, meant) if not said else []
        said += returned
        if said and not returned and note is None and meant == Meant():
            said.append(desk.say("refund.something_else"))
    own = [desk.say("payment.no_details")] if names_own_account(desk) else []
    if said:
        return " ".join([*said, *own])
    document = meant.invoice or meant.order
    about = document.number if document else "something on the account"
    person = call_person(desk, "beyond_authority", f"asks for money back for {about}; there is no credit for it yet")
    return " ".join([desk.say("refund.none"), person, *own])


def _note(session: Session, customer_id: UUID, number: str | None) -> CreditNote | None:
    query = select(CreditNote).where(
        CreditNote.customer_id == customer_id, func.upper(CreditNote.number) == str(number).upper()
    )
    return session.scalars(query).one_or_none()


def _notes(desk: Desk, session: Session, meant: Meant) -> list[CreditNote]:
    """The credit notes for that invoice or order, newest first; without one the recent ones and those still held."""
    query = select(CreditNote).where(CreditNote.customer_id == customer_of(desk))
    if meant.invoice is not None or meant.order is not None:
        invoices = select(Invoice.id).where(Invoice.customer_id == customer_of(desk), _mine(meant))
        against = select(Allocation.credit_note_id).where(
            Allocation.invoice_id.in_(invoices), Allocation.credit_note_id.is_not(None)
        )
        query = query.where(or_(CreditNote.invoice_id.in_(invoices), CreditNote.id.in_(against)))
    else:
        recent = CreditNote.issued_on >= desk.today - LOOKS_BACK
        query = query.where(or_(recent, unapplied_minor(CreditNote) > 0))
    return list(session.scalars(query.order_by(CreditNote.issued_on.desc(), CreditNote.number.desc()).limit(20)))


def _mine(meant: Meant) -> ColumnElement[bool]:
    """The invoice that is meant, or those of the order that is."""
    if meant.invoice is not None:
        return Invoice.id == meant.invoice.id
    return Invoice.order_id == (meant.order.id if meant.order else None)


def _credit(desk: Desk, session: Session, note: CreditNote) -> list[str]:
    """What it is for, what of it was set against which invoice, what was paid out and when, and what is left."""
    facts, source = desk.facts, f"credit note {note.number}"
    whole = Money(note.total_minor, note.currency)
    said = [
        desk.say(
            "refund.credit_note",
            number=facts.text(note.number, source),
            issued_on=facts.day(note.issued_on, f"{source} date"),
            amount=facts.money(whole, f"{source} total"),
        )
    ]
    set_against = (
        select(Invoice.number, func.sum(Allocation.amount_minor))
        .join(Allocation, Allocation.invoice_id == Invoice.id)
        .where(Allocation.credit_note_id == note.id, Invoice.customer_id == note.customer_id)
        .group_by(Invoice.number)
        .having(func.sum(Allocation.amount_minor) != 0)
        .order_by(Invoice.number)
    )
    for invoice, minor in session.execute(set_against):
        amount = Money(int(minor), note.currency)
        places = {"invoice": facts.text(invoice, f"invoice {invoice}")}
        if amount == whole:
            said.append(desk.say("refund.set_whole", **places))
        else:
            said.append(
                desk.say("refund.set_part", amount=facts.money(amount, f"{source} against {invoice}"), **places)
            )
    said += _paid_out(desk, session, note, whole)
    left = Money(
        int(session.execute(select(unapplied_minor(CreditNote)).where(CreditNote.id == note.id)).scalar_one()),
        note.currency,
    )
    if left == whole:
        said.append(desk.say("refund.held_whole"))
    elif left.minor > 0:
        said.append(desk.say("refund.held", amount=facts.money(left, f"{source} left")))
    return said


def _paid_out(desk: Desk, session: Session, note: CreditNote, whole: Money) -> list[str]:
    query = select(PaymentReturn).where(PaymentReturn.credit_note_id == note.id).order_by(PaymentReturn.returned_on)
    said = []
    for one in session.scalars(query):
        amount = Money(one.amount_minor, one.currency)
        source = f"credit note {note.number} repayment {one.id}"
        on = desk.facts.day(one.returned_on, f"{source} date")
        if amount == whole:
            said.append(desk.say("refund.paid_out_whole", on=on))
        else:
            said.append(desk.say("refund.paid_out", on=on, amount=desk.facts.money(amount, f"{source} amount")))
    return said


def _paid_back(desk: Desk, session: Session) -> list[str]:
    """What was paid back of payments lately; what was paid out of a credit note is told with that."""
    query = (
        select(PaymentReturn)
        .where(
            PaymentReturn.customer_id == customer_of(desk),
            PaymentReturn.kind == "refund",
            PaymentReturn.payment_id.is_not(None),
            PaymentReturn.returned_on >= desk.today - LOOKS_BACK,
        )
        .order_by(PaymentReturn.returned_on.desc(), PaymentReturn.id.desc())
        .limit(desk.rows_max)
    )
    return [
        desk.say(
            "refund.payment_back",
            on=desk.facts.day(one.returned_on, f"repayment {one.id} date"),
            amount=desk.facts.money(Money(one.amount_minor, one.currency), f"repayment {one.id} amount"),
        )
        for one in session.scalars(query)
    ]


def _money_held(desk: Desk, session: Session) -> list[str]:
    left = unapplied_minor(Payment)
    query = (
        select(Payment, left)
        .where(Payment.customer_id == customer_of(desk), left > 0)
        .order_by(Payment.received_on.desc(), Payment.id.desc())
        .limit(desk.rows_max)
    )
    return [
        desk.say(
            "refund.money_held",
            amount=desk.facts.money(Money(int(minor), one.currency), f"payment {one.id} unapplied"),
            received_on=desk.facts.day(one.received_on, f"payment {one.id} date"),
        )
        for one, minor in session.execute(query)
    ]


def _returned(desk: Desk, session: Session, meant: Meant) -> list[str]:
    """Of goods that came back and are not credited yet, that they are here."""
    query = (
        select(Order)
        .where(Order.customer_id == customer_of(desk))
        .options(selectinload(Order.lines), selectinload(Order.shipments))
        .order_by(Order.ordered_on.desc().nulls_last(), Order.number.desc())
        .limit(ORDERS_SEARCHED)
    )
    order_id = meant.order.id if meant.order else meant.invoice.order_id if meant.invoice else None
    if meant != Meant():
        query = query.where(Order.id == order_id)
    said = []
    for order in session.scalars(query):
        back = [quantities_of(line, order.shipments) for line in order.lines]
        if not any(here.returned > 0 for here in back):
            continue
        key = "refund.returned" if all(here.kept <= 0 and here.open <= 0 for here in back) else "refund.returned_part"
        said.append(desk.say(key, number=desk.facts.text(order.number, f"order {order.number}")))
    return said[: desk.rows_max]


TOOLS = (
    Tool(
        "refund_status",
        "What was credited or paid back, when, against what, and what is still held. A new refund goes to a person.",
        refund_status,
        OfDocument,
    ),
)
