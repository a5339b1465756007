"""No text of ours asks a customer to answer YES, CANCEL, END, QUIT, STOP, HELP or INFO for a matter of business.

By text those words are the provider's: who answers CANCEL to cancel an order is unsubscribed, and hears nothing more.
Source: twilio.com/docs/messaging/tutorials/advanced-opt-out (default keywords).
"""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
# What the guard refuses and what the model reads are lists of words, not sentences for customers: the guard's list holds
# these very demands ("reply yes"), so that no drafter can make one.
NOT_SAID_TO_CUSTOMERS = {Path("bot/guard/words"), Path("bot/embedded/words")}
# STOP and START are named where messages end and begin, and nowhere else.
WHERE_STOP_MAY_STAND = re.compile(r"(^|\.)(opt_out|stop|start|help|unsubscribe|preferences)(\.|_|$)")
_KEYWORDS = r"STOP|STOPALL|UNSUBSCRIBE|CANCEL|END|QUIT|REVOKE|OPTOUT|START|UNSTOP|YES|HELP|INFO|JA|OUI|NEIN|NEE|NON|HULP|HILFE|AIDE"
_SHOUTED = re.compile(rf"(?<![\w{{])(?:{_KEYWORDS})(?![\w}}])")
_ASKED = re.compile(
    r"\b(?:reply|answer|text|respond|send)(?: back)?(?: us)?(?: with)? [\"“'«]?(?:yes|cancel|end|quit|stop|help|info)\b"
    r"|\b(?:antwoord|stuur|sms)(?: ons)?(?: met)? [\"“'«]?(?:ja|stop|annuleer|hulp|info)\b"
    r"|\b(?:antworten|senden|schreiben) Sie(?: uns)?(?: mit)? [\"“'«]?(?:ja|stopp?|storno|hilfe|info)\b"
    r"|\b(?:r[ée]pondez|envoyez)(?:-nous)?(?: par)? [\"“'«]?(?:oui|stop|annuler|aide|info)\b",
    re.IGNORECASE,
)


def wording_files() -> list[Path]:
    """Every file of sentences in the project: all TOML in folders of words, and the templates of mails and pages."""
    found = [
        path for room in ("bot", "o2c_core", "channels", "web", "knowledge") for path in (ROOT / room).rglob("*.toml")
    ]
    words = [
        path
        for path in found
        if "word" in path.parent.name and path.parent.relative_to(ROOT) not in NOT_SAID_TO_CUSTOMERS
    ]
    templates = [path for end in ("*.html", "*.txt") for path in (ROOT / "o2c_core").rglob(end)]
    return sorted([*words, *templates])


def sentences(path: Path) -> Iterator[tuple[str, str]]:
    if path.suffix != ".toml":
        yield path.stem, path.read_text("utf-8")
        return
    yield from _flat(tomllib.loads(path.read_text("utf-8")), "")


def _flat(value: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, str):
        yield name, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{name}.{key}" if name else key)
    elif isinstance(value, list):
        for inner in value:
            yield from _flat(inner, name)


def demands(name: str, sentence: str) -> list[str]:
    """The words it asks for that the provider would act on."""
    found = [one[0] for one in _SHOUTED.finditer(sentence)] + [one[0] for one in _ASKED.finditer(sentence)]
    if WHERE_STOP_MAY_STAND.search(name):
        found = [one for one in found if not re.search(r"\b(?:STOP|START)$", one)]
    return found


def test_there_is_wording_to_look_at() -> None:
    rooms = {path.relative_to(ROOT).parts[:2] for path in wording_files()}
    assert {
        ("bot", "wording"),
        ("o2c_core", "reminders"),
        ("o2c_core", "documents"),
        ("o2c_core", "conversations"),
    } <= rooms


@pytest.mark.parametrize("path", wording_files(), ids=lambda path: str(path.relative_to(ROOT)))
def test_no_text_asks_for_a_word_of_the_providers(path: Path) -> None:
    assert {name: found for name, sentence in sentences(path) if (found := demands(name, sentence))} == {}


@pytest.mark.parametrize(("name", "sentence", "is_found"), [
    ("order.cancel", "Reply CANCEL to cancel your order.", True), ("plan.accept", "Answer yes to accept the plan.", True),
    ("plan.accept", "Antwoord met JA om het plan te accepteren.", True), ("x", "Antworten Sie mit Ja.", True),
    ("x", "Répondez OUI pour confirmer.", True), ("reminder.first", "Text STOP to end this.", True),
    ("stop_texted", "To hear from us again, text START.", False), ("opt_out.stranger", "you can answer with STOP", False),
    ("opt_out.stranger", "answer CANCEL", True), ("x", "You can cancel the order here: {link}", False),
    ("x", "It is due at the end of the month; yes, really.", False), ("x", "The order is stopped.", False),
])  # fmt: skip
def test_such_a_demand_would_be_found(name: str, sentence: str, is_found: bool) -> None:
    assert bool(demands(name, sentence)) is is_found
