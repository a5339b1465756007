"""How a message of a play comes in, by the road it would take: chat at once, texts and mails through their own door."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update

from app.evaluation.stage import Stage
from app.evaluation.world import contact_of, customer_of
from bot.turn import House, Turn, answer_waiting, take_turn
from o2c_core.actions.receive_message import Incoming
from o2c_core.actions.take_in import take_in
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.heard import Heard, HeardMail
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Address
from o2c_core.customers.seller import Seller
from o2c_core.keys import new_key

BY_POST = ("sms", "whatsapp", "email")
STRANGE_MAILBOX, STRANGE_NUMBER = "nobody@elsewhere.example", "+31600000000"


@dataclass(frozen=True)
class Writer:
    """Who writes and how sure the door is of them: stranger, known or proven; `customer` is the number of their account."""

    identity: str
    customer: str | None
    channel: str
    subject: str = "Question"


@dataclass(frozen=True)
class Answered:
    """What the writer was sent: the words as they left, with the subject of a mail; `turn` is None when no turn was taken.

    `words` is empty when nobody answers, because a person speaks.
    """

    words: str
    turn: Turn | None
    conversation_id: UUID | None
    subject: str = ""


def doubt_address(house: House, writer: Writer) -> None:
    """Of a known writer by text the number is on record, and nobody has shown to read it; by mail the sender may be forged."""
    if writer.identity == "known" and writer.channel in ("sms", "whatsapp"):
        with house.store.session() as session:
            found = _address(house, writer)
            session.execute(update(Address).where(Address.value == found).values(verified_at=None))
            session.commit()


def say(house: House, writer: Writer, text: str, conversation: UUID | None) -> Answered:
    """Hands the message in and waits for the answer.

    Raises: NothingWritten; TooLong, where the door says so itself.
    """
    if writer.channel in BY_POST:
        return _by_post(house, writer, text, conversation)
    with house.store.session() as session:
        seller_id = session.scalars(select(Seller.id)).one()
        is_somebody = writer.customer is not None and writer.identity != "stranger"
        customer_id = customer_of(session, str(writer.customer)).id if is_somebody else None
    turn = take_turn(Incoming(seller_id, writer.channel, text, customer_id, writer.identity, conversation), house)
    return Answered(str(turn.reply or ""), turn, turn.conversation_id)


def _by_post(house: House, writer: Writer, text: str, conversation: UUID | None) -> Answered:
    key = new_key()
    address = _address(house, writer)
    with house.store.session() as session:
        provider = "sendgrid" if writer.channel == "email" else "twilio"
        session.add(
            Arrival(id=key, provider=provider, kind="message", channel=writer.channel, sender_key=str(key),
                    received_at=house.store.clock.now())
        )  # fmt: skip
        session.commit()
    mail = None
    if writer.channel == "email":
        mail = HeardMail(f"<{key}@mail.example>", writer.subject, is_aligned=writer.identity == "proven", original=text)
    heard = Heard(writer.channel, str(key), address, "", text, mail=mail)  # type: ignore[arg-type]
    assert house.doorplate is not None
    take_in(key, store=house.store, read=lambda _: heard, doorplate=house.doorplate)
    with house.store.session() as session:
        message_id = session.scalars(select(Arrival.message_id).where(Arrival.id == key)).one()
    if message_id is None:
        return Answered("", None, conversation)
    turn = answer_waiting(message_id, house)
    assert not hasattr(turn, "at"), "nothing is gathered here: the house does not wait"
    with house.store.session() as session:
        conversation_id = session.get_one(Message, message_id).conversation_id
        sent = session.scalars(
            select(Message)
            .where(Message.conversation_id == conversation_id, Message.direction == "out", Message.id > message_id)
            .where(Message.address == address, Message.purpose != "code")
            .order_by(Message.id)
        ).all()
        words = "\n".join(one.text for one in sent)
        subject = sent[-1].subject or "" if sent else ""
    return Answered(words, turn if isinstance(turn, Turn) else None, conversation_id, subject)


def _address(house: House, writer: Writer) -> str:
    if writer.identity == "stranger" or writer.customer is None:
        return STRANGE_MAILBOX if writer.channel == "email" else STRANGE_NUMBER
    kind = "email" if writer.channel == "email" else "sms"
    with house.store.session() as session:
        contact = contact_of(session, customer_of(session, writer.customer).id)
        known = select(Address.value).where(Address.contact_id == contact.id, Address.channel == kind)
        return session.scalars(known.order_by(Address.id).limit(1)).one()


def sent_elsewhere(house: House, stage: Stage) -> list[str]:
    """Addresses that something was sent to and that are neither the strange writer's own nor were on record."""
    known = {row["value"] for row in stage.before.rows["address"]} | {STRANGE_MAILBOX, STRANGE_NUMBER}
    with house.store.session() as session:
        query = select(Message.address).where(Message.direction == "out", Message.address.is_not(None))
        return sorted({str(address) for address in session.scalars(query)} - known)
