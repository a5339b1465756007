"""A house under measurement: its ledger, web application, workers and the stand-in, each a process of its own."""

from __future__ import annotations

import http.client
import json
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from app.bench.turn import BenchFailed
from app.installation import database_url, opened_store
from app.settings import Settings, child_environment
from app.standin.application import settings_for
from app.standin.signing import write_private
from app.standin.stage import Accounts
from o2c_core.store.store import Store

UP_SECONDS_MAX = 120


@dataclass
class HouseUnderMeasurement:
    """A ledger in a temporary folder, and the processes around it. `settings` are those every process is started with."""

    folder: Path
    url: str
    store: Store
    settings: dict[str, str]
    processes: ExitStack = field(default_factory=ExitStack)

    def start(self, *words: str, log: str, **settings: str) -> subprocess.Popen[bytes]:
        """Starts Python with those words; it is ended with the house. What it says on stderr is kept in a file."""
        with (self.folder / f"{log}.log").open("ab") as said:
            process = subprocess.Popen(  # noqa: S603 (this very program)
                [sys.executable, *words],
                env=child_environment(**self.settings | settings),
                stdout=subprocess.DEVNULL,
                stderr=said,
            )
        self.processes.callback(_end, process)
        return process

    def serve(self, port: int) -> subprocess.Popen[bytes]:
        """The real web application, without a worker inside; it answers when this returns.

        Raises: BenchFailed.
        """
        process = self.start("-m", "app", "serve", "--no-worker", log="web", port=str(port))
        self.wait_for(port, "/health", process, "web")
        return process

    def work(self) -> subprocess.Popen[bytes]:
        """A real worker."""
        return self.start("-m", "app", "work", log="workers")

    def stand_in(self, port: int, doors_port: int, *, seed: int, faults: dict[str, float]) -> subprocess.Popen[bytes]:
        """The stand-in for the providers; it answers when this returns.

        Raises: BenchFailed.
        """
        process = self.start(
            "-m", "app.standin", "--port", str(port), "--seed", str(seed), "--faults", json.dumps(faults),
            "--doors", f"http://127.0.0.1:{doors_port}", "--events-key", str(self.folder / "events.pem"), log="standin",
        )  # fmt: skip
        self.wait_for(port, "/standin/record", process, "standin")
        return process

    def wait_for(self, port: int, path: str, process: subprocess.Popen[bytes], log: str) -> None:
        """Waits until something answers there.

        Raises: BenchFailed, with the process's last words.
        """
        give_up_at = time.monotonic() + UP_SECONDS_MAX
        while time.monotonic() < give_up_at and process.poll() is None:
            try:
                get_json(port, path)
                return
            except (OSError, ValueError, http.client.HTTPException):
                pass
            time.sleep(0.1)
        raise BenchFailed(f"The {log} process did not come up. {self.last_words(log)}")

    def last_words(self, log: str) -> str:
        return (self.folder / f"{log}.log").read_text(errors="replace")[-2000:]


def _end(process: subprocess.Popen[bytes]) -> None:
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(timeout=15)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait()


@contextmanager
def house_under_measurement(
    web_port: int, standin_port: int | None = None, **settings: str
) -> Iterator[HouseUnderMeasurement]:
    """A fresh, migrated ledger on an embedded server, and the doors' public address set.

    With a port for the stand-in, messages are sent there; without, they are kept. There is no library: nothing that is
    measured asks for it, and its server would take its share of the machine.
    """
    accounts = Accounts()
    with tempfile.TemporaryDirectory(prefix="parley-bench-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        chosen = Settings(data=folder, _env_file=None)
        with opened_store(chosen) as store:
            url = database_url(chosen)
            given = {
                "data": name,
                "database_url": url,
                "chroma_url": f"http://127.0.0.1:{free_port()}",
                "secret": secrets.token_urlsafe(16),
                "base_url": f"http://127.0.0.1:{web_port}",
                "log_level": "WARNING",
            }
            if standin_port is not None:
                given |= settings_for(accounts, f"http://127.0.0.1:{standin_port}")
            write_private(accounts.events_key, folder / "events.pem")
            house = HouseUnderMeasurement(folder, url, store, given | settings)
            with house.processes:
                yield house


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def get_json(port: int, path: str) -> dict[str, Any]:
    with closing(http.client.HTTPConnection("127.0.0.1", port, timeout=30)) as line:
        line.request("GET", path)
        answer = json.loads(line.getresponse().read())
        return dict(answer)
