"""What a question asks for: kinds, dates, filters, names and follow-ups, and what must not be mistaken for them."""

from __future__ import annotations

from datetime import date

import pytest

from ingest import add_papers
from rag.library import Library
from rag.question.dates import read_dates
from rag.question.filters import describe
from rag.question.given import both
from rag.question.naming import edit_distance, introduced_names, title_names
from rag.question.standalone import written_out
from rag.questions import Query, understand
from rag.schema import Filters, Turn
from tests.shelf_of_questions import PAPERS, TODAY, titled

ANCHOR = date(2025, 6, 10)  # a Tuesday


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library.create(tmp_path_factory.mktemp("questions") / "library")
    add_papers(library, PAPERS)
    return library


def asked(library: Library, *turns: str, today: date = TODAY, filters: Filters | None = None) -> Query:
    """The last turn understood after the others, which are the user's and the assistant's in turn."""
    history = [Turn(role="assistant" if i % 2 else "user", text=text) for i, text in enumerate(turns[:-1])]
    return understand(turns[-1], library=library, history=history, filters=filters, today=today)


def span(text: str, *, open_ended: bool = True) -> tuple[str | None, str | None]:
    """The first date in a text, as ISO days."""
    found = read_dates(text, ANCHOR, open_ended=open_ended)
    if not found:
        return None, None
    return str(found[0].since or "") or None, str(found[0].until or "") or None


@pytest.mark.parametrize(
    ("text", "since", "until"),
    [
        ("papers since May 2024", "2024-05-01", None),
        ("papers after May 2024", "2024-06-01", None),
        ("papers before 2020", None, "2019-12-31"),
        ("papers until March 2023", None, "2023-03-31"),
        ("which papers are from 2018?", "2018-01-01", "2018-12-31"),
        ("papers published between 2019 and 2021", "2019-01-01", "2021-12-31"),
        ("papers from March to May 2024", "2024-03-01", "2024-05-31"),
        ("2019-2021 papers", "2019-01-01", "2021-12-31"),
        ("papers from 2023 onwards", "2023-01-01", None),
        ("papers on 24 May 2024", "2024-05-24", "2024-05-24"),
        ("papers published on May 24, 2024", "2024-05-24", "2024-05-24"),
        ("papers since 2024-05-24", "2024-05-24", None),
        ("papers from Q3 2024", "2024-07-01", "2024-09-30"),
        ("papers from the second half of 2024", "2024-07-01", "2024-12-31"),
        ("papers from February 2024", "2024-02-01", "2024-02-29"),
        ("what is new on pruning since May?", "2025-05-01", None),
        ("papers since August", "2024-08-01", None),
        ("papers from last week", "2025-06-03", None),
        ("papers from last month", "2025-05-01", "2025-05-31"),
        ("papers from last year", "2024-01-01", "2024-12-31"),
        ("papers from this year", "2025-01-01", None),
        ("papers of the last three months", "2025-03-10", None),
        ("papers published yesterday", "2025-06-09", "2025-06-09"),
        ("papers since two weeks ago", "2025-05-27", None),
        ("papers older than two years", None, "2023-06-09"),
    ],
)
def test_dates_of_publication_are_read(text: str, since: str | None, until: str | None) -> None:
    assert span(text) == (since, until)


@pytest.mark.parametrize(
    "text",
    [
        "how are weights stored in 2 bits?",
        "from 2 to 4 bits, what is lost?",
        "since it needs no labels, is it cheap?",
        "what was there before ChatGPT came out?",
        "trained from 2000 examples",
        "how well does it do in 2048 steps",
        "accuracy on WMT 2014",
        "score on AIME 2024 and 2025",
        "which stock prices from 2010 to 2020 were used?",
        "how many questions from 2019 does the corpus hold?",
        "what may it need?",
    ],
)
def test_numbers_and_contents_are_no_dates_of_publication(text: str) -> None:
    assert span(text) == (None, None)


def test_a_date_inside_a_question_on_one_paper_is_part_of_the_question() -> None:
    assert span("how did it do on the exam in 2023?", open_ended=False) == (None, None)


def test_relative_dates_count_from_today_when_the_library_is_fresh(shelf: Library) -> None:
    query = asked(shelf, "what came out last week?", today=date(2025, 6, 2))
    assert query.filters == Filters(since=date(2025, 5, 26))
    assert any("today, 2 June 2025" in note for note in query.notes)


def test_relative_dates_count_from_the_newest_paper_when_the_library_is_older_and_say_so(shelf: Library) -> None:
    query = asked(shelf, "what came out last week?", today=date(2027, 1, 1))
    assert query.filters == Filters(since=date(2025, 5, 26))  # the newest paper is of 2 June 2025
    assert "“last week” counts from 2 June 2025, the newest paper here" in query.notes


def test_an_event_is_no_date_and_the_note_says_so(shelf: Library) -> None:
    query = asked(shelf, "which methods were there before ChatGPT came out?")
    assert not query.filters
    assert any("before ChatGPT came out" in note for note in query.notes)


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("papers from ByteForge", Filters(organisation="ByteForge")),
        ("what did byteforge publish?", Filters(organisation="ByteForge")),
        ("which paper comes from Tiny Lab?", Filters(organisation="Tiny Lab")),
        ("single-author papers", Filters(min_authors=1, max_authors=1)),
        ("papers written by one person", Filters(min_authors=1, max_authors=1)),
        ("papers with more than 5 comments", Filters(min_comments=6)),
        ("papers with at least ten authors", Filters(min_authors=10)),
        ("papers by fewer than 3 authors", Filters(max_authors=2)),
        ("papers with 2 to 4 authors", Filters(min_authors=2, max_authors=4)),
        ("papers without comments", Filters(max_comments=0)),
        (
            "single-author papers from ByteForge since 2025",
            Filters(since=date(2025, 1, 1), organisation="ByteForge", min_authors=1, max_authors=1),
        ),
    ],
)
def test_filters_in_words_are_read(shelf: Library, text: str, filters: Filters) -> None:
    query = asked(shelf, text)
    assert query.filters == filters
    assert query.intent == "list"


@pytest.mark.parametrize(
    "text",
    [
        "how does it learn from scratch?",
        "which models are distilled from ByteForge?",
        "does the ByteForge chip help?",
        "how many comments were labelled in the corpus?",
        "what is the largest speedup?",
        "how many GPUs were used?",
        "list the modules of FoldNet",
        "what is the latest layer that is folded?",
        "is FoldNet the first paper to fold layers?",
        "how many papers did the gentle survey review?",
        "give me all hyperparameters of FoldNet",
        "top-1 accuracy in 3 bits",
        "where does the data of Song Maker come from?",
    ],
)
def test_questions_about_contents_are_left_alone(shelf: Library, text: str) -> None:
    query = asked(shelf, text)
    assert query.intent in ("one", "several")
    assert not query.filters


D = date


@pytest.mark.parametrize(
    ("text", "given", "filters"),
    [
        ("papers until June 2025", Filters(since=D(2025, 1, 1)), Filters(since=D(2025, 1, 1), until=D(2025, 6, 30))),
        ("papers since March 2025", Filters(since=D(2024, 1, 1)), Filters(since=D(2025, 3, 1))),
        ("papers since 2024", Filters(since=D(2025, 3, 1)), Filters(since=D(2025, 3, 1))),
        ("papers from 2024", Filters(until=D(2024, 6, 30)), Filters(since=D(2024, 1, 1), until=D(2024, 6, 30))),
        ("papers with at least 8 comments", Filters(min_comments=2), Filters(min_comments=8)),
        ("papers with at least 2 comments", Filters(min_comments=8), Filters(min_comments=8)),
        ("papers by at most 4 authors", Filters(min_authors=2), Filters(min_authors=2, max_authors=4)),
        ("papers from ByteForge or Tiny Lab", Filters(organisation="ByteForge"), Filters(organisation="ByteForge")),
        ("papers from Tiny Lab", Filters(organisation="tiny-lab"), Filters(organisation="Tiny Lab")),
        ("papers from ByteForge", Filters(since=D(2025, 6, 1)), Filters(organisation="ByteForge", since=D(2025, 6, 1))),
        ("papers since 2025", Filters(source="a.jsonl"), Filters(since=D(2025, 1, 1), source="a.jsonl")),
    ],
)
def test_given_filters_hold_together_with_those_of_the_question(
    shelf: Library, text: str, given: Filters, filters: Filters
) -> None:
    query = asked(shelf, text, filters=given)
    assert (query.filters, query.excluded) == (filters, "")


def test_where_both_restrict_a_field_the_note_names_the_filter_that_is_set(shelf: Library) -> None:
    query = asked(shelf, "papers until June 2025", filters=Filters(since=D(2025, 1, 1), min_comments=3))
    assert "the filter that is set (published since 1 January 2025) holds as well" in query.notes
    query = asked(shelf, "papers until June 2025", filters=Filters(min_comments=3))
    assert not any("holds as well" in note for note in query.notes)
    query = asked(shelf, "were there more papers in 2021 or in 2024?", filters=Filters(until=D(2021, 12, 31)))
    assert any(note.endswith("holds as well, so nothing of 2024 is searched") for note in query.notes)


@pytest.mark.parametrize(
    ("text", "given", "words", "filter_words"),
    [
        ("papers since 2025", Filters(until=D(2023, 12, 31)), "since 2025", "published until 31 December 2023"),
        (
            "papers with at most 3 comments",
            Filters(min_comments=8),
            "with at most 3 comments",
            "with at least 8 comments",
        ),
        ("list papers from ByteForge", Filters(organisation="Tiny Lab"), "from ByteForge", "from Tiny Lab"),
    ],
)
def test_filters_that_exclude_each_other_are_named_and_nothing_passes(
    shelf: Library, text: str, given: Filters, words: str, filter_words: str
) -> None:
    query = asked(shelf, text, filters=given)
    assert query.excluded == (
        f"No paper can pass: “{words}” in the question and the filter that is set ({filter_words}) exclude each other. "
        "Change or remove one of them."
    )
    assert shelf.coverage(query.filters).n_searched == 0


def test_a_filter_that_excludes_what_was_asked_before_says_so(shelf: Library) -> None:
    given = Filters(since=D(2025, 1, 1))
    query = asked(shelf, "how many papers on federated learning in 2024?", "0.", "and on quantization?", filters=given)
    said = "what was asked for (published in 2024) and the filter that is set (published since 1 January 2025)"
    assert said in query.excluded


def test_two_authors_are_not_asked_for_together() -> None:
    both_filters, apart = both(Filters(author="Ann Lee"), Filters(author="Bo Ek"), {})
    assert apart == (("author",),) and both_filters.author in ("Ann Lee", "Bo Ek")
    assert both(Filters(author="Lee"), Filters(author="Ann Lee"), {}) == (Filters(author="Ann Lee"), ())


def test_a_filter_that_no_day_passes_is_no_contradiction_of_the_question(shelf: Library) -> None:
    given = Filters(since=D(2025, 1, 1), until=D(2024, 1, 1))
    assert asked(shelf, "papers until 2025", filters=given).excluded == ""


# One paper chosen beside the question


def test_a_question_is_about_the_chosen_paper(shelf: Library) -> None:
    given = Filters(paper_ids=(titled("FoldNet").paper_id,))
    query = asked(shelf, "what results does it report?", filters=given)
    assert (query.rewritten, query.paper_id) == ("what results does FoldNet report?", titled("FoldNet").paper_id)
    assert query.bare == "what results does it report?"
    assert query.notes == ("about “FoldNet: Folding Networks for Small Chips”, the chosen paper",)
    assert asked(shelf, "when was it published?", filters=given).paper_id == titled("FoldNet").paper_id
    assert asked(shelf, "is Song Maker used?", filters=given).paper_id == titled("FoldNet").paper_id
    assert asked(shelf, "what does FoldNet save?", filters=given).rewritten is None
    assert describe(given) == ["in the chosen paper"]


def test_a_chosen_paper_ends_a_talk_about_another(shelf: Library) -> None:
    given = Filters(paper_ids=(titled("FoldNet").paper_id,))
    answer = "**Song Maker (2019)**\n\nThe songs last two minutes. [1]"
    query = asked(shelf, "how long are the songs of Song Maker?", answer, "and what is it about?", filters=given)
    assert (query.paper_id, query.rewritten) == (titled("FoldNet").paper_id, "what is FoldNet about?")


@pytest.mark.parametrize(
    ("text", "intent", "topic"),
    [
        ("how many papers are there?", "count", ""),
        ("how many papers on federated learning since 2024?", "count", "federated learning"),
        ("number of papers that mention quantization", "count", "quantization"),
        ("what is the newest paper?", "extreme", ""),
        ("oldest paper on pruning", "extreme", "pruning"),
        ("most discussed paper of 2024", "extreme", ""),
        ("who wrote with the most authors?", "extreme", ""),
        ("papers a month on quantization", "timeline", "quantization"),
        ("in which year were the most papers published?", "timeline", ""),
        ("list everything from ByteForge", "list", ""),
        ("list all papers on federated learning", "list", "federated learning"),
        ("which papers study federated learning?", "several", ""),
        ("is there anything on robots?", "several", ""),
        ("what does FoldNet save?", "one", ""),
    ],
)
def test_kinds_of_questions_are_told_apart(shelf: Library, text: str, intent: str, topic: str) -> None:
    query = asked(shelf, text)
    assert (query.intent, query.topic) == (intent, topic)


def test_an_extreme_has_its_order_and_limit(shelf: Library) -> None:
    assert (asked(shelf, "the three newest papers").order, asked(shelf, "the three newest papers").limit) == (
        "newest",
        3,
    )
    query = asked(shelf, "Which 2024 paper has the longest author list, and how many is that?")
    assert (query.order, query.limit) == ("most_authors", 1)
    assert query.filters == Filters(since=date(2024, 1, 1), until=date(2024, 12, 31))


@pytest.mark.parametrize(
    ("text", "sides"),
    [
        ("compare FoldNet with WarmUp++", ("FoldNet", "WarmUp++")),
        ("FoldNet vs DriftGuard on memory?", ("FoldNet", "DriftGuard")),
        ("how does FoldNet differ from DriftGuard?", ("FoldNet", "DriftGuard")),
        ("Is FoldNet faster than WarmUp++?", ("FoldNet", "WarmUp++")),
        ("which needs less memory, FoldNet or PLUM?", ("FoldNet", "PLUM")),
        ("compare how FoldNet and WarmUp++ deal with small chips", ("FoldNet", "WarmUp++")),
    ],
)
def test_the_sides_of_a_comparison_are_the_question_s_own_words(
    shelf: Library, text: str, sides: tuple[str, ...]
) -> None:
    query = asked(shelf, text)
    assert (query.intent, query.sides) == ("compare", sides)


@pytest.mark.parametrize(
    "text",
    ["what does FoldNet save?", "foldnet memory", "what does FoldNte save?", "results of Fold Net", "fodlnet chips"],
)
def test_a_named_paper_is_found_also_misspelt(shelf: Library, text: str) -> None:
    assert asked(shelf, text).paper_id == titled("FoldNet").paper_id


def test_a_misspelling_that_was_corrected_is_said(shelf: Library) -> None:
    assert "“FoldNte” was read as “FoldNet”" in asked(shelf, "what does FoldNte save?").notes


def test_a_name_that_two_papers_share_is_left_open_and_both_are_named(shelf: Library) -> None:
    query = asked(shelf, "what is PLUM?")
    assert query.paper_id is None
    assert any("Planning Under Memory" in note and "Pruning Language Models" in note for note in query.notes)


def test_a_shared_name_is_told_apart_by_the_words_around_it(shelf: Library) -> None:
    assert asked(shelf, "how do robots plan ten steps with PLUM?").paper_id == titled("PLUM: Planning").paper_id
    assert (
        asked(shelf, "which weights of language models does PLUM remove?").paper_id == titled("PLUM: Pruning").paper_id
    )


def test_a_subject_that_many_papers_share_is_no_paper(shelf: Library) -> None:
    assert asked(shelf, "how private is federated learning?").paper_id is None
    assert (
        asked(shelf, "what does Federated Learning: A Gentle Survey say?").paper_id
        == titled("Federated Learning:").paper_id
    )


def test_a_name_that_only_the_abstract_gives_is_known(shelf: Library) -> None:
    assert asked(shelf, "perplexity of QWT?").paper_id == titled("Quantization Without").paper_id


def test_names_of_titles_and_abstracts() -> None:
    assert title_names("Toy3 Technical Report: A Toy") == [
        "Toy3 Technical Report: A Toy",
        "Toy3 Technical Report",
        "Toy3",
    ]
    assert introduced_names("To this end we propose a tool, SAW (short for sawing). It beats GPT.") == ["SAW"]
    assert introduced_names("We use BERT as a baseline.") == []


@pytest.mark.parametrize(
    ("one", "other", "slips"),
    [("abcd", "abcd", 0), ("abdc", "abcd", 1), ("abd", "abcd", 1), ("xbcdy", "abcd", 2), ("a", "abcd", 3)],
)
def test_slips_are_counted_up_to_a_limit(one: str, other: str, slips: int) -> None:
    assert edit_distance(one, other, 2) == slips


@pytest.mark.parametrize(
    ("text", "field"),
    [
        ("when was FoldNet published?", "published"),
        ("publication date of FoldNet", "published"),
        ("which organisation is FoldNet from?", "organisation"),
        ("how many authors does FoldNet have?", "n_authors"),
        ("who wrote FoldNet?", "n_authors"),
        ("how many comments did FoldNet get?", "n_comments"),
    ],
)
def test_a_field_of_one_paper_is_asked_for(shelf: Library, text: str, field: str) -> None:
    query = asked(shelf, text)
    assert (query.intent, query.field, query.paper_id) == ("field", field, titled("FoldNet").paper_id)


ABOUT_FOLDNET = ("which paper folds layers?", "FoldNet folds the layers so that they fit on small chips [1].")


@pytest.mark.parametrize(
    ("text", "rewritten"),
    [
        ("how much memory does it save?", "how much memory does FoldNet save?"),
        ("and what are its limits?", "what are FoldNet’s limits?"),
        ("does that need labels?", "does FoldNet need labels?"),
        ("which chips did the authors use?", "which chips did the FoldNet authors use?"),
        ("How many GPUs were used?", "FoldNet: How many GPUs were used?"),
        ("when was it published?", "when was FoldNet published?"),
        ("how does that compare with WarmUp++?", "how does FoldNet compare with WarmUp++?"),
    ],
)
def test_a_follow_up_is_written_out(shelf: Library, text: str, rewritten: str) -> None:
    query = asked(shelf, *ABOUT_FOLDNET, text)
    assert query.rewritten == rewritten
    if query.intent != "compare":
        assert query.paper_id == titled("FoldNet").paper_id
    assert titled("FoldNet").paper_id in [hit.paper.paper_id for hit in shelf.search(query.text, k=2)]


@pytest.mark.parametrize(
    "text",
    [
        "What does DriftGuard do?",
        "Which papers study pruning?",
        "is there a network that composes songs from text, and how long are they?",
        "something else: what do robots plan?",
        "What is quantization?",
    ],
)
def test_a_new_topic_is_new(shelf: Library, text: str) -> None:
    assert asked(shelf, *ABOUT_FOLDNET, text).rewritten is None


def test_an_ellipsis_takes_the_place_of_its_kind() -> None:
    before = "how much compute does LEMUR save for vision models?"
    assert written_out("and for speech?", before, "LEMUR") == "how much compute does LEMUR save for speech"
    assert (
        written_out("what about 6 bit?", "how much does LEMUR lose at 8 bits?", "LEMUR")
        == "how much does LEMUR lose at 6 bit"
    )
    assert (
        written_out("and DETR?", "how much does FCOS gain from LEMUR?", "LEMUR") == "how much does DETR gain from LEMUR"
    )


def test_another_paper_takes_the_place_of_the_one_spoken_of(shelf: Library) -> None:
    query = asked(shelf, "how many epochs does WarmUp++ need?", "WarmUp++ needs 7 epochs [1].", "and DriftGuard?")
    assert query.rewritten == "how many epochs does DriftGuard need"
    assert query.paper_id == titled("DriftGuard").paper_id


LISTED = (
    "papers from 2024?",
    "**2** of 12 papers match.\n\n|  | Paper |\n| --- | --- |\n| [1] | Quantization Without Tears |\n"
    "| [2] | FoldNet: Folding Networks for Small Chips |",
)


def test_the_second_one_is_the_second_paper_of_the_answer(shelf: Library) -> None:
    assert asked(shelf, *LISTED, "what does the second one fold?").paper_id == titled("FoldNet").paper_id
    assert asked(shelf, *LISTED, "what does [1] lose?").paper_id == titled("Quantization Without").paper_id


def test_these_are_the_papers_of_the_answer(shelf: Library) -> None:
    query = asked(shelf, *LISTED, "which of these has more authors?")
    assert (query.intent, query.order) == ("extreme", "most_authors")
    assert set(query.filters.paper_ids) == {titled("FoldNet").paper_id, titled("Quantization Without").paper_id}
    query = asked(shelf, *LISTED, "which of them needs less memory?")
    assert query.intent == "compare"
    assert len(query.sides) == 2


def test_headings_say_which_paper_a_marker_belongs_to(shelf: Library) -> None:
    answer = (
        "- **WarmUp++: Starting From Old Weights (2025)**: Old weights help. [1] It needs 7 epochs. [2]\n"
        "- **DriftGuard: Watching Federated Learning Drift (2025)**: Clients drift. [3]"
    )
    query = asked(shelf, "what helps training?", answer, "what does the second one watch?")
    assert query.paper_id == titled("DriftGuard").paper_id
    assert asked(shelf, "what helps training?", answer, "does [2] need more?").paper_id == titled("WarmUp++").paper_id


def test_papers_shown_by_a_refusal_are_not_what_it_means(shelf: Library) -> None:
    refusal = "The abstract does not answer this.\n\nNearest papers:\n\n- Song Maker\n- Slow Federated Learning"
    query = asked(shelf, *ABOUT_FOLDNET, "does it use GPUs?", refusal, "and how much memory does it save?")
    assert query.paper_id == titled("FoldNet").paper_id


def test_filters_stay_until_they_are_changed(shelf: Library) -> None:
    first = ("how many papers on federated learning since 2025?", "1 of 12 papers match.")
    query = asked(shelf, *first, "and on quantization?")
    assert (query.intent, query.topic, query.filters) == ("count", "quantization", Filters(since=date(2025, 1, 1)))
    query = asked(shelf, *first, "and in 2024?")
    assert (query.topic, query.filters.since, query.filters.until) == (
        "federated learning",
        date(2024, 1, 1),
        date(2024, 12, 31),
    )
    query = asked(shelf, *first, "only from ByteForge")
    assert query.filters == Filters(since=date(2025, 1, 1), organisation="ByteForge")
    assert asked(shelf, *first, "in any year").filters == Filters()


def test_filters_meant_to_stay_outlive_a_new_topic_and_others_do_not(shelf: Library) -> None:
    kept = asked(shelf, "only show papers since 2024", "6 papers.", "which papers prune language models?")
    assert kept.filters == Filters(since=date(2024, 1, 1))
    dropped = asked(shelf, "which papers on pruning came out since 2024?", "None.", "what does Song Maker do?")
    assert dropped.filters == Filters()
    assert any("was dropped" in note for note in dropped.notes)


def test_a_follow_up_to_nothing_known_searches_the_question_before_too(shelf: Library) -> None:
    query = asked(shelf, "how do submarines sing?", "I could not find that.", "and for whales?")
    assert "submarines sing" in query.text
    assert "whales" in query.text


def test_odd_questions_do_no_harm(shelf: Library) -> None:
    for text in (
        "",
        "?",
        "   ",
        "and?",
        "[1]",
        "the second one",
        "(((",
        "1" * 500,
        "papers from 31 February 2024",
        "since since since",
    ):
        asked(shelf, text)
        asked(shelf, *LISTED, text)


def test_an_empty_library_understands_too(tmp_path_factory: pytest.TempPathFactory) -> None:
    library = Library.create(tmp_path_factory.mktemp("empty") / "library")
    query = asked(library, "what came out last week?", today=date(2025, 6, 10))
    assert query.filters == Filters(since=date(2025, 6, 3))


def test_papers_added_later_are_known_by_name(library: Library) -> None:
    add_papers(library, [titled("Song Maker")])
    assert asked(library, "what does FoldNet save?").paper_id is None
    add_papers(library, [titled("FoldNet")])
    assert asked(library, "what does FoldNet save?").paper_id == titled("FoldNet").paper_id
