"""Who at a customer is told of a step: by what they are there for, where they can be reached, and if they want it."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.informing.informed import InformingWish
from o2c_core.informing.step import STEPS, Informing
from o2c_core.informing.why_not import WhyNot
from o2c_core.reminders.answer import Reason
from o2c_core.reminders.heard import Place, refusals, whatsapp_at
from o2c_core.reminders.may_contact import ASKED_HOURS
from o2c_core.reminders.recipient import Recipient, choose
from o2c_core.store.many import is_one_of

# Who takes goods in hears of goods, who pays hears of money; where there is nobody for it, whoever is nearest to it.
ORDER = {
    "operations": ("operations", "general", "owner", "accounts_payable"),
    "accounts_payable": ("accounts_payable", "owner", "general", "operations"),
}
# A document goes by mail; somebody without an address for mail is told in a text where it is.
_DOCUMENT_CHANNELS = ("email", "sms")


@dataclass(frozen=True)
class People:
    """What is known of a customer's people that bears on telling them."""

    customer: Customer
    wishes: Mapping[tuple[UUID | None, str], bool]
    refused: Collection[Place]
    on_whatsapp: Collection[str]

    def wish(self, contact: Contact, step: str) -> bool | None:
        """Their own word, else the customer's; None where nobody said anything."""
        return self.wishes.get((contact.id, step), self.wishes.get((None, step)))


def people_of(session: Session, customer: Customer, now: datetime) -> People:
    return people_of_all(session, [customer], now)[customer.id]


def people_of_all(session: Session, customers: Sequence[Customer], now: datetime) -> Mapping[UUID, People]:
    """What is known of the people of each of those customers, looked up at once."""
    wishes: dict[UUID, dict[tuple[UUID | None, str], bool]] = {customer.id: {} for customer in customers}
    for one in session.scalars(select(InformingWish).where(is_one_of(InformingWish.customer_id, wishes))):
        wishes[one.customer_id][one.contact_id, one.step] = one.is_on
    everybody = [contact for customer in customers for contact in customer.contacts]
    refused = set(refusals(session, everybody, "service"))
    return {
        customer.id: People(customer, wishes[customer.id], refused, _on_whatsapp(session, customer, now))
        for customer in customers
    }


def _on_whatsapp(session: Session, customer: Customer, now: datetime) -> set[str]:
    """The phone numbers that wrote on WhatsApp so lately that they may be written to there; nobody prefers it, none."""
    prefers = {customer.preferred_channel, *(contact.preferred_channel for contact in customer.contacts)}
    if "whatsapp" not in prefers:
        return set()
    phones = {
        address.value for contact in customer.contacts for address in contact.addresses if address.channel == "sms"
    }
    lately = now - timedelta(hours=ASKED_HOURS)
    wrote = {phone: whatsapp_at(session, phone) for phone in phones}
    return {phone for phone, at in wrote.items() if at is not None and at > lately}


def to_whom(people: People, step: str, settings: Informing) -> Recipient | WhyNot:
    """The one who is told, or why nobody is.

    The first who can be reached says what their side hears: where accounts payable wants no thanks, the owner gets none in
    their place. What is only for who asks for it goes to whoever asked.
    """
    if people.customer.erased_at is not None:
        return WhyNot.ERASED
    if people.customer.is_walk_in:
        return WhyNot.WALK_IN
    if settings.switch(step) == "off":
        return WhyNot.OFF
    ranks = ORDER[STEPS[step].audience]
    contacts = sorted(people.customer.contacts, key=lambda contact: ranks.index(contact.role))
    reached: list[tuple[Contact, Recipient]] = []
    reasons = set()
    for contact in contacts:
        choice = choose(
            people.customer,
            refused=people.refused,
            on_whatsapp=people.on_whatsapp,
            channels=_DOCUMENT_CHANNELS if step == "invoice_issued" else None,
            only=contact.id,
        )
        reasons.add(choice.reason)
        if choice.recipient is not None:
            reached.append((contact, choice.recipient))
    if not reached:
        return next(
            (why for said, why in _UNREACHED.items() if said in reasons),
            WhyNot.NO_ADDRESS,
        )
    asked = [found for contact, found in reached if people.wish(contact, step)]
    side = [found for contact, found in reached if contact.role == reached[0][0].role
            and settings.is_wanted(step, people.wish(contact, step))]  # fmt: skip
    return next(iter(asked or side), WhyNot.NOT_WANTED)


_UNREACHED = {Reason.OPTED_OUT: WhyNot.OPTED_OUT, Reason.BOUNCED: WhyNot.BOUNCED}
