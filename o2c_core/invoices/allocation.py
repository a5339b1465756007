"""How money is set against what is open: oldest first, as the payer said, and instalment by instalment."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from o2c_core.errors import NotFound, Refused
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money


class NotAboveZero(Refused):
    """An amount of money to be booked is more than zero."""


class InTheFuture(Refused):
    """What has not happened yet cannot be booked."""


class OtherCurrency(Refused):
    """Money in one currency cannot be set against an invoice in another."""


class NotTheirInvoice(NotFound):
    """There is no such invoice on this customer's account."""


class MoreThanIsOpen(Refused):
    """That is more than is open on the invoice."""


class MoreThanIsLeft(Refused):
    """That is more than is left of the money."""


class NothingLeft(MoreThanIsLeft):
    """Nothing is left of it: all of it has been set against invoices or paid back."""


@dataclass(frozen=True, slots=True)
class OpenItem:
    """An invoice, or one instalment of it, with what is open on it in minor units."""

    invoice_id: UUID
    number: str
    due_on: date
    open_minor: int
    currency: str = "EUR"


@dataclass(frozen=True, slots=True)
class Part:
    """An amount in minor units that goes to one invoice."""

    invoice_id: UUID
    minor: int


def allocate_oldest_first(open_items: Iterable[OpenItem], amount_minor: int) -> list[Part]:
    """The amount over the items in the order they are due, each filled before the next; what is too much stays over.

    An invoice due in instalments comes once for each; its parts are given as one.
    """
    items = sorted(open_items, key=lambda item: (item.due_on, item.number, item.invoice_id))
    open_ = _open_on(items)
    given: dict[UUID, int] = {}
    left = amount_minor
    for item in items:
        taken = max(0, min(left, item.open_minor, open_[item.invoice_id] - given.get(item.invoice_id, 0)))
        if taken:
            given[item.invoice_id] = given.get(item.invoice_id, 0) + taken
            left -= taken
    return [Part(invoice_id, minor) for invoice_id, minor in given.items()]


def allocate_explicit(open_items: Iterable[OpenItem], wanted: Mapping[UUID, Money], amount: Money) -> list[Part]:
    """Exactly what was asked for, or nothing.

    Raises: NotTheirInvoice; OtherCurrency; NotAboveZero; MoreThanIsOpen; MoreThanIsLeft when the parts come to more
    than the amount.
    """
    found = list(open_items)
    items, open_ = {item.invoice_id: item for item in found}, _open_on(found)
    for invoice_id, part in wanted.items():
        if invoice_id not in items:
            raise NotTheirInvoice(invoice=str(invoice_id))
        item = items[invoice_id]
        if not part.currency == item.currency == amount.currency:
            raise OtherCurrency(
                f"{part} out of {amount} cannot be set against invoice {item.number}, which is in {item.currency}.",
                invoice=item.number,
            )
        check_above_zero(part)
        if part.minor > open_[invoice_id]:
            left = Money(max(0, open_[invoice_id]), item.currency)
            raise MoreThanIsOpen(
                f"{part} is more than is open on invoice {item.number}, which is {left}.", open=str(left)
            )
    check_left(Money(sum(part.minor for part in wanted.values()), amount.currency), amount)
    return [Part(invoice_id, part.minor) for invoice_id, part in wanted.items()]


def _open_on(items: Iterable[OpenItem]) -> dict[UUID, int]:
    """What is open on each invoice, all its instalments together."""
    open_: dict[UUID, int] = {}
    for item in items:
        open_[item.invoice_id] = open_.get(item.invoice_id, 0) + item.open_minor
    return open_


def check_above_zero(amount: Money) -> None:
    """Raises: NotAboveZero."""
    if amount.minor <= 0:
        raise NotAboveZero(amount=str(amount))


def check_left(wanted: Money, left: Money) -> None:
    """Raises: NothingLeft; MoreThanIsLeft; OtherCurrency."""
    if wanted.currency != left.currency:
        raise OtherCurrency(f"The money is in {left.currency}, not in {wanted.currency}.")
    if left.minor <= 0 < wanted.minor:
        raise NothingLeft(wanted=str(wanted))
    if wanted > left:
        raise MoreThanIsLeft(f"{wanted} is more than is left of the money, which is {left}.", left=str(left))


def check_happened(on: date, today: date) -> None:
    """Raises: InTheFuture."""
    if on > today:
        raise InTheFuture(f"{on.isoformat()} is in the future; today is {today.isoformat()}.", on=on.isoformat())


def instalments_open(instalments: Sequence[tuple[date, int]], allocated_minor: int) -> list[tuple[date, int]]:
    """What is open of each instalment (due day, amount), in their order: money fills the earliest first.

    The parts always sum to the instalments less what was allocated: what is too much is taken off the last.
    """
    left = allocated_minor
    found: list[tuple[date, int]] = []
    for due_on, amount in instalments:
        filled = min(amount, left)
        left -= filled
        found.append((due_on, amount - filled))
    if left and found:
        due_on, open_minor = found[-1]
        found[-1] = (due_on, open_minor - left)
    return found


def overdue_minor(parts: Iterable[tuple[date, int]], today: date) -> int:
    """What is late of open parts (due day, minor units); the due day itself is not late."""
    return sum(minor for due_on, minor in parts if due_on < today)


def discount_taken(invoice: Invoice, paid_minor: int, paid_on: date) -> int:
    """What the payer rightly kept for paying early, in minor units; 0 when that was too late or too little.

    `paid_minor` is everything set against the invoice by `paid_on`. Who pays the total keeps nothing, and who pays a
    little less than the total keeps that little.
    """
    if invoice.discount_until_on is None or paid_on > invoice.discount_until_on:
        return 0
    kept = invoice.total_minor - paid_minor
    return kept if 0 < kept <= invoice.discount_minor else 0


def newest_first(allocations: Sequence[tuple[UUID, int]], needed_minor: int) -> list[tuple[UUID, int, int]]:
    """Which allocations (id, minor units; newest first) are released so that `needed_minor` comes free.

    Each is released whole; the third figure is what is set against the same invoice again.
    """
    released = []
    left = needed_minor
    for allocation_id, minor in allocations:
        if left <= 0:
            break
        taken = min(minor, left)
        released.append((allocation_id, minor, minor - taken))
        left -= taken
    return released
