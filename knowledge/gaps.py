"""The gap: a question the library had no answer to, how often it was asked, and what answers it since."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import Index, String, UniqueConstraint, cast, func, or_, select
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import REGCONFIG, insert
from sqlalchemy.orm import Mapped, Session, mapped_column

from knowledge.documents import LANGUAGES
from knowledge.unnamed import without_names
from o2c_core.cards import mask_cards
from o2c_core.clock import SystemClock
from o2c_core.store.rows import Keyed, Row

_LENGTH_MAX = 300
_ADDRESS = re.compile(r"\S+@\S+|(?:https?://|www\.)\S+")
_NUMBER = re.compile(r"(?:[^\W\d_]+[-/]?)?\+?\d(?:[ ./-]?\d)*\w*")
# Who is asked and how politely, which PostgreSQL counts as words that say something.
_WHOM = frozenset(
    "please jullie u uw graag alstublieft alsjeblieft wordt worden bitte eure euer gerne vous votre vos svp".split()  # noqa: SIM905
)
_MARKS = re.compile(r"[^\w\s…'-]+")


class Gap(Keyed, Row):
    """One question that went unanswered. Its words are normalised and say nothing about who asked.

    `likeness` is what near-duplicates have in common: the stems of its words, in no order. `seller` is whose library
    was asked, "" for that of all; `answered_by` is the passage that has answered it since, None while it is open.
    """

    __tablename__ = "gap"
    __table_args__ = (UniqueConstraint("seller", "language", "likeness"), Index(None, "last_asked_at"))

    language: Mapped[str]
    question: Mapped[str]
    times: Mapped[int]
    first_asked_at: Mapped[datetime]
    last_asked_at: Mapped[datetime]
    seller: Mapped[str] = mapped_column(default="", server_default=sql("''"))
    likeness: Mapped[str]
    answered_by: Mapped[str | None]
    answered_at: Mapped[datetime | None]


def note_gap(
    session: Session,
    question: str,
    language: str,
    *,
    at: datetime | None = None,
    seller: str | None = None,
    hide: Iterable[str] = (),
) -> None:
    """Counts the question in the session's transaction, together with others that ask the same in other words' forms.

    `hide` are names known to be somebody's, such as those of the customer who asks. One that had been answered is open
    again: the answer no longer comes.
    """
    asked = normalised(question, language, hide=hide)
    if not re.search(r"\w", asked):
        return
    at = at or SystemClock().now()
    row = insert(Gap).values(
        language=language,
        question=asked,
        times=1,
        first_asked_at=at,
        last_asked_at=at,
        seller=seller or "",
        likeness=_likeness(session, asked, language),
    )
    session.execute(
        row.on_conflict_do_update(
            index_elements=[Gap.seller, Gap.language, Gap.likeness],
            set_={
                "times": Gap.times + 1,
                "last_asked_at": row.excluded.last_asked_at,
                "answered_by": None,
                "answered_at": None,
            },
        )
    )


def gaps(session: Session, limit: int = 50, *, answered: bool = False) -> Sequence[Gap]:
    """What is asked most and not answered, the most asked first; or what was and is `answered` since, the latest first."""
    if answered:
        query = select(Gap).where(Gap.answered_by.is_not(None)).order_by(Gap.answered_at.desc(), Gap.times.desc())
    else:
        query = select(Gap).where(Gap.answered_by.is_(None)).order_by(Gap.times.desc(), Gap.last_asked_at.desc())
    return session.scalars(query.limit(limit)).all()


def to_ask_again(session: Session, limit: int, among: Sequence[str]) -> Sequence[Gap]:
    """The gaps that are open, and those whose answer is not `among` the passages any more; the most asked first."""
    query = select(Gap).where(or_(Gap.answered_by.is_(None), Gap.answered_by.not_in(among)))
    return session.scalars(query.order_by(Gap.times.desc(), Gap.last_asked_at.desc()).limit(limit)).all()


def normalised(question: str, language: str = "en", *, hide: Iterable[str] = ()) -> str:
    """The question in small letters without marks; addresses, long numbers and names are left out as "…"."""
    # Cards first: typed with spaces or tabs between their digits, they would not look like one long number. Names while
    # they still have their capitals.
    unnamed = without_names(_ADDRESS.sub("…", mask_cards(question)), language, hide)
    hidden = _NUMBER.sub(_short_enough, unnamed.lower())
    words = " ".join(_MARKS.sub(" ", hidden).split())
    return re.sub(r"…(?: …)+", "…", words)[:_LENGTH_MAX]


def _short_enough(number: re.Match[str]) -> str:
    """A day or an amount may stay; an invoice or phone number is somebody's."""
    return number[0] if sum(character.isdigit() for character in number[0]) <= 3 else "…"


def _likeness(session: Session, asked: str, language: str) -> str:
    """The stems of the words that say something, as PostgreSQL has them; the words themselves where none does."""
    words = [word for word in re.findall(r"[\w']+", asked) if word not in _WHOM]
    configuration = cast(LANGUAGES.get(language, "simple"), REGCONFIG)
    stems = func.array_to_string(func.tsvector_to_array(func.to_tsvector(configuration, " ".join(words))), " ")
    found = session.scalar(select(cast(stems, String)))
    return found or " ".join(sorted(set(asked.split())))
