"""A ledger of the version before comes along: nothing in it is lost, and it can be asked as a new one."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import date

import pytest
from alembic import command
from sqlalchemy import Engine, select, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.invoices.account import balances
from o2c_core.invoices.invoice import Invoice
from o2c_core.store.migrate import _config, migrate
from o2c_core.store.schema import schema_is_current
from o2c_core.store.store import open_engine
from o2c_core.trail import TrailLine

BEFORE = """
INSERT INTO seller (id, ref, name, country, currency, language, time_zone, payment_terms_days, iban, bic, settings)
VALUES ('00000000-0000-7000-8000-000000000001', 'old', 'Old B.V.', 'NL', 'EUR', 'nl', 'Europe/Amsterdam', 30,
        'NL91ABNA0417164300', 'ABNANL2A', '{}');
INSERT INTO customer (id, seller_id, ref, name, kind, country, language, currency, is_walk_in, created_at)
VALUES ('00000000-0000-7000-8000-000000000002', '00000000-0000-7000-8000-000000000001', 'C1', 'Jansen', 'company', 'NL', 'nl',
        'EUR', false, now());
INSERT INTO invoice (id, seller_id, customer_id, number, issued_on, due_on, terms_days, currency, net_minor, tax_minor, total_minor)
VALUES ('00000000-0000-7000-8000-000000000003', '00000000-0000-7000-8000-000000000001',
        '00000000-0000-7000-8000-000000000002', 'INV-7', '2026-01-01', '2026-01-31', 30, 'EUR', 10000, 2100, 12100);
INSERT INTO payment (id, seller_id, customer_id, received_on, amount_minor, currency, source_key)
VALUES ('00000000-0000-7000-8000-000000000004', '00000000-0000-7000-8000-000000000001',
        '00000000-0000-7000-8000-000000000002', '2026-02-01', 2100, 'EUR', 'bank-1');
INSERT INTO allocation (id, invoice_id, payment_id, amount_minor, allocated_on)
VALUES ('00000000-0000-7000-8000-000000000005', '00000000-0000-7000-8000-000000000003',
        '00000000-0000-7000-8000-000000000004', 2000, '2026-02-01');
INSERT INTO trail (id, at, who, what, subject, subject_id, why, details)
VALUES ('00000000-0000-7000-8000-000000000006', now(), 'system', 'file imported', 'seller',
        '00000000-0000-7000-8000-000000000001', 'as it was', '{}');
"""


@pytest.fixture
def old(server_url: str) -> Iterator[Engine]:
    """A database of the schema before, with a seller that has sold."""
    name = f"old_{uuid.uuid4().hex[:12]}"
    admin = open_engine(server_url).execution_options(isolation_level="AUTOCOMMIT")
    with admin.connect() as connection:
        connection.execute(text(f'CREATE DATABASE "{name}"'))
    engine = open_engine(make_url(server_url).set(database=name).render_as_string(hide_password=False))
    config = _config()
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0003")
        connection.exec_driver_sql(BEFORE)
    yield engine
    engine.dispose()
    with admin.connect() as connection:
        connection.execute(text(f'DROP DATABASE "{name}" WITH (FORCE)'))
    admin.dispose()


def test_what_was_there_is_there_and_can_be_asked(old: Engine) -> None:
    assert not schema_is_current(old)
    assert migrate(old) != []
    assert schema_is_current(old)
    with Session(old) as session:
        seller = session.scalars(select(Seller)).one()
        assert [(a.iban, a.bic, a.holder, a.is_default) for a in seller.bank_accounts] == [
            ("NL91ABNA0417164300", "ABNANL2A", "Old B.V.", True)
        ]
        (balance,) = balances(session, session.scalars(select(Customer.id)).one(), date(2026, 2, 2))
        assert (balance.open.minor, balance.overdue.minor, balance.unapplied.minor) == (10_100, 10_100, 100)
        assert session.scalars(select(Invoice.plain_number)).one() == "INV7"
        line = session.scalars(select(TrailLine)).one()
        assert (line.why, line.transaction > 0) == ("as it was", True)
    assert migrate(old) == []


def test_the_trail_of_before_is_still_closed(old: Engine) -> None:
    migrate(old)
    for statement in ("UPDATE trail SET why = 'other'", "DELETE FROM trail"):
        with pytest.raises(DBAPIError, match="never changed or deleted"), old.begin() as connection:
            connection.execute(text(statement))


WAITING = """
INSERT INTO conversation (id, seller_id, channel, identity, speaker, state, version, introduced, handoff_reason, handoff_at,
                          opened_at, updated_at)
SELECT gen_random_uuid(), '00000000-0000-7000-8000-000000000001', 'chat', 'stranger', speaker, state, 1, true, reason, now(),
       now(), now()
FROM (VALUES
    ('human', 'waiting', 'assistant'), ('speaks of legal steps', 'waiting', 'assistant'),
    ('sent files without words', 'waiting', 'assistant'), ('something of old', 'waiting', 'assistant'),
    ('human', 'open', 'agent'), (NULL, 'open', 'assistant')
) AS old (reason, state, speaker)
"""


def test_who_waited_for_a_person_waits_on_and_the_version_before_can_be_had_back(old: Engine) -> None:
    config = _config()
    with old.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "0006")
        connection.exec_driver_sql(WAITING)
        command.upgrade(config, "head")
        calls = connection.execute(
            text("SELECT reason, urgency FROM handoff WHERE ended_at IS NULL ORDER BY reason")
        ).all()
        assert [tuple(one) for one in calls] == [
            ("asked_for_person", "today"), ("cannot", "normal"), ("legal_threat", "now"), ("sent_files", "normal"),
        ]  # fmt: skip
        named = "SELECT count(*) FROM conversation JOIN handoff ON conversation_id = conversation.id AND reason = handoff_reason"
        assert connection.scalar(text(named)) == 4
        command.downgrade(config, "0006")
        assert connection.scalar(text("SELECT count(*) FROM conversation WHERE state = 'waiting'")) == 4
        command.upgrade(config, "head")
        assert connection.execute(text("SELECT reason, urgency FROM handoff ORDER BY reason")).all() == calls
