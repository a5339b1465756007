"""Mails as they are looked at: on a phone and a screen, by day and by night, and nothing is fetched from anywhere."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from typing import Literal
from uuid import uuid4

import pytest
from playwright.sync_api import Browser, Page

from o2c_core.customers.customer import Customer, locale_for
from o2c_core.customers.seller import BankAccount, Seller
from o2c_core.documents.answer_mail import answer_html
from o2c_core.documents.asked_for import StatementOfAccount
from o2c_core.documents.cover import cover_for
from o2c_core.documents.mail_frame import FootLink
from o2c_core.money import Money
from o2c_core.reminders.ladder import newest_reached
from o2c_core.reminders.letter import Letter, Line
from o2c_core.reminders.links import Links
from o2c_core.reminders.mail import write_mail
from o2c_core.reminders.may_contact import Claim, asked_for

ON = date(2026, 3, 16)
BYTES_MAX = 15_000
CONTRAST_MIN = 4.5
PREFERENCES = FootLink("Kies waarover wij u schrijven", "https://parley.example/preferences/abc")
LONG = "Donaudampfschifffahrtsgesellschaftskapitänswitwenversorgungsanstalt"
ANSWER = """Factuur INV-2026-0042 staat nog open: €\u00a01.240,50, te betalen uiterlijk 3 maart 2026.

Dit zijn de andere facturen:
- INV-2026-0043: €\u00a0310,00, vervalt op 20 maart 2026
- INV-2026-0044: €\u00a098,75, vervalt op 3 april 2026

U kunt:
1. betalen via https://parley.example/pay/0195a0c0d1e2f3a4b5c6d7e8f9012345.
2. een dag doorgeven waarop u betaalt
3. zeggen wat er niet klopt

Horen we niets, dan schrijven we u volgende week opnieuw."""


def _answer() -> str:
    return answer_html(ANSWER, subject="Factuur", seller_name="Van Dijk Groothandel", language="nl", foot=[PREFERENCES])


def _short_answer() -> str:
    return answer_html("Dank u.", subject="x", seller_name="Van Dijk Groothandel", language="nl", is_by_assistant=False)


def _long_words() -> str:
    foot = [FootLink(LONG, f"https://parley.example/{'x' * 300}"), LONG]
    text = f"{LONG * 3}\n\n- {LONG * 2}\n\nhttps://parley.example/{'y' * 300}"
    return answer_html(text, subject="x", seller_name=LONG * 2, language="de", foot=foot)


def _reminder() -> str:
    account = BankAccount(iban="NL91ABNA0417164300", holder="Van Dijk B.V.", currency="EUR")
    seller = Seller(name="Van Dijk Groothandel", phone="+31 20 123 4567", bank_accounts=[account])
    lines = []
    for number, due_on, total, disputed in [
        ("INV-2026-0031", date(2026, 2, 11), 841_000, 0),
        ("INV-2026-0042", date(2026, 3, 3), 124_050, 4_500),
    ]:
        claim = Claim(invoice_id=uuid4(), number=number, due_on=due_on, total_minor=total, open_minor=total,
                      disputed_minor=disputed, disputes=("D-118",) if disputed else ())  # fmt: skip
        rung = newest_reached(due_on, ON)
        assert rung
        lines.append(Line(claim, rung, asked_for(claim, "EUR"), (ON - due_on).days))
    read_at = datetime(2026, 3, 16, 11, tzinfo=UTC)
    letter = Letter(seller, "nl", locale_for("nl", "NL"), ON, read_at, tuple(lines), (), Money(2_000, "EUR"))
    return write_mail(letter, Links(PREFERENCES.link, "https://parley.example/pay/abc")).html


def _cover() -> str:
    seller = Seller(name="Van Dijk Groothandel", phone="+31 20 123 4567")
    customer = Customer(name="Bakkerij De Boer", ref="C-1042", country="NL", language="nl")
    statement = StatementOfAccount(customer_id=uuid4(), from_on=date(2026, 1, 1), currency="EUR")
    return cover_for(statement, seller, customer, "nl", datetime(2026, 3, 16, 11, tzinfo=UTC)).html


MAILS = {"answer": _answer, "short": _short_answer, "long": _long_words, "reminder": _reminder, "cover": _cover}
# The contrast of every visible text with the colour behind it (WCAG 2.2, 1.4.3).
CONTRASTS = """() => {
  const light = c => { const [r, g, b] = c.match(/[\\d.]+/g).slice(0, 3).map(v => { v /= 255;
    return v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4 }); return 0.2126 * r + 0.7152 * g + 0.0722 * b };
  const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor;
    if (!/, 0\\)$/.test(c)) return c } return 'rgb(255, 255, 255)' };
  const found = [];
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) { if (!walk.currentNode.data.trim()) continue;
    const e = walk.currentNode.parentElement, a = light(getComputedStyle(e).color), b = light(behind(e));
    found.push([walk.currentNode.data.trim().slice(0, 40), (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)]) }
  return found }"""


def opened(browser: Browser, html: str, width: int, scheme: Literal["light", "dark"]) -> tuple[Page, list[str]]:
    page = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme).new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.set_content(html, wait_until="networkidle")
    return page, asked


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", MAILS)
def test_a_mail_can_be_read_by_day_and_by_night(browser: Browser, name: str, scheme: Literal["light", "dark"]) -> None:
    page, _ = opened(browser, MAILS[name](), 375, scheme)
    contrasts = page.evaluate(CONTRASTS)
    ground = page.evaluate("getComputedStyle(document.body).backgroundColor")
    page.context.close()
    assert len(contrasts) >= 2
    assert [(text, contrast) for text, contrast in contrasts if contrast < CONTRAST_MIN] == []
    assert (sum(int(part) for part in ground[4:-1].split(",")) < 128 * 3) == (scheme == "dark")


@pytest.mark.parametrize("width", [320, 375, 1280])
@pytest.mark.parametrize("name", MAILS)
def test_nothing_sticks_out_and_nothing_is_fetched(browser: Browser, name: str, width: int) -> None:
    page, asked = opened(browser, MAILS[name](), width, "light")
    wide = page.evaluate("document.documentElement.scrollWidth")
    page.context.close()
    assert wide <= width
    assert [url for url in asked if not url.startswith("cid:")] == []


@pytest.mark.parametrize("name", MAILS)
def test_a_mail_is_small_and_runs_nothing(name: str) -> None:
    html = MAILS[name]()
    assert len(html.encode()) < BYTES_MAX
    assert not any(sign in html for sign in ("<script", "<link", "@import", "url("))
    # A picture travels in the mail, has its size, and says in words what it shows.
    for picture in re.findall(r"<img[^>]*>", html):
        assert 'src="cid:' in picture
        assert all(re.search(rf'{name}="[^"]+"', picture) for name in ("width", "height", "alt"))


def test_an_answer_is_a_mail_of_paragraphs_lists_and_links(browser: Browser) -> None:
    page, _ = opened(browser, _answer(), 1280, "light")
    assert page.locator("ul li").count() == 2
    assert page.locator("ol li").count() == 3
    # The full stop behind an address is not part of it.
    links = page.locator("td.body a")
    assert links.get_attribute("href") == "https://parley.example/pay/0195a0c0d1e2f3a4b5c6d7e8f9012345"
    assert links.inner_text() == "parley.example/pay/0195a0c0d1e2f3a4b5c6d7e8…"
    assert page.locator("a.foot").get_attribute("href") == PREFERENCES.link
    page.context.close()
