"""Finance's rules: what stands open by them, each rule in words, and what it would have done on past days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.actions.acknowledge_escalation import acknowledge_escalation
from o2c_core.customers.seller import Seller
from o2c_core.errors import Failure, NotFound, Refused
from o2c_core.escalations.facts import facts
from o2c_core.escalations.rule import EscalationRule, newest_rules, rule_named
from o2c_core.escalations.rule_file import RuleDocument, rule_from
from o2c_core.escalations.standing import standing, waiting_approvals
from o2c_core.escalations.trial import Trial, try_rule
from o2c_core.escalations.wording import seen_in_words, summary
from o2c_core.store.store import Store
from web.reader import Reader
from web.rendering import page
from web.same_site import is_from_here

TRIED_DAYS = 90
FIRINGS_SHOWN = 200
STATES = {
    "on": ("On", "good", "It acts."),
    "trial": ("In trial", "warn", "Noted every day, and nobody hears of it."),
    "off": ("Off", "", "It does nothing."),
}

SellerRef = Annotated[str, Query(alias="seller", max_length=100)]
Day = Annotated[str, Query(max_length=10)]


@dataclass(frozen=True)
class ARule:
    """A rule as the page shows it."""

    kept: EscalationRule
    says: RuleDocument

    @property
    def state(self) -> tuple[str, str, str]:
        return STATES[self.kept.state]

    @property
    def sentences(self) -> list[str]:
        return summary(self.says)


def rule_pages(store: Store) -> APIRouter:
    """For the seller's own people, as the other staff pages are. They work without script."""
    router = APIRouter(default_response_class=HTMLResponse)

    @router.get("/rules")
    def the_rules(
        tried: Annotated[str, Query(alias="try", max_length=100)] = "",
        first: Annotated[str, Query(alias="from", max_length=10)] = "",
        last: Annotated[str, Query(alias="to", max_length=10)] = "",
        seller: SellerRef = "",
    ) -> Response:
        return _rules(store, seller, tried=tried, first=first, last=last)

    @router.post("/rules/acknowledge")
    def acknowledging(
        request: Request,
        escalation: Annotated[str, Form(max_length=60)],
        by: Annotated[str, Form(max_length=100)] = "",
        seller: Annotated[str, Form(max_length=100)] = "",
    ) -> Response:
        if not is_from_here(request):
            return _rules(store, seller, notice="That was not sent from this page; nothing was changed.", status=403)
        try:
            acknowledge_escalation(UUID(escalation), by=by, store=store)
        except ValueError:
            return _rules(store, seller, notice="There is no such escalation.", status=404)
        except Failure as failure:
            status = 404 if isinstance(failure, NotFound) else 400
            return _rules(store, seller, notice=failure.sentence, status=status)
        return RedirectResponse(f"/rules?seller={seller}" if seller.isalnum() else "/rules", 303)

    return router


def _rules(
    store: Store, ref: str, *, tried: str = "", first: str = "", last: str = "", notice: str = "", status: int = 200
) -> Response:
    now = store.clock.now()
    with store.session() as session:
        sellers = list(session.scalars(select(Seller).order_by(Seller.ref)))
        if not sellers:
            return page("no_seller.html", is_demo=True)
        seller = next((one for one in sellers if one.ref == ref), sellers[0])
        reader = Reader.of(seller, now)
        trial: Trial | None = None
        if tried:
            try:
                trial = _trial(session, seller, reader, tried, first, last)
            except Refused as no:
                notice, status = no.sentence, 404 if isinstance(no, NotFound) else 400
        return page(
            "rules.html",
            status,
            here="rules",
            seller=seller,
            sellers=sellers,
            reader=reader,
            notice=notice,
            standing=standing(session, seller.id, now),
            approvals=waiting_approvals(session, seller.id),
            rules=[ARule(kept, rule_from(kept.document)) for kept in newest_rules(session, seller.id)],
            trial=trial,
            tried=tried,
            firings=trial.firings[:FIRINGS_SHOWN] if trial else (),
            seen=seen_in_words,
            day_before=lambda day: day - timedelta(days=1),
            facts=facts().values(),
            is_demo=True,
        )


def _trial(session: Session, seller: Seller, reader: Reader, name: str, first: str, last: str) -> Trial:
    """Raises: NoSuchRule; NoSuchDays."""
    kept = next((one for one in newest_rules(session, seller.id) if one.name == name), None)
    rule = rule_from((kept or rule_named(session, seller.id, name)).document)
    until = min(_day(last) or reader.today - timedelta(days=1), reader.today)
    since = _day(first) or until - timedelta(days=TRIED_DAYS - 1)
    return try_rule(session, seller.id, rule, since, until)


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None
