"""A provider's model as somebody who puts words differently: one call, no tools, no conversation."""

from __future__ import annotations

from collections.abc import Callable

from langchain_core.language_models.chat_models import BaseChatModel
from langchain_core.messages import HumanMessage, SystemMessage


def writer(model: BaseChatModel) -> Callable[[str, str], str]:
    """What is told to it goes before, what it is given follows; what it writes comes back as text."""

    def write(told: str, given: str) -> str:
        return str(model.invoke([SystemMessage(told), HumanMessage(given)]).text)

    return write
