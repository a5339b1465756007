"""What counts as the answer to what we asked."""

from datetime import date

import pytest

from bot.embedded.intents import Intent
from bot.embedded.mentions import find_mentions
from bot.embedded.plan import Before, going_on, plan
from bot.embedded.pointing import About
from bot.embedded.understanding import Understanding

TODAY = date(2026, 3, 16)


def understood(guess: str, share: float = 0.95, text: str = "") -> Understanding:
    references = find_mentions(text, language="en", today=TODAY).references
    return Understanding("en", True, (Intent(guess, share),), share > 0.8, references)


@pytest.mark.parametrize("line", [
    "update_contact | anna@new.example                         | invoice_copy   | update_contact",
    "update_contact | it is 06 12345678 from now on            | human          | update_contact",
    "update_contact | where is my order                        | order_status   | order_status",
    "change_order   | the blue ones rather than the red ones   | greeting       | greeting",
    "change_order   | twice as many of the tins                | out_of_scope   | change_order",
    "change_order   | where is my order                        | order_status   | order_status",
    "change_order   | yes                                      | confirm        | confirm",
    "complaint      | the driver was rude                      | out_of_scope   | complaint",
    "promise_to_pay | friday                                   | order_status   | promise_to_pay",
    "promise_to_pay | 500 euro                                 | invoice_status | promise_to_pay",
    "promise_to_pay | is it due on friday?                     | invoice_status | invoice_status",
    "payment_plan   | in 3 parts                               | order_status   | payment_plan",
])  # fmt: skip
def test_a_detail_answers_what_was_asked_unless_it_is_another_wish(line: str) -> None:
    asked, words, guess, wanted = (part.strip() for part in line.split("|"))
    found = going_on(understood(guess), asked, find_mentions(words, language="en", today=TODAY), words)
    assert [one.name for one in found.intents] == [wanted]


def calls(words: str, guess: str, share: float, *about: About, before: Before | None = None) -> list[str]:
    mentions = find_mentions(words, language="en", today=TODAY)
    chosen = plan(understood(guess, share, words), mentions, about, before, words)
    return [*(f"{call.tool} {call.fields.get('number') or ''}".strip() for call in chosen.calls), *chosen.sentences]


def test_an_objection_that_is_likely_is_offered_where_it_names_a_document_and_else_asked_about() -> None:
    assert calls("the gloves on 0142 were all torn", "dispute_invoice", 0.7) == ["dispute_invoice 0142"]
    assert calls("the gloves were all torn", "dispute_invoice", 0.7) == ["ask_back"]
    assert calls("no more texts about 0142", "opt_out", 0.7) == ["look_up 0142"]


def test_the_last_payment_is_about_none_of_the_invoices_that_were_spoken_of() -> None:
    spoken_of = About("invoice", "INV-42")
    assert calls("when was our last payment that you can see", "payment_status", 0.95, spoken_of) == ["payment_status"]
    assert calls("is it paid", "payment_status", 0.95, spoken_of) == ["payment_status INV-42"]


def test_a_plain_yes_to_nothing_is_not_taken_for_words_nobody_understands() -> None:
    misunderstood = Before(misunderstood=True)
    assert calls("do it", "confirm", 0.95, before=misunderstood) == ["confirm"]
    assert calls("that thing you know", "confirm", 0.95, before=misunderstood) == ["ask_back"]
