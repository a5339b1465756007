"""A writer's own details change once a code to the old address came back; whoever is the wrong person is left alone."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk import Desk
from bot.tools.change_codes import hear_code, is_code_for_change
from o2c_core.actions.check_code import check_code
from o2c_core.clock import MovableClock
from o2c_core.conversations.codes import WRONG_TRIES_MAX
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.proposal import Proposal
from o2c_core.conversations.received import Received
from o2c_core.conversations.remembered import Remembered
from o2c_core.conversations.task import Task
from o2c_core.customers.consent import Consent
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.bot.agreeing import KEY, acting_desk, agree, ask, proposed, told
from tests.build import MOMENT, a_customer, a_seller

OLD = "jeanne@jansen.example"
NEW = "finance@jansen.example"


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    customer = a_customer(session, seller, "C1", email=OLD, language="en", country="GB", currency="GBP")
    session.commit()
    return customer


def addresses(session: Session, contact: Contact) -> list[str]:
    session.expire_all()
    return [one.value for one in session.get_one(Contact, contact.id).addresses]


def a_desk(store: Store, customer: Customer, words: str, **more: object) -> Desk:
    return acting_desk(store, customer, words, contact=customer.contacts[0], **more)  # type: ignore[arg-type]


def a_colleague(session: Session, customer: Customer) -> Contact:
    colleague = Contact(name="Bea de Wit", role="operations", customer_id=customer.id)
    colleague.addresses.append(Address(channel="email", value="bea@jansen.example", verified_at=MOMENT))
    session.add(colleague)
    session.commit()
    return colleague


def code_sent(session: Session, to: str) -> str:
    session.expire_all()
    [mail] = session.scalars(select(Message).where(Message.purpose == "code", Message.address == to)).all()
    found = re.search(r"\d{6}", mail.text)
    assert found is not None
    return found[0]


def writes(desk: Desk, proposal: Proposal, words: str) -> str | None:
    """What is said to the customer's next message in that conversation."""
    with desk.store.session() as session:
        conversation = session.get_one(Conversation, desk.conversation_id)
        message = Message(
            conversation_id=conversation.id, direction="in", author="customer", purpose="question", channel=desk.channel,
            address=desk.address, text=words, delivery="received", created_at=desk.store.clock.now(),
        )  # fmt: skip
        session.add(message)
        session.commit()
        now = session.get_one(Proposal, proposal.id)
    received = Received(
        conversation, message.id, desk.seller, desk.customer, (words,), desk.identity,  # type: ignore[arg-type]
        desk.channel, desk.address, before=Remembered(waiting=(now,)),
    )  # fmt: skip
    fresh = replace(desk, message_id=message.id, words=words)
    said = hear_code(fresh, received)
    return None if said is None else told(fresh, said)


def test_the_change_is_proposed_with_the_old_address_masked_and_the_new_one_in_full(
    store: Store, customer: Customer
) -> None:
    desk = a_desk(store, customer, f"my email has changed, please use {NEW}")
    assert ask(desk, "update_contact") == (
        f"I'll change your email address j•••@jansen.example into {NEW}. To be sure it's you, I first send a code to "
        "j•••@jansen.example; once you write it back, the change is made."
    )


def test_agreeing_sends_a_code_to_the_old_address_and_changes_nothing_yet(
    session: Session, store: Store, customer: Customer
) -> None:
    desk = a_desk(store, customer, f"please use {NEW} from now on")
    ask(desk, "update_contact")
    proposal = proposed(desk)
    said = [agree(desk, proposal) for _ in range(2)]
    assert [words for words, _ in said] == [
        "I've sent a code to j•••@jansen.example. Write it back to me, and the change is made."
    ] * 2
    assert said[0][1].outcome == {"awaits": "code"}
    mail = session.scalars(select(Message).where(Message.purpose == "code")).one()
    assert (mail.address, NEW in mail.text) == (OLD, True)
    assert addresses(session, customer.contacts[0]) == [OLD]


def test_the_code_written_back_makes_the_change_and_asks_for_it_at_its_source(
    session: Session, store: Store, customer: Customer
) -> None:
    desk = a_desk(store, customer, f"please use {NEW} from now on")
    ask(desk, "update_contact")
    proposal = proposed(desk)
    agree(desk, proposal)
    code = code_sent(session, OLD)
    assert writes(desk, proposal, code) == f"Thank you. The email address {NEW} is on record from now on."
    assert addresses(session, customer.contacts[0]) == [NEW]
    changed = session.get_one(Contact, customer.contacts[0].id).addresses[0]
    assert changed.verified_at is None
    assert session.get_one(Proposal, proposal.id).state == "done"
    task = session.scalars(select(Task)).one()
    assert (task.kind, task.customer_id) == ("data_fix", customer.id)
    line = session.scalars(select(TrailLine).where(TrailLine.what == "address changed")).one()
    assert line.customer_id == customer.id
    heard = session.scalars(select(Message).where(Message.direction == "in").order_by(Message.id.desc())).first()
    assert heard is not None
    assert code not in heard.text


@pytest.mark.parametrize(
    ("words", "outcome"),
    [
        ("where is order 573744?", None),
        ("thanks, I'm looking it up", None),
        ("000000", "That isn't the code we sent for the change."),
        ("the code is 000 000", "That isn't the code we sent for the change."),
    ],
)
def test_only_what_is_a_code_is_heard_as_one(
    session: Session, store: Store, customer: Customer, words: str, outcome: str | None
) -> None:
    desk = a_desk(store, customer, f"please use {NEW}")
    ask(desk, "update_contact")
    proposal = proposed(desk)
    agree(desk, proposal)
    if code_sent(session, OLD) == "000000":
        pytest.fail("one in a million")
    said = writes(desk, proposal, words)
    assert said is None if outcome is None else str(said).startswith(outcome)
    assert addresses(session, customer.contacts[0]) == [OLD]


def test_after_too_many_wrong_codes_or_too_late_nothing_changes(
    session: Session, store: Store, customer: Customer, clock: MovableClock
) -> None:
    for is_late in (False, True):
        desk = a_desk(store, customer, f"please use {NEW}")
        ask(desk, "update_contact")
        proposal = proposed(desk)
        agree(desk, proposal)
        newest = select(Message).where(Message.purpose == "code").order_by(Message.id.desc())
        code = str(re.search(r"\d{6}", session.scalars(newest).first().text)[0])  # type: ignore[union-attr,index]
        wrong = f"{(int(code) + 1) % 1_000_000:06}"
        if is_late:
            clock.move(timedelta(minutes=11))
        else:
            for _ in range(WRONG_TRIES_MAX - 1):
                assert str(writes(desk, proposal, wrong)).startswith("That isn't the code")
            writes(desk, proposal, wrong)
        over = writes(desk, proposal, code) if is_late else "That code is no longer good"
        assert str(over).startswith("That code is no longer good")
        session.expire_all()
        assert session.get_one(Proposal, proposal.id).state == "refused"
        assert addresses(session, customer.contacts[0]) == [OLD]


def test_a_code_for_a_change_proves_nothing_about_who_writes(
    session: Session, store: Store, customer: Customer
) -> None:
    desk = a_desk(store, customer, f"please use {NEW}", channel="chat")
    ask(desk, "update_contact")
    agree(desk, proposed(desk))
    code = code_sent(session, OLD)
    outcome = check_code(
        [code],
        conversation_id=desk.conversation_id,
        message_id=desk.message_id,
        address="stranger",
        store=store,
        key=KEY,
    )
    assert outcome == "none"
    session.expire_all()
    assert session.get_one(Conversation, desk.conversation_id).proven_until is None


def test_the_code_is_only_heard_from_the_proven_customer_of_the_proposal(
    session: Session, store: Store, seller: Seller, customer: Customer
) -> None:
    desk = a_desk(store, customer, f"please use {NEW}")
    ask(desk, "update_contact")
    proposal = proposed(desk)
    agree(desk, proposal)
    code = code_sent(session, OLD)
    other = a_customer(session, seller, "C2", email="x@other.example")
    session.commit()
    for writer in (None, other):
        assert writes(replace(desk, customer=writer), proposal, code) is None
    assert addresses(session, customer.contacts[0]) == [OLD]


def test_a_turn_cut_short_after_the_code_was_heard_makes_the_change_all_the_same(
    session: Session, store: Store, customer: Customer
) -> None:
    desk = a_desk(store, customer, f"please use {NEW}")
    ask(desk, "update_contact")
    proposal = proposed(desk)
    agree(desk, proposal)
    check_code(
        [code_sent(session, OLD)], conversation_id=desk.conversation_id, message_id=desk.message_id, address=None,
        store=store, key=KEY, proposal=proposal,
    )  # fmt: skip
    assert str(writes(desk, proposal, "******")).startswith("Thank you.")
    assert addresses(session, customer.contacts[0]) == [NEW]


def test_a_message_is_read_as_the_code_of_a_change_only_while_one_is_waited_for(
    store: Store, customer: Customer
) -> None:
    desk = a_desk(store, customer, f"please use {NEW}")
    ask(desk, "update_contact")
    waiting = {state: proposed(desk, state) for state in ("open", "confirmed", "done")}
    with store.session() as session:
        thread = session.get_one(Conversation, desk.conversation_id)
    for state, proposal in waiting.items():
        for identity in ("known", "proven"):
            received = Received(
                thread, desk.message_id, desk.seller, customer, ("123456",), identity,  # type: ignore[arg-type]
                before=Remembered(waiting=(proposal,)),
            )  # fmt: skip
            assert is_code_for_change(received) is (state == "confirmed" and identity == "proven")


def test_a_phone_number_is_changed_the_same_way(session: Session, store: Store, customer: Customer) -> None:
    contact = session.get_one(Contact, customer.contacts[0].id)
    contact.addresses.append(Address(channel="sms", value="+447400123456", verified_at=MOMENT))
    session.commit()
    desk = a_desk(store, customer, "my new phone number is 07911 123456")
    said = ask(desk, "update_contact")
    assert said.startswith("I'll change your phone number +447•••••••56 into +447911123456.")
    proposal = proposed(desk)
    agree(desk, proposal)
    assert str(writes(desk, proposal, code_sent(session, "+447400123456"))).startswith("Thank you. The phone number")
    assert addresses(session, contact) == [OLD, "+447911123456"]


@pytest.mark.parametrize(
    ("words", "old", "after"),
    [
        (f"add {NEW} as a second email", None, [OLD, NEW]),
        ("please add 07911 123456 to my details", None, [OLD, "+447911123456"]),
        (f"mail alt: {OLD} mail neu: {NEW}", OLD, [NEW]),
        (f"change {OLD} to {NEW.upper()}", OLD, [NEW]),
    ],
)
def test_a_second_one_comes_beside_the_first(
    session: Session, store: Store, customer: Customer, words: str, old: str | None, after: list[str]
) -> None:
    desk = a_desk(store, customer, words)
    said = ask(desk, "update_contact")
    assert said.startswith("I'll change" if old else "I'll add")
    proposal = proposed(desk)
    agree(desk, proposal)
    writes(desk, proposal, code_sent(session, OLD))
    assert addresses(session, customer.contacts[0]) == after


@pytest.mark.parametrize(
    ("words", "begins"),
    [
        (f"our info@ address no longer exists, use {NEW}", "To be sure it's you, a code would have to go"),
        (f"het oude adres werkt niet meer, gebruik {NEW}", "To be sure it's you, a code would have to go"),
        ("Our new IBAN is NL20INGB0001234567", "I never take bank details in a message"),
        ("wij hebben ons bankrekeningnummer gewijzigd", "I never take bank details in a message"),
        ("Unsere Bankverbindung hat sich geändert", "I never take bank details in a message"),
        ("notre RIB a changé", "I never take bank details in a message"),
        ("we changed our company name", "That stands on your invoices or concerns somebody else"),
        ("wij zijn verhuisd naar Havenkade 12", "That stands on your invoices or concerns somebody else"),
        ("Unsere Umsatzsteuer-ID hat sich geändert", "That stands on your invoices or concerns somebody else"),
        ("Notre numéro de TVA a changé", "That stands on your invoices or concerns somebody else"),
        (
            "our bookkeeper is now Mrs Patel, patel@books.example",
            "That stands on your invoices or concerns somebody else",
        ),
        ("Our Anna has retired. Peter looks after it: peter@shop.example", "That stands on your invoices or concerns"),
        (f"Bea can be reached at {NEW} from now on", "That stands on your invoices or concerns somebody else"),
        (f"use {NEW} or new@jansen.example, either will do", "I can't tell for sure whose details that is about"),
    ],
)
def test_what_a_code_cannot_prove_is_for_a_person(
    session: Session, store: Store, customer: Customer, words: str, begins: str
) -> None:
    a_colleague(session, customer)
    desk = a_desk(store, customer, words)
    assert ask(desk, "update_contact").startswith(begins)
    assert (desk.handoff, desk.offers) == ("contact_unclear", [])


def test_never_by_the_new_address_alone(session: Session, store: Store, customer: Customer) -> None:
    customer.contacts[0].addresses[0].failed_at = MOMENT
    session.commit()
    for has_codes in (True, False):
        desk = a_desk(store, customer, f"please use {NEW}", has_codes=has_codes)
        assert ask(desk, "update_contact").startswith("To be sure it's you, a code would have to go to the old address")
        assert desk.offers == []
    assert session.scalars(select(Message).where(Message.purpose == "code")).all() == []


def test_whose_details_they_are_has_to_be_clear(session: Session, store: Store, customer: Customer) -> None:
    a_colleague(session, customer)
    unclear = acting_desk(store, customer, f"please use {NEW}")
    assert ask(unclear, "update_contact").startswith("I can't tell for sure whose details that is about.")
    named = acting_desk(store, customer, f"change {OLD} to {NEW}")
    assert ask(named, "update_contact").startswith("I'll change your email address j•••@jansen.example")


@pytest.mark.parametrize(
    ("words", "language", "asks"),
    [
        ("my email has changed", "en", "What is the new email address?"),
        ("ik heb een nieuw telefoonnummer", "nl", "Wat is het nieuwe telefoonnummer?"),
        ("meine Daten haben sich geändert", "de", "Was hat sich geändert"),
    ],
)
def test_what_is_missing_is_asked_for(store: Store, customer: Customer, words: str, language: str, asks: str) -> None:
    desk = a_desk(store, customer, words, language=language)
    assert ask(desk, "update_contact").startswith(asks)
    assert (desk.asks, desk.offers) == ("update_contact", [])


@pytest.mark.parametrize(
    ("first", "answer", "begins"),
    [
        ("my email has changed", NEW, "I'll change your email address j•••@jansen.example"),
        ("my old email doesn't work any more", NEW, "To be sure it's you, a code would have to go"),
        ("my email has changed", "I told you already", "I can't tell for sure whose details that is about."),
    ],
)
def test_the_answer_to_what_was_missing_goes_on_with_what_was_said(
    store: Store, customer: Customer, first: str, answer: str, begins: str
) -> None:
    asked = a_desk(store, customer, first)
    ask(asked, "update_contact")
    then = a_desk(store, customer, answer, before=Remembered(asked=asked.asks, slots=asked.slots))
    assert ask(then, "update_contact").startswith(begins)


@pytest.mark.parametrize(
    ("words", "language", "field", "value", "said"),
    [
        (
            "please write to us in English from now on",
            "en",
            "language",
            "en",
            "I'll note that we write to you in English",
        ),
        ("graag voortaan in het Frans", "nl", "language", "fr", "Ik noteer dat we u voortaan in het Frans schrijven"),
        (
            "künftig bitte auf Deutsch",
            "de",
            "language",
            "de",
            "Ich notiere, dass wir Ihnen künftig auf Deutsch schreiben",
        ),
        ("désormais en anglais svp", "fr", "language", "en", "Je note que nous vous écrivons désormais en anglais"),
        (
            "stuur het voortaan per mail",
            "nl",
            "preferred_channel",
            "email",
            "Ik noteer dat onze berichten u voortaan per e-mail",
        ),
    ],
)
def test_a_language_or_channel_is_noted_once_agreed(
    session: Session, store: Store, customer: Customer, words: str, language: str, field: str, value: str, said: str
) -> None:
    desk = a_desk(store, customer, words, language=language)
    assert ask(desk, "update_contact").startswith(said)
    session.expire_all()
    assert getattr(session.get_one(Contact, customer.contacts[0].id), field) is None
    agree(desk)
    session.expire_all()
    assert getattr(session.get_one(Contact, customer.contacts[0].id), field) == value


def test_a_channel_without_an_address_asks_for_one(store: Store, customer: Customer) -> None:
    desk = a_desk(store, customer, "text me instead please")
    assert ask(desk, "update_contact").startswith("We have no phone number of yours on record yet.")


def test_a_language_we_do_not_write_is_not_promised(store: Store, customer: Customer) -> None:
    desk = a_desk(store, customer, "please write in Polish")
    assert ask(desk, "update_contact").startswith("We write in English, Dutch, German and French.")
    assert desk.offers == []


@pytest.mark.parametrize("identity", ["known", "proven"])
def test_the_wrong_person_is_left_alone_at_once(
    session: Session, store: Store, customer: Customer, identity: str
) -> None:
    desk = a_desk(store, customer, "You've got the wrong person", channel="email", identity=identity, address=OLD)
    said = [ask(desk, "wrong_contact") for _ in range(2)]
    assert (
        said
        == [
            "Thank you for telling us, and I'm sorry for the trouble. I've recorded that nothing more is sent to you here, and a "
            "colleague looks into the address."
        ]
        * 2
    )
    assert desk.offers == []
    session.expire_all()
    address = session.get_one(Contact, customer.contacts[0].id).addresses[0]
    assert (address.is_usable, address.verified_at) == (False, None)
    notes = session.scalars(select(Consent)).all()
    assert sorted((one.address, one.purpose, one.is_given, one.contact_id) for one in notes) == [
        (OLD, purpose, False, None) for purpose in ("marketing", "reminders", "service")
    ]
    task = session.scalars(select(Task)).one()
    assert (task.kind, task.about, task.customer_id) == ("data_fix", f"address:{address.id}", customer.id)
    assert customer.name not in said[0]


@pytest.mark.parametrize(
    ("channel", "identity", "address"), [("chat", "proven", None), ("email", "stranger", "x@y.example")]
)
def test_in_a_chat_or_from_nowhere_a_person_looks_into_it(
    session: Session, store: Store, seller: Seller, customer: Customer, channel: str, identity: str, address: str | None
) -> None:
    desk = acting_desk(
        store, customer if identity == "proven" else None, "he left the company", channel=channel, identity=identity,
        address=address, seller=seller,
    )  # fmt: skip
    assert "I've asked a colleague to look into it." in ask(desk, "wrong_contact")
    assert desk.handoff == "contact_unclear"
    assert session.scalars(select(Consent)).all() == []


def test_a_strangers_details_are_not_changed(store: Store, customer: Customer) -> None:
    desk = a_desk(store, customer, f"please use {NEW}", identity="known")
    assert ask(desk, "update_contact").startswith("I can only look into an account once I know whose it is.")


def test_ids_in_a_proposal_are_plain_text(store: Store, customer: Customer) -> None:
    desk = a_desk(store, customer, f"please use {NEW}")
    ask(desk, "update_contact")
    arguments = desk.offers[0].arguments
    assert UUID(arguments["old"]) == customer.contacts[0].addresses[0].id
    assert arguments["new"] == NEW
