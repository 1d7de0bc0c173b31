"""Embedding models behind an address that speaks OpenAI's embeddings, through the `openai` client.

Texts are packed by tokens, a few requests run at once, each is tried again with growing waits, and every vector is kept the
moment it arrives (`rag.embedding.cache`). A reply is read here and not by the client: its whole length of time is bounded,
and vectors that are too few, of another length or no numbers are an error that says so, never a silent shift of rows.
"""

from __future__ import annotations

import json
import random
import re
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from rag.embedding.cache import VectorCache, embed_missing
from rag.embedding.cost import Expense
from rag.embedding.replies import BadVectors, rows_of_reply, unit_rows
from rag.embedding.tokens import OPENAI_EMBEDDINGS, UNKNOWN_INPUT_TOKENS, Counter, EmbeddingFacts, pack
from rag.errors import EmbeddingError, ModelError
from rag.model.endpoint import OPENAI_URL, is_openai
from rag.model.errors import INSTALL, Target, model_error, speakable

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.settings import Settings

N_AT_ONCE = 4
MAX_ATTEMPTS = 6
LONGEST_WAIT_S = 60.0
CONNECT_S = 10.0
_MOST_BYTES = 256_000_000
_AT_ADDRESS = re.compile(r"@(?=\w+://)")  # a model's own name may hold an @
_PROBE = "How long is a vector?"


class OpenAIEmbedder:
    """An `Embedder` over the network; safe to use from several threads. `sleep`, `clock` and `chance` are for tests."""

    def __init__(
        self,
        *,
        spec: str,
        model: str,
        url: str,
        fingerprint: str,
        key: str | None,
        key_variable: str,
        needs_key: bool,
        facts: EmbeddingFacts | None,
        kept: VectorCache,
        timeout_s: float = 60.0,
        base64_vectors: bool = False,
        sleep: Callable[[float], object] | None = None,
        clock: Callable[[], float] = time.monotonic,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.spec = spec
        self.fingerprint = fingerprint
        self.kept = kept
        self._model = model
        self._url = url
        self._key = key
        self._needs_key = needs_key
        self._facts = facts
        self._timeout_s = timeout_s
        self._format = "base64" if base64_vectors else "float"
        self._clock = clock
        self._chance = chance
        self._counter = Counter(exact=facts is not None)
        self._dimension = facts.dimension if facts else None
        self._input_tokens = facts.input_tokens if facts else UNKNOWN_INPUT_TOKENS
        secrets = (key,) if key else ()
        self._target = Target(name=spec, url=url, key_variable=key_variable, secrets=secrets)
        self._lock = threading.Lock()
        self._sleep = sleep
        self._made: Any = None
        self._spent = Expense()

    def __repr__(self) -> str:
        return f"OpenAIEmbedder({self.spec!r})"

    @property
    def dimension(self) -> int:
        """Known for OpenAI's models; else asked for once with a few words, and kept."""
        if self._dimension is None:
            self._dimension = self.kept.dimension() or self._probe()
        return self._dimension

    @property
    def spent(self) -> Expense:
        """What this object has sent so far."""
        return self._spent

    def ahead(self, texts: Sequence[str]) -> Expense:
        """What embedding these texts will send and cost; texts that are kept already are free."""
        # Where the length of vectors is not known yet, none are kept.
        dimension = self._dimension or self.kept.dimension() or 0
        read = [self._read_of(text) for text in texts]
        known = self.kept.get(read, dimension) if dimension else {}
        new = {text for i, text in enumerate(read) if i not in known}
        return self._expense(len(new), sum(self._counter.count(text) for text in new), n_kept=len(texts) - len(new))

    def fits(self, text: str) -> bool:
        return self._counter.fits(text, self._input_tokens)

    def embed_texts(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Unit vectors, shape (n, dimension). What lies beyond the tokens that the model reads is left out."""
        return embed_missing(self.kept, [self._read_of(text) for text in texts], self.dimension, self._embed)

    def _read_of(self, text: str) -> str:
        return self._counter.cut(text, self._input_tokens) or " "

    def _embed(self, texts: Sequence[str]) -> Iterator[tuple[Sequence[int], NDArray[np.float32]]]:
        parts = pack([self._counter.count(text) for text in texts], n_at_once=N_AT_ONCE)
        if len(parts) == 1:
            yield parts[0], self._request(texts)
            return
        stop = threading.Event()
        pool = ThreadPoolExecutor(N_AT_ONCE, thread_name_prefix="askpapers-embed")
        waiting = {pool.submit(self._request, [texts[i] for i in part], stop): part for part in parts}
        failed: BaseException | None = None
        try:
            for future in as_completed(waiting):
                if future.cancelled():
                    continue
                if (error := future.exception()) is None:
                    # What comes in after a failure is kept all the same: it is paid for.
                    yield waiting[future], future.result()
                    continue
                failed = failed or error
                stop.set()
                for other in waiting:
                    other.cancel()
        finally:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
        if failed is not None:
            raise failed

    def _probe(self) -> int:
        row = self._request([_PROBE])
        self.kept.put([_PROBE], row)
        return int(row.shape[1])

    def _request(self, texts: Sequence[str], stop: threading.Event | None = None) -> NDArray[np.float32]:
        """The vectors of texts that fit into one request; gives up when `stop` is set while it waits."""
        stop = stop or threading.Event()
        for attempt in range(1, MAX_ATTEMPTS + 1):
            try:
                record = self._ask(texts)
                break
            except Exception as error:
                if isinstance(error, EmbeddingError):
                    raise
                problem = model_error(error, self._target, timeout_s=self._timeout_s)
                wait_s = self._wait_s(problem, attempt)
                if wait_s is None or stop.is_set():
                    # How much fits into a language model is no advice here.
                    why = str(problem).partition("; ASKPAPERS_CONTEXT_TOKENS")[0]
                    raise EmbeddingError(why) from speakable(error, self._target)
            (self._sleep or stop.wait)(wait_s)
        self._count(record, texts)
        try:
            return unit_rows(rows_of_reply(record, len(texts)), len(texts), self._dimension)
        except BadVectors as error:
            raise self._bad(str(error)) from error

    def _wait_s(self, problem: ModelError, attempt: int) -> float | None:
        """Seconds until the next attempt: as the server asks, else 1, 2, 4 … more or less a half; None for no attempt."""
        retryable = problem.retryable or problem.reason == "timeout"
        if not retryable or attempt >= MAX_ATTEMPTS or (problem.reason == "unreachable" and attempt >= 2):
            return None
        asked = problem.retry_after_s
        wait_s = asked * (1 + self._chance() / 10) if asked is not None else 2 ** (attempt - 1) * (0.5 + self._chance())
        return wait_s if wait_s <= LONGEST_WAIT_S else None

    def _ask(self, texts: Sequence[str]) -> Any:
        from openai import Timeout

        ends = self._clock() + self._timeout_s
        timeout = Timeout(self._timeout_s, connect=min(self._timeout_s, CONNECT_S))
        request: Any = self._client().embeddings.with_streaming_response.create(
            model=self._model, input=list(texts), encoding_format=self._format, timeout=timeout
        )
        parts, n_bytes = [], 0
        with request as response:
            for part in response.iter_bytes():
                n_bytes += len(part)
                if self._clock() > ends:
                    raise TimeoutError
                if n_bytes > _MOST_BYTES:
                    raise self._bad(f"the reply is larger than {_MOST_BYTES / 1e6:g} MB")
                parts.append(part)
        return json.loads(b"".join(parts))

    def _count(self, record: Any, texts: Sequence[str]) -> None:
        usage = record.get("usage") if isinstance(record, dict) else None
        said = usage.get("total_tokens") or usage.get("prompt_tokens") if isinstance(usage, dict) else None
        n_tokens = said if type(said) is int and said > 0 else sum(self._counter.count(text) for text in texts)
        with self._lock:
            self._spent = self._spent + self._expense(len(texts), n_tokens)

    def _expense(self, n_texts: int, n_tokens: int, *, n_kept: int = 0) -> Expense:
        cost_usd = n_tokens * self._facts.usd / 1_000_000 if self._facts else None
        return Expense(n_texts=n_texts, n_kept=n_kept, n_tokens=n_tokens, cost_usd=cost_usd if n_tokens else 0.0)

    def _client(self) -> Any:
        with self._lock:
            if self._made is None:
                if self._needs_key and not self._key:
                    raise EmbeddingError(
                        f"{self.spec} needs a key in {self._target.key_variable}; set it, or use minilm"
                    )
                try:
                    from openai import Omit, OpenAI
                except ImportError as error:
                    raise EmbeddingError(
                        f"{self.spec}: the package {error.name} is not installed; {INSTALL}"
                    ) from error
                # The client would send the organisation and project of OPENAI_… variables to any address.
                names = () if self._needs_key else ("OpenAI-Organization", "OpenAI-Project")
                left_out: Any = {name: Omit() for name in names}
                self._made = OpenAI(
                    base_url=self._url, api_key=self._key or "none", max_retries=0, default_headers=left_out
                )
            return self._made

    def _bad(self, what: str) -> EmbeddingError:
        # Where the length is not known for sure, it is the one of the vectors that were kept first.
        again = f"; if the model behind this name has changed, delete {self.kept.file}" if "expected" in what else ""
        return EmbeddingError(f"{self.spec}: {what}{again}")


def endpoint(spec: str, *, cache: Path, settings: Settings) -> OpenAIEmbedder:
    """The embedder of "openai/MODEL" or "openai-like/MODEL@http://host/v1"; EmbeddingError when it is neither."""
    provider, _, rest = spec.partition("/")
    if provider == "openai":
        model, url = rest, settings.openai_base_url or OPENAI_URL
        key, variable, where = settings.openai_api_key, "OPENAI_API_KEY", "OPENAI_BASE_URL"
    else:
        model, _, url = _AT_ADDRESS.sub("\n", rest, count=1).partition("\n")
        if not model or not url:
            raise EmbeddingError("openai-like needs a model and an address: openai-like/MODEL@http://host/v1")
        # Never the key of a language model, which may belong to another address.
        key, variable = settings.embedding_key, "ASKPAPERS_EMBEDDING_KEY"
        where = "the address of the embedding"
    _check_address(url, where, variable)
    url = url.rstrip("/")
    ours = provider == "openai" and is_openai(url)
    fingerprint = f"{provider}-{model}" if ours else f"{provider}-{model}@{url}"
    return OpenAIEmbedder(
        spec=spec,
        model=model,
        url=url,
        fingerprint=fingerprint,
        key=key,
        key_variable=variable,
        needs_key=provider == "openai",
        facts=OPENAI_EMBEDDINGS.get(model) if ours else None,
        kept=VectorCache(cache, fingerprint),
        timeout_s=settings.llm_timeout_s,
        base64_vectors=ours,
    )


def _check_address(url: str, where: str, variable: str) -> None:
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise EmbeddingError(f"{where} is not an address that starts with http:// or https://")
    # The spec is written into the library.
    if parts.username or parts.password or parts.query:
        raise EmbeddingError(f"{where} holds a password or a query; put the key into {variable} and leave it out")
