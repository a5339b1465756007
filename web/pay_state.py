"""The way to a provider's page and back: what became of a payment, as the ledger knows it and never as the address says."""

from __future__ import annotations

from typing import Annotated
from urllib.parse import quote, urlencode, urlsplit
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from sqlalchemy.orm import Session

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.documents.figures import Figures
from o2c_core.invoices.online_payment import OnlinePayment
from o2c_core.store.store import Store
from web.pay import PRIVATE, Opened, gone, opened
from web.pay_form import bare
from web.portal.door import WAY_BACK
from web.rendering import page

# A webhook takes a second or two; after some minutes it takes long, and the page need not ask so often.
LOOKS_AGAIN_SECONDS = 3
SLOW_AFTER_SECONDS = 180
SLOW_SECONDS = 30
_WAITING = ("begun", "open")


def pay_state_pages(*, store: Store, doorplate: Doorplate) -> APIRouter:
    """`/pay/{token}/to/{id}` leads to the provider's page, `/pay/{token}/back/{id}` is where the payer comes back to."""
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

    @router.get("/pay/{token}/to/{payment_id}")
    def leaving(
        token: str, payment_id: str, request: Request, accept_language: Annotated[str | None, Header()] = None
    ) -> Response:
        with store.session() as session:
            link = opened(session, doorplate, token, store)
            payment = _theirs(session, link, payment_id)
        if link is None or payment is None:
            return gone(accept_language)
        url = _leads_to(payment)
        if payment.state not in _WAITING or url is None:
            return RedirectResponse(f"/pay/{token}/back/{payment.id}", 303, headers=PRIVATE)
        return _page(request, link, payment, "going", token, {"Refresh": f"0; url={url}"}, url)

    @router.get("/pay/{token}/back/{payment_id}")
    def coming_back(
        token: str, payment_id: str, request: Request, accept_language: Annotated[str | None, Header()] = None
    ) -> Response:
        with store.session() as session:
            link = opened(session, doorplate, token, store)
            payment = _theirs(session, link, payment_id)
        if link is None or payment is None:
            return gone(accept_language)
        if payment.state in _WAITING:
            waited = (store.clock.now() - payment.begun_at).total_seconds()
            again = LOOKS_AGAIN_SECONDS if waited < SLOW_AFTER_SECONDS else SLOW_SECONDS
            return _page(request, link, payment, "checking", token, {"Refresh": str(again)}, _leads_to(payment))
        return _page(request, link, payment, "paid" if payment.state == "paid" else "unpaid", token, {}, None)

    return router


def _theirs(session: Session, link: Opened | None, payment_id: str) -> OnlinePayment | None:
    """The payment, where this very link could have begun it."""
    try:
        payment = session.get(OnlinePayment, UUID(payment_id)) if link is not None else None
    except ValueError:
        return None
    if link is None or payment is None or payment.customer_id != link.now.customer.id:
        return None
    if payment.currency != link.payable.currency:
        return None
    paid = {UUID(part["invoice_id"]) for part in payment.parts}
    is_covered = not link.payable.invoice_ids or paid <= set(link.payable.invoice_ids)
    return payment if is_covered else None


def _leads_to(payment: OnlinePayment) -> str | None:
    """The provider's page as a header can say it; None where there is none."""
    url = payment.page_url or ""
    return quote(url, safe=":/?#[]@!$&'()*+,;=%~") if urlsplit(url).scheme in ("http", "https") else None


def _page(
    request: Request,
    link: Opened,
    payment: OnlinePayment,
    state: str,
    token: str,
    headers: dict[str, str],
    url: str | None,
) -> Response:
    words = link.words
    provider = words["provider_captured"] if payment.provider == "captured" else payment.provider.capitalize()
    amount = Figures(link.locale).money(payment.amount)
    return page(
        "pay_state.html",
        200,
        PRIVATE | headers,
        words=words,
        language=link.language,
        seller=link.seller,
        state=state,
        title=words[f"{state}_title"],
        text=words[f"{state}_text"].format(amount=amount, provider=provider),
        url=url,
        back=f"/pay/{token}",
        again=f"/pay/{token}{_same_again(link, payment)}",
        leads_back=WAY_BACK in request.cookies,
    )


def _same_again(link: Opened, payment: OnlinePayment) -> str:
    """What was chosen, as the page for choosing reads it; nothing where that is not open any more."""
    paid = {part["invoice_id"] for part in payment.parts}
    items = [(invoice.number, amount) for invoice, amount in link.now.items if str(invoice.id) in paid]
    if not items:
        return ""
    chosen = [("chosen", "yes"), *(("invoice", number) for number, _ in items)]
    if sum(amount.minor for _, amount in items) != payment.amount.minor:
        chosen.append(("amount", bare(payment.amount, link.locale)))
    return f"?{urlencode(chosen)}"
