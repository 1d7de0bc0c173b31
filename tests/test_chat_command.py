"""`askpapers chat` where it cannot start, and what becomes of the thumbs that its readers gave."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evals.draft_feedback import read_feedback
from evals.files import read_questions
from rag.errors import AskpapersError, QuestionFileError
from rag.library import Library
from ui import cli_chat
from ui.cli import app

ROOT = Path(__file__).parent.parent


def run(*arguments: str) -> Any:
    return CliRunner().invoke(app, ["chat", *arguments])


def test_a_port_that_is_taken_is_one_clear_line(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        command = [sys.executable, "-m", "ui.cli", "chat", "--port", port, "--library", str(tmp_path / "library")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1 and done.stdout == ""
    assert (
        done.stderr
        == f"askpapers: Port {port} of 127.0.0.1 is taken by another program; choose another one with --port\n"
    )
    assert not (tmp_path / "library").exists()


def test_a_missing_extra_names_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(cli_chat.importlib.util, "find_spec", lambda name: None if name == "gradio" else real(name))
    error = run().exception
    assert isinstance(error, AskpapersError)
    assert "--extra chat" in str(error) and "gradio is not installed" in str(error) and "\n" not in str(error)


def test_several_missing_packages_are_not_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cli_chat.importlib.util, "find_spec", lambda name: None)
    assert "(gradio, mcp, sklearn are not installed)" in str(run().exception)


def test_a_broken_library_says_so_before_the_page_opens_and_names_the_way_out(sample_copy: Library) -> None:
    shutil.rmtree(sample_copy.path / "keywords")
    (database,) = sample_copy.path.glob("vectors-*/chroma.sqlite3")
    database.write_bytes(b"")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = str(probe.getsockname()[1])
    command = [sys.executable, "-m", "ui.cli", "chat", "--port", port, "--library", str(sample_copy.path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 1 and done.stdout == "" and done.stderr.count("\n") == 1
    assert f"The library at {sample_copy.path} is broken" in done.stderr
    assert "`askpapers library verify`" in done.stderr and "`askpapers library rebuild`" in done.stderr


def test_a_place_where_no_comment_can_be_kept_is_told_before_the_page_opens(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    for name in ("file/f.jsonl", "."):
        error = run(
            "--port", _free_port(), "--library", str(tmp_path / "l"), "--feedback", str(tmp_path / name)
        ).exception
        assert isinstance(error, AskpapersError) and "Comments cannot be kept in" in str(error)


def _free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


def test_a_page_that_is_told_to_end_closes_and_leaves_no_upload_behind(sample_copy: Library, tmp_path: Path) -> None:
    port = _free_port()
    command = [
        sys.executable,
        "-m",
        "ui.cli",
        "chat",
        "--port",
        port,
        "--llm",
        "openai/gpt-5",
        "--library",
        str(sample_copy.path),
    ]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("OPENAI")}
    environment |= {"TMPDIR": str(tmp_path), "HOME": str(tmp_path), "GRADIO_ANALYTICS_ENABLED": "False"}
    page = subprocess.Popen(
        command, cwd=ROOT, env=environment, text=True, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    with page:
        assert page.stdout is not None and "is open at" in page.stdout.readline()
        given = ("-F", "files=@-;filename=a.jsonl", f"http://127.0.0.1:{port}/gradio_api/upload")
        done = subprocess.run(["curl", "-s", *given], input="{}", capture_output=True, text=True, check=True)
        (token,) = json.loads(done.stdout)
        (place,) = tmp_path.glob(f"askpapers-uploads-*/{token}")
        assert place.parent.stat().st_mode & 0o777 == 0o700
        url = f"http://127.0.0.1:{port}/gradio_api/file={place}"
        assert subprocess.run(["curl", "-s", "-f", url], capture_output=True, check=False).returncode != 0
        page.send_signal(signal.SIGTERM)
        _, said = page.communicate(timeout=60)
    assert page.returncode == 0 and "askpapers: closing" in said
    assert "openai/gpt-5 needs a key in OPENAI_API_KEY" in said
    assert not list(tmp_path.glob("askpapers-uploads-*"))


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::"])
def test_other_machines_are_let_in_only_with_a_password_or_in_so_many_words(host: str) -> None:
    refused = run("--host", host)
    assert refused.exit_code == 2
    assert "--auth" in refused.output and "--insecure" in refused.output


@pytest.mark.parametrize("auth", ["user", "user:", ":password"])
def test_half_a_password_is_wrong_usage(auth: str) -> None:
    assert run("--auth", auth).exit_code == 2


def test_an_address_that_is_not_ours_is_one_clear_line() -> None:
    error = run("--host", "203.0.113.7", "--insecure").exception
    assert isinstance(error, AskpapersError) and "cannot listen on 203.0.113.7:7860" in str(error)


def thumb(**fields: object) -> str:
    record = {"question": "what is it?", "rating": "up", "comment": "", "cited": {"id": "A title"}, "answer": "So [1]."}
    return json.dumps(record | fields)


def test_thumbs_become_questions_to_review(tmp_path: Path) -> None:
    lines = [
        thumb(),
        thumb(question="and how much?", rating="down", history=[{"role": "user", "text": "what is it?"}]),
        thumb(
            question="and how much?",
            rating="down",
            history=[{"role": "user", "text": "what is it?"}],
            comment="It is 5.",
        ),
        thumb(question="who?", abstained=True, cited={}),
        thumb(question="What is it"),
    ]
    kept = tmp_path / "feedback.jsonl"
    kept.write_text("\n".join(lines) + "\n" + '{"torn', "utf-8")
    out = tmp_path / "drafts.jsonl"
    done = CliRunner().invoke(app, ["eval", "questions", "--from-feedback", str(kept), "--out", str(out)])
    assert done.exit_code == 0, done.output
    first, second, third, *others = read_questions(out)
    assert (first.question_id, first.kind, first.relevant) == ("f001", "drafted_feedback", {"A title": 1})
    assert second.relevant == {} and second.answerable and second.history[0].text == "what is it?"
    assert not third.answerable
    said = [json.loads(line) for line in (tmp_path / "drafts.evidence.jsonl").read_text("utf-8").splitlines()]
    assert [row["comment"] for row in said[:3]] == ["", "It is 5.", ""]
    assert len(said) == 3 + len(others)
    again = CliRunner().invoke(app, ["eval", "questions", "--from-feedback", str(kept), "--out", str(out)])
    assert isinstance(again.exception, QuestionFileError)


def test_a_thumb_turned_round_takes_its_comment_back(tmp_path: Path) -> None:
    kept = tmp_path / "feedback.jsonl"
    kept.write_text("\n".join([thumb(rating="down", comment="wrong"), thumb(rating="up"), thumb(rating="up")]), "utf-8")
    (remark,) = read_feedback(kept)
    assert (remark.rating, remark.comment, remark.question.relevant) == ("up", "", {"A title": 1})


def test_lines_that_are_no_feedback_are_named(tmp_path: Path) -> None:
    kept = tmp_path / "feedback.jsonl"
    kept.write_text(f"{thumb()}\n{thumb(rating='sideways')}\n", "utf-8")
    with pytest.raises(QuestionFileError, match=r"feedback\.jsonl:2: 'rating' must be"):
        read_feedback(kept)
