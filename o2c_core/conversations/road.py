"""The road out: how fast a sender may go, and whether its provider is up."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from o2c_core.store.rows import Row


class Pace(Row):
    """When the next message of a sender may leave; shared by every worker."""

    __tablename__ = "pace"

    carrier: Mapped[str] = mapped_column(primary_key=True)
    sender: Mapped[str] = mapped_column(primary_key=True)
    next_at: Mapped[datetime]


class Circuit(Row):
    """Whether a carrier answers. While `open_until` is to come nothing is handed to it, and people can see why."""

    __tablename__ = "circuit"

    carrier: Mapped[str] = mapped_column(primary_key=True)
    failures: Mapped[int] = mapped_column(default=0)
    since: Mapped[datetime | None]
    open_until: Mapped[datetime | None]
    why: Mapped[str | None]
