"""Where finance writes its rules: a form over each, tried on past days, and saved as a version that is off."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response
from fastapi.responses import RedirectResponse
from sqlalchemy.orm import Session

from o2c_core.actions.save_rule import save_rule
from o2c_core.errors import Failure, Refused
from o2c_core.escalations.facts import facts
from o2c_core.escalations.rule import EscalationRule, rule_named
from o2c_core.escalations.rule_file import RuleDocument, RuleUnclear, read_rule, rule_from
from o2c_core.escalations.shipped import NoSuchExample, shipped_rule, shipped_rules
from o2c_core.escalations.trial import Trial, try_rule
from o2c_core.escalations.wording import summary
from o2c_core.store.store import Store
from web.customer_pages import not_found
from web.desk.door import SignedHere, desk_router, needs
from web.desk.finance_rules import DEEDS, RuleFields, fault_in
from web.desk.place import Place, SellerRef, nobodys_books, place_of, status_of

TRIED_DAYS = 90
NEW = "new"


async def _form(request: Request) -> dict[str, str]:
    """Every field as it was sent, none of them longer than a file of a rule may be."""
    form = await request.form()
    return {key: str(value)[: 50_000 if key == "toml" else 2_000] for key, value in form.items()}


FormHere = Annotated[dict[str, str], Depends(_form)]


def rule_edit_pages(store: Store) -> APIRouter:
    router = desk_router(store)

    @router.get("/rules/new")
    @needs("edit_rules")
    def a_new_one(begin: Annotated[str, Query(alias="from", max_length=60)] = "", seller: SellerRef = "") -> Response:
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            try:
                fields = RuleFields.of(shipped_rule(begin)) if begin else RuleFields.blank()
            except NoSuchExample:
                return not_found("rule")
            return _page(place, NEW, fields)

    @router.get("/rules/{name}/edit")
    @needs("edit_rules")
    def editing(name: str, seller: SellerRef = "") -> Response:
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            try:
                kept = rule_named(session, place.seller.id, name)
                return _page(place, name, RuleFields.of(rule_from(kept.document)))
            except RuleUnclear as unclear:
                return _page(place, name, RuleFields.blank(), faults=[unclear.sentence])
            except Refused:
                return not_found("rule")

    @router.post("/rules/{name}/edit")
    @needs("edit_rules")
    def changing(who: SignedHere, name: str, form: FormHere) -> Response:
        do, fields = form.get("do", ""), RuleFields.from_form(form)
        with store.session() as session:
            place = place_of(session, store, form.get("seller", ""))
            if place is None:
                return nobodys_books()
            more = fields.changed(do, form)
            if more is not None:
                return _page(place, name, more)
            is_file = do.endswith("toml")
            wrong = None if is_file else fault_in(fields.head["when"])
            try:
                rule = read_rule(form.get("toml", "")) if is_file else fields.rule()
            except RuleUnclear as unclear:
                toml = form.get("toml", "") if is_file else ""
                return _page(
                    place, name, fields, faults=[] if wrong else [unclear.sentence], wrong=wrong, toml=toml, status=400
                )
            shown = RuleFields.of(rule)
            if not do.startswith("save"):
                return _tried(session, place, name, shown, rule)
        try:
            saved = save_rule(rule, seller_ref=place.seller.ref, store=store, by=who.name)
        except Failure as failure:
            return _page(place, name, shown, faults=[failure.sentence], status=status_of(failure))
        return RedirectResponse(
            f"/rules?{urlencode({'done': 'saved', 'seller': place.seller.ref})}#rule-{saved.name}", 303
        )

    return router


def _tried(session: Session, place: Place, name: str, fields: RuleFields, rule: RuleDocument) -> Response:
    """The form with what the rule would have done on past days, beside what the version that is kept would have."""
    last = place.reader.today - timedelta(days=1)
    first = last - timedelta(days=TRIED_DAYS - 1)
    try:
        found = try_rule(session, place.seller.id, rule, first, last)
    except Refused as refused:
        return _page(place, name, fields, faults=[refused.sentence], status=400)
    before: Trial | None = None
    try:
        kept: EscalationRule = rule_named(session, place.seller.id, rule.name)
        before = try_rule(session, place.seller.id, rule_from(kept.document), first, last)
    except Refused:
        pass  # there is no version yet, or none that can be read any more
    return _page(place, name, fields, tried=found, before=before)


def _page(
    place: Place,
    name: str,
    fields: RuleFields,
    *,
    faults: list[str] | None = None,
    wrong: tuple[str, str] | None = None,
    tried: Trial | None = None,
    before: Trial | None = None,
    toml: str = "",
    status: int = 200,
) -> Response:
    try:
        sentences = summary(fields.rule())
    except RuleUnclear:
        sentences = []
    return place.page(
        "rule_edit.html",
        status,
        here="rules",
        name=name,
        fields=fields,
        is_new=name == NEW,
        faults=faults or [],
        wrong=wrong,
        tried=tried,
        before=before,
        sentences=sentences,
        toml=toml,
        deeds=DEEDS,
        facts=facts().values(),
        examples=shipped_rules(),
        days=TRIED_DAYS,
    )
