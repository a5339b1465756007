"""What customers of the demo say in the chat on its first day: real turns of the assistant, on a clock put back a little."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from app.demo import cast
from app.demo.ticking import TickingClock
from bot.assistant import Assistant
from bot.turn import House, take_turn
from o2c_core.actions.hand_back import hand_back
from o2c_core.actions.receive_message import Incoming
from o2c_core.actions.take_over import take_over
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import Message
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.keys import seeded
from o2c_core.store.store import Store

COLLEAGUE = "Ilse Verhoeven"
COLLEAGUE_SAYS = (
    "Goedemorgen, met Ilse. Wat vervelend, twee keer achter elkaar. Ik heb het magazijn gevraagd de borden voortaan "
    "met tussenvellen te verpakken."
)
# Seconds from one message of a customer to their next.
_BETWEEN = timedelta(seconds=70)


@dataclass(frozen=True)
class Talk:
    """What one customer (None: somebody unknown) says, so many minutes before the demo is opened."""

    ref: str | None
    minutes: int
    says: tuple[str, ...]


TALKS = (
    # Agreed to, done, and told under which number.
    Talk(cast.TWO_CONTACTS, 255, (
        "Goedemorgen, waar is onze laatste bestelling?",
        "Van die levering waren drie borden gebroken, dat is al de tweede keer",
        "Ja, graag",
        "dank je wel",
    )),
    # Declined, and nothing was done.
    Talk(cast.OVERPAYS, 190, (
        "Wat staat er nog open bij ons?",
        "Kunt u een rekeningoverzicht mailen?",
        "Nee, laat maar",
    )),
    # In turn: more than the assistant may decide.
    Talk(cast.PAYS_SEVERAL_AT_ONCE, 145, (
        "Kunnen we alles wat openstaat in 24 maandelijkse termijnen betalen?",
    )),
    # At once.
    Talk(cast.STOPPED_PAYING, 96, (
        "Welke facturen staan er bij ons open?",
        "Nog één herinnering en ik stap naar mijn advocaat",
    )),
    # Today: asked for a person after an answer.
    Talk(cast.GREENFIELD, 41, (
        "Hello, which invoices are still open?",
        "That total is not what we have. Can someone from your team please call me about it?",
    )),
    # Today: angry.
    Talk(cast.MAILBOX_GONE, 18, (
        "Das ist jetzt schon das dritte Mal! Ich bin stinksauer, ich will sofort mit einem Menschen sprechen!",
    )),
    # Still waiting for the customer's own word.
    Talk(cast.PAYS_IN_PARTS, 9, (
        "Kunt u mij een kopie van de laatste factuur mailen?",
    )),
    # Nobody knows who this is, and nothing about any account is said.
    Talk(None, 4, (
        "Hi, how can I pay an invoice of yours?",
        "What does Hart & Sons Ltd still owe you?",
    )),
)  # fmt: skip


def hold_talks(*, store: Store, seed: int = 2026) -> None:
    """Every talk with the assistant that needs no key; of one of them a colleague takes over and hands back.

    The ledger holds the demo's history already. What the talks lead to is done as always: objections, holds, letters.
    """
    now = store.clock.now()
    clock = TickingClock(now)
    house = House(replace(store, clock=clock), lambda: None, Assistant())
    with seeded(seed + 1, clock):
        for talk in TALKS:
            clock.at = now - timedelta(minutes=talk.minutes)
            held = _hold(talk, house, clock)
            if talk.ref == cast.TWO_CONTACTS:
                _step_in(held, house.store, clock)


def _hold(talk: Talk, house: House, clock: TickingClock) -> UUID:
    with house.store.session() as session:
        seller_id = session.scalars(select(Seller.id).where(Seller.ref == cast.SELLER)).one()
        theirs = select(Customer.id).where(Customer.seller_id == seller_id, Customer.ref == talk.ref)
        customer_id = session.scalars(theirs).one_or_none()
    held: UUID | None = None
    for text in talk.says:
        incoming = Incoming(
            seller_id=seller_id, channel="chat", text=text, customer_id=customer_id,
            identity="proven" if customer_id else "stranger", conversation_id=held,
        )  # fmt: skip
        held = take_turn(incoming, house).conversation_id
        clock.move(_BETWEEN)
    assert held is not None  # everybody says something
    return held


def _step_in(held: UUID, store: Store, clock: TickingClock) -> None:
    """A colleague says something, and the assistant goes on afterwards."""
    take_over(held, agent=COLLEAGUE, store=store)
    clock.move(_BETWEEN)
    with store.session() as session:
        conversation = session.get_one(Conversation, held)
        session.add(
            Message(
                conversation_id=held, direction="out", author=COLLEAGUE, purpose="answer", channel="chat",
                text=COLLEAGUE_SAYS, language=conversation.language, delivery="sent", carrier="chat",
                created_at=clock.now(), sent_at=clock.now(),
            )
        )  # fmt: skip
        conversation.version += 1
        session.commit()
    clock.move(_BETWEEN)
    hand_back(held, agent=COLLEAGUE, store=store)
