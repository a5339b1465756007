"""Note which steps somebody wants to hear of: a contact for themselves, or one of us for a whole customer."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound, Refused
from o2c_core.informing.informed import InformingWish
from o2c_core.informing.step import STEPS
from o2c_core.informing.wishes import StepWish, step_wishes
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from o2c_core.trail import note


class NoChoice(Refused):
    """There is no such step, or nobody can choose about it: invoices and credit notes have to reach their customer."""


def choose_steps(contact_id: UUID, chosen: Mapping[str, bool], *, store: Store, by: str = "customer") -> list[StepWish]:
    """What was recorded: only what is different from before. What waits to be sent is looked at again when it is.

    Raises: NotFound for a contact there is not (any more); NoChoice.
    """
    with store.session() as session:
        contact = session.scalars(select(Contact).where(Contact.id == contact_id).with_for_update()).one_or_none()
        if contact is None:
            raise NotFound(contact=str(contact_id))
        was = {one.step: one.is_on for one in step_wishes(session, contact)}
        _check(chosen)
        recorded = [StepWish(step, is_on) for step, is_on in chosen.items() if was.get(step, is_on) != is_on]
        for one in recorded:
            _keep(session, contact.customer_id, contact.id, one, store, by)
        session.commit()
        return recorded


def choose_steps_for_customer(customer_id: UUID, chosen: Mapping[str, bool], *, store: Store, by: str) -> None:
    """For everybody there who says nothing else themselves.

    Raises: NotFound; NoChoice.
    """
    with store.session() as session:
        if session.get(Customer, customer_id) is None:
            raise NotFound(customer=str(customer_id))
        _check(chosen)
        for step, is_on in chosen.items():
            _keep(session, customer_id, None, StepWish(step, is_on), store, by)
        session.commit()


def _check(chosen: Mapping[str, bool]) -> None:
    for step in chosen:
        if step not in STEPS or not STEPS[step].may_decline:
            raise NoChoice(step=step)


def _keep(session: Session, customer_id: UUID, contact_id: UUID | None, one: StepWish, store: Store, by: str) -> None:
    now = store.clock.now()
    said = {"is_on": one.is_on, "at": now, "by": by}
    wish = insert(InformingWish).values(
        id=new_key(), customer_id=customer_id, contact_id=contact_id, step=one.step, **said
    )
    session.execute(wish.on_conflict_do_update(index_elements=["customer_id", "contact_id", "step"], set_=said))
    subject = session.get_one(Contact, contact_id) if contact_id else session.get_one(Customer, customer_id)
    note(
        session, "step chosen", subject, at=now, who=by, customer_id=customer_id, step=one.step, is_on=one.is_on,
    )  # fmt: skip
