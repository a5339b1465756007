"""What the bank reported, and the suggestions for what nobody has matched yet."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

from fastapi import APIRouter, Query
from pydantic import Field
from sqlalchemy import select

from o2c_core.invoices.bank import BankTransaction
from web.api.door import CallerHere, KeyedRoute, StoreHere, needs
from web.api.find import by_id
from web.api.paging import Page, PagingHere
from web.api.problems import described
from web.api.shapes import Amount, Told, amount

router = APIRouter(route_class=KeyedRoute, tags=["bank"])


class TransactionTold(Told):
    """One amount on one of the seller's bank accounts."""

    id: UUID
    key: str
    booked_on: date
    value_on: date | None
    amount: Amount
    direction: str = Field(description="in or out.")
    is_reversal: bool
    payer_name: str | None
    payer_account: str | None
    reference: str | None
    text: str | None
    end_to_end: str | None
    bank_reference: str | None
    state: str = Field(description="waiting, matched, ignored or reversed.")
    state_why: str | None
    payment: UUID | None
    suggestions: list[dict[str, Any]] = Field(description="The best first, each with its reasons.")


@router.get("/bank/transactions", responses=described(400))
@needs("payments:read")
def list_transactions(
    caller: CallerHere,
    store: StoreHere,
    paging: PagingHere,
    state: Annotated[Literal["waiting", "matched", "ignored", "reversed"] | None, Query()] = None,
) -> Page[TransactionTold]:
    query = select(BankTransaction).where(BankTransaction.seller_id == caller.seller_id)
    if state is not None:
        query = query.where(BankTransaction.state == state)
    with store.session() as session:
        return paging.page(session, query, BankTransaction.id, lambda rows: [tell_transaction(row[0]) for row in rows])


@router.get("/bank/transactions/{transaction_id}", responses=described(404))
@needs("payments:read")
def read_transaction(transaction_id: UUID, caller: CallerHere, store: StoreHere) -> TransactionTold:
    with store.session() as session:
        return tell_transaction(by_id(session, BankTransaction, caller.seller_id, transaction_id))


def tell_transaction(row: BankTransaction) -> TransactionTold:
    same = {name: getattr(row, name) for name in TransactionTold.model_fields if name not in ("amount", "payment")}
    return TransactionTold(amount=amount(row.amount_minor, row.currency), payment=row.payment_id, **same)
