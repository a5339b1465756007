"""Asking for the rows of many ids at once, with one parameter for all of them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Uuid, any_, literal
from sqlalchemy.orm import InstrumentedAttribute


def is_one_of(
    column: InstrumentedAttribute[UUID] | InstrumentedAttribute[UUID | None], ids: Iterable[UUID]
) -> ColumnElement[bool]:
    """A statement with a parameter for each of hundreds of ids takes longer to write down than to carry out."""
    # As an array of ids: a text that is cast to one would be taken apart anew for every row that is looked at.
    is_one: ColumnElement[bool] = column == any_(literal(list(ids), ARRAY(Uuid)))
    return is_one
