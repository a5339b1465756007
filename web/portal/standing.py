"""Where a customer's objections and complaints stand, as their own pages say it: the same as the desk and the assistant."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.case_status import CaseStatus, case_status
from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.invoices.invoice import CreditNote
from web.portal.door import Guest


def standings(session: Session, guest: Guest, cases: Sequence[Dispute | Complaint]) -> dict[UUID, CaseStatus]:
    """Each case's status by its id, with the credit note it ended in."""
    wanted = {one.credit_note_id for one in cases} - {None}
    found = select(CreditNote).where(CreditNote.id.in_(wanted), CreditNote.customer_id == guest.customer.id)
    notes = {one.id: one for one in session.scalars(found.options(selectinload(CreditNote.lines)))} if wanted else {}
    return {
        one.id: case_status(
            one, today=guest.today, time_zone=guest.seller.time_zone,
            credit=notes.get(one.credit_note_id) if one.credit_note_id else None,
        )
        for one in cases
    }  # fmt: skip
