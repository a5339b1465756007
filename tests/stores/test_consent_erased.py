"""Who is erased takes along what was said from their addresses, also where nobody was known to have them then."""

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.erase_person import Erasure, erase_person
from o2c_core.customers.consent import Consent
from o2c_core.keys import new_key
from o2c_core.reminders.consenting import hear
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller

MAIL = "ap@jansen.example"


def test_a_note_about_a_bare_address_goes_with_the_person_who_has_it(store: Store, session: Session) -> None:
    seller = a_seller(session)
    for address in (MAIL, "somebody@else.example"):
        hear(session, "stop", channel="email", address=address, contact_ids=[], words=f"no more mails to {address}",
             how="a message by email", message_id=new_key(), now=store.clock.now(), purposes=["reminders"])  # fmt: skip
    customer = a_customer(session, seller, "C1", email=MAIL)
    session.commit()
    erase_person(Erasure(customer.id, customer.contacts[0].id), by="Sam", why="asked for it", store=store)
    session.expire_all()
    notes = session.execute(select(Consent.address, Consent.words).order_by(Consent.id)).all()
    assert [tuple(one) for one in notes] == [
        ("[erased]", "[erased]"), ("somebody@else.example", "no more mails to somebody@else.example"),
    ]  # fmt: skip


def test_a_note_of_the_person_keeps_the_fact_without_the_address(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session), "C1", email=MAIL)
    hear(session, "stop", channel="email", address=MAIL, contact_ids=[], words="no more mails", how="a message by email",
         message_id=new_key(), now=store.clock.now(), purposes=["reminders"])  # fmt: skip
    session.commit()
    erase_person(Erasure(customer.id, customer.contacts[0].id), by="Sam", why="asked for it", store=store)
    session.expire_all()
    note = session.scalars(select(Consent)).one()
    assert (note.address, note.words, note.purpose, note.is_given) == ("[erased]", "[erased]", "reminders", False)
