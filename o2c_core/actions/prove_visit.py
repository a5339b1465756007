"""Prove who makes a visit: a one-time code to an address of record, and what it opens once it is written on the page."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

from sqlalchemy import select

from o2c_core.actions.check_code import Outcome, check_code
from o2c_core.actions.send_code import send_code
from o2c_core.conversations.access_links import PROVEN_FOR
from o2c_core.conversations.codes import codes_in
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.visit_chat import chat_of, visit_to_change
from o2c_core.store.store import Store
from o2c_core.trail import note


def send_visit_code(
    visit_id: UUID, *, store: Store, key: str, written: Callable[[str], str], subject: str, language: str
) -> str:
    """Sends a code to an address of the contact the link was made for, or of the customer where it was made for nobody;
    the address it went to.

    Raises: NoAddressForCode; TooManyCodes.
    """
    with store.session() as session:
        visit = visit_to_change(session, visit_id)
        chat = chat_of(session, visit, store.clock.now(), language)
        session.commit()
    code_id = send_code(
        chat.id, visit.customer_id, store=store, key=key, written=written, subject=subject, language=language,
        only_contact_id=visit.contact_id,
    )  # fmt: skip
    with store.session() as session:
        query = select(Message.address).where(
            Message.conversation_id == chat.id, Message.understanding["code"].astext == str(code_id)
        )
        return session.scalars(query).one() or ""


def prove_visit(visit_id: UUID, written: str, *, store: Store, key: str) -> Outcome:
    """Whether that is the code. The right one opens the account, as far as the contact's role sees, for half an hour, and
    says in the visit's chat who writes. A wrong one is counted, as in `check_code`.
    """
    now = store.clock.now()
    with store.session() as session:
        chat_id = visit_to_change(session, visit_id).conversation_id
    codes = codes_in(written)
    if chat_id is None:
        return "none"
    if not codes:
        return "wrong"
    outcome = check_code(codes, conversation_id=chat_id, message_id=None, address=None, store=store, key=key)
    if outcome != "proven":
        return outcome
    with store.session() as session:
        visit = visit_to_change(session, visit_id)
        chat = session.get_one(Conversation, chat_id)
        visit.contact_id = visit.contact_id or chat.contact_id
        visit.proven_until = min(now + PROVEN_FOR, visit.ends_at)
        note(
            session, "visit proven", visit, at=now, who="customer", why="wrote the code that was sent",
            seller_id=chat.seller_id, until=visit.proven_until.isoformat(),
        )  # fmt: skip
        session.commit()
        return outcome
