"""The chat page where little is given: keys alone, a browser that keeps nothing, a server that is gone, forced colours."""

# ruff: noqa: F811 - fixtures are imported, and tests name them

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest

from tests.chat_pages import CHROMIUM, Visit, browser, scripted, servers, visit  # noqa: F401

pytestmark = [
    pytest.mark.usefixtures("gradio_leftovers"),
    pytest.mark.skipif(CHROMIUM is None, reason="needs Chromium in /usr/bin"),
    pytest.mark.skipif(importlib.util.find_spec("gradio") is None, reason='needs the extra "chat"'),
]
QUESTION = "which papers reduce the memory of training?"
SLOWLY = "slowly: by how much does zorbly dough double its yield?"
WRITTEN = "[...document.querySelectorAll('.turn')].at(-1)?.querySelector('.answer').textContent.includes('77 percent')"
BLOCKED = """Object.defineProperty(window, "localStorage", { get() { throw new DOMException("denied", "SecurityError"); } });"""
# Takes what room the browser has, to the last character.
FILL = """() => { let text = "x".repeat(1 << 22);
  for (let n = 0; text; n++) {
    try { localStorage.setItem(`other${n}`, text); } catch { text = text.slice(text.length / 2 + 1); } }
  for (let n = 0; ; n++) { try { localStorage.setItem(`o${n}`, ""); } catch { break; } } }"""


def focused(reader: Visit) -> str:
    """What has the focus: its act, class or id; "body" where nothing has."""
    return str(
        reader.page.evaluate(
            """() => new Promise((done) => requestAnimationFrame(() => { const at = document.activeElement;
            done(at === document.body ? "body" : at.dataset.act || at.className || at.id || at.localName); }))"""
        )
    )


def press(reader: Visit, selector: str, n: int = 0) -> str:
    """Presses a button with the key, and says what has the focus then."""
    reader.page.locator(selector).nth(n).focus()
    reader.page.keyboard.press("Enter")
    return focused(reader)


def toast(reader: Visit) -> str:
    reader.page.wait_for_selector("#toast", state="visible")
    return str(reader.page.inner_text("#toast"))


def begin(reader: Visit, question: str = SLOWLY) -> None:
    reader.page.fill("#question", question)
    reader.page.press("#question", "Enter")
    reader.page.wait_for_function(WRITTEN)


# Keys


@pytest.mark.parametrize(("width", "height"), [(1440, 900), (1024, 420), (320, 256)])
def test_every_chip_that_tab_reaches_shows_its_card_within_the_window(visit: Any, width: int, height: int) -> None:
    reader = visit(viewport={"width": width, "height": height})
    n = reader.ask(QUESTION).locator(".answer .chip").count()
    reader.page.evaluate("document.querySelector('#transcript').scrollTop = 0")
    reader.page.focus("#transcript")
    shown = []
    for _ in range(60):
        reader.page.keyboard.press("Tab")
        if "chip" in focused(reader).split():
            shown.append(
                reader.page.evaluate(
                    """() => new Promise((done) => setTimeout(() => { const pop = document.querySelector("#pop");
                    const at = pop.getBoundingClientRect();
                    done(!pop.hidden && at.top >= 0 && at.bottom <= innerHeight); }, 60))"""
                )
            )
        elif shown:
            break
    assert shown == [True] * n and n > 3


def test_a_card_larger_than_its_room_is_scrolled_with_the_arrow_keys(visit: Any) -> None:
    import axe_playwright_python

    reader = visit(viewport={"width": 320, "height": 256})
    reader.ask(QUESTION).locator(".chip").first.focus()
    pop = reader.page.locator("#pop")
    pop.wait_for(state="visible")
    reader.page.wait_for_function(
        "document.querySelector('#pop').scrollHeight > document.querySelector('#pop').clientHeight"
    )
    for _ in range(20):  # a press that comes while the card is still being placed may be lost
        reader.page.keyboard.press("ArrowDown")
        if pop.evaluate("(box) => box.scrollTop") > 0:
            break
    assert pop.evaluate("(box) => box.scrollTop") > 0 and pop.is_visible()
    reader.page.evaluate((Path(axe_playwright_python.__file__).parent / "axe.min.js").read_text("utf-8"))
    violations = reader.page.evaluate("axe.run()")["violations"]
    assert [one["id"] for one in violations if one["impact"] in ("serious", "critical")] == []


def test_the_focus_is_never_lost_where_what_had_it_goes(visit: Any) -> None:
    reader = visit()
    assert press(reader, "[data-act=told]") == "question"
    assert reader.wait_for_end(lambda: press(reader, "[data-act=example]")).count() == 1
    assert focused(reader) == "question"
    turn = reader.wait_for_end(lambda: press(reader, "[data-act=retry]"))
    assert focused(reader) == "turn"
    reader.page.keyboard.press("Tab")
    assert turn.evaluate("(turn) => turn.contains(document.activeElement)")
    press(reader, "[data-rating=up]")
    reader.page.fill(".comment textarea", "Good.")
    press(reader, ".comment button")
    reader.page.wait_for_selector(".comment", state="detached")
    assert focused(reader) in ("thumb", "turn")
    reader.panel()
    press(reader, "#panel [data-act=similar]")
    reader.page.wait_for_function("document.activeElement.dataset.act == 'back-to-sources'")
    press(reader, "#panel [data-act=back-to-sources]")
    reader.page.wait_for_selector("[data-act=back-to-sources]", state="detached")
    assert reader.page.evaluate("document.querySelector('#sources').contains(document.activeElement)")
    for n in range(3):
        press(reader, "#panel [data-act=basket]:visible", n)
    press(reader, "#basket summary")
    assert press(reader, "[data-act=unbasket]", 1) == "unbasket"
    assert reader.page.locator("[data-act=unbasket]").nth(1).evaluate("(one) => one === document.activeElement")
    assert press(reader, "[data-act=empty-basket]") == "refill"
    assert press(reader, "[data-act=refill]") == "summary"
    press(reader, "[data-act=unbasket]")
    assert press(reader, "[data-act=unbasket]") == "summary"
    reader.page.fill("#f-comments", "5")
    reader.page.keyboard.press("Tab")
    assert press(reader, "#f-clear") == "f-since"
    assert reader.errors == []


def test_a_click_beside_everything_leaves_the_focus_where_the_reader_put_it(visit: Any) -> None:
    reader = visit()
    reader.ask("what is BitStack?")
    reader.page.click("#coverage")
    assert focused(reader) == "body"
    reader.page.evaluate("document.querySelector('.turn-acts').hidden = true")
    assert focused(reader) == "body"


def test_escape_leaves_the_edit_and_then_stops_the_answer(visit: Any) -> None:
    reader = visit("written")
    reader.ask("what is BitStack?")
    begin(reader)
    reader.page.locator("[data-act=edit]").first.click()
    assert reader.page.is_visible("#editing")
    reader.page.keyboard.press("Escape")
    assert not reader.page.is_visible("#editing") and reader.page.inner_text("#send") == "Stop"
    reader.page.keyboard.press("Escape")
    reader.page.wait_for_function("document.querySelector('#send').textContent == 'Ask'")


# What is asked while an answer is written, and what breaks off


def test_a_question_sent_while_one_is_answered_stays_in_the_box_and_that_is_said(visit: Any) -> None:
    reader = visit("written")
    reader.ask("what is BitStack?")
    begin(reader)
    reader.page.fill("#question", "another question")
    reader.page.press("#question", "Enter")
    assert toast(reader).startswith("An answer is being written.")
    assert reader.page.input_value("#question") == "another question" and reader.page.locator(".turn").count() == 2
    reader.page.evaluate("document.querySelector('#toast').hidden = true")
    reader.page.locator("[data-act=retry]").first.click()
    assert toast(reader).startswith("An answer is being written.") and reader.page.locator(".turn").count() == 2
    reader.page.click("#send")


@pytest.mark.parametrize("leave", ["reload", "new"])
def test_an_answer_left_in_mid_stream_keeps_what_was_written(visit: Any, leave: str) -> None:
    reader = visit("written")
    begin(reader)
    if leave == "reload":
        reader.page.reload()
    else:
        reader.page.click("[data-act=new]")
        reader.page.wait_for_function("document.querySelector('#send').textContent == 'Ask'")
        reader.page.locator("#conversations .open").first.click()
    reader.page.wait_for_function("document.querySelector('.turn')?.textContent.includes('Stopped.')")
    assert "77 percent" in reader.page.inner_text(".turn .answer")
    assert "before the answer came" not in reader.page.inner_text(".turn")


def test_a_server_that_is_lost_in_mid_answer_is_said_in_a_sentence(visit: Any) -> None:
    reader = visit(
        "written",
        script="""const real = window.fetch; window.fetch = async (...given) => { const reply = await real(...given);
        if (!/call\\/page_ask\\/./.test(String(given[0]))) return reply;
        const broken = new ReadableStream({ start(to) { to.error(new TypeError("network error")); } });
        return new Response(broken, { status: 200 }); };""",
    )
    turn = reader.ask("what is BitStack?")
    problem = turn.locator(".problem").inner_text()
    assert problem == "The connection to the page's server broke off. Is `askpapers chat` still running?"
    assert turn.locator("[data-act=retry]").is_visible()


# What the browser keeps


def test_a_full_browser_loses_no_conversation_and_no_answer_without_saying_so(visit: Any) -> None:
    reader = visit()
    for question in ("what is BitStack?", "what does zorbly cost a day?"):
        reader.page.click("[data-act=new]")
        reader.ask(question)
    reader.page.evaluate(FILL)
    reader.page.click("[data-act=new]")
    answer = reader.ask(QUESTION).locator(".answer").inner_text()
    assert "storage is full" in toast(reader) and "storage is full" in reader.page.inner_text("#not-kept")
    rows = reader.page.locator("#conversations .open")
    assert rows.count() == 3
    rows.nth(1).click()
    assert reader.page.inner_text(".turn .asked") == "what does zorbly cost a day?"
    rows.nth(0).click()
    assert reader.page.inner_text(".turn .answer") == answer, "what is not kept is there until the page is left"
    reader.page.evaluate(
        "Object.keys(localStorage).filter((name) => name[0] == 'o').forEach((name) => localStorage.removeItem(name))"
    )
    reader.ask("how well does it work?")
    assert not reader.page.is_visible("#not-kept")
    reader.page.reload()
    reader.turns(2)
    assert rows.count() == 3 and reader.page.locator(".turn .answer").first.inner_text() == answer


def test_an_answer_that_found_no_room_is_never_called_one_that_did_not_come(visit: Any) -> None:
    reader = visit(
        script="""const real = Storage.prototype.setItem;
        Storage.prototype.setItem = function (name, text) {
          if (window.most && text.length > window.most) throw new DOMException("full", "QuotaExceededError");
          real.call(this, name, text); };"""
    )
    reader.page.evaluate("window.most = 900")
    reader.ask(QUESTION)
    assert "storage is full" in toast(reader)
    reader.page.reload()
    shown = reader.turns(1).first.inner_text()
    assert "This browser had no room to keep the answer." in shown and "before the answer came" not in shown


def test_room_made_by_deleting_takes_what_waited_for_it(visit: Any) -> None:
    reader = visit()
    reader.ask("what is BitStack?")
    reader.page.evaluate(
        """() => { const key = Object.keys(localStorage).find((name) => name.includes(":c:"));
        const kept = JSON.parse(localStorage[key]); kept.padding = "y".repeat(200000);
        localStorage[key] = JSON.stringify(kept); }"""
    )
    reader.page.evaluate(FILL)
    reader.page.click("[data-act=new]")
    reader.ask("what does zorbly cost a day?")
    assert reader.page.is_visible("#not-kept")
    delete = reader.page.locator("#conversations li").nth(1).locator("[data-act=delete]")
    delete.click()
    delete.click()
    assert not reader.page.is_visible("#not-kept")
    reader.page.reload()
    assert reader.turns(1).first.locator(".asked").inner_text() == "what does zorbly cost a day?"


def test_where_storage_is_blocked_all_works_until_the_page_is_left_and_that_is_said_once(visit: Any) -> None:
    reader = visit(script=BLOCKED)
    assert toast(reader).startswith("This browser lets the page keep nothing")
    reader.page.evaluate("document.querySelector('#toast').hidden = true")
    theme = reader.page.evaluate("document.documentElement.dataset.theme")
    reader.page.click("#theme")
    assert reader.page.evaluate("document.documentElement.dataset.theme") != theme
    reader.page.click("[data-act=told]")
    assert reader.page.locator(".model-note").count() == 0
    reader.ask("what is BitStack?")
    reader.page.locator("#panel .source [data-act=basket]").first.click()
    assert reader.page.inner_text("#basket-n") == "1"
    reader.page.click("[data-act=new]")
    reader.ask("what does zorbly cost a day?")
    rows = reader.page.locator("#conversations .open")
    assert rows.count() == 2
    rows.nth(1).click()
    assert reader.page.inner_text(".turn .asked") == "what is BitStack?"
    assert not reader.page.is_visible("#toast") and "keep nothing" in reader.page.inner_text("#not-kept")
    assert "Kept in this browser" not in reader.page.inner_text("#rail")


def test_back_leaves_the_shelf_and_a_half_typed_question_is_kept(visit: Any) -> None:
    reader = visit()
    reader.page.fill("#question", "half a ques")
    reader.page.click("#go-explore")
    assert not reader.page.is_visible("#question")
    reader.page.go_back()
    reader.page.wait_for_selector("#question", state="visible")
    reader.page.go_forward()
    reader.page.wait_for_selector("#question", state="hidden")
    reader.page.click("#explore-back")
    reader.page.wait_for_selector("#question", state="visible")
    reader.page.reload()
    reader.page.wait_for_function("window.askpapers && window.askpapers.desk.shelf")
    assert reader.page.input_value("#question") == "half a ques"
    reader.ask("what is BitStack?")
    reader.page.reload()
    reader.turns(1)
    assert reader.page.input_value("#question") == ""


# The basket, and what is seen


def test_an_emptied_basket_comes_back_and_long_names_leave_its_buttons_in_sight(visit: Any) -> None:
    reader = visit(viewport={"width": 1440, "height": 700})
    papers = [{"id": f"p{n}", "title": f"Crumb {n} " + "w" * 400} for n in range(500)]
    reader.page.evaluate(
        "(papers) => { window.askpapers.store.write('basket', papers); window.askpapers.basket.show(); }", papers
    )
    reader.page.click("#basket summary")
    for selector in ("[data-act=unbasket] >> nth=0", "[data-format=csv]", "[data-act=empty-basket]"):
        box = reader.page.locator(selector).bounding_box()
        assert box is not None and box["x"] > 0 and box["x"] + box["width"] <= 1440, selector
        assert box["y"] + box["height"] <= 700, selector
    reader.page.click("[data-act=empty-basket]")
    assert reader.page.inner_text("#basket-undo").startswith("Emptied: 500 papers.")
    reader.page.click("[data-act=refill]")
    assert reader.page.inner_text("#basket-n") == "500" and not reader.page.is_visible("#basket-undo")


def test_chips_are_large_enough_and_titles_take_their_own_direction(visit: Any) -> None:
    reader = visit()
    chip = reader.ask(QUESTION).locator(".chip").first
    box = chip.bounding_box()
    assert box is not None and box["width"] >= 24 and box["height"] >= 24
    chip.hover()
    reader.panel()
    for selector in (".asked", "#pop .card-title", "#panel .source h3", "#conversations .open"):
        assert reader.page.locator(selector).first.get_attribute("dir") == "auto", selector


def test_forced_colours_leave_chips_pressed_buttons_and_the_open_conversation_apart(visit: Any) -> None:
    reader = visit(forced_colors="active")
    turn = reader.ask(QUESTION)
    look = "(one, name) => getComputedStyle(one)[name]"
    assert turn.locator(".chip").first.evaluate(look, "borderTopStyle") == "solid"
    assert reader.page.locator("#conversations li[data-current]").evaluate(look, "borderLeftWidth") == "4px"
    up = turn.locator("[data-rating=up]")
    assert up.evaluate(look, "borderTopStyle") == "none"
    up.click()
    assert up.evaluate(look, "borderTopStyle") == "solid"
    reader.page.click("#go-explore")
    assert reader.page.locator("#go-explore").evaluate(look, "outlineStyle") == "solid"
