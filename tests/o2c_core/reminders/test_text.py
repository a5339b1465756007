"""What a reminder says as a text for a phone: short, cheap, with a receipt for every figure and a true way out."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.cases.agreed import NotArrived
from o2c_core.conversations.sms_text import segments
from o2c_core.customers.customer import LANGUAGES, locale_for
from o2c_core.customers.seller import BankAccount, Seller, SenderIdentity
from o2c_core.money import Money
from o2c_core.reminders.history import NO_HISTORY, Broken, Delivery, History
from o2c_core.reminders.ladder import LADDER, newest_reached
from o2c_core.reminders.letter import Letter, Line
from o2c_core.reminders.links import NO_LINKS, Links
from o2c_core.reminders.may_contact import Claim, asked_for
from o2c_core.reminders.receipts import TO_PAY, asked_key
from o2c_core.reminders.text import may_reply_to, write_text
from o2c_core.reminders.written import Words, Written

ON = date(2026, 3, 16)
LATE_INVOICE = UUID(int=3)
HOME = {"en": "GB", "nl": "NL", "de": "DE", "fr": "FR"}
LINK = (
    "https://pay.vandijk.example/preferences/WyJBWjhCREhPVGVyT2Z6cTB2TUFiRG1nZWFiY2RlZiJd.7Gm1Zk3Tt0cBv5fXh2yQwA9sEdU"
)


def a_line(days: int, number: str = "INV-2026-0042", total: int = 124_050) -> Line:
    due_on = ON - timedelta(days=days)
    claim = Claim(uuid4(), number, due_on, total, total)
    rung = newest_reached(due_on, ON)
    assert rung
    return Line(claim, rung, asked_for(claim, "EUR"), max(0, days))


def text(
    *lines: Line,
    language: str = "nl",
    may_reply: bool = False,
    link: str | None = None,
    unapplied: int = 0,
    has_account: bool = True,
    **seller: object,
) -> Written:
    account = BankAccount(iban="NL91ABNA0417164300", holder="Van Dijk B.V.", currency="EUR")
    of = Seller(
        **{
            "name": "Van Dijk Groothandel",
            "phone": "+31 20 123 4567",
            "bank_accounts": [account] if has_account else [],
        }
        | seller
    )
    locale = locale_for(language, HOME[language])
    letter = Letter(of, language, locale, ON, datetime(2026, 3, 16, 11, tzinfo=UTC), lines, (), Money(unapplied, "EUR"))
    return write_text(letter, may_reply=may_reply, links=Links(link))


def days_of(rung: str) -> int:
    return next(one.days for one in LADDER if one.name == rung)


@pytest.mark.parametrize(("language", "rung", "words"), [
    ("en", "courtesy", "Van Dijk Groothandel: invoice INV-2026-0042, EUR 1,240.50, is due on 19 Mar 2026. "
     "Pay to NL91ABNA0417164300, Van Dijk B.V., reference INV-2026-0042. Nothing to do if payment is on its way."),
    ("nl", "second", "Van Dijk Groothandel: factuur INV-2026-0042, EUR 1.240,50, vervaldatum 2 mrt 2026, is 14 dagen te "
     "laat. Betalen: NL91ABNA0417164300 t.n.v. Van Dijk B.V., o.v.v. INV-2026-0042. Zit er iets in de weg? "
     "Bel +31 20 123 4567."),
    ("de", "due", "Van Dijk Groothandel: Rechnung INV-2026-0042, EUR 1.240,50, fällig am 16.03.2026. "
     "Zahlung an NL91ABNA0417164300, Van Dijk B.V., Zweck INV-2026-0042. "
     "Ist die Zahlung schon unterwegs, müssen Sie nichts tun."),
    ("fr", "first", "Van Dijk Groothandel : nous n'avons pas encore vu le paiement de EUR 1 240,50 pour la facture "
     "INV-2026-0042, échéance 9 mars 2026. Paiement : NL91ABNA0417164300, Van Dijk B.V., référence INV-2026-0042. "
     "Un obstacle ? Appelez le +31 20 123 4567."),
])  # fmt: skip
def test_the_seller_comes_first_then_number_amount_day_and_how_to_pay(language: str, rung: str, words: str) -> None:
    assert text(a_line(days_of(rung)), language=language).text == words


CASES = [[a_line(rung.days)] for rung in LADDER] + [
    [a_line(33, "INV-2026-0031"), a_line(14), a_line(7, "INV-2026-0044")],
    [a_line(30 - n, f"INV-2026-{n:04}") for n in range(20)],
    [a_line(0, "INV-2026-0051"), a_line(-3, "INV-2026-0058")],
]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lines", CASES, ids=lambda lines: f"{lines[0].rung.name}-{len(lines)}")
@pytest.mark.parametrize("way_out", ["stop", "link", "none"])
def test_it_fits_two_cheap_segments_and_every_figure_has_a_receipt(
    language: str, lines: list[Line], way_out: str
) -> None:
    written = text(
        *lines,
        language=language,
        may_reply=way_out == "stop",
        link=LINK if way_out == "link" else None,
        unapplied=1_000,
    )
    cost = segments(written.text)
    assert (cost.encoding, cost.count <= 2) == ("GSM-7", True)
    assert written.text.startswith("Van Dijk Groothandel")
    assert ("STOP" in written.text, LINK in written.text) == (way_out == "stop", way_out == "link")
    assert (written.subject, written.html) == (None, None)
    rest = written.text.replace(LINK, "")
    for receipt in sorted(written.receipts, key=lambda receipt: -len(receipt["text"])):
        rest = rest.replace(receipt["text"], "")
    assert re.findall(r"\d+", rest) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("lines", CASES, ids=lambda lines: f"{lines[0].rung.name}-{len(lines)}")
@pytest.mark.parametrize("may_reply", [True, False])
def test_nobody_is_asked_for_a_word_that_would_unsubscribe_them(
    language: str, lines: list[Line], may_reply: bool
) -> None:
    said = text(*lines, language=language, may_reply=may_reply, link=LINK).text.replace(LINK, "")
    assert not re.search(r"\b(YES|CANCEL|END|QUIT|INFO|HELP|UNSUBSCRIBE|START)\b", said)
    assert ("STOP" in said) is may_reply


def test_what_was_received_already_is_taken_off_and_each_invoice_keeps_its_receipt() -> None:
    written = text(a_line(7), a_line(7, "INV-2", 10_000), unapplied=4_050)
    kept = {receipt["id"]: receipt.get("minor") for receipt in written.receipts}
    assert kept[TO_PAY] == 130_000
    assert (kept[asked_key("INV-2026-0042")], kept[asked_key("INV-2")]) == (124_050, 10_000)
    assert "EUR 1.300,00" in written.text


def test_more_numbers_than_fit_are_counted() -> None:
    lines = [a_line(14, f"INV-2026-{n:04}") for n in range(20)]
    assert "(INV-2026-0000, INV-2026-0001, INV-2026-0002 en nog 17)" in text(*lines).text
    long = [a_line(14, f"BESTELLING-2026-0000-{n:04}") for n in range(20)]
    assert "(BESTELLING-2026-0000-0000 en nog 19)" in text(*long, link=LINK).text


def test_without_an_account_or_telephone_nothing_is_made_up() -> None:
    said = text(a_line(7), has_account=False, phone=None).text
    assert said == (
        "Van Dijk Groothandel: de betaling van EUR 1.240,50 voor factuur INV-2026-0042, vervaldatum 9 mrt 2026, hebben "
        "we nog niet gezien."
    )


@pytest.mark.parametrize(("sender", "channel", "may_reply"), [
    ("+31612345678", "sms", True),
    ("+1 212 555 0100", "sms", True),
    ("12345", "sms", True),
    ("VanDijk", "sms", False),
    ("Dijk24", "sms", False),
    (None, "sms", False),
    (None, "whatsapp", True),
])  # fmt: skip
def test_a_reply_is_offered_only_where_one_arrives(sender: str | None, channel: str, may_reply: bool) -> None:
    senders = [SenderIdentity(channel="email", value="ap@vandijk.example")]
    if sender:
        senders.append(SenderIdentity(channel="sms", value=sender))
    assert may_reply_to(senders, channel) is may_reply


@given(
    st.text(st.characters(exclude_categories=("C", "Z")), min_size=1, max_size=120),
    st.lists(st.text("ABCDEFGHIJ-0123456789/€", min_size=1, max_size=60), min_size=1, max_size=30),
    st.sampled_from(LANGUAGES),
    st.sampled_from([-3, 0, 7, 14, 30]),
)
def test_whatever_the_names_are_it_is_never_more_than_two_segments(
    name: str, numbers: list[str], language: str, days: int
) -> None:
    written = text(*(a_line(days, number) for number in numbers), language=language, link=LINK, name=name)
    assert segments(written.text).count <= 2


PAY = "https://pay.vandijk.example/pay/c0FBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB"
PROMISED = Broken(date(2026, 3, 12), 124_050, 0, "EUR")
MISSED = Broken(date(2026, 3, 4), 124_050, 24_050, "EUR", plan="P-2026-101")
SAID = NotArrived(None, date(2026, 3, 10), 124_050, "EUR")


def personal(days: int, history: History, language: str = "en", links: Links = NO_LINKS, **fields: object) -> str:
    account = BankAccount(iban="NL91ABNA0417164300", holder="Van Dijk B.V.", currency="EUR")
    seller = Seller(name="Van Dijk", bank_accounts=[account], senders=[])
    letter = Letter(
        seller, language, locale_for(language, HOME[language]), ON, datetime(2026, 3, 16, 11, tzinfo=UTC),
        (replace(a_line(days), **fields),), (), Money(0, "EUR"), history=history,
    )  # fmt: skip
    return write_text(letter, may_reply=True, links=links).text


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("days", [rung.days for rung in LADDER])
@pytest.mark.parametrize(
    "history",
    [NO_HISTORY, History(paid=9), History(broken=(PROMISED,)), History(broken=(MISSED,))],
    ids=["-", "slip", "broken", "plan"],
)
def test_a_text_about_one_invoice_has_room_for_the_link_to_pay(language: str, days: int, history: History) -> None:
    text = personal(days, history, language, Links(None, PAY))
    assert PAY in text
    assert "NL91" not in text
    assert segments(text).count <= 2


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("days", [7, 14, 30])
@pytest.mark.parametrize("missing", [SAID, replace(SAID, paid_on=ON), replace(SAID, has_proof=True)], ids=str)
def test_who_says_it_is_paid_is_asked_about_that_and_told_who_is_next(
    language: str, days: int, missing: NotArrived
) -> None:
    claim = Claim(LATE_INVOICE, "INV-2026-0042", ON - timedelta(days=days), 124_050, 124_050, missing=missing)
    text = personal(days, History(paid=9), language, Links(None, PAY), claim=claim)
    asked = {
        "en": "(which day|a proof|your bank)",
        "nl": "(welke dag|bewijs)",
        "de": "(welchem Tag|Beleg)",
        "fr": "(Quel jour|justificatif)",
    }
    assert re.search(asked[language], text)
    assert "usually" not in text
    assert (segments(text).count, segments(text).encoding) == (2, "GSM-7")
    by = {"en": "If we don't hear", "nl": "Horen we niets", "de": "Hören wir bis", "fr": "Sans nouvelles"}[language]
    assert (by in text) is (days == 30)


def test_where_the_link_to_pay_does_not_fit_the_account_stands_in_its_place() -> None:
    long = personal(14, NO_HISTORY, links=Links(None, PAY + "x" * 140))
    assert "Pay to NL91ABNA0417164300" in long


def test_our_own_fault_comes_right_behind_the_name_and_a_broken_promise_is_named() -> None:
    late = History(deliveries={LATE_INVOICE: Delivery("SO-77", 4, date(2026, 3, 1), 4)})
    claim = Claim(LATE_INVOICE, "INV-1", ON - timedelta(days=7), 124_050, 124_050)
    said = personal(7, late, claim=claim)
    assert said.startswith("Van Dijk: your order SO-77 came 4 days late, sorry about that. Invoice INV-1, EUR")
    assert "You promised EUR 1,240.50 by 12 Mar 2026; we haven't seen it." in personal(7, History(broken=(PROMISED,)))
    assert "You usually pay on time" in personal(7, History(paid=9))


def test_a_persons_own_words_stand_in_place_of_the_approved_and_are_never_left_out() -> None:
    letter = Letter(
        Seller(name="Van Dijk", bank_accounts=[], senders=[]), "en", "en_GB", ON, datetime(2026, 3, 16, 11, tzinfo=UTC),
        (a_line(14),), (), Money(0, "EUR"),
    )  # fmt: skip
    written = write_text(letter, may_reply=True, words=Words("Anna, have a look at INV-2026-0042.", "Call me?"))
    assert written.text == "Van Dijk: Anna, have a look at INV-2026-0042. Call me? Reply STOP for no more texts."
    assert (written.opening, written.ask) == ("Anna, have a look at INV-2026-0042.", "Call me?")
    assert {receipt["id"] for receipt in written.receipts} >= {TO_PAY, asked_key("INV-2026-0042")}


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_last_step_says_in_a_text_too_who_is_next_and_by_when(language: str) -> None:
    lines = tuple(a_line(30, f"INV-2026-{at:04}") for at in range(3))
    account = BankAccount(iban="NL91ABNA0417164300", holder="Van Dijk B.V.", currency="EUR")
    letter = Letter(
        Seller(name="Van Dijk Groothandel", bank_accounts=[account], senders=[]), language,
        locale_for(language, HOME[language]), ON, datetime(2026, 3, 16, 11, tzinfo=UTC), lines, (), Money(0, "EUR"),
        owner="Joost Bakker", may_call=True, history=History(broken=(PROMISED,)),
    )  # fmt: skip
    said = write_text(letter, may_reply=True, links=Links(None, PAY)).text
    assert "Joost Bakker" in said
    assert PAY in said or "NL91ABNA0417164300" in said
    assert segments(said).count <= 2


@pytest.mark.parametrize(("name", "begins"), [
    ("Boulangerie 🥐 du Marché", "Boulangerie du Marché: "),
    ("Société « Œuvre d'Élevage » — 🥐", 'Société " OEuvre d\'Élevage ": '),
    ("Łódź & Söhne", "Lodz & Söhne: "),
    # A name in another script is said as it is written.
    ("Ελληνικά Προϊόντα", "Ελληνικά Προϊόντα: "),
])  # fmt: skip
def test_a_picture_in_the_sellers_name_takes_no_room_from_how_to_hear_no_more(name: str, begins: str) -> None:
    written = text(a_line(7), language="en", link=LINK, name=name)
    assert written.text.startswith(begins)
    if "Ελ" not in name:
        assert written.text.endswith(LINK)
        assert (segments(written.text).count, segments(written.text).encoding) == (2, "GSM-7")
