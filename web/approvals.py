"""What finance sees of today's reminders: what waits for approval and why, what goes by itself, and what is held."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import and_, case, func, select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.customers.masked import masked
from o2c_core.money import Money
from o2c_core.reminders.answer import NotNow, Reason
from o2c_core.reminders.drafts import Draft, drafts_of
from o2c_core.reminders.ladder import Rung
from o2c_core.reminders.ladders.summary import when
from o2c_core.reminders.ladders.versions import NoSuchVersion, ladder_at
from o2c_core.reminders.reminder import Reminder, ReminderDecision
from o2c_core.reminders.why_answer import reason_named
from web.outbox import CHANNEL_NAMES

NAMED_MAX = 40
# The state of a message that was kept instead of sent, as no carrier is set up.
KEPT = "kept here, not sent"
_TONES = {
    "courtesy": "a courtesy", "neutral": "in a neutral tone", "asking": "asks what is in the way",
    "clear": "in a clear tone", "serious": "in a serious tone",
}  # fmt: skip


@dataclass(frozen=True)
class Waiting:
    """One draft as a row of the page."""

    draft: Draft
    is_of_today: bool
    usual_tone: str | None

    @property
    def id(self) -> UUID:
        return self.draft.message.id

    @property
    def is_otherwise(self) -> bool:
        """Whether it sounds otherwise than its step says."""
        return self.usual_tone not in (None, self.draft.tone)

    @property
    def tone(self) -> str:
        """How it sounds, and that this is not the step's own tone where it is not."""
        said = _TONES.get(self.draft.tone or "", self.draft.tone or "")
        return f"{said}, because of how they paid before" if self.is_otherwise else said

    @property
    def to(self) -> str:
        message = self.draft.message
        return f"{CHANNEL_NAMES.get(message.channel, message.channel)} to {masked(message.address)}"


@dataclass(frozen=True)
class WaitingGroup:
    """Drafts that wait for the same reason."""

    title: str
    why: str
    rows: tuple[Waiting, ...]

    @property
    def totals(self) -> list[Money]:
        return totals(row.draft for row in self.rows)


@dataclass(frozen=True)
class HeldGroup:
    """Customers who hear nothing for the same reason; each with the amount that is open and what keeps it."""

    reason: str
    sentence: str
    count: int
    customers: tuple[tuple[str, str, Money | None, str], ...]


@dataclass(frozen=True)
class ByItself:
    """Messages that need nobody: how many at a step, and in which state they are."""

    step: str
    count: int
    states: tuple[tuple[str, int], ...]


def totals(drafts: Iterable[Draft]) -> list[Money]:
    """What they ask for, by currency."""
    sums: dict[str, Money] = {}
    for draft in drafts:
        sums[draft.currency] = sums.get(draft.currency, Money.zero(draft.currency)) + draft.asked
    return [sums[currency] for currency in sorted(sums)]


def waiting_groups(session: Session, seller_id: UUID, today: date) -> list[WaitingGroup]:
    """What waits, grouped by why: the step and what its ladder says of approval; the highest step first."""
    groups: dict[tuple[int, str, str, int], list[Draft]] = {}
    for draft in drafts_of(session, seller_id):
        groups.setdefault((draft.days, draft.rung, draft.ladder, draft.version), []).append(draft)
    found = []
    for (days, name, ladder, version), drafts in sorted(groups.items(), key=lambda one: (-one[0][0], *one[0][1:])):
        rung = _rung(session, seller_id, ladder, version, name)
        rows = tuple(Waiting(one, one.on >= today, rung.tone if rung else None) for one in drafts)
        found.append(WaitingGroup(f"{when(days)}", _why(rung, ladder, version), rows))
    return found


def by_itself(session: Session, seller_id: UUID, on: date) -> list[ByItself]:
    """What was written on that day and needs nobody's approval, by step; what only stayed here is not told as sent."""
    stayed = and_(Message.carrier == "captured", Message.delivery == "sent")
    kept = case((stayed, KEPT), else_=Message.delivery)
    query = (
        select(Reminder.days, kept, func.count(Message.id.distinct()))
        .join(Message, Message.id == Reminder.message_id)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Conversation.seller_id == seller_id, Reminder.on == on, Message.delivery != "draft")
        .group_by(Reminder.days, kept)
        .order_by(Reminder.days, kept)
    )
    steps: dict[int, list[tuple[str, int]]] = {}
    for days, delivery, count in session.execute(query):
        steps.setdefault(int(days), []).append((str(delivery), int(count)))
    return [ByItself(when(days), sum(count for _, count in states), tuple(states)) for days, states in steps.items()]


def decided_on(session: Session, seller_id: UUID, today: date) -> date | None:
    """The newest day, up to today, of which it is on record why customers heard nothing."""
    return session.scalar(
        select(func.max(ReminderDecision.on)).where(
            ReminderDecision.seller_id == seller_id, ReminderDecision.on <= today
        )
    )


def held_groups(session: Session, seller_id: UUID, on: date) -> list[HeldGroup]:
    """Who heard nothing on that day, by reason; the most frequent first, and of each the largest amounts."""
    query = (
        select(ReminderDecision, Customer.ref, Customer.name)
        .join(Customer, Customer.id == ReminderDecision.customer_id)
        .where(
            ReminderDecision.seller_id == seller_id,
            ReminderDecision.on == on,
            ReminderDecision.rung.is_(None),
            ReminderDecision.reason.is_not(None),
        )
    )
    groups: dict[Reason, list[tuple[str, str, Money | None, str]]] = {}
    for decision, ref, name in session.execute(query):
        reason = reason_named(decision.reason or "")
        # Of somebody nothing could be worked out for, what is open is not known either.
        minor = sum(int(one["open_minor"]) for one in decision.invoices)
        opened = Money(minor, decision.currency) if decision.invoices else None
        groups.setdefault(reason, []).append((ref, name, opened, NotNow(None, reason, decision.reason_day).sentence))
    ordered = sorted(groups.items(), key=lambda one: (-len(one[1]), one[0].value))
    return [
        HeldGroup(
            reason.value.replace("_", " "),
            reason.sentence if "{" not in reason.sentence else people[0][3] if len(people) == 1 else reason.in_general,
            len(people),
            tuple(sorted(people, key=lambda one: (-one[2].minor if one[2] else 0, one[1]))[:NAMED_MAX]),
        )
        for reason, people in ordered
    ]


def _rung(session: Session, seller_id: UUID, ladder: str, version: int, name: str) -> Rung | None:
    try:
        rungs = ladder_at(session, seller_id, ladder, version).rungs
    except NoSuchVersion:
        return None
    return next((rung for rung in rungs if rung.name == name), None)


def _why(rung: Rung | None, ladder: str, version: int) -> str:
    of = f"Ladder {ladder}, version {version}"
    if rung is None or rung.mode == "automatic":
        return f"{of}: this step waits for approval."
    below = f" of {rung.automatic_below_major:f} or more" if rung.automatic_below_major is not None else ""
    if rung.mode == "draft":
        return f"{of}: messages{below} at this step are only written down; they leave when you send them."
    return f"{of}: each message{below} at this step is looked at first."
