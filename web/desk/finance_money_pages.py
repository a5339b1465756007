"""Where finance says what money from the bank is for: the list, one amount of it, and what may be done with it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.accept_match import NobodyNamed, accept_match
from o2c_core.actions.allocate_payment import allocate_payment
from o2c_core.actions.ignore_transaction import ignore_transaction
from o2c_core.actions.release_allocation import release_allocation
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.bank import BankTransaction
from o2c_core.invoices.payment import Allocation
from o2c_core.invoices.waiting import waiting_money
from o2c_core.money import Money, total
from o2c_core.store.store import Store
from web.customer_pages import not_found
from web.desk.door import SignedHere, desk_router, needs, saw
from web.desk.finance_money import booked_lately, looked, parts_written, plain
from web.desk.place import Place, SellerRef, done, key_of, nobodys_books, place_of
from web.reader import Reader

MONEY_SHOWN = 50
# What the page says by the word its address ends with.
DONE = {
    "booked": "It is booked. What it makes pointless is withdrawn, and the customer is thanked as the seller's settings say.",
    "ignored": "It is left alone, and does not come back.",
    "released": "It is taken back: the invoice is open again and the money is unapplied.",
    "set": "It is set against what you wrote.",
}

Parts = Annotated[list[str] | None, Form()]
Why = Annotated[str, Form(max_length=500)]


class WhyIsMissing(Refused):
    """Say in a few words why."""


def money_pages(store: Store) -> APIRouter:
    router = desk_router(store)

    def one(
        transaction_id: str,
        *,
        notice: str = "",
        status: int = 200,
        customer: str = "",
        words: str = "",
        fill: bool = False,
        request: Request | None = None,
    ) -> Response:
        key = key_of(transaction_id)
        with store.session() as session:
            transaction = session.get(BankTransaction, key) if key else None
            place = _place_of(session, store, transaction) if transaction else None
            found = (
                looked(session, transaction.id, place.reader, customer=customer, words=words, fill=fill)
                if transaction and place
                else None
            )
            if found is None or place is None:
                return not_found("money")
            if request is not None and found.customer is not None:
                saw(request, customer_id=found.customer.id, seller_id=place.seller.id)
            return place.page(
                "finance_money_one.html",
                status,
                found=found,
                notice=notice,
                notice_tone="good" if status == 200 else "bad",
                words=words,
            )

    def doing(transaction_id: str, act: Callable[[BankTransaction, Reader], str], customer: str = "") -> Response:
        key = key_of(transaction_id)
        with store.session() as session:
            transaction = session.get(BankTransaction, key) if key else None
            place = _place_of(session, store, transaction) if transaction else None
        if transaction is None or place is None:
            return not_found("money")
        return done(
            f"/finance/money/{transaction.id}",
            lambda: act(transaction, place.reader),
            lambda sentence, status: one(transaction_id, notice=sentence, status=status, customer=customer),
        )

    @router.get("/finance/money")
    @needs("see_finance")
    def money(seller: SellerRef = "", show: Annotated[str, Query(max_length=20)] = "") -> Response:
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            found = waiting_money(session, place.seller.id, limit=MONEY_SHOWN + 1)
            return place.page(
                "finance_money.html",
                waiting=found[:MONEY_SHOWN],
                has_more=len(found) > MONEY_SHOWN,
                plain=plain,
                money=Money,
                booked=booked_lately(session, place.seller.id) if show == "booked" else None,
            )

    @router.get("/finance/money/{transaction_id}")
    @needs("see_finance")
    def one_amount(
        request: Request,
        transaction_id: str,
        customer: Annotated[str, Query(max_length=100)] = "",
        q: Annotated[str, Query(max_length=100)] = "",
        fill: Annotated[str, Query(max_length=10)] = "",
        said: Annotated[str, Query(alias="done", max_length=20)] = "",
    ) -> Response:
        return one(
            transaction_id,
            notice=DONE.get(said, ""),
            customer=customer,
            words=q.strip(),
            fill=fill == "oldest",
            request=request,
        )

    @router.post("/finance/money/{transaction_id}/book")
    @needs("match_money")
    def booking(
        who: SignedHere,
        transaction_id: str,
        customer: Annotated[str, Form(max_length=100)] = "",
        invoice: Parts = None,
        amount: Parts = None,
    ) -> Response:
        def act(transaction: BankTransaction, reader: Reader) -> str:
            parts = parts_written(invoice or (), amount or (), transaction.currency, reader)
            whose = _customer(store, transaction.seller_id, customer)
            accept_match(
                transaction.id, [(id_, part.minor) for id_, part in parts], who.name, store=store, customer_id=whose
            )
            return "booked"

        return doing(transaction_id, act, customer)

    @router.post("/finance/money/{transaction_id}/ignore")
    @needs("match_money")
    def ignoring(who: SignedHere, transaction_id: str, why: Why = "") -> Response:
        def act(transaction: BankTransaction, _: Reader) -> str:
            ignore_transaction(transaction.id, why, who.name, store=store)
            return "ignored"

        return doing(transaction_id, act)

    @router.post("/finance/money/{transaction_id}/release")
    @needs("match_money")
    def releasing(
        who: SignedHere, transaction_id: str, allocation: Annotated[str, Form(max_length=60)], why: Why = ""
    ) -> Response:
        def act(transaction: BankTransaction, _: Reader) -> str:
            if not why.strip():
                raise WhyIsMissing
            release_allocation(_of(store, transaction, allocation), why.strip(), store=store, by=who.name)
            return "released"

        return doing(transaction_id, act)

    @router.post("/finance/money/{transaction_id}/set")
    @needs("match_money")
    def setting(who: SignedHere, transaction_id: str, invoice: Parts = None, amount: Parts = None) -> Response:
        def act(transaction: BankTransaction, reader: Reader) -> str:
            written = parts_written(invoice or (), amount or (), transaction.currency, reader)
            wanted = {id_: part for id_, part in written if isinstance(id_, UUID)}
            if not wanted or transaction.payment_id is None:
                raise NobodyNamed
            allocate_payment(
                transaction.payment_id,
                wanted,
                store=store,
                amount=total(wanted.values(), transaction.currency),
                by=who.name,
            )
            return "set"

        return doing(transaction_id, act)

    return router


def _place_of(session: Session, store: Store, transaction: BankTransaction) -> Place | None:
    """The books the transaction is in, whichever seller was looked at before."""
    return place_of(session, store, session.get_one(Seller, transaction.seller_id).ref)


def _customer(store: Store, seller_id: UUID, ref: str) -> UUID | None:
    """Raises: NotFound."""
    if not ref.strip():
        return None
    with store.session() as session:
        found = session.scalar(select(Customer.id).where(Customer.seller_id == seller_id, Customer.ref == ref.strip()))
    if found is None:
        raise NotFound(f"There is no customer {ref.strip()} at this seller.", customer=ref)
    return found


def _of(store: Store, transaction: BankTransaction, allocation: str) -> UUID:
    """That part of this money, and of no other. Raises: NotFound."""
    key = key_of(allocation)
    with store.session() as session:
        found = session.get(Allocation, key) if key else None
    if found is None or found.payment_id is None or found.payment_id != transaction.payment_id:
        raise NotFound("No such part of this money is set against an invoice.", allocation=allocation)
    return found.id
