"""A reminder as a text for a phone: at most two segments, with a receipt for every figure in it."""

from __future__ import annotations

from collections.abc import Sequence

from o2c_core.conversations.sms_text import SEGMENTS_MAX, fit_sms, plain, segments
from o2c_core.customers.seller import SenderIdentity
from o2c_core.reminders.letter import Letter
from o2c_core.reminders.receipts import TO_PAY, Figures, PlainFigures, asked_key
from o2c_core.reminders.wording import Wording, wording_in
from o2c_core.reminders.written import Written

# More numbers than these are counted and not listed, when the text is too long with all of them.
_LISTED = (3, 1)


def may_reply_to(senders: Sequence[SenderIdentity], channel: str) -> bool:
    """Whether somebody can answer the seller on that channel: a phone number takes replies, a name of letters cannot.

    Of an unknown sender nothing is promised. Source: twilio.com/docs/glossary/what-alphanumeric-sender-id.
    """
    if channel == "whatsapp":
        return True
    first = next((sender.value for sender in senders if sender.channel == "sms"), "")
    return first.removeprefix("+").replace(" ", "").isdigit()


def write_text(letter: Letter, *, may_reply: bool, link: str | None = None) -> Written:
    """The reminder in its reader's language, from approved sentences and the letter's figures alone.

    What it is about comes first, how to hear no more last and always; between them as much as there is room for: what
    happens next, how to pay, what to do if something is in the way.
    """
    figures = PlainFigures(letter)
    wording = wording_in(letter.language)
    to_stop = _to_stop(wording, may_reply=may_reply, link=link)
    numbers = [figures.word(f"invoice {line.claim.number}.number", line.claim.number) for line in letter.lines]
    between = [
        part
        for part in (
            _person(letter, wording, figures),
            _pay(letter, wording, figures),
            _ask(letter, wording, figures, may_reply=may_reply),
        )
        if part
    ]
    for listed in (len(numbers), *(count for count in _LISTED if count < len(numbers))):
        about = _about(letter, wording, figures, numbers, listed)
        for kept in range(len(between), -1, -1):
            text = _joined(about, *between[:kept], to_stop)
            if segments(text).count <= SEGMENTS_MAX:
                return _written(letter, figures, text)
    # Even the facts alone are too long: a seller or a number of a hundred letters.
    shortest = _joined(fit_sms(about, SEGMENTS_MAX - 1), to_stop)
    return _written(letter, figures, fit_sms(shortest))


def _joined(*parts: str | None) -> str:
    return plain(" ".join(part for part in parts if part))


def _written(letter: Letter, figures: Figures, text: str) -> Written:
    return Written(
        subject=None, text=text, html=None, language=letter.language, receipts=list(figures.receipts.values())
    )


def _about(letter: Letter, wording: Wording, figures: Figures, numbers: Sequence[str], listed: int) -> str:
    oldest, rung = letter.lines[0], letter.rung
    about = f"invoice {oldest.claim.number}"
    for line in letter.lines:
        figures.money(asked_key(line.claim.number), line.asked)
    values: dict[str, object] = {
        "seller": letter.seller.name,
        "amount": figures.money(TO_PAY, letter.to_pay),
        "date": figures.short_day(f"{about}.due_on", oldest.claim.due_on),
    }
    if rung.says_late:
        values["days"] = figures.count(f"{about}.days_late", oldest.days_late)
    if len(numbers) == 1:
        return wording.say(f"sms.{rung.name}_one", number=numbers[0], **values)
    said = ", ".join(numbers[:listed])
    if listed < len(numbers):
        more = figures.count("message.more", len(numbers) - listed)
        said = wording.say("sms.more", numbers=said, more=more)
    count = figures.count("message.count", len(numbers))
    return wording.say(f"sms.{rung.name}_many", count=count, numbers=said, **values)


def _person(letter: Letter, wording: Wording, figures: Figures) -> str | None:
    if not letter.person_is_next:
        return None
    return wording.say("sms.person", by=figures.short_day("message.person_by", letter.person_by))


def _pay(letter: Letter, wording: Wording, figures: Figures) -> str | None:
    """Where the money goes; nothing when the seller has no account on record."""
    account = letter.seller.account_for(letter.unapplied.currency)
    if account is None:
        return None
    values = {
        "iban": figures.word("seller.iban", account.iban),
        "holder": figures.word("seller.account_holder", account.holder),
    }
    if len(letter.lines) > 1:
        return wording.say("sms.pay_all", **values)
    return wording.say("sms.pay", reference=letter.lines[0].claim.number, **values)


def _ask(letter: Letter, wording: Wording, figures: Figures, *, may_reply: bool) -> str | None:
    if not letter.rung.says_late:
        return wording.say("sms.on_its_way")
    if not may_reply and not letter.seller.phone:
        return None
    phone = figures.word("seller.phone", letter.seller.phone) if letter.seller.phone and not may_reply else None
    return wording.say("sms.in_the_way", may_reply=may_reply, phone=phone)


def _to_stop(wording: Wording, *, may_reply: bool, link: str | None) -> str | None:
    """How to hear no more: a reply where one arrives, else a link of ours. Never a word that means something else."""
    if may_reply:
        return wording.say("sms.stop")
    return wording.say("sms.preferences", link=link) if link else None
