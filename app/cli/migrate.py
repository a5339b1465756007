"""`parley migrate`: the database's schema, brought up to date."""

from __future__ import annotations

import sys

from app.installation import opened_engine
from app.settings import settings
from o2c_core.store.migrate import migrate


def migrate_database() -> None:
    """Bring the database to the newest schema."""
    with opened_engine(settings()) as engine:
        carried_out = migrate(engine)
    for name in carried_out:
        sys.stdout.write(f"migrated: {name}\n")
    sys.stdout.write(
        "The schema is the newest.\n" if not carried_out else f"{len(carried_out)} migrations carried out.\n"
    )
