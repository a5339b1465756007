"""How somebody comes in: the link in a message, the page that sends a new one, and the code that shows who they are."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from threading import Lock
from urllib.parse import quote

from fastapi import APIRouter, BackgroundTasks, Request, Response

from o2c_core.actions.end_visit import end_visit
from o2c_core.actions.open_link import LinkOver, open_link
from o2c_core.actions.prove_visit import prove_visit, send_visit_code
from o2c_core.actions.send_code import NoAddressForCode, TooManyCodes
from o2c_core.actions.send_link import LinkWords, send_link
from o2c_core.conversations.access_links import VISIT_MAX
from o2c_core.customers.masked import masked
from o2c_core.customers.seller import Seller
from web.portal.door import (
    COOKIE,
    PATH,
    PRIVATE,
    WAY_BACK,
    WAY_BACK_PATH,
    Guest,
    NotHere,
    Portal,
    VisitHere,
    see_other,
    visit_of,
)
from web.portal.forms import Sent, SentHere, quoted
from web.portal.overview import overview
from web.portal.words import words_in
from web.rendering import page
from web.wording import preferred

ASKED_PER_HOUR = 20
_ADDRESS_SIGNS_MAX = 254
_PLACES = {"invoice": "invoices", "order": "orders"}


@dataclass
class Asked:
    """How often links were asked for from one place lately, in this process; who asks too often is told the same."""

    _at: dict[str, deque[datetime]] = field(default_factory=lambda: defaultdict(deque))
    _lock: Lock = field(default_factory=Lock)

    def may(self, place: str, now: datetime) -> bool:
        with self._lock:
            for known in [one for one, at in self._at.items() if at and now - at[-1] > timedelta(hours=1)]:
                del self._at[known]
            lately = self._at[place]
            while lately and now - lately[0] > timedelta(hours=1):
                lately.popleft()
            lately.append(now)
            return len(lately) <= ASKED_PER_HOUR


def entrance(router: APIRouter, portal: Portal) -> None:
    """`/my`, `/my/in/…`, `/my/prove` and `/my/out`."""
    asked = Asked()

    @router.get("/my")
    def begin(request: Request) -> Response:
        guest = visit_of(request)
        return overview(portal, guest) if guest is not None else _ask(request)

    @router.post("/my")
    def send_me_a_link(request: Request, sent: SentHere, after: BackgroundTasks) -> Response:
        address = sent.one("address")
        if not address or len(address) > _ADDRESS_SIGNS_MAX:
            return _ask(request, 422, error="empty")
        place = request.client.host if request.client else ""
        if asked.may(place, portal.store.clock.now()):
            # After the answer has gone, so that it takes as long for who is known as for who is not.
            after.add_task(send_link, address, doorplate=portal.doorplate, store=portal.store, words=_mail)
        return _ask(request, is_sent=True)

    @router.get("/my/in/{token:path}")
    def come_in(request: Request, token: str) -> Response:
        try:
            opened = open_link(token, doorplate=portal.doorplate, store=portal.store)
        except LinkOver as over:
            raise NotHere from over
        where = PATH if opened.number is None else f"/my/{_PLACES[opened.scope]}/{quoted(opened.number)}"
        answer = see_other(where)
        is_https = request.url.scheme == "https" or (portal.doorplate.base_url or "").startswith("https:")
        answer.set_cookie(
            COOKIE, opened.key, max_age=int(VISIT_MAX.total_seconds()), path=PATH, secure=is_https, httponly=True,
            samesite="lax",
        )  # fmt: skip
        answer.set_cookie(
            WAY_BACK, "1", max_age=int(VISIT_MAX.total_seconds()), path=WAY_BACK_PATH, secure=is_https, httponly=True,
            samesite="lax",
        )  # fmt: skip
        return answer

    @router.post("/my/out")
    def leave(guest: VisitHere) -> Response:
        end_visit(guest.visit_id, store=portal.store, by=guest.who)
        answer = see_other(PATH)
        answer.delete_cookie(COOKIE, path=PATH)
        answer.delete_cookie(WAY_BACK, path=WAY_BACK_PATH)
        return answer

    @router.get("/my/prove")
    def before_proving(guest: VisitHere, next: str = "", sent: str = "") -> Response:  # noqa: A002 (the address's own word)
        if guest.is_proven:
            return see_other(_safe(next))
        return _prove(guest, _safe(next), is_sent=bool(sent))

    @router.post("/my/prove")
    def proving(guest: VisitHere, sent: SentHere) -> Response:
        where = _safe(sent.one("next"))
        if guest.is_proven:
            return see_other(where)
        if sent.one("do") == "send":
            return _send_code(portal, guest, where)
        return _check_code(portal, guest, sent, where)


def _ask(request: Request, status: int = 200, *, is_sent: bool = False, error: str = "") -> Response:
    language = preferred(request.headers.get("accept-language"), "en")
    return page(
        "my_ask.html", status, PRIVATE, w=words_in(language).say, language=language, seller=None, is_sent=is_sent,
        error=error,
    )  # fmt: skip


def _mail(language: str, seller: Seller, url: str) -> LinkWords:
    say = words_in(language).say
    return LinkWords(say("mail.subject", seller=seller.name), say("mail.text", seller=seller.name, link=url))


def _prove(guest: Guest, where: str, status: int = 200, *, is_sent: bool, error: str = "") -> Response:
    addresses = [one for one in guest.contact.addresses if one.is_usable] if guest.contact else []
    return guest.page(
        "my_prove.html", status, here="prove", next=where, is_sent=is_sent, error=error,
        to=[masked(one.value) for one in addresses],
    )  # fmt: skip


def _send_code(portal: Portal, guest: Guest, where: str) -> Response:
    say, seller = guest.words.say, guest.seller.name
    try:
        send_visit_code(
            guest.visit_id, store=portal.store, key=portal.doorplate.key, language=guest.language,
            written=lambda code: say("prove.code_text", seller=seller, code=code),
            subject=say("prove.code_subject", seller=seller),
        )  # fmt: skip
    except TooManyCodes:
        return _prove(guest, where, 429, is_sent=False, error="too_many")
    except NoAddressForCode:
        return _prove(guest, where, 422, is_sent=False, error="no_address")
    return see_other(f"/my/prove?next={quote(where, safe='/')}&sent=1")


def _check_code(portal: Portal, guest: Guest, sent: Sent, where: str) -> Response:
    outcome = prove_visit(guest.visit_id, sent.one("code"), store=portal.store, key=portal.doorplate.key)
    if outcome == "proven":
        return see_other(where)
    return _prove(guest, where, 422, is_sent=outcome == "wrong", error="wrong" if outcome == "wrong" else "over")


def _safe(path: str) -> str:
    """A path of these pages; anything else is where they begin."""
    is_ours = path.startswith("/my/") and "//" not in path and "\\" not in path and path.isprintable()
    return quote(path, safe="/%") if is_ours else PATH
