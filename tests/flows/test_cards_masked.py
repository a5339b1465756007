"""A card number that a customer sends is hidden before anything keeps it or reads it, and they hear how to pay."""

import json
from typing import Any

import pytest
from sqlalchemy import cast, select, text
from sqlalchemy.dialects.postgresql import TEXT
from sqlalchemy.orm import Session

from bot import turn as turns
from bot.turn import House, Turn, take_turn
from channels.web_chat import ChatDoor, ChatTokens
from channels.web_chat import Session as Visit
from knowledge.gaps import Gap, note_gap
from o2c_core.actions.answer_message import Answer, answer_message
from o2c_core.actions.receive_message import Incoming, receive_message
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.imports.cells import tidy
from o2c_core.imports.report import ImportReport
from o2c_core.store.rows import Row
from o2c_core.store.store import Store
from tests.build import MOMENT, a_customer, a_seller, an_invoice

CARD = "4111 1111 1111 1111"


@pytest.fixture
def customer(session: Session) -> Customer:
    customer = a_customer(session, a_seller(session, languages=["en"]), language="en", country="GB")
    an_invoice(session, customer, "INV-2026-0042")
    session.commit()
    return customer


def write(house: House, customer: Customer, words: str, **more: Any) -> Turn:
    return take_turn(Incoming(customer.seller_id, "chat", words, customer.id, "proven", **more), house)


def kept_anywhere(session: Session, digits: str) -> list[str]:
    """The tables in which those digits stand in any column, spaces or not."""
    session.expire_all()
    found = []
    for table in Row.metadata.sorted_tables:
        whole = cast(table.table_valued(), TEXT)
        bare = select(text("1")).where(text("regexp_replace(cast(whole as text), '\\D', '', 'g') LIKE :digits"))
        query = bare.select_from(select(whole.label("whole")).subquery()).limit(1)
        if session.execute(query, {"digits": f"%{digits}%"}).first():
            found.append(table.name)
    return found


def test_the_search_of_these_tests_finds_a_number_that_was_kept(session: Session, customer: Customer) -> None:
    customer.segment = CARD
    session.flush()
    assert kept_anywhere(session, "4111111111111111") == ["customer"]


def test_no_table_keeps_the_number_and_nobody_further_on_reads_it(
    house: House, customer: Customer, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    read: list[str] = []
    understand = turns.understand
    monkeypatch.setattr(turns, "understand", lambda words, **more: read.append(words) or understand(words, **more))
    turn = write(house, customer, f"Here is my card {CARD} exp 12/27 cvv 737")
    assert read == ["Here is my card  exp 12/27 cvv"]
    assert turn.message == "Here is my card •••• 1111 exp 12/27 cvv •••"
    assert kept_anywhere(session, "41111111") == []
    assert "4111" not in json.dumps(turn.as_json())


@pytest.mark.parametrize(
    ("words", "sentence", "way"),
    [
        (f"Here is my card {CARD}", "Please never send card details here.", "B.V., account NL91 ABNA"),
        (CARD, "Please never send card details here.", "B.V., account NL91 ABNA"),
        (f"Dit is mijn kaartnummer: {CARD}", "Stuur hier alstublieft nooit kaartgegevens.", "B.V., rekening NL91 ABNA"),
        (f"Meine Kartennummer lautet {CARD}", "Bitte senden Sie hier niemals Kartendaten.", "Konto NL91 ABNA"),
        (f"Voici mon numéro de carte : {CARD}", "Merci de ne jamais envoyer ici de données de carte.", "compte NL91 ABNA"),
    ],
)  # fmt: skip
def test_the_answer_says_never_to_send_a_card_and_how_to_pay_instead(
    house: House, customer: Customer, words: str, sentence: str, way: str
) -> None:
    reply = write(house, customer, words).reply
    assert reply is not None
    assert sentence in reply
    assert way in reply
    assert ".." not in reply


def test_what_was_asked_beside_the_number_is_still_answered(house: House, customer: Customer) -> None:
    reply = write(house, customer, f"What is the status of invoice INV-2026-0042? My card is {CARD}").reply
    assert reply is not None
    assert "never send card details" in reply
    assert "INV-2026-0042" in reply


def test_a_number_spread_over_messages_is_hidden_in_all_of_them(
    house: House, customer: Customer, session: Session
) -> None:
    first = write(house, customer, "my card: 41111111")
    assert "never send card" not in str(first.reply)
    second = write(house, customer, "11111111", conversation_id=first.conversation_id)
    assert "never send card" in str(second.reply)
    texts = session.scalars(select(Message.text).where(Message.direction == "in").order_by(Message.id)).all()
    assert texts == ["my card: ••••", "••••"]


def test_parts_in_conversations_of_two_customers_are_not_put_together(
    store: Store, customer: Customer, session: Session
) -> None:
    other = a_customer(session, a_seller(session, "other"))
    session.commit()
    for whose, words in ((customer, "4111 1111"), (other, "1111 1111")):
        received = receive_message(Incoming(whose.seller_id, "chat", words, whose.id, "proven"), store=store)
        assert received.pending == (words,)


def test_a_repeat_of_the_message_is_found_and_stays_hidden(store: Store, customer: Customer) -> None:
    incoming = Incoming(customer.seller_id, "chat", CARD, customer.id, "proven", sender_key="visit:1")
    first = receive_message(incoming, store=store)
    again = receive_message(incoming, store=store)
    assert again.is_repeat
    assert again.message_id == first.message_id
    assert again.pending == ("•••• 1111",)


def test_the_web_chat_shows_it_hidden(house: House, customer: Customer) -> None:
    door = ChatDoor(lambda incoming: take_turn(incoming, house), ChatTokens("key"), house.store)
    visit = Visit(customer.seller_id, customer.id)
    token, turn = door.ask(visit, CARD, "1")
    assert turn.as_json()["message"] == "•••• 1111"
    assert "4111" not in json.dumps(door.so_far(ChatTokens("key").read(token)))


def test_an_answer_never_keeps_one_either(store: Store, customer: Customer, session: Session) -> None:
    received = receive_message(Incoming(customer.seller_id, "chat", "hello", customer.id, "proven"), store=store)
    answer_message(
        Answer(f"You wrote {CARD}.", "en"), conversation_id=received.conversation.id, message_id=received.message_id,
        was=received.version, store=store,
    )  # fmt: skip
    assert kept_anywhere(session, "41111111") == []


def test_a_question_kept_as_a_gap_has_no_card_in_it(session: Session) -> None:
    note_gap(session, "Do you take my card\t4-1-1-1/1111 1111\n1111 ?", "en", at=MOMENT)
    assert session.scalars(select(Gap.question)).all() == ["do you take my card …"]


def test_a_text_that_is_imported_has_its_card_numbers_hidden_and_the_report_says_so() -> None:
    report = ImportReport("export.csv", "profile", "seller")
    assert tidy(f" Kettle, paid by {CARD} ", report) == "Kettle, paid by •••• 1111"
    assert tidy("NL91 ABNA 0417 1643 00", report) == "NL91 ABNA 0417 1643 00"
    assert tidy("4006381333931", report) == "4006381333931"
    [remark] = report.finish().remarks
    assert "a payment card number was hidden" in remark
