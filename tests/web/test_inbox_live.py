"""Open desks hear of what changes: soon, once, only what concerns them, and also what they missed for a moment."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from o2c_core.actions.add_user import NewUser, add_user
from o2c_core.actions.assign_conversation import Whose, assign_conversation
from o2c_core.actions.begin_sign_in import begin_sign_in
from o2c_core.actions.call_person import call_person
from o2c_core.actions.note_presence import note_presence
from o2c_core.actions.receive_message import Incoming, receive_message
from o2c_core.actions.use_sign_in import use_sign_in
from o2c_core.clock import MovableClock
from o2c_core.customers.seller import Seller
from o2c_core.staff.signed import IDLE, WHOLE, Signed
from o2c_core.staff.user import SignIn
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller
from web.desk import live as live_module
from web.desk.inbox_views import Asked
from web.desk.live import Desk, LiveInbox, events_of

# More than anything here takes, and less than anybody waits for.
SECONDS = 10


class Stream:
    """What one open page is sent, as it comes."""

    def __init__(self, events: AsyncIterator[str]) -> None:
        self._come: asyncio.Queue[str | None] = asyncio.Queue()
        self._reading = asyncio.create_task(self._read(events))

    async def _read(self, events: AsyncIterator[str]) -> None:
        async for said in events:
            self._come.put_nowait(said)
        self._come.put_nowait(None)

    async def next(self, *of: str, within: float = SECONDS) -> tuple[str, dict[str, Any], str]:
        """The next event of one of those names, with its data and its id."""
        async with asyncio.timeout(within):
            while True:
                said = await self._come.get()
                assert said is not None, "the stream ended"
                lines = dict(line.split(": ", 1) for line in said.strip().splitlines() if ": " in line)
                if lines.get("event") in of:
                    return lines["event"], json.loads(lines["data"]), lines.get("id", "")

    async def rest(self) -> list[str]:
        """Everything until the stream ends."""
        async with asyncio.timeout(SECONDS):
            return [said async for said in _until_none(self._come)]

    async def goes_away(self) -> None:
        self._reading.cancel()
        await asyncio.wait([self._reading])


async def _until_none(come: asyncio.Queue[str | None]) -> AsyncIterator[str]:
    while (said := await come.get()) is not None:
        yield said


@dataclass
class Site:
    """A ledger with its open desks."""

    store: Store
    seller: Seller
    live: LiveInbox

    def who(self, name: str = "Anna") -> Signed:
        email = f"{name}@vandijk.example".lower()
        user = add_user(NewUser(email, name, "agent", teams=("North",)), by="test", store=self.store)
        key = begin_sign_in(user.id, by="password", browser="test", store=self.store)
        return use_sign_in(key, store=self.store)

    def desk(self, who: Signed, last: str | None = None, **asked: str) -> Stream:
        return Stream(events_of(Desk(Asked(**asked), who, self.seller.id), last, self.store, self.live))

    def writes(self, text: str = "Hallo") -> UUID:
        return receive_message(Incoming(self.seller.id, "chat", text), store=self.store).conversation.id


@pytest.fixture
def site(own_store: Store) -> Site:
    with own_store.session() as session:
        seller = a_seller(session)
        session.commit()
    return Site(own_store, seller, LiveInbox(own_store))


def played(scene: Callable[[], Awaitable[None]]) -> None:
    asyncio.run(scene())


def test_a_desk_hears_of_who_waits_within_a_second(site: Site) -> None:
    who = site.who()

    async def scene() -> None:
        desk = site.desk(who)
        await desk.next("again")  # it listens from here on
        talk = site.writes()
        call_person(talk, "angry", store=site.store)
        loop = asyncio.get_running_loop()
        began = loop.time()
        _, said, mark = await desk.next("changed")
        assert loop.time() - began < 1
        assert (said["in"], said["out"], said["waiting"]) == ([str(talk)], [], 1)
        assert mark

    played(scene)


def test_what_changes_together_is_told_once(site: Site) -> None:
    who = site.who()

    async def scene() -> None:
        desk = site.desk(who)
        await desk.next("again")
        talks = {site.writes() for _ in range(5)}
        for talk in talks:
            call_person(talk, "angry", store=site.store)
        heard: set[str] = set()
        events = 0
        while len(heard) < len(talks):
            _, said, _ = await desk.next("changed")
            heard |= set(said["in"])
            events += 1
        assert heard == {str(talk) for talk in talks}
        assert events <= 5

    played(scene)


def test_each_desk_is_told_what_stands_in_its_own_view(site: Site) -> None:
    anna, bram = site.who("Anna"), site.who("Bram")

    async def scene() -> None:
        desks = [site.desk(anna, show="mine"), site.desk(bram, show="mine"), site.desk(bram, show="all")]
        await desks[0].next("again")
        talk = site.writes()
        assign_conversation([talk], Whose(anna.user_id), by="Anna", store=site.store)
        found = [
            await _until(desk, str(talk), inside=inside)
            for desk, inside in zip(desks, (True, False, True), strict=True)
        ]
        assert found == [True, False, True]

    played(scene)


async def _until(desk: Stream, key: str, *, inside: bool) -> bool:
    """Whether the desk comes to show that conversation, as far as it is told."""
    for _ in range(4):
        _, said, _ = await desk.next("changed", "again")
        if (key in said.get("in", ())) is inside and key in (*said.get("in", ()), *said.get("out", ())):
            return key in said["in"]
    raise AssertionError("it was never told of it")


def test_who_looks_and_who_writes_is_told_and_who_goes_on_looking_is_not(site: Site) -> None:
    who, bram = site.who(), site.who("Bram")

    async def scene() -> None:
        talk = site.writes()
        desk = site.desk(who, show="all")
        await desk.next("again")
        for typing, is_told in ((False, True), (False, False), (True, True)):
            note_presence(talk, user_id=bram.user_id, is_typing=typing, store=site.store)
            if is_told:
                assert (await desk.next("changed"))[1]["in"] == [str(talk)]
            else:
                with pytest.raises(TimeoutError):
                    await desk.next("changed", within=0.5)

    played(scene)


def test_a_desk_that_was_away_is_told_what_it_missed(site: Site) -> None:
    who = site.who()

    async def scene() -> None:
        other, desk = site.desk(who, show="all"), site.desk(who, show="all")
        await desk.next("again")
        first = site.writes()
        _, said, mark = await desk.next("changed")
        assert said["in"] == [str(first)]
        await desk.goes_away()
        missed = {str(site.writes()) for _ in range(3)}
        heard: set[str] = set()
        while not missed <= heard:
            heard |= set((await other.next("changed"))[1]["in"])
        _, said, _ = await site.desk(who, mark, show="all").next("changed")
        assert set(said["in"]) == missed
        for nobody_knows in ("-0", "odd", "elsewhere-7", "", f"{mark}9999"):
            await site.desk(who, nobody_knows, show="all").next("again")

    played(scene)


@pytest.mark.parametrize("quiet", [True, False])
@pytest.mark.parametrize(("after", "ends"), [(IDLE - timedelta(seconds=1), False), (IDLE, True), (WHOLE, True)])
def test_the_stream_ends_when_its_user_was_away_for_too_long(
    site: Site, clock: MovableClock, monkeypatch: pytest.MonkeyPatch, after: timedelta, ends: bool, quiet: bool
) -> None:
    who = site.who()
    monkeypatch.setattr(live_module, "QUIET_SECONDS", 0.05)
    monkeypatch.setattr(live_module, "GATHERED_SECONDS", 0.01)

    async def scene() -> None:
        desk = site.desk(who, show="all")
        await desk.next("again")
        clock.move(after)
        written = asyncio.Event()
        writing = None if quiet else asyncio.create_task(_write_on(site, written))
        if ends:
            await desk.next("ended")
            assert await desk.rest() == []
        else:
            with pytest.raises(TimeoutError):
                await desk.next("ended", within=0.5)
        if writing is not None:
            written.set()
            await writing
            await asyncio.sleep(0.3)  # what is being looked up for the last of it comes to its end

    played(scene)


async def _write_on(site: Site, until: asyncio.Event) -> None:
    """Somebody writes all the time, so that the stream is never without news."""
    while not until.is_set():
        await asyncio.to_thread(site.writes)


def test_the_stream_ends_when_the_user_signs_out_elsewhere(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    who = site.who()
    monkeypatch.setattr(live_module, "QUIET_SECONDS", 0.05)

    async def scene() -> None:
        desk = site.desk(who)
        await desk.next("again")
        with site.store.session() as session:
            session.get_one(SignIn, who.sign_in_id).ended_at = site.store.clock.now()
            session.commit()
        await desk.next("ended")

    played(scene)


def test_the_stream_ends_by_itself_and_stops_listening(site: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    who = site.who()
    monkeypatch.setattr(live_module, "STREAM_SECONDS_MAX", 0.2)
    monkeypatch.setattr(live_module, "QUIET_SECONDS", 0.05)

    async def scene() -> None:
        said = await site.desk(who).rest()
        assert said[0].startswith("retry: ")
        assert said[-1] == ":\n\n"
        await asyncio.sleep(0.1)
        assert site.live.listening.mark == "-0"

    played(scene)


def test_another_sellers_desk_is_told_nothing(site: Site, session: Session) -> None:
    who = site.who()
    with site.store.session() as opened:
        other = a_seller(opened, "other")
        customer = a_customer(opened, other)
        opened.commit()

    async def scene() -> None:
        desk = site.desk(who, show="all")
        await desk.next("again")
        receive_message(Incoming(other.id, "chat", "Hallo", customer.id, "proven"), store=site.store)
        with pytest.raises(TimeoutError):
            await desk.next("changed", within=0.5)

    played(scene)
