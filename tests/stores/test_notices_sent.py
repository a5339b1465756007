"""Sending a formal notice: one mail with the letter as approved, and time that runs from its receipt."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from channels.captured import Captured
from o2c_core.actions.approve_notice import (
    NotWaiting,
)
from o2c_core.actions.deliver_message import deliver_message
from o2c_core.actions.note_notice_delivered import (
    EvidenceIsMissing,
    ReceivedOnAnotherDay,
    note_notice_delivered,
    note_notice_posted,
)
from o2c_core.actions.refuse_notice import refuse_notice
from o2c_core.actions.send_notice import NoMailForNotice, send_notice
from o2c_core.clock import MovableClock
from o2c_core.conversations.message import Message
from o2c_core.conversations.setback import Setback
from o2c_core.conversations.task import Task
from o2c_core.customers.consent import Consent
from o2c_core.customers.customer import Customer
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, MOMENT
from tests.stores.noticing import (
    approved,
    late_customer,
    now,
    on,
    sent,
    word_about,
)

CARRIERS = {"email": Captured()}


def test_it_leaves_once_as_one_mail_with_the_letter_as_it_was_approved(store: Store, session: Session) -> None:
    customer = late_customer(session, 10_000)
    notice = approved(store, customer)
    first = send_notice(notice.id, by="Anna Smit", store=store)
    assert send_notice(notice.id, by="Anna Smit", store=store) == first
    taken: list[object] = []

    class Taking(Captured):
        def send(self, outgoing):  # type: ignore[no-untyped-def]
            taken.append(outgoing)
            return super().send(outgoing)

    assert deliver_message(first, store=store, carriers={"email": Taking()}) == "sent"
    (outgoing,) = taken
    (file,) = outgoing.files  # type: ignore[attr-defined]
    assert (file.name, file.content) == ("Aanmaning N-101.pdf", now(session, notice).file)
    assert outgoing.to == "ap@jansen.example"  # type: ignore[attr-defined]
    assert now(session, notice).state == "sent"
    assert send_notice(notice.id, by="Anna Smit", store=store) == first
    assert len(session.scalars(select(Message)).all()) == 1


def test_it_waits_for_the_hours_in_which_people_are_written_to(
    store: Store, session: Session, clock: MovableClock
) -> None:
    notice = approved(store, late_customer(session, 10_000))
    message_id = send_notice(notice.id, by="Anna Smit", store=store)
    clock.move(timedelta(hours=12))
    assert deliver_message(message_id, store=store, carriers=CARRIERS) == "queued"
    clock.move(timedelta(hours=10))
    assert deliver_message(message_id, store=store, carriers=CARRIERS) == "sent"


def test_who_refused_mail_gets_none(store: Store, session: Session) -> None:
    customer = late_customer(session, 10_000)
    notice = approved(store, customer)
    with store.session() as other:
        contact = other.get_one(Customer, customer.id).contacts[0]
        other.add(
            Consent(id=new_key(), contact_id=contact.id, channel="email", purpose="service", is_given=False, at=MOMENT,
                    words="stop", how="page")
        )  # fmt: skip
        other.commit()
    with pytest.raises(NoMailForNotice, match="registered post"):
        send_notice(notice.id, by="Anna Smit", store=store)


def test_sent_is_not_received_and_no_time_runs(store: Store, session: Session) -> None:
    notice = now(session, sent(store, late_customer(session, 10_000)))
    assert (notice.state, notice.received_on, notice.deadline_on) == ("sent", None, None)


def test_fourteen_days_run_from_the_day_after_the_providers_word(store: Store, session: Session) -> None:
    notice = sent(store, late_customer(session, 10_000))
    word_about(store, notice, "delivered")
    made = now(session, notice)
    assert (made.state, made.proof) == ("delivered", "provider")
    assert (made.received_on, made.deadline_on) == (DAY, on("2026-03-30"))
    assert "ap@jansen.example" in (made.evidence or "")


def test_mail_that_comes_back_was_never_received_and_a_person_is_asked(store: Store, session: Session) -> None:
    notice = sent(store, late_customer(session, 10_000))
    word_about(store, notice, "delivered")
    word_about(store, notice, "failed", setback=Setback.BAD_ADDRESS, why="550 no such mailbox")
    made = now(session, notice)
    assert (made.state, made.received_on, made.deadline_on, made.proof) == ("undelivered", None, None, None)
    tasks = session.scalars(select(Task).where(Task.about == f"notice:{notice.id}")).all()
    assert [task.state for task in tasks] == ["open"]
    made = note_notice_posted(notice.id, code="3SABCD1234567", by="N. Smit", store=store)
    assert (made.state, made.way, made.post_code) == ("sent", "post", "3SABCD1234567")
    session.expire_all()
    assert [task.state for task in tasks] == ["done"]


@pytest.mark.parametrize("line", [
    "2026-03-16 2026-03-30",
    "2026-03-17 2026-03-31",
])  # fmt: skip
def test_receipt_is_noted_by_hand_with_its_evidence(
    store: Store, session: Session, clock: MovableClock, line: str
) -> None:
    received, until = line.split()
    notice = sent(store, late_customer(session, 10_000))
    clock.move(timedelta(days=2))
    made = note_notice_delivered(
        notice.id, received_on=on(received), evidence="They phoned about it", by="N. Smit", store=store
    )
    assert (made.proof, made.evidence, made.deadline_on) == ("person", "They phoned about it", on(until))
    again = note_notice_delivered(notice.id, received_on=on(received), evidence="x", by="N. Smit", store=store)
    assert again.evidence == "They phoned about it"
    with pytest.raises(NotWaiting):
        note_notice_delivered(notice.id, received_on=on("2026-03-18"), evidence="x", by="N. Smit", store=store)


def test_receipt_without_evidence_or_on_an_impossible_day_is_not_noted(store: Store, session: Session) -> None:
    notice = sent(store, late_customer(session, 10_000))
    with pytest.raises(EvidenceIsMissing):
        note_notice_delivered(notice.id, received_on=DAY, evidence=" ", by="N. Smit", store=store)
    for day in ("2026-03-15", "2026-03-18"):
        with pytest.raises(ReceivedOnAnotherDay):
            note_notice_delivered(notice.id, received_on=on(day), evidence="x", by="N. Smit", store=store)
    with pytest.raises(EvidenceIsMissing):
        note_notice_posted(notice.id, code="", by="N. Smit", store=store)


def test_what_has_not_been_sent_cannot_have_been_received(store: Store, session: Session) -> None:
    customer = late_customer(session, 10_000)
    notice = approved(store, customer)
    with pytest.raises(NotWaiting, match="not sent"):
        note_notice_delivered(notice.id, received_on=DAY, evidence="x", by="N. Smit", store=store)


def test_a_letter_goes_by_post_or_by_mail_and_not_by_both(store: Store, session: Session) -> None:
    notice = approved(store, late_customer(session, 10_000))
    send_notice(notice.id, by="Anna Smit", store=store)
    with pytest.raises(NotWaiting, match="on its way by email"):
        note_notice_posted(notice.id, code="3SABCD1234567", by="N. Smit", store=store)


def test_an_approved_notice_is_taken_back_with_its_message_until_that_has_left(store: Store, session: Session) -> None:
    customer = late_customer(session, 10_000)
    notice = approved(store, customer)
    message_id = send_notice(notice.id, by="Anna Smit", store=store)
    assert refuse_notice(notice.id, by="Anna Smit", why="They called", store=store).state == "withdrawn"
    assert deliver_message(message_id, store=store, carriers=CARRIERS) == "withdrawn"
    other = sent(store, customer)
    with pytest.raises(NotWaiting):
        refuse_notice(other.id, by="Anna Smit", why="They called", store=store)


def test_everything_that_happened_to_it_is_in_the_trail(store: Store, session: Session) -> None:
    notice = sent(store, late_customer(session, 10_000))
    word_about(store, notice, "delivered")
    lines = session.scalars(select(TrailLine).where(TrailLine.subject_id == notice.id).order_by(TrailLine.id))
    assert [(line.what, line.who) for line in lines] == [
        ("formal notice proposed", "N. Smit"),
        ("formal notice approved", "Anna Smit"),
        ("formal notice queued", "Anna Smit"),
        ("formal notice sent", "system"),
        ("formal notice delivered", "system"),
    ]
