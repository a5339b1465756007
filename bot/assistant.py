"""The LangChain agent: a model, our tools bound to the desk, and what happens when the model fails."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import AgentMiddleware, ModelRetryMiddleware
from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage
from langchain_core.tools import BaseTool, StructuredTool
from sqlalchemy import select

from bot.desk import Desk
from bot.embedded.chat_model import EmbeddedChatModel
from bot.embedded.plan import Before
from bot.embedded.understanding import Understanding
from bot.guard import DraftRefused, check
from bot.guard.approved import harmless
from bot.model.asking import Asking, AskingMiddleware, LimitReached, Nonsense, is_worth_retrying
from bot.model.breaker import Breaker
from bot.model.hands import Hands, Reaching, ReachingAtOnce
from bot.model.prompt import WORDS_CHARACTERS_MAX, correction, earlier, opening
from bot.model.provider import ModelUnknown, provider_model
from bot.model.redaction import Redactor
from bot.model.terms import Terms
from bot.tools import TOOLS, Tool
from o2c_core.conversations.model_call import spent
from o2c_core.conversations.summary import summary_of
from o2c_core.customers.contact import Contact
from o2c_core.errors import Outage, Refused
from o2c_core.orders.order import Order
from o2c_core.orders.shipment import Shipment

__all__ = ["Assistant", "ModelSilent", "ModelUnknown", "ProvidedModel", "Terms", "provider_model"]

ProvidedModel = BaseChatModel
_NAMES_MAX = 200


class ModelSilent(Outage):
    """The provider's model did not answer in time, or is left alone for a while because it did not before."""


class SpentUp(Refused):
    """This conversation has used up what it may take of the provider's model."""


def _bind(tool: Tool) -> BaseTool:
    """The tool as a model sees it. It is never called from here: `Reaching` calls it, on the desk of this turn, so no model
    can name another customer."""

    def call(**_: Any) -> str:
        raise AssertionError("tools are reached through Reaching")

    return StructuredTool.from_function(call, name=tool.name, description=tool.does, args_schema=tool.args)


class Assistant:
    """Drafts answers. A draft is text with places for facts.

    `provided` is a model of a provider, if one is set; the embedded model answers when it fails, and always when there
    is none.
    """

    def __init__(self, provided: BaseChatModel | None = None, terms: Terms | None = None) -> None:
        tools = [_bind(tool) for tool in TOOLS.values()]
        self._terms = terms or Terms(name=str(getattr(provided, "model_name", "") or getattr(provided, "model", "")))
        self._breaker = Breaker()
        self._embedded = create_agent(EmbeddedChatModel(), tools, context_schema=Hands, middleware=[ReachingAtOnce()])
        retry: AgentMiddleware[Any, Hands, Any] = ModelRetryMiddleware(
            max_retries=2, on_failure="error", retry_on=is_worth_retrying, initial_delay=0.25, max_delay=2.0
        )
        self._provided = (
            create_agent(provided, tools, context_schema=Hands, middleware=[retry, AskingMiddleware(), Reaching()])
            if provided is not None
            else None
        )

    def drafts(self, desk: Desk, understood: Understanding) -> Sequence[Callable[[], str]]:
        """Ways to draft the answer, best first; the last one uses approved wording only and does not fail.

        A provider's model has passed the guard, or was told once what it may not say and refused after that.
        """

        def embedded() -> str:
            return _last(self._embedded.invoke({"messages": [_question(desk, understood)]}, context=Hands(desk)))

        def provided() -> str:
            return self._ask_provider(desk)

        return [embedded] if self._provided is None else [provided, embedded]

    def _ask_provider(self, desk: Desk) -> str:
        """The provided model's draft, within the turn's time. What a run that failed had read is forgotten.

        Raises: ModelSilent; SpentUp; DraftRefused; LimitReached; Nonsense; what the provider's package raises.
        """
        asking = Asking(desk.apart(), redactor=Redactor(_names(desk), desk.seller.country), terms=self._terms)
        now = desk.store.clock.now()
        self._check_spending(desk, asking)
        if not self._breaker.may_ask(now):
            desk.model_calls.append(asking.row("over_limit", "left alone: it did not answer before", milliseconds=0))
            raise ModelSilent(model=self._terms.name)
        answers: SimpleQueue[str | Exception] = SimpleQueue()
        thread = threading.Thread(target=self._talk_into, args=(asking, answers), daemon=True, name="parley-model")
        thread.start()
        try:
            came = answers.get(timeout=self._terms.seconds)
        except Empty:
            asking.give_up()
            self._breaker.abandoned(thread)
            came = ModelSilent(model=self._terms.name)
        asking.close()
        desk.model_calls += asking.calls
        if isinstance(came, str):
            self._breaker.answered()
            desk.adopt(asking.desk)
            return came
        if isinstance(came, DraftRefused | LimitReached | Nonsense):
            self._breaker.answered()
        else:
            self._breaker.failed(now)
        _keep_what_was_done(desk, asking.desk)
        raise came

    def _check_spending(self, desk: Desk, asking: Asking) -> None:
        with desk.store.session() as session:
            taken = spent(session, desk.conversation_id)
        for what, have, most in (
            ("calls per conversation", taken.calls, self._terms.calls_per_conversation),
            ("tokens per conversation", taken.tokens_in + taken.tokens_out, self._terms.tokens_per_conversation),
        ):
            if have >= most:
                desk.model_calls.append(asking.row("over_limit", what, milliseconds=0))
                raise SpentUp(conversation=desk.conversation_id, what=what)

    def _talk_into(self, asking: Asking, answers: SimpleQueue[str | Exception]) -> None:
        try:
            answers.put(self._talk(asking))
        except Exception as failed:
            answers.put(failed)

    def _talk(self, asking: Asking) -> str:
        """Two drafts at most: the second after it was told what was wrong with the first."""
        assert self._provided is not None
        desk = asking.desk
        assert asking.redactor is not None
        with desk.store.session() as session:
            # Of a thread with a customer, whoever has not proven to be that customer is told nothing.
            is_theirs = bool(desk.turns) and desk.customer is not None
            summary = summary_of(session, desk.conversation_id).as_text() if is_theirs else ""
        messages: list[Any] = [
            opening(desk, asking.redactor.hide(summary)),
            *earlier(desk.turns, asking.redactor),
            HumanMessage(desk.words[:WORDS_CHARACTERS_MAX]),
        ]
        for is_last in (False, True):
            state = self._provided.invoke({"messages": messages}, context=asking)
            draft = _last(state)
            try:
                check(draft, desk.facts, desk.language, approved=[*desk.said, *harmless(desk.language)])
            except DraftRefused as refused:
                kind = str(refused.fields["kind"])
                asking.calls[-1].outcome, asking.calls[-1].why = "refused_by_guard", kind
                if is_last:
                    raise
                messages = [*state["messages"], correction(kind)]
            else:
                return draft
        raise AssertionError("unreachable")


def _names(desk: Desk) -> list[str]:
    """The people we know at this customer: a model has no need of their names."""
    customer = desk.known_customer or desk.customer
    if customer is None:
        return []
    received = (
        select(Shipment.received_by)
        .join(Order, Order.id == Shipment.order_id)
        .where(Order.customer_id == customer.id, Shipment.received_by.is_not(None))
    )
    with desk.store.session() as session:
        names = list(session.scalars(select(Contact.name).where(Contact.customer_id == customer.id).limit(_NAMES_MAX)))
        names += [str(name) for name in session.scalars(received.distinct().limit(_NAMES_MAX))]
    return [*names, customer.name] if customer.kind == "person" else names


def _keep_what_was_done(desk: Desk, failed: Desk) -> None:
    """Of a run that failed nothing is said; but a person it called was called, and what it recorded is on record."""
    desk.handoff, desk.packet = failed.handoff or desk.handoff, failed.packet or desk.packet
    fresh = failed.calls[len(desk.calls) :]
    desk.calls += [call for call in fresh if call["name"] in ("call_person", "opt_out") or TOOLS[call["name"]].acts]


def _question(desk: Desk, understood: Understanding) -> HumanMessage:
    carried = {
        "understanding": understood,
        "language": desk.language,
        "mentions": desk.mentions,
        "about": desk.about,
        "before": Before(desk.before.intents, bool(desk.before.misunderstood)),
    }
    return HumanMessage(desk.words, additional_kwargs=carried)


def _last(state: dict[str, Any]) -> str:
    messages: list[BaseMessage] = state["messages"]
    last = messages[-1]
    assert isinstance(last, AIMessage)
    return str(last.text).strip()
