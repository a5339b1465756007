"""What a reminders run did or would do: who gets what, and who does not and why."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from uuid import UUID

from o2c_core.customers.seller import Seller
from o2c_core.days import days_late
from o2c_core.money import Money, total
from o2c_core.reminders.debts import CALL
from o2c_core.reminders.decisions import most_telling
from o2c_core.reminders.may_contact import Answer, Claim, Reason, Yes, asked_for
from o2c_core.reminders.planning import Plan
from o2c_core.reminders.recipient import PassedOver
from o2c_core.reminders.runs import added, counted
from o2c_core.reminders.unplanned import Unplanned

_REASONS = {reason.value: reason for reason in Reason}


@dataclass(frozen=True, slots=True)
class InvoiceEntry:
    """One invoice, or one part of it, in the report: reminded at `rung`, or skipped for a reason."""

    number: str
    part: int
    parts: int
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
            "part": self.part,
            "parts": self.parts,
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
    hour; or `reason` and `sentence` say why nothing does. `passed_over` are addresses that would have come first. A message
    that `is_draft` waits for approval, and a call is a person's: it has a channel and no words.
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
    is_draft: bool = False
    arm: str | None = None

    @property
    def is_reminded(self) -> bool:
        return self.rung is not None

    @property
    def is_call(self) -> bool:
        return self.is_reminded and self.channel == CALL

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
            "draft": self.is_draft,
            "arm": self.arm,
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
    """The whole run: its counts, and in a report in full an entry per customer and currency, by seller.

    `unplanned` are customers whose data the run broke on; it went on without them.
    """

    on: date
    dry_run: bool
    entries: list[CustomerEntry] = field(default_factory=list)
    counts: dict[str, Any] = field(default_factory=dict)
    unplanned: list[Unplanned] = field(default_factory=list)

    def add(
        self, written: Sequence[tuple[Plan, UUID | None]], seller: Seller, *, in_full: bool, overtaken: int = 0
    ) -> None:
        """Takes what came of a batch into the report: its counts, and with `in_full` an entry for everybody."""
        these = counted(plan for plan, _ in written) | ({"overtaken": overtaken} if overtaken else {})
        self.counts = added(self.counts, these)
        if in_full:
            self.entries.extend(entry_for(plan, seller.ref, self.on, message_id) for plan, message_id in written)

    @property
    def reminded(self) -> list[CustomerEntry]:
        return [entry for entry in self.entries if entry.is_reminded and not entry.is_draft and not entry.is_call]

    @property
    def drafted(self) -> list[CustomerEntry]:
        """What was written and waits for approval."""
        return [entry for entry in self.entries if entry.is_draft]

    @property
    def calls(self) -> list[CustomerEntry]:
        return [entry for entry in self.entries if entry.is_call]

    @property
    def skipped(self) -> list[CustomerEntry]:
        return [entry for entry in self.entries if not entry.is_reminded]

    @property
    def waiting(self) -> list[CustomerEntry]:
        """What was written and may only leave later."""
        return [entry for entry in self.entries if entry.waits_until is not None]

    @property
    def messages(self) -> int:
        """How many go out."""
        return int(self.counts.get("messages", 0))

    @property
    def overtaken(self) -> int:
        """How many customers were left out, since somebody else was taking their steps at that moment."""
        return int(self.counts.get("overtaken", 0))

    @property
    def totals(self) -> dict[str, Money]:
        """What is asked for, by currency; in drafts and by phone too."""
        asked: dict[str, int] = self.counts.get("asked", {})
        return {currency: Money(minor, currency) for currency, minor in sorted(asked.items())}

    @property
    def reasons(self) -> Counter[Reason]:
        """How many invoices were skipped, by reason."""
        return Counter({_REASONS[word]: count for word, count in self.counts.get("reasons", {}).items()})

    def to_json(self) -> dict[str, Any]:
        """The report as plain values: amounts are decimal strings in major units, days are ISO 8601."""
        return {
            "on": self.on.isoformat(),
            "dry_run": self.dry_run,
            "messages": self.messages,
            "drafts": int(self.counts.get("drafts", 0)),
            "calls": int(self.counts.get("calls", 0)),
            "waiting": int(self.counts.get("waiting", 0)),
            "customers_skipped": int(self.counts.get("skipped", 0)),
            "asked": {currency: str(amount.major) for currency, amount in self.totals.items()},
            "reasons": {reason.value: count for reason, count in self.reasons.most_common()},
            "overtaken": self.overtaken,
            "unplanned": [{"customer_id": str(one.customer_id), "broke": one.broke} for one in self.unplanned],
            "entries": [entry.to_json() for entry in self.entries],
        }


def entry_for(plan: Plan, seller_ref: str, on: date, message_id: UUID | None) -> CustomerEntry:
    """The report's entry for a customer, from the same answers the message was made of."""
    debt, written, rung = plan.debt, plan.written, plan.rung
    facts, customer, recipient = debt.facts, debt.customer, debt.recipient
    lines = zip(facts.claims, plan.answers, strict=True)
    why = None if rung else most_telling(plan.answers)
    waits = None if plan.is_draft else plan.waits
    return CustomerEntry(
        seller=seller_ref,
        customer=customer.ref,
        name=customer.name,
        currency=facts.currency,
        language=recipient.language if recipient else None,
        address=recipient.address if recipient else None,
        rung=rung.name if rung else None,
        invoices=tuple(_line(claim, answer, facts.currency, on) for claim, answer in lines),
        reason=why.reason if why else None,
        sentence=why.sentence if why else None,
        message_id=message_id,
        subject=written.subject if written else None,
        text=written.text if written else None,
        channel=CALL if plan.is_call else recipient.channel if recipient else None,
        waits_until=waits.until_at if waits else None,
        waits_why=waits.sentence if waits else None,
        passed_over=debt.passed_over,
        is_draft=plan.is_draft,
        arm=debt.arm,
    )


def _line(claim: Claim, answer: Answer, currency: str, on: date) -> InvoiceEntry:
    refused = None if isinstance(answer, Yes) else answer
    return InvoiceEntry(
        number=claim.number,
        part=claim.part,
        parts=claim.parts,
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
