"""Asking a public service politely: one GET, with every wait and every size bounded.

    attempt ── 2xx, and the reply can be read ──> done
       ├── 429, 5xx, a broken or slow reply ──> wait (what the service asks for, else longer each time), try again
       └── no connection, 4xx, too much waiting ──> HttpProblem, one sentence

How bytes come is the business of the package that knows the service: `Opener` is the seam, filled in
`ingest/sources/http_open.py`. Nothing here is about papers.
"""

from __future__ import annotations

import json
import random
import re
import threading
import time
import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Protocol, TypeVar
from urllib.parse import urljoin, urlsplit

T = TypeVar("T")
_REDIRECTS = (301, 302, 303, 307, 308)
_RETRIED = (408, 425, 429, 500, 502, 503, 504)
_RATE = re.compile(r"\bt\s*=\s*(\d+)")  # RateLimit: "api";r=0;t=55


class Opened(Protocol):
    """A reply whose head has come. Header names are in lower case; `chunks` gives the body as it comes, not decoded."""

    status: int
    headers: Mapping[str, str]

    def chunks(self) -> Iterator[bytes]: ...


Opener = Callable[[str, Mapping[str, str], float, float], AbstractContextManager[Opened]]
"""(address, headers, seconds to connect, seconds for a silence) → a reply, not redirected."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """How long and how much. `total_s` is for one attempt with its redirects, `patience_s` for all waiting between them;
    a service that asks for a longer wait than `longest_wait_s` is not waited for.
    """

    connect_s: float = 10.0
    silence_s: float = 20.0
    total_s: float = 60.0
    max_bytes: int = 32_000_000
    max_redirects: int = 5
    attempts: int = 4
    longest_wait_s: float = 60.0
    patience_s: float = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """A reply that came to its end, unpacked; `host` sent it, after redirects."""

    host: str
    status: int
    headers: Mapping[str, str]
    body: bytes


class HttpProblem(Exception):
    """Why there is no reply: a part of a sentence, with the host and without an address's query."""

    def __init__(self, why: str, *, again: bool = False, wait_s: float | None = None, busy: bool = False) -> None:
        super().__init__(why)
        self.again = again  # the same request may work a little later
        self.wait_s = wait_s  # as the service asked
        self.busy = busy  # it said that there were too many requests


class Getter:
    """Sends GETs, at least `pause_s` apart. `sleep`, `clock` and `chance` (0 to 1) are for tests."""

    def __init__(
        self,
        opener: Opener,
        *,
        limits: Limits | None = None,
        pause_s: float = 0.0,
        sleep: Callable[[float], None] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.limits = limits or Limits()
        self._opener = opener
        self._pause_s = pause_s
        self._sleep = sleep
        self._clock = clock
        self._chance = chance
        self._last: float | None = None

    def get(self, url: str, *, accept: str, read: Callable[[Reply], T]) -> T:
        """What `read` makes of the reply; raises HttpProblem.

        `read` raises HttpProblem itself when the reply is none (`again` where asking again may help).
        """
        headers = {"user-agent": user_agent(), "accept": accept, "accept-encoding": "gzip"}
        waited_s = 0.0
        for attempt in range(1, self.limits.attempts + 1):
            self._keep_distance()
            try:
                reply = _within(self.limits.total_s, url, lambda: self._fetch(url, headers))
                _refuse_bad_status(reply, url)
                return read(reply)
            except HttpProblem as problem:
                if not problem.again:
                    raise
                wait_s = self._wait_s(problem, attempt)
                if attempt == self.limits.attempts:
                    raise HttpProblem(f"{problem}, {attempt} times") from problem
                if wait_s > self.limits.longest_wait_s or waited_s + wait_s > self.limits.patience_s:
                    raise HttpProblem(f"{problem}; it wants a wait of {wait_s:.0f} seconds") from problem
            finally:
                self._last = self._clock()
            waited_s += wait_s
            self._sleep(wait_s)
        raise AssertionError("an attempt ends in a reply or a problem")

    def _keep_distance(self) -> None:
        if self._last is not None and (left := self._pause_s - (self._clock() - self._last)) > 0:
            self._sleep(left)

    def _wait_s(self, problem: HttpProblem, attempt: int) -> float:
        """What the service asks for (at least a second), plus up to a tenth; else 1, 2, 4 … seconds (5, 10, 20 … when it is
        overrun), more or less a half by chance, so that not everybody comes back at once.
        """
        if problem.wait_s is not None:
            return max(problem.wait_s, 1.0) * (1 + self._chance() / 10)
        wait_s: float = (5.0 if problem.busy else 1.0) * 2 ** (attempt - 1) * (0.5 + self._chance())
        return wait_s

    def _fetch(self, url: str, headers: Mapping[str, str]) -> Reply:
        ends = time.monotonic() + self.limits.total_s
        for _ in range(self.limits.max_redirects + 1):
            with self._opener(url, headers, self.limits.connect_s, self.limits.silence_s) as opened:
                target = opened.headers.get("location")
                if opened.status not in _REDIRECTS or not target:
                    body = self._body(opened, url, ends)
                    return Reply(host=host(url), status=opened.status, headers=opened.headers, body=body)
            url = _redirected(url, target)
        raise HttpProblem(f"{host(url)} sends from one address to the next without end")

    def _body(self, opened: Opened, url: str, ends: float) -> bytes:
        parts, n_bytes = [], 0
        for part in opened.chunks():
            n_bytes += len(part)
            if n_bytes > self.limits.max_bytes:
                raise _too_large(url, self.limits.max_bytes)
            if time.monotonic() > ends:
                raise _too_slow(url, self.limits.total_s)
            parts.append(part)
        body = b"".join(parts)
        encoding = opened.headers.get("content-encoding", "identity").strip().lower()
        if encoding in ("", "identity"):
            return body
        if encoding != "gzip":
            raise HttpProblem(f"{host(url)} sent a reply packed as {encoding!r}, which was not asked for")
        return _unpacked(body, url, self.limits.max_bytes)


def user_agent() -> str:
    """Who asks: the program and its version, nothing about the machine or its user."""
    try:
        return f"askpapers/{version('askpapers')}"
    except PackageNotFoundError:
        return "askpapers"


def host(url: str) -> str:
    return shown(urlsplit(url).netloc.rpartition("@")[2] or url, 100)


def shown(text: str, most: int) -> str:
    """The beginning of a text from outside, for a message: one line, with nothing that a terminal would obey."""
    plain = "".join(char if char.isprintable() else " " for char in text[: most + 1])
    short = " ".join(plain.split())
    return short if len(short) <= most else f"{short[: most - 1]}…"


def _within(seconds: float, url: str, work: Callable[[], T]) -> T:
    """The result of the work if it is there in time.

    Time-outs of sockets count from the last byte: a service that sends one now and then would hold us for ever. The work
    left behind ends by itself at its next byte, and does not keep the program from ending.
    """
    done: list[T] = []
    failed: list[BaseException] = []

    def run() -> None:
        try:
            done.append(work())
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, name="askpapers-get", daemon=True)
    thread.start()
    thread.join(seconds)
    if failed:
        raise failed[0]
    if not done:
        raise _too_slow(url, seconds)
    return done[0]


def _refuse_bad_status(reply: Reply, url: str) -> None:
    if 200 <= reply.status < 300:
        return
    where, said = host(url), _said(reply)
    if reply.status == 429:
        raise HttpProblem(
            f"{where} says that there were too many requests (429)", again=True, wait_s=_asked(reply), busy=True
        )
    if reply.status in _RETRIED or reply.status >= 500:
        raise HttpProblem(f"{where} has trouble ({reply.status}{said})", again=True, wait_s=_asked(reply))
    raise HttpProblem(f"{where} refused the request ({reply.status}{said})")


def _said(reply: Reply) -> str:
    """The service's own words, when they are a short text, with a colon in front."""
    text = reply.body[:2_000].decode("utf-8", "replace").strip()
    try:
        record = json.loads(reply.body)
        text = record.get("error", "") if isinstance(record, dict) else ""
    except (ValueError, RecursionError):
        pass
    text = shown(text, 160) if isinstance(text, str) else ""
    return f": {text}" if text and "<" not in text else ""


def _asked(reply: Reply) -> float | None:
    """Seconds until another request is welcome: Retry-After (seconds or a date), else what the RateLimit header says."""
    said = reply.headers.get("retry-after", "").strip()
    if re.fullmatch(r"\d{1,9}(\.\d+)?", said):
        return float(said)
    try:
        if said:
            return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        pass
    left = _RATE.search(reply.headers.get("ratelimit", ""))
    return float(left[1][:9]) if left and reply.status == 429 else None


def _redirected(url: str, target: str) -> str:
    there = urljoin(url, target)
    before, after = urlsplit(url), urlsplit(there)
    if after.scheme not in ("http", "https") or (before.scheme == "https" and after.scheme == "http"):
        raise HttpProblem(f"{host(url)} sends to an address that is not safe to follow")
    return there


def _unpacked(body: bytes, url: str, max_bytes: int) -> bytes:
    unzip = zlib.decompressobj(wbits=31)
    try:
        plain = unzip.decompress(body, max_bytes + 1)
    except zlib.error as error:
        raise HttpProblem(f"{host(url)} sent a reply that cannot be unpacked", again=True) from error
    if len(plain) > max_bytes:
        raise _too_large(url, max_bytes)
    if not unzip.eof:
        raise HttpProblem(f"the reply of {host(url)} broke off", again=True)
    return plain


def _too_large(url: str, max_bytes: int) -> HttpProblem:
    return HttpProblem(f"the reply of {host(url)} is larger than {max_bytes / 1e6:g} MB")


def _too_slow(url: str, seconds: float) -> HttpProblem:
    return HttpProblem(f"{host(url)} gave no whole reply within {seconds:g} seconds", again=True)
