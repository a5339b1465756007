"""Which steps somebody hears of, and which of them they may choose about."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.informing.informed import InformingWish
from o2c_core.informing.step import STEPS, informing_of


@dataclass(frozen=True)
class StepWish:
    """One step, and whether this person hears of it as things are."""

    step: str
    is_on: bool


def step_wishes(session: Session, contact: Contact) -> list[StepWish]:
    """The steps this seller tells of and nobody has to hear of, in the order they happen."""
    customer = session.get_one(Customer, contact.customer_id)
    settings = informing_of(session.get_one(Seller, customer.seller_id))
    about = or_(InformingWish.contact_id == contact.id, InformingWish.contact_id.is_(None))
    said = session.scalars(select(InformingWish).where(InformingWish.customer_id == customer.id, about))
    wishes = {(one.contact_id, one.step): one.is_on for one in said}
    return [
        StepWish(
            step.name, settings.is_wanted(step.name, wishes.get((contact.id, step.name), wishes.get((None, step.name))))
        )
        for step in STEPS.values()
        if step.may_decline and settings.switch(step.name) != "off"
    ]
