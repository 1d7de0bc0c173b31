"""How much one reader may ask of a page: questions a minute, questions at once, and what may be uploaded.

Pure but for the clock, which is injected. One `RateLimiter` serves all readers of a page, by a key each (a session, an
address); keys that fell silent are forgotten, so its memory does not grow with the number of visitors.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import PurePath

from rag.errors import AskpapersError

WINDOW_S = 60.0
ASKS_PER_MINUTE, ASKS_AT_ONCE = 60, 4
# For all programs and pages of one address together.
ADDRESS_PER_MINUTE, ADDRESS_AT_ONCE = 6_000, 100
MOST_FILES = 20
UPLOAD_KINDS = (
    *(
        ".txt",
        ".html",
        ".htm",
        ".mhtml",
        ".mht",
        ".md",
        ".json",
        ".jsonl",
        ".ndjson",
        ".csv",
        ".tsv",
        ".bib",
        ".ris",
        ".parquet",
        ".pdf",
    ),
    *(".gz", ".zst"),
)


class TooManyQuestions(AskpapersError):
    """A reader asks faster than the page allows; `wait_s` is when to try again (0: when an answer has come)."""

    def __init__(self, message: str, *, wait_s: float) -> None:
        super().__init__(message)
        self.wait_s = wait_s


class UploadRefused(AskpapersError):
    """A file that is too large, or of a kind that holds no papers."""


@dataclass(slots=True)
class _Reader:
    """When questions of the last minute were asked, and how many are being answered."""

    asked: deque[float] = field(default_factory=deque)
    n_running: int = 0


class RateLimiter:
    """At most `per_minute` questions in any 60 seconds and `at_once` at the same time, for each key. Thread-safe.

    `clock` counts seconds and never goes back (`time.monotonic`).
    """

    def __init__(
        self,
        *,
        per_minute: int = ASKS_PER_MINUTE,
        at_once: int = ASKS_AT_ONCE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        if per_minute < 1 or at_once < 1:
            raise ValueError(f"limits must be at least 1, found {per_minute} a minute and {at_once} at once")
        self._per_minute = per_minute
        self._at_once = at_once
        self._clock = clock
        self._lock = threading.Lock()
        self._readers: dict[str, _Reader] = {}
        self._swept = clock()

    @contextmanager
    def asking(self, key: str) -> Iterator[None]:
        """One question of one reader, for the length of a `with`; TooManyQuestions when it may not be asked now."""
        self.start(key)
        try:
            yield
        finally:
            self.finish(key)

    def start(self, key: str) -> None:
        """Counts a question that begins; each one needs its `finish`. Raises TooManyQuestions, and then counts nothing."""
        with self._lock:
            now = self._clock()
            self._sweep(now)
            reader = self._readers.setdefault(key, _Reader())
            _forget(reader, now)
            if reader.n_running >= self._at_once:
                n = reader.n_running
                what = f"{n} questions of yours are" if n > 1 else "a question of yours is"
                raise TooManyQuestions(
                    f"{what} being answered, and no more are at a time; wait for one to end", wait_s=0.0
                )
            if len(reader.asked) >= self._per_minute:
                wait_s = reader.asked[0] + WINDOW_S - now
                seconds = max(math.ceil(wait_s), 1)
                raise TooManyQuestions(
                    f"that was {self._per_minute} question{'s' * (self._per_minute != 1)} in a minute, which is the limit; ask "
                    f"again in {seconds} second{'s' * (seconds != 1)}",
                    wait_s=wait_s,
                )
            reader.asked.append(now)
            reader.n_running += 1

    def finish(self, key: str) -> None:
        """Counts a question that ended."""
        with self._lock:
            reader = self._readers.get(key)
            if reader is not None and reader.n_running:
                reader.n_running -= 1

    @property
    def n_readers(self) -> int:
        """How many readers are remembered."""
        return len(self._readers)

    def _sweep(self, now: float) -> None:
        """Once a minute, forgets who has not asked for one."""
        if now - self._swept < WINDOW_S:
            return
        self._swept = now
        for key, reader in list(self._readers.items()):
            _forget(reader, now)
            if not reader.asked and not reader.n_running:
                del self._readers[key]


def _forget(reader: _Reader, now: float) -> None:
    while reader.asked and now - reader.asked[0] >= WINDOW_S:
        reader.asked.popleft()


def check_uploads(files: list[tuple[str, int]], *, limit_bytes: int, most_files: int = MOST_FILES) -> None:
    """Files by name and size in bytes, before they are read; UploadRefused says which one is wrong and what is allowed.

    The kind is judged by the name here, only to refuse early what cannot hold papers; `ingest` tells kinds by content.
    """
    if len(files) > most_files:
        raise UploadRefused(f"{len(files)} files at once are too many; add at most {most_files} at a time")
    for name, n_bytes in files:
        shown = PurePath(name.replace("\\", "/")).name[:80] or "the file"
        suffix = PurePath(name).suffix.lower()
        if suffix and suffix not in UPLOAD_KINDS:
            raise UploadRefused(f"{shown} cannot be read here; these kinds can: {', '.join(UPLOAD_KINDS)}")
        if n_bytes == 0:
            raise UploadRefused(f"{shown} is empty")
        if n_bytes > limit_bytes:
            raise UploadRefused(
                f"{shown} has {_megabytes(n_bytes)}, more than the {_megabytes(limit_bytes)} that may be added here; use "
                "`askpapers ingest` for it"
            )


def _megabytes(n_bytes: int) -> str:
    megabytes = n_bytes / 2**20
    return f"{megabytes:,.0f} MB" if megabytes >= 1 else f"{n_bytes / 2**10:,.0f} kB"
