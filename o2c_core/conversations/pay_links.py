"""The link to a page on which a customer sees how to pay what is open now, for a few days and without a password."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import ColumnElement
from sqlalchemy.orm import Session

from o2c_core.cases.collectable import Collectable, collectable
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.customers.customer import Customer
from o2c_core.documents.payment import Asked, reference_for, reference_of
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money

PURPOSE = "pay"
GOOD_FOR = timedelta(days=7)
# A link over more than these is one to everything that is open, so that it stays short.
INVOICES_MAX = 4
# Kind, the second it was made, for how many minutes, and the currency; of a part its minor units and what it leaves
# (full: not said); then the ids.
_HEAD = struct.Struct(">cIH3s")
_MINUTE = timedelta(minutes=1)
_ALL, _SOME = b"a", b"i"
_PART_OF = {_ALL: b"A", _SOME: b"I"}
_MINOR_BYTES = 5
_NOT_SAID = 256**_MINOR_BYTES - 1
_KEY_BYTES = 16


@dataclass(frozen=True)
class Payable:
    """What a link asks to pay: invoices of one customer, or everything open in the currency; `part` where it is less.

    `leaves_minor` is what is open on those invoices once the part is paid, so that what was paid since is not asked for
    again.
    """

    currency: str
    customer_id: UUID | None = None
    invoice_ids: tuple[UUID, ...] = ()
    part: Money | None = None
    leaves_minor: int | None = None
    # When the link was made: one that was made before the customer's links were revoked opens nothing.
    made_at: datetime | None = field(default=None, compare=False)


@dataclass(frozen=True)
class ToPay:
    """The same as it stands now: what may be asked for on each invoice, and in all, and under which reference."""

    customer: Customer
    items: tuple[tuple[Invoice, Money], ...]
    asked: Asked


def pay_url(
    doorplate: Doorplate,
    payable: Payable,
    now: datetime,
    *,
    good_for: timedelta = GOOD_FOR,
    named_max: int = INVOICES_MAX,
) -> str | None:
    """The page, good for that long (in whole minutes), naming the invoices where they are no more than `named_max`; None
    where this house has no public address."""
    some = payable.invoice_ids and len(payable.invoice_ids) <= named_max
    ids = payable.invoice_ids if some else (payable.customer_id,)
    kind = _SOME if some else _ALL
    part = b""
    if payable.part is not None and payable.part.minor < _NOT_SAID:
        left = payable.leaves_minor if some and payable.leaves_minor is not None else _NOT_SAID
        part = payable.part.minor.to_bytes(_MINOR_BYTES) + min(left, _NOT_SAID).to_bytes(_MINOR_BYTES)
    head = _HEAD.pack(
        _PART_OF[kind] if part else kind, int(now.timestamp()), good_for // _MINUTE, payable.currency.encode()
    )
    raw = head + part + b"".join(one.bytes for one in ids if one is not None)
    return doorplate.url(f"/pay/{doorplate.seal(PURPOSE, raw)}")


def payable_of(doorplate: Doorplate, token: str, now: datetime) -> Payable | None:
    """What the link asks to pay; None when it is not ours or its days are over."""
    raw = doorplate.unseal(PURPOSE, token)
    if raw is None or len(raw) < _HEAD.size:
        return None
    kind, made, minutes, currency = _HEAD.unpack_from(raw)
    made_at = datetime.fromtimestamp(made, UTC)
    if now > made_at + minutes * _MINUTE:
        return None
    rest = raw[_HEAD.size :]
    code = currency.decode()
    part, leaves = None, None
    if kind in _PART_OF.values():
        minor, left = (int.from_bytes(rest[at : at + _MINOR_BYTES]) for at in (0, _MINOR_BYTES))
        part, leaves = Money(minor, code), None if left == _NOT_SAID else left
        rest = rest[2 * _MINOR_BYTES :]
    ids = tuple(UUID(bytes=rest[at : at + _KEY_BYTES]) for at in range(0, len(rest), _KEY_BYTES))
    if kind in (_ALL, _PART_OF[_ALL]):
        return Payable(code, ids[0], (), part, made_at=made_at)
    return Payable(code, None, ids, part, leaves, made_at)


def to_pay(session: Session, payable: Payable) -> ToPay | None:
    """What may be asked for now: what is open less what is objected to; None when nobody is left to ask, or when the
    customer's links were revoked after this one was made.

    Invoices that were paid since are not in it any more, and a part is never more than what is left.
    """
    found = collectable(session, *_which(payable))
    customer_id = found[0].invoice.customer_id if found else payable.customer_id
    if not found and customer_id is None:
        some = session.get(Invoice, payable.invoice_ids[0]) if payable.invoice_ids else None
        customer_id = some.customer_id if some else None
    customer = session.get(Customer, customer_id) if customer_id else None
    if customer is None or customer.erased_at is not None or _is_revoked(payable, customer):
        return None
    return ToPay(customer, items_of(found), asked_of(found, payable, customer.ref))


def items_of(found: Sequence[Collectable]) -> tuple[tuple[Invoice, Money], ...]:
    """Each invoice with what may be asked for on it, without those on which nothing may."""
    return tuple((one.invoice, Money(one.free_minor, one.invoice.currency)) for one in found if one.free_minor > 0)


def asked_of(found: Sequence[Collectable], payable: Payable, customer_ref: str) -> Asked:
    """The amount and the reference for paying those invoices with one transfer."""
    items = items_of(found)
    minor = sum(amount.minor for _, amount in items)
    if payable.part is not None:
        minor = min(minor, payable.part.minor)
        if payable.leaves_minor is not None:
            minor = min(minor, max(0, sum(one.open_minor for one in found) - payable.leaves_minor))
    invoices = [invoice for invoice, _ in items]
    if len(invoices) == 1:
        reference = reference_of(invoices[0])
    else:
        reference = reference_for([invoice.number for invoice in invoices], customer_ref)
    why_not = "all_disputed" if any(one.open_minor > 0 for one in found) else "nothing"
    return Asked(Money(minor, payable.currency), reference, why_not=why_not)


def _is_revoked(payable: Payable, customer: Customer) -> bool:
    """Whether the link is older than the customer's last revocation. A link knows its second and no more, and of one made
    in the second of the revocation it is not known which came first: it opens nothing."""
    revoked_at, made_at = customer.links_revoked_at, payable.made_at
    return revoked_at is not None and made_at is not None and made_at <= revoked_at


def _which(payable: Payable) -> tuple[ColumnElement[bool], ...]:
    open_now = (Invoice.currency == payable.currency, open_minor() > 0)
    if payable.invoice_ids:
        return (*open_now, Invoice.id.in_(payable.invoice_ids))
    return (*open_now, Invoice.customer_id == payable.customer_id)
