"""Save a canned reply of a seller in one language, in place of the one of that name before."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from o2c_core.conversations.canned import check_places
from o2c_core.conversations.desk import CannedReply
from o2c_core.conversations.keeping import TEXT_CHARACTERS_MAX, TooLong
from o2c_core.customers.customer import LANGUAGES
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from o2c_core.trail import note

NAME_CHARACTERS_MAX = 80


class NoName(Refused):
    """A canned reply needs a name of at most 80 characters, and one of the four languages."""


def save_canned_reply(seller_id: UUID, name: str, language: str, text: str, *, by: str, store: Store) -> CannedReply:
    """The reply as everybody may use it from now on. An empty text takes one of the house's out of use.

    Raises: NotFound; NoName; TooLong; UnknownPlace.
    """
    title, words = " ".join(name.split()), text.replace("\r\n", "\n").strip()
    if not 1 <= len(title) <= NAME_CHARACTERS_MAX or language not in LANGUAGES or not title.isprintable():
        raise NoName
    if len(words) > TEXT_CHARACTERS_MAX:
        raise TooLong
    check_places(words)
    now = store.clock.now()
    with store.session() as session:
        seller = session.get(Seller, seller_id, with_for_update={"key_share": True})
        if seller is None:
            raise NotFound(seller=str(seller_id))
        same = select(CannedReply).where(
            CannedReply.seller_id == seller_id, CannedReply.name == title, CannedReply.language == language
        )
        reply = session.scalars(same).one_or_none()
        if reply is None:
            reply = CannedReply(id=new_key(), seller_id=seller_id, name=title, language=language)
            session.add(reply)
        reply.text, reply.changed_at, reply.changed_by = words, now, by
        session.flush()
        note(session, "canned reply saved", reply, at=now, who=by, why="everybody may use it", name=title,
             language=language)  # fmt: skip
        session.commit()
        return reply
