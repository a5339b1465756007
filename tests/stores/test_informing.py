"""What a customer is told of each step: once, together, by the right person's channel, and why not otherwise."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.hold import Hold
from o2c_core.clock import MovableClock
from o2c_core.customers.consent import Consent
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.figures.reports import REPORTS
from o2c_core.informing.informed import Informed, InformingWish
from o2c_core.invoices.payment import PaymentReturn
from o2c_core.keys import new_key
from o2c_core.orders.order import Order
from o2c_core.reminders.may_contact import No, Reason
from o2c_core.reminders.withdraw import withdraw
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
)
from tests.conftest import NOON
from tests.stores.outbox import a_reminder
from tests.stores.telling import a_person, it_happened, messages, outcome, said, tell


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    return a_customer(session, seller, "C1")


def confirmed(session: Session, customer: Customer, number: str = "SO-1", **fields: object) -> Order:
    return an_order(session, customer, number, **{"states": ("confirmed",), "confirmed_on": DAY} | fields)


def shipments(session: Session, customer: Customer, *numbers: str, order: Order | None = None) -> list[Informed]:
    order = order or an_order(session, customer, "SO-1")
    found = [a_shipment(session, order, number) for number in numbers]
    session.expire(order)
    return [it_happened(session, customer, "shipped", one.id) for one in found]


def test_five_shipments_of_one_order_are_one_message(session: Session, store: Store, customer: Customer) -> None:
    shipments(session, customer, *(f"3SVD{number}" for number in range(5)))
    run = tell(session, store)
    (message,) = messages(session)
    assert (run.messages, run.told) == (1, 5)
    assert message.subject == "Van Dijk Groothandel: bestelling SO-1 is verzonden"
    assert "5 zendingen van bestelling SO-1 zijn onderweg." in said(message)
    assert {row.message_id for row in session.scalars(select(Informed))} == {message.id}


def test_nothing_is_told_twice(session: Session, store: Store, customer: Customer) -> None:
    shipments(session, customer, "3SVD1")
    assert [tell(session, store).messages for _ in range(3)] == [1, 0, 0]


def test_what_still_happens_is_waited_for_but_not_for_ever(session: Session, store: Store, customer: Customer) -> None:
    first, second = shipments(session, customer, "3SVD1", "3SVD2")
    second.look_at = NOON + timedelta(minutes=10)
    assert tell(session, store).messages == 0
    session.refresh(first)
    assert first.look_at == second.look_at == NOON + timedelta(minutes=10)
    first.happened_at, first.look_at = NOON - timedelta(hours=2), NOON
    assert tell(session, store).told == 2


def test_a_later_shipment_of_the_same_order_waits_for_tomorrow(
    session: Session, store: Store, customer: Customer, clock: MovableClock
) -> None:
    order = an_order(session, customer, "SO-1")
    shipments(session, customer, "3SVD1", order=order)
    tell(session, store)
    shipments(session, customer, "3SVD2", order=order)
    assert tell(session, store).messages == 0
    assert ("shipped", "waiting", "told_today") in outcome(session)
    clock.move(timedelta(hours=24))
    assert tell(session, store).messages == 1


def test_three_payments_are_one_thanks(session: Session, store: Store, customer: Customer) -> None:
    invoice = an_invoice(session, customer, "INV-1", total_minor=30_000)
    for minor in (10_000, 10_000, 10_000):
        it_happened(session, customer, "payment_received", a_payment(session, invoice, minor).id)
    tell(session, store)
    (message,) = messages(session)
    assert "Dank u: 3 betalingen, samen € 300,00, voor INV-1 zijn binnen.\n\nAlles is voldaan." in said(message)


def test_thanks_say_what_is_left_and_what_is_disputed(session: Session, store: Store, customer: Customer) -> None:
    invoice = an_invoice(session, customer, "INV-1", total_minor=30_000)
    payment = a_payment(session, invoice, 20_000)
    a_dispute(session, invoice, 4_500)
    an_invoice(session, customer, "INV-2", total_minor=5_000, due_on=date(2026, 3, 30))
    it_happened(session, customer, "payment_received", payment.id)
    tell(session, store)
    (message,) = messages(session)
    assert "Alles is voldaan" not in said(message)
    assert "INV-1    € 200,00  € 100,00" in said(message)
    assert "vragen wij € 45,00 niet" in said(message)
    assert "Verder staat er één factuur van € 50,00 open; die vervalt op 30 maart 2026." in said(message)
    minor = {one["id"]: one.get("minor") for one in message.receipts}
    assert (minor["invoice INV-1.paid"], minor["invoice INV-1.open"], minor["account EUR.open"]) == (
        20_000,
        10_000,
        5_000,
    )


def test_an_invoice_brings_its_pdf_and_joins_its_shipment_where_one_person_reads_both(
    session: Session, store: Store, customer: Customer
) -> None:
    order = an_order(session, customer, "SO-1")
    invoice = an_invoice(session, customer, "INV-1", order_id=order.id, due_on=DAY + timedelta(days=30))
    shipments(session, customer, "3SVD1", order=order)
    it_happened(session, customer, "invoice_issued", invoice.id)
    tell(session, store)
    (message,) = messages(session)
    assert (message.purpose, message.subject) == ("document", "Van Dijk Groothandel: nieuws over bestelling SO-1")
    assert message.attachments == [{"document": "invoice", "id": str(invoice.id)}]
    assert "https://parley.example/pay/" in said(message)


def test_who_takes_goods_in_hears_of_goods_and_who_pays_of_money(
    session: Session, store: Store, customer: Customer
) -> None:
    a_person(customer, "operations", email="store@jansen.example", language="en")
    order = an_order(session, customer, "SO-1")
    invoice = an_invoice(session, customer, "INV-1", order_id=order.id, due_on=DAY + timedelta(days=30))
    shipments(session, customer, "3SVD1", order=order)
    it_happened(session, customer, "invoice_issued", invoice.id)
    tell(session, store)
    assert [(one.address, one.language, one.subject) for one in messages(session)] == [
        ("store@jansen.example", "en", "Van Dijk Groothandel: order SO-1 has left"),
        ("ap@jansen.example", "nl", "Van Dijk Groothandel: factuur INV-1"),
    ]


def test_somebody_who_prefers_texts_gets_one_and_invoices_still_go_by_mail(
    session: Session, store: Store, seller: Seller
) -> None:
    customer = a_customer(session, seller, "C2", preferred_channel="sms")
    customer.contacts.clear()
    a_person(customer, "operations", email="b@jansen.example", phone="+31612345678")
    shipments(session, customer, "3SVD1")
    invoice = an_invoice(session, customer, "INV-1", due_on=DAY + timedelta(days=30))
    it_happened(session, customer, "invoice_issued", invoice.id)
    tell(session, store)
    assert [(one.channel, one.purpose) for one in messages(session)] == [("sms", "notice"), ("email", "document")]
    text = messages(session)[0].text
    assert text.startswith("Van Dijk Groothandel: bestelling SO-1 is verzonden, zending 3SVD1 (PostNL).")


def test_at_night_a_notice_waits_and_a_question_of_theirs_does_not_change_that(
    session: Session, store: Store, customer: Customer, clock: MovableClock
) -> None:
    """An answer may come at any hour; news nobody asked for keeps the hours."""
    clock.move(timedelta(hours=11))
    shipments(session, customer, "3SVD1")
    tell(session, store)
    (message,) = messages(session)
    assert message.delivery == "queued"
    assert message.not_before is not None
    assert message.not_before > clock.now()


def test_more_notices_than_a_day_may_bring_wait_for_tomorrow(
    session: Session, store: Store, seller: Seller, customer: Customer
) -> None:
    seller.settings = {"informing": {"messages_a_day": 1}}
    shipments(session, customer, "3SVD1")
    tell(session, store)
    it_happened(session, customer, "order_confirmed", confirmed(session, customer, "SO-2").id)
    invoice = an_invoice(session, customer, "INV-1", due_on=DAY + timedelta(days=30))
    it_happened(session, customer, "invoice_issued", invoice.id, happened_at=NOON)
    tell(session, store)
    assert [one.purpose for one in messages(session)] == ["notice", "document"]
    assert ("order_confirmed", "waiting", "often_enough") in outcome(session)


def test_an_invoice_is_not_sent_on_the_day_it_is_reminded_of(
    session: Session, store: Store, customer: Customer, clock: MovableClock
) -> None:
    invoice = an_invoice(session, customer, "INV-1", due_on=DAY)
    a_reminder(session, customer)
    it_happened(session, customer, "invoice_issued", invoice.id)
    tell(session, store)
    assert outcome(session) == [("invoice_issued", "waiting", "reminded")]
    clock.move(timedelta(hours=24))
    tell(session, store)
    assert outcome(session) == [("invoice_issued", "told", None)]


def cancelled(session: Session, customer: Customer) -> Informed:
    return it_happened(
        session, customer, "order_confirmed", confirmed(session, customer, "SO-9", states=("cancelled",)).id
    )


def arrived(session: Session, customer: Customer) -> Informed:
    order = an_order(session, customer, states=("delivered",))
    return it_happened(session, customer, "shipped", a_shipment(session, order, delivered_on=DAY).id)


def credited(session: Session, customer: Customer) -> Informed:
    invoice = an_invoice(session, customer, total_minor=5_000)
    a_credit_note(session, customer, 5_000, against=invoice)
    return it_happened(session, customer, "invoice_issued", invoice.id)


def taken_back(session: Session, customer: Customer) -> Informed:
    payment = a_payment(session, an_invoice(session, customer), 12_500)
    session.add(
        PaymentReturn(
            seller_id=customer.seller_id, customer_id=customer.id, payment_id=payment.id, kind="chargeback",
            returned_on=DAY, amount_minor=500, currency="EUR", source_key="back",
        )
    )  # fmt: skip
    return it_happened(session, customer, "payment_received", payment.id)


def gone(session: Session, customer: Customer) -> Informed:
    return it_happened(session, customer, "payment_received", new_key())


def not_asked_for(session: Session, customer: Customer) -> Informed:
    order = an_order(session, customer, states=("delivered",))
    return it_happened(session, customer, "delivered", a_shipment(session, order, delivered_on=DAY).id)


def declined(session: Session, customer: Customer) -> Informed:
    wish(session, customer, "shipped", is_on=False, whole=True)
    return shipments(session, customer, "3SVD1")[0]


def off(session: Session, customer: Customer) -> Informed:
    session.get_one(Seller, customer.seller_id).settings = {"informing": {"steps": {"shipped": "off"}}}
    return shipments(session, customer, "3SVD1")[0]


def walk_in(session: Session, customer: Customer) -> Informed:
    customer.is_walk_in = True
    return shipments(session, customer, "3SVD1")[0]


def erased(session: Session, customer: Customer) -> Informed:
    customer.erased_at = MOMENT
    return shipments(session, customer, "3SVD1")[0]


def nowhere(session: Session, customer: Customer) -> Informed:
    customer.contacts[0].addresses.clear()
    return shipments(session, customer, "3SVD1")[0]


def bounced(session: Session, customer: Customer) -> Informed:
    customer.contacts[0].addresses[0].failed_at = MOMENT
    return shipments(session, customer, "3SVD1")[0]


def refused(session: Session, customer: Customer) -> Informed:
    session.add(
        Consent(
            contact_id=customer.contacts[0].id, address=None, channel="email", purpose="service", is_given=False,
            at=MOMENT, how="the telephone", words="no mail at all please",
        )
    )  # fmt: skip
    return shipments(session, customer, "3SVD1")[0]


def a_hold(session: Session, customer: Customer, **fields: object) -> Hold:
    hold = Hold(
        **{
            "seller_id": customer.seller_id, "customer_id": customer.id, "kind": "reminders", "reason": "looking",
            "owner": "desk", "from_on": DAY - timedelta(days=5), "until_on": DAY - timedelta(days=1),
            "ended_on": DAY, "ended_why": "its last day is over", "created_at": MOMENT,
        }
        | fields
    )  # fmt: skip
    session.add(hold)
    session.flush()
    return hold


def never_heard(session: Session, customer: Customer) -> Informed:
    an_invoice(session, customer)
    return it_happened(session, customer, "hold_ended", a_hold(session, customer).id)


def hold_of_paid(session: Session, customer: Customer) -> Informed:
    return it_happened(session, customer, "hold_ended", a_hold(session, customer, message_id=new_key()).id)


def still_held(session: Session, customer: Customer) -> Informed:
    an_invoice(session, customer)
    a_hold(session, customer, until_on=DAY + timedelta(days=3), ended_on=None, ended_why=None)
    return it_happened(session, customer, "hold_ended", a_hold(session, customer, message_id=new_key()).id)


def arrived_late(session: Session, customer: Customer) -> Informed:
    order = an_order(session, customer, states=("delivered",))
    shipment = a_shipment(session, order, expected_on=DAY - timedelta(days=1), delivered_on=DAY)
    return it_happened(session, customer, "delayed", shipment.id, about="passed 2026-03-15", was_on=DAY)


def moved_again(session: Session, customer: Customer) -> Informed:
    shipment = a_shipment(session, an_order(session, customer), expected_on=DAY + timedelta(days=5))
    return it_happened(session, customer, "delayed", shipment.id, about="moved 2026-03-18", was_on=DAY)


@pytest.mark.parametrize(
    ("situation", "why"),
    [
        (cancelled, "cancelled"),
        (arrived, "arrived"),
        (arrived_late, "arrived"),
        (moved_again, "overtaken"),
        (credited, "credited"),
        (taken_back, "taken_back"),
        (gone, "corrected"),
        (never_heard, "never_heard"),
        (hold_of_paid, "paid"),
        (still_held, "still_held"),
        (not_asked_for, "not_wanted"),
        (declined, "not_wanted"),
        (off, "off"),
        (walk_in, "walk_in"),
        (erased, "erased"),
        (nowhere, "no_address"),
        (bounced, "bounced"),
        (refused, "opted_out"),
    ],
)
def test_what_is_not_told_says_why(
    session: Session,
    store: Store,
    customer: Customer,
    situation: Callable[[Session, Customer], Informed],
    why: str,
) -> None:
    row = situation(session, customer)
    tell(session, store)
    session.refresh(row)
    assert (row.state, row.reason, messages(session)) == ("skipped", why, [])


def wish(session: Session, customer: Customer, step: str, *, is_on: bool, whole: bool = False) -> None:
    contact_id = None if whole else customer.contacts[0].id
    session.add(
        InformingWish(
            customer_id=customer.id, contact_id=contact_id, step=step, is_on=is_on, at=MOMENT, by="customer"
        )
    )  # fmt: skip
    session.flush()


def test_who_asks_for_arrivals_hears_of_them(session: Session, store: Store, customer: Customer) -> None:
    row = not_asked_for(session, customer)
    wish(session, customer, "delivered", is_on=True)
    tell(session, store)
    session.refresh(row)
    assert row.state == "told"
    assert "is op 16 maart 2026 geleverd." in said(messages(session)[0])


def test_what_one_person_declined_goes_to_nobody_of_another_side(
    session: Session, store: Store, customer: Customer
) -> None:
    a_person(customer, "owner", email="owner@jansen.example")
    wish(session, customer, "payment_received", is_on=False)
    payment = a_payment(session, an_invoice(session, customer), 12_500)
    it_happened(session, customer, "payment_received", payment.id)
    tell(session, store)
    assert (messages(session), outcome(session)) == ([], [("payment_received", "skipped", "not_wanted")])


def test_nobody_can_decline_an_invoice(session: Session, store: Store, customer: Customer) -> None:
    wish(session, customer, "invoice_issued", is_on=False)
    it_happened(session, customer, "invoice_issued", an_invoice(session, customer).id)
    assert tell(session, store).messages == 1


def test_a_hold_that_the_customer_asked_for_ends_with_word_of_it(
    session: Session, store: Store, customer: Customer
) -> None:
    invoice = an_invoice(session, customer, "INV-1")
    hold = a_hold(session, customer, message_id=new_key(), invoice_id=invoice.id)
    it_happened(session, customer, "hold_ended", hold.id)
    tell(session, store)
    assert "De pauze in herinneringen over factuur INV-1 liep tot en met 15 maart 2026." in said(messages(session)[0])


def test_settings_that_make_no_sense_tell_nobody_anything(
    session: Session, store: Store, seller: Seller, customer: Customer
) -> None:
    seller.settings = {"informing": {"steps": {"parcels": "on"}}}
    shipments(session, customer, "3SVD1")
    assert tell(session, store).messages == 0
    assert outcome(session) == [("shipped", "waiting", None)]


def test_the_report_says_who_was_told_what_and_who_was_not_and_why(
    session: Session, store: Store, seller: Seller, customer: Customer
) -> None:
    shipments(session, customer, "3SVD1")
    cancelled(session, customer).happened_at = NOON
    payment = a_payment(session, an_invoice(session, customer, "INV-1"), 12_500)
    waiting = it_happened(session, customer, "payment_received", payment.id, happened_at=NOON)
    waiting.look_at = NOON + timedelta(minutes=5)
    tell(session, store)
    (shipped,) = messages(session)
    withdraw(session, shipped, No(Reason.OPTED_OUT), NOON, was="queued")
    rows = [row[2:] for row in REPORTS["informed"].rows(session, seller.id, DAY)]
    opted_out = "Whoever would get it asked not to be written to there."
    assert rows == [
        ["shipped", "SO-1 3SVD1", "told", "email", "withdrawn", opted_out],
        ["order_confirmed", "SO-9", "skipped", None, None, "The order has been cancelled."],
        ["payment_received", payment.source_key, "waiting", None, None, None],
    ]
    assert list(REPORTS["informed"].rows(session, seller.id, DAY + timedelta(days=1))) == []
