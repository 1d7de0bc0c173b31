"""The page as a service: a real server on the loopback, asked by curl, gradio_client and the mcp client."""

from __future__ import annotations

import asyncio
import base64
import gc
import json
import shutil
import subprocess
import typing
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from rag.engine import Engine
from rag.errors import LibraryError
from rag.library import Library
from rag.schema import Answer, Filters
from ui.api import register_api, server_options
from ui.api_types import AnswerRecord, FiltersRecord, PaperRecord, schema_of
from ui.guard import host_names
from ui.limits import RateLimiter
from ui.mcp_tools import TOOLS
from ui.service import BadRequest, Service, source_name, without_paths
from ui.workers import Put

# Other packages' warnings, at import and at the end of their event loops, are not ours.
pytestmark = [pytest.mark.filterwarnings("ignore"), pytest.mark.usefixtures("gradio_leftovers")]
QUESTION = "By how much does GradNormLoRP cut optimizer memory?"


class Desk:
    """As much of a desk as the service needs."""

    model_name = None
    is_sample = True
    upload_limit_bytes = 2**20
    quoting_at_once = 1

    def __init__(self, library: Library) -> None:
        self.library = library
        self.engine = Engine(library)

    def ask(self, put: Put) -> Answer:
        return put.to(self.engine)


@asynccontextmanager
async def _mcp(url: str, way: str, headers: dict[str, str] | None = None) -> AsyncIterator[Any]:
    from mcp import ClientSession
    from mcp.client.sse import sse_client
    from mcp.client.streamable_http import streamablehttp_client

    path = f"{url}gradio_api/mcp/"
    client = sse_client(f"{path}sse", headers=headers) if way == "sse" else streamablehttp_client(path, headers=headers)
    async with client as streams, ClientSession(streams[0], streams[1]) as session:
        await session.initialize()
        yield session


def _serve(library: Library, **options: Any) -> tuple[Any, str]:
    import gradio as gr

    desk = Desk(library)
    with gr.Blocks(analytics_enabled=False, title="askpapers") as blocks:
        box = gr.Textbox(label="Internal")
        box.submit(lambda text: text, box, box, api_visibility="private")
        service = register_api(desk)
    _, url, _ = blocks.launch(
        **server_options(desk, service, **options), prevent_thread_lock=True, quiet=True, ssr_mode=False
    )
    return blocks, url


@pytest.fixture(scope="module", autouse=True)
def _no_telemetry() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_ANALYTICS_ENABLED", "False")
        yield
    # Gradio and its client leave event loops to the garbage collector, which complains when it finds them.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        gc.collect()


@pytest.fixture(scope="module")
def url(sample: Library) -> Iterator[str]:
    blocks, url = _serve(sample)
    yield url
    blocks.close(verbose=False)


@pytest.fixture(scope="module")
def locked(sample: Library) -> Iterator[str]:
    blocks, url = _serve(sample, auth=("ada", "pass:word"))
    yield url
    blocks.close(verbose=False)


def curl(url: str, *arguments: str) -> tuple[int, str]:
    """Status and body."""
    assert shutil.which("curl")
    done = subprocess.run(
        ["curl", "-s", "-m", "60", "-w", "\n%{http_code}", *arguments, url], capture_output=True, text=True, check=True
    )
    body, _, status = done.stdout.rpartition("\n")
    return int(status), body


def call(url: str, name: str, body: object, *arguments: str, way: str = "call/v2") -> tuple[int, Any]:
    """An endpoint asked with curl: 200 and what it gave, the error of the event stream as 0, or the refusal of the POST."""
    post = ("-X", "POST", "-H", "content-type: application/json", "-d", json.dumps(body))
    status, text = curl(f"{url}gradio_api/{way}/{name}", *post, *arguments)
    if status != 200:
        return status, text
    status, text = curl(f"{url}gradio_api/call/{name}/{json.loads(text)['event_id']}", "-N", *arguments)
    event, data = [line.partition(": ")[2] for line in text.strip().splitlines()[-2:]]
    return (status, json.loads(data)[0]) if event == "complete" else (0, json.loads(data)["error"])


# HTTP


def test_curl_asks_and_gets_the_answer_json(url: str) -> None:
    status, answer = call(url, "ask", {"question": QUESTION})
    assert status == 200 and "89.5%" in answer["text"] and answer["coverage"]["n_papers"] == 60
    jsonschema.validate(answer, schema_of(AnswerRecord))
    citation = answer["citations"][0]
    _, paper = call(url, "paper", {"paper_id": citation["paper_id"]})
    assert paper["abstract"][citation["start"] : citation["end"]] == citation["quote"]
    assert paper["bibtex"].startswith("@") and paper["seen_on"] == ["askpapers sample"]


def test_the_answer_is_the_one_of_the_command_line(url: str, sample: Library) -> None:
    _, over_http = call(url, "ask", {"question": QUESTION, "organisation": "NVIDIA"})
    here = json.loads(json.dumps(Engine(sample).ask(QUESTION, filters=Filters(organisation="NVIDIA"), k=20).to_dict()))
    assert over_http | {"timings_s": 0} == here | {"timings_s": 0}


def test_arguments_may_be_given_in_order_too(url: str) -> None:
    status, found = call(url, "search", {"data": ["low-rank gradients", 3, *[None] * 5]}, way="call")
    assert status == 200 and len(found["papers"]) == 3 and found["coverage"]["n_searched"] == 60


def test_history_makes_a_follow_up(url: str) -> None:
    history = [{"role": "user", "text": "What is GaLore?"}, {"role": "assistant", "text": "GaLore projects gradients."}]
    status, answer = call(url, "ask", {"question": "How much memory does it save?", "history": history})
    assert status == 200 and "GaLore" in (answer["rewritten"] or "")


@pytest.mark.parametrize(
    ("name", "body", "words"),
    [
        ("ask", {"question": " "}, "question is empty"),
        ("ask", {"question": 7}, "question must be text, found 7"),
        ("ask", {"question": "x" * 4001}, "4,001 characters"),
        ("ask", {"question": "x", "since": "soon"}, "since must be a date such as"),
        ("ask", {"question": "x", "since": "2025", "until": "2024"}, "since (2025) is after until (2024)"),
        ("ask", {"question": "x", "k": 0}, "k must be a whole number from 1 to 100, found 0"),
        ("ask", {"question": "x", "k": True}, "k must be a whole number"),
        ("ask", {"question": "x", "history": [{"role": "system", "text": "x"}]}, "turn 1 of history must be"),
        ("ask", {"question": "x", "min_comments": "many"}, "min_comments must be a whole number"),
        ("search", {"query": None}, "query must be text"),
        ("paper", {"paper_id": "nope"}, "there is no paper 'nope' here"),
    ],
)
def test_a_wrong_argument_is_named(url: str, name: str, body: object, words: str) -> None:
    status, error = call(url, name, body)
    assert status == 0 and words in error


def test_arguments_and_endpoints_that_do_not_exist_are_no_server_errors(url: str) -> None:
    assert call(url, "ask", {"question": "x", "colour": 1}) == (
        400,
        '{"error":"Parameter `colour` is not a valid key-word argument."}',
    )
    assert call(url, "ask", {})[0] == 400
    status, text = call(url, "frobnicate", {})
    assert status == 404 and "ask, search, paper and status" in text


def test_the_status_names_no_folder(url: str, sample: Library) -> None:
    _, status = call(url, "status", {})
    assert (status["n_papers"], status["model"], status["sample"]) == (60, None, True)
    assert str(sample.path) not in json.dumps(status) and "path" not in status


def test_the_schema_documents_the_four_endpoints_and_nothing_else(url: str) -> None:
    info = json.loads(curl(f"{url}gradio_api/info")[1])["named_endpoints"]
    assert sorted(info) == ["/ask", "/paper", "/search", "/status"]
    assert [p["parameter_name"] for p in info["/ask"]["parameters"]][:2] == ["question", "history"]
    assert "cites the words" in info["/ask"]["description"]
    returned = info["/ask"]["returns"][0]["type"]["properties"]
    assert returned["citations"]["items"]["properties"]["quote"] == {"type": "string"}
    openapi = json.loads(curl(f"{url}gradio_api/openapi.json")[1])
    assert "/gradio_api/call/v2/ask" in openapi["paths"] and "/gradio_api/upload" not in openapi["paths"]
    assert curl(f"{url}openapi.json")[0] == 404


def test_answers_fit_the_document(url: str) -> None:
    schemas = json.loads(curl(f"{url}gradio_api/openapi.json")[1])["components"]["schemas"]
    _, answer = call(url, "ask", {"question": QUESTION})
    _, found = call(url, "search", {"query": "memory", "k": 2})
    _, paper = call(url, "paper", {"paper_id": found["papers"][0]["paper_id"]})
    for record, schema in (
        (answer, "Answer"),
        (found, "Search"),
        (paper, "Paper"),
        (call(url, "status", {})[1], "Status"),
    ):
        jsonschema.validate(record, schemas[f"{schema}Record"])


@pytest.mark.parametrize("body", ["{", "[]", '"x"', "null"])
def test_a_body_that_is_no_json_object_is_a_sentence(url: str, body: str) -> None:
    for path in ("call/v2/ask", "call/ask", "queue/join"):
        status, text = curl(f"{url}gradio_api/{path}", "-H", "content-type: application/json", "-d", body)
        assert status == 400 and "must be a JSON object" in json.loads(text)["error"], path
    status, text = curl(f"{url}gradio_api/call/ask", "-H", "content-type: application/json", "-d", '{"data": "x"}')
    assert status == 422 and "body.data" in json.loads(text)["error"]


def test_a_large_body_is_refused_before_it_is_read(url: str, tmp_path: Path) -> None:
    large = tmp_path / "large.json"
    large.write_text(json.dumps({"question": "x" * 2**21}), "utf-8")
    for more in ((), ("-H", "Transfer-Encoding: chunked")):
        post = ("-H", "content-type: application/json", "-H", "Expect:", *more, "-d", f"@{large}")
        assert curl(f"{url}gradio_api/call/v2/ask", *post)[0] == 413


def test_a_long_turn_of_the_conversation_is_refused(url: str) -> None:
    status, error = call(url, "ask", {"question": "x", "history": [{"role": "user", "text": "x" * 20_001}]})
    assert status == 0 and "text of turn 1 of history has 20,001 characters" in error


def test_gradio_client_asks(url: str) -> None:
    from gradio_client import Client

    client = Client(url, verbose=False, analytics_enabled=False)
    answer = client.predict(QUESTION, api_name="/ask")
    assert "89.5%" in answer["text"] and answer["claims"][0]["support"] == "supported"
    assert len(client.predict(query="memory", k=2, api_name="/search")["papers"]) == 2
    with pytest.raises(Exception, match="since must be a date"):
        client.predict(QUESTION, since="soon", api_name="/ask")


# MCP


@pytest.mark.parametrize("way", ["http", "sse"])
def test_the_mcp_client_lists_and_calls_each_tool(url: str, way: str) -> None:
    async def talk() -> None:
        async with _mcp(url, way) as session:
            tools = {tool.name: tool for tool in (await session.list_tools()).tools}
            assert set(tools) == {"search_papers", "ask_papers", "get_paper", "library_status"}
            for tool in tools.values():
                assert tool.annotations.readOnlyHint and tool.description and tool.outputSchema["properties"]
                assert all(argument["description"] for argument in tool.inputSchema["properties"].values())
            found = await session.call_tool("search_papers", {"query": "low-rank gradients", "k": 2})
            assert len(found.structuredContent["papers"]) == 2
            # The client checks structured content against the output schema by itself.
            answer = await session.call_tool("ask_papers", {"question": QUESTION})
            assert not answer.isError and "89.5%" in answer.structuredContent["text"]
            assert json.loads(answer.content[0].text) == answer.structuredContent
            paper_id = answer.structuredContent["citations"][0]["paper_id"]
            paper = await session.call_tool("get_paper", {"paper_id": paper_id})
            assert paper.structuredContent["paper_id"] == paper_id
            status = await session.call_tool("library_status", {})
            assert status.structuredContent["n_papers"] == 60

    asyncio.run(talk())


def test_wrong_mcp_calls_are_errors_of_one_sentence(url: str) -> None:
    async def talk() -> None:
        async with _mcp(url, "http") as session:
            for name, arguments, words in (
                ("get_paper", {"paper_id": "nope"}, "there is no paper 'nope' here"),
                ("ask_papers", {}, "'question' is a required property"),
                ("ask_papers", {"question": "x", "k": "many"}, "'many' is not of type 'integer'"),
                ("ask_papers", {"question": "x", "colour": 1}, "'colour' was unexpected"),
                ("ask_papers", {"question": "x", "until": "later"}, "until must be a date such as"),
                ("lambda", {}, "there is no tool 'lambda' here"),
            ):
                result = await session.call_tool(name, arguments)
                assert result.isError and words in result.content[0].text and "Traceback" not in result.content[0].text

    asyncio.run(talk())


def test_every_tool_describes_the_arguments_of_its_method() -> None:
    import inspect

    for tool in TOOLS.values():
        taken = list(inspect.signature(getattr(Service, tool.method)).parameters)[2:]
        assert taken == list(tool.arguments)


# Who may ask


def refused(url: str, *arguments: str, path: str = "gradio_api/call/v2/status") -> int:
    post = ("-X", "POST", "-H", "content-type: application/json", "-d", "{}")
    return curl(f"{url}{path}", *post, *arguments)[0]


@pytest.mark.parametrize(
    "path", ["gradio_api/call/v2/status", "gradio_api/mcp/", "gradio_api/queue/join", "gradio_api/upload"]
)
def test_other_sites_and_borrowed_names_are_refused(url: str, path: str) -> None:
    assert refused(url, "-H", "Origin: https://evil.example", path=path) == 403
    assert refused(url, "-H", "Origin: null", path=path) == 403
    # Another program's page on this machine is another site.
    assert refused(url, "-H", "Origin: http://localhost:1", path=path) == 403
    assert refused(url, "-H", "Sec-Fetch-Site: cross-site", path=path) == 403
    # DNS rebinding: the browser believes that it talks to evil.example, and sends an Origin that fits.
    evil = ("-H", "Host: evil.example", "-H", "Origin: http://evil.example")
    assert refused(url, *evil, path=path) == 421
    assert curl(url, "-H", "Host: evil.example")[0] == 421


def test_the_pages_own_requests_and_links_to_it_pass(url: str) -> None:
    own = url.rstrip("/")
    assert call(url, "status", {}, "-H", f"Origin: {own}", "-H", "Sec-Fetch-Site: same-origin")[0] == 200
    assert curl(url, "-H", "Sec-Fetch-Site: cross-site", "-H", "Sec-Fetch-Mode: navigate")[0] == 200
    port = own.rpartition(":")[2]
    assert curl(f"http://localhost:{port}/gradio_api/info")[0] == 200


def test_other_sites_cannot_frame_the_page(url: str) -> None:
    done = subprocess.run(["curl", "-s", "-D", "-", "-o", "/dev/null", url], capture_output=True, text=True, check=True)
    assert "frame-ancestors 'self'" in done.stdout and "nosniff" in done.stdout


def test_without_the_password_neither_api_nor_mcp_answers(locked: str) -> None:
    for path in ("call/v2/status", "call/status", "run/status", "mcp/", "mcp/http", "mcp/messages/"):
        assert refused(locked, path=f"gradio_api/{path}") == 401, path
    for path in ("info", "openapi.json", "mcp/sse", "mcp/schema", "mcp", "heartbeat/x", "app_id", "user"):
        assert curl(f"{locked}gradio_api/{path}", "-H", "Accept: text/event-stream")[0] == 401, path
    for path in ("cancel", "reset", "upload"):
        assert refused(locked, path=f"gradio_api/{path}") == 401, path
    assert curl(locked)[0] == 200
    for pair in ("ada:wrong", "eve:pass:word", "ada:", ":"):
        assert refused(locked, "-u", pair) == 401
    assert refused(locked, "-u", "ada:pass:word") == 200  # which forgets the wrong ones
    assert refused(locked, "-H", "Authorization: Basic %%%") == 401
    assert refused(locked, "-u", "ada:pass:word") == 200  # which forgets the wrong ones


def test_with_the_password_curl_gradio_client_and_mcp_get_in(locked: str) -> None:
    from gradio_client import Client

    assert call(locked, "status", {}, "-u", "ada:pass:word")[1]["n_papers"] == 60
    client = Client(locked, auth=("ada", "pass:word"), verbose=False, analytics_enabled=False)
    assert client.predict(api_name="/status")["n_papers"] == 60

    async def talk(way: str) -> None:
        given = {"Authorization": "Basic " + base64.b64encode(b"ada:pass:word").decode()}
        async with _mcp(locked, way, given) as session:
            status = await session.call_tool("library_status", {})
            assert status.structuredContent["n_papers"] == 60

    asyncio.run(talk("http"))
    asyncio.run(talk("sse"))


def test_beyond_the_loopback_the_page_goes_by_this_machines_names() -> None:
    import socket

    assert host_names("127.0.0.1") == {"localhost", "127.0.0.1", "::1"}
    assert socket.gethostname().lower() in host_names("0.0.0.0") and "papers.lan" in host_names(
        "::", extra=["Papers.LAN"]
    )


# The service without a server


def test_the_types_are_those_of_the_records(sample: Library) -> None:
    answer = Engine(sample).ask(QUESTION)
    assert set(typing.get_type_hints(AnswerRecord)) == set(answer.to_dict())
    every = replace(Filters(), **{name: 1 for name in Filters.__slots__ if name not in ("since", "until")})
    assert set(every.to_dict()) <= set(typing.get_type_hints(FiltersRecord))
    found = next(sample.papers())
    assert set(typing.get_type_hints(PaperRecord)) == {*found.to_dict(), "bibtex"}


def test_a_caller_who_asks_too_much_is_told_to_wait(sample: Library) -> None:
    service = Service(Desk(sample), limiter=RateLimiter(per_minute=1, clock=lambda: 5.0))
    service.status("address a")
    with pytest.raises(BadRequest, match="ask again in 60 seconds"):
        service.status("address a")
    service.status("address b")


def _failing(error: Exception) -> Callable[..., Any]:
    def fail(*_: object, **__: object) -> Any:
        raise error

    return fail


def test_errors_name_no_folder_and_show_no_inside(sample: Library, capsys: pytest.CaptureFixture[str]) -> None:
    desk = Desk(sample)
    service = Service(desk)
    desk.engine.ask = _failing(LibraryError("cannot read /home/ada/lib/vectors-1/x.bin; see http://localhost:1/v1/y"))  # type: ignore[method-assign]
    with pytest.raises(BadRequest) as told:
        service.ask("a", "x")
    assert str(told.value) == "cannot read …/x.bin; see http://localhost:1/v1/y"
    desk.engine.ask = _failing(RuntimeError("sk-secret in /srv/x"))  # type: ignore[method-assign]
    with pytest.raises(BadRequest, match=r"^the server failed at this; its log says why$"):
        service.ask("a", "x")
    assert "RuntimeError" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("library /var/lib/x holds", "library …/x holds"),
        ("at C:\\Users\\ada\\lib, no", "at …/lib, no"),
        ("at ~/papers/lib", "at …/lib"),
        ("24/48 GPUs and and/or, https://a.org/b/c", "24/48 GPUs and and/or, https://a.org/b/c"),
    ],
)
def test_paths_are_cut_to_their_last_part(text: str, shown: str) -> None:
    assert without_paths(text) == shown


def test_sources_are_shown_without_their_folders() -> None:
    assert source_name("/home/ada/p.txt") == "p.txt" and source_name("C:\\x\\p.txt") == "p.txt"
    assert source_name("hf:daily?days=7") == "hf:daily?days=7" and source_name("sub/p.txt") == "sub/p.txt"


def test_a_papers_address_is_one_of_the_web(sample_copy: Library, tmp_path: Path) -> None:
    first = next(sample_copy.papers())
    sample_copy.refresh([replace(first, url="javascript:alert(1)", seen_on=(str(tmp_path / "a.txt"),))])
    record = Service(Desk(sample_copy)).paper("a", first.paper_id)
    assert record["url"] is None and record["seen_on"] == ["a.txt"]
