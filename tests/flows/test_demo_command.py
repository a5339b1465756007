"""`parley demo` as a newcomer meets it: started, asked, reminded, stopped and started again."""

import json
import re
import shlex
import signal
import socket
import subprocess
import sys
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from http.cookiejar import CookieJar
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from app.demo.stage import next_workday
from app.settings import child_environment

PARLEY = [sys.executable, "-m", "app"]


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def the_demo(data: Path, *options: str) -> Iterator[tuple[str, list[str]]]:
    """A running demo's address and the lines it printed when it was up."""
    port = a_free_port()
    process = subprocess.Popen(
        [*PARLEY, "demo", "--port", str(port), *options], env=child_environment(data=str(data)), stdout=subprocess.PIPE,
        stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    try:
        assert process.stdout is not None
        printed: list[str] = []
        for line in process.stdout:
            printed.append(line.rstrip("\n"))
            if line.startswith("Ctrl-C stops it"):
                break
        assert printed, process.communicate()[1]
        yield f"http://localhost:{port}", printed
    finally:
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=40)
    assert "Traceback" not in err, err


def remind(data: Path, *options: str) -> dict[str, object]:
    command = [
        *PARLEY,
        "remind",
        "--on",
        next_workday(datetime.now(ZoneInfo("Europe/Amsterdam")).date()).isoformat(),
        "--json",
        *options,
    ]
    done = subprocess.run(command, env=child_environment(data=str(data)), capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return dict(json.loads(done.stdout))


# One browser for the test: what it was told to remember, it says again.
BROWSER = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))


def page(address: str) -> str:
    with BROWSER.open(address, timeout=20) as answer:
        return str(answer.read().decode())


def sign_in(address: str, printed: list[str]) -> None:
    """As the admin, with the password that the guide says."""
    [(email, password)] = re.findall(r"^  (dirk@\S+)\s+(\S+)", "\n".join(printed), re.MULTILINE)
    form = urllib.parse.urlencode({"email": email, "password": password}).encode()
    with BROWSER.open(urllib.request.Request(f"{address}/sign-in", form, {"Origin": address}), timeout=20) as answer:
        assert "Dirk" in answer.read().decode()


def letters(address: str) -> int:
    """How many letters the outbox counts."""
    return int(re.findall(r"All \((\d+)\)", page(f"{address}/outbox"))[0])


def ask(address: str, text: str) -> dict[str, object]:
    request = urllib.request.Request(
        f"{address}/api/chat", json.dumps({"text": text}).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=20) as answer:
        return dict(json.loads(answer.read()))


@pytest.fixture(scope="module")
def data(server_folder: Path) -> Path:
    return server_folder / "demo"


def test_the_demo_serves_what_it_says_and_keeps_what_happened(data: Path) -> None:
    with the_demo(data) as (address, printed):
        assert f"  {address}/          the chat: pick a customer to be" in printed
        assert sum(line.strip()[:2] in ("1.", "2.", "3.", "4.", "5.") for line in printed) == 5
        assert "Bakkerij Jansen" in page(f"{address}/?as=C1001")
        assert ask(address, "What are your opening hours?")["identity"] == "stranger"
        sign_in(address, printed)
        before = letters(address)
        # In the night and before a day of rest is over they wait for their hour; else they go out at once.
        first = remind(data)
        assert int(str(first["messages"])) >= 20
        assert int(str(first["sent"])) + int(str(first["waiting"])) == first["messages"]
        drafts = int(str(first["drafts"]))
        assert drafts >= 3, "key accounts are looked at first"
        second = remind(data)
        assert (second["messages"], second["sent"], second["drafts"]) == (0, 0, 0)
        after = letters(address)
        assert after == before + int(str(first["messages"])) + drafts
    with the_demo(data) as (address, _):
        assert letters(address) == after, "a second start keeps the data"
    with the_demo(data, "--fresh") as (address, printed):
        sign_in(address, printed)
        assert letters(address) == before


def test_the_demo_has_a_letter_in_every_state_and_what_a_person_is_to_do(data: Path) -> None:
    with the_demo(data, "--fresh") as (address, printed):
        sign_in(address, printed)
        outbox, tasks = page(f"{address}/outbox"), page(f"{address}/outbox/tasks")
        for state in ("Waiting to be sent", "Delivered", "Failed", "Outcome unknown", "Withdrawn"):
            assert f'">{state}</span>' in outbox
        assert "Nobody knows whether this was sent" in tasks
        assert "An address does not work" in tasks
        told = [line.strip() for line in printed if "parley hear" in line]
    assert len(told) == 4
    done = subprocess.run(
        [*PARLEY, *shlex.split(told[0], comments=True)[1:]], env=child_environment(data=str(data)), capture_output=True, text=True,
        timeout=120,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "Sophie de Wit (C1005): proven" in done.stdout
    assert "By SMS to +31611111111 (answer; kept, not sent):" in done.stdout


def test_a_port_that_is_taken_is_said_in_a_sentence(data: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = subprocess.run(
            [*PARLEY, "demo", "--port", str(port)], env=child_environment(data=str(data)), capture_output=True, text=True,
            timeout=60,
        )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr == f"parley: Port {port} cannot be used (Address already in use); choose another with --port.\n"


@pytest.mark.parametrize(
    ("command", "settings", "sentence"),
    [
        (
            ["remind", "--on", "2026-03-01"],
            {"database_url": "postgresql://u:geheim@127.0.0.1:1/x"},
            "The database does not answer",
        ),
        (
            ["chat"],
            {"database_url": "mysql://u:geheim@h/x"},
            "PARLEY_DATABASE_URL must be the address of a PostgreSQL database",
        ),
        (["serve"], {"port": "eighty"}, "PARLEY_PORT has a value it cannot have"),
        (["report", "nonsense", "--on", "2026-03-01"], {}, "There is no report of that name"),
        (["report", "ageing", "--on", "1 March"], {}, "A day is written as year-month-day"),
        (["bench", "nonsense"], {}, "There is no benchmark of that name"),
    ],
)
def test_what_cannot_be_done_is_one_sentence_and_a_non_zero_exit(
    tmp_path: Path, command: list[str], settings: dict[str, str], sentence: str
) -> None:
    environment = child_environment(**{"data": str(tmp_path), **settings})
    done = subprocess.run([*PARLEY, *command], env=environment, capture_output=True, text=True, timeout=60, input="")
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith(f"parley: {sentence}")
    assert done.stderr.count("\n") == 1
    assert "geheim" not in done.stderr


def test_the_doctor_never_prints_a_secret(tmp_path: Path) -> None:
    environment = child_environment(
        data=str(tmp_path), secret="top-geheim", model="openai:x", model_key="sk-geheim",
        database_url="postgresql://u:geheim@127.0.0.1:1/x", chroma_url="http://127.0.0.1:1",
    )  # fmt: skip
    for options in ([], ["--json"]):
        done = subprocess.run(
            [*PARLEY, "doctor", *options], env=environment, capture_output=True, text=True, timeout=60
        )
        assert done.returncode == 1, "an unreachable database is a broken installation"
        assert "geheim" not in done.stdout + done.stderr
        assert "PARLEY_MODEL_KEY" in done.stdout


def test_help_names_every_command(tmp_path: Path) -> None:
    done = subprocess.run(
        [*PARLEY, "--help"], env=child_environment(data=str(tmp_path)), capture_output=True, text=True, timeout=60
    )
    for command in [
        "demo",
        "serve",
        "work",
        "migrate",
        "import",
        "chat",
        "hear",
        "remind",
        "report",
        "knowledge",
        "train",
        "bench",
        "doctor",
    ]:
        assert f"\n  {command} " in done.stdout
