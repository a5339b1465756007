"""Say that what an invoice lacked was put right, or that nothing was missing; its reminders go on after a rest."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from o2c_core.cases.document_problem import DocumentProblem
from o2c_core.conversations.document_problems import settle
from o2c_core.errors import NotFound
from o2c_core.store.store import Store


def settle_document_problem(
    problem_id: UUID, *, how: str, by: str, store: Store, is_put_right: bool = True, message_id: UUID | None = None
) -> DocumentProblem:
    """The problem, put right (the customer gets a few days to book it) or withdrawn (reminders go on at once).

    The same said again changes nothing. Raises: NotFound; Settled when it was settled otherwise.
    """
    to = "put_right" if is_put_right else "withdrawn"
    with store.session() as session:
        problem = session.scalars(
            select(DocumentProblem).where(DocumentProblem.id == problem_id).with_for_update(key_share=True)
        ).one_or_none()
        if problem is None:
            raise NotFound(document_problem=str(problem_id))
        if problem.state == to:
            return problem
        settle(session, problem, to, how=how, by=by, at=store.clock.now(), message_id=message_id)
        session.commit()
        return problem
