"""Doing what a level of a rule says, each action in the transaction in which the level begins."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, TypeVar

from sqlalchemy import select

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.hold import Hold, check_hold
from o2c_core.conversations.tasks import open_task
from o2c_core.customers.authority import authority_of
from o2c_core.customers.customer import Customer
from o2c_core.errors import Refused
from o2c_core.escalations.approval import Approval
from o2c_core.escalations.begun import Begun, about
from o2c_core.escalations.rule_file import (
    AskApproval,
    Assign,
    ChooseLadder,
    Collection,
    Deed,
    GiveTask,
    HoldOrders,
    PauseReminders,
    Tell,
    WriteOff,
)
from o2c_core.escalations.speaks_against import speaks_against
from o2c_core.escalations.telling import moment, named, tell
from o2c_core.escalations.wording import seen_in_words
from o2c_core.invoices.account import balances
from o2c_core.money import Money, exponent
from o2c_core.reminders.ladders.choice import Place
from o2c_core.reminders.ladders.choosing import put_in_force
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.trail import note

# What a hold on orders stops: confirming new ones, and letting goods leave.
ORDER_HOLDS = ("credit", "delivery")
Case = TypeVar("Case", Dispute, Complaint)


def carry_out(begun: Begun) -> list[dict[str, Any]]:
    """Does the level's actions; for each what was done, with the ids of what it made, or why it was not."""
    done = []
    for position, deed in enumerate(begun.level.actions):
        try:
            with begun.session.begin_nested():
                outcome = _do(begun, deed, position)
        except Refused as no:
            # One action that is refused keeps none of the others from being done; a person hears of it.
            outcome = {"refused": no.sentence}
            open_task(
                begun.session, "escalation", f"{about(begun.escalation)}:{begun.escalation.level}:{position}:refused",
                f"{begun.rule.title}: “{deed.do}” could not be done. {no.sentence}", at=begun.now,
                seller_id=begun.seller.id, customer_id=begun.customer.id, owner=begun.level.owner,
            )  # fmt: skip
        done.append({"level": begun.escalation.level, "do": deed.do, **outcome})
    return done


def _do(begun: Begun, deed: Deed, position: int) -> dict[str, Any]:
    match deed:
        case Tell():
            return _tell(begun, deed)
        case GiveTask():
            due_at = begun.later(deed.within) if deed.within else None
            return _task(begun, position, f"{begun.rule.title}: {deed.what}", due_at)
        case Assign():
            return _assign(begun, Dispute) if deed.what == "disputes" else _assign(begun, Complaint)
        case HoldOrders():
            return _hold_orders(begun, deed)
        case PauseReminders():
            return {"holds": [str(_hold(begun, one, "reminders", deed.days).id) for one in begun.companies()]}
        case ChooseLadder():
            put_in_force(
                begun.session, begun.seller, deed.ladder, Place(customer_id=begun.customer.id), now=begun.now,
                by=begun.by, why=begun.rule.title,
            )  # fmt: skip
            return {"ladder": deed.ladder}
        case AskApproval():
            return _ask(begun, "decision", deed.role, f"{begun.rule.title}: {deed.what}")
        case Collection():
            to = f" to {deed.to}" if deed.to else ""
            amounts = _overdue(begun)
            all_of_it = " and ".join(str(amount) for amount in amounts)
            said = f"Hand {all_of_it} of {_whom(begun)} over{to} for collection: {begun.rule.title}."
            return _ask(begun, "collection", deed.role, _minding(begun, said), amounts[0], to=deed.to)
        case WriteOff():
            return _propose_write_off(begun, deed)


def _tell(begun: Begun, deed: Tell) -> dict[str, Any]:
    owner, mail = (deed.to or begun.level.owner), (deed.mail if deed.to else begun.level.mail)
    if mail is None:
        # Without an address the task is how they hear of it.
        task = _task(begun, -1, f"{begun.rule.title}: {_seen(begun)}", begun.escalation.acknowledge_by, owner)
        return {"told": owner, **task}
    subject = f"Escalation: {begun.rule.title}, {named(begun.customer)}"
    conversation_id = tell(begun.session, begun.seller, mail, subject, _letter(begun, owner), now=begun.now)
    return {"told": owner, "conversation": str(conversation_id)}


def _letter(begun: Begun, owner: str) -> str:
    one = begun.escalation
    said = [f"{begun.rule.title}: {named(begun.customer)}.", f"What was seen on {one.fired_on}: {_seen(begun)}."]
    if one.level > 1:
        said.append(f"Level {one.level}: it came to you because it was not taken care of before.")
    if owner == begun.level.owner and one.acknowledge_by is not None:
        said.append(
            f"Please say that you have it by {moment(one.acknowledge_by, begun.seller)}, on the page of rules or with\n"
            f"parley rules acknowledge {one.id} --by “{owner}”"
        )
    if one.deadline_at is not None:
        said.append(f"It has to be dealt with by {moment(one.deadline_at, begun.seller)}.")
    if begun.rule.why:
        said.append(begun.rule.why)
    return "\n\n".join(said)


def _seen(begun: Begun) -> str:
    return seen_in_words(begun.rule.condition.seen_again(begun.escalation.facts))


def _whom(begun: Begun) -> str:
    return f"{begun.customer.name} ({begun.customer.ref})" + (" and its group" if begun.rule.about == "group" else "")


def _task(begun: Begun, position: int, what: str, due_at: datetime | None, owner: str | None = None) -> dict[str, Any]:
    one = begun.escalation
    task = open_task(
        begun.session, "escalation", f"{about(one)}:{one.level}:{position}", what, at=begun.now,
        seller_id=begun.seller.id, customer_id=begun.customer.id, owner=owner or begun.level.owner, due_at=due_at,
        escalation=str(one.id), rule=begun.rule.name, level=one.level,
    )  # fmt: skip
    return {"task": str(task.id), "due_at": due_at.isoformat() if due_at else None}


def _assign(begun: Begun, kind: type[Case]) -> dict[str, Any]:
    theirs = select(kind).where(kind.customer_id == begun.customer.id, kind.state == "open")
    cases: list[Case] = list(begun.session.scalars(theirs.with_for_update(key_share=True)))
    for case in cases:
        note(
            begun.session, f"{case.__tablename__} assigned", case, at=begun.now, who=begun.by, number=case.number,
            owner=begun.level.owner, before=case.owner,
        )  # fmt: skip
        case.owner = begun.level.owner
    return {"assigned": [str(case.id) for case in cases], "owner": begun.level.owner}


def _hold_orders(begun: Begun, deed: HoldOrders) -> dict[str, Any]:
    """A decision with consequences for a private person is never made by a rule alone. Source: GDPR art. 22."""
    companies = begun.companies()
    held = [
        str(_hold(begun, one, kind, deed.days).id) for one in companies if one.kind != "person" for kind in ORDER_HOLDS
    ]
    asked = [
        _ask(
            begun, "hold_orders", begun.rule.authority,
            f"Hold new orders and deliveries of {one.name} ({one.ref}) for at most {deed.days} days: {begun.rule.title}.",
            customer=one, days=deed.days,
        )["approval"]
        for one in companies
        if one.kind == "person"
    ]  # fmt: skip
    return {"holds": held, "approvals": asked}


def _hold(begun: Begun, customer: Customer, kind: str, days: int) -> Hold:
    until_on = begun.day + timedelta(days=days)
    limit = authority_of(begun.rule.authority, begun.seller).hold_days_max
    check_hold(kind, begun.rule.title, begun.level.owner, begun.day, until_on, begun.day, limit)
    hold = Hold(
        seller_id=begun.seller.id, customer_id=customer.id, kind=kind, reason=begun.rule.title,
        owner=begun.level.owner, from_on=begun.day, until_on=until_on, created_at=begun.now,
    )  # fmt: skip
    begun.session.add(hold)
    begun.session.flush()
    note(
        begun.session, "hold placed", hold, at=begun.now, who=begun.by, why=hold.reason, kind=kind, owner=hold.owner,
        until=until_on.isoformat(), invoice=None, escalation=str(begun.escalation.id),
    )  # fmt: skip
    withdraw_overtaken(begun.session, customer.id, begun.now)
    return hold


def _ask(
    begun: Begun,
    kind: str,
    role: str,
    subject: str,
    amount: Money | None = None,
    customer: Customer | None = None,
    **asks: Any,
) -> dict[str, Any]:
    whose = customer or begun.customer
    approval = Approval(
        seller_id=begun.seller.id, customer_id=whose.id, escalation_id=begun.escalation.id, kind=kind,
        subject=subject, amount_minor=amount.minor if amount else None, currency=amount.currency if amount else None,
        role=role, state="waiting", asks=asks, asked_at=begun.now, asked_by=begun.by,
    )  # fmt: skip
    begun.session.add(approval)
    begun.session.flush()
    note(
        begun.session, "approval asked", approval, at=begun.now, who=begun.by, why=subject, role=role, kind=kind,
        amount=str(amount) if amount else None, escalation=str(begun.escalation.id),
    )  # fmt: skip
    open_task(
        begun.session, "approval", f"approval:{approval.id}", subject, at=begun.now, seller_id=begun.seller.id,
        customer_id=whose.id, owner=role, due_at=begun.escalation.deadline_at, approval=str(approval.id),
        escalation=str(begun.escalation.id),
    )  # fmt: skip
    return {"approval": str(approval.id)}


def _overdue(begun: Begun) -> list[Money]:
    """What is overdue in each currency, the most at face value first; nothing is added across them."""
    overdue: dict[str, int] = {}
    for one in begun.companies():
        for balance in balances(begun.session, one.id, begun.day):
            overdue[balance.open.currency] = overdue.get(balance.open.currency, 0) + balance.overdue.minor
    amounts = [Money(minor, currency) for currency, minor in sorted(overdue.items()) if minor > 0]
    return sorted(amounts, key=lambda amount: -amount.major) or [Money.zero(begun.customer.currency)]


def _minding(begun: Begun, said: str) -> str:
    against = speaks_against(begun.session, begun.seller, [one.id for one in begun.companies()], begun.now)
    return f"{said} {against}" if against else said


class NothingToWriteOff(Refused):
    """Nothing is overdue, so there is nothing to write off."""


def _propose_write_off(begun: Begun, deed: WriteOff) -> dict[str, Any]:
    overdue = _overdue(begun)[0]
    amount = min(overdue, Money(deed.at_most * 10 ** exponent(overdue.currency), overdue.currency))
    if amount.minor <= 0:
        raise NothingToWriteOff(customer=begun.customer.ref)
    said = f"Write off {amount} of the {overdue} that {_whom(begun)} is late with: {begun.rule.title}."
    return _ask(begun, "write_off", deed.role, _minding(begun, said), amount, reason=deed.reason)
