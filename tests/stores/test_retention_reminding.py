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
from o2c_core.customers.customer import Customer
from o2c_core.escalations.approval import Approval
from o2c_core.escalations.escalation import Escalation
from o2c_core.escalations.rule import EscalationRule
from o2c_core.invoices.invoice import Invoice
from o2c_core.privacy.traces import ERASED
from o2c_core.reminders.reminder import LadderChoice, ReminderDecision, ReminderSkip
from o2c_core.store.store import Store
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
        assert sorted(session.scalars(select(words)))[0] != sorted(session.scalars(select(words)))[1]
        assert list(session.scalars(select(words))).count(ERASED) == 1
    assert _run(session, store) == {}
