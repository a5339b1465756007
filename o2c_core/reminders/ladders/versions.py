"""The versions of ladders a seller has kept: each is written once, and the newest of a name is in force."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from o2c_core.errors import NotFound
from o2c_core.reminders.ladder import STANDARD, Ladder
from o2c_core.reminders.ladders.written_down import ladder_of
from o2c_core.reminders.reminder import LadderVersion


class NoSuchLadder(NotFound):
    """The seller keeps no ladder of that name; save it first: parley ladder save."""


class NoSuchVersion(NotFound):
    """There is no such version of that ladder."""


def newest_ladders(session: Session, names: Collection[tuple[UUID, str]]) -> dict[tuple[UUID, str], Ladder]:
    """The newest version of each ladder by seller and name, in one query; those that are not kept are left out."""
    query = (
        select(LadderVersion)
        .where(tuple_(LadderVersion.seller_id, LadderVersion.name).in_(list(names)))
        .ext(distinct_on(LadderVersion.seller_id, LadderVersion.name))
        .order_by(LadderVersion.seller_id, LadderVersion.name, LadderVersion.version.desc())
    )
    return {(one.seller_id, one.name): ladder_of(one.document, one.version) for one in session.scalars(query)}


def newest_ladder(session: Session, seller_id: UUID, name: str) -> Ladder:
    """The version in force. The standard ladder is there without being kept.

    Raises: NoSuchLadder.
    """
    found = newest_ladders(session, [(seller_id, name)]).get((seller_id, name))
    if found is not None:
        return found
    if name == STANDARD.name:
        return STANDARD
    raise NoSuchLadder(f"There is no ladder '{name}' at this seller; save it first: parley ladder save.", ladder=name)


def ladder_at(session: Session, seller_id: UUID, name: str, version: int) -> Ladder:
    """That version of the ladder, as a reminder of then was written by it.

    Raises: NoSuchVersion.
    """
    query = select(LadderVersion).where(
        LadderVersion.seller_id == seller_id, LadderVersion.name == name, LadderVersion.version == version
    )
    found = session.scalars(query).one_or_none()
    if found is not None:
        return ladder_of(found.document, found.version)
    if name == STANDARD.name and version == STANDARD.version:
        return STANDARD
    raise NoSuchVersion(f"There is no version {version} of a ladder '{name}'.", ladder=name, version=version)


def versions_of(session: Session, seller_id: UUID, name: str) -> list[LadderVersion]:
    """Every version of the ladder, the newest first."""
    query = select(LadderVersion).where(LadderVersion.seller_id == seller_id, LadderVersion.name == name)
    return list(session.scalars(query.order_by(LadderVersion.version.desc())))


def kept_names(session: Session, seller_id: UUID) -> list[str]:
    query = select(LadderVersion.name).where(LadderVersion.seller_id == seller_id).distinct()
    return list(session.scalars(query.order_by(LadderVersion.name)))
