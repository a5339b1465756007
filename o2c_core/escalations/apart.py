"""One piece of a run apart from the others: what breaks in it is an entry of the run, and the rest goes on."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from sqlalchemy.exc import DBAPIError

from o2c_core.errors import Failure
from o2c_core.escalations.run import Entry

log = logging.getLogger("parley.escalations")


@contextmanager
def apart(entries: list[Entry], piece: Entry) -> Iterator[None]:
    """Whoever is inside commits by themselves, so that what breaks leaves nothing of its own behind.

    A connection to the database that is gone stops everything: there is nothing left to go on with.
    """
    try:
        yield
    except Exception as odd:
        stop_if_lost(odd)
        log.exception("escalations broke seller=%s rule=%s customer=%s", piece.seller, piece.rule, piece.customer)
        entries.append(replace(piece, what="failed", why=_why(odd)))


def stop_if_lost(odd: Exception) -> None:
    if isinstance(odd, DBAPIError) and odd.connection_invalidated:
        raise odd


def _why(odd: Exception) -> str:
    """Ours is a sentence already; anything else may have somebody's data in it, so only its kind is said."""
    return (
        odd.sentence if isinstance(odd, Failure) else f"something unexpected ({type(odd).__name__}); the log has more."
    )
