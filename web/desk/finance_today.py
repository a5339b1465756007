"""What finance has to look at today, and how the books stand, on one page; each of it leads on."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from uuid import UUID

from babel.numbers import format_decimal
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from o2c_core.cases.plan import months_later
from o2c_core.cases.promise import Promise
from o2c_core.customers.authority import DEFAULTS, authority_of
from o2c_core.customers.seller import Seller
from o2c_core.escalations.standing import standing, unfinished_approvals, waiting_approvals
from o2c_core.figures.agreements import promises
from o2c_core.figures.awaited import expected
from o2c_core.figures.definitions import DEFINITIONS
from o2c_core.figures.dso import Figure
from o2c_core.figures.year import years
from o2c_core.invoices.bank import BankTransaction
from o2c_core.money import Money, exponent
from o2c_core.notices.formal_notice import FormalNotice
from o2c_core.reminders.morning import HOUR
from o2c_core.reminders.reminder import ReminderDecision
from o2c_core.reminders.why_answer import reason_named
from o2c_core.store.rows import Row
from web.approvals import ByItself, Waiting, WaitingGroup, by_itself, decided_on, totals, waiting_groups
from web.desk.finance_holds import SHOWN as HOLDS_MAX
from web.desk.finance_holds import holds_shown
from web.front import Book, books
from web.reader import Reader
from web.tasks import tasks_by_kind

COMING_WEEKS = 4
BROKEN_DAYS = 30
REASONS_SHOWN = 6
LOOKS_SHOWN = 5


@dataclass(frozen=True)
class Change:
    """A figure as it is, and what it was a month ago; `is_better` is None where it is the same or cannot be told."""

    title: str
    value: str
    change: str
    is_better: bool | None
    why_not: str


@dataclass(frozen=True)
class Duty:
    """Something that waits for somebody: how many, what they are, and where they are dealt with."""

    count: int
    one: str
    many: str
    address: str
    note: str = ""
    is_urgent: bool = False

    @property
    def title(self) -> str:
        return self.one if self.count == 1 else self.many


@dataclass(frozen=True)
class Today:
    """Everything on the page."""

    groups: Sequence[WaitingGroup]
    needing: Sequence[tuple[Waiting, str]]
    by_itself: Sequence[ByItself]
    held: Sequence[tuple[int, str]]
    held_on: date | None
    duties: Sequence[Duty]
    books: Sequence[Book]
    changes: Sequence[Change]
    coming: Sequence[tuple[Money, Money, Money]]

    @property
    def count(self) -> int:
        return sum(len(group.rows) for group in self.groups)

    @property
    def totals(self) -> list[Money]:
        return totals(row.draft for group in self.groups for row in group.rows)


def today_of(session: Session, seller: Seller, role: str, reader: Reader) -> Today:
    """How it stands for the seller this minute, for somebody who decides in that role."""
    groups = waiting_groups(session, seller.id, reader.today)
    held_on = decided_on(session, seller.id, reader.today)
    return Today(
        groups,
        _needing(groups, _most(role, seller)),
        by_itself(session, seller.id, reader.today),
        _held(session, seller.id, held_on) if held_on else [],
        held_on,
        _duties(session, seller.id, reader),
        books(session, seller.id, reader),
        _changes(session, seller, reader),
        _coming(session, seller.id, reader.today),
    )


def _most(role: str, seller: Seller) -> int:
    """What a reminder may ask for at most when that role approves it, in major units."""
    return authority_of(role, seller).approve_max if role in DEFAULTS else 0


def _needing(groups: Sequence[WaitingGroup], most: int) -> list[tuple[Waiting, str]]:
    """The drafts that somebody should read first, each with why; the largest amounts first."""
    found = []
    for row in (row for group in groups for row in group.rows):
        if not row.is_of_today:
            found.append((row, "of an earlier day; it is written anew before it can go"))
        elif row.draft.asked.minor > most * 10 ** exponent(row.draft.currency):
            found.append((row, "more than you may approve"))
        elif row.draft.own_words:
            found.append((row, f"in the words of {row.draft.own_words['by']}"))
        elif row.is_otherwise:
            found.append((row, row.tone))
    found.sort(key=lambda one: -one[0].draft.asked.minor)
    return found


def _held(session: Session, seller_id: UUID, on: date) -> list[tuple[int, str]]:
    """How many customers heard nothing on that day, by the reason that weighed most; the most frequent first."""
    query = (
        select(ReminderDecision.reason, func.count())
        .where(
            ReminderDecision.seller_id == seller_id,
            ReminderDecision.on == on,
            ReminderDecision.rung.is_(None),
            ReminderDecision.reason.is_not(None),
        )
        .group_by(ReminderDecision.reason)
        .order_by(func.count().desc(), ReminderDecision.reason)
    )
    return [(int(count), reason_named(reason or "").in_general) for reason, count in session.execute(query)]


def _duties(session: Session, seller_id: UUID, reader: Reader) -> list[Duty]:
    """What waits for somebody, what is most pressing first; what there is none of is left out."""
    today, now = reader.today, reader.now
    escalations = standing(session, seller_id, now)
    late = sum(one.is_late for one in escalations)
    approvals = len(waiting_approvals(session, seller_id)) + len(unfinished_approvals(session, seller_id))
    notices = _count(session, FormalNotice, FormalNotice.seller_id == seller_id, FormalNotice.state == "proposed")
    tasks = tasks_by_kind(session, seller_id)
    money, amounts = _unmatched(session, seller_id, reader)
    ending = sum(one.is_soon(today) for one in holds_shown(session, seller_id, today, HOLDS_MAX)[:HOLDS_MAX])
    broken = _count(
        session, Promise, Promise.seller_id == seller_id, Promise.state == "broken",
        Promise.settled_on > today - timedelta(days=BROKEN_DAYS),
    )  # fmt: skip
    due = _count(
        session, Promise, Promise.seller_id == seller_id, Promise.state == "open", Promise.promised_on <= today
    )
    data = tasks.get("data_fix", 0)
    unsure = tasks.get("uncertain_send", 0)
    others = sum(tasks.values()) - data - unsure
    duties = (
        Duty(
            len(escalations), "escalation stands open", "escalations stand open", "/rules#open",
            f"{late} late" if late else "", is_urgent=late > 0,
        ),
        Duty(approvals, "approval is asked for", "approvals are asked for", "/rules#approvals"),
        Duty(notices, "formal notice to approve", "formal notices to approve", "/finance/notices"),
        Duty(money, "amount of money has no place", "amounts of money have no place", "/finance/money", amounts),
        Duty(unsure, "message may or may not have left", "messages may or may not have left",
             "/outbox/tasks?kind=uncertain_send", is_urgent=True),
        Duty(data, "address does not work", "addresses do not work", "/outbox/tasks?kind=data_fix"),
        Duty(others, "other thing for a person", "other things for a person", "/outbox/tasks"),
        Duty(broken, "promise was broken", "promises were broken", "/finance/promises?show=broken",
             f"in {BROKEN_DAYS} days"),
        Duty(due, "promise is due", "promises are due", "/finance/promises?show=due"),
        Duty(ending, "hold ends within a week", "holds end within a week", "/finance/holds"),
    )  # fmt: skip
    return [duty for duty in duties if duty.count]


def _unmatched(session: Session, seller_id: UUID, reader: Reader) -> tuple[int, str]:
    query = (
        select(BankTransaction.currency, func.count(), func.sum(BankTransaction.amount_minor))
        .where(BankTransaction.seller_id == seller_id, BankTransaction.state == "waiting")
        .group_by(BankTransaction.currency)
        .order_by(BankTransaction.currency)
    )
    rows = session.execute(query).all()
    said = ", ".join(reader.minor(int(minor), currency) for currency, _, minor in rows)
    return sum(int(count) for _, count, _ in rows), said


def _count(session: Session, noun: type[Row], *which: ColumnElement[bool]) -> int:
    return session.scalar(select(func.count()).select_from(noun).where(*which)) or 0


def _changes(session: Session, seller: Seller, reader: Reader) -> list[Change]:
    """How fast sales become money in the seller's own currency, today and a month ago."""
    before_on = months_later(reader.today, -1)
    now, before = (
        next((one.figures for one in years(session, seller.id, on) if one.currency == seller.currency), {})
        for on in (reader.today, before_on)
    )
    kept, kept_before = (
        next((one.rate for one in promises(session, seller.id, on) if one.currency == seller.currency), None)
        for on in (reader.today, before_on)
    )
    found = [
        _change(name, now[name], before.get(name), reader)
        for name in ("dso", "collection_effectiveness")
        if name in now
    ]
    if kept is not None:
        found.append(_change("promises_kept", kept, kept_before, reader))
    return found


def _change(name: str, now: Figure, before: Figure | None, reader: Reader) -> Change:
    known = DEFINITIONS[name]
    value = now.rounded(0)
    if value is None:
        return Change(known.title, "–", "", None, now.why_not)
    shown = f"{_plain(value, reader)}\N{NO-BREAK SPACE}{known.unit}"
    was = before.rounded(0) if before is not None else None
    if was is None:
        return Change(known.title, shown, "nothing to compare with a month ago", None, "")
    if value == was:
        return Change(known.title, shown, "as a month ago", None, "")
    word, sign = ("up", "↑") if value > was else ("down", "↓")
    is_better = (value < was) == (known.better == "lower")
    return Change(known.title, shown, f"{sign} {word} {_plain(abs(value - was), reader)} in a month", is_better, "")


def _plain(value: Decimal, reader: Reader) -> str:
    return str(format_decimal(value, format="#,##0", locale=reader.locale))


def _coming(session: Session, seller_id: UUID, today: date) -> list[tuple[Money, Money, Money]]:
    """What comes in the next four weeks, per currency: low, likely and high."""
    found = []
    for one in expected(session, seller_id, today, COMING_WEEKS):
        last = one.by_then[-1]
        low, likely, high = (Money(minor, one.currency) for minor in (last.low, last.likely, last.high))
        found.append((low, likely, high))
    return found


def next_run(seller: Seller) -> str:
    """When reminders are written by themselves, in a sentence."""
    chosen = (seller.settings or {}).get("reminders", {})
    if not chosen.get("by_itself", True):
        return "Nothing was written today. Reminders are written when somebody asks for it."
    hour = int(chosen.get("hour", HOUR))
    return f"Nothing was written yet. Reminders are written from {hour:02}:00 on the seller's working days."
