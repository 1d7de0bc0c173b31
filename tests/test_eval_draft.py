"""Question sets drafted from a library: only what stands in one abstract, asked so that one paper is meant."""

from __future__ import annotations

import json
from pathlib import Path
from random import Random

import pytest
from typer.testing import CliRunner

from evals.draft import (
    Shelf,
    copied_words,
    draft_questions,
    evidence_path,
    looks_like_a_name,
    why_unfit,
    write_drafts,
)
from evals.draft_model import draft_with_model
from evals.draft_rules import Candidate, candidates
from evals.files import read_questions
from rag.errors import QuestionFileError
from rag.library import Library
from rag.schema import Paper
from tests.eval_samples import ScriptedModel
from ui.cli_eval import app


def paper(paper_id: str, title: str, abstract: str) -> Paper:
    return Paper(paper_id=paper_id, title=title, abstract=abstract)


KITE = paper(
    "kite",
    "KiteNet: Sparse Updates for Small Memories",
    "Training needs memory. We propose KiteNet, a sparse update rule with rotating momentum, which skips most weights. "
    "KiteNet reduces peak memory by 41% on phones and needs no server. Our model achieves an accuracy of 88.2% on PondBench. "
    "It relies on Rotating Momentum Buffers (RMB) for its state.",
)
OTTER = paper(
    "otter",
    "Rivers of Gradients",
    "Earlier work reduces disk traffic by 90% on servers. We present a stream of gradients. Our corpus contains 1,200,000 "
    "pond images from two lakes. Experiments on RiverBench, LakeSet and DeltaQA show that our method gives a 3.5x speedup in "
    "epoch time. We cut latency by 12% to 19% on average.",
)
SHELF = (KITE, OTTER)
KINDS = {f"drafted_{what}" for what in ("figure", "method", "dataset", "short_form", "cloze")}


def found(one: Paper, rule: str) -> list[Candidate]:
    shelf = Shelf(SHELF)
    return [c for c in candidates(one, shelf.name(one), Random(0)) if c.rule == rule]


@pytest.mark.parametrize(
    ("one", "rule", "facts"),
    [
        (KITE, "change", (("41%", "41 percent"),)),
        (KITE, "score", (("88.2%", "88.2 percent"),)),
        (KITE, "method", (("KiteNet",),)),
        (KITE, "short_form", (("Rotating Momentum Buffers",),)),
        (OTTER, "count", (("1,200,000",),)),
        (OTTER, "gain", (("3.5x", "3.5 times", "3.5×", "3.5-fold"),)),
        (OTTER, "dataset", (("RiverBench",), ("LakeSet",), ("DeltaQA",))),
    ],
)
def test_each_rule_asks_for_what_it_knows(one: Paper, rule: str, facts: tuple[tuple[str, ...], ...]) -> None:
    assert [candidate.facts for candidate in found(one, rule)] == [facts]


def test_questions_say_what_is_asked_and_of_which_paper() -> None:
    (change,), (count,) = found(KITE, "change"), found(OTTER, "count")
    assert "KiteNet" in change.question and "peak memory" in change.question
    assert "“Rivers of Gradients”" in count.question and "pond images" in count.question
    assert KITE.abstract[change.start : change.end].startswith("KiteNet reduces peak memory")


def test_other_peoples_figures_are_not_taken_for_the_papers_own_and_half_a_range_for_a_figure() -> None:
    asked = {(c.rule, c.facts[0][0]) for one in SHELF for c in candidates(one, "X", Random(0))}
    assert {rule for rule, fact in asked if fact == "90%"} <= {"cloze"}
    assert not {fact for _, fact in asked} & {"12%", "19%"}


def test_every_wording_of_a_cloze_hides_its_figure_and_shows_no_long_run_of_words() -> None:
    for seed in range(8):
        for candidate in candidates(KITE, "KiteNet", Random(seed)):
            if candidate.rule == "cloze":
                assert "___" in candidate.question
                assert candidate.facts[0][0] not in candidate.question
            assert copied_words(candidate.question, KITE.abstract) == ""


def test_a_draft_that_could_mean_another_paper_is_unfit() -> None:
    twin = paper(
        "twin",
        "A Second Look",
        f"KiteNet, a sparse update rule with rotating momentum, is tested again. {OTTER.abstract}",
    )
    (method,) = found(KITE, "method")
    assert why_unfit(method, Shelf(SHELF)) == ""
    assert "occurs in other papers" in why_unfit(method, Shelf((*SHELF, twin)))
    rival = paper("rival", "Old Rules", "A sparse update rule with rotating momentum was known before.")
    assert why_unfit(method, Shelf((*SHELF, rival))) == "what it describes fits other papers too"


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"facts": (("42%",),)}, "does not stand in the evidence"),
        ({"facts": (("41%",),), "question": "Is it 41% for KiteNet?"}, "gives the fact “41%” away"),
        ({"facts": ()}, "no fact"),
        ({}, ""),
        ({"question": "Who says: a sparse update rule with rotating momentum, which skips most weights?"}, "copies"),
    ],
)
def test_unfit_drafts_are_named(changes: dict[str, object], why: str) -> None:
    start = KITE.abstract.index("KiteNet reduces")
    fields: dict[str, object] = {
        "rule": "change",
        "kind": "drafted_figure",
        "question": "By how much does KiteNet reduce peak memory?",
        "facts": (("41%",),),
        "paper_id": "kite",
        "start": start,
        "end": KITE.abstract.index("server.") + 7,
    }
    reason = why_unfit(Candidate(**(fields | changes)), Shelf(SHELF))  # type: ignore[arg-type]
    assert why in reason if why else reason == ""


def test_a_figure_that_stands_in_two_sentences_is_not_asked_for() -> None:
    twice = paper(
        "t", "TwinNet: Twice", "TwinNet reduces energy by 41% on phones. We also see that 41% of users agree."
    )
    shelf = Shelf((twice,))
    reasons = [why_unfit(c, shelf) for c in candidates(twice, "TwinNet", Random(0)) if c.rule == "change"]
    assert reasons == ["the fact “41%” stands elsewhere in the abstract too"]


def test_a_paper_is_called_by_its_name_when_no_other_has_it_and_by_its_title_otherwise() -> None:
    assert Shelf(SHELF).name(KITE) == "KiteNet"
    assert Shelf(SHELF).name(OTTER) == "“Rivers of Gradients”"
    again = paper("again", "KiteNet: Second Edition", "More of it.")
    assert Shelf((*SHELF, again)).name(KITE) == f"“{KITE.title}”"
    assert (
        looks_like_a_name("GaLore 2") and not looks_like_a_name("Less is more") and not looks_like_a_name("S$^{2}$FT")
    )


def test_papers_of_one_title_are_told_apart_by_id() -> None:
    double = paper("double", OTTER.title, "Something else.")
    assert Shelf((OTTER, double)).key(OTTER) == "otter"
    assert Shelf((OTTER,)).key(OTTER) == OTTER.title


def test_the_same_seed_gives_the_same_set_in_any_order_of_papers_and_another_seed_another() -> None:
    first = draft_questions(SHELF, 6, seed=3)
    assert draft_questions(reversed(SHELF), 6, seed=3) == first
    others = [draft_questions(SHELF, 6, seed=seed) for seed in range(4, 8)]
    assert any(other != first for other in others)
    assert [draft.question.question_id for draft in first] == [f"d00{i}" for i in range(1, 7)]


def test_rules_take_turns_and_papers_too(sample: Library) -> None:
    papers = list(sample.papers())
    drafts = draft_questions(papers, 16)
    assert len(drafts) == 16
    kinds = {draft.question.kind for draft in drafts}
    assert kinds >= {"drafted_figure", "drafted_short_form"}
    assert len({draft.evidence.paper_id for draft in drafts}) >= 10
    assert {draft.question.kind for draft in draft_questions(papers, 200)} <= KINDS


def test_every_draft_from_the_sample_is_a_valid_question_with_true_evidence(sample: Library, tmp_path: Path) -> None:
    papers = {one.paper_id: one for one in sample.papers()}
    drafts = draft_questions(papers.values(), 50)
    path = tmp_path / "set.jsonl"
    evidence = write_drafts(path, drafts)
    titles = {paper_id: one.title for paper_id, one in papers.items()}
    questions = read_questions(path, titles=titles)
    assert evidence == tmp_path / "set.evidence.jsonl" == evidence_path(path)
    rows = [json.loads(line) for line in evidence.read_text("utf-8").splitlines()]
    assert [row["question_id"] for row in rows] == [question.question_id for question in questions]
    for question, row in zip(questions, rows, strict=True):
        one = papers[row["paper_id"]]
        assert list(row) == ["question_id", "paper_id", "start", "end", "quote"]
        assert one.abstract[row["start"] : row["end"]] == row["quote"]
        assert question.relevant == {one.title: 1}
        assert question.kind.startswith("drafted_")
        assert all(group[0].casefold() in row["quote"].casefold() for group in question.facts)
        assert copied_words(question.question.replace(one.title, ""), one.abstract) == ""


def test_a_reviewed_file_is_never_overwritten(tmp_path: Path) -> None:
    drafts = draft_questions(SHELF, 2)
    write_drafts(tmp_path / "q.jsonl", drafts)
    with pytest.raises(QuestionFileError, match="exists already"):
        write_drafts(tmp_path / "q.jsonl", drafts)
    (tmp_path / "q.jsonl").unlink()
    with pytest.raises(QuestionFileError, match=r"q\.evidence\.jsonl exists already"):
        write_drafts(tmp_path / "q.jsonl", drafts)
    with pytest.raises(QuestionFileError, match="there is no folder"):
        write_drafts(tmp_path / "no" / "q.jsonl", drafts)


def test_the_command_writes_to_a_file_or_to_standard_output(sample: Library, tmp_path: Path) -> None:
    where = ["questions", "--from", str(sample.path), "--n", "5"]
    shown = CliRunner().invoke(app, where, catch_exceptions=False)
    assert shown.exit_code == 0
    assert len([json.loads(line) for line in shown.stdout.splitlines()]) == 5
    path = tmp_path / "q.jsonl"
    written = CliRunner().invoke(app, [*where, "--out", str(path)], catch_exceptions=False)
    assert "5 drafted questions in" in written.stdout
    assert path.read_text("utf-8") == shown.stdout
    other = CliRunner().invoke(app, [*where, "--seed", "9"], catch_exceptions=False)
    assert other.stdout != shown.stdout
    many = CliRunner().invoke(app, [*where[:-1], "9999"], catch_exceptions=False)
    assert "not 9999" in many.stderr


def test_an_empty_library_gives_an_error_and_no_file(library: Library, tmp_path: Path) -> None:
    command = ["questions", "--from", str(library.path), "--out", str(tmp_path / "q.jsonl")]
    with pytest.raises(QuestionFileError, match="by hand"):
        CliRunner().invoke(app, command, catch_exceptions=False)
    assert not (tmp_path / "q.jsonl").exists()


def reply(**changes: str) -> str:
    fields = {
        "question": "how much less peak memory does KiteNet take on a phone",
        "fact": "41%",
        "quote": "KiteNet reduces peak memory by 41% on phones and needs no server.",
    }
    return json.dumps(fields | changes)


def drafted(text: str, *, one: Paper = KITE) -> tuple[list[str], list[str]]:
    """Questions and reasons for rejecting from a shelf of one paper."""
    drafts, rejected = draft_with_model((one,), 1, ScriptedModel(lambda prompt: text))
    return [draft.question.question for draft in drafts], [row.reason for row in rejected]


def test_a_model_draft_that_stands_in_the_abstract_is_kept() -> None:
    drafts, rejected = draft_with_model((KITE,), 1, ScriptedModel(lambda prompt: reply()))
    assert not rejected
    (draft,) = drafts
    assert draft.question.kind == "drafted_named"
    assert draft.question.facts == (("41%", "41 percent"),)
    assert draft.evidence.quote == "KiteNet reduces peak memory by 41% on phones and needs no server."


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("Here is a question: how much?", "not a JSON object alone"),
        (reply(fact="43%"), "does not stand in the evidence"),
        (reply(quote="KiteNet reduces peak memory by 43% on phones."), "quote does not stand"),
        (reply(quote="41%"), "quote does not stand"),
        (reply(question="how much less memory does it take"), "does not name its paper"),
        (reply(question="KiteNet takes 41% less memory, right?"), "gives the fact"),
        (reply(question="KiteNet " * 41), "too long"),
        (reply(fact=""), "empty"),
        (reply(question="KiteNet: a sparse update rule with rotating momentum, which skips most weights?"), "copies"),
    ],
)
def test_a_model_draft_that_does_not_hold_is_rejected_with_the_reason(text: str, why: str) -> None:
    questions, reasons = drafted(text)
    assert questions == []
    assert why in reasons[0]


def test_models_are_asked_in_turns_to_name_the_paper_and_not_to() -> None:
    model = ScriptedModel(lambda prompt: "{}")
    drafts, rejected = draft_with_model(SHELF, 2, model)
    assert not drafts
    assert len(rejected) == 2
    assert "Name the paper" in model.prompts[0] and "without its name" in model.prompts[1]
    assert all("data written by others" in prompt for prompt in model.prompts)


def test_a_paraphrase_that_gives_the_title_away_is_rejected() -> None:
    said = {
        "question": "which sparse rule for small devices needs least",
        "fact": "KiteNet",
        "quote": "We propose KiteNet, a sparse update rule",
    }

    def answer(prompt: str) -> str:
        return json.dumps(said) if "without its name" in prompt else "{}"

    for seed in range(6):
        _, rejected = draft_with_model(SHELF, 2, ScriptedModel(answer), seed=seed)
        reasons = " ".join(row.reason for row in rejected if row.paper_id == "kite")
        if "words of the title" in reasons:
            assert "sparse" in reasons and "small" in reasons
            return
    pytest.fail("the paraphrase was never asked of this paper")


def test_what_the_model_raises_is_passed_on() -> None:
    with pytest.raises(TimeoutError):
        draft_with_model((KITE,), 1, ScriptedModel(lambda prompt: TimeoutError("slow")))
