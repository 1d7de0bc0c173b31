"""Language models: from a name, or a LlamaIndex `LLM`, to something that streams text.

    model = load_llm("openai/gpt-6-luna", settings=Settings.from_env())
    for chunk in model.stream("You answer from the papers.", "Which papers …?", max_tokens=600):
        print(chunk.text, end="")

| spec | what it is |
|---|---|
| `none` | no model; answers are quotes |
| `openai/MODEL` | OpenAI, with `OPENAI_API_KEY`; `OPENAI_BASE_URL` for another place that takes the same key |
| `openai-like/MODEL@http://host/v1` | Ollama, vLLM, LM Studio, llama.cpp, hosted services; key in `ASKPAPERS_LLM_KEY` if needed |
| a LlamaIndex `LLM` object | any of LlamaIndex's providers, set up by the caller |

Loading a model imports and sends nothing; what is wrong with it (no key, no package, no such model) is a ModelError of the
first call, so that there is one place where an answer falls back to quotes. Only a spec that cannot be read fails at once.
Underneath are LlamaIndex's own model objects (rag/model/endpoint.py), called with patience (rag/model/calls.py); every
exception of theirs becomes a ModelError (rag/model/errors.py).
"""

from __future__ import annotations

import re
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable
from urllib.parse import urlsplit

from rag.errors import ModelError
from rag.model.tokens import count_tokens
from rag.schema import Usage

if TYPE_CHECKING:
    from rag.settings import Settings

__all__ = ["DEFAULT_OPENAI_MODEL", "NO_MODEL", "Chunk", "Model", "count_tokens", "load_llm"]

DEFAULT_OPENAI_MODEL = "gpt-6-luna"  # answers when there is a key and nothing else is said: small, current, cheap
NO_MODEL = "none"

# What fits into a model of which nothing is known. Ollama cuts prompts at 4,096 tokens unless told otherwise, and says
# nothing: it is recognised by its port.
UNKNOWN_CONTEXT_TOKENS = 8_192
OLLAMA_PORT, OLLAMA_CONTEXT_TOKENS = 11434, 4_096

_AT_ADDRESS = re.compile(r"@(?=\w+://)")  # a model's own name may hold an @, an address a password in front of one


@dataclass(frozen=True, slots=True, kw_only=True)
class Chunk:
    """A piece of a reply. The last one has no text, but the usage and the reason for the end when the provider gave them.

    `finish` is the provider's word: "stop", or "length" when the reply reached `max_tokens`.
    """

    text: str = ""
    usage: Usage | None = None
    finish: str | None = None


@runtime_checkable
class Model(Protocol):
    """A language model. `name` is fit to be shown (no key, no password of an address).

    `stream` and `astream` raise ModelError. Before the first chunk they try again where that makes sense (at most about 20
    seconds, inside `timeout_s`, which bounds the whole reply); after it, what was yielded is all that came. Text starts with
    a visible character; thinking is left out.
    """

    @property
    def name(self) -> str: ...

    @property
    def context_tokens(self) -> int: ...

    def stream(self, system: str, user: str, *, max_tokens: int, timeout_s: float = 60.0) -> Iterator[Chunk]: ...

    def astream(self, system: str, user: str, *, max_tokens: int, timeout_s: float = 60.0) -> AsyncIterator[Chunk]: ...

    def cost(self, usage: Usage) -> float | None:
        """US dollars; None when the price is not known."""


def load_llm(spec_or_llm: str | Any, *, settings: Settings) -> Model | None:
    """The model of a spec (None for "none"), of a LlamaIndex `LLM`, or the `Model` itself when it is one.

    Raises ModelError (reason "bad_spec") when it is none of these.
    """
    if not isinstance(spec_or_llm, str):
        if isinstance(spec_or_llm, Model):
            return spec_or_llm
        if not callable(getattr(spec_or_llm, "stream_chat", None)):
            raise _bad_spec(f"a {type(spec_or_llm).__name__} is not a language model")
        from rag.model.calls import LlamaModel
        from rag.model.endpoint import Given

        return LlamaModel(Given(spec_or_llm, settings.context_tokens), timeout_s=settings.llm_timeout_s)
    spec = spec_or_llm.strip()
    if spec == NO_MODEL:
        return None
    from rag.model.calls import LlamaModel

    return LlamaModel(_endpoint(spec, settings), timeout_s=settings.llm_timeout_s)


def _endpoint(spec: str, settings: Settings) -> Any:
    from rag.model.endpoint import OPENAI_URL, Endpoint, is_openai
    from rag.model.facts import OTHER_OPENAI_CONTEXT_TOKENS, openai_facts

    provider, _, rest = spec.partition("/")
    if provider == "openai" and rest:
        url = settings.openai_base_url or OPENAI_URL
        _check_url(url, "OPENAI_BASE_URL")
        facts = openai_facts(rest) if is_openai(url) else None
        unknown = OTHER_OPENAI_CONTEXT_TOKENS if is_openai(url) else _unknown_context(url)
        return Endpoint(
            name=f"openai/{rest}",
            model=rest,
            url=url,
            key=settings.openai_api_key,
            key_variable="OPENAI_API_KEY",
            needs_key=True,
            context_tokens=settings.context_tokens or (facts.context_tokens if facts else unknown),
            facts=facts,
        )
    model, _, url = _AT_ADDRESS.sub("\n", rest, count=1).partition("\n")
    if provider == "openai-like" and model and url:
        _check_url(url, f"the address in {_without_password(spec)!r}")
        return Endpoint(
            name=f"openai-like/{model}@{_without_password(url)}",
            model=model,
            url=url,
            key=settings.llm_key,
            key_variable="ASKPAPERS_LLM_KEY",
            needs_key=False,
            context_tokens=settings.context_tokens or _unknown_context(url),
            facts=None,
        )
    raise _bad_spec(f"{_without_password(spec)!r} does not name a language model")


def _bad_spec(what: str) -> ModelError:
    return ModelError(
        f"{what}; use none, openai/MODEL, openai-like/MODEL@http://host/v1, or from Python a LlamaIndex LLM object",
        reason="bad_spec",
    )


def _check_url(url: str, where: str) -> None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise _bad_spec(f"{where} is not an address that starts with http:// or https://")


def _unknown_context(url: str) -> int:
    return OLLAMA_CONTEXT_TOKENS if urlsplit(url).port == OLLAMA_PORT else UNKNOWN_CONTEXT_TOKENS


def _without_password(text: str) -> str:
    """An address (or a spec with one in it) without `user:password@` and without what follows a `?`."""
    head, scheme, address = text.partition("://")
    if not scheme:
        return text
    host, slash, path = address.partition("?")[0].partition("/")
    return f"{head}{scheme}{host.rpartition('@')[2]}{slash}{path}"
