"""What `parley hear` says of a message that was let in: whose it is, what was noted, and what goes back."""

from __future__ import annotations

import json
import sys
from typing import Any

NAMES = {"email": "email", "sms": "SMS", "whatsapp": "WhatsApp"}
SURE = {
    "proven": "proven: told about the account",
    "known": "thought to be, not proven: not told about the account before they have proved it",
    "stranger": "somebody we do not know: told nothing about any account",
}


def say(made: dict[str, Any], as_json: bool) -> None:
    if as_json:
        sys.stdout.write(json.dumps(made, ensure_ascii=False, indent=2) + "\n")
        return
    lines = [*_told_of(made), *_told_noted(made["noted"]), *_told_sent(made)]
    sys.stdout.write("\n".join(lines) + "\n")


def _told_of(made: dict[str, Any]) -> list[str]:
    arrival, heard = made["arrival"], made["heard"]
    lines = ["This came before; it is heard once."] if arrival["repeat"] else []
    if heard is None:
        seller = "" if arrival["why"] is None else f": {arrival['why']}"
        return [*lines, f"Set aside, and nobody is answered{seller}"]
    who = f"{heard['name']} ({heard['customer']})" if heard["customer"] else heard["from"]
    person = f", {heard['contact']}" if heard["contact"] and heard["contact"] != heard["name"] else ""
    lines += [f"From {who}{person}: {SURE[heard['identity']]}.", *_quoted(heard["text"])]
    lines += [f"A file: {one['name']} ({one['refused'] or one['type']})" for one in heard["files"]]
    if heard["automatic"]:
        lines.append(f"A machine wrote it ({heard['automatic'].replace('_', ' ')}): it is used, and never answered.")
    return lines


def _told_noted(noted: list[dict[str, Any]]) -> list[str]:
    if not noted:
        return []
    return ["Noted:", *(f"  - {one['what']}" + (f": {one['why']}" if one["why"] else "") for one in noted)]


def _told_sent(made: dict[str, Any]) -> list[str]:
    heard = made["heard"]
    if not made["sent"]:
        if heard and heard["provider_answers"]:
            return [
                f"Nothing is sent back: the provider knows {heard['provider_answers'].upper()} and answers it itself."
            ]
        if heard and heard["speaker"] == "agent":
            return ["Nothing is sent back: a person speaks in this conversation."]
        return ["Nothing is sent back."]
    lines = []
    for one in made["sent"]:
        how = {"sent": "kept, not sent" if one["kept"] else "sent", "queued": "waits"}.get(one["state"], one["state"])
        why = f": {one['why']}" if one["why"] and one["state"] != "sent" else ""
        lines.append(f"By {NAMES[one['channel']]} to {one['to']} ({one['purpose']}; {how}{why}):")
        lines += [f"  Subject: {one['subject']}"] if one["subject"] else []
        lines += _quoted(one["text"])
    return lines


def _quoted(words: str) -> list[str]:
    return [f"  | {line}".rstrip() for line in words.splitlines()] or ["  | (no words)"]
