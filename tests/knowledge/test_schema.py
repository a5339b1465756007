"""The migration and the mapping of passages and gaps are the same."""

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine

from knowledge.gaps import Gap
from knowledge.passages import Passage
from o2c_core.nouns import METADATA


# PostgreSQL writes the expression of a generated column in its own way, which is compared nowhere: see tests/stores.
@pytest.mark.filterwarnings("ignore:Computed default on message.words")
def test_the_migration_builds_exactly_the_tables_of_the_library(shared_engine: Engine) -> None:
    assert {Gap.__tablename__, Passage.__tablename__} <= set(METADATA.tables)
    with shared_engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_server_default": True})
        differences = compare_metadata(context, METADATA)
    assert [odd for odd in differences if "passage" in str(odd) or "gap" in str(odd)] == []
