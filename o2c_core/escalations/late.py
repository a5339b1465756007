"""What is late on its last level: nobody is above its owner any more, so they hear of it once more themselves."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.tasks import open_task
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.escalations.begun import Begun, about
from o2c_core.escalations.escalation import Escalation
from o2c_core.escalations.levels import TOO_LATE, UNACKNOWLEDGED, is_late
from o2c_core.escalations.rule_file import RuleDocument
from o2c_core.escalations.telling import named, tell_more
from o2c_core.trail import note

LATE = "late"


def newly_late(escalation: Escalation, levels: int, now: datetime) -> str | None:
    """Why it is late on its last level, where nobody is above its owner any more; None when it is not, or was said."""
    if escalation.level < levels or not is_late(escalation, now):
        return None
    why = TOO_LATE if escalation.deadline_at is not None and now >= escalation.deadline_at else UNACKNOWLEDGED
    told = {"level": escalation.level, "do": LATE, "why": why}
    return None if any(told.items() <= one.items() for one in escalation.done) else why


def say_late(
    session: Session,
    escalation: Escalation,
    rule: RuleDocument,
    *,
    seller: Seller,
    customer: Customer,
    now: datetime,
    why: str,
) -> None:
    """Tells its owner once more, in the session's transaction, and notes it."""
    level = rule.level[escalation.level - 1]
    _tell(Begun(session, seller, customer, rule, escalation, level, now), why)
    escalation.done = [*escalation.done, {"level": escalation.level, "do": LATE, "why": why}]
    note(
        session, "escalation late", escalation, at=now, who=f"rule {rule.name}", why=why, rule=rule.name,
        level=escalation.level, owner=escalation.owner,
    )  # fmt: skip


def _tell(begun: Begun, why: str) -> None:
    """Says it where its owner heard of it: in that mail's thread, else as a task."""
    one = begun.escalation
    said = f"{begun.rule.title}, {named(begun.customer)}: {why}. It is still yours, and goes no further by itself."
    for done in one.done:
        if done.get("level") == one.level and done.get("told") == one.owner and "conversation" in done:
            tell_more(
                begun.session, begun.session.get_one(Conversation, UUID(done["conversation"])), said, now=begun.now
            )
            return
    open_task(
        begun.session, "escalation", f"{about(one)}:{one.level}:late", said, at=begun.now, seller_id=begun.seller.id,
        customer_id=begun.customer.id, owner=one.owner, due_at=begun.now, escalation=str(one.id), rule=begun.rule.name,
    )  # fmt: skip
