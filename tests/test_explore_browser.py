"""The view of a shelf of which the map shows a part, in a browser: the table over all, keys, taps, names on the map."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from ingest import add_papers
from rag.library import Library
from tests.conftest import paper
from tests.test_explore import DRAWN, opened
from ui.shelf_view import ShelfViews

pytestmark = [pytest.mark.usefixtures("gradio_leftovers"), pytest.mark.filterwarnings("ignore")]
TOPICS = ("Sparse pruning of nets", "Speech of whales", "Folding of proteins", "Loaves that rise", "Maps of rivers")
LABELS = Path(__file__).parent.parent / "ui" / "page" / "explore_labels.js"
LONG = "Longword" + "x" * 900
# Two papers a month from January 2020 to March 2024, and three of a kind without a date.
SHELF = [
    paper(
        f"{TOPICS[i % 5]} {i}",
        f"{TOPICS[i % 5]} by {i} points. It is about {TOPICS[i % 5].lower()}.",
        published=date(2020 + i // 2 // 12, i // 2 % 12 + 1, 1 + i % 2),
        organisation="Mill" if i % 3 else "\u202eyrekaB",
    )
    for i in range(102)
] + [
    paper(LONG, "It is long."),
    paper("E$^{2}$Bun", "Bread that rises twice."),
    paper("Zorbly crusts", "Hard outside.", organisation="Mill"),
]


@pytest.fixture(scope="module")
def shown(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Any, str]]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
        patch.setenv("GRADIO_TEMP_DIR", str(tmp_path_factory.mktemp("gradio")))
        library = Library.create(Path(tmp_path_factory.mktemp("shelf")) / "library")
        add_papers(library, SHELF)
        with opened(library, ShelfViews(most_shown=64)) as given:
            yield given
        library.close()


@pytest.fixture
def visit(shown: tuple[Any, str]) -> Iterator[Any]:
    browser, url = shown
    contexts = []

    def go(**options: Any) -> Any:
        contexts.append(browser.new_context(**({"viewport": {"width": 1280, "height": 800}} | options)))
        page = contexts[-1].new_page()
        page.goto(url)
        page.click("#explore-open")
        page.wait_for_selector(DRAWN, timeout=60_000)
        return page

    yield go
    for context in contexts:
        context.close()


def counted(page: Any, text: str) -> None:
    page.wait_for_function("text => document.querySelector('.ex-count').textContent === text", arg=text)


def test_what_the_map_does_not_show_is_in_the_table(visit: Any) -> None:
    page = visit()
    assert page.inner_text(".ex-said") == "105 papers; the map shows 64 of them, taken evenly."
    counted(page, "105 papers")
    page.fill(".ex-search", "zorbly")
    counted(page, "1 of 105 papers")
    assert page.inner_text("tbody button") == "Zorbly crusts"
    page.click(".ex-clear")
    page.click(".ex-bar[value='2020-01']")
    counted(page, "2 of 105 papers")
    page.fill(".ex-search", "nothingsuch")
    counted(page, "0 of 105 papers")
    assert page.inner_text(".ex-none") == (
        "None of all 105 papers has “nothingsuch” in its title or abstract and is of January 2020."
    )
    page.click(".ex-clear")
    # 68 of 102 and one more are of Mill; the other name has lost its mark of direction, and still finds its papers.
    assert page.locator(".ex-list b").all_inner_texts() == ["Mill", "yrekaB"]
    assert page.locator(".ex-list em").all_inner_texts() == ["69", "34"]
    page.click(".ex-list button >> nth=1")
    counted(page, "34 of 105 papers")
    assert "\u202e" not in page.inner_text(".explore")
    page.click(".ex-clear")
    counted(page, "105 papers")
    page.click("thead >> text=Title")
    page.wait_for_function("document.querySelector('tbody button').textContent === 'E²Bun'")
    # Only what is drawn has a group, and the view says so.
    page.click(".ex-legend button >> nth=0")
    counted(page, f"{page.inner_text('.ex-legend button >> nth=0 >> em')} of the 64 papers drawn")


def test_one_stop_for_tab_and_focus_is_never_lost(visit: Any) -> None:
    page = visit()
    page.focus("#explore-open")
    stops = 0
    while not page.evaluate("document.activeElement.matches('.ex-search')"):
        page.keyboard.press("Tab")
        stops += 1
        assert stops < 6, "months, organisations, groups, search"
    page.focus(".ex-bar[tabindex='0']")
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.value") == "2024-02"
    counted(page, "2 of 105 papers")
    page.keyboard.press("Home")
    assert page.evaluate("document.activeElement.value") == "2020-01"
    page.focus("thead button >> nth=2")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.closest('th').textContent") == "Comments ▾"
    page.focus("tbody button >> nth=0")
    title = page.evaluate("document.activeElement.textContent")
    page.keyboard.press("Enter")
    page.focus(".ex-card >> text=Close")
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.textContent") == title


def test_on_a_phone_years_are_tapped_and_nothing_is_wider_than_it(visit: Any) -> None:
    page = visit(viewport={"width": 390, "height": 800}, has_touch=True)
    assert page.inner_text(".ex-unit") == "Papers a year"
    assert page.locator(".ex-bar").count() == 5 and page.locator(".ex-bar").first.bounding_box()["width"] > 24
    page.tap(".ex-bar[value='2024']")
    counted(page, "6 of 105 papers")  # January to March
    page.tap(".ex-clear")
    page.fill(".ex-search", "longword" + "x" * 900)
    page.wait_for_function("document.querySelector('.ex-count').textContent !== '105 papers'")
    page.fill(".ex-search", "long")
    page.wait_for_function("document.querySelector('tbody button')?.textContent.startsWith('Longword')")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    assert page.evaluate("document.querySelector('table').scrollWidth") <= 390
    assert page.locator("tbody tr >> nth=0").bounding_box()["height"] < 160
    assert page.locator("h1:visible").count() == 1


WORDS = """() => [...document.querySelectorAll('.ex-labels span')].map((label) => {
  const range = document.createRange(); range.selectNodeContents(label);
  const box = range.getBoundingClientRect(); return [box.left, box.top, box.right, box.bottom];
})"""


@pytest.mark.parametrize("width", [390, 1280])
def test_names_on_the_map_stand_apart_and_within_it(visit: Any, width: int) -> None:
    page = visit(viewport={"width": width, "height": 800})
    boxes = page.evaluate(WORDS)
    n_groups = page.locator(".ex-legend button").count()
    assert n_groups > 2 and len(boxes) == (min(n_groups, 4) if width == 390 else n_groups)
    plane = page.locator(".ex-plane").bounding_box()
    for i, (left, top, right, bottom) in enumerate(boxes):
        assert plane["x"] <= left and right <= plane["x"] + plane["width"]
        assert plane["y"] <= top and bottom <= plane["y"] + plane["height"]
        assert all(left >= r or right <= l or top >= b or bottom <= t for l, t, r, b in boxes[:i])  # noqa: E741
    names = page.locator(".ex-labels span").all_inner_texts()
    assert len(set(names)) == len(names)


def test_a_name_gives_way_to_points_and_to_a_name_before_it(shown: tuple[Any, str]) -> None:
    page = shown[0].new_page()
    # A heap of points in the middle of 400 x 300, each 6 apart, from 150 to 246 and 110 to 188: both names are of its middle.
    script = LABELS.read_text("utf-8")
    heap = [[150 + 6 * i, 110 + 6 * j] for i in range(17) for j in range(14)]
    asked = [{"w": 80, "h": 20, "x": 198, "y": 146}] * 2
    first, second = page.evaluate(
        f"([asked, heap]) => {{ {script}; return places(asked, heap, {{ width: 400, height: 300 }}); }}", [asked, heap]
    )
    page.close()
    for one in (first, second):
        right, bottom = one["left"] + 80, one["top"] + 20
        assert not any(one["left"] <= x <= right and one["top"] <= y <= bottom for x, y in heap)
        assert one["line"][2:] == [198, 146], "a line leads to what it names"
        assert one["left"] >= 0 and right <= 400 and one["top"] >= 0 and bottom <= 300
    assert abs(first["left"] - second["left"]) >= 80 or abs(first["top"] - second["top"]) >= 20


def test_bars_are_drawn_in_forced_colours(visit: Any) -> None:
    page = visit(forced_colors="active")
    for bar in (".ex-bar i", ".ex-list i"):
        colours = page.evaluate(
            "bar => ['backgroundColor', 'color'].map((name) => getComputedStyle(document.querySelector(bar))[name])",
            bar,
        )
        assert colours[0] == page.evaluate("getComputedStyle(document.querySelector('.ex-plane')).color"), colours


def test_a_server_that_is_gone_is_said(visit: Any) -> None:
    page = visit()
    page.context.set_offline(True)
    page.click("#explore-open")
    page.wait_for_function("document.querySelector('.ex-said').textContent.startsWith('The server does not answer.')")
    page.context.set_offline(False)
    page.click("#explore-open")
    page.wait_for_function("document.querySelector('.ex-said').textContent.startsWith('105 papers')")
