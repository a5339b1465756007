"""Bringing the ledger's passages and the index into line with a folder of documents."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from sqlalchemy import func, select

from knowledge.asked_again import ClosedGap, close_gaps
from knowledge.documents import read_folder
from knowledge.index import Entry, Index, IndexUnreachable
from knowledge.passages import Passage, passages_of_all, says
from knowledge.suspicious import Suspicion, suspicions
from o2c_core.clock import today
from o2c_core.store.store import Store

log = logging.getLogger(__name__)

LIBRARY = Path(__file__).with_name("library")
_ENTRIES = 20  # passages sent to the index at once
_LOCK = 7_205_938  # one number for "Parley reads its library", so that two processes starting together take turns


@dataclass(frozen=True)
class SyncReport:
    """What changed among the passages.

    `indexed` counts those that got new vectors; None when there was no index, it did not answer, or nothing was to be
    changed. `to_review` names the documents whose day of review has come, `expired` those that are told no more.
    `behind` names passages whose section has a later version in another language, which is told instead. `suspicious`
    are sentences that speak to an assistant; they stay what they are, the words of a document. `gaps_closed` are
    questions asked before that are answered now.
    """

    documents: int
    added: list[str]
    changed: list[str]
    removed: list[str]
    unchanged: int
    indexed: int | None
    to_review: list[str]
    expired: list[str]
    behind: list[str]
    suspicious: list[Suspicion]
    gaps_closed: list[ClosedGap]


def sync(folder: Path, *, store: Store, index: Index | None, is_trial: bool = False) -> SyncReport:
    """Reads every document in the folder and makes the passages and the index the same as what is written there.

    Doing it again changes nothing, and a trial changes nothing at all. The passages are saved before the index is
    brought into line with them, so that after an outage the next time puts it right, as it does for an index that is
    empty or of another embedding. At last, what was asked and not answered is asked again.

    Raises: what read_folder raises; PassageTwice.
    """
    documents = read_folder(folder)
    wanted = passages_of_all(documents)
    with store.session() as session:
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        kept = {passage.key: passage for passage in session.scalars(select(Passage))}
        added = [key for key in wanted if key not in kept]
        removed = [key for key in kept if key not in wanted]
        changed = [key for key in wanted if key in kept and kept[key].checksum != wanted[key].checksum]
        day = today(store.clock, "UTC")
        behind = _behind(wanted.values(), day)
        if is_trial:
            session.rollback()
        else:
            for key in removed:
                session.delete(kept[key])
            for key in changed:
                session.merge(wanted[key])
            session.add_all(wanted[key] for key in added)
            session.commit()
    return SyncReport(
        documents=len(documents),
        added=added,
        changed=changed,
        removed=removed,
        unchanged=len(wanted) - len(added) - len(changed),
        indexed=None if is_trial else _reindexed(store, index),
        to_review=[document.name for document in documents if document.review_on and document.review_on <= day],
        expired=[document.name for document in documents if document.valid_until and document.valid_until < day],
        behind=behind,
        suspicious=[suspicion for document in documents for suspicion in suspicions(document)],
        gaps_closed=[] if is_trial else close_gaps(store=store, index=index),
    )


def _behind(passages: Iterable[Passage], day: date) -> list[str]:
    """The passages valid on that day in whose place a later version in another language is told."""
    valid = [one for one in passages if one.valid_from <= day and (one.valid_until is None or one.valid_until >= day)]
    later: dict[tuple[str, str | None], date] = {}
    newest: dict[tuple[str, str | None, str], Passage] = {}
    for one in sorted(valid, key=lambda one: one.valid_from):
        if one.is_later:
            later[one.place, one.seller] = one.valid_from
        newest[one.place, one.seller, one.language] = one
    return sorted(
        one.key for (place, seller, _), one in newest.items() if one.valid_from < later.get((place, seller), date.min)
    )


def _reindexed(store: Store, index: Index | None) -> int | None:
    if index is None:
        return None
    try:
        return reindex(store=store, index=index)
    except IndexUnreachable as silence:
        log.warning("knowledge index unreachable server=%s", silence.fields.get("server"))
        return None


def reindex(*, store: Store, index: Index) -> int:
    """Gives the index what the ledger has and it has not, and takes away the rest; the number of passages it got.

    Raises: IndexUnreachable.
    """
    with store.session() as session:
        kept = {passage.key: passage for passage in session.scalars(select(Passage))}
    held = index.held()
    index.remove([key for key in held if key not in kept])
    missing = [passage for key, passage in kept.items() if held.get(key) != passage.checksum]
    for start in range(0, len(missing), _ENTRIES):
        index.put(
            [Entry(passage.key, passage.checksum, says(passage)) for passage in missing[start : start + _ENTRIES]]
        )
    return len(missing)


def make_ready(*, store: Store, index: Index | None) -> None:
    """Reads in the library that comes with Parley where there is none yet, and fills an index that lacks passages."""
    with store.session() as session:
        is_empty = session.scalar(select(Passage.key).limit(1)) is None
    if is_empty:
        sync(LIBRARY, store=store, index=index)
    else:
        _reindexed(store, index)
