"""Formal letters: the exact wording of the law per language, the figures they were approved with, and no day to pay by."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from o2c_core.customers.customer import LANGUAGES
from o2c_core.days import show
from o2c_core.invoices.invoice import Invoice
from o2c_core.money import Money
from o2c_core.notices.formal_notice import FormalNotice, FormalNoticeLine, deadline_day
from o2c_core.notices.kinds import KINDS
from o2c_core.notices.late import LatePart, standings_of
from o2c_core.notices.mail import notice_mail
from o2c_core.notices.page import LetterFacts, letter_wording, notice_page, render_notice
from o2c_core.notices.setting import NoticeSetting
from o2c_core.notices.tables import KindOfCustomer
from o2c_core.notices.working import work_out
from tests.o2c_core.documents.papers import a_customer, a_seller, text_of

ON = date(2026, 3, 16)
LETTERS = [
    (kind.name, whom, language) for kind in KINDS.values() for whom in kind.customers for language in kind.languages
]


def a_letter(
    kind: str,
    whom: KindOfCustomer = "business",
    language: str = "nl",
    *,
    late: tuple[tuple[int, int], ...] = ((75, 124_050), (40, 841_000)),
    aside: int = 0,
    wording: str = "fourteen",
    may_reclaim_vat: bool = True,
) -> LetterFacts:
    """A letter about invoices of (days late, minor units), worked out on the day it is written."""
    currency = "GBP" if KINDS[kind].country == "GB" else "EUR"
    seller = a_seller(account_currency=currency, currency=currency, phone="+31 20 555 01 23")
    parts, invoices = [], {}
    for place, (days, total) in enumerate(late, 1):
        due_on = ON - timedelta(days=days)
        invoice = Invoice(
            id=uuid4(), number=f"INV-2026-{place:04}", issued_on=due_on - timedelta(days=30), due_on=due_on,
            currency=currency, total_minor=total,
        )  # fmt: skip
        invoices[invoice.id] = invoice
        standings = standings_of((0, due_on, total, 0), (), aside, ON)
        parts.append(LatePart(invoice, 0, due_on, Money(total - aside, currency), Money(aside, currency), standings))
    setting = NoticeSetting(may_reclaim_vat=may_reclaim_vat)
    worked = work_out(KINDS[kind], whom, parts, currency, ON, setting)
    notice = FormalNotice(
        id=uuid4(), number="N-101", kind=kind, country=KINDS[kind].country, customer_kind=whom, language=language,
        wording=wording, currency=currency, principal_minor=worked.principal.minor, interest_minor=worked.interest.minor,
        fixed_minor=worked.fixed.minor, costs_minor=worked.costs.minor, vat_minor=worked.vat.minor,
        vat_percent="21" if worked.vat.minor else None, percent=str(worked.percent) if worked.percent else None,
        daily_minor=worked.daily.minor, calculated_on=ON,
    )  # fmt: skip
    notice.lines = [
        FormalNoticeLine(
            invoice_id=line.late.invoice.id, part=0, due_on=line.late.due_on, principal_minor=line.late.principal.minor,
            left_out_minor=line.late.left_out.minor, interest_minor=line.interest_minor, working=line.working,
        )
        for line in worked.lines
    ]  # fmt: skip
    kind_of = "person" if whom == "consumer" else "company"
    return LetterFacts(seller, a_customer("nl" if language == "nl" else language, kind=kind_of), notice, invoices)


def words_of(page: dict[str, Any]) -> str:
    """Everything a reader of the letter reads, with plain spaces."""
    said = [page[name] for name in ("title", "note", "salutation", "opening", "demand", "objection", "closing")]
    said += [page["hero"]["label"], page["hero"]["note"], page["hero"]["amount"], *page["paragraphs"], *page["notes"]]
    said += [cell for row in page["table"]["rows"] for cell in row] + [cell for row in page["sums"] for cell in row]
    return re.sub(r"\s+", " ", " ".join(said))


@pytest.mark.parametrize(("kind", "whom", "language"), LETTERS)
@pytest.mark.parametrize("wording", ["fourteen", "fifteen"])
def test_every_letter_is_whole_in_every_language_it_was_approved_in(
    kind: str, whom: KindOfCustomer, language: str, wording: str
) -> None:
    facts = a_letter(kind, whom, language, wording=wording, aside=4_500)
    page = notice_page(facts, ON, signed_by="Anna Smit")
    words = words_of(page)
    assert "{" not in words
    assert "None" not in words
    assert page["signed"][0] == "Anna Smit"
    assert len(page["paragraphs"]) >= 2
    assert len(page["notes"]) == 2
    assert notice_mail(facts, datetime(2026, 3, 16, 11, tzinfo=UTC)).file_name.endswith(" N-101.pdf")


@pytest.mark.parametrize(("kind", "whom", "language"), LETTERS)
def test_no_letter_names_a_day_to_pay_by_or_counts_from_its_own_date(
    kind: str, whom: KindOfCustomer, language: str
) -> None:
    facts = a_letter(kind, whom, language)
    page = notice_page(facts, ON, signed_by="Anna Smit")
    words = words_of(page)
    for days in range(1, 31):
        assert show(ON + timedelta(days=days), language) not in words
    demand = f"{page['demand']} {page['hero']['note']}"
    assert not re.search(
        r"dagtekening|datum van deze brief|date of this letter|Datum dieses Schreibens|date de ce courrier", demand
    )
    assert re.search(r"bezorgd|delivered|Zugang|réception", demand)
    assert not any(row[0] for row in page["pay"]["rows"] if row[0] in ("Uiterlijk", "By", "Bis", "Au plus tard"))


@pytest.mark.parametrize(
    ("wording", "exact"),
    [
        ("fourteen", "binnen veertien dagen vanaf de dag nadat deze brief bij u is bezorgd"),
        ("fifteen", "binnen vijftien dagen nadat deze brief bij u is bezorgd"),
    ],
)
@pytest.mark.parametrize("language", ["nl", "en"])
def test_the_fourteen_day_letter_has_one_of_the_two_wordings_that_are_valid(
    language: str, wording: str, exact: str
) -> None:
    page = notice_page(a_letter("nl_14_day", "consumer", language, wording=wording), ON, signed_by="Anna Smit")
    assert exact in page["demand"]


@pytest.mark.parametrize(
    ("may_reclaim", "costs", "says"),
    [(True, "€ 186,08", "Over deze kosten wordt geen btw berekend."),
     (False, "€ 225,16", "In dit bedrag is € 39,08 btw (21%) begrepen, omdat Van Dijk deze btw niet kan verrekenen.")],
)  # fmt: skip
def test_the_fourteen_day_letter_names_the_exact_costs_with_vat_only_where_it_cannot_be_reclaimed(
    may_reclaim: bool, costs: str, says: str
) -> None:
    facts = a_letter("nl_14_day", "consumer", late=((75, 124_050),), may_reclaim_vat=may_reclaim)
    words = words_of(notice_page(facts, ON, signed_by="Anna Smit"))
    assert f"incassokosten verschuldigd van {costs}." in words
    assert says in words
    # What is asked now is the principal and nothing else: the letter costs nothing.
    assert facts.notice.asked == Money(124_050, "EUR")
    assert "dan bent u geen incassokosten verschuldigd" in words


@pytest.mark.parametrize(
    ("kind", "language"), [(kind, language) for kind, whom, language in LETTERS if whom == "consumer"]
)
def test_no_consumer_reads_of_a_fixed_sum_or_of_business_interest(kind: str, language: str) -> None:
    page = notice_page(a_letter(kind, "consumer", language), ON, signed_by="Anna Smit")
    words = words_of(page)
    assert not re.search(
        r"\b40\b|handelsrente|commercial interest|neun Prozentpunkte|nine percentage|dix points|ten points", words
    )
    assert len(page["table"]["head"]) == 4
    assert len(page["sums"]) == 1


@pytest.mark.parametrize(
    ("kind", "language"), [(kind, language) for kind, whom, language in LETTERS if whom == "business"]
)
def test_what_a_business_is_asked_adds_up_line_by_line(kind: str, language: str) -> None:
    facts = a_letter(kind, "business", language)
    notice = facts.notice
    assert sum(line.interest_minor for line in notice.lines) == notice.interest_minor > 0
    assert sum(line.principal_minor for line in notice.lines) == notice.principal_minor
    assert notice.asked.minor == notice.principal_minor + notice.interest_minor + notice.fixed_minor
    page = notice_page(facts, ON, signed_by="Anna Smit")
    assert [row[1] for row in page["sums"]][-1] == page["hero"]["amount"] == page["pay"]["rows"][0][1]
    assert page["hero"]["amount"] in page["demand"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_words_around_the_letters(language: str) -> None:
    def shared(of: str) -> set[str]:
        return {
            name for name in letter_wording(of).sentences if name.startswith(("letter.", "mail.", "evidence.", "eu."))
        }

    assert shared(language) == shared("en")


def test_a_kind_is_worded_in_its_languages_and_in_no_other() -> None:
    for language in LANGUAGES:
        worded = {name.partition(".")[0] for name in letter_wording(language).sentences} & KINDS.keys()
        assert worded == {kind.name for kind in KINDS.values() if language in kind.languages}


@pytest.mark.parametrize(("kind", "language", "says"), [
    ("nl_14_day", "nl", "Aanmaning N-101 Artikel 6:96, zesde lid, BW"),
    ("uk_late_payment", "en", "Notice of late payment N-101 Late Payment of Commercial Debts (Interest) Act 1998"),
    ("de_mahnung", "de", "Mahnung N-101 §§ 286, 288 BGB"),
    ("fr_mise_en_demeure", "fr", "Mise en demeure N-101 Article L. 441-10 du Code de commerce"),
])  # fmt: skip
def test_the_letter_is_a_pdf_with_its_number_and_what_it_rests_on(kind: str, language: str, says: str) -> None:
    whom: KindOfCustomer = "consumer" if kind == "nl_14_day" else "business"
    facts = a_letter(kind, whom, language)
    pdf = render_notice(facts, ON, signed_by="Anna Smit")
    assert says in text_of(pdf)
    assert pdf == render_notice(facts, ON, signed_by="Anna Smit")


def test_markup_in_a_name_is_a_name() -> None:
    facts = a_letter("nl_business")
    facts.customer.name = "#panic() *Jansen* {{ seller }}"
    assert "#panic() *Jansen* {{ seller }}" in text_of(render_notice(facts, ON, signed_by="A. #emph[Smit]"))


@pytest.mark.parametrize(
    ("received", "last"), [("2026-03-16", "2026-03-30"), ("2026-02-15", "2026-03-01"), ("2028-02-15", "2028-02-29"), ("2026-12-31", "2027-01-14")]
)  # fmt: skip
def test_the_first_of_the_fourteen_days_is_the_day_after_receipt(received: str, last: str) -> None:
    assert deadline_day(date.fromisoformat(received)) == date.fromisoformat(last)
