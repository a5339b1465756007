"""What came of deciding about reminders, for the top of their page: how many left, and of each that did not why."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.approve_reminders import Approved
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.store.store import Store

# What becomes of one that is not let go, in words; the first two still wait for somebody.
_OUTCOMES = {
    "renewed": "written anew", "refused": "more than you may approve", "withdrawn": "withdrawn",
    "gone": "decided by somebody else",
}  # fmt: skip
_STAYS = ("renewed", "refused")


@dataclass(frozen=True)
class Decided:
    """A sentence, and what there is to say of single reminders."""

    sentence: str
    tone: str = "good"
    rest: tuple[NotGone, ...] = ()


@dataclass(frozen=True)
class NotGone:
    """A reminder that was not let go: whose it is, what became of it and why, and where it can be looked at."""

    customer: str
    became: str
    why: str
    address: str


def told_of(store: Store, done: list[Approved], *, more: int = 0) -> Decided:
    """How many left, what became of the others, and each of those with its reason."""
    gone = [one for one in done if one.outcome == "approved"]
    rest = [one for one in done if one.outcome != "approved"]
    waits = sum(one.until is not None for one in gone)
    said = f"{_count(len(gone), 'reminder')} approved." if gone else "Nothing was approved."
    if waits:
        said += (
            f" {waits} of them {'waits' if waits == 1 else 'wait'} for the hours of the customer."
            if len(gone) > 1
            else " It waits for the customer's hours."
        )
    if len(rest) > 1 or (rest and gone):
        counts = [(name, sum(one.outcome == outcome for one in rest)) for outcome, name in _OUTCOMES.items()]
        said += f" Not sent: {', '.join(f'{count} {name}' for name, count in counts if count)}."
    if more:
        said += f" {more} more {'waits' if more == 1 else 'wait'}; {len(done)} are looked at together."
    with store.session() as session:
        names = _names(session, [one.message_id for one in rest])
    return Decided(
        said,
        "good" if gone else "warn",
        tuple(
            NotGone(
                names.get(one.message_id, "A reminder that is not there"),
                _OUTCOMES[one.outcome],
                one.sentence,
                f"{'/reminders' if one.outcome in _STAYS else '/outbox'}/{one.message_id}"
                if one.message_id in names
                else "",
            )
            for one in rest
        ),
    )


def _names(session: Session, ids: Collection[UUID]) -> dict[UUID, str]:
    """Whose each of those messages is."""
    query = (
        select(Message.id, Customer.name)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .join(Customer, Customer.id == Conversation.customer_id)
    )
    return {row.id: row.name for row in session.execute(query.where(Message.id.in_(ids)))}


def _count(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
