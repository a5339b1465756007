"""Bringing the database to the newest schema."""

from __future__ import annotations

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from o2c_core.store.schema import MIGRATIONS
from o2c_core.store.store import DatabaseUnreachable

# One number for "Parley is migrating", so that two processes starting together take turns.
_LOCK = 7_205_937


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def migrate(engine: Engine) -> list[str]:
    """Carries out the migrations that are missing, all or none, and returns their names; [] when there were none.

    Raises: DatabaseUnreachable.
    """
    config = _config()
    try:
        with engine.begin() as connection:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            before = MigrationContext.configure(connection).get_current_revision()
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            script = ScriptDirectory.from_config(config)
            carried_out = [
                revision.doc
                for revision in script.walk_revisions(base="base", head="heads")
                if before is None or revision.revision > before
            ]
    except OperationalError as silence:
        raise DatabaseUnreachable from silence
    return carried_out[::-1]
