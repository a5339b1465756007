"""The schema in the database and the mapping in the code are the same."""

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine

import knowledge.gaps
import knowledge.passages  # noqa: F401
from o2c_core.nouns import METADATA


def test_the_migrations_build_exactly_the_mapped_tables(shared_engine: Engine) -> None:
    with shared_engine.connect() as connection:
        differences = compare_metadata(MigrationContext.configure(connection), METADATA)
    assert [odd for odd in differences if "procrastinate" not in str(odd)] == []
