"""Where a model's words come from: LlamaIndex's `OpenAILike` for an address, or a LlamaIndex `LLM` that the caller made.

`OpenAILike` serves OpenAI too: LlamaIndex's `OpenAI` class refuses models it does not know, so a model newer than the
package could not be used. Servers differ in the fields that they accept (`max_tokens` or `max_completion_tokens`,
`temperature`, `stream_options`); a field that is refused is left out from then on (`RequestFields`).
"""

from __future__ import annotations

import base64
import time
from collections.abc import Callable
from contextvars import ContextVar
from typing import Any, Protocol
from urllib.parse import unquote, urlsplit, urlunsplit

from rag.errors import ModelError
from rag.model.errors import Target, missing_package, too_long
from rag.model.facts import ModelFacts, openai_facts, thinks

OPENAI_URL = "https://api.openai.com/v1"
CONNECT_S = 5.0
# The HTTP replies that a call has opened (httpx.Response); set before a call, filled by rag/model/wire.py. LlamaIndex's
# generators do not close theirs when they are left early, which would keep the connection and the model busy.
OPENED: ContextVar[list[Any] | None] = ContextVar("askpapers_opened", default=None)
THINKING_TOKENS = 4096  # on top of what the answer may take; a model that thinks spends from the same limit


class Source(Protocol):
    """What `LlamaModel` needs to know of a model."""

    name: str
    context_tokens: int
    facts: ModelFacts | None
    target: Target

    def llm(self) -> Any:
        """The LlamaIndex LLM to call; may import it. Raises ModelError."""

    def async_llm(self) -> Any:
        """The same, for the event loop that runs now."""

    def options(self, max_tokens: int, timeout_s: float) -> dict[str, Any]:
        """Keyword arguments of the call."""

    def adapt(self, status: int | None, said: str) -> bool:
        """After a refusal: True when the next call will be different in a way that may help."""

    def allow_thinking(self) -> bool:
        """After a reply that spent all its tokens before the first word: as `adapt`."""


class RequestFields:
    """The fields of a request that not every server takes."""

    def __init__(self, *, limit: str, allowance: int = 0, **optional: Any) -> None:
        self._limit = limit
        self._allowance = allowance
        self._optional = optional
        self._set_aside: dict[str, Any] = {}
        self._swapped = False

    def fields(self, max_tokens: int) -> dict[str, Any]:
        return {self._limit: max_tokens + self._allowance, **self._optional}

    def adapt(self, status: int | None, said: str) -> bool:
        """Leaves out the field that a 400 or 422 names; where it names none, once, everything optional."""
        if status not in (400, 422):
            return False
        for name in self._optional:
            if name in said:
                del self._optional[name]
                return True
        if self._limit in said and not self._swapped and _unknown_field(said):
            self._limit = "max_tokens" if self._limit == "max_completion_tokens" else "max_completion_tokens"
            self._swapped = True
            return True
        if self._set_aside:  # it was none of them
            self._optional, self._set_aside = self._set_aside, {}
            return False
        if too_long(said):
            return False
        self._optional, self._set_aside = {}, self._optional
        return bool(self._set_aside)

    def allow_thinking(self) -> bool:
        if self._allowance:
            return False
        self._allowance = THINKING_TOKENS
        return True


class Endpoint:
    """A model behind an address that speaks OpenAI's chat completions."""

    def __init__(
        self,
        *,
        name: str,
        model: str,
        url: str,
        key: str | None,
        key_variable: str,
        needs_key: bool,
        context_tokens: int,
        facts: ModelFacts | None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.name = name
        self.model = model
        self.context_tokens = context_tokens
        self.facts = facts
        self.url, password = _split_password(url)
        self._headers = {"Authorization": f"Basic {password}"} if password else None
        self._key = key
        self._needs_key = needs_key
        self._clock = clock
        secrets = tuple(text for text in (key, password, urlsplit(url).password) if text)
        self.target = Target(name=name, url=_shown(self.url), key_variable=key_variable, secrets=secrets)
        self._sync: Any = None
        self._async: tuple[Any, Any] | None = None
        usage = {"include_usage": True}
        if is_openai(url):
            plain: dict[str, Any] = {"reasoning_effort": "low"} if thinks(model) else {"temperature": 0.0}
            allowance = THINKING_TOKENS if thinks(model) else 0
            self._fields = RequestFields(
                limit="max_completion_tokens", allowance=allowance, stream_options=usage, **plain
            )
        else:
            self._fields = RequestFields(limit="max_tokens", stream_options=usage, temperature=0.0)

    def __repr__(self) -> str:
        return f"Endpoint({self.name!r})"

    def llm(self) -> Any:
        if self._sync is None:
            self._sync = self._make()
        return self._sync

    def async_llm(self) -> Any:
        # An async client belongs to the event loop in which it was first used.
        import asyncio

        loop = asyncio.get_running_loop()
        if self._async is None or self._async[0] is not loop:
            self._async = (loop, self._make())
        return self._async[1]

    def options(self, max_tokens: int, timeout_s: float) -> dict[str, Any]:
        import httpx
        from openai import omit

        timeout = httpx.Timeout(timeout_s, connect=min(timeout_s, CONNECT_S))
        return {"temperature": omit, **self._fields.fields(max_tokens), "timeout": timeout}

    def adapt(self, status: int | None, said: str) -> bool:
        return self._fields.adapt(status, said)

    def allow_thinking(self) -> bool:
        return self._fields.allow_thinking()

    def list_models(self) -> list[Any]:
        """The server's own list of its models, as it gives it; any exception when there is none."""
        import httpx

        headers = {"Authorization": f"Bearer {self._key}"} if self._key else {}
        reply = httpx.get(f"{self.url.rstrip('/')}/models", headers=self._headers or headers, timeout=CONNECT_S)
        listed = reply.raise_for_status().json()["data"]
        return listed if isinstance(listed, list) else []

    def _make(self) -> Any:
        if self._needs_key and not self._key:
            raise ModelError(
                f"{self.name} needs a key in {self.target.key_variable}; set it, or take --llm none to answer with quotes",
                reason="no_key",
            )
        try:
            import httpx
            from llama_index.llms.openai_like import OpenAILike
            from openai import DefaultAsyncHttpxClient, DefaultHttpxClient

            from rag.model.wire import hooks
        except ImportError as error:
            raise missing_package(self.name, error) from error
        sync_hooks, async_hooks = hooks(self._clock)
        # Questions come further apart than an idle connection is kept open (5 s): each call has its own.
        limits = httpx.Limits(max_keepalive_connections=0)
        return OpenAILike(
            model=self.model,
            api_base=self.url,
            api_key=self._key or "none",
            is_chat_model=True,
            context_window=self.context_tokens,
            max_retries=0,
            default_headers=self._headers,
            http_client=DefaultHttpxClient(limits=limits, event_hooks=sync_hooks),
            async_http_client=DefaultAsyncHttpxClient(limits=limits, event_hooks=async_hooks),
        )


class Given:
    """A LlamaIndex LLM made by the caller: called as it is, its own settings and retries in force."""

    def __init__(self, llm: Any, context_tokens: int | None = None) -> None:
        self._llm = llm
        kind = type(llm).__name__
        model = getattr(llm, "model", None)
        self._speaks_openai = any(
            parent.__name__ == "OpenAI" and parent.__module__.startswith("llama_index.") for parent in type(llm).__mro__
        )
        base = getattr(llm, "api_base", None)
        model = model if isinstance(model, str) else None
        self.facts = openai_facts(model) if self._speaks_openai and model and is_openai(base or OPENAI_URL) else None
        self.name = f"openai/{model}" if self.facts else "/".join(["llama-index", kind, *([model] if model else [])])
        key = getattr(llm, "api_key", None)
        self.target = Target(
            name=self.name,
            url=_shown(_split_password(base)[0]) if isinstance(base, str) else None,
            secrets=(key,) if isinstance(key, str) and key else (),
        )
        self.context_tokens = context_tokens or (self.facts.context_tokens if self.facts else self._window())
        allowance = THINKING_TOKENS if model and self._speaks_openai and thinks(model) else 0
        self._fields = RequestFields(limit="max_tokens", allowance=allowance, stream_options={"include_usage": True})

    def __repr__(self) -> str:
        return f"Given({self.name!r})"

    def llm(self) -> Any:
        return self._llm

    def async_llm(self) -> Any:
        return self._llm

    def options(self, max_tokens: int, timeout_s: float) -> dict[str, Any]:
        if not self._speaks_openai:
            return {}  # other providers' names for these differ, and an unknown one is an error
        fields = self._fields.fields(max_tokens)
        if self._llm.max_tokens is not None:
            fields.pop("max_tokens", None)
        return {**fields, "timeout": timeout_s}

    def adapt(self, status: int | None, said: str) -> bool:
        return self._speaks_openai and self._fields.adapt(status, said)

    def allow_thinking(self) -> bool:
        return self._speaks_openai and self._llm.max_tokens is None and self._fields.allow_thinking()

    def _window(self) -> int:
        from rag.models import UNKNOWN_CONTEXT_TOKENS

        try:
            window = self._llm.metadata.context_window
        except Exception:  # LlamaIndex's OpenAI class does not know the model; the call will say so
            window = None
        return window if isinstance(window, int) and window > 0 else UNKNOWN_CONTEXT_TOKENS


def is_openai(url: str) -> bool:
    return urlsplit(url).hostname == "api.openai.com"


def _unknown_field(said: str) -> bool:
    lowered = said.lower()
    return any(
        word in lowered for word in ("unsupported", "not supported", "unrecognized", "unknown", "extra", "permitted")
    )


def _split_password(url: str) -> tuple[str, str | None]:
    """An address without `user:password@`, and these as HTTP's basic authentication wants them."""
    parts = urlsplit(url)
    user, at, host = parts.netloc.rpartition("@")
    if not at:
        return url, None
    return urlunsplit(parts._replace(netloc=host)), base64.b64encode(unquote(user).encode()).decode()


def _shown(url: str) -> str:
    return url.partition("?")[0]
