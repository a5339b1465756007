"""The list of cases: disputes and complaints together, filtered, counted and sorted by the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Date,
    Subquery,
    and_,
    case,
    cast,
    func,
    literal,
    null,
    or_,
    select,
    union_all,
)
from sqlalchemy.orm import Session

from o2c_core.cases.complaint import SEVERITIES, Complaint
from o2c_core.cases.dispute import Dispute
from o2c_core.customers.customer import Customer
from o2c_core.documents.table import Cell
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.orders.order import Order
from web.desk.case_words import KINDS, why_named
from web.reader import Reader

SHOWN = 100
FILE_ROWS_MAX = 20_000
# What may be shown of them, with the title of that choice.
SHOWS = {"": "Open", "mine": "Mine", "late": "Late", "nobody": "Nobody's", "resolved": "Resolved", "all": "All"}
SORTS = ("deadline", "stake", "age", "owner", "document", "severity", "state")
FILE_COLUMNS = (
    "Kind", "Number", "Customer", "Name", "About", "Reason", "Severity", "Currency", "Amount", "State", "Opened",
    "Answer by", "Owner", "Outcome", "Cause", "Cause names", "Words",
)  # fmt: skip


@dataclass(frozen=True)
class Wanted:
    """Which cases somebody looks for. `cause`, `about`, `since` and `until` are those of the report on causes."""

    words: str = ""
    show: str = ""
    kind: str = ""
    owner: str = ""
    reason: str = ""
    severity: str = ""
    customer: str = ""
    cause: str = ""
    about: str = ""
    since: date | None = None
    until: date | None = None
    sort: str = "deadline"
    page: int = 1


@dataclass(frozen=True)
class CaseRow:
    """One case in the list."""

    kind: str
    number: str
    ref: str
    customer: str
    document: str | None
    why: str
    severity: str | None
    words: str
    amount: Money | None
    state: str
    outcome: str | None
    opened_on: date
    answer_by: date | None
    owner: str | None
    cause: str | None
    cause_about: str | None
    days_open: int
    is_late: bool

    @property
    def path(self) -> str:
        return f"/cases/{self.kind}s/{self.number}"

    def cells(self) -> list[Cell]:
        """The row as FILE_COLUMNS name it."""
        return [
            KINDS[self.kind], self.number, self.ref, self.customer, self.document, why_named(self.why), self.severity,
            self.amount.currency if self.amount else None, self.amount, self.state, self.opened_on, self.answer_by,
            self.owner, self.outcome, self.cause, self.cause_about, self.words,
        ]  # fmt: skip


def cases(
    session: Session, seller_id: UUID, wanted: Wanted, reader: Reader, me: str, limit: int = SHOWN
) -> list[CaseRow]:
    """The cases of that page, one more when there are more."""
    all_ = _all(seller_id, str(reader.zone))
    query = select(all_).where(*_which(all_, wanted), _shown(all_, wanted.show, reader.today, me))
    query = query.order_by(*_order(all_, wanted.sort)).offset((wanted.page - 1) * limit).limit(limit + 1)
    return [_row(row, reader.today) for row in session.execute(query).mappings()]


def counts(session: Session, seller_id: UUID, wanted: Wanted, reader: Reader, me: str) -> Mapping[str, int]:
    """How many there are under each choice of SHOWS, with everything else as it is filtered."""
    all_ = _all(seller_id, str(reader.zone))
    each = [func.count().filter(_shown(all_, show, reader.today, me)) for show in SHOWS]
    row = session.execute(select(*each).select_from(all_).where(*_which(all_, wanted))).one()
    return dict(zip(SHOWS, (int(one) for one in row), strict=True))


def at_stake(session: Session, seller_id: UUID, wanted: Wanted, reader: Reader, me: str) -> Sequence[Money]:
    """What the disputes that are shown object to, by currency."""
    all_ = _all(seller_id, str(reader.zone))
    query = (
        select(all_.c.currency, func.sum(all_.c.amount_minor))
        .where(*_which(all_, wanted), _shown(all_, wanted.show, reader.today, me), all_.c.amount_minor.is_not(None))
        .group_by(all_.c.currency)
        .order_by(all_.c.currency)
    )
    return [Money(int(minor), currency) for currency, minor in session.execute(query)]


def owners(session: Session, seller_id: UUID) -> Sequence[str]:
    """Whoever owns an open case."""
    found: set[str] = set()
    for kind in (Dispute, Complaint):
        query = select(kind.owner).where(kind.seller_id == seller_id, kind.state == "open", kind.owner.is_not(None))
        found |= {str(owner) for owner in session.scalars(query.distinct())}
    return sorted(found, key=str.lower)


def _all(seller_id: UUID, zone: str) -> Subquery:
    disputes = (
        select(
            literal("dispute").label("kind"), Dispute.id, Dispute.number, Customer.ref, Customer.name,
            Invoice.number.label("document"), Dispute.reason.label("why"), null().label("severity"),
            Dispute.description.label("words"), Dispute.amount_minor, Dispute.currency, Dispute.state, Dispute.outcome,
            Dispute.opened_at, Dispute.answer_by, Dispute.owner, Dispute.cause, Dispute.cause_about,
            _local(Dispute.opened_at, zone).label("opened_on"), _local(Dispute.resolved_at, zone).label("resolved_on"),
        )
        .join(Customer, Customer.id == Dispute.customer_id)
        .join(Invoice, Invoice.id == Dispute.invoice_id)
        .where(Dispute.seller_id == seller_id)
    )  # fmt: skip
    complaints = (
        select(
            literal("complaint"), Complaint.id, Complaint.number, Customer.ref, Customer.name,
            func.coalesce(Invoice.number, Order.number), Complaint.category, Complaint.severity, Complaint.about,
            null(), null(), Complaint.state, null(), Complaint.opened_at, Complaint.answer_by, Complaint.owner,
            Complaint.cause, Complaint.cause_about, _local(Complaint.opened_at, zone), _local(Complaint.resolved_at, zone),
        )
        .join(Customer, Customer.id == Complaint.customer_id)
        .outerjoin(Invoice, Invoice.id == Complaint.invoice_id)
        .outerjoin(Order, Order.id == Complaint.order_id)
        .where(Complaint.seller_id == seller_id)
    )  # fmt: skip
    return union_all(disputes, complaints).subquery()


def _local(at: Any, zone: str) -> ColumnElement[date]:
    """The day it was where the seller is."""
    return cast(func.timezone(zone, at), Date)


def _which(all_: Subquery, wanted: Wanted) -> list[ColumnElement[bool]]:
    c = all_.c
    conditions: list[ColumnElement[bool]] = []
    if wanted.words:
        fields = (c.number, c.name, c.ref, c.document)
        conditions.append(or_(*(field.icontains(wanted.words, autoescape=True) for field in fields)))
    same: tuple[tuple[Any, str], ...] = (
        (c.kind, wanted.kind), (c.owner, wanted.owner), (c.why, wanted.reason), (c.severity, wanted.severity),
        (c.ref, wanted.customer), (c.cause, wanted.cause),
    )  # fmt: skip
    conditions += [column == value for column, value in same if value]
    if wanted.about:
        conditions.append(func.lower(c.cause_about) == wanted.about.lower())
    if wanted.since is not None:
        conditions.append(c.resolved_on >= wanted.since)
    if wanted.until is not None:
        conditions.append(c.resolved_on <= wanted.until)
    return conditions


def _shown(all_: Subquery, show: str, today: date, me: str) -> ColumnElement[bool]:
    c = all_.c
    is_open = c.state == "open"
    match show:
        case "mine":
            return and_(is_open, c.owner == me)
        case "late":
            return and_(is_open, c.answer_by < today)
        case "nobody":
            return and_(is_open, c.owner.is_(None))
        case "resolved":
            return and_(c.state == "resolved")
        case "all":
            return and_(c.id.is_not(None))
    return and_(is_open)


def _order(all_: Subquery, sort: str) -> list[ColumnElement[Any]]:
    """What is open comes before what is resolved; the newest resolved first."""
    c = all_.c
    by = {
        "deadline": [c.answer_by.asc().nulls_last()],
        "stake": [c.amount_minor.desc().nulls_last()],
        "age": [c.opened_at.asc()],
        "owner": [func.lower(c.owner).asc().nulls_first()],
        "document": [c.document.asc().nulls_last()],
        "severity": [case({name: at for at, name in enumerate(SEVERITIES)}, value=c.severity).desc().nulls_last()],
        "state": [c.state.asc(), c.outcome.asc().nulls_first()],
    }
    return [c.state.asc(), *by.get(sort, by["deadline"]), c.opened_at.asc(), c.id.asc()]


def _row(row: Mapping[Any, Any], today: date) -> CaseRow:
    ended: date = row["resolved_on"] or today
    amount = Money(int(row["amount_minor"]), row["currency"]) if row["amount_minor"] is not None else None
    answer_by: date | None = row["answer_by"]
    return CaseRow(
        row["kind"], row["number"], row["ref"], row["name"], row["document"], row["why"], row["severity"], row["words"],
        amount, row["state"], row["outcome"], row["opened_on"], answer_by, row["owner"], row["cause"],
        row["cause_about"], max(0, (ended - row["opened_on"]).days),
        row["state"] == "open" and answer_by is not None and answer_by < today,
    )  # fmt: skip
