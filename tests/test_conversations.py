"""Conversations of several turns, asked of an engine whose own answers are the history, and what must not be misread in them.

Numbers were counted by hand over tests/shelf_of_questions.py: its newest paper is of 2 June 2025, six of twelve have dates.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from ingest import add_papers
from rag.engine import Engine
from rag.library import Library
from rag.question.filters import describe, overlay, without
from rag.question.said import read_said
from rag.question.standalone import of_another, which_of
from rag.questions import Query, understand
from rag.schema import Answer, Filters, Turn
from tests.conftest import paper
from tests.shelf_of_questions import PAPERS, TODAY, talked, titled

YEAR_2024 = Filters(since=date(2024, 1, 1), until=date(2024, 12, 31))


@pytest.fixture(scope="module")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Library:
    library = Library.create(tmp_path_factory.mktemp("conversations") / "library")
    add_papers(library, PAPERS)
    return library


@pytest.fixture(scope="module")
def engine(shelf: Library) -> Engine:
    return Engine(shelf, today=lambda: TODAY)


def asked(library: Library, question: str, *, filters: Filters | None = None, ignore: tuple[str, ...] = ()) -> Query:
    return understand(question, library=library, today=TODAY, filters=filters, ignore=ignore)


def titles(answer: Answer) -> list[str]:
    return [paper.title.split(":")[0] for paper in answer.papers]


# Filters


@pytest.mark.parametrize(
    ("text", "names", "n"),
    [
        ("how many papers are from Tiny Lab or ByteForge?", ("Tiny Lab", "ByteForge"), 3),
        ("list everything from ByteForge and Tiny Lab", ("ByteForge", "Tiny Lab"), 3),
        ("papers from either Tiny Lab or from ByteForge since 2025", ("Tiny Lab", "ByteForge"), 2),
        ("what did ByteForge and Tiny Lab publish?", ("ByteForge", "Tiny Lab"), 3),
    ],
)
def test_several_organisations_are_all_meant(engine: Engine, text: str, names: tuple[str, ...], n: int) -> None:
    answer = engine.ask(text)
    assert (answer.filters.organisations, answer.filters.organisation) == (names, None)
    assert answer.text.startswith(f"**{n}** of 12 papers match")
    assert f"from {names[0]} or {names[1]}" in answer.text


def test_an_organisation_that_is_not_here_is_named_beside_one_that_is(shelf: Library) -> None:
    query = asked(shelf, "papers from HoverCorp or ByteForge")
    assert query.filters == Filters(organisation="ByteForge")
    assert "no paper here is marked as from “HoverCorp”" in query.notes


def test_one_and_several_organisations_are_one_restriction() -> None:
    one, several = Filters(organisation="A"), Filters(organisations=("B", "C", "D"))
    assert overlay(one, several) == several
    assert overlay(several, one) == one
    assert without(several, ("organisation", "organisations")) == Filters()
    assert describe(several) == ["from B, C or D"]


@pytest.mark.parametrize(
    ("text", "n"),
    [
        ("how many papers are not from 2024?", 4),
        ("papers that were not published in 2024", 4),
        ("Not from 2024", 4),
        ("how many papers are not from ByteForge?", 1),
        ("list all papers except those from Tiny Lab", 2),
        ("papers that are not single-author", 5),
        ("how many papers are not from 2025?", 4),
        ("papers outside 2019", 5),
    ],
)
def test_what_a_question_does_not_want_is_left_out(engine: Engine, text: str, n: int) -> None:
    answer = engine.ask(text)
    assert answer.text.startswith(f"**{n}** of 12 paper")
    assert "could not be judged" in answer.text
    if len(answer.papers) < 20:
        assert len(answer.papers) == n


def test_a_list_leaves_out_the_papers_themselves(engine: Engine) -> None:
    answer = engine.ask("list the papers not from 2024")
    assert titles(answer) == ["DriftGuard", "WarmUp++", "PLUM", "Song Maker"]


def test_a_search_that_cannot_leave_papers_out_says_so_and_never_does_the_opposite(shelf: Library) -> None:
    query = asked(shelf, "which methods, not from ByteForge, save memory?")
    assert not query.filters
    assert "papers from ByteForge are searched too: only counts and lists can leave them out" in query.notes
    query = asked(shelf, "which methods save memory, not from 2024?")
    assert not query.filters
    assert any("“until 31 December 2023” or “since 1 January 2025” can be asked for" in note for note in query.notes)


@pytest.mark.parametrize(
    ("text", "filters"),
    [
        ("2024", YEAR_2024),
        ("2024?", YEAR_2024),
        ("since May 2025", Filters(since=date(2025, 5, 1))),
        ("last month", Filters(since=date(2025, 5, 1), until=date(2025, 5, 31))),
        ("papers since the summer", Filters(since=date(2025, 6, 1))),
        ("papers from the past half year", Filters(since=date(2024, 12, 2))),
        ("papers from the last year and a half", Filters(since=date(2023, 12, 2))),
        ("papers no older than six months", Filters(since=date(2024, 12, 2))),
        ("papers from 05/2024", Filters(since=date(2024, 5, 1), until=date(2024, 5, 31))),
        ("papers as of 2023", Filters(until=date(2023, 12, 31))),
        ("papers from the last decade", Filters(since=date(2015, 6, 2))),
        ("papers published two years ago or earlier", Filters(until=date(2023, 6, 2))),
    ],
)
def test_a_few_words_of_time_are_a_list(shelf: Library, text: str, filters: Filters) -> None:
    query = asked(shelf, text)
    assert (query.intent, query.filters) == ("list", filters)


def test_a_date_after_the_topic_is_the_papers(shelf: Library) -> None:
    query = asked(shelf, "How many papers about language models were published before 2023?")
    assert (query.intent, query.topic) == ("count", "language models")
    assert query.filters == Filters(until=date(2022, 12, 31))


@pytest.mark.parametrize(
    "text",
    [
        "how fast is it on a ByteForge GPU?",
        "what does GPT-4 do?",
        "what can a 7B model do?",
        "how is it trained in 2 steps?",
        "what happens before training?",
        "is it cheap since it is slow?",
        "do prompts of more than 5 tokens help?",
        "which models have 2024-bit keys?",
        "what score does it reach on AIME 2024?",
        "which papers use data from 2023?",
        "which paper trains on 2020 census data?",
        "does it beat models before 2020 on speed?",
        "what do single-author novels look like to a classifier?",
        "what causes the fall of accuracy?",
        "what happens after 2000 steps?",
        "models distilled from ByteForge",
        "between 2 and 4 bits, what works best?",
        "is more than one epoch useful?",
    ],
)
def test_words_that_only_look_like_filters_are_none(shelf: Library, text: str) -> None:
    query = asked(shelf, text)
    assert query.intent in ("one", "several", "compare")
    assert not query.filters
    assert not query.left_out


def test_an_answer_that_quotes_says_how_many_papers_the_filters_leave_and_how_many_have_no_date(engine: Engine) -> None:
    answer = engine.ask("which networks need less memory, in papers since 2024?")
    assert answer.mode == "quoting"
    assert answer.notes == ("published since 1 January 2024", "4 of 12 papers match; 6 have no date")
    answer = engine.ask("which networks need less memory?", filters=Filters(organisation="ByteForge"))
    assert answer.notes == ("from ByteForge", "2 of 12 papers match; 9 have no organisation")


def test_notes_are_said_once_and_in_a_fixed_order(shelf: Library) -> None:
    first = asked(shelf, "what is new on quantizaton and pruning since last month?").notes
    assert first == (
        "published since 1 May 2025",
        "1 of 12 papers matches; 6 have no date",
        "“quantizaton” was read as “quantization”",
        "“since last month” counts from 2 June 2025, the newest paper here",
    )
    assert asked(shelf, "what is new on quantizaton and pruning since last month?").notes == first


# Extremes


def test_newest_and_oldest_are_both_told_with_markers_of_one_table(engine: Engine) -> None:
    answer = engine.ask("Newest and oldest")
    assert titles(answer) == ["DriftGuard", "Song Maker"]
    assert (
        "The newest paper is “DriftGuard: Watching Federated Learning Drift” [1], published on 2 June 2025"
        in answer.text
    )
    assert "The oldest paper is “Song Maker” [2], published on 4 July 2019" in answer.text
    assert answer.text.count("have no date") == 1
    assert "| [2] | Song Maker | 2019-07-04 |" in answer.text


def test_the_second_newest_is_among_the_two_newest(engine: Engine) -> None:
    assert titles(engine.ask("the second newest paper")) == ["DriftGuard", "WarmUp++"]


def test_two_years_with_or_are_counted_together_and_compared_only_when_asked(engine: Engine) -> None:
    assert engine.ask("how many papers in 2024 or 2025?").text.startswith("**4** of 12 papers match")
    assert "2 in 2024, 2 in 2025" in engine.ask("were there more papers in 2024 or 2025?").text


# Names


def test_a_shared_name_brings_both_papers_told_apart(engine: Engine, shelf: Library) -> None:
    query = asked(shelf, "what is PLUM?")
    assert query.sides == ("PLUM: Planning Under Memory Limits", "PLUM: Pruning Language Models Upward")
    assert query.notes == (
        "two papers go by “PLUM”: “PLUM: Planning Under Memory Limits” and “PLUM: Pruning Language Models Upward”",
    )
    assert {paper.paper_id for paper in engine.ask("what is PLUM?").papers[:2]} == {
        titled("PLUM: Planning").paper_id,
        titled("PLUM: Pruning").paper_id,
    }


def test_the_date_of_a_shared_name_is_told_for_each_paper(engine: Engine) -> None:
    answer = engine.ask("when was PLUM published?")
    assert "published on 11 February 2021" in answer.text
    assert "no date for “PLUM: Pruning Language Models Upward”" in answer.text


def test_the_word_beside_a_shared_name_tells_the_paper(shelf: Library) -> None:
    assert asked(shelf, "what does the PLUM pruning need?").paper_id == titled("PLUM: Pruning").paper_id


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("what does FoldNte save?", "FoldNet"),
        ("what does DirftGuard watch?", "DriftGuard"),
        ("quantizaton of language models", "quantization"),
        ("what do federted learning surveys say?", "federated"),
    ],
)
def test_slips_are_mended_in_the_search_and_said(shelf: Library, text: str, meant: str) -> None:
    query = asked(shelf, text)
    assert meant in query.text
    assert any("was read as" in note and meant in note for note in query.notes)
    assert query.question == text


@pytest.mark.parametrize(
    "text", ["how do pigeons sing?", "casual gamers", "clinical trials of scalp scans", "Planck's law"]
)
def test_words_that_the_library_lacks_are_no_slips(shelf: Library, text: str) -> None:
    query = asked(shelf, text)
    assert query.text == text
    assert not query.notes


# Nothing asked


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("thanks", "thanks"),
        ("OK, thank you so much!", "thanks"),
        ("hi there", "greeting"),
        ("great", "nod"),
        ("bye!", "farewell"),
        ("what can you do?", "help"),
        ("in German?", "language"),
        ("can you translate that into French?", "language"),
        ("???", "nothing"),
        ("thanks, and how fast is it?", None),
        ("hi, how many papers are there?", None),
        ("do thanks in prompts help?", None),
        ("why?", None),
        ("more", None),
    ],
)
def test_a_message_that_asks_nothing_is_told_from_a_question(text: str, said: str | None) -> None:
    assert read_said(text) == said


def test_thanks_are_answered_without_a_search(engine: Engine) -> None:
    answer = engine.ask("thanks!")
    assert answer.text.startswith(
        "You are welcome. Ask in your own words what the papers say: 12 papers are here, dated 4 July 2019"
    )
    assert (answer.abstained, answer.reason) == (True, "no_question")
    assert (answer.papers, answer.citations, answer.notes) == ((), (), ())


def test_an_empty_library_says_how_to_fill_it_when_greeted(library: Library) -> None:
    assert "askpapers ingest" in Engine(library, today=lambda: TODAY).ask("hello").text


# Chains


def test_a_count_is_listed_ordered_and_asked_of_another_year(engine: Engine) -> None:
    count, listed, newest, oldest, other = talked(
        engine,
        "how many papers are from 2024?",
        "list them",
        "which of these is newest?",
        "and the oldest?",
        "and in 2025?",
    )
    assert count.text.startswith("**2** of 12 papers match")
    assert titles(listed) == ["Quantization Without Tears", "FoldNet"]
    assert listed.rewritten == "list the papers (published in 2024)"
    assert titles(newest) == ["Quantization Without Tears"]
    assert titles(oldest) == ["FoldNet"]
    assert titles(other) == ["WarmUp++"]
    assert other.filters == Filters(since=date(2025, 1, 1), until=date(2025, 12, 31))


def test_only_those_since_july_stays_within_the_year_before(engine: Engine) -> None:
    answers = talked(engine, "list the papers from 2024", "only those since July", "how many are that?", "and in May?")
    assert answers[1].filters == Filters(since=date(2024, 7, 1), until=date(2024, 12, 31))
    assert "“since July” was read as since 1 July 2024" in answers[1].notes
    assert titles(answers[1]) == ["Quantization Without Tears"]
    assert answers[2].text.startswith("**1** of 12 papers matches")
    assert answers[3].filters == Filters(since=date(2024, 5, 1), until=date(2024, 5, 31))


def test_and_before_is_the_other_side_of_the_date(engine: Engine) -> None:
    answers = talked(engine, "how many papers since 2024?", "and before?", "in any year")
    assert answers[1].filters == Filters(until=date(2023, 12, 31))
    assert answers[1].text.startswith("**2** of 12 papers match")
    assert not answers[2].filters


def test_a_year_is_changed_and_then_left_out(engine: Engine) -> None:
    answers = talked(engine, "papers from 2024", "2025", "not from 2025")
    assert answers[1].text.startswith("**2** of 12")
    assert answers[2].filters == Filters(until=date(2024, 12, 31))
    assert titles(answers[2])[0] == "Quantization Without Tears"


def test_now_tell_me_about_another_paper_is_a_new_topic(engine: Engine) -> None:
    answers = talked(
        engine, "which papers since 2024 study quantization?", "Now tell me about Song Maker", "when was it published?"
    )
    assert answers[1].papers[0].title == "Song Maker"
    assert not answers[1].abstained
    assert not answers[1].filters
    assert "a new topic: the earlier filter (published since 1 January 2024) was dropped" in answers[1].notes
    assert "published on 4 July 2019" in answers[2].text


def test_something_else_begins_anew(engine: Engine) -> None:
    answers = talked(engine, "what does FoldNet save?", "something else: how many papers are from 2019?", "name them")
    assert answers[1].text.startswith("**1** of 12 papers matches: published in 2019.")
    assert titles(answers[2]) == ["Song Maker"]


def test_the_second_one_of_one_is_said_to_be_missing(engine: Engine) -> None:
    answers = talked(engine, "what does FoldNet save?", "does the second one do this too?")
    assert "only one paper was named before" in answers[1].notes
    assert "FoldNet" in (answers[1].rewritten or "")


def test_two_papers_spoken_of_in_turn_are_compared(engine: Engine) -> None:
    answers = talked(engine, "what does FoldNet save?", "and WarmUp++?", "compare them", "which one is newer?")
    assert answers[2].rewritten == "compare FoldNet and WarmUp++"
    assert set(titles(answers[2])[:2]) == {"FoldNet", "WarmUp++"}
    assert titles(answers[3]) == ["WarmUp++"]


def test_a_field_is_asked_of_one_listed_paper_after_the_other(engine: Engine) -> None:
    answers = talked(
        engine, "list the papers from 2025", "when was the second one published?", "and the first?", "who wrote it?"
    )
    assert "20 March 2025" in answers[1].text
    assert "2 June 2025" in answers[2].text
    assert "it counts 4 authors" in answers[3].text


def test_thanks_in_between_change_nothing(engine: Engine) -> None:
    answers = talked(engine, "what does FoldNet save?", "ok, thanks", "how many authors does it have?")
    assert "has 3 authors" in answers[2].text


def test_papers_without_a_field_are_counted_and_listed(engine: Engine) -> None:
    answers = talked(engine, "how many papers have no date?", "list them")
    assert answers[0].text == "**6** of 12 papers have no date."
    assert len(answers[1].papers) == 6
    assert "PLUM" in titles(answers[1])
    assert "FoldNet" not in titles(answers[1])


def test_a_list_on_another_topic_is_a_list_like_the_first(engine: Engine) -> None:
    answers = talked(engine, "papers on quantization since 2019", "and robots?")
    assert (answers[1].rewritten, answers[1].abstained) == ("papers on robots (published since 1 January 2019)", False)
    assert titles(answers[1])[0] == "PLUM"


def test_how_it_works_is_asked_of_the_paper_spoken_of(engine: Engine) -> None:
    assert talked(engine, "what does FoldNet save?", "how does it work?")[1].rewritten == "how does FoldNet work?"
    assert engine.ask("how does it work?").reason == "no_question"


# Filters that are set beside the question


@pytest.mark.parametrize(
    "text", ["papers since 2025", "how many papers since 2025?", "which networks save memory, since 2025?"]
)
def test_an_answer_that_no_paper_can_give_says_why_and_takes_none_from_one_of_the_two(
    engine: Engine, text: str
) -> None:
    answer = engine.ask(text, filters=Filters(until=date(2023, 12, 31)))
    assert (answer.abstained, answer.reason, answer.papers, answer.coverage.n_searched) == (True, "filtered_out", (), 0)
    assert answer.text.startswith(
        "No paper can pass: “since 2025” in the question and the filter that is set (published until"
    )


def test_a_count_counts_what_passes_both(engine: Engine) -> None:
    given = Filters(since=date(2024, 6, 1))
    assert engine.ask("how many papers until May 2025?", filters=given).text.startswith("**2** of 12 papers match")


@pytest.mark.parametrize(
    "text",
    [
        "what results does it report?",
        "what is it about?",
        "which method does it use?",
        "what is the main contribution?",
        "summarize it",
        "what are the key findings?",
        "what does it conclude?",
        "how does it work?",
        "what problem does it solve?",
    ],
)
def test_what_every_abstract_has_is_answered_from_the_chosen_paper(engine: Engine, text: str) -> None:
    for start in ("FoldNet", "Song Maker", "PLUM: Pruning"):
        answer = engine.ask(text, filters=Filters(paper_ids=(titled(start).paper_id,)))
        assert not answer.abstained
        assert {citation.paper_id for citation in answer.citations} == {titled(start).paper_id}


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("does it mention bananas?", "bananas"),
        ("what results does it report on Mandarin?", "Mandarin"),
        ("is Kafka used?", "Kafka"),
        ("what are its limitations?", "limitations"),
        ("who funded it?", "funded"),
    ],
)
def test_what_the_chosen_paper_does_not_say_is_refused(engine: Engine, text: str, missing: str) -> None:
    answer = engine.ask(text, filters=Filters(paper_ids=(titled("PLUM: Pruning").paper_id,)))
    assert (answer.abstained, answer.reason) == (True, "not_stated")
    assert answer.text.startswith("The abstract of PLUM: Pruning Language Models Upward does not answer this.")
    assert missing in answer.text


def test_verbs_with_which_papers_speak_of_a_topic_are_no_topic(engine: Engine) -> None:
    assert engine.ask("how many papers speak of robots?").text.startswith("**1** of 12 papers matches: on “robots”")
    for verb in ("speak of", "refer to", "touch on", "explore"):
        answer = engine.ask(f"Which papers from Tiny Lab {verb} speech?")
        assert (answer.abstained, titles(answer)) == (False, ["FoldNet"])


# What the caller does not want understood


def test_ignored_fields_do_not_restrict_and_only_names_are_searched_as_words(shelf: Library) -> None:
    text = "which networks save memory, from Tiny Lab since 2024?"
    assert asked(shelf, text).filters == Filters(since=date(2024, 1, 1), organisation="Tiny Lab")
    query = asked(shelf, text, ignore=("since", "until"))
    assert query.filters == Filters(organisation="Tiny Lab")
    assert query.text == "which networks save memory?"
    query = asked(shelf, text, ignore=("organisation", "since"))
    assert not query.filters
    assert query.text == "which networks save memory, from Tiny Lab?"


@pytest.mark.parametrize(
    ("text", "ignore", "left"),
    [
        ("papers on quantization with at least 5 comments", ("min_comments", "max_comments"), "papers on quantization"),
        ("papers on quantization by one author", ("min_authors", "max_authors"), "papers on quantization"),
        ("what is new on quantization since May 2025?", ("since", "until"), "what is new on quantization?"),
    ],
)
def test_words_whose_filter_was_dropped_are_not_searched(
    shelf: Library, text: str, ignore: tuple[str, ...], left: str
) -> None:
    query = asked(shelf, text, ignore=ignore)
    assert (query.text, query.filters) == (left, Filters())


def test_nothing_but_a_dropped_date_asks_for_all_papers(engine: Engine) -> None:
    assert engine.ask("papers since 2025", ignore=("since", "until")).text.startswith("The library holds **12 papers**")


def test_a_follow_up_whose_date_was_dropped_asks_the_question_before(shelf: Library) -> None:
    history = [Turn(role="user", text="how many papers on quantization?"), Turn(role="assistant", text="3.")]
    query = understand("and in 2023?", library=shelf, history=history, today=TODAY, ignore=("since", "until"))
    assert (query.intent, query.topic, query.filters) == ("count", "quantization", Filters())


def test_an_ignored_end_of_a_span_leaves_the_other(shelf: Library) -> None:
    assert asked(shelf, "papers from 2021 to 2024", ignore=("until",)).filters == Filters(since=date(2021, 1, 1))


def test_names_can_be_ignored(shelf: Library) -> None:
    query = asked(shelf, "what does FoldNte save?", ignore=("names",))
    assert (query.paper_id, query.notes, query.text) == (None, (), "what does FoldNte save?")


def test_the_conversation_can_be_ignored_and_its_filters_freed(shelf: Library) -> None:
    history = [
        Turn(role="user", text="how many papers on federated learning since 2025?"),
        Turn(role="assistant", text="1."),
    ]
    kept = understand("and on quantization?", library=shelf, history=history, today=TODAY)
    assert kept.filters == Filters(since=date(2025, 1, 1))
    freed = understand("and on quantization?", library=shelf, history=history, today=TODAY, ignore=("since",))
    assert (freed.topic, freed.filters, freed.rewritten) == (
        "quantization",
        Filters(),
        "how many papers on quantization?",
    )
    alone = understand("and on quantization?", library=shelf, history=history, today=TODAY, ignore=("rewrite",))
    assert alone.rewritten is None


def test_given_filters_are_not_ignored(shelf: Library) -> None:
    given = Filters(since=date(2025, 1, 1))
    assert asked(shelf, "papers from 2024", filters=given, ignore=("since", "until")).filters == given


# What the last answer was about


@pytest.mark.parametrize("text", ["when was that?", "and when was this paper?", "what year was that?"])
def test_when_that_was_asks_for_the_date_of_the_paper(engine: Engine, text: str) -> None:
    answers = talked(engine, "How much memory does FoldNet save?", text)
    assert answers[-1].rewritten == "when was FoldNet published?"
    assert "was published on 1 May 2024" in answers[-1].text


@pytest.mark.parametrize("text", ["who did that?", "and who made it?", "who is that by?"])
def test_who_did_that_asks_for_the_authors_of_the_paper(engine: Engine, text: str) -> None:
    answers = talked(engine, "How much memory does FoldNet save?", text)
    assert answers[-1].rewritten == "who wrote FoldNet?"
    assert [one.paper_id for one in answers[-1].papers] == [titled("FoldNet").paper_id]


def test_code_asked_for_twice_is_the_code_of_the_paper_named_before(engine: Engine) -> None:
    answers = talked(engine, "How much memory does FoldNet save?", "is there code?", "does it have code?")
    assert [one.rewritten for one in answers[1:]] == ["where is the code of FoldNet?"] * 2


def test_another_thing_swaps_the_object_of_a_question_for_papers(engine: Engine) -> None:
    answers = talked(engine, "Which papers train on phones?", "and clinics?", "and on belts?")
    assert [one.rewritten for one in answers[1:]] == ["Which papers train on clinics?", "Which papers train on belts"]
    assert titles(answers[-1])[0] == "Learning to Sort Waste"


@pytest.mark.parametrize(
    ("text", "before", "whole"),
    [
        ("ScanNet", "Which papers use ImageNet?", "Which papers use ScanNet?"),
        ("on COCO", "which methods are evaluated on ImageNet", "which methods are evaluated on COCO?"),
        ("for speech", "list papers about pruning", None),
        ("COCO", "Which paper uses ImageNet?", None),
        ("its cost", "Which papers use ImageNet?", None),
        ("COCO", "How fast is FoldNet on ImageNet?", None),
    ],
)
def test_only_a_question_for_papers_has_an_object_to_swap(text: str, before: str, whole: str | None) -> None:
    assert of_another(text, before) == whole


def test_the_second_one_of_a_comparison_is_the_second_paper(engine: Engine) -> None:
    answers = talked(engine, "Compare FoldNet and WarmUp++ on speed", "and the second one?", "and the first?")
    assert [one.rewritten for one in answers[1:]] == ["WarmUp++ on speed", "FoldNet on speed"]
    assert [titles(one)[0] for one in answers[1:]] == ["WarmUp++", "FoldNet"]


def test_the_second_one_of_a_list_is_the_second_paper(engine: Engine) -> None:
    answers = talked(engine, "Which papers are about memory?", "and the second one?")
    second = list(dict.fromkeys(citation.title for citation in answers[0].citations))[1]
    assert {citation.title for citation in answers[1].citations} == {second}


@pytest.mark.parametrize(
    ("text", "whole"),
    [
        ("which of the two is faster?", "is FoldNet or WarmUp++ faster?"),
        ("which one needs fewer epochs?", "does FoldNet or WarmUp++ need fewer epochs?"),
        ("and which of them has less memory?", "does FoldNet or WarmUp++ have less memory?"),
    ],
)
def test_a_choice_of_two_papers_is_a_comparison(engine: Engine, text: str, whole: str) -> None:
    answers = talked(engine, "Compare FoldNet and WarmUp++", text)
    assert answers[-1].rewritten == whole
    assert {citation.title.split(":")[0] for citation in answers[-1].citations} <= {"FoldNet", "WarmUp++"}


def test_a_choice_of_three_names_all_of_them() -> None:
    assert which_of("which of them is faster?", ["A", "B", "C"]) == "which of A, B and C is faster?"
    assert which_of("which of these datasets is larger?", ["A", "B"]) is None


def test_more_from_the_same_group_lists_the_papers_of_the_organisation(engine: Engine) -> None:
    answers = talked(engine, "What does DriftGuard do?", "more from the same group?")
    assert answers[-1].filters == Filters(organisation="ByteForge")
    assert set(titles(answers[-1])) == {"DriftGuard", "WarmUp++"}


@pytest.mark.parametrize(
    ("abstract", "rewritten"),
    [
        (
            "EchoRead reads letters aloud in French, Polish and German. Errors fall by a fifth.",
            "How good is EchoRead in German",
        ),
        ("EchoRead reads letters aloud with a language model. Errors fall by a fifth.", None),
    ],
)
def test_a_language_is_a_topic_where_the_paper_speaks_of_languages(
    tmp_path: Path, abstract: str, rewritten: str | None
) -> None:
    library = Library.create(tmp_path / "library")
    add_papers(library, [paper("EchoRead: Letters Read Aloud", abstract)])
    answers = talked(Engine(library), "How good is EchoRead?", "and in German?", "in German, please")
    assert answers[1].rewritten == rewritten
    assert answers[2].reason == "no_question"
    assert "not translated" in answers[2].text
