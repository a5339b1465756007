"""What the database tells on a channel, heard on one connection for this process and passed on to who waits for it."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field
from uuid import uuid4

import psycopg
from sqlalchemy import Engine

log = logging.getLogger("parley.listening")
# How long until it is tried again to listen, when the database could not be reached.
AGAIN_SECONDS = 5.0
# So many notices are kept for who was away for a moment.
KEPT = 10_000


@dataclass(eq=False)
class Heard:
    """What one listener was told since it last asked. `missed` says that there may have been more: it has to look itself."""

    _told: set[str] = field(default_factory=set)
    _is_new: asyncio.Event = field(default_factory=asyncio.Event)
    _missed: bool = False

    def tell(self, payload: str) -> None:
        self._told.add(payload)
        self._is_new.set()

    def miss(self) -> None:
        self._missed = True
        self._is_new.set()

    async def wait(self, seconds: float) -> tuple[set[str], bool]:
        """What was told since, as soon as there is anything and after so many seconds at the latest; and whether something
        may have been missed."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._is_new.wait(), seconds)
        told, missed = self._told, self._missed
        self._told, self._missed = set(), False
        self._is_new.clear()
        return told, missed


@dataclass
class Listening:
    """Listens on one channel for as long as anybody follows it. Used within one event loop."""

    engine: Engine
    channel: str
    _everything: set[Heard] = field(default_factory=set)
    _some: dict[str, set[Heard]] = field(default_factory=dict)
    _task: asyncio.Task[None] | None = None
    _since: str = ""
    _count: int = 0
    _kept: deque[tuple[int, str]] = field(default_factory=lambda: deque(maxlen=KEPT))

    @contextlib.contextmanager
    def follow(self, payload: str | None = None) -> Iterator[Heard]:
        """What is told from now on: everything, or only that it was this payload."""
        heard = Heard()
        among = self._everything if payload is None else self._some.setdefault(payload, set())
        among.add(heard)
        loop = asyncio.get_running_loop()
        if self._task is None or self._task.done() or self._task.get_loop() is not loop:
            self._task = loop.create_task(self._listen())
        try:
            yield heard
        finally:
            among.discard(heard)
            if payload is not None and not among:
                self._some.pop(payload, None)
            if not self._everything and not self._some and self._task is not None:
                self._task.cancel()
                self._task, self._since = None, ""

    @property
    def mark(self) -> str:
        """Where the listening is now, for `told_since`."""
        return f"{self._since}-{self._count}"

    def told_since(self, mark: str) -> set[str] | None:
        """What was told after that mark; None when nobody can say, because nobody listened or it is too long ago."""
        since, _, count = mark.rpartition("-")
        if not since or since != self._since or not count.isdigit() or int(count) > self._count:
            return None
        if self._count - int(count) > len(self._kept):
            return None
        return {payload for number, payload in self._kept if number > int(count)}

    async def _listen(self) -> None:
        address = self.engine.url.set(drivername="postgresql").render_as_string(hide_password=False)
        while True:
            try:
                async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
                    await connection.execute(f"LISTEN {self.channel}")
                    self._begin()
                    async for notice in connection.notifies():
                        self._pass_on(notice.payload)
            except psycopg.Error as lost:
                log.warning("listening channel=%s lost=%s", self.channel, type(lost).__name__)
                # What is told meanwhile is heard by nobody; marks from before lead nowhere from here on.
                self._since = ""
                await asyncio.sleep(AGAIN_SECONDS)

    def _begin(self) -> None:
        """From here on nothing is missed; what was told before may have been."""
        self._since, self._count = uuid4().hex, 0
        self._kept.clear()
        for heard in [*self._everything, *(one for some in self._some.values() for one in some)]:
            heard.miss()

    def _pass_on(self, payload: str) -> None:
        self._count += 1
        self._kept.append((self._count, payload))
        for heard in (*self._everything, *self._some.get(payload, ())):
            heard.tell(payload)
