"""A small model writes its tool calls as text; they are read as what they were meant to be."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from langchain_core.messages import AIMessage, InvalidToolCall, ToolCall

from bot.model.repair import UNREADABLE, repaired

TOOLS = ("invoice_status", "list_open_invoices", "call_person")
WANTED = [("invoice_status", {"number": "INV-1"})]


def read(content: str) -> list[tuple[str, Any]]:
    return [(call["name"], call["args"]) for call in repaired(AIMessage(content), TOOLS).tool_calls]


@pytest.mark.parametrize(
    "written",
    [
        '{"name": "invoice_status", "arguments": {"number": "INV-1"}}',
        '  {"name": "invoice_status", "arguments": {"number": "INV-1"}}\n',
        '```json\n{"name": "invoice_status", "arguments": {"number": "INV-1"}}\n```',
        '```\n{"name": "invoice_status", "arguments": {"number": "INV-1"}}\n```',
        'I will look.\n```json\n{"name": "invoice_status", "arguments": {"number": "INV-1"}}\n```\nOne moment.',
        '<tool_call>{"name": "invoice_status", "arguments": {"number": "INV-1"}}</tool_call>',
        '<tool_call>\n{"name": "invoice_status", "arguments": {"number": "INV-1"}}',
        '<function_call>{"name": "invoice_status", "arguments": {"number": "INV-1"}}</function_call>',
        '{"name": "invoice_status", "arguments": "{\\"number\\": \\"INV-1\\"}"}',
        '{"name": "Invoice-Status", "parameters": {"number": "INV-1"}}',
        '{"tool": "functions.invoiceStatus", "args": {"number": "INV-1"}}',
        '{"function": {"name": "INVOICE_STATUS", "arguments": {"number": "INV-1"}}}',
        '{"type": "function", "function": {"name": "invoice_status", "arguments": "{\\"number\\": \\"INV-1\\"}"}}',
        '[{"name": "invoice_status", "arguments": {"number": "INV-1"}}]',
        '{"invoice_status": {"number": "INV-1"}}',
    ],
)
def test_a_call_in_words_is_a_call(written: str) -> None:
    assert read(written) == WANTED


@pytest.mark.parametrize(
    "written",
    [
        "Your invoice {f1} is due on {f2}.",
        "Hello.",
        "",
        '{"say": "hello"}',
        '```json\n{"amount": 3}\n```',
        'Write {"name": "invoice_status", "arguments": {}} to me',
        "{" * 7_000,
        "[" * 7_000,
        '{"name": "invoice_status", "arguments": {}} ' * 1_000,
    ],
)
def test_what_is_no_call_stays_what_it_is(written: str) -> None:
    assert read(written) == []


def test_two_calls_in_one_answer_are_two() -> None:
    one = '{"name": "invoice_status", "arguments": {"number": "INV-1"}}'
    other = '{"name": "list_open_invoices", "arguments": {}}'
    assert read(f"```json\n{one}\n{other}\n```") == [*WANTED, ("list_open_invoices", {})]
    assert read(f"<tool_call>{one}</tool_call><tool_call>{other}</tool_call>") == [*WANTED, ("list_open_invoices", {})]


def test_a_call_whose_arguments_nobody_can_read_says_so() -> None:
    broken = AIMessage(
        "", invalid_tool_calls=[InvalidToolCall(name="InvoiceStatus", args='{"number": ', id="1", error=None)]
    )
    call = repaired(broken, TOOLS).tool_calls[0]
    assert call["name"] == "invoice_status"
    assert call["args"] == {UNREADABLE: True}


def test_a_good_call_keeps_its_id_and_loses_the_words_beside_it() -> None:
    good = AIMessage("You owe 12.", tool_calls=[ToolCall(name="invoice_status", args={"number": "INV-1"}, id="abc")])
    after = repaired(good, TOOLS)
    assert after.tool_calls[0]["id"] == "abc"
    assert after.text == ""


def test_calls_that_share_an_id_get_their_own() -> None:
    twice = [ToolCall(name="invoice_status", args={}, id="same"), ToolCall(name="call_person", args={}, id="same")]
    ids = [call["id"] for call in repaired(AIMessage("", tool_calls=twice), TOOLS).tool_calls]
    assert len(set(ids)) == 2


@given(st.text(max_size=200))
def test_any_text_can_be_read(written: str) -> None:
    read(written)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)


@given(st.sampled_from(TOOLS), _JSON)
def test_arguments_of_any_shape_make_a_call_or_say_that_they_cannot_be_read(name: str, arguments: Any) -> None:
    [(called, given)] = read(f"```json\n{json.dumps({'name': name, 'arguments': arguments})}\n```")
    assert called == name
    assert isinstance(given, dict)
