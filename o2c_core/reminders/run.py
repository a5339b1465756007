"""What a reminders run did or would do: who gets what, and who does not and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from o2c_core.days import days_late
from o2c_core.money import Money, total
from o2c_core.reminders.debts import Debt
from o2c_core.reminders.may_contact import Answer, Claim, No, NotNow, Reason, Yes, asked_for
from o2c_core.reminders.recipient import PassedOver
from o2c_core.reminders.written import Written


@dataclass(frozen=True, slots=True)
class InvoiceEntry:
    """One invoice in the report: reminded at `rung`, or skipped for a reason."""

    number: str
    due_on: date
    days_late: int
    total: Money
    open: Money
    asked: Money
    disputed: Money
    promised: Money
    rung: str | None
    reason: Reason | None
    sentence: str | None

    def to_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "due_on": self.due_on.isoformat(),
            "days_late": self.days_late,
            "total": str(self.total.major),
            "open": str(self.open.major),
            "disputed": str(self.disputed.major),
            "promised": str(self.promised.major),
            "asked": str(self.asked.major if self.rung else Money.zero(self.asked.currency).major),
            "rung": self.rung,
            "skipped": _skipped(self.reason, self.sentence),
        }


@dataclass(frozen=True, slots=True)
class CustomerEntry:
    """One customer and currency in the report.

    Either `message_id`, `subject` and `text` say what goes out, on which `channel`, and until when it `waits_until` its
    hour; or `reason` and `sentence` say why nothing does. `passed_over` are addresses that would have come first.
    """

    seller: str
    customer: str
    name: str
    currency: str
    language: str | None
    address: str | None
    rung: str | None
    invoices: tuple[InvoiceEntry, ...]
    reason: Reason | None
    sentence: str | None
    message_id: UUID | None = None
    subject: str | None = None
    text: str | None = None
    channel: str | None = None
    waits_until: datetime | None = None
    waits_why: str | None = None
    passed_over: tuple[PassedOver, ...] = ()

    @property
    def is_reminded(self) -> bool:
        return self.rung is not None

    @property
    def asked(self) -> Money:
        return total((entry.asked for entry in self.invoices if entry.rung), self.currency)

    def to_json(self) -> dict[str, Any]:
        return {
            "seller": self.seller,
            "customer": self.customer,
            "name": self.name,
            "currency": self.currency,
            "language": self.language,
            "channel": self.channel,
            "address": self.address,
            "passed_over": [
                {"channel": one.channel, "address": one.address} | (_skipped(one.reason, None) or {})
                for one in self.passed_over
            ],
            "waits_until": self.waits_until.isoformat() if self.waits_until else None,
            "waits_why": self.waits_why,
            "rung": self.rung,
            "asked": str(self.asked.major),
            "message_id": str(self.message_id) if self.message_id else None,
            "subject": self.subject,
            "text": self.text,
            "skipped": _skipped(self.reason, self.sentence),
            "invoices": [entry.to_json() for entry in self.invoices],
        }


@dataclass
class RemindersRun:
    """The whole run, by seller and customer."""

    on: date
    dry_run: bool
    entries: list[CustomerEntry] = field(default_factory=list)

    @property
    def reminded(self) -> list[CustomerEntry]:
        return [entry for entry in self.entries if entry.is_reminded]

    @property
    def skipped(self) -> list[CustomerEntry]:
        return [entry for entry in self.entries if not entry.is_reminded]

    @property
    def waiting(self) -> list[CustomerEntry]:
        """What was written and may only leave later."""
        return [entry for entry in self.entries if entry.waits_until is not None]

    @property
    def totals(self) -> dict[str, Money]:
        """What is asked for, by currency."""
        sums: dict[str, Money] = {}
        for entry in self.reminded:
            sums[entry.currency] = sums.get(entry.currency, Money.zero(entry.currency)) + entry.asked
        return dict(sorted(sums.items()))

    @property
    def reasons(self) -> Counter[Reason]:
        """How many invoices were skipped, by reason."""
        return Counter(line.reason for entry in self.entries for line in entry.invoices if line.reason)

    def to_json(self) -> dict[str, Any]:
        """The report as plain values: amounts are decimal strings in major units, days are ISO 8601."""
        return {
            "on": self.on.isoformat(),
            "dry_run": self.dry_run,
            "messages": len(self.reminded),
            "waiting": len(self.waiting),
            "customers_skipped": len(self.skipped),
            "asked": {currency: str(amount.major) for currency, amount in self.totals.items()},
            "reasons": {reason.value: count for reason, count in self.reasons.most_common()},
            "entries": [entry.to_json() for entry in self.entries],
        }


def entry_for(
    debt: Debt,
    answers: Sequence[Answer],
    seller_ref: str,
    on: date,
    written: Written | None,
    waits: NotNow | None,
    message_id: UUID | None,
) -> CustomerEntry:
    """The report's entry for a customer, from the same answers the message was made of."""
    facts, customer = debt.facts, debt.customer
    lines = tuple(_line(claim, answer, facts.currency, on) for claim, answer in zip(facts.claims, answers, strict=True))
    rungs = [answer.rung for answer in answers if isinstance(answer, Yes)]
    why = None if rungs else _most_telling(answer for answer in answers if isinstance(answer, No | NotNow))
    return CustomerEntry(
        seller=seller_ref,
        customer=customer.ref,
        name=customer.name,
        currency=facts.currency,
        language=debt.recipient.language if debt.recipient else None,
        address=debt.recipient.address if debt.recipient else None,
        rung=max(rungs, key=lambda rung: rung.days).name if rungs else None,
        invoices=lines,
        reason=why.reason if why else None,
        sentence=why.sentence if why else None,
        message_id=message_id,
        subject=written.subject if written else None,
        text=written.text if written else None,
        channel=debt.recipient.channel if debt.recipient else None,
        waits_until=waits.until_at if waits else None,
        waits_why=waits.sentence if waits else None,
        passed_over=debt.passed_over,
    )


# Why a customer hears nothing, most telling first: what kept a message from going out today, then that one went out
# already, then what somebody can act on, then what merely takes its course.
_TELLING = (
    Reason.BOUNCED, Reason.NO_ADDRESS, Reason.OPTED_OUT, Reason.WINDOW_CLOSED, Reason.NO_HOURS,
    Reason.CONVERSATION_LIVE, Reason.UNANSWERED, Reason.TALKING, Reason.AWAY, Reason.OFTEN_ENOUGH,
    Reason.MONEY_PENDING, Reason.REST_DAY, Reason.QUIET_HOURS,
    Reason.WALK_IN, Reason.ALREADY_REMINDED, Reason.LADDER_DONE, Reason.ON_HOLD, Reason.ON_PLAN, Reason.PROMISED,
    Reason.OPEN_COMPLAINT, Reason.DISPUTED, Reason.NOT_YET, Reason.BELOW_MINIMUM, Reason.CREDITED, Reason.PAID,
    Reason.AMOUNT_CHANGED, Reason.OUT_OF_DATE,
)  # fmt: skip


def _most_telling(answers: Iterable[No | NotNow]) -> No | NotNow:
    return min(answers, key=lambda answer: _TELLING.index(answer.reason))


def _line(claim: Claim, answer: Answer, currency: str, on: date) -> InvoiceEntry:
    refused = None if isinstance(answer, Yes) else answer
    return InvoiceEntry(
        number=claim.number,
        due_on=claim.due_on,
        days_late=days_late(claim.due_on, on) if claim.open_minor > 0 else 0,
        total=Money(claim.total_minor, currency),
        open=Money(claim.open_minor, currency),
        asked=asked_for(claim, currency),
        disputed=Money(max(0, min(claim.disputed_minor, claim.open_minor)), currency),
        promised=Money(claim.promised_minor, currency),
        rung=answer.rung.name if isinstance(answer, Yes) else None,
        reason=refused.reason if refused else None,
        sentence=refused.sentence if refused else None,
    )


def _skipped(reason: Reason | None, sentence: str | None) -> dict[str, str] | None:
    return {"reason": reason.value, "sentence": sentence or reason.sentence} if reason else None
