"""Questions that found no answer, asked again of a library that has changed since."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from knowledge.gaps import Gap, to_ask_again
from knowledge.index import Index
from knowledge.passages import Passage
from knowledge.search import find_passages
from o2c_core.store.store import Store

# At about ten milliseconds each, a sync is held up for a few seconds at most.
_ASKED_MAX = 300


@dataclass(frozen=True)
class ClosedGap:
    """A question asked so many times without an answer, and the passage that answers it now."""

    question: str
    language: str
    times: int
    answered_by: str


def close_gaps(*, store: Store, index: Index | None) -> list[ClosedGap]:
    """Asks the open gaps again, the most asked first; the answered ones are closed, and those whose answer left reopened."""
    with store.session() as session:
        keys = session.scalars(select(Passage.key)).all()
        waiting = [(gap.id, gap.question, gap.language, gap.seller) for gap in to_ask_again(session, _ASKED_MAX, keys)]
    answers = {}
    for key, question, language, seller in waiting:
        # What was hidden in it would only be looked for as a word.
        found = find_passages(
            question.replace("…", " "), language, store=store, index=index, seller=seller or None, limit=1
        )
        answers[key] = found[0].key if found else None
    if not answers:
        return []
    closed = []
    now = store.clock.now()
    with store.session() as session:
        for gap in session.scalars(select(Gap).where(Gap.id.in_(answers)).with_for_update()):
            gap.answered_by = answers[gap.id]
            gap.answered_at = now if gap.answered_by else None
            if gap.answered_by:
                closed.append(ClosedGap(gap.question, gap.language, gap.times, gap.answered_by))
        session.commit()
    return sorted(closed, key=lambda one: (-one.times, one.question))
