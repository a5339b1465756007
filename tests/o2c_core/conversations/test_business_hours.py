"""Until when somebody who waits is answered: in the hours in which the seller's people work."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from o2c_core.actions.hand_back import hand_back
from o2c_core.actions.receive_message import Incoming, receive_message
from o2c_core.actions.take_over import take_over
from o2c_core.clock import MovableClock
from o2c_core.conversations.business_hours import ANSWER_MINUTES, HOURS, DeskHours
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.handoff import REASONS, hand_over, stake_of
from o2c_core.customers.seller_profile import SellerUnclear, read_profile
from o2c_core.customers.working_time import read_hours
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller
from tests.conftest import NOON
from tests.web.talks import a_talk

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
DESK = DeskHours(read_hours(HOURS), ANSWER_MINUTES, AMSTERDAM, "NL")


def local(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=AMSTERDAM)


@pytest.mark.parametrize(
    "line",
    [
        # urgency  who writes            is answered by
        "now     2026-03-16 12:00  2026-03-16 12:15",
        "today   2026-03-16 12:00  2026-03-16 14:00",
        "normal  2026-03-16 12:00  2026-03-17 12:00",
        "now     2026-03-16 16:50  2026-03-17 09:05",  # the day ends
        "now     2026-03-16 17:00  2026-03-17 09:15",
        "now     2026-03-16 03:00  2026-03-16 09:15",  # at night
        "now     2026-03-20 18:00  2026-03-23 09:15",  # Friday evening
        "today   2026-03-21 11:00  2026-03-23 11:00",  # Saturday
        "normal  2026-03-20 13:00  2026-03-23 13:00",
        "now     2026-04-02 16:59  2026-04-07 09:14",  # Good Friday to Easter Monday
        "normal  2026-04-02 13:00  2026-04-07 13:00",
        "today   2026-04-24 16:00  2026-04-28 10:00",  # King's Day on a Monday
        "normal  2026-03-27 12:00  2026-03-30 12:00",  # the clock goes forward in between
        "normal  2026-10-23 12:00  2026-10-26 12:00",  # and back
        "now     2026-12-31 16:50  2027-01-04 09:05",
    ],
)
def test_an_answer_is_due_in_working_time(line: str) -> None:
    urgency, *moments = line.split(maxsplit=1)[0], *line.split(maxsplit=1)[1].strip().split("  ")
    since, by = (local(moment) for moment in moments)
    assert DESK.answer_by(urgency, since) == by.astimezone(UTC)


MOMENTS = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)


@given(MOMENTS, st.sampled_from(sorted(ANSWER_MINUTES)))
def test_it_is_due_while_people_work_and_never_sooner_than_promised(since: datetime, urgency: str) -> None:
    by = DESK.answer_by(urgency, since)
    assert by - since >= timedelta(minutes=ANSWER_MINUTES[urgency])
    assert DESK.hours.is_working(by - timedelta(seconds=1), AMSTERDAM, "NL")


@given(MOMENTS, st.timedeltas(timedelta(0), timedelta(days=9)))
def test_who_writes_later_is_not_due_sooner(since: datetime, later: timedelta) -> None:
    assert DESK.answer_by("today", since) <= DESK.answer_by("today", since + later)


@given(MOMENTS)
def test_what_is_put_off_comes_back_when_the_desk_opens(now: datetime) -> None:
    today = now.astimezone(AMSTERDAM).date()
    tomorrow, monday = (DESK.put_off(until, now) for until in ("tomorrow", "monday"))
    for moment in (tomorrow, monday):
        assert moment > now
        assert moment.astimezone(AMSTERDAM).strftime("%H:%M") == "09:00"
        assert DESK.hours.is_working(moment, AMSTERDAM, "NL")
    assert tomorrow.astimezone(AMSTERDAM).date() > today
    assert monday.astimezone(AMSTERDAM).weekday() in (0, 1, 2, 3, 4)


def test_a_seller_has_hours_and_minutes_of_its_own(session: Session) -> None:
    seller = a_seller(session, settings={"desk": {"hours": "mon-sat 08:00-12:00", "answer_minutes": {"now": 5}}})
    desk = DeskHours.of(seller)
    assert desk.answer_by("now", local("2026-03-20 12:00")) == local("2026-03-21 08:05")
    assert desk.answer_by("today", local("2026-03-21 11:00")) == local("2026-03-23 09:00")


@pytest.mark.parametrize(
    ("desk", "says"),
    [
        ({"hours": "always"}, "desk.hours"),
        ({"answer_minutes": {"now": 0}}, "desk.answer_minutes.now"),
        ({"answer_minutes": {"soon": 5}}, "desk.answer_minutes.soon"),
        ({"hours": "mon-fri 09:00-17:00", "answer_minutes": {"now": 15}}, None),
    ],
)
def test_what_a_seller_says_of_its_desk_is_checked(desk: dict[str, object], says: str | None) -> None:
    said = {"name": "Van Dijk", "country": "NL", "currency": "EUR", "language": "nl", "time_zone": "Europe/Amsterdam"}
    if says is None:
        assert read_profile(said | {"desk": desk}).desk is not None
        return
    with pytest.raises(SellerUnclear, match=says):
        read_profile(said | {"desk": desk})


def test_the_soonest_deadline_holds_however_often_a_person_is_called(session: Session) -> None:
    talk = a_talk(session, a_customer(session, a_seller(session)))
    for reason, minutes, due in (
        ("beyond_authority", 0, "2026-03-17 12:00"),
        ("angry", 30, "2026-03-16 14:30"),
        ("cannot", 40, "2026-03-16 14:30"),
        ("legal_threat", 60, "2026-03-16 13:15"),
        ("angry", 300, "2026-03-16 13:15"),
    ):
        hand_over(session, talk, reason, at=NOON + timedelta(minutes=minutes), who="assistant")
        session.flush()
        assert talk.due_at == local(due), reason


@pytest.mark.parametrize(("channel", "minutes"), [("chat", 15), ("email", 120)])
def test_a_colleague_who_has_it_is_to_answer_what_is_written(
    store: Store, session: Session, clock: MovableClock, channel: str, minutes: int
) -> None:
    customer = a_customer(session, a_seller(session))
    talk = a_talk(session, customer, channel=channel)
    hand_over(session, talk, "angry", at=NOON, who="assistant")
    session.commit()
    take_over(talk.id, agent="Anna", store=store)
    assert _due(session, talk) == NOON + timedelta(hours=2), "taking it answers nobody"
    hand_back(talk.id, agent="Anna", store=store)
    assert _due(session, talk) is None
    take_over(talk.id, agent="Anna", store=store)
    clock.move(timedelta(minutes=10))
    written = Incoming(customer.seller_id, channel, "Hallo?", customer.id, conversation_id=talk.id, sender_key="1")
    receive_message(written, store=store)
    due = NOON + timedelta(minutes=10 + minutes)
    assert _due(session, talk) == due
    clock.move(timedelta(minutes=5))
    receive_message(Incoming(customer.seller_id, channel, "?", customer.id, conversation_id=talk.id), store=store)
    assert _due(session, talk) == due, "who asks twice waits since the first time"


def test_who_writes_to_the_assistant_waits_for_nobody(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    talk = a_talk(session, customer, snoozed_until=NOON + timedelta(days=1), state="closed")
    session.commit()
    receive_message(Incoming(customer.seller_id, "chat", "Hallo?", customer.id, conversation_id=talk.id), store=store)
    assert _due(session, talk) is None
    assert (talk.snoozed_until, talk.state) == (None, "open")


@pytest.mark.parametrize(
    ("stakes", "expected"),
    [([], None), ([("EUR", 150)], 150), ([("EUR", 150), ("GBP", 200)], 200), ([("JPY", 3), ("EUR", 299)], 300)],
)
def test_the_largest_sum_puts_it_in_order(stakes: list[tuple[str, int]], expected: int | None) -> None:
    packet = {"at_stake": [{"currency": currency, "open_minor": minor} for currency, minor in stakes]}
    assert stake_of(packet) == expected


def test_every_reason_is_answered_within_a_time_of_its_own() -> None:
    assert {urgency for _, urgency in REASONS.values()} <= ANSWER_MINUTES.keys()


def _due(session: Session, talk: Conversation) -> datetime | None:
    session.expire_all()
    session.refresh(talk)
    return talk.due_at
