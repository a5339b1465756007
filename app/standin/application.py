"""The stand-in as one application: both providers, and the doors by which benches and tests look behind the scene."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from app.standin.faults import OddFaults, faults_of
from app.standin.line import Line
from app.standin.sendgrid import SendGrid
from app.standin.signing import public_words
from app.standin.stage import Accounts, Stage
from app.standin.twilio import Twilio


def make_standin(stage: Stage) -> Starlette:
    twilio, sendgrid = Twilio(stage), SendGrid(stage)

    async def record(_: Request) -> JSONResponse:
        return JSONResponse(stage.record.as_json())

    async def change_faults(request: Request) -> JSONResponse:
        try:
            stage.faults = faults_of(await request.json())
        except (OddFaults, ValueError):
            return JSONResponse({"why": OddFaults.__doc__}, 422)
        return JSONResponse({})

    async def say(request: Request) -> JSONResponse:
        said = await request.json()
        return JSONResponse({"sid": await twilio.say(said["from"], said["to"], said["body"])})

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        await stage.postman.stop()

    return Starlette(
        routes=[
            *twilio.routes,
            *sendgrid.routes,
            Route("/standin/record", record),
            Route("/standin/faults", change_faults, methods=["PUT"]),
            Route("/standin/say", say, methods=["POST"]),
        ],
        lifespan=lifespan,
    )


def settings_for(accounts: Accounts, url: str) -> dict[str, str]:
    """The settings with which Parley sends to the stand-in at that address and believes what it posts."""
    return {
        "twilio_account_sid": accounts.twilio_account_sid,
        "twilio_auth_token": accounts.twilio_auth_token,
        "twilio_api_url": url,
        "sendgrid_key": accounts.sendgrid_key,
        "sendgrid_api_url": url,
        "sendgrid_events_key": public_words(accounts.events_key),
    }


def make_server(stage: Stage, port: int, host: str = "127.0.0.1") -> uvicorn.Server:
    """The stand-in on a port; its lines are of a kind that can be cut."""
    config = uvicorn.Config(
        make_standin(stage), host=host, port=port, http=Line, ws="none", log_level="error", access_log=False,
        timeout_graceful_shutdown=1, backlog=4096,
    )  # fmt: skip
    return uvicorn.Server(config)
