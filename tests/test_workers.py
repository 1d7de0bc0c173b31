"""Processes that answer where several people ask at once: real ones, on a copy of the sample."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from rag import Engine, Library
from rag.schema import Answer, Turn
from ui.workers import Put, Workers

QUESTION = "Which papers cut the memory of the optimizer, and by how much?"


class Meeting:
    """An engine at which two questions meet; from then on it answers nothing."""

    def __init__(self) -> None:
        self.barrier = threading.Barrier(2, timeout=60)
        self.n_asked = 0

    def ask(self, question: str, **_: Any) -> Answer:
        self.n_asked += 1
        self.barrier.wait()
        return Answer(question=question, text="here", mode="quoting", coverage=None)  # type: ignore[arg-type]


@pytest.fixture
def workers(sample_copy: Library, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workers]:
    monkeypatch.setattr("ui.workers.CROWDED_S", 600.0)  # however slow the machine
    found = Workers(sample_copy.path, 2)
    yield found
    found.close()


def _two_at_once(workers: Workers) -> None:
    here: Any = Meeting()
    threads = [threading.Thread(target=workers.ask, args=(Put(question="?"), here)) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert here.n_asked == 2  # nobody waits for a process that is still loading


def _meet(workers: Workers) -> None:
    """Two questions at once, and then the processes that they start."""
    _two_at_once(workers)
    _until(lambda: len(workers.pids()) == 2)


def _until(holds: Callable[[], bool]) -> None:
    end = time.monotonic() + 90
    while not holds():
        assert time.monotonic() < end, "it never came to be"
        threading.Event().wait(0.02)


class Nobody:
    """An engine that must not be asked."""

    def ask(self, question: str, **_: Any) -> Answer:
        raise AssertionError("asked in the page's own process")


def test_one_reader_starts_no_process(workers: Workers, sample_copy: Library) -> None:
    engine = Engine(sample_copy)
    for _ in range(2):
        assert workers.ask(Put(question=QUESTION), engine).citations
    assert workers.pids() == ()


def test_where_questions_meet_processes_give_the_same_answers(workers: Workers, sample_copy: Library) -> None:
    engine, nobody = Engine(sample_copy), Nobody()
    first = engine.ask(QUESTION)
    follow_up = [Turn(role="user", text=QUESTION), Turn(role="assistant", text=first.text)]
    puts = [
        Put(question=QUESTION),
        Put(question="How many papers are there?"),
        Put(question="What is the boiling point of water on Mars?"),
        Put(question="And which of these is newer?", history=follow_up, k=30),
    ]
    _meet(workers)
    for put in puts:
        there, here = workers.ask(put, nobody), put.to(engine)  # type: ignore[arg-type]
        assert there.text == here.text and there.citations == here.citations
        assert [one.paper_id for one in there.papers] == [one.paper_id for one in here.papers]


def test_a_process_that_dies_costs_no_answer(workers: Workers, sample_copy: Library) -> None:
    _meet(workers)
    before = workers.pids()
    for pid in before:
        os.kill(pid, signal.SIGKILL)
    engine = Engine(sample_copy)
    for _ in range(3):  # each of the dead is met once, and the third question starts what is missing
        assert workers.ask(Put(question=QUESTION), engine).citations
    _until(lambda: len(workers.pids()) == 2 and not set(workers.pids()) & set(before))


def test_a_library_that_cannot_be_opened_is_answered_for_here(tmp_path: Path, sample_copy: Library) -> None:
    workers = Workers(tmp_path / "gone", 2)
    _two_at_once(workers)
    assert workers.ask(Put(question=QUESTION), Engine(sample_copy)).citations
    workers.close()


def test_none_are_started_where_none_are_wanted(sample_copy: Library) -> None:
    workers = Workers(sample_copy.path, 0)
    _two_at_once(workers)
    assert workers.pids() == () and workers.at_once == 1


def test_processes_end_with_the_page_however_it_ends(sample_copy: Library) -> None:
    program = """
import os, sys, threading, time
from ui.workers import Put, Workers
class Meeting:
    barrier = threading.Barrier(2)
    def ask(self, question, **_):
        self.barrier.wait()
if __name__ == "__main__":
    workers = Workers(sys.argv[1], 2)
    here = Meeting()
    for _ in range(2):
        threading.Thread(target=workers.ask, args=(Put(question="?"), here)).start()
    while len(workers.pids()) < 2:
        time.sleep(0.02)
    print(*workers.pids(), flush=True)
    os.kill(os.getpid(), 9)
"""
    script = sample_copy.path.parent / "page.py"
    script.write_text(program)
    done = subprocess.run(
        [sys.executable, str(script), str(sample_copy.path)],
        capture_output=True,
        text=True,
        timeout=120,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[1])},
    )
    pids = [int(word) for word in done.stdout.split()]
    assert len(pids) == 2, done.stderr
    _until(lambda: not any(_runs(pid) for pid in pids))


def _runs(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state != "Z"
