"""In what mood messages are, and ordinary words that carry none."""

from __future__ import annotations

import pytest

from bot.embedded.understanding import understand


@pytest.mark.parametrize("line", [
    "angry | you are a bunch of clowns", "angry | this company is a joke", "angry | ben er klaar mee, waar blijft het", "angry | jullie zijn oplichters",
    "angry | mir reicht's jetzt", "angry | so eine Schweinerei", "angry | y en a marre de vous", "angry | c'est pas sérieux du tout", "angry | ffs where is it",
    "legal | see you in court", "legal | we are taking you to court over this", "legal | dan gaan we naar de rechter", "legal | ik doe aangifte bij de politie",
    "legal | wir gehen vors Gericht", "legal | je vais porter plainte", "legal | our solicitors will be in touch",
    "bereaved | my father suddenly died in March", "bereaved | the owner has recently died", "bereaved | my mother-in-law passed away", "bereaved | he is seriously ill",
    "bereaved | mijn vader is gestorven", "bereaved | onze zaakvoerder is overleden", "bereaved | mein Chef ist letzte Woche gestorben", "bereaved | mon mari est mort en janvier",
    "bereaved | I have cancer and I am in chemotherapy", "bereaved | ik ben weduwe sinds mei", "bereaved | suite au décès de la gérante",
    "insolvent | the company is in administration", "insolvent | we zijn failliet verklaard", "insolvent | wir haben Insolvenz angemeldet", "insolvent | nous avons déposé le bilan",
    "insolvent | I'm the liquidator of Barlow Ltd", "insolvent | ik zit in de schuldsanering",
    "worried | I'm worried about this reminder", "worried | ik maak me zorgen over die aanmaning", "worried | ich mache mir Sorgen wegen der Mahnung", "worried | je suis très inquiète",
    "worried | ik lig er wakker van", "worried | this letter is stressing me out", "worried | j'ai peur de recevoir un huissier",
    "vulnerable | I can't afford food this week", "vulnerable | after this bill I cannot pay for my medicine", "vulnerable | I'm losing my home", "vulnerable | I just want to die",
    "vulnerable | I can't go on like this", "vulnerable | my husband beats me and took the cards", "vulnerable | my mother has dementia and ordered this",
    "vulnerable | ik heb geen geld voor boodschappen", "vulnerable | ik zie het niet meer zitten", "vulnerable | we worden uit huis gezet", "vulnerable | ik zit thuis met een burn-out",
    "vulnerable | ich kann meine Medikamente nicht bezahlen", "vulnerable | ich weiß nicht mehr weiter", "vulnerable | ich habe Depressionen", "vulnerable | uns droht die Zwangsräumung",
    "vulnerable | je ne peux plus payer mes courses", "vulnerable | j'ai envie de mourir", "vulnerable | je suis au bout du rouleau", "vulnerable | mon ex est violent avec moi",
])  # fmt: skip
def test_a_mood_is_heard_in_what_people_say(line: str) -> None:
    mood, text = line.split(" | ")
    understood = understand(text)
    moods = {
        "angry": understood.is_angry, "legal": understood.is_legal_threat, "bereaved": understood.is_bereaved,
        "insolvent": understood.is_insolvent, "worried": understood.is_worried, "vulnerable": understood.is_vulnerable,
    }  # fmt: skip
    assert moods[mood]
    assert understood.is_grave == (understood.is_bereaved or understood.is_insolvent)


@pytest.mark.parametrize("text", [
    "my printer died", "the battery is dead", "the battery has died", "dead stock returned", "kill the order", "we went to court tennis", "two tennis courts to deliver",
    "tell me a joke about invoices", "I work in administration", "is it worth the money", "no worries at all", "don't worry about the box", "no rush, just curious",
    "deadline for the payment", "the lights died after a week", "this wait is killing me", "I could kill for a coffee", "home delivery slot lost", "the food was late",
    "the father of all orders", "court date of the hall booking", "I am concerned with purchasing here", "stroke of luck that it arrived", "we are a food wholesaler",
    "de accu is dood", "de printer is overgegaan", "is het pakket al bezorgd", "is mijn bestelling vandaag bezorgd?", "twee dozen advocaat besteld", "geen zorgen hoor", "dood spoor",
    "het kan geen kwaad om te vragen", "de bestelling is in de war", "jullie hebben het mis", "de kruiden zijn dood aangekomen", "man wat een grote doos", "dode voorraad",
    "die Batterie ist tot", "saure Gurken bestellt", "Gurken sauer eingelegt", "keine Sorge, das eilt nicht", "ist es unmöglich am Freitag zu liefern?",
    "5 % Nachlass bekommen wir sonst auch", "Flusskrebse und Krebssuppe", "kann ich nicht mehr finden", "Angebot für Gerichte im Restaurant", "Besorgung für morgen",
    "l'imprimante est morte", "la batterie est morte", "deux caisses d'avocats bio", "pas de panique, c'est juste une question", "ne vous inquiétez pas", "stock mort",
    "le courrier est arrivé", "on a mangé au restaurant", "la femme de ménage a reçu le colis",
])  # fmt: skip
def test_ordinary_words_carry_no_mood(text: str) -> None:
    understood = understand(text)
    moods = (
        understood.is_angry, understood.is_legal_threat, understood.is_grave, understood.is_worried, understood.is_vulnerable,
    )  # fmt: skip
    assert moods == (False,) * 5
