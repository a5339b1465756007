"""`parley notice` as it is typed: off, proposed, approved by name, a mail with the letter, received, a last day to pay."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session
from typer.testing import CliRunner

import app.cli.notice
from o2c_core.conversations.message import Message
from o2c_core.customers.seller import Seller
from o2c_core.errors import Failure
from o2c_core.notices.following import letters_of
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice

ROOT = Path(__file__).parents[2]


@pytest.fixture
def late(session: Session) -> None:
    """A business and a person, both three weeks late, of a seller who has turned one kind of notice on."""
    seller = a_seller(session, settings={"notices": {"kinds": ["nl_14_day"], "may_reclaim_vat": False}})
    for ref, kind in (("C1", "company"), ("P1", "person")):
        customer = a_customer(session, seller, ref, kind=kind)
        an_invoice(session, customer, f"INV-{ref}", total_minor=100_000, due_on=DAY - timedelta(days=21))
    session.commit()


@pytest.mark.usefixtures("late")
def test_from_proposal_to_the_last_day_to_pay(
    store: Store, session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    @contextmanager
    def opened() -> Iterator[Store]:
        yield store

    monkeypatch.setattr(app.cli.notice, "opened_store", opened)
    monkeypatch.chdir(tmp_path)

    def say(*words: str) -> str:
        done = CliRunner().invoke(app.cli.notice.notice_app, words)
        assert done.exit_code == 0, done.output
        return done.stdout

    def refused(*words: str) -> str:
        done = CliRunner().invoke(app.cli.notice.notice_app, words)
        assert isinstance(done.exception, Failure), done.output
        assert done.stdout == ""
        return done.exception.sentence

    assert "kind nl_business are off for this seller" in refused("propose", "--customer", "C1", "--by", "N. Smit")
    told = say("propose", "--customer", "P1", "--by", "N. Smit", "--why", "No answer to four reminders")
    assert "announced, not asked yet: collection costs 181.50 EUR, 31.50 EUR of it VAT" in told
    assert "It waits for finance or a manager to approve it." in told
    assert "approved by finance or a manager" in refused("approve", "N-101", "--by", "Bob", "--role", "agent")
    assert "has no letter" in refused("show", "N-101", "--to", "letter.pdf")
    approved = json.loads(say("approve", "N-101", "--by", "Anna Smit", "--role", "finance", "--json"))
    assert (approved["state"], approved["mail"], approved["asked"]) == ("approved", "queued", "1000.00 EUR")
    message = session.scalars(select(Message)).one()
    (letter,) = letters_of(session, message)
    assert (message.delivery, message.purpose, message.author) == ("queued", "document", "Anna Smit")
    assert letter.content.startswith(b"%PDF")
    assert "not sent" in refused("delivered", "N-101", "--on", DAY.isoformat(), "--evidence", "x", "--by", "N. Smit")
    assert "Written: letter.pdf" in say("show", "N-101", "--to", "letter.pdf")
    assert (tmp_path / "letter.pdf").read_bytes() == letter.content
    # The person asked for it by post after all: the mail is taken back, and the letter proposed anew.
    assert "withdrawn" in say("refuse", "N-101", "--by", "Anna Smit", "--why", "By post instead")
    say("propose", "--customer", "P1", "--by", "N. Smit")
    say("approve", "N-102", "--by", "Anna Smit", "--role", "manager", "--by-post")
    assert "registered post, 3SABCD1234567" in say("posted", "N-102", "--code", "3SABCD1234567", "--by", "N. Smit")
    assert "written as year-month-day" in refused(
        "delivered", "N-102", "--on", "yesterday", "--evidence", "x", "--by", "N. Smit"
    )
    told = say("delivered", "N-102", "--on", DAY.isoformat(), "--evidence", "Signed for", "--proof", "post",
               "--by", "N. Smit")  # fmt: skip
    assert f"the last day to pay is {(DAY + timedelta(days=14)).isoformat()}" in told
    listed = json.loads(say("list", "--json"))["notices"]
    assert [(one["number"], one["state"]) for one in listed] == [("N-102", "delivered"), ("N-101", "withdrawn")]
    assert "2 notices." in say("list")
    assert "is not a state" in refused("list", "--state", "lost")
    assert "no formal notice N-999" in refused("show", "N-999")
    told = say("evidence", "--customer", "P1", "--out", "pack.zip", "--by", "Anna Smit")
    assert "INV-P1" in told
    with zipfile.ZipFile(io.BytesIO((tmp_path / "pack.zip").read_bytes())) as pack:
        assert "notices/N-102.pdf" in pack.namelist()
    session.scalars(select(Seller)).one().settings = {}
    session.commit()
    assert "are off" in refused("propose", "--customer", "P1", "--by", "N. Smit")


def test_a_refusal_is_one_sentence_and_the_command_has_failed(own_database: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "app", "notice", "propose", "--customer", "C1", "--by", "N. Smit"],
        env={**os.environ, "PARLEY_DATABASE_URL": own_database, "PARLEY_DATA": str(tmp_path), "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == "parley: There is no seller with that reference.\n"
