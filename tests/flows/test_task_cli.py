"""`parley task` as it is typed: what waits for a person is listed, and a person's word about a message is carried out."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from uuid import UUID

import pytest

from o2c_core.conversations.message import Message
from o2c_core.conversations.task import Task
from o2c_core.store.store import Store
from tests.build import MOMENT, a_customer, a_seller
from tests.web.letters import a_letter

ROOT = Path(__file__).parents[2]


@pytest.fixture
def message_id(own_store: Store) -> UUID:
    """A message nobody can tell about, with its task; and a task about an address."""
    with own_store.session() as session:
        customer = a_customer(session, a_seller(session), "C1")
        letter = a_letter(
            session, customer, delivery="uncertain", carrier="twilio", channel="sms", address="+31612345678"
        )
        about = {"seller_id": customer.seller_id, "customer_id": customer.id}
        session.add(
            Task(
                kind="uncertain_send",
                about=f"message:{letter.id}",
                why="Twilio timed out.",
                message_id=letter.id,
                opened_at=MOMENT,
                **about,
            )
        )
        session.add(
            Task(kind="data_fix", about="ap@jansen.example", why="The mailbox is gone.", opened_at=MOMENT, **about)
        )
        session.commit()
        return letter.id


def parley_task(database: str, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "app", "task", *words],
        env={**os.environ, "PARLEY_DATABASE_URL": database, "PARLEY_DATA": str(folder), "PYTHONPATH": str(ROOT)},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


def listed(database: str, folder: Path) -> dict[str, str]:
    done = parley_task(database, folder, "list", "--json")
    assert done.returncode == 0, done.stderr
    return {row["kind"]: row["id"] for row in json.loads(done.stdout)["tasks"]}


def delivery(store: Store, message_id: UUID) -> str:
    with store.session() as session:
        return session.get_one(Message, message_id).delivery


@pytest.mark.parametrize(("word", "state"), [("arrived", "sent"), ("drop", "withdrawn"), ("again", "queued")])
def test_a_person_says_what_became_of_a_message_nobody_could_tell_about(
    word: str, state: str, own_store: Store, own_database: str, tmp_path: Path, message_id: UUID
) -> None:
    done = parley_task(own_database, tmp_path, word, listed(own_database, tmp_path)["uncertain_send"], "--by", "Anna")
    assert done.returncode == 0, done.stderr
    assert delivery(own_store, message_id) == state
    assert set(listed(own_database, tmp_path)) == {"data_fix"}


def test_a_task_is_closed_with_what_was_done_and_only_once(
    own_store: Store, own_database: str, tmp_path: Path, message_id: UUID
) -> None:
    tasks = listed(own_database, tmp_path)
    refused = parley_task(own_database, tmp_path, "again", tasks["data_fix"])
    assert refused.returncode == 1
    assert "is not about a message nobody can tell about" in refused.stderr
    done = parley_task(own_database, tmp_path, "done", tasks["data_fix"], "--how", "New address imported.")
    assert done.stdout == "The task is closed.\n"
    twice = parley_task(own_database, tmp_path, "done", tasks["data_fix"], "--how", "New address imported.")
    assert (twice.returncode, twice.stderr) == (
        1,
        "parley: There is no open task with that id; parley task list shows them.\n",
    )
    text = parley_task(own_database, tmp_path, "list").stdout
    assert "Twilio timed out." in text
    assert text.endswith("1 task waits for a person.\n")
