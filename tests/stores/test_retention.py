"""What has been kept long enough goes, batch by batch; what is open stays, however old it is."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from knowledge.gaps import Gap, note_gap
from o2c_core.actions import apply_retention as retaining
from o2c_core.actions.apply_retention import apply_retention
from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.promise import Promise
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.consent import Consent
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.integrations.api_key import ApiKey, IdempotentCall
from o2c_core.integrations.webhook import WebhookDelivery, WebhookEndpoint
from o2c_core.invoices.bank import BankStatement, BankTransaction
from o2c_core.invoices.invoice import CreditNote, Invoice, InvoiceLine
from o2c_core.invoices.payment import Allocation, Payment
from o2c_core.orders.order import Order
from o2c_core.privacy import batches
from o2c_core.privacy.traces import ERASED
from o2c_core.reminders.reminder import Reminder
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine, note
from tests.build import a_credit_note, a_customer, a_dispute, a_payment, a_seller, a_shipment, an_invoice, an_order

ON = date(2026, 3, 16)


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)  # in the Netherlands: bookkeeping of 2018 and before is over in 2026


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return a_customer(session, seller)


def _invoice(
    session: Session, customer: Customer, issued_on: date, *, paid_on: date | None = None, **fields: Any
) -> Invoice:
    invoice = an_invoice(session, customer, due_on=issued_on + timedelta(days=30), issued_on=issued_on, **fields)
    invoice.lines.append(
        InvoiceLine(position=1, sku="A", description="Kettle", quantity=Decimal(1), unit_price=Decimal(125), amount_minor=12_500)
    )  # fmt: skip
    if paid_on is not None:
        a_payment(session, invoice, invoice.total_minor, on=paid_on)
    session.flush()
    return invoice


def _said(session: Session, customer: Customer, on: date, text: str = "where is it", **fields: Any) -> Message:
    at = datetime(on.year, on.month, on.day, 9, tzinfo=UTC)
    conversation = Conversation(
        seller_id=customer.seller_id, customer_id=customer.id, channel="email", opened_at=at, updated_at=at
    )
    session.add(conversation)
    session.flush()
    message = Message(
        **{"conversation_id": conversation.id, "direction": "in", "author": "customer", "channel": "email",
           "address": "x@y.example", "text": text, "delivery": "received", "created_at": at} | fields
    )  # fmt: skip
    session.add(message)
    session.flush()
    return message


def _left(session: Session, of: Any) -> int:
    session.expire_all()
    return session.scalars(select(func.count()).select_from(of)).one()


def _run(session: Session, store: Store, **options: Any) -> dict[str, int]:
    session.commit()
    done = apply_retention(ON, store=store, **options)
    session.expire_all()
    return {line.kind: line.count for line in done.lines}


@pytest.mark.parametrize(
    ("country", "issued_on", "goes"),
    [
        ("NL", date(2018, 12, 31), True),  # 7 years after 2018 ended on 31 December 2025
        ("NL", date(2019, 1, 1), False),
        ("GB", date(2019, 12, 31), True),
        ("GB", date(2020, 1, 1), False),
        ("FR", date(2015, 12, 31), True),
        ("FR", date(2016, 1, 1), False),
        ("DE", date(2016, 1, 1), False),
        ("BE", date(2015, 12, 31), True),
        ("IT", date(2016, 1, 1), False),  # not named: the longest
    ],
)
def test_a_paid_invoice_goes_after_its_countrys_years(
    session: Session, store: Store, country: str, issued_on: date, goes: bool
) -> None:
    customer = a_customer(session, a_seller(session, country=country))
    _invoice(session, customer, issued_on, paid_on=issued_on)
    _run(session, store)
    assert _left(session, Invoice) == (0 if goes else 1)
    assert _left(session, Payment) == (0 if goes else 1)


def test_an_invoice_that_is_open_stays_however_old(session: Session, store: Store, customer: Customer) -> None:
    _invoice(session, customer, date(2001, 1, 1))
    part = _invoice(session, customer, date(2001, 1, 1))
    a_payment(session, part, 100, on=date(2001, 2, 1))
    assert _run(session, store) == {}
    assert _left(session, Invoice) == 2


def test_money_we_owe_stays_however_old(session: Session, store: Store, customer: Customer) -> None:
    a_credit_note(session, customer, 500).issued_on = date(2001, 1, 1)
    assert _run(session, store) == {}


def test_what_hangs_together_with_something_younger_or_open_stays(
    session: Session, store: Store, customer: Customer
) -> None:
    old = _invoice(session, customer, date(2010, 1, 1))
    young = _invoice(session, customer, date(2024, 1, 1))
    payment = a_payment(session, young, young.total_minor, on=date(2024, 2, 1))
    payment.amount_minor += old.total_minor
    session.add(
        Allocation(
            invoice_id=old.id, payment_id=payment.id, amount_minor=old.total_minor, allocated_on=date(2024, 2, 1)
        )
    )
    disputed = _invoice(session, customer, date(2010, 1, 1), paid_on=date(2010, 2, 1))
    a_dispute(session, disputed)
    _invoice(session, customer, date(2010, 1, 1), paid_on=date(2010, 2, 1))
    assert _run(session, store) == {"bookkeeping": 2}
    assert set(session.scalars(select(Invoice.id))) == {old.id, young.id, disputed.id}


def test_everything_that_is_part_of_an_invoice_goes_with_it(session: Session, store: Store, customer: Customer) -> None:
    invoice = _invoice(session, customer, date(2010, 1, 1))
    credit = a_credit_note(session, customer, 500, against=invoice)
    credit.issued_on = date(2010, 1, 5)
    session.scalars(select(Allocation)).one().allocated_on = date(2010, 1, 5)
    a_payment(session, invoice, invoice.total_minor - 500, on=date(2010, 2, 1))
    dispute = a_dispute(session, invoice, 500)
    dispute.state, dispute.credit_note_id = "resolved", credit.id
    reminded = _said(
        session, customer, date(2010, 3, 1), "Please pay", purpose="reminder", direction="out", delivery="sent"
    )
    session.add(
        Reminder(invoice_id=invoice.id, customer_id=customer.id, message_id=reminded.id, rung="first", on=date(2010, 3, 1),
                 open_minor=1, created_at=reminded.created_at)
    )  # fmt: skip
    done = _run(session, store)
    assert done["bookkeeping"] == 3
    assert [
        _left(session, of) for of in (Invoice, InvoiceLine, CreditNote, Payment, Allocation, Dispute, Reminder)
    ] == [0] * 7
    assert session.get_one(Message, reminded.id).text == ERASED


def test_orders_go_once_their_invoices_have(session: Session, store: Store, customer: Customer) -> None:
    for ordered_on, invoiced in ((date(2010, 1, 1), True), (date(2010, 1, 1), False), (date(2025, 1, 1), False)):
        order = an_order(session, customer, states=("delivered",), ordered_on=ordered_on)
        a_shipment(session, order)
        if invoiced:
            _invoice(session, customer, date(2024, 1, 1), order_id=order.id)
    assert _run(session, store) == {"orders": 1}
    assert _left(session, Order) == 2


def test_the_words_of_old_conversations_go_and_the_fact_stays(
    session: Session, store: Store, customer: Customer
) -> None:
    old = _said(session, customer, date(2024, 3, 15), understanding={"mood": "angry"}, subject="About Sophie")
    young = _said(session, customer, date(2024, 3, 16))
    assert _run(session, store) == {"conversations": 1}
    gone = session.get_one(Message, old.id)
    assert (gone.text, gone.subject, gone.address, gone.understanding) == (ERASED, ERASED, None, {})
    assert session.get_one(Message, young.id).text == "where is it"


def test_a_conversation_that_an_open_case_came_from_stays(session: Session, store: Store, customer: Customer) -> None:
    about = _said(session, customer, date(2020, 1, 1))
    session.add(
        Complaint(seller_id=customer.seller_id, customer_id=customer.id, number="C-1", about="broken", opened_at=about.created_at,
                  answer_by=ON, message_id=about.id)
    )  # fmt: skip
    assert _run(session, store) == {}


def test_a_conversation_from_while_an_invoice_was_open_that_still_is_stays(
    session: Session, store: Store, customer: Customer
) -> None:
    _invoice(session, customer, date(2021, 1, 1))
    before = _said(session, customer, date(2020, 12, 1))
    during = _said(session, customer, date(2021, 2, 1))
    _run(session, store)
    assert session.get_one(Message, before.id).text == ERASED
    assert session.get_one(Message, during.id).text == "where is it"


def test_a_reminder_stays_as_long_as_its_claim_can_be_brought(
    session: Session, store: Store, customer: Customer
) -> None:
    invoice = _invoice(session, customer, date(2020, 6, 1), paid_on=date(2021, 5, 1))
    for on, rung in ((date(2021, 3, 15), "first"), (date(2021, 3, 20), "second")):
        message = _said(
            session, customer, on, f"Please pay, {rung}", purpose="reminder", direction="out", delivery="sent"
        )
        session.add(
            Reminder(invoice_id=invoice.id, customer_id=customer.id, message_id=message.id, rung=rung, on=on, open_minor=1,
                     created_at=message.created_at)
        )  # fmt: skip
    assert _run(session, store) == {"reminders": 1}
    assert session.scalars(select(Message.text).order_by(Message.id)).all() == [ERASED, "Please pay, second"]


def test_the_words_of_cases_that_are_over_go(session: Session, store: Store, customer: Customer) -> None:
    then = datetime(2020, 1, 1, tzinfo=UTC)
    young = _invoice(session, customer, date(2026, 1, 1))
    closed, open_ = a_dispute(session, young, 100), a_dispute(session, young, 100)
    closed.state, closed.resolved_at, closed.opened_at = "resolved", then, then
    open_.opened_at = then
    session.add(
        Promise(seller_id=customer.seller_id, customer_id=customer.id, amount_minor=1, currency="EUR", promised_on=then.date(),
                state="broken", made_at=then, made_on=then.date(), words="I promise")
    )  # fmt: skip
    assert _run(session, store) == {"cases": 2}
    assert session.get_one(Dispute, closed.id).description == ERASED
    assert session.get_one(Dispute, open_.id).description != ERASED
    assert session.scalars(select(Promise.words)).all() == [ERASED]


def test_the_words_of_consent_stay_while_it_is_relied_on(session: Session, store: Store, customer: Customer) -> None:
    for year, words in ((2015, "yes please"), (2016, "no more")):
        session.add(
            Consent(contact_id=customer.contacts[0].id, channel="email", purpose="marketing", is_given=year == 2015,
                    at=datetime(year, 1, 1, tzinfo=UTC), how="form", words=words)
        )  # fmt: skip
    assert _run(session, store) == {"consent": 1}
    assert session.scalars(select(Consent.words).order_by(Consent.at)).all() == [ERASED, "no more"]


def test_the_trail_keeps_what_happened_without_the_details(session: Session, store: Store, customer: Customer) -> None:
    for year, who in ((2018, "Kim"), (2018, "system"), (2019, "Kim")):
        note(session, "hold placed", customer, at=datetime(year, 6, 1, tzinfo=UTC), who=who, why="is ill",
             customer_id=customer.id, seller_id=customer.seller_id, reason="ill")  # fmt: skip
    assert _run(session, store) == {"trail": 2}
    lines = session.scalars(select(TrailLine).where(TrailLine.what == "hold placed").order_by(TrailLine.id)).all()
    assert [(line.who, line.why, line.details) for line in lines] == [
        ("somebody", ERASED, {}), ("system", ERASED, {}), ("Kim", "is ill", {"reason": "ill"}),
    ]  # fmt: skip


def test_bank_transactions_go_unless_they_wait_and_empty_statements_after_them(
    session: Session, store: Store, seller: Seller
) -> None:
    account = seller.bank_accounts[0]
    for number, state in (("1", "ignored"), ("2", "waiting")):
        statement = BankStatement(
            seller_id=seller.id, bank_account_id=account.id, number=number, format="mt940", file="f", checksum=number,
            to_on=date(2010, 1, 1), currency="EUR", imported_at=datetime(2010, 1, 1, tzinfo=UTC),
        )  # fmt: skip
        session.add(statement)
        session.flush()
        session.add(
            BankTransaction(seller_id=seller.id, bank_account_id=account.id, bank_statement_id=statement.id, key=number,
                            booked_on=date(2010, 1, 1), amount_minor=1, currency="EUR", direction="in", state=state)
        )  # fmt: skip
    assert _run(session, store) == {"bank_transactions": 2}
    assert session.scalars(select(BankTransaction.state)).all() == ["waiting"]
    assert session.scalars(select(BankStatement.number)).all() == ["2"]


def test_what_other_systems_left_goes_after_days(session: Session, store: Store, seller: Seller) -> None:
    now = datetime(2026, 3, 16, tzinfo=UTC)
    key = ApiKey(seller_id=seller.id, name="erp", start="p", digest="d", scopes=[], created_at=now)
    old = ApiKey(seller_id=seller.id, name="old", start="p", digest="e", scopes=[], created_at=now,
                 revoked_at=now - timedelta(days=400))  # fmt: skip
    hook = WebhookEndpoint(
        seller_id=seller.id, url="https://e.example", secret="s", events=[], told_until=0, created_at=now
    )
    note(session, "seller changed", seller, at=now, who="Kim", seller_id=seller.id)
    session.add_all([key, old, hook])
    session.flush()
    line = session.scalars(select(TrailLine)).one()
    for days in (31, 29):
        session.add(IdempotentCall(api_key_id=key.id, key=str(days), fingerprint="f", at=now - timedelta(days=days)))
    for days, state in ((91, "delivered"), (91, "waiting"), (89, "failed")):
        session.add(
            WebhookDelivery(
                endpoint_id=hook.id, trail_id=line.id, event="e", state=state, created_at=now - timedelta(days=days)
            )
        )
    assert _run(session, store) == {"idempotent_calls": 1, "webhook_deliveries": 1, "api_keys": 1}


def test_questions_nobody_asks_any_more_go(session: Session, store: Store) -> None:
    note_gap(session, "Do you lease ovens?", "en", at=datetime(2024, 1, 1, tzinfo=UTC))
    note_gap(session, "Do you sell ovens?", "en", at=datetime(2026, 1, 1, tzinfo=UTC))
    assert _run(session, store) == {"gaps": 1}
    assert session.scalars(select(Gap.question)).all() == ["do you sell ovens"]


def test_a_dry_run_counts_the_same_and_changes_nothing(session: Session, store: Store, customer: Customer) -> None:
    _invoice(session, customer, date(2010, 1, 1), paid_on=date(2010, 2, 1))
    _said(session, customer, date(2020, 1, 1))
    would = _run(session, store, dry_run=True)
    assert (_left(session, Invoice), _left(session, TrailLine)) == (1, 0)
    assert _run(session, store) == would == {"bookkeeping": 2, "conversations": 1}


def test_once_more_finds_nothing_and_the_trail_has_the_counts(
    session: Session, store: Store, customer: Customer
) -> None:
    for _ in range(3):
        _said(session, customer, date(2020, 1, 1))
    _run(session, store)
    assert _run(session, store) == {}
    line = session.scalars(select(TrailLine).where(TrailLine.what == "retention applied")).one()
    assert line.details == {"kind": "conversations", "count": 3, "before": "2024-03-16", "then": "emptied"}


def test_a_run_that_is_cut_short_is_taken_up_by_the_next(
    session: Session, store: Store, customer: Customer, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(5):
        _said(session, customer, date(2020, 1, 1))
    session.commit()
    monkeypatch.setattr(batches, "BATCH", 2)
    said: list[str] = []

    def killed(*words: Any, **more: Any) -> None:
        note(*words, **more)
        said.append("batch")
        if len(said) == 2:
            raise KeyboardInterrupt

    with monkeypatch.context() as cut:
        cut.setattr(retaining, "note", killed)
        with pytest.raises(KeyboardInterrupt):
            apply_retention(ON, store=store)
    session.expire_all()
    assert session.scalars(select(func.count()).where(Message.text == ERASED)).one() == 2
    assert _run(session, store) == {"conversations": 3}
    noted = session.scalars(
        select(TrailLine.details["count"].as_integer()).where(TrailLine.what == "retention applied")
    )
    assert sorted(noted) == [1, 2, 2]
