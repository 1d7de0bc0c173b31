"""The chat page in a real browser: `askpapers chat` started as a user starts it, and driven in Debian's Chromium."""

# ruff: noqa: F811 - fixtures are imported, and tests name them

from __future__ import annotations

import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest

from tests.chat_pages import CHROMIUM, HOSTILE, Server, browser, scripted, servers, visit  # noqa: F401
from tests.model_server import ModelServer

pytestmark = [
    pytest.mark.usefixtures("gradio_leftovers"),
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium in /usr/bin"),
    pytest.mark.skipif(importlib.util.find_spec("gradio") is None, reason='needs the extra "chat"'),
]
QUESTION = "which papers reduce the memory of training?"
# What axe-core finds in Gradio's own page and not in ours: nothing so far.
NOT_OURS: frozenset[str] = frozenset()


def test_a_question_is_answered_with_chips_that_show_their_sentence_and_lead_to_the_source(visit: Any) -> None:
    reader = visit()
    turn = reader.ask(QUESTION)
    chip = turn.locator(".chip").first
    chip.hover()
    card = reader.page.locator("#pop")
    quote = card.locator("q").inner_text()
    assert card.locator(".card-title").inner_text() and len(quote) > 20
    assert quote in turn.locator(".answer").inner_text()
    chip.click()
    flashed = reader.page.locator("#panel .source.flash")
    assert flashed.get_attribute("data-paper") == chip.get_attribute("data-paper")
    marked = " ".join(reader.page.locator("#panel mark").all_inner_texts())
    assert quote in marked
    assert "quoted, no model" in turn.inner_text()
    assert reader.page.locator("#panel .found .source").count() > 3
    assert reader.page.inner_text("#coverage").startswith("62 papers, ")
    assert reader.errors == [] and reader.outside == []


def test_a_follow_up_shows_how_it_was_read_and_a_conversation_survives_a_reload(visit: Any) -> None:
    reader = visit()
    reader.ask("what is BitStack?")
    follow_up = reader.ask("how well does it work?")
    assert "BitStack" in follow_up.inner_text()
    text = follow_up.locator(".answer").inner_text()
    reader.page.reload()
    reader.page.wait_for_selector(".turn .answer")
    assert reader.page.locator(".turn").count() == 2
    assert reader.page.locator(".turn .answer").last.inner_text() == text
    assert "BitStack" in reader.panel()
    reader.page.click("[data-act=new]")
    reader.ask(QUESTION)
    rows = reader.page.locator("#conversations .open")
    assert rows.count() == 2
    rows.nth(1).click()
    assert reader.page.locator(".turn .answer").last.inner_text() == text
    reader.page.locator("#conversations li").nth(1).locator("[data-act=rename]").click()
    reader.page.keyboard.type("Bits & <b>stacks</b>")
    reader.page.keyboard.press("Enter")
    assert reader.page.locator("#conversations .open").nth(1).inner_text() == "Bits & <b>stacks</b>"
    delete = reader.page.locator("#conversations li").nth(1).locator("[data-act=delete]")
    delete.click()
    delete.click()
    reader.page.reload()
    reader.page.wait_for_selector(".turn")
    assert reader.page.locator("#conversations .open").count() == 1
    assert reader.errors == []


def test_another_browser_sees_no_conversation_of_this_one(visit: Any) -> None:
    visit().ask(QUESTION)
    assert visit().page.locator("#conversations .open").count() == 0


def test_filters_beside_the_question_hold_and_show_as_chips_that_can_be_removed(visit: Any) -> None:
    reader = visit()
    reader.page.fill("#f-since", "2025-11-01")
    assert "2025-11-01" in reader.page.inner_text("#active")
    turn = reader.ask("what is new on training?")
    assert "since 1 November 2025" in turn.locator(".understood").inner_text()
    assert re.search(r"searched \d+ papers? of 62", turn.inner_text())
    turn.locator("[data-act=drop]").click()
    reader.page.wait_for_function("!document.querySelector('.understood') && document.querySelector('.turn .footer')")
    assert reader.page.input_value("#f-since") == ""
    assert "searched 62 papers" in reader.page.locator(".turn").last.inner_text()


def test_what_was_understood_from_the_question_can_be_dropped(visit: Any) -> None:
    reader = visit()
    turn = reader.ask("what is new on training since November 2025?")
    chip = turn.locator(".understood .tag.read")
    assert "November 2025" in chip.inner_text()
    chip.locator("button").click()
    reader.page.wait_for_function("document.querySelectorAll('.turn .tag.read').length == 0")
    reader.page.wait_for_selector(".turn .footer")
    assert reader.page.locator(".turn").count() == 1
    assert "searched 62 papers" in reader.page.locator(".turn").inner_text()


def test_papers_are_put_aside_and_exported_and_a_conversation_is_saved_with_references(visit: Any) -> None:
    reader = visit()
    reader.ask("what is BitStack?")
    reader.page.locator("#panel .source [data-act=basket]").first.click()
    reader.page.click("#basket summary")
    for form, wanted in (("bib", "@"), ("md", "1. "), ("ris", "TY  - "), ("csv", "paper_id,")):
        with reader.page.expect_download() as waiting:
            reader.page.click(f"[data-format={form}]")
        text = Path(waiting.value.path()).read_text("utf-8")
        assert waiting.value.suggested_filename == f"papers.{form}"
        assert wanted in text and "BitStack" in text
    with reader.page.expect_download() as waiting:
        reader.page.click("#export-conversation")
    saved = Path(waiting.value.path()).read_text("utf-8")
    assert "## what is BitStack?" in saved and "## References" in saved


def test_a_paper_can_be_asked_about_and_similar_ones_found(visit: Any) -> None:
    reader = visit()
    reader.ask("what is BitStack?")
    reader.page.locator("#panel .source [data-act=about]").first.click()
    assert "BitStack" in reader.page.inner_text("#active")
    turn = reader.ask("how is it evaluated?")
    papers = {chip.get_attribute("data-paper") for chip in turn.locator(".chip").all()}
    assert len(papers) <= 1 and "searched 1 paper of 62" in turn.inner_text()
    reader.page.locator("#panel .source [data-act=similar]").first.click()
    reader.page.wait_for_selector("[data-act=back-to-sources]")
    assert reader.page.locator("#panel .source").count() == 8


def test_an_earlier_question_is_edited_and_a_thumb_with_a_comment_is_kept(
    visit: Any, servers: dict[str, Server]
) -> None:
    reader = visit()
    turn = reader.ask("what is BitStack?")
    turn.locator("[data-act=edit]").click()
    assert reader.page.input_value("#question") == "what is BitStack?"
    again = reader.ask("how does BitStack save memory?")
    assert reader.page.locator(".turn").count() == 1
    again.locator("[data-rating=down]").click()
    reader.page.fill(".comment textarea", "Name the figure.")
    reader.page.click(".comment button")
    reader.page.wait_for_selector(".comment", state="detached")
    kept = next(servers["quoting"].home.rglob("feedback.jsonl"))
    lines = [json.loads(line) for line in kept.read_text("utf-8").splitlines()]
    assert [line["comment"] for line in lines] == ["", "Name the figure."]
    assert lines[0]["feedback_id"] == lines[1]["feedback_id"] and lines[1]["rating"] == "down"


def test_files_are_added_with_a_report_and_bad_ones_are_named(visit: Any, tmp_path: Path) -> None:
    reader = visit("empty")
    assert "Nothing is on the shelf yet" in reader.page.inner_text("#welcome")
    reader.page.click("[data-act=sample]")
    reader.page.wait_for_selector(".examples button")
    assert reader.page.inner_text("#coverage").startswith("The bundled sample: 60 papers")
    good = tmp_path / "my<b>papers.jsonl"
    good.write_text(json.dumps({"title": "Sourdough at scale", "abstract": "We bake bread. It rises by 30 percent."}))
    bad = tmp_path / "bad.txt"
    bad.write_bytes(b"\x00\x01\x02 nothing")
    reader.page.click("#go-add")
    program = tmp_path / "run.exe"
    program.write_bytes(b"MZ")
    reader.page.set_input_files("#files", [str(bad), str(good), str(program)])
    reader.page.wait_for_selector("#add-run li")
    report = reader.page.inner_text("#add-run")
    assert "Read 1 paper: 1 new" in report and "bad.txt:1: this is not text" in report
    assert "run.exe cannot be read here" in report
    assert str(tmp_path) not in report and "gradio" not in report
    reader.page.keyboard.press("Escape")
    reader.page.wait_for_function("document.querySelector('#coverage').textContent.startsWith('1 paper')")
    turn = reader.ask("how much does the bread rise?")
    assert "30 percent" in turn.inner_text()
    assert "my<b>papers.jsonl (1)" in reader.page.locator("#f-source").inner_text()
    assert reader.errors == []


def test_the_shelf_is_explored_and_left_again(visit: Any) -> None:
    reader = visit()
    reader.page.click("#go-explore")
    reader.page.wait_for_selector(".ex-body", state="visible")
    reader.page.wait_for_function("document.querySelector('.ex-head').innerText.includes('62 papers')")
    assert not reader.page.is_visible("#question")
    reader.page.click("#explore-back")
    reader.page.wait_for_selector(".ex-body", state="hidden")  # by way of the browser's history
    assert reader.page.is_visible("#question")
    reader.page.evaluate("window.askpapers.desk.ask_from_outside('what is BitStack?', null)")
    reader.page.wait_for_selector(".turn .footer")
    assert reader.errors == [] and reader.outside == []


def test_adding_is_stopped_and_leaves_the_library_free(visit: Any, tmp_path: Path) -> None:
    reader = visit("empty")
    many, one = tmp_path / "many.jsonl", tmp_path / "one.jsonl"
    lines = [{"title": f"Loaf {n}", "abstract": f"Loaf {n} rises by {n} percent. " * 9} for n in range(1500)]
    many.write_text("\n".join(json.dumps(line) for line in lines))
    one.write_text(json.dumps({"title": "A bun", "abstract": "Buns are small loaves. They rise by 5 percent."}))
    reader.page.click("#go-add")
    reader.page.set_input_files("#files", str(many))
    reader.page.wait_for_function("/embedding: [1-9]/.test(document.querySelector('#add-run').textContent)")
    reader.page.click("[data-act=stop-adding]")
    reader.page.wait_for_function("document.querySelector('#add-run').textContent.startsWith('Stopped.')")
    reader.page.set_input_files("#files", str(one))
    reader.page.wait_for_function("document.querySelector('#add-run').textContent.startsWith('Read 1 paper: 1 new')")
    total = re.search(r"holds ([\d,]+)", reader.page.inner_text("#add-run"))
    assert total is not None and int(total[1].replace(",", "")) < 1500


def test_a_read_only_page_adds_nothing(visit: Any, servers: dict[str, Server]) -> None:
    reader = visit("written")
    assert not reader.page.is_visible("#go-add")
    upload = reader.page.evaluate(
        """async () => { const form = new FormData(); form.append("files", new File(["x"], "x.txt"));
        return (await fetch("gradio_api/upload", { method: "POST", body: form })).status; }"""
    )
    added = reader.page.evaluate('window.askpapers.ask_once("page_add", { days: 1 }).catch((error) => error.message)')
    assert upload == 403 and "--read-only" in added


def test_no_file_is_read_that_was_not_uploaded(visit: Any, tmp_path: Path) -> None:
    secret = tmp_path / "secret.jsonl"
    secret.write_text('{"title": "Secret", "abstract": "Not yours."}')
    call = """(path) => window.askpapers.ask_once("page_add", { files: [{ path, name: "x" }] }).catch((error) => error.message)"""
    assert visit().page.evaluate(call, str(secret)) == "This file was not uploaded here."
    assert secret.exists()


def test_nothing_of_a_hostile_library_runs(visit: Any) -> None:
    reader = visit()
    turn = reader.ask(f"what does zorbly dough do? {HOSTILE}")
    assert "<img src=x" in turn.locator(".asked").inner_text()
    turn = reader.ask("what does zorbly dough do to the yield?")
    assert "77 percent" in turn.inner_text()
    for chip in turn.locator(".chip").all():
        chip.hover()
    reader.page.locator("#panel .source [data-act=basket]").first.click()
    reader.page.locator("#panel .source [data-act=about]").first.click()
    for details in reader.page.locator("#panel details summary").all()[:3]:
        details.click()
    reader.page.reload()
    reader.page.wait_for_selector("#panel .source")
    written = visit("written")
    answered = written.ask("what does zorbly dough do to the yield?")
    assert "<img src=x" in answered.locator(".answer").inner_text()
    for one in (reader, written):
        found = one.page.evaluate(
            """() => [window.hit ?? null, document.querySelectorAll('.desk img, .desk script, .desk iframe').length,
            [...document.querySelectorAll('.desk a')].filter((a) => !/^(https?:|.*#question$)/.test(a.href)).length]"""
        )
        assert found == [None, 0, 0]
        assert one.errors == [] and one.outside == []


def test_what_a_browser_kept_is_cleaned_before_it_is_shown(visit: Any) -> None:
    reader = visit()
    reader.ask(QUESTION)
    reader.page.evaluate(
        """() => { const key = Object.keys(localStorage).find((name) => name.includes(":c:"));
        const kept = JSON.parse(localStorage[key]);
        kept.turns[0].html = '<p>kept <img src=x onerror="window.hit=1"><a href="javascript:1" onclick="1">x</a></p>';
        localStorage[key] = JSON.stringify(kept); }"""
    )
    reader.page.reload()
    reader.page.wait_for_selector(".turn")
    assert reader.page.locator(".turn .answer").inner_html() == '<p>kept <a rel="noopener noreferrer">x</a></p>'
    assert reader.page.evaluate("window.hit ?? null") is None


def test_formulas_are_drawn_and_prices_stay_prices(visit: Any) -> None:
    reader = visit()
    turn = reader.ask("what does zorbly cost a day?")
    assert "$5 or $10 a day" in turn.locator(".answer").inner_text()
    source = reader.page.locator("#panel .source", has_text="Zorbly prices").first
    assert source.locator("math msup").count() == 1 and source.locator("math").count() == 2


def test_a_model_streams_its_unsupported_sentences_are_marked_and_its_failure_said(visit: Any) -> None:
    reader = visit("written")
    assert reader.page.inner_text("#model") == "model: openai-like/scripted"
    turn = reader.ask("by how much does zorbly dough raise the yield?")
    doubted = turn.locator(".claim.unsupported").first.inner_text()
    assert "93 percent" in doubted
    assert "not found in the source" in turn.inner_text() and "93" in turn.locator(".verdict").first.inner_text()
    assert "[9: no such source]" in turn.inner_text()
    assert "written by openai-like/scripted" in turn.inner_text() and "11 + 7 tokens" in turn.inner_text()
    failed = reader.ask("what yield does zorbly dough double, broken or not?")
    assert "The papers are quoted instead" in failed.inner_text()


def test_escape_stops_an_answer_and_the_model_and_keeps_what_was_written(
    visit: Any, scripted: list[ModelServer]
) -> None:
    reader = visit("written")
    reader.page.fill("#question", "slowly, what does zorbly dough do to the yield?")
    reader.page.press("#question", "Enter")
    reader.page.wait_for_function("document.querySelector('.turn .answer').textContent.includes('77 percent')")
    reader.page.keyboard.press("Escape")
    reader.page.wait_for_function("document.querySelector('.turn').textContent.includes('Stopped.')")
    assert "77 percent" in reader.page.inner_text(".turn .answer")
    assert reader.page.inner_text("#send") == "Ask"
    assert scripted[0].left.wait(10), "the call of the model goes on"


def test_a_question_that_was_being_answered_is_still_there_after_a_reload(visit: Any) -> None:
    reader = visit("written")
    reader.page.fill("#question", "slowly: by how much does zorbly dough double its yield?")
    reader.page.press("#question", "Enter")
    reader.page.wait_for_function("document.querySelector('.turn .answer').textContent.includes('77 percent')")
    reader.page.reload()
    reader.page.wait_for_selector(".turn [data-act=retry]")
    assert "slowly" in reader.page.inner_text(".asked") and "Stopped." in reader.page.inner_text(".turn")


def test_everything_is_done_with_keys_alone(visit: Any) -> None:
    reader = visit()
    keys = reader.page.keyboard
    assert reader.page.evaluate("document.activeElement.id") == "question"
    keys.type("what is")
    keys.press("Shift+Enter")
    keys.type("BitStack?")
    assert reader.page.input_value("#question") == "what is\nBitStack?"
    keys.press("Enter")
    reader.page.wait_for_selector(".turn .footer")
    reader.page.focus("#theme")
    keys.press("/")
    assert reader.page.evaluate("document.activeElement.id") == "question"
    reader.page.focus("#transcript")
    reached = []
    for _ in range(60):
        keys.press("Tab")
        reached.append(
            reader.page.evaluate(
                "(document.activeElement.dataset.act || document.activeElement.className || document.activeElement.id)"
            )
        )
        if reached[-1] == "chip":
            assert reader.page.is_visible("#pop")
        if reached[-1] == "basket":
            break
    order = [name for at, name in enumerate(reached) if name and name not in reached[:at]]
    wanted = ["chip", "copy", "retry", "edit", "thumb", "question", "send", "about", "similar", "basket"]
    assert [name for name in order if name in wanted] == wanted, order
    keys.press("Enter")
    assert reader.page.inner_text("#basket-n") == "1"
    outline = reader.page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"


def test_a_phone_has_one_column_with_the_sources_under_the_answer(visit: Any) -> None:
    reader = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    turn = reader.ask("what is BitStack?")
    assert reader.page.evaluate("document.documentElement.scrollWidth") == 390
    turn.locator(".chip").first.tap()
    assert reader.page.is_visible("#pop q")
    reader.page.tap("#pop button")
    assert turn.locator("#sources .source.flash").count() == 1
    assert not reader.page.is_visible("#f-since")
    reader.page.tap("#open-rail")
    reader.page.wait_for_selector("#f-since", state="visible")
    reader.page.tap("[data-act=close-rail] >> visible=true")
    reader.page.wait_for_selector("#f-since", state="hidden")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_no_serious_violation(visit: Any, scheme: str) -> None:
    import axe_playwright_python

    axe = (Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8")
    reader = visit(color_scheme=scheme)
    written = visit("written", color_scheme=scheme)
    written.ask("what does zorbly dough do to the yield?")
    found = []

    def look(page: Any, what: str) -> None:
        if not page.evaluate("'axe' in window"):
            page.evaluate(axe)
        for violation in page.evaluate("axe.run()")["violations"]:
            if violation["impact"] in ("serious", "critical") and violation["id"] not in NOT_OURS:
                found.append((what, violation["id"], violation["nodes"][0]["target"]))

    look(reader.page, "at first")
    reader.ask("how many papers are from NVIDIA?")
    reader.ask(QUESTION).locator(".chip").first.focus()
    look(reader.page, "an answer")
    reader.page.click("#go-add")
    look(reader.page, "adding")
    look(written.page, "doubted")
    written.page.click("#go-explore")
    written.page.wait_for_selector(".ex-body", state="visible")
    look(written.page, "exploring")
    assert found == []
    assert reader.page.evaluate("document.documentElement.dataset.theme") == scheme


def test_motion_is_left_out_where_the_reader_wants_none(visit: Any) -> None:
    reader = visit(reduced_motion="reduce")
    reader.ask(QUESTION).locator(".chip").first.click()
    assert reader.page.evaluate("getComputedStyle(document.querySelector('.source.flash')).animationName") == "none"
