"""A language model as judge of a run, beside the deterministic measures and never instead of them.

`judge_run` asks any LlamaIndex `LLM` about the answers in a folder and writes `judge.jsonl`, one judgment a line; scoring
reads it and shows how far the model and the rules agree (`evals/agreement.py`). What is asked is in
`evals/judge_prompts.py`. A reply that cannot be read is `unchecked` and never a pass; so is a call that fails. Both are
asked again by the next `judge_run`, which keeps everything else that this model has judged already.

    from llama_index.llms.openai import OpenAI
    judge_run(Path("runs/today"), OpenAI(model="gpt-4o", temperature=0))
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from evals.asking import Model, UnreadableReply, model_name
from evals.citations import CitedText, Judge
from evals.files import write_jsonl
from evals.judge_prompts import Task, read_verdict, support_prompt, tasks_of
from evals.rows import read_judgments
from evals.run import JUDGMENTS, locked, read_run
from evals.schema import Judgment

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class JudgeReport:
    """What `judge_run` did: judgments in the file, of which `n_kept` are from earlier, and those without a verdict."""

    n_judgments: int
    n_kept: int
    n_unchecked: int
    first_problem: str | None = None


def judge_run(
    folder: Path,
    llm: Model,
    *,
    questions: Path | None = None,
    concurrency: int = 1,
    progress: Progress | None = None,
) -> JudgeReport:
    """Asks the model about every answer and every cited claim of a run; writes `judge.jsonl` into its folder.

    Can be killed at any moment and goes on where it stopped. Judgments of another model, and those of answers that have
    changed since, are dropped. `questions` replaces the questions that were kept with the run, `concurrency` is how many
    calls are made at a time, `progress` hears (judged, of how many). Raises QuestionFileError when there is no run or
    another process writes its folder.
    """
    run = read_run(folder, questions=questions)
    tasks = tasks_of(run)
    name = model_name(llm)
    with locked(folder):
        path = folder / JUDGMENTS
        before = read_judgments(path) if path.exists() else ()
        done = {row.key: row for row in before if row.model == name and row.verdict != "unchecked"}
        done = {key: done[key] for task in tasks if (key := task.key) in done}
        n_kept = len(done)
        todo = [task for task in tasks if task.key not in done]
        write_jsonl(path, (row.to_dict() for row in done.values()))
        if progress:
            progress(n_kept, len(tasks))
        with path.open("ab") as out:
            for judgment in _judged(llm, todo, concurrency):
                out.write((json.dumps(judgment.to_dict(), ensure_ascii=False) + "\n").encode("utf-8", "replace"))
                out.flush()
                done[judgment.key] = judgment
                if progress:
                    progress(len(done), len(tasks))
        rows = [done[task.key] for task in tasks]
        write_jsonl(path, (row.to_dict() for row in rows))
    problems = [row.reason for row in rows if row.verdict == "unchecked"]
    return JudgeReport(
        n_judgments=len(rows),
        n_kept=n_kept,
        n_unchecked=len(problems),
        first_problem=problems[0] if problems else None,
    )


def judge_task(llm: Model, task: Task) -> Judgment:
    """One judgment. Whatever the model raises or replies, there is one; `unchecked` where it gave no verdict."""
    try:
        reply = llm.complete(task.prompt).text
        verdict, reason = read_verdict(reply, task.aspect)
    except UnreadableReply as error:
        verdict, reason = "unchecked", str(error)
    except Exception as error:  # whatever it is, it is this judgment's result
        verdict, reason = "unchecked", f"the model failed: {type(error).__name__}: {error}"
    return Judgment(
        question_id=task.question_id,
        aspect=task.aspect,
        claim=task.claim,
        verdict=verdict,
        reason=reason,
        model=model_name(llm),
        digest=task.digest,
    )


def model_judge(llm: Model) -> Judge:
    """The model in the place of `rag.support.check`, for `score_run(run, judge=model_judge(llm))`.

    Citation recall and precision are then what the model says of every claim, with all its citations, with each alone
    and without each. The same claim and texts are asked about once. A reply that cannot be read is no support; what the
    model raises is passed on.
    """
    known: dict[str, bool] = {}

    def judge(claim: str, cited: Sequence[CitedText]) -> bool:
        prompt = support_prompt(claim, cited)
        if prompt not in known:
            try:
                known[prompt] = read_verdict(llm.complete(prompt).text, "support")[0] == "supported"
            except UnreadableReply:
                known[prompt] = False
        return known[prompt]

    return judge


def _judged(llm: Model, tasks: Sequence[Task], concurrency: int) -> Iterator[Judgment]:
    """Judgments in the order in which they are ready."""
    if concurrency <= 1:
        yield from (judge_task(llm, task) for task in tasks)
        return
    pool = ThreadPoolExecutor(max_workers=concurrency, thread_name_prefix="judge")
    try:
        for future in as_completed([pool.submit(judge_task, llm, task) for task in tasks]):
            yield future.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)
