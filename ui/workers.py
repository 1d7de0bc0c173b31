"""Processes that answer side by side, for a page that many people use at once.

An answer without a model computes under Python's lock: in one process, two questions at the same time take as long as one after
the other. Where questions come together, processes of their own answer them: one a core, each with the library open for
reading. They are started by the first questions that meet, so a single reader never pays for them, and while they load, the
page answers as before.
"""

from __future__ import annotations

import os
import queue
import signal
import threading
import time
from collections.abc import Collection, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rag.engine import Engine
    from rag.schema import Answer, Filters, Turn

# More than these are rarely worth 200 MB each.
MOST_WORKERS = 8
# After questions met, so long none is answered in the page's own process, which has the others' connections to look after.
CROWDED_S = 5.0
_LOOK_S = 0.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """A question as it is put to an engine without a model."""

    question: str
    history: Sequence[Turn] = ()
    filters: Filters | None = None
    k: int | None = None
    ignore: Collection[str] = ()

    def to(self, engine: Engine) -> Answer:
        return engine.ask(self.question, history=self.history, filters=self.filters, k=self.k, ignore=self.ignore)


class Workers:
    """Up to `n` processes that answer from the library in `folder`; 0: none, everything is answered here."""

    def __init__(self, folder: Path, n: int | None = None) -> None:
        self._folder = folder
        self._n = default_workers() if n is None else max(n, 0)
        self._ready: queue.SimpleQueue[ProcessPoolExecutor] = queue.SimpleQueue()
        self._started: list[ProcessPoolExecutor] = []
        self._ready_pids: dict[ProcessPoolExecutor, int] = {}
        self._n_asking = 0
        self._crowded_until = 0.0
        self._closed = False
        self._lock = threading.Lock()

    @property
    def at_once(self) -> int:
        """How many questions are worth being worked on at the same time: one more than answer, so that none of them waits."""
        return self._n + 1

    def pids(self) -> tuple[int, ...]:
        """The processes that are ready to answer."""
        with self._lock:
            return tuple(self._ready_pids.values())

    def ask(self, put: Put, here: Engine) -> Answer:
        """The answer, by a process of its own where several are asked; by the engine `here` where none is to be had.

        What goes wrong in a process is tried here, so that errors are the engine's.
        """
        with self._asking() as alone:
            if not alone:
                self._start()
                if self._ready_pids and (answer := self._elsewhere(put)) is not None:
                    return answer
            return put.to(here)

    def close(self) -> None:
        """Ends the processes; questions are answered here from then on."""
        with self._lock:
            self._closed, started = True, self._started
            self._started, self._ready_pids = [], {}
        for process in started:
            process.shutdown(wait=False, cancel_futures=True)

    @contextmanager
    def _asking(self) -> Iterator[bool]:
        """Counts the question; says whether it is the only one, and has been for a while."""
        now = time.monotonic()
        with self._lock:
            self._n_asking += 1
            if self._n_asking > 1:
                self._crowded_until = now + CROWDED_S
            alone = now >= self._crowded_until
        try:
            yield alone
        finally:
            with self._lock:
                self._n_asking -= 1

    def _elsewhere(self, put: Put) -> Answer | None:
        while True:
            with suppress(queue.Empty):
                process = self._ready.get(timeout=_LOOK_S)
                break
            if not self._ready_pids:  # closed, or all have died
                return None
        try:
            answer: Answer | None = process.submit(_answer, put).result()
        except Exception:  # the process is gone
            self._lose(process)
            return None
        self._ready.put(process)
        return answer

    def _lose(self, process: ProcessPoolExecutor) -> None:
        """Forgets a process that died; the next questions that meet start another."""
        with self._lock:
            self._ready_pids.pop(process, None)
            if process in self._started:
                self._started.remove(process)
        process.shutdown(wait=False)

    def _start(self) -> None:
        """Starts what is missing, without waiting for it."""
        import multiprocessing

        with self._lock:
            missing = 0 if self._closed else self._n - len(self._started)
            for _ in range(missing):
                process = ProcessPoolExecutor(
                    1, multiprocessing.get_context("spawn"), initializer=_begin, initargs=(str(self._folder),)
                )
                self._started.append(process)
                with _signals_held():
                    opened = process.submit(_opened_by)
                opened.add_done_callback(lambda done, process=process: self._opened(process, done))  # type: ignore[misc]

    def _opened(self, process: ProcessPoolExecutor, done: Future[int | None]) -> None:
        pid = None if done.cancelled() or done.exception() is not None else done.result()
        if pid is None:
            # It stays among the started ones: what could not be opened once is not tried at every question.
            return
        with self._lock:
            if self._closed:
                return
            self._ready_pids[process] = pid
        self._ready.put(process)


def default_workers() -> int:
    """One a core, up to `MOST_WORKERS`; none on a single core."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return min(cores, MOST_WORKERS) if cores > 1 else 0


@contextmanager
def _signals_held() -> Iterator[None]:
    """A process started in here never sees Ctrl+C: the page's own process ends it."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


# What runs in a process of its own

_here: dict[str, Any] = {}


def _begin(folder: str) -> None:
    """Opens the library; the process ends with the one that started it, however that ends."""
    import multiprocessing
    from multiprocessing.connection import wait

    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        sentinel = parent.sentinel

        def follow() -> None:
            wait([sentinel])
            os._exit(0)

        threading.Thread(target=follow, daemon=True).start()
    from rag.engine import Engine
    from rag.errors import AskpapersError
    from rag.library import Library

    with suppress(AskpapersError):
        engine = Engine(Library.open(folder))
        engine.prepare()
        _here["engine"] = engine


def _opened_by() -> int | None:
    return os.getpid() if "engine" in _here else None


def _answer(put: Put) -> Answer | None:
    """None where that failed: the error is then met, and told, by the page's own engine."""
    from rag.errors import AskpapersError

    try:
        return put.to(_here["engine"])
    except AskpapersError:
        return None
