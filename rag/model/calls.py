"""Calling a LlamaIndex LLM: text as it comes, patience before the first word, one kind of error.

    attempt ── first word ──> yield … yield ── end ──> last chunk (usage, reason for the end)
       │                            └── failure ──> ModelError; what was yielded stays
       └── failure ──> adapt the request, or wait and try again, at most 3 attempts in 20 seconds; else ModelError

`stream` and `astream` are the same steps over one implementation of reading (`Reading`) and of patience (`_Patience`).
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any

from rag.errors import ModelError
from rag.model.endpoint import OPENED, Source
from rag.model.errors import model_error, refusal, speakable
from rag.model.facts import cost_usd
from rag.model.reading import Reading
from rag.models import Chunk
from rag.schema import Usage

MAX_ATTEMPTS = 3
FEWER_ATTEMPTS = {"unreachable": 2, "cut_off": 2, "empty_reply": 2}  # what a second time does not mend stays broken
PATIENCE_S = 20.0
_WAITS_S = (0.5, 2.0)
_MAX_ADAPTATIONS = 5


class LlamaModel:
    """A `rag.models.Model` over a LlamaIndex LLM. `sleep`, `asleep` and `clock` are for tests."""

    def __init__(
        self,
        source: Source,
        *,
        timeout_s: float = 60.0,
        sleep: Callable[[float], None] = time.sleep,
        asleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.source = source
        self._timeout_s = timeout_s
        self._sleep = sleep
        self._asleep = asleep
        self._clock = clock

    def __repr__(self) -> str:
        return f"LlamaModel({self.name!r})"

    @property
    def name(self) -> str:
        return self.source.name

    @property
    def context_tokens(self) -> int:
        return self.source.context_tokens

    def cost(self, usage: Usage) -> float | None:
        if self.source.facts is None:
            return None
        return cost_usd(self.source.facts, prompt_tokens=usage.prompt_tokens, completion_tokens=usage.completion_tokens)

    def prepare(self) -> None:
        """Imports what the first call needs (seconds), for a thread beside the search; its errors wait for the call."""
        try:
            self.source.llm()
            _messages("", "")
        except Exception:
            return

    def stream(self, system: str, user: str, *, max_tokens: int, timeout_s: float | None = None) -> Iterator[Chunk]:
        patience = _Patience(self.source, timeout_s or self._timeout_s, self._clock)
        while True:
            reading = Reading(self.name)
            try:
                llm = self.source.llm()
                patience.begin()
                options = self.source.options(max_tokens, patience.left_s())
                opened: list[Any] = []
                OPENED.set(opened)
                try:
                    replies = llm.stream_chat(_messages(system, user), **options)
                except NotImplementedError:
                    replies = iter([llm.chat(_messages(system, user))])
                try:
                    for reply in replies:
                        if text := reading.take(reply):
                            yield Chunk(text=text)
                        patience.check()
                finally:
                    if hasattr(replies, "close"):
                        replies.close()
                    for response in opened:
                        response.close()
                if text := reading.rest():
                    yield Chunk(text=text)
                yield self._last(reading)
                return
            except Exception as error:
                wait_s = patience.after(error, reading)
            if wait_s:
                self._sleep(wait_s)

    async def astream(
        self, system: str, user: str, *, max_tokens: int, timeout_s: float | None = None
    ) -> AsyncIterator[Chunk]:
        patience = _Patience(self.source, timeout_s or self._timeout_s, self._clock)
        while True:
            reading = Reading(self.name)
            try:
                llm = self.source.async_llm()
                patience.begin()
                options = self.source.options(max_tokens, patience.left_s())
                opened: list[Any] = []
                OPENED.set(opened)
                try:
                    replies = await llm.astream_chat(_messages(system, user), **options)
                except NotImplementedError:
                    replies = _alone(await llm.achat(_messages(system, user)))
                try:
                    async for reply in replies:
                        if text := reading.take(reply):
                            yield Chunk(text=text)
                        patience.check()
                finally:
                    if hasattr(replies, "aclose"):
                        await replies.aclose()
                    for response in opened:
                        await response.aclose()
                if text := reading.rest():
                    yield Chunk(text=text)
                yield self._last(reading)
                return
            except Exception as error:
                wait_s = patience.after(error, reading)
            if wait_s:
                await self._asleep(wait_s)

    def _last(self, reading: Reading) -> Chunk:
        usage = reading.usage
        if usage is not None:
            usage = Usage(
                prompt_tokens=usage.prompt_tokens,
                completion_tokens=usage.completion_tokens,
                cost_usd=self.cost(usage),
            )
        return Chunk(usage=usage, finish=reading.finish)


class _Patience:
    """How long to go on trying: counts attempts and time from the first one."""

    def __init__(self, source: Source, timeout_s: float, clock: Callable[[], float]) -> None:
        self._source = source
        self._timeout_s = timeout_s
        self._clock = clock
        self._start: float | None = None
        self._n_attempts = 0
        self._n_adaptations = 0

    def begin(self) -> None:
        """Starts the clock; not before, since importing a model's package takes seconds."""
        if self._start is None:
            self._start = self._clock()

    def spent_s(self) -> float:
        return 0.0 if self._start is None else self._clock() - self._start

    def left_s(self) -> float:
        """Seconds until the whole reply must be there."""
        return max(0.1, self._timeout_s - self.spent_s())

    def check(self) -> None:
        if self.spent_s() > self._timeout_s:
            raise TimeoutError

    def after(self, error: Exception, reading: Reading) -> float:
        """Seconds to wait before the next attempt; raises the ModelError when there is to be none."""
        source, n_chunks = self._source, reading.n_chunks
        problem = model_error(error, source.target, timeout_s=self._timeout_s, n_chunks=n_chunks)
        if not n_chunks:
            if self._n_adaptations < _MAX_ADAPTATIONS and self._adapt(error, problem, reading):
                self._n_adaptations += 1
                return 0.0
            self._n_attempts += 1
            if problem.retryable and self._n_attempts < FEWER_ATTEMPTS.get(problem.reason, MAX_ATTEMPTS):
                wait_s = max(_WAITS_S[self._n_attempts - 1], problem.retry_after_s or 0.0)
                if self.spent_s() + wait_s <= min(PATIENCE_S, self._timeout_s):
                    return wait_s
        if problem is error:
            raise problem
        raise problem from speakable(error, source.target)

    def _adapt(self, error: Exception, problem: ModelError, reading: Reading) -> bool:
        if problem.reason == "empty_reply" and reading.finish == "length":
            return self._source.allow_thinking()
        return problem.reason == "refused" and self._source.adapt(*refusal(error))


def _messages(system: str, user: str) -> list[Any]:
    from llama_index.core.base.llms.types import ChatMessage, MessageRole

    return [ChatMessage(role=MessageRole.SYSTEM, content=system), ChatMessage(role=MessageRole.USER, content=user)]


async def _alone(reply: Any) -> AsyncIterator[Any]:
    yield reply
