"""Imports of documents take turns, so that none counts what another is still writing."""

from __future__ import annotations

from sqlalchemy import text
from sqlalchemy.orm import Session

# One number for "an import is running".
_LOCK = 5_540_231


def wait_for_turn(session: Session) -> None:
    """Returns when no other import is running; the next one waits until this session's transaction is over."""
    session.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
