"""Nothing is done before the customer agrees, and then once: from the offer to the words in the ledger."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.turn import House, Turn, take_turn
from o2c_core.actions.hand_back import hand_back
from o2c_core.actions.lapse_proposals import lapse_proposals
from o2c_core.actions.receive_message import Incoming
from o2c_core.actions.take_over import take_over
from o2c_core.cases.complaint import Complaint
from o2c_core.cases.promise import Promise
from o2c_core.clock import MovableClock
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.handoff import Handoff
from o2c_core.conversations.proposal import Proposal
from o2c_core.customers.customer import Customer
from o2c_core.errors import Overtaken
from o2c_core.invoices.invoice import Invoice
from o2c_core.trail import TrailLine
from tests.build import DAY, a_customer, a_payment, a_seller, an_invoice


@pytest.fixture
def jansen(session: Session) -> Customer:
    jansen = a_customer(session, a_seller(session), "C1001")
    an_invoice(session, jansen, "INV-2026-0042", total_minor=124050, due_on=DAY - timedelta(days=5))
    session.commit()
    return jansen


class Talk:
    """One conversation of a proven customer by chat."""

    def __init__(self, house: House, customer: Customer) -> None:
        self.house, self.customer = house, customer
        self.turns: list[Turn] = []

    def __call__(self, text: str, **more: str) -> Turn:
        conversation = self.turns[-1].conversation_id if self.turns else None
        incoming = Incoming(self.customer.seller_id, "chat", text, self.customer.id, "proven", conversation, **more)
        self.turns.append(take_turn(incoming, self.house))
        return self.turns[-1]


@pytest.fixture
def talk(house: House, jansen: Customer) -> Talk:
    return Talk(house, jansen)


def states(session: Session) -> list[tuple[str, str]]:
    session.expire_all()
    return [(one.kind, one.state) for one in session.scalars(select(Proposal).order_by(Proposal.id))]


def count(session: Session, what: type) -> int:
    return session.scalar(select(func.count()).select_from(what)) or 0


def test_a_promise_is_offered_then_recorded_when_the_customer_agrees(talk: Talk, session: Session) -> None:
    offered = talk("Ik betaal factuur INV-2026-0042 aanstaande vrijdag")
    assert offered.proposal is not None
    assert offered.proposal["kind"] == "promise"
    assert str(offered.reply).endswith("Zal ik dat doen?")
    assert "20 maart 2026" in str(offered.reply)
    assert count(session, Promise) == 0
    agreed = talk("ja graag")
    assert agreed.proposal is None
    promise = session.scalars(select(Promise)).one()
    assert (promise.amount_minor, promise.promised_on.isoformat()) == (124050, "2026-03-20")
    assert states(session) == [("promise", "done")]


def test_a_correction_is_offered_anew_and_only_that_is_recorded(talk: Talk, session: Session) -> None:
    talk("Ik betaal factuur INV-2026-0042 aanstaande vrijdag")
    again = talk("nee, maandag")
    assert again.proposal is not None
    assert "23 maart 2026" in str(again.reply)
    talk("ja")
    assert [one.promised_on.isoformat() for one in session.scalars(select(Promise))] == ["2026-03-23"]
    assert states(session) == [("promise", "replaced"), ("promise", "done")]


def test_what_is_declined_is_left_as_it_was(talk: Talk, session: Session) -> None:
    talk("Ik betaal factuur INV-2026-0042 aanstaande vrijdag")
    assert "gelaten zoals het was" in str(talk("nee, laat maar").reply)
    talk("ja")
    assert count(session, Promise) == 0
    assert states(session) == [("promise", "declined")]


def test_a_question_in_between_is_answered_and_the_offer_waits(talk: Talk, session: Session) -> None:
    talk("Ik betaal factuur INV-2026-0042 aanstaande vrijdag")
    between = talk("Wat staat er in totaal open?")
    assert "In totaal staat er €\u00a01.240,50 open" in str(between.reply)
    assert "Er wacht nog iets op uw antwoord" in str(between.reply)
    talk("ja, doe maar")
    assert count(session, Promise) == 1


def test_the_same_yes_twice_is_one_promise(talk: Talk, session: Session) -> None:
    talk("Ik betaal factuur INV-2026-0042 aanstaande vrijdag")
    first = talk("ja graag", sender_key="p-1")
    again = talk("ja graag", sender_key="p-1")
    assert again.reply == first.reply
    assert count(session, Promise) == 1


def test_what_was_paid_meanwhile_is_not_promised_any_more(talk: Talk, session: Session) -> None:
    talk("Ik betaal factuur INV-2026-0042 aanstaande vrijdag")
    a_payment(session, session.scalars(select(Invoice)).one(), 124050)
    session.commit()
    talk("ja graag")
    assert count(session, Promise) == 0
    assert states(session) == [("promise", "refused")]


def test_a_yes_of_a_stranger_in_the_thread_does_nothing(talk: Talk, house: House, session: Session) -> None:
    offered = talk("Ik betaal factuur INV-2026-0042 aanstaande vrijdag")
    thread = session.get_one(Conversation, offered.conversation_id)
    thread.identity = "known"  # the session that proved who writes has ended
    session.commit()
    talk("ja graag")
    assert count(session, Promise) == 0


def test_an_offer_of_yesterday_is_not_open_any_more(talk: Talk, session: Session, clock: MovableClock) -> None:
    talk("Ik betaal factuur INV-2026-0042 aanstaande vrijdag")
    clock.move(timedelta(hours=20))
    late = talk("ja graag")
    assert "geldt niet meer" in str(late.reply)
    assert count(session, Promise) == 0


def test_a_complaint_nobody_confirmed_is_left_to_a_person_and_a_promise_simply_lapses(
    house: House, jansen: Customer, session: Session, clock: MovableClock
) -> None:
    Talk(house, jansen)("Ik betaal factuur INV-2026-0042 aanstaande vrijdag")
    told = Talk(house, jansen)("Ik heb een klacht: de chauffeur was heel onbeschoft tegen mijn personeel.")
    assert told.proposal is not None
    clock.move(timedelta(hours=3))
    assert lapse_proposals(store=house.store) == 2
    assert count(session, Complaint) == 0
    assert states(session) == [("promise", "lapsed"), ("complaint", "lapsed")]
    handoff = session.scalars(select(Handoff)).one()
    assert (handoff.conversation_id, handoff.reason) == (told.conversation_id, "unconfirmed")
    assert lapse_proposals(store=house.store) == 0


def test_every_step_of_an_offer_is_in_the_trail(talk: Talk, session: Session) -> None:
    talk("Ik betaal factuur INV-2026-0042 aanstaande vrijdag")
    talk("ja graag")
    lines = list(
        session.scalars(select(TrailLine.what).where(TrailLine.what.startswith("proposal")).order_by(TrailLine.id))
    )
    assert lines == ["proposal confirmed", "proposal done"]


def test_the_assistant_says_again_what_it_is_when_a_person_hands_back(
    talk: Talk, house: House, session: Session
) -> None:
    first = talk("Ik wil graag een medewerker spreken")
    assert first.handoff == {"reason": "asked_for_person"}
    assert first.packet is not None
    assert first.packet.at_stake == [{"currency": "EUR", "open_minor": 124050, "overdue_minor": 124050}]
    take_over(first.conversation_id, agent="Eva", store=house.store)
    with pytest.raises(Overtaken):
        take_over(first.conversation_id, agent="Bram", store=house.store)
    assert talk("Hallo?").reply is None
    hand_back(first.conversation_id, agent="Eva", store=house.store)
    back = talk("Wat staat er nog open?")
    assert "digitale assistent" in str(back.reply)
    assert "digitale assistent" not in str(talk("En mijn laatste factuur?").reply)


def test_who_is_not_understood_twice_in_a_row_gets_a_person(talk: Talk) -> None:
    first = talk("blub wat zwart frommel")
    assert first.handoff is None
    second = talk("frommel dan weer blauw zwart")
    if first.tools and first.tools[0]["name"] == "ask_back":
        assert second.handoff is not None
        assert second.handoff["reason"] == "repeated_failure"


def test_a_change_whose_code_never_came_is_given_up_after_half_an_hour(
    house: House, jansen: Customer, session: Session, clock: MovableClock
) -> None:
    offered = Talk(house, jansen)("Ik betaal factuur INV-2026-0042 aanstaande vrijdag")
    proposal = session.scalars(select(Proposal)).one()
    waits = Proposal(
        **{name: getattr(proposal, name) for name in ("conversation_id", "customer_id", "message_id", "answer_id")},
        kind="change_contact", arguments={"what": "address"}, says="I'll change it.", state="confirmed",
        offered_at=proposal.offered_at, lapses_at=proposal.lapses_at, settled_at=house.store.clock.now(),
        settled_by_id=offered.message_id,
    )  # fmt: skip
    session.add(waits)
    session.commit()
    clock.move(timedelta(minutes=29))
    assert lapse_proposals(store=house.store) == 0
    clock.move(timedelta(minutes=1))
    assert lapse_proposals(store=house.store) == 1
    assert ("change_contact", "refused") in states(session)
    assert session.get_one(Proposal, waits.id, populate_existing=True).outcome == {"refused": "CodeOver"}
    assert lapse_proposals(store=house.store) == 0
