"""The shelf at a glance: papers a month, organisations, a map of what they are about, and a table of them all.

`explore_view(desk)` stands inside `gr.Blocks`. Nothing is computed until it is opened: a click on `#explore-open` (a button of
its own, which the page may click) asks the server, in threads of its own, for what is known at once (`shelf`), for a page of
the table (`rows`) and then for the map (`plane`), which takes longest. Everything that comes from papers reaches the page as
data and is put there as text, never as HTML.

A chosen paper or question leaves it in two ways, for the page to take:

* `window.askpapers.desk.ask_from_outside(question, {id, title})` is called if it exists (question: text or null);
* the event `askpapers:choose` is dispatched on the document, with `detail` `{question, paper_id, title}`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rag.errors import AskpapersError
from ui.service import without_paths
from ui.shelf_table import Wanted, page
from ui.shelf_view import ShelfViews

if TYPE_CHECKING:
    from ui.desk import Desk

_FOLDER = Path(__file__).parent / "page"
_SCRIPTS = ("explore.js", "explore_map.js", "explore_labels.js", "explore_table.js", "explore_start.js")


@dataclass(frozen=True, slots=True, kw_only=True)
class ExploreView:
    """The one component of the view (a `gr.HTML`), and what it shows."""

    html: Any
    views: ShelfViews


def explore_view(desk: Desk, *, views: ShelfViews | None = None) -> ExploreView:
    """Makes the view in the Blocks that are open; see the module for how a choice leaves it."""
    import gradio as gr

    views_of_it = views or ShelfViews()

    def told(make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
        """What is made, or `error` in a sentence."""
        try:
            return make()
        except AskpapersError as error:
            return {"error": without_paths(str(error))}

    def shelf(_: Any = None) -> dict[str, Any]:
        """How many papers, months, organisations."""
        return told(lambda: views_of_it.overview(desk.library))

    def rows(asked: Any = None) -> dict[str, Any]:
        """A page of the table."""
        return told(lambda: page(desk.library, Wanted.read(asked)))

    def plane(_: Any = None) -> dict[str, Any]:
        """The map."""
        return told(lambda: views_of_it.record(desk.library))

    html = gr.HTML(
        value=explore_html(),
        html_template="${value}",
        js_on_load=explore_script(),
        server_functions=[shelf, rows, plane],
        apply_default_css=False,
        padding=False,
    )
    return ExploreView(html=html, views=views_of_it)


def explore_html() -> str:
    """The empty view with its style; the script fills it."""
    style = (_FOLDER / "explore.css").read_text("utf-8")
    return f"<style>{style}</style>{(_FOLDER / 'explore.html').read_text('utf-8')}"


def explore_script() -> str:
    """The script of the view; its parts are one function's body."""
    return "\n".join((_FOLDER / name).read_text("utf-8") for name in _SCRIPTS)
