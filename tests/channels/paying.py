"""A payment provider for tests: it makes pages, remembers what it was asked, and says what the test has it say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from o2c_core.actions.begin_online_payment import Begun, begin_online_payment
from o2c_core.conversations.task import Task
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.online_payment import OnlinePayment
from o2c_core.invoices.pay_provider import Asking, Heard, HostedPage, Word
from o2c_core.invoices.payment import Payment
from o2c_core.money import Money
from o2c_core.store.store import Store


@dataclass
class Provider:
    """`fails` is what it answers to a beginning, `says` what it answers when it is looked up."""

    name: str = "played"
    believes_look_up: bool = True
    fails: Exception | None = None
    says: Word | Exception | None = None
    asked: list[Asking] = field(default_factory=list)

    def begin(self, asking: Asking) -> HostedPage:
        self.asked.append(asking)
        if self.fails is not None:
            raise self.fails
        return HostedPage(f"key-{len(self.asked)}", f"https://pay.example/{len(self.asked)}")

    def look_up(self, key: str) -> Word | None:
        if isinstance(self.says, Exception):
            raise self.says
        return self.says

    def hear(self, body: bytes, headers: Mapping[str, str]) -> Heard:
        return Heard()


def eur(minor: int) -> Money:
    return Money(minor, "EUR")


def begin(store: Store, provider: Provider, customer_id: UUID, parts: Mapping[UUID, Money]) -> Begun:
    return begin_online_payment(
        customer_id, parts, provider=provider, store=store,
        back_url=lambda id_: f"https://parley.example/back/{id_}", word_url="https://parley.example/webhooks/played",
    )  # fmt: skip


def row(session: Session, begun: Begun) -> OnlinePayment:
    found = session.get_one(OnlinePayment, begun.id, populate_existing=True)
    # Everybody is on the test's one connection: what is left open here would take back what comes after it.
    session.commit()
    return found


def left_open(session: Session) -> dict[str, int]:
    query = select(Invoice.number, open_minor()).order_by(Invoice.number)
    return {number: int(left) for number, left in session.execute(query)}


def booked(session: Session) -> list[int]:
    return list(session.scalars(select(Payment.amount_minor).order_by(Payment.id)))


def tasks(session: Session) -> int:
    return session.scalars(select(func.count()).select_from(Task).where(Task.kind == "provider")).one()
