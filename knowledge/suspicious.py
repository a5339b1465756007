"""Sentences in a document that speak to an assistant instead of to a reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from knowledge.documents import Document

_LENGTH_SHOWN = 200

# "Ignore your rules", in the four languages, with whose rules they are within a few words.
_IGNORE = (
    r"ignore[rz]?|disregard|forget|override|bypass|negeer|vergeet|omzeil|ignorier\w*|missachte\w*|vergiss|vergessen"
    r"|umgeh\w*|oublie[rz]?|contourne[rz]?"
)
_RULES = (
    r"instructions?|rules?|prompts?|guidelines?|instructies|regels|aanwijzingen|anweisungen|regeln|vorgaben|consignes"
    r"|r[èe]gles|directives"
)
_MACHINE = (
    r"assistants?|chatbots?|ai|language model|taalmodel|sprachmodell|assistent|assistenten"
    r"|kunstmatige intelligentie|ki|ia"
)
_MUST = r"must|should|shall|has to|have to|moet(?:en)?|dient|muss|müssen|soll(?:en)?|doi(?:t|vent)"
_TELL = (
    r"say|tell|answer|reply|confirm|waive|zeg(?:gen)?|antwoord\w*|sagen|antworten|bestätigen|dire|r[ée]pondre|confirmer"
)
_PATTERNS = (
    rf"\b(?:{_IGNORE})\b[^.!?]{{0,60}}\b(?:{_RULES})\b",
    r"\b(?:system prompt|system message|developer mode|jailbreak|systeemprompt|system-?anweisung|invite syst[èe]me)\b",
    r"\byou are (?:now )?(?:an? )?(?:ai|assistant|language model|chatbot|bot|dan)\b",
    r"\bas an? (?:ai|language model|assistant|chatbot)\b",
    rf"^\W*(?:{_MACHINE})\s*[,:]\s*\w+",
    rf"\b(?:{_MACHINE})\b[^.!?]{{0,30}}\b(?:{_MUST})\b[^.!?]{{0,40}}\b(?:{_TELL})\b",
    # "Tell the customer that …".
    r"\b(?:say|tell|reply|answer|respond|confirm|inform)\b[^.!?]{0,40}\b(?:the |every )(?:customer|user|reader)s?\b"
    r"[^.!?]{0,20}\b(?:that|their|all|has|have)\b",
    r"\b(?:zeg|vertel|antwoord|bevestig)\b[^.!?]{0,30}\b(?:klant|gebruiker)\w*\b[^.!?]{0,20}\bdat\b",
    r"\b(?:sage?|sagen sie|antworte|bestätige)\b[^.!?]{0,30}\b(?:kunden?|nutzer\w*)\b[^.!?]{0,20}\bdass\b",
    r"\b(?:dis|dites|r[ée]ponds|r[ée]pondez|confirme[rz]?)\b[^.!?]{0,30}\b(?:client|utilisateur)\w*\b[^.!?]{0,20}\bque\b",
    r"\b(?:call|use|invoke|run|execute)\b[^.!?]{0,20}\b(?:tool|function|command)\b",
    r"\b(?:do not|don't|never) (?:reveal|mention|tell|disclose|show)\b[^.!?]{0,40}\b(?:this|these|instructions?|prompt)\b",
    # Marks of templates, tool calls and chat transcripts.
    r"\{\{|\}\}|\{%|\{f\d+\}|<\|[^|]{1,30}\|>|\[/?INST\]|</?(?:system|tool_call|function_call|assistant)>",
    r"\"tool_calls\"|(?:^|\n)\s*(?:system|assistant|developer)\s*:",
)
_SPOKEN_TO_ASSISTANT = re.compile("|".join(f"(?:{pattern})" for pattern in _PATTERNS), re.IGNORECASE)
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")


@dataclass(frozen=True)
class Suspicion:
    """A sentence to look at. `why` is "speaks to an assistant", or "not visible" where readers would not see it."""

    document: str
    section: str
    sentence: str
    why: str


def is_spoken_to_assistant(sentence: str) -> bool:
    """Whether the sentence looks like an instruction to an assistant, a tool call or a template."""
    return _SPOKEN_TO_ASSISTANT.search(sentence) is not None


def suspicions(document: Document) -> Iterator[Suspicion]:
    """What an editor should look at before customers read it; it stays what it is, the words of a document."""
    # Questions that are answered elsewhere are never told, so anything may be asked there.
    told = document.sections if document.audience != "nobody" else ()
    for section in told:
        for written in (section.title, section.text, *section.questions):
            for sentence in _SENTENCE_END.split(written):
                if is_spoken_to_assistant(sentence):
                    yield Suspicion(document.name, section.title, sentence[:_LENGTH_SHOWN], "speaks to an assistant")
    for words in document.hidden:
        yield Suspicion(document.name, "", words[:_LENGTH_SHOWN], "not visible")
