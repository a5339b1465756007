"""Searching the inbox: by people, by numbers as far as one remembers them, and by words, with where each was found."""

from __future__ import annotations

import html
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup
from sqlalchemy import select
from sqlalchemy.orm import Session

from o2c_core.customers.seller import Seller
from o2c_core.store.store import Store
from tests.build import a_credit_note, a_customer, a_dispute, a_seller, an_invoice, an_order
from tests.web.opened import open_pages
from tests.web.talks import a_talk, said
from web.desk.inbox_search import lit, search, text_query


@pytest.fixture
def seller(session: Session) -> Seller:
    seller = a_seller(session)
    hart = a_customer(session, seller, "KL-7", name="Hart & Sons", email="ap@hart.example")
    invoice = an_invoice(session, hart, "INV-2026-0042")
    an_order(session, hart, "SO-1003")
    a_dispute(session, invoice).number = "D-0009"
    a_credit_note(session, hart, 100).number = "CN-17"
    talk = a_talk(session, hart, channel="sms", address="+31612345678")
    said(session, talk, "Only nine pallets of sprouts arrived", channel="sms")
    jansen = a_customer(session, seller, "KL-71", name="Bakkerij Jansen 100%", email="inkoop@jansen.example")
    other = a_talk(session, jansen, state="closed")
    said(session, other, "Waar blijft mijn bestelling van spruiten?")
    unknown = a_talk(session, seller, channel="email", address="nobody@known.example")
    said(session, unknown, "price list please", channel="email", subject="Catalogue 2027")
    session.commit()
    return seller


H, J, N = "Hart & Sons", "Bakkerij Jansen 100%", "n•••@known.example"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("hart", {H}),
        ("HAR", {H}),
        ("sons hart", {H}),
        ("jans", {H, J}),  # the one has a contact of that name
        ("KL-7", {H, J}),
        ("kl-71", {J}),
        ("inv-2026-00", {H}),
        ("INV-2026-0042", {H}),
        ("so-1003", {H}),
        ("d-0009", {H}),
        ("cn-17", {H}),
        ("AP@hart.example", {H}),
        ("nobody@known.example", {N}),
        ("06 12345678", {H}),
        ("A. Jansen", {H, J}),
        ("pallets", {H}),
        ("spr", {H, J}),
        ('"nine pallets"', {H}),
        ('"pallets nine"', set()),
        ("pallets -nine", set()),
        ("pallets or bestel", {H, J}),
        ('sprouts -"nine pallets"', set()),
        ("catalogue", {N}),
        ("nothing like it", set()),
        ("100%", {J}),
        ("_____", set()),
        ("' & | ! ( ) :* \\", set()),
    ],
)
def test_what_was_looked_for_is_found(store: Store, seller: Seller, words: str, found: set[str]) -> None:
    answer = open_pages(store).get("/inbox", params={"q": words})
    names = re.findall(r'class="row"[^>]*>([^<]*)<', answer.text)
    assert answer.status_code == 200
    assert {html.unescape(name) for name in names} == found


@pytest.mark.parametrize(
    ("words", "where"),
    [
        ("pallets", "Only nine <mark>pallets</mark> of sprouts arrived"),
        ("inv-2026", "Invoice <mark>INV-2026</mark>-0042"),
        ("so-1003", "Order <mark>SO-1003</mark>"),
        ("hart", "<mark>Hart</mark> &amp; Sons"),
        ("catalogue", "<mark>Catalogue</mark> 2027 · price list please"),
        ("ap@hart.example", "Address a•••@hart.example"),
    ],
)
def test_it_says_where_it_was_found(store: Store, seller: Seller, words: str, where: str) -> None:
    assert f'<span class="where">{where}</span>' in open_pages(store).get("/inbox", params={"q": words}).text


def test_what_is_found_can_be_narrowed_and_only_that_is_counted(store: Store, seller: Seller) -> None:
    page = open_pages(store).get("/inbox?q=spr&show=closed").text
    assert re.findall(r'class="row"[^>]*>([^<]*)<', page) == [J]
    assert 'data-count="all">2<' in page
    assert 'data-count="closed">1<' in page


@given(st.text(max_size=40))
def test_nothing_that_is_typed_becomes_markup(typed: str) -> None:
    marked = lit(typed, typed)
    assert isinstance(marked, Markup)
    assert marked.replace("<mark>", "").replace("</mark>", "") == Markup.escape(typed)


@pytest.mark.parametrize(
    "typed", ['"', '"" or', "or", "-", "- -", "a_b", "x:*", "\\", "'';--", "<b>", "é̀", "1,5 €", "a" * 200, "\U0001f600", "inv-"]
)  # fmt: skip
def test_nothing_that_is_typed_breaks_the_search(store: Store, session: Session, seller: Seller, typed: str) -> None:
    session.execute(select(text_query(typed))).scalar_one()
    search(session, seller, typed)
