"""`parley serve`, `parley work`, `parley migrate` and `parley demo`."""

from __future__ import annotations

import asyncio
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Annotated, Any

import procrastinate
import typer
import uvicorn

from app.application import make_application
from app.container import carriers, patience, pay_providers, readers
from app.demo.bank_file import write_bank_file
from app.demo.colleagues import add_colleagues
from app.demo.stage import TIME_ZONE, set_the_stage, what_to_try
from app.house import opened_house, settle
from app.installation import database_url, doorplate, opened_engine, opened_store
from app.settings import Settings, pass_on, settings
from app.worker import make_worker, run_worker, worker_inside
from bot.turn import House, answer_waiting
from o2c_core.clock import SystemClock, today
from o2c_core.errors import Refused
from o2c_core.store.store import open_store


class PortTaken(Refused):
    """Something else listens on that port; choose another with --port."""


# Its own log handlers would write past ours, which mask what nobody should read there.
UVICORN: dict[str, Any] = {
    "log_level": "warning", "log_config": None, "access_log": False, "timeout_graceful_shutdown": 10,
}  # fmt: skip
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
    with opened_house(chosen) as house:
        settle()
        sys.stderr.write("parley: working; Ctrl-C ends it after the job in hand.\n")
        asyncio.run(run_worker(_worker_of(chosen, house)))


def demo(
    fresh: Annotated[bool, typer.Option("--fresh", help="Forget the demo's data and start over.")] = False,
    port: Port = None,
) -> None:
    """Show Parley with a fictional seller, six months of history, and five things to try."""
    chosen = settings().model_copy(update={"demo": True} | ({"port": port} if port else {}))
    if chosen.base_url is None:
        # Whoever tries it has no other address, and without one there would be no links to pay.
        chosen = chosen.model_copy(update={"base_url": f"http://{_shown(chosen.host)}:{chosen.port}"})
    _check_port(chosen)
    with opened_engine(chosen) as engine:
        set_the_stage(engine, fresh=fresh, is_embedded=chosen.is_embedded_database)
        # The questions are worked out from the ledger while the library is still opening.
        store = open_store(engine, SystemClock())
        add_colleagues(chosen.signing_key(), store=store)
        bank_file = write_bank_file(chosen.data, store=store, today=today(store.clock, TIME_ZONE))
        guide = what_to_try(store, doorplate(chosen), bank_file)
        _serve(chosen, with_worker=True, when_up=lambda: (sys.stdout.write(guide), sys.stdout.flush()))


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

    def __init__(self, config: uvicorn.Config, when_up: Callable[[], object]) -> None:
        super().__init__(config)
        self._when_up = when_up

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started:
            self._when_up()


def _serve(chosen: Settings, *, with_worker: bool, when_up: Callable[[], object] = lambda: None) -> None:
    sys.stderr.write(f"parley: serving on http://{_shown(chosen.host)}:{chosen.port} (Ctrl-C stops)\n")
    if chosen.web_processes > 1:
        _serve_in_processes(chosen, with_worker=with_worker)
        return
    with opened_house(chosen) as house, _worker(chosen, house, with_worker):
        settle()
        config = uvicorn.Config(make_application(house, chosen), host=chosen.host, port=chosen.port, **UVICORN)
        _Server(config, when_up).run()


def _serve_in_processes(chosen: Settings, *, with_worker: bool) -> None:
    """Web processes that share the port; this one watches over them, the databases and the worker."""
    with ExitStack() as doors:
        if with_worker:
            house = doors.enter_context(opened_house(chosen))
            doors.enter_context(worker_inside(_worker_of(chosen, house)))
        else:
            doors.enter_context(opened_store(chosen))
        pass_on(chosen)
        uvicorn.run(
            "app.web_process:application", factory=True, host=chosen.host, port=chosen.port,
            workers=chosen.web_processes, **UVICORN,
        )  # fmt: skip


def _worker_of(chosen: Settings, house: House) -> procrastinate.App:
    """The worker that carries out every job there is, also answering."""
    return make_worker(
        database_url(chosen), house.store, carriers(chosen), doorplate=house.doorplate,
        readers=readers(chosen, house.store), answer=lambda message_id: answer_waiting(message_id, house),
        patience=patience(chosen), may_call_private=chosen.webhooks_private,
        pay_providers=pay_providers(chosen, house.store.clock),
    )  # fmt: skip


@contextmanager
def _worker(chosen: Settings, house: House, wanted: bool) -> Iterator[None]:
    if not wanted:
        yield
        return
    with worker_inside(_worker_of(chosen, house)):
        yield
