"""Where objections, complaints, promises and plans stand; taking one back is left to a person."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from typing import Literal
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk import Desk
from bot.tools.documents import bare
from bot.tools.owed import invoices_numbered
from bot.tools.people import call_person
from bot.tools.tool import OfDocument, Tool
from o2c_core.cases.case_status import CaseStatus, is_late
from o2c_core.cases.case_status import case_status as standing
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
    return isinstance(one, Dispute | Complaint) and is_late(one, today)


def _told(desk: Desk, session: Session, one: Case) -> str:
    if isinstance(one, Dispute):
        return _dispute(desk, session, one)
    if isinstance(one, Complaint):
        return _complaint(desk, session, one)
    if isinstance(one, PaymentPlan):
        return _plan(desk, one)
    source = f"promise of {one.made_on.isoformat()}"
    return desk.say(
        "case.promise_open",
        amount=desk.facts.money(one.amount, f"{source} amount"),
        on=desk.facts.day(one.promised_on, f"{source} day"),
    )


def _status(desk: Desk, session: Session, one: Dispute | Complaint) -> tuple[CaseStatus, dict[str, str]]:
    """Where the case stands, as the desk and the customer's own page have it too, and what is said of it as facts."""
    note = session.get(CreditNote, one.credit_note_id) if one.credit_note_id else None
    found = standing(one, today=desk.today, time_zone=desk.seller.time_zone, credit=note)
    source = f"{found.kind} {found.number}"
    places = {
        "number": desk.facts.text(found.number, source),
        "since": desk.facts.day(found.since, f"{source} opened"),
    }
    if found.decided_on is not None:
        places["on"] = desk.facts.day(found.decided_on, f"{source} closed")
    if found.credit_note is not None and found.credited is not None:
        places["credit"] = desk.facts.text(found.credit_note, f"credit note {found.credit_note}")
        places["credited"] = desk.facts.money(found.credited, f"credit note {found.credit_note} total")
    return found, places


def _dispute(desk: Desk, session: Session, one: Dispute) -> str:
    found, places = _status(desk, session, one)
    invoice = session.get_one(Invoice, one.invoice_id)
    places["amount"] = desk.facts.money(one.amount, f"dispute {one.number} amount")
    places["invoice"] = desk.facts.text(invoice.number, f"invoice {invoice.number}")
    if found.is_open:
        said = desk.say("case.dispute_open", **places)
        return f"{said} {_answered_by(desk, found, one)}".strip()
    return desk.say(f"case.dispute_{'credited' if found.credit_note else found.state}", **places)


def _complaint(desk: Desk, session: Session, one: Complaint) -> str:
    found, places = _status(desk, session, one)
    if found.is_open:
        return f"{desk.say('case.complaint_open', **places)} {_answered_by(desk, found, one)}".strip()
    return desk.say("case.complaint_credited" if found.credit_note else "case.complaint_closed", **places)


def _answered_by(desk: Desk, found: CaseStatus, one: Dispute | Complaint) -> str:
    if found.answer_by is None:
        return ""
    key = "case.should_have_been" if found.state == "late" else "case.answered_by"
    return desk.say(key, answer_by=desk.facts.day(found.answer_by, f"{found.kind} {one.number} answer by"))


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
