"""Let proposals lapse that nobody answered, and changes whose code never came; what a customer told us is left to a person
instead of forgotten."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.handoff import hand_over
from o2c_core.conversations.proposal import TOLD, WAITS_FOR_CODE, Proposal
from o2c_core.store.store import Store
from o2c_core.trail import note


def lapse_proposals(*, store: Store, limit: int = 500) -> int:
    """How many have lapsed now. A change that was agreed to and waits for its code is refused after half an hour: the code
    is not good any more. Each is settled in a transaction of its own, so that one cannot keep back the rest."""
    now = store.clock.now()
    with store.session() as session:
        due = select(Proposal.id).where(Proposal.state == "open", Proposal.lapses_at <= now)
        ids = list(session.scalars(due.order_by(Proposal.lapses_at).limit(limit)))
    lapsed = 0
    for proposal_id in ids:
        with store.session() as session:
            proposal = session.scalars(
                select(Proposal)
                .where(Proposal.id == proposal_id, Proposal.state == "open")
                .with_for_update(skip_locked=True)
            ).one_or_none()
            if proposal is None:
                continue
            proposal.state, proposal.settled_at = "lapsed", now
            note(
                session, "proposal lapsed", proposal, at=now, who="system", why="nobody answered",
                customer_id=proposal.customer_id, message_id=proposal.message_id, kind=proposal.kind,
            )  # fmt: skip
            if proposal.kind in TOLD:
                conversation = session.scalars(
                    select(Conversation).where(Conversation.id == proposal.conversation_id).with_for_update()
                ).one()
                hand_over(
                    session, conversation, "unconfirmed", at=now, who="system", message_id=proposal.message_id,
                    why=f"A {proposal.kind} was told and not confirmed.",
                )  # fmt: skip
            session.commit()
            lapsed += 1
    return lapsed + sum(_gave_up(one, now, store) for one in _waiting_for_code(now, store, limit))


def _waiting_for_code(now: datetime, store: Store, limit: int) -> list[UUID]:
    with store.session() as session:
        due = select(Proposal.id).where(
            Proposal.kind == "change_contact",
            Proposal.state == "confirmed",
            Proposal.arguments["what"].astext == "address",
            Proposal.settled_at <= now - WAITS_FOR_CODE,
        )
        return list(session.scalars(due.order_by(Proposal.settled_at).limit(limit)))


def _gave_up(proposal_id: UUID, now: datetime, store: Store) -> bool:
    """Whether the change was still waiting for its code, and waits no longer."""
    with store.session() as session:
        waits = select(Proposal).where(Proposal.id == proposal_id, Proposal.state == "confirmed")
        proposal = session.scalars(waits.with_for_update(skip_locked=True)).one_or_none()
        if proposal is None:
            return False
        proposal.state, proposal.settled_at, proposal.outcome = "refused", now, {"refused": "CodeOver"}
        note(
            session, "proposal refused", proposal, at=now, who="system", why="its code never came",
            customer_id=proposal.customer_id, message_id=proposal.message_id, kind=proposal.kind,
        )  # fmt: skip
        session.commit()
        return True
