"""Promises, plans, holds and tasks on the pages of finance: recorded by who is signed in, within their authority."""

from __future__ import annotations

import html
from datetime import timedelta

import pytest
from fastapi.testclient import TestClient
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.propose_plan import Wish, propose_plan
from o2c_core.cases.hold import Hold
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise
from o2c_core.conversations.message import Message
from o2c_core.conversations.task import Task
from o2c_core.customers.contact import Address
from o2c_core.customers.customer import Customer
from o2c_core.escalations.rule import rule_named
from o2c_core.store.store import Store
from tests.build import DAY, MOMENT, a_customer, a_seller, an_invoice
from tests.o2c_core.escalations.ruling import a_rule
from tests.web.letters import a_letter
from tests.web.opened import open_pages, words
from web.desk.finance_rules import RuleFields, fault_in


@pytest.fixture
def customer(session: Session) -> Customer:
    customer = a_customer(session, a_seller(session), "C1", name="Bakkerij Jansen")
    an_invoice(session, customer, "F-1", total_minor=30_000, due_on=DAY - timedelta(days=3))
    session.commit()
    return customer


@pytest.fixture
def mira(store: Store, customer: Customer) -> TestClient:
    return open_pages(store, role="finance", name="Mira")


def told(answer: object) -> str:
    return html.unescape(words(answer.text))  # type: ignore[attr-defined]


def test_a_promise_is_recorded_with_its_invoices_and_stands_among_the_open_ones(
    mira: TestClient, session: Session
) -> None:
    on = DAY + timedelta(days=4)
    said = {"customer": "C1", "on": on.isoformat(), "amount": "150,00", "invoices": "F-1", "words": "vrijdag"}
    page = told(mira.post("/finance/promises", data=said))
    assert "The promise is recorded." in page
    assert "F-1 “vrijdag” 20 mrt 2026 open € 150,00 € 0,00" in page
    assert session.scalars(select(Promise)).one().amount_minor == 15_000


@pytest.mark.parametrize("line", [
    "C9 | 2026-03-20 | 1,00    | 404 | There is no customer “C9”",
    "C1 | 2026-03-10 | 1,00    | 400 | A promise is about a day that has not gone by yet.",
    "C1 | soon       | 1,00    | 400 | Say the day as the calendar of the form does.",
    "C1 | 2026-03-20 | much    | 400 | “much” is no amount; write it as € 1.240,00.",
    "C1 | 2026-03-20 | 500,00  | 400 | is more than the",
    "C1 | 2026-09-20 | 1,00    | 400 | That day is further away than may be agreed",
])  # fmt: skip
def test_what_cannot_be_promised_is_said(line: str, mira: TestClient, session: Session) -> None:
    ref, on, amount, status, sentence = (part.strip() for part in line.split("|"))
    answer = mira.post("/finance/promises", data={"customer": ref, "on": on, "amount": amount})
    assert answer.status_code == int(status)
    assert sentence in told(answer)
    assert session.scalars(select(Promise)).all() == []


@pytest.mark.parametrize(("do", "state"), [("accept", "active"), ("decline", "declined")])
def test_what_the_customer_said_to_a_plan_is_noted(
    do: str, state: str, mira: TestClient, store: Store, session: Session, customer: Customer
) -> None:
    wish = Wish(customer.id, parts=3, first_on=DAY + timedelta(days=5))
    plan = propose_plan(wish, store=store, role="finance", by="Mira")
    assert "waits for an answer" in told(mira.get("/finance/promises?show=plans"))
    mira.post(f"/finance/plans/{plan.id}", data={"do": do})
    session.expire_all()
    assert session.get_one(PaymentPlan, plan.id).state == state
    other = {"accept": "decline", "decline": "accept"}[do]
    assert mira.post(f"/finance/plans/{plan.id}", data={"do": other}).status_code == 409


def test_a_hold_is_placed_prolonged_and_ended_within_ones_authority(mira: TestClient, session: Session) -> None:
    until = DAY + timedelta(days=5)
    said = {"customer": "C1", "kind": "reminders", "until": until.isoformat(), "why": "they move house"}
    page = told(mira.post("/finance/holds", data=said))
    assert "No reminders until 21 mrt 2026" in page
    assert "Mira answers for it." in page
    too_long = mira.post("/finance/holds", data=said | {"until": (DAY + timedelta(days=31)).isoformat()})
    assert (too_long.status_code, "longer than this role may hold" in told(too_long)) == (400, True)
    (hold,) = session.scalars(select(Hold))
    later = {"do": "prolong", "until": (DAY + timedelta(days=20)).isoformat(), "why": "it takes longer"}
    assert "No reminders until 5 apr 2026" in told(mira.post(f"/finance/holds/{hold.id}", data=later))
    session.expire_all()
    running = [one for one in session.scalars(select(Hold)) if one.is_running(DAY)]
    assert [one.until_on for one in running] == [DAY + timedelta(days=20)]
    assert mira.post(f"/finance/holds/{running[0].id}", data={"do": "end"}).status_code == 400
    assert "Nothing is held" in told(mira.post(f"/finance/holds/{running[0].id}", data={"do": "end", "why": "done"}))


def a_task(session: Session, customer: Customer, kind: str, about: str, **fields: object) -> Task:
    task = Task(kind=kind, about=about, why="so it is", seller_id=customer.seller_id, customer_id=customer.id,
                opened_at=MOMENT, **fields)  # fmt: skip
    session.add(task)
    session.commit()
    return task


@pytest.mark.parametrize(("do", "delivery"), [("arrived", "sent"), ("again", "queued"), ("drop", "withdrawn")])
def test_what_nobody_can_tell_about_is_decided_about_and_not_merely_closed(
    do: str, delivery: str, store: Store, session: Session, customer: Customer
) -> None:
    letter = a_letter(session, customer, delivery="uncertain")
    task = a_task(session, customer, "uncertain_send", f"message:{letter.id}", message_id=letter.id)
    ann = open_pages(store, role="agent", name="Ann")
    merely = ann.post(f"/outbox/tasks/{task.id}", data={"do": "close", "how": "never mind"})
    assert "Say whether it arrived, is sent again, or stays unsent." in told(merely)
    ann.post(f"/outbox/tasks/{task.id}", data={"do": do})
    session.expire_all()
    assert session.get_one(Message, letter.id).delivery == delivery
    assert (session.get_one(Task, task.id).state, session.get_one(Task, task.id).done_by) == ("done", "Ann")
    assert ann.post(f"/outbox/tasks/{task.id}", data={"do": do}).status_code == 409


def test_an_address_is_corrected_where_the_task_asks_for_it(store: Store, session: Session, customer: Customer) -> None:
    (address,) = customer.contacts[0].addresses
    address.failed_at, address.failed_why = MOMENT, "no such mailbox"
    task = a_task(session, customer, "data_fix", f"address:{address.id}")
    ann = open_pages(store, role="agent", name="Ann")
    assert "a•••@jansen.example" in ann.get("/outbox/tasks").text
    wrong = ann.post(f"/outbox/tasks/{task.id}", data={"do": "correct", "address": "nothing"})
    assert wrong.status_code == 400
    ann.post(f"/outbox/tasks/{task.id}", data={"do": "correct", "address": " Right@Jansen.example "})
    session.expire_all()
    kept = session.get_one(Address, address.id)
    assert (kept.value, kept.failed_at, kept.verified_at) == ("right@jansen.example", None, None)
    assert session.get_one(Task, task.id).state == "done"


def test_tasks_are_narrowed_by_kind_and_taken_on(store: Store, session: Session, customer: Customer) -> None:
    a_task(session, customer, "call", "one")
    task = a_task(session, customer, "review", "two")
    ann = open_pages(store, role="agent", name="Ann")
    assert "A step of the reminders is a call" not in told(ann.get("/outbox/tasks?kind=review")).partition("Whose")[2]
    ann.post(f"/outbox/tasks/{task.id}", data={"do": "take"})
    mine = told(ann.get("/outbox/tasks?whose=mine")).partition("Whose")[2]
    assert "For Ann" in mine
    assert "is a call" not in mine
    assert ann.post(f"/outbox/tasks/{task.id}", data={"do": "close"}).status_code == 400
    assert "It is done." in told(ann.post(f"/outbox/tasks/{task.id}", data={"do": "close", "how": "looked"}))


# A condition, what is said of it, and how far from its beginning the mark stands.
CONDITIONS = """
overdue >= 100                     |                       |
overdue >= 100 and overdu > 1      | There is no fact      | 19
overdue >= 100 and                 | It cannot be read     | 18
overdue >= 100 ; open > 1          | cannot stand in       | 15
open >=  1 and (mood > 3)          | It cannot be read     |
"""


@pytest.mark.parametrize("line", CONDITIONS.strip().splitlines())
def test_a_condition_says_where_it_goes_wrong(line: str) -> None:
    condition, sentence, at = (part.strip() for part in line.split("|"))
    found = fault_in(condition)
    if not sentence:
        assert found is None
        return
    assert found is not None
    assert sentence in found[0]
    if at:
        assert found[1].splitlines()[1] == " " * int(at) + "^"


def test_a_rule_and_its_form_say_the_same_and_a_saved_one_is_off(
    mira: TestClient, store: Store, session: Session, customer: Customer
) -> None:
    rule = a_rule({"do": "task", "what": "Call", "within": "2 days"}, {"do": "hold_orders", "days": 5})
    assert RuleFields.of(rule).rule() == rule
    head = {"rule": "late", "title": "Late", "when": "overdue >= 100", "about": "customer", "authority": "finance",
            "hours": "mon-fri 09:00-17:00", "0.owner": "Sanne", "0.0.do": "task", "0.0.what": "Call"}  # fmt: skip
    wrong = mira.post("/rules/new/edit", data=head | {"when": "overdu > 1", "do": "save"})
    assert wrong.status_code == 400
    assert "There is no fact 'overdu'" in told(wrong)
    tried = told(mira.post("/rules/new/edit", data=head | {"do": "try"}))
    assert "it would have fired once for one of 1" in tried
    more = mira.post("/rules/new/edit", data=head | {"do": "add-action:0", "0.new": "hold_orders"})
    assert 'name="0.1.days"' in more.text
    saved = mira.post("/rules/new/edit", data=head | {"do": "save"}, follow_redirects=False)
    assert saved.headers["location"] == "/rules?done=saved&seller=vandijk#rule-late"
    kept = rule_named(session, customer.seller_id, "late")
    assert (kept.state, kept.saved_by) == ("off", "Mira")
    assert open_pages(store, role="agent", name="Ann").post("/rules/new/edit", data=head).status_code == 403


def test_the_log_says_of_each_message_why_it_was_written(
    mira: TestClient, store: Store, session: Session, customer: Customer
) -> None:
    question = a_letter(session, customer, direction="in", author="customer", purpose="question", delivery="received",
                        carrier=None, text="Waar blijft mijn order?")  # fmt: skip
    a_letter(session, customer, purpose="answer", subject="Uw order", answers_id=question.id, author="Ann")
    a_letter(session, customer, purpose="code", channel="sms", address="+31612345678", subject=None, text="123456")
    session.commit()
    page = told(mira.get("/finance/log"))
    assert "Ann wrote it. It answers “Waar blijft mijn order?”." in page
    assert "They asked for a one-time code to show who they are." in page
    assert "ap@jansen.example" not in page
    assert "+31612345678" not in page
    assert "Uw order" not in told(mira.get("/finance/log?purpose=code")).partition("State")[2]
    assert "Uw order" in told(mira.get("/finance/log?q=jansen&channel=email"))
    assert "No message fits that." in told(mira.get("/finance/log?q=nobody"))
