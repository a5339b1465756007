"""Which language a message is written in."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

OURS = ("en", "nl", "de", "fr")
OTHER = "other"

# Languages in which customers may write and we do not answer; without them Spanish would be taken for French.
_OTHERS = ["es", "it", "pt", "ca", "ro", "pl", "cs", "sk", "sl", "hr", "hu", "tr", "sv", "da", "no", "fi", "et", "lv", "lt", "el", "bg", "ru", "uk", "ar", "he", "fa", "hi", "id", "vi", "th", "zh", "ja", "ko"]  # fmt: skip

_WORDS_FEW = 2  # up to so many words, the thread knows better than statistics
_SURE = 0.7
# How much of the probability languages we do not speak must have: short texts are often taken for Danish or Tagalog.
_OTHER_SURE, _OTHER_SURE_SHORT, _OTHER_SURE_TOLD, _OTHER_SURE_DENIED = 0.65, 0.9, 0.4, 0.93
_WORDS_SHORT = 5

# Words that are enough to know the language by, even alone. A word that two of ours share is in none of the lists.
_TELLTALE: dict[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": """hello hey thanks thank thx cheers please pls yes yeah yep yup nope the where what when why how which who is are was were
            have has my your our invoice invoices bill bills paid unpaid owe overdue balance order's refund cancel complaint delivery
            delivered shipping shipped parcel agent someone somebody human person speak talk help morning afternoon evening unsubscribe
            wrong correct right sure status update payment statement and for with not don't can't it's i'm i've i they this that""",
        "nl": """hoi hallootjes goedemorgen goedemiddag goedenavond goeiemorgen goedendag dag bedankt dankjewel dankuwel dankje danku
            alstublieft alsjeblieft aub graag ja jawel nee neen klopt akkoord prima oké waar wat wanneer waarom hoe welke wie is het een
            de van mijn jullie uw onze ik wij je u niet geen nog wel factuur facturen rekening rekeningen betaald betalen betaling
            openstaand openstaande saldo bestelling bestellingen besteld levering geleverd verzonden pakket pakketje zending klacht
            medewerker mens iemand spreken terugbellen annuleren afmelden uitschrijven herinnering aanmaning betaallink
            rekeningoverzicht creditnota fout onjuist laatste alle zijn en met voor naar op""",
        "de": """guten tag moin servus grüß gruß danke dankeschön vielen bitte ja nein doch stimmt richtig genau einverstanden wo was wann
            warum wie welche welcher wer ist das der die den dem ein eine mein meine meiner ihre unsere ich wir sie nicht kein keine noch
            rechnung rechnungen bezahlt bezahlen zahlung überweisung überwiesen offen offene kontostand saldo bestellung bestellungen
            bestellt lieferung geliefert versandt versendet paket sendung beschwerde reklamation mitarbeiter mensch jemand sprechen
            rückruf stornieren abmelden abbestellen mahnung zahlungslink kontoauszug gutschrift falsch letzte alle und mit für auf
            morgen bist kannst kennst dir ihnen""",
        "fr": """bonjour bonsoir salut coucou merci svp stp plaît oui non d'accord daccord exact où quoi quand pourquoi comment quelle
            quelles quel quels qui est le la les des du un une mon ma mes votre notre nos vos je nous vous pas facture factures payé payée
            payer paiement virement solde dû commande commandes commandé livraison livré livrée expédié colis suivi réclamation plainte
            conseiller humain quelqu'un parler rappeler annuler désabonner désinscrire rappel relevé avoir remboursement dernière toutes
            tous et avec pour sur c'est moi appelle""",
        OTHER: """hola gracias buenos buenas días tardes pedido dónde cuánto cuándo grazie buongiorno buonasera salve fattura
            ordine dov'è quanto olá obrigado obrigada bom dia encomenda fatura onde dzień dobry cześć dziękuję zamówienie faktura gdzie
            merhaba selam teşekkürler sipariş siparişim fatura nerede hej tack beställning hei takk tak bestilling mulțumesc bună comanda
            ahoj děkuji objednávka szia köszönöm rendelésem kiitos здравствуйте привет спасибо заказ дякую""",
    }.items()
}
_SHARED = frozenset(
    word
    for word in frozenset[str]().union(*_TELLTALE.values())
    if sum(word in words for words in _TELLTALE.values()) > 1
)

# Words that travel: in a thread in another language they say nothing.
_BORROWED = frozenset(
    [
        "agent",
        "human",
        "unsubscribe",
        "update",
        "status",
        "statement",
        "thx",
        "thanks",
        "thank",
        "you",
        "pls",
        "please",
        "hey",
        "hello",
        "invoice",
        "cancel",
        "refund",
        "nope",
        "merci",
        "salut",
        "ciao",
        "moin",
        "no",
        "yes",
        "ok",
        "sure",
    ]
)

_WITH_FIGURES = re.compile(r"\S*[\d@#]\S*|https?://\S*|www\.\S*")
_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")


@dataclass(frozen=True)
class Detected:
    """One of our languages, or "other"; not sure means the language of the thread, or else the best guess."""

    code: str
    is_sure: bool


def detect(text: str, thread: str | None = None) -> Detected:
    """The language of a text. Figures say nothing about it; a few words are in the thread's language unless one gives it away."""
    text = _WITH_FIGURES.sub(" ", unicodedata.normalize("NFC", text.encode("utf-8", "ignore").decode()))
    words = [word.lower().replace("’", "'") for word in _WORD.findall(text)]
    if not words:
        return Detected(thread or OURS[0], is_sure=False)
    if len(words) <= _WORDS_FEW and not _is_foreign_script(text):
        told = _told(words if thread is None else [word for word in words if word not in _BORROWED])
        if told is not None:
            return Detected(told, is_sure=True)
        return Detected(thread if thread is not None else _best_of_ours(text)[0], is_sure=False)
    told = _told(words)
    if _other_share(text) > _other_share_needed(told, len(words)):
        return Detected(OTHER, is_sure=True)
    code, share = _best_of_ours(text)
    if told == code or share >= _SURE:
        return Detected(code, is_sure=told in (code, None, OTHER) or share >= 0.9)
    if told in OURS:
        return Detected(str(told), is_sure=False)
    return Detected(thread if thread is not None else code, is_sure=False)


def _other_share_needed(told: str | None, words: int) -> float:
    if told == OTHER:
        return _OTHER_SURE_TOLD
    if told is not None:
        return _OTHER_SURE_DENIED
    return _OTHER_SURE_SHORT if words < _WORDS_SHORT else _OTHER_SURE


def _told(words: list[str]) -> str | None:
    """The language most telltale words belong to, when one has more of them than any other."""
    known = [word for word in words if word not in _SHARED]
    counts = sorted(
        ((sum(word in telltale for word in known), code) for code, telltale in _TELLTALE.items()), reverse=True
    )
    (most, code), (second, _) = counts[:2]
    return code if most > second else None


def _is_foreign_script(text: str) -> bool:
    letters = [character for character in text if character.isalpha()]
    return sum(ord(letter) > 0x24F for letter in letters) > len(letters) / 2


def _best_of_ours(text: str) -> tuple[str, float]:
    code, share = _identifier(OURS).classify(text)
    return str(code), float(share)


def _other_share(text: str) -> float:
    return sum(share for code, share in _identifier((*OURS, *_OTHERS)).rank(text) if code not in OURS)


@cache
def _identifier(codes: tuple[str, ...]) -> LanguageIdentifier:
    identifier = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    identifier.set_languages(codes)
    return identifier
