"""The gap: a question the library had no answer to, and how often it was asked."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Index, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Mapped, Session

from o2c_core.cards import mask_cards
from o2c_core.clock import SystemClock
from o2c_core.store.rows import Keyed, Row

_LENGTH_MAX = 300
_ADDRESS = re.compile(r"\S+@\S+")
_NUMBER = re.compile(r"(?:[^\W\d_]+[-/]?)?\+?\d(?:[ ./-]?\d)*\w*")
_MARKS = re.compile(r"[^\w\s…'-]+")


class Gap(Keyed, Row):
    """One question that went unanswered. Its words are normalised and say nothing about who asked."""

    __tablename__ = "gap"
    __table_args__ = (UniqueConstraint("language", "question"), Index(None, "last_asked_at"))

    language: Mapped[str]
    question: Mapped[str]
    times: Mapped[int]
    first_asked_at: Mapped[datetime]
    last_asked_at: Mapped[datetime]


def note_gap(session: Session, question: str, language: str, *, at: datetime | None = None) -> None:
    """Counts the question in the session's transaction; the same one in other capitals and marks counts as the same."""
    asked = normalised(question)
    if not asked:
        return
    at = at or SystemClock().now()
    row = insert(Gap).values(language=language, question=asked, times=1, first_asked_at=at, last_asked_at=at)
    session.execute(
        row.on_conflict_do_update(
            index_elements=[Gap.language, Gap.question],
            set_={"times": Gap.times + 1, "last_asked_at": row.excluded.last_asked_at},
        )
    )


def gaps(session: Session, limit: int = 50) -> Sequence[Gap]:
    """What is asked most and not answered, the most asked first."""
    return session.scalars(select(Gap).order_by(Gap.times.desc(), Gap.last_asked_at.desc()).limit(limit)).all()


def normalised(question: str) -> str:
    """The question in small letters without marks; email addresses and long numbers are left out as "…"."""
    # Cards first: typed with spaces or tabs between their digits, they would not look like one long number.
    hidden = _NUMBER.sub(_short_enough, _ADDRESS.sub("…", mask_cards(question).casefold()))
    return " ".join(_MARKS.sub(" ", hidden).split())[:_LENGTH_MAX]


def _short_enough(number: re.Match[str]) -> str:
    """A day or an amount may stay; an invoice or phone number is somebody's."""
    return number[0] if sum(character.isdigit() for character in number[0]) <= 3 else "…"
