"""The OpenAPI document of a running page: /ask, /search, /paper and /status, with the schemas that the MCP tools have.

Served at /gradio_api/openapi.json in the place of gradio's own, which knows neither what must be given nor what is given back.
"""

from __future__ import annotations

import json
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ui.api_types import schema_of
from ui.door import App, Receive, Scope, Send, reply
from ui.mcp_tools import TOOLS, Tool, input_schema

PATH = "/gradio_api/openapi.json"
_CALLED = (
    "Asks, and gives an `event_id` at once; the answer is fetched with it from `/gradio_api/call/{name}/{{event_id}}`."
)
_FETCHED = (
    "Server-sent events. The last one is `event: complete`, whose `data` is a JSON array with one {record}; or `event: error`, "
    "whose `data` is an ErrorEvent: an argument that makes no sense, too many questions, or something that failed."
)
_EXAMPLES = {
    "ask": {"question": "Which papers cut optimizer memory, and by how much?", "since": "2024"},
    "search": {"query": "low-rank gradients", "k": 5},
    "paper": {"paper_id": "2403.03507"},
    "status": {},
}


def document(*, signed_in: bool = False) -> dict[str, Any]:
    """OpenAPI 3.1. `signed_in`: the page demands a user and a password."""
    paths: dict[str, Any] = {}
    schemas: dict[str, Any] = {
        "Event": _record({"event_id": {"type": "string"}}, "What fetches the answer; once."),
        "Error": _record({"error": {"type": "string"}}, "What is wrong, in a sentence."),
        "ErrorEvent": _record(
            {"error": {"type": ["string", "null"]}}, "What went wrong, in a sentence; the data of an error event."
        )
        | {"additionalProperties": True},
    }
    for tool in TOOLS.values():
        schemas[tool.result.__name__] = schema_of(tool.result)
        name = tool.method
        paths[f"/gradio_api/call/v2/{name}"] = {"post": _asking(tool)}
        paths[f"/gradio_api/call/{name}/{{event_id}}"] = {"get": _fetching(tool)}
    made: dict[str, Any] = {
        "openapi": "3.1.0",
        "info": {
            "title": "askpapers",
            "version": own_version(),
            "description": "Answers from a library of paper abstracts, every sentence with the words that support it.",
        },
        "paths": paths,
        "components": {"schemas": schemas},
    }
    if signed_in:
        made["components"]["securitySchemes"] = {"password": {"type": "http", "scheme": "basic"}}
        made["security"] = [{"password": []}]
    return made


def own_version() -> str:
    """The version of askpapers that runs."""
    try:
        return version("askpapers")
    except PackageNotFoundError:
        return "0"


class OwnDocument:
    """An ASGI middleware that serves the document, and no other one."""

    def __init__(self, app: App, *, signed_in: bool) -> None:
        self._app = app
        self._document = json.loads(json.dumps(document(signed_in=signed_in)))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and str(scope["path"]).rstrip("/") == PATH and scope["method"] in ("GET", "HEAD"):
            await reply(send, 200, self._document)
            return
        await self._app(scope, receive, send)


def _asking(tool: Tool) -> dict[str, Any]:
    body = {"schema": input_schema(tool, bounds=True), "example": _EXAMPLES[tool.method]}
    return {
        "operationId": tool.method,
        "summary": tool.title,
        "description": f"{tool.description} {_CALLED.format(name=tool.method)}",
        "requestBody": {"required": True, "content": {"application/json": body}},
        "responses": {
            "200": _answer("Event", "The question was taken."),
            "400": _answer(
                "Error",
                "The body is no JSON object, lacks a required argument, or has one that does not exist.",
            ),
            "401": {"description": "Sign in: a user and a password as HTTP Basic authorization."},
            "413": _answer("Error", "The body is larger than 1 MB."),
            "429": _answer("Error", "Too many wrong passwords; Retry-After says for how many seconds."),
            "503": {"description": "Too many questions wait."},
        },
    }


def _fetching(tool: Tool) -> dict[str, Any]:
    record = tool.result.__name__
    return {
        "operationId": f"{tool.method}_result",
        "summary": f"{tool.title}: the result",
        "description": _FETCHED.format(record=record),
        "parameters": [
            {
                "name": "event_id",
                "in": "path",
                "required": True,
                "schema": {"type": "string"},
                "description": "As the POST gave it.",
            }
        ],
        "responses": {
            "200": {
                "description": f"Events; the data of the last one is an array with one {record}.",
                "content": {
                    "text/event-stream": {
                        "schema": {"type": "string"},
                        "x-data": {
                            "complete": {
                                "type": "array",
                                "prefixItems": [{"$ref": f"#/components/schemas/{record}"}],
                                "minItems": 1,
                                "maxItems": 1,
                            },
                            "error": {"$ref": "#/components/schemas/ErrorEvent"},
                        },
                    }
                },
            },
            "401": {"description": "Sign in: a user and a password as HTTP Basic authorization."},
        },
    }


def _answer(schema: str, description: str) -> dict[str, Any]:
    return {
        "description": description,
        "content": {"application/json": {"schema": {"$ref": f"#/components/schemas/{schema}"}}},
    }


def _record(properties: dict[str, Any], description: str) -> dict[str, Any]:
    return {"type": "object", "properties": properties, "required": list(properties), "description": description}
