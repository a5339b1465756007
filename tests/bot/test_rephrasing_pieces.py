"""Sensible other words for a reminder get in, in every language; a figure, day, name or meaning of their own does not."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import o2c_core.reminders.own_words as own_words
from bot.model.inventions import INVENTIONS
from bot.rephrasing import against
from bot.rephrasing_pieces import pieces_of
from o2c_core.customers.customer import LANGUAGES
from o2c_core.reminders.prose import PlacedProse
from tests.bot.test_rephrasing import BROKEN, NO_HISTORY, placed

LINES = Path(__file__).with_name("rephrasings.tsv").read_text(encoding="utf-8").splitlines()
PLACES = {"number": "f1", "amount": "f2", "date": "f3", "days": "f4", "by": "f5", "promised": "f5", "on": "f6"}
ARTICLES = {"en": {"a", "an"}, "nl": {"een"}, "de": {"ein", "eine", "einen", "einem", "einer"}, "fr": {"un", "une"}}


@cache
def read(line: str) -> tuple[str, PlacedProse, str, str]:
    """Language, the approved paragraphs, and the two in other words with the facts' own marks."""
    language, step, *paragraphs = line.split("\t")
    prose = placed("first", language, BROKEN) if step == "broken" else placed(step, language, NO_HISTORY)
    for name, mark in PLACES.items():
        paragraphs = [one.replace(f"{{{name}}}", f"{{{mark}}}") for one in paragraphs]
    return language, prose, *paragraphs  # type: ignore[return-value]


@pytest.mark.parametrize("line", LINES)
def test_other_words_that_mean_the_same_are_taken(line: str) -> None:
    language, prose, opening, ask = read(line)
    assert against(f"{opening}\n\n{ask}", prose, language) is None


def test_there_are_as_many_in_every_language() -> None:
    assert {language: sum(line.startswith(language) for line in LINES) for language in LANGUAGES} == {
        "en": 16, "nl": 15, "de": 16, "fr": 16,
    }  # fmt: skip


@cache
def numbers_in_words(language: str) -> list[str]:
    file = Path(own_words.__file__).parent / "kept_out" / f"{language}.toml"
    said = tomllib.loads(file.read_text(encoding="utf-8"))
    listed = f"{said['numbers']} {said['days']}".replace("*", "").split()
    return sorted({one for one in listed if one not in ARTICLES[language]})


FIGURES = (
    "5", "€5.00", "1.240,50", "EUR 12", "12%", "2026", "14", "15/03", "3-4-2026", "V", "²", "１２",
    "NL91ABNA0417164300", "GB29 NWBK 6016 1331 9268 19", "INV-2026-0043", "PO4711", "+31612345678",
    "Jansen", "Anna", "ING", "www.example.com", "pay@example.com", "https://example.com", "example.com",
)  # fmt: skip
MEANINGS = {
    "en": ("not", "never", "no longer", "paid", "received", "cancelled", "free", "twice", "wrong", "interest", "court",
           "discount", "tomorrow", "soon", "double", "all"),
    "nl": ("niet", "nooit", "betaald", "ontvangen", "geannuleerd", "gratis", "dubbel", "rente", "incasso", "korting", "morgen"),
    "de": ("nicht", "nie", "bezahlt", "erhalten", "storniert", "kostenlos", "doppelt", "zinsen", "inkasso", "rabatt", "morgen"),
    "fr": ("pas", "jamais", "payée", "reçu", "annulée", "gratuit", "double", "intérêts", "huissier", "remise", "demain"),
}  # fmt: skip


@given(st.data())
def test_a_figure_day_name_address_or_word_of_another_meaning_never_gets_in(data: st.DataObject) -> None:
    language, prose, *paragraphs = read(data.draw(st.sampled_from(LINES)))
    figure = st.sampled_from(FIGURES) | st.integers(0, 10**12).map(str)
    added = data.draw(figure | st.sampled_from(numbers_in_words(language)) | st.sampled_from(MEANINGS[language]))
    which = data.draw(st.integers(0, 1))
    words = paragraphs[which].split(" ")
    at = data.draw(st.integers(0, len(words)))
    paragraphs[which] = " ".join([*words[:at], added, *words[at:]])
    # In the middle of a phrase a negation may be the one that stands there already.
    assume(paragraphs[which].count(f"{added} {added}") == 0)
    assert against("\n\n".join(paragraphs), prose, language) is not None


@given(st.sampled_from(LINES), st.sampled_from(INVENTIONS), st.booleans())
def test_no_invention_gets_in_beside_other_words(line: str, invention: str, is_before: bool) -> None:
    language, prose, opening, ask = read(line)
    assume(invention.strip())
    said = f"{invention} {opening}" if is_before else f"{opening} {invention}"
    assert against(f"{said}\n\n{ask}", prose, language) is not None


@given(st.sampled_from(LINES), st.data())
def test_a_fact_never_stands_in_the_place_of_another_kind_of_fact(line: str, data: st.DataObject) -> None:
    language, prose, opening, ask = read(line)
    marks = [mark for mark in ("f1", "f2", "f3", "f4") if f"{{{mark}}}" in opening]
    one, other = data.draw(st.permutations(marks))[:2]
    swapped = opening.replace(f"{{{one}}}", "@").replace(f"{{{other}}}", f"{{{one}}}").replace("@", f"{{{other}}}")
    assert against(f"{swapped}\n\n{ask}", prose, language) is not None


@pytest.mark.parametrize("line", [
    "en | second | Invoice {f1} is not {f4} days late. The amount to pay is {f2}.           | words",
    "en | second | Invoice {f1} was due. The amount to pay is {f2}, {f4} days ago.          | words",
    "en | second | Invoice {f1} is {f2} days late. The amount to pay is {f4}.               | two sentences",
    "en | first  | Payment of invoice {f1}, {f2}, is due on {f3}.                           | does not say",
    "en | first  | We have received {f2} for invoice {f1}, which was due on {f3}.           | words",
    "en | first  | Invoice {f2} for {f1} was due on {f3}.                                   | another",
    "nl | second | Factuur {f1} is {f4} dagen te laat betaald. Het te betalen bedrag is {f2}. | words",
    "nl | first  | De betaling van {f2} voor factuur {f1} vervalt op {f3}.                  | does not say",
    "de | second | Die Rechnung {f1} ist seit {f4} Tagen bezahlt. Zu zahlen sind {f2}.      | words",
    "fr | second | La facture {f1} est payée depuis {f4} jours. Il reste {f2} à payer.      | words",
    "en | courtesy | Invoice {f1} is overdue since {f3}. The amount to pay is {f2}.         | words",
    "nl | first  | De betaling van {f3} voor factuur {f1}, die op {f2} verviel, is nog niet binnen. | another",
    "fr | first  | Nous n’avons pas reçu le paiement de {f3} pour la facture {f1}, échue le {f2}. | another",
])  # fmt: skip
def test_what_turns_the_meaning_is_refused(line: str) -> None:
    language, step, opening, why = (part.strip() for part in line.split(" | "))
    prose = placed(step, language)
    assert why in str(against(f"{opening}\n\n{prose.ask}", prose, language))


@pytest.mark.parametrize("line", [
    "en | You can pay with the details below.                                           | left out",
    "en | We pay you with the details below, a date, or what is wrong.                   | words",
    "nl | U kunt betalen met de gegevens hieronder.                                     | left out",
    "de | Sie können mit den Angaben unten bezahlen.                                    | left out",
    "fr | Vous pouvez payer avec les coordonnées ci-dessous.                            | left out",
])  # fmt: skip
def test_what_may_be_done_is_said_whole(line: str) -> None:
    language, ask, why = (part.strip() for part in line.split(" | "))
    prose = placed("second", language)
    assert why in str(against(f"{prose.opening}\n\n{ask}", prose, language))


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_words_between_the_phrases_say_nothing_by_themselves(language: str) -> None:
    kept_out = own_words._kept_out(language)
    words = pieces_of(language).words - ARTICLES[language]
    assert not {word for word in words if kept_out.number.fullmatch(word) or kept_out.days.fullmatch(word)}
    assert not {word for word in words if kept_out.legal.fullmatch(word) or any(map(str.isdigit, word))}
    assert not words & set(MEANINGS[language])
