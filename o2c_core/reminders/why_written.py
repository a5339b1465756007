"""What was written to a customer for a day and what became of it, as finance and the customer may read it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.reminders import finance_words as words
from o2c_core.reminders.answer import Reason
from o2c_core.reminders.claims import PLAN_LADDER
from o2c_core.reminders.ladders.versions import NoSuchVersion, ladder_at
from o2c_core.reminders.receipts import TO_PAY
from o2c_core.reminders.reminder import Reminder
from o2c_core.reminders.why_answer import Kind, Told, Why, reason_named
from o2c_core.trail import TrailLine

_BEGAN = ("reminder queued", "reminder drafted", "reminder renewed")
_TRAIL = {
    "reminder drafted": "Written down to be approved", "reminder queued": "Written", "reminder renewed": "Written anew",
    "reminder edited": "Put in other words", "reminder approved": "Approved", "reminder skipped": "Skipped",
    "reminder withdrawn": "Withdrawn", "message put off": "Put off", "message failed": "Did not arrive",
}  # fmt: skip
# Of these the trail's why is a code of ours, which the sentences say in words.
_WHY_IS_A_CODE = ("reminder queued", "reminder drafted", "reminder approved")
_KINDS: dict[str, Kind] = {
    "draft": "waits", "queued": "queued", "sending": "queued", "sent": "sent", "delivered": "sent",
    "withdrawn": "withdrawn", "failed": "failed", "uncertain": "uncertain",
}  # fmt: skip


def what_was_written(
    session: Session, seller: Seller, customer: Customer, on: date, now: datetime, told: Told
) -> list[Why]:
    """One answer per message that was written for that day, also where it was withdrawn since."""
    lines = session.scalars(
        select(TrailLine)
        .where(
            TrailLine.customer_id == customer.id,
            TrailLine.what.in_(_BEGAN),
            TrailLine.details["on"].astext == on.isoformat(),
        )
        .order_by(TrailLine.id)
    ).all()
    ids = list(dict.fromkeys(line.message_id for line in lines if line.message_id))
    return [_Letter.read(session, seller, customer, id_).answer(on, now, told) for id_ in ids]


@dataclass(frozen=True)
class _Letter:
    """A message with whatever went instead of it where it did not arrive, its steps, and what the trail says of it."""

    seller: Seller
    messages: tuple[Message, ...]
    step: Reminder | None
    usual_tone: str | None
    trail: tuple[TrailLine, ...]
    numbers: tuple[str, ...]
    asked: Money

    @classmethod
    def read(cls, session: Session, seller: Seller, customer: Customer, message_id: UUID) -> _Letter:
        messages = [session.get_one(Message, message_id)]
        while (instead := session.scalar(select(Message).where(Message.instead_of_id == messages[-1].id))) is not None:
            messages.append(instead)
        ids = [one.id for one in messages]
        trail = tuple(
            session.scalars(select(TrailLine).where(TrailLine.message_id.in_(ids)).order_by(TrailLine.id)).all()
        )
        steps = session.execute(
            select(Reminder, Invoice.number, Invoice.currency)
            .join(Invoice, Invoice.id == Reminder.invoice_id)
            .where(Reminder.message_id.in_(ids))
            .order_by(Reminder.days.desc(), Invoice.due_on)
        ).all()
        step: Reminder | None = steps[0].Reminder if steps else None
        first = next((line for line in trail if line.details.get("invoices")), None)
        numbers = [number for _, number, _ in steps] or list(first.details["invoices"] if first else [])
        currency = steps[0].currency if steps else _currency_of(session, customer, numbers)
        minor = next((int(one["minor"]) for one in messages[-1].receipts if one.get("id") == TO_PAY), 0)
        return cls(
            seller, tuple(messages), step, _usual_tone(session, seller, step), trail, tuple(dict.fromkeys(numbers)),
            Money(minor, currency),
        )  # fmt: skip

    @property
    def last(self) -> Message:
        """The one that counts: what went instead of those before it, or the message itself."""
        return self.messages[-1]

    def answer(self, on: date, now: datetime, told: Told) -> Why:
        kind = _KINDS.get(self.last.delivery, "sent")
        first = self.messages[0]
        noun = "draft" if kind == "waits" and len(self.messages) == 1 else "message"
        head = (
            f"A {noun} was written for {words.day(on)} about {words.about(self.numbers, self.asked)}, "
            f"{words.place(first.channel, first.address)}. {self._state(first, now)}"
        )
        said = [head, *(self._instead(one, now) for one in self.messages[1:])]
        said += self._taken()
        said += self._passed_over()
        said += [self._noted(line) for line in self.trail if line.what in _TRAIL]
        return Why(on, kind, self.asked.currency, tuple(said), self._told(kind, now, told), first.id)

    def _told(self, kind: Kind, now: datetime, told: Told) -> str:
        if kind == "withdrawn":
            return told.withdrawn(self.numbers, self.asked, *self._withdrawn())
        if kind == "queued" and self.last.not_before is not None and self.last.not_before > now:
            zone = ZoneInfo(self.seller.time_zone)
            leaves_on = self.last.not_before.astimezone(zone).date()
            if leaves_on > now.astimezone(zone).date():
                return told.said("queued_until", self.numbers, self.asked, leaves_on)
        return told.said(kind, self.numbers, self.asked)

    def _state(self, message: Message, now: datetime) -> str:
        """Where it is on its way, in a sentence that says no more than is known."""
        match message.delivery:
            case "draft":
                return "It waits for approval."
            case "queued" if message.not_before is not None and message.not_before > now:
                why = f": {words.within(message.waits_why.partition(';')[0])}" if message.waits_why else ""
                return f"It is written and waits until {words.moment(message.not_before, self.seller)}{why}."
            case "queued":
                return "It is waiting to be sent."
            case "sending":
                return "It is being sent."
            case "sent" if message.carrier == "captured":
                return "It was kept in the outbox and did not leave the house: no provider is set up."
            case "sent":
                return f"It was sent{self._at(message.sent_at)}."
            case "delivered":
                return f"It was delivered{self._at(message.delivered_at)}."
            case "failed":
                why = message.failed_why.rstrip(".") if message.failed_why else ""
                return f"It did not arrive{f': {why}' if why else ''}."
            case "uncertain":
                return "Nobody knows whether it arrived."
            case _:
                reason = self._withdrawn_line()
                return f"It was withdrawn before it left{f': {words.within(reason.why)}' if reason else ''}."

    def _at(self, at: datetime | None) -> str:
        return f" on {words.moment(at, self.seller)}" if at is not None else ""

    def _instead(self, message: Message, now: datetime) -> str:
        return f"Another went {words.place(message.channel, message.address)} instead. {self._state(message, now)}"

    def _taken(self) -> list[str]:
        """The step it took, how it sounded and why, and what was tried with it."""
        step = self.step
        if step is None:
            return []
        is_of_plan = step.ladder.startswith(PLAN_LADDER)
        of = (
            f"payment plan {step.ladder.removeprefix(PLAN_LADDER)}"
            if is_of_plan
            else f"ladder {step.ladder}, version {step.ladder_version}"
        )
        said = [f"It took {words.step(step.days, step.rung)}, of {of}."]
        if step.tone is not None:
            usual = self.usual_tone or step.tone
            said.append(
                f"Its tone: {words.tone(step.tone)}, as the step says."
                if usual == step.tone
                else f"Its tone: {words.tone(step.tone)}, and not {words.tone(usual)} as the step says, because of how they "
                "paid and what they promised before."
            )
        if step.arm:
            said.append(f"It takes part in a trial by lot: {step.arm}.")
        return said

    def _passed_over(self) -> list[str]:
        first: list[dict[str, str]] = next(
            (line.details["passed_over"] for line in self.trail if line.details.get("passed_over")), []
        )
        return [f"It did not go {words.way(one['channel'])}: {reason_named(one['why']).sentence}" for one in first]

    def _noted(self, line: TrailLine) -> str:
        who = "" if line.who in ("system", "assistant") else f" by {line.who}"
        why = f": {line.why.rstrip('.')}" if line.why and line.what not in _WHY_IS_A_CODE else ""
        return f"{_TRAIL[line.what]}{who} on {words.moment(line.at, self.seller)}{why}."

    def _withdrawn_line(self) -> TrailLine | None:
        return next((line for line in reversed(self.trail) if line.what == "reminder withdrawn"), None)

    def _withdrawn(self) -> tuple[Reason | None, date | None]:
        line = self._withdrawn_line()
        reason, on = (line.details.get("reason"), line.details.get("day")) if line else (None, None)
        return reason_named(reason) if reason else None, date.fromisoformat(on) if on else None


def _usual_tone(session: Session, seller: Seller, step: Reminder | None) -> str | None:
    """The step's own tone, where its ladder is still known."""
    if step is None:
        return None
    try:
        rungs = ladder_at(session, seller.id, step.ladder, step.ladder_version).rungs
    except NoSuchVersion:
        return None
    return next((rung.tone for rung in rungs if rung.name == step.rung), None)


def _currency_of(session: Session, customer: Customer, numbers: Sequence[str]) -> str:
    query = select(Invoice.currency).where(Invoice.customer_id == customer.id, Invoice.number.in_(numbers)).limit(1)
    return session.scalar(query) or customer.currency
