"""`parley privacy`: given out to a file, erased only when said so, and let go of what is old."""

from __future__ import annotations

import json
import stat
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from procrastinate.testing import InMemoryConnector
from sqlalchemy import select
from typer.testing import CliRunner

from app.cli.privacy import ContactUnclear, NoSuchContact, NoSuchCustomer, NotConfirmed, privacy_app
from app.settings import settings
from app.worker import make_worker
from o2c_core.actions.erase_person import StillOpen
from o2c_core.clock import SystemClock
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.errors import Refused
from o2c_core.invoices.invoice import Invoice
from o2c_core.privacy.traces import ERASED
from o2c_core.store.store import Store
from tests.build import a_customer, a_payment, a_seller, an_invoice
from tests.stores.persons import NAME, WORDS, a_person, found_in, said


@pytest.fixture
def ledger(own_store: Store, own_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Store]:
    monkeypatch.setenv("PARLEY_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("PARLEY_DATABASE_URL", own_database)
    monkeypatch.chdir(tmp_path)
    settings.cache_clear()
    with own_store.session() as session:
        seller = a_seller(session)
        a_person(session, seller, ref="P-1")
        company = a_customer(session, seller, "C-1", name="Wael Bakeries")
        company.contacts.append(Contact(name="Twin"))
        company.contacts.append(Contact(name="Twin"))
        session.commit()
    yield own_store
    settings.cache_clear()


def _parley(*words: str) -> str:
    result = CliRunner().invoke(privacy_app, list(words), catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.stdout


def _refused(*words: str) -> Refused:
    result = CliRunner().invoke(privacy_app, list(words))
    assert isinstance(result.exception, Refused), result.output
    return result.exception


def test_an_export_is_a_json_file_only_its_owner_can_read(ledger: Store, tmp_path: Path) -> None:
    to = tmp_path / "sophie.json"
    assert f"Wrote {to}: " in _parley("export", "P-1", "--seller", "vandijk", "--to", str(to))
    exported: dict[str, Any] = json.loads(to.read_text("utf-8"))
    assert exported["person"]["name"] == NAME
    assert WORDS in to.read_text("utf-8")
    assert stat.S_IMODE(to.stat().st_mode) == 0o600
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".sophie")] == []


def test_an_erasure_needs_a_yes(ledger: Store) -> None:
    words = ("erase", "P-1", "--seller", "vandijk", "--why", "asked by letter")
    assert isinstance(_refused(*words), NotConfirmed)
    with ledger.session() as session:
        assert "message" in found_in(session, NAME)
    assert "Erased: they are 'Erased person " in _parley(*words, "--yes")
    with ledger.session() as session:
        assert found_in(session, NAME) == set()
    assert "There was nothing left to erase" in _parley(*words, "--yes")


def test_what_is_open_is_said_and_a_manager_may_force_it(ledger: Store) -> None:
    with ledger.session() as session:
        an_invoice(session, session.scalars(select(Customer).where(Customer.ref == "P-1")).one(), "INV-9")
        session.commit()
    words = ("erase", "P-1", "--seller", "vandijk", "--why", "asked", "--yes")
    refused = _refused(*words)
    assert isinstance(refused, StillOpen)
    assert "invoice INV-9 to be paid" in refused.sentence
    done = json.loads(_parley(*words, "--force", "--role", "manager", "--json"))
    assert done["rows"]["customer"] == 1
    assert done["carriers"] == [{"carrier": "captured", "key": "kept-1"}]


@pytest.mark.parametrize(
    ("words", "refusal"),
    [
        (("export", "P-1", "--seller", "nobody", "--to", "x.json"), NoSuchCustomer),
        (("export", "P-2", "--seller", "vandijk", "--to", "x.json"), NoSuchCustomer),
        (("export", "C-1", "--seller", "vandijk", "--contact", "Nobody", "--to", "x.json"), NoSuchContact),
        (("export", "C-1", "--seller", "vandijk", "--contact", "Twin", "--to", "x.json"), ContactUnclear),
        (("export", "P-1", "--seller", "vandijk", "--to", "no/such/folder/x.json"), Refused),
        (("retention", "--on", "tomorrow"), Refused),
    ],
)
def test_what_cannot_be_done_is_one_sentence(ledger: Store, words: tuple[str, ...], refusal: type[Refused]) -> None:
    assert isinstance(_refused(*words), refusal)
    assert not Path("x.json").exists()


def test_retention_counts_first_and_then_does_it(ledger: Store) -> None:
    with ledger.session() as session:
        company = session.scalars(select(Customer).where(Customer.ref == "C-1")).one()
        old = an_invoice(session, company, "INV-OLD", issued_on=date(2010, 1, 1), due_on=date(2010, 2, 1))
        a_payment(session, old, old.total_minor, on=date(2010, 2, 1))
        session.commit()
    words = ("retention", "--on", "2026-03-16")
    assert "vandijk: 2 of bookkeeping from before 2019-01-01 would be deleted.\n" in _parley(*words, "--dry-run")
    done = json.loads(_parley(*words, "--json"))
    assert {"seller": "vandijk", "kind": "bookkeeping", "then": "deleted", "before": "2019-01-01", "count": 2} in done[
        "lines"
    ]
    assert _parley(*words) == "Nothing has been kept too long.\n"
    with ledger.session() as session:
        assert session.scalars(select(Invoice.number)).all() == ["INV-777"]


def test_the_worker_does_it_once_a_day(own_store: Store) -> None:
    worker = make_worker("postgresql://unused", own_store, {}).with_connector(InMemoryConnector())
    planned = {task.name: one.cron for one in worker.periodic_registry.periodic_tasks.values() for task in [one.task]}
    assert planned["apply_retention"] == "41 2 * * *"
    with own_store.session() as session:
        customer = a_customer(session, a_seller(session))
        old = said(session, customer, created_at=datetime(2020, 1, 1, tzinfo=UTC))
        session.get_one(Conversation, old.conversation_id).updated_at = SystemClock().now() - timedelta(days=4000)
        session.commit()
    task = worker.tasks["apply_retention"]
    assert "1 let go" in str(task(timestamp=0))
    with own_store.session() as session:
        assert set(session.scalars(select(Message.text))) == {ERASED}
