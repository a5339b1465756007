"""Save a rule as finance wrote it: a new version, off until somebody switches it on."""

from __future__ import annotations

from sqlalchemy import select

from o2c_core.cases.hold import HeldTooLong
from o2c_core.customers.authority import BeyondAuthority, authority_of
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.escalations.rule import EscalationRule
from o2c_core.escalations.rule_file import HoldOrders, PauseReminders, RuleDocument, WriteOff
from o2c_core.store.store import Store
from o2c_core.trail import note


def save_rule(rule: RuleDocument, *, seller_ref: str, store: Store, by: str) -> EscalationRule:
    """The version that says this. What was saved before stays as it is, and goes on holding where it is switched on.

    Saying the same again changes nothing.

    Raises: NotFound; HeldTooLong and BeyondAuthority when the rule may not do what it says.
    """
    now = store.clock.now()
    document = rule.model_dump(mode="json")
    with store.session() as session:
        # The seller's row makes two people who save at once take turns.
        seller = session.scalars(
            select(Seller).where(Seller.ref == seller_ref).with_for_update(key_share=True)
        ).one_or_none()
        if seller is None:
            raise NotFound(f"There is no seller '{seller_ref}'.", seller=seller_ref)
        check_authority(rule, seller)
        before = session.scalars(
            select(EscalationRule)
            .where(EscalationRule.seller_id == seller.id, EscalationRule.name == rule.name)
            .order_by(EscalationRule.version.desc())
            .limit(1)
        ).one_or_none()
        if before is not None and before.document == document:
            return before
        saved = EscalationRule(
            seller_id=seller.id, name=rule.name, version=before.version + 1 if before else 1, state="off",
            document=document, saved_at=now, saved_by=by,
        )  # fmt: skip
        session.add(saved)
        session.flush()
        note(
            session, "rule saved", saved, at=now, who=by, why=rule.title, rule=rule.name, version=saved.version,
            when=rule.when,
        )  # fmt: skip
        session.commit()
        return saved


def check_authority(rule: RuleDocument, seller: Seller) -> None:
    """Raises: HeldTooLong; BeyondAuthority."""
    limit = authority_of(rule.authority, seller).hold_days_max
    for deed in (deed for level in rule.level for deed in level.actions):
        if isinstance(deed, HoldOrders | PauseReminders) and deed.days > limit:
            raise HeldTooLong(
                f"A hold of {deed.days} days is more than the role {rule.authority} may decide, which is {limit}.",
                days=deed.days, days_max=limit,
            )  # fmt: skip
        if isinstance(deed, WriteOff) and deed.at_most > authority_of(deed.role, seller).write_off_max:
            raise BeyondAuthority(
                f"A write-off of {deed.at_most} is more than the role {deed.role} may decide.", role=deed.role
            )
