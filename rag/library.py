"""A library of papers on disk: what can be done with one.

How it keeps its files whole, and up with other processes, is `rag.store`; how it searches, `rag.retrieval`.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from rag import manifest as manifests
from rag.embeddings import DEFAULT_EMBEDDING, Embedder, embed_question, load_embedder
from rag.errors import LibraryError, LibraryMismatch, VectorsError
from rag.identity import id_key
from rag.lock import WAIT_S
from rag.manifest import Manifest
from rag.retrieval import Background, Mode, Ranked, rank, sample_background
from rag.schema import Coverage, Filters, Hit, Paper, Passage
from rag.settings import Settings
from rag.store import PASSAGES, Store

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from rag.keywords import KeywordIndex
    from rag.vectors import Entry, VectorIndex


T = TypeVar("T")
# How long to wait before a read that failed under another process's writing is tried again.
_PAUSES_S = (0.05, 0.2, 0.8)


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
        self._embedder = embedder
        self._store = Store(path, manifest, lambda: self.embedder)
        # The background of dense search, and the generation that it was taken from.
        self._background: tuple[int, Background | None] = (-1, None)

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
        (LibraryMismatch). One without papers takes the embedding asked for.
        """
        folder = Path(path).expanduser()
        embedder = _embedder(embedder or embedding, cache)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise LibraryError(f"cannot make a library at {folder}: {error.strerror or error}") from error
        if not manifests.exists(folder):
            Store.lay_out(folder, embedder)
        try:
            return cls.open(folder, embedding=embedder.spec, embedder=embedder)
        except LibraryMismatch:
            bare = cls(folder, manifests.read(folder), embedder)
            if bare.manifest.passages != PASSAGES or not bare._take_embedding(embedder):
                raise
        return cls.open(folder, embedding=embedder.spec, embedder=embedder)

    def _take_embedding(self, embedder: Embedder) -> bool:
        """Has an empty library use another embedder; False where there are papers."""
        with self.writing():
            if self._store.current()[0].count()[0]:
                return False
            self.rebuild(embedder=embedder)
            return True

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
                f"`askpapers library rebuild --embedding {asked} --library {folder}`, or leave the embedding out"
            )
        embedder = _embedder(embedder or asked, cache)
        if (embedder.fingerprint, embedder.dimension) != (manifest.fingerprint, manifest.dimension):
            raise LibraryMismatch(
                f"library {folder} was embedded by {manifest.fingerprint} and this is {embedder.fingerprint}; run "
                f"`askpapers library rebuild --embedding {asked} --library {folder}` to embed it again"
            )
        if manifest.passages != PASSAGES:
            raise LibraryMismatch(
                f"library {folder} was cut into passages of {manifest.passages} and this askpapers cuts {PASSAGES}; "
                "ingest its sources into a new folder"
            )
        return cls(folder, manifest, embedder)

    # Reading

    def search(self, query: str, *, k: int = 10, filters: Filters | None = None, mode: Mode = "hybrid") -> list[Hit]:
        """The k best papers for a query, best first, each with its best passage; empty when nothing passes the
        filters.
        """
        return self._reading(lambda: self._search(query, k, filters or Filters(), mode))

    def _search(self, query: str, k: int, filters: Filters, mode: Mode) -> list[Hit]:
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
        vectors = self._store.current()[0]
        by_key = vectors.passages([row.passage for row in ranked if row.passage])
        found = {row.paper_id: by_key[row.passage] for row in ranked if row.passage in by_key}
        others = vectors.passages_of([row.paper_id for row in ranked if row.paper_id not in found])
        return found | {paper_id: rows[0][0].passage for paper_id, rows in others.items()}

    def ranked(self, query: str, *, k: int = 10, filters: Filters | None = None, mode: Mode = "hybrid") -> list[Ranked]:
        """As `search`, without reading the papers."""
        return self._reading(lambda: self._ranked(query, k, filters or Filters(), mode))

    def _ranked(self, query: str, k: int, filters: Filters, mode: Mode) -> list[Ranked]:
        vectors, keywords = self._store.current()
        vector = self.embed(query) if mode != "keyword" else None
        return rank(
            query,
            vector,
            keywords=keywords,
            vectors=vectors,
            background=self._current_background(vectors) if mode != "keyword" else None,
            filters=filters,
            k=k,
            mode=mode,
        )

    def rank(self, query: str, k: int, mode: Mode = "hybrid") -> list[tuple[str, float]]:
        """Ids and scores of the k best papers, for measuring."""
        return [(row.paper_id, row.score) for row in self.ranked(query, k=k, mode=mode)]

    def embed(self, text: str) -> NDArray[np.float32]:
        """The vector of one text, shape (d,)."""
        return embed_question(self.embedder, text)

    def get(self, name: str) -> Paper | None:
        """A paper by its id, an alias, its arXiv id or DOI in any spelling; None when no paper, or more than one, has it."""
        found = self.get_many([name]).get(name)
        if found is not None:
            return found
        owners = self.find_ids([id_key(name)]).get(id_key(name), ())
        return self.get_many(owners).get(owners[0]) if len(owners) == 1 else None

    def find_ids(self, keys: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """The ids of the papers that have each key (`rag.identity.keys`); keys that no paper has are left out."""
        return self._reading(lambda: self._store.current()[1].owners(keys)) if keys else {}

    def get_many(self, paper_ids: Sequence[str]) -> dict[str, Paper]:
        """Papers by id; unknown ids are left out."""
        return self._reading(lambda: self._store.current()[0].papers(paper_ids)) if paper_ids else {}

    def papers(self) -> Iterator[Paper]:
        """Every paper, in the order of storing."""
        return self._store.current()[0].all_papers()

    def coverage(self, filters: Filters | None = None) -> Coverage:
        """How many papers there are and how many a search with these filters looks through; exact."""
        return self._store.current()[1].coverage(filters or Filters())

    @property
    def keywords(self) -> KeywordIndex:
        """The keyword index as it is now, for stems, frequencies and counts."""
        return self._store.current()[1]

    @property
    def embedder(self) -> Embedder:
        """What the library is embedded with; follows a rebuild by another process."""
        manifest = self._store.manifest
        if self._embedder.fingerprint != manifest.fingerprint:
            self._embedder = _embedder(manifest.embedding)
        return self._embedder

    @property
    def vectors(self) -> VectorIndex:
        """The vector index as it is now."""
        return self._store.current()[0]

    @property
    def manifest(self) -> Manifest:
        return self._store.manifest

    def status(self) -> Status:
        from rag.upkeep import fingerprint

        vectors, keywords = self._store.current()
        n_papers, n_passages = vectors.count()
        counted = keywords.count(Filters())
        return Status(
            path=str(self.path),
            n_papers=n_papers,
            n_passages=n_passages,
            n_undated=counted.n - counted.n_dated,
            first=counted.first,
            last=counted.last,
            embedding=self._store.manifest.embedding,
            embedding_fingerprint=self._store.manifest.fingerprint,
            passages=self._store.manifest.passages,
            schema_version=self._store.manifest.schema_version,
            generation=self._store.manifest.generation,
            fingerprint=fingerprint(self._store.manifest.fingerprint, keywords.stored()),
            sources=keywords.sources(),
        )

    def verify(self) -> list[str]:
        """Everything that contradicts something else, in words; empty when the library is whole."""
        from rag.upkeep import problems

        vectors, keywords = self._store.current()
        return problems(vectors, keywords)

    # Writing

    @contextmanager
    def writing(self, *, on_wait: Callable[[str], None] | None = None, timeout_s: float = WAIT_S) -> Iterator[None]:
        """The right to change the library, for the length of a `with`; waits for another writer (LibraryBusy).

        `on_wait` is told once who holds it. Nested use is free.
        """
        with self._store.writing(on_wait=on_wait, timeout_s=timeout_s):
            yield

    def add(self, entries: Sequence[Entry], *, removed: Sequence[str] = ()) -> None:
        """Stores embedded papers, replacing those of the same ids; all or, after a crash and the repair, none of a
        paper. Papers that were joined into them (`removed`) go in the same step.
        """
        if not entries:
            return
        with self.writing():
            vectors, keywords = self._store.current()
            with ThreadPoolExecutor(1) as beside:  # both write most of the time without holding up the other
                indexed = beside.submit(keywords.replace, [entry.paper for entry in entries], removed=removed)
                vectors.put(entries)
                vectors.remove(removed)
                indexed.result()
            self._store.committed()

    def refresh(self, papers: Sequence[Paper], *, removed: Sequence[str] = ()) -> None:
        """Replaces the fields of papers whose title and abstract have not changed; embeds nothing. `removed` as in
        `add`.
        """
        if not papers:
            return
        with self.writing():
            vectors, keywords = self._store.current()
            vectors.refresh(papers)
            vectors.remove(removed)
            keywords.replace(papers, removed=removed)
            self._store.committed()

    def remove(self, names: Sequence[str]) -> list[str]:
        """Removes papers by any of their names, as `get` knows them; returns the ids of those that went."""
        with self.writing():
            vectors, keywords = self._store.current()
            exact = vectors.papers(names)
            owners = self.find_ids([id_key(name) for name in names if name not in exact])
            known = list(dict.fromkeys([*exact, *(ids[0] for ids in owners.values() if len(ids) == 1)]))
            if known:
                vectors.remove(known)
                keywords.replace([], removed=known)
                self._store.committed()
            return known

    def rebuild(self, *, embedder: Embedder | None = None, progress: Callable[[int, int], None] | None = None) -> None:
        """Makes the keyword index anew, and vectors that cannot be read; with an `embedder`, embeds every passage again and
        switches over when all are done.

        `progress` is told papers done and papers in all. A library being rebuilt answers from its old vectors
        meanwhile.
        """
        from rag.upkeep import reembed

        with self.writing():
            if embedder is not None:
                vectors = self._store.current()[0]
                name = reembed(self.path, vectors, self._store.manifest.vectors, embedder, progress)
                self._store.switch(embedder, name)
                self._embedder = embedder
            else:
                self._store.mend_vectors()
            self._store.anew_keywords()
            self._store.committed()

    def prepare(self) -> None:
        """For a program that goes on asking: where the library is small, searches no longer wait for the vector index."""
        self._store.hold_vectors()

    def close(self) -> None:
        """Gives files and memory back; the library opens again by itself when it is used."""
        self._store.close()

    def _reading(self, work: Callable[[], T]) -> T:
        """Does the work, with fresh indexes again when another process changed them under it."""
        for pause_s in _PAUSES_S:
            try:
                return work()
            except VectorsError:
                self._store.close()
                time.sleep(pause_s)
        try:
            return work()
        except VectorsError:
            if not self._store.heal():
                raise
        return work()

    def _current_background(self, vectors: VectorIndex) -> Background | None:
        generation = self._store.manifest.generation
        if self._background[0] != generation:
            self._background = (generation, sample_background(vectors))
        return self._background[1]


def _embedder(embedding: Embedder | str, cache: Path | None = None) -> Embedder:
    return load_embedder(embedding, cache=cache or Settings.from_env().cache)
