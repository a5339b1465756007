"""The promises a customer made before about the same invoices, or about the same account."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.collectable import Collectable
from o2c_core.cases.promise import Promise, PromisedInvoice


def open_promises(session: Session, customer_id: UUID, currency: str, about: Sequence[Collectable]) -> list[Promise]:
    """The customer's open promises about any of those invoices; about the account as a whole where there are none."""
    query = (
        select(Promise)
        .where(Promise.customer_id == customer_id, Promise.state == "open", Promise.currency == currency)
        .options(selectinload(Promise.invoices))
        .order_by(Promise.id)
    )
    ids = {found.invoice.id for found in about}
    return [
        promise
        for promise in session.scalars(query)
        if (ids & {named.invoice_id for named in promise.invoices} if ids else not promise.invoices)
    ]


def made_before(
    session: Session, customer_id: UUID, currency: str, about: Sequence[Collectable], *, named: bool
) -> int:
    """How many promises about the same were made and not kept, or kept with money that was taken back; about the account,
    those since its oldest invoice."""
    query = select(func.count(func.distinct(Promise.id))).where(
        Promise.customer_id == customer_id,
        Promise.currency == currency,
        or_(Promise.state != "kept", Promise.undone_on.is_not(None)),
    )
    if named:
        ids = [found.invoice.id for found in about]
        query = query.join(PromisedInvoice, PromisedInvoice.promise_id == Promise.id).where(
            PromisedInvoice.invoice_id.in_(ids)
        )
    else:
        oldest = min(found.invoice.issued_on for found in about)
        query = query.outerjoin(PromisedInvoice, PromisedInvoice.promise_id == Promise.id).where(
            PromisedInvoice.promise_id.is_(None), Promise.made_on >= oldest
        )
    return session.execute(query).scalar_one()
