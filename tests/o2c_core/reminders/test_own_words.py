"""A person may say a reminder otherwise; a figure that is not the message's own does not get in that way."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from o2c_core.reminders.own_words import WORDS_MAX, NotOwnWords, check_own_words

FACTS = {
    "en": ("INV-2026-0042", "£1,240.50", "3 March 2026", "3 Mar 2026", "13", "2", "13 days late"),
    "nl": ("INV-2026-0042", "€\u00a01.240,50", "3 maart 2026", "3 mrt 2026", "13", "2", "13 dagen te laat"),
    "de": ("INV-2026-0042", "1.240,50\u00a0€", "3. März 2026", "13", "2", "13 Tage"),
    "fr": ("INV-2026-0042", "1\u202f240,50\u00a0€", "3 mars 2026", "13", "2"),
}
SAID = {
    "en": "Invoice INV-2026-0042 is 13 days late. The amount to pay is £1,240.50. It was due on 3 March 2026.",
    "nl": "Factuur INV-2026-0042 is 13 dagen te laat. Het te betalen bedrag is € 1.240,50.",
    "de": "Die Rechnung INV-2026-0042 ist seit 13 Tagen fällig. Der Betrag ist 1.240,50 €.",
    "fr": "La facture INV-2026-0042 est en retard de 13 jours. Le montant est de 1 240,50 €.",
}


def check(language: str, words: str) -> None:
    check_own_words(words, facts=FACTS[language], said=SAID[language], language=language)


@pytest.mark.parametrize("line", [
    "en | Dear Anna, we spoke about INV-2026-0042: £1,240.50 was due on 3 March 2026. Did it reach you?",
    "en | As you know, invoice INV-2026-0042 is 13 days late. Could you have a look?",
    "en | One thing would help us: a short answer. You may also ring me; I march on either way.",
    "en | One of us will be at your office, so do say when it suits you.",
    "nl | Beste Anna, factuur INV-2026-0042 (€ 1.240,50) had uiterlijk 3 maart 2026 betaald moeten zijn. Een kort antwoord helpt ons al.",
    "nl | Zit er iets in de weg? Factuur INV-2026-0042 is 13 dagen te laat.",
    "de | Liegt etwas im Weg? Die Rechnung INV-2026-0042 über 1.240,50 € war am 3. März 2026 fällig. Ein kurzes Wort genügt.",
    "fr | Un mot suffit : la facture INV-2026-0042 de 1 240,50 € était à échéance le 3 mars 2026.",
    "en | No figure at all, only a friendly word.",
])  # fmt: skip
def test_words_with_the_messages_own_figures_are_fine(line: str) -> None:
    language, words = (part.strip() for part in line.split(" | "))
    check(language, words)


@pytest.mark.parametrize("line", [
    "en | Please pay £1,240.00 now.                        | '£1,240.00' is not a figure of this message",
    "en | Please pay 1,240.50 now.                         | '1,240.50' is not a figure of this message",
    "en | Please pay £11,240.50 now.                       | '£11,240.50' is not a figure of this message",
    "en | Please pay £1,240.50.5 now.                      | '£1,240.50.5' is not a figure of this message",
    "en | Please pay £1,240.500 now.                       | '£1,240.500' is not a figure of this message",
    "en | Please pay 240.50 now.                           | '240.50' is not a figure of this message",
    "en | Invoice INV-2026-00421 is open.                  | 'INV-2026-00421' is not a figure of this message",
    "en | Invoice XINV-2026-0042 is open.                  | 'XINV-2026-0042' is not a figure of this message",
    "en | Pay before 13 March 2026.                        | '13' is not a figure of this message",
    "en | Pay within 13 days.                              | '13' is not a figure of this message",
    "en | Pay within 2 hours.                              | '2' is not a figure of this message",
    "en | Save 13% by paying today.                        | '13%' is not a figure of this message",
    "en | Pay ½ of it.                                     | '½' is not a figure of this message",
    "en | Pay ٥٠٠ of it.                                   | '٥٠٠' is not a figure of this message",
    "en | Call 020 123 4567.                               | '020' is not a figure of this message",
    "en | Pay five hundred euros now.                      | 'five hundred euros' is a figure in words",
    "en | Pay twenty-five pounds.                          | 'twenty-five pounds' is a figure in words",
    "en | Pay within five full days.                       | 'five full days' is a figure in words",
    "en | There are three open invoices.                   | 'three open invoices' is a figure in words",
    "en | Please pay by Friday.                            | 'Friday' names a day",
    "en | Please pay tomorrow.                             | 'tomorrow' names a day",
    "en | Please pay by the end of May.                    | 'end of May' names a day",
    "en | Please pay this week.                            | 'week' names a day",
    "en | We will add interest.                            | 'interest': a reminder announces no costs",
    "en | Then our lawyers take over.                      | 'lawyers': a reminder announces no costs",
    "en | You get a discount for it.                       | 'discount': what is conceded is recorded first",
    "en | Pay here: https://pay.evil.example/x             | '://' leads elsewhere",
    "en | Pay at www.evil.test please.                     | 'www.' leads elsewhere",
    "en | Write to me@evil.test instead.                   | '@' leads elsewhere",
    "en | Pay at evil.com please.                          | 'evil.com' leads elsewhere",
    "en |                                                  | There are no words",
    "nl | Betaal vijfhonderd euro.                         | 'vijfhonderd euro' is a figure in words",
    "nl | Betaal binnen vijfentwintig dagen.               | 'vijfentwintig dagen' is a figure in words",
    "nl | Betaal uiterlijk vrijdag.                        | 'vrijdag' names a day",
    "nl | Anders komen er incassokosten bij.               | 'incassokosten': a reminder announces no costs",
    "nl | U krijgt uitstel.                                | 'uitstel': what is conceded is recorded first",
    "nl | Betaal € 1.240,05.                               | '1.240,05' is not a figure of this message",
    "de | Zahlen Sie zweihundert Euro.                     | 'zweihundert Euro' is a figure in words",
    "de | Zahlen Sie bis Freitag.                          | 'Freitag' names a day",
    "de | Sonst fallen Verzugszinsen an.                   | 'Verzugszinsen': a reminder announces no costs",
    "de | Sie erhalten Skonto.                             | 'Skonto': what is conceded is recorded first",
    "fr | Payez deux cents euros.                          | 'deux cents euros' is a figure in words",
    "fr | Payez avant vendredi.                            | 'vendredi' names a day",
    "fr | Sinon un huissier viendra.                       | 'huissier': a reminder announces no costs",
    "fr | Vous aurez une remise.                           | 'remise': what is conceded is recorded first",
    "xx | Bitte bis Freitag.                               | 'Freitag' names a day",
])  # fmt: skip
def test_what_is_not_the_messages_own_is_refused_and_named(line: str) -> None:
    language, words, told = (part.strip() for part in line.split("|"))
    with pytest.raises(NotOwnWords) as refused:
        check_own_words(words, facts=FACTS.get(language, ()), said=SAID.get(language, ""), language=language)
    assert refused.value.sentence.startswith(told)


def test_a_letter_is_not_written_into_a_reminder() -> None:
    check("en", "a" * WORDS_MAX)
    with pytest.raises(NotOwnWords, match="601 characters; 600 is the most"):
        check("en", "a" * (WORDS_MAX + 1))


def test_no_fact_of_another_message_is_known() -> None:
    with pytest.raises(NotOwnWords, match="is not a figure of this message"):
        check_own_words("Invoice INV-2026-0042 is open.", facts=(), said="", language="en")


@given(st.sampled_from(sorted(FACTS)), st.integers(0, 99_999), st.text(" abcxyz.,;()", max_size=12), st.text(" abcxyz.,;()", max_size=12))  # fmt: skip
def test_no_other_number_gets_in_whatever_stands_around_it(language: str, number: int, before: str, after: str) -> None:
    assume(str(number) not in ("13", "2"))
    with pytest.raises(NotOwnWords):
        check(language, f"{before}{number}{after}")


@given(st.sampled_from(sorted(FACTS)), st.data())
def test_a_figure_with_one_digit_changed_is_another_figure(language: str, data: st.DataObject) -> None:
    fact = data.draw(st.sampled_from([one for one in FACTS[language] if len(one) > 4]))
    at = data.draw(st.sampled_from([place for place, sign in enumerate(fact) if sign.isdigit()]))
    digit = data.draw(st.sampled_from([one for one in "0123456789" if one != fact[at]]))
    with pytest.raises(NotOwnWords):
        check(language, f"Pay: {fact[:at]}{digit}{fact[at + 1 :]}")
