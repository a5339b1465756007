"""How long it takes from a customer's message that needs a person to the open desks, with many chats and desks open."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import statistics
import subprocess
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from typing import Any

import psutil
from sqlalchemy import select

from app.bench.channels_house import free_port, house_under_measurement
from app.bench.desk_book import signed_in
from app.bench.turn import BenchFailed
from app.demo import cast
from app.demo.stage import set_the_stage
from app.settings import Settings
from channels.web_chat import ChatTokens, Session
from o2c_core.customers.customer import Customer
from o2c_core.store.store import Store
from web.desk.door import COOKIE

CHATS, DESKS = 200, 20
PERSON = "Ik wil een medewerker spreken"
QUESTIONS = ("Waar is mijn laatste bestelling?", "Wat moet ik nog betalen?", "Welke facturen staan nog open?")
# How many messages a second all chats write together, and every which of them needs a person.
PACE, EVERY = 3.0, 3
WAITED_SECONDS_MAX = 20.0
WITHIN_MS = 2_000.0


@dataclass(frozen=True)
class LiveFigures:
    """Units: milliseconds, MB. From sending the message to the event on a desk, over every message and desk; and to the
    rows, fetched as a page does, on every desk. `answered` is how long the assistant's answer took meanwhile."""

    chats: int
    desks: int
    messages: int
    calls: int
    to_desk_p50_ms: float
    to_desk_p95_ms: float
    to_rows_p50_ms: float
    to_rows_p95_ms: float
    answered_p50_ms: float
    answered_p95_ms: float
    missed: int
    server_rss_mb: float
    server_pss_mb: float
    web_processes: int
    cores: int

    @property
    def is_kept(self) -> bool:
        """Every desk heard of every call, and nearly all within two seconds."""
        return self.missed == 0 and self.to_desk_p95_ms <= WITHIN_MS


@dataclass
class _Desk:
    """An open page: when it heard of each conversation, and when it had its row."""

    key: str
    heard: dict[str, float] = field(default_factory=dict)
    shown: dict[str, float] = field(default_factory=dict)


def measure_live(*, seconds: float = 40.0, processes: int = 1) -> LiveFigures:
    """Starts `parley serve` on a fresh demo ledger, opens the streams, and lets the chats write to the real assistant.

    Raises: BenchFailed.
    """
    port = free_port()
    with house_under_measurement(port, web_processes=str(processes)) as house:
        set_the_stage(house.store.engine, fresh=False, is_embedded=True)
        chosen = Settings(secret=house.settings["secret"], _env_file=None)
        signs = ChatTokens(chosen.signing_key())
        tokens = _tokens(house.store, signs)
        desks = [_Desk(signed_in(house.store, f"Desk{number}")) for number in range(DESKS)]
        server = house.serve(port)
        return asyncio.run(_measure(port, server, signs, tokens, desks, seconds, processes))


def _tokens(store: Store, tokens: ChatTokens) -> list[str]:
    with store.session() as session:
        customers = session.scalars(
            select(Customer).where(Customer.ref.in_([cast.BAKKERIJ_JANSEN, cast.SOPHIE_DE_WIT]))
        ).all()
    return [
        tokens.sign(Session(customers[at % len(customers)].seller_id, customers[at % len(customers)].id))
        for at in range(CHATS)
    ]


async def _measure(
    port: int, server: subprocess.Popen[bytes], signs: ChatTokens, tokens: list[str], desks: list[_Desk], seconds: float,
    processes: int,
) -> LiveFigures:  # fmt: skip
    few = asyncio.Semaphore(4)

    async def begin(token: str) -> str:
        async with few:
            return str((await _ask(port, token, QUESTIONS[1]))["session"])

    going_on = list(await asyncio.gather(*(begin(token) for token in tokens)))
    streams = [asyncio.create_task(_chat(port, token)) for token in going_on]
    streams += [asyncio.create_task(_desk(port, desk)) for desk in desks]
    await asyncio.sleep(2)
    began: dict[str, float] = {}
    answered: list[float] = []
    writing: list[asyncio.Task[None]] = []

    async def write(at: int) -> None:
        needs_person = at % EVERY == 0
        sent = time.perf_counter()
        said = await _ask(port, going_on[at % CHATS], PERSON if needs_person else QUESTIONS[at % len(QUESTIONS)])
        answered.append(time.perf_counter() - sent)
        if needs_person:
            began[str(signs.read(str(said["session"])).conversation_id)] = sent

    until, at = time.perf_counter() + seconds, 0
    while time.perf_counter() < until and at < CHATS:
        writing.append(asyncio.create_task(write(at)))
        at += 1
        await asyncio.sleep(1 / PACE)
    await asyncio.gather(*writing)
    memory = _memory(server.pid)
    give_up = time.perf_counter() + WAITED_SECONDS_MAX
    while time.perf_counter() < give_up and any(key not in desk.shown for desk in desks for key in began):
        await asyncio.sleep(0.1)
    for stream in streams:
        if stream.done():
            stream.result()
        stream.cancel()
    await asyncio.gather(*streams, return_exceptions=True)
    to_desk = [desk.heard[key] - sent for desk in desks for key, sent in began.items() if key in desk.heard]
    to_rows = [desk.shown[key] - sent for desk in desks for key, sent in began.items() if key in desk.shown]
    if not to_desk or not to_rows:
        raise BenchFailed("No desk heard of anything.")
    return LiveFigures(
        CHATS, DESKS, len(answered), len(began),
        _quantile(to_desk, 50), _quantile(to_desk, 95), _quantile(to_rows, 50), _quantile(to_rows, 95),
        _quantile(answered, 50), _quantile(answered, 95), len(began) * len(desks) - len(to_desk), *memory, processes,
        os.cpu_count() or 1,
    )  # fmt: skip


async def _desk(port: int, desk: _Desk) -> None:
    """One open inbox: hears what changed and fetches the rows of it, as its page does."""
    cookie = {"Cookie": f"{COOKIE}={desk.key}"}
    wanted: set[str] = set()
    is_new = asyncio.Event()

    async def fetch() -> None:
        while True:
            await is_new.wait()
            is_new.clear()
            keys = list(wanted)
            wanted.clear()
            await _request(port, "GET", f"/inbox/rows?ids={','.join(keys)}", cookie)
            now = time.perf_counter()
            for key in keys:
                desk.shown.setdefault(key, now)

    fetching = asyncio.create_task(fetch())
    try:
        async for data in _stream(port, "/inbox/live", cookie):
            now = time.perf_counter()
            for key in data.get("in", ()):
                desk.heard.setdefault(key, now)
                wanted.add(key)
            if wanted:
                is_new.set()
    finally:
        fetching.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await fetching


async def _chat(port: int, token: str) -> None:
    async for _ in _stream(port, "/api/chat/live", {"Authorization": f"Bearer {token}"}):
        pass


async def _ask(port: int, token: str, text: str) -> dict[str, Any]:
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    answer = json.loads(await _request(port, "POST", "/api/chat", headers, json.dumps({"text": text})))
    return dict(answer)


async def _request(port: int, method: str, path: str, headers: dict[str, str], body: str = "") -> str:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(_head(method, path, headers | {"Connection": "close"}, body))
        status = await reader.readline()
        while (await reader.readline()).strip():
            pass
        said = (await reader.read()).decode()
    finally:
        writer.close()
    if b" 200 " not in status:
        raise BenchFailed(f"{method} {path} answered {status.decode().strip()}.")
    return said


async def _stream(port: int, path: str, headers: dict[str, str]) -> AsyncIterator[dict[str, Any]]:
    """The data of every event, for as long as somebody listens."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        writer.write(_head("GET", path, headers | {"Accept": "text/event-stream"}))
        status = await reader.readline()
        if b" 200 " not in status:
            raise BenchFailed(f"{path} answered {status.decode().strip()}.")
        while line := await reader.readline():
            if line.startswith(b"data: "):
                yield json.loads(line[6:])
    finally:
        writer.close()


def _head(method: str, path: str, headers: dict[str, str], body: str = "") -> bytes:
    lines = {"Host": "127.0.0.1", "Content-Length": str(len(body.encode()))} | headers
    named = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
    return f"{method} {path} HTTP/1.1\r\n{named}\r\n{body}".encode()


def _memory(pid: int) -> tuple[float, float]:
    """Resident and proportional memory of the server's own processes, without PostgreSQL's and Chroma's."""
    server = psutil.Process(pid)
    family = [server, *(child for child in server.children(recursive=True) if "python" in child.name())]
    found = [one.memory_full_info() for one in family]
    return (round(sum(one.rss for one in found) / 2**20), round(sum(one.pss for one in found) / 2**20))


def _quantile(seconds: list[float], percent: int) -> float:
    return round(statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1] * 1000, 1)
