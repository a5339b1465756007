"""Resolve a complaint: what was done about it, and what had caused it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from o2c_core.cases.complaint import MOVES, Complaint
from o2c_core.cases.moves import move
from o2c_core.errors import NotFound, Refused
from o2c_core.store.store import Store
from o2c_core.trail import note

WORDS_CHARACTERS_MAX = 2000


class ResolutionNeedsWords(Refused):
    """A complaint is resolved with what was done about it and what had caused it, in words."""


def resolve_complaint(complaint_id: UUID, *, resolution: str, root_cause: str, by: str, store: Store) -> Complaint:
    """The resolved complaint. Who resolved it and the cause are in its line of the trail.

    Raises: NotFound; ResolutionNeedsWords; Settled when it has been resolved before.
    """
    if not resolution.strip() or not root_cause.strip():
        raise ResolutionNeedsWords
    now = store.clock.now()
    with store.session() as session:
        complaint = session.scalars(
            select(Complaint).where(Complaint.id == complaint_id).with_for_update(key_share=True)
        ).one_or_none()
        if complaint is None:
            raise NotFound(complaint=str(complaint_id))
        move(complaint, "resolved", MOVES)
        complaint.resolved_at = now
        complaint.resolution = resolution.strip()[:WORDS_CHARACTERS_MAX]
        complaint.root_cause = root_cause.strip()[:WORDS_CHARACTERS_MAX]
        note(
            session,
            "complaint resolved",
            complaint,
            at=now,
            who=by,
            why=complaint.resolution,
            number=complaint.number,
            root_cause=complaint.root_cause,
            days=(now - complaint.opened_at).days,
        )
        session.commit()
        return complaint
