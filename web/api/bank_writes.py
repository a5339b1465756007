"""What a person decides about money that waits: whose it is, or that it is left alone."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter, Response
from pydantic import Field

from o2c_core.actions.accept_match import accept_match
from o2c_core.actions.ignore_transaction import ignore_transaction
from o2c_core.invoices.bank import BankTransaction
from o2c_core.money import CurrenciesDiffer
from o2c_core.store.store import Store
from web.api.bank import TransactionTold, tell_transaction
from web.api.door import KeyedRoute, needs
from web.api.find import by_id, customer_by, ids_by_number
from web.api.payment_writes import ALLOCATIONS_MAX, SameInvoiceTwice, SetAgainst
from web.api.problems import described
from web.api.shapes import Asked, Prose, Ref
from web.api.writes import Write, WriteHere

router = APIRouter(route_class=KeyedRoute, tags=["bank"])
_WRITES = described(400, 404, 409)


class MatchAsked(Asked):
    """What the money pays. What the invoices leave stays as credit; without invoices it all is the customer's credit."""

    invoices: list[SetAgainst] = Field([], max_length=ALLOCATIONS_MAX)
    customer: Ref | None = None


class IgnoreAsked(Asked):
    why: Prose


@router.post("/bank/transactions/{transaction_id}/accept", response_model=TransactionTold, responses=_WRITES)
@needs("payments:write")
def post_match(transaction_id: UUID, asked: MatchAsked, write: WriteHere) -> Response:
    """Books a waiting transaction as a payment, for instance as one of its suggestions says."""

    def act(store: Store) -> TransactionTold:
        seller_id = write.caller.seller_id
        with write.store.session() as session:
            transaction = by_id(session, BankTransaction, seller_id, transaction_id)
            numbers = ids_by_number(session, seller_id, [part.invoice for part in asked.invoices])
            customer = customer_by(session, seller_id, asked.customer) if asked.customer else None
        if len(numbers) < len(asked.invoices):
            raise SameInvoiceTwice
        if any(part.amount.currency != transaction.currency for part in asked.invoices):
            raise CurrenciesDiffer
        parts = [(numbers[part.invoice], part.amount.money().minor) for part in asked.invoices]
        customer_id = customer.id if customer else None
        accept_match(transaction_id, parts, write.who, customer_id=customer_id, store=store)
        return _transaction(write, transaction_id)

    return write.carry_out(act, 200)


@router.post("/bank/transactions/{transaction_id}/ignore", response_model=TransactionTold, responses=_WRITES)
@needs("payments:write")
def post_ignore(transaction_id: UUID, asked: IgnoreAsked, write: WriteHere) -> Response:
    """Leaves a waiting transaction alone for good."""

    def act(store: Store) -> TransactionTold:
        with write.store.session() as session:
            by_id(session, BankTransaction, write.caller.seller_id, transaction_id)
        ignore_transaction(transaction_id, asked.why, write.who, store=store)
        return _transaction(write, transaction_id)

    return write.carry_out(act, 200)


def _transaction(write: Write, transaction_id: UUID) -> TransactionTold:
    with write.store.session() as session:
        return tell_transaction(by_id(session, BankTransaction, write.caller.seller_id, transaction_id))
