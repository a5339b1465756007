"""The payments that came in, and the statement of account over the days somebody chooses."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from fastapi import APIRouter, Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.send_document import open_disputes
from o2c_core.documents.statement_copy import render_statement, statement_page
from o2c_core.invoices.account import balances
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import Allocation, Payment, PaymentReturn
from o2c_core.invoices.statement import first_day, statement_of
from o2c_core.money import Money
from web.portal.door import PRIVATE, Guest, NotHere, Portal, VisitHere
from web.portal.invoices import PDF

SHOWN_MAX = 100
EARLIEST = date(1970, 1, 1)


@dataclass(frozen=True)
class Received:
    """A payment with the invoices it was set against, and what of it is not set against any or left again."""

    payment: Payment
    parts: tuple[tuple[str, Money], ...]
    waiting: Money
    returned: Money

    @property
    def amount(self) -> Money:
        return Money(self.payment.amount_minor, self.payment.currency)


def payment_pages(router: APIRouter, portal: Portal) -> None:
    """`/my/payments`, `/my/statement` and its PDF."""

    @router.get("/my/payments")
    def the_payments(guest: VisitHere) -> Response:
        guest.require("payments")
        with portal.store.session() as session:
            payments = _payments(session, guest.customer.id)
        return guest.page("my_payments.html", here="payments", payments=payments)

    @router.get("/my/statement")
    def the_statement(guest: VisitHere, since: str = "", until: str = "", currency: str = "") -> Response:
        guest.require("statement")
        with portal.store.session() as session:
            known = _currencies(session, guest)
            chosen = currency if currency in known else known[0]
            from_on, to_on = _days(session, guest, chosen, since, until)
            statement = statement_of(session, guest.customer, chosen, from_on, to_on)
            disputed = open_disputes(session, guest.customer.id)
            doc = statement_page(guest.seller, guest.customer, statement, guest.language, disputed=disputed)
        return guest.page(
            "my_statement.html", here="payments", doc=doc, since=from_on, until=to_on, currency=chosen, currencies=known
        )

    @router.get("/my/statement/pdf")
    def the_statement_to_keep(guest: VisitHere, since: str = "", until: str = "", currency: str = "") -> Response:
        guest.require("statement")
        with portal.store.session() as session:
            known = _currencies(session, guest)
            if currency and currency not in known:
                raise NotHere
            chosen = currency or known[0]
            from_on, to_on = _days(session, guest, chosen, since, until)
            content = render_statement(
                session, guest.customer, chosen, from_on, to_on, language=guest.language,
                disputed=open_disputes(session, guest.customer.id),
            )  # fmt: skip
        name = f'inline; filename="{guest.today.isoformat()}-{chosen}.pdf"'
        return Response(content, headers={**PRIVATE, **PDF, "Content-Disposition": name})


def _payments(session: Session, customer_id: UUID) -> list[Received]:
    latest = select(Payment).where(Payment.customer_id == customer_id).order_by(Payment.received_on.desc(), Payment.id)
    payments = list(session.scalars(latest.limit(SHOWN_MAX)))
    ids = [one.id for one in payments]
    used = (
        select(Allocation.payment_id, Invoice.number, func.sum(Allocation.amount_minor))
        # What was set against another customer's invoice is not named here.
        .outerjoin(Invoice, (Invoice.id == Allocation.invoice_id) & (Invoice.customer_id == customer_id))
        .where(Allocation.payment_id.in_(ids))
        .group_by(Allocation.payment_id, Invoice.number)
        .having(func.sum(Allocation.amount_minor) != 0)
        .order_by(Invoice.number)
    )
    parts: dict[UUID | None, list[tuple[str | None, int]]] = {}
    for payment_id, number, minor in session.execute(used):
        parts.setdefault(payment_id, []).append((number, int(minor)))
    back = select(PaymentReturn.payment_id, func.sum(PaymentReturn.amount_minor)).where(
        PaymentReturn.payment_id.in_(ids)
    )
    returned = {one: int(minor) for one, minor in session.execute(back.group_by(PaymentReturn.payment_id))}
    return [_received(one, parts.get(one.id, []), returned.get(one.id, 0)) for one in payments]


def _received(payment: Payment, parts: list[tuple[str | None, int]], returned: int) -> Received:
    left = payment.amount_minor - sum(minor for _, minor in parts) - returned
    named = tuple((number, Money(minor, payment.currency)) for number, minor in parts if number is not None)
    return Received(payment, named, Money(left, payment.currency), Money(returned, payment.currency))


def _currencies(session: Session, guest: Guest) -> list[str]:
    """Those there is something in; the customer's own first."""
    theirs = guest.customer.currency
    found = {one.open.currency for one in balances(session, guest.customer.id, guest.today)}
    found |= set(session.scalars(select(Invoice.currency).where(Invoice.customer_id == guest.customer.id).distinct()))
    return [theirs, *sorted(found - {theirs})]


def _days(session: Session, guest: Guest, currency: str, since: str, until: str) -> tuple[date, date]:
    """The days that were chosen; what cannot be read, or runs backwards, is what nobody chose."""
    to_on = min(_day(until) or guest.today, guest.today)
    from_on = _day(since)
    if from_on is None or from_on > to_on:
        from_on = first_day(session, guest.customer.id, currency, to_on)
    return from_on, to_on


def _day(text: str) -> date | None:
    try:
        return max(date.fromisoformat(text), EARLIEST)
    except ValueError:
        return None
