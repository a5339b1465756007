"""Send a customer to a payment provider's own page: written down first, asked for then, so that no page is unknown to us."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.cases.collectable import collectable
from o2c_core.customers.customer import Customer, locale_for
from o2c_core.errors import NotFound, Outage, Refused
from o2c_core.invoices.allocation import MoreThanIsOpen, NotTheirInvoice, OtherCurrency, check_above_zero
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.online_payment import OnlinePayment
from o2c_core.invoices.pay_provider import Asking, HostedPage, PayProvider, ProviderRefused
from o2c_core.keys import new_key
from o2c_core.money import Money, total
from o2c_core.store.store import Store
from o2c_core.trail import note

# Somebody who begins this often within that time does not pay, and every beginning asks something of the provider.
BEGINNINGS_MAX = 12
BEGINNINGS_WITHIN = timedelta(minutes=30)
NUMBERS_SAID_MAX = 5


class TooManyBegun(Refused):
    """So many payments were begun just now that we wait a moment; a bank transfer always works."""


@dataclass(frozen=True)
class Begun:
    """The payment as it was begun; `url` is the page it is paid on, None when the provider made none."""

    id: UUID
    url: str | None


def begin_online_payment(
    customer_id: UUID,
    parts: Mapping[UUID, Money],
    *,
    provider: PayProvider,
    back_url: Callable[[UUID], str],
    word_url: str,
    store: Store,
    contact_id: UUID | None = None,
) -> Begun:
    """Have the provider make a page for exactly those amounts on those invoices, of one customer and one currency.

    When the provider does not answer or does not take it the payment is failed, and the customer can still transfer.

    Raises: NotFound; NotTheirInvoice; NotAboveZero; OtherCurrency; MoreThanIsOpen; TooManyBegun.
    """
    with store.session() as session:
        payment, asking = _written(session, customer_id, parts, provider, store, contact_id, back_url, word_url)
        note(
            session, "online payment begun", payment, at=payment.begun_at, who="customer", customer_id=customer_id,
            amount=str(payment.amount), provider=provider.name, parts=payment.parts,
        )  # fmt: skip
        session.commit()
    try:
        page: HostedPage | Refused | Outage = provider.begin(asking)
    except (Outage, ProviderRefused) as no:
        page = no
    with store.session() as session:
        return _answered(session, asking.id, page, store)


def _written(
    session: Session,
    customer_id: UUID,
    parts: Mapping[UUID, Money],
    provider: PayProvider,
    store: Store,
    contact_id: UUID | None,
    back_url: Callable[[UUID], str],
    word_url: str,
) -> tuple[OnlinePayment, Asking]:
    now = store.clock.now()
    # Whoever begins at the same time for the same customer waits, so that the count of beginnings is true.
    customer = session.scalars(
        select(Customer).where(Customer.id == customer_id).with_for_update(key_share=True)
    ).one_or_none()
    if customer is None or customer.erased_at is not None or not parts:
        raise NotFound("There is no such customer.", customer=str(customer_id))
    lately = select(func.count()).where(
        OnlinePayment.customer_id == customer_id, OnlinePayment.begun_at > now - BEGINNINGS_WITHIN
    )
    if session.scalars(lately).one() >= BEGINNINGS_MAX:
        raise TooManyBegun(customer=str(customer_id))
    found = {one.invoice.id: one for one in collectable(session, Invoice.id.in_(list(parts)))}
    for invoice_id, amount in parts.items():
        check_above_zero(amount)
        one = found.get(invoice_id)
        if one is None or one.invoice.customer_id != customer_id:
            raise NotTheirInvoice(invoice=str(invoice_id))
        if one.invoice.currency != amount.currency:
            raise OtherCurrency(invoice=one.invoice.number)
        if amount.minor > one.free_minor:
            raise MoreThanIsOpen(invoice=one.invoice.number, asked=str(amount))
    currencies = {amount.currency for amount in parts.values()}
    if len(currencies) != 1:
        raise OtherCurrency(currencies=sorted(currencies))
    amount = total(parts.values(), currencies.pop())
    payment = OnlinePayment(
        id=new_key(),
        seller_id=customer.seller_id,
        customer_id=customer_id,
        contact_id=contact_id,
        provider=provider.name,
        amount_minor=amount.minor,
        currency=amount.currency,
        parts=[{"invoice_id": str(id_), "minor": one.minor} for id_, one in parts.items()],
        state="begun",
        begun_at=now,
    )
    session.add(payment)
    session.flush()
    numbers = [one.invoice.number for one in found.values()]
    said = ", ".join(numbers[:NUMBERS_SAID_MAX]) + (" …" if len(numbers) > NUMBERS_SAID_MAX else "")
    locale = locale_for(customer.language, customer.country)
    return payment, Asking(payment.id, amount, said, locale, back_url(payment.id), word_url)


def _answered(session: Session, payment_id: UUID, page: HostedPage | Refused | Outage, store: Store) -> Begun:
    """What the provider answered is kept; what its webhook said in the meantime stays."""
    now = store.clock.now()
    payment = session.get_one(OnlinePayment, payment_id, with_for_update=True)
    if isinstance(page, HostedPage):
        payment.provider_key = payment.provider_key or page.key
        if payment.state in ("begun", "open"):
            payment.state, payment.page_url = "open", page.url
    elif payment.state == "begun":
        payment.state, payment.why, payment.settled_at = "failed", str(page), now
        note(
            session, "online payment failed", payment, at=now, who="system", why=str(page),
            customer_id=payment.customer_id, provider=payment.provider,
        )  # fmt: skip
    session.commit()
    return Begun(payment_id, page.url if isinstance(page, HostedPage) else None)
