"""The door of customers' own pages: who visits, how far their link opens, and one answer for everything that is not theirs."""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import HTMLResponse, RedirectResponse
from fastapi.routing import APIRoute
from starlette.concurrency import run_in_threadpool

from o2c_core.actions.use_visit import Visiting, VisitOver, use_visit
from o2c_core.clock import today
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import LANGUAGES, Customer, locale_for
from o2c_core.customers.page_rights import may_open
from o2c_core.customers.seller import Seller
from o2c_core.documents.figures import Figures
from o2c_core.documents.wording import Wording
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from web.portal.words import words_in
from web.rendering import page
from web.same_site import is_from_here
from web.wording import preferred

COOKIE = "parley_visit"
PATH = "/my"
# The key of a visit stays below /my. The pages to pay on, which need no visit, only learn that there is a way back there.
WAY_BACK, WAY_BACK_PATH = "parley_my", "/pay"
# A link is a key: search engines do not keep it, and it is told to no other site.
PRIVATE = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "same-origin"}
_READS = ("GET", "HEAD")
# The tabs of the pages, each with the row of the table of rights that opens it.
TABS = (
    ("overview", "/my", "overview"),
    ("invoices", "/my/invoices", "invoices"),
    ("payments", "/my/payments", "payments"),
    ("orders", "/my/orders", "orders"),
    ("complaints", "/my/complaints", "complaints"),
    ("details", "/my/details", "details"),
)

ChatToken = Callable[[Conversation], str]


class NotHere(Exception):
    """What was asked for is not there, or is somebody else's; ours, and not a Failure: the door hears it."""


class ProofFirst(Exception):
    """Whoever asks writes a code first; ours, and not a Failure: the door hears it."""


@dataclass(frozen=True)
class Portal:
    """What the pages work with. `chat_token` is the key with which a page takes part in a conversation."""

    store: Store
    doorplate: Doorplate
    chat_token: ChatToken


@dataclass(frozen=True)
class Guest:
    """Whoever visits: how far they see, and how they read."""

    visiting: Visiting
    now: datetime

    @property
    def visit_id(self) -> UUID:
        return self.visiting.visit.id

    @property
    def customer(self) -> Customer:
        return self.visiting.customer

    @property
    def seller(self) -> Seller:
        return self.visiting.seller

    @property
    def contact(self) -> Contact | None:
        return self.visiting.contact

    @property
    def who(self) -> str:
        """As the trail names them."""
        return self.contact.name if self.contact else "customer"

    @property
    def language(self) -> str:
        wishes = (self.contact.language if self.contact else None, self.customer.language, self.seller.language)
        return next((one for one in wishes if one in LANGUAGES), "en")

    @property
    def words(self) -> Wording:
        return words_in(self.language)

    @property
    def figures(self) -> Figures:
        return Figures(locale_for(self.language, self.customer.country))

    @property
    def today(self) -> date:
        return today(_At(self.now), self.seller.time_zone)

    @property
    def is_proven(self) -> bool:
        return self.visiting.is_proven

    def word(self, what: str, subject_id: UUID | None = None) -> str:
        """yes, proof or no: whether that page, or that page about the document with that id, opens for them."""
        link = self.visiting.link
        is_its_document = subject_id is not None and subject_id == link.subject_id
        role = self.contact.role if self.contact else None
        return may_open(what, role, link.scope, is_proven=self.is_proven, is_its_document=is_its_document)

    def may(self, what: str, subject_id: UUID | None = None) -> bool:
        return self.word(what, subject_id) == "yes"

    def require(self, what: str, subject_id: UUID | None = None) -> None:
        """Raises: NotHere; ProofFirst."""
        word = self.word(what, subject_id)
        if word == "no":
            raise NotHere
        if word == "proof":
            raise ProofFirst

    def page(self, template: str, status: int = 200, /, *, here: str, **about: object) -> Response:
        """The page, in their language, with the tabs that open for them."""
        tabs = [(name, address) for name, address, right in TABS if self.may(right)]
        known: dict[str, object] = {
            "w": self.words.say, "f": self.figures, "language": self.language, "guest": self, "seller": self.seller,
            "tabs": tabs, "here": here, "form_key": new_key().hex, "errors": {}, "sent": {}, "recorded": None,
        }  # fmt: skip
        return page(template, status, PRIVATE, **(known | about))


@dataclass(frozen=True)
class _At:
    at: datetime

    def now(self) -> datetime:
        return self.at


class PortalRoute(APIRoute):
    """A route whose visitor is known before its handler runs, and whose refusals all look alike."""

    portal: Portal

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner, portal = super().get_route_handler(), self.portal

        async def guarded(request: Request) -> Response:
            request.state.portal = portal
            if request.method not in _READS and not is_from_here(request):
                return not_here(request, 403)
            try:
                answer = await inner(request)
            except (NotHere, VisitOver):
                return not_here(request)
            except ProofFirst:
                return RedirectResponse(f"/my/prove?next={quote(request.url.path, safe='/')}", 303, headers=PRIVATE)
            answer.headers.setdefault("Cache-Control", "no-store")
            return answer

        return guarded


def portal_router(portal: Portal) -> APIRouter:
    """A router whose routes know who visits."""
    bound = type("PortalRouteHere", (PortalRoute,), {"portal": portal})
    return APIRouter(route_class=bound, default_response_class=HTMLResponse, include_in_schema=False)


async def _visiting(request: Request) -> Guest:
    portal: Portal = request.state.portal
    visiting = await run_in_threadpool(use_visit, request.cookies.get(COOKIE, ""), store=portal.store)
    return Guest(visiting, portal.store.clock.now())


VisitHere = Annotated[Guest, Depends(_visiting)]


def visit_of(request: Request) -> Guest | None:
    """Who visits, for the pages that are everybody's; None where nobody does."""
    portal: Portal = request.state.portal
    try:
        return Guest(use_visit(request.cookies.get(COOKIE, ""), store=portal.store), portal.store.clock.now())
    except VisitOver:
        return None


def not_here(request: Request, status: int = 404) -> Response:
    """The same for what is over, somebody else's, or was never there: nobody learns from it which it is.

    It is in the browser's language, since even the reader's own would say that there is a reader.
    """
    language = preferred(request.headers.get("accept-language"), "en")
    return page("my_gone.html", status, PRIVATE, w=words_in(language).say, language=language, seller=None)


def see_other(path: str) -> Response:
    """After a form: the page to look at, so that reloading it sends nothing again."""
    return RedirectResponse(path, 303, headers=PRIVATE | {"Cache-Control": "no-store"})
