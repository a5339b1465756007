"""Telling somebody of a rule that cannot be judged or carried out: a silent rule looks like one that has nothing to say."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from o2c_core.conversations.task import Task
from o2c_core.conversations.tasks import close_tasks, open_task, owner_of
from o2c_core.customers.seller import Seller
from o2c_core.escalations.escalation import Escalation
from o2c_core.escalations.rule import EscalationRule
from o2c_core.escalations.run import Entry
from o2c_core.escalations.written import owner_written

CUSTOMERS_NAMED = 20
SYSTEM = "system"


def tell_troubles(session: Session, seller: Seller, entries: Iterable[Entry], *, now: datetime) -> None:
    """A task for each rule that is unclear, for each escalation an unclear rule keeps from going up, and one for what failed
    by a rule; each to whose it is, or to finance. Of what is still so nobody hears twice."""
    failed: dict[UUID | None, list[Entry]] = {}
    for entry in entries:
        if entry.what == "unclear":
            _tell_unclear(session, seller, entry, now)
        elif entry.what == "failed":
            failed.setdefault(entry.rule_id, []).append(entry)
    for rule_id, of_rule in failed.items():
        _tell_failed(session, seller, rule_id, of_rule, now)


def all_clear(session: Session, rule_ids: Collection[UUID], how: str, *, now: datetime) -> None:
    """Closes what was told about those rules: they are as they should be again."""
    names = [about_rule(rule_id, what) for rule_id in rule_ids for what in ("unclear", "failed")]
    told = select(Task.about).where(Task.kind == "escalation", Task.state == "open", Task.about.in_(names))
    for about in session.scalars(told).all():
        close_tasks(session, "escalation", about, at=now, by=SYSTEM, how=how)


def about_rule(rule_id: UUID, what: str) -> str:
    """What a task says it is about; a new version of a rule is another state."""
    return f"rule:{rule_id}:{what}"


def _tell_unclear(session: Session, seller: Seller, entry: Entry, now: datetime) -> None:
    if entry.escalation_id is not None:
        of = session.get_one(Escalation, entry.escalation_id)
        # Named as its other tasks are, so that it is closed with the escalation.
        about, customer_id = f"escalation:{of.id}:{of.level}:unclear", of.customer_id
        why = (
            f"{entry.title} for {entry.name} ({entry.customer}) was not taken care of in time and does not go up a level: "
            f"its rule cannot be read any more. {entry.why} See to it yourself, or close it."
        )
    elif entry.rule_id is not None:
        about, customer_id = about_rule(entry.rule_id, "unclear"), None
        why = (
            f"The rule {entry.rule} cannot be judged: {entry.why} Until it is saved anew and switched on, it fires for nobody, "
            "and what stands open by it stays open."
        )
    else:
        return
    if _is_told(session, about):
        return
    open_task(
        session, "escalation", about, why, at=now, seller_id=seller.id, customer_id=customer_id,
        owner=entry.owner or owner_of(seller, "escalation"), rule=entry.rule,
    )  # fmt: skip


def _is_told(session: Session, about: str) -> bool:
    """Whether somebody has that task, or had it and said what they did. What only we closed was over in between."""
    query = select(Task.id).where(
        Task.kind == "escalation", Task.about == about, or_(Task.state == "open", Task.done_by != SYSTEM)
    )
    return session.scalar(query.limit(1)) is not None


def _tell_failed(
    session: Session, seller: Seller, rule_id: UUID | None, of_rule: Sequence[Entry], now: datetime
) -> None:
    first = of_rule[0]
    whom = list(dict.fromkeys(entry.customer for entry in of_rule if entry.customer))
    named = ", ".join(whom[:CUSTOMERS_NAMED])
    if len(whom) > CUSTOMERS_NAMED:
        named += f" and {len(whom) - CUSTOMERS_NAMED} more"
    if whom:
        why = f"{first.title} could not be carried out for {named}: {first.why} Everybody else was seen to."
    else:
        why = first.sentence + (" The other rules were." if rule_id is not None else "")
    kept = session.get(EscalationRule, rule_id) if rule_id is not None else None
    open_task(
        session, "escalation", about_rule(rule_id, "failed") if rule_id is not None else f"rules:{seller.id}:failed",
        f"{why} It is tried again every hour.", at=now, seller_id=seller.id,
        owner=(owner_written(kept.document) if kept is not None else None) or owner_of(seller, "escalation"),
        rule=first.rule, customers=whom[:CUSTOMERS_NAMED],
    )  # fmt: skip
