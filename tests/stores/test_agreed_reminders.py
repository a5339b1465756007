"""What was agreed with a customer keeps reminders from going out, planned or already written."""

from collections.abc import Callable
from datetime import date, timedelta
from uuid import UUID

import pytest
from sqlalchemy import event, func, select
from sqlalchemy.orm import Session

from o2c_core.actions.answer_plan import answer_plan
from o2c_core.actions.deliver_message import deliver_message
from o2c_core.actions.end_hold import end_hold
from o2c_core.actions.log_complaint import Grievance, log_complaint
from o2c_core.actions.make_promise import Pledge, make_promise
from o2c_core.actions.note_consent import Said, note_consent
from o2c_core.actions.open_dispute import Claim, open_dispute
from o2c_core.actions.place_hold import Pause, place_hold
from o2c_core.actions.propose_plan import Wish, propose_plan
from o2c_core.actions.resolve_dispute import resolve_dispute
from o2c_core.actions.run_reminders import run_reminders
from o2c_core.actions.settle_promises import settle_promises
from o2c_core.cases.dispute import Dispute
from o2c_core.clock import MovableClock
from o2c_core.conversations.carrier import Accepted, Answer, Outgoing
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.keys import new_key
from o2c_core.money import Money
from o2c_core.reminders.debts import debts_of
from o2c_core.reminders.may_contact import Reason
from o2c_core.reminders.reminder import Reminder
from o2c_core.reminders.run import CustomerEntry
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, MOMENT, a_customer, a_payment, a_seller, an_invoice

FRIDAY = DAY + timedelta(days=4)


class Open:
    """A carrier that takes whatever it is given."""

    name = "open"

    def send(self, message: Outgoing) -> Answer:
        return Accepted(str(message.message_id))


@pytest.fixture
def customer(session: Session) -> Customer:
    """Owes two invoices of 125.00, a week late."""
    customer = a_customer(session, a_seller(session))
    for number in ("INV-1", "INV-2"):
        an_invoice(session, customer, number, due_on=DAY - timedelta(days=7))
    session.commit()
    return customer


def invoice(session: Session, number: str) -> UUID:
    return session.scalars(select(Invoice.id).where(Invoice.number == number)).one()


def the_run(store: Store, on: date = DAY, *, dry_run: bool = True) -> CustomerEntry:
    (entry,) = run_reminders(on, store=store, dry_run=dry_run).entries
    return entry


def said(entry: CustomerEntry) -> dict[str, object]:
    """Per invoice why it is left out, or what is asked; a payment plan's next part as the plan's."""
    return {
        line.number if line.number.startswith("INV") else "the plan": line.reason or line.asked.minor
        for line in entry.invoices
    }


def promise(store: Store, session: Session, minor: int, *numbers: str, on: date = FRIDAY) -> None:
    customer_id = session.scalars(select(Customer.id)).one()
    ids = tuple(invoice(session, number) for number in numbers)
    make_promise(Pledge(customer_id, on, Money(minor, "EUR"), ids), store=store, role="manager")


def hold(store: Store, session: Session, number: str | None = None, kind: str = "reminders") -> UUID:
    customer_id = session.scalars(select(Customer.id)).one()
    held = invoice(session, number) if number else None
    pause = Pause(customer_id, kind, "A flood", "Noor", DAY + timedelta(days=1), invoice_id=held)
    return place_hold(pause, store=store, role="agent", by="Noor").id


def plan(store: Store, session: Session, *numbers: str, accepted: bool = True) -> None:
    customer_id = session.scalars(select(Customer.id)).one()
    wish = Wish(customer_id, tuple(invoice(session, number) for number in numbers), parts=2, first_on=FRIDAY)
    proposed = propose_plan(wish, store=store, role="agent", by="Noor")
    if accepted:
        answer_plan(proposed.id, accepted=True, store=store)


def refuse(store: Store, session: Session, channel: str = "email", purpose: str = "reminders") -> None:
    contact_id = session.scalars(select(Contact.id)).one()
    note_consent(Said(contact_id, channel, purpose, False, "by phone", "Do not write to me"), store=store)


def dispute(store: Store, session: Session, number: str, minor: int | None = None) -> Dispute:
    customer_id = session.scalars(select(Customer.id)).one()
    amount = Money(minor, "EUR") if minor else None
    return open_dispute(Claim(customer_id, invoice(session, number), "Broken", amount=amount), store=store)


Event = Callable[[Store, Session], object]
PLANNED: dict[str, tuple[Event, dict[str, object]]] = {
    "a promise for all of it": (
        lambda store, session: promise(store, session, 25_000),
        {"INV-1": Reason.PROMISED, "INV-2": Reason.PROMISED},
    ),
    "a promise for one invoice": (
        lambda store, session: promise(store, session, 12_500, "INV-2"),
        {"INV-1": 12_500, "INV-2": Reason.PROMISED},
    ),
    "a promise for part of one": (
        lambda store, session: promise(store, session, 5_000, "INV-2"),
        {"INV-1": 12_500, "INV-2": 7_500},
    ),
    "a promise about the account covers the oldest": (
        lambda store, session: promise(store, session, 15_000),
        {"INV-1": Reason.PROMISED, "INV-2": 10_000},
    ),
    "a promise over two invoices": (
        lambda store, session: promise(store, session, 15_000, "INV-1", "INV-2"),
        {"INV-1": Reason.PROMISED, "INV-2": 10_000},
    ),
    "a hold": (lambda store, session: hold(store, session), {"INV-1": Reason.ON_HOLD, "INV-2": Reason.ON_HOLD}),
    "a hold of one invoice": (
        lambda store, session: hold(store, session, "INV-1"),
        {"INV-1": Reason.ON_HOLD, "INV-2": 12_500},
    ),
    "a hold of deliveries": (
        lambda store, session: hold(store, session, kind="delivery"),
        {"INV-1": 12_500, "INV-2": 12_500},
    ),
    "a hold that was ended": (
        lambda store, session: end_hold(hold(store, session), why="Dry again", by="Noor", store=store),
        {"INV-1": 12_500, "INV-2": 12_500},
    ),
    "a plan for one invoice": (
        lambda store, session: plan(store, session, "INV-1"),
        {"INV-1": Reason.ON_PLAN, "INV-2": 12_500, "the plan": Reason.NOT_YET},
    ),
    "a plan nobody accepted": (
        lambda store, session: plan(store, session, accepted=False),
        {"INV-1": 12_500, "INV-2": 12_500},
    ),
    "reminders refused": (refuse, {"INV-1": Reason.OPTED_OUT, "INV-2": Reason.OPTED_OUT}),
    "offers refused": (
        lambda store, session: refuse(store, session, purpose="marketing"),
        {"INV-1": 12_500, "INV-2": 12_500},
    ),
    "texts refused": (
        lambda store, session: refuse(store, session, channel="sms"),
        {"INV-1": 12_500, "INV-2": 12_500},
    ),
}


@pytest.mark.parametrize("what", PLANNED)
def test_what_was_agreed_is_left_out_of_the_run(store: Store, session: Session, customer: Customer, what: str) -> None:
    agree, left_out = PLANNED[what]
    agree(store, session)
    assert said(the_run(store)) == left_out


MEANWHILE: dict[str, Event] = {
    "promised": lambda store, session: promise(store, session, 25_000),
    "promised one of them": lambda store, session: promise(store, session, 12_500, "INV-2"),
    "amount_changed by a promise for a part": lambda store, session: promise(store, session, 5_000, "INV-2"),
    "on_plan": lambda store, session: plan(store, session),
    "on_hold": lambda store, session: hold(store, session),
    "on_hold for one of them": lambda store, session: hold(store, session, "INV-2"),
    "opted_out": refuse,
    "disputed": lambda store, session: dispute(store, session, "INV-1"),
    "amount_changed by a dispute of a part": lambda store, session: dispute(store, session, "INV-1", 1_000),
    "open_complaint": lambda store, session: log_complaint(
        Grievance(session.scalars(select(Customer.id)).one(), "Broken", invoice_id=invoice(session, "INV-1")),
        store=store,
    ),
    "amount_changed by a credit for a dispute": lambda store, session: resolve_dispute(
        dispute(store, session, "INV-1", 1_000).id,
        outcome="credited",
        by="Noor",
        role="manager",
        words="So",
        store=store,
    ),
}


@pytest.mark.parametrize("is_being_sent", [False, True], ids=["still queued", "being sent"])
@pytest.mark.parametrize("what", MEANWHILE)
def test_a_written_reminder_is_withdrawn_when_something_was_agreed_meanwhile(
    store: Store, session: Session, customer: Customer, what: str, is_being_sent: bool
) -> None:
    the_run(store, dry_run=False)
    message = session.scalars(select(Message)).one()

    def put(state: str) -> None:
        message.delivery = state
        session.commit()

    if is_being_sent:
        # Somebody has claimed it, and it comes back to the queue after an outage.
        put("sending")
    MEANWHILE[what](store, session)
    session.refresh(message)
    assert message.delivery == ("sending" if is_being_sent else "withdrawn")
    if is_being_sent:
        put("queued")
    assert deliver_message(message.id, store=store, carriers={"email": Open()}) == "withdrawn"
    line = session.scalars(select(TrailLine).where(TrailLine.what == "reminder withdrawn")).one()
    assert line.details["reason"] == what.split()[0]
    assert session.scalar(select(func.count()).select_from(Reminder)) == 0


NO_MATTER: dict[str, Event] = {
    "a plan nobody accepted": lambda store, session: plan(store, session, accepted=False),
    "a hold of credit": lambda store, session: hold(store, session, kind="credit"),
    "offers refused": lambda store, session: refuse(store, session, purpose="marketing"),
}


@pytest.mark.parametrize("what", NO_MATTER)
def test_a_written_reminder_still_leaves_when_nothing_speaks_against_it(
    store: Store, session: Session, customer: Customer, what: str
) -> None:
    the_run(store, dry_run=False)
    NO_MATTER[what](store, session)
    message = session.scalars(select(Message)).one()
    assert deliver_message(message.id, store=store, carriers={"email": Open()}) == "sent"


def test_a_promise_over_invoices_outside_the_message_leaves_it_as_it_was_written(
    store: Store, session: Session, customer: Customer
) -> None:
    # 150.00 of 250.00: what is not promised is 100.00 of the second invoice, when written and when sent.
    promise(store, session, 15_000, "INV-1", "INV-2")
    entry = the_run(store, dry_run=False)
    assert said(entry) == {"INV-1": Reason.PROMISED, "INV-2": 10_000}
    message = session.scalars(select(Message)).one()
    assert (
        "€ 25,00 vragen wij nu niet, omdat u hebt toegezegd dat uiterlijk 20 maart 2026 te betalen."
        in message.text.replace("\xa0", " ")
    )
    assert deliver_message(message.id, store=store, carriers={"email": Open()}) == "sent"


def test_a_hold_from_the_day_of_sending_on_is_seen_on_that_day(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    the_run(store, dry_run=False)
    tomorrow = DAY + timedelta(days=1)
    place_hold(
        Pause(customer.id, "reminders", "Closed", "Noor", tomorrow, from_on=tomorrow),
        store=store,
        role="agent",
        by="Noor",
    )
    message = session.scalars(select(Message)).one()
    clock.move(timedelta(days=1))
    assert deliver_message(message.id, store=store, carriers={"email": Open()}) == "withdrawn"


def test_the_day_after_a_promise_was_due_it_is_asked_for_again(
    store: Store, session: Session, customer: Customer, clock: MovableClock
) -> None:
    promise(store, session, 25_000)
    until = FRIDAY + timedelta(days=2)
    (first, _) = the_run(store, on=until).invoices
    assert first.sentence == "The customer promised to pay it by 20 March 2026."
    # Also before the daily sweep has called it broken.
    assert set(said(the_run(store, on=until + timedelta(days=1))).values()) == {12_500}
    clock.move(timedelta(days=7))
    assert settle_promises(store=store).promises_broken == 1
    assert set(said(the_run(store, on=until + timedelta(days=1))).values()) == {12_500}


def test_money_that_came_for_a_promise_is_not_left_out_twice(
    store: Store, session: Session, customer: Customer
) -> None:
    promise(store, session, 5_000, "INV-1")
    a_payment(session, session.get_one(Invoice, invoice(session, "INV-1")), 3_000, on=DAY)
    session.commit()
    # 125.00 less 30.00 paid; 20.00 of the promise is still to come.
    assert said(the_run(store)) == {"INV-1": 7_500, "INV-2": 12_500}


def test_a_plan_with_a_late_part_no_longer_keeps_anything_back(
    store: Store, session: Session, customer: Customer
) -> None:
    plan(store, session)
    within_grace = said(the_run(store, on=FRIDAY + timedelta(days=2)))
    assert (within_grace["INV-1"], within_grace["INV-2"]) == (Reason.ON_PLAN, Reason.ON_PLAN)
    assert set(said(the_run(store, on=FRIDAY + timedelta(days=3))).values()) == {12_500}


def test_somebody_else_there_is_written_to_when_one_refused(store: Store, session: Session, customer: Customer) -> None:
    owner = Contact(customer_id=customer.id, name="Eva", role="owner")
    owner.addresses.append(Address(channel="email", value="eva@jansen.example", verified_at=MOMENT))
    first = session.scalars(select(Contact.id)).one()
    session.add(owner)
    session.commit()
    note_consent(Said(first, "email", "reminders", False, "by phone", "Write to Eva"), store=store)
    assert the_run(store).address == "eva@jansen.example"


def test_a_letter_to_who_refused_meanwhile_does_not_leave_although_another_could_be_written_to(
    store: Store, session: Session, customer: Customer
) -> None:
    first = session.scalars(select(Contact.id)).one()
    owner = Contact(customer_id=customer.id, name="Eva", role="owner")
    owner.addresses.append(Address(channel="email", value="eva@jansen.example", verified_at=MOMENT))
    session.add(owner)
    session.commit()
    the_run(store, dry_run=False)
    message = session.scalars(select(Message)).one()
    note_consent(Said(first, "email", "reminders", False, "by phone", "Write to Eva"), store=store)
    assert deliver_message(message.id, store=store, carriers={"email": Open()}) == "withdrawn"
    assert the_run(store).address == "eva@jansen.example"


def test_an_address_two_people_share_is_refused_as_soon_as_one_did(
    store: Store, session: Session, customer: Customer
) -> None:
    (first,) = session.scalars(select(Contact.id))
    shared = Contact(customer_id=customer.id, name="Eva", role="owner")
    shared.addresses.append(Address(channel="email", value="ap@jansen.example", verified_at=MOMENT))
    session.add(shared)
    session.commit()
    note_consent(Said(first, "email", "reminders", False, "by phone", "Stop"), store=store)
    assert the_run(store).reason is Reason.OPTED_OUT


def test_what_was_agreed_with_many_is_read_with_as_many_queries_as_with_one(store: Store, session: Session) -> None:
    seller = a_seller(session)
    everyone = []
    for n in range(8):
        customer = a_customer(session, seller, email=f"ap{n}@x.example")
        first, second = (an_invoice(session, customer, due_on=DAY - timedelta(days=7)) for _ in range(2))
        session.commit()
        make_promise(Pledge(customer.id, FRIDAY, None, (first.id,)), store=store)
        wish = Wish(customer.id, (second.id,), parts=2, first_on=FRIDAY)
        answer_plan(propose_plan(wish, store=store, role="agent", by="Noor").id, accepted=True, store=store)
        everyone.append(customer.id)

    def queries(ids: list[UUID]) -> int:
        seen: list[UUID] = []

        def count(*_: object) -> None:
            seen.append(new_key())

        session.expunge_all()
        event.listen(session.connection(), "before_cursor_execute", count)
        for debt in debts_of(session, ids, DAY, store.clock.now()):
            assert {claim.promised_minor for claim in debt.facts.claims} == {0, 12_500}
        event.remove(session.connection(), "before_cursor_execute", count)
        return len(seen)

    assert queries(everyone) == queries(everyone[:1])
