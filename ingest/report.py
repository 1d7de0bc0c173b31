"""What an ingest did, and where it stands while it runs."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

from rag.embedding.cost import Expense
from rag.errors import SourceError

Stage = Literal["reading", "comparing", "embedding"]
# Rejected records and warnings that are kept in full; those after them are counted.
MOST_LISTED = 10_000
_COUNTS = (
    "read", "bylines", "skipped", "new", "changed", "refreshed", "unchanged", "merged", "joined", "n_passages", "n_rejected",
)  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a run stands: `done` of `total` papers in this stage (total None: not known yet), `source` being read.

    `n_read` and `n_passages` count records read and passages embedded since the beginning of the run.
    """

    stage: Stage
    done: int
    total: int | None = None
    source: str = ""
    n_read: int = 0
    n_passages: int = 0


@dataclass(slots=True, kw_only=True)
class IngestReport:
    """What a run did: read = new + changed + refreshed + unchanged + merged.

    `read` counts records that held a paper and were wanted, `skipped` those outside the categories or days asked for.
    `merged` were another record's paper (of the same window of some thousand records; one that comes again later in a run
    is unchanged or refreshed). Of the different papers, `new` were not in the library, `changed` have another title or
    abstract (embedded again), `refreshed` other details, `unchanged` none. `joined` are papers of the library that turned
    out to be another one's. `rejected` are the records and rests of files that could not be read: `n_rejected` in all, the
    first 10,000 listed. `error` says why a run stopped early or read nothing; what is counted is stored. `expense` is what
    embedding cost, where it costs money.
    """

    read: int = 0
    bylines: int = 0
    skipped: int = 0
    merged: int = 0
    joined: int = 0
    new: int = 0
    changed: int = 0
    refreshed: int = 0
    unchanged: int = 0
    n_passages: int = 0
    n_rejected: int = 0
    seconds: float = 0.0
    expense: Expense | None = None
    error: str | None = None
    warnings: list[str] = field(default_factory=list)
    rejected: list[SourceError] = field(default_factory=list)

    def reject(self, *errors: SourceError) -> None:
        self.n_rejected += len(errors)
        self.rejected += errors[: max(MOST_LISTED - len(self.rejected), 0)]

    def warn(self, *warnings: str) -> None:
        self.warnings += warnings[: max(MOST_LISTED - len(self.warnings), 0)]

    @property
    def is_failure(self) -> bool:
        """Whether nothing came of it: stopped early, or something was rejected and nothing read."""
        return self.error is not None or (self.n_rejected > 0 and not self.read and not self.skipped)

    def to_dict(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in _COUNTS} | {
            "seconds": round(self.seconds, 2),
            "expense": asdict(self.expense) if self.expense else None,
            "error": self.error,
            "warnings": list(self.warnings),
            "rejected": [
                {"path": e.path, "line": e.line, "reason": _reason(e), "n_read": e.n_read, "message": told(e)}
                for e in self.rejected
            ],
        }


def told(error: SourceError) -> str:
    """The message; where a whole file or service could not be read, without "no papers before it"."""
    return str(error).removesuffix(" (no papers before it)") if error.line is None else str(error)


def _reason(error: SourceError) -> str:
    """The message without the place before it and the count behind it, which have fields of their own."""
    where = f"{error.path}:{error.line}: " if error.line is not None else f"{error.path}: "
    return str(error).removeprefix(where).rpartition(" (")[0]
