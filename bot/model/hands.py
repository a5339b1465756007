"""How a model's tool calls reach the desk: one at a time, in order, and not at all once the turn has gone on without it."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain_core.messages import AIMessage, ToolMessage
from langgraph.prebuilt.tool_node import ToolCallRequest
from pydantic import ValidationError

from bot.desk import Desk
from bot.model.redaction import Redactor
from bot.model.repair import UNREADABLE
from bot.tools import TOOLS, Tool
from o2c_core.errors import Failure


class TurnOver(Failure):
    """The turn went on without this model; what it asks for is not done any more."""


@dataclass
class Hands:
    """The desk as one run of a model reaches it.

    Tools of one answer may be called from several threads, and the book of facts numbers them as they come: so they take
    turns. Whoever closes the hands waits for the tool that is at work, and after that nothing is read or recorded.
    """

    desk: Desk
    redactor: Redactor | None = None
    is_closed: bool = False
    _turn: threading.Condition = field(default_factory=threading.Condition)
    _done: set[str] = field(default_factory=set)
    _said: dict[str, str] = field(default_factory=dict)

    def close(self) -> None:
        with self._turn:
            self.is_closed = True
            self._turn.notify_all()

    def check_open(self) -> None:
        if self.is_closed:
            raise TurnOver

    def run(self, tool: Tool, given: Mapping[str, Any], *, id_: str, after: list[str]) -> str:
        """What the tool says, as JSON. The same call made twice in a run is one.

        Raises: TurnOver; ValidationError for arguments the tool cannot take.
        """
        with self._turn:
            self._turn.wait_for(lambda: self.is_closed or self._done.issuperset(after))
            try:
                self.check_open()
                return self._run(tool, given)
            finally:
                self._done.add(id_)
                self._turn.notify_all()

    def skip(self, id_: str) -> None:
        """A call that cannot be made; the next one need not wait for it."""
        with self._turn:
            self._done.add(id_)
            self._turn.notify_all()

    def _run(self, tool: Tool, given: Mapping[str, Any]) -> str:
        shown = self.redactor.show(dict(given)) if self.redactor else dict(given)
        asked = tool.args.model_validate({name: value for name, value in shown.items() if value is not None})
        fields = asked.model_dump(mode="json", exclude_none=True, exclude_defaults=True)
        key = f"{tool.name} {json.dumps(fields, sort_keys=True)}"
        if key not in self._said:
            self.desk.calls.append({"name": tool.name, "arguments": fields})
            sentence = tool(self.desk, **shown)
            places = {id_: fact.text for id_, fact in self.desk.facts.facts.items() if f"{{{id_}}}" in sentence}
            self._said[key] = json.dumps({"say": sentence, "facts": places}, ensure_ascii=False)
        return self._said[key]


class Reaching(AgentMiddleware[Any, Hands, Any]):
    """Every tool call of an agent goes through its hands."""

    def wrap_tool_call(self, request: ToolCallRequest, handler: Callable[..., Any]) -> ToolMessage:  # noqa: ARG002
        call = request.tool_call
        return _reached(cast(Hands, request.runtime.context), call, after=_before(request.state, str(call["id"])))


class ReachingAtOnce(AgentMiddleware[Any, Hands, Any]):
    """The same for the embedded model, within its one step: LangChain starts a thread for tools and goes round its graph
    again for what they returned, which took longer than all that the model and most tools do."""

    def wrap_model_call(
        self, request: ModelRequest[Hands], handler: Callable[[ModelRequest[Hands]], ModelResponse[Any]]
    ) -> ModelResponse[Any]:
        hands = request.runtime.context
        said: list[Any] = []
        while True:
            answer = handler(request.override(messages=[*request.messages, *said])).result
            said += answer
            calls = answer[-1].tool_calls if isinstance(answer[-1], AIMessage) else []
            if not calls:
                return ModelResponse(result=said)
            said += [_reached(hands, call, after=[]) for call in calls]


def _reached(hands: Hands, call: Any, *, after: list[str]) -> ToolMessage:
    id_ = str(call["id"])
    tool = TOOLS.get(call["name"])
    if tool is None or UNREADABLE in call["args"]:
        hands.skip(id_)
        said = f"There is no tool of that name. There are: {', '.join(TOOLS)}." if tool is None else _CANNOT_READ
        return _answer(call, {"error": said}, is_error=True)
    try:
        content = hands.run(tool, call["args"], id_=id_, after=after)
    except ValidationError as odd:
        wrong = ", ".join(sorted({str(error["loc"][0]) for error in odd.errors() if error["loc"]}))
        return _answer(call, {"error": f"{_CANNOT_READ} Look at: {wrong}."}, is_error=True)
    return ToolMessage(content, tool_call_id=id_, name=call["name"])


_CANNOT_READ = "The arguments cannot be read: hand them over as the tool describes them."


def _before(state: Any, id_: str) -> list[str]:
    """The calls of the same answer that come first."""
    last = next(message for message in reversed(state["messages"]) if isinstance(message, AIMessage))
    ids = [str(call["id"]) for call in last.tool_calls]
    return ids[: ids.index(id_)] if id_ in ids else []


def _answer(call: Any, content: dict[str, str], *, is_error: bool) -> ToolMessage:
    return ToolMessage(
        json.dumps(content), tool_call_id=str(call["id"]), name=call["name"], status="error" if is_error else "success"
    )
