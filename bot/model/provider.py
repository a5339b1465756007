"""The chat model of a provider, by the name LangChain gives it."""

from __future__ import annotations

from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

from o2c_core.errors import Refused

if TYPE_CHECKING:
    from langchain_core.language_models.chat_models import BaseChatModel

# The package LangChain needs for the providers people ask for most.
_PACKAGES = {"openai": "langchain_openai", "anthropic": "langchain_anthropic", "ollama": "langchain_ollama"}
# The most a model may write in one call. A short answer or a few tool calls take a tenth of it; some think first.
TOKENS_OUT_MAX = 4_000


class ModelUnknown(Refused):
    """PARLEY_MODEL names a model of a provider this installation has no package for; write openai:NAME, or install it."""


def provider_of(name: str, address: str | None) -> str:
    """Who is before the colon: "openai" of "openai:gpt-…". A server of one's own calls its models as it likes
    ("llama3.1:8b"), so there only a provider's name we know counts as one."""
    before, colon, _ = name.partition(":")
    if colon and (address is None or before in _PACKAGES):
        return before
    return "openai"


def package_missing(name: str, address: str | None) -> str | None:
    """The package to install for a model of that name; None when it is there, or when LangChain must tell."""
    package = _PACKAGES.get(provider_of(name, address))
    return package.replace("_", "-") if package is not None and find_spec(package) is None else None


def needs_key(name: str, address: str | None) -> bool:
    """Ollama, and a server of one's own, ask for none."""
    return address is None and provider_of(name, address) != "ollama"


def provider_model(name: str, *, key: str | None, address: str | None, seconds: float) -> BaseChatModel:
    """The model of that name ("openai:gpt-…", "anthropic:claude-…", "ollama:llama…"), asked for at most that many seconds
    a call. It is not tried here.

    `address` is where an OpenAI-compatible server, or Ollama, listens. Raises: ModelUnknown.
    """
    from langchain.chat_models import init_chat_model  # providers take seconds to import; only who uses one pays

    provider = provider_of(name, address)
    options: dict[str, Any] = {}
    if provider == "ollama":
        options |= {"client_kwargs": {"timeout": seconds}, "num_predict": TOKENS_OUT_MAX}
    else:
        # Retries are counted and recorded by us.
        options |= {"timeout": seconds, "max_retries": 0, "max_tokens": TOKENS_OUT_MAX}
        options |= {"api_key": key or "none"} if key or address else {}
    options |= {"base_url": address} if address else {}
    wanted = name if name.startswith(f"{provider}:") else f"{provider}:{name}"
    try:
        model: BaseChatModel = init_chat_model(wanted, **options)
    except (ImportError, ValueError) as odd:
        raise ModelUnknown from odd
    return model
