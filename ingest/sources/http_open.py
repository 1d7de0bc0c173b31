"""How bytes come from a service: over the session of `huggingface_hub`, or one of `requests` (which `arxiv` brings).

The packages' own settings hold: proxies, certificates, HF_ENDPOINT, HF_HUB_OFFLINE. Their exceptions become HttpProblems
here; they are known by name, because huggingface_hub changed the HTTP package under it once and may again.
"""

from __future__ import annotations

import ssl
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from ingest.sources.http_get import HttpProblem, Opened, host

_READ = 65_536
_NO_CONNECTION = {
    "ConnectError", "ConnectTimeout", "NewConnectionError", "NameResolutionError", "ProxyError", "OfflineModeIsEnabled",
}  # fmt: skip
_SLOW = {"ReadTimeout", "WriteTimeout", "PoolTimeout", "ReadTimeoutError", "TimeoutError"}
_BAD_ADDRESS = {
    "InvalidURL", "UnsupportedProtocol", "MissingSchema", "InvalidSchema", "LocationParseError", "LocalProtocolError",
}  # fmt: skip


class _HubReply:
    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
        self._response = response

    def chunks(self) -> Iterator[bytes]:
        yield from self._response.iter_raw()


class _RequestsReply:
    def __init__(self, response: Any) -> None:
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = {name.lower(): value for name, value in response.headers.items()}
        self._response = response

    def chunks(self) -> Iterator[bytes]:
        # read1 gives what has come; iter_content would wait for a whole block, however slowly it comes.
        while part := self._response.raw.read1(_READ, decode_content=False):
            yield part


@contextmanager
def hub_open(url: str, headers: Mapping[str, str], connect_s: float, silence_s: float) -> Iterator[Opened]:
    """An Opener over huggingface_hub's session. No token of the user's is sent."""
    from huggingface_hub import get_session

    with _problems(url):
        # connect, read, write, pool
        timeout = (connect_s, silence_s, silence_s, connect_s)
        request: Any = get_session().stream("GET", url, headers=dict(headers), timeout=timeout, follow_redirects=False)
        with request as response:
            yield _HubReply(response)


class RequestsOpener:
    """An Opener over a `requests.Session` of its own, which keeps the connection between pages."""

    def __init__(self) -> None:
        import requests

        self._session = requests.Session()

    @contextmanager
    def __call__(self, url: str, headers: Mapping[str, str], connect_s: float, silence_s: float) -> Iterator[Opened]:
        with (
            _problems(url),
            self._session.get(
                url, headers=dict(headers), timeout=(connect_s, silence_s), stream=True, allow_redirects=False
            ) as response,
        ):
            yield _RequestsReply(response)


@contextmanager
def _problems(url: str) -> Iterator[None]:
    try:
        yield
    except HttpProblem:
        raise
    except Exception as error:
        raise _problem(error, url) from error


def _problem(error: BaseException, url: str) -> HttpProblem:
    where = host(url)
    chain = list(_causes(error))
    names = {kind.__name__ for cause in chain for kind in type(cause).__mro__}
    if "OfflineModeIsEnabled" in names:
        return HttpProblem("HF_HUB_OFFLINE is set; unset it to reach Hugging Face")
    if any(isinstance(cause, ssl.SSLError) for cause in chain):
        return HttpProblem(f"no secure connection to {where} ({chain[-1]})")
    if names & _BAD_ADDRESS:
        return HttpProblem(f"{where} is no address that can be called")
    if names & _NO_CONNECTION:
        return HttpProblem(f"no connection to {where} ({_reason(chain)})")
    if names & _SLOW:
        return HttpProblem(f"{where} fell silent in the middle", again=True)
    return HttpProblem(f"the reply of {where} broke off", again=True)


def _reason(chain: list[BaseException]) -> str:
    """Why, in the system's own words; without the addresses and objects that packages put around them."""
    for cause in reversed(chain):
        if isinstance(cause, OSError) and cause.strerror:
            return cause.strerror
    return "timed out" if any("Timeout" in type(cause).__name__ for cause in chain) else type(chain[0]).__name__


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception, what it wraps and what it came from, at most ten deep."""
    seen: BaseException | None = error
    for _ in range(10):
        if seen is None:
            return
        yield seen
        wrapped = getattr(seen, "reason", None) or next((arg for arg in seen.args if isinstance(arg, Exception)), None)
        seen = wrapped if isinstance(wrapped, BaseException) else seen.__cause__ or seen.__context__
