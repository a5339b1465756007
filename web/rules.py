"""Finance's rules: what stands open by them, what waits for a decision, each rule in words, and a trial on past days."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Response
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.authority import ROLES
from o2c_core.customers.customer import Customer
from o2c_core.customers.seller import Seller
from o2c_core.errors import NotFound, Refused
from o2c_core.escalations.approval import Approval
from o2c_core.escalations.facts import facts
from o2c_core.escalations.rule import EscalationRule, newest_rules, rule_named
from o2c_core.escalations.rule_file import RuleDocument, RuleUnclear, rule_from
from o2c_core.escalations.standing import standing, unfinished_approvals, waiting_approvals
from o2c_core.escalations.trial import Trial, try_rule
from o2c_core.escalations.wording import seen_in_words, summary
from o2c_core.escalations.written import title_written
from o2c_core.store.store import Store
from web.desk.door import SignedHere, desk_router, needs
from web.reader import Reader
from web.rendering import page
from web.rule_verbs import DONE, rule_verbs

TRIED_DAYS = 90
FIRINGS_SHOWN = 200
STATES = {
    "on": ("On", "good", "It acts."),
    "trial": ("In trial", "warn", "Noted every day, and nobody hears of it."),
    "off": ("Off", "", "It does nothing."),
}

SellerRef = Annotated[str, Query(alias="seller", max_length=100)]


@dataclass(frozen=True)
class ARule:
    """A rule as the page shows it. `says` is None, with `odd` in its place, where it cannot be read any more; `newer` is a
    version that was saved since and is not used."""

    kept: EscalationRule
    says: RuleDocument | None
    odd: str
    newer: EscalationRule | None
    open: int
    role: str

    @property
    def title(self) -> str:
        return title_written(self.kept.document) or self.kept.name

    @property
    def state(self) -> tuple[str, str, str]:
        return STATES[self.kept.state]

    @property
    def sentences(self) -> list[str]:
        return summary(self.says) if self.says is not None else []

    @property
    def newer_sentences(self) -> list[str]:
        says, odd = _read(self.newer) if self.newer is not None else (None, "")
        return summary(says) if says is not None else [odd]

    @property
    def may_switch_on(self) -> bool:
        """Whether it acts with no more authority than whoever looks has."""
        return self.says is not None and _is_within(self.says.authority, self.role)

    @property
    def may_use_newer(self) -> bool:
        says, _ = _read(self.newer) if self.newer is not None else (None, "")
        return says is not None and (self.kept.state != "on" or _is_within(says.authority, self.role))


@dataclass(frozen=True)
class AnApproval:
    """A decision that is asked for, and whom it is about."""

    asked: Approval
    customer: Customer
    may_decide: bool


def rule_pages(store: Store) -> APIRouter:
    """For the seller's own people, as the other staff pages are. They work without script."""
    router = desk_router(store)

    @router.get("/rules")
    @needs("see_finance")
    def the_rules(
        who: SignedHere,
        tried: Annotated[str, Query(alias="try", max_length=100)] = "",
        first: Annotated[str, Query(alias="from", max_length=10)] = "",
        last: Annotated[str, Query(alias="to", max_length=10)] = "",
        done: Annotated[str, Query(max_length=20)] = "",
        seller: SellerRef = "",
    ) -> Response:
        return _rules(store, seller, role=who.authority, tried=tried, first=first, last=last, notice=DONE.get(done, ""))

    def say(role: str, seller: str, notice: str, status: int) -> Response:
        return _rules(store, seller, role=role, notice=notice, status=status)

    router.include_router(rule_verbs(store, say))
    return router


def _rules(
    store: Store,
    ref: str,
    *,
    role: str,
    tried: str = "",
    first: str = "",
    last: str = "",
    notice: str = "",
    status: int = 200,
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
        open_ones = standing(session, seller.id, now)
        return page(
            "rules.html",
            status,
            here="rules",
            seller=seller,
            sellers=sellers,
            reader=reader,
            notice=notice,
            notice_tone="good" if status == 200 else "bad",
            standing=open_ones,
            approvals=_asked(session, waiting_approvals(session, seller.id), role),
            unfinished=_asked(session, unfinished_approvals(session, seller.id), role),
            role=role,
            rules=_all(session, seller, [one.escalation.rule for one in open_ones], role),
            trial=trial,
            tried=tried,
            firings=trial.firings[:FIRINGS_SHOWN] if trial else (),
            seen=seen_in_words,
            day_before=lambda day: day - timedelta(days=1),
            facts=facts().values(),
            is_demo=True,
        )


def _all(session: Session, seller: Seller, open_by: Sequence[str], role: str) -> list[ARule]:
    found = []
    for kept in newest_rules(session, seller.id):
        newest = rule_named(session, seller.id, kept.name)
        says, odd = _read(kept)
        found.append(
            ARule(kept, says, odd, newest if newest.version > kept.version else None, open_by.count(kept.name), role)
        )
    return found


def _asked(session: Session, approvals: Sequence[Approval], by: str) -> list[AnApproval]:
    ids = {one.customer_id for one in approvals}
    customers = {one.id: one for one in session.scalars(select(Customer).where(Customer.id.in_(ids)))}
    return [AnApproval(one, customers[one.customer_id], _is_within(one.role, by)) for one in approvals]


def _is_within(role: str, by: str) -> bool:
    return ROLES.index(role) <= ROLES.index(by)


def _read(kept: EscalationRule) -> tuple[RuleDocument | None, str]:
    try:
        return rule_from(kept.document), ""
    except RuleUnclear as odd:
        return None, odd.sentence


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
