"""Who at a customer is written to, on which channel and in which language."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.reminders.heard import ADDRESS_CHANNEL, purpose_of, refusals
from o2c_core.reminders.history import NO_HISTORY, History
from o2c_core.reminders.may_contact import Reach, Reason

ORDER = ("accounts_payable", "owner", "general", "operations")
# Nobody is asked for money in a chat window: who is there came with a question of their own.
CHANNELS = ("email", "sms")
# What a step of a ladder calls a channel, and what that is here: a chat that reaches somebody who is not on our page is
# WhatsApp, which is also what a text may be for who prefers it. A call is a person's, and no message.
_OF_LADDER = {"email": ("email",), "sms": ("sms", "whatsapp"), "whatsapp": ("whatsapp",), "chat": ("whatsapp",)}


@dataclass(frozen=True)
class Recipient:
    """The address that is written to, the channel it is reached by and the language it is written in; `name` is whose it
    is."""

    address: str
    language: str
    channel: str = "email"
    contact_id: UUID | None = None
    name: str | None = None


@dataclass(frozen=True)
class PassedOver:
    """An address that would have come first, and why it did not."""

    channel: str
    address: str
    reason: Reason


@dataclass(frozen=True)
class Choice:
    """Who is written to, and who would have come before them; without a recipient `reason` says why there is none."""

    recipient: Recipient | None
    passed_over: tuple[PassedOver, ...] = ()

    @property
    def reason(self) -> Reason | None:
        if self.recipient is not None:
            return None
        reasons = {passed.reason for passed in self.passed_over}
        return next((why for why in (Reason.OPTED_OUT, Reason.BOUNCED) if why in reasons), Reason.NO_ADDRESS)


def choose(
    customer: Customer,
    *,
    refused: Collection[tuple[str, str]] = (),
    on_whatsapp: Collection[str] = (),
    channels: Collection[str] | None = None,
    only: UUID | None = None,
    tried: Collection[tuple[str, str]] = (),
    order: Sequence[str] = CHANNELS,
    role: str = ORDER[0],
    history: History = NO_HISTORY,
) -> Choice:
    """The first usable address nobody refused, on the channel they prefer, else the one they last answered on, else in
    the `order` of the ladder's step, on no channel that is not in it.

    What a person prefers comes before what their customer does. Of those reached equally well `role` comes first, then
    accounts payable, owner, general and operations; of one person's addresses those where messages arrived. `refused` and
    `tried` are channels with addresses; `on_whatsapp` are the numbers that wrote there within the last day, which is when
    we may. `channels` replaces the order of channels, and `only` that contact counts.
    """
    passed: list[PassedOver] = []
    for recipient, is_usable in _candidates(customer, channels, only, _Wanted(order, role, history)):
        place = (recipient.channel, recipient.address)
        if place in tried:
            continue
        if recipient.channel == "whatsapp" and recipient.address not in on_whatsapp:
            why = Reason.WINDOW_CLOSED
        elif place in refused:
            why = Reason.OPTED_OUT
        elif not is_usable:
            why = Reason.BOUNCED
        else:
            return Choice(recipient, tuple(passed))
        passed.append(PassedOver(*place, why))
    return Choice(None, tuple(passed))


def next_recipient(session: Session, message: Message, tried: Collection[tuple[str, str]]) -> Recipient | None:
    """Who gets it instead when it does not arrive, for the same purpose; None when there is nobody else.

    A reminder or notice goes to the next address that may have it, by the customer's channels; a document only by
    email; an answer only to the person who asked. A code or a confirmation goes nowhere else. `tried` are channels with
    addresses; where the message itself went counts as tried.
    """
    places = {*tried, (message.channel, message.address or "")}
    thread = session.get_one(Conversation, message.conversation_id)
    if message.purpose not in ("reminder", "notice", "document", "answer"):
        return None
    customer = session.get(Customer, thread.customer_id) if thread.customer_id else None
    asker = message.contact_id or thread.contact_id
    if customer is None or (message.purpose == "answer" and asker is None):
        return _same_number(message, places)
    refused = refusals(session, customer.contacts, purpose_of(message.purpose))
    channels = {"document": ("email",), "answer": CHANNELS}.get(message.purpose)
    only = asker if message.purpose == "answer" else None
    found = choose(customer, refused=refused, channels=channels, only=only, tried=places).recipient
    if found is None or message.purpose == "reminder" or message.language is None:
        return found
    return replace(found, language=message.language)


def _same_number(message: Message, tried: Collection[tuple[str, str]]) -> Recipient | None:
    """A text to the number that wrote on WhatsApp: somebody we do not know is still the one who asked."""
    if message.channel != "whatsapp" or message.address is None or ("sms", message.address) in tried:
        return None
    return Recipient(message.address, _language(message.language), "sms", message.contact_id)


def recipient_of(
    customer: Customer, channel: str = "email", *, refused: Collection[str] = (), only: str | None = None
) -> Recipient | None:
    """The first usable address of that channel nobody refused; with `only`, that one or none."""
    others = {
        (channel, address.value)
        for contact in customer.contacts
        for address in contact.addresses
        if only is not None and address.value != only
    }
    refused_there = {(channel, address) for address in refused}
    return choose(customer, refused=refused_there, channels=(channel,), tried=others).recipient


def reach(contacts: Iterable[Contact], only: str | None = None, channel: str = "email") -> Reach:
    """Whether any address of the channel (or that `only` one) is usable, all of them failed, or there is none."""
    kind = ADDRESS_CHANNEL[channel]
    usable = [
        address.is_usable
        for contact in contacts
        for address in contact.addresses
        if address.channel == kind and only in (None, address.value)
    ]
    if not usable:
        return "none"
    return "usable" if any(usable) else "failed"


@dataclass(frozen=True)
class _Wanted:
    """What a step of a ladder asks for, and what worked before."""

    order: Sequence[str]
    role: str
    history: History

    def channels_of(self, contact: Contact, customer: Customer) -> list[str]:
        """In which order that person is tried: their wish, their customer's, where they last answered, the step's."""
        may = {here for name in self.order for here in _OF_LADDER.get(name, ())}
        replied = self.history.replied
        answered = (
            replied[0]
            if replied is not None
            and any((replied[0], one.value) == replied for one in contact.addresses if one.is_usable)
            else None
        )
        wishes = (contact.preferred_channel, customer.preferred_channel, answered)
        usual = [_OF_LADDER[name][0] for name in self.order if name in _OF_LADDER]
        return list(dict.fromkeys([*(wish for wish in wishes if wish in may), *usual]))


def call_number(customer: Customer, role: str = ORDER[0]) -> tuple[Contact, str] | None:
    """Who of the customer is called, and on which number; None where there is none that works."""
    for contact in _people(customer, role):
        for address in contact.addresses:
            if address.channel == "sms" and address.is_usable:
                return contact, address.value
    return None


def _people(customer: Customer, role: str) -> list[Contact]:
    return sorted(customer.contacts, key=lambda contact: -1 if contact.role == role else ORDER.index(contact.role))


def _candidates(
    customer: Customer, channels: Collection[str] | None, only: UUID | None, wanted: _Wanted
) -> Iterator[tuple[Recipient, bool]]:
    ways = [
        (rank, contact, channel)
        for contact in _people(customer, wanted.role)
        if only in (None, contact.id)
        for rank, channel in enumerate(channels or wanted.channels_of(contact, customer))
    ]
    worked = wanted.history.delivered
    for _, contact, channel in sorted(ways, key=lambda one: one[0]):
        there = [address for address in contact.addresses if address.channel == ADDRESS_CHANNEL[channel]]
        if len(there) > 1 and worked:
            there.sort(key=lambda address: (channel, address.value) not in worked)
        for address in there:
            language = _language(contact.language, customer.language)
            yield Recipient(address.value, language, channel, contact.id, contact.name), address.is_usable


def _language(*wishes: str | None) -> str:
    return next((wish for wish in wishes if wish in LANGUAGES), "en")
