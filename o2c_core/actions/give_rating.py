"""Give a rating: how well a person helped, from one to five, with words or without."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from o2c_core.cards import mask_cards
from o2c_core.conversations.desk_said import locked
from o2c_core.conversations.rating import SCORE_MAX, Rating
from o2c_core.errors import Refused
from o2c_core.store.store import Store
from o2c_core.trail import note

CHANGEABLE_FOR = timedelta(hours=1)
WORDS_CHARACTERS_MAX = 2000


class NotAScore(Refused):
    """A rating is a number from 1 to 5."""


class NotAsked(Refused):
    """Nobody asked for a rating in this conversation."""


class RatedBefore(Refused):
    """That rating was given more than an hour ago and stays as it is."""


def give_rating(
    conversation_id: UUID, score: int, words: str | None = None, *, store: Store, message_id: UUID | None = None
) -> Rating:
    """The rating that was asked for last in that conversation, as it is given now; within an hour it may be changed.

    Raises: NotAScore; NoSuchConversation; NotAsked; RatedBefore.
    """
    if isinstance(score, bool) or not 1 <= score <= SCORE_MAX:
        raise NotAScore(score=score)
    now = store.clock.now()
    with store.session() as session:
        conversation = locked(session, conversation_id)
        asked = select(Rating).where(Rating.conversation_id == conversation.id).order_by(Rating.asked_at.desc())
        rating = session.scalars(asked.limit(1)).one_or_none()
        if rating is None:
            raise NotAsked(conversation=str(conversation_id))
        kept = mask_cards(" ".join((words or "").split()))[:WORDS_CHARACTERS_MAX] or None
        if rating.given_at is not None:
            if (rating.score, rating.words) == (score, kept):
                return rating
            if now - rating.given_at > CHANGEABLE_FOR:
                raise RatedBefore(rating=str(rating.id))
        rating.score, rating.words = score, kept or rating.words
        rating.given_at = rating.given_at or now
        note(
            session, "rated", conversation, at=now, who="customer", why=f"{score} of {SCORE_MAX}",
            message_id=message_id, score=score,
        )  # fmt: skip
        session.commit()
        return rating
