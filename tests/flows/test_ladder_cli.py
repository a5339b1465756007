"""`parley ladder`, `approve`, `why` and `ahead` as they are typed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from o2c_core.store.store import Store
from tests.build import a_customer, a_seller, an_invoice

ROOT = Path(__file__).parents[2]


def parley(database: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", *words],
        env={**os.environ, "PARLEY_DATABASE_URL": database, "PARLEY_DATA": str(folder), "PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def test_a_ladder_is_kept_chosen_followed_and_approved(own_database: str, own_store: Store, tmp_path: Path) -> None:
    today = datetime.now(UTC).date()
    with own_store.session() as session:
        customer = a_customer(session, a_seller(session), "K1", language="en")
        an_invoice(session, customer, "F-1", total_minor=900_000, due_on=today - timedelta(days=1))
        session.commit()
    refused = parley(own_database, tmp_path, "ladder", "use", "gentle", "--seller", "vandijk")
    assert (refused.returncode, refused.stderr) == (
        1, "parley: There is no ladder 'gentle' at this seller; save it first: parley ladder save.\n",
    )  # fmt: skip
    ours = tmp_path / "ours.toml"
    ours.write_text('name = "ours"\n[[rungs]]\nname = "first"\ndays = 1\nmode = "approve"\ntone = "loud"\n')
    unclear = parley(own_database, tmp_path, "ladder", "save", str(ours), "--seller", "vandijk")
    assert unclear.returncode == 1
    assert unclear.stderr.startswith("parley: rungs[1] 'first'.tone: 'loud' is not known; it is one of courtesy,")
    ours.write_text(ours.read_text().replace("loud", "asking"))
    kept = parley(own_database, tmp_path, "ladder", "save", str(ours), "--seller", "vandijk", "--json")
    assert json.loads(kept.stdout) == {"ladder": "ours", "version": 1, "changed": ["step 'first' on day 1 added"]}
    chosen = parley(own_database, tmp_path, "ladder", "use", "ours", "--seller", "vandijk", "--customer", "K1")
    assert chosen.stdout == "ours holds for customer K1 from now on.\n"
    ahead = parley(own_database, tmp_path, "ahead", "--days", "7", "--page", "ahead.html", "--json")
    coming = [one for day in json.loads(ahead.stdout)["days"] for one in day["going"]]
    assert [(one["customer"], one["rung"], one["mode"]) for one in coming] == [("K1", "first", "approve")]
    assert "Nobody is taken to pay" in (tmp_path / "ahead.html").read_text()
    day = next(day["on"] for day in json.loads(ahead.stdout)["days"] if day["going"])
    why = parley(own_database, tmp_path, "why", "--customer", "K1", "--on", day)
    assert "ladder ours, version 1 (chosen for this customer)" in why.stdout
    assert date.fromisoformat(day) >= today
    none = parley(own_database, tmp_path, "approve", "list")
    assert none.stdout == "0 reminders wait for approval.\n"
