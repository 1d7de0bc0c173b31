"""Read, merge, split, embed, store: from sources to a library, in batches that are committed as they go.

Records are taken in windows. Of each window, those that are the same paper are put together, with each other and with what
the library knows (`ingest.identity`, `ingest.merge`); what differs is stored, what has a new text is embedded. The library
is locked a window at a time, so that two runs side by side take turns, and never while a source is being read.

A run that is killed has lost at most the batch at hand; the next one goes on from there, because what is stored already
is recognised and neither embedded nor written again.
"""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from ingest.checking import checked, named
from ingest.identity import identified, lookup_keys, same
from ingest.merge import merged
from ingest.report import IngestReport, Progress, Stage
from ingest.sources.fields import Rejected
from ingest.sources.files import read_source
from ingest.sources.reading import Portion, ReadOptions
from ingest.split import split
from rag.embeddings import embed_papers, expense_ahead, expense_so_far
from rag.errors import LibraryError, SourceError, VectorsError
from rag.library import Library
from rag.schema import Paper

if TYPE_CHECKING:
    from typing import BinaryIO

    from rag.embedding.cost import Expense
    from rag.vectors import Entry

__all__ = ["IngestReport", "Progress", "add", "add_papers", "ingest"]

# Papers embedded together, and papers committed together: a commit when there are so many, or after so long. Committing
# costs the same for one paper and for a thousand, a run that is killed loses what was not committed.
BATCH, _COMMIT, _COMMIT_S = 64, 1_000, 3.0
# Papers with new details only, committed together.
_REFRESHED = 1_000
# Records looked at together: all that is in memory of a source.
_WINDOW = 5_000
# Papers looked up in the library at a time.
_LOOKED_UP = 1_000
# A title that more papers than this have says nothing about which of them a record is.
_MOST_OWNERS = 50
# Chroma's message of a full disk does not name it: with less than this many bytes left, ours does.
_LITTLE_SPACE = 32 * 2**20
# Between windows another writer, who looks every 0.2 s, gets a chance after this much work.
_TURN_AFTER_S, _TURN_S = 2.0, 0.3


def ingest(
    library: Library | Callable[[Paper], Library],
    sources: Sequence[str],
    *,
    options: ReadOptions | None = None,
    stdin: BinaryIO | None = None,
    progress: Callable[[Progress], None] | None = None,
    on_wait: Callable[[str], None] | None = None,
    on_expense: Callable[[Expense], None] | None = None,
    report: IngestReport | None = None,
) -> IngestReport:
    """Adds everything in the sources to a library, or to the one that a callable makes when the first paper has been read
    (it is handed that paper).

    A source that cannot be read is reported and the others go in. Of papers that `options.since` rules out, those
    without a date are skipped, too. `on_wait` is told once who else is writing, `on_expense` what embedding will cost before
    it begins, where it costs money. A `report` given is filled as the run goes, and tells what was done even when the run
    fails (LibraryError, EmbeddingError).
    """
    run = _Run(library, report or IngestReport(), progress or _silent, on_wait, on_expense)
    return run.store(run.read(sources, options or ReadOptions(), stdin))


def add(
    library: Library,
    papers: Iterable[Paper],
    *,
    progress: Callable[[Progress], None] | None = None,
    on_wait: Callable[[str], None] | None = None,
    report: IngestReport | None = None,
) -> IngestReport:
    """Adds papers from Python, any iterable of them. Every field is checked and cleaned (`ingest.checking`) as it is when a
    file is read; what cannot be stored is rejected, and the others go in.
    """
    run = _Run(library, report or IngestReport(), progress or _silent, on_wait)
    return run.store(run.checked(papers))


# The name that it had before.
add_papers = add


@dataclass(slots=True)
class _Run:
    shelf: Library | Callable[[Paper], Library]
    report: IngestReport
    progress: Callable[[Progress], None]
    on_wait: Callable[[str], None] | None
    on_expense: Callable[[Expense], None] | None = None
    source: str = ""

    @property
    def library(self) -> Library:
        """The library; only what has been opened is asked for."""
        assert isinstance(self.shelf, Library)
        return self.shelf

    def read(self, sources: Sequence[str], options: ReadOptions, stdin: BinaryIO | None) -> Iterator[Paper]:
        for source in sources:
            try:
                if not source.strip():
                    raise SourceError("the name of this source is empty", path=repr(source))
                for portion in read_source(source, options=options, stdin=stdin):
                    yield from self._taken(portion, options)
            except SourceError as error:
                self.report.reject(error)

    def _taken(self, portion: Portion, options: ReadOptions) -> Iterator[Paper]:
        self.source = portion.path.rpartition("/")[2]
        self.report.bylines += portion.n_bylines
        self.report.skipped += portion.n_skipped
        self.report.warn(*portion.warnings)
        self.report.reject(*portion.errors)
        for paper in portion.papers:
            if options.since and (paper.published is None or paper.published < options.since):
                self.report.skipped += 1
            elif (clean := self._checked(paper)) is not None:
                yield clean
        self._tell("reading", self.report.read)

    def checked(self, papers: Iterable[Paper]) -> Iterator[Paper]:
        return (clean for paper in papers if (clean := self._checked(paper)) is not None)

    def _checked(self, paper: Paper) -> Paper | None:
        """The paper as it is stored, or None with a rejection in the report."""
        warnings: list[str] = []
        name, where = named(paper)
        try:
            clean = checked(paper, warnings)
        except Rejected as why:
            self.report.reject(SourceError(f"{name}: {why}", path=where, n_read=self.report.read))
            return None
        self.report.read += 1
        self.report.warn(*(f"{where}: {warning}" for warning in warnings))
        return clean

    def store(self, papers: Iterator[Paper]) -> IngestReport:
        started = time.monotonic()
        try:
            while window := [identified(paper) for paper in islice(papers, _WINDOW)]:
                if not isinstance(self.shelf, Library):
                    self.shelf = self.shelf(window[0])
                with _storing(self.library):
                    begun = time.monotonic()
                    with self.library.writing(on_wait=self._waiting):
                        self._store(window)
                    if len(window) == _WINDOW and time.monotonic() - begun > _TURN_AFTER_S:
                        time.sleep(_TURN_S)
        except BaseException as error:
            self.report.error = str(error) or type(error).__name__
            raise
        finally:
            self.report.seconds = time.monotonic() - started
            if isinstance(self.shelf, Library):
                self.report.expense = expense_so_far(self.shelf.embedder)
        return self.report

    def _store(self, window: Sequence[Paper]) -> None:
        """Compares records with the library and stores what differs, a batch at a time."""
        papers, warnings = same(self._known(window), window)
        self.report.warn(*warnings)
        refreshed: list[_Change] = []
        to_embed: list[_Change] = []
        for one in papers:
            change = _Change(after=merged(one), gone=tuple(paper.paper_id for paper in one.known[1:]))
            if not one.known:
                to_embed.append(change)
            elif (one.known[0].title, one.known[0].abstract) != (change.after.title, change.after.abstract):
                to_embed.append(replace(change, is_new=False))
            elif one.known[0] != change.after or change.gone:
                refreshed.append(replace(change, is_new=False))
            else:
                self.report.unchanged += 1
            self.report.merged += len(one.seen) - 1
        self._refresh(refreshed)
        self._embed(to_embed)

    def _known(self, window: Sequence[Paper]) -> list[Paper]:
        """The library's papers that share a key with one of these records."""
        found: dict[str, Paper] = {}
        for start in range(0, len(window), _LOOKED_UP):
            self._tell("comparing", start, len(window))
            keys = {key for paper in window[start : start + _LOOKED_UP] for key in lookup_keys(paper)}
            owners = self.library.find_ids(list(keys))
            ids = {one for key, ids in owners.items() if len(ids) <= _MOST_OWNERS or key[:3] == "id:" for one in ids}
            found |= self.library.get_many(sorted(ids - found.keys()))
        return list(found.values())

    def _refresh(self, changes: Sequence[_Change]) -> None:
        for start in range(0, len(changes), _REFRESHED):
            batch = changes[start : start + _REFRESHED]
            self.library.refresh([change.after for change in batch], removed=_gone(batch))
            self.report.refreshed += len(batch)
            self.report.joined += len(_gone(batch))

    def _embed(self, changes: Sequence[_Change]) -> None:
        embedder = self.library.embedder
        if self.on_expense is not None and changes:
            cuts = ((change.after, split(change.after, embedder.fits)) for change in changes)
            if (ahead := expense_ahead(embedder, cuts)) is not None:
                self.on_expense(ahead)
        entries: list[Entry] = []
        waiting: list[_Change] = []
        committed = time.monotonic()
        for start in range(0, len(changes), BATCH):
            self._tell("embedding", start, len(changes))
            batch = changes[start : start + BATCH]
            cut = [(change.after, split(change.after, embedder.fits)) for change in batch]
            entries += embed_papers(embedder, cut)
            waiting += batch
            is_last = start + BATCH >= len(changes)
            if is_last or len(entries) >= _COMMIT or time.monotonic() - committed > _COMMIT_S:
                self._commit(entries, waiting)
                entries, waiting, committed = [], [], time.monotonic()
        if changes:
            self._tell("embedding", len(changes), len(changes))

    def _commit(self, entries: Sequence[Entry], changes: Sequence[_Change]) -> None:
        self.library.add(entries, removed=_gone(changes))
        self.report.new += sum(change.is_new for change in changes)
        self.report.changed += sum(not change.is_new for change in changes)
        self.report.joined += len(_gone(changes))
        self.report.n_passages += sum(len(entry.passages) for entry in entries)

    def _tell(self, stage: Stage, done: int, total: int | None = None) -> None:
        self.progress(
            Progress(
                stage=stage,
                done=done,
                total=total,
                source=self.source,
                n_read=self.report.read,
                n_passages=self.report.n_passages,
            )
        )

    def _waiting(self, holder: str) -> None:
        """Tells once who else is writing."""
        if self.on_wait is not None:
            self.on_wait(holder)
            self.on_wait = None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Change:
    """A paper to be stored, and the papers of the library that become part of it."""

    after: Paper
    gone: tuple[str, ...] = ()
    is_new: bool = True


def _gone(changes: Sequence[_Change]) -> list[str]:
    return [paper_id for change in changes for paper_id in change.gone]


@contextmanager
def _storing(library: Library) -> Iterator[None]:
    """Says of what fails while papers are stored what to do, and that the rest is safe."""
    try:
        yield
    except OSError as error:
        raise LibraryError(f"cannot write to {library.path}: {error.strerror or error}. {_advice(library)}") from error
    except LibraryError as error:
        # Those of a kind of their own, but for the vectors, say what to do.
        if type(error) not in (LibraryError, VectorsError):
            raise
        raise type(error)(f"{error}. {_advice(library)}") from error


def _advice(library: Library) -> str:
    safe = "What was stored so far is safe: run the same command again, it goes on from there"
    free = shutil.disk_usage(library.path).free
    if free < _LITTLE_SPACE:
        return f"The disk is full ({free // 2**20} MB are free): make space. {safe}"
    return f"{safe}; where it fails in the same way again, `askpapers library verify` says what is wrong"


def _silent(progress: Progress) -> None:
    pass
