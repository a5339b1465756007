"""The auditor finds every planted fault, and nothing where there is none."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from app.simulation.auditor import Auditor
from app.simulation.people import Person
from app.simulation.trade import Bill
from o2c_core.cases.document_problem import DocumentProblem
from o2c_core.cases.hold import Hold
from o2c_core.cases.payment_said import PaymentSaid, SaidInvoice
from o2c_core.cases.plan import PaymentPlan, PlannedInvoice, PlanPart
from o2c_core.cases.promise import Promise, PromisedInvoice
from o2c_core.clock import MovableClock
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.consent import Consent
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.keys import new_key
from o2c_core.reminders.reminder import Reminder
from o2c_core.store.store import Store
from tests.build import DAY, MOMENT, a_customer, a_dispute, a_seller, an_invoice

TEN = datetime(2026, 3, 16, 10, 0, tzinfo=UTC)  # a Monday, eleven in Amsterdam and six in New York
MAIL = "ap@jansen.example"


@dataclass
class Scene:
    """One bill of 125.00, eight days late, and the reminder that is about to leave."""

    session: Session
    auditor: Auditor
    customer: Customer
    invoice: Invoice
    person: Person
    message_id: UUID

    def leaves(self, at: datetime = TEN, message_id: UUID | None = None) -> list[str]:
        self.session.commit()
        self.auditor.check_reminder(message_id or self.message_id, "email", MAIL, at)
        return [violation.promise for violation in self.auditor.violations]

    def another(self) -> UUID:
        return _a_reminder(self.session, self.customer, self.invoice, rung="again")


@pytest.fixture
def scene(session: Session, store: Store) -> Scene:
    customer = a_customer(session, a_seller(session), email=MAIL)
    invoice = an_invoice(session, customer, "INV-1", due_on=DAY - timedelta(days=8))
    person = Person(
        1, "C1", "Jansen", "A. Jansen", "NL", "nl", "Europe/Amsterdam", MAIL, None, "office@jansen.example", "punctual",
        4.0, 12_500, date(2026, 8, 1),
    )  # fmt: skip
    auditor = Auditor(Store(store.sessions, MovableClock(TEN)), "Europe/Amsterdam")
    auditor.knows([person])
    auditor.issued(Bill("INV-1", person, invoice.issued_on, invoice.due_on, 12_500))
    return Scene(session, auditor, customer, invoice, person, _a_reminder(session, customer, invoice))


def _a_reminder(session: Session, customer: Customer, invoice: Invoice, rung: str = "first", part: int = 0) -> UUID:
    thread = Conversation(
        id=new_key(), seller_id=customer.seller_id, customer_id=customer.id, channel="email", opened_at=MOMENT,
        updated_at=MOMENT,
    )  # fmt: skip
    message = Message(
        id=new_key(), conversation_id=thread.id, direction="out", author="assistant", purpose="reminder", channel="email",
        address=MAIL, text="Please pay.", delivery="sending", created_at=MOMENT,
    )  # fmt: skip
    session.add(thread)
    session.flush()
    session.add(message)
    session.flush()
    session.add(
        Reminder(invoice_id=invoice.id, customer_id=customer.id, message_id=message.id, rung=rung, part=part, on=DAY,
                 open_minor=12_500, created_at=MOMENT)
    )  # fmt: skip
    session.flush()
    return message.id


def _paid(scene: Scene) -> None:
    scene.auditor.lowered("INV-1", 12_500)


def _paid_unmatched(scene: Scene) -> None:
    scene.auditor.unmatched(scene.person, 12_500)


def _disputed(scene: Scene) -> None:
    a_dispute(scene.session, scene.invoice)


def _promised(scene: Scene, *, on: date = DAY + timedelta(days=2), minor: int = 12_500) -> None:
    promise = Promise(
        id=new_key(), seller_id=scene.customer.seller_id, customer_id=scene.customer.id, amount_minor=minor, currency="EUR",
        promised_on=on, grace_days=0, made_at=MOMENT, made_on=DAY - timedelta(days=3),
    )  # fmt: skip
    promise.invoices.append(PromisedInvoice(invoice_id=scene.invoice.id))
    scene.session.add(promise)
    scene.session.flush()


def _held(scene: Scene) -> None:
    scene.session.add(
        Hold(seller_id=scene.customer.seller_id, customer_id=scene.customer.id, kind="reminders", reason="hardship",
             owner="Eva", from_on=DAY, until_on=DAY, created_at=MOMENT)
    )  # fmt: skip
    scene.session.flush()


def _planned(scene: Scene, parts: Sequence[tuple[date, int]] = ()) -> None:
    plan = PaymentPlan(
        seller_id=scene.customer.seller_id, customer_id=scene.customer.id, number="P-1", currency="EUR", grace_days=2,
        state="active", by="assistant", role="assistant", proposed_at=MOMENT,
    )  # fmt: skip
    plan.invoices.append(PlannedInvoice(invoice_id=scene.invoice.id))
    plan.parts += [PlanPart(position=at, due_on=on, amount_minor=minor) for at, (on, minor) in enumerate(parts, 1)]
    scene.session.add(plan)
    scene.session.flush()


def _lacking(scene: Scene) -> None:
    scene.session.add(
        DocumentProblem(seller_id=scene.customer.seller_id, customer_id=scene.customer.id, invoice_id=scene.invoice.id,
                        kind="purchase_order", opened_at=MOMENT, opened_on=DAY)
    )  # fmt: skip
    scene.session.flush()


def _on_its_way(scene: Scene, *, until: date = DAY) -> None:
    said = PaymentSaid(
        id=new_key(), seller_id=scene.customer.seller_id, customer_id=scene.customer.id, amount_minor=12_500,
        currency="EUR", said_on=DAY, until_on=until, said_at=MOMENT,
    )  # fmt: skip
    said.invoices.append(SaidInvoice(invoice_id=scene.invoice.id))
    scene.session.add(said)
    scene.session.flush()


def _refused(scene: Scene) -> None:
    scene.session.add(
        Consent(contact_id=scene.customer.contacts[0].id, address=MAIL, channel="email", purpose="reminders",
                is_given=False, at=MOMENT, how="an email", words="stop")
    )  # fmt: skip
    scene.session.flush()


def _said_stop(scene: Scene) -> None:
    scene.auditor.stopped("email", MAIL)


def _bounced(scene: Scene) -> None:
    scene.auditor.bounced("email", MAIL)


def test_nothing_is_found_where_nothing_is_wrong(scene: Scene) -> None:
    assert scene.leaves() == []


@pytest.mark.parametrize(
    ("plant", "promise"),
    [
        (_paid, "after payment"),
        (_paid_unmatched, "after payment"),
        (_disputed, "after dispute"),
        (_promised, "after promise"),
        (_held, "on hold"),
        (_planned, "on plan"),
        (_lacking, "while the invoice lacks something"),
        (_on_its_way, "while money is on its way"),
        (_refused, "after stop"),
        (_said_stop, "after stop"),
        (_bounced, "to an address that bounced"),
    ],
)
def test_every_planted_fault_is_found(scene: Scene, plant: Callable[[Scene], None], promise: str) -> None:
    plant(scene)
    assert scene.leaves() == [promise]


def test_the_same_step_twice_is_a_duplicate_unless_the_first_never_arrived(scene: Scene) -> None:
    assert scene.leaves() == []
    assert scene.leaves() == ["duplicate"]
    scene.auditor.failed(scene.message_id)
    assert scene.leaves() == ["duplicate"]


def test_another_step_of_the_same_bill_is_none(scene: Scene) -> None:
    scene.leaves()
    assert scene.leaves(message_id=scene.another()) == []


@pytest.mark.parametrize(
    ("due_in", "part", "lowered", "promise"),
    [
        (2, 1, 0, None),
        (0, 1, 4_000, None),
        (-2, 1, 0, None),
        (3, 1, 0, "on plan"),
        (-3, 1, 0, "on plan"),
        (1, 3, 0, "on plan"),
        (1, 1, 5_000, "after payment"),
    ],
)
def test_a_plan_is_spoken_of_only_when_its_next_part_is_at_hand_and_unpaid(
    scene: Scene, due_in: int, part: int, lowered: int, promise: str | None
) -> None:
    _planned(scene, parts=[(DAY + timedelta(days=due_in), 5_000), (DAY + timedelta(days=40), 7_500)])
    scene.auditor.lowered("INV-1", lowered)
    message = _a_reminder(scene.session, scene.customer, scene.invoice, rung="plan_soon P-1", part=part)
    assert scene.leaves(message_id=message) == ([promise] if promise else [])


def test_a_promise_whose_day_is_over_and_one_for_a_part_leave_the_rest_to_be_asked_for(scene: Scene) -> None:
    _promised(scene, on=DAY - timedelta(days=1))
    _promised(scene, minor=5_000)
    assert scene.leaves() == []


@pytest.mark.parametrize(
    ("at", "is_found"),
    [
        (datetime(2026, 3, 16, 7, 0, tzinfo=UTC), False),  # eight in the morning
        (datetime(2026, 3, 16, 6, 59, tzinfo=UTC), True),
        (datetime(2026, 3, 16, 18, 59, tzinfo=UTC), False),
        (datetime(2026, 3, 16, 19, 0, tzinfo=UTC), True),
        (datetime(2026, 3, 15, 10, 0, tzinfo=UTC), True),  # a Sunday
        (datetime(2026, 4, 6, 10, 0, tzinfo=UTC), True),  # Easter Monday
    ],
)
def test_what_leaves_outside_hours_is_found(scene: Scene, at: datetime, is_found: bool) -> None:
    assert scene.leaves(at) == (["outside hours"] if is_found else [])


def test_hours_are_those_where_the_customer_is(scene: Scene) -> None:
    scene.person.country, scene.person.zone = "US", "America/New_York"
    assert scene.leaves() == ["outside hours"]


def test_a_reminder_about_nothing_is_found(scene: Scene) -> None:
    assert scene.leaves(message_id=UUID(int=1)) == ["about nothing"]


@pytest.mark.parametrize(
    ("buckets", "world", "is_found"), [(12_500, 12_500, False), (12_499, 12_500, True), (12_500, 1, True)]
)
def test_books_that_do_not_agree_are_found(scene: Scene, buckets: int, world: int, is_found: bool) -> None:
    scene.session.commit()
    scene.auditor.check_books(DAY, buckets, world, TEN)
    assert [one.promise for one in scene.auditor.violations] == (["buckets equal ledger"] if is_found else [])
