"""What is awaited from a seller's customers, read from the ledger for the forecast by week."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Row, bindparam, select, text
from sqlalchemy.orm import Session, selectinload

from o2c_core.cases.paid_since import paid_for_plan, paid_for_promise
from o2c_core.cases.plan import PaymentPlan, filled
from o2c_core.cases.promise import Promise
from o2c_core.figures.dso import DAYS
from o2c_core.figures.expected import WEEKS, Agreed, Expected, OpenItem, arrivals, by_week, undisputed_parts
from o2c_core.figures.parts import OPEN_PARTS
from o2c_core.figures.year import PAID_INVOICES
from o2c_core.invoices.habit import QUANTILES, Habit, Habits

_OPEN = text(f"""
    SELECT part.invoice_id, part.customer_id, part.currency, part.due_on, part.left_minor, customer.segment,
           coalesce(disputed.minor, 0) AS disputed
    FROM ({OPEN_PARTS}) part
    JOIN customer ON customer.id = part.customer_id
    LEFT JOIN (
        SELECT d.invoice_id, sum(d.amount_minor) AS minor
        FROM dispute d JOIN seller s ON s.id = d.seller_id
        WHERE d.seller_id = :seller AND (d.opened_at AT TIME ZONE s.time_zone)::date <= :on
          AND (d.resolved_at IS NULL OR (d.resolved_at AT TIME ZONE s.time_zone)::date > :on)
        GROUP BY 1
    ) disputed ON disputed.invoice_id = part.invoice_id
    WHERE part.left_minor > 0
    ORDER BY part.invoice_id, part.due_on
""")  # noqa: S608 (made of constants)

_HABITS = text(f"""
    SELECT paid.customer_id, customer.segment, GROUPING(paid.customer_id, customer.segment) AS of,
           count(*) AS invoices, percentile_cont(:quantiles) WITHIN GROUP (ORDER BY paid_on - due_on) AS days
    FROM ({PAID_INVOICES}) paid JOIN customer ON customer.id = paid.customer_id
    GROUP BY GROUPING SETS ((paid.customer_id), (customer.segment), ())
""").bindparams(bindparam("quantiles", list(QUANTILES)))  # noqa: S608 (made of constants)


def expected(session: Session, seller_id: UUID, on: date, weeks: int = WEEKS) -> list[Expected]:
    """The seller's cash expected by week as seen on that day, per currency in order of code."""
    items, disputed = open_items(session, seller_id, on)
    agreed = [*_promised(session, seller_id, on), *_planned(session, seller_id, on)]
    return by_week(arrivals(items, agreed, habits(session, seller_id, on), on), disputed, on, weeks)


def open_items(session: Session, seller_id: UUID, on: date) -> tuple[list[OpenItem], dict[str, int]]:
    """What is open and undisputed, part by part, and per currency what is left out because it is disputed."""
    items: list[OpenItem] = []
    disputed: dict[str, int] = defaultdict(int)
    together: list[Row[Any]] = []

    def finish() -> None:
        if not together:
            return
        first = together[0]
        kept = undisputed_parts([(row.due_on, int(row.left_minor)) for row in together], int(first.disputed))
        disputed[first.currency] += sum(int(row.left_minor) for row in together) - sum(minor for _, minor in kept)
        items.extend(
            OpenItem(first.invoice_id, first.customer_id, first.segment, first.currency, due_on, minor)
            for due_on, minor in kept
        )
        together.clear()

    for row in session.execute(_OPEN, {"seller": seller_id, "on": on}):
        if together and together[0].invoice_id != row.invoice_id:
            finish()
        together.append(row)
    finish()
    return items, {currency: minor for currency, minor in disputed.items() if minor}


def habits(session: Session, seller_id: UUID, on: date) -> Habits:
    """How late everybody was with the invoices they paid in the year that ended with that day."""
    of_customers: dict[UUID, Habit] = {}
    of_segments: dict[str, Habit] = {}
    of_seller: Habit | None = None
    for row in session.execute(_HABITS, {"seller": seller_id, "on": on, "begin": on - timedelta(days=DAYS)}):
        if row.days is None:
            continue
        habit = Habit(int(row.invoices), *(float(days) for days in row.days))
        if row.of == 1:
            of_customers[row.customer_id] = habit
        elif row.of == 3:
            of_seller = habit
        elif row.segment is not None:
            of_segments[row.segment] = habit
    return Habits(of_customers, of_segments, of_seller)


def _promised(session: Session, seller_id: UUID, on: date) -> list[Agreed]:
    """What is still to come of the promises that are open. Of a past day: of those that were open then, in full."""
    was_open = (Promise.settled_on.is_(None)) | (Promise.settled_on > on)
    query = (
        select(Promise, paid_for_promise())
        .where(Promise.seller_id == seller_id, Promise.made_on <= on, was_open)
        .options(selectinload(Promise.invoices))
    )
    found = []
    for promise, paid in session.execute(query):
        left = promise.amount_minor - (int(paid) if promise.state == "open" else 0)
        if left > 0:
            named = frozenset(one.invoice_id for one in promise.invoices)
            found.append(
                Agreed(promise.customer_id, promise.currency, promise.promised_on, promise.until_on, left, named)
            )
    return found


def _planned(session: Session, seller_id: UUID, on: date) -> list[Agreed]:
    """What is still to come of each part of the plans that are running."""
    was_running = (PaymentPlan.settled_on.is_(None)) | (PaymentPlan.settled_on > on)
    query = (
        select(PaymentPlan, paid_for_plan())
        .where(
            PaymentPlan.seller_id == seller_id,
            PaymentPlan.state.in_(("active", "kept", "broken")),
            PaymentPlan.started_on <= on,
            was_running,
        )
        .options(selectinload(PaymentPlan.parts), selectinload(PaymentPlan.invoices))
    )
    found: list[Agreed] = []
    for plan, paid in session.execute(query):
        found += _parts(plan, int(paid) if plan.state == "active" else 0)
    return found


def _parts(plan: PaymentPlan, paid: int) -> Sequence[Agreed]:
    named = frozenset(one.invoice_id for one in plan.invoices)
    grace = timedelta(days=plan.grace_days)
    return [
        Agreed(plan.customer_id, plan.currency, part.due_on, part.due_on + grace, part.amount_minor - given, named)
        for part, given in zip(plan.parts, filled(plan.parts, paid), strict=True)
        if part.amount_minor > given
    ]
