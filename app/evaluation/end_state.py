"""What a conversation left behind in the ledger: everything that was written, kind by kind, as plain values."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.document_problem import DocumentProblem
from o2c_core.cases.hold import Hold
from o2c_core.cases.payment_said import PaymentSaid
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise
from o2c_core.conversations.handoff import Handoff
from o2c_core.conversations.message import Message
from o2c_core.conversations.task import Task
from o2c_core.customers.consent import Consent
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.orders.order import Order, OrderLine
from o2c_core.store.rows import Row

# What may come about without anybody's agreement: a person is called or told, reminders are spared, a stop is noted, and so
# is what they say of a payment or of papers that are missing. A
# task that asks for an order to be changed is none of these: it was offered, and somebody agreed to it.
AT_ONCE = ("handoff", "hold", "consent", "task", "payment_said", "document_problem")
# Tables of the talk itself, and of what keeps the house running: to write there is no deed.
_TALK = {
    "arrival", "circuit", "conversation", "door_count", "gap", "handoff", "idempotent_call", "message", "model_call",
    "number_series", "one_time_code", "pace", "passage", "proposal", "received_file", "trail", "webhook_delivery",
}  # fmt: skip
# Tables whose rows are told kind by kind; of all others it is told that they changed.
_TOLD = {
    "promise", "promised_invoice", "payment_plan", "plan_part", "planned_invoice", "dispute", "dispute_line", "complaint",
    "hold", "order_line", "contact", "address", "consent", "task", "payment_said", "said_invoice", "document_problem",
}  # fmt: skip

Rows = Mapping[str, Sequence[Mapping[str, Any]]]


@dataclass(frozen=True)
class State:
    """The rows by kind, and of every table one print that is another when anything in it is."""

    rows: Rows
    prints: Mapping[str, str]


def prints_of(session: Session) -> dict[str, str]:
    """One print per table, in one question to the database: what did not change need not be read."""
    session.expire_all()
    return {str(table): str(found) for table, found in session.execute(_PRINTS())}


@cache
def _PRINTS() -> Any:  # noqa: N802 (a constant that has to wait for the whole mapping)
    tables = sorted({table.name for table in Row.metadata.sorted_tables} - _TALK)
    each = [_print(table, "t::text") for table in tables]
    each += [_print("message", "t.id::text", "WHERE t.purpose = 'document'"), _print("handoff", "t.id::text")]
    return text(" UNION ALL ".join(each))


def _print(table: str, what: str, which: str = "") -> str:
    return f"SELECT '{table}', md5(coalesce(string_agg({what}, '|' ORDER BY {what}), '')) FROM {table} t {which}"  # noqa: S608 (names of our own)


def state_of(session: Session) -> State:
    """Every row that a conversation could add or change; only values somebody can compare by eye."""
    prints = prints_of(session)
    return State({kind: rows(session) for kind, rows in _KINDS.items()}, prints)


def written(before: State, session: Session) -> dict[str, list[dict[str, Any]]]:
    """What is there now and was not before, or not like this, by kind; kinds without a change are left out.

    `elsewhere` are tables that nobody reads row by row: money, prices, bank accounts. No conversation touches them.
    """
    prints = prints_of(session)
    changed = {table for table, found in prints.items() if found != before.prints.get(table)}
    if not changed:
        return {}
    found: dict[str, list[dict[str, Any]]] = {}
    for kind, rows in state_of(session).rows.items():
        fresh = _fresh(list(before.rows[kind]), rows)
        if fresh:
            found[kind] = fresh
    elsewhere = sorted(changed - _TOLD - {"message", "handoff"})
    if elsewhere:
        found["elsewhere"] = [{"table": table} for table in elsewhere]
    return found


def _fresh(before: list[Mapping[str, Any]], rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
    fresh = []
    for row in rows:
        if row in before:
            before.remove(row)
        else:
            fresh.append(dict(row))
    gone = before[: max(0, len(before) - len(fresh))]  # a changed row is told as it is now, one that went as it was
    return fresh + [{"gone": True, **row} for row in gone]


def missing(wanted: Rows, found: Rows) -> list[str]:
    """What was to be written and was not, and what was written and was not to be: a sentence each.

    A wanted row is met by a found one that has at least its values. A kind nobody spoke of must not have changed.
    """
    wrong: list[str] = []
    for kind in sorted({*wanted, *found}):
        left = [dict(row) for row in found.get(kind, [])]
        for row in wanted.get(kind, []):
            met = next((one for one in left if row.items() <= one.items()), None)
            if met is None:
                wrong.append(f"no {kind} like {dict(row)}" + (f", but {left}" if left else ""))
            else:
                left.remove(met)
        wrong += [f"{kind} nobody wanted: {row}" for row in left]
    return wrong


def at_once(kind: str, row: Mapping[str, Any]) -> bool:
    """Whether that may be written without the customer's agreement."""
    return kind in AT_ONCE and row.get("kind") != "order_request"


def rebased(before: State, mid: State, after: State) -> State:
    """What the ledger was before, with what the world did between `mid` and `after` in it and not counted as written."""
    rows: dict[str, list[Mapping[str, Any]]] = {}
    for kind, now in after.rows.items():
        rows[kind] = list(now)
        for mine in _fresh(list(before.rows[kind]), mid.rows[kind]):
            if mine in rows[kind]:
                rows[kind].remove(mine)
    prints = {
        table: found if mid.prints[table] == before.prints[table] else before.prints[table]
        for table, found in after.prints.items()
    }
    return State(rows, prints)


def _promises(session: Session) -> list[dict[str, Any]]:
    return [
        {
            "customer": ref, "amount": _money(row.amount_minor, row.currency), "on": row.promised_on.isoformat(),
            "invoices": _numbers(session, [one.invoice_id for one in row.invoices]), "state": row.state,
        }
        for row, ref in _of(session, Promise)
    ]  # fmt: skip


def _plans(session: Session) -> list[dict[str, Any]]:
    return [
        {
            "customer": ref, "parts": len(row.parts), "amount": _money(sum(one.amount_minor for one in row.parts), row.currency),
            "first_on": row.parts[0].due_on.isoformat(), "last_on": row.parts[-1].due_on.isoformat(),
            "invoices": _numbers(session, [one.invoice_id for one in row.invoices]), "state": row.state,
        }
        for row, ref in _of(session, PaymentPlan)
    ]  # fmt: skip


def _payments_said(session: Session) -> list[dict[str, Any]]:
    return [
        {
            "customer": ref, "amount": _money(row.amount_minor, row.currency), "state": row.state,
            "on": row.paid_on.isoformat() if row.paid_on else None,
            "invoices": _numbers(session, [one.invoice_id for one in row.invoices]),
        }
        for row, ref in _of(session, PaymentSaid)
    ]  # fmt: skip


def _document_problems(session: Session) -> list[dict[str, Any]]:
    return [
        {
            "customer": ref, "invoice": session.get_one(Invoice, row.invoice_id).number, "kind": row.kind,
            "wanted": row.wanted, "state": row.state,
        }
        for row, ref in _of(session, DocumentProblem)
    ]  # fmt: skip


def _disputes(session: Session) -> list[dict[str, Any]]:
    return [
        {
            "customer": ref, "invoice": session.get_one(Invoice, row.invoice_id).number,
            "amount": _money(row.amount_minor, row.currency), "lines": len(row.lines), "reason": row.reason, "state": row.state,
        }
        for row, ref in _of(session, Dispute)
    ]  # fmt: skip


def _order_lines(session: Session) -> list[dict[str, Any]]:
    query = select(OrderLine, Order.number).join(Order, Order.id == OrderLine.order_id).order_by(OrderLine.id)
    return [
        {"order": number, "line": row.position, "state": row.state, "cancelled": f"{row.cancelled_quantity.normalize():f}"}
        for row, number in session.execute(query)
    ]  # fmt: skip


def _addresses(session: Session) -> list[dict[str, Any]]:
    query = select(Address, Contact.name).join(Contact, Contact.id == Address.contact_id).order_by(Address.id)
    return [{"contact": name, "channel": row.channel, "value": row.value} for row, name in session.execute(query)]


def _tasks(session: Session) -> list[dict[str, Any]]:
    return [
        {"kind": row.kind} | {name: row.details[name] for name in ("order", "wants") if name in row.details}
        for row in session.scalars(select(Task).order_by(Task.id))
    ]


def _documents(session: Session) -> list[dict[str, Any]]:
    sent = session.scalars(select(Message).where(Message.purpose == "document").order_by(Message.id))
    return [
        {"to": row.address, "document": one["document"]}
        | ({"number": session.get_one(Invoice, UUID(one["id"])).number} if one["document"] == "invoice" else {})
        for row in sent
        for one in row.attachments
    ]


_KINDS: Mapping[str, Callable[[Session], list[dict[str, Any]]]] = {
    "promise": _promises,
    "plan": _plans,
    "dispute": _disputes,
    "payment_said": _payments_said,
    "document_problem": _document_problems,
    "complaint": lambda session: [
        {"customer": ref, "about": row.about, "state": row.state} for row, ref in _of(session, Complaint)
    ],
    "hold": lambda session: [{"customer": ref, "kind": row.kind} for row, ref in _of(session, Hold)],
    "order_line": _order_lines,
    "address": _addresses,
    "contact": lambda session: [
        {"name": row.name, "role": row.role, "language": row.language, "channel": row.preferred_channel}
        for row in session.scalars(select(Contact).order_by(Contact.id))
    ],
    "consent": lambda session: [
        {"channel": row.channel, "purpose": row.purpose, "given": row.is_given}
        for row in session.scalars(select(Consent).order_by(Consent.id))
    ],
    "document": _documents,
    "task": _tasks,
    "handoff": lambda session: [
        {"reason": row.reason} for row in session.scalars(select(Handoff).order_by(Handoff.id))
    ],
}


def _of(session: Session, table: Any) -> list[Any]:
    query = select(table, Customer.ref).join(Customer, Customer.id == table.customer_id)
    return [(row, ref) for row, ref in session.execute(query.order_by(table.id))]


def _numbers(session: Session, invoice_ids: Sequence[Any]) -> str:
    return ", ".join(sorted(session.scalars(select(Invoice.number).where(Invoice.id.in_(invoice_ids)))))


def _money(minor: int, currency: str) -> str:
    return f"{Money(minor, currency).major} {currency}"
