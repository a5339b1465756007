"""The open ledger: sessions, the clock they are read by, and jobs asked for inside them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.exc import ArgumentError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from o2c_core.clock import Clock
from o2c_core.errors import Outage, Refused


class DatabaseUnreachable(Outage):
    """The database does not answer; check PARLEY_DATABASE_URL and that PostgreSQL runs there."""


class NotPostgres(Refused):
    """PARLEY_DATABASE_URL must be the address of a PostgreSQL database: postgresql://user:password@host/name."""


def open_engine(url: str, *, pool: int = 10) -> Engine:
    """An engine over psycopg 3 for a `postgresql://` address.

    Raises: NotPostgres. Nothing is connected yet.
    """
    try:
        address = make_url(url)
    except ArgumentError as odd:
        raise NotPostgres from odd
    if address.get_backend_name() != "postgresql":
        raise NotPostgres
    return create_engine(
        address.set(drivername="postgresql+psycopg"),
        pool_size=pool,
        max_overflow=pool,
        pool_pre_ping=False,
        # What a statement that failed was given is people's names and words, and an error ends in the log.
        hide_parameters=True,
        connect_args={"connect_timeout": 5},
    )


def check_reachable(engine: Engine) -> None:
    """Raises: DatabaseUnreachable."""
    try:
        with engine.connect() as connection:
            connection.execute(text("SELECT 1"))
    except OperationalError as silence:
        raise DatabaseUnreachable from silence


@dataclass(frozen=True)
class Store:
    """What every action needs: sessions on the ledger, and the clock."""

    sessions: sessionmaker[Session]
    clock: Clock

    @property
    def engine(self) -> Engine:
        """What the sessions connect with, for who listens on a connection of their own."""
        bound: Engine | Connection = self.sessions.kw["bind"]
        return bound.engine

    @contextmanager
    def session(self) -> Iterator[Session]:
        """A session that is rolled back unless the action commits by name."""
        with self.sessions() as session:
            yield session


def open_store(engine: Engine, clock: Clock) -> Store:
    return Store(sessionmaker(engine, expire_on_commit=False), clock)
