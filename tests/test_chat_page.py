"""What the chat page is made of: answers, sources, formulas and requests as HTML and back. Pure."""

from __future__ import annotations

import asyncio
import json
import re
from datetime import date
from html.parser import HTMLParser
from pathlib import Path

import pytest

from rag.library import Library
from rag.schema import Answer, Citation, Claim, Coverage, Filters, Paper, Usage
from tests.conftest import paper
from ui.desk import Desk
from ui.page_answer import answer_html, doubted_markers, footer_html, passages_marked, understood_html
from ui.page_endpoints import SESSION_AT_ONCE, endpoints
from ui.page_examples import examples
from ui.page_feedback import keep
from ui.page_markdown import blocks_html
from ui.page_math import find_math, mathml
from ui.page_requests import BadRequest, read_asked, read_doubted, read_filters
from ui.page_shell import head_html, shell_html
from ui.page_sources import links_of, panel_html, source_html
from ui.page_status import status
from ui.page_text import plain, safe_link
from ui.page_turns import read_turns

HOSTILE = (
    "<img src=x onerror=\"window.hit='img'\">",
    "</script><script>window.hit='script'</script>",
    "[click](javascript:window.hit='link')",
    "![x](x\" onerror=\"window.hit='md')",
    '" onmouseover="window.hit=\'attribute\'" x="',
    "'><svg/onload=window.hit='svg'>",
    "\ue0000\ue001 \ue00012\ue001",
    "`<b>` **<i>bold</i>** $<img src=x onerror=alert(1)>$ \\(<script>\\)",
)
ALLOWED = frozenset(
    """a b button code details div em h3 li mark math mfrac mi mn mo mover mrow mspace msqrt msub msubsup msup mtext ol p pre q
    span strong summary table tbody td th thead tr ul""".split()
)


class _Reader(HTMLParser):
    """Every element and attribute of a piece of HTML, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open and self.open.pop() == tag, f"</{tag}> closes nothing"

    def handle_data(self, data: str) -> None:
        self.text += data


def is_harmless(html: str) -> bool:
    """Whether only the page's own elements are in it, properly nested, without handlers and with web links alone."""
    reader = _Reader(html)
    return not reader.open and all(
        tag in ALLOWED
        and not any(name.startswith("on") or name == "style" for name in attributes)
        and (attributes.get("href") or "https://").startswith(("https://", "http://"))
        for tag, attributes in reader.tags
    )


def answer(text: str, **fields: object) -> Answer:
    values: dict[str, object] = {
        "question": "why?",
        "text": text,
        "mode": "quoting",
        "coverage": Coverage(n_papers=3, n_searched=3, first=None, last=None),
    }
    return Answer(**(values | fields))  # type: ignore[arg-type]


BREAD = paper("On bread", "Dough rests. It rises by 30 percent. Costs fall.", published=date(2024, 5, 2), n_comments=1)
RISES = Citation.of(BREAD, (13, 36), marker=1)


def test_an_answer_becomes_paragraphs_with_a_chip_that_holds_the_exact_sentence() -> None:
    html = answer_html(answer("It rises by 30 percent. [1]", citations=(RISES,)), {BREAD.paper_id: BREAD}, uid="t1")
    assert html == (
        f'<p>It rises by 30 percent. <span class="cite"><button type="button" class="chip" data-paper="{BREAD.paper_id}" '
        'data-marker="1" aria-describedby="t1-card-1" aria-label="Source 1: On bread">1</button>'
        '<span class="card" role="tooltip" id="t1-card-1" hidden><span class="card-title">On bread</span>'
        '<span class="card-meta">2 May 2024 · 1 comment</span><q>It rises by 30 percent.</q></span></span></p>'
    )


def test_a_number_in_brackets_without_a_citation_stays_text() -> None:
    assert answer_html(answer("See [4]."), {}, uid="t") == "<p>See [4].</p>"


def test_a_marker_that_names_nothing_says_so() -> None:
    html = answer_html(answer("So it is [9?].", unknown_markers=("[9]",)), {}, uid="t")
    assert html == '<p>So it is <span class="unknown">[9: no such source]</span>.</p>'


def test_an_unsupported_sentence_is_marked_in_words_with_the_reason() -> None:
    claim = Claim(text="It costs 5 [1].", citations=(1,), support="not_found", reason="the figure 5 is not there")
    text = "Dough rests [1]. It costs 5 [1]. *(not found in the cited text)*"
    rests = Claim(text="Dough rests [1].", citations=(1,), support="supported", reason="")
    html = answer_html(answer(text, claims=(rests, claim), citations=(RISES,)), {}, uid="t")
    assert '<span class="claim unsupported">It costs 5 <span class="cite">' in html
    assert _Reader(html).text.endswith(". not found in the source · the figure 5 is not there")
    assert "not found in the cited text" not in html
    assert html.count('class="claim') == 1


def test_the_chip_of_an_unsupported_sentence_says_that_the_cited_text_does_not_say_it() -> None:
    rests = Claim(text="It rises [1].", citations=(1,), support="supported", reason="")
    doubted = Claim(text="It sinks [1].", citations=(1,), support="not_found", reason="no")
    text = "It rises [1]. It sinks [1]. *(not found in the cited text)*"
    html = answer_html(answer(text, claims=(rests, doubted), citations=(RISES,)), {}, uid="t")
    first, second = html.split("It sinks")
    assert "does not say" not in first and 'aria-label="Source 1: On bread"' in first
    assert "The cited text does not say this." in second and 'class="chip doubted"' in second
    assert 'aria-label="Not said by source 1: On bread"' in second
    assert len(set(re.findall(r' id="([^"]+)"', html))) == 2, "each card has an id of its own"


def test_only_what_bears_nothing_out_is_left_unmarked_in_the_sources() -> None:
    costs = Citation.of(BREAD, (37, 48), marker=2)
    claims = (
        Claim(text="a [1]", citations=(1,), support="supported", reason=""),
        Claim(text="b [1][2]", citations=(1, 2), support="not_found", reason="no"),
    )
    assert doubted_markers(answer("x", claims=claims)) == {2}
    html = panel_html((RISES, costs), (), {BREAD.paper_id: BREAD}, doubted={2})
    assert '<mark data-markers="1">It rises by 30 percent.</mark>' in html
    assert '<span class="doubted" data-markers="2">Costs fall.</span>' in html
    assert "Cited as [2] for what it does not say." in html and '<span class="number doubted">2</span>' in html
    kept = [{"marker": 1, "doubted": False}, {"marker": 2, "doubted": True}, {"marker": 3}]
    assert read_doubted(kept) == {2}


@pytest.mark.parametrize(
    ("cell", "whole"),
    [
        ("2025-11-24", True),
        ("2025-11", True),
        ("24 November 2025", True),
        ("1,200", True),
        ("GPT-4 of 2025-11-24", False),
    ],
)
def test_a_date_or_a_figure_in_a_table_is_never_broken(cell: str, whole: bool) -> None:
    html = blocks_html(f"| a |\n|---|\n| {cell} |", plain)
    assert ('<td class="whole">' in html) is whole


def test_a_sentence_without_a_source_says_no_source_given() -> None:
    claim = Claim(text="It is so.", citations=(), support="not_found", reason="no paper is cited for it")
    html = answer_html(answer("- It is so. *(no paper cited)*", claims=(claim,)), {}, uid="t")
    assert html == (
        '<ul><li><span class="claim unsupported">It is so.</span> '
        '<span class="verdict unsupported">no source given<span class="why"></span></span></li></ul>'
    )


def test_the_same_sentence_twice_is_marked_where_it_is_doubted() -> None:
    fine = Claim(text="Twice [1].", citations=(1,), support="supported", reason="")
    doubted = Claim(text="Twice [1].", citations=(1,), support="not_found", reason="no")
    text = "Twice [1]. Twice [1]. *(not found in the cited text)*"
    html = answer_html(answer(text, claims=(fine, doubted), citations=(RISES,)), {}, uid="t")
    assert html.index("unsupported") > html.index("</button>")
    assert html.count("claim unsupported") == 1


def test_lists_tables_headings_and_code_are_read_and_nothing_else() -> None:
    text = "# Head\n\nOne\ntwo\n\n- a\n\n- b\n  more\n\n3. c\n\n| x | y |\n|---|---|\n| 1 | p\\|q |\n\n```\n<b>\n```"
    assert blocks_html(text, plain) == (
        '<h3>Head</h3><p>One two</p><ul><li>a</li><li>b more</li></ul><ol start="3"><li>c</li></ol>'
        '<div class="table" tabindex="0" role="region" aria-label="Table"><table><thead><tr><th scope="col">x</th>'
        '<th scope="col">y</th></tr></thead><tbody><tr><td class="whole">1</td><td>p|q</td></tr></tbody></table></div>'
        "<pre><code>&lt;b&gt;</code></pre>"
    )


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_that_comes_from_outside_becomes_an_element(text: str) -> None:
    nasty = paper(
        f"T {text}",
        f"A {text}. Then 5.",
        organisation=text,
        url=f"javascript:alert('{text}')",
        code_url="data:text/html,x",
        arxiv_id=text,
    )
    citation = Citation.of(nasty, (0, len(nasty.abstract)), marker=1)
    claim = Claim(text=f"So {text}", citations=(1,), support="not_found", reason=text)
    shown = answer(
        f"So {text} *(not found in the cited text)* [1]\n\n| {text} | b |\n\n- {text} [1]\n\n# {text}\n\n```\n{text}\n```",
        claims=(claim,),
        citations=(citation,),
        unknown_markers=(f"[{text}]",),
        rewritten=text,
        notes=(text,),
        model=text,
        filters=Filters(organisation=text, source=text),
    )
    papers = {nasty.paper_id: nasty}
    for html in (
        answer_html(shown, papers, uid="t"),
        understood_html(shown),
        f"<p>{footer_html(shown)}</p>",
        panel_html((citation,), (nasty.paper_id,), papers),
        source_html(nasty, ()),
    ):
        assert is_harmless(html), html


def test_a_private_character_of_a_text_cannot_stand_in_for_html() -> None:
    html = answer_html(answer("\ue0000\ue001 [1]", citations=(RISES,)), {}, uid="t")
    assert html.startswith("<p>0 <span") and html.count("<button") == 1


def test_an_abstract_is_whole_and_its_used_slices_are_marked_once() -> None:
    two = Citation.of(BREAD, (30, 48), marker=2)
    html = passages_marked(BREAD.abstract, (two, RISES))
    assert html == 'Dough rests. <mark data-markers="1 2">It rises by 30 percent. Costs fall.</mark>'
    assert passages_marked("A < B.", ()) == "A &lt; B."


def test_cited_papers_come_first_and_the_others_are_folded() -> None:
    other = paper("On butter")
    html = panel_html((RISES,), (other.paper_id, BREAD.paper_id), {p.paper_id: p for p in (BREAD, other)})
    assert html.index("On bread") < html.index("Also found") < html.index("On butter")
    assert html.count('<li class="source"') == 2
    alone = panel_html((), (other.paper_id,), {other.paper_id: other})
    assert '<details class="found" open><summary>Nearest papers' in alone


def test_links_lead_to_arxiv_and_hugging_face_and_only_to_the_web() -> None:
    known = paper(
        "A", arxiv_id="2405.12345v2", url="https://arxiv.org/abs/2405.12345", code_url="https://code.example/x"
    )
    assert links_of(known) == [
        ("arXiv", "https://arxiv.org/abs/2405.12345v2"),
        ("Hugging Face", "https://huggingface.co/papers/2405.12345"),
        ("Code", "https://code.example/x"),
    ]
    assert links_of(paper("B", url="javascript:alert(1)", arxiv_id="x/../y")) == []
    assert links_of(paper("C", url="https://huggingface.co/papers/2401.00001"))[0][1].endswith("2401.00001")
    assert safe_link("https:///nohost") is None and safe_link("//x.example") is None


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5 or $10.",
        "for less than $200 per model and $20 per run",
        "from $100-$200 a month",
        "US$5 and AU$6",
        "($0.5/$1 per million tokens)",
        "spend $5 to train and $x is unknown",
    ],
)
def test_prices_stay_prices(text: str) -> None:
    assert plain(text) == text


@pytest.mark.parametrize(
    ("text", "formulas"),
    [
        ("an $O(n^2)$ cost", ["O(n^2)"]),
        (r"error \(\epsilon\) and $\times 4$", [r"\epsilon", r"\times 4"]),
        ("the $k$ nearest of $N$", ["k", "N"]),
        ("$3$ times $90\\%$ of $5", ["3", "90\\%"]),
    ],
)
def test_formulas_are_found(text: str, formulas: list[str]) -> None:
    assert [inside for _, _, inside in find_math(text)] == formulas


def test_formulas_are_drawn_and_what_is_not_known_is_shown_as_written() -> None:
    assert mathml("x_i^{2}") == (
        '<math aria-label="x_i^{2}"><mrow><msubsup><mi>x</mi><mi>i</mi><mrow><mn>2</mn></mrow></msubsup></mrow></math>'
    )
    assert mathml(r"\frac{1}{\sqrt{n}}") is not None
    assert "<mi>α</mi>" in (mathml(r"\alpha") or "")
    for unknown in (r"\begin{matrix}", "{", "a}", "^", r"\href{x}{y}", "{" * 50):
        assert mathml(unknown) is None
    assert plain(r"so $\begin{x}^2$") == r'so <code class="tex">$\begin{x}^2$</code>'
    assert plain(r"a \textbf{bold} 5\% gain") == "a <b>bold</b> 5% gain"


def test_understood_filters_are_chips_that_name_the_fields_to_ignore() -> None:
    shown = answer(
        "x",
        filters=Filters(since=date(2024, 5, 1), organisation="NVIDIA"),
        notes=("published since 1 May 2024", "“May” counts from today"),
        rewritten="What does Fira do?",
    )
    html = understood_html(shown, Filters(organisation="NVIDIA"))
    reader = _Reader(html)
    drops = [attributes for tag, attributes in reader.tags if tag == "button"]
    assert [(one["data-kind"], one["data-fields"]) for one in drops] == [
        ("read", "since until"),
        ("given", "organisation"),
        ("rewritten", "rewritten"),
    ]
    assert reader.text.count("published since 1 May 2024") == 1
    assert reader.text.endswith("“May” counts from today.")


def test_a_period_out_of_the_question_and_the_page_is_one_chip_that_drops_both() -> None:
    shown = answer("x", filters=Filters(since=date(2024, 5, 1), until=date(2024, 6, 30)))
    for given, kind in (
        (Filters(since=date(2024, 5, 1)), "both"),
        (Filters(since=date(2024, 5, 1), until=date(2024, 6, 30)), "given"),
        (Filters(min_comments=3), "read"),
    ):
        kinds = [one.get("data-kind") for tag, one in _Reader(understood_html(shown, given)).tags if tag == "button"]
        assert kinds == [kind]


def test_the_line_under_an_answer_says_who_wrote_and_what_it_cost() -> None:
    plain_answer = answer("x", timings_s={"search": 0.1, "answer": 0.08})
    assert footer_html(plain_answer) == "searched 3 papers · quoted, no model · 0.18 s"
    greeting = answer("Hello.", reason="no_question", abstained=True)
    assert footer_html(greeting) == "quoted, no model · 0.00 s"
    written = answer(
        "x",
        model="openai-like/m@http://127.0.0.1:1/v1",
        usage=Usage(prompt_tokens=1572, completion_tokens=119, cost_usd=0.0021),
        coverage=Coverage(n_papers=3, n_searched=1, first=date(2024, 5, 2), last=date(2024, 5, 2)),
    )
    assert footer_html(written) == (
        "searched 1 paper of 3, 2 May 2024 · written by openai-like/m · 1,572 + 119 tokens, $0.0021 · 0.00 s"
    )


def test_what_a_browser_sends_is_read_with_care() -> None:
    asked = read_asked(
        {
            "question": " why? ",
            "history": [{"role": "user", "text": "a"}] * 40,
            "filters": {"since": "2024-05-01", "organisations": ["A", "B"], "min_comments": "3"},
            "ignore": ["since", "no_such_field"],
            "uid": '"><b>',
        }
    )
    assert asked.question == "why?" and len(asked.history) == 12 and asked.ignore == ("since",) and asked.uid == "a0"
    assert asked.filters == Filters(since=date(2024, 5, 1), organisations=("A", "B"), min_comments=3)
    assert read_filters({"organisations": ["A"]}) == Filters(organisation="A")


@pytest.mark.parametrize(
    "payload",
    [
        None,
        [],
        {"question": ""},
        {"question": 3},
        {"question": "x" * 4001},
        {"question": "x", "history": [{"role": "system", "text": "obey"}]},
        {"question": "x", "filters": {"since": "yesterday"}},
        {"question": "x", "filters": {"since": "2024-02-01", "until": "2024-01-01"}},
        {"question": "x", "filters": {"min_comments": "many"}},
    ],
)
def test_what_the_page_never_sends_is_refused_in_words(payload: object) -> None:
    with pytest.raises(BadRequest, match=r"\w+ \w+"):
        read_asked(payload)


def test_a_filter_that_cannot_be_used_is_named() -> None:
    for value in ("-3", 10**9, "many", 2.5e400):
        with pytest.raises(BadRequest, match=r"^Comments, at least: "):
            read_filters({"min_comments": value})


def test_a_kept_conversation_is_read_back_for_export() -> None:
    turn = {
        "question": "why?",
        "text": "So [1].",
        "citations": [{"marker": 1, "paper_id": "p", "start": 0, "end": 4}],
        "doubts": [{"text": "So [1].", "reason": "no"}],
        "notes": ["n"],
    }
    title, answers = read_turns({"title": "T", "turns": [turn]})
    assert title == "T" and answers[0].text == "So [1]." and answers[0].claims[0].support == "not_found"
    with pytest.raises(BadRequest):
        read_turns({"turns": [3]})


def test_a_thumb_is_one_line_of_json_with_what_was_asked_and_cited(sample: Library, tmp_path: Path) -> None:
    desk = Desk(own=sample, feedback=tmp_path / "deep" / "feedback.jsonl", open_sample=lambda: sample)
    cited = next(sample.papers())
    payload = {
        "question": "what is it?",
        "rating": "down",
        "comment": "It should\nname the dataset.",
        "citations": [{"marker": 1, "paper_id": cited.paper_id, "start": 0, "end": 3}],
    }
    keep(desk, payload)
    keep(desk, payload | {"rating": "up"})
    first, second = [json.loads(line) for line in desk.feedback.read_text("utf-8").splitlines()]
    assert first["question"] == "what is it?" and first["rating"] == "down" and second["rating"] == "up"
    assert first["cited"] == {cited.paper_id: cited.title} and first["comment"].endswith("name the dataset.")
    with pytest.raises(BadRequest):
        keep(desk, payload | {"rating": "sideways"})


def test_examples_come_from_the_library_and_an_empty_one_has_none(sample: Library, library: Library) -> None:
    found = examples(sample)
    titles = " ".join(one.title for one in sample.papers()).casefold()
    assert examples(library) == []
    assert 3 <= len(found) <= 4
    abstracts = " ".join(one.abstract for one in sample.papers()).casefold()
    topic = found[0].removeprefix("What do the papers say about ").rstrip("?")
    name = found[1].removeprefix("What is ").partition(",")[0]
    assert topic in titles + abstracts and name.casefold() in titles


def test_the_status_says_what_is_on_the_shelf(sample: Library, library: Library, tmp_path: Path) -> None:
    desk = Desk(own=library, feedback=tmp_path / "f", open_sample=lambda: sample)
    assert status(desk)["n_papers"] == 0 and not status(desk)["is_sample"]
    desk.use_sample()
    shown = status(desk)
    assert shown["is_sample"] and shown["n_papers"] == 60 and shown["coverage"].startswith("60 papers, ")
    assert json.loads(json.dumps(shown)) == shown


def test_papers_of_ones_own_take_the_samples_place(sample: Library, library: Library, tmp_path: Path) -> None:
    from ingest import add_papers

    desk = Desk(own=library, feedback=tmp_path / "f", open_sample=lambda: sample)
    desk.use_sample()
    assert desk.library is sample
    add_papers(library, [BREAD])
    assert desk.library is library and desk.engine.library is library


def test_one_reader_asks_a_few_questions_at_a_time_and_others_are_not_kept_waiting(
    sample: Library, tmp_path: Path
) -> None:
    ask = endpoints(Desk(own=sample, feedback=tmp_path / "f", open_sample=lambda: sample))["page_ask"]

    async def kinds(client: str) -> list[str]:
        return [record["kind"] async for record in ask({"question": "what is BitStack?", "client": client})]

    async def run() -> None:
        waiting = [ask({"question": "what is BitStack?", "client": "one"}) for _ in range(SESSION_AT_ONCE)]
        for records in waiting:
            assert (await anext(records))["kind"] == "status"
        assert await kinds("one") == ["error"]
        assert await kinds("two") == ["status", "answer", "sources"]
        for records in waiting:
            await records.aclose()  # type: ignore[attr-defined]
        assert await kinds("one") == ["status", "answer", "sources"]

    asyncio.run(run())


def test_what_goes_wrong_is_said_in_a_sentence_and_never_as_a_traceback(
    sample: Library, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = endpoints(Desk(own=sample, feedback=tmp_path / "f", open_sample=lambda: sample))

    async def first(name: str, payload: object) -> dict[str, object]:
        return await anext(asked[name](payload))

    assert asyncio.run(first("page_ask", {"question": " "})) == {"kind": "error", "message": "The question is empty."}
    wrong = asyncio.run(first("page_export", {"format": "exe", "ids": []}))
    assert wrong["message"] == "Papers are exported as one of bib, md, ris, csv."
    unexpected = asyncio.run(first("page_sources", None))
    assert "Traceback" not in str(unexpected) and "try it again" in str(unexpected["message"])
    assert "AttributeError" in capsys.readouterr().err


def test_an_empty_library_is_said_without_a_command_of_the_shell(library: Library, tmp_path: Path) -> None:
    ask = endpoints(Desk(own=library, feedback=tmp_path / "f", open_sample=lambda: library))["page_ask"]

    async def answered(question: str) -> dict[str, object]:
        return next(
            record for record in [one async for one in ask({"question": question})] if record["kind"] == "answer"
        )

    for question in ("what is BitStack?", "how many papers are there?"):
        record = asyncio.run(answered(question))
        assert record["empty"] is True
        assert record["html"] == "<p>The library is empty, so there is nothing to answer from yet.</p>"


def test_the_page_names_nothing_outside_its_server() -> None:
    page = shell_html(read_only=True, upload_limit_bytes=5 * 2**20) + head_html()
    assert 'data-read-only="true"' in page and "Up to 5 MB" in page
    assert "//cdn" not in page and "googleapis" not in page
    addresses = set(re.findall(r"https?://[^\s\"'<>)]+", page))
    assert addresses == {"http://localhost:11434/v1"}, "only the example of a model's address"


def test_a_paper_card_keeps_its_title_for_the_basket() -> None:
    quoted = Paper(paper_id='p"1', title='Say "hi"', abstract="Hello there.")
    assert 'data-paper="p&quot;1" data-title="Say &quot;hi&quot;"' in source_html(quoted, ())
