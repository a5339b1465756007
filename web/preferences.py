"""Where somebody chooses, from a link in one of our messages, what they want to hear from us and how.

Opening a link changes nothing, since mail programs open every link before people do; only what is sent back counts.
Source: RFC 8058 (a POST unsubscribes, without sign-in, cookie or redirect).
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import parse_qs
from uuid import UUID

from fastapi import APIRouter, Header, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import HTMLResponse
from sqlalchemy.orm import Session

from o2c_core.actions.choose_steps import choose_steps
from o2c_core.actions.set_preferences import Chosen, preferences_of, set_preferences
from o2c_core.actions.unsubscribe import unsubscribe
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.preference_links import (
    Holder,
    mark_of,
    preferences_holder,
    preferences_url,
    unsubscribe_holder,
)
from o2c_core.customers.contact import Contact
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.customers.masked import masked
from o2c_core.customers.seller import Seller
from o2c_core.customers.wishes import Wish
from o2c_core.errors import NotFound
from o2c_core.informing.step import STEPS
from o2c_core.informing.wishes import StepWish, step_wishes
from o2c_core.store.store import Store
from web.rendering import page
from web.wording import preferred

# Invoices and answers are what somebody asked for by ordering or writing; that is explained, and cannot be switched off.
# Steps of an order are chosen about one by one, whatever the channel.
SWITCHED = ("reminders", "marketing")
BODY_BYTES_MAX = 10_000
_WORDS = Path(__file__).parent / "preferences_wording"
# A link is a key: search engines do not keep it, and it is told to no other site.
_PRIVATE = {"X-Robots-Tag": "noindex, nofollow", "Referrer-Policy": "no-referrer"}


@dataclass(frozen=True)
class Switch:
    """One thing to switch, with the name its field has and the words beside it."""

    field: str
    label: str
    help: str
    is_on: bool


@dataclass(frozen=True)
class Place:
    """One channel with where it reaches the person, so that they recognise it and nobody else can use it."""

    name: str
    title: str
    reaches: tuple[str, ...]
    switches: tuple[Switch, ...]


@dataclass(frozen=True)
class _Person:
    """Whose page it is."""

    contact_id: UUID
    seller: Seller
    language: str

    @property
    def words(self) -> Mapping[str, Any]:
        return words_in(self.language)


def preference_pages(*, store: Store, doorplate: Doorplate) -> APIRouter:
    """The pages behind the links that `preference_links` makes; who has the link needs no password."""
    router = APIRouter(include_in_schema=False, default_response_class=HTMLResponse)

    @router.get("/unsubscribe/{token}")
    def before_unsubscribing(token: str, accept_language: Annotated[str | None, Header()] = None) -> Response:
        holder = unsubscribe_holder(doorplate, token)
        with store.session() as session:
            person = _person(session, holder)
        if holder is None or person is None:
            return _gone(accept_language)
        return _leaving(doorplate, holder, person, is_done=False)

    @router.post("/unsubscribe/{token}")
    def unsubscribing(token: str, accept_language: Annotated[str | None, Header()] = None) -> Response:
        holder = unsubscribe_holder(doorplate, token)
        with store.session() as session:
            person = _person(session, holder)
        if holder is None or person is None:
            return _gone(accept_language)
        try:
            unsubscribe(
                holder.contact_id,
                channel=holder.channel,
                purpose=holder.purpose,
                is_sent_to=lambda address: mark_of(doorplate, address) == holder.mark,
                words="List-Unsubscribe=One-Click",
                how="the unsubscribe link",
                store=store,
            )
        except NotFound:
            return _gone(accept_language)
        return _leaving(doorplate, holder, person, is_done=True)

    @router.get("/preferences/{token}")
    def the_preferences(token: str, accept_language: Annotated[str | None, Header()] = None) -> Response:
        with store.session() as session:
            person = _person(session, preferences_holder(doorplate, token))
            if person is None:
                return _gone(accept_language)
            return _choosing(person, preferences_of(session, person.contact_id), _steps(session, person))

    @router.post("/preferences/{token}")
    async def choosing(
        token: str, request: Request, accept_language: Annotated[str | None, Header()] = None
    ) -> Response:
        body = b""
        async for part in request.stream():
            body += part
            if len(body) > BODY_BYTES_MAX:
                return await run_in_threadpool(_gone, accept_language, 413)
        return await run_in_threadpool(save, token, body, accept_language)

    def save(token: str, body: bytes, accept_language: str | None) -> Response:
        sent = parse_qs(body.decode("utf-8", "replace"), max_num_fields=100) if body.count(b"&") < 100 else {}
        with store.session() as session:
            person = _person(session, preferences_holder(doorplate, token))
        if person is None:
            return _gone(accept_language)
        # Only what the page showed was chosen: a channel that came in the meantime was not.
        shown, on = set(sent.get("shown", [])), set(sent.get("on", []))
        stops_all = "nothing" in sent
        words = person.words
        chosen = [
            Chosen(
                channel,
                purpose,
                given,
                f"{words['channels'][channel]}: {words[purpose]} – {words['on' if given else 'off']}",
            )
            for channel in words["channels"]
            for purpose in SWITCHED
            if (field := f"{channel}.{purpose}") in shown
            for given in [field in on and not stops_all]
        ]
        try:
            recorded = set_preferences(person.contact_id, chosen, how="the preferences page", store=store)
            steps = {step: f"step.{step}" in on and not stops_all for step in STEPS if f"step.{step}" in shown}
            steps = {step: is_on for step, is_on in steps.items() if STEPS[step].may_decline}
            about_steps = choose_steps(person.contact_id, steps, store=store)
            with store.session() as session:
                told = _told(words, recorded, about_steps)
                return _choosing(person, preferences_of(session, person.contact_id), _steps(session, person), told)
        except NotFound:
            return _gone(accept_language)

    return router


@cache
def words_in(language: str) -> Mapping[str, Any]:
    """The words of these pages in that language; English where there are none."""
    known = language if language in LANGUAGES else "en"
    return tomllib.loads((_WORDS / f"{known}.toml").read_text(encoding="utf-8"))


def _person(session: Session, holder: Holder | None) -> _Person | None:
    contact = session.get(Contact, holder.contact_id) if holder else None
    if contact is None:
        return None
    customer = session.get_one(Customer, contact.customer_id)
    seller = session.get_one(Seller, customer.seller_id)
    spoken = [one for one in (contact.language, customer.language, seller.language) if one in LANGUAGES]
    return _Person(contact.id, seller, spoken[0] if spoken else "en")


def _steps(session: Session, person: _Person) -> list[StepWish]:
    return step_wishes(session, session.get_one(Contact, person.contact_id))


def _told(words: Mapping[str, Any], recorded: Iterable[Wish], steps: Iterable[StepWish]) -> list[str]:
    """What was recorded just now, a sentence each."""
    said = [
        words["now_on" if wish.is_given else "now_off"].format(
            what=words[wish.purpose], channel=words["channels"][wish.channel]
        )
        for wish in recorded
    ]
    return said + [
        words["step_now_on" if one.is_on else "step_now_off"].format(what=words["steps"][one.step]) for one in steps
    ]


def _choosing(
    person: _Person, wishes: Iterable[Wish], about_steps: Iterable[StepWish], told: list[str] | None = None
) -> Response:
    words = person.words
    places = _places(words, list(wishes))
    steps = [
        Switch(f"step.{one.step}", words["steps"][one.step], words["steps"][f"{one.step}_help"], one.is_on)
        for one in about_steps
    ]
    is_reached = any(switch.is_on for place in places for switch in place.switches)
    is_any_on = is_reached or any(switch.is_on for switch in steps)
    return page(
        "preferences.html", 200, _PRIVATE, words=words, language=person.language, seller=person.seller,
        places=places, steps=steps, told=told, is_any_on=is_any_on,
        is_reached=is_reached,
    )  # fmt: skip


def _places(words: Mapping[str, Any], wishes: list[Wish]) -> list[Place]:
    places = []
    for channel, title in words["channels"].items():
        here = {wish.purpose: wish for wish in wishes if wish.channel == channel}
        if here:
            switches = tuple(
                Switch(f"{channel}.{purpose}", words[purpose], words[f"{purpose}_help"], here[purpose].is_given)
                for purpose in SWITCHED
            )
            reaches = tuple(masked(address) for address in here["reminders"].addresses)
            places.append(Place(channel, title, reaches, switches))
    return places


def _leaving(doorplate: Doorplate, holder: Holder, person: _Person, *, is_done: bool) -> Response:
    words = person.words
    link = preferences_url(doorplate, contact_id=holder.contact_id, channel=holder.channel, address=None)
    return page(
        "unsubscribe.html", 200, _PRIVATE, words=words, language=person.language, seller=person.seller,
        what=words[holder.purpose], channel=words["channels"].get(holder.channel, holder.channel), is_done=is_done,
        preferences="/preferences/" + link.rsplit("/", 1)[-1] if link else None,
    )  # fmt: skip


def _gone(accept_language: str | None, status: int = 404) -> Response:
    language = preferred(accept_language, "en")
    return page("link_gone.html", status, _PRIVATE, words=words_in(language), language=language, seller=None)
