"""Reminders that wait for approval, for the tests about deciding on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.run_reminders import run_reminders
from o2c_core.actions.save_ladder import save_ladder
from o2c_core.conversations.message import Message
from o2c_core.reminders.ladder import STANDARD
from o2c_core.store.store import Store
from tests.build import DAY


def drafts(store: Store, session: Session, on: date = DAY) -> list[Message]:
    """What the run of that day writes on a ladder of which every step is to be approved."""
    careful = replace(STANDARD, rungs=tuple(replace(rung, mode="approve") for rung in STANDARD.rungs))
    save_ladder("vandijk", careful, store=store)
    run_reminders(on, store=store)
    found = select(Message).where(Message.delivery == "draft").order_by(Message.id)
    return list(session.scalars(found.execution_options(populate_existing=True)))
