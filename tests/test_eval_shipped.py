"""The question sets that ship with the project: valid, true to the papers, and answered as well as they have been."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from evals.answers import fold
from evals.compare import gates_of
from evals.files import read_questions
from evals.gates import parse_gate
from evals.run import RunPlan, answer_questions, read_run
from evals.schema import Question, Scored
from evals.score import score_run, write_scores
from rag import Engine
from rag.library import Library
from rag.schema import Paper

FOLDER = Path(__file__).parent.parent / "evals" / "questions"
SETS = sorted(FOLDER.glob("*.jsonl"))
KINDS = {"named", "paraphrase", "multi", "unanswerable", "false_premise", "metadata", "followup"}
COPIED_WORDS = 9


@pytest.fixture(scope="module")
def seed_papers(seeds: Path) -> dict[str, Paper]:
    from ingest.merge import merge
    from ingest.sources.files import read_source

    read = (paper for portion in read_source(str(seeds)) for paper in portion.papers)
    return {paper.title: paper for paper in merge(read)}


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_every_set_is_in_the_documented_format_with_ids_of_its_own(path: Path) -> None:
    questions = read_questions(path)
    assert {question.kind for question in questions} <= KINDS
    asked = Counter((question.history, fold(question.question)) for question in questions)
    assert [pair for pair, n in asked.items() if n > 1] == []


@pytest.mark.parametrize("path", SETS, ids=lambda path: path.stem)
def test_every_question_has_what_its_kind_needs(path: Path) -> None:
    for question in read_questions(path):
        name = question.question_id
        assert question.answerable == (question.kind != "unanswerable"), name
        assert bool(question.history) == (question.kind == "followup"), name
        if question.answerable:
            assert question.facts or question.relevant_papers, name
        else:
            assert not question.facts and not question.relevant_papers, name


def test_the_development_set_is_large_and_of_every_kind() -> None:
    kinds = Counter(question.kind for question in read_questions(FOLDER / "seeds.jsonl"))
    assert kinds.total() >= 150
    assert kinds["followup"] >= 20
    assert set(kinds) == KINDS


@pytest.mark.parametrize("name", ["seeds.jsonl", "seeds_limits.jsonl"])
def test_the_development_sets_name_papers_that_exist_and_facts_that_they_state(
    name: str, seed_papers: dict[str, Paper]
) -> None:
    titles = {paper.paper_id: paper.title for paper in seed_papers.values()}
    questions = read_questions(FOLDER / name, titles=titles)
    assert unstated(questions, seed_papers) == []


def test_the_sample_set_names_papers_that_exist_and_facts_that_they_state(sample: Library) -> None:
    papers = {paper.title: paper for paper in sample.papers()}
    questions = read_questions(FOLDER / "sample.jsonl", titles={p.paper_id: p.title for p in papers.values()})
    assert unstated(questions, papers) == []


def unstated(questions: tuple[Question, ...], papers: dict[str, Paper]) -> list[tuple[str, str]]:
    """Facts of which no wording stands in a relevant paper. What is counted over the library stands in none."""
    missing = []
    for question in questions:
        if question.kind != "metadata":
            relevant = [papers[title] for title in question.relevant_papers]
            text = fold("\n".join(f"{paper.title}\n{paper.abstract}" for paper in relevant))
            missing += [
                (question.question_id, group[0])
                for group in question.facts
                if not any(fold(alternative) in text for alternative in group)
            ]
    return missing


def test_no_question_repeats_nine_words_of_an_abstract(seed_papers: dict[str, Paper]) -> None:
    runs: dict[tuple[str, ...], str] = {}
    for paper in seed_papers.values():
        runs.update(dict.fromkeys(word_runs(paper.abstract), paper.title))
    for path in SETS:
        for question in read_questions(path):
            for text in (question.question, *(turn.text for turn in question.history)):
                for run in word_runs(text):
                    assert run not in runs, f"{path.name} {question.question_id}: {' '.join(run)} ({runs.get(run)})"


def word_runs(text: str) -> list[tuple[str, ...]]:
    words = re.findall(r"\w+", text.casefold())
    return [tuple(words[at : at + COPIED_WORDS]) for at in range(len(words) - COPIED_WORDS + 1)]


@pytest.fixture(scope="module")
def sample_scores(sample: Library, tmp_path_factory: pytest.TempPathFactory) -> Scored:
    """The sample's questions, answered without a model and scored: every step that a user takes."""
    papers = {paper.paper_id: paper for paper in sample.papers()}
    titles = {paper_id: paper.title for paper_id, paper in papers.items()}
    status = sample.status()
    plan = RunPlan(
        questions=read_questions(FOLDER / "sample.jsonl", titles=titles),
        library=status.to_dict() | {"fingerprint": status.fingerprint},
    )
    folder = tmp_path_factory.mktemp("runs") / "sample"
    report = answer_questions(Engine(sample), plan, folder, papers=papers)
    assert report.first_error is None
    scored = score_run(read_run(folder))
    write_scores(scored, folder)
    return scored


# Quotes and markers are made by code, so nothing but all of them will do. The other limits stand a little below what was
# measured (facts 0.96 of 22 questions, refusals 5 of 6, no answerable question refused), so that one question more or less
# does not break them and a real loss does: one refused question is 0.17 of `unanswerable_refused`, 0.05 of the others.
@pytest.mark.parametrize(
    "gate",
    [
        "quote_fidelity>=1",
        "citation_validity>=1",
        "facts_stated>=0.9",
        "unanswerable_refused>=0.66",
        "answerable_refused<=0.05",
        "recall@5>=0.93",
    ],
)
def test_the_samples_questions_are_answered_as_well_as_they_have_been(sample_scores: Scored, gate: str) -> None:
    (result,) = gates_of(sample_scores, [parse_gate(gate)])
    assert result.held, result.text
