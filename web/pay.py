"""Where a customer pays from a link in one of our messages: what is open now, all of it, some of it or a part.

Looking changes nothing. The page names the seller, the invoices and what is open on them, and nothing else of the account.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.orm import Session

from o2c_core.actions.begin_online_payment import TooManyBegun, begin_online_payment
from o2c_core.clock import today
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.pay_choice import Choice
from o2c_core.conversations.pay_due import due_now
from o2c_core.conversations.pay_links import Payable, ToPay, payable_of, to_pay
from o2c_core.customers.customer import LANGUAGES, locale_for
from o2c_core.customers.seller import Seller
from o2c_core.documents.figures import Figures
from o2c_core.documents.payment import panel
from o2c_core.documents.wording import wording_in
from o2c_core.errors import Refused
from o2c_core.invoices.pay_provider import PayProvider
from o2c_core.money import Money
from o2c_core.store.store import Store
from web.pay_form import Chosen, Sent, bare, chosen_of, sent_in
from web.portal.door import WAY_BACK
from web.rendering import page
from web.wording import preferred

BODY_BYTES_MAX = 20_000
_WORDS = Path(__file__).parent / "pay_wording"
# A link is a key: search engines do not keep it, and it is told to no other site.
PRIVATE = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}


@dataclass(frozen=True)
class Row:
    """One thing to type over: what it is, how it is printed, and what is copied of it."""

    label: str
    shown: str
    copied: str


@dataclass(frozen=True)
class Line:
    """One invoice to tick."""

    number: str
    due: str
    amount: str
    is_chosen: bool


@dataclass(frozen=True)
class Opened:
    """What a link opened: what may be paid now, by whose customer, in whose words; `due` is what it asks for by itself."""

    payable: Payable
    now: ToPay
    seller: Seller
    due: Money

    @property
    def language(self) -> str:
        spoken = self.now.customer.language
        return spoken if spoken in LANGUAGES else "en"

    @property
    def locale(self) -> str:
        return locale_for(self.language, self.now.customer.country)

    @property
    def words(self) -> Mapping[str, Any]:
        return words_in(self.language)


def opened(session: Session, doorplate: Doorplate, token: str, store: Store) -> Opened | None:
    """What that link opens; None where it is over, revoked, forged or nobody's, which are not told apart."""
    payable = payable_of(doorplate, token, store.clock.now())
    now = to_pay(session, payable) if payable is not None else None
    if payable is None or now is None:
        return None
    seller = session.get_one(Seller, now.customer.seller_id)
    is_part = payable.part is not None
    due = now.asked.amount if is_part else due_now(session, now, today(store.clock, seller.time_zone))
    return Opened(payable, now, seller, due)


def pay_pages(*, store: Store, doorplate: Doorplate, provider: PayProvider | None = None) -> APIRouter:
    """The page behind the links that `pay_links` makes; who has the link needs no password. Without a provider only a
    transfer is offered."""
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

    @router.get("/pay/{token}")
    def the_page(token: str, request: Request, accept_language: Annotated[str | None, Header()] = None) -> Response:
        with store.session() as session:
            link = opened(session, doorplate, token, store)
            if link is None:
                return gone(accept_language)
            chosen = chosen_of(link.now, link.due, sent_in(request.url.query), link.locale)
            return _shown(link, chosen, provider, leads_back=WAY_BACK in request.cookies)

    @router.post("/pay/{token}")
    async def paying(token: str, request: Request, accept_language: Annotated[str | None, Header()] = None) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > BODY_BYTES_MAX:
                return await run_in_threadpool(gone, accept_language, 413)
        return await run_in_threadpool(
            begin, token, sent_in(body.decode("utf-8", "replace")), accept_language, WAY_BACK in request.cookies
        )

    def begin(token: str, sent: Sent, accept_language: str | None, leads_back: bool) -> Response:
        with store.session() as session:
            link = opened(session, doorplate, token, store)
        if link is None:
            return gone(accept_language)
        chosen = chosen_of(link.now, link.due, sent, link.locale)
        word_url = doorplate.url(f"/webhooks/{provider.name}") if provider is not None else None
        if chosen.choice is None or provider is None or word_url is None:
            return _shown(link, chosen, provider, status=422 if chosen.error else 200, leads_back=leads_back)
        try:
            begun = begin_online_payment(
                link.now.customer.id,
                chosen.choice.parts,
                provider=provider,
                back_url=lambda id_: str(doorplate.url(f"/pay/{token}/back/{id_}")),
                word_url=word_url,
                store=store,
            )
        except TooManyBegun:
            return _shown(link, chosen, provider, trouble="trouble_often", status=429, leads_back=leads_back)
        except Refused:
            # Something was paid or objected to between looking and pressing: the page says how it stands now.
            with store.session() as session:
                again = opened(session, doorplate, token, store)
            if again is None:
                return gone(accept_language)
            return _shown(
                again,
                chosen_of(again.now, again.due, Sent(), again.locale),
                provider,
                trouble="trouble_moved",
                status=409,
                leads_back=leads_back,
            )
        if begun.url is None:
            return _shown(link, chosen, provider, trouble="trouble_down", status=503, leads_back=leads_back)
        # Not to the provider's page at once: a browser that follows `form-action` stops a form's answer that leads to
        # another host. Our own page leads there.
        return RedirectResponse(f"/pay/{token}/to/{begun.id}", 303, headers=PRIVATE)

    return router


@cache
def words_in(language: str) -> Mapping[str, Any]:
    """The words of this page in that language; English where there are none."""
    known = language if language in LANGUAGES else "en"
    return tomllib.loads((_WORDS / f"{known}.toml").read_text(encoding="utf-8"))


def _shown(
    link: Opened,
    chosen: Chosen,
    provider: PayProvider | None,
    *,
    trouble: str = "",
    status: int = 200,
    leads_back: bool = False,
) -> Response:
    figures, words, choice = Figures(link.locale), link.words, chosen.choice
    # Before anything was chosen it is what the link asks for, under the reference that stood beside the link.
    asked = link.now.asked
    if choice is not None and (chosen.sent.numbers is not None or choice.amount != asked.amount):
        asked = choice.transfer(link.now.customer.ref)
    pay = panel(link.seller, asked, wording_in(link.language), figures) if choice or not link.now.items else None
    is_part = choice is not None and choice.amount < choice.asked
    numbers = chosen.sent.numbers
    return page(
        "pay.html",
        status,
        PRIVATE,
        words=words,
        language=link.language,
        seller=link.seller,
        lines=[
            Line(
                invoice.number,
                figures.day(invoice.due_on),
                figures.money(amount),
                invoice.number in numbers if numbers is not None else choice is not None,
            )
            for invoice, amount in link.now.items
        ],
        amount=chosen.sent.amount,
        part=figures.money(choice.amount) if choice is not None and is_part else "",
        error=(chosen.field, _said(words, chosen, link, figures)) if chosen.error else ("", ""),
        trouble=words[trouble] if trouble else "",
        example=bare(link.now.items[0][1], link.locale) if link.now.items else "",
        is_beyond=choice is None and not chosen.error and bool(link.now.items),
        may_pay_online=provider is not None,
        leads_back=leads_back,
        pay=pay or {"title": "", "rows": [], "sentence": "", "qr": None, "scan": "", "alt": ""},
        rows=_rows(pay["rows"] if pay else [], choice, link.locale),
    )


def _said(words: Mapping[str, Any], chosen: Chosen, link: Opened, figures: Figures) -> str:
    items = [one for one in link.now.items if chosen.sent.numbers is None or one[0].number in chosen.sent.numbers]
    most = sum(amount.minor for _, amount in items)
    currency = link.now.asked.amount.currency
    example = bare(items[0][1], link.locale) if items else ""
    return str(words[chosen.error].format(most=figures.money(Money(most, currency)), example=example))


def _rows(rows: list[list[str]], choice: Choice | None, locale: str) -> list[Row]:
    """The panel's rows; the amount, which comes first, is copied as a bank's form takes it: without its currency."""
    copied = [_bare(shown) for _, shown in rows]
    if copied and choice is not None:
        copied[0] = bare(choice.amount, locale)
    return [Row(label, shown, copy) for (label, shown), copy in zip(rows, copied, strict=True)]


def _bare(shown: str) -> str:
    """What a bank's form takes: account numbers and references without the spaces they are printed with."""
    spaceless = "".join(shown.split())
    is_grouped = spaceless.isalnum() and spaceless[:2].isalpha() and spaceless[2:4].isdigit()
    return spaceless if is_grouped else shown


def gone(accept_language: str | None, status: int = 404) -> Response:
    language = preferred(accept_language, "en")
    return page("link_gone.html", status, PRIVATE, words=words_in(language), language=language, seller=None)
