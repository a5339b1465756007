"""The model call: what a provider's model was asked for in one turn, what came of it and what it took."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, func, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from o2c_core.store.rows import Keyed, Row

OUTCOMES = ("answered", "called_tools", "refused_by_guard", "timed_out", "failed", "nonsense", "over_limit")


class ModelCall(Keyed, Row):
    """One call. `why` never holds words of the customer. Units: `cost_micro` is millionths of the price's currency."""

    __tablename__ = "model_call"
    __table_args__ = (
        CheckConstraint(f"outcome IN {OUTCOMES}", "outcome"),
        Index(None, "conversation_id"),
    )

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversation.id"))
    message_id: Mapped[UUID] = mapped_column(ForeignKey("message.id"))
    model: Mapped[str]
    outcome: Mapped[str]
    why: Mapped[str | None]
    tokens_in: Mapped[int | None]
    tokens_out: Mapped[int | None]
    cost_micro: Mapped[int | None]
    milliseconds: Mapped[int]
    at: Mapped[datetime]


@dataclass(frozen=True)
class Spent:
    """What a provider's model took in one conversation. Units: `cost_micro` as in ModelCall."""

    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost_micro: int = 0


def spent(session: Session, conversation_id: UUID) -> Spent:
    """Over the whole conversation. A call that was not made because a limit was reached counts for nothing."""
    query = select(
        func.count(),
        func.coalesce(func.sum(ModelCall.tokens_in), 0),
        func.coalesce(func.sum(ModelCall.tokens_out), 0),
        func.coalesce(func.sum(ModelCall.cost_micro), 0),
    ).where(ModelCall.conversation_id == conversation_id, ModelCall.outcome != "over_limit")
    return Spent(*(int(figure) for figure in session.execute(query).one()))
