"""Two agents at one conversation: one has it, the other is told who, and what they typed is neither lost nor sent."""

from __future__ import annotations

import html
import threading
from datetime import timedelta
from uuid import UUID

import pytest
from fastapi.testclient import TestClient
from httpx2 import Response
from sqlalchemy import select

from o2c_core.actions.add_user import NewUser, add_user
from o2c_core.actions.answer_message import Answer, answer_message
from o2c_core.actions.assign_conversation import Whose, assign_conversation
from o2c_core.actions.take_over import take_over
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.desk import UnsentReply
from o2c_core.conversations.desk_said import AlreadyTaken
from o2c_core.conversations.message import Message
from o2c_core.conversations.proposal import Proposal
from o2c_core.customers.customer import Customer
from o2c_core.errors import Overtaken
from o2c_core.invoices.invoice import CreditNote
from o2c_core.staff.user import User
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import a_customer, a_seller, an_invoice
from tests.web.opened import open_pages, words
from tests.web.talks import a_talk, answered, called, offered, said

ROUNDS = 4


@pytest.fixture
def talk(own_store: Store) -> Conversation:
    with own_store.session() as session:
        talk = a_talk(session, a_customer(session, a_seller(session), "C1"))
        said(session, talk, "Mag ik iemand spreken?")
        called(session, talk, "asked_for_person")
        session.commit()
        return talk


def press(clients: list[TestClient], path: str, data: dict[str, str]) -> list[Response]:
    """All of them at the same moment."""
    start, answers = threading.Barrier(len(clients)), {}

    def one(at: int) -> None:
        start.wait()
        answers[at] = clients[at].post(path, data=data | {"text": f"tekst van {at}"}, follow_redirects=False)

    threads = [threading.Thread(target=one, args=(at,)) for at in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return [answers[at] for at in range(len(clients))]


def test_of_two_who_take_it_over_at_once_one_wins_and_the_other_is_told_who(
    own_store: Store, talk: Conversation
) -> None:
    clients = [open_pages(own_store, role="agent", name=name) for name in ("Anna", "Bram")]
    answers = press(clients, f"/conversations/{talk.id}/take-over", {})
    statuses = sorted(answer.status_code for answer in answers)
    assert statuses == [303, 409]
    winner, loser = ("Anna", "Bram") if answers[0].status_code == 303 else ("Bram", "Anna")
    page = words(html.unescape(answers[["Anna", "Bram"].index(loser)].text))
    assert f"{winner} has had this conversation since 12:00." in page
    with own_store.session() as session:
        kept = session.get_one(Conversation, talk.id)
        names = {one.id: one.name for one in session.scalars(select(User))}
        assert (kept.speaker, names[kept.owner_id]) == ("agent", winner)  # type: ignore[index]
        # Told once in the chat, and written down once.
        assert session.scalars(select(Message.text).where(Message.author == "system")).all() == [
            f"{winner} leest mee en antwoordt u hier."
        ]
        assert session.scalars(select(TrailLine.who).where(TrailLine.what == "taken over")).all() == [winner]
        # What either had typed is kept for them, and nothing of it was sent.
        kept_texts = {names[one.user_id]: one.text for one in session.scalars(select(UnsentReply))}
        assert kept_texts == {"Anna": "tekst van 0", "Bram": "tekst van 1"}
        assert not [one for one in session.scalars(select(Message)) if one.author in ("Anna", "Bram")]


def test_a_reply_typed_while_somebody_else_took_over_is_neither_lost_nor_sent(
    own_store: Store, talk: Conversation
) -> None:
    anna, bram = (open_pages(own_store, role="agent", name=name) for name in ("Anna", "Bram"))
    assert anna.get(f"/conversations/{talk.id}").status_code == 200
    bram.post(f"/conversations/{talk.id}/take-over")
    answer = anna.post(f"/conversations/{talk.id}/reply", data={"text": "Ik bel u zo.", "key": "k1"})
    assert answer.status_code == 409
    page = words(html.unescape(answer.text))
    assert "Bram has had this conversation since 12:00. Your reply was not sent; it is kept below." in page
    # It stands in the box: now, and when the page is opened again; nobody else sees it.
    for shown in (answer.text, anna.get(f"/conversations/{talk.id}").text):
        assert ">Ik bel u zo.</textarea>" in shown
    assert "Ik bel u zo." not in bram.get(f"/conversations/{talk.id}").text
    with own_store.session() as session:
        assert not session.scalars(select(Message).where(Message.text == "Ik bel u zo.")).all()


def test_a_reply_is_sent_or_kept_however_two_press_at_once(own_store: Store, talk: Conversation) -> None:
    """One sends while the other is given the conversation: the reply is there once, as a message or as what was typed."""
    for round_ in range(ROUNDS):
        with own_store.session() as session:
            fresh = a_talk(session, session.get_one(Customer, talk.customer_id))
            session.commit()
        anna, bram = (open_pages(own_store, role="agent", name=name) for name in ("Anna", "Bram"))
        anna.post(f"/conversations/{fresh.id}/take-over")
        with own_store.session() as session:
            bram_id = session.scalars(select(User.id).where(User.name == "Bram").order_by(User.id.desc())).first()
        start = threading.Barrier(2)
        got: list[Response] = []

        def send(start: threading.Barrier = start, anna: TestClient = anna, fresh: Conversation = fresh, got: list[Response] = got, at: int = round_) -> None:  # fmt: skip
            start.wait()
            got.append(anna.post(f"/conversations/{fresh.id}/reply", data={"text": "Komt goed.", "key": f"k{at}"}, follow_redirects=False))  # fmt: skip

        thread = threading.Thread(target=send)
        thread.start()
        start.wait()
        assign_conversation([fresh.id], Whose(bram_id), by="Carla", store=own_store)
        thread.join()
        with own_store.session() as session:
            sent = session.scalars(
                select(Message).where(Message.conversation_id == fresh.id, Message.author == "Anna")
            ).all()
            kept = session.scalars(select(UnsentReply).where(UnsentReply.conversation_id == fresh.id)).all()
        assert (len(sent), len(kept)) == ((1, 0) if got[0].status_code == 303 else (0, 1))
        assert bram.get(f"/conversations/{fresh.id}").status_code == 200


def test_a_reply_that_is_sent_twice_at_once_goes_out_once(own_store: Store, talk: Conversation) -> None:
    anna = open_pages(own_store, role="agent", name="Anna")
    anna.post(f"/conversations/{talk.id}/take-over")
    answers = press([anna, anna], f"/conversations/{talk.id}/reply", {"key": "the same form"})
    assert [answer.status_code for answer in answers] == [303, 303]
    with own_store.session() as session:
        assert len(session.scalars(select(Message).where(Message.author == "Anna")).all()) == 1


def test_a_draft_in_the_making_is_dropped_when_somebody_takes_over(own_store: Store, talk: Conversation) -> None:
    """The assistant read the conversation, an agent takes it over, and only then the answer is to be stored."""
    with own_store.session() as session:
        asked = session.scalars(select(Message).where(Message.direction == "in")).one()
        was = session.get_one(Conversation, talk.id).version
    read, taken, outcome = threading.Event(), threading.Event(), []

    def assistant() -> None:
        read.set()
        assert taken.wait(10)
        try:
            answer_message(
                Answer("Te laat.", "nl"), conversation_id=talk.id, message_id=asked.id, was=was, store=own_store
            )
        except Overtaken as overtaken:
            outcome.append(overtaken)

    thread = threading.Thread(target=assistant)
    thread.start()
    assert read.wait(10)
    take_over(talk.id, agent="Anna", store=own_store)
    taken.set()
    thread.join()
    assert len(outcome) == 1
    with own_store.session() as session:
        assert not session.scalars(select(Message).where(Message.text == "Te laat.")).all()


def test_what_was_offered_lapses_and_the_deadline_is_over_once_they_are_answered(
    own_store: Store, talk: Conversation
) -> None:
    with own_store.session() as session:
        of = session.get_one(Conversation, talk.id)
        of.due_at = own_store.clock.now()
        answer = answered(session, session.scalars(select(Message)).first(), "Zal ik dat doen?")  # type: ignore[arg-type]
        offered(session, answer)
        session.commit()
    anna = open_pages(own_store, role="agent", name="Anna")
    for path, data, is_over in (("take-over", {}, False), ("reply", {"text": "Komt goed.", "key": "k"}, True)):
        anna.post(f"/conversations/{talk.id}/{path}", data=data)
        with own_store.session() as session:
            assert (session.get_one(Conversation, talk.id).due_at is None) == is_over
            assert session.scalars(select(Proposal.state)).all() == ["lapsed"]


def test_whoever_has_it_may_press_again(own_store: Store, talk: Conversation) -> None:
    anna = open_pages(own_store, role="agent", name="Anna")
    for _ in range(2):
        assert anna.post(f"/conversations/{talk.id}/take-over", follow_redirects=False).status_code == 303
    with own_store.session() as session:
        assert len(session.scalars(select(TrailLine).where(TrailLine.what == "taken over")).all()) == 1


def test_what_a_team_was_given_is_whoevers_comes_first(own_store: Store, talk: Conversation) -> None:
    anna_id = _user(own_store, "Anna")
    take_over(talk.id, agent="Anna", agent_id=anna_id, store=own_store)
    assign_conversation([talk.id], Whose(team="Finance"), by="Carla", store=own_store)
    taken = take_over(talk.id, agent="Bram", agent_id=_user(own_store, "Bram"), store=own_store)
    assert taken.owner_id != anna_id
    with pytest.raises(AlreadyTaken, match=r"^Bram has had this conversation since"):
        take_over(talk.id, agent="Anna", agent_id=anna_id, store=own_store)


def _user(store: Store, name: str) -> UUID:
    return add_user(NewUser(f"{name.lower()}@vandijk.example", name, "agent"), by="test", store=store).id


def test_since_when_is_said_in_the_sellers_own_time(own_store: Store, talk: Conversation) -> None:
    own_store.clock.move(timedelta(hours=5, minutes=7))  # type: ignore[attr-defined]
    take_over(talk.id, agent="Anna", agent_id=_user(own_store, "Anna"), store=own_store)
    with pytest.raises(AlreadyTaken, match=r"^Anna has had this conversation since 17:07\.$"):
        take_over(talk.id, agent="Bram", agent_id=_user(own_store, "Bram"), store=own_store)


def test_a_credit_asked_for_with_one_form_many_times_at_once_is_booked_once(own_store: Store) -> None:
    with own_store.session() as session:
        jansen = a_customer(session, a_seller(session), "C1")
        an_invoice(session, jansen, "INV-1", total_minor=50_000)
        talk = a_talk(session, jansen)
        session.commit()
    manager = open_pages(own_store, role="manager", name="Carla")
    form = {"number": "INV-1", "amount": "10,00", "reason": "goodwill", "key": "f1"}
    answers = press([manager] * 4, f"/conversations/{talk.id}/credit", form)
    assert {answer.status_code for answer in answers} == {303}
    with own_store.session() as session:
        assert session.scalars(select(CreditNote.total_minor)).all() == [1_000]
    # Another form is another credit, also of the same amount.
    assert press([manager], f"/conversations/{talk.id}/credit", form | {"key": "f2"})[0].status_code == 303
    with own_store.session() as session:
        assert session.scalars(select(CreditNote.total_minor)).all() == [1_000, 1_000]
