"""Reading one reply of a LlamaIndex LLM: its text without the thinking, its usage, why it ended.

Providers differ in where they put usage and the reason for the end; the places known are OpenAI's, Anthropic's and
Ollama's. Some servers leave a model's thinking in the text, as `<think>…</think>` in front of the answer: it is left out.
"""

from __future__ import annotations

from typing import Any

from rag.errors import ModelError, ModelProblem
from rag.schema import Usage

_OPEN, _CLOSE = "<think>", "</think>"
_USAGE_NAMES = (("prompt_tokens", "completion_tokens"), ("input_tokens", "output_tokens"))


class Reading:
    """`take` each `ChatResponse`, then `rest`. `n_chunks` counts the pieces of text given out."""

    def __init__(self, name: str) -> None:
        self.usage: Usage | None = None
        self.finish: str | None = None
        self.n_chunks = 0
        self._name = name
        self._n_seen = 0
        self._held = ""

    def take(self, reply: Any) -> str:
        """The text that a reply adds and that may be shown; "" when there is none yet."""
        self._note(reply)
        delta: str | None = reply.delta
        if delta is None:  # not every provider says what is new
            delta = str(reply.message.content or "")[self._n_seen :]
        self._n_seen += len(delta)
        if self.n_chunks == 0:
            delta = self._beginning(delta)
        if delta:
            self.n_chunks += 1
        return delta

    def rest(self) -> str:
        """What was held back at the end. Raises ModelError when the whole reply has no text."""
        rest = "" if self._held.startswith(_OPEN) else self._held
        if rest:
            self.n_chunks += 1
        elif self.n_chunks == 0:
            raise self._empty()
        return rest

    def _beginning(self, delta: str) -> str:
        """Holds back white space and thinking in front of the text, and what may become `<think>`."""
        self._held = (self._held + delta).lstrip()
        if self._held.startswith(_OPEN):
            _, closed, after = self._held.partition(_CLOSE)
            if not closed:
                return ""
            self._held = after.lstrip()
        if _OPEN.startswith(self._held):
            return ""
        shown, self._held = self._held, ""
        return shown

    def _note(self, reply: Any) -> None:
        raw = reply.raw
        if raw is None and not reply.additional_kwargs:
            return
        choices = _field(raw, "choices")
        finish = _field(choices[0] if choices else raw, "finish_reason")
        if finish := finish or _field(raw, "done_reason") or _field(raw, "stop_reason"):
            self.finish = str(finish)
        for holder in (_field(raw, "usage"), reply.additional_kwargs):
            for prompt_name, completion_name in _USAGE_NAMES:
                prompt, completion = _field(holder, prompt_name), _field(holder, completion_name)
                if isinstance(prompt, int) and isinstance(completion, int):
                    self.usage = Usage(prompt_tokens=prompt, completion_tokens=completion)
                    return
        prompt, completion = _field(raw, "prompt_eval_count"), _field(raw, "eval_count")
        if isinstance(prompt, int) and isinstance(completion, int):
            self.usage = Usage(prompt_tokens=prompt, completion_tokens=completion)

    def _empty(self) -> ModelError:
        why = {
            "length": "it spent all its tokens before the first word (on thinking?); ask another model",
            "content_filter": "the provider's filter stopped it; ask in other words",
        }.get(self.finish or "", "try again, or ask another model")
        reason: ModelProblem = "refused" if self.finish == "content_filter" else "empty_reply"
        return ModelError(
            f"{self._name}: the reply was empty; {why}",
            reason=reason,
            retryable=self.finish not in ("length", "content_filter"),
        )


def _field(holder: Any, name: str) -> Any:
    if isinstance(holder, dict):
        return holder.get(name)
    return getattr(holder, name, None)
