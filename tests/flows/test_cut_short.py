"""A yes counts once and is told of, wherever a turn is cut short, overtaken or taken twice at once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import func, select

from bot import proposals
from bot.assistant import Assistant
from bot.desk import Desk
from bot.tools.tool import Done
from bot.turn import House, Turn, answer_waiting, take_turn
from o2c_core.actions.receive_message import Incoming, receive_message
from o2c_core.cases.promise import Promise
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.keeping import store_once
from o2c_core.conversations.message import Message
from o2c_core.conversations.proposal import Proposal
from o2c_core.customers.customer import Customer
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice

PHONE = "+31612345678"
PROMISE = "Ik betaal factuur INV-2026-0042 aanstaande vrijdag"
COPY = "Stuur me een kopie van factuur INV-2026-0042"
RECORDED = "20 maart 2026"


@pytest.fixture
def house(own_store: Store, assistant: Assistant) -> House:
    return House(own_store, lambda: None, assistant)


@pytest.fixture
def jansen(own_store: Store) -> Customer:
    with own_store.session() as session:
        jansen = a_customer(session, a_seller(session), "C1001")
        an_invoice(session, jansen, "INV-2026-0042", total_minor=124050, due_on=DAY - timedelta(days=5))
        session.commit()
        return jansen


class Talk:
    """One proven customer by chat."""

    def __init__(self, house: House, customer: Customer) -> None:
        self.house, self.customer = house, customer
        self.conversation: UUID | None = None

    def incoming(self, text: str, sender_key: str | None = None) -> Incoming:
        return Incoming(
            self.customer.seller_id, "chat", text, self.customer.id, "proven", self.conversation, sender_key=sender_key
        )

    def __call__(self, text: str, sender_key: str | None = None) -> Turn:
        turn = take_turn(self.incoming(text, sender_key), self.house)
        self.conversation = turn.conversation_id
        return turn

    def only_writes(self, text: str) -> None:
        receive_message(self.incoming(text), store=self.house.store)


@pytest.fixture
def talk(house: House, jansen: Customer) -> Talk:
    return Talk(house, jansen)


@contextmanager
def deed(kind: str, of: Callable[[Callable[[], Done]], Done]) -> Iterator[None]:
    """While this lasts, that deed is done as `of` says, which is handed the real one."""
    real = proposals.DEEDS[kind]

    def done(desk: Desk, proposal: Proposal) -> Done:
        return of(lambda: real(desk, proposal))

    proposals.DEEDS[kind] = done
    try:
        yield
    finally:
        proposals.DEEDS[kind] = real


def states(store: Store) -> list[tuple[str, str]]:
    with store.session() as session:
        return [(one.kind, one.state) for one in session.scalars(select(Proposal).order_by(Proposal.id))]


def promises(store: Store) -> int:
    with store.session() as session:
        return session.scalar(select(func.count()).select_from(Promise)) or 0


class CutShort(BaseException):
    """The process ends here."""


def before(_: Callable[[], Done]) -> Done:
    raise CutShort


def after(do: Callable[[], Done]) -> Done:
    do()
    raise CutShort


@pytest.mark.parametrize("at", [before, after])
@pytest.mark.parametrize("next_words", ["ja graag", "En wat staat er in totaal open?", "hallo?"])
def test_what_was_agreed_to_before_the_process_ended_is_done_and_told_with_the_next_message(
    talk: Talk, at: Callable[[Callable[[], Done]], Done], next_words: str
) -> None:
    talk(PROMISE)
    with deed("promise", at), pytest.raises(CutShort):
        talk("ja graag")
    said = talk(next_words)
    assert RECORDED in str(said.reply)
    assert (promises(talk.house.store), states(talk.house.store)) == (1, [("promise", "done")])
    assert RECORDED not in str(talk("dank u").reply)


@pytest.mark.parametrize("at", [before, after])
def test_a_yes_that_the_page_sends_again_after_the_process_ended_is_answered(
    talk: Talk, at: Callable[[Callable[[], Done]], Done]
) -> None:
    talk(PROMISE)
    with deed("promise", at), pytest.raises(CutShort):
        talk("ja graag", "page-1")
    first = talk("ja graag", "page-1")
    assert RECORDED in str(first.reply)
    assert talk("ja graag", "page-1").reply == first.reply
    assert (promises(talk.house.store), states(talk.house.store)) == (1, [("promise", "done")])


def test_what_was_done_in_a_turn_that_was_overtaken_is_told_in_the_answer_that_overtook_it(talk: Talk) -> None:
    talk(PROMISE)

    def while_they_write_on(do: Callable[[], Done]) -> Done:
        done = do()
        talk.only_writes("en hoeveel staat er open?")
        return done

    with deed("promise", while_they_write_on):
        assert talk("ja graag").reply is None
    said = str(talk("hallo?").reply)
    assert RECORDED in said
    assert promises(talk.house.store) == 1


def test_a_yes_that_was_heard_is_not_heard_again_for_what_else_waits(talk: Talk) -> None:
    talk(COPY)
    talk(PROMISE)
    with deed("promise", after), pytest.raises(CutShort):
        talk("ja graag")
    said = talk("hallo?")
    assert RECORDED in str(said.reply)
    assert states(talk.house.store) == [("invoice_copy", "open"), ("promise", "done")]
    assert "Er wacht nog iets op uw antwoord" in str(said.reply)


def test_a_no_that_was_heard_is_not_heard_again_for_what_else_waits(talk: Talk) -> None:
    talk(COPY)
    talk(PROMISE)
    talk.only_writes("nee")
    with talk.house.store.session() as session:
        promise = session.scalars(select(Proposal).where(Proposal.kind == "promise")).one()
        no = session.scalars(select(Message).order_by(Message.id.desc()).limit(1)).one()
        promise.state, promise.settled_by_id = "declined", no.id  # and the process ended
        session.commit()
    assert "gelaten zoals het was" in str(talk("hallo?").reply)
    assert states(talk.house.store) == [("invoice_copy", "open"), ("promise", "declined")]


@pytest.mark.parametrize("ends", ["lapsed", "replaced"])
def test_a_yes_to_what_is_not_open_any_more_is_told_so(talk: Talk, ends: str) -> None:
    talk(PROMISE)
    with talk.house.store.session() as session:
        session.scalars(select(Proposal)).one().state = ends
        session.commit()
    assert "geldt niet meer" in str(talk("ja graag").reply)
    assert promises(talk.house.store) == 0
    assert "geldt niet meer" not in str(talk("ja graag").reply)


def texted(house: House, customer: Customer, text: str, address: str = PHONE) -> UUID:
    """A text of a proven customer, stored as the door stores it."""
    with house.store.session() as session:
        now = house.store.clock.now()
        thread = session.scalars(select(Conversation)).one_or_none()
        if thread is None:
            thread = Conversation(
                seller_id=customer.seller_id, customer_id=customer.id, channel="sms", address=address, identity="proven",
                speaker="assistant", state="open", version=0, introduced=True, opened_at=now, updated_at=now,
            )  # fmt: skip
            session.add(thread)
            session.flush()
        thread.version += 1
        message_id = store_once(
            session, thread.id, "sms", text, address=address, understanding={"identity": "proven"}, created_at=now
        )
        session.commit()
        assert message_id is not None
        return message_id


def answers(store: Store) -> list[str]:
    with store.session() as session:
        query = select(Message.text).where(Message.direction == "out", Message.purpose == "answer")
        return list(session.scalars(query.order_by(Message.id)))


@pytest.mark.parametrize("words", [PROMISE, COPY, "Ik wil factuur INV-2026-0042 in drie keer betalen",
                                   "Ik heb een klacht: de chauffeur was heel onbeschoft tegen mijn personeel."])  # fmt: skip
def test_a_yes_that_two_workers_answer_at_once_is_one_deed_and_one_answer_that_says_so(
    house: House, jansen: Customer, words: str
) -> None:
    answer_waiting(texted(house, jansen, words), house)
    [(kind, _)] = states(house.store)
    yes = texted(house, jansen, "ja graag")
    together = threading.Barrier(2, timeout=10)
    broken: list[Exception] = []

    def both(do: Callable[[], Done]) -> Done:
        together.wait()
        return do()

    def work() -> None:
        try:
            answer_waiting(yes, house)
        except Exception as failed:
            broken.append(failed)

    with deed(kind, both):
        workers = [threading.Thread(target=work) for _ in range(2)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join(timeout=20)
    assert not broken
    assert states(house.store) == [(kind, "done")]
    _, said = answers(house.store)
    assert "geldt niet meer" not in said
    with house.store.session() as session:
        documents = session.scalar(select(func.count()).select_from(Message).where(Message.purpose == "document"))
    assert documents == (1 if kind == "invoice_copy" else 0)


def test_the_slower_of_two_workers_does_not_say_that_nothing_was_done(house: House, jansen: Customer) -> None:
    answer_waiting(texted(house, jansen, PROMISE), house)
    yes, real = texted(house, jansen, "ja graag"), proposals.DEEDS["promise"]

    def while_another_answers(do: Callable[[], Done]) -> Done:
        done = do()
        proposals.DEEDS["promise"] = real
        answer_waiting(yes, house)
        return done

    with deed("promise", while_another_answers):
        answer_waiting(yes, house)
    assert states(house.store) == [("promise", "done")]
    assert len(answers(house.store)) == 2
    assert RECORDED in answers(house.store)[-1]
