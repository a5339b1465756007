"""The passage: one section of a document as the ledger keeps it, searchable by its words."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import CheckConstraint, Computed, Index
from sqlalchemy import text as sql
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.documents import Document
from o2c_core.errors import Refused
from o2c_core.store.rows import Row

# Headings weigh most, then the questions people ask, then the answer. Written as PostgreSQL itself writes it back,
# so that the schema and this mapping can be compared.
_CONFIGURATION = (
    "CASE language WHEN 'nl'::text THEN 'dutch'::regconfig WHEN 'de'::text THEN 'german'::regconfig"
    " WHEN 'fr'::text THEN 'french'::regconfig ELSE 'english'::regconfig END"
)
WORDS = (
    f"(setweight(to_tsvector({_CONFIGURATION}, (((title)::text || ' '::text) || (section)::text)), 'A'::\"char\")"
    f" || setweight(to_tsvector({_CONFIGURATION}, (questions)::text), 'B'::\"char\"))"
    f" || setweight(to_tsvector({_CONFIGURATION}, (text)::text), 'C'::\"char\")"
)

_TEXTS_MAX = 10
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


class PassageTwice(Refused):
    """Two documents answer under the same language, topic and heading, for the same seller and from the same day."""


class Passage(Row):
    """One answer, of one seller or, without one, of all.

    `place` (topic/section) and `topic` are the same in every language; `questions` holds one asked question a line. Of
    several at one place in one language, the one that became valid last is told; `is_later` marks all but the first.
    `facts` are whole numbers the ledger is joined with; `page` is where it stands in a PDF.
    """

    __tablename__ = "passage"
    __table_args__ = (
        CheckConstraint("language IN ('en', 'nl', 'de', 'fr')", "language"),
        CheckConstraint("audience IN ('customers', 'staff', 'nobody')", "audience"),
        Index(None, "words", postgresql_using="gin"),
        Index(None, "place"),
    )

    key: Mapped[str] = mapped_column(primary_key=True)
    document: Mapped[str]
    topic: Mapped[str]
    seller: Mapped[str | None]
    title: Mapped[str]
    section: Mapped[str]
    language: Mapped[str]
    audience: Mapped[str]
    text: Mapped[str]
    questions: Mapped[str]
    position: Mapped[int]
    valid_from: Mapped[date]
    checksum: Mapped[str]
    words: Mapped[str] = mapped_column(TSVECTOR, Computed(WORDS, persisted=True), deferred=True)
    place: Mapped[str]
    page: Mapped[int | None]
    valid_until: Mapped[date | None]
    is_later: Mapped[bool] = mapped_column(default=False, server_default=sql("false"))
    facts: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default=sql("'{}'::jsonb"))


def passages_of_all(documents: Sequence[Document]) -> dict[str, Passage]:
    """Every passage of the documents by its key.

    The key is language/topic/section, with ~seller behind it where it is one seller's, and @day where it follows
    another one at the same place.

    Raises: PassageTwice.
    """
    in_time = sorted(
        (passage for document in documents for passage in passages_of(document)),
        key=lambda passage: (passage.key, passage.valid_from, passage.document),
    )
    wanted: dict[str, Passage] = {}
    before: Passage | None = None
    first = ""
    for passage in in_time:
        if passage.key != first or before is None:
            first = passage.key
        elif before.valid_from == passage.valid_from:
            raise PassageTwice(f"{before.document} and {passage.document} both answer under {first}.", key=first)
        else:
            passage.is_later = True
            passage.key = f"{first}@{passage.valid_from.isoformat()}"
        passage.checksum = _checksum(passage)
        wanted[passage.key] = before = passage
    return wanted


def passages_of(document: Document) -> Iterator[Passage]:
    of_one = f"~{document.seller}" if document.seller else ""
    for position, section in enumerate(document.sections, 1):
        place = f"{document.topic}/{section.name}"
        yield Passage(
            key=f"{document.language}/{place}{of_one}",
            document=document.name,
            topic=document.topic,
            seller=document.seller,
            title=document.title,
            section=section.title,
            language=document.language,
            audience=document.audience,
            text=section.text,
            questions="\n".join(section.questions),
            position=position,
            valid_from=document.valid_from,
            place=place,
            page=section.page,
            valid_until=document.valid_until,
            is_later=False,
            facts=dict(section.facts),
        )


def place_of(key: str) -> str:
    """The place a key stands for, the same in every language, for every seller and from every day."""
    return key.partition("/")[2].partition("~")[0].partition("@")[0]


def says(passage: Passage) -> list[str]:
    """The ways to put what a passage is about, each of which gets a place of its own in the index."""
    answer = [passage.section, f"{passage.section}. {passage.text}"] if passage.text else []
    questions = passage.questions.splitlines()
    if questions or not answer:
        return answer + questions
    # Nobody wrote down what is asked for it: its sentences, and the document it stands in, speak for it instead.
    sentences = [part for part in _SENTENCE_END.split(passage.text) if len(part.split()) > 2]
    return [*answer, f"{passage.title}: {passage.section}", *sentences][:_TEXTS_MAX]


def _checksum(passage: Passage) -> str:
    parts = (
        passage.document, passage.seller or "", passage.title, passage.section, passage.audience, passage.text, passage.questions,
        str(passage.position), passage.valid_from.isoformat(), str(passage.valid_until), str(passage.page),
        json.dumps(passage.facts, sort_keys=True), str(passage.is_later),
    )  # fmt: skip
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:16]
