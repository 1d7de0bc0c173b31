"""The chat page where a reader comes back to it: several tabs, questions asked again and edited, long imports, a phone."""

# ruff: noqa: F811 - fixtures are imported, and tests name them

from __future__ import annotations

import importlib.util
import json
from pathlib import Path
from typing import Any

import pytest

from tests.chat_pages import CHROMIUM, Visit, browser, scripted, servers, visit  # noqa: F401

pytestmark = [
    pytest.mark.usefixtures("gradio_leftovers"),
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium in /usr/bin"),
    pytest.mark.skipif(importlib.util.find_spec("gradio") is None, reason='needs the extra "chat"'),
]
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
SLOWLY = "slowly: by how much does zorbly dough double its yield?"


def asked(reader: Visit) -> list[str]:
    return [str(text) for text in reader.page.locator(".turn .asked").all_inner_texts()]


# Several tabs


def test_a_tab_that_rates_an_answer_keeps_what_another_tab_asked_meanwhile(visit: Any) -> None:
    first = visit()
    first.ask("what is BitStack?")
    second = first.tab()
    first.ask("what does zorbly cost a day?")
    first.ask("which papers reduce the memory of training?")
    shown = second.turns(3)
    shown.first.locator("[data-rating=up]").click()
    second.page.wait_for_selector(".comment")
    first.page.reload()
    turns = first.turns(3)
    assert turns.first.locator("[data-rating=up]").get_attribute("aria-pressed") == "true"
    assert asked(first)[1:] == ["what does zorbly cost a day?", "which papers reduce the memory of training?"]
    assert first.errors == []


def test_what_two_tabs_ask_at_once_is_kept_and_shown_when_the_answer_is_there(visit: Any) -> None:
    first = visit("written")
    first.ask("what is BitStack?")
    second = first.tab()
    first.page.fill("#question", SLOWLY)
    first.page.press("#question", "Enter")
    first.page.wait_for_function("document.querySelectorAll('.turn .answer')[1]?.textContent.includes('77 percent')")
    assert "Another tab waits for this answer." in second.turns(2).last.inner_text()
    second.ask("what does zorbly cost a day?")
    assert len(asked(first)) == 2, "a tab that is answering is left alone"
    first.page.keyboard.press("Escape")
    first.turns(3)
    assert asked(first) == asked(second) == ["what is BitStack?", SLOWLY, "what does zorbly cost a day?"]
    second.page.wait_for_function("document.querySelectorAll('.turn')[1].textContent.includes('Stopped.')")
    first.page.reload()
    first.turns(3)


def test_a_turn_that_one_tab_replaced_is_not_brought_back_by_another(visit: Any) -> None:
    first = visit()
    first.ask("what is BitStack?")
    second = first.tab()
    second.page.evaluate("window.askpapers.turns.sync = () => {}")  # a tab that has not heard of it yet
    first.page.locator("[data-act=edit]").click()
    first.ask("what does zorbly cost a day?")
    second.page.locator("[data-rating=up]").click()
    second.page.wait_for_selector(".comment")
    first.page.reload()
    first.turns(1)
    assert asked(first) == ["what does zorbly cost a day?"]


def test_a_conversation_that_one_tab_deleted_is_not_brought_back_by_an_answer_of_another(visit: Any) -> None:
    first = visit("written")
    second = first.tab()
    first.page.fill("#question", SLOWLY)
    first.page.press("#question", "Enter")
    first.page.wait_for_function("document.querySelector('.turn .answer')?.textContent.includes('77 percent')")
    delete = second.page.locator("#conversations [data-act=delete]")
    delete.click()
    delete.click()
    first.page.keyboard.press("Escape")
    first.turns(0)
    first.page.wait_for_function("document.querySelector('#toast').textContent.includes('deleted in another tab')")
    assert first.page.locator("#conversations .open").count() == 0
    assert first.page.evaluate("Object.keys(localStorage).filter((name) => name.includes(':c:')).length") == 0
    first.ask("what is BitStack?")
    assert first.page.locator("#conversations .open").count() == 1


# Asked again, and edited


def test_a_question_asked_again_keeps_its_own_filters(visit: Any) -> None:
    reader = visit()
    reader.page.fill("#f-since", "2025-11-01")
    turn = reader.ask("what is new on training?")
    reader.page.click("#f-clear")
    again = reader.wait_for_end(turn.locator("[data-act=retry]").click)
    assert "since 1 November 2025" in again.locator(".understood .tag.given").inner_text()
    assert "of 62" in again.locator(".footer").inner_text()
    assert reader.page.input_value("#f-since") == ""


def test_what_was_dropped_stays_dropped_is_shown_and_can_be_applied_again(visit: Any) -> None:
    reader = visit()
    turn = reader.ask("what is new on training since November 2025?")
    turn = reader.wait_for_end(turn.locator(".tag.read button").click)
    turn = reader.wait_for_end(turn.locator("[data-act=retry]").click)
    assert turn.locator(".tag.read").count() == 0
    dropped = turn.locator(".tag.dropped")
    assert dropped.inner_text().startswith("not applied: published since 1 November 2025")
    reader.page.reload()
    turn = reader.turns(1).first
    turn = reader.wait_for_end(turn.locator(".tag.dropped button").click)
    assert "November 2025" in turn.locator(".tag.read").inner_text() and turn.locator(".tag.dropped").count() == 0


def test_editing_shows_the_questions_own_filters_and_gives_the_draft_back(visit: Any) -> None:
    reader = visit()
    reader.page.fill("#f-since", "2025-11-02")
    turn = reader.ask("what is new on models?")
    reader.page.click("#f-clear")
    reader.page.fill("#question", "a draft")
    turn.locator("[data-act=edit]").click()
    assert reader.page.input_value("#question") == "what is new on models?"
    assert "from 2025-11-02" in reader.page.inner_text("#active")
    reader.page.keyboard.press("Escape")
    assert reader.page.input_value("#question") == "a draft"
    assert reader.page.input_value("#f-since") == "" and reader.page.inner_text("#active") == ""
    turn.locator("[data-act=edit]").click()
    reader.page.fill("#question", "what is new on language models?")
    edited = reader.wait_for_end(lambda: reader.page.press("#question", "Enter"))
    assert "since 2 November 2025" in edited.locator(".tag.given").inner_text()
    assert reader.page.input_value("#question") == "a draft" and reader.page.input_value("#f-since") == ""


def test_a_filter_that_is_changed_while_editing_holds(visit: Any) -> None:
    reader = visit()
    reader.page.fill("#f-since", "2025-11-01")
    reader.ask("what is new on training?").locator("[data-act=edit]").click()
    reader.page.click("#active [data-act=unset]")
    edited = reader.wait_for_end(lambda: reader.page.press("#question", "Enter"))
    assert edited.locator(".tag").count() == 0 and "searched 62 papers" in edited.inner_text()
    assert reader.page.input_value("#f-since") == ""


# Papers


def test_an_empty_library_says_what_to_do_next_and_the_sample_answers_then(visit: Any) -> None:
    reader = visit("empty")
    turn = reader.ask("what is BitStack?")
    assert "The library is empty" in turn.locator(".answer").inner_text() and "ingest" not in turn.inner_text()
    turn.locator("[data-act=add]").click()
    assert reader.page.is_visible("#adding")
    reader.page.keyboard.press("Escape")
    answered = reader.wait_for_end(turn.locator("[data-act=sample]").click)
    assert "searched 60 papers" in answered.locator(".footer").inner_text()
    assert answered.locator("[data-act=sample]").count() == 0


def test_an_import_goes_on_while_its_window_is_closed_and_is_still_stopped_there(visit: Any, tmp_path: Path) -> None:
    reader = visit("empty")
    many, one = tmp_path / "many.jsonl", tmp_path / "one.jsonl"
    lines = [{"title": f"Crust {n}", "abstract": f"Crust {n} is {n} percent of it. " * 9} for n in range(1500)]
    many.write_text("\n".join(json.dumps(line) for line in lines))
    one.write_text(json.dumps({"title": "A roll", "abstract": "Rolls are small. They weigh 50 grams."}))
    reader.page.click("#go-add")
    reader.page.set_input_files("#files", str(many))
    reader.page.wait_for_function("/embedding: [1-9]/.test(document.querySelector('#add-run').textContent)")
    reader.page.keyboard.press("Escape")
    assert reader.page.inner_text("#go-add").startswith("Adding papers …")
    with reader.page.expect_request("**/call/page_status"):
        pass  # the shelf is looked at while it grows
    reader.page.click("#go-add")
    assert "%" in reader.page.inner_text("#add-now") and reader.page.is_visible("[data-act=stop-adding]")
    reader.page.set_input_files("#files", str(one))
    assert reader.page.inner_text("#add-waiting") == "Then: one.jsonl"
    reader.page.click("[data-act=stop-adding]")
    reader.page.wait_for_function("document.querySelector('#add-run').textContent.startsWith('Stopped.')")
    assert reader.page.inner_text("#go-add") == "Add papers"


def test_files_chosen_during_an_import_are_read_after_it(visit: Any, tmp_path: Path) -> None:
    reader = visit("empty")
    first, second = tmp_path / "first.jsonl", tmp_path / "second.jsonl"
    first.write_text("\n".join(json.dumps({"title": f"Rye {n}", "abstract": f"Rye {n} is dark."}) for n in range(3)))
    second.write_text(json.dumps({"title": "Spelt", "abstract": "Spelt is an old grain. It rises by 9 percent."}))
    reader.page.click("#go-add")
    reader.page.set_input_files("#files", str(first))
    reader.page.set_input_files("#files", str(second))
    reader.page.wait_for_function("document.querySelector('#add-run').textContent.includes('Read 1 paper: 1 new')")
    assert reader.page.inner_text("#add-run").startswith("Read 3 papers: 3 new")


def test_a_number_of_comments_that_is_none_is_said_at_its_field_and_not_applied(visit: Any) -> None:
    reader = visit()
    for wrong in ("-3", "2.5"):
        reader.page.fill("#f-comments", wrong)
        reader.page.keyboard.press("Tab")
        assert "whole number from 0" in reader.page.inner_text("#f-comments-wrong")
        assert reader.page.locator("#active li").count() == 0
    turn = reader.ask("what is BitStack?")
    assert "searched 62 papers" in turn.locator(".footer").inner_text()
    reader.page.fill("#f-comments", "1")
    reader.page.keyboard.press("Tab")
    assert not reader.page.is_visible("#f-comments-wrong")
    assert "at least 1 comments" in reader.page.inner_text("#active")


# What a model writes


def test_what_is_being_done_is_said_in_turn_without_the_models_address(visit: Any) -> None:
    said = visit("written").page.evaluate(
        """async () => { const said = [];
        const records = window.askpapers.call("page_ask", { question: "what does zorbly dough do to the yield?" });
        for await (const record of records) if (record.kind === "status") said.push(record.text);
        return said; }"""
    )
    assert [words.split(" papers")[0].rstrip("0123456789") for words in said] == [
        "Searching the",
        "openai-like/scripted reads ",
        "Writing",
    ]


def test_the_chip_of_a_doubted_sentence_says_that_its_source_does_not_say_it(visit: Any) -> None:
    reader = visit("written")
    turn = reader.ask("by how much does zorbly dough raise the yield?")
    turn.locator(".claim.unsupported .chip").first.hover()
    assert "does not say this" in reader.page.inner_text("#pop")
    reader.page.mouse.move(0, 0)
    reader.page.wait_for_selector("#pop", state="hidden")
    turn.locator(".answer .chip").first.hover()
    assert "does not say this" not in reader.page.inner_text("#pop")


# Where things stand


def test_the_basket_and_its_exports_are_in_sight_below_many_sources(visit: Any) -> None:
    reader = visit(viewport={"width": 1400, "height": 700})
    reader.ask("which papers reduce the memory of training?")
    reader.panel()
    for button in reader.page.locator("#panel .cited [data-act=basket]").all():
        button.click()
    reader.page.evaluate("document.querySelector('#side').scrollTop = 0")
    reader.page.click("#basket summary")
    box = reader.page.locator("[data-format=csv]").bounding_box()
    assert box is not None and box["y"] + box["height"] <= 700
    outside = reader.page.evaluate(
        """() => [...document.querySelectorAll('#panel .cited .source')].filter((card) => card.querySelector('h3')
        .getBoundingClientRect().left < card.querySelector('.numbers').getBoundingClientRect().right).length"""
    )
    assert outside == 0, "a title runs under its number"


def test_an_empty_panel_has_no_heading_of_the_answer_before(visit: Any) -> None:
    reader = visit()
    reader.ask("who won the football world cup of 1954?")
    reader.page.wait_for_function("document.querySelector('#h-sources').textContent == 'Papers found'")
    reader.page.click("[data-act=new]")
    assert reader.page.inner_text("#h-sources") == "Sources of this answer"


def test_the_name_of_a_conversation_has_its_whole_line_and_a_tooltip(visit: Any) -> None:
    reader = visit()
    question = "which papers reduce the memory of training?"
    reader.ask(question)
    row = reader.page.locator("#conversations li")
    name = row.locator(".open")
    assert name.get_attribute("title") == question
    assert name.bounding_box()["width"] == row.bounding_box()["width"]


def test_on_a_phone_the_model_similar_papers_and_whole_dates_are_in_sight(visit: Any) -> None:
    reader = visit(**PHONE)
    assert reader.page.is_visible("#model")
    turn = reader.ask("list the papers with at least 1 comment")
    table = turn.locator(".table").first
    table.scroll_into_view_if_needed()
    heights = table.locator("td.whole").evaluate_all("(cells) => cells.map((cell) => cell.getClientRects().length)")
    broken = table.locator("td.whole").evaluate_all(
        """(cells) => cells.filter((cell) => { const range = document.createRange(); range.selectNodeContents(cell);
        return new Set([...range.getClientRects()].map(({ top }) => Math.round(top))).size > 1; }).length"""
    )
    assert len(heights) > 3 and broken == 0
    cut_off = table.evaluate("(box) => box.scrollWidth - box.clientWidth")
    assert cut_off <= 0 or "gradient" in table.evaluate("(box) => getComputedStyle(box).backgroundImage")
    turn.locator("[data-act=sources]").click()
    card = turn.locator("#panel .source").nth(3)
    card.locator("[data-act=similar]").click()
    reader.page.wait_for_selector("[data-act=back-to-sources]")
    for name in ("#h-sources", "[data-act=back-to-sources]"):
        box = reader.page.locator(name).bounding_box()
        assert box is not None and 0 <= box["y"] < 844, name
