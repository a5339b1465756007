"""What a payer did before: how they pay, whether their word held, whether we were late, and where they were reached."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from math import ceil
from types import MappingProxyType
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, text
from sqlalchemy.orm import Session

from o2c_core.invoices.habit import QUANTILES, Habit
from o2c_core.reminders.heard import Place

# With fewer paid invoices than these nobody has a habit, good or bad.
PAID_MIN = 4
# A habit is what was paid in the last year.
DAYS = 365
# From how far apart its quarters are, a habit is none: whoever pays on day 2 or on day 20 has no day of their own.
STEADY_DAYS = 4
# Whoever pays later than this, however steadily, is late, and waiting for them helps nobody.
HABIT_DAYS_MAX = 10
# Of what we delivered late an invoice is asked for that many days later, and never more than two weeks.
OUR_DELAY_DAYS_MAX = 14
# Who is late with one invoice in ten usually pays on time.
LATE_SHARE_MAX = 0.1
# Older than this a broken promise says nothing any more.
BROKEN_DAYS = 180
# Where somebody was reached longer ago than this, nobody knows whether they still are.
REACHED_DAYS = 180


@dataclass(frozen=True, slots=True)
class Broken:
    """A promise that did not hold: what was promised, by which day, and what of it came. Without invoices it is about
    the account. Of a payment plan that did not hold, which `plan` names, it is the first part that was missed: its day, and
    what all parts up to it come to."""

    promised_on: date
    minor: int
    paid_minor: int
    currency: str
    invoice_ids: frozenset[UUID] = frozenset()
    made_on: date | None = None
    plan: str | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """Goods of ours that came `days` late, or that many days ago should have come; `asked_days` fall after the invoice."""

    order: str
    days: int
    delivered_on: date | None
    asked_days: int


@dataclass(frozen=True, slots=True)
class History:
    """One payer's past as of a day.

    Of the `paid` invoices of the last year `late` came after their due day and `reminded` were reminded of after it.
    `broken` are promises and plans that did not hold, newest first; `deliveries` our own late ones by invoice.
    `delivered` are the places where messages arrived or that they wrote from, `replied` the place they last wrote from.
    """

    paid: int = 0
    late: int = 0
    reminded: int = 0
    habit: Habit | None = None
    broken: tuple[Broken, ...] = ()
    deliveries: Mapping[UUID, Delivery] = field(default_factory=lambda: MappingProxyType({}))
    delivered: frozenset[Place] = frozenset()
    replied: Place | None = None

    @property
    def is_punctual(self) -> bool:
        """Whether they usually pay on time: of enough invoices hardly one was late, and none was reminded of."""
        return self.paid >= PAID_MIN and self.reminded == 0 and self.late <= self.paid * LATE_SHARE_MAX

    @property
    def habit_day(self) -> int | None:
        """By how many days after the due day their money is usually there; None without a steady habit of being a few
        days late, and for whoever broke their word."""
        habit = self.habit
        if habit is None or habit.invoices < PAID_MIN or self.broken:
            return None
        day = ceil(habit.slow)
        return day if habit.slow - habit.early <= STEADY_DAYS and 0 < day <= HABIT_DAYS_MAX else None

    def waits_until(self, due_on: date) -> date | None:
        """The last day on which an invoice due then is left to come by itself, as they always pay; None without a habit."""
        return due_on + timedelta(days=self.habit_day) if self.habit_day is not None else None

    def our_delay_until(self, invoice_id: UUID, due_on: date) -> date | None:
        """The last day on which the invoice is not asked for because we delivered late; None when we did not."""
        late = self.deliveries.get(invoice_id)
        if late is None or late.asked_days <= 0:
            return None
        return due_on + timedelta(days=min(late.asked_days, OUR_DELAY_DAYS_MAX))

    def broken_about(self, invoice_ids: Collection[UUID], currency: str) -> tuple[Broken, ...]:
        """The promises about any of those invoices, or about the account in that currency, newest first."""
        return tuple(
            one
            for one in self.broken
            if one.currency == currency and (not one.invoice_ids or not one.invoice_ids.isdisjoint(invoice_ids))
        )


NO_HISTORY = History()

_PAID = text("""
    SELECT paid.customer_id, count(*) AS paid, count(*) FILTER (WHERE paid_on > due_on) AS late,
           count(*) FILTER (WHERE was_reminded) AS reminded,
           percentile_cont(:quantiles) WITHIN GROUP (ORDER BY paid_on - due_on) FILTER (WHERE NOT was_reminded) AS days
    FROM (
        SELECT i.id, i.customer_id, i.due_on, max(a.allocated_on) AS paid_on, EXISTS (
                   SELECT FROM reminder r WHERE r.invoice_id = i.id AND r.days > 0 AND r.on <= :on) AS was_reminded
        FROM invoice i JOIN allocation a ON a.invoice_id = i.id AND a.allocated_on <= :on
        WHERE i.customer_id = ANY(:ids) AND i.issued_on BETWEEN cast(:begin AS date) - 180 AND :on
          AND NOT i.is_in_instalments
        GROUP BY i.id
        HAVING sum(a.amount_minor) >= i.total_minor AND max(a.allocated_on) > :begin
           AND sum(a.amount_minor) FILTER (WHERE a.payment_id IS NOT NULL) > 0
    ) paid
    GROUP BY 1
""").bindparams(bindparam("quantiles", list(QUANTILES)))

# What was set against the promised invoices after the promise was made and by its last day; of the account, what came. Of
# a plan what was set against its invoices since it began, and the first part that should have been there when it broke.
_BROKEN = text("""
    SELECT p.customer_id, p.promised_on, p.amount_minor, p.currency, named.ids, p.made_on, NULL AS plan, p.id,
           CASE WHEN named.ids IS NULL THEN (
               SELECT coalesce(sum(m.amount_minor), 0) FROM payment m
               WHERE m.customer_id = p.customer_id AND m.currency = p.currency
                 AND m.received_on > p.made_on AND m.received_on <= :on)
           ELSE (
               SELECT coalesce(sum(a.amount_minor), 0) FROM allocation a
               WHERE a.invoice_id = ANY(named.ids) AND a.payment_id IS NOT NULL
                 AND a.allocated_on > p.made_on AND a.allocated_on <= :on)
           END AS paid_minor
    FROM promise p
    LEFT JOIN LATERAL (SELECT array_agg(pi.invoice_id) AS ids FROM promised_invoice pi WHERE pi.promise_id = p.id) named
      ON true
    WHERE p.customer_id = ANY(:ids) AND p.state = 'broken' AND p.settled_on <= :on AND p.settled_on > :since
    UNION ALL
    SELECT p.customer_id, part.due_on, part.so_far, p.currency, named.ids, p.started_on, p.number, p.id, paid.minor
    FROM payment_plan p
    JOIN LATERAL (SELECT array_agg(pi.invoice_id) AS ids FROM planned_invoice pi WHERE pi.plan_id = p.id) named ON true
    JOIN LATERAL (
        SELECT coalesce(sum(a.amount_minor), 0) AS minor FROM allocation a
        WHERE a.invoice_id = ANY(named.ids) AND a.payment_id IS NOT NULL AND a.allocated_on <= :on
          AND (a.allocated_on > p.started_on OR (a.allocated_on = p.started_on AND a.id > p.id))) paid ON true
    JOIN LATERAL (
        SELECT due_on, so_far
        FROM (SELECT due_on, sum(amount_minor) OVER (ORDER BY position) AS so_far FROM plan_part WHERE plan_id = p.id) one
        WHERE so_far > paid.minor AND due_on <= p.settled_on ORDER BY so_far LIMIT 1) part ON true
    WHERE p.customer_id = ANY(:ids) AND p.state = 'broken' AND p.settled_on <= :on AND p.settled_on > :since
    ORDER BY promised_on DESC, id DESC
""")

# Of each open invoice the shipment it was made for, else those of its order, against the day that was promised for them.
_DELIVERIES = text("""
    SELECT DISTINCT ON (i.id) i.id, i.customer_id, o.number, s.delivered_on,
           coalesce(s.delivered_on, :on) - coalesce(s.expected_on, o.expected_on) AS days,
           coalesce(s.delivered_on, :on) - greatest(coalesce(s.expected_on, o.expected_on), i.issued_on) AS asked_days
    FROM invoice i
    JOIN orders o ON o.id = i.order_id
    JOIN shipment s ON s.order_id = o.id AND (i.shipment_id IS NULL OR s.id = i.shipment_id)
    WHERE i.customer_id = ANY(:ids) AND i.issued_on <= :on AND i.due_on > cast(:on AS date) - 90
      AND coalesce(s.delivered_on, :on) > coalesce(s.expected_on, o.expected_on)
      AND (s.delivered_on IS NULL OR s.delivered_on <= :on)
      AND i.total_minor > (SELECT coalesce(sum(a.amount_minor), 0) FROM allocation a WHERE a.invoice_id = i.id)
    ORDER BY i.id, days DESC
""")

_REACHED = text("""
    SELECT c.customer_id, m.channel, m.address, max(m.created_at) FILTER (WHERE m.direction = 'in') AS replied_at
    FROM conversation c JOIN message m ON m.conversation_id = c.id
    WHERE c.customer_id = ANY(:ids) AND m.channel IN ('email', 'sms', 'whatsapp') AND m.address IS NOT NULL
      AND m.created_at > :since AND (m.direction = 'in' OR m.delivery = 'delivered')
    GROUP BY 1, 2, 3
""")


def histories_of(session: Session, customer_ids: Collection[UUID], on: date) -> dict[UUID, History]:
    """The past of each of those customers as of that day, in four statements for all of them; who has none is absent."""
    ids = list(customer_ids)
    if not ids:
        return {}
    found: dict[UUID, dict[str, Any]] = {}
    asked: dict[str, object] = {"ids": ids, "on": on}
    for row in session.execute(_PAID, asked | {"begin": on - timedelta(days=DAYS)}):
        # What came after a reminder says nothing about what comes by itself.
        habit = Habit(int(row.paid - row.reminded), *(float(days) for days in row.days)) if row.days else None
        found[row.customer_id] = {"paid": row.paid, "late": row.late, "reminded": row.reminded, "habit": habit}
    for row in session.execute(_BROKEN, asked | {"since": on - timedelta(days=BROKEN_DAYS)}):
        of = found.setdefault(row.customer_id, {})
        broken = Broken(
            row.promised_on, int(row.amount_minor), max(0, int(row.paid_minor)), row.currency, frozenset(row.ids or ()),
            row.made_on, row.plan,
        )  # fmt: skip
        of["broken"] = (*of.get("broken", ()), broken)
    for row in session.execute(_DELIVERIES, asked):
        late = Delivery(row.number, row.days, row.delivered_on, row.asked_days)
        found.setdefault(row.customer_id, {}).setdefault("deliveries", {})[row.id] = late
    for customer_id, reached in _reached(session, ids, on).items():
        found.setdefault(customer_id, {}).update(reached)
    return {customer_id: History(**of) for customer_id, of in found.items()}


def _reached(session: Session, ids: list[UUID], on: date) -> dict[UUID, dict[str, Any]]:
    last: dict[UUID, datetime] = {}
    found: dict[UUID, dict[str, Any]] = {}
    for row in session.execute(_REACHED, {"ids": ids, "since": on - timedelta(days=REACHED_DAYS)}):
        of = found.setdefault(row.customer_id, {"delivered": frozenset()})
        place = (row.channel, row.address)
        of["delivered"] |= {place}
        if row.replied_at is not None and row.replied_at > last.get(row.customer_id, row.replied_at - timedelta(1)):
            last[row.customer_id], of["replied"] = row.replied_at, place
    return found
