"""Posting callbacks to the doors as providers do: sometimes twice, out of order, late, or not at all."""

from __future__ import annotations

import asyncio
import random
import re
from collections.abc import Awaitable, Callable, Sequence
from typing import TypeVar

import httpx

from app.standin.faults import Faults
from app.standin.record import Record

W = TypeVar("W")
AT_ONCE_MAX = 16
# Source: twilio.com/docs/usage/webhooks/webhooks-connection-overrides (what counts unless the address says otherwise)
_TRIES_AGAIN = 1


def moments(words: Sequence[W], faults: Faults, thrown: random.Random) -> list[tuple[float, W, str]]:
    """When each word is posted, in seconds from now, and what is odd about that ("" when nothing is)."""
    usual = [faults.callback_seconds * (place + 0.5 + thrown.random()) for place in range(1, len(words) + 1)]
    odd = [""] * len(words)
    for place in range(len(words) - 1):
        if thrown.random() < faults.callback_swapped:
            usual[place], usual[place + 1] = usual[place + 1], usual[place]
            odd[place] = "swapped"
    posted: list[tuple[float, W, str]] = []
    for word, at, oddity in zip(words, usual, odd, strict=True):
        if thrown.random() < faults.callback_lost:
            posted.append((at, word, "lost"))
            continue
        late = faults.late_seconds if thrown.random() < faults.callback_late else 0.0
        posted.append((at + late, word, "late" if late else oddity))
        if thrown.random() < faults.callback_twice:
            posted.append((at + late + faults.callback_seconds * thrown.random() * 3, word, "twice"))
    return sorted(posted, key=lambda one: one[0])


class Postman:
    """Carries callbacks to the doors, a few at a time, each at its moment."""

    def __init__(self, record: Record) -> None:
        self._record = record
        self._client = httpx.AsyncClient(timeout=15, limits=httpx.Limits(max_connections=AT_ONCE_MAX))
        self._few = asyncio.Semaphore(AT_ONCE_MAX)
        self._under_way: set[asyncio.Task[None]] = set()

    def later(self, seconds: float, do: Callable[[], Awaitable[None]]) -> None:
        """Does that so many seconds from now, while the stand-in runs."""
        self._record.to_come += 1
        task = asyncio.create_task(self._at_its_moment(seconds, do))
        self._under_way.add(task)
        task.add_done_callback(self._under_way.discard)

    async def _at_its_moment(self, seconds: float, do: Callable[[], Awaitable[None]]) -> None:
        try:
            await asyncio.sleep(seconds)
            await do()
        finally:
            self._record.to_come -= 1

    async def post(self, url: str, body: bytes, headers: dict[str, str]) -> int | None:
        """The door's status; None when nobody opened."""
        async with self._few:
            try:
                answer = await self._client.post(url.partition("#")[0], content=body, headers=headers)
            except httpx.HTTPError:
                return None
        return answer.status_code

    async def post_as_asked(self, url: str, body: bytes, headers: dict[str, str]) -> None:
        """Posts, and again as the address's fragment asks for: `#rc=3&rp=all` is up to three times more, whatever failed."""
        again = re.search(r"#(?:.*&)?rc=(\d)", url)
        on_all = re.search(r"#(?:.*&)?rp=(?:[\w,]*,)?(?:all|5xx)", url)
        for wait in (*(2.0**n / 2 for n in range(int(again[1]) if again else _TRIES_AGAIN)), None):
            status = await self.post(url, body, headers)
            self._record.callbacks["nobody there" if status is None else f"status {status}"] += 1
            failed = status is None or (status >= 500 and on_all is not None)
            if not failed or wait is None:
                return
            await asyncio.sleep(wait)

    async def post_until_taken(self, url: str, body: bytes, headers: dict[str, str]) -> None:
        """Posts until the door says yes, with growing gaps, as SendGrid does for a day (here: for a minute)."""
        for wait in (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, None):
            status = await self.post(url, body, headers)
            self._record.callbacks["nobody there" if status is None else f"status {status}"] += 1
            if (status is not None and 200 <= status < 300) or wait is None:
                return
            await asyncio.sleep(wait)

    async def stop(self) -> None:
        for task in list(self._under_way):
            task.cancel()
        await self._client.aclose()
