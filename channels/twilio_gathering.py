"""What arrives while a transaction is under way is kept together in the next one, so that a rush costs few commits."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from starlette.concurrency import run_in_threadpool

from o2c_core.actions.keep_arrivals import Arrived, keep_arrivals
from o2c_core.store.store import Store

# More would make one job of what several workers could share.
TOGETHER_MAX = 20
AT_ONCE_MAX = 3


@dataclass
class _Rush:
    """What waits on one event loop."""

    loop: asyncio.AbstractEventLoop
    waiting: list[tuple[Arrived, asyncio.Future[None]]] = field(default_factory=list)
    running: set[asyncio.Task[None]] = field(default_factory=set)


class Gathering:
    """Keeps arrivals; whoever waits for one is told when it is committed, or what kept it from that.

    A queued job tells the workers by NOTIFY, and PostgreSQL lets transactions that do so commit only one by one; hence
    one commit for many.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._rush: _Rush | None = None

    async def keep(self, arrived: Arrived) -> None:
        """Comes back once it is stored. Raises: what the database said."""
        loop = asyncio.get_running_loop()
        if self._rush is None or self._rush.loop is not loop:
            self._rush = _Rush(loop)
        rush = self._rush
        kept: asyncio.Future[None] = loop.create_future()
        rush.waiting.append((arrived, kept))
        if len(rush.running) < AT_ONCE_MAX:
            task = loop.create_task(self._work(rush))
            rush.running.add(task)
            task.add_done_callback(rush.running.discard)
        await kept

    async def _work(self, rush: _Rush) -> None:
        while rush.waiting:
            together, rush.waiting = rush.waiting[:TOGETHER_MAX], rush.waiting[TOGETHER_MAX:]
            try:
                await run_in_threadpool(keep_arrivals, [arrived for arrived, _ in together], store=self._store)
            except Exception as failure:
                await self._one_by_one(together, failure)
            else:
                for _, kept in together:
                    _tell(kept, None)

    async def _one_by_one(self, together: list[tuple[Arrived, asyncio.Future[None]]], failure: Exception) -> None:
        """One that cannot be kept must not take the others with it."""
        if len(together) == 1:
            return _tell(together[0][1], failure)
        for arrived, kept in together:
            try:
                await run_in_threadpool(keep_arrivals, [arrived], store=self._store)
            except Exception as its_own:
                _tell(kept, its_own)
            else:
                _tell(kept, None)
        return None


def _tell(kept: asyncio.Future[None], failure: Exception | None) -> None:
    if kept.done():
        return  # whoever asked has gone
    if failure is None:
        kept.set_result(None)
    else:
        kept.set_exception(failure)
