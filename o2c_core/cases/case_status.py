"""Where a dispute or complaint stands, as whoever asks is told it: at the desk, by the assistant and on the customer's page."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal
from zoneinfo import ZoneInfo

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.invoices.invoice import CreditNote
from o2c_core.money import Money

# What can be said of a case in one word. A credit without its note is only "closed": no figure is told that has none.
State = Literal[
    "open", "late", "credited", "part_credited", "valid_as_billed", "withdrawn", "written_off", "resolved", "closed"
]
_CREDITS = ("credited", "part_credited")


@dataclass(frozen=True)
class CaseStatus:
    """One case on a day. `since` and `decided_on` are days where the seller is; `answer_by` is by when a person answers.

    `amount` is what was objected to, `credited` what the credit note is for; a complaint may have been met with one too.
    """

    kind: Literal["dispute", "complaint"]
    number: str
    state: State
    since: date
    amount: Money | None = None
    answer_by: date | None = None
    decided_on: date | None = None
    credit_note: str | None = None
    credited: Money | None = None

    @property
    def is_open(self) -> bool:
        return self.state in ("open", "late")


def case_status(
    case: Dispute | Complaint, *, today: date, time_zone: str, credit: CreditNote | None = None
) -> CaseStatus:
    """`credit` is the credit note the case names, `today` the day where the seller is."""
    zone = ZoneInfo(time_zone)
    has_credit = credit is not None and credit.id == case.credit_note_id
    return CaseStatus(
        kind="dispute" if isinstance(case, Dispute) else "complaint",
        number=case.number,
        state=_state(case, today, has_credit=has_credit),
        since=case.opened_at.astimezone(zone).date(),
        amount=case.amount if isinstance(case, Dispute) else None,
        answer_by=case.answer_by if case.state == "open" else None,
        decided_on=case.resolved_at.astimezone(zone).date() if case.resolved_at else None,
        credit_note=credit.number if credit is not None and has_credit else None,
        credited=Money(credit.total_minor, credit.currency) if credit is not None and has_credit else None,
    )


def is_late(case: Dispute | Complaint, today: date) -> bool:
    """Whether it should have been answered by now; on the day itself it is in time."""
    return case.state == "open" and case.answer_by is not None and case.answer_by < today


def _state(case: Dispute | Complaint, today: date, *, has_credit: bool) -> State:
    if case.state == "open":
        return "late" if is_late(case, today) else "open"
    if isinstance(case, Complaint):
        return "resolved"
    if case.outcome in _CREDITS:
        return ("part_credited" if case.outcome == "part_credited" else "credited") if has_credit else "closed"
    match case.outcome:
        case "valid_as_billed" | "withdrawn" | "written_off" as outcome:
            return outcome
    return "closed"
