"""What went out is shown as the customer sees it, and its address is not."""

from __future__ import annotations

import re

import pytest
from sqlalchemy.orm import Session

from o2c_core.documents.asked_for import PayCode
from o2c_core.documents.attach import PAY_CODE_ID
from o2c_core.money import Money
from o2c_core.store.store import Store
from tests.build import a_customer, a_seller
from tests.web.letters import a_letter
from tests.web.opened import open_pages


def test_the_outbox_masks_addresses_and_says_that_a_kept_message_was_not_sent(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    letter = a_letter(session, customer)
    session.commit()
    for address in ("/outbox", f"/outbox/{letter.id}"):
        page = open_pages(store).get(address).text
        assert "a•••@jansen.example" in page
        assert "ap@jansen.example" not in page
        assert "Kept, not sent" in page


def test_the_outbox_is_newest_first_and_narrows_by_words_and_state(store: Store, session: Session) -> None:
    seller = a_seller(session)
    jansen, hart = a_customer(session, seller, name="Jansen"), a_customer(session, seller, name="Hart")
    a_letter(session, jansen, subject="one")
    a_letter(session, hart, subject="two", delivery="queued", carrier=None)
    a_letter(session, jansen, subject="three", delivery="failed")
    a_letter(session, jansen, subject="said in the chat", channel="chat")
    a_letter(session, jansen, subject="came in", direction="in")
    session.commit()
    client = open_pages(store)
    cases = (
        ("", "three two one"),
        ("?q=hart", "two"),
        ("?state=failed", "three"),
        ("?q=jansen&state=queued", ""),
        ("?state=odd", "three two one"),
    )
    for query, subjects in cases:
        page = client.get(f"/outbox{query}").text
        assert re.findall(r'class="row" [^>]*>([^<]*)<', page) == subjects.split(), query


def test_the_outbox_goes_on_where_the_page_ended(store: Store, session: Session) -> None:
    customer = a_customer(session, a_seller(session))
    for number in range(53):
        a_letter(session, customer, subject=f"letter {number}")
    session.commit()
    client = open_pages(store)
    first = client.get("/outbox").text
    older = re.search(r'href="(/outbox\?[^"]*before=[^"]*)"', first)
    assert older is not None
    second = client.get(older[1].replace("&amp;", "&")).text
    shown = [int(number) for page in (first, second) for number in re.findall(r">letter (\d+)<", page)]
    assert shown == list(range(52, -1, -1))


def test_a_letter_is_shown_in_a_frame_that_can_run_nothing(store: Store, session: Session) -> None:
    html = "<p style='color:red'>Dag</p><script>alert(1)</script><img src='https://elsewhere.example/pixel'>"
    letter = a_letter(session, a_customer(session, a_seller(session)), html=html)
    session.commit()
    client = open_pages(store)
    page = client.get(f"/outbox/{letter.id}").text
    assert f'sandbox="" src="/outbox/{letter.id}/mail"' in page
    assert "alert(1)" not in page
    assert "€ 125,00" in page  # the receipt
    assert "invoice INV-2026-0042.open, read 12:00" in page
    mail = client.get(f"/outbox/{letter.id}/mail")
    assert mail.text == html
    policy = mail.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox" in policy.split("; ")
    assert "script-src" not in policy


def test_the_code_to_pay_with_is_drawn_into_the_mail_that_is_shown(store: Store, session: Session) -> None:
    code = PayCode("Van Dijk B.V.", "NL91ABNA0417164300", Money(12_500, "EUR"), "INV-1")
    html = f'<p>Dag</p><img src="cid:{PAY_CODE_ID}" alt="code">'
    customer = a_customer(session, a_seller(session))
    letter = a_letter(session, customer, html=html, attachments=[code.stored()])
    session.commit()
    mail = open_pages(store).get(f"/outbox/{letter.id}/mail")
    assert 'src="data:image/png;base64,' in mail.text
    assert "img-src data:" in mail.headers["content-security-policy"]


@pytest.mark.parametrize(
    "name", ["not-an-id", "0190b0a0-0000-7000-8000-000000000000", "0190b0a0-0000-7000-8000-000000000000/mail"]
)
def test_a_letter_that_is_not_there_says_so(store: Store, session: Session, name: str) -> None:
    a_seller(session)
    session.commit()
    answer = open_pages(store).get(f"/outbox/{name}")
    assert answer.status_code == 404
    assert "That message is not here" in answer.text


def test_an_empty_outbox_teaches_the_command_for_today(store: Store, session: Session) -> None:
    a_customer(session, a_seller(session))
    session.commit()
    assert "parley remind --on 2026-03-16" in open_pages(store).get("/outbox").text
