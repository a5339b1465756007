"""Where objections, complaints, promises and plans stand; taking one back is left to a person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime
from typing import Literal
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk import Desk
from bot.tools.documents import bare
from bot.tools.owed import invoices_numbered
from bot.tools.people import call_person
from bot.tools.tool import OfDocument, Tool
from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.paid_since import paid_for_promise
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.money import Money

CaseKind = Literal["promise", "plan", "dispute", "complaint"]
Case = Dispute | Complaint | PaymentPlan | Promise
_INTENTS: dict[CaseKind, str] = {
    "promise": "promise_to_pay", "plan": "payment_plan", "dispute": "dispute_invoice", "complaint": "complaint",
}  # fmt: skip
# A number of our own for a case: a letter or two, then figures, as a seller's pattern has it.
_NUMBERED = re.compile(r"(?<!\w)[A-Za-z]{1,4}-(?:\d{4}-)?\d{1,8}(?!\w)")


def case_status(desk: Desk, number: str | None) -> str:
    """What is known of one case by its number, or by the number of its invoice; without one, of the latest ones."""
    with desk.store.session() as session:
        wanted = number or _number_said(desk, session)
        if wanted is not None:
            found = _numbered(session, desk, wanted)
            if not found:
                return desk.say("not_on_account")
        else:
            found = _latest(session, desk)
            if not found:
                return desk.say("case.none")
        said = [_told(desk, session, one) for one in found[: desk.rows_max]]
        late = [one for one in found[: desk.rows_max] if _is_late(one, desk.today)]
    if late:
        numbers = ", ".join(one.number for one in late if isinstance(one, Dispute | Complaint))
        call_person(desk, "disagrees", f"asks about {numbers}, whose day to be answered has gone by")
        said.append(desk.say("case.late"))
    return "\n".join(said)


def has_cases(desk: Desk) -> bool:
    """Whether anything is recorded that could be asked about."""
    with desk.store.session() as session:
        return bool(_latest(session, desk))


def _number_said(desk: Desk, session: Session) -> str | None:
    """The number of a case that the words name, where it is one of the customer's."""
    return next((one for one in _NUMBERED.findall(desk.words) if _cases(session, desk, one)), None)


def _customer_id(desk: Desk) -> UUID:
    assert desk.customer is not None  # Tool.__call__ turns strangers away
    return desk.customer.id


def _cases(session: Session, desk: Desk, number: str) -> list[Case]:
    """The customer's cases with that number, however it is spelled."""
    wanted, customer_id = bare(number), _customer_id(desk)
    disputes = session.scalars(select(Dispute).where(Dispute.customer_id == customer_id))
    complaints = session.scalars(select(Complaint).where(Complaint.customer_id == customer_id))
    plans = session.scalars(select(PaymentPlan).where(PaymentPlan.customer_id == customer_id))
    return [one for one in (*disputes, *complaints, *plans) if bare(one.number) == wanted]


def _numbered(session: Session, desk: Desk, number: str) -> list[Case]:
    """The case of that number, else what is recorded about the invoice or order of that number, newest first."""
    found = _cases(session, desk, number)
    if found:
        return found
    invoices = invoices_numbered(session, _customer_id(desk), number)
    if not invoices:
        return []
    ids = [one.id for one in invoices]
    disputes = session.scalars(select(Dispute).where(Dispute.invoice_id.in_(ids)).order_by(Dispute.opened_at.desc()))
    complaints = session.scalars(
        select(Complaint).where(Complaint.invoice_id.in_(ids)).order_by(Complaint.opened_at.desc())
    )
    return [*disputes, *complaints] or _latest(session, desk)


def _latest(session: Session, desk: Desk) -> list[Case]:
    """What is open, newest first; where nothing is, what was closed last."""
    customer_id = _customer_id(desk)
    disputes = list(
        session.scalars(select(Dispute).where(Dispute.customer_id == customer_id).order_by(Dispute.opened_at.desc()))
    )
    complaints = list(
        session.scalars(
            select(Complaint).where(Complaint.customer_id == customer_id).order_by(Complaint.opened_at.desc())
        )
    )
    promises = session.scalars(
        select(Promise)
        # What was promised and is here is not spoken of as still to come.
        .where(Promise.customer_id == customer_id, Promise.state == "open", paid_for_promise() < Promise.amount_minor)
        .order_by(Promise.made_at.desc())
    )
    plans = session.scalars(
        select(PaymentPlan)
        .where(PaymentPlan.customer_id == customer_id, PaymentPlan.state == "active")
        .order_by(PaymentPlan.proposed_at.desc())
    )
    told: list[Dispute | Complaint] = [*disputes, *complaints]
    told.sort(key=lambda one: one.opened_at, reverse=True)
    is_open: list[Case] = [*(one for one in told if one.state == "open"), *plans, *promises]
    return is_open or list(told[:1])


def _is_late(one: Case, today: date) -> bool:
    if not isinstance(one, Dispute | Complaint) or one.state != "open" or one.answer_by is None:
        return False
    return one.answer_by < today


def _told(desk: Desk, session: Session, one: Case) -> str:
    if isinstance(one, Dispute):
        return _dispute(desk, session, one)
    if isinstance(one, Complaint):
        return _complaint(desk, one)
    if isinstance(one, PaymentPlan):
        return _plan(desk, one)
    source = f"promise of {one.made_on.isoformat()}"
    return desk.say(
        "case.promise_open",
        amount=desk.facts.money(one.amount, f"{source} amount"),
        on=desk.facts.day(one.promised_on, f"{source} day"),
    )


def _dispute(desk: Desk, session: Session, one: Dispute) -> str:
    source = f"dispute {one.number}"
    invoice = session.get_one(Invoice, one.invoice_id)
    places = {
        "number": desk.facts.text(one.number, source),
        "amount": desk.facts.money(one.amount, f"{source} amount"),
        "invoice": desk.facts.text(invoice.number, f"invoice {invoice.number}"),
    }
    if one.state == "open":
        places["since"] = desk.facts.day(_day_of(desk, one.opened_at), f"{source} opened")
        said = desk.say("case.dispute_open", **places)
        return f"{said} {_answered_by(desk, one.answer_by, source)}".strip()
    assert one.resolved_at is not None  # a resolved dispute has its moment
    places["on"] = desk.facts.day(_day_of(desk, one.resolved_at), f"{source} closed")
    if one.credit_note_id is not None and one.outcome in ("credited", "part_credited"):
        note = session.get_one(CreditNote, one.credit_note_id)
        places["credit"] = desk.facts.text(note.number, f"credit note {note.number}")
        credited = Money(note.total_minor, note.currency)
        places["credited"] = desk.facts.money(credited, f"credit note {note.number} total")
        return desk.say("case.dispute_credited", **places)
    if one.outcome in ("valid_as_billed", "withdrawn", "written_off"):
        return desk.say(f"case.dispute_{one.outcome}", **places)
    return desk.say("case.dispute_closed", **places)


def _day_of(desk: Desk, moment: datetime) -> date:
    """The day it was where the seller is."""
    return moment.astimezone(ZoneInfo(desk.seller.time_zone)).date()


def _complaint(desk: Desk, one: Complaint) -> str:
    source = f"complaint {one.number}"
    places = {
        "number": desk.facts.text(one.number, source),
        "since": desk.facts.day(_day_of(desk, one.opened_at), f"{source} opened"),
    }
    if one.state == "open":
        return f"{desk.say('case.complaint_open', **places)} {_answered_by(desk, one.answer_by, source)}".strip()
    assert one.resolved_at is not None  # a resolved complaint has its moment
    places["on"] = desk.facts.day(_day_of(desk, one.resolved_at), f"{source} closed")
    return desk.say("case.complaint_closed", **places)


def _answered_by(desk: Desk, answer_by: date | None, source: str) -> str:
    if answer_by is None:
        return ""
    key = "case.should_have_been" if answer_by < desk.today else "case.answered_by"
    return desk.say(key, answer_by=desk.facts.day(answer_by, f"{source} answer by"))


def _plan(desk: Desk, one: PaymentPlan) -> str:
    source = f"plan {one.number}"
    places = {
        "number": desk.facts.text(one.number, source),
        "amount": desk.facts.money(Money(one.total_minor, one.currency), f"{source} amount"),
    }
    if one.state != "active":
        return desk.say("case.plan_over", **places)
    coming = next((part for part in one.parts if part.due_on >= desk.today), one.parts[-1])
    return desk.say(
        "case.plan_active",
        part=desk.facts.money(Money(coming.amount_minor, one.currency), f"{source} part {coming.position} amount"),
        on=desk.facts.day(coming.due_on, f"{source} part {coming.position} day"),
        **places,
    )


def take_back(desk: Desk, kind: CaseKind, numbers: Sequence[str] | None) -> str:
    """What is only proposed needs no taking back; what is recorded is taken back by a person, who is told which it is."""
    if desk.waiting_for(_INTENTS[kind]) is not None:
        return desk.say("deny")
    with desk.store.session() as session:
        number = (numbers[0] if numbers else None) or _number_said(desk, session)
        found = _numbered(session, desk, number) if number else []
        found = [
            one for one in found or _latest(session, desk) if _kind(one) == kind and one.state in ("open", "active")
        ]
    if not found:
        return desk.say("case.none_to_take_back")
    one = found[0]
    name = f"of {one.amount} by {one.promised_on.isoformat()}" if isinstance(one, Promise) else one.number
    call_person(desk, "cannot", f"wants to take back the {kind} {name}")
    if isinstance(one, Promise):
        source = f"promise of {one.made_on.isoformat()}"
        return desk.say(
            "case.take_back_promise",
            amount=desk.facts.money(one.amount, f"{source} amount"),
            on=desk.facts.day(one.promised_on, f"{source} day"),
        )
    return desk.say("case.take_back", number=desk.facts.text(one.number, f"{kind} {one.number}"))


def _kind(one: Case) -> CaseKind:
    if isinstance(one, Promise):
        return "promise"
    if isinstance(one, PaymentPlan):
        return "plan"
    return "dispute" if isinstance(one, Dispute) else "complaint"


TOOLS = (
    Tool(
        "case_status",
        "Where an objection, complaint, promise or payment plan stands. Without a number: the latest.",
        case_status,
        OfDocument,
    ),
)
