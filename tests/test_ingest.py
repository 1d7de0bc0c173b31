"""From sources to a library: what is recognised, merged, reported, and never lost."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import pytest

from ingest import IngestReport, Progress, ReadOptions, add, add_papers, ingest
from ingest.merge import combine, merge
from ingest.sources.files import read_source
from ingest.sources.records import read_records
from ingest.split import split
from rag.embeddings import embed_papers
from rag.errors import LibraryError, LibraryMismatch, SourceError
from rag.keywords import KeywordIndex
from rag.library import Library
from rag.schema import Paper
from tests.conftest import paper
from tests.test_hf_page import FOLD, WARM, byline, bylined
from tests.test_identity import Digests

COMPACT = (
    "Get trending papers in your email inbox!\n"
    "SubscribeWarm Starts Matter\nStarting from old weights helps. It saves 3 of 10 epochs.\n"
)


@pytest.fixture
def pages(tmp_path: Path) -> Path:
    """Two pages that share a paper: with its byline on the first, without on the second."""
    folder = tmp_path / "pages"
    folder.mkdir()
    (folder / "a.txt").write_text(bylined(FOLD, byline(), WARM, byline("2 authors", "Jan 2, 2024 5")))
    (folder / "b.txt").write_text(COMPACT)
    return folder


def counts(report: IngestReport) -> tuple[int, int, int, int, int]:
    return report.new, report.changed, report.refreshed, report.unchanged, report.merged


def test_a_paper_on_two_pages_is_one_with_the_richest_fields_and_both_sources(library: Library, pages: Path) -> None:
    report = ingest(library, [str(pages)])
    assert (report.read, report.bylines) == (3, 2) and counts(report) == (2, 0, 0, 0, 1)
    warm = next(p for p in library.papers() if p.title == "Warm Starts Matter")
    assert (warm.n_authors, warm.published, warm.n_comments) == (2, date(2024, 1, 2), 5)
    assert [Path(source).name for source in warm.seen_on] == ["a.txt", "b.txt"]


def test_order_of_the_pages_does_not_matter(tmp_path: Path, pages: Path) -> None:
    one, other = Library.create(tmp_path / "one"), Library.create(tmp_path / "other")
    ingest(one, [str(pages / "a.txt"), str(pages / "b.txt")])
    ingest(other, [str(pages / "b.txt")])
    report = ingest(other, [str(pages / "a.txt")])
    assert counts(report) == (1, 0, 1, 0, 0)
    assert {p.paper_id: p for p in one.papers()} == {p.paper_id: p for p in other.papers()}


def test_the_same_folder_again_changes_and_embeds_nothing(
    library: Library, pages: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    ingest(library, [str(pages)])
    before = library.status()

    def refuse(texts: list[str]) -> np.ndarray:
        raise AssertionError("something was embedded")

    monkeypatch.setattr(library.embedder, "embed_texts", refuse)
    report = ingest(library, [str(pages)])
    assert counts(report) == (0, 0, 0, 2, 1) and report.n_passages == 0
    assert library.status().generation == before.generation and library.status().fingerprint == before.fingerprint


def test_a_changed_abstract_replaces_the_old_one(library: Library, pages: Path) -> None:
    ingest(library, [str(pages)])
    text = (pages / "a.txt").read_text()
    (pages / "a.txt").write_text(text.replace("Memory falls by 40%.", "Memory falls by 4%. That is less."))
    assert counts(ingest(library, [str(pages)])) == (0, 1, 0, 1, 1)
    fold = library.search("folding memory")[0].paper
    assert fold.abstract.endswith("Memory falls by 4%. That is less.")
    assert library.verify() == []


def test_new_comments_refresh_a_paper_without_embedding(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    known = paper("FoldNet", n_comments=2, published=date(2024, 1, 1), published_inferred=True)
    add_papers(library, [known])
    monkeypatch.setattr(library.embedder, "embed_texts", None)
    assert counts(add_papers(library, [replace(known, n_comments=9)])) == (0, 0, 1, 0, 0)
    assert library.get(known.paper_id).n_comments == 9  # type: ignore[union-attr]
    from rag.schema import Filters

    assert library.search("thing", filters=Filters(min_comments=9), mode="keyword")


def test_combining_keeps_the_richest_of_each_field() -> None:
    bare = paper("T", "Short.", seen_on=("b",))
    rich = paper(
        "T", "Short. And longer.", seen_on=("a",), n_authors=3, n_comments=4, organisation="Lab",
        organisation_slug="lab",
        published=date(2024, 1, 1), published_inferred=True, url="https://x.org/1",
    )  # fmt: skip
    for merged in (combine(bare, rich), combine(rich, bare)):
        assert merged == replace(rich, seen_on=("a", "b"))
    exact = replace(rich, published=date(2024, 1, 2), published_inferred=False)
    assert combine(rich, exact).published == date(2024, 1, 2) == combine(exact, rich).published


def test_between_runs_the_newer_record_wins_and_within_one_the_longer() -> None:
    full, brief = "Nets are folded twice. It saves memory. It is fast.", "All nets are folded. It saves memory."
    long, short = paper("T", full, n_comments=5), paper("T", brief, n_comments=3)
    assert combine(long, short).abstract == full and combine(long, short).n_comments == 5
    assert combine(long, short, newer=True).abstract == brief
    assert combine(long, short, newer=True).n_comments == 3
    assert merge([long, paper("U"), short]) == [long, paper("U")]


def test_a_cut_text_or_a_summary_elsewhere_does_not_replace_a_full_abstract() -> None:
    full = paper("T", "We fold nets in two. It saves memory. It costs nothing at all.", seen_on=("a",))
    cut = replace(full, abstract="We fold nets in two. It saves memory.")
    assert combine(full, cut, newer=True).abstract == full.abstract
    assert combine(full, replace(cut, seen_on=("b",)), newer=True).abstract == full.abstract
    summary = paper("T", "Nets are folded.", seen_on=("b",))
    assert combine(full, summary, newer=True).abstract == full.abstract
    other = paper("T", "We fold nets in three. It saves memory. It costs very little.", seen_on=("b",))
    assert combine(full, other, newer=True).abstract == other.abstract


def test_the_sample_does_not_replace_a_users_papers(library: Library) -> None:
    ingest(library, ["sample"])
    known = next(iter(library.papers()))
    full = replace(known, abstract=f"{known.abstract} {known.abstract}", seen_on=("mine",))
    add_papers(library, [full])
    assert counts(ingest(library, ["sample"]))[1] == 0
    assert library.get(known.paper_id).abstract == full.abstract  # type: ignore[union-attr]


def test_titles_that_differ_in_spelling_only_have_one_id() -> None:
    assert paper("E$^{2}$GAN: Fast").paper_id == paper("$E^{2}$GAN  fast").paper_id


# Files that are not what they should be


@pytest.mark.parametrize(
    ("data", "line", "words"),
    [
        (b"", 1, "the file is empty"),
        (b"PK\x03\x04\n\x00\x01", 2, "this is not text"),
        ("Daily".encode("utf-16"), 1, "not UTF-8"),
        (b"Dear all,\n\nthe minutes.\n", 1, "neither a saved Daily Papers page"),
        (b"caf\xe9 au lait\n", 1, "not UTF-8 from here on (byte 0xe9)"),
    ],
)
def test_a_file_that_cannot_be_read_is_one_error_and_the_others_go_in(
    library: Library, pages: Path, data: bytes, line: int, words: str
) -> None:
    (pages / "aa.bad").write_bytes(data)
    report = ingest(library, [str(pages)])
    (error,) = report.rejected
    assert Path(error.path).name == "aa.bad" and error.line == line and words in str(error)
    assert report.read == 3 and library.coverage().n_papers == 2


def test_a_page_with_a_wrong_byte_keeps_the_papers_before_it(library: Library, tmp_path: Path) -> None:
    page = tmp_path / "latin.txt"
    page.write_bytes(bylined(FOLD, byline()).encode() + "Caf\xe9 Nets\n\nThey work.\n".encode("latin-1"))
    report = ingest(library, [str(page)])
    (error,) = report.rejected
    assert (error.line, error.n_read) == (21, 1) and "1 paper before it was read" in str(error)
    assert library.coverage().n_papers == 1


def test_a_missing_source_is_reported_and_the_rest_goes_in(library: Library, pages: Path) -> None:
    report = ingest(library, [str(pages / "none"), str(pages / "b.txt")])
    assert "no such file or folder" in str(report.rejected[0]) and report.new == 1


def test_a_folder_of_nothing_but_hidden_files_counts_as_empty(library: Library, tmp_path: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / ".git").write_text("x")
    report = ingest(library, [str(empty)])
    assert "holds no files" in str(report.rejected[0])


def test_standard_input_is_read_as_a_file_would_be() -> None:
    (portion,) = read_source("-", stdin=io.BytesIO(COMPACT.encode()))
    assert portion.path == "standard input" and portion.papers[0].title == "Warm Starts Matter"


def test_a_byte_order_mark_is_no_part_of_the_page() -> None:
    (portion,) = read_source("-", stdin=io.BytesIO(b"\xef\xbb\xbf" + COMPACT.encode()))
    assert not portion.errors and len(portion.papers) == 1


# JSON Lines


def test_records_are_read_line_by_line_and_bad_lines_rejected_by_number() -> None:
    good = {"title": "A", "abstract": "Yes.", "published": "2024-05-01", "n_authors": 3}
    lines = [
        json.dumps(good),
        "{",
        json.dumps({"title": "B"}),
        json.dumps(good | {"title": "C", "published": "soon"}),
        json.dumps(good | {"title": "D", "n_authors": "three"}),
        "",
        json.dumps(good | {"title": "E", "arxiv_id": "2401.00001"}),
        "[]",
    ]
    (portion,) = read_records(lines, path="r.jsonl")
    assert [p.title for p in portion.papers] == ["A", "C", "D", "E"]
    assert portion.papers[0].published == date(2024, 5, 1) and portion.papers[3].paper_id == "2401.00001"
    assert [(error.line, error.n_read) for error in portion.errors] == [(2, 1), (3, 1), (8, 4)]
    assert "no abstract" in str(portion.errors[1])
    # What makes no sense costs its field, with a warning.
    assert portion.papers[1].published is None and portion.papers[2].n_authors is None
    assert ["r.jsonl:4:" in portion.warnings[0], "'soon'" in portion.warnings[0]] == [True, True]
    assert ["r.jsonl:5:" in portion.warnings[1], "'three'" in portion.warnings[1]] == [True, True]


def test_what_the_library_exports_it_reads_again_unchanged(sample: Library, tmp_path: Path) -> None:
    lines = [json.dumps(p.to_dict()) for p in sample.papers()]
    (portion,) = read_records(lines, path="askpapers sample")
    assert {p.paper_id: p for p in portion.papers} == {p.paper_id: p for p in sample.papers()}


def test_papers_from_python_without_text_are_rejected(library: Library) -> None:
    report = add_papers(library, [paper("A"), replace(paper("B"), abstract=" ")])
    assert report.new == 1 and "no abstract" in str(report.rejected[0])


def test_progress_tells_stage_and_counts(library: Library, pages: Path) -> None:
    steps: list[Progress] = []
    ingest(library, [str(pages)], progress=steps.append)
    assert [step.stage for step in steps] == ["reading", "reading", "comparing", "embedding", "embedding"]
    assert (steps[-1].done, steps[-1].total) == (2, 2)


def test_the_sample_goes_in_whole(sample: Library) -> None:
    status = sample.status()
    assert status.n_papers == 60 and list(status.sources) == ["askpapers sample"]
    assert sample.verify() == []


def test_the_sample_is_in_the_projects_own_words(seeds: Path) -> None:
    runs: set[tuple[str, ...]] = set()
    for file in seeds.glob("*.txt"):
        for line in file.read_text("utf-8").splitlines():
            words = line.split()
            if len(words) > 40:
                runs.update(tuple(words[i : i + 9]) for i in range(len(words) - 8))
    from ingest.sources.files import sample_file

    for line in sample_file().read_text("utf-8").splitlines():
        words = json.loads(line)["abstract"].split()
        assert 60 <= len(words) <= 120
        assert not [words[i : i + 9] for i in range(len(words) - 8) if tuple(words[i : i + 9]) in runs]


def test_the_real_pages_make_a_library_of_615(library: Library, seeds: Path) -> None:
    report = ingest(library, [str(seeds)])
    status = library.status()
    assert (report.read, report.bylines, report.new, report.merged) == (635, 290, 615, 20)
    assert (status.n_papers, status.n_undated) == (615, 336)
    assert (status.first, status.last) == (date(2016, 4, 29), date(2025, 11, 24))
    assert len(status.sources) == 5 and library.verify() == []
    assert counts(ingest(library, [str(seeds)])) == (0, 0, 0, 615, 20)


def test_a_source_error_says_where_and_how_much_was_read() -> None:
    assert str(SourceError("bad", path="p", line=3)) == "p:3: bad (no papers before it)"
    assert str(SourceError("bad", path="p", line=3, n_read=1)) == "p:3: bad (1 paper before it was read)"
    assert str(SourceError("bad", path="p", n_read=2)) == "p: bad (2 papers before it were read)"


# The report


def test_the_report_adds_up_and_names_every_rejected_record(library: Library, tmp_path: Path) -> None:
    old = {"title": "Fold Nets", "abstract": "Nets fold.", "published": "2023-01-01"}
    lines = [
        old | {"title": "Warm Nets", "published": "2024-02-01"},
        old,
        old | {"title": "Warm nets", "published": "2024-02-01", "n_upvotes": 3},
        {"title": "Dry Nets"},
        old | {"title": "Undated Nets", "published": None},
    ]
    file = tmp_path / "r.jsonl"
    file.write_text("\n".join([json.dumps(line) for line in lines] + ["{"]))
    report = ingest(library, [str(file)], options=ReadOptions(since=date(2024, 1, 1)))
    assert (report.read, report.skipped, report.n_rejected, counts(report)) == (2, 2, 2, (1, 0, 0, 0, 1))
    record = report.to_dict()
    assert [(row["path"], row["line"]) for row in record["rejected"]] == [(str(file), 4), (str(file), 6)]
    assert "no abstract" in record["rejected"][0]["reason"] and "r.jsonl" not in record["rejected"][0]["reason"]
    assert json.loads(json.dumps(record)) == record and not report.is_failure


def test_a_run_fails_when_it_rejects_all_and_not_when_it_skips_all(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "r.jsonl"
    file.write_text(json.dumps({"title": "Fold Nets", "abstract": "Nets fold.", "published": "2023-01-01"}) + "\n{")
    assert not ingest(library, [str(file)], options=ReadOptions(since=date(2024, 1, 1))).is_failure
    file.write_text("{}\n{}\n")
    assert ingest(library, [str(file)]).is_failure


def test_a_report_lists_the_first_ten_thousand_rejections_and_counts_the_rest(library: Library) -> None:
    report = add(library, (paper("", "Nets fold.") for _ in range(10_002)))
    assert (report.n_rejected, len(report.rejected)) == (10_002, 10_000)


def test_papers_from_python_are_cleaned_and_the_endless_rejected(library: Library) -> None:
    report = add(
        library, [paper("Fold\x00 <b>Nets</b>\u202e", "Nets \ud800 fold."), paper("Long", "word " * 2_000_000)]
    )
    (known,) = library.papers()
    assert (known.title, known.abstract) == ("Fold Nets", "Nets \ufffd fold.")
    assert "at most 50,000 are taken" in str(report.rejected[0]) and report.new == 1


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"n_comments": "5"}, "n_comments must be a whole number"),
        ({"n_authors": 3.0}, "n_authors must be a whole number"),
        ({"n_upvotes": 10**30}, "n_upvotes must be a whole number"),
        ({"n_comments": -1}, "n_comments must be a whole number"),
        ({"n_comments": True}, "n_comments must be a whole number"),
        ({"title": None}, "no title"),
        ({"abstract": b"Nets"}, "abstract must be text"),
        ({"paper_id": 7}, "paper_id must be text"),
        ({"aliases": (None,)}, "aliases must be texts"),
        ({"authors": ("A", None)}, "authors must be texts"),
        ({"seen_on": None}, "seen_on must be texts"),
        ({"organisation": 3}, "organisation must be text"),
        ({"published": "soon"}, "published must be a date"),
    ],
)
def test_a_paper_from_python_with_a_wrong_field_is_rejected_by_name_and_the_others_go_in(
    library: Library, fields: dict[str, object], words: str
) -> None:
    report = add(library, [paper("A"), replace(paper("B"), **fields), paper("C")])  # type: ignore[arg-type]
    (error,) = report.rejected
    assert words in str(error) and ("paper 'b-" in str(error) or "paper_id" in fields)
    assert {p.title for p in library.papers()} == {"A", "C"} and library.verify() == []


def test_what_is_no_paper_is_rejected(library: Library) -> None:
    report = add(library, [{"title": "A", "abstract": "B"}, None, paper("C")])  # type: ignore[list-item]
    assert [str(e).split(" (")[0] for e in report.rejected] == [
        "papers: a paper: expected a Paper, found dict", "papers: a paper: expected a Paper, found NoneType",
    ]  # fmt: skip
    assert report.new == 1


def test_every_field_of_a_paper_from_python_is_cleaned(library: Library) -> None:
    evil = paper(
        "Fold Nets",
        published=datetime(2024, 3, 5, 12, tzinfo=UTC),
        authors=("Ada\u202e <b>Lovelace</b>", "Babbage, Jr.", "\ud800"),
        organisation="Lab\x1b \ud800",
        url="javascript:alert(1)",
        code_url="https://example.org/code",
        aliases=("p\x007",),
        seen_on=("a\ud800.txt",),
    )
    report = add(library, [evil, replace(paper("Day"), published="2024-01-01")])  # type: ignore[arg-type]
    assert (report.new, report.n_rejected) == (2, 0) and "is no web address" in report.warnings[0]
    known = library.get(evil.paper_id)
    assert known == replace(
        evil,
        published=date(2024, 3, 5),
        authors=("Ada Lovelace", "Babbage, Jr.", "\ufffd"),
        organisation="Lab \ufffd",
        url=None,
        aliases=("p7",),
        seen_on=("a\ufffd.txt",),
    )
    assert library.get(paper("Day").paper_id).published == date(2024, 1, 1)  # type: ignore[union-attr]
    assert Library.open(library.path).verify() == []


def test_a_stored_record_that_no_paper_can_have_is_told_of_and_can_be_removed(library: Library) -> None:
    add(library, [paper("A")])
    bad = Paper(
        paper_id="bad", title="Bad Nets", abstract="Nets are bad.", published=datetime(2024, 3, 5), n_comments=5,
    )  # fmt: skip
    object.__setattr__(bad, "n_comments", "5")
    object.__setattr__(bad, "aliases", (None, "b"))
    (entry,) = embed_papers(library.embedder, [(bad, split(bad, library.embedder.fits))])
    with library.writing():
        library.vectors.put([entry])
    with pytest.raises(LibraryError, match="could not write the keyword index"):
        library.keywords.replace([bad])
    library.rebuild()
    assert any("paper bad: the record does not match its hash" in problem for problem in library.verify())
    known = library.get("bad")
    assert known is not None and (known.published, known.n_comments, known.aliases) == (date(2024, 3, 5), None, ("b",))
    assert add(library, [paper("C")]).new == 1
    assert library.remove(["bad"]) == ["bad"] and library.verify() == []


def test_a_failure_inside_the_keyword_index_leaves_no_lock_behind(tmp_path: Path) -> None:
    index = KeywordIndex(tmp_path / "keywords")
    index.replace([paper("A")])

    def papers() -> Iterator[Paper]:
        yield paper("B")
        raise RuntimeError("the reader broke")

    for _ in range(2):
        with pytest.raises(RuntimeError, match="the reader broke"):
            index.replace(papers(), removed=[paper("A").paper_id])
        with pytest.raises(LibraryError, match="could not write the keyword index"):
            index.replace([replace(paper("D"), n_comments=2**70)])
    index.replace([paper("C")])
    assert sorted(paper_id for paper_id, _ in index.stored()) == sorted(paper(name).paper_id for name in "AC")


def test_a_window_of_new_votes_embeds_nothing(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    papers = [paper(f"Nets {i}", n_upvotes=i) for i in range(5)]
    add(library, papers)
    monkeypatch.setattr(library.embedder, "embed_texts", None)
    report = add(library, [replace(p, n_upvotes=9, n_comments=1) for p in papers])
    assert counts(report) == (0, 0, 5, 0, 0) and report.n_passages == 0 and library.verify() == []


# Accidents


CHILD = """
    import resource, sys
    from ingest import add
    from rag.errors import AskpapersError
    from rag.library import Library
    from rag.schema import Paper
    from tests.test_identity import Digests
    folder, first, last, limit = sys.argv[1], *map(int, sys.argv[2:])
    if limit:
        resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
    print("start", flush=True)
    papers = (Paper(paper_id=f"p{i}", title=f"Nets {i}", abstract=f"Kind {i} folds. " + "It is fine. " * 40)
              for i in range(first, last))
    try:
        print(add(Library.open(folder, embedder=Digests()), papers).new)
    except AskpapersError as error:
        print(error)
"""


def child(library: Library, first: int, last: int, limit: int = 0) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(CHILD), str(library.path), *map(str, (first, last, limit))],
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)},
    )


def test_a_disk_that_fills_up_is_one_sentence_and_the_next_run_goes_on(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "shelf", embedder=Digests())
    out, _ = child(library, 0, 300, limit=600_000).communicate(timeout=200)
    assert out.startswith("start\n") and "What was stored so far is safe: run the same command again" in out
    out, _ = child(library, 0, 300).communicate(timeout=200)
    assert 0 < int(out.split()[1]) <= 300
    assert library.verify() == [] and library.status().n_papers == 300


def test_two_runs_at_once_end_with_all_papers(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "shelf", embedder=Digests())
    runs = [child(library, 0, 100), child(library, 50, 150)]
    new = [int(run.communicate(timeout=200)[0].split()[1]) for run in runs]
    assert sum(new) == 150 and library.verify() == [] and library.status().n_papers == 150


def test_a_death_before_joined_papers_are_removed_is_made_good(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    class Killed(BaseException):
        """Stands for the process ending at this line."""

    def die(*arguments: object) -> None:
        raise Killed

    library = Library.create(tmp_path / "shelf", embedder=Digests())
    add(library, [paper("Fold Nets"), replace(paper("Nets, Folded"), paper_id="2403.00001", arxiv_id="2403.00001")])
    assert library.status().n_papers == 2
    link = replace(paper("Fold Nets"), paper_id="2403.00001", arxiv_id="2403.00001")
    monkeypatch.setattr(library.vectors, "remove", die)
    with pytest.raises(Killed):
        add(library, [link])
    monkeypatch.undo()
    again = Library.open(library.path, embedder=Digests())
    add(again, [link])
    assert again.verify() == [] and again.status().n_papers == 1
    assert again.get(paper("Fold Nets").paper_id) == again.get("2403.00001")


def test_a_source_that_breaks_off_leaves_what_came_before(library: Library) -> None:
    def broken() -> Iterator[Paper]:
        yield paper("Fold Nets")
        raise SourceError("the connection was lost", path="hf:daily")

    report = IngestReport()
    with pytest.raises(SourceError):
        add(library, broken(), report=report)
    assert report.read == 1 and "connection was lost" in (report.error or "")


# A first run that fails


def askpapers(folder: Path, *arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "ui.cli", *arguments],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)} | variables,
        capture_output=True,
        text=True,
    )


def test_a_first_run_that_reads_or_embeds_nothing_leaves_no_library_behind(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(json.dumps({"title": "Fold Nets", "abstract": "Nets fold."}))
    missing = askpapers(tmp_path, "ingest", "none.jsonl", "--library", "shelf")
    assert (missing.returncode, missing.stdout) == (1, "") and missing.stderr.count("\n") == 1
    assert "there is no such file" in missing.stderr and "before it" not in missing.stderr
    told = json.loads(askpapers(tmp_path, "ingest", "none.jsonl", "--library", "shelf", "--json").stdout)
    assert "there is no such file" in told["error"] and (told["n_papers"], told["read"]) == (0, 0)
    offline = {"HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_OFFLINE": "1"}
    lost = askpapers(tmp_path, "ingest", "hf:daily?days=1", "--library", "shelf", **offline)
    assert (lost.returncode, lost.stdout) == (1, "") and lost.stderr.count("\n") == 1, lost.stderr
    keyless = ["ingest", "a.jsonl", "--library", "shelf", "--embedding", "openai/text-embedding-3-small"]
    refused = askpapers(tmp_path, *keyless)
    assert refused.returncode == 1 and "needs a key in OPENAI_API_KEY" in refused.stderr
    skipped = askpapers(tmp_path, "ingest", "a.jsonl", "--library", "shelf", "--since", "2024")
    assert skipped.returncode == 0 and "There was nothing to store: no library was made" in skipped.stdout
    assert [file.name for file in tmp_path.iterdir()] == ["a.jsonl"]
    stored = askpapers(tmp_path, "ingest", "a.jsonl", "--library", "shelf")
    assert stored.returncode == 0 and "Embedded 1 passage in" in stored.stdout


def test_an_empty_library_takes_another_embedding_and_one_with_papers_does_not(tmp_path: Path) -> None:
    Library.create(tmp_path / "shelf", embedding="openai/text-embedding-3-small").close()
    library = Library.create(tmp_path / "shelf", embedder=Digests())
    assert library.status().embedding == "digests" and library.verify() == []
    assert add(library, [paper("Fold Nets")]).new == 1 and library.search("folded", mode="dense")
    with pytest.raises(LibraryMismatch, match="was built with 'digests'"):
        Library.create(tmp_path / "shelf", embedding="minilm")
    assert library.status().n_papers == 1


def test_a_source_without_a_name_is_wrong_usage_and_reads_no_folder(library: Library, tmp_path: Path) -> None:
    done = askpapers(tmp_path, "ingest", "", "--library", "shelf")
    assert done.returncode == 2 and "a source is empty" in done.stderr
    assert "the name of this source is empty" in str(ingest(library, [""]).rejected[0])


# The command


def test_pace_tells_rates_and_the_time_left() -> None:
    from ui.cli_ingest import Pace

    times = iter([10.0, 14.0, 20.0])
    pace = Pace(clock=lambda: next(times))
    assert pace.take(Progress(stage="embedding", done=0, total=100))["seconds_left"] is None
    figures = pace.take(Progress(stage="embedding", done=40, total=100, n_passages=120, source="a"))
    assert (figures["papers_per_s"], figures["passages_per_s"], figures["seconds_left"]) == (10.0, 30.0, 6.0)
    assert pace.take(Progress(stage="reading", done=9))["papers_per_s"] is None


@pytest.mark.parametrize(
    ("text", "words"),
    [("title", "not of the form field=column"), ("titel=T", "'titel' is no field"), ("title=A,title=B", "mapped twice")],
)  # fmt: skip
def test_a_mapping_that_makes_no_sense_is_refused(text: str, words: str) -> None:
    from ui.cli_ingest import read_mapping

    with pytest.raises(ValueError, match=words):
        read_mapping([text])
    assert read_mapping(["title=Title, abstract=The Summary", "doi=D"]) == (
        ("title", "Title"), ("abstract", "The Summary"), ("doi", "D"),
    )  # fmt: skip


def test_the_command_maps_columns_skips_old_papers_and_speaks_json(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(
        "Name,Summary,Day\nFold Nets,Nets fold well.,2024-05-01\nWarm Nets,Nets are warm.,2023-05-01\nDry,,2024-05-01\n"
    )
    call = [sys.executable, "-m", "ui.cli", "ingest", "t.csv", "--library", "shelf", "--json", "--since", "2024"]
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parent.parent)}
    mapped = [*call, "--map", "title=Name,abstract=Summary", "--map", "published=Day"]
    done = subprocess.run(mapped, cwd=tmp_path, env=environment, capture_output=True, text=True)
    report = json.loads(done.stdout)
    assert done.returncode == 0
    assert (report["read"], report["new"], report["skipped"], report["n_rejected"]) == (1, 1, 1, 1)
    assert report["rejected"][0]["line"] == 4
    steps = [json.loads(line) for line in done.stderr.splitlines()]
    assert {step["stage"] for step in steps} == {"reading", "comparing", "embedding"}
    quiet = subprocess.run([*mapped, "--quiet"], cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert quiet.stderr == "" and json.loads(quiet.stdout)["unchanged"] == 1
    (tmp_path / "t.csv").write_text("Name,Summary\nDry,\n")
    failed = subprocess.run(mapped, cwd=tmp_path, env=environment, capture_output=True, text=True)
    assert failed.returncode == 1 and json.loads(failed.stdout)["n_rejected"] >= 1


def test_a_library_inside_a_folder_is_no_source(tmp_path: Path) -> None:
    (tmp_path / "papers.jsonl").write_text(
        json.dumps({"title": "OneNet", "abstract": "OneNet counts to one. It is fast."})
    )
    library = Library.create(tmp_path / "library")
    assert ingest(library, [str(tmp_path)]).new == 1
    again = ingest(library, [str(tmp_path)])
    assert (again.unchanged, again.n_rejected) == (1, 0)
