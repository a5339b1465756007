"""Decide what waits for an approval, and carry out what was approved."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.acknowledge_escalation import WhoIsMissing
from o2c_core.actions.make_evidence_pack import make_evidence_pack
from o2c_core.actions.place_hold import Pause, place_hold
from o2c_core.actions.write_off import write_off
from o2c_core.cases.moves import Settled, move
from o2c_core.clock import today
from o2c_core.conversations.tasks import close_tasks, open_task
from o2c_core.customers.authority import authority_of, check_amount
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import Refused
from o2c_core.escalations.approval import MOVES, Approval, NoSuchApproval, check_role
from o2c_core.escalations.deeds import ORDER_HOLDS
from o2c_core.escalations.escalation import Escalation
from o2c_core.escalations.measured import members_of
from o2c_core.escalations.telling import moment
from o2c_core.invoices.account import invoices_of
from o2c_core.invoices.payment import WriteOff
from o2c_core.money import Money
from o2c_core.notices.evidence import NothingOverdue
from o2c_core.store.store import Store
from o2c_core.trail import note

WITH_COLLECTOR = "handed over for collection"


class WhyIsMissing(Refused):
    """Say in a few words why; whoever asked reads it."""


class AlreadyDecided(Settled):
    """Somebody has decided about this already."""


def decide_approval(approval_id: UUID, *, approve: bool, by: str, role: str, why: str, store: Store) -> Approval:
    """The approval, decided. What was approved is carried out at once; where that failed half-way, deciding the same
    again goes on with it.

    Raises: NoSuchApproval; WhoIsMissing; WhyIsMissing; BeyondAuthority; AlreadyDecided, saying who was first, also where
    they decided the same; and what carrying it out refuses.
    """
    if not by.strip():
        raise WhoIsMissing
    if not why.strip():
        raise WhyIsMissing(approval=str(approval_id))
    by = by.strip()[:200]
    now = store.clock.now()
    with store.session() as session:
        approval = session.scalars(select(Approval).where(Approval.id == approval_id).with_for_update()).one_or_none()
        if approval is None:
            raise NoSuchApproval(approval=str(approval_id))
        check_role(role, approval.role)
        seller = session.get_one(Seller, approval.seller_id)
        goes_on = approval.state == "approved" and approval.carried_out_at is None and approve
        if not goes_on:
            if approval.state != "waiting":
                raise AlreadyDecided(_who_was_first(approval, seller), now=approval.state)
            if approve and approval.kind == "write_off" and approval.amount is not None:
                check_amount(approval.amount, authority_of(role, seller).write_off_max, role, "write-off")
            move(approval, "approved" if approve else "refused", MOVES)
            approval.decided_at, approval.decided_by, approval.decided_role = now, by, role
            approval.why = why.strip()[:500]
            note(
                session, f"approval {approval.state}", approval, at=now, who=by, why=approval.why, role=role,
                kind=approval.kind, amount=str(approval.amount) if approval.amount else None,
            )  # fmt: skip
            close_tasks(session, "approval", f"approval:{approval.id}", at=now, by=by, how=approval.why)
            session.commit()
    if approval.state == "approved":
        # Of two who decide the same at once, the second waits here and finds it carried out.
        with store.session() as turn:
            turn.execute(select(func.pg_advisory_xact_lock(func.hashtextextended(f"approval {approval.id}", 0))))
            approval = _carry_out(approval, store)
            turn.commit()
    if approval.decided_by != by:
        raise AlreadyDecided(_who_was_first(approval, seller), now=approval.state)
    return approval


def _who_was_first(approval: Approval, seller: Seller) -> str:
    """For whoever comes second: who decided what, when and why, and what came of it."""
    if approval.decided_by is None or approval.decided_at is None:
        return f"This has lapsed: {approval.why}."
    at = moment(approval.decided_at, seller)
    said = f"{approval.decided_by} {approval.state} this on {at}: “{(approval.why or '').rstrip('.')}”."
    return f"{said} {approval.outcome}" if approval.outcome else said


def _carry_out(approval: Approval, store: Store) -> Approval:
    """Each way of carrying out finds what it did before, so that a second try does nothing twice."""
    with store.session() as session:
        already = session.get_one(Approval, approval.id, populate_existing=True)
        if already.carried_out_at is not None:
            return already
    outcome, made = _WAYS[approval.kind](approval, store)
    now = store.clock.now()
    with store.session() as session:
        done = session.scalars(select(Approval).where(Approval.id == approval.id).with_for_update()).one()
        if done.carried_out_at is not None:
            return done
        done.carried_out_at, done.outcome = now, outcome
        if made and done.escalation_id is not None:
            # So that what was made ends with the escalation, as if the rule had made it itself.
            of = session.scalars(select(Escalation).where(Escalation.id == done.escalation_id).with_for_update()).one()
            of.done = [*of.done, {"level": of.level, "do": done.kind, "approval": str(done.id), **made}]
        note(session, "approval carried out", done, at=now, who=str(done.decided_by), why=outcome, kind=done.kind)
        session.commit()
        return done


def _hold_orders(approval: Approval, store: Store) -> tuple[str, dict[str, Any]]:
    with store.session() as session:
        seller = session.get_one(Seller, approval.seller_id)
        until_on = _decided_on(approval, seller) + timedelta(days=int(approval.asks["days"]))
    holds = [
        place_hold(
            Pause(
                customer_id=approval.customer_id, kind=kind, reason=approval.subject, owner=str(approval.decided_by),
                until_on=until_on,
            ),
            store=store, role=str(approval.decided_role), by=str(approval.decided_by),
        )
        for kind in ORDER_HOLDS
    ]  # fmt: skip
    return f"Orders and deliveries are held up to and including {until_on}.", {"holds": [str(one.id) for one in holds]}


def _write_off(approval: Approval, store: Store) -> tuple[str, dict[str, Any]]:
    """Oldest first, never more than was approved and never more than is late now."""
    words = f"approval {approval.id}"
    assert approval.amount is not None
    with store.session() as session:
        seller = session.get_one(Seller, approval.seller_id)
        day = today(store.clock, seller.time_zone)
        left = approval.amount - _written_off(session, approval, words)
        late = [
            (one.invoice.id, min(one.overdue, one.open))
            for one in invoices_of(session, approval.customer_id, day, only_open=True)
            if one.open.currency == left.currency and one.overdue.minor > 0
        ]
    for invoice_id, overdue in late:
        amount = min(left, overdue)
        if amount.minor <= 0:
            break
        write_off(
            invoice_id, amount, reason=str(approval.asks.get("reason", "bad_debt")), words=words,
            by=str(approval.decided_by), role=str(approval.decided_role), store=store,
        )  # fmt: skip
        left -= amount
    with store.session() as session:
        return f"{_written_off(session, approval, words)} was written off.", {}


def _written_off(session: Session, approval: Approval, words: str) -> Money:
    found = session.scalars(
        select(WriteOff.amount_minor).where(WriteOff.customer_id == approval.customer_id, WriteOff.words == words)
    )
    return Money(sum(found), str(approval.currency))


def _collection(approval: Approval, store: Store) -> tuple[str, dict[str, Any]]:
    """The evidence is put together once more when it is handed over; here it is seen that it can be, and of what."""
    with store.session() as session:
        of = session.get(Escalation, approval.escalation_id) if approval.escalation_id else None
        is_group = of is not None and of.about == "group"
        ids = members_of(session, approval.seller_id, approval.customer_id) if is_group else [approval.customer_id]
        refs = {one.id: one.ref for one in session.scalars(select(Customer).where(Customer.id.in_(ids)))}
        seller = session.get_one(Seller, approval.seller_id)
        days = authority_of(str(approval.decided_role), seller).hold_days_max
        quiet_until = _decided_on(approval, seller) + timedelta(days=days)
    packs, holds = [], []
    for customer_id in ids:
        try:
            pack = make_evidence_pack(
                customer_id, store=store, by=str(approval.decided_by), why=f"approval {approval.id}"
            )
        except NothingOverdue:
            continue
        packs.append({"customer": refs[customer_id], "checksum": pack.checksum, "invoices": list(pack.invoices)})
        # Whoever a collector writes to is not reminded by us as well.
        pause = Pause(
            customer_id=customer_id, kind="reminders", reason=WITH_COLLECTOR, owner=str(approval.decided_by),
            until_on=quiet_until,
        )  # fmt: skip
        holds.append(place_hold(pause, store=store, role=str(approval.decided_role), by=str(approval.decided_by)))
    if not packs:
        return "Nothing is overdue any more, so there is nothing to hand over.", {}
    commands = "; ".join(
        f"parley notice evidence --customer {pack['customer']} --out {pack['customer']}.zip" for pack in packs
    )
    asked, _ = _hand_to_person(
        approval, store, "collection", f"{approval.subject} The evidence: {commands}", packs=packs
    )
    quiet = f"{asked} No reminders up to and including {quiet_until}."
    return quiet, {"holds": [str(hold.id) for hold in holds]}


def _decision(approval: Approval, store: Store) -> tuple[str, dict[str, Any]]:
    return _hand_to_person(approval, store, "approval", f"Approved, to be carried out: {approval.subject}")


def _hand_to_person(
    approval: Approval, store: Store, kind: str, why: str, **details: Any
) -> tuple[str, dict[str, Any]]:
    now = store.clock.now()
    with store.session() as session:
        of = session.get(Escalation, approval.escalation_id) if approval.escalation_id else None
        owner = of.owner if of is not None else approval.decided_by
        open_task(
            session, kind, f"approved:{approval.id}", why, at=now, seller_id=approval.seller_id,
            customer_id=approval.customer_id, owner=owner, due_at=of.deadline_at if of is not None else None,
            approval=str(approval.id), amount=str(approval.amount) if approval.amount else None, **details,
        )  # fmt: skip
        session.commit()
    return f"A task for {owner}.", {}


def _decided_on(approval: Approval, seller: Seller) -> date:
    """The day it was decided, so that a second try places the same hold."""
    assert approval.decided_at is not None
    return approval.decided_at.astimezone(ZoneInfo(seller.time_zone)).date()


_WAYS: Mapping[str, Callable[[Approval, Store], tuple[str, dict[str, Any]]]] = {
    "decision": _decision,
    "hold_orders": _hold_orders,
    "collection": _collection,
    "write_off": _write_off,
}
