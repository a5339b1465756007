"""Numbers people can say: D-118, C-27, counted per seller."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from o2c_core.store.rows import Row


class NumberSeries(Row):
    """The last number given out, per seller and kind."""

    __tablename__ = "number_series"

    seller_id: Mapped[UUID] = mapped_column(ForeignKey("seller.id"), primary_key=True)
    kind: Mapped[str] = mapped_column(primary_key=True)
    last: Mapped[int]


def next_number(session: Session, seller_id: UUID, kind: str) -> str:
    """The next number of that kind, such as "C-27". Two transactions never get the same one; the second waits."""
    statement = (
        insert(NumberSeries)
        .values(seller_id=seller_id, kind=kind, last=101)
        .on_conflict_do_update(
            index_elements=[NumberSeries.seller_id, NumberSeries.kind], set_={"last": NumberSeries.last + 1}
        )
        .returning(NumberSeries.last)
    )
    return f"{kind}-{session.execute(statement).scalar_one()}"
