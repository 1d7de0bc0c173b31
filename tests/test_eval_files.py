"""Question sets and answers in files: everything wrong is reported at once, with file and line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from evals.files import read_questions, write_jsonl
from evals.rows import read_answers
from rag.errors import QuestionFileError
from rag.schema import Turn
from tests.eval_samples import KITE, PAPERS, answer, question

TITLES = {name: paper.title for name, paper in PAPERS.items()}


def write(path: Path, *lines: object) -> Path:
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    path.write_text("\n".join(texts) + "\n", encoding="utf-8")
    return path


def problems_of(path: Path, *, titles: dict[str, str] | None = None) -> str:
    with pytest.raises(QuestionFileError) as caught:
        read_questions(path, titles=titles)
    return str(caught.value)


def test_questions_survive_writing_and_reading(tmp_path: Path) -> None:
    asked = question(history=(Turn(role="user", text="Hallo\u2028Welt"),), forbidden=("no",), line=1)
    write_jsonl(tmp_path / "q.jsonl", [asked.to_dict()])
    assert read_questions(tmp_path / "q.jsonl", titles=TITLES) == (asked,)


def test_only_id_and_question_are_needed(tmp_path: Path) -> None:
    (read,) = read_questions(write(tmp_path / "q.jsonl", {"question_id": "a", "question": "b?"}))
    assert (read.kind, read.answerable, read.facts, read.relevant) == ("other", True, (), {})


def test_a_byte_order_mark_and_blank_lines_are_no_problem(tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(b'\xef\xbb\xbf{"question_id": "a", "question": "b"}\r\n\r\n{"question_id": "c", "question": "d"}')
    assert [(q.question_id, q.line) for q in read_questions(path)] == [("a", 1), ("c", 3)]


def test_all_problems_come_in_one_message_with_their_lines(tmp_path: Path) -> None:
    path = write(
        tmp_path / "q.jsonl",
        {"question_id": "a", "question": "x", "fact": [["1"]]},
        '{"question_id": "b", ',
        {"question_id": "a", "question": "y", "answerable": "yes"},
        {"question": "z", "facts": ["12%"], "history": [{"role": "robot", "text": "hi"}]},
        [1, 2],
        {
            "question_id": "d",
            "question": " ",
            "relevant": {KITE.title: True, "Kite: Sparse Updates for Small Memory": 1},
        },
    )
    message = problems_of(path, titles=TITLES)
    for expected in (
        ":1: unknown field 'fact' (did you mean 'facts'?)",
        ":2: not JSON",
        ":3: question_id 'a' is already on line 1",
        ":3: 'answerable' must be true or false, found \"yes\"",
        ":4: 'question_id' is missing",
        ":4: 'facts' must be a list of lists of strings",
        ":4: history[0]: 'role' must be",
        ":5: expected a JSON object, found a list",
        ":6: 'question' is empty",
        f":6: the grade of relevant paper '{KITE.title}' must be a whole number",
        ":6: relevant paper 'Kite: Sparse Updates for Small Memory' is not in the library (the nearest title is",
    ):
        assert expected in message
    lines = [int(line.split(".jsonl:")[1].split(":")[0]) for line in message.splitlines()[1:]]
    assert lines == sorted(lines)


def test_a_paper_named_by_title_and_id_is_one_paper(tmp_path: Path) -> None:
    path = write(tmp_path / "q.jsonl", {"question_id": "a", "question": "x", "relevant": {KITE.title: 1, "kite": 1}})
    assert "one and the same paper" in problems_of(path, titles=TITLES)
    assert read_questions(path)


@pytest.mark.parametrize(
    "data", [b"", b"\n\n", b"\xff\xfe{}", b'{"question_id": "\\ud800", "question": "x"}', b"[" * 9999]
)
def test_unreadable_files_give_one_error(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "q.jsonl").write_bytes(data)
    assert "q.jsonl:1: " in problems_of(tmp_path / "q.jsonl")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    assert "none.jsonl" in problems_of(tmp_path / "none.jsonl")


def test_answers_survive_writing_and_reading(tmp_path: Path) -> None:
    write_jsonl(tmp_path / "a.jsonl", [answer().to_dict()])
    assert read_answers(tmp_path / "a.jsonl") == {"q1": answer()}


def test_a_torn_last_answer_is_passed_over_but_not_one_in_the_middle(tmp_path: Path) -> None:
    line = json.dumps(answer().to_dict())
    path = tmp_path / "a.jsonl"
    path.write_text(line + "\n" + line[:50])
    assert list(read_answers(path)) == ["q1"]
    path.write_text(line[:50] + "\n" + line + "\n")
    with pytest.raises(QuestionFileError, match=r"a\.jsonl:1: not JSON"):
        read_answers(path)


def test_answers_of_the_wrong_type_are_reported_together(tmp_path: Path) -> None:
    path = write(
        tmp_path / "a.jsonl",
        {
            "question_id": "a",
            "text": 7,
            "abstained": "no",
            "citations": [{"marker": "1", "paper_id": "p", "quote": "q"}],
        },
        {"question_id": "b", "text": "", "claims": [{"text": "c", "citations": ["1"]}], "mode": "guessing"},
    )
    with pytest.raises(QuestionFileError) as caught:
        read_answers(path)
    for expected in ("'text' must be", "'abstained'", "citations[0]: 'marker'", "claims[0]: 'citations'", "'mode'"):
        assert expected in str(caught.value)


def test_answers_of_other_programs_are_split_into_claims(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", {"question_id": "a", "text": "Kite is small. [1] Otter is fast."})
    claims = read_answers(path)["a"].claims
    assert [(claim.text, claim.citations) for claim in claims] == [("Kite is small.", (1,)), ("Otter is fast.", ())]
