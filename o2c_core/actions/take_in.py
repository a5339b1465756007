"""Take in what arrived at a door: make sense of it once, keep what it says, and ask for the answer it needs."""

from __future__ import annotations

import logging
import traceback
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Literal
from uuid import UUID

from sqlalchemy import exists, func, select, update
from sqlalchemy.orm import Session

from o2c_core.actions.note_word import note_word
from o2c_core.conversations.answer_form import reply_subject
from o2c_core.conversations.arrival import Arrival
from o2c_core.conversations.confirming import confirmation
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.handoff import hand_over
from o2c_core.conversations.heard import Heard, Noise, Sense, Word
from o2c_core.conversations.hearing import Kept, keep_heard
from o2c_core.conversations.mail_words import bounced_words, note_automatic
from o2c_core.conversations.message import Message
from o2c_core.conversations.notice import queue_notice
from o2c_core.conversations.preference_links import preferences_url
from o2c_core.conversations.routing import Writer, hold_writer, named_thread, seller_for, writers_of
from o2c_core.conversations.tasks import open_task
from o2c_core.conversations.whole import whole_heard
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.customers.stop_words import heard_in, is_mere_yes, is_only, language_said_in
from o2c_core.errors import NotFound, Outage
from o2c_core.reminders.consenting import hear, is_stopped
from o2c_core.reminders.thread import reminded_of
from o2c_core.reminders.withdraw import withdraw_overtaken
from o2c_core.store.jobs import ask_for
from o2c_core.store.store import Store

log = logging.getLogger("parley.take_in")
TRIES_MAX = 5
# A word may be quicker than our own note of the message it is about; after this many looks it is about none of ours.
UNKNOWN_LOOKS_MAX = 3
CONFIRMED_FOR = timedelta(days=1)

Said = Literal["stop", "start", "help"]
Read = Callable[[Arrival], Sense]


class NoSuchArrival(NotFound):
    """There is no such arrival."""


class NobodysMessage(NotFound):
    """It is not clear which seller this message is for: none has the address it was sent to."""


def take_in(arrival_id: UUID, *, store: Store, read: Read, doorplate: Doorplate) -> str:
    """Makes of a waiting arrival what it says, and returns the state it is in afterwards: done, set_aside or waiting.

    What fails stays waiting and is tried again by the sweep; after five tries it is set aside and people are asked to
    look. The try is counted before anything is read, so that what ends the process is noticed too.

    Raises: NoSuchArrival; Outage, with the arrival still waiting.
    """
    arrival, state = _begin(arrival_id, store)
    if arrival is None:
        return state
    if arrival.tries > TRIES_MAX:
        return _set_aside(arrival_id, arrival.why or "could not be read", store, for_people=True)
    try:
        sense = read(arrival)
        if isinstance(sense, Noise):
            return _set_aside(arrival_id, sense.why, store)
        if isinstance(sense, Word):
            return _word(arrival, sense, store, doorplate)
        return _heard(arrival, whole_heard(sense), store, doorplate)
    except Outage:
        raise
    except NobodysMessage as nobodys:
        return _set_aside(arrival_id, nobodys.sentence, store, for_people=True)
    except Exception as broken:
        # The kind of failure and where, and no more: its words may be the sender's.
        why = f"could not be taken in: {type(broken).__name__}"
        at = traceback.extract_tb(broken.__traceback__)[-1]
        log.error("arrival=%s try=%s %s at %s:%s", arrival_id, arrival.tries, why, at.name, at.lineno)
        if arrival.tries >= TRIES_MAX:
            return _set_aside(arrival_id, why, store, for_people=True)
        return _put_back(arrival_id, why, store)


def _begin(arrival_id: UUID, store: Store) -> tuple[Arrival | None, str]:
    """The arrival with one more try counted when it waits, and else only the state it is in."""
    with store.session() as session:
        arrival = session.scalars(
            update(Arrival)
            .where(Arrival.id == arrival_id, Arrival.state == "waiting")
            .values(tries=Arrival.tries + 1)
            .returning(Arrival)
        ).one_or_none()
        if arrival is not None:
            session.commit()
            return arrival, "waiting"
        state = session.scalar(select(Arrival.state).where(Arrival.id == arrival_id))
    if state is None:
        raise NoSuchArrival(arrival=str(arrival_id))
    return None, state


def _waiting(session: Session, arrival_id: UUID) -> Arrival | None:
    """The arrival, held until the transaction ends; None when somebody else was faster."""
    query = select(Arrival).where(Arrival.id == arrival_id, Arrival.state == "waiting")
    return session.scalars(query.with_for_update().execution_options(populate_existing=True)).one_or_none()


def _settle(arrival: Arrival, state: str, now: datetime, *, why: str | None = None, message: UUID | None = None) -> str:
    arrival.state = state
    arrival.why = why
    arrival.message_id = message
    arrival.settled_at = now
    return state


def _set_aside(arrival_id: UUID, why: str, store: Store, *, for_people: bool = False) -> str:
    now = store.clock.now()
    with store.session() as session:
        arrival = _waiting(session, arrival_id)
        if arrival is None:
            return "done"
        _settle(arrival, "set_aside", now, why=why)
        if for_people:
            open_task(
                session, "review", f"arrival {arrival_id}", why, at=now, seller_id=_only_seller(session),
                provider=arrival.provider, channel=arrival.channel,
            )  # fmt: skip
        session.commit()
    return "set_aside"


def _put_back(arrival_id: UUID, why: str, store: Store) -> str:
    with store.session() as session:
        session.execute(update(Arrival).where(Arrival.id == arrival_id, Arrival.state == "waiting").values(why=why))
        session.commit()
    return "waiting"


def _only_seller(session: Session) -> UUID | None:
    sellers = session.scalars(select(Seller.id).limit(2)).all()
    return sellers[0] if len(sellers) == 1 else None


def _word(arrival: Arrival, word: Word, store: Store, doorplate: Doorplate) -> str:
    """A word said twice changes nothing, so it is noted first and the arrival settled after."""
    state = note_word(word, store=store, doorplate=doorplate)
    if state == "unknown" and arrival.tries < UNKNOWN_LOOKS_MAX:
        return _put_back(arrival.id, "about no message that is known yet", store)
    now = store.clock.now()
    with store.session() as session:
        held = _waiting(session, arrival.id)
        if held is not None:
            if state == "unknown":
                _settle(held, "set_aside", now, why="about no message of ours")
            else:
                _settle(held, "done", now, message=_message_of(session, word))
            session.commit()
            return held.state
    return "done"


def _message_of(session: Session, word: Word) -> UUID | None:
    if word.message_id is not None:
        return session.scalar(select(Message.id).where(Message.id == word.message_id))
    query = select(Message.id).where(Message.carrier == word.carrier, Message.carrier_key == word.carrier_key)
    return session.scalars(query.limit(1)).one_or_none()


def _heard(arrival: Arrival, heard: Heard, store: Store, doorplate: Doorplate) -> str:
    for word in _bounced(heard, store):
        note_word(word, store=store, doorplate=doorplate)
    now = store.clock.now()
    with store.session() as session:
        hold_writer(session, heard.channel, heard.from_address)
        held = _waiting(session, arrival.id)
        if held is None:
            return "done"
        thread = named_thread(session, heard.mail)
        seller_id = seller_for(session, heard, thread)
        if seller_id is None:
            raise NobodysMessage(arrival=str(arrival.id))
        writers = writers_of(session, seller_id, heard.channel, heard.from_address)
        customers = {writer.customer_id for writer in writers}
        about = reminded_of(session, customers, f"{heard.mail.subject if heard.mail else ''}\n{heard.text}")
        threads = [one for one in (thread, about) if one is not None]
        before = _stored(session, heard)
        if before is not None:
            _settle(held, "done", now, why="came before", message=before)
            session.commit()
            return "done"
        kept = keep_heard(session, heard, seller_id, writers, threads=threads, arrival_id=arrival.id, now=now)
        if kept.hid_card:
            # A card number must not stay in what came in either. Source: PCI DSS 4.0 requirement 3.3.
            held.raw, held.payload = None, {}
        _settle(held, "done", now, message=kept.message_id)
        session.flush()
        if heard.mail is not None and heard.mail.automatic is not None:
            note_automatic(session, kept, heard.mail.automatic, now)
            if kept.customer_id is not None:
                withdraw_overtaken(session, kept.customer_id, now)
        elif heard.mail is not None and not heard.mail.may_answer:
            hand_over(
                session, kept.conversation, "no_automatic_answer", at=now, who="system",
                message_id=kept.message_id, instead_of_answering=True,
            )  # fmt: skip
        elif _needs_answer(session, heard, kept, writers, doorplate, now):
            ask_for(session, "answer", message_id=str(kept.message_id))
        session.commit()
    return "done"


def _bounced(heard: Heard, store: Store) -> list[Word]:
    if heard.mail is None or heard.mail.automatic is None or not heard.mail.automatic.bounced:
        return []
    with store.session() as session:
        return bounced_words(session, heard.key, heard.mail.automatic)


def _stored(session: Session, heard: Heard) -> UUID | None:
    return session.scalar(
        select(Message.id).where(Message.channel == heard.channel, Message.sender_key == heard.key)
    )  # fmt: skip


def _needs_answer(
    session: Session, heard: Heard, kept: Kept, writers: list[Writer], doorplate: Doorplate, now: datetime
) -> bool:
    """Hears a stop, start or help in it, and says whether there is anything left for the assistant to answer.

    What the provider recognised it has answered itself; of anything else we confirm once what was noted.
    """
    said = heard.provider_heard or heard_in(kept.text, channel=heard.channel)
    contacts = tuple(dict.fromkeys(writer.contact_id for writer in writers))
    was_stopped = said is not None and is_stopped(session, heard.channel, heard.from_address, contacts)
    if said == "start" and is_mere_yes(kept.text) and not was_stopped:
        said = None
    if said is not None:
        hear(
            session, said, channel=heard.channel, address=heard.from_address, contact_ids=contacts, words=kept.text or said,
            how=f"a message by {heard.channel}", message_id=kept.message_id, now=now,
        )  # fmt: skip
        is_whole = heard.provider_heard is not None or is_only(kept.text, channel=heard.channel)
        confirmed = None
        is_known = said == "stop" and was_stopped and _confirmed_before(session, heard, now)
        if heard.provider_heard is None and not is_known:
            confirmed = _confirm(session, said, heard, kept, doorplate, now, is_whole=is_whole)
        if is_whole:
            session.execute(
                update(Message)
                .where(Message.id == kept.message_id)
                .values(answered_at=now, answered_by_id=confirmed)
                .execution_options(synchronize_session=False)
            )
            return False
    return kept.conversation.speaker == "assistant"


def _confirmed_before(session: Session, heard: Heard, now: datetime) -> bool:
    """Whether that address was told so within a day: who says stop to that as well may be a machine."""
    told = exists().where(
        Message.channel == heard.channel, Message.address == heard.from_address, Message.purpose == "confirmation",
        Message.created_at > now - CONFIRMED_FOR, Message.delivery.not_in(("failed", "withdrawn")),
    )  # fmt: skip
    return bool(session.scalar(select(told)))


def _confirm(
    session: Session, said: Said, heard: Heard, kept: Kept, doorplate: Doorplate, now: datetime, *, is_whole: bool
) -> UUID:
    seller = session.get_one(Seller, kept.conversation.seller_id)
    language = language_said_in(kept.text) or _language(session, kept, seller)
    link = preferences_url(
        doorplate, contact_id=kept.contact_id, channel=heard.channel, address=heard.from_address
    )  # fmt: skip
    words = confirmation(said, language, seller.name, channel=heard.channel, link=link)
    subject = reply_subject(heard.mail.subject if heard.mail else None, seller.name)
    return queue_notice(
        session, kept.conversation, words, channel=heard.channel, address=heard.from_address,
        contact_id=kept.contact_id, language=language, now=now, answers_id=kept.message_id if is_whole else None,
        subject=subject if heard.channel == "email" else None, purpose="confirmation",
    )  # fmt: skip


def _language(session: Session, kept: Kept, seller: Seller) -> str:
    """The conversation's language, else the writer's, else the seller's."""
    theirs = None
    if kept.contact_id is not None:
        theirs = session.scalar(
            select(func.coalesce(Contact.language, Customer.language))
            .join(Customer, Customer.id == Contact.customer_id)
            .where(Contact.id == kept.contact_id)
        )
    return kept.conversation.language or theirs or seller.language
