"""The schema in the database and the mapping in the code are the same."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Engine

import knowledge.gaps
import knowledge.passages  # noqa: F401
from o2c_core.nouns import METADATA
from o2c_core.store.migrate import _config
from o2c_core.store.schema import newest_revision, schema_is_current


def test_the_migrations_build_exactly_the_mapped_tables(shared_engine: Engine) -> None:
    with shared_engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    assert [odd for odd in differences if "procrastinate" not in str(odd)] == []


def test_the_newest_migration_is_known_by_its_number_and_is_carried_out(shared_engine: Engine) -> None:
    assert newest_revision() == ScriptDirectory.from_config(_config()).get_current_head()
    assert schema_is_current(shared_engine)
