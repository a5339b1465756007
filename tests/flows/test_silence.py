"""While a person holds a conversation nothing of ours speaks there by itself, whatever is left lying in it."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.lapse_proposals import lapse_proposals
from o2c_core.actions.pick_up_unanswered import pick_up_unanswered
from o2c_core.actions.take_over import take_over
from o2c_core.clock import MovableClock
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.proposal import Proposal
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller
from tests.web.talks import a_talk, answered, offered, said


@pytest.mark.parametrize(("channel", "address"), [
    ("chat", None),
    ("sms", "+31611111111"),
    ("email", "ap@jansen.example"),
])  # fmt: skip
def test_what_is_left_lying_is_neither_answered_nor_followed_up_while_a_person_has_it(
    store: Store, session: Session, clock: MovableClock, channel: str, address: str | None
) -> None:
    talk = a_talk(session, a_customer(session, a_seller(session), "C1"), channel=channel, address=address)
    asked = said(session, talk, "Ik betaal vrijdag")
    answer = answered(session, asked, "Zal ik dat noteren?")
    session.commit()
    take_over(talk.id, agent="Anna", store=store)
    said(session, talk, "Bent u daar?", created_at=clock.now())
    late = offered(session, answer, "promise", lapses_at=clock.now())
    session.commit()
    count = select(func.count()).select_from(Message).where(Message.direction == "out")
    before = session.scalar(count)
    clock.move(timedelta(days=1))
    assert pick_up_unanswered(store=store) == ([], [])
    lapse_proposals(store=store)
    session.expire_all()
    assert session.scalar(count) == before
    assert session.get_one(Proposal, late.id).state == "lapsed"
    now = session.get_one(Conversation, talk.id)
    # It is still that person's, and nobody else was called.
    assert (now.speaker, now.state, now.handoff_at) == ("agent", "open", None)
