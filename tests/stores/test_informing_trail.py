"""How informing learns what happened: off the trail, each event once, nothing old, and nothing of the first files."""

import threading
from datetime import date, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from o2c_core.actions.begin_informing import begin_informing
from o2c_core.actions.deliver_shipment import Arrival, deliver_shipment
from o2c_core.actions.end_hold import end_hold
from o2c_core.actions.inform_customers import inform_customers
from o2c_core.actions.issue_credit_note import issue_credit_note
from o2c_core.actions.issue_invoice import Billing, issue_invoice
from o2c_core.actions.place_hold import Pause, place_hold
from o2c_core.actions.record_payment import record_payment
from o2c_core.actions.ship_order import Departure, ship_order
from o2c_core.clock import MovableClock
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.informing.informed import Informed, InformedUntil
from o2c_core.invoices.draft import BilledLine
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import Shipment
from o2c_core.store.store import Store
from o2c_core.trail import note
from tests.build import DAY, a_customer, a_seller, a_shipment, an_invoice, an_order
from tests.conftest import NOON
from tests.stores.telling import PLATE

GATHER = timedelta(minutes=15)


@pytest.fixture
def customer(own_store: Store) -> Customer:
    with own_store.session() as session:
        customer = a_customer(session, a_seller(session), "C1")
        session.commit()
        return customer


def an_open_order(store: Store, customer: Customer, number: str = "SO-1", **fields: object) -> Order:
    with store.session() as session:
        order = an_order(session, customer, number, states=("confirmed",), confirmed_on=DAY, **fields)
        session.commit()
        return order


def rows(store: Store) -> list[tuple[str, str, str | None]]:
    with store.session() as session:
        found = session.scalars(select(Informed).order_by(Informed.step, Informed.about))
        return [(row.step, row.state, row.reason) for row in found]


def sent(store: Store) -> list[Message]:
    with store.session() as session:
        return list(session.scalars(select(Message).order_by(Message.id)))


def set_informing(store: Store, customer: Customer, **said: object) -> None:
    with store.session() as session:
        session.get_one(Seller, customer.seller_id).settings = {"informing": said}
        session.commit()


def test_every_step_is_heard_of_where_it_happens(own_store: Store, clock: MovableClock, customer: Customer) -> None:
    order = an_open_order(own_store, customer)
    shipment = ship_order(Departure(order.id, "3SVD1"), store=own_store, by="Eva")
    deliver_shipment(Arrival(shipment.id), store=own_store, by="Eva")
    lines = (BilledLine("A", "Article", Decimal(1), Decimal("100"), "S", Decimal(21)),)
    invoice = issue_invoice(Billing(customer_id=customer.id, lines=lines, number="INV-1"), store=own_store, by="Eva")
    pay = {invoice.id: Money(5_000, "EUR")}
    record_payment(customer.id, Money(5_000, "EUR"), DAY, source_key="p1", store=own_store, wanted=pay)
    issue_credit_note(
        customer.id, reason="broken", by="Eva", role="finance", store=own_store, invoice_id=invoice.id,
        amount=Money(100, "EUR"),
    )  # fmt: skip
    hold = place_hold(
        Pause(customer.id, "reminders", "looking", "Eva", DAY + timedelta(days=1)),
        store=own_store, role="finance", by="Eva",
    )  # fmt: skip
    end_hold(hold.id, why="found", by="Eva", store=own_store)
    with own_store.session() as session:
        note(session, "order confirmed", session.get_one(Order, order.id), at=clock.now(), who="Eva")
        session.commit()
    inform_customers(store=own_store, doorplate=PLATE)
    clock.move(GATHER)
    inform_customers(store=own_store, doorplate=PLATE)
    assert rows(own_store) == [
        ("credit_issued", "told", None),
        ("delivered", "skipped", "not_wanted"),
        ("hold_ended", "skipped", "never_heard"),
        ("invoice_issued", "told", None),
        ("order_confirmed", "skipped", "arrived"),
        ("payment_received", "told", None),
        ("shipped", "skipped", "arrived"),
    ]
    assert [one.subject for one in sent(own_store)] == [
        "Van Dijk Groothandel: factuur INV-1",
        "Van Dijk Groothandel: nieuws over uw rekening",
    ]


# Hours since it was noted, the day it happened counted from today, the seller's settings, and what becomes of it.
LATELY: list[tuple[int, int, dict[str, object], str]] = [
    (0, 0, {}, "waiting"),
    (71, 0, {}, "told"),
    (73, 0, {}, "old"),
    (0, -3, {}, "waiting"),
    (0, -4, {}, "old"),
    (0, -2, {"within_hours": 24}, "old"),
    (0, -1, {"within_hours": 24}, "waiting"),
    (0, -1, {"from_on": "2026-03-16"}, "old"),
    (0, 0, {"from_on": "2026-03-16"}, "waiting"),
    (0, 0, {"steps": {"shipped": "off"}}, "off"),
]


def test_only_what_happened_lately_is_told(own_store: Store, clock: MovableClock) -> None:
    shipments = []
    for number, (hours, days, settings, _) in enumerate(LATELY):
        with own_store.session() as session:
            seller = a_seller(session, f"s{number}", settings={"informing": settings})
            customer = a_customer(session, seller, email=f"ap{number}@jansen.example")
            session.commit()
        order = an_open_order(own_store, customer)
        clock.move(-timedelta(hours=hours))
        if hours:
            with own_store.session() as session:
                shipment = a_shipment(session, session.get_one(Order, order.id), shipped_on=DAY)
                note(
                    session, "shipment left", shipment, at=clock.now(), who="Eva", seller_id=seller.id,
                    customer_id=customer.id,
                )  # fmt: skip
                session.commit()
        else:
            departure = Departure(order.id, "3SVD1", shipped_on=DAY + timedelta(days=days))
            shipment = ship_order(departure, store=own_store, by="Eva")
        shipments.append(shipment.id)
        clock.move(timedelta(hours=hours))
    inform_customers(store=own_store)
    with own_store.session() as session:
        found = {row.subject_id: row.reason or row.state for row in session.scalars(select(Informed))}
    assert [found[shipment] for shipment in shipments] == [told for *_, told in LATELY]


def test_a_seller_that_begins_now_has_no_past(own_store: Store, clock: MovableClock, customer: Customer) -> None:
    order = an_open_order(own_store, customer)
    ship_order(Departure(order.id, "3SVD1"), store=own_store, by="Eva")
    begin_informing("vandijk", store=own_store)
    clock.move(GATHER)
    assert inform_customers(store=own_store).events == 0


def test_what_commits_late_is_not_missed(own_store: Store, customer: Customer) -> None:
    """A transaction that began before the run and commits after it is read by the next one."""
    order = an_open_order(own_store, customer)
    with own_store.session() as slow:
        note(slow, "order confirmed", slow.get_one(Order, order.id), at=NOON, who="Eva")
        slow.flush()
        ship_order(Departure(order.id, "3SVD1"), store=own_store, by="Eva")
        assert inform_customers(store=own_store).events == 0
        slow.commit()
    assert inform_customers(store=own_store).events == 2
    assert inform_customers(store=own_store).events == 0


def imported(store: Store, customer: Customer, number: str) -> None:
    """A file brings a shipment and an invoice of today, as imports leave them in the ledger."""
    with store.session() as session:
        order = an_order(session, customer, f"SO-{number}", states=("shipped",))
        a_shipment(session, order, number, shipped_on=DAY)
        an_invoice(session, customer, f"INV-{number}", due_on=DAY + timedelta(days=30))
        an_invoice(session, customer, f"OLD-{number}", due_on=DAY - timedelta(days=30))
        seller = session.get_one(Seller, customer.seller_id)
        note(session, "file imported", seller, at=store.clock.now(), who="system", seller_id=seller.id)
        session.commit()


def test_files_are_told_of_only_where_that_is_set_and_never_on_the_first_day(
    own_store: Store, clock: MovableClock, customer: Customer
) -> None:
    imported(own_store, customer, "1")
    assert inform_customers(store=own_store).events == 0
    set_informing(own_store, customer, imports=True)
    imported(own_store, customer, "2")
    assert inform_customers(store=own_store).events == 0
    clock.move(timedelta(hours=25))
    imported(own_store, customer, "3")
    inform_customers(store=own_store)
    with own_store.session() as session:
        known = set(session.scalars(select(Informed.subject_id)))
        assert session.scalars(select(Shipment.id).where(Shipment.tracking_number == "3")).one() in known
        assert session.scalars(select(Invoice.id).where(Invoice.number == "INV-3")).one() in known
        assert session.scalars(select(Invoice.id).where(Invoice.number == "OLD-3")).one() not in known


def test_two_workers_tell_everybody_once(own_store: Store, clock: MovableClock) -> None:
    people = 12
    with own_store.session() as session:
        seller = a_seller(session)
        for number in range(people):
            customer = a_customer(session, seller, f"C{number}", email=f"ap{number}@jansen.example")
            order = an_order(session, customer, f"SO-{number}", states=("shipped",))
            for parcel in range(3):
                shipment = a_shipment(session, order, f"3S{number}-{parcel}", shipped_on=DAY)
                note(
                    session, "shipment left", shipment, at=NOON - GATHER, who="Eva", customer_id=customer.id,
                    seller_id=seller.id,
                )  # fmt: skip
        session.commit()
    gate = threading.Barrier(3)
    runs = []

    def work() -> None:
        gate.wait()
        runs.append(inform_customers(store=own_store, doorplate=PLATE))

    workers = [threading.Thread(target=work) for _ in range(3)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(60)
    runs.append(inform_customers(store=own_store, doorplate=PLATE))
    assert sum(run.events for run in runs) == people * 3
    assert sorted(one.address or "" for one in sent(own_store)) == sorted(
        f"ap{number}@jansen.example" for number in range(people)
    )
    assert {state for _, state, _ in rows(own_store)} == {"told"}


def late(session: Session, customer: Customer, told_on: date, expected_on: date, **fields: object) -> Shipment:
    """A shipment whose customer was told one day and whose day is now another."""
    order = an_order(session, customer, states=("shipped",))
    shipment = a_shipment(session, order, f"3S{expected_on}", expected_on=expected_on, **fields)
    session.add(
        Informed(
            seller_id=customer.seller_id, customer_id=customer.id, step="shipped", subject_id=shipment.id,
            happened_at=NOON - timedelta(days=5), look_at=NOON, said_on=told_on, state="skipped", reason="off",
        )
    )  # fmt: skip
    session.flush()
    return shipment


@pytest.mark.parametrize(
    ("told", "now", "notes_arrivals", "found"),
    [
        (1, 4, True, "moved 2026-03-20"),
        (1, 1, True, None),
        (4, 1, True, None),
        (-1, -1, True, "passed 2026-03-15"),
        (0, 0, True, None),
        (-1, -1, False, None),
        (-4, -4, True, None),
        (-2, 3, True, "moved 2026-03-19"),
    ],
)
def test_a_delay_is_measured_against_the_day_that_was_told(
    session: Session, store: Store, told: int, now: int, notes_arrivals: bool, found: str | None
) -> None:
    """Days count from today. Where arrivals are never noted nobody could tell late goods from goods that came."""
    customer = a_customer(session, a_seller(session))
    if notes_arrivals:
        order = an_order(session, customer, states=("delivered",))
        a_shipment(session, order, "earlier", delivered_on=DAY - timedelta(days=2))
    late(session, customer, DAY + timedelta(days=told), DAY + timedelta(days=now))
    session.commit()
    inform_customers(store=store)
    inform_customers(store=store)
    about = session.scalars(select(Informed.about).where(Informed.step == "delayed")).all()
    assert about == ([found] if found else [])


def test_a_day_that_moves_again_is_told_against_the_last_one_told(
    session: Session, store: Store, clock: MovableClock
) -> None:
    customer = a_customer(session, a_seller(session))
    shipment = late(session, customer, DAY + timedelta(days=1), DAY + timedelta(days=2))
    for expected in (2, 7, 9):
        shipment.expected_on = DAY + timedelta(days=expected)
        session.execute(text("UPDATE informed_until SET swept_on = NULL"))
        session.commit()
        inform_customers(store=store)
        clock.move(timedelta(hours=1))
        inform_customers(store=store)
    texts = [one.text.replace("\xa0", " ") for one in session.scalars(select(Message).order_by(Message.id))]
    assert [text.split("wij zeiden: ")[1].split(".\n")[0] for text in texts] == [
        "op 18 maart 2026 in plaats van 17 maart 2026",
        "op 23 maart 2026 in plaats van 18 maart 2026",
        "op 25 maart 2026 in plaats van 23 maart 2026",
    ]


def test_an_order_that_has_not_left_is_late_as_well(session: Session, store: Store, clock: MovableClock) -> None:
    customer = a_customer(session, a_seller(session))
    order = an_order(
        session, customer, "SO-1", states=("confirmed",), expected_on=DAY - timedelta(days=1), confirmed_on=DAY
    )
    session.add(
        Informed(
            seller_id=customer.seller_id, customer_id=customer.id, step="order_confirmed", subject_id=order.id,
            happened_at=NOON - timedelta(days=5), look_at=NOON, said_on=order.expected_on, state="skipped",
            reason="not_wanted",
        )
    )  # fmt: skip
    session.commit()
    inform_customers(store=store)
    clock.move(GATHER)
    inform_customers(store=store)
    (message,) = session.scalars(select(Message)).all()
    assert "Bestelling SO-1 werd op 15 maart 2026 verwacht en is nog niet helemaal verzonden.\nDat spijt ons." in (
        message.text
    )


def test_delays_are_looked_for_once_a_day_after_the_arrivals_of_the_morning(
    session: Session, store: Store, clock: MovableClock
) -> None:
    customer = a_customer(session, a_seller(session))
    session.commit()
    clock.move(timedelta(hours=-3))
    inform_customers(store=store)
    swept = select(InformedUntil.swept_on).where(InformedUntil.seller_id == customer.seller_id)
    assert session.scalar(swept) is None
    clock.move(timedelta(hours=1))
    inform_customers(store=store)
    assert session.scalar(swept) == DAY
