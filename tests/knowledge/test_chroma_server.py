"""One Chroma server runs on a data folder: watched, brought back, shared, and never left behind."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.request import urlopen

import psutil
import pytest

from app.chroma_server import ChromaFailed, ChromaServer

OTHER_PROCESS = """
import sys, time
from pathlib import Path
from app.chroma_server import ChromaServer
print(ChromaServer().start(Path(sys.argv[1])), flush=True)
time.sleep(60)
"""


@pytest.fixture
def server() -> Iterator[ChromaServer]:
    server = ChromaServer()
    yield server
    server.stop()


@pytest.fixture
def elsewhere(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another Parley process on the same folder; it has started the server when this is handed over."""
    other = subprocess.Popen(
        [sys.executable, "-c", OTHER_PROCESS, str(tmp_path)],
        stdout=subprocess.PIPE,
        text=True,
        cwd=Path(__file__).parents[2],
    )
    assert other.stdout is not None
    other.url = other.stdout.readline().strip()  # type: ignore[attr-defined]
    yield other
    other.kill()
    other.wait()
    other.stdout.close()


def _answers(url: str) -> bool:
    try:
        with urlopen(f"{url}/api/v2/heartbeat", timeout=2) as answer:
            return bool(answer.status == 200)
    except OSError:
        return False


def _within(seconds: float, happens: Callable[[], bool]) -> bool:
    until = time.monotonic() + seconds
    while not happens():
        if time.monotonic() > until:
            return False
        time.sleep(0.05)
    return True


def _pid(data: Path) -> int:
    return int(json.loads((data / "chroma" / "server.json").read_text())["pid"])


def _on(data: Path) -> list[int]:
    """The servers that run on this folder, whoever started them."""
    found = []
    for process in psutil.process_iter():
        try:
            if str((data / "chroma" / "index").resolve()) in process.cmdline():
                found.append(process.pid)
        except psutil.Error:
            continue
    return found


def test_it_listens_on_loopback_only_and_ends_when_it_is_stopped(server: ChromaServer, tmp_path: Path) -> None:
    url = server.start(tmp_path)
    assert url.startswith("http://127.0.0.1:")
    assert {one.laddr.ip for one in psutil.Process(_pid(tmp_path)).net_connections() if one.status == "LISTEN"} == {
        "127.0.0.1"
    }
    server.stop()
    assert not _answers(url)
    assert _on(tmp_path) == []
    assert (tmp_path / "chroma" / "log").stat().st_size > 0


def test_starting_does_not_hold_up_who_starts_it(server: ChromaServer, tmp_path: Path) -> None:
    began = time.monotonic()
    server.start_in_background(tmp_path)
    assert time.monotonic() - began < 0.05
    assert _answers(server.wait())


def test_a_server_that_dies_comes_back_at_the_same_address(server: ChromaServer, tmp_path: Path) -> None:
    url = server.start(tmp_path)
    died = _pid(tmp_path)
    os.kill(died, signal.SIGKILL)
    assert _within(
        10, lambda: (tmp_path / "chroma" / "server.json").exists() and _pid(tmp_path) != died and _answers(url)
    )
    assert server.wait() == url
    assert len(_on(tmp_path)) == 1


def test_a_server_that_cannot_start_is_an_outage(
    server: ChromaServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.chroma_server._CHILD", "raise SystemExit(3)")
    monkeypatch.setattr("app.chroma_server._STARTS_MAX", 2)
    with pytest.raises(ChromaFailed):
        server.start(tmp_path)


def test_it_ends_with_a_process_that_is_killed(elsewhere: subprocess.Popen[str], tmp_path: Path) -> None:
    assert len(_on(tmp_path)) == 1
    elsewhere.kill()
    # Elsewhere than on Linux the next process that starts takes it over.
    assert _within(5, lambda: _on(tmp_path) == []) or sys.platform != "linux"


def test_a_second_process_shares_it_and_starts_its_own_when_the_first_is_gone(
    server: ChromaServer, elsewhere: subprocess.Popen[str], tmp_path: Path
) -> None:
    theirs = elsewhere.url  # type: ignore[attr-defined]
    assert server.start(tmp_path) == theirs
    assert len(_on(tmp_path)) == 1
    elsewhere.terminate()
    elsewhere.wait()
    assert _within(10, lambda: _on(tmp_path) != [] and _answers(server.wait()))
    assert len(_on(tmp_path)) == 1


def test_stopping_leaves_alone_what_another_process_started(elsewhere: subprocess.Popen[str], tmp_path: Path) -> None:
    second = ChromaServer()
    url = second.start(tmp_path)
    second.stop()
    assert _answers(url)
    assert len(_on(tmp_path)) == 1


def test_a_file_that_names_a_process_of_another_kind_is_not_believed(server: ChromaServer, tmp_path: Path) -> None:
    folder = tmp_path / "chroma"
    folder.mkdir()
    (folder / "server.json").write_text(json.dumps({"pid": os.getpid(), "port": 9, "owner": os.getpid()}))
    assert _answers(server.start(tmp_path))
    assert _pid(tmp_path) != os.getpid()
