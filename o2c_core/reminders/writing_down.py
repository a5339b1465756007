"""Writing a batch of plans into the ledger: threads, messages, steps, calls, the trail and the jobs that deliver."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

import psycopg.errors
from sqlalchemy import ARRAY, Boolean, DateTime, Integer, Text, Uuid, any_, bindparam, literal, or_, select, text
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.outbox import ask_to_deliver
from o2c_core.customers.seller import Seller
from o2c_core.errors import Overtaken
from o2c_core.keys import new_key
from o2c_core.reminders.calls import ask_to_call
from o2c_core.reminders.planning import Place, Plan
from o2c_core.store.copying import copy_rows
from o2c_core.store.many import is_one_of

DRAFT_WAITS = "It waits for somebody of finance to approve it."

_MESSAGE = (
    "id", "conversation_id", "direction", "author", "purpose", "channel", "address", "contact_id", "subject", "text",
    "html", "language", "delivery", "receipts", "understanding", "attachments", "not_before", "waits_why", "created_at",
)  # fmt: skip
_REMINDER = (
    "id", "invoice_id", "part", "customer_id", "message_id", "rung", "days", "ladder", "ladder_version", "tone", "arm",
    "on", "open_minor", "created_at",
)  # fmt: skip
_TRAIL = ("id", "at", "who", "what", "subject", "subject_id", "customer_id", "why", "message_id", "details")
_CONVERSATION = (
    "id", "seller_id", "customer_id", "contact_id", "channel", "address", "subject", "identity", "speaker", "state",
    "language", "version", "introduced", "opened_at", "updated_at",
)  # fmt: skip

# A thread that goes on: written to once more, at that address, and by whom it is known.
_GO_ON = text("""
    UPDATE conversation c
    SET version = c.version + new.messages, updated_at = new.at, introduced = c.introduced OR new.introduces,
        address = new.address, contact_id = coalesce(c.contact_id, new.contact_id)
    FROM unnest(:ids, :messages, :introduces, :addresses, :contacts, :ats)
         AS new (id, messages, introduces, address, contact_id, at)
    WHERE c.id = new.id
""").bindparams(
    bindparam("ids", type_=ARRAY(Uuid)),
    bindparam("messages", type_=ARRAY(Integer)),
    bindparam("introduces", type_=ARRAY(Boolean)),
    bindparam("addresses", type_=ARRAY(Text)),
    bindparam("contacts", type_=ARRAY(Uuid)),
    bindparam("ats", type_=ARRAY(DateTime(timezone=True))),
)


class AnotherRun(Overtaken):
    """Another reminders run was faster; look again."""


@dataclass
class _Thread:
    """The conversation a place's messages go into, and how many of them do."""

    id: UUID
    is_new: bool
    contact_id: UUID | None
    messages: int = 0


def write_down(session: Session, seller: Seller, plans: Sequence[Plan], on: date, now: datetime) -> list[UUID | None]:
    """Writes what the plans say in the session's transaction; the message of each, in their order.

    A draft takes its steps and has no job; a call takes them too and is a task for a person.
    Raises: AnotherRun when a step was taken by somebody else since it was looked at; nothing of it may be committed then.
    """
    going = [(at, plan) for at, plan in enumerate(plans) if plan.letter is not None]
    threads = _threads(session, [plan for _, plan in going])
    ids: list[UUID | None] = [None] * len(plans)
    messages, steps, lines = [], [], []
    for at, plan in going:
        thread = threads[plan.place]
        thread.messages += 1
        message_id = ids[at] = new_key()
        messages.append(_message(message_id, thread.id, plan, now))
        steps.extend(_steps(message_id, plan, now))
        lines.append(_line(message_id, plan, now))
    _keep_threads(session, seller, threads, {plan.place: plan for _, plan in going}, now)
    copy_rows(session, "message", _MESSAGE, messages)
    try:
        copy_rows(session, "reminder", _REMINDER, steps)
    except psycopg.errors.UniqueViolation as taken:
        # All of them or none: a message that speaks of an invoice somebody else reminded of must not go out.
        raise AnotherRun from taken
    copy_rows(session, "trail", _TRAIL, lines)
    leaving = [(ids[at], plan) for at, plan in going if not plan.is_draft]
    ask_to_deliver(
        session, [(id_, plan.waits.until_at if plan.waits else None) for id_, plan in leaving if id_ is not None]
    )
    for plan in plans:
        if plan.is_call:
            ask_to_call(session, seller, plan, on, now)
    return ids


def _message(message_id: UUID, thread_id: UUID, plan: Plan, now: datetime) -> tuple[Any, ...]:
    recipient, written, letter = plan.debt.recipient, plan.written, plan.letter
    assert recipient is not None
    assert written is not None
    assert letter is not None
    waits_why = DRAFT_WAITS if plan.is_draft else plan.waits.sentence if plan.waits else None
    # An answer to it that says "that invoice" means one of these.
    numbers = dict.fromkeys(line.claim.number for line in letter.lines if line.claim.plan is None)
    about = {"about": [{"kind": "invoice", "number": number} for number in numbers]}
    return (
        message_id, thread_id, "out", "assistant", "reminder", recipient.channel, recipient.address, recipient.contact_id,
        written.subject, written.text, written.html, written.language, "draft" if plan.is_draft else "queued",
        written.receipts, about, written.attachments, plan.waits.until_at if plan.waits else None, waits_why, now,
    )  # fmt: skip


def _steps(message_id: UUID, plan: Plan, now: datetime) -> list[tuple[Any, ...]]:
    letter = plan.letter
    assert letter is not None
    tone = letter.tone.name
    return [
        (
            new_key(), line.claim.invoice_id, line.claim.part, plan.debt.customer.id, message_id, line.rung.name,
            line.rung.days, line.claim.ladder.name, line.claim.ladder.version, tone, plan.debt.arm, letter.on,
            line.claim.open_minor, now,
        )
        for line in letter.lines
    ]  # fmt: skip


def _line(message_id: UUID, plan: Plan, now: datetime) -> tuple[Any, ...]:
    """The line of the trail; who would have got it first is said for who asks later why it went another way."""
    letter = plan.letter
    assert letter is not None
    details: dict[str, Any] = {
        "invoices": [line.claim.number for line in letter.lines],
        "on": letter.on.isoformat(),
    }
    if plan.debt.passed_over:
        details["passed_over"] = [{"channel": one.channel, "why": one.reason.value} for one in plan.debt.passed_over]
    what = "reminder drafted" if plan.is_draft else "reminder queued"
    return (
        new_key(), now, "assistant", what, "message", message_id, plan.debt.customer.id, letter.rung.name, message_id,
        details,
    )  # fmt: skip


def _threads(session: Session, plans: Sequence[Plan]) -> dict[Place, _Thread]:
    """The conversation each customer is written in: the newest open one with that address on that channel, else one
    with nobody in particular there, else a new one.

    It is locked, because its version rises; in the order of ids, so that two runs cannot wait for each other.
    """
    if not plans:
        return {}
    places = {plan.place: plan for plan in plans}
    customers = {customer_id for customer_id, _, _ in places}
    addresses = list({address for _, _, address in places})
    query = (
        select(
            Conversation.id, Conversation.customer_id, Conversation.channel, Conversation.address,
            Conversation.contact_id,
        )
        .where(
            is_one_of(Conversation.customer_id, customers),
            Conversation.channel.in_({channel for _, channel, _ in places}),
            or_(
                Conversation.address.is_(None),
                Conversation.address == any_(literal(addresses, ARRAY(Text))),
            ),
            Conversation.state == "open",
            Conversation.speaker == "assistant",
        )
        .order_by(Conversation.id)
        .with_for_update(key_share=True)
    )  # fmt: skip
    open_ones: dict[tuple[UUID | None, str, str | None], _Thread] = {}
    for id_, customer_id, channel, address, contact_id in session.execute(query):
        open_ones[customer_id, channel, address] = _Thread(id_, False, contact_id)
    threads: dict[Place, _Thread] = {}
    for place in places:
        customer_id, channel, _ = place
        going_on = open_ones.get(place) or open_ones.pop((customer_id, channel, None), None)
        threads[place] = going_on or _Thread(new_key(), True, None)
    return threads


def _keep_threads(
    session: Session, seller: Seller, threads: dict[Place, _Thread], plans: dict[Place, Plan], now: datetime
) -> None:
    """Begins the new threads and raises the version of the others.

    A mail says at its foot that a machine wrote it; a text has no room for that, so the first answer there does.
    """
    begun, going_on = [], []
    for place, thread in threads.items():
        customer_id, channel, address = place
        plan = plans[place]
        assert plan.debt.recipient is not None
        assert plan.written is not None
        contact_id = thread.contact_id or plan.debt.recipient.contact_id
        if thread.is_new:
            begun.append(
                (
                    thread.id, seller.id, customer_id, contact_id, channel, address, plan.written.subject, "known",
                    "assistant", "open", plan.written.language, thread.messages, channel == "email", now, now,
                )
            )  # fmt: skip
        else:
            going_on.append((thread.id, thread.messages, channel == "email", address, contact_id, now))
    copy_rows(session, "conversation", _CONVERSATION, begun)
    if going_on:
        names = ("ids", "messages", "introduces", "addresses", "contacts", "ats")
        session.execute(_GO_ON, dict(zip(names, map(list, zip(*going_on, strict=True)), strict=True)))
