"""What a mail says of money: what is to be paid, what came in, what was credited, and what is open besides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from o2c_core.documents.wording import Wording
from o2c_core.informing.figures import Figures
from o2c_core.informing.part import Account, CreditIssued, HoldEnded, InvoiceIssued, PaymentReceived, Settled
from o2c_core.informing.section import Rows, Section
from o2c_core.money import total

NUMBERS_NAMED_MAX = 3

PayLink = Callable[[Sequence[InvoiceIssued]], str | None]


def invoices_section(group: Sequence[InvoiceIssued], wording: Wording, figures: Figures, pay_link: PayLink) -> Section:
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


def paid_section(group: Sequence[PaymentReceived], wording: Wording, figures: Figures) -> Section:
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


def credited_section(one: CreditIssued, wording: Wording, figures: Figures) -> Section:
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


def hold_ended_section(one: HoldEnded, wording: Wording, figures: Figures) -> Section:
    opening = wording.say(
        "hold_ended.opening",
        date=figures.day("hold.last_on", one.last_on),
        invoice=figures.word(f"invoice {one.invoice}.number", one.invoice) if one.invoice else None,
    )
    return Section(opening, (wording.say("hold_ended.more"),))
