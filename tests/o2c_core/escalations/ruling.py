"""Rules for tests: name only what the test is about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select

from o2c_core.actions.save_rule import save_rule
from o2c_core.actions.switch_rule import switch_rule
from o2c_core.customers.seller import Seller
from o2c_core.escalations.escalation import Escalation
from o2c_core.escalations.rule import EscalationRule
from o2c_core.escalations.rule_file import RuleDocument, rule_from
from o2c_core.store.store import Store


def a_rule(*actions: Mapping[str, Any], when: str = "overdue >= 100", **fields: Any) -> RuleDocument:
    """A rule with one level, whose owner is Sanne; `level` puts others in its place."""
    level = {"owner": "Sanne", "actions": list(actions) or [{"do": "task", "what": "Call"}]}
    return rule_from({"name": "late", "title": "Late", "when": when, "level": [level], **fields})


def in_force(rule: RuleDocument, store: Store, seller: Seller, state: str = "on") -> EscalationRule:
    save_rule(rule, seller_ref=seller.ref, store=store, by="finance")
    return switch_rule(rule.name, state, seller_ref=seller.ref, store=store, by="finance")


def escalations(store: Store, rule: str = "late") -> Sequence[Escalation]:
    with store.session() as session:
        query = select(Escalation).where(Escalation.rule == rule).order_by(Escalation.fired_at, Escalation.id)
        return session.scalars(query).all()


def the(store: Store, key: UUID) -> Escalation:
    with store.session() as session:
        return session.get_one(Escalation, key)
