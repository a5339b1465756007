"""What changes in the inbox, told to open desks as it happens: server-sent events that can be taken up again.

Source: html.spec.whatwg.org/multipage/server-sent-events.html. An event names the conversations that changed, and the
page fetches their rows: what somebody may see is decided in one place.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse
from sqlalchemy import select
from starlette.concurrency import run_in_threadpool

from o2c_core.conversations.conversation import Conversation
from o2c_core.customers.seller import Seller
from o2c_core.staff.signed import Signed, still_open
from o2c_core.staff.user import SignIn, User
from o2c_core.store.listening import Listening
from o2c_core.store.many import is_one_of
from o2c_core.store.store import Store
from web.desk.door import SignedHere, needs
from web.desk.inbox_views import Asked, waiting

log = logging.getLogger("parley.live")
# What changes within so long of each other is told together.
GATHERED_SECONDS = 0.12
# How often a stream looks whether its user is still signed in, and says that it is there when it has no news.
QUIET_SECONDS = 15.0
# A stream ends by itself and is taken up again, so that a server can be stopped.
STREAM_SECONDS_MAX = 300.0
AGAIN_MILLISECONDS = 1_500
# Beyond so many a page is fetched anew rather than row by row.
CHANGED_MAX = 100


@dataclass(eq=False)
class Desk:
    """One open page: what it shows, for whom, and what it has yet to be told."""

    asked: Asked
    who: Signed
    seller_id: UUID
    events: asyncio.Queue[dict[str, Any]] = field(default_factory=lambda: asyncio.Queue(maxsize=100))

    def tell(self, event: str, data: dict[str, Any], mark: str) -> None:
        try:
            self.events.put_nowait({"event": event, "data": data, "mark": mark})
        except asyncio.QueueFull:
            # Whoever reads so slowly looks at everything anew.
            while not self.events.empty():
                self.events.get_nowait()
            self.events.put_nowait({"event": "again", "data": {}, "mark": mark})


class LiveInbox:
    """Hears for all open desks of this process what changed, and looks once for all of them whom it concerns."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.listening = Listening(store.engine, "live_desk")
        self._desks: set[Desk] = set()
        self._task: asyncio.Task[None] | None = None
        self._waiting: dict[UUID, int] = {}

    @contextlib.contextmanager
    def open(self, desk: Desk) -> Iterator[None]:
        """The desk is told of everything that changes while the block lasts."""
        self._desks.add(desk)
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done() or self._task.get_loop() is not loop:
            self._task = loop.create_task(self._pass_on())
        try:
            yield
        finally:
            self._desks.discard(desk)
            if not self._desks and self._task is not None:
                self._task.cancel()
                self._task = None

    async def _pass_on(self) -> None:
        with self.listening.follow() as heard:
            while True:
                told, missed = await heard.wait(QUIET_SECONDS)
                if not told and not missed:
                    continue
                await asyncio.sleep(GATHERED_SECONDS)
                more, lost = await heard.wait(0)
                mark = self.listening.mark
                try:
                    if missed or lost:
                        for desk in self._desks:
                            desk.tell("again", {}, mark)
                    else:
                        await self.tell(told | more, list(self._desks), mark)
                except Exception:
                    # A desk that is told nothing stands still unnoticed, so it is told to look for itself.
                    log.exception("what changed could not be looked at")
                    for desk in self._desks:
                        desk.tell("again", {}, mark)

    async def tell(self, ids: set[str], desks: list[Desk], mark: str) -> None:
        """Tells these desks of those conversations: which of them stand in what each desk shows, and which do not."""
        keys = [UUID(one) for one in ids]
        if len(keys) > CHANGED_MAX:
            for desk in desks:
                desk.tell("again", {}, mark)
            return
        concerned, waits = await run_in_threadpool(self._look, keys, desks)
        for desk, inside in zip(desks, concerned, strict=True):
            if inside is None:
                continue
            data = {
                "in": [str(key) for key in inside],
                "out": sorted(ids - {str(key) for key in inside}),
                "waiting": waits[desk.seller_id],
            }
            desk.tell("changed", data, mark)

    def _look(self, keys: list[UUID], desks: list[Desk]) -> tuple[list[list[UUID] | None], dict[UUID, int]]:
        """For each desk the conversations that stand in its view, None where none is of its seller; and who waits.

        One question for all desks: pages that show the same are asked about once.
        """
        now = self._store.clock.now()
        views = list(dict.fromkeys(_view(desk) for desk in desks))
        whose = {_view(desk): desk for desk in desks}
        asks = [whose[view].asked.conditions(whose[view].seller_id, whose[view].who, now) for view in views]
        with self._store.session() as session:
            columns = [condition.label(f"view{at}") for at, condition in enumerate(asks)]
            query = select(Conversation.id, Conversation.seller_id, *columns).where(is_one_of(Conversation.id, keys))
            rows = session.execute(query).all()
            sellers = {desk.seller_id for desk in desks}
            waits = {seller_id: waiting(session, seller_id, now) for seller_id in sellers}
        inside = {view: [row[0] for row in rows if row[at + 2]] for at, view in enumerate(views)}
        concerned = {row[1] for row in rows}
        return [inside[_view(desk)] if desk.seller_id in concerned else None for desk in desks], waits


def _view(desk: Desk) -> tuple[Any, ...]:
    """What two desks have in common that show the same."""
    asked = desk.asked
    is_theirs = asked.show in ("mine", "team") or asked.owner == "me"
    shown = (asked.show, asked.channel, asked.language, asked.reason, asked.urgency, asked.owner, asked.team)
    return (desk.seller_id, *shown, desk.who.user_id if is_theirs else None)


def live_route(router: APIRouter, store: Store, live: LiveInbox) -> None:
    """`GET /inbox/live`: events "changed" (in, out: conversations; waiting: how many), and "again" to look anew."""

    @router.get("/inbox/live")
    @needs("see_desk", is_part=True, by_itself=True)
    async def follow(request: Request, who: SignedHere) -> Response:
        asked = Asked.read(request.query_params)
        seller_id = await run_in_threadpool(_seller, store, asked.seller)
        if seller_id is None:
            return Response(status_code=204)
        # What changed while the page was on its way is told to it as to one that was away.
        last = request.headers.get("last-event-id") or request.query_params.get("since")
        events = events_of(Desk(asked, who, seller_id), last, store, live)
        return StreamingResponse(events, media_type="text/event-stream", headers={"X-Accel-Buffering": "no"})


async def events_of(desk: Desk, last: str | None, store: Store, live: LiveInbox) -> AsyncIterator[str]:
    loop = asyncio.get_running_loop()
    until = loop.time() + STREAM_SECONDS_MAX
    yield f"retry: {AGAIN_MILLISECONDS}\n\n"
    with live.open(desk):
        if last is not None:
            missed = live.listening.told_since(last)
            if missed is None:
                desk.tell("again", {}, live.listening.mark)
            elif missed:
                await live.tell(missed, [desk], live.listening.mark)
        look_at = loop.time() + QUIET_SECONDS
        while loop.time() < until:
            try:
                one = await asyncio.wait_for(desk.events.get(), max(0, look_at - loop.time()))
                yield f"id: {one['mark']}\nevent: {one['event']}\ndata: {json.dumps(one['data'])}\n\n"
            except TimeoutError:
                yield ":\n\n"
            # However much there is to tell, nobody is told it for long after they were signed out.
            if loop.time() >= look_at:
                if not await run_in_threadpool(_is_signed, store, desk.who.sign_in_id):
                    yield "event: ended\ndata: {}\n\n"
                    return
                look_at = loop.time() + QUIET_SECONDS


def _is_signed(store: Store, sign_in_id: UUID) -> bool:
    """Whether that sign-in still holds. That a page is open is no use of it: who goes away is signed out in time."""
    query = select(SignIn).join(User, User.id == SignIn.user_id)
    with store.session() as session:
        found = session.scalars(query.where(SignIn.id == sign_in_id, User.disabled_at.is_(None))).one_or_none()
        return found is not None and still_open(found, store.clock.now())


def _seller(store: Store, ref: str) -> UUID | None:
    with store.session() as session:
        query = select(Seller.id).order_by(Seller.ref != ref, Seller.ref).limit(1)
        return session.scalars(query).one_or_none()
