"""Record a customer's promise to pay; what was promised is not asked for until its day and grace are over."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.collectable import Collectable, collectable
from o2c_core.cases.moves import move
from o2c_core.cases.promise import GRACE_DAYS, MOVES, Promise, PromisedInvoice, check_day
from o2c_core.cases.promised_before import made_before, open_promises
from o2c_core.clock import today
from o2c_core.customers.authority import authority_of
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


class NothingToPromise(Refused):
    """Nothing is open and undisputed there, so there is nothing to promise."""


class PromisedTooMuch(Refused):
    """That is more than is open and undisputed there."""


@dataclass(frozen=True)
class Pledge:
    """What the customer says they will pay, and by when. Without an amount it is all that is open and undisputed.

    Without invoices it is about the account in one currency. `words` are the customer's own, `channel` where they came.
    """

    customer_id: UUID
    promised_on: date
    amount: Money | None = None
    invoice_ids: tuple[UUID, ...] = ()
    channel: str | None = None
    words: str | None = None
    message_id: UUID | None = None


@dataclass(frozen=True)
class Promised:
    """What was recorded, for telling the customer: the promise, its invoices' numbers and the promises it replaces."""

    promise: Promise
    numbers: tuple[str, ...]
    replaced: tuple[Promise, ...] = ()


def make_promise(pledge: Pledge, *, store: Store, role: str = "assistant", by: str = "assistant") -> Promised:
    """The recorded promise. The same one made again, or told in the same message, is found and changes nothing; another
    about the same invoices replaces the open one, as often as the role may agree to.

    Raises: NotFound when an invoice is not this customer's; NothingToPromise; PromisedTooMuch; PromisedInThePast;
    PromisedTooFar; PromisedTooOften; CurrenciesDiffer; BeyondAuthority.
    """
    now = store.clock.now()
    with store.session() as session:
        # The lock makes two promises of one customer take turns.
        customer = session.scalars(
            select(Customer).where(Customer.id == pledge.customer_id).with_for_update(key_share=True)
        ).one_or_none()
        if customer is None:
            raise NotFound(customer=str(pledge.customer_id))
        seller = session.get_one(Seller, customer.seller_id)
        day = today(store.clock, seller.time_zone)
        told = _told(session, pledge)
        if told is not None:
            return told
        about = _about(session, pledge)
        amount = _amount(pledge, about)
        same = open_promises(session, customer.id, amount.currency, about if pledge.invoice_ids else ())
        repeated = next((promise for promise in same if _says(promise, pledge, amount)), None)
        numbers = tuple(found.invoice.number for found in about) if pledge.invoice_ids else ()
        if repeated is not None:
            return Promised(repeated, numbers)
        authority = authority_of(role, seller)
        check_day(
            pledge.promised_on,
            earliest=min(day, today(store.clock, customer.time_zone or seller.time_zone)),
            today=day,
            due_on=min(found.invoice.due_on for found in about),
            days_max=authority.promise_days_max,
            again=made_before(session, customer.id, amount.currency, about, named=bool(pledge.invoice_ids)),
            again_max=authority.promises_again_max,
        )
        promise = Promise(
            seller_id=seller.id,
            customer_id=customer.id,
            amount_minor=amount.minor,
            currency=amount.currency,
            promised_on=pledge.promised_on,
            grace_days=GRACE_DAYS,
            state="open",
            made_at=now,
            made_on=day,
            channel=pledge.channel,
            words=pledge.words[:WORDS_CHARACTERS_MAX] if pledge.words else None,
            message_id=pledge.message_id,
            invoices=[PromisedInvoice(invoice_id=invoice_id) for invoice_id in dict.fromkeys(pledge.invoice_ids)],
        )
        session.add(promise)
        session.flush()
        for earlier in same:
            move(earlier, "replaced", MOVES)
            earlier.settled_on = day
            note(
                session, "promise replaced", earlier, at=now, who=by, why="another day was agreed",
                message_id=pledge.message_id, by=str(promise.id),
            )  # fmt: skip
        note(
            session,
            "promise made",
            promise,
            at=now,
            who=by,
            why="the customer promised to pay",
            message_id=pledge.message_id,
            amount=str(amount),
            on=pledge.promised_on.isoformat(),
            invoices=list(numbers),
            role=role,
        )
        withdraw_overtaken(session, customer.id, now)
        session.commit()
        return Promised(promise, numbers, tuple(same))


def _about(session: Session, pledge: Pledge) -> list[Collectable]:
    """The invoices the promise is about, with what is open on them.

    Raises: NotFound; NothingToPromise; CurrenciesDiffer.
    """
    theirs = Invoice.customer_id == pledge.customer_id
    if pledge.invoice_ids:
        about = collectable(session, theirs, Invoice.id.in_(pledge.invoice_ids), lock=True)
        if len(about) < len(set(pledge.invoice_ids)):
            raise NotFound
    else:
        about = collectable(session, theirs, open_minor() > 0)
        if pledge.amount is not None:
            about = [found for found in about if found.invoice.currency == pledge.amount.currency]
    about = [found for found in about if found.free_minor > 0 or pledge.invoice_ids]
    if len({found.invoice.currency for found in about}) > 1:
        raise CurrenciesDiffer
    if not any(found.free_minor for found in about):
        raise NothingToPromise
    return about


def _amount(pledge: Pledge, about: Sequence[Collectable]) -> Money:
    """Raises: PromisedTooMuch, also for nothing at all; CurrenciesDiffer."""
    free = Money(sum(found.free_minor for found in about), about[0].invoice.currency)
    amount = pledge.amount or free
    if amount > free or amount.minor <= 0:
        raise PromisedTooMuch(f"{amount} is more than the {free} that is open and undisputed there.")
    return amount


def _told(session: Session, pledge: Pledge) -> Promised | None:
    """The very same promise from the same message, whatever has become of it since."""
    if pledge.message_id is None or pledge.amount is None:
        return None
    query = select(Promise).where(Promise.customer_id == pledge.customer_id, Promise.message_id == pledge.message_id)
    made = session.scalars(query.options(selectinload(Promise.invoices)).order_by(Promise.id))
    told = next((promise for promise in made if _says(promise, pledge, pledge.amount)), None)
    if told is None:
        return None
    named = select(Invoice.number).where(Invoice.id.in_(pledge.invoice_ids)).order_by(Invoice.due_on, Invoice.number)
    return Promised(told, tuple(session.scalars(named)))


def _says(promise: Promise, pledge: Pledge, amount: Money) -> bool:
    named = {named.invoice_id for named in promise.invoices}
    return (promise.amount, promise.promised_on, named) == (amount, pledge.promised_on, set(pledge.invoice_ids))
