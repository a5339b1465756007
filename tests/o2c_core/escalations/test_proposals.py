"""What somebody reads who decides about collecting or writing off: all that is late, and what speaks against it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.run_escalations import run_escalations
from o2c_core.cases.complaint import Complaint
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.escalations.approval import Approval
from o2c_core.store.store import Store
from o2c_core.trail import note
from tests.build import DAY, MOMENT, a_customer, a_dispute, a_seller, an_invoice
from tests.o2c_core.escalations.ruling import a_rule, in_force
from tests.stores.noticing import late_customer, sent, word_about


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


def asked(store: Store, session: Session, seller: Seller, deed: dict[str, Any], **rule: Any) -> Approval:
    session.commit()
    in_force(a_rule(deed, **rule), store, seller)
    run_escalations(store=store)
    with store.session() as looking:
        return looking.scalars(select(Approval)).one()


def put_down(session: Session, customer: Customer, what: str) -> None:
    """Something open about the customer, or something that is over and speaks against nothing any more."""
    seller_id, is_open = customer.seller_id, not what.startswith("old ")
    mine = {"seller_id": seller_id, "customer_id": customer.id}
    match what.removeprefix("old "):
        case "dispute":
            invoice = an_invoice(session, customer, "INV-D", due_on=DAY - timedelta(days=9), total_minor=10_000)
            made = a_dispute(session, invoice, 4_500)
            made.number = "D-101"
            if not is_open:
                made.state, made.resolved_at = "resolved", MOMENT
        case "promise":
            session.add(
                Promise(**mine, amount_minor=5_000, currency="EUR", promised_on=DAY + timedelta(days=4), made_at=MOMENT,
                        made_on=DAY, state="open" if is_open else "kept", settled_on=None if is_open else DAY)
            )  # fmt: skip
        case "plan":
            session.add(
                PaymentPlan(**mine, number="P-101", currency="EUR", grace_days=3, by="Eva", role="finance",
                            state="active" if is_open else "broken", proposed_at=MOMENT, started_on=DAY,
                            settled_on=None if is_open else DAY)
            )  # fmt: skip
        case "complaint":
            session.add(
                Complaint(**mine, number="C-101", about="Broken", opened_at=MOMENT, answer_by=DAY,
                          state="open" if is_open else "resolved", resolved_at=None if is_open else MOMENT)
            )  # fmt: skip

        case "":
            pass
        case reason:
            at = MOMENT if is_open else MOMENT - timedelta(days=200)
            note(session, "person called", customer, at=at, who="assistant", customer_id=customer.id, reason=reason)


AGAINST = """
company -             |
company dispute       | 45.00 EUR is disputed (D-101)
company promise       | 50.00 EUR is promised for 20 March 2026
company plan          | payment plan P-101 is running
company complaint     | complaint C-101 waits for our answer
company insolvency    | insolvency was spoken of
company vulnerable    | somebody in difficulty wrote
company angry         |
company old insolvency |
company old dispute   |
company old promise   |
company old plan      |
company old complaint |
person  -             | no formal notice has reached C1, a private person
person  promise       | 50.00 EUR is promised for 20 March 2026; no formal notice has reached C1, a private person
"""


@pytest.mark.parametrize(
    "deed", [{"do": "collection"}, {"do": "write_off", "at_most": 100}], ids=["collect", "write off"]
)
@pytest.mark.parametrize("line", AGAINST.strip().splitlines())
def test_whoever_decides_reads_what_speaks_against_it(
    store: Store, session: Session, seller: Seller, line: str, deed: dict[str, Any]
) -> None:
    said, expected = (part.strip() for part in line.split("|"))
    kind, _, what = said.partition(" ")
    customer = a_customer(session, seller, "C1", kind=kind)
    an_invoice(session, customer, due_on=DAY - timedelta(days=9), total_minor=20_000)
    put_down(session, customer, what.strip(" -"))
    subject = asked(store, session, seller, deed).subject
    assert subject.partition(" Mind: ")[2] == (f"{expected}." if expected else "")


def test_all_that_is_handed_over_is_named_and_no_two_currencies_are_added(
    store: Store, session: Session, seller: Seller
) -> None:
    head = a_customer(session, seller, "C1")
    child = a_customer(session, seller, "C2", parent_id=head.id)
    an_invoice(session, head, due_on=DAY - timedelta(days=9), total_minor=20_000)
    an_invoice(session, child, due_on=DAY - timedelta(days=9), total_minor=30_000, currency="USD")
    an_invoice(session, child, due_on=DAY - timedelta(days=9), total_minor=5_000)
    one = asked(store, session, seller, {"do": "collection", "to": "Incasso"}, about="group")
    assert one.subject == (
        "Hand 300.00 USD and 250.00 EUR of Bakkerij Jansen (C1) and its group over to Incasso for collection: Late."
    )
    assert str(one.amount) == "300.00 USD"


def test_of_a_private_person_whom_a_notice_reached_nothing_is_missing(store: Store, session: Session) -> None:
    customer = late_customer(session, 20_000, kind="person")
    word_about(store, sent(store, customer), "delivered")
    one = asked(store, session, session.get_one(Seller, customer.seller_id), {"do": "collection"})
    assert "Mind" not in one.subject
