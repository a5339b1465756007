"""Switch a rule off, to trial, or on."""

from __future__ import annotations

from sqlalchemy import select

from o2c_core.actions.save_rule import check_authority
from o2c_core.clock import today
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.escalations.approval import check_role
from o2c_core.escalations.ending import end
from o2c_core.escalations.escalation import Escalation
from o2c_core.escalations.rule import STATES, EscalationRule, rule_named
from o2c_core.escalations.rule_file import rule_from
from o2c_core.escalations.troubles import all_clear
from o2c_core.store.store import Store
from o2c_core.trail import note


class NoSuchState(Refused):
    """A rule is off, in trial, or on."""


def switch_rule(
    name: str,
    state: str,
    *,
    seller_ref: str,
    store: Store,
    by: str,
    version: int | None = None,
    role: str = "finance",
) -> EscalationRule:
    """The version (the newest without one), in that state; another version of it that was used is off from now on.

    What stands open by the rule is over when it is switched off, and when it goes from trial to on or back, so that it
    fires again as what it is now. Going from one version to the next leaves what stands open as it is.

    Raises: NotFound; NoSuchRule; NoSuchState; BeyondAuthority where the rule acts with more authority than the role has,
    or with more than was left to its own role since it was saved; HeldTooLong; RuleUnclear.
    """
    if state not in STATES:
        raise NoSuchState(state=state)
    check_role(role, "finance")
    now = store.clock.now()
    with store.session() as session:
        seller = session.scalars(
            select(Seller).where(Seller.ref == seller_ref).with_for_update(key_share=True)
        ).one_or_none()
        if seller is None:
            raise NotFound(f"There is no seller '{seller_ref}'.", seller=seller_ref)
        rule = rule_named(session, seller.id, name, version)
        if state != "off":
            says = rule_from(rule.document)
            check_authority(says, seller)
            if state == "on":
                check_role(role, says.authority)
        used = session.scalars(
            select(EscalationRule).where(
                EscalationRule.seller_id == seller.id, EscalationRule.name == name, EscalationRule.state != "off"
            )
        ).one_or_none()
        was = used.state if used is not None else "off"
        if used is rule and was == state:
            return rule
        for one in (used, rule):
            if one is not None:
                one.state, one.switched_at, one.switched_by = "off", now, by
        if used is not None and (used is not rule or state == "off"):
            all_clear(session, [used.id], "The rule does not hold in that version any more.", now=now)
        # Of a name only one version is used, also for the moment in between.
        session.flush()
        rule.state = state
        session.flush()
        note(
            session, "rule switched", rule, at=now, who=by, why=f"from {was} to {state}", rule=name,
            version=rule.version, state=state,
        )  # fmt: skip
        if state != was:
            why = {"off": "the rule was switched off", "trial": "the rule is only tried from now on"}.get(
                state, "the trial is over and the rule is switched on"
            )
            standing = select(Escalation.id).where(
                Escalation.seller_id == seller.id, Escalation.rule == name, Escalation.ended_at.is_(None)
            )
            for key in session.scalars(standing).all():
                end(session, key, why, now=now, day=today(store.clock, seller.time_zone), who=by)
        session.commit()
        return rule
