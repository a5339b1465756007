"""What the form of a message says of its wish where the trained model is not plain."""

from datetime import date

import pytest

from bot.embedded.forms import read_by_form
from bot.embedded.intents import Intent
from bot.embedded.mentions import find_mentions
from bot.embedded.pointing import About
from bot.embedded.understanding import References, Understanding, understand

TODAY = date(2026, 3, 16)
INVOICES = (About("invoice", "INV-2026-0042"), About("invoice", "INV-2026-0043"))


def read(text: str, language: str, guess: str, *, share: float = 0.6, about: tuple[About, ...] = ()) -> str:
    understood = Understanding(language, True, (Intent(guess, share),), share > 0.8, References())
    mentions = find_mentions(text, language=language, today=TODAY)
    found = read_by_form(understood, text, mentions, TODAY, about)
    return "+".join(one.name for one in found.intents)


@pytest.mark.parametrize("line", [
    "nl | Ik betaal factuur INV-2026-0042 aanstaande vrijdag          | invoice_status  | promise_to_pay",
    "nl | morgen maken we het over                                    | payment_methods | promise_to_pay",
    "nl | wij voldoen de rekening voor 25 maart                       | invoice_status  | promise_to_pay",
    "en | we can do 500 on 0142 by wednesday, rest later              | payment_plan    | promise_to_pay",
    "en | We will settle INV-2026-0142 next Friday                    | invoice_status  | promise_to_pay",
    "en | payment goes out on friday                                  | payment_status  | promise_to_pay",
    "de | Wir überweisen die Rechnung INV-2026-0242 am Freitag        | invoice_status  | promise_to_pay",
    "de | Freitag zahlen wir                                          | payment_methods | promise_to_pay",
    "fr | on réglera la facture INV-2026-0342 vendredi                | invoice_status  | promise_to_pay",
    "fr | nous allons payer demain                                    | payment_methods | promise_to_pay",
    "en | did you receive my payment Friday?                          | payment_status  | payment_status",
    "en | we paid it on Friday                                        | payment_status  | payment_status",
    "en | we can't pay before Friday                                  | payment_status  | payment_status",
    "nl | wij hebben vrijdag betaald                                  | payment_status  | payment_status",
    "de | wir haben am Freitag bezahlt                                | payment_status  | payment_status",
    "fr | nous avons payé vendredi                                    | payment_status  | payment_status",
    "en | is the invoice due on Friday                                | invoice_status  | invoice_status",
    "en | I'll pay you Friday to write my essay                       | out_of_scope    | out_of_scope",
])  # fmt: skip
def test_who_says_that_they_pay_by_a_day_to_come_makes_a_promise(line: str) -> None:
    language, text, guess, wanted = (part.strip() for part in line.split("|"))
    assert read(text, language, guess) == wanted


@pytest.mark.parametrize("line", [
    "nl | mag inv-2026-0042 in 3 keer?                                | invoice_copy    | payment_plan",
    "fr | est-ce qu'on peut payer la INV-2026-0342 en trois fois ?    | invoice_status  | payment_plan",
    "de | können wir die Rechnung in drei Raten zahlen                | invoice_status  | payment_plan",
    "en | can we pay in three parts                                   | payment_methods | payment_plan",
    "nl | kunnen we de rekening in tweeën betalen                     | invoice_status  | payment_plan",
    "en | the order came in three parts                               | order_status    | order_status",
    "en | where is 1003, it came in two parts                         | order_status    | order_status",
])  # fmt: skip
def test_who_wants_to_pay_in_so_many_parts_asks_for_a_plan(line: str) -> None:
    language, text, guess, wanted = (part.strip() for part in line.split("|"))
    assert read(text, language, guess) == wanted


@pytest.mark.parametrize("line", [
    "nl | wij hebben maar 9 van de 12 bakblikken gekregen van factuur 0042           | invoice_status | dispute_invoice",
    "de | Wir haben nur 9 von 12 Backformen auf der Rechnung INV-2026-0242 bekommen  | invoice_status | dispute_invoice",
    "en | only got 9 of the 12 tins on invoice 0142                                  | invoice_copy   | dispute_invoice",
    "en | did we only get 9 of the 12 tins on invoice 0142?                          | invoice_status | invoice_status",
    "en | we only got 9 of the 12 tins                                               | order_status   | order_status",
])  # fmt: skip
def test_who_got_fewer_than_the_invoice_says_objects_to_it(line: str) -> None:
    language, text, guess, wanted = (part.strip() for part in line.split("|"))
    assert read(text, language, guess) == wanted


@pytest.mark.parametrize("line", [
    "nl | stuur ze allebei even op                        | change_order       | invoice_copy",
    "en | email me both please                            | human              | invoice_copy",
    "en | and send me 0142 please                         | order_status       | invoice_copy",
    "en | and send me order SO-1003                       | order_status       | order_status",
    "de | schicken Sie mir beide bitte zu                 | human              | invoice_copy",
    "en | before i say yes, what's your iban again?       | list_open_invoices | payment_methods",
    "nl | wat is jullie rekeningnummer ook alweer         | list_open_invoices | payment_methods",
    "nl | kun je me de track en trace geven               | out_of_scope       | order_status",
    "en | I have to ask my manager first                  | human              | deny",
    "nl | moet eerst met mn baas overleggen               | human              | deny",
    "en | I want to speak to your manager                 | human              | human",
])  # fmt: skip
def test_other_forms_that_give_a_wish_away(line: str) -> None:
    language, text, guess, wanted = (part.strip() for part in line.split("|"))
    assert read(text, language, guess, about=INVOICES) == wanted


def test_what_came_short_may_be_on_the_invoice_just_spoken_of() -> None:
    text = "hang on, no. we only got 9 of the 12 baking tins on that one"
    assert read(text, "en", "change_order", about=INVOICES[:1]) == "dispute_invoice"
    assert read(text, "en", "change_order", about=(About("order", "SO-1"),)) == "change_order"
    assert read(text, "en", "change_order", about=INVOICES) == "change_order"


def test_what_was_not_spoken_of_is_not_sent() -> None:
    assert (
        read("email me both please", "en", "human", about=(About("order", "SO-1"), About("order", "SO-2"))) == "human"
    )
    assert read("email me both please", "en", "human") == "human"


def test_a_plain_reading_is_left_as_it_is() -> None:
    text = "Ik betaal factuur INV-2026-0042 aanstaande vrijdag"
    assert read(text, "nl", "invoice_status", share=0.95) == "invoice_status"
    assert read("I want to speak to my account manager", "en", "human") == "human"
    assert read("moet eerst met mn baas overleggen", "nl", "human", share=0.95) == "deny"
    assert read(text, "nl", "invoice_status", share=0.85) == "promise_to_pay"


def test_several_wishes_are_left_as_they_are() -> None:
    text = "Ik betaal vrijdag en stuur me een kopie van 0042"
    several = Understanding(
        "nl", True, (Intent("invoice_copy", 0.5), Intent("invoice_status", 0.5)), False, References()
    )
    assert read_by_form(several, text, find_mentions(text, language="nl", today=TODAY), TODAY) is several


@pytest.mark.parametrize("text", [
    "Ik heb een klacht", "Ik ben het niet eens met de factuur", "ich möchte mich beschweren", "j'ai une réclamation",
])  # fmt: skip
def test_a_wish_that_is_named_by_its_name_is_that_wish(text: str) -> None:
    understood = understand(text)
    found = read_by_form(understood, text, find_mentions(text, language=understood.language, today=TODAY), TODAY)
    assert found.is_sure
    assert {intent.name for intent in found.intents} <= {"complaint", "dispute_invoice"}
