"""A send nobody knows the outcome of is looked up, and else decided by a person; it is never repeated blindly."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from o2c_core.actions.claim_message import claim_message
from o2c_core.actions.close_task import HowIsMissing, NoSuchTask, close_task
from o2c_core.actions.confirm_sent import confirm_sent
from o2c_core.actions.deliver_message import deliver_message, deliver_queued
from o2c_core.actions.look_again import look_again
from o2c_core.actions.look_up_uncertain import look_up_uncertain
from o2c_core.actions.note_word import note_word
from o2c_core.actions.send_again import send_again
from o2c_core.actions.settle_uncertain import NotUncertain
from o2c_core.actions.withdraw_uncertain import withdraw_uncertain
from o2c_core.clock import MovableClock
from o2c_core.conversations.attempt import Attempt
from o2c_core.conversations.carrier import Accepted, CannotTell, Found, LookUp, NotThere, Uncertain
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import Message
from o2c_core.conversations.outbox import NoSuchMessage
from o2c_core.conversations.setback import Setback
from o2c_core.conversations.tasks import close_tasks, open_task
from o2c_core.customers.customer import Customer
from o2c_core.keys import new_key
from o2c_core.reminders.reminder import Reminder
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import a_customer, a_seller
from tests.stores.outbox import Asked, Scripted, a_message, a_reminder, a_thread, a_word, fresh, tasks, whats

PLATE = Doorplate("key")
MINUTE = timedelta(minutes=1)


@pytest.fixture
def customer(session: Session) -> Customer:
    return a_customer(session, a_seller(session))


@pytest.fixture
def message(session: Session, customer: Customer) -> Message:
    return a_message(session, a_thread(session, customer))


def silent(store: Store, message: Message, carrier: Scripted | None = None) -> Asked:
    """The message is handed over, and nothing is heard of it."""
    carrier = carrier or Asked([Uncertain("timed out")])
    assert deliver_message(message.id, store=store, carriers={message.channel: carrier}, doorplate=PLATE) == "uncertain"
    assert isinstance(carrier, Asked)
    return carrier


def sweep(store: Store, carrier: Scripted) -> dict[str, int]:
    return dict(look_up_uncertain(store=store, carriers={"email": carrier}, doorplate=PLATE))


def test_a_worker_killed_after_its_claim_leaves_a_message_that_is_uncertain_and_never_sent_by_itself(
    store: Store, session: Session, message: Message, clock: MovableClock
) -> None:
    class Killed(BaseException):
        """Nothing in the process survives this."""

    carrier = Asked([Killed()])
    with pytest.raises(Killed):
        deliver_message(message.id, store=store, carriers={"email": carrier})
    assert fresh(session, message).delivery == "sending"
    clock.move(5 * MINUTE)
    assert sweep(store, carrier) == {}
    clock.move(MINUTE)
    assert sweep(store, carrier) == {"stuck": 1}
    assert fresh(session, message).delivery == "uncertain"
    assert deliver_queued(store=store, carriers={"email": Scripted()}) == 0
    clock.move(2 * MINUTE)
    carrier.found = Found("K1", "delivered")
    assert sweep(store, carrier) == {"delivered": 1}
    assert (fresh(session, message).delivery, message.carrier_key) == ("delivered", "K1")


@pytest.mark.parametrize(("found", "state", "sent"), [
    (Found("K1", "sent"), "sent", True),
    (Found("K1", "delivered"), "delivered", True),
    (Found("K1", "failed", Setback.BAD_ADDRESS, "550"), "failed", False),
])  # fmt: skip
def test_what_the_provider_has_after_all_moves_on(
    store: Store, session: Session, message: Message, clock: MovableClock, found: Found, state: str, sent: bool
) -> None:
    carrier = silent(store, message)
    carrier.found = found
    assert sweep(store, carrier) == {}  # it is too early to ask
    clock.move(MINUTE)
    assert sweep(store, carrier) == {state: 1}
    assert (fresh(session, message).delivery, message.carrier_key) == (state, "K1")
    assert (message.sent_at is not None) == sent
    (asked,) = carrier.asked
    (handed,) = carrier.taken
    assert (asked.message_id, asked.to, asked.text, asked.claimed_at) == (
        handed.message_id, handed.to, handed.text, handed.claimed_at,
    )  # fmt: skip
    assert asked.mail == handed.mail
    assert [task.kind for task in tasks(session)] == ([] if sent else ["data_fix", "review"])


def minutes_until_asked(store: Store, session: Session, carrier: Asked, clock: MovableClock) -> tuple[int, int]:
    """After how many minutes a person is asked, and how often the provider had been by then."""
    for minute in range(1, 121):
        clock.move(MINUTE)
        sweep(store, carrier)
        if tasks(session, "uncertain_send"):
            return minute, len(carrier.asked)
    raise AssertionError("nobody was asked")


@pytest.mark.parametrize(("found", "minutes", "times"), [
    (NotThere(), 11, 3),
    (CannotTell("no answer"), 31, 4),
    (TimeoutError("no answer"), 31, 4),
])  # fmt: skip
def test_a_person_is_asked_once_when_it_cannot_be_found_out(
    store: Store, session: Session, message: Message, clock: MovableClock,
    found: LookUp | Exception, minutes: int, times: int,
) -> None:  # fmt: skip
    carrier = silent(store, message)
    carrier.found = found
    assert minutes_until_asked(store, session, carrier, clock) == (minutes, times)
    for _ in range(200):
        clock.move(10 * MINUTE)
        sweep(store, carrier)
    (task,) = tasks(session)
    assert (task.kind, task.message_id, task.details["carrier"]) == ("uncertain_send", message.id, "scripted")
    assert fresh(session, message).delivery == "uncertain"
    assert len(carrier.taken) == 1
    assert len(carrier.asked) < 10


def test_a_carrier_that_cannot_be_asked_makes_it_a_persons_task_after_half_an_hour(
    store: Store, session: Session, message: Message, clock: MovableClock
) -> None:
    deliver_message(message.id, store=store, carriers={"email": Scripted([Uncertain("timed out")])})
    for _ in range(31):
        assert tasks(session) == []
        clock.move(MINUTE)
        sweep(store, Scripted())
    (task,) = tasks(session)
    assert "cannot be asked" in task.why


def test_a_word_that_comes_later_settles_it_and_closes_the_task(
    store: Store, session: Session, message: Message, clock: MovableClock
) -> None:
    carrier = silent(store, message)
    minutes_until_asked(store, session, carrier, clock)
    (task,) = tasks(session)
    assert note_word(a_word("delivered", message), store=store, doorplate=PLATE) == "delivered"
    session.refresh(task)
    assert (task.state, task.done_by) == ("done", "system")
    clock.move(timedelta(hours=3))
    assert sweep(store, carrier) == {}


@pytest.mark.parametrize(("decide", "state"), [
    (send_again, "queued"), (confirm_sent, "sent"), (withdraw_uncertain, "withdrawn"),
])  # fmt: skip
def test_a_person_decides_and_the_task_is_done(
    store: Store, session: Session, message: Message, clock: MovableClock, decide, state: str  # type: ignore[no-untyped-def]
) -> None:  # fmt: skip
    carrier = silent(store, message)
    minutes_until_asked(store, session, carrier, clock)
    (task,) = tasks(session)
    assert decide(message.id, store=store, by="Eva") == state
    assert fresh(session, message).delivery == state
    session.refresh(task)
    assert (task.state, task.done_by) == ("done", "Eva")
    line = session.scalars(select(TrailLine).where(TrailLine.what == f"message {state}")).one()
    assert (line.who, line.details["tries"], line.details["look_ups"]) == ("Eva", 1, 3)
    with pytest.raises(NotUncertain):
        decide(message.id, store=store, by="Eva")
    with pytest.raises(NoSuchMessage):
        decide(new_key(), store=store, by="Eva")


def test_what_a_person_sends_again_leaves_once_more_under_the_same_id(
    store: Store, session: Session, message: Message
) -> None:
    carrier = silent(store, message)
    send_again(message.id, store=store, by="Eva")
    carrier.answers = [Accepted("K2")]
    assert deliver_message(message.id, store=store, carriers={"email": carrier}, doorplate=PLATE) == "sent"
    first, second = carrier.taken
    assert first.mail is not None
    assert second.mail is not None
    assert first.mail.mail_id == second.mail.mail_id
    assert whats(session, message) == ["message uncertain", "message queued", "message sent"]


def test_a_first_attempt_that_arrives_after_all_keeps_the_second_from_leaving(
    store: Store, session: Session, message: Message
) -> None:
    carrier = silent(store, message)
    send_again(message.id, store=store, by="Eva")
    note_word(a_word("delivered", message), store=store, doorplate=PLATE)
    assert deliver_message(message.id, store=store, carriers={"email": carrier}) == "delivered"
    assert len(carrier.taken) == 1


def test_a_withdrawn_uncertain_reminder_frees_its_rungs(store: Store, session: Session, customer: Customer) -> None:
    reminder = a_reminder(session, customer, delivery="uncertain")
    withdraw_uncertain(reminder.id, store=store, by="Eva")
    assert session.scalar(select(func.count()).select_from(Reminder)) == 0


def test_a_worker_that_was_away_too_long_sends_nothing_that_somebody_else_took_over(
    store: Store, session: Session, message: Message, clock: MovableClock
) -> None:
    slow, quick = Asked(), Asked()
    claimed = claim_message(message.id, store=store, carriers={"email": slow}, doorplate=None, luck=lambda: 0.0)
    assert isinstance(claimed, Attempt)
    clock.move(6 * MINUTE)
    sweep(store, quick)
    send_again(message.id, store=store, by="Eva")
    assert deliver_message(message.id, store=store, carriers={"email": quick}) == "sent"
    assert look_again(claimed, store=store, doorplate=None) == "sent"


def test_a_slow_worker_that_says_in_the_end_how_it_went_settles_what_was_uncertain(
    store: Store, session: Session, message: Message, clock: MovableClock
) -> None:
    other = Asked()

    def slow() -> Accepted:
        clock.move(6 * MINUTE)
        assert sweep(store, other) == {"stuck": 1}
        minutes_until_asked(store, session, other, clock)
        return Accepted("K1")

    assert deliver_message(message.id, store=store, carriers={"email": Scripted([slow])}) == "sent"
    assert (fresh(session, message).carrier_key, message.waits_why) == ("K1", None)
    assert tasks(session) == []


def test_a_task_is_opened_once_while_it_is_open_and_closed_with_what_was_done(
    store: Store, session: Session, clock: MovableClock
) -> None:
    first = open_task(session, "data_fix", "address:1", "It does not work.", at=clock.now(), code="550")
    again = open_task(session, "data_fix", "address:1", "Something else.", at=clock.now() + MINUTE)
    other = open_task(session, "data_fix", "address:2", "It does not work.", at=clock.now())
    session.commit()
    assert (first.id, first.why, first.details) == (again.id, "It does not work.", {"code": "550"})
    assert other.id != first.id
    with pytest.raises(HowIsMissing):
        close_task(first.id, store=store, by="Eva", how=" ")
    with pytest.raises(NoSuchTask):
        close_task(new_key(), store=store, by="Eva", how="done")
    done = close_task(first.id, store=store, by="Eva", how="They gave another number.")
    assert (done.state, done.done_by, done.done_how) == ("done", "Eva", "They gave another number.")
    assert close_task(first.id, store=store, by="Tom", how="Again.").done_by == "Eva"
    anew = open_task(session, "data_fix", "address:1", "It does not work.", at=clock.now())
    assert anew.id != first.id
    assert close_tasks(session, "data_fix", "address:1", at=clock.now(), by="system", how="It works.")
    assert not close_tasks(session, "data_fix", "address:1", at=clock.now(), by="system", how="It works.")
    assert session.scalar(text("SELECT count(*) FROM trail WHERE what = 'task opened'")) == 3
    assert session.scalar(text("SELECT count(*) FROM trail WHERE what = 'task done'")) == 2


def test_what_is_found_under_another_messages_key_is_that_other_message(
    store: Store, session: Session, message: Message, customer: Customer, clock: MovableClock
) -> None:
    twin = a_message(session, a_thread(session, customer), delivery="sent", carrier="scripted", carrier_key="K1")
    carrier = silent(store, message)
    clock.move(2 * MINUTE)
    carrier.found = Found("K1", "delivered")
    assert sweep(store, carrier) == {"cannot tell": 1}
    assert fresh(session, message).delivery == "uncertain"
    assert fresh(session, twin).delivery == "sent"
