"""A job exists exactly when the transaction that asked for it committed."""

from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store
from tests.conftest import NOON


def waiting(session: Session) -> list[tuple[str, dict[str, str]]]:
    rows = session.execute(text("SELECT task_name, args FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id"))
    return [(name, arguments) for name, arguments in rows]


@pytest.mark.parametrize("commits", [True, False])
def test_a_job_comes_with_the_commit_and_goes_with_the_rollback(own_store: Store, commits: bool) -> None:
    with own_store.session() as session:
        ask_for(session, "deliver_message", message_id="m1")
        if commits:
            session.commit()
    with own_store.session() as session:
        assert waiting(session) == ([("deliver_message", {"message_id": "m1"})] if commits else [])


def test_a_job_of_which_one_is_enough_waits_once_and_spoils_nothing(own_store: Store) -> None:
    with own_store.session() as session:
        for _ in range(3):
            ask_for(session, "sweep_outbox", once="sweep")
        ask_for(session, "deliver_message", message_id="m1")
        session.commit()
        assert [name for name, _ in waiting(session)] == ["sweep_outbox", "deliver_message"]


def test_a_job_can_be_asked_for_later(own_store: Store) -> None:
    with own_store.session() as session:
        ask_for(session, "deliver_message", at=NOON + timedelta(hours=1), message_id="m1")
        session.commit()
        at = session.execute(text("SELECT scheduled_at FROM procrastinate_jobs")).scalar_one()
    assert at == NOON + timedelta(hours=1)
