"""Asking once, when a person's part of a conversation is over, how well they helped."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from o2c_core.conversations.answer_form import reply_subject
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.desk_said import desk_words, language_of
from o2c_core.conversations.notice import queue_notice
from o2c_core.conversations.rating import Rating
from o2c_core.conversations.sms_text import fit_sms
from o2c_core.conversations.telling import tell_in_chat
from o2c_core.conversations.way_back import NoWayBack, way_back_in
from o2c_core.customers.seller import Seller
from o2c_core.staff.user import User

# Whoever was asked is left in peace for so long, however often the conversation changes hands.
ASKED_AGAIN_AFTER = timedelta(days=14)
# For so long an answer of one figure is heard as the rating.
HEARD_FOR = timedelta(days=3)
CHOICES = "rating"


def ask_rating(
    session: Session, conversation: Conversation, *, agent_id: UUID | None, now: datetime, thanks: str = ""
) -> Rating | None:
    """The rating that is asked for, in the session's transaction; None when they were asked lately or cannot be reached.

    In a chat the page shows five choices under the line; elsewhere it is one short message, with `thanks` before it.
    """
    lately = exists().where(
        Rating.conversation_id == conversation.id, Rating.asked_at > now - ASKED_AGAIN_AFTER
    )  # fmt: skip
    if conversation.channel == "terminal" or session.scalar(select(lately)):
        return None
    seller = session.get_one(Seller, conversation.seller_id)
    language = language_of(session, conversation)
    helper = session.get(User, agent_id) if agent_id else None
    agent = helper.name if helper else desk_words("a_colleague", language)
    message_id = None
    if conversation.channel == "chat":
        words = desk_words("rating_chat", language, agent=agent)
        line = tell_in_chat(
            session, conversation, words, language, now, understanding={"choices": CHOICES, "asks": CHOICES}
        )
        assert line is not None  # it is a chat
        session.flush()
        message_id = line.id
    else:
        try:
            way = way_back_in(session, conversation)
        except NoWayBack:
            return None
        key = "rating_mail" if way.channel == "email" else "rating_texted"
        words = " ".join(filter(None, [thanks, desk_words(key, language, agent=agent, seller=seller.name)]))
        message_id = queue_notice(
            session, conversation, fit_sms(words) if way.channel == "sms" else words, channel=way.channel,
            address=str(way.address), contact_id=way.contact_id, language=language, now=now,
            subject=reply_subject(way.subject, seller.name) if way.channel == "email" else None,
            understanding={"asks": CHOICES},
        )  # fmt: skip
    rating = Rating(conversation_id=conversation.id, message_id=message_id, agent_id=agent_id, asked_at=now)
    session.add(rating)
    session.flush()
    return rating
