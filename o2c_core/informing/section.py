"""What a mail says of each step: from approved sentences and the ledger's figures alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from o2c_core.documents.wording import Wording
from o2c_core.informing.figures import Figures
from o2c_core.informing.part import (
    Account,
    CreditIssued,
    Delayed,
    Delivered,
    Goods,
    HoldEnded,
    InvoiceIssued,
    OrderConfirmed,
    Part,
    PaymentReceived,
    Settled,
    Shipped,
)
from o2c_core.money import total

GOODS_LISTED_MAX = 8
NUMBERS_NAMED_MAX = 3

PayLink = Callable[[Sequence[InvoiceIssued]], str | None]
Rows = tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Section:
    """One thing that happened: the fact first, then what it means, then what to look up or do, and what is open besides."""

    opening: str
    said: tuple[str, ...] = ()
    details: tuple[tuple[str, str], ...] = ()
    columns: tuple[str, ...] = ()
    rows: Rows = ()
    items: tuple[str, ...] = ()
    link: tuple[str, str] | None = None
    after: tuple[str, ...] = ()


def sections_of(
    parts: Sequence[Part], accounts: Sequence[Account], wording: Wording, figures: Figures, pay_link: PayLink
) -> list[Section]:
    """One section for each thing that happened; shipments of one order, invoices, and payments each come together."""
    found: list[Section] = []
    found += [_confirmed(one, wording, figures) for one in parts if isinstance(one, OrderConfirmed)]
    shipped = [one for one in parts if isinstance(one, Shipped)]
    for order in dict.fromkeys(one.order for one in shipped):
        found.append(_shipped([one for one in shipped if one.order == order], wording, figures))
    # Where we are late ourselves, that comes first.
    found = [_delayed(one, wording, figures) for one in parts if isinstance(one, Delayed)] + found
    found += [_delivered(one, wording, figures) for one in parts if isinstance(one, Delivered)]
    invoices = [one for one in parts if isinstance(one, InvoiceIssued)]
    if invoices:
        found.append(_invoices(invoices, wording, figures, pay_link))
    payments = [one for one in parts if isinstance(one, PaymentReceived)]
    for currency in dict.fromkeys(one.amount.currency for one in payments):
        found.append(_paid([one for one in payments if one.amount.currency == currency], wording, figures))
    notes = [one for one in parts if isinstance(one, CreditIssued)]
    found += [_credited(one, wording, figures) for one in notes]
    if payments or notes:
        found[-1] = _with(found[-1], account_said([*payments, *notes], accounts, wording, figures))
    found += [_hold_ended(one, wording, figures) for one in parts if isinstance(one, HoldEnded)]
    return found


def _with(section: Section, said: Sequence[str]) -> Section:
    return replace(section, after=(*section.after, *said))


def _confirmed(one: OrderConfirmed, wording: Wording, figures: Figures) -> Section:
    about = f"order {one.order}"
    details = []
    if one.purchase_order:
        reference = figures.word(f"{about}.purchase_order", one.purchase_order)
        details.append((wording.say("label.reference"), reference))
    if one.expected_on:
        details.append((wording.say("label.expected"), figures.day(f"{about}.expected_on", one.expected_on)))
    details.append((wording.say("label.net"), figures.money(f"{about}.net", one.net)))
    return Section(
        wording.say("order_confirmed.opening", order=figures.word(f"{about}.number", one.order)),
        details=tuple(details),
        items=_goods(one.goods, about, wording, figures),
    )


def _goods(goods: Sequence[Goods], about: str, wording: Wording, figures: Figures) -> tuple[str, ...]:
    listed = goods[:GOODS_LISTED_MAX]
    said = [
        wording.say(
            "mail.goods",
            quantity=figures.quantity(f"{about}.line {at}.quantity", one.quantity),
            name=figures.word(f"{about}.line {at}.name", one.name),
        )
        for at, one in enumerate(listed, 1)
    ]
    more = len(goods) - len(listed)
    if more:
        said.append(wording.say("mail.more_goods", count=figures.count(f"{about}.more", more)))
    return tuple(said)


def _shipped(group: Sequence[Shipped], wording: Wording, figures: Figures) -> Section:
    first = group[0]
    about = f"order {first.order}"
    order = figures.word(f"{about}.number", first.order)
    rest = (wording.say("shipped.rest"),) if any(one.has_rest for one in group) else ()
    if len(group) == 1:
        return Section(
            wording.say("shipped.opening_one", order=order),
            rest,
            tuple(_parcel(first, wording, figures)),
            items=_goods(first.goods, f"shipment {first.tracking}", wording, figures),
        )
    has_day = any(one.expected_on for one in group)
    columns = [wording.say("label.tracking"), wording.say("label.carrier")]
    rows = []
    for one in group:
        parcel = f"shipment {one.tracking}"
        row = [figures.word(f"{parcel}.tracking", one.tracking), _or_dash(one.carrier, f"{parcel}.carrier", figures)]
        if has_day:
            row.append(figures.short_day(f"{parcel}.expected_on", one.expected_on) if one.expected_on else "–")
        rows.append(tuple(row))
    if has_day:
        columns.append(wording.say("label.expected"))
    opening = wording.say("shipped.opening_many", order=order, count=figures.count(f"{about}.shipments", len(group)))
    return Section(opening, rest, columns=tuple(columns), rows=tuple(rows))


def _or_dash(word: str | None, key: str, figures: Figures) -> str:
    return figures.word(key, word) if word else "–"


def _parcel(one: Shipped, wording: Wording, figures: Figures) -> list[tuple[str, str]]:
    about = f"shipment {one.tracking}"
    details = [(wording.say("label.tracking"), figures.word(f"{about}.tracking", one.tracking))]
    if one.carrier:
        details.append((wording.say("label.carrier"), figures.word(f"{about}.carrier", one.carrier)))
    if one.expected_on:
        details.append((wording.say("label.expected"), figures.day(f"{about}.expected_on", one.expected_on)))
    return details


def late_sentence(one: Delayed, wording: Wording, figures: Figures, group: str) -> str:
    """How an order is late, by what is known: the new day, or that there is none yet."""
    about = f"shipment {one.tracking}" if one.tracking else f"order {one.order}"
    values = {
        "order": figures.word(f"order {one.order}.number", one.order),
        "was": figures.day(f"{about}.was_on", one.was_on),
    }
    if one.now_on:
        return wording.say(f"{group}moved", now=figures.day(f"{about}.expected_on", one.now_on), **values)
    return wording.say(f"{group}{'passed' if one.tracking else 'not_left'}", **values)


def _delayed(one: Delayed, wording: Wording, figures: Figures) -> Section:
    said = (
        (wording.say("delayed.sorry"),)
        if one.now_on
        else (wording.say("delayed.sorry"), wording.say("delayed.unknown"))
    )
    details = []
    if one.tracking:
        tracking = figures.word(f"shipment {one.tracking}.tracking", one.tracking)
        details.append((wording.say("label.tracking"), tracking))
    return Section(late_sentence(one, wording, figures, "delayed."), said, tuple(details))


def _delivered(one: Delivered, wording: Wording, figures: Figures) -> Section:
    about = f"shipment {one.tracking}"
    day = figures.day(f"{about}.delivered_on", one.delivered_on)
    return Section(
        wording.say("delivered.opening", order=figures.word(f"order {one.order}.number", one.order), date=day),
        (wording.say("delivered.wrong"),),
        ((wording.say("label.tracking"), figures.word(f"{about}.tracking", one.tracking)),),
    )


def _invoices(group: Sequence[InvoiceIssued], wording: Wording, figures: Figures, pay_link: PayLink) -> Section:
    asked = [one for one in group if one.asked.minor > 0]
    url = pay_link(asked) if asked else None
    link = (wording.say("invoice_issued.pay"), url) if url else None
    if len(group) == 1:
        return _invoice(group[0], wording, figures, link)
    currencies = {one.total.currency for one in group}
    count = figures.count("message.invoices", len(group))
    if len(currencies) == 1:
        together = total((one.total for one in group), currencies.pop())
        sum_ = figures.money("message.invoiced", together)
        opening = wording.say("invoice_issued.opening_many", count=count, total=sum_)
    else:
        opening = wording.say("invoice_issued.opening_many", count=count, total=None)
    rows = tuple(
        (
            figures.word(f"invoice {one.number}.number", one.number),
            figures.short_day(f"invoice {one.number}.due_on", one.due_on),
            figures.money(f"invoice {one.number}.asked", one.asked),
        )
        for one in group
    )
    columns = (wording.say("label.invoice"), wording.say("label.due"), wording.say("label.to_pay"))
    return Section(opening, columns=columns, rows=rows, link=link)


def _invoice(one: InvoiceIssued, wording: Wording, figures: Figures, link: tuple[str, str] | None) -> Section:
    about = f"invoice {one.number}"
    opening = wording.say(
        "invoice_issued.opening_one",
        number=figures.word(f"{about}.number", one.number),
        amount=figures.money(f"{about}.total", one.total),
    )
    details = []
    if one.order:
        details.append((wording.say("label.order"), figures.word(f"order {one.order}.number", one.order)))
    if one.open.minor <= 0:
        return Section(opening, (wording.say("invoice_issued.paid"),), tuple(details))
    rows: Rows = ()
    columns: tuple[str, ...] = ()
    if one.parts:
        columns = (wording.say("label.due"), wording.say("label.to_pay"))
        rows = tuple(
            (figures.short_day(f"{about}.part {at}.due_on", day), figures.money(f"{about}.part {at}", amount))
            for at, (day, amount) in enumerate(one.parts, 1)
        )
    else:
        details.append((wording.say("label.due"), figures.day(f"{about}.due_on", one.due_on)))
    if one.asked != one.total:
        details.append((wording.say("label.to_pay"), figures.money(f"{about}.asked", one.asked)))
    said = []
    if one.discount and one.discount_until:
        until = figures.day(f"{about}.discount_until_on", one.discount_until)
        said.append(
            wording.say("invoice_issued.discount", date=until, amount=figures.money(f"{about}.discount", one.discount))
        )
    return Section(opening, tuple(said), tuple(details), columns, rows, link=link)


def numbers_said(settled: Sequence[Settled], wording: Wording, figures: Figures) -> str | None:
    """The invoices by number, or how many they are; None when it is none."""
    numbers = list(dict.fromkeys(one.number for one in settled))
    if not numbers:
        return None
    if len(numbers) > NUMBERS_NAMED_MAX:
        return wording.say("payment_received.invoices", count=figures.count("message.invoices", len(numbers)))
    return wording.say("mail.and", numbers=[figures.word(f"invoice {one}.number", one) for one in numbers])


def _merged(settled: Sequence[Settled]) -> list[Settled]:
    """One line per invoice, also where several payments went into it."""
    found: dict[str, Settled] = {}
    for one in settled:
        before = found.get(one.number)
        amount = before.amount + one.amount if before else one.amount
        found[one.number] = Settled(one.invoice_id, one.number, amount, one.left, one.disputed, one.disputes)
    return list(found.values())


def _paid(group: Sequence[PaymentReceived], wording: Wording, figures: Figures) -> Section:
    currency = group[0].amount.currency
    settled = _merged([each for one in group for each in one.settled])
    amount = figures.money(f"message.received.{currency}", total((one.amount for one in group), currency))
    numbers = numbers_said(settled, wording, figures)
    if len(group) == 1:
        opening = wording.say("payment_received.opening_one", amount=amount, numbers=numbers)
    else:
        count = figures.count("message.payments", len(group))
        opening = wording.say("payment_received.opening_many", amount=amount, numbers=numbers, count=count)
    said = []
    unapplied = total((one.unapplied for one in group), currency)
    if unapplied.minor > 0:
        left = figures.money(f"message.unapplied.{currency}", unapplied)
        said.append(wording.say("payment_received.unapplied", amount=left, is_all=not settled))
    return _with_table(Section(opening, tuple(said)), settled, "paid", wording, figures)


def _with_table(section: Section, settled: Sequence[Settled], how: str, wording: Wording, figures: Figures) -> Section:
    """The invoices with what came in for each and what is left; nothing where one invoice is done with."""
    if not settled or (len(settled) == 1 and settled[0].left.minor == 0):
        return section
    columns = (wording.say("label.invoice"), wording.say(f"label.{how}"), wording.say("label.left"))
    rows = tuple(
        (
            figures.word(f"invoice {one.number}.number", one.number),
            figures.money(f"invoice {one.number}.{how}", one.amount),
            figures.money(f"invoice {one.number}.open", one.left),
        )
        for one in settled
    )
    said = [
        wording.say(
            "mail.disputed",
            amount=figures.money(f"invoice {one.number}.disputed", one.disputed),
            number=figures.word(f"invoice {one.number}.number", one.number),
            disputes=figures.word(f"invoice {one.number}.disputes", ", ".join(one.disputes)),
        )
        for one in settled
        if one.disputed.minor > 0
    ]
    return replace(section, columns=columns, rows=rows, after=tuple(said))


def _credited(one: CreditIssued, wording: Wording, figures: Figures) -> Section:
    about = f"credit note {one.number}"
    opening = wording.say(
        "credit_issued.opening",
        number=figures.word(f"{about}.number", one.number),
        amount=figures.money(f"{about}.total", one.amount),
        invoice=figures.word(f"invoice {one.invoice}.number", one.invoice) if one.invoice else None,
    )
    said = []
    if one.unapplied.minor > 0:
        said.append(wording.say("credit_issued.unapplied", amount=figures.money(f"{about}.unapplied", one.unapplied)))
    return _with_table(Section(opening, tuple(said)), one.settled, "credited", wording, figures)


def account_said(
    parts: Sequence[PaymentReceived | CreditIssued], accounts: Sequence[Account], wording: Wording, figures: Figures
) -> list[str]:
    """What is open besides, or that nothing is open at all."""
    if not accounts:
        is_all = not any(each.left.minor for one in parts for each in one.settled)
        return [wording.say("mail.all_paid")] if is_all else []
    said = []
    for one in accounts:
        about = f"account {one.open.currency}"
        values = {
            "count": figures.count(f"{about}.invoices", one.invoices),
            "amount": figures.money(f"{about}.open", one.open),
            "date": figures.day(f"{about}.first_due_on", one.first_due_on),
        }
        disputed = figures.money(f"{about}.disputed", one.disputed) if one.disputed.minor else None
        said.append(wording.say(f"mail.besides_{'one' if one.invoices == 1 else 'many'}", disputed=disputed, **values))
    return said


def _hold_ended(one: HoldEnded, wording: Wording, figures: Figures) -> Section:
    opening = wording.say(
        "hold_ended.opening",
        date=figures.day("hold.last_on", one.last_on),
        invoice=figures.word(f"invoice {one.invoice}.number", one.invoice) if one.invoice else None,
    )
    return Section(opening, (wording.say("hold_ended.more"),))
