"""What the ledger says a customer owes, as reminders see it."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.orm import Session

from o2c_core.cases.complaint import Complaint
from o2c_core.conversations.conversation import Conversation
from o2c_core.customers.customer import Customer
from o2c_core.reminders.candidates import next_customers
from o2c_core.reminders.debts import Debt, debts_of
from tests.build import (
    DAY,
    MOMENT,
    a_credit_note,
    a_customer,
    a_dispute,
    a_payment,
    a_seller,
    an_invoice,
    an_order,
)

NOON = datetime(2026, 3, 16, 11, 0, tzinfo=UTC)


def a_complaint(session: Session, customer: Customer, **fields: object) -> None:
    session.add(
        Complaint(
            seller_id=customer.seller_id,
            customer_id=customer.id,
            number=f"C-{fields['number']}",
            about="Broken boxes",
            opened_at=MOMENT,
            answer_by=DAY,
            **{name: value for name, value in fields.items() if name != "number"},
        )
    )
    session.flush()


def the_debt(session: Session, customer: Customer) -> Debt:
    (debt,) = debts_of(session, [customer.id], DAY, NOON)
    return debt


def test_open_disputed_and_credited_amounts_are_those_of_the_invoice_alone(session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    first = an_invoice(session, customer, "INV-A", total_minor=10_000, due_on=DAY - timedelta(days=7), paid_minor=1_000)
    a_payment(session, first, 500)
    a_credit_note(session, customer, 2_000, against=first)
    a_dispute(session, first, 300)
    a_dispute(session, first, 200)
    resolved = a_dispute(session, first, 5_000)
    resolved.state = "resolved"
    an_invoice(session, customer, "INV-B", total_minor=7_000)
    session.flush()
    claims = {claim.number: claim for claim in the_debt(session, customer).facts.claims}
    one, other = claims["INV-A"], claims["INV-B"]
    assert (one.open_minor, one.disputed_minor, one.credited_minor, len(one.disputes)) == (6_500, 500, 2_000, 2)
    assert (other.open_minor, other.disputed_minor, other.credited_minor, other.disputes) == (7_000, 0, 0, ())


def test_a_complaint_holds_its_invoice_or_the_invoices_of_its_order_while_it_is_open(session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    order = an_order(session, customer)
    about = an_invoice(session, customer, "INV-A")
    an_invoice(session, customer, "INV-B", order_id=order.id)
    over = an_invoice(session, customer, "INV-C")
    an_invoice(session, customer, "INV-D")
    a_complaint(session, customer, number=1, invoice_id=about.id)
    a_complaint(session, customer, number=2, order_id=order.id)
    a_complaint(session, customer, number=3, invoice_id=over.id, state="resolved")
    held = {claim.number: claim.has_open_complaint for claim in the_debt(session, customer).facts.claims}
    assert held == {"INV-A": True, "INV-B": True, "INV-C": False, "INV-D": False}


def test_unmatched_money_and_credit_count_per_currency(session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    an_invoice(session, customer)
    an_invoice(session, customer, currency="USD")
    a_credit_note(session, customer, 2_000)
    facts = {debt.facts.currency: debt.facts for debt in debts_of(session, [customer.id], DAY, NOON)}
    assert {currency: fact.unapplied_minor for currency, fact in facts.items()} == {"EUR": 2_000, "USD": 0}


def test_an_agents_conversation_is_seen_until_it_is_closed(session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    an_invoice(session, customer)
    talk = Conversation(
        seller_id=customer.seller_id,
        customer_id=customer.id,
        channel="chat",
        speaker="agent",
        opened_at=MOMENT,
        updated_at=MOMENT,
    )
    session.add(talk)
    session.flush()
    assert the_debt(session, customer).facts.agent_speaks
    talk.state = "closed"
    session.flush()
    assert not the_debt(session, customer).facts.agent_speaks


def test_what_is_long_paid_and_what_is_not_issued_yet_is_left_out(session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    an_invoice(session, customer, "OLD", due_on=DAY - timedelta(days=100), paid_minor=12_500)
    an_invoice(session, customer, "OLD-OPEN", due_on=DAY - timedelta(days=100))
    an_invoice(session, customer, "RECENT", due_on=DAY - timedelta(days=10), paid_minor=12_500)
    an_invoice(session, customer, "TOMORROW", due_on=DAY + timedelta(days=31))
    assert [claim.number for claim in the_debt(session, customer).facts.claims] == ["OLD-OPEN", "RECENT"]


def test_many_customers_are_read_with_as_many_queries_as_one(session: Session) -> None:
    def queries(ids: list[UUID]) -> int:
        seen: list[str] = []
        connection = session.connection()

        def count(*args: object) -> None:
            seen.append(str(args[2]))

        event.listen(connection, "before_cursor_execute", count)
        debts_of(session, ids, DAY, NOON)
        event.remove(connection, "before_cursor_execute", count)
        session.expunge_all()
        return len(seen)

    seller = a_seller(session)
    for n in range(20):
        an_invoice(session, a_customer(session, seller, email=f"ap{n}@x.example"))
    ids = next_customers(session, seller.id, None, 100)
    assert len(ids) == 20
    session.expunge_all()
    assert queries(ids) == queries(ids[:1]) <= 28


def test_customers_are_walked_through_in_batches_without_missing_or_repeating_one(session: Session) -> None:
    seller, other = a_seller(session), a_seller(session, "other")
    a_customer(session, other)
    everyone = {a_customer(session, seller).id for _ in range(5)}
    walked: list[UUID] = []
    while batch := next_customers(session, seller.id, walked[-1] if walked else None, 2):
        walked.extend(batch)
    assert len(walked) == 5
    assert set(walked) == everyone
