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
# Wrong passwords are forgotten after a quarter of an hour.
_FORGOTTEN_S = 900.0
_MOST_ADDRESSES = 1_000
ASKS_PER_MINUTE, ASKS_AT_ONCE = 60, 4
# For all programs and pages of one address together.
ADDRESS_PER_MINUTE, ADDRESS_AT_ONCE = 6_000, 100
MOST_FILES = 20
# Files that a page sends and adds in one go.
MOST_AT_A_TIME = 200
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
# A PDF may be sent, so that `ingest` can say what to send in its place; it holds no papers that can be read.
NOT_READ = (".pdf",)


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


class Guesses:
    """Wrong passwords by address: after `free` in a row each further one makes its address wait, twice as long as the last.

    An attempt counts as wrong from its beginning until `right` says otherwise, so that many at once gain nothing. Thread-safe.
    """

    def __init__(self, *, free: int = 5, longest_s: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        self._free = free
        self._longest_s = longest_s
        self._clock = clock
        self._lock = threading.Lock()
        self._wrong: dict[str, tuple[int, float]] = {}

    def attempt(self, address: str) -> float:
        """Seconds to wait before a password of this address is looked at; 0: now, and it counts as wrong for the moment."""
        now = self._clock()
        with self._lock:
            for one, (_, since) in list(self._wrong.items()) if len(self._wrong) > _MOST_ADDRESSES else ():
                if now - since >= _FORGOTTEN_S:
                    del self._wrong[one]
            n_wrong, since = self._wrong.get(address, (0, now))
            if now - since >= _FORGOTTEN_S:
                n_wrong = 0
            wait_s = min(2.0 ** (n_wrong - self._free), self._longest_s) if n_wrong >= self._free else 0.0
            if now - since < wait_s:
                return since + wait_s - now
            self._wrong[address] = (n_wrong + 1, now)
            return 0.0

    def right(self, address: str) -> None:
        """The password was right."""
        with self._lock:
            self._wrong.pop(address, None)


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
        check_name(name)
        if n_bytes == 0:
            raise UploadRefused(f"{_shown(name)} is empty")
        check_size(name, n_bytes, limit_bytes=limit_bytes)


def check_name(name: str) -> None:
    """Whether a file of this name may hold papers; UploadRefused where not."""
    suffix = PurePath(name).suffix.lower()
    if suffix and suffix not in UPLOAD_KINDS:
        kinds = ", ".join(kind for kind in UPLOAD_KINDS if kind not in NOT_READ)
        raise UploadRefused(f"{_shown(name)} cannot be read here; these kinds can: {kinds}")


def check_size(name: str, n_bytes: int, *, limit_bytes: int) -> None:
    """Whether a file is small enough; UploadRefused where not."""
    if n_bytes > limit_bytes:
        raise UploadRefused(
            f"{_shown(name)} has {_megabytes(n_bytes)}, more than the {_megabytes(limit_bytes)} that may be added here; use "
            "`askpapers ingest` for it"
        )


def _shown(name: str) -> str:
    return PurePath(name.replace("\\", "/")).name[:80] or "the file"


def _megabytes(n_bytes: int) -> str:
    megabytes = n_bytes / 2**20
    return f"{megabytes:,.0f} MB" if megabytes >= 1 else f"{n_bytes / 2**10:,.0f} kB"
