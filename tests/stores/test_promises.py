"""Promises in the ledger: made within limits, kept or broken by money, settled once."""

import threading
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.make_promise import NothingToPromise, Pledge, PromisedTooMuch, make_promise
from o2c_core.actions.settle_promises import settle_promises
from o2c_core.cases.promise import Promise, PromisedInThePast, PromisedTooFar, PromisedTooOften
from o2c_core.clock import MovableClock
from o2c_core.conversations.daily_look import Sweep
from o2c_core.customers.authority import BeyondAuthority
from o2c_core.customers.customer import Customer
from o2c_core.errors import Failure, NotFound
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.payment import Allocation, Payment, PaymentReturn
from o2c_core.keys import new_key
from o2c_core.money import CurrenciesDiffer, Money
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, a_credit_note, a_customer, a_dispute, a_payment, a_seller, an_invoice

FRIDAY = DAY + timedelta(days=4)


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


@pytest.fixture
def customer(session: Session) -> Customer:
    customer = a_customer(session, a_seller(session))
    session.commit()
    return customer


@pytest.fixture
def invoice(session: Session, customer: Customer) -> Invoice:
    invoice = an_invoice(session, customer, "INV-1", total_minor=10_000)
    session.commit()
    return invoice


def promise(store: Store, invoice: Invoice, on: date = FRIDAY, minor: int | None = None, **fields: object) -> Promise:
    pledge = Pledge(
        invoice.customer_id, on, Money(minor, invoice.currency) if minor is not None else None, (invoice.id,)
    )
    return make_promise(pledge, store=store, **fields).promise  # type: ignore[arg-type]


def state(session: Session, promise: Promise) -> str:
    session.expire_all()
    return session.get_one(Promise, promise.id).state


def test_what_was_recorded_is_said_back_with_its_source(store: Store, session: Session, invoice: Invoice) -> None:
    a_dispute(session, invoice, 2_500)
    session.commit()
    message = new_key()
    pledge = Pledge(
        invoice.customer_id, FRIDAY, None, (invoice.id,), channel="email", words="I'll pay Friday", message_id=message
    )
    made = make_promise(pledge, store=store)
    # Without an amount it is everything open and undisputed.
    assert (made.promise.amount, made.promise.promised_on, made.numbers) == (eur(7_500), FRIDAY, ("INV-1",))
    assert (made.promise.channel, made.promise.words, made.promise.message_id) == ("email", "I'll pay Friday", message)
    assert (made.promise.made_on, made.promise.until_on) == (DAY, FRIDAY + timedelta(days=2))
    line = session.scalars(select(TrailLine)).one()
    assert (line.what, line.message_id, line.details["amount"]) == ("promise made", message, "75.00 EUR")
    # Heard twice, recorded once.
    assert make_promise(pledge, store=store).promise.id == made.promise.id
    assert session.scalar(select(func.count()).select_from(Promise)) == 1


@pytest.mark.parametrize(("odd", "change"), [
    (NotFound, {"customer_id": UUID(int=1)}),
    (NotFound, {"invoice_ids": (UUID(int=1),)}),
    (PromisedTooMuch, {"amount": eur(10_001)}),
    (PromisedTooMuch, {"amount": eur(0)}),
    (CurrenciesDiffer, {"amount": Money(100, "USD")}),
    (PromisedInThePast, {"promised_on": DAY - timedelta(days=1)}),
    (PromisedTooFar, {"promised_on": DAY + timedelta(days=15)}),
])  # fmt: skip
def test_a_promise_that_cannot_be_is_refused_and_not_kept(
    store: Store, session: Session, invoice: Invoice, odd: type[Failure], change: dict[str, object]
) -> None:
    said = {
        "customer_id": invoice.customer_id,
        "promised_on": FRIDAY,
        "amount": eur(5_000),
        "invoice_ids": (invoice.id,),
    }
    with pytest.raises(odd):
        make_promise(Pledge(**(said | change)), store=store)  # type: ignore[arg-type]
    assert session.scalar(select(func.count()).select_from(Promise)) == 0


def test_nobody_promises_for_somebody_elses_invoice(store: Store, session: Session, invoice: Invoice) -> None:
    other = a_customer(session, a_seller(session, "other"))
    session.commit()
    with pytest.raises(NotFound):
        make_promise(Pledge(other.id, FRIDAY, None, (invoice.id,)), store=store)


def test_nothing_open_or_all_of_it_disputed_is_nothing_to_promise(
    store: Store, session: Session, invoice: Invoice
) -> None:
    a_dispute(session, invoice)
    session.commit()
    for ids in ((invoice.id,), ()):
        with pytest.raises(NothingToPromise):
            make_promise(Pledge(invoice.customer_id, FRIDAY, None, ids), store=store)


def test_a_person_may_agree_to_more_than_the_assistant(store: Store, session: Session, invoice: Invoice) -> None:
    far = DAY + timedelta(days=30)
    with pytest.raises(PromisedTooFar):
        promise(store, invoice, far, role="agent")
    with pytest.raises(BeyondAuthority):
        promise(store, invoice, far, role="stranger")
    assert promise(store, invoice, far, role="finance", by="Noor").promised_on == far


def test_today_is_a_day_where_the_customer_still_has_it(store: Store, session: Session, clock: MovableClock) -> None:
    customer = a_customer(session, a_seller(session), time_zone="America/New_York")
    invoice = an_invoice(session, customer)
    session.commit()
    clock.at = datetime(2026, 3, 17, 1, 0, tzinfo=UTC)  # the 17th in Amsterdam, still the 16th in New York
    assert promise(store, invoice, DAY).made_on == DAY + timedelta(days=1)
    with pytest.raises(PromisedInThePast):
        promise(store, invoice, DAY - timedelta(days=1))


def test_another_day_replaces_the_promise_as_often_as_may_be(store: Store, session: Session, invoice: Invoice) -> None:
    first = promise(store, invoice)
    again = make_promise(Pledge(invoice.customer_id, FRIDAY + timedelta(days=3), None, (invoice.id,)), store=store)
    assert [earlier.id for earlier in again.replaced] == [first.id]
    assert (state(session, first), state(session, again.promise)) == ("replaced", "open")
    with pytest.raises(PromisedTooOften):
        promise(store, invoice, FRIDAY + timedelta(days=5))
    assert state(session, again.promise) == "open"
    assert promise(store, invoice, FRIDAY + timedelta(days=5), role="agent").state == "open"


def test_a_promise_about_other_invoices_stands_beside(store: Store, session: Session, invoice: Invoice) -> None:
    other = an_invoice(session, session.get_one(Customer, invoice.customer_id), "INV-2")
    session.commit()
    one, two = promise(store, invoice), promise(store, other)
    account = make_promise(Pledge(invoice.customer_id, FRIDAY, eur(22_500)), store=store)
    assert account.numbers == ()
    assert [state(session, each) for each in (one, two, account.promise)] == ["open"] * 3


def test_a_promise_about_the_account_needs_to_say_its_currency_where_there_are_two(
    store: Store, session: Session, customer: Customer, invoice: Invoice
) -> None:
    an_invoice(session, customer, currency="USD", total_minor=500)
    session.commit()
    with pytest.raises(CurrenciesDiffer):
        make_promise(Pledge(customer.id, FRIDAY), store=store)
    assert make_promise(Pledge(customer.id, FRIDAY, Money(500, "USD")), store=store).promise.currency == "USD"


def later(clock: MovableClock, days: int) -> None:
    clock.move(timedelta(days=days))


def test_money_in_time_keeps_it_and_a_sweep_run_twice_says_so_once(
    store: Store, session: Session, invoice: Invoice, clock: MovableClock
) -> None:
    made = promise(store, invoice, minor=6_000)
    assert settle_promises(store=store) == Sweep()
    a_payment(session, invoice, 6_000, on=FRIDAY + timedelta(days=2))
    session.commit()
    later(clock, 7)
    assert settle_promises(store=store) == Sweep(promises_kept=1)
    assert settle_promises(store=store) == Sweep()
    assert state(session, made) == "kept"
    assert session.get_one(Promise, made.id).settled_on == DAY + timedelta(days=7)
    lines = session.scalars(select(TrailLine).where(TrailLine.subject_id == made.id, TrailLine.who == "system")).all()
    assert [(line.what, line.why) for line in lines] == [("promise kept", "60.00 EUR of 60.00 EUR arrived")]
    # What leaves again later does not turn it back.
    assert settle_promises(store=store) == Sweep()


@pytest.mark.parametrize(("received", "allocated", "outcome"), [
    (0, 0, "kept"), (6, 6, "kept"), (7, 7, "broken"), (6, 7, "kept"),
])  # fmt: skip
def test_it_is_the_day_the_money_came_that_counts_not_the_day_it_was_matched(
    store: Store, session: Session, invoice: Invoice, clock: MovableClock, received: int, allocated: int, outcome: str
) -> None:
    made = promise(store, invoice, minor=6_000)
    payment = a_payment(session, invoice, 6_000, on=DAY + timedelta(days=allocated))
    payment.received_on = DAY + timedelta(days=received)
    session.commit()
    later(clock, 8)
    settle_promises(store=store)
    assert state(session, made) == outcome


def test_money_that_was_there_before_the_promise_does_not_keep_it(
    store: Store, session: Session, invoice: Invoice, clock: MovableClock
) -> None:
    a_payment(session, invoice, 2_000, on=DAY - timedelta(days=3))
    # On the morning of the same day.
    a_payment(session, invoice, 4_000, on=DAY)
    session.commit()
    made = promise(store, invoice, minor=4_000)
    assert settle_promises(store=store) == Sweep()
    later(clock, 7)
    assert settle_promises(store=store) == Sweep(promises_broken=1)
    assert state(session, made) == "broken"


def take_back(session: Session, payment: Payment, on: date) -> None:
    of = session.scalars(select(Allocation).where(Allocation.payment_id == payment.id)).one()
    session.add(
        Allocation(
            invoice_id=of.invoice_id, payment_id=payment.id, reverses_id=of.id, amount_minor=-of.amount_minor,
            allocated_on=on,
        )
    )  # fmt: skip
    session.add(
        PaymentReturn(
            seller_id=payment.seller_id, customer_id=payment.customer_id, payment_id=payment.id, kind="reversal",
            returned_on=on, amount_minor=of.amount_minor, currency=payment.currency, source_key=str(new_key()),
        )
    )  # fmt: skip
    session.commit()


@pytest.mark.parametrize("names_invoice", [True, False])
def test_money_the_bank_takes_back_breaks_it(
    store: Store, session: Session, invoice: Invoice, clock: MovableClock, names_invoice: bool
) -> None:
    ids = (invoice.id,) if names_invoice else ()
    made = make_promise(Pledge(invoice.customer_id, FRIDAY, eur(10_000), ids), store=store).promise
    take_back(session, a_payment(session, invoice, 10_000, on=DAY + timedelta(days=1)), DAY + timedelta(days=2))
    later(clock, 7)
    assert settle_promises(store=store) == Sweep(promises_broken=1)
    assert state(session, made) == "broken"


def test_taking_back_older_money_does_not_count_against_it(
    store: Store, session: Session, invoice: Invoice, clock: MovableClock
) -> None:
    old = a_payment(session, invoice, 4_000, on=DAY - timedelta(days=3))
    session.commit()
    made = promise(store, invoice, minor=6_000)
    take_back(session, old, DAY + timedelta(days=1))
    a_payment(session, invoice, 6_000, on=FRIDAY)
    session.commit()
    later(clock, 7)
    assert settle_promises(store=store) == Sweep(promises_kept=1)
    assert state(session, made) == "kept"


def test_older_money_that_is_moved_about_keeps_nothing(
    store: Store, session: Session, customer: Customer, invoice: Invoice, clock: MovableClock
) -> None:
    other = an_invoice(session, customer, "INV-2", total_minor=10_000)
    old = a_payment(session, invoice, 4_000, on=DAY - timedelta(days=3))
    session.commit()
    made = make_promise(Pledge(customer.id, FRIDAY, eur(3_000), (invoice.id, other.id)), store=store).promise
    of = session.scalars(select(Allocation).where(Allocation.payment_id == old.id)).one()
    moved: list[tuple[UUID, int, UUID | None]] = [(invoice.id, -4_000, of.id), (other.id, 3_500, None)]
    for invoice_id, minor, reverses_id in moved:
        session.add(
            Allocation(
                invoice_id=invoice_id, payment_id=old.id, reverses_id=reverses_id, amount_minor=minor,
                allocated_on=DAY + timedelta(days=1),
            )
        )  # fmt: skip
    session.commit()
    assert settle_promises(store=store) == Sweep()
    a_payment(session, invoice, 2_999, on=FRIDAY)
    session.commit()
    assert settle_promises(store=store) == Sweep()
    a_payment(session, other, 1, on=FRIDAY)
    session.commit()
    later(clock, 7)
    assert settle_promises(store=store) == Sweep(promises_kept=1)
    assert state(session, made) == "kept"


def test_money_that_waited_unmatched_counts_when_it_is_matched(
    store: Store, session: Session, invoice: Invoice, clock: MovableClock
) -> None:
    waiting = Payment(
        seller_id=invoice.seller_id, customer_id=invoice.customer_id, received_on=DAY - timedelta(days=3),
        amount_minor=4_000, currency="EUR", source_key="waiting",
    )  # fmt: skip
    session.add(waiting)
    session.commit()
    made = promise(store, invoice, minor=4_000)
    session.add(
        Allocation(
            invoice_id=invoice.id, payment_id=waiting.id, amount_minor=4_000, allocated_on=DAY + timedelta(days=1)
        )
    )
    session.commit()
    later(clock, 7)
    assert settle_promises(store=store) == Sweep(promises_kept=1)
    assert state(session, made) == "kept"


def test_a_credit_for_all_of_it_means_nobody_broke_their_word(
    store: Store, session: Session, customer: Customer, invoice: Invoice, clock: MovableClock
) -> None:
    made = promise(store, invoice)
    a_credit_note(session, customer, 10_000, against=invoice)
    session.commit()
    later(clock, 7)
    assert settle_promises(store=store) == Sweep(promises_kept=1)
    line = session.scalars(select(TrailLine).where(TrailLine.what == "promise kept")).one()
    assert line.why == "nothing is open any more"
    assert state(session, made) == "kept"


def test_a_promise_about_the_account_is_kept_by_any_payment_of_theirs(
    store: Store, session: Session, customer: Customer, invoice: Invoice, clock: MovableClock
) -> None:
    made = make_promise(Pledge(customer.id, FRIDAY, eur(5_000)), store=store).promise
    other = an_invoice(session, customer, "INV-2", total_minor=99_000)
    a_payment(session, other, 5_000, on=FRIDAY)
    session.commit()
    later(clock, 7)
    assert settle_promises(store=store) == Sweep(promises_kept=1)
    assert state(session, made) == "kept"


def test_every_seller_is_settled_on_its_own_day(store: Store, session: Session, clock: MovableClock) -> None:
    made = {}
    for ref, zone in (("amsterdam", "Europe/Amsterdam"), ("la", "America/Los_Angeles")):
        invoice = an_invoice(session, a_customer(session, a_seller(session, ref, time_zone=zone)))
        session.commit()
        made[ref] = promise(store, invoice)
    clock.at = datetime(2026, 3, 23, 1, 0, tzinfo=UTC)  # the 23rd in Amsterdam, the 22nd in Los Angeles
    assert settle_promises(store=store) == Sweep(promises_broken=1)
    assert {ref: state(session, each) for ref, each in made.items()} == {"amsterdam": "broken", "la": "open"}
    clock.move(timedelta(days=1))
    assert settle_promises(store=store) == Sweep(promises_broken=1)


def test_two_sweeps_at_once_write_one_line(own_store: Store, clock: MovableClock) -> None:
    with own_store.session() as session:
        invoice = an_invoice(session, a_customer(session, a_seller(session)))
        session.commit()
    promise(own_store, invoice)
    later(clock, 9)
    start = threading.Barrier(2)
    found: list[int] = []

    def sweep() -> None:
        start.wait()
        found.append(settle_promises(store=own_store).promises_broken)

    both = [threading.Thread(target=sweep) for _ in range(2)]
    for each in both:
        each.start()
    for each in both:
        each.join()
    assert sorted(found) == [0, 1]
    with own_store.session() as session:
        assert session.scalar(select(func.count()).where(TrailLine.what == "promise broken")) == 1
