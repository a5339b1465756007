"""The statement of account as a document: what happened, what is open, and what is to be paid."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from o2c_core.customers.customer import LANGUAGES, Customer, locale_for
from o2c_core.customers.seller import Seller
from o2c_core.documents.figures import Figures
from o2c_core.documents.payment import Asked, Disputed, panel, reference_for
from o2c_core.documents.sheet import sheet
from o2c_core.documents.typeset import typeset
from o2c_core.documents.wording import Wording, wording_in
from o2c_core.invoices.statement import BUCKETS, Movement, OpenItem, Statement, statement_of
from o2c_core.money import Money, total


def render_statement(
    session: Session,
    customer: Customer,
    currency: str,
    from_on: date,
    to_on: date,
    *,
    language: str | None = None,
    disputed: Sequence[Disputed] = (),
) -> bytes:
    """The customer's statement as a PDF, as the account stood at the end of `to_on`.

    Raises: DaysReversed.
    """
    seller = session.get_one(Seller, customer.seller_id)
    statement = statement_of(session, customer, currency, from_on, to_on)
    return typeset("statement", statement_page(seller, customer, statement, language, disputed=disputed), to_on)


def asked_in(statement: Statement, disputed: Sequence[Disputed], customer: Customer) -> Asked:
    """What the statement asks to be paid: what is open, less what is objected to and what waits to be matched."""
    to_pay = statement.closing - _objected(statement, disputed)
    claimed = sum(item.open.minor for item in statement.claims)
    covered = statement.closing.minor <= 0
    why_not = "nothing" if claimed <= 0 else "from_credit" if covered else "all_disputed"
    numbers = list(dict.fromkeys(item.number for item in statement.claims if item.open.minor > 0))
    return Asked(max(to_pay, Money.zero(statement.currency)), reference_for(numbers, customer.ref), why_not=why_not)


def statement_page(
    seller: Seller,
    customer: Customer,
    statement: Statement,
    language: str | None = None,
    *,
    disputed: Sequence[Disputed] = (),
) -> dict[str, Any]:
    """Everything on the page as words and figures in the reader's language."""
    spoken = next((one for one in (language, customer.language) if one in LANGUAGES), "en")
    wording, figures = wording_in(spoken), Figures(locale_for(spoken, customer.country))
    title = wording.say("statement.title")
    said = sheet(seller, customer, wording, figures, title=title, number=statement.currency, on=statement.to_on)
    asked = asked_in(statement, disputed, customer)
    return said | {
        "note": wording.say(
            "statement.period", **{"from": figures.day(statement.from_on), "to": figures.day(statement.to_on)}
        ),
        "meta": [
            [wording.say("sheet.customer_number"), customer.ref],
            [wording.say("statement.currency"), statement.currency],
        ],
        "hero": _hero(statement, asked, late_of(statement, disputed, asked.amount), wording, figures),
        "ageing": _ageing(statement, wording, figures),
        "open": _open_items(statement, wording, figures),
        "movements": _movements(statement, wording, figures),
        "notes": _notes(statement, disputed, wording, figures),
        "pay": panel(seller, asked, wording, figures),
    }


def late_of(statement: Statement, disputed: Sequence[Disputed], asked: Money) -> Money:
    """How much of what is asked for is past its due day: never what is objected to, and never more than is asked."""
    late = statement.overdue - _objected(statement, disputed, only_late=True)
    return min(asked, max(late, Money.zero(statement.currency)))


def _objected(statement: Statement, disputed: Sequence[Disputed], *, only_late: bool = False) -> Money:
    """How much of what is open is objected to: of each invoice at most what is open of it, or of its late parts."""
    open_: dict[str, int] = {}
    for item in statement.claims:
        if only_late and not item.days_late:
            continue
        open_[item.number] = open_.get(item.number, 0) + item.open.minor
    objected: dict[str, int] = {}
    for part in disputed:
        if part.invoice in open_ and part.amount.currency == statement.currency:
            objected[part.invoice] = objected.get(part.invoice, 0) + part.amount.minor
    return Money(sum(max(0, min(minor, open_[number])) for number, minor in objected.items()), statement.currency)


def _hero(statement: Statement, asked: Asked, late: Money, wording: Wording, figures: Figures) -> dict[str, str]:
    to_on = figures.day(statement.to_on)
    if statement.closing.is_zero and not statement.open_items:
        return {"label": wording.say("statement.nothing", date=to_on), "amount": "", "note": ""}
    if statement.closing.minor < 0:
        amount = figures.money(-statement.closing)
        return {"label": wording.say("statement.in_credit", date=to_on), "amount": amount, "note": ""}
    notes = []
    if late.minor > 0:
        notes.append(wording.say("statement.of_which_late", amount=figures.money(late)))
    elif statement.overdue.minor <= 0:
        notes.append(wording.say("statement.none_late"))
    label = wording.say("statement.to_pay", date=to_on)
    return {"label": label, "amount": figures.money(asked.amount), "note": " ".join(notes)}


def _ageing(statement: Statement, wording: Wording, figures: Figures) -> list[list[str]]:
    """Label and amount of each bucket, and of what waits to be matched; empty when nothing is open."""
    if not statement.open_items:
        return []
    cells = [[wording.say(f"bucket.{place}"), figures.money(statement.buckets[place])] for place in range(len(BUCKETS))]
    if statement.waiting:
        cells.append([wording.say("bucket.unapplied"), figures.money(statement.unapplied)])
    return cells


def _open_items(statement: Statement, wording: Wording, figures: Figures) -> dict[str, Any]:
    heads = [wording.say(f"statement.{name}") for name in ("document", "issued", "due", "late", "open")]
    rows = [
        [
            _named(item, wording),
            figures.short_day(item.on),
            figures.short_day(item.due_on) if item.due_on else "",
            str(item.days_late) if item.days_late else "",
            figures.money(item.open),
        ]
        for item in statement.open_items
    ]
    together = total((item.open for item in statement.open_items), statement.currency)
    return {
        "title": wording.say("statement.open_items", date=figures.day(statement.to_on)),
        "head": heads,
        "rows": rows,
        "total": [wording.say("statement.total_open"), figures.money(together)],
    }


def _named(item: OpenItem, wording: Wording) -> str:
    if item.part is None:
        return wording.say(f"movement.{item.kind}", number=item.number)
    place, count = item.part
    number = wording.say(f"movement.{item.kind}", number=item.number)
    return wording.say("statement.part", number=number, place=place, count=count)


def _movements(statement: Statement, wording: Wording, figures: Figures) -> dict[str, Any]:
    heads = [wording.say(f"statement.{name}") for name in ("date", "what", "charged", "settled", "balance")]
    return {
        "title": wording.say("statement.movements"),
        "head": heads,
        "opening": [
            figures.short_day(statement.from_on), wording.say("statement.opening"), figures.money(statement.opening)
        ],
        "rows": [_movement(move, wording, figures) for move in statement.movements],
        "none": "" if statement.movements else wording.say("statement.no_movements"),
        "closing": [
            wording.say("statement.closing_row", date=figures.short_day(statement.to_on)), figures.money(statement.closing)
        ],
    }  # fmt: skip


def _movement(move: Movement, wording: Wording, figures: Figures) -> list[str]:
    """What adds to the account stands under charged, what takes off under settled, both without a sign."""
    amount = figures.money(max(move.amount, -move.amount))
    return [
        figures.short_day(move.on),
        wording.say(f"movement.{move.kind}", number=move.number),
        amount if move.amount.minor > 0 else "",
        amount if move.amount.minor < 0 else "",
        figures.money(move.balance),
    ]


def _notes(statement: Statement, disputed: Sequence[Disputed], wording: Wording, figures: Figures) -> list[str]:
    open_ = {item.number for item in statement.claims}
    notes = [
        wording.say("statement.disputed", amount=figures.money(part.amount), number=part.number, invoice=part.invoice)
        for part in disputed
        if part.invoice in open_
    ]
    if statement.unapplied.minor < 0 < sum(item.open.minor for item in statement.claims):
        notes.append(wording.say("statement.less_unapplied", amount=figures.money(-statement.unapplied)))
    return notes
