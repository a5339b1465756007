"""What the ledger knows about money that came in, read for many receipts at once."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, Select, Text, any_, func, literal, select
from sqlalchemy.orm import Session

from o2c_core.customers.customer import Customer
from o2c_core.invoices.account import open_minor
from o2c_core.invoices.allocation import instalments_open
from o2c_core.invoices.bank import PayerAccount
from o2c_core.invoices.invoice import Instalment, Invoice
from o2c_core.invoices.matching_facts import Candidates, Claim, Receipt
from o2c_core.invoices.reference import creditor_reference, grouped, is_creditor_reference
from o2c_core.invoices.understood import references_of, words_of
from o2c_core.invoices.written_numbers import spellings

# More open invoices than this of one customer are not looked at; then the account alone decides nothing.
OPEN_MAX = 500
# An account or name that so many customers share points to none of them.
SHARED_MAX = 5
PREFIXES_MAX = 12
# Only invoices due around the day are worth suggesting for their amount alone, and only a few of them.
AMOUNT_DAYS_BEFORE, AMOUNT_DAYS_AFTER, AMOUNT_MAX = 180, 90, 10
_BETWEEN = re.compile(r"[\s,;:()/]+")
_PREFIX = re.compile(r"[A-Z]*")


@dataclass
class _Asked:
    """What is looked for on behalf of one receipt, and the customers it points to."""

    plain: set[str]
    references: tuple[str, ...]
    words: set[str]
    payers: set[UUID] = field(default_factory=set)
    named: set[UUID] = field(default_factory=set)
    namesakes: set[UUID] = field(default_factory=set)

    @property
    def customers(self) -> set[UUID]:
        return (self.payers if len(self.payers) <= SHARED_MAX else set()) | self.named | self.namesakes


def read_candidates(
    session: Session, seller_id: UUID, receipts: Mapping[UUID, Receipt], *, disputed: ColumnElement[int]
) -> dict[UUID, Candidates]:
    """The candidates of each receipt, with a few queries for all of them together.

    `disputed` is what is disputed on the invoice of the enclosing query, in minor units.
    """
    prefixes = number_prefixes(session, seller_id)
    asked = {id_: _asked(receipt, prefixes) for id_, receipt in receipts.items()}
    claims = _claims(seller_id, disputed)
    plain = {one for each in asked.values() for one in each.plain}
    by_number = _read(session, claims.where(_among(Invoice.plain_number, plain))) if plain else []
    by_number += _by_payment_reference(session, claims, asked.values(), by_number)
    _point(session, seller_id, receipts, asked)
    customers = {customer for each in asked.values() for customer in each.customers}
    by_customer: dict[UUID, list[Claim]] = {}
    for claim in _open_of(session, seller_id, claims, customers) if customers else ():
        by_customer.setdefault(claim.customer_id, []).append(claim)
    found = {id_: _pointed_at(each, by_number, by_customer) for id_, each in asked.items()}
    pointless = {id_: receipts[id_] for id_, mine in found.items() if not mine}
    for claim in _by_amount(session, claims, pointless.values()) if pointless else ():
        for id_, receipt in pointless.items():
            if claim.open == receipt.amount and _is_around(claim.due_on, receipt.on):
                found[id_][claim.invoice_id] = claim
    return {
        id_: Candidates(
            claims=tuple(found[id_].values()),
            payers=frozenset(each.payers),
            named=frozenset(each.named),
            namesakes=frozenset(each.namesakes),
            cut=frozenset(one for one in each.customers if len(by_customer.get(one, ())) > OPEN_MAX),
        )
        for id_, each in asked.items()
    }


def number_prefixes(session: Session, seller_id: UUID) -> list[str]:
    """The letters the seller's invoice numbers begin with.

    One look into the index for each: after "INV" it goes on behind everything that begins with INV and a digit.
    """
    prefixes: list[str] = []
    lowest = select(func.min(Invoice.plain_number)).where(Invoice.seller_id == seller_id)
    after = ""
    while len(prefixes) < PREFIXES_MAX:
        number = session.scalar(lowest.where(Invoice.plain_number > after))
        if number is None:
            break
        found = _PREFIX.match(number)
        assert found is not None
        if found[0] and found[0] not in prefixes:
            prefixes.append(found[0])
        after = max(number, found[0] + "9" * 40)
    return prefixes


def _asked(receipt: Receipt, prefixes: Collection[str]) -> _Asked:
    words = words_of(receipt)
    references = references_of(receipt, words)
    bodies = {one[4:] for one in references if is_creditor_reference(one)}
    said = {word.strip(".-#") for word in _BETWEEN.split(receipt.text)}
    said = {word for word in said if len(word) > 1 and any(letter.isdigit() for letter in word)}
    return _Asked(spellings(words, prefixes) | bodies, references, said | {word.upper() for word in said})


def _claims(seller_id: UUID, disputed: ColumnElement[int]) -> Select[*tuple[Any, ...]]:
    return select(
        Invoice.id,
        Invoice.number,
        Invoice.plain_number,
        Invoice.payment_reference,
        Invoice.customer_id,
        Invoice.currency,
        open_minor().label("open"),
        Invoice.due_on,
        Invoice.discount_minor,
        Invoice.discount_until_on,
        Invoice.total_minor,
        Invoice.is_in_instalments,
        disputed.label("disputed"),
    ).where(Invoice.seller_id == seller_id)


def _read(session: Session, query: Select[*tuple[Any, ...]]) -> list[Claim]:
    rows = session.execute(query).all()
    in_parts = _instalments(session, {row.id for row in rows if row.is_in_instalments})
    return [
        Claim(
            invoice_id=row.id,
            number=row.number,
            plain_number=row.plain_number,
            references=_references(row.number, row.payment_reference),
            customer_id=row.customer_id,
            currency=row.currency,
            open_minor=int(row.open),
            due_on=row.due_on,
            discount_minor=row.discount_minor,
            discount_until_on=row.discount_until_on,
            disputed_minor=int(row.disputed),
            instalments=_open_parts(in_parts.get(row.id, []), row.total_minor, int(row.open)),
        )
        for row in rows
    ]


def _instalments(session: Session, ids: set[UUID]) -> dict[UUID, list[tuple[date, int]]]:
    found: dict[UUID, list[tuple[date, int]]] = {}
    query = select(Instalment).where(Instalment.invoice_id.in_(ids)).order_by(Instalment.due_on, Instalment.position)
    for part in session.scalars(query) if ids else ():
        found.setdefault(part.invoice_id, []).append((part.due_on, part.amount_minor))
    return found


def _open_parts(parts: list[tuple[date, int]], total_minor: int, left: int) -> tuple[int, ...]:
    return tuple(minor for _, minor in instalments_open(parts, total_minor - left))


def _references(number: str, own: str | None) -> tuple[str, ...]:
    both = (creditor_reference(number), "".join((own or "").split()).upper())
    return tuple(dict.fromkeys(one for one in both if one))


def _among(column: Any, values: Iterable[str]) -> ColumnElement[bool]:
    """As one array, so that the statement is the same however many there are."""
    return column == any_(literal(sorted(values), ARRAY(Text)))  # type: ignore[no-any-return]


def _by_payment_reference(
    session: Session, claims: Select[*tuple[Any, ...]], asked: Iterable[_Asked], known: list[Claim]
) -> list[Claim]:
    """Invoices that were given a reference of their own, for the references that no number explains."""
    explained = {one for claim in known for one in claim.references}
    missing = {one for each in asked for one in each.references if one not in explained}
    if not missing:
        return []
    forms = missing | {grouped(one) for one in missing}
    return _read(
        session, claims.where(Invoice.payment_reference.is_not(None), _among(Invoice.payment_reference, forms))
    )


def _point(session: Session, seller_id: UUID, receipts: Mapping[UUID, Receipt], asked: Mapping[UUID, _Asked]) -> None:
    """Fills in which customers the accounts, customer numbers and names point to."""
    accounts = {receipt.payer_account for receipt in receipts.values() if receipt.payer_account}
    known = select(PayerAccount.account, PayerAccount.customer_id).where(
        PayerAccount.seller_id == seller_id, _among(PayerAccount.account, accounts)
    )
    payers = _grouped(session, known) if accounts else {}
    words = {word for each in asked.values() for word in each.words}
    by_ref = select(Customer.ref, Customer.id).where(Customer.seller_id == seller_id, _among(Customer.ref, words))
    refs = _grouped(session, by_ref) if words else {}
    for id_, receipt in receipts.items():
        asked[id_].payers |= payers.get(receipt.payer_account or "", set())
        for word in asked[id_].words & refs.keys():
            asked[id_].named |= refs[word]
    # Names are read only for those nothing else points to: there is no index to find them by.
    nameless = {id_: _name(receipt) for id_, receipt in receipts.items() if not asked[id_].customers}
    names = set(nameless.values()) - {""}
    by_name = select(func.lower(Customer.name), Customer.id).where(
        Customer.seller_id == seller_id, _among(func.lower(Customer.name), names)
    )
    namesakes = _grouped(session, by_name) if names else {}
    for id_, name in nameless.items():
        same = namesakes.get(name, set())
        asked[id_].namesakes |= same if len(same) <= SHARED_MAX else set()


def _name(receipt: Receipt) -> str:
    return " ".join((receipt.payer_name or "").lower().split())


def _grouped(session: Session, query: Select[str, UUID]) -> dict[str, set[UUID]]:
    found: dict[str, set[UUID]] = {}
    for key, customer_id in session.execute(query):
        found.setdefault(key, set()).add(customer_id)
    return found


def _open_of(session: Session, seller_id: UUID, claims: Select[*tuple[Any, ...]], customers: set[UUID]) -> list[Claim]:
    """What those customers have open, the oldest due first: of each one more than is looked at, to see that there is."""
    place = func.row_number().over(partition_by=Invoice.customer_id, order_by=(Invoice.due_on, Invoice.number))
    theirs = (
        select(Invoice.id, place.label("place"))
        .where(Invoice.seller_id == seller_id, Invoice.customer_id.in_(customers), open_minor() > 0)
        .subquery()
    )
    return _read(session, claims.join(theirs, theirs.c.id == Invoice.id).where(theirs.c.place <= OPEN_MAX + 1))


def _pointed_at(asked: _Asked, by_number: list[Claim], by_customer: Mapping[UUID, list[Claim]]) -> dict[UUID, Claim]:
    references = set(asked.references)
    mine = {
        claim.invoice_id: claim
        for claim in by_number
        if claim.plain_number in asked.plain or not references.isdisjoint(claim.references)
    }
    for customer in asked.customers:
        mine |= {claim.invoice_id: claim for claim in by_customer.get(customer, ())}
    return mine


def _by_amount(session: Session, claims: Select[*tuple[Any, ...]], receipts: Collection[Receipt]) -> list[Claim]:
    """A few invoices of exactly those amounts, due around those days, that nothing else points to."""
    # There is no index to find amounts by, so the invoices are read through once for the whole batch. Counted in days
    # the window keeps PostgreSQL from fetching half of them one by one through the index of due days.
    first, last = min(receipt.on for receipt in receipts), max(receipt.on for receipt in receipts)
    around = (
        Invoice.total_minor.in_({receipt.amount.minor for receipt in receipts}),
        Invoice.due_on - first >= -AMOUNT_DAYS_BEFORE,
        Invoice.due_on - last <= AMOUNT_DAYS_AFTER,
    )
    place = func.row_number().over(
        partition_by=(Invoice.total_minor, Invoice.currency), order_by=(Invoice.due_on, Invoice.number)
    )
    few = claims.add_columns(place.label("place")).where(*around, open_minor() > 0).subquery()
    return _read(session, select(few).where(few.c.place <= AMOUNT_MAX))


def _is_around(due_on: date, on: date) -> bool:
    return -AMOUNT_DAYS_BEFORE <= (due_on - on).days <= AMOUNT_DAYS_AFTER
