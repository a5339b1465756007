"""The chat on customers' own pages: it knows whose pages they are, and what is looked at."""

from __future__ import annotations

from dataclasses import dataclass

from fastapi import APIRouter, Response
from sqlalchemy.orm import Session

from o2c_core.actions.begin_visit_chat import begin_visit_chat
from o2c_core.conversations.conversation import Conversation
from web.portal.door import Guest, NotHere, Portal, VisitHere, see_other
from web.portal.forms import SentHere, quoted

ABOUT_SIGNS_MAX = 120


@dataclass(frozen=True)
class Corner:
    """Where the chat stands on a page. Without a token it has not begun: a button begins it."""

    about: str
    token: str | None
    email: str | None
    phone: str | None


def chat_pages(router: APIRouter, portal: Portal) -> None:
    """`/my/chat`: the chat by itself; a POST begins it."""

    @router.get("/my/chat")
    def the_chat(guest: VisitHere) -> Response:
        _check(guest)
        with portal.store.session() as session:
            chat = corner(session, portal, guest, "")
        return guest.page("my_chat.html", here="chat", chat=chat)

    @router.post("/my/chat")
    def begin(guest: VisitHere, sent: SentHere) -> Response:
        _check(guest)
        about = " ".join(sent.one("about").split())[:ABOUT_SIGNS_MAX] or None
        begin_visit_chat(guest.visit_id, store=portal.store, language=guest.language, about=about)
        return see_other(_where(about or ""))


def _where(about: str) -> str:
    """Back to the page on which the chat began, which it is about."""
    kind, _, number = about.partition(" ")
    return f"/my/{kind}s/{quoted(number)}#talk" if kind in ("invoice", "order") and number else "/my/chat"


def _check(guest: Guest) -> None:
    """A chat is part of what any link opens, about its document or about the account."""
    subject_id = guest.visiting.link.subject_id
    if not guest.may("chat", subject_id):
        raise NotHere


def corner(session: Session, portal: Portal, guest: Guest, about: str) -> Corner:
    """The visit's chat, on a page that is about that."""
    chat_id = guest.visiting.visit.conversation_id
    chat = session.get(Conversation, chat_id) if chat_id else None
    token = portal.chat_token(chat) if chat is not None else None
    return Corner(about or (chat.about if chat else None) or "", token, guest.seller.email, guest.seller.phone)
