"""Wishes people say in so many words, for where the trained reading is not sure: to hear no more, to complain, and not to
be the one we look for."""

from __future__ import annotations

import re

_NO_MORE = re.compile(
    r"\b(?:stop|quit|cease) (?:\w+ ){0,2}(?:sending|texting|e?mailing|writing|messaging|bothering|reminding|remind)\b"
    r"|\bstop (?:\w+ ){0,2}(?:these|those|the|your|all) (?:\w+ )?(?:reminders?|texts?|e?-?mails?|messages?)\b"
    r"|\b(?:do not|don't|dont) (?:send|write|text|e?mail|message|remind) (?:me|us)\b[^.!?]{0,30}\b(?:any ?more|again|any more)\b"
    r"|^\W*no more (?:reminders?|texts?|e?-?mails?|messages?)\b"
    r"|\b(?:stop|hou(?:d|dt)?) (?:\w+ ){0,2}(?:met|op met) (?:\w+ ){0,3}(?:herinner\w*|mail\w*|sms\w*|berichten|appjes)\b"
    r"|\b(?:geen|niet) (?:\w+ ){0,2}(?:betalings)?(?:herinneringen|aanmaningen|e?-?mails?|sms\S*|berichten) meer\b"
    r"|\b(?:keine?|keinerlei) (?:\w+ ){0,2}(?:\w*erinnerungen|mahnungen|e?-?mails?|sms|nachrichten) mehr\b"
    r"|\b(?:hören|hör) (?:sie )?auf,? (?:\w+ ){0,3}(?:zu )?(?:schreiben|erinnern|mahnen|senden|schicken)\b"
    r"|\b(?:arrêtez|arrête|cessez|stoppez) (?:\w+ ){0,3}(?:(?:les|ces|vos|ses) (?:rappels?|relances?|mails?|sms|messages?)\b"
    r"|de m['’](?:écrire|envoyer|relancer))"
    r"|\bne m['’](?:envoyez|écrivez|relancez) plus\b|^\W*plus (?:de|aucun) (?:rappels?|relances?|mails?|sms|messages?)\b",
    re.IGNORECASE,
)
_NOT_THE_ONE = re.compile(
    r"\b(?:not|isn't|never) (?:\w+ ){0,3}(?:right|correct|responsible) (?:\w+ )?(?:person|contact|one|address)\b"
    r"|\b(?:person|contact) (?:who is |that is )?responsible for (?:this|these|that)\b.{0,5}$"
    r"|\bwrong (?:person|guy|number|address|mailbox|contact)\b|\b(?:no longer|don't|do not|not) work (?:there|here|for)\b"
    r"|\b(?:left|quit) (?:the |this |that )(?:company|firm|business|job)\b"
    r"|\b(?:verkeerde|niet de juiste) (?:persoon|nummer|adres|contactpersoon)\b|\bverkeerd (?:nummer|adres|mailadres)\b"
    r"|\b(?:daar|hier) (?:ga|gaan) (?:ik|wij|we) niet over\b|\bga (?:ik )?(?:daar|hier) niet over\b"
    r"|\bwerk (?:daar|er|hier) (?:al (?:lang )?)?niet(?: meer)?\b|\buit dienst\b"
    r"|\b(?:falsche|verkehrte) (?:person|nummer|adresse|ansprechpartner\w*)\b|\bfalscher ansprechpartner\b"
    r"|\bnicht (?:\w+ ){0,2}(?:zuständig|richtige\w* (?:person|ansprechpartner\w*|adresse))\b"
    r"|\barbeite (?:dort|da|hier) nicht(?: mehr)?\b|\b(?:bin|habe) (?:\w+ ){0,4}(?:ausgeschieden|die firma verlassen)\b"
    r"|\b(?:mauvaise|pas la bonne) (?:personne|adresse)\b|\b(?:mauvais|faux) numéro\b(?! de)"
    r"|\btrompez de (?:personne|numéro|destinataire)\b|\bpas moi qui (?:m['’]en )?(?:occupe|gère)\b"
    r"|\bne travaille plus (?:là|ici|pour)\b|\b(?:quitté|parti de) (?:l['’]entreprise|la société)\b",
    re.IGNORECASE,
)


_GO_ON = re.compile(
    r"\b(?:don't|do not|dont|never|not) (?:ever )?(?:stop|quit|cease)\b|\bstop(?:pen|t)? (?:er )?niet\b|\bniet (?:mee )?stoppen\b"
    r"|\bhören sie (?:bitte )?nicht auf\b|\bnicht aufhören\b|\bn['’](?:arrêtez|arrête) pas\b|\bne (?:cessez|stoppez) pas\b",
    re.IGNORECASE,
)
_COMPLAINS = re.compile(
    r"\b(?:make|file|lodge|register|raise) (?:a|this|my|an official) (?:formal )?complaint\b"
    r"|\bklacht (?:indienen|melden|opnemen)\b"
    r"|\b(?:möchte|will|muss) mich (?:\w+ )?beschweren\b|\bbeschwerde (?:einreichen|einlegen|aufnehmen)\b"
    r"|\b(?:faire|déposer|porter) une (?:réclamation|plainte)\b",
    re.IGNORECASE,
)


def calls_it_complaint(words: str) -> bool:
    """Whether they say that it is a complaint, and not an objection to what an invoice asks."""
    return _COMPLAINS.search(words) is not None


def wants_no_more(words: str) -> bool:
    """Whether they say that they want no more messages or reminders."""
    return _NO_MORE.search(words) is not None and not wants_more(words)


def wants_more(words: str) -> bool:
    """Whether they say that reminders should go on, in words that are nearly those of a stop."""
    return _GO_ON.search(words) is not None


def is_not_the_one(words: str) -> bool:
    """Whether they say that somebody else is the one to write to."""
    return _NOT_THE_ONE.search(words) is not None
