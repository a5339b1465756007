"""Whatever is set, the doctor says what is wrong in one sentence and does not break."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from app.cli import command_line
from app.settings import settings

TWILIO = {"PARLEY_TWILIO_ACCOUNT_SID": "AC1", "PARLEY_TWILIO_AUTH_TOKEN": "é-secret"}


@pytest.mark.parametrize(
    ("given", "row", "state", "says"),
    [
        ({"PARLEY_CHROMA_URL": "http://[bad"}, "knowledge", "broken", "PARLEY_CHROMA_URL is not an address"),
        ({"PARLEY_CHROMA_URL": "http://a.example:port"}, "knowledge", "broken", "PARLEY_CHROMA_URL is not an address"),
        ({"PARLEY_CHROMA_URL": "http://127.0.0.1:1"}, "knowledge", "broken", "no Chroma server answers"),
        ({"PARLEY_DATABASE_URL": "nonsense"}, "database", "broken", "PARLEY_DATABASE_URL"),
        ({"PARLEY_DATABASE_URL": "postgresql://nobody@127.0.0.1:1/x"}, "database", "broken", "does not answer"),
        ({"PARLEY_SMTP_URL": "smtp://u:secret@h:99999"}, "Mail out", "incomplete", "PARLEY_SMTP_URL cannot be read"),
        ({"PARLEY_SMTP_URL": "smtp://[::1 secret"}, "Mail out", "incomplete", "PARLEY_SMTP_URL cannot be read"),
        ({"PARLEY_SENDGRID_KEY": "x-secret"}, "Mail out", "incomplete", "begin with SG."),
        (
            {"PARLEY_SENDGRID_KEY": "SG.secret", "PARLEY_SENDGRID_EVENTS_KEY": "é"},
            "Mail events",
            "incomplete",
            "PARLEY_SENDGRID_EVENTS_KEY cannot be read",
        ),
        (TWILIO, "SMS", "incomplete", "There is no sender"),
        ({"PARLEY_TWILIO_ACCOUNT_SID": "AC1"}, "SMS", "incomplete", "PARLEY_TWILIO_AUTH_TOKEN is not set"),
    ],
)
def test_an_odd_setting_is_said_and_nothing_breaks(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, given: dict[str, str], row: str, state: str, says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    for name, value in (given | {"PARLEY_DATA": str(tmp_path)}).items():
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    try:
        done = CliRunner().invoke(command_line(), ["doctor", "--json"])
    finally:
        settings.cache_clear()
    assert done.exit_code == (1 if state == "broken" else 0), done.exception
    found = {check["name"]: check for check in json.loads(done.stdout)["checks"]}
    assert found[row]["state"] == state
    assert says in found[row]["detail"]
    assert "secret" not in done.stdout
