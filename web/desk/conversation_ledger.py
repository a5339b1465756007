"""The live ledger beside a conversation: what is open, ordered, promised and held, and who writes, each with its receipt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.received import is_proven_by_code
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.masked import masked
from o2c_core.customers.seller import Seller
from o2c_core.orders.order import Order, state_of
from web.contacts import ROLES
from web.customer import Account, account
from web.reader import Reader

LINES_SHOWN = 8
ORDERS_SHOWN = 4
MATTERS_SHOWN = 12
_CARRIED_BY = {
    "email": "a mail",
    "sms": "a text",
    "whatsapp": "WhatsApp",
    "chat": "the chat",
    "terminal": "the terminal",
}


@dataclass
class Figures:
    """Every figure the panel shows, with the row it was read from; they stand together below it."""

    reader: Reader
    all: dict[tuple[str, str], None] = field(default_factory=dict)

    def __call__(self, text: str, source: str) -> str:
        self.all[text, source] = None
        return text


@dataclass(frozen=True)
class OrderShown:
    """An order as the panel lists it: how far it is, and the last thing its carrier said."""

    number: str
    ordered: str
    state: str
    shipments: Sequence[str]


@dataclass(frozen=True)
class Who:
    """Who writes, as far as is known: the person, how we know, and how sure that makes us."""

    name: str
    role: str
    address: str
    how: str
    is_sure: bool


@dataclass(frozen=True)
class Beside:
    """What stands beside a conversation; `account` is None for somebody nobody knows."""

    account: Account | None
    lines: Sequence[tuple[str, str, str, Sequence[tuple[str, str]], UUID]]
    lines_more: int
    orders: Sequence[OrderShown]
    who: Who
    figures: Figures


def beside(session: Session, of: Conversation, seller: Seller, reader: Reader) -> Beside:
    figures = Figures(reader)
    customer = session.get(Customer, of.customer_id) if of.customer_id else None
    who = _who(session, of, reader)
    if customer is None:
        return Beside(None, (), 0, (), who, figures)
    found = account(session, customer, seller, reader, reader.today)
    for balance in found.balances:
        for name in ("open", "overdue"):
            figures(reader.money(getattr(balance, name)), f"account {customer.ref}.{name}")
    lines = []
    for one in found.lines[:LINES_SHOWN]:
        invoice = one.found.invoice
        source = f"invoice {invoice.number}"
        late = one.found.days_late
        when = f"late {late} d" if late > 0 else f"due {reader.day(one.found.next_due_on)}"
        lines.append(
            (invoice.number, figures(reader.money(one.found.open), f"{source}.open"), figures(when, f"{source}.due"),
             one.parts, invoice.id)
        )  # fmt: skip
    if found.credit is not None:
        figures(reader.money(found.credit.limit), f"account {customer.ref}.credit limit")
        figures(reader.money(found.credit.used), f"account {customer.ref}.owed and on order")
    for matter in found.matters[:MATTERS_SHOWN]:
        if matter.amount is not None:
            figures(reader.money(matter.amount), f"{matter.kind.lower()} {matter.number}".strip())
    return Beside(
        found, lines, found.lines_count - len(lines), _orders(session, customer.id, reader, figures), who, figures
    )


def _orders(session: Session, customer_id: UUID, reader: Reader, figures: Figures) -> list[OrderShown]:
    query = select(Order).where(Order.customer_id == customer_id).order_by(Order.ordered_on.desc(), Order.id.desc())
    found = []
    for order in session.scalars(
        query.limit(ORDERS_SHOWN).options(selectinload(Order.lines), selectinload(Order.shipments))
    ):
        shipped = []
        for one in order.shipments:
            carrier = f"{one.carrier} " if one.carrier else ""
            if one.delivered_on is not None:
                proof = (
                    f", signed by {one.received_by}" if one.received_by else ", no proof" if not one.proof_kind else ""
                )
                said = f"delivered {reader.day(one.delivered_on)}{proof}"
            elif one.expected_on is not None:
                said = f"expected {reader.day(one.expected_on)}"
            else:
                said = "on its way"
            shipped.append(figures(f"{carrier}{one.tracking_number}: {said}", f"shipment {one.tracking_number}"))
        on = reader.day(order.ordered_on) if order.ordered_on else ""
        state = state_of([line.state for line in order.lines]).replace("_", " ")
        found.append(OrderShown(figures(order.number, f"order {order.number}"), on, state, shipped))
    return found


def _who(session: Session, of: Conversation, reader: Reader) -> Who:
    contact = session.get(Contact, of.contact_id) if of.contact_id else None
    return Who(
        name=contact.name if contact else "",
        role=ROLES.get(contact.role, "") if contact else "",
        address=masked(of.address) if of.address else "",
        how=_how(of, reader),
        is_sure=of.identity == "proven",
    )


def _how(of: Conversation, reader: Reader) -> str:
    by = _CARRIED_BY[of.channel]
    if of.identity == "stranger":
        return "Nobody we know: nothing of any account is told."
    if of.identity == "known":
        return f"Writes by {by} from an address on record; not proven."
    if of.proven_until is not None:
        if is_proven_by_code(of, of.address, reader.now):
            return f"Proven by a one-time code, until {reader.moment(of.proven_until)}."
        return "Proved it with a one-time code, which has run out."
    if of.channel in ("chat", "terminal"):
        return "Proven: signed in where they write."
    return f"Proven: writes by {by} from a verified address."
