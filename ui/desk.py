"""What one running chat page works with: the user's library, the sample where that is empty, the model, and what is allowed.

The user's library comes first. Where it holds no papers and the reader asked for the sample, answers come from the sample, a
library of its own; papers that are added go to the user's library and from then on answer.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rag.engine import Engine
from rag.errors import AskpapersError
from rag.events import DoneEvent, StatusEvent
from rag.library import Library
from ui.workers import Put, Workers

if TYPE_CHECKING:
    from rag.events import Event
    from rag.models import Model
    from rag.schema import Answer

UPLOAD_LIMIT_BYTES = 200 * 2**20


@dataclass(slots=True)
class _Engines:
    """The engines made so far, by the folder of their library."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    by_folder: dict[Path, Engine] = field(default_factory=dict)
    workers: dict[Path, Workers] = field(default_factory=dict)
    sample: Library | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One page's library, engine and rules; shared by all its readers.

    `own` is the user's library, `open_sample` makes the bundled one. `model` writes the answers (None: they are quoted).
    `feedback` is the JSONL file for thumbs and comments. `strict`, `max_cost_usd` and `cache` are the engine's. `n_workers` is
    how many processes answer where several ask at once and no model writes (None: one a core, 0: none).
    """

    own: Library
    feedback: Path
    open_sample: Callable[[], Library]
    model: Model | None = None
    strict: bool = False
    max_cost_usd: float | None = None
    cache: Path | None = None
    read_only: bool = False
    upload_limit_bytes: int = UPLOAD_LIMIT_BYTES
    n_workers: int | None = None
    _engines: _Engines = field(default_factory=_Engines, repr=False)

    @property
    def library(self) -> Library:
        """The library that answers now: the user's; the sample where that was chosen and the user's is empty."""
        sample = self._engines.sample
        return self.own if sample is None or self.own.coverage().n_papers else sample

    @property
    def engine(self) -> Engine:
        """The engine of `library`; one a library, so that `max_cost_usd` holds for the page."""
        return self.engine_of(self.library)

    @property
    def model_name(self) -> str | None:
        return self.model.name if self.model is not None else None

    @property
    def is_sample(self) -> bool:
        """Whether the sample answers now."""
        return self.library is not self.own

    def engine_of(self, library: Library) -> Engine:
        with self._engines.lock:
            if library.path not in self._engines.by_folder:
                self._engines.by_folder[library.path] = Engine(
                    library,
                    model=self.model,
                    strict=self.strict,
                    max_cost_usd=self.max_cost_usd,
                    cache=self.cache,
                )
            return self._engines.by_folder[library.path]

    @property
    def quoting_at_once(self) -> int:
        """How many answers without a model are worth being worked on at the same time."""
        return self._workers(self.library).at_once

    def ask(self, put: Put) -> Answer:
        """One question, answered; by a process of its own where several are asked at once and no model writes."""
        library = self.library
        engine = self.engine_of(library)
        return put.to(engine) if self.model is not None else self._workers(library).ask(put, engine)

    def astream(self, put: Put) -> AsyncIterator[Event]:
        """The same while it happens (`Engine.stream`), without holding up the event loop."""
        if self.model is None:
            return self._quoted(put)
        return self.engine.astream(put.question, history=put.history, filters=put.filters, k=put.k, ignore=put.ignore)

    async def _quoted(self, put: Put) -> AsyncIterator[Event]:
        yield StatusEvent(text="Searching the papers")
        answer = await asyncio.to_thread(self.ask, put)
        if answer.rewritten:
            yield StatusEvent(text=f"Understood as: {answer.rewritten}")
        yield DoneEvent(answer=answer)

    def _workers(self, library: Library) -> Workers:
        with self._engines.lock:
            if library.path not in self._engines.workers:
                self._engines.workers[library.path] = Workers(library.path, self.n_workers)
            return self._engines.workers[library.path]

    def close(self) -> None:
        """Ends the processes that answer."""
        for workers in self._engines.workers.values():
            workers.close()

    def use_sample(self) -> Library:
        """From now on the sample answers, as long as the user's library is empty; made on first use.

        Nothing is made where the user's library has papers, nor where nobody may add any.
        """
        if self.own.coverage().n_papers:
            return self.own
        if self.read_only:
            raise AskpapersError("the sample cannot be made here: the page was started with --read-only")
        if self._engines.sample is None:
            sample = self.open_sample()
            with self._engines.lock:
                self._engines.sample = self._engines.sample or sample
        return self.library
