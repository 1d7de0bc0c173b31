"""What size costs: a library of many made-up papers (`evals.scale`), with random vectors.

Each measure is a process of its own. Storing is timed in turn with bare upserts of the same vectors, group by group, so that both
sides have the same machine; the other measures are set beside a library of `SMALL` papers, an empty one, or a file of a tenth
of the lines.
"""

from __future__ import annotations

import json
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from evals.processes import Finished, load_average, run_process
from evals.scale import RandomEmbedder, made_papers
from evals.speed_figures import Target, percentile
from rag.errors import AskpapersError
from rag.schema import Filters, Paper

SMALL = 1_000
_GROUP = 1_000
_N_QUERIES = 120
# Of a snapshot's lines, one in so many is of the category that is wanted.
_WANTED_OF = 1_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleRow:
    """One figure: `value` in `unit`, what it is held against (`beside`), and the target of `judged`: the ratio of both, their
    difference, or the value alone.
    """

    measure: str
    value: float
    unit: str
    against: str
    beside: float | None
    judged: float
    target: Target | None = None

    @property
    def reached(self) -> bool | None:
        return self.target.reached(self.judged) if self.target else None

    def to_dict(self) -> dict[str, Any]:
        target = f"at {self.target.at} {self.target.value}" if self.target else None
        return asdict(self) | {"target": target, "reached": self.reached}


@dataclass(frozen=True, slots=True, kw_only=True)
class ScaleReport:
    """The figures of one run; `load` is the one-minute load average before and after."""

    n_papers: int
    n_passages: int
    n_cores: int
    load: tuple[float, float]
    rows: tuple[ScaleRow, ...]

    def to_dict(self) -> dict[str, Any]:
        return asdict(self) | {"rows": [row.to_dict() for row in self.rows]}


def measure_scale(n_papers: int, *, progress: Callable[[int, int], None] | None = None) -> ScaleReport:
    """Measures with `n_papers` papers, at least 2,000; takes some minutes for 100,000, and 2 GB of disk.

    `progress` hears (processes done, of how many). Raises AskpapersError where a process fails.
    """
    if n_papers < 2 * SMALL:
        raise AskpapersError(f"{n_papers} papers are too few to measure what size costs; take {2 * SMALL} or more")
    load_before = load_average()
    steps = iter(range(1, 100))
    total = 14

    def run(name: str, *arguments: object) -> Finished:
        command = [sys.executable, "-c", f"from evals.speed_scale import {name}; {name}()", *map(str, arguments)]
        finished = run_process(command, what=name.replace("_", " "))
        if progress:
            progress(next(steps), total)
        return finished

    with tempfile.TemporaryDirectory(prefix="askpapers-scale-") as scratch:
        folder = Path(scratch)
        large, small, empty = folder / "large", folder / "small", folder / "empty"
        stored = _printed(run("storing", large, n_papers, folder / "bare"))
        run("storing", small, SMALL, "-")
        run("storing", empty, 0, "-")
        rows = [*_storing_rows(stored), _unchanged_row(_printed(run("unchanged", large, n_papers)))]
        rows += _search_rows(_printed(run("searching", large)), _printed(run("searching", small)))
        rows.append(_opening_row([run("opening", large) for _ in range(3)], [run("opening", empty) for _ in range(3)]))
        few, many = (run("reading_a_snapshot", folder / f"read-{n}", n) for n in (n_papers, 10 * n_papers))
        rows.append(_memory_row(few, many, 10 * n_papers))
    return ScaleReport(
        n_papers=n_papers,
        n_passages=int(stored["n_passages"]),
        n_cores=os.cpu_count() or 1,
        load=(load_before, load_average()),
        rows=tuple(rows),
    )


def _storing_rows(stored: dict[str, Any]) -> list[ScaleRow]:
    ours = stored["n_passages"] / stored["ours_s"]
    rows = []
    for what, seconds in (("the same vectors", stored["bare_s"]), ("the passages' alone", stored["bare_passages_s"])):
        bare = stored["n_passages"] / seconds
        rows.append(
            ScaleRow(
                measure="storing, vectors ready",
                value=ours,
                unit="passages/s",
                against=f"bare upsert of {what}",
                beside=bare,
                judged=ours / bare,
                target=Target(at="least", value=0.7) if what == "the same vectors" else None,
            )
        )
    return rows


def _unchanged_row(again: dict[str, Any]) -> ScaleRow:
    if again["unchanged"] != again["read"]:
        raise AskpapersError(f"of {again['read']} papers read again only {again['unchanged']} were known")
    return ScaleRow(
        measure="the same papers again",
        value=again["seconds"],
        unit="s",
        against="",
        beside=None,
        judged=again["seconds"],
        target=Target(at="most", value=30),
    )


def _search_rows(large: dict[str, Any], small: dict[str, Any]) -> list[ScaleRow]:
    rows = []
    for what in large:
        ours, beside = (percentile(taken[what], 0.95) for taken in (large, small))
        row = ScaleRow(
            measure=f"search, {what}, p95",
            value=ours,
            unit="ms",
            against=f"{SMALL:,} papers",
            beside=beside,
            judged=ours / beside,
            target=Target(at="most", value=3),
        )
        rows.append(row)
    return rows


def _opening_row(large: list[Finished], empty: list[Finished]) -> ScaleRow:
    ours, beside = (statistics.median(each.wall_s for each in side) for side in (large, empty))
    return ScaleRow(
        measure="a fresh process, first search",
        value=ours,
        unit="s",
        against="an empty library (difference)",
        beside=beside,
        judged=ours - beside,
        target=Target(at="most", value=3),
    )


def _memory_row(few: Finished, many: Finished, n: int) -> ScaleRow:
    return ScaleRow(
        measure=f"snapshot of {n:,} lines, peak memory",
        value=many.peak_mb,
        unit="MB",
        against="a tenth of the lines",
        beside=few.peak_mb,
        judged=many.peak_mb / few.peak_mb,
        target=Target(at="most", value=1.5),
    )


def _printed(finished: Finished) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(finished.output.strip().splitlines()[-1])
    return record


# The programs


def storing() -> None:
    """Arguments: folder of a new library, number of papers, folder for bare collections ("-": not measured).

    Prints seconds of storing, of bare upserts of the same vectors, and of those of the passages alone.
    """
    import chromadb
    import numpy as np
    from chromadb.config import Settings

    from ingest.identity import identified
    from ingest.split import split
    from rag.embeddings import embed_papers
    from rag.library import Library

    folder, n, bare_folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
    embedder = RandomEmbedder()
    library = Library.create(folder, embedder=embedder)
    collections = []
    if bare_folder != "-":
        client = chromadb.PersistentClient(bare_folder, Settings(anonymized_telemetry=False))
        configuration: Any = {"hnsw": {"space": "cosine"}}
        names = ("papers", "passages")
        collections = [client.create_collection(name, configuration=configuration) for name in names]
    ours_s, papers_s, passages_s, n_passages = 0.0, 0.0, 0.0, 0
    papers = map(identified, made_papers(n))
    with library.writing():
        while group := list(islice(papers, _GROUP)):
            entries = embed_papers(embedder, [(paper, split(paper, embedder.fits)) for paper in group])
            started = time.perf_counter()
            library.add(entries)
            ours_s += time.perf_counter() - started
            n_passages += sum(len(entry.passages) for entry in entries)
            if collections:
                ids = [entry.paper.paper_id for entry in entries]
                keys = [f"{entry.paper.paper_id}#{i}" for entry in entries for i in range(len(entry.passages))]
                papers_s += _upserted(collections[0], ids, np.stack([entry.vector for entry in entries]))
                passages_s += _upserted(collections[1], keys, np.concatenate([e.passage_vectors for e in entries]))
    bare = {"bare_s": papers_s + passages_s, "bare_passages_s": passages_s}
    print(json.dumps({"n_passages": n_passages, "ours_s": ours_s, **bare}))


def _upserted(collection: Any, ids: list[str], vectors: Any) -> float:
    started = time.perf_counter()
    for start in range(0, len(ids), 5_000):
        collection.upsert(ids=ids[start : start + 5_000], embeddings=vectors[start : start + 5_000])
    return time.perf_counter() - started


def unchanged() -> None:
    """Arguments: folder of a library, how many papers it holds. Prints the report of ingesting them again."""
    from ingest import add
    from rag.library import Library

    folder, n = sys.argv[1], int(sys.argv[2])
    report = add(Library.open(folder, embedder=RandomEmbedder()), made_papers(n))
    print(json.dumps({"read": report.read, "unchanged": report.unchanged, "seconds": report.seconds}))


def searching() -> None:
    """Argument: folder of a library. Prints milliseconds of each search, by filter."""
    from datetime import date

    from rag.library import Library

    library = Library.open(sys.argv[1], embedder=RandomEmbedder())
    queries = [" ".join(paper.title.split()[1:7]) for paper in made_papers(_N_QUERIES + 5, seed=7)]
    kinds = {
        "no filter": Filters(),
        "half pass": Filters(since=date(2021, 5, 1)),
        "one in twenty passes": Filters(since=date(2024, 1, 1), until=date(2024, 7, 15)),
        "one organisation": Filters(organisation="lab-7"),
    }
    taken: dict[str, list[float]] = {}
    for what, filters in kinds.items():
        for i, query in enumerate(queries):
            started = time.perf_counter()
            library.search(query, filters=filters)
            if i >= 5:  # the first ones warm up
                taken.setdefault(what, []).append(1_000 * (time.perf_counter() - started))
    print(json.dumps(taken))


def opening() -> None:
    """Argument: folder of a library. Opens it, reads what an answer says of it, and searches once."""
    from rag.library import Library

    library = Library.open(sys.argv[1], embedder=RandomEmbedder())
    library.coverage()
    library.search("how much memory does training need?")


def reading_a_snapshot() -> None:
    """Arguments: folder of a new library, number of lines. Ingests a made snapshot as it is made, one paper in a thousand of
    the category that is wanted.
    """
    from ingest import ingest
    from ingest.sources.reading import ReadOptions
    from rag.library import Library

    folder, n = sys.argv[1], int(sys.argv[2])
    library = Library.create(folder, embedder=RandomEmbedder())
    report = ingest(library, ["-"], options=ReadOptions(categories=("cs.AA",)), stdin=_Snapshot(n))  # type: ignore[arg-type]
    if report.new != -(-n // _WANTED_OF):
        raise AskpapersError(f"{report.new} papers of a snapshot of {n} lines were taken")


class _Snapshot:
    """The lines of arXiv's metadata snapshot, made while they are read."""

    def __init__(self, n: int) -> None:
        self._lines = self._made(n)
        self._rest = b""

    def read(self, size: int = -1) -> bytes:
        while size < 0 or len(self._rest) < size:
            line = next(self._lines, None)
            if line is None:
                break
            self._rest += line
        size = len(self._rest) if size < 0 else size
        part, self._rest = self._rest[:size], self._rest[size:]
        return part

    @staticmethod
    def _made(n: int) -> Iterator[bytes]:
        for i, paper in enumerate(made_papers(n)):
            yield json.dumps(_record(i, paper)).encode() + b"\n"


def _record(i: int, paper: Paper) -> dict[str, Any]:
    return {
        "id": f"{10 + i // 1_200_000:02}{i // 100_000 % 12 + 1:02}.{i % 100_000:05}",
        "submitter": None,
        "authors": "A. Maker and B. Builder",
        "title": paper.title,
        "doi": None,
        "categories": "cs.AA cs.LG" if i % _WANTED_OF == 0 else "math.XX",
        "abstract": f"  {paper.abstract}\n",
        "versions": [{"version": "v1", "created": "Mon, 2 Apr 2007 19:18:42 GMT"}],
        "update_date": "2008-11-26",
    }
