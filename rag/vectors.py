"""The dense index and the truth: papers, passages and their vectors in Chroma. The only file that imports chromadb.

Two collections. `papers` holds every field of the paper with its abstract, where its passages begin and end, and one vector for
the whole; `passages` holds vectors alone. A passage's id carries the hash of the content it was cut from, so a changed abstract
never overwrites the passages that readers still use:

    papers    id  paper_id                         metadata  record (JSON: paper, passages), state (content and record hash)
    passages  id  paper_id#content hash#index

Chroma writes each field of a record into a table of its own with its own index: a passage without fields is stored twice as fast
as one with those that filters need, and what a paper's comments are is written once, not once a passage. Filters are the keyword
index's work (`rag.retrieval`).
"""

from __future__ import annotations

import itertools
import json
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from rag.errors import LibraryDamaged, LibraryError, VectorsError
from rag.schema import Paper, Passage
from rag.settings import no_telemetry
from rag.vector_memory import MOST_HELD, HeldVectors, held

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PAPERS, _PASSAGES = "papers", "passages"
_PAGE = 2_000  # records a call when walking through a collection; Chroma's own limit is 5,461
# Recall matters more here than the last millisecond. What has not been synced is indexed again by every process that opens
# the library (100 ms for 600 papers at the default threshold of 1,000, 8 ms at 100), but each sync writes a file that grows
# with the library: the threshold grows with it, from LEAST_UNSYNCED to MOST_UNSYNCED rows. Graphs made with ef_construction
# 200 instead of 100 take a quarter longer and find the same (21,105 passages of SciFact: recall at 100 0.9992 and 0.9989, at
# 300 0.994 and 0.990).
LEAST_UNSYNCED, MOST_UNSYNCED, _UNSYNCED_SHARE = 100, 5_000, 50
_HNSW = {
    "space": "cosine",
    "ef_construction": 100,
    "ef_search": 200,
    "sync_threshold": LEAST_UNSYNCED,
    "batch_size": 100,
}


@contextmanager
def _chroma_errors(doing: str) -> Iterator[None]:
    """Turns what Chroma raises into a VectorsError that says what was being done."""
    try:
        yield
    except LibraryError:
        raise
    except Exception as error:
        raise VectorsError(f"could not {doing}: {_first_line(error)}") from error


def _first_line(error: BaseException) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A paper ready to be stored: its vector, shape (d,), its passages and theirs, shape (n_passages, d)."""

    paper: Paper
    passages: tuple[Passage, ...]
    vector: NDArray[np.float32]
    passage_vectors: NDArray[np.float32]


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPassage:
    """A passage under its key in the index."""

    key: str
    passage: Passage


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A stored paper's state: the hash of title and abstract, of the whole record, and where its passages begin and end."""

    paper_id: str
    content: str
    record: str
    spans: tuple[tuple[int, int], ...]

    @property
    def keys(self) -> list[str]:
        return [f"{self.paper_id}#{self.content}#{index}" for index in range(len(self.spans))]

    @property
    def passages(self) -> list[StoredPassage]:
        return [
            StoredPassage(key=key, passage=Passage(paper_id=self.paper_id, index=index, start=start, end=end))
            for index, (key, (start, end)) in enumerate(zip(self.keys, self.spans, strict=True))
        ]


class VectorIndex:
    """Chroma in one folder. Not safe for two writers; `rag.library` holds the lock and decides when to reopen."""

    def __init__(self, folder: Path, *, create: bool = False, hold: bool = False) -> None:
        """With `hold`, the vectors of a small library are read into memory at the first search (`rag.vector_memory`)."""
        self._folder = folder
        self.hold = hold
        self._open(create=create)

    def _open(self, *, create: bool = False) -> None:
        folder = self._folder
        self._forget()
        no_telemetry()
        import chromadb
        from chromadb.config import Settings

        try:
            settings = Settings(anonymized_telemetry=False, allow_reset=False)
            self._client = chromadb.PersistentClient(path=_unshared(folder), settings=settings)
            configuration: Any = {"hnsw": _HNSW}
            get = self._client.get_or_create_collection if create else self._client.get_collection
            extra = {"configuration": configuration} if create else {}
            self._papers = get(_PAPERS, embedding_function=None, **extra)
            self._passages = get(_PASSAGES, embedding_function=None, **extra)
        except Exception as error:
            if not os.access(folder, os.W_OK):
                raise LibraryError(
                    f"{folder} cannot be written to, which Chroma needs even for reading; copy the library to a folder of yours"
                ) from error
            raise LibraryDamaged(f"the vector index in {folder} cannot be opened: {_first_line(error)}") from error
        for collection in (self._papers, self._passages):
            space = (collection.configuration.get("hnsw") or {}).get("space")
            if space != "cosine":
                raise LibraryDamaged(f"collection {collection.name!r} in {folder} measures {space!r}, not cosine")

    def _forget(self) -> None:
        """Lets go of what was counted and read: it is about to change."""
        self._counted: tuple[int, int] | None = None
        self._held: dict[str, HeldVectors] = {}

    def close(self) -> None:
        cast("Any", self._client).close()

    @_chroma_errors("count papers")
    def count(self) -> tuple[int, int]:
        """Number of papers and of passages."""
        if self._counted is None:  # counting walks through a table: 100 ms for 300,000 passages
            self._counted = (self._papers.count(), self._passages.count())
        return self._counted

    def put(self, entries: Sequence[Entry]) -> None:
        """Stores papers with their passages, replacing what was known under their ids.

        Passages first, then the paper, then the passages of an older content are removed: a paper that can be seen has
        all its passages, whenever the process is killed.
        """
        self._forget()
        self._keep_pace()
        before = self._stored([entry.paper.paper_id for entry in entries])
        rows = [
            (passage_key(entry.paper, passage), entry.passage_vectors[i])
            for entry in entries
            for i, passage in enumerate(entry.passages)
        ]
        with _chroma_errors("store passages"):
            for chunk in _chunks(rows):
                ids, vectors = zip(*chunk, strict=True)
                self._passages.upsert(ids=list(ids), embeddings=list(vectors))
            for group in _chunks(list(entries)):
                self._papers.upsert(
                    ids=[entry.paper.paper_id for entry in group],
                    embeddings=[entry.vector for entry in group],
                    metadatas=[
                        _metadata(entry.paper, [(passage.start, passage.end) for passage in entry.passages])
                        for entry in group
                    ],
                )
        kept = {key for key, _ in rows}
        self.drop_passages([key for stored in before for key in stored.keys if key not in kept])

    def _keep_pace(self) -> None:
        """Has Chroma sync more rarely as the library grows; it looks at the setting when it opens a collection."""
        n = self.count()[1]
        wanted = min(max(n // _UNSYNCED_SHARE, LEAST_UNSYNCED), MOST_UNSYNCED)
        now = int((self._passages.configuration.get("hnsw") or {}).get("sync_threshold") or wanted)
        if wanted >= 2 * now or 2 * wanted <= now:
            with _chroma_errors("change the settings of the vector index"):
                for collection in (self._papers, self._passages):
                    collection.modify(configuration=cast("Any", {"hnsw": {"sync_threshold": wanted}}))
            self.close()
            self._open()

    def refresh(self, papers: Sequence[Paper]) -> None:
        """Replaces the fields of papers whose title and abstract are as stored; vectors stay."""
        with _chroma_errors("update papers"):
            for group in _chunks(list(papers)):
                spans = {stored.paper_id: stored.spans for stored in self._stored([p.paper_id for p in group])}
                known = [paper for paper in group if paper.paper_id in spans]
                if known:
                    self._papers.update(
                        ids=[paper.paper_id for paper in known],
                        metadatas=[_metadata(paper, spans[paper.paper_id]) for paper in known],
                    )

    def remove(self, paper_ids: Sequence[str]) -> None:
        """Removes papers first, then their passages."""
        self._forget()
        known = self._stored(paper_ids)
        with _chroma_errors("remove papers"):
            for group in _chunks([stored.paper_id for stored in known]):
                self._papers.delete(ids=group)
        self.drop_passages([key for stored in known for key in stored.keys])

    @_chroma_errors("read papers")
    def papers(self, paper_ids: Sequence[str]) -> dict[str, Paper]:
        """Papers by id; ids that are not there are left out."""
        found: dict[str, Paper] = {}
        for group in _chunks(list(dict.fromkeys(paper_ids))):
            got = self._papers.get(ids=group, include=["metadatas"])
            for metadata in got["metadatas"] or ():
                paper = _paper(metadata)
                found[paper.paper_id] = paper
        return found

    def all_papers(self) -> Iterator[Paper]:
        """Every paper, in the order of storing."""
        for got in _pages(self._papers, ["metadatas"]):
            for metadata in got["metadatas"]:
                yield _paper(metadata)

    def all_stored(self) -> Iterator[Stored]:
        """The state of every paper, without its text."""
        for got in _pages(self._papers, ["metadatas"]):
            for key, metadata in zip(got["ids"], got["metadatas"], strict=True):
                yield _state(key, metadata)

    def all_passage_keys(self) -> Iterator[str]:
        """The key of every passage that has a vector."""
        for got in _pages(self._passages, []):
            yield from got["ids"]

    def passages_of(self, paper_ids: Sequence[str]) -> dict[str, list[tuple[StoredPassage, NDArray[np.float32]]]]:
        """Passages and their vectors by paper, in the order of the abstract."""
        import numpy as np

        found: dict[str, list[tuple[StoredPassage, NDArray[np.float32]]]] = {}
        with _chroma_errors("read passages"):
            for stored in _chunks(self._stored(paper_ids), 1_000):
                wanted = [key for each in stored for key in each.keys]
                vectors: dict[str, NDArray[np.float32]] = {}
                for group in _chunks(wanted):
                    got = self._passages.get(ids=group, include=["embeddings"])
                    vectors |= zip(got["ids"], np.asarray(got["embeddings"], np.float32), strict=True)
                for each in stored:
                    rows = [(row, vectors[row.key]) for row in each.passages if row.key in vectors]
                    if rows:
                        found[each.paper_id] = rows
        return found

    def paper_vectors(self, paper_ids: Sequence[str]) -> tuple[list[str], NDArray[np.float32]]:
        """Vectors of papers, shape (n, d), with their ids in the same order; unknown ids are left out."""
        import numpy as np

        ids: list[str] = []
        rows: list[NDArray[np.float32]] = []
        with _chroma_errors("read papers"):
            for group in _chunks(list(paper_ids)):
                got = self._papers.get(ids=group, include=["embeddings"])
                if got["ids"]:
                    ids += got["ids"]
                    rows.append(np.asarray(got["embeddings"], np.float32))
        return ids, np.concatenate(rows) if rows else np.zeros((0, 1), np.float32)

    def spans(self, paper_ids: Sequence[str]) -> dict[str, list[Passage]]:
        """Passages by paper, in the order of the abstract, without their vectors."""
        return {stored.paper_id: [row.passage for row in stored.passages] for stored in self._stored(paper_ids)}

    def passages(self, keys: Sequence[str]) -> dict[str, Passage]:
        """Passages by key; keys that are not there are left out."""
        wanted = set(keys)
        papers = self._stored([key.rsplit("#", 2)[0] for key in keys])
        return {row.key: row.passage for stored in papers for row in stored.passages if row.key in wanted}

    def _stored(self, paper_ids: Sequence[str]) -> list[Stored]:
        found = []
        with _chroma_errors("read papers"):
            for group in _chunks(list(dict.fromkeys(paper_ids))):
                got = self._papers.get(ids=group, include=["metadatas"])
                found += [_state(key, meta) for key, meta in zip(got["ids"], got["metadatas"] or (), strict=True)]
        return found

    @_chroma_errors("read ids")
    def spread_ids(self, n: int) -> list[str]:
        """Up to n ids of papers, in runs taken at even distances through the order of storing."""
        total = self._papers.count()
        run = 64
        if total <= n:
            return list(self._papers.get(limit=max(total, 1), include=[])["ids"])
        offsets = [round(i * (total - run) / max(n // run - 1, 1)) for i in range(n // run)]
        return list(
            dict.fromkeys(key for at in offsets for key in self._papers.get(limit=run, offset=at, include=[])["ids"])
        )

    @_chroma_errors("search the vectors")
    def nearest(self, which: str, vector: NDArray[np.float32], n: int) -> list[tuple[str, float]]:
        """The n nearest "papers" or "passages": their keys and cosines, best first."""
        available = self.count()[which == _PASSAGES]
        if not available:
            return []
        held = self._held_vectors(which, available)
        return held.nearest(vector, n) if held else self._query(which, vector, min(n, available))

    def _held_vectors(self, which: str, available: int) -> HeldVectors | None:
        """A small collection's vectors, where they are to be held; None where Chroma is to be asked."""
        if not self.hold or available > MOST_HELD:
            return None
        found = self._held.get(which)
        if found is None:
            import numpy as np

            got = self._collection(which).get(limit=available, include=["embeddings"])
            found = held(got["ids"], np.asarray(got["embeddings"], np.float32))
            self._held[which] = found
        return found

    def _collection(self, which: str) -> Any:
        return self._papers if which == _PAPERS else self._passages

    def _query(self, which: str, vector: NDArray[np.float32], n: int) -> list[tuple[str, float]]:
        # Metadata is not asked for: it costs ten times what the distances do.
        got = self._collection(which).query(query_embeddings=[vector], n_results=n, include=["distances"])
        distances = (got["distances"] or [[]])[0]
        return [(key, 1.0 - float(distance)) for key, distance in zip(got["ids"][0], distances, strict=True)]

    def is_whole(self, dimension: int, *, thorough: bool = False) -> bool:
        """Whether both collections can be searched; `thorough` looks at each vector.

        A process that was killed while Chroma wrote may leave files behind that Chroma cannot read any more; the papers
        themselves are in its database and stay readable.
        """
        import numpy as np

        try:
            for which, n in zip((_PAPERS, _PASSAGES), self.count(), strict=True):
                if n:
                    with _chroma_errors("search the vectors"):
                        if not self._query(which, np.full(dimension, dimension**-0.5, np.float32), 1):
                            return False
            return not thorough or not self.lacking_vectors()
        except VectorsError:
            return False

    def lacking_vectors(self) -> int:
        """How many papers and passages have no vector, of those that are listed; reads them all."""
        n = 0
        for collection in (self._papers, self._passages):
            for got in _pages(collection, ["embeddings"]):
                n += len(got["ids"]) - sum(row is not None for row in got["embeddings"])
        return n

    def drop_passages(self, keys: Sequence[str]) -> None:
        """Removes passages by key (those that no paper owns)."""
        self._forget()
        with _chroma_errors("remove passages"):
            for group in _chunks(list(keys)):
                self._passages.delete(ids=group)


def passage_key(paper: Paper, passage: Passage) -> str:
    return f"{paper.paper_id}#{paper.content_hash}#{passage.index}"


_openings = itertools.count()


def _unshared(folder: Path) -> str:
    """The folder under a spelling that no other client of this process has used.

    Chroma keeps one engine a path in a process, and an engine never sees what other processes add: a client that is to
    see it needs an engine of its own.
    """
    bits = f"{next(_openings):b}"
    return str(folder) + "".join("/./" if bit == "1" else "//" for bit in bits)


def _metadata(paper: Paper, spans: Sequence[tuple[int, int]]) -> dict[str, Any]:
    record = {"paper": paper.to_dict(), "passages": [list(span) for span in spans]}
    return {
        "record": json.dumps(record, ensure_ascii=False),
        "state": f"{paper.content_hash} {paper.record_hash}",
    }


def _paper(metadata: Any) -> Paper:
    return Paper.from_dict(json.loads(metadata["record"])["paper"])


def _state(paper_id: str, metadata: Any) -> Stored:
    content, record = str(metadata["state"]).split(" ")
    spans = json.loads(metadata["record"])["passages"]
    return Stored(
        paper_id=paper_id, content=content, record=record, spans=tuple((int(start), int(end)) for start, end in spans)
    )


def _pages(collection: Any, include: list[str]) -> Iterator[dict[str, Any]]:
    offset = 0
    while True:
        with _chroma_errors("read the papers"):
            got = collection.get(limit=_PAGE, offset=offset, include=include)
        if not got["ids"]:
            return
        yield got
        offset += len(got["ids"])


def _chunks(rows: list[Any], size: int = _PAGE) -> Iterator[list[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
