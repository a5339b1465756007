"""The embedded understanding as a LangChain chat model: it needs no key, and any agent can run it."""

from __future__ import annotations

import json
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, ToolCall, ToolMessage
from langchain_core.outputs import ChatGeneration, ChatResult

from bot.embedded.mentions import Mentions
from bot.embedded.plan import Plan, plan
from bot.embedded.understanding import Understanding, understand
from bot.wording import say


class EmbeddedChatModel(BaseChatModel):
    """Chooses tools by what it understood, then says what they returned, in their approved words."""

    @property
    def _llm_type(self) -> str:
        return "parley-embedded"

    def bind_tools(self, tools: Any, **kwargs: Any) -> EmbeddedChatModel:  # noqa: ARG002 (LangChain's signature)
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,  # noqa: ARG002
        run_manager: CallbackManagerForLLMRun | None = None,  # noqa: ARG002
        **kwargs: Any,  # noqa: ARG002
    ) -> ChatResult:
        results = _results(messages)
        message = _say(results) if results else _choose(messages)
        return ChatResult(generations=[ChatGeneration(message=message)])


def _question(messages: list[BaseMessage]) -> HumanMessage:
    return next(message for message in reversed(messages) if isinstance(message, HumanMessage))


def _understood(question: HumanMessage) -> Understanding:
    carried = question.additional_kwargs.get("understanding")
    return carried if isinstance(carried, Understanding) else understand(question.text)


def _results(messages: list[BaseMessage]) -> list[ToolMessage]:
    """The results that came in since the last word of the model."""
    tail: list[ToolMessage] = []
    for message in reversed(messages):
        if not isinstance(message, ToolMessage):
            break
        tail.append(message)
    return tail[::-1]


def _planned(question: HumanMessage, understood: Understanding) -> Plan:
    carried = question.additional_kwargs
    mentions = carried.get("mentions") or Mentions(references=understood.references)
    return plan(understood, mentions, carried.get("about", ()), carried.get("before"), question.text)


def _choose(messages: list[BaseMessage]) -> AIMessage:
    question = _question(messages)
    understood = _understood(question)
    chosen = _planned(question, understood)
    if not chosen.calls:
        return AIMessage("\n\n".join(say(key, _language(question, understood)) for key in chosen.sentences))
    return AIMessage(
        content="",
        tool_calls=[
            ToolCall(name=call.tool, args=call.fields, id=f"call-{number}")
            for number, call in enumerate(chosen.calls, 1)
        ],
    )


def _language(question: HumanMessage, understood: Understanding) -> str:
    return str(question.additional_kwargs.get("language", understood.language))


def _say(results: list[ToolMessage]) -> AIMessage:
    return AIMessage(join(list(dict.fromkeys(json.loads(str(result.content))["say"] for result in results))))


def join(said: list[str]) -> str:
    """Short answers follow each other in paragraphs of their own."""
    return "\n\n".join(said)
