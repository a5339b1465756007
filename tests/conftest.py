"""A real PostgreSQL for every test: one server per run, one migrated template, a clean ledger each time."""

from __future__ import annotations

import os
import tempfile
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import settings
from sqlalchemy import Engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session, sessionmaker

import o2c_core.nouns  # noqa: F401
from o2c_core.clock import MovableClock
from o2c_core.store.embedded import start_embedded, stop_embedded
from o2c_core.store.migrate import migrate
from o2c_core.store.store import Store, open_engine, open_store

# The same examples on every run, so that a failure is there again; many where nobody waits for them.
settings.register_profile("local", max_examples=100, deadline=None, derandomize=True)
settings.register_profile("ci", max_examples=2_000, deadline=None, derandomize=True)
settings.load_profile("ci" if os.environ.get("CI") else "local")

NOON = datetime(2026, 3, 16, 11, 0, tzinfo=UTC)  # a Monday, noon in Amsterdam


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes minutes begins first, so that two workers end at about the same time."""
    items.sort(key=lambda item: item.get_closest_marker("long") is None)


@pytest.fixture(scope="session")
def server_folder() -> Iterator[Path]:
    """A folder for servers that run as another user when the tests run as root.

    Not one of pytest's own: the next pytest to start closes those to all but their owner, under a running server.
    """
    with tempfile.TemporaryDirectory(prefix="parley-tests-", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@pytest.fixture(scope="session")
def server_url(server_folder: Path) -> Iterator[str]:
    url = start_embedded(server_folder / "ledger")
    # Nothing in it has to outlive a power cut.
    for setting in ("fsync", "full_page_writes", "synchronous_commit"):
        _as_admin(url, f"ALTER SYSTEM SET {setting} = off")
    _as_admin(url, "SELECT pg_reload_conf()")
    yield url
    stop_embedded(server_folder / "ledger")


def _at(url: str, database: str) -> str:
    return make_url(url).set(database=database).render_as_string(hide_password=False)


@pytest.fixture(scope="session")
def template(server_url: str) -> str:
    """The name of a migrated, empty database."""
    _as_admin(server_url, "CREATE DATABASE template_ledger")
    engine = open_engine(_at(server_url, "template_ledger"))
    migrate(engine)
    engine.dispose()
    return "template_ledger"


@pytest.fixture
def clock() -> MovableClock:
    return MovableClock(NOON)


@pytest.fixture(scope="session")
def shared_engine(server_url: str, template: str) -> Iterator[Engine]:
    engine = _clone(server_url, template, "shared")
    yield engine
    engine.dispose()


@pytest.fixture
def store(shared_engine: Engine, clock: MovableClock) -> Iterator[Store]:
    """A ledger whose commits are taken back when the test is over; for everything that runs in one thread."""
    with shared_engine.connect() as connection:
        outer = connection.begin()
        sessions = sessionmaker(connection, expire_on_commit=False, join_transaction_mode="create_savepoint")
        yield Store(sessions, clock)
        outer.rollback()


@pytest.fixture
def session(store: Store) -> Iterator[Session]:
    """A session on the test's ledger, for building and looking; commit to let actions see what was built."""
    with store.session() as session:
        yield session


@pytest.fixture
def own_database(server_url: str, template: str) -> Iterator[str]:
    """The URL of a database of the test's own, for flows with several processes, threads or connections."""
    name = f"own_{uuid.uuid4().hex[:12]}"
    _clone(server_url, template, name).dispose()
    yield _at(server_url, name)
    _as_admin(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture
def own_store(own_database: str, clock: MovableClock) -> Iterator[Store]:
    engine = open_engine(own_database)
    yield open_store(engine, clock)
    engine.dispose()


def _as_admin(server_url: str, statement: str) -> None:
    engine = open_engine(server_url)
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as admin:
        admin.execute(text(statement))
    engine.dispose()


def _clone(server_url: str, template: str, name: str) -> Engine:
    _as_admin(server_url, f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
    return open_engine(_at(server_url, name))


@pytest.fixture(scope="session")
def shared_folder() -> Path:
    """The real data some trials read, beside the project; they say so and are left out where it is absent."""
    return Path(__file__).parents[2] / "shared"
