"""Read, merge, split, embed, store: from sources to a library, in batches that are committed as they go.

A run that is killed has lost at most the batch at hand; the next one goes on from there, because what is stored already
is recognised by its hash and neither embedded nor written again.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from ingest.merge import combine, merge
from ingest.sources.files import read_source
from ingest.sources.reading import Portion
from ingest.split import split
from rag.embeddings import embed_papers
from rag.errors import SourceError
from rag.library import Library
from rag.schema import Paper

# Papers embedded and committed together: small enough to lose little, large enough that committing costs little.
BATCH = 64
# Papers merged in memory before they are compared with the library.
_MERGE_WINDOW = 20_000

Stage = Literal["reading", "comparing", "embedding"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """Where a run stands: `done` of `total` papers in this stage (total None: not known yet), `source` being read."""

    stage: Stage
    done: int
    total: int | None = None
    source: str = ""


@dataclass(slots=True, kw_only=True)
class IngestReport:
    """What a run did, in papers.

    `read` counts records read, `merged` those that were another record's paper. Of the different papers, `new` were not
    in the library, `changed` had another title or abstract (embedded again), `refreshed` other details, `unchanged`
    none. `rejected` are the records and rests of files that could not be read.
    """

    read: int = 0
    bylines: int = 0
    merged: int = 0
    new: int = 0
    changed: int = 0
    refreshed: int = 0
    unchanged: int = 0
    n_passages: int = 0
    seconds: float = 0.0
    warnings: list[str] = field(default_factory=list)
    rejected: list[SourceError] = field(default_factory=list)

    def to_dict(self) -> dict[str, Any]:
        counts = ("read", "bylines", "merged", "new", "changed", "refreshed", "unchanged", "n_passages")
        return {name: getattr(self, name) for name in counts} | {
            "seconds": round(self.seconds, 2),
            "warnings": list(self.warnings),
            "rejected": [
                {"path": e.path, "line": e.line, "n_read": e.n_read, "message": str(e)} for e in self.rejected
            ],
        }


def ingest(
    library: Library,
    sources: Sequence[str],
    *,
    progress: Callable[[Progress], None] | None = None,
    on_wait: Callable[[str], None] | None = None,
) -> IngestReport:
    """Adds everything in the sources to a library.

    Sources are read before the library is touched by them; one that cannot be read is reported and the others go in.
    `on_wait` is told once who else is writing.
    """
    report = IngestReport()
    return _run(library, _read_all(sources, report, progress or _silent), report, progress or _silent, on_wait)


def add_papers(
    library: Library,
    papers: Iterable[Paper],
    *,
    progress: Callable[[Progress], None] | None = None,
    on_wait: Callable[[str], None] | None = None,
) -> IngestReport:
    """Adds papers from Python. A paper without a title or an abstract is rejected."""
    report = IngestReport()
    return _run(library, _counted(papers, report), report, progress or _silent, on_wait)


def _run(
    library: Library,
    papers: Iterator[Paper],
    report: IngestReport,
    progress: Callable[[Progress], None],
    on_wait: Callable[[str], None] | None,
) -> IngestReport:
    started = time.monotonic()
    window: list[Paper] = []
    with library.writing(on_wait=on_wait):
        for paper in papers:
            window.append(paper)
            if len(window) >= _MERGE_WINDOW:
                _store(library, window, report, progress)
                window = []
        _store(library, window, report, progress)
    report.seconds = time.monotonic() - started
    return report


def _read_all(sources: Sequence[str], report: IngestReport, progress: Callable[[Progress], None]) -> Iterator[Paper]:
    for source in sources:
        try:
            for portion in read_source(source):
                report.bylines += portion.n_bylines
                report.warnings += portion.warnings
                report.rejected += portion.errors
                yield from _counted(portion.papers, report)
                progress(Progress(stage="reading", done=report.read, source=_name(portion)))
        except SourceError as error:
            report.rejected.append(error)


def _counted(papers: Iterable[Paper], report: IngestReport) -> Iterator[Paper]:
    for paper in papers:
        missing = "title" if not paper.title.strip() else "abstract" if not paper.abstract.strip() else None
        if missing is None:
            report.read += 1
            yield paper
        else:
            where = paper.seen_on[0] if paper.seen_on else "papers"
            message = f"paper {paper.paper_id!r} has no {missing}"
            report.rejected.append(SourceError(message, path=where, n_read=report.read))


def _store(library: Library, papers: list[Paper], report: IngestReport, progress: Callable[[Progress], None]) -> None:
    """Compares papers with the library and stores what differs, a batch at a time."""
    distinct = merge(papers)
    report.merged += len(papers) - len(distinct)
    refreshed: list[Paper] = []
    to_embed: list[Paper] = []
    for start in range(0, len(distinct), 1_000):
        progress(Progress(stage="comparing", done=start, total=len(distinct)))
        group = distinct[start : start + 1_000]
        known = library.get_many([paper.paper_id for paper in group])
        for paper in group:
            before = known.get(paper.paper_id)
            after = combine(before, paper, newer=True) if before is not None else paper
            if before is None:
                report.new += 1
                to_embed.append(after)
            elif before.content_hash != after.content_hash:
                report.changed += 1
                to_embed.append(after)
            elif before.record_hash != after.record_hash:
                report.refreshed += 1
                refreshed.append(after)
            else:
                report.unchanged += 1
    library.refresh(refreshed)
    for start in range(0, len(to_embed), BATCH):
        progress(Progress(stage="embedding", done=start, total=len(to_embed)))
        batch = [(paper, split(paper, library.embedder.fits)) for paper in to_embed[start : start + BATCH]]
        library.add(embed_papers(library.embedder, batch))
        report.n_passages += sum(len(passages) for _, passages in batch)
    if to_embed:
        progress(Progress(stage="embedding", done=len(to_embed), total=len(to_embed)))


def _name(portion: Portion) -> str:
    return portion.path.rpartition("/")[2]


def _silent(progress: Progress) -> None:
    return None
