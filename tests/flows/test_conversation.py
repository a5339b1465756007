"""What a customer writes and what they read, through the whole turn."""

import threading

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from bot.assistant import Assistant
from bot.turn import House, Turn, take_turn
from o2c_core.actions.receive_message import Incoming, NothingWritten, TooLong
from o2c_core.cases.complaint import Complaint
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.proposal import Proposal
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, a_shipment, an_invoice, an_order


@pytest.fixture
def jansen(session: Session) -> Customer:
    seller = a_seller(session)
    jansen = a_customer(session, seller, "C1001")
    other = a_customer(session, seller, "C1002", name="Hart & Sons", language="en", country="GB")
    order = an_order(session, jansen, "SO-1003")
    a_shipment(session, order, "3SVD77", expected_on=DAY)
    an_invoice(session, jansen, "INV-2026-0042", total_minor=124050)
    an_invoice(session, other, "INV-2026-0099")
    session.commit()
    return jansen


def write(house: House, customer: Customer | None, text: str, **more: object) -> Turn:
    identity = "proven" if customer else "stranger"
    seller_id = customer.seller_id if customer else more.pop("seller_id")
    return take_turn(
        Incoming(seller_id, "terminal", text, customer.id if customer else None, identity, **more),  # type: ignore[arg-type]
        house,
    )


def test_a_question_in_dutch_is_answered_in_dutch_with_receipts(house: House, jansen: Customer) -> None:
    turn = write(house, jansen, "Waar blijft bestelling SO-1003?")
    assert turn.reply is not None
    assert "Bestelling SO-1003 is onderweg." in turn.reply
    assert "3SVD77" in turn.reply
    assert turn.language == "nl"
    assert turn.intents == ["order_status"]
    assert turn.tools == [{"name": "order_status", "arguments": {"number": "SO-1003"}}]
    assert {"SO-1003", "PostNL", "3SVD77"} <= {fact["text"] for fact in turn.facts}
    assert all(" at 2026-03-16T11:00:00Z" in fact["source"] for fact in turn.facts)


def test_the_assistant_introduces_itself_once_in_a_conversation(house: House, jansen: Customer) -> None:
    first = write(house, jansen, "Wat staat er nog open?")
    second = write(house, jansen, "En mijn laatste bestelling?", conversation_id=first.conversation_id)
    assert "digitale assistent van Van Dijk Groothandel" in str(first.reply)
    assert "digitale assistent" not in str(second.reply)
    assert second.conversation_id == first.conversation_id


def test_the_message_and_the_reply_are_stored_with_what_was_understood(
    house: House, jansen: Customer, session: Session
) -> None:
    turn = write(house, jansen, "Hoeveel ben ik jullie nog schuldig?")
    rows = list(session.scalars(select(Message).order_by(Message.id)))
    assert [(row.direction, row.delivery, row.text) for row in rows] == [
        ("in", "received", "Hoeveel ben ik jullie nog schuldig?"),
        ("out", "sent", turn.reply),
    ]
    assert rows[1].answers_id == rows[0].id
    assert rows[1].receipts == turn.facts
    assert rows[1].understanding["intents"] == ["account_balance"]


def test_the_same_message_twice_is_answered_once_with_the_same_words(
    house: House, jansen: Customer, session: Session
) -> None:
    first = write(house, jansen, "Ik heb een klacht: alles kwam kapot aan.", sender_key="a-1")
    again = write(house, jansen, "Ik heb een klacht: alles kwam kapot aan.", sender_key="a-1")
    assert again.reply == first.reply
    assert again.conversation_id == first.conversation_id
    assert again.facts == first.facts
    assert session.scalar(select(func.count()).select_from(Message)) == 2
    assert session.scalar(select(func.count()).select_from(Proposal)) == 1


def test_somebody_elses_message_id_gives_nothing_away(house: House, jansen: Customer, session: Session) -> None:
    write(house, jansen, "Wat staat er nog open?", sender_key="a-1")
    other = session.scalars(select(Customer).where(Customer.ref == "C1002")).one()
    with pytest.raises(NotFound):
        write(house, other, "What is open?", sender_key="a-1")


@pytest.mark.parametrize("number", ["INV-2026-0099", "INV-2026-7777"])
def test_somebody_elses_invoice_sounds_like_one_that_does_not_exist(
    house: House, jansen: Customer, number: str
) -> None:
    turn = write(house, jansen, f"Is factuur {number} betaald?")
    assert str(turn.reply).endswith(
        "Ik kan dat nummer niet vinden op uw account. Wilt u het controleren? U kunt mij ook naar uw bestellingen of "
        "openstaande facturen vragen."
    )


def test_somebody_elses_conversation_cannot_be_written_in(house: House, jansen: Customer, session: Session) -> None:
    turn = write(house, jansen, "Hallo")
    other = session.scalars(select(Customer).where(Customer.ref == "C1002")).one()
    for customer, conversation in ((other, turn.conversation_id), (jansen, new_key())):
        with pytest.raises(NotFound):
            write(house, customer, "Hello", conversation_id=conversation)


def test_a_stranger_gets_no_account_data(house: House, jansen: Customer) -> None:
    turn = write(house, None, "How much is open on invoice INV-2026-0042?", seller_id=jansen.seller_id)
    assert "I can only look into an account once I know whose it is." in str(turn.reply)
    assert "1,240" not in str(turn.reply)
    assert turn.identity == "stranger"


def test_when_a_person_speaks_the_assistant_is_silent(house: House, jansen: Customer, session: Session) -> None:
    first = write(house, jansen, "Hallo")
    conversation = session.get_one(Conversation, first.conversation_id)
    conversation.speaker = "agent"
    session.commit()
    turn = write(house, jansen, "Wat staat er open?", conversation_id=first.conversation_id)
    assert turn.reply is None
    assert session.scalar(select(func.count()).select_from(Message).where(Message.direction == "out")) == 1


def test_a_person_is_called_and_the_conversation_waits(house: House, jansen: Customer, session: Session) -> None:
    turn = write(house, jansen, "Ik wil graag iemand van de klantenservice spreken")
    assert turn.handoff == {"reason": "asked_for_person"}
    conversation = session.get_one(Conversation, turn.conversation_id)
    assert (conversation.state, conversation.handoff_reason) == ("waiting", "asked_for_person")
    assert "Ik heb een collega gevraagd het over te nemen." in str(turn.reply)


@pytest.mark.parametrize("text", ["", "   \n ", "\x00\x07\x1b", "\ud800\udfff\ud800"])
def test_nothing_written_is_refused_in_a_sentence(house: House, jansen: Customer, text: str, session: Session) -> None:
    with pytest.raises(NothingWritten):
        write(house, jansen, text)
    assert session.scalar(select(func.count()).select_from(Message)) == 0


def test_ten_thousand_characters_are_refused_in_a_sentence(house: House, jansen: Customer) -> None:
    with pytest.raises(TooLong, match="8,000 characters"):
        write(house, jansen, "waar is mijn bestelling " * 420)


def test_odd_characters_around_a_question_are_taken_out(house: House, jansen: Customer, session: Session) -> None:
    turn = write(house, jansen, "\ufeff\x00Waar is\u00a0mijn laatste\x08 bestelling\ud83d?\r\n")
    assert turn.message == "Waar is mijn laatste bestelling?"
    assert "SO-1003" in str(turn.reply)


def test_an_answer_to_what_we_asked_is_taken_as_one(house: House, jansen: Customer, session: Session) -> None:
    an_invoice(session, jansen, "INV-2026-0043")
    session.commit()
    first = write(house, jansen, "Ik ben het niet eens met de factuur")
    assert "Om welke factuur gaat het?" in str(first.reply)
    second = write(house, jansen, "INV-2026-0042", conversation_id=first.conversation_id)
    assert "Ik leg uw bezwaar vast tegen alles wat op factuur INV-2026-0042 openstaat" in str(second.reply)
    third = write(house, jansen, "ja, doe maar", conversation_id=first.conversation_id)
    assert "Ik heb uw bezwaar tegen factuur INV-2026-0042" in str(third.reply)


def test_a_complaint_that_says_nothing_yet_is_asked_about_and_then_recorded(
    house: House, jansen: Customer, session: Session
) -> None:
    first = write(house, jansen, "Ik heb een klacht")
    assert "Wat is er misgegaan" in str(first.reply)
    second = write(house, jansen, "Alle borden lagen in scherven in de doos", conversation_id=first.conversation_id)
    assert "Ik leg dit vast als uw klacht: “Alle borden lagen in scherven in de doos”" in str(second.reply)
    assert session.scalars(select(Complaint.about)).all() == []
    third = write(house, jansen, "ja graag", conversation_id=first.conversation_id)
    assert "vastgelegd onder nummer" in str(third.reply)
    assert session.scalars(select(Complaint.about)).all() == ["Alle borden lagen in scherven in de doos"]


def test_a_question_asked_instead_is_answered(house: House, jansen: Customer, session: Session) -> None:
    first = write(house, jansen, "Ik heb een klacht")
    second = write(house, jansen, "Laat maar, hoeveel staat er nog open?", conversation_id=first.conversation_id)
    assert "1.240,50" in str(second.reply)
    assert session.scalar(select(func.count()).select_from(Complaint)) == 0


@pytest.mark.parametrize(
    "text", ["Mijn advocaat neemt contact met u op over deze rekening", "I will see you in court over this invoice"]
)
def test_a_legal_threat_reaches_a_person(house: House, jansen: Customer, text: str) -> None:
    assert write(house, jansen, text).handoff == {"reason": "legal_threat"}


def test_a_broken_assistant_says_so_and_calls_a_person(store: Store, jansen: Customer, session: Session) -> None:
    class Broken(Assistant):
        def __init__(self) -> None: ...

        def drafts(self, desk: object, understood: object) -> list[object]:  # type: ignore[override]
            def invents() -> str:
                return "You owe € 12,00 and we will refund you."

            def crashes() -> str:
                raise RuntimeError("model down")

            return [invents, crashes]

    turn = write(House(store, lambda: None, Broken()), jansen, "Wat staat er open?")
    assert "Er ging bij ons iets mis" in str(turn.reply)
    assert "12,00" not in str(turn.reply)
    assert turn.handoff == {"reason": "trouble"}


def test_messages_in_quick_succession_are_one_turn(own_store: Store, assistant: Assistant) -> None:
    """The first turn is held up until a second message has arrived; its draft is dropped, and the second answers both."""
    with own_store.session() as session:
        jansen = a_customer(session, a_seller(session), "C1001")
        an_invoice(session, jansen, "INV-2026-0042", total_minor=124050)
        an_order(session, jansen, "SO-1003")
        session.commit()
    house = House(own_store, lambda: None, assistant)
    opening = write(house, jansen, "Hallo")
    reached, go_on = threading.Event(), threading.Event()

    class Slow(Assistant):
        def __init__(self) -> None: ...

        def drafts(self, desk, understood):  # type: ignore[no-untyped-def]
            def held_up() -> str:
                reached.set()
                assert go_on.wait(10)
                return str(assistant.drafts(desk, understood)[-1]())

            return [held_up]

    turns: list[Turn] = []
    thread = threading.Thread(
        target=lambda: turns.append(
            write(
                House(own_store, lambda: None, Slow()),
                jansen,
                "Waar is bestelling SO-1003?",
                conversation_id=opening.conversation_id,
            )
        )
    )
    thread.start()
    assert reached.wait(10)
    second = write(house, jansen, "En wat staat er nog open?", conversation_id=opening.conversation_id)
    go_on.set()
    thread.join(10)
    assert turns[0].reply is None
    assert "SO-1003" in str(second.reply)
    assert "1.240,50" in str(second.reply)
    with own_store.session() as session:
        assert session.scalar(select(func.count()).select_from(Message).where(Message.direction == "out")) == 2
