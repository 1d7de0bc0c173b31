"""`askpapers chat` where it cannot start, and what becomes of the thumbs that its readers gave."""

from __future__ import annotations

import importlib.util
import json
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
