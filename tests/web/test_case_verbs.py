"""What is done with a case at the desk: taken, put off, resolved after a look at what that does, and recorded by hand."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date

import pytest
from fastapi.testclient import TestClient
from httpx import Response
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import CreditNote
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import a_payment
from tests.web.cases_told import Short, a_rough_driver, a_short_delivery, a_short_dispute
from tests.web.opened import open_pages, words

CREDIT = {"outcome": "credited", "words": "Nine arrived", "candidate": "picking|MEEL-25", "tells": "yes"}


@pytest.fixture
def short(session: Session) -> Short:
    short = a_short_delivery(session)
    session.commit()
    return short


def look_and_do(pages: TestClient, path: str, asked: dict[str, str]) -> tuple[Response, Response]:
    """What is shown before it is done, and what comes of the button under it."""
    look = pages.post(f"{path}/resolve", data=asked)
    mark = re.search(r'name="seen" value="(\w+)"', look.text)
    assert mark is not None, words(look.text)
    return look, pages.post(f"{path}/resolve", data=asked | {"seen": mark[1]}, follow_redirects=False)


def test_a_dispute_is_looked_at_before_it_is_posted_and_then_done_once(
    store: Store, session: Session, short: Short
) -> None:
    a_short_dispute(store, short)
    pages = open_pages(store, role="finance")
    look, done = look_and_do(pages, "/cases/disputes/D-101", CREDIT)
    said = words(look.text)
    assert (
        "Credit note CN-101 (the next number, unless somebody takes it first) for € 18,15 , of which € 15,00 net"
        in said
    )
    assert "By email to ap@jansen.example, in Dutch." in said
    assert "€ 18,15 wordt gecrediteerd met creditnota CN-101" in said
    assert (done.status_code, done.headers["location"]) == (303, "/cases/disputes/D-101?done=told&seller=vandijk")
    session.expire_all()
    dispute = session.scalars(select(Dispute)).one()
    assert (dispute.state, dispute.outcome, dispute.cause, dispute.cause_about) == (
        "resolved",
        "credited",
        "picking",
        "MEEL-25",
    )
    assert session.scalar(select(func.count()).select_from(CreditNote)) == 1
    assert session.scalars(select(Message.author).where(Message.direction == "out")).all() == ["Eva"]
    line = session.scalars(select(TrailLine).where(TrailLine.what == "dispute resolved")).one()
    assert (line.who, line.details["role"]) == ("Eva", "finance")
    page = words(pages.get(done.headers["location"]).text)
    assert "It is resolved, and the customer is being told." in page
    assert "Credited € 18,15 credit note CN-101" in page
    again = pages.post("/cases/disputes/D-101/resolve", data=CREDIT)
    assert again.status_code == 409
    assert "does not change any more" in again.text


def test_nothing_is_done_without_having_been_looked_at(store: Store, session: Session, short: Short) -> None:
    a_short_dispute(store, short)
    for seen in ("", "yes", "0" * 64):
        answer = open_pages(store, role="finance").post("/cases/disputes/D-101/resolve", data=CREDIT | {"seen": seen})
        assert "this is what it does" in answer.text
    session.expire_all()
    assert session.scalars(select(Dispute.state)).one() == "open"
    assert session.scalar(select(func.count()).select_from(CreditNote)) == 0


def test_what_changed_after_the_look_is_shown_before_it_is_done(store: Store, session: Session, short: Short) -> None:
    a_short_dispute(store, short)
    pages = open_pages(store, role="finance")
    look = pages.post("/cases/disputes/D-101/resolve", data=CREDIT)
    mark = re.search(r'name="seen" value="(\w+)"', look.text)
    assert mark is not None
    a_payment(session, short.invoice, 7_000)
    session.commit()
    again = pages.post("/cases/disputes/D-101/resolve", data=CREDIT | {"seen": mark[1]})
    assert "Something changed since you looked." in words(again.text)
    assert "Left of the credit, on the account € 15,55" in words(again.text)
    session.expire_all()
    assert session.scalars(select(Dispute.state)).one() == "open"


@pytest.mark.parametrize(("role", "asked", "why"), [
    ("finance", {"candidate": ""}, "Say what lay behind it"),
    ("finance", {"candidate": "", "cause": "carrier", "about": " "}, "Say what lay behind it"),
    ("finance", {"candidate": "weather|rain"}, "What lay behind it is product"),
    ("finance", {"words": " "}, "with words that say why"),
    ("finance", {"outcome": ""}, "A dispute ends as"),
    ("finance", {"outcome": "part_credited", "amount": "much"}, "“much” is no amount; write it as"),
    ("finance", {"outcome": "part_credited", "amount": "18,15"}, "less than what was disputed"),
    ("finance", {"outcome": "part_credited", "amount": "12.50"}, "is no amount"),
])  # fmt: skip
def test_what_is_missing_is_said_with_what_was_written_still_there(
    store: Store, short: Short, role: str, asked: dict[str, str], why: str
) -> None:
    a_short_dispute(store, short)
    answer = open_pages(store, role=role).post(
        "/cases/disputes/D-101/resolve", data={**CREDIT, "words": "Kept words", **asked}
    )
    assert answer.status_code == 400
    assert why in words(answer.text)
    if asked.get("words") is None:
        assert "Kept words" in answer.text


def test_what_is_more_than_the_role_may_decide_is_refused_and_says_what_is_possible(
    store: Store, session: Session
) -> None:
    short = a_short_delivery(session)
    short.seller.settings = {"authority": {"agent": {"credit_max": 10}, "finance": {"credit_max": 10}}}
    session.commit()
    a_short_dispute(store, short)
    # An administrator concedes what finance does, and no more.
    for role, limit in (("agent", "agent"), ("admin", "finance")):
        refused = open_pages(store, role=role).post("/cases/disputes/D-101/resolve", data=CREDIT)
        assert refused.status_code == 400
        assert f"is more than the role {limit} may decide, which is" in words(refused.text)
    part = CREDIT | {"outcome": "part_credited", "amount": "9,00"}
    _, done = look_and_do(open_pages(store, role="agent"), "/cases/disputes/D-101", part)
    assert done.status_code == 303


def test_a_complaint_is_resolved_with_a_cause_and_made_good(store: Store, session: Session, short: Short) -> None:
    a_rough_driver(store, short)
    asked = {
        "words": "Spoken to PostNL", "root_cause": "A temporary driver", "cause": "carrier", "about": "PostNL", "amount": "10,00",
    }  # fmt: skip
    look, done = look_and_do(open_pages(store, role="agent"), "/cases/complaints/C-101", asked)
    assert "Nothing: you chose not to tell them now." in words(look.text)
    assert done.headers["location"] == "/cases/complaints/C-101?done=resolved&seller=vandijk"
    session.expire_all()
    complaint = session.scalars(select(Complaint)).one()
    assert (complaint.state, complaint.cause_about, complaint.root_cause) == (
        "resolved",
        "PostNL",
        "A temporary driver",
    )
    assert session.scalars(select(CreditNote.total_minor)).all() == [1_000]


def test_a_case_is_taken_given_and_put_off(store: Store, session: Session, short: Short) -> None:
    a_short_dispute(store, short)
    pages, _ = open_pages(store, role="agent"), open_pages(store, role="manager", name="Carla")
    path = "/cases/disputes/D-101"
    for to in ("Eva", "Carla"):
        assert pages.post(f"{path}/assign", data={"to": to}, follow_redirects=False).status_code == 303
        session.expire_all()
        assert session.scalars(select(Dispute.owner)).one() == to
    assert "There is nobody of that name" in pages.post(f"{path}/assign", data={"to": "Nobody"}).text
    moved = pages.post(f"{path}/deadline", data={"to": "2026-04-01", "why": "PostNL looks for it"})
    assert "The customer was told the one before" in moved.text
    assert "To be answered by 2026-04-01, no longer by 2026-03-23" in words(moved.text)
    for to, why in (("soon", "x"), ("2026-03-01", "x"), ("2026-04-02", " ")):
        assert pages.post(f"{path}/deadline", data={"to": to, "why": why}).status_code == 400
    session.expire_all()
    assert session.scalars(select(Dispute.answer_by)).one() == date(2026, 4, 1)


def test_the_evidence_of_a_dispute_is_one_file_though_the_invoice_is_not_late(
    store: Store, session: Session, short: Short
) -> None:
    a_short_dispute(store, short)
    answer = open_pages(store, role="agent").post("/cases/disputes/D-101/evidence", data={})
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/zip")
    with zipfile.ZipFile(io.BytesIO(answer.content)) as pack:
        names = pack.namelist()
        assert f"orders/{short.order.number}.txt" in names
        assert "invoices/INV-2026-0042.pdf" in names
        assert "POD-77" in pack.read(f"orders/{short.order.number}.txt").decode()
    line = session.scalars(select(TrailLine).where(TrailLine.what == "evidence pack made")).one()
    assert (line.who, line.why) == ("Eva", "dispute D-101")


def test_a_complaint_about_no_invoice_has_no_pack(store: Store, short: Short) -> None:
    a_rough_driver(store, short, invoice_id=None)
    answer = open_pages(store).post("/cases/complaints/C-101/evidence", data={})
    assert answer.status_code == 404
    assert "It is about no invoice" in answer.text


def test_what_was_said_by_phone_is_recorded_with_its_lines(store: Store, session: Session, short: Short) -> None:
    pages = open_pages(store, role="agent")
    ref = short.customer.ref
    form = pages.get(f"/cases/new?customer={ref}&kind=dispute&invoice=INV-2026-0042")
    line = re.search(r'name="line" value="([\w-]+)"', form.text)
    assert line is not None
    asked = {
        "customer": ref,
        "kind": "dispute",
        "invoice": "INV-2026-0042",
        "words": "Nine came",
        "reason": "QTY_SHORT",
    }
    for odd, why in (
        ({"pieces": "13"}, "more than there is"),
        ({"pieces": "x"}, "is a number"),
        ({"words": " "}, "Write down"),
    ):
        answer = pages.post("/cases/new", data={**asked, "line": line[1], **odd})
        assert answer.status_code == 400
        assert why in words(answer.text)
    done = pages.post(
        "/cases/new", data={**asked, "line": line[1], "pieces": "3", "mine": "yes"}, follow_redirects=False
    )  # fmt: skip
    assert done.headers["location"] == "/cases/disputes/D-101?done=logged&seller=vandijk"
    dispute = session.scalars(select(Dispute)).one()
    assert (dispute.amount_minor, dispute.owner, dispute.message_id) == (1_815, "Eva", None)
    done = pages.post(
        "/cases/new",
        data={"customer": ref, "kind": "complaint", "words": "Rude", "category": "staff", "severity": "critical", "order": short.order.number},
        follow_redirects=False,
    )  # fmt: skip
    assert done.headers["location"].startswith("/cases/complaints/C-101?")
    complaint = session.scalars(select(Complaint)).one()
    assert (complaint.category, complaint.severity, complaint.order_id) == ("staff", "critical", short.order.id)


def test_another_customers_invoice_cannot_be_named(store: Store, session: Session, short: Short) -> None:
    other = a_short_delivery(session, seller=short.seller, number="INV-OTHER")
    session.commit()
    pages = open_pages(store, role="agent")
    for kind in ("dispute", "complaint"):
        answer = pages.post(
            "/cases/new",
            data={"customer": short.customer.ref, "kind": kind, "invoice": other.invoice.number, "words": "wrong"},
        )
        assert answer.status_code == 404
    assert session.scalar(select(func.count()).select_from(Dispute)) == 0
    assert session.scalar(select(func.count()).select_from(Complaint)) == 0


def test_a_customers_links_are_revoked_from_their_page(store: Store, session: Session, short: Short) -> None:
    pages = open_pages(store, role="agent")
    path = f"/ledger/customers/{short.customer.ref}"
    done = pages.post(f"{path}/links/revoke", data={"why": "A mail went astray"})
    assert "Their links are revoked" in done.text
    session.expire_all()
    assert session.get_one(Customer, short.customer.id).links_revoked_at is not None
    line = session.scalars(select(TrailLine).where(TrailLine.what == "links revoked")).one()
    assert (line.who, line.why) == ("Eva", "A mail went astray")
    assert pages.post("/ledger/customers/nobody/links/revoke", data={}).status_code == 404
