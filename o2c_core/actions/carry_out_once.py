"""Carry a write out once however often it is asked for: its mark is part of the transaction that changes the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Connection, delete, event, func, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session, SessionTransaction

from o2c_core.errors import Overtaken, Refused
from o2c_core.integrations.api_key import ApiKey, IdempotentCall
from o2c_core.integrations.webhook import WebhookEndpoint
from o2c_core.keys import new_key
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store


class KeyUsedBefore(Refused):
    """That idempotency key was used for another request; every new request needs a key of its own."""


class BeingCarriedOut(Overtaken):
    """A request with that idempotency key is being carried out right now; ask again in a moment."""


class AnswerLost(Overtaken):
    """That request was carried out, but its answer is not known; look at what it changed before sending anything again."""


@dataclass(frozen=True)
class Asked:
    """A write somebody asked for: by which key, under which idempotency key, and what exactly."""

    api_key_id: UUID
    key: str
    fingerprint: str


@dataclass(frozen=True)
class Said:
    """The answer to a write. `kept` is what a repeat is answered with, where that has to leave something out."""

    status: int
    answer: dict[str, Any] | None
    kept: dict[str, Any] | None = None
    is_replay: bool = False


class _Marked(Exception):
    """Somebody carried this request out before us. Ours, and not a Failure: no action is meant to catch it."""


class _Mark:
    """The row that says a request was carried out; every transaction the request opens begins by writing it."""

    def __init__(self, asked: Asked, at: datetime) -> None:
        self.id = new_key()
        self.asked = asked
        self.at = at
        self.is_inside = False

    def values(self) -> dict[str, Any]:
        asked = self.asked
        return {
            "id": self.id,
            "api_key_id": asked.api_key_id,
            "key": asked.key,
            "fingerprint": asked.fingerprint,
            "at": self.at,
        }

    def write(self, session: Session, transaction: SessionTransaction, connection: Connection) -> None:  # noqa: ARG002
        """Called when a transaction begins, before anything is read in it.

        Raises: BeingCarriedOut while another transaction holds the same key; _Marked when one has committed it.
        """
        if transaction.nested:
            return
        name = f"{self.asked.api_key_id}:{self.asked.key}"
        # The lock answers at once; the unique index alone would keep the second one waiting for the first to end.
        if not connection.execute(select(func.pg_try_advisory_xact_lock(func.hashtextextended(name, 0)))).scalar_one():
            raise BeingCarriedOut
        connection.execute(insert(IdempotentCall).values(**self.values()).on_conflict_do_nothing())
        there = connection.execute(
            select(IdempotentCall.id).where(
                IdempotentCall.api_key_id == self.asked.api_key_id, IdempotentCall.key == self.asked.key
            )
        ).scalar_one()
        # The row may be our own when the action commits more than once: the first commit carries the mark.
        if there != self.id:
            raise _Marked


@dataclass(frozen=True)
class _MarkingStore(Store):
    """The ledger, opened for one request: whatever commits in it commits the request's mark as well."""

    mark: _Mark

    @contextmanager
    def session(self) -> Iterator[Session]:
        with self.sessions() as session:
            if self.mark.is_inside:
                # A session within a session is another transaction; it would wait for the outer one's mark for ever.
                yield session
                return
            event.listen(session, "after_begin", self.mark.write)
            self.mark.is_inside = True
            try:
                yield session
            finally:
                self.mark.is_inside = False


def carry_out_once(asked: Asked, act: Callable[[Store], Said], *, store: Store) -> Said:
    """What `act` says, or what was said the first time. `act` opens its sessions on the store it is given.

    A refusal is not remembered: what was asked for was not done, so the same key may be used again for it. Where the process ends
    between the change and keeping its answer, the mark is there without one, and a repeat is told so. An action that
    commits in several steps has its mark from the first step on.
    Raises: KeyUsedBefore; BeingCarriedOut; AnswerLost; whatever `act` raises.
    """
    earlier = _earlier(asked, store)
    if earlier is not None:
        return earlier
    mark = _Mark(asked, store.clock.now())
    try:
        said = act(_MarkingStore(store.sessions, store.clock, mark))
    except _Marked:
        return _first(asked, store)
    except Refused:
        # An action that notes its refusal commits; what was asked for was not done all the same.
        _take_back(mark, store)
        raise
    return said if _keep(mark, said, store) else _first(asked, store)


def _take_back(mark: _Mark, store: Store) -> None:
    with store.session() as session:
        session.execute(delete(IdempotentCall).where(IdempotentCall.id == mark.id))
        session.commit()


def _first(asked: Asked, store: Store) -> Said:
    """The answer of whoever was first.

    Raises: as `carry_out_once`; BeingCarriedOut too when the first one took its change back meanwhile.
    """
    said = _earlier(asked, store)
    if said is None:
        raise BeingCarriedOut
    return said


def _earlier(asked: Asked, store: Store) -> Said | None:
    with store.session() as session:
        call = session.scalars(
            select(IdempotentCall).where(IdempotentCall.api_key_id == asked.api_key_id, IdempotentCall.key == asked.key)
        ).one_or_none()
        if call is None:
            return None
        if call.fingerprint != asked.fingerprint:
            raise KeyUsedBefore
        if call.status is None:
            raise AnswerLost
        return Said(call.status, call.answer, is_replay=True)


def _keep(mark: _Mark, said: Said, store: Store) -> bool:
    """Keeps the answer for repeats; False when another request with that key was faster.

    An action that found nothing to change has committed nothing, so its mark is written here, with the answer.
    """
    answer = said.answer if said.kept is None else said.kept
    with store.session() as session:
        kept = session.execute(
            update(IdempotentCall)
            .where(IdempotentCall.id == mark.id)
            .values(status=said.status, answer=answer)
            .returning(IdempotentCall.id)
        ).one_or_none()
        if kept is None:
            written = insert(IdempotentCall).values(**mark.values(), status=said.status, answer=answer)
            kept = session.execute(written.on_conflict_do_nothing().returning(IdempotentCall.id)).one_or_none()
        _nudge(session, mark.asked.api_key_id)
        session.commit()
        return kept is not None


def _nudge(session: Session, api_key_id: UUID) -> None:
    """What was written may be news to somebody, who need not wait for the next round."""
    query = (
        select(WebhookEndpoint.id)
        .join(ApiKey, ApiKey.seller_id == WebhookEndpoint.seller_id)
        .where(ApiKey.id == api_key_id, WebhookEndpoint.is_on)
    )
    if session.execute(query.limit(1)).first() is not None:
        ask_for(session, "write_webhooks", once="write_webhooks")
