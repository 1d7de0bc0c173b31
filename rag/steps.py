"""One implementation for callers that wait and callers that await.

The work is written once, as a generator of steps. It yields events, which go to the caller, and two requests: `Call` (ask the
model this) and `MORE` (give me the next piece of its reply). `Calls.run` and `Calls.arun` carry the requests out, the one with
the model's `stream`, the other with its `astream`; replies come from the cache where it has them, and no call is made when the
money that may be spent is spent.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Generator, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final, TypeVar

from rag.errors import ModelError
from rag.events import Event
from rag.schema import Usage

if TYPE_CHECKING:
    from rag.models import Chunk, Model
    from rag.reply_cache import ReplyCache
    from rag.spending import Spending


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """Ask the model; the answer to this step is None."""

    system: str
    user: str
    max_tokens: int


class More:
    """The answer to this step is the next Chunk, None at the end of the reply, or a Failure."""


MORE: Final = More()


@dataclass(frozen=True, slots=True, kw_only=True)
class Failure:
    """Why a reply did not come, or not to its end, in a sentence; `reason` is that of the ModelError ("limit": money)."""

    message: str
    reason: str


Answered = TypeVar("Answered")
Given = Any  # Chunk | Failure | None
Steps = Generator["Event | Call | More", Given, Answered]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A whole reply, however it ended."""

    text: str
    usage: Usage | None = None
    finish: str | None = None
    failure: Failure | None = None


def whole_reply(call: Call) -> Steps[Reply]:
    """A reply that nobody needs before it is whole."""
    yield call
    text: list[str] = []
    usage, finish = None, None
    while True:
        given = yield MORE
        if given is None or isinstance(given, Failure):
            return Reply(text="".join(text), usage=usage, finish=finish, failure=given)
        text.append(given.text)
        usage, finish = given.usage or usage, given.finish or finish


@dataclass(slots=True, kw_only=True)
class _Open:
    """A call that is being answered: what is there without the model, else its chunks, and what came of it so far."""

    key: str = ""
    ready: Failure | Chunk | None = None
    chunks: Any = None
    text: list[str] = field(default_factory=list)
    last: Chunk | None = None

    def heard(self, chunk: Chunk) -> None:
        self.text.append(chunk.text)
        if chunk.usage is not None or chunk.finish is not None:
            self.last = chunk


@dataclass(frozen=True, slots=True, kw_only=True)
class Calls:
    """How calls are carried out: by which model, from which cache, on whose money."""

    model: Model | None
    spending: Spending
    cache: ReplyCache | None = None

    def run(self, steps: Steps[Any]) -> Iterator[Event]:
        """The events of the steps, with the model's replies read as they come."""
        calls: list[_Open] = []  # a call may be made while another one's reply is being read
        given: Given = None
        try:
            while True:
                try:
                    step = steps.send(given)
                except StopIteration:
                    return
                given = None
                if isinstance(step, Call):
                    calls.append(self._begin(step))
                    if calls[-1].ready is None and self.model is not None:
                        calls[-1].chunks = self.model.stream(step.system, step.user, max_tokens=step.max_tokens)
                elif isinstance(step, More):
                    given, calls[-1].ready = calls[-1].ready, None
                    if given is None and calls[-1].chunks is not None:
                        try:
                            given = next(calls[-1].chunks, None)
                        except ModelError as error:
                            given = Failure(message=str(error), reason=error.reason)
                    self._heard(calls, given)
                else:
                    yield step
        finally:
            steps.close()
            for call in calls:
                if hasattr(call.chunks, "close"):
                    call.chunks.close()

    async def arun(self, steps: Steps[Any]) -> AsyncIterator[Event]:
        """The same without blocking the event loop: what searches and checks runs in a thread."""
        calls: list[_Open] = []
        given: Given = None

        def next_step() -> Event | Call | More | None:
            try:
                return steps.send(given)
            except StopIteration:
                return None

        try:
            while (step := await asyncio.to_thread(next_step)) is not None:
                given = None
                if isinstance(step, Call):
                    calls.append(self._begin(step))
                    if calls[-1].ready is None and self.model is not None:
                        calls[-1].chunks = self.model.astream(step.system, step.user, max_tokens=step.max_tokens)
                elif isinstance(step, More):
                    given, calls[-1].ready = calls[-1].ready, None
                    if given is None and calls[-1].chunks is not None:
                        try:
                            given = await anext(calls[-1].chunks, None)
                        except ModelError as error:
                            given = Failure(message=str(error), reason=error.reason)
                    self._heard(calls, given)
                else:
                    yield step
        finally:
            for call in calls:
                if hasattr(call.chunks, "aclose"):
                    await call.chunks.aclose()
            with suppress(ValueError):  # a thread may still be at work on a step when the caller leaves
                steps.close()

    def _begin(self, call: Call) -> _Open:
        """A call with what needs no model: the cached reply, or why there may be none."""
        if self.model is None:
            return _Open(ready=Failure(message="there is no language model", reason="none"))
        key = self.cache.key(self.model.name, call) if self.cache else ""
        kept = self.cache.get(key) if self.cache else None
        return _Open(key=key, ready=kept or self.spending.refusal(self.model))

    def _heard(self, calls: list[_Open], given: Given) -> None:
        """Notes what came; at the end of a reply, keeps it."""
        if given is not None and not isinstance(given, Failure):
            calls[-1].heard(given)
            return
        ended = calls.pop()
        if given is None and ended.chunks is not None and self.cache and ended.last and ended.last.finish == "stop":
            self.cache.put(ended.key, "".join(ended.text), ended.last)
