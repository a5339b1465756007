"""Bringing the ledger's passages and the index into line with a folder of documents."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select

from knowledge.documents import read_folder
from knowledge.index import Entry, Index, IndexUnreachable
from knowledge.passages import Passage, passages_of, says
from o2c_core.clock import today
from o2c_core.errors import Refused
from o2c_core.store.store import Store

log = logging.getLogger(__name__)

LIBRARY = Path(__file__).with_name("library")
_ENTRIES = 20  # passages sent to the index at once
_LOCK = 7_205_938  # one number for "Parley reads its library", so that two processes starting together take turns


class PassageTwice(Refused):
    """Two documents answer under the same language, topic and heading."""


@dataclass(frozen=True)
class SyncReport:
    """What changed among the passages.

    `indexed` counts those that got new vectors; None when there was no index or it did not answer. `to_review` names
    the documents whose day of review has come.
    """

    documents: int
    added: list[str]
    changed: list[str]
    removed: list[str]
    unchanged: int
    indexed: int | None
    to_review: list[str]


def sync(folder: Path, *, store: Store, index: Index | None) -> SyncReport:
    """Reads every document in the folder and makes the passages and the index the same as what is written there.

    Doing it again changes nothing. The passages are saved before the index is brought into line with them, so that
    after an outage the next time puts it right, as it does for an index that is empty or of another embedding.

    Raises: FolderMissing; DocumentUnreadable; NoTitle; UnknownLanguage; UnknownAudience; NoSection; PassageTwice.
    """
    documents = read_folder(folder)
    wanted: dict[str, Passage] = {}
    for document in documents:
        for passage in passages_of(document):
            if passage.key in wanted:
                both = f"{wanted[passage.key].document} and {document.name}"
                raise PassageTwice(f"{both} both answer under {passage.key}.", key=passage.key)
            wanted[passage.key] = passage
    with store.session() as session:
        session.execute(select(func.pg_advisory_xact_lock(_LOCK)))
        kept = {passage.key: passage for passage in session.scalars(select(Passage))}
        added = [key for key in wanted if key not in kept]
        removed = [key for key in kept if key not in wanted]
        changed = [key for key in wanted if key in kept and kept[key].checksum != wanted[key].checksum]
        for key in removed:
            session.delete(kept[key])
        for key in changed:
            session.merge(wanted[key])
        session.add_all(wanted[key] for key in added)
        session.commit()
    day = today(store.clock, "UTC")
    return SyncReport(
        documents=len(documents),
        added=added,
        changed=changed,
        removed=removed,
        unchanged=len(wanted) - len(added) - len(changed),
        indexed=_reindexed(store, index),
        to_review=[document.name for document in documents if document.review_on and document.review_on <= day],
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
