"""Tool calls that a small model wrote as text, read as what they were meant to be."""

from __future__ import annotations

import json
import re
from collections.abc import Collection
from typing import Any

from langchain_core.messages import AIMessage, ToolCall

# Arguments nobody could read. A tool refuses them and says so to the model.
UNREADABLE = "unreadable"
_CHARACTERS_MAX = 8_000
_FENCED = re.compile(r"```(?:json|tool_call|tool|python)?\s*(.*?)```", re.S)
_TAGGED = re.compile(r"<(tool_call|function_call|tool|function)>\s*(.*?)\s*(?:</\1>|$)", re.S)
_NAMES = ("name", "tool", "tool_name", "function")
_ARGUMENTS = ("arguments", "args", "parameters", "input", "tool_input")


def repaired(message: AIMessage, tools: Collection[str]) -> AIMessage:
    """The message with every call in it as a tool call, its name in our spelling. Words beside such calls are dropped:
    they were written before the tools had answered."""
    calls = [_call(call["name"], call["args"], tools, at) for at, call in enumerate(message.tool_calls, 1)]
    at = len(calls)
    for place, broken in enumerate(message.invalid_tool_calls, at + 1):
        calls.append(_call(broken.get("name") or "", broken.get("args") or "", tools, place))
    if not calls:
        calls = [
            _call(name, arguments, tools, place)
            for place, (name, arguments) in enumerate(_written(message.text, tools), 1)
        ]
    if not calls:
        return message
    known = [call["id"] for call in message.tool_calls]
    if known and len(set(known)) == len(known) and None not in known:
        for call, id_ in zip(calls, known, strict=False):
            call["id"] = id_
    # Rebuilt from nothing: what the provider sent along would repeat the broken call in the next request.
    return AIMessage(content="", tool_calls=calls, usage_metadata=message.usage_metadata, id=message.id)


def _written(text: str, tools: Collection[str]) -> list[tuple[str, Any]]:
    """(name, arguments) of every call that stands in the text as JSON."""
    text = text.strip()
    if not text or len(text) > _CHARACTERS_MAX or "{" not in text:
        return []
    pieces = [found[1] for found in _FENCED.finditer(text)] + [found[2] for found in _TAGGED.finditer(text)]
    if not pieces and text[0] in "{[":
        pieces = [text]
    return [call for piece in pieces for call in _calls_in(piece, tools)]


def _calls_in(piece: str, tools: Collection[str]) -> list[tuple[str, Any]]:
    found: list[tuple[str, Any]] = []
    decoder, at = json.JSONDecoder(), 0
    while (start := min((i for i in (piece.find("{", at), piece.find("[", at)) if i >= 0), default=-1)) >= 0:
        try:
            value, at = decoder.raw_decode(piece, start)
        except (json.JSONDecodeError, RecursionError):
            break
        for one in value if isinstance(value, list) else [value]:
            call = _as_call(one, tools)
            if call is not None:
                found.append(call)
    return found


def _as_call(value: Any, tools: Collection[str]) -> tuple[str, Any] | None:
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("function"), dict):
        value = value["function"]
    name = next((value[key] for key in _NAMES if isinstance(value.get(key), str)), None)
    if name is not None:
        return name, next((value[key] for key in _ARGUMENTS if key in value), {})
    if len(value) == 1:  # {"list_open_invoices": {…}}
        only, arguments = next(iter(value.items()))
        if _spelled(only, tools) in tools and isinstance(arguments, dict):
            return only, arguments
    return None


def _call(name: str, arguments: Any, tools: Collection[str], at: int) -> ToolCall:
    return ToolCall(name=_spelled(name, tools), args=_arguments(arguments), id=f"call-{at}")


def _spelled(name: str, tools: Collection[str]) -> str:
    """The tool of that name in another case or spelling: "functions.ListOpenInvoices" is list_open_invoices."""
    bare = {re.sub(r"[^a-z]", "", tool.lower()): tool for tool in tools}
    last = re.split(r"[.:/]", name)[-1]
    return bare.get(re.sub(r"[^a-z]", "", last.lower()), name[:60])


def _arguments(given: Any) -> dict[str, Any]:
    if isinstance(given, str):
        if not given.strip():
            return {}
        try:
            given = json.loads(given)
        except (json.JSONDecodeError, RecursionError):
            return {UNREADABLE: True}
    if given is None:
        return {}
    return {str(name): value for name, value in given.items()} if isinstance(given, dict) else {UNREADABLE: True}
