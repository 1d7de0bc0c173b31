"""What comes to a running page is measured before it is read: bodies have a bound, and calls must be JSON objects.

    BodyLimit   an ASGI middleware: 413 for a body over the bound, by its Content-Length or while it comes; 400 for a call that
                is no JSON object

Uploads have their own door (`ui.uploads`).
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_BYTES = 2**20
# Calls of endpoints, under all the names that gradio gives them.
_CALLS = ("/gradio_api/call/", "/gradio_api/run/", "/gradio_api/api/", "/gradio_api/queue/join")
_UPLOAD = "/gradio_api/upload"


class BodyLimit:
    """The middleware. A body is taken in whole, up to the bound, and then handed on."""

    def __init__(self, app: App, *, most_bytes: int = MOST_BYTES) -> None:
        self._app = app
        self._most_bytes = most_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = str(scope.get("path", ""))
        if (
            scope["type"] != "http"
            or scope["method"] in ("GET", "HEAD", "OPTIONS")
            or path.rstrip("/").endswith(_UPLOAD)
        ):
            await self._app(scope, receive, send)
            return
        body = b""
        if _announced(scope) <= self._most_bytes:
            chunks: list[bytes] = []
            n_bytes, more = 0, True
            while more and n_bytes <= self._most_bytes:
                message = await receive()
                if message["type"] != "http.request":  # the caller has gone
                    return
                chunks.append(message.get("body", b""))
                n_bytes += len(chunks[-1])
                more = bool(message.get("more_body"))
            body = b"".join(chunks)
        if _announced(scope) > self._most_bytes or len(body) > self._most_bytes:
            await reply(send, 413, {"error": f"The request is larger than the {self._most_bytes:,} bytes allowed."})
        elif path.startswith(_CALLS) and not _is_object(body):
            await reply(send, 400, {"error": "The body of a call must be a JSON object of its arguments."})
        else:
            await self._app(scope, _replayed(body, receive), send)


def _announced(scope: Scope) -> int:
    for name, value in scope["headers"]:
        if name.lower() == b"content-length":
            return int(value) if value.isdigit() else 0
    return 0


def _is_object(body: bytes) -> bool:
    try:
        return isinstance(json.loads(body), dict)
    except (ValueError, RecursionError):
        return False


def _replayed(body: bytes, receive: Receive) -> Receive:
    given = False

    async def receiving() -> Message:
        nonlocal given
        if given:
            return await receive()
        given = True
        return {"type": "http.request", "body": body, "more_body": False}

    return receiving


async def reply(send: Send, status: int, record: Any, *, headers: tuple[tuple[bytes, bytes], ...] = ()) -> None:
    """A JSON reply; after a refusal the connection is closed, since a body may still be coming."""
    body = json.dumps(record, ensure_ascii=False).encode()
    closing = [(b"connection", b"close")] if status >= 400 else []
    kind = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode())]
    await send({"type": "http.response.start", "status": status, "headers": [*kind, *closing, *headers]})
    await send({"type": "http.response.body", "body": body})
