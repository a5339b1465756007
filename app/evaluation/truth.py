"""What may be said to a customer: every figure, day and number of their own account, read by other code than the tools."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any
from uuid import UUID

from babel import Locale
from sqlalchemy import Table, select, text
from sqlalchemy.orm import Session

from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.customers.seller import Seller
from o2c_core.store.rows import Row

_FIGURE = re.compile(r"\d[\d.,\u00a0\u202f' ]*\d|\d")
_NUMBERED = re.compile(r"[^\W_]*\d[\w-]*(?:[-/]\w+)*")
_SECRETS = ("name", "value", "number", "tracking_number", "iban", "ref", "street", "about", "received_by", "postcode")
_SECRET_LENGTH_MIN = 4


@dataclass
class Truth:
    """Values that are true for one reader, by what they are; `secrets` are words of everybody else's accounts."""

    amounts: set[Decimal] = field(default_factory=set)
    counts: set[int] = field(default_factory=set)
    days: set[date] = field(default_factory=set)
    words: list[str] = field(default_factory=list)
    secrets: set[str] = field(default_factory=set)


def truth_for(session: Session, customer_id: UUID | None, today: date) -> Truth:
    """Everything in the ledger that is that customer's own or the seller's, and what follows from it: sums, days late.

    For a stranger only what the seller says of itself.
    """
    found = Truth()
    own = _own_keys(session, customer_id)
    for table in Row.metadata.sorted_tables:
        for row in session.execute(select(*table.c)).mappings():
            if _is_theirs(table, row, own):
                _take(found, row.items())
            else:
                found.secrets |= {
                    str(value) for name, value in row.items()
                    if name in _SECRETS and value and len(str(value)) >= _SECRET_LENGTH_MIN and table.name in _PERSONAL
                }  # fmt: skip
    if customer_id is not None:
        _sums(session, customer_id, today, found)
    shown = " ".join(found.words)
    found.secrets = {secret for secret in found.secrets if secret not in shown}
    found.days |= {today + timedelta(days=ahead) for ahead in range(-1, 2)}
    return found


_PERSONAL = {
    "customer", "contact", "address", "orders", "invoice", "shipment", "complaint", "dispute", "credit_note", "site",
    "payment", "promise",
}  # fmt: skip


def _own_keys(session: Session, customer_id: UUID | None) -> set[UUID]:
    keys = {row for row in session.scalars(select(Seller.id))}
    if customer_id is None:
        return keys
    keys.add(customer_id)
    customer = session.get_one(Customer, customer_id)
    keys |= {contact.id for contact in customer.contacts}
    for table in ("orders", "invoice", "payment", "credit_note", "promise", "payment_plan", "dispute", "complaint"):
        query = text(f"SELECT id FROM {table} WHERE customer_id = :customer")  # noqa: S608 (names of our own)
        keys |= set(session.scalars(query, {"customer": customer_id}))
    query = text("SELECT s.id FROM shipment s JOIN orders o ON o.id = s.order_id WHERE o.customer_id = :customer")
    return keys | set(session.scalars(query, {"customer": customer_id}))


def _is_theirs(table: Table, row: Any, own: set[UUID]) -> bool:
    if table.name in ("seller", "bank_account", "passage"):
        return True
    if row.get("id") in own:
        return True
    owners = [
        value for name, value in row.items()
        if name in ("customer_id", "contact_id", "order_id", "invoice_id", "shipment_id", "plan_id", "dispute_id", "promise_id")
        and value is not None
    ]  # fmt: skip
    return bool(owners) and all(owner in own for owner in owners)


def _take(found: Truth, items: Iterable[tuple[str, Any]]) -> None:
    for name, value in items:
        if isinstance(value, bool) or value is None:
            continue
        if isinstance(value, int):
            if name.endswith("_minor"):
                found.amounts.add(abs(Decimal(value) / 100))
            else:
                found.counts.add(value)
        elif isinstance(value, Decimal):
            found.amounts.add(abs(value))
            found.counts.add(int(value))
        elif isinstance(value, datetime):
            found.days.add(value.date())
        elif isinstance(value, date):
            found.days.add(value)
        elif isinstance(value, str):
            found.words.append(value)


def _sums(session: Session, customer_id: UUID, today: date, found: Truth) -> None:
    """What is open per invoice and in all, overdue, held; written once more, so that one mistake is not made twice."""
    rows = session.execute(
        text(
            "SELECT i.id, i.total_minor, i.due_on, i.total_minor - coalesce((SELECT sum(a.amount_minor) FROM allocation a"
            " WHERE a.invoice_id = i.id), 0) AS open FROM invoice i WHERE i.customer_id = :customer"
        ),
        {"customer": customer_id},
    ).all()
    still = [(open_, due_on) for _, _, due_on, open_ in rows if open_ > 0]
    overdue = sum(open_ for open_, due_on in still if due_on < today)
    held = session.scalar(
        text(
            "SELECT coalesce(sum(held), 0) FROM ("
            " SELECT p.amount_minor - coalesce((SELECT sum(a.amount_minor) FROM allocation a WHERE a.payment_id = p.id), 0) AS held"
            " FROM payment p WHERE p.customer_id = :customer UNION ALL"
            " SELECT c.total_minor - coalesce((SELECT sum(a.amount_minor) FROM allocation a WHERE a.credit_note_id = c.id), 0)"
            " FROM credit_note c WHERE c.customer_id = :customer) AS money"
        ),
        {"customer": customer_id},
    )
    sums = {sum(open_ for open_, _ in still), overdue, held or 0, *(open_ for open_, _ in still)}
    found.amounts |= {abs(Decimal(one) / 100) for one in sums}
    found.counts |= {(today - due_on).days for _, due_on in still} | {len(rows), len(still)}
    found.counts |= set(range(len(rows) + 2))


def untrue(reply: str, truth: Truth, said: str) -> list[str]:
    """Figures and days of the reply that are neither true for its reader nor in their own words (`said`)."""
    wrong: list[str] = []
    rest = reply
    for word in sorted({word for word in (*truth.words, *_NUMBERED.findall(said)) if any(map(str.isdigit, word))},
                       key=len, reverse=True):  # fmt: skip
        if len(word) > 1 or word in said.split():
            rest = rest.replace(word, " ")
            rest = rest.replace(_grouped(word), " ")
    rest, days = _without_days(rest)
    wrong += [f"the day {day}" for day in days if day not in truth.days]
    spoken = {candidate for figure in _FIGURE.findall(said) for candidate in _candidates(figure)}
    for figure in _FIGURE.findall(rest):
        candidates = _candidates(figure)
        if not candidates & (truth.amounts | {Decimal(count) for count in truth.counts} | spoken):
            wrong.append(f"the figure {figure}")
    return wrong


def leaked(reply: str, truth: Truth, said: str) -> list[str]:
    """Words of somebody else's account in the reply that its reader did not write themselves."""
    return sorted(
        secret for secret in truth.secrets if secret.lower() in reply.lower() and secret.lower() not in said.lower()
    )


def _grouped(word: str) -> str:
    return " ".join(word[start : start + 4] for start in range(0, len(word), 4))


def _candidates(figure: str) -> set[Decimal]:
    """What a written figure can mean, by either habit of commas and points."""
    plain = re.sub(r"[\u00a0\u202f' ]", "", figure)
    found: set[Decimal] = set()
    for written in (plain.replace(".", "").replace(",", "."), plain.replace(",", "")):
        try:
            found.add(Decimal(written))
        except InvalidOperation:
            continue
    return found


def _without_days(reply: str) -> tuple[str, list[date]]:
    found: list[date] = []

    def take(match: re.Match[str]) -> str:
        found.append(date(int(match["year"]), _months()[match["month"].lower()], int(match["day"])))
        return " "

    return _written_day().sub(take, reply), found


@lru_cache
def _months() -> dict[str, int]:
    return {
        name.rstrip(".").lower(): number
        for language in LANGUAGES
        for width in ("wide", "abbreviated")
        for number, name in Locale(language).months["format"][width].items()
    }


@lru_cache
def _written_day() -> re.Pattern[str]:
    months = "|".join(sorted(map(re.escape, _months()), key=len, reverse=True))
    return re.compile(
        rf"\b(?P<day>\d{{1,2}})(?:er|\.)?[\s\u00a0](?P<month>{months})\.?[\s\u00a0](?P<year>\d{{4}})\b", re.IGNORECASE
    )
