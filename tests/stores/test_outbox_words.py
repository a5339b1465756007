"""What a provider says of a message moves it forwards, in whatever order and however often it is said."""

from collections.abc import Sequence
from datetime import timedelta
from itertools import permutations

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.deliver_message import deliver_message
from o2c_core.actions.note_word import note_word
from o2c_core.clock import MovableClock
from o2c_core.conversations.carrier import Accepted, Rejected
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.message import DELIVERY, Message
from o2c_core.conversations.setback import Setback
from o2c_core.customers.consent import Consent
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller
from tests.stores.outbox import (
    MAIL,
    PHONE,
    Scripted,
    a_message,
    a_phone,
    a_thread,
    a_word,
    fresh,
    replacement,
    tasks,
    whats,
)

PLATE = Doorplate("key")
RANK = {
    "draft": -1, "queued": 0, "sending": 1, "uncertain": 2, "sent": 3, "delivered": 4, "failed": 5, "withdrawn": 5,
}  # fmt: skip


@pytest.fixture
def thread(session: Session) -> Conversation:
    return a_thread(session, a_customer(session, a_seller(session)))


@pytest.mark.parametrize("row", [
    "draft      sent       draft",
    "draft      delivered  draft",
    "draft      failed     draft",
    "queued     sent       sent",
    "queued     delivered  delivered",
    "queued     failed     queued",
    "sending    sent       sent",
    "sending    delivered  delivered",
    "sending    failed     failed",
    "uncertain  sent       sent",
    "uncertain  delivered  delivered",
    "uncertain  failed     failed",
    "sent       sent       sent",
    "sent       delivered  delivered",
    "sent       failed     failed",
    "delivered  sent       delivered",
    "delivered  delivered  delivered",
    "delivered  failed     failed",
    "failed     sent       failed",
    "failed     delivered  failed",
    "failed     failed     failed",
    "withdrawn  sent       withdrawn",
    "withdrawn  delivered  withdrawn",
    "withdrawn  failed     withdrawn",
])  # fmt: skip
def test_a_word_moves_a_message_only_forwards(store: Store, session: Session, thread: Conversation, row: str) -> None:
    before, said, after = row.split()
    message = a_message(session, thread, delivery=before)
    assert note_word(a_word(said, message, setback=Setback.CONTENT), store=store, doorplate=PLATE) == after
    assert fresh(session, message).delivery == after
    assert (f"message {said}" in whats(session, message)) == (before != after)


def test_every_state_a_message_can_leave_is_in_that_table() -> None:
    for before, following in DELIVERY.items():
        for after in following:
            is_another_attempt = (before, after) in {("sending", "queued"), ("uncertain", "queued")}
            assert is_another_attempt or RANK[after] > RANK[before], (before, after)


WORDS = ("sent", "delivered", "failed", None)


def _permuted() -> list[Sequence[str | None]]:
    some = [("sent", "delivered"), ("sent", "failed"), ("sent", "delivered", "failed"), WORDS]
    some += [("sent", "sent", "delivered"), ("failed", "failed", "sent"), ("delivered", None, "sent", "delivered")]
    return some


@pytest.mark.parametrize("words", _permuted(), ids=str)
def test_in_any_order_the_words_end_in_the_same_state_and_a_failure_is_acted_on_once(
    store: Store, session: Session, words: Sequence[str | None]
) -> None:
    seller = a_seller(session)
    ends = set()
    for number, order in enumerate(sorted(set(permutations(words)), key=str)):
        customer = a_customer(session, seller, email=f"ap{number}@x.example")
        message = a_message(session, a_thread(session, customer), delivery="sending")
        states = [
            note_word(a_word(said, message, setback=Setback.BLOCKED), store=store, doorplate=PLATE) for said in order
        ]
        ranks = [RANK[state] for state in states]
        assert ranks == sorted(ranks)
        ends.add(states[-1])
        assert whats(session, message).count("message failed") == ("failed" in words)
        assert (replacement(session, message) is not None) == ("failed" in words)
    assert len(ends) == 1


def test_the_moments_and_the_carriers_key_are_learnt_from_words(
    store: Store, session: Session, thread: Conversation, clock: MovableClock
) -> None:
    message = a_message(session, thread, delivery="sending", claimed_at=clock.now(), carrier="scripted")
    early = clock.now() - timedelta(seconds=3)
    note_word(a_word("delivered", message, carrier_key="K1", at=early), store=store, doorplate=PLATE)
    assert (fresh(session, message).delivered_at, message.sent_at) == (early, early)
    assert message.carrier_key == "K1"
    note_word(a_word("sent", message, carrier_key="K2"), store=store, doorplate=PLATE)
    assert fresh(session, message).carrier_key == "K1"


def test_a_provider_whose_clock_is_ahead_delivers_nothing_in_the_future(
    store: Store, session: Session, thread: Conversation, clock: MovableClock
) -> None:
    message = a_message(session, thread, delivery="sent")
    note_word(a_word("delivered", message, at=clock.now() + timedelta(hours=1)), store=store, doorplate=PLATE)
    assert fresh(session, message).delivered_at == clock.now()


def test_a_message_is_found_by_our_id_and_else_by_the_carriers(
    store: Store, session: Session, thread: Conversation
) -> None:
    message = a_message(session, thread, delivery="sent", carrier="scripted", carrier_key="K1")
    other = a_message(session, thread, delivery="sent", carrier="another", carrier_key="K1")
    heard = a_message(session, thread, direction="in", delivery="received")
    assert note_word(a_word("delivered", carrier_key="K1"), store=store, doorplate=PLATE) == "delivered"
    assert fresh(session, message).delivery == "delivered"
    assert fresh(session, other).delivery == "sent"
    assert note_word(a_word("delivered", carrier_key="K9"), store=store, doorplate=PLATE) == "unknown"
    assert note_word(a_word("delivered", heard), store=store, doorplate=PLATE) == "unknown"
    assert note_word(a_word("delivered", message_id=new_key()), store=store, doorplate=PLATE) == "unknown"
    assert note_word(a_word(None, carrier_key="K1"), store=store, doorplate=PLATE) == "delivered"


@pytest.mark.parametrize(("said", "answer", "after"), [
    ("sent", Accepted("K1"), "sent"),
    ("delivered", Accepted("K1"), "delivered"),
    ("failed", Accepted("K1"), "failed"),
    ("delivered", Rejected("odd"), "delivered"),
])  # fmt: skip
def test_a_word_that_is_quicker_than_the_answer_holds(
    store: Store, session: Session, thread: Conversation, said: str, answer: Accepted | Rejected, after: str
) -> None:
    message = a_message(session, thread)

    def send() -> Accepted | Rejected:
        note_word(a_word(said, message, setback=Setback.CONTENT), store=store, doorplate=PLATE)
        return answer

    assert deliver_message(message.id, store=store, carriers={"email": Scripted([send])}, doorplate=PLATE) == after
    assert fresh(session, message).carrier_key == (answer.carrier_key if isinstance(answer, Accepted) else None)


def test_a_word_about_what_waits_to_be_tried_again_keeps_it_from_being_sent_twice(
    store: Store, session: Session, thread: Conversation, clock: MovableClock
) -> None:
    message = a_message(session, thread, not_before=clock.now() + timedelta(minutes=1), waits_why="out")
    note_word(a_word("delivered", message), store=store, doorplate=PLATE)
    clock.move(timedelta(minutes=2))
    carrier = Scripted()
    assert deliver_message(message.id, store=store, carriers={"email": carrier}) == "delivered"
    assert carrier.taken == []
    assert fresh(session, message).waits_why is None


def test_what_was_withdrawn_and_was_sent_after_all_is_shown_to_people_once(
    store: Store, session: Session, thread: Conversation
) -> None:
    message = a_message(session, thread, delivery="withdrawn")
    for said in ("sent", "delivered", "delivered"):
        assert note_word(a_word(said, message), store=store, doorplate=PLATE) == "withdrawn"
    (task,) = tasks(session)
    assert (task.kind, task.message_id) == ("review", message.id)


@pytest.mark.parametrize(("channel", "refuses", "purposes"), [
    ("email", "spam", {"reminders", "marketing"}),
    ("email", "unsubscribe", {"reminders", "marketing"}),
    ("sms", "unsubscribe", {"reminders", "marketing"}),
])  # fmt: skip
def test_who_tells_the_provider_to_stop_has_told_us(
    store: Store, session: Session, channel: str, refuses: str, purposes: set[str]
) -> None:
    customer = a_customer(session, a_seller(session))
    a_phone(session, customer)
    message = a_message(session, a_thread(session, customer, channel), delivery="delivered")
    word = a_word(None, message, refuses=refuses, address=MAIL if channel == "email" else PHONE)
    for _ in range(3):
        assert note_word(word, store=store, doorplate=PLATE) == "delivered"
    notes = session.scalars(select(Consent)).all()
    assert {note.purpose for note in notes} == purposes
    assert len(notes) == len(purposes)
    assert all(note.how == "provider" and refuses in note.words and not note.is_given for note in notes)
    assert {note.contact_id for note in notes} == {customer.contacts[0].id}


def test_who_comes_back_and_stops_once_more_has_stopped(store: Store, session: Session, thread: Conversation) -> None:
    message = a_message(session, thread, delivery="delivered")
    for said in ("unsubscribe", "resubscribe", "unsubscribe"):
        note_word(a_word(None, message, refuses=said), store=store, doorplate=PLATE)
    last = session.scalars(select(Consent).where(Consent.purpose == "reminders").order_by(Consent.id.desc())).first()
    assert last is not None
    assert not last.is_given
    assert session.scalar(select(func.count()).where(Consent.purpose == "reminders")) == 3


def test_nobody_hears_of_a_message_of_another_kind(store: Store, session: Session) -> None:
    assert note_word(a_word("sent", carrier_key=None), store=store, doorplate=PLATE) == "unknown"
    assert session.scalar(select(func.count()).select_from(Message)) == 0
