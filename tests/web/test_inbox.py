"""The inbox: who waits for a person stands on top, the soonest due first, and whoever looks finds what they look for."""

from __future__ import annotations

import html
import re
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from o2c_core.actions.add_user import NewUser, add_user
from o2c_core.actions.begin_sign_in import begin_sign_in
from o2c_core.actions.note_presence import note_presence
from o2c_core.clock import MovableClock
from o2c_core.staff.user import Look
from o2c_core.store.store import Store
from tests.build import MOMENT, a_customer, a_seller
from tests.conftest import NOON
from tests.web.opened import open_pages, words
from tests.web.talks import a_talk, answered, called, said
from web.desk.called import due_in_words, waited
from web.desk.door import COOKIE
from web.desk.inbox_views import ROWS_SHOWN


def page_of(store: Store, query: str = "") -> str:
    answer = open_pages(store).get(f"/inbox{query}")
    assert answer.status_code == 200, query
    return answer.text


def names(page: str) -> list[str]:
    return [html.unescape(name) for name in re.findall(r'class="row"[^>]*>([^<]*)<', page)]


def counted(page: str) -> dict[str, str]:
    return dict(re.findall(r'data-count="(\w+)">([^<]*)<', page))


def test_who_waits_is_on_top_and_the_soonest_due_first(store: Store, session: Session) -> None:
    seller = a_seller(session)
    # who, why a person is called (or not), how many hours before noon; "now" is due in 15 minutes, "today" in two hours,
    # "normal" in a working day
    for name, reason, hours in (
        ("newest", None, 0),
        ("older", None, 5),
        ("normal", "beyond_authority", 3),
        ("late", "legal_threat", 2),
        ("today", "asked_for_person", 1),
        ("now", "bereavement", 0),
    ):
        talk = a_talk(session, a_customer(session, seller, name=name), updated_at=NOON - timedelta(hours=hours))
        if reason:
            called(session, talk, reason, at=NOON - timedelta(hours=hours))
    session.commit()
    assert names(page_of(store)) == ["late", "now", "today", "normal"]
    assert names(page_of(store, "?show=all&sort=urgency")) == ["late", "now", "today", "normal", "newest", "older"]
    assert names(page_of(store, "?show=all&channel=chat"))[-1] == "older"


def test_a_row_says_why_how_long_and_until_when(store: Store, session: Session) -> None:
    talk = a_talk(session, a_customer(session, a_seller(session)), channel="sms", language="nl")
    said(session, talk, "Dan stap ik naar mijn advocaat", channel="sms")
    stakes = [
        {"currency": "EUR", "open_minor": 841_000, "overdue_minor": 0},
        {"currency": "GBP", "open_minor": 99, "overdue_minor": 99},
    ]
    called(session, talk, "legal_threat", at=NOON - timedelta(minutes=25), at_stake=stakes)
    session.commit()
    row = html.unescape(words(page_of(store)))
    for what in (
        "Bakkerij Jansen", "Dan stap ik naar mijn advocaat", "Speaks of legal steps", "at once", "waits 25 min",
        "00:10 late", "€ 8.410,00", "£ 0,99", "nobody yet", "SMS · nl", "1 waiting, 1 late",
    ):  # fmt: skip
        assert what in row, what


def test_each_view_shows_its_own_and_counts_them(store: Store, session: Session, clock: MovableClock) -> None:
    seller, client = a_seller(session), open_pages(store, name="Noor")
    me = add_user(NewUser("me@vandijk.example", "Me", "agent", teams=("North",)), by="test", store=store)
    client.cookies.set(COOKIE, begin_sign_in(me.id, by="password", browser="test", store=store))
    for name, fields, reason in (
        ("mine", {"owner_id": me.id}, "angry"),
        ("north", {"team": "North"}, "angry"),
        ("south", {"team": "South"}, "angry"),
        ("off", {"snoozed_until": NOON + timedelta(hours=1)}, "angry"),
        ("over", {"snoozed_until": NOON}, "angry"),
        ("in hand", {"speaker": "agent"}, None),
        ("closed", {"state": "closed", "owner_id": me.id}, None),
        ("assistant", {}, None),
    ):
        talk = a_talk(session, a_customer(session, seller, name=name))
        if reason:
            called(session, talk, reason, at=NOON)
        for field, value in fields.items():
            setattr(talk, field, value)
    session.commit()
    everybody = {"mine", "north", "south", "off", "over", "in hand", "closed", "assistant"}
    views = {
        "waiting": {"mine", "north", "south", "over"},
        "mine": {"mine"},
        "team": {"north"},
        "unassigned": {"north", "south", "over"},
        "snoozed": {"off"},
        "agent": {"in hand"},
        "all": everybody,
        "closed": {"closed"},
    }
    for view, expected in views.items():
        page = client.get(f"/inbox?show={view}").text
        assert set(names(page)) == expected, view
        assert counted(page) == {name: str(len(some)) for name, some in views.items()}, view
    clock.move(timedelta(hours=1))
    assert "off" in names(client.get("/inbox").text), "what was put off comes back by itself"


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("channel=sms", {"sms"}),
        ("language=de", {"german"}),
        ("language=other", {"polish"}),
        ("reason=angry", {"sms", "german"}),
        ("urgency=now", {"polish"}),
        ("owner=nobody", {"sms", "german", "polish"}),
        ("owner=me", set()),
        ("channel=sms&reason=legal_threat", set()),
        ("channel=odd&reason=odd&urgency=odd&owner=odd&sort=odd&after=odd", {"sms", "german", "polish"}),
    ],
)
def test_it_narrows_and_its_counts_with_it(store: Store, session: Session, query: str, found: set[str]) -> None:
    seller = a_seller(session)
    for name, fields, reason in (
        ("sms", {"channel": "sms"}, "angry"),
        ("german", {"language": "de"}, "angry"),
        ("polish", {"language": "pl"}, "legal_threat"),
    ):
        called(session, a_talk(session, a_customer(session, seller, name=name), **fields), reason)
    session.commit()
    page = page_of(store, f"?{query}")
    assert set(names(page)) == found
    assert counted(page)["waiting"] == str(len(found))


def test_most_money_first(store: Store, session: Session) -> None:
    seller = a_seller(session)
    for name, minor in (("little", 500), ("much", 90_000), ("none", None), ("yen", 1_000)):
        currency = "JPY" if name == "yen" else "EUR"
        stakes = [{"currency": currency, "open_minor": minor, "overdue_minor": 0}] if minor else []
        called(session, a_talk(session, a_customer(session, seller, name=name)), "angry", at_stake=stakes)
    session.commit()
    assert names(page_of(store, "?sort=money")) == ["yen", "much", "little", "none"]


def test_another_sellers_conversations_are_not_listed(store: Store, session: Session) -> None:
    mine, other = a_seller(session, "a"), a_seller(session, "b", name="Other")
    called(session, a_talk(session, a_customer(session, mine, name="Mine")), "angry")
    theirs = a_talk(session, a_customer(session, other, name="Theirs"))
    called(session, theirs, "angry")
    session.commit()
    assert names(page_of(store, "?seller=a")) == ["Mine"]
    assert names(page_of(store, "?seller=b")) == ["Theirs"]
    assert names(page_of(store, "?seller=a&q=theirs")) == []
    rows = open_pages(store).get(f"/inbox/rows?seller=a&show=all&ids={theirs.id}").text
    assert "Theirs" not in rows


def test_an_address_cannot_be_used_and_what_was_said_is_only_text(store: Store, session: Session) -> None:
    talk = a_talk(session, a_seller(session), channel="email", address="inkoop@delinde.example")
    said(session, talk, "<script>alert(1)</script>\n\n hello", channel="email")
    session.commit()
    for query in ("?show=all", "?show=all&q=hello"):
        page = page_of(store, query)
        assert names(page) == ["i•••@delinde.example"]
        assert "inkoop@" not in page
        assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
        assert "<script>alert" not in page


def test_of_a_customer_who_never_answered_it_says_what_we_wrote(store: Store, session: Session) -> None:
    quiet = a_talk(session, a_customer(session, a_seller(session)), channel="email", identity="stranger")
    said(session, quiet, "…", direction="out", author="assistant", subject="Factuur INV-7", delivery="sent")
    session.commit()
    assert "We wrote: Factuur INV-7" in words(page_of(store, "?show=all"))


def test_it_says_who_is_looking_and_who_is_writing(store: Store, session: Session, clock: MovableClock) -> None:
    talk = a_talk(session, a_customer(session, a_seller(session)))
    called(session, talk, "angry")
    session.commit()
    anna = add_user(NewUser("anna@vandijk.example", "Anna", "agent"), by="test", store=store)
    for typing, seconds, shows in ((False, 0, "Anna is looking"), (True, 0, "Anna is writing"), (True, 9, "Anna is looking"), (True, 46, "")):  # fmt: skip
        note_presence(talk.id, user_id=anna.id, is_typing=typing, store=store)
        clock.move(timedelta(seconds=seconds))
        page = words(page_of(store))
        assert shows in page
        assert ("Anna is" in page) is bool(shows)
    note_presence(talk.id, user_id=anna.id, store=store)
    note_presence(talk.id, user_id=anna.id, is_leaving=True, store=store)
    assert "Anna is" not in words(page_of(store))


@pytest.mark.parametrize("query", ["", "?sort=money", "?sort=newest", "?show=all", "?show=all&sort=urgency"])
def test_it_goes_on_where_the_page_ended_and_shows_everybody_once(store: Store, session: Session, query: str) -> None:
    seller, shown = a_seller(session), []
    so_many = ROWS_SHOWN + 24
    for number in range(so_many):
        talk = a_talk(session, a_customer(session, seller, name=f"N{number}"))
        stakes = [{"currency": "EUR", "open_minor": number // 4 * 100, "overdue_minor": 0}] if number % 3 else []
        if number % 5 or "show=all" not in query:
            called(session, talk, "angry", at=MOMENT + timedelta(hours=number // 3), at_stake=stakes)
        talk.updated_at = MOMENT + timedelta(minutes=number // 2)  # two of each moment
    session.commit()
    client, address = open_pages(store), f"/inbox{query}"
    for _ in range(2):
        page = client.get(address).text
        shown += names(page)
        more = re.search(r'href="(/inbox\?[^"]*after=[^"]*)" rel="next"', page)
        address = html.unescape(more[1]) if more else ""
    assert address == ""
    assert sorted(shown) == sorted(f"N{number}" for number in range(so_many))


@pytest.mark.parametrize(
    ("minutes", "said_"), [(0, "0 min"), (59, "59 min"), (60, "1 h 0 min"), (1500, "25 h 0 min"), (4400, "3 days"), (-5, "0 min")]
)  # fmt: skip
def test_how_long_somebody_waits(minutes: int, said_: str) -> None:
    assert waited(MOMENT, MOMENT + timedelta(minutes=minutes)) == said_


@pytest.mark.parametrize(
    ("minutes", "said_"),
    [
        (-130, "02:10 late"),
        (-1, "00:01 late"),
        (-60 * 47, "47:00 late"),
        (-60 * 72, "3 days late"),
        (0, "due in 0 min"),
        (40, "due in 40 min"),
        (90, "due 13:30"),
        (60 * 21 + 40, "due tomorrow 09:40"),
        (60 * 24 * 3, "due 19 mrt 2026 12:00"),
    ],
)
def test_until_when_somebody_is_to_be_answered(minutes: int, said_: str) -> None:
    at = NOON + timedelta(minutes=minutes)
    assert due_in_words(at, NOON, ZoneInfo("Europe/Amsterdam"), "nl_NL") == said_


def test_an_empty_inbox_says_what_the_assistant_did_today(store: Store, session: Session) -> None:
    seller = a_seller(session)
    session.commit()
    first = html.unescape(page_of(store))
    assert "No one is waiting." in first
    assert "parley hear sms" in first
    assert "The assistant answered" not in first
    talk = a_talk(session, a_customer(session, seller), updated_at=NOON)
    for number, at in enumerate((NOON, NOON, NOON, NOON - timedelta(days=1))):
        asked = said(session, talk, "Hallo", created_at=at)
        if number != 1:
            asked.answered_by_id = answered(session, asked, "Dag").id
    session.commit()
    assert "The assistant answered 2 of 3 today." in words(page_of(store))
    for view, teaches in (
        ("mine", "Nothing lies with you"),
        ("agent", "No colleague speaks"),
        ("snoozed", "Nothing is put off"),
    ):
        assert teaches in words(page_of(store, f"?show={view}"))
    assert "Nothing like that" in words(page_of(store, "?show=all&channel=whatsapp"))


def test_it_asks_the_database_equally_often_for_few_and_for_many(store: Store, session: Session) -> None:
    seller, client = a_seller(session), open_pages(store)
    asked: dict[str, list[int]] = {"/inbox": [], "/inbox?q=hallo": []}
    for so_many in (1, 9):
        for _ in range(so_many):
            talk = a_talk(session, a_customer(session, seller))
            said(session, talk, "Hallo")
            called(session, talk, "angry")
        session.commit()
        for address, kept in asked.items():
            statements: list[str] = []

            def listen(*about: object, kept: list[str] = statements) -> None:
                kept.append(str(about[2]))

            event.listen(store.engine, "before_cursor_execute", listen)
            client.get(address)
            event.remove(store.engine, "before_cursor_execute", listen)
            kept.append(len(statements))
    assert all(few == many > 0 for few, many in asked.values()), asked


def test_the_list_there_was_leads_here(store: Store, session: Session) -> None:
    a_seller(session)
    session.commit()
    client = open_pages(store)
    for query, there in (("", "/inbox?show=all"), ("?q=C7&seller=vandijk", "/inbox?show=all&q=C7&seller=vandijk")):
        answer = client.get(f"/conversations{query}", follow_redirects=False)
        assert (answer.status_code, answer.headers["location"]) == (303, there)


def test_looking_leaves_one_line_and_rows_that_change_leave_none(store: Store, session: Session) -> None:
    a_seller(session)
    session.commit()
    client = open_pages(store)
    client.get("/inbox?q=jansen&show=all")
    client.get("/inbox/rows?show=all")
    assert [(look.page, look.about) for look in session.query(Look)] == [("/inbox", "all jansen")]


def test_nobody_sees_the_inbox_without_signing_in(store: Store, session: Session) -> None:
    a_seller(session)
    session.commit()
    stranger = open_pages(store, role=None)
    assert stranger.get("/inbox", follow_redirects=False).headers["location"].startswith("/sign-in")
    for path in ("/inbox/rows", "/inbox/live"):
        assert stranger.get(path, headers={"Accept": "text/event-stream"}).status_code == 401
    assert stranger.post("/inbox/do", data={"do": "take"}).status_code == 401


def test_a_full_page_is_small(store: Store, session: Session) -> None:
    seller = a_seller(session)
    for number in range(ROWS_SHOWN + 1):
        talk = a_talk(session, a_customer(session, seller, name=f"Bakkerij {number} van der Lindenbergh & Zonen"))
        said(session, talk, "Waarom staat deze factuur nog open, ik heb hem toch al lang betaald? " * 4)
        called(session, talk, "disagrees", at_stake=[{"currency": "EUR", "open_minor": 99_999, "overdue_minor": 1}])
    session.commit()
    assert len(page_of(store).encode()) < 100_000
