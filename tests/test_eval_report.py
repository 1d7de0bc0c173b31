"""The report: safe whatever the texts hold, self-contained, the worst first."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

from evals.plots import Bar, Point, escape, histogram, interval_plot, number, scatter
from evals.report import report_page, worst_first
from evals.schema import Run, Scored
from evals.score import score_run
from tests.eval_samples import KITE, PAPERS, answer, citation, found, question, silence

NASTY = '<script>alert(1)</script><img src=x onerror="a()">\'"&\x00</details>'
VOID = {"meta", "br", "img"}


class Checker(HTMLParser):
    """Notes the elements and attributes of a page, and whether its tags are balanced."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: list[str] = []
        self.balanced = True

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            self.balanced = False

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def read(page: str) -> Checker:
    checker = Checker()
    checker.feed(page)
    return checker


def nasty() -> Scored:
    evil = replace(citation(KITE, "Memory falls by 41%."), title=NASTY, quote=NASTY, url="javascript:alert(1)")
    asked = (
        question(
            question_id=NASTY, question=NASTY, kind=NASTY, facts=((NASTY,),), forbidden=(NASTY,), relevant={NASTY: 1}
        ),
        question(question_id="fine"),
        question(question_id="unreached"),
        question(question_id="failed"),
        question(question_id="silent", answerable=False, facts=(), relevant={}),
    )
    answers = {
        NASTY: answer(text=f"{NASTY} [1]", citations=(evil,), unknown_markers=(NASTY,), papers=found(NASTY)),
        "fine": answer(),
        "failed": answer(error=NASTY),
        "silent": silence(reason=NASTY),
    }
    info = {"library": {"n_papers": NASTY}, "modes": [NASTY], "models": []}
    abstracts = {name: paper.abstract for name, paper in PAPERS.items()}
    return score_run(Run(name=NASTY, questions=asked, answers=answers, info=info, abstracts=abstracts))


def test_texts_of_questions_answers_and_papers_are_escaped_everywhere() -> None:
    page = report_page(nasty())
    checker = read(page)
    assert "<script" not in page
    assert "\x00" not in page
    assert not {"script", "img", "iframe", "link", "object", "form"} & {tag for tag, _ in checker.tags}
    for _, attributes in checker.tags:
        assert not any(name.startswith("on") for name in attributes)
        assert not (attributes.get("href") or "").lower().startswith("javascript")
    assert any("<script>alert(1)</script>" in text for text in checker.texts)


def test_the_page_is_balanced_and_fetches_nothing() -> None:
    checker = read(report_page(nasty()))
    assert checker.balanced and not checker.open
    for tag, attributes in checker.tags:
        assert "src" not in attributes, tag
        assert tag == "a" or "href" not in attributes
    assert "@import" not in report_page(nasty())
    assert "url(" not in report_page(nasty())


def test_ids_are_unique_and_links_inside_the_page_lead_somewhere() -> None:
    checker = read(report_page(nasty()))
    ids = [attributes["id"] for _, attributes in checker.tags if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = [attributes.get("href") or "" for tag, attributes in checker.tags if tag == "a"]
    inner = [link[1:] for link in links if link.startswith("#")]
    assert inner and set(inner) <= set(ids)


def test_it_knows_light_dark_and_small_screens() -> None:
    page = report_page(nasty())
    assert "prefers-color-scheme: dark" in page
    assert 'name="viewport"' in page


def test_the_worst_questions_come_first() -> None:
    order = [asked.question_id for asked in worst_first(nasty())]
    assert order[-2:] == ["fine", "silent"] or order[-2:] == ["silent", "fine"]
    page = report_page(nasty())
    assert page.index("· failed") < page.index("· fine")


def test_an_entry_shows_facts_quotes_and_why_points_were_lost() -> None:
    asked = question(facts=(("41%",), ("PondBench", "pond benchmark")))
    run = Run(name="r", questions=(asked,), answers={"q1": answer()})
    text = " ".join("".join(read(report_page(score_run(run))).texts).split())
    assert "states 1 of 2 facts; not: “PondBench”" in text
    assert "✓ states 41%" in text
    assert "✗ states PondBench / pond benchmark" in text
    assert KITE.title in text
    assert "Memory falls by 41%." in text


def test_a_run_without_any_answer_still_has_a_page() -> None:
    page = report_page(score_run(Run(name="empty", questions=(question(),), answers={})))
    assert "1 without an answer" in page


def test_plots_survive_nothing_and_too_much() -> None:
    assert "<svg" in interval_plot([], title="t")
    assert "<svg" in histogram([], title="t")
    assert "<svg" in scatter([], title="t", x_label="x")
    assert "nan" not in scatter([Point(label="a", x=0.0, y=2.0)] * 9, title="t", x_label="x")
    assert "&lt;b&gt;" in interval_plot([Bar(label="<b>", mean=0.5, low=None, high=None, n=1)], title="t")


def test_the_histogram_puts_one_into_the_last_tenth() -> None:
    texts = read(histogram([0.0, 0.05, 0.95, 1.0, 1.0], title="t")).texts
    assert [text for text in texts if text.isdigit()][:2] == ["2", "3"]


def test_control_characters_and_half_surrogates_are_replaced() -> None:
    assert escape("a\x00\ud800<") == "a\ufffd\ufffd&lt;"
    assert number(1234567.0) == "1,234,567"
