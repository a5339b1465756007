"""`parley hear`: let a message in as a provider would deliver it, and show what is made of it and what is said back."""

from __future__ import annotations

import re
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import typer
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.cli.hear_told import NAMES, say
from app.container import carriers, readers
from app.house import opened_house
from app.settings import Settings, settings
from bot.turn import House, Turn, answer_waiting
from channels.captured import Captured
from channels.sendgrid_form import form_of
from channels.sendgrid_payload import mail_in
from o2c_core.actions.deliver_message import deliver_message
from o2c_core.actions.hide_codes import hide_codes
from o2c_core.actions.keep_arrivals import Arrived, keep_arrivals
from o2c_core.actions.take_in import TRIES_MAX, take_in
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.carrier import Carrier
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.heard import Heard, Sense
from o2c_core.conversations.message import Message
from o2c_core.conversations.received_file import ReceivedFile
from o2c_core.customers.consent import Consent
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import SenderIdentity
from o2c_core.errors import NotFound, Refused
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine

hear_app = typer.Typer(help="Let a message in as a provider would deliver it.", no_args_is_help=True)
_Json = Annotated[bool, typer.Option("--json", help="One JSON document.")]
_Captured = Annotated[
    bool, typer.Option("--captured", help="Keep what is said back instead of sending it, also where carriers are set.")
]

# From Ofcom's numbers for drama: where nothing says which number is ours, nobody has this one.
NOBODYS_NUMBER = "+447700900000"
BOUNDARY = "what-a-provider-posts"
LOOKS_MAX = 60
LOOK_SECONDS = 0.25
SOMEBODY_WORKS_SECONDS = 60
OUT = ("email", "sms", "whatsapp")


class NotANumber(Refused):
    """Give a number in full, with its country: +31612345678."""


class NoSuchFile(NotFound):
    """There is no such file; give a mail as a file (.eml), or - to read it from standard input."""


class WouldBeSent(Refused):
    """Carriers are set here, so the answer would really be sent. Add --captured to keep it instead."""


class SomebodyWorks(Refused):
    """A worker is running here with real carriers and might send the answer first; stop it, or use another folder."""


@hear_app.command("sms")
def hear_sms(
    words: Annotated[str, typer.Argument(metavar="TEXT", help="What the customer wrote.")],
    sender: Annotated[str, typer.Option("--from", help="The number it comes from: +31612345678.")],
    to: Annotated[str | None, typer.Option(help="The number it was sent to; ours if left out.")] = None,
    whatsapp: Annotated[bool, typer.Option("--whatsapp", help="By WhatsApp instead of SMS.")] = False,
    captured: _Captured = False,
    as_json: _Json = False,
) -> None:
    """A text message comes in, as Twilio delivers it."""
    chosen, number = settings(), _number(sender)
    channel = "whatsapp" if whatsapp else "sms"
    kept_by = _carriers(chosen, captured)
    with opened_house(chosen) as house:
        ours = _number(to) if to is not None else _our_number(chosen, house.store, channel)
        key, prefix = f"SM{new_key().hex}", "whatsapp:" if whatsapp else ""
        fields = [
            ["MessageSid", key], ["From", prefix + number], ["To", prefix + ours], ["Body", words], ["NumMedia", "0"],
        ]  # fmt: skip
        say(_let_in(Arrived("twilio", "message", channel, key, {"fields": fields}), house, chosen, kept_by), as_json)


@hear_app.command("mail")
def hear_mail(
    file: Annotated[str, typer.Argument(help="The mail as a file (.eml); - reads standard input.")],
    dkim: Annotated[
        str | None, typer.Option(metavar="DOMAIN", help="The domain whose signature on it is good; none if left out.")
    ] = None,
    captured: _Captured = False,
    as_json: _Json = False,
) -> None:
    """A mail comes in, as SendGrid delivers it."""
    chosen, raw = settings(), _read(file)
    form = _form(raw, dkim)
    content_type = f"multipart/form-data; boundary={BOUNDARY}"
    kept_by = _carriers(chosen, captured)
    with opened_house(chosen) as house:
        say(_let_in(mail_in(form, content_type, form_of(form, content_type)), house, chosen, kept_by), as_json)


def _number(said: str) -> str:
    number = re.sub(r"[\s().-]", "", said)
    if not re.fullmatch(r"\+[1-9]\d{6,14}", number):
        raise NotANumber(number=said)
    return number


def _read(file: str) -> bytes:
    if file == "-":
        return sys.stdin.buffer.read()
    try:
        return Path(file).read_bytes()
    except OSError as missing:
        raise NoSuchFile(file=file) from missing


def _form(raw: bytes, dkim: str | None) -> bytes:
    """The form in which a mail is posted raw. No envelope comes with a file, so nothing vouches for it but `dkim`."""
    fields = {"dkim": f"{{@{dkim} : pass}}".encode() if dkim else b"none", "SPF": b"none", "email": raw}
    mark = BOUNDARY.encode()
    parts = [
        b'--%s\r\nContent-Disposition: form-data; name="%s"\r\n\r\n%s\r\n' % (mark, name.encode(), value)
        for name, value in fields.items()
    ]
    return b"".join(parts) + b"--%s--\r\n" % mark


def _carriers(chosen: Settings, captured: bool) -> Mapping[str, Carrier]:
    """Raises: WouldBeSent."""
    set_up = carriers(chosen)
    if all(isinstance(one, Captured) for one in set_up.values()):
        return set_up
    if not captured:
        raise WouldBeSent
    return dict.fromkeys(set_up, Captured())


def _nobody_else_sends(chosen: Settings, store: Store) -> None:
    """What is queued here is anybody's to send. Raises: SomebodyWorks."""
    if all(isinstance(one, Captured) for one in carriers(chosen).values()):
        return
    query = text("SELECT count(*) FROM procrastinate_workers WHERE last_heartbeat > now() - make_interval(secs => :s)")
    with store.session() as session:
        if session.scalar(query, {"s": SOMEBODY_WORKS_SECONDS}):
            raise SomebodyWorks


def _our_number(chosen: Settings, store: Store, channel: str) -> str:
    with store.session() as session:
        query = select(SenderIdentity.value).where(
            SenderIdentity.channel == channel, SenderIdentity.value.startswith("+")
        )
        ours = session.scalar(query.order_by(SenderIdentity.is_default.desc(), SenderIdentity.id).limit(1))
    set_up = chosen.twilio_whatsapp_sender if channel == "whatsapp" else chosen.twilio_sms_sender
    return ours or (set_up if set_up and set_up.startswith("+") else None) or NOBODYS_NUMBER


def _let_in(arrived: Arrived, house: House, chosen: Settings, kept_by: Mapping[str, Carrier]) -> dict[str, Any]:
    """The whole way, as behind the doors: kept, taken in, answered, sent. What was made of it."""
    store, plate = house.store, house.doorplate
    assert plate is not None, "an open house has its doorplate"
    _nobody_else_sends(chosen, store)
    read = readers(chosen, store)[arrived.provider]
    since = new_key()
    is_new = bool(keep_arrivals([arrived], store=store))
    arrival = _arrival(arrived, store)
    state = arrival.state
    for _ in range(TRIES_MAX + 1):
        if state != "waiting":
            break
        state = take_in(arrival.id, store=store, read=read, doorplate=plate)
    arrival = _arrival(arrived, store)
    if arrival.message_id is not None:
        _answer(arrival.message_id, house)
    for message_id in _queued(store, since):
        deliver_message(message_id, store=store, carriers=kept_by, doorplate=plate)
        hide_codes(message_id, store=store)
    _wait_for_others(store, since)
    with store.session() as session:
        return {
            "arrival": {"id": str(arrival.id), "state": arrival.state, "why": arrival.why, "repeat": not is_new},
            "heard": _heard(session, arrival, read(arrival)),
            "noted": _noted(session, since),
            "sent": _sent(session, arrival, since),
        }


def _arrival(arrived: Arrived, store: Store) -> Arrival:
    with store.session() as session:
        query = select(Arrival).where(Arrival.provider == arrived.provider, Arrival.kind == arrived.kind)
        return session.scalars(query.where(Arrival.sender_key == arrived.sender_key)).one()


def _answer(message_id: UUID, house: House) -> None:
    """Answers it, unless it needs none; a worker beside us may be the quicker one, and is waited for."""
    for _ in range(LOOKS_MAX):
        with house.store.session() as session:
            message = session.get_one(Message, message_id)
            speaker = session.get_one(Conversation, message.conversation_id).speaker
        if message.answered_at is not None or message.purpose != "question" or speaker == "agent":
            return
        if not isinstance(answer_waiting(message_id, house), Turn):
            time.sleep(LOOK_SECONDS)


def _queued(store: Store, since: UUID) -> list[UUID]:
    query = select(Message.id).where(Message.id > since, Message.delivery == "queued", Message.channel.in_(OUT))
    with store.session() as session:
        return list(session.scalars(query.order_by(Message.id)))


def _wait_for_others(store: Store, since: UUID) -> None:
    """A worker beside us may have claimed what we wrote."""
    query = select(Message.id).where(Message.id > since, Message.delivery == "sending", Message.channel.in_(OUT))
    for _ in range(LOOKS_MAX):
        with store.session() as session:
            if session.scalar(query.limit(1)) is None:
                return
        time.sleep(LOOK_SECONDS)


def _heard(session: Session, arrival: Arrival, sense: Sense) -> dict[str, Any] | None:
    """What was heard and who is thought to have said it; None where nothing was."""
    message = session.get(Message, arrival.message_id) if arrival.message_id else None
    if message is None or not isinstance(sense, Heard):
        return None
    thread = session.get_one(Conversation, message.conversation_id)
    identity = str(message.understanding.get("identity", thread.identity))
    # Whoever wrote the right code is proven from that message on.
    if thread.identity == "proven" and thread.address == message.address:
        identity = "proven"
    customer = session.get(Customer, thread.customer_id) if thread.customer_id and identity != "stranger" else None
    contact = session.get(Contact, message.contact_id) if message.contact_id else None
    automatic = sense.mail.automatic if sense.mail else None
    files = session.scalars(select(ReceivedFile).where(ReceivedFile.message_id == message.id).order_by(ReceivedFile.id))
    return {
        "channel": message.channel,
        "from": message.address,
        "text": message.text,
        "identity": identity,
        "customer": customer.ref if customer else None,
        "name": customer.name if customer else None,
        "contact": contact.name if contact and customer else None,
        "speaker": thread.speaker,
        "automatic": automatic.kind if automatic else None,
        "provider_answers": sense.provider_heard,
        "files": [{"name": one.name, "type": one.media_type, "refused": one.refused_why} for one in files],
    }


def _noted(session: Session, since: UUID) -> list[dict[str, Any]]:
    """What the trail gained meanwhile, and what was said about being written to."""
    lines = session.scalars(select(TrailLine).where(TrailLine.id > since).order_by(TrailLine.id))
    noted = [{"what": line.what, "why": line.why, "who": line.who} for line in lines if _is_news(line)]
    consents = session.scalars(select(Consent).where(Consent.id > since).order_by(Consent.id)).all()
    said = {(one.is_given, one.channel, one.purpose): one for one in consents}
    return noted + [
        {"what": f"{'may' if given else 'must not'} be written to by {NAMES.get(channel, channel)}: {purpose}",
         "why": one.words, "who": "customer"}
        for (given, channel, purpose), one in said.items()
    ]  # fmt: skip


def _is_news(line: TrailLine) -> bool:
    """What is shown below anyway, as the message or in the words of the consent, is not said twice."""
    return line.what not in ("message sent", "consent refused", "consent given")


def _sent(session: Session, arrival: Arrival, since: UUID) -> list[dict[str, Any]]:
    """What was written back, word for word; of a repeat, what was written the first time."""
    ours = Message.id > since
    if arrival.message_id is not None:
        ours |= Message.answers_id == arrival.message_id
    query = select(Message).where(ours, Message.direction == "out", Message.channel.in_(OUT)).order_by(Message.id)
    return [
        {
            "channel": one.channel,
            "to": one.address,
            "purpose": one.purpose,
            "subject": one.subject,
            "text": one.text,
            "state": one.delivery,
            "kept": one.carrier == "captured",
            "waits_until": one.not_before.isoformat() if one.not_before and one.delivery == "queued" else None,
            "why": one.waits_why or one.failed_why,
        }
        for one in session.scalars(query)
    ]
