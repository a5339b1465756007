"""One call of a provider's model: within its limits, without what it need not see, and noted with what it took."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from langchain.agents.middleware import AgentMiddleware, ModelRequest, ModelResponse
from langchain_core.exceptions import ModelError
from langchain_core.messages import AIMessage, AnyMessage, HumanMessage, ToolMessage

from bot.model.hands import Hands
from bot.model.repair import repaired
from bot.model.terms import Terms
from bot.tools import TOOLS
from o2c_core.conversations.model_call import ModelCall
from o2c_core.errors import Failure
from o2c_core.keys import new_key

# More calls in one answer than any question needs.
TOOL_CALLS_MAX = 8
TOOL_CALLS_PER_TURN = 16
TEXT_CHARACTERS_MAX = 20_000
_ERRORS_MAX = 1


class LimitReached(Failure):
    """The model used up what one turn may take."""


class Nonsense(Failure):
    """What the model wrote is neither an answer nor a call of a tool."""


@dataclass
class Asking(Hands):
    """The hands of a provider's model, with what it has taken so far in this turn."""

    terms: Terms = field(default_factory=Terms)
    calls: list[ModelCall] = field(default_factory=list)
    began: float | None = None
    tokens: int = 0
    tool_calls: int = 0

    def note(
        self, outcome: str, why: str | None = None, *, milliseconds: int = 0, usage: Mapping[str, Any] | None = None
    ) -> None:
        """Raises: TurnOver, when the turn went on without this call and noted that itself."""
        with self._turn:
            self.check_open()
            self.began = None
            self.calls.append(self.row(outcome, why, milliseconds=milliseconds, usage=usage))

    def row(
        self, outcome: str, why: str | None, *, milliseconds: int, usage: Mapping[str, Any] | None = None
    ) -> ModelCall:
        tokens_in = usage.get("input_tokens") if usage else None
        tokens_out = usage.get("output_tokens") if usage else None
        self.tokens += (tokens_in or 0) + (tokens_out or 0)
        return ModelCall(
            id=new_key(),
            conversation_id=self.desk.conversation_id,
            message_id=self.desk.message_id,
            model=self.terms.name,
            outcome=outcome,
            why=why,
            tokens_in=tokens_in,
            tokens_out=tokens_out,
            cost_micro=self.terms.cost_micro(tokens_in, tokens_out),
            milliseconds=milliseconds,
            at=self.desk.store.clock.now(),
        )

    def give_up(self) -> None:
        """Closes the hands and notes the call that was still waited for."""
        with self._turn:
            self.is_closed = True
            self._turn.notify_all()
            waited = milliseconds_since(self.began) if self.began is not None else 0
            self.calls.append(self.row("timed_out", "no answer within the turn's time", milliseconds=waited))


def milliseconds_since(began: float) -> int:
    return max(1, round((perf_counter() - began) * 1000))


class AskingMiddleware(AgentMiddleware[Any, Hands, Any]):
    """Stands around every call of the provider's model."""

    def wrap_model_call(
        self, request: ModelRequest[Any], handler: Callable[[ModelRequest[Any]], ModelResponse[Any]]
    ) -> ModelResponse[Any]:
        asking = request.runtime.context
        assert isinstance(asking, Asking)
        asking.check_open()
        _check_limits(asking, request.messages)
        began = asking.began = perf_counter()
        try:
            response = handler(request.override(messages=[_hidden(one, asking) for one in request.messages]))
        except Exception as broken:
            why = failure_of(broken)
            outcome = "timed_out" if why == "timeout" else "failed"
            asking.note(outcome, why, milliseconds=milliseconds_since(began))
            raise
        return _noted(response, asking, milliseconds_since(began))


def _noted(response: ModelResponse[Any], asking: Asking, took: int) -> ModelResponse[Any]:
    message = response.result[-1]
    assert isinstance(message, AIMessage)
    usage = message.usage_metadata
    if len(message.text) > TEXT_CHARACTERS_MAX:
        asking.note("nonsense", "a text that is too long", milliseconds=took, usage=usage)
        raise Nonsense
    message = repaired(message, TOOLS.keys())
    asking.tool_calls += len(message.tool_calls)
    if len(message.tool_calls) > TOOL_CALLS_MAX or asking.tool_calls > TOOL_CALLS_PER_TURN:
        asking.note("over_limit", "too many tool calls", milliseconds=took, usage=usage)
        raise LimitReached
    if not message.tool_calls and not message.text.strip():
        asking.note("nonsense", "an empty answer", milliseconds=took, usage=usage)
        raise Nonsense
    asking.note("called_tools" if message.tool_calls else "answered", milliseconds=took, usage=usage)
    return ModelResponse(result=[message])


def _check_limits(asking: Asking, messages: list[Any]) -> None:
    if len(asking.calls) >= asking.terms.calls_per_turn:
        asking.note("over_limit", "calls per turn")
        raise LimitReached
    if asking.tokens >= asking.terms.tokens_per_turn:
        asking.note("over_limit", "tokens per turn")
        raise LimitReached
    rounds, in_round = 0, False
    for message in messages:
        is_error = isinstance(message, ToolMessage) and message.status == "error"
        rounds += is_error and not in_round
        in_round = isinstance(message, ToolMessage) and (is_error or in_round)
    if rounds > _ERRORS_MAX:
        with asking._turn:
            last = asking.calls[-1]
            last.outcome, last.why = "nonsense", "tool calls that cannot be made"
        raise Nonsense


def _hidden(message: AnyMessage, asking: Asking) -> AnyMessage:
    """A message as the provider may see it. The instructions are ours, and what the model wrote it has seen."""
    if asking.redactor is None or not isinstance(message.content, str):
        return message
    if isinstance(message, ToolMessage):
        return message.model_copy(update={"content": asking.redactor.hide(message.content)})
    if isinstance(message, HumanMessage):
        hidden = asking.redactor.hide_in_words(message.content)
        return HumanMessage(hidden)  # what it carries for the embedded model stays here
    return message


def failure_of(broken: Exception) -> str:
    """What went wrong, in a word or two of ours: an error's own text may repeat the customer's."""
    if isinstance(broken, TimeoutError) or "timeout" in type(broken).__name__.lower():
        return "timeout"
    cause = broken.__cause__
    if isinstance(cause, Exception) and "timeout" in type(cause).__name__.lower():
        return "timeout"
    status = getattr(broken, "status_code", None) or getattr(getattr(broken, "response", None), "status_code", None)
    return f"HTTP {status}" if isinstance(status, int) else type(broken).__name__


def is_worth_retrying(broken: Exception) -> bool:
    """A server that is busy, or a line that was cut, may answer the next moment; a refusal stays one, and so does an answer
    that did not come within the time there is."""
    if isinstance(broken, Failure):
        return False
    why = failure_of(broken)
    if why == "timeout":
        return False
    if why.startswith("HTTP "):
        return why in ("HTTP 408", "HTTP 409", "HTTP 425", "HTTP 429") or why.startswith("HTTP 5")
    if isinstance(broken, ModelError):
        return bool(broken.is_retryable)
    return (
        isinstance(broken, ConnectionError)
        or "connect" in type(broken).__name__.lower()
        or "protocol" in type(broken).__name__.lower()
    )
