"""Changing a writer's own email address or phone number, language or channel; and hearing that they are the wrong person."""

from __future__ import annotations

import re
from uuid import UUID

from bot import wording
from bot.desk import Desk
from bot.tools.consent import again, offer_again
from bot.tools.contact_words import (
    channel_wished,
    field_named,
    is_about_bank,
    is_about_company,
    is_about_somebody,
    is_adding,
    is_gone,
    language_wished,
    wants_again,
)
from bot.tools.invoices import customer_of
from bot.tools.people import call_person
from bot.tools.tool import Deed, Done, OfWords, Tool
from o2c_core.actions.note_contact_wish import NoAddressThere, note_contact_wish
from o2c_core.actions.note_wrong_contact import note_wrong_contact
from o2c_core.actions.send_code import Change, NoAddressForCode, TooManyCodes, send_code
from o2c_core.conversations.proposal import Proposal
from o2c_core.customers.contact import Address, Contact, NotAnAddress, tidy_email, tidy_phone
from o2c_core.customers.customer import Customer
from o2c_core.customers.masked import masked
from o2c_core.errors import NotFound

INTENT = "update_contact"
AT_ADDRESSES = ("email", "sms", "whatsapp")
_KIND = {"email": "email", "sms": "phone"}


def update_contact(desk: Desk, words: str | None) -> str:  # noqa: ARG001 (their own words count)
    """Offers the change where it is the writer's own and can be proven by a code; anything else is for a person."""
    said = desk.words
    if desk.mentions.ibans or is_about_bank(said):
        call_person(
            desk, "contact_unclear", "speaks of bank details of theirs; check them by a contact we already know"
        )
        return desk.say("contact.bank")
    if wants_again(said):
        return offer_again(desk)
    with desk.store.session() as session:
        customer = session.get_one(Customer, customer_of(desk))
        contact = _contact_meant(desk, customer)
        named = _new_ones(desk, customer)
        if is_about_somebody(said) or is_about_company(said) or _names_colleague(customer, contact, said):
            call_person(desk, "contact_unclear", "wants details changed that a person has to check")
            return desk.say("contact.person")
        if not named:
            return _without_value(desk, contact, customer)
        if contact is None or len(named) > 1:
            call_person(desk, "contact_unclear", "wants an address changed; whose or which is not clear")
            return desk.say("contact.unclear")
        return _offer_address(desk, contact, *named[0])


def _contact_meant(desk: Desk, customer: Customer) -> Contact | None:
    """Who writes: as the conversation knows, else whose old address stands in the words, else the only one there is."""
    people = list(customer.contacts)
    own = [one for one in people if one.id == desk.contact_id]
    own = own or [
        one for one in people if {address.value for address in one.addresses} & _said_addresses(desk, customer)
    ]
    own = own or (people if len(people) == 1 else [])
    return own[0] if len(own) == 1 else None


def _said_addresses(desk: Desk, customer: Customer) -> set[str]:
    return {value for _, value in _tidied(desk, customer)}


def _tidied(desk: Desk, customer: Customer) -> list[tuple[str, str]]:
    """The addresses and numbers in the words as they would be kept; what can be neither is left out."""
    found: dict[tuple[str, str], None] = {}
    for channel, values in (("email", desk.mentions.emails), ("sms", desk.mentions.phones)):
        for value in values:
            try:
                kept = tidy_email(value) if channel == "email" else tidy_phone(value, customer.country)
            except NotAnAddress:
                continue
            found[channel, kept] = None
    return list(found)


def _new_ones(desk: Desk, customer: Customer) -> list[tuple[str, str]]:
    """Those that are on record nowhere at this customer: of "old …, new …" the new one."""
    known = {(address.channel, address.value) for contact in customer.contacts for address in contact.addresses}
    return [one for one in _tidied(desk, customer) if one not in known]


def _names_colleague(customer: Customer, contact: Contact | None, words: str) -> bool:
    """Whether the words name somebody else at the customer."""
    others = [one.name for one in customer.contacts if contact is None or one.id != contact.id]
    parts = {part.lower() for name in others for part in re.findall(r"[^\W\d_]{3,}", name)}
    own = {part.lower() for part in re.findall(r"[^\W\d_]{3,}", contact.name)} if contact else set()
    return bool((parts - own) & set(re.findall(r"[^\W\d_]{3,}", re.sub(r"\S+@\S+", " ", words.lower()))))


def _without_value(desk: Desk, contact: Contact | None, customer: Customer) -> str:
    """A language, a channel, or something of which the new value is still to be said."""
    if _tidied(desk, customer):
        return desk.say("contact.known")
    if desk.mentions.emails or desk.mentions.phones:
        return _ask(desk, field_named(desk.words), "contact.not_an_address")
    language, channel = language_wished(desk.words), channel_wished(desk.words)
    if language == "other":
        return desk.say("contact.language_other")
    if contact is not None and language is not None:
        name = desk.facts.text(desk.word(f"contact.languages.{language}"), "the customer's words")
        arguments = {"what": "language", "language": language, "contact": str(contact.id)}
        return desk.offer("change_contact", arguments, desk.say("contact.language", language=name))
    if contact is not None and channel is not None:
        return _offer_channel(desk, contact, channel)
    field = field_named(desk.words) or desk.earlier(INTENT).get("field")
    return _ask(desk, field, f"contact.which_{field}" if field in ("email", "phone") else "contact.what")


def _ask(desk: Desk, field: str | None, key: str) -> str:
    """Asks for the new value once; who then names none again is not asked for ever."""
    if desk.before.asked == INTENT:
        call_person(desk, "contact_unclear", "wants details changed; what they are to be could not be read")
        return desk.say("contact.unclear")
    return desk.ask_for(INTENT, {"field": field, "is_gone": is_gone(desk.words)}, desk.say(key))


def _offer_channel(desk: Desk, contact: Contact, channel: str) -> str:
    name = desk.facts.text(desk.word(f"opt_out.channels.{channel}"), "the customer's words")
    if not any(
        one.channel == ("email" if channel == "email" else "sms") and one.is_usable for one in contact.addresses
    ):
        return _ask(
            desk, "email" if channel == "email" else "phone", f"contact.no_{'email' if channel == 'email' else 'phone'}"
        )
    arguments = {"what": "channel", "channel": channel, "contact": str(contact.id)}
    return desk.offer("change_contact", arguments, desk.say("contact.channel", channel=name))


def _offer_address(desk: Desk, contact: Contact, channel: str, value: str) -> str:
    """The change as it will be made; a person makes it where no code can be sent to what is on record."""
    old = None if is_adding(desk.words) else _old(desk, contact, channel)
    code_to = old or _reachable(contact)
    if desk.doorplate is None or code_to is None or not code_to.is_usable or _is_gone(desk):
        call_person(desk, "contact_unclear", "wants an address changed, and no code can be sent to the old one")
        return desk.say("contact.verify")
    kind = _KIND[channel]
    places = {
        "new": desk.facts.text(value, "the customer's words"),
        "old": desk.facts.text(masked(code_to.value), f"address of contact {contact.id}"),
    }
    arguments = {
        "what": "address", "channel": channel, "new": value, "old": str(old.id) if old else None,
        "code_to": str(code_to.id), "shown": masked(code_to.value), "contact": str(contact.id),
    }  # fmt: skip
    return desk.offer("change_contact", arguments, desk.say(f"contact.{'change' if old else 'add'}_{kind}", **places))


def _is_gone(desk: Desk) -> bool:
    return is_gone(desk.words) or bool(desk.earlier(INTENT).get("is_gone"))


def _old(desk: Desk, contact: Contact, channel: str) -> Address | None:
    """The address that is replaced: the one that is named, else the one they write from, else one they have shown to read."""
    there = [one for one in contact.addresses if one.channel == channel]
    named = {*desk.mentions.emails, *desk.mentions.phones}
    there.sort(key=lambda one: (one.value not in named, one.value != desk.address, one.verified_at is None))
    return there[0] if there else None


def _reachable(contact: Contact) -> Address | None:
    usable = [one for one in contact.addresses if one.is_usable]
    return min(usable, key=lambda one: one.verified_at is None, default=None)


def _change(desk: Desk, proposal: Proposal) -> Done:
    """What takes a code waits for it; a wish about language, channel or reminders is noted at once."""
    arguments = proposal.arguments
    if arguments["what"] == "address":
        return _send_code(desk, proposal)
    if arguments["what"] == "reminders":
        return again(desk, proposal)
    contact_id = UUID(arguments["contact"])
    language, channel = arguments.get("language"), arguments.get("channel")
    try:
        note_contact_wish(
            contact_id, proposal.customer_id, store=desk.store, language=language, channel=channel,
            message_id=proposal.message_id,
        )  # fmt: skip
    except (NotFound, NoAddressThere) as refused:
        return _to_person(desk, "a wish about their contact could not be noted", refused)
    return Done(desk.say(f"contact.{arguments['what']}_noted"), {arguments["what"]: language or channel})


def _send_code(desk: Desk, proposal: Proposal) -> Done:
    arguments = proposal.arguments
    if desk.doorplate is None:
        return _to_person(desk, "no code can be sent", NoAddressForCode())
    with desk.store.session() as session:
        contact = session.get(Contact, UUID(arguments["contact"]))
        language = (contact.language if contact else None) or desk.language
    values = {"seller": desk.seller.name, "new": arguments["new"]}
    try:
        send_code(
            desk.conversation_id, proposal.customer_id, store=desk.store, key=desk.doorplate.key,
            written=lambda code: _filled("contact.code_text", language, code=code, **values),
            subject=_filled("identity.code_subject", language, seller=desk.seller.name), language=language,
            for_change=Change(proposal.id, UUID(arguments["code_to"])),
        )  # fmt: skip
    except TooManyCodes as refused:
        return Done(desk.say("contact.too_many"), {"refused": type(refused).__name__}, is_refused=True)
    except NoAddressForCode as refused:
        return _to_person(desk, "the address the code was to go to is gone", refused)
    old = desk.facts.text(arguments["shown"], f"address of contact {arguments['contact']}")
    return Done(desk.say("contact.code_sent", old=old), {"awaits": "code"})


def _filled(key: str, language: str, **values: str) -> str:
    """The sentence of a message of its own, with the values in their places: no answer, so no facts."""
    sentence = wording.say(key, language, **{name: name for name in values})
    return re.sub(r"\{(\w+)\}", lambda place: values[place[1]], sentence)


def _to_person(desk: Desk, why: str, refused: Exception) -> Done:
    call_person(desk, "contact_unclear", why)
    return Done(desk.say("contact.verify"), {"refused": type(refused).__name__}, is_refused=True)


def wrong_contact(desk: Desk, words: str | None) -> str:  # noqa: ARG001 (their own words count)
    """Who is not the one we look for is left alone from now on, without having to confirm anything; nothing is told."""
    is_asked = desk.asks_for("wrong_contact")
    if is_asked and desk.known_customer is not None and desk.channel in AT_ADDRESSES and desk.address is not None:
        try:
            note_wrong_contact(
                desk.seller.id,
                desk.channel,
                desk.address,
                words=desk.words,
                message_id=desk.message_id,
                store=desk.store,
            )
        except NotFound:
            pass  # the address was taken off the record meanwhile; a person looks all the same
        else:
            return desk.say("contact.wrong_noted")
    call_person(desk, "contact_unclear", "says that we write to the wrong person")
    return desk.say("contact.wrong_person")


TOOLS = (
    Tool(
        "update_contact",
        "Offer to change the writer's own email, phone, language or channel.",
        update_contact,
        OfWords,
        acts=True,
    ),
    Tool(
        "wrong_contact", "Record that whoever writes is not who we look for.", wrong_contact, OfWords, needs="stranger"
    ),
)
DEEDS: dict[str, Deed] = {"change_contact": _change}
