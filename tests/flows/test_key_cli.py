"""`parley key` and `parley webhook` as they are typed."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from app.cli import key as key_commands
from app.cli import webhook as webhook_commands
from app.cli.key import key_app
from app.cli.webhook import NotAMoment, webhook_app
from o2c_core.actions.remove_webhook import EndpointUnknown
from o2c_core.actions.use_api_key import NotLetIn, use_api_key
from o2c_core.errors import Failure, NotFound
from o2c_core.integrations.target import NotAnEndpoint
from o2c_core.integrations.webhook import WebhookEndpoint
from o2c_core.store.store import Store
from tests.build import a_seller

NOWHERE = "019a0000-0000-7000-8000-000000000000"


@pytest.fixture
def ledger(store: Store, monkeypatch: pytest.MonkeyPatch) -> Store:
    with store.session() as session:
        a_seller(session)
        session.commit()

    @contextmanager
    def opened() -> Iterator[Store]:
        yield store

    for module in (key_commands, webhook_commands):
        monkeypatch.setattr(module, "opened_store", opened)
    return store


def typed(app: object, words: str) -> str:
    done = CliRunner().invoke(app, words.split(), catch_exceptions=False)  # type: ignore[arg-type]
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_key_is_made_listed_and_revoked(ledger: Store) -> None:
    key = typed(key_app, "make --seller vandijk --name ERP --scope orders:read --scope orders:write --days 30").strip()
    assert use_api_key(key, store=ledger).scopes == {"orders:read", "orders:write"}
    listed = typed(key_app, "list --seller vandijk")
    assert key not in listed
    assert listed.split()[:2] == [key[:13] + "…", "good"]
    typed(key_app, f"revoke {key[:13]} --seller vandijk")
    assert json.loads(typed(key_app, "list --seller vandijk --json"))[0]["is_good"] is False
    with pytest.raises(NotLetIn):
        use_api_key(key, store=ledger)


def test_an_endpoint_is_added_listed_replayed_and_removed(ledger: Store) -> None:
    made = json.loads(typed(webhook_app, "add https://erp.example/ --seller vandijk --event order.placed --json"))
    with ledger.session() as session:
        assert session.scalars(select(WebhookEndpoint.secret)).one() == made["secret"]
    listed = typed(webhook_app, "list --seller vandijk")
    assert made["secret"] not in listed
    assert "https://erp.example/ (order.placed)" in listed
    assert typed(webhook_app, f"replay {made['id']} --seller vandijk --since 2026-03-01").startswith("0 events")
    typed(webhook_app, f"remove {made['id']} --seller vandijk")
    assert json.loads(typed(webhook_app, "list --seller vandijk --json")) == []


@pytest.mark.parametrize(("app", "words", "failure"), [
    (key_app, "list --seller nobody", NotFound),
    (key_app, "make --seller nobody --name x --scope orders:read", NotFound),
    (webhook_app, "list --seller nobody", NotFound),
    (webhook_app, "add http://erp.example/ --seller vandijk", NotAnEndpoint),
    (webhook_app, "remove it --seller vandijk", EndpointUnknown),
    (webhook_app, f"replay {NOWHERE} --seller vandijk --since 2026-03-01", EndpointUnknown),
    (webhook_app, f"replay {NOWHERE} --seller vandijk --since yesterday", NotAMoment),
])  # fmt: skip
def test_what_cannot_be_is_refused(ledger: Store, app: object, words: str, failure: type[Failure]) -> None:
    with pytest.raises(failure):
        typed(app, words)
