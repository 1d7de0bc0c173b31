"""The evaluation's commands on real libraries, small ones."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from evals.files import write_jsonl
from tests.eval_samples import PAPERS, answer, question
from ui.cli_eval import app

CORPUS = {
    "heron": "Herons stand still in shallow water and spear small fish.",
    "yeast": "Yeast turns sugar into alcohol and carbon dioxide when oxygen is scarce.",
    "quake": "Earthquake waves travel faster through dense rock than through sand.",
}
QUERIES = {"q1": ("how do herons catch fish", "heron"), "q2": ("what does yeast make from sugar", "yeast")}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    root = tmp_path / "tiny"
    (root / "qrels").mkdir(parents=True)
    corpus = [json.dumps({"_id": name, "title": "", "text": text}) for name, text in CORPUS.items()]
    queries = [json.dumps({"_id": name, "text": text}) for name, (text, _) in QUERIES.items()]
    (root / "corpus.jsonl").write_text("\n".join(corpus))
    (root / "queries.jsonl").write_text("\n".join(queries))
    judged = [f"{name}\t{relevant}\t1" for name, (_, relevant) in QUERIES.items()]
    (root / "qrels" / "test.tsv").write_text("\n".join(["query-id\tcorpus-id\tscore", *judged]))
    return root


def test_search_is_measured_on_a_library_that_is_built_once(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {"ASKPAPERS_CACHE": str(tmp_path / "cache"), "COLUMNS": "80"}
    first = CliRunner().invoke(app, ["retrieval", str(folder), "--json"], env=environment, catch_exceptions=False)
    (split,) = json.loads(first.stdout)["splits"]
    assert split["n_queries"] == 2
    for mode in ("keyword", "dense", "hybrid"):
        assert split["modes"][mode]["nDCG@10"]["mean"] == 1.0, mode

    def refuse(*arguments: object, **options: object) -> None:
        raise AssertionError("the library was built again")

    monkeypatch.setattr("ingest.pipeline.add_papers", refuse)
    second = CliRunner().invoke(app, ["retrieval", str(folder)], env=environment, catch_exceptions=False)
    assert second.exit_code == 0
    assert "hybrid" in second.stdout
    assert max(len(line) for line in second.stdout.splitlines()) <= 80


def test_abstracts_that_a_run_does_not_keep_are_looked_up_in_a_library(tmp_path: Path) -> None:
    from ingest.pipeline import add_papers
    from rag import Library

    cache = tmp_path / "cache"
    library = Library.create(tmp_path / "library", cache=cache)
    add_papers(library, PAPERS.values())
    library.close()
    run = tmp_path / "run"
    run.mkdir()
    write_jsonl(run / "questions.jsonl", [question().to_dict()])
    write_jsonl(run / "answers.jsonl", [answer().to_dict()])
    environment = {"ASKPAPERS_CACHE": str(cache)}

    def fidelity(*options: str) -> dict[str, float | None]:
        result = CliRunner().invoke(
            app, ["score", str(run), "--json", *options], env=environment, catch_exceptions=False
        )
        measured: dict[str, float | None] = json.loads(result.stdout)["measures"]["quote_fidelity"]
        return measured

    assert fidelity()["mean"] is None
    assert fidelity("--library", str(tmp_path / "library"))["mean"] == 1.0


def test_questions_are_answered_from_a_library_and_scored(tmp_path: Path) -> None:
    from ingest.pipeline import add_papers
    from rag import Library

    cache = tmp_path / "cache"
    library = Library.create(tmp_path / "library", cache=cache)
    add_papers(library, PAPERS.values())
    library.close()
    write_jsonl(tmp_path / "questions.jsonl", [question().to_dict()])
    where = ["--library", str(tmp_path / "library"), "--out", str(tmp_path / "run")]
    command = ["run", str(tmp_path / "questions.jsonl"), *where]
    environment = {"ASKPAPERS_CACHE": str(cache), "COLUMNS": "80"}
    ran = CliRunner().invoke(app, command, env=environment, catch_exceptions=False)
    assert ran.exit_code == 0, ran.stderr
    assert "1 answer in" in ran.stdout
    again = CliRunner().invoke(app, command, env=environment, catch_exceptions=False)
    assert "1 of them from before" in again.stdout
    scored = CliRunner().invoke(
        app, ["score", str(tmp_path / "run"), "--json"], env=environment, catch_exceptions=False
    )
    measures = json.loads(scored.stdout)["measures"]
    assert measures["recall@5"]["mean"] == 1.0
    assert measures["quote_fidelity"]["mean"] in (1.0, None)


def test_a_question_about_a_paper_that_is_not_there_is_refused_with_its_line(tmp_path: Path) -> None:
    from rag import Library
    from rag.errors import QuestionFileError

    cache = tmp_path / "cache"
    Library.create(tmp_path / "library", cache=cache).close()
    write_jsonl(tmp_path / "q.jsonl", [question().to_dict()])
    command = ["run", str(tmp_path / "q.jsonl"), "--library", str(tmp_path / "library"), "--out", str(tmp_path / "run")]
    with pytest.raises(QuestionFileError, match=r"q\.jsonl:1: relevant paper"):
        CliRunner().invoke(app, command, env={"ASKPAPERS_CACHE": str(cache)}, catch_exceptions=False)
    assert not (tmp_path / "run").exists()
