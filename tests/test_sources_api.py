"""Papers from Hugging Face's and arXiv's APIs: what is read, and what happens when they misbehave."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import nullcontext, suppress
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.sources.arxiv_api import read_arxiv
from ingest.sources.hf_api import read_hf
from ingest.sources.http_get import Getter, Limits
from ingest.sources.http_open import RequestsOpener, hub_open
from ingest.sources.reading import Portion, ReadOptions
from rag.errors import SourceError
from rag.library import Library
from rag.schema import Paper
from tests.paper_servers import ERROR_ENTRY, Fault, PaperServer, daily, entry, feed

TODAY = date(2026, 11, 18)
QUICK = Limits(connect_s=2.0, silence_s=1.0, total_s=1.5)


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[PaperServer]:
    with PaperServer() as made:
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", made.url)
        yield made


class Waits:
    """Stands for the clock and for sleeping: what was waited is written down."""

    def __init__(self) -> None:
        self.slept: list[float] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)

    def clock(self) -> float:
        return sum(self.slept)


def getter(waits: Waits, *, of: str = "hf", limits: Limits = QUICK, pause_s: float = 0.0) -> Getter:
    opener = hub_open if of == "hf" else RequestsOpener()
    return Getter(opener, limits=limits, pause_s=pause_s, sleep=waits.sleep, clock=waits.clock, chance=lambda: 0.5)


def hf(spec: str, *, waits: Waits | None = None, limits: Limits = QUICK, **options: Any) -> list[Portion]:
    asked = ReadOptions(**options)
    return list(read_hf(spec, options=asked, today=TODAY, getter=getter(waits or Waits(), limits=limits)))


def arx(
    server: PaperServer, spec: str, *, waits: Waits | None = None, limits: Limits = QUICK, **options: Any
) -> list[Portion]:
    import arxiv

    client = arxiv.Client()
    client.query_url_format = server.url + "/api/query?{}"
    polite = getter(waits or Waits(), of="arxiv", limits=limits, pause_s=client.delay_seconds)
    return list(read_arxiv(spec, options=ReadOptions(**options), client=client, getter=polite))


def papers(portions: list[Portion]) -> list[Paper]:
    return [paper for portion in portions for paper in portion.papers]


def errors(portions: list[Portion]) -> list[str]:
    return [str(error) for portion in portions for error in portion.errors]


# Hugging Face: what is read


def test_a_daily_record_gives_every_field_of_the_paper(server: PaperServer) -> None:
    server.days["2026-11-18"] = [
        daily(
            "2611.00001v2",
            "Small things\nwell done",
            "First line\nand second. Gains 4 points.",
            outer_summary="Shortened.",
            upvotes=31,
            outer_numComments=4,
        )
    ]
    assert papers(hf("hf:daily?date=2026-11-18")) == [
        Paper(
            paper_id="2611.00001",
            title="Small things well done",
            abstract="First line and second. Gains 4 points.",
            published=date(2026, 11, 16),
            authors=("Ada Okafor", "Bo Lindqvist"),
            n_authors=2,
            organisation="Thing Lab",
            organisation_slug="thinglab",
            n_comments=4,
            n_upvotes=31,
            arxiv_id="2611.00001",
            code_url="https://code.example/thing",
            seen_on=("hf:daily",),
        )
    ]


def test_no_upvotes_is_not_the_same_as_not_known_and_hidden_authors_stay_hidden(server: PaperServer) -> None:
    authors = [{"name": "Ada Okafor"}, {"name": "Cy Hidden", "hidden": True}]
    server.days["2026-11-18"] = [
        daily(
            "2611.00001",
            "None yet",
            upvotes=0,
            outer_numComments=0,
            authors=authors,
            organization=None,
            githubRepo=None,
        ),
        daily(
            "2611.00002",
            "Not known",
            upvotes=None,
            outer_numComments=None,
            authors=None,
            githubRepo="javascript:alert(1)",
        ),
    ]
    first, second = papers(hf("hf:daily?date=2026-11-18"))
    assert (first.n_upvotes, first.n_comments, first.authors, first.n_authors) == (0, 0, ("Ada Okafor",), 1)
    assert first.organisation is None and first.code_url is None
    assert (second.n_upvotes, second.n_comments, second.authors, second.n_authors) == (None, None, (), None)
    assert second.code_url is None


def test_days_are_asked_for_one_by_one_newest_first_and_empty_ones_are_fine(server: PaperServer) -> None:
    server.days = {
        "2026-11-18": [daily("2611.00003", "Wednesday")],
        "2026-11-17": [],
        "2026-11-16": [daily("2611.00001", "Monday")],
    }
    portions = hf("hf:daily?days=3")
    assert [paper.title for paper in papers(portions)] == ["Wednesday", "Monday"] and not errors(portions)
    assert [request.query["date"] for request in server.history] == ["2026-11-18", "2026-11-17", "2026-11-16"]


def test_without_a_number_of_days_it_is_a_week(server: PaperServer) -> None:
    assert papers(hf("hf:daily")) == []
    assert [request.query["date"] for request in server.history][-1] == "2026-11-12" and len(server.history) == 7


@pytest.mark.parametrize(("spec", "name"), [("week=2026-W47", "2026-W47"), ("month=2026-11", "2026-11")])
def test_a_week_or_a_month_is_read_page_by_page(server: PaperServer, spec: str, name: str) -> None:
    server.days[name] = [daily(f"2611.{i:05}", f"Paper number {i}") for i in range(170)]
    assert len(papers(hf(f"hf:daily?{spec}"))) == 170
    assert [request.query.get("p") for request in server.history] == [None, "1"]


def test_a_service_that_gives_fewer_a_page_than_asked_or_the_same_page_again_is_read_to_its_end(
    server: PaperServer,
) -> None:
    server.days["2026-11"] = [daily(f"2611.{i:05}", f"Paper number {i}") for i in range(50)]
    server.most_a_page = 50
    assert len(papers(hf("hf:daily?month=2026-11"))) == 50  # the second page is empty
    again = server.answer

    def first_page_always(request: Any) -> Any:
        return again(type(request)(path=request.path, query={"month": "2026-11"}, headers={}))

    server.answer = first_page_always  # type: ignore[method-assign]
    server.history.clear()
    assert len(papers(hf("hf:daily?month=2026-11"))) == 50 and len(server.history) == 2


def test_a_search_asks_with_the_words_and_the_limit(server: PaperServer) -> None:
    server.found = [daily(f"2611.{i:05}", f"Found {i}") for i in range(9)]
    found = papers(hf("hf:search?q=smooth+ & low%20bit&limit=3".replace(" & ", "%20%26%20")))
    assert [paper.title for paper in found] == ["Found 0", "Found 1", "Found 2"]
    assert found[0].seen_on == ("hf:search",)
    assert server.history[0].query == {"q": "smooth+ & low bit", "limit": "3"}


def test_records_without_the_inner_object_are_read_too(server: PaperServer) -> None:
    flat = daily("2611.00001", "Flat")["paper"]
    server.found = [flat]
    assert papers(hf("hf:search?q=flat"))[0].arxiv_id == "2611.00001"


def test_a_paper_without_arxiv_id_is_known_by_its_title(server: PaperServer) -> None:
    from rag.identity import title_id

    server.days["2026-11-18"] = [daily("blog-post-7", "Not on arXiv")]
    found = papers(hf("hf:daily?date=2026-11-18"))[0]
    assert (found.paper_id, found.arxiv_id) == (title_id("Not on arXiv"), None)


def test_since_leaves_older_and_undated_papers_out(server: PaperServer) -> None:
    server.days["2026-11-18"] = [
        daily("2611.00001", "Old", publishedAt="2026-11-09T23:00:00.000Z"),
        daily("2611.00002", "On the day", publishedAt="2026-11-10T00:00:00.000Z"),
    ]
    portions = hf("hf:daily?date=2026-11-18", since=date(2026, 11, 10))
    assert [paper.title for paper in papers(portions)] == ["On the day"] and portions[0].n_skipped == 1


def test_who_asks_is_said_and_nothing_else_about_the_user(server: PaperServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    hf("hf:daily?date=2026-11-18")
    headers = server.history[0].headers
    assert headers["user-agent"].startswith("askpapers/") and "python" not in headers["user-agent"]
    assert "authorization" not in headers


def test_the_package_reads_the_same_list_at_the_same_address(server: PaperServer) -> None:
    from huggingface_hub import HfApi

    server.days["2026-11-18"] = [daily("2611.00001", "One"), daily("2611.00002", "Two")]
    server.found = server.days["2026-11-18"]
    ours = papers(hf("hf:daily?date=2026-11-18")), papers(hf("hf:search?q=x"))
    api = HfApi(endpoint=server.url, token=False)
    theirs = list(api.list_daily_papers(date="2026-11-18")), list(api.list_papers(query="x"))
    for mine, other in zip(ours, theirs, strict=True):
        assert [(p.arxiv_id, p.title, p.abstract) for p in mine] == [(p.id, p.title, p.summary) for p in other]
    # The package also asks for a list of the agent programs that it might be running in; we do not.
    paths = [request.path for request in server.history if "agent" not in request.path]
    assert paths[:2] == paths[2:] == [request.path for request in server.history[:2]]


# Hugging Face: what goes wrong


@pytest.mark.parametrize(
    "spec",
    [
        "hf:", "hf:dialy", "hf:daily?day=3", "hf:daily?days=0", "hf:daily?days=x", "hf:daily?days=367", "hf:daily?days=٣",
        "hf:daily?date=2026-02-30", "hf:daily?date=yesterday", "hf:daily?week=47", "hf:daily?month=2026-13",
        "hf:daily?days=2&date=2026-11-18", "hf:search", "hf:search?q=", "hf:search?q=x&limit=121", "hf:search?q=x&p=2",
    ],
)  # fmt: skip
def test_a_wrong_spec_is_one_error_with_the_forms_allowed(server: PaperServer, spec: str) -> None:
    with pytest.raises(SourceError, match=r"hf:daily\?days=7.*hf:search\?q=WORDS"):
        hf(spec)
    assert not server.history


def test_categories_are_refused_where_there_are_none(server: PaperServer) -> None:
    with pytest.raises(SourceError, match="--category"):
        hf("hf:daily", categories=("cs.CL",))


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"title": 7}, "title must be text, found int"),
        ({"title": " \n"}, "no title"),
        ({"summary": None}, None),
        ({"summary": ["text"]}, "summary must be text"),
        ({"summary": "x" * 3_000_000}, "3,000,000 characters"),
    ],
)
def test_a_record_without_words_is_rejected_and_the_others_stay(
    server: PaperServer, wrong: dict[str, Any], why: str | None
) -> None:
    bad = daily("2611.00002", "Bad")
    for name, value in wrong.items():
        bad["paper"][name] = value
    server.days["2026-11-18"] = [daily("2611.00001", "Good"), bad, daily("2611.00003", "Fine")]
    portions = hf("hf:daily?date=2026-11-18")
    if why is None:  # the outer record has a text, too
        assert len(papers(portions)) == 3
        return
    assert [paper.title for paper in papers(portions)] == ["Good", "Fine"]
    assert len(errors(portions)) == 1
    assert "2026-11-18, record 2" in errors(portions)[0] and why in errors(portions)[0]


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"upvotes": "many"}, "n_upvotes 'many' is left out of “Odd”"),
        ({"upvotes": True}, "n_upvotes True is left out of “Odd”"),
        ({"authors": [{"name": 3}]}, "authors: nothing to read in"),
        ({"organization": 7}, "organisation: nothing to read in 7"),
        ({"id": {"a": 1}}, "is no arXiv id and is left out of “Odd”"),
    ],
)
def test_a_value_of_a_wrong_type_costs_its_field_and_not_the_record(
    server: PaperServer, wrong: dict[str, Any], words: str
) -> None:
    entry = daily("2611.00002", "Odd")
    entry["paper"] |= wrong
    server.days["2026-11-18"] = [entry]
    portions = hf("hf:daily?date=2026-11-18")
    assert [paper.title for paper in papers(portions)] == ["Odd"] and not errors(portions)
    (warning,) = portions[0].warnings
    assert words in warning


def test_authors_may_be_plain_names_and_the_day_a_number(server: PaperServer) -> None:
    entry = daily("2611.00002", "Odd")
    entry["paper"] |= {"authors": ["Ada Fold", "Bo Else"], "publishedAt": 20261118, "organization": "Thing Lab"}
    server.days["2026-11-18"] = [entry]
    (odd,) = papers(hf("hf:daily?date=2026-11-18"))
    assert (odd.authors, odd.published, odd.organisation) == (("Ada Fold", "Bo Else"), date(2026, 11, 18), "Thing Lab")


@pytest.mark.parametrize("wrong", [{"publishedAt": "soon"}, {"upvotes": 10**30}, {"githubRepo": "javascript:x"}])
def test_a_value_that_makes_no_sense_is_left_out_with_a_warning(server: PaperServer, wrong: dict[str, Any]) -> None:
    server.days["2026-11-18"] = [daily("2611.00002", "Odd", **wrong)]
    portions = hf("hf:daily?date=2026-11-18")
    (odd,) = papers(portions)
    assert None in (odd.published, odd.n_upvotes, odd.code_url)
    (warning,) = portions[0].warnings
    assert warning.startswith("hf:daily?date=2026-11-18: ") and "Odd" in warning


def test_markup_and_control_characters_do_not_get_into_a_paper(server: PaperServer) -> None:
    server.days["2026-11-18"] = [
        daily("2611.00002", "A <b>bold</b> title\x00", "Gains\u202e 4&nbsp;points.<script>x</script>")
    ]
    (clean,) = papers(hf("hf:daily?date=2026-11-18"))
    assert (clean.title, clean.abstract) == ("A bold title", "Gains 4 points.")


@pytest.mark.parametrize("record", [None, 3, "text", [], {"paper": "text"}, {}])
def test_a_record_that_is_no_paper_at_all_is_rejected(server: PaperServer, record: object) -> None:
    server.days["2026-11-18"] = [record, daily("2611.00003", "Fine")]
    portions = hf("hf:daily?date=2026-11-18")
    assert [paper.title for paper in papers(portions)] == ["Fine"] and len(errors(portions)) == 1


FAULTS = [
    Fault(status=429),
    Fault(status=500),
    Fault(status=503, headers={"retry-after": "1"}),
    Fault(cut=True),
    Fault(cut=True, chunked=True),
    Fault(body=b""),
    Fault(body=b"<html><body>Just a moment</body></html>"),
    Fault(body=b"\x1f\x8b broken", headers={"content-encoding": "gzip"}),
]


@pytest.mark.parametrize("of", ["hf", "arxiv"])
@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_passing_trouble_is_waited_out(server: PaperServer, fault: Fault, of: str) -> None:
    server.days["2026-11-18"] = [daily("2611.00001", "Here")]
    server.shelf = [entry("2611.00001", "Here")]
    server.enqueue(fault, fault)
    waits = Waits()
    portions = hf("hf:daily?date=2026-11-18", waits=waits) if of == "hf" else arx(server, "arxiv:all:here", waits=waits)
    assert [paper.title for paper in papers(portions)] == ["Here"] and not errors(portions)
    assert len(server.history) == 3
    expected = {429: [5.0, 10.0], 503: [1.05, 1.05]}.get(fault.status, [1.0, 2.0])
    pause = {"hf": 0.0, "arxiv": 3.0}[of]
    # arXiv is left alone for three seconds in any case
    assert waits.clock() == pytest.approx(sum(max(wait, pause) for wait in expected))


@pytest.mark.parametrize("of", ["hf", "arxiv"])
@pytest.mark.parametrize(
    ("fault", "why"),
    [
        (Fault(status=429), r"too many requests \(429\), 4 times"),
        (Fault(status=500), r"has trouble \(500: made up\), 4 times"),
        (Fault(cut=True), "broke off, 4 times"),
        (Fault(body=b"{]"), "4 times"),
        (Fault(redirect="/again"), "without end"),
        (Fault(status=302, headers={"location": "ftp://127.0.0.1/x"}, body=b""), "not safe to follow"),
        (Fault(status=404), r"refused the request \(404: made up\)"),
        (Fault(status=429, headers={"retry-after": "3600"}), "wants a wait of 3780 seconds"),
    ],
    ids=str,
)
def test_lasting_trouble_is_one_sentence(server: PaperServer, fault: Fault, why: str, of: str) -> None:
    server.always = fault
    with pytest.raises(SourceError, match=why) as caught:
        hf("hf:daily?days=7") if of == "hf" else arx(server, "arxiv:all:here")
    assert "the library stays as it was" in str(caught.value) and "\n" not in str(caught.value)
    assert len(server.history) <= 6


@pytest.mark.parametrize("of", ["hf", "arxiv"])
@pytest.mark.parametrize(
    "fault", [Fault(drip=True), Fault(drip_head=True), Fault(silent=True)], ids=["body", "head", "silent"]
)
def test_a_reply_that_never_ends_is_left(server: PaperServer, fault: Fault, of: str) -> None:
    server.always = fault
    limits = Limits(connect_s=2.0, silence_s=0.2, total_s=0.4, attempts=2)
    with pytest.raises(SourceError, match=r"(no whole reply within 0.4 seconds|fell silent in the middle), 2 times"):
        hf("hf:daily?days=7", limits=limits) if of == "hf" else arx(server, "arxiv:all:here", limits=limits)
    assert len(server.history) == 2


@pytest.mark.parametrize("of", ["hf", "arxiv"])
def test_a_reply_that_is_too_large_is_left_packed_or_not(server: PaperServer, of: str) -> None:
    import gzip

    limits = Limits(max_bytes=100_000)
    for fault in (
        Fault(body=b" " * 300_000),
        Fault(body=gzip.compress(b" " * 3_000_000), headers={"content-encoding": "gzip"}),
    ):
        server.always = fault
        with pytest.raises(SourceError, match=r"larger than 0.1 MB"):
            hf("hf:daily?days=7", limits=limits) if of == "hf" else arx(server, "arxiv:all:x", limits=limits)


@pytest.mark.parametrize("of", ["hf", "arxiv"])
def test_a_packed_reply_is_unpacked(server: PaperServer, of: str) -> None:
    import gzip

    body = (
        json.dumps([daily("2611.00001", "Packed")]).encode()
        if of == "hf"
        else feed([entry("2611.00001", "Packed")], total=1)
    )
    server.always = Fault(body=gzip.compress(body), headers={"content-encoding": "gzip"})
    portions = hf("hf:daily?date=2026-11-18") if of == "hf" else arx(server, "arxiv:all:packed")
    assert [paper.title for paper in papers(portions)] == ["Packed"]
    assert server.history[0].headers["accept-encoding"] == "gzip"


@pytest.mark.parametrize("of", ["hf", "arxiv"])
def test_without_a_connection_it_says_so_at_once(server: PaperServer, of: str) -> None:
    server.close()
    waits = Waits()
    with pytest.raises(SourceError, match=r"no connection to 127.0.0.1:\d+ \(.*refused\)"):
        hf("hf:daily?days=7", waits=waits) if of == "hf" else arx(server, "arxiv:all:here", waits=waits)
    assert waits.slept == []


def test_huggingfaces_own_offline_switch_is_named(server: PaperServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    with pytest.raises(SourceError, match="HF_HUB_OFFLINE is set"):
        hf("hf:daily")
    assert not server.history


def test_a_redirect_is_followed(server: PaperServer) -> None:
    server.days["2026-11-18"] = [daily("2611.00001", "Moved")]
    server.enqueue(Fault(status=307, headers={"location": "/api/daily_papers?date=2026-11-18"}, body=b""))
    assert [paper.title for paper in papers(hf("hf:daily?date=2026-11-17"))] == ["Moved"]


def test_trouble_on_the_fourth_day_keeps_the_three_before_and_names_the_day(server: PaperServer) -> None:
    for back in range(7):
        server.days[f"2026-11-{18 - back}"] = [daily(f"2611.{back:05}", f"Day {back}")]
    server.enqueue(None, None, None, *[Fault(status=500)] * 4)
    portions = hf("hf:daily?days=7")
    assert [paper.title for paper in papers(portions)] == ["Day 0", "Day 1", "Day 2"]
    (error,) = errors(portions)
    assert "2026-11-15: 127.0.0.1" in error and "again to go on" in error and "3 papers before it were read" in error
    assert portions[-1].errors[0].n_read == 3


def test_the_rate_limit_header_of_hugging_face_is_honoured(server: PaperServer) -> None:
    server.days["2026-11-18"] = [daily("2611.00001", "Later")]
    server.enqueue(Fault(status=429, headers={"ratelimit": '"api";r=0;t=40'}))
    waits = Waits()
    assert papers(hf("hf:daily?date=2026-11-18", waits=waits))
    assert waits.slept == [42.0]  # and a twentieth, by the chance of a half


# arXiv: what is read


def test_an_entry_gives_every_field_of_the_paper(server: PaperServer) -> None:
    server.shelf = [
        entry("2611.00001v3", "Small things\n  well done & fast", "It is small. It wins by 2 < 3.", doi="10.1000/ABC.7")
    ]
    assert papers(arx(server, "arxiv:cat:cs.CL AND abs:small")) == [
        Paper(
            paper_id="2611.00001",
            title="Small things well done & fast",
            abstract="It is small. It wins by 2 < 3.",
            published=date(2026, 11, 16),
            authors=("Ada Okafor", "Bo Lindqvist"),
            n_authors=2,
            arxiv_id="2611.00001",
            doi="10.1000/abc.7",
            seen_on=("arxiv",),
        )
    ]
    query = server.history[0].query
    assert query["search_query"] == "cat:cs.CL AND abs:small"
    assert (query["sortBy"], query["sortOrder"]) == ("submittedDate", "descending")
    assert server.history[0].headers["user-agent"].startswith("askpapers/")


def test_pages_come_three_seconds_apart_and_what_is_left_out_is_said(server: PaperServer) -> None:
    server.shelf = [entry(f"2611.{i:05}", f"Paper number {i}") for i in range(450)]
    waits = Waits()
    portions = arx(server, "arxiv:all:paper", waits=waits)
    assert [paper.arxiv_id for paper in papers(portions)] == [f"2611.{i:05}" for i in range(200)]
    assert waits.slept == [3.0] and [request.query["start"] for request in server.history] == ["0", "100"]
    (warning,) = [warning for portion in portions for warning in portion.warnings]
    assert "450 papers" in warning and "newest 200" in warning and "arxiv:all:paper?max=450" in warning


def test_as_many_are_read_as_asked_for_and_no_more(server: PaperServer) -> None:
    server.shelf = [entry(f"2611.{i:05}", f"Paper number {i}") for i in range(450)]
    assert len(papers(arx(server, "arxiv:all:paper?max=130"))) == 130
    assert [request.query["max_results"] for request in server.history] == ["100", "30"]
    everything = arx(server, "arxiv:all:paper?max=1000")
    assert len({paper.paper_id for paper in papers(everything)}) == 450
    assert not [warning for portion in everything for warning in portion.warnings]


def test_nothing_found_is_no_error(server: PaperServer) -> None:
    assert papers(arx(server, "arxiv:all:nothing")) == [] and len(server.history) == 1


def test_ids_are_asked_for_in_batches_and_missing_ones_are_named(server: PaperServer) -> None:
    server.shelf = [entry(f"2611.{i:05}v1", f"Paper number {i}") for i in range(250)]
    ids = ",".join([f"2611.{i:05}" for i in range(150)] + ["arXiv:2611.00003v2", "2612.99999"])
    portions = arx(server, f"arxiv:{ids}")
    assert [len(portion.papers) for portion in portions] == [100, 50]
    assert len(errors(portions)) == 1 and "arXiv has no paper 2612.99999" in errors(portions)[0]
    assert len(server.history[0].query["id_list"].split(",")) == 100


def test_a_question_mark_may_belong_to_the_query(server: PaperServer) -> None:
    arx(server, 'arxiv:ti:"why sleep?"')
    assert server.history[0].query["search_query"] == 'ti:"why sleep?"'


def test_an_old_id_is_an_id(server: PaperServer) -> None:
    server.shelf = [entry("hep-th/9901001v1", "An old paper")]
    found = papers(arx(server, "arxiv:hep-th/9901001"))
    assert [(paper.paper_id, paper.arxiv_id) for paper in found] == [("hep-th/9901001", "hep-th/9901001")]


def test_categories_and_since_choose_and_since_ends_the_reading(server: PaperServer) -> None:
    server.shelf = [
        entry("2611.00001", "Both", categories=("cs.LG", "cs.CL")),
        entry("2611.00002", "Other", categories=("math.CO",)),
        *[entry(f"2610.{i:05}", f"Older {i}", published="2026-10-05T00:00:00Z") for i in range(300)],
    ]
    portions = arx(server, "arxiv:all:paper?max=302", categories=("cs.CL",), since=date(2026, 11, 1))
    assert [paper.title for paper in papers(portions)] == ["Both"] and portions[0].n_skipped == 99
    assert len(server.history) == 1


# arXiv: what goes wrong


@pytest.mark.parametrize(
    "spec",
    ["arxiv:", "arxiv: ", "arxiv:?max=3", "arxiv:all:x?max=0", "arxiv:all:x?max=30001", "arxiv:all:x?limit=3",
     "arxiv:2403.03507,24030.03507"],
)  # fmt: skip
def test_a_wrong_arxiv_spec_is_one_error_with_the_forms_allowed(server: PaperServer, spec: str) -> None:
    with pytest.raises(SourceError, match=r"arxiv:cat:cs.CL AND abs:quantization"):
        arx(server, spec)
    assert not server.history


@pytest.mark.parametrize(
    ("bad", "why"),
    [
        (entry("2611.00002", "Bad", published="lately"), "published must be a date"),
        (entry("2611.00002", "Bad", published="0001-01-01T00:00:00+14:00"), "published must be a date"),
        (entry("2611.00002", " "), "no title"),
        (entry("2611.00002", "Bad", "n/a"), "no abstract"),
        (entry("2611.00002", "Bad", " "), "no abstract"),
        (entry("not-an-id", "Bad"), "no arXiv id"),
        ("<entry><title>Bad</title></entry>", "no arXiv id"),
    ],
)
def test_an_entry_that_cannot_be_read_is_rejected_and_the_others_stay(server: PaperServer, bad: str, why: str) -> None:
    others = [entry(f"2610.{i:05}", f"Good {i}") for i in range(149)]
    server.shelf = [others[0], bad, *others[1:]]
    portions = arx(server, "arxiv:all:paper")
    assert [paper.title for paper in papers(portions)] == [f"Good {i}" for i in range(149)]
    assert len(errors(portions)) == 1 and ("record 2" in errors(portions)[0] or "2611.00002: no" in errors(portions)[0])
    assert why in errors(portions)[0]
    assert [request.query["start"] for request in server.history] == ["0", "100"]


def test_a_rejected_paper_is_not_called_missing_too(server: PaperServer) -> None:
    server.shelf = [entry("2611.00002", " ")]
    assert len(errors(arx(server, "arxiv:2611.00002"))) == 1


def test_arxivs_error_entry_is_no_paper(server: PaperServer) -> None:
    server.shelf = [ERROR_ENTRY]
    with pytest.raises(SourceError, match="arXiv cannot read the query: the query cannot be parsed"):
        arx(server, "arxiv:all:(((")


def test_too_many_requests_said_in_plain_text_with_status_200_are_waited_out(server: PaperServer) -> None:
    server.shelf = [entry("2611.00001", "Here")]
    server.enqueue(Fault(body=b"Rate exceeded."))
    waits = Waits()
    assert papers(arx(server, "arxiv:all:here", waits=waits)) and waits.slept == [5.0]


def test_an_empty_page_in_the_middle_is_asked_for_again(server: PaperServer) -> None:
    server.shelf = [entry(f"2611.{i:05}", f"Paper number {i}") for i in range(150)]
    server.enqueue(None, Fault(body=feed([], total=150, start=100)))
    assert len(papers(arx(server, "arxiv:all:paper"))) == 150


def test_trouble_on_the_second_page_keeps_the_first(server: PaperServer) -> None:
    server.shelf = [entry(f"2611.{i:05}", f"Paper number {i}") for i in range(150)]
    server.enqueue(None, *[Fault(cut=True)] * 4)
    portions = arx(server, "arxiv:all:paper")
    assert len(papers(portions)) == 100
    (error,) = errors(portions)
    assert "again to go on" in error and "100 papers before it were read" in error


def test_characters_that_xml_forbids_do_not_spoil_a_page(server: PaperServer) -> None:
    server.shelf = [entry("2611.00001", "One\x0btwo", "A\x00 b."), entry("2611.00002", "Three &#8; four")]
    server.shelf[1] = server.shelf[1].replace("&amp;#8;", "&#8;")
    assert [paper.title for paper in papers(arx(server, "arxiv:all:x"))] == ["One two", "Three four"]


def test_a_feed_that_is_broken_is_not_taken_for_an_empty_one(server: PaperServer) -> None:
    server.always = Fault(body=feed([entry("2611.00001", "One")], total=1).replace(b"<opensearch:totalResults>", b"<"))
    with pytest.raises(SourceError, match="no list of papers, 4 times"):
        arx(server, "arxiv:all:x")


def test_a_feed_cannot_name_files_or_other_addresses(server: PaperServer, tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("hidden words", encoding="utf-8")
    body = feed([entry("2611.00001", "Title &x;")], total=1).replace(b"&amp;x;", b"&x;")
    head = f'<!DOCTYPE feed [<!ENTITY x SYSTEM "{secret.as_uri()}">]><feed'.encode()
    server.always = Fault(body=body.replace(b"<feed", head, 1))
    found = arx(server, "arxiv:all:x")
    assert "hidden" not in repr(found)


# Whatever comes


class Canned:
    """A reply that did not come over the network: the same body each time."""

    status = 200

    def __init__(self, body: bytes) -> None:
        self.headers: dict[str, str] = {}
        self._body = body

    def chunks(self) -> Iterator[bytes]:
        yield self._body


def canned(body: bytes) -> Getter:
    return Getter(lambda *asked: nullcontext(Canned(body)), limits=Limits(attempts=1))


def sound(portions: list[Portion]) -> None:
    """What is read can be stored, and what is said can be printed."""
    for one in papers(portions):
        assert one.title and one.abstract and one.record_hash and one.to_dict()["title"].encode()
    for said in [*errors(portions), *(warning for portion in portions for warning in portion.warnings)]:
        assert said.encode() and "\x1b" not in said


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(["2611.00001", "\x1b[2J"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner, max_size=3),
    max_leaves=6,
)
FIELDS = st.sampled_from(
    "id title summary upvotes numComments authors organization publishedAt githubRepo name paper".split()
)


@settings(max_examples=80, deadline=None)
@given(st.lists(VALUES | st.dictionaries(FIELDS, VALUES | st.dictionaries(FIELDS, VALUES)), max_size=4))
def test_any_json_is_papers_or_rejections(records: list[Any]) -> None:
    text = json.dumps([*records, daily("2611.00009", "Sane")])
    portions = list(read_hf("hf:search?q=x", getter=canned(text.encode())))
    sound(portions)
    assert "Sane" in [one.title for one in papers(portions)]


@settings(max_examples=80, deadline=None)
@given(st.data())
def test_any_damage_to_a_feed_is_papers_rejections_or_one_error(data: st.DataObject) -> None:
    body = bytearray(feed([entry("2611.00001", "One"), entry("2611.00002", "Two")], total=2))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(body)))
        end = min(len(body), start + data.draw(st.integers(0, 200)))
        body[start:end] = data.draw(
            st.binary(max_size=20) | st.sampled_from([b"<entry>", b"</feed>", b"&x;", b"\x00", b"]]>"])
        )
    with suppress(SourceError):
        sound(list(read_arxiv("arxiv:all:x", getter=canned(bytes(body)))))


# To the library, and from the command line


def _askpapers(server_url: str, folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    environ = {**os.environ, "HF_ENDPOINT": server_url, "HF_HUB_DISABLE_TELEMETRY": "1"}
    command = [sys.executable, "-m", "ui.cli", *arguments, "--library", str(folder)]
    root = Path(__file__).parent.parent
    return subprocess.run(command, capture_output=True, text=True, cwd=root, env=environ, check=False)


def test_a_paper_seen_again_has_its_upvotes_renewed_and_is_not_embedded_again(
    server: PaperServer, tmp_path: Path
) -> None:
    """The real pipeline with the days of a clock of its own."""
    from ingest import add_papers

    library = Library.create(tmp_path / "library")
    server.days["2026-11-18"] = [daily("2611.00001", "Known", upvotes=3), daily("2611.00002", "Same", upvotes=1)]
    first = add_papers(library, papers(hf("hf:daily?days=2")))
    assert (first.new, first.n_passages > 0) == (2, True)
    server.days["2026-11-18"] = [
        daily("2611.00001", "Known", upvotes=40, outer_numComments=9),
        daily("2611.00002", "Same", upvotes=1),
    ]
    second = add_papers(library, papers(hf("hf:daily?days=2")))
    assert (second.new, second.changed, second.refreshed, second.unchanged, second.n_passages) == (0, 0, 1, 1, 0)
    known = library.get("2611.00001")
    assert known is not None and (known.n_upvotes, known.n_comments) == (40, 9)


def test_the_daily_life_of_the_command(server: PaperServer, tmp_path: Path) -> None:
    folder = tmp_path / "library"
    _today_and_before(server, daily("2611.00001", "Sparse clocks", upvotes=3))
    first = _askpapers(server.url, folder, "ingest", "hf:daily?days=2", "--json")
    assert first.returncode == 0, first.stderr
    assert json.loads(first.stdout)["new"] == 1
    _today_and_before(server, daily("2611.00001", "Sparse clocks", upvotes=50), daily("2611.00002", "Dense clocks"))
    second = json.loads(_askpapers(server.url, folder, "ingest", "hf:daily?days=2", "--json").stdout)
    assert (second["new"], second["changed"], second["refreshed"]) == (1, 0, 1)
    library = Library.open(folder)
    assert {paper.paper_id: paper.n_upvotes for paper in library.papers()} == {"2611.00001": 50, "2611.00002": 5}
    library.close()
    before = (folder / "library.json").read_text("utf-8")
    server.close()
    offline = _askpapers(server.url, folder, "ingest", "hf:daily?days=2")
    assert offline.returncode == 1 and "Traceback" not in offline.stderr
    assert offline.stderr.count("no connection to 127.0.0.1") == 1
    assert (folder / "library.json").read_text("utf-8") == before


def _today_and_before(server: PaperServer, *listed: Any) -> None:
    """The same list on every day that a process may take for the last two."""
    from datetime import UTC, datetime, timedelta

    now = datetime.now(UTC).date()
    for back in range(-1, 3):
        server.days[(now - timedelta(days=back)).isoformat()] = list(listed)
