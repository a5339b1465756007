"""Short questions about what was just spoken of."""

from datetime import date

import pytest

from bot.embedded.follow_ups import Follows, describes_one, follow_up
from bot.embedded.intents import Intent
from bot.embedded.mentions import find_mentions
from bot.embedded.pointing import About
from bot.embedded.understanding import References, Understanding

TODAY = date(2026, 3, 16)
ONE = (About("invoice", "INV-42"),)
TWO = (About("invoice", "INV-42"), About("invoice", "INV-43"))
ORDER = (About("order", "SO-2"),)
PLAN = (About("plan", "P-1"),)
OBJECTION = (About("dispute", "D-1"), About("invoice", "INV-42"))
CREDIT = (About("credit_note", "CN-1"),)
SPOKEN_OF = {"one": ONE, "two": TWO, "order": ORDER, "plan": PLAN, "objection": OBJECTION, "credit": CREDIT, "-": ()}


def asked(text: str, language: str, spoken_of: str, before: str, guess: str, share: float = 0.45) -> str:
    understood = Understanding(language, True, (Intent(guess, share),), share > 0.6, References())
    mentions = find_mentions(text, language=language, today=TODAY)
    found = follow_up(text, understood, mentions, SPOKEN_OF[spoken_of], (before,) if before != "-" else ())
    return "-" if found is None else f"{found.tool} {found.number or ''}".strip()


@pytest.mark.parametrize("line", [
    "en | when is the second one due?                      | two       | list_open_invoices | invoice_status   | invoice_status INV-43",
    "de | und wann war die erste fällig                    | two       | list_open_invoices | invoice_status   | invoice_status INV-42",
    "fr | la deuxième est due quand ?                      | two       | list_open_invoices | invoice_status   | invoice_status INV-43",
    "en | and when was the oldest due                      | -         | account_balance    | invoice_status   | invoice_status",
    "nl | hoeveel is dat dan precies                       | one       | invoice_status     | out_of_scope     | invoice_status INV-42",
    "nl | hoeveel is dat dan precies                       | two       | list_open_invoices | out_of_scope     | list_open_invoices",
    "nl | hm. en wanneer was dat                           | order     | proof_of_delivery  | invoice_status   | proof_of_delivery SO-2",
    "en | when's the first one again?                      | plan      | payment_plan       | invoice_status   | case_status P-1",
    "en | so how much of it do i pay now                   | objection | dispute_invoice    | account_balance  | invoice_status INV-42",
    "nl | en de rest moet dus gewoon betaald worden?       | objection | dispute_invoice    | payment_plan     | invoice_status INV-42",
    "nl | is dat al verrekend?                             | credit    | refund             | payment_status   | refund_status CN-1",
    "en | ok and what was that one for, which order i mean | one       | invoice_status     | list_orders      | order_status INV-42",
    "nl | en van welke bestelling was dat                  | one       | invoice_status     | order_status     | order_status INV-42",
    "en | no not that one, the one with the kitchen scales | order     | order_status       | deny             | order_status",
    "nl | en die van de ovenwanten, is die al binnen       | order     | order_status       | out_of_scope     | order_status",
    "en | fine. what about my own then                     | -         | account_balance    | confirm          | account_balance",
    "nl | oke en bij ons zelf                              | -         | -                  | confirm          | account_balance",
    "en | great. and po 1104?                              | order     | order_status       | invoice_status   | order_status 1104",
    "nl | en 1004?                                         | order     | order_status       | invoice_status   | order_status 1004",
    "en | and invoice 1104?                                | order     | order_status       | invoice_status   | -",
    "en | and did we pay 0130?                             | two       | list_open_invoices | payment_status   | -",
    "en | when do you open on Monday                       | one       | invoice_status     | policy_question  | -",
    "en | thanks                                           | one       | invoice_status     | thanks           | -",
    "en | I want to cancel my own order of yesterday please | one      | invoice_status     | cancel_order     | -",
])  # fmt: skip
def test_a_short_question_is_about_what_was_just_spoken_of(line: str) -> None:
    language, text, spoken_of, before, guess, wanted = (part.strip() for part in line.split("|"))
    assert asked(text, language, spoken_of, before, guess) == wanted


def test_what_was_plainly_understood_is_no_follow_up() -> None:
    assert asked("when does it come then?", "en", "one", "invoice_status", "order_status", 0.97) == "-"


def test_a_long_message_stands_on_its_own() -> None:
    text = "when you have a moment could you tell me how much is open on all of our accounts since it is the year end"
    assert asked(text, "en", "one", "invoice_status", "account_balance") == "-"


def test_a_message_that_tells_one_of_several_by_what_is_in_it() -> None:
    assert describes_one("the one with the kitchen scales")
    assert describes_one("en die met de weegschalen?")
    assert not describes_one("where is my order?")


def test_what_follows_may_be_about_no_document() -> None:
    assert Follows("account_balance").number is None
