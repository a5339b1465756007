"""Every step in every language on every channel, to the very words; each figure has its receipt, each text fits."""

import re
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.conversations.sms_text import SEGMENTS_MAX, segments
from o2c_core.customers.customer import LANGUAGES
from o2c_core.informing.mail import write_mail
from o2c_core.informing.part import Account, Goods, InvoiceIssued, OrderConfirmed, Part, PaymentReceived, Shipped
from o2c_core.informing.text import write_text
from o2c_core.informing.wording import wording_in
from o2c_core.reminders.written import Written
from tests.o2c_core.informing.said import (
    ALSO_LEFT,
    ARRIVED,
    CONFIRMED,
    CREDIT,
    HOLD,
    INVOICE,
    LEFT,
    MOVED,
    NOT_LEFT,
    OPEN,
    PAID_INVOICE,
    PART_PAYMENT,
    PASSED,
    PAYMENT,
    PLATE,
    TWO,
    UNMATCHED,
    a_notice,
    eur,
    later,
    settled,
)

WORDS = Path(__file__).parent / "words"
SECOND_INVOICE = replace(INVOICE, invoice_id=TWO, number="INV-8", total=eur("89"), asked=eur("89"), open=eur("89"))
IN_PARTS = replace(INVOICE, parts=((later(30), eur("620.25")), (later(60), eur("620.25"))))
WITH_DISCOUNT = replace(INVOICE, discount=eur("24.81"), discount_until=later(10))
SITUATIONS: dict[str, tuple[tuple[Part, ...], tuple[Account, ...]]] = {
    "order confirmed": ((CONFIRMED,), ()),
    "shipped": ((LEFT,), ()),
    "shipped in two parcels": ((LEFT, ALSO_LEFT), ()),
    "delayed, a new day": ((MOVED,), ()),
    "delayed, no new day": ((PASSED,), ()),
    "delayed, not left": ((NOT_LEFT,), ()),
    "delivered": ((ARRIVED,), ()),
    "invoice": ((INVOICE,), ()),
    "invoice in parts": ((IN_PARTS,), ()),
    "invoice with a discount": ((WITH_DISCOUNT,), ()),
    "invoice paid already": ((PAID_INVOICE,), ()),
    "two invoices": ((INVOICE, SECOND_INVOICE), ()),
    "payment": ((PAYMENT,), ()),
    "payment of a part": ((PART_PAYMENT,), (OPEN,)),
    "payment not matched": ((UNMATCHED,), (replace(OPEN, invoices=1, disputed=eur("10")),)),
    "three payments": ((PAYMENT, PART_PAYMENT, UNMATCHED), ()),
    "credit note": ((CREDIT,), (OPEN,)),
    "credit note to keep": ((replace(CREDIT, invoice=None, settled=(), unapplied=eur("45")),), ()),
    "hold ended": ((HOLD,), ()),
    "confirmed, shipped and invoiced": ((CONFIRMED, LEFT, INVOICE), ()),
    "payment and credit note": ((PAYMENT, CREDIT), ()),
}
CASES = [
    (situation, language, channel)
    for language in LANGUAGES
    for situation in SITUATIONS
    for channel in ("email", "sms")
]  # fmt: skip


def written(situation: str, language: str, channel: str) -> Written:
    parts, accounts = SITUATIONS[situation]
    notice = a_notice(*parts, language=language, channel=channel, accounts=accounts)
    return (write_mail if channel == "email" else write_text)(notice, PLATE)


def words(one: Written) -> str:
    """What is said, without the greeting and what is the same under every mail; links and hard spaces made plain."""
    text = one.text.replace("\xa0", " ").replace("\u202f", " ")
    if one.subject is not None:
        text = text.split("\n\n", 1)[1].rsplit("\n\n", 4)[0]
        text = f"[{one.subject}]\n\n{text}".replace("\xa0", " ").replace("\u202f", " ")
    return re.sub(r"https://\S+", "LINK", text)


def approved(language: str) -> dict[str, str]:
    blocks = re.split(r"^=== ", (WORDS / f"{language}.txt").read_text(encoding="utf-8"), flags=re.M)[1:]
    return {name: body.strip() for name, _, body in (block.partition("\n") for block in blocks)}


@pytest.mark.parametrize(("situation", "language", "channel"), CASES)
def test_it_says_the_approved_words(situation: str, language: str, channel: str) -> None:
    assert words(written(situation, language, channel)) == approved(language)[f"{situation} · {channel}"]


@pytest.mark.parametrize(("situation", "language", "channel"), CASES)
def test_every_figure_has_a_receipt(situation: str, language: str, channel: str) -> None:
    one = written(situation, language, channel)
    said = words(replace(one, html=None))
    for receipt in sorted(one.receipts, key=lambda receipt: -len(receipt["text"])):
        said = said.replace(receipt["text"].replace("\xa0", " ").replace("\u202f", " "), "")
    assert re.findall(r"\d", said) == []


@pytest.mark.parametrize(("situation", "language", "channel"), CASES)
def test_facts_are_told_without_cheer(situation: str, language: str, channel: str) -> None:
    assert "!" not in words(written(situation, language, channel))


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_language_has_the_same_sentences(language: str) -> None:
    assert set(wording_in(language).sentences) == set(wording_in("en").sentences)


NAMES = st.text("ABC-/ é№€0123456789", min_size=1, max_size=60).map(str.strip).filter(bool)


@given(
    st.sampled_from(LANGUAGES),
    st.lists(NAMES, min_size=1, max_size=7, unique=True),
    st.integers(1, 10**12),
    st.integers(1, 6),
    NAMES,
)
def test_a_text_fits_and_no_figure_of_it_is_cut(
    language: str, numbers: list[str], minor: int, parcels: int, seller: str
) -> None:
    amount = replace(eur("1"), minor=minor)
    parts: list[Part] = [Shipped(numbers[0], f"{numbers[0]}-{at}", None, None, ()) for at in range(parcels)]
    parts += [InvoiceIssued(TWO, number, amount, amount, amount, later(30)) for number in numbers[1:4]]
    parts += [
        PaymentReceived(amount, later(0), tuple(settled(number, "1", "2") for number in numbers[4:]), eur("0"))
    ]  # fmt: skip
    one = write_text(a_notice(*parts, language=language, channel="sms", name=seller), PLATE)
    assert segments(one.text).count <= SEGMENTS_MAX
    assert not one.text.endswith("...") or len(numbers[0]) > 20
    assert all(receipt["text"] in one.text for receipt in one.receipts)


@given(st.sampled_from(LANGUAGES), st.integers(1, 30), st.decimals("0.001", "99999", places=3))
def test_goods_that_are_many_are_counted(language: str, lines: int, quantity: Decimal) -> None:
    goods = tuple(Goods(quantity, f"Article {at}") for at in range(lines))
    one = write_mail(a_notice(OrderConfirmed("SO-1", None, goods, eur("1")), language=language), PLATE)
    assert one.text.count("×") == min(lines, 8)
