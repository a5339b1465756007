"""What counts as a yes or a no right after we asked "Shall I do that?"."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.embedded.yes_no import yes_or_no

YES = [
    "yes", "Yes!", "YES", "yes please", "Yes, please.", "yesss", "yeah", "yep", "yup go ahead", "go ahead", "ok", "OK thanks", "okay do it", "k",
    "sure", "Sure, go ahead!", "sounds good", "sounds good, thanks", "that's fine", "that’s right", "correct", "please do", "please", "do it",
    "yes, Friday is fine", "yes friday works", "Friday is fine", "next tuesday is good", "👍", "👍🏻", "ok 👍", "yes 🙂", "✅", "perfect, thank you very much",
    "yes but where is my order", "Yes. And when does it arrive?", "yes, and where is my parcel?", "yes send it", "yes cancel it please", "alright then",
    "Yes please\n\nKind regards", "fine by me", "I agree", "no problem", "hi, yes that's correct", "yes yes yes", "great, thanks", "absolutely, please do",
    "ja", "Ja graag", "ja graag!", "jaaa", "doe maar", "Doe maar hoor", "prima zo", "prima", "klopt", "klopt, bedankt", "dat is goed", "is goed, dank je", "akkoord",
    "graag", "heel graag alstublieft", "ja hoor doe maar", "oké prima", "ja stuur maar op", "ja, vrijdag is prima", "vrijdag is goed", "ja maar waar blijft mijn bestelling",
    "ja prima, alvast bedankt, mvg", "lijkt me goed", "geen probleem", "tuurlijk", "ga je gang", "ik ga akkoord", "da's goed", "ja annuleer maar",
    "Ja bitte", "ja, bitte!", "mach das", "Machen Sie das bitte", "passt", "passt so, danke", "einverstanden", "in Ordnung", "gerne", "sehr gern", "ja klar", "jo passt",
    "alles klar, danke", "genau", "stimmt so", "geht klar", "ja, Freitag passt", "ja aber wo ist meine Bestellung?", "klingt gut", "ja mach das so", "Bin einverstanden. MfG",
    "oui", "Oui allez-y", "oui, allez-y !", "d'accord", "D’accord merci", "c'est bon pour moi", "ok pour moi", "ça marche", "ça me va", "parfait merci", "bien sûr",
    "oui s'il vous plaît", "svp", "je confirme", "oui je confirme, cordialement", "oui vendredi me va", "oui mais où est ma commande ?", "volontiers", "entendu", "pas de problème",
]  # fmt: skip

NO = [
    "no", "No.", "no thanks", "No thank you!", "nope", "nah", "leave it", "never mind", "forget it", "no, make it Monday", "no make it monday", "no, not that one",
    "no I want something else", "please don't", "don't do that", "not now", "not yet", "no way", "that's wrong", "not correct", "I've changed my mind", "no, sorry",
    "no don't", "👎", "❌", "rather not", "No, I paid it yesterday", "no need, thanks",
    "nee", "Nee hoor", "nee dank je", "nee, laat maar", "laat maar", "laat maar zitten", "toch niet", "toch maar niet", "liever niet", "doe maar niet", "klopt niet",
    "dat klopt niet", "nee, doe maar maandag", "nee maak er maandag van", "niet nodig", "hoeft niet", "nee bedankt", "nu niet", "niet akkoord", "neen",
    "nein", "Nein danke", "nein, lieber nicht", "lieber nicht", "doch nicht", "passt nicht", "stimmt nicht", "nein, am Montag", "nicht nötig", "auf keinen Fall", "vergessen Sie es",
    "bitte nicht", "nö", "nicht einverstanden", "nein ich will das nicht",
    "non", "Non merci", "non, laissez tomber", "laissez tomber", "pas maintenant", "surtout pas", "pas d'accord", "non plutôt lundi", "non, lundi", "ce n'est pas la peine",
    "ne faites rien", "j'ai changé d'avis", "pas besoin merci", "c'est faux", "bien sûr que non",
]  # fmt: skip

NEITHER = [
    "", " ", "?", "yes?", "ok?", "no?", "not yes", "yes I already paid!!", "yes and no", "yes but not today", "yes but make it Monday", "yes but only half", "yes, if it is free",
    "yes 500 euro", "yes on Tuesday", "yes, the other one", "ok but first tell me the total", "ok so why was I charged", "yes but when if not today?", "yeah right", "yes no wait",
    "no yes do it", "no, go ahead", "no idea", "no invoice received", "no one called me", "no longer with us", "no, that's fine", "thanks", "thank you very much", "hello",
    "where is my order", "Friday", "friday?", "yes 😡", "😡", "ok whatever you want is wrong", "sure, and cancel my other order", "I said yes to nothing", "yes is what I said last time",
    "yesterday", "okra", "yes or no", "do it tomorrow", "do it differently", "is that ok", "is it correct?", "right, where is my order", "that's fine but I never ordered it",
    "yes we have no bananas", "yes until Friday", "please send me the invoice", "please stop", "stop", "I want to confirm the delivery address", "SO-1003", "42",
    "ja?", "ja en nee", "ja maar niet vandaag", "ja maar eerst die andere", "ja ik heb al betaald!!", "ja dinsdag", "ja, 500 euro", "doe maar donderdag", "laat maar komen", "doe maar de helft",
    "ja als het gratis is", "klopt het dat er nog iets openstaat?", "klopt dit wel", "bedankt", "graag de factuur", "geen idee", "goed dat je het zegt", "ja maar waarom", "ja hallo zeg",
    "ok maar wat kost dat", "prima dat jullie bellen maar ik wil een mens", "goedemorgen", "nee ja doe maar", "kan dat ook morgen",
    "jein", "ja und nein", "ja, aber nicht heute", "ja, wenn es nichts kostet", "ja ich habe schon bezahlt", "ja am Dienstag", "bitte die Rechnung", "bitte stornieren", "danke", "passt das?",
    "stimmt das so?", "machen Sie das morgen", "ja aber warum", "gut dass Sie fragen", "nein doch, ja", "kein Paket erhalten", "genau das ist das Problem", "Freitag",
    "oui et non", "oui mais pas aujourd'hui", "oui si c'est gratuit", "oui j'ai déjà payé !!", "oui mardi", "merci", "bonjour", "c'est bon ?", "d'accord ?", "oui mais pourquoi",
    "non oui allez-y", "faites-le demain", "bien reçu la facture", "oui pour la moitié", "pas de facture reçue", "parfait si c'est lundi", "ça marche pas",
]  # fmt: skip


@pytest.mark.parametrize("text", YES)
def test_agreement_is_heard(text: str) -> None:
    assert yes_or_no(text) == "yes"


@pytest.mark.parametrize("text", NO)
def test_refusal_is_heard(text: str) -> None:
    assert yes_or_no(text) == "no"


@pytest.mark.parametrize("text", NEITHER)
def test_what_says_something_else_or_sets_a_condition_is_neither(text: str) -> None:
    assert yes_or_no(text) is None


@pytest.mark.parametrize(
    "limit", ["not", "only if", "unless", "niet", "alleen als", "nicht", "nur wenn", "pas", "seulement si"]
)
@given(yes=st.sampled_from([text for text in YES if len(text) < 20 and "?" not in text]))
def test_no_yes_survives_a_limit_set_behind_it(limit: str, yes: str) -> None:
    assert yes_or_no(f"{yes} {limit} Friday") != "yes"


@given(st.text(st.characters(), max_size=300))
def test_any_text_gets_an_answer(text: str) -> None:
    assert yes_or_no(text) in ("yes", "no", None)


@given(st.sampled_from(YES), st.sampled_from(NO))
def test_a_yes_with_a_no_behind_it_is_no_yes(yes: str, no: str) -> None:
    assert yes_or_no(f"{yes}. {no}") != "yes"
