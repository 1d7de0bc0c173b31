"""Asking with a model on the command line: streamed in a terminal, whole in a pipe, priced, limited, kept."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from rag.schema import Usage
from tests.model_server import ModelServer, Reply
from tests.test_generation import QUESTION, TRUE
from ui.cli_ask import Wrapper
from ui.llm import usage_text

ROOT = Path(__file__).parent.parent
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def server() -> Iterator[ModelServer]:
    with ModelServer() as running:
        yield running


@pytest.fixture
def environment(sample_copy: object, tmp_path: Path) -> dict[str, str]:
    (tmp_path / "home").mkdir()
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(tmp_path / "home"),
        "PYTHONPATH": str(ROOT),
        "ASKPAPERS_CACHE": os.environ["ASKPAPERS_CACHE"],
        "ASKPAPERS_LIBRARY": str(sample_copy.path),  # type: ignore[attr-defined]
        "PYTHONIOENCODING": "utf-8",
    }


@pytest.fixture
def run(environment: dict[str, str], tmp_path: Path) -> Run:
    def call(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "ui.cli", *arguments]
        done = subprocess.run(
            command, capture_output=True, env=environment | variables, cwd=tmp_path, timeout=120, encoding="utf-8"
        )
        assert "Traceback" not in done.stderr
        return done

    return call


def test_a_model_answers_in_a_pipe_and_its_name_and_tokens_go_to_stderr(run: Run, server: ModelServer) -> None:
    spec = f"openai-like/scripted@{server.url}"
    server.enqueue(f"{TRUE} It runs on 77 chips [1].")
    done = run("ask", QUESTION, "--llm", spec, "--no-cache")
    assert done.returncode == 0 and "89.5% [1]." in done.stdout and "Sources\n[1]" in done.stdout
    assert "(not found in the cited text)" in done.stdout and "*" not in done.stdout
    assert f"written by {spec}; 11 + 7 tokens, price not known" in done.stderr


def test_the_environment_names_the_model_and_none_quotes(run: Run, server: ModelServer) -> None:
    spec = f"openai-like/scripted@{server.url}"
    server.enqueue(TRUE)
    assert json.loads(run("ask", QUESTION, "--json", ASKPAPERS_LLM=spec).stdout)["model"] == spec
    # the second time the reply is there already, and costs nothing
    again = json.loads(run("ask", QUESTION, "--json", ASKPAPERS_LLM=spec).stdout)
    assert again["model"] == spec and again["usage"] == {"prompt_tokens": 0, "completion_tokens": 0, "cost_usd": 0.0}
    quoted = json.loads(run("ask", QUESTION, "--json", "--llm", "none", ASKPAPERS_LLM=spec).stdout)
    assert quoted["mode"] == "quoting" and len(server.history) == 1


def test_a_model_that_cannot_be_named_is_wrong_usage(run: Run) -> None:
    done = run("ask", QUESTION, "--llm", "gpt")
    assert done.returncode == 2 and "openai/MODEL" in done.stderr and done.stdout == ""


def test_a_limit_of_money_that_cannot_be_kept_means_quotes(run: Run, server: ModelServer) -> None:
    done = run("ask", QUESTION, "--llm", f"openai-like/scripted@{server.url}", "--max-cost", "0.5", "--no-cache")
    assert done.returncode == 0 and "89.5%" in done.stdout and "price of" in done.stdout and server.history == []


def test_a_failing_provider_is_no_failure_of_the_command(run: Run, server: ModelServer) -> None:
    server.enqueue(Reply(status=401, error="bad key"))
    done = run("ask", QUESTION, "--llm", f"openai-like/scripted@{server.url}")
    assert done.returncode == 0 and "89.5%" in done.stdout and "quoted instead" in " ".join(done.stdout.split())


def test_in_a_terminal_sentences_show_before_the_reply_has_ended(
    environment: dict[str, str], server: ModelServer, tmp_path: Path
) -> None:
    server.enqueue(Reply(text=f"{TRUE} It was tried on GLUE [1].", hang_after=13))
    command = [
        sys.executable,
        "-m",
        "ui.cli",
        "ask",
        QUESTION,
        "--no-cache",
        "--llm",
        f"openai-like/scripted@{server.url}",
    ]
    main, other = pty.openpty()
    process = subprocess.Popen(
        command, stdout=other, stderr=subprocess.DEVNULL, env=environment | {"TERM": "xterm"}, cwd=tmp_path
    )
    os.close(other)
    timer = threading.Timer(90, process.kill)
    timer.start()
    try:
        shown = b""
        while b"[1]" not in shown:  # the server holds the rest of the reply back until it is closed
            shown += os.read(main, 4096)
        assert b"89.5%" in shown and b"Sources" not in shown
        server.close()
        try:
            while chunk := os.read(main, 4096):
                shown += chunk
        except OSError:  # the terminal is gone with the process
            pass
        assert process.wait() == 0 and b"The reply broke off here" in shown and b"Sources" in shown
    finally:
        timer.cancel()
        process.kill()
        os.close(main)


def test_a_run_of_questions_names_its_model_and_its_prompt(run: Run, server: ModelServer, tmp_path: Path) -> None:
    questions = tmp_path / "questions.jsonl"
    questions.write_text(json.dumps({"question_id": "q1", "question": QUESTION}) + "\n")
    spec = f"openai-like/scripted@{server.url}"
    server.enqueue(TRUE)
    done = run("eval", "run", str(questions), "--out", "out", "--llm", spec, "--no-cache", "--strict")
    assert done.returncode == 0 and f"{spec}: 11 + 7 tokens, price not known in this session" in done.stdout
    info = json.loads((tmp_path / "out" / "run.json").read_text())
    assert info["settings"] == {"llm": spec, "strict": True, "prompt_version": "2"}
    assert json.loads((tmp_path / "out" / "answers.jsonl").read_text())["model"] == spec


def test_pieces_are_wrapped_as_one_text() -> None:
    wrapper = Wrapper(20)
    shown = "".join(
        map(wrapper.add, ["Memory falls by 40%.", " Speed rises [1].", "\n\n- A list of many words", " here."])
    )
    assert shown == "Memory falls by 40%.\nSpeed rises [1].\n\n- A list of many\n  words here."


def test_money_in_words() -> None:
    assert usage_text(Usage(prompt_tokens=1572, completion_tokens=19, cost_usd=0.00214)) == "1,572 + 19 tokens, $0.0021"
    assert usage_text(Usage()) == "no tokens"
