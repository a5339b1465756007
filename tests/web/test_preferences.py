"""The pages behind the links in our messages: looking changes nothing, sending does, and a wrong link tells nothing."""

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape

import pytest
from fastapi import FastAPI
from fastapi.testclient import TestClient
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.clock import MovableClock
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.preference_links import (
    mark_of,
    preferences_holder,
    preferences_url,
    unsubscribe_holder,
    unsubscribe_url,
)
from o2c_core.customers.consent import Consent
from o2c_core.customers.contact import Address
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller
from web.preferences import preference_pages, words_in
from web.static_files import static_files

PLATE = Doorplate("key of the tests", "https://parley.example")
MAIL = "ap@jansen.example"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def customer(session: Session) -> Customer:
    customer = a_customer(session, a_seller(session), "C1")
    session.commit()
    return customer


@pytest.fixture
def client(store: Store) -> Iterator[TestClient]:
    app = FastAPI()
    app.include_router(preference_pages(store=store, doorplate=PLATE))
    app.mount("/static", static_files())
    with TestClient(app, follow_redirects=False) as client:
        yield client


def path(url: str | None) -> str:
    assert url is not None
    return url.removeprefix("https://parley.example")


def leaving(customer: Customer, address: str = MAIL) -> str:
    return path(unsubscribe_url(PLATE, contact_id=customer.contacts[0].id, channel="email", address=address))


def choosing(customer: Customer, plate: Doorplate = PLATE) -> str:
    return path(preferences_url(plate, contact_id=customer.contacts[0].id, channel="email", address=MAIL))


def noted(session: Session) -> list[tuple[str, str, bool]]:
    return [(one.channel, one.purpose, one.is_given) for one in session.scalars(select(Consent).order_by(Consent.id))]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_a_scanner_that_opens_links_unsubscribes_nobody(
    client: TestClient, session: Session, customer: Customer, method: str
) -> None:
    for url in (leaving(customer), choosing(customer)):
        assert client.request(method, url).status_code in (200, 405)
    assert noted(session) == []


def test_a_mail_program_unsubscribes_with_one_click(client: TestClient, session: Session, customer: Customer) -> None:
    """RFC 8058: a POST with that body, no cookie, no redirect, and the same again does no harm."""
    answers = [client.post(leaving(customer), data=ONE_CLICK) for _ in range(2)]
    assert [(answer.status_code, "set-cookie" in answer.headers) for answer in answers] == [(200, False)] * 2
    note = session.scalars(select(Consent)).one()
    assert (note.contact_id, note.channel, note.purpose, note.is_given) == (
        customer.contacts[0].id, "email", "reminders", False,
    )  # fmt: skip
    assert (note.words, note.how) == ("List-Unsubscribe=One-Click", "the unsubscribe link")


@pytest.mark.parametrize("body", [b"", b"List-Unsubscribe=One-Click", b"\xff\x00=&&;", b"a=" + b"b" * 5_000])
def test_whatever_is_posted_with_a_good_link_unsubscribes(
    client: TestClient, session: Session, customer: Customer, body: bytes
) -> None:
    assert client.post(leaving(customer), content=body).status_code == 200
    assert noted(session) == [("email", "reminders", False)]


def test_the_page_before_it_has_a_button_and_the_page_after_says_what_was_recorded(
    client: TestClient, customer: Customer
) -> None:
    assert '<button class="primary" name="List-Unsubscribe" value="One-Click">' in client.get(leaving(customer)).text
    after = client.post(leaving(customer), data=ONE_CLICK).text
    assert "Vastgelegd" in after
    assert "<button" not in after
    link = re.search(r'href="(/preferences/[^"]+)"', after)
    assert link is not None
    assert client.get(link[1]).status_code == 200


def test_switches_are_recorded_as_they_were_left_and_told(
    client: TestClient, session: Session, customer: Customer
) -> None:
    page = client.get(choosing(customer)).text
    assert re.findall(r'value="(email[^"]+)" id[^>]+?( checked)?>', page) == [
        ("email.reminders", " checked"), ("email.marketing", ""),
    ]  # fmt: skip
    sent = {"shown": ["email.reminders", "email.marketing"], "on": ["email.marketing"]}
    after = unescape(client.post(choosing(customer), data=sent).text)
    assert "Betalingsherinneringen per e-mail: uit" in after
    assert "Aanbiedingen en nieuws per e-mail: aan" in after
    assert noted(session) == [("email", "reminders", False), ("email", "marketing", True)]
    words = session.scalars(select(Consent.words).order_by(Consent.id)).all()
    assert words == ["e-mail: Betalingsherinneringen – uit", "e-mail: Aanbiedingen en nieuws – aan"]
    assert "Er was niets anders" in client.post(choosing(customer), data=sent).text


def test_everything_is_switched_off_at_once(client: TestClient, session: Session, customer: Customer) -> None:
    customer.contacts[0].addresses.append(Address(channel="sms", value="+31612345678"))
    session.commit()
    shown = [
        f"{channel}.{purpose}" for channel in ("email", "sms", "whatsapp") for purpose in ("reminders", "marketing")
    ]
    after = client.post(choosing(customer), data={"shown": shown, "on": shown, "nothing": "1"}).text
    assert "U krijgt van ons geen herinneringen en geen aanbiedingen." in after
    assert noted(session) == [(channel, "reminders", False) for channel in ("email", "sms", "whatsapp")]


@pytest.mark.parametrize("sent", [
    {}, {"on": ["email.reminders"]}, {"shown": ["email.service"]}, {"shown": ["fax.reminders", "email"]},
    {"shown": ["sms.reminders"]},
])  # fmt: skip
def test_what_the_page_did_not_show_cannot_be_switched(
    client: TestClient, session: Session, customer: Customer, sent: dict[str, list[str]]
) -> None:
    assert client.post(choosing(customer), data=sent).status_code == 200
    assert noted(session) == []


@pytest.mark.parametrize("body", [b"\xff\xfe", b"&" * 500, b"shown=" + b"%" * 900, b"{}"])
def test_an_odd_body_changes_nothing(client: TestClient, session: Session, customer: Customer, body: bytes) -> None:
    assert client.post(choosing(customer), content=body).status_code == 200
    assert noted(session) == []


def test_an_oversized_body_is_turned_away(client: TestClient, session: Session, customer: Customer) -> None:
    assert client.post(choosing(customer), content=b"x" * 20_000).status_code == 413


def test_a_link_that_is_not_ours_or_of_somebody_gone_is_the_same_friendly_page(
    client: TestClient, session: Session, customer: Customer
) -> None:
    good = choosing(customer)
    forged = [
        # Not the last letter: some of its bits mean nothing, so another one there can be the same signature.
        good[:-5] + ("A" if good[-5] != "A" else "B") + good[-4:],
        choosing(customer, Doorplate("another key", "https://parley.example")),
        "/preferences/" + leaving(customer).rsplit("/", 1)[-1],
        "/unsubscribe/" + good.rsplit("/", 1)[-1],
        path(preferences_url(PLATE, contact_id=new_key(), channel="email", address=MAIL)),
        path(unsubscribe_url(PLATE, contact_id=new_key(), channel="email", address=MAIL)),
        "/unsubscribe/x", "/preferences/%00", "/preferences/" + "a" * 5_000,
        "/preferences/" + PLATE.sign("preferences", "not a key"), "/unsubscribe/" + PLATE.sign("unsubscribe", "é" * 40, "x"),
    ]  # fmt: skip
    for url in forged:
        for method in ("GET", "POST"):
            answer = client.request(method, url, headers={"Accept-Language": "de"})
            assert answer.status_code == 404, (method, url)
            assert "Dieser Link funktioniert nicht" in answer.text
            assert not {"Van Dijk", "Jansen"} & set(answer.text.split())
    assert noted(session) == []


def test_the_page_is_not_kept_found_or_told_to_others_and_shows_no_whole_address(
    client: TestClient, customer: Customer
) -> None:
    answer = client.get(choosing(customer))
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-robots-tag"] == "noindex, nofollow"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "a•••@jansen.example" in answer.text
    assert MAIL not in answer.text
    assert "<script" not in answer.text


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_contacts_own_language_is_spoken(
    client: TestClient, session: Session, customer: Customer, language: str
) -> None:
    customer.contacts[0].language = language
    session.commit()
    words = words_in(language)
    for url, title in (
        (choosing(customer), words["title"]),
        (leaving(customer), words["leave_title"].format(what=words["reminders"])),
    ):
        text = client.get(url).text
        assert f'<html lang="{language}">' in text
        assert title in unescape(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_words_and_places(language: str) -> None:
    ours, english = words_in(language), words_in("en")
    assert list(ours) == list(english)
    assert list(ours["channels"]) == list(english["channels"])
    for name, sentence in english.items():
        if isinstance(sentence, str):
            assert sorted(re.findall(r"{(\w+)}", ours[name])) == sorted(re.findall(r"{(\w+)}", sentence)), name


@given(st.uuids(), st.sampled_from(["email", "sms", "whatsapp", "chat"]), st.emails())
def test_a_link_carries_ids_only_and_is_read_back(key: object, channel: str, address: str) -> None:
    one = unsubscribe_url(PLATE, contact_id=key, channel=channel, address=address, purpose="marketing")  # type: ignore[arg-type]
    assert one is not None
    found = unsubscribe_holder(PLATE, one.rsplit("/", 1)[-1])
    assert found is not None
    assert (found.contact_id, found.channel, found.purpose) == (key, channel, "marketing")
    assert found.mark == mark_of(PLATE, address)
    assert preferences_holder(PLATE, one.rsplit("/", 1)[-1]) is None


def test_without_a_person_or_a_public_address_there_is_no_link() -> None:
    assert preferences_url(PLATE, contact_id=None, channel="email", address=MAIL) is None
    assert unsubscribe_url(Doorplate("key"), contact_id=new_key(), channel="email", address=MAIL) is None


def test_a_link_works_however_old_it_is(client: TestClient, customer: Customer, clock: MovableClock) -> None:
    """A mail is kept for years, and unsubscribing from it has to work still."""
    url = leaving(customer)
    clock.move(timedelta(days=2_000))
    assert client.post(url, data=ONE_CLICK).status_code == 200
