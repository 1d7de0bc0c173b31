"""Headers that keep the page to itself: an ASGI middleware.

The policy lets the page load from its own server alone and forbids script in attributes: whatever slipped through every other
care could neither run nor call out. Gradio's own pages need inline and evaluated script.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
App = Callable[[Message, Callable[[], Awaitable[Message]], Callable[[Message], Awaitable[None]]], Awaitable[None]]

_API = re.compile(rb"window\.gradio_api_info = .*?;</script>", re.DOTALL)
POLICY = "; ".join(
    (
        "default-src 'self'",
        "script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:",
        "script-src-attr 'none'",
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data: blob:",
        "font-src 'self' data:",
        "connect-src 'self' data: blob:",
        "worker-src 'self' blob:",
        "object-src 'none'",
        "base-uri 'self'",
        "form-action 'self'",
        "frame-ancestors 'self'",
    )
)


class PageHeaders:
    """Adds the policy to every reply, and a title to the page itself: Gradio's sign-in page has none."""

    def __init__(self, app: App) -> None:
        self._app = app

    async def __call__(self, scope: Message, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        page = _Page(send) if scope["path"] == "/" else None

        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [*message.get("headers", []), (b"content-security-policy", POLICY.encode())]
                message = {**message, "headers": headers}
            await (send if page is None else page.take)(message)

        await self._app(scope, receive, sending)


class _Page:
    """Holds a reply back until it is whole, and gives its HTML a title."""

    def __init__(self, send: Any) -> None:
        self._send = send
        self._start: Message = {}
        self._body = b""

    async def take(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self._start = message
            return
        self._body += message.get("body", b"")
        if message.get("more_body"):
            return
        if b'"auth_required":true' in self._body.replace(b" ", b""):
            # Who has not signed in is not told what the page's endpoints take.
            self._body = _API.sub(b"window.gradio_api_info = null;</script>", self._body, count=1)
        if b"<title" not in self._body:
            self._body = self._body.replace(b"<head>", b"<head><title>askpapers</title>", 1)
        others = [(name, value) for name, value in self._start["headers"] if name.lower() != b"content-length"]
        headers = [*others, (b"content-length", str(len(self._body)).encode())]
        await self._send({**self._start, "headers": headers})
        await self._send({"type": "http.response.body", "body": self._body})
