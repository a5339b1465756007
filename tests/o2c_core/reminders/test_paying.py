"""A reminder asks for one and the same sum everywhere, in a form that can be paid."""

import re
from dataclasses import replace
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from o2c_core.conversations.doorplate import Doorplate
from o2c_core.conversations.pay_links import payable_of
from o2c_core.customers.customer import LANGUAGES
from o2c_core.documents.asked_for import PayCode, read_back
from o2c_core.documents.attach import pay_code
from o2c_core.documents.epc import Transfer, epc_payload
from o2c_core.money import Money, show, show_plain
from o2c_core.reminders.links import GOOD_FOR, links_of
from o2c_core.reminders.mail import Mail, write_mail
from o2c_core.reminders.receipts import TO_PAY
from o2c_core.reminders.rewrite import write_reminder
from tests.o2c_core.reminders.personal import (
    CUSTOMER,
    NOW,
    PLATE,
    TO,
    a_letter,
    a_line,
    said,
)


@pytest.mark.parametrize(("fields", "has_code"), [
    ({}, True),
    ({"currency": "GBP"}, False),
    ({"unapplied": 124_050}, False),
])  # fmt: skip
def test_there_is_a_code_to_scan_where_euros_are_asked_for(fields: dict[str, object], has_code: bool) -> None:
    mail = write_mail(a_letter(a_line(7), **fields))  # type: ignore[arg-type]
    assert bool(mail.attachments) is has_code
    assert ("cid:pay-code" in mail.html) is has_code


def test_an_account_no_code_can_be_drawn_for_leaves_no_place_for_one() -> None:
    letter = a_letter(a_line(7))
    letter.seller.bank_accounts[0].iban = "NL00ABNA0417164300"
    assert "cid:" not in write_mail(letter).html
    assert "NL00 ABNA 0417 1643 00" in write_mail(letter).text


CLAIMS = st.lists(
    st.tuples(st.integers(1, 10**9), st.integers(0, 10**6), st.integers(0, 40), st.integers(0, 3)),
    min_size=1,
    max_size=25,
)


@given(CLAIMS, st.sampled_from(LANGUAGES), st.integers(0, 10**6), st.sampled_from(["EUR", "GBP"]))
def test_text_html_code_link_and_sms_ask_for_one_and_the_same_sum(
    claims: list[tuple[int, int, int, int]], language: str, unapplied: int, currency: str
) -> None:
    lines = [
        a_line(late, number=f"INV-{at:04}", total=minor + disputed, disputed_minor=disputed, disputes=("D-1",),
               invoice_id=UUID(int=at), part=part, parts=3 if part else 0)
        for at, (minor, disputed, late, part) in enumerate(claims)
    ]  # fmt: skip
    asked = sum(line.asked.minor for line in lines)
    letter = a_letter(*lines, language=language, currency=currency, unapplied=min(unapplied, asked - 1))
    mail = write_reminder(letter, TO, PLATE)
    text = write_reminder(letter, replace(TO, channel="sms", address="+31611111111"), PLATE)
    assert isinstance(mail, Mail)
    owed = letter.to_pay
    for written in (mail, text):
        assert {one["minor"] for one in written.receipts if one["id"] == TO_PAY} == {owed.minor}
    assert show(owed, letter.locale) in mail.text
    assert show(owed, letter.locale) in mail.html
    assert said(show_plain(owed, letter.locale)) in text.text
    for written in (mail, text):
        for token in re.findall(r"/pay/(\S+)", written.text):
            payable = payable_of(PLATE, token, NOW + GOOD_FOR)
            assert payable is not None
            assert payable.part == owed
            assert set(payable.invoice_ids) <= {line.claim.invoice_id for line in lines}
            assert payable.invoice_ids or payable.customer_id == CUSTOMER
    codes = [read_back(one) for one in mail.attachments]
    assert len(codes) == (currency == "EUR")
    for code in codes:
        assert isinstance(code, PayCode)
        transfer = Transfer(code.holder, code.iban, code.amount, text=code.text, bic=code.bic)
        assert f"EUR{owed.major}".encode() in epc_payload(transfer).split(b"\n")
        assert code.text in " ".join(mail.text.replace(",", "").split())


def test_the_code_is_a_picture_of_the_transfer() -> None:
    mail = write_mail(a_letter(a_line(7)))
    code = read_back(mail.attachments[0])
    assert isinstance(code, PayCode)
    assert (code.holder, code.amount, code.text) == ("Van Dijk B.V.", Money(124_050, "EUR"), "INV-2026-0042")
    picture = pay_code(code)
    assert picture.content.startswith(b"\x89PNG")
    assert f"cid:{picture.content_id}" in mail.html


def test_every_invoice_is_named_by_the_link_as_far_as_there_is_room() -> None:
    few = a_letter(*(a_line(7, number=f"INV-{at}", invoice_id=UUID(int=at)) for at in range(20)))
    many = a_letter(*(a_line(7, number=f"INV-{at}", invoice_id=UUID(int=at)) for at in range(21)))
    for letter, named in ((few, 20), (many, 0)):
        link = links_of(letter, TO, PLATE).pay
        assert link is not None
        payable = payable_of(PLATE, link.rpartition("/")[2], NOW)
        assert payable is not None
        assert len(payable.invoice_ids) == named
    assert links_of(few, TO, Doorplate("secret")).pay is None
    assert links_of(few, TO, None).pay is None
