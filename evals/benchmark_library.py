"""The library of a benchmark's corpus, built once and kept in the cache.

Its folder is named by the corpus, the embedding and the layout of libraries, so that a change of these gets another one. It is
built beside its place and moved there when it is whole: a build that was killed is begun anew.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from evals.beir import Benchmark, read_corpus

if TYPE_CHECKING:
    from rag import Library

EMBEDDING = "minilm"


def benchmark_library(
    benchmark: Benchmark, cache: Path, *, progress: Callable[[int, int], None] | None = None
) -> Library:
    """The library of the benchmark's corpus, from the cache or built now; `progress` hears (papers done, of how
    many)."""
    from filelock import FileLock

    from rag import Library
    from rag.embeddings import load_embedder
    from rag.manifest import SCHEMA_VERSION

    fingerprint = "".join(char if char.isalnum() else "-" for char in load_embedder(EMBEDDING, cache=cache).fingerprint)
    place = cache / "benchmarks" / f"{benchmark.corpus_digest}-{fingerprint[:40]}-v{SCHEMA_VERSION}"
    place.parent.mkdir(parents=True, exist_ok=True)
    with FileLock(place.with_name(place.name + ".lock")):
        if not place.exists():
            partial = place.with_name(place.name + ".partial")
            shutil.rmtree(partial, ignore_errors=True)
            _build(benchmark, partial, progress)
            partial.rename(place)
    return Library.open(place)


def _build(benchmark: Benchmark, place: Path, progress: Callable[[int, int], None] | None) -> None:
    from ingest.pipeline import Progress, add_papers
    from rag import Library

    papers = read_corpus(benchmark.corpus)

    def tell(step: Progress) -> None:
        if progress and step.stage == "embedding":
            progress(step.done, len(papers))

    library = Library.create(place, embedding=EMBEDDING)
    try:
        add_papers(library, papers, progress=tell)
    finally:
        library.close()
