"""The `askpapers eval` commands: output, files and exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evals.run import RunPlan, answer_questions
from rag.errors import QuestionFileError
from tests.eval_samples import PAPERS, ScriptedEngine, answer, question, silence
from ui.cli_eval import app

ASKED = (question(question_id="a", question="A?"), question(question_id="b", question="B?"))


@pytest.fixture
def folders(tmp_path: Path) -> tuple[Path, Path]:
    """A run that answers both questions and one that refuses the second."""
    plan = RunPlan(questions=ASKED, library={"fingerprint": "f", "n_papers": 2})
    good = ScriptedEngine({"A?": answer(question="A?"), "B?": answer(question="B?")})
    shy = ScriptedEngine({"A?": answer(question="A?"), "B?": silence(question="B?")})
    for name, engine in (("good", good), ("shy", shy)):
        answer_questions(engine, plan, tmp_path / name, papers=PAPERS)
    return tmp_path / "good", tmp_path / "shy"


def call(*arguments: object) -> tuple[int, str]:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], env={"COLUMNS": "80", "TERM": "dumb"})
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result.exit_code, result.stdout


def test_score_prints_a_table_of_80_columns_and_writes_its_files(folders: tuple[Path, Path]) -> None:
    code, out = call("score", folders[0], "--html")
    assert code == 0
    assert "facts_stated" in out and "named" in out
    assert max(len(line) for line in out.splitlines() if str(folders[0]) not in line) <= 80
    assert {path.name for path in folders[0].iterdir()} >= {"scores.jsonl", "summary.json", "report.html"}


def test_score_as_json_is_the_summary(folders: tuple[Path, Path]) -> None:
    code, out = call("score", folders[1], "--json")
    record = json.loads(out)
    assert code == 0
    assert record["measures"]["answerable_refused"]["mean"] == 0.5
    assert not (folders[1] / "report.html").exists()


def test_a_broken_gate_ends_with_one_and_one_that_holds_with_zero(folders: tuple[Path, Path]) -> None:
    assert call("score", folders[0], "--gate", "facts_stated>=1")[0] == 0
    code, out = call("score", folders[1], "--gate", "facts_stated>=1", "--gate", "mrr>=0.5")
    assert code == 1
    assert "broken: facts_stated>=1" in out and "held: mrr>=0.5" in out
    assert call("compare", folders[0], folders[1], "--gate", "facts_stated drop<=0.02")[0] == 1
    assert call("compare", folders[0], folders[1], "--gate", "facts_stated drop<=0.5")[0] == 0


@pytest.mark.parametrize("gate", ["facts_stated", "nonsense>=1", "facts_stated drop<=0.1"])
def test_gates_that_cannot_be_used_are_wrong_usage(folders: tuple[Path, Path], gate: str) -> None:
    assert call("score", folders[0], "--gate", gate)[0] == 2


def test_compare_shows_which_questions_got_worse(folders: tuple[Path, Path]) -> None:
    code, out = call("compare", *folders)
    assert code == 0
    assert "Worse (1)" in out and "B?" in out and "Better" not in out
    record = json.loads(call("compare", *folders, "--json")[1])
    assert record["n_shared"] == 2
    assert [moved["question_id"] for moved in record["worse"]] == ["b"]


def test_scoring_against_other_questions(folders: tuple[Path, Path], tmp_path: Path) -> None:
    other = tmp_path / "other.jsonl"
    other.write_text(json.dumps(question(question_id="a", question="A?", facts=(("otter",),)).to_dict()) + "\n")
    record = json.loads(call("score", folders[0], "--questions", other, "--json")[1])
    assert record["n_questions"] == 1
    assert record["measures"]["facts_stated"]["mean"] == 0.0


def test_what_cannot_be_read_is_raised_for_the_caller(tmp_path: Path) -> None:
    with pytest.raises(QuestionFileError):
        call("score", tmp_path)
    with pytest.raises(QuestionFileError):
        call("retrieval", tmp_path)


def test_no_command_is_wrong_usage_and_help_names_all() -> None:
    assert call()[0] == 2
    code, out = call("--help")
    assert code == 0
    assert all(name in out for name in ("run", "score", "compare", "retrieval"))
