"""The chat page: the desk's HTML in Gradio, its questions and uploads over Gradio's queue, the API and MCP beside it.

What stands on the page is written in `ui/page/` and made in `ui/page_*.py`; here it is put together and served.

Annotations are read while the program runs, by Gradio: this module must not make them texts.
"""

import contextlib
import io
import sys
import threading
from collections.abc import AsyncIterator, Callable
from typing import Any

import gradio as gr

from rag.errors import AskpapersError
from ui.api import caller_of, register_api, server_options
from ui.desk import Desk
from ui.explore import explore_view
from ui.page_adding import adding
from ui.page_endpoints import Endpoint, endpoints
from ui.page_guard import PageHeaders
from ui.page_shell import head_html, shell_html
from ui.uploads import Uploads

# Questions worked on at the same time where a model is mostly waited for, and how many may wait.
_WRITTEN_AT_ONCE, _MOST_WAITING = 32, 256
# The page comes first: what the first question needs is loaded a moment later.
_WARM_AFTER_S = 1.0
_ALONE = 2  # of the other kinds: exporting, looking papers up, adding


def build(desk: Desk, uploads: Uploads) -> tuple[gr.Blocks, Any]:
    """The page of a desk, not yet served, and the service behind its API; `uploads` keeps files until they are read."""
    with gr.Blocks(title="askpapers", analytics_enabled=False, fill_width=True) as blocks:
        gr.HTML(
            shell_html(read_only=desk.read_only, upload_limit_bytes=desk.upload_limit_bytes),
            apply_default_css=False,
            js_on_load="window.askpapers.desk.start()",
        )
        with gr.Column(elem_id="explore"):
            gr.HTML('<button type="button" id="explore-back">← Back to the questions</button>', apply_default_css=False)
            explore_view(desk)
        at_once = desk.quoting_at_once if desk.model is None else _WRITTEN_AT_ONCE
        for name, endpoint in (endpoints(desk) | adding(desk, uploads.place)).items():
            gr.api(  # type: ignore[attr-defined]
                _served(endpoint, name),
                api_name=name,
                api_visibility="undocumented",
                concurrency_limit=at_once if name == "page_ask" else _ALONE,
            )
        service = register_api(desk)
    blocks.queue(max_size=_MOST_WAITING)
    return blocks, service


def serve(desk: Desk, *, host: str, port: int, auth: tuple[str, str] | None = None) -> gr.Blocks:
    """Serves the page from threads of its own and gives it back; AskpapersError where that cannot be."""
    from starlette.middleware import Middleware

    uploads = Uploads(limit_bytes=desk.upload_limit_bytes)
    blocks, service = build(desk, uploads)
    options = server_options(desk, service, host=host, auth=auth, uploads=uploads)
    options["app_kwargs"]["middleware"].append(Middleware(PageHeaders))
    said = io.StringIO()
    try:
        with contextlib.redirect_stdout(said):
            blocks.launch(
                **options,
                server_port=port,
                prevent_thread_lock=True,
                quiet=True,
                footer_links=[],
                ssr_mode=False,
                enable_monitoring=False,
                theme=_theme(),
                head=head_html(),
            )
    except OSError as error:
        raise AskpapersError(f"The page cannot listen on {host}:{port}: {error}") from error
    blocks.uploads = uploads  # type: ignore[attr-defined]  # deleted when the page closes
    warming = threading.Timer(_WARM_AFTER_S, _warm, args=(desk,))
    warming.daemon = True
    warming.start()
    return blocks


def _theme() -> gr.themes.Base:
    """Gradio's own parts (the sign-in page) in the page's colour, with fonts that are there already."""
    theme = gr.themes.Base(font=["system-ui", "sans-serif"], font_mono=["ui-monospace", "monospace"])
    return theme.set(
        button_primary_background_fill="#0f5f6b",
        button_primary_background_fill_dark="#0f5f6b",
        button_primary_background_fill_hover="#0b4a54",
        button_primary_background_fill_hover_dark="#0b4a54",
        button_primary_text_color="#ffffff",
        button_primary_text_color_dark="#ffffff",
    )


def _served(endpoint: Endpoint, name: str) -> Callable[..., Any]:
    async def run(payload: dict, request: gr.Request) -> dict:  # type: ignore[type-arg, misc]
        if not isinstance(payload, dict):  # the page never sends anything else
            yield {"kind": "error", "message": "What was sent is no record."}
            return
        records: AsyncIterator[dict[str, Any]] = endpoint({**payload, "caller": caller_of(request)})
        async with contextlib.aclosing(records) as stream:  # type: ignore[type-var]
            async for record in stream:
                yield record

    run.__name__ = name
    return run


def _warm(desk: Desk) -> None:
    """Loads what the first question needs, while the reader is still typing it."""
    from ui.page_status import status

    try:
        status(desk)
        if desk.own.coverage().n_papers:
            desk.engine.prepare()
    except AskpapersError as error:
        print(f"askpapers: {error}", file=sys.stderr)
