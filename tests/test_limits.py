"""Limits: what a reader may ask and upload, with a clock that only moves when told."""

from __future__ import annotations

import threading

import pytest

from ui.limits import RateLimiter, TooManyQuestions, UploadRefused, check_uploads


class Clock:
    """Seconds that pass when they are told to."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


def ask(limiter: RateLimiter, key: str = "a") -> None:
    with limiter.asking(key):
        pass


def test_a_minute_holds_so_many_questions_and_the_message_says_how_long_to_wait() -> None:
    clock = Clock()
    limiter = RateLimiter(per_minute=2, at_once=9, clock=clock)
    ask(limiter)
    clock.now += 10.5
    ask(limiter)
    with pytest.raises(TooManyQuestions, match=r"2 questions in a minute.*again in 50 seconds") as refused:
        ask(limiter)
    assert refused.value.wait_s == 49.5
    clock.now += 49.5
    ask(limiter)
    with pytest.raises(TooManyQuestions, match="again in 11 seconds"):
        ask(limiter)


def test_readers_do_not_count_for_each_other() -> None:
    limiter = RateLimiter(per_minute=1, at_once=1, clock=Clock())
    ask(limiter, "a")
    ask(limiter, "b")
    with pytest.raises(TooManyQuestions, match="that was 1 question in a minute"):
        ask(limiter, "b")


def test_questions_at_once_are_limited_and_a_failed_one_frees_its_place() -> None:
    limiter = RateLimiter(per_minute=9, at_once=1, clock=Clock())
    with limiter.asking("a"), pytest.raises(TooManyQuestions, match="a question of yours is being answered") as refused:
        ask(limiter)
    assert refused.value.wait_s == 0
    with pytest.raises(ZeroDivisionError), limiter.asking("a"):
        raise ZeroDivisionError
    ask(limiter)


def test_a_refused_question_does_not_count() -> None:
    clock = Clock()
    limiter = RateLimiter(per_minute=1, at_once=1, clock=clock)
    ask(limiter)
    for _ in range(5):
        clock.now += 10
        with pytest.raises(TooManyQuestions):
            ask(limiter)
    clock.now += 10
    ask(limiter)


def test_readers_who_left_are_forgotten_but_not_those_whose_answer_is_under_way() -> None:
    clock = Clock()
    limiter = RateLimiter(clock=clock)
    for number in range(500):
        ask(limiter, f"reader {number}")
    limiter.start("slow")
    clock.now += 61
    ask(limiter, "new")
    assert limiter.n_readers == 2
    limiter.finish("slow")


def test_threads_never_get_past_the_limit() -> None:
    limiter = RateLimiter(per_minute=50, at_once=200, clock=Clock())
    passed: list[int] = []

    def many() -> None:
        for _ in range(40):
            try:
                ask(limiter)
                passed.append(1)
            except TooManyQuestions:
                pass

    threads = [threading.Thread(target=many) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(passed) == 50


def test_limits_below_one_are_refused() -> None:
    with pytest.raises(ValueError, match="at least 1"):
        RateLimiter(per_minute=0)


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ([("page.exe", 10)], "page.exe cannot be read here"),
        ([("ok.txt", 10), ("C:\\tmp\\big.jsonl", 3 * 2**20)], "big.jsonl has 3 MB, more than the 2 MB"),
        ([("empty.bib", 0)], "empty.bib is empty"),
        ([("a.txt", 1)] * 21, "21 files at once"),
    ],
)
def test_uploads_are_refused_with_the_reason(files: list[tuple[str, int]], words: str) -> None:
    with pytest.raises(UploadRefused, match=words):
        check_uploads(files, limit_bytes=2 * 2**20)


def test_a_kind_that_is_only_turned_away_later_is_not_among_those_that_can_be_read() -> None:
    with pytest.raises(UploadRefused) as refused:
        check_uploads([("picture.png", 10)], limit_bytes=2**20)
    assert ".bib" in str(refused.value) and ".pdf" not in str(refused.value)
    check_uploads([("paper.pdf", 10)], limit_bytes=2**20)  # `ingest` says what to do with it


def test_what_ingest_reads_may_be_uploaded() -> None:
    check_uploads([("page.txt", 10), ("x.JSONL", 10), ("dump.csv.gz", 2**20), ("noname", 1)], limit_bytes=2**20)
