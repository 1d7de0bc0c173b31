"""Does a model answer? One tiny request, and what it showed: streaming, usage figures, context length."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from rag.models import Model
from rag.schema import Usage

SYSTEM = "You follow instructions to the letter."
USER = "Write the numbers from one to ten as words, separated by commas, and nothing else."
MAX_TOKENS = 64

# How servers name the context length in their list of models: vLLM, OpenRouter and others, Groq, LM Studio.
_CONTEXT_NAMES = ("max_model_len", "context_length", "context_window", "max_context_length")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCheck:
    """What one request showed. `server_context_tokens` is what the server itself says, None when it does not."""

    name: str
    n_pieces: int
    first_s: float
    usage: Usage | None
    finish: str | None
    context_tokens: int
    server_context_tokens: int | None = None

    @property
    def streams(self) -> bool:
        return self.n_pieces > 1

    def sentence(self) -> str:
        """One line for a person."""
        streaming = (
            f"streams (first word after {self.first_s:.1f} s)"
            if self.streams
            else "does not stream (answers come whole)"
        )
        if self.usage is None:
            figures = "no usage figures (tokens are estimated, cost is not known)"
        else:
            cost = self.usage.cost_usd
            money = "price not known" if cost is None else f"${cost:.6f}"
            figures = f"usage figures ({self.usage.prompt_tokens} + {self.usage.completion_tokens} tokens, {money})"
        context = f"context length {self.context_tokens:,} tokens"
        if self.server_context_tokens and self.server_context_tokens != self.context_tokens:
            context += (
                f" (the server says {self.server_context_tokens:,}: set "
                f"ASKPAPERS_CONTEXT_TOKENS={self.server_context_tokens})"
            )
        return f"{self.name} works: {streaming}, {figures}, {context}."


def check(model: Model, *, clock: Callable[[], float] = time.monotonic) -> ModelCheck:
    """Asks once. Raises ModelError, which says what to mend."""
    prepare = getattr(model, "prepare", None)
    if prepare is not None:
        prepare()
    start, first_s, n_pieces = clock(), 0.0, 0
    usage: Usage | None = None
    finish: str | None = None
    for chunk in model.stream(SYSTEM, USER, max_tokens=MAX_TOKENS):
        if chunk.text and not n_pieces:
            first_s = clock() - start
        n_pieces += bool(chunk.text)
        usage, finish = chunk.usage or usage, chunk.finish or finish
    return ModelCheck(
        name=model.name,
        n_pieces=n_pieces,
        first_s=first_s,
        usage=usage,
        finish=finish,
        context_tokens=model.context_tokens,
        server_context_tokens=_server_says(model),
    )


def _server_says(model: Model) -> int | None:
    """The context length in the server's list of models; a server that has none is no fault."""
    from rag.model.endpoint import Endpoint

    source = getattr(model, "source", None)
    if not isinstance(source, Endpoint):
        return None
    try:
        listed = source.list_models()
    except Exception:
        return None
    for entry in listed:
        if isinstance(entry, dict) and entry.get("id") == source.model:
            found: list[Any] = [entry.get(name) for name in _CONTEXT_NAMES]
            return next((value for value in found if isinstance(value, int) and value > 0), None)
    return None
