"""Marker forms that models write, whole and cut anywhere, all come out as [1]."""

from __future__ import annotations

import codecs

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.citations import Marks, numbers_of, parse, render, unknown_of, words_of
from rag.reply import Piece, ReplySplitter

KNOWN = (1, 2, 3, 4)
TITLES = ("Fira: Full Rank at Low Cost", "GaLore in Practice")

# Each of these cites papers 1 and 2.
FORMS = [
    "[1][2]", "[1, 2]", "[1,2]", "[1], [2]", "[1] [2]", "[1-2]", "[1–2]", "[1 and 2]", "[1 & 2]", "[1; 2]", "[1, and 2]",
    "【1】【2】", "【1,2】", "【1†source】【2†source】", "【1:0†source】【2:3†source】", "［1］［2］", "〔1〕〔2〕", "[１, ２]",
    "[^1][^2]", "[^1^][^2^]", "^[1]^[2]", "[1†source][2†L1-L3]", "[#1][#2]", "\\[1\\]\\[2\\]", "[[1]][[2]]",
    "[Source 1][Source 2]", "[Source 1, Source 2]", "[Sources 1, 2]", "[source: 1][source: 2]", "[sources 1 and 2]",
    "[Ref. 1][Ref. 2]", "[paper 1][paper 2]", "[Doc 1][Doc 2]", "[citation:1][citation:2]", "[cite: 1, 2]",
    "[1: Fira][2: GaLore]", "[1, p. 3][2]", "(Source 1, 2)", "([1], [2])", "([1][2])", "(1)(2)", "(1, 2)",
    "[1](#ref1)[2](#ref2)", "[[1]](https://x.example/a) [[2]](https://x.example/b)", "`[1]` `[2]`", "`[1][2]`",
    "**[1][2]**", "*[1]* *[2]*", "<sup>1</sup><sup>2</sup>", "<sup>[1]</sup><sup>[2]</sup>", "<sup>1,2</sup>",
]  # fmt: skip
PLACES = [
    ("Fira needs 4.2% less {}. It is fast.", "Fira needs 4.2% less [1][2]. It is fast."),
    ("Fira needs 4.2% less. {} It is fast.", "Fira needs 4.2% less [1][2]. It is fast."),
    ("Fira needs 4.2% less.{}\n\nIt is fast.", "Fira needs 4.2% less [1][2].\n\nIt is fast."),
    ("- Fira folds {}\n- It is fast {}", "- Fira folds [1][2]\n- It is fast [1][2]"),
    ("Fira folds{}, GaLore does not{}.", "Fira folds [1][2], GaLore does not [1][2]."),
]


def pieces(*chunks: str) -> list[Piece]:
    splitter = ReplySplitter(TITLES)
    return [piece for chunk in chunks for piece in splitter.feed(chunk)] + splitter.close()


def normal(*chunks: str) -> str:
    return "".join(
        piece.lead + (piece.text if piece.text.startswith("```") else render(parse(piece.text, KNOWN), str))
        for piece in pieces(*chunks)
    )


@pytest.mark.parametrize("form", FORMS)
def test_every_marker_form_becomes_one_form_wherever_it_stands(form: str) -> None:
    for before, after in PLACES:
        assert normal(before.replace("{}", form)) == after


@pytest.mark.parametrize("form", FORMS)
def test_a_stream_cut_at_any_byte_gives_the_same_pieces(form: str) -> None:
    for place, _ in PLACES:
        text = place.replace("{}", form)
        whole, raw = pieces(text), text.encode()
        for cut in range(len(raw) + 1):
            decoder = codecs.getincrementaldecoder("utf-8")()
            assert pieces(decoder.decode(raw[:cut]), decoder.decode(raw[cut:], final=True)) == whole
        assert pieces(*text) == whole


@pytest.mark.parametrize("form", FORMS)
def test_no_half_of_a_marker_ever_leaves(form: str) -> None:
    for place, _ in PLACES:
        text = place.replace("{}", form)
        for cut in range(len(text)):
            splitter = ReplySplitter()
            for piece in splitter.feed(text[:cut]):
                assert any(piece.text == other.text for other in pieces(text))


REPLY = st.lists(
    st.sampled_from(
        ["Fira", "folds", "falls by 4.2", "%", ".", ". ", "!", "? ", " ", "\n", "\n\n", "- ", "1. ", "## ", "**", "*", "`", "```",
         "```markdown\n", "[", "]", "(", ")", "[1]", "[1, 2]", "【1", "†source】", "[^2]", "(3)", "<sup>1</sup>", "<think>",
         "</think>",
         "Sources:", "References\n", "[1] Fira: Full Rank at Low Cost", "| a | 3 |", "---", "e.g. ", "et al. ", "vLLM", "$x[1]$",
         "\\[2\\]", "。",
         "x", "We", " [Chen et al., 2024]", "[9]", "![i](http://x.example)", "²", "\r", "\x1b", "🙂", "Fig. 2"]
    ),
    max_size=30,
)  # fmt: skip


@settings(max_examples=400, deadline=None)
@given(REPLY, st.data())
def test_how_a_stream_is_cut_changes_nothing(words: list[str], data: st.DataObject) -> None:
    text = "".join(words)
    cuts = sorted(data.draw(st.lists(st.integers(0, len(text)), max_size=6)))
    chunks = [text[a:b] for a, b in zip([0, *cuts], [*cuts, len(text)], strict=True)]
    whole = pieces(text)
    assert pieces(*chunks) == whole and pieces(*text) == whole
    for piece in whole:  # nothing that is written raises, and the numbers are those that are known
        parts = parse(piece.text, KNOWN)
        assert set(numbers_of(parts)) <= set(KNOWN) and isinstance(render(parts, str), str)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Values lie in [0, 1] and in the range [1, 3].", "Values lie in [0, 1] and in the range [1, 3]."),
        ("The call `rows[1]` folds [2].", "The call `rows[1]` folds [2]."),
        ("Here $x[1]$ is a state [2].", "Here $x[1]$ is a state [2]."),
        ("Table (1) has it, at cost O(1) [2].", "Table (1) has it, at cost O(1) [2]."),
        ("There are two: (1) it folds, (2) it warms [1].", "There are two: (1) it folds, (2) it warms [1]."),
        ("```python\nrows[1] = 2\n```\nIt folds [1].", "```python\nrows[1] = 2\n```\n\nIt folds [1]."),
    ],
)
def test_code_mathematics_intervals_and_enumerations_are_left_alone(text: str, expected: str) -> None:
    assert normal(text) == expected


@pytest.mark.parametrize(
    "tail",
    [
        "\n\nSources:\n[1] Fira: Full Rank at Low Cost\n[2] GaLore in Practice\n",
        "\n\n**References**\n\n1. Fira: Full Rank at Low Cost\n2. GaLore in Practice",
        "\n\n## Sources\n- [1] Fira\n- [2] GaLore",
        "\n\n[^1]: Fira\n[^2]: GaLore, page 3",
        "\n\n---\n[1] Fira: Full Rank at Low Cost (2024)\n[2] GaLore in Practice",
        "\n\nReferences: [1] Fira; [2] GaLore",
        "\n\nSources: [1], [2]",
    ],
)
def test_a_list_of_footnotes_at_the_end_is_dropped(tail: str) -> None:
    assert normal("Fira folds [1]. GaLore warms [2]." + tail) == "Fira folds [1]. GaLore warms [2]."


def test_a_sentence_that_begins_with_a_marker_or_with_such_a_word_is_no_footnote() -> None:
    text = "[1] reports 40%. Sources of error remain [2].\n\nReference models lose [3]."
    assert normal(text) == text


def test_a_marker_behind_the_stop_belongs_to_the_sentence_before_it_unless_it_begins_the_next() -> None:
    assert [piece.text for piece in pieces("It falls by 40%. [1] It is fast. [2] reports that, too.")] == [
        "It falls by 40%. [1]",
        "It is fast.",
        "[2] reports that, too.",
    ]


def test_abbreviations_and_figures_do_not_end_a_sentence() -> None:
    text = "Chen et al. fold 4.2 nets, e.g. ResNets, cf. Fig. 2. We warm them."
    assert [piece.text for piece in pieces(text)] == [text[:-14], text[-13:]]


def test_a_sentence_without_a_marker_is_handed_out_when_the_next_one_begins() -> None:
    splitter = ReplySplitter()
    assert splitter.feed("It falls by 40%.") == [] and splitter.feed(" ") == []
    assert [piece.text for piece in splitter.feed("I")] == ["It falls by 40%."]


def test_a_sentence_with_a_marker_before_its_stop_is_handed_out_at_once() -> None:
    splitter = ReplySplitter()
    assert splitter.feed("“It **falls** by 40% [1]") == []
    assert [piece.text for piece in splitter.feed(".” Then it (or they) rise [2].")] == [
        "“It **falls** by 40% [1].”",
        "Then it (or they) rise [2].",
    ]


@pytest.mark.parametrize("end", ["[1", "[", " [Source 1", "【1†sou", " <sup>1", "[1, "])
def test_half_a_marker_at_the_end_of_a_broken_reply_is_dropped(end: str) -> None:
    assert normal(f"It falls by 40%{end}") == "It falls by 40%"


def test_thoughts_and_a_fence_around_the_whole_reply_are_left_out() -> None:
    assert normal("<think>\nPaper [1] … hm.\n</think>\n\nIt falls [1].") == "It falls [1]."
    assert normal("```markdown\nIt falls [1].\n\n- It warms [2]\n```\n") == "It falls [1].\n\n- It warms [2]"


def test_what_names_no_paper_is_reported_and_shown_as_such() -> None:
    parts = parse("It falls [9], or rises [1, 7] [Chen et al., 2024].", KNOWN)
    assert unknown_of(parts) == ("[9]", "[7]", "[Chen et al., 2024]") and numbers_of(parts) == (1,)
    assert render(parts, str) == "It falls [9?], or rises [1][7?][Chen et al., 2024?]."
    assert words_of(parts) == "It falls, or rises."


def test_a_range_is_every_number_in_it() -> None:
    assert parse("It falls [1-3].", KNOWN) == ("It falls ", Marks(numbers=(1, 2, 3)), ".")
    assert unknown_of(parse("It falls [3-5].", KNOWN)) == ("[5]",)


def test_links_and_images_keep_their_words_alone() -> None:
    assert normal("See ![plot](http://x.example/?q=1) and [Fira](http://x.example) [1].") == "See plot and Fira [1]."


def test_control_characters_do_not_get_through() -> None:
    assert normal("It\x1b fal\x00ls [1].\r\nNext.") == "It falls [1].\nNext."


def test_a_long_reply_takes_little_time() -> None:
    import time

    text = "Fira needs 4.2% less memory than GaLore does on one card [1, 2]. " * 300
    started = time.perf_counter()
    assert len(pieces(*text)) == 300
    assert time.perf_counter() - started < 2.0
