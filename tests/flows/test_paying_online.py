"""Money paid on a provider's page: booked once, on what was chosen, when the provider says so and never before."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from o2c_core.actions.begin_online_payment import BEGINNINGS_MAX, Begun, TooManyBegun
from o2c_core.actions.look_up_payments import GIVEN_UP_AFTER, look_up_payments
from o2c_core.actions.settle_online_payment import note_taken_back, settle_online_payment
from o2c_core.clock import MovableClock
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound
from o2c_core.invoices.allocation import MoreThanIsOpen, NotAboveZero, NotTheirInvoice, OtherCurrency
from o2c_core.invoices.invoice import Invoice
from o2c_core.invoices.pay_provider import ProviderDown, ProviderRefused, TakenBack, Word
from o2c_core.invoices.payment import Payment
from o2c_core.invoices.posting import left_of
from o2c_core.keys import new_key
from o2c_core.money import Money
from o2c_core.store.store import Store
from tests.build import a_customer, a_dispute, a_payment, a_seller, an_invoice
from tests.channels.paying import Provider, begin, booked, eur, left_open, row, tasks


@pytest.fixture
def customer(session: Session) -> Customer:
    customer = a_customer(session, a_seller(session), "C1")
    session.commit()
    return customer


@pytest.fixture
def ids(session: Session, customer: Customer) -> dict[str, UUID]:
    """A is 100.00, B 50.00."""
    found = {
        name: an_invoice(session, customer, name, total_minor=minor) for name, minor in (("A", 10_000), ("B", 5_000))
    }
    session.commit()
    return {name: invoice.id for name, invoice in found.items()}


@pytest.fixture
def provider() -> Provider:
    return Provider()


def say(
    store: Store,
    begun: Begun,
    standing: Any,
    *,
    key: str = "key-1",
    amount: Money | None = None,
    id_: UUID | None = None,
) -> str:
    word = Word(key, id_ or begun.id, standing, amount)
    return settle_online_payment(word, provider="played", store=store)


def test_the_row_is_there_before_the_provider_is_asked(
    store: Store, session: Session, customer: Customer, ids: dict[str, UUID]
) -> None:
    class Looks(Provider):
        def begin(self, asking: Any) -> Any:
            seen.append(row(session, Begun(asking.id, None)).state)
            return super().begin(asking)

    seen: list[str] = []
    provider = Looks()
    begun = begin(store, provider, customer.id, {ids["A"]: eur(10_000), ids["B"]: eur(2_000)})
    assert seen == ["begun"]
    found = row(session, begun)
    assert (found.state, found.provider_key, begun.url) == ("open", "key-1", "https://pay.example/1")
    (asking,) = provider.asked
    assert (asking.id, asking.amount, asking.description) == (begun.id, eur(12_000), "A, B")
    assert asking.back_url.endswith(str(begun.id))
    assert booked(session) == []


@pytest.mark.parametrize(
    ("parts", "refusal"),
    [
        ({"A": eur(0)}, NotAboveZero),
        ({"A": eur(-5)}, NotAboveZero),
        ({"A": eur(10_001)}, MoreThanIsOpen),
        ({"A": eur(1_000), "B": eur(5_001)}, MoreThanIsOpen),
        ({"D": eur(6_001)}, MoreThanIsOpen),
        ({"A": Money(1_000, "USD")}, OtherCurrency),
        ({"A": eur(1_000), "U": Money(1_000, "USD")}, OtherCurrency),
        ({"X": eur(1_000)}, NotTheirInvoice),
        ({"nobody's": eur(1_000)}, NotTheirInvoice),
        ({}, NotFound),
    ],
)
def test_nothing_is_begun_that_may_not_be_asked(
    store: Store, session: Session, customer: Customer, ids: dict[str, UUID], provider: Provider,
    parts: dict[str, Money], refusal: type[Exception],
) -> None:  # fmt: skip
    """D is 100.00 of which 40.00 is objected to, U is in dollars, X is another customer's."""
    disputed = an_invoice(session, customer, "D", total_minor=10_000)
    a_dispute(session, disputed, 4_000)
    dollars = an_invoice(session, customer, "U", currency="USD")
    other = an_invoice(session, a_customer(session, a_seller(session, "other"), "C9"), "X", total_minor=9_000)
    session.commit()
    known = ids | {"D": disputed.id, "U": dollars.id, "X": other.id, "nobody's": new_key()}
    with pytest.raises(refusal):
        begin(store, provider, customer.id, {known[name]: amount for name, amount in parts.items()})
    assert provider.asked == []


@pytest.mark.parametrize("no", [ProviderDown(), ProviderRefused()])
def test_a_provider_that_does_not_take_it_leaves_a_failed_row_and_no_page(
    store: Store, session: Session, customer: Customer, ids: dict[str, UUID], no: Exception
) -> None:
    begun = begin(store, Provider(fails=no), customer.id, {ids["A"]: eur(10_000)})
    found = row(session, begun)
    assert (begun.url, found.state, found.why) == (None, "failed", str(no))


def test_who_only_ever_begins_waits_a_moment(
    store: Store, customer: Customer, ids: dict[str, UUID], provider: Provider, clock: MovableClock
) -> None:
    for _ in range(BEGINNINGS_MAX):
        begin(store, provider, customer.id, {ids["A"]: eur(100)})
    with pytest.raises(TooManyBegun):
        begin(store, provider, customer.id, {ids["A"]: eur(100)})
    clock.move(timedelta(hours=1))
    assert begin(store, provider, customer.id, {ids["A"]: eur(100)}).url


# What the provider says one after the other, what each came to, and what is open on A and B and booked in the end; chosen
# were 100.00 of A and 20.00 of B.
HISTORIES = [
    (["paid"], ["paid"], (0, 3_000), [12_000]),
    (["paid", "paid", "paid"], ["paid", "known", "known"], (0, 3_000), [12_000]),
    (["open", "paid"], ["known", "paid"], (0, 3_000), [12_000]),
    (["failed"], ["failed"], (10_000, 5_000), []),
    (["expired"], ["expired"], (10_000, 5_000), []),
    (["cancelled"], ["cancelled"], (10_000, 5_000), []),
    # Out of order, and late.
    (["paid", "failed", "expired", "cancelled", "open"], ["paid"] + ["known"] * 4, (0, 3_000), [12_000]),
    (["expired", "paid"], ["expired", "paid"], (0, 3_000), [12_000]),
    (["failed", "expired", "paid"], ["failed", "known", "paid"], (0, 3_000), [12_000]),
    # What is paid is not what was asked for.
    (["paid 119.99"], ["unlike"], (10_000, 5_000), []),
    (["paid 120.01"], ["unlike"], (10_000, 5_000), []),
    (["paid USD"], ["unlike"], (10_000, 5_000), []),
    (["paid nothing"], ["unlike"], (10_000, 5_000), []),
    (["paid other key"], ["unlike"], (10_000, 5_000), []),
    (["paid other id"], ["unlike"], (10_000, 5_000), []),
    (["paid 119.99", "paid 119.99", "paid"], ["unlike", "unlike", "paid"], (0, 3_000), [12_000]),
    (["failed other key"], ["unlike"], (10_000, 5_000), []),
]


@pytest.mark.parametrize(("words", "outcomes", "left", "money"), HISTORIES)
def test_what_a_provider_says_and_what_comes_of_it(
    store: Store, session: Session, customer: Customer, ids: dict[str, UUID], provider: Provider,
    words: list[str], outcomes: list[str], left: tuple[int, int], money: list[int],
) -> None:  # fmt: skip
    begun = begin(store, provider, customer.id, {ids["A"]: eur(10_000), ids["B"]: eur(2_000)})
    amounts = {"119.99": eur(11_999), "120.01": eur(12_001), "USD": Money(12_000, "USD"), "nothing": None}
    found = []
    for said in words:
        standing, _, odd = said.partition(" ")
        found.append(
            say(
                store,
                begun,
                standing,
                key="key-9" if odd == "other key" else "key-1",
                amount=amounts.get(odd, eur(12_000)),
                id_=new_key() if odd == "other id" else None,
            )
        )
    assert found == outcomes
    assert tuple(left_open(session).values()) == left
    assert booked(session) == money
    is_odd = any(" " in said and said.startswith("paid") for said in words)
    assert tasks(session) == (1 if is_odd else 0)
    paid = row(session, begun)
    assert (paid.state == "paid") == bool(money)
    assert (paid.payment_id is not None) == bool(money)


@pytest.mark.parametrize(
    ("meanwhile", "left", "is_unapplied"),
    [
        ({}, (0, 0), 0),
        ({"A": 4_000}, (0, 0), 4_000),
        ({"A": 10_000}, (0, 0), 10_000),
        ({"A": 10_000, "B": 5_000}, (0, 0), 15_000),
    ],
)
def test_what_was_paid_another_way_meanwhile_stays_as_unapplied_money(
    store: Store, session: Session, customer: Customer, ids: dict[str, UUID], provider: Provider,
    meanwhile: dict[str, int], left: tuple[int, int], is_unapplied: int,
) -> None:  # fmt: skip
    begun = begin(store, provider, customer.id, {ids["A"]: eur(10_000), ids["B"]: eur(5_000)})
    for name, minor in meanwhile.items():
        a_payment(session, session.get_one(Invoice, ids[name]), minor)
    session.commit()
    assert say(store, begun, "paid", amount=eur(15_000)) == "paid"
    assert tuple(left_open(session).values()) == left
    payment = session.get_one(Payment, row(session, begun).payment_id)
    assert left_of(session, payment).minor == is_unapplied


def test_a_webhook_may_be_quicker_than_the_answer_to_us(
    store: Store, session: Session, customer: Customer, ids: dict[str, UUID]
) -> None:
    class Quick(Provider):
        def begin(self, asking: Any) -> Any:
            word = Word("key-1", asking.id, "paid", asking.amount)
            outcomes.append(settle_online_payment(word, provider=self.name, store=store))
            return super().begin(asking)

    outcomes: list[str] = []
    begun = begin(store, Quick(), customer.id, {ids["A"]: eur(10_000)})
    assert outcomes == ["paid"]
    found = row(session, begun)
    assert (found.state, found.provider_key) == ("paid", "key-1")
    assert booked(session) == [10_000]


def test_a_word_that_it_is_open_may_be_quicker_too_and_the_page_is_still_known(
    store: Store, session: Session, customer: Customer, ids: dict[str, UUID]
) -> None:
    class Quick(Provider):
        def begin(self, asking: Any) -> Any:
            settle_online_payment(Word("key-1", asking.id, "open", asking.amount), provider=self.name, store=store)
            return super().begin(asking)

    begun = begin(store, Quick(), customer.id, {ids["A"]: eur(10_000)})
    found = row(session, begun)
    assert (found.state, found.page_url) == ("open", "https://pay.example/1")


def test_a_word_about_nobodys_payment_is_nothing(store: Store, session: Session, customer: Customer) -> None:
    assert settle_online_payment(Word("key-1", new_key(), "paid", eur(1)), provider="played", store=store) == "unknown"
    assert not note_taken_back(TakenBack("key-1", None, "refund", "re_1", eur(1)), provider="played", store=store)
    assert (booked(session), tasks(session)) == ([], 0)


def test_another_providers_word_about_the_same_key_is_nothing(
    store: Store, session: Session, customer: Customer, ids: dict[str, UUID], provider: Provider
) -> None:
    begun = begin(store, provider, customer.id, {ids["A"]: eur(10_000)})
    word = Word("key-1", begun.id, "paid", eur(10_000))
    assert settle_online_payment(word, provider="somebody", store=store) == "unknown"
    assert booked(session) == []


@pytest.mark.parametrize("kind", ["refund", "dispute"])
def test_money_that_leaves_again_is_a_persons_task_once(
    store: Store, session: Session, customer: Customer, ids: dict[str, UUID], provider: Provider, kind: Any
) -> None:
    begun = begin(store, provider, customer.id, {ids["A"]: eur(10_000)})
    say(store, begun, "paid", amount=eur(10_000))
    for _ in range(3):
        assert note_taken_back(TakenBack("key-1", begun.id, kind, "re_1", eur(2_500)), provider="played", store=store)
    assert tasks(session) == 1
    assert left_open(session)["A"] == 0


@pytest.mark.parametrize(
    ("says", "believes", "after", "outcome", "state", "money", "asked"),
    [
        ("paid", True, timedelta(minutes=6), "paid", "paid", [10_000], 0),
        ("paid", False, timedelta(minutes=6), "asked", "open", [], 1),
        ("expired", False, timedelta(minutes=6), "expired", "expired", [], 0),
        ("failed", True, timedelta(minutes=6), "failed", "failed", [], 0),
        ("open", True, timedelta(days=3), "open", "open", [], 0),
        ("open", True, GIVEN_UP_AFTER, "expired", "expired", [], 0),
        (None, True, timedelta(days=1), "open", "open", [], 0),
        (ProviderDown(), True, timedelta(hours=1), "down", "open", [], 0),
        (RuntimeError(), True, timedelta(hours=1), "broke", "open", [], 0),
        ("paid", True, timedelta(minutes=4), None, "open", [], 0),
    ],
)
def test_what_was_left_open_is_looked_up(
    store: Store, session: Session, customer: Customer, ids: dict[str, UUID], clock: MovableClock,
    says: Any, believes: bool, after: timedelta, outcome: str | None, state: str, money: list[int], asked: int,
) -> None:  # fmt: skip
    provider = Provider(believes_look_up=believes)
    begun = begin(store, provider, customer.id, {ids["A"]: eur(10_000)})
    provider.says = Word("key-1", begun.id, says, eur(10_000)) if isinstance(says, str) else says
    clock.move(after)
    assert dict(look_up_payments({"played": provider}, store=store)) == ({outcome: 1} if outcome else {})
    # A second sweep right after it asks nobody anything.
    assert dict(look_up_payments({"played": provider}, store=store)) == {}
    found = row(session, begun)
    assert (found.state, booked(session), tasks(session)) == (state, money, asked)


def test_a_page_that_was_never_made_is_over_and_a_provider_that_is_gone_is_waited_for(
    store: Store, session: Session, customer: Customer, ids: dict[str, UUID], clock: MovableClock
) -> None:
    class Dies(Provider):
        def begin(self, asking: Any) -> Any:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        begin(store, Dies(), customer.id, {ids["A"]: eur(10_000)})
    kept = begin(store, Provider(), customer.id, {ids["B"]: eur(5_000)})
    clock.move(timedelta(minutes=6))
    assert dict(look_up_payments({}, store=store)) == {"failed": 1, "open": 1}
    assert row(session, kept).state == "open"


def test_two_webhooks_at_once_book_once(own_store: Store) -> None:
    with own_store.session() as session:
        customer = a_customer(session, a_seller(session), "C1")
        invoice = an_invoice(session, customer, "A", total_minor=10_000)
        session.commit()
    begun = begin(own_store, Provider(), customer.id, {invoice.id: eur(10_000)})
    outcomes: list[str] = []
    gate = threading.Barrier(6)

    def deliver() -> None:
        gate.wait()
        outcomes.append(say(own_store, begun, "paid", amount=eur(10_000)))

    threads = [threading.Thread(target=deliver) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert sorted(outcomes) == ["known"] * 5 + ["paid"]
    with own_store.session() as session:
        assert booked(session) == [10_000]
        assert left_open(session) == {"A": 0}
