"""Only whoever was offered something, and is proven for that customer, can agree to it; nobody speaks for another."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.assistant import Assistant
from bot.turn import House, Turn, answer_waiting
from o2c_core.cases.promise import Promise
from o2c_core.clock import MovableClock
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.keeping import store_once
from o2c_core.conversations.message import Message
from o2c_core.conversations.proposal import Proposal
from o2c_core.customers.consent import Consent
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.store.store import Store
from tests.build import DAY, a_customer, a_seller, an_invoice

ANNE, BART, NOBODY = "anne@jansen.example", "bart@jansen.example", "wie@elders.example"
FRIDAY = "Wij betalen factuur INV-2026-0042 aanstaande vrijdag."
MONDAY = "Wij betalen factuur INV-2026-0043 maandag 23 maart."
YES = "Ja graag, dat is akkoord."


class Thread:
    """One mail thread with a customer, in which several people write."""

    def __init__(self, house: House, customer: Customer) -> None:
        self.house, self.customer = house, customer
        with house.store.session() as session:
            now = house.store.clock.now()
            thread = Conversation(
                seller_id=customer.seller_id, customer_id=customer.id, channel="email", address=ANNE, identity="proven",
                contact_id=self.contact(ANNE), speaker="assistant", state="open", version=0, introduced=True, opened_at=now,
                updated_at=now,
            )  # fmt: skip
            session.add(thread)
            session.commit()
            self.id = thread.id

    def contact(self, address: str) -> UUID | None:
        with self.house.store.session() as session:
            return session.scalars(select(Address.contact_id).where(Address.value == address)).one_or_none()

    def __call__(self, text: str, address: str = ANNE, identity: str = "proven") -> str:
        """What is answered to a mail, stored as the door stores it."""
        with self.house.store.session() as session:
            session.get_one(Conversation, self.id).version += 1
            message_id = store_once(
                session, self.id, "email", text, address=address, understanding={"identity": identity},
                contact_id=self.contact(address), created_at=self.house.store.clock.now(),
            )  # fmt: skip
            session.commit()
        assert message_id is not None
        turn = answer_waiting(message_id, self.house)
        assert isinstance(turn, Turn)
        return str(turn.reply)


@pytest.fixture
def thread(store: Store, session: Session, assistant: Assistant) -> Thread:
    jansen = a_customer(session, a_seller(session), "C1001", email=ANNE)
    bart = Contact(customer_id=jansen.id, name="Bart", addresses=[Address(channel="email", value=BART)])
    session.add(bart)
    for number in ("INV-2026-0042", "INV-2026-0043"):
        an_invoice(session, jansen, number, total_minor=124050, due_on=DAY - timedelta(days=5))
    session.commit()
    return Thread(House(store, lambda: None, assistant), jansen)


def states(session: Session) -> list[tuple[str, str]]:
    session.expire_all()
    return [(one.kind, one.state) for one in session.scalars(select(Proposal).order_by(Proposal.id))]


def promised(session: Session) -> list[str]:
    return [one.promised_on.isoformat() for one in session.scalars(select(Promise).order_by(Promise.id))]


@pytest.mark.parametrize(
    ("address", "identity"), [(BART, "proven"), (BART, "known"), (NOBODY, "stranger"), (ANNE, "known")]
)
def test_nobody_else_in_the_thread_agrees_to_what_somebody_was_offered(
    thread: Thread, session: Session, address: str, identity: str
) -> None:
    thread(FRIDAY)
    said = thread(YES, address, identity)
    assert (states(session), promised(session)) == ([("promise", "open")], [])
    assert "1.240" not in said
    thread(YES)
    assert (states(session), promised(session)) == ([("promise", "done")], ["2026-03-20"])


def test_each_of_two_colleagues_agrees_to_what_they_were_offered_themselves(thread: Thread, session: Session) -> None:
    thread(MONDAY, BART)
    thread(FRIDAY, ANNE)
    assert states(session) == [("promise", "open")] * 2
    thread(YES, BART)
    assert promised(session) == ["2026-03-23"]
    thread(YES, ANNE)
    assert promised(session) == ["2026-03-23", "2026-03-20"]


def test_what_was_offered_in_a_mail_that_never_arrived_is_not_agreed_to(thread: Thread, session: Session) -> None:
    thread(FRIDAY)
    answer = session.scalars(select(Message).where(Message.direction == "out")).one()
    answer.delivery = "failed"
    session.commit()
    thread(YES)
    assert promised(session) == []


def test_a_yes_after_the_proof_is_over_waits_for_a_new_one(
    thread: Thread, session: Session, clock: MovableClock
) -> None:
    own = session.get_one(Conversation, thread.id)
    own.identity, own.proven_until = "known", clock.now() + timedelta(hours=12)
    session.commit()
    thread(FRIDAY, identity="known")
    assert states(session) == [("promise", "open")]
    clock.move(timedelta(hours=13))
    thread(YES, identity="known")
    assert (states(session), promised(session)) == ([("promise", "open")], [])


@pytest.mark.parametrize(("address", "identity", "silenced"), [
    (ANNE, "proven", ANNE), (ANNE, "known", ANNE), (BART, "proven", BART), (BART, "known", BART), (NOBODY, "stranger", None),
])  # fmt: skip
def test_whoever_wants_no_more_mail_speaks_for_themselves(
    thread: Thread, session: Session, address: str, identity: str, silenced: str | None
) -> None:
    thread("Wat staat er open?")
    thread("Ik wil geen herinneringen per mail meer krijgen, haal me van de lijst", address, identity)
    stopped = {one.contact_id for one in session.scalars(select(Consent).where(~Consent.is_given))}
    assert stopped == ({thread.contact(silenced)} if silenced else set())
