"""Runs: resumed after a kill, one process at a time, failures kept as rows, scored from the folder alone."""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from filelock import FileLock

from evals.run import RunPlan, answer_questions, read_run
from evals.score import score_run, write_scores
from rag.errors import QuestionFileError
from rag.schema import Answer, Turn
from tests.eval_samples import KITE, PAPERS, ScriptedEngine, answer, question, silence

ASKED = (
    question(question_id="a", question="A?"),
    question(question_id="b", question="B?", history=(Turn(role="user", text="before"),)),
    question(question_id="c", question="C?", kind="unanswerable", answerable=False, relevant={}, facts=()),
)
PLAN = RunPlan(questions=ASKED, library={"fingerprint": "f1", "n_papers": 2})


def engine() -> ScriptedEngine:
    return ScriptedEngine({"A?": answer(question="A?"), "B?": answer(question="B?"), "C?": silence(question="C?")})


def rows(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "answers.jsonl").read_text().splitlines()]


def test_a_run_writes_one_line_an_answer_and_says_how_it_was_made(tmp_path: Path) -> None:
    heard: list[tuple[int, int]] = []
    asker = engine()
    report = answer_questions(asker, PLAN, tmp_path, papers=PAPERS, progress=lambda n, of: heard.append((n, of)))
    assert [row["question_id"] for row in rows(tmp_path)] == ["a", "b", "c"]
    assert asker.histories[1] == ASKED[1].history
    assert heard == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert (report.n_questions, report.n_kept, report.n_errors) == (3, 0, 0)
    info = json.loads((tmp_path / "run.json").read_text())
    assert info["library"]["fingerprint"] == "f1"
    assert info["finished"] is True
    assert "numpy" in info["versions"]
    papers = [json.loads(line) for line in (tmp_path / "papers.jsonl").read_text().splitlines()]
    assert papers == [{"paper_id": "kite", "title": KITE.title, "abstract": KITE.abstract}]


def test_a_run_killed_in_the_middle_of_a_line_goes_on(tmp_path: Path) -> None:
    answer_questions(engine(), PLAN, tmp_path, papers=PAPERS)
    whole = (tmp_path / "answers.jsonl").read_bytes()
    for cut in (0, 1, whole.index(b"\n"), whole.index(b"\n") + 1, whole.index(b"\n") + 30, len(whole) - 1, len(whole)):
        (tmp_path / "answers.jsonl").write_bytes(whole[:cut])
        asker = engine()
        answer_questions(asker, PLAN, tmp_path, papers=PAPERS)
        assert (tmp_path / "answers.jsonl").read_bytes() == whole
        n_complete = sum(len(line) <= cut - start for start, line in _lines(whole))
        assert len(asker.asked) == 3 - n_complete


def _lines(data: bytes) -> list[tuple[int, bytes]]:
    """Start and text, without the line end, of each line: a line cut before its end is complete JSON already."""
    starts, at = [], 0
    for line in data.split(b"\n")[:-1]:
        starts.append((at, line))
        at += len(line) + 1
    return starts


def test_a_torn_line_of_cited_papers_is_mended(tmp_path: Path) -> None:
    answer_questions(engine(), PLAN, tmp_path, papers=PAPERS)
    whole = (tmp_path / "papers.jsonl").read_bytes()
    (tmp_path / "papers.jsonl").write_bytes(whole[:20])
    (tmp_path / "answers.jsonl").write_bytes(b"")
    answer_questions(engine(), PLAN, tmp_path, papers=PAPERS)
    assert (tmp_path / "papers.jsonl").read_bytes() == whole


def test_a_finished_run_asks_nothing(tmp_path: Path) -> None:
    answer_questions(engine(), PLAN, tmp_path, papers=PAPERS)
    asker = engine()
    assert answer_questions(asker, PLAN, tmp_path, papers=PAPERS).n_kept == 3
    assert asker.asked == []


def test_a_failing_question_is_a_row_with_its_error_and_is_asked_again(tmp_path: Path) -> None:
    failing = ScriptedEngine(engine().answers | {"B?": ValueError("no\nluck")})
    assert answer_questions(failing, PLAN, tmp_path, papers=PAPERS).n_errors == 1
    assert rows(tmp_path)[1]["error"] == "ValueError: no\nluck"
    asker = engine()
    assert answer_questions(asker, PLAN, tmp_path, papers=PAPERS).n_errors == 0
    assert asker.asked == ["B?"]
    assert sorted(row["question_id"] for row in rows(tmp_path)) == ["a", "b", "c"]


@pytest.mark.parametrize(
    "other",
    [
        RunPlan(questions=ASKED, library={"fingerprint": "f2"}),
        RunPlan(questions=ASKED[:2], library={"fingerprint": "f1"}),
        RunPlan(questions=ASKED, library={"fingerprint": "f1"}, settings={"llm": "openai/x"}),
    ],
)
def test_a_folder_is_never_shared_by_different_runs(tmp_path: Path, other: RunPlan) -> None:
    answer_questions(engine(), PLAN, tmp_path, papers=PAPERS)
    with pytest.raises(QuestionFileError, match="changed since"):
        answer_questions(engine(), other, tmp_path, papers=PAPERS)


def test_a_second_process_is_turned_away(tmp_path: Path) -> None:
    with FileLock(tmp_path / "run.lock"), pytest.raises(QuestionFileError, match="another process"):
        answer_questions(engine(), PLAN, tmp_path, papers=PAPERS)


def test_questions_are_answered_at_the_same_time_up_to_the_limit(tmp_path: Path) -> None:
    class Meeting:
        """Answers only when two questions are in it at once."""

        def __init__(self) -> None:
            self.barrier = threading.Barrier(2, timeout=20)
            self.inside, self.most = 0, 0
            self.lock = threading.Lock()

        def ask(self, question: str, *, history: Sequence[Turn] = ()) -> Answer:
            with self.lock:
                self.inside += 1
                self.most = max(self.most, self.inside)
            self.barrier.wait()
            with self.lock:
                self.inside -= 1
            return answer(question=question)

    meeting = Meeting()
    plan = RunPlan(questions=tuple(question(question_id=f"{n}") for n in range(6)), library={"fingerprint": "f"})
    answer_questions(meeting, plan, tmp_path, papers=PAPERS, concurrency=2)
    assert meeting.most == 2
    assert sorted(row["question_id"] for row in rows(tmp_path)) == list("012345")
    assert not any(row["error"] for row in rows(tmp_path))


def test_a_run_is_scored_from_its_folder_and_unanswered_questions_count_as_zero(tmp_path: Path) -> None:
    answer_questions(engine(), PLAN, tmp_path, papers=PAPERS)
    path = tmp_path / "answers.jsonl"
    path.write_text("".join(path.read_text().splitlines(keepends=True)[1:]))
    scored = score_run(read_run(tmp_path))
    facts = scored.means["facts_stated"]
    assert (facts.mean, facts.n, facts.n_not_applicable, facts.n_missing) == (0.5, 2, 1, 1)
    assert scored.means["quality"].mean == pytest.approx(2 / 3)
    assert scored.means_by_kind["unanswerable"]["unanswerable_refused"].mean == 1.0
    assert scored.means["quote_fidelity"].mean == 0.5
    write_scores(scored, tmp_path)
    lines = [json.loads(line) for line in (tmp_path / "scores.jsonl").read_text().splitlines()]
    assert {
        "question_id": "a",
        "kind": "named",
        "measure": "facts_stated",
        "value": 0.0,
        "reason": "no answer",
    } in lines
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert (summary["n_questions"], summary["n_not_answered"], summary["n_errors"]) == (3, 1, 0)
    assert summary["measures"]["facts_stated"]["n"] == 2
    assert summary["by_kind"]["named"]["measures"]["facts_stated"]["mean"] == 0.5


def test_scoring_twice_gives_the_same_bytes(tmp_path: Path) -> None:
    answer_questions(engine(), PLAN, tmp_path, papers=PAPERS)
    write_scores(score_run(read_run(tmp_path)), tmp_path)
    first = [(tmp_path / name).read_bytes() for name in ("scores.jsonl", "summary.json")]
    write_scores(score_run(read_run(tmp_path)), tmp_path)
    assert [(tmp_path / name).read_bytes() for name in ("scores.jsonl", "summary.json")] == first


def test_a_folder_without_a_run_says_how_to_make_one(tmp_path: Path) -> None:
    with pytest.raises(QuestionFileError, match="askpapers eval run"):
        read_run(tmp_path)
