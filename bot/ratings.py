"""Whether a message is the rating a customer was asked for, and asks for nothing else."""

from __future__ import annotations

from bot.embedded.plan import ONLY_WORDS
from bot.embedded.understanding import understand
from o2c_core.actions.hear_rating import hear_rating
from o2c_core.conversations.rating_words import rating_in
from o2c_core.conversations.received import Received
from o2c_core.store.store import Store

# "1, slecht geholpen" sounds like a complaint and is a rating; who complains in a whole sentence complains.
_SHORT_WORDS = 4


def hears_rating(received: Received, *, store: Store) -> bool:
    """True once it is noted as the rating. Nothing is looked up for a message that cannot be one."""
    words = received.pending[-1]
    said = rating_in(words) if len(received.pending) == 1 and not received.files else None
    if said is None:
        return False
    if said.words is not None:
        asks = {one.name for one in understand(said.words).intents} - ONLY_WORDS
        if len(said.words.split()) <= _SHORT_WORDS:
            asks -= {"complaint"}
        if asks:
            return False
    return hear_rating(received.message_id, store=store) is not None
