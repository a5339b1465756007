"""The API against its own description: whatever is sent, the answer is one that was described, and never a mistake."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4
from zlib import crc32

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.add_webhook import add_webhook
from o2c_core.actions.log_complaint import Grievance, log_complaint
from o2c_core.actions.place_hold import Pause, place_hold
from o2c_core.actions.propose_plan import Wish, propose_plan
from o2c_core.customers.seller import BankAccount
from o2c_core.invoices.bank import BankStatement, BankTransaction
from o2c_core.invoices.payment import Allocation
from o2c_core.store.store import Store
from tests.build import (
    DAY,
    MOMENT,
    a_credit_note,
    a_customer,
    a_dispute,
    a_payment,
    a_seller,
    a_shipment,
    an_invoice,
    an_order,
)  # fmt: skip
from tests.web.api.called import a_key, application

CHECKS = (
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
)


def a_transaction(session: Session, seller_id: UUID) -> BankTransaction:
    """Money on the seller's account that waits to be matched."""
    account = session.scalars(select(BankAccount.id).where(BankAccount.seller_id == seller_id)).one()
    statement = BankStatement(
        seller_id=seller_id, bank_account_id=account, number="1", format="camt.053", file="a.xml", checksum="c",
        currency="EUR", imported_at=MOMENT,
    )  # fmt: skip
    session.add(statement)
    session.flush()
    transaction = BankTransaction(
        seller_id=seller_id, bank_account_id=account, bank_statement_id=statement.id, key="k1", booked_on=DAY,
        amount_minor=12_500, currency="EUR", direction="in",
    )  # fmt: skip
    session.add(transaction)
    session.flush()
    return transaction


@pytest.fixture
def known(own_store: Store) -> dict[str, str]:
    """A ledger with a little of everything, and what there is called."""
    with own_store.session() as session:
        jansen = a_customer(session, a_seller(session), "C1001")
        order = an_order(session, jansen, "SO-1", states=("ordered", "shipped"))
        shipment = a_shipment(session, order)
        invoice = an_invoice(session, jansen, "INV-1", order_id=order.id, total_minor=100_000)
        payment = a_payment(session, invoice, 2_500)
        credit = a_credit_note(session, jansen, 1_000)
        dispute = a_dispute(session, an_invoice(session, jansen, "INV-2"), 500)
        allocation = session.scalars(select(Allocation.id).where(Allocation.payment_id == payment.id)).one()
        transaction = a_transaction(session, jansen.seller_id)
        session.commit()
        bought = an_invoice(session, jansen, "INV-3", due_on=DAY)
        session.commit()
    complaint = log_complaint(Grievance(jansen.id, "late again"), store=own_store)
    plan = propose_plan(
        Wish(jansen.id, (bought.id,), parts=2, first_on=DAY + timedelta(days=7)),
        store=own_store,
        role="manager",
        by="Els",
    )
    webhook = add_webhook(jansen.seller_id, "https://erp.example/parley", store=own_store).endpoint
    pause = Pause(jansen.id, "reminders", "asked for", "Els", DAY)
    hold = place_hold(pause, store=own_store, role="manager", by="Els")
    return {
        "ref": "C1001", "customer": "C1001", "order": "SO-1", "invoice": "INV-1", "tracking_number": shipment.tracking_number,
        "payment_id": str(payment.id), "hold_id": str(hold.id), "contact_id": str(jansen.contacts[0].id),
        "/orders": "SO-1", "/invoices": "INV-1", "/credit-notes": credit.number, "allocation_id": str(allocation),
        "/complaints": complaint.number, "/plans": plan.number, "transaction_id": str(transaction.id), "webhook_id": str(webhook.id), "/disputes": dispute.number,
        "a key": a_key(own_store),
    }  # fmt: skip


def operations(store: Store) -> list[Any]:
    """Every operation of the API, as it describes itself."""
    schema = schemathesis.openapi.from_asgi("/api/v1/openapi.json", application(store))
    return [found.ok() for found in schema.get_all_operations()]


def tried(operation: Any, examples: int, attempt: Callable[[schemathesis.Case], None]) -> None:
    """Sends so many requests of Schemathesis' making to the operation."""

    @settings(max_examples=examples, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(case=operation.as_strategy())
    def attempts(case: schemathesis.Case) -> None:
        attempt(case)

    attempts()


def test_every_answer_is_one_that_was_described(own_store: Store, known: dict[str, str]) -> None:
    def attempt(case: schemathesis.Case) -> None:
        name_what_is_there(case, known)
        case.call_and_validate(headers={"Authorization": f"Bearer {known['a key']}"}, checks=list(CHECKS))

    there = operations(own_store)
    assert len(there) > 60
    for operation in there:
        tried(operation, 15, attempt)


@pytest.mark.parametrize(("key", "status"), [("parley_nobody", 401), ("without scopes", 403)])
def test_without_a_key_or_its_scope_nothing_is_learnt(
    own_store: Store, known: dict[str, str], key: str, status: int
) -> None:
    """Whatever the request and whatever there is, the answer is the same to the byte."""
    if status == 403:
        key = a_key(own_store, scopes=["imports:write"])
    heard = set()

    def attempt(case: schemathesis.Case) -> None:
        name_what_is_there(case, known)
        answer = case.call(headers={"Authorization": f"Bearer {key}"})
        heard.add((answer.status_code, answer.content))

    for operation in operations(own_store):
        if operation.path != "/seller" and not operation.path.startswith("/imports"):
            tried(operation, 2, attempt)
    assert [said for said, _ in heard] == [status]


def name_what_is_there(case: schemathesis.Case, known: dict[str, str]) -> None:
    """Three in four values that could name something do; the rest name what nobody has heard of. Every write has its
    own key."""
    where = re.match(r"/[a-z-]+", case.path)
    for name, value in list((case.path_parameters or {}).items()):
        there = known.get(name) or (known.get(where[0]) if where and name == "number" else None)
        if there is not None and chosen(value):
            case.path_parameters[name] = there
    case.body = named(case.body, known)
    for name in list(case.headers or {}):
        if name.lower() == "idempotency-key" and chosen(case.headers[name]):
            case.headers[name] = str(uuid4())


def named(value: Any, known: dict[str, str]) -> Any:
    """The body with what it says replaced by what there is."""
    if isinstance(value, list):
        return [named(each, known) for each in value]
    if not isinstance(value, dict):
        return value
    return {
        name: known[name] if name in known and isinstance(each, str) and chosen(each)
        else SENSIBLE[name] if name in SENSIBLE and each is not None and chosen(each)
        else str(DAY) if name.endswith("_on") and isinstance(each, str) and chosen(each)
        else named(each, known)
        for name, each in value.items()
    }  # fmt: skip


SENSIBLE = {"currency": "EUR", "quantity": "1", "unit_price": "12.50", "position": 1, "minor": 100, "tax_category": "S",
            "tax_rate": "21", "decimal": None, "events": ["invoice.issued"], "emails": ["ap@jansen.example"], "phones": [],
            "site": None, "parent": None, "payment_terms": "net 30", "terms": "net 30", "time_zone": "Europe/Amsterdam"}  # fmt: skip


def chosen(value: object) -> bool:
    return crc32(repr(value).encode("utf-8", "surrogatepass")) % 4 != 0
