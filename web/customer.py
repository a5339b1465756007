"""What the page of one customer shows: who they are, how the account stood on a day, and what is being dealt with."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.agreed import agreed_with
from o2c_core.cases.dispute import Dispute
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.customers.terms import PaymentTerms
from o2c_core.invoices.account import Balance, OpenInvoice, balances, invoices_of
from o2c_core.invoices.billed import on_order
from o2c_core.money import Money
from web.contacts import Person, people
from web.matter import Matter
from web.matters import matters
from web.reader import Reader
from web.wording import words_in

INVOICES_SHOWN = 50


@dataclass(frozen=True)
class OpenLine:
    """An invoice with what is open on it, and what of that is late, objected to, promised or on a plan."""

    found: OpenInvoice
    parts: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Credit:
    """How much may be owed, and how much of that is used: what is owed and what is on order."""

    limit: Money
    used: Money

    @property
    def percent(self) -> int:
        return round(100 * self.used.minor / self.limit.minor) if self.limit.minor else 100

    @property
    def is_over(self) -> bool:
        return self.used > self.limit


@dataclass(frozen=True)
class Account:
    """Everything above the timeline. The balances and invoices are those of the end of `on`; all else is of now."""

    customer: Customer
    on: date
    terms: str
    language: str
    credit: Credit | None
    parent: Customer | None
    branches: Sequence[Customer]
    people: Sequence[Person]
    balances: Sequence[Balance]
    lines: Sequence[OpenLine]
    lines_count: int
    matters: Sequence[Matter]


def find_customer(session: Session, ref: str, seller_ref: str) -> tuple[Customer, Seller] | None:
    """The customer of that reference, of the seller of that reference or else of the first that knows one."""
    if not (ref + seller_ref).isprintable():
        return None  # PostgreSQL keeps no such reference, and refuses to look for some of them
    query = select(Customer, Seller).join(Seller, Seller.id == Customer.seller_id).where(Customer.ref == ref)
    if seller_ref:
        query = query.where(Seller.ref == seller_ref)
    everybody = selectinload(Customer.contacts).selectinload(Contact.addresses)
    found = session.execute(query.options(everybody, selectinload(Customer.sites)).order_by(Seller.ref).limit(1))
    return next(((customer, seller) for customer, seller in found), None)


def account(session: Session, customer: Customer, seller: Seller, reader: Reader, on: date) -> Account:
    still_open = invoices_of(session, customer.id, reader.today, only_open=True, as_of=on)
    return Account(
        customer=customer,
        on=on,
        terms=in_words(customer.terms(seller)),
        language=str(words_in(customer.language)["language"]) if customer.language else "–",
        credit=_credit(session, customer, reader.today),
        parent=session.get(Customer, customer.parent_id) if customer.parent_id else None,
        branches=list(
            session.scalars(select(Customer).where(Customer.parent_id == customer.id).order_by(Customer.ref))
        ),
        people=people(session, customer, reader),
        balances=balances(session, customer.id, reader.today, as_of=on),
        lines=_lines(session, customer.id, still_open[:INVOICES_SHOWN], reader, on),
        lines_count=len(still_open),
        matters=matters(session, customer.id, reader),
    )


def in_words(terms: PaymentTerms) -> str:
    """Payment terms as a sentence: "30 days after the invoice, then to the end of that month"."""
    if terms.parts:
        parts = [
            f"{_percent(part.percent)} {'at once' if part.days == 0 else f'within {_days(part.days)}'}"
            for part in terms.parts
        ]
        said = ", ".join(parts)
    elif terms.month_end == "before":
        said = f"{_days(terms.days)} after the end of the month" if terms.days else "By the end of the month"
    elif terms.days == 0:
        said = "At once"
    else:
        said = f"{_days(terms.days)} after the invoice"
    if terms.month_end == "after":
        said += ", then to the end of that month"
    if terms.discount_percent is not None:
        said += f"; {_percent(terms.discount_percent)} off within {_days(terms.discount_days or 0)}"
    return said


def _percent(number: object) -> str:
    return f"{number:f}".rstrip("0").rstrip(".") + "%" if "." in f"{number:f}" else f"{number:f}%"


def _days(days: int) -> str:
    return "1 day" if days == 1 else f"{days} days"


def _credit(session: Session, customer: Customer, today: date) -> Credit | None:
    if customer.credit_limit_minor is None:
        return None
    owed = [one.owed.minor for one in balances(session, customer.id, today) if one.open.currency == customer.currency]
    used = on_order(session, customer.id, customer.currency) + Money(sum(owed), customer.currency)
    return Credit(Money(customer.credit_limit_minor, customer.currency), used)


def _lines(
    session: Session, customer_id: UUID, still_open: Sequence[OpenInvoice], reader: Reader, on: date
) -> list[OpenLine]:
    """What was objected to, promised or planned is kept as it is now, so on a day gone by only what was late is said."""
    is_now = on == reader.today
    ids = [one.invoice.id for one in still_open]
    query = select(Dispute.invoice_id, func.sum(Dispute.amount_minor)).where(
        Dispute.invoice_id.in_(ids), Dispute.state == "open"
    )
    disputed = dict(session.execute(query.group_by(Dispute.invoice_id)).all()) if is_now else {}
    agreed = agreed_with(session, [customer_id], on)
    found = []
    for one in still_open:
        currency, parts = one.open.currency, []
        if one.overdue.minor > 0:
            parts.append(("bad", f"late {reader.money(one.overdue)}"))
        if disputed.get(one.invoice.id):
            parts.append(("warn", f"disputed {reader.minor(int(disputed[one.invoice.id]), currency)}"))
        promised = agreed.promised.get(one.invoice.id)
        if is_now and promised is not None:
            by = reader.day(promised.promised_on)
            parts.append(("good", f"promised {reader.minor(promised.minor, currency)} by {by}"))
        plan = agreed.plans.get(one.invoice.id)
        if is_now and plan is not None:
            parts.append(("good", f"on a plan, next part {reader.day(plan.part_on)}"))
        in_flight = agreed.in_flight_until(one.invoice.id, customer_id)
        if is_now and in_flight is not None:
            parts.append(("good", f"paid, by what they say; looked out for until {reader.day(in_flight)}"))
        if is_now and agreed.document_problem_since(one.invoice.id) is not None:
            parts.append(("warn", "something about it is ours to put right"))
        held = agreed.held(one.invoice.id, customer_id)
        if is_now and held is not None:
            parts.append(("calm", f"no reminders until {reader.day(held)}"))
        found.append(OpenLine(one, parts))
    return found
