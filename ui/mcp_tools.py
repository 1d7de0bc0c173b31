"""The MCP tools of a running page: search_papers, ask_papers, get_paper, library_status, with typed results.

Gradio mounts the MCP server and speaks its transports (streamable HTTP and SSE). Its own tools give Python's `repr` of a
result as text and have no output schema, so the handlers that list and call tools are replaced by these, before the first
request: structured content that fits an output schema, JSON as text beside it, and hints that the tools only read.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from ui.api_types import AnswerRecord, PaperRecord, SearchRecord, StatusRecord, TurnRecord, schema_of

if TYPE_CHECKING:
    from ui.service import Service

_INSTRUCTIONS = (
    "A library of research paper abstracts. ask_papers answers with sentences that each cite an abstract; quote its citations. "
    "search_papers finds papers, get_paper reads one in full, library_status says what the library covers."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Tool:
    """A tool as people and programs read it; `required` are arguments that must be given."""

    title: str
    description: str
    arguments: dict[str, str]
    required: tuple[str, ...]
    result: type
    method: str


_FILTERS = {
    "since": "Only papers published on or after this day: 2024, 2024-05 or 2024-05-24.",
    "until": "Only papers published on or before this day.",
    "organisation": "Only papers from this organisation (name or handle).",
    "source": "Only papers seen in this source (a file's name).",
    "min_comments": "Only papers with at least so many comments.",
}

TOOLS: dict[str, Tool] = {
    "search_papers": Tool(
        title="Search papers",
        description="Ranks the papers of this library for a query, best first, each with the passage that matched.",
        arguments={
            "query": "Words to search for.",
            "k": "How many papers, 1 to 100; 10 unless given.",
            **_FILTERS,
        },
        required=("query",),
        result=SearchRecord,
        method="search",
    ),
    "ask_papers": Tool(
        title="Ask papers",
        description=(
            "Answers a question from the papers of this library. Every sentence cites the words of an abstract that support "
            "it; when the papers do not answer, it says so (abstained is true) and names the nearest ones."
        ),
        arguments={
            "question": "What you want to know, in your own words.",
            "history": "The conversation before the question, oldest first, for follow-ups.",
            **_FILTERS,
            "k": "How many papers to search for, 1 to 100; 20 unless given.",
        },
        required=("question",),
        result=AnswerRecord,
        method="ask",
    ),
    "get_paper": Tool(
        title="Get a paper",
        description="Gives everything known of one paper: abstract, date, authors, addresses, its BibTeX entry.",
        arguments={"paper_id": "The paper's id, as searches and answers give it."},
        required=("paper_id",),
        result=PaperRecord,
        method="paper",
    ),
    "library_status": Tool(
        title="Library status",
        description="Says how many papers the library holds, from when to when, from which sources, and what writes answers.",
        arguments={},
        required=(),
        result=StatusRecord,
        method="status",
    ),
}


def input_schema(tool: Tool, *, bounds: bool = False) -> dict[str, Any]:
    """The JSON schema of a tool's arguments; others are refused. `bounds`: with the longest text of each, and what `k` is
    unless given. Tools go without: a refusal by schema repeats the whole text, the service's own names its length.
    """
    return {
        "type": "object",
        "properties": {
            name: _argument(name) | ({"description": text} | (_bounds(tool, name) if bounds else {}))
            for name, text in tool.arguments.items()
        },
        "required": list(tool.required),
        "additionalProperties": False,
    }


def serving_tools(
    service: Service, closing: Callable[[], None] = lambda: None
) -> Callable[[Any], AbstractAsyncContextManager[None]]:
    """A lifespan for gradio's app: when the server starts, its MCP server gets the tools of this module; `closing` at its end."""

    import logging

    @asynccontextmanager
    async def lifespan(app: Any) -> AsyncIterator[None]:
        # A tool that does not exist is told to whoever called it, not to the terminal.
        logging.getLogger("mcp.server.lowlevel.server").setLevel(logging.ERROR)
        gradio_server = app.get_blocks().mcp_server_obj
        if gradio_server is not None:
            install(gradio_server.mcp_server, service)
        yield
        closing()

    return lifespan


def install(server: Any, service: Service) -> None:
    """Puts the tools into an `mcp.server.Server`, in place of those it has; there are no resources and no prompts."""
    from anyio import CapacityLimiter
    from mcp import types

    from ui.api_document import own_version

    server.version = own_version()
    server.instructions = _INSTRUCTIONS
    for kind in (
        types.ListResourcesRequest,
        types.ListResourceTemplatesRequest,
        types.ReadResourceRequest,
        types.ListPromptsRequest,
        types.GetPromptRequest,
    ):
        server.request_handlers.pop(kind, None)
    places = CapacityLimiter(service.at_once)
    listed = [_listed(name, tool) for name, tool in TOOLS.items()]

    @server.list_tools()  # type: ignore[untyped-decorator]
    async def list_tools() -> list[types.Tool]:
        return listed

    @server.call_tool(validate_input=True)  # type: ignore[untyped-decorator]
    async def call_tool(name: str, arguments: dict[str, Any]) -> tuple[list[types.TextContent], dict[str, Any]]:
        record = await _called(service, name, arguments, _caller(server), places)
        return [types.TextContent(type="text", text=json.dumps(record, ensure_ascii=False))], record


async def _called(service: Service, name: str, arguments: dict[str, Any], caller: str, places: Any) -> dict[str, Any]:
    from functools import partial

    from anyio.to_thread import run_sync

    from ui.service import BadRequest

    tool = TOOLS.get(name)
    if tool is None:
        raise BadRequest(f"there is no tool {name!r} here; there are {', '.join(TOOLS)}")
    record: dict[str, Any] = await run_sync(partial(getattr(service, tool.method), caller, **arguments), limiter=places)
    return record


def _caller(server: Any) -> str:
    from ui.api import caller_of

    return caller_of(server.request_context.request)


def _listed(name: str, tool: Tool) -> Any:
    from mcp import types

    hints = types.ToolAnnotations(
        title=tool.title, readOnlyHint=True, destructiveHint=False, idempotentHint=True, openWorldHint=False
    )
    return types.Tool(
        name=name,
        title=tool.title,
        description=tool.description,
        inputSchema=input_schema(tool),
        outputSchema=schema_of(tool.result),
        annotations=hints,
    )


def _bounds(tool: Tool, name: str) -> dict[str, Any]:
    from ui.service import LONGEST, MOST_TURN_CHARACTERS, MOST_TURNS

    if name == "k":
        return {"default": 10 if tool.method == "search" else 20}
    if name == "history":
        turn = schema_of(TurnRecord)
        text = turn["properties"]["text"] | {"minLength": 1, "maxLength": MOST_TURN_CHARACTERS}
        return {
            "items": turn | {"properties": turn["properties"] | {"text": text}},
            "default": None,
            "maxItems": MOST_TURNS,
        }
    found: dict[str, Any] = {"maxLength": LONGEST[name]} if name in LONGEST else {}
    if name in tool.required:
        return found | {"minLength": 1}
    return found | {"default": None}


def _argument(name: str) -> dict[str, Any]:
    if name == "k":
        return {"type": "integer", "minimum": 1, "maximum": 100}
    if name == "min_comments":
        return {"type": ["integer", "null"], "minimum": 0}
    if name == "history":
        return {"type": ["array", "null"], "items": schema_of(TurnRecord)}
    return {"type": "string"} if name in ("query", "question", "paper_id") else {"type": ["string", "null"]}
