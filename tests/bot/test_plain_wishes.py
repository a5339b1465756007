"""What people say in so many words is heard as that, and its near neighbours are not."""

import pytest

from bot.plain_wishes import calls_it_complaint, is_not_the_one, wants_more, wants_no_more


@pytest.mark.parametrize("words", [
    "stop texting me about this", "No more emails please", "Do not email me again", "Now stop sending these reminders please",
    "Stop nu met die herinneringen aub", "Geen mails meer aub", "Stuur mij geen betalingsherinneringen meer",
    "Bitte senden Sie mir keine Zahlungserinnerungen mehr.", "Keine Mails mehr bitte", "hören sie auf mir zu schreiben",
    "arrêtez de m'écrire", "Plus de mails svp", "Arrêtez maintenant ces rappels svp", "ne m'envoyez plus rien",
])  # fmt: skip
def test_who_wants_no_more_is_heard(words: str) -> None:
    assert (wants_no_more(words), wants_more(words)) == (True, False)


@pytest.mark.parametrize("words", [
    "Please don't stop sending reminders", "Stop niet met herinneren, dat is handig", "Hören Sie nicht auf, mich zu erinnern",
    "N'arrêtez pas ces rappels",
])  # fmt: skip
def test_who_wants_them_to_go_on_is_not_taken_to_stop_them(words: str) -> None:
    assert (wants_no_more(words), wants_more(words)) == (False, True)


@pytest.mark.parametrize("words", [
    "The delivery had to stop at the gate", "I got no more boxes", "Your mails stop halfway", "geen factuur meer nodig",
    "Wir haben keine Ware mehr", "Il n'y a plus de stock",
])  # fmt: skip
def test_a_stop_of_something_else_is_none(words: str) -> None:
    assert not wants_no_more(words)


@pytest.mark.parametrize("words", [
    "wrong number mate", "I left the company in January", "I'm not the person responsible for this", "I don't work there any more",
    "Daar ga ik niet over", "Ik ben in januari uit dienst gegaan", "ik heb het verkeerde nummer? nee jullie, verkeerd nummer",
    "Ich bin dafür nicht der richtige Ansprechpartner", "dafür bin ich nicht zuständig", "Ich bin im Januar ausgeschieden",
    "mauvais numéro", "ce n'est pas moi qui m'en occupe", "J'ai quitté l'entreprise en janvier",
])  # fmt: skip
def test_who_says_to_be_the_wrong_person_is_heard(words: str) -> None:
    assert is_not_the_one(words)


@pytest.mark.parametrize("words", [
    "The goods were broken so no, I'm not paying this", "wrong PO number", "mauvais numéro de commande", "Alles war kaputt",
    "niet betaald", "I work there every day",
])  # fmt: skip
def test_what_is_wrong_with_something_else_is_not_about_the_person(words: str) -> None:
    assert not is_not_the_one(words)


@pytest.mark.parametrize(("words", "is_one"), [
    ("I want to make a complaint", True), ("Ik wil een klacht indienen", True), ("Ich möchte mich beschweren", True),
    ("Je veux faire une réclamation", True), ("I dispute this invoice", False), ("Wij betwisten deze factuur", False),
])  # fmt: skip
def test_what_is_called_a_complaint_is_one(words: str, is_one: bool) -> None:
    assert calls_it_complaint(words) is is_one
