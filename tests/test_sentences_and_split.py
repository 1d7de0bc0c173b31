"""Sentences and passages: exact offsets, nothing lost, nothing cut off by the embedder."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.split import split
from rag.schema import Paper
from rag.sentences import sentence_spans
from tests.conftest import paper


@pytest.mark.parametrize(
    ("text", "sentences"),
    [
        ("One. Two.", ["One.", "Two."]),
        ("It needs 1.9 GB. So be it.", ["It needs 1.9 GB.", "So be it."]),
        ("Tests (e.g. on C4) pass. Fine.", ["Tests (e.g. on C4) pass.", "Fine."]),
        ("We follow Smith et al. and win.", ["We follow Smith et al. and win."]),
        (
            "Better than Adam, SGD, etc. Existing work stops here.",
            ["Better than Adam, SGD, etc.", "Existing work stops here."],
        ),
        ("See Fig. 2. It rises.", ["See Fig. 2.", "It rises."]),
        ("By J. Smith. End.", ["By J. Smith.", "End."]),
        ("It gains 4\\% on $E^{2}$. $F_1$ rises.", ["It gains 4\\% on $E^{2}$.", "$F_1$ rises."]),
        ("Why? Because! Good.", ["Why?", "Because!", "Good."]),
        ("Code: https://a.io/x.y. Data too.", ["Code: https://a.io/x.y.", "Data too."]),
        ("wav2vec works. tpSGD too.", ["wav2vec works.", "tpSGD too."]),
        ("No full stop at the end", ["No full stop at the end"]),
        ("It won (in 2021.) Then it lost.", ["It won (in 2021.)", "Then it lost."]),
        ("", []),
        ("  \n ", []),
    ],
)
def test_sentences_end_where_a_reader_would_end_them(text: str, sentences: list[str]) -> None:
    assert [text[start:end] for start, end in sentence_spans(text)] == sentences


@given(st.text(alphabet=st.sampled_from('ab. !?AB1(\n"e.g.,'), max_size=200))
def test_sentences_are_in_order_and_leave_out_only_white_space(text: str) -> None:
    at = 0
    for start, end in sentence_spans(text):
        assert at <= start < end <= len(text)
        assert not text[at:start].strip()
        at = end
    assert not text[at:].strip()


@pytest.mark.parametrize("crumb", ["ab c. ", "1. ", "a b. ", "Ab c. ", "e.g. ", "? ", "x"])
def test_fifty_thousand_characters_of_crumbs_are_cut_in_no_time(crumb: str) -> None:
    long = paper("Crumbs", (crumb * (48_600 // len(crumb))).strip())
    started = time.process_time()
    assert split(long, lambda text: len(text) < 900)
    assert time.process_time() - started < 1


def test_what_stands_far_before_a_full_stop_does_not_change_what_it_ends() -> None:
    far = "It holds " + "more and " * 20
    text = f"{far}Smith et al. and so on by J. Smith with x etc. Then no. 5 of {far}a kind. 1. 2. 3. It ends."
    sentences = [text[start:end] for start, end in sentence_spans(text)]
    assert [sentence[-9:] for sentence in sentences] == ["th x etc.", "d a kind.", " It ends."]


def ten() -> Paper:
    return paper("Ten", " ".join(f"Sentence number {i} is here." for i in range(10)))


def test_passages_are_three_sentences_with_one_shared() -> None:
    passages = split(ten(), lambda text: True)
    texts = [ten().abstract[p.start : p.end] for p in passages]
    assert texts[0] == "Sentence number 0 is here. Sentence number 1 is here. Sentence number 2 is here."
    assert texts[1].startswith("Sentence number 2") and texts[-1].endswith("Sentence number 9 is here.")
    assert [p.index for p in passages] == list(range(len(passages)))


def test_how_papers_are_cut_is_what_libraries_write_down() -> None:
    from ingest.split import SENTENCES, STRIDE
    from rag.store import PASSAGES

    assert f"{SENTENCES} sentences, stride {STRIDE}" == PASSAGES


def test_passages_shrink_until_the_embedder_reads_them_whole() -> None:
    passages = split(ten(), lambda text: len(text) <= 60)
    texts = [ten().abstract[p.start : p.end] for p in passages]
    assert all(len(f"Ten. {text}") <= 60 for text in texts)
    assert all(any(f"Sentence number {i} is here." in text for text in texts) for i in range(10))


def test_a_sentence_that_is_too_long_is_cut_at_spaces_and_nothing_is_lost() -> None:
    long = paper("Long", "word " * 300 + "end.")
    passages = split(long, lambda text: len(text) <= 200)
    assert all(passage.end - passage.start <= 195 for passage in passages)
    covered = "".join(long.abstract[p.start : p.end].replace(" ", "") for p in passages)
    assert covered == long.abstract.replace(" ", "")


def test_an_abstract_without_spaces_ends_in_pieces_not_in_endless_work() -> None:
    assert len(split(paper("X", "x" * 10_000), lambda text: len(text) < 100)) < 1_000


@given(st.text(min_size=1, max_size=300).filter(lambda text: bool(text.strip())))
def test_passages_cover_every_word_of_any_text(text: str) -> None:
    made = paper("T", text)
    covered: set[int] = set()
    for passage in split(made, lambda candidate: len(candidate) < 80):
        assert 0 <= passage.start < passage.end <= len(text)
        covered.update(range(passage.start, passage.end))
    assert all(text[i].isspace() for i in set(range(len(text))) - covered)
