"""A reminder as a text for a phone: at most two segments, with a receipt for every figure in it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass

from o2c_core.conversations.sms_text import SEGMENTS_MAX, fit_sms, is_gsm, plain, segments
from o2c_core.customers.seller import SenderIdentity
from o2c_core.money import Money
from o2c_core.reminders.letter import Letter
from o2c_core.reminders.links import NO_LINKS, Links
from o2c_core.reminders.receipts import TO_PAY, Figures, PlainFigures, about, asked_key
from o2c_core.reminders.wording import Wording, wording_in
from o2c_core.reminders.written import OUR_WORDS, Words, Written

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


def write_text(letter: Letter, *, may_reply: bool, links: Links = NO_LINKS, words: Words = OUR_WORDS) -> Written:
    """The reminder in its reader's language, from approved sentences and the letter's figures alone.

    The seller comes first, then an apology where one is owed and what it is about; how to hear no more comes last and
    always; between them as much as there is room for of what they say they paid, a broken promise, what happens next, how
    to pay, and what to do if something is in the way. `words` stand where an approved sentence would; an opening of theirs
    is never left out.
    """
    figures = PlainFigures(letter)
    wording = wording_in(letter.language, is_informal=letter.is_informal)
    to_stop = _to_stop(wording, may_reply=may_reply, link=links.preferences)
    seller, sorry = wording.say("sms.from", seller=_name(letter.seller.name)), _sorry(letter, wording, figures)
    numbers = _numbers(letter, wording, figures)
    parts = _Parts(
        said=_said(letter, wording, figures),
        broken=_broken(letter, wording, figures),
        next=_next(letter, wording, figures),
        pay=_pay_here(wording, figures, links),
        account=_account(letter, wording, figures),
        ask=_ask(letter, wording, figures, may_reply=may_reply) if words.ask is None else words.ask,
        slip=_slip(letter, wording),
    )
    fitting: list[tuple[int, list[str]]] = []
    for listed in (len(numbers), *(count for count in _LISTED if count < len(numbers))):
        opening = _about(letter, wording, figures, numbers, listed)
        said = _began(seller, sorry, opening if words.opening is None else words.opening)
        kept = parts.that_fit(said, to_stop)
        if kept is not None:
            fitting.append((listed, kept))
            # Fewer numbers make room for who gets in touch and by when, and for how to pay.
            if parts.has_needed(kept):
                break
    if fitting:
        listed, kept = next((one for one in fitting if parts.has_needed(one[1])), fitting[0])
        # Written again, because the receipts are those of what was written last.
        opening = _about(letter, wording, figures, numbers, listed)
        said = _began(seller, sorry, opening if words.opening is None else words.opening)
        asked = parts.ask if parts.ask in kept else None
        return _written(letter, figures, _joined(said, *kept, to_stop), opening, asked, words)
    # Even the facts alone are too long: a seller or a number of a hundred letters.
    shortest = _joined(fit_sms(said, SEGMENTS_MAX - 1), to_stop)
    return _written(letter, figures, fit_sms(shortest), opening, None, words)


@dataclass(frozen=True, slots=True)
class _Parts:
    """What may stand between what a text is about and how to hear no more, in its order."""

    said: str | None
    broken: str | None
    next: str | None
    pay: str | None
    account: str | None
    ask: str | None
    slip: str | None

    def that_fit(self, said: str, to_stop: str | None) -> list[str] | None:
        """Those there is room for, the most needed first: what they say they paid, who is next, how to pay, then what
        happened before. None without room for what is said anyway."""
        if segments(_joined(said, to_stop)).count > SEGMENTS_MAX:
            return None
        kept: set[str] = set()
        for part in (self.said, self.next, self.pay, self.account, self.broken, self.ask, self.slip):
            if part is self.account and self.pay in kept:
                continue  # our page has the account too
            if part and segments(_joined(said, *self._in_order(kept | {part}), to_stop)).count <= SEGMENTS_MAX:
                kept.add(part)
        return self._in_order(kept)

    def has_needed(self, kept: Collection[str]) -> bool:
        """Whether what happens next is said, and how to pay, as far as there is anything to say of them. Who says it is paid
        is asked about that instead of being told how to pay."""
        to_pay = [part for part in (self.pay, self.account) if part] if self.said is None else [self.said]
        return (self.next is None or self.next in kept) and (not to_pay or any(part in kept for part in to_pay))

    def _in_order(self, kept: Collection[str]) -> list[str]:
        wanted = (self.said, self.broken, self.next, self.pay, self.account, self.ask, self.slip)
        return [part for part in wanted if part is not None and part in kept]


def _began(seller: str, sorry: str | None, opening: str) -> str:
    """Behind the seller's name a sentence goes on in small letters; behind another it begins anew."""
    if sorry is None:
        return f"{seller} {opening}"
    return f"{seller} {sorry} {opening[:1].upper()}{opening[1:]}"


def _name(seller: str) -> str:
    """The seller's name in cheap characters, without a picture or sign that would leave every text half its room, and so
    none for how to hear no more. A name in another script stays as it is."""
    if is_gsm(plain(seller)):
        return seller
    cheap = " ".join("".join(one for one in map(plain, seller) if is_gsm(one)).split()).rstrip(" -,&")
    return cheap if 2 * sum(map(str.isalnum, cheap)) > sum(map(str.isalnum, seller)) else seller


def _joined(*parts: str | None) -> str:
    return plain(" ".join(part for part in parts if part))


def _written(letter: Letter, figures: Figures, text: str, opening: str, ask: str | None, words: Words) -> Written:
    return Written(
        subject=None,
        text=text,
        html=None,
        language=letter.language,
        receipts=list(figures.receipts.values()),
        opening=plain(opening if words.opening is None else words.opening),
        ask=plain(ask or ""),
    )


def _numbers(letter: Letter, wording: Wording, figures: Figures) -> list[str]:
    """What is asked for by its number, each once; of a single part, which one it is."""
    for line in letter.lines:
        figures.money(asked_key(line.claim.number, line.claim.part), line.asked)
    only = letter.lines[0].claim
    if len(letter.lines) > 1 or not only.part:
        return [figures.word(f"{about(number)}.number", number) for number in letter.numbers]
    of = about(only.number, only.part)
    part = figures.count(f"{of}.part", only.part)
    parts = figures.count(f"{of}.parts", only.parts or only.part)
    return [wording.say("mail.part", number=figures.word(f"{of}.number", only.number), part=part, parts=parts)]


def _about(letter: Letter, wording: Wording, figures: Figures, numbers: Sequence[str], listed: int) -> str:
    oldest = letter.lines[0]
    of = about(oldest.claim.number, oldest.claim.part)
    values: dict[str, object] = {
        "amount": figures.money(TO_PAY, letter.to_pay),
        "date": figures.short_day(f"{of}.due_on", oldest.claim.due_on),
    }
    if oldest.days_late > 0:
        days = figures.count(f"{of}.days_late", oldest.days_late)
        values["late"] = wording.counted("late.since", oldest.days_late, days=days)
    if len(numbers) == 1:
        return wording.say(f"sms.{letter.section}_one", number=numbers[0], **values)
    said = ", ".join(numbers[:listed])
    if listed < len(numbers):
        more = figures.count("message.more", len(numbers) - listed)
        said = wording.say("sms.more", numbers=said, more=more)
    count = figures.count("message.count", len(numbers))
    return wording.say(f"sms.{letter.section}_many", count=count, numbers=said, **values)


def _sorry(letter: Letter, wording: Wording, figures: Figures) -> str | None:
    if "our_delay" not in letter.tone.openings:
        return None
    first, *others = letter.came_late
    if others:
        return wording.say("sms.our_delay_many")
    days = wording.counted("late.days", first.days, days=figures.count(f"order {first.order}.days_late", first.days))
    return wording.say("sms.our_delay", order=figures.word(f"order {first.order}", first.order), days=days)


def _said(letter: Letter, wording: Wording, figures: Figures) -> str | None:
    """What they told us they had paid and has not come, with what would help to find it."""
    said = letter.said
    if said is None or "said" not in letter.tone.openings:
        return None
    if said.has_proof:
        return wording.say("sms.said_proof")
    if said.paid_on is not None:
        return wording.say("sms.said_on", paid=figures.short_day("payment said.paid_on", said.paid_on))
    return wording.say("sms.said", date=figures.short_day("payment said.said_on", said.said_on))


def _broken(letter: Letter, wording: Wording, figures: Figures) -> str | None:
    """The promise that did not hold. Of one that held in part a text has no room to speak."""
    broken = letter.broken
    if broken is None or not any(name.startswith("broken") for name in letter.tone.openings):
        return None
    if broken.plan is not None:
        of = f"plan {broken.plan}"
        number, missed_on = figures.word(of, broken.plan), figures.short_day(f"{of}.missed_on", broken.promised_on)
        missing = figures.money(f"{of}.missing", Money(broken.minor - broken.paid_minor, broken.currency))
        return wording.say("sms.plan_broken", number=number, date=missed_on, missing=missing)
    if broken.paid_minor > 0:
        return None
    of = f"promise {broken.promised_on.isoformat()}"
    amount = figures.money(f"{of}.amount", Money(broken.minor, broken.currency))
    return wording.say("sms.broken", amount=amount, date=figures.short_day(f"{of}.promised_on", broken.promised_on))


def _next(letter: Letter, wording: Wording, figures: Figures) -> str | None:
    if not letter.person_is_next:
        return None
    by = figures.short_day("message.person_by", letter.person_by)
    if letter.owner is None:
        return wording.say("sms.person", by=by)
    owner = figures.word("message.owner", letter.owner)
    return wording.say("sms.call" if letter.may_call else "sms.owner", by=by, owner=owner)


def _pay_here(wording: Wording, figures: Figures, links: Links) -> str | None:
    """Our page that has it all: how much, to whom, under which reference."""
    if links.pay is None:
        return None
    return wording.say("sms.pay_here", link=figures.word("message.pay_link", links.pay))


def _account(letter: Letter, wording: Wording, figures: Figures) -> str | None:
    """Where the money goes; nothing when the seller has no account on record."""
    account = letter.seller.account_for(letter.unapplied.currency)
    if account is None:
        return None
    values = {
        "iban": figures.word("seller.iban", account.iban),
        "holder": figures.word("seller.account_holder", account.holder),
    }
    if len(letter.numbers) > 1:
        return wording.say("sms.pay_all", **values)
    return wording.say("sms.pay", reference=letter.numbers[0], **values)


def _ask(letter: Letter, wording: Wording, figures: Figures, *, may_reply: bool) -> str | None:
    if letter.section in ("courtesy", "due", "plan_soon"):
        return wording.say("sms.on_its_way")
    if may_reply:
        return wording.say("sms.in_the_way_reply")
    if not letter.seller.phone:
        return None
    return wording.say("sms.in_the_way_call", phone=figures.word("seller.phone", letter.seller.phone))


def _slip(letter: Letter, wording: Wording) -> str | None:
    return wording.say("sms.slip") if "slip" in letter.tone.openings else None


def _to_stop(wording: Wording, *, may_reply: bool, link: str | None) -> str | None:
    """How to hear no more: a reply where one arrives, else a link of ours. Never a word that means something else."""
    if may_reply:
        return wording.say("sms.stop")
    return wording.say("sms.preferences", link=link) if link else None
