"""A parcel is found by order number and postcode together; wrong or somebody else's, all sounds the same."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import event
from sqlalchemy.orm import Session

from bot.desk import Desk
from bot.tools.tracking import TRIES_PER_NUMBER_HOUR, TRIES_PER_WRITER_HOUR
from o2c_core.clock import MovableClock
from o2c_core.conversations.message import Message
from o2c_core.conversations.remembered import Remembered
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.customers.seller import Seller
from o2c_core.customers.site import Site
from o2c_core.store.store import Store
from tests.bot.test_tools import a_desk, ask, say
from tests.build import DAY, MOMENT, a_customer, a_seller, a_shipment, an_order

FOUND = "Order SO-1003 is on its way. The parcel travels with PostNL, tracking number 3SVD77. It is expected on 17 March 2026."
NOT_FOUND = "I can't find a parcel with that order number and that postcode. Please check both."
TOO_OFTEN = "I can't look up more parcels this way for now. Please try again later, or ask for a colleague."


@pytest.fixture
def seller(session: Session) -> Seller:
    return a_seller(session)


@pytest.fixture
def customer(session: Session, seller: Seller) -> Customer:
    customer = a_customer(session, seller, "C1", postcode="1012 AB")
    order = an_order(session, customer, "SO-1003")
    order.lines[0].description = "Baking tins"
    a_shipment(session, order, "3SVD77", expected_on=DAY + timedelta(days=1))
    session.commit()
    return customer


def track(store: Store, seller: Seller, number: str | None, words: str, **more: Any) -> str:
    desk = a_desk(store, seller, None, words=words, **more)
    return say(desk, "track_order", **({"number": number} if number else {}))


@pytest.mark.parametrize("words", [
    "SO-1003, 1012 AB", "order so1003 to 1012ab", "1003 1012 ab", "Where is SO-1003? Postcode: 1012 AB.",
])  # fmt: skip
def test_both_in_any_spelling_find_the_parcel(store: Store, seller: Seller, customer: Customer, words: str) -> None:
    number = next(part for part in words.replace(",", " ").replace("?", " ").split() if "1003" in part)
    assert track(store, seller, number, words) == FOUND


@pytest.mark.parametrize(("kept", "written"), [
    ("1012 AB", "1012AB"), ("SW1A 1AA", "sw1a1aa"), ("SW1A1AA", "SW1A 1AA"), ("M1 1AE", "m11ae"), ("10115", "10115"),
    ("D-10115", "D-10115"), ("75001", "75001"), ("00-950", "00-950"), ("114 55", "11455"), ("1000-205", "1000-205"),
])  # fmt: skip
def test_postcodes_of_many_countries_are_compared_without_their_spaces(
    session: Session, store: Store, seller: Seller, kept: str, written: str
) -> None:
    order = an_order(session, a_customer(session, seller, "C2", postcode=kept), "SO-2002")
    a_shipment(session, order, "T2")
    session.commit()
    if kept != "D-10115":  # how a country's letter is kept is the seller's own
        assert "T2" in track(store, seller, "SO-2002", f"SO-2002 {written}")


@pytest.mark.parametrize(("number", "words"), [
    ("SO-1003", "SO-1003 1012 AC"), ("SO-1003", "SO-1003 1012"), ("SO-9999", "SO-9999 1012 AB"),
    ("SO-5555", "SO-5555 1012 AB"), ("SO-6666", "SO-6666 3511 BL"), ("003", "003 1012 AB"), ("SO-7777", "SO-7777 1012 AB"),
    ("3SVD77", "3SVD77 1012 AB"), ("INV-1", "INV-1 1012 AB"),
    ("SO-1003", "SO-1003: 1012 AA 1012 AB 1012 AC 1012 AD"),
])  # fmt: skip
def test_whatever_does_not_fit_gets_one_sentence_and_no_fact(
    session: Session, store: Store, seller: Seller, customer: Customer, number: str, words: str
) -> None:
    an_order(session, a_customer(session, seller, "C2", postcode="9999 ZZ"), "SO-5555")
    an_order(session, a_customer(session, seller, "C3", postcode="3511 BL", erased_at=MOMENT), "SO-6666")
    other = a_seller(session, "elsewhere")
    an_order(session, a_customer(session, other, "C4", postcode="1012 AB"), "SO-7777")
    session.commit()
    desk = a_desk(store, seller, None, words=words)
    assert say(desk, "track_order", number=number) == NOT_FOUND
    assert desk.facts.facts == {}


def test_a_wrong_number_and_a_wrong_postcode_are_the_same_work(
    session: Session, store: Store, seller: Seller, customer: Customer
) -> None:
    queries = []
    for number, words in (
        ("SO-9999", "SO-9999 1012 AB"),
        ("SO-1003", "SO-1003 1012 ZZ"),
        ("SO-9999", "SO-9999 1012 ZZ"),
    ):
        desk = a_desk(store, seller, None, words=words)
        with statements(session) as seen:
            say(desk, "track_order", number=number)
        queries.append(list(seen))
    assert queries[0] == queries[1] == queries[2]
    assert len(queries[0]) == 2


class statements:  # noqa: N801 (read as a word: with statements(…))
    """The SELECTs that are run inside."""

    def __init__(self, session: Session) -> None:
        self._engine = session.connection().engine
        self.seen: list[str] = []

    def _note(self, *args: Any) -> None:
        if str(args[2]).startswith("SELECT"):
            self.seen.append(str(args[2]))

    def __enter__(self) -> list[str]:
        event.listen(self._engine, "before_cursor_execute", self._note)
        return self.seen

    def __exit__(self, *_: object) -> None:
        event.remove(self._engine, "before_cursor_execute", self._note)


def test_it_goes_to_the_branch_where_the_order_names_one(
    session: Session, store: Store, seller: Seller, customer: Customer
) -> None:
    customer.sites.append(Site(ref="S1", name="Shop", postcode="3511 BL"))
    session.flush()
    a_shipment(session, an_order(session, customer, "SO-1004", site_id=customer.sites[0].id), "T4")
    session.commit()
    assert "T4" in track(store, seller, "SO-1004", "SO-1004 3511BL")
    assert track(store, seller, "SO-1004", "SO-1004 1012AB") == NOT_FOUND


@pytest.mark.parametrize("language", LANGUAGES)
def test_where_the_parcel_is_and_nothing_else_is_told(
    session: Session, store: Store, seller: Seller, customer: Customer, language: str
) -> None:
    order = an_order(session, customer, "SO-8", states=("delivered", "ordered"), purchase_order="PO-31")
    a_shipment(session, order, "T8", delivered_on=DAY, received_by="J. Visser", proof_kind="photo")
    session.commit()
    desk = a_desk(store, seller, None, words="SO-8 1012AB", language=language)
    said = say(desk, "track_order", number="SO-8")
    assert "T8" in said
    for secret in ("Visser", "Article", "Jansen", "12", "25", "PO-31", "1012"):
        assert secret not in said.replace("T8", ""), secret


def test_the_postcode_is_asked_for_and_the_next_message_is_it(store: Store, seller: Seller, customer: Customer) -> None:
    for tool in ("order_status", "track_order"):
        desk = a_desk(store, seller, None, words="Where is order SO-1003?")
        assert "I also need the postcode it goes to" in ask(desk, tool, "SO-1003")
        assert (desk.asks, desk.slots) == ("order_status", {"number": "SO-1003"})
        assert desk.facts.facts == {}
        following = a_desk(store, seller, None, words="1012 AB", before=Remembered(asked=desk.asks, slots=desk.slots))
        assert ask(following, "order_status") == FOUND


def test_a_postcode_of_figures_is_not_taken_for_a_number(
    session: Session, store: Store, seller: Seller, customer: Customer
) -> None:
    customer.postcode = "10115"
    session.commit()
    before = Remembered(asked="order_status", slots={"number": "SO-1003"})
    assert ask(a_desk(store, seller, None, words="10115", before=before), "order_status", "10115") == FOUND


def test_the_number_is_asked_for_when_only_the_postcode_came(store: Store, seller: Seller, customer: Customer) -> None:
    desk = a_desk(store, seller, None, words="Where is my parcel to 1012 AB?")
    assert "I also need the order number" in say(desk, "track_order")
    following = a_desk(store, seller, None, words="SO-1003", before=Remembered(asked=desk.asks, slots=desk.slots))
    assert ask(following, "order_status", "SO-1003") == FOUND


def test_without_both_a_stranger_hears_how_to_prove_it_and_what_is_enough(
    store: Store, seller: Seller, customer: Customer
) -> None:
    said = say(a_desk(store, seller, None, words="Where is my order?"), "order_status")
    assert said.startswith("I can only look into an account once I know whose it is.")
    assert "the order number and the postcode it goes to are enough" in said


def test_a_known_address_learns_no_more_than_a_stranger(store: Store, seller: Seller, customer: Customer) -> None:
    desk = a_desk(store, seller, None, known=customer, words="Where is SO-1003?")
    assert ask(desk, "order_status", "SO-1003").startswith("I can only look into an account")
    assert desk.facts.facts == {}
    desk = a_desk(store, seller, None, known=customer, words="Where is SO-1003 to 1012AB?")
    assert ask(desk, "order_status", "SO-1003") == FOUND
    assert (
        ask(a_desk(store, seller, None, known=customer, words="SO-1003 9999ZZ"), "order_status", "SO-1003") == NOT_FOUND
    )


def test_a_postcode_that_only_a_model_names_counts_for_nothing(
    store: Store, seller: Seller, customer: Customer
) -> None:
    desk = a_desk(store, seller, None, words="Where is SO-1003? You know the postcode.")
    assert "I also need the postcode" in say(desk, "track_order", number="SO-1003", postcode="1012 AB")


def test_the_proven_need_no_postcode_and_see_their_own_only(
    session: Session, store: Store, seller: Seller, customer: Customer
) -> None:
    an_order(session, a_customer(session, seller, "C2"), "SO-5555")
    session.commit()
    desk = a_desk(store, seller, customer, words="SO-1003")
    assert say(desk, "track_order", number="SO-1003") == FOUND
    assert say(desk, "track_order", number="SO-5555").startswith("I can't find that number on your account.")


def looked(store: Store, desk: Desk, number: str, times: int = 1, address: str | None = None) -> None:
    """Answers in which a parcel was looked for."""
    with store.session() as session:
        for _ in range(times):
            session.add(
                Message(
                    conversation_id=desk.conversation_id, direction="out", author="assistant", purpose="answer",
                    channel=desk.channel, address=address, text="…", delivery="sent", created_at=store.clock.now(),
                    understanding={"tools": [{"name": "track_order", "arguments": {"number": number}}]},
                )
            )  # fmt: skip
        session.commit()


def test_a_writer_may_look_a_few_times_an_hour(
    store: Store, seller: Seller, customer: Customer, clock: MovableClock
) -> None:
    desk = a_desk(store, seller, None, words="SO-1003 1012 AB")
    looked(store, desk, "SO-1", TRIES_PER_WRITER_HOUR - 1)
    assert say(desk, "track_order", number="SO-1003") == FOUND
    looked(store, desk, "SO-2")
    assert say(desk, "track_order", number="SO-1003") == TOO_OFTEN
    assert ask(desk, "order_status", "SO-1003") == TOO_OFTEN
    clock.move(timedelta(hours=1, seconds=1))
    assert say(desk, "track_order", number="SO-1003") == FOUND


def test_a_new_conversation_from_the_same_address_is_the_same_writer(
    store: Store, seller: Seller, customer: Customer
) -> None:
    first = a_desk(store, seller, None, channel="sms", address="+31600000001")
    looked(store, first, "SO-1", TRIES_PER_WRITER_HOUR, address="+31600000001")
    for address, said in (("+31600000001", TOO_OFTEN), ("+31600000002", FOUND)):
        desk = a_desk(store, seller, None, words="SO-1003 1012 AB", channel="sms", address=address)
        assert say(desk, "track_order", number="SO-1003") == said


@pytest.mark.parametrize("spelling", ["SO-1003", "so1003", "#SO 1003"])
def test_one_number_is_looked_for_a_few_times_an_hour_by_everybody_together(
    store: Store, seller: Seller, customer: Customer, spelling: str
) -> None:
    for _ in range(TRIES_PER_NUMBER_HOUR):
        looked(store, a_desk(store, seller, None), spelling)
    desk = a_desk(store, seller, None, words="SO-1003 1012 AB")
    assert say(desk, "track_order", number="SO-1003") == TOO_OFTEN


def test_asking_for_the_postcode_is_no_look_of_the_writer(store: Store, seller: Seller, customer: Customer) -> None:
    desk = a_desk(store, seller, None, words="SO-1003 1012 AB")
    with store.session() as session:
        for _ in range(TRIES_PER_WRITER_HOUR):
            session.add(
                Message(
                    conversation_id=desk.conversation_id, direction="out", author="assistant", purpose="answer",
                    channel="terminal", text="…", delivery="sent", created_at=store.clock.now(),
                    understanding={"tools": [{"name": "order_status", "arguments": {"number": "SO-1"}}], "asks": "order_status"},
                )
            )  # fmt: skip
        session.commit()
    assert say(desk, "track_order", number="SO-1003") == FOUND
