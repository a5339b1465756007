"""The arrows of the house are guarded by a machine, and each guard bites when it is broken."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PACKAGES = ("app", "web", "bot", "channels", "knowledge", "o2c_core")

BREAKS = [
    ("o2c_core/money.py", "import knowledge.gaps", "app > web | bot | channels > knowledge > o2c_core"),
    ("web/__init__.py", "import bot.facts", "app > web | bot | channels > knowledge > o2c_core"),
    ("channels/captured.py", "import knowledge.gaps", "only the bot (and the app) read the library"),
    ("o2c_core/customers/seller.py", "import o2c_core.invoices.invoice", "inside o2c_core"),
    ("bot/facts.py", "import langchain.agents", "LangChain only in"),
    ("bot/proposals.py", "import langchain_core.messages", "LangChain only in"),
    ("bot/tools/orders.py", "import langgraph.graph", "LangChain only in"),
    ("bot/assistant.py", "import langgraph.graph", "LangChain only in"),
    ("bot/model/provider.py", "import openai", "LangChain only in"),
    ("knowledge/passages.py", "import langchain_core.documents", "LangChain only in"),
    ("bot/turn.py", "import chromadb", "Chroma only in"),
    ("knowledge/search.py", "import chromadb", "Chroma only in"),
    ("app/container.py", "import stripe", "Stripe and Mollie only in"),
    ("channels/stripe_payments.py", "import mollie", "Stripe and Mollie only in"),
    ("o2c_core/clock.py", "import fastapi", "the core and the bot know no web framework"),
]


def _lint(folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [str(Path(sys.executable).with_name("lint-imports")), "--no-cache"], cwd=folder, capture_output=True, text=True,
        env={"PYTHONPATH": str(folder), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip


@pytest.mark.parametrize(("file", "line", "contract"), BREAKS)
def test_a_contract_that_is_broken_is_noticed(tmp_path: Path, file: str, line: str, contract: str) -> None:
    for package in PACKAGES:
        shutil.copytree(
            ROOT / package, tmp_path / package, ignore=shutil.ignore_patterns("__pycache__", "*.npz", "examples")
        )
    shutil.copy(ROOT / ".importlinter", tmp_path)
    broken = tmp_path / file
    broken.write_text(f"{broken.read_text()}\n{line}\n")
    result = _lint(tmp_path)
    assert result.returncode == 1, result.stdout + result.stderr
    assert re.search(rf"{re.escape(contract)}.* BROKEN", result.stdout), result.stdout


@pytest.mark.parametrize(
    ("pattern", "allowed"),
    [
        (r"os\.environ|os\.getenv", {"app/settings.py"}),
        (r"datetime\.now\(|date\.today\(|datetime\.utcnow|time\.time\(", {"o2c_core/clock.py"}),
        (r"^(from|import) twilio\b", {"channels/twilio_carrier.py", "channels/twilio_door.py"}),
        (
            r"^(from|import) (sendgrid|python_http_client)\b",
            {"channels/sendgrid_http.py", "channels/sendgrid_carrier.py"},
        ),
        (r"^(from|import) smtplib\b", {"channels/smtp_carrier.py"}),
    ],
)
def test_the_environment_the_time_and_the_vendors_come_in_by_one_door_each(pattern: str, allowed: set[str]) -> None:
    found = {
        str(file.relative_to(ROOT))
        for package in PACKAGES
        for file in (ROOT / package).rglob("*.py")
        if re.search(pattern, file.read_text(), re.M)
    }
    assert found <= allowed


def test_commits_are_written_by_name_in_actions_and_nowhere_hidden() -> None:
    committing = {
        str(file.relative_to(ROOT))
        for package in ("o2c_core", "channels", "web")
        for file in (ROOT / package).rglob("*.py")
        if ".commit()" in file.read_text()
    }
    assert all(name.startswith("o2c_core/actions/") for name in committing), committing
