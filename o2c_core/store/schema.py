"""Whether the database has the newest schema, asked without loading what would bring it there."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from o2c_core.store.store import DatabaseUnreachable

MIGRATIONS = Path(__file__).with_name("migrations")
_HAS_ANY = text("SELECT to_regclass('alembic_version') IS NOT NULL")
_NOW = text("SELECT version_num FROM alembic_version")


@cache
def newest_revision() -> str:
    """The number its file begins with; migrations follow each other, one at a time."""
    return max(file.name.partition("_")[0] for file in MIGRATIONS.glob("versions/[0-9]*.py"))


def schema_is_current(engine: Engine) -> bool:
    """Whether the newest migration has been carried out.

    Raises: DatabaseUnreachable.
    """
    try:
        with engine.connect() as connection:
            return bool(connection.scalar(_HAS_ANY)) and connection.scalar(_NOW) == newest_revision()
    except OperationalError as silence:
        raise DatabaseUnreachable from silence
