"""The list of conversations: who waits for a person stands on top, and whoever looks finds what they look for."""

from __future__ import annotations

import html
import re
from datetime import timedelta

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from o2c_core.store.store import Store
from tests.build import MOMENT, a_customer, a_seller
from tests.web.opened import open_pages, words
from tests.web.talks import a_talk, called, said
from web.conversations import CONVERSATIONS_SHOWN, waited


def page_of(store: Store, query: str = "") -> str:
    answer = open_pages(store).get(f"/conversations{query}")
    assert answer.status_code == 200, query
    return answer.text


def names(page: str) -> list[str]:
    return [html.unescape(name) for name in re.findall(r'class="row"[^>]*>([^<]*)<', page)]


def test_who_waits_is_on_top_the_most_urgent_and_longest_waiting_first(store: Store, session: Session) -> None:
    seller = a_seller(session)
    # who, why a person is called (or not), since when (hours), last change (hours)
    for name, reason, called_hours, changed_hours in (
        ("newest", None, 0, 9),
        ("older", None, 0, 3),
        ("normal", "beyond_authority", 1, 1),
        ("now, later", "legal_threat", 6, 6),
        ("today", "asked_for_person", 2, 2),
        ("now, sooner", "bereavement", 5, 8),
    ):
        talk = a_talk(session, a_customer(session, seller, name=name))
        if reason:
            called(session, talk, reason, at=MOMENT + timedelta(hours=called_hours))
        talk.updated_at = MOMENT + timedelta(hours=changed_hours)
    session.commit()
    assert names(page_of(store)) == ["now, sooner", "now, later", "today", "normal", "newest", "older"]
    assert names(page_of(store, "?show=waiting")) == ["now, sooner", "now, later", "today", "normal"]


def test_a_person_who_came_is_not_waited_for_and_speaks(store: Store, session: Session) -> None:
    talk = a_talk(session, a_customer(session, a_seller(session)), speaker="agent")
    called(session, talk, "angry").ended_at = MOMENT
    session.commit()
    assert names(page_of(store, "?show=waiting")) == []
    assert names(page_of(store, "?show=agent")) == ["Bakkerij Jansen"]
    assert "a colleague speaks" in page_of(store)


def test_it_narrows_by_customer_and_counts_what_there_is_of_each(store: Store, session: Session) -> None:
    seller = a_seller(session)
    called(session, a_talk(session, a_customer(session, seller, "C7", name="Hart & Sons")), "angry")
    a_talk(session, a_customer(session, seller, "C8", name="Hartman"))
    a_talk(session, a_customer(session, seller, "C9", name="Bakkerij 100%"))
    a_talk(session, seller)
    session.commit()
    for query, found, counted in (
        ("", ["Hart & Sons", "Somebody we do not know", "Bakkerij 100%", "Hartman"], [4, 1, 0]),
        ("?q=hart", ["Hart & Sons", "Hartman"], [2, 1, 0]),
        ("?q=C8", ["Hartman"], [1, 0, 0]),
        ("?q=hart&show=waiting", ["Hart & Sons"], [2, 1, 0]),
        ("?q=%25", ["Bakkerij 100%"], [1, 0, 0]),
        ("?q=nobody", [], [0, 0, 0]),
        ("?show=odd", ["Hart & Sons", "Somebody we do not know", "Bakkerij 100%", "Hartman"], [4, 1, 0]),
    ):
        page = page_of(store, query)
        assert names(page) == found, query
        assert [int(count) for count in re.findall(r'class="how-many">(\d+)<', page)] == counted, query


def test_another_sellers_conversations_are_not_listed(store: Store, session: Session) -> None:
    mine, other = a_seller(session, "a"), a_seller(session, "b", name="Other")
    called(session, a_talk(session, a_customer(session, mine, name="Mine")), "angry")
    called(session, a_talk(session, a_customer(session, other, name="Theirs")), "angry")
    session.commit()
    assert names(page_of(store, "?seller=a")) == ["Mine"]
    assert names(page_of(store, "?seller=b")) == ["Theirs"]
    assert names(page_of(store, "?seller=a&q=theirs")) == []


def test_an_address_cannot_be_used_and_what_was_said_is_only_text(store: Store, session: Session) -> None:
    seller = a_seller(session)
    talk = a_talk(session, seller, channel="email", address="inkoop@delinde.example")
    said(session, talk, "<script>alert(1)</script>\n\n hello", channel="email")
    session.commit()
    page = page_of(store)
    assert names(page) == ["i•••@delinde.example"]
    assert "inkoop@" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; hello" in page


def test_of_a_customer_who_never_answered_it_says_what_we_wrote(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    quiet = a_talk(session, customer, channel="email", identity="stranger")
    said(session, quiet, "…", direction="out", author="assistant", subject="Factuur INV-7", delivery="sent")
    session.commit()
    page = words(page_of(store))
    assert "We wrote: Factuur INV-7" in page
    assert "no answer yet" in page
    assert "stranger" not in page


def test_what_is_at_stake_stands_in_the_list_by_currency(store: Store, session: Session) -> None:
    stakes = [
        {"currency": "EUR", "open_minor": 124_050, "overdue_minor": 0},
        {"currency": "GBP", "open_minor": 99, "overdue_minor": 99},
    ]
    called(session, a_talk(session, a_customer(session, a_seller(session))), "disagrees", at_stake=stakes)
    session.commit()
    page = html.unescape(words(page_of(store)))
    assert "€ 1.240,50" in page
    assert "£ 0,99" in page
    assert "Disagrees with what the ledger says" in page


def test_it_goes_on_where_the_page_ended_and_shows_who_waits_only_once(store: Store, session: Session) -> None:
    seller = a_seller(session)
    for number in range(CONVERSATIONS_SHOWN + 4):
        talk = a_talk(session, a_customer(session, seller, name=f"N{number}"))
        talk.updated_at = MOMENT + timedelta(minutes=number // 2)  # two of each moment
        if number < 2:
            called(session, talk, "angry")
    session.commit()
    first = page_of(store)
    older = re.search(r'href="(/conversations\?[^"]*before=[^"]*)"', first)
    assert older is not None
    second = open_pages(store).get(html.unescape(older[1])).text
    shown = [*names(first), *names(second)]
    assert sorted(shown) == sorted(f"N{number}" for number in range(CONVERSATIONS_SHOWN + 4))
    assert set(shown[:2]) == {"N0", "N1"}


@pytest.mark.parametrize(
    ("minutes", "said_"), [(0, "0 min"), (59, "59 min"), (60, "1 h 0 min"), (1500, "25 h 0 min"), (4400, "3 days"), (-5, "0 min")]
)  # fmt: skip
def test_how_long_somebody_waits(minutes: int, said_: str) -> None:
    assert waited(MOMENT, MOMENT + timedelta(minutes=minutes)) == said_


def test_empty_lists_teach(store: Store, session: Session) -> None:
    seller = a_seller(session)
    session.commit()
    assert "parley hear sms" in html.unescape(page_of(store))
    a_talk(session, a_customer(session, seller))
    session.commit()
    assert "Nobody waits for a person" in page_of(store, "?show=waiting")
    assert "No colleague speaks" in page_of(store, "?show=agent")


def test_the_list_asks_the_database_equally_often_for_few_and_for_many(store: Store, session: Session) -> None:
    seller, client, asked = a_seller(session), open_pages(store), []
    for so_many in (1, 9):
        for _ in range(so_many):
            talk = a_talk(session, a_customer(session, seller))
            said(session, talk, "Hallo")
            called(session, talk, "angry")
        session.commit()
        statements: list[str] = []

        def listen(*about: object, kept: list[str] = statements) -> None:
            kept.append(str(about[2]))

        event.listen(store.engine, "before_cursor_execute", listen)
        client.get("/conversations")
        event.remove(store.engine, "before_cursor_execute", listen)
        asked.append(len(statements))
    assert asked[0] == asked[1] > 0


@pytest.mark.parametrize("path", ["", "/0190b0a0-0000-7000-8000-000000000000"])
def test_outside_the_demo_there_are_no_such_pages(store: Store, session: Session, path: str) -> None:
    talk = a_talk(session, a_customer(session, a_seller(session)))
    session.commit()
    client = open_pages(store, is_demo=False)
    assert client.get(f"/conversations{path}").status_code == 404
    assert client.get(f"/conversations/{talk.id}").status_code == 404
