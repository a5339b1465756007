"""Putting a ladder in force somewhere: the choice before it ends, and both stay on record."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.seller import Seller
from o2c_core.invoices.invoice import Invoice
from o2c_core.reminders.ladders.choice import Place
from o2c_core.reminders.ladders.versions import newest_ladder
from o2c_core.reminders.reminder import LadderChoice
from o2c_core.trail import note


def put_in_force(
    session: Session, seller: Seller, ladder: str | None, at: Place, *, now: datetime, by: str, why: str | None = None
) -> LadderChoice | None:
    """The choice that holds at that place from now on, in the session's transaction; None when there is none any more.

    Without a `ladder` the choice there ends, and what is wider holds again. Choosing what holds there already changes
    nothing. What was reminded so far keeps the ladder and version it was reminded by.

    Raises: NoSuchLadder.
    """
    if ladder is not None:
        newest_ladder(session, seller.id, ladder)
    # The seller's row makes two choices at one place take turns.
    session.scalars(select(Seller.id).where(Seller.id == seller.id).with_for_update(key_share=True)).one()
    before = session.scalars(
        select(LadderChoice).where(
            LadderChoice.seller_id == seller.id,
            LadderChoice.ended_at.is_(None),
            LadderChoice.scope == at.scope,
            LadderChoice.segment.is_not_distinct_from(at.segment),
            LadderChoice.customer_id.is_not_distinct_from(at.customer_id),
            LadderChoice.invoice_id.is_not_distinct_from(at.invoice_id),
        )
    ).one_or_none()
    if ladder == (before.ladder if before else None):
        return before
    if before is not None:
        before.ended_at = now
        session.flush()
    chosen = None
    if ladder is not None:
        chosen = LadderChoice(
            seller_id=seller.id, scope=at.scope, segment=at.segment, customer_id=at.customer_id,
            invoice_id=at.invoice_id, ladder=ladder, by=by, why=why, chosen_at=now, ended_at=None,
        )  # fmt: skip
        session.add(chosen)
        session.flush()
    about = chosen or before
    assert about is not None
    note(
        session, "ladder chosen" if chosen else "ladder no longer chosen", about, at=now, who=by, why=why or "",
        customer_id=at.customer_id or _customer_of(session, at), ladder=ladder, before=before.ladder if before else None,
        scope=at.scope, segment=at.segment,
    )  # fmt: skip
    return chosen


def _customer_of(session: Session, at: Place) -> UUID | None:
    """Whose timeline it belongs in."""
    return session.scalar(select(Invoice.customer_id).where(Invoice.id == at.invoice_id)) if at.invoice_id else None
