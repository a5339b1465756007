"""Lists in pages: a cursor says after which row to go on, so that rows added meanwhile are neither missed nor repeated."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Generic, TypeVar
from uuid import UUID

from fastapi import Depends, Query, Request, Response
from pydantic import BaseModel, Field
from sqlalchemy import ColumnElement, Select
from sqlalchemy.orm import InstrumentedAttribute, Session

from web.api.problems import BadCursor

ROWS_MAX = 200
_VERSION = b"\x01"
T = TypeVar("T")
RowT = TypeVar("RowT")


class Page(BaseModel, Generic[T]):
    """One page of a list, oldest first."""

    data: list[T]
    next: str | None = Field(description="The cursor of the page after this one; null on the last page.")


def cursor_after(key: UUID) -> str:
    """The cursor that goes on after that row. What it is made of may change: it is only to be given back."""
    return base64.urlsafe_b64encode(_VERSION + key.bytes).decode().rstrip("=")


def read_cursor(cursor: str) -> UUID:
    """Raises: BadCursor."""
    try:
        raw = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError) as odd:
        raise BadCursor from odd
    if len(raw) != 17 or raw[:1] != _VERSION or cursor_after(UUID(bytes=raw[1:])) != cursor:
        raise BadCursor
    return UUID(bytes=raw[1:])


@dataclass(frozen=True)
class Paging:
    """Which page was asked for, and where its answer goes."""

    after: UUID | None
    limit: int
    request: Request
    response: Response

    def page(
        self,
        session: Session,
        query: Select[*tuple[Any, ...]],
        key: InstrumentedAttribute[UUID] | ColumnElement[UUID],
        show: Callable[[Sequence[Any]], Sequence[T]],
        *,
        newest_first: bool = False,
    ) -> Page[T]:
        """The page of the query's rows in the order of their key, each shown; the Link header points to the next.

        Keys are ordered by time, so oldest first is as they were entered.
        """
        if self.after is not None:
            query = query.where(key < self.after if newest_first else key > self.after)
        ordered = query.order_by(key.desc() if newest_first else key).limit(self.limit + 1)
        rows = session.execute(ordered).all()
        more = len(rows) > self.limit
        rows = rows[: self.limit]
        last = cursor_after(_id_of(rows[-1])) if more else None
        if last is not None:
            following = self.request.url.include_query_params(cursor=last)
            self.response.headers["Link"] = f'<{following.path}?{following.query}>; rel="next"'
        return Page(data=list(show(rows)), next=last)


def _id_of(row: Any) -> UUID:
    id_: UUID = row[0].id
    return id_


def _paging(
    request: Request,
    response: Response,
    limit: Annotated[int, Query(ge=1, le=ROWS_MAX, description="How many rows at most.")] = 50,
    cursor: Annotated[
        str | None, Query(max_length=64, pattern="^[A-Za-z0-9_-]+$", description="`next` of the page before.")
    ] = None,
) -> Paging:
    return Paging(read_cursor(cursor) if cursor is not None else None, limit, request, response)


PagingHere = Annotated[Paging, Depends(_paging)]
