"""The passage: one section of a document as the ledger keeps it, searchable by its words."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from datetime import date

from sqlalchemy import CheckConstraint, Computed, Index
from sqlalchemy.dialects.postgresql import TSVECTOR
from sqlalchemy.orm import Mapped, mapped_column

from knowledge.documents import Document
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


class Passage(Row):
    """One answer, of one seller or, without one, of all.

    `topic` is the same in every language; `questions` holds one asked question a line.
    """

    __tablename__ = "passage"
    __table_args__ = (
        CheckConstraint("language IN ('en', 'nl', 'de', 'fr')", "language"),
        CheckConstraint("audience IN ('customers', 'staff', 'nobody')", "audience"),
        Index(None, "words", postgresql_using="gin"),
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


def passages_of(document: Document) -> Iterator[Passage]:
    for position, section in enumerate(document.sections, 1):
        passage = Passage(
            key=f"{document.language}/{document.topic}/{section.name}",
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
        )
        passage.checksum = _checksum(passage)
        yield passage


def says(passage: Passage) -> list[str]:
    """The ways to put what a passage is about, each of which gets a place of its own in the index."""
    answer = [passage.section, f"{passage.section}. {passage.text}"] if passage.text else []
    return answer + passage.questions.splitlines()


def _checksum(passage: Passage) -> str:
    parts = (
        passage.document, passage.seller or "", passage.title, passage.section, passage.audience, passage.text, passage.questions,
        str(passage.position), passage.valid_from.isoformat(),
    )  # fmt: skip
    return hashlib.sha256("\x00".join(parts).encode()).hexdigest()[:16]
