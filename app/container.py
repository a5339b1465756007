"""Which adapter stands behind each port, as the settings say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

from sqlalchemy import Engine

import o2c_core.nouns  # noqa: F401 (completes the mapping before the first query)
from app.settings import Settings, settings
from channels.captured import Captured
from o2c_core.clock import SystemClock
from o2c_core.conversations.carrier import Carrier
from o2c_core.store.embedded import start_embedded
from o2c_core.store.migrate import migrate
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
        migrate(engine)
        yield open_store(engine, SystemClock())


def carriers() -> Mapping[str, Carrier]:
    """The carrier of each channel. Until keys are set, messages are kept instead of sent."""
    captured = Captured()
    return {"email": captured, "sms": captured}
