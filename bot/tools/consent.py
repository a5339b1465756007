"""Somebody wants no more reminders: recorded for the person on the desk, and what was recorded is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select

from bot.desk import Desk
from bot.tools.contact_words import wants_again
from bot.tools.people import call_person
from bot.tools.tool import Done, Tool
from o2c_core.actions.set_preferences import Chosen, set_preferences
from o2c_core.actions.stop_writing import stop_writing
from o2c_core.conversations.proposal import Proposal
from o2c_core.customers.contact import Contact
from o2c_core.customers.wishes import wishes_of
from o2c_core.errors import NotFound

CHANNELS = ("email", "sms", "whatsapp")
_NAMED = {
    "email": re.compile(
        r"\b(?:e-?mail(?:s|tje|tjes|ing|ings)?|mail(?:s|tje|tjes|ings?)?|courriels?|newsletters?|nieuwsbrie\w+)\b",
        re.IGNORECASE,
    ),
    "sms": re.compile(r"\b(?:sms\w*|sms'\w+|texts?|texting|textos?|tekstberichten|textnachrichten)\b", re.IGNORECASE),
    "whatsapp": re.compile(r"\b(?:whats?app\w*|app(?:je|jes|en))\b", re.IGNORECASE),
}
_EVERYTHING = re.compile(
    r"\b(?:all|everything|any|at all|alles|alle|helemaal|allemaal|nergens|überhaupt|jegliche|tout|tous|toutes|aucun|aucune)\b",
    re.IGNORECASE,
)


def opt_out(desk: Desk) -> str:
    """Stops reminders and offers on the channels that were named, else on the one this was written on."""
    if wants_again(desk.words):
        return offer_again(desk)
    if not desk.asks_for("opt_out"):
        return call_person(desk, "contact_unclear", "may want no more messages; their words do not say so plainly")
    # Whoever writes in somebody else's thread speaks for themselves.
    contact_id = desk.contact_id if desk.known_customer is not None else None
    if contact_id is None and desk.customer is not None:
        with desk.store.session() as session:
            query = select(Contact.id).where(Contact.customer_id == desk.customer.id).limit(2)
            people = list(session.scalars(query))
        if len(people) > 1:
            return _whose(desk)
        contact_id = people[0] if people else None
    if contact_id is None:
        return desk.say("opt_out.stranger")
    return _stopped(desk, contact_id, channels_meant(desk.words, desk.channel))


def channels_meant(words: str, written_on: str) -> tuple[str, ...]:
    """The channels that the words name; without a name the one they came by, and all of them from a chat, which has none."""
    named = tuple(channel for channel in CHANNELS if _NAMED[channel].search(words))
    if named:
        return named
    return (written_on,) if written_on in CHANNELS and not _EVERYTHING.search(words) else CHANNELS


def _stopped(desk: Desk, contact_id: UUID, channels: tuple[str, ...]) -> str:
    stopped = stop_writing(
        contact_id, channels, words=desk.words, how="in conversation", message_id=desk.message_id, store=desk.store
    )
    if not stopped:
        return desk.say("opt_out.nothing")
    return desk.say("opt_out.stopped", channels=_joined(desk, stopped, contact_id))


def _whose(desk: Desk) -> str:
    """At a company, one person's wish does not silence the others; who is meant is for a colleague to ask."""
    call_person(desk, "contact_unclear", "wants no more reminders; which contact it is about is not known")
    return desk.say("opt_out.whose")


def offer_again(desk: Desk) -> str:
    """Offers to send reminders again where they were stopped; only who is proven may say so."""
    if desk.customer is None:
        return desk.say("who_are_you")
    with desk.store.session() as session:
        people = list(session.scalars(select(Contact).where(Contact.customer_id == desk.customer.id)))
        own = [one for one in people if one.id == desk.contact_id] or (people if len(people) == 1 else [])
        if not own:
            return _whose(desk)
        wishes = [wish for wish in wishes_of(session, own[0]) if wish.purpose == "reminders"]
    stopped = [wish.channel for wish in wishes if not wish.is_given]
    named = [channel for channel in CHANNELS if _NAMED[channel].search(desk.words) and channel in stopped]
    if not stopped:
        return desk.say("opt_out.not_stopped")
    channels = named or stopped
    arguments = {"what": "reminders", "channels": channels, "contact": str(own[0].id), "words": desk.words}
    return desk.offer(
        "change_contact", arguments, desk.say("opt_out.again", channels=_joined(desk, channels, own[0].id))
    )


def again(desk: Desk, proposal: Proposal) -> Done:
    """Reminders on those channels from now on, with the words they asked for them in."""
    arguments, contact_id = proposal.arguments, UUID(proposal.arguments["contact"])
    chosen = [Chosen(channel, "reminders", True, arguments["words"]) for channel in arguments["channels"]]
    try:
        set_preferences(contact_id, chosen, how="in conversation", store=desk.store)
    except NotFound:
        return Done(desk.say("opt_out.nothing"), {"refused": "NotFound"}, is_refused=True)
    says = desk.say("opt_out.again_noted", channels=_joined(desk, arguments["channels"], contact_id))
    return Done(says, {"channels": arguments["channels"]})


def _joined(desk: Desk, channels: Sequence[str], contact_id: UUID) -> str:
    """The place of the channels' names, as a list in words."""
    names = [desk.word(f"opt_out.channels.{channel}") for channel in channels]
    joined = f" {desk.word('opt_out.and')} ".join([", ".join(names[:-1]), names[-1]] if names[1:] else names)
    return desk.facts.text(joined, f"consent of contact {contact_id}")


TOOLS = (Tool("opt_out", "Record that they want no more reminders or messages.", opt_out, needs="stranger"),)
