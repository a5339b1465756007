"""Note what a provider's model was asked for, what came of it and what it cost."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy.dialects.postgresql import insert

from o2c_core.conversations.model_call import ModelCall
from o2c_core.store.store import Store

_COLUMNS = tuple(column.key for column in ModelCall.__table__.columns)


def note_model_calls(calls: Sequence[ModelCall], *, store: Store) -> None:
    """Stores the calls of one turn in a transaction of their own: they were made and paid for, whatever became of the
    answer. Noting the same calls again changes nothing; without calls nothing is written."""
    rows = [{name: getattr(call, name) for name in _COLUMNS} for call in calls]
    if not rows:
        return
    with store.session() as session:
        session.execute(insert(ModelCall).values(rows).on_conflict_do_nothing(index_elements=["id"]))
        session.commit()
