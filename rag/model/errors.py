"""Exceptions of model packages, each as a ModelError with a reason and a sentence that says what to do.

Known by name: every exception of `openai` and `httpx` (a test lists them all). Of other LlamaIndex providers' exceptions
their HTTP status is enough, whatever their class. Imports neither package unless it is loaded already: an exception
cannot come from a package that is not.
"""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from rag.errors import ModelError, ModelProblem

INSTALL = 'pip install "askpapers[models]"'
_RETRYABLE: frozenset[ModelProblem] = frozenset(
    {"rate_limited", "server_error", "unreachable", "cut_off", "empty_reply"}
)
_SECRET = re.compile(r"\b(?:sk|gsk|pk|key|Bearer)[-_ ][\w*.-]{6,}")
_TOO_LONG = re.compile(r"context.{0,20}(length|window|size)|too (long|many tokens|large)|maximum.{0,20}tokens", re.I)


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """Whom a call was for, as far as messages need it; the secrets are what no message may hold."""

    name: str
    url: str | None = None
    key_variable: str | None = None
    secrets: tuple[str, ...] = ()

    @property
    def where(self) -> str:
        """The server in a sentence that begins with the model's name."""
        return "the server" if self.url is None or self.url in self.name else self.url


def model_error(error: BaseException, target: Target, *, timeout_s: float, n_chunks: int = 0) -> ModelError:
    """The ModelError for an exception of a model package; `n_chunks` pieces of text had come before it."""
    if isinstance(error, ModelError):
        return error
    reason, advice = _reason(error, target, timeout_s)
    if n_chunks and reason in ("server_error", "unreachable", "rate_limited"):
        reason, advice = "cut_off", f"the reply broke off in the middle: {_said(error)}"
    if n_chunks and reason == "cut_off":
        advice = advice.replace("before the first word", "in the middle")
    retryable = reason in _RETRYABLE and _code(error) not in ("insufficient_quota", "billing_hard_limit_reached")
    if reason == "unauthorised" and target.key_variable:
        advice += f"; check {target.key_variable}"
    message = _clean(f"{target.name}: {advice}", target)
    return ModelError(message, reason=reason, retryable=retryable, retry_after_s=_retry_after_s(error))


def speakable(error: BaseException, target: Target) -> BaseException | None:
    """The exception, to be named as a cause; None when its text or that of its causes holds a secret."""
    texts = [f"{cause!r} {cause}" for cause in _causes(error)]
    return None if any(secret in text for secret in target.secrets for text in texts) else error


def ended(sentence: str) -> str:
    """A sentence with one mark at its end: its own, else a full stop.

    >>> ended("is it running?"), ended("the reply broke off")
    ('is it running?', 'the reply broke off.')
    """
    bare = sentence.rstrip()
    return bare if bare.endswith(("?", "!", "…")) else f"{bare.rstrip('.')}."


def refusal(error: BaseException) -> tuple[int | None, str]:
    """HTTP status of a refusal and all that was said with it, for finding the field that was not liked."""
    return _status(error), f"{error} {getattr(error, 'body', '')}"


def too_long(said: str) -> bool:
    """Whether a refusal is about a prompt that does not fit."""
    return bool(_TOO_LONG.search(said))


def missing_package(target: str, error: ImportError) -> ModelError:
    return ModelError(
        f"{target}: the package {error.name or 'llama_index'} is not installed; {INSTALL}", reason="missing_package"
    )


def _reason(error: BaseException, target: Target, timeout_s: float) -> tuple[ModelProblem, str]:
    names = {kind.__name__ for cause in _causes(error) for kind in type(cause).__mro__}
    said = _said(error)
    if isinstance(error, ImportError):
        return "missing_package", f"the package {error.name} is not installed; {INSTALL}"
    if names & {"StreamCutOff", "RemoteProtocolError", "ReadError", "IncompleteRead"}:
        return "cut_off", "the connection ended before the first word; try again"
    if names & {"NotACompletion"}:
        return (
            "bad_reply",
            f"{target.where} sent something that is no completion ({said}); does its address end in /v1?",
        )
    if names & {"JSONDecodeError", "DecodingError", "APIResponseValidationError", "UnicodeDecodeError"}:
        return "bad_reply", f"{target.where} sent something that cannot be read ({said})"
    if status := _status(error):
        return _by_status(status, error, target, said)
    if any(isinstance(cause, ssl.SSLError) for cause in _causes(error)) or "[SSL" in said:
        return "tls", _tls_advice(target, " ".join(str(cause) for cause in _causes(error)))
    if names & {"ConnectTimeout", "PoolTimeout"}:
        return "unreachable", f"no connection to {target.where} in time; is it running, and is a proxy needed?"
    if names & {"TimeoutException", "APITimeoutError", "TimeoutError", "Timeout"}:
        return "timeout", f"no whole reply within {timeout_s:g} seconds; ASKPAPERS_LLM_TIMEOUT sets a longer time"
    if names & {"UnsupportedProtocol", "InvalidURL", "TooManyRedirects", "LocalProtocolError"}:
        return "unreachable", f"{target.where} cannot be called ({said}); check the address"
    if names & {"APIConnectionError", "ConnectError", "TransportError", "ConnectionError", "HTTPError", "OSError"}:
        return (
            "unreachable",
            f"no connection to {target.where} ({_root(error)}); is it running, and is the address right?",
        )
    if names & {"LengthFinishReasonError"}:
        return "cut_off", "the reply reached its longest length"
    if names & {"ContentFilterFinishReasonError"}:
        return "refused", "the provider's filter stopped the reply"
    if "api_key" in said or "API key" in said:
        return "no_key", f"no key: {said}"
    if isinstance(error, ValueError) and "nknown model" in said:
        short = said.partition(".")[0]
        return (
            "no_such_model",
            f"{short}; LlamaIndex's OpenAI class refuses names it does not know, OpenAILike takes any",
        )
    if names & {"APIError"}:
        code = _code(error) or ""
        return ("rate_limited" if "rate" in code else "server_error"), f"the provider reported an error: {said}"
    return "bad_reply", f"the model's package failed with {type(error).__name__}: {said}"


def _by_status(status: int, error: BaseException, target: Target, said: str) -> tuple[ModelProblem, str]:
    if status == 401:
        return "unauthorised", f"{target.where} refused the key (401: {said})"
    if status == 403:
        return "unauthorised", f"{target.where} does not allow this (403: {said})"
    if status in (404, 405, 410):
        if "model" in said.lower() or _code(error) == "model_not_found":
            return "no_such_model", f"{target.where} does not have this model ({status}: {said})"
        return "no_such_model", f"{target.where} does not answer there ({status}: {said}); does its address end in /v1?"
    if status == 408:
        return "server_error", f"the provider gave up waiting (408: {said})"
    if status == 429:
        wait = _retry_after_s(error)
        later = f"; it asks to wait {wait:.0f} seconds" if wait is not None else ""
        return "rate_limited", f"too many requests or no credit left (429: {said}){later}"
    if status >= 500 or status == 409:
        return "server_error", f"the provider has trouble ({status}: {said})"
    if too_long(said):
        return (
            "refused",
            f"the prompt is too long for it ({status}: {said}); ASKPAPERS_CONTEXT_TOKENS says how much fits",
        )
    return "refused", f"the provider refused the request ({status}: {said})"


def _tls_advice(target: Target, said: str) -> str:
    if "CERTIFICATE_VERIFY_FAILED" in said:
        return f"the certificate of {target.where} is not trusted; SSL_CERT_FILE names a file with your own authority"
    if (target.url or "").startswith("https://") and ("WRONG_VERSION" in said or "record layer" in said.lower()):
        return f"{target.where} does not speak TLS; should the address begin with http:// in place of https://?"
    return f"no secure connection to {target.where} ({said})"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """An exception and what it came from, at most ten deep."""
    seen: BaseException | None = error
    for _ in range(10):
        if seen is None:
            return
        yield seen
        seen = seen.__cause__ or seen.__context__


def _root(error: BaseException) -> str:
    texts = [text for cause in _causes(error) if (text := str(cause).strip())]
    return texts[-1] if texts else type(error).__name__


def _status(error: BaseException) -> int | None:
    for cause in _causes(error):
        for holder in (cause, getattr(cause, "response", None)):
            status = (
                getattr(holder, "status_code", None) or getattr(holder, "status", None) or getattr(cause, "code", None)
            )
            if isinstance(status, int) and 400 <= status < 600:
                return status
    return None


def _code(error: BaseException) -> str | None:
    body = getattr(error, "body", None)
    code = getattr(error, "code", None) or (body.get("code") or body.get("type") if isinstance(body, dict) else None)
    return code if isinstance(code, str) else None


def _said(error: BaseException) -> str:
    """The provider's own sentence, when there is one, on one line."""
    body: Any = getattr(error, "body", None)
    if isinstance(body, dict):
        inner = body.get("error", body)
        text = inner.get("message") if isinstance(inner, dict) else inner
        body = text or body.get("message") or body.get("detail") or body
        body = body if isinstance(body, str) else json.dumps(body, default=str)
    text = body if isinstance(body, str) and body.strip() else str(error) or type(error).__name__
    text = " ".join(text.split())
    return text if len(text) <= 200 else f"{text[:199]}…"


def _retry_after_s(error: BaseException) -> float | None:
    headers = getattr(getattr(error, "response", None), "headers", None)
    if headers is None:
        return None
    try:
        if milliseconds := headers.get("retry-after-ms"):
            return max(0.0, float(milliseconds) / 1000)
        said = headers.get("retry-after")
        if said is None:
            return None
        if re.fullmatch(r"\s*\d+(\.\d+)?\s*", said):
            return float(said)
        return max(0.0, (parsedate_to_datetime(said) - datetime.now(UTC)).total_seconds())
    except (ValueError, TypeError):
        return None


def _clean(message: str, target: Target) -> str:
    for secret in target.secrets:
        message = message.replace(secret, "…")
    return _SECRET.sub("…", message)
