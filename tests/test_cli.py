"""The command as a user meets it: in a process of its own, from an empty home."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from rag.library import Library
from tests.test_hf_page import FOLD, WARM, byline, bylined

ROOT = Path(__file__).parent.parent


@pytest.fixture
def run(tmp_path: Path):  # type: ignore[no-untyped-def]
    """Runs `askpapers` with a home, a data folder and a library of the test's own (the model's cache is shared)."""
    home = tmp_path / "home"
    home.mkdir()

    def call(*arguments: str, stdin: str | bytes = "", **variables: str) -> subprocess.CompletedProcess[str]:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "PYTHONPATH": str(ROOT),
            "ASKPAPERS_CACHE": os.environ["ASKPAPERS_CACHE"],
            "PYTHONIOENCODING": "utf-8",
            **variables,
        }
        done = subprocess.run(
            [sys.executable, "-m", "ui.cli", *arguments],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            env=environment,
            cwd=tmp_path,
            timeout=120,
        )
        out, err = done.stdout.decode(), done.stderr.decode()
        assert "Traceback" not in err
        return subprocess.CompletedProcess(done.args, done.returncode, out, err)

    return call


@pytest.fixture
def page(tmp_path: Path) -> Path:
    file = tmp_path / "page.txt"
    file.write_text(bylined(FOLD, byline(), WARM, byline("2 authors", "Jan 2, 2024 5")))
    return file


def test_the_first_question_is_answered_from_the_sample_and_says_so(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    done = run("ask", "By how much does GradNormLoRP cut optimizer memory?")
    assert done.returncode == 0
    assert "89.5%" in done.stdout and "Sources\n[1]" in done.stdout and "27 December 2024." in done.stdout
    assert (
        "No papers at" in done.stderr
        and "60 bundled sample papers" in done.stderr
        and "askpapers ingest SOURCE" in done.stderr
    )
    assert "\x1b" not in done.stdout and "**" not in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines())
    again = run("ask", "By how much does GradNormLoRP cut optimizer memory?")
    assert again.stdout == done.stdout and "Making" not in again.stderr


def test_papers_go_in_and_are_asked_without_the_sample(run, page: Path) -> None:  # type: ignore[no-untyped-def]
    run("ask", "anything about folding?")
    done = run("ingest", str(page))
    assert done.returncode == 0 and "Read 2 papers (2 with a byline), 2 different: 2 new" in done.stdout
    asked = run("ask", "How much memory does FoldNet save?", "--json")
    answer = json.loads(asked.stdout)
    assert answer["coverage"]["n_papers"] == 2 and answer["citations"][0]["title"].startswith("FoldNet")
    assert "sample" not in asked.stderr
    status = json.loads(run("library", "status", "--json").stdout)
    assert (status["n_papers"], status["n_passages"], status["embedding"]) == (2, 2, "minilm")
    assert (status["first"], status["last"]) == ("2024-01-02", "2024-07-21") and len(status["sources"]) == 1
    assert run("library", "verify").stdout == "2 papers: everything agrees.\n"


def test_standard_input_is_a_source(run, page: Path) -> None:  # type: ignore[no-untyped-def]
    done = run("ingest", "-", "--json", stdin=page.read_text())
    report = json.loads(done.stdout)
    assert (report["read"], report["new"], report["rejected"]) == (2, 2, [])


def test_a_bad_file_is_named_and_the_others_go_in(run, page: Path, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "bad.txt").write_bytes(b"\x00\x01")
    done = run("ingest", str(page), str(tmp_path / "bad.txt"), str(tmp_path / "missing.txt"))
    assert done.returncode == 0 and "2 new" in done.stdout and "Rejected: 2" in done.stdout
    assert "bad.txt:1: this is not text" in done.stderr and "missing.txt: there is no such file" in done.stderr


def test_nothing_read_is_a_failure(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    done = run("ingest", str(tmp_path / "missing.txt"))
    assert done.returncode == 1 and "no such file" in done.stderr


def test_an_ingest_that_read_nothing_does_not_hide_the_sample(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    run("ingest", str(tmp_path / "missing.txt"))
    done = run("ask", "By how much does GradNormLoRP cut optimizer memory?")
    assert "89.5%" in done.stdout and "bundled sample papers" in done.stderr


def test_a_full_disk_or_a_closed_pipe_is_no_traceback(run, sample: Library) -> None:  # type: ignore[no-untyped-def]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    list_papers = f"{sys.executable} -m ui.cli library list --library {sample.path}"
    full = subprocess.run(f"{list_papers} > /dev/full", shell=True, capture_output=True, text=True, env=environment)
    assert full.returncode == 1 and full.stderr == "askpapers: cannot write the result: No space left on device\n"
    closed = subprocess.run(f"{list_papers} | head -1", shell=True, capture_output=True, text=True, env=environment)
    assert closed.stderr == "" and closed.stdout.count("\n") == 1


def test_what_is_no_library_is_not_answered_from_the_sample(run, sample_copy: Library, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    (tmp_path / "file").write_text("")
    done = run("ask", "what?", "--library", str(tmp_path / "file"))
    assert done.returncode == 1 and "is a file, not the folder of a library" in done.stderr
    (sample_copy.path / "library.json").unlink()
    done = run("ask", "what?", "--library", str(sample_copy.path))
    assert done.returncode == 1 and "library.json is missing beside the papers" in done.stderr
    assert run("ingest", "sample", "--library", str(sample_copy.path), "--json").returncode == 0
    assert run("library", "verify", "--library", str(sample_copy.path)).returncode == 0


def test_search_ranks_without_an_answer(run) -> None:  # type: ignore[no-untyped-def]
    found = json.loads(run("search", "low-rank gradient projection", "--json", "-k", "3").stdout)
    assert len(found["papers"]) == 3
    first = found["papers"][0]
    assert {"paper_id", "title", "score", "published", "passage"} <= set(first)
    assert [p["score"] for p in found["papers"]] == sorted((p["score"] for p in found["papers"]), reverse=True)
    text = run("search", "low-rank gradient projection").stdout
    assert text.startswith(" 1. ") and all(len(line) <= 80 for line in text.splitlines())


def test_filters_reach_the_answer(run) -> None:  # type: ignore[no-untyped-def]
    done = run("ask", "what saves memory?", "--since", "2024-05", "--until", "2024", "--org", "NVIDIA", "--json")
    answer = json.loads(done.stdout)
    assert answer["filters"] == {"since": "2024-05-01", "until": "2024-12-31", "organisation": "NVIDIA"}


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["ask", "x", "--since", "soon"], "'soon' is not a date"),
        (["ask", "x", "--since", "2024-13"], "not a date"),
        (["ask", "x", "--since", "2025", "--until", "2024"], "2025 is after 2024"),
        (["ask", " "], "the question is empty"),
        (["search", ""], "the query is empty"),
        (["ask"], "Missing argument"),
        (["ask", "x", "-k", "0"], "equal to 1"),
        (["frobnicate"], "No such command"),
        (["library", "export", "x.txt"], ".jsonl"),
        (["ingest", "hf:weekly"], "this form is not known"),
        (["ingest", "sample", "arxiv:"], "this names no papers"),
    ],
)
def test_wrong_usage_exits_2_and_says_what_is_wrong(run, arguments: list[str], words: str) -> None:  # type: ignore[no-untyped-def]
    done = run(*arguments)
    assert done.returncode == 2 and words in done.stderr and not done.stdout


def test_errors_are_one_line_and_exit_1(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    done = run("library", "status", "--library", str(tmp_path / "none"))
    assert done.returncode == 1 and done.stderr.startswith("askpapers: no library at") and done.stderr.count("\n") == 1
    (tmp_path / "file").write_text("")
    done = run("ingest", "sample", "--library", str(tmp_path / "file"))
    assert done.returncode == 1 and "cannot make a library" in done.stderr


def test_removing_listing_exporting_and_rebuilding(run, sample_copy: Library, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    where = ["--library", str(sample_copy.path)]
    listed = run("library", "list", *where).stdout.splitlines()
    assert len(listed) == 60
    paper_id = listed[0].split()[0]
    assert run("library", "remove", paper_id, *where).stdout == f"removed {paper_id}\n"
    gone = run("library", "remove", paper_id, *where)
    assert gone.returncode == 1 and f"no such paper: {paper_id}" in gone.stderr
    assert run("library", "rebuild", *where).stdout == "Rebuilt: 59 papers.\n"
    assert run("library", "verify", *where).returncode == 0
    exported = run("library", "export", "out.jsonl", *where)
    assert exported.stdout == "Wrote 59 papers to out.jsonl.\n"
    assert run("library", "export", "out.jsonl", *where).returncode == 1
    other = run("ingest", "out.jsonl", "--library", str(tmp_path / "other"), "--json")
    assert json.loads(other.stdout)["new"] == 59


def test_hostile_titles_reach_the_terminal_without_control_characters(run, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    evil = {"title": "Fold\x1b[31mNet \u202eevil", "abstract": "FoldNet\x07 folds nets by 40%.\x1b]0;owned\x07 Fine."}
    (tmp_path / "evil.jsonl").write_text(json.dumps(evil))
    run("ingest", "evil.jsonl")
    for arguments in (["ask", "what does FoldNet fold?"], ["search", "folds nets"], ["library", "list"]):
        out = run(*arguments).stdout
        assert "Fold" in out and not set(out) & {"\x1b", "\x07", "\u202e"}


def test_help_is_quick_and_names_every_command(run) -> None:  # type: ignore[no-untyped-def]
    text = run("--help").stdout
    assert all(name in text for name in ("ingest", "ask", "search", "library", "eval"))


def test_the_readme_documents_every_command_and_its_test_command_is_the_gates() -> None:
    from typer.main import get_command

    from ui.cli import app

    readme = (ROOT / "README.md").read_text("utf-8")
    root = get_command(app)
    for name, command in root.commands.items():  # type: ignore[attr-defined]
        for sub in getattr(command, "commands", {"": None}):
            if name != "eval":
                assert f"`askpapers {name} {sub}".rstrip() in readme, f"{name} {sub}"
    assert "$ pip install uv && uv run --group dev pytest\n" in readme


def test_a_question_needs_no_quotation_marks_and_help_shows_examples(run) -> None:  # type: ignore[no-untyped-def]
    done = run("ask", "by", "how", "much", "does", "GradNormLoRP", "cut", "optimizer", "memory", "--json")
    assert json.loads(done.stdout)["question"] == "by how much does GradNormLoRP cut optimizer memory"
    for command in ("ask", "ingest"):
        assert f"  askpapers {command} " in run(command, "-h").stdout
    version = run("--version")
    assert version.returncode == 0 and version.stdout.startswith("askpapers 0.")
