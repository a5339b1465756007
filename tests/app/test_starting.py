"""A command begins at once: what it has no use for is not loaded, and the list of commands loads none of them."""

from __future__ import annotations

import subprocess
import sys

import pytest
from typer.main import get_command

from app.cli import COMMANDS, command_line, overview

_SAYS_WHAT_IT_LOADED = """
import sys
from app.cli import command_line, overview
{call}
print(*sorted({{name.partition(".")[0] for name in sys.modules}}))
"""
HEAVY = {
    "alembic", "chromadb", "dateparser", "fastapi", "httpx", "langchain", "langchain_core", "numpy", "openai", "psycopg",
    "sendgrid", "sklearn", "sqlalchemy", "twilio",
}  # fmt: skip
# What any question to the ledger takes.
OF_THE_LEDGER = {"psycopg", "sqlalchemy"}


@pytest.mark.parametrize(
    ("call", "loads"),
    [
        ("overview()", set()),
        ("command_line('why')", OF_THE_LEDGER),
    ],
)
def test_only_what_is_needed_is_loaded(call: str, loads: set[str]) -> None:
    code = _SAYS_WHAT_IT_LOADED.format(call=call)
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert set(done.stdout.split()) & HEAVY <= loads


def test_the_list_says_of_every_command_what_the_command_says_of_itself() -> None:
    listed, real = get_command(overview()), get_command(command_line())
    assert list(listed.commands) == list(COMMANDS)  # type: ignore[attr-defined]
    for name, command in listed.commands.items():  # type: ignore[attr-defined]
        own = " ".join((real.commands[name].help or "").split())  # type: ignore[attr-defined]
        assert own.startswith(command.help), name
