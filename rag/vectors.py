"""The dense index and the truth: papers, passages and their vectors in Chroma. The only file that imports chromadb.

Two collections. `papers` holds the abstract, every field of the paper and one vector for the whole; `passages` holds a
vector, the paper's id, offsets and the fields that filters need, and no text. A passage's id carries the hash of the
content it was cut from, so a changed abstract never overwrites the passages that readers still use:

    papers    id  paper_id                         metadata  record (JSON), content, hash, filter fields
    passages  id  paper_id#content hash#index      metadata  paper_id, content, index, start, end, filter fields
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
from rag.schema import Filters, Paper, Passage, day_number

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

_PAPERS, _PASSAGES = "papers", "passages"
_PAGE = 2_000  # records a call when walking through a collection; Chroma's own limit is 5,461
# Recall matters more here than the last millisecond. What has not been synced is indexed again by every process that opens
# the library (100 ms for 600 papers at the default threshold of 1,000, 8 ms at 100; writing costs the same).
_HNSW = {"space": "cosine", "ef_construction": 200, "ef_search": 200, "sync_threshold": 100, "batch_size": 100}


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
class Stored:
    """What identifies a stored paper's state: the hash of title and abstract, and of the whole record."""

    paper_id: str
    content: str
    record: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredPassage:
    """A passage under its key in the index."""

    key: str
    passage: Passage


class VectorIndex:
    """Chroma in one folder. Not safe for two writers; `rag.library` holds the lock and decides when to reopen."""

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        # Chroma and its server parts look for telemetry switches in the environment, too.
        os.environ.setdefault("ANONYMIZED_TELEMETRY", "False")
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

    def close(self) -> None:
        cast("Any", self._client).close()

    @_chroma_errors("count papers")
    def count(self) -> tuple[int, int]:
        """Number of papers and of passages."""
        return self._papers.count(), self._passages.count()

    def put(self, entries: Sequence[Entry]) -> None:
        """Stores papers with their passages, replacing what was known under their ids.

        Passages first, then the paper, then the passages of an older content are removed: a paper that can be seen has
        all its passages, whenever the process is killed.
        """
        rows = [
            (passage_key(entry.paper, passage), entry.passage_vectors[i], _passage_metadata(entry.paper, passage))
            for entry in entries
            for i, passage in enumerate(entry.passages)
        ]
        with _chroma_errors("store passages"):
            for chunk in _chunks(rows):
                ids, vectors, metadatas = zip(*chunk, strict=True)
                self._passages.upsert(ids=list(ids), embeddings=list(vectors), metadatas=list(metadatas))
            for group in _chunks(list(entries)):
                self._papers.upsert(
                    ids=[entry.paper.paper_id for entry in group],
                    embeddings=[entry.vector for entry in group],
                    documents=[entry.paper.abstract for entry in group],
                    metadatas=[_paper_metadata(entry.paper) for entry in group],
                )
        self._delete_stale([entry.paper for entry in entries])

    def refresh(self, papers: Sequence[Paper]) -> None:
        """Replaces the fields of papers whose title and abstract are as stored; vectors stay."""
        with _chroma_errors("update papers"):
            for group in _chunks(list(papers)):
                known = self._passages.get(where=_of_papers([p.paper_id for p in group]), include=["metadatas"])
                by_id = {paper.paper_id: paper for paper in group}
                ids, metadatas = [], []
                for key, metadata in zip(known["ids"], known["metadatas"] or (), strict=True):
                    paper = by_id[str(metadata["paper_id"])]
                    ids.append(key)
                    metadatas.append(_passage_metadata(paper, _passage(metadata)))
                for chunk in _chunks(list(zip(ids, metadatas, strict=True))):
                    self._passages.update(ids=[key for key, _ in chunk], metadatas=[_nulled(meta) for _, meta in chunk])
                self._papers.update(
                    ids=[paper.paper_id for paper in group],
                    metadatas=[_nulled(_paper_metadata(paper)) for paper in group],
                )

    def remove(self, paper_ids: Sequence[str]) -> None:
        """Removes papers first, then their passages."""
        with _chroma_errors("remove papers"):
            for group in _chunks(list(paper_ids)):
                self._papers.delete(ids=group)
                self._passages.delete(where=_of_papers(group))

    @_chroma_errors("read papers")
    def papers(self, paper_ids: Sequence[str]) -> dict[str, Paper]:
        """Papers by id; ids that are not there are left out."""
        found: dict[str, Paper] = {}
        for group in _chunks(list(dict.fromkeys(paper_ids))):
            got = self._papers.get(ids=group, include=["documents", "metadatas"])
            for text, metadata in zip(got["documents"] or (), got["metadatas"] or (), strict=True):
                paper = _paper(text, metadata)
                found[paper.paper_id] = paper
        return found

    def all_papers(self) -> Iterator[Paper]:
        """Every paper, in the order of storing."""
        for got in _pages(self._papers, ["documents", "metadatas"]):
            for text, metadata in zip(got["documents"], got["metadatas"], strict=True):
                yield _paper(text, metadata)

    def all_stored(self) -> Iterator[Stored]:
        """The state of every paper, without its text."""
        for got in _pages(self._papers, ["metadatas"]):
            for key, metadata in zip(got["ids"], got["metadatas"], strict=True):
                yield Stored(paper_id=key, content=str(metadata["content"]), record=str(metadata["hash"]))

    def all_passages(self) -> Iterator[tuple[str, str, Passage]]:
        """Every passage: its key, the hash of the content it was cut from, and the passage."""
        for got in _pages(self._passages, ["metadatas"]):
            for key, metadata in zip(got["ids"], got["metadatas"], strict=True):
                yield key, str(metadata["content"]), _passage(metadata)

    @_chroma_errors("read passages")
    def passages_of(self, paper_ids: Sequence[str]) -> dict[str, list[tuple[StoredPassage, NDArray[np.float32]]]]:
        """Passages and their vectors by paper, in the order of the abstract."""
        import numpy as np

        found: dict[str, list[tuple[StoredPassage, NDArray[np.float32]]]] = {}
        for group in _chunks(list(paper_ids), 500):
            got = self._passages.get(where=_of_papers(group), include=["metadatas", "embeddings"])
            vectors = np.asarray(got["embeddings"], np.float32)
            for key, metadata, vector in zip(got["ids"], got["metadatas"] or (), vectors, strict=True):
                row = StoredPassage(key=key, passage=_passage(metadata))
                found.setdefault(row.passage.paper_id, []).append((row, vector))
        for rows in found.values():
            rows.sort(key=lambda row: row[0].passage.index)
        return found

    @_chroma_errors("read passages")
    def passages(self, keys: Sequence[str]) -> dict[str, Passage]:
        """Passages by key; keys that are not there are left out."""
        found: dict[str, Passage] = {}
        for group in _chunks(list(dict.fromkeys(keys))):
            got = self._passages.get(ids=group, include=["metadatas"])
            found.update(
                (key, _passage(metadata)) for key, metadata in zip(got["ids"], got["metadatas"] or (), strict=True)
            )
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
    def nearest(self, which: str, vector: NDArray[np.float32], n: int, filters: Filters) -> list[tuple[str, float]]:
        """The n nearest "papers" or "passages" that pass the filters: their keys and cosines, best first."""
        collection = self._papers if which == _PAPERS else self._passages
        available = collection.count()
        if not available:
            return []
        # Text and metadata are not asked for: they cost ten times what the distances do.
        got = collection.query(
            query_embeddings=cast("Any", [vector]),
            n_results=min(n, available),
            where=_where(filters),
            include=["distances"],
        )
        distances = (got["distances"] or [[]])[0]
        return [(key, 1.0 - float(distance)) for key, distance in zip(got["ids"][0], distances, strict=True)]

    def drop_passages(self, keys: Sequence[str]) -> None:
        """Removes passages by key (those that no paper owns)."""
        with _chroma_errors("remove passages"):
            for group in _chunks(list(keys)):
                self._passages.delete(ids=group)

    def _delete_stale(self, papers: Sequence[Paper]) -> None:
        with _chroma_errors("remove old passages"):
            for group in _chunks(list(papers), 500):
                known = self._passages.get(where=_of_papers([p.paper_id for p in group]), include=["metadatas"])
                current = {paper.paper_id: paper.content_hash for paper in group}
                stale = [
                    key
                    for key, meta in zip(known["ids"], known["metadatas"] or (), strict=True)
                    if meta["content"] != current[str(meta["paper_id"])]
                ]
                for chunk in _chunks(stale):
                    self._passages.delete(ids=chunk)


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


# Fields that filters need, present only when known: Chroma refuses None.
def _filter_fields(paper: Paper) -> dict[str, str | int]:
    fields = {
        "published": day_number(paper.published) if paper.published else None,
        "organisation": paper.organisation.casefold() if paper.organisation else None,
        "organisation_slug": paper.organisation_slug.casefold() if paper.organisation_slug else None,
        "n_authors": paper.n_authors,
        "n_comments": paper.n_comments,
    }
    return {name: value for name, value in fields.items() if value is not None}


def _paper_metadata(paper: Paper) -> dict[str, Any]:
    record = paper.to_dict()
    del record["abstract"]
    return {
        "paper_id": paper.paper_id,
        "record": json.dumps(record, ensure_ascii=False),
        "content": paper.content_hash,
        "hash": paper.record_hash,
        **_filter_fields(paper),
    }


def _passage_metadata(paper: Paper, passage: Passage) -> dict[str, Any]:
    return {
        "paper_id": paper.paper_id,
        "content": paper.content_hash,
        "index": passage.index,
        "start": passage.start,
        "end": passage.end,
        **_filter_fields(paper),
    }


def _nulled(metadata: dict[str, Any]) -> dict[str, Any]:
    """For `update`, which merges: fields that are gone are set to None, which removes them."""
    return {
        name: None for name in ("published", "organisation", "organisation_slug", "n_authors", "n_comments")
    } | metadata


def _paper(abstract: str, metadata: Any) -> Paper:
    return Paper.from_dict(json.loads(metadata["record"]) | {"abstract": abstract})


def _passage(metadata: Any) -> Passage:
    return Passage(
        paper_id=str(metadata["paper_id"]),
        index=int(metadata["index"]),
        start=int(metadata["start"]),
        end=int(metadata["end"]),
    )


def _of_papers(paper_ids: Sequence[str]) -> Any:
    return {"paper_id": {"$in": list(paper_ids)}}


def _where(filters: Filters) -> Any:
    """Chroma's form of the filters; None when there are none."""
    parts: list[Any] = []
    if filters.since:
        parts.append({"published": {"$gte": day_number(filters.since)}})
    if filters.until:
        parts.append({"published": {"$lte": day_number(filters.until)}})
    for field, low, high in (
        ("n_authors", filters.min_authors, filters.max_authors),
        ("n_comments", filters.min_comments, filters.max_comments),
    ):
        if low is not None:
            parts.append({field: {"$gte": low}})
        if high is not None:
            parts.append({field: {"$lte": high}})
    if filters.organisation is not None:
        wanted = filters.organisation.casefold()
        parts.append({"$or": [{"organisation": wanted}, {"organisation_slug": wanted}]})
    if filters.organisations:
        wanted_any = {"$in": [name.casefold() for name in filters.organisations]}
        parts.append({"$or": [{"organisation": wanted_any}, {"organisation_slug": wanted_any}]})
    if filters.paper_ids:
        parts.append(_of_papers(filters.paper_ids))
    if not parts:
        return None
    return parts[0] if len(parts) == 1 else {"$and": parts}


def _pages(collection: Any, include: list[str]) -> Iterator[dict[str, Any]]:
    offset = 0
    while True:
        got = collection.get(limit=_PAGE, offset=offset, include=include)
        if not got["ids"]:
            return
        yield got
        offset += len(got["ids"])


def _chunks(rows: list[Any], size: int = _PAGE) -> Iterator[list[Any]]:
    for start in range(0, len(rows), size):
        yield rows[start : start + size]
