"""Where a level of a rule begins, and what its tasks are called: what every deed of the level is done from."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.customers.working_time import read_span
from o2c_core.escalations.escalation import Escalation
from o2c_core.escalations.measured import members_of
from o2c_core.escalations.rule_file import Level, RuleDocument


@dataclass(frozen=True)
class Begun:
    """Where a level begins: for which escalation, by which rule, with whom at the other end, and when."""

    session: Session
    seller: Seller
    customer: Customer
    rule: RuleDocument
    escalation: Escalation
    level: Level
    now: datetime

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.seller.time_zone)

    @property
    def day(self) -> date:
        return self.now.astimezone(self.zone).date()

    @property
    def by(self) -> str:
        """Whom the trail names: the rule, which somebody of the house answers for."""
        return f"rule {self.rule.name}"

    def later(self, span: str) -> datetime:
        return self.rule.working_hours.later(self.now, read_span(span), self.zone, self.seller.country)

    def companies(self) -> list[Customer]:
        """The customer, or every company of the group."""
        if self.rule.about == "customer":
            return [self.customer]
        ids = members_of(self.session, self.seller.id, self.customer.id)
        found = {one.id: one for one in self.session.scalars(select(Customer).where(Customer.id.in_(ids)))}
        return [found[one] for one in ids]


def about(escalation: Escalation) -> str:
    """The beginning of the name of every task that belongs to it."""
    return f"escalation:{escalation.id}"
