"""A person says whose money it is and which invoices it pays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.match_money import book
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound, Overtaken, Refused
from o2c_core.invoices.allocation import MoreThanIsLeft, NotAboveZero, OtherCurrency
from o2c_core.invoices.bank import BankTransaction
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.matching_facts import Matched, MatchedPart, because
from o2c_core.invoices.posting import locked, locked_invoices, open_of
from o2c_core.invoices.reference import plain_reference
from o2c_core.money import Money
from o2c_core.store.store import Store

ACCEPTED = "accepted"


class NotWaiting(Overtaken):
    """That transaction does not wait any more."""


class NotMoneyIn(Refused):
    """Only money that came in can pay invoices."""


class NobodyNamed(Refused):
    """Say which invoices the money pays, or whose credit it is."""


class SeveralCustomers(Refused):
    """One amount is booked with one customer; these invoices are of several."""


class NoLongerOpen(Refused):
    """Less is open on that invoice than is to be paid."""


@dataclass(frozen=True)
class Accepted:
    """The payment the transaction became, and what is left of it as credit with the customer."""

    payment_id: UUID
    customer_id: UUID
    rest: Money


def accept_match(
    transaction_id: UUID,
    parts: Sequence[tuple[str | UUID, int]],
    by: str,
    *,
    store: Store,
    customer_id: UUID | None = None,
) -> Accepted:
    """Book a waiting transaction as that person says: so many minor units on each invoice (its number or id).

    What the parts leave stays as credit with the customer; without parts `customer_id` says whose it all is. The payer's
    account is remembered. Everything is done or nothing is.

    Raises: NotFound; NotWaiting; NotMoneyIn; NobodyNamed; SeveralCustomers; OtherCurrency; NotAboveZero; NoLongerOpen;
    MoreThanIsLeft.
    """
    with store.session() as session:
        transaction = locked(session, BankTransaction, transaction_id)
        check_waiting(transaction)
        if transaction.direction != "in" or transaction.is_reversal:
            raise NotMoneyIn(transaction=str(transaction_id))
        wanted = _wanted(session, transaction.seller_id, parts)
        invoices = locked_invoices(session, Invoice.id.in_(wanted))
        customer = _customer(session, transaction.seller_id, invoices, customer_id)
        _check(session, transaction, invoices, wanted)
        matched = tuple(MatchedPart(one.id, one.number, wanted[one.id]) for one in invoices)
        rest = transaction.amount_minor - sum(wanted.values())
        answer = Matched(customer, matched, rest, ACCEPTED, (because("accepted", by=by),))
        book(session, transaction, answer, now=store.clock.now(), by=by)
        session.commit()
        assert transaction.payment_id is not None
        return Accepted(transaction.payment_id, customer, Money(rest, transaction.currency))


def check_waiting(transaction: BankTransaction) -> None:
    """Raises: NotWaiting, with what became of it."""
    if transaction.state != "waiting":
        raise NotWaiting(
            f"That transaction does not wait any more: it is {transaction.state}.", transaction=str(transaction.id)
        )


def _wanted(session: Session, seller_id: UUID, parts: Sequence[tuple[str | UUID, int]]) -> dict[UUID, int]:
    """Minor units by invoice; what is named twice is added up. Raises: NotFound; NotAboveZero."""
    wanted: dict[UUID, int] = {}
    for named, minor in parts:
        if minor <= 0:
            raise NotAboveZero(minor=minor)
        id_ = named if isinstance(named, UUID) else invoice_named(session, seller_id, named).id
        wanted[id_] = wanted.get(id_, 0) + minor
    known = set(session.scalars(select(Invoice.id).where(Invoice.seller_id == seller_id, Invoice.id.in_(wanted))))
    for id_ in wanted:
        if id_ not in known:
            raise NotFound("There is no such invoice.", invoice=str(id_))
    return wanted


def invoice_named(session: Session, seller_id: UUID, number: str) -> Invoice:
    """The seller's invoice of that number, else the only one it can mean without spaces and dashes. Raises: NotFound."""
    theirs = select(Invoice).where(Invoice.seller_id == seller_id)
    exact = session.scalars(theirs.where(Invoice.number == number.strip())).one_or_none()
    if exact is not None:
        return exact
    meant = session.scalars(theirs.where(Invoice.plain_number == plain_reference(number)).limit(2)).all()
    if len(meant) != 1:
        raise NotFound(f"There is no invoice {number}.", invoice=number)
    return meant[0]


def _customer(session: Session, seller_id: UUID, invoices: Sequence[Invoice], given: UUID | None) -> UUID:
    customers = {invoice.customer_id for invoice in invoices} | ({given} if given else set())
    if not customers:
        raise NobodyNamed
    if len(customers) > 1:
        raise SeveralCustomers(invoices=[invoice.number for invoice in invoices])
    (only,) = customers
    found = session.scalars(select(Customer.id).where(Customer.id == only, Customer.seller_id == seller_id)).first()
    if found is None:
        raise NotFound("There is no such customer.", customer=str(only))
    return only


def _check(
    session: Session, transaction: BankTransaction, invoices: Sequence[Invoice], wanted: dict[UUID, int]
) -> None:
    amount = Money(transaction.amount_minor, transaction.currency)
    left = open_of(session, wanted)
    for invoice in invoices:
        part = wanted[invoice.id]
        if invoice.currency != amount.currency:
            raise OtherCurrency(
                f"{amount} cannot pay invoice {invoice.number}, which is in {invoice.currency}.", invoice=invoice.number
            )
        if left[invoice.id] <= 0:
            raise NoLongerOpen(f"Nothing is open on invoice {invoice.number} any more.", invoice=invoice.number)
        if part > left[invoice.id]:
            raise NoLongerOpen(
                f"{Money(part, amount.currency)} cannot be set against invoice {invoice.number}: "
                f"{Money(left[invoice.id], amount.currency)} is open on it.",
                invoice=invoice.number,
            )
    together = Money(sum(wanted.values()), amount.currency)
    if together > amount:
        raise MoreThanIsLeft(f"The parts come to {together}, and the transaction is {amount}.", amount=str(amount))
