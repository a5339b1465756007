"""Which of the customer's invoices are meant, with what is open and undisputed on each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk import Desk
from bot.embedded.pointing import meant
from bot.tools.documents import find_invoice, find_order
from bot.tools.reminded import last_reminder
from bot.tools.said import currency_said, in_currency, says_all, says_half, says_rest
from bot.tools.tool import LAST
from o2c_core.cases.collectable import Collectable, collectable
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money


@dataclass(frozen=True)
class Owed:
    """Invoices of one currency, oldest due first. `is_named` says that the customer named them, now or before;
    `has_others` that something is open in another currency as well."""

    found: tuple[Collectable, ...]
    is_named: bool = False
    has_others: bool = False

    @property
    def currency(self) -> str:
        return self.found[0].invoice.currency

    @property
    def free(self) -> Money:
        """What may be asked for."""
        return Money(sum(one.free_minor for one in self.found), self.currency)

    @property
    def open(self) -> Money:
        return Money(sum(max(0, one.open_minor) for one in self.found), self.currency)

    @property
    def disputed(self) -> Money:
        return self.open - self.free

    @property
    def asked_for(self) -> tuple[Collectable, ...]:
        """The invoices with something that may be asked for."""
        return tuple(one for one in self.found if one.free_minor > 0)


def owed(desk: Desk, session: Session, numbers: Sequence[str] | None, earlier: Mapping[str, Any]) -> Owed | None:
    """The invoices that are named, pointed at or were spoken of before; else what is overdue, else what is open.

    None when a number is not on the account. Nothing is found where nothing is open.
    """
    assert desk.customer is not None  # Tool.__call__ turns strangers away
    named = [*numbers] if numbers else list(meant(desk.mentions, desk.about, "invoice"))
    if _goes_on(desk, earlier):
        named = []
    theirs = Invoice.customer_id == desk.customer.id
    if named:
        ids: list[UUID] = []
        for number in named:
            found = invoices_numbered(session, desk.customer.id, number)
            if not found:
                return None
            ids += [invoice.id for invoice in found]
        return _in_one_currency(desk, collectable(session, theirs, Invoice.id.in_(ids)), is_named=True)
    if earlier.get("invoice_ids"):
        ids = [UUID(one) for one in earlier["invoice_ids"]]
        return _in_one_currency(desk, collectable(session, theirs, Invoice.id.in_(ids)), is_named=True)
    still_open = collectable(session, theirs, open_minor() > 0)
    reminded = () if says_all(desk) else last_reminder(desk, session).invoice_ids
    asked = [one for one in still_open if one.invoice.id in reminded]
    if asked and not _names_amount_of_other(desk, still_open, asked):
        return _in_one_currency(desk, asked, is_named=True)
    exactly = [one for one in still_open if _is_amount_of(desk, one)]
    if len(exactly) == 1 and len(still_open) > 1:
        return Owed(tuple(exactly), is_named=True)
    late = [] if says_all(desk) else [one for one in still_open if is_late(one, desk.today)]
    return _in_one_currency(desk, late or still_open)


def _goes_on(desk: Desk, earlier: Mapping[str, Any]) -> bool:
    """Whether the words name no other invoices than those spoken of: "make it Friday" points at the promise, and "half
    now and the rest later" at the money."""
    if desk.mentions.references.numbers:
        return False
    if says_half(desk.words) or says_rest(desk):
        return True
    return bool(earlier.get("invoice_ids")) and desk.mentions.points <= {"it", "that"}


def _names_amount_of_other(desk: Desk, still_open: Sequence[Collectable], asked: Sequence[Collectable]) -> bool:
    """Whether the words name exactly what is open on an invoice that the last reminder did not speak of."""
    return any(_is_amount_of(desk, one) for one in still_open if one not in asked)


def invoices_numbered(session: Session, customer_id: UUID, number: str) -> list[Invoice]:
    """The customer's invoice with that number, or those for the order with that number; the newest for LAST."""
    theirs = select(Invoice).where(Invoice.customer_id == customer_id)
    if number == LAST:
        newest = theirs.order_by(Invoice.issued_on.desc(), Invoice.number.desc()).limit(1)
        return list(session.scalars(newest))
    invoice = find_invoice(session, customer_id, number)
    if invoice is not None:
        return [invoice]
    order = find_order(session, customer_id, number)
    if order is None:
        return []
    return list(session.scalars(theirs.where(Invoice.order_id == order.id).order_by(Invoice.due_on, Invoice.number)))


def is_late(one: Collectable, today: date) -> bool:
    return one.invoice.due_on < today


def _is_amount_of(desk: Desk, one: Collectable) -> bool:
    """Whether the words name exactly what may be asked for on the invoice."""
    said = [in_currency(amount, one.invoice.currency) for amount in desk.mentions.amounts]
    return one.free_minor > 0 and Money(one.free_minor, one.invoice.currency) in said


def _in_one_currency(desk: Desk, found: Sequence[Collectable], *, is_named: bool = False) -> Owed:
    """Those in the currency that was said, else in the customer's own, else in that of the oldest."""
    assert desk.customer is not None
    there = list(dict.fromkeys(one.invoice.currency for one in found))
    wanted = [code for code in (currency_said(desk), desk.customer.currency, *there) if code in there]
    kept = tuple(one for one in found if one.invoice.currency == wanted[0]) if wanted else ()
    return Owed(kept, is_named, has_others=len(there) > 1)


def nothing_to_pay(desk: Desk, about: Owed) -> str:
    """Why there is nothing to promise or to spread: all is paid, or all that is open is objected to."""
    if about.found and about.disputed.minor > 0:
        return desk.say("promise.all_disputed", amount=desk.facts.money(about.disputed, source_of(about, "disputed")))
    if about.is_named and len(about.found) == 1:
        number = about.found[0].invoice.number
        return desk.say("promise.nothing_open_on", number=desk.facts.text(number, f"invoice {number}"))
    return desk.say("promise.nothing_open")


def source_of(about: Owed, what: str) -> str:
    """Where a sum over those invoices was read."""
    if len(about.asked_for) == 1:
        return f"invoice {about.asked_for[0].invoice.number} {what}"
    return f"{len(about.found)} invoices in {about.currency} {what}"


def rows_of(desk: Desk, about: Owed) -> str:
    """A line for each invoice with what may be asked for on it; as many as the channel carries, then how many more."""
    shown, more = about.asked_for[: desk.rows_max], about.asked_for[desk.rows_max :]
    said = [
        desk.say(
            "promise.row",
            number=desk.facts.text(one.invoice.number, f"invoice {one.invoice.number}"),
            open=desk.facts.money(Money(one.free_minor, about.currency), f"invoice {one.invoice.number} open"),
        )
        for one in shown
    ]
    if more:
        left = Money(sum(one.free_minor for one in more), about.currency)
        said.append(
            desk.say(
                "promise.more",
                count=desk.facts.count(len(more), "invoices not shown"),
                sum=desk.facts.money(left, f"{len(more)} invoices not shown open"),
            )
        )
    return "\n".join(said)
