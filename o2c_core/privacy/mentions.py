"""Where a person is spoken of in rows that are nobody's own: unmatched money, kept answers, strangers, the library."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, SQLColumnExpression, Text, Uuid, cast, column, delete, or_, select, table, update
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.integrations.api_key import ApiKey, IdempotentCall
from o2c_core.invoices.bank import BankTransaction
from o2c_core.privacy.erasing import scrub_rows
from o2c_core.privacy.holdings import Person
from o2c_core.privacy.traces import Traces
from o2c_core.trail import TrailLine

# Mapped above us, in the room of what we know in prose; here they are only tables.
_GAP = table("gap", column("id", Uuid), column("question", Text), column("times"))
_PASSAGE = table("passage", column("key", Text), column("text", Text), column("questions", Text))


def scrub_mentions(session: Session, person: Person, traces: Traces) -> dict[str, int]:
    """Takes the traces out of what the seller has and nobody is known to own; how many rows, by table."""
    like = traces.likenesses
    if not like:
        return {}
    strangers = select(Conversation.id).where(
        Conversation.seller_id == person.seller_id, Conversation.customer_id.is_(None)
    )
    spoken_of = {
        "message": select(Message.id).where(
            Message.conversation_id.in_(strangers),
            _has_any(like, Message.text, Message.subject, Message.html, cast(Message.receipts, Text)),
        ),
        "bank_transaction": select(BankTransaction.id).where(
            BankTransaction.seller_id == person.seller_id,
            BankTransaction.payment_id.is_(None),
            _has_any(like, BankTransaction.payer_name, BankTransaction.text, BankTransaction.reference,
                     BankTransaction.payer_account, cast(BankTransaction.suggestions, Text)),
        ),
        "trail": select(TrailLine.id).where(
            TrailLine.seller_id == person.seller_id,
            TrailLine.customer_id.is_(None),
            _has_any(like, TrailLine.who, TrailLine.why, cast(TrailLine.details, Text)),
        ),
    }  # fmt: skip
    return {name: scrub_rows(session, name, session.scalars(query).all(), traces) for name, query in spoken_of.items()}


def forget_answers(session: Session, person: Person, traces: Traces) -> int:
    """Empties answers kept for other systems that speak of the person; a repeat then hears that its answer is not known."""
    ids = [f"%{person.contact_id or person.customer_id}%"]
    about = select(IdempotentCall.id).where(
        IdempotentCall.api_key_id.in_(select(ApiKey.id).where(ApiKey.seller_id == person.seller_id)),
        _has_any([*ids, *traces.likenesses], cast(IdempotentCall.answer, Text)),
    )
    forgotten = update(IdempotentCall).where(IdempotentCall.id.in_(about)).values(status=None, answer=None)
    return len(session.connection().execute(forgotten.returning(IdempotentCall.id)).all())


def forget_gaps(session: Session, said: Collection[str], traces: Traces) -> int:
    """Deletes questions kept as gaps that quote one of those messages or have a trace of the person in them."""
    heard = [_bare(text) for text in said]
    gone = []
    for key, question, times in session.execute(select(_GAP.c.id, _GAP.c.question, _GAP.c.times)):
        has_trace = traces.scrub(question) != question
        if has_trace or any(_quotes(question, message, whole=times > 1) for message in heard):
            gone.append(key)
    if gone:
        session.execute(delete(_GAP).where(_GAP.c.id.in_(gone)))
    return len(gone)


def passages_about(session: Session, traces: Traces) -> Sequence[str]:
    """The passages of the library that mention the person, for whoever writes it to change."""
    like = traces.likenesses
    if not like:
        return []
    return session.scalars(
        select(_PASSAGE.c.key).where(_has_any(like, _PASSAGE.c.text, _PASSAGE.c.questions)).order_by(_PASSAGE.c.key)
    ).all()


def _has_any(like: Sequence[str], *texts: SQLColumnExpression[Any]) -> ColumnElement[bool]:
    return or_(*(where.ilike(pattern) for where in texts for pattern in like))


def _bare(text: str) -> str:
    words = re.findall(r"\w+", text.casefold())
    return f" {' '.join(words)} "


def _quotes(question: str, message: str, *, whole: bool) -> bool:
    """Whether the gap's words stand in the message in their order; "…" in it stands for a number that was left out.

    What several people asked is only taken for a quote when it is the `whole` message.
    """
    at = 0
    for part in question.split("…"):
        words = _bare(part)
        if not words.strip():
            continue
        # A long question was cut off, perhaps within a word.
        found = message.find(words if part is not question else words.rstrip(), at)
        if found < 0:
            return False
        at = found + len(words) - 1
    return not whole or _bare(question.replace("…", "")) == message
