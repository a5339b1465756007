"""Every step of a ladder as its reader would get it, of a made-up customer, so that its words can be looked at first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID

from o2c_core.customers.customer import LANGUAGES, locale_for
from o2c_core.customers.seller import BankAccount, Seller
from o2c_core.documents.shown import with_pictures
from o2c_core.money import Money
from o2c_core.reminders.history import NO_HISTORY, Broken, History
from o2c_core.reminders.ladder import STANDARD, Ladder, Rung, Used
from o2c_core.reminders.letter import Letter, Line
from o2c_core.reminders.links import Links
from o2c_core.reminders.mail import Mail, write_mail
from o2c_core.reminders.may_contact import Claim, asked_for
from o2c_core.reminders.salutation import greeted
from o2c_core.reminders.text import write_text
from o2c_core.reminders.written import Written

DAY = date(2026, 3, 16)
_MOMENT = datetime(2026, 3, 16, 9, tzinfo=UTC)
_HOST = "https://pay.vandijk.example"
_LINKS = Links(f"{_HOST}/preferences/example", f"{_HOST}/pay/example")
# Who reads it: where they live and who they are, by language. Nobody of that name is meant.
_READERS = {
    "en": ("IE", "Harbour Café Ltd", "Emma Clarke"),
    "nl": ("NL", "Bakkerij De Boer", "Anna Jansen"),
    "de": ("DE", "Café Lindenhof", "Frau Dr. Schmidt"),
    "fr": ("FR", "Boulangerie du Port", "Mme Camille Laurent"),
}


@dataclass(frozen=True)
class Preview:
    """One step in one language, as a mail and as a text."""

    rung: Rung
    language: str
    mail: Mail
    text: Written

    @property
    def html(self) -> str:
        """The mail as a page shows it."""
        return with_pictures(self.mail.html, self.mail.attachments)


def previews(ladder: Ladder = STANDARD, languages: tuple[str, ...] = LANGUAGES) -> Iterator[Preview]:
    """Every step that is a message, in each of the languages; a step of calls alone has no words."""
    for rung in ladder.rungs:
        if set(rung.channels) == {"call"}:
            continue
        for language in languages:
            letter = sample(rung, language, ladder)
            yield Preview(rung, language, write_mail(letter, _LINKS), write_text(letter, may_reply=True, links=_LINKS))


def sample(rung: Rung, language: str, ladder: Ladder = STANDARD) -> Letter:
    """A letter at that step. The further up the ladder, the more there is to it: an invoice is paid in part, another is
    disputed in part, a promise did not hold."""
    country, company, person = _READERS[language]
    at = ladder.rungs.index(rung)
    latest = _claim(1, "INV-2026-0042", rung.days, 124_050, ladder, at)
    claims = [latest]
    if at >= 2:
        claims.append(replace(_claim(2, "INV-2026-0057", rung.days - 5, 48_000, ladder, at), open_minor=30_000))
    if at >= 3:
        claims[0] = replace(latest, disputed_minor=4_500, disputes=("D-118",))
        claims[1] = replace(claims[1], part=2, parts=3, total_minor=30_000)
    is_last = rung.name == ladder.last.name
    history = History(broken=(_broken_promise(claims),)) if is_last else NO_HISTORY
    return Letter(
        seller=_seller(),
        language=language,
        locale=locale_for(language, country),
        on=DAY,
        read_at=_MOMENT,
        lines=tuple(
            Line(claim, rung, asked_for(claim, "EUR"), max(0, (DAY - claim.due_on).days))
            for claim in sorted(claims, key=lambda claim: claim.due_on)
        ),
        left_out=(),
        unapplied=Money.zero("EUR"),
        greeted=greeted(person, company, language),
        owner="Joost Bakker" if is_last else None,
        may_call=is_last,
        customer_id=UUID(int=7),
        customer_ref="C-1042",
        history=history,
    )


def _claim(key: int, number: str, days: int, minor: int, ladder: Ladder, at: int) -> Claim:
    due_on = DAY - timedelta(days=days)
    # The first reminder is the first word about it; before later ones there were others.
    before = {step.name: Used(due_on + timedelta(days=step.days), step.days) for step in ladder.rungs[:at]}
    return Claim(UUID(int=key), number, due_on, minor, minor, used=before if at > 2 else {}, ladder=ladder)


def _broken_promise(claims: list[Claim]) -> Broken:
    return Broken(DAY - timedelta(days=6), claims[0].open_minor, 0, "EUR", frozenset({claims[0].invoice_id}))


def _seller() -> Seller:
    account = BankAccount(iban="NL91ABNA0417164300", bic="ABNANL2A", holder="Van Dijk Groothandel B.V.", currency="EUR")
    return Seller(
        name="Van Dijk Groothandel", phone="+31 20 123 4567", email="administratie@vandijk.example", currency="EUR",
        bank_accounts=[account], senders=[], settings={},
    )  # fmt: skip
