"""Keep what somebody sent in by a form on their own pages, once, as a message in the conversation of their visit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from o2c_core.conversations.keeping import cut_text, store_once, without_cards
from o2c_core.conversations.message import Message
from o2c_core.conversations.page_files import PageFile
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.conversations.visit_chat import chat_of, visit_to_change
from o2c_core.errors import NotFound
from o2c_core.store.store import Store

PURPOSE = "form"


@dataclass(frozen=True)
class SentForm:
    """`key` is the form's own, made with the page, so that sending it twice is found; `text` says what was sent in."""

    visit_id: UUID
    key: str
    text: str
    language: str
    about: str | None = None
    files: tuple[PageFile, ...] = ()


@dataclass(frozen=True)
class KeptForm:
    """The message it became; `is_repeat` when that very form came before."""

    message_id: UUID
    conversation_id: UUID
    is_repeat: bool


def keep_form(form: SentForm, *, store: Store) -> KeptForm:
    """What was sent in stands in the thread that agents read. It is no question, so nobody answers it in words.

    Raises: NotFound for a key that was used in another visit.
    """
    now = store.clock.now()
    with store.session() as session:
        visit = visit_to_change(session, form.visit_id)
        chat = chat_of(session, visit, now, form.language, form.about)
        sender_key = f"form:{visit.id}:{form.key}"
        text, _ = without_cards([], cut_text(form.text))
        message_id = store_once(
            session, chat.id, "chat", text, sender_key=sender_key, purpose=PURPOSE, language=form.language,
            contact_id=visit.contact_id, answered_at=now, created_at=now,
        )  # fmt: skip
        if message_id is None:
            session.rollback()
            return _kept_before(store, sender_key)
        chat.version += 1
        chat.updated_at = now
        session.add_all(_files(form.files, message_id, now))
        session.commit()
        return KeptForm(message_id, chat.id, is_repeat=False)


def _files(files: Sequence[PageFile], message_id: UUID, now: datetime) -> list[ReceivedFile]:
    return [
        ReceivedFile(
            message_id=message_id, name=one.name, media_type=one.media_type, claimed_type=one.claimed_type,
            size=len(one.content), checksum=one.checksum, content=one.content, created_at=now,
        )
        for one in files
    ]  # fmt: skip


def _kept_before(store: Store, sender_key: str) -> KeptForm:
    with store.session() as session:
        first = session.scalars(
            select(Message).where(Message.channel == "chat", Message.sender_key == sender_key)
        ).one_or_none()
        if first is None:
            raise NotFound
        return KeptForm(first.id, first.conversation_id, is_repeat=True)
