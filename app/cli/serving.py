"""`parley serve`, `parley work`, `parley migrate` and `parley demo`."""

from __future__ import annotations

import asyncio
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

import typer
import uvicorn

from app.application import make_application
from app.container import carriers, database_url, opened_engine
from app.demo.stage import set_the_stage, what_to_try
from app.house import opened_house
from app.settings import Settings, settings
from app.worker import make_worker, run_worker, worker_inside
from o2c_core.clock import SystemClock
from o2c_core.errors import Refused
from o2c_core.store.migrate import migrate
from o2c_core.store.store import open_store


class PortTaken(Refused):
    """Something else listens on that port; choose another with --port."""


Port = Annotated[int | None, typer.Option(help="Port to listen on.", min=1, max=65535)]


def serve(
    no_worker: Annotated[bool, typer.Option("--no-worker", help="Leave the jobs to `parley work` elsewhere.")] = False,
    port: Port = None,
) -> None:
    """Serve the web application, with a worker inside."""
    chosen = settings() if port is None else settings().model_copy(update={"port": port})
    _check_port(chosen)
    _serve(chosen, with_worker=not no_worker)


def work() -> None:
    """Carry out jobs: a worker alone, as many as you like."""
    chosen = settings()
    with opened_engine(chosen) as engine:
        migrate(engine)
        store = open_store(engine, SystemClock())
        sys.stderr.write("parley: working; Ctrl-C ends it after the job in hand.\n")
        asyncio.run(run_worker(make_worker(database_url(chosen), store, carriers())))


def migrate_database() -> None:
    """Bring the database to the newest schema."""
    with opened_engine(settings()) as engine:
        carried_out = migrate(engine)
    for name in carried_out:
        sys.stdout.write(f"migrated: {name}\n")
    sys.stdout.write(
        "The schema is the newest.\n" if not carried_out else f"{len(carried_out)} migrations carried out.\n"
    )


def demo(
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the demo's data and start over.")] = False,
    port: Port = None,
) -> None:
    """Show Parley with a fictional seller, six months of history, and five things to try."""
    chosen = settings().model_copy(update={"demo": True} | ({"port": port} if port else {}))
    _check_port(chosen)
    with opened_engine(chosen) as engine:
        set_the_stage(engine, fresh=fresh, is_embedded=chosen.is_embedded_database)
        # The questions are worked out from the ledger while the library is still opening.
        guide = what_to_try(open_store(engine, SystemClock()), f"http://{_shown(chosen.host)}:{chosen.port}")
        _serve(chosen, with_worker=True, when_up=lambda: sys.stdout.write(guide))


def _shown(host: str) -> str:
    return "localhost" if host in ("127.0.0.1", "0.0.0.0", "::") else host  # noqa: S104 (only compared with)


def _check_port(chosen: Settings) -> None:
    """Raises: PortTaken, before anything slow is started."""
    family = socket.AF_INET6 if ":" in chosen.host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((chosen.host, chosen.port))
        except OSError as taken:
            raise PortTaken(
                f"Port {chosen.port} cannot be used ({taken.strerror}); choose another with --port."
            ) from taken


class _Server(uvicorn.Server):
    """Tells when it is ready to answer."""

    def __init__(self, config: uvicorn.Config) -> None:
        super().__init__(config)
        self.is_up = threading.Event()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self.is_up.set()


def _serve(chosen: Settings, *, with_worker: bool, when_up: object = None) -> None:
    with opened_house(chosen, wait_for_library=when_up is not None) as house:
        config = uvicorn.Config(
            make_application(house, chosen), host=chosen.host, port=chosen.port, log_level="warning", access_log=False,
            timeout_graceful_shutdown=10,
        )  # fmt: skip
        server = _Server(config)
        sys.stderr.write(f"parley: serving on http://{_shown(chosen.host)}:{chosen.port} (Ctrl-C stops)\n")
        if callable(when_up):
            threading.Thread(target=lambda: server.is_up.wait(60) and when_up(), daemon=True).start()
        with _worker(chosen, house.store, with_worker):
            server.run()


@contextmanager
def _worker(chosen: Settings, store: object, wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    with worker_inside(make_worker(database_url(chosen), store, carriers())):  # type: ignore[arg-type]
        yield
