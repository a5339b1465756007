"""What is done about several conversations at once: assigned, put off, finished."""

from __future__ import annotations

import html
from datetime import UTC, datetime
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.add_user import NewUser, add_user
from o2c_core.actions.snooze_conversation import SnoozeUnclear, snooze_conversation
from o2c_core.actions.take_over import take_over
from o2c_core.actions.wake_snoozed import wake_snoozed
from o2c_core.clock import MovableClock
from o2c_core.conversations.conversation import Conversation
from o2c_core.staff.user import User
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import a_customer, a_seller
from tests.conftest import NOON
from tests.web.opened import open_pages, words
from tests.web.talks import a_talk, called


@pytest.fixture
def talks(session: Session) -> list[UUID]:
    seller = a_seller(session)
    talks = [a_talk(session, a_customer(session, seller, name=f"N{number}")) for number in range(3)]
    for talk in talks:
        called(session, talk, "angry", at=NOON)
    session.commit()
    return [talk.id for talk in talks]


def now_of(session: Session, talks: list[UUID]) -> list[Conversation]:
    session.expire_all()
    return [session.get_one(Conversation, key) for key in talks]


def test_several_are_mine_at_once(store: Store, session: Session, talks: list[UUID]) -> None:
    client = open_pages(store, name="Anna")
    form = {"do": "take", "ids": [str(key) for key in talks[:2]], "back": "/inbox?show=unassigned"}
    answer = client.post("/inbox/do", data=form)
    assert answer.url.path == "/inbox"
    assert "2 are yours now." in words(answer.text)
    me = session.scalars(select(User).where(User.name == "Anna")).one()
    assert [talk.owner_id for talk in now_of(session, talks)] == [me.id, me.id, None]
    lines = session.scalars(select(TrailLine).where(TrailLine.what == "conversation assigned")).all()
    assert [(line.who, line.details["owner"]) for line in lines] == [("Anna", "Anna")] * 2
    again = client.post("/inbox/do", data=form)
    assert "0 are yours now" not in words(again.text)
    assert "nothing had to change" in words(again.text)


@pytest.mark.parametrize(
    ("to", "owner", "team"), [("team:North", None, "North"), ("nobody", None, None), ("bram", "Bram", "South")]
)
def test_it_is_given_to_a_colleague_a_team_or_nobody(
    store: Store, session: Session, talks: list[UUID], to: str, owner: str | None, team: str | None
) -> None:
    bram = add_user(NewUser("bram@vandijk.example", "Bram", "finance"), by="test", store=store)
    now_of(session, talks)[0].team = "South"
    session.commit()
    form = {"do": "assign", "ids": str(talks[0]), "to": str(bram.id) if to == "bram" else to}
    open_pages(store).post("/inbox/do", data=form)
    found = now_of(session, talks)[0]
    assert (found.owner_id, found.team) == (bram.id if owner else None, team)


@pytest.mark.parametrize(
    ("until", "day", "comes_back"),
    [
        ("hour", "", datetime(2026, 3, 16, 12, 0, tzinfo=UTC)),
        ("tomorrow", "", datetime(2026, 3, 17, 8, 0, tzinfo=UTC)),
        ("monday", "", datetime(2026, 3, 23, 8, 0, tzinfo=UTC)),
        ("day", "2026-03-21", datetime(2026, 3, 23, 8, 0, tzinfo=UTC)),  # a Saturday
        ("day", "2026-04-06", datetime(2026, 4, 7, 7, 0, tzinfo=UTC)),  # Easter Monday, and summer time by then
    ],
)
def test_it_is_put_off_until_the_desk_opens(
    store: Store, session: Session, talks: list[UUID], until: str, day: str, comes_back: datetime
) -> None:
    form = {"do": "snooze", "ids": [str(key) for key in talks], "until": until, "day": day}
    assert "3 are put off." in words(open_pages(store).post("/inbox/do", data=form).text)
    assert {talk.snoozed_until for talk in now_of(session, talks)} == {comes_back}
    woken = open_pages(store).post("/inbox/do", data=form | {"until": "now"})
    assert "3 are back." in words(woken.text)


@pytest.mark.parametrize("until", ["yesterday", "2026-03-16", "2026-03-15", "2027-03-16", "99", ""])
def test_it_cannot_be_put_off_until_then(store: Store, talks: list[UUID], until: str) -> None:
    with pytest.raises(SnoozeUnclear):
        snooze_conversation(talks, until, by="Anna", store=store)


def test_it_comes_back_at_its_moment(store: Store, session: Session, talks: list[UUID], clock: MovableClock) -> None:
    snooze_conversation(talks[:2], "hour", by="Anna", store=store)
    snooze_conversation(talks[2:], "tomorrow", by="Anna", store=store)
    assert wake_snoozed(store=store) == 0
    clock.move(datetime(2026, 3, 16, 12, 0, tzinfo=UTC) - NOON)
    assert wake_snoozed(store=store) == 2
    assert [talk.snoozed_until is None for talk in now_of(session, talks)] == [True, True, False]


def test_done_closes_all_but_a_colleagues(store: Store, session: Session, talks: list[UUID]) -> None:
    bram = add_user(NewUser("bram@vandijk.example", "Bram", "agent"), by="test", store=store)
    take_over(talks[0], agent="Bram", agent_id=bram.id, store=store)
    client = open_pages(store, name="Anna")
    form = {"do": "done", "ids": [str(key) for key in talks]}
    said = client.post("/inbox/do", data=form, headers={"Accept": "application/json"}).json()["told"]
    assert said == "2 are done. 1 stays: a colleague has it."
    assert [talk.state for talk in now_of(session, talks)] == ["open", "closed", "closed"]


@pytest.mark.parametrize(
    "back", ["https://elsewhere.example/", "//elsewhere.example", "/inbox@elsewhere", "", "/outbox?x"]
)
def test_it_only_ever_leads_back_to_the_inbox(store: Store, talks: list[UUID], back: str) -> None:
    form = {"do": "take", "ids": str(talks[0]), "back": back}
    answer = open_pages(store).post("/inbox/do", data=form, follow_redirects=False)
    assert (answer.status_code, answer.headers["location"]) == (303, "/inbox?told=mine%3A1")


def test_what_is_told_is_only_ever_our_own_words(store: Store, talks: list[UUID]) -> None:
    page = open_pages(store).get("/inbox?told=pay%20me&told=mine:x&told=done:2").text
    assert '<p class="told-line" role="status" data-told>2 are done.</p>' in html.unescape(page)


def test_nothing_ticked_changes_nothing(store: Store, session: Session, talks: list[UUID]) -> None:
    for form in ({"do": "take"}, {"do": "take", "ids": "odd"}):
        assert "Nothing was ticked" in words(open_pages(store).post("/inbox/do", data=form).text)
    assert all(talk.owner_id is None for talk in now_of(session, talks))
