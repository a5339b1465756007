"""How long a whole turn takes over HTTP, message and reply stored, with the embedded model."""

from __future__ import annotations

import http.client
import json
import os
import secrets
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path

import psutil
from sqlalchemy import func, select

from app.demo import cast
from app.demo.stage import set_the_stage
from app.installation import opened_engine
from app.settings import Settings, child_environment
from channels.web_chat import ChatTokens, Session
from o2c_core.clock import SystemClock
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.errors import Outage
from o2c_core.store.store import Store, open_store

QUESTIONS = {
    "nl": (
        "Waar is mijn laatste bestelling?",
        "Wat moet ik nog betalen?",
        "Welke facturen staan nog open?",
        "Bedankt!",
    ),
    "en": (
        "Where is my last order?",
        "How much do I owe you?",
        "Which invoices are still open?",
        "Is my invoice paid?",
    ),
}
CUSTOMERS = {"nl": (cast.BAKKERIJ_JANSEN, cast.SOPHIE_DE_WIT), "en": (cast.HART_AND_SONS, cast.GREENFIELD)}


class BenchFailed(Outage):
    """The server under measurement did not come up or answered something else than asked."""


@dataclass(frozen=True)
class TurnFigures:
    """Milliseconds per turn with one client, turns per second with several; `floor` is a request that does next to nothing."""

    turns: int
    p50_ms: float
    p95_ms: float
    floor_p50_ms: float
    clients: int
    turns_per_second: float
    concurrent_p50_ms: float
    concurrent_p95_ms: float
    server_mb: float
    web_processes: int
    cores: int


def measure_turns(*, turns: int = 400, clients: int = 8, seconds: float = 15.0, processes: int = 1) -> TurnFigures:
    """Starts `parley serve` on a fresh demo ledger in a temporary folder and asks it questions as four customers.

    Raises: BenchFailed.
    """
    with tempfile.TemporaryDirectory(prefix="parley-bench-") as folder:
        chosen = Settings(data=Path(folder), secret=secrets.token_urlsafe(16), _env_file=None)
        with opened_engine(chosen) as engine:
            set_the_stage(engine, fresh=False, is_embedded=True)
            store = open_store(engine, SystemClock())
            asked = _questions(store, ChatTokens(chosen.signing_key()))
            port = _free_port()
            process = _serve(folder, port, chosen.signing_key(), processes)
            try:
                _wait(port, process)
                return _measure(port, process, store, asked, turns, clients, seconds, processes)
            finally:
                process.terminate()
                process.wait(timeout=20)


def _measure(
    port: int, process: subprocess.Popen[bytes], store: Store, asked: list[tuple[str, str]], turns: int, clients: int,
    seconds: float, processes: int,
) -> TurnFigures:  # fmt: skip
    _ask_all(port, list(islice(cycle(asked), 40)))  # warm
    before = _stored(store)
    alone = _ask_all(port, list(islice(cycle(asked), turns)))
    floor = _time_health(port, 200)
    until = time.perf_counter() + seconds
    began = time.perf_counter()
    with ThreadPoolExecutor(clients) as pool:
        together = [
            taken for some in pool.map(lambda _: _ask_until(port, asked, until), range(clients)) for taken in some
        ]
    elapsed = time.perf_counter() - began
    if _stored(store) - before != 2 * (len(alone) + len(together)):
        raise BenchFailed("Not every message and reply was stored.")
    return TurnFigures(
        turns=len(alone),
        p50_ms=_quantile(alone, 50),
        p95_ms=_quantile(alone, 95),
        floor_p50_ms=_quantile(floor, 50),
        clients=clients,
        turns_per_second=round(len(together) / elapsed, 1),
        concurrent_p50_ms=_quantile(together, 50),
        concurrent_p95_ms=_quantile(together, 95),
        server_mb=_memory(process.pid),
        web_processes=processes,
        cores=os.cpu_count() or 1,
    )


def _quantile(seconds: list[float], percent: int) -> float:
    return round(statistics.quantiles(seconds, n=100, method="inclusive")[percent - 1] * 1000, 1)


def _questions(store: Store, tokens: ChatTokens) -> list[tuple[str, str]]:
    """(authorization, text) pairs, every customer with every question of their language; each turn is a fresh conversation."""
    with store.session() as session:
        people = {one.ref: one for one in session.scalars(select(Customer))}
    return [
        (tokens.sign(Session(people[ref].seller_id, people[ref].id)), text)
        for language, texts in QUESTIONS.items()
        for text in texts
        for ref in CUSTOMERS[language]
    ]


def _stored(store: Store) -> int:
    with store.session() as session:
        query = select(func.count()).select_from(Message).where(Message.channel == "chat")
        return int(session.execute(query).scalar_one())


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _serve(folder: str, port: int, key: str, processes: int) -> subprocess.Popen[bytes]:
    environment = child_environment(
        data=folder, port=str(port), secret=key, log_level="WARNING", web_processes=str(processes)
    )
    return subprocess.Popen([sys.executable, "-m", "app", "serve"], env=environment, stderr=subprocess.DEVNULL)


def _wait(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        if process.poll() is not None:
            break
        try:
            with closing(_line(port)) as line:
                if _get(line, "/health").get("knowledge") == "ok":
                    return
        except (OSError, http.client.HTTPException):
            pass
        time.sleep(0.2)
    raise BenchFailed


def _get(connection: http.client.HTTPConnection, path: str) -> dict[str, object]:
    connection.request("GET", path)
    answer = json.loads(connection.getresponse().read())
    return dict(answer)


def _ask(connection: http.client.HTTPConnection, token: str, text: str) -> float:
    body = json.dumps({"text": text})
    began = time.perf_counter()
    connection.request(
        "POST", "/api/chat", body, {"Content-Type": "application/json", "Authorization": f"Bearer {token}"}
    )
    answer = connection.getresponse()
    said = json.loads(answer.read())
    taken = time.perf_counter() - began
    if answer.status != 200 or not said["reply"]:
        raise BenchFailed
    return taken


def _ask_all(port: int, asked: list[tuple[str, str]]) -> list[float]:
    with closing(_line(port)) as line:
        return [_ask(line, token, text) for token, text in asked]


def _ask_until(port: int, asked: list[tuple[str, str]], until: float) -> list[float]:
    taken: list[float] = []
    with closing(_line(port)) as line:
        for token, text in cycle(asked):
            if time.perf_counter() >= until:
                break
            taken.append(_ask(line, token, text))
    return taken


def _time_health(port: int, times: int) -> list[float]:
    taken = []
    with closing(_line(port)) as line:
        for _ in range(times):
            began = time.perf_counter()
            _get(line, "/health")
            taken.append(time.perf_counter() - began)
    return taken


def _line(port: int) -> http.client.HTTPConnection:
    return http.client.HTTPConnection("127.0.0.1", port, timeout=30)


def _memory(pid: int) -> float:
    """Resident memory of the server's processes, in MB, without PostgreSQL's and Chroma's own."""
    server = psutil.Process(pid)
    helpers = [child for child in server.children(recursive=True) if "chroma" not in " ".join(child.cmdline())]
    family = [server, *(child for child in helpers if "python" in child.name())]
    return float(round(sum(one.memory_info().rss for one in family) / 2**20))
