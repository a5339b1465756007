"""Which days a message names."""

from __future__ import annotations

from datetime import date
from itertools import pairwise
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.embedded.days_said import days_found, days_said
from o2c_core.days import show, show_short

MONDAY = date(2026, 3, 16)
TABLE = [
    "en  | I'll pay today | 2026-03-16",
    "en  | I pay tomorrow | 2026-03-17",
    "en  | the day after tomorrow | 2026-03-18",
    "en  | tmrw morning | 2026-03-17",
    "en  | on Friday | 2026-03-20",
    "en  | firday | 2026-03-20",
    "en  | this Friday | 2026-03-20",
    "en  | next Friday | 2026-03-27?",
    "en@2026-03-19 | next Friday | 2026-03-27?",
    "en@2026-03-20 | next Tuesday | 2026-03-24",
    "en@2026-03-20 | on Friday | 2026-03-27?",
    "en  | coming Thursday | 2026-03-19",
    "en  | next week Wednesday | 2026-03-25",
    "en  | Wednesday next week | 2026-03-25",
    "en  | wed next week | 2026-03-25",
    "en  | by the end of the month | 2026-03-31",
    "en  | end of next month | 2026-04-30",
    "en  | end of the week | 2026-03-20?",
    "en  | by the end of next week | 2026-03-27?",
    "en  | next week | 2026-03-27?",
    "en  | after the weekend | 2026-03-23?",
    "en  | in two weeks | 2026-03-30",
    "en  | within 10 days | 2026-03-26",
    "en  | within 5 working days | 2026-03-23?",
    "en  | in a week | 2026-03-23",
    "en  | in a few days | 2026-03-19?",
    "en  | a week from Friday | 2026-03-27",
    "en  | Friday in a week | 2026-03-27",
    "en  | Friday week | 2026-03-27",
    "en  | on the 15th | 2026-04-15",
    "en  | the 20th works for me | 2026-03-20",
    "en  | by the 20th please | 2026-03-20",
    "en  | the 1st of next month | 2026-04-01",
    "en  | the 15th of next month | 2026-04-15",
    "en  | first of April | 2026-04-01",
    "en  | 3 April | 2026-04-03",
    "en  | April 3rd, 2026 | 2026-04-03",
    "en  | Friday 3 April | 2026-04-03",
    "en  | Thursday 3 April | 2026-04-03?",
    "en  | Friday the 20th | 2026-03-20",
    "en  | 2026-04-03 | 2026-04-03",
    "en  | 3-4-2026 | 2026-04-03",
    "en  | 03/04/2026 | 2026-04-03?",
    "en  | 25/04/2026 | 2026-04-25",
    "en  | on 3/4 | 2026-04-03?",
    "en  | I paid 3/4 of the order | ",
    "en  | 24/7 | ",
    "en< | I paid on Friday | 2026-03-13",
    "en< | paid last Friday | 2026-03-13",
    "en< | I paid on the 3rd | 2026-03-03",
    "en< | paid on 28 February | 2026-02-28",
    "en< | yesterday | 2026-03-15",
    "en< | 3 days ago | 2026-03-13",
    "en< | a week ago | 2026-03-09",
    "en  | the 2nd invoice | ",
    "en  | the 1st reminder | ",
    "en  | I may 3 boxes | 2026-05-03",
    "en  | 20 chairs in March | ",
    "en  | invoice 2044 due in 3 weeks | 2026-04-06",
    "en  | mid April | 2026-04-15?",
    "en  | beginning of next month | 2026-04-01?",
    "en  | around the 20th | 2026-03-20?",
    "en  | not before the weekend | 2026-03-20?",
    "en  | end of April | 2026-04-30",
    "en  | eom | 2026-03-31",
    "en  | the last day of the month | 2026-03-31",
    "en  | I am 15 | ",
    "en  | on fridays we pay | ",
    "en  | in March 2026 | ",
    "en  | on sat | 2026-03-21",
    "en  | I can pay 500 on 1 April and the rest on 1 May | 2026-04-01, 2026-05-01",
    "en  | will transfer it Friday or Tuesday | 2026-03-20, 2026-03-17",
    "en  | ten days from now | 2026-03-26",
    "en  | a week from today | 2026-03-23",
    "en  | Mar 20, 2026 | 2026-03-20",
    "en  | 20 Mar 26 | 2026-03-20",
    "en  | 20 Mar '27 | 2027-03-20",
    "en  | 20/3/26 | 2026-03-20",
    "en  | INV-2026-0042 and order 1003 | ",
    "en  | call me at 10.30 | ",
    "en  | 21.50 on 20.03.2026 | 2026-03-20",
    "en  | 31st | 2026-03-31",
    "en  | on the 31st of next month | 2026-04-30?",
    "en  | 29 February | 2028-02-29?",
    "en  | week 14 | 2026-04-03?",
    "en  | by EOM | 2026-03-31",
    "en  | i'll pay fri | 2026-03-20",
    "nl  | doe maar zo | ",
    "en  | 2-3 weeks | ",
    "en  | payment terms of 30 days | ",
    "en  | before the end of the year | 2026-12-31",
    "nl  | vandaag | 2026-03-16",
    "nl  | morgen | 2026-03-17",
    "nl  | ik betaal morgenochtend | 2026-03-17",
    "nl  | Goede morgen, waar is mijn order | ",
    "nl  | Morgen! waar is mijn order | ",
    "nl  | overmorgen | 2026-03-18",
    "nl  | vrijdag | 2026-03-20",
    "nl  | vrydag | 2026-03-20",
    "nl  | aanstaande vrijdag | 2026-03-20",
    "nl  | vrijdag a.s. | 2026-03-20",
    "nl  | komende woensdag | 2026-03-18",
    "nl  | volgende vrijdag | 2026-03-27?",
    "nl  | volgende week woensdag | 2026-03-25",
    "nl  | woensdag volgende week | 2026-03-25",
    "nl  | eind van de maand | 2026-03-31",
    "nl  | eind deze maand | 2026-03-31",
    "nl  | eind volgende maand | 2026-04-30",
    "nl  | aan het einde van de week | 2026-03-20?",
    "nl  | begin volgende maand | 2026-04-01?",
    "nl  | begin volgende week | 2026-03-23?",
    "nl  | binnen 10 dagen | 2026-03-26",
    "nl  | over een week | 2026-03-23",
    "nl  | over twee weken | 2026-03-30",
    "nl  | vrijdag over een week | 2026-03-27",
    "nl  | de 15e | 2026-04-15",
    "nl  | op de 20ste | 2026-03-20",
    "nl  | de 1e van de maand | 2026-04-01",
    "nl  | de 15e van volgende maand | 2026-04-15",
    "nl  | na het weekend | 2026-03-23?",
    "nl  | eind april | 2026-04-30",
    "nl  | half april | 2026-04-15?",
    "nl  | 3 april | 2026-04-03",
    "nl  | 3 mrt | 2027-03-03?",
    "nl< | 3 mrt betaald | 2026-03-03",
    "nl  | 03/04 | 2026-04-03",
    "nl  | op 12.04 | 2026-04-12",
    "nl  | op vr | 2026-03-20",
    "nl  | ik ben hier | ",
    "nl< | vorige week vrijdag betaald | 2026-03-13",
    "nl< | gisteren | 2026-03-15",
    "nl< | eergisteren | 2026-03-14",
    "nl< | drie dagen geleden | 2026-03-13",
    "nl  | een paar dagen | ",
    "nl  | over een paar dagen | 2026-03-19?",
    "nl  | de 2e herinnering | ",
    "nl  | geef me nog 10 dagen | 2026-03-26?",
    "nl  | wo 25 maart | 2026-03-25",
    "nl  | 2-3 weken | ",
    "nl  | voor vrijdag | 2026-03-20",
    "nl  | uiterlijk vrijdag 20 maart 2026 | 2026-03-20",
    "nl  | week 14 | 2026-04-03?",
    "nl  | ultimo april | 2026-04-30",
    "nl  | eind v/d maand | 2026-03-31",
    "nl  | eind vd maand | 2026-03-31",
    "nl  | volgende maand | 2026-04-30?",
    "nl  | vrijdag 20/3 | 2026-03-20",
    "nl  | 20-03 | ",
    "nl  | op 20-03 | 2026-03-20",
    "nl  | 1 april a.s. | 2026-04-01",
    "nl  | met 2 weken | ",
    "nl  | over anderhalve week | ",
    "nl  | over 14 dgn | 2026-03-30",
    "nl  | donderdg | 2026-03-19",
    "nl  | woensdg | 2026-03-18",
    "de  | heute | 2026-03-16",
    "de  | morgen | 2026-03-17",
    "de  | morgen früh | 2026-03-17",
    "de  | Guten Morgen | ",
    "de  | heute Morgen | 2026-03-16",
    "de  | übermorgen | 2026-03-18",
    "de  | am Freitag | 2026-03-20",
    "de  | nächsten Freitag | 2026-03-20?",
    "de  | kommenden Freitag | 2026-03-20",
    "de  | diesen Freitag | 2026-03-20",
    "de  | nächste Woche Mittwoch | 2026-03-25",
    "de  | Mittwoch nächster Woche | 2026-03-25",
    "de  | nächste Woche | 2026-03-27?",
    "de  | Ende des Monats | 2026-03-31",
    "de  | Monatsende | 2026-03-31",
    "de  | bis Ende nächsten Monats | 2026-04-30",
    "de  | Ende der Woche | 2026-03-20?",
    "de  | Anfang nächster Woche | 2026-03-23?",
    "de  | in zwei Wochen | 2026-03-30",
    "de  | innerhalb von 10 Tagen | 2026-03-26",
    "de  | in einer Woche | 2026-03-23",
    "de  | am 15. | 2026-04-15",
    "de  | am 20. zahle ich | 2026-03-20",
    "de  | bis zum 20. | 2026-03-20",
    "de  | zum 1. des nächsten Monats | 2026-04-01",
    "de  | am Ersten des Monats | 2026-04-01",
    "de  | nach dem Wochenende | 2026-03-23?",
    "de  | Mitte April | 2026-04-15?",
    "de  | 3. April | 2026-04-03",
    "de  | am 3. April 2026 | 2026-04-03",
    "de  | 03.04.2026 | 2026-04-03",
    "de  | am 12.04. | 2026-04-12",
    "de  | bis 12.04. bitte | 2026-04-12",
    "de< | vor drei Tagen | 2026-03-13",
    "de< | letzten Freitag bezahlt | 2026-03-13",
    "de< | vorgestern | 2026-03-14",
    "de  | vor Freitag | 2026-03-20",
    "de  | bis 15 Uhr | ",
    "de  | bis 15 Stück | ",
    "de  | am Mi | 2026-03-18",
    "de  | Freitag in einer Woche | 2026-03-27",
    "de  | die 2. Mahnung | ",
    "de  | in ein paar Tagen | 2026-03-19?",
    "de  | Feiertag | ",
    "de  | nächste Woche Freitag | 2026-03-27",
    "de  | Freitag nächste Woche | 2026-03-27",
    "de  | spätestens am Freitag, den 20. März 2026 | 2026-03-20",
    "de  | Donerstag | 2026-03-19",
    "de  | in 14 Tagen | 2026-03-30",
    "de  | vom 3.4. bis 5.4. | 2026-04-03, 2026-04-05",
    "de  | Rechnung 4711 vom 03.04.2026 | 2026-04-03",
    "fr  | aujourd'hui | 2026-03-16",
    "fr  | demain matin | 2026-03-17",
    "fr  | après-demain | 2026-03-18",
    "fr  | après demain | 2026-03-18",
    "fr  | vendredi | 2026-03-20",
    "fr  | vendredi prochain | 2026-03-20?",
    "fr  | ce vendredi | 2026-03-20",
    "fr  | mercredi de la semaine prochaine | 2026-03-25",
    "fr  | la semaine prochaine | 2026-03-27?",
    "fr  | fin du mois | 2026-03-31",
    "fr  | à la fin du mois prochain | 2026-04-30",
    "fr  | fin de semaine | 2026-03-20?",
    "fr  | début du mois prochain | 2026-04-01?",
    "fr  | dans deux semaines | 2026-03-30",
    "fr  | sous 10 jours | 2026-03-26",
    "fr  | d'ici 10 jours | 2026-03-26",
    "fr  | d'ici vendredi | 2026-03-20",
    "fr  | d'ici la fin du mois | 2026-03-31",
    "fr  | le 15 | 2026-04-15",
    "fr  | le 20 de ce mois | 2026-03-20",
    "fr  | le 15 du mois prochain | 2026-04-15",
    "fr  | le 1er avril | 2026-04-01",
    "fr  | le 3 avril 2026 | 2026-04-03",
    "fr  | le premier du mois | 2026-04-01",
    "fr  | après le week-end | 2026-03-23?",
    "fr  | mi-avril | 2026-04-15?",
    "fr  | fin avril | 2026-04-30",
    "fr  | 03/04/2026 | 2026-04-03",
    "fr  | vendredi en huit | 2026-03-27",
    "fr< | il y a 3 jours | 2026-03-13",
    "fr< | vendredi dernier | 2026-03-13",
    "fr< | hier | 2026-03-15",
    "fr< | avant-hier | 2026-03-14",
    "fr  | la 2e facture | ",
    "fr  | le 2 colis | ",
    "fr  | dans les 10 jours | 2026-03-26",
    "fr  | sous 5 jours ouvrés | 2026-03-23?",
    "fr  | dans quelques jours | 2026-03-19?",
    "fr  | avant vendredi | 2026-03-20",
    "fr  | payer 15 euros | ",
    "fr  | au plus tard vendredi | 2026-03-20",
    "fr  | vendredi 20 mars | 2026-03-20",
    "fr  | jusqu'au 20 | 2026-03-20",
    "fr  | commande du 3 avril | 2026-04-03",
    "fr  | le 20/03 | 2026-03-20",
    "fr  | dès lundi | 2026-03-23?",
    "fr  | vendrdi | 2026-03-20",
    "fr  | fin de l'année | 2026-12-31",
]  # fmt: skip
LOCALES = {
    "nl_NL": "nl",
    "nl_BE": "nl",
    "en_GB": "en",
    "en_US": "en",
    "de_DE": "de",
    "de_AT": "de",
    "fr_FR": "fr",
    "fr_BE": "fr",
}


@pytest.mark.parametrize("line", TABLE)
def test_days_in_words_and_figures_are_read_and_a_question_mark_says_which_are_not_sure(line: str) -> None:
    """A "<" after the language looks back, as for "I paid on Friday"; the day after "@" is today, else a Monday."""
    spoken, text, wanted = (piece.strip() for piece in line.split(" |"))
    spoken, _, today = spoken.partition("@")
    prefer: Literal["future", "past"] = "past" if spoken.endswith("<") else "future"
    found = days_said(
        text,
        language=spoken.removesuffix("<"),
        today=date.fromisoformat(today) if today else MONDAY,
        prefer=prefer,
    )
    assert ", ".join(f"{said.on}{'' if said.is_sure else '?'}" for said in found) == wanted


@pytest.mark.parametrize("line", [
    "nl NL 03/04/2026 -> 2026-04-03",
    "fr BE 03/04/2026 -> 2026-04-03",
    "en GB 03/04/2026 -> 2026-04-03",
    "en NL 03/04/2026 -> 2026-04-03?",
    "en US 03/04/2026 -> 2026-03-04",
    "nl US 03/04/2026 -> 2026-03-04?",
    "en US 04/25/2026 -> 2026-04-25",
    "en NL 04/25/2026 -> 2026-04-25",
    "en NL 3-4-2026 -> 2026-04-03",
    "en NL 03/03/2026 -> 2026-03-03",
    "en US 3.4.2026 -> 2026-04-03",
    "en US 2026-04-03 -> 2026-04-03",
    "en NL 31/02/2026 -> ",
])  # fmt: skip
def test_which_of_two_figures_is_the_day_is_sure_where_language_or_country_says_so(line: str) -> None:
    said, _, wanted = line.partition(" -> ")
    language, country, text = said.split()
    found = days_said(text, language=language, today=MONDAY, country=country)
    assert ", ".join(f"{one.on}{'' if one.is_sure else '?'}" for one in found) == wanted


@pytest.mark.parametrize("line", [
    "I pay by next Friday, promised | next Friday",
    "the rest on the 15th of April. | 15th of April",
    "ik betaal uiterlijk vrijdag 20 maart! | vrijdag 20 maart",
    "am Freitag, den 20. März 2026, zahle ich | Freitag, den 20. März 2026",
    "d'ici la fin du mois svp | fin du mois",
])  # fmt: skip
def test_the_words_of_a_day_are_kept_as_they_were_written(line: str) -> None:
    text, _, wanted = line.partition(" | ")
    assert [said.text for said in days_said(text, language="en", today=MONDAY)] == [wanted]


@pytest.mark.parametrize("language", ["en", "nl", "de", "fr", "other"])
def test_days_are_read_whatever_language_the_message_was_taken_for(language: str) -> None:
    for text in ("overmorgen", "übermorgen", "après-demain", "woensdag", "Mittwoch", "mercredi", "wednesday"):
        assert [said.on for said in days_said(text, language=language, today=MONDAY)] == [date(2026, 3, 18)]


@given(
    st.dates(date(1995, 1, 1), date(2095, 12, 31)),
    st.sampled_from(sorted(LOCALES)),
    st.dates(date(2020, 1, 1), date(2040, 1, 1)),
)
def test_a_day_we_wrote_is_read_back_as_that_day(day: date, locale: str, today: date) -> None:
    language, country = LOCALES[locale], locale[-2:]
    for shown in (show(day, locale), show_short(day, locale)):
        (said,) = days_said(f"({shown})", language=language, today=today, country=country)
        assert (said.on, said.is_sure) == (day, True)


_PIECES = [text.split(" |")[1].strip() for text in TABLE] + [
    " ",
    ", ",
    " and ",
    "\u0130",
    "\0",
    "2026",
    "99",
    "31.12.",
    "-",
    "\n",
]


@given(
    st.lists(st.sampled_from(_PIECES) | st.text(max_size=8), max_size=8).map(" ".join),
    st.sampled_from(["en", "nl", "de", "fr", "other"]),
    st.dates(),
    st.sampled_from(["NL", "US", "GB"]),
    st.sampled_from(["future", "past"]),
)
def test_any_text_is_read_without_error_and_no_words_are_two_days(
    text: str, language: str, today: date, country: str, prefer: Literal["future", "past"]
) -> None:
    found = days_found(text, language=language, today=today, country=country, prefer=prefer)
    assert all(text[slice(*place)] == said.text for place, said in found)
    assert all(first[1] <= second[0] for (first, _), (second, _) in pairwise(found))


@given(st.text(), st.dates())
def test_letters_of_any_script_are_no_error(text: str, today: date) -> None:
    days_said(text, language="nl", today=today)


@given(st.sampled_from(_PIECES), st.dates(date(2020, 1, 1), date(2040, 1, 1)))
def test_a_sure_day_is_not_in_the_past_for_who_promises(text: str, today: date) -> None:
    back = (
        "ago",
        "geleden",
        "vor ",
        "il y a",
        "yester",
        "gister",
        "gestern",
        "hier",
        "last",
        "vorige",
        "letzt",
        "dernier",
        "202",
        "26",
        "27",
    )
    if not any(word in text for word in back):
        assert all(said.on >= today for said in days_said(text, language="en", today=today) if said.is_sure)
