"""A provider says what became of an online payment: money that came is booked once, on what the customer chose to pay."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from o2c_core.actions.record_payment import book_payment
from o2c_core.conversations.task import Task
from o2c_core.conversations.tasks import open_task, owner_of
from o2c_core.customers.seller import Seller
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.online_payment import STATES, OnlinePayment
from o2c_core.invoices.pay_provider import TakenBack, Word
from o2c_core.invoices.posting import ledger_day, locked_invoices, open_of
from o2c_core.money import Money
from o2c_core.store.store import Store
from o2c_core.trail import note

TASK = "provider"
_UNLIKE = "{provider} says {said} was paid where {asked} was asked for. Nothing was booked: look at the payment there."
_OTHER_KEY = (
    "{provider} says another payment than the one that was begun was paid. Nothing was booked: look at both there."
)
_BACK = {
    "refund": "{amount} was refunded at {provider}. What it paid is still settled here: take the payment back, or not.",
    "dispute": "The payer disputes {amount} at {provider}. What it paid is still settled here: answer it there, or take it back.",
}  # fmt: skip


def settle_online_payment(word: Word, *, provider: str, store: Store) -> str:
    """What became of it: its new state, "known" when that is nothing new, "unlike" when what was paid is not what was asked
    for, "unknown" when no payment of ours is meant.

    The same word again changes nothing, an old word never undoes a newer one, and of two at once the second waits for the
    first. Money is booked with the state, its allocations and the reminders it makes pointless, in one transaction. What
    was paid by another way in the meantime is not paid twice: what is over stays with the customer as unapplied money.
    """
    with store.session() as session:
        payment = _found(session, provider, word.key, word.id)
        if payment is None:
            return "unknown"
        outcome = _settled(session, payment, word, store)
        session.commit()
        return outcome


def note_taken_back(back: TakenBack, *, provider: str, store: Store) -> bool:
    """Ask a person about money that left again at the provider; whether it was of a payment of ours.

    Taking a payment back opens invoices again, and whether that is right (or the refund was agreed, or the dispute will be
    won) is not ours to guess.
    """
    with store.session() as session:
        payment = _found(session, provider, back.key, back.id)
        if payment is None:
            return False
        said = str(back.amount or payment.amount)
        why = _BACK[back.kind].format(amount=said, provider=provider)
        _ask(
            session, payment, why, f"{back.kind} {back.return_key}", store.clock.now(), amount=said, what_left=back.kind
        )
        session.commit()
        return True


def _found(session: Session, provider: str, key: str, id_: UUID | None) -> OnlinePayment | None:
    """The payment meant, ours until the transaction ends. Our own id goes before the provider's: its webhook may come
    before its answer to us did."""
    which = OnlinePayment.provider_key == key
    query = select(OnlinePayment).where(
        OnlinePayment.provider == provider, which if id_ is None else or_(OnlinePayment.id == id_, which)
    )
    found = session.scalars(
        query.order_by(OnlinePayment.id).with_for_update().execution_options(populate_existing=True)
    ).all()
    return next((one for one in found if one.id == id_), found[0] if found else None)


def _settled(session: Session, payment: OnlinePayment, word: Word, store: Store) -> str:
    now = store.clock.now()
    if payment.provider_key is None:
        payment.provider_key = word.key
    if payment.provider_key != word.key or (word.id is not None and word.id != payment.id):
        if word.standing == "paid":
            why = _OTHER_KEY.format(provider=payment.provider)
            _ask(session, payment, why, f"other payment {word.key}", now, key=word.key)
        return "unlike"
    if word.standing not in STATES[payment.state]:
        return "known"
    if word.standing != "paid":
        payment.state, payment.why = word.standing, word.why
        if word.standing != "open":
            # Its page leads nowhere any more, and an address that is of no use is not kept.
            payment.settled_at, payment.page_url = now, None
            note(
                session, f"online payment {word.standing}", payment, at=now, who=payment.provider, why=word.why or "",
                customer_id=payment.customer_id, provider=payment.provider,
            )  # fmt: skip
        return word.standing
    if word.amount != payment.amount:
        said = str(word.amount) if word.amount else "another amount"
        why = _UNLIKE.format(provider=payment.provider, said=said, asked=payment.amount)
        _ask(session, payment, why, f"amount of {word.key}", now, key=word.key, said=said)
        return "unlike"
    _book(session, payment, store)
    payment.state, payment.why, payment.settled_at, payment.page_url = "paid", word.why, now, None
    note(
        session, "online payment paid", payment, at=now, who=payment.provider, customer_id=payment.customer_id,
        amount=str(payment.amount), payment=str(payment.payment_id),
    )  # fmt: skip
    return "paid"


def _book(session: Session, payment: OnlinePayment, store: Store) -> None:
    chosen = {UUID(part["invoice_id"]): int(part["minor"]) for part in payment.parts}
    # Locked before it is read what is left of them, so that nobody else's money comes in between.
    locked_invoices(session, Invoice.id.in_(list(chosen)))
    left = open_of(session, chosen)
    wanted = {
        invoice_id: Money(min(minor, left[invoice_id]), payment.currency)
        for invoice_id, minor in chosen.items()
        if left.get(invoice_id, 0) > 0
    }
    recorded = book_payment(
        session,
        payment.customer_id,
        payment.amount,
        ledger_day(session, payment.seller_id, store.clock),
        clock=store.clock,
        source_key=f"{payment.provider}:{payment.provider_key}",
        wanted=wanted or None,
        method=payment.provider,
        by=payment.provider,
    )
    payment.payment_id = recorded.payment.id


def _ask(session: Session, payment: OnlinePayment, why: str, what: str, now: datetime, **details: Any) -> None:
    """A task for a person, once: the same word comes again long after somebody saw to it."""
    about = f"online payment {payment.id} {what}"
    if session.scalars(select(Task.id).where(Task.kind == TASK, Task.about == about)).first() is not None:
        return
    seller = session.get_one(Seller, payment.seller_id)
    open_task(
        session, TASK, about, why, at=now, seller_id=payment.seller_id, customer_id=payment.customer_id,
        owner=owner_of(seller, TASK), provider=payment.provider, asked=str(payment.amount), **details,
    )  # fmt: skip
