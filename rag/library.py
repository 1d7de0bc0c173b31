"""A library of papers on disk: Chroma, which holds the truth, and the keyword index, which is derived from it.

    library.json    how it was built, and its generation (`rag.manifest`)
    vectors-1/      Chroma (`rag.vectors`)
    keywords/       tantivy (`rag.keywords`)
    write.lock      one writer at a time (`rag.lock`)

Reading needs no lock. Before each question the library looks whether another process has written, and reopens; when a
writer died at work, the first process that can take the lock repairs what it left (`rag.upkeep`).
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag import manifest as manifests
from rag.embeddings import DEFAULT_EMBEDDING, Embedder, load_embedder
from rag.errors import LibraryBusy, LibraryDamaged, LibraryError, LibraryMismatch
from rag.lock import WAIT_S, WriterLock
from rag.manifest import Manifest
from rag.retrieval import Background, Mode, Ranked, rank, sample_background
from rag.schema import Coverage, Filters, Hit, Paper, Passage
from rag.settings import Settings

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.keywords import KeywordIndex
    from rag.vectors import Entry, VectorIndex

# How papers are cut (`ingest.split`); part of how a library was built.
PASSAGES = "3 sentences, stride 2"


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """A library at a glance. `fingerprint` changes with any paper or the embedding; `sources` counts papers by
    source.
    """

    path: str
    n_papers: int
    n_passages: int
    n_undated: int
    first: date | None
    last: date | None
    embedding: str
    embedding_fingerprint: str
    passages: str
    schema_version: int
    generation: int
    fingerprint: str
    sources: dict[str, int]

    def to_dict(self) -> dict[str, Any]:
        dates = {
            "first": self.first.isoformat() if self.first else None,
            "last": self.last.isoformat() if self.last else None,
        }
        return asdict(self) | dates


class Library:
    """Papers in a folder; made by `create` or `open`. Threads may share one for reading."""

    def __init__(self, path: Path, manifest: Manifest, embedder: Embedder) -> None:
        self.path = path
        self.embedder = embedder
        self._manifest = manifest
        self._stamp = manifests.stamp(path)
        self._lock = WriterLock(path)
        self._mutex = threading.RLock()
        self._vectors: VectorIndex | None = None
        self._keywords: KeywordIndex | None = None
        self._background: Background | None = None
        self._sampled = False

    @classmethod
    def create(
        cls,
        path: Path | str,
        *,
        embedding: str = DEFAULT_EMBEDDING,
        embedder: Embedder | None = None,
        cache: Path | None = None,
    ) -> Library:
        """Makes an empty library; one that is there already is opened, if it was built the same way
        (LibraryMismatch).
        """
        folder = Path(path).expanduser()
        embedder = embedder or load_embedder(embedding, cache=cache or Settings.from_env().cache)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(f"cannot make a library at {folder}: {error.strerror or error}") from error
        lock = WriterLock(folder)
        if not manifests.exists(folder):
            lock.acquire()
            try:
                if not manifests.exists(folder):
                    _lay_out(folder, embedder)
            finally:
                lock.release()
        return cls.open(folder, embedding=embedder.spec, embedder=embedder)

    @classmethod
    def open(
        cls,
        path: Path | str,
        *,
        embedding: str | None = None,
        embedder: Embedder | None = None,
        cache: Path | None = None,
    ) -> Library:
        """Opens a library. Naming an `embedding` checks that it was built with that one.

        Raises LibraryNotFound, LibraryMismatch (other embedding, other weights, other passages), LibraryDamaged.
        """
        folder = Path(path).expanduser()
        manifest = manifests.read(folder)
        asked = embedder.spec if embedder is not None else embedding or manifest.embedding
        if asked != manifest.embedding:
            raise LibraryMismatch(
                f"library {folder} was built with {manifest.embedding!r} but {asked!r} was asked for; run "
                f"`askpapers library rebuild --embedding {asked}`, or leave the embedding out"
            )
        embedder = embedder or load_embedder(asked, cache=cache or Settings.from_env().cache)
        if (embedder.fingerprint, embedder.dimension) != (manifest.fingerprint, manifest.dimension):
            raise LibraryMismatch(
                f"library {folder} was embedded by {manifest.fingerprint} and this is {embedder.fingerprint}; run "
                f"`askpapers library rebuild --embedding {asked}` to embed it again"
            )
        return cls(folder, manifest, embedder)

    # Reading

    def search(self, query: str, *, k: int = 10, filters: Filters | None = None, mode: Mode = "hybrid") -> list[Hit]:
        """The k best papers for a query, best first, each with its best passage; empty when nothing passes the
        filters.
        """
        ranked = self.ranked(query, k=k, filters=filters, mode=mode)
        papers = self.get_many([row.paper_id for row in ranked])
        passages = self._best_passages(ranked)
        return [
            Hit(
                paper=papers[row.paper_id],
                passage=passages[row.paper_id],
                score=row.score,
                dense=row.dense,
                keyword=row.keyword,
            )
            for row in ranked
            if row.paper_id in papers and row.paper_id in passages
        ]

    def _best_passages(self, ranked: Sequence[Ranked]) -> dict[str, Passage]:
        """The passage that matched best, by paper; the first one where only words were searched."""
        vectors = self._current()[0]
        by_key = vectors.passages([row.passage for row in ranked if row.passage])
        found = {row.paper_id: by_key[row.passage] for row in ranked if row.passage in by_key}
        others = vectors.passages_of([row.paper_id for row in ranked if row.paper_id not in found])
        return found | {paper_id: rows[0][0].passage for paper_id, rows in others.items()}

    def ranked(self, query: str, *, k: int = 10, filters: Filters | None = None, mode: Mode = "hybrid") -> list[Ranked]:
        """As `search`, without reading the papers."""
        vectors, keywords = self._current()
        vector = self.embed(query) if mode != "keyword" else None
        return rank(
            query,
            vector,
            keywords=keywords,
            vectors=vectors,
            background=self._current_background(vectors) if mode != "keyword" else None,
            filters=filters or Filters(),
            k=k,
            mode=mode,
        )

    def rank(self, query: str, k: int, mode: Mode = "hybrid") -> list[tuple[str, float]]:
        """Ids and scores of the k best papers, for measuring."""
        return [(row.paper_id, row.score) for row in self.ranked(query, k=k, mode=mode)]

    def embed(self, text: str) -> NDArray[np.float32]:
        """The vector of one text, shape (d,)."""
        vector: NDArray[np.float32] = self.embedder.embed_texts([text])[0]
        return vector

    def get(self, paper_id: str) -> Paper | None:
        return self.get_many([paper_id]).get(paper_id)

    def get_many(self, paper_ids: Sequence[str]) -> dict[str, Paper]:
        """Papers by id; unknown ids are left out."""
        return self._current()[0].papers(paper_ids) if paper_ids else {}

    def papers(self) -> Iterator[Paper]:
        """Every paper, in the order of storing."""
        return self._current()[0].all_papers()

    def coverage(self, filters: Filters | None = None) -> Coverage:
        """How many papers there are and how many a search with these filters looks through; exact."""
        return self._current()[1].coverage(filters or Filters())

    @property
    def keywords(self) -> KeywordIndex:
        """The keyword index as it is now, for stems, frequencies and counts."""
        return self._current()[1]

    @property
    def vectors(self) -> VectorIndex:
        """The vector index as it is now."""
        return self._current()[0]

    @property
    def manifest(self) -> Manifest:
        return self._manifest

    def status(self) -> Status:
        from rag.upkeep import fingerprint

        vectors, keywords = self._current()
        n_papers, n_passages = vectors.count()
        counted = keywords.count(Filters())
        return Status(
            path=str(self.path),
            n_papers=n_papers,
            n_passages=n_passages,
            n_undated=counted.n - counted.n_dated,
            first=counted.first,
            last=counted.last,
            embedding=self._manifest.embedding,
            embedding_fingerprint=self._manifest.fingerprint,
            passages=self._manifest.passages,
            schema_version=self._manifest.schema_version,
            generation=self._manifest.generation,
            fingerprint=fingerprint(self._manifest.fingerprint, keywords.stored()),
            sources=keywords.sources(),
        )

    def verify(self) -> list[str]:
        """Everything that contradicts something else, in words; empty when the library is whole."""
        from rag.upkeep import problems

        vectors, keywords = self._current()
        return problems(vectors, keywords)

    # Writing

    @contextmanager
    def writing(self, *, on_wait: Callable[[str], None] | None = None, timeout_s: float = WAIT_S) -> Iterator[None]:
        """The right to change the library, for the length of a `with`; waits for another writer (LibraryBusy).

        `on_wait` is told once who holds it. Nested use is free.
        """
        if self._lock.held:
            yield
            return
        self._lock.acquire(timeout_s=timeout_s, on_wait=on_wait)
        try:
            self._refresh()
            if self._manifest.pending:
                self._repair()
            self._record(pending=True)
            yield
            self._record(pending=False)
        finally:
            self._lock.release()

    def add(self, entries: Sequence[Entry]) -> None:
        """Stores embedded papers, replacing those of the same ids; all or, after a crash and the repair, none of a
        paper.
        """
        if not entries:
            return
        with self.writing():
            vectors, keywords = self._current()
            vectors.put(entries)
            keywords.replace([entry.paper for entry in entries])
            self._record(generation=self._manifest.generation + 1)

    def refresh(self, papers: Sequence[Paper]) -> None:
        """Replaces the fields of papers whose title and abstract have not changed; embeds nothing."""
        if not papers:
            return
        with self.writing():
            vectors, keywords = self._current()
            vectors.refresh(papers)
            keywords.replace(papers)
            self._record(generation=self._manifest.generation + 1)

    def remove(self, paper_ids: Sequence[str]) -> list[str]:
        """Removes papers; returns the ids that were there."""
        with self.writing():
            vectors, keywords = self._current()
            known = list(vectors.papers(paper_ids))
            if known:
                vectors.remove(known)
                keywords.replace([], removed=known)
                self._record(generation=self._manifest.generation + 1)
            return known

    def rebuild(self, *, embedder: Embedder | None = None, progress: Callable[[int, int], None] | None = None) -> None:
        """Makes the keyword index anew; with an `embedder`, embeds every passage again and switches over when all are
        done.

        `progress` is told papers done and papers in all. A library being rebuilt answers from its old vectors
        meanwhile.
        """
        from rag.upkeep import reembed

        with self.writing():
            if embedder is not None:
                name = reembed(self.path, self._current()[0], self._manifest.vectors, embedder, progress)
                old = self._manifest.vectors
                self._record(
                    vectors=name,
                    embedding=embedder.spec,
                    fingerprint=embedder.fingerprint,
                    dimension=embedder.dimension,
                    generation=self._manifest.generation + 1,
                )
                self.embedder = embedder
                self._close()
                _remove_folder(self.path / old)
            self._anew_keywords()
            self._record(generation=self._manifest.generation + 1)

    def close(self) -> None:
        """Gives files and memory back; the library opens again by itself when it is used."""
        with self._mutex:
            self._close()

    # Keeping up with other processes

    def _current(self) -> tuple[VectorIndex, KeywordIndex]:
        """Both indexes as of now: reopened when another process has written, repaired when a writer died."""
        with self._mutex:
            if not self._lock.held:
                self._refresh()
                if self._manifest.pending and self._lock.try_acquire():
                    try:
                        self._refresh()
                        if self._manifest.pending:
                            self._repair()
                            self._record(pending=False)
                    finally:
                        self._lock.release()
            return self._open_vectors(), self._open_keywords()

    def _refresh(self) -> None:
        with self._mutex:
            now = manifests.stamp(self.path)
            if now == self._stamp:
                return
            fresh = manifests.read(self.path)
            if fresh.fingerprint != self.embedder.fingerprint:
                self.embedder = load_embedder(fresh.embedding, cache=Settings.from_env().cache)
            if (fresh.generation, fresh.vectors) != (self._manifest.generation, self._manifest.vectors):
                self._close()
            self._manifest, self._stamp = fresh, now

    def _record(self, **changes: Any) -> None:
        with self._mutex:
            self._manifest = replace(self._manifest, **changes)
            manifests.write(self.path, self._manifest)
            self._stamp = manifests.stamp(self.path)
            self._sampled = False

    def _repair(self) -> None:
        from rag.upkeep import repair

        repair(self._open_vectors(), self._open_keywords())
        self._record(generation=self._manifest.generation + 1)

    def _open_vectors(self) -> VectorIndex:
        if self._vectors is None:
            from rag.vectors import VectorIndex

            folder = self.path / self._manifest.vectors
            if not folder.is_dir():
                raise LibraryDamaged(f"{folder} is missing; restore it, or move {self.path} away and ingest again")
            self._vectors = VectorIndex(folder)
        return self._vectors

    def _open_keywords(self) -> KeywordIndex:
        from rag.keywords import INDEX_VERSION, KeywordIndex

        if self._keywords is None:
            whole = self._manifest.keywords_version == INDEX_VERSION and (self.path / "keywords").is_dir()
            try:
                self._keywords = KeywordIndex(self.path / "keywords") if whole else None
            except LibraryDamaged:
                self._keywords = None
            if self._keywords is None:
                self._with_lock(self._anew_keywords)
        assert self._keywords is not None
        return self._keywords

    def _anew_keywords(self) -> None:
        from rag.keywords import INDEX_VERSION, KeywordIndex

        self._keywords = None
        _remove_folder(self.path / "keywords")
        self._keywords = KeywordIndex(self.path / "keywords")
        self._keywords.replace(self._open_vectors().all_papers())
        self._record(keywords_version=INDEX_VERSION)

    def _with_lock(self, work: Callable[[], None]) -> None:
        if self._lock.held:
            work()
            return
        if not self._lock.try_acquire():
            raise LibraryBusy(f"the keyword index is being made by {self._lock.holder()}; ask again in a moment")
        try:
            work()
        finally:
            self._lock.release()

    def _current_background(self, vectors: VectorIndex) -> Background | None:
        with self._mutex:
            if not self._sampled:
                self._background, self._sampled = sample_background(vectors), True
            return self._background

    def _close(self) -> None:
        if self._vectors is not None:
            self._vectors.close()
        self._vectors, self._keywords, self._sampled = None, None, False


def _lay_out(folder: Path, embedder: Embedder) -> None:
    """An empty library; the manifest comes last, so that a folder with one is complete."""
    from rag.keywords import INDEX_VERSION, KeywordIndex
    from rag.vectors import VectorIndex

    manifest = Manifest(
        embedding=embedder.spec,
        fingerprint=embedder.fingerprint,
        dimension=embedder.dimension,
        passages=PASSAGES,
        keywords_version=INDEX_VERSION,
    )
    VectorIndex(folder / manifest.vectors, create=True).close()
    KeywordIndex(folder / "keywords")
    manifests.write(folder, manifest)


def _remove_folder(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder, ignore_errors=True)
