"""The conversations that news goes into, for many customers at once."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, Text, any_, literal, select
from sqlalchemy.orm import Session

from o2c_core.conversations.conversation import Conversation
from o2c_core.customers.customer import Customer
from o2c_core.keys import new_key
from o2c_core.reminders.recipient import Recipient
from o2c_core.store.many import is_one_of

Place = tuple[UUID, str, str]
"""A customer, and the channel and address on which they are written to."""


@dataclass(frozen=True)
class Threads:
    """The conversation of each place; some of them have just begun."""

    of: Mapping[Place, Conversation]
    begun: Sequence[Conversation]


def place_of(customer: Customer, to: Recipient) -> Place:
    return customer.id, to.channel, to.address


def threads_for(session: Session, wanted: Iterable[tuple[Customer, Recipient, str | None]], now: datetime) -> Threads:
    """For each place the newest open conversation that no person holds, else a new one with that subject.

    They are locked, because their versions rise; in the order of ids, so that two runs cannot wait for each other.
    """
    places = {place_of(customer, to): (customer, to, subject) for customer, to, subject in reversed(list(wanted))}
    if not places:
        return Threads({}, ())
    query = (
        select(Conversation)
        .where(
            is_one_of(Conversation.customer_id, {customer_id for customer_id, _, _ in places}),
            Conversation.channel.in_({channel for _, channel, _ in places}),
            Conversation.address == any_(literal(list({address for _, _, address in places}), ARRAY(Text))),
            Conversation.state == "open",
            Conversation.speaker == "assistant",
        )
        .order_by(Conversation.id)
        .with_for_update(key_share=True)
    )
    found: dict[Place, Conversation] = {}
    for thread in session.scalars(query.execution_options(populate_existing=True)):
        if thread.customer_id is not None and thread.address is not None:
            found[thread.customer_id, thread.channel, thread.address] = thread
    begun = {place: _begun(*one, now) for place, one in places.items() if place not in found}
    session.add_all(begun.values())
    session.flush()
    return Threads({place: found.get(place) or begun[place] for place in places}, list(begun.values()))


def _begun(customer: Customer, to: Recipient, subject: str | None, now: datetime) -> Conversation:
    return Conversation(
        id=new_key(),
        seller_id=customer.seller_id,
        customer_id=customer.id,
        contact_id=to.contact_id,
        channel=to.channel,
        address=to.address,
        subject=subject,
        identity="known",
        speaker="assistant",
        language=to.language,
        version=0,
        introduced=False,
        opened_at=now,
        updated_at=now,
    )
