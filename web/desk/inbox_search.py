"""Finding conversations by people, by numbers, and by words in what was written, with where each was found."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from markupsafe import Markup, escape
from sqlalchemy import ColumnElement, Select, Text, and_, case, cast, func, literal, select, union_all
from sqlalchemy.dialects.postgresql import TSQUERY, distinct_on
from sqlalchemy.orm import Session

from o2c_core.cases.complaint import Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.conversations.conversation import Conversation
from o2c_core.conversations.message import CHANNELS, Message
from o2c_core.customers.contact import Address, Contact, NotAnAddress, tidy_email, tidy_phone
from o2c_core.customers.customer import Customer
from o2c_core.customers.masked import masked
from o2c_core.customers.seller import Seller
from o2c_core.invoices.invoice import CreditNote, Invoice
from o2c_core.orders.order import Order
from o2c_core.store.many import is_one_of

# So many conversations at most are found by words, and as many by their customer; so many customers by a name or a
# number of each kind. Of a word that stands in more messages than that only so many are looked at.
FOUND_MAX = 300
OF_A_KIND_MAX = 50
MESSAGES_MAX = 10_000
# What cannot stand in a text that was kept marks where a found word begins and ends.
_BEGIN, _END = "\x02", "\x03"
_SHOWN = f"StartSel={_BEGIN}, StopSel={_END}, MaxWords=24, MinWords=10, MaxFragments=1, FragmentDelimiter=…"


@dataclass(frozen=True)
class Found:
    """The conversations that were found, with the customers' names and numbers that led to them; by words come more."""

    words: str
    ids: frozenset[UUID] = frozenset()
    by: dict[UUID, list[Markup]] = field(default_factory=dict)
    is_cut: bool = False

    @property
    def among(self) -> ColumnElement[bool]:
        return is_one_of(Conversation.id, list(self.ids))

    def where(self, session: Session, shown: Sequence[UUID]) -> dict[UUID, list[Markup]]:
        """For each of these conversations where it was found: numbers and people first, then the newest words."""
        told = {key: list(self.by.get(key, ())) for key in shown}
        found = text_query(self.words)
        newest = (
            select(Message.conversation_id, Message.text, Message.subject)
            .where(is_one_of(Message.conversation_id, shown), Message.words.op("@@")(found))
            .ext(distinct_on(Message.conversation_id))
            .order_by(Message.conversation_id, Message.id.desc())
            .subquery()
        )
        said = func.concat_ws(" · ", newest.c.subject, newest.c.text)
        shows = func.ts_headline("simple", said, found, _SHOWN)
        for key, words in session.execute(select(newest.c.conversation_id, shows)):
            told[key].append(_marked(words))
        return told


def text_query(words: str) -> ColumnElement[Any]:
    """What full text looks for: as web searches are written ("exactly this" -not, this or that); the last word may go on."""
    whole = func.websearch_to_tsquery("simple", words)
    if not words[-1:].isalnum():
        return whole
    # Written out, it ends with its last word in quotes, unless that stands in brackets or there is none at all.
    written = cast(whole, Text)
    return case((func.right(written, 1) == "'", cast(written.concat(":*"), TSQUERY)), else_=whole)


def search(session: Session, seller: Seller, words: str) -> Found:
    """The conversations of that seller that have to do with these words."""
    labels: dict[UUID, list[Markup]] = defaultdict(list)
    for customer_id, what, name in session.execute(_people_and_numbers(seller, words)):
        labels[customer_id].append(Markup("{} {}").format(what, lit(name, words)) if what else lit(name, words))
    theirs = _conversations(seller.id).where(is_one_of(Conversation.customer_id, list(labels)))
    by = {key: labels[whose] for key, whose in session.execute(_newest(theirs))} if labels else {}
    told = frozenset(by) | frozenset(key for key, _ in session.execute(_newest(_by_address(seller, words))))
    said = _by_words(session, seller.id, words)
    return Found(words, told.union(said), by, is_cut=max(len(by), len(said)) >= FOUND_MAX)


def lit(text: str, words: str) -> Markup:
    """The text with what was looked for marked in it."""
    terms = [re.escape(term) for term in words.replace('"', " ").split() if term]
    if not terms:
        return escape(text)
    parts = re.split(rf"(?<!\w)({'|'.join(sorted(terms, key=len, reverse=True))})", text, flags=re.IGNORECASE)
    return Markup().join(Markup("<mark>{}</mark>").format(part) if at % 2 else part for at, part in enumerate(parts))


def _people_and_numbers(seller: Seller, words: str) -> Any:
    """Customers, what about them was found, and its name: a handful of each kind, each by its index."""
    found = text_query(words)
    named = func.to_tsvector("simple", Customer.name).op("@@")(found)
    contact = func.to_tsvector("simple", Contact.name).op("@@")(found)
    asks: list[Select[Any]] = [
        _about("", Customer.id, Customer.name).where(Customer.seller_id == seller.id, named),
        _about("Contact", Contact.customer_id, Contact.name)
        .join(Customer, Customer.id == Contact.customer_id)
        .where(Customer.seller_id == seller.id, contact),
    ]
    address = _address(words, seller.country)
    if address is not None:
        at = and_(Address.channel == ("email" if "@" in address else "sms"), Address.value == address)
        asks.append(
            _about("Address", Customer.id, literal(masked(address)))
            .join(Contact, Contact.customer_id == Customer.id)
            .join(Address, Address.contact_id == Contact.id)
            .where(Customer.seller_id == seller.id, at)
        )
    if any(sign.isdigit() for sign in words):
        begins = _prefix(words)
        asks.append(
            _about("Customer", Customer.id, Customer.ref).where(
                Customer.seller_id == seller.id, func.lower(Customer.ref).like(begins)
            )
        )
        numbered: dict[str, Any] = {"Invoice": Invoice, "Order": Order, "Dispute": Dispute, "Complaint": Complaint}
        for what, noun in numbered.items():
            theirs = _about(what, noun.customer_id, noun.number)
            asks.append(theirs.where(noun.seller_id == seller.id, func.lower(noun.number).like(begins)))
        asks.append(
            _about("Credit note", CreditNote.customer_id, CreditNote.number).where(
                CreditNote.seller_id == seller.id, CreditNote.number.in_({words, words.upper(), words.lower()})
            )
        )
    return union_all(*(one.limit(OF_A_KIND_MAX).subquery().select() for one in asks))


def _about(what: str, customer_id: Any, name: Any) -> Select[Any]:
    return select(customer_id.label("customer_id"), literal(what).label("what"), name.label("name"))


def _conversations(seller_id: UUID) -> Any:
    query = select(Conversation.id, Conversation.customer_id)
    return query.where(Conversation.seller_id == seller_id)


def _newest(query: Any) -> Any:
    return query.order_by(Conversation.updated_at.desc(), Conversation.id.desc()).limit(FOUND_MAX)


def _by_address(seller: Seller, words: str) -> Any:
    """Whoever writes from that address, whether or not a customer is known for it."""
    address = _address(words, seller.country) or words
    return _conversations(seller.id).where(Conversation.channel.in_(CHANNELS), Conversation.address == address)


def _by_words(session: Session, seller_id: UUID, words: str) -> list[UUID]:
    """What is open is found before what is closed, and the newest before the older."""
    said = select(Message.conversation_id).where(Message.words.op("@@")(text_query(words))).limit(MESSAGES_MAX)
    its = select(said.cte("said").prefix_with("MATERIALIZED").c.conversation_id)
    query = (
        select(Conversation.id)
        .where(Conversation.seller_id == seller_id, Conversation.id.in_(its))
        .order_by(Conversation.state == "closed", Conversation.updated_at.desc(), Conversation.id.desc())
        .limit(FOUND_MAX)
    )
    return list(session.scalars(query))


def _address(words: str, country: str) -> str | None:
    """The words as an email address or a phone number, where they are one."""
    for read in (tidy_email, lambda text: tidy_phone(text, country)):
        try:
            return read(words)
        except NotAnAddress:
            continue
    return None


def _prefix(words: str) -> str:
    for sign in ("\\", "%", "_"):
        words = words.replace(sign, f"\\{sign}")
    return f"{words.lower()}%"


def _marked(words: str) -> Markup:
    """What full text marked, as markup; everything else of it is only text."""
    # Pieces of one number are found one by one, and shown as what they are.
    parts = re.split(f"{_BEGIN}|{_END}", words.replace(f"{_END}{_BEGIN}", ""))
    return Markup().join(Markup("<mark>{}</mark>").format(part) if at % 2 else part for at, part in enumerate(parts))
