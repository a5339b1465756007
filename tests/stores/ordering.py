"""Builders and looks for tests about orders on their way."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from o2c_core.actions.place_order import Article, Purchase, place_order
from o2c_core.cases.hold import Hold
from o2c_core.customers.customer import Customer
from o2c_core.orders.order import Order
from o2c_core.store.store import Store
from o2c_core.trail import TrailLine
from tests.build import DAY, MOMENT, a_customer, a_seller

AUTOMATIC = {"order_flow": {"confirm": "automatic"}}


def flour(quantity: str = "10", price: str = "12.50", **fields: Any) -> Article:
    taxed = {"tax_category": "S", "tax_rate": Decimal(21)}
    return Article("FLOUR-1", "Flour, 25 kg", Decimal(quantity), Decimal(price), **(taxed | fields))


def buying(session: Session, settings: dict[str, Any] | None = None, **fields: object) -> Customer:
    customer = a_customer(session, a_seller(session, settings=settings or {}), **fields)
    session.commit()
    return customer


def a_purchase(customer: Customer, *articles: Article, **fields: Any) -> Purchase:
    return Purchase(customer.id, articles or (flour(), flour("3", "1.00")), **fields)


def placed(store: Store, session: Session, *articles: Article, settings: dict[str, Any] | None = None) -> Order:
    customer = buying(session, AUTOMATIC | (settings or {}))
    return place_order(a_purchase(customer, *articles), store=store, by="Eva")


def states(session: Session, order: Order) -> list[str]:
    session.expire_all()
    return [line.state for line in session.get_one(Order, order.id).lines]


def trail(session: Session, what: str | None = None) -> list[TrailLine]:
    query = select(TrailLine).order_by(TrailLine.id)
    return list(session.scalars(query.where(TrailLine.what == what) if what else query))


def jobs(session: Session) -> list[str]:
    return list(session.scalars(text("SELECT task_name FROM procrastinate_jobs WHERE status = 'todo' ORDER BY id")))


def held(session: Session, customer: Customer, kind: str, until_on: date = DAY) -> None:
    session.add(
        Hold(
            seller_id=customer.seller_id, customer_id=customer.id, kind=kind, reason="two months late", owner="Eva",
            from_on=DAY, until_on=until_on, created_at=MOMENT,
        )
    )  # fmt: skip
    session.commit()
