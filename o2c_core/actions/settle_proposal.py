"""Settle a proposal: the customer agreed or not, and what came of doing it."""

from __future__ import annotations

from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select

from o2c_core.conversations.proposal import Proposal, may_move
from o2c_core.errors import Overtaken
from o2c_core.store.store import Store
from o2c_core.trail import note

Settled = Literal["confirmed", "declined", "replaced", "done", "refused"]


def settle_proposal(
    proposal_id: UUID,
    to: Settled,
    *,
    store: Store,
    message_id: UUID | None = None,
    outcome: dict[str, Any] | None = None,
) -> Proposal:
    """The proposal in its new state, with the message that settled it and what was recorded.

    Settling again with the same message changes nothing, so that a turn that was cut short can be taken again. A
    proposal that waits no longer is not confirmed any more.

    Raises: Overtaken when it was settled otherwise meanwhile, or has lapsed.
    """
    now = store.clock.now()
    with store.session() as session:
        proposal = session.scalars(select(Proposal).where(Proposal.id == proposal_id).with_for_update()).one()
        if proposal.state == to and (message_id is None or proposal.settled_by_id == message_id):
            return proposal
        is_late = proposal.state == "open" and proposal.lapses_at <= now
        if not may_move(proposal.state, to) or is_late:
            raise Overtaken(proposal=str(proposal_id), state=proposal.state)
        proposal.state = to
        proposal.settled_at = now
        proposal.settled_by_id = message_id or proposal.settled_by_id
        if outcome is not None:
            proposal.outcome = outcome
        note(
            session, f"proposal {to}", proposal, at=now, who="customer" if message_id else "assistant",
            customer_id=proposal.customer_id, message_id=proposal.settled_by_id, kind=proposal.kind,
        )  # fmt: skip
        session.commit()
        return proposal
