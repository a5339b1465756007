"""Note that a customer says they paid: nobody is reminded of it while the money may be under way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.bank_days import transfer_days
from o2c_core.cases.collectable import Collectable, collectable
from o2c_core.cases.moves import move
from o2c_core.cases.payment_said import (
    MOVES,
    SAID_AGAIN_MAX,
    PaymentSaid,
    SaidInvoice,
    should_be_here,
    waits_until,
)
from o2c_core.clock import today
from o2c_core.conversations.payments_said import trace
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import CurrenciesDiffer, Money
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note

WORDS_CHARACTERS_MAX = 2000
# What was said so long ago is another story.
AGAIN_DAYS = 60


class NothingSaidOpen(Refused):
    """Nothing is open there, so no payment is waited for."""


class PaidInTheFuture(Refused):
    """Nobody has paid on a day that is still to come; that is a promise."""


@dataclass(frozen=True)
class Payment:
    """What the customer says: how much (without an amount all that is open), when, and for which invoices of one
    currency; without invoices it is about the account."""

    customer_id: UUID
    invoice_ids: tuple[UUID, ...] = ()
    amount: Money | None = None
    paid_on: date | None = None
    channel: str | None = None
    words: str | None = None
    message_id: UUID | None = None


@dataclass(frozen=True)
class Noted:
    """What was recorded, for telling the customer. `is_traced` when a person is looking for the money already, and
    `transfer_days` how many banking days it may take."""

    said: PaymentSaid
    numbers: tuple[str, ...]
    transfer_days: int
    is_traced: bool


def note_payment_said(payment: Payment, *, store: Store, by: str = "customer") -> Noted:
    """The recorded words. Told in the same message again they are found and change nothing; said anew about the same
    invoices they take the place of what was said before, and whoever says so for long without money coming is looked
    for at once instead of waited for.

    Raises: NotFound when an invoice is not this customer's; NothingSaidOpen; PaidInTheFuture; CurrenciesDiffer.
    """
    now = store.clock.now()
    with store.session() as session:
        # The lock makes two of the same take turns.
        customer = session.scalars(
            select(Customer).where(Customer.id == payment.customer_id).with_for_update(key_share=True)
        ).one_or_none()
        if customer is None:
            raise NotFound(customer=str(payment.customer_id))
        seller = session.get_one(Seller, customer.seller_id)
        day = today(store.clock, seller.time_zone)
        if payment.paid_on is not None and payment.paid_on > day:
            raise PaidInTheFuture(paid_on=payment.paid_on.isoformat())
        found = _about(session, payment)
        currency = found[0].invoice.currency
        days = transfer_days(currency, payment.paid_on or day, own=(seller.settings or {}).get("transfer_days"))
        numbers = tuple(one.invoice.number for one in found) if payment.invoice_ids else ()
        told = _told(session, payment)
        if told is not None:
            return Noted(told, numbers, days, told.traced_on is not None)
        earlier = _said_before(session, customer.id, currency, payment.invoice_ids, day)
        is_doubted = len(earlier) > SAID_AGAIN_MAX or any(one.state == "not_arrived" for one in earlier)
        said = PaymentSaid(
            seller_id=seller.id,
            customer_id=customer.id,
            amount_minor=payment.amount.minor if payment.amount else sum(one.open_minor for one in found),
            currency=currency,
            paid_on=payment.paid_on,
            said_on=day,
            until_on=waits_until(payment.paid_on, day, days, currency, seller.country, is_doubted=is_doubted),
            state="open",
            said_at=now,
            channel=payment.channel,
            words=payment.words[:WORDS_CHARACTERS_MAX] if payment.words else None,
            message_id=payment.message_id,
            proof_file_id=_proof(session, payment.message_id),
            invoices=[SaidInvoice(invoice_id=one) for one in dict.fromkeys(payment.invoice_ids)],
        )
        session.add(said)
        session.flush()
        for one in earlier:
            if "replaced" in MOVES[one.state]:
                move(one, "replaced", MOVES)
                one.settled_on = day
        note(
            session, "payment said", said, at=now, who=by, why="the customer says they paid", message_id=payment.message_id,
            amount=str(said.amount), paid_on=payment.paid_on.isoformat() if payment.paid_on else None,
            until=said.until_on.isoformat(), invoices=list(numbers), has_proof=said.proof_file_id is not None,
        )  # fmt: skip
        if is_doubted or should_be_here(payment.paid_on, day, days, currency, seller.country):
            trace(
                session,
                said,
                f"The customer says they paid {said.amount}; it should be here by now. Look for it.",
                day,
                now,
            )
        withdraw_overtaken(session, customer.id, now)
        session.commit()
        return Noted(said, numbers, days, said.traced_on is not None)


def _about(session: Session, payment: Payment) -> list[Collectable]:
    """What it is about, with what is open on it; one currency.

    Raises: NotFound; NothingSaidOpen; CurrenciesDiffer.
    """
    theirs = Invoice.customer_id == payment.customer_id
    if payment.invoice_ids:
        found = collectable(session, theirs, Invoice.id.in_(payment.invoice_ids))
        if len(found) < len(set(payment.invoice_ids)):
            raise NotFound
    else:
        found = collectable(session, theirs, open_minor() > 0)
        if payment.amount is not None:
            found = [one for one in found if one.invoice.currency == payment.amount.currency]
    if not any(one.open_minor > 0 for one in found):
        raise NothingSaidOpen
    currencies = {one.invoice.currency for one in found} | ({payment.amount.currency} if payment.amount else set())
    if len(currencies) > 1:
        raise CurrenciesDiffer
    return found


def _told(session: Session, payment: Payment) -> PaymentSaid | None:
    if payment.message_id is None:
        return None
    query = select(PaymentSaid).where(
        PaymentSaid.customer_id == payment.customer_id, PaymentSaid.message_id == payment.message_id
    )
    told = session.scalars(query.options(selectinload(PaymentSaid.invoices)).order_by(PaymentSaid.id)).all()
    wanted = set(payment.invoice_ids)
    return next((one for one in told if {named.invoice_id for named in one.invoices} == wanted), None)


def _said_before(
    session: Session, customer_id: UUID, currency: str, invoice_ids: Sequence[UUID], day: date
) -> list[PaymentSaid]:
    """What was said about any of the same before and brought no money; about the account, what was said about that."""
    query = (
        select(PaymentSaid)
        .where(
            PaymentSaid.customer_id == customer_id,
            PaymentSaid.currency == currency,
            PaymentSaid.state != "arrived",
            PaymentSaid.said_on > day - timedelta(days=AGAIN_DAYS),
        )
        .options(selectinload(PaymentSaid.invoices))
        .order_by(PaymentSaid.id)
    )
    wanted = set(invoice_ids)
    return [
        one
        for one in session.scalars(query)
        if (wanted & {named.invoice_id for named in one.invoices} if wanted else not one.invoices)
    ]


def _proof(session: Session, message_id: UUID | None) -> UUID | None:
    """The largest file that came along, which is the proof rather than the logo under the mail."""
    if message_id is None:
        return None
    query = (
        select(ReceivedFile.id)
        .where(ReceivedFile.message_id == message_id, func.coalesce(ReceivedFile.refused_why, "") == "")
        .order_by(ReceivedFile.size.desc(), ReceivedFile.id)
    )
    return session.scalars(query.limit(1)).one_or_none()
