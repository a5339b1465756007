"""How often a door was knocked at and refused to open: all that a forged request leaves behind."""

from __future__ import annotations

from datetime import date

from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Row


class DoorCount(Row):
    """How many requests a door turned away on a day (UTC), by why."""

    __tablename__ = "door_count"

    door: Mapped[str] = mapped_column(primary_key=True)
    why: Mapped[str] = mapped_column(primary_key=True)
    on: Mapped[date] = mapped_column(primary_key=True)
    count: Mapped[int] = mapped_column(default=0)
