"""One of several web processes: opens a house of its own and closes it when the server stops."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import ExitStack, asynccontextmanager

from fastapi import FastAPI

from app.application import make_application
from app.house import opened_house, settle
from app.logs import set_up_logs
from app.settings import settings


def application() -> FastAPI:
    """The application, with everything behind it open."""
    chosen = settings()
    set_up_logs(chosen.log_level)
    doors = ExitStack()
    house = doors.enter_context(opened_house(chosen))
    settle()

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        with doors:
            yield

    app = make_application(house, chosen)
    app.router.lifespan_context = lifespan
    return app
