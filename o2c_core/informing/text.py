"""A notice as a text for a phone: at most two segments, with a receipt for every figure in it."""

from __future__ import annotations

from collections.abc import Sequence

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.preference_links import preferences_url
from o2c_core.conversations.sms_text import SEGMENTS_MAX, fit_sms, plain, segments
from o2c_core.informing.figures import Figures
from o2c_core.informing.goods_said import late_sentence
from o2c_core.informing.money_said import numbers_said
from o2c_core.informing.notice import Notice
from o2c_core.informing.part import (
    CreditIssued,
    Delayed,
    Delivered,
    HoldEnded,
    InvoiceIssued,
    OrderConfirmed,
    Part,
    PaymentReceived,
    Shipped,
)
from o2c_core.informing.wording import Wording, wording_in
from o2c_core.money import total
from o2c_core.reminders.written import Written


def write_text(notice: Notice, doorplate: Doorplate | None) -> Written:
    """The notice in its reader's language: the facts first, then how to pay and what to choose where there is room.

    More facts than fit are counted: no figure is ever cut.
    """
    wording, figures = wording_in(notice.language), Figures(notice.locale, notice.read_at, is_text=True)
    facts = _facts(notice, wording, figures)
    after = _after(notice, wording, doorplate)
    for kept in range(len(facts), 0, -1):
        said = facts[:kept]
        if kept < len(facts):
            more = figures.count("message.more", len(facts) - kept)
            said = [*said, wording.say("sms.more", count=more)]
        for links in range(len(after), -1, -1):
            text = plain(" ".join([_begun(notice, said, wording), *after[:links]]))
            if segments(text).count <= SEGMENTS_MAX:
                return _written(notice, text, figures)
    # Even the first fact alone is too long: a seller or a number of a hundred letters.
    return _written(notice, fit_sms(_begun(notice, facts[:1], wording)), figures)


def _written(notice: Notice, text: str, figures: Figures) -> Written:
    receipts = [one for one in figures.receipts.values() if one["text"] in text]
    return Written(subject=None, text=text, html=None, language=notice.language, receipts=receipts)


def _begun(notice: Notice, facts: Sequence[str], wording: Wording) -> str:
    first, *others = facts
    colon = " : " if wording.language == "fr" else ": "
    others = [one[:1].upper() + one[1:] for one in others]
    return " ".join([f"{notice.seller.name}{colon}{first}", *others])


def _facts(notice: Notice, wording: Wording, figures: Figures) -> list[str]:
    parts = notice.parts
    said = [late_sentence(one, wording, figures, "sms.") for one in parts if isinstance(one, Delayed)]
    said += [_one(one, wording, figures) for one in parts if isinstance(one, OrderConfirmed)]
    shipped = [one for one in parts if isinstance(one, Shipped)]
    for order in dict.fromkeys(one.order for one in shipped):
        said.append(_shipped([one for one in shipped if one.order == order], wording, figures))
    said += [_one(one, wording, figures) for one in parts if isinstance(one, Delivered | InvoiceIssued)]
    payments = [one for one in parts if isinstance(one, PaymentReceived)]
    for currency in dict.fromkeys(one.amount.currency for one in payments):
        said.append(_paid([one for one in payments if one.amount.currency == currency], wording, figures))
    said += [_one(one, wording, figures) for one in parts if isinstance(one, CreditIssued)]
    settled = {
        each.number: each for one in parts if isinstance(one, PaymentReceived | CreditIssued) for each in one.settled
    }
    left = [each for each in settled.values() if each.left.minor]
    for each in left:
        number = figures.word(f"invoice {each.number}.number", each.number)
        amount = figures.money(f"invoice {each.number}.open", each.left)
        said.append(wording.say("sms.left", number=number, amount=amount))
    if any(isinstance(one, PaymentReceived | CreditIssued) for one in parts) and not left and not notice.accounts:
        said.append(wording.say("sms.all_paid"))
    said += [_one(one, wording, figures) for one in parts if isinstance(one, HoldEnded)]
    return said


def _shipped(group: Sequence[Shipped], wording: Wording, figures: Figures) -> str:
    first = group[0]
    order = figures.word(f"order {first.order}.number", first.order)
    if len(group) == 1:
        about = f"shipment {first.tracking}"
        return wording.say(
            "sms.shipped_one",
            order=order,
            tracking=figures.word(f"{about}.tracking", first.tracking),
            carrier=figures.word(f"{about}.carrier", first.carrier) if first.carrier else None,
            date=figures.day(f"{about}.expected_on", first.expected_on) if first.expected_on else None,
        )
    count = figures.count(f"order {first.order}.shipments", len(group))
    numbers = [figures.word(f"shipment {one.tracking}.tracking", one.tracking) for one in group]
    listed = wording.say("sms.shipped_many", order=order, count=count, trackings=", ".join(numbers))
    if segments(plain(listed)).count <= 1:
        return listed
    return wording.say("sms.shipped_count", order=order, count=count)


def _paid(group: Sequence[PaymentReceived], wording: Wording, figures: Figures) -> str:
    currency = group[0].amount.currency
    amount = figures.money(f"message.received.{currency}", total((one.amount for one in group), currency))
    numbers = numbers_said([each for one in group for each in one.settled], wording, figures)
    if len(group) == 1:
        return wording.say("sms.payment_one", amount=amount, numbers=numbers)
    count = figures.count("message.payments", len(group))
    return wording.say("sms.payment_many", amount=amount, numbers=numbers, count=count)


def _one(one: Part, wording: Wording, figures: Figures) -> str:
    match one:
        case OrderConfirmed():
            about = f"order {one.order}"
            day = figures.day(f"{about}.expected_on", one.expected_on) if one.expected_on else None
            return wording.say("sms.order_confirmed", order=figures.word(f"{about}.number", one.order), date=day)
        case Delivered():
            order = figures.word(f"order {one.order}.number", one.order)
            day = figures.day(f"shipment {one.tracking}.delivered_on", one.delivered_on)
            return wording.say("sms.delivered", order=order, date=day)
        case InvoiceIssued():
            about = f"invoice {one.number}"
            number, amount = figures.word(f"{about}.number", one.number), figures.money(f"{about}.total", one.total)
            if one.open.minor <= 0:
                return wording.say("sms.invoice_paid", number=number, amount=amount)
            due = figures.day(f"{about}.due_on", one.parts[0][0] if one.parts else one.due_on)
            if len(one.parts) > 1:
                count = figures.count(f"{about}.parts", len(one.parts))
                return wording.say("sms.invoice_parts", number=number, amount=amount, count=count, date=due)
            return wording.say("sms.invoice", number=number, amount=amount, date=due)
        case CreditIssued():
            about = f"credit note {one.number}"
            invoice = figures.word(f"invoice {one.invoice}.number", one.invoice) if one.invoice else None
            number, amount = figures.word(f"{about}.number", one.number), figures.money(f"{about}.total", one.amount)
            return wording.say("sms.credit", number=number, amount=amount, invoice=invoice)
        case HoldEnded():
            invoice = figures.word(f"invoice {one.invoice}.number", one.invoice) if one.invoice else None
            return wording.say("sms.hold_ended", date=figures.day("hold.last_on", one.last_on), invoice=invoice)
        case _:
            raise AssertionError(one)


def _after(notice: Notice, wording: Wording, doorplate: Doorplate | None) -> list[str]:
    if doorplate is None:
        return []
    asked = [one for one in notice.invoices if one.asked.minor > 0]
    pay = notice.pay_link(doorplate, asked) if asked else None
    to = notice.recipient
    choices = preferences_url(doorplate, contact_id=to.contact_id, channel=to.channel, address=to.address)
    # A text has one link: where to pay, else what to choose.
    links = [("sms.pay", pay), ("sms.preferences", choices)]
    return [wording.say(name, link=link) for name, link in links if link][:1]
