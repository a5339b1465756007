"""What happened on the account lately, as far as it is the customer's to hear."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from bot.desk import Desk
from bot.tools.invoices import customer_of
from bot.tools.tool import Tool
from o2c_core.figures.timeline import Cursor, Event, timeline

EVENTS_TOLD = 6

# What a customer hears of each kind of event. Nothing else that the timeline knows of it is read here: not who of the
# seller did it, not why, and no words that were written for colleagues.
HEARD: Mapping[str, tuple[str, ...]] = {
    "order_placed": ("number",),
    "order_confirmed": ("number",),
    "shipment_left": ("number", "order"),
    "shipment_delivered": ("number", "order"),
    "invoice_issued": ("number", "amount", "due_on"),
    "credit_note_issued": ("number", "amount"),
    "reminded": ("number", "amount"),
    "payment_received": ("amount",),
    "payment_returned": ("amount",),
    "promise_made": ("amount", "promised_on"),
    "promise_kept": ("amount",),
    "promise_broken": ("amount", "promised_on"),
    "plan_proposed": ("number", "amount", "parts"),
    "plan_started": ("number", "amount", "parts"),
    "plan_declined": ("number",),
    "plan_kept": ("number",),
    "plan_broken": ("number",),
    "dispute_opened": ("number", "invoice", "amount"),
    "dispute_resolved": ("number", "invoice"),
    "complaint_opened": ("number",),
    "complaint_resolved": ("number",),
}
# What stays with the seller, and why. A kind that is in neither table is not told.
NOT_HEARD: Mapping[str, str] = {
    "written_off": "the seller's own bookkeeping: what was given up, why, and on whose authority",
    "reminder_drafted": "not sent: a colleague may still change it or leave it out",
    "reminder_approved": "the seller's own decision; what it led to is told as the reminder",
    "reminder_skipped": "the seller's own decision, with a reason written for colleagues",
    "call_asked": "the seller's own work; the call speaks for itself",
    "call_closed": "the seller's own work, with how it ended in words for colleagues",
    "payment_said": "what one person said, which another contact of the same customer need not know",
    "document_problem_opened": "what one person said, which another contact of the same customer need not know",
    "document_problem_closed": "the end of it, which may be told in words for colleagues",
    "notice_sent": "a letter with legal effect, which speaks for itself and only to whom it is addressed",
    "notice_delivered": "proof that the seller keeps of its own letter",
    "escalation_opened": "the seller's own rules, and whom they call",
    "escalation_closed": "the seller's own rules, and what colleagues did about it",
    "hold_placed": "the seller's own decision, with a reason written for colleagues",
    "hold_ended": "the end of the seller's own decision",
    "consent_noted": "what one person said, which another contact of the same customer need not know",
    "message_in": "written by one contact, who may not have meant it for another",
    "message_out": "written to one contact, who may not have meant it for another",
}


def account_history(desk: Desk) -> str:
    """The last few things that happened up to today, newest first, each on a line of its own."""
    with desk.store.session() as session:
        last = timeline(session, customer_of(desk), before=_tomorrow(desk), limit=_events_told(desk), kinds=HEARD)
    if not last:
        return desk.say("history.none")
    return "\n".join([desk.say("history.list"), *(_told(desk, event) for event in last)])


def _events_told(desk: Desk) -> int:
    return min(EVENTS_TOLD, desk.rows_max) if desk.channel in ("sms", "whatsapp") else EVENTS_TOLD


def _tomorrow(desk: Desk) -> Cursor:
    """Just before the first thing that can happen tomorrow: an invoice dated ahead has not happened yet."""
    begins = datetime.combine(desk.today + timedelta(days=1), time(), ZoneInfo(desk.seller.time_zone))
    return Cursor(begins, 0, UUID(int=0))


def _told(desk: Desk, event: Event) -> str:
    source = f"{event.subject.replace('_', ' ')} {event.number or event.id}"
    places = {name: _place(desk, event, name, source) for name in HEARD[event.kind]}
    return desk.say(f"history.{event.kind}", on=desk.facts.day(event.on, f"{source} {event.kind} day"), **places)


def _place(desk: Desk, event: Event, name: str, source: str) -> str:
    facts = desk.facts
    if name == "amount":
        assert event.amount is not None  # every kind whose sentence names an amount has one
        return facts.money(event.amount, f"{source} amount")
    if name == "number":
        return facts.text(str(event.number), source)
    value = event.values[name]
    if name.endswith("_on"):
        return facts.day(date.fromisoformat(str(value)), f"{source} {name.removesuffix('_on')}")
    if name == "parts":
        return facts.count(int(value), f"{source} parts")
    return facts.text(str(value), f"{source} {name}")


TOOLS = (Tool("account_history", "The last things that happened: orders, invoices, payments, cases.", account_history),)
