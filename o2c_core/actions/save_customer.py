"""Save a customer as another system has it: added when its reference is new, changed when something differs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.customers.terms import parse_terms
from o2c_core.errors import Overtaken, Refused
from o2c_core.money import CurrenciesDiffer, Money, exponent
from o2c_core.store.store import Store
from o2c_core.trail import note

_PARENTS_MAX = 20


class NoSuchZone(Refused):
    """That is not a time zone; it is written as Europe/Amsterdam."""


class NoSuchParent(Refused):
    """The customer it should belong to is not there."""


class OwnParent(Refused):
    """A customer cannot belong to itself, also not by way of others."""


class CustomerErased(Refused):
    """What was known of that customer was erased, so nothing is saved for it."""


class CustomerJustAdded(Overtaken):
    """A customer of that reference was added at the same moment; look at it first."""


@dataclass(frozen=True)
class CustomerDetails:
    """A customer as it is to be; None is nothing. `payment_terms` as `parse_terms` reads them, `parent` a reference."""

    name: str
    country: str
    language: str
    currency: str
    kind: str = "company"
    time_zone: str | None = None
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    vat_number: str | None = None
    company_number: str | None = None
    endpoint: str | None = None
    parent: str | None = None
    segment: str | None = None
    preferred_channel: str | None = None
    credit_limit: Money | None = None
    payment_terms: str | None = None


_PLAIN = (
    "name", "country", "language", "currency", "kind", "time_zone", "street", "postcode", "city", "vat_number",
    "company_number", "endpoint", "segment", "preferred_channel",
)  # fmt: skip
_TERMS = ("payment_terms_days", "month_end", "discount_percent", "discount_days", "instalments")


def save_customer(
    seller_id: UUID, ref: str, details: CustomerDetails, *, who: str = "system", store: Store
) -> Customer:
    """The customer as it is now. Saving the same again changes nothing.

    Raises: UnknownCurrency; CurrenciesDiffer for a limit in another currency; TermsUnclear; NoSuchZone; NoSuchParent;
    OwnParent; CustomerErased; CustomerJustAdded.
    """
    now = store.clock.now()
    _check(details)
    with store.session() as session:
        customer = session.scalars(
            select(Customer).where(Customer.seller_id == seller_id, Customer.ref == ref).with_for_update()
        ).one_or_none()
        is_new = customer is None
        if customer is None:
            customer = Customer(seller_id=seller_id, ref=ref, created_at=now, is_walk_in=False)
        elif customer.erased_at is not None:
            raise CustomerErased
        before = _values(customer)
        _write(session, customer, details)
        changed = sorted(name for name, value in _values(customer).items() if value != before[name])
        if not is_new and not changed:
            return customer
        # The row is no longer what an imported file said, so the next import looks at it again.
        customer.fingerprint = None
        session.add(customer)
        try:
            session.flush()
        except IntegrityError as twin:
            raise CustomerJustAdded from twin
        # What was changed is named and not said: a name or a street is a person's.
        what = "customer added" if is_new else "customer changed"
        note(session, what, customer, at=now, who=who, customer_id=customer.id, number=ref, changed=changed)
        session.commit()
        return customer


def _check(details: CustomerDetails) -> None:
    exponent(details.currency)
    if details.credit_limit is not None and details.credit_limit.currency != details.currency:
        raise CurrenciesDiffer("A credit limit is in the customer's own currency.")
    if details.time_zone is not None:
        try:
            ZoneInfo(details.time_zone)
        except (KeyError, ValueError, OSError) as odd:  # an unknown name, a path out of the folder, a folder
            raise NoSuchZone from odd


def _values(customer: Customer) -> dict[str, Any]:
    return {name: getattr(customer, name) for name in (*_PLAIN, *_TERMS, "parent_id", "credit_limit_minor")}


def _write(session: Session, customer: Customer, details: CustomerDetails) -> None:
    with session.no_autoflush:
        customer.parent_id = _parent(session, customer, details.parent)
    for name in _PLAIN:
        setattr(customer, name, getattr(details, name))
    customer.credit_limit_minor = details.credit_limit.minor if details.credit_limit else None
    if details.payment_terms is None:
        for name in _TERMS:
            setattr(customer, name, None)
    else:
        customer.agree_on(parse_terms(details.payment_terms))


def _parent(session: Session, customer: Customer, ref: str | None) -> UUID | None:
    if ref is None:
        return None
    if ref == customer.ref:
        raise OwnParent
    parent = session.scalars(
        select(Customer).where(Customer.seller_id == customer.seller_id, Customer.ref == ref)
    ).one_or_none()
    if parent is None:
        raise NoSuchParent
    above: Customer | None = parent
    for _ in range(_PARENTS_MAX):
        if above is None or above.parent_id is None:
            return parent.id
        if above.parent_id == customer.id:
            raise OwnParent
        above = session.get(Customer, above.parent_id)
    raise OwnParent
