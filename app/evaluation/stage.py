"""The stage scenarios are played on: a database of its own, and a fresh ledger for every play that leaves nothing behind."""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import sessionmaker

from app.evaluation.end_state import State, state_of
from app.evaluation.truth import Truths
from app.evaluation.world import NOON, build_world
from app.installation import opened_engine
from app.settings import Settings
from bot.assistant import Assistant
from bot.turn import House
from knowledge.sync import LIBRARY, sync
from o2c_core.clock import MovableClock
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.store.migrate import migrate
from o2c_core.store.store import Store, open_store

SITE = "https://vandijk.example"


@dataclass
class Stage:
    """`play` opens the house on the ledger as it was built; whatever is committed in it is taken back afterwards.

    `before` is what the ledger held before any play, and `truths` what may be said of it.
    """

    engine: Engine
    before: State
    truths: Truths
    key: str = field(default_factory=lambda: secrets.token_urlsafe(32))

    @contextmanager
    def play(self, assistant: Assistant) -> Iterator[House]:
        clock = MovableClock(NOON)
        with self.engine.connect() as connection:
            outer = connection.begin()
            sessions = sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
            plate = Doorplate(self.key, SITE, "reply.vandijk.example")
            try:
                yield House(Store(sessions, clock), lambda: None, assistant, plate)
            finally:
                outer.rollback()


def move_on(house: House, minutes: int) -> None:
    clock = house.store.clock
    assert isinstance(clock, MovableClock)
    clock.move(timedelta(minutes=minutes))


@contextmanager
def opened_stage(*, poisoned: bool = False) -> Iterator[Stage]:
    """A new database on a server of its own, in a temporary folder: no ledger of anybody's is touched."""
    with tempfile.TemporaryDirectory(prefix="parley-eval-", ignore_cleanup_errors=True) as folder:
        chosen = Settings(data=Path(folder), secret=secrets.token_urlsafe(16), _env_file=None)
        with opened_engine(chosen) as engine:
            migrate(engine)
            yield set_stage(engine, poisoned=poisoned)


def set_stage(engine: Engine, *, poisoned: bool = False) -> Stage:
    """Builds the ledger of the plays in an empty, migrated database."""
    store = open_store(engine, MovableClock(NOON))
    with store.session() as session:
        build_world(session, poisoned=poisoned)
        session.commit()
    sync(LIBRARY, store=store, index=None)
    with store.session() as session:
        return Stage(engine, state_of(session), Truths())
