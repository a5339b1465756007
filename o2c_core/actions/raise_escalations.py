"""Take escalations to their next level where nobody acknowledged them, or dealt with them, in time."""

from __future__ import annotations

from dataclasses import replace
from itertools import groupby
from operator import itemgetter

from sqlalchemy import or_, select

from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.escalations.apart import apart
from o2c_core.escalations.escalation import Escalation
from o2c_core.escalations.late import newly_late, say_late
from o2c_core.escalations.levels import begin_level, goes_up
from o2c_core.escalations.rule import EscalationRule
from o2c_core.escalations.rule_file import RuleUnclear, rule_from
from o2c_core.escalations.run import Entry
from o2c_core.escalations.troubles import tell_troubles
from o2c_core.escalations.written import levels_written, title_written
from o2c_core.store.store import Store


def raise_escalations(*, store: Store, seller_ref: str | None = None) -> list[Entry]:
    """What went up a level now, by the version of the rule it fired by, what is late on its last, and what broke.

    Each escalation is seen to in a transaction of its own; what keeps one of them where it is becomes somebody's task.
    """
    now = store.clock.now()
    due = (
        select(Escalation, EscalationRule, Customer, Seller)
        .join(EscalationRule, EscalationRule.id == Escalation.rule_id)
        .join(Customer, Customer.id == Escalation.customer_id)
        .join(Seller, Seller.id == Escalation.seller_id)
        .where(
            Escalation.ended_at.is_(None),
            Escalation.closed_at.is_(None),
            Escalation.is_trial.is_(False),
            or_(Escalation.acknowledge_by <= now, Escalation.deadline_at <= now),
        )
        .order_by(Seller.ref, Escalation.id)
    )
    if seller_ref is not None:
        due = due.where(Seller.ref == seller_ref)
    with store.session() as session:
        late = [
            (seller, Entry("failed", seller.ref, one.rule, title_written(kept.document) or one.rule, customer.ref,
                           customer.name, one.state_key, level=one.level, owner=one.owner, escalation_id=one.id,
                           rule_id=kept.id))
            for one, kept, customer, seller in session.execute(due)
        ]  # fmt: skip
    entries: list[Entry] = []
    for seller, of_one in groupby(late, key=itemgetter(0)):
        found: list[Entry] = []
        for _, piece in of_one:
            with apart(found, piece):
                entry = _raise(piece, store)
                found += [entry] if entry else []
        if any(entry.is_trouble for entry in found):
            with apart(found, Entry("failed", seller.ref)), store.session() as session:
                tell_troubles(session, seller, found, now=now)
                session.commit()
        entries += found
    return entries


def _raise(piece: Entry, store: Store) -> Entry | None:
    """What became of it; None where it stays on its level."""
    now = store.clock.now()
    with store.session() as session:
        # The lock makes two sweeps take turns; the second finds the time of the next level not yet over.
        found = session.scalars(
            select(Escalation)
            .where(Escalation.id == piece.escalation_id)
            .with_for_update()
            .execution_options(populate_existing=True)
        ).one()
        document = session.get_one(EscalationRule, found.rule_id).document
        try:
            rule = rule_from(document)
        except RuleUnclear as odd:
            is_stuck = goes_up(found, levels_written(document), now) is not None
            return replace(piece, what="unclear", why=odd.sentence) if is_stuck else None
        seller, customer = session.get_one(Seller, found.seller_id), session.get_one(Customer, found.customer_id)
        why = goes_up(found, len(rule.level), now)
        if why is None:
            late = newly_late(found, len(rule.level), now)
            if late is None:
                return None
            say_late(session, found, rule, seller=seller, customer=customer, now=now, why=late)
            session.commit()
            return replace(piece, what="late", title=rule.title, why=late)
        begin_level(session, found, rule, found.level + 1, seller=seller, customer=customer, now=now, why=why)
        session.commit()
        return replace(piece, what="raised", title=rule.title, why=why, level=found.level, owner=found.owner)
