"""Who may talk to a running page: its own pages and programs, under its own names, signed in where that is demanded.

An ASGI middleware around everything that gradio serves. Gradio itself answers every request that reaches it and leaves it to
the browser not to show the result to other sites; its MCP server asks nobody to sign in. Here

* a Host that is none of the page's names is refused: a site that points its own name at this machine (DNS rebinding) gets
  nothing;
* a request that another site's page makes (its Origin, or Sec-Fetch-Site) is refused; following a link to the page is not;
* where a password is set, everything but the sign-in page demands it, `Authorization: Basic` is good for the page and the API,
  too, and who tries wrong ones has to wait longer and longer.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import ipaddress
import math
import secrets
import socket
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import urlsplit

from ui.door import reply
from ui.limits import Guesses

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MCP_PATH = "/gradio_api/mcp"
# What the sign-in page is made of; all else demands that somebody has signed in.
_OPEN = ("/assets/", "/static/", "/svelte/", "/pwa_icon")
_OPEN_PAGES = frozenset(
    {
        "",
        "/login",
        "/logout",
        "/theme.css",
        "/favicon.ico",
        "/manifest.json",
        "/robots.txt",
        "/gradio_api/startup-events",
        "/gradio_api/theme.css",
    }
)
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"content-security-policy", b"frame-ancestors 'self'"),
)


def is_loopback(host: str) -> bool:
    """Whether an address to listen on is reached from this machine alone."""
    if host in LOOPBACK:
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def host_names(host: str, *, extra: Iterable[str] = ()) -> frozenset[str]:
    """The names under which a page that listens on `host` may be asked for: loopback's, its own, this machine's.

    A name that is an IP address is always good beyond loopback (`Guard`): nobody can point an address elsewhere.
    """
    names = {*LOOPBACK, host.strip("[]").lower(), *(name.lower() for name in extra)}
    if not is_loopback(host):
        machine = socket.gethostname().lower()
        names |= {machine, f"{machine.partition('.')[0]}.local"}
    return frozenset(names)


class Guard:
    """The middleware. `names`: see `host_names`; `addresses`: any IP address is a good Host, too (a page beyond loopback).

    `users` are names and passwords; None: nobody signs in. `guesses` counts wrong passwords by address.
    """

    def __init__(
        self,
        app: App,
        *,
        names: frozenset[str],
        addresses: bool = False,
        users: dict[str, str] | None = None,
        guesses: Guesses | None = None,
    ) -> None:
        self._app = app
        self._names = names
        self._addresses = addresses
        self._users = users
        self._tokens: dict[str, str] = {}
        self._guesses = guesses or Guesses()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
        problem = self._problem(headers)
        if problem is None and self._users is not None:
            scope, problem = self._signed_in(scope, headers)
        if problem is not None:
            await _refuse(scope, send, *problem, asks=_asks_for_basic(scope, headers))
            return
        sending = _with_headers(send)
        if self._users is not None and scope["path"].rstrip("/") == "/login" and scope.get("method") == "POST":
            address = _address(scope)
            if wait_s := self._guesses.attempt(address):
                await reply(sending, 429, {"detail": _wait(wait_s)}, headers=_retry(wait_s))
                return
            sending = _watched(sending, lambda: self._guesses.right(address))
        await self._app(scope, receive, sending)

    def _problem(self, headers: dict[str, str]) -> tuple[int, str] | None:
        name = _name(headers.get("host", ""))
        if name not in self._names and not (self._addresses and _is_address(name)):
            return 421, "This page does not go by that name; open it under the address that `askpapers chat` printed."
        origin = headers.get("origin")
        if origin is not None:
            if urlsplit(origin).netloc.lower() != headers.get("host", "").lower():
                return 403, "Requests from other sites are refused."
        elif (
            headers.get("sec-fetch-site") in ("cross-site", "same-site") and headers.get("sec-fetch-mode") != "navigate"
        ):
            return 403, "Requests from other sites are refused."
        return None

    def _signed_in(self, scope: Scope, headers: dict[str, str]) -> tuple[Scope, tuple[int, str] | None]:
        """The scope, with gradio's own cookie where a password came with the request; or what is wrong."""
        assert self._users is not None
        app = scope["app"]
        given = headers.get("authorization", "")
        if given.lower().startswith("basic "):
            if wait_s := self._guesses.attempt(_address(scope)):
                return scope, (429, _wait(wait_s))
            user = _user(given, self._users)
            if user is None:
                return scope, (401, "The user or the password is wrong.")
            self._guesses.right(_address(scope))
            return _with_cookie(scope, app.cookie_id, self._token(app, user)), None
        if not _is_open(scope["path"]) and not _has_cookie(headers, app):
            return scope, (401, "Sign in: send the user and password as HTTP Basic authorization.")
        return scope, None

    def _token(self, app: Any, user: str) -> str:
        """One sign-in of gradio's for each user, however many requests they make."""
        token = self._tokens.get(user)
        if token is None or app.tokens.get(token) != user:
            token = self._tokens[user] = secrets.token_urlsafe(16)
            app.tokens[token] = user
        return token


def _is_open(path: str) -> bool:
    return path.rstrip("/") in _OPEN_PAGES or path.startswith(_OPEN)


def _asks_for_basic(scope: Scope, headers: dict[str, str]) -> bool:
    """Whether a refusal should ask for a user and a password; a browser would ask in a window of its own."""
    return scope["path"].startswith(MCP_PATH) or "authorization" in headers


def _address(scope: Scope) -> str:
    client = scope.get("client")
    return str(client[0]) if client else ""


def _wait(wait_s: float) -> str:
    return f"Too many wrong passwords came from this address; try again in {max(math.ceil(wait_s), 1)} s."


def _retry(wait_s: float) -> tuple[tuple[bytes, bytes], ...]:
    return ((b"retry-after", str(max(math.ceil(wait_s), 1)).encode()),)


def _watched(send: Send, right: Callable[[], None]) -> Send:
    """Tells when somebody signed in."""

    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start" and message["status"] == 200:
            right()
        await send(message)

    return sending


def _name(host: str) -> str:
    """The name in a Host header, without the port."""
    try:
        return (urlsplit(f"//{host}").hostname or "").rstrip(".")
    except ValueError:
        return ""


def _is_address(name: str) -> bool:
    try:
        ipaddress.ip_address(name)
    except ValueError:
        return False
    return True


def _user(authorization: str, users: dict[str, str]) -> str | None:
    try:
        user, _, password = base64.b64decode(authorization[6:].strip(), validate=True).decode("utf-8").partition(":")
    except (binascii.Error, UnicodeDecodeError):
        return None
    # Compared for users that do not exist, too, so that the time says nothing.
    expected = users.get(user, secrets.token_urlsafe(16))
    return user if hmac.compare_digest(password.encode(), expected.encode()) and user in users else None


def _has_cookie(headers: dict[str, str], app: Any) -> bool:
    try:
        cookies = SimpleCookie(headers.get("cookie", ""))
    except CookieError:
        return False
    names = (f"access-token-{app.cookie_id}", f"access-token-unsecure-{app.cookie_id}")
    return any(name in cookies and cookies[name].value in app.tokens for name in names)


def _with_cookie(scope: Scope, cookie_id: str, token: str) -> Scope:
    cookie = f"access-token-unsecure-{cookie_id}={token}".encode("latin-1")
    others = [(name, value) for name, value in scope["headers"] if name.lower() != b"cookie"]
    return {**scope, "headers": [*others, (b"cookie", cookie)]}


def _with_headers(send: Send) -> Send:
    async def sending(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            present = {name.lower() for name, _ in message.get("headers", [])}
            extra = [(name, value) for name, value in _HEADERS if name not in present]
            message = {**message, "headers": [*message.get("headers", []), *extra]}
        await send(message)

    return sending


async def _refuse(scope: Scope, send: Send, status: int, text: str, *, asks: bool) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"connection", b"close")]
    if status == 401 and asks:
        headers.append((b"www-authenticate", b'Basic realm="askpapers"'))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f"{text}\n".encode()})
