"""Keeping a library whole: what contradicts what, repair after a writer died, embedding everything anew."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable, Iterable
from itertools import islice
from pathlib import Path

from rag.embeddings import Embedder, embed_papers
from rag.errors import VectorsError
from rag.keywords import KeywordIndex
from rag.schema import Filters
from rag.vectors import VectorIndex

_BATCH = 64


def fingerprint(embedding: str, stored: Iterable[tuple[str, str]]) -> str:
    """16 hex digits that change with any paper or the embedding, in whatever order papers are stored."""
    digest = hashlib.sha256(embedding.encode())
    for paper_id, record in sorted(stored):
        digest.update(f"\n{paper_id} {record}".encode())
    return digest.hexdigest()[:16]


def problems(vectors: VectorIndex, keywords: KeywordIndex) -> list[str]:
    """What is wrong, a sentence each, checking every record against its hash, offsets against abstracts, and both
    indexes against each other.
    """
    found: list[str] = []
    try:
        if n := vectors.lacking_vectors():
            found.append(f"{n} papers and passages have no vector")
    except VectorsError as error:
        return [f"the vectors cannot be read ({error}); the next search embeds the papers again"]
    stored = {row.paper_id: row for row in vectors.all_stored()}
    lengths: dict[str, int] = {}
    for paper in vectors.all_papers():
        lengths[paper.paper_id] = len(paper.abstract)
        row = stored.get(paper.paper_id)
        if row is None or (row.content, row.record) != (paper.content_hash, paper.record_hash):
            found.append(f"paper {paper.paper_id}: the record does not match its hash")
    keys = set(vectors.all_passage_keys())
    for paper_id, row in stored.items():
        if not row.spans:
            found.append(f"paper {paper_id}: no passages")
        if missing := sum(key not in keys for key in row.keys):
            found.append(f"paper {paper_id}: {missing} of {len(row.spans)} passages are missing")
        keys.difference_update(row.keys)
        if any(not 0 <= start < end <= lengths.get(paper_id, 0) for start, end in row.spans):
            found.append(f"paper {paper_id}: a passage lies outside the abstract")
    found += [f"passage {key}: no paper has this content" for key in sorted(keys)]
    indexed: dict[str, str] = {}
    for paper_id, record in keywords.stored():
        if paper_id in indexed:
            found.append(f"paper {paper_id}: twice in the keyword index")
        indexed[paper_id] = record
    for paper_id, row in stored.items():
        if indexed.get(paper_id) != row.record:
            found.append(
                f"paper {paper_id}: the keyword index {'has another version' if paper_id in indexed else 'lacks it'}"
            )
    found += [f"paper {paper_id}: in the keyword index only" for paper_id in indexed.keys() - stored.keys()]
    if (n := keywords.count(Filters()).n) != len(indexed):
        found.append(f"the keyword index counts {n} papers and lists {len(indexed)}")
    return found


def repair(vectors: VectorIndex, keywords: KeywordIndex) -> None:
    """Finishes or takes back what a writer that died left: passages without a paper go, the keyword index follows
    Chroma.
    """
    stored = {row.paper_id: row for row in vectors.all_stored()}
    owned = {key for row in stored.values() for key in row.keys}
    orphans = [key for key in vectors.all_passage_keys() if key not in owned]
    vectors.drop_passages(orphans)
    indexed = dict(keywords.stored())
    behind = [paper_id for paper_id, row in stored.items() if indexed.get(paper_id) != row.record]
    gone = [paper_id for paper_id in indexed if paper_id not in stored]
    if behind or gone:
        keywords.replace(vectors.papers(behind).values(), removed=gone)


def reembed(
    folder: Path,
    source: VectorIndex,
    current: str,
    embedder: Embedder,
    progress: Callable[[int, int], None] | None,
) -> str:
    """Embeds every paper of `source` into a new Chroma folder beside it; returns the new folder's name.

    The new folder counts only once the manifest names it, so a rebuild that dies leaves the library as it was.
    """
    name = f"vectors-{int(current.rpartition('-')[2]) + 1}"
    shutil.rmtree(folder / name, ignore_errors=True)
    target = VectorIndex(folder / name, create=True)
    try:
        total, done = source.count()[0], 0
        papers = source.all_papers()
        while batch := list(islice(papers, _BATCH)):
            passages = source.spans([paper.paper_id for paper in batch])
            target.put(embed_papers(embedder, [(paper, passages[paper.paper_id]) for paper in batch]))
            done += len(batch)
            if progress is not None:
                progress(done, total)
    finally:
        target.close()
    return name
