"""A stand-in in a thread of the test, a door that keeps what is posted to it, and the providers' own SDKs pointed there."""

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import uvicorn
from sendgrid import SendGridAPIClient
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client

from app.standin.application import make_server
from app.standin.faults import Faults
from app.standin.stage import Accounts, Stage


@dataclass
class Posted:
    """A callback as it came in at a door."""

    url: str
    headers: dict[str, str]
    body: bytes


@dataclass
class Doors:
    """Doors that keep everything. `statuses` are what the next requests are answered with, then 200."""

    url: str
    posted: list[Posted] = field(default_factory=list)
    statuses: list[int] = field(default_factory=list)

    def events(self) -> list[dict[str, object]]:
        return [event for one in self.posted if one.url.endswith("/events") for event in json.loads(one.body)]


@dataclass
class Standin:
    url: str
    stage: Stage
    doors: Doors

    def twilio(self, seconds: float = 5.0) -> Client:
        accounts = self.stage.accounts
        there = _There(self.url, seconds)
        return Client(accounts.twilio_account_sid, accounts.twilio_auth_token, http_client=there)

    def sendgrid(self) -> SendGridAPIClient:
        return SendGridAPIClient(self.stage.accounts.sendgrid_key, host=self.url)

    def record(self) -> dict[str, object]:
        answer: dict[str, object] = httpx.get(f"{self.url}/standin/record").json()
        return answer

    def settle(self, seconds: float = 10.0) -> dict[str, object]:
        """The record once everything that was to come has come."""
        wait_until(lambda: self.record()["callbacks_to_come"] == 0, seconds)
        return self.record()


class _There(TwilioHttpClient):
    """Twilio's client, sent elsewhere."""

    def __init__(self, url: str, seconds: float) -> None:
        super().__init__(timeout=seconds)
        self._url = url

    def request(self, method, url, *rest, **named):  # type: ignore[no-untyped-def]
        return super().request(method, url.replace("https://api.twilio.com", self._url), *rest, **named)


def wait_until(is_so: Callable[[], bool], seconds: float = 10.0) -> None:
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, "it did not come to that"
        time.sleep(0.02)


@contextmanager
def running(server: uvicorn.Server) -> Iterator[None]:
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    wait_until(lambda: server.started)
    yield
    server.should_exit = True
    thread.join(timeout=10)


@contextmanager
def open_doors() -> Iterator[Doors]:
    port = _free_port()
    doors = Doors(f"http://127.0.0.1:{port}")

    async def keep(request: Request) -> Response:
        doors.posted.append(Posted(str(request.url), dict(request.headers), await request.body()))
        return Response(status_code=doors.statuses.pop(0) if doors.statuses else 200)

    app = Starlette(routes=[Route("/{path:path}", keep, methods=["POST"])])
    with running(uvicorn.Server(uvicorn.Config(app, port=port, log_level="error", ws="none"))):
        yield doors


@contextmanager
def a_standin(seed: int = 1, **faults: float) -> Iterator[Standin]:
    """A stand-in with these faults, and callbacks within hundredths of a second."""
    with open_doors() as doors:
        stage = Stage(Accounts(doors_url=doors.url), Faults(**{"callback_seconds": 0.02} | faults), seed)  # type: ignore[arg-type]
        port = _free_port()
        with running(make_server(stage, port)):
            yield Standin(f"http://127.0.0.1:{port}", stage, doors)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
