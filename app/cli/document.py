"""`parley document`: an invoice copy or a statement of account, made now, as a PDF file."""

from __future__ import annotations

import sys
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.installation import opened_store
from o2c_core.actions.send_document import open_disputes
from o2c_core.clock import today
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.documents.invoice_copy import render_invoice
from o2c_core.documents.statement_copy import render_statement
from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.statement import first_day
from o2c_core.money import exponent


class NoSuchSeller(NotFound):
    """There is no seller with that reference."""


class NoSuchInvoice(NotFound):
    """That seller has no invoice with that number."""


class NoSuchCustomer(NotFound):
    """That seller has no customer with that reference."""


class SellerUnclear(Refused):
    """There is more than one seller here; say which with --seller."""


class NotADay(Refused):
    """A day is written as year-month-day, for instance 2026-03-31."""


class CopyIsOfToday(Refused):
    """An invoice copy says what is open now; only a statement can be made for another day."""


class CannotWrite(Refused):
    """The file cannot be written there."""


class Kind(StrEnum):
    """What can be made."""

    invoice = "invoice"
    statement = "statement"


def document(
    kind: Annotated[Kind, typer.Argument(help="invoice or statement.")],
    number: Annotated[str, typer.Argument(help="The invoice's number, or for a statement the customer's reference.")],
    to: Annotated[Path, typer.Option(help="The file to write.")],
    seller: Annotated[
        str | None, typer.Option(help="The seller, by its reference; needed where there are more.")
    ] = None,
    from_on: Annotated[
        str | None,
        typer.Option("--from", help="First day of a statement; far enough back for all that is open if left out."),
    ] = None,
    on: Annotated[
        str | None, typer.Option(help="The day a statement is made for, as 2026-03-31; today if left out.")
    ] = None,
    currency: Annotated[
        str | None, typer.Option(help="Currency of a statement; the customer's own if left out.")
    ] = None,
    language: Annotated[str | None, typer.Option(help="en, nl, de or fr; the customer's own if left out.")] = None,
) -> None:
    """Write an invoice copy or a statement of account as a PDF, with what is open now and how to pay it."""
    with opened_store() as store, store.session() as session:
        whose = _seller(session, seller)
        day = _day(on) or today(store.clock, whose.time_zone)
        if kind is Kind.invoice:
            if on is not None and day != today(store.clock, whose.time_zone):
                raise CopyIsOfToday(on=on)
            made = _invoice(session, whose, number, day, language)
        else:
            made = _statement(session, whose, number, currency, _day(from_on), day, language)
    try:
        to.write_bytes(made)
    except OSError as refused:
        raise CannotWrite(f"The file {to} cannot be written: {refused.strerror}.") from refused
    sys.stdout.write(f"Written: {to} ({len(made) / 1000:.0f} kB).\n")


def _invoice(session: Session, seller: Seller, number: str, day: date, language: str | None) -> bytes:
    invoice = session.scalar(select(Invoice).where(Invoice.seller_id == seller.id, Invoice.number == number))
    if invoice is None:
        raise NoSuchInvoice(number=number)
    disputed = [one for one in open_disputes(session, invoice.customer_id) if one.invoice == invoice.number]
    return render_invoice(session, invoice, day, language=language, disputed=disputed)


def _statement(
    session: Session,
    seller: Seller,
    ref: str,
    currency: str | None,
    from_on: date | None,
    day: date,
    language: str | None,
) -> bytes:
    customer = session.scalar(select(Customer).where(Customer.seller_id == seller.id, Customer.ref == ref))
    if customer is None:
        raise NoSuchCustomer(ref=ref)
    chosen = (currency or customer.currency).upper()
    exponent(chosen)
    since = from_on or first_day(session, customer.id, chosen, day)
    disputed = open_disputes(session, customer.id)
    return render_statement(session, customer, chosen, since, day, language=language, disputed=disputed)


def _seller(session: Session, ref: str | None) -> Seller:
    query = select(Seller).order_by(Seller.ref)
    found = list(session.scalars(query if ref is None else query.where(Seller.ref == ref)))
    if not found:
        raise NoSuchSeller(ref=ref)
    if len(found) > 1:
        raise SellerUnclear
    return found[0]


def _day(text: str | None) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as odd:
        raise NotADay(text=text) from odd
