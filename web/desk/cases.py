"""The pages of complaints and disputes: the list, one of them with everything that bears on it, and as a file."""

from __future__ import annotations

import urllib.parse
from collections.abc import Container
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request, Response

from o2c_core.cases.complaint import CATEGORIES, SEVERITIES
from o2c_core.cases.dispute import REASONS
from o2c_core.documents.figures import Figures
from o2c_core.documents.table import Table, write_csv
from o2c_core.store.store import Store
from web.customer_pages import not_found
from web.desk.case_causes import cause_pages
from web.desk.case_lines import quantity
from web.desk.case_list import FILE_COLUMNS, FILE_ROWS_MAX, SHOWN, SHOWS, SORTS, Wanted, at_stake, cases, counts, owners
from web.desk.case_opening import opening_pages
from web.desk.case_page import case_page, colleagues, find_case, is_day
from web.desk.case_verbs import DONE, case_verbs
from web.desk.case_words import (
    CAUSE_NAMES,
    KINDS,
    OUTCOME_CHOICES,
    OUTCOME_NAMES,
    SEVERITY_NAMES,
    why_named,
)
from web.desk.door import SignedHere, desk_router, needs, saw
from web.desk.place import Place, SellerRef, nobodys_books, place_of
from web.headers import HEADERS
from web.reader import Reader

PLURALS = {"disputes": "dispute", "complaints": "complaint"}
Said = Annotated[str, Query(max_length=120)]


def wanted_of(
    words: Annotated[str, Query(alias="q", max_length=100)] = "",
    show: Said = "",
    kind: Said = "",
    owner: Said = "",
    reason: Said = "",
    severity: Said = "",
    customer: Said = "",
    cause: Said = "",
    about: Said = "",
    since: Said = "",
    until: Said = "",
    sort: Said = "deadline",
    at: Annotated[int, Query(alias="page", ge=1, le=1_000)] = 1,
) -> Wanted:
    """What the address asks for; what is not one of the choices counts as not said."""

    def one_of(said: str, choices: Container[str]) -> str:
        return said if said in choices else ""

    return Wanted(
        words=words.strip() if words.isprintable() else "",
        show=one_of(show, SHOWS),
        kind=one_of(kind, KINDS),
        owner=owner if owner.isprintable() else "",
        reason=one_of(reason, (*REASONS, *CATEGORIES)),
        severity=one_of(severity, SEVERITIES),
        customer=customer if customer.isprintable() else "",
        cause=one_of(cause, CAUSE_NAMES),
        about=about if about.isprintable() else "",
        since=is_day(since),
        until=is_day(until),
        sort=sort if sort in SORTS else "deadline",
        page=at,
    )


def case_pages(store: Store) -> APIRouter:
    """Seen by everybody at the desk; owned and resolved by who may."""
    router = desk_router(store)
    router.include_router(cause_pages(store))
    router.include_router(opening_pages(store))

    @router.get("/cases")
    @needs("see_desk")
    def the_cases(
        request: Request, who: SignedHere, wanted: Annotated[Wanted, Depends(wanted_of)], seller: SellerRef = ""
    ) -> Response:
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            found = cases(session, place.seller.id, wanted, place.reader, who.name)
            saw(request, seller_id=place.seller.id)
            return place.page(
                "cases.html",
                here="cases",
                rows=found[:SHOWN],
                has_more=len(found) > SHOWN,
                wanted=wanted,
                shows=SHOWS,
                counts=counts(session, place.seller.id, wanted, place.reader, who.name),
                stakes=at_stake(session, place.seller.id, wanted, place.reader, who.name),
                owner_pairs=[(one, one) for one in owners(session, place.seller.id)],
                severity_pairs=[(code, named) for code, (named, _) in SEVERITY_NAMES.items()],
                asked=asked_in(wanted, place),
                reasons=[(code, why_named(code)) for code in (*REASONS, *CATEGORIES)],
                kinds=KINDS,
                severities=SEVERITY_NAMES,
                causes=CAUSE_NAMES,
                outcomes=OUTCOME_NAMES,
                named=why_named,
            )

    @router.get("/cases.csv")
    @needs("see_desk")
    def the_cases_as_a_file(
        request: Request, who: SignedHere, wanted: Annotated[Wanted, Depends(wanted_of)], seller: SellerRef = ""
    ) -> Response:
        with store.session() as session:
            place = place_of(session, store, seller)
            if place is None:
                return nobodys_books()
            found = cases(session, place.seller.id, wanted, place.reader, who.name, FILE_ROWS_MAX)
            saw(request, seller_id=place.seller.id)
        content = write_csv(Table("Cases", FILE_COLUMNS, [one.cells() for one in found[:FILE_ROWS_MAX]]))
        name = f"cases-{place.reader.today}.csv"
        headers = {"Content-Disposition": f'attachment; filename="{name}"', "Cache-Control": "no-store"}
        return Response(content, media_type="text/csv; charset=utf-8", headers=HEADERS | headers)

    def one_case(
        who: SignedHere, kind: str, number: str, seller: str, *, request: Request | None = None, notice: str = "",
        status: int = 200, done: str = "", **filled: Any,
    ) -> Response:  # fmt: skip
        with store.session() as session:
            found = find_case(session, kind, number, seller)
            if found is None:
                return not_found("case")
            case, whose = found
            reader = Reader.of(whose, store.clock.now())
            if request is not None:
                saw(
                    request, seller_id=whose.id, customer_id=case.customer_id, about=f"{kind} {case.number}"
                )  # fmt: skip
            figures = Figures(reader.locale)
            return Place(whose, [], reader).page(
                "case.html",
                status,
                here="cases",
                one=case_page(session, case, whose, who.authority, reader),
                colleagues=colleagues(session),
                notice=notice or DONE.get(done, ""),
                notice_tone="bad" if notice else "good",
                may_resolve=who.may("resolve_cases"),
                me=who.name,
                number=lambda number: quantity(figures, number),
                price=figures.price,
                outcomes=OUTCOME_CHOICES,
                outcome_names=OUTCOME_NAMES,
                causes=CAUSE_NAMES,
                severities=SEVERITY_NAMES,
                filled=filled,
            )

    router.include_router(case_verbs(store, one_case))

    @router.get("/cases/{kinds}/{number:path}")
    @needs("see_desk")
    def the_case(
        request: Request, who: SignedHere, kinds: str, number: str, seller: SellerRef = "", done: Said = ""
    ) -> Response:
        if kinds not in PLURALS:
            return not_found("case")
        return one_case(who, PLURALS[kinds], number, seller, request=request, done=done)

    return router


def asked_in(wanted: Wanted, place: Place) -> str:
    """The choice as it stands in an address, for the pages and files of the same cases."""
    said = {
        "q": wanted.words, "show": wanted.show, "kind": wanted.kind, "owner": wanted.owner, "reason": wanted.reason,
        "severity": wanted.severity, "customer": wanted.customer, "cause": wanted.cause, "about": wanted.about,
        "since": wanted.since.isoformat() if wanted.since else "",
        "until": wanted.until.isoformat() if wanted.until else "", "seller": place.seller.ref,
    }  # fmt: skip
    return urlencode({name: value for name, value in said.items() if value}, quote_via=urllib.parse.quote)
