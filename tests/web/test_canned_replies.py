"""Canned replies: shipped in four languages, changed by who may, and with no place that nobody can fill."""

from __future__ import annotations

import html

import pytest
from sqlalchemy.orm import Session

from o2c_core.conversations.canned import PLACES, canned_replies, check_places
from o2c_core.customers.customer import LANGUAGES
from o2c_core.store.store import Store
from tests.build import a_seller
from tests.web.opened import open_pages


def test_every_language_has_the_same_replies_with_the_same_places(session: Session) -> None:
    seller = a_seller(session)
    found = {
        language: {one.name: set(one.places) for one in canned_replies(session, seller.id, language)}
        for language in LANGUAGES
    }
    assert all(found[language] == found["en"] for language in LANGUAGES)
    assert all(places <= set(PLACES) for places in found["en"].values())
    for language in LANGUAGES:
        for one in canned_replies(session, seller.id, language):
            check_places(one.text)


def test_a_sellers_own_reply_stands_instead_of_the_houses_and_an_empty_one_takes_it_out(
    store: Store, session: Session
) -> None:
    seller = a_seller(session)
    session.commit()
    carla = open_pages(store, role="manager", name="Carla")
    form = {"seller": seller.ref, "language": "nl", "name": "Nothing more to do"}
    assert carla.post("/canned-replies", data=form | {"text": "Klaar, {contact}."}).status_code == 200
    shown = {one.name: one.text for one in canned_replies(session, seller.id, "nl")}
    assert shown["Nothing more to do"] == "Klaar, {contact}."
    carla.post("/canned-replies", data=form | {"text": " "})
    session.expire_all()
    assert "Nothing more to do" not in {one.name for one in canned_replies(session, seller.id, "nl")}


@pytest.mark.parametrize("text", ["{iban} is nieuw", "{amount", "amount}", "{}"])
def test_a_place_nobody_knows_is_refused(store: Store, session: Session, text: str) -> None:
    seller = a_seller(session)
    session.commit()
    carla = open_pages(store, role="manager", name="Carla")
    form = {"seller": seller.ref, "language": "nl", "name": "X", "text": text}
    answer = carla.post("/canned-replies", data=form)
    assert answer.status_code == 400
    assert "A reply may have the places" in html.unescape(answer.text)


@pytest.mark.parametrize("role", ["agent", "finance"])
def test_who_may_not_change_them_does_not(store: Store, session: Session, role: str) -> None:
    a_seller(session)
    session.commit()
    assert open_pages(store, role=role, name="Anna").get("/canned-replies").status_code == 403
