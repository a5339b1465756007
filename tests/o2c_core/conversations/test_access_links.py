"""Links to customers' own pages, by their rules: what makes one good, and who gets which."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.orm import Session

from o2c_core.actions.make_access_link import Linked, NoSuchContact, make_access_link
from o2c_core.conversations.access_link import AccessLink, Visit
from o2c_core.conversations.access_links import (
    GOOD_FOR,
    PURPOSE,
    VISIT_IDLE_MAX,
    VISIT_MAX,
    LinkWish,
    NobodyToLink,
    is_good,
    is_proven,
    is_running,
    link_again,
    link_url,
    make_link,
    opened,
    token_of,
)
from o2c_core.conversations.doorplate import Doorplate
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.errors import NotFound
from o2c_core.keys import new_key
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller, an_invoice, an_order
from tests.conftest import NOON

PLATE = Doorplate("key of the tests", "https://parley.example")
MINUTES = st.integers(0, 60 * 24 * 30).map(lambda count: timedelta(minutes=count))


def a_link(**fields: object) -> AccessLink:
    return AccessLink(
        **{"id": new_key(), "scope": "invoice", "contact_id": new_key(), "made_at": NOON,
           "expires_at": NOON + GOOD_FOR["invoice"], "revoked_at": None} | fields
    )  # fmt: skip


@given(after=MINUTES)
def test_a_link_is_good_until_its_time_is_over(after: timedelta) -> None:
    assert is_good(a_link(), Customer(), NOON + after) == (after < GOOD_FOR["invoice"])


@given(made=MINUTES, revoked=MINUTES)
def test_what_was_made_after_all_were_revoked_is_good(made: timedelta, revoked: timedelta) -> None:
    link = a_link(made_at=NOON + made, expires_at=NOON + made + GOOD_FOR["invoice"])
    assert is_good(link, Customer(links_revoked_at=NOON + revoked), NOON + made) == (made > revoked)


@pytest.mark.parametrize(
    ("fields", "customer", "good"),
    [
        ({}, {}, True),
        ({"revoked_at": NOON}, {}, False),
        ({}, {"erased_at": NOON}, False),
        ({"contact_id": None}, {}, True),
        ({"scope": "account"}, {}, True),
        ({"scope": "account", "contact_id": None}, {}, False),
    ],
)
def test_what_makes_a_link_good(fields: dict[str, object], customer: dict[str, object], good: bool) -> None:
    assert is_good(a_link(**fields), Customer(**customer), NOON) is good


@given(used=MINUTES, now=MINUTES)
def test_a_visit_runs_while_it_is_used_and_never_longer_than_it_may(used: timedelta, now: timedelta) -> None:
    visit = Visit(made_at=NOON, used_at=NOON + used, ends_at=NOON + VISIT_MAX)
    assert is_running(visit, NOON + now) == (now < VISIT_MAX and now < used + VISIT_IDLE_MAX)
    visit.ended_at = NOON
    assert not is_running(visit, NOON + now)


@given(now=MINUTES)
def test_a_proof_ends(now: timedelta) -> None:
    assert is_proven(Visit(proven_until=NOON + timedelta(minutes=30)), NOON + now) == (now < timedelta(minutes=30))
    assert not is_proven(Visit(), NOON + now)


@given(st.binary(max_size=40))
def test_only_the_key_of_a_row_is_a_token(raw: bytes) -> None:
    """Sealed by us, but no key of sixteen bytes: it is not even looked for, so there need be no ledger."""
    if len(raw) != 16:
        assert opened(None, PLATE, PLATE.seal(PURPOSE, raw), NOON) is None  # type: ignore[arg-type]


def test_a_token_of_another_installation_opens_nothing(session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    link = make_link(session, LinkWish(customer, customer.contacts[0]), now=NOON, by="Eva")
    assert opened(session, PLATE, token_of(PLATE, link), NOON) is link
    assert opened(session, Doorplate("another key", "https://parley.example"), token_of(PLATE, link), NOON) is None
    assert link_url(PLATE, link) == f"https://parley.example/my/in/{token_of(PLATE, link)}"
    assert link_url(Doorplate("key"), link) is None


def test_nobody_elses_document_and_no_account_without_a_person(session: Session) -> None:
    seller = a_seller(session)
    mine, theirs = a_customer(session, seller), a_customer(session, seller)
    for wish in (
        LinkWish(mine),
        LinkWish(mine, theirs.contacts[0]),
        LinkWish(mine, None, an_invoice(session, theirs)),
        LinkWish(mine, None, None, an_order(session, theirs)),
    ):
        with pytest.raises(NobodyToLink):
            make_link(session, wish, now=NOON, by="Eva")


def test_what_is_written_anew_has_the_same_link_while_half_of_its_time_is_left(session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    wish = LinkWish(customer, customer.contacts[0], an_invoice(session, customer))
    first = link_again(session, wish, now=NOON, by="assistant")
    half = GOOD_FOR["invoice"] / 2
    assert link_again(session, wish, now=NOON + half, by="assistant") is first
    assert link_again(session, wish, now=NOON + half + timedelta(seconds=1), by="assistant") is not first
    first.revoked_at = NOON
    assert link_again(session, wish, now=NOON, by="assistant") is not first


@pytest.mark.parametrize(
    ("what", "whose"),
    [({}, "accounts_payable"), ({"invoice": "INV-1"}, "accounts_payable"), ({"order": "SO-1"}, "operations")],
)
def test_a_link_for_nobody_in_particular_is_for_whom_such_documents_are_meant(
    store: Store, session: Session, what: dict[str, str], whose: str
) -> None:
    customer = a_customer(session, a_seller(session), "C1")
    for role in ("general", "operations", "owner"):
        session.add(Contact(customer_id=customer.id, name=role, role=role))
    an_invoice(session, customer, "INV-1")
    an_order(session, customer, "SO-1")
    session.commit()
    session.refresh(customer, ["contacts"])
    link = make_access_link(Linked(customer.id, **what), store=store, by="Eva")
    assert link.contact_id is not None
    assert session.get_one(Contact, link.contact_id).role == whose


def test_a_link_for_somebody_in_particular_and_for_who_is_not_there(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session), "C1")
    person = Contact(customer_id=customer.id, name="B", role="general")
    person.addresses.append(Address(channel="email", value="b@jansen.example"))
    session.add(person)
    session.commit()
    made = make_access_link(Linked(customer.id, contact=" B@jansen.example"), store=store, by="Eva")
    assert made.contact_id == person.id
    with pytest.raises(NoSuchContact):
        make_access_link(Linked(customer.id, contact="nobody@jansen.example"), store=store, by="Eva")
    for odd in (Linked(customer.id, invoice="INV-404"), Linked(customer.id, order="SO-404"), Linked(new_key())):
        with pytest.raises(NotFound):
            make_access_link(odd, store=store, by="Eva")
