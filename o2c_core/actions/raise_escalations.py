"""Take escalations to their next level where nobody acknowledged them, or dealt with them, in time."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select

from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.escalations.escalation import Escalation
from o2c_core.escalations.levels import begin_level, goes_up
from o2c_core.escalations.rule import EscalationRule
from o2c_core.escalations.rule_file import RuleUnclear, rule_from
from o2c_core.escalations.run import Entry
from o2c_core.store.store import Store


def raise_escalations(*, store: Store, seller_ref: str | None = None) -> list[Entry]:
    """What went up a level now. By the version of the rule it fired by; each escalation in a transaction of its own."""
    now = store.clock.now()
    due = select(Escalation.id).where(
        Escalation.ended_at.is_(None),
        Escalation.closed_at.is_(None),
        Escalation.is_trial.is_(False),
        or_(Escalation.acknowledge_by <= now, Escalation.deadline_at <= now),
    )
    if seller_ref is not None:
        due = due.join(Seller, Seller.id == Escalation.seller_id).where(Seller.ref == seller_ref)
    with store.session() as session:
        keys = session.scalars(due.order_by(Escalation.id)).all()
    return [entry for entry in (_raise(key, store) for key in keys) if entry is not None]


def _raise(escalation_id: UUID, store: Store) -> Entry | None:
    now = store.clock.now()
    with store.session() as session:
        # The lock makes two sweeps take turns; the second finds the time of the next level not yet over.
        found = session.scalars(
            select(Escalation)
            .where(Escalation.id == escalation_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
        try:
            rule = rule_from(session.get_one(EscalationRule, found.rule_id).document)
        except RuleUnclear:
            return None
        why = goes_up(found, len(rule.level), now)
        if why is None:
            return None
        seller, customer = session.get_one(Seller, found.seller_id), session.get_one(Customer, found.customer_id)
        begin_level(session, found, rule, found.level + 1, seller=seller, customer=customer, now=now, why=why)
        session.commit()
        return Entry(
            "raised", seller.ref, found.rule, rule.title, customer.ref, customer.name, found.state_key, why,
            found.level, found.owner, escalation_id=found.id,
        )  # fmt: skip
