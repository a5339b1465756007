"""Chroma's own server as a child of this process, watched and brought back."""

from __future__ import annotations

import atexit
import json
import logging
import os
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import psutil
from filelock import FileLock

from app.settings import Settings, settings
from knowledge.index import Index
from o2c_core.errors import Outage

log = logging.getLogger("parley.chroma")

_STARTS_MAX = 5
_START_SECONDS_MAX = 30.0
_LOOK_SECONDS = 1.0
_LOG_BYTES_MAX = 5_000_000

# What the command `chroma run` does, without first importing all of Chroma's client: 0.1 s instead of 2 s, and a third
# of the memory. On Linux the child asks to end with the thread that started it, however that ends; the parent may
# already have gone before it could ask.
_CHILD = """
import os, sys
parent, arguments = int(sys.argv[1]), sys.argv[2:]
if sys.platform == "linux":
    import ctypes, signal
    ctypes.CDLL(None, use_errno=True).prctl(1, signal.SIGTERM)
    if os.getppid() != parent:
        sys.exit(1)
import chromadb_rust_bindings
chromadb_rust_bindings.cli(["chroma", "run", *arguments])
"""


class ChromaFailed(Outage):
    """The embedded Chroma server could not be started; its own words are in the file chroma/log of the data folder."""


@dataclass(frozen=True)
class _Running:
    """A server that runs on the folder: which process it is, where it listens, and who watches over it."""

    pid: int
    port: int
    owner: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


class ChromaServer:
    """The server for one data folder, kept running until `stop`.

    Two processes on one folder share one server, since a second one on the same files loses results silently. When
    the process that started it ends, the server ends with it and the other one starts its own.
    """

    def __init__(self) -> None:
        self._folder = Path()
        self._lock = FileLock("")
        self._port: int | None = None
        self._child: subprocess.Popen[bytes] | None = None
        self._running: _Running | None = None
        self._is_mine = False
        self._failed: Exception | None = None
        self._known = threading.Event()
        self._ending = threading.Event()
        self._watcher: threading.Thread | None = None

    def start(self, data: Path) -> str:
        """The URL of the server, once it answers. Raises: ChromaFailed."""
        self.start_in_background(data)
        return self.wait()

    def start_in_background(self, data: Path) -> None:
        """Begins starting and returns at once; `wait` gives the URL."""
        assert self._watcher is None, "this server has been started already"
        self._folder = (data / "chroma").resolve()
        self._folder.mkdir(parents=True, exist_ok=True)
        self._lock = FileLock(self._folder / "lock", timeout=_START_SECONDS_MAX)
        self._watcher = threading.Thread(target=self._watch, name="chroma", daemon=True)
        self._watcher.start()
        atexit.register(self.stop)

    def wait(self, seconds: float = _START_SECONDS_MAX) -> str:
        """The URL as it is now; waits while the server is starting. Raises: ChromaFailed."""
        self._known.wait(seconds)
        running = self._running
        if running is None:
            raise ChromaFailed(cause=repr(self._failed)) from self._failed
        return running.url

    def stop(self) -> None:
        """Ends the server if this process watches over it; one that another process started is left to that one."""
        self._ending.set()
        if self._watcher is not None:
            self._watcher.join(_START_SECONDS_MAX)
            atexit.unregister(self.stop)

    def _watch(self) -> None:
        # The child lives as long as the thread that started it, so this thread starts it and stays.
        starts = 0
        try:
            while not self._ending.is_set() and starts < _STARTS_MAX:
                if starts:
                    log.warning("chroma server ended, starting it again attempt=%s", starts)
                    self._ending.wait(min(_LOOK_SECONDS * 2 ** (starts - 1), 30.0) - _LOOK_SECONDS)
                starts += 1
                try:
                    self._running = self._share_or_start()
                except Exception as failed:
                    self._failed = failed
                    log.warning("chroma server did not start cause=%r", failed)
                    continue
                self._known.set()
                began = time.monotonic()
                self._stay_with(self._running)
                if time.monotonic() - began > 60:
                    starts = 1  # it ran well for a while, so this is a new story
                if not self._ending.is_set():
                    self._known.clear()
                    self._running = None
            if not self._ending.is_set():
                log.error("chroma server given up attempts=%s", starts)
        finally:
            self._known.set()
            self._end_child()

    def _share_or_start(self) -> _Running:
        with self._lock:
            running = _read(self._folder)
            if running is not None and _answers(running.url):
                self._port = running.port
                self._is_mine = not psutil.pid_exists(running.owner)
                if not self._is_mine:
                    return running
                adopted = _Running(running.pid, running.port, os.getpid())
                _write(self._folder, adopted)
                return adopted
            if running is not None:
                _end(running.pid)  # it runs on our files and does not answer
            fresh = self._spawn()
            self._is_mine = True
            _write(self._folder, fresh)
            return fresh

    def _spawn(self) -> _Running:
        port = self._port = _free_port(self._port)
        said = self._folder / "log"
        if said.exists() and said.stat().st_size > _LOG_BYTES_MAX:
            said.replace(said.with_name("log.1"))
        arguments = ["--path", str(self._folder / "index"), "--host", "127.0.0.1", "--port", str(port)]
        with said.open("ab") as words:
            self._child = subprocess.Popen(  # noqa: S603 (our own arguments)
                [sys.executable, "-c", _CHILD, str(os.getpid()), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=words,
                stderr=subprocess.STDOUT,
                cwd=self._folder,
            )
        fresh = _Running(self._child.pid, port, os.getpid())
        until = time.monotonic() + _START_SECONDS_MAX
        while not _answers(fresh.url):
            if self._child.poll() is not None or time.monotonic() > until or self._ending.is_set():
                self._end_child()
                raise ChromaFailed
            time.sleep(0.02)
        return fresh

    def _stay_with(self, running: _Running) -> None:
        """Returns when the server has ended or this is to end."""
        while not self._ending.wait(_LOOK_SECONDS):
            if self._child is not None and self._child.poll() is not None:
                return
            if self._child is None and _read(self._folder) != running:
                return

    def _end_child(self) -> None:
        """Ends the server that this process started or took over, under the lock: another process may be waiting."""
        with self._lock:
            written = _read(self._folder)
            if self._child is not None:
                self._child.terminate()
                try:
                    self._child.wait(5)
                except subprocess.TimeoutExpired:
                    self._child.kill()
                    self._child.wait(5)
                self._child = None
            elif self._is_mine and written is not None and written == self._running:
                _end(written.pid)
            if self._is_mine:
                (self._folder / "server.json").unlink(missing_ok=True)


@contextmanager
def opened_index(chosen: Settings | None = None) -> Iterator[Index]:
    """The index of passages on the server that the settings name, or on one of our own; it may not answer yet."""
    chosen = chosen or settings()
    if chosen.chroma_url is not None:
        with closing(Index(chosen.chroma_url)) as index:
            yield index
        return
    server = ChromaServer()
    server.start_in_background(chosen.data)
    try:
        with closing(Index(lambda: server.wait(10.0))) as index:
            yield index
    finally:
        server.stop()


def _read(folder: Path) -> _Running | None:
    """What runs on this folder according to its file, if that process is still the server it says it is."""
    try:
        written = json.loads((folder / "server.json").read_text())
        running = _Running(int(written["pid"]), int(written["port"]), int(written["owner"]))
        command = psutil.Process(running.pid).cmdline()
    except (OSError, ValueError, KeyError, TypeError, psutil.Error):
        return None
    return running if str(folder / "index") in command else None


def _write(folder: Path, running: _Running) -> None:
    fresh = folder / "server.json.new"
    fresh.write_text(json.dumps({"pid": running.pid, "port": running.port, "owner": running.owner}))
    fresh.replace(folder / "server.json")


def _answers(url: str) -> bool:
    try:
        with urllib.request.urlopen(f"{url}/api/v2/heartbeat", timeout=2) as answer:  # noqa: S310 (our own loopback)
            return bool(answer.status == 200)
    except OSError:
        return False


def _free_port(wanted: int | None) -> int:
    """The port it had before, so that who knows it need not ask again; any free one when that is taken."""
    for port in (wanted or 0, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise ChromaFailed


def _end(pid: int) -> None:
    try:
        process = psutil.Process(pid)
        process.terminate()
        try:
            process.wait(5)
        except psutil.TimeoutExpired:
            process.kill()
            process.wait(5)
    except psutil.NoSuchProcess:
        return
