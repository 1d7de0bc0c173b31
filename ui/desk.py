"""What one running chat page works with: the user's library, the sample where that is empty, the model, and what is allowed.

The user's library comes first. Where it holds no papers and the reader asked for the sample, answers come from the sample, a
library of its own; papers that are added go to the user's library and from then on answer.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from rag.engine import Engine
from rag.library import Library

if TYPE_CHECKING:
    from rag.models import Model

UPLOAD_LIMIT_BYTES = 200 * 2**20


@dataclass(slots=True)
class _Engines:
    """The engines made so far, by the folder of their library."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    by_folder: dict[Path, Engine] = field(default_factory=dict)
    sample: Library | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One page's library, engine and rules; shared by all its readers.

    `own` is the user's library, `open_sample` makes the bundled one. `model` writes the answers (None: they are quoted).
    `feedback` is the JSONL file for thumbs and comments. `strict`, `max_cost_usd` and `cache` are the engine's.
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

    def use_sample(self) -> Library:
        """From now on the sample answers, as long as the user's library is empty; made on first use."""
        if self._engines.sample is None:
            sample = self.open_sample()
            with self._engines.lock:
                self._engines.sample = self._engines.sample or sample
        return self.library
