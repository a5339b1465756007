"""The rule as it is kept: one row per version, of which at most one of a name is tried or in force."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint, select
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Mapped, Session, mapped_column

from o2c_core.errors import NotFound
from o2c_core.store.rows import Keyed, Row

# off: nothing happens. trial: what it would do is noted each day, and nobody hears of it. on: it acts.
STATES = ("off", "trial", "on")


class NoSuchRule(NotFound):
    """There is no such rule; parley rules list shows them."""


class EscalationRule(Keyed, Row):
    """One version of a rule. A change is a new version; what fired before keeps the one it fired by.

    `document` is what `rule_from` reads.
    """

    __tablename__ = "escalation_rule"
    __table_args__ = (
        UniqueConstraint("seller_id", "name", "version"),
        CheckConstraint(f"state IN {STATES}", "state"),
        Index("uq_escalation_rule_used", "seller_id", "name", unique=True, postgresql_where=sql("state <> 'off'")),
    )

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"))
    name: Mapped[str]
    version: Mapped[int]
    state: Mapped[str] = mapped_column(default="off")
    document: Mapped[dict[str, Any]]
    saved_at: Mapped[datetime]
    saved_by: Mapped[str]
    switched_at: Mapped[datetime | None]
    switched_by: Mapped[str | None]


def used_rules(session: Session, seller_id: UUID) -> list[EscalationRule]:
    """The rules that are tried or in force, by name."""
    query = select(EscalationRule).where(EscalationRule.seller_id == seller_id, EscalationRule.state != "off")
    return list(session.scalars(query.order_by(EscalationRule.name)))


def newest_rules(session: Session, seller_id: UUID) -> list[EscalationRule]:
    """Of each name the version that is tried or in force, else the newest; by name."""
    query = (
        select(EscalationRule)
        .where(EscalationRule.seller_id == seller_id)
        .ext(distinct_on(EscalationRule.name))
        .order_by(EscalationRule.name, EscalationRule.state == "off", EscalationRule.version.desc())
    )
    return list(session.scalars(query))


def rule_named(session: Session, seller_id: UUID, name: str, version: int | None = None) -> EscalationRule:
    """That version of the rule, else its newest. Raises: NoSuchRule."""
    query = select(EscalationRule).where(EscalationRule.seller_id == seller_id, EscalationRule.name == name)
    if version is not None:
        query = query.where(EscalationRule.version == version)
    found = session.scalars(query.order_by(EscalationRule.version.desc()).limit(1)).one_or_none()
    if found is None:
        raise NoSuchRule(rule=name, version=version)
    return found
