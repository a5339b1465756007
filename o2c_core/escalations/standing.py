"""What stands open by the rules: whose it is, until when, and what was seen, as finance reads it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.escalations.approval import Approval
from o2c_core.escalations.escalation import Escalation
from o2c_core.escalations.levels import is_late
from o2c_core.escalations.rule import EscalationRule
from o2c_core.escalations.rule_file import RuleDocument, RuleUnclear, rule_from
from o2c_core.escalations.wording import seen_in_words
from o2c_core.escalations.written import levels_written, title_written


@dataclass(frozen=True)
class Standing:
    """One escalation that is not over, with the rule it fired by and whom it is about.

    `says` is None where that rule cannot be read any more: what stands open by it is shown all the same.
    """

    escalation: Escalation
    title: str
    levels: int
    says: RuleDocument | None
    customer: Customer
    is_late: bool

    @property
    def seen(self) -> str:
        if self.says is not None:
            return seen_in_words(self.says.condition.seen_again(self.escalation.facts))
        return "; ".join(f"{name}: {value}" for name, value in self.escalation.facts.items())

    @property
    def owner(self) -> str:
        return self.escalation.owner

    def to_json(self) -> dict[str, Any]:
        one = self.escalation
        return {
            "id": str(one.id),
            "rule": one.rule,
            "title": self.title,
            "customer": self.customer.ref,
            "name": self.customer.name,
            "stands": one.stands,
            "level": one.level,
            "owner": one.owner,
            "is_late": self.is_late,
            "fired_on": one.fired_on.isoformat(),
            "acknowledge_by": one.acknowledge_by.isoformat() if one.acknowledge_by else None,
            "acknowledged_by": one.acknowledged_by,
            "deadline_at": one.deadline_at.isoformat() if one.deadline_at else None,
            "seen": self.seen,
        }


def standing(session: Session, seller_id: UUID, now: datetime, *, rule: str | None = None) -> Sequence[Standing]:
    """Everything that has fired and is neither over nor closed; what a trial noted is left out. The latest first."""
    query = (
        select(Escalation, EscalationRule, Customer)
        .join(EscalationRule, EscalationRule.id == Escalation.rule_id)
        .join(Customer, Customer.id == Escalation.customer_id)
        .where(
            Escalation.seller_id == seller_id, Escalation.ended_at.is_(None), Escalation.closed_at.is_(None),
            Escalation.is_trial.is_(False),
        )
        .order_by(Escalation.fired_at.desc(), Escalation.id.desc())
    )  # fmt: skip
    if rule is not None:
        query = query.where(Escalation.rule == rule)
    read: dict[UUID, RuleDocument | None] = {}
    found = []
    for escalation, kept, customer in session.execute(query):
        if kept.id not in read:
            try:
                read[kept.id] = rule_from(kept.document)
            except RuleUnclear:
                read[kept.id] = None
        title, levels = title_written(kept.document) or kept.name, levels_written(kept.document)
        found.append(Standing(escalation, title, levels, read[kept.id], customer, is_late(escalation, now)))
    return found


def waiting_approvals(session: Session, seller_id: UUID) -> Sequence[Approval]:
    """What waits for somebody's approval, oldest first."""
    query = select(Approval).where(Approval.seller_id == seller_id, Approval.state == "waiting")
    return session.scalars(query.order_by(Approval.asked_at, Approval.id)).all()


def unfinished_approvals(session: Session, seller_id: UUID) -> Sequence[Approval]:
    """What was approved and broke while it was carried out, oldest first; deciding the same again goes on with it."""
    query = select(Approval).where(
        Approval.seller_id == seller_id, Approval.state == "approved", Approval.carried_out_at.is_(None)
    )
    return session.scalars(query.order_by(Approval.decided_at, Approval.id)).all()
