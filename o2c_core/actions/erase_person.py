"""Erase a person: a name that says nothing takes their place everywhere, and what the law keeps stays."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from o2c_core.conversations.message import Message
from o2c_core.conversations.proposal import Proposal
from o2c_core.customers.authority import BeyondAuthority
from o2c_core.customers.contact import Address, Contact
from o2c_core.customers.customer import Customer
from o2c_core.customers.site import Site
from o2c_core.errors import NotFound, Overtaken, Refused
from o2c_core.invoices.bank import PayerAccount
from o2c_core.invoices.payment import Payment
from o2c_core.privacy.erasing import ERASED_LINE, NOT_THE_PERSONS, erase_rows, own_rows, scrub_rows
from o2c_core.privacy.holdings import Person, holdings
from o2c_core.privacy.mentions import forget_answers, forget_gaps, passages_about, scrub_mentions
from o2c_core.privacy.standing import standing
from o2c_core.privacy.traces import Traces, pseudonym_of
from o2c_core.store.store import Store
from o2c_core.trail import note

FORCED_BY = "manager"


class NotAPerson(Refused):
    """A company is not a person: name the contact to erase, or, for a sole trader, save the customer as a person first."""


class StillOpen(Refused):
    """What is open has to end first."""


class BeingSent(Overtaken):
    """A message to them is being sent at this moment; try again in a minute."""


class ForceNeedsManager(BeyondAuthority):
    """Only a manager may have somebody erased while something is open."""


class ErasureNeedsReason(Refused):
    """An erasure is noted with who asked for it or why, and in whose name it was done."""


@dataclass(frozen=True)
class Erasure:
    """Who is to be erased: a customer who is a person, or one contact of a customer."""

    customer_id: UUID
    contact_id: UUID | None = None
    is_forced: bool = False


@dataclass(frozen=True)
class Erased:
    """What was done: rows changed by table, passages of the library that mention them, copies that carriers still have."""

    pseudonym: str
    rows: dict[str, int]
    passages: tuple[str, ...] = ()
    carriers: tuple[tuple[str, str], ...] = ()

    @property
    def is_new(self) -> bool:
        return bool(self.rows)


def erase_person(erasure: Erasure, *, by: str, why: str, role: str = "agent", store: Store) -> Erased:
    """Pseudonymises the person in the whole ledger and keeps what the law keeps: invoices, payments and their numbers.

    All of it is one transaction. Once more changes nothing, except what has come in since.

    Raises: NotFound; NotAPerson; StillOpen with what has to end first, unless a manager forces it; ForceNeedsManager;
    BeingSent; ErasureNeedsReason.
    Source: GDPR art. 17(1), 17(3)(b) and (e); docs/privacy.md.
    """
    if not by.strip() or not why.strip():
        raise ErasureNeedsReason
    if erasure.is_forced and role != FORCED_BY:
        raise ForceNeedsManager(role=role)
    now = store.clock.now()
    with store.session() as session:
        customer = session.scalars(
            select(Customer).where(Customer.id == erasure.customer_id).with_for_update()
        ).one_or_none()
        contact = session.get(Contact, erasure.contact_id) if erasure.contact_id else None
        if customer is None or (erasure.contact_id and (contact is None or contact.customer_id != customer.id)):
            raise NotFound(customer=str(erasure.customer_id))
        if contact is None and customer.kind != "person":
            raise NotAPerson(customer=customer.ref)
        person = Person(
            customer.seller_id, customer.id, contact.id if contact else None, _addresses(session, customer, contact)
        )
        _check_over(session, person, is_forced=erasure.is_forced)
        traces = _traces(session, customer, contact, person)
        erased = _erase(session, person, traces)
        if contact is None and customer.erased_at is None:
            customer.erased_at = now
        if erased.is_new:
            note(
                session, ERASED_LINE, contact or customer, at=now, who=by, why=traces.scrub(why),
                customer_id=customer.id, seller_id=customer.seller_id, is_forced=erasure.is_forced,
                rows=sum(erased.rows.values()),
            )  # fmt: skip
        session.commit()
        return erased


def _check_over(session: Session, person: Person, *, is_forced: bool) -> None:
    open_ = standing(session, person)
    if open_ and not is_forced:
        raise StillOpen(f"They cannot be erased yet: {'; '.join(open_)}.", open=open_)


def _erase(session: Session, person: Person, traces: Traces) -> Erased:
    own = own_rows(session, person)
    _withdraw_queued(session, own["message"])
    _withdraw_offers(session, own["proposal"])
    said, carriers = _sent_and_said(session, own["message"])
    rows: Counter[str] = Counter()
    for name, ids in own.items():
        rows[name] += erase_rows(session, name, ids, traces)
    if person.contact_id is not None:
        everybody = own_rows(session, Person(person.seller_id, person.customer_id))
        for name in holdings():
            if name in everybody and name not in NOT_THE_PERSONS:
                rows[name] += scrub_rows(session, name, everybody[name], traces)
    rows.update(scrub_mentions(session, person, traces))
    rows["idempotent_call"] += forget_answers(session, person, traces)
    rows["gap"] += forget_gaps(session, said, traces)
    session.expire_all()
    changed = {name: count for name, count in rows.items() if count}
    return Erased(traces.pseudonym, changed, tuple(passages_about(session, traces)), carriers if changed else ())


def _withdraw_queued(session: Session, ids: list[UUID]) -> None:
    """Nothing leaves any more to who is being erased. Raises: BeingSent."""
    for message in session.scalars(
        select(Message)
        .where(Message.id.in_(ids), Message.delivery.in_(("draft", "queued", "sending")))
        .with_for_update()
    ):
        if message.delivery == "sending":
            raise BeingSent(message=str(message.id))
        message.delivery = "withdrawn"
    session.flush()


def _withdraw_offers(session: Session, ids: list[UUID]) -> None:
    """Nobody is left to agree to what was offered, or to be called back about it."""
    offers = update(Proposal).where(Proposal.id.in_(ids), Proposal.state == "open")
    session.execute(offers.values(state="lapsed").execution_options(synchronize_session=False))


def _sent_and_said(session: Session, ids: list[UUID]) -> tuple[list[str], tuple[tuple[str, str], ...]]:
    """The words the person wrote, and the carriers' own ids of what went to them."""
    said, carriers = [], []
    query = select(Message.direction, Message.text, Message.carrier, Message.carrier_key).where(Message.id.in_(ids))
    for direction, words, carrier, key in session.execute(query):
        if direction == "in":
            said.append(words)
        if carrier and key:
            carriers.append((carrier, key))
    return said, tuple(carriers)


def _addresses(session: Session, customer: Customer, contact: Contact | None) -> tuple[str, ...]:
    query = select(Address.value).join(Contact, Contact.id == Address.contact_id)
    here = Contact.id == contact.id if contact else Contact.customer_id == customer.id
    return tuple(session.scalars(query.where(here).order_by(Address.id)))


def _traces(session: Session, customer: Customer, contact: Contact | None, person: Person) -> Traces:
    if contact is not None:
        pseudonym = pseudonym_of(contact.id)
        names = (contact.name,) if contact.name != pseudonym else ()
        return Traces(pseudonym, names, person.addresses, unlike=(customer.name,))
    pseudonym = pseudonym_of(customer.id)
    here = customer.id
    names_said = [
        customer.name,
        *session.scalars(select(Contact.name).where(Contact.customer_id == here)),
        *session.scalars(select(Payment.payer_name).where(Payment.customer_id == here).distinct()),
    ]
    accounts = [
        *session.scalars(select(PayerAccount.account).where(PayerAccount.customer_id == here)),
        *session.scalars(select(Payment.payer_account).where(Payment.customer_id == here).distinct()),
    ]
    places = [customer.street, *session.scalars(select(Site.street).where(Site.customer_id == here))]
    numbers = [customer.vat_number, customer.company_number, customer.endpoint]
    return Traces(
        pseudonym,
        tuple(dict.fromkeys(name for name in names_said if name and name != pseudonym)),
        tuple(dict.fromkeys([*person.addresses, *(said for said in [*places, *numbers] if said)])),
        tuple(dict.fromkeys(account for account in accounts if account)),
    )
