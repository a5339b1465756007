"""The page of one conversation: packet on top, the thread with the reply box, and the ledger beside it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from fastapi import Request, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.cases.complaint import CATEGORIES, SEVERITIES
from o2c_core.cases.dispute import REASONS
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.desk_said import taken_sentence
from o2c_core.conversations.presence import present
from o2c_core.conversations.unsent import unsent_of
from o2c_core.customers.authority import authority_of
from o2c_core.customers.seller import Seller
from o2c_core.invoices.account import invoices_of
from o2c_core.invoices.invoice import Invoice
from o2c_core.keys import new_key
from o2c_core.staff.signed import Signed
from o2c_core.staff.user import User
from o2c_core.store.store import Store
from web.customer_pages import not_found
from web.desk.called import at_stake, waited
from web.desk.conversation_draft import Suggest, canned, canned_text, draft, joined
from web.desk.conversation_ledger import MATTERS_SHOWN, beside
from web.desk.conversation_mark import mark_of
from web.desk.door import saw
from web.reader import Reader
from web.rendering import page
from web.thread import CALLS, STATES, named, thread
from web.wording import words_in

# What the page says when something was done, by the word its address ends with.
DONE = {
    "taken": "It is yours now. The assistant is silent until you hand it back.",
    "sent": "Your reply is on its way.",
    "back": "The assistant answers again, and says again what it is.",
    "resolved": "Resolved. The next message opens it again, with the assistant.",
    "noted": "Your note is kept. No customer reads it.",
    "kept": "What you typed is kept.",
    "promise": "The promise is recorded; nothing is asked for before its day.",
    "dispute": "The objection is recorded; reminders for that part have stopped.",
    "complaint": "The complaint is recorded, with a day by which somebody answers.",
    "hold": "The hold is placed; it ends by itself.",
    "credit": "The credit note is issued and set against the invoice.",
    "document": "The document is on its way by mail.",
}


@dataclass(frozen=True)
class Asked:
    """How the page is looked at: what is to be said on it, and what was typed or chosen before it."""

    notice: str = ""
    tone: str = "good"
    done: str = ""
    text: str | None = None
    canned: str = ""
    number: str = ""
    objects_to: str = ""
    is_alone: bool = False
    form: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    key: str = ""


PLAIN = Asked()


def show(
    request: Request,
    who: Signed,
    conversation_id: str,
    asked: Asked = PLAIN,
    *,
    store: Store,
    suggest: Suggest | None,
    status: int = 200,
) -> Response:
    with store.session() as session:
        of = conversation_of(session, conversation_id)
        if of is None:
            return not_found("conversation")
        seller = session.get_one(Seller, of.seller_id)
        reader = Reader.of(seller, store.clock.now())
        saw(request, customer_id=of.customer_id, conversation_id=of.id, seller_id=of.seller_id)
        about = rows(session, of, reader, who, is_alone=asked.is_alone)
        text, notice, tone = _typed(session, of, seller, reader, who, asked)
        objected = _objected(session, of, asked.objects_to)
        return page(
            "conversation.html",
            status,
            here="inbox",
            seller=seller,
            beside=beside(session, of, seller, reader),
            matters_shown=MATTERS_SHOWN,
            draft=draft(session, of, text, reader),
            canned=canned(session, of, seller),
            open_invoices=_open_invoices(session, of, reader),
            objected=objected,
            language=words_in(of.language)["language"] if of.language else None,
            authority=authority_of(who.authority, seller),
            asked=asked,
            notice=notice or DONE.get(asked.done, ""),
            tone=tone,
            key=asked.key or new_key().hex,
            may_suggest=suggest is not None,
            colleagues=_colleagues(session, who),
            reasons=REASONS,
            categories=CATEGORIES,
            severities=SEVERITIES,
            is_demo=True,
            **about,
        )


def rows(session: Session, of: Conversation, reader: Reader, who: Signed, *, is_alone: bool = False) -> dict[str, Any]:
    """What changes while the page is open: the thread, who speaks, and who else is here."""
    others = others_here(session, of, who, reader)
    # Read before the thread: what comes between is asked for once more rather than never shown.
    mark = mark_of(session, of, others, is_alone=is_alone)
    found = thread(session, of, reader, is_alone=is_alone)
    return {
        "found": found,
        "reader": reader,
        "holds": of.speaker == "agent" and of.owner_id == who.user_id,
        "taken": taken_sentence(session, of) if of.speaker == "agent" else "",
        "others": others,
        "stakes": at_stake(found.call.packet) if found.call else [],
        "states": STATES,
        "calls": CALLS,
        "named": named,
        "waited": waited,
        "is_alone": is_alone,
        "mark": mark,
    }


def conversation_of(session: Session, conversation_id: str) -> Conversation | None:
    try:
        return session.get(Conversation, UUID(conversation_id))
    except ValueError:
        return None


def _typed(
    session: Session, of: Conversation, seller: Seller, reader: Reader, who: Signed, asked: Asked
) -> tuple[str, str, str]:
    """What stands in the box, and what is to be said about it."""
    kept = unsent_of(session, of.id, who.user_id)
    text = asked.text if asked.text is not None else kept.text if kept is not None else ""
    if asked.canned:
        words = canned_text(session, of, seller, reader, asked.canned, asked.number, who.name)
        if words is None:
            return text, "That reply needs something nobody knows here: choose an invoice for it.", "warn"
        return joined(text, words), asked.notice, asked.tone
    return text, asked.notice, asked.tone


def _open_invoices(session: Session, of: Conversation, reader: Reader) -> list[tuple[UUID, str, str, str]]:
    if of.customer_id is None:
        return []
    found = invoices_of(session, of.customer_id, reader.today, only_open=True)
    return [(one.invoice.id, one.invoice.number, reader.money(one.open), one.open.currency) for one in found[:60]]


def _objected(session: Session, of: Conversation, number: str) -> Invoice | None:
    if not number or of.customer_id is None or not number.isprintable():
        return None
    query = select(Invoice).where(Invoice.customer_id == of.customer_id, Invoice.number == number)
    found = session.scalars(query).one_or_none()
    if found is not None:
        found.lines  # noqa: B018 (read while the session is open)
    return found


def others_here(session: Session, of: Conversation, who: Signed, reader: Reader) -> list[tuple[str, bool]]:
    """Which colleagues have it open right now, and whether they are typing in it."""
    there = present(session, [of.id], reader.now, but=who.user_id).get(of.id, [])
    return [(one.name, one.is_typing) for one in there]


def _colleagues(session: Session, who: Signed) -> list[str]:
    query = select(User.name).where(User.disabled_at.is_(None), User.id != who.user_id).order_by(User.name)
    return list(session.scalars(query.limit(50)))
