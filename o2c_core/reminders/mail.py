"""A reminder as an email: subject, text and HTML, with a receipt for every figure in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from o2c_core.documents.asked_for import PayCode, StatementOfAccount
from o2c_core.documents.attach import PAY_CODE_ID
from o2c_core.documents.mail_frame import FootLink
from o2c_core.money import Money
from o2c_core.reminders.letter import Letter, Line
from o2c_core.reminders.links import NO_LINKS, Links
from o2c_core.reminders.mail_page import Frame, LoadedPage, foot_of
from o2c_core.reminders.mail_paying import code_for, how_to_pay, said_of_code
from o2c_core.reminders.prose import Prose, prose_of
from o2c_core.reminders.receipts import TO_PAY, Figures, about, asked_key
from o2c_core.reminders.wording import Wording, wording_in
from o2c_core.reminders.written import OUR_WORDS, Words, Written

_HERE = Path(__file__).parent
_TEXT = Environment(
    loader=FileSystemLoader(_HERE), undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
).get_template("mail.txt")
_HTML = LoadedPage(_HERE, "mail")
# A number longer than this may be broken over lines, else it would push the table off a telephone.
_UNBROKEN_MAX = 15
# The statement that goes along begins so long before the oldest invoice was due that the invoice itself is on it.
_STATEMENT_DAYS = 120


@dataclass(frozen=True)
class Mail(Written):
    """A reminder as an email."""

    subject: str
    html: str


@dataclass(frozen=True, slots=True)
class _Row:
    number: str
    part: str | None
    due: str
    late: str | None
    amount: str
    notes: tuple[str, ...]
    is_short: bool


@dataclass(frozen=True, slots=True)
class _Page:
    """Everything the mail says, in its order; text and HTML are two arrangements of it."""

    language: str
    subject: str
    greeting: str
    sorry: str
    opening: str
    ask: str
    as_of: str
    columns: tuple[str, str, str]
    rows: tuple[_Row, ...]
    in_text: tuple[str, ...]
    sums: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]
    pay: str
    pay_link: str | None
    pay_button: str
    pay_here: str
    pay_rows: tuple[tuple[str, tuple[str, ...]], ...]
    pay_as_invoiced: str
    code: str
    code_id: str
    scan: str
    statement: str
    foot: tuple[str, ...]
    closing: str
    seller: str
    assistant: str


def write_mail(letter: Letter, links: Links = NO_LINKS, words: Words = OUR_WORDS) -> Mail:
    """The reminder in its reader's language, from approved sentences and the letter's figures alone.

    `links` are where the reader pays, and where they choose what is written to them; of one that is not there nothing is
    said. `words` stand where an approved sentence would; the figures of that one stay facts of the message.

    Raises: jinja2.UndefinedError when a sentence asks for a value that is not there.
    """
    figures = Figures(letter)
    wording = wording_in(letter.language, is_informal=letter.is_informal)
    prose = prose_of(letter, wording, figures)
    code = code_for(letter)
    page = _page(letter, wording, figures, prose, links, code, words)
    foot = [FootLink(wording.say("mail.choose"), links.preferences)] if links.preferences else []
    frame = Frame(letter.language, page.subject, page.seller, page.assistant, foot_of(foot))
    return Mail(
        subject=page.subject,
        text=_text(page, wording, links.preferences),
        html=_HTML.html(frame, page=page),
        language=letter.language,
        receipts=list(figures.receipts.values()),
        attachments=_attachments(letter, code),
        opening=page.opening,
        ask=page.ask,
    )


def _page(
    letter: Letter,
    wording: Wording,
    figures: Figures,
    prose: Prose,
    links: Links,
    code: PayCode | None,
    words: Words,
) -> _Page:
    to_pay = figures.money(TO_PAY, letter.to_pay)
    sums = []
    if letter.unapplied.minor > 0:
        sums.append((wording.say("mail.unapplied"), figures.money("customer.unapplied", -letter.unapplied)))
    if sums or len(letter.lines) > 1:
        sums.append((wording.say("mail.total"), to_pay))
    rows = [_row(line, wording, figures) for line in letter.lines]
    if links.pay is not None:
        figures.word("message.pay_link", links.pay)
    return _Page(
        language=letter.language,
        subject=prose.subject,
        greeting=_greeting(letter, wording),
        sorry=prose.sorry,
        opening=prose.opening if words.opening is None else words.opening,
        ask=prose.ask if words.ask is None else words.ask,
        as_of=wording.say("mail.as_of", on=figures.day("message.on", letter.on)),
        columns=(wording.say("mail.invoice"), wording.say("mail.due"), wording.say("mail.amount")),
        rows=tuple(row for row, _ in rows),
        in_text=tuple(number for _, number in rows),
        sums=tuple(sums),
        left_out=tuple(_left_out(letter, wording, figures)),
        pay=wording.say("mail.pay"),
        pay_link=links.pay,
        pay_button=wording.say("mail.pay_link", amount=to_pay),
        pay_here=wording.say("mail.pay_here", amount=to_pay, link=links.pay) if links.pay else "",
        pay_rows=tuple(how_to_pay(letter, wording, figures)),
        pay_as_invoiced=wording.say("mail.as_invoiced"),
        code=said_of_code(code, to_pay, wording) if code else "",
        code_id=PAY_CODE_ID,
        scan=wording.say("mail.scan"),
        statement=wording.say("mail.statement") if letter.rung.letter else "",
        foot=tuple(_foot(letter, wording, figures)),
        closing=wording.say("mail.closing"),
        seller=letter.seller.name,
        assistant=wording.say("mail.assistant", seller=letter.seller.name),
    )


def _greeting(letter: Letter, wording: Wording) -> str:
    if letter.greeted is None:
        return wording.say("greeting.unknown")
    return wording.say(f"greeting.{letter.greeted.title or 'named'}", name=letter.greeted.name)


def _left_out(letter: Letter, wording: Wording, figures: Figures) -> Iterable[str]:
    for claim in letter.left_out:
        of = about(claim.number, claim.part)
        yield wording.say(
            "mail.left_out",
            number=figures.word(f"{of}.number", claim.number),
            disputes=figures.word(f"{of}.disputes", ", ".join(claim.disputes)),
        )


def _foot(letter: Letter, wording: Wording, figures: Figures) -> Iterable[str]:
    if letter.says_late:
        yield wording.say("mail.paid_meanwhile")
    if letter.seller.phone:
        phone = figures.word("seller.phone", _unbroken(letter.seller.phone))
        yield wording.say("mail.answer_phone", phone=phone)
    else:
        yield wording.say("mail.answer")


def _row(line: Line, wording: Wording, figures: Figures) -> tuple[_Row, str]:
    """The row, and what its first column says in plain text."""
    claim = line.claim
    of = about(claim.number, claim.part)
    late = part = None
    number = in_text = figures.word(f"{of}.number", claim.number)
    if claim.part:
        which = {
            "part": figures.count(f"{of}.part", claim.part),
            "parts": figures.count(f"{of}.parts", claim.parts or claim.part),
        }
        part = wording.say("mail.part_of", **which)
        in_text = wording.say("mail.part", number=number, **which)
    if line.rung.says_late and line.days_late > 0:
        days = figures.count(f"{of}.days_late", line.days_late)
        late = wording.counted("late.row", line.days_late, days=days)
    notes = []
    if line.settled.minor > 0:
        whole = figures.money(f"{of}.total", Money(claim.total_minor, line.asked.currency))
        paid = figures.money(f"{of}.settled", line.settled)
        notes.append(wording.say("mail.part_paid_part" if claim.part else "mail.part_paid", total=whole, paid=paid))
    if line.disputed.minor > 0:
        disputes = figures.word(f"{of}.disputes", ", ".join(claim.disputes))
        disputed = figures.money(f"{of}.disputed", line.disputed)
        notes.append(wording.say("mail.disputed", disputed=disputed, disputes=disputes))
    if claim.promised_on is not None and line.promised.minor > 0:
        promised = figures.money(f"{of}.promised", line.promised)
        by = figures.day(f"{of}.promised_on", claim.promised_on)
        notes.append(wording.say("mail.promised", promised=promised, date=by))
    row = _Row(
        number=number,
        part=part,
        due=figures.short_day(f"{of}.due_on", claim.due_on),
        late=late,
        amount=figures.money(asked_key(claim.number, claim.part), line.asked),
        notes=tuple(notes),
        is_short=len(number) <= _UNBROKEN_MAX,
    )
    return row, in_text


def _attachments(letter: Letter, code: PayCode | None) -> list[dict[str, Any]]:
    found = [code.stored()] if code else []
    if letter.rung.letter and letter.customer_id is not None:
        begins = min(line.claim.due_on for line in letter.lines) - timedelta(days=_STATEMENT_DAYS)
        found.append(StatementOfAccount(letter.customer_id, letter.asked.currency, begins.replace(day=1)).stored())
    return found


def _unbroken(number: str) -> str:
    return number.replace(" ", "\xa0")


def _text(page: _Page, wording: Wording, preferences: str | None) -> str:
    label_width = max((len(label) for label, _ in page.pay_rows), default=0)
    foot = page.foot if preferences is None else (*page.foot, wording.say("mail.preferences", link=preferences))
    mail = _TEXT.render(page=page, table=_table(page), label_width=label_width, foot=foot)
    return mail.strip() + "\n"


def _table(page: _Page) -> str:
    """The invoices in columns of plain text, amounts right-aligned."""
    cells = [
        page.columns,
        *((number, row.due, row.amount) for number, row in zip(page.in_text, page.rows, strict=True)),
    ]
    first, second = (max(len(row[column]) for row in cells) for column in (0, 1))
    amount = max(len(text) for text in [*(row[2] for row in cells), *(text for _, text in page.sums)])
    first = max(first, *(len(label) - second - 2 for label, _ in page.sums)) if page.sums else first
    lines = []
    for at, (number, due, text) in enumerate(cells):
        lines.append(f"{number:<{first}}  {due:<{second}}  {text:>{amount}}")
        if at > 0:
            row = page.rows[at - 1]
            lines.extend(f"  {note}" for note in (row.late, *row.notes) if note)
    lines.extend(f"{label:<{first + 2 + second}}  {text:>{amount}}" for label, text in page.sums)
    return "\n".join(lines)
