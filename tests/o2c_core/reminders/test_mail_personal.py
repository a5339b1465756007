"""What a reminder says to this payer in particular."""

import re
from dataclasses import replace
from datetime import date, timedelta

import pytest

from o2c_core.cases.agreed import NotArrived
from o2c_core.customers.customer import LANGUAGES, Customer
from o2c_core.invoices.habit import Habit
from o2c_core.reminders.history import NO_HISTORY, Broken, Delivery, History
from o2c_core.reminders.ladder import Ladder, Rung, Used
from o2c_core.reminders.letter import is_informal, owner_of
from o2c_core.reminders.links import links_of
from o2c_core.reminders.mail import write_mail
from o2c_core.reminders.receipts import asked_in
from o2c_core.reminders.salutation import Greeted
from o2c_core.reminders.text import write_text
from tests.o2c_core.reminders.personal import (
    INVOICE,
    ON,
    PLATE,
    RUNGS,
    TO,
    a_letter,
    a_line,
    said,
)

PROMISED = Broken(date(2026, 3, 12), 124_050, 0, "EUR", frozenset({INVOICE}))
PARTLY = replace(PROMISED, paid_minor=50_000)
EARLIER = replace(PROMISED, promised_on=date(2026, 3, 2))
MISSED = replace(PROMISED, promised_on=date(2026, 3, 4), minor=40_000, paid_minor=15_000, plan="P-101")
LATE = Delivery("SO-77", 4, date(2026, 3, 1), 4)
PASTS = {
    "none": NO_HISTORY,
    "punctual": History(paid=12),
    "habit": History(paid=12, late=12, habit=Habit(12, 3, 3, 4)),
    "broken": History(broken=(PROMISED,)),
    "partly": History(broken=(PARTLY,)),
    "twice": History(broken=(PROMISED, EARLIER)),
    "plan": History(broken=(MISSED,)),
    "late": History(deliveries={INVOICE: LATE}),
    "made good": History(broken=(replace(PROMISED, paid_minor=124_050),)),
}


@pytest.mark.parametrize("line", [
    "en first  none      We haven’t seen payment yet of €1,240.50 for invoice INV-2026-0042 | Is something in the way?",
    "en first  punctual  Invoice INV-2026-0042 for €1,240.50 was due on 9 March 2026. | You usually pay on time",
    "en first  habit     was due on | Your payments usually reach us within 4 days of the due date",
    "en first  broken    Invoice INV-2026-0042 is 7 days late. | You promised to pay €1,240.50 by 12 March 2026. That payment has not reached us.",
    "en first  partly    is 7 days late. | Of that, €740.50 has not reached us.",
    "en first  twice     is 7 days late, and €1,240.50 is still to be paid. | An earlier date had already passed when you promised to pay €1,240.50 by 12 March 2026.",
    "en first  late      Your order SO-77 reached you 4 days later than promised; we’re sorry about that. | was due on",
    "en first  plan      is 7 days late. | Payment plan P-101 could not go on: of the part that was due on 4 March 2026, €250.00 has not reached us.",
    "nl first  plan      is 7 dagen te laat. | Betalingsregeling P-101 kon niet doorgaan: van de termijn van 4 maart 2026 hebben wij € 250,00 niet ontvangen.",
    "de first  plan      seit 7 Tagen überfällig | Der Zahlungsplan P-101 konnte nicht weiterlaufen: Von der am 4. März 2026 fälligen Rate sind 250,00 € nicht bei uns eingegangen.",
    "fr first  plan      en retard de 7 jours | Le plan de paiement P-101 n’a pas pu se poursuivre : sur l’échéance du 4 mars 2026, 250,00 € ne nous sont pas parvenus.",
    "en first  made good We haven’t seen payment yet | Is something in the way?",
    "nl first  punctual  Factuur INV-2026-0042 van € 1.240,50 had uiterlijk 9 maart 2026 betaald moeten zijn. | U betaalt doorgaans op tijd",
    "nl first  broken    is 7 dagen te laat. | U had toegezegd € 1.240,50 uiterlijk 12 maart 2026 te betalen. Die betaling hebben wij niet ontvangen.",
    "nl first  late      Uw bestelling SO-77 kwam 4 dagen later dan beloofd; dat spijt ons. | betaald moeten zijn",
    "de first  punctual  Die Rechnung INV-2026-0042 über 1.240,50 € war am 9. März 2026 fällig. | Sie zahlen in der Regel pünktlich",
    "de first  twice     seit 7 Tagen überfällig | Ein früherer Termin war schon verstrichen",
    "de first  late      Ihre Bestellung SO-77 kam 4 Tage später als zugesagt; das tut uns leid. | war am",
    "fr first  punctual  La facture INV-2026-0042 de 1 240,50 € était à régler pour le 9 mars 2026. | Vous payez d’habitude à temps",
    "fr first  broken    en retard de 7 jours | Vous aviez promis de payer 1 240,50 € au plus tard le 12 mars 2026. Ce paiement ne nous est pas parvenu.",
    "fr first  late      Votre commande SO-77 vous est parvenue 4 jours plus tard que promis | était à régler",
    "en courtesy twice   A quick heads-up: | There is nothing to do if the payment is already on its way.",
    "en due    late      Your order SO-77 reached you | The due date of invoice",
])  # fmt: skip
def test_the_payers_own_past_is_said_as_facts_in_the_tone_that_fits(line: str) -> None:
    language, step, past, first, then = re.fullmatch(
        r"(\w+) (\w+) +(none|punctual|habit|plan|broken|partly|twice|late|made good) +(.*) \| (.*)", line
    ).groups()  # type: ignore[union-attr]
    rung = RUNGS[step]
    text = said(write_mail(a_letter(a_line(rung.days, rung), language=language, history=PASTS[past])).text)
    assert first in text
    assert then in text
    assert text.index(first) < text.index(then)
    of_promise = ("ou promised to pay", "toegezegd", "zusagten", "promis de payer")
    assert any(words in text for words in of_promise) is (step == "first" and past in ("broken", "partly", "twice"))


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("past", PASTS)
@pytest.mark.parametrize("step", RUNGS)
def test_every_figure_of_it_has_a_receipt_in_every_tone_and_language(language: str, past: str, step: str) -> None:
    rung = RUNGS[step]
    letter = a_letter(
        a_line(rung.days, rung, disputed_minor=4_500, disputes=("D-118",), part=2, parts=3),
        language=language, history=PASTS[past], owner="Joost Bakker", may_call=True,
    )  # fmt: skip
    mail = write_mail(letter, links_of(letter, replace(TO, language=language), PLATE))
    text = write_text(letter, may_reply=True, links=links_of(letter, TO, PLATE))
    for written, rest in ((mail, mail.subject + "\n" + mail.text), (text, text.text)):
        rest = re.sub(r"https://\S+/preferences/\S+", "", rest)
        for receipt in sorted(written.receipts, key=lambda receipt: -len(receipt["text"])):
            rest = rest.replace(receipt["text"], "")
        assert re.findall(r"\d+", rest) == []


SAID = NotArrived(None, date(2026, 3, 10), 124_050, "EUR")
DATED = replace(SAID, paid_on=date(2026, 3, 6))
PROVEN = replace(DATED, has_proof=True)
TWO = replace(DATED, amount_minor=200_000)


@pytest.mark.parametrize("line", [
    "en first  undated  We haven’t seen payment yet | You told us on 10 March 2026 that you had paid INV-2026-0042. That payment has not reached us yet. On which day was it paid, and can you send us a proof of payment? Then we can look for it with you. If the money came back to you, you can pay with the details below.",
    "en second dated    We haven’t seen payment yet | A payment of 6 March 2026 has not reached us yet. Can you send us a proof of payment?",
    "en last   proven   is 30 days late. | We have the proof you sent; could you ask your bank whether the money came back?",
    "nl first  undated  had uiterlijk | U liet ons op 10 maart 2026 weten dat u INV-2026-0042 had betaald. Die betaling hebben wij nog niet ontvangen. Op welke dag is er betaald, en kunt u ons een betaalbewijs sturen?",
    "nl second dated    nog niet gezien. | Een betaling van 6 maart 2026 hebben wij nog niet ontvangen. Kunt u ons een betaalbewijs sturen?",
    "nl last   proven   is 30 dagen te laat. | Het bewijs dat u stuurde, hebben wij;",
    "de first  undated  war am | Sie teilten uns am 10. März 2026 mit, dass Sie INV-2026-0042 bezahlt haben. Diese Zahlung ist noch nicht bei uns eingegangen. An welchem Tag wurde gezahlt,",
    "de second dated    haben wir noch nicht gesehen | Eine Zahlung vom 6. März 2026 ist noch nicht bei uns eingegangen. Können Sie uns einen Zahlungsbeleg schicken?",
    "de last   proven   seit 30 Tagen überfällig | Ihr Beleg liegt uns vor;",
    "fr first  undated  était à régler | Vous nous avez indiqué le 10 mars 2026 avoir payé INV-2026-0042. Ce paiement ne nous est pas encore parvenu. Quel jour le paiement a-t-il été fait,",
    "fr second dated    pas encore vu le paiement | Un paiement du 6 mars 2026 ne nous est pas encore parvenu. Pouvez-vous nous envoyer un justificatif",
    "fr last   proven   en retard de 30 jours | Nous avons bien votre justificatif ;",
])  # fmt: skip
def test_money_they_said_they_paid_is_looked_for_with_them_before_it_is_asked_for_again(line: str) -> None:
    language, step, what, first, then = re.fullmatch(r"(\w+) (\w+) +(\w+) +(.*) \| (.*)", line).groups()  # type: ignore[union-attr]
    rung, missing = RUNGS[step], {"undated": SAID, "dated": DATED, "proven": PROVEN}[what]
    told = a_letter(a_line(rung.days, rung, missing=missing), language=language)
    # The step's own words come one step softer the first time, and that they usually pay is not held up to them.
    text = said(write_mail(replace(told, history=PASTS["punctual"])).text)
    if (language, step) == ("en", "first"):
        first = "was due on"
    assert first in text
    assert then in text
    assert text.index(first) < text.index(then)
    assert "usually" not in text
    assert "tell us what’s wrong" not in text
    short = said(write_text(told, may_reply=True).text)
    assert {"en": "proof", "nl": "bewijs", "de": "Beleg", "fr": "justificatif"}[language] in short or what == "undated"


def test_what_they_said_of_some_invoices_is_told_of_those_and_the_others_are_asked_for() -> None:
    one, two, other = (
        a_line(9, number="A-1", missing=TWO),
        a_line(8, number="A-2", missing=TWO),
        a_line(7, number="A-3"),
    )
    all_of_them = said(write_mail(a_letter(one, two, language="en")).text)
    assert "that you had paid these invoices." in all_of_them
    assert "Is something in the way?" not in all_of_them
    some = said(write_mail(a_letter(one, two, other, language="en")).text)
    assert "that you had paid 2 of these invoices." in some
    assert "Is something in the way?" in some or "You can pay with the details below." in some
    single = said(write_mail(a_letter(one, other, language="en")).text)
    assert "that you had paid A-1." in single
    parts = [a_line(9, number="A-1", missing=TWO, part=at, parts=2) for at in (1, 2)]
    assert "that you had paid A-1." in said(write_mail(a_letter(*parts, language="en")).text)


@pytest.mark.parametrize(("made_on", "said_on", "spoken_of"), [
    (date(2026, 3, 2), date(2026, 3, 10), "paid"),
    (date(2026, 3, 10), date(2026, 3, 10), "paid"),
    (date(2026, 3, 11), date(2026, 3, 10), "promised"),
    (None, date(2025, 9, 1), "promised"),
])  # fmt: skip
def test_the_last_thing_they_said_is_what_is_spoken_of(made_on: date | None, said_on: date, spoken_of: str) -> None:
    history = History(broken=(replace(PROMISED, made_on=made_on),))
    letter = a_letter(
        a_line(14, RUNGS["second"], missing=replace(SAID, said_on=said_on)), language="en", history=history
    )
    text = said(write_mail(letter).text)
    assert ("You told us on" in text, "You promised to pay" in text) == (spoken_of == "paid", spoken_of == "promised")


def test_who_was_asked_for_a_proof_already_is_written_to_as_the_step_says() -> None:
    before, since = (Used(SAID.said_on + timedelta(days=days), 7) for days in (-1, 2))
    tones = [a_letter(a_line(14, RUNGS["second"], missing=SAID, used={"first": one})).tone for one in (before, since)]
    assert [(tone.name, tone.openings) for tone in tones] == [("asking", ("said",)), ("clear", ("said",))]


def test_an_apology_is_made_once() -> None:
    told = a_line(14, used={"first": Used(ON - timedelta(days=7), 7)})
    untold = a_line(14, used={"courtesy": Used(ON - timedelta(days=17), -3)})
    assert "sorry" not in write_mail(a_letter(told, language="en", history=PASTS["late"])).text
    assert "sorry" in write_mail(a_letter(untold, language="en", history=PASTS["late"])).text
    undelivered = History(deliveries={INVOICE: replace(LATE, delivered_on=None)})
    assert "sorry" not in write_mail(a_letter(untold, language="en", history=undelivered)).text


def test_a_slip_is_spoken_of_in_the_first_reminder_only() -> None:
    again = a_line(14, RUNGS["second"], used={"first": Used(ON - timedelta(days=7), 7)})
    assert "usually" not in write_mail(a_letter(again, language="en", history=PASTS["punctual"])).text


@pytest.mark.parametrize(("language", "greeted", "greeting"), [
    ("en", None, "Hello,"),
    ("en", Greeted("Anna Jansen"), "Dear Anna Jansen,"),
    ("en", Greeted("Jansen", "ms"), "Dear Ms Jansen,"),
    ("nl", Greeted("Anna Jansen"), "Geachte Anna Jansen,"),
    ("nl", Greeted("Van der Berg", "mr"), "Geachte heer Van der Berg,"),
    ("de", Greeted("Anna Jansen"), "Guten Tag Anna Jansen,"),
    ("de", Greeted("Dr. Schmidt", "ms"), "Sehr geehrte Frau Dr. Schmidt,"),
    ("fr", Greeted("Anna Jansen"), "Bonjour Anna Jansen,"),
    ("fr", Greeted("Laurent", "ms"), "Bonjour Madame Laurent,"),
])  # fmt: skip
def test_who_is_known_by_name_is_greeted_by_it(language: str, greeted: Greeted | None, greeting: str) -> None:
    assert write_mail(a_letter(a_line(7), language=language, greeted=greeted)).text.startswith(greeting + "\n")


@pytest.mark.parametrize(("owner", "may_call", "words"), [
    (None, False, "someone from our accounts department will contact you about it."),
    ("Joost Bakker", False, "by 23 March 2026, Joost Bakker will contact you about it."),
    ("Joost Bakker", True, "by 23 March 2026, Joost Bakker will call you about it."),
])  # fmt: skip
def test_the_last_step_names_who_is_next_and_by_when(owner: str | None, may_call: bool, words: str) -> None:
    last = a_letter(a_line(30, RUNGS["last"]), language="en", owner=owner, may_call=may_call)
    assert words in write_mail(last).text
    assert "hear from you by" not in write_mail(replace(last, lines=(a_line(14, RUNGS["second"]),))).text


def test_the_last_step_is_that_of_the_invoices_own_ladder() -> None:
    short = Ladder("short", (Rung("only", 5, tone="asking"),))
    mail = write_mail(a_letter(a_line(6, short.last, ladder=short), language="en"))
    assert "Is something in the way?" in mail.text
    assert "someone from our accounts department" in mail.text


@pytest.mark.parametrize("line", [
    "courtesy asking  late     7   first",
    "odd      clear   late     7   second",
    "odd      serious late     7   last",
    "odd      neutral late     7   neutral",
    "odd      courtesy late     7   neutral",
    "odd      neutral early    0   due",
    "odd      courtesy early    -3  courtesy",
    "odd      serious early    -3  due",
    "odd      clear   late     0   due",
    "courtesy courtesy early    3   due",
    "plan_soon courtesy early    -2  plan_soon",
    "plan_late neutral late     1   plan_late",
])  # fmt: skip
def test_the_sentences_are_those_of_the_tone_and_true_on_that_day(line: str) -> None:
    name, tone, when, days, section = line.split()
    rung = Rung(name, int(days), says_late=when == "late", tone=tone)
    assert a_letter(a_line(int(days), rung)).section == section


def test_a_step_may_name_its_sentences_itself_and_unknown_ones_are_those_of_its_tone() -> None:
    assert a_letter(a_line(7, Rung("x", 7, tone="clear", wording="first"))).section == "first"
    assert a_letter(a_line(7, Rung("x", 7, tone="clear", wording="nowhere"))).section == "second"


@pytest.mark.parametrize(("language", "words"), [
    ("en", "1 day late"), ("nl", "1 dag te laat"), ("de", "1 Tag überfällig"), ("fr", "1 jour de retard"),
])  # fmt: skip
def test_one_day_is_one_day(language: str, words: str) -> None:
    assert words in write_mail(a_letter(a_line(1, Rung("x", 1, tone="clear")), language=language)).text


def test_parts_are_named_and_counted_as_one_invoice() -> None:
    second, third = (a_line(days, part=part, parts=3, total=41_350) for part, days in ((2, 14), (3, 7)))
    one = write_mail(a_letter(second, language="en"))
    assert "INV-2026-0042 (part 2 of 3)" in one.subject
    assert "INV-2026-0042 (part 2 of 3)  2 Mar 2026" in one.text
    assert re.search(r"part 2 of 3", one.html)
    both = write_mail(a_letter(second, third, language="en"))
    assert "payment yet of €827.00 for invoice INV-2026-0042, which" in both.text
    assert asked_in(both.receipts) == [("INV-2026-0042", 2), ("INV-2026-0042", 3)]
    assert both.text.count("INV-2026-0042 (part") == 2
    assert re.search(r"Reference +INV-2026-0042\n", both.text)


def test_a_part_of_a_plan_is_spoken_of_as_that() -> None:
    soon, late = Rung("plan_soon", -2, says_late=False, tone="courtesy"), Rung("plan_late", 1)
    ladder = Ladder("plan", (soon, late))
    first = write_mail(a_letter(a_line(-2, soon, "P-7", part=2, parts=3, ladder=ladder), language="en"))
    assert "The next part of your payment plan is due on 18 March 2026: €1,240.50 for P-7 (part 2 of 3)." in first.text
    then = write_mail(a_letter(a_line(1, late, "P-7", part=2, parts=3, ladder=ladder), language="en"))
    assert "hasn’t reached us yet: €1,240.50 for P-7 (part 2 of 3)." in then.text
    assert "accounts department" not in then.text


def test_a_step_with_a_letter_brings_the_statement_and_says_so() -> None:
    rung = replace(RUNGS["second"], letter=True)
    mail = write_mail(a_letter(a_line(14, rung), language="en"))
    assert "Your statement of account is attached." in mail.text
    assert [one["document"] for one in mail.attachments] == ["pay_code", "statement"]
    plain = write_mail(a_letter(a_line(14, RUNGS["second"]), language="en"))
    assert "statement" not in plain.text + plain.html
    assert [one["document"] for one in plain.attachments] == ["pay_code"]


@pytest.mark.parametrize(("chosen", "owner"), [
    ({}, None),
    ({"owners": {"default": "Anne"}}, "Anne"),
    ({"owners": {"default": "Anne", "segments": {"retail": "Bram"}}}, "Bram"),
    ({"owners": {"segments": {"retail": "Bram"}, "customers": {"C-1042": "Sanne"}}}, "Sanne"),
    ({"owners": {"segments": {"other": "Bram"}, "customers": {"C-1": "Sanne"}}}, None),
])  # fmt: skip
def test_the_narrowest_owner_is_named(chosen: dict[str, object], owner: str | None) -> None:
    assert owner_of(chosen, Customer(ref="C-1042", segment="retail")) == owner


@pytest.mark.parametrize(("chosen", "informal"), [
    ({}, False),
    ({"informal": True}, True),
    ({"informal_customers": ["C-1042"]}, True),
    ({"informal_customers": ["C-1"]}, False),
])  # fmt: skip
def test_first_names_are_used_where_the_seller_chose_so(chosen: dict[str, object], informal: bool) -> None:
    assert is_informal(chosen, Customer(ref="C-1042"), "nl") is informal
