"""What passes between the OpenAI client and the network, watched: time, the end of a reply, and replies that are none.

The client itself gives a reply any time as long as a byte comes now and then, takes a stream that stops in the middle for
a finished one, and a web page for an empty stream. The hooks here, put into the httpx client under it, make these errors:
a reply is over when the read time-out has passed since the request (not since the last byte); an event stream must end
with `[DONE]` or a finish reason; and what is neither an event stream nor JSON is refused. A whole completion in JSON, from
a server that does not stream, is turned into a stream of one event.
"""

from __future__ import annotations

import json
import re
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import httpx

from rag.model.endpoint import OPENED

DEADLINE = "askpapers_deadline"
_EVENT_FIELDS = (b"data", b"event", b"id", b"retry", b":")
_ENDED = re.compile(rb'(?m)^data:\s*\[DONE\]|"finish_reason":\s*"')
_TAIL = 4096  # the last events: finish reason, usage, [DONE]


class StreamCutOff(Exception):
    """The connection ended in good order, the reply did not."""


class NotACompletion(Exception):
    """A reply with status 200 that is no completion; the text shows how it begins."""


def hooks(clock: Callable[[], float]) -> tuple[dict[str, list[Any]], dict[str, list[Any]]]:
    """Event hooks for an `httpx.Client` and an `httpx.AsyncClient`."""

    def on_request(request: httpx.Request) -> None:
        limit = request.extensions.get("timeout", {}).get("read")
        if limit is not None:
            request.extensions.setdefault(DEADLINE, clock() + limit)

    def on_response(response: httpx.Response) -> None:
        deadline = response.request.extensions.get(DEADLINE)
        if deadline is not None:
            # httpcore reads this when the body begins: no single silence outlasts the deadline either.
            response.request.extensions["timeout"]["read"] = max(0.05, deadline - clock())
        opened = OPENED.get()
        if opened is not None:
            opened.append(response)
        response.stream = _Watched(response, _Watch(response, deadline, clock))

    async def on_request_async(request: httpx.Request) -> None:
        on_request(request)

    async def on_response_async(response: httpx.Response) -> None:
        on_response(response)

    return (
        {"request": [on_request], "response": [on_response]},
        {"request": [on_request_async], "response": [on_response_async]},
    )


class _Watch:
    """Looks at the bytes of one body; `see` and `end` say what goes on to the client."""

    def __init__(self, response: httpx.Response, deadline: float | None, clock: Callable[[], float]) -> None:
        self._response = response
        self._deadline = deadline
        self._clock = clock
        # An error's body is read by the client itself; a compressed one cannot be read here.
        self._kind = "begin" if response.status_code == 200 and "content-encoding" not in response.headers else "any"
        self._held = b""

    def see(self, data: bytes) -> bytes:
        if self._deadline is not None and self._clock() > self._deadline:
            raise httpx.ReadTimeout("the reply took too long", request=self._response.request)
        if self._kind == "begin":
            self._held += data
            start = self._held.lstrip(b"\xef\xbb\xbf \t\r\n")
            if not start:
                return b""
            data = self._held
            if start.startswith(b"{"):
                self._kind = "json"
                return b""
            self._kind = "events" if start.startswith(_EVENT_FIELDS) else "other"
            self._held = b""
        if self._kind == "events":
            self._held = (self._held + data)[-_TAIL:]
        elif self._kind != "any":
            self._held += data
            return b""
        return data

    def end(self) -> bytes:
        if self._kind == "events" and not _ENDED.search(self._held):
            raise StreamCutOff
        if self._kind == "other":
            raise NotACompletion(_beginning(self._held))
        return _as_events(self._held) if self._kind == "json" else b""


class _Watched(httpx.SyncByteStream, httpx.AsyncByteStream):
    def __init__(self, response: httpx.Response, watch: _Watch) -> None:
        self._inner: Any = response.stream
        self._watch = watch

    def __iter__(self) -> Iterator[bytes]:
        for data in self._inner:
            if seen := self._watch.see(data):
                yield seen
        if rest := self._watch.end():
            yield rest

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for data in self._inner:
            if seen := self._watch.see(data):
                yield seen
        if rest := self._watch.end():
            yield rest

    def close(self) -> None:
        self._inner.close()

    async def aclose(self) -> None:
        await self._inner.aclose()


def _as_events(body: bytes) -> bytes:
    """A whole completion as a stream of one event; an error object goes through, the client knows it."""
    try:
        whole = json.loads(body)
        if "error" not in whole:
            for choice in whole["choices"]:
                choice["delta"] = choice.pop("message")
            whole["object"] = "chat.completion.chunk"
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise NotACompletion(_beginning(body)) from error
    return b"data: " + json.dumps(whole).encode() + b"\n\ndata: [DONE]\n\n"


def _beginning(body: bytes) -> str:
    return " ".join(body[:400].decode("utf-8", "replace").split())[:80]
