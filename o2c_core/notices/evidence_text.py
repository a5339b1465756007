"""What is on record about a claim as plain text that anybody can open: orders, cases, messages, notices."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.cases.hold import Hold
from o2c_core.cases.payment_said import PaymentSaid
from o2c_core.cases.plan import PaymentPlan
from o2c_core.cases.promise import Promise
from o2c_core.conversations.codes import hide_code
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.one_time_code import OneTimeCode
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.customers.customer import Customer
from o2c_core.documents.figures import Figures
from o2c_core.documents.wording import Wording
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.notices.formal_notice import FormalNotice
from o2c_core.notices.told import told_notice
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import Shipment

# What opens a page of ours without a password is no evidence, and whoever is handed the pack shall not be able to use it.
_OWN_LINK = re.compile(r"(https?://[^\s<>\"']*/(?:pay|preferences|unsubscribe)/)[\w.~%-]*[\w~%-]")
# What never left was never said.
_NEVER_SAID = ("draft", "queued", "withdrawn")
_RULE = "-" * 72


@dataclass(frozen=True)
class Teller:
    """The words and figures a pack is told in, and the zone its moments are written in."""

    wording: Wording
    figures: Figures
    time_zone: str

    def say(self, name: str, /, **values: object) -> str:
        return self.wording.say(f"evidence.{name}", **values)

    def moment(self, at: datetime) -> str:
        local = at.astimezone(ZoneInfo(self.time_zone))
        return f"{local:%Y-%m-%d %H:%M} {local.tzname()}"

    def row(self, name: str, value: object) -> str:
        return f"{self.say(name)}: {value}"


def order_text(order: Order, teller: Teller) -> str:
    """What was ordered under which purchase order, what left with whom, and who took it in."""
    rows = [teller.say("order_file", number=order.number), _RULE]
    rows += _rows(
        teller,
        ("purchase_order", order.purchase_order),
        ("ordered_on", order.ordered_on),
        ("confirmed_on", order.confirmed_on),
        ("order_total", teller.figures.money(order.amount)),
    )
    rows.append("")
    for line in order.lines:
        price = teller.figures.price(line.unit_price, order.currency)
        amount = teller.figures.money(Money(line.amount_minor, order.currency))
        quantity = teller.figures.quantity(line.quantity)
        rows.append(f"{line.position}. {line.sku} {line.description}: {quantity} × {price} = {amount} ({line.state})")
    positions = {line.id: line.position for line in order.lines}
    for shipment in order.shipments:
        rows += ["", *_shipment(shipment, positions, teller)]
    return "\n".join(rows) + "\n"


def _shipment(shipment: Shipment, positions: dict[UUID, int], teller: Teller) -> list[str]:
    inside = ", ".join(
        f"{teller.figures.quantity(part.quantity)} × {positions.get(part.order_line_id, '?')}"
        for part in shipment.lines
    )
    return _rows(
        teller,
        ("shipment", " ".join(part for part in (shipment.carrier, shipment.tracking_number) if part)),
        ("shipment_lines", inside),
        ("shipped_on", shipment.shipped_on),
        ("delivered_on", shipment.delivered_on),
        ("received_by", shipment.received_by),
        (
            "proof",
            " ".join(part for part in (shipment.proof_kind, shipment.proof_reference, shipment.proof_note) if part),
        ),
    )


def cases_text(session: Session, customer: Customer, invoice_ids: Collection[UUID], teller: Teller) -> str:
    """Disputes about those invoices, and what was complained of, promised, planned, held or said to be paid; "" for none."""
    numbers = dict(session.execute(select(Invoice.id, Invoice.number).where(Invoice.customer_id == customer.id)).all())
    said: list[str] = []
    for dispute in session.scalars(
        select(Dispute).where(Dispute.invoice_id.in_(invoice_ids)).order_by(Dispute.opened_at)
    ):
        about = teller.say(
            "dispute", number=dispute.number, invoice=numbers[dispute.invoice_id], reason=dispute.reason,
            amount=teller.figures.money(dispute.amount), at=teller.moment(dispute.opened_at), state=dispute.state,
        )  # fmt: skip
        said.append(_with(about, dispute.description, dispute.outcome, dispute.resolution))
    theirs = (Complaint.customer_id == customer.id, Complaint.opened_at)
    for complaint in session.scalars(select(Complaint).where(theirs[0]).order_by(theirs[1])):
        about = teller.say(
            "complaint", number=complaint.number, at=teller.moment(complaint.opened_at), state=complaint.state
        )  # fmt: skip
        said.append(_with(about, complaint.about, complaint.resolution))
    for promise in session.scalars(select(Promise).where(Promise.customer_id == customer.id).order_by(Promise.made_at)):
        about = teller.say(
            "promise", amount=teller.figures.money(promise.amount), date=teller.figures.day(promise.promised_on),
            at=teller.moment(promise.made_at), state=promise.state,
            invoices=_numbers(numbers, (named.invoice_id for named in promise.invoices)),
        )  # fmt: skip
        said.append(_with(about, promise.words))
    for plan in session.scalars(
        select(PaymentPlan).where(PaymentPlan.customer_id == customer.id).order_by(PaymentPlan.proposed_at)
    ):
        parts = "; ".join(
            f"{teller.figures.day(part.due_on)} {teller.figures.money(Money(part.amount_minor, plan.currency))}"
            for part in plan.parts
        )
        about = teller.say(
            "plan", number=plan.number, at=teller.moment(plan.proposed_at), state=plan.state,
            invoices=_numbers(numbers, (planned.invoice_id for planned in plan.invoices)),
        )  # fmt: skip
        said.append(_with(about, parts))
    for paid in session.scalars(
        select(PaymentSaid).where(PaymentSaid.customer_id == customer.id).order_by(PaymentSaid.said_at)
    ):
        about = teller.say(
            "payment_said", amount=teller.figures.money(Money(paid.amount_minor, paid.currency)), state=paid.state,
            at=teller.moment(paid.said_at), invoices=_numbers(numbers, (named.invoice_id for named in paid.invoices)),
        )  # fmt: skip
        said.append(_with(about, paid.words))
    for hold in session.scalars(select(Hold).where(Hold.customer_id == customer.id).order_by(Hold.created_at)):
        about = teller.say(
            "hold", kind=hold.kind, first=teller.figures.day(hold.from_on), last=teller.figures.day(hold.until_on)
        )  # fmt: skip
        said.append(_with(about, hold.reason, hold.ended_why))
    return "\n\n".join(said) + "\n" if said else ""


def messages_text(session: Session, customer: Customer, teller: Teller, *, reminders: bool) -> str:
    """Every message to and from the customer in the order of time, reminders or all the others; "" for none.

    What was never sent is left out; what did not arrive is there and says so.
    """
    query = (
        select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Conversation.customer_id == customer.id, Message.delivery.not_in(_NEVER_SAID))
        .where(Message.purpose == "reminder" if reminders else Message.purpose != "reminder")
        .order_by(Message.created_at, Message.id)
    )
    messages = [message for message in session.scalars(query) if "code" not in (message.understanding or {})]
    files = _files(session, [message.id for message in messages])
    awaited = _codes_awaited(session, {message.conversation_id for message in messages})
    return "\n".join(
        _message(message, _without_secrets(message, awaited), files.get(message.id, []), teller) for message in messages
    )


def _codes_awaited(session: Session, conversation_ids: Collection[UUID]) -> dict[UUID, list[tuple[datetime, datetime]]]:
    """From when until when somebody could answer with a one-time code, by conversation."""
    query = select(OneTimeCode).where(OneTimeCode.conversation_id.in_(conversation_ids))
    found: dict[UUID, list[tuple[datetime, datetime]]] = {}
    for code in session.scalars(query):
        found.setdefault(code.conversation_id, []).append((code.created_at, code.expires_at))
    return found


def _without_secrets(message: Message, awaited: Mapping[UUID, Collection[tuple[datetime, datetime]]]) -> str:
    """What it says without the keys in our own links and, while a code was awaited, without what may be one."""
    text = _OWN_LINK.sub(r"\1…", message.text)
    spans = awaited.get(message.conversation_id, ())
    return hide_code(text) if any(first <= message.created_at <= last for first, last in spans) else text


def _message(message: Message, text: str, files: list[str], teller: Teller) -> str:
    at = teller.moment(message.sent_at or message.created_at)
    came = message.direction == "in"
    state = teller.say("came_in") if came else teller.say("went_out", state=message.delivery)
    rows = [_RULE, f"{at} · {message.channel} · {message.address or ''} · {state}"]
    if message.subject:
        rows.append(teller.row("subject", message.subject))
    if message.delivered_at is not None:
        rows.append(teller.row("delivered_at", teller.moment(message.delivered_at)))
    if message.failed_why:
        rows.append(teller.row("failed_why", message.failed_why))
    if files:
        rows.append(teller.row("files", ", ".join(files)))
    return "\n".join([*rows, "", text.rstrip(), ""])


def notices_text(session: Session, customer: Customer, teller: Teller) -> str:
    """Every formal notice that left, how it was worked out and what shows that it was received; "" for none."""
    query = select(FormalNotice).where(FormalNotice.customer_id == customer.id, FormalNotice.sent_at.is_not(None))
    told = [told_notice(session, notice).text for notice in session.scalars(query.order_by(FormalNotice.sent_at))]
    checksums = teller.say("checksums")
    return "\n\n".join(told) + f"\n\n{checksums}\n" if told else ""


def _files(session: Session, message_ids: Collection[UUID]) -> dict[UUID, list[str]]:
    found: dict[UUID, list[str]] = {}
    query = select(ReceivedFile.message_id, ReceivedFile.name).where(ReceivedFile.message_id.in_(message_ids))
    for message_id, name in session.execute(query.order_by(ReceivedFile.id)):
        found.setdefault(message_id, []).append(name)
    return found


def _rows(teller: Teller, *said: tuple[str, object]) -> list[str]:
    return [teller.row(name, value) for name, value in said if value]


def _with(about: str, *words: str | None) -> str:
    return "\n".join([about, *(f"  {line}" for word in words if word for line in word.splitlines())])


def _numbers(numbers: dict[UUID, str], ids: Iterable[UUID]) -> str:
    def named() -> Iterator[str]:
        for id_ in ids:
            yield numbers.get(id_, "?")

    return ", ".join(sorted(named()))
