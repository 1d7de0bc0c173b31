"""The page as a service: HTTP endpoints /ask, /search, /paper and /status, and the same as MCP tools.

Inside `gr.Blocks`, `service = register_api(desk)` makes the endpoints; `launch(**server_options(desk, service, host=…, auth=…))`
serves them guarded (`ui.guard`) and with the MCP tools (`ui.mcp_tools`) at /gradio_api/mcp/ (streamable HTTP) and
/gradio_api/mcp/sse. Every event of the page itself needs `api_visibility="private"`, or it is listed beside these.

    curl -X POST http://127.0.0.1:7860/gradio_api/call/v2/ask -H 'content-type: application/json' -d '{"question": "…"}'
    curl -N http://127.0.0.1:7860/gradio_api/call/ask/EVENT_ID
    gradio_client.Client("http://127.0.0.1:7860").predict("…", api_name="/ask")

Annotations are read while the program runs, by gradio: this module must not make them texts.
"""

from collections.abc import Callable
from typing import Any, TypeVar

from ui.api_types import AnswerRecord, PaperRecord, SearchRecord, StatusRecord, TurnRecord
from ui.door import BodyLimit
from ui.guard import Guard, host_names, is_loopback
from ui.mcp_tools import TOOLS, serving_tools
from ui.service import ANSWERS, BadRequest, Service, Shelf
from ui.uploads import UploadDoor, Uploads

T = TypeVar("T")
_SESSIONS = 256


def register_api(desk: Shelf, *, service: Service | None = None) -> Service:
    """Makes the endpoints in the `gr.Blocks` that is open; gives the service that answers them."""
    import gradio as gr
    from gradio.events import api

    serving = service or Service(desk)

    def answered(work: Callable[[], T]) -> T:
        try:
            return work()
        except BadRequest as error:
            raise gr.Error(str(error), title="Not answered", print_exception=False) from None

    def ask_papers(
        request: gr.Request,
        question: str,
        history: list[TurnRecord] | None = None,
        since: str | None = None,
        until: str | None = None,
        organisation: str | None = None,
        source: str | None = None,
        min_comments: int | None = None,
        k: int = 20,
    ) -> AnswerRecord:
        return answered(
            lambda: serving.ask(
                caller_of(request), question, history, since, until, organisation, source, min_comments, k
            )
        )

    def search_papers(
        request: gr.Request,
        query: str,
        k: int = 10,
        since: str | None = None,
        until: str | None = None,
        organisation: str | None = None,
        source: str | None = None,
        min_comments: int | None = None,
    ) -> SearchRecord:
        return answered(
            lambda: serving.search(caller_of(request), query, k, since, until, organisation, source, min_comments)
        )

    def get_paper(request: gr.Request, paper_id: str) -> PaperRecord:
        return answered(lambda: serving.paper(caller_of(request), paper_id))

    def library_status(request: gr.Request) -> StatusRecord:
        return answered(lambda: serving.status(caller_of(request)))

    endpoints: dict[str, Callable[..., Any]] = {
        "ask": ask_papers,
        "search": search_papers,
        "paper": get_paper,
        "status": library_status,
    }
    for name, function in endpoints.items():
        tool = TOOLS[function.__name__]
        lines = [tool.description, "", "Args:", *(f"    {key}: {text}" for key, text in tool.arguments.items())]
        function.__doc__ = "\n".join(lines)
        api(
            function,
            api_name=name,
            api_description=tool.description,
            concurrency_limit=serving.at_once,
            concurrency_id=ANSWERS if name in ("ask", "search") else None,
        )
    return serving


def server_options(
    desk: Shelf,
    service: Service,
    *,
    host: str = "127.0.0.1",
    auth: tuple[str, str] | None = None,
    names: tuple[str, ...] = (),
    uploads: Uploads | None = None,
) -> dict[str, Any]:
    """What `Blocks.launch` needs, beside the port: where to listen, who may come in, and the MCP server.

    `auth` is one user and password; `names` are further names under which the page is reached (behind a proxy); `uploads` keeps
    what readers send (None: nothing is taken).
    """
    from fastapi.exceptions import RequestValidationError
    from starlette.middleware import Middleware

    from ui.api_document import OwnDocument

    guard = Middleware(
        Guard,
        names=host_names(host, extra=names),
        addresses=not is_loopback(host),
        users=dict([auth]) if auth else None,
    )
    kept = uploads or Uploads(limit_bytes=1)
    read_only = uploads is None or getattr(desk, "read_only", False)
    return {
        "server_name": host,
        "auth": [auth] if auth else None,
        "mcp_server": True,
        "strict_cors": True,
        "share": False,
        "show_error": False,
        # Gradio keeps some 60 kB for every session, and each call without one is a session: 10,000 by default.
        "state_session_capacity": _SESSIONS,
        "max_file_size": getattr(desk, "upload_limit_bytes", None),
        "app_kwargs": {
            "middleware": [
                guard,
                Middleware(UploadDoor, uploads=kept, read_only=read_only),
                Middleware(BodyLimit),
                Middleware(OwnDocument, signed_in=auth is not None),
            ],
            "lifespan": serving_tools(service, kept.close),
            "exception_handlers": {
                TypeError: _wrong_call,
                KeyError: _wrong_call,
                RequestValidationError: _wrong_body,
            },
            # FastAPI's own document would describe gradio's inside.
            "openapi_url": None,
        },
    }


async def _wrong_call(request: Any, error: Exception) -> Any:
    """What gradio leaves an internal error: arguments that an endpoint does not have, or lacks, and endpoints that are none."""
    from starlette.responses import JSONResponse

    path = request.url.path.rstrip("/")
    if request.method != "POST" or "/gradio_api/call/v2/" not in path:
        raise error
    if isinstance(error, KeyError):
        if error.args != (f"/{path.rpartition('/')[2]}",):
            raise error
        return JSONResponse({"error": "There is no such endpoint; there are ask, search, paper and status."}, 404)
    message = str(error).partition(" Please click")[0]
    if not message.startswith(("Parameter ", "No value provided", "TypeError: ")):
        raise error
    return JSONResponse({"error": message}, 400)


async def _wrong_body(_: Any, error: Any) -> Any:
    """A body that is not what gradio's own doors take, in a sentence."""
    from starlette.responses import JSONResponse

    problems = [f"{'.'.join(str(part) for part in one['loc'])}: {one['msg']}"[:200] for one in error.errors()[:5]]
    return JSONResponse({"error": f"The request is not what this address takes ({'; '.join(problems)})."}, 422)


def caller_of(request: Any) -> str:
    """Whose limits a request counts against: the user who signed in, else the address."""
    if getattr(request, "username", None):
        return f"user {request.username}"
    client = getattr(request, "client", None)
    return f"address {getattr(client, 'host', '')}"
