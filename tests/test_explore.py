"""The shelf at a glance: the map's figures worked out by hand, the record of a library, and the view in a browser."""

from __future__ import annotations

import gc
import warnings
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from rag.library import Library
from ui.shelf_map import cluster_terms, make_map, n_clusters, papers_a_month
from ui.shelf_view import ShelfViews

pytestmark = pytest.mark.usefixtures("gradio_leftovers")
DRAWN = ".ex-map:not([aria-busy]) .ex-legend button"
EVIL = "<img src=x onerror=window.ran=1>${window.ran=1}{{window.ran}}</script><script>window.ran=1</script>"


def unit(rows: Any) -> Any:
    rows = np.asarray(rows, np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def three_heaps(n: int) -> tuple[list[str], Any, list[int]]:
    """n papers in three heaps far apart, with a topic each."""
    random = np.random.default_rng(1)
    heaps = [i % 3 for i in range(n)]
    topics = ("Pruning sparse nets", "Speech for whales", "Folding proteins")
    titles = [f"{topics[heap]} number {i}" for i, heap in enumerate(heaps)]
    centres = np.eye(8)[:3]
    return titles, unit([centres[heap] + random.normal(0, 0.05, 8) for heap in heaps]), heaps


# The map


def test_papers_of_one_heap_stand_together() -> None:
    titles, vectors, heaps = three_heaps(72)
    made = make_map(titles, vectors)
    assert len(made.clusters) == 3 and sorted(c.n_papers for c in made.clusters) == [24, 24, 24]
    assert len({(heap, member) for heap, member in zip(heaps, made.members, strict=True)}) == 3
    places = np.asarray(made.places)
    assert places.min() >= 0 and places.max() <= 1
    middles = [places[[i for i, h in enumerate(heaps) if h == heap]].mean(axis=0) for heap in range(3)]
    own = [np.linalg.norm(place - middles[heap]) for place, heap in zip(places, heaps, strict=True)]
    other = min(np.linalg.norm(middles[a] - middles[b]) for a, b in ((0, 1), (0, 2), (1, 2)))
    assert np.median(own) < other / 2
    assert all(any(word in c.name for word in ("pruning", "speech", "folding")) for c in made.clusters)


def test_papers_beyond_the_landmarks_stand_with_their_own() -> None:
    titles, vectors, heaps = three_heaps(150)
    places = np.asarray(make_map(titles, vectors, landmarks=30).places)
    assert len(places) == 150
    middles = np.asarray(
        [np.median(places[[i for i, h in enumerate(heaps) if h == heap]], axis=0) for heap in range(3)]
    )
    nearest = np.linalg.norm(places[:, None] - middles[None], axis=2).argmin(axis=1)
    assert (nearest == np.asarray(heaps)).mean() > 0.9


def test_the_same_library_gives_the_same_map() -> None:
    titles, vectors, _ = three_heaps(40)
    assert make_map(titles, vectors) == make_map(titles, vectors)


@pytest.mark.parametrize("n", [0, 1, 3, 4, 7, 11, 12])
def test_few_papers_are_drawn_too(n: int) -> None:
    titles, vectors, _ = three_heaps(n) if n else ([], np.zeros((0, 8), np.float32), [])
    made = make_map(titles, vectors)
    assert len(made.places) == len(made.members) == n and sum(c.n_papers for c in made.clusters) == n
    assert n_clusters(n) == (1 if n < 12 else 2)


def test_equal_vectors_are_no_error() -> None:
    with np.errstate(all="ignore"):
        made = make_map(["Same thing"] * 5, unit(np.ones((5, 8))))
    assert len(made.places) == 5 and not np.isnan(np.asarray(made.places)).any()


def test_clusters_are_named_by_what_only_their_titles_say() -> None:
    titles = ["Sparse nets for GaLore", "Sparse nets again", "Speech nets for whales", "Speech nets and whale songs"]
    first, second = cluster_terms(titles, [0, 0, 1, 1], n_terms=2)
    assert first[0] == "sparse nets" and "GaLore" not in first
    assert second[0] == "speech nets" and second[1] in ("whale", "whales")


def test_months_between_are_counted_as_empty() -> None:
    assert papers_a_month({20231130: 2, 20240102: 1, 20231101: 1}) == [("2023-11", 3), ("2023-12", 0), ("2024-01", 1)]
    assert papers_a_month({}) == []


def test_no_term_names_two_clusters() -> None:
    titles = [
        "Training nets",
        "Training nets fast",
        "Training whales",
        "Training whales anew",
        "Training whales, sparsely",
    ]
    first, second = cluster_terms(titles, [0, 0, 1, 1, 1])
    # "training" is in every title of both: of equals, the first has it.
    assert first[0] == "training nets" and second[0] == "training whales"
    first, second = cluster_terms([title.replace(" ", ": ") for title in titles], [0, 0, 1, 1, 1])
    assert not set(first) & set(second) and "training" in first and "whales" in second


# The record


def test_the_record_shows_every_paper_of_a_small_library(sample: Library) -> None:
    record = ShelfViews().record(sample)
    assert (record["n_papers"], record["n_shown"], len(record["papers"])) == (60, 60, 60)
    assert {row[0] for row in record["papers"]} == {p.paper_id for p in sample.papers()}
    assert sum(cluster["n"] for cluster in record["clusters"]) == 60


def test_months_are_counted_before_the_map_is_made(sample: Library) -> None:
    views = ShelfViews()
    overview = views.overview(sample)
    dated = [p for p in sample.papers() if p.published]
    assert sum(n for _, n in overview["months"]) == overview["n_dated"] == len(dated)
    assert (overview["n_papers"], overview["n_shown"]) == (60, 60) and overview["map_s"] > 0
    assert views.record(sample)["state"] == overview["state"] and views.overview(sample)["map_s"] == 0
    assert str(sample.path) not in repr(overview)


def test_a_large_library_is_sampled_and_the_record_says_so(sample: Library) -> None:
    views = ShelfViews(most_shown=10)
    record, overview = views.record(sample), views.overview(sample)
    assert (record["n_papers"], record["n_shown"]) == (60, 10) == (overview["n_papers"], overview["n_shown"])
    # What is counted, is counted over all.
    assert overview["n_dated"] == sum(1 for p in sample.papers() if p.published)
    known = Counter(p.organisation for p in sample.papers() if p.organisation)
    assert [n for _, n, _ in overview["organisations"]] == sorted(known.values(), reverse=True)[:12]


def test_the_record_is_made_once_for_a_state_of_the_library(sample_copy: Library) -> None:
    views = ShelfViews()
    first = views.record(sample_copy)
    assert views.record(sample_copy) is first
    sample_copy.remove([first["papers"][0][0]])
    assert views.record(sample_copy)["n_shown"] == 59


def test_new_comments_keep_the_map(sample_copy: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    views = ShelfViews()
    before = views.record(sample_copy)
    monkeypatch.setattr("ui.shelf_view.make_map", lambda *given: pytest.fail("the map was made anew"))
    sample_copy.refresh([replace(next(sample_copy.papers()), n_comments=4_321)])
    after = views.record(sample_copy)
    assert after["state"] != before["state"] and 4_321 in [row[4] for row in after["papers"]]
    assert [row[7:] for row in after["papers"]] == [row[7:] for row in before["papers"]]


def test_an_empty_library_is_an_empty_record(library: Library) -> None:
    record, overview = ShelfViews().record(library), ShelfViews().overview(library)
    assert record["papers"] == record["clusters"] == overview["months"] == overview["organisations"] == []
    assert record["n_papers"] == overview["n_papers"] == 0


# The view in a browser


class Desk:
    """As much of a desk as the view needs."""

    model_name = None
    quoting_at_once = 1
    is_sample = False

    def __init__(self, library: Library) -> None:
        from rag.engine import Engine

        self.library = library
        self.engine = Engine(library)


@contextmanager
def opened(library: Library, views: ShelfViews | None = None) -> Iterator[tuple[Any, str]]:
    """Chromium, and the address of a page that holds the view of a library."""
    chromium = Path("/usr/bin/chromium")
    if not chromium.exists():
        pytest.skip("needs Chromium")
    import gradio as gr
    from playwright.sync_api import sync_playwright

    from ui.api import register_api, server_options
    from ui.explore import explore_view

    desk: Any = Desk(library)
    with gr.Blocks(analytics_enabled=False) as blocks:
        explore_view(desk, views=views)
        service = register_api(desk)
    _, url, _ = blocks.launch(**server_options(desk, service), prevent_thread_lock=True, quiet=True, ssr_mode=False)
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=str(chromium), args=flags)
        yield browser, url
        browser.close()
    blocks.close(verbose=False)
    # Gradio leaves event loops to the garbage collector, which complains when it finds them.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


@pytest.fixture
def view(sample_copy: Library, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """The view of a library whose first title is hostile, in Chromium."""
    monkeypatch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
    first = next(sample_copy.papers())
    hostile = replace(first, organisation=EVIL, url="javascript:window.ran=1", n_comments=10_000)
    sample_copy.refresh([hostile])
    with opened(sample_copy) as (browser, url):
        page = browser.new_page()
        page.goto(url)
        page.wait_for_selector("#explore-open")
        yield page


@pytest.mark.filterwarnings("ignore")
def test_the_view_is_drawn_when_opened_and_says_what_was_chosen(view: Any) -> None:
    assert view.locator("tbody tr").count() == 0, "nothing is computed before it is opened"
    view.click("#explore-open")
    view.wait_for_selector("tbody tr", timeout=60_000)
    view.wait_for_selector(DRAWN, timeout=60_000)
    assert view.inner_text(".ex-said") == "60 papers" and view.locator("tbody tr").count() == 50
    # By comments, the hostile paper first: its text is text.
    view.click("thead >> text=Comments")
    assert view.locator("tbody tr >> nth=0").inner_text().count("<img src=x") == 1
    assert view.get_attribute("th:has-text('Comments')", "aria-sort") == "descending"
    view.evaluate("document.addEventListener('askpapers:choose', (event) => { window.got = event.detail; })")
    view.evaluate("window.askpapers = { desk: { ask_from_outside: (...given) => { window.given = given; } } }")
    view.focus("tbody button >> nth=0")
    view.keyboard.press("Enter")
    title = view.inner_text("tbody button >> nth=0")
    assert view.inner_text(".ex-card strong") == title and view.locator(".ex-card a").count() == 0
    view.keyboard.press("Enter")
    assert view.evaluate("window.got.title") == title and view.evaluate("window.given[1].title") == title
    # Search, groups and months narrow the table.
    view.fill(".ex-search", view.inner_text("tbody button >> nth=1").upper())
    view.wait_for_function("document.querySelector('.ex-count').textContent === '1 of 60 papers'")
    assert view.locator("tbody tr").count() == 1
    view.click("text=Show all")
    view.click(".ex-legend button >> nth=0")
    group = int(view.inner_text(".ex-legend button >> nth=0 >> em"))
    assert view.inner_text(".ex-count") == f"{group} of 60 papers"
    assert view.evaluate("window.ran") is None
    from axe_playwright_python.sync_playwright import Axe

    found = Axe().run(view, context={"include": [[".explore"]]}).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"]) for v in found if v["impact"] in ("serious", "critical")] == []
