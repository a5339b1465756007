"""Who says "no more reminders" in a conversation is heard at once, for themselves, and told what was recorded."""

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.desk import Desk
from bot.embedded.intents import Intent
from bot.embedded.mentions import Mentions
from bot.embedded.plan import Call, plan
from bot.embedded.understanding import References, Understanding
from bot.facts import FactBook
from bot.tools import DEEDS, TOOLS
from bot.tools.consent import channels_meant
from o2c_core.actions.set_preferences import preferences_of
from o2c_core.actions.stop_writing import stop_writing
from o2c_core.clock import today
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.conversations.proposal import Proposal
from o2c_core.customers.consent import Consent
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from tests.build import MOMENT, a_customer, a_seller


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    customer = a_customer(session, seller, "C1")
    customer.contacts[0].addresses.append(Address(channel="sms", value="+31612345678", verified_at=MOMENT))
    session.flush()
    return customer


def a_desk(
    store: Store, seller: Seller, customer: Customer | None, words: str, *, channel: str = "chat", identity: str = "proven",
    contact: Contact | None = None, language: str = "en",
) -> Desk:  # fmt: skip
    with store.session() as session:
        thread = Conversation(
            seller_id=seller.id, customer_id=customer.id if customer else None, channel=channel, identity=identity,
            contact_id=contact.id if contact else None, speaker="assistant", state="open", version=1, introduced=True,
            opened_at=MOMENT, updated_at=MOMENT,
        )  # fmt: skip
        session.add(thread)
        session.flush()
        message = Message(
            conversation_id=thread.id, direction="in", author="customer", purpose="question", channel=channel,
            text=words, delivery="received", created_at=MOMENT,
        )  # fmt: skip
        session.add(message)
        session.commit()
    return Desk(
        store=store, knowledge=lambda: None, seller=seller, customer=customer if identity == "proven" else None,
        identity=identity, conversation_id=thread.id, message_id=message.id, words=words, language=language,
        today=today(store.clock, seller.time_zone), facts=FactBook("en_GB", store.clock.now()), channel=channel,
        known_customer=customer if identity != "stranger" else None, contact_id=contact.id if contact else None,
    )  # fmt: skip


def told(desk: Desk) -> str:
    return desk.facts.render(TOOLS["opt_out"](desk))[0]


def noted(session: Session) -> set[tuple[str, str, bool]]:
    return {(one.channel, one.purpose, one.is_given) for one in session.scalars(select(Consent))}


@pytest.mark.parametrize(("words", "written_on", "meant"), [
    ("no more texts please", "chat", ("sms",)), ("stop emailing me", "sms", ("email",)),
    ("geen appjes en geen mails meer", "chat", ("email", "whatsapp")), ("leave me alone", "sms", ("sms",)),
    ("unsubscribe", "chat", ("email", "sms", "whatsapp")), ("stop all of it", "sms", ("email", "sms", "whatsapp")),
    ("arrêtez tout", "email", ("email", "sms", "whatsapp")), ("keine Nachrichten mehr", "whatsapp", ("whatsapp",)),
])  # fmt: skip
def test_the_channel_named_is_meant_else_the_one_written_on(
    words: str, written_on: str, meant: tuple[str, ...]
) -> None:
    assert channels_meant(words, written_on) == meant


def test_a_proven_customer_is_told_what_was_recorded(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    desk = a_desk(store, seller, customer, "please stop texting me")
    assert told(desk).startswith("I've recorded that you want no more reminders by text message.")
    assert noted(session) == {("sms", "reminders", False), ("sms", "marketing", False)}
    notes = session.scalars(select(Consent)).all()
    assert {(one.words, one.how, one.message_id) for one in notes} == {
        ("please stop texting me", "in conversation", desk.message_id)
    }
    assert desk.handoff is None
    assert told(desk) == told(desk)
    assert len(session.scalars(select(Consent)).all()) == len(notes)


def test_all_channels_are_named_one_by_one(store: Store, seller: Seller, customer: Customer) -> None:
    desk = a_desk(store, seller, customer, "unsubscribe me", language="nl")
    assert "herinneringen meer wilt per e-mail, sms en WhatsApp." in told(desk)


def test_a_number_we_know_is_enough_to_say_stop(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    desk = a_desk(store, seller, customer, "laat maar zitten met die herinneringen", channel="sms", identity="known",
                  contact=customer.contacts[0])  # fmt: skip
    assert "text message" in told(desk)
    assert noted(session) == {("sms", "reminders", False), ("sms", "marketing", False)}


def test_a_channel_without_an_address_is_said_to_have_none(store: Store, session: Session, seller: Seller) -> None:
    only_mail = a_customer(session, seller, "C2")
    session.commit()
    assert told(a_desk(store, seller, only_mail, "no more texts")).startswith(
        "We have no address or number of yours there"
    )
    assert noted(session) == set()


def test_a_stranger_is_told_where_the_link_is_and_nothing_is_noted(
    store: Store, session: Session, seller: Seller
) -> None:
    desk = a_desk(store, seller, None, "unsubscribe", identity="stranger")
    assert told(desk).startswith("From here I can't see which address or number is yours.")
    assert noted(session) == set()
    assert desk.handoff is None


def test_one_of_several_people_does_not_silence_the_others(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    customer.contacts.append(Contact(name="B. Jansen", role="owner"))
    session.commit()
    desk = a_desk(store, seller, customer, "no more reminders")
    assert "asked a colleague" in told(desk)
    assert desk.handoff is not None
    assert noted(session) == set()


def test_the_intent_is_carried_out_and_goes_to_no_person() -> None:
    understood = Understanding("en", True, (Intent("opt_out", 0.99),), True, References())
    assert plan(understood, Mentions()).calls == (Call("opt_out"),)
    unsure = Understanding("en", True, (Intent("opt_out", 0.6),), False, References())
    assert "opt_out" not in [call.tool for call in plan(unsure, Mentions()).calls]


@pytest.mark.parametrize(
    ("words", "channels"),
    [
        ("you may send me reminders again", ["email", "sms"]),
        ("jullie mogen weer herinneringen sturen, maar alleen per mail", ["email"]),
        ("Sie dürfen wieder Erinnerungen schicken", ["email", "sms"]),
        ("vous pouvez à nouveau m'envoyer des rappels", ["email", "sms"]),
    ],
)
def test_whoever_stopped_may_start_again_once_they_say_so_twice(
    store: Store, session: Session, seller: Seller, customer: Customer, words: str, channels: list[str]
) -> None:
    contact = customer.contacts[0]
    session.commit()
    stop_writing(contact.id, ["email", "sms"], words="stop", how="in conversation", message_id=new_key(), store=store)
    desk = a_desk(store, seller, customer, words, contact=contact)
    TOOLS["opt_out"](desk)
    assert desk.offers[0].arguments["channels"] == channels
    assert is_reminded(session, contact) == []
    proposal = Proposal(kind="change_contact", customer_id=customer.id, arguments=desk.offers[0].arguments)
    DEEDS["change_contact"](desk, proposal)
    assert is_reminded(session, contact) == channels


def test_who_never_stopped_is_told_that_nothing_changes(
    store: Store, session: Session, seller: Seller, customer: Customer
) -> None:
    session.commit()
    desk = a_desk(store, seller, customer, "please send reminders again", contact=customer.contacts[0])
    assert "nothing changes" in told(desk)
    assert desk.offers == []


def is_reminded(session: Session, contact: Contact) -> list[str]:
    session.expire_all()
    wishes = preferences_of(session, contact.id)
    return [one.channel for one in wishes if one.purpose == "reminders" and one.is_given and one.channel != "whatsapp"]


def test_a_contact_that_is_gone_is_not_found(store: Store) -> None:

    with pytest.raises(NotFound):
        stop_writing(new_key(), ["sms"], words="stop", how="in conversation", message_id=new_key(), store=store)
