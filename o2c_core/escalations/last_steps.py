"""Which step is the last of every ladder a seller has or had, so that a reminder can be known for the last one."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.reminders.ladder import STANDARD
from o2c_core.reminders.ladders.written_down import ladder_of
from o2c_core.reminders.reminder import LadderVersion


def last_steps(session: Session, seller_id: UUID) -> dict[str, list[Any]]:
    """The ladders, their versions and the names of their last steps, side by side, as the query takes them."""
    kept = session.scalars(select(LadderVersion).where(LadderVersion.seller_id == seller_id))
    ladders = [STANDARD, *(ladder_of(one.document, one.version) for one in kept)]
    found = {(one.name, one.version): one.last.name for one in ladders}
    return {
        "ladders": [name for name, _ in found],
        "versions": [version for _, version in found],
        "rungs": list(found.values()),
    }
