"""Write down that somebody saw a page, and whose data was on it."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from o2c_core.staff.signed import Signed
from o2c_core.staff.user import Look
from o2c_core.store.store import Store


@dataclass(frozen=True)
class Seen:
    """A page somebody was shown. `about` names what was on it where a customer and a conversation do not say it."""

    page: str
    about: str = ""
    seller_id: UUID | None = None
    customer_id: UUID | None = None
    conversation_id: UUID | None = None


def note_look(who: Signed, seen: Seen, *, store: Store) -> None:
    """Adds one line; a page seen again is another line."""
    with store.session() as session:
        look = Look(user_id=who.user_id, at=store.clock.now(), page=seen.page, about=seen.about)
        look.seller_id, look.customer_id, look.conversation_id = seen.seller_id, seen.customer_id, seen.conversation_id
        session.add(look)
        session.commit()
