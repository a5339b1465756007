"""Complaints in the ledger: who answers by when, and what was done."""

from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.assign_case import assign_case
from o2c_core.actions.log_complaint import Grievance, log_complaint
from o2c_core.actions.resolve_complaint import ResolutionNeedsWords, resolve_complaint
from o2c_core.cases.complaint import Complaint, NoSuchCategory
from o2c_core.cases.moves import Settled
from o2c_core.errors import NotFound
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import a_customer, a_seller


@pytest.fixture
def grievance(session: Session) -> Grievance:
    customer = a_customer(session, a_seller(session))
    session.commit()
    return Grievance(
        customer.id,
        "The driver threw the boxes",
        category="delivery",
        severity="critical",
        owner="Noor",
        message_id=new_key(),
    )


def test_a_complaint_has_a_category_a_severity_an_owner_and_a_deadline(store: Store, grievance: Grievance) -> None:
    complaint = log_complaint(grievance, store=store)
    assert (complaint.category, complaint.severity, complaint.owner) == ("delivery", "critical", "Noor")
    # Monday 16 March, one working day.
    assert complaint.answer_by == date(2026, 3, 17)
    assert log_complaint(grievance, store=store).id == complaint.id


def test_a_complaint_is_assigned_and_resolved_once(store: Store, session: Session, grievance: Grievance) -> None:
    complaint = log_complaint(grievance, store=store)
    assert assign_case(Complaint, complaint.id, owner="Sam", by="Noor", store=store).owner == "Sam"
    done = resolve_complaint(
        complaint.id, resolution="Sent new boxes", root_cause="A temporary driver", by="Sam", store=store
    )
    assert (done.state, done.resolution, done.resolved_at) == ("resolved", "Sent new boxes", store.clock.now())
    lines = session.scalars(select(TrailLine).where(TrailLine.subject_id == complaint.id).order_by(TrailLine.id)).all()
    assert [(line.what, line.who) for line in lines] == [
        ("complaint logged", "assistant"), ("complaint assigned", "Noor"), ("complaint resolved", "Sam"),
    ]  # fmt: skip
    assert lines[-1].details["root_cause"] == "A temporary driver"
    with pytest.raises(Settled):
        resolve_complaint(complaint.id, resolution="Again", root_cause="Again", by="Sam", store=store)
    with pytest.raises(Settled):
        assign_case(Complaint, complaint.id, owner="Noor", by="Sam", store=store)
    session.expire_all()
    assert session.get_one(Complaint, complaint.id).resolution == "Sent new boxes"


def test_what_was_done_and_why_it_happened_are_both_said(store: Store, session: Session, grievance: Grievance) -> None:
    complaint = log_complaint(grievance, store=store)
    for resolution, cause in (("", "A driver"), ("Sent new boxes", " ")):
        with pytest.raises(ResolutionNeedsWords):
            resolve_complaint(complaint.id, resolution=resolution, root_cause=cause, by="Sam", store=store)
    with pytest.raises(NotFound):
        resolve_complaint(new_key(), resolution="x", root_cause="x", by="Sam", store=store)
    with pytest.raises(NoSuchCategory):
        log_complaint(Grievance(grievance.customer_id, "Odd", category="weather"), store=store)
    assert session.get_one(Complaint, complaint.id).state == "open"
