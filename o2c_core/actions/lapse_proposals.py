"""Let proposals lapse that nobody answered; what a customer told us is left to a person instead of forgotten."""

from __future__ import annotations

from sqlalchemy import select

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.handoff import hand_over
from o2c_core.conversations.proposal import TOLD, Proposal
from o2c_core.store.store import Store
from o2c_core.trail import note


def lapse_proposals(*, store: Store, limit: int = 500) -> int:
    """How many have lapsed now. Each is settled in a transaction of its own, so that one cannot keep back the rest."""
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
    return lapsed
