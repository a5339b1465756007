"""Where a case stands: one answer for the desk, the assistant and the customer's page."""

from __future__ import annotations

from datetime import UTC, date, datetime
from uuid import uuid4

import pytest

from o2c_core.cases.case_status import case_status
from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import OUTCOMES, Dispute
from o2c_core.invoices.invoice import CreditNote
from o2c_core.money import Money

# Late in the evening of 2 March in Amsterdam is still 2 March, and already the 3rd in Tokyo.
OPENED = datetime(2026, 3, 2, 22, 30, tzinfo=UTC)
DECIDED = datetime(2026, 3, 9, 9, 0, tzinfo=UTC)
TODAY = date(2026, 3, 9)


def a_case(kind: str, **fields: object) -> Dispute | Complaint:
    usual: dict[str, object] = {"number": "D-118", "state": "open", "opened_at": OPENED, "answer_by": TODAY}
    if kind == "complaint":
        return Complaint(**(usual | {"number": "C-27"} | fields))
    return Dispute(**(usual | {"amount_minor": 4_500, "currency": "EUR"} | fields))


def resolved(kind: str, outcome: str | None, credit: CreditNote | None = None) -> Dispute | Complaint:
    fields: dict[str, object] = {
        "state": "resolved", "resolved_at": DECIDED, "credit_note_id": credit.id if credit else None,
    }  # fmt: skip
    return a_case(kind, **fields, **({"outcome": outcome} if kind == "dispute" else {}))


def a_credit(minor: int = 4_500) -> CreditNote:
    return CreditNote(id=uuid4(), number="CN-101", total_minor=minor, currency="EUR")


@pytest.mark.parametrize(("answer_by", "state"), [
    (date(2026, 3, 10), "open"),
    (date(2026, 3, 9), "open"),
    (date(2026, 3, 8), "late"),
    (None, "open"),
])  # fmt: skip
@pytest.mark.parametrize("kind", ["dispute", "complaint"])
def test_an_open_case_is_late_the_day_after_it_should_have_been_answered(
    kind: str, answer_by: date | None, state: str
) -> None:
    found = case_status(a_case(kind, answer_by=answer_by), today=TODAY, time_zone="Europe/Amsterdam")
    assert (found.state, found.answer_by, found.decided_on, found.is_open) == (state, answer_by, None, True)


@pytest.mark.parametrize(("kind", "outcome", "has_credit", "state", "note"), [
    ("dispute", "credited", True, "credited", "CN-101"),
    ("dispute", "part_credited", True, "part_credited", "CN-101"),
    ("dispute", "credited", False, "closed", None),
    ("dispute", "valid_as_billed", False, "valid_as_billed", None),
    ("dispute", "withdrawn", False, "withdrawn", None),
    ("dispute", "written_off", False, "written_off", None),
    ("dispute", None, False, "closed", None),
    ("complaint", None, False, "resolved", None),
    ("complaint", None, True, "resolved", "CN-101"),
])  # fmt: skip
def test_what_was_decided_is_one_word_and_a_credit_is_told_by_its_note(
    kind: str, outcome: str | None, has_credit: bool, state: str, note: str | None
) -> None:
    credit = a_credit() if has_credit else None
    found = case_status(
        resolved(kind, outcome, credit), today=TODAY, time_zone="Europe/Amsterdam", credit=credit
    )  # fmt: skip
    assert (found.state, found.credit_note, found.is_open, found.answer_by) == (state, note, False, None)
    assert found.credited == (Money(4_500, "EUR") if has_credit else None)
    assert found.decided_on == date(2026, 3, 9)


def test_every_outcome_has_a_state_of_its_own() -> None:
    credit = a_credit()
    states = set()
    for outcome in OUTCOMES:
        case = resolved("dispute", outcome, credit)
        states.add(case_status(case, today=TODAY, time_zone="Europe/Amsterdam", credit=credit).state)
    assert len(states) == len(OUTCOMES)


def test_a_credit_note_of_something_else_is_not_told() -> None:
    case = resolved("dispute", "credited", a_credit())
    found = case_status(case, today=TODAY, time_zone="Europe/Amsterdam", credit=a_credit())
    assert (found.state, found.credit_note, found.credited) == ("closed", None, None)


@pytest.mark.parametrize(("zone", "since"), [("Europe/Amsterdam", date(2026, 3, 2)), ("Asia/Tokyo", date(2026, 3, 3))])
def test_its_days_are_those_of_the_seller(zone: str, since: date) -> None:
    assert case_status(a_case("dispute"), today=TODAY, time_zone=zone).since == since
