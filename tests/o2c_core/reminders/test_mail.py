"""What a reminder says, in four languages, and that every figure in it has a receipt."""

import re
import tomllib
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from uuid import uuid4

import jinja2
import pytest
from jinja2 import Environment, meta

import o2c_core.reminders.wording as wording_package
from o2c_core.customers.customer import LANGUAGES, locale_for
from o2c_core.customers.seller import BankAccount, Seller
from o2c_core.money import Money
from o2c_core.reminders.ladder import LADDER, newest_reached
from o2c_core.reminders.letter import Letter, Line
from o2c_core.reminders.mail import Mail, write_mail
from o2c_core.reminders.may_contact import Claim, asked_for
from o2c_core.reminders.wording import SECTIONS, wording_in

ON = date(2026, 3, 16)
HOME = {"en": "GB", "nl": "NL", "de": "DE", "fr": "FR"}
LATE = {
    "en": ["late", "overdue"],
    "nl": ["te laat", "achterstallig", "vervallen op"],
    "de": ["überfällig", "verspätet", "im verzug"],
    "fr": ["retard", "échue"],
}


def a_seller(**fields: object) -> Seller:
    account = BankAccount(iban="NL91ABNA0417164300", holder="Van Dijk B.V.", currency="EUR")
    return Seller(**{"name": "Van Dijk Groothandel", "phone": "+31 20 1", "bank_accounts": [account]} | fields)


def a_line(days: int, number: str = "INV-2026-0042", *, total: int = 124_050, **fields: object) -> Line:
    due_on = ON - timedelta(days=days)
    claim = Claim(
        **{"invoice_id": uuid4(), "number": number, "due_on": due_on, "total_minor": total, "open_minor": total}
        | fields
    )
    rung = newest_reached(due_on, ON)
    assert rung
    return Line(claim, rung, asked_for(claim, "EUR"), max(0, days))


def mail(
    *lines: Line, language: str = "nl", left_out: tuple[Claim, ...] = (), unapplied: int = 0, **seller: object
) -> Mail:
    locale = locale_for(language, HOME[language])
    read_at = datetime(2026, 3, 16, 11, tzinfo=UTC)
    return write_mail(
        Letter(a_seller(**seller), language, locale, ON, read_at, lines, left_out, Money(unapplied, "EUR"))
    )


ALL = [
    a_line(33, "INV-2026-0031", total=841_000, open_minor=650_000),
    a_line(14, "INV-2026-0042", disputed_minor=4_500, disputes=("D-118",)),
    a_line(7, "INV-2026-0044"),
    a_line(0, "INV-2026-0051"),
    a_line(-3, "INV-2026-0058"),
]


def test_every_language_has_the_same_sentences_with_values_of_the_same_names() -> None:
    def shape(language: str) -> dict[str, set[str]]:
        text = Path(wording_package.__file__).with_name(f"{language}.toml").read_text()
        return {
            f"{group}.{name}": meta.find_undeclared_variables(Environment(autoescape=True).parse(sentence))
            for group, sentences in tomllib.loads(text).items()
            for name, sentence in sentences.items()
        }

    shapes = {language: shape(language) for language in LANGUAGES}
    assert all(one == shapes["en"] for one in shapes.values())
    beside = {"next", "before", "late", "greeting", "mail", "sms"}
    assert {name.split(".")[0] for name in shapes["en"]} == beside | set(SECTIONS)
    assert set(SECTIONS) >= {rung.name for rung in LADDER}


def test_a_missing_value_is_an_error_and_never_a_blank() -> None:
    with pytest.raises(jinja2.UndefinedError, match="amount"):
        wording_in("nl").say("courtesy.opening_one", number="INV-1", date="3 maart 2026")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lines", [[line] for line in ALL] + [ALL, ALL[2:], ALL[3:]], ids=lambda lines: str(len(lines)))
def test_every_figure_in_text_and_subject_has_a_receipt(language: str, lines: list[Line]) -> None:
    out = Claim(uuid4(), "INV-2026-0039", ON, 33_000, 33_000, disputed_minor=33_000, disputes=("D-7",))
    written = mail(*lines, language=language, left_out=(out,), unapplied=1_000)
    rest = written.subject + "\n" + written.text
    for receipt in sorted(written.receipts, key=lambda receipt: -len(receipt["text"])):
        assert receipt["source"].startswith(receipt["id"])
        rest = rest.replace(receipt["text"], "")
    assert re.findall(r"\d+", rest) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("days", [-3, -1, 0, 1, 6])
def test_until_a_week_has_passed_nothing_is_called_late(language: str, days: int) -> None:
    said = mail(a_line(days), language=language)
    for words in LATE[language]:
        assert words not in (said.subject + said.text).lower()


@pytest.mark.parametrize(("language", "amount", "due_on", "late"), [
    ("en", "€1,240.50", "2 Mar 2026", "14 days late"),
    ("nl", "€ 1.240,50", "2 mrt 2026", "14 dagen te laat"),
    ("de", "1.240,50 €", "02.03.2026", "14 Tagen überfällig"),
    ("fr", "1 240,50 €", "2 mars 2026", "en retard de 14 jours"),
])  # fmt: skip
def test_figures_are_written_as_the_reader_writes_them(language: str, amount: str, due_on: str, late: str) -> None:
    said = mail(a_line(14), language=language)
    plain = said.text.replace("\xa0", " ").replace("\u202f", " ")
    assert amount in plain
    assert due_on in plain
    assert late in plain
    assert "NL91 ABNA 0417 1643 00" in plain
    assert f'<html lang="{language}">' in said.html
    assert said.language == language


def test_a_part_payment_a_dispute_and_unmatched_money_are_said_and_taken_off() -> None:
    said = mail(*ALL[:2], unapplied=10_000).text.replace("\xa0", " ")
    assert "Factuurbedrag € 8.410,00, waarvan € 1.910,00 al is betaald of gecrediteerd." in said
    assert "Over € 45,00 hebt u bezwaar gemaakt (D-118); dat deel vragen wij nu niet." in said
    assert "Dit bericht gaat over 2 facturen, samen € 7.695,50." in said
    assert re.search(r"Totaal te betalen +€ 7\.595,50", said)


def test_an_invoice_that_is_disputed_whole_is_named_as_left_out() -> None:
    out = Claim(uuid4(), "INV-9", ON, 33_000, 33_000, disputed_minor=33_000, disputes=("D-7",))
    assert "Factuur INV-9 blijft buiten dit bericht" in mail(a_line(7), left_out=(out,)).text


def test_several_invoices_have_the_tone_of_the_highest_rung() -> None:
    assert "contact met u op" in mail(*ALL).text
    assert "contact met u op" not in mail(*ALL[1:]).text
    assert "Zit er iets in de weg?" in mail(*ALL[2:]).text


def test_names_are_escaped_in_html_and_left_alone_in_text() -> None:
    said = mail(a_line(7, "A<b>&1"), name="Smith & <i>Sons</i>")
    assert "Smith & <i>Sons</i>" in said.text
    assert "<i>" not in said.html
    assert "Smith &amp; &lt;i&gt;Sons&lt;/i&gt;" in said.html
    assert "A&lt;b&gt;&amp;1" in said.html


def test_the_html_needs_nothing_from_elsewhere_and_carries_its_styles_itself() -> None:
    html = mail(*ALL).html
    # The one picture, the code to pay with, travels in the mail.
    assert re.findall(r'src="[^"]*"', html) == ['src="cid:pay-code@parley"']
    assert not re.search(r"https?:|url\(|@import|<script", html)
    assert 'class="amount' in html
    assert re.search(r'<td class="amount[^>]*style="[^"]*text-align: ?right', html)
    assert "prefers-color-scheme: dark" in html


def test_a_subject_is_one_line() -> None:
    assert mail(a_line(7), name="Smith\r\nBcc: all@x.example").subject.splitlines() == [
        "Smith Bcc: all@x.example: betaling van factuur INV-2026-0042"
    ]


def test_the_account_holder_is_paid_and_not_the_trading_name() -> None:
    assert re.search(r"Ten name van +Van Dijk B\.V\.", mail(a_line(7)).text)
    assert "U kunt betalen op de manier die op de factuur staat." in mail(a_line(7), bank_accounts=[]).text
