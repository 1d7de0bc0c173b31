"""The load measure: figures worked out by hand, and a page that fails is said to."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from evals.load import Phase, main, memory_mb, percentile, run_phase, verdict

FINE = Phase(sessions=1, n_answers=100, errors={}, p50_s=0.1, p95_s=0.2, answers_per_s=9.0)


def test_the_percentile_is_the_nearest_rank() -> None:
    twenty = [float(n) for n in range(1, 21)]
    assert (percentile(twenty, 95), percentile(twenty, 50), percentile([7.0], 95)) == (19.0, 10.0, 7.0)


def test_sessions_ask_at_the_same_time_and_errors_are_counted_by_kind() -> None:
    all_here = threading.Barrier(4, timeout=10)
    first = threading.local()

    def ask(question: str) -> None:
        if not getattr(first, "met", False):
            first.met = True
            all_here.wait()
        if question == "bad":
            raise RuntimeError("500: no")

    phase = run_phase(ask, sessions=4, seconds=0.2, questions=("good", "bad"))
    assert phase.n_answers > 0 and set(phase.errors) == {"500: no"} and not all_here.broken


@pytest.mark.parametrize(
    ("together", "memory", "words"),
    [
        (replace(FINE, p95_s=1.9), (100.0, 109.0), None),
        (replace(FINE, p95_s=2.1), (100.0, 100.0), "p95 is 10.5 times a single reader's, more than 10"),
        (replace(FINE, errors={"503: full": 2}), (None, None), "2 errors: 503: full"),
        (FINE, (100.0, 111.0), "memory grew from 100 to 111 MB, more than 10%"),
        (replace(FINE, n_answers=0, p50_s=None, p95_s=None), (None, None), "no answer came"),
    ],
)
def test_what_was_not_borne_is_said(
    together: Phase, memory: tuple[float | None, float | None], words: str | None
) -> None:
    assert verdict(FINE, together, *memory) == ([words] if words else [])


def test_a_page_that_is_not_there_is_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["http://127.0.0.1:9/", "--seconds", "1"]) == 1
    out, err = capsys.readouterr()
    assert out == "" and err.count("\n") == 1 and "does not answer" in err


def test_memory_of_no_process_is_not_zero() -> None:
    import os

    assert memory_mb(None) is None and memory_mb(2**30) is None
    assert (memory_mb(os.getpid()) or 0) > 1
