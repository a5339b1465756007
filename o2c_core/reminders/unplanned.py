"""Customers whose data breaks what is worked out about them: found by halves, so that they hold up nobody else."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy.exc import SQLAlchemyError

_Found = TypeVar("_Found")


@dataclass(frozen=True)
class Unplanned:
    """A customer whose data could not be worked out; `broke` names what it broke on, and nothing of theirs."""

    customer_id: UUID
    broke: str


def work_around(
    customer_ids: Sequence[UUID], work: Callable[[Sequence[UUID]], list[_Found]]
) -> tuple[list[_Found], list[Unplanned]]:
    """What the work finds for those customers, and the customers it breaks on.

    A batch nothing is wrong with is worked out once. What the database breaks on is not a customer's and stays an error.
    """
    try:
        return work(customer_ids), []
    except SQLAlchemyError:
        raise
    except Exception as broken:
        if len(customer_ids) <= 1:
            return [], [Unplanned(id_, type(broken).__name__) for id_ in customer_ids]
    found: list[_Found] = []
    unplanned: list[Unplanned] = []
    middle = len(customer_ids) // 2
    for half in (customer_ids[:middle], customer_ids[middle:]):
        more, broke = work_around(half, work)
        found += more
        unplanned += broke
    return found, unplanned
