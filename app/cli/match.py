"""`parley match`: bank money is matched with invoices, and what waits for a person is listed or settled."""

from __future__ import annotations

import json
import sys
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlalchemy import select

from app.installation import opened_store
from o2c_core import days, money
from o2c_core.actions.accept_match import accept_match, check_waiting, invoice_named
from o2c_core.actions.ignore_transaction import ignore_transaction
from o2c_core.actions.match_money import MatchRun, match_money
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.bank import BankTransaction
from o2c_core.invoices.posting import open_of
from o2c_core.invoices.waiting import WaitingMoney, waiting_money
from o2c_core.money import Money
from o2c_core.store.store import Store

_LOCALE = "en_GB"


class NotATransaction(Refused):
    """Name a transaction by its id, as parley match lists it."""


class SayWhich(Refused):
    """With --accept say what the money pays: --invoices A,B, or --customer REF to keep it as credit."""


class OneAtATime(Refused):
    """Either accept a transaction or ignore one, not both at once."""


def match(
    seller: Annotated[str | None, typer.Option(help="Only this seller, by its reference.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON document and nothing else.")] = False,
    accept: Annotated[str | None, typer.Option(help="Book this waiting transaction as you say.")] = None,
    invoices: Annotated[
        str | None, typer.Option(help="The invoices it pays, each in full while the money lasts: A,B.")
    ] = None,
    customer: Annotated[
        str | None, typer.Option(help="Keep it all as this customer's credit, by its reference.")
    ] = None,
    ignore: Annotated[str | None, typer.Option(help="Leave this waiting transaction alone; say --why.")] = None,
    why: Annotated[str, typer.Option(help="Why a transaction is left alone.")] = "",
    by: Annotated[str, typer.Option(help="Who says so, for the trail.")] = "command line",
) -> None:
    """Match money from the bank with invoices, and list what waits for a person with what it might be."""
    if accept and ignore:
        raise OneAtATime
    with opened_store() as store:
        if accept:
            said = _accept(_id(accept), invoices, customer, by, store)
        elif ignore:
            ignore_transaction(_id(ignore), why, by, store=store)
            said = {"ignored": ignore}
        else:
            _run(seller, as_json, store)
            return
    sys.stdout.write(json.dumps(said, indent=2) + "\n" if as_json else _done(said))


def _run(seller: str | None, as_json: bool, store: Store) -> None:
    found = []
    for id_ in _sellers(seller, store):
        run = match_money(id_, store=store)
        with store.session() as session:
            found.append((run, waiting_money(session, id_)))
    if as_json:
        listed = [run.to_json() | {"transactions": [one.to_json() for one in waiting]} for run, waiting in found]
        sys.stdout.write(json.dumps({"sellers": listed}, ensure_ascii=False, indent=2) + "\n")
        return
    for run, waiting in found:
        sys.stdout.write("\n".join(_lines(run, waiting)) + "\n")


def _sellers(ref: str | None, store: Store) -> list[UUID]:
    with store.session() as session:
        query = select(Seller.id).order_by(Seller.ref)
        found = list(session.scalars(query.where(Seller.ref == ref) if ref else query))
    if ref and not found:
        raise NotFound(f"There is no seller '{ref}'.", seller=ref)
    return found


def _id(text: str) -> UUID:
    try:
        return UUID(text.strip())
    except ValueError as odd:
        raise NotATransaction(text=text) from odd


def _accept(id_: UUID, invoices: str | None, customer: str | None, by: str, store: Store) -> dict[str, Any]:
    numbers = [number.strip() for number in (invoices or "").split(",") if number.strip()]
    if not numbers and not customer:
        raise SayWhich
    with store.session() as session:
        transaction = session.get(BankTransaction, id_)
        if transaction is None:
            raise NotFound("There is no such transaction.", transaction=str(id_))
        check_waiting(transaction)
        named = [invoice_named(session, transaction.seller_id, number) for number in numbers]
        open_ = open_of(session, {invoice.id for invoice in named})
        parts, left = [], transaction.amount_minor
        for invoice in dict.fromkeys(named):
            # An invoice with nothing open is handed over as it is, to be refused in words.
            minor = min(left, open_[invoice.id]) if open_[invoice.id] > 0 else 1
            if minor > 0:
                parts.append((invoice.id, minor))
                left -= minor
        whose = select(Customer.id).where(Customer.seller_id == transaction.seller_id, Customer.ref == customer)
        credit = session.scalars(whose).one_or_none() if customer else None
        if customer and credit is None:
            raise NotFound(f"There is no customer '{customer}'.", customer=customer)
    done = accept_match(id_, parts, by, store=store, customer_id=credit)
    return {
        "accepted": str(id_),
        "payment": str(done.payment_id),
        "invoices": [invoice.number for invoice in dict.fromkeys(named)][: len(parts)],
        "rest": str(done.rest),
    }


def _done(said: dict[str, Any]) -> str:
    if "ignored" in said:
        return "Left alone.\n"
    paid = ", ".join(said["invoices"])
    return f"Booked{f' on {paid}' if paid else ''}; {said['rest']} stays as credit.\n"


def _lines(run: MatchRun, waiting: list[WaitingMoney]) -> list[str]:
    count = sum(run.matched.values())
    rules = ", ".join(f"{rule} {number}" for rule, number in sorted(run.matched.items()))
    lines = [
        f"{run.seller}: {count} matched{f' ({rules})' if rules else ''}, {run.taken_back} taken back, {len(waiting)} waiting"
    ]
    for one in waiting:
        transaction = one.transaction
        said = " ".join(word for word in (transaction.reference, transaction.text) if word)
        who = ", ".join(word for word in (transaction.payer_name, transaction.payer_account) if word)
        amount = money.show_plain(one.amount, _LOCALE)
        lines += ["", f"{transaction.id}  {days.show_short(transaction.booked_on, _LOCALE)}  {amount}  {who}"]
        lines += [f"  said: {' '.join(said.split())}"] if said else []
        lines += [f"  {transaction.state_why}"] if transaction.state_why else []
        lines += [
            f"  {place}. {_suggestion(each, transaction.currency)}" for place, each in enumerate(one.suggestions, 1)
        ]
    return lines


def _suggestion(one: dict[str, Any], currency: str) -> str:
    parts = [f"{part['invoice']} {money.show_plain(Money(part['minor'], currency), _LOCALE)}" for part in one["parts"]]
    return f"{one['customer']} {one['name']}: {' + '.join(parts) or 'as credit'}. {one['sentence']}"
