"""How well the library answers questions whose answers are known, by language."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median, quantiles
from time import perf_counter

from sqlalchemy import select

from knowledge.documents import LANGUAGES
from knowledge.index import Index
from knowledge.passages import Passage
from knowledge.search import find_passages
from o2c_core.errors import Refused
from o2c_core.store.store import Store

NO_ANSWER = "-"


class QuestionsUnreadable(Refused):
    """Each line must be a language, the sections that answer (or -) and a question, with tabs between them."""


@dataclass(frozen=True)
class Question:
    """`wanted` names the sections that answer it; () when the library must leave it alone."""

    language: str
    wanted: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Wrong:
    language: str
    question: str
    wanted: str
    given: str


@dataclass(frozen=True)
class Measured:
    """The counts of one language, or of "all"."""

    language: str
    questions: int
    right_section: int
    right_topic: int
    off_topic: int
    answered_off_topic: int

    @property
    def share_right(self) -> float:
        return self.right_section / self.questions if self.questions else 0.0

    @property
    def share_off_topic(self) -> float:
        return self.answered_off_topic / self.off_topic if self.off_topic else 0.0


@dataclass(frozen=True)
class Measurement:
    languages: list[Measured]
    wrong: list[Wrong]
    milliseconds_p50: float
    milliseconds_p95: float


def read_questions(file: Path) -> list[Question]:
    """Raises: QuestionsUnreadable, with the line."""
    questions = []
    try:
        lines = file.read_text("utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as odd:
        raise QuestionsUnreadable(f"{file} cannot be read as text.") from odd
    for number, line in enumerate(lines, 1):
        if not line.strip() or line.startswith("#"):
            continue
        fields = line.split("\t")
        if len(fields) != 3 or fields[0] not in LANGUAGES or not fields[1].strip() or not fields[2].strip():
            raise QuestionsUnreadable(f"{file}, line {number}: {QuestionsUnreadable.__doc__}", line=number)
        wanted = () if fields[1] == NO_ANSWER else tuple(fields[1].split())
        questions.append(Question(fields[0], wanted, fields[2]))
    return questions


def measure(
    questions: Sequence[Question], *, store: Store, index: Index | None, seller: str | None = None
) -> Measurement:
    """Asks every question; right is one whose first passage is a wanted section, or that finds none where none is wanted."""
    with store.session() as session:
        topics = {
            place.rpartition("/")[2]: topic for place, topic in session.execute(select(Passage.place, Passage.topic))
        }
    wrong: list[Wrong] = []
    seconds: list[float] = []
    counts = {language: [0] * 5 for language in [*LANGUAGES, "all"]}
    for question in questions:
        began = perf_counter()
        found = find_passages(question.text, question.language, store=store, index=index, seller=seller)
        seconds.append(perf_counter() - began)
        given = found[0].name if found else NO_ANSWER
        if question.wanted:
            has_topic = bool(found) and found[0].topic in {topics.get(name) for name in question.wanted}
            seen = [1, given in question.wanted, has_topic, 0, 0]
        else:
            seen = [0, 0, 0, 1, bool(found)]
        for key in (question.language, "all"):
            counts[key] = [count + more for count, more in zip(counts[key], seen, strict=True)]
        if given not in (question.wanted or (NO_ANSWER,)):
            wanted = " or ".join(question.wanted) or NO_ANSWER
            wrong.append(Wrong(question.language, question.text, wanted, given))
    cuts = quantiles(seconds, n=20) if len(seconds) > 1 else [0.0] * 19
    languages = [Measured(language, *numbers) for language, numbers in counts.items() if any(numbers)]
    return Measurement(languages, wrong, 1000 * median(seconds or [0.0]), 1000 * cuts[18])
