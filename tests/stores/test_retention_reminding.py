"""What reminders, replies and finance's rules keep goes with its invoices or after its years, and holds nothing else up."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.apply_retention import apply_retention
from o2c_core.cases.document_problem import DocumentProblem
from o2c_core.cases.payment_said import PaymentSaid, SaidInvoice
from o2c_core.cases.plan import PaymentPlan, PlannedInvoice, PlanPart
from o2c_core.cases.promise import Promise, PromisedInvoice
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.escalations.approval import Approval
from o2c_core.escalations.escalation import Escalation
from o2c_core.escalations.rule import EscalationRule
from o2c_core.informing.informed import Informed
from o2c_core.invoices.invoice import Invoice
from o2c_core.keys import new_key
from o2c_core.privacy.traces import ERASED
from o2c_core.reminders.reminder import LadderChoice, ReminderDecision, ReminderSkip
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine, note
from tests.build import a_customer, a_seller, an_invoice

ON = date(2026, 3, 16)
OLD, RECENT = date(2010, 1, 1), date(2025, 6, 1)


@pytest.fixture
def customer(session: Session) -> Customer:
    return a_customer(session, a_seller(session))


def _invoice(session: Session, customer: Customer, on: date) -> Invoice:
    return an_invoice(session, customer, due_on=on, issued_on=on - timedelta(days=30), total_minor=0)


def _said(session: Session, customer: Customer, on: date, *invoices: Invoice, state: str = "arrived") -> PaymentSaid:
    said = PaymentSaid(
        seller_id=customer.seller_id, customer_id=customer.id, amount_minor=100, currency="EUR", said_on=on,
        until_on=on, state=state, said_at=_at(on), settled_on=on, words="I paid it",
    )  # fmt: skip
    session.add(said)
    session.flush()
    session.add_all(SaidInvoice(payment_said_id=said.id, invoice_id=one.id) for one in invoices)
    return said


def _problem(customer: Customer, invoice: Invoice, on: date, state: str = "put_right") -> DocumentProblem:
    return DocumentProblem(
        seller_id=customer.seller_id, customer_id=customer.id, invoice_id=invoice.id, kind="other", state=state,
        opened_at=_at(on), opened_on=on, settled_on=None if state == "open" else on, resolution="Sent to A. Jansen",
    )  # fmt: skip


def _at(on: date) -> datetime:
    return datetime(on.year, on.month, on.day, 9, tzinfo=UTC)


def _left(session: Session, of: Any) -> int:
    return session.scalars(select(func.count()).select_from(of)).one()


def _run(session: Session, store: Store) -> dict[str, int]:
    session.commit()
    done = apply_retention(ON, store=store)
    session.expire_all()
    return {line.kind: line.count for line in done.lines}


def test_what_was_said_decided_and_chosen_about_an_invoice_goes_with_it(
    session: Session, store: Store, customer: Customer
) -> None:
    old, recent = _invoice(session, customer, OLD), _invoice(session, customer, RECENT)
    _said(session, customer, OLD, old)
    both = _said(session, customer, OLD, old, recent)
    about = {"seller_id": customer.seller_id, "customer_id": customer.id}
    session.add_all([
        _problem(customer, old, OLD),
        ReminderSkip(invoice_id=old.id, customer_id=customer.id, rung="first", on=OLD, by="N", why="w", skipped_at=_at(OLD)),
        LadderChoice(
            seller_id=customer.seller_id, scope="invoice", invoice_id=old.id, ladder="gentle", by="N", chosen_at=_at(OLD)
        ),
        *(ReminderDecision(**about, on=on, currency="EUR", decided_at=_at(on)) for on in (OLD, RECENT)),
    ])  # fmt: skip
    assert _run(session, store) == {"bookkeeping": 1, "reminders": 1, "cases": 1}
    assert session.scalars(select(Invoice.id)).all() == [recent.id]
    assert session.scalars(select(PaymentSaid.id)).all() == [both.id]
    assert session.scalars(select(ReminderDecision.on)).all() == [RECENT]
    assert [_left(session, of) for of in (DocumentProblem, ReminderSkip, LadderChoice)] == [0] * 3
    assert _run(session, store) == {}


@pytest.mark.parametrize("what", ["a payment that is looked for", "a document that is missing"])
def test_what_is_still_open_about_an_invoice_keeps_it(
    session: Session, store: Store, customer: Customer, what: str
) -> None:
    invoice = _invoice(session, customer, OLD)
    if what == "a payment that is looked for":
        _said(session, customer, OLD, invoice, state="open")
    else:
        session.add(_problem(customer, invoice, OLD, state="open"))
    assert _run(session, store) == {}
    assert _left(session, Invoice) == 1


def test_the_words_of_cases_that_are_over_go_and_the_facts_stay(
    session: Session, store: Store, customer: Customer
) -> None:
    rule = EscalationRule(
        seller_id=customer.seller_id, name="large", version=1, state="on", document={}, saved_by="N", saved_at=_at(OLD)
    )
    session.add(rule)
    session.flush()
    recent = _invoice(session, customer, RECENT)
    whose = {"seller_id": customer.seller_id, "customer_id": customer.id}
    for on in (OLD, RECENT):
        _said(session, customer, on, recent)
        session.add_all([
            _problem(customer, recent, on),
            Escalation(
                **whose, rule_id=rule.id, rule="large", about="customer", state_key="holds", facts={}, fired_on=on,
                fired_at=_at(on), level_at=_at(on), owner="Noor", ended_at=_at(on), ended_why="Jansen paid",
            ),
            Approval(
                **whose, kind="decision", subject="Call A. Jansen", role="finance", state="lapsed", asks={},
                asked_at=_at(on), asked_by="rule large",
            ),
        ])  # fmt: skip
    assert _run(session, store) == {"cases": 4}
    for words in (PaymentSaid.words, DocumentProblem.resolution, Escalation.ended_why, Approval.subject):
        said = [word == ERASED for word in session.scalars(select(words))]
        assert sorted(said) == [False, True]
    assert _run(session, store) == {}


def _promise(customer: Customer, on: date, *invoices: Invoice) -> Promise:
    return Promise(
        seller_id=customer.seller_id, customer_id=customer.id, amount_minor=100, currency="EUR", promised_on=on,
        state="kept", made_at=_at(on), made_on=on, invoices=[PromisedInvoice(invoice_id=one.id) for one in invoices],
    )  # fmt: skip


def _plan(customer: Customer, number: str, on: date, *invoices: Invoice, state: str = "kept") -> PaymentPlan:
    return PaymentPlan(
        seller_id=customer.seller_id, customer_id=customer.id, number=number, currency="EUR", grace_days=2, state=state,
        by="Kim", role="agent", proposed_at=_at(on), parts=[PlanPart(position=1, due_on=on, amount_minor=100)],
        invoices=[PlannedInvoice(invoice_id=one.id) for one in invoices],
    )  # fmt: skip


def test_a_promise_and_a_plan_go_with_the_last_of_their_invoices(
    session: Session, store: Store, customer: Customer
) -> None:
    old, recent = _invoice(session, customer, OLD), _invoice(session, customer, RECENT)
    session.add_all([
        _promise(customer, OLD, old), kept := _promise(customer, OLD, old, recent),
        _plan(customer, "P-1", OLD, old), _plan(customer, "P-2", OLD, old, recent),
    ])  # fmt: skip
    assert _run(session, store)["bookkeeping"] == 1
    assert session.scalars(select(Promise.id)).all() == [kept.id]
    assert session.scalars(select(PaymentPlan.number)).all() == ["P-2"]
    assert [_left(session, of) for of in (PromisedInvoice, PlannedInvoice, PlanPart)] == [1] * 3


@pytest.mark.parametrize("state", ["proposed", "active"])
def test_a_plan_that_runs_keeps_its_invoice(session: Session, store: Store, customer: Customer, state: str) -> None:
    session.add(_plan(customer, "P-1", OLD, _invoice(session, customer, OLD), state=state))
    assert _run(session, store) == {}
    assert _left(session, PlanPart) == 1


def test_what_customers_were_told_goes_after_two_years_and_what_waits_to_be_told_stays(
    session: Session, store: Store, customer: Customer
) -> None:
    for on, state in (
        (date(2024, 3, 15), "skipped"), (date(2024, 3, 16), "skipped"), (date(2024, 3, 15), "waiting"),
    ):  # fmt: skip
        session.add(
            Informed(
                seller_id=customer.seller_id, customer_id=customer.id, step="shipped", subject_id=new_key(), state=state,
                happened_at=_at(on), look_at=_at(on), settled_at=None if state == "waiting" else _at(on),
            )
        )  # fmt: skip
    assert _run(session, store) == {"news": 1}
    left = session.execute(select(Informed.state, Informed.happened_at).order_by(Informed.state)).all()
    assert [f"{state} {at:%Y-%m-%d}" for state, at in left] == ["skipped 2024-03-16", "waiting 2024-03-15"]
    assert _run(session, store) == {}


def test_steps_left_out_long_ago_go_and_those_of_late_and_of_open_invoices_stay(
    session: Session, store: Store, customer: Customer
) -> None:
    settled = _invoice(session, customer, RECENT)
    still_open = an_invoice(session, customer, "INV-OPEN", due_on=OLD)
    for invoice, rung, on in ((settled, "first", OLD), (settled, "second", RECENT), (still_open, "first", OLD)):
        session.add(
            ReminderSkip(
                invoice_id=invoice.id, customer_id=customer.id, rung=rung, on=on, by="Kim", why="spoke", skipped_at=_at(on)
            )
        )  # fmt: skip
    assert _run(session, store) == {"reminders": 1}
    left = session.execute(select(ReminderSkip.invoice_id, ReminderSkip.rung)).all()
    assert {tuple(one) for one in left} == {(settled.id, "second"), (still_open.id, "first")}


def test_a_ladder_that_was_chosen_once_goes_and_the_one_that_holds_stays(
    session: Session, store: Store, customer: Customer
) -> None:
    for ladder, ended_on in (("gentle", OLD), ("firm", RECENT), ("standard", None)):
        session.add(
            LadderChoice(
                seller_id=customer.seller_id, scope="customer", customer_id=customer.id, ladder=ladder, by="Kim",
                why="they asked", chosen_at=_at(OLD), ended_at=_at(ended_on) if ended_on else None,
            )
        )  # fmt: skip
    assert _run(session, store) == {"reminders": 1}
    assert sorted(session.scalars(select(LadderChoice.ladder))) == ["firm", "standard"]


def _conversation(session: Session, customer: Customer, on: date) -> Message:
    thread = Conversation(
        seller_id=customer.seller_id, customer_id=customer.id, channel="email", opened_at=_at(on), updated_at=_at(on)
    )
    session.add(thread)
    session.flush()
    said = Message(
        conversation_id=thread.id, direction="in", author="customer", channel="email", text="I paid it",
        delivery="received", created_at=_at(on),
    )  # fmt: skip
    session.add(said)
    session.flush()
    return said


@pytest.mark.parametrize("what", ["a payment that is looked for", "a document that is missing"])
def test_words_stay_while_what_came_of_them_is_open(
    session: Session, store: Store, customer: Customer, what: str
) -> None:
    heard, recent = _conversation(session, customer, OLD), _invoice(session, customer, RECENT)
    if what == "a payment that is looked for":
        case: Any = _said(session, customer, RECENT, recent, state="open")
        over = "arrived"
    else:
        case, over = _problem(customer, recent, RECENT, state="open"), "put_right"
    case.message_id = heard.id
    session.add(case)
    assert _run(session, store) == {}
    case.state, case.settled_on = over, RECENT
    assert _run(session, store) == {"conversations": 1}


def test_lines_of_the_trail_that_name_no_seller_are_emptied_with_the_others(
    session: Session, store: Store, customer: Customer
) -> None:
    heard = _conversation(session, customer, RECENT)
    other = a_customer(session, a_seller(session, "elsewhere", country="DE"))
    for subject, fields in (
        (customer, {"seller_id": customer.seller_id}), (heard, {"customer_id": customer.id}), (heard, {"message_id": heard.id}),
        (heard, {"customer_id": other.id}),
    ):  # fmt: skip
        note(session, "it happened", subject, at=_at(date(2017, 5, 1)), who="Kim", why="Jansen said so", **fields)
    assert _run(session, store) == {"trail": 3}
    assert sorted(session.scalars(select(TrailLine.why).where(TrailLine.what == "it happened"))) == [
        "Jansen said so", *[ERASED] * 3,
    ]  # fmt: skip
