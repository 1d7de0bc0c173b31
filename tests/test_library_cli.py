"""`askpapers library list` and `export`: papers out of a library, in an order, and back into another one."""

from __future__ import annotations

import json
import shutil
import sys
from datetime import date
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from ingest import add_papers, ingest
from ingest.split import split
from rag.embeddings import embed_papers
from rag.errors import LibraryError
from rag.library import Library
from rag.schema import Paper
from tests.conftest import paper
from ui.cli import app
from ui.library_files import write
from ui.shelf_order import ordered

OLD = paper("Alpha old", published=date(2023, 5, 1), n_comments=7, organisation="Lab One", organisation_slug="lab1")
NEW = paper("beta new", published=date(2024, 2, 29), n_comments=2, n_authors=5, seen_on=("dump/a.jsonl",))
BARE = paper("Gamma bare")
EVERYTHING = Paper(
    paper_id="2401.1",
    title="Full – “typed”",
    abstract="Line one.\nLine two: $x$, 深.",
    published=date(2024, 1, 2),
    published_inferred=True,
    authors=("Ada B", "Cy D"),
    n_authors=2,
    organisation="Org",
    organisation_slug="org",
    n_comments=0,
    n_upvotes=9,
    arxiv_id="2401.1",
    doi="10.1/x",
    url="https://example.org/x",
    code_url="https://example.org/code",
    aliases=("Other",),
    seen_on=("first.txt",),
)


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library.create(tmp_path_factory.mktemp("shelf") / "library")
    add_papers(library, [OLD, NEW, BARE])
    return library


def run(library: Library, *arguments: str) -> Result:
    return CliRunner().invoke(app, ["library", *arguments, "--library", str(library.path)])


def titles(result: Result) -> list[str]:
    assert result.exit_code == 0, result.output
    return [line.split("  ")[-1].strip() for line in result.stdout.splitlines()]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ([], ["Alpha old", "beta new", "Gamma bare"]),
        (["--sort", "published"], ["beta new", "Alpha old", "Gamma bare"]),
        (["--sort", "published", "--reverse"], ["Alpha old", "beta new", "Gamma bare"]),
        (["--sort", "comments"], ["Alpha old", "beta new", "Gamma bare"]),
        (["--sort", "authors"], ["beta new", "Alpha old", "Gamma bare"]),
        (["--sort", "title"], ["Alpha old", "beta new", "Gamma bare"]),
        (["--sort", "title", "--reverse", "-n", "1"], ["Gamma bare"]),
        (["--since", "2024-02"], ["beta new"]),
        (["--until", "2023"], ["Alpha old"]),
        (["--org", "LAB1"], ["Alpha old"]),
        (["--source", "a.jsonl"], ["beta new"]),
        (["--min-comments", "3"], ["Alpha old"]),
        (["--since", "2030"], []),
    ],
)
def test_a_list_is_filtered_and_sorted(shelf: Library, arguments: list[str], expected: list[str]) -> None:
    assert titles(run(shelf, "list", *arguments)) == expected


def test_the_counted_column_is_shown_where_it_orders(shelf: Library) -> None:
    lines = run(shelf, "list", "--sort", "comments").stdout.splitlines()
    assert lines[0] == f"{OLD.paper_id}  2023-05-01     7  Alpha old" and lines[2].endswith(
        "no date           Gamma bare"
    )


def test_json_is_one_paper_a_line(shelf: Library) -> None:
    lines = run(shelf, "list", "--json", "--sort", "title", "-n", "2").stdout.splitlines()
    assert [json.loads(line)["title"] for line in lines] == ["Alpha old", "beta new"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--since", "soon"], "is not a date"),
        (["--since", "2025", "--until", "2024"], "2025 is after 2024"),
        (["--sort", "colour"], "colour"),
        (["-n", "0"], "-n"),
    ],
)
def test_wrong_usage_of_list_exits_2(shelf: Library, arguments: list[str], words: str) -> None:
    result = run(shelf, "list", *arguments)
    assert result.exit_code == 2 and words in result.output and not result.stdout


def test_equal_papers_keep_their_order_both_ways() -> None:
    twins = [paper(title, n_comments=1) for title in ("b", "a", "c")]
    for reverse in (False, True):
        assert [p.title for p in ordered(twins, "comments", reverse=reverse)] == ["b", "a", "c"]


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_an_export_holds_every_field(tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"out{suffix}"
    assert write(file, [EVERYTHING, BARE]) == 2
    assert [Paper.from_dict(record) for record in records(file)] == [EVERYTHING, BARE]
    assert list(tmp_path.iterdir()) == [file]


def records(file: Path) -> list[dict[str, object]]:
    if file.suffix == ".jsonl":
        return [json.loads(line) for line in file.read_text("utf-8").split("\n") if line]
    import pyarrow.parquet

    rows: list[dict[str, object]] = pyarrow.parquet.read_table(file).to_pylist()
    return [row | {"published": row["published"] and str(row["published"])} for row in rows]


@pytest.mark.parametrize("suffix", [".jsonl", ".parquet"])
def test_a_library_exported_and_ingested_elsewhere_is_the_same(shelf: Library, tmp_path: Path, suffix: str) -> None:
    add_papers(shelf, [EVERYTHING])
    file = tmp_path / f"out{suffix}"
    assert run(shelf, "export", str(file)).stdout == f"Wrote 4 papers to {file}.\n"
    other = Library.create(tmp_path / "other")
    assert not ingest(other, [str(file)]).rejected
    assert list(other.papers()) == list(shelf.papers())
    shelf.remove([EVERYTHING.paper_id])


@pytest.mark.parametrize("suffix", [".bib", ".ris", ".csv", ".md"])
def test_references_are_exported(shelf: Library, tmp_path: Path, suffix: str) -> None:
    file = tmp_path / f"out{suffix}"
    assert run(shelf, "export", str(file)).exit_code == 0
    text = file.read_text("utf-8")
    assert all(title in text for title in ("Alpha old", "beta new", "Gamma bare"))


def test_papers_are_removed_by_any_of_their_names(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    first = paper("First nets", arxiv_id="2403.00001", aliases=("p1",))
    second = paper("Second nets", doi="10.1145/abc")
    add_papers(library, [first, second, paper("Third nets", aliases=("p3",)), OLD, NEW])
    gone = run(library, "remove", "https://arxiv.org/abs/2403.00001v2", "p1", "none", "doi:10.1145/ABC")
    assert gone.exit_code == 1
    assert gone.stdout.splitlines() == [
        f"removed {first.paper_id} (https://arxiv.org/abs/2403.00001v2): First nets",
        f"removed {first.paper_id} (p1): First nets",
        f"removed {second.paper_id} (doi:10.1145/ABC): Second nets",
    ]
    assert "no such paper: none;" in str(gone.exception)
    assert library.remove(["p3", NEW.paper_id, "none"]) == [NEW.paper_id, paper("Third nets").paper_id]
    assert [p.title for p in library.papers()] == ["Alpha old"] and library.verify() == []


def test_a_name_that_two_papers_have_removes_neither(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    rows = [paper(title, aliases=("shared",)) for title in ("One", "Two")]
    with library.writing():
        add_papers(library, [rows[0]])
        entries = embed_papers(library.embedder, [(rows[1], split(rows[1], library.embedder.fits))])
        library.add(entries)
    assert library.remove(["shared"]) == [] and library.status().n_papers == 2


def test_upvotes_filter_and_sort(tmp_path: Path) -> None:
    library = Library.create(tmp_path / "library")
    add_papers(library, [paper("Few", n_upvotes=1), paper("Unknown"), paper("Many", n_upvotes=20)])
    assert titles(run(library, "list", "--sort", "upvotes")) == ["Many", "Few", "Unknown"]
    assert "    20  Many" in run(library, "list", "--sort", "upvotes").stdout
    assert titles(run(library, "list", "--min-upvotes", "2")) == ["Many"]
    assert "JSON Lines" in run(library, "list", "--help").stdout


def test_an_existing_file_is_not_replaced(tmp_path: Path) -> None:
    file = tmp_path / "out.bib"
    file.write_text("mine")
    with pytest.raises(LibraryError, match="exists already"):
        write(file, [BARE])
    assert file.read_text() == "mine"


def test_a_failed_export_leaves_nothing_behind(tmp_path: Path) -> None:
    def broken() -> object:
        yield BARE
        raise LibraryError("the disk is gone")

    with pytest.raises(LibraryError, match="the disk is gone"):
        write(tmp_path / "out.jsonl", broken())  # type: ignore[arg-type]
    with pytest.raises(LibraryError, match=r"cannot write .*No such file"):
        write(tmp_path / "none" / "out.jsonl", [BARE])
    assert list(tmp_path.iterdir()) == []


def test_without_pyarrow_one_line_says_what_to_install(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(LibraryError, match=r"needs pyarrow.*askpapers\[parquet\]"):
        write(tmp_path / "out.parquet", [BARE])


def test_a_name_without_a_known_end_is_wrong_usage(shelf: Library) -> None:
    result = run(shelf, "export", "out.txt")
    assert result.exit_code == 2 and ".jsonl" in result.output and ".parquet" in result.output


def test_verify_says_that_a_full_disk_may_be_all_that_is_wrong(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    add_papers(library, [OLD])
    library.close()
    (vectors,) = library.path.glob("vectors-*/chroma.sqlite3")
    vectors.write_text("no database")
    call = ["library", "verify", "--library", str(library.path)]
    damaged = CliRunner().invoke(app, call).exception
    assert isinstance(damaged, LibraryError) and "disk" not in str(damaged)
    usage = type(shutil.disk_usage(library.path))(10**9, 10**9, 3 * 2**20)
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage)
    full = CliRunner().invoke(app, call).exception
    assert type(full) is type(damaged) and "The disk is full (3 MB are free)" in str(full) and str(damaged) in str(full)
