"""What happened with one customer, told to the seller's own people: who, why, and from which message."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.conversations.message import Message
from o2c_core.figures.telling import tell
from o2c_core.figures.timeline import Cursor, Event, NotACursor, timeline
from o2c_core.reminders.ladders.summary import when
from o2c_core.trail import TrailLine
from web.contacts import CHANNELS, PURPOSES
from web.outbox import CHANNELS_OUT
from web.reader import Reader

EVENTS_SHOWN = 30

# The kinds of event somebody looks for together. Every kind is in one of them.
FAMILIES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "orders": ("Orders", ("order_placed", "order_confirmed", "shipment_left", "shipment_delivered")),
    "invoices": ("Invoices", ("invoice_issued", "credit_note_issued", "written_off")),
    "payments": ("Payments", ("payment_received", "payment_returned")),
    "agreements": (
        "Promises and plans",
        ("promise_made", "promise_kept", "promise_broken", "plan_proposed", "plan_started", "plan_declined", "plan_kept",
         "plan_broken", "payment_said", "hold_placed", "hold_ended"),
    ),
    "cases": (
        "Objections",
        ("dispute_opened", "dispute_resolved", "complaint_opened", "complaint_resolved", "document_problem_opened",
         "document_problem_closed"),
    ),
    "reminders": (
        "Reminders",
        ("reminder_drafted", "reminder_approved", "reminder_skipped", "reminded", "call_asked", "call_closed", "notice_sent",
         "notice_delivered", "escalation_opened", "escalation_closed"),
    ),
    "messages": ("Messages", ("message_in", "message_out", "consent_noted")),
}  # fmt: skip
_FAMILY_OF = {kind: name for name, (_, kinds) in FAMILIES.items() for kind in kinds}

# What is added to the sentence of each kind, each part only where it is known.
_DETAILS: Mapping[str, tuple[str, ...]] = {
    "order_placed": ("their order {purchase_order}", "expected {expected_on}"),
    "shipment_left": ("with {carrier}", "expected {expected_on}"),
    "shipment_delivered": ("received by {received_by}", "proof: {proof}", "{proof_reference}"),
    "invoice_issued": ("their order {purchase_order}",),
    "credit_note_issued": ("for invoice {invoice}",),
    "reminder_drafted": ("{channel}",),
    "reminder_approved": ("by {by}",),
    "reminder_skipped": ("the step {step}", "“{why}”", "by {by}"),
    "reminded": ("the step {step}",),
    "call_asked": ("{numbers}", "by {due}", "{owner} answers for it"),
    "call_closed": ("{how}", "by {by}"),
    "payment_said": ("paid on {paid_on}", "looked out for until {until_on}", "“{words}”"),
    "document_problem_opened": ("{kind}", "{wanted}"),
    "document_problem_closed": ("{outcome}", "{resolution}", "by {by}"),
    "notice_sent": ("by {way}", "approved by {by}"),
    "notice_delivered": ("proof: {proof}", "to be paid by {deadline_on}"),
    "escalation_opened": ("{owner} answers for it",),
    "escalation_closed": ("{how}", "by {by}"),
    "payment_received": ("{method}", "reference {number}"),
    "payment_returned": ("{kind}", "{reason}"),
    "written_off": ("{reason}", "“{words}”", "by {by}"),
    "promise_made": ("{grace_days} days of grace",),
    "plan_proposed": ("until {until_on}",),
    "plan_started": ("until {until_on}",),
    "dispute_opened": ("{reason}", "answer by {answer_by}"),
    "dispute_resolved": ("{outcome}", "{resolution}"),
    "complaint_opened": ("{category}", "severity: {severity}", "answer by {answer_by}"),
    "complaint_resolved": ("{resolution}",),
    "hold_placed": ("holds {kind}", "for invoice {number}", "{reason}", "{owner} answers for it"),
    "hold_ended": ("{kind}", "for invoice {number}", "{why}"),
    "consent_noted": ("{wish}", "said by {how}"),
    "message_in": ("{channel}", "by the {author}"),
    "message_out": ("{channel}", "by the {author}", "{purpose}", "until {until}", "{failed_why}"),
}
_CODES = frozenset(
    {"reason", "method", "kind", "outcome", "category", "severity", "proof", "channel", "purpose", "how"}
)

# Under which name the trail knows who did what the timeline tells.
_NOTED: Mapping[str, tuple[str, ...]] = {
    "order_placed": ("order placed",),
    "order_confirmed": ("order confirmed",),
    "shipment_left": ("shipment left",),
    "shipment_delivered": ("shipment delivered",),
    "invoice_issued": ("invoice issued",),
    "credit_note_issued": ("credit note issued",),
    "payment_received": ("payment recorded",),
    "written_off": ("written off",),
    "promise_made": ("promise made",),
    "promise_kept": ("promise kept",),
    "promise_broken": ("promise broken",),
    "plan_proposed": ("plan proposed",),
    "plan_started": ("plan accepted", "plan started"),
    "plan_declined": ("plan declined",),
    "plan_kept": ("plan kept",),
    "plan_broken": ("plan broken",),
    "dispute_opened": ("dispute opened",),
    "dispute_resolved": ("dispute resolved",),
    "complaint_opened": ("complaint logged",),
    "complaint_resolved": ("complaint resolved",),
    "document_problem_opened": ("document problem opened",),
    "hold_placed": ("hold placed",),
    "hold_ended": ("hold ended",),
    "consent_noted": ("consent given", "consent refused"),
}
_WITHDRAWN = ("reminder withdrawn", "message withdrawn")


@dataclass(frozen=True)
class Told:
    """One event as the page tells it; `letter` is the address of the message it came from, or that it is."""

    event: Event
    sentence: str
    details: Sequence[str]
    letter: str | None

    @property
    def family(self) -> str:
        return _FAMILY_OF[self.event.kind]


@dataclass(frozen=True)
class Happened:
    """A page of the timeline: its events by day, newest first, and the place where the older ones begin."""

    days: Sequence[tuple[date, Sequence[Told]]]
    older: Cursor | None
    show: str


def happened(
    session: Session, customer_id: UUID, reader: Reader, *, on: date, show: str = "", before: str = ""
) -> Happened:
    """What happened up to the end of that day, of one family or of all; `before` is a place as a page before gave it.

    A place that cannot be read is the beginning.
    """
    kinds = FAMILIES[show][1] if show in FAMILIES else None
    place = _place(before) or end_of(on, reader)
    found = timeline(session, customer_id, before=place, limit=EVENTS_SHOWN + 1, kinds=kinds)
    shown = found[:EVENTS_SHOWN]
    noted, letters = _noted(session, shown), _letters(session, shown)
    by_day: dict[date, list[Told]] = {}
    for event in shown:
        told = _told(event, reader, noted.get(event.id, {}), letters)
        by_day.setdefault(event.on, []).append(told)
    older = shown[-1].cursor if len(found) > len(shown) else None
    return Happened(list(by_day.items()), older, show if kinds else "")


def end_of(on: date, reader: Reader) -> Cursor:
    """The place after everything that happened by the end of that day."""
    begins = datetime.combine(on + timedelta(days=1), time(), reader.zone)
    return Cursor(begins, 0, UUID(int=0))


def _place(before: str) -> Cursor | None:
    try:
        return Cursor.read(before) if before else None
    except NotACursor:
        return None


def _told(event: Event, reader: Reader, noted: Mapping[str, tuple[str, str]], letters: Mapping[UUID, str]) -> Told:
    values = {name: _shown(name, value, reader) for name, value in event.values.items() if value not in (None, "")}
    if event.number:
        values["number"] = event.number
    values |= _in_words(event, reader)
    if event.kind == "consent_noted":
        wants = "agreed to" if event.values["is_given"] else "wants no"
        what = f"{PURPOSES[event.values['purpose']]} by {CHANNELS[event.values['channel']]}"
        values["wish"] = f"{values['contact']} {wants} {what}"
    details = [_filled(part, values) for part in _DETAILS.get(event.kind, ())]
    if event.values.get("state") == "withdrawn":
        details += [why for what, (_, why) in noted.items() if what in _WITHDRAWN]
    who, why = next((noted[what] for what in _NOTED.get(event.kind, ()) if what in noted), ("", ""))
    details += [f"noted by {who}" if who else "", why if why not in event.values.values() else ""]
    sentence = tell(event, "en", reader.locale)
    if event.subject == "message" and values.get("title"):
        sentence = f"{sentence}: {' '.join(values['title'].split())}"
    letter = letters.get(event.message_id) if event.message_id else None
    return Told(event, sentence, list(dict.fromkeys(detail for detail in details if detail)), letter)


def _in_words(event: Event, reader: Reader) -> dict[str, str]:
    """What the words of a detail need and the event has in another form: a step by its day, a moment, a list."""
    said, values = {}, event.values
    if "days" in values:
        at = when(int(values["days"]))
        said["step"] = f"{at[0].lower()}{at[1:]}"
    elif "rung" in values:
        said["step"] = f"“{str(values['rung']).replace('_', ' ')}”"
    for name, word in (("until_at", "until"), ("due_at", "due")):
        if values.get(name):
            said[word] = reader.moment(datetime.fromisoformat(str(values[name])))
    if values.get("numbers"):
        said["numbers"] = ", ".join(map(str, values["numbers"]))
    if event.kind == "call_closed":
        said["how"] = str(values.get("how", "")).rstrip(".")
    if values.get("by") == "system":
        said["by"] = "itself"
    return said


def _shown(name: str, value: object, reader: Reader) -> str:
    if name.endswith("_on") or name == "answer_by":
        return reader.day(date.fromisoformat(str(value)))
    text = str(value)
    return text.replace("_", " ").lower() if name in _CODES and text.isidentifier() else text


def _filled(part: str, values: Mapping[str, str]) -> str:
    try:
        return part.format_map(values)
    except KeyError:
        return ""


def _noted(session: Session, events: Sequence[Event]) -> dict[UUID, dict[str, tuple[str, str]]]:
    """By the row an event is about: what the trail says was done with it, by whom and why."""
    query = select(TrailLine.subject_id, TrailLine.what, TrailLine.who, TrailLine.why)
    noted: dict[UUID, dict[str, tuple[str, str]]] = {}
    for id_, what, who, why in session.execute(query.where(TrailLine.subject_id.in_({one.id for one in events}))):
        assert id_ is not None  # it is one of those that were asked for
        noted.setdefault(id_, {})[what] = (who, why)
    return noted


def _letters(session: Session, events: Sequence[Event]) -> dict[UUID, str]:
    """Where each message that an event came from, or is, can be read."""
    ids = {one.message_id for one in events if one.message_id is not None}
    query = select(Message.id, Message.direction, Message.channel).where(Message.id.in_(ids))
    return {
        id_: f"/outbox/{id_}" if direction == "out" and channel in CHANNELS_OUT else f"/ledger/messages/{id_}"
        for id_, direction, channel in session.execute(query)
    }
