"""Ask providers about online payments that were left open: a closed page sends no webhook, and a webhook may be lost."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from o2c_core.actions.settle_online_payment import TASK, settle_online_payment
from o2c_core.conversations.tasks import open_task, owner_of
from o2c_core.customers.seller import Seller
from o2c_core.errors import Outage
from o2c_core.invoices.online_payment import OnlinePayment
from o2c_core.invoices.pay_provider import PayProvider, Word
from o2c_core.store.store import Store
from o2c_core.trail import note

log = logging.getLogger("parley.payments")
# A webhook comes within seconds; the oftener nothing came, the rarer it is asked.
FIRST_AFTER = timedelta(minutes=5)
AGAIN_AFTER = timedelta(hours=1)
# Nobody's page lives longer, and what a bank needs days for is over by then.
GIVEN_UP_AFTER = timedelta(days=30)
PAYMENTS_AT_ONCE = 100
_NEVER_MADE = "the provider never said that it made the page"
_NO_WORD = "the provider was asked for 30 days and knew of no end"
_NO_WEBHOOK = (
    "{provider} says {amount} was paid, and its webhook, which alone is believed, has not come. Look at the webhooks there: "
    "have this one sent again, or book the payment."
)


def look_up_payments(providers: Mapping[str, PayProvider], *, store: Store) -> Counter[str]:
    """How many payments became what. What a provider says of one is believed as far as its adapter says; for the others
    a payment that seems paid without its webhook is a person's task."""
    outcomes: Counter[str] = Counter()
    with store.session() as session:
        waiting = _waiting(session, store.clock.now())
    for payment_id, name, key in waiting:
        provider = providers.get(name)
        try:
            outcomes[_look(payment_id, key, provider, store)] += 1
        except Outage as outage:
            log.warning("not looked up payment=%s because=%s", payment_id, type(outage).__name__)
            outcomes["down"] += 1
        except Exception:
            log.exception("not looked up payment=%s", payment_id)
            outcomes["broke"] += 1
    return outcomes


def _waiting(session: Session, now: datetime) -> list[tuple[UUID, str, str | None]]:
    query = (
        select(OnlinePayment.id, OnlinePayment.provider, OnlinePayment.provider_key)
        .where(
            OnlinePayment.state.in_(("begun", "open")),
            OnlinePayment.begun_at <= now - FIRST_AFTER,
            or_(OnlinePayment.looked_at.is_(None), OnlinePayment.looked_at <= now - AGAIN_AFTER),
        )
        .order_by(OnlinePayment.looked_at.nulls_first(), OnlinePayment.id)
        .limit(PAYMENTS_AT_ONCE)
    )
    return [(id_, name, key) for id_, name, key in session.execute(query)]


def _look(payment_id: UUID, key: str | None, provider: PayProvider | None, store: Store) -> str:
    # Marked before it is asked: what breaks, or whose provider is down, keeps back none of the others.
    _mark(payment_id, store)
    if key is None:
        return _over(payment_id, "failed", _NEVER_MADE, store)
    word = provider.look_up(key) if provider is not None else None
    if word is None or word.standing == "open":
        return _over(payment_id, "expired", _NO_WORD, store, older=GIVEN_UP_AFTER)
    assert provider is not None
    if word.standing == "paid" and not provider.believes_look_up:
        return _ask(payment_id, word, store)
    return settle_online_payment(word, provider=provider.name, store=store)


def _mark(payment_id: UUID, store: Store) -> None:
    with store.session() as session:
        payment = session.get_one(OnlinePayment, payment_id, with_for_update=True)
        payment.looked_at = store.clock.now()
        session.commit()


def _over(payment_id: UUID, state: str, why: str, store: Store, *, older: timedelta = timedelta()) -> str:
    """Ends one that nobody will ever pay, if it is that old and nothing was heard of it meanwhile."""
    now = store.clock.now()
    with store.session() as session:
        payment = session.get_one(OnlinePayment, payment_id, with_for_update=True)
        is_waiting = payment.state == "begun" if state == "failed" else payment.state in ("begun", "open")
        if not is_waiting or payment.begun_at > now - older:
            return "open"
        payment.state, payment.why, payment.settled_at, payment.page_url = state, why, now, None
        note(
            session, f"online payment {state}", payment, at=now, who="system", why=why,
            customer_id=payment.customer_id, provider=payment.provider,
        )  # fmt: skip
        session.commit()
        return state


def _ask(payment_id: UUID, word: Word, store: Store) -> str:
    with store.session() as session:
        payment = session.get_one(OnlinePayment, payment_id, with_for_update=True)
        if payment.state not in ("begun", "open"):
            return "known"
        seller = session.get_one(Seller, payment.seller_id)
        why = _NO_WEBHOOK.format(provider=payment.provider, amount=word.amount or payment.amount)
        open_task(
            session, TASK, f"online payment {payment.id} without its webhook", why, at=store.clock.now(),
            seller_id=payment.seller_id, customer_id=payment.customer_id, owner=owner_of(seller, TASK),
            provider=payment.provider, key=word.key, asked=str(payment.amount),
        )  # fmt: skip
        session.commit()
        return "asked"
