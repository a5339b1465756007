"""This installation as every command finds it: its ledger, opened, and where it is found from outside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module

from sqlalchemy import Engine

import o2c_core.nouns  # noqa: F401 (completes the mapping before the first query)
from app.settings import Settings, settings
from o2c_core.clock import SystemClock
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.store.embedded import start_embedded
from o2c_core.store.schema import schema_is_current
from o2c_core.store.store import Store, check_reachable, open_engine, open_store


def database_url(chosen: Settings) -> str:
    """The address of the ledger's database; the embedded server is started when none is set."""
    if chosen.database_url is not None:
        return chosen.database_url.get_secret_value()
    chosen.data.mkdir(parents=True, exist_ok=True)
    return start_embedded(chosen.data)


@contextmanager
def opened_engine(chosen: Settings) -> Iterator[Engine]:
    """The database, reachable, whatever its schema.

    Raises: DatabaseUnreachable; NotPostgres; EmbeddedServerFailed.
    """
    engine = open_engine(database_url(chosen))
    try:
        check_reachable(engine)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def opened_store(chosen: Settings | None = None) -> Iterator[Store]:
    """The ledger, reachable and of the newest schema. Raises as `opened_engine` does."""
    with opened_engine(chosen or settings()) as engine:
        if not schema_is_current(engine):
            _migrate(engine)
        yield open_store(engine, SystemClock())


def doorplate(chosen: Settings) -> Doorplate:
    """Where this installation is found from outside; without a public address or reply domain there are no such links."""
    return Doorplate(chosen.signing_key(), chosen.base_url, chosen.reply_domain)


def _migrate(engine: Engine) -> None:
    # What carries out migrations takes longer to load than most commands take, and hardly any has one to carry out.
    import_module("o2c_core.store.migrate").migrate(engine)
