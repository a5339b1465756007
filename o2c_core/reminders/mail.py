"""A reminder as an email: subject, text and HTML, with a receipt for every figure in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from o2c_core.documents.mail_frame import FootLink, MailPage
from o2c_core.invoices.reference import grouped
from o2c_core.money import Money
from o2c_core.reminders.letter import Letter, Line
from o2c_core.reminders.receipts import TO_PAY, Figures, asked_key
from o2c_core.reminders.wording import Wording, wording_in
from o2c_core.reminders.written import Written

_HERE = Path(__file__).parent
_PAGES = Environment(
    loader=FileSystemLoader(_HERE), undefined=StrictUndefined, autoescape=True, trim_blocks=True, lstrip_blocks=True
)
_HTML = MailPage(_HERE, "mail")


@dataclass(frozen=True)
class Mail(Written):
    """A reminder as an email."""

    subject: str
    html: str


@dataclass(frozen=True)
class _Row:
    number: str
    due: str
    late: str | None
    amount: str
    notes: tuple[str, ...]


@dataclass(frozen=True)
class _Page:
    """Everything the mail says, in its order; text and HTML are two arrangements of it."""

    language: str
    subject: str
    greeting: str
    opening: str
    ask: str
    as_of: str
    columns: tuple[str, str, str]
    rows: tuple[_Row, ...]
    sums: tuple[tuple[str, str], ...]
    left_out: tuple[str, ...]
    pay: str
    pay_rows: tuple[tuple[str, tuple[str, ...]], ...]
    pay_as_invoiced: str
    foot: tuple[str, ...]
    closing: str
    seller: str
    assistant: str


def write_mail(letter: Letter, link: str | None = None) -> Mail:
    """The reminder in its reader's language, from approved sentences and the letter's figures alone.

    `link` is where the reader chooses what is written to them; without one nothing is said of it.

    Raises: jinja2.UndefinedError when a sentence asks for a value that is not there.
    """
    figures = Figures(letter)
    wording = wording_in(letter.language)
    page = _page(letter, wording, figures)
    in_text, foot = page, []
    if link is not None:
        in_text = replace(page, foot=(*page.foot, wording.say("mail.preferences", link=link)))
        foot = [FootLink(wording.say("mail.choose"), link)]
    return Mail(
        subject=page.subject,
        text=_text(in_text),
        html=_HTML.html(
            language=page.language, subject=page.subject, seller=page.seller, under=page.assistant, foot=foot, page=page
        ),
        language=letter.language,
        receipts=list(figures.receipts.values()),
    )


def _page(letter: Letter, wording: Wording, figures: Figures) -> _Page:
    oldest = letter.lines[0]
    rung = letter.rung
    how_many = "one" if len(letter.lines) == 1 else "many"
    to_pay = figures.money(TO_PAY, letter.to_pay)
    values: dict[str, object] = {"seller": letter.seller.name}
    if how_many == "one":
        values["number"] = figures.word(f"invoice {oldest.claim.number}.number", oldest.claim.number)
        values["amount"] = figures.money(asked_key(oldest.claim.number), oldest.asked)
    else:
        values["count"] = figures.count("message.count", len(letter.lines))
        values["total"] = figures.money("message.asked", letter.asked)
    values["date"] = figures.day(f"invoice {oldest.claim.number}.due_on", oldest.claim.due_on)
    if rung.says_late:
        values["days"] = figures.count(f"invoice {oldest.claim.number}.days_late", oldest.days_late)
    if letter.person_is_next:
        values["by"] = figures.day("message.person_by", letter.person_by)

    sums = []
    if letter.unapplied.minor > 0:
        sums.append((wording.say("mail.unapplied"), figures.money("customer.unapplied", -letter.unapplied)))
    if sums or how_many == "many":
        sums.append((wording.say("mail.total"), to_pay))
    phone = figures.word("seller.phone", _unbroken(letter.seller.phone)) if letter.seller.phone else None
    foot = [wording.say("mail.answer", phone=phone)]
    if rung.says_late:
        foot.insert(0, wording.say("mail.paid_meanwhile"))
    return _Page(
        language=letter.language,
        subject=" ".join(wording.say(f"{rung.name}.subject_{how_many}", **values).splitlines()),
        greeting=wording.say("mail.greeting"),
        opening=wording.say(f"{rung.name}.opening_{how_many}", **values),
        ask=wording.say(f"{rung.name}.ask", **values),
        as_of=wording.say("mail.as_of", on=figures.day("message.on", letter.on)),
        columns=(wording.say("mail.invoice"), wording.say("mail.due"), wording.say("mail.amount")),
        rows=tuple(_row(line, wording, figures) for line in letter.lines),
        sums=tuple(sums),
        left_out=tuple(
            wording.say(
                "mail.left_out",
                number=figures.word(f"invoice {claim.number}.number", claim.number),
                disputes=figures.word(f"invoice {claim.number}.disputes", ", ".join(claim.disputes)),
            )
            for claim in letter.left_out
        ),
        pay=wording.say("mail.pay"),
        pay_rows=tuple(_how_to_pay(letter, wording, figures)),
        pay_as_invoiced=wording.say("mail.as_invoiced"),
        foot=tuple(foot),
        closing=wording.say("mail.closing"),
        seller=letter.seller.name,
        assistant=wording.say("mail.assistant", seller=letter.seller.name),
    )


def _row(line: Line, wording: Wording, figures: Figures) -> _Row:
    claim = line.claim
    about = f"invoice {claim.number}"
    late = None
    if line.rung.says_late and line.days_late > 0:
        late = wording.say("mail.late", days=figures.count(f"{about}.days_late", line.days_late))
    notes = []
    if line.settled.minor > 0:
        whole = figures.money(f"{about}.total", Money(claim.total_minor, line.asked.currency))
        paid = figures.money(f"{about}.settled", line.settled)
        notes.append(wording.say("mail.part_paid", total=whole, paid=paid))
    if line.disputed.minor > 0:
        disputes = figures.word(f"{about}.disputes", ", ".join(claim.disputes))
        disputed = figures.money(f"{about}.disputed", line.disputed)
        notes.append(wording.say("mail.disputed", disputed=disputed, disputes=disputes))
    if line.promised.minor > 0 and claim.promised_on is not None:
        promised = figures.money(f"{about}.promised", line.promised)
        by = figures.day(f"{about}.promised_on", claim.promised_on)
        notes.append(wording.say("mail.promised", promised=promised, date=by))
    return _Row(
        number=figures.word(f"{about}.number", claim.number),
        due=figures.short_day(f"{about}.due_on", claim.due_on),
        late=late,
        amount=figures.money(asked_key(claim.number), line.asked),
        notes=tuple(notes),
    )


def _how_to_pay(letter: Letter, wording: Wording, figures: Figures) -> Iterable[tuple[str, tuple[str, ...]]]:
    """The bank details, each in parts that are not broken over lines; none when the seller has no account on record.

    The name is the account holder's, not the trading name: banks compare it (Verification of Payee, since 9 October
    2025, Regulation (EU) 2024/886).
    """
    account = letter.seller.account_for(letter.unapplied.currency)
    if account is None:
        return
    yield wording.say("mail.holder"), (figures.word("seller.account_holder", account.holder),)
    yield wording.say("mail.iban"), (figures.word("seller.iban", grouped(account.iban)),)
    yield wording.say("mail.reference"), tuple(line.claim.number for line in letter.lines)


def _unbroken(number: str) -> str:
    return number.replace(" ", "\xa0")


def _text(page: _Page) -> str:
    label_width = max((len(label) for label, _ in page.pay_rows), default=0)
    mail = _PAGES.get_template("mail.txt").render(page=page, table=_table(page), label_width=label_width)
    return mail.strip() + "\n"


def _table(page: _Page) -> str:
    """The invoices in columns of plain text, amounts right-aligned."""
    cells = [page.columns, *((row.number, row.due, row.amount) for row in page.rows)]
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
