"""How a running page bears many readers at once: errors, times beside a single reader's, and the server's memory.

    python -m evals.load http://127.0.0.1:7860/ --sessions 20 --seconds 60 --pid PID

Each session asks one question after another over the HTTP API (/ask), from the same questions in its own order: as fast as
answers come, or with `--pause` seconds of reading between them. First one session alone for a tenth of the time (at least 5
seconds), then all. Exit 1 when an answer failed or the limits below were broken. `--pid` names the server's process on this
machine, whose memory is read before and after.

Only the standard library: what measures should not weigh on what is measured.
"""

from __future__ import annotations

import argparse
import base64
import json
import random
import statistics
import sys
import threading
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

QUESTIONS = (
    "Which papers cut optimizer memory, and by how much?",
    "How many papers are there?",
    "What is new on quantization?",
    "How do low-rank methods save memory?",
    "Which papers report results on image generation?",
    "What improves reasoning of language models?",
    "Which are the most discussed papers?",
    "What is the boiling point of water on Mars?",
)
# A page bears its readers: no error, p95 at most ten times a single reader's, memory at most a tenth more.
MOST_TIMES, MOST_GROWTH = 10.0, 0.10
_TIMEOUT_S = 120.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Phase:
    """What a number of sessions met: answers, errors (each kind once, with its count), seconds of an answer."""

    sessions: int
    n_answers: int
    errors: dict[str, int]
    p50_s: float | None
    p95_s: float | None
    answers_per_s: float


@dataclass(slots=True)
class _Log:
    """What all sessions of a phase write to."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    seconds: list[float] = field(default_factory=list)
    errors: dict[str, int] = field(default_factory=dict)

    def add(self, seconds: float | None, error: str | None) -> None:
        with self.lock:
            if seconds is not None:
                self.seconds.append(seconds)
            if error is not None:
                self.errors[error] = self.errors.get(error, 0) + 1


def run_phase(
    ask: Callable[[str], None], *, sessions: int, seconds: float, questions: Sequence[str], pause_s: float = 0.0
) -> Phase:
    """So many sessions at once, each asking until the time is over; `ask` raises what went wrong.

    `pause_s` is how long a session reads an answer, on average: each pause is between none and twice that.
    """
    log = _Log()
    end = time.monotonic() + seconds

    def session(number: int) -> None:
        order, chance = list(questions), random.Random(number)
        chance.shuffle(order)
        turn = 0
        while time.monotonic() < end:
            started = time.monotonic()
            try:
                ask(order[turn % len(order)])
            except (OSError, ValueError, RuntimeError) as error:
                log.add(None, str(error)[:200])
            else:
                log.add(time.monotonic() - started, None)
            turn += 1
            if pause_s:
                time.sleep(min(chance.uniform(0, 2 * pause_s), max(end - time.monotonic(), 0)))

    threads = [threading.Thread(target=session, args=(number,), daemon=True) for number in range(sessions)]
    started = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(seconds + _TIMEOUT_S)
    took = time.monotonic() - started
    times = sorted(log.seconds)
    return Phase(
        sessions=sessions,
        n_answers=len(times),
        errors=log.errors,
        p50_s=round(statistics.median(times), 4) if times else None,
        p95_s=round(percentile(times, 95), 4) if times else None,
        answers_per_s=round(len(times) / took, 2),
    )


def percentile(ordered: Sequence[float], percent: float) -> float:
    """The value that so many percent of the ordered ones do not exceed (nearest rank)."""
    rank = max(1, -(-len(ordered) * percent // 100))
    return ordered[int(rank) - 1]


def over_http(url: str, *, auth: str | None = None) -> Callable[[str], None]:
    """Asks a page's /ask and reads its event stream to the end; RuntimeError with the page's own words when it fails."""
    base = url.rstrip("/")
    headers = {"content-type": "application/json"}
    if auth:
        headers["authorization"] = "Basic " + base64.b64encode(auth.encode()).decode()

    def ask(question: str) -> None:
        body = json.dumps({"question": question}).encode()
        post = urllib.request.Request(f"{base}/gradio_api/call/v2/ask", data=body, headers=headers)
        try:
            with urllib.request.urlopen(post, timeout=_TIMEOUT_S) as reply:
                event = json.load(reply)["event_id"]
            get = urllib.request.Request(f"{base}/gradio_api/call/ask/{event}", headers=headers)
            with urllib.request.urlopen(get, timeout=_TIMEOUT_S) as reply:
                text = reply.read().decode()
        except urllib.error.HTTPError as error:
            raise RuntimeError(f"{error.code}: {error.read(200).decode('utf-8', 'replace')}") from error
        last = [line for line in text.splitlines() if line.startswith(("event:", "data:"))][-2:]
        if len(last) != 2 or last[0] != "event: complete" or json.loads(last[1][5:])[0].get("error"):
            raise RuntimeError(" ".join(last)[:200] or "the stream ended without an answer")

    return ask


def memory_mb(pid: int | None) -> float | None:
    """Resident memory of a process in MB; None where it cannot be read."""
    if pid is None:
        return None
    try:
        lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    except OSError:
        return None
    kilobytes = [int(line.split()[1]) for line in lines if line.startswith("VmRSS:")]
    return round(kilobytes[0] / 1024, 1) if kilobytes else None


def verdict(alone: Phase, together: Phase, before_mb: float | None, after_mb: float | None) -> list[str]:
    """What was not borne, in words; empty when all was."""
    problems = [f"{n} errors: {error}" for phase in (alone, together) for error, n in phase.errors.items()]
    if not alone.n_answers or not together.n_answers:
        problems.append("no answer came")
    if alone.p95_s and together.p95_s and together.p95_s > MOST_TIMES * alone.p95_s:
        problems.append(f"p95 is {together.p95_s / alone.p95_s:.1f} times a single reader's, more than {MOST_TIMES:g}")
    if before_mb and after_mb and after_mb > before_mb * (1 + MOST_GROWTH):
        problems.append(f"memory grew from {before_mb:g} to {after_mb:g} MB, more than {MOST_GROWTH:.0%}")
    return problems


def main(arguments: Sequence[str] | None = None) -> int:
    """The command: figures as JSON on stdout, problems on stderr."""
    parser = argparse.ArgumentParser(prog="python -m evals.load", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("url", metavar="URL", help="the page, as `askpapers chat` printed it")
    parser.add_argument("--sessions", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--pause", type=float, default=0.0, help="seconds that a reader reads an answer, on average")
    parser.add_argument("--pid", type=int, help="the server's process, to read its memory")
    parser.add_argument("--auth", metavar="USER:PASSWORD")
    given = parser.parse_args(arguments)
    if urlsplit(given.url).scheme not in ("http", "https") or given.sessions < 1 or given.seconds <= 0:
        parser.error("give an http address, at least one session and some seconds")
    ask = over_http(given.url, auth=given.auth)
    for question in QUESTIONS:
        # Once each before the clock starts: what is made on first use is made.
        try:
            ask(question)
        except (OSError, ValueError, RuntimeError) as error:
            print(f"load: {given.url} does not answer: {error}", file=sys.stderr)
            return 1
    alone = run_phase(ask, sessions=1, seconds=max(5.0, given.seconds / 10), questions=QUESTIONS)
    # The threads and buffers of many readers are made once, too: memory is compared from after a first round on.
    run_phase(ask, sessions=given.sessions, seconds=max(2.0, given.seconds / 10), questions=QUESTIONS)
    before = memory_mb(given.pid)
    together = run_phase(ask, sessions=given.sessions, seconds=given.seconds, questions=QUESTIONS, pause_s=given.pause)
    after = memory_mb(given.pid)
    problems = verdict(alone, together, before, after)
    figures = {
        "alone": asdict(alone),
        "together": asdict(together),
        "p95_times": round(together.p95_s / alone.p95_s, 2) if alone.p95_s and together.p95_s else None,
        "memory_mb": {"before": before, "after": after},
        "problems": problems,
    }
    print(json.dumps(figures, indent=1))
    for problem in problems:
        print(f"load: {problem}", file=sys.stderr)
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
