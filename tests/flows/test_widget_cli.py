"""`parley widget` as it is typed: what it prints is what a company puts on its site, and it works."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import uuid4

import pytest
import typer
from joserfc import jwt
from joserfc.jwk import OctKey
from sqlalchemy import select
from typer.testing import CliRunner

from app.cli import widget as commands
from app.settings import Settings
from channels.widget_identity import HostTokens
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller
from tests.channels.widget_app import SECRET, SITE, allow


@pytest.fixture
def ledger(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    with store.session() as session:
        seller = a_seller(session)
        allow(seller, SITE)
        a_customer(session, seller, "C1001")
        a_seller(session, "shut")
        session.commit()

    @contextmanager
    def opened(_: Settings) -> Iterator[Store]:
        yield store

    chosen = Settings(secret=SECRET, base_url="https://chat.parley.example/", _env_file=None)
    monkeypatch.setattr(commands, "opened_store", opened)
    monkeypatch.setattr(commands, "settings", lambda: chosen)
    return store


def typed(words: str) -> tuple[str, str]:
    app = typer.Typer()
    app.command()(commands.widget)
    done = CliRunner().invoke(app, words.split(), catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout, done.stderr


def test_the_tag_the_sites_and_what_is_still_missing_are_printed(ledger: Store) -> None:
    said, _ = typed("vandijk")
    assert (
        '<script src="https://chat.parley.example/widget/parley-chat.js" data-seller="vandijk" async></script>' in said
    )
    assert SITE in said
    assert 'aud "parley:vandijk"' in said
    assert "There is no key yet" in said
    assert "on none yet" in typed("shut")[0]


def test_the_key_is_shown_once_and_signs_tokens_that_are_heard(ledger: Store) -> None:
    made = json.loads(typed("vandijk --new-key --json")[0])
    assert made["has_key"] is True
    assert made["key"] not in typed("vandijk")[0]
    assert json.loads(typed("vandijk --json")[0])["key"] is None
    until = int((ledger.clock.now() + timedelta(minutes=5)).timestamp())
    claims = {"aud": made["audience"], "sub": "C1001", "jti": "1", "exp": until}
    token = jwt.encode({"alg": "HS256"}, claims, OctKey.import_key(made["key"]))
    with ledger.session() as session:
        jansen = session.scalars(select(Customer).where(Customer.ref == "C1001")).one()
    assert HostTokens(SECRET, ledger).guest(jansen.seller_id, token, uuid4()).customer_id == jansen.id


def test_each_new_key_is_another(ledger: Store) -> None:
    keys = {json.loads(typed("vandijk --new-key --json")[0])["key"] for _ in range(2)}
    assert len(keys) == 2


def test_a_seller_who_is_not_here_is_said_so(ledger: Store) -> None:
    with pytest.raises(NotFound, match="no seller 'nobody'"):
        typed("nobody")
