"""The passages that answer a question, found by meaning and by words together; none when none does."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from knowledge.documents import LANGUAGES
from knowledge.index import Index, IndexUnreachable, Near
from knowledge.passages import Passage, place_of
from knowledge.words import spoken_of
from o2c_core.clock import today
from o2c_core.store.store import Store

log = logging.getLogger(__name__)

# Measured on tests/knowledge/questions.tsv; docs/knowledge.md has the table, and how to measure again.
SCORE_MIN = 0.40
MARGIN_MIN = 0.02  # by so much it must be nearer than what is answered elsewhere
SHARE_MIN_WORDS_ALONE = 0.55
_WORDS_WEIGHT = 0.2
_TEXTS_NEAR = 100
_TEXTS_COUNTED = 5
_FURTHER_OFF = 0.2

_QUESTION_LENGTH_MAX = 1000
_SENTENCES_MAX = 4
_SENTENCE_WORDS_MIN = 3
_PLACES_READ = 40

By = Literal["both", "meaning", "words", "words alone"]


@dataclass(frozen=True)
class Found:
    """A passage that answers. `text` may be said as it stands; `title`, `section` and `page` are what it is cited by.

    `name` is the section's in every language; `facts` are whole numbers in it that the ledger can be joined with.
    Units: `score` runs from 0 to 1. `by` is "words alone" when the index could not be asked.
    """

    key: str
    document: str
    topic: str
    name: str
    title: str
    section: str
    page: int | None
    language: str
    text: str
    facts: Mapping[str, int]
    score: float
    by: By


@dataclass(frozen=True)
class _Candidate:
    """A place in the library, the same in every language, and how well it fits one sentence."""

    place: str
    score: float
    by: By


@dataclass(frozen=True)
class _Reader:
    """Who reads: in which language, as which audience, of which seller, on which day."""

    language: str
    audiences: Sequence[str]
    seller: str | None
    day: date


def find_passages(
    question: str,
    language: str,
    *,
    store: Store,
    index: Index | None,
    limit: int = 3,
    seller: str | None = None,
    audience: Literal["customers", "staff"] = "customers",
    day: date | None = None,
) -> list[Found]:
    """What the library answers, the best first; [] when it has no answer or the answer is to be had elsewhere.

    With `seller`, what only holds for another seller is left out. Only what is valid on `day` is told, by default
    today, and of several versions the latest. A passage comes in the asked language where there is one, else in
    English, else in another. Each sentence of a message is asked by itself. When the index does not answer, the words
    alone decide and each result says so.
    """
    language = language if language in LANGUAGES else "en"
    sentences = _sentences(question)
    if not sentences:
        return []
    audiences = ["nobody", "customers"] if audience == "customers" else ["nobody", "customers", "staff"]
    reader = _Reader(language, audiences, seller, day or today(store.clock, "UTC"))
    near = _near(sentences, index)
    reached: dict[str, _Candidate] = {}
    with store.session() as session:
        for number, sentence in enumerate(sentences):
            spoken = _places(spoken_of(session, sentence, language=language, audiences=audiences, seller=seller))
            candidates = _by_words_alone(spoken) if near is None else _by_both(near[number], spoken)
            best = sorted(candidates, key=lambda candidate: -candidate.score)[:_PLACES_READ]
            for candidate, key in _answers(best, _shown(session, best, reader)):
                if key not in reached or reached[key].score < candidate.score:
                    reached[key] = candidate
        passages = session.scalars(select(Passage).where(Passage.key.in_(list(reached)))).all() if reached else []
        found = [_found(passage, reached[passage.key]) for passage in passages]
    return sorted(found, key=lambda answer: (-answer.score, answer.key))[:limit]


def _sentences(question: str) -> list[str]:
    """The sentences long enough to stand alone when there are several, else the question as it is."""
    whole = " ".join(question[:_QUESTION_LENGTH_MAX].replace("\x00", " ").split())
    parts = [part for part in re.split(r"(?<=[.?!])\s+", whole) if len(part.split()) >= _SENTENCE_WORDS_MIN]
    if len(parts) > 1:
        return parts[:_SENTENCES_MAX]
    return [whole] if re.search(r"\w", whole) else []


def _near(sentences: Sequence[str], index: Index | None) -> list[list[Near]] | None:
    """None when there is no index to ask."""
    if index is None:
        return None
    try:
        near = index.nearest(index.embedding.embed(sentences), limit=_TEXTS_NEAR)
    except IndexUnreachable as silence:
        log.warning("knowledge index unreachable server=%s", silence.fields.get("server"))
        return None
    # An index that was never filled, or has just lost its files, knows nothing: the words know more.
    return near if any(near) else None


def _by_both(near: Sequence[Near], spoken: dict[str, float]) -> Iterable[_Candidate]:
    """Cosine and share of words as one weighted sum, which ranks better here than fusing the two by rank.

    A place is as near as its nearest few texts are on average, since one text that happens to look alike says little.
    Source: Bruch, Gai and Ingber, "An Analysis of Fusion Functions for Hybrid Retrieval", TOIS 2023.
    """
    similarities: dict[str, list[float]] = {}
    for one in near:
        similarities.setdefault(place_of(one.key), []).append(one.similarity)
    lowest = near[-1].similarity if near else 0.0
    for place in dict.fromkeys([*similarities, *spoken]):
        texts = similarities.get(place, [lowest])
        # A place with few texts, or few that came near, is taken to have others not much further off.
        others = [max(lowest, texts[0] - _FURTHER_OFF)] * _TEXTS_COUNTED
        counted = [*texts, *others][:_TEXTS_COUNTED]
        meaning = sum(counted) / _TEXTS_COUNTED
        score = (1 - _WORDS_WEIGHT) * meaning + _WORDS_WEIGHT * spoken.get(place, 0.0)
        by: By = "meaning" if place not in spoken else "both" if place in similarities else "words"
        yield _Candidate(place, score, by)


def _by_words_alone(spoken: dict[str, float]) -> Iterable[_Candidate]:
    """The share, brought to the scale of the other scores, so that one bar holds for both."""
    for place, share in spoken.items():
        yield _Candidate(place, share * SCORE_MIN / SHARE_MIN_WORDS_ALONE, "words alone")


def _answers(best: Sequence[_Candidate], shown: Mapping[str, _Shown]) -> Iterable[tuple[_Candidate, str]]:
    """What reaches the bar, with its passage's key, and is clearly nearer than any place that is answered elsewhere."""
    reached = [(candidate, shown[candidate.place]) for candidate in best if candidate.place in shown]
    elsewhere = max((candidate.score for candidate, passage in reached if passage.audience == "nobody"), default=0.0)
    bar = max(SCORE_MIN, elsewhere + MARGIN_MIN)
    for candidate, passage in reached:
        if passage.audience != "nobody" and candidate.score >= bar:
            yield candidate, passage.key


def _found(passage: Passage, candidate: _Candidate) -> Found:
    return Found(
        key=passage.key,
        document=passage.document,
        topic=passage.topic,
        name=passage.place.rpartition("/")[2],
        title=passage.title,
        section=passage.section,
        page=passage.page,
        language=passage.language,
        text=passage.text,
        facts=passage.facts,
        score=round(min(1.0, max(0.0, candidate.score)), 3),
        by=candidate.by,
    )


class _Shown(NamedTuple):
    """As much of a passage as it takes to choose among those at one place."""

    place: str
    key: str
    language: str
    audience: str
    seller: str | None
    valid_from: date
    is_later: bool


def _shown(session: Session, best: Sequence[_Candidate], reader: _Reader) -> dict[str, _Shown]:
    """For each place the passage to show that reader on that day, in the language asked for where there is one.

    What is the seller's own goes before what holds for all. A later version takes the place of the earlier ones in
    every language: better the right answer in English than an old one.
    """
    query = select(*(getattr(Passage, name) for name in _Shown._fields)).where(
        Passage.place.in_([candidate.place for candidate in best]),
        Passage.valid_from <= reader.day,
        or_(Passage.valid_until.is_(None), Passage.valid_until >= reader.day),
        Passage.audience.in_(reader.audiences),
    )
    if reader.seller is not None:
        query = query.where(or_(Passage.seller.is_(None), Passage.seller == reader.seller))
    at_place: dict[str, list[_Shown]] = {}
    for row in session.execute(query):
        at_place.setdefault(row.place, []).append(_Shown(*row))
    return {place: _chosen(passages, reader.language) for place, passages in at_place.items()}


def _chosen(passages: Sequence[_Shown], language: str) -> _Shown:
    own = [passage for passage in passages if passage.seller is not None] or list(passages)
    since = max((passage.valid_from for passage in own if passage.is_later), default=None)
    valid = [passage for passage in own if since is None or passage.valid_from >= since]
    order = [language, *(other for other in LANGUAGES if other != language)]
    return min(valid, key=lambda passage: (order.index(passage.language), -passage.valid_from.toordinal(), passage.key))


def _places(spoken: Iterable[tuple[str, float]]) -> dict[str, float]:
    """The best share of any version at each place."""
    shares: dict[str, float] = {}
    for key, share in spoken:
        place = place_of(key)
        shares[place] = max(share, shares.get(place, 0.0))
    return shares
